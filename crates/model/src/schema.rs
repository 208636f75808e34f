//! Schemas: which object types and attributes a connected system or the metaverse has.

use std::collections::BTreeMap;

use crate::{Name, ValueType};

/// What is known of one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeSchema {
    /// The type of its values.
    pub value_type: ValueType,
    /// True if it may hold several values.
    pub multi_valued: bool,
    /// True if the connector can write it; false for attributes the system maintains itself.
    pub writable: bool,
    /// True for passwords and their kin: export only, never stored, compared or confirmed.
    pub secret: bool,
}

impl AttributeSchema {
    /// A single-valued, writable attribute.
    #[must_use]
    pub const fn single(value_type: ValueType) -> Self {
        Self { value_type, multi_valued: false, writable: true, secret: false }
    }

    /// A multi-valued, writable attribute.
    #[must_use]
    pub const fn multi(value_type: ValueType) -> Self {
        Self { value_type, multi_valued: true, writable: true, secret: false }
    }

    /// The same attribute, maintained by the connected system.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self { writable: false, ..self }
    }

    /// The same attribute, as a secret.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

/// The attributes of one object type.
pub type ObjectSchema = BTreeMap<Name, AttributeSchema>;

/// Object types by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// Each type's attributes.
    pub types: BTreeMap<Name, ObjectSchema>,
}

impl Schema {
    /// One attribute of one type.
    #[must_use]
    pub fn attribute(&self, object_type: &str, attribute: &str) -> Option<&AttributeSchema> {
        self.types.get(object_type)?.get(attribute)
    }
}
