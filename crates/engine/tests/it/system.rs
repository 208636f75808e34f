//! A connected system made of a map, with the habits that matter to the engine: it names new
//! objects, adds attributes of its own, keeps a log of changes, and can be told to misbehave.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connector::{
    Capabilities, Completeness, Connector, ConnectorError, DisabledMark, DiscoveryError,
    DiscoveryErrorType, ErrorKind, ExportBatch, ExportError, ExportErrorType, ExportKind,
    ExportOperation, ExportOutcome, ExportSession, ImportEntry, ImportKind, ImportPage,
    ImportSession,
};
use model::{
    AttributeChange, Attributes, Changes, DnStyle, Image, Name, Schema, Sid, Value, Values,
};

/// What a system is told to do wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Every operation on an object fails so.
    pub(crate) refuse: Option<ExportErrorType>,
    /// Operations on the object of this DN fail.
    pub(crate) refuse_object: Option<String>,
    /// The next export is carried out but its answer is lost.
    pub(crate) lose_answer: bool,
    /// Written values of this attribute are dropped silently.
    pub(crate) ignore: Option<String>,
    /// The next full read ends early.
    pub(crate) incomplete: bool,
    /// The next full read has an entry that cannot be read.
    pub(crate) unreadable: bool,
    /// The next read has so many further errors.
    pub(crate) garbled: usize,
    /// Full reads show every object twice.
    pub(crate) repeat: bool,
    /// Imports cannot be opened.
    pub(crate) closed: Option<ErrorKind>,
    /// Changes by the system's own administrator do not get into the log.
    pub(crate) silent: bool,
    /// Objects keep their names, and nothing is said.
    pub(crate) keep_names: bool,
    /// Deltas say nothing of an object but its name and its address.
    pub(crate) partial: bool,
    /// Deletions are dropped silently.
    pub(crate) keep_objects: bool,
    /// Written text of this attribute is stored in lower case.
    pub(crate) lower: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) objects: BTreeMap<String, Image>,
    changed: BTreeMap<String, u64>,
    version: u64,
    next: u64,
    pub(crate) faults: Faults,
    pub(crate) passwords: Vec<String>,
    /// How many writes were carried out.
    pub(crate) writes: u64,
    /// What was asked for, in order.
    pub(crate) log: Vec<String>,
}

/// The system.
#[derive(Debug, Clone)]
pub(crate) struct System {
    pub(crate) contents: Arc<Mutex<Contents>>,
    schema: Schema,
    style: DnStyle,
}

impl System {
    pub(crate) fn new(schema: Schema, style: DnStyle) -> Self {
        Self { contents: Arc::default(), schema, style }
    }

    /// Puts an object there, as its own administrator would.
    pub(crate) fn put(&self, object_type: &str, anchor: &str, dn: &str, values: &[(&str, Value)]) {
        let mut attributes = Attributes::new();
        for (name, value) in values {
            attributes.set_one(name, value.clone());
        }
        let image = Image {
            object_type: Name::new(object_type),
            anchor: Some(anchor.to_owned()),
            dn: dn.to_owned(),
            attributes,
        };
        let mut contents = self.contents.lock().unwrap();
        contents.note(anchor);
        contents.objects.insert(anchor.to_owned(), image);
    }

    /// Sets or, with empty text, clears one attribute.
    pub(crate) fn set(&self, anchor: &str, name: &str, value: impl Into<Value>) {
        let mut contents = self.contents.lock().unwrap();
        contents.objects.get_mut(anchor).unwrap().attributes.set_one(name, value);
        contents.note(anchor);
    }

    /// Gives an attribute several values.
    pub(crate) fn set_many(&self, anchor: &str, name: &str, values: &[&str]) {
        let values = Values::from_vec(values.iter().map(|v| Value::string(v)).collect());
        let mut contents = self.contents.lock().unwrap();
        contents.objects.get_mut(anchor).unwrap().attributes.set(Name::new(name), values);
        contents.note(anchor);
    }

    /// Lets an attribute refer to objects; to none, and it has no value.
    pub(crate) fn refer(&self, anchor: &str, name: &str, targets: &[&str]) {
        let values = Values::from_vec(targets.iter().map(|dn| Value::reference(dn)).collect());
        let mut contents = self.contents.lock().unwrap();
        contents.objects.get_mut(anchor).unwrap().attributes.set(Name::new(name), values);
        contents.note(anchor);
    }

    /// The values of an attribute of the object at a DN.
    pub(crate) fn values(&self, dn: &str, name: &str) -> Option<String> {
        let contents = self.contents.lock().unwrap();
        let object = contents.objects.values().find(|o| o.dn == dn)?;
        object.attributes.get(name).map(ToString::to_string)
    }

    /// Makes an object one of another type.
    pub(crate) fn retype(&self, anchor: &str, object_type: &str) {
        let mut contents = self.contents.lock().unwrap();
        contents.objects.get_mut(anchor).unwrap().object_type = Name::new(object_type);
        contents.note(anchor);
    }

    /// Gives an object another name.
    pub(crate) fn rename(&self, anchor: &str, dn: &str) {
        let mut contents = self.contents.lock().unwrap();
        let object = contents.objects.get_mut(anchor).unwrap();
        let before = std::mem::replace(&mut object.dn, dn.to_owned());
        contents.follow(&before, dn);
        contents.note(anchor);
    }

    /// Deletes an object.
    pub(crate) fn delete(&self, anchor: &str) {
        let mut contents = self.contents.lock().unwrap();
        contents.objects.remove(anchor).unwrap();
        contents.note(anchor);
    }

    /// The objects of a type, by DN.
    pub(crate) fn list(&self, object_type: &str) -> Vec<Image> {
        let contents = self.contents.lock().unwrap();
        let mut found: Vec<Image> =
            contents.objects.values().filter(|o| o.object_type == object_type).cloned().collect();
        found.sort_by(|a, b| a.dn.cmp(&b.dn));
        found
    }

    /// The text of an attribute of the object at a DN.
    pub(crate) fn text(&self, dn: &str, name: &str) -> Option<String> {
        let contents = self.contents.lock().unwrap();
        let object = contents.objects.values().find(|o| o.dn == dn)?;
        object.attributes.text(name).map(ToOwned::to_owned)
    }

    /// The anchor of the object at a DN.
    pub(crate) fn anchor_of(&self, dn: &str) -> Option<String> {
        let contents = self.contents.lock().unwrap();
        contents.objects.values().find(|o| o.dn == dn).and_then(|o| o.anchor.clone())
    }

    pub(crate) fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.contents.lock().unwrap().faults);
    }
}

impl Faults {
    fn distort(&self, changes: &Changes) -> Changes {
        let mut changes = changes.clone();
        changes.retain(|name, _| self.ignore.as_deref() != Some(name.as_str()));
        if let Some(name) = &self.lower
            && let Some(AttributeChange::Set(values)) = changes.get_mut(name.as_str())
        {
            *values = Values::one(values.to_string().to_lowercase().as_str());
        }
        changes
    }
}

impl Contents {
    fn note(&mut self, anchor: &str) {
        if self.faults.silent {
            return;
        }
        self.version += 1;
        self.changed.insert(anchor.to_owned(), self.version);
    }

    /// References follow what they lead to, and no log says so.
    fn follow(&mut self, before: &str, after: &str) {
        for object in self.objects.values_mut() {
            let attributes = object.attributes.clone();
            for (name, values) in attributes.iter() {
                let moved = values.iter().map(|value| match value {
                    Value::Reference(dn) if **dn == *before => Value::reference(after),
                    other => other.clone(),
                });
                object.attributes.set(name.clone(), Values::from_vec(moved.collect()));
            }
        }
    }

    /// False if a reference is written that leads to no object.
    fn leads_somewhere(&self, style: DnStyle, operation: &ExportOperation) -> bool {
        let values: Vec<&Values> = match &operation.kind {
            ExportKind::Add { attributes } => attributes.iter().map(|(_, values)| values).collect(),
            ExportKind::Update { changes, .. } => changes
                .values()
                .filter_map(|change| match change {
                    AttributeChange::Set(values) => Some(values),
                    AttributeChange::Update { .. } | AttributeChange::Clear => None,
                })
                .collect(),
            ExportKind::Delete => Vec::new(),
        };
        values.into_iter().flatten().all(|value| match value {
            Value::Reference(dn) => self.is_taken(style, dn).is_some(),
            _ => true,
        })
    }

    fn is_taken(&self, style: DnStyle, dn: &str) -> Option<String> {
        let key = style.key(dn);
        let found = self.objects.values().find(|o| style.key(&o.dn) == key);
        found.and_then(|o| o.anchor.clone())
    }

    fn write(&mut self, style: DnStyle, operation: &ExportOperation) -> ExportOutcome {
        if let Some(error_type) = self.faults.refuse {
            let message = "refused".to_owned();
            return ExportOutcome::Failed(ExportError { error_type, code: None, message });
        }
        self.log.push(describe(operation));
        let is_refused = self.faults.refuse_object.as_ref() == Some(&operation.dn);
        if is_refused || !self.leads_somewhere(style, operation) {
            let error_type = ExportErrorType::ConstraintViolation;
            let message = "refused".to_owned();
            return ExportOutcome::Failed(ExportError { error_type, code: None, message });
        }
        self.passwords.extend(operation.secrets.values().map(|s| s.expose().to_owned()));
        let failed = |error_type: ExportErrorType| {
            let message = error_type.as_str().to_owned();
            ExportOutcome::Failed(ExportError { error_type, code: None, message })
        };
        let anchor = operation.anchor.clone().or_else(|| self.is_taken(style, &operation.dn));
        self.writes += 1;
        match &operation.kind {
            ExportKind::Add { attributes } => {
                if let Some(anchor) = self.is_taken(style, &operation.dn) {
                    if operation.in_doubt {
                        return ExportOutcome::Success { anchor: Some(anchor) };
                    }
                    return failed(ExportErrorType::CdExistingObject);
                }
                let parent = style.parent(&operation.dn);
                if parent.is_some_and(|p| self.is_taken(style, &p).is_none()) {
                    return failed(ExportErrorType::NonExistentParent);
                }
                let anchor = self.create(style, operation, attributes.clone());
                ExportOutcome::Success { anchor: Some(anchor) }
            }
            ExportKind::Update { changes, new_dn } => {
                let Some(anchor) = anchor.filter(|a| self.objects.contains_key(a)) else {
                    return failed(ExportErrorType::CdMissingObject);
                };
                let new_dn = new_dn.as_ref().filter(|_| !self.faults.keep_names);
                let holder = new_dn.and_then(|dn| self.is_taken(style, dn));
                if holder.is_some_and(|holder| holder != anchor) {
                    return failed(ExportErrorType::RenameToExistingDn);
                }
                let changes = self.faults.distort(changes);
                let object = self.objects.get_mut(&anchor).unwrap();
                object.attributes.apply(&changes);
                if let Some(dn) = new_dn {
                    let before = std::mem::replace(&mut object.dn, dn.clone());
                    self.follow(&before, dn);
                }
                self.note(&anchor);
                ExportOutcome::Success { anchor: Some(anchor) }
            }
            ExportKind::Delete => {
                if let Some(anchor) = anchor.filter(|_| !self.faults.keep_objects)
                    && self.objects.remove(&anchor).is_some()
                {
                    self.note(&anchor);
                }
                ExportOutcome::Success { anchor: None }
            }
        }
    }

    fn create(
        &mut self,
        style: DnStyle,
        operation: &ExportOperation,
        mut attributes: Attributes,
    ) -> String {
        self.next += 1;
        let anchor = match style {
            DnStyle::Anchor => operation.dn.clone(),
            DnStyle::Ldap => format!("guid-{}", self.next),
        };
        if style == DnStyle::Ldap {
            let rid = u32::try_from(1100 + self.next).unwrap();
            let sid = Sid::new(5, vec![21, 1, 2, 3, rid]).unwrap();
            attributes.set_one("objectSid", Value::binary(&sid.to_bytes()));
        }
        let image = Image {
            object_type: operation.object_type.clone(),
            anchor: Some(anchor.clone()),
            dn: operation.dn.clone(),
            attributes,
        };
        self.note(&anchor);
        self.objects.insert(anchor.clone(), image);
        anchor
    }
}

#[async_trait]
impl Connector for System {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: self.style, delta_import: true, export: true }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn disabled_mark(&self) -> Option<DisabledMark> {
        (self.style == DnStyle::Ldap)
            .then_some(DisabledMark::Bit { attribute: "userAccountControl", bit: 2 })
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn open_import(
        &self,
        kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        if let Some(kind) = self.contents.lock().unwrap().faults.closed {
            return Err(ConnectorError::new(kind, "closed"));
        }
        let since = match &kind {
            ImportKind::Full => None,
            ImportKind::Delta { watermark } => Some(watermark.parse::<u64>().unwrap()),
        };
        Ok(Box::new(Read { system: self.clone(), since }))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        Ok(Box::new(Write { system: self.clone() }))
    }
}

fn describe(operation: &ExportOperation) -> String {
    let word = match &operation.kind {
        ExportKind::Add { .. } => "add",
        ExportKind::Update { .. } => "update",
        ExportKind::Delete => "delete",
    };
    format!("{word} {}", operation.dn)
}

fn unreadable() -> DiscoveryError {
    DiscoveryError {
        error_type: DiscoveryErrorType::ReadError,
        object: "?".to_owned(),
        message: "garbled".to_owned(),
    }
}

struct Read {
    system: System,
    since: Option<u64>,
}

impl Read {
    fn entry(contents: &Contents, anchor: &str) -> ImportEntry {
        match contents.objects.get(anchor) {
            Some(image) if contents.faults.partial => {
                let mail = image.attributes.get("mail").cloned();
                let change = mail.map_or(AttributeChange::Clear, AttributeChange::Set);
                let changes = Changes::from([(Name::new("mail"), change)]);
                let (anchor, dn) = (anchor.to_owned(), Some(image.dn.clone()));
                ImportEntry::Change { anchor, dn, changes }
            }
            Some(image) => ImportEntry::Object(image.clone()),
            None => ImportEntry::Deleted { anchor: anchor.to_owned() },
        }
    }
}

#[async_trait]
impl ImportSession for Read {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        // A point at which a test can drop the run.
        tokio::task::yield_now().await;
        let mut contents = self.system.contents.lock().unwrap();
        let watermark = contents.version.to_string();
        let Some(since) = self.since else {
            let mut entries: Vec<ImportEntry> =
                contents.objects.values().cloned().map(ImportEntry::Object).collect();
            let mut end = Completeness::Complete { watermark: Some(watermark) };
            if std::mem::take(&mut contents.faults.incomplete) {
                entries.truncate(entries.len() / 2);
                end = Completeness::Incomplete { reason: "the server went away".to_owned() };
            }
            if contents.faults.repeat {
                entries.extend(entries.clone());
            }
            let garbled = std::mem::take(&mut contents.faults.garbled);
            let mut errors = vec![unreadable(); garbled];
            if std::mem::take(&mut contents.faults.unreadable) {
                entries.pop();
                errors.push(unreadable());
            }
            return Ok(ImportPage { entries, errors, end: Some(end) });
        };
        if since > contents.version {
            return Err(ConnectorError::new(ErrorKind::FullImportRequired, "unknown watermark"));
        }
        let mut changed: Vec<(&String, &u64)> =
            contents.changed.iter().filter(|(_, version)| **version > since).collect();
        changed.sort_by_key(|(_, version)| **version);
        let entries = changed.into_iter().map(|(a, _)| Self::entry(&contents, a)).collect();
        let end = Some(Completeness::Delta { watermark });
        Ok(ImportPage { entries, errors: Vec::new(), end })
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        let contents = self.system.contents.lock().unwrap();
        Ok(anchors.iter().map(|anchor| Self::entry(&contents, anchor)).collect())
    }

    fn repeats_objects(&self) -> bool {
        self.system.contents.lock().unwrap().faults.repeat
    }
}

struct Write {
    system: System,
}

#[async_trait]
impl ExportSession for Write {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let mut outcomes = Vec::new();
        for operation in operations {
            tokio::task::yield_now().await;
            let (outcome, lost) = {
                let mut contents = self.system.contents.lock().unwrap();
                let outcome = contents.write(self.system.style, operation);
                (outcome, std::mem::take(&mut contents.faults.lose_answer))
            };
            if lost {
                outcomes.push(ExportOutcome::InDoubt);
                outcomes.resize(operations.len(), ExportOutcome::NotSent);
                let stopped = ConnectorError::new(ErrorKind::Connection, "connection lost");
                return ExportBatch { outcomes, stopped: Some(stopped) };
            }
            outcomes.push(outcome);
            tokio::task::yield_now().await;
        }
        ExportBatch { outcomes, stopped: None }
    }
}
