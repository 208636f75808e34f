//! Entra Connect's tokens.
//!
//! In a text literal `\\` stands for a backslash, `\"` for a quote; any other backslash is itself.
//! `&H` begins a hexadecimal number only where an operand may stand; after an operand the `&`
//! joins.

use crate::syntax::scan::{Backslash, Scanner, starts_name, too_large};
use crate::syntax::token::TokenKind;
use crate::{ErrorKind, ExprError, Operator};

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Reads the token that begins with `c`.
pub(super) fn read(scanner: &mut Scanner<'_>, c: char) -> Result<TokenKind, ExprError> {
    Ok(match c {
        '(' => TokenKind::Open,
        ')' => TokenKind::Close,
        ',' => TokenKind::Comma,
        '"' => scanner.text(Backslash::Escape)?,
        '[' => TokenKind::Attribute(enclosed(scanner, ']', "attribute")?),
        '%' => TokenKind::SystemParameter(enclosed(scanner, '%', "parameter")?),
        '$' => TokenKind::Variable(scanner.dollar(continues_name, "variable")?),
        '0'..='9' => TokenKind::Decimal(decimal(scanner)?),
        '&' if !scanner.is_after_operand() && scanner.accept('H') => hexadecimal(scanner)?,
        _ if starts_name(c) => scanner.word(continues_name),
        _ => match operator(scanner, c) {
            Some(operator) => TokenKind::Operator(operator),
            None => return Err(scanner.unexpected(c, instead_of(c))),
        },
    })
}

fn operator(scanner: &mut Scanner<'_>, c: char) -> Option<Operator> {
    Some(match c {
        '&' if scanner.accept('&') => Operator::And,
        '&' => Operator::Join,
        '|' if scanner.accept('|') => Operator::Or,
        '=' => Operator::Equal,
        '<' if scanner.accept('>') => Operator::NotEqual,
        '<' if scanner.accept('=') => Operator::LessOrEqual,
        '<' => Operator::Less,
        '>' if scanner.accept('=') => Operator::GreaterOrEqual,
        '>' => Operator::Greater,
        '+' => Operator::Add,
        '-' => Operator::Subtract,
        '*' => Operator::Multiply,
        _ => return None,
    })
}

fn enclosed(scanner: &mut Scanner<'_>, end: char, what: &str) -> Result<String, ExprError> {
    scanner.skip(|c| c != end);
    let name = scanner.so_far().get(1..).unwrap_or_default().to_owned();
    let message = if !scanner.accept(end) {
        format!("the name of this {what} has no closing '{end}'")
    } else if name.is_empty() {
        format!("this {what} has no name")
    } else {
        return Ok(name);
    };
    Err(ExprError::new(ErrorKind::Parse, scanner.span(), message))
}

fn decimal(scanner: &mut Scanner<'_>) -> Result<u64, ExprError> {
    let help = "texts are written in double quotes; hexadecimal numbers begin with &H";
    let digits = scanner.digits(continues_name, help)?;
    digits.parse().map_err(|_e| too_large(scanner.span()))
}

fn hexadecimal(scanner: &mut Scanner<'_>) -> Result<TokenKind, ExprError> {
    scanner.skip(continues_name);
    let digits = scanner.so_far().get(2..).unwrap_or_default().to_owned();
    let span = scanner.span();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        let message = "a hexadecimal number has the form &HFF";
        return Err(ExprError::new(ErrorKind::Parse, span, message));
    }
    if digits.len() > 16 {
        return Err(too_large(span));
    }
    u64::from_str_radix(&digits, 16)
        .map(|bits| TokenKind::Hexadecimal(bits.cast_signed()))
        .map_err(|_e| too_large(span))
}

const fn instead_of(c: char) -> Option<&'static str> {
    match c {
        '/' => Some("there is no division"),
        '!' => Some("unequal is written <>"),
        '|' => Some("or is written ||"),
        _ => None,
    }
}
