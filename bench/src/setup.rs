//! The benchmark's deployment: a tenant of guests, a directory, an embedded store on disk.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, Descriptor, ErrorKind, Secrets,
    Validated, Validation,
};
use engine::{Engine, Parts, Setup};
use expr::Random;
use model::{AttributeSchema, DnStyle, Name, Schema, ValueType};
use net::SystemClock;
use rules::{SourceFile, Sources};
use serde_json::json;
use store_sql::SqliteStore;

use crate::Failure;
use crate::source::{Sink, Source};

const DEPLOYMENT: &str = "version = 1\n[store]\nurl = \"sqlite:bench.db\"\n";
const METAVERSE: &str = r#"
[types.person.attributes]
accountName       = { type = "string", indexed = true }
displayName       = { type = "string" }
employeeType      = { type = "string" }
givenName         = { type = "string" }
mail              = { type = "string" }
sn                = { type = "string" }
uid               = { type = "string", indexed = true }
userPrincipalName = { type = "string" }
"#;
const SOURCE: &str = r#"
type = "source"
[objects.user]
attributes = ["id", "displayName", "mail", "givenName", "surname", "userPrincipalName", "userType", "companyName", "department", "jobTitle", "officeLocation", "city", "country", "mobilePhone"]
[[objects.user.filter]]
all = [{ attribute = "userType", operator = "equal", value = "Member" }]
"#;
const SINK: &str = r#"
type = "sink"
[objects.user]
attributes = ["sAMAccountName", "givenName", "sn", "mail", "userPrincipalName", "userAccountControl"]
"#;
const IN: &str = r#"
name = "in"
direction = "inbound"
connector = "source"
object = "user"
metaverse = "person"
precedence = 1
scope = [{ attribute = "userType", operator = "equal", value = "Guest" }]
relationship = [{ metaverse = "uid", object = "id" }]
create_in_metaverse = true
flow = [
  { to = "displayName", from = "displayName" },
  { to = "accountName", from = "Left(id,20)" },
  { to = "uid", from = "id" },
  { to = "employeeType", from = "userType" },
  { to = "givenName", from = "givenName" },
  { to = "sn", from = "surname" },
  { to = "userPrincipalName", from = "userPrincipalName" },
  { to = "mail", from = "mail" },
]
"#;
const OUT: &str = r#"
name = "out"
direction = "outbound"
connector = "sink"
object = "user"
metaverse = "person"
precedence = 1
scope = [{ attribute = "employeeType", operator = "equal", value = "Guest" }]
create_in_connected_system = true
flow = [
  { to = "sAMAccountName", from = "accountName" },
  { to = "givenName", from = "givenName" },
  { to = "sn", from = "sn" },
  { to = "mail", from = "mail" },
  { to = "userPrincipalName", from = "userPrincipalName" },
  { to = "dn", from = 'EscapeDNComponent("CN="+uid)+",OU=B2BGuest,DC=contoso,DC=com"', initial = true },
  { to = "userAccountControl", from = "262656", initial = true },
]
"#;

#[derive(Debug)]
struct Plain(Schema, DnStyle);

#[async_trait]
impl Validated for Plain {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: self.1, delta_import: false, export: true }
    }

    fn schema(&self) -> &Schema {
        &self.0
    }

    async fn build(&self, _: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError> {
        Err(ConnectorError::new(ErrorKind::Configuration, "made by the benchmark"))
    }
}

fn plain(config: &ConnectorConfig, style: DnStyle) -> Validation {
    let types = config.objects.iter().map(|(object_type, selection)| {
        let attributes = selection.attributes.iter().map(|name| {
            let number = *name == "userAccountControl";
            let value_type = if number { ValueType::Integer } else { ValueType::String };
            (name.clone(), AttributeSchema::single(value_type))
        });
        (object_type.clone(), attributes.collect())
    });
    Ok(Arc::new(Plain(Schema { types: types.collect() }, style)))
}

const DESCRIPTORS: [&Descriptor; 2] = [
    &Descriptor { type_name: "source", validate: |config| plain(config, DnStyle::Anchor) },
    &Descriptor { type_name: "sink", validate: |config| plain(config, DnStyle::Ldap) },
];

/// No flow of the benchmark draws anything.
struct Zero;

impl Random for Zero {
    fn below(&mut self, _: u64) -> u64 {
        0
    }
}

/// Everything a measurement needs.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) lines: Vec<String>,
    source: Source,
    sink: Sink,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// A deployment with `size` guests in the tenant and nothing anywhere else.
    pub(crate) async fn new(size: usize) -> Result<Self, Failure> {
        let file =
            |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
        let files = vec![
            file("proxeny.toml", DEPLOYMENT),
            file("metaverse.toml", METAVERSE),
            file("connectors/source.toml", SOURCE),
            file("connectors/sink.toml", SINK),
            file("rules/in.toml", IN),
            file("rules/out.toml", OUT),
        ];
        let checked = rules::check(&Sources { folder: PathBuf::new(), files }, &DESCRIPTORS);
        let Some(deployment) = checked.deployment else {
            let texts: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
            return Err(texts.join("\n").into());
        };
        let described: BTreeMap<Name, (Schema, DnStyle)> = checked
            .validated
            .iter()
            .map(|(name, v)| (name.clone(), (v.schema().clone(), v.capabilities().dn_style)))
            .collect();
        let schema = |name: &str| described.get(name).map(|(s, _)| s.clone()).unwrap_or_default();
        let lines: Vec<String> = (0..size).map(|n| guest(n, 0)).collect();
        let source =
            Source { lines: Arc::new(Mutex::new(lines.clone())), schema: schema("source") };
        let sink = Sink { objects: Arc::default(), schema: schema("sink") };
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("bench.db");
        let store = Arc::new(SqliteStore::open(&path, &store_sql::Options::default())?);
        let schemas = deployment.schemas(&checked.validated);
        let setup = Setup::new(deployment, &described, store.as_ref()).await?;
        let parts = Parts {
            store,
            setup,
            schemas,
            clock: Arc::new(SystemClock),
            random: Box::new(Zero),
            owner: "bench".to_owned(),
            sync_page_objects: engine::SYNC_PAGE_OBJECTS,
        };
        Ok(Self { engine: Engine::new(parts).await?, lines, source, sink, _folder: folder })
    }

    /// The connector itself.
    pub(crate) fn connection(&self, name: &str) -> Arc<dyn Connector> {
        if name == "source" { Arc::new(self.source.clone()) } else { Arc::new(self.sink.clone()) }
    }

    /// Gives every hundredth guest another address; returns how many.
    pub(crate) fn change_one_percent(&self) -> usize {
        let mut lines = self.source.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = 0;
        for (number, line) in lines.iter_mut().enumerate().step_by(100) {
            *line = guest(number, 1);
            changed += 1;
        }
        changed
    }
}

/// A guest as the tenant shows one.
fn guest(number: usize, version: usize) -> String {
    json!({
        "id": format!("{number:08x}-9d3a-4a57-9bcd-{number:012x}"),
        "displayName": format!("Guest Number {number}"),
        "mail": format!("guest{number}.v{version}@treyresearch.example"),
        "givenName": format!("Given{number}"),
        "surname": format!("Surname{number}"),
        "userPrincipalName": format!("guest{number}_treyresearch.example#EXT#@contoso.onmicrosoft.com"),
        "userType": "Guest",
        "companyName": "Trey Research",
        "department": format!("Department {}", number % 40),
        "jobTitle": "Researcher",
        "officeLocation": format!("Building {}", number % 12),
        "city": "Lyon",
        "country": "France",
        "mobilePhone": format!("+33 6 00 {number:08}"),
    })
    .to_string()
}
