//! The rule expression language: source text in, a checked program out, values computed from an
//! object's attributes.
//!
//! Three passes, each with its own types: [`parse`] makes an [`Ast`], in which names have no
//! meaning yet; [`bind`] finds the functions and attributes and makes a [`Program`];
//! [`Program::eval`] runs it. Everything carries its [`Span`] in the source. A program that binds
//! can fail on odd values, but never panics, never runs out of stack and keeps [`limits`].
//! Beside the three passes, [`types::infer`] finds out what each part can give, given the types of
//! the attributes, and what can never fit; [`lint::lint`] says what works and is hardly meant.
//! [`translate::translate`] turns an expression into one of the other language.
//! None of the three is needed to run a program.
//! The languages are those of Microsoft Identity Manager 2016 and of Entra Connect Sync, plus
//! functions of our own.
//! Not here: what a result means to a flow, and its conversion to the target's type (`engine`).

mod ast;
mod binder;
mod environment;
mod error;
mod eval;
mod fold;
mod functions;
pub mod limits;
pub mod lint;
mod names;
mod operand;
mod operators;
mod printed;
mod program;
mod random;
mod span;
pub mod steps;
pub mod stored;
mod syntax;
mod text_buffer;
pub mod translate;
pub mod types;
pub mod vectors;

#[cfg(test)]
mod tests;

pub use ast::{Ast, Node, NodeKind, Operator};
pub use binder::bind;
pub use environment::{DnStyle, Environment, Given};
pub use error::{ErrorKind, ExprError};
pub use functions::{
    Dialect, FUNCTIONS, Function, Kind, OnNull, Parameter, Purity, Returns, available, find,
};
pub use names::Names;
pub use operand::{FlowConstant, FlowValue, Operand};
pub use program::{Input, Program};
pub use random::Random;
pub use span::Span;
pub use syntax::{parse, parse_in};
