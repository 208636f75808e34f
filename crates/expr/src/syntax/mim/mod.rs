//! How Microsoft Identity Manager writes expressions.

mod lexer;
mod parser;

pub(super) use parser::parse;
