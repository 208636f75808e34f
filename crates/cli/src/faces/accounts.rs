//! The gateway's accounts: people of the metaverse with what the directory is known to hold.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connector::ConnectorConfig;
use connector_ldap::Lookup;
use gateway::{Account, AccountState, Accounts, AccountsError, Found, Person, TicketErrorKind};
use model::{Clock, ConnectorId, MvId, Name, Sid, Value, Values};
use rules::{AccountAttributes, FindBy};
use store::{CsObject, MvObject, Store, StoreError};

use crate::delegation::{
    PersonFacts, facts_of, gateway_obstacles, person_obstacles, read_gateway, read_person,
    read_service,
};
use crate::secrets::SystemSecrets;

/// Nobody waits longer for a reason that only the log wants.
const EXPLAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The directory where reasons are looked up.
pub(super) struct Directory {
    /// The connector's number in the store.
    pub(super) id: ConnectorId,
    /// Its configuration.
    pub(super) config: ConnectorConfig,
    /// Its secrets.
    pub(super) secrets: SystemSecrets,
    /// The account name of the gateway itself.
    pub(super) gateway_account: Option<String>,
}

/// Finds accounts in the metaverse.
pub(super) struct MetaverseAccounts {
    pub(super) store: Arc<dyn Store>,
    pub(super) attributes: AccountAttributes,
    pub(super) directory: Option<Directory>,
    pub(super) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Accounts for MetaverseAccounts {
    async fn find(&self, by: FindBy, person: &Person) -> Result<Found, AccountsError> {
        let Some((attribute, value)) = self.key(by, person) else { return Ok(Found::Nobody) };
        self.look_up(attribute, &value).await.map_err(|error| AccountsError(Box::new(error)))
    }

    async fn explain(
        &self,
        account: &Account,
        _kind: TicketErrorKind,
        service: &str,
    ) -> Option<String> {
        let reasons = tokio::time::timeout(EXPLAIN_TIMEOUT, self.reasons(account, service)).await;
        match reasons {
            Ok(Ok(reasons)) if !reasons.is_empty() => Some(reasons.join("; ")),
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(format!("the directory cannot say why: {error}")),
            Err(_elapsed) => Some("the directory does not say why in time".to_owned()),
        }
    }
}

impl MetaverseAccounts {
    /// What to look for, and in which attribute.
    fn key(&self, by: FindBy, person: &Person) -> Option<(&Name, String)> {
        let name = person.user_principal_name.as_deref();
        match by {
            FindBy::ObjectId => Some((&self.attributes.object_id, person.object_id.clone())),
            FindBy::UserPrincipalName => {
                Some((&self.attributes.user_principal_name, name?.to_owned()))
            }
            FindBy::AccountName => {
                let (user, _) = name?.split_once('@')?;
                Some((&self.attributes.account_name, user.to_owned()))
            }
        }
        .filter(|(_, value)| !value.is_empty())
    }

    async fn look_up(&self, attribute: &Name, value: &str) -> Result<Found, StoreError> {
        let object_type = &self.attributes.object_type;
        let values = [Value::from(value)];
        let found = self.store.find_mv_by_value(object_type, attribute, &values).await?;
        let ids: Vec<MvId> = found.into_iter().flatten().collect();
        match ids.as_slice() {
            [] => Ok(Found::Nobody),
            [id] => self.account(*id).await,
            _ => Ok(Found::Several),
        }
    }

    async fn account(&self, id: MvId) -> Result<Found, StoreError> {
        let Some(object) = self.store.load_mv(&[id]).await?.pop() else { return Ok(Found::Nobody) };
        let in_directory = self.in_directory(id).await?;
        let sid = self.sid(&object);
        // Whoever has no account in the directory yet is nobody there, even with a name proposed.
        let is_there = match (&self.directory, &in_directory) {
            (Some(_), found) => found.is_some(),
            (None, _) => sid.is_some(),
        };
        if !is_there {
            return Ok(Found::Nobody);
        }
        let text = |name: &Name| object.values(name).and_then(Values::single).map(Value::to_string);
        let of = &self.attributes;
        Ok(Found::Account(Box::new(Account {
            object_id: text(&of.object_id).unwrap_or_default(),
            person_name: text(&of.display_name),
            account_name: text(&of.account_name),
            domain: text(&of.domain),
            realm: None,
            user_principal_name: text(&of.user_principal_name),
            on_premises_user_principal_name: of
                .on_premises_user_principal_name
                .as_ref()
                .and_then(text),
            mail: text(&of.mail),
            state: self.state(&object, in_directory.as_ref()),
            sid,
        })))
    }

    /// The object in the directory's connector space, if an import has shown it and none has shown
    /// it gone.
    async fn in_directory(&self, id: MvId) -> Result<Option<CsObject>, StoreError> {
        let Some(directory) = &self.directory else { return Ok(None) };
        let links = self.store.linked_cs(&[id]).await?.remove(&id).unwrap_or_default();
        let ids: Vec<_> = links.into_iter().filter(|cs| cs.connector() == directory.id).collect();
        let mut objects = self.store.load_cs(&ids).await?;
        objects.retain(|object| object.imported.is_some() && !object.is_gone());
        Ok(objects.pop())
    }

    fn sid(&self, object: &MvObject) -> Option<Sid> {
        match object.values(&self.attributes.sid).and_then(Values::single) {
            Some(Value::Binary(bytes)) => Sid::from_bytes(bytes).ok(),
            _ => None,
        }
    }

    /// What is known without asking the directory: the tenant's word, and the last import.
    fn state(&self, object: &MvObject, in_directory: Option<&CsObject>) -> AccountState {
        let enabled = object.values(&self.attributes.enabled).and_then(Values::single);
        if enabled == Some(&Value::Boolean(false)) {
            return AccountState::Disabled;
        }
        let attributes = in_directory.and_then(|object| object.imported.as_ref());
        let facts = attributes.map(facts_of).unwrap_or_default();
        facts.state(self.clock.now())
    }

    /// Why the directory would refuse: for the person first, else for the gateway.
    async fn reasons(
        &self,
        account: &Account,
        service: &str,
    ) -> Result<Vec<String>, connector::ConnectorError> {
        let Some(directory) = &self.directory else { return Ok(Vec::new()) };
        let lookup = Lookup::open(&directory.config, &directory.secrets).await?;
        if let Some(name) = &account.account_name {
            let facts: Option<PersonFacts> = read_person(&lookup, name).await?;
            let Some(facts) = facts else {
                return Ok(vec!["the account is not in the directory".to_owned()]);
            };
            let reasons = person_obstacles(&facts, self.clock.now());
            if !reasons.is_empty() {
                return Ok(reasons.into_iter().map(str::to_owned).collect());
            }
        }
        let Some(gateway) = &directory.gateway_account else { return Ok(Vec::new()) };
        let gateway = read_gateway(&lookup, gateway).await?;
        let service = read_service(&lookup, service).await?;
        let obstacles = gateway_obstacles(&gateway, &[service]);
        Ok(obstacles.into_iter().map(|obstacle| obstacle.problem).collect())
    }
}
