//! What holds when nothing more happens: every connected system, connector space and metaverse
//! object is what the rules make of the people in the sources.

use model::{Attributes, MvId, Name};
use store::{CsObject, CsState, DisconnectorKind, MvObject, ObjectError};

use super::excuse::{is_troubled, unexcused};
use super::model::{Target, Wanted, attributes, candidates, line, linked, targets};
use super::step::{right_filter, right_values, same_as_system};
use super::{Verdict, broken};
use crate::scenario::{Deprovisioning, Holder as _};
use crate::world::{Picture, World};

/// True if something could not be synchronized or sent.
pub(crate) fn has_trouble(picture: &Picture) -> bool {
    picture.cs.values().any(is_troubled)
}

/// The store's contents without what goes on counting while nothing changes.
pub(crate) fn still(picture: &Picture) -> Picture {
    let calm = |error: &mut Option<ObjectError>| {
        if let Some(error) = error {
            error.count = 1;
            error.first_occurred = model::Timestamp(0);
        }
    };
    let mut picture = picture.clone();
    for object in picture.cs.values_mut() {
        calm(&mut object.import_error);
        calm(&mut object.export.error);
    }
    picture
}

/// The store's contents in words that do not depend on the way there: no numbers of objects, runs
/// or processes.
pub(crate) fn portrait(world: &World, picture: &Picture) -> Vec<String> {
    let name = |object: &CsObject| {
        let anchor = object.anchor.as_deref().unwrap_or("new");
        format!("{}/{}/{anchor}", world.place_of(object.id), object.dn_key)
    };
    let mut lines = Vec::new();
    for mv in picture.mv.values() {
        let links: Vec<String> = linked(picture, mv.id).into_iter().map(name).collect();
        let values: Vec<String> = mv
            .attributes
            .iter()
            .map(|(attribute, a)| format!("{attribute}={} by {}", a.values, a.lineage.rule))
            .collect();
        lines.push(format!("{} of {}", values.join(", "), links.join(" and ")));
    }
    for object in picture.cs.values() {
        let state = match object.state {
            CsState::Connector { kind, .. } => format!("{kind:?} connector"),
            other => format!("{other:?}"),
        };
        let export = &object.export;
        lines.push(format!(
            "{} {} {state} {:?} waits {:?} {:?} {:?} {:?}",
            name(object),
            object.object_type,
            object.imported,
            object.pending_import.as_ref().map(|p| p.operation),
            export.pending.as_ref().map(|d| (d.operation, &d.changes)),
            export.escrow.as_ref().map(|d| (d.operation, &d.changes)),
            export.unconfirmed.as_ref().map(|d| (d.operation, &d.changes)),
        ));
    }
    lines.sort();
    lines
}

/// After imports and exports that succeeded nothing waits, and every connector space is as its
/// system.
pub(crate) fn settled(world: &World, picture: &Picture) -> Verdict {
    for place in 0..world.systems.len() {
        same_as_system(world, picture, place)?;
    }
    for object in picture.cs.values() {
        if let Some(error) = unexcused(world, picture, object) {
            let detail = format!("{error}; {}", line(world, object));
            return broken("errors that stay have a cause", detail);
        }
        let export = &object.export;
        let waits = object.pending_import.is_some()
            || object.needs_sync
            || export.pending.is_some()
            || export.escrow.is_some()
            || export.unconfirmed.is_some();
        if waits && !is_troubled(object) {
            return broken("nothing waits for ever", line(world, object));
        }
    }
    Ok(())
}

/// Checks everything.
pub(crate) fn at_rest(world: &World, picture: &Picture) -> Verdict {
    settled(world, picture)?;
    for mv in picture.mv.values() {
        let links = linked(picture, mv.id);
        if links.iter().any(|object| is_troubled(object)) {
            continue;
        }
        right_values(world, picture, mv)?;
        for target in targets(world, mv) {
            right_target(world, picture, mv, &target)?;
        }
    }
    for object in picture.cs.values().filter(|object| !is_troubled(object)) {
        right_filter(world, object)?;
        right_disconnector(world, picture, object)?;
    }
    Ok(())
}

/// A target has what the rules want there, and nothing that they want gone.
fn right_target(world: &World, picture: &Picture, mv: &MvObject, target: &Target<'_>) -> Verdict {
    let links: Vec<&CsObject> = linked(picture, mv.id)
        .into_iter()
        .filter(|object| {
            world.place_of(object.id) == target.place && object.object_type == target.object_type
        })
        .collect();
    if target.in_scope.is_empty() {
        let lets_go = target.rules.iter().any(|rule| rule.disconnects);
        return match links.first().filter(|_| lets_go) {
            Some(object) => broken("what left all scopes is let go", line(world, object)),
            None => Ok(()),
        };
    }
    if links.is_empty() && target.in_scope.iter().any(|rule| rule.creates) {
        let name = target.new_name(mv);
        let detail = format!("{name:?} is missing at place {} for {mv:?}", target.place);
        return broken("what rules want created exists", detail);
    }
    links.into_iter().try_for_each(|object| right_object(world, mv, target, object))
}

/// An object of a connected system holds what flows to it.
fn right_object(world: &World, mv: &MvObject, target: &Target<'_>, object: &CsObject) -> Verdict {
    const LAW: &str = "connected objects hold what flows to them";
    let Some(system) = world.systems.get(target.place) else { return Ok(()) };
    let contents = system.contents();
    let Some(image) = object.anchor.as_ref().and_then(|anchor| contents.objects.get(anchor)) else {
        return broken(LAW, format!("there is no {}", line(world, object)));
    };
    for (name, wanted) in target.wanted(world, mv, object) {
        let is_right = match &wanted {
            Wanted::Values(values) if name == "dn" => {
                values.single().is_some_and(|dn| system.style.is_same(&image.dn, &dn.to_string()))
            }
            Wanted::Values(values) => image.attributes.get(name) == Some(values),
            Wanted::Nothing => image.attributes.get(name).is_none(),
        };
        if !is_right {
            let detail = format!("{name} should be {wanted:?}: {image:?}, {}", line(world, object));
            return broken(LAW, detail);
        }
    }
    Ok(())
}

/// A normal disconnector is one because no rule wants it; one that waited for its deletion is gone.
fn right_disconnector(world: &World, picture: &Picture, object: &CsObject) -> Verdict {
    let place = world.place_of(object.id);
    let Some(connector) = world.scenario.connectors.get(place) else { return Ok(()) };
    match object.state {
        CsState::Disconnector(DisconnectorKind::Explicit)
            if connector.deprovisioning == Deprovisioning::Delete =>
        {
            return broken("what is to be deleted is deleted", line(world, object));
        }
        CsState::Disconnector(DisconnectorKind::Normal) => {}
        _ => return Ok(()),
    }
    let Some(image) = &object.imported else { return Ok(()) };
    let rules = world.scenario.inbound(place, &object.object_type);
    let in_scope: Vec<_> = rules.into_iter().filter(|rule| rule.applies(image)).collect();
    let found = candidates(picture, image).len();
    let joins = in_scope.iter().any(|rule| rule.joins) && image.word("key").is_some();
    let creates = in_scope.iter().any(|rule| rule.creates);
    let is_wanted = (joins && found == 1) || (creates && !(joins && found > 1));
    let joined = joins.then(|| candidates(picture, image)).and_then(|found| found.first().copied());
    if !is_wanted || is_let_go_again(world, picture, object, joined) {
        return Ok(());
    }
    broken("what rules want is joined or projected", line(world, object))
}

/// True if the object would be connected only to be let go at once, because the rules that write to
/// it do not want it.
fn is_let_go_again(
    world: &World,
    picture: &Picture,
    object: &CsObject,
    joined: Option<MvId>,
) -> bool {
    let values: Attributes = match joined.and_then(|mv| picture.mv.get(&mv)) {
        Some(mv) => mv.to_attributes(),
        None => {
            let values = attributes(world, &[object]).unwrap_or_default();
            values.into_iter().map(|(name, value)| (Name::new(name), value.values)).collect()
        }
    };
    let rules = world.scenario.outbound(world.place_of(object.id), &object.object_type);
    rules.iter().any(|rule| rule.disconnects) && !rules.iter().any(|rule| rule.applies(&values))
}
