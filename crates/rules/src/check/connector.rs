//! One connector: its settings, judged by the connector type; its filters, judged by its schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector::{ConnectorConfig, Descriptor, Problem, Validated};
use model::{Name, Schema};

use super::condition;
use super::run_profile;
use super::space::{Side, Space};
use crate::code;
use crate::config::ConnectorDocument;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::ConnectorSource;
use crate::similar;
use crate::source::Sources;

/// The connector type of the identity service, the only one whose resources map.
const SERVICE: &str = "service";

/// A connector that was checked.
pub(super) struct CheckedConnector {
    pub(super) document: ConnectorDocument,
    /// `None` after a problem.
    pub(super) validated: Option<Arc<dyn Validated>>,
}

/// Checks a connector's document; `None` if its type is not known.
pub(super) fn check(
    source: &ConnectorSource<'_>,
    sources: &Sources,
    descriptors: &[&Descriptor],
    found: &mut Vec<Diagnostic>,
) -> Option<CheckedConnector> {
    let type_name = source.type_name.as_ref()?;
    let descriptor = descriptors.iter().find(|d| d.type_name == type_name.value);
    let Some(descriptor) = descriptor else {
        let known: Vec<&str> = descriptors.iter().map(|d| d.type_name).collect();
        let message = format!("there is no connector type `{}`", type_name.value);
        let error = source.file.error(code::CONNECTOR_TYPE, type_name.span.clone(), message);
        found.push(error.with_help(similar::advice(&type_name.value, &known)));
        return None;
    };
    let objects = source.objects.iter().map(|o| (o.name.clone(), o.selection.clone()));
    let config = ConnectorConfig {
        name: source.name.clone(),
        settings: source.settings.clone(),
        objects: objects.collect(),
        export_allowed: source.export_allowed,
        folder: sources.folder.clone(),
    };
    let validated = match (descriptor.validate)(&config) {
        Ok(validated) => Some(validated),
        Err(problems) => {
            found.extend(problems.iter().map(|problem| refused(source, problem)));
            None
        }
    };
    let schema = validated.as_ref().map(|validated| validated.schema());
    let filters = check_filters(source, schema, found);
    let maps_to = check_mappings(source, found);
    let capabilities = validated.as_ref().map(|validated| validated.capabilities());
    let run_profiles = run_profile::check(source, capabilities, found);
    let document = ConnectorDocument {
        type_name: type_name.value.clone(),
        description: source.description.clone(),
        config,
        filters,
        maps_to,
        deprovisioning: source.deprovisioning,
        recall: source.recall,
        limits: source.limits.clone(),
        rule_parameters: source.rule_parameters.clone(),
        run_profiles,
    };
    Some(CheckedConnector { document, validated })
}

fn refused(source: &ConnectorSource<'_>, problem: &Problem) -> Diagnostic {
    let place = source.root.locate(&problem.path);
    let error = source.file.error(code::SETTING, place, problem.message.clone());
    error.with_help(problem.help.clone())
}

fn check_filters(
    source: &ConnectorSource<'_>,
    schema: Option<&Schema>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<Name, Vec<crate::ScopeGroup>> {
    let mut filters = BTreeMap::new();
    for object in source.objects.iter().filter(|object| !object.filters.is_empty()) {
        let side =
            Side::ConnectorSpace { connector: source.name.clone(), object: object.name.clone() };
        let space = Space { side, schema: schema.and_then(|s| s.types.get(&object.name)) };
        let scopes = object
            .filters
            .iter()
            .map(|conditions| condition::group(source.file, conditions, &space, found));
        filters.insert(object.name.clone(), scopes.collect());
    }
    filters
}

fn check_mappings(
    source: &ConnectorSource<'_>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<Name, Name> {
    let mut maps_to = BTreeMap::new();
    let is_service = source.type_name.as_ref().is_some_and(|t| t.value == SERVICE);
    for object in &source.objects {
        let Some(target) = &object.maps_to else { continue };
        if is_service {
            maps_to.insert(object.name.clone(), target.value.clone());
        } else {
            let message = "only the objects of a service connector map by themselves";
            let error = source.file.error(code::MAPPING, target.span.clone(), message);
            let help = "write synchronization rules for this connector".to_owned();
            found.push(error.with_help(help));
        }
    }
    maps_to
}

/// True if any of `found` is an error.
pub(super) fn has_errors(found: &[Diagnostic]) -> bool {
    found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
