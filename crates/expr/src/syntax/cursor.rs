//! A walk over tokens that makes nodes. It keeps the limits of depth and size, so that every later
//! pass may recurse.

use super::token::{Token, TokenKind};
use crate::limits::{DEPTH_MAX, NODES_MAX};
use crate::{ErrorKind, ExprError, Node, NodeKind, Span};

/// A rule of a grammar: reads tokens, makes a node.
pub(super) type Rule = fn(&mut Cursor) -> Result<Node, ExprError>;

/// The tokens not read yet, and what was counted so far.
pub(super) struct Cursor {
    tokens: std::vec::IntoIter<Token>,
    depth: usize,
    nodes: usize,
    last: Span,
}

impl Cursor {
    /// Before the first token.
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Self { tokens: tokens.into_iter(), depth: 0, nodes: 0, last: Span::default() }
    }

    /// The next token's kind, not read yet.
    pub(super) fn peek(&self) -> Option<&TokenKind> {
        self.tokens.as_slice().first().map(|token| &token.kind)
    }

    /// True if the next token is of this kind.
    pub(super) fn peek_is(&self, kind: &TokenKind) -> bool {
        self.peek() == Some(kind)
    }

    /// Reads the next token; [`TokenKind::End`] again and again after the last.
    pub(super) fn next(&mut self) -> Token {
        let end = Span::new(self.last.end, self.last.end);
        let token = self.tokens.next().unwrap_or(Token { kind: TokenKind::End, span: end });
        self.last = token.span;
        token
    }

    /// Reads the next token if it is of this kind.
    pub(super) fn accept(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek_is(kind);
        if found {
            self.next();
        }
        found
    }

    /// From the start of `first` to the end of the token read last.
    pub(super) const fn through(&self, first: Span) -> Span {
        first.to(self.last)
    }

    /// A node, counted.
    pub(super) fn node(&mut self, kind: NodeKind, span: Span) -> Result<Node, ExprError> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let message = format!("the expression has more than {NODES_MAX} parts");
            return Err(ExprError::new(ErrorKind::Limit, span, message));
        }
        Ok(Node { kind, span })
    }

    /// What `rule` reads one level deeper, because of what stands at `span`.
    pub(super) fn nested(&mut self, span: Span, rule: Rule) -> Result<Node, ExprError> {
        self.descend(span)?;
        let node = rule(self)?;
        self.depth -= 1;
        Ok(node)
    }

    /// What `rule` reads up to the parenthesis that closes the one at `open`; `wanted` is what
    /// could stand there.
    pub(super) fn parenthesized(
        &mut self,
        open: Span,
        wanted: &str,
        rule: Rule,
    ) -> Result<Node, ExprError> {
        self.descend(open)?;
        let inner = rule(self)?;
        self.close(wanted, open)?;
        Ok(inner)
    }

    /// Arguments in parentheses, the opening one not read yet.
    pub(super) fn arguments(&mut self, rule: Rule) -> Result<Vec<Node>, ExprError> {
        let open = self.next().span;
        self.descend(open)?;
        let mut arguments = Vec::new();
        if !self.peek_is(&TokenKind::Close) {
            arguments.push(rule(self)?);
            while self.accept(&TokenKind::Comma) {
                arguments.push(rule(self)?);
            }
        }
        self.close("',' or ')'", open)?;
        Ok(arguments)
    }

    fn descend(&mut self, span: Span) -> Result<(), ExprError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("more than {DEPTH_MAX} parentheses inside one another");
            return Err(ExprError::new(ErrorKind::Limit, span, message));
        }
        Ok(())
    }

    fn close(&mut self, wanted: &str, open: Span) -> Result<(), ExprError> {
        let token = self.next();
        match token.kind {
            TokenKind::Close => {
                self.depth -= 1;
                Ok(())
            }
            TokenKind::End => {
                Err(ExprError::new(ErrorKind::Parse, open, "this parenthesis is never closed"))
            }
            _ => Err(expected(wanted, &token)),
        }
    }
}

/// The error for a token that cannot stand where it does.
pub(super) fn expected(wanted: &str, found: &Token) -> ExprError {
    let message = format!("expected {wanted}, found {}", found.kind.describe());
    ExprError::new(ErrorKind::Parse, found.span, message)
}
