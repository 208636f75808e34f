//! What is in a system, and the names and values it can have.

use std::collections::{BTreeMap, BTreeSet};

use connector::{Capabilities, ExportKind, ExportOperation};
use model::{
    AttributeChange, Attributes, Dn, DnStyle, Image, Name, ObjectSchema, Schema, Value, ValueType,
    Values,
};

use super::Scope;
use crate::document::{Effect, Fault, Habits, Literal, Literals};
use crate::faults::Faults;
use crate::similar;

/// What a system is: the same for as long as its configuration is.
#[derive(Debug, Clone)]
pub(crate) struct Nature {
    pub(crate) name: Name,
    /// Everything its objects can have.
    pub(crate) full: Schema,
    /// What its connector selected of that.
    pub(crate) selected: Schema,
    pub(crate) capabilities: Capabilities,
    pub(crate) scope: Scope,
    /// The attribute that is the anchor, by object type.
    pub(crate) anchors: BTreeMap<Name, Name>,
    pub(crate) habits: Habits,
}

/// An operation that was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) word: &'static str,
    pub(crate) dn: String,
    pub(crate) to: Option<String>,
    pub(crate) set: Attributes,
    pub(crate) cleared: Vec<Name>,
    pub(crate) secrets: Vec<Name>,
    pub(crate) is_in_doubt: bool,
}

impl Operation {
    fn new(operation: &ExportOperation) -> Self {
        let mut to = None;
        let mut set = Attributes::new();
        let mut cleared = Vec::new();
        let word = match &operation.kind {
            ExportKind::Add { attributes } => {
                set = attributes.clone();
                "add"
            }
            ExportKind::Update { changes, new_dn } => {
                set.apply(changes);
                let is_clear = |change: &AttributeChange| *change == AttributeChange::Clear;
                cleared.extend(changes.iter().filter(|(_, c)| is_clear(c)).map(|(n, _)| n.clone()));
                to.clone_from(new_dn);
                if to.is_some() { "rename" } else { "update" }
            }
            ExportKind::Delete => "delete",
        };
        Self {
            word,
            dn: operation.dn.clone(),
            to,
            set,
            cleared,
            secrets: operation.secrets.keys().cloned().collect(),
            is_in_doubt: operation.in_doubt,
        }
    }
}

/// A line of the log that delta imports read.
#[derive(Debug)]
pub(super) struct Logged {
    pub(super) anchor: String,
    /// What changed; `None` where all of it did.
    pub(super) changed: Option<BTreeSet<Name>>,
}

/// A change that cannot be made: a mistake of the test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Refused {
    pub(super) fn new(message: String) -> Self {
        Self { message, help: None }
    }
}

/// What is in the system.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) nature: Nature,
    objects: BTreeMap<u64, Image>,
    arrivals: u64,
    pub(super) log: Vec<Logged>,
    pub(crate) faults: Faults,
    /// What was asked for since the step began.
    pub(crate) operations: Vec<Operation>,
    pub(crate) secrets: BTreeMap<String, BTreeMap<Name, String>>,
}

impl Contents {
    pub(super) fn new(nature: Nature) -> Self {
        Self {
            nature,
            objects: BTreeMap::new(),
            arrivals: 0,
            log: Vec::new(),
            faults: Faults::default(),
            operations: Vec::new(),
            secrets: BTreeMap::new(),
        }
    }

    pub(super) const fn style(&self) -> DnStyle {
        self.nature.capabilities.dn_style
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = &Image> {
        self.objects.values()
    }

    pub(super) fn by_anchor(&self, anchor: &str) -> Option<&Image> {
        self.objects().find(|object| object.anchor.as_deref() == Some(anchor))
    }

    pub(super) fn by_anchor_mut(&mut self, anchor: &str) -> Option<&mut Image> {
        self.objects.values_mut().find(|object| object.anchor.as_deref() == Some(anchor))
    }

    pub(super) fn by_dn(&self, dn: &str) -> Option<&Image> {
        let key = self.style().key(dn);
        self.objects().find(|object| self.style().key(&object.dn) == key)
    }

    /// The objects below another one.
    pub(super) fn below(&self, dn: &str) -> Vec<String> {
        let (DnStyle::Ldap, Ok(above)) = (self.style(), Dn::parse(dn)) else { return Vec::new() };
        let is_below = |object: &&Image| {
            Dn::parse(&object.dn)
                .is_ok_and(|dn| dn.is_within(&above) && dn.rdns.len() > above.rdns.len())
        };
        self.objects().filter(is_below).map(|object| object.dn.clone()).collect()
    }

    pub(super) fn log(&mut self, anchor: &str, changed: Option<BTreeSet<Name>>) {
        self.log.push(Logged { anchor: anchor.to_owned(), changed });
    }

    pub(super) fn record(&mut self, operation: &ExportOperation) {
        self.operations.push(Operation::new(operation));
    }

    /// Lets an object in; its anchor and the values the system gives are made up where they are
    /// missing.
    pub(super) fn insert(&mut self, mut image: Image) -> String {
        self.arrivals += 1;
        let anchor_attribute = self.nature.anchors.get(&image.object_type).cloned();
        let named = anchor_attribute.as_ref().and_then(|name| image.attributes.get(name));
        let named = named.map(ToString::to_string);
        let anchor = image.anchor.take().or(named).unwrap_or_else(|| match self.style() {
            DnStyle::Anchor => image.dn.clone(),
            DnStyle::Ldap => format!("{}-{}", self.nature.name, self.arrivals),
        });
        if self.style() == DnStyle::Anchor {
            image.dn.clone_from(&anchor);
        }
        if let Some(name) = anchor_attribute
            && image.attributes.get(&name).is_none()
            && let Ok(value) = self.typed(&image.object_type, &name, &Literal::Text(anchor.clone()))
        {
            image.attributes.set(name, Values::from_vec(vec![value]));
        }
        for (name, pattern) in self.nature.habits.assigns.clone() {
            let text = pattern.replace("{n}", &(1_000 + self.arrivals).to_string());
            if image.attributes.get(&name).is_none()
                && let Ok(value) = self.typed(&image.object_type, &name, &Literal::Text(text))
            {
                image.attributes.set(Name::from(name), Values::from_vec(vec![value]));
            }
        }
        image.anchor = Some(anchor.clone());
        self.objects.insert(self.arrivals, image);
        anchor
    }

    pub(super) fn remove(&mut self, anchor: &str) {
        self.objects.retain(|_, object| object.anchor.as_deref() != Some(anchor));
    }

    /// Gives an object another DN, and those below it with it.
    pub(super) fn move_object(&mut self, from: &str, to: &str) {
        if let (DnStyle::Ldap, Ok(above), Ok(target)) =
            (self.style(), Dn::parse(from), Dn::parse(to))
        {
            let depth = above.rdns.len();
            for object in self.objects.values_mut() {
                let Ok(dn) = Dn::parse(&object.dn) else { continue };
                if dn.is_within(&above) && dn.rdns.len() > depth {
                    let own = dn.rdns.len() - depth;
                    let rdns = dn.rdns.into_iter().take(own).chain(target.rdns.iter().cloned());
                    object.dn = Dn { rdns: rdns.collect() }.to_string();
                }
            }
        }
        let key = self.style().key(from);
        let style = self.style();
        if let Some(object) = self.objects.values_mut().find(|o| style.key(&o.dn) == key) {
            to.clone_into(&mut object.dn);
        }
    }

    /// The value for an attribute of an object type.
    pub(super) fn typed(
        &self,
        object_type: &str,
        attribute: &str,
        literal: &Literal,
    ) -> Result<Value, Refused> {
        let value = literal.to_value(self.value_type(object_type, attribute)?);
        value.map_err(|error| Refused::new(format!("{attribute}: {error}")))
    }

    fn value_type(&self, object_type: &str, attribute: &str) -> Result<ValueType, Refused> {
        let schema = self.type_schema(object_type)?;
        schema.get(attribute).map(|schema| schema.value_type).ok_or_else(|| {
            let known: Vec<&str> = schema.keys().map(Name::as_str).collect();
            let message =
                format!("{object_type} of {} has no attribute {attribute}", self.nature.name);
            Refused { message, help: Some(similar::advice(attribute, &known)) }
        })
    }

    pub(super) fn type_schema(&self, object_type: &str) -> Result<&ObjectSchema, Refused> {
        self.nature.full.types.get(object_type).ok_or_else(|| {
            let known: Vec<&str> = self.nature.full.types.keys().map(Name::as_str).collect();
            let message = format!("{} has no object type {object_type}", self.nature.name);
            Refused { message, help: Some(similar::advice(object_type, &known)) }
        })
    }

    /// Values for the attributes of an object type.
    pub(super) fn typed_all(
        &self,
        object_type: &str,
        literals: &Literals,
    ) -> Result<Vec<(Name, Option<Values>)>, Refused> {
        let mut typed = Vec::new();
        for (name, literals) in literals {
            self.value_type(object_type, name)?;
            let values: Result<Vec<Value>, Refused> =
                literals.iter().map(|literal| self.typed(object_type, name, literal)).collect();
            typed.push((Name::new(name), Values::from_vec(values?)));
        }
        Ok(typed)
    }

    /// Refuses a fault that names what the system does not have.
    pub(crate) fn check_fault(&self, fault: &Fault) -> Result<(), Refused> {
        let names: Vec<&str> = match &fault.effect {
            Effect::Show(literals) | Effect::Store(literals) => {
                literals.iter().map(|(name, _)| name.as_str()).collect()
            }
            Effect::Deliver(raw) => {
                let all = raw.iter().flat_map(|raw| &raw.object.attributes);
                all.map(|(name, _)| name.as_str()).collect()
            }
            Effect::Ignore(names) => {
                let attributes =
                    names.iter().filter(|name| !["dn", "object"].contains(&name.as_str()));
                attributes.map(String::as_str).collect()
            }
            _ => Vec::new(),
        };
        let types = self.nature.full.types.values();
        let known: Vec<&str> = types.flat_map(|schema| schema.keys().map(Name::as_str)).collect();
        for name in names {
            if !known.contains(&name) {
                let message = format!("{} has no attribute {name}", self.nature.name);
                return Err(Refused { message, help: Some(similar::advice(name, &known)) });
            }
        }
        Ok(())
    }

    /// The type of an attribute of any object type, for values that faults make up.
    pub(super) fn any_type(&self, attribute: &str) -> ValueType {
        let types = self.nature.full.types.values();
        let found = types.filter_map(|schema| schema.get(attribute)).next();
        found.map_or(ValueType::String, |schema| schema.value_type)
    }
}
