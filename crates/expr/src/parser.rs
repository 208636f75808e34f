//! Tokens to the syntax tree.
//!
//! ```text
//! expression = term { "+" term }
//! term       = text | number | word | "$" name | "[//" path "]"
//!            | name arguments | "+" arguments | "(" expression ")"
//! arguments  = "(" [ expression { "," expression } ] ")"
//! ```

use crate::entra;
use crate::lexer::{Token, TokenKind, tokenize};
use crate::limits::{DEPTH_MAX, NODES_MAX};
use crate::{Ast, Dialect, ErrorKind, ExprError, Node, NodeKind, Span};

/// Reads an expression written in `dialect`.
///
/// # Errors
/// As [`parse`].
pub fn parse_in(dialect: Dialect, source: &str) -> Result<Ast, ExprError> {
    match dialect {
        Dialect::Mim | Dialect::Extension => parse(source),
        Dialect::Entra | Dialect::EntraExtended => entra::parse(dialect, source),
    }
}

/// Reads an expression written in MIM's language.
///
/// # Errors
/// The first offence: [`ErrorKind::Parse`], or [`ErrorKind::Limit`] for a source that is too long,
/// too deep or has too many parts.
pub fn parse(source: &str) -> Result<Ast, ExprError> {
    let mut parser =
        Parser { tokens: tokenize(source)?.into_iter(), depth: 0, nodes: 0, last: None };
    let root = parser.expression()?;
    let token = parser.next();
    if token.kind != TokenKind::End {
        let error = expected("'+' or the end", &token);
        return Err(match token.kind {
            TokenKind::Integer(..0) => error.with_help("there is no subtraction"),
            _ => error,
        });
    }
    Ok(Ast { dialect: Dialect::Mim, root })
}

struct Parser {
    tokens: std::vec::IntoIter<Token>,
    depth: usize,
    nodes: usize,
    last: Option<Span>,
}

impl Parser {
    fn expression(&mut self) -> Result<Node, ExprError> {
        let first = self.term()?;
        if !self.accept(&TokenKind::Plus) {
            return Ok(first);
        }
        let mut operands = vec![first, self.term()?];
        while self.accept(&TokenKind::Plus) {
            operands.push(self.term()?);
        }
        let span = match operands.as_slice() {
            [first, .., last] => first.span.to(last.span),
            _ => Span::default(),
        };
        self.node(NodeKind::Join(operands), span)
    }

    fn term(&mut self) -> Result<Node, ExprError> {
        let Token { kind, span } = self.next();
        match kind {
            TokenKind::Text(text) => self.node(NodeKind::Text(text), span),
            TokenKind::Integer(number) => self.node(NodeKind::Integer(number), span),
            TokenKind::Parameter(name) => self.node(NodeKind::Parameter(name), span),
            TokenKind::Lookup(path) => self.node(NodeKind::Lookup(path), span),
            TokenKind::Word(name) if self.peek_is(&TokenKind::Open) => {
                let arguments = self.arguments()?;
                let whole = self.through(span);
                self.node(NodeKind::Call { name, name_span: span, arguments }, whole)
            }
            TokenKind::Word(name) => self.node(NodeKind::Word(name), span),
            TokenKind::Plus if self.peek_is(&TokenKind::Open) => {
                let operands = self.arguments()?;
                let whole = self.through(span);
                self.node(NodeKind::Join(operands), whole)
            }
            TokenKind::Open => {
                self.descend(span)?;
                let inner = self.expression()?;
                self.close("')'", span)?;
                Ok(inner)
            }
            TokenKind::Plus | TokenKind::Close | TokenKind::Comma | TokenKind::End => {
                Err(expected("a value", &Token { kind, span }))
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Node>, ExprError> {
        let open = self.next().span;
        self.descend(open)?;
        let mut arguments = Vec::new();
        if !self.peek_is(&TokenKind::Close) {
            arguments.push(self.expression()?);
            while self.accept(&TokenKind::Comma) {
                arguments.push(self.expression()?);
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

    fn node(&mut self, kind: NodeKind, span: Span) -> Result<Node, ExprError> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let message = format!("the expression has more than {NODES_MAX} parts");
            return Err(ExprError::new(ErrorKind::Limit, span, message));
        }
        Ok(Node { kind, span })
    }

    fn peek_is(&self, kind: &TokenKind) -> bool {
        self.tokens.as_slice().first().is_some_and(|t| t.kind == *kind)
    }

    fn accept(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek_is(kind);
        if found {
            self.next();
        }
        found
    }

    fn next(&mut self) -> Token {
        let end = self.last.map_or(0, |span| span.end);
        let end_token = Token { kind: TokenKind::End, span: Span::new(end, end) };
        let token = self.tokens.next().unwrap_or(end_token);
        self.last = Some(token.span);
        token
    }

    /// From the start of `first` to the end of the token read last.
    fn through(&self, first: Span) -> Span {
        self.last.map_or(first, |last| first.to(last))
    }
}

fn expected(wanted: &str, found: &Token) -> ExprError {
    let message = format!("expected {wanted}, found {}", found.kind.describe());
    ExprError::new(ErrorKind::Parse, found.span, message)
}
