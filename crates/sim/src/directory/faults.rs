//! Faults the simulator produces on demand.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// A bind, successful or not.
    Bind,
    /// A search without the `DirSync` control.
    Search,
    /// A search with the `DirSync` control.
    DirSync,
    /// An add.
    Add,
    /// A modify.
    Modify,
    /// A rename or move.
    ModifyDn,
    /// A delete.
    Delete,
    /// A compare.
    Compare,
    /// An extended operation.
    Extended,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It is answered with this result code and message, and not carried out.
    Answer {
        /// LDAP result code, for example 51 (busy).
        code: u32,
        /// Diagnostic message.
        message: String,
    },
    /// It is carried out and answered after this time; requests behind it are not held up.
    Delay(Duration),
    /// The connection is closed and the request is not carried out.
    DropBefore,
    /// The request is carried out and the connection is closed without an answer.
    DropAfter,
    /// These octets are written instead of an answer and the connection is closed: half a message,
    /// or no message at all.
    Raw(Vec<u8>),
    /// It is not carried out and answered with an extended response of result code 2, whatever the
    /// request, as Samba does to a search with a critical control it does not know.
    ExtendedAnswer,
    /// The server announces that it disconnects (RFC 4511 section 4.4.1) and does; the request is
    /// not carried out.
    Notice,
    /// All connections of the directory are closed; the request is not carried out.
    CloseAll,
    /// A `DirSync` cookie is refused as malformed (result code 12); a first read is not affected.
    RejectCookie,
    /// The directory takes a new invocation id, so that cookies start over, then goes on.
    NewInvocation,
}

/// An effect and the requests it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The kind of request; `None` for all.
    pub operation: Option<Operation>,
    /// Text the DN of the request contains, in any case; `None` for all. A request by `<GUID=...>`
    /// counts under the object's DN.
    pub dn_contains: Option<String>,
    /// How many requests it is for; it is gone afterwards.
    pub times: u32,
    /// What happens to them.
    pub effect: Effect,
}

impl Fault {
    /// The fault for the next request of one kind.
    #[must_use]
    pub const fn once(operation: Operation, effect: Effect) -> Self {
        Self { operation: Some(operation), dn_contains: None, times: 1, effect }
    }

    fn applies(&self, seen: &Seen<'_>) -> bool {
        let has_dn = self
            .dn_contains
            .as_deref()
            .is_none_or(|part| seen.dn.to_lowercase().contains(&part.to_lowercase()));
        let has_kind = self.operation.is_none_or(|kind| kind == seen.operation);
        let is_possible = self.effect != Effect::RejectCookie || seen.has_cookie;
        has_dn && has_kind && is_possible && self.times > 0
    }
}

/// What of a request decides which fault it meets.
pub(super) struct Seen<'a> {
    pub(super) operation: Operation,
    pub(super) dn: Cow<'a, str>,
    /// A `DirSync` request that continues an earlier one.
    pub(super) has_cookie: bool,
}

/// Faults waiting for their request, and how many requests there were.
#[derive(Debug, Default)]
pub(super) struct Faults {
    waiting: Vec<Fault>,
    counts: BTreeMap<Operation, u64>,
}

impl Faults {
    pub(super) fn inject(&mut self, fault: Fault) {
        self.waiting.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(super) const fn counts(&self) -> &BTreeMap<Operation, u64> {
        &self.counts
    }

    /// Counts a request and returns what is to happen to it.
    pub(super) fn meet(&mut self, seen: &Seen<'_>) -> Option<Effect> {
        *self.counts.entry(seen.operation).or_default() += 1;
        let fault = self.waiting.iter_mut().find(|fault| fault.applies(seen))?;
        fault.times -= 1;
        let effect = fault.effect.clone();
        self.waiting.retain(|fault| fault.times > 0);
        Some(effect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_meets_only_its_requests_and_wears_out() {
        let mut faults = Faults::default();
        faults.inject(Fault {
            dn_contains: Some("ou=b2bguest".to_owned()),
            times: 2,
            ..Fault::once(Operation::Add, Effect::DropBefore)
        });
        let mut meet = |operation, dn: &'static str| {
            faults.meet(&Seen { operation, dn: dn.into(), has_cookie: false }).is_some()
        };
        assert!(!meet(Operation::Delete, "CN=a,OU=B2BGuest,DC=x"));
        assert!(!meet(Operation::Add, "CN=a,OU=Other,DC=x"));
        assert!(meet(Operation::Add, "CN=a,OU=B2BGuest,DC=x"));
        assert!(meet(Operation::Add, "CN=b,OU=B2BGuest,DC=x"));
        assert!(!meet(Operation::Add, "CN=c,OU=B2BGuest,DC=x"));
        assert_eq!(faults.counts().get(&Operation::Add), Some(&4));
    }

    #[test]
    fn a_first_read_has_no_cookie_to_reject() {
        let mut faults = Faults::default();
        faults.inject(Fault::once(Operation::DirSync, Effect::RejectCookie));
        let mut meet = |has_cookie| {
            faults.meet(&Seen { operation: Operation::DirSync, dn: "DC=x".into(), has_cookie })
        };
        assert_eq!(meet(false), None);
        assert_eq!(meet(true), Some(Effect::RejectCookie));
    }
}
