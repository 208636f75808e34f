//! Source text to tokens.
//!
//! White space separates tokens and is otherwise ignored. In a text literal `\\` stands for a
//! backslash, `\"` and `""` for a quote; any other backslash is itself. `&H` begins a hexadecimal
//! number only where an operand may stand; after an operand the `&` joins.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::ast::Operator;
use crate::limits::SOURCE_BYTES_MAX;
use crate::{ErrorKind, ExprError, Span};

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// The kinds of token. [`crate::NodeKind`] explains those with content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    Text(String),
    /// Digits without a sign.
    Decimal(u64),
    /// A number in two's complement.
    Hexadecimal(i64),
    Attribute(String),
    Parameter(String),
    Variable(String),
    Word(String),
    Operator(Operator),
    Open,
    Close,
    Comma,
    End,
}

impl TokenKind {
    /// The token in words, for error messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(_) => "a text".to_owned(),
            Self::Decimal(number) => format!("the number {number}"),
            Self::Hexadecimal(_) => "a hexadecimal number".to_owned(),
            Self::Attribute(name) => format!("the attribute '[{name}]'"),
            Self::Parameter(name) => format!("the parameter '%{name}%'"),
            Self::Variable(name) => format!("the variable '${name}'"),
            Self::Word(name) => format!("the name '{name}'"),
            Self::Operator(operator) => format!("'{}'", operator.symbol()),
            Self::Open => "'('".to_owned(),
            Self::Close => "')'".to_owned(),
            Self::Comma => "','".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }

    const fn ends_operand(&self) -> bool {
        !matches!(self, Self::Operator(_) | Self::Open | Self::Comma | Self::End)
    }
}

/// Splits `source` into tokens; the last is [`TokenKind::End`].
pub(super) fn tokenize(source: &str) -> Result<Vec<Token>, ExprError> {
    if source.len() > SOURCE_BYTES_MAX {
        let message = format!("the expression is longer than {SOURCE_BYTES_MAX} bytes");
        return Err(ExprError::new(ErrorKind::Limit, Span::new(0, source.len()), message));
    }
    let mut lexer = Lexer { source, chars: source.char_indices().peekable() };
    let mut tokens: Vec<Token> = Vec::new();
    loop {
        let after_operand = tokens.last().is_some_and(|token| token.kind.ends_operand());
        let token = lexer.token(after_operand)?;
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

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Lexer<'_> {
    fn token(&mut self, after_operand: bool) -> Result<Token, ExprError> {
        self.skip(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        let start = self.position();
        let Some((_, c)) = self.chars.next() else {
            return Ok(Token { kind: TokenKind::End, span: Span::new(start, start) });
        };
        let kind = match c {
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            ',' => TokenKind::Comma,
            '"' => TokenKind::Text(self.text(start)?),
            '[' => TokenKind::Attribute(self.enclosed(start, ']', "attribute")?),
            '%' => TokenKind::Parameter(self.enclosed(start, '%', "parameter")?),
            '$' => TokenKind::Variable(self.variable(start)?),
            '0'..='9' => TokenKind::Decimal(self.decimal(start)?),
            '&' if !after_operand && self.follows('H') => self.hexadecimal(start)?,
            _ if starts_name(c) => {
                self.skip(continues_name);
                TokenKind::Word(self.since(start).to_owned())
            }
            _ => self
                .operator(c)
                .map(TokenKind::Operator)
                .ok_or_else(|| unexpected(c, Span::new(start, self.position())))?,
        };
        Ok(Token { kind, span: Span::new(start, self.position()) })
    }

    fn operator(&mut self, c: char) -> Option<Operator> {
        Some(match c {
            '&' if self.accept('&') => Operator::And,
            '&' => Operator::Join,
            '|' if self.accept('|') => Operator::Or,
            '=' => Operator::Equal,
            '<' if self.accept('>') => Operator::NotEqual,
            '<' if self.accept('=') => Operator::LessOrEqual,
            '<' => Operator::Less,
            '>' if self.accept('=') => Operator::GreaterOrEqual,
            '>' => Operator::Greater,
            '+' => Operator::Add,
            '-' => Operator::Subtract,
            '*' => Operator::Multiply,
            _ => return None,
        })
    }

    fn follows(&mut self, wanted: char) -> bool {
        self.chars.peek().is_some_and(|(_, c)| *c == wanted)
    }

    fn accept(&mut self, wanted: char) -> bool {
        self.chars.next_if(|(_, c)| *c == wanted).is_some()
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
            match c {
                '\\' => {
                    let escaped = self.chars.next_if(|(_, c)| matches!(c, '\\' | '"'));
                    text.push(escaped.map_or('\\', |(_, c)| c));
                }
                '"' if self.accept('"') => text.push('"'),
                '"' => return Ok(text),
                _ => text.push(c),
            }
        }
        let span = Span::new(start, self.source.len());
        Err(ExprError::new(ErrorKind::Parse, span, "this text has no closing quote")
            .with_help("a backslash at the end of a text is written twice: \\\\"))
    }

    fn enclosed(&mut self, start: usize, end: char, what: &str) -> Result<String, ExprError> {
        self.skip(|c| c != end);
        let name = self.since(start).get(1..).unwrap_or_default().to_owned();
        let closed = self.accept(end);
        let span = Span::new(start, self.position());
        if !closed {
            let message = format!("the name of this {what} has no closing '{end}'");
            return Err(ExprError::new(ErrorKind::Parse, span, message));
        }
        if name.is_empty() {
            let message = format!("this {what} has no name");
            return Err(ExprError::new(ErrorKind::Parse, span, message));
        }
        Ok(name)
    }

    fn variable(&mut self, start: usize) -> Result<String, ExprError> {
        if self.chars.next_if(|(_, c)| starts_name(*c)).is_none() {
            let span = Span::new(start, self.position());
            let message = "'$' has no variable name after it";
            return Err(ExprError::new(ErrorKind::Parse, span, message));
        }
        self.skip(continues_name);
        Ok(self.since(start).trim_start_matches('$').to_owned())
    }

    fn decimal(&mut self, start: usize) -> Result<u64, ExprError> {
        self.skip(|c| c.is_ascii_digit());
        let digits = self.since(start).to_owned();
        let ends_here = self.chars.next_if(|(_, c)| continues_name(*c)).is_none();
        let span = Span::new(start, self.position());
        if !ends_here {
            return Err(ExprError::new(ErrorKind::Parse, span, "a name cannot begin with a digit")
                .with_help(
                    "texts are written in double quotes; hexadecimal numbers begin with &H",
                ));
        }
        digits.parse().map_err(|_e| too_large(span))
    }

    fn hexadecimal(&mut self, start: usize) -> Result<TokenKind, ExprError> {
        self.chars.next();
        self.skip(continues_name);
        let digits = self.since(start).get(2..).unwrap_or_default().to_owned();
        let span = Span::new(start, self.position());
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
}

pub(super) fn too_large(span: Span) -> ExprError {
    let message = format!("the number does not lie between {} and {}", i64::MIN, i64::MAX);
    ExprError::new(ErrorKind::Parse, span, message)
}

fn unexpected(c: char, span: Span) -> ExprError {
    let error = ExprError::new(ErrorKind::Parse, span, format!("unexpected {c:?}"));
    match c {
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\'' => {
            error.with_help("texts are written in straight double quotes: \"text\"")
        }
        '/' => error.with_help("there is no division"),
        '!' => error.with_help("unequal is written <>"),
        '|' => error.with_help("or is written ||"),
        _ => error,
    }
}
