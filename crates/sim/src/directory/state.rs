//! The directory's content: objects in a tree, their indexes, and update sequence numbers.
//!
//! Nothing here knows LDAP or account rules. A change is a [`Object`] taken out, edited and
//! committed; the commit compares it with what was there, gives every attribute that really
//! changed the next USN, and does nothing at all if none did. Emptied attributes stay, without
//! values, because `DirSync` must report them.
//! Invariants: an object's parent exists; DN-valued attributes hold identifiers, so renames need
//! no rewriting; account and principal names of live objects are unique, which callers check.
//! Spec: [MS-ADTS] 3.1.1.1 (state model), 3.1.1.5.5 (deletion).

use std::collections::{BTreeMap, BTreeSet};

use model::{Dn, Guid, Rdn, Sid, Timestamp};
use ring::digest;

use super::names::Target;
use super::object::{Object, stamp_links, stamp_values};
use super::schema::{self, ClassType};

/// The whole directory of one domain controller.
pub(super) struct State {
    seed: u64,
    draws: u64,
    objects: BTreeMap<Guid, Object>,
    children: BTreeMap<Guid, BTreeMap<String, Guid>>,
    by_account_name: BTreeMap<String, Guid>,
    by_principal_name: BTreeMap<String, Guid>,
    by_sid: BTreeMap<Sid, Guid>,
    by_usn: BTreeMap<u64, Guid>,
    back_links: BTreeMap<Guid, BTreeSet<(&'static str, Guid)>>,
    /// Roots of the naming contexts, deepest first.
    roots: Vec<(Dn, Guid)>,
    highest_usn: u64,
    domain_sid: Option<Sid>,
    next_rid: u32,
    invocation_id: Guid,
    pub(super) deleted_objects: Option<Guid>,
}

/// Where a domain's own accounts begin ([MS-ADTS] 6.1.1.2.5, first RID pool).
const FIRST_RID: u32 = 1100;

impl State {
    pub(super) fn new(seed: u64) -> Self {
        let mut state = Self {
            seed,
            draws: 0,
            objects: BTreeMap::new(),
            children: BTreeMap::new(),
            by_account_name: BTreeMap::new(),
            by_principal_name: BTreeMap::new(),
            by_sid: BTreeMap::new(),
            by_usn: BTreeMap::new(),
            back_links: BTreeMap::new(),
            roots: Vec::new(),
            highest_usn: 0,
            domain_sid: None,
            next_rid: FIRST_RID,
            invocation_id: Guid::from_bytes([0; 16]),
            deleted_objects: None,
        };
        let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = state.draw();
        let part = |bytes| u32::from_le_bytes(bytes);
        let parts = vec![21, part([a, b, c, d]), part([e, f, g, h]), part([i, j, k, l])];
        state.domain_sid = Sid::new(5, parts);
        state.invocation_id = state.new_guid();
        state
    }

    /// The next 32 octets of the stream the seed gives.
    pub(super) fn draw(&mut self) -> [u8; 32] {
        self.draws += 1;
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.seed.to_le_bytes());
        context.update(&self.draws.to_le_bytes());
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        bytes
    }

    /// A new identifier, marked as random (RFC 9562 section 5.4).
    pub(super) fn new_guid(&mut self) -> Guid {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(self.draw()) {
            *to = from;
        }
        let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
        *version = *version & 0x0F | 0x40;
        *variant = *variant & 0x3F | 0x80;
        Guid::from_bytes(bytes)
    }

    pub(super) fn domain_sid(&self) -> Option<&Sid> {
        self.domain_sid.as_ref()
    }

    /// The next account's SID.
    pub(super) fn new_sid(&mut self) -> Option<Sid> {
        let sid = self.domain_sid.as_ref()?.with_rid(self.next_rid);
        self.next_rid += 1;
        sid
    }

    pub(super) const fn highest_usn(&self) -> u64 {
        self.highest_usn
    }

    pub(super) const fn invocation_id(&self) -> Guid {
        self.invocation_id
    }

    pub(super) const fn set_invocation_id(&mut self, id: Guid) {
        self.invocation_id = id;
    }

    /// Makes an object that is not yet part of the directory.
    pub(super) fn draft(
        &mut self,
        class: &'static ClassType,
        rdn: Rdn,
        parent: Option<Guid>,
        now: Timestamp,
    ) -> Object {
        let guid = self.new_guid();
        let root = parent.and_then(|p| self.objects.get(&p)).map_or(guid, |p| p.root);
        let mut object = Object {
            guid,
            class,
            parent,
            root,
            rdn,
            name_usn: 0,
            sid: None,
            created: now,
            changed: now,
            usn_created: 0,
            usn_changed: 0,
            values: BTreeMap::new(),
            links: BTreeMap::new(),
            password: None,
            password_usn: 0,
            is_deleted: false,
        };
        let names = schema::lineage(class).iter().map(|c| c.name.as_bytes().to_vec()).collect();
        object.set("objectClass", names);
        object.set_text("instanceType", if parent.is_some() { "4" } else { "5" });
        object
    }

    /// Writes an edited or new object; true if anything changed.
    pub(super) fn commit(&mut self, mut object: Object, now: Timestamp) -> bool {
        let usn = self.highest_usn + 1;
        let before = self.objects.get(&object.guid);
        let mut is_changed = stamp_values(before, &mut object, usn);
        is_changed |= stamp_links(before, &mut object, usn);
        let is_renamed = before.is_none_or(|b| b.rdn != object.rdn || b.parent != object.parent);
        if is_renamed {
            object.name_usn = usn;
        }
        let has_new_password = before.is_none_or(|b| b.password != object.password);
        if has_new_password && object.password.is_some() {
            object.password_usn = usn;
        }
        if !(is_changed || is_renamed || has_new_password) {
            return false;
        }
        if before.is_none() {
            object.usn_created = usn;
        }
        let before_names = before.map(|b| (b.parent, rdn_key(&b.rdn), b.usn_changed));
        self.highest_usn = usn;
        object.usn_changed = usn;
        object.changed = now;
        if let Some((parent, key, last_usn)) = before_names {
            self.by_usn.remove(&last_usn);
            if let Some(siblings) = parent.and_then(|p| self.children.get_mut(&p)) {
                siblings.remove(&key);
            }
            self.unindex_names(object.guid);
        }
        self.index(object);
        true
    }

    fn unindex_names(&mut self, guid: Guid) {
        let Some(object) = self.objects.get(&guid) else { return };
        if let Some(name) = object.text("sAMAccountName").map(str::to_lowercase)
            && self.by_account_name.get(&name) == Some(&guid)
        {
            self.by_account_name.remove(&name);
        }
        if let Some(name) = object.text("userPrincipalName").map(str::to_lowercase)
            && self.by_principal_name.get(&name) == Some(&guid)
        {
            self.by_principal_name.remove(&name);
        }
    }

    fn index(&mut self, object: Object) {
        let guid = object.guid;
        self.by_usn.insert(object.usn_changed, guid);
        if let Some(parent) = object.parent {
            self.children.entry(parent).or_default().insert(rdn_key(&object.rdn), guid);
        }
        if !object.is_deleted {
            if let Some(name) = object.text("sAMAccountName") {
                self.by_account_name.insert(name.to_lowercase(), guid);
            }
            if let Some(name) = object.text("userPrincipalName") {
                self.by_principal_name.insert(name.to_lowercase(), guid);
            }
        }
        if let Some(sid) = &object.sid {
            self.by_sid.insert(sid.clone(), guid);
        }
        for (name, links) in &object.links {
            for (target, link) in links {
                let back = self.back_links.entry(*target).or_default();
                if link.is_present {
                    back.insert((name, guid));
                } else {
                    back.remove(&(*name, guid));
                }
            }
        }
        self.objects.insert(guid, object);
    }

    /// Makes `guid` the root of the naming context `dn`.
    pub(super) fn add_root(&mut self, dn: Dn, guid: Guid) {
        self.roots.push((dn, guid));
        self.roots.sort_by_key(|(dn, _)| std::cmp::Reverse(dn.rdns.len()));
    }

    /// Drops the links to and from an object about to be deleted. The objects on the other side
    /// keep their USN, as in Active Directory, where each replica does this by itself.
    pub(super) fn drop_links(&mut self, guid: Guid) {
        for (name, source) in self.back_links.remove(&guid).unwrap_or_default() {
            if let Some(links) = self.objects.get_mut(&source).and_then(|o| o.links.get_mut(name)) {
                links.remove(&guid);
            }
        }
        let Some(object) = self.objects.get_mut(&guid) else { return };
        for (name, links) in std::mem::take(&mut object.links) {
            for target in links.into_keys() {
                if let Some(back) = self.back_links.get_mut(&target) {
                    back.remove(&(name, guid));
                }
            }
        }
    }

    pub(super) fn get(&self, guid: Guid) -> Option<&Object> {
        self.objects.get(&guid)
    }

    /// The DN; empty for an identifier that names nothing.
    pub(super) fn dn(&self, guid: Guid) -> Dn {
        let mut rdns = Vec::new();
        let mut at = guid;
        while let Some(object) = self.objects.get(&at) {
            let Some(parent) = object.parent else {
                let root = self.roots.iter().find(|(_, root)| *root == at);
                rdns.extend(root.into_iter().flat_map(|(dn, _)| dn.rdns.iter().cloned()));
                break;
            };
            rdns.push(object.rdn.clone());
            at = parent;
        }
        Dn { rdns }
    }

    /// The object a request names, deleted ones included.
    pub(super) fn resolve(&self, target: &Target) -> Option<Guid> {
        match target {
            Target::Guid(guid) => self.objects.contains_key(guid).then_some(*guid),
            Target::Sid(sid) => self.by_sid.get(sid).copied(),
            Target::Dn(dn) => {
                let (found, missing) = self.walk(dn)?;
                (missing == 0).then_some(found)
            }
        }
    }

    /// The nearest existing ancestor's DN; empty if the name is in no context held here.
    pub(super) fn best_match(&self, dn: &Dn) -> String {
        self.walk(dn).map_or_else(String::new, |(found, _)| self.dn(found).to_string())
    }

    /// Follows `dn` from its naming context's root: the last object found, and how many
    /// components below it do not exist.
    fn walk(&self, dn: &Dn) -> Option<(Guid, usize)> {
        let (root_dn, root) = self.roots.iter().find(|(root, _)| dn.is_within(root))?;
        let below = dn.rdns.len() - root_dn.rdns.len();
        let mut at = *root;
        for (i, rdn) in dn.rdns.iter().take(below).rev().enumerate() {
            let Some(next) = self.children.get(&at).and_then(|c| c.get(&rdn_key(rdn))) else {
                return Some((at, below - i));
            };
            at = *next;
        }
        Some((at, 0))
    }

    pub(super) fn is_root(&self, guid: Guid) -> bool {
        self.roots.iter().any(|(_, root)| *root == guid)
    }

    /// The naming contexts, deepest first.
    pub(super) fn roots(&self) -> &[(Dn, Guid)] {
        &self.roots
    }

    pub(super) fn children(&self, guid: Guid) -> impl DoubleEndedIterator<Item = Guid> {
        self.children.get(&guid).into_iter().flat_map(|c| c.values().copied())
    }

    /// The object and everything below it, parents first.
    pub(super) fn subtree(&self, guid: Guid) -> Vec<Guid> {
        let mut found = Vec::new();
        let mut stack = vec![guid];
        while let Some(next) = stack.pop() {
            found.push(next);
            stack.extend(self.children(next).rev());
        }
        found
    }

    /// True if `guid` is `ancestor` or lies below it.
    pub(super) fn is_within(&self, guid: Guid, ancestor: Guid) -> bool {
        let mut at = Some(guid);
        while let Some(current) = at {
            if current == ancestor {
                return true;
            }
            at = self.objects.get(&current).and_then(|o| o.parent);
        }
        false
    }

    pub(super) fn child(&self, parent: Guid, rdn: &Rdn) -> Option<Guid> {
        self.children.get(&parent)?.get(&rdn_key(rdn)).copied()
    }

    pub(super) fn by_account_name(&self, name: &str) -> Option<Guid> {
        self.by_account_name.get(&name.to_lowercase()).copied()
    }

    pub(super) fn by_principal_name(&self, name: &str) -> Option<Guid> {
        self.by_principal_name.get(&name.to_lowercase()).copied()
    }

    /// Objects whose last change is after `usn`, oldest change first.
    pub(super) fn changed_after(&self, usn: u64) -> impl Iterator<Item = &Object> {
        let from = usn.saturating_add(1);
        self.by_usn.range(from..).filter_map(|(_, guid)| self.objects.get(guid))
    }

    /// The objects that name `guid` in the forward link `name`.
    pub(super) fn sources(&self, guid: Guid, name: &str) -> impl Iterator<Item = Guid> {
        let links = self.back_links.get(&guid).into_iter().flatten();
        links.filter(move |(attribute, _)| *attribute == name).map(|(_, source)| *source)
    }
}

fn rdn_key(rdn: &Rdn) -> String {
    format!("{}={}", rdn.attribute, rdn.value).to_lowercase()
}
