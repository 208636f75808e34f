//! Connector types with fixed schemas and a few settings, in place of the real ones.

use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, Descriptor, ErrorKind, Problem,
    Secrets, SettingReader, Validated, Validation,
};
use model::ValueType::{Binary, Boolean, DateTime, Integer, Reference, String};
use model::{AttributeSchema, DnStyle, Name, ObjectSchema, Schema};

/// Three types, and one that offers no delta import.
pub(crate) const DESCRIPTORS: [&Descriptor; 4] = [
    &Descriptor { type_name: "active-directory", validate: active_directory },
    &Descriptor { type_name: "csv", validate: csv },
    &Descriptor { type_name: "graph", validate: graph },
    &Descriptor { type_name: "service", validate: service },
];

const TEXT: AttributeSchema = AttributeSchema::single(String);

const AD_USER: &[(&str, AttributeSchema)] = &[
    ("adminDescription", TEXT),
    ("description", TEXT),
    ("displayName", TEXT),
    ("employeeNumber", TEXT),
    ("givenName", TEXT),
    ("mail", TEXT),
    ("manager", AttributeSchema::single(Reference)),
    ("objectSid", AttributeSchema::single(Binary).read_only()),
    ("otherMailbox", AttributeSchema::multi(String)),
    ("sAMAccountName", TEXT),
    ("sn", TEXT),
    ("unicodePwd", AttributeSchema::single(Binary).secret()),
    ("userAccountControl", AttributeSchema::single(Integer)),
    ("userPrincipalName", TEXT),
    ("whenCreated", AttributeSchema::single(DateTime).read_only()),
];
const GRAPH_USER: &[(&str, AttributeSchema)] = &[
    ("accountEnabled", AttributeSchema::single(Boolean)),
    ("displayName", TEXT),
    ("givenName", TEXT),
    ("id", TEXT.read_only()),
    ("mail", TEXT),
    ("mobilePhone", TEXT),
    ("otherMails", AttributeSchema::multi(String)),
    ("surname", TEXT),
    ("userPrincipalName", TEXT),
    ("userType", TEXT),
];
const PERSON: &[(&str, AttributeSchema)] = &[
    ("AccountName", TEXT),
    ("DisplayName", TEXT),
    ("Domain", TEXT),
    ("Email", TEXT),
    ("EmployeeType", TEXT),
    ("FirstName", TEXT),
    ("LastName", TEXT),
    ("MVObjectID", TEXT),
    ("MobilePhone", TEXT),
    ("ObjectSID", AttributeSchema::single(Binary)),
    ("UserType", TEXT),
];
const RULE: &[(&str, AttributeSchema)] = &[
    ("ConnectedObjectType", TEXT),
    ("ConnectedSystem", TEXT),
    ("Definition", TEXT),
    ("DisplayName", TEXT),
    ("FlowType", AttributeSchema::single(Integer)),
    ("ILMObjectType", TEXT),
    ("MVObjectID", TEXT),
    ("Precedence", AttributeSchema::single(Integer)),
];

#[derive(Debug)]
struct Stub {
    capabilities: Capabilities,
    schema: Schema,
}

#[async_trait]
impl Validated for Stub {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn build(&self, _secrets: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError> {
        Err(ConnectorError::new(ErrorKind::Configuration, "a stub connects to nothing"))
    }
}

fn active_directory(config: &ConnectorConfig) -> Validation {
    let mut reader = SettingReader::section(config, "connectivity");
    reader.texts("servers");
    reader.raw("bind");
    reader.text("ca");
    let problems = reader.finish();
    let types: &[Type] = &[("user", AD_USER), ("container", &[])];
    finish(config, types, (DnStyle::Ldap, true), problems)
}

fn graph(config: &ConnectorConfig) -> Validation {
    let mut reader = SettingReader::section(config, "connectivity");
    reader.required_text("tenant");
    reader.required_text("client_id");
    reader.secret("client_secret");
    reader.text("api_version");
    let problems = reader.finish();
    finish(config, &[("user", GRAPH_USER)], (DnStyle::Anchor, true), problems)
}

fn service(config: &ConnectorConfig) -> Validation {
    let types: &[Type] = &[("Person", PERSON), ("SynchronizationRule", RULE)];
    finish(config, types, (DnStyle::Anchor, true), Vec::new())
}

fn csv(config: &ConnectorConfig) -> Validation {
    finish(config, &[("person", GRAPH_USER)], (DnStyle::Anchor, false), Vec::new())
}

type Type = (&'static str, &'static [(&'static str, AttributeSchema)]);

fn finish(
    config: &ConnectorConfig,
    types: &[Type],
    (dn_style, delta_import): (DnStyle, bool),
    mut problems: Vec<Problem>,
) -> Validation {
    let mut schema = Schema::default();
    for (name, selection) in &config.objects {
        let Some((_, known)) = types.iter().find(|(known, _)| name == known) else {
            let path = format!("objects.{name}");
            problems.push(Problem { path, message: format!("no object type {name}"), help: None });
            continue;
        };
        let known: ObjectSchema = known.iter().map(|(n, s)| (Name::new(n), *s)).collect();
        for attribute in selection.attributes.iter().filter(|a| !known.contains_key(*a)) {
            problems.push(Problem {
                path: format!("objects.{name}.attributes"),
                message: format!("{name} has no attribute {attribute}"),
                help: None,
            });
        }
        let all = selection.attributes.is_empty();
        let selected = known
            .into_iter()
            .filter(|(n, _)| all || *n == "MVObjectID" || selection.attributes.contains(n));
        schema.types.insert(name.clone(), selected.collect());
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let capabilities = Capabilities { dn_style, delta_import, export: config.export_allowed };
    Ok(Arc::new(Stub { capabilities, schema }))
}
