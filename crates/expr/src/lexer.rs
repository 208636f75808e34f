//! Source text to tokens.
//!
//! White space separates tokens and is otherwise ignored. A backslash in a text literal is an
//! ordinary character; `""` stands for one quote. A minus is part of a number, never an operator;
//! inside a name it is a character of the name.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::limits::SOURCE_BYTES_MAX;
use crate::{ErrorKind, ExprError, Span};

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// The kinds of token. [`crate::NodeKind`] explains those with content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Text(String),
    Integer(i64),
    Word(String),
    Parameter(String),
    Lookup(String),
    Plus,
    Open,
    Close,
    Comma,
    End,
}

impl TokenKind {
    /// The token in words, for error messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Text(_) => "a text".to_owned(),
            Self::Integer(number) => format!("the number {number}"),
            Self::Word(name) => format!("the name '{name}'"),
            Self::Parameter(name) => format!("the parameter '${name}'"),
            Self::Lookup(_) => "a lookup".to_owned(),
            Self::Plus => "'+'".to_owned(),
            Self::Open => "'('".to_owned(),
            Self::Close => "')'".to_owned(),
            Self::Comma => "','".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Splits `source` into tokens; the last is [`TokenKind::End`].
pub(crate) fn tokenize(source: &str) -> Result<Vec<Token>, ExprError> {
    if source.len() > SOURCE_BYTES_MAX {
        let message = format!("the expression is longer than {SOURCE_BYTES_MAX} bytes");
        return Err(ExprError::new(ErrorKind::Limit, Span::new(0, source.len()), message));
    }
    let mut lexer = Lexer { source, chars: source.char_indices().peekable() };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.token()?;
        let is_last = token.kind == TokenKind::End;
        tokens.push(token);
        if is_last {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    source: &'a str,
    chars: Peekable<CharIndices<'a>>,
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

impl Lexer<'_> {
    fn token(&mut self) -> Result<Token, ExprError> {
        self.skip(is_space);
        let start = self.position();
        let Some((_, c)) = self.chars.next() else {
            return Ok(Token { kind: TokenKind::End, span: Span::new(start, start) });
        };
        let kind = match c {
            '+' => TokenKind::Plus,
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            ',' => TokenKind::Comma,
            '"' => TokenKind::Text(self.text(start)?),
            '[' => TokenKind::Lookup(self.lookup(start)?),
            '$' => TokenKind::Parameter(self.parameter(start)?),
            '-' | '0'..='9' => TokenKind::Integer(self.integer(start)?),
            _ if starts_name(c) => {
                self.skip(continues_name);
                TokenKind::Word(self.since(start).to_owned())
            }
            _ => return Err(unexpected(c, Span::new(start, self.position()))),
        };
        Ok(Token { kind, span: Span::new(start, self.position()) })
    }

    fn position(&mut self) -> usize {
        self.chars.peek().map_or(self.source.len(), |(at, _)| *at)
    }

    fn since(&mut self, start: usize) -> &str {
        let end = self.position();
        self.source.get(start..end).unwrap_or_default()
    }

    fn skip(&mut self, accepted: impl Fn(char) -> bool) {
        while self.chars.next_if(|(_, c)| accepted(*c)).is_some() {}
    }

    fn text(&mut self, start: usize) -> Result<String, ExprError> {
        let mut text = String::new();
        while let Some((_, c)) = self.chars.next() {
            if c != '"' {
                text.push(c);
            } else if self.chars.next_if(|(_, next)| *next == '"').is_some() {
                text.push('"');
            } else {
                return Ok(text);
            }
        }
        let span = Span::new(start, self.source.len());
        Err(ExprError::new(ErrorKind::Parse, span, "this text has no closing quote")
            .with_help("a quote inside a text is written twice; a backslash does not protect it"))
    }

    fn lookup(&mut self, start: usize) -> Result<String, ExprError> {
        self.skip(|c| c != ']');
        let body = self.since(start).trim_start_matches('[').to_owned();
        let closed = self.chars.next().is_some();
        let span = Span::new(start, self.position());
        let path = body.strip_prefix("//").filter(|_| closed);
        path.map(str::to_owned).ok_or_else(|| {
            ExprError::new(
                ErrorKind::Parse,
                span,
                "this is not a lookup of the form [//Target/Name]",
            )
            .with_help("an attribute is written without brackets")
        })
    }

    fn parameter(&mut self, start: usize) -> Result<String, ExprError> {
        if self.chars.next_if(|(_, c)| starts_name(*c)).is_none() {
            let span = Span::new(start, self.position());
            return Err(ExprError::new(
                ErrorKind::Parse,
                span,
                "'$' has no parameter name after it",
            ));
        }
        self.skip(continues_name);
        Ok(self.since(start).trim_start_matches('$').to_owned())
    }

    fn integer(&mut self, start: usize) -> Result<i64, ExprError> {
        self.skip(|c| c.is_ascii_digit());
        let digits = self.since(start).to_owned();
        let ends_here = self.chars.next_if(|(_, c)| continues_name(*c)).is_none();
        let span = Span::new(start, self.position());
        if digits == "-" {
            return Err(ExprError::new(ErrorKind::Parse, span, "'-' is only the sign of a number")
                .with_help("there is no subtraction"));
        }
        if !ends_here {
            return Err(ExprError::new(ErrorKind::Parse, span, "a name cannot begin with a digit")
                .with_help("texts are written in double quotes; numbers are whole and decimal"));
        }
        digits.parse().map_err(|_e| {
            let message = format!("the number does not lie between {} and {}", i64::MIN, i64::MAX);
            ExprError::new(ErrorKind::Parse, span, message)
        })
    }
}

fn unexpected(c: char, span: Span) -> ExprError {
    let error = ExprError::new(ErrorKind::Parse, span, format!("unexpected {c:?}"));
    match c {
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\'' => {
            error.with_help("texts are written in straight double quotes: \"text\"")
        }
        '&' => error.with_help("texts are joined with '+'"),
        '=' | '<' | '>' | '!' => {
            error.with_help("values are compared with functions: Eq(a, b), LessThan(a, b)")
        }
        _ => error,
    }
}
