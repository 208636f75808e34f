//! What an object's attributes look like from outside, computed ones included.
//!
//! Spec: [MS-ADTS] 3.1.1.4.5 (constructed attributes), 3.1.1.3.1.1.3 (attributes of the rootDSE
//! are elsewhere, in `root_dse`).

use model::{Dn, Guid};

use super::names::generalized_time;
use super::object::Object;
use super::schema::{self, Access, AttributeType, ClassType, Syntax};
use super::state::State;

/// Attributes every object has that are not among its stored values.
pub(super) const INTRINSIC: &[&str] = &[
    "distinguishedName",
    "name",
    "objectGUID",
    "objectSid",
    "objectCategory",
    "whenCreated",
    "whenChanged",
    "uSNCreated",
    "uSNChanged",
];

/// The back links, each with its forward link.
const BACK_LINKS: &[(&str, &str)] =
    &[("memberOf", "member"), ("directReports", "manager"), ("managedObjects", "managedBy")];

/// All values of an attribute; empty if it is absent.
pub(super) fn values(state: &State, object: &Object, attribute: &AttributeType) -> Vec<Vec<u8>> {
    if let Some(targets) = targets(state, object, attribute) {
        return targets.iter().map(|t| state.dn(*t).to_string().into_bytes()).collect();
    }
    let text = |value: String| vec![value.into_bytes()];
    match attribute.name {
        name if name.eq_ignore_ascii_case(&object.rdn.attribute) => text(object.rdn.value.clone()),
        "name" => text(object.rdn.value.clone()),
        "distinguishedName" => text(state.dn(object.guid).to_string()),
        "objectGUID" => vec![object.guid.to_directory().to_vec()],
        "parentGUID" => object.parent.iter().map(|p| p.to_directory().to_vec()).collect(),
        "objectSid" => object.sid.iter().map(model::Sid::to_bytes).collect(),
        "objectCategory" if object.is_deleted => Vec::new(),
        "objectCategory" => text(category_dn(state, object.class).to_string()),
        "whenCreated" => text(generalized_time(object.created)),
        "whenChanged" => text(generalized_time(object.changed)),
        "uSNCreated" => text(object.usn_created.to_string()),
        "uSNChanged" => text(object.usn_changed.to_string()),
        name => object.values(name).to_vec(),
    }
}

/// The targets of a link or back link; `None` for every other attribute.
pub(super) fn targets(
    state: &State,
    object: &Object,
    attribute: &AttributeType,
) -> Option<Vec<Guid>> {
    if !is_link(attribute) {
        return None;
    }
    let back = BACK_LINKS.iter().find(|(back, _)| *back == attribute.name);
    Some(match back {
        Some((_, forward)) => state.sources(object.guid, forward).collect(),
        None => object.targets(attribute.name).collect(),
    })
}

/// True for attributes that name objects by identifier. What the system writes itself
/// (`lastKnownParent`) is kept as text: it may outlive its target.
pub(super) fn is_link(attribute: &AttributeType) -> bool {
    attribute.syntax == Syntax::Dn
        && attribute.access != Access::System
        && !INTRINSIC.contains(&attribute.name)
}

/// The attributes a search for `*` returns, if they have values.
pub(super) fn default_attributes(object: &Object) -> Vec<&'static AttributeType> {
    let rdn = [object.class.rdn];
    let stored = object.values.keys().chain(object.links.keys());
    let computed = INTRINSIC.iter().chain(BACK_LINKS.iter().map(|(back, _)| back));
    let mut names: Vec<&'static str> = stored.chain(computed).chain(&rdn).copied().collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(schema::attribute).collect()
}

/// The schema object that stands for a class in `objectCategory`.
pub(super) fn category(state: &State, class: &'static ClassType) -> Option<Guid> {
    state.resolve(&super::names::Target::Dn(category_dn(state, class)))
}

fn category_dn(state: &State, class: &'static ClassType) -> Dn {
    let category = schema::class(class.category).unwrap_or(class);
    // The schema is the deepest naming context.
    let schema = state.roots().first().map(|(dn, _)| dn.clone()).unwrap_or_default();
    schema.child("CN", category.common_name)
}
