//! Phase 9: addresses inside become addresses outside, in headers and on request in bodies.
//!
//! All of it is pure but for `body`, which feeds what streams piece by piece.

pub(crate) mod body;
pub(crate) mod cookie;
pub(crate) mod css;
pub(crate) mod headers;
pub(crate) mod html;
pub(crate) mod map;

/// A document cannot be rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the document cannot be rewritten")]
pub(crate) struct RewriteError;
