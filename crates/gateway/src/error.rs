//! What keeps a gateway from coming about.

use net::NetError;

/// The gateway cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// An application's external address cannot be published.
    #[error("application {application:?}: the external address {url:?} {problem}")]
    ExternalUrl {
        /// The application.
        application: String,
        /// The address.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// An application's internal address cannot be reached.
    #[error("application {application:?}: the internal address {url:?} {problem}")]
    InternalUrl {
        /// The application.
        application: String,
        /// The address.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two applications have the same external address.
    #[error("applications {first:?} and {second:?} have the same external address")]
    SameAddress {
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// A file of certificates cannot be read.
    #[error("application {application:?}: the certificates in {path} cannot be read")]
    CertificateFile {
        /// The application.
        application: String,
        /// The file.
        path: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Certificates cannot be used.
    #[error("application {application:?}: its certificates cannot be used")]
    Certificates {
        /// The application.
        application: String,
        /// Why.
        #[source]
        source: NetError,
    },
    /// An identity header cannot be sent.
    #[error("application {application:?}: {name:?} cannot be the name of an identity header")]
    HeaderName {
        /// The application.
        application: String,
        /// The name.
        name: String,
    },
    /// An application signs people in by Kerberos and the gateway has no key.
    #[error("application {application:?} needs Kerberos, which is not set up")]
    NoKerberos {
        /// The application.
        application: String,
    },
    /// An application's assertions are to be signed and the secret was not given.
    #[error("application {application:?}: the secret for its assertions is missing")]
    NoSecret {
        /// The application.
        application: String,
    },
    /// The secret of an application's assertions is too easily guessed.
    #[error("application {application:?}: the secret for its assertions cannot be used")]
    WeakSecret {
        /// The application.
        application: String,
        /// Why.
        #[source]
        source: oidc::assertion::AssertionError,
    },
    /// The provider's settings cannot be used.
    #[error("people cannot sign in with these settings")]
    Provider(#[source] oidc::OidcError),
}

impl GatewayError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ExternalUrl { .. } => "GWY-0101",
            Self::InternalUrl { .. } => "GWY-0102",
            Self::SameAddress { .. } => "GWY-0103",
            Self::CertificateFile { .. } => "GWY-0104",
            Self::Certificates { .. } => "GWY-0105",
            Self::HeaderName { .. } => "GWY-0106",
            Self::NoKerberos { .. } => "GWY-0107",
            Self::NoSecret { .. } => "GWY-0108",
            Self::WeakSecret { .. } => "GWY-0109",
            Self::Provider(_) => "GWY-0110",
        }
    }
}
