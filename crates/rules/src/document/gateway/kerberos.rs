//! `[kerberos]` of `gateway.toml`: the gateway's account and the realms it knows.

use std::ops::Range;
use std::path::PathBuf;

use super::super::{listener, service, value};
use crate::RealmConfig;
use crate::code;
use crate::node::{Entry, Spanned};
use crate::reader::Reader;

/// How long tickets are kept unless the document says otherwise: so long a person who was blocked
/// in the directory only may go on.
const TICKET_SECONDS: u64 = 15 * 60;
/// What a domain gives a ticket at most unless somebody changed its policy ([MS-KILE] 3.3.1,
/// MaxServiceTicketAge and MaxTicketAge): keeping one longer has no effect.
const TICKET_SECONDS_MAX: u64 = 10 * 3600;

/// The gateway's account.
#[derive(Debug)]
pub(crate) struct PrincipalDocument {
    pub(crate) text: String,
    pub(crate) realm: String,
    pub(crate) place: Range<usize>,
}

/// One realm.
#[derive(Debug)]
pub(crate) struct RealmDocument {
    pub(crate) name: Spanned<String>,
    pub(crate) config: RealmConfig,
    /// Where each of its domains stands.
    pub(crate) domains: Vec<Spanned<String>>,
}

/// The section.
#[derive(Debug)]
pub(crate) struct KerberosDocument {
    pub(crate) principal: Option<PrincipalDocument>,
    pub(crate) keytab: Option<PathBuf>,
    pub(crate) realms: Vec<RealmDocument>,
    pub(crate) ticket_seconds_max: u64,
}

/// Reads the section, if there is one.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<KerberosDocument> {
    let mut table = reader.table("kerberos")?;
    let principal = read_principal(&mut table);
    let keytab = value::required_path(&mut table, "keytab");
    let ticket_seconds_max = read_tickets(&mut table);
    let entries = match table.required("realms") {
        Some(_) => table.named("realms"),
        None => &[],
    };
    let realms = entries.iter().filter_map(|entry| read_realm(&mut table, entry)).collect();
    reader.absorb(table);
    Some(KerberosDocument { principal, keytab, realms, ticket_seconds_max })
}

fn read_principal(table: &mut Reader<'_>) -> Option<PrincipalDocument> {
    let text = table.required_text("principal")?;
    if let Some((_, realm)) = service::principal(text.value) {
        let realm = realm.to_owned();
        return Some(PrincipalDocument { text: text.value.to_owned(), realm, place: text.span });
    }
    let message = format!("`{}` is not a principal", text.value);
    let error = table.file.error(code::KERBEROS, text.span, message);
    let help = "an account and its realm, for example \"gatewaysvc@CONTOSO.COM\"";
    table.report(error.with_help(help.to_owned()));
    None
}

fn read_tickets(table: &mut Reader<'_>) -> u64 {
    let Some(time) = value::seconds(table, "tickets") else { return TICKET_SECONDS };
    if time.value > TICKET_SECONDS_MAX {
        let most = listener::in_words(TICKET_SECONDS_MAX);
        let message = format!("`tickets` must be at most {most}");
        let error = table.file.error(code::BAD_VALUE, time.span, message);
        let help = "so long a person who was blocked in the directory may go on";
        table.report(error.with_help(help.to_owned()));
    }
    time.value
}

fn read_realm<'a>(reader: &mut Reader<'a>, entry: &'a Entry) -> Option<RealmDocument> {
    let mut table = reader.table_in(&format!("realms.{}", entry.key), &entry.node)?;
    let name = Spanned { value: entry.key.clone(), span: entry.key_span.clone() };
    if !service::is_host(&name.value) {
        let message = format!("`{}` is not the name of a realm", name.value);
        let error = table.file.error(code::KERBEROS, name.span.clone(), message);
        let help = "the domain's name in capitals and in quotes, for example \"CONTOSO.COM\"";
        table.report(error.with_help(help.to_owned()));
    } else if name.value.chars().any(|c| c.is_ascii_lowercase()) {
        let message = format!("the realm `{}` is not written in capitals", name.value);
        let warning = table.file.warning(code::REALM_CASE, name.span.clone(), message);
        let help = format!("realms differ by case: a domain's is `{}`", name.value.to_uppercase());
        table.report(warning.with_help(help));
    }
    let has_kdcs = table.required("kdcs").is_some();
    let kdcs = read_hosts(&mut table, "kdcs", service::is_host_with_port);
    if has_kdcs && table.list("kdcs").is_empty() && is_list(&mut table, "kdcs") {
        let place = table.entry("kdcs").map(Entry::span);
        let message = "the realm has no key distribution centre";
        let error = table.file.error(code::KERBEROS, place, message);
        table.report(error.with_help("name its domain controllers".to_owned()));
    }
    let domains = read_hosts(&mut table, "domains", |text| {
        service::is_host(text.strip_prefix('.').unwrap_or(text))
    });
    reader.absorb(table);
    let texts = |hosts: &[Spanned<String>]| hosts.iter().map(|host| host.value.clone()).collect();
    let config = RealmConfig { kdcs: texts(&kdcs), domains: texts(&domains) };
    Some(RealmDocument { name, config, domains })
}

fn is_list(table: &mut Reader<'_>, name: &'static str) -> bool {
    table.entry(name).is_some_and(|entry| entry.node.is_list())
}

fn read_hosts(
    table: &mut Reader<'_>,
    name: &'static str,
    is_host: impl Fn(&str) -> bool,
) -> Vec<Spanned<String>> {
    let mut hosts = Vec::new();
    for text in table.distinct_texts(name) {
        if is_host(text.value) {
            hosts.push(Spanned { value: text.value.to_owned(), span: text.span });
            continue;
        }
        let message = format!("`{}` in `{name}` is not a host", text.value);
        let error = table.file.error(code::KERBEROS, text.span, message);
        let help = match name {
            "kdcs" => "for example \"dc1.contoso.com\" or \"dc1.contoso.com:88\"",
            _ => "for example \"contoso.com\"",
        };
        table.report(error.with_help(help.to_owned()));
    }
    hosts
}
