//! Source text to the syntax tree: one grammar for each dialect, and what they have in common.
//!
//! A dialect's lexer names its tokens from one vocabulary ([`token`]) with the pieces of [`scan`];
//! its parser walks over them with a [`cursor`], which keeps the limits of depth and size.

mod cursor;
mod entra;
mod mim;
mod scan;
mod token;

use crate::{Ast, Dialect, ExprError, printed};

/// Reads an expression written in `dialect`.
///
/// # Errors
/// As [`parse`].
pub fn parse_in(dialect: Dialect, source: &str) -> Result<Ast, ExprError> {
    let root = match dialect {
        Dialect::Mim | Dialect::Extension => return parse(source),
        Dialect::Entra | Dialect::EntraExtended => entra::parse(source)?,
    };
    Ok(Ast { dialect, root })
}

/// Reads an expression written in MIM's language.
///
/// # Errors
/// The first offence: [`crate::ErrorKind::Parse`], or [`crate::ErrorKind::Limit`] for a source
/// that is too long, too deep or has too many parts.
pub fn parse(source: &str) -> Result<Ast, ExprError> {
    let root = mim::parse(&printed::without_brackets(source))?;
    Ok(Ast { dialect: Dialect::Mim, root: printed::without_wrappers(root) })
}
