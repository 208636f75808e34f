//! The kit finds what a connector does wrong: a toy that does everything right passes, and each of
//! its faults is found by the check that is there for it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use model::{
    AttributeChange, AttributeSchema, Dn, DnStyle, Image, Schema, Value, ValueType, Values,
};

use super::*;
use crate::{
    Capabilities, Completeness, ExportBatch, ExportError, ExportErrorType, ExportKind,
    ExportOperation, ExportOutcome, ExportSession, ImportEntry, ImportKind, ImportPage,
    ImportSession,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// No fault: a delta may tell of a new object by a change.
    MentionsNewObjects,
    DeniesWhatItMentions,
    KeepsClearedAttributes,
    IgnoresRenames,
    IgnoresRemovedValues,
    ForgetsDeletions,
    ForgetsToDelete,
    ShowsSecrets,
    CreatesAgainInDoubt,
    CallsDuplicatesErrors,
    AcceptsAnyWatermark,
    StopsAtAMissingParent,
    RepeatsOldChanges,
    EndsFullImportsEarly,
    KnowsEveryAnchor,
    IsIll,
}

/// Changes in their order: an anchor and the object as it became.
type Log = Vec<(String, Option<Image>)>;

#[derive(Debug, Clone)]
struct Toy {
    log: Arc<Mutex<Log>>,
    schema: Schema,
    fault: Fault,
}

impl Toy {
    fn new(fault: Fault) -> Self {
        let attributes = [
            (Name::new("text"), AttributeSchema::single(ValueType::String)),
            (Name::new("list"), AttributeSchema::multi(ValueType::String)),
            (Name::new("password"), AttributeSchema::single(ValueType::String).secret()),
        ];
        let schema = Schema { types: [(Name::new("person"), attributes.into())].into() };
        Self { log: Arc::default(), schema, fault }
    }

    fn present(&self) -> BTreeMap<String, Image> {
        let mut present = BTreeMap::new();
        for (anchor, image) in self.log.lock().unwrap().iter() {
            match image {
                Some(image) => present.insert(anchor.clone(), image.clone()),
                None => present.remove(anchor),
            };
        }
        present
    }

    fn write(&self, anchor: &str, image: Option<Image>) {
        self.log.lock().unwrap().push((anchor.to_owned(), image));
    }

    fn carry_out(&self, operation: &ExportOperation) -> Result<String, ExportErrorType> {
        let present = self.present();
        let by_dn = present.values().find(|image| image.dn == operation.dn);
        match &operation.kind {
            ExportKind::Add { attributes } => {
                if !operation.dn.ends_with(",OU=x") || operation.dn.contains("OU=missing") {
                    return Err(ExportErrorType::NonExistentParent);
                }
                let adopted = by_dn.filter(|_| operation.in_doubt);
                let adopted = adopted.filter(|_| self.fault != Fault::CreatesAgainInDoubt);
                if by_dn.is_some() && !operation.in_doubt {
                    return Err(match self.fault {
                        Fault::CallsDuplicatesErrors => ExportErrorType::CdError,
                        _ => ExportErrorType::CdExistingObject,
                    });
                }
                let new = format!("anchor-{}", self.log.lock().unwrap().len());
                let anchor = adopted.and_then(|image| image.anchor.clone()).unwrap_or(new);
                let mut attributes = attributes.clone();
                if self.fault == Fault::ShowsSecrets {
                    attributes.set_one("password", "p4ss");
                }
                let image = Image {
                    object_type: operation.object_type.clone(),
                    anchor: Some(anchor.clone()),
                    dn: operation.dn.clone(),
                    attributes,
                };
                self.write(&anchor, Some(image));
                Ok(anchor)
            }
            ExportKind::Update { changes, new_dn } => {
                let anchor = operation.anchor.clone().unwrap();
                let mut image =
                    present.get(&anchor).cloned().ok_or(ExportErrorType::CdMissingObject)?;
                let mut changes = changes.clone();
                if self.fault == Fault::KeepsClearedAttributes {
                    changes.retain(|_, change| *change != AttributeChange::Clear);
                }
                for change in changes.values_mut() {
                    if let (Fault::IgnoresRemovedValues, AttributeChange::Update { remove, .. }) =
                        (self.fault, change)
                    {
                        remove.clear();
                    }
                }
                image.attributes.apply(&changes);
                if let Some(dn) = new_dn.as_ref().filter(|_| self.fault != Fault::IgnoresRenames) {
                    image.dn.clone_from(dn);
                }
                self.write(&anchor, Some(image));
                Ok(anchor)
            }
            ExportKind::Delete => {
                let anchor = operation.anchor.clone().unwrap();
                if self.fault != Fault::ForgetsToDelete {
                    self.write(&anchor, None);
                }
                Ok(anchor)
            }
        }
    }
}

#[async_trait]
impl ExportSession for Toy {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let mut outcomes = Vec::new();
        for operation in operations {
            match self.carry_out(operation) {
                Ok(anchor) => outcomes.push(ExportOutcome::Success { anchor: Some(anchor) }),
                Err(ExportErrorType::NonExistentParent)
                    if self.fault == Fault::StopsAtAMissingParent =>
                {
                    outcomes.resize(operations.len(), ExportOutcome::NotSent);
                    let stopped = ConnectorError::new(ErrorKind::UnexpectedData, "no parent");
                    return ExportBatch { outcomes, stopped: Some(stopped) };
                }
                Err(error_type) => outcomes.push(ExportOutcome::Failed(ExportError {
                    error_type,
                    code: None,
                    message: String::new(),
                })),
            }
        }
        ExportBatch { outcomes, stopped: None }
    }
}

struct ToyImport {
    toy: Toy,
    since: Option<usize>,
}

#[async_trait]
impl ImportSession for ToyImport {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let fault = self.toy.fault;
        let log = self.toy.log.lock().unwrap().clone();
        let watermark = log.len().to_string();
        let Some(since) = self.since else {
            let entries = self.toy.present().into_values().map(ImportEntry::Object).collect();
            let end = Some(match fault {
                Fault::EndsFullImportsEarly => {
                    Completeness::Incomplete { reason: "tired".to_owned() }
                }
                _ => Completeness::Complete { watermark: Some(watermark) },
            });
            return Ok(ImportPage { entries, errors: Vec::new(), end });
        };
        let since = if fault == Fault::RepeatsOldChanges { 0 } else { since };
        let mentions = matches!(fault, Fault::MentionsNewObjects | Fault::DeniesWhatItMentions);
        let earlier: Vec<String> = log.iter().take(since).map(|(a, _)| a.clone()).collect();
        let entries = log.into_iter().skip(since).filter_map(|(anchor, image)| match image {
            Some(_) if mentions && !earlier.contains(&anchor) => {
                Some(ImportEntry::Change { anchor, dn: None, changes: BTreeMap::new() })
            }
            Some(image) => Some(ImportEntry::Object(image)),
            None if fault == Fault::ForgetsDeletions => None,
            None => Some(ImportEntry::Deleted { anchor }),
        });
        let end = Some(Completeness::Delta { watermark });
        Ok(ImportPage { entries: entries.collect(), errors: Vec::new(), end })
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        let present = self.toy.present();
        let any = present.values().next().cloned();
        let is_denied = self.toy.fault == Fault::DeniesWhatItMentions;
        let known = |anchor: &String| present.get(anchor).filter(|_| !is_denied).cloned();
        let fetch = |anchor: &String| match known(anchor) {
            Some(image) => ImportEntry::Object(image),
            None if self.toy.fault == Fault::KnowsEveryAnchor => {
                ImportEntry::Object(any.clone().unwrap())
            }
            None => ImportEntry::Deleted { anchor: anchor.clone() },
        };
        Ok(anchors.iter().map(fetch).collect())
    }
}

#[async_trait]
impl Connector for Toy {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: DnStyle::Ldap, delta_import: true, export: true }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        match self.fault {
            Fault::IsIll => Err(ConnectorError::new(ErrorKind::Connection, "not well")),
            _ => Ok(()),
        }
    }

    async fn open_import(
        &self,
        kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        let since = match kind {
            ImportKind::Full => None,
            ImportKind::Delta { watermark } => Some(match watermark.parse() {
                Ok(since) => since,
                Err(_) if self.fault == Fault::AcceptsAnyWatermark => 0,
                Err(_) => {
                    return Err(ConnectorError::new(ErrorKind::FullImportRequired, "unknown"));
                }
            }),
        };
        Ok(Box::new(ToyImport { toy: self.clone(), since }))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl Fixture for Toy {
    fn connector(&self) -> &dyn Connector {
        self
    }

    fn object_type(&self) -> Name {
        Name::new("person")
    }

    fn dn(&self, number: u32) -> String {
        Dn::parse("OU=x").unwrap().child("CN", &format!("p{number}")).to_string()
    }

    fn attributes(&self, _number: u32) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.set_one("text", "first");
        attributes.set(Name::new("list"), Values::from_vec(vec![Value::string("a")]));
        attributes
    }

    fn secrets(&self, _number: u32) -> BTreeMap<Name, Secret> {
        [(Name::new("password"), Secret::new("p4ss".to_owned()))].into()
    }

    fn text_attribute(&self) -> Name {
        Name::new("text")
    }

    fn multi_attribute(&self) -> Option<Name> {
        Some(Name::new("list"))
    }

    fn other_dn(&self, number: u32) -> Option<String> {
        Some(format!("CN=other{number},OU=x"))
    }

    fn orphan_dn(&self, number: u32) -> Option<String> {
        Some(format!("CN=p{number},OU=missing,OU=x"))
    }
}

fn outcome(fault: Fault) -> Result<(), Broken> {
    run_all(&Toy::new(fault)).now_or_never().expect("the toy never waits")
}

#[test]
fn a_faultless_connector_passes() {
    assert_eq!(outcome(Fault::None), Ok(()));
    assert_eq!(outcome(Fault::MentionsNewObjects), Ok(()));
}

#[test]
fn every_fault_is_found_by_the_check_for_it() {
    for (fault, check) in [
        (Fault::DeniesWhatItMentions, "an_added_object_is_confirmed"),
        (Fault::KeepsClearedAttributes, "a_cleared_attribute_is_confirmed"),
        (Fault::IgnoresRenames, "a_rename_is_confirmed"),
        (Fault::IgnoresRemovedValues, "added_and_removed_values_are_confirmed"),
        (Fault::ForgetsDeletions, "a_deletion_is_confirmed"),
        (Fault::ForgetsDeletions, "deltas_add_up_to_a_full_import"),
        (Fault::ForgetsToDelete, "a_deletion_is_confirmed"),
        (Fault::ShowsSecrets, "an_added_object_is_confirmed"),
        (Fault::CreatesAgainInDoubt, "an_add_in_doubt_adopts_what_is_there"),
        (Fault::CallsDuplicatesErrors, "a_duplicate_is_an_existing_object"),
        (Fault::AcceptsAnyWatermark, "a_watermark_of_another_kind_asks_for_a_full_import"),
        (Fault::StopsAtAMissingParent, "a_missing_parent_fails_one_object_only"),
        (Fault::RepeatsOldChanges, "a_delta_without_changes_is_empty"),
        (Fault::EndsFullImportsEarly, "a_full_import_is_complete"),
        (Fault::KnowsEveryAnchor, "an_unknown_anchor_is_deleted"),
        (Fault::IsIll, "a_healthy_system_is_found_healthy"),
    ] {
        let Broken(found) = outcome(fault).expect_err("the fault must be found");
        let is_named = found.lines().any(|line| line.starts_with(&format!("{check}: ")));
        assert!(is_named, "{fault:?}: {found}");
    }
}
