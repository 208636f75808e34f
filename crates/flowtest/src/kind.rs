//! The connector type `test`: a system that exists in tests only, with a schema of the author's own.
//!
//! It can be configured wherever another connector can; it is never connected to.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, Descriptor, ErrorKind, Problem,
    Secrets, Setting, SettingReader, Validated, Validation,
};
use model::{AttributeSchema, DnStyle, Name, ObjectSchema, Schema, ValueType};

use crate::similar;

/// The connector type `test`.
pub const DESCRIPTOR: Descriptor = Descriptor { type_name: "test", validate };

const SECTIONS: [&str; 2] = ["connectivity", "partitions"];

#[derive(Debug)]
struct Settings {
    schema: Schema,
    capabilities: Capabilities,
}

#[async_trait]
impl Validated for Settings {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn build(&self, _: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError> {
        let message = "a connector of type test exists in flow tests only";
        Err(ConnectorError::new(ErrorKind::Configuration, message))
    }
}

fn validate(config: &ConnectorConfig) -> Validation {
    let mut problems = Vec::new();
    for name in config.settings.keys().filter(|n| !SECTIONS.contains(&n.as_str())) {
        let message = format!("a test connector has no section {name}");
        problems.push(Problem { path: name.clone(), message, help: None });
    }
    let mut reader = SettingReader::section(config, "connectivity");
    let dn_style = match reader.text("dn_style") {
        None | Some("anchor") => DnStyle::Anchor,
        Some("ldap") => DnStyle::Ldap,
        Some(other) => {
            let message = format!("{other} is no way to name objects");
            reader.problem("dn_style", message, Some("\"anchor\" or \"ldap\"".to_owned()));
            DnStyle::Anchor
        }
    };
    let delta_import = reader.boolean("delta_import").unwrap_or(true);
    let schema = read_schema(&mut reader);
    problems.extend(reader.finish());
    let schema = select(config, &schema, &mut problems);
    let capabilities = Capabilities { dn_style, delta_import, export: config.export_allowed };
    if problems.is_empty() {
        return Ok(Arc::new(Settings { schema, capabilities }));
    }
    Err(problems)
}

/// Everything that the objects of a test connector can have; `None` for connectors of other types.
pub(crate) fn full_schema(type_name: &str, config: &ConnectorConfig) -> Option<Schema> {
    if type_name != DESCRIPTOR.type_name {
        return None;
    }
    Some(read_schema(&mut SettingReader::section(config, "connectivity")))
}

fn read_schema(reader: &mut SettingReader<'_>) -> Schema {
    let mut schema = Schema::default();
    let Some(setting) = reader.raw("schema") else {
        reader.missing("schema");
        return schema;
    };
    let Setting::Table(types) = setting else {
        reader.problem("schema", "schema must be a table of object types", None);
        return schema;
    };
    for (name, setting) in types {
        let Setting::Table(table) = setting else {
            reader.problem("schema", format!("{name} must be a table of attributes"), None);
            continue;
        };
        let attributes = table.iter().filter_map(|(attribute, setting)| {
            let read = read_attribute(setting);
            if read.is_none() {
                let types: Vec<&str> = ValueType::ALL.iter().map(|t| t.as_str()).collect();
                let help = format!(
                    "one of {}, or {{ type = …, multi = true, secret = true, read_only = true }}",
                    types.join(", ")
                );
                let path = format!("schema.{name}.{attribute}");
                reader.problem(&path, format!("{attribute} has no possible type"), Some(help));
            }
            Some((Name::new(attribute), read?))
        });
        let attributes: ObjectSchema = attributes.collect();
        schema.types.insert(Name::new(name), attributes);
    }
    schema
}

fn read_attribute(setting: &Setting) -> Option<AttributeSchema> {
    let table = match setting {
        Setting::Text(word) => return ValueType::parse(word).map(AttributeSchema::single),
        Setting::Table(table) => table,
        _ => return None,
    };
    let flag = |name: &str| match table.get(name) {
        None => Some(false),
        Some(Setting::Boolean(truth)) => Some(*truth),
        Some(_) => None,
    };
    let known = ["type", "multi", "secret", "read_only"];
    let Some(Setting::Text(word)) = table.get("type") else { return None };
    if table.keys().any(|key| !known.contains(&key.as_str())) {
        return None;
    }
    Some(AttributeSchema {
        value_type: ValueType::parse(word)?,
        multi_valued: flag("multi")?,
        writable: !flag("read_only")?,
        secret: flag("secret")?,
    })
}

/// The selected part of a schema. A type without a list of attributes has all of them.
fn select(config: &ConnectorConfig, full: &Schema, problems: &mut Vec<Problem>) -> Schema {
    let mut types = BTreeMap::new();
    for (name, selection) in &config.objects {
        let mut problem = |message: String, help: String| {
            problems.push(Problem { path: format!("objects.{name}"), message, help: Some(help) });
        };
        let Some(all) = full.types.get(name) else {
            let known: Vec<&str> = full.types.keys().map(Name::as_str).collect();
            problem(format!("the schema has no type {name}"), similar::advice(name, &known));
            continue;
        };
        if selection.attributes.is_empty() {
            types.insert(name.clone(), all.clone());
            continue;
        }
        let mut chosen = ObjectSchema::new();
        for attribute in &selection.attributes {
            if let Some(schema) = all.get(attribute) {
                chosen.insert(attribute.clone(), *schema);
                continue;
            }
            let known: Vec<&str> = all.keys().map(Name::as_str).collect();
            let help = similar::advice(attribute, &known);
            problem(format!("{name} has no attribute {attribute}"), help);
        }
        types.insert(name.clone(), chosen);
    }
    Schema { types }
}
