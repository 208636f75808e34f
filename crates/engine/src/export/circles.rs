//! Objects that are to exchange their names. Pure.
//!
//! A directory refuses each of the renames while the other object has the name. So one of them steps
//! aside: it gets a name that nobody has, and its own rename stays pending until the next export.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{CsId, Dn, DnStyle};
use store::{CsObject, ExportDelta, WriteOperation};

use super::operation::Work;

/// Characters of its own name that an object keeps while it stands aside: directories limit names.
const KEPT_CHARACTERS: usize = 40;

/// The objects that step aside, and the names they get meanwhile: the first of every circle.
pub(super) fn standing_aside(work: &[Work], style: DnStyle) -> BTreeMap<CsId, String> {
    let mut aside = BTreeMap::new();
    if style != DnStyle::Ldap {
        return aside;
    }
    let renamed =
        || work.iter().filter_map(|(object, delta)| Some((object, wanted(delta, style)?)));
    let next: HashMap<&str, (&CsObject, String)> =
        renamed().map(|(object, wanted)| (object.dn_key.as_str(), (object, wanted))).collect();
    let mut done: BTreeSet<CsId> = BTreeSet::new();
    for (first, wanted) in renamed() {
        let mut way = BTreeSet::from([first.id]);
        let mut at = wanted;
        while let Some((object, wanted)) = next.get(at.as_str()) {
            if object.id == first.id && way.len() > 1 && way.is_disjoint(&done) {
                aside.extend(name_aside(first).map(|name| (first.id, name)));
                done.extend(&way);
            }
            if !way.insert(object.id) {
                break;
            }
            at.clone_from(wanted);
        }
    }
    aside
}

/// The key of the name that a rename is to bring.
fn wanted(delta: &ExportDelta, style: DnStyle) -> Option<String> {
    let is_update = delta.operation == WriteOperation::Update;
    delta.new_dn.as_ref().filter(|_| is_update).map(|dn| style.key(dn))
}

/// A name beside the present one.
fn name_aside(object: &CsObject) -> Option<String> {
    let dn = Dn::parse(&object.dn).ok()?;
    let (leaf, parent) = (dn.leaf()?, dn.parent()?);
    let kept: String = leaf.value.chars().take(KEPT_CHARACTERS).collect();
    Some(parent.child(&leaf.attribute, &format!("{kept}~{}", object.id.sequence())).to_string())
}

/// The rename to the name aside, and what stays pending of it.
pub(super) fn step_aside(
    now: &mut ExportDelta,
    later: Option<ExportDelta>,
    name: String,
) -> ExportDelta {
    let wanted = now.new_dn.replace(name);
    let changes = BTreeMap::new();
    let mut later = later.unwrap_or_else(|| ExportDelta { changes, ..now.clone() });
    later.new_dn = wanted;
    later
}

#[cfg(test)]
mod tests {
    use model::{ConnectorId, Name, RunId};
    use store::{CsState, ExportStages};

    use super::*;

    fn rename(number: u32, from: &str, to: &str) -> Work {
        let dn = |name: &str| format!("CN={name},DC=x");
        let object = CsObject {
            id: CsId::new(ConnectorId(1), number),
            object_type: Name::new("user"),
            anchor: None,
            dn: dn(from),
            dn_key: DnStyle::Ldap.key(&dn(from)),
            state: CsState::Placeholder,
            linked_by: None,
            imported: None,
            pending_import: None,
            export: ExportStages::default(),
            import_error: None,
            needs_sync: false,
            reference_retry: false,
        };
        let delta = ExportDelta {
            operation: WriteOperation::Update,
            new_dn: Some(dn(to)),
            changes: BTreeMap::new(),
            mv: None,
            cause: Name::new("out"),
            run: RunId(1),
        };
        (object, delta)
    }

    #[track_caller]
    fn check(renames: &[(&str, &str)], expected: &[&str]) {
        let numbered = (1..).zip(renames);
        let work: Vec<Work> =
            numbered.map(|(number, (from, to))| rename(number, from, to)).collect();
        let names: Vec<String> = standing_aside(&work, DnStyle::Ldap).into_values().collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn one_of_every_circle_steps_aside() {
        check(&[("a", "b"), ("b", "a"), ("c", "d")], &["CN=a~1,DC=x"]);
        check(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")], &["CN=a~1,DC=x"]);
        check(&[("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")], &["CN=a~1,DC=x", "CN=c~3,DC=x"]);
        check(&[("a", "b"), ("b", "c")], &[]);
        check(&[("a", "A")], &[]);
    }

    #[test]
    fn what_steps_aside_keeps_its_own_rename_pending() {
        let (_, mut now) = rename(1, "a", "b");
        let later = step_aside(&mut now, None, "CN=a~1,DC=x".to_owned());
        assert_eq!(now.new_dn.as_deref(), Some("CN=a~1,DC=x"));
        assert_eq!((later.new_dn.as_deref(), later.changes.len()), (Some("CN=b,DC=x"), 0));
    }
}
