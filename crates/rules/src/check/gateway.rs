//! The access gateway as a whole: addresses that no two applications may share, realms that must be
//! known, Kerberos where it is needed.

use std::collections::BTreeMap;
use std::ops::Range;

use model::Name;

use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::document::{ApplicationDocument, GatewayDocument, KerberosDocument};
use crate::similar;
use crate::{
    AccountAttributes, ConnectorDocument, FindBy, GatewayConfig, KerberosConfig, LoginIdentity,
    Metaverse, MetaverseType, SignOn,
};

/// The connector type whose directories Kerberos stands on.
const DIRECTORY_TYPE: &str = "active-directory";

/// What the document is checked against.
pub(super) struct Surroundings<'a> {
    pub(super) metaverse: &'a Metaverse,
    pub(super) metaverse_is_read: bool,
    pub(super) connectors: &'a BTreeMap<Name, ConnectorDocument>,
}

/// Checks the document; `None` if it lacks what the gateway cannot be without.
pub(super) fn check(
    document: &GatewayDocument<'_>,
    around: &Surroundings<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<GatewayConfig> {
    check_addresses(document, found);
    check_accounts(document, around, found);
    let directory = directory(document, around, found);
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
        accounts: document.accounts.attributes.clone(),
        directory,
        applications: applications.collect::<Option<_>>()?,
    })
}

/// What is said of accounts has to be in the metaverse, and so has what applications need. The rest
/// may be missing there: it is missing of the account, then.
fn check_accounts(
    document: &GatewayDocument<'_>,
    around: &Surroundings<'_>,
    found: &mut Vec<Diagnostic>,
) {
    if !around.metaverse_is_read {
        return;
    }
    let accounts = &document.accounts;
    let object_type = &accounts.attributes.object_type;
    let Some(known) = around.metaverse.types.get(object_type) else {
        let known: Vec<&str> = around.metaverse.types.keys().map(Name::as_str).collect();
        let place = accounts.object_type.as_ref().map(|said| said.span.clone());
        let message = format!("the metaverse has no object type `{object_type}`");
        let error = document.file.error(code::UNKNOWN_NAME, place, message);
        found.push(error.with_help(similar::advice(object_type, &known)));
        return;
    };
    for said in accounts.said.iter().filter(|said| !known.attributes.contains_key(&said.value)) {
        let names: Vec<&str> = known.attributes.keys().map(Name::as_str).collect();
        let message = format!("`{object_type}` has no attribute `{}`", said.value);
        let error = document.file.error(code::UNKNOWN_ATTRIBUTE, said.span.clone(), message);
        found.push(error.with_help(similar::advice(&said.value, &names)));
    }
    for application in &document.applications {
        check_application(document, application, known, found);
    }
}

/// Without what it needs of accounts, an application would refuse everybody.
fn check_application(
    document: &GatewayDocument<'_>,
    application: &ApplicationDocument,
    known: &MetaverseType,
    found: &mut Vec<Diagnostic>,
) {
    let Some(config) = &application.config else { return };
    let attributes = &document.accounts.attributes;
    let find_by = Some(found_by(config.find_by, attributes));
    let identity = match &config.sign_on {
        SignOn::Kerberos { identity, .. } => Some(named(*identity, attributes)),
        SignOn::Headers { .. } | SignOn::None => None,
    };
    let needs = [(find_by, &application.find_by_place), (identity, &application.identity_place)];
    for (need, place) in needs {
        let Some((key, name)) = need else { continue };
        let message = match name {
            // A name that is said is reported where it is said.
            Some(name) if document.accounts.said.iter().any(|said| said.value == *name) => continue,
            Some(name) if known.attributes.contains_key(name) => continue,
            Some(name) => format!("this needs the attribute `{name}`, which no account has"),
            None => "this needs an attribute that is not named".to_owned(),
        };
        let error = document.file.error(code::UNKNOWN_ATTRIBUTE, place.clone(), message);
        let help = format!("name it under [accounts]: `{key} = \"…\"`");
        found.push(error.with_help(help));
    }
}

/// A key of `[accounts]` with the attribute that it names, if it names one.
type Need<'a> = (&'static str, Option<&'a Name>);

/// What the account lookup needs.
const fn found_by(by: FindBy, attributes: &AccountAttributes) -> Need<'_> {
    let key = match by {
        FindBy::ObjectId => "object_id",
        FindBy::UserPrincipalName => "user_principal_name",
        FindBy::AccountName => "account_name",
    };
    (key, Some(attributes.found_by(by)))
}

/// What a name for Kerberos needs.
const fn named(identity: LoginIdentity, attributes: &AccountAttributes) -> Need<'_> {
    match identity {
        LoginIdentity::AccountName => ("account_name", Some(&attributes.account_name)),
        LoginIdentity::UserPrincipalName | LoginIdentity::UserPart => {
            ("user_principal_name", Some(&attributes.user_principal_name))
        }
        LoginIdentity::OnPremisesUserPrincipalName | LoginIdentity::OnPremisesUserPart => {
            let own = attributes.on_premises_user_principal_name.as_ref();
            ("on_premises_user_principal_name", own)
        }
    }
}

/// The directory that accounts are in: the one that is said, else the only one there is.
fn directory(
    document: &GatewayDocument<'_>,
    around: &Surroundings<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Name> {
    let is_directory = |d: &ConnectorDocument| d.type_name == DIRECTORY_TYPE;
    let all = around.connectors.iter().filter(|(_, document)| is_directory(document));
    let names: Vec<&Name> = all.map(|(name, _)| name).collect();
    let texts = || names.iter().map(|name| name.as_str()).collect::<Vec<&str>>();
    match (&document.accounts.directory, names.as_slice()) {
        (Some(said), _) if names.contains(&&said.value) => Some(said.value.clone()),
        (Some(said), _) => {
            let message = format!("there is no connector `{}` of a directory", said.value);
            let error = document.file.error(code::UNKNOWN_NAME, said.span.clone(), message);
            found.push(error.with_help(similar::advice(&said.value, &texts())));
            None
        }
        (None, [one]) => Some((*one).clone()),
        (None, []) => None,
        (None, _) => {
            let message = "there are several directories; which has the accounts?";
            let error = document.file.error(code::MISSING_KEY, None, message);
            let help = format!("say `directory` under [accounts]: {}", similar::list(&texts()));
            found.push(error.with_help(help));
            None
        }
    }
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
