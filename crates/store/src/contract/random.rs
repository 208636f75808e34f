//! Random steps through a small world, taken by a store and its model alike.
//!
//! A step is one number, from which everything about it is drawn; so a failing sequence stays a
//! failing sequence when steps are left out, and can be made smaller.

use std::collections::BTreeMap;

use model::{Attributes, ConnectorId, CsId, Guid, MvId, Name, RunId, Timestamp, Value, Values};

use super::observe::observe;
use super::samples::{at, delta, name, new_run, object_error, pending_import, person, run_end};
use crate::{
    Batch, ConnectorKind, CsObject, CsState, CsWrite, DisconnectorKind, ExportStages,
    ImportOperation, IndexedAttributes, MvWrite, Parts, Progress, ResourceChange, ResourceIndex,
    RunError, RunLease, Share, Store, StoreError, WriteOperation,
};

pub(super) const ANCHORS: [&str; 4] = ["a", "b", "c", "d"];
pub(super) const DNS: [&str; 4] = ["CN=A,DC=x", "cn=a,dc=x", "b", "C"];
pub(super) const ATTRIBUTES: [&str; 3] = ["mail", "age", "manager"];
pub(super) const JOIN_VALUES: [&str; 4] =
    ["ann@contoso.example", "ANN@CONTOSO.example", "7", "TRUE"];
pub(super) const CS_TYPES: [&str; 2] = ["user", "group"];
pub(super) const MV_TYPES: [&str; 2] = ["person", "team"];
pub(super) const RESOURCE_TYPES: [&str; 2] = ["set", "request"];
pub(super) const MV_IDS: [i64; 4] = [1, 2, 3, 4];
const CONNECTORS: [&str; 2] = ["guests", "directory"];
const OBJECTS: u32 = 8;

/// Takes the steps with `store` and with `model`, two empty stores with one hash key, and compares
/// all that can be observed after each.
///
/// # Errors
/// Those of the stores.
pub async fn behaves_like(
    store: &dyn Store,
    model: &dyn Store,
    steps: &[u64],
) -> Result<(), StoreError> {
    let mut leases = BTreeMap::new();
    for connector in CONNECTORS {
        let id = model.connector_id(&name(connector)).await?;
        assert_eq!(store.connector_id(&name(connector)).await?, id);
        leases.insert(id, begin(store, model, id, "full-import", 0).await?);
    }
    for (n, step) in steps.iter().enumerate() {
        let mut dice = Dice(*step);
        let connector = ConnectorId(dice.pick(&[1, 2]));
        let Some(lease) = leases.get(&connector).cloned() else { continue };
        match dice.below(8) {
            0 => {
                let indexed = indexed(&mut dice);
                store.set_indexed(&indexed).await?;
                model.set_indexed(&indexed).await?;
            }
            1 => {
                let end = run_end("success", dice.number());
                let results =
                    (store.end_run(&lease, end.clone()).await, model.end_run(&lease, end).await);
                agree(results)?;
                let lease = begin(store, model, connector, "delta-sync", dice.number()).await?;
                leases.insert(connector, lease);
            }
            2 => {
                let changes: Vec<_> = (0..dice.below(4)).map(|_| resource(&mut dice)).collect();
                store.change_resources(changes.clone()).await?;
                model.change_resources(changes).await?;
            }
            _ => {
                let batch = batch(&mut dice, model).await?;
                let results =
                    (store.commit(&lease, batch.clone()).await, model.commit(&lease, batch).await);
                if !agree(results)? {
                    let lease = begin(store, model, connector, "full-sync", dice.number()).await?;
                    leases.insert(connector, lease);
                }
            }
        }
        assert_eq!(observe(store).await?, observe(model).await?, "after step {n}, {step}");
    }
    Ok(())
}

/// True for two successes, false for two refusals because the other connector's run closed this one.
fn agree(results: (Result<(), StoreError>, Result<(), StoreError>)) -> Result<bool, StoreError> {
    match results {
        (Err(StoreError::Fenced { run }), Err(StoreError::Fenced { run: model })) => {
            assert_eq!(run, model);
            Ok(false)
        }
        (store, model) => {
            store?;
            model?;
            Ok(true)
        }
    }
}

async fn begin(
    store: &dyn Store,
    model: &dyn Store,
    connector: ConnectorId,
    profile: &str,
    start: i64,
) -> Result<RunLease, StoreError> {
    let run = new_run(connector, profile, "node-1", start);
    let lease = model.begin_run(run.clone()).await?;
    assert_eq!(store.begin_run(run).await?, lease);
    Ok(lease)
}

/// A source of choices: SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() % u64::from(limit.max(1))).unwrap_or(0)
    }

    fn number(&mut self) -> i64 {
        i64::from(self.below(1000))
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let place = self.below(u32::try_from(from.len()).unwrap_or(1));
        from.get(usize::try_from(place).unwrap_or(0)).copied().unwrap_or_default()
    }
}

async fn batch(dice: &mut Dice, model: &dyn Store) -> Result<Batch, StoreError> {
    let mut batch = Batch::default();
    for connector in [1, 2] {
        let ids = (1..=OBJECTS).filter(|_| dice.one_in(3));
        let ids: Vec<CsId> = ids.map(|n| CsId::new(ConnectorId(connector), n)).collect();
        for id in ids {
            let stored = model.load_cs(&[id]).await?.into_iter().next();
            batch.cs.push(cs_write(dice, id, stored));
        }
    }
    for id in MV_IDS.map(MvId) {
        match dice.below(4) {
            0 => batch.mv.push(MvWrite::Put(mv_object(dice, id))),
            1 => batch.mv.push(MvWrite::Remove(id)),
            _ => {}
        }
    }
    batch.seen = (0..dice.below(4)).map(|_| dice.below(100_000)).collect();
    batch.errors = (0..dice.below(2)).map(|_| run_error(dice)).collect();
    if dice.one_in(3) {
        let mark = (!dice.one_in(3)).then(|| format!("mark-{}", dice.number()));
        batch.watermark = Some((ConnectorId(dice.pick(&[1, 2])), mark));
    }
    let counters = BTreeMap::from([("stage-add".to_owned(), dice.next())]);
    batch.progress = Progress { counters, cursor: dice.one_in(2).then(|| "page".to_owned()) };
    batch.lease_until = dice.one_in(2).then(|| at(dice.number()));
    Ok(batch)
}

fn cs_write(dice: &mut Dice, id: CsId, stored: Option<CsObject>) -> CsWrite {
    let drawn = cs_object(dice, id);
    let Some(before) = stored else { return CsWrite::Insert(drawn) };
    if dice.one_in(5) {
        return CsWrite::Remove(id);
    }
    let mut after = before.clone();
    match dice.below(5) {
        0 => after.imported = drawn.imported,
        1 => after.pending_import = drawn.pending_import,
        2 => after.export = drawn.export,
        3 => {
            after.state = drawn.state;
            (after.import_error, after.needs_sync) = (drawn.import_error, drawn.needs_sync);
            after.reference_retry = drawn.reference_retry;
        }
        _ => after = drawn,
    }
    let parts = Parts::between(&before, &after);
    CsWrite::Update(after, parts)
}

fn cs_object(dice: &mut Dice, id: CsId) -> CsObject {
    let dn = dice.pick(&DNS).to_owned();
    CsObject {
        id,
        object_type: Name::new(dice.pick(&CS_TYPES)),
        anchor: (!dice.one_in(4)).then(|| dice.pick(&ANCHORS).to_owned()),
        dn_key: dn.to_lowercase(),
        dn,
        state: state(dice),
        linked_by: dice.one_in(2).then(|| name("join-by-mail")),
        imported: (!dice.one_in(4)).then(|| attributes(dice)),
        pending_import: dice.one_in(3).then(|| {
            pending_import(if dice.one_in(2) {
                ImportOperation::Delete
            } else {
                ImportOperation::DeleteAdd
            })
        }),
        export: ExportStages {
            pending: dice.one_in(4).then(|| delta(WriteOperation::Add)),
            escrow: dice.one_in(5).then(|| delta(WriteOperation::Update)),
            unconfirmed: dice.one_in(4).then(|| delta(WriteOperation::Delete)),
            error: dice.one_in(5).then(|| object_error("cd-error")),
            altered: dice.one_in(5).then(|| (name("mail"), 3)).into_iter().collect(),
        },
        import_error: dice.one_in(5).then(|| object_error("flow")),
        needs_sync: dice.one_in(4),
        reference_retry: dice.one_in(4),
    }
}

fn state(dice: &mut Dice) -> CsState {
    match dice.below(6) {
        0 => CsState::Placeholder,
        1 => CsState::Disconnector(DisconnectorKind::Normal),
        2 => CsState::Disconnector(DisconnectorKind::Explicit),
        3 => CsState::Disconnector(DisconnectorKind::Filtered),
        4 => CsState::Connector { mv: MvId(dice.pick(&MV_IDS)), kind: ConnectorKind::Explicit },
        _ => CsState::Connector { mv: MvId(dice.pick(&MV_IDS)), kind: ConnectorKind::Normal },
    }
}

fn attributes(dice: &mut Dice) -> Attributes {
    let mut attributes = Attributes::new();
    for attribute in ATTRIBUTES {
        let values = (0..dice.below(3)).map(|_| value(dice)).collect();
        attributes.set(name(attribute), Values::from_vec(values));
    }
    attributes
}

fn value(dice: &mut Dice) -> Value {
    match dice.below(7) {
        0 => Value::string("ANN@contoso.EXAMPLE"),
        1 => Value::reference("ann@contoso.example"),
        2 => Value::string("7"),
        3 => Value::Integer(7),
        4 => Value::Boolean(true),
        5 => Value::binary(&[7]),
        _ => Value::DateTime(Timestamp(dice.number())),
    }
}

fn mv_object(dice: &mut Dice, id: MvId) -> crate::MvObject {
    let mut object = person(id, "x@contoso.example");
    object.object_type = Name::new(dice.pick(&MV_TYPES));
    let lineage = object.attributes.remove("mail").map(|attribute| attribute.lineage);
    for (attribute, values) in attributes(dice) {
        if let Some(mut lineage) = lineage.clone() {
            lineage.run = RunId(i64::from(dice.below(2)));
            if dice.one_in(4) {
                let share = Share {
                    object: lineage.object,
                    rule: lineage.rule.clone(),
                    values: values.clone(),
                };
                object.shares.insert(attribute.clone(), vec![share]);
            }
            object.attributes.insert(attribute, crate::MvAttribute { values, lineage });
        }
    }
    object
}

fn run_error(dice: &mut Dice) -> RunError {
    RunError {
        object: dice.one_in(2).then(|| CsId::new(ConnectorId(1), dice.below(9))),
        name: format!("CN={}", dice.number()),
        error_type: "flow".to_owned(),
        step: "import-flow".to_owned(),
        message: "no value".to_owned(),
        code: None,
        rule: dice.one_in(2).then(|| name("flow-in")),
    }
}

fn indexed(dice: &mut Dice) -> IndexedAttributes {
    let mut indexed = IndexedAttributes::default();
    for attribute in ATTRIBUTES {
        if dice.one_in(2) {
            indexed.metaverse.insert(name(attribute));
        }
        for connector in [1, 2] {
            if dice.one_in(2) {
                indexed.connector_space.insert((ConnectorId(connector), name(attribute)));
            }
        }
    }
    indexed
}

fn resource(dice: &mut Dice) -> ResourceChange {
    let id = Guid::from_bytes([dice.pick(&[1, 2, 3]); 16]);
    if dice.one_in(3) {
        return ResourceChange::Delete { id };
    }
    let resource_type = name(dice.pick(&RESOURCE_TYPES));
    let mut attributes = attributes(dice);
    for index in ResourceIndex::ALL {
        let values = (0..dice.below(3)).map(|_| value(dice)).collect();
        attributes.set(name(index.attribute()), Values::from_vec(values));
    }
    ResourceChange::Put { id, resource_type, attributes }
}
