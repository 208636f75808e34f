//! The `DirSync` control: which objects changed since a cookie.
//!
//! A row is taken only as news that an object changed, was moved or was deleted; what it is now is
//! read from the object itself. So it does not matter that rows are partial, may repeat, and are
//! complete again when a cookie came from another life of the domain controller.
//! Spec: [MS-ADTS] 3.1.1.3.4.1.3.

use ldap3::Scope;
use ldap3::controls::RawControl;
use model::{ObjectSchema, Schema};

use crate::ber;
use crate::client::{Connection, Search};
use crate::decode::Entry;
use crate::failure::Failure;
use crate::schema::{self, CONTAINER};

/// The control's identifier ([MS-ADTS] 3.1.1.3.4.1.3).
pub(crate) const OID: &str = "1.2.840.113556.1.4.841";
/// `LDAP_DIRSYNC_ANCESTORS_FIRST_ORDER`: parents come before children. Without
/// `LDAP_DIRSYNC_OBJECT_SECURITY` the account needs the right to replicate changes, and sees
/// every deletion.
const FLAGS: u32 = 0x800;
/// A hint to the server how large a page may be.
const BYTES_MAX: u32 = 10_000_000;

/// One changed object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its anchor.
    pub(crate) anchor: Option<String>,
    /// Its DN at the time of the answer.
    pub(crate) dn: Option<String>,
    /// It was deleted.
    pub(crate) is_deleted: bool,
    /// It got a new name or place, or is new.
    pub(crate) is_moved: bool,
    /// It was created since the cookie.
    pub(crate) is_new: bool,
}

impl From<&Entry> for Row {
    fn from(entry: &Entry) -> Self {
        Self {
            anchor: entry.anchor(),
            dn: entry.dn.clone(),
            is_deleted: entry.text("isdeleted") == Some("TRUE"),
            is_moved: entry.mentions("name") || entry.mentions("parentguid"),
            is_new: !entry.values("objectclass").is_empty(),
        }
    }
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    pub(crate) cookie: Vec<u8>,
    pub(crate) has_more: bool,
}

/// What a connector asks `DirSync` for.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    filter: String,
    attributes: Vec<String>,
}

impl Question {
    /// Asks for every object that a selection could be concerned with. Containers are always
    /// among them: when one is renamed or moved, nothing is said of the objects within.
    pub(crate) fn changes(schema: &Schema) -> Self {
        let selected = || schema.types.iter();
        let others = selected().map(|(name, _)| name.as_str()).filter(|name| *name != CONTAINER);
        let filter = schema::filter(others.chain([CONTAINER]));
        // A new name is always reported as `name`, whatever the naming attribute is.
        let mut attributes: Vec<String> =
            ["name", "objectClass", "isDeleted"].iter().map(ToString::to_string).collect();
        let readable = |(_, schema): (_, &ObjectSchema)| -> Vec<String> {
            let readable = schema.iter().filter(|(_, attribute)| !attribute.secret);
            readable.map(|(name, _)| name.to_string()).collect()
        };
        for name in selected().flat_map(readable) {
            if !attributes.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                attributes.push(name);
            }
        }
        Self { filter, attributes }
    }

    /// Asks for the cookie alone: rows consisting of nothing but a GUID are not sent.
    fn cookie_only(&self) -> Self {
        Self { filter: self.filter.clone(), attributes: vec!["objectGUID".to_owned()] }
    }

    /// Asks what changed in a partition since `cookie`.
    pub(crate) async fn ask(
        &self,
        connection: &Connection,
        partition: &str,
        cookie: &[u8],
    ) -> Result<Answer, Failure> {
        let control = RawControl {
            ctype: OID.to_owned(),
            crit: true,
            val: Some(ber::encode(&[FLAGS, BYTES_MAX], cookie)),
        };
        let search = Search {
            base: partition,
            scope: Scope::Subtree,
            filter: &self.filter,
            attributes: &self.attributes,
            controls: vec![control],
        };
        let mut rows = Vec::new();
        let controls = connection.search_each(search, |entry| rows.push(Row::from(&entry))).await?;
        let answer = controls.iter().find(|control| control.ctype == OID);
        let value = answer.and_then(|control| ber::decode(control.val.as_deref()?));
        let (numbers, next) = value.ok_or(Failure::Odd("it lacks the DirSync control"))?;
        let has_more = numbers.first().is_some_and(|more| *more != 0);
        if has_more && next == cookie {
            return Err(Failure::Odd("DirSync does not move on"));
        }
        Ok(Answer { rows, cookie: next, has_more })
    }

    /// The cookie of this moment.
    pub(crate) async fn present_cookie(
        &self,
        connection: &Connection,
        partition: &str,
    ) -> Result<Vec<u8>, Failure> {
        let question = self.cookie_only();
        let mut cookie = Vec::new();
        loop {
            let answer = question.ask(connection, partition, &cookie).await?;
            cookie = answer.cookie;
            if !answer.has_more {
                return Ok(cookie);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{AttributeSchema, Name, ValueType};

    #[test]
    fn secrets_are_not_asked_for_and_containers_always_are() {
        let text = AttributeSchema::single(ValueType::String);
        let user = [
            (Name::new("mail"), text),
            (Name::new("name"), text.read_only()),
            (Name::new("unicodePwd"), text.secret()),
        ];
        let schema = Schema { types: [(Name::new("user"), user.into())].into() };
        let question = Question::changes(&schema);
        assert_eq!(question.attributes, ["name", "objectClass", "isDeleted", "mail"]);
        assert!(question.filter.contains("(objectClass=organizationalUnit)"));
        assert!(question.filter.contains("(!(objectClass=computer))"));
    }

    #[test]
    fn a_cleared_is_deleted_is_no_deletion() {
        let row = |attributes: &[(&str, &[&[u8]])]| Row::from(&Entry::of("CN=a", attributes));
        assert!(row(&[("isDeleted", &[b"TRUE"])]).is_deleted);
        let revived = row(&[("isDeleted", &[]), ("name", &[b"a"])]);
        assert!(!revived.is_deleted && revived.is_moved && !revived.is_new);
        assert!(row(&[("objectClass", &[b"top"]), ("parentGUID", &[b"x"])]).is_new);
    }
}
