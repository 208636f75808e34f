//! `[limits]` of a connector's document, and of one of its object types.

use crate::code;
use crate::reader::Reader;
use crate::{ChangeKind, KindLimits, Limit};

/// The word for deletions before there were other kinds.
const DELETES: &str = "deletes";

/// Reads the section; no limits without one.
pub(super) fn read(reader: &mut Reader<'_>) -> KindLimits {
    let mut limits = KindLimits::new();
    let Some(mut table) = reader.table("limits") else { return limits };
    for (word, kind) in ChangeKind::ALL {
        limits.extend(read_limit(&mut table, word).map(|limit| (kind, limit)));
    }
    if table.has(DELETES) {
        let older = read_limit(&mut table, DELETES);
        if limits.contains_key(&ChangeKind::Delete) {
            let message = "`deletes` and `delete` are the same limit";
            let error = table.file.error(code::EXCLUSIVE_KEYS, table.place(), message);
            table.report(error.with_help("keep `delete`".to_owned()));
        }
        limits.extend(older.map(|limit| (ChangeKind::Delete, limit)));
    }
    reader.absorb(table);
    limits
}

fn read_limit(reader: &mut Reader<'_>, word: &'static str) -> Option<Limit> {
    let mut table = reader.table(word)?;
    let count = table.number("count", 0..=u32::MAX).map(|n| u64::from(n.value));
    let percent = table.number("percent", 0..=100).map(|n| u64::from(n.value));
    reader.absorb(table);
    Some(Limit { count, percent })
}
