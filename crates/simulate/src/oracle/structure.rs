//! What holds at every moment, also right after a death.

use std::collections::BTreeSet;

use store::{CsObject, CsState, WriteOperation};

use super::model::{line, linked};
use super::{Verdict, broken};
use crate::scenario::SECRET_MARK;
use crate::world::{Picture, World};

/// Checks the store by itself.
pub(crate) fn always(world: &World, picture: &Picture) -> Verdict {
    links(world, picture)?;
    anchors(world, picture)?;
    lineage(world, picture)?;
    exports(world, picture)?;
    secrets(picture)
}

fn links(world: &World, picture: &Picture) -> Verdict {
    for object in picture.cs.values() {
        match object.state {
            CsState::Connector { mv, .. } if !picture.mv.contains_key(&mv) => {
                return broken("a link leads to a metaverse object", line(world, object));
            }
            CsState::Disconnector(_) if object.is_never_exported() && !is_leaving(object) => {
                return broken("what was never sent is linked", line(world, object));
            }
            CsState::Placeholder if object.imported.is_some() => {
                return broken("a placeholder was never imported", line(world, object));
            }
            _ => {}
        }
    }
    for mv in picture.mv.values() {
        if linked(picture, mv.id).is_empty() {
            return broken("a metaverse object has a link", format!("{mv:?}"));
        }
    }
    Ok(())
}

/// True if the object's deletion waits, even if nobody knows whether its creation arrived.
fn is_leaving(object: &CsObject) -> bool {
    object.export.pending.as_ref().is_some_and(|delta| delta.operation == WriteOperation::Delete)
}

fn anchors(world: &World, picture: &Picture) -> Verdict {
    let mut seen = BTreeSet::new();
    for object in picture.cs.values() {
        let Some(anchor) = &object.anchor else { continue };
        if !seen.insert((object.id.connector(), anchor)) {
            return broken("an anchor is one object's", line(world, object));
        }
    }
    Ok(())
}

/// Every value names a linked object, and a rule that flows from there to this attribute.
fn lineage(world: &World, picture: &Picture) -> Verdict {
    for mv in picture.mv.values() {
        for (name, attribute) in &mv.attributes {
            let lineage = &attribute.lineage;
            let source = picture.cs.get(&lineage.object);
            let is_linked = source.is_some_and(|object| object.state.mv() == Some(mv.id));
            let place = world.place_of(lineage.object);
            let is_flow = world.scenario.rules.iter().any(|rule| {
                rule.inbound
                    && lineage.rule == *rule.name
                    && rule.connector == place
                    && rule.flows.iter().any(|flow| *name == *flow.to)
            });
            if !is_linked || !is_flow || lineage.run.0 < 1 {
                let detail = format!("{name} of {}: {lineage:?}", mv.id);
                return broken("every value names what it comes from", detail);
            }
        }
    }
    Ok(())
}

/// Every change that is to be sent names the rules that want it, and the metaverse object.
fn exports(world: &World, picture: &Picture) -> Verdict {
    let known = |name: &str| world.scenario.rules.iter().any(|rule| rule.name == *name);
    for object in picture.cs.values() {
        let Some(delta) = &object.export.pending else { continue };
        let is_deletion = delta.operation == WriteOperation::Delete;
        let has_source = if is_deletion {
            delta.mv.is_none() && object.state.mv().is_none()
        } else {
            delta.mv.is_some() && delta.mv == object.state.mv()
        };
        let is_ours = delta.changes.values().all(|change| known(&change.rule));
        if !has_source || !is_ours || delta.run.0 < 1 {
            return broken("every pending export names what it comes from", line(world, object));
        }
    }
    Ok(())
}

fn secrets(picture: &Picture) -> Verdict {
    let holds = |object: &&CsObject| format!("{object:?}").contains(SECRET_MARK);
    if let Some(object) = picture.cs.values().find(holds) {
        return broken("no secret is stored", format!("{object:?}"));
    }
    match picture.mv.values().find(|mv| format!("{mv:?}").contains(SECRET_MARK)) {
        Some(mv) => broken("no secret is stored", format!("{mv:?}")),
        None => Ok(()),
    }
}
