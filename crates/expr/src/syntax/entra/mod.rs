//! How Entra Connect writes expressions.

mod lexer;
mod parser;

pub(super) use parser::parse;
