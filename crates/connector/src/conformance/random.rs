//! A long sequence of operations, the same every time, after which deltas and full imports agree.

use std::collections::BTreeMap;

use model::{AttributeChange, Changes, Values};

use super::state::{State, add, delete, export, update};
use super::{Broken, Fixture, Outcome, ensure};
use crate::{ExportKind, ExportOperation, ExportOutcome};

const ROUNDS: u32 = 12;
const OPERATIONS_PER_ROUND: u32 = 6;
const OBJECTS: u32 = 10;
const SEED: u64 = 0x5EED_0FC0_FFEE;

/// A generator that needs no library ([xorshift64*](https://vigna.di.unimi.it/ftp/papers/xorshift.pdf)).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        u32::try_from(high % u64::from(limit)).unwrap_or_default()
    }
}

/// What exists: anchor by number, and whether the object has its other name.
type Existing = BTreeMap<u32, (String, bool)>;

pub(super) async fn deltas_add_up_to_a_full_import(fixture: &dyn Fixture, first: u32) -> Outcome {
    let mut random = Random(SEED);
    let mut existing = Existing::new();
    let mut state = State::full(fixture).await?;
    for round in 0..ROUNDS {
        for _ in 0..OPERATIONS_PER_ROUND {
            step(fixture, first, &mut random, &mut existing).await?;
        }
        state.follow(fixture).await?;
        let in_round = |Broken(what)| Broken(format!("in round {round}: {what}"));
        state.equals_full(fixture).await.map_err(in_round)?;
    }
    let anchors = existing.values().map(|(anchor, _)| anchor);
    let lost = anchors.filter(|anchor| !state.objects.contains_key(*anchor)).count();
    ensure(lost == 0, || format!("{lost} objects that were created are not shown"))
}

async fn step(
    fixture: &dyn Fixture,
    first: u32,
    random: &mut Random,
    existing: &mut Existing,
) -> Outcome {
    let number = first + random.below(OBJECTS);
    let Some((anchor, is_renamed)) = existing.get(&number).cloned() else {
        let anchor = done(fixture, add(fixture, number)).await?;
        let anchor = anchor.ok_or_else(|| Broken("an add gave no anchor".to_owned()))?;
        existing.insert(number, (anchor, false));
        return Ok(());
    };
    let text = format!("text {}", random.below(3));
    let name = fixture.text_attribute();
    let change = |change| -> Changes { [(name.clone(), change)].into() };
    let known = (number, anchor.as_str());
    match random.below(4) {
        0 => {
            done(fixture, delete(fixture, number, &anchor)).await?;
            existing.remove(&number);
        }
        1 => {
            done(fixture, update(fixture, known, change(AttributeChange::Clear))).await?;
        }
        2 => {
            let Some(other) = fixture.other_dn(number) else { return Ok(()) };
            let new_dn = Some(if is_renamed { fixture.dn(number) } else { other });
            let kind = ExportKind::Update { changes: Changes::new(), new_dn };
            let operation = update(fixture, known, Changes::new());
            done(fixture, ExportOperation { kind, ..operation }).await?;
            existing.insert(number, (anchor, !is_renamed));
        }
        _ => {
            let set = AttributeChange::Set(Values::one(&*text));
            done(fixture, update(fixture, known, change(set))).await?;
        }
    }
    Ok(())
}

async fn done(fixture: &dyn Fixture, operation: ExportOperation) -> Result<Option<String>, Broken> {
    match export(fixture, &[operation]).await?.pop() {
        Some(ExportOutcome::Success { anchor }) => Ok(anchor),
        other => Err(Broken(format!("an export that must succeed ended with {other:?}"))),
    }
}
