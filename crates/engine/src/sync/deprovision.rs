//! What becomes of a connector that is let go.

use model::Name;
use rules::Deprovisioning;
use store::{CsObject, CsState, DisconnectorKind, WriteOperation};

use super::draft::{Draft, Stop, connector_of};

/// Lets an object go by its connector's option. One that was never exported just vanishes.
pub(super) fn deprovision(
    draft: &mut Draft<'_>,
    mut object: CsObject,
    cause: &Name,
) -> Result<(), Stop> {
    if object.is_never_exported() {
        draft.remove_cs(object.id);
        return Ok(());
    }
    let option = draft.connector(connector_of(object.id))?.document.deprovisioning;
    object.export.pending = None;
    object.export.error = None;
    let kind = match option {
        Deprovisioning::MakeDisconnector => DisconnectorKind::Normal,
        Deprovisioning::MakeExplicitDisconnector => DisconnectorKind::Explicit,
        Deprovisioning::Delete => {
            object.export.pending = Some(draft.delta(WriteOperation::Delete, None, cause));
            DisconnectorKind::Explicit
        }
    };
    draft.unlink(&mut object, CsState::Disconnector(kind));
    Ok(())
}
