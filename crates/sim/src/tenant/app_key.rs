//! A key and certificate that an application can register, for tests and demonstrations.

use model::Secret;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256};
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use rustls::pki_types::PrivatePkcs8KeyDer;

use super::options::TenantError;

/// An RSA key of 2048 bits and a certificate for it.
#[derive(Debug, Clone)]
pub struct AppKey {
    /// The certificate as PEM; the tenant registers this half.
    pub certificate_pem: String,
    /// The private key as PEM (PKCS #8); the application keeps this half.
    pub private_key_pem: Secret,
}

impl AppKey {
    /// Makes a key and a self-signed certificate that is valid now.
    ///
    /// # Errors
    /// [`TenantError::SigningKey`] when the system has no randomness to offer.
    pub fn generate() -> Result<Self, TenantError> {
        Self::made().ok_or(TenantError::SigningKey)
    }

    fn made() -> Option<Self> {
        let key = rsa::RsaPrivateKey::new(&mut rand_core::OsRng, 2048).ok()?;
        let der = key.to_pkcs8_der().ok()?;
        let der = PrivatePkcs8KeyDer::from(der.as_bytes());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256).ok()?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Proxeny application");
        let private = key.to_pkcs8_pem(LineEnding::LF).ok()?;
        Some(Self {
            certificate_pem: params.self_signed(&pair).ok()?.pem(),
            private_key_pem: Secret::new(private.to_string()),
        })
    }
}
