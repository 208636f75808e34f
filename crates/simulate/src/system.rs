//! A connected system: objects in a map, a log of changes, and the habits of a real directory. It
//! names new objects, adds an attribute of its own, and shows no secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connector::{ExportError, ExportErrorType, ExportKind, ExportOperation, ExportOutcome};
use model::{Attributes, DnStyle, Image, Name, Values};

use crate::faults::Faults;
use crate::scenario::TAGS;

/// One line of the log of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logged {
    /// Its place.
    pub(crate) version: u64,
    /// The object.
    pub(crate) anchor: String,
    /// It went.
    pub(crate) deleted: bool,
}

/// A write that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// The object, as the engine named it.
    pub(crate) dn: String,
    /// Its anchor, if the engine knew it.
    pub(crate) anchor: Option<String>,
    /// The word for what was done.
    pub(crate) verb: &'static str,
    /// Attributes set; none for those cleared.
    pub(crate) values: BTreeMap<Name, Option<Values>>,
    /// The new name.
    pub(crate) new_dn: Option<String>,
    /// An earlier attempt may have arrived.
    pub(crate) in_doubt: bool,
}

/// What the system holds.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Objects by anchor.
    pub(crate) objects: BTreeMap<String, Image>,
    /// What changed, oldest first.
    pub(crate) log: Vec<Logged>,
    /// Everything the engine had done here, in order.
    pub(crate) writes: Vec<Written>,
    /// Objects that changed their type or came back: a change alone could not say so.
    pub(crate) told_whole: BTreeSet<String>,
    /// What goes wrong in the run that comes.
    pub(crate) faults: Faults,
    version: u64,
    made: BTreeMap<String, u32>,
}

/// The system; clones share its contents.
#[derive(Debug, Clone)]
pub(crate) struct System {
    contents: Arc<Mutex<Contents>>,
    pub(crate) style: DnStyle,
}

impl System {
    /// A system with its containers.
    pub(crate) fn new(style: DnStyle) -> Self {
        let system = Self { contents: Arc::default(), style };
        if style == DnStyle::Ldap {
            for dn in ["OU=Main", "OU=Side"] {
                system.contents().put(Image {
                    object_type: Name::new("container"),
                    anchor: Some(dn.to_lowercase()),
                    dn: dn.to_owned(),
                    attributes: Attributes::new(),
                });
            }
        }
        system
    }

    /// The contents. A panic while they were locked has already failed the simulation.
    pub(crate) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(error_type: ExportErrorType) -> ExportOutcome {
    let message = error_type.as_str().to_owned();
    ExportOutcome::Failed(ExportError { error_type, code: None, message })
}

impl Contents {
    /// The place of the newest change.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    fn note(&mut self, anchor: &str, deleted: bool) {
        self.version += 1;
        self.log.push(Logged { version: self.version, anchor: anchor.to_owned(), deleted });
    }

    /// Puts an object there.
    pub(crate) fn put(&mut self, image: Image) {
        let Some(anchor) = image.anchor.clone() else { return };
        if self.log.iter().any(|line| line.anchor == anchor) {
            self.told_whole.insert(anchor.clone());
        }
        self.objects.insert(anchor.clone(), image);
        self.note(&anchor, false);
    }

    /// Changes an object that is there.
    pub(crate) fn change(&mut self, anchor: &str, change: impl FnOnce(&mut Image)) {
        if let Some(image) = self.objects.get_mut(anchor) {
            let before = image.object_type.clone();
            change(image);
            if image.object_type != before {
                self.told_whole.insert(anchor.to_owned());
            }
            self.note(anchor, false);
        }
    }

    /// Takes an object away; true if it was there.
    pub(crate) fn remove(&mut self, anchor: &str) -> bool {
        let was_there = self.objects.remove(anchor).is_some();
        if was_there {
            self.note(anchor, true);
        }
        was_there
    }

    /// Who has a name.
    pub(crate) fn holder(&self, style: DnStyle, dn: &str) -> Option<String> {
        let key = style.key(dn);
        let holder = self.objects.values().find(|image| style.key(&image.dn) == key);
        holder.and_then(|image| image.anchor.clone())
    }

    /// Carries an operation out.
    pub(crate) fn write(&mut self, style: DnStyle, operation: &ExportOperation) -> ExportOutcome {
        let outcome = match &operation.kind {
            ExportKind::Add { attributes } => self.add(style, operation, attributes),
            ExportKind::Update { changes, new_dn } => {
                let anchor = operation.anchor.clone();
                let found = anchor.or_else(|| self.holder(style, &operation.dn));
                let Some(anchor) = found.filter(|a| self.objects.contains_key(a)) else {
                    return refused(ExportErrorType::CdMissingObject);
                };
                let holder = new_dn.as_ref().and_then(|dn| self.holder(style, dn));
                if holder.is_some_and(|holder| holder != anchor) {
                    return refused(ExportErrorType::RenameToExistingDn);
                }
                self.change(&anchor, |image| {
                    image.attributes.apply(changes);
                    if let Some(dn) = new_dn {
                        image.dn.clone_from(dn);
                    }
                });
                ExportOutcome::Success { anchor: Some(anchor) }
            }
            ExportKind::Delete => {
                let anchor = operation.anchor.clone();
                if let Some(anchor) = anchor.or_else(|| self.holder(style, &operation.dn)) {
                    self.remove(&anchor);
                }
                ExportOutcome::Success { anchor: None }
            }
        };
        if matches!(outcome, ExportOutcome::Success { .. }) {
            self.writes.push(written(operation));
        }
        outcome
    }

    fn add(
        &mut self,
        style: DnStyle,
        operation: &ExportOperation,
        attributes: &Attributes,
    ) -> ExportOutcome {
        let dn = &operation.dn;
        if let Some(anchor) = self.holder(style, dn) {
            let holder = self.objects.get(&anchor);
            let is_as_wanted = holder.is_some_and(|h| {
                attributes.iter().all(|(name, v)| h.attributes.get(name) == Some(v))
            });
            if operation.in_doubt && is_as_wanted {
                return ExportOutcome::Success { anchor: Some(anchor) };
            }
            return refused(ExportErrorType::CdExistingObject);
        }
        if style.parent(dn).is_some_and(|parent| self.holder(style, &parent).is_none()) {
            return refused(ExportErrorType::NonExistentParent);
        }
        let made = self.made.entry(style.key(dn)).or_default();
        *made += 1;
        let anchor = match style {
            DnStyle::Anchor => dn.clone(),
            DnStyle::Ldap => format!("{}#{made}", style.key(dn)),
        };
        let mut attributes = attributes.clone();
        attributes.set_one("own", format!("sid of {anchor}").as_str());
        self.put(Image {
            object_type: operation.object_type.clone(),
            anchor: Some(anchor.clone()),
            dn: dn.clone(),
            attributes,
        });
        ExportOutcome::Success { anchor: Some(anchor) }
    }
}

fn written(operation: &ExportOperation) -> Written {
    let mut values: BTreeMap<Name, Option<Values>> = BTreeMap::new();
    let (verb, new_dn) = match &operation.kind {
        ExportKind::Add { attributes } => {
            values.extend(attributes.iter().map(|(n, v)| (n.clone(), Some(v.clone()))));
            ("add", None)
        }
        ExportKind::Update { changes, new_dn } => {
            let after = changes.iter().map(|(n, change)| (n.clone(), change.applied_to(None)));
            values.extend(after);
            ("update", new_dn.clone())
        }
        ExportKind::Delete => ("delete", None),
    };
    Written {
        dn: operation.dn.clone(),
        anchor: operation.anchor.clone(),
        verb,
        values,
        new_dn,
        in_doubt: operation.in_doubt,
    }
}

/// An object of a person, as an administrator makes it.
pub(crate) fn image(object_type: &str, anchor: &str, dn: &str, values: &[(&str, &str)]) -> Image {
    let mut attributes = Attributes::new();
    for (name, value) in values {
        if *name == TAGS {
            let tags = value.split(' ').map(model::Value::string).collect();
            attributes.set(Name::new(name), Values::from_vec(tags));
        } else {
            attributes.set_one(name, *value);
        }
    }
    Image {
        object_type: Name::new(object_type),
        anchor: Some(anchor.to_owned()),
        dn: dn.to_owned(),
        attributes,
    }
}
