//! What is in the tenant: users and the log of what happened to them. Pure: no I/O, no clock; ids
//! and moments come as arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use model::Timestamp;
use serde_json::{Map, Value, json};

/// Why the tenant refused an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// No live user has this id or user principal name.
    #[error("no user {0}")]
    NoUser(String),
    /// No deleted user has this id.
    #[error("no deleted user {0}")]
    NotDeleted(String),
    /// Another user has the same user principal name.
    #[error("another user has the same user principal name")]
    NameTaken,
    /// The address cannot be invited.
    #[error("the address cannot be invited")]
    BadAddress,
    /// No application has this client id.
    #[error("no application {0}")]
    NoApp(String),
}

/// Where a user is in life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Live,
    SoftDeleted,
    Purged,
}

#[derive(Debug, Clone)]
struct User {
    properties: Map<String, Value>,
    life: Life,
    /// The log position of its creation.
    created: u64,
}

/// One line of the log: what changed about whom. `properties` is `None` when the user as a whole
/// came, went or came back.
#[derive(Debug, Clone)]
struct Change {
    id: String,
    properties: Option<Vec<String>>,
}

/// What a delta round says about one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DeltaItem {
    /// The user is there. `changed` lists what changed, or is `None` when all of it is news.
    Present { properties: Map<String, Value>, changed: Option<BTreeSet<String>> },
    /// The user is gone; `for_good` when it cannot be restored.
    Removed { id: String, for_good: bool },
}

/// A page of something in id order, and the id to go on after, if there is more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) go_on_after: Option<String>,
}

/// The users of a tenant.
#[derive(Debug, Clone)]
pub(super) struct State {
    domain: String,
    users: BTreeMap<String, User>,
    /// Live users by lower-case user principal name.
    by_name: BTreeMap<String, String>,
    log: Vec<Change>,
}

impl State {
    pub(super) const fn new(domain: String) -> Self {
        Self { domain, users: BTreeMap::new(), by_name: BTreeMap::new(), log: Vec::new() }
    }

    /// The position behind the last change.
    pub(super) fn position(&self) -> u64 {
        u64::try_from(self.log.len()).unwrap_or(u64::MAX)
    }

    /// Adds a user with `properties`; an `id` among them wins over `new_id`.
    pub(super) fn create(
        &mut self,
        new_id: String,
        mut properties: Map<String, Value>,
        now: Timestamp,
    ) -> Result<String, StateError> {
        let id = properties.get("id").and_then(Value::as_str).map_or(new_id, str::to_lowercase);
        let name = name_key(&properties);
        if self.users.contains_key(&id)
            || name.as_ref().is_some_and(|n| self.by_name.contains_key(n))
        {
            return Err(StateError::NameTaken);
        }
        properties.insert("id".to_owned(), json!(id));
        for (property, value) in
            [("createdDateTime", json!(now.to_string())), ("businessPhones", json!([]))]
        {
            properties.entry(property).or_insert(value);
        }
        if let Some(name) = name {
            self.by_name.insert(name, id.clone());
        }
        let user = User { properties, life: Life::Live, created: self.position() };
        self.users.insert(id.clone(), user);
        self.log.push(Change { id: id.clone(), properties: None });
        Ok(id)
    }

    /// Adds a guest that was invited and has not yet accepted; an address invited before keeps its
    /// user.
    pub(super) fn invite(
        &mut self,
        new_id: String,
        invitation: &Invitation<'_>,
        now: Timestamp,
    ) -> Result<String, StateError> {
        let (local, domain) = address_parts(invitation.mail).ok_or(StateError::BadAddress)?;
        let alias = format!("{local}_{domain}#EXT#");
        let name = format!("{alias}@{}", self.domain);
        if let Some(id) = self.by_name.get(&name.to_lowercase()) {
            return Ok(id.clone());
        }
        let display_name = if invitation.name.is_empty() { local } else { invitation.name };
        let Value::Object(properties) = json!({
            "accountEnabled": true,
            "creationType": "Invitation",
            "displayName": display_name,
            "externalUserState": "PendingAcceptance",
            "externalUserStateChangeDateTime": now.to_string(),
            "identities": [{
                "signInType": "userPrincipalName",
                "issuer": self.domain,
                "issuerAssignedId": name,
            }],
            "mail": invitation.mail,
            "mailNickname": alias,
            "otherMails": [invitation.mail],
            "proxyAddresses": [format!("SMTP:{}", invitation.mail)],
            "showInAddressList": false,
            "userPrincipalName": name,
            "userType": invitation.user_type,
        }) else {
            return Err(StateError::BadAddress);
        };
        self.create(new_id, properties, now)
    }

    /// Changes properties of a live user; null marks one as cleared.
    pub(super) fn update(
        &mut self,
        key: &str,
        properties: Map<String, Value>,
    ) -> Result<(), StateError> {
        let id = self.live_id(key)?;
        let missing = || StateError::NoUser(key.to_owned());
        let old_name = self.users.get(&id).and_then(|u| name_key(&u.properties));
        let new_name = properties.contains_key("userPrincipalName").then(|| name_key(&properties));
        if let Some(new_name) = new_name.filter(|n| *n != old_name) {
            if new_name.as_ref().is_some_and(|n| self.by_name.contains_key(n)) {
                return Err(StateError::NameTaken);
            }
            old_name.map(|n| self.by_name.remove(&n));
            new_name.map(|n| self.by_name.insert(n, id.clone()));
        }
        let user = self.users.get_mut(&id).ok_or_else(missing)?;
        let mut changed = Vec::new();
        for (property, value) in properties {
            if property != "id" && user.properties.get(&property) != Some(&value) {
                user.properties.insert(property.clone(), value);
                changed.push(property);
            }
        }
        if !changed.is_empty() {
            self.log.push(Change { id, properties: Some(changed) });
        }
        Ok(())
    }

    /// Moves a live user to the deleted ones.
    pub(super) fn soft_delete(&mut self, key: &str) -> Result<(), StateError> {
        let id = self.live_id(key)?;
        self.release_name(&id);
        self.set_life(id, Life::SoftDeleted);
        Ok(())
    }

    /// Brings a deleted user back.
    pub(super) fn restore(&mut self, id: &str) -> Result<(), StateError> {
        let id = self.deleted_id(id)?;
        if let Some(name) = self.users.get(&id).and_then(|u| name_key(&u.properties)) {
            if self.by_name.contains_key(&name) {
                return Err(StateError::NameTaken);
            }
            self.by_name.insert(name, id.clone());
        }
        self.set_life(id, Life::Live);
        Ok(())
    }

    /// Deletes a user for good, deleted before or not.
    pub(super) fn purge(&mut self, key: &str) -> Result<(), StateError> {
        let id = self.live_id(key).or_else(|_live| self.deleted_id(key))?;
        self.release_name(&id);
        self.set_life(id, Life::Purged);
        Ok(())
    }

    /// Lets another user have the name of `id`, unless one already has it.
    fn release_name(&mut self, id: &str) {
        let name = self.users.get(id).and_then(|u| name_key(&u.properties));
        if let Some(name) = name.filter(|n| self.by_name.get(n).is_some_and(|owner| owner == id)) {
            self.by_name.remove(&name);
        }
    }

    fn set_life(&mut self, id: String, life: Life) {
        if let Some(user) = self.users.get_mut(&id) {
            user.life = life;
            self.log.push(Change { id, properties: None });
        }
    }

    /// The live user with this id (in any case) or user principal name.
    pub(super) fn user(&self, key: &str) -> Result<&Map<String, Value>, StateError> {
        let id = self.live_id(key)?;
        let user = self.users.get(&id).ok_or_else(|| StateError::NoUser(key.to_owned()))?;
        Ok(&user.properties)
    }

    /// A page of the live users that `wanted` picks, starting behind the id `after`. `below` leaves
    /// out users created at or after that log position.
    pub(super) fn list(
        &self,
        after: Option<&str>,
        size: usize,
        below: u64,
        wanted: &dyn Fn(&Map<String, Value>) -> bool,
    ) -> Page<Map<String, Value>> {
        let mut page = Page { items: Vec::new(), go_on_after: None };
        let mut last = None;
        for (id, user) in self.users.range::<str, _>(behind(after)) {
            if user.life != Life::Live || user.created >= below || !wanted(&user.properties) {
                continue;
            }
            if page.items.len() >= size {
                page.go_on_after = last;
                break;
            }
            page.items.push(user.properties.clone());
            last = Some(id.clone());
        }
        page
    }

    /// A page of what happened between the log positions `from` and `upper` to the properties that
    /// `tracks` picks, starting behind the id `after`. Users are shown as they are now.
    pub(super) fn changes(
        &self,
        (from, upper): (u64, u64),
        after: Option<&str>,
        size: usize,
        tracks: &dyn Fn(&str) -> bool,
    ) -> Page<DeltaItem> {
        let changed = self.changed_between(from, upper, tracks);
        let mut page = Page { items: Vec::new(), go_on_after: None };
        let mut last = None;
        for (id, properties) in changed.range::<str, _>(behind(after)) {
            let Some(item) = self.delta_item(id, properties.clone(), from) else { continue };
            if page.items.len() >= size {
                page.go_on_after = last;
                break;
            }
            page.items.push(item);
            last = Some((*id).to_owned());
        }
        page
    }

    fn changed_between(
        &self,
        from: u64,
        upper: u64,
        tracks: &dyn Fn(&str) -> bool,
    ) -> BTreeMap<&str, Option<BTreeSet<String>>> {
        let [from, upper] = [from, upper].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let mut changed: BTreeMap<&str, Option<BTreeSet<String>>> = BTreeMap::new();
        for change in self.log.iter().take(upper).skip(from) {
            let Some(properties) = &change.properties else {
                changed.insert(&change.id, None);
                continue;
            };
            let tracked: Vec<&String> = properties.iter().filter(|p| tracks(p)).collect();
            if !tracked.is_empty() {
                let entry = changed.entry(&change.id).or_insert_with(|| Some(BTreeSet::new()));
                if let Some(names) = entry {
                    names.extend(tracked.into_iter().cloned());
                }
            }
        }
        changed
    }

    fn delta_item(
        &self,
        id: &str,
        changed: Option<BTreeSet<String>>,
        from: u64,
    ) -> Option<DeltaItem> {
        let user = self.users.get(id)?;
        match user.life {
            Life::Live => Some(DeltaItem::Present { properties: user.properties.clone(), changed }),
            // Came and went within the window: nobody needs to hear of it.
            Life::Purged if user.created >= from => None,
            Life::SoftDeleted | Life::Purged => {
                Some(DeltaItem::Removed { id: id.to_owned(), for_good: user.life == Life::Purged })
            }
        }
    }

    fn live_id(&self, key: &str) -> Result<String, StateError> {
        let key_lower = key.to_lowercase();
        let id = self.by_name.get(&key_lower).unwrap_or(&key_lower);
        match self.users.get(id) {
            Some(user) if user.life == Life::Live => Ok(id.clone()),
            _ => Err(StateError::NoUser(key.to_owned())),
        }
    }

    fn deleted_id(&self, id: &str) -> Result<String, StateError> {
        let lower = id.to_lowercase();
        match self.users.get(&lower) {
            Some(user) if user.life == Life::SoftDeleted => Ok(lower),
            _ => Err(StateError::NotDeleted(id.to_owned())),
        }
    }
}

/// Who is invited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invitation<'a> {
    pub(super) name: &'a str,
    pub(super) mail: &'a str,
    /// `Guest` or `Member`.
    pub(super) user_type: &'a str,
}

const fn behind(after: Option<&str>) -> (Bound<&str>, Bound<&str>) {
    match after {
        Some(id) => (Bound::Excluded(id), Bound::Unbounded),
        None => (Bound::Unbounded, Bound::Unbounded),
    }
}

fn name_key(properties: &Map<String, Value>) -> Option<String> {
    properties.get("userPrincipalName").and_then(Value::as_str).map(str::to_lowercase)
}

/// The two halves of an address, if it follows the documented rules for invitations.
fn address_parts(mail: &str) -> Option<(&str, &str)> {
    let (local, domain) = mail.split_once('@')?;
    let refused = |c: char| "~!#$%^&*()+=[]{}\\/|;:\"<>?, @".contains(c);
    let at_edge = |c: char| c == '.' || c == '-';
    let is_good = !local.is_empty()
        && !domain.is_empty()
        && !local.contains(refused)
        && !domain.contains(refused)
        && !local.starts_with(at_edge)
        && !local.ends_with(at_edge);
    is_good.then_some((local, domain))
}
