//! Tokens to the syntax tree.
//!
//! ```text
//! expression = comparison { ( "&&" | "||" ) comparison }
//! comparison = sum { ( "=" | "<>" | "<" | "<=" | ">" | ">=" ) sum }
//! sum        = unary { ( "+" | "-" | "*" | "&" ) unary }
//! unary      = "-" unary | primary
//! primary    = number | text | "[" name "]" | "%" name "%" | "$" name | word
//!            | word "(" [ expression { "," expression } ] ")" | "(" expression ")"
//! ```

use super::lexer::{Token, TokenKind, tokenize, too_large};
use crate::ast::Operator;
use crate::limits::{DEPTH_MAX, NODES_MAX};
use crate::{Ast, Dialect, ErrorKind, ExprError, Node, NodeKind, Span};

/// The tier that binds most tightly.
const TIGHTEST: u8 = 2;

/// Functions whose first argument is the variable they bind.
const BINDERS: [&str; 3] = ["Select", "Where", "With"];

/// Reads an expression; the first offence is the error.
pub(crate) fn parse(dialect: Dialect, source: &str) -> Result<Ast, ExprError> {
    let mut parser =
        Parser { tokens: tokenize(source)?.into_iter(), depth: 0, nodes: 0, last: Span::default() };
    let root = parser.chain(0)?;
    let token = parser.next();
    if token.kind == TokenKind::End {
        return Ok(Ast { dialect, root });
    }
    Err(expected("an operator or the end", &token))
}

struct Parser {
    tokens: std::vec::IntoIter<Token>,
    depth: usize,
    nodes: usize,
    last: Span,
}

impl Parser {
    /// Operands of the next tier with operators of `tier` between them.
    fn chain(&mut self, tier: u8) -> Result<Node, ExprError> {
        let first = self.operand(tier)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator_of(tier) {
            self.next();
            rest.push((operator, self.operand(tier)?));
        }
        match rest.last() {
            None => Ok(first),
            Some((_, last)) => {
                let span = first.span.to(last.span);
                self.node(NodeKind::Chain { first: Box::new(first), rest }, span)
            }
        }
    }

    fn operand(&mut self, tier: u8) -> Result<Node, ExprError> {
        if tier < TIGHTEST { self.chain(tier + 1) } else { self.unary() }
    }

    fn operator_of(&self, tier: u8) -> Option<Operator> {
        match self.peek() {
            Some(TokenKind::Operator(operator)) if operator.tier() == tier => Some(*operator),
            _ => None,
        }
    }

    fn unary(&mut self) -> Result<Node, ExprError> {
        if self.peek() != Some(&TokenKind::Operator(Operator::Subtract)) {
            return self.primary();
        }
        let minus = self.next().span;
        if let Some(&TokenKind::Decimal(number)) = self.peek() {
            let span = minus.to(self.next().span);
            let number = 0_i64.checked_sub_unsigned(number).ok_or_else(|| too_large(span))?;
            return self.node(NodeKind::Integer(number), span);
        }
        self.descend(minus)?;
        let operand = self.unary()?;
        self.depth -= 1;
        let span = minus.to(operand.span);
        self.node(NodeKind::Negate(Box::new(operand)), span)
    }

    fn primary(&mut self) -> Result<Node, ExprError> {
        let Token { kind, span } = self.next();
        let kind = match kind {
            TokenKind::Text(text) => NodeKind::Text(text),
            TokenKind::Decimal(number) => {
                NodeKind::Integer(i64::try_from(number).map_err(|_e| too_large(span))?)
            }
            TokenKind::Hexadecimal(number) => NodeKind::Integer(number),
            TokenKind::Attribute(name) => NodeKind::Attribute(name),
            TokenKind::Parameter(name) => NodeKind::SystemParameter(name),
            TokenKind::Variable(name) => NodeKind::Variable(name),
            TokenKind::Word(name) if self.peek() == Some(&TokenKind::Open) => {
                return self.call(name, span);
            }
            TokenKind::Word(name) => NodeKind::Constant(name),
            TokenKind::Open => {
                self.descend(span)?;
                let inner = self.chain(0)?;
                self.close("an operator or ')'", span)?;
                return Ok(inner);
            }
            TokenKind::Operator(_) | TokenKind::Close | TokenKind::Comma | TokenKind::End => {
                return Err(expected("a value", &Token { kind, span }));
            }
        };
        self.node(kind, span)
    }

    fn call(&mut self, name: String, name_span: Span) -> Result<Node, ExprError> {
        let open = self.next().span;
        self.descend(open)?;
        let mut arguments = Vec::new();
        if self.peek() != Some(&TokenKind::Close) {
            arguments.push(self.chain(0)?);
            while self.peek() == Some(&TokenKind::Comma) {
                self.next();
                arguments.push(self.chain(0)?);
            }
        }
        self.close("',' or ')'", open)?;
        if let Some(first) = arguments.first() {
            let is_variable = matches!(first.kind, NodeKind::Variable(_));
            if BINDERS.contains(&name.as_str()) && !is_variable {
                let message = format!("the first argument of {name} is a variable, such as $item");
                return Err(ExprError::new(ErrorKind::Parse, first.span, message));
            }
        }
        let span = name_span.to(self.last);
        self.node(NodeKind::Call { name, name_span, arguments }, span)
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

    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.as_slice().first().map(|token| &token.kind)
    }

    fn next(&mut self) -> Token {
        let end = Span::new(self.last.end, self.last.end);
        let token = self.tokens.next().unwrap_or(Token { kind: TokenKind::End, span: end });
        self.last = token.span;
        token
    }
}

fn expected(wanted: &str, found: &Token) -> ExprError {
    let message = format!("expected {wanted}, found {}", found.kind.describe());
    ExprError::new(ErrorKind::Parse, found.span, message)
}
