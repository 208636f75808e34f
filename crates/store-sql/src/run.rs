//! Runs: leases with a fencing token, batches, progress and history.

use model::{ConnectorId, CsId, Name, RunId, Timestamp};
use roaring::RoaringBitmap;
use rusqlite::{OptionalExtension as _, Row, params};
use store::codec::{decode_counters, encode_counters};
use store::{
    Batch, Counters, NewRun, RunEnd, RunError, RunLease, RunQuery, RunRecord, RunStep, StoreError,
};

use crate::cs_read::sql_limit;
use crate::failure::{Failure, corrupt};
use crate::reader::Reader;
use crate::writer::Writer;

/// How a run ends that its process did not live to end.
const LEFT_BEHIND: &str = "stopped-server-down";
const LEFT_BEHIND_MESSAGE: &str = "the process that ran it ended";

impl Writer {
    pub(crate) fn begin_run(&mut self, new: &NewRun) -> Result<RunLease, Failure> {
        self.alone = None;
        let lease = self.claim_run(new)?;
        let sql = "SELECT EXISTS (
            SELECT 1 FROM run INDEXED BY run_open WHERE ended IS NULL AND id <> ?1)";
        let others: bool =
            self.conn.prepare_cached(sql)?.query_row([lease.run.0], |row| row.get(0))?;
        self.alone = (!others).then_some(lease.run);
        Ok(lease)
    }

    fn claim_run(&self, new: &NewRun) -> Result<RunLease, Failure> {
        let connector = i64::from(new.connector.0);
        let busy: Option<i64> = self
            .conn
            .prepare_cached(
                "SELECT id FROM run INDEXED BY run_open
                WHERE ended IS NULL AND owner <> ?2 AND lease_until > ?3 AND (conn = ?1
                    OR ?4 AND (step = 0 OR step_type IN ('full-sync', 'delta-sync')))
                ORDER BY id LIMIT 1",
            )?
            .query_row(
                params![connector, new.owner, new.started.0, new.step.is_synchronization()],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(run) = busy {
            return Err(StoreError::Busy { run: RunId(run) }.into());
        }
        if let Some(lease) = self.resume(new)? {
            return Ok(lease);
        }
        self.close_left_behind(new)?;
        let (sequence, place) = new.sequence.as_ref().map(|(n, p)| (n.as_str(), *p)).unzip();
        let id: i64 = self
            .conn
            .prepare_cached(
                "INSERT INTO run (conn, profile, sequence, place, owner, epoch, lease_until,
                    counters, started, step, step_type, description, first, started_by, rules)
                VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                RETURNING id",
            )?
            .query_row(
                params![
                    connector,
                    new.profile.as_str(),
                    sequence,
                    place,
                    new.owner,
                    new.lease_until.0,
                    encode_counters(&Counters::new()),
                    new.started.0,
                    new.step.number,
                    new.step.step_type.as_str(),
                    new.step.description,
                    new.step.first.map(|run| run.0),
                    new.started_by,
                    new.rules,
                ],
                |row| row.get(0),
            )?;
        Ok(RunLease { run: RunId(id), connector: new.connector, epoch: 1, resumed: None })
    }

    /// Takes the newest run over if it is the one to begin, left open.
    fn resume(&self, new: &NewRun) -> Result<Option<RunLease>, Failure> {
        let mut update = self.conn.prepare_cached(
            "UPDATE run SET epoch = epoch + 1, owner = ?3, lease_until = ?4, rules = ?6
            WHERE id = (SELECT max(id) FROM run) AND ended IS NULL AND conn = ?1 AND profile = ?2
                AND step = ?5
            RETURNING id, epoch, counters, cursor",
        )?;
        let connector = i64::from(new.connector.0);
        let (profile, step) = (new.profile.as_str(), new.step.number);
        let key = params![connector, profile, new.owner, new.lease_until.0, step, new.rules];
        let taken = update.query_row(key, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?, row.get(3)?))
        });
        let Some((run, epoch, counters, cursor)) = taken.optional()? else { return Ok(None) };
        let resumed = Some((decode_counters(&counters)?, cursor));
        let lease = RunLease { run: RunId(run), connector: new.connector, epoch, resumed };
        Ok(Some(lease))
    }

    fn close_left_behind(&self, new: &NewRun) -> Result<(), Failure> {
        let left = "SELECT id FROM run WHERE ended IS NULL AND (conn = ?1 OR lease_until <= ?2)";
        let key = params![i64::from(new.connector.0), new.started.0];
        let forget = format!("DELETE FROM run_seen WHERE run IN ({left})");
        self.conn.prepare_cached(&forget)?.execute(key)?;
        let sql = "UPDATE run SET ended = ?2, result = ?3, message = ?4
            WHERE ended IS NULL AND (conn = ?1 OR lease_until <= ?2)";
        let connector = i64::from(new.connector.0);
        let values = params![connector, new.started.0, LEFT_BEHIND, LEFT_BEHIND_MESSAGE];
        self.conn.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    pub(crate) fn commit_batch(&mut self, lease: &RunLease, batch: Batch) -> Result<(), Failure> {
        self.record_progress(lease, &batch)?;
        self.record_seen(lease.run, &batch.seen)?;
        self.record_errors(lease.run, &batch.errors)?;
        self.write_cs(batch.cs)?;
        self.write_mv(batch.mv)?;
        // Beside another run an object may be other than it was when this was found out.
        if self.alone == Some(lease.run) {
            self.write_steady(&batch.steady)?;
        }
        if let Some((connector, watermark)) = batch.watermark {
            self.set_watermark(connector, watermark.as_deref())?;
        }
        Ok(())
    }

    /// Comes first: fails when the run is no longer this process's.
    fn record_progress(&self, lease: &RunLease, batch: &Batch) -> Result<(), Failure> {
        let sql = "UPDATE run
            SET counters = ?3, cursor = ?4, lease_until = coalesce(?5, lease_until)
            WHERE id = ?1 AND epoch = ?2 AND ended IS NULL";
        let rows = self.conn.prepare_cached(sql)?.execute(params![
            lease.run.0,
            lease.epoch,
            encode_counters(&batch.progress.counters),
            batch.progress.cursor,
            batch.lease_until.map(|until| until.0),
        ])?;
        fenced_unless(rows == 1, lease)
    }

    fn record_seen(&self, run: RunId, seen: &RoaringBitmap) -> Result<(), Failure> {
        if seen.is_empty() {
            return Ok(());
        }
        let mut ids = Vec::with_capacity(seen.serialized_size());
        seen.serialize_into(&mut ids).map_err(|_e| corrupt("a set of seen objects"))?;
        let sql = "INSERT INTO run_seen (run, ids) VALUES (?1, ?2)";
        self.conn.prepare_cached(sql)?.execute(params![run.0, ids])?;
        Ok(())
    }

    fn record_errors(&self, run: RunId, errors: &[RunError]) -> Result<(), Failure> {
        for error in errors {
            self.conn
                .prepare_cached(
                    "INSERT INTO run_err
                        (run, object, name, error_type, step, message, code, rule)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    run.0,
                    error.object.map(|id| id.0),
                    error.name,
                    error.error_type,
                    error.step,
                    error.message,
                    error.code,
                    error.rule.as_ref().map(Name::as_str),
                ])?;
        }
        Ok(())
    }

    fn set_watermark(&self, connector: ConnectorId, mark: Option<&str>) -> Result<(), Failure> {
        let key = i64::from(connector.0);
        match mark {
            Some(mark) => self
                .conn
                .prepare_cached(
                    "INSERT INTO watermark (conn, value) VALUES (?1, ?2)
                    ON CONFLICT (conn) DO UPDATE SET value = excluded.value",
                )?
                .execute(params![key, mark])?,
            None => {
                self.conn.prepare_cached("DELETE FROM watermark WHERE conn = ?1")?.execute([key])?
            }
        };
        Ok(())
    }

    pub(crate) fn end_run(&mut self, lease: &RunLease, end: &RunEnd) -> Result<(), Failure> {
        let sql = "UPDATE run SET ended = ?3, result = ?4, message = ?5, counters = ?6
            WHERE id = ?1 AND epoch = ?2 AND ended IS NULL";
        let rows = self.conn.prepare_cached(sql)?.execute(params![
            lease.run.0,
            lease.epoch,
            end.ended.0,
            end.result,
            end.message,
            encode_counters(&end.counters),
        ])?;
        fenced_unless(rows == 1, lease)?;
        self.conn.prepare_cached("DELETE FROM run_seen WHERE run = ?1")?.execute([lease.run.0])?;
        Ok(())
    }
}

impl Writer {
    /// Forgets the runs that ended before a moment. The newest one stays: its number must not be
    /// given again, and an index over moments would serve nothing else.
    pub(crate) fn purge_runs(&mut self, before: Timestamp) -> Result<u64, Failure> {
        let old =
            "SELECT id FROM run NOT INDEXED WHERE ended < ?1 AND id < (SELECT max(id) FROM run)";
        for table in ["run_err", "run_seen"] {
            let sql = format!("DELETE FROM {table} WHERE run IN ({old})");
            self.conn.prepare_cached(&sql)?.execute([before.0])?;
        }
        let sql = format!("DELETE FROM run WHERE id IN ({old})");
        Ok(self.conn.prepare_cached(&sql)?.execute([before.0])? as u64)
    }
}

fn fenced_unless(is_held: bool, lease: &RunLease) -> Result<(), Failure> {
    if is_held { Ok(()) } else { Err(StoreError::Fenced { run: lease.run }.into()) }
}

impl Reader<'_> {
    pub(crate) fn runs(&self, query: &RunQuery) -> Result<Vec<RunRecord>, Failure> {
        let before = query.before.map_or(i64::MAX, |run| run.0);
        let limit = if query.limit == 0 { i64::MAX } else { sql_limit(query.limit) };
        let connector = query.connector.map(|connector| i64::from(connector.0));
        // Two statements: with one, a connector's page could not come from the index.
        let mut statement = self.conn.prepare_cached(match connector {
            Some(_) => {
                "SELECT id, conn, profile, sequence, place, started, ended, result, message, counters,
                    step, step_type, description, first, started_by, rules
                FROM run INDEXED BY run_conn
                WHERE conn = ?3 AND id < ?1 ORDER BY id DESC LIMIT ?2"
            }
            None => {
                "SELECT id, conn, profile, sequence, place, started, ended, result, message, counters,
                    step, step_type, description, first, started_by, rules
                FROM run NOT INDEXED WHERE id < ?1 AND ?3 IS NULL ORDER BY id DESC LIMIT ?2"
            }
        })?;
        let mut rows = statement.query(params![before, limit, connector])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            runs.push(read_run(row)?);
        }
        Ok(runs)
    }

    pub(crate) fn run_errors(&self, run: RunId) -> Result<Vec<RunError>, Failure> {
        let mut statement = self.conn.prepare_cached(
            "SELECT object, name, error_type, step, message, code, rule
            FROM run_err WHERE run = ?1 ORDER BY id",
        )?;
        let errors = statement.query_map([run.0], |row| {
            Ok(RunError {
                object: row.get::<_, Option<i64>>(0)?.map(CsId),
                name: row.get(1)?,
                error_type: row.get(2)?,
                step: row.get(3)?,
                message: row.get(4)?,
                code: row.get(5)?,
                rule: row.get::<_, Option<String>>(6)?.map(Name::from),
            })
        })?;
        Ok(errors.collect::<Result<_, _>>()?)
    }

    pub(crate) fn seen(&self, run: RunId) -> Result<RoaringBitmap, Failure> {
        let sql = "SELECT ids FROM run_seen WHERE run = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([run.0])?;
        let mut seen = RoaringBitmap::new();
        while let Some(row) = rows.next()? {
            let ids = RoaringBitmap::deserialize_from(row.get_ref(0)?.as_blob()?);
            seen |= ids.map_err(|_e| corrupt(format!("a set of objects seen by run {run}")))?;
        }
        Ok(seen)
    }

    pub(crate) fn watermark(&self, connector: ConnectorId) -> Result<Option<String>, Failure> {
        let sql = "SELECT value FROM watermark WHERE conn = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let key = [i64::from(connector.0)];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }
}

fn read_run(row: &Row<'_>) -> Result<RunRecord, Failure> {
    let id = RunId(row.get(0)?);
    let sequence: Option<String> = row.get(3)?;
    let place: Option<u32> = row.get(4)?;
    let counters = decode_counters(row.get_ref(9)?.as_blob()?)?;
    let ended: Option<i64> = row.get(6)?;
    let end = match ended {
        None => None,
        Some(ended) => Some(RunEnd {
            result: row.get(7)?,
            message: row.get(8)?,
            counters: counters.clone(),
            ended: Timestamp(ended),
        }),
    };
    Ok(RunRecord {
        id,
        connector: ConnectorId(row.get(1)?),
        profile: Name::from(row.get::<_, String>(2)?),
        step: RunStep {
            number: row.get(10)?,
            step_type: Name::from(row.get::<_, String>(11)?),
            description: row.get(12)?,
            first: row.get::<_, Option<i64>>(13)?.map(RunId),
        },
        started_by: row.get(14)?,
        rules: row.get(15)?,
        sequence: sequence.map(Name::from).zip(place),
        started: Timestamp(row.get(5)?),
        end,
        counters,
    })
}
