//! What holds after each run: an import only stages, a synchronization only synchronizes, an export
//! only sends what was staged.

use std::collections::BTreeSet;

use engine::StepResult;
use store::{
    CsObject, CsState, DisconnectorKind, ExportDelta, ExportValue, MvObject, WriteOperation,
};

use super::model::{attributes, is_explicit, is_retyped, line, linked};
use super::{Verdict, broken};
use crate::scenario::{Deletion, Deprovisioning};
use crate::system::Written;
use crate::world::{Picture, World};

/// A run, and the store around it.
pub(crate) struct Ran<'a> {
    /// The connector's place.
    pub(crate) place: usize,
    /// The run profile.
    pub(crate) profile: &'static str,
    /// How it ended; `None` if it did not.
    pub(crate) result: Option<StepResult>,
    /// The store before.
    pub(crate) before: &'a Picture,
    /// The store after.
    pub(crate) after: &'a Picture,
    /// How many changes the systems had logged before.
    pub(crate) versions: &'a [u64],
    /// What was written to the connector's system in the run.
    pub(crate) writes: &'a [Written],
}

/// Checks what a run did.
pub(crate) fn after_run(world: &World, ran: &Ran<'_>) -> Verdict {
    if ran.profile.ends_with("import") {
        nothing_sent(world, ran)?;
        metaverse_untouched(ran)?;
        others_untouched(world, ran)?;
        deletions(world, ran)?;
        imported(world, ran)
    } else if ran.profile.ends_with("sync") {
        nothing_sent(world, ran)?;
        values(world, ran)?;
        filtered(world, ran)?;
        let_go(world, ran)?;
        ended(world, ran)
    } else {
        metaverse_untouched(ran)?;
        others_untouched(world, ran)?;
        sent(world, ran)?;
        arrived(world, ran)
    }
}

fn nothing_sent(world: &World, ran: &Ran<'_>) -> Verdict {
    let now: Vec<u64> = world.systems.iter().map(|s| s.contents().version()).collect();
    if now == ran.versions {
        return Ok(());
    }
    broken("only an export changes a connected system", ran.profile)
}

fn metaverse_untouched(ran: &Ran<'_>) -> Verdict {
    if ran.before.mv == ran.after.mv {
        return Ok(());
    }
    broken("only synchronization changes the metaverse", ran.profile)
}

fn others_untouched(world: &World, ran: &Ran<'_>) -> Verdict {
    let others = |picture: &Picture| -> Vec<CsObject> {
        let objects = picture.cs.values().filter(|o| world.place_of(o.id) != ran.place);
        objects.cloned().collect()
    };
    if others(ran.before) == others(ran.after) {
        return Ok(());
    }
    broken("imports and exports touch one connector space", ran.profile)
}

fn own<'a>(world: &World, picture: &'a Picture, place: usize) -> Vec<&'a CsObject> {
    picture.cs.values().filter(|object| world.place_of(object.id) == place).collect()
}

/// After a whole import the connector space is what the connected system is.
fn imported(world: &World, ran: &Ran<'_>) -> Verdict {
    let is_whole = matches!(ran.result, Some(StepResult::Success | StepResult::CompletedWarnings));
    match world.systems.get(ran.place).filter(|_| is_whole) {
        Some(_) => same_as_system(world, ran.after, ran.place),
        None => Ok(()),
    }
}

/// Every object of the connected system is there as it is, and no other.
pub(super) fn same_as_system(world: &World, picture: &Picture, place: usize) -> Verdict {
    const LAW: &str = "a whole import shows the connected system as it is";
    let Some(system) = world.systems.get(place) else { return Ok(()) };
    let contents = system.contents();
    let space = own(world, picture, place);
    for (anchor, image) in &contents.objects {
        let found = space.iter().find(|object| object.anchor.as_ref() == Some(anchor));
        let is_same = found.is_some_and(|object| {
            object.imported.as_ref() == Some(&image.attributes)
                && object.dn == image.dn
                && object.object_type == image.object_type
                && !object.is_gone()
        });
        if !is_same {
            let found = found.map_or_else(|| "nothing".to_owned(), |object| line(world, object));
            return broken(LAW, format!("{image:?} is there, and {found}"));
        }
    }
    let stray = space.iter().find(|object| {
        let is_there = object.anchor.as_ref().is_some_and(|a| contents.objects.contains_key(a));
        object.imported.is_some() && !is_there && !object.is_gone()
    });
    stray.map_or(Ok(()), |object| broken(LAW, format!("{} is not there", line(world, object))))
}

/// Only what is gone counts as gone, and only when the read was whole and within the limit.
fn deletions(world: &World, ran: &Ran<'_>) -> Verdict {
    let Some(system) = world.systems.get(ran.place) else { return Ok(()) };
    let contents = system.contents();
    let mut gone = 0;
    for before in own(world, ran.before, ran.place) {
        let after = ran.after.cs.get(&before.id);
        let newly = !before.is_gone() && after.is_none_or(CsObject::is_gone);
        let Some(anchor) = before.anchor.as_ref().filter(|_| newly) else { continue };
        if contents.objects.contains_key(anchor) {
            return broken("nothing that exists counts as deleted", line(world, before));
        }
        gone += usize::from(after.is_some());
        let is_whole =
            matches!(ran.result, None | Some(StepResult::Success | StepResult::CompletedWarnings));
        if !is_whole {
            let detail = format!("{:?}: {}", ran.result, line(world, before));
            return broken("an incomplete read deletes nothing", detail);
        }
    }
    match world.deletions_max(ran.place) {
        Some(max) if gone > max => {
            broken("no run deletes more than its limit", format!("{gone} instead of {max}"))
        }
        _ => Ok(()),
    }
}

/// Metaverse objects hold what the rules make of what synchronization has seen.
fn values(world: &World, ran: &Ran<'_>) -> Verdict {
    ran.after.mv.values().try_for_each(|mv| right_values(world, ran.after, mv))
}

/// Checks the values of one metaverse object, unless something of it still waits.
pub(super) fn right_values(world: &World, picture: &Picture, mv: &MvObject) -> Verdict {
    let links = linked(picture, mv.id);
    if links.iter().any(|object| object.needs_sync || object.pending_import.is_some()) {
        return Ok(());
    }
    let Some(expected) = attributes(world, &links) else { return Ok(()) };
    let names: BTreeSet<&str> =
        expected.keys().copied().chain(mv.attributes.keys().map(|n| n.as_str())).collect();
    for name in names {
        let (wanted, found) = (expected.get(name), mv.attributes.get(name));
        let is_right = match (wanted, found) {
            (Some(wanted), Some(found)) => {
                wanted.values == found.values
                    && wanted.object == found.lineage.object
                    && found.lineage.rule == *wanted.rule
            }
            (None, None) => true,
            _ => false,
        };
        if !is_right {
            let links: Vec<String> = links.iter().map(|object| line(world, object)).collect();
            let detail = format!(
                "{name} of {} should be {wanted:?} and is {found:?}; linked: {links:#?}",
                mv.id
            );
            return broken("metaverse values are what rules and links make them", detail);
        }
    }
    Ok(())
}

/// Everything synchronized whole is filtered exactly when the filter matches.
fn filtered(world: &World, ran: &Ran<'_>) -> Verdict {
    let is_whole = ran.profile == "full-sync" && ran.result.is_some_and(StepResult::is_completed);
    if !is_whole {
        return Ok(());
    }
    own(world, ran.after, ran.place).into_iter().try_for_each(|object| right_filter(world, object))
}

/// Checks the filter of one object, unless it could not be synchronized.
pub(super) fn right_filter(world: &World, object: &CsObject) -> Verdict {
    let Some(imported) = &object.imported else { return Ok(()) };
    let Some(connector) = world.scenario.connectors.get(world.place_of(object.id)) else {
        return Ok(());
    };
    let waits = object.import_error.is_some() || object.pending_import.is_some();
    if waits || is_explicit(object) || object.object_type == "container" {
        return Ok(());
    }
    let is_filtered = object.state == CsState::Disconnector(DisconnectorKind::Filtered);
    if connector.filters(&object.object_type, imported) == is_filtered {
        return Ok(());
    }
    broken("the connector filter takes out exactly what matches", line(world, object))
}

/// Objects of other connectors that were let go are what their connector's option says.
fn let_go(world: &World, ran: &Ran<'_>) -> Verdict {
    for before in ran.before.cs.values() {
        let place = world.place_of(before.id);
        let after = ran.after.cs.get(&before.id).filter(|after| after.state.mv().is_none());
        let (Some(after), Some(connector)) = (after, world.scenario.connectors.get(place)) else {
            continue;
        };
        if before.state.mv().is_none() || place == ran.place {
            continue;
        }
        let leaves =
            after.export.pending.as_ref().is_some_and(|d| d.operation == WriteOperation::Delete);
        let is_right = match connector.deprovisioning {
            Deprovisioning::Disconnect => {
                after.state == CsState::Disconnector(DisconnectorKind::Normal) && !leaves
            }
            Deprovisioning::DisconnectForGood => {
                after.state == CsState::Disconnector(DisconnectorKind::Explicit) && !leaves
            }
            Deprovisioning::Delete => {
                after.state == CsState::Disconnector(DisconnectorKind::Explicit) && leaves
            }
        };
        if !is_right {
            let detail = format!("{:?}: {}", connector.deprovisioning, line(world, after));
            return broken("what is let go becomes what its connector says", detail);
        }
    }
    Ok(())
}

/// A metaverse object goes when its deletion rule says so.
fn ended(world: &World, ran: &Ran<'_>) -> Verdict {
    let Deletion::Any(any) = &world.scenario.deletion else { return Ok(()) };
    if !any.contains(&ran.place) || !ran.result.is_some_and(StepResult::is_completed) {
        return Ok(());
    }
    for before in own(world, ran.before, ran.place) {
        let Some(mv) = before.state.mv().filter(|mv| ran.after.mv.contains_key(mv)) else {
            continue;
        };
        let was_lost = match ran.after.cs.get(&before.id) {
            None => before.is_gone(),
            Some(after) => {
                let filtered = CsState::Disconnector(DisconnectorKind::Filtered);
                after.state.mv() != Some(mv) && (is_retyped(before) || after.state == filtered)
            }
        };
        if was_lost {
            let detail = format!("{mv} is still there without {}", line(world, before));
            return broken("a metaverse object goes when its deletion rule says so", detail);
        }
    }
    Ok(())
}

/// Only what was staged is sent.
fn sent(world: &World, ran: &Ran<'_>) -> Verdict {
    let space = own(world, ran.before, ran.place);
    let mut deletions = 0;
    for write in ran.writes {
        let is_meant = |object: &&&CsObject| match &write.anchor {
            Some(anchor) => object.anchor.as_ref() == Some(anchor),
            None => object.anchor.is_none() && object.dn == write.dn,
        };
        let object = space.iter().find(is_meant);
        let stages = object.map(|o| [o.export.escrow.as_ref(), o.export.pending.as_ref()]);
        let mut stages = stages.into_iter().flatten().flatten().peekable();
        if stages.peek().is_none() || !stages.any(|delta| covers(delta, write)) {
            let detail = format!("{write:?} of {:?}", object.map(|object| line(world, object)));
            return broken("only what was staged is sent", detail);
        }
        deletions += usize::from(write.verb == "delete");
    }
    match world.deletions_max(ran.place) {
        Some(max) if deletions > max => {
            broken("no run deletes more than its limit", format!("{deletions} instead of {max}"))
        }
        _ => Ok(()),
    }
}

/// True if the write does what a stage wants, at least in part.
fn covers(delta: &ExportDelta, write: &Written) -> bool {
    let is_deletion = delta.operation == WriteOperation::Delete;
    if is_deletion || write.verb == "delete" {
        return is_deletion && write.verb == "delete";
    }
    let values = write.values.iter();
    let wanted = |(name, values): (&model::Name, &Option<model::Values>)| match delta
        .changes
        .get(name)
        .map(|change| &change.value)
    {
        Some(ExportValue::Set(wanted)) => values.as_ref() == Some(wanted),
        Some(ExportValue::Clear) => values.is_none(),
        Some(ExportValue::Secret) | None => false,
    };
    write.values.is_empty() || values.into_iter().any(wanted)
}

/// What counts as sent has arrived.
fn arrived(world: &World, ran: &Ran<'_>) -> Verdict {
    let Some(system) = world.systems.get(ran.place) else { return Ok(()) };
    let contents = system.contents();
    for after in own(world, ran.after, ran.place) {
        let before = ran.before.cs.get(&after.id).and_then(|o| o.export.unconfirmed.as_ref());
        let Some(delta) = after.export.unconfirmed.as_ref().filter(|d| Some(*d) != before) else {
            continue;
        };
        let object = after.anchor.as_ref().and_then(|anchor| contents.objects.get(anchor));
        let news = delta.changes.iter().filter(|(name, change)| {
            before.is_none_or(|before| before.changes.get(*name) != Some(*change))
        });
        let has_all = object.is_some_and(|object| {
            news.into_iter().all(|(name, change)| match &change.value {
                ExportValue::Set(values) => object.attributes.get(name) == Some(values),
                ExportValue::Clear => object.attributes.get(name).is_none(),
                ExportValue::Secret => false,
            })
        });
        let is_right =
            if delta.operation == WriteOperation::Delete { object.is_none() } else { has_all };
        if !is_right {
            let detail = format!("{} and {object:?}", line(world, after));
            return broken("what counts as sent has arrived", detail);
        }
    }
    Ok(())
}
