//! Texts, numbers, predicates and lists.

use super::{ENTRA, Function, OnNull, Run, text};
use crate::functions::case;

/// The entries.
pub(super) static FUNCTIONS: &[Function] = &[Function {
    name: "UCase",
    parameters: &[text("string", OnNull::Propagate)],
    docs: "maps each character to upper case",
    run: Run::Eager(case::upper),
    ..ENTRA
}];
