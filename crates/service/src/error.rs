//! Why the service refused.

use model::{Guid, ValueType};
use store::StoreError;

/// The service refused a change, or its store failed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such resource type.
    #[error("there is no resource type {0:?}")]
    UnknownType(String),
    /// The type has no such attribute.
    #[error("the resource type {resource_type} has no attribute {attribute:?}")]
    UnknownAttribute {
        /// The type.
        resource_type: String,
        /// The attribute.
        attribute: String,
    },
    /// A value of the wrong type.
    #[error("the attribute {attribute} takes {expected} values, not {found}")]
    Type {
        /// The attribute.
        attribute: String,
        /// Its type.
        expected: ValueType,
        /// The value's type.
        found: ValueType,
    },
    /// Several values for a single-valued attribute.
    #[error("the attribute {attribute} takes one value")]
    SingleValued {
        /// The attribute.
        attribute: String,
    },
    /// Text beyond the limit of indexed strings.
    #[error("the attribute {attribute} takes at most {limit} characters")]
    TooLong {
        /// The attribute.
        attribute: String,
        /// The limit.
        limit: usize,
    },
    /// The value is not one of those allowed.
    #[error("the attribute {attribute} takes one of {allowed}")]
    NotAllowed {
        /// The attribute.
        attribute: String,
        /// The allowed values.
        allowed: String,
    },
    /// The identity is taken.
    #[error("the resource {0} exists already")]
    Exists(Guid),
    /// The resource is not there.
    #[error("there is no resource {0}")]
    Missing(Guid),
    /// The resource belongs to the service itself.
    #[error("the resource {0} belongs to the service and cannot be deleted")]
    Protected(Guid),
}

impl ServiceError {
    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::UnknownType(_) => "SVC-0101",
            Self::UnknownAttribute { .. } => "SVC-0102",
            Self::Type { .. } => "SVC-0103",
            Self::SingleValued { .. } => "SVC-0104",
            Self::TooLong { .. } => "SVC-0105",
            Self::NotAllowed { .. } => "SVC-0106",
            Self::Exists(_) => "SVC-0107",
            Self::Missing(_) => "SVC-0108",
            Self::Protected(_) => "SVC-0109",
        }
    }
}
