//! Source text to tokens, as far as the dialects agree.
//!
//! White space separates tokens and is otherwise ignored. A text stands in straight double quotes,
//! `""` in it for one quote. A number is not followed by a character of a name.

use std::iter::Peekable;
use std::str::CharIndices;

use super::token::{Token, TokenKind};
use crate::limits::SOURCE_BYTES_MAX;
use crate::{ErrorKind, ExprError, Span};

/// What a backslash in a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backslash {
    /// Itself.
    Ordinary,
    /// A protection of a quote or another backslash; before anything else itself.
    Escape,
}

/// Reads one token that begins with a character.
pub(super) type Read = fn(&mut Scanner<'_>, char) -> Result<TokenKind, ExprError>;

/// Splits `source` into tokens; the last is [`TokenKind::End`].
pub(super) fn tokenize(source: &str, read: Read) -> Result<Vec<Token>, ExprError> {
    if source.len() > SOURCE_BYTES_MAX {
        let message = format!("the expression is longer than {SOURCE_BYTES_MAX} bytes");
        return Err(ExprError::new(ErrorKind::Limit, Span::new(0, source.len()), message));
    }
    let chars = source.char_indices().peekable();
    let mut scanner = Scanner { source, chars, start: 0, after_operand: false };
    let mut tokens = Vec::new();
    loop {
        scanner.skip(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        scanner.start = scanner.position();
        let Some((_, c)) = scanner.chars.next() else {
            tokens.push(Token { kind: TokenKind::End, span: scanner.span() });
            return Ok(tokens);
        };
        let kind = read(&mut scanner, c)?;
        scanner.after_operand = kind.ends_operand();
        tokens.push(Token { kind, span: scanner.span() });
    }
}

/// The source and how far it is read.
pub(super) struct Scanner<'a> {
    source: &'a str,
    chars: Peekable<CharIndices<'a>>,
    /// Where the token begins that is being read.
    start: usize,
    after_operand: bool,
}

/// True for a character that a name can begin with.
pub(super) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

impl Scanner<'_> {
    /// True if the token before this one ends an operand.
    pub(super) const fn is_after_operand(&self) -> bool {
        self.after_operand
    }

    /// What was read of the token so far.
    pub(super) fn so_far(&mut self) -> &str {
        let end = self.position();
        self.source.get(self.start..end).unwrap_or_default()
    }

    /// Where the token stands, as far as it was read.
    pub(super) fn span(&mut self) -> Span {
        Span::new(self.start, self.position())
    }

    /// True if the next character is `wanted`.
    pub(super) fn follows(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        self.chars.peek().is_some_and(|(_, c)| wanted(*c))
    }

    /// Reads the next character if it is `wanted`.
    pub(super) fn accept(&mut self, wanted: char) -> bool {
        self.accept_if(|c| c == wanted).is_some()
    }

    /// Reads the next character if it is `wanted`.
    pub(super) fn accept_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        self.chars.next_if(|(_, c)| wanted(*c)).map(|(_, c)| c)
    }

    /// Reads all characters that are `wanted`.
    pub(super) fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        while self.accept_if(&wanted).is_some() {}
    }

    /// The rest of a name that has begun.
    pub(super) fn word(&mut self, continues: fn(char) -> bool) -> TokenKind {
        self.skip(continues);
        TokenKind::Word(self.so_far().to_owned())
    }

    /// The rest of a text after its opening quote.
    pub(super) fn text(&mut self, backslash: Backslash) -> Result<TokenKind, ExprError> {
        let is_escape = |c| backslash == Backslash::Escape && c == '\\';
        let mut text = String::new();
        while let Some((_, c)) = self.chars.next() {
            match c {
                _ if is_escape(c) => {
                    text.push(self.accept_if(|c| matches!(c, '\\' | '"')).unwrap_or(c));
                }
                '"' if self.accept('"') => text.push('"'),
                '"' => return Ok(TokenKind::Text(text)),
                _ => text.push(c),
            }
        }
        let error = ExprError::new(ErrorKind::Parse, self.span(), "this text has no closing quote");
        Err(error.with_help(match backslash {
            Backslash::Ordinary => {
                "a quote inside a text is written twice; a backslash does not protect it"
            }
            Backslash::Escape => "a backslash at the end of a text is written twice: \\\\",
        }))
    }

    /// The name after a `$`.
    pub(super) fn dollar(
        &mut self,
        continues: fn(char) -> bool,
        what: &str,
    ) -> Result<String, ExprError> {
        if self.accept_if(starts_name).is_none() {
            let message = format!("'$' has no {what} name after it");
            return Err(ExprError::new(ErrorKind::Parse, self.span(), message));
        }
        self.skip(continues);
        Ok(self.so_far().trim_start_matches('$').to_owned())
    }

    /// The rest of a decimal number, with what was read of it; `help` says how else to write what
    /// is no number.
    pub(super) fn digits(
        &mut self,
        continues: fn(char) -> bool,
        help: &str,
    ) -> Result<String, ExprError> {
        self.skip(|c| c.is_ascii_digit());
        let digits = self.so_far().to_owned();
        if self.accept_if(continues).is_none() {
            return Ok(digits);
        }
        let message = "a name cannot begin with a digit";
        Err(ExprError::new(ErrorKind::Parse, self.span(), message).with_help(help))
    }

    /// The error for a character that begins no token; `help` says what is written instead.
    pub(super) fn unexpected(&mut self, c: char, help: Option<&str>) -> ExprError {
        let error = ExprError::new(ErrorKind::Parse, self.span(), format!("unexpected {c:?}"));
        match (c, help) {
            ('\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\'', _) => {
                error.with_help("texts are written in straight double quotes: \"text\"")
            }
            (_, Some(help)) => error.with_help(help),
            (_, None) => error,
        }
    }

    fn position(&mut self) -> usize {
        self.chars.peek().map_or(self.source.len(), |(at, _)| *at)
    }
}

/// The error for a number of more than 64 bits.
pub(super) fn too_large(span: Span) -> ExprError {
    let message = format!("the number does not lie between {} and {}", i64::MIN, i64::MAX);
    ExprError::new(ErrorKind::Parse, span, message)
}
