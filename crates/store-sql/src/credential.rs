//! Credentials of the interface.

use model::{Guid, Timestamp};
use rusqlite::{OptionalExtension as _, Params, Row, params};
use store::{Credential, CredentialKind};

use crate::failure::{Failure, corrupt};
use crate::reader::Reader;
use crate::writer::Writer;

const COLUMNS: &str = "SELECT id, kind, name, hash, salt, iterations, person, roles, created, \
    expires, last_used FROM credential";

const fn kind_code(kind: CredentialKind) -> i64 {
    match kind {
        CredentialKind::Password => 1,
        CredentialKind::Token => 2,
    }
}

impl Writer {
    pub(crate) fn put_credential(&self, credential: &Credential) -> Result<(), Failure> {
        let (kind, key) = (kind_code(credential.kind), credential.name.to_lowercase());
        let id = credential.id.as_bytes();
        let sql = "DELETE FROM credential WHERE id = ?1 OR (kind = ?2 AND name_key = ?3)";
        self.conn.prepare_cached(sql)?.execute(params![id, kind, key])?;
        let sql = "INSERT INTO credential (id, kind, name, name_key, hash, salt, iterations,
            person, roles, created, expires, last_used)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        self.conn.prepare_cached(sql)?.execute(params![
            id,
            kind,
            credential.name,
            key,
            credential.hash,
            credential.salt,
            credential.iterations,
            credential.person.as_ref().map(Guid::as_bytes),
            credential.roles.join("\n"),
            credential.created.0,
            credential.expires.map(|moment| moment.0),
            credential.last_used.map(|moment| moment.0),
        ])?;
        Ok(())
    }

    pub(crate) fn delete_credential(&self, id: Guid) -> Result<bool, Failure> {
        let sql = "DELETE FROM credential WHERE id = ?1";
        Ok(self.conn.prepare_cached(sql)?.execute([id.as_bytes()])? > 0)
    }

    pub(crate) fn touch_credential(&self, id: Guid, at: Timestamp) -> Result<(), Failure> {
        let sql = "UPDATE credential SET last_used = ?2 WHERE id = ?1";
        self.conn.prepare_cached(sql)?.execute(params![id.as_bytes(), at.0])?;
        Ok(())
    }
}

impl Reader<'_> {
    pub(crate) fn credentials(&self, kind: CredentialKind) -> Result<Vec<Credential>, Failure> {
        let sql = format!("{COLUMNS} WHERE kind = ?1 ORDER BY created, id");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([kind_code(kind)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)??);
        }
        Ok(found)
    }

    pub(crate) fn credential_by_name(
        &self,
        kind: CredentialKind,
        name: &str,
    ) -> Result<Option<Credential>, Failure> {
        self.credential(
            "kind = ?1 AND name_key = ?2",
            params![kind_code(kind), name.to_lowercase()],
        )
    }

    pub(crate) fn credential_by_hash(
        &self,
        kind: CredentialKind,
        hash: &[u8],
    ) -> Result<Option<Credential>, Failure> {
        self.credential("kind = ?1 AND hash = ?2", params![kind_code(kind), hash])
    }

    fn credential(&self, filter: &str, key: impl Params) -> Result<Option<Credential>, Failure> {
        let mut statement = self.conn.prepare_cached(&format!("{COLUMNS} WHERE {filter}"))?;
        let found = statement.query_row(key, read).optional()?;
        found.transpose()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Credential, Failure>> {
    let kind = match row.get::<_, i64>(1)? {
        1 => CredentialKind::Password,
        2 => CredentialKind::Token,
        _ => return Ok(Err(corrupt("a credential").into())),
    };
    let roles: String = row.get(7)?;
    let moment = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
    };
    Ok(Ok(Credential {
        id: Guid::from_bytes(row.get(0)?),
        kind,
        name: row.get(2)?,
        hash: row.get(3)?,
        salt: row.get(4)?,
        iterations: row.get(5)?,
        person: row.get::<_, Option<[u8; 16]>>(6)?.map(Guid::from_bytes),
        roles: roles.lines().map(str::to_owned).collect(),
        created: Timestamp(row.get(8)?),
        expires: moment(9)?,
        last_used: moment(10)?,
    }))
}
