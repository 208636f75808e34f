//! Entra Connect's grammar.
//!
//! ```text
//! expression = comparison { ( "&&" | "||" ) comparison }
//! comparison = sum { ( "=" | "<>" | "<" | "<=" | ">" | ">=" ) sum }
//! sum        = unary { ( "+" | "-" | "*" | "&" ) unary }
//! unary      = "-" unary | primary
//! primary    = number | text | "[" name "]" | "%" name "%" | "$" name | word
//!            | word "(" [ expression { "," expression } ] ")" | "(" expression ")"
//! ```

use super::lexer;
use crate::syntax::cursor::{Cursor, expected};
use crate::syntax::scan::{tokenize, too_large};
use crate::syntax::token::{Token, TokenKind};
use crate::{ErrorKind, ExprError, Node, NodeKind, Operator, Span};

/// The tier that binds most tightly.
const TIGHTEST: u8 = 2;

/// Functions whose first argument is the variable they bind.
const BINDERS: [&str; 3] = ["Select", "Where", "With"];

/// Reads an expression; the first offence is the error.
pub(in crate::syntax) fn parse(source: &str) -> Result<Node, ExprError> {
    let mut cursor = Cursor::new(tokenize(source, lexer::read)?);
    let root = expression(&mut cursor)?;
    let token = cursor.next();
    if token.kind == TokenKind::End {
        return Ok(root);
    }
    Err(expected("an operator or the end", &token))
}

fn expression(cursor: &mut Cursor) -> Result<Node, ExprError> {
    chain(cursor, 0)
}

/// Operands of the next tier with operators of `tier` between them.
fn chain(cursor: &mut Cursor, tier: u8) -> Result<Node, ExprError> {
    let first = operand(cursor, tier)?;
    let mut rest = Vec::new();
    while let Some(operator) = operator_of(cursor, tier) {
        cursor.next();
        rest.push((operator, operand(cursor, tier)?));
    }
    match rest.last() {
        None => Ok(first),
        Some((_, last)) => {
            let span = first.span.to(last.span);
            cursor.node(NodeKind::Chain { first: Box::new(first), rest }, span)
        }
    }
}

fn operand(cursor: &mut Cursor, tier: u8) -> Result<Node, ExprError> {
    if tier < TIGHTEST { chain(cursor, tier + 1) } else { unary(cursor) }
}

fn operator_of(cursor: &Cursor, tier: u8) -> Option<Operator> {
    match cursor.peek() {
        Some(TokenKind::Operator(operator)) if operator.tier() == tier => Some(*operator),
        _ => None,
    }
}

fn unary(cursor: &mut Cursor) -> Result<Node, ExprError> {
    if !cursor.peek_is(&TokenKind::Operator(Operator::Subtract)) {
        return primary(cursor);
    }
    let minus = cursor.next().span;
    if let Some(&TokenKind::Decimal(number)) = cursor.peek() {
        let span = minus.to(cursor.next().span);
        let number = 0_i64.checked_sub_unsigned(number).ok_or_else(|| too_large(span))?;
        return cursor.node(NodeKind::Integer(number), span);
    }
    let operand = cursor.nested(minus, unary)?;
    let span = minus.to(operand.span);
    cursor.node(NodeKind::Negate(Box::new(operand)), span)
}

fn primary(cursor: &mut Cursor) -> Result<Node, ExprError> {
    let Token { kind, span } = cursor.next();
    let kind = match kind {
        TokenKind::Text(text) => NodeKind::Text(text),
        TokenKind::Decimal(number) => {
            NodeKind::Integer(i64::try_from(number).map_err(|_e| too_large(span))?)
        }
        TokenKind::Hexadecimal(number) => NodeKind::Integer(number),
        TokenKind::Attribute(name) => NodeKind::Attribute(name),
        TokenKind::SystemParameter(name) => NodeKind::SystemParameter(name),
        TokenKind::Variable(name) => NodeKind::Variable(name),
        TokenKind::Word(name) if cursor.peek_is(&TokenKind::Open) => {
            return call(cursor, name, span);
        }
        TokenKind::Word(name) => NodeKind::Constant(name),
        TokenKind::Open => return cursor.parenthesized(span, "an operator or ')'", expression),
        kind => return Err(expected("a value", &Token { kind, span })),
    };
    cursor.node(kind, span)
}

fn call(cursor: &mut Cursor, name: String, name_span: Span) -> Result<Node, ExprError> {
    let arguments = cursor.arguments(expression)?;
    if let Some(first) = arguments.first() {
        let is_variable = matches!(first.kind, NodeKind::Variable(_));
        if BINDERS.contains(&name.as_str()) && !is_variable {
            let message = format!("the first argument of {name} is a variable, such as $item");
            return Err(ExprError::new(ErrorKind::Parse, first.span, message));
        }
    }
    let kind = NodeKind::Call { name, name_span, arguments };
    cursor.node(kind, cursor.through(name_span))
}
