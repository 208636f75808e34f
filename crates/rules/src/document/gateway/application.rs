//! `[applications.NAME]` of `gateway.toml`.

use super::super::{address, value};
use super::sign_on::{self, Addresses, SignOnDocument};
use super::{ApplicationDocument, report_address};
use crate::code;
use crate::node::{Entry, Spanned};
use crate::reader::Reader;
use crate::{ApplicationConfig, Assignment, BackendTimeouts, FindBy, Translate};

const FIND_BY: [(&str, FindBy); 3] = [
    ("object-id", FindBy::ObjectId),
    ("user-principal-name", FindBy::UserPrincipalName),
    ("account-name", FindBy::AccountName),
];

/// An application's name goes into audit, into cookies and into assertions as their audience.
const NAME_CHARACTERS_MAX: usize = 64;

const WHO: &str = "say who may use it: `everybody = true`, or lists of `people` and `groups` \
                   (object ids) and `roles`";

/// Reads the table of one application; `None` if it is no table.
pub(super) fn read<'a>(reader: &mut Reader<'a>, entry: &'a Entry) -> Option<ApplicationDocument> {
    let mut table = reader.table_in(&format!("applications.{}", entry.key), &entry.node)?;
    check_name(&mut table, entry);
    let external = read_external(&mut table);
    let is_wildcard = external.as_ref().map(|(_, is_wildcard)| *is_wildcard);
    let external = external.map(|(url, _)| url);
    let internal = read_internal(&mut table, is_wildcard);
    let is_encrypted = internal.as_ref().map(|internal| internal.is_encrypted);
    let ca = value::path(&mut table, "ca");
    if is_encrypted == Some(false)
        && let Some(entry) = table.entry("ca")
    {
        let message = "`ca` judges certificates, and http has none";
        let error = table.file.error(code::EXCLUSIVE_KEYS, entry.span(), message);
        table.report(error.with_help("use https in `internal_url`, or remove `ca`".to_owned()));
    }
    let find_by = table.word("find_by", &FIND_BY);
    let find_by_place = find_by.as_ref().map(|word| word.span.clone());
    let find_by = find_by.map_or(FindBy::ObjectId, |word| word.value);
    let addresses = Addresses { is_wildcard, is_encrypted };
    let SignOnDocument { sign_on, wants_kerberos, identity } = sign_on::read(&mut table, addresses);
    let assigned = read_assigned(&mut table);
    let translate = read_translate(&mut table);
    let timeouts = read_timeouts(&mut table);
    let body_octets_max = value::octets(&mut table, "body_limit");
    let maintenance = table.filled_text("maintenance").map(|text| text.value.to_owned());
    reader.absorb(table);
    let name = entry.key.clone();
    let config = || {
        Some(ApplicationConfig {
            name: name.clone(),
            external_url: external.as_ref()?.value.clone(),
            internal_url: internal?.url,
            ca,
            find_by,
            sign_on: sign_on?,
            assigned: assigned?,
            translate,
            timeouts,
            body_octets_max,
            maintenance,
        })
    };
    let config = config();
    let place = entry.key_span.clone();
    let find_by_place = find_by_place.unwrap_or_else(|| place.clone());
    let identity_place = identity.or_else(|| wants_kerberos.clone()).unwrap_or(place);
    Some(ApplicationDocument {
        name,
        external,
        wants_kerberos,
        find_by_place,
        identity_place,
        config,
    })
}

fn check_name(table: &mut Reader<'_>, entry: &Entry) {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = &entry.key;
    if name.is_empty() || name.len() > NAME_CHARACTERS_MAX || !name.chars().all(is_allowed) {
        let message = format!("`{name}` is not the name of an application");
        let error = table.file.error(code::BAD_VALUE, entry.key_span.clone(), message);
        let help = format!("letters, digits, `-`, `_` and `.`, at most {NAME_CHARACTERS_MAX}");
        table.report(error.with_help(help));
    }
}

/// The external address, and whether it has a star.
fn read_external(table: &mut Reader<'_>) -> Option<(Spanned<String>, bool)> {
    let text = table.required_text("external_url")?;
    match address::external(text.value) {
        Ok(external) => {
            Some((Spanned { value: external.url, span: text.span }, external.is_wildcard))
        }
        Err(problem) => {
            report_address(table, "external_url", text.span, problem);
            None
        }
    }
}

fn read_internal(table: &mut Reader<'_>, is_wildcard: Option<bool>) -> Option<address::Internal> {
    let text = table.required_text("internal_url")?;
    let internal = match address::internal(text.value) {
        Ok(internal) => internal,
        Err(problem) => {
            report_address(table, "internal_url", text.span, problem);
            return None;
        }
    };
    if internal.is_template && is_wildcard == Some(false) {
        let message = "`{host}` needs an `external_url` with a star";
        let error = table.file.error(code::ADDRESS, text.span.clone(), message);
        table.report(error.with_help("write the back end's own host".to_owned()));
    }
    if !internal.is_encrypted && !internal.is_loopback {
        let message = "the back end is spoken to in the clear";
        let warning = table.file.warning(code::UNENCRYPTED, text.span, message);
        let help = "whoever is on the way reads cookies and tickets, and can use them: use https";
        table.report(warning.with_help(help.to_owned()));
    }
    Some(internal)
}

fn read_assigned(reader: &mut Reader<'_>) -> Option<Assignment> {
    if !reader.has("assigned") {
        // Asked for, so that a misspelled one is told what was meant.
        reader.entry("assigned");
        let error = reader.file.error(code::ASSIGNMENT, reader.place(), "`assigned` is missing");
        reader.report(error.with_help(WHO.to_owned()));
        return None;
    }
    let mut table = reader.table("assigned")?;
    let place = table.place();
    let everybody = table.boolean("everybody");
    let has_list = ["people", "groups", "roles"].iter().any(|key| table.has(key));
    let people = read_object_ids(&mut table, "people");
    let groups = read_object_ids(&mut table, "groups");
    let roles = table.distinct_texts("roles");
    let roles: Vec<String> = roles.into_iter().map(|text| text.value.to_owned()).collect();
    let file = table.file;
    let assignment = if everybody == Some(true) {
        if has_list {
            let message = "`everybody` makes the lists meaningless";
            let error = file.error(code::EXCLUSIVE_KEYS, place, message);
            table.report(error.with_help("remove one or the other".to_owned()));
        }
        Assignment::Everybody
    } else {
        let is_empty =
            ["people", "groups", "roles"].into_iter().all(|key| table.list(key).is_empty());
        if is_empty {
            let error = file.error(code::ASSIGNMENT, place, "nobody may use this application");
            table.report(error.with_help(WHO.to_owned()));
        }
        Assignment::Only { people, groups, roles }
    };
    reader.absorb(table);
    Some(assignment)
}

fn read_object_ids(table: &mut Reader<'_>, name: &'static str) -> Vec<String> {
    let mut ids = Vec::new();
    for text in table.distinct_texts(name) {
        if is_object_id(text.value) {
            ids.push(text.value.to_ascii_lowercase());
            continue;
        }
        let message = format!("`{}` is not an object id", text.value);
        let error = table.file.error(code::BAD_VALUE, text.span, message);
        let help = "the tenant's id of the object, for example \
                    \"5f3c0e7a-91b4-4d0e-8a52-1c7d9be0f6a3\": names change, ids do not";
        table.report(error.with_help(help.to_owned()));
    }
    ids
}

/// True for the text form of a GUID (RFC 9562 section 4).
fn is_object_id(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn read_translate(reader: &mut Reader<'_>) -> Translate {
    let default = Translate { headers: true, bodies: false };
    let Some(mut table) = reader.table("translate") else { return default };
    let headers = table.boolean("headers").unwrap_or(default.headers);
    let bodies = table.boolean("bodies").unwrap_or(default.bodies);
    reader.absorb(table);
    Translate { headers, bodies }
}

fn read_timeouts(reader: &mut Reader<'_>) -> BackendTimeouts {
    let default = BackendTimeouts::default();
    let Some(mut table) = reader.table("timeouts") else { return default };
    let mut time = |name, default| value::seconds(&mut table, name).map_or(default, |t| t.value);
    let timeouts = BackendTimeouts {
        connect_seconds: time("connect", default.connect_seconds),
        response_seconds: time("response", default.response_seconds),
        idle_seconds: time("idle", default.idle_seconds),
    };
    reader.absorb(table);
    timeouts
}
