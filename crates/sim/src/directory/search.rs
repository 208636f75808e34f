//! Searches: which objects, which attributes, how many at a time.
//!
//! Spec: RFC 4511 section 4.5, RFC 2696 (paged results); [MS-ADTS] 3.1.1.3.1.3 (search),
//! 3.1.1.3.1.3.3 (range retrieval), 3.1.1.3.4.6 (limits).

use std::collections::{BTreeMap, VecDeque};

use ldap3_proto::proto::{
    LdapPartialAttribute, LdapSearchRequest, LdapSearchResultEntry, LdapSearchScope,
};
use model::Guid;

use super::filter::Filter;
use super::names::Target;
use super::object::Object;
use super::read;
use super::refusal::{Refusal, Rule};
use super::schema::{self, AttributeType};
use super::state::State;

/// `MaxPageSize` and `MaxValRange` of the default query policy ([MS-ADTS] 3.1.1.3.4.6).
pub(super) const PAGE_MAX: usize = 1000;
const VALUE_RANGE_MAX: usize = 1500;
/// Paged searches one connection may have open.
const PAGED_SEARCHES_MAX: usize = 10;

/// The base object of a search, deleted or not.
pub(super) fn base(state: &State, text: &str) -> Result<Guid, Refusal> {
    let target = Target::parse(text).map_err(|_e| Refusal::new(Rule::BadName, text))?;
    if let Some(guid) = state.resolve(&target) {
        return Ok(guid);
    }
    let Target::Dn(dn) = target else { return Err(Refusal::new(Rule::NoSuchObject, text)) };
    let matched = state.best_match(&dn);
    let parts = dn.rdns.iter().filter(|rdn| rdn.attribute.eq_ignore_ascii_case("dc"));
    let domain = parts.map(|rdn| rdn.value.as_str()).collect::<Vec<_>>().join(".");
    if matched.is_empty() && !domain.is_empty() {
        return Err(Refusal::new(Rule::OtherDomain, domain));
    }
    Err(Refusal::missing(Rule::NoSuchObject, text, matched))
}

/// The objects a search finds, in tree order.
pub(super) fn find(
    state: &State,
    base: Guid,
    scope: &LdapSearchScope,
    filter: &Filter,
    shows_deleted: bool,
) -> Vec<Guid> {
    let is_shown = |guid: &Guid| {
        let object = state.get(*guid);
        object.is_some_and(|o| {
            (shows_deleted || o.text("isDeleted") != Some("TRUE")) && filter.matches(state, o)
        })
    };
    let candidates = match scope {
        LdapSearchScope::Base => vec![base],
        LdapSearchScope::OneLevel => state.children(base).collect(),
        LdapSearchScope::Subtree | LdapSearchScope::Children => match filter.indexed(state) {
            Some(found) => found.into_iter().filter(|g| state.is_within(*g, base)).collect(),
            None => state.subtree(base),
        },
    };
    candidates.into_iter().filter(is_shown).collect()
}

/// An entry with the attributes a request asks for. `value_range` limits the values of one
/// attribute.
pub(super) fn entry(
    state: &State,
    object: &Object,
    request: &LdapSearchRequest,
    is_windows: bool,
) -> LdapSearchResultEntry {
    let mut attributes = Vec::new();
    let asked = &request.attrs;
    if asked.is_empty() || asked.iter().any(|a| a == "*") {
        for attribute in read::default_attributes(object) {
            attributes.extend(selected(state, object, attribute, None, is_windows));
        }
    }
    for name in asked {
        let (name, range) = split_range(name);
        if let Some(attribute) = schema::attribute(name) {
            attributes.extend(selected(state, object, attribute, range, is_windows));
        }
    }
    attributes.sort_by(|a, b| a.atype.cmp(&b.atype));
    attributes.dedup_by(|a, b| a.atype == b.atype);
    if request.typesonly {
        for attribute in &mut attributes {
            attribute.vals.clear();
        }
    }
    LdapSearchResultEntry { dn: state.dn(object.guid).to_string(), attributes }
}

/// Splits `member;range=0-999` into the name and the range; `*` is no end.
fn split_range(name: &str) -> (&str, Option<(usize, Option<usize>)>) {
    let Some((name, option)) = name.split_once(';') else { return (name, None) };
    let range = option
        .get(..6)
        .filter(|o| o.eq_ignore_ascii_case("range="))
        .and_then(|_| option.get(6..)?.split_once('-'))
        .and_then(|(from, to)| {
            let to = if to == "*" { None } else { Some(to.parse().ok()?) };
            Some((from.parse().ok()?, to))
        });
    (name, range)
}

fn selected(
    state: &State,
    object: &Object,
    attribute: &AttributeType,
    range: Option<(usize, Option<usize>)>,
    is_windows: bool,
) -> Option<LdapPartialAttribute> {
    let values = read::values(state, object, attribute);
    if values.is_empty() {
        return None;
    }
    let partial = |atype: String, vals| Some(LdapPartialAttribute { atype, vals });
    let limit = if is_windows { VALUE_RANGE_MAX } else { usize::MAX };
    if range.is_none() && values.len() <= limit {
        return partial(attribute.name.to_owned(), values);
    }
    let (from, to) = range.unwrap_or((0, None));
    let asked = to.map_or(usize::MAX, |to| to.saturating_sub(from).saturating_add(1));
    let count = values.len();
    let part: Vec<Vec<u8>> = values.into_iter().skip(from).take(asked.min(limit)).collect();
    let end = from + part.len();
    let to = if end >= count { "*".to_owned() } else { end.saturating_sub(1).to_string() };
    partial(format!("{};range={from}-{to}", attribute.name), part)
}

/// The paged searches a connection has open.
#[derive(Debug, Default)]
pub(super) struct PagedSearches {
    next: u32,
    open: BTreeMap<u32, PagedSearch>,
}

#[derive(Debug)]
struct PagedSearch {
    remaining: VecDeque<Guid>,
    request: String,
}

impl PagedSearches {
    /// Takes the next page of a search begun earlier on this connection; `request` identifies it.
    pub(super) fn resume(
        &mut self,
        cookie: &[u8],
        request: &str,
    ) -> Result<VecDeque<Guid>, Refusal> {
        let unknown = || Refusal::new(Rule::BadPagingCookie, String::new());
        let id = <[u8; 4]>::try_from(cookie).map(u32::from_le_bytes).map_err(|_e| unknown())?;
        let search = self.open.get(&id).ok_or_else(unknown)?;
        if search.request != request {
            return Err(Refusal::new(Rule::OtherPagedSearch, String::new()));
        }
        self.open.remove(&id).map(|search| search.remaining).ok_or_else(unknown)
    }

    /// Keeps what is left of a search and returns its cookie, which is empty if nothing is.
    pub(super) fn keep(&mut self, remaining: VecDeque<Guid>, request: String) -> Vec<u8> {
        if remaining.is_empty() {
            return Vec::new();
        }
        self.next += 1;
        self.open.insert(self.next, PagedSearch { remaining, request });
        if self.open.len() > PAGED_SEARCHES_MAX {
            self.open.pop_first();
        }
        self.next.to_le_bytes().to_vec()
    }
}
