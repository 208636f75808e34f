//! The root DSE: what the domain controller says about itself to anyone who asks.
//!
//! Spec: RFC 4512 section 5.1; [MS-ADTS] 3.1.1.3.2 (rootDSE attributes).

use ldap3_proto::proto::{LdapPartialAttribute, LdapSearchResultEntry};

use super::core::Core;

/// Controls understood ([MS-ADTS] 3.1.1.3.4.1).
const CONTROLS: &[&str] = &[
    "1.2.840.113556.1.4.319",
    "1.2.840.113556.1.4.417",
    "1.2.840.113556.1.4.801",
    "1.2.840.113556.1.4.805",
    "1.2.840.113556.1.4.841",
    "1.2.840.113556.1.4.1339",
    "1.2.840.113556.1.4.1340",
    "1.2.840.113556.1.4.1413",
    "1.2.840.113556.1.4.2064",
];

/// Active Directory, and its LDAP policies and version 5.1 and later ([MS-ADTS] 3.1.1.3.4.3).
const CAPABILITIES: &[&str] =
    &["1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.1791"];

/// Windows Server 2016 ([MS-ADTS] 3.1.1.3.2.25).
const FUNCTIONAL_LEVEL: &str = "7";

/// The entry, with the attributes asked for.
pub(super) fn entry(core: &Core, asked: &[String]) -> LdapSearchResultEntry {
    let wants_all = asked.is_empty() || asked.iter().any(|a| a == "*" || a == "+");
    let is_wanted = |name: &str| wants_all || asked.iter().any(|a| a.eq_ignore_ascii_case(name));
    let attributes = all(core)
        .into_iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, values)| LdapPartialAttribute {
            atype: name.to_owned(),
            vals: values.into_iter().map(String::into_bytes).collect(),
        })
        .collect();
    LdapSearchResultEntry { dn: String::new(), attributes }
}

fn all(core: &Core) -> Vec<(&'static str, Vec<String>)> {
    let names = &core.names;
    let domain = names.domain_dn.to_string();
    let configuration = format!("CN=Configuration,{domain}");
    let schema = format!("CN=Schema,{configuration}");
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let one = |text: &str| vec![text.to_owned()];
    let service = core.state.dn(names.service).to_string();
    let mut attributes = vec![
        ("namingContexts", vec![domain.clone(), configuration.clone(), schema.clone()]),
        ("defaultNamingContext", one(&domain)),
        ("rootDomainNamingContext", one(&domain)),
        ("configurationNamingContext", one(&configuration)),
        ("schemaNamingContext", one(&schema)),
        ("subschemaSubentry", vec![format!("CN=Aggregate,{schema}")]),
        ("supportedControl", owned(CONTROLS)),
        ("supportedCapabilities", owned(CAPABILITIES)),
        ("supportedLDAPVersion", one("3")),
        ("dnsHostName", one(&names.host)),
        ("dsServiceName", vec![service]),
        ("ldapServiceName", vec![format!("{}:{}", names.domain, names.host)]),
        ("highestCommittedUSN", vec![core.state.highest_usn().to_string()]),
        ("domainFunctionality", one(FUNCTIONAL_LEVEL)),
        ("forestFunctionality", one(FUNCTIONAL_LEVEL)),
        ("domainControllerFunctionality", one(FUNCTIONAL_LEVEL)),
        ("isSynchronized", one("TRUE")),
        ("isGlobalCatalogReady", one("TRUE")),
    ];
    if !core.is_windows() {
        attributes.push(("vendorName", one("Samba Team (simulated)")));
    }
    attributes
}
