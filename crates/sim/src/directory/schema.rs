//! The part of the directory schema the simulator knows: attribute and class definitions.
//!
//! Everything outside these tables is refused as an unknown attribute or class.
//! Spec: [MS-ADTS] 3.1.1.2 (schema), 3.1.1.2.2.2 (syntaxes), [MS-ADA1] to [MS-ADA3], [MS-ADSC].

mod attributes;
mod classes;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(super) use attributes::ATTRIBUTES;
pub(super) use classes::CLASSES;

/// The form of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// A DN (2.5.5.1).
    Dn,
    /// An attribute or class name (2.5.5.2).
    Oid,
    /// Unicode text, compared without regard to case (2.5.5.12).
    Text,
    /// `TRUE` or `FALSE` (2.5.5.8).
    Boolean,
    /// A 32-bit number (2.5.5.9).
    Integer,
    /// Octets (2.5.5.10).
    Octets,
    /// A moment (2.5.5.11).
    Time,
    /// A 64-bit number (2.5.5.16).
    LargeInteger,
    /// A security identifier (2.5.5.17).
    Sid,
}

impl Syntax {
    /// `attributeSyntax` and `oMSyntax`.
    pub(super) const fn identifiers(self) -> (&'static str, u32) {
        match self {
            Self::Dn => ("2.5.5.1", 127),
            Self::Oid => ("2.5.5.2", 6),
            Self::Text => ("2.5.5.12", 64),
            Self::Boolean => ("2.5.5.8", 1),
            Self::Integer => ("2.5.5.9", 2),
            Self::Octets => ("2.5.5.10", 4),
            Self::Time => ("2.5.5.11", 24),
            Self::LargeInteger => ("2.5.5.16", 65),
            Self::Sid => ("2.5.5.17", 4),
        }
    }
}

/// Who may set an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Clients.
    Client,
    /// The directory itself (`systemOnly`).
    System,
    /// Nobody: it is computed when read.
    Constructed,
}

/// An attribute's definition.
#[derive(Debug)]
pub(super) struct AttributeType {
    pub(super) name: &'static str,
    pub(super) oid: &'static str,
    pub(super) syntax: Syntax,
    pub(super) is_single: bool,
    /// Lengths in characters or octets, both ends included.
    pub(super) range: Option<(u32, u32)>,
    pub(super) access: Access,
    /// False for what each domain controller keeps for itself.
    pub(super) is_replicated: bool,
    /// Even for a forward link, odd for its back link.
    pub(super) link_id: Option<u32>,
}

impl AttributeType {
    const fn new(name: &'static str, oid: &'static str, syntax: Syntax) -> Self {
        Self {
            name,
            oid,
            syntax,
            is_single: false,
            range: None,
            access: Access::Client,
            is_replicated: true,
            link_id: None,
        }
    }

    const fn single(mut self) -> Self {
        self.is_single = true;
        self
    }

    const fn range(mut self, lower: u32, upper: u32) -> Self {
        self.range = Some((lower, upper));
        self
    }

    const fn system(mut self) -> Self {
        self.access = Access::System;
        self
    }

    const fn constructed(mut self) -> Self {
        self.access = Access::Constructed;
        self.is_replicated = false;
        self
    }

    const fn local(mut self) -> Self {
        self.is_replicated = false;
        self
    }

    const fn link(mut self, id: u32) -> Self {
        self.link_id = Some(id);
        self
    }

    /// True for the computed end of a link.
    pub(super) const fn is_back_link(&self) -> bool {
        matches!(self.link_id, Some(id) if id % 2 == 1)
    }

    /// The number Windows prints after `Att` in its messages: a prefix for the known arcs, and
    /// the last arc ([MS-DRSR] 5.16.4).
    pub(super) fn number(&self) -> u32 {
        const ARCS: [(&str, u32); 4] = [
            ("2.5.4", 0),
            ("1.2.840.113556.1.2", 0x0002_0000),
            ("1.2.840.113556.1.4", 0x0009_0000),
            ("0.9.2342.19200300.100.1", 0x0015_0000),
        ];
        let (arc, last) = self.oid.rsplit_once('.').unwrap_or_default();
        let prefix = ARCS.iter().find(|(known, _)| *known == arc).map_or(0x0016_0000, |(_, n)| *n);
        prefix + last.parse::<u32>().unwrap_or_default()
    }
}

/// A class's definition.
#[derive(Debug)]
pub(super) struct ClassType {
    pub(super) name: &'static str,
    pub(super) oid: &'static str,
    /// The name of its object in the schema.
    pub(super) common_name: &'static str,
    pub(super) superior: Option<&'static str>,
    pub(super) auxiliary: &'static [&'static str],
    /// The class whose schema object is the `objectCategory`.
    pub(super) category: &'static str,
    pub(super) rdn: &'static str,
    pub(super) is_container: bool,
    /// Security principals get a SID and an account name.
    pub(super) is_principal: bool,
    /// False for classes that cannot be an object's own class.
    pub(super) is_structural: bool,
    pub(super) must: &'static [&'static str],
    pub(super) may: &'static [&'static str],
}

static ATTRIBUTE_INDEX: LazyLock<BTreeMap<String, &'static AttributeType>> =
    LazyLock::new(|| ATTRIBUTES.iter().map(|a| (a.name.to_lowercase(), a)).collect());

/// The attribute called `name`, in any case, or with that OID.
pub(super) fn attribute(name: &str) -> Option<&'static AttributeType> {
    let by_name = ATTRIBUTE_INDEX.get(&name.to_lowercase()).copied();
    by_name.or_else(|| ATTRIBUTES.iter().find(|a| a.oid == name))
}

/// The class called `name`, in any case.
pub(super) fn class(name: &str) -> Option<&'static ClassType> {
    CLASSES.iter().find(|c| c.name.eq_ignore_ascii_case(name))
}

/// `class` and everything it inherits from, `top` first.
pub(super) fn lineage(class_type: &'static ClassType) -> Vec<&'static ClassType> {
    let mut chain = vec![class_type];
    let mut superior = class_type.superior;
    while let Some(next) = superior.and_then(class) {
        chain.push(next);
        superior = next.superior;
    }
    chain.reverse();
    chain
}

/// The class and its ancestors, each followed by its auxiliary classes.
pub(super) fn contributors(class_type: &'static ClassType) -> Vec<&'static ClassType> {
    lineage(class_type)
        .into_iter()
        .flat_map(|c| std::iter::once(c).chain(c.auxiliary.iter().filter_map(|a| class(a))))
        .collect()
}

/// True if an object of `class_type` may hold `name`.
pub(super) fn is_allowed(class_type: &'static ClassType, name: &str) -> bool {
    contributors(class_type).iter().any(|c| c.must.contains(&name) || c.may.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_consistent() {
        assert_eq!(ATTRIBUTE_INDEX.len(), ATTRIBUTES.len(), "two attributes have one name");
        let oids: std::collections::BTreeSet<_> = ATTRIBUTES.iter().map(|a| a.oid).collect();
        assert_eq!(oids.len(), ATTRIBUTES.len(), "two attributes have one OID");
        for c in CLASSES {
            for name in c.must.iter().chain(c.may).chain([&c.rdn]) {
                assert!(attribute(name).is_some_and(|a| a.name == *name), "{name} in {}", c.name);
            }
            for name in c.auxiliary.iter().chain(&c.superior).chain([&c.category]) {
                assert!(class(name).is_some(), "{name} in {}", c.name);
            }
        }
    }

    #[test]
    fn message_numbers_match_known_traces() {
        for (name, number) in [("cn", 3), ("userPrincipalName", 0x90290), ("company", 0x20092)] {
            assert_eq!(attribute(name).unwrap().number(), number);
        }
    }

    #[test]
    fn classes_inherit_what_they_may_hold() {
        let user = class("USER").unwrap();
        let names: Vec<_> = lineage(user).iter().map(|c| c.name).collect();
        assert_eq!(names, ["top", "person", "organizationalPerson", "user"]);
        assert!(is_allowed(user, "proxyAddresses") && is_allowed(user, "description"));
        assert!(!is_allowed(user, "groupType"));
        assert!(!is_allowed(class("contact").unwrap(), "sAMAccountName"));
    }
}
