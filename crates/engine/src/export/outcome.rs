//! What an outcome does to the stages of an object. Pure.

use connector::{ExportError, ExportOutcome};
use model::Timestamp;
use store::{CsObject, ExportDelta, ExportValue, ObjectError, WriteOperation};

use super::operation::merge;

/// The object after its operation came back. `in_doubt` says that an earlier attempt had an unknown
/// outcome; only an answer ends that.
pub(super) fn record(
    before: &CsObject,
    outcome: &ExportOutcome,
    in_doubt: bool,
    now: Timestamp,
) -> CsObject {
    let mut object = before.clone();
    match outcome {
        ExportOutcome::Success { anchor } => {
            if anchor.is_some() {
                object.anchor.clone_from(anchor);
            }
            object.export.error = None;
            let mut sent = object.export.escrow.take();
            if in_doubt && let Some(unsent) = sent.as_mut().and_then(split_clears) {
                object.export.pending = merge(Some(unsent), object.export.pending.take());
            }
            let earlier = object.export.unconfirmed.take();
            object.export.unconfirmed = sent.and_then(|sent| awaiting(earlier, sent));
        }
        ExportOutcome::Failed(error) => {
            take_back(&mut object);
            object.export.error = Some(failure(before, error, now));
            // Only what was never created can give way to what was joined meanwhile.
            object.needs_sync |= in_doubt && is_planned(&object);
        }
        ExportOutcome::NotSent if !in_doubt => take_back(&mut object),
        ExportOutcome::NotSent | ExportOutcome::InDoubt => {}
    }
    object
}

/// A creation says nothing of attributes without a value. If it was in doubt, and an earlier attempt
/// had arrived with one that is to be cleared since, that is still to be done.
fn split_clears(sent: &mut ExportDelta) -> Option<ExportDelta> {
    if sent.operation != WriteOperation::Add {
        return None;
    }
    let mut unsent = ExportDelta { operation: WriteOperation::Update, ..sent.clone() };
    unsent.new_dn = None;
    unsent.changes.retain(|_, change| change.value == ExportValue::Clear);
    sent.changes.retain(|_, change| change.value != ExportValue::Clear);
    (!unsent.changes.is_empty()).then_some(unsent)
}

/// What was not carried out is pending again, together with what was left out of it.
fn take_back(object: &mut CsObject) {
    let (sent, left_out) = (object.export.escrow.take(), object.export.pending.take());
    object.export.pending = merge(sent, left_out);
}

/// True for an object that somebody wants and that was not created.
fn is_planned(object: &CsObject) -> bool {
    object.is_never_exported() && object.state.mv().is_some()
}

/// True for an object that was deleted before anybody learnt its anchor: no delta import can ever
/// name it, so there is nothing to wait for.
pub(super) fn is_gone_for_good(object: &CsObject) -> bool {
    let deleted = object.export.unconfirmed.as_ref();
    object.imported.is_none()
        && object.anchor.is_none()
        && deleted.is_some_and(|delta| delta.operation == WriteOperation::Delete)
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

/// An object whose operation could not even be made: the stages stay as they are.
pub(super) fn refuse(before: &CsObject, error: &ExportError, now: Timestamp) -> CsObject {
    let mut object = before.clone();
    object.export.error = Some(failure(before, error, now));
    object
}

fn failure(before: &CsObject, error: &ExportError, now: Timestamp) -> ObjectError {
    let error_type = error.error_type.as_str();
    let previous = before.export.error.as_ref().filter(|p| p.error_type == error_type);
    ObjectError {
        error_type: error_type.to_owned(),
        step: "export".to_owned(),
        message: error.message.clone(),
        code: error.code.clone(),
        rule: before
            .export
            .escrow
            .as_ref()
            .or(before.export.pending.as_ref())
            .map(|d| d.cause.clone()),
        first_occurred: previous.map_or(now, |p| p.first_occurred),
        count: previous.map_or(0, |p| p.count) + 1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use connector::ExportErrorType;
    use model::{ConnectorId, CsId, Name, RunId, Values};
    use store::{CsState, DisconnectorKind, ExportChange, ExportStages};

    use super::*;

    fn delta(operation: WriteOperation, attributes: &[&str]) -> ExportDelta {
        let change = |value| ExportChange { value, rule: Name::new("out") };
        let changes = attributes.iter().map(|name| {
            let secret = *name == "unicodePwd";
            let value =
                if secret { ExportValue::Secret } else { ExportValue::Set(Values::one("x")) };
            (Name::new(name), change(value))
        });
        let changes: BTreeMap<Name, ExportChange> = changes.collect();
        let cause = Name::new("out");
        ExportDelta { operation, new_dn: None, changes, mv: None, cause, run: RunId(1) }
    }

    fn sent(operation: WriteOperation, attributes: &[&str]) -> CsObject {
        let escrow = Some(delta(operation, attributes));
        CsObject {
            id: CsId::new(ConnectorId(1), 1),
            object_type: Name::new("user"),
            anchor: None,
            dn: "CN=a".to_owned(),
            dn_key: "cn=a".to_owned(),
            state: CsState::Disconnector(DisconnectorKind::Normal),
            linked_by: None,
            imported: None,
            pending_import: None,
            export: ExportStages { escrow, ..ExportStages::default() },
            import_error: None,
            needs_sync: false,
            reference_retry: false,
        }
    }

    /// Where the delta is afterwards: pending, escrow, unconfirmed.
    fn stages(object: &CsObject) -> [bool; 3] {
        let export = &object.export;
        [export.pending.is_some(), export.escrow.is_some(), export.unconfirmed.is_some()]
    }

    #[test]
    fn outcomes_move_the_change_to_its_next_stage() {
        let now = Timestamp(0);
        let add = sent(WriteOperation::Add, &["mail", "unicodePwd"]);
        let success = ExportOutcome::Success { anchor: Some("g".to_owned()) };
        let done = record(&add, &success, false, now);
        assert_eq!((stages(&done), done.anchor.as_deref()), ([false, false, true], Some("g")));
        let awaited = done.export.unconfirmed.unwrap().changes;
        assert_eq!(awaited.keys().map(|n| n.as_str()).collect::<Vec<_>>(), ["mail"]);
        let password = sent(WriteOperation::Update, &["unicodePwd"]);
        assert_eq!(stages(&record(&password, &success, false, now)), [false, false, false]);
        for (outcome, in_doubt, expected) in [
            (ExportOutcome::InDoubt, false, [false, true, false]),
            (ExportOutcome::NotSent, false, [true, false, false]),
            (ExportOutcome::NotSent, true, [false, true, false]),
        ] {
            assert_eq!(stages(&record(&add, &outcome, in_doubt, now)), expected, "{outcome:?}");
        }
    }

    #[test]
    fn what_a_creation_in_doubt_was_to_clear_is_still_to_be_done() {
        let mut add = sent(WriteOperation::Add, &["mail", "title"]);
        let changes = &mut add.export.escrow.as_mut().unwrap().changes;
        changes.get_mut("title").unwrap().value = ExportValue::Clear;
        let success = ExportOutcome::Success { anchor: None };
        let done = record(&add, &success, true, Timestamp(0));
        assert_eq!(stages(&done), [true, false, true]);
        let (pending, awaited) = (done.export.pending.unwrap(), done.export.unconfirmed.unwrap());
        assert_eq!(pending.operation, WriteOperation::Update);
        let names = |delta: &ExportDelta| -> Vec<String> {
            delta.changes.keys().map(ToString::to_string).collect()
        };
        assert_eq!((names(&pending), names(&awaited)), (vec!["title".into()], vec!["mail".into()]));
        assert_eq!(stages(&record(&add, &success, false, Timestamp(0))), [false, false, true]);
    }

    #[test]
    fn the_same_failure_again_is_counted_and_another_one_begins_anew() {
        let error = |error_type| ExportError { error_type, code: None, message: "no".to_owned() };
        let fail = |object: &CsObject, error_type, second| {
            let outcome = ExportOutcome::Failed(error(error_type));
            record(object, &outcome, false, Timestamp::from_seconds(second))
        };
        let first = fail(&sent(WriteOperation::Add, &["mail"]), ExportErrorType::CdError, 1);
        assert_eq!(stages(&first), [true, false, false]);
        let count = |object: &CsObject| {
            let error = object.export.error.as_ref().unwrap();
            (error.count, error.first_occurred.seconds())
        };
        let again = fail(&first, ExportErrorType::CdError, 2);
        assert_eq!(count(&again), (2, 1));
        assert_eq!(count(&fail(&again, ExportErrorType::PermissionIssue, 3)), (1, 3));
        let refused = refuse(&again, &error(ExportErrorType::CdError), Timestamp(0));
        assert_eq!((count(&refused).0, stages(&refused)), (3, stages(&again)));
    }
}
