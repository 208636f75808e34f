//! Request controls.
//!
//! Spec: RFC 4511 section 4.1.11; [MS-ADTS] 3.1.1.3.4.1.

use ldap3_proto::control::LdapControl;

use super::refusal::{Refusal, Rule};

const TREE_DELETE: &str = "1.2.840.113556.1.4.805";
const PERMISSIVE_MODIFY: &str = "1.2.840.113556.1.4.1413";
const DOMAIN_SCOPE: &str = "1.2.840.113556.1.4.1339";
const SHOW_RECYCLED: &str = "1.2.840.113556.1.4.2064";
/// Accepted without effect: search options and lazy commit.
const IGNORED: &[&str] = &["1.2.840.113556.1.4.1340", "1.2.840.113556.1.4.619"];

/// The controls of one request.
#[derive(Debug, Default)]
pub(super) struct Controls {
    /// Page size and cookie.
    pub(super) paged: Option<(usize, Vec<u8>)>,
    /// Flags and cookie.
    pub(super) dirsync: Option<(i64, Vec<u8>)>,
    pub(super) shows_deleted: bool,
    pub(super) deletes_tree: bool,
    pub(super) is_permissive: bool,
    pub(super) stays_in_domain: bool,
}

impl Controls {
    /// Reads the controls; a critical one that is not understood refuses the request.
    pub(super) fn read(controls: &[LdapControl]) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for control in controls {
            match control {
                LdapControl::SimplePagedResults { size, cookie } => {
                    let size = usize::try_from(*size).unwrap_or_default();
                    read.paged = Some((size, cookie.clone()));
                }
                LdapControl::AdDirsync { flags, cookie, .. } => {
                    read.dirsync = Some((*flags, cookie.clone().unwrap_or_default()));
                }
                LdapControl::ShowDeleted { .. } => read.shows_deleted = true,
                LdapControl::Unknown { oid, .. } if oid == TREE_DELETE => read.deletes_tree = true,
                LdapControl::Unknown { oid, .. } if oid == PERMISSIVE_MODIFY => {
                    read.is_permissive = true;
                }
                LdapControl::Unknown { oid, .. } if oid == DOMAIN_SCOPE => {
                    read.stays_in_domain = true;
                }
                LdapControl::Unknown { oid, .. } if oid == SHOW_RECYCLED => {
                    read.shows_deleted = true;
                }
                LdapControl::Unknown { oid, .. } if IGNORED.contains(&oid.as_str()) => {}
                other => {
                    if let Some(oid) = refused_if_critical(other) {
                        return Err(Refusal::new(Rule::CriticalExtension, oid));
                    }
                }
            }
        }
        Ok(read)
    }
}

/// The OID of a critical control that is not understood.
fn refused_if_critical(control: &LdapControl) -> Option<String> {
    let (is_critical, oid) = match control {
        LdapControl::Unknown { oid, criticality, .. } => (*criticality, oid.as_str()),
        LdapControl::SyncRequest { criticality, .. } => (*criticality, "1.3.6.1.4.1.4203.1.9.1.1"),
        LdapControl::ManageDsaIT { criticality } => (*criticality, "2.16.840.1.113730.3.4.2"),
        LdapControl::PasswordPolicyRequest { criticality } => {
            (*criticality, "1.3.6.1.4.1.42.2.27.8.5.1")
        }
        LdapControl::ExtendedDn { criticality, .. } => (*criticality, "1.2.840.113556.1.4.529"),
        // Sorting is accepted without effect; the rest are harmless or only in answers.
        _ => (false, ""),
    };
    is_critical.then(|| oid.to_owned())
}
