//! `connectors/NAME.toml`: a connector's type, settings, objects, filters and limits.

use std::collections::BTreeMap;

use connector::{ObjectSelection, Setting};
use model::{Name, Value};

use super::condition::{self, ConditionDocument};
use super::run_profile::{self, RunProfileSource};
use super::{limits, value};
use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node::{Entry, Node, NodeKind, Spanned};
use crate::reader::Reader;
use crate::{Deprovisioning, KindLimits, Limits, parameter};

/// Sections that the connector type reads.
const SETTINGS: [&str; 3] = ["connectivity", "parameters", "partitions"];

/// One selected object type.
#[derive(Debug)]
pub(crate) struct ObjectDocument {
    pub(crate) name: Name,
    pub(crate) selection: ObjectSelection,
    pub(crate) maps_to: Option<Spanned<Name>>,
    /// Alternatives, each with conditions that must all hold.
    pub(crate) filters: Vec<Vec<ConditionDocument>>,
    pub(crate) limits: KindLimits,
}

/// The document.
#[derive(Debug)]
pub(crate) struct ConnectorSource<'a> {
    pub(crate) file: File<'a>,
    pub(crate) name: Name,
    /// The document as a tree, to find the places of what the connector type refuses.
    pub(crate) root: Node,
    pub(crate) type_name: Option<Spanned<String>>,
    pub(crate) description: String,
    pub(crate) settings: BTreeMap<String, Setting>,
    pub(crate) objects: Vec<ObjectDocument>,
    pub(crate) export_allowed: bool,
    pub(crate) deprovisioning: Deprovisioning,
    pub(crate) recall: bool,
    pub(crate) limits: Limits,
    /// What the administrator lets expressions read as `%name%`.
    pub(crate) rule_parameters: BTreeMap<Name, Value>,
    pub(crate) run_profiles: Vec<RunProfileSource>,
}

/// Reads the document.
pub(super) fn read<'a>(
    file: File<'a>,
    name: &str,
    root: Node,
    found: &mut Vec<Diagnostic>,
) -> ConnectorSource<'a> {
    let mut reader = Reader::root(file, &root);
    let type_name = reader.required_text("type");
    let type_name = type_name.map(|t| Spanned { value: t.value.to_owned(), span: t.span });
    let description = reader.text("description").map_or("", |t| t.value).to_owned();
    let mut settings = BTreeMap::new();
    for section in SETTINGS {
        if let Some(entry) = reader.entry(section)
            && let Some(setting) = read_setting(&mut reader, section, &entry.node)
        {
            settings.insert(section.to_owned(), setting);
        }
    }
    let objects = reader.named("objects");
    let objects: Vec<ObjectDocument> =
        objects.iter().filter_map(|entry| read_object(&mut reader, entry)).collect();
    let (deprovisioning, recall) = read_deprovisioning(&mut reader);
    let export_allowed = read_access(&mut reader);
    let mut rule_parameters = BTreeMap::new();
    for entry in reader.named("rule_parameters") {
        read_rule_parameter(&mut reader, &entry.key, entry, &mut rule_parameters);
    }
    let by_type = objects.iter().filter(|object| !object.limits.is_empty());
    let by_type = by_type.map(|object| (object.name.clone(), object.limits.clone())).collect();
    let limits = Limits { all: limits::read(&mut reader), by_type };
    let run_profiles = run_profile::read(&mut reader);
    reader.finish(found);
    ConnectorSource {
        file,
        name: Name::new(name),
        root,
        type_name,
        description,
        settings,
        objects,
        export_allowed,
        deprovisioning,
        recall,
        limits,
        rule_parameters,
        run_profiles,
    }
}

fn read_object<'a>(reader: &mut Reader<'a>, entry: &'a Entry) -> Option<ObjectDocument> {
    let mut table = reader.table_in(&format!("objects.{}", entry.key), &entry.node)?;
    let attributes = table.texts("attributes").iter().map(|t| Name::new(t.value)).collect();
    let anchor = table.text("anchor").map(|t| Name::new(t.value));
    let maps_to = table.text("maps_to");
    let maps_to = maps_to.map(|t| Spanned { value: Name::new(t.value), span: t.span });
    let mut filters = Vec::new();
    for alternative in table.tables("filter") {
        filters.push(condition::read_group(&mut table, alternative, "a filter"));
    }
    let limits = limits::read(&mut table);
    reader.absorb(table);
    let selection = ObjectSelection { attributes, anchor };
    Some(ObjectDocument { name: Name::new(&entry.key), selection, maps_to, filters, limits })
}

/// What becomes of objects that are let go, and whether what they contributed goes, too.
fn read_deprovisioning(reader: &mut Reader<'_>) -> (Deprovisioning, bool) {
    let Some(mut table) = reader.table("deprovisioning") else {
        return (Deprovisioning::default(), true);
    };
    let recall = table.boolean("recall");
    // One of the two has to be said.
    let action = match recall {
        Some(_) => table.word("action", &Deprovisioning::ALL),
        None => table.required_word("action", &Deprovisioning::ALL),
    };
    reader.absorb(table);
    (action.map(|action| action.value).unwrap_or_default(), recall.unwrap_or(true))
}

fn read_access(reader: &mut Reader<'_>) -> bool {
    let Some(mut table) = reader.table("access") else { return true };
    let export = table.boolean("export");
    reader.absorb(table);
    export.unwrap_or(true)
}

fn read_rule_parameter(
    reader: &mut Reader<'_>,
    name: &str,
    entry: &Entry,
    parameters: &mut BTreeMap<Name, Value>,
) {
    let value = match &entry.node.kind {
        NodeKind::Table(entries) => {
            for inner in entries {
                let name = format!("{name}.{}", inner.key);
                read_rule_parameter(reader, &name, inner, parameters);
            }
            return;
        }
        NodeKind::Text(text) => Value::string(text),
        NodeKind::Integer(number) => Value::Integer(*number),
        NodeKind::Boolean(truth) => Value::Boolean(*truth),
        NodeKind::List(_) | NodeKind::Other(_) => {
            let message = format!(
                "`rule_parameters.{name}` must be text, a whole number, true or false, not {}",
                entry.node.describe()
            );
            let place = entry.node.span.clone();
            reader.report(reader.file.error(code::WRONG_TYPE, place, message));
            return;
        }
    };
    if let Some(message) = parameter::refuse(name, &value) {
        reader.report(reader.file.error(code::BAD_VALUE, entry.key_span.clone(), message));
    } else if parameters.insert(Name::new(name), value).is_some() {
        let message = format!("a second parameter `{name}`");
        reader.report(reader.file.error(code::BAD_VALUE, entry.key_span.clone(), message));
    }
}

fn read_setting(reader: &mut Reader<'_>, what: &str, node: &Node) -> Option<Setting> {
    match &node.kind {
        NodeKind::Text(text) => Some(Setting::Text(text.clone())),
        NodeKind::Integer(number) => Some(Setting::Integer(*number)),
        NodeKind::Boolean(truth) => Some(Setting::Boolean(*truth)),
        NodeKind::Other(kind) => {
            let message = format!("`{what}` must not be {kind}: no setting is");
            reader.report(reader.file.error(code::WRONG_TYPE, node.span.clone(), message));
            None
        }
        NodeKind::List(items) => {
            let items = items.iter().filter_map(|item| read_setting(reader, what, item));
            Some(Setting::List(items.collect()))
        }
        NodeKind::Table(entries) if value::is_reference(entries) => {
            value::secret_in(reader, what, node).map(Setting::Secret)
        }
        NodeKind::Table(entries) => {
            let mut table = BTreeMap::new();
            for entry in entries {
                let path = format!("{what}.{}", entry.key);
                if let Some(setting) = read_setting(reader, &path, &entry.node) {
                    table.insert(entry.key.clone(), setting);
                }
            }
            Some(Setting::Table(table))
        }
    }
}
