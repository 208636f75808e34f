//! Objects as expressions and conditions see them, with the intrinsic `dn` and `object-id`.

use std::sync::OnceLock;

use expr::Input;
use model::{Attributes, Value, Values};
use store::MvObject;

/// A connector-space object.
pub(super) struct CsView<'a> {
    attributes: &'a Attributes,
    dn: Values,
}

impl<'a> CsView<'a> {
    pub(super) fn new(attributes: &'a Attributes, dn: &str) -> Self {
        Self { attributes, dn: Values::one(Value::string(dn)) }
    }
}

impl Input for CsView<'_> {
    fn attribute(&self, name: &str) -> Option<&Values> {
        self.attributes.get(name).or_else(|| (name == "dn").then_some(&self.dn))
    }
}

/// A metaverse object.
pub(crate) struct MvView<'a> {
    object: &'a MvObject,
    /// Made when somebody asks.
    uid: OnceLock<Values>,
}

impl<'a> MvView<'a> {
    pub(crate) const fn new(object: &'a MvObject) -> Self {
        Self { object, uid: OnceLock::new() }
    }
}

impl Input for MvView<'_> {
    fn attribute(&self, name: &str) -> Option<&Values> {
        let uid = || Values::one(Value::string(&self.object.uid.to_string()));
        let own = || (name == "object-id").then(|| self.uid.get_or_init(uid));
        self.object.values(name).or_else(own)
    }
}
