//! One object of the metaverse: values, each with the rule, source object and run behind it.

use std::collections::BTreeMap;

use model::{Attributes, CsId, Guid, MvId, Name, RunId, Timestamp, Values};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The connector-space object.
    pub object: CsId,
    /// The rule whose flow produced it.
    pub rule: Name,
    /// The run that wrote it.
    pub run: RunId,
    /// When.
    pub at: Timestamp,
}

/// An attribute's values with their lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MvAttribute {
    /// The values.
    pub values: Values,
    /// Where they come from.
    pub lineage: Lineage,
}

/// What one source gave last to an attribute that contributors share, as equals or because their
/// flows merge: what it takes back when it changes its mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The connector-space object.
    pub object: CsId,
    /// The rule whose flow gave it.
    pub rule: Name,
    /// The values.
    pub values: Values,
}

/// By attribute, the shares of each source, in order of object and rule; an attribute without any is
/// not in it.
pub type Shares = BTreeMap<Name, Vec<Share>>;

/// An object of the metaverse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MvObject {
    /// Its id within the store.
    pub id: MvId,
    /// Its public identifier (`object-id`).
    pub uid: Guid,
    /// Its type.
    pub object_type: Name,
    /// Its attributes.
    pub attributes: BTreeMap<Name, MvAttribute>,
    /// The shares of attributes that several contribute to at once. One can have shares and no
    /// values.
    pub shares: Shares,
}

impl MvObject {
    /// The values of `name`.
    #[must_use]
    pub fn values(&self, name: &str) -> Option<&Values> {
        self.attributes.get(name).map(|a| &a.values)
    }

    /// All values without their lineage.
    #[must_use]
    pub fn to_attributes(&self) -> Attributes {
        self.attributes.iter().map(|(name, a)| (name.clone(), a.values.clone())).collect()
    }
}
