//! Everything of a store that can be observed through its trait.

use std::collections::BTreeMap;

use model::{ConnectorId, CsId, MvId, Name, RunId, Value};
use roaring::RoaringBitmap;

use super::random::{
    ANCHORS, ATTRIBUTES, CS_TYPES, DNS, JOIN_VALUES, MV_IDS, MV_TYPES, RESOURCE_TYPES,
};
use crate::{
    CsCounts, CsObject, KeyEntry, MvObject, Resource, ResourceIndex, ResourceQuery, RunError,
    RunLease, RunQuery, RunRecord, Scope, Store, StoreError,
};

/// What one connector shows.
#[derive(Debug, Clone, PartialEq)]
struct ConnectorView {
    pages: Vec<Vec<CsObject>>,
    counts: CsCounts,
    keys: Vec<KeyEntry>,
    by_anchor: BTreeMap<String, CsId>,
    by_dn: BTreeMap<String, Vec<CsId>>,
    by_value: Vec<(String, Vec<CsId>)>,
    watermark: Option<String>,
}

/// Everything of a store that can be observed: two stores with equal observations are equal. Key
/// maps differ between stores with different hash keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    connectors: BTreeMap<ConnectorId, Name>,
    views: Vec<ConnectorView>,
    mv: Vec<MvObject>,
    mv_by_type: Vec<Vec<MvObject>>,
    mv_by_value: Vec<(String, Vec<MvId>)>,
    mv_counts: BTreeMap<Name, u64>,
    links: BTreeMap<MvId, Vec<CsId>>,
    runs: Vec<RunRecord>,
    errors: Vec<Vec<RunError>>,
    seen: Vec<RoaringBitmap>,
    resources: Vec<Resource>,
    resource_version: i64,
    resources_by_value: Vec<Vec<Resource>>,
    resource_pages: Vec<Vec<Resource>>,
}

/// Observes a store.
///
/// # Errors
/// Those of the store.
pub async fn observe(store: &dyn Store) -> Result<Observation, StoreError> {
    let connectors = store.connectors().await?;
    let mut views = Vec::new();
    for connector in connectors.keys() {
        views.push(view(store, *connector).await?);
    }
    let mut mv_by_type = Vec::new();
    for object_type in MV_TYPES {
        mv_by_type.push(store.page_mv(Some(&Name::new(object_type)), None, usize::MAX).await?);
    }
    let runs = store.runs(RunQuery::default()).await?;
    let (mut errors, mut seen) = (Vec::new(), Vec::new());
    for run in &runs {
        errors.push(store.run_errors(run.id).await?);
        seen.push(store.seen(&lease_of(run.id, run.connector)).await?);
    }
    Ok(Observation {
        connectors,
        views,
        mv: store.page_mv(None, None, usize::MAX).await?,
        mv_by_type,
        mv_by_value: find_mv(store).await?,
        mv_counts: store.mv_counts().await?,
        links: store.linked_cs(&MV_IDS.map(MvId)).await?,
        runs,
        errors,
        seen,
        resources: store.resources_since(0, usize::MAX).await?,
        resource_version: store.resource_version().await?,
        resources_by_value: resources_by_value(store).await?,
        resource_pages: resource_pages(store).await?,
    })
}

// Reading a seen-set asks for no epoch.
const fn lease_of(run: RunId, connector: ConnectorId) -> RunLease {
    RunLease { run, connector, epoch: 0, resumed: None }
}

async fn view(store: &dyn Store, connector: ConnectorId) -> Result<ConnectorView, StoreError> {
    let mut pages = Vec::new();
    for scope in [
        Scope::All,
        Scope::DeltaSync,
        Scope::PendingExport,
        Scope::AwaitingConfirmation,
        Scope::ReferenceRetry,
    ] {
        pages.push(store.page_cs(connector, None, usize::MAX, scope).await?);
    }
    let mut by_value = Vec::new();
    for (object_type, attribute, value) in questions(&CS_TYPES) {
        let found = store.find_cs_by_value(connector, &object_type, &attribute, &value).await?;
        by_value.push((format!("{object_type}.{attribute}={value}"), found));
    }
    Ok(ConnectorView {
        pages,
        counts: store.cs_counts(connector).await?,
        keys: store.key_map(connector).await?,
        by_anchor: store.find_cs_by_anchor(connector, &ANCHORS.map(str::to_owned)).await?,
        by_dn: store.find_cs_by_dn(connector, &DNS.map(str::to_lowercase)).await?,
        by_value,
        watermark: store.watermark(connector).await?,
    })
}

async fn find_mv(store: &dyn Store) -> Result<Vec<(String, Vec<MvId>)>, StoreError> {
    let mut answers = Vec::new();
    for (object_type, attribute, value) in questions(&MV_TYPES) {
        let found = store
            .find_mv_by_value(&object_type, &attribute, std::slice::from_ref(&value))
            .await?
            .concat();
        answers.push((format!("{object_type}.{attribute}={value}"), found));
    }
    Ok(answers)
}

fn questions(types: &[&str]) -> Vec<(Name, Name, Value)> {
    let mut questions = Vec::new();
    for object_type in types {
        for attribute in ATTRIBUTES {
            for value in JOIN_VALUES {
                questions.push((Name::new(object_type), Name::new(attribute), value.into()));
            }
        }
    }
    questions
}

async fn resources_by_value(store: &dyn Store) -> Result<Vec<Vec<Resource>>, StoreError> {
    let mut found = Vec::new();
    for resource_type in RESOURCE_TYPES.map(Name::new) {
        for index in ResourceIndex::ALL {
            for value in JOIN_VALUES {
                let value = Value::string(value);
                found.push(store.find_resources(&resource_type, index, &value).await?);
            }
        }
    }
    Ok(found)
}

/// Every list, two resources at a time.
async fn resource_pages(store: &dyn Store) -> Result<Vec<Vec<Resource>>, StoreError> {
    let mut pages = Vec::new();
    for resource_type in RESOURCE_TYPES.map(Name::new) {
        for prefix in [None, Some("a"), Some("ANN@"), Some("0"), Some("ann@contoso.examples")] {
            let mut after = None;
            loop {
                let query = ResourceQuery {
                    resource_type: resource_type.clone(),
                    prefix: prefix.map(str::to_owned),
                    after,
                    limit: 2,
                };
                let page = store.search_resources(query).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.place());
                pages.push(page);
            }
        }
    }
    Ok(pages)
}
