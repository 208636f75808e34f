//! The part of a directory that its connector may see: the containers of its partitions.

use connector::Setting;
use model::Dn;

/// The containers; everything where there are none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    containers: Vec<Dn>,
    roots: Vec<Dn>,
}

impl Scope {
    /// Reads the section `partitions` of a connector's settings.
    pub(crate) fn new(partitions: Option<&Setting>) -> Self {
        let mut scope = Self::default();
        let Some(Setting::List(list)) = partitions else { return scope };
        for partition in list {
            let Setting::Table(table) = partition else { continue };
            let name = |setting: &Setting| match setting {
                Setting::Text(text) => Dn::parse(text).ok(),
                _ => None,
            };
            let root = table.get("dn").and_then(name);
            let containers: Vec<Dn> = match table.get("containers") {
                Some(Setting::List(list)) => list.iter().filter_map(name).collect(),
                _ => Vec::new(),
            };
            match containers.is_empty() {
                true => scope.containers.extend(root.clone()),
                false => scope.containers.extend(containers),
            }
            scope.roots.extend(root);
        }
        scope
    }

    /// True if the object is shown: it lies in a container, or a container lies in it and it is one
    /// itself.
    pub(crate) fn shows(&self, dn: &str, object_type: &str) -> bool {
        if self.containers.is_empty() {
            return true;
        }
        let Ok(dn) = Dn::parse(dn) else { return false };
        let is_way = object_type == "container"
            && self.roots.iter().any(|root| dn.is_within(root))
            && self.containers.iter().any(|container| container.is_within(&dn));
        is_way || self.containers.iter().any(|container| dn.is_within(container))
    }
}
