//! What one object's failure is called, and that it is that object's only.

use model::{AttributeChange, Changes, Values};

use super::state::{State, add, anchor_of, delete, error_of, export, export_one, update};
use super::{Fixture, Outcome, ensure};
use crate::{ExportErrorType, ExportKind, ExportOperation};

pub(super) async fn a_duplicate_is_an_existing_object(
    fixture: &dyn Fixture,
    first: u32,
) -> Outcome {
    let operation = add(fixture, first);
    let anchor = export_one(fixture, operation.clone()).await?;
    let mut state = State::full(fixture).await?;
    let outcomes = export(fixture, &[operation, add(fixture, first + 1)]).await?;
    let mut outcomes = outcomes.into_iter();
    let error = error_of(outcomes.next())?;
    ensure(error.error_type == ExportErrorType::CdExistingObject, || {
        format!("a duplicate is {error:?}")
    })?;
    let other = anchor_of(outcomes.next())?;
    state.follow_exactly(fixture, &[&other]).await?;
    state.shows(&anchor, &fixture.attributes(first))
}

pub(super) async fn a_missing_parent_fails_one_object_only(
    fixture: &dyn Fixture,
    first: u32,
) -> Outcome {
    let Some(dn) = fixture.orphan_dn(first) else { return Ok(()) };
    let orphan = ExportOperation { dn, ..add(fixture, first) };
    let outcomes = export(fixture, &[orphan, add(fixture, first + 1)]).await?;
    let mut outcomes = outcomes.into_iter();
    let error = error_of(outcomes.next())?;
    ensure(error.error_type == ExportErrorType::NonExistentParent, || {
        format!("a missing parent is {error:?}")
    })?;
    anchor_of(outcomes.next()).map(drop)
}

pub(super) async fn a_missing_object_fails_one_object_only(
    fixture: &dyn Fixture,
    first: u32,
) -> Outcome {
    let anchor = export_one(fixture, add(fixture, first)).await?;
    export_one(fixture, delete(fixture, first, &anchor)).await?;
    let change = AttributeChange::Set(Values::one("late"));
    let changes: Changes = [(fixture.text_attribute(), change)].into();
    let late = update(fixture, (first, &anchor), changes);
    let outcomes = export(fixture, &[late, add(fixture, first + 1)]).await?;
    let mut outcomes = outcomes.into_iter();
    let error = error_of(outcomes.next())?;
    ensure(error.error_type == ExportErrorType::CdMissingObject, || {
        format!("a missing object is {error:?}")
    })?;
    anchor_of(outcomes.next()).map(drop)
}

pub(super) async fn an_add_in_doubt_adopts_what_is_there(
    fixture: &dyn Fixture,
    first: u32,
) -> Outcome {
    let anchor = export_one(fixture, add(fixture, first)).await?;
    let mut state = State::full(fixture).await?;
    let mut attributes = fixture.attributes(first);
    attributes.set_one(&fixture.text_attribute(), "as wanted");
    let kind = ExportKind::Add { attributes: attributes.clone() };
    let again = ExportOperation { kind, in_doubt: true, ..add(fixture, first) };
    for _ in 0..2 {
        let adopted = export_one(fixture, again.clone()).await?;
        ensure(adopted == anchor, || format!("{adopted} came about beside {anchor}"))?;
    }
    state.follow_exactly(fixture, &[&anchor]).await?;
    state.shows(&anchor, &attributes)
}

pub(super) async fn an_add_in_doubt_creates_what_is_not_there(
    fixture: &dyn Fixture,
    first: u32,
) -> Outcome {
    let mut state = State::full(fixture).await?;
    let operation = ExportOperation { in_doubt: true, ..add(fixture, first) };
    let anchor = export_one(fixture, operation).await?;
    state.follow_exactly(fixture, &[&anchor]).await?;
    state.shows(&anchor, &fixture.attributes(first))
}

pub(super) async fn a_repeated_update_succeeds(fixture: &dyn Fixture, first: u32) -> Outcome {
    let anchor = export_one(fixture, add(fixture, first)).await?;
    let mut state = State::full(fixture).await?;
    let set = AttributeChange::Set(Values::one("twice"));
    let mut changes: Changes = [(fixture.text_attribute(), set)].into();
    if let Some(name) = fixture.multi_attribute() {
        let update =
            AttributeChange::Update { add: vec!["new".into()], remove: vec!["old".into()] };
        changes.insert(name, update);
    }
    let operation = update(fixture, (first, &anchor), changes);
    export_one(fixture, operation.clone()).await?;
    export_one(fixture, ExportOperation { in_doubt: true, ..operation }).await?;
    state.follow_exactly(fixture, &[&anchor]).await?;
    let mut wanted = fixture.attributes(first);
    wanted.set_one(&fixture.text_attribute(), "twice");
    if let Some(name) = fixture.multi_attribute() {
        wanted.remove(&name);
    }
    state.shows(&anchor, &wanted)
}
