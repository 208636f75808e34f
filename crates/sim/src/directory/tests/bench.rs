//! A directory without a server, for tests that look at results message by message.

use std::sync::Arc;

use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapAddRequest, LdapBindCred, LdapBindRequest, LdapDerefAliases, LdapFilter, LdapModify,
    LdapModifyDNRequest, LdapModifyRequest, LdapModifyType, LdapMsg, LdapOp, LdapPartialAttribute,
    LdapResult, LdapSearchRequest, LdapSearchResultEntry, LdapSearchScope,
};
use model::{Clock, Secret, Timestamp};

use crate::directory::core::Core;
use crate::directory::filter::Filter;
use crate::directory::options::{Dialect, DirectoryOptions};
use crate::directory::seed;
use crate::directory::session::Session;

pub(super) const GUESTS: &str = "OU=B2BGuest,DC=contoso,DC=com";
pub(super) const DOMAIN: &str = "DC=contoso,DC=com";
pub(super) const SERVICE_PASSWORD: &str = "Proxeny-5ervice!";

/// Noon of one day.
pub(super) struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2026-11-24T12:00:00Z").unwrap()
    }
}

pub(super) fn options(dialect: Dialect) -> DirectoryOptions {
    let password = Secret::new(SERVICE_PASSWORD.to_owned());
    DirectoryOptions {
        dialect,
        limited_users: vec![("reader".to_owned(), Secret::new("Reader-5ervice!".to_owned()))],
        ..DirectoryOptions::new(password, Arc::new(Noon))
    }
}

/// A `unicodePwd` value.
pub(super) fn quoted(password: &str) -> Vec<u8> {
    format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub(super) struct Bench {
    pub(super) core: Core,
    session: Session,
}

/// `name: value; name: value` as attributes; `password:` becomes `unicodePwd`.
pub(super) fn attributes(text: &str) -> Vec<LdapPartialAttribute> {
    let mut found: Vec<LdapPartialAttribute> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let (name, value) = part.split_once(':').unwrap();
        let value = value.trim();
        let (name, value) = match name {
            "password" => ("unicodePwd", quoted(value)),
            _ => (name, value.as_bytes().to_vec()),
        };
        match found.iter_mut().find(|a| a.atype == name) {
            Some(attribute) => attribute.vals.push(value),
            None => found.push(LdapPartialAttribute { atype: name.to_owned(), vals: vec![value] }),
        }
    }
    found
}

impl Bench {
    /// A directory with the service account bound.
    pub(super) fn new(dialect: Dialect) -> Self {
        let core = seed::build(&options(dialect)).unwrap();
        let mut bench = Self { core, session: Session::default() };
        let dn = bench.core.names.service_account_dn.clone();
        assert_eq!(bench.bind(&dn, SERVICE_PASSWORD).code as i64, 0);
        bench
    }

    pub(super) fn send(
        &mut self,
        op: LdapOp,
        controls: &[LdapControl],
        filter: Option<&Filter>,
    ) -> Vec<LdapMsg> {
        let message = LdapMsg { msgid: 1, op, ctrl: controls.to_vec() };
        self.session.handle(&mut self.core, &message, filter)
    }

    fn result(&mut self, op: LdapOp, controls: &[LdapControl]) -> LdapResult {
        let answer = self.send(op, controls, None).pop().unwrap();
        match answer.op {
            LdapOp::BindResponse(response) => response.res,
            LdapOp::AddResponse(r)
            | LdapOp::ModifyResponse(r)
            | LdapOp::ModifyDNResponse(r)
            | LdapOp::DelResponse(r)
            | LdapOp::SearchResultDone(r) => r,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn bind(&mut self, dn: &str, password: &str) -> LdapResult {
        let cred = LdapBindCred::Simple(password.to_owned());
        let request = LdapBindRequest { version: 3, dn: dn.to_owned(), cred };
        self.result(LdapOp::BindRequest(request), &[])
    }

    pub(super) fn add(&mut self, dn: &str, text: &str) -> LdapResult {
        let request = LdapAddRequest { dn: dn.to_owned(), attributes: attributes(text) };
        self.result(LdapOp::AddRequest(request), &[])
    }

    /// Adds a guest called `name`, as provisioning does.
    pub(super) fn guest(&mut self, name: &str) -> String {
        let dn = format!("CN={name},{GUESTS}");
        let result = self.add(
            &dn,
            &format!(
                "objectClass: user; sAMAccountName: {name}; userPrincipalName: \
                 {name}@contoso.com; userAccountControl: 262656; password: Zx-9-unrelated"
            ),
        );
        assert_eq!(result.code as i64, 0, "{}", result.message);
        dn
    }

    /// `add name: value; delete name; replace name: value`; without a colon there are no values.
    pub(super) fn modify(&mut self, dn: &str, text: &str) -> LdapResult {
        self.modify_with(dn, text, &[])
    }

    pub(super) fn modify_with(
        &mut self,
        dn: &str,
        text: &str,
        controls: &[LdapControl],
    ) -> LdapResult {
        let changes = text.split(';').map(str::trim).map(|part| {
            let (word, rest) = part.split_once(' ').unwrap();
            let operation = match word {
                "add" => LdapModifyType::Add,
                "delete" => LdapModifyType::Delete,
                _ => LdapModifyType::Replace,
            };
            let modification = match rest.contains(':') {
                true => attributes(rest).remove(0),
                false => LdapPartialAttribute { atype: rest.to_owned(), vals: Vec::new() },
            };
            LdapModify { operation, modification }
        });
        let changes = changes.collect();
        let request = LdapModifyRequest { dn: dn.to_owned(), changes };
        self.result(LdapOp::ModifyRequest(request), controls)
    }

    pub(super) fn rename(&mut self, dn: &str, rdn: &str, superior: Option<&str>) -> LdapResult {
        let request = LdapModifyDNRequest {
            dn: dn.to_owned(),
            newrdn: rdn.to_owned(),
            deleteoldrdn: true,
            new_superior: superior.map(str::to_owned),
        };
        self.result(LdapOp::ModifyDNRequest(request), &[])
    }

    pub(super) fn delete(&mut self, dn: &str) -> LdapResult {
        self.result(LdapOp::DelRequest(dn.to_owned()), &[])
    }

    pub(super) fn delete_tree(&mut self, dn: &str) -> LdapResult {
        self.result(LdapOp::DelRequest(dn.to_owned()), &[unknown("1.2.840.113556.1.4.805")])
    }

    /// Entries and the last message of a subtree search.
    pub(super) fn search(
        &mut self,
        base: &str,
        filter: &str,
        attrs: &[&str],
        controls: &[LdapControl],
    ) -> (Vec<LdapSearchResultEntry>, LdapMsg) {
        let request = LdapSearchRequest {
            base: base.to_owned(),
            scope: LdapSearchScope::Subtree,
            aliases: LdapDerefAliases::Never,
            sizelimit: 0,
            timelimit: 0,
            typesonly: false,
            filter: LdapFilter::Present("objectClass".to_owned()),
            attrs: attrs.iter().map(ToString::to_string).collect(),
        };
        self.search_with(request, filter, controls)
    }

    pub(super) fn search_with(
        &mut self,
        request: LdapSearchRequest,
        filter: &str,
        controls: &[LdapControl],
    ) -> (Vec<LdapSearchResultEntry>, LdapMsg) {
        let filter = Filter::parse(filter).unwrap_or_else(|| panic!("{filter}"));
        let mut answers = self.send(LdapOp::SearchRequest(request), controls, Some(&filter));
        let last = answers.pop().unwrap();
        let entries = answers.into_iter().filter_map(|message| match message.op {
            LdapOp::SearchResultEntry(entry) => Some(entry),
            _ => None,
        });
        (entries.collect(), last)
    }

    /// The first value of an attribute, as text.
    pub(super) fn value(&mut self, dn: &str, name: &str) -> Option<String> {
        let (entries, _) = self.search(dn, "(objectClass=*)", &[name], &[]);
        let vals = &entries.first()?.attributes.first()?.vals;
        Some(String::from_utf8_lossy(vals.first()?).into_owned())
    }
}

/// A critical control without a value.
pub(super) fn unknown(oid: &str) -> LdapControl {
    LdapControl::Unknown { oid: oid.to_owned(), criticality: true, value: None }
}

pub(super) fn done(message: &LdapMsg) -> &LdapResult {
    let LdapOp::SearchResultDone(result) = &message.op else { panic!("{message:?}") };
    result
}
