//! The benchmark's deployment: a tenant of guests, a directory, an embedded store on disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

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
use crate::accounts::{Accounts, Sink};
use crate::source::Source;

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
attributes = ["id", "displayName", "mail", "givenName", "surname", "userPrincipalName", "userType", "companyName", "department", "jobTitle", "officeLocation", "city", "country", "mobilePhone", "streetAddress", "postalCode", "state", "employeeId", "preferredLanguage", "businessPhone", "faxNumber", "otherMail", "createdDateTime", "externalUserState", "externalUserStateChangeDateTime", "aboutMe"]
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
    /// What the tenant shows, a guest a line.
    pub(crate) lines: PathBuf,
    /// The store's file.
    pub(crate) database: PathBuf,
    size: usize,
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
        let folder = tempfile::tempdir()?;
        let lines = folder.path().join("guests.jsonl");
        write_guests(&lines, size, |_| 0)?;
        let source = Source { lines: lines.clone(), schema: schema("source") };
        let accounts = Accounts::create(&folder.path().join("accounts"))?;
        let sink = Sink { accounts: Arc::new(Mutex::new(accounts)), schema: schema("sink") };
        let database = folder.path().join("bench.db");
        let store = Arc::new(SqliteStore::open(&database, &store_sql::Options::default())?);
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
        let engine = Engine::new(parts).await?;
        Ok(Self { engine, lines, database, size, source, sink, _folder: folder })
    }

    /// The connector itself.
    pub(crate) fn connection(&self, name: &str) -> Arc<dyn Connector> {
        if name == "source" { Arc::new(self.source.clone()) } else { Arc::new(self.sink.clone()) }
    }

    /// Gives every hundredth guest another address; returns how many.
    pub(crate) fn change_one_percent(&self) -> Result<usize, Failure> {
        write_guests(&self.lines, self.size, |number| usize::from(number % 100 == 0))?;
        Ok(self.size.div_ceil(100))
    }
}

/// Writes the tenant's guests, each in the version it is in.
fn write_guests(path: &Path, size: usize, version: impl Fn(usize) -> usize) -> Result<(), Failure> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..size {
        writeln!(file, "{}", guest(number, version(number)))?;
    }
    file.flush()?;
    Ok(())
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
        "streetAddress": format!("{} quai Saint-Vincent", number % 200 + 1),
        "postalCode": format!("690{:02}", number % 9 + 1),
        "state": "Rhône",
        "employeeId": format!("TR-{number:010}"),
        "preferredLanguage": "fr-FR",
        "businessPhone": format!("+33 4 00 {number:08}"),
        "faxNumber": format!("+33 4 01 {number:08}"),
        "otherMail": format!("given{number}.surname{number}@fabrikam.example"),
        "createdDateTime": "2026-03-01T08:15:00Z",
        "externalUserState": "Accepted",
        "externalUserStateChangeDateTime": "2026-03-02T09:30:00Z",
        "aboutMe": "Works with the laboratories of Contoso on materials for batteries.",
    })
    .to_string()
}
