//! A service and a connector to it.

use std::path::PathBuf;
use std::sync::Arc;

use connector::{
    Completeness, Connector as _, ConnectorConfig, ExportBatch, ExportKind, ExportOperation,
    ImportEntry, ImportKind, ObjectSelection,
};
use connector_service::ServiceConnector;
use model::{Attributes, Guid, Name};
use service::Service;
use store::{MemoryStore, ResourceStore};

/// Settings that select these types, each with these attributes.
pub(crate) fn config(objects: &[(&str, &[&str])]) -> ConnectorConfig {
    let selection = |attributes: &[&str]| ObjectSelection {
        attributes: attributes.iter().map(|name| Name::new(name)).collect(),
        anchor: None,
    };
    ConnectorConfig {
        name: Name::new("mimma"),
        settings: [].into(),
        objects: objects.iter().map(|(name, a)| (Name::new(name), selection(a))).collect(),
        export_allowed: true,
        folder: PathBuf::new(),
    }
}

/// A service with its two people, and a connector that sees all of them.
pub(crate) async fn people() -> (Service, Arc<ServiceConnector>) {
    on(Arc::new(MemoryStore::default())).await
}

/// The same on this store.
pub(crate) async fn on(store: Arc<dyn ResourceStore>) -> (Service, Arc<ServiceConnector>) {
    let service = Service::new(store);
    service.initialise().await.unwrap();
    let connector = ServiceConnector::new(&config(&[("Person", &[])]), service.clone()).unwrap();
    (service, connector)
}

pub(crate) fn id(number: u32) -> Guid {
    let [a, b, c, d] = number.to_be_bytes();
    Guid::from_bytes([0, 0, 0, 7, 0, 0, 0x40, 0, 0x80, 0, 0, 0, a, b, c, d])
}

pub(crate) fn named(name: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_one("DisplayName", name);
    attributes
}

/// An operation on the person with this identity.
pub(crate) fn operation(named: &str, kind: ExportKind) -> ExportOperation {
    let is_add = matches!(kind, ExportKind::Add { .. });
    ExportOperation {
        object_type: Name::new("Person"),
        dn: named.to_owned(),
        anchor: (!is_add).then(|| named.to_owned()),
        kind,
        secrets: [].into(),
        in_doubt: false,
    }
}

/// Exports in one batch.
pub(crate) async fn export(
    connector: &ServiceConnector,
    operations: &[ExportOperation],
) -> ExportBatch {
    connector.open_export().await.unwrap().export(operations).await
}

/// Everything an import delivers, and how it ends.
pub(crate) async fn import(
    connector: &ServiceConnector,
    kind: ImportKind,
) -> (Vec<ImportEntry>, Completeness) {
    let mut session = connector.open_import(kind).await.unwrap();
    let mut entries = Vec::new();
    loop {
        let page = session.next_page().await.unwrap();
        entries.extend(page.entries);
        if let Some(end) = page.end {
            return (entries, end);
        }
    }
}

/// What a delta from `watermark` delivers.
pub(crate) async fn delta(connector: &ServiceConnector, watermark: &str) -> Vec<ImportEntry> {
    import(connector, ImportKind::Delta { watermark: watermark.to_owned() }).await.0
}

/// Where the next delta begins.
pub(crate) fn watermark(end: Completeness) -> String {
    match end {
        Completeness::Complete { watermark: Some(watermark) }
        | Completeness::Delta { watermark } => watermark,
        other => panic!("no watermark in {other:?}"),
    }
}
