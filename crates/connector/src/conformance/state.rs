//! Reading through a connector and keeping what was read; writing and insisting on success.

use std::collections::BTreeMap;

use model::{Attributes, Changes, Image};

use super::{Broken, Fixture, Outcome, ensure};
use crate::{
    Completeness, Connector, ExportError, ExportKind, ExportOperation, ExportOutcome, ImportEntry,
    ImportKind,
};

/// Pages of one read before it counts as endless.
const PAGES_MAX: usize = 100_000;

/// Everything a connector has shown so far, and where its next delta begins.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) objects: BTreeMap<String, Image>,
    watermark: String,
}

impl State {
    /// Reads everything.
    pub(super) async fn full(fixture: &dyn Fixture) -> Result<Self, Broken> {
        let connector = fixture.connector();
        let (entries, end) = read(connector, ImportKind::Full).await?;
        let Completeness::Complete { watermark: Some(watermark) } = end else {
            return Err(Broken(format!("a full import ended with {end:?}")));
        };
        let mut objects = BTreeMap::new();
        for entry in entries {
            let ImportEntry::Object(image) = entry else {
                return Err(Broken(format!("a full import delivered {entry:?}")));
            };
            let anchor = check_image(connector, &image)?;
            let known = objects.insert(anchor.clone(), image);
            ensure(known.is_none(), || format!("{anchor} came twice in a quiet full import"))?;
        }
        Ok(Self { objects, watermark })
    }

    /// Reads what changed, takes it over, and returns the anchors it was about. Deletions of
    /// objects that were never shown are allowed and do not count.
    pub(super) async fn follow(&mut self, fixture: &dyn Fixture) -> Result<Vec<String>, Broken> {
        let connector = fixture.connector();
        let kind = ImportKind::Delta { watermark: self.watermark.clone() };
        let (entries, end) = read(connector, kind).await?;
        let Completeness::Delta { watermark } = end else {
            return Err(Broken(format!("a delta import ended with {end:?}")));
        };
        self.watermark = watermark;
        let mut anchors = Vec::new();
        for entry in entries {
            match entry {
                ImportEntry::Object(image) => {
                    let anchor = check_image(connector, &image)?;
                    self.objects.insert(anchor.clone(), image);
                    anchors.push(anchor);
                }
                ImportEntry::Change { anchor, dn, changes } => {
                    if let Some(image) = self.objects.get_mut(&anchor) {
                        image.attributes.apply(&changes);
                        image.dn = dn.unwrap_or_else(|| std::mem::take(&mut image.dn));
                        anchors.push(anchor);
                    } else if let Some(image) = fetch_one(connector, &anchor).await? {
                        self.objects.insert(anchor.clone(), image);
                        anchors.push(anchor);
                    }
                }
                ImportEntry::Deleted { anchor } => {
                    anchors.extend(self.objects.remove(&anchor).map(|_| anchor));
                }
            }
        }
        anchors.sort();
        anchors.dedup();
        Ok(anchors)
    }

    /// Follows, and insists that exactly the objects with `anchors` changed.
    pub(super) async fn follow_exactly(
        &mut self,
        fixture: &dyn Fixture,
        anchors: &[&str],
    ) -> Outcome {
        let mut expected: Vec<&str> = anchors.to_vec();
        expected.sort_unstable();
        let seen = self.follow(fixture).await?;
        ensure(seen == expected, || format!("the delta was about {seen:?}, not {expected:?}"))
    }

    /// Insists that a full import shows the same.
    pub(super) async fn equals_full(&self, fixture: &dyn Fixture) -> Outcome {
        let full = Self::full(fixture).await?;
        for (anchor, image) in &full.objects {
            let known = self.objects.get(anchor);
            ensure(known == Some(image), || {
                format!("deltas lead to {known:?}, a full import shows {image:?}")
            })?;
        }
        let gone = self.objects.keys().find(|anchor| !full.objects.contains_key(*anchor));
        ensure(gone.is_none(), || format!("a full import does not show {gone:?}"))
    }

    /// Insists that the object `anchor` is there with these attributes, apart from secrets.
    pub(super) fn shows(&self, anchor: &str, attributes: &Attributes) -> Outcome {
        let image = self.objects.get(anchor);
        let image = image.ok_or_else(|| Broken(format!("{anchor} is not shown")))?;
        for (name, values) in attributes.iter() {
            let shown = image.attributes.get(name);
            ensure(shown == Some(values), || {
                format!("{name} was exported as {values}, but imported as {shown:?}")
            })?;
        }
        Ok(())
    }

    /// Insists that the object `anchor` has this DN, in whatever spelling.
    pub(super) fn shows_dn(&self, fixture: &dyn Fixture, anchor: &str, dn: &str) -> Outcome {
        let key = |dn: &str| fixture.connector().capabilities().dn_style.key(dn);
        let shown = self.objects.get(anchor).map(|image| image.dn.as_str());
        ensure(shown.map(key) == Some(key(dn)), || {
            format!("{anchor} was given the DN {dn}, but has {shown:?}")
        })
    }
}

/// Everything that one read delivers. Errors of single entries are failures here: fixtures hold
/// nothing that cannot be read.
pub(super) async fn read(
    connector: &dyn Connector,
    kind: ImportKind,
) -> Result<(Vec<ImportEntry>, Completeness), Broken> {
    let mut session = connector.open_import(kind).await?;
    let mut entries = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = session.next_page().await?;
        if let Some(error) = page.errors.first() {
            return Err(Broken(format!("an entry could not be read: {error:?}")));
        }
        entries.extend(page.entries);
        if let Some(end) = page.end {
            return Ok((entries, end));
        }
    }
    Err(Broken("the import does not end".to_owned()))
}

/// The whole object with this anchor, which an engine asks for when it is told of a change to an
/// object that it does not know; none if it is gone by now.
async fn fetch_one(connector: &dyn Connector, anchor: &str) -> Result<Option<Image>, Broken> {
    let mut session = connector.open_import(ImportKind::Full).await?;
    match session.fetch(&[anchor.to_owned()]).await?.as_slice() {
        [ImportEntry::Object(image)] => {
            let shown = check_image(connector, image)?;
            ensure(shown == anchor, || format!("fetching {anchor} gave {shown}"))?;
            Ok(Some(image.clone()))
        }
        [ImportEntry::Deleted { anchor: gone }] if gone == anchor => Ok(None),
        other => Err(Broken(format!("fetching {anchor} gave {other:?}"))),
    }
}

/// Insists that an image keeps to the schema and shows no secret; returns its anchor.
fn check_image(connector: &dyn Connector, image: &Image) -> Result<String, Broken> {
    let anchor = image.anchor.clone().filter(|anchor| !anchor.is_empty());
    let anchor = anchor.ok_or_else(|| Broken(format!("{} has no anchor", image.dn)))?;
    ensure(!image.dn.is_empty(), || format!("{anchor} has no DN"))?;
    let schema = connector.schema().types.get(&image.object_type).ok_or_else(|| {
        Broken(format!("{anchor} has the type {}, which is not selected", image.object_type))
    })?;
    for (name, values) in image.attributes.iter() {
        let attribute = schema.get(name);
        let attribute =
            attribute.ok_or_else(|| Broken(format!("{name} is shown, but not selected")))?;
        ensure(!attribute.secret, || format!("the secret attribute {name} is shown"))?;
        ensure(attribute.multi_valued || values.len() == 1, || {
            format!("{name} is single-valued, but has {} values", values.len())
        })?;
        ensure(values.iter().all(|v| v.value_type() == attribute.value_type), || {
            format!("{name} has a value that is not of type {}", attribute.value_type)
        })?;
    }
    Ok(anchor)
}

/// The operation that creates an object.
pub(super) fn add(fixture: &dyn Fixture, number: u32) -> ExportOperation {
    ExportOperation {
        object_type: fixture.object_type(),
        dn: fixture.dn(number),
        anchor: None,
        kind: ExportKind::Add { attributes: fixture.attributes(number) },
        secrets: fixture.secrets(number),
        in_doubt: false,
    }
}

/// The operation that changes the object of `number` with this anchor.
pub(super) fn update(
    fixture: &dyn Fixture,
    (number, anchor): (u32, &str),
    changes: Changes,
) -> ExportOperation {
    ExportOperation {
        anchor: Some(anchor.to_owned()),
        kind: ExportKind::Update { changes, new_dn: None },
        secrets: BTreeMap::new(),
        ..add(fixture, number)
    }
}

/// The operation that deletes the object of `number` with this anchor.
pub(super) fn delete(fixture: &dyn Fixture, number: u32, anchor: &str) -> ExportOperation {
    let kind = ExportKind::Delete;
    ExportOperation { kind, ..update(fixture, (number, anchor), Changes::new()) }
}

/// Exports in one session and returns the outcomes, as many as there are operations.
pub(super) async fn export(
    fixture: &dyn Fixture,
    operations: &[ExportOperation],
) -> Result<Vec<ExportOutcome>, Broken> {
    let mut session = fixture.connector().open_export().await?;
    let batch = session.export(operations).await;
    if let Some(error) = batch.stopped {
        return Err(error.into());
    }
    ensure(batch.outcomes.len() == operations.len(), || {
        format!("{} operations had {} outcomes", operations.len(), batch.outcomes.len())
    })?;
    Ok(batch.outcomes)
}

/// Exports one operation, insists on success, and returns the anchor.
pub(super) async fn export_one(
    fixture: &dyn Fixture,
    operation: ExportOperation,
) -> Result<String, Broken> {
    let outcomes = export(fixture, &[operation]).await?;
    anchor_of(outcomes.into_iter().next())
}

/// The anchor of a success.
pub(super) fn anchor_of(outcome: Option<ExportOutcome>) -> Result<String, Broken> {
    match outcome {
        Some(ExportOutcome::Success { anchor: Some(anchor) }) => Ok(anchor),
        other => Err(Broken(format!("an export that must succeed ended with {other:?}"))),
    }
}

/// The error of a failure.
pub(super) fn error_of(outcome: Option<ExportOutcome>) -> Result<ExportError, Broken> {
    match outcome {
        Some(ExportOutcome::Failed(error)) => Ok(error),
        other => Err(Broken(format!("an export that must fail ended with {other:?}"))),
    }
}
