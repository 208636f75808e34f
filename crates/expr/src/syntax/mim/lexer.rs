//! MIM's tokens.
//!
//! A backslash in a text literal is an ordinary character. A minus is part of a number, never an
//! operator; inside a name it is a character of the name.

use crate::syntax::scan::{Backslash, Scanner, starts_name, too_large};
use crate::syntax::token::TokenKind;
use crate::{ErrorKind, ExprError, Operator};

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Reads the token that begins with `c`.
pub(super) fn read(scanner: &mut Scanner<'_>, c: char) -> Result<TokenKind, ExprError> {
    Ok(match c {
        '+' => TokenKind::Operator(Operator::Add),
        '(' => TokenKind::Open,
        ')' => TokenKind::Close,
        ',' => TokenKind::Comma,
        '"' => scanner.text(Backslash::Ordinary)?,
        '[' => TokenKind::Lookup(lookup(scanner)?),
        '$' => TokenKind::Parameter(scanner.dollar(continues_name, "parameter")?),
        '-' | '0'..='9' => TokenKind::Integer(integer(scanner, c)?),
        _ if starts_name(c) => scanner.word(continues_name),
        _ => return Err(scanner.unexpected(c, instead_of(c))),
    })
}

fn lookup(scanner: &mut Scanner<'_>) -> Result<String, ExprError> {
    scanner.skip(|c| c != ']');
    let body = scanner.so_far().trim_start_matches('[').to_owned();
    let closed = scanner.accept(']');
    let path = body.strip_prefix("//").filter(|_| closed);
    path.map(str::to_owned).ok_or_else(|| {
        let message = "this is not a lookup of the form [//Target/Name]";
        ExprError::new(ErrorKind::Parse, scanner.span(), message)
            .with_help("an attribute is written without brackets")
    })
}

fn integer(scanner: &mut Scanner<'_>, c: char) -> Result<i64, ExprError> {
    if c == '-' && !scanner.follows(|c| c.is_ascii_digit()) {
        scanner.accept_if(continues_name);
        let message = "'-' is only the sign of a number";
        return Err(ExprError::new(ErrorKind::Parse, scanner.span(), message)
            .with_help("there is no subtraction"));
    }
    let help = "texts are written in double quotes; numbers are whole and decimal";
    let digits = scanner.digits(continues_name, help)?;
    digits.parse().map_err(|_e| too_large(scanner.span()))
}

const fn instead_of(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("texts are joined with '+'"),
        '=' | '<' | '>' | '!' => {
            Some("values are compared with functions: Eq(a, b), LessThan(a, b)")
        }
        _ => None,
    }
}
