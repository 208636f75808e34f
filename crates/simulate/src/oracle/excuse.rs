//! Errors that may stay: those whose cause is there to be seen.

use std::collections::BTreeSet;

use model::DnStyle;
use store::{CsObject, ObjectError};

use super::model::candidates;
use crate::scenario::{CONTAINER, Holder};
use crate::world::{Picture, World};

/// True for an object that could not be synchronized or sent.
pub(super) const fn is_troubled(object: &CsObject) -> bool {
    object.import_error.is_some() || object.export.error.is_some()
}

/// The error of an object that has none of the causes it could have.
pub(super) fn unexcused(world: &World, picture: &Picture, object: &CsObject) -> Option<String> {
    if let Some(error) = &object.import_error
        && !is_cause_of_import_error(world, picture, object, error)
    {
        return Some(format!("{}: {}", error.error_type, error.message));
    }
    let error = object.export.error.as_ref()?;
    if is_cause_of_export_error(world, object, error) {
        return None;
    }
    Some(format!("{}: {}", error.error_type, error.message))
}

fn is_cause_of_import_error(
    world: &World,
    picture: &Picture,
    object: &CsObject,
    error: &ObjectError,
) -> bool {
    match error.error_type.as_str() {
        "ambiguous-join" => {
            let image = object.imported.as_ref();
            image.is_some_and(|image| candidates(picture, image).len() > 1)
                || has_lookalikes(world, picture, object)
        }
        "ambiguous-import-flow-from-multiple-connectors" => {
            picture.cs.values().any(|other| is_rival(world, picture, object, other))
                || has_lookalikes(world, picture, object)
        }
        "object-already-exists" => is_name_taken(world, picture, object),
        "connector-filter-rule-violation" => has_filtered_link(world, picture, object),
        _ => false,
    }
}

/// Several objects of one target with the key of the object or of the metaverse object it is of.
fn has_lookalikes(world: &World, picture: &Picture, object: &CsObject) -> bool {
    let keys = keys(picture, object);
    (0..world.scenario.connectors.len()).any(|place| {
        let same = picture.cs.values().filter(|other| {
            let key = other.imported.as_ref().and_then(|image| image.word("key"));
            world.place_of(other.id) == place
                && key.is_some_and(|key| keys.contains(&key.to_lowercase()))
        });
        same.count() > 1
    })
}

/// Two objects of one connector that are, or would be, of one metaverse object.
fn is_rival(world: &World, picture: &Picture, object: &CsObject, other: &CsObject) -> bool {
    if other.id == object.id {
        return false;
    }
    let is_linked_alike = object.state.mv().is_some() && object.state.mv() == other.state.mv();
    let is_alike = world.place_of(object.id) == world.place_of(other.id)
        && !keys(picture, object).is_disjoint(&keys(picture, other));
    // The clash may be between two others that the object meets.
    is_linked_alike || is_alike
}

/// Some target already has an object under the name that a new one would get.
fn is_name_taken(world: &World, picture: &Picture, object: &CsObject) -> bool {
    let keys = keys(picture, object);
    picture.cs.values().any(|other| {
        let Some(system) = world.systems.get(world.place_of(other.id)) else { return false };
        keys.iter().any(|key| {
            let name = match system.style {
                DnStyle::Ldap => format!("CN={key},{CONTAINER}"),
                DnStyle::Anchor => key.clone(),
            };
            other.dn_key.to_lowercase() == system.style.key(&name).to_lowercase()
        })
    })
}

/// Another object of the same metaverse object matches its filter and cannot be let go itself.
fn has_filtered_link(world: &World, picture: &Picture, object: &CsObject) -> bool {
    picture.cs.values().any(|other| {
        let connector = world.scenario.connectors.get(world.place_of(other.id));
        let is_linked_alike = object.state.mv().is_some() && object.state.mv() == other.state.mv();
        let image = other.imported.as_ref();
        is_linked_alike
            && other.import_error.is_some()
            && connector.zip(image).is_some_and(|(c, image)| c.filters(&other.object_type, image))
    })
}

fn is_cause_of_export_error(world: &World, object: &CsObject, error: &ObjectError) -> bool {
    let Some(system) = world.systems.get(world.place_of(object.id)) else { return false };
    let contents = system.contents();
    let name = match error.error_type.as_str() {
        // Its deletion could not be synchronized, which has a cause of its own.
        "cd-missing-object" => return object.is_gone() && object.import_error.is_some(),
        "cd-existing-object" => Some(object.dn.as_str()),
        "rename-to-existing-dn" => Some(object.expected_dn()),
        _ => None,
    };
    let holder = name.and_then(|name| contents.holder(system.style, name));
    holder.is_some_and(|holder| Some(holder) != object.anchor)
}

/// The keys that an object has, or had when it was last synchronized.
fn keys(picture: &Picture, object: &CsObject) -> BTreeSet<String> {
    let mv = object.state.mv().and_then(|mv| picture.mv.get(&mv));
    let theirs = mv.and_then(|mv| Holder::word(mv, "key"));
    let own = object.imported.as_ref().and_then(|image| image.word("key"));
    theirs.into_iter().chain(own).map(|key| key.to_lowercase()).collect()
}
