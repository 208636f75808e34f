//! One object of the directory, and what counts as a change to it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Guid, Rdn, Sid, Timestamp};
use ring::digest;

use super::schema::ClassType;

/// Values of an attribute and the USN of their last change.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub(super) values: Vec<Vec<u8>>,
    pub(super) usn: u64,
}

/// One value of a DN-valued attribute. A removed one stays, for incremental values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) usn: u64,
    pub(super) is_present: bool,
}

/// A salted digest; the password itself is never kept.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PasswordDigest {
    salt: [u8; 32],
    hash: Vec<u8>,
}

impl PasswordDigest {
    pub(super) fn new(salt: [u8; 32], password: &str) -> Self {
        Self { salt, hash: digest_of(&salt, password) }
    }

    pub(super) fn matches(&self, password: &str) -> bool {
        digest_of(&self.salt, password) == self.hash
    }
}

fn digest_of(salt: &[u8], password: &str) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(salt);
    context.update(password.as_bytes());
    context.finish().as_ref().to_vec()
}

/// An object of the directory, alive or deleted.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) guid: Guid,
    pub(super) class: &'static ClassType,
    /// `None` for the root of a naming context.
    pub(super) parent: Option<Guid>,
    /// The naming context.
    pub(super) root: Guid,
    pub(super) rdn: Rdn,
    /// USN of the last rename or move.
    pub(super) name_usn: u64,
    pub(super) sid: Option<Sid>,
    pub(super) created: Timestamp,
    pub(super) changed: Timestamp,
    pub(super) usn_created: u64,
    pub(super) usn_changed: u64,
    pub(super) values: BTreeMap<&'static str, Stored>,
    pub(super) links: BTreeMap<&'static str, BTreeMap<Guid, Link>>,
    pub(super) password: Option<PasswordDigest>,
    pub(super) password_usn: u64,
    pub(super) is_deleted: bool,
}

impl Object {
    /// The values of a stored attribute; empty if there are none.
    pub(super) fn values(&self, name: &str) -> &[Vec<u8>] {
        self.values.get(name).map_or(&[], |stored| &stored.values)
    }

    /// The first value as text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values(name).first().and_then(|v| std::str::from_utf8(v).ok())
    }

    /// The first value as a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// Sets a stored attribute; no values clear it.
    pub(super) fn set(&mut self, name: &'static str, values: Vec<Vec<u8>>) {
        self.values.entry(name).or_default().values = values;
    }

    pub(super) fn set_text(&mut self, name: &'static str, value: impl Into<String>) {
        self.set(name, vec![value.into().into_bytes()]);
    }

    /// The present targets of a DN-valued attribute.
    pub(super) fn targets(&self, name: &str) -> impl Iterator<Item = Guid> {
        let links = self.links.get(name).into_iter().flatten();
        links.filter(|(_, link)| link.is_present).map(|(guid, _)| *guid)
    }

    /// Adds or removes one target.
    pub(super) fn set_link(&mut self, name: &'static str, target: Guid, is_present: bool) {
        let links = self.links.entry(name).or_default();
        links.entry(target).or_insert(Link { usn: 0, is_present }).is_present = is_present;
    }
}

/// Gives changed attributes the new USN and unchanged ones their old one.
pub(super) fn stamp_values(before: Option<&Object>, object: &mut Object, usn: u64) -> bool {
    let mut is_changed = false;
    for (name, stored) in &mut object.values {
        let old = before.and_then(|b| b.values.get(name));
        let is_same = match old {
            Some(old) => same_values(&old.values, &stored.values),
            None => stored.values.is_empty(),
        };
        if is_same {
            *stored = old.cloned().unwrap_or_default();
        } else {
            stored.usn = usn;
            is_changed = true;
        }
    }
    // An attribute that never had a value has nothing to report.
    object.values.retain(|_, stored| stored.usn > 0);
    is_changed
}

fn same_values(a: &[Vec<u8>], b: &[Vec<u8>]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let sorted = |values: &[Vec<u8>]| values.iter().cloned().collect::<BTreeSet<_>>();
    a == b || sorted(a) == sorted(b)
}

pub(super) fn stamp_links(before: Option<&Object>, object: &mut Object, usn: u64) -> bool {
    let mut is_changed = false;
    for (name, links) in &mut object.links {
        for (target, link) in links {
            let old = before.and_then(|b| b.links.get(name)).and_then(|l| l.get(target));
            let was_present = old.is_some_and(|l| l.is_present);
            link.usn = old.map_or(0, |l| l.usn);
            if was_present != link.is_present {
                link.usn = usn;
                is_changed = true;
            }
        }
    }
    is_changed
}
