//! The domain controller's certificate and the authority that issued it.
//!
//! Samba's own certificate names no subject alternative name, which no careful client accepts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::SambaError;
use crate::address::POOL;

/// The authority's certificate.
pub(crate) const CA_FILE: &str = "ca.pem";
/// The domain controller's certificate.
pub(crate) const CERTIFICATE_FILE: &str = "dc.pem";
/// Its key.
pub(crate) const KEY_FILE: &str = "dc.key";

/// Writes the three files into `folder`.
pub(crate) fn write(folder: &Path, host_name: &str) -> Result<(), SambaError> {
    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "Contoso test CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    let issuer = Issuer::new(ca, ca_key);

    let key = KeyPair::generate()?;
    let mut names = vec![host_name.to_owned(), "localhost".to_owned()];
    names.extend(POOL.map(|octet| format!("127.0.0.{octet}")));
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, host_name);
    let certificate = params.signed_by(&key, &issuer)?;

    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(SambaError::file(path))
    };
    write(CA_FILE, &ca_pem)?;
    write(CERTIFICATE_FILE, &certificate.pem())?;
    write(KEY_FILE, &key.serialize_pem())?;
    // Samba refuses a key that others may read.
    let path = folder.join(KEY_FILE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(SambaError::file(path))
}
