//! Which roles a person has.

use std::collections::{BTreeMap, BTreeSet};

use model::{Attributes, Sid, Value};
use rules::Role;

/// The roles that the configuration grants, by account and by security identifier.
#[derive(Debug, Default)]
pub(crate) struct RoleTable {
    by_account: BTreeMap<String, BTreeSet<Role>>,
    by_sid: BTreeMap<Sid, BTreeSet<Role>>,
}

impl RoleTable {
    pub(crate) fn new(granted: &BTreeMap<Role, Vec<String>>) -> Self {
        let mut table = Self::default();
        for (role, holders) in granted {
            for holder in holders {
                match Sid::parse(holder) {
                    Ok(sid) => table.by_sid.entry(sid).or_default().insert(*role),
                    Err(_account) => {
                        table.by_account.entry(holder.to_lowercase()).or_default().insert(*role)
                    }
                };
            }
        }
        table
    }

    /// The roles of a person, [`Role::Person`] included, strongest first.
    pub(crate) fn of(&self, person: &Attributes) -> Vec<Role> {
        let mut roles = BTreeSet::from([Role::Person]);
        let account = person.text("Domain").zip(person.text("AccountName"));
        if let Some((domain, account)) = account {
            let key = format!("{domain}\\{account}").to_lowercase();
            roles.extend(self.by_account.get(&key).into_iter().flatten());
        }
        if let Some(Value::Binary(octets)) = person.single("ObjectSID")
            && let Ok(sid) = Sid::from_bytes(octets)
        {
            roles.extend(self.by_sid.get(&sid).into_iter().flatten());
        }
        roles.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_granted_by_account_and_by_sid() {
        let sid = "S-1-5-21-1-2-3-1104";
        let table = RoleTable::new(&BTreeMap::from([
            (Role::Administrator, vec![sid.to_owned()]),
            (Role::Auditor, vec!["CONTOSO\\Anna".to_owned()]),
        ]));
        let mut person = Attributes::new();
        assert_eq!(table.of(&person), [Role::Person]);
        person.set_one("AccountName", "anna");
        assert_eq!(table.of(&person), [Role::Person]);
        person.set_one("Domain", "contoso");
        assert_eq!(table.of(&person), [Role::Auditor, Role::Person]);
        person.set_one("ObjectSID", Value::binary(&Sid::parse(sid).unwrap().to_bytes()));
        assert_eq!(table.of(&person), [Role::Administrator, Role::Auditor, Role::Person]);
    }
}
