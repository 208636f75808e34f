//! The connector's settings: read, checked, complete.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connector::{ConnectorConfig, Problem, SecretSource, Setting, SettingReader};
use model::{Dn, Name, ObjectSchema, Schema};
use net::Url;

use crate::schema;
use crate::scope::{Partition, Scope};

/// The first rows of a large `DirSync` answer take a domain controller most of this time.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

const SECTIONS: [&str; 2] = ["connectivity", "partitions"];

/// A domain controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) url: Url,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// Settings that passed their check.
#[derive(Debug, Clone)]
pub(crate) struct LdapSettings {
    /// In order of preference.
    pub(crate) servers: Vec<Server>,
    pub(crate) user: String,
    pub(crate) password: SecretSource,
    /// The file with the authorities to trust instead of the system's.
    pub(crate) ca: Option<PathBuf>,
    /// How long one answer may take.
    pub(crate) timeout: Duration,
    pub(crate) scope: Arc<Scope>,
    pub(crate) schema: Arc<Schema>,
    pub(crate) export_allowed: bool,
}

impl LdapSettings {
    /// Checks `config`.
    ///
    /// # Errors
    /// Every problem found.
    pub(crate) fn read(config: &ConnectorConfig) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        for name in config.settings.keys().filter(|n| !SECTIONS.contains(&n.as_str())) {
            problems.push(Problem {
                path: name.clone(),
                message: format!("the active-directory connector has no section {name}"),
                help: Some(format!("known: {}", SECTIONS.join(", "))),
            });
        }
        let mut reader = SettingReader::section(config, "connectivity");
        let servers = read_servers(&mut reader);
        let bind = read_bind(&mut reader, &mut problems);
        let ca = reader.text("ca").map(|file| config.folder.join(file));
        let timeout = reader.time_limit("timeout", DEFAULT_TIMEOUT);
        problems.extend(reader.finish());
        let partitions = read_partitions(config, &mut problems);
        let schema = read_objects(config, &mut problems);
        match (bind, problems.is_empty()) {
            (Some((user, password)), true) => Ok(Self {
                servers,
                user,
                password,
                ca,
                timeout,
                scope: Arc::new(Scope::new(partitions)),
                schema: Arc::new(schema),
                export_allowed: config.export_allowed,
            }),
            _ => Err(problems),
        }
    }
}

fn read_servers(reader: &mut SettingReader<'_>) -> Vec<Server> {
    let mut servers = Vec::new();
    let texts = reader.texts("servers");
    if texts.is_empty() {
        reader.missing("servers");
    }
    for text in texts {
        if let Some(server) = parse_server(text) {
            servers.push(server);
            continue;
        }
        let is_plain = text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("ldap://"));
        let why = if is_plain {
            format!("{text} would send the password in the clear")
        } else {
            format!("{text} is not the address of a domain controller")
        };
        let help = "for example ldaps://dc1.contoso.com, with a name of its certificate".to_owned();
        reader.problem("servers", why, Some(help));
    }
    servers
}

/// `ldaps://name` or `ldaps://name:port`, and nothing else: what stands behind it in an LDAP URL
/// (RFC 4516) has its place in other settings.
fn parse_server(text: &str) -> Option<Server> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    let host = url.host_str().filter(|host| !host.is_empty() && !host.starts_with('['))?;
    let host = host.to_owned();
    let port = url.port().unwrap_or(636);
    (url.scheme() == "ldaps" && is_bare).then_some(Server { url, host, port })
}

fn read_bind(
    reader: &mut SettingReader<'_>,
    problems: &mut Vec<Problem>,
) -> Option<(String, SecretSource)> {
    match reader.raw("bind") {
        None => {
            reader.missing("bind");
            None
        }
        Some(Setting::Table(table)) => {
            let mut bind = SettingReader::table("connectivity.bind".to_owned(), table);
            let user = bind.required_text("user").to_owned();
            let password = bind.secret("password").cloned();
            if !table.contains_key("password") {
                bind.missing("password");
            }
            if table.contains_key("user") && user.is_empty() {
                bind.problem("user", "user is empty, which would be an anonymous sign-in", None);
            }
            problems.extend(bind.finish());
            password.map(|password| (user, password))
        }
        Some(_) => {
            let help =
                "bind = { user = \"CN=svc,DC=contoso,DC=com\", password = { env = \"NAME\" } }";
            reader.problem("bind", "bind must be a table", Some(help.to_owned()));
            None
        }
    }
}

fn read_partitions(config: &ConnectorConfig, problems: &mut Vec<Problem>) -> Vec<Partition> {
    let problem = |message: &str| Problem {
        path: "partitions".to_owned(),
        message: message.to_owned(),
        help: Some("[[partitions]] with dn = \"DC=contoso,DC=com\"".to_owned()),
    };
    let list = match config.settings.get("partitions") {
        Some(Setting::List(list)) if !list.is_empty() => list,
        None => {
            problems.push(problem("no partition is selected"));
            return Vec::new();
        }
        Some(_) => {
            problems.push(problem("partitions must be a list of tables"));
            return Vec::new();
        }
    };
    let mut partitions: Vec<Partition> = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let Setting::Table(table) = item else {
            problems.push(problem("partitions must be a list of tables"));
            continue;
        };
        let mut reader = SettingReader::table(format!("partitions.{index}"), table);
        let partition = read_partition(&mut reader);
        let key = |dn: &str| model::DnStyle::Ldap.key(dn);
        if partitions.iter().any(|known| key(&known.dn) == key(&partition.dn)) {
            reader.problem("dn", format!("{} is selected twice", partition.dn), None);
        }
        partitions.push(partition);
        problems.extend(reader.finish());
    }
    partitions
}

fn read_partition(reader: &mut SettingReader<'_>) -> Partition {
    let dn = reader.required_text("dn").to_owned();
    let texts: Vec<String> =
        reader.texts("containers").into_iter().map(ToOwned::to_owned).collect();
    let root = match Dn::parse(&dn) {
        Ok(root) => root,
        Err(error) => {
            reader.problem("dn", error.to_string(), None);
            return Partition { dn, containers: Vec::new() };
        }
    };
    let mut containers: Vec<Dn> = Vec::new();
    for text in &texts {
        match Dn::parse(text) {
            Err(error) => reader.problem("containers", format!("{text}: {error}"), None),
            Ok(container) if !container.is_within(&root) => {
                reader.problem("containers", format!("{text} is not within {dn}"), None);
            }
            Ok(container) => {
                let overlaps =
                    |known: &Dn| known.is_within(&container) || container.is_within(known);
                if let Some(known) = containers.iter().find(|known| overlaps(known)) {
                    let message = format!("{text} and {known} overlap");
                    let help = "a container includes everything below it".to_owned();
                    reader.problem("containers", message, Some(help));
                }
                containers.push(container);
            }
        }
    }
    let containers = if texts.is_empty() { vec![dn.clone()] } else { texts };
    Partition { dn, containers }
}

fn read_objects(config: &ConnectorConfig, problems: &mut Vec<Problem>) -> Schema {
    let mut types = std::collections::BTreeMap::new();
    let mut problem = |path: String, message: String, help: Option<String>| {
        problems.push(Problem { path, message, help });
    };
    if config.objects.is_empty() {
        problem("objects".to_owned(), "no object type is selected".to_owned(), None);
    }
    for (name, selection) in &config.objects {
        let path = format!("objects.{name}");
        if schema::object_type(name).is_none() {
            let known: Vec<&str> = schema::TYPES.iter().map(|t| t.name).collect();
            let message = format!("{name} is not an object type of the active-directory connector");
            problem(path, message, Some(format!("known: {}", known.join(", "))));
            continue;
        }
        if selection.anchor.as_ref().is_some_and(|a| *a != "objectGUID") {
            let message = format!("the anchor of {name} must be \"objectGUID\"");
            problem(format!("{path}.anchor"), message, None);
        }
        let mut attributes = ObjectSchema::new();
        for attribute in &selection.attributes {
            let path = format!("{path}.attributes");
            match schema::spelling(attribute) {
                Some(spelling) if *attribute != spelling => {
                    let help = format!("did you mean {spelling}?");
                    problem(path, format!("{attribute} is spelt differently"), Some(help));
                }
                None if !is_attribute_name(attribute) => {
                    problem(path, format!("{attribute} is not an attribute name"), None);
                }
                _ => {
                    attributes.insert(attribute.clone(), schema::attribute(attribute));
                }
            }
        }
        types.insert(Name::clone(name), attributes);
    }
    Schema { types }
}

/// `keystring` of RFC 4512 section 1.4.
fn is_attribute_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests;
