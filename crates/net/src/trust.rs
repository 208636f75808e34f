//! Which servers are believed, as TLS client settings.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::NetError;

/// Whose certificates a client accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsTrust {
    /// What the operating system trusts.
    System,
    /// The certificates of this PEM text and nothing else.
    Bundle(Vec<u8>),
}

/// TLS settings of a client that accepts what `trust` says: TLS 1.2 and 1.3, no client
/// certificate.
///
/// # Errors
/// [`NetError`] when the bundle is not PEM or holds no usable certificate, or when the system has
/// no certificate store.
pub fn tls_config(trust: &TlsTrust) -> Result<Arc<ClientConfig>, NetError> {
    client_config(trust).map(Arc::new)
}

pub(crate) fn client_config(trust: &TlsTrust) -> Result<ClientConfig, NetError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(NetError::Tls)?;
    let builder = match trust {
        TlsTrust::System => builder.with_platform_verifier().map_err(NetError::SystemRoots)?,
        TlsTrust::Bundle(pem) => builder.with_root_certificates(roots(pem)?),
    };
    Ok(builder.with_no_client_auth())
}

fn roots(pem: &[u8]) -> Result<RootCertStore, NetError> {
    let mut store = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let certificate = certificate.map_err(NetError::NotPem)?;
        let bad = |source| NetError::BadRoot { number: index + 1, source };
        store.add(certificate).map_err(bad)?;
    }
    if store.is_empty() {
        return Err(NetError::EmptyBundle);
    }
    Ok(store)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(pem: &str) -> String {
        tls_config(&TlsTrust::Bundle(pem.into())).unwrap_err().to_string()
    }

    #[test]
    fn a_bundle_that_would_trust_nobody_is_refused() {
        assert_eq!(refusal(""), "the certificate bundle holds no certificate");
        assert_eq!(refusal("hello"), "the certificate bundle holds no certificate");
        let cut = "-----BEGIN CERTIFICATE-----\nAAAA";
        assert_eq!(refusal(cut), "the certificate bundle is not valid PEM");
        let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(refusal(empty), "certificate 1 of the bundle cannot be used as a root");
    }
}
