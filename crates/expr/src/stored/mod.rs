//! Rules as other products store them: the function trees of Microsoft Identity Manager and the
//! mappings of Entra Connect, in XML, read and written.

mod flow;
mod mapping;
mod tree;
mod xml;

use crate::{ExprError, Span};

pub use flow::{StoredFlow, StoredSource};
pub use mapping::{Mapping, MappingSource, MergeType};
pub use tree::{StoredArgument, StoredCall};

/// What is wrong with a stored rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// The text is not XML as stored rules use it.
    #[error("{message}")]
    Xml {
        /// Where reading stopped, in bytes.
        at: usize,
        /// What is wrong.
        message: String,
    },
    /// An element is not what it should be.
    #[error("<{element}> {message}")]
    Element {
        /// The byte after its start tag.
        at: usize,
        /// Its name.
        element: String,
        /// What is wrong.
        message: &'static str,
    },
    /// More than is read.
    #[error("the stored rule has {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
    },
    /// A text to be written has a character that XML cannot hold.
    #[error("the text has a character that XML cannot hold")]
    Character,
    /// The expression inside is wrong; its place is in the text of the tree.
    #[error("the expression cannot be read")]
    Expression(#[from] ExprError),
}

impl StoredError {
    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Xml { .. } => "EXP-0401",
            Self::Element { .. } => "EXP-0402",
            Self::Character => "EXP-0403",
            Self::Limit { .. } => "EXP-0102",
            Self::Expression(error) => error.code(),
        }
    }

    /// Where in the XML, if that is known.
    #[must_use]
    pub const fn span(&self) -> Option<Span> {
        match self {
            Self::Xml { at, .. } | Self::Element { at, .. } => Some(Span::new(*at, *at)),
            Self::Limit { .. } | Self::Character | Self::Expression(_) => None,
        }
    }

    fn element(element: &xml::Element, message: &'static str) -> Self {
        Self::Element { at: element.at, element: element.name.clone(), message }
    }
}

#[cfg(test)]
mod tests;
