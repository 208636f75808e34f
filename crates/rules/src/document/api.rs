//! `[api]` of `proxeny.toml`: the interface for programs and the portal.

use std::collections::BTreeMap;

use model::Sid;

use super::{address, listener, service, value};
use crate::code;
use crate::node::{Node, Spanned};
use crate::reader::Reader;
use crate::{AcceptorConfig, ApiConfig, AssertionConfig, Role};

/// Characters that no account name has ([MS-SAMR] 3.1.1.6).
const NOT_IN_ACCOUNTS: [char; 16] =
    ['"', '/', '\\', '[', ']', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@'];

/// Reads the section; `None` if there is none, or not enough of it.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<ApiConfig> {
    let entry = reader.entry("api")?;
    let mut table = reader.table("api")?;
    refuse_control(&mut table, &entry.node);
    let (listen, tls) = listener::read(&mut table);
    let origins = read_origins(&mut table);
    let organisation = table.filled_text("organisation").map(|text| text.value.to_owned());
    let kerberos = read_kerberos(&mut table);
    let assertion = read_assertion(&mut table);
    let roles = read_roles(&mut table);
    let session = listener::read_session(&mut table);
    reader.absorb(table);
    Some(ApiConfig {
        listen: listen?,
        tls,
        origins,
        organisation,
        kerberos,
        assertion,
        roles,
        session,
    })
}

fn refuse_control(table: &mut Reader<'_>, node: &Node) {
    let mut found = Vec::new();
    value::refuse_control(table.file, node, &mut found);
    found.into_iter().for_each(|diagnostic| table.report(diagnostic));
}

fn read_origins(table: &mut Reader<'_>) -> Vec<String> {
    let mut origins = Vec::new();
    for text in table.distinct_texts("origins") {
        match address::origin(text.value) {
            Ok(origin) => origins.push(origin),
            Err(problem) => {
                let message = format!("`origins[]` {}", problem.message);
                let error = table.file.error(code::ADDRESS, text.span, message);
                table.report(error.with_help(problem.help));
            }
        }
    }
    origins
}

fn read_kerberos(reader: &mut Reader<'_>) -> Option<AcceptorConfig> {
    let mut table = reader.table("kerberos")?;
    let keytab = value::required_path(&mut table, "keytab");
    let service = table.filled_text("service");
    let service = service.and_then(|service| {
        if service::is_service(service.value) {
            return Some(service.value.to_owned());
        }
        let message = format!("`{}` is not the name of a service", service.value);
        let error = table.file.error(code::SERVICE, service.span, message);
        table.report(error.with_help("for example \"HTTP/portal.contoso.com\"".to_owned()));
        None
    });
    reader.absorb(table);
    Some(AcceptorConfig { keytab: keytab?, service })
}

fn read_assertion(reader: &mut Reader<'_>) -> Option<AssertionConfig> {
    let mut table = reader.table("assertion")?;
    let secret = value::required_secret(&mut table, "secret");
    let audience = table.required_text("audience").map(|text| text.value.to_owned());
    reader.absorb(table);
    Some(AssertionConfig { secret: secret?, audience: audience? })
}

fn read_roles(reader: &mut Reader<'_>) -> BTreeMap<Role, Vec<String>> {
    let mut roles = BTreeMap::new();
    let Some(mut table) = reader.table("roles") else { return roles };
    for (word, role) in Role::ALL {
        if role == Role::Person {
            refuse_person(&mut table, word);
            continue;
        }
        let accounts = table.distinct_texts(word);
        let accounts: Vec<String> =
            accounts.iter().filter_map(|text| read_account(&mut table, text)).collect();
        if !accounts.is_empty() {
            roles.insert(role, accounts);
        }
    }
    reader.absorb(table);
    roles
}

fn refuse_person(table: &mut Reader<'_>, word: &'static str) {
    // Not asking for the key unless it is there keeps it out of advice.
    if table.has(word)
        && let Some(entry) = table.entry(word)
    {
        let message = format!("the role `{word}` is not given to anybody");
        let error = table.file.error(code::ROLE, entry.span(), message);
        table.report(error.with_help("everybody who signs in has it".to_owned()));
    }
}

/// An account, `DOMAIN\name` or a SID.
fn read_account(table: &mut Reader<'_>, text: &Spanned<&str>) -> Option<String> {
    let is_account = text.value.split_once('\\').is_some_and(|(domain, name)| {
        let is_part = |part: &str| {
            !part.trim().is_empty()
                && !part.contains(NOT_IN_ACCOUNTS)
                && !part.chars().any(char::is_control)
        };
        is_part(domain) && is_part(name)
    });
    if is_account || Sid::parse(text.value).is_ok() {
        return Some(text.value.to_owned());
    }
    let message = format!("`{}` is neither an account nor a SID", text.value);
    let error = table.file.error(code::ROLE, text.span.clone(), message);
    table.report(error.with_help("for example 'CONTOSO\\anna' or \"S-1-5-21-…\"".to_owned()));
    None
}
