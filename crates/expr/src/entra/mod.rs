//! How Entra Connect writes expressions.

mod lexer;
mod parser;

pub(crate) use parser::parse;
