//! `sign_on` of an application: how the person is made known to the back end.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::{service, value};
use super::headers;
use crate::code;
use crate::node::{Entry, Spanned};
use crate::reader::Reader;
use crate::similar;
use crate::{LoginIdentity, SendTicket, SignOn, TicketForm};

/// Stands in a service's name for the host asked for.
const HOST_PLACEHOLDER: &str = "{host}";
/// Stands for it while the name is checked.
const HOST_STAND_IN: &str = "host.example";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Kerberos,
    Headers,
    None,
}

const MODES: [(&str, Mode); 3] =
    [("kerberos", Mode::Kerberos), ("headers", Mode::Headers), ("none", Mode::None)];

const KERBEROS_KEYS: [&str; 7] =
    ["service", "services", "identity", "send", "form", "authenticate", "channel_binding"];
const HEADER_KEYS: [&str; 2] = ["headers", "secret"];

const IDENTITIES: [(&str, LoginIdentity); 5] = [
    ("account-name", LoginIdentity::AccountName),
    ("user-principal-name", LoginIdentity::UserPrincipalName),
    ("on-premises-user-principal-name", LoginIdentity::OnPremisesUserPrincipalName),
    ("user-part", LoginIdentity::UserPart),
    ("on-premises-user-part", LoginIdentity::OnPremisesUserPart),
];
const SENDS: [(&str, SendTicket); 2] =
    [("always", SendTicket::Always), ("on-challenge", SendTicket::OnChallenge)];
const FORMS: [(&str, TicketForm); 2] =
    [("spnego", TicketForm::Spnego), ("kerberos", TicketForm::Kerberos)];
/// Whether a connection is authenticated once.
const AUTHENTICATES: [(&str, bool); 2] = [("request", false), ("connection", true)];

/// What the application's addresses say; `None` where they could not be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addresses {
    pub(super) is_wildcard: Option<bool>,
    pub(super) is_encrypted: Option<bool>,
}

/// The table.
#[derive(Debug, Default)]
pub(super) struct SignOnDocument {
    pub(super) sign_on: Option<SignOn>,
    /// Where it asks for Kerberos, if it does.
    pub(super) wants_kerberos: Option<Range<usize>>,
    /// Where it says under which name, if it does.
    pub(super) identity: Option<Range<usize>>,
}

/// Reads the table.
pub(super) fn read(reader: &mut Reader<'_>, addresses: Addresses) -> SignOnDocument {
    if reader.required("sign_on").is_none() {
        return SignOnDocument::default();
    }
    let Some(mut table) = reader.table("sign_on") else { return SignOnDocument::default() };
    let Some(mode) = table.required_word("mode", &MODES) else {
        // Without the mode nobody knows which keys belong here.
        table.findings().into_iter().for_each(|diagnostic| reader.report(diagnostic));
        return SignOnDocument::default();
    };
    let (sign_on, foreign): (_, &[(&'static str, &'static [&'static str])]) = match mode.value {
        Mode::Kerberos => (read_kerberos(&mut table, addresses), &[("headers", &HEADER_KEYS)]),
        Mode::Headers => (read_headers(&mut table), &[("kerberos", &KERBEROS_KEYS)]),
        Mode::None => {
            (Some(SignOn::None), &[("kerberos", &KERBEROS_KEYS), ("headers", &HEADER_KEYS)])
        }
    };
    for (other, keys) in foreign {
        keys.iter().for_each(|key| refuse_foreign(&mut table, key, other));
    }
    let is_kerberos = mode.value == Mode::Kerberos;
    let identity = if is_kerberos { table.entry("identity").map(Entry::span) } else { None };
    reader.absorb(table);
    SignOnDocument { sign_on, wants_kerberos: is_kerberos.then_some(mode.span), identity }
}

fn refuse_foreign(table: &mut Reader<'_>, key: &'static str, mode: &str) {
    if table.has(key)
        && let Some(entry) = table.entry(key)
    {
        let message = format!("`{key}` belongs to `mode = \"{mode}\"`");
        table.report(table.file.error(code::EXCLUSIVE_KEYS, entry.span(), message));
    }
}

fn read_kerberos(table: &mut Reader<'_>, addresses: Addresses) -> Option<SignOn> {
    let service = table.required_text("service").and_then(|text| read_service(table, text));
    let is_template = service.as_ref().is_some_and(|s| s.value.contains(HOST_PLACEHOLDER));
    let services = read_services(table);
    if let Some(service) = &service {
        check_services(table, service, &services, addresses);
    }
    let identity = table.word("identity", &IDENTITIES).map(|word| word.value);
    let send = table.word("send", &SENDS).map(|word| word.value);
    let form = table.word("form", &FORMS).map(|word| word.value);
    let per_connection = table.word("authenticate", &AUTHENTICATES).is_some_and(|word| word.value);
    let channel_binding = table.boolean("channel_binding").unwrap_or_default();
    if channel_binding
        && addresses.is_encrypted == Some(false)
        && let Some(entry) = table.entry("channel_binding")
    {
        let message = "a ticket is bound to a certificate, and http has none";
        let error = table.file.error(code::EXCLUSIVE_KEYS, entry.span(), message);
        table.report(error.with_help("use https in `internal_url`".to_owned()));
    }
    let service = service?.value;
    let services = match services.is_empty() && !is_template {
        true => vec![service.clone()],
        false => services.into_iter().map(|service| service.value).collect(),
    };
    Some(SignOn::Kerberos {
        service,
        services,
        identity: identity.unwrap_or(LoginIdentity::AccountName),
        send: send.unwrap_or(SendTicket::Always),
        form: form.unwrap_or(TicketForm::Spnego),
        per_connection,
        channel_binding,
    })
}

fn read_service(table: &mut Reader<'_>, text: Spanned<&str>) -> Option<Spanned<String>> {
    let stood_in = text.value.replacen(HOST_PLACEHOLDER, HOST_STAND_IN, 1);
    if service::is_service(&stood_in) {
        return Some(Spanned { value: text.value.to_owned(), span: text.span });
    }
    refuse_service(table, &text);
    None
}

fn refuse_service(table: &mut Reader<'_>, text: &Spanned<&str>) {
    let message = format!("`{}` is not the name of a service", text.value);
    let error = table.file.error(code::SERVICE, text.span.clone(), message);
    let help = if text.value.contains('@') {
        "leave the realm away: it follows from the host and `kerberos.realms`"
    } else if text.value.contains(['{', '}']) {
        "`{host}` may stand once in `service`, for the host asked for"
    } else {
        "for example \"HTTP/portal.contoso.com\""
    };
    table.report(error.with_help(help.to_owned()));
}

fn read_services(table: &mut Reader<'_>) -> Vec<Spanned<String>> {
    let mut services = Vec::new();
    for text in table.distinct_texts("services") {
        if service::is_service(text.value) {
            services.push(Spanned { value: text.value.to_owned(), span: text.span });
        } else {
            refuse_service(table, &text);
        }
    }
    services
}

/// A service is one of those listed; one that depends on the host needs a list and a star.
fn check_services(
    table: &mut Reader<'_>,
    service: &Spanned<String>,
    services: &[Spanned<String>],
    addresses: Addresses,
) {
    let name = &service.value;
    let place = service.span.clone();
    if !name.contains(HOST_PLACEHOLDER) {
        let is_listed = services.iter().any(|other| other.value.eq_ignore_ascii_case(name));
        if !services.is_empty() && !is_listed {
            let known: Vec<&str> = services.iter().map(|service| service.value.as_str()).collect();
            let message = format!("`{name}` is not among `services`");
            let error = table.file.error(code::SERVICE, place, message);
            table.report(error.with_help(similar::advice(name, &known)));
        }
        return;
    }
    if addresses.is_wildcard == Some(false) {
        let message = format!("`{HOST_PLACEHOLDER}` needs an `external_url` with a star");
        let error = table.file.error(code::SERVICE, place.clone(), message);
        table.report(error.with_help("write the back end's own name".to_owned()));
    }
    if !table.has("services") {
        let message = format!("`{HOST_PLACEHOLDER}` needs the list of `services` it may become");
        let error = table.file.error(code::SERVICE, place, message);
        let help = "for example `services = [\"HTTP/wiki.apps.contoso.com\"]`: a ticket for \
                    another is never asked for";
        table.report(error.with_help(help.to_owned()));
    }
}

fn read_headers(table: &mut Reader<'_>) -> Option<SignOn> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for entry in table.named("headers") {
        if let Some(text) = read_header(table, entry) {
            let is_known =
                headers.keys().any(|n| headers::folded(n) == headers::folded(&entry.key));
            if is_known {
                let message = format!("the header `{}` is set twice", entry.key);
                table.report(table.file.error(code::HEADER, entry.key_span.clone(), message));
            }
            headers.insert(entry.key.clone(), text);
        }
    }
    let has_secret = table.has("secret");
    let secret = value::secret(table, "secret");
    let place = table.place();
    if !has_secret && !table.has("headers") {
        let error = table.file.error(code::MISSING_KEY, place, "`headers` is missing");
        let help = "for example `headers = { X-Remote-User = '{domain}\\{account}' }`";
        table.report(error.with_help(help.to_owned()));
    } else if !has_secret {
        let place = table.entry("headers").map(Entry::span);
        let message = "whoever reaches the back end can be anybody: these headers are not signed";
        let warning = table.file.warning(code::UNSIGNED, place, message);
        let help = "give a `secret`, and let the back end check X-Proxeny-Assertion";
        table.report(warning.with_help(help.to_owned()));
    }
    Some(SignOn::Headers { headers, secret })
}

fn read_header<'a>(table: &mut Reader<'a>, entry: &'a Entry) -> Option<String> {
    let name = &entry.key;
    let bad_name = headers::check_name(name);
    let is_good_name = bad_name.is_none();
    if let Some((message, help)) = bad_name {
        let error = table.file.error(code::HEADER, entry.key_span.clone(), message);
        table.report(error.with_help(help.to_owned()));
    }
    let text = table.text_in(&format!("headers.{name}"), &entry.node)?;
    if let Some((message, help)) = headers::check_value(text.value) {
        table.report(table.file.error(code::HEADER, text.span, message).with_help(help));
        return None;
    }
    is_good_name.then(|| text.value.to_owned())
}
