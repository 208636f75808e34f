//! `DirSync`: what changed since a cookie.
//!
//! Rows come in the order of their last change and carry `objectGUID`, `instanceType` and those
//! requested attributes that changed; emptied ones come without values. A row with nothing to
//! report is left out. The cookie holds the invocation id and the USN read up to; one from another
//! invocation starts over, as on a rebuilt domain controller.
//! Spec: [MS-ADTS] 3.1.1.3.4.1.3 (control), 3.1.1.3.4.1.3.1 (cookie is opaque to clients).

use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{LdapPartialAttribute, LdapSearchResultEntry};
use model::Guid;

use super::filter::Filter;
use super::object::Object;
use super::read;
use super::refusal::{Refusal, Rule};
use super::schema::{self, AttributeType};
use super::state::State;

/// Only what the caller may read; needs no replication right.
pub(super) const OBJECT_SECURITY: i64 = 0x1;
/// Only the changed values of multi-valued links.
const INCREMENTAL_VALUES: i64 = 0x8000_0000;

/// A `DirSync` request.
pub(super) struct Request<'a> {
    /// The root of the naming context.
    pub(super) root: Guid,
    pub(super) filter: &'a Filter,
    pub(super) attributes: &'a [String],
    pub(super) flags: i64,
    pub(super) cookie: &'a [u8],
    pub(super) page_rows: Option<usize>,
    pub(super) sees_deleted: bool,
}

/// A page of rows and the control that goes with them.
pub(super) struct Page {
    pub(super) rows: Vec<LdapSearchResultEntry>,
    pub(super) control: LdapControl,
}

/// Answers a request.
pub(super) fn page(state: &State, request: &Request<'_>) -> Result<Page, Refusal> {
    let since = decode_cookie(request.cookie)?
        .filter(|cookie| cookie.invocation_id == state.invocation_id())
        .map_or(0, |cookie| cookie.usn);
    let mut rows = Vec::new();
    let mut usn = state.highest_usn();
    let mut has_more = false;
    for object in state.changed_after(since).filter(|o| o.root == request.root) {
        if request.page_rows.is_some_and(|limit| rows.len() >= limit) {
            has_more = true;
            break;
        }
        if request.page_rows.is_some() {
            usn = object.usn_changed;
        }
        if object.is_deleted && !request.sees_deleted {
            continue;
        }
        if request.filter.matches(state, object) {
            rows.extend(row(state, request, object, since));
        }
    }
    if !has_more {
        usn = state.highest_usn();
    }
    let cookie = Cookie { invocation_id: state.invocation_id(), usn };
    let control = LdapControl::AdDirsync {
        flags: i64::from(has_more),
        max_bytes: 0,
        cookie: Some(cookie.encode()),
    };
    Ok(Page { rows, control })
}

struct Cookie {
    invocation_id: Guid,
    usn: u64,
}

const COOKIE_MAGIC: &[u8; 8] = b"MSDS\x03\0\0\0";

impl Cookie {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = COOKIE_MAGIC.to_vec();
        bytes.extend(self.usn.to_le_bytes());
        bytes.extend(self.invocation_id.to_directory());
        bytes
    }
}

/// No cookie at all is a first read; octets that are not a cookie are refused.
fn decode_cookie(bytes: &[u8]) -> Result<Option<Cookie>, Refusal> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let refusal = || Refusal::new(Rule::BadSyncCookie, String::new());
    let rest = bytes.strip_prefix(COOKIE_MAGIC).ok_or_else(refusal)?;
    let (usn, id) = rest.split_first_chunk::<8>().ok_or_else(refusal)?;
    let invocation_id = Guid::from_directory(id).map_err(|_e| refusal())?;
    Ok(Some(Cookie { invocation_id, usn: u64::from_le_bytes(*usn) }))
}

/// Secrets a read without an attribute list offers, always empty.
const SECRETS: &[&str] =
    &["unicodePwd", "dBCSPwd", "ntPwdHistory", "lmPwdHistory", "supplementalCredentials"];

fn row(
    state: &State,
    request: &Request<'_>,
    object: &Object,
    since: u64,
) -> Option<LdapSearchResultEntry> {
    let wants_all = request.attributes.is_empty() || request.attributes.iter().any(|a| a == "*");
    let mut attributes = Vec::new();
    for attribute in candidates(object, request.attributes, wants_all) {
        attributes.extend(changed(state, request, object, attribute, since));
    }
    if object.password_usn > since && !object.is_deleted {
        let is_wanted = |name: &&&str| {
            wants_all || request.attributes.iter().any(|a| a.eq_ignore_ascii_case(name))
        };
        attributes.extend(SECRETS.iter().filter(is_wanted).map(|name| partial(name, Vec::new())));
    }
    if attributes.is_empty() {
        return None;
    }
    if object.name_usn > since && !attributes.iter().any(|a| a.atype == "parentGUID") {
        attributes
            .extend(object.parent.map(|p| partial("parentGUID", vec![p.to_directory().into()])));
    }
    attributes.push(partial("objectGUID", vec![object.guid.to_directory().into()]));
    attributes.push(partial("instanceType", object.values("instanceType").to_vec()));
    Some(LdapSearchResultEntry { dn: state.dn(object.guid).to_string(), attributes })
}

fn partial(name: &str, vals: Vec<Vec<u8>>) -> LdapPartialAttribute {
    LdapPartialAttribute { atype: name.to_owned(), vals }
}

/// The requested attributes `DirSync` can report. Those it adds by itself make no row.
fn candidates(
    object: &Object,
    requested: &[String],
    wants_all: bool,
) -> Vec<&'static AttributeType> {
    let named = requested.iter().filter_map(|name| schema::attribute(name));
    let all = if wants_all { read::default_attributes(object) } else { Vec::new() };
    let is_reported = |a: &&'static AttributeType| {
        // The name travels as `name`, never as the naming attribute.
        let is_naming = a.name.eq_ignore_ascii_case(object.class.rdn);
        let is_implied = ["objectGUID", "instanceType", "distinguishedName"].contains(&a.name);
        (a.is_replicated || a.name == "parentGUID") && !is_naming && !is_implied
    };
    let mut found: Vec<_> = named.chain(all).filter(is_reported).collect();
    found.sort_by_key(|a| a.name);
    found.dedup_by_key(|a| a.name);
    found
}

/// An attribute as it changed after `since`; links may come as added and removed values.
fn changed(
    state: &State,
    request: &Request<'_>,
    object: &Object,
    attribute: &'static AttributeType,
    since: u64,
) -> Vec<LdapPartialAttribute> {
    let values = || read::values(state, object, attribute);
    let usn = match attribute.name {
        "name" | "parentGUID" => object.name_usn,
        "objectSid" | "whenCreated" => object.usn_created,
        // Emptied by deletion, which is also a move.
        "objectCategory" if object.is_deleted => object.name_usn,
        "objectCategory" => object.usn_created,
        _ if read::is_link(attribute) => {
            return changed_links(state, request, object, attribute, since);
        }
        name => object.values.get(name).map_or(0, |stored| stored.usn),
    };
    let values = if usn > since { values() } else { return Vec::new() };
    // A first read reports what there is; what is gone only interests those who saw it.
    let is_noise = values.is_empty() && (since == 0 || object.usn_created > since);
    if is_noise && !object.is_deleted || attribute.name == "objectSid" && values.is_empty() {
        return Vec::new();
    }
    vec![partial(attribute.name, values)]
}

fn changed_links(
    state: &State,
    request: &Request<'_>,
    object: &Object,
    attribute: &'static AttributeType,
    since: u64,
) -> Vec<LdapPartialAttribute> {
    let Some(links) = object.links.get(attribute.name) else { return Vec::new() };
    let dn = |guid: &Guid| state.dn(*guid).to_string().into_bytes();
    let changes = || links.iter().filter(|(_, link)| link.usn > since);
    if changes().next().is_none() {
        return Vec::new();
    }
    // Both encodings of the flag's sign are in use.
    let is_incremental = request.flags & INCREMENTAL_VALUES != 0 && !attribute.is_single;
    if !is_incremental {
        let all: Vec<_> =
            links.iter().filter(|(_, link)| link.is_present).map(|(guid, _)| dn(guid)).collect();
        let is_noise = all.is_empty() && since == 0;
        return if is_noise { Vec::new() } else { vec![partial(attribute.name, all)] };
    }
    let of = |present: bool| -> Vec<Vec<u8>> {
        changes().filter(|(_, link)| link.is_present == present).map(|(guid, _)| dn(guid)).collect()
    };
    let (added, removed) = (of(true), if since == 0 { Vec::new() } else { of(false) });
    [("1-1", added), ("0-0", removed)]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(range, values)| partial(&format!("{};range={range}", attribute.name), values))
        .collect()
}
