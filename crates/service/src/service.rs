//! The service itself: creates, changes and deletes resources.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Attributes, Changes, Guid, Name, Sid, Value};
use store::{Resource, ResourceChange, ResourceIndex, ResourceQuery, ResourceStore};

use crate::people::system_people;
use crate::schema::validate;
use crate::{
    ADMINISTRATOR, PERSON, RuleResource, SYNCHRONIZATION_ACCOUNT, SYNCHRONIZATION_RULE,
    ServiceError,
};

const PAGE: usize = 1_000;

/// The identity service on a store.
#[derive(Clone)]
pub struct Service {
    store: Arc<dyn ResourceStore>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    /// The service whose resources are in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn ResourceStore>) -> Self {
        Self { store }
    }

    /// Creates the people that every service has, if they are not there yet.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn initialise(&self) -> Result<(), ServiceError> {
        let mut changes = Vec::new();
        for (id, attributes) in system_people() {
            if self.store.resources(&[id]).await?.is_empty() {
                changes.push(ResourceChange::Put {
                    id,
                    resource_type: Name::new(PERSON),
                    attributes,
                });
            }
        }
        Ok(self.store.change_resources(changes).await?)
    }

    /// Makes the service's rules those of the applied configuration: by name, in one transaction.
    /// `new_id` gives identities to new ones.
    ///
    /// # Errors
    /// When a rule does not satisfy the schema, or the store fails.
    pub async fn apply_rules(
        &self,
        rules: &[RuleResource],
        new_id: &mut (dyn FnMut() -> Guid + Send),
    ) -> Result<(), ServiceError> {
        let mut present: BTreeMap<String, Guid> = BTreeMap::new();
        for resource in self.list(SYNCHRONIZATION_RULE).await? {
            let name = resource.attributes.text("DisplayName").unwrap_or_default();
            present.insert(name.to_owned(), resource.id);
        }
        let mut changes = Vec::new();
        for rule in rules {
            let id = present.remove(rule.name.as_str()).unwrap_or_else(&mut *new_id);
            let attributes = rule.attributes();
            validate(SYNCHRONIZATION_RULE, &attributes)?;
            let resource_type = Name::new(SYNCHRONIZATION_RULE);
            changes.push(ResourceChange::Put { id, resource_type, attributes });
        }
        changes.extend(present.into_values().map(|id| ResourceChange::Delete { id }));
        Ok(self.store.change_resources(changes).await?)
    }

    /// Every live resource of a type, oldest change first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, resource_type: &str) -> Result<Vec<Resource>, ServiceError> {
        let mut found = Vec::new();
        let mut version = 0;
        loop {
            let page = self.changes_since(version, PAGE).await?;
            let Some(last) = page.last() else { return Ok(found) };
            version = last.version;
            found.extend(
                page.into_iter().filter(|r| !r.deleted && r.resource_type == *resource_type),
            );
        }
    }

    /// A page of changes after `version`, tombstones included.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn changes_since(
        &self,
        version: i64,
        limit: usize,
    ) -> Result<Vec<Resource>, ServiceError> {
        Ok(self.store.resources_since(version, limit).await?)
    }

    /// The place of the newest change.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn version(&self) -> Result<i64, ServiceError> {
        Ok(self.store.resource_version().await?)
    }

    /// The live resources with these identities.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(&self, ids: &[Guid]) -> Result<Vec<Resource>, ServiceError> {
        Ok(self.store.resources(ids).await?)
    }

    /// Creates a resource.
    ///
    /// # Errors
    /// [`ServiceError::Exists`], or what the schema refuses.
    pub async fn create(
        &self,
        resource_type: &str,
        id: Guid,
        attributes: Attributes,
    ) -> Result<(), ServiceError> {
        validate(resource_type, &attributes)?;
        if !self.store.resources(&[id]).await?.is_empty() {
            return Err(ServiceError::Exists(id));
        }
        let resource_type = Name::new(resource_type);
        let put = ResourceChange::Put { id, resource_type, attributes };
        Ok(self.store.change_resources(vec![put]).await?)
    }

    /// Changes a resource.
    ///
    /// # Errors
    /// [`ServiceError::Missing`], or what the schema refuses.
    pub async fn modify(&self, id: Guid, changes: &Changes) -> Result<(), ServiceError> {
        let mut found = self.store.resources(&[id]).await?;
        let resource = found.pop().ok_or(ServiceError::Missing(id))?;
        let mut attributes = resource.attributes;
        attributes.apply(changes);
        validate(&resource.resource_type, &attributes)?;
        if let Some(settled) = self.settle(id, &resource.resource_type, &attributes).await? {
            return self.change(settled).await;
        }
        let put = ResourceChange::Put { id, resource_type: resource.resource_type, attributes };
        self.change(vec![put]).await
    }

    /// Makes changes in one transaction.
    pub(crate) async fn change(&self, changes: Vec<ResourceChange>) -> Result<(), ServiceError> {
        Ok(self.store.change_resources(changes).await?)
    }

    /// Changes a resource if its last change is still at `version`; false, and nothing done, if it
    /// is not.
    ///
    /// # Errors
    /// [`ServiceError::Missing`], or what the schema refuses.
    pub async fn modify_at(
        &self,
        id: Guid,
        version: i64,
        changes: &Changes,
    ) -> Result<bool, ServiceError> {
        let mut found = self.store.resources(&[id]).await?;
        let resource = found.pop().ok_or(ServiceError::Missing(id))?;
        if resource.version != version {
            return Ok(false);
        }
        let mut attributes = resource.attributes;
        attributes.apply(changes);
        validate(&resource.resource_type, &attributes)?;
        Ok(self.store.replace_resource(id, version, attributes).await?)
    }

    /// The people with this security identifier. There should be one at most.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn people_by_sid(&self, sid: &Sid) -> Result<Vec<Resource>, ServiceError> {
        let value = Value::binary(&sid.to_bytes());
        let person = Name::new(PERSON);
        Ok(self.store.find_resources(&person, ResourceIndex::ObjectSid, &value).await?)
    }

    /// The people with this account name in this domain, both without regard to case. There should
    /// be one at most.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn people_by_account(
        &self,
        domain: &str,
        account: &str,
    ) -> Result<Vec<Resource>, ServiceError> {
        let (person, value) = (Name::new(PERSON), Value::string(account));
        let mut found =
            self.store.find_resources(&person, ResourceIndex::AccountName, &value).await?;
        let domain = domain.to_lowercase();
        found.retain(|person| {
            person.attributes.text("Domain").is_some_and(|text| text.to_lowercase() == domain)
        });
        Ok(found)
    }

    /// A page of resources in order of display name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn search(&self, query: ResourceQuery) -> Result<Vec<Resource>, ServiceError> {
        Ok(self.store.search_resources(query).await?)
    }

    /// Deletes a resource with its expected rule entries; one that is not there counts as deleted.
    ///
    /// # Errors
    /// [`ServiceError::Protected`] for the service's own people.
    pub async fn delete(&self, id: Guid) -> Result<(), ServiceError> {
        if id == ADMINISTRATOR || id == SYNCHRONIZATION_ACCOUNT {
            return Err(ServiceError::Protected(id));
        }
        let mut changes = self.orphans(id).await?;
        changes.push(ResourceChange::Delete { id });
        self.change(changes).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::MemoryStore;

    fn rule(name: &str, definition: &str) -> RuleResource {
        RuleResource {
            name: Name::new(name),
            definition: definition.to_owned(),
            flow_type: 0,
            connected_system: Name::new("adma"),
            connected_object_type: Name::new("user"),
            metaverse_type: Name::new("person"),
            precedence: 1,
        }
    }

    fn ids() -> impl FnMut() -> Guid + Send {
        let mut next = 0;
        move || {
            next += 1;
            Guid::from_bytes([next; 16])
        }
    }

    #[tokio::test]
    async fn applying_rules_changes_only_what_differs() {
        let service = Service::new(Arc::new(MemoryStore::default()));
        service.initialise().await.unwrap();
        service.initialise().await.unwrap();
        assert_eq!(service.list(PERSON).await.unwrap().len(), 2);
        let mut new_id = ids();
        service.apply_rules(&[rule("a", "1"), rule("b", "1")], &mut new_id).await.unwrap();
        let before = service.version().await.unwrap();
        service.apply_rules(&[rule("a", "1"), rule("b", "1")], &mut new_id).await.unwrap();
        assert_eq!(service.version().await.unwrap(), before);
        service.apply_rules(&[rule("a", "2")], &mut new_id).await.unwrap();
        let changes = service.changes_since(before, 10).await.unwrap();
        let changes: Vec<(bool, Option<&str>)> =
            changes.iter().map(|r| (r.deleted, r.attributes.text("Definition"))).collect();
        assert_eq!(changes, [(false, Some("2")), (true, None)]);
    }

    #[tokio::test]
    async fn the_schema_and_the_service_people_are_guarded() {
        let service = Service::new(Arc::new(MemoryStore::default()));
        service.initialise().await.unwrap();
        let id = Guid::from_bytes([9; 16]);
        let check = async |name: &str, value: Value, expected: &str| {
            let mut attributes = Attributes::new();
            attributes.set_one(name, value);
            let error = service.create(PERSON, id, attributes).await.unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check("Shoe", "42".into(), "the resource type Person has no attribute \"Shoe\"").await;
        check("ObjectSID", "x".into(), "the attribute ObjectSID takes binary values, not string")
            .await;
        check("EmployeeType", "Alien".into(), "the attribute EmployeeType takes one of Contractor, External, Full Time Employee, Guest, Intern").await;
        check(
            "Email",
            "x".repeat(449).as_str().into(),
            "the attribute Email takes at most 448 characters",
        )
        .await;
        assert!(matches!(service.delete(ADMINISTRATOR).await, Err(ServiceError::Protected(_))));
        let mut guest = Attributes::new();
        guest.set_one("EmployeeType", "Guest");
        service.create(PERSON, id, guest.clone()).await.unwrap();
        assert!(matches!(service.create(PERSON, id, guest).await, Err(ServiceError::Exists(_))));
    }
}
