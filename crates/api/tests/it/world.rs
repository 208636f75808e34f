//! The documented deployment in memory behind the interface, with people in every role.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use api::{
    AcceptedTicket, Api, ApiParts, Assertion, AssertionRefused, AssertionVerifier,
    NegotiateAcceptor, Runner as _, SecureRandom, TicketRefused,
};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connector::Descriptor;
use engine::{Engine, Setup};
use expr::Random;
use http_body_util::BodyExt as _;
use model::{Attributes, Clock, CsId, DnStyle, Guid, Name, RunId, Schema, Sid, Timestamp, Value};
use ring::pbkdf2;
use rules::{ApiConfig, Role, SessionLimits, SourceFile, Sources};
use service::{ADMINISTRATOR, PERSON, RuleResource, Service};
use store::{
    AccessStore, Batch, Credential, CredentialKind, CsObject, CsState, CsWrite, DisconnectorKind,
    ExportStages, ImportOperation, MemoryStore, NewRun, PendingImport, RunEnd, Store as _, Undo,
};
use tower::ServiceExt as _;

use crate::runner::GatedRunner;

/// The local administrator's password.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The moment at which every world begins.
pub(crate) const BEGIN: i64 = 1_800_000_000;

const CONNECTORS: [&Descriptor; 3] =
    [&connector_graph::DESCRIPTOR, &connector_ldap::DESCRIPTOR, &connector_service::DESCRIPTOR];

/// Time that the test moves.
pub(crate) struct Hands(pub(crate) AtomicI64);

impl Hands {
    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// Octets that never repeat, and are the same every time.
#[derive(Default)]
struct Counting(AtomicU64);

impl SecureRandom for Counting {
    fn fill(&self, octets: &mut [u8]) -> bool {
        let seed = self.0.fetch_add(1, Ordering::SeqCst);
        let digest = ring::digest::digest(&ring::digest::SHA256, &seed.to_le_bytes());
        for (to, from) in octets.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        true
    }
}

struct Low;

impl Random for Low {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}

/// Accepts tickets that say whose they are: a SID, or `account@REALM`.
struct Tickets;

#[async_trait]
impl NegotiateAcceptor for Tickets {
    async fn accept(&self, token: &[u8]) -> Result<AcceptedTicket, TicketRefused> {
        let refused = |message: &str| TicketRefused {
            message: message.to_owned(),
            code: "KRB-0101",
            help: Some("compare the clocks".to_owned()),
        };
        let text = std::str::from_utf8(token).map_err(|_e| refused("garbage"))?;
        let client = text.strip_prefix("ticket:").ok_or_else(|| refused("garbage"))?.to_owned();
        let sid = Sid::parse(&client).ok();
        Ok(AcceptedTicket { client, sid, reply: Some(b"welcome".to_vec()) })
    }
}

/// Believes assertions that say they are good.
struct Assertions;

impl AssertionVerifier for Assertions {
    fn verify(&self, header: &str, _now: Timestamp) -> Result<Assertion, AssertionRefused> {
        let refused = || AssertionRefused { message: "forged".to_owned() };
        let sid = header.strip_prefix("good:").ok_or_else(refused)?;
        Ok(Assertion { sid: Sid::parse(sid).ok(), account: None, domain: None })
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The session cookie it sets, as the browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// The deployment behind its interface.
pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) router: Router,
    pub(crate) clock: Arc<Hands>,
    pub(crate) service: Service,
    pub(crate) runner: Arc<GatedRunner>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) engine: Arc<Engine>,
}

/// The people there are: relative identifier, name, account, user type, role.
pub(crate) const PEOPLE: [(u32, &str, &str, &str, Option<Role>); 6] = [
    (1101, "Anna Berg", "anna", "Member", None),
    (1102, "Gina Guest", "gina", "Guest", None),
    (1103, "Otto Ops", "otto", "Member", Some(Role::Operator)),
    (1104, "Adam Audit", "adam", "Member", Some(Role::Auditor)),
    (1105, "Ida Admin", "ida", "Member", Some(Role::Administrator)),
    // A guest whom somebody gave a role all the same.
    (1106, "Gustav Guest", "gustav", "Guest", Some(Role::Administrator)),
];

pub(crate) fn sid(rid: u32) -> Sid {
    Sid::parse(&format!("S-1-5-21-1-2-3-{rid}")).unwrap()
}

pub(crate) fn person_id(rid: u32) -> Guid {
    let mut octets = [0; 16];
    octets[12..].copy_from_slice(&rid.to_be_bytes());
    Guid::from_bytes(octets)
}

/// `Authorization` with a ticket of this person.
pub(crate) fn ticket(rid: u32) -> String {
    format!("Negotiate {}", STANDARD.encode(format!("ticket:{}", sid(rid))))
}

pub(crate) fn config() -> ApiConfig {
    let mut roles: BTreeMap<Role, Vec<String>> = BTreeMap::new();
    for (rid, _, account, _, role) in PEOPLE {
        if let Some(role) = role {
            let holder =
                if rid % 2 == 0 { sid(rid).to_string() } else { format!("CONTOSO\\{account}") };
            roles.entry(role).or_default().push(holder);
        }
    }
    ApiConfig {
        listen: "127.0.0.1:8080".parse().unwrap(),
        tls: None,
        origins: vec!["https://portal.contoso.com".to_owned()],
        organisation: None,
        kerberos: None,
        assertion: None,
        roles,
        session: SessionLimits { idle_seconds: 600, absolute_seconds: 3_600 },
    }
}

fn documents() -> Sources {
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
    let read = |name: &str| SourceFile {
        path: name.to_owned(),
        text: std::fs::read_to_string(folder.join(name)).unwrap(),
    };
    Sources { folder: PathBuf::new(), files: names.map(read).into() }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(config(), true).await
    }

    /// A world with this configuration; `believes` says whether tickets and assertions count.
    pub(crate) async fn with(config: ApiConfig, believes: bool) -> Self {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(Hands(AtomicI64::new(BEGIN)));
        let engine = Arc::new(engine(&store, &clock).await);
        let service = Service::new(store.clone());
        populate(&service, &engine).await;
        credential(store.as_ref()).await;
        let runner = Arc::new(GatedRunner::new(engine.clone(), service.clone()));
        let acceptor: Arc<dyn NegotiateAcceptor> = Arc::new(Tickets);
        let assertion: Arc<dyn AssertionVerifier> = Arc::new(Assertions);
        let api = Api::new(ApiParts {
            engine: engine.clone(),
            service: service.clone(),
            runner: runner.clone(),
            config,
            portal_name: "Contoso".to_owned(),
            acceptor: believes.then_some(acceptor),
            assertion: believes.then_some(assertion),
            access: store.clone(),
            clock: clock.clone(),
            random: Arc::new(Counting::default()),
        });
        let router = api.router();
        Self { api, router, clock, service, runner, store, engine }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // Streams have no end: what counts is that they begin.
        let is_stream = parts.headers.get("content-type").is_some_and(|t| t == "text/event-stream");
        let body =
            if is_stream { Vec::new() } else { body.collect().await.unwrap().to_bytes().to_vec() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A request as a page of ours sends it.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<serde_json::Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        let says_site = headers.iter().any(|(name, _)| *name == "sec-fetch-site");
        if !says_site {
            request = request.header("sec-fetch-site", "same-origin");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            None => Body::empty(),
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
        };
        self.send(request.body(body).unwrap()).await
    }

    /// A reading request of a person with a ticket.
    pub(crate) async fn get(&self, rid: u32, path: &str) -> Answer {
        self.call("GET", path, &[("authorization", &ticket(rid))], None).await
    }

    /// Signs the local administrator in.
    pub(crate) async fn sign_in(&self, password: &str) -> Answer {
        let body = serde_json::json!({ "account": "Administrator", "password": password });
        self.call("POST", "/api/v1/session", &[], Some(body)).await
    }

    /// Guests in the tenant's connector space, synchronized: metaverse objects, exports that wait.
    pub(crate) async fn synchronize(&self) {
        for (connector, profile) in [("mimma", "full-import"), ("mimma", "full-sync")] {
            self.run(connector, profile).await;
        }
        let connector = self.engine.setup().connector("b2b-graph").unwrap().id;
        let new = NewRun {
            connector,
            profile: Name::new("full-import"),
            step: store::RunStep::only(Name::new("full-import")),
            started_by: None,
            rules: None,
            sequence: Some((Name::new("b2b"), 4)),
            owner: "test".to_owned(),
            started: Timestamp::from_seconds(BEGIN - 60),
            lease_until: Timestamp::from_seconds(BEGIN + 60),
        };
        let lease = self.store.begin_run(new).await.unwrap();
        let objects = (1..=3).map(|n| guest(CsId::new(connector, n), n, lease.run));
        let cs = objects.map(CsWrite::Insert).collect();
        let error = store::RunError {
            object: Some(CsId::new(connector, 3)),
            name: "guest-9".to_owned(),
            error_type: "missing-anchor".to_owned(),
            step: "read".to_owned(),
            message: "the object has no id".to_owned(),
            code: None,
            rule: None,
        };
        let batch = Batch { cs, errors: vec![error.clone(), error], ..Batch::default() };
        self.store.commit(&lease, batch).await.unwrap();
        let end = RunEnd {
            result: "completed-discovery-errors".to_owned(),
            message: None,
            counters: [("stage-add".to_owned(), 3)].into(),
            ended: Timestamp::from_seconds(BEGIN - 30),
        };
        self.store.end_run(&lease, end).await.unwrap();
        self.run("b2b-graph", "full-sync").await;
    }

    async fn run(&self, connector: &str, profile: &str) {
        let summary = {
            let options = &engine::RunOptions::default();
            let order = api::RunOrder { connector, profile, sequence: None, options };
            self.runner.run(order, &engine::NoObserver).await.unwrap()
        };
        assert!(summary.result.is_completed(), "{summary:?}");
        assert_eq!(summary.errors, [], "{connector} {profile}");
    }
}

fn guest(id: CsId, n: u32, run: RunId) -> CsObject {
    let anchor = format!("0c5e3c0a-0000-4000-8000-00000000000{n}");
    let mut attributes = Attributes::new();
    for (name, value) in [
        ("id", anchor.clone()),
        ("displayName", format!("Guest {n}")),
        ("givenName", "Guest".to_owned()),
        ("surname", n.to_string()),
        ("mail", format!("guest{n}@treyresearch.example")),
        ("userType", "Guest".to_owned()),
        ("userPrincipalName", format!("guest{n}#EXT#@contoso.onmicrosoft.com")),
    ] {
        attributes.set_one(name, value.as_str());
    }
    let operation = ImportOperation::Add;
    CsObject {
        id,
        object_type: Name::new("user"),
        anchor: Some(anchor.clone()),
        dn: anchor.clone(),
        dn_key: anchor,
        state: CsState::Disconnector(DisconnectorKind::Normal),
        linked_by: None,
        imported: Some(attributes),
        pending_import: Some(PendingImport { operation, undo: Undo::default(), run }),
        export: ExportStages::default(),
        import_error: None,
        needs_sync: false,
        reference_retry: false,
    }
}

async fn engine(store: &Arc<MemoryStore>, clock: &Arc<Hands>) -> Engine {
    let checked = rules::check(&documents(), &CONNECTORS);
    let texts: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
    let deployment = checked.deployment.unwrap_or_else(|| panic!("{texts:#?}"));
    let described: BTreeMap<Name, (Schema, DnStyle)> = checked
        .validated
        .iter()
        .map(|(name, v)| (name.clone(), (v.schema().clone(), v.capabilities().dn_style)))
        .collect();
    let schemas = deployment.schemas(&checked.validated);
    let setup = Setup::new(deployment, &described, store.as_ref()).await.unwrap();
    let parts = engine::Parts {
        store: store.clone(),
        setup,
        schemas,
        clock: clock.clone(),
        random: Box::new(Low),
        owner: "test".to_owned(),
        sync_page_objects: engine::SYNC_PAGE_OBJECTS,
    };
    Engine::new(parts).await.unwrap()
}

async fn populate(service: &Service, engine: &Engine) {
    service.initialise().await.unwrap();
    let mut rules = Vec::new();
    for (name, text) in &engine.setup().deployment.rules {
        let rule = rules::compile_rule(name, text, engine.schemas()).unwrap();
        rules.push(RuleResource {
            name: rule.name,
            definition: text.clone(),
            flow_type: i64::from(rule.direction == rules::Direction::Outbound),
            connected_system: rule.connector,
            connected_object_type: rule.object,
            metaverse_type: rule.metaverse,
            precedence: i64::from(rule.precedence),
        });
    }
    let mut next = 0;
    let mut new_id = || {
        next += 1;
        Guid::from_bytes([0xee, next, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    };
    service.apply_rules(&rules, &mut new_id).await.unwrap();
    for (rid, name, account, user_type, _) in PEOPLE {
        let mut person = Attributes::new();
        person.set_one("DisplayName", name);
        person.set_one("AccountName", account);
        person.set_one("Domain", "CONTOSO");
        person.set_one("Email", format!("{account}@contoso.example").as_str());
        person.set_one("EmployeeID", format!("E-{rid}").as_str());
        person.set_one("UserType", user_type);
        person.set_one("ObjectSID", Value::binary(&sid(rid).to_bytes()));
        service.create(PERSON, person_id(rid), person).await.unwrap();
    }
}

/// The local administrator with a password that is quick to check.
async fn credential(access: &dyn AccessStore) {
    let mut hash = vec![0; 32];
    let (algorithm, rounds) = (pbkdf2::PBKDF2_HMAC_SHA256, NonZeroU32::MIN);
    pbkdf2::derive(algorithm, rounds, b"salt", PASSWORD.as_bytes(), &mut hash);
    let credential = Credential {
        id: Guid::from_bytes([1; 16]),
        kind: CredentialKind::Password,
        name: "administrator".to_owned(),
        hash,
        salt: b"salt".to_vec(),
        iterations: 1,
        person: Some(ADMINISTRATOR),
        roles: vec!["administrator".to_owned()],
        created: Timestamp::from_seconds(BEGIN),
        expires: None,
        last_used: None,
    };
    access.put_credential(credential).await.unwrap();
}
