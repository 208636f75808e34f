//! What an outcome does to the stages of an object. Pure.

use connector::{ExportError, ExportOutcome};
use model::Timestamp;
use store::{CsObject, ExportDelta, ExportValue, ObjectError, WriteOperation};

/// The object after its operation came back.
pub(super) fn record(before: &CsObject, outcome: &ExportOutcome, now: Timestamp) -> CsObject {
    let mut object = before.clone();
    match outcome {
        ExportOutcome::Success { anchor } => {
            if anchor.is_some() {
                object.anchor.clone_from(anchor);
            }
            object.export.error = None;
            let sent = object.export.escrow.take();
            let earlier = object.export.unconfirmed.take();
            object.export.unconfirmed = sent.and_then(|sent| awaiting(earlier, sent));
        }
        ExportOutcome::Failed(error) => {
            object.export.pending = object.export.escrow.take();
            object.export.error = Some(failure(before, error, now));
        }
        ExportOutcome::NotSent => object.export.pending = object.export.escrow.take(),
        ExportOutcome::InDoubt => {}
    }
    object
}

/// What waits for an import: everything sent but secrets, which no import shows.
fn awaiting(earlier: Option<ExportDelta>, mut sent: ExportDelta) -> Option<ExportDelta> {
    sent.changes.retain(|_, change| change.value != ExportValue::Secret);
    match (sent.operation, earlier) {
        (WriteOperation::Update, Some(mut earlier)) => {
            earlier.changes.extend(sent.changes);
            earlier.new_dn = sent.new_dn.or(earlier.new_dn);
            Some(earlier)
        }
        (WriteOperation::Update, None) => {
            (!sent.changes.is_empty() || sent.new_dn.is_some()).then_some(sent)
        }
        (WriteOperation::Add | WriteOperation::Delete, _) => Some(sent),
    }
}

fn failure(before: &CsObject, error: &ExportError, now: Timestamp) -> ObjectError {
    let error_type = error.error_type.as_str();
    let previous = before.export.error.as_ref().filter(|p| p.error_type == error_type);
    ObjectError {
        error_type: error_type.to_owned(),
        step: "export".to_owned(),
        message: error.message.clone(),
        code: error.code.clone(),
        rule: before.export.escrow.as_ref().map(|delta| delta.cause.clone()),
        first_occurred: previous.map_or(now, |p| p.first_occurred),
        count: previous.map_or(0, |p| p.count) + 1,
    }
}
