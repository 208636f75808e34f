//! What an administrator decides about one object, as the account joiner lets him: links made and cut
//! by hand, and objects that synchronization is to leave alone. Flows and provisioning follow in the
//! same plan.

use std::collections::BTreeMap;

use model::{MvId, Name};
use store::{ConnectorKind, CsObject, CsState, DisconnectorKind, MvObject, Shares};

use super::connect;
use super::draft::{Draft, Stop};
use super::plan::{self, Fresh, Linking};

/// What stands for the rule where an administrator made the link; the word is MIM's.
const ACCOUNT_JOINER: &str = "account joiner";

/// What an administrator decides about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is linked to this metaverse object, as an explicit connector.
    Join(MvId),
    /// It becomes a new metaverse object of this type, as an explicit connector.
    Project(Name),
    /// Its link is cut.
    Disconnect {
        /// Synchronization leaves it alone then; otherwise it may be joined again at once.
        is_explicit: bool,
    },
    /// What it is, connector or disconnector, it is explicitly, or no longer.
    Set {
        /// Explicitly.
        is_explicit: bool,
    },
}

/// Plans the decision. Gives the inbound counter, where there is one.
pub(super) fn decide(
    draft: &mut Draft<'_>,
    object: CsObject,
    decision: &Decision,
    fresh: Option<Fresh>,
) -> Result<Option<&'static str>, Stop> {
    match decision {
        Decision::Join(mv) => link(draft, object, *mv, &Linking::Join).map(Some),
        Decision::Project(object_type) => {
            let Some(fresh) = fresh else { return Ok(None) };
            draft.put_mv(MvObject {
                id: fresh.id,
                uid: fresh.uid,
                object_type: object_type.clone(),
                attributes: BTreeMap::new(),
                shares: Shares::new(),
            });
            link(draft, object, fresh.id, &Linking::Projection).map(Some)
        }
        Decision::Disconnect { is_explicit } => {
            disconnect(draft, object, *is_explicit)?;
            Ok(None)
        }
        Decision::Set { is_explicit } => {
            set(draft, object, *is_explicit);
            Ok(None)
        }
    }
}

/// Links the object. All that imports know of it flows.
fn link(
    draft: &mut Draft<'_>,
    mut object: CsObject,
    mv: MvId,
    linking: &Linking,
) -> Result<&'static str, Stop> {
    object.pending_import = None;
    object.import_error = None;
    object.needs_sync = false;
    object.reference_retry = false;
    plan::connect(&mut object, mv, &Name::new(ACCOUNT_JOINER));
    object.state = CsState::Connector { mv, kind: ConnectorKind::Explicit };
    connect::keep(&mut object);
    draft.put_cs(object);
    let flowed = plan::flow(draft, mv)?;
    let ended = draft.mv(mv)?.is_none();
    Ok(plan::connector_counter(Some(linking), flowed, ended))
}

/// Cuts the link. What exists only because provisioning wants it, and was never sent, goes with it.
fn disconnect(draft: &mut Draft<'_>, mut object: CsObject, is_explicit: bool) -> Result<(), Stop> {
    let Some(mv) = object.state.mv() else { return Ok(()) };
    if object.imported.is_none() && object.anchor.is_none() {
        draft.remove_cs(object.id);
        plan::after_disconnect(draft, mv, object.id.connector())?;
        return Ok(());
    }
    plan::disconnect(draft, &mut object, mv, disconnector(is_explicit))?;
    Ok(())
}

/// One that is to be deleted and becomes a normal disconnector is not deleted any more: a rule may
/// link it again.
fn set(draft: &mut Draft<'_>, mut object: CsObject, is_explicit: bool) {
    object.state = match object.state {
        CsState::Connector { mv, .. } => {
            let kind = if is_explicit { ConnectorKind::Explicit } else { ConnectorKind::Normal };
            CsState::Connector { mv, kind }
        }
        CsState::Disconnector(_) => CsState::Disconnector(disconnector(is_explicit)),
        CsState::Placeholder => CsState::Placeholder,
    };
    if !is_explicit {
        connect::keep(&mut object);
    }
    draft.put_cs(object);
}

const fn disconnector(is_explicit: bool) -> DisconnectorKind {
    if is_explicit { DisconnectorKind::Explicit } else { DisconnectorKind::Normal }
}
