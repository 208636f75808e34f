//! The `[api]` part of `proxeny.toml`: where the interface listens and whom it believes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use connector::SecretSource;

/// A server certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerCertificate {
    /// The certificate and those between it and its root, in PEM; relative to the configuration.
    pub certificate: PathBuf,
    /// The private key in PEM.
    pub key: SecretSource,
}

/// What a signed-in person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Everything.
    Administrator,
    /// Sees synchronization and starts runs.
    Operator,
    /// Sees everything, changes nothing.
    Auditor,
    /// Sees what concerns them.
    Person,
}

impl Role {
    /// Every role with the word that configuration and interface use.
    pub const ALL: [(&'static str, Self); 4] = [
        ("administrator", Self::Administrator),
        ("operator", Self::Operator),
        ("auditor", Self::Auditor),
        ("person", Self::Person),
    ];

    /// The role's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Person => "person",
        }
    }

    /// The role called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, role)| role)
    }
}

/// How the interface accepts Kerberos tickets (`Authorization: Negotiate`, RFC 4559).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptorConfig {
    /// The key table with the service's keys; relative to the configuration.
    pub keytab: PathBuf,
    /// The service to accept tickets for, e.g. `HTTP/portal.contoso.com`; any in the key table
    /// when absent.
    pub service: Option<String>,
}

/// How the interface believes a gateway that signs people in by header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionConfig {
    /// The secret that the gateway signs with (HMAC-SHA-256).
    pub secret: SecretSource,
    /// The audience that assertions must name: the application's name at the gateway.
    pub audience: String,
}

/// How long a signed-in session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a request.
    pub idle_seconds: u64,
    /// At all.
    pub absolute_seconds: u64,
}

impl Default for SessionLimits {
    /// Half an hour without a request, eight hours at all.
    fn default() -> Self {
        Self { idle_seconds: 30 * 60, absolute_seconds: 8 * 3600 }
    }
}

/// The interface for programs and the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its certificate; without one only loopback addresses are allowed.
    pub tls: Option<ServerCertificate>,
    /// The addresses that browsers reach it by (scheme, host and port, no path), for the check of
    /// where a request comes from; the listening address always counts.
    pub origins: Vec<String>,
    /// The organisation's name, as its guests know it.
    pub organisation: Option<String>,
    /// Kerberos.
    pub kerberos: Option<AcceptorConfig>,
    /// Header-based sign-on.
    pub assertion: Option<AssertionConfig>,
    /// Who has which role beside `person`: accounts as `DOMAIN\name`, or SIDs.
    pub roles: BTreeMap<Role, Vec<String>>,
    /// How long sessions last.
    pub session: SessionLimits,
}
