CREATE TABLE connector (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE credential (
    id BLOB PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    hash BLOB NOT NULL,
    salt BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    person BLOB,
    roles TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    last_used INTEGER
) STRICT;
CREATE INDEX credential_hash ON credential (kind, hash);
CREATE UNIQUE INDEX credential_name ON credential (kind, name_key);
CREATE TABLE cs (
    id INTEGER PRIMARY KEY,
    otype INTEGER NOT NULL,
    state INTEGER NOT NULL,
    work INTEGER NOT NULL,
    ah INTEGER,
    dh INTEGER NOT NULL,
    hash BLOB,
    mv INTEGER,
    rule INTEGER,
    anchor TEXT,
    dn TEXT NOT NULL,
    dn_key TEXT,
    error BLOB
) STRICT;
CREATE INDEX cs_anchor ON cs (ah) WHERE ah IS NOT NULL;
CREATE INDEX cs_delta_sync ON cs (id) WHERE (work & 1) <> 0;
CREATE INDEX cs_dn ON cs (dh);
CREATE INDEX cs_export ON cs (id) WHERE (work & 2) <> 0;
CREATE TABLE cs_idx (
    attr INTEGER NOT NULL,
    vh INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (attr, vh, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE cs_imp (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
CREATE INDEX cs_mv ON cs (mv) WHERE mv IS NOT NULL;
CREATE TABLE cs_pexp (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
CREATE TABLE cs_pimp (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
CREATE INDEX cs_reference_retry ON cs (id) WHERE (work & 64) <> 0;
CREATE INDEX cs_unconfirmed ON cs (id) WHERE (work & 16) <> 0;
CREATE TABLE indexed (
    space INTEGER NOT NULL,
    attr INTEGER NOT NULL,
    PRIMARY KEY (space, attr)
) STRICT, WITHOUT ROWID;
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE mv (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL,
    otype INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE TABLE mv_idx (
    attr INTEGER NOT NULL,
    vh INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (attr, vh, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mv_otype ON mv (otype);
CREATE TABLE mv_steady (
    id INTEGER PRIMARY KEY,
    stamp INTEGER NOT NULL,
    targets BLOB NOT NULL
) STRICT;
CREATE INDEX mv_uid ON mv (uid);
CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE resource (
    id BLOB PRIMARY KEY,
    type INTEGER NOT NULL,
    version INTEGER NOT NULL UNIQUE,
    deleted INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE TABLE resource_value (
    type INTEGER NOT NULL,
    attr INTEGER NOT NULL,
    key TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (type, attr, key, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX resource_value_id ON resource_value (id, attr);
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    conn INTEGER NOT NULL,
    profile TEXT NOT NULL,
    sequence TEXT,
    place INTEGER,
    owner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    cursor TEXT,
    counters BLOB NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    result TEXT,
    message TEXT
, step INTEGER NOT NULL DEFAULT 1, step_type TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '', first INTEGER, started_by TEXT, rules TEXT) STRICT;
CREATE INDEX run_conn ON run (conn);
CREATE TABLE run_err (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    object INTEGER,
    name TEXT NOT NULL,
    error_type TEXT NOT NULL,
    step TEXT NOT NULL,
    message TEXT NOT NULL,
    code TEXT,
    rule TEXT
) STRICT;
CREATE INDEX run_err_run ON run_err (run);
CREATE INDEX run_open ON run (id) WHERE ended IS NULL;
CREATE TABLE run_seen (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    ids BLOB NOT NULL
) STRICT;
CREATE INDEX run_seen_run ON run_seen (run);
CREATE TABLE sequence (
    space INTEGER PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;
CREATE TABLE watermark (
    conn INTEGER PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
