//! In which order operations are sent, and which references have to wait. Pure.
//!
//! Parents go before children and what is referred to before what refers to it; deletions come last,
//! children before parents. But a deletion that goes by the name alone comes before whatever takes
//! that name: after it, it would hit another object. A reference to a name that this run is still to
//! bring about is left out of an operation and stays pending until its target is there.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use model::{Dn, DnStyle, Value, Values};
use store::{CsObject, ExportDelta, ExportValue, WriteOperation};

use super::operation::Work;

/// What an operation sends now and what of it has to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    /// To be sent; `None` when all of it has to wait.
    pub(super) now: Option<ExportDelta>,
    /// References whose targets are not there yet.
    pub(super) later: Option<ExportDelta>,
}

/// The names that operations of this run bring about and have not yet.
#[derive(Debug)]
pub(super) struct Coming {
    style: DnStyle,
    names: BTreeSet<String>,
}

impl Coming {
    /// The names of the additions and renames in `work`.
    pub(super) fn of(work: &[Work], style: DnStyle) -> Self {
        let names = work.iter().filter_map(|(object, delta)| brings(object, delta, style));
        Self { style, names: names.collect() }
    }

    /// The operation succeeded.
    pub(super) fn arrived(&mut self, object: &CsObject, delta: &ExportDelta) {
        if let Some(name) = brings(object, delta, self.style) {
            self.names.remove(&name);
        }
    }

    /// How many references of an operation have to wait.
    pub(super) fn open(&self, delta: &ExportDelta) -> usize {
        references(delta).filter(|dn| self.names.contains(&self.style.key(dn))).count()
    }

    /// Leaves out the references that have to wait.
    pub(super) fn split(&self, delta: &ExportDelta) -> Split {
        let mut now = delta.clone();
        let mut later = BTreeMap::new();
        for (name, change) in &delta.changes {
            let ExportValue::Set(values) = &change.value else { continue };
            let is_there = |value: &&Value| match value {
                Value::Reference(dn) => !self.names.contains(&self.style.key(dn)),
                _ => true,
            };
            let there: Vec<Value> = values.iter().filter(is_there).cloned().collect();
            if there.len() == values.len() {
                continue;
            }
            later.insert(name.clone(), change.clone());
            match Values::from_vec(there) {
                Some(there) => {
                    let mut part = change.clone();
                    part.value = ExportValue::Set(there);
                    now.changes.insert(name.clone(), part);
                }
                None => {
                    now.changes.remove(name);
                }
            }
        }
        if later.is_empty() {
            return Split { now: Some(now), later: None };
        }
        let has_more = now.operation != WriteOperation::Update
            || now.new_dn.is_some()
            || !now.changes.is_empty();
        let operation = WriteOperation::Update;
        let later = ExportDelta { operation, new_dn: None, changes: later, ..delta.clone() };
        Split { now: has_more.then_some(now), later: Some(later) }
    }

    /// Takes the next operations off the queue, at most `limit`. Whether a target came to be is known
    /// only when its batch is back, so what refers to it goes into the next one.
    pub(super) fn next_chunk(&self, queue: &mut VecDeque<Work>, limit: usize) -> Vec<Work> {
        let mut chunk = Vec::new();
        let mut brought = BTreeSet::new();
        while chunk.len() < limit
            && let Some((_, delta)) = queue.front()
            && !references(delta).any(|dn| brought.contains(&self.style.key(dn)))
            && let Some((object, delta)) = queue.pop_front()
        {
            brought.extend(brings(&object, &delta, self.style));
            chunk.push((object, delta));
        }
        chunk
    }
}

/// The key of the name that an operation brings about.
fn brings(object: &CsObject, delta: &ExportDelta, style: DnStyle) -> Option<String> {
    match delta.operation {
        WriteOperation::Add => Some(object.dn_key.clone()),
        WriteOperation::Update => delta.new_dn.as_ref().map(|dn| style.key(dn)),
        WriteOperation::Delete => None,
    }
}

/// The names that an operation writes as references.
fn references(delta: &ExportDelta) -> impl Iterator<Item = &str> {
    let values = delta.changes.values().filter_map(|change| match &change.value {
        ExportValue::Set(values) => Some(values),
        ExportValue::Clear | ExportValue::Secret => None,
    });
    values.flat_map(Values::iter).filter_map(|value| match value {
        Value::Reference(dn) => Some(&**dn),
        _ => None,
    })
}

/// True for a deletion.
pub(super) const fn is_delete(delta: &ExportDelta) -> bool {
    matches!(delta.operation, WriteOperation::Delete)
}

/// The order of sending.
pub(super) fn in_order(mut work: Vec<Work>, style: DnStyle) -> Vec<Work> {
    let depth = |object: &CsObject| match style {
        DnStyle::Ldap => Dn::parse(&object.dn).map_or(0, |dn| dn.rdns.len()),
        DnStyle::Anchor => 0,
    };
    let ranks = ranks(&work, style);
    let names = work.iter().filter_map(|(object, delta)| brings(object, delta, style));
    let names: BTreeSet<String> = names.collect();
    work.sort_by_cached_key(|(object, delta)| {
        let level = i64::try_from(depth(object)).unwrap_or(i64::MAX);
        let rank = ranks.get(&object.id).copied().unwrap_or_default();
        let makes_room = object.anchor.is_none() && names.contains(&object.dn_key);
        match is_delete(delta) {
            true if makes_room => (0, -level, 0, object.id),
            true => (2, -level, 0, object.id),
            false => (1, level, rank, object.id),
        }
    });
    work
}

/// How many operations have to be through before each: the length of the longest way along its
/// references. A circle is entered where fewest references are open.
fn ranks(work: &[Work], style: DnStyle) -> HashMap<model::CsId, usize> {
    let mut bringers = HashMap::new();
    for (index, (object, delta)) in work.iter().enumerate() {
        bringers.extend(brings(object, delta, style).map(|name| (name, index)));
    }
    let mut open = Vec::with_capacity(work.len());
    let mut waiting: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, (_, delta)) in work.iter().enumerate() {
        let targets = references(delta).filter_map(|dn| bringers.get(&style.key(dn)).copied());
        let targets: BTreeSet<usize> = targets.filter(|target| *target != index).collect();
        open.push((targets.len(), 0_usize));
        for target in targets {
            waiting.entry(target).or_default().push(index);
        }
    }
    let mut queue: BTreeSet<(usize, usize)> =
        open.iter().enumerate().map(|(index, (count, _))| (*count, index)).collect();
    let mut ranks = HashMap::new();
    while let Some((_, index)) = queue.pop_first() {
        let rank = open.get(index).map(|(_, rank)| *rank).unwrap_or_default();
        ranks.extend(work.get(index).map(|(object, _)| (object.id, rank)));
        for referrer in waiting.remove(&index).unwrap_or_default() {
            let Some((count, ahead)) = open.get_mut(referrer) else { continue };
            if queue.remove(&(*count, referrer)) {
                *count -= 1;
                *ahead = rank.saturating_add(1).max(*ahead);
                queue.insert((*count, referrer));
            }
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use model::{ConnectorId, CsId, Name, RunId};
    use store::{CsState, ExportChange, ExportStages};

    use super::*;

    /// An operation on the object of this number that refers to others.
    fn work(number: u32, operation: WriteOperation, targets: &[u32]) -> Work {
        let name = |number: u32| format!("CN={number}");
        let values = targets.iter().map(|target| Value::reference(&name(*target))).collect();
        let changes = Values::from_vec(values).map(|values| {
            let rule = Name::new("out");
            (Name::new("seeAlso"), ExportChange { value: ExportValue::Set(values), rule })
        });
        let object = CsObject {
            id: CsId::new(ConnectorId(1), number),
            object_type: Name::new("user"),
            anchor: None,
            dn: name(number),
            dn_key: DnStyle::Ldap.key(&name(number)),
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
            operation,
            new_dn: None,
            changes: changes.into_iter().collect(),
            mv: None,
            cause: Name::new("out"),
            run: RunId(1),
        };
        (object, delta)
    }

    fn additions(edges: &[(u32, &[u32])]) -> Vec<Work> {
        edges.iter().map(|(number, targets)| work(*number, WriteOperation::Add, targets)).collect()
    }

    fn numbers(work: &[Work]) -> Vec<u32> {
        work.iter().map(|(object, _)| object.id.sequence()).collect()
    }

    #[track_caller]
    fn check(edges: &[(u32, &[u32])], order: &[u32], chunks: &[&[u32]]) {
        let style = DnStyle::Ldap;
        let ordered = in_order(additions(edges), style);
        assert_eq!(numbers(&ordered), order);
        let coming = Coming::of(&ordered, style);
        let mut queue = VecDeque::from(ordered);
        for expected in chunks {
            assert_eq!(numbers(&coming.next_chunk(&mut queue, 3)), *expected);
        }
        assert!(coming.next_chunk(&mut queue, 3).is_empty());
    }

    #[test]
    fn what_is_referred_to_goes_first_in_a_batch_of_its_own() {
        check(&[(1, &[]), (2, &[]), (3, &[]), (4, &[])], &[1, 2, 3, 4], &[&[1, 2, 3], &[4]]);
        check(&[(1, &[2]), (2, &[3]), (3, &[])], &[3, 2, 1], &[&[3], &[2], &[1]]);
        check(&[(1, &[3]), (2, &[3]), (3, &[9])], &[3, 1, 2], &[&[3], &[1, 2]]);
        // A circle, and one who refers into it; one who refers to itself.
        check(&[(1, &[2]), (2, &[1]), (3, &[2])], &[1, 2, 3], &[&[1], &[2], &[3]]);
        check(&[(1, &[1]), (2, &[])], &[1, 2], &[&[1, 2]]);
    }

    #[test]
    fn a_deletion_by_name_comes_before_what_takes_the_name() {
        let by_name = work(4, WriteOperation::Delete, &[]);
        let mut known = work(5, WriteOperation::Delete, &[]);
        known.0.anchor = Some("g5".to_owned());
        let elsewhere = work(6, WriteOperation::Delete, &[]);
        let rename = |number, to: &str| {
            let (object, delta) = work(number, WriteOperation::Update, &[]);
            (object, ExportDelta { new_dn: Some(to.to_owned()), ..delta })
        };
        let all = vec![rename(1, "cn=4"), rename(2, "CN=5"), by_name, known, elsewhere];
        assert_eq!(numbers(&in_order(all, DnStyle::Ldap)), [4, 1, 2, 5, 6]);
    }

    #[test]
    fn references_to_what_is_not_there_yet_are_left_out() {
        let known = additions(&[(1, &[]), (2, &[])]);
        let mut coming = Coming::of(&known, DnStyle::Ldap);
        let (_, add) = work(3, WriteOperation::Add, &[1, 2, 7]);
        let (_, only) = work(7, WriteOperation::Update, &[2]);
        let targets = |delta: Option<ExportDelta>| {
            delta.map(|delta| references(&delta).map(ToOwned::to_owned).collect::<Vec<_>>())
        };
        let names =
            |names: &[&str]| Some(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        let Split { now, later } = coming.split(&add);
        assert_eq!((targets(now), coming.open(&add)), (names(&["CN=7"]), 2));
        let later = later.unwrap();
        assert_eq!(later.operation, WriteOperation::Update);
        assert_eq!(targets(Some(later)), names(&["CN=1", "CN=2", "CN=7"]));
        let Split { now, later } = coming.split(&only);
        assert_eq!((now, later), (None, Some(only.clone())));
        for (object, delta) in &known {
            coming.arrived(object, delta);
        }
        assert_eq!(coming.split(&add), Split { now: Some(add), later: None });
        assert_eq!(coming.split(&only), Split { now: Some(only), later: None });
    }
}
