-- What resources are found by: attr 1 DisplayName, 2 AccountName, 3 Email, 4 ObjectSID; key in the
-- form joins compare. Every live resource has a row for its display name, with an empty key where
-- it has none, so that lists in that order are complete. Rows of resources that were there before
-- are added by the program in the same transaction.
CREATE TABLE resource_value (
    type INTEGER NOT NULL,
    attr INTEGER NOT NULL,
    key TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (type, attr, key, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX resource_value_id ON resource_value (id, attr);

-- kind: 1 password, 2 token. name_key: the name without regard to case. roles: one a line.
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
