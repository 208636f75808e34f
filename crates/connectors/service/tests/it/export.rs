//! What the service refuses, and what becomes of a batch when its store fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use connector::{ErrorKind, ExportErrorType, ExportKind, ExportOperation, ExportOutcome};
use model::{AttributeChange, Attributes, Guid, Name, Value, Values};
use service::{ADMINISTRATOR, SYNCHRONIZATION_ACCOUNT};
use store::{
    MemoryStore, Resource, ResourceChange, ResourceIndex, ResourceQuery, ResourceStore, StoreError,
};

use crate::support::{export, id, named, on, operation, people};

fn add(number: u32) -> ExportOperation {
    operation(&id(number).to_string(), ExportKind::Add { attributes: named("Guest") })
}

fn error(outcome: &ExportOutcome) -> (ExportErrorType, &str) {
    match outcome {
        ExportOutcome::Failed(error) => (error.error_type, &error.message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_people_of_the_service_cannot_be_deleted() {
    let (service, connector) = people().await;
    for person in [ADMINISTRATOR, SYNCHRONIZATION_ACCOUNT] {
        let batch =
            export(&connector, &[operation(&person.to_string(), ExportKind::Delete), add(1)]).await;
        assert_eq!(error(&batch.outcomes[0]).0, ExportErrorType::PermissionIssue);
        assert_eq!(service.get(&[person]).await.unwrap().len(), 1);
        let tidy = [operation(&id(1).to_string(), ExportKind::Delete)];
        let added = ExportOutcome::Success { anchor: Some(id(1).to_string()) };
        assert_eq!(batch.outcomes[1], added);
        assert_eq!(export(&connector, &tidy).await.outcomes, [added]);
    }
}

#[tokio::test]
async fn each_refusal_has_its_name_and_its_words() {
    let (_, connector) = people().await;
    let set = |name: &str, value: &str| {
        let change = AttributeChange::Set(Values::one(value));
        let changes = [(Name::new(name), change)].into();
        let person = ADMINISTRATOR.to_string();
        operation(&person, ExportKind::Update { changes, new_dn: None })
    };
    let other_type = ExportOperation { object_type: Name::new("SynchronizationRule"), ..add(1) };
    let no_identity = ExportOperation { dn: "CN=Ada".to_owned(), ..add(1) };
    let operations = [set("EmployeeType", "Robot"), set("ShoeSize", "42"), other_type, no_identity];
    let batch = export(&connector, &operations).await;
    let errors: Vec<_> = batch.outcomes.iter().map(error).collect();
    assert_eq!(
        errors,
        [
            (
                ExportErrorType::InvalidAttributeValue,
                "the attribute EmployeeType takes one of Contractor, External, Full Time Employee, \
                 Guest, Intern"
            ),
            (
                ExportErrorType::InvalidAttributeValue,
                "the resource type Person has no attribute \"ShoeSize\""
            ),
            (ExportErrorType::NoExportToThisObjectType, "SynchronizationRule is not selected"),
            (ExportErrorType::InvalidDn, "\"CN=Ada\" is not the identity of a resource"),
        ]
    );
}

/// A store that takes so many changes and then no more.
struct Failing {
    store: MemoryStore,
    changes_left: AtomicUsize,
}

#[async_trait]
impl ResourceStore for Failing {
    async fn resources(&self, ids: &[Guid]) -> Result<Vec<Resource>, StoreError> {
        self.store.resources(ids).await
    }

    async fn resources_since(
        &self,
        version: i64,
        limit: usize,
    ) -> Result<Vec<Resource>, StoreError> {
        self.store.resources_since(version, limit).await
    }

    async fn resource_version(&self) -> Result<i64, StoreError> {
        self.store.resource_version().await
    }

    async fn change_resources(&self, changes: Vec<ResourceChange>) -> Result<(), StoreError> {
        let one_less = |left: usize| left.checked_sub(1);
        if self.changes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_err() {
            return Err(StoreError::Locked { store: "the test's".to_owned() });
        }
        self.store.change_resources(changes).await
    }

    async fn find_resources(
        &self,
        resource_type: &Name,
        attribute: ResourceIndex,
        value: &Value,
    ) -> Result<Vec<Resource>, StoreError> {
        self.store.find_resources(resource_type, attribute, value).await
    }

    async fn search_resources(&self, query: ResourceQuery) -> Result<Vec<Resource>, StoreError> {
        self.store.search_resources(query).await
    }

    async fn replace_resource(
        &self,
        id: Guid,
        version: i64,
        attributes: Attributes,
    ) -> Result<bool, StoreError> {
        self.store.replace_resource(id, version, attributes).await
    }
}

#[tokio::test]
async fn a_store_that_fails_leaves_one_operation_in_doubt_and_the_rest_unsent() {
    // The service's own people, and one more.
    let failing = Failing { store: MemoryStore::default(), changes_left: AtomicUsize::new(2) };
    let (service, connector) = on(Arc::new(failing)).await;
    let batch = export(&connector, &[add(1), add(2), add(3), add(4)]).await;
    let added = ExportOutcome::Success { anchor: Some(id(1).to_string()) };
    let (doubt, unsent) = (ExportOutcome::InDoubt, ExportOutcome::NotSent);
    assert_eq!(batch.outcomes, [added, doubt, unsent.clone(), unsent]);
    assert_eq!(batch.stopped.unwrap().kind, ErrorKind::Connection);
    assert_eq!(service.get(&[id(1), id(2), id(3)]).await.unwrap().len(), 1);
}
