//! The connector's settings: read, checked, complete.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connector::{ConnectorConfig, ObjectSelection, Problem, SecretSource, Setting, SettingReader};
use model::{Guid, Name, ObjectSchema, Schema};
use net::Url;

use crate::schema::{self, ANCHOR, USER};

const DEFAULT_AUTHORITY: &str = "https://login.microsoftonline.com";
const DEFAULT_GRAPH: &str = "https://graph.microsoft.com";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(100);

/// Settings that passed their check.
#[derive(Debug, Clone)]
pub(crate) struct GraphSettings {
    /// The tenant's domain or id.
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) credential: CredentialSource,
    /// The sign-in service, without a trailing slash.
    pub(crate) authority: String,
    /// Graph, without a trailing slash and without a version.
    pub(crate) graph: String,
    pub(crate) api_version: &'static str,
    /// The file with the authorities to trust instead of the system's.
    pub(crate) ca: Option<PathBuf>,
    pub(crate) http_timeout: Duration,
    /// The selected properties of users; the anchor is always among them.
    pub(crate) schema: Arc<Schema>,
}

/// Where the proof of who we are comes from.
#[derive(Debug, Clone)]
pub(crate) enum CredentialSource {
    Secret(SecretSource),
    Certificate(SecretSource),
}

impl GraphSettings {
    /// Checks `config`.
    ///
    /// # Errors
    /// Every problem found.
    pub(crate) fn read(config: &ConnectorConfig) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let settings = read_sections(config, &mut problems);
        let schema = read_objects(config, &mut problems);
        match (settings, problems.is_empty()) {
            (Some(settings), true) => Ok(Self { schema: Arc::new(schema), ..settings }),
            _ => Err(problems),
        }
    }

    /// The value of `$select`: the anchor and every selected property, in name order.
    pub(crate) fn select(&self) -> String {
        let properties = self.schema.types.get(USER);
        let names: Vec<&str> = properties.into_iter().flatten().map(|(n, _)| n.as_str()).collect();
        names.join(",")
    }
}

/// Reads everything but the objects; `None` when there is no credential to speak of.
fn read_sections(config: &ConnectorConfig, problems: &mut Vec<Problem>) -> Option<GraphSettings> {
    for name in
        config.settings.keys().filter(|n| !["connectivity", "parameters"].contains(&n.as_str()))
    {
        problems.push(Problem {
            path: name.clone(),
            message: format!("the graph connector has no section {name}"),
            help: Some("known: connectivity, parameters".to_owned()),
        });
    }
    let mut reader = SettingReader::section(config, "connectivity");
    let tenant = read_tenant(&mut reader);
    let client_id = reader.required_text("client_id").to_lowercase();
    if !client_id.is_empty() && Guid::parse(&client_id).is_err() {
        reader.problem("client_id", "client_id must be the application's id, a GUID", None);
    }
    let credential = read_credential(config, &mut reader);
    let api_version = match reader.text("api_version") {
        None | Some("v1.0") => "v1.0",
        Some("beta") => "beta",
        Some(_) => {
            reader.problem("api_version", "api_version must be \"v1.0\" or \"beta\"", None);
            "v1.0"
        }
    };
    let authority = read_root(&mut reader, "authority", DEFAULT_AUTHORITY);
    let graph = read_root(&mut reader, "graph", DEFAULT_GRAPH);
    let ca = reader.text("ca").map(|file| config.folder.join(file));
    problems.extend(reader.finish());

    let mut reader = SettingReader::section(config, "parameters");
    let http_timeout = reader.time_limit("http_timeout", DEFAULT_TIMEOUT);
    if reader.text("datetime_format").is_some_and(|format| !is_datetime_format(format)) {
        let help = "for example %Y-%m-%dT%H:%M:%SZ".to_owned();
        reader.problem("datetime_format", "the format has an unknown % field", Some(help));
    }
    reader.boolean("force_change_password_at_next_sign_in");
    problems.extend(reader.finish());

    let schema = Arc::default();
    let credential = credential?;
    Some(GraphSettings {
        tenant,
        client_id,
        credential,
        authority,
        graph,
        api_version,
        ca,
        http_timeout,
        schema,
    })
}

fn read_tenant(reader: &mut SettingReader<'_>) -> String {
    let tenant = reader.required_text("tenant").to_lowercase();
    let is_name = tenant.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    if ["common", "organizations", "consumers"].contains(&tenant.as_str()) {
        let help = "an application signs in to one tenant".to_owned();
        reader.problem("tenant", format!("{tenant} is not a tenant"), Some(help));
    } else if !is_name {
        reader.problem("tenant", "tenant must be the tenant's domain or id", None);
    }
    tenant
}

fn read_credential(
    config: &ConnectorConfig,
    reader: &mut SettingReader<'_>,
) -> Option<CredentialSource> {
    let is_given = |name: &str| match config.settings.get("connectivity") {
        Some(Setting::Table(table)) => table.contains_key(name),
        _ => false,
    };
    let secret = reader.secret("client_secret").cloned();
    let certificate = reader.secret("client_certificate").cloned();
    match (is_given("client_secret"), is_given("client_certificate")) {
        (true, true) => {
            let message = "client_secret and client_certificate exclude each other";
            reader.problem("client_certificate", message, None);
        }
        (false, false) => reader.missing("client_secret or client_certificate"),
        _ => {}
    }
    secret.map(CredentialSource::Secret).or(certificate.map(CredentialSource::Certificate))
}

/// An address that tokens and secrets may be sent to: https, and nothing behind the host.
fn read_root(reader: &mut SettingReader<'_>, name: &'static str, default: &str) -> String {
    let text = reader.text(name).unwrap_or(default).trim_end_matches('/').to_owned();
    let is_root = Url::parse(&text).is_ok_and(|url| {
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        url.scheme() == "https" && is_bare && url.username().is_empty()
    });
    if !is_root {
        let message = format!("{name} must be an address such as {default}");
        reader.problem(name, message, Some("only https, without a path".to_owned()));
    }
    text
}

/// True if every `%` begins a field of strftime that makes sense for a moment in UTC.
fn is_datetime_format(format: &str) -> bool {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c == '%' && !chars.next().is_some_and(|field| "YmdHMSfzZT%".contains(field)) {
            return false;
        }
    }
    true
}

fn read_objects(config: &ConnectorConfig, problems: &mut Vec<Problem>) -> Schema {
    let mut problem = |path: String, message: String, help: Option<String>| {
        problems.push(Problem { path, message, help });
    };
    for name in config.objects.keys().filter(|n| *n != USER) {
        let message = format!("{name} is not an object type of the graph connector");
        problem(format!("objects.{name}"), message, Some(format!("known: {USER}")));
    }
    let Some(selection) = config.objects.get(USER) else {
        let message = format!("the object type {USER} is not selected");
        problem("objects".to_owned(), message, None);
        return Schema::default();
    };
    if selection.anchor.as_ref().is_some_and(|a| *a != ANCHOR) {
        let message = format!("the anchor of {USER} must be \"{ANCHOR}\"");
        problem(format!("objects.{USER}.anchor"), message, None);
    }
    let user = read_attributes(selection, &mut problem);
    Schema { types: [(Name::new(USER), user)].into() }
}

fn read_attributes(
    selection: &ObjectSelection,
    problem: &mut impl FnMut(String, String, Option<String>),
) -> ObjectSchema {
    let mut user = ObjectSchema::new();
    for name in std::iter::once(&Name::new(ANCHOR)).chain(&selection.attributes) {
        if let Some(attribute) = schema::attribute(name) {
            user.insert(name.clone(), attribute);
            continue;
        }
        let path = format!("objects.{USER}.attributes");
        if let Some(why) = schema::refusal(name) {
            problem(path, format!("{name} cannot be imported: {why}"), None);
            continue;
        }
        let similar = schema::similar(name);
        let help = (!similar.is_empty()).then(|| format!("did you mean {}?", similar.join(" or ")));
        problem(path, format!("{name} is not a property of {USER}"), help);
    }
    user
}
