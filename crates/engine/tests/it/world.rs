//! The documented deployment on maps: tenant, directory and service as [`System`]s, the rules
//! compiled from the example's own files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, Descriptor, ErrorKind, Secrets,
    Validated, Validation,
};
use engine::{
    Engine, EngineError, NoObserver, Observer, Parts, RunOptions, RunRequest, RunSummary, Setup,
};
use expr::Random;
use model::{
    AttributeSchema, Clock, CsId, DnStyle, MvId, Name, Schema, Timestamp, Value, ValueType,
};
use rules::{SourceFile, Sources};
use store::{CsObject, MemoryStore, MvObject, RunQuery, RunRecord, Scope, Store};
use tempfile::TempDir;

use crate::system::System;

/// The documented cycle.
pub(crate) const CYCLE: [(&str, &str); 12] = [
    ("mimma", "full-import"),
    ("mimma", "full-sync"),
    ("adma", "full-import"),
    ("adma", "full-sync"),
    ("b2b-graph", "full-import"),
    ("b2b-graph", "full-sync"),
    ("adma", "export"),
    ("adma", "delta-import"),
    ("adma", "delta-sync"),
    ("mimma", "export"),
    ("mimma", "delta-import"),
    ("mimma", "delta-sync"),
];

/// Two guests and a member, as the documented deployment begins.
pub(crate) const G1: &str = "0c5e3c0a-12d3-4f56-8abc-000000000001";
pub(crate) const G2: &str = "7e0f7b7e-3d9a-4a57-9bcd-000000000002";
pub(crate) const M1: &str = "b1f0c2d3-aaaa-4bbb-8ccc-000000000003";

/// When the first process starts.
const BEGIN: i64 = 1_800_000_000;

/// Time that moves a second with every look.
struct Ticking(std::sync::atomic::AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }
}

/// Numbers that count up.
struct Counting(u64);

impl Random for Counting {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 += 1;
        self.0 % bound.max(1)
    }
}

/// Settings of a connector that is a map.
#[derive(Debug)]
struct Plain {
    schema: Schema,
    style: DnStyle,
}

#[async_trait]
impl Validated for Plain {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: self.style, delta_import: true, export: true }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn build(&self, _: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError> {
        Err(ConnectorError::new(ErrorKind::Configuration, "made by the test"))
    }
}

fn plain(config: &ConnectorConfig, style: DnStyle) -> Validation {
    let mut schema = Schema::default();
    for (object_type, selection) in &config.objects {
        let mut names = selection.attributes.clone();
        if *object_type == "SynchronizationRule" {
            let all = ["DisplayName", "Definition", "FlowType", "ConnectedSystem", "Precedence"];
            names.extend(all.map(Name::new));
        }
        names.push(Name::new("MVObjectID"));
        let types = names.into_iter().map(|name| {
            let schema = match name.as_str() {
                "objectSid" => AttributeSchema::single(ValueType::Binary).read_only(),
                "ObjectSID" => AttributeSchema::single(ValueType::Binary),
                "userAccountControl" | "FlowType" | "Precedence" => {
                    AttributeSchema::single(ValueType::Integer)
                }
                "otherMails" | "proxyAddresses" => AttributeSchema::multi(ValueType::String),
                "manager" => AttributeSchema::single(ValueType::Reference),
                "reports" | "seeAlso" => AttributeSchema::multi(ValueType::Reference),
                "unicodePwd" => AttributeSchema::single(ValueType::String).secret(),
                _ => AttributeSchema::single(ValueType::String),
            };
            (name, schema)
        });
        schema.types.insert(object_type.clone(), types.collect());
    }
    Ok(Arc::new(Plain { schema, style }))
}

const DESCRIPTORS: [&Descriptor; 3] = [
    &Descriptor { type_name: "graph", validate: |config| plain(config, DnStyle::Anchor) },
    &Descriptor { type_name: "active-directory", validate: |config| plain(config, DnStyle::Ldap) },
    &Descriptor { type_name: "service", validate: |config| plain(config, DnStyle::Anchor) },
];

/// The documented example's files, with some texts replaced; a file it does not have is added.
fn documents(replacements: &[(&str, &str, &str)]) -> Sources {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/b2b-documented");
    let names = [
        "proxeny.toml",
        "metaverse.toml",
        "connectors/adma.toml",
        "connectors/b2b-graph.toml",
        "connectors/mimma.toml",
        "rules/in-b2b-ad.toml",
        "rules/in-b2b-guest.toml",
        "rules/out-b2b-ad.toml",
    ];
    let files = names.map(|name| {
        let mut text = std::fs::read_to_string(folder.join(name)).unwrap();
        for (file, from, to) in replacements {
            if *file == name {
                assert!(text.contains(from), "{name} has no {from:?}");
                text = text.replace(from, to);
            }
        }
        SourceFile { path: name.to_owned(), text }
    });
    let more = replacements.iter().filter(|(file, ..)| !names.contains(file));
    let more = more
        .map(|(file, _, text)| SourceFile { path: (*file).to_owned(), text: (*text).to_owned() });
    Sources { folder: PathBuf::new(), files: files.into_iter().chain(more).collect() }
}

/// The deployment in action.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) graph: System,
    pub(crate) adma: System,
    pub(crate) mimma: System,
    /// The deployment's folder.
    pub(crate) folder: TempDir,
}

impl World {
    /// The documented deployment with 2 guests and a member.
    pub(crate) async fn documented() -> Self {
        Self::with(&[]).await
    }

    /// The same with texts of its configuration replaced: file, from, to. A file that is not there
    /// is added.
    pub(crate) async fn with(replacements: &[(&str, &str, &str)]) -> Self {
        Self::in_pages(replacements, engine::SYNC_PAGE_OBJECTS).await
    }

    /// The same, synchronized in pages of so many objects.
    pub(crate) async fn in_pages(replacements: &[(&str, &str, &str)], page: usize) -> Self {
        let store = Arc::new(MemoryStore::default());
        let world = Self::on(store, replacements, None, page).await;
        world.invite(G1, "Ada Lind", "ada");
        world.invite(G2, "Bruno Keller", "bruno");
        let member = [("displayName", "Mia Member".into()), ("userType", "Member".into())];
        world.graph.put("user", M1, M1, &member);
        world
    }

    /// The deployment on a given store; `systems` are those of another world to go on with.
    pub(crate) async fn on(
        store: Arc<dyn Store>,
        replacements: &[(&str, &str, &str)],
        systems: Option<(System, System, System)>,
        page: usize,
    ) -> Self {
        Self::at(BEGIN, store, replacements, systems, page).await
    }

    /// The same, in a process that starts at this second.
    async fn at(
        second: i64,
        store: Arc<dyn Store>,
        replacements: &[(&str, &str, &str)],
        systems: Option<(System, System, System)>,
        page: usize,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources { folder: folder.path().to_owned(), ..documents(replacements) };
        let checked = rules::check(&sources, &DESCRIPTORS);
        let texts: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
        let deployment = checked.deployment.unwrap_or_else(|| panic!("{texts:#?}"));
        let described: BTreeMap<Name, (Schema, DnStyle)> = checked
            .validated
            .iter()
            .map(|(name, v)| (name.clone(), (v.schema().clone(), v.capabilities().dn_style)))
            .collect();
        let (graph, adma, mimma) = systems.unwrap_or_else(|| {
            let system = |name: &str| {
                let (schema, style) = described[name].clone();
                System::new(schema, style)
            };
            let systems = (system("b2b-graph"), system("adma"), system("mimma"));
            populate(&systems.1, &systems.2, &deployment.rules);
            systems
        });
        let schemas = deployment.schemas(&checked.validated);
        let setup = Setup::new(deployment, &described, store.as_ref()).await.unwrap();
        let parts = Parts {
            store: store.clone(),
            setup,
            schemas,
            clock: Arc::new(Ticking(std::sync::atomic::AtomicI64::new(second))),
            random: Box::new(Counting(0)),
            owner: "test".to_owned(),
            sync_page_objects: page,
        };
        Self { engine: Engine::new(parts).await.unwrap(), store, graph, adma, mimma, folder }
    }

    /// Another process takes over: a new engine on the same store and systems.
    pub(crate) async fn restarted(&self, replacements: &[(&str, &str, &str)]) -> Self {
        let systems = (self.graph.clone(), self.adma.clone(), self.mimma.clone());
        let page = engine::SYNC_PAGE_OBJECTS;
        Self::on(self.store.clone(), replacements, Some(systems), page).await
    }

    /// Another process takes over, so many days later.
    pub(crate) async fn after_days(&self, days: i64) -> Self {
        let systems = Some((self.graph.clone(), self.adma.clone(), self.mimma.clone()));
        let (second, page) = (BEGIN + days * 86_400, engine::SYNC_PAGE_OBJECTS);
        Self::at(second, self.store.clone(), &[], systems, page).await
    }

    pub(crate) fn invite(&self, id: &str, name: &str, alias: &str) {
        let upn = format!("{alias}_treyresearch.example#EXT#@contoso.onmicrosoft.com");
        let mail = format!("{alias}@treyresearch.example");
        let (given, surname) = name.split_once(' ').unwrap();
        let values: [(&str, Value); 7] = [
            ("id", id.into()),
            ("displayName", name.into()),
            ("mail", mail.as_str().into()),
            ("givenName", given.into()),
            ("surname", surname.into()),
            ("userPrincipalName", upn.as_str().into()),
            ("userType", "Guest".into()),
        ];
        self.graph.put("user", id, id, &values);
    }

    pub(crate) async fn try_run(
        &self,
        connector: &str,
        profile: &str,
    ) -> Result<RunSummary, EngineError> {
        self.run_as(connector, profile, &NoObserver, &RunOptions::default()).await
    }

    /// Runs a profile with options, watched.
    pub(crate) async fn run_as(
        &self,
        connector: &str,
        profile: &str,
        observer: &dyn Observer,
        options: &RunOptions,
    ) -> Result<RunSummary, EngineError> {
        self.run_at(None, (connector, profile), observer, options).await
    }

    /// Runs a profile at a place of a sequence.
    pub(crate) async fn run_in_sequence(
        &self,
        connector: &str,
        profile: &str,
        place: u32,
    ) -> RunSummary {
        let options = RunOptions::default();
        let run = self.run_at(Some(place), (connector, profile), &NoObserver, &options).await;
        run.unwrap()
    }

    async fn run_at(
        &self,
        place: Option<u32>,
        (connector, profile): (&str, &str),
        observer: &dyn Observer,
        options: &RunOptions,
    ) -> Result<RunSummary, EngineError> {
        let system = match connector {
            "b2b-graph" => &self.graph,
            "adma" => &self.adma,
            _ => &self.mimma,
        };
        let connection: Arc<dyn Connector> = Arc::new(system.clone());
        let request = RunRequest {
            connector,
            profile,
            sequence: place.map(|place| (Name::new("all"), place)),
            connection: Some(connection),
            observer,
        };
        self.engine.run_with(request, options).await
    }

    pub(crate) async fn run(&self, connector: &str, profile: &str) -> RunSummary {
        self.try_run(connector, profile).await.unwrap()
    }

    pub(crate) async fn cycle(&self) -> Vec<RunSummary> {
        let mut summaries = Vec::new();
        for (connector, profile) in CYCLE {
            summaries.push(self.run(connector, profile).await);
        }
        summaries
    }

    /// The runs that carry a change of the tenant through.
    pub(crate) async fn settle(&self) {
        for (connector, profile) in [
            ("b2b-graph", "delta-import"),
            ("b2b-graph", "delta-sync"),
            ("adma", "export"),
            ("adma", "delta-import"),
            ("adma", "delta-sync"),
            ("mimma", "export"),
            ("mimma", "delta-import"),
            ("mimma", "delta-sync"),
        ] {
            let summary = self.run(connector, profile).await;
            assert!(summary.result.is_completed(), "{summary:#?}");
        }
    }

    /// The runs of a whole cycle in its order, which read and look at no more than what changed.
    pub(crate) async fn delta_cycle(&self) {
        for (connector, profile) in CYCLE {
            let summary = self.run(connector, &profile.replace("full", "delta")).await;
            assert!(summary.result.is_completed(), "{summary:#?}");
        }
    }

    /// Runs one after the other, each `CONNECTOR/PROFILE`.
    pub(crate) async fn runs<const N: usize>(&self, runs: [&str; N]) -> [RunSummary; N] {
        let mut summaries = Vec::new();
        for run in runs {
            let (connector, profile) = run.split_once('/').unwrap();
            summaries.push(self.run(connector, profile).await);
        }
        summaries.try_into().unwrap()
    }

    /// The object of a connector space at a DN.
    pub(crate) async fn object(&self, connector: &str, dn: &str) -> Option<CsObject> {
        self.space(connector).await.into_iter().find(|o| o.dn == dn)
    }

    /// The person that an object is linked to.
    pub(crate) async fn person_of(&self, connector: &str, dn: &str) -> Option<MvObject> {
        let mv = self.object(connector, dn).await?.state.mv()?;
        self.people().await.into_iter().find(|person| person.id == mv)
    }

    /// The history, oldest first.
    pub(crate) async fn history(&self) -> Vec<RunRecord> {
        let mut runs = self.store.runs(RunQuery::default()).await.unwrap();
        runs.reverse();
        runs
    }

    /// The watermark of a connector.
    pub(crate) async fn watermark(&self, connector: &str) -> Option<String> {
        let id = self.engine.setup().connector(connector).unwrap().id;
        self.store.watermark(id).await.unwrap()
    }

    /// Every object of a connector space.
    pub(crate) async fn space(&self, connector: &str) -> Vec<CsObject> {
        let id = self.engine.setup().connector(connector).unwrap().id;
        self.store.page_cs(id, None, usize::MAX, Scope::All).await.unwrap()
    }

    /// Every person of the metaverse, by uid attribute or name.
    pub(crate) async fn people(&self) -> Vec<MvObject> {
        let person = Name::new("person");
        self.store.page_mv(Some(&person), None, usize::MAX).await.unwrap()
    }

    /// Everything that matters of the final state, without numbers that depend on the way there.
    pub(crate) async fn portrait(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let people = self.people().await;
        let name = |person: &MvObject| {
            let name = person.values("uid").or_else(|| person.values("accountName"));
            name.map(ToString::to_string).unwrap_or_default()
        };
        let names: BTreeMap<MvId, String> = people.iter().map(|p| (p.id, name(p))).collect();
        let uids: BTreeMap<String, String> =
            people.iter().map(|p| (p.uid.to_string(), name(p))).collect();
        for person in people {
            let text = |value: &Value| {
                let text = value.to_string();
                uids.get(&text).cloned().unwrap_or(text)
            };
            let values: Vec<String> = person
                .attributes
                .iter()
                .filter(|(name, _)| *name != "csObjectID")
                .map(|(attribute, a)| {
                    let mut values: Vec<String> = a.values.iter().map(text).collect();
                    values.sort();
                    format!("{attribute}={} by {}", values.join("; "), a.lineage.rule)
                })
                .collect();
            lines.push(format!("person {}: {}", name(&person), values.join(", ")));
        }
        for connector in ["b2b-graph", "adma"] {
            for object in self.space(connector).await {
                let owner = object.state.mv().and_then(|mv| names.get(&mv).cloned());
                lines.push(format!(
                    "{connector} {} {owner:?} {:?} pending {:?} {:?}",
                    object.dn,
                    object.imported,
                    object.pending_import.is_some(),
                    object.export.pending.is_some() || object.export.unconfirmed.is_some(),
                ));
            }
        }
        let people = self.mimma.list("Person");
        let portal = people.iter().map(|image| {
            let mut attributes = image.attributes.clone();
            attributes.remove("MVObjectID");
            format!("portal {attributes:?}")
        });
        lines.extend(portal);
        lines.extend(self.adma.list("user").iter().map(|image| format!("account {image:?}")));
        lines.sort();
        lines
    }
}

fn populate(adma: &System, mimma: &System, rules: &BTreeMap<Name, String>) {
    adma.put("container", "root", "DC=contoso,DC=com", &[]);
    adma.put("container", "ou", "OU=B2BGuest,DC=contoso,DC=com", &[]);
    let person = |name: &str| [("DisplayName", Value::string(name))];
    mimma.put("Person", "p1", "p1", &person("Administrator"));
    mimma.put("Person", "p2", "p2", &person("Built-in Synchronization Account"));
    for (number, (name, text)) in rules.iter().enumerate() {
        let id = format!("rule-{number}");
        let values = [
            ("DisplayName", Value::string(name)),
            ("Definition", Value::string(text)),
            ("Precedence", Value::Integer(1)),
        ];
        mimma.put("SynchronizationRule", &id, &id, &values);
    }
}

/// The DN of a guest's account.
pub(crate) fn account(id: &str) -> String {
    format!("CN={id},OU=B2BGuest,DC=contoso,DC=com")
}

/// The metaverse object that a connector-space object is linked to.
pub(crate) fn owner(objects: &[CsObject], dn: &str) -> Option<(CsId, MvId)> {
    let object = objects.iter().find(|o| o.dn == dn)?;
    Some((object.id, object.state.mv()?))
}
