//! Connectors to the two directories, as a configuration file would make them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use connector::{
    Connector, ConnectorConfig, ConnectorError, ExportBatch, ExportKind, ExportOperation,
    ImportEntry, ImportKind, ObjectSelection, SecretError, SecretSource, Secrets, Setting,
};
use connector_ldap::Lookup;
use model::{Attributes, Image, Name, Secret};
use net::SystemClock;
use sim::directory::{Directory, DirectoryHandle, DirectoryOptions};
use sim::tls::Authority;
use testad::SambaDc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

pub(crate) const DOMAIN: &str = "DC=contoso,DC=com";
pub(crate) const GUESTS: &str = "OU=B2BGuest,DC=contoso,DC=com";
pub(crate) const SIM_PASSWORD: &str = "Simulated-Passw0rd";

/// What the fixture selects of users.
pub(crate) const ATTRIBUTES: &[&str] = &[
    "givenName",
    "mail",
    "manager",
    "objectSid",
    "otherTelephone",
    "sAMAccountName",
    "sn",
    "title",
    "unicodePwd",
    "userAccountControl",
    "userPrincipalName",
];

struct OneSecret(Secret);

impl Secrets for OneSecret {
    fn resolve(&self, _source: &SecretSource) -> Result<Secret, SecretError> {
        Ok(self.0.clone())
    }
}

/// Where a directory is and how to sign in.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) servers: Vec<String>,
    pub(crate) ca_pem: String,
    pub(crate) user: String,
    pub(crate) password: Secret,
    pub(crate) containers: Vec<String>,
    pub(crate) types: Vec<&'static str>,
    pub(crate) timeout: &'static str,
    #[expect(dead_code, reason = "keeps the shared domain controller running")]
    pub(crate) samba: Option<Arc<SambaDc>>,
}

fn text(text: &str) -> Setting {
    Setting::Text(text.to_owned())
}

fn texts(list: &[String]) -> Setting {
    Setting::List(list.iter().map(|t| text(t)).collect())
}

fn table<const N: usize>(entries: [(&str, Setting); N]) -> Setting {
    Setting::Table(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

impl Place {
    fn config(&self, folder: &Path) -> ConnectorConfig {
        let password = Setting::Secret(SecretSource::Env("PROXENY_AD_PASSWORD".to_owned()));
        let bind = table([("user", text(&self.user)), ("password", password)]);
        let connectivity = table([
            ("servers", texts(&self.servers)),
            ("bind", bind),
            ("ca", text("ca.pem")),
            ("timeout", text(self.timeout)),
        ]);
        let partition = table([("dn", text(DOMAIN)), ("containers", texts(&self.containers))]);
        let selection = |name: &&str| {
            let attributes = if **name == *"user" { ATTRIBUTES } else { &["member"][..] };
            let attributes = if **name == *"container" { &[] } else { attributes };
            let attributes = attributes.iter().map(|a| Name::new(a)).collect();
            (Name::new(name), ObjectSelection { attributes, anchor: None })
        };
        ConnectorConfig {
            name: Name::new("adma"),
            settings: BTreeMap::from([
                ("connectivity".to_owned(), connectivity),
                ("partitions".to_owned(), Setting::List(vec![partition])),
            ]),
            objects: self.types.iter().map(selection).collect(),
            export_allowed: true,
            folder: folder.to_owned(),
        }
    }

    pub(crate) async fn try_connector(&self) -> Result<Arc<dyn Connector>, ConnectorError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), &self.ca_pem).unwrap();
        let validated = (connector_ldap::DESCRIPTOR.validate)(&self.config(folder.path()));
        validated.unwrap().build(&OneSecret(self.password.clone())).await
    }

    pub(crate) async fn lookup(&self) -> Lookup {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), &self.ca_pem).unwrap();
        Lookup::open(&self.config(folder.path()), &OneSecret(self.password.clone())).await.unwrap()
    }

    pub(crate) async fn connector(&self) -> Arc<dyn Connector> {
        self.try_connector().await.unwrap()
    }
}

/// The domain controller that tests of this process share while any of them uses it.
static SAMBA: Mutex<Weak<SambaDc>> = Mutex::new(Weak::new());

/// The shared domain controller.
pub(crate) fn samba() -> Arc<SambaDc> {
    let mut shared = SAMBA.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = shared.upgrade() {
        return running;
    }
    let started = SambaDc::start().unwrap_or_else(|error| panic!("no Samba: {error}"));
    let started = Arc::new(started);
    *shared = Arc::downgrade(&started);
    started
}

/// A new OU `name` on the shared domain controller.
pub(crate) fn samba_place(name: &str) -> Place {
    let dc = samba();
    let ou = format!("OU={name},{DOMAIN}");
    dc.create_ou(&ou).unwrap();
    Place {
        servers: vec![dc.url()],
        ca_pem: dc.ca_pem().to_owned(),
        user: dc.service().dn.clone(),
        password: dc.service().password.clone(),
        containers: vec![ou],
        types: vec!["user", "container"],
        timeout: "20 s",
        samba: Some(dc),
    }
}

/// A simulated domain controller of its own, changed by `adjust`.
pub(crate) async fn simulated(
    adjust: impl FnOnce(&mut DirectoryOptions),
) -> (DirectoryHandle, Place) {
    let password = Secret::new(SIM_PASSWORD.to_owned());
    let mut options = DirectoryOptions::new(password.clone(), Arc::new(SystemClock));
    adjust(&mut options);
    let directory = Directory::start(options).await.unwrap();
    let place = Place {
        servers: vec![directory.url()],
        ca_pem: directory.ca_pem().to_owned(),
        user: directory.bind_dn(),
        password,
        containers: vec![GUESTS.to_owned()],
        types: vec!["user", "container"],
        timeout: "20 s",
        samba: None,
    };
    (directory, place)
}

/// A server with a certificate for `names` that answers the first message with the first of `answers`, and so on.
pub(crate) async fn scripted(names: &[&str], answers: &'static [&'static [u8]]) -> Place {
    let authority = Authority::new().unwrap();
    let acceptor = TlsAcceptor::from(authority.server_config(names).unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = acceptor.accept(stream).await else { return };
        let mut buffer = [0; 4096];
        for answer in answers {
            let _message = stream.read(&mut buffer).await.unwrap();
            stream.write_all(answer).await.unwrap();
            stream.flush().await.unwrap();
        }
        let _end = stream.read(&mut buffer).await;
    });
    let (_directory, place) = simulated(|_| {}).await;
    let servers = vec![format!("ldaps://localhost:{port}")];
    Place { servers, ca_pem: authority.certificate_pem().to_owned(), timeout: "2 s", ..place }
}

/// The attributes of guest `name`.
pub(crate) fn guest(name: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_one("sAMAccountName", name);
    attributes.set_one("userPrincipalName", &*format!("{name}#EXT#@contoso.com"));
    attributes.set_one("givenName", "Ada");
    attributes.set_one("sn", "Trey");
    attributes.set_one("mail", &*format!("{name}@treyresearch.example"));
    attributes.set_one("title", "Guest");
    attributes.set_one("userAccountControl", 262_656);
    attributes
}

/// The operation that creates guest `name` in `ou`.
pub(crate) fn add_guest(ou: &str, name: &str) -> ExportOperation {
    ExportOperation {
        object_type: Name::new("user"),
        dn: format!("CN={name},{ou}"),
        anchor: None,
        kind: ExportKind::Add { attributes: guest(name) },
        secrets: password("Long-And-Random-Passw0rd"),
        in_doubt: false,
    }
}

pub(crate) fn password(text: &str) -> BTreeMap<Name, Secret> {
    [(Name::new("unicodePwd"), Secret::new(text.to_owned()))].into()
}

pub(crate) async fn export(
    connector: &dyn Connector,
    operations: &[ExportOperation],
) -> ExportBatch {
    connector.open_export().await.unwrap().export(operations).await
}

/// Everything one import delivers, and its watermark.
pub(crate) async fn read(
    connector: &dyn Connector,
    kind: ImportKind,
) -> Result<(Vec<ImportEntry>, String), ConnectorError> {
    let mut session = connector.open_import(kind).await?;
    let mut entries = Vec::new();
    loop {
        let page = session.next_page().await?;
        assert_eq!(page.errors, []);
        entries.extend(page.entries);
        match page.end {
            None => {}
            Some(
                connector::Completeness::Complete { watermark: Some(watermark) }
                | connector::Completeness::Delta { watermark },
            ) => return Ok((entries, watermark)),
            Some(other) => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn full(connector: &dyn Connector) -> (Vec<Image>, String) {
    let (entries, watermark) = read(connector, ImportKind::Full).await.unwrap();
    let object = |entry| match entry {
        ImportEntry::Object(image) => image,
        other => panic!("{other:?}"),
    };
    (entries.into_iter().map(object).collect(), watermark)
}

pub(crate) async fn delta(
    connector: &dyn Connector,
    watermark: &str,
) -> (Vec<ImportEntry>, String) {
    let kind = ImportKind::Delta { watermark: watermark.to_owned() };
    read(connector, kind).await.unwrap()
}
