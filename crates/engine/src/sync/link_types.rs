//! Links as Entra Connect has them: a connector stays one while a rule links it, and a metaverse object
//! lives while a rule that provisions or sticks links one of its connectors.
//!
//! Only inbound rules that have a link type do this; without any for a metaverse type, links are for
//! good and deletion rules decide.

use model::Name;
use rules::{Direction, LinkType, Rule};
use store::{ConnectorKind, CsObject, CsState, MvObject};

use super::deprovision;
use super::draft::{Draft, Stop, connector_of};
use super::import_flow::{Seen, seen};
use super::view::{CsView, MvView};

/// True if a connector was linked by an inbound rule with a link type, and no such rule links it any
/// more.
pub(super) fn is_loose(draft: &Draft<'_>, cs: &CsObject, object_type: &Name) -> Result<bool, Stop> {
    let CsState::Connector { kind: ConnectorKind::Normal, .. } = cs.state else {
        return Ok(false);
    };
    let rule = cs.linked_by.as_ref().and_then(|rule| draft.policy.rules.get(rule));
    let is_entra = |rule: &Rule| rule.direction == Direction::Inbound && rule.link.is_some();
    if !rule.is_some_and(is_entra) {
        return Ok(false);
    }
    Ok(!links(draft, cs, object_type)?.any(|_| true))
}

/// True if nothing keeps a metaverse object any more.
pub(super) fn is_unkept(draft: &Draft<'_>, object: &MvObject) -> Result<bool, Stop> {
    if !draft.policy.rules.has_links(&object.object_type) {
        return Ok(false);
    }
    for cs in draft.linked(object.id)? {
        if keeps(draft, &cs, object)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An administrator's link keeps the metaverse object, as does one by a rule without a link type, or by
/// one that is no longer there.
fn keeps(draft: &Draft<'_>, cs: &CsObject, object: &MvObject) -> Result<bool, Stop> {
    if matches!(cs.state, CsState::Connector { kind: ConnectorKind::Explicit, .. }) {
        return Ok(true);
    }
    let by = cs.linked_by.as_ref().map(|rule| draft.policy.rules.get(rule));
    match by {
        Some(Some(rule)) if rule.direction == Direction::Inbound && rule.link.is_none() => {
            return Ok(true);
        }
        Some(None) => return Ok(true),
        _ => {}
    }
    Ok(links(draft, cs, &object.object_type)?.any(LinkType::keeps))
}

/// The link types of the inbound rules that apply to an object.
fn links<'a>(
    draft: &Draft<'a>,
    cs: &CsObject,
    object_type: &Name,
) -> Result<impl Iterator<Item = LinkType> + use<'a>, Stop> {
    let connector = draft.connector(connector_of(cs.id))?;
    let mut found = Vec::new();
    if let Some(Seen { image, object_type: own_type, dn }) = seen(draft, cs) {
        let view = CsView::new(&image, dn);
        let rules = draft.policy.rules.inbound(&connector.name, own_type).iter();
        let applying =
            rules.filter(|rule| rule.metaverse == *object_type && rule.scope.holds(&view));
        found.extend(applying.filter_map(|rule| rule.link));
    }
    Ok(found.into_iter())
}

/// Ends a metaverse object: everything linked to it is let go, and what a rule provisions deleted.
/// The object being synchronized just loses its link.
pub(super) fn end(draft: &mut Draft<'_>, object: &MvObject) -> Result<(), Stop> {
    let cause = Name::new("metaverse object deletion");
    for cs in draft.linked(object.id)? {
        if cs.id == draft.source {
            let mut cs = CsObject::clone(&cs);
            deprovision::let_be(&mut cs);
            draft.unlink(&mut cs, CsState::Disconnector(store::DisconnectorKind::Normal));
        } else if is_provisioned(draft, &cs, object)? {
            deprovision::delete(draft, &cs, &cause)?;
        } else {
            deprovision::deprovision(draft, &cs, &cause)?;
        }
    }
    draft.remove_mv(object.id);
    Ok(())
}

/// True if an outbound rule that provisions applies to a metaverse object and writes to the connector's
/// kind of objects.
fn is_provisioned(draft: &Draft<'_>, cs: &CsObject, object: &MvObject) -> Result<bool, Stop> {
    let connector = draft.connector(connector_of(cs.id))?;
    let view = MvView::new(object);
    let mut rules = draft.policy.rules.outbound(&object.object_type).iter();
    Ok(rules.any(|rule| {
        rule.link == Some(LinkType::Provision)
            && rule.connector == connector.name
            && rule.object == cs.object_type
            && rule.scope.holds(&view)
    }))
}
