//! Expected rule entries: a rule is to be applied to a resource, or withdrawn from it. What MIM's
//! Synchronization Rule activity does in a workflow.

use model::{Attributes, Guid, Name, Value, Values};
use store::{Resource, ResourceChange};

use crate::schema::EXPECTED_RULES_LIST;
use crate::service::Service;
use crate::{EXPECTED_RULE_ENTRY, ServiceError};

/// What is asked for of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleAction {
    /// To apply it.
    Add,
    /// To withdraw it.
    Remove,
}

impl RuleAction {
    /// The word that the entry has.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Remove => "Remove",
        }
    }
}

/// The attribute of a resource that refers to its entries.
const LIST: &str = EXPECTED_RULES_LIST;
/// The one that refers to what was detected.
const DETECTED: &str = "DetectedRulesList";
const PARENT: &str = "ResourceParent";
const ACTION: &str = "ExpectedRuleEntryAction";
const STATUS: &str = "SynchronizationRuleStatus";
const RULE: &str = "SynchronizationRuleName";

impl Service {
    /// Asks for a rule to be applied to a resource, or withdrawn from it: makes the resource's entry
    /// for the rule, or changes the one there is. Nothing is made only to be withdrawn.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] when there is no such resource; what the schema refuses.
    pub async fn expect_rule(
        &self,
        resource: Guid,
        rule: &str,
        action: RuleAction,
        new_id: &mut (dyn FnMut() -> Guid + Send),
    ) -> Result<(), ServiceError> {
        let mut found = self.get(&[resource]).await?;
        let parent = found.pop().ok_or(ServiceError::Missing(resource))?;
        let known = self.get(&entries_of(&parent)).await?;
        let known = known.into_iter().find(|e| e.attributes.text(RULE) == Some(rule));
        let mut changes = Vec::new();
        let (id, mut attributes) = match known {
            Some(entry) if entry.attributes.text(ACTION) == Some(action.as_str()) => return Ok(()),
            Some(entry) => (entry.id, entry.attributes),
            None if action == RuleAction::Remove => return Ok(()),
            None => {
                let id = new_id();
                let mut attributes = parent.attributes.clone();
                let mut list = entries_of(&parent);
                list.push(id);
                set_list(&mut attributes, &list);
                changes.push(put(&parent, attributes));
                let mut entry = Attributes::new();
                entry.set_one("DisplayName", rule);
                entry.set_one(RULE, rule);
                entry.set_one(PARENT, Value::reference(&resource.to_string()));
                (id, entry)
            }
        };
        attributes.set_one(ACTION, action.as_str());
        attributes.set_one(STATUS, "Pending");
        attributes.remove("StatusError");
        crate::schema::validate(EXPECTED_RULE_ENTRY, &attributes)?;
        let resource_type = Name::new(EXPECTED_RULE_ENTRY);
        changes.push(ResourceChange::Put { id, resource_type, attributes });
        self.change(changes).await
    }

    /// What ends with an entry that is put like this: one that asked for a withdrawal which has been
    /// made is of no more use. `None` if it stays.
    pub(crate) async fn settle(
        &self,
        id: Guid,
        resource_type: &str,
        attributes: &Attributes,
    ) -> Result<Option<Vec<ResourceChange>>, ServiceError> {
        let is_done = resource_type == EXPECTED_RULE_ENTRY
            && attributes.text(ACTION) == Some(RuleAction::Remove.as_str())
            && attributes.text(STATUS) == Some("Applied");
        if !is_done {
            return Ok(None);
        }
        let mut changes = vec![ResourceChange::Delete { id }];
        if let Some(parent) = reference(attributes) {
            for parent in self.get(&[parent]).await? {
                let mut list = entries_of(&parent);
                list.retain(|entry| *entry != id);
                let mut attributes = parent.attributes.clone();
                set_list(&mut attributes, &list);
                changes.push(put(&parent, attributes));
            }
        }
        Ok(Some(changes))
    }

    /// The deletions of a resource's entries, which are nobody's without it.
    pub(crate) async fn orphans(&self, id: Guid) -> Result<Vec<ResourceChange>, ServiceError> {
        let found = self.get(&[id]).await?;
        let entries = found.iter().flat_map(|r| [LIST, DETECTED].map(|list| listed(r, list)));
        let entries = entries.flatten();
        Ok(entries.map(|id| ResourceChange::Delete { id }).collect())
    }
}

fn put(resource: &Resource, attributes: Attributes) -> ResourceChange {
    let resource_type = resource.resource_type.clone();
    ResourceChange::Put { id: resource.id, resource_type, attributes }
}

fn entries_of(resource: &Resource) -> Vec<Guid> {
    listed(resource, LIST)
}

fn listed(resource: &Resource, list: &str) -> Vec<Guid> {
    let list = resource.attributes.get(list).into_iter().flat_map(Values::iter);
    list.filter_map(|entry| Guid::parse(&entry.to_string()).ok()).collect()
}

fn reference(attributes: &Attributes) -> Option<Guid> {
    Guid::parse(&attributes.get(PARENT)?.single()?.to_string()).ok()
}

fn set_list(attributes: &mut Attributes, list: &[Guid]) {
    let values = list.iter().map(|id| Value::reference(&id.to_string())).collect();
    attributes.set(Name::new(LIST), Values::from_vec(values));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{AttributeChange, Changes};
    use store::MemoryStore;

    use super::*;
    use crate::PERSON;

    const ADA: Guid = Guid::from_bytes([1; 16]);
    const ENTRY: Guid = Guid::from_bytes([2; 16]);

    async fn service() -> Service {
        let service = Service::new(Arc::new(MemoryStore::default()));
        service.create(PERSON, ADA, Attributes::new()).await.unwrap();
        service
    }

    async fn expect(service: &Service, action: RuleAction) {
        service.expect_rule(ADA, "OUT - AD", action, &mut || ENTRY).await.unwrap();
    }

    async fn list(service: &Service) -> Vec<Guid> {
        entries_of(&service.get(&[ADA]).await.unwrap()[0])
    }

    async fn set_status(service: &Service, status: &str) {
        let mut changes = Changes::default();
        changes.insert(Name::new(STATUS), AttributeChange::Set(Values::one(Value::string(status))));
        service.modify(ENTRY, &changes).await.unwrap();
    }

    #[tokio::test]
    async fn an_entry_is_made_once_and_goes_when_its_withdrawal_is_applied() {
        let service = service().await;
        expect(&service, RuleAction::Remove).await;
        assert_eq!(list(&service).await, []);
        expect(&service, RuleAction::Add).await;
        let version = service.version().await.unwrap();
        expect(&service, RuleAction::Add).await;
        assert_eq!(service.version().await.unwrap(), version);
        assert_eq!(list(&service).await, [ENTRY]);
        set_status(&service, "Applied").await;
        expect(&service, RuleAction::Remove).await;
        let entry = service.get(&[ENTRY]).await.unwrap();
        assert_eq!(entry[0].attributes.text(ACTION), Some("Remove"));
        assert_eq!(entry[0].attributes.text(STATUS), Some("Pending"));
        set_status(&service, "Applied").await;
        assert_eq!(list(&service).await, []);
        assert!(service.get(&[ENTRY]).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn entries_go_with_their_person() {
        let service = service().await;
        expect(&service, RuleAction::Add).await;
        service.delete(ADA).await.unwrap();
        assert!(service.get(&[ENTRY]).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn nothing_is_expected_of_nobody() {
        let service = service().await;
        let nobody = Guid::from_bytes([9; 16]);
        let asked = service.expect_rule(nobody, "OUT - AD", RuleAction::Add, &mut || ENTRY).await;
        assert!(matches!(asked, Err(ServiceError::Missing(id)) if id == nobody));
    }
}
