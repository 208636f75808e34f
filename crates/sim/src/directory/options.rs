//! What a simulated directory is started with.

use std::fmt;
use std::sync::Arc;

use model::{Clock, Secret};

/// Whose result codes and messages the directory answers with, and whose rules it enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Active Directory on Windows Server: the stricter one.
    #[default]
    Windows,
    /// Samba 4.17.
    Samba,
}

/// Settings of a simulated directory.
#[derive(Clone)]
pub struct DirectoryOptions {
    /// TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Result codes, messages and rules.
    pub dialect: Dialect,
    /// DNS name of the domain, which also gives its DN: `contoso.com` is `DC=contoso,DC=com`.
    pub domain: String,
    /// Name in front of the backslash in `CONTOSO\name`.
    pub netbios_name: String,
    /// DNS name the domain controller says it has.
    pub host_name: String,
    /// Organizational units to create, as DNs; missing parents are created too.
    pub organizational_units: Vec<String>,
    /// Password of the service account `CN=svc-proxeny,OU=Services,<domain>`, which may do
    /// everything.
    pub service_password: Secret,
    /// Further accounts in `OU=Services` that may bind and read but not write, do not see deleted
    /// objects, and use `DirSync` only with the object security flag: name and password.
    pub limited_users: Vec<(String, Secret)>,
    /// Fewest characters of a password; 0 also allows accounts without one.
    pub min_password_length: usize,
    /// Rows per `DirSync` page; `None` answers everything at once, as Samba does.
    pub dirsync_page_rows: Option<usize>,
    /// Where all identifiers come from: equal seeds and equal operations give equal directories.
    pub seed: u64,
    /// Where the present moment comes from.
    pub clock: Arc<dyn Clock>,
}

impl DirectoryOptions {
    /// The domain `contoso.com` with `OU=B2BGuest`, on a free port, in Windows dialect.
    #[must_use]
    pub fn new(service_password: Secret, clock: Arc<dyn Clock>) -> Self {
        Self {
            port: 0,
            dialect: Dialect::default(),
            domain: "contoso.com".to_owned(),
            netbios_name: "CONTOSO".to_owned(),
            host_name: "dc1.contoso.com".to_owned(),
            organizational_units: vec!["OU=B2BGuest,DC=contoso,DC=com".to_owned()],
            service_password,
            limited_users: Vec::new(),
            min_password_length: 7,
            dirsync_page_rows: None,
            seed: 1,
            clock,
        }
    }
}

impl fmt::Debug for DirectoryOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryOptions")
            .field("port", &self.port)
            .field("dialect", &self.dialect)
            .field("domain", &self.domain)
            .field("organizational_units", &self.organizational_units)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
