//! A tenant, a connector to it, and what an engine would keep of what is read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use connector::{
    Completeness, Connector as _, ConnectorConfig, ConnectorError, DiscoveryError, ImportEntry,
    ImportKind, ImportSession, ObjectSelection, SecretError, SecretSource, Secrets, Setting,
};
use model::{Attributes, Clock, Name, Secret, Timestamp};
use serde_json::{Value, json};
use sim::tenant::{AppKey, AppOptions, AppSecret, Tenant, TenantHandle, TenantOptions};

use crate::config::GraphSettings;
use crate::connector::GraphConnector;
use crate::limits::Patience;

pub(super) const APP: &str = "0dc4c140-0000-4000-8000-000068babca0";
pub(super) const STRANGER: &str = "0dc4c140-0000-4000-8000-000000000001";
pub(super) const SECRET: &str = "correct horse battery staple";
pub(super) const DELTA: &str = "/v1.0/users/delta";
pub(super) const TOKEN: &str = "/contoso.onmicrosoft.com/oauth2/v2.0/token";

/// Waits so short that tests need not pretend that time passes.
const QUICK: Patience = Patience { pause: Duration::from_millis(1), ..Patience::RUN };

/// The application's key: made once, because making it takes a while.
static KEY: LazyLock<AppKey> = LazyLock::new(|| AppKey::generate().unwrap());

pub(super) struct TestClock(AtomicI64);

impl TestClock {
    pub(super) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// Secrets by the name of an environment variable.
pub(super) struct Given(pub(super) BTreeMap<String, Secret>);

impl Secrets for Given {
    fn resolve(&self, source: &SecretSource) -> Result<Secret, SecretError> {
        let SecretSource::Env(name) = source else { panic!("tests use variables") };
        self.0.get(name).cloned().ok_or_else(|| SecretError {
            from: source.to_string(),
            reason: "it is not set".to_owned(),
        })
    }
}

pub(super) struct Bench {
    pub(super) tenant: TenantHandle,
    pub(super) clock: Arc<TestClock>,
    pub(super) secrets: Given,
    pub(super) config: ConnectorConfig,
    folder: tempfile::TempDir,
}

/// A tenant with an application that may read, and settings for it.
pub(super) async fn bench() -> Bench {
    let clock = Arc::new(TestClock(AtomicI64::new(1_795_521_600)));
    let app = |client_id: &str, roles: &[&str]| AppOptions {
        client_id: client_id.to_owned(),
        secrets: vec![AppSecret::lasting(SECRET)],
        certificates: vec![],
        roles: roles.iter().map(ToString::to_string).collect(),
        ..AppOptions::default()
    };
    let mut reader = app(APP, &["User.Read.All"]);
    reader.certificates.push(KEY.certificate_pem.clone());
    let mut options = TenantOptions::new(clock.clone());
    options.apps = vec![reader, app(STRANGER, &["User.Invite.All"])];
    let tenant = Tenant::start(options).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), tenant.ca_pem()).unwrap();
    let secrets = Given(BTreeMap::from([
        ("SECRET".to_owned(), Secret::new(SECRET.to_owned())),
        ("CERTIFICATE".to_owned(), pem_of(&KEY)),
    ]));
    let config = config(tenant.base_url(), folder.path());
    Bench { tenant, clock, secrets, config, folder }
}

pub(super) fn pem_of(key: &AppKey) -> Secret {
    Secret::new(format!("{}{}", key.certificate_pem, key.private_key_pem.expose()))
}

fn config(base_url: &str, folder: &Path) -> ConnectorConfig {
    let text = |t: &str| Setting::Text(t.to_owned());
    let table = |t: &[(&str, Setting)]| {
        Setting::Table(t.iter().map(|(n, s)| ((*n).to_owned(), s.clone())).collect())
    };
    let attributes = ["id", "displayName", "mail", "mobilePhone", "businessPhones", "userType"];
    let user = ObjectSelection {
        attributes: attributes.into_iter().map(Name::new).collect(),
        anchor: Some(Name::new("id")),
    };
    ConnectorConfig {
        name: Name::new("b2b-graph"),
        settings: BTreeMap::from([
            (
                "connectivity".to_owned(),
                table(&[
                    ("tenant", text("contoso.onmicrosoft.com")),
                    ("client_id", text(APP)),
                    ("client_secret", Setting::Secret(SecretSource::Env("SECRET".to_owned()))),
                    ("api_version", text("v1.0")),
                    ("authority", text(base_url)),
                    ("graph", text(base_url)),
                    ("ca", text("ca.pem")),
                ]),
            ),
            (
                "parameters".to_owned(),
                table(&[
                    ("datetime_format", text("%Y-%m-%dT%H:%M:%SZ")),
                    ("http_timeout", text("100 s")),
                    ("force_change_password_at_next_sign_in", Setting::Boolean(true)),
                ]),
            ),
        ]),
        objects: BTreeMap::from([(Name::new("user"), user)]),
        export_allowed: false,
        folder: folder.to_owned(),
    }
}

impl Bench {
    /// Sets, or with `None` removes, a setting of `[connectivity]`.
    pub(super) fn set(&mut self, name: &str, setting: Option<Setting>) {
        let Some(Setting::Table(table)) = self.config.settings.get_mut("connectivity") else {
            panic!("there is such a section")
        };
        table.remove(name);
        if let Some(setting) = setting {
            table.insert(name.to_owned(), setting);
        }
    }

    pub(super) fn set_text(&mut self, name: &str, text: &str) {
        self.set(name, Some(Setting::Text(text.to_owned())));
    }

    pub(super) fn use_certificate(&mut self) {
        self.set("client_secret", None);
        let source = SecretSource::Env("CERTIFICATE".to_owned());
        self.set("client_certificate", Some(Setting::Secret(source)));
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    pub(super) async fn try_connector(&self) -> Result<GraphConnector, ConnectorError> {
        let settings = GraphSettings::read(&self.config).unwrap();
        GraphConnector::new(&settings, &self.secrets, self.clock.clone(), QUICK).await
    }

    pub(super) async fn connector(&self) -> GraphConnector {
        self.try_connector().await.unwrap()
    }

    /// The error that a full import by a new connector ends with.
    pub(super) async fn full_import_error(&self) -> ConnectorError {
        self.full_import().await.unwrap_err()
    }

    /// What a full import by a new connector reads.
    pub(super) async fn full_import(&self) -> Result<Read, ConnectorError> {
        let session = self.connector().await.open_import(ImportKind::Full).await?;
        read(session).await
    }

    /// What a delta import by a new connector reads.
    pub(super) async fn delta_import(&self, watermark: &str) -> Result<Read, ConnectorError> {
        let kind = ImportKind::Delta { watermark: watermark.to_owned() };
        let session = self.connector().await.open_import(kind).await?;
        read(session).await
    }

    /// The tenant's users as a connector space that is up to date would hold them.
    pub(super) fn expected_space(&self) -> Space {
        let users = self.tenant.users().into_iter().map(Value::Object);
        let shown = users.map(|user| {
            let text = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
            (text("id"), [text("displayName"), text("mail"), text("mobilePhone")])
        });
        shown.collect()
    }

    pub(super) fn invite(&self, number: usize) -> String {
        let mail = format!("guest{number}@partner.example");
        self.tenant.invite(&format!("Guest {number}"), &mail).unwrap()
    }

    pub(super) fn set_phone(&self, id: &str, phone: Option<&str>) {
        self.tenant.update_user(id, json!({ "mobilePhone": phone })).unwrap();
    }
}

/// Users by anchor: display name, mail, mobile phone.
pub(super) type Space = BTreeMap<String, [String; 3]>;

/// Everything an import delivered.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) entries: Vec<ImportEntry>,
    pub(super) errors: Vec<DiscoveryError>,
    pub(super) pages: usize,
    pub(super) end: Completeness,
}

impl Read {
    pub(super) fn watermark(&self) -> String {
        match &self.end {
            Completeness::Complete { watermark } => watermark.clone().unwrap(),
            Completeness::Delta { watermark } => watermark.clone(),
            Completeness::Incomplete { reason } => panic!("{reason}"),
        }
    }

    /// Does to `space` what an engine would do with the entries, without reading anew.
    pub(super) fn apply(&self, space: &mut BTreeMap<String, Attributes>) {
        for entry in &self.entries {
            match entry {
                ImportEntry::Object(image) => {
                    assert_eq!(image.anchor.as_deref(), Some(image.dn.as_str()));
                    space.insert(image.dn.clone(), image.attributes.clone());
                }
                ImportEntry::Change { anchor, changes, .. } => {
                    space.entry(anchor.clone()).or_default().apply(changes);
                }
                ImportEntry::Deleted { anchor } => {
                    space.remove(anchor);
                }
            }
        }
    }
}

pub(super) fn shown(space: &BTreeMap<String, Attributes>) -> Space {
    let text = |a: &Attributes, n: &str| a.text(n).unwrap_or_default().to_owned();
    let names = ["displayName", "mail", "mobilePhone"];
    space.iter().map(|(id, a)| (id.clone(), names.map(|n| text(a, n)))).collect()
}

/// Reads a session to its end.
pub(super) async fn read(mut session: Box<dyn ImportSession>) -> Result<Read, ConnectorError> {
    let (mut entries, mut errors, mut pages) = (Vec::new(), Vec::new(), 0);
    loop {
        let page = session.next_page().await?;
        entries.extend(page.entries);
        errors.extend(page.errors);
        pages += 1;
        if let Some(end) = page.end {
            return Ok(Read { entries, errors, pages, end });
        }
    }
}

/// The error's text with that of all its causes, and its debug form.
pub(super) fn everything_in(error: &ConnectorError) -> String {
    let mut text = format!("{error} {error:?} {:?}", error.help);
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text.push_str(&format!(" {cause} {cause:?}"));
        next = cause.source();
    }
    text
}
