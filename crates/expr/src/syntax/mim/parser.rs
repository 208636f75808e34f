//! MIM's grammar.
//!
//! ```text
//! expression = term { "+" term }
//! term       = text | number | word | "$" name | "[//" path "]"
//!            | name arguments | "+" arguments | "(" expression ")"
//! arguments  = "(" [ expression { "," expression } ] ")"
//! ```

use super::lexer;
use crate::syntax::cursor::{Cursor, expected};
use crate::syntax::scan::tokenize;
use crate::syntax::token::{Token, TokenKind};
use crate::{ExprError, Node, NodeKind, Operator, Span};

/// The only operator.
const PLUS: TokenKind = TokenKind::Operator(Operator::Add);

/// Reads an expression; the first offence is the error.
pub(in crate::syntax) fn parse(source: &str) -> Result<Node, ExprError> {
    let mut cursor = Cursor::new(tokenize(source, lexer::read)?);
    let root = expression(&mut cursor)?;
    let token = cursor.next();
    if token.kind == TokenKind::End {
        return Ok(root);
    }
    let error = expected("'+' or the end", &token);
    Err(match token.kind {
        TokenKind::Integer(..0) => error.with_help("there is no subtraction"),
        _ => error,
    })
}

fn expression(cursor: &mut Cursor) -> Result<Node, ExprError> {
    let first = term(cursor)?;
    if !cursor.accept(&PLUS) {
        return Ok(first);
    }
    let mut operands = vec![first, term(cursor)?];
    while cursor.accept(&PLUS) {
        operands.push(term(cursor)?);
    }
    let span = match operands.as_slice() {
        [first, .., last] => first.span.to(last.span),
        _ => Span::default(),
    };
    cursor.node(NodeKind::Join(operands), span)
}

fn term(cursor: &mut Cursor) -> Result<Node, ExprError> {
    let Token { kind, span } = cursor.next();
    let kind = match kind {
        TokenKind::Text(text) => NodeKind::Text(text),
        TokenKind::Integer(number) => NodeKind::Integer(number),
        TokenKind::Parameter(name) => NodeKind::Parameter(name),
        TokenKind::Lookup(path) => NodeKind::Lookup(path),
        TokenKind::Word(name) if cursor.peek_is(&TokenKind::Open) => {
            let arguments = cursor.arguments(expression)?;
            let kind = NodeKind::Call { name, name_span: span, arguments };
            return cursor.node(kind, cursor.through(span));
        }
        TokenKind::Word(name) => NodeKind::Word(name),
        PLUS if cursor.peek_is(&TokenKind::Open) => {
            let operands = cursor.arguments(expression)?;
            return cursor.node(NodeKind::Join(operands), cursor.through(span));
        }
        TokenKind::Open => return cursor.parenthesized(span, "')'", expression),
        kind => return Err(expected("a value", &Token { kind, span })),
    };
    cursor.node(kind, span)
}
