//! The schema is the one the last release has, or a migration more.

use model::{Attributes, Guid, Name, Value};
use rusqlite::Connection;
use store::{
    ResourceChange, ResourceIndex, ResourceQuery, ResourceStore as _, RunQuery, RunStep,
    Store as _, StoreError,
};
use store_sql::{Options, SqliteStore};

use crate::fixture::{Fixture, begin, path_in};

/// The tables and indexes of a store, as SQLite keeps their definitions.
fn dump(conn: &Connection) -> String {
    let mut statement =
        conn.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
    let definitions = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    definitions.map(|sql| sql.unwrap() + ";\n").collect()
}

#[test]
fn migrations_lead_to_the_recorded_schema() {
    let folder = Fixture::new().close();
    let conn = Connection::open(path_in(folder.path())).unwrap();
    assert_eq!(dump(&conn), include_str!("schema.sql"));
    let setting =
        |name: &str| -> i64 { conn.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    assert_eq!(setting("user_version"), 5);
    assert_eq!(setting("application_id"), 0x5072_6f78);
    assert_eq!(setting("page_size"), 8192);
}

/// Takes away what came with the versions from 3 on.
fn without_steps(conn: &Connection) {
    conn.execute_batch("DROP INDEX cs_reference_retry; DROP TABLE mv_steady").unwrap();
    for name in ["step", "step_type", "description", "first", "started_by", "rules"] {
        conn.execute_batch(&format!("ALTER TABLE run DROP COLUMN {name}")).unwrap();
    }
}

#[tokio::test]
async fn runs_of_an_older_file_are_profiles_of_one_step() {
    let store = Fixture::new();
    let (_, lease) = begin(&*store, "node-1").await.unwrap();
    let folder = store.close();
    let path = path_in(folder.path());
    let conn = Connection::open(&path).unwrap();
    without_steps(&conn);
    conn.execute_batch("PRAGMA user_version = 2").unwrap();
    drop(conn);
    let store = SqliteStore::open(&path, &Options::default()).unwrap();
    let runs = store.runs(RunQuery::default()).await.unwrap();
    assert_eq!((runs.len(), runs[0].id), (1, lease.run));
    assert_eq!(runs[0].step, RunStep::only(Name::new("full-import")));
    assert_eq!((&runs[0].started_by, &runs[0].rules), (&None, &None));
}

#[tokio::test]
async fn an_older_file_gets_the_index_over_its_resources() {
    let store = Fixture::new();
    let mut attributes = Attributes::new();
    attributes.set_one("AccountName", "anna");
    let (id, person) = (Guid::from_bytes([7; 16]), Name::new("Person"));
    let put = ResourceChange::Put { id, resource_type: person.clone(), attributes };
    store.change_resources(vec![put]).await.unwrap();
    let folder = store.close();
    let path = path_in(folder.path());
    let conn = Connection::open(&path).unwrap();
    without_steps(&conn);
    let older = "DROP TABLE resource_value; DROP TABLE credential; PRAGMA user_version = 1";
    conn.execute_batch(older).unwrap();
    drop(conn);
    let store = SqliteStore::open(&path, &Options::default()).unwrap();
    let (index, value) = (ResourceIndex::AccountName, Value::string("ANNA"));
    let found = store.find_resources(&person, index, &value).await.unwrap();
    assert_eq!(found.len(), 1);
    let query = ResourceQuery { resource_type: person, prefix: None, after: None, limit: 9 };
    assert_eq!(store.search_resources(query).await.unwrap(), found);
}

#[test]
fn a_store_of_a_newer_program_is_left_alone() {
    let folder = Fixture::new().close();
    let path = path_in(folder.path());
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let refused = SqliteStore::open(&path, &Options::default());
    assert!(
        matches!(refused, Err(StoreError::NewerVersion { found: 99, known: 5, .. })),
        "{refused:?}"
    );
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = path_in(folder.path());
    std::fs::write(&path, "some text that is longer than the header of a database".repeat(9))
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path, &Options::default());
    assert!(matches!(refused, Err(StoreError::NotAStore { .. })), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = std::fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path, &Options::default());
    assert!(matches!(refused, Err(StoreError::NotAStore { .. })), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn scans_and_lookups_use_the_intended_index() {
    let folder = Fixture::new().close();
    let conn = Connection::open(path_in(folder.path())).unwrap();
    for (sql, plan) in [
        (
            "SELECT id, ah, hash, work FROM cs NOT INDEXED WHERE id >= 1 AND id < 2
                AND ah IS NOT NULL AND hash IS NOT NULL ORDER BY id",
            "SEARCH cs USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        ),
        (
            "SELECT work FROM cs INDEXED BY cs_delta_sync
                WHERE (cs.work & 1) <> 0 AND cs.id >= 1 AND cs.id < 2 ORDER BY cs.id LIMIT 3",
            "SEARCH cs USING INDEX cs_delta_sync (id>? AND id<?)",
        ),
        (
            "SELECT id FROM cs INDEXED BY cs_anchor
                WHERE ah = 1 AND id >= 2 AND id < 3 AND anchor = 'a' ORDER BY id DESC LIMIT 1",
            "SEARCH cs USING INDEX cs_anchor (ah=? AND rowid>? AND rowid<?)",
        ),
    ] {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let found: String = conn.query_row(&explain, [], |row| row.get(3)).unwrap();
        assert_eq!(found, plan);
    }
}
