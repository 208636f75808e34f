//! What imports deliver when nothing happens.

use super::state::{State, add, export_one};
use super::{Broken, Fixture, Outcome, ensure, ensure_kind};
use crate::{ErrorKind, ImportEntry, ImportKind};

pub(super) async fn a_healthy_system_is_found_healthy(
    fixture: &dyn Fixture,
    _first: u32,
) -> Outcome {
    Ok(fixture.connector().check_health().await?)
}

pub(super) async fn a_full_import_is_complete(fixture: &dyn Fixture, first: u32) -> Outcome {
    let anchor = export_one(fixture, add(fixture, first)).await?;
    let state = State::full(fixture).await?;
    ensure(state.objects.contains_key(&anchor), || format!("{anchor} is missing"))?;
    state.equals_full(fixture).await
}

pub(super) async fn a_delta_without_changes_is_empty(fixture: &dyn Fixture, first: u32) -> Outcome {
    export_one(fixture, add(fixture, first)).await?;
    let mut state = State::full(fixture).await?;
    state.follow_exactly(fixture, &[]).await?;
    state.follow_exactly(fixture, &[]).await
}

pub(super) async fn a_watermark_of_another_kind_asks_for_a_full_import(
    fixture: &dyn Fixture,
    _first: u32,
) -> Outcome {
    for watermark in ["", "{}", "not a watermark"] {
        let kind = ImportKind::Delta { watermark: watermark.to_owned() };
        match fixture.connector().open_import(kind).await {
            Err(error) => ensure_kind(&error, ErrorKind::FullImportRequired)?,
            Ok(_) => return Err(Broken(format!("the watermark {watermark:?} was accepted"))),
        }
    }
    Ok(())
}

pub(super) async fn an_unknown_anchor_is_deleted(fixture: &dyn Fixture, first: u32) -> Outcome {
    let known = export_one(fixture, add(fixture, first)).await?;
    let unknown = fixture.unknown_anchor();
    let mut session = fixture.connector().open_import(ImportKind::Full).await?;
    let entries = session.fetch(&[unknown.clone(), known.clone()]).await?;
    let is_deleted =
        |e: &ImportEntry| matches!(e, ImportEntry::Deleted { anchor } if *anchor == unknown);
    let is_found =
        |e: &ImportEntry| matches!(e, ImportEntry::Object(i) if i.anchor.as_ref() == Some(&known));
    let is_right =
        entries.len() == 2 && entries.iter().any(is_deleted) && entries.iter().any(is_found);
    ensure(is_right, || format!("fetching an unknown and a known anchor gave {entries:?}"))
}
