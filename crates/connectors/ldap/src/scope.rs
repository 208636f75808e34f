//! The part of the directory that the connector may see and change.

use model::Dn;

use crate::schema::CONTAINER;

/// A naming context and what of it is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Its root, as configured.
    pub(crate) dn: String,
    /// The selected containers as configured; the root when the whole partition is selected.
    pub(crate) containers: Vec<String>,
}

/// The selected containers of all partitions, in a form quick to ask.
///
/// Objects are in scope when they lie in a selected container. Container objects are also in scope
/// when a selected container lies in them: they are the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) partitions: Vec<Partition>,
    containers: Vec<String>,
    ancestors: Vec<String>,
}

impl Scope {
    /// The scope of these partitions. Text that is not a DN selects nothing.
    pub(crate) fn new(partitions: Vec<Partition>) -> Self {
        let keys = |dn: &String| Dn::parse(dn).ok().map(|dn| dn.key());
        let containers = partitions.iter().flat_map(|p| &p.containers).filter_map(keys).collect();
        let mut ancestors: Vec<String> =
            partitions.iter().flat_map(ancestors).map(|dn| dn.key()).collect();
        ancestors.sort();
        ancestors.dedup();
        Self { partitions, containers, ancestors }
    }

    /// True if an object of this type and name is in scope.
    pub(crate) fn contains(&self, dn: &str, object_type: &str) -> bool {
        let Ok(dn) = Dn::parse(dn) else { return false };
        let key = dn.key();
        let is_way = object_type == CONTAINER && self.ancestors.contains(&key);
        is_way || self.containers.iter().any(|container| is_within(&key, container))
    }

    /// The container objects above the selected containers of a partition, from its root down,
    /// each once.
    pub(crate) fn ancestors_of(partition: &Partition) -> Vec<String> {
        let mut found: Vec<Dn> = Vec::new();
        for dn in ancestors(partition) {
            if !found.iter().any(|known| known.key() == dn.key()) {
                found.push(dn);
            }
        }
        found.sort_by_key(|dn| dn.rdns.len());
        found.iter().map(ToString::to_string).collect()
    }

    /// A text that is the same for the same selection.
    pub(crate) fn describe(&self) -> String {
        let mut containers = self.containers.clone();
        containers.sort();
        containers.join("\n")
    }
}

/// True if the object `key` is `container` or lies in it; both are keys of DNs, in which a comma
/// that does not end a component is always followed by an escaped `=`.
fn is_within(key: &str, container: &str) -> bool {
    key.strip_suffix(container).is_some_and(|rest| rest.is_empty() || rest.ends_with(','))
}

fn ancestors(partition: &Partition) -> Vec<Dn> {
    let Ok(root) = Dn::parse(&partition.dn) else { return Vec::new() };
    let mut found = Vec::new();
    for container in &partition.containers {
        let mut next = Dn::parse(container).ok().and_then(|dn| dn.parent());
        while let Some(dn) = next.filter(|dn| dn.is_within(&root)) {
            next = dn.parent();
            found.push(dn);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(containers: &[&str]) -> Scope {
        let containers = containers.iter().map(ToString::to_string).collect();
        Scope::new(vec![Partition { dn: "DC=contoso,DC=com".to_owned(), containers }])
    }

    #[test]
    fn the_way_to_a_container_is_in_scope_only_for_containers() {
        let scope = scope(&["OU=Guests,OU=B2B,DC=contoso,DC=com"]);
        let check = |dn: &str, object_type: &str, expected: bool| {
            assert_eq!(scope.contains(dn, object_type), expected, "{object_type} {dn}");
        };
        check("cn=ada,ou=guests,ou=b2b,dc=contoso,dc=com", "user", true);
        check("CN=ada,OU=Deep,OU=Guests,OU=B2B,DC=contoso,DC=com", "user", true);
        check("CN=ada,OU=B2B,DC=contoso,DC=com", "user", false);
        check("OU=Guests,OU=B2B,DC=contoso,DC=com", "container", true);
        check("OU=B2B,DC=contoso,DC=com", "container", true);
        check("DC=contoso,DC=com", "container", true);
        check("DC=com", "container", false);
        check("OU=Other,OU=B2B,DC=contoso,DC=com", "container", false);
        check("CN=x\\,OU\\=Guests\\,OU\\=B2B\\,DC\\=contoso,DC=com", "user", false);
        check("OU=XGuests,OU=B2B,DC=contoso,DC=com", "container", false);
        let ancestors = Scope::ancestors_of(&scope.partitions[0]);
        assert_eq!(ancestors, ["DC=contoso,DC=com", "OU=B2B,DC=contoso,DC=com"]);
    }

    #[test]
    fn a_whole_partition_has_no_way() {
        let scope = scope(&["DC=contoso,DC=com"]);
        assert!(scope.contains("CN=ada,CN=Users,DC=contoso,DC=com", "user"));
        assert!(Scope::ancestors_of(&scope.partitions[0]).is_empty());
    }
}
