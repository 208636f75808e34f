//! A service that acts towards other services in its users' names: constrained delegation with
//! protocol transition ([MS-SFU]).
//!
//! A [`Gateway`] has a principal and a keytab, nothing else: tickets lie in memory, never in a
//! file. All calls block, for as long as the KDC takes: one that refuses connections fails at
//! once, on one that accepts them and stays silent MIT waits 25 seconds. The realm's KDCs come from the process's Kerberos configuration (`KRB5_CONFIG`),
//! which is the same for all gateways of a process: see [`crate::Krb5Config`].

use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::attempts::Attempts;
use crate::cache::Cache;
use crate::classify::classify;
use crate::handle::{Credential, Mechanism, Name, NameForm, Refusal, Usage};
use crate::keytab::{self, KeytabEntry};
use crate::stamp::Stamp;
use crate::{KerberosError, Kind, Library, Stage};

/// Longest name, as MIT allows it in practice; directories allow less.
const NAME_LENGTH_MAX: usize = 1024;

/// Whom to ask a ticket for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserName {
    /// A user principal name, e.g. `ada_treyresearch.com#EXT#@contoso.onmicrosoft.com`: an
    /// enterprise name (RFC 6806 section 5) that the gateway's KDC resolves.
    UserPrincipalName(String),
    /// An account name (`sAMAccountName`) and its realm. Takes half the exchanges.
    Account {
        /// The account's name.
        name: String,
        /// The realm, in upper case.
        realm: String,
    },
}

/// The gateway's own identity.
#[derive(Debug)]
pub struct Gateway {
    library: Library,
    principal: String,
    keytab: PathBuf,
    own: Attempts<Option<Tickets>, KerberosError>,
}

/// Where the gateway's own tickets lie, and the keytab they came from.
#[derive(Debug)]
struct Tickets {
    stamp: Stamp,
    cache: Arc<Cache>,
}

/// The gateway's own credential, with the cache that it uses.
struct Own {
    // Dropped before the cache.
    credential: Credential,
    _cache: Arc<Cache>,
}

/// A user's ticket to the gateway, and those to services got by it: what S4U2Self gave.
///
/// Shared between threads, it gives each a token of its own.
#[derive(Debug)]
pub struct Delegated {
    credential: Credential,
    library: Library,
    principal: String,
    realm: String,
}

impl Gateway {
    /// The gateway that acts as `principal` (`gatewaysvc@CONTOSO.COM`) with the keys in `keytab`.
    /// Nothing is read and nobody is asked yet.
    #[must_use]
    pub fn new(library: Library, principal: &str, keytab: &Path) -> Self {
        Self {
            library,
            principal: principal.to_owned(),
            keytab: keytab.to_owned(),
            own: Attempts::new(None),
        }
    }

    /// The principal.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// The keytab.
    #[must_use]
    pub fn keytab(&self) -> &Path {
        &self.keytab
    }

    /// Whether keytab and KDC agree: reads the keytab and gets a new ticket.
    ///
    /// # Errors
    /// At [`Stage::Acquire`]; the tickets so far stay in use.
    pub fn check(&self) -> Result<(), KerberosError> {
        self.own
            .attempt(self.own.queue(), |tickets| self.acquire_new(self.stamp()?, tickets).map(drop))
    }

    /// A ticket in the user's name (S4U2Self). Each call asks the KDC; keep the result for as
    /// long as it may live. Whether the user may be delegated shows at the first token.
    ///
    /// # Errors
    /// At [`Stage::Acquire`] and [`Stage::Impersonate`].
    pub fn impersonate(&self, user: &UserName) -> Result<Delegated, KerberosError> {
        let (text, form) = self.user_text(user)?;
        let first = self.impersonate_once(&text, form);
        match first {
            // Perhaps it is our own ticket that is no longer good, as after the KDC's keys changed.
            Err(error) if is_perhaps_ours(error.kind()) => {
                self.renew();
                self.impersonate_once(&text, form)
            }
            other => other,
        }
    }

    fn impersonate_once(&self, text: &str, form: NameForm) -> Result<Delegated, KerberosError> {
        let own = self.acquire()?;
        let refused = |refusal: Refusal| self.refused(&refusal, Stage::Impersonate);
        let name = Name::import(self.library.functions, text, form).map_err(refused)?;
        Ok(Delegated {
            credential: own.credential.impersonate(&name).map_err(refused)?,
            library: self.library,
            principal: self.principal.clone(),
            realm: self.realm().to_owned(),
        })
    }

    /// Our own credential, with a ticket from the cache where there is a good one.
    fn acquire(&self) -> Result<Own, KerberosError> {
        self.own.attempt(self.own.queue(), |tickets| {
            let stamp = self.stamp()?;
            match tickets {
                Some(tickets) if tickets.stamp == stamp => self.acquire_from(&tickets.cache),
                _ => self.acquire_new(stamp, tickets),
            }
        })
    }

    /// With a cache of its own, which takes the place of that in `tickets`.
    fn acquire_new(
        &self,
        stamp: Stamp,
        tickets: &mut Option<Tickets>,
    ) -> Result<Own, KerberosError> {
        // The library would say that there is no cache.
        let entries = keytab::read(&self.keytab).map_err(|error| error.of(&self.principal))?;
        if !self.is_in(&entries) {
            return Err(self.error(Kind::KeytabLacksPrincipal, Stage::Acquire));
        }
        let cache = Arc::new(Cache::new(self.library.functions));
        let own = self.acquire_from(&cache)?;
        *tickets = Some(Tickets { stamp, cache });
        Ok(own)
    }

    fn acquire_from(&self, cache: &Arc<Cache>) -> Result<Own, KerberosError> {
        let keytab = self.keytab.display().to_string();
        let keytab = store_value(&format!("FILE:{keytab}"), &keytab)?;
        let refused = |refusal: Refusal| self.refused(&refusal, Stage::Acquire);
        let functions = self.library.functions;
        let name = Name::import(functions, &self.principal, NameForm::Principal);
        let credential = Credential::acquire(
            functions,
            Some(&name.map_err(refused)?),
            Usage::Initiate,
            &[(c"client_keytab", &keytab), (c"ccache", cache.name())],
        )
        .map_err(refused)?;
        Ok(Own { credential, _cache: Arc::clone(cache) })
    }

    fn stamp(&self) -> Result<Stamp, KerberosError> {
        Stamp::of(&self.keytab).map_err(|reason| {
            self.error(Kind::KeytabMissing, Stage::Acquire).because(reason.to_string())
        })
    }

    /// Makes the next acquisition get a new ticket.
    fn renew(&self) {
        self.own.change(|tickets| *tickets = None);
    }

    fn is_in(&self, entries: &[KeytabEntry]) -> bool {
        let (name, realm) = split_realm(&self.principal);
        let is_ours = |entry: &KeytabEntry| {
            entry.principal == unescaped(name) && (realm.is_empty() || entry.realm == realm)
        };
        entries.iter().any(is_ours)
    }

    fn realm(&self) -> &str {
        split_realm(&self.principal).1
    }

    fn user_text(&self, user: &UserName) -> Result<(String, NameForm), KerberosError> {
        let text = match user {
            UserName::UserPrincipalName(name) => enterprise_text(name, self.realm()),
            UserName::Account { name, realm } => account_text(name, realm),
        };
        let form = match user {
            UserName::UserPrincipalName(_) => NameForm::Enterprise,
            UserName::Account { .. } => NameForm::Principal,
        };
        let invalid = || self.error(Kind::NameInvalid, Stage::Impersonate);
        Ok((text.ok_or_else(invalid)?, form))
    }

    fn error(&self, kind: Kind, stage: Stage) -> KerberosError {
        let subject = match stage {
            Stage::Acquire => self.keytab.display().to_string(),
            _ => self.principal.clone(),
        };
        KerberosError::new(kind, stage, subject).of(&self.principal)
    }

    fn refused(&self, refusal: &Refusal, stage: Stage) -> KerberosError {
        self.error(classify(refusal, stage), stage).because(refusal.text.as_str())
    }
}

impl Delegated {
    /// A token for `service` (`HTTP/portal.contoso.com` or `HTTP@portal.contoso.com`), to be sent
    /// once. The first one for a service asks the KDC (S4U2Proxy), later ones take a tenth of a
    /// millisecond.
    ///
    /// `channel_binding` is the application data of RFC 5929, e.g. `tls-server-end-point:` and
    /// the hash of the server's certificate.
    ///
    /// # Errors
    /// At [`Stage::Delegate`]. Where [`Kind::wants_new_ticket`], as after the gateway's keys were
    /// changed, impersonate the user again; services already used go on with what is cached.
    pub fn token(
        &self,
        service: &str,
        mechanism: Mechanism,
        channel_binding: Option<&[u8]>,
    ) -> Result<Vec<u8>, KerberosError> {
        let invalid = || self.error(Kind::NameInvalid, service);
        let text = service_text(service, &self.realm).ok_or_else(invalid)?;
        let refused = |refusal: Refusal| {
            let kind = classify(&refusal, Stage::Delegate);
            self.error(kind, service).because(refusal.text)
        };
        let name = Name::import(self.library.functions, &text, NameForm::Principal);
        let name = name.map_err(refused)?;
        self.credential.initiate(&name, mechanism, channel_binding).map_err(refused)
    }

    /// Seconds until the user's ticket ends; 0 when it has.
    #[must_use]
    pub fn lifetime_seconds(&self) -> u32 {
        // An expired credential is a refusal in the library's eyes.
        self.credential.lifetime_seconds().unwrap_or(0)
    }

    fn error(&self, kind: Kind, service: &str) -> KerberosError {
        KerberosError::new(kind, Stage::Delegate, service).of(&self.principal)
    }
}

const fn is_perhaps_ours(kind: Kind) -> bool {
    matches!(kind, Kind::Other | Kind::TicketStale | Kind::TicketExpired | Kind::TicketNotYetValid)
}

/// A value for the credential store.
pub(crate) fn store_value(value: &str, subject: &str) -> Result<CString, KerberosError> {
    CString::new(value)
        .map_err(|_nul| KerberosError::new(Kind::NameInvalid, Stage::Acquire, subject))
}

/// Name and realm of a principal's text; the realm is empty where there is none.
fn split_realm(principal: &str) -> (&str, &str) {
    principal.rsplit_once('@').unwrap_or((principal, ""))
}

/// The text without the backslashes that quote.
fn unescaped(text: &str) -> String {
    let mut quoted = false;
    let keep = |c: &char| {
        quoted = *c == '\\' && !quoted;
        !quoted
    };
    text.chars().filter(keep).collect()
}

/// One component, or a realm, of a principal's text; `None` for what cannot be one.
fn escaped(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > NAME_LENGTH_MAX || text.contains('\0') {
        return None;
    }
    let mut escaped = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if matches!(c, '\\' | '/' | '@') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    Some(escaped)
}

/// An account's principal.
fn account_text(name: &str, realm: &str) -> Option<String> {
    Some(format!("{}@{}", escaped(name)?, escaped(realm)?))
}

/// An enterprise name in the realm that is asked first. Its first `@` belongs to the name and
/// must not be quoted, the second one begins the realm.
fn enterprise_text(name: &str, realm: &str) -> Option<String> {
    let Some((user, suffix)) = name.split_once('@') else {
        return escaped(name);
    };
    let name = format!("{}@{}", escaped(user)?, escaped(suffix)?);
    Some(if realm.is_empty() { name } else { format!("{name}@{realm}") })
}

/// The text of a service's principal. It is taken as configured: no name is looked up.
pub(crate) fn service_text(service: &str, realm: &str) -> Option<String> {
    let is_bad = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if service.is_empty() || service.len() > NAME_LENGTH_MAX || service.contains(is_bad) {
        return None;
    }
    let text = match (service.split_once('/'), service.split_once('@')) {
        (None, Some((class, host))) => format!("{class}/{host}"),
        (Some(_), Some(_)) => return Some(service.to_owned()),
        _ => service.to_owned(),
    };
    Some(if realm.is_empty() { text } else { format!("{text}@{realm}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_structures_a_name_is_quoted() {
        assert_eq!(escaped("a/b\\c").as_deref(), Some("a\\/b\\\\c"));
        let upn = enterprise_text("ada#EXT#@x.example@y", "CONTOSO.COM");
        assert_eq!(upn.as_deref(), Some("ada#EXT#@x.example\\@y@CONTOSO.COM"));
        let account = account_text("a@b", "CONTOSO.COM");
        assert_eq!(account.as_deref(), Some("a\\@b@CONTOSO.COM"));
        assert_eq!(account_text("a", ""), None);
        assert_eq!(enterprise_text("@x", ""), None);
        assert_eq!(escaped(""), None);
        assert_eq!(escaped("a\0b"), None);
        assert_eq!(unescaped("a\\/b\\\\c"), "a/b\\c");
    }

    #[test]
    fn a_service_is_written_in_three_ways() {
        let text = |service| service_text(service, "CONTOSO.COM");
        let wanted = Some("HTTP/portal.contoso.com@CONTOSO.COM".to_owned());
        assert_eq!(text("HTTP/portal.contoso.com"), wanted);
        assert_eq!(text("HTTP@portal.contoso.com"), wanted);
        assert_eq!(text("HTTP/portal.contoso.com@CONTOSO.COM"), wanted);
        assert_eq!(service_text("HTTP/portal:8080", "").as_deref(), Some("HTTP/portal:8080"));
        assert_eq!(text("HTTP/por tal"), None);
        assert_eq!(text("HTTP/portal\n"), None);
        assert_eq!(text(""), None);
    }
}
