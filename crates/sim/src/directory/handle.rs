//! Starting a directory, and looking into it and changing it from tests.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ldap3_proto::proto::{LdapModify, LdapModifyType, LdapPartialAttribute};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::core::Core;
use super::faults::{Fault, Operation};
use super::filter::Filter;
use super::moves::NewName;
use super::object::Object;
use super::options::DirectoryOptions;
use super::refusal::Refusal;
use super::seed::{self, SeedError};
use super::server::{self, Shared};
use super::{add, modify, moves, read, search};
use crate::tls::{Authority, TlsError};

/// Attributes of an object as a search would return them: names in the schema's spelling, values
/// as octets.
pub type Entry = BTreeMap<String, Vec<Vec<u8>>>;

/// A directory could not be started, or refused a change made through its handle.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The port is taken.
    #[error("cannot listen on port {port} of 127.0.0.1")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// No certificate could be made.
    #[error("cannot prepare TLS for the directory")]
    Tls(#[from] TlsError),
    /// A name in the options cannot be used.
    #[error("cannot create the initial objects")]
    Seed(#[from] SeedError),
    /// The directory refuses a change, as it would on the wire.
    #[error("the directory refuses with result code {code}: {message}")]
    Refused {
        /// LDAP result code.
        code: u32,
        /// Diagnostic message.
        message: String,
    },
    /// A filter cannot be read.
    #[error("{0:?} is not a search filter")]
    Filter(String),
}

/// A simulated domain controller.
#[derive(Debug)]
pub struct Directory;

impl Directory {
    /// Builds a directory and serves it over TLS on 127.0.0.1, inside the current Tokio runtime.
    ///
    /// # Errors
    /// [`DirectoryError`] when the port is taken, a name in the options is wrong, or no
    /// certificate can be made.
    pub async fn start(options: DirectoryOptions) -> Result<DirectoryHandle, DirectoryError> {
        let authority = Authority::new()?;
        let names = ["localhost", "127.0.0.1", options.host_name.as_str()];
        let acceptor = TlsAcceptor::from(authority.server_config(&names)?);
        let shared = Arc::new(Shared::new(seed::build(&options)?));
        let failed = |source| DirectoryError::Listen { port: options.port, source };
        let listener = server::listen(options.port).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let stop = CancellationToken::new();
        let serving = server::serve(listener, acceptor, Arc::clone(&shared), stop.clone());
        Ok(DirectoryHandle {
            shared,
            port,
            ca_pem: authority.certificate_pem().to_owned(),
            stop,
            serving: Some(tokio::spawn(serving)),
        })
    }
}

/// A running directory. Dropping it stops it.
pub struct DirectoryHandle {
    shared: Arc<Shared>,
    port: u16,
    ca_pem: String,
    stop: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl fmt::Debug for DirectoryHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryHandle").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Drop for DirectoryHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl DirectoryHandle {
    /// Where it listens, for example `ldaps://localhost:6360`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ldaps://localhost:{}", self.port)
    }

    /// The certificate authority to trust, in PEM. The server's certificate is valid for
    /// `localhost`, `127.0.0.1` and the host name of the options.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// DN of the domain, for example `DC=contoso,DC=com`.
    #[must_use]
    pub fn domain_dn(&self) -> String {
        self.shared.core().names.domain_dn.to_string()
    }

    /// DN of the service account.
    #[must_use]
    pub fn bind_dn(&self) -> String {
        self.shared.core().names.service_account_dn.clone()
    }

    /// Attributes of the object with this DN or `<GUID=...>`, deleted or not.
    #[must_use]
    pub fn get(&self, dn: &str) -> Option<Entry> {
        let core = self.shared.core();
        let guid = search::base(&core.state, dn).ok()?;
        core.state.get(guid).map(|object| entry(&core, object))
    }

    /// Live objects of the domain that match a filter (RFC 4515), with their DNs, in tree order.
    ///
    /// # Errors
    /// [`DirectoryError::Filter`] when the filter cannot be read.
    pub fn find_all(&self, filter: &str) -> Result<Vec<(String, Entry)>, DirectoryError> {
        let wrong = || DirectoryError::Filter(filter.to_owned());
        let parsed = Filter::parse(filter).ok_or_else(wrong)?;
        let core = self.shared.core();
        let root = core.state.resolve(&super::names::Target::Dn(core.names.domain_dn.clone()));
        let objects = root.into_iter().flat_map(|root| core.state.subtree(root));
        Ok(objects
            .filter_map(|guid| core.state.get(guid))
            .filter(|o| o.text("isDeleted") != Some("TRUE") && parsed.matches(&core.state, o))
            .map(|object| (core.state.dn(object.guid).to_string(), entry(&core, object)))
            .collect())
    }

    /// Adds an object as an administrator would.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] as on the wire.
    pub fn add(&self, dn: &str, attributes: &[(&str, &[&[u8]])]) -> Result<(), DirectoryError> {
        let attributes: Vec<_> = attributes.iter().map(|(name, v)| partial(name, v)).collect();
        self.change(|core| {
            let now = core.now();
            add::add(&mut core.state, core.policy, dn, &attributes, now).map(|_| ())
        })
    }

    /// Replaces attributes as an administrator would; no values clear one.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] as on the wire.
    pub fn modify(&self, dn: &str, attributes: &[(&str, &[&[u8]])]) -> Result<(), DirectoryError> {
        let changes: Vec<LdapModify> = attributes
            .iter()
            .map(|(name, values)| LdapModify {
                operation: LdapModifyType::Replace,
                modification: partial(name, values),
            })
            .collect();
        self.change(|core| {
            let guid = search::base(&core.state, dn)?;
            let now = core.now();
            modify::modify(&mut core.state, core.policy, guid, (&changes, false), now).map(|_| ())
        })
    }

    /// Renames an object and, with `superior`, moves it.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] as on the wire.
    pub fn rename(
        &self,
        dn: &str,
        rdn: &str,
        superior: Option<&str>,
    ) -> Result<(), DirectoryError> {
        self.change(|core| {
            let guid = search::base(&core.state, dn)?;
            let name = NewName { rdn, deletes_old_rdn: true, superior };
            let now = core.now();
            moves::rename(&mut core.state, core.policy, guid, &name, now)
        })
    }

    /// Deletes an object and everything below it.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] as on the wire.
    pub fn delete(&self, dn: &str) -> Result<(), DirectoryError> {
        self.change(|core| {
            let guid = search::base(&core.state, dn)?;
            let now = core.now();
            moves::delete(&mut core.state, guid, true, now)
        })
    }

    /// Creates an organizational unit; its parent must exist.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] as on the wire.
    pub fn create_ou(&self, dn: &str) -> Result<(), DirectoryError> {
        self.add(dn, &[("objectClass", &[b"organizationalUnit"])])
    }

    /// How many requests of each kind arrived, including those that met a fault.
    #[must_use]
    pub fn operations(&self) -> BTreeMap<Operation, u64> {
        self.shared.core().faults.counts().clone()
    }

    /// Makes requests fail.
    pub fn inject(&self, fault: Fault) {
        self.shared.core().faults.inject(fault);
    }

    /// Forgets faults that have not happened yet.
    pub fn clear_faults(&self) {
        self.shared.core().faults.clear();
    }

    /// Closes all connections now; new ones are accepted.
    pub fn close_connections(&self) {
        self.shared.close_connections();
    }

    /// Takes a new invocation id, as after a restore: `DirSync` cookies start over.
    pub fn renew_invocation_id(&self) {
        self.shared.core().renew_invocation_id();
    }

    /// Sets the fewest characters of a password; 0 allows accounts without one.
    pub fn set_password_policy(&self, min_length: usize) {
        self.shared.core().set_min_password_length(min_length);
    }

    /// Sets the rows of a `DirSync` page; `None` answers everything at once.
    pub fn set_dirsync_page_rows(&self, rows: Option<usize>) {
        self.shared.core().dirsync_page_rows = rows;
    }

    /// The USN of the last change, as the root DSE shows it.
    #[must_use]
    pub fn highest_usn(&self) -> u64 {
        self.shared.core().state.highest_usn()
    }

    /// Stops serving and waits until every connection is closed.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(serving) = self.serving.take() {
            // Fails only if the server panicked, and then it has stopped too.
            let _stopped = serving.await;
        }
    }

    fn change(
        &self,
        act: impl FnOnce(&mut Core) -> Result<(), Refusal>,
    ) -> Result<(), DirectoryError> {
        let mut core = self.shared.core();
        act(&mut core).map_err(|refusal| {
            let result = refusal.result(core.policy.dialect);
            let code = u32::try_from(result.code as i64).unwrap_or_default();
            DirectoryError::Refused { code, message: result.message }
        })
    }
}

fn partial(name: &str, values: &[&[u8]]) -> LdapPartialAttribute {
    LdapPartialAttribute {
        atype: name.to_owned(),
        vals: values.iter().map(|v| v.to_vec()).collect(),
    }
}

fn entry(core: &Core, object: &Object) -> Entry {
    read::default_attributes(object)
        .into_iter()
        .map(|a| (a.name.to_owned(), read::values(&core.state, object, a)))
        .filter(|(_, values)| !values.is_empty())
        .collect()
}
