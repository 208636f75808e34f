//! A scenario written down as the configuration of a deployment.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, Descriptor, ErrorKind, Secrets,
    Validated, Validation,
};
use model::{AttributeSchema, DnStyle, Name, Schema, ValueType};
use rules::{SourceFile, Sources};

use super::{
    CONTAINER, Condition, ConnectorSpec, Deletion, Deprovisioning, PERSON, Rule, SECRET,
    SECRET_MARK, Scenario, Source, TAGS, TEXTS, TYPES, Test,
};

/// Up to so many objects of a transaction are said in run profiles.
const SMALL_OBJECTS_MAX: usize = 50;
/// What the names of such run profiles begin with.
const SMALL: &str = "small-";

/// The connector types of the simulation.
pub(crate) const DESCRIPTORS: [&Descriptor; 2] = [
    &Descriptor { type_name: "tree", validate: |config| validate(config, DnStyle::Ldap) },
    &Descriptor { type_name: "flat", validate: |config| validate(config, DnStyle::Anchor) },
];

#[derive(Debug)]
struct Settings {
    schema: Schema,
    style: DnStyle,
}

#[async_trait]
impl Validated for Settings {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: self.style, delta_import: true, export: true }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn build(&self, _: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError> {
        Err(ConnectorError::new(ErrorKind::Configuration, "the simulation makes its own systems"))
    }
}

fn validate(config: &ConnectorConfig, style: DnStyle) -> Validation {
    let mut schema = Schema::default();
    for (object_type, selection) in &config.objects {
        let attributes = selection.attributes.iter().map(|name| (name.clone(), attribute(name)));
        schema.types.insert(object_type.clone(), attributes.collect());
    }
    Ok(Arc::new(Settings { schema, style }))
}

fn attribute(name: &Name) -> AttributeSchema {
    match name.as_str() {
        TAGS => AttributeSchema::multi(ValueType::String),
        SECRET => AttributeSchema::single(ValueType::String).secret(),
        _ => AttributeSchema::single(ValueType::String),
    }
}

/// The files of a scenario. Without `limits` no connector limits deletions.
pub(crate) fn documents(scenario: &Scenario, limits: bool) -> Sources {
    let mut files = vec![
        file("proxeny.toml".to_owned(), "version = 1\n".to_owned()),
        file("metaverse.toml".to_owned(), metaverse(scenario)),
    ];
    for connector in &scenario.connectors {
        let path = format!("connectors/{}.toml", connector.name);
        let text = self::connector(connector, limits) + &small_profiles(scenario.batch_objects);
        files.push(file(path, text));
    }
    for rule in &scenario.rules {
        files.push(file(format!("rules/{}.toml", rule.name), self::rule(scenario, rule)));
    }
    Sources { folder: PathBuf::new(), files }
}

const fn file(path: String, text: String) -> SourceFile {
    SourceFile { path, text }
}

fn metaverse(scenario: &Scenario) -> String {
    let names = |places: &[usize]| {
        let name = |place: &usize| scenario.connectors.get(*place).map(|c| quoted(&c.name));
        places.iter().filter_map(name).collect::<Vec<_>>().join(", ")
    };
    let deletion = match &scenario.deletion {
        Deletion::Last(excluding) => {
            format!("{{ rule = \"last\", excluding = [{}] }}", names(excluding))
        }
        Deletion::Any(any) => format!("{{ rule = \"any\", connectors = [{}] }}", names(any)),
    };
    let mut text = format!("[types.{PERSON}]\ndeletion = {deletion}\n\n");
    let _infallible = writeln!(text, "[types.{PERSON}.attributes]");
    for name in ["key", "a", "b", "c", "flag", "k1", "k2"] {
        let _infallible = writeln!(text, "{name} = {{ type = \"string\" }}");
    }
    let _infallible = writeln!(text, "{TAGS} = {{ type = \"string\", multi = true }}");
    text
}

fn connector(connector: &ConnectorSpec, limits: bool) -> String {
    let is_tree = connector.style == DnStyle::Ldap;
    let mut text = format!("type = {}\n", quoted(if is_tree { "tree" } else { "flat" }));
    if is_tree {
        let _infallible = writeln!(text, "\n[[partitions]]\ndn = \"{CONTAINER}\"");
        let _infallible = writeln!(text, "[[partitions]]\ndn = \"OU=Side\"");
        let _infallible = writeln!(text, "\n[objects.container]");
    }
    let attributes: Vec<String> = TEXTS.into_iter().chain([TAGS, SECRET]).map(quoted).collect();
    for object_type in TYPES {
        let list = attributes.join(", ");
        let _infallible = writeln!(text, "\n[objects.{object_type}]\nattributes = [{list}]");
        for (_, condition) in connector.filters.iter().filter(|(kind, _)| *kind == object_type) {
            let condition = self::condition(condition);
            let _infallible =
                writeln!(text, "[[objects.{object_type}.filter]]\nall = [{condition}]");
        }
    }
    let action = match connector.deprovisioning {
        Deprovisioning::Disconnect => "make-disconnector",
        Deprovisioning::DisconnectForGood => "make-explicit-disconnector",
        Deprovisioning::Delete => "delete",
    };
    let _infallible = writeln!(text, "\n[deprovisioning]\naction = \"{action}\"");
    if let Some(count) = connector.deletions_max.filter(|_| limits) {
        let _infallible = writeln!(text, "\n[limits]\ndeletes = {{ count = {count} }}");
    }
    text
}

/// Run profiles with transactions as small as the scenario has them.
fn small_profiles(objects: usize) -> String {
    if objects > SMALL_OBJECTS_MAX {
        return String::new();
    }
    let mut text = String::new();
    for profile in ["full-import", "delta-import", "export"] {
        let _infallible = writeln!(
            text,
            "\n[run_profiles.{SMALL}{profile}]\nsteps = [{{ type = \"{profile}\", batch_size = \
             {objects} }}]"
        );
    }
    text
}

/// The run profile of a scenario that does what one of the built-in ones does.
pub(crate) fn profile_name(scenario: &Scenario, profile: &str) -> String {
    let is_small = scenario.batch_objects <= SMALL_OBJECTS_MAX && !profile.ends_with("sync");
    if is_small { format!("{SMALL}{profile}") } else { profile.to_owned() }
}

fn rule(scenario: &Scenario, rule: &Rule) -> String {
    let connector = scenario.connectors.get(rule.connector).map_or("", |c| c.name.as_str());
    let direction = if rule.inbound { "inbound" } else { "outbound" };
    let creates = if rule.inbound { "create_in_metaverse" } else { "create_in_connected_system" };
    let scope: Vec<String> = rule.scope.iter().map(condition).collect();
    let mut text = format!(
        "name = {}\ndirection = \"{direction}\"\nconnector = {}\nobject = {}\nmetaverse = \
         \"{PERSON}\"\nprecedence = {}\nscope = [{}]\n{creates} = {}\n",
        quoted(&rule.name),
        quoted(connector),
        quoted(rule.object),
        rule.precedence,
        scope.join(", "),
        rule.creates,
    );
    if rule.joins {
        text.push_str("relationship = [{ metaverse = \"key\", object = \"key\" }]\n");
    }
    if !rule.inbound {
        let word = if rule.disconnects { "disconnect" } else { "leave" };
        let _infallible = writeln!(text, "when_out_of_scope = \"{word}\"");
    }
    for flow in &rule.flows {
        let _infallible = writeln!(text, "[[flow]]\nto = {}", quoted(flow.to));
        let _infallible = writeln!(text, "from = '{}'", source(&flow.from));
        if flow.initial {
            text.push_str("initial = true\n");
        }
        if flow.allow_null {
            text.push_str("allow_null = true\n");
        }
    }
    text
}

fn condition(condition: &Condition) -> String {
    let attribute = quoted(condition.attribute);
    let (operator, value) = match condition.test {
        Test::Equal(text) => ("equal", Some(text)),
        Test::NotEqual(text) => ("not-equal", Some(text)),
        Test::StartsWith(text) => ("starts-with", Some(text)),
        Test::Present => ("present", None),
    };
    let value = value.map(|text| format!(", value = {}", quoted(text))).unwrap_or_default();
    format!("{{ attribute = {attribute}, operator = \"{operator}\"{value} }}")
}

fn source(source: &Source) -> String {
    match source {
        Source::Attribute(name) => (*name).to_owned(),
        Source::Upper(name) => format!("UpperCase({name})"),
        Source::Prefixed(prefix, name) => format!("\"{prefix}\"+{name}"),
        Source::Constant(text) => format!("\"{text}\""),
        Source::Name(name) => format!("\"CN=\"+{name}+\",{CONTAINER}\""),
        Source::Secret => format!("\"{SECRET_MARK}\"+RandomNum(1000000,9999999)"),
    }
}

/// Text in quotation marks; the simulation's has none of its own.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
