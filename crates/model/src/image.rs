//! The whole state of one object of a connected system.

use crate::{Attributes, Name};

/// One object of a connected system, as far as its connector's selection shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The object type in the connected system's words.
    pub object_type: Name,
    /// The immutable key in the connected system: text, a GUID in lower case. `None` before the
    /// connected system has given one.
    pub anchor: Option<String>,
    /// The distinguished name as the connected system spells it; for systems without a tree, the
    /// anchor.
    pub dn: String,
    /// The selected attributes that have values.
    pub attributes: Attributes,
}
