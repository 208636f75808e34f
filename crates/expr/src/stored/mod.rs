//! Rules as other products store them, in XML, read and written: the function trees of Microsoft
//! Identity Manager, in flows, in the server's mappings and in workflows, and the mappings of
//! Entra Connect.

mod activity;
mod flow;
mod mapping;
mod server;
mod tree;
mod xml;

use crate::{ExprError, Span};

pub use activity::FunctionActivity;
pub use flow::{StoredFlow, StoredSource};
pub use mapping::{Mapping, MappingSource, MergeType};
pub use server::{ServerFrame, ServerMapping, ServerSource};
pub use tree::{StoredArgument, StoredCall};

/// A stored rule of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// A function tree by itself.
    Call(StoredCall),
    /// A flow of a synchronization rule.
    Flow(StoredFlow),
    /// The same as the synchronization server keeps it.
    Server(ServerMapping),
    /// The assignments of a workflow.
    Activities(Vec<FunctionActivity>),
    /// A mapping of Entra Connect.
    Mapping(Mapping),
}

impl Stored {
    /// Reads a document; its outermost element tells what it is.
    ///
    /// # Errors
    /// [`StoredError`].
    pub fn read(xml: &str) -> Result<Self, StoredError> {
        let root = xml::read(xml)?;
        let is_kept_by_server = root.child("sync-rule-mapping").is_some();
        match root.name.as_str() {
            "mapping" => Mapping::of_element(&root).map(Self::Mapping),
            "sync-rule-mapping" => ServerMapping::of_element(&root).map(Self::Server),
            "export-flow" | "import-flow" if is_kept_by_server => {
                ServerMapping::of_element(&root).map(Self::Server)
            }
            "export-flow" | "import-flow" => StoredFlow::of_element(&root).map(Self::Flow),
            _ if FunctionActivity::is_workflow(&root) => {
                FunctionActivity::of_workflow(&root).map(Self::Activities)
            }
            _ => StoredCall::of_element(&root).map(Self::Call),
        }
    }
}

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

    /// The same error of a document inside another, with the place in the outer one.
    fn inside(self, outer: usize) -> Self {
        match self {
            Self::Xml { message, .. } => Self::Xml { at: outer, message },
            Self::Element { element, message, .. } => Self::Element { at: outer, element, message },
            other => other,
        }
    }

    fn element(element: &xml::Element, message: &'static str) -> Self {
        Self::Element { at: element.at, element: element.name.clone(), message }
    }
}

#[cfg(test)]
mod tests;
