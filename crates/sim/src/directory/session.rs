//! One connection's requests: who is bound, and each operation from message to messages.
//!
//! Spec: RFC 4511 section 4; [MS-ADTS] 5.1.1 (authentication).

use std::collections::VecDeque;

use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapBindResponse, LdapCompareRequest, LdapExtendedRequest, LdapExtendedResponse, LdapMsg,
    LdapOp, LdapResult, LdapSearchRequest, LdapSearchResultReference, LdapSearchScope, OID_WHOAMI,
};
use model::Guid;

use super::controls::Controls;
use super::core::Core;
use super::dirsync;
use super::faults::{Operation, Seen};
use super::filter::Filter;
use super::moves::NewName;
use super::refusal::{Refusal, Rule, ldap_result};
use super::search::{self, PagedSearches};
use super::{add, bind, modify, moves, root_dse};

/// What the directory remembers of a connection.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The account bound; `None` for anonymous.
    bound: Option<Guid>,
    paged: PagedSearches,
}

/// Operation tags of answers to messages that could not be decoded (RFC 4511 section 4.2 on).
pub(super) fn malformed(core: &Core, id: i32, tag: u64) -> Option<LdapMsg> {
    let result = Refusal::new(Rule::ProtocolError, "undecodable").result(core.policy.dialect);
    let op = match tag {
        0 => bind_response(result),
        3 => LdapOp::SearchResultDone(result),
        6 => LdapOp::ModifyResponse(result),
        8 => LdapOp::AddResponse(result),
        10 => LdapOp::DelResponse(result),
        12 => LdapOp::ModifyDNResponse(result),
        14 => LdapOp::CompareResult(result),
        _ => return None,
    };
    Some(LdapMsg { msgid: id, op, ctrl: Vec::new() })
}

/// An extended response to a request that was none.
pub(super) fn extended_refusal(core: &Core, id: i32) -> LdapMsg {
    let refusal = Refusal::new(Rule::UnknownExtended, String::new());
    let res = refusal.result(core.policy.dialect);
    let op = LdapOp::ExtendedResponse(LdapExtendedResponse { res, name: None, value: None });
    LdapMsg { msgid: id, op, ctrl: Vec::new() }
}

/// What faults look at; `None` for what has no answer.
pub(super) fn seen(message: &LdapMsg) -> Option<Seen<'_>> {
    let cookie = message.ctrl.iter().find_map(|control| match control {
        LdapControl::AdDirsync { cookie, .. } => Some(cookie.as_deref().unwrap_or_default()),
        _ => None,
    });
    let (operation, dn) = match &message.op {
        LdapOp::BindRequest(request) => (Operation::Bind, request.dn.as_str()),
        LdapOp::SearchRequest(request) if cookie.is_some() => {
            (Operation::DirSync, request.base.as_str())
        }
        LdapOp::SearchRequest(request) => (Operation::Search, request.base.as_str()),
        LdapOp::AddRequest(request) => (Operation::Add, request.dn.as_str()),
        LdapOp::ModifyRequest(request) => (Operation::Modify, request.dn.as_str()),
        LdapOp::ModifyDNRequest(request) => (Operation::ModifyDn, request.dn.as_str()),
        LdapOp::DelRequest(dn) => (Operation::Delete, dn.as_str()),
        LdapOp::CompareRequest(request) => (Operation::Compare, request.dn.as_str()),
        LdapOp::ExtendedRequest(_) => (Operation::Extended, ""),
        _ => return None,
    };
    Some(Seen { operation, dn: dn.into(), has_cookie: cookie.is_some_and(|c| !c.is_empty()) })
}

/// The answer that only says `result`.
pub(super) fn answer(request: &LdapMsg, result: LdapResult) -> Option<LdapMsg> {
    let op = match &request.op {
        LdapOp::BindRequest(_) => bind_response(result),
        LdapOp::SearchRequest(_) => LdapOp::SearchResultDone(result),
        LdapOp::AddRequest(_) => LdapOp::AddResponse(result),
        LdapOp::ModifyRequest(_) => LdapOp::ModifyResponse(result),
        LdapOp::ModifyDNRequest(_) => LdapOp::ModifyDNResponse(result),
        LdapOp::DelRequest(_) => LdapOp::DelResponse(result),
        LdapOp::CompareRequest(_) => LdapOp::CompareResult(result),
        LdapOp::ExtendedRequest(_) => {
            LdapOp::ExtendedResponse(LdapExtendedResponse { res: result, name: None, value: None })
        }
        _ => return None,
    };
    Some(LdapMsg { msgid: request.msgid, op, ctrl: Vec::new() })
}

fn bind_response(res: LdapResult) -> LdapOp {
    LdapOp::BindResponse(LdapBindResponse { res, saslcreds: None })
}

impl Session {
    /// Carries out a request and returns the whole answer.
    pub(super) fn handle(
        &mut self,
        core: &mut Core,
        message: &LdapMsg,
        filter: Option<&Filter>,
    ) -> Vec<LdapMsg> {
        let outcome = Controls::read(&message.ctrl).and_then(|controls| match &message.op {
            LdapOp::SearchRequest(request) => {
                self.search(core, message.msgid, (request, filter), controls)
            }
            _ => self.one_answer(core, message, &controls).map(|op| {
                op.into_iter()
                    .map(|op| LdapMsg { msgid: message.msgid, op, ctrl: Vec::new() })
                    .collect()
            }),
        });
        outcome.unwrap_or_else(|refusal| {
            answer(message, refusal.result(core.policy.dialect)).into_iter().collect()
        })
    }

    fn one_answer(
        &mut self,
        core: &mut Core,
        message: &LdapMsg,
        controls: &Controls,
    ) -> Result<Option<LdapOp>, Refusal> {
        let now = core.now();
        let policy = core.policy;
        let op = match &message.op {
            LdapOp::BindRequest(request) => {
                self.bound = None;
                self.bound = bind::bind(core, request)?;
                bind_response(success())
            }
            LdapOp::AddRequest(request) => {
                self.may_write(core, &request.dn)?;
                add::add(&mut core.state, policy, &request.dn, &request.attributes, now)?;
                LdapOp::AddResponse(success())
            }
            LdapOp::ModifyRequest(request) => {
                self.may_write(core, &request.dn)?;
                let guid = object(core, &request.dn)?;
                let changes = (request.changes.as_slice(), controls.is_permissive);
                modify::modify(&mut core.state, policy, guid, changes, now)?;
                LdapOp::ModifyResponse(success())
            }
            LdapOp::ModifyDNRequest(request) => {
                self.may_write(core, &request.dn)?;
                if !core.is_windows() && request.dn.starts_with('<') {
                    // Samba resolves identifiers everywhere but here.
                    return Err(Refusal::new(Rule::NoSuchObject, request.dn.clone()));
                }
                let guid = object(core, &request.dn)?;
                let name = NewName {
                    rdn: &request.newrdn,
                    deletes_old_rdn: request.deleteoldrdn,
                    superior: request.new_superior.as_deref(),
                };
                moves::rename(&mut core.state, policy, guid, &name, now)?;
                LdapOp::ModifyDNResponse(success())
            }
            LdapOp::DelRequest(dn) => {
                self.may_write(core, dn)?;
                let guid = object(core, dn)?;
                moves::delete(&mut core.state, guid, controls.deletes_tree, now)?;
                LdapOp::DelResponse(success())
            }
            LdapOp::CompareRequest(request) => {
                self.is_authenticated()?;
                LdapOp::CompareResult(compare(core, request)?)
            }
            LdapOp::ExtendedRequest(request) => self.extended(core, request)?,
            _ => return Ok(None),
        };
        Ok(Some(op))
    }

    fn is_authenticated(&self) -> Result<Guid, Refusal> {
        self.bound.ok_or_else(|| Refusal::new(Rule::NotAuthenticated, String::new()))
    }

    fn is_privileged(&self, core: &Core) -> bool {
        self.bound.is_some_and(|guid| core.privileged.contains(&guid))
    }

    fn may_write(&self, core: &Core, dn: &str) -> Result<(), Refusal> {
        self.is_authenticated()?;
        if self.is_privileged(core) { Ok(()) } else { Err(Refusal::new(Rule::NoRights, dn)) }
    }

    fn extended(&self, core: &Core, request: &LdapExtendedRequest) -> Result<LdapOp, Refusal> {
        if !core.is_windows() || request.name != OID_WHOAMI {
            return Err(Refusal::new(Rule::UnknownExtended, request.name.clone()));
        }
        let account = self.bound.and_then(|guid| core.state.get(guid)?.text("sAMAccountName"));
        let name = account.map_or_else(String::new, |a| format!("u:{}\\{a}", core.names.netbios));
        Ok(LdapOp::ExtendedResponse(LdapExtendedResponse {
            res: success(),
            name: None,
            value: Some(name.into_bytes()),
        }))
    }

    fn search(
        &mut self,
        core: &Core,
        id: i32,
        what: (&LdapSearchRequest, Option<&Filter>),
        controls: Controls,
    ) -> Result<Vec<LdapMsg>, Refusal> {
        let (request, filter) = what;
        let everything = Filter::Present("objectClass".to_owned());
        let filter = filter.unwrap_or(&everything);
        let message = |op| LdapMsg { msgid: id, op, ctrl: Vec::new() };
        if request.base.is_empty() && request.scope == LdapSearchScope::Base {
            let entry = root_dse::entry(core, &request.attrs);
            let done = LdapOp::SearchResultDone(success());
            return Ok(vec![message(LdapOp::SearchResultEntry(entry)), message(done)]);
        }
        self.is_authenticated()?;
        let base = search::base(&core.state, &request.base)?;
        if let Some((flags, cookie)) = &controls.dirsync {
            return self.dirsync(core, id, (base, filter, request), (*flags, cookie));
        }
        let found = Found { base, filter, request };
        let (mut answers, done, control) = self.entries(core, &found, controls)?;
        answers.push(LdapOp::SearchResultDone(done));
        let mut messages: Vec<LdapMsg> = answers.into_iter().map(message).collect();
        if let Some(last) = messages.last_mut() {
            last.ctrl.extend(control);
        }
        Ok(messages)
    }

    /// Entries and references of one answer, its result, and the paging control.
    fn entries(
        &mut self,
        core: &Core,
        what: &Found<'_>,
        controls: Controls,
    ) -> Result<(Vec<LdapOp>, LdapResult, Option<LdapControl>), Refusal> {
        let Found { base, filter, request } = *what;
        let state = &core.state;
        let shows_deleted = controls.shows_deleted && self.is_privileged(core);
        let is_hidden = !shows_deleted && state.get(base).is_some_and(|o| o.is_deleted);
        if is_hidden {
            return Err(Refusal::new(Rule::NoSuchObject, request.base.clone()));
        }
        let identity = format!("{request:?} {filter:?} {shows_deleted}");
        let resumed = controls.paged.as_ref().filter(|(_, cookie)| !cookie.is_empty());
        let mut found: VecDeque<Guid> = match resumed {
            Some((_, cookie)) => self.paged.resume(cookie, &identity)?,
            None => search::find(state, base, &request.scope, filter, shows_deleted).into(),
        };
        let server_limit = if core.is_windows() { search::PAGE_MAX } else { usize::MAX };
        let client_limit = match usize::try_from(request.sizelimit) {
            Ok(limit) if limit > 0 && core.is_windows() => limit,
            _ => usize::MAX,
        };
        let page_size = controls.paged.as_ref().map_or(usize::MAX, |(size, _)| *size);
        let limit = server_limit.min(client_limit).min(page_size);
        let rest = if found.len() > limit { found.split_off(limit) } else { VecDeque::new() };
        let mut answers: Vec<LdapOp> = found
            .into_iter()
            .filter_map(|guid| state.get(guid))
            .map(|o| search::entry(state, o, request, core.is_windows()))
            .map(LdapOp::SearchResultEntry)
            .collect();
        let is_cut = !rest.is_empty() && (controls.paged.is_none() || limit == client_limit);
        let result = if is_cut {
            Refusal::new(Rule::SizeLimit, String::new()).result(core.policy.dialect)
        } else {
            success()
        };
        let is_last = rest.is_empty();
        // A page size of 0 with a cookie gives the search up (RFC 2696 section 3).
        let gives_up = page_size == 0;
        let control = controls.paged.map(|_| {
            let rest = if gives_up || is_cut { VecDeque::new() } else { rest };
            let cookie = self.paged.keep(rest, identity);
            LdapControl::SimplePagedResults { size: 0, cookie }
        });
        let is_whole_domain = request.scope == LdapSearchScope::Subtree && state.is_root(base);
        if is_last && is_whole_domain && !controls.stays_in_domain {
            answers.extend(references(core, base));
        }
        Ok((answers, result, control))
    }

    fn dirsync(
        &self,
        core: &Core,
        id: i32,
        what: (Guid, &Filter, &LdapSearchRequest),
        control: (i64, &[u8]),
    ) -> Result<Vec<LdapMsg>, Refusal> {
        let (root, filter, request) = what;
        let (flags, cookie) = control;
        let is_secured = flags & dirsync::OBJECT_SECURITY != 0;
        if !core.state.is_root(root) {
            let rule =
                if is_secured { Rule::NotNamingContextSecured } else { Rule::NotNamingContext };
            return Err(Refusal::new(rule, request.base.clone()));
        }
        let sees_deleted = self.is_privileged(core);
        if !sees_deleted && !is_secured {
            return Err(Refusal::new(Rule::SyncDenied, request.base.clone()));
        }
        let page = dirsync::page(
            &core.state,
            &dirsync::Request {
                root,
                filter,
                attributes: &request.attrs,
                flags,
                cookie,
                page_rows: core.dirsync_page_rows,
                sees_deleted,
            },
        )?;
        let rows = page.rows.into_iter().map(|row| LdapMsg {
            msgid: id,
            op: LdapOp::SearchResultEntry(row),
            ctrl: Vec::new(),
        });
        let done = LdapMsg {
            msgid: id,
            op: LdapOp::SearchResultDone(success()),
            ctrl: vec![page.control],
        };
        Ok(rows.chain(std::iter::once(done)).collect())
    }
}

/// A search whose base exists.
struct Found<'a> {
    base: Guid,
    filter: &'a Filter,
    request: &'a LdapSearchRequest,
}

/// The naming contexts directly below the one searched.
fn references(core: &Core, base: Guid) -> Vec<LdapOp> {
    let searched = core.state.dn(base);
    let below = core.state.roots().iter().filter(|(dn, _)| dn.parent().as_ref() == Some(&searched));
    let reference = |dn: String| LdapSearchResultReference {
        uris: vec![format!("ldap://{}/{dn}", core.names.domain)],
    };
    below.map(|(dn, _)| LdapOp::SearchResultReference(reference(dn.to_string()))).collect()
}

fn success() -> LdapResult {
    ldap_result(0, String::new(), String::new())
}

/// The live object a write names.
fn object(core: &Core, dn: &str) -> Result<Guid, Refusal> {
    let guid = search::base(&core.state, dn)?;
    if core.state.get(guid).is_some_and(|o| o.is_deleted) {
        return Err(Refusal::new(Rule::NoSuchObject, dn));
    }
    Ok(guid)
}

fn compare(core: &Core, request: &LdapCompareRequest) -> Result<LdapResult, Refusal> {
    let guid = object(core, &request.dn)?;
    modify::known_attribute(&request.atype)?;
    let filter = Filter::Equal(request.atype.clone(), request.val.clone());
    let is_equal = core.state.get(guid).is_some_and(|o| filter.matches(&core.state, o));
    Ok(ldap_result(if is_equal { 6 } else { 5 }, String::new(), String::new()))
}
