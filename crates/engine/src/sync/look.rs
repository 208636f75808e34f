//! What synchronizing one object would do. Nothing is written, not even ids are reserved.

use std::collections::BTreeSet;

use model::{ConnectorId, CsId, MvId, RunId, Timestamp};
use store::{CsObject, MvObject, RunError, Store, StoreError};

use super::batch::{Shared, SyncBatch};
use super::changed::Recent;
use super::draft::Moment;
use super::plan::Fresh;
use super::trace::Trace;
use crate::setup::Policy;

/// The id of a metaverse object that would be made: no object ever has it.
const TO_BE_MADE: MvId = MvId(i64::MAX);

/// Everything a preview is made of.
pub(crate) struct Look {
    pub(crate) trace: Trace,
    pub(crate) counter: Option<&'static str>,
    pub(crate) outbound: Vec<(ConnectorId, &'static str)>,
    pub(crate) error: Option<RunError>,
    /// Connector-space objects that had a part in it, before and after.
    pub(crate) cs: Vec<(CsId, Option<CsObject>, Option<CsObject>)>,
    /// Metaverse objects likewise.
    pub(crate) mv: Vec<(MvId, Option<MvObject>, Option<MvObject>)>,
}

/// Plans the object as a synchronization would that begins now.
pub(crate) async fn look(
    store: &dyn Store,
    policy: Policy<'_>,
    (now, seed): (Timestamp, u64),
    object: CsObject,
    is_full: bool,
) -> Result<Look, StoreError> {
    let moment = Moment {
        run: RunId(0),
        now,
        seed,
        hasher: store.hasher(),
        full: is_full,
        retry: false,
        decision: None,
    };
    // Nothing is written, so it makes no difference by what steadiness would be found out.
    let mut shared = Shared::new(policy, "", store.hasher());
    let batch = SyncBatch::new(store, policy, moment, &mut shared, Recent::default());
    let fresh = Fresh { id: TO_BE_MADE, uid: store.hasher().uid(TO_BE_MADE) };
    let (source, name) = (object.id, object.dn.clone());
    let (plan, trace, facts) = batch.look(object, fresh).await?;
    let error = plan.error.map(|error| error.of_run(source, name));
    let mut seen: BTreeSet<CsId> = plan.cs.keys().copied().collect();
    seen.extend(trace.import_flow.iter().map(|given| given.object));
    seen.extend(trace.export_flow.iter().map(|(id, _)| *id));
    seen.extend(trace.deprovisioned.iter().map(|gone| gone.object));
    let cs = seen.into_iter().map(|id| {
        let before = facts.cs(id).map(|object| CsObject::clone(object));
        let after = match plan.cs.get(&id) {
            Some(after) => after.as_ref().map(|object| CsObject::clone(object)),
            None => before.clone(),
        };
        (id, before, after)
    });
    let cs = cs.collect();
    let mut seen: BTreeSet<MvId> = plan.mv.keys().copied().collect();
    seen.extend(trace.import_flow.iter().map(|given| given.mv));
    let mv = seen.into_iter().map(|id| {
        let before = facts.mv.get(&id).map(|object| MvObject::clone(object));
        let after = match plan.mv.get(&id) {
            Some(after) => after.as_ref().map(|object| MvObject::clone(object)),
            None => before.clone(),
        };
        (id, before, after)
    });
    let mv = mv.collect();
    Ok(Look { trace, counter: plan.counter, outbound: plan.outbound, error, cs, mv })
}
