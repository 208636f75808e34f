//! The applications registered in the tenant and the proofs they can give.

use model::{Secret, Timestamp};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::options::{AppOptions, AppSecret, TenantError};
use super::world::new_id;

/// A registered certificate, as far as assertions need it.
#[derive(Debug, Clone)]
pub(super) struct AppCertificate {
    pub(super) sha1: Vec<u8>,
    pub(super) sha256: Vec<u8>,
    /// The key as DER `RSAPublicKey`.
    pub(super) public_key: Vec<u8>,
    pub(super) not_after: Timestamp,
}

/// A registered application.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) client_id: String,
    /// The id of its service principal in the tenant.
    pub(super) service_principal: String,
    pub(super) certificates: Vec<AppCertificate>,
    pub(super) roles: Vec<String>,
    secrets: Vec<AppSecret>,
}

/// What became of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretCheck {
    Good,
    Expired,
    Wrong,
}

impl App {
    pub(super) fn new(options: &AppOptions) -> Result<Self, TenantError> {
        let read = |(index, pem): (usize, &String)| {
            AppCertificate::parse(pem).ok_or_else(|| TenantError::AppCertificate {
                client_id: options.client_id.clone(),
                number: index + 1,
            })
        };
        let certificates = options.certificates.iter().enumerate().map(read);
        Ok(Self {
            client_id: options.client_id.to_lowercase(),
            service_principal: new_id(),
            certificates: certificates.collect::<Result<_, _>>()?,
            roles: options.roles.clone(),
            secrets: options.secrets.clone(),
        })
    }

    pub(super) fn check_secret(&self, given: &Secret, now: Timestamp) -> SecretCheck {
        let is_same = |s: &&AppSecret| s.value.expose() == given.expose();
        match self.secrets.iter().find(is_same) {
            None => SecretCheck::Wrong,
            Some(secret) if secret.expires.is_some_and(|end| end <= now) => SecretCheck::Expired,
            Some(_) => SecretCheck::Good,
        }
    }
}

impl AppCertificate {
    /// Reads the first CERTIFICATE block of `pem`.
    fn parse(pem: &str) -> Option<Self> {
        let blocks = Pem::iter_from_buffer(pem.as_bytes()).filter_map(Result::ok);
        let block = blocks.into_iter().find(|b| b.label == "CERTIFICATE")?;
        let (_, certificate) = X509Certificate::from_der(&block.contents).ok()?;
        Some(Self {
            sha1: digest(&SHA1_FOR_LEGACY_USE_ONLY, &block.contents).as_ref().to_vec(),
            sha256: digest(&SHA256, &block.contents).as_ref().to_vec(),
            public_key: certificate.public_key().subject_public_key.data.to_vec(),
            not_after: Timestamp::from_seconds(certificate.validity().not_after.timestamp()),
        })
    }
}
