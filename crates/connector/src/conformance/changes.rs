//! What is exported is seen again, by a delta and by a full import.

use model::{AttributeChange, Changes, DnStyle, Name, Value, Values};

use super::state::{State, add, delete, export_one, update};
use super::{Broken, Fixture, Outcome, ensure};
use crate::{ExportKind, ExportOperation};

/// An object that the returned state shows, and its anchor.
async fn existing(fixture: &dyn Fixture, number: u32) -> Result<(String, State), Broken> {
    let anchor = export_one(fixture, add(fixture, number)).await?;
    Ok((anchor, State::full(fixture).await?))
}

fn change(name: &Name, change: AttributeChange) -> Changes {
    [(name.clone(), change)].into()
}

pub(super) async fn an_added_object_is_confirmed(fixture: &dyn Fixture, first: u32) -> Outcome {
    let mut state = State::full(fixture).await?;
    let anchor = export_one(fixture, add(fixture, first)).await?;
    state.follow_exactly(fixture, &[&anchor]).await?;
    state.shows(&anchor, &fixture.attributes(first))?;
    state.shows_dn(fixture, &anchor, &fixture.dn(first))?;
    state.equals_full(fixture).await
}

pub(super) async fn a_set_attribute_is_confirmed(fixture: &dyn Fixture, first: u32) -> Outcome {
    let (anchor, mut state) = existing(fixture, first).await?;
    let name = fixture.text_attribute();
    let mut wanted = fixture.attributes(first);
    // Whatever a directory might take for syntax.
    wanted.set_one(&name, "Ω (a=b), *c\\d / \"e\" + f; g");
    let values = wanted.get(&name).cloned();
    let values = values.ok_or_else(|| Broken("there is no value to set".to_owned()))?;
    let changes = change(&name, AttributeChange::Set(values));
    export_one(fixture, update(fixture, (first, &anchor), changes)).await?;
    state.follow_exactly(fixture, &[&anchor]).await?;
    state.shows(&anchor, &wanted)?;
    state.equals_full(fixture).await
}

pub(super) async fn a_cleared_attribute_is_confirmed(fixture: &dyn Fixture, first: u32) -> Outcome {
    let (anchor, mut state) = existing(fixture, first).await?;
    let name = fixture.text_attribute();
    let changes = change(&name, AttributeChange::Clear);
    export_one(fixture, update(fixture, (first, &anchor), changes)).await?;
    state.follow_exactly(fixture, &[&anchor]).await?;
    let shown = state.objects.get(&anchor).and_then(|image| image.attributes.get(&name));
    ensure(shown.is_none(), || format!("the cleared {name} is shown as {shown:?}"))?;
    let mut rest = fixture.attributes(first);
    rest.remove(&name);
    state.shows(&anchor, &rest)?;
    state.equals_full(fixture).await
}

pub(super) async fn added_and_removed_values_are_confirmed(
    fixture: &dyn Fixture,
    first: u32,
) -> Outcome {
    let Some(name) = fixture.multi_attribute() else { return Ok(()) };
    let (anchor, mut state) = existing(fixture, first).await?;
    let values =
        |texts: &[&str]| -> Vec<Value> { texts.iter().map(|t| Value::string(t)).collect() };
    let steps = [
        (values(&["one", "two", "three"]), values(&[]), values(&["one", "two", "three"])),
        (values(&["four"]), values(&["one"]), values(&["two", "three", "four"])),
    ];
    let clear = change(&name, AttributeChange::Clear);
    export_one(fixture, update(fixture, (first, &anchor), clear)).await?;
    for (add, remove, expected) in steps {
        let changes = change(&name, AttributeChange::Update { add, remove });
        export_one(fixture, update(fixture, (first, &anchor), changes)).await?;
        state.follow_exactly(fixture, &[&anchor]).await?;
        let shown = state.objects.get(&anchor).and_then(|image| image.attributes.get(&name));
        ensure(shown.cloned() == Values::from_vec(expected), || {
            format!("after adding and removing values {name} is shown as {shown:?}")
        })?;
    }
    state.equals_full(fixture).await
}

pub(super) async fn a_rename_is_confirmed(fixture: &dyn Fixture, first: u32) -> Outcome {
    let Some(other) = fixture.other_dn(first) else { return Ok(()) };
    let (anchor, mut state) = existing(fixture, first).await?;
    let renamed = |changes, dn: &str| ExportOperation {
        kind: ExportKind::Update { changes, new_dn: Some(dn.to_owned()) },
        ..update(fixture, (first, &anchor), Changes::new())
    };
    let name = fixture.text_attribute();
    let changes = change(&name, AttributeChange::Set(Values::one("renamed")));
    let same = export_one(fixture, renamed(changes, &other)).await?;
    ensure(same == anchor, || format!("{anchor} became {same} by a rename"))?;
    state.follow_exactly(fixture, &[&anchor]).await?;
    state.shows_dn(fixture, &anchor, &other)?;
    let mut wanted = fixture.attributes(first);
    wanted.set_one(&name, "renamed");
    state.shows(&anchor, &wanted)?;
    state.equals_full(fixture).await?;
    // Back, by an operation that still knows the first name; and once more, for nothing.
    for _ in 0..2 {
        export_one(fixture, renamed(Changes::new(), &fixture.dn(first))).await?;
    }
    state.follow_exactly(fixture, &[&anchor]).await?;
    state.shows_dn(fixture, &anchor, &fixture.dn(first))
}

pub(super) async fn a_deletion_is_confirmed(fixture: &dyn Fixture, first: u32) -> Outcome {
    let (anchor, mut state) = existing(fixture, first).await?;
    export_one(fixture, delete(fixture, first, &anchor)).await?;
    state.follow_exactly(fixture, &[&anchor]).await?;
    ensure(!state.objects.contains_key(&anchor), || format!("{anchor} is still shown"))?;
    state.equals_full(fixture).await?;
    if fixture.connector().capabilities().dn_style == DnStyle::Anchor {
        return Ok(());
    }
    // The same name may be used again, and is another object.
    let second = export_one(fixture, add(fixture, first)).await?;
    ensure(second != anchor, || format!("{anchor} was used again"))?;
    state.follow_exactly(fixture, &[&second]).await?;
    state.equals_full(fixture).await
}

pub(super) async fn a_change_behind_our_back_is_seen(fixture: &dyn Fixture, first: u32) -> Outcome {
    let (anchor, mut state) = existing(fixture, first).await?;
    let dn = fixture.dn(first);
    if fixture.set_text_directly(&dn, "elsewhere").await {
        state.follow_exactly(fixture, &[&anchor]).await?;
        let mut wanted = fixture.attributes(first);
        wanted.set_one(&fixture.text_attribute(), "elsewhere");
        state.shows(&anchor, &wanted)?;
    }
    if fixture.delete_directly(&dn).await {
        state.follow_exactly(fixture, &[&anchor]).await?;
        ensure(!state.objects.contains_key(&anchor), || format!("{anchor} is still shown"))?;
    }
    state.equals_full(fixture).await
}
