//! Objects, runs and batches to check with.

use std::collections::BTreeMap;

use model::{
    AttributeChange, Attributes, Changes, ConnectorId, CsId, Guid, MvId, Name, RunId, Timestamp,
    Value, Values,
};

use crate::{
    Batch, ConnectorKind, CsObject, CsState, CsWrite, DisconnectorKind, ExportChange, ExportDelta,
    ExportStages, ExportValue, ImportOperation, Lineage, MvAttribute, MvObject, MvWrite, NewRun,
    ObjectError, PendingImport, RunEnd, RunLease, RunStep, Store, StoreError, Undo, WriteOperation,
};

/// A moment of the checks' own calendar.
pub(super) const fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

pub(super) fn name(text: &str) -> Name {
    Name::new(text)
}

pub(super) fn values(texts: &[&str]) -> Option<Values> {
    Values::from_vec(texts.iter().copied().map(Value::from).collect())
}

/// A normal disconnector that was imported and synchronized.
pub(super) fn imported(id: CsId, anchor: &str) -> CsObject {
    let mut attributes = Attributes::new();
    attributes.set_one("mail", format!("{anchor}@contoso.example").as_str());
    CsObject {
        id,
        object_type: name("user"),
        anchor: Some(anchor.to_owned()),
        dn: format!("CN={anchor},DC=contoso"),
        dn_key: format!("cn={anchor},dc=contoso"),
        state: CsState::Disconnector(DisconnectorKind::Normal),
        linked_by: None,
        imported: Some(attributes),
        pending_import: None,
        export: ExportStages::default(),
        import_error: None,
        needs_sync: false,
        reference_retry: false,
    }
}

pub(super) fn linked(mut object: CsObject, mv: MvId) -> CsObject {
    object.state = CsState::Connector { mv, kind: ConnectorKind::Normal };
    object.linked_by = Some(name("join-by-mail"));
    object
}

/// An object with something in every part.
pub(super) fn full(id: CsId, anchor: &str) -> CsObject {
    let mut object = linked(imported(id, anchor), MvId(9));
    if let Some(attributes) = &mut object.imported {
        attributes.set_one("age", 42_i64);
        attributes.set_one("enabled", true);
        attributes.set(name("photo"), Some(Values::one(Value::binary(&[0, 255]))));
        attributes.set(name("manager"), Some(Values::one(Value::reference("CN=Boss"))));
        attributes.set(name("hired"), Some(Values::one(Value::DateTime(at(1)))));
        attributes.set(name("proxies"), values(&["smtp:a", "SMTP:b"]));
    }
    object.pending_import = Some(pending_import(ImportOperation::Update));
    object.export = ExportStages {
        pending: Some(delta(WriteOperation::Update)),
        escrow: Some(delta(WriteOperation::Add)),
        unconfirmed: Some(delta(WriteOperation::Delete)),
        error: Some(object_error("cd-error")),
        altered: [(name("mail"), 2)].into(),
    };
    object.import_error = Some(object_error("ambiguous-join"));
    object
}

pub(super) fn pending_import(operation: ImportOperation) -> PendingImport {
    let mut changes = Changes::new();
    changes.insert(name("mail"), AttributeChange::Clear);
    changes.insert(
        name("proxies"),
        AttributeChange::Update { add: vec!["x".into()], remove: vec!["y".into(), 3.into()] },
    );
    if let Some(old) = values(&["old"]) {
        changes.insert(name("title"), AttributeChange::Set(old));
    }
    let undo = Undo { dn: Some("CN=Old".to_owned()), object_type: Some(name("contact")), changes };
    PendingImport { operation, undo, run: RunId(3) }
}

pub(super) fn delta(operation: WriteOperation) -> ExportDelta {
    let change = |value| ExportChange { value, rule: name("flow-out") };
    let changes = BTreeMap::from([
        (name("title"), change(ExportValue::Set(Values::one("Guest")))),
        (name("mail"), change(ExportValue::Clear)),
        (name("password"), change(ExportValue::Secret)),
    ]);
    ExportDelta {
        operation,
        new_dn: Some("CN=New".to_owned()),
        changes,
        mv: Some(MvId(9)),
        cause: name("provision-guest"),
        run: RunId(4),
    }
}

pub(super) fn object_error(error_type: &str) -> ObjectError {
    ObjectError {
        error_type: error_type.to_owned(),
        step: "join".to_owned(),
        message: "two candidates".to_owned(),
        code: Some("17".to_owned()),
        rule: Some(name("join-by-mail")),
        first_occurred: at(5),
        count: 2,
    }
}

pub(super) fn person(id: MvId, mail: &str) -> MvObject {
    let lineage = Lineage {
        object: CsId::new(ConnectorId(1), 1),
        rule: name("flow-in"),
        run: RunId(1),
        at: at(2),
    };
    let attribute = MvAttribute { values: Values::one(mail), lineage };
    let number = u8::try_from(id.0).unwrap_or(0);
    MvObject {
        id,
        uid: Guid::from_bytes([number; 16]),
        object_type: name("person"),
        attributes: BTreeMap::from([(name("mail"), attribute)]),
        shares: crate::Shares::new(),
    }
}

pub(super) fn new_run(connector: ConnectorId, profile: &str, owner: &str, start: i64) -> NewRun {
    NewRun {
        connector,
        profile: name(profile),
        step: RunStep::only(name(profile)),
        started_by: None,
        rules: None,
        sequence: Some((name("nightly"), 2)),
        owner: owner.to_owned(),
        started: at(start),
        lease_until: at(start + 15),
    }
}

pub(super) fn run_end(result: &str, second: i64) -> RunEnd {
    RunEnd {
        result: result.to_owned(),
        message: None,
        counters: BTreeMap::from([("stage-add".to_owned(), 3)]),
        ended: at(second),
    }
}

/// Registers a connector and begins a run on it.
pub(super) async fn begin(
    store: &dyn Store,
    connector: &str,
) -> Result<(ConnectorId, RunLease), StoreError> {
    let connector = store.connector_id(&name(connector)).await?;
    let lease = store.begin_run(new_run(connector, "full-import", "node-1", 100)).await?;
    Ok((connector, lease))
}

pub(super) fn inserts(objects: &[CsObject]) -> Batch {
    let cs = objects.iter().cloned().map(CsWrite::Insert).collect();
    Batch { cs, ..Batch::default() }
}

pub(super) fn update(before: &CsObject, after: &CsObject) -> Batch {
    let parts = crate::Parts::between(before, after);
    Batch { cs: vec![CsWrite::Update(after.clone(), parts)], ..Batch::default() }
}

pub(super) fn puts(objects: &[MvObject]) -> Batch {
    let mv = objects.iter().cloned().map(MvWrite::Put).collect();
    Batch { mv, ..Batch::default() }
}
