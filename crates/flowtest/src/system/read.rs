//! Imports.

use std::collections::BTreeSet;

use async_trait::async_trait;
use connector::{
    Completeness, ConnectorError, DiscoveryError, ErrorKind, ImportEntry, ImportKind, ImportPage,
    ImportSession,
};
use model::{AttributeChange, Attributes, Changes, Image, Name, Values};

use super::contents::Contents;
use super::{System, failed, fate};
use crate::document::{Effect, Event, Literals, Raw};

/// One object to deliver.
#[derive(Debug, Clone)]
struct Item {
    anchor: String,
    dn: Option<String>,
    /// In a delta of changes, the attributes to show.
    only: Option<BTreeSet<Name>>,
}

/// A read in progress.
pub(super) struct Read {
    system: System,
    items: Vec<Item>,
    watermark: Option<String>,
    is_delta: bool,
    page_objects: usize,
    pages: u64,
    entries: u64,
    delivered: usize,
}

impl Read {
    pub(super) fn begin(system: &System, kind: &ImportKind) -> Result<Self, ConnectorError> {
        let contents = system.contents();
        let offers_delta = contents.nature.capabilities.delta_import;
        let watermark = offers_delta.then(|| contents.log.len().to_string());
        let items = match kind {
            ImportKind::Full => everything(&contents),
            ImportKind::Delta { watermark } => {
                let since = watermark.parse().ok().filter(|n: &usize| *n <= contents.log.len());
                let unknown =
                    || ConnectorError::new(ErrorKind::FullImportRequired, "unknown watermark");
                changed(&contents, since.ok_or_else(unknown)?)
            }
        };
        Ok(Self {
            items,
            watermark,
            is_delta: matches!(kind, ImportKind::Delta { .. }),
            page_objects: contents.nature.habits.page_objects.unwrap_or(usize::MAX).max(1),
            pages: 0,
            entries: 0,
            delivered: 0,
            system: system.clone(),
        })
    }

    fn end(&self) -> Completeness {
        match (self.is_delta, &self.watermark) {
            (true, Some(watermark)) => Completeness::Delta { watermark: watermark.clone() },
            (_, watermark) => Completeness::Complete { watermark: watermark.clone() },
        }
    }
}

fn is_shown(contents: &Contents, object: &Image) -> bool {
    contents.nature.selected.types.contains_key(&object.object_type)
        && contents.nature.scope.shows(&object.dn, &object.object_type)
}

fn everything(contents: &Contents) -> Vec<Item> {
    let shown = contents.objects().filter(|object| is_shown(contents, object));
    shown
        .map(|object| Item {
            anchor: object.anchor.clone().unwrap_or_default(),
            dn: Some(object.dn.clone()),
            only: None,
        })
        .collect()
}

/// Each changed object once, at its last change.
fn changed(contents: &Contents, since: usize) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let shows_changes = contents.nature.habits.delta_shows_changes;
    for logged in contents.log.iter().skip(since) {
        let earlier = items.iter().position(|item| item.anchor == logged.anchor);
        let earlier = earlier.map(|at| items.remove(at));
        let mut only = logged.changed.clone().filter(|_| shows_changes);
        match (&mut only, earlier) {
            (Some(only), Some(Item { only: Some(earlier), .. })) => only.extend(earlier),
            (_, Some(Item { only: None, .. })) => only = None,
            _ => {}
        }
        let object = contents.by_anchor(&logged.anchor).filter(|object| is_shown(contents, object));
        if object.is_none() && contents.nature.habits.hides_deletions {
            continue;
        }
        let dn = object.map(|object| object.dn.clone());
        items.push(Item { anchor: logged.anchor.clone(), dn, only });
    }
    items
}

/// The object as its connector's selection shows it.
fn image(contents: &Contents, object: &Image) -> Image {
    let selected = contents.nature.selected.types.get(&object.object_type);
    let shows = |name: &Name| {
        let schema = selected.and_then(|schema| schema.get(name));
        schema.is_some_and(|schema| !schema.secret)
    };
    let shown = object.attributes.iter().filter(|(name, _)| shows(name));
    let attributes: Attributes = shown.map(|(n, v)| (n.clone(), v.clone())).collect();
    Image { attributes, ..object.clone() }
}

fn entry(contents: &Contents, item: &Item) -> ImportEntry {
    let object = contents.by_anchor(&item.anchor).filter(|object| is_shown(contents, object));
    let Some(object) = object else {
        return ImportEntry::Deleted { anchor: item.anchor.clone() };
    };
    let image = image(contents, object);
    match &item.only {
        None => ImportEntry::Object(image),
        Some(only) => {
            let shown = |name: &&Name| {
                contents.nature.selected.types.values().any(|t| t.contains_key(*name))
            };
            let changes = only.iter().filter(shown).map(|name| {
                let values = image.attributes.get(name);
                let change =
                    values.map_or(AttributeChange::Clear, |v| AttributeChange::Set(v.clone()));
                (name.clone(), change)
            });
            let changes = changes.collect();
            ImportEntry::Change { anchor: item.anchor.clone(), dn: Some(image.dn.clone()), changes }
        }
    }
}

/// The entry with what faults do to it; several, or none, where they do that.
fn distort(contents: &Contents, entry: ImportEntry, effects: &[Effect], page: &mut ImportPage) {
    let mut entry = entry;
    let mut times = 1;
    for effect in effects {
        match (effect, &mut entry) {
            (Effect::Hide, _) => return,
            (Effect::Twice, _) => times = 2,
            (Effect::Discovery { error_type, message }, entry) => {
                let object = match entry {
                    ImportEntry::Object(image) => image.dn.clone(),
                    ImportEntry::Change { anchor, .. } | ImportEntry::Deleted { anchor } => {
                        anchor.clone()
                    }
                };
                let (error_type, message) = (*error_type, message.clone());
                page.errors.push(DiscoveryError { error_type, object, message });
                return;
            }
            (Effect::Anchorless, ImportEntry::Object(image)) => image.anchor = None,
            (Effect::Show(literals), ImportEntry::Object(image)) => {
                image.attributes.apply(&made_up(contents, literals));
            }
            (Effect::ChangeOnly, ImportEntry::Object(image)) => {
                let changes = Attributes::new().changes_to(&image.attributes);
                let anchor = image.anchor.clone().unwrap_or_default();
                entry = ImportEntry::Change { anchor, dn: Some(image.dn.clone()), changes };
            }
            _ => {}
        }
    }
    page.entries.extend(std::iter::repeat_n(entry, times));
}

/// An entry that is in no system.
fn deliver(contents: &Contents, raw: &Raw) -> ImportEntry {
    let Raw { object, is_deletion } = raw;
    let anchor = object.anchor.clone();
    if *is_deletion {
        return ImportEntry::Deleted { anchor: anchor.or(object.dn.clone()).unwrap_or_default() };
    }
    let mut attributes = Attributes::new();
    attributes.apply(&made_up(contents, &object.attributes));
    let object_type = object.object_type.as_deref().map(Name::new);
    let only = || contents.nature.selected.types.keys().next().cloned();
    ImportEntry::Object(Image {
        object_type: object_type.or_else(only).unwrap_or_else(|| Name::new("")),
        dn: object.dn.clone().or(anchor.clone()).unwrap_or_default(),
        anchor,
        attributes,
    })
}

/// Values that a fault makes up.
pub(super) fn made_up(contents: &Contents, literals: &Literals) -> Changes {
    let change = |(name, literals): &(String, Vec<crate::document::Literal>)| {
        let value_type = contents.any_type(name);
        let values = literals.iter().filter_map(|literal| literal.to_value(value_type).ok());
        let change = Values::from_vec(values.collect());
        (Name::new(name), change.map_or(AttributeChange::Clear, AttributeChange::Set))
    };
    literals.iter().map(change).collect()
}

#[async_trait]
impl ImportSession for Read {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        self.pages += 1;
        let effects = self.system.strike(Event::Page, self.pages);
        if let Some(fate) = fate(&effects, false) {
            self.system.signal.seal(fate).await;
        }
        if let Some(error) = failed(&effects) {
            return Err(error);
        }
        let mut page = ImportPage::default();
        let mut contents = self.system.contents();
        let items: Vec<Item> =
            self.items.iter().skip(self.delivered).take(self.page_objects).cloned().collect();
        self.delivered += items.len();
        for item in &items {
            self.entries += 1;
            let style = contents.style();
            let is_object = |name: &str| {
                name == item.anchor
                    || item.dn.as_ref().is_some_and(|dn| style.key(dn) == style.key(name))
            };
            let effects = contents.faults.strike(Event::Entry, self.entries, is_object);
            let entry = entry(&contents, item);
            distort(&contents, entry, &effects, &mut page);
        }
        for effect in &effects {
            if let Effect::Deliver(raw) = effect {
                page.entries.extend(raw.iter().map(|raw| deliver(&contents, raw)));
            }
        }
        drop(contents);
        let incomplete = effects.iter().find_map(|effect| match effect {
            Effect::Incomplete(reason) => Some(Completeness::Incomplete { reason: reason.clone() }),
            _ => None,
        });
        let is_last = self.delivered >= self.items.len();
        page.end = incomplete.or_else(|| is_last.then(|| self.end()));
        Ok(page)
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        if let Some(error) = failed(&self.system.strike(Event::Fetch, 1)) {
            return Err(error);
        }
        let contents = self.system.contents();
        let item = |anchor: &String| Item { anchor: anchor.clone(), dn: None, only: None };
        Ok(anchors.iter().map(|anchor| entry(&contents, &item(anchor))).collect())
    }
}
