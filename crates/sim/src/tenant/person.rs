//! What sign-in tells about a user: names, addresses, and where guests are at home.

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use model::Timestamp;

/// A user of the tenant, seen by the sign-in service.
#[derive(Debug, Clone)]
pub(super) struct Person(pub(super) Map<String, Value>);

impl Person {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|t| !t.is_empty())
    }

    pub(super) fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.text("displayName").unwrap_or_default()
    }

    pub(super) fn given_name(&self) -> Option<&str> {
        self.text("givenName")
    }

    pub(super) fn family_name(&self) -> Option<&str> {
        self.text("surname")
    }

    pub(super) fn email(&self) -> Option<&str> {
        let other = || self.0.get("otherMails")?.get(0)?.as_str();
        self.text("mail").or_else(other)
    }

    /// The user principal name; of a guest, the one at home, which is the address.
    pub(super) fn username(&self) -> &str {
        let name = self.text("userPrincipalName");
        let address = self.email().filter(|_| self.is_external());
        address.or(name).unwrap_or_default()
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.0.get("accountEnabled") == Some(&Value::Bool(false))
    }

    pub(super) fn is_guest(&self) -> bool {
        self.text("userType") == Some("Guest")
    }

    /// True for a guest who was invited, or invited again, and has not signed in since.
    pub(super) fn is_pending(&self) -> bool {
        self.text("externalUserState") == Some("PendingAcceptance")
    }

    /// True if the person's account is in another directory, whatever the type of the user.
    pub(super) fn is_external(&self) -> bool {
        self.text("creationType") == Some("Invitation")
            || self.text("externalUserState").is_some()
            || self.text("userPrincipalName").is_some_and(|n| n.contains("#EXT#"))
            || self.foreign_issuer().is_some()
    }

    fn foreign_issuer(&self) -> Option<&str> {
        let identities = self.0.get("identities")?.as_array()?;
        let federated = identities
            .iter()
            .find(|i| i.get("signInType").and_then(Value::as_str) == Some("federated"))?;
        federated.get("issuer").and_then(Value::as_str)
    }

    /// Who vouches for the person; `None` when this tenant does.
    pub(super) fn identity_provider(&self) -> Option<String> {
        if !self.is_external() {
            return None;
        }
        Some(match self.foreign_issuer() {
            None | Some("ExternalAzureAD") => {
                format!("https://sts.windows.net/{}/", self.home_tenant())
            }
            Some("MicrosoftAccount") => "live.com".to_owned(),
            Some(issuer) => issuer.to_owned(),
        })
    }

    /// The id of an external person's own tenant: a GUID that depends on nothing but the domain of
    /// the address, so that all guests of a partner come from one tenant.
    pub(super) fn home_tenant(&self) -> String {
        let domain = self.username().rsplit('@').next().unwrap_or_default().to_lowercase();
        let hash = digest(&SHA256, domain.as_bytes());
        let mut bytes = [0; 16];
        for (byte, hashed) in bytes.iter_mut().zip(hash.as_ref()) {
            *byte = *hashed;
        }
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// True if `key`, in any case, is the id, the user principal name or an address.
    pub(super) fn is_called(&self, key: &str) -> bool {
        let names = [self.text("id"), self.text("userPrincipalName"), self.email()];
        names.into_iter().flatten().any(|name| name.to_lowercase() == key.to_lowercase())
    }

    /// What changes when an invited guest signs in for the first time; nothing for others.
    pub(super) fn acceptance(&self, now: Timestamp) -> Map<String, Value> {
        if !self.is_pending() {
            return Map::new();
        }
        let mut identities = self.0.get("identities").and_then(Value::as_array).cloned();
        let identities = identities.get_or_insert_default();
        if self.foreign_issuer().is_none() {
            identities.insert(
                0,
                json!({
                    "signInType": "federated",
                    "issuer": "ExternalAzureAD",
                    "issuerAssignedId": null,
                }),
            );
        }
        let changes: [(&str, Value); 3] = [
            ("externalUserState", json!("Accepted")),
            ("externalUserStateChangeDateTime", json!(now.to_string())),
            ("identities", json!(identities)),
        ];
        changes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What the page for choosing says besides the name.
    pub(super) fn note(&self) -> String {
        let mut note = self.username().to_owned();
        note.push_str(if self.is_guest() { ", guest" } else { ", member" });
        if self.is_pending() {
            note.push_str(", accepts the invitation by signing in");
        }
        if self.is_blocked() {
            note.push_str(", blocked");
        }
        note
    }
}
