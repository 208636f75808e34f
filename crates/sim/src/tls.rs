//! A certificate authority of the simulators' own, made at start and forgotten at the end.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The certificate authority or a server certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Key or certificate generation failed.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refused the certificate.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

/// A private certificate authority.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
}

impl Authority {
    /// Makes a new authority with a P-256 key.
    ///
    /// # Errors
    /// [`TlsError::Certificate`] when the system has no randomness to offer.
    pub fn new() -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Proxeny simulator CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate_pem = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate_pem })
    }

    /// The authority's certificate in PEM, for clients to trust.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// A certificate for a server known by `names` (DNS names or IP addresses), with its key, both
    /// in PEM.
    ///
    /// # Errors
    /// [`TlsError`] when a name is not valid or the key cannot be made.
    pub fn server_pem(&self, names: &[&str]) -> Result<(String, String), TlsError> {
        let (certificate, key) = self.issue(names)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    fn issue(&self, names: &[&str]) -> Result<(rcgen::Certificate, KeyPair), TlsError> {
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "Proxeny simulator");
        Ok((params.signed_by(&key, &self.issuer)?, key))
    }

    /// TLS settings for a server known by `names` (DNS names or IP addresses).
    ///
    /// # Errors
    /// [`TlsError`] when a name is not valid or the key cannot be made.
    pub fn server_config(&self, names: &[&str]) -> Result<Arc<ServerConfig>, TlsError> {
        let (certificate, key) = self.issue(names)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)?;
        Ok(Arc::new(config))
    }
}
