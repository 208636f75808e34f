//! What becomes of a connector that is let go.

use model::Name;
use rules::Deprovisioning;
use store::{CsObject, CsState, DisconnectorKind, WriteOperation};

use super::containers;
use super::draft::{Draft, Stop, connector_of};
use super::trace::Deprovisioned;

/// Nobody wants anything of the object any more: nothing is sent, nor sent again.
pub(super) fn let_be(object: &mut CsObject) {
    object.export.pending = None;
    object.export.escrow = None;
    object.export.error = None;
}

/// Lets an object go by its connector's option. One that was never exported just vanishes, and so
/// does one whose creation is in doubt unless it is to be deleted: if it was created after all, the
/// next import brings it in as what it is then.
pub(super) fn deprovision(
    draft: &mut Draft<'_>,
    object: &CsObject,
    cause: &Name,
) -> Result<(), Stop> {
    let option = draft.connector(connector_of(object.id))?.document.deprovisioning;
    let_go(draft, object, cause, option)
}

/// Lets an object go and has it deleted, whatever its connector's option is.
pub(super) fn delete(draft: &mut Draft<'_>, object: &CsObject, cause: &Name) -> Result<(), Stop> {
    let_go(draft, object, cause, Deprovisioning::Delete)
}

fn let_go(
    draft: &mut Draft<'_>,
    object: &CsObject,
    cause: &Name,
    option: Deprovisioning,
) -> Result<(), Stop> {
    draft.record(|trace| {
        let (object, cause) = (object.id, cause.clone());
        trace.deprovisioned.push(Deprovisioned { object, cause, option });
    });
    let in_doubt = object.imported.is_none() && object.anchor.is_none();
    if object.is_never_exported() || (in_doubt && option != Deprovisioning::Delete) {
        draft.remove_cs(object.id);
        return Ok(());
    }
    let mut object = object.clone();
    let unanswered = object.export.escrow.take();
    let_be(&mut object);
    let kind = match option {
        Deprovisioning::MakeDisconnector => DisconnectorKind::Normal,
        Deprovisioning::MakeExplicitDisconnector => DisconnectorKind::Explicit,
        Deprovisioning::Delete => {
            containers::refuse_delete(draft, &object)?;
            object.export.pending = Some(draft.delta(WriteOperation::Delete, None, cause));
            // It may exist only because of what was in doubt.
            object.export.escrow = unanswered;
            DisconnectorKind::Explicit
        }
    };
    draft.unlink(&mut object, CsState::Disconnector(kind));
    Ok(())
}
