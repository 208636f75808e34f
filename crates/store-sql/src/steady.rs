//! Steady metaverse objects: noted by synchronization, forgotten with any write that concerns them.

use std::collections::HashMap;

use model::{ConnectorId, CsId, MvId};
use rusqlite::params;
use store::{STEADY_PAGE_MAX, Steady, SteadyScope, UnsteadyPage};

use crate::cs_read::{bounds, sql_limit};
use crate::failure::Failure;
use crate::reader::Reader;
use crate::writer::Writer;

const PAGE: &str = "SELECT cs.id, mv_steady.targets, cs.mv FROM cs NOT INDEXED
    LEFT JOIN mv_steady ON mv_steady.id = cs.mv AND mv_steady.stamp = ?4
    WHERE cs.id >= ?1 AND cs.id < ?2 ORDER BY cs.id LIMIT ?3";

impl Writer {
    /// Nothing is known of a metaverse object any more.
    pub(crate) fn unsettle(&self, mv: MvId) -> Result<(), Failure> {
        let sql = "DELETE FROM mv_steady WHERE id = ?1";
        self.conn.prepare_cached(sql)?.execute([mv.0])?;
        Ok(())
    }

    /// Likewise of the one that an object is linked to as it is stored.
    pub(crate) fn unsettle_linked(&self, cs: CsId) -> Result<(), Failure> {
        let sql = "DELETE FROM mv_steady WHERE id = (SELECT mv FROM cs WHERE id = ?1)";
        self.conn.prepare_cached(sql)?.execute([cs.0])?;
        Ok(())
    }

    pub(crate) fn write_steady(&self, steady: &[Steady]) -> Result<(), Failure> {
        let sql = "INSERT OR REPLACE INTO mv_steady (id, stamp, targets) VALUES (?1, ?2, ?3)";
        for Steady { mv, stamp, targets } in steady {
            let targets: Vec<u8> = targets.iter().flat_map(|to| to.0.to_be_bytes()).collect();
            let values = params![mv.0, stamp.cast_signed(), targets];
            self.conn.prepare_cached(sql)?.execute(values)?;
        }
        Ok(())
    }
}

impl Reader<'_> {
    pub(crate) fn page_unsteady(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        known: &SteadyScope,
    ) -> Result<UnsteadyPage, Failure> {
        let [first, end] = bounds(connector);
        let from = after.map_or(first, |id| first.max(id.0.saturating_add(1)));
        let mut page = UnsteadyPage::default();
        let mut left = Vec::new();
        let mut targets: HashMap<Vec<u8>, u64> = HashMap::new();
        let mut statement = self.conn.prepare_cached(PAGE)?;
        let most = sql_limit(limit.saturating_add(STEADY_PAGE_MAX));
        let mut rows = statement.query(params![from, end, most, known.stamp.cast_signed()])?;
        while left.len() < limit && page.steady < STEADY_PAGE_MAX {
            let Some(row) = rows.next()? else { break };
            let id = CsId(row.get(0)?);
            page.last = Some(id);
            let mv: Option<i64> = row.get(2)?;
            let is_excepted = mv.is_some_and(|mv| known.except.contains(&MvId(mv)));
            match row.get_ref(1)?.as_blob_or_null()?.filter(|_| !is_excepted) {
                None => left.push(id),
                Some(numbers) => {
                    page.steady += 1;
                    match targets.get_mut(numbers) {
                        Some(count) => *count += 1,
                        None => drop(targets.insert(numbers.to_owned(), 1)),
                    }
                }
            }
        }
        for (numbers, count) in targets {
            for number in numbers.as_chunks().0 {
                *page.targets.entry(ConnectorId(u16::from_be_bytes(*number))).or_default() += count;
            }
        }
        page.objects = self.load_cs(&left)?;
        Ok(page)
    }
}
