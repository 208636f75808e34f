//! Carrying out one export operation.
//!
//! Invariants: an object that is known by its anchor is found by it, whatever its name has become;
//! nothing outside of the selected containers is written; after the first request that may have
//! changed something, a lost answer leaves the operation in doubt.

use connector::{ExportError, ExportErrorType, ExportKind, ExportOperation};
use ldap3::Mod;
use model::{AttributeChange, Attributes, Changes, Dn, Name, Value, Values};

use crate::classify::{self, Act};
use crate::decode::{self, Entry};
use crate::encode;
use crate::failure::{Failure, NO_SUCH_OBJECT, Refusal};
use crate::reader::{Reader, by_anchor};
use crate::schema::{self, PASSWORD, USER};
use crate::validate;

/// Result code `unwillingToPerform` (RFC 4511 section 4.1.9).
const UNWILLING_TO_PERFORM: u32 = 53;
/// `ERROR_PASSWORD_RESTRICTION` ([MS-ERREF] 2.2).
const PASSWORD_RESTRICTION: u32 = 0x52D;
/// `ADS_UF_NORMAL_ACCOUNT | ADS_UF_PASSWD_NOTREQD | ADS_UF_ACCOUNTDISABLE` ([MS-ADTS] 2.2.16): what
/// every domain controller accepts without a password.
const DISABLED_WITHOUT_PASSWORD: i64 = 0x222;
const ACCOUNT_CONTROL: &str = "userAccountControl";

/// Why an operation did not succeed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The directory, or we, refuse it; others may go on.
    Object(ExportError),
    /// The connection or the server failed before anything was written.
    NotSent(Failure),
    /// The connection or the server failed after something may have been written.
    InDoubt(Failure),
}

type Done<T> = Result<T, Trouble>;

/// What a failed write means.
fn written(act: Act) -> impl FnOnce(Failure) -> Trouble {
    move |failure| match failure {
        Failure::Refused(ref refusal) if refusal.is_about_server() => Trouble::NotSent(failure),
        Failure::Refused(refusal) => Trouble::Object(classify::error(act, &refusal)),
        Failure::NotSent(why) => Trouble::Object(validate::error(ExportErrorType::CdError, why)),
        Failure::Closed => Trouble::NotSent(failure),
        lost @ (Failure::Lost(_) | Failure::Odd(_)) => Trouble::InDoubt(lost),
    }
}

/// What a failed read means when nothing has been written yet.
fn looked(failure: Failure) -> Trouble {
    match failure {
        Failure::Refused(refusal) if !refusal.is_about_server() => {
            Trouble::Object(classify::error(Act::Modify, &refusal))
        }
        other => Trouble::NotSent(other),
    }
}

impl Trouble {
    /// The same trouble, when the operation has already written something.
    fn after_a_write(self) -> Self {
        match self {
            Self::NotSent(failure) => Self::InDoubt(failure),
            other => other,
        }
    }
}

fn missing(message: &str) -> Trouble {
    Trouble::Object(validate::error(ExportErrorType::CdMissingObject, message))
}

/// Writes objects over a reader's connection.
pub(crate) struct Writer<'a> {
    pub(crate) reader: &'a Reader,
}

impl Writer<'_> {
    /// Carries out an operation and returns the object's anchor, when it is known.
    pub(crate) async fn carry_out(&self, operation: &ExportOperation) -> Done<Option<String>> {
        let source = &self.reader.source;
        validate::check(operation, &source.schema, &source.scope).map_err(Trouble::Object)?;
        match &operation.kind {
            ExportKind::Add { attributes } => self.add(operation, attributes).await,
            ExportKind::Update { changes, new_dn } => {
                self.update(operation, changes, new_dn.as_deref()).await
            }
            ExportKind::Delete => self.delete(operation).await,
        }
    }

    async fn add(
        &self,
        operation: &ExportOperation,
        attributes: &Attributes,
    ) -> Done<Option<String>> {
        let dn = &operation.dn;
        if operation.in_doubt {
            let found = self.reader.read(dn).await.map_err(looked)?;
            if let Some(found) = found {
                return self.adopt(operation, attributes, &found).await;
            }
        }
        let request = encode::new_object(classes(operation), attributes, operation);
        match self.reader.connection.add(dn, &request).await {
            Err(Failure::Refused(refusal)) if asks_for_steps(operation, &refusal) => {
                self.add_in_steps(operation, attributes).await?;
            }
            other => other.map_err(written(Act::Add))?,
        }
        Ok(self.anchor_of(dn).await)
    }

    /// Creates a disabled account, then gives it its password, then its control flags: for domain
    /// controllers that do not want all of it at once.
    async fn add_in_steps(&self, operation: &ExportOperation, attributes: &Attributes) -> Done<()> {
        let dn = &operation.dn;
        let connection = &self.reader.connection;
        let mut first = attributes.clone();
        let flags = first.remove(ACCOUNT_CONTROL);
        first.set_one(ACCOUNT_CONTROL, DISABLED_WITHOUT_PASSWORD);
        let bare = ExportOperation { secrets: [].into(), ..operation.clone() };
        let request = encode::new_object(classes(operation), &first, &bare);
        connection.add(dn, &request).await.map_err(written(Act::Add))?;
        let passwords = encode::changes(&Changes::new(), operation);
        let mut steps = vec![passwords];
        if let Some(flags) = flags {
            let change = (Name::new(ACCOUNT_CONTROL), AttributeChange::Set(flags));
            steps.push(encode::changes(&[change].into(), &bare));
        }
        for step in steps {
            if let Err(failure) = connection.modify(dn, &step).await {
                let trouble = written(Act::Modify)(failure).after_a_write();
                if matches!(trouble, Trouble::Object(_)) {
                    // Half an account is worse than none, and nobody else has seen it yet.
                    let undone = connection.delete(dn).await.map_err(written(Act::Delete));
                    undone.map_err(Trouble::after_a_write)?;
                }
                return Err(trouble);
            }
        }
        Ok(())
    }

    /// Makes an object that an earlier attempt left as it is wanted.
    async fn adopt(
        &self,
        operation: &ExportOperation,
        attributes: &Attributes,
        found: &Entry,
    ) -> Done<Option<String>> {
        let name = &operation.object_type;
        let is_same = decode::object_type(found).filter(|found| name == found);
        let Some(object_type) = is_same else {
            let message = "an object of another type has this DN";
            let error = validate::error(ExportErrorType::CdExistingObject, message);
            return Err(Trouble::Object(error));
        };
        let image = decode::image(found, object_type, &self.reader.source.schema);
        let present = image.map(|image| image.attributes).unwrap_or_default();
        let differs = |(name, values): &(&Name, &Values)| present.get(name) != Some(*values);
        let changes: Changes = attributes
            .iter()
            .filter(differs)
            .map(|(name, values)| (name.clone(), AttributeChange::Set(values.clone())))
            .collect();
        let request = encode::changes(&changes, operation);
        if !request.is_empty() {
            let target = found.anchor().and_then(|anchor| by_anchor(&anchor));
            let target = target.as_deref().unwrap_or(&operation.dn);
            let outcome = self.reader.connection.modify(target, &request).await;
            outcome.map_err(written(Act::Modify))?;
        }
        Ok(found.anchor())
    }

    async fn update(
        &self,
        operation: &ExportOperation,
        changes: &Changes,
        new_dn: Option<&str>,
    ) -> Done<Option<String>> {
        let found = self.locate(operation).await.map_err(looked)?;
        let found = found.ok_or_else(|| missing("the object is not in the directory"))?;
        let current = self.in_scope(&found, operation)?;
        let target = found.anchor().and_then(|anchor| by_anchor(&anchor));
        let target = target.unwrap_or_else(|| current.to_owned());
        let request = encode::changes(changes, operation);
        let has_written = !request.is_empty();
        if has_written {
            self.modify(&target, &request, changes, operation).await?;
        }
        if let Some(new_dn) = new_dn {
            let current = current.to_owned();
            let renamed = self.rename(operation, current, new_dn).await;
            renamed
                .map_err(|trouble| if has_written { trouble.after_a_write() } else { trouble })?;
        }
        Ok(found.anchor().or_else(|| operation.anchor.clone()))
    }

    /// Changes attributes. When single values stand in the way, because they are already there or
    /// already gone, leaves those out.
    async fn modify(
        &self,
        target: &str,
        request: &[Mod<Vec<u8>>],
        changes: &Changes,
        operation: &ExportOperation,
    ) -> Done<()> {
        let connection = &self.reader.connection;
        let has_values =
            changes.values().any(|change| matches!(change, AttributeChange::Update { .. }));
        match connection.modify(target, request).await {
            Err(Failure::Refused(refusal)) if has_values && is_about_values(&refusal) => {
                let found = self.reader.read(target).await.map_err(looked)?;
                let found = found.ok_or_else(|| missing("the object is not in the directory"))?;
                let needed = still_needed(changes, &found);
                if needed == *changes {
                    return Err(Trouble::Object(classify::error(Act::Modify, &refusal)));
                }
                let request = encode::changes(&needed, operation);
                if request.is_empty() {
                    return Ok(());
                }
                connection.modify(target, &request).await.map_err(written(Act::Modify))
            }
            other => other.map_err(written(Act::Modify)),
        }
    }

    /// Renames and moves an object; if it gets another name from somebody else at the same moment,
    /// once more from there.
    async fn rename(
        &self,
        operation: &ExportOperation,
        mut current: String,
        new_dn: &str,
    ) -> Done<()> {
        for is_last in [false, true] {
            let Some((rdn, superior)) = name_change(&current, new_dn) else { return Ok(()) };
            let outcome = self.reader.connection.rename(&current, &rdn, superior.as_deref()).await;
            let refusal = match outcome {
                Err(Failure::Refused(refusal)) if refusal.code == NO_SUCH_OBJECT => refusal,
                other => return other.map_err(written(Act::Rename)),
            };
            let found = self.locate(operation).await.map_err(looked)?;
            let found = found.ok_or_else(|| missing("the object is not in the directory"))?;
            let now = self.in_scope(&found, operation)?;
            if now == current || is_last {
                // It is still where we looked for it, so it is the new place that is missing.
                let error = classify::error(Act::Rename, &refusal);
                let error_type = ExportErrorType::NonExistentParent;
                return Err(Trouble::Object(ExportError { error_type, ..error }));
            }
            now.clone_into(&mut current);
        }
        Ok(())
    }

    async fn delete(&self, operation: &ExportOperation) -> Done<Option<String>> {
        let Some(found) = self.locate(operation).await.map_err(looked)? else {
            return Ok(operation.anchor.clone());
        };
        let current = self.in_scope(&found, operation)?;
        match self.reader.connection.delete(current).await {
            Err(Failure::Refused(refusal)) if refusal.code == NO_SUCH_OBJECT => {}
            other => other.map_err(written(Act::Delete))?,
        }
        Ok(found.anchor())
    }

    /// The object as it is: by anchor, or by DN while it has none.
    async fn locate(&self, operation: &ExportOperation) -> Result<Option<Entry>, Failure> {
        let target = match operation.anchor.as_deref() {
            Some(anchor) => by_anchor(anchor),
            None => Some(operation.dn.clone()),
        };
        let Some(target) = target else { return Ok(None) };
        let names = ["objectClass", "objectGUID"].map(ToOwned::to_owned);
        self.reader.connection.read(&target, &names).await
    }

    /// The DN of an object we may write.
    fn in_scope<'e>(&self, found: &'e Entry, operation: &ExportOperation) -> Done<&'e str> {
        let dn = found.dn.as_deref().unwrap_or_default();
        // Container objects that only lead to a selected container are not ours to change.
        if self.reader.source.scope.contains(dn, USER) {
            return Ok(dn);
        }
        tracing::warn!(
            anchor = operation.anchor.as_deref().unwrap_or_default(),
            "object to export is outside of the selected containers"
        );
        Err(missing("the object lies outside of the selected containers"))
    }

    /// The anchor of a new object. It was created, so not being able to tell is no failure: the
    /// next import will.
    async fn anchor_of(&self, dn: &str) -> Option<String> {
        let names = ["objectGUID".to_owned()];
        let found = self.reader.connection.read(dn, &names).await;
        found.ok().flatten().and_then(|entry| entry.anchor())
    }
}

/// The classes of the new object; its name was checked.
fn classes(operation: &ExportOperation) -> &'static [&'static str] {
    let dn = Dn::parse(&operation.dn).unwrap_or_default();
    let naming = dn.leaf().map_or("CN", |leaf| leaf.attribute.as_str());
    let object_type = schema::object_type(&operation.object_type);
    object_type.and_then(|t| t.classes_for(naming)).unwrap_or_default()
}

/// True if the refusal of an account with its password may mean "not all at once".
fn asks_for_steps(operation: &ExportOperation, refusal: &Refusal) -> bool {
    operation.object_type == *USER
        && operation.secrets.contains_key(PASSWORD)
        && refusal.code == UNWILLING_TO_PERFORM
        && refusal.win32() != Some(PASSWORD_RESTRICTION)
}

/// True if a value to add was there or one to remove was not (result codes of RFC 4511 and what
/// Samba says of links).
const fn is_about_values(refusal: &Refusal) -> bool {
    matches!(refusal.code, 16 | 20 | 53 | 68)
}

/// `changes` without the values that are already added or already removed.
fn still_needed(changes: &Changes, found: &Entry) -> Changes {
    let mut needed = Changes::new();
    for (name, change) in changes {
        let AttributeChange::Update { add, remove } = change else {
            needed.insert(name.clone(), change.clone());
            continue;
        };
        let present = found.values(&name.to_lowercase());
        let is_present = |value: &&Value| present.iter().any(|p| is_equal(p, value));
        let add: Vec<Value> = add.iter().filter(|v| !is_present(v)).cloned().collect();
        let remove: Vec<Value> = remove.iter().filter(is_present).cloned().collect();
        if !add.is_empty() || !remove.is_empty() {
            needed.insert(name.clone(), AttributeChange::Update { add, remove });
        }
    }
    needed
}

/// DNs are equal whatever their spelling.
fn is_equal(present: &[u8], value: &Value) -> bool {
    let key = |dn: &str| model::DnStyle::Ldap.key(dn);
    match (value, std::str::from_utf8(present)) {
        (Value::Reference(dn), Ok(present)) => key(dn) == key(present),
        _ => encode::value(value) == present,
    }
}

/// The new RDN and, if it changes, the new parent; `None` if nothing changes.
fn name_change(current: &str, new: &str) -> Option<(String, Option<String>)> {
    let (current, new) = (Dn::parse(current).unwrap_or_default(), Dn::parse(new).ok()?);
    let parent = |dn: &Dn| dn.parent().unwrap_or_default();
    let superior = (parent(&current).key() != parent(&new).key()).then(|| parent(&new).to_string());
    let (old_leaf, leaf) = (current.leaf(), new.leaf()?);
    let is_same = old_leaf.is_some_and(|old| {
        old.value == leaf.value && old.attribute.eq_ignore_ascii_case(&leaf.attribute)
    });
    (!is_same || superior.is_some()).then(|| (leaf.to_string(), superior))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_changed_name_is_sent() {
        let check = |old: &str, new: &str, expected: Option<(&str, Option<&str>)>| {
            let change = name_change(old, new);
            let shown = change.as_ref().map(|(rdn, superior)| (rdn.as_str(), superior.as_deref()));
            assert_eq!(shown, expected, "{old} to {new}");
        };
        check("CN=a,DC=x", "cn=a,dc=X", None);
        check("CN=a,DC=x", "CN=A,DC=x", Some(("CN=A", None)));
        check("CN=a,OU=b,DC=x", "CN=a,DC=x", Some(("CN=a", Some("DC=x"))));
        check("CN=a,DC=x", "CN=c\\,d,OU=b,DC=x", Some(("CN=c\\,d", Some("OU=b,DC=x"))));
    }

    #[test]
    fn values_already_there_or_gone_are_left_out() {
        let group = Entry::of("CN=g", &[("member", &[b"CN=a,DC=x", b"CN=b,DC=x"])]);
        let update = |add: &[&str], remove: &[&str]| AttributeChange::Update {
            add: add.iter().map(|dn| Value::reference(dn)).collect(),
            remove: remove.iter().map(|dn| Value::reference(dn)).collect(),
        };
        let changes = |change| Changes::from([(Name::new("member"), change)]);
        let all = changes(update(&["cn=A,dc=x", "CN=c,DC=x"], &["CN=b,DC=x", "CN=d,DC=x"]));
        let needed = changes(update(&["CN=c,DC=x"], &["CN=b,DC=x"]));
        assert_eq!(still_needed(&all, &group), needed);
        let nothing = changes(update(&["CN=a,DC=x"], &["CN=d,DC=x"]));
        assert_eq!(still_needed(&nothing, &group), Changes::new());
    }
}
