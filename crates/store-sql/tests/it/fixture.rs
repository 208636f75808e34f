//! A store in a folder that goes with it.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use model::{Attributes, ConnectorId, CsId, Name, Timestamp};
use store::{
    Batch, CsObject, CsState, CsWrite, DisconnectorKind, ExportStages, NewRun, RunLease, RunStep,
    Store, StoreError,
};
use store_sql::{Options, SqliteStore};
use tempfile::TempDir;

/// A store in a folder of its own.
pub(crate) struct Fixture {
    // Before the folder, so that its file is closed first.
    store: SqliteStore,
    folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(&Options { readers: 2, ..Options::default() })
    }

    pub(crate) fn with(options: &Options) -> Self {
        let folder = TempDir::new().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db"), options).unwrap();
        Self { store, folder }
    }

    /// Closes the store and opens it again.
    pub(crate) fn reopen(self) -> Self {
        let Self { store, folder } = self;
        drop(store);
        let store = SqliteStore::open(&folder.path().join("store.db"), &Options::default());
        Self { store: store.unwrap(), folder }
    }

    /// Closes the store; the folder stays.
    pub(crate) fn close(self) -> TempDir {
        self.folder
    }

    pub(crate) fn path(&self) -> PathBuf {
        path_in(self.folder.path())
    }
}

impl Deref for Fixture {
    type Target = SqliteStore;
    fn deref(&self) -> &SqliteStore {
        &self.store
    }
}

pub(crate) fn path_in(folder: &Path) -> PathBuf {
    folder.join("store.db")
}

/// A disconnector with a mail address.
pub(crate) fn object(connector: ConnectorId, sequence: u32, mail: &str) -> CsObject {
    let mut attributes = Attributes::new();
    attributes.set_one("mail", mail);
    CsObject {
        id: CsId::new(connector, sequence),
        object_type: Name::new("user"),
        anchor: Some(sequence.to_string()),
        dn: sequence.to_string(),
        dn_key: sequence.to_string(),
        state: CsState::Disconnector(DisconnectorKind::Normal),
        linked_by: None,
        imported: Some(attributes),
        pending_import: None,
        export: ExportStages::default(),
        import_error: None,
        needs_sync: false,
        reference_retry: false,
    }
}

pub(crate) fn insert(objects: Vec<CsObject>) -> Batch {
    Batch { cs: objects.into_iter().map(CsWrite::Insert).collect(), ..Batch::default() }
}

/// Begins a run on the connector "guests" with a lease of an hour.
pub(crate) async fn begin(
    store: &dyn Store,
    owner: &str,
) -> Result<(ConnectorId, RunLease), StoreError> {
    let connector = store.connector_id(&Name::new("guests")).await?;
    let run = NewRun {
        connector,
        profile: Name::new("full-import"),
        step: RunStep::only(Name::new("full-import")),
        started_by: None,
        rules: None,
        sequence: None,
        owner: owner.to_owned(),
        started: Timestamp::from_seconds(1000),
        lease_until: Timestamp::from_seconds(4600),
    };
    Ok((connector, store.begin_run(run).await?))
}
