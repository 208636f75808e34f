//! The access gateway as a whole: addresses that no two applications may share, realms that must be
//! known, Kerberos where it is needed.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::document::{GatewayDocument, KerberosDocument};
use crate::similar;
use crate::{GatewayConfig, KerberosConfig};

/// Checks the document; `None` if it lacks what the gateway cannot be without.
pub(super) fn check(
    document: &GatewayDocument<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<GatewayConfig> {
    check_addresses(document, found);
    check_needs(document, found);
    let kerberos = document.kerberos.as_ref();
    if let Some(kerberos) = kerberos {
        check_realms(document.file, kerberos, found);
    }
    let applications = document.applications.iter().map(|application| application.config.clone());
    Some(GatewayConfig {
        listen: document.listen?,
        tls: document.tls.clone(),
        session: document.session,
        provider: document.provider.clone()?,
        kerberos: kerberos.and_then(config),
        applications: applications.collect::<Option<_>>()?,
    })
}

/// Two prefixes of one another are fine, the longest wins; of two equal ones none would.
fn check_addresses(document: &GatewayDocument<'_>, found: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for application in &document.applications {
        let Some(external) = &application.external else { continue };
        match taken.get(external.value.as_str()) {
            Some(other) => {
                let message = format!("{} is taken", external.value);
                let error =
                    document.file.error(code::DUPLICATE_ADDRESS, external.span.clone(), message);
                found.push(error.with_help(format!("`{other}` is published there")));
            }
            None => {
                taken.insert(&external.value, &application.name);
            }
        }
    }
}

fn check_needs(document: &GatewayDocument<'_>, found: &mut Vec<Diagnostic>) {
    if document.kerberos.is_some() {
        return;
    }
    for application in &document.applications {
        let Some(place) = &application.wants_kerberos else { continue };
        let message = format!("`{}` needs Kerberos, and there is no [kerberos]", application.name);
        let error = document.file.error(code::KERBEROS, place.clone(), message);
        let help = "name the gateway's `principal`, its `keytab` and the `realms`";
        found.push(error.with_help(help.to_owned()));
    }
}

fn check_realms(file: File<'_>, kerberos: &KerberosDocument, found: &mut Vec<Diagnostic>) {
    let known: Vec<&str> = kerberos.realms.iter().map(|realm| realm.name.value.as_str()).collect();
    if let Some(principal) = &kerberos.principal
        && !known.contains(&principal.realm.as_str())
        && !known.is_empty()
    {
        let message = format!("the realm `{}` is not among `realms`", principal.realm);
        let error = file.error(code::KERBEROS, realm_of(file, principal.place.clone()), message);
        let help = match similar::closest(&principal.realm, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`? Realms differ by case"),
            None => format!("add [kerberos.realms.\"{}\"] with its `kdcs`", principal.realm),
        };
        found.push(error.with_help(help));
    }
    // A realm has the hosts of the domain of its own name, said or not.
    let own = known.iter().map(|name| (name.to_ascii_lowercase(), *name));
    let mut taken: BTreeMap<String, &str> = own.collect();
    for realm in &kerberos.realms {
        let name = realm.name.value.as_str();
        for domain in &realm.domains {
            let key = domain.value.trim_start_matches('.').to_ascii_lowercase();
            let owner = *taken.entry(key).or_insert(name);
            if owner != name {
                let message = format!("the domain `{}` has two realms", domain.value);
                let error = file.error(code::KERBEROS, domain.span.clone(), message);
                found.push(error.with_help(format!("it belongs to `{owner}` already")));
            }
        }
    }
}

/// The part of a principal's place behind the `@`, without the closing quote.
fn realm_of(file: File<'_>, place: Range<usize>) -> Range<usize> {
    let written = file.text.get(place.clone()).unwrap_or_default();
    match written.find('@') {
        Some(at) => place.start + at + 1..place.end.saturating_sub(1).max(place.start + at + 1),
        None => place,
    }
}

fn config(document: &KerberosDocument) -> Option<KerberosConfig> {
    let realms = document.realms.iter();
    let realms = realms.map(|realm| (realm.name.value.clone(), realm.config.clone()));
    Some(KerberosConfig {
        principal: document.principal.as_ref()?.text.clone(),
        keytab: document.keytab.clone()?,
        realms: realms.collect(),
        ticket_seconds_max: document.ticket_seconds_max,
    })
}
