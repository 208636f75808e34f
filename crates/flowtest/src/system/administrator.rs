//! What a system's own administrators and programs do to it.

use std::collections::BTreeSet;

use model::{AttributeChange, Attributes, Changes, DnStyle, Image, Name, Value};

use super::contents::{Contents, Refused};
use crate::document::{Change, ChangeKind, Literals, ObjectText};
use crate::similar;

/// Objects that a change leaves a trace of, by anchor: what changed, or all of it.
type Traces = Vec<(String, Option<BTreeSet<Name>>)>;

impl Contents {
    /// An object as a test writes it.
    pub(crate) fn give(&mut self, text: &ObjectText) -> Result<String, Refused> {
        let types: Vec<&Name> = self.nature.full.types.keys().collect();
        let object_type = match (&text.object_type, types.as_slice()) {
            (Some(name), _) => Name::new(name),
            (None, [only]) => (*only).clone(),
            (None, _) => {
                let names: Vec<&str> = types.iter().map(|name| name.as_str()).collect();
                let message = format!("{} has several object types", self.nature.name);
                let help = format!("add `type`: one of {}", names.join(", "));
                return Err(Refused { message, help: Some(help) });
            }
        };
        self.type_schema(&object_type)?;
        let attributes: Attributes = self
            .typed_all(&object_type, &text.attributes)?
            .into_iter()
            .filter_map(|(name, values)| Some((name, values?)))
            .collect();
        let anchor_attribute = self.nature.anchors.get(&object_type);
        let by_attribute = anchor_attribute.and_then(|name| attributes.get(name));
        let by_attribute = by_attribute.map(ToString::to_string);
        let anchor = text.anchor.clone().or(by_attribute);
        let named = text.dn.as_ref().filter(|dn| !dn.is_empty());
        let dn = match (self.style(), named, &anchor) {
            (_, Some(dn), _) => dn.clone(),
            (DnStyle::Anchor, None, Some(anchor)) => anchor.clone(),
            _ => return Err(Refused::new("the object has no name".to_owned())),
        };
        if self.by_dn(&dn).is_some() {
            return Err(Refused::new(format!("{} has {dn} already", self.nature.name)));
        }
        let image = Image { object_type, anchor, dn, attributes };
        Ok(self.insert(image))
    }

    /// Makes a change, as an administrator of the system would.
    pub(crate) fn change(&mut self, change: &Change) -> Result<(), Refused> {
        let logged = self.make(&change.kind)?;
        if !change.is_silent {
            for (anchor, changed) in logged {
                self.log(&anchor, changed);
            }
        }
        Ok(())
    }

    fn make(&mut self, kind: &ChangeKind) -> Result<Traces, Refused> {
        match kind {
            ChangeKind::Add(text) => Ok(vec![(self.give(text)?, None)]),
            ChangeKind::Modify { dn, set, add, remove, clear } => {
                let object = self.existing(dn)?;
                let changes = self.changes(&object.object_type, [set, add, remove], clear)?;
                let anchor = object.anchor.unwrap_or_default();
                if let Some(object) = self.by_anchor_mut(&anchor) {
                    object.attributes.apply(&changes);
                }
                Ok(vec![(anchor, Some(changes.into_keys().collect()))])
            }
            ChangeKind::Rename { dn, to } => {
                let object = self.existing(dn)?;
                if self.by_dn(to).is_some_and(|other| other.anchor != object.anchor) {
                    return Err(Refused::new(format!("{} has {to} already", self.nature.name)));
                }
                self.rename(object, to)
            }
            ChangeKind::Retype { dn, object_type } => {
                self.type_schema(object_type)?;
                let anchor = self.existing(dn)?.anchor.unwrap_or_default();
                if let Some(object) = self.by_anchor_mut(&anchor) {
                    object.object_type = Name::new(object_type);
                }
                Ok(vec![(anchor, None)])
            }
            ChangeKind::Delete { dn, with_children } => {
                let mut gone = self.below(dn);
                if !gone.is_empty() && !with_children {
                    let help = Some("add `with_children = true`".to_owned());
                    return Err(Refused { message: format!("{dn} has children"), help });
                }
                gone.push(dn.clone());
                let anchors: Result<Vec<String>, Refused> = gone
                    .iter()
                    .map(|dn| Ok(self.existing(dn)?.anchor.unwrap_or_default()))
                    .collect();
                let anchors = anchors?;
                for anchor in &anchors {
                    self.remove(anchor);
                }
                Ok(anchors.into_iter().map(|anchor| (anchor, None)).collect())
            }
        }
    }

    /// Where the name is the anchor, another name is another object.
    fn rename(&mut self, object: Image, to: &str) -> Result<Traces, Refused> {
        let anchor = object.anchor.clone().unwrap_or_default();
        match self.style() {
            DnStyle::Ldap => {
                self.move_object(&object.dn, to);
                Ok(vec![(anchor, Some(BTreeSet::new()))])
            }
            DnStyle::Anchor => {
                self.remove(&anchor);
                let mut image = object;
                if let Some(name) = self.nature.anchors.get(&image.object_type).cloned() {
                    image.attributes.remove(&name);
                }
                to.clone_into(&mut image.dn);
                image.anchor = Some(to.to_owned());
                let new = self.insert(image);
                Ok(vec![(anchor, None), (new, None)])
            }
        }
    }

    fn existing(&self, dn: &str) -> Result<Image, Refused> {
        self.by_dn(dn).cloned().ok_or_else(|| {
            let known: Vec<&str> = self.objects().map(|object| object.dn.as_str()).collect();
            let message = format!("{} has no {dn}", self.nature.name);
            Refused { message, help: Some(similar::advice(dn, &known)) }
        })
    }

    fn changes(
        &self,
        object_type: &Name,
        [set, add, remove]: [&Literals; 3],
        clear: &[String],
    ) -> Result<Changes, Refused> {
        let mut changes = Changes::new();
        for (name, values) in self.typed_all(object_type, set)? {
            let change = values.map_or(AttributeChange::Clear, AttributeChange::Set);
            changes.insert(name, change);
        }
        for name in clear {
            self.typed_all(object_type, &vec![(name.clone(), Vec::new())])?;
            changes.insert(Name::new(name), AttributeChange::Clear);
        }
        for (literals, adds) in [(add, true), (remove, false)] {
            for (name, values) in self.typed_all(object_type, literals)? {
                let values: Vec<Value> = values.iter().flatten().cloned().collect();
                let empty = || AttributeChange::Update { add: Vec::new(), remove: Vec::new() };
                match changes.entry(name).or_insert_with(empty) {
                    AttributeChange::Update { add, .. } if adds => add.extend(values),
                    AttributeChange::Update { remove, .. } => remove.extend(values),
                    AttributeChange::Set(_) | AttributeChange::Clear => {
                        let message = "an attribute is set and changed at once".to_owned();
                        return Err(Refused::new(message));
                    }
                }
            }
        }
        Ok(changes)
    }

    /// Makes these the only objects of a type; those that stay as they are leave no trace.
    pub(crate) fn replace_all(&mut self, object_type: &Name, wanted: Vec<(String, Attributes)>) {
        let is_gone = |object: &&Image| {
            object.object_type == *object_type && !wanted.iter().any(|(dn, _)| *dn == object.dn)
        };
        let gone: Vec<String> =
            self.objects().filter(is_gone).filter_map(|object| object.anchor.clone()).collect();
        for anchor in gone {
            self.remove(&anchor);
            self.log(&anchor, None);
        }
        for (dn, attributes) in wanted {
            let present = self.by_dn(&dn).cloned();
            match present {
                Some(object) if object.attributes == attributes => {}
                Some(object) => {
                    let anchor = object.anchor.unwrap_or_default();
                    if let Some(object) = self.by_anchor_mut(&anchor) {
                        object.attributes = attributes;
                    }
                    self.log(&anchor, None);
                }
                None => {
                    let object_type = object_type.clone();
                    let anchor = self.insert(Image { object_type, anchor: None, dn, attributes });
                    self.log(&anchor, None);
                }
            }
        }
    }
}
