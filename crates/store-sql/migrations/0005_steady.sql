-- Metaverse objects for which synchronization has nothing to do, by what it was found out: a hash of
-- rules, configuration and program. targets: connector numbers of two octets each, high octet first.
CREATE TABLE mv_steady (
    id INTEGER PRIMARY KEY,
    stamp INTEGER NOT NULL,
    targets BLOB NOT NULL
) STRICT;
