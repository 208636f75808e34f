//! A deployment for tests: a simulated tenant, a directory, a configuration folder, and the binary
//! that works on it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use model::Secret;
use net::SystemClock;
use serde_json::Value;
use sim::directory::{Directory, DirectoryHandle, DirectoryOptions};
use sim::tenant::{AppOptions, AppSecret, Tenant, TenantHandle, TenantOptions};
use tempfile::TempDir;
use testad::{PasswordPolicy, SambaDc};
use toml_edit::{DocumentMut, value};

pub(crate) const CLIENT_ID: &str = "0dc4c140-0000-4000-8000-000068babca0";
pub(crate) const CLIENT_SECRET: &str = "tenant-secret-7f31";
pub(crate) const BIND_PASSWORD: &str = "Bind-password-91x";
const GUESTS: &str = "OU=B2BGuest,DC=contoso,DC=com";

/// Which directory a test uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Simulated,
    Samba,
}

/// A directory of either kind.
pub(crate) enum Server {
    Simulated(DirectoryHandle),
    Samba(Box<SambaDc>),
}

impl Server {
    pub(crate) fn create_ou(&self, dn: &str) {
        match self {
            Self::Simulated(directory) => directory.create_ou(dn).unwrap(),
            Self::Samba(samba) => samba.create_ou(dn).unwrap(),
        }
    }

    /// Makes every password too short, or lets them through again.
    pub(crate) fn refuse_passwords(&self, refuse: bool) {
        let min_length = if refuse { 200 } else { 7 };
        match self {
            Self::Simulated(directory) => directory.set_password_policy(min_length),
            Self::Samba(samba) => {
                let min_length = if refuse { 14 } else { 7 };
                let policy = PasswordPolicy { min_length, is_complex: true };
                samba.set_password_policy(policy).unwrap();
            }
        }
    }

    /// Makes an account that nobody but its owner knows of.
    pub(crate) fn create_user(&self, dn: &str, account_name: &str) {
        match self {
            Self::Simulated(directory) => {
                let name = [account_name.as_bytes()];
                let attributes =
                    [("objectClass", &[&b"user"[..]][..]), ("sAMAccountName", &name[..])];
                directory.add(dn, &attributes).unwrap();
            }
            Self::Samba(samba) => samba
                .ldapmodify(&format!(
                    "dn: {dn}\nchangetype: add\nobjectClass: user\n\
                     sAMAccountName: {account_name}\n"
                ))
                .unwrap(),
        }
    }

    /// Somebody else changes an account.
    pub(crate) fn change(&self, dn: &str, name: &str, text: &str) {
        match self {
            Self::Simulated(directory) => {
                directory.modify(dn, &[(name, &[text.as_bytes()])]).unwrap();
            }
            Self::Samba(samba) => samba
                .ldapmodify(&format!(
                    "dn: {dn}\nchangetype: modify\nreplace: {name}\n{name}: {text}\n"
                ))
                .unwrap(),
        }
    }

    /// Somebody deletes an account.
    pub(crate) fn delete(&self, dn: &str) {
        match self {
            Self::Simulated(directory) => directory.delete(dn).unwrap(),
            Self::Samba(samba) => {
                samba.ldapmodify(&format!("dn: {dn}\nchangetype: delete\n")).unwrap();
            }
        }
    }

    /// The security identifier of the account at a DN in the way that JSON shows it.
    pub(crate) fn sid(&self, dn: &str) -> Option<String> {
        match self {
            Self::Simulated(directory) => {
                let entry = directory.get(dn)?;
                Some(hex(entry.get("objectSid")?.first()?))
            }
            Self::Samba(samba) => {
                let (rdn, base) = dn.split_once(',').unwrap();
                let ldif = samba.ldapsearch(base, &format!("({rdn})"), &["objectSid"]).unwrap();
                ldif.contains("dn:").then(|| crate::samba::sid_of(&ldif))
            }
        }
    }

    /// The accounts in the container of guests, by DN, with their security identifiers as JSON
    /// shows them.
    pub(crate) fn accounts(&self) -> BTreeMap<String, String> {
        match self {
            Self::Simulated(directory) => directory
                .find_all("(objectClass=user)")
                .unwrap()
                .into_iter()
                .filter(|(dn, _)| dn.ends_with(GUESTS))
                .map(|(dn, entry)| (dn, hex(&entry["objectSid"][0])))
                .collect(),
            Self::Samba(samba) => {
                let ldif = samba.ldapsearch(GUESTS, "(objectClass=user)", &["objectSid"]).unwrap();
                let records = ldif.split("dn: ").skip(1);
                let account = |record: &str| {
                    (record.lines().next().unwrap().to_owned(), crate::samba::sid_of(record))
                };
                records.map(account).collect()
            }
        }
    }

    /// An attribute of the account at a DN as text; `None` when there is no account.
    pub(crate) fn attribute(&self, dn: &str, name: &str) -> Option<String> {
        match self {
            Self::Simulated(directory) => {
                let entry = directory.get(dn)?;
                let values = entry.get(name);
                let first = values.and_then(|values| values.first());
                Some(first.map(|v| String::from_utf8_lossy(v).into_owned()).unwrap_or_default())
            }
            Self::Samba(samba) => {
                let (rdn, base) = dn.split_once(',').unwrap();
                let ldif = samba.ldapsearch(base, &format!("({rdn})"), &[name]).unwrap();
                if !ldif.contains("dn:") {
                    return None;
                }
                let prefix = format!("{name}: ");
                let found = ldif.lines().find_map(|line| line.strip_prefix(&prefix));
                Some(found.unwrap_or_default().to_owned())
            }
        }
    }
}

/// The deployment.
pub(crate) struct Deployment {
    pub(crate) tenant: TenantHandle,
    pub(crate) directory: Server,
    pub(crate) folder: TempDir,
    bind_password: String,
    runtime: tokio::runtime::Runtime,
}

impl Deployment {
    /// The documented deployment: 2 guests and a member, nothing run.
    pub(crate) fn documented(kind: Kind) -> Self {
        let deployment = Self::start(kind, "b2b-documented", |_| {});
        for (name, mail) in [
            ("Ada Lind", "ada@treyresearch.example"),
            ("Bruno Keller", "bruno@treyresearch.example"),
        ] {
            deployment.tenant.invite(name, mail).unwrap();
        }
        deployment.tenant.add_member("Mia Member", "mia").unwrap();
        deployment
    }

    /// The recommended deployment with an empty tenant, nothing run.
    pub(crate) fn recommended(kind: Kind) -> Self {
        Self::start(kind, "b2b", |_| {})
    }

    /// The recommended deployment with an empty tenant whose options are changed first.
    pub(crate) fn recommended_with(kind: Kind, change: impl FnOnce(&mut TenantOptions)) -> Self {
        Self::start(kind, "b2b", change)
    }

    /// The recommended deployment on the simulated directory, with a tenant whose access tokens
    /// live only so long.
    pub(crate) fn with_token_lifetime(seconds: i64) -> Self {
        Self::start(Kind::Simulated, "b2b", |options| options.token_lifetime_seconds = seconds)
    }

    fn start(kind: Kind, example: &str, change: impl FnOnce(&mut TenantOptions)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut options = TenantOptions::new(Arc::new(SystemClock));
        options.apps.push(AppOptions {
            client_id: CLIENT_ID.to_owned(),
            secrets: vec![AppSecret::lasting(CLIENT_SECRET)],
            certificates: Vec::new(),
            roles: vec!["User.Read.All".to_owned()],
            ..AppOptions::default()
        });
        change(&mut options);
        let tenant = runtime.block_on(Tenant::start(options)).unwrap();
        let (directory, bind_dn, url, ca, bind_password) = match kind {
            Kind::Simulated => {
                let password = Secret::new(BIND_PASSWORD.to_owned());
                let options = DirectoryOptions::new(password, Arc::new(SystemClock));
                let directory = runtime.block_on(Directory::start(options)).unwrap();
                let (dn, url) = (directory.bind_dn(), directory.url());
                let ca = directory.ca_pem().to_owned();
                (Server::Simulated(directory), dn, url, ca, BIND_PASSWORD.to_owned())
            }
            Kind::Samba => {
                let samba = SambaDc::start().unwrap();
                samba.create_ou("OU=B2BGuest,DC=contoso,DC=com").unwrap();
                let (dn, url) = (samba.service().dn.clone(), samba.url());
                let password = samba.service().password.expose().to_owned();
                let ca = samba.ca_pem().to_owned();
                (Server::Samba(Box::new(samba)), dn, url, ca, password)
            }
        };
        let folder = tempfile::tempdir().unwrap();
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        copy(&examples.join(example), folder.path());
        std::fs::write(folder.path().join("tenant-ca.pem"), tenant.ca_pem()).unwrap();
        std::fs::write(folder.path().join("ca.pem"), ca).unwrap();
        let deployment = Self { tenant, directory, folder, bind_password, runtime };
        let tenant_url = deployment.tenant.base_url().to_owned();
        deployment.edit("connectors/b2b-graph.toml", |document| {
            document["connectivity"]["authority"] = value(&tenant_url);
            document["connectivity"]["graph"] = value(&tenant_url);
            document["connectivity"]["ca"] = value("tenant-ca.pem");
        });
        deployment.edit("connectors/adma.toml", |document| {
            let servers: toml_edit::Array = [url].into_iter().collect();
            document["connectivity"]["servers"] = value(servers);
            document["connectivity"]["bind"]["user"] = value(bind_dn);
        });
        deployment
    }

    /// Changes a document.
    pub(crate) fn edit(&self, file: &str, change: impl FnOnce(&mut DocumentMut)) {
        let path = self.folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let mut document: DocumentMut = text.parse().unwrap();
        change(&mut document);
        std::fs::write(&path, document.to_string()).unwrap();
    }

    /// Replaces text in a document.
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from:?}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }

    /// The binary with the deployment's secrets in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
        command
            .args(arguments)
            .env("PROXENY_CONFIG", self.folder.path())
            .env("PROXENY_GRAPH_SECRET", CLIENT_SECRET)
            .env("PROXENY_AD_PASSWORD", &self.bind_password)
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The JSON objects that a command prints, and its exit code.
    pub(crate) fn json(&self, arguments: &[&str]) -> (Vec<Value>, i32) {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let output = self.output(&arguments);
        (objects(&output), output.status.code().unwrap())
    }

    /// A command that must succeed.
    pub(crate) fn done(&self, arguments: &[&str]) -> Vec<Value> {
        let (objects, code) = self.json(arguments);
        assert_eq!(code, 0, "{arguments:?}: {objects:#?}");
        objects
    }

    /// The handle of the simulated directory.
    pub(crate) fn simulated(&self) -> &DirectoryHandle {
        match &self.directory {
            Server::Simulated(directory) => directory,
            Server::Samba(_) => panic!("the directory is no simulated one"),
        }
    }

    /// One run; its summary.
    pub(crate) fn run(&self, connector: &str, profile: &str) -> Value {
        let (mut objects, _) = self.json(&["run", connector, profile]);
        objects.pop().unwrap()
    }

    /// Rules applied and the whole cycle run once.
    pub(crate) fn cycle(&self) -> Vec<Value> {
        self.done(&["apply"]);
        self.done(&["run", "--sequence", "b2b"])
    }

    /// The runs that carry a change of the tenant through; their summaries.
    pub(crate) fn settle(&self) -> Vec<Value> {
        let runs = [
            ("b2b-graph", "delta-import"),
            ("b2b-graph", "delta-sync"),
            ("adma", "export"),
            ("adma", "delta-import"),
            ("adma", "delta-sync"),
            ("mimma", "export"),
            ("mimma", "delta-import"),
            ("mimma", "delta-sync"),
        ];
        runs.iter().map(|(connector, profile)| self.run(connector, profile)).collect()
    }

    /// The ids of the tenant's guests, in order of their names.
    pub(crate) fn guests(&self) -> Vec<String> {
        let mut guests: Vec<(String, String)> = self
            .tenant
            .users()
            .into_iter()
            .filter(|user| user.get("userType").and_then(Value::as_str) == Some("Guest"))
            .map(|user| {
                let text = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
                (text("displayName"), text("id"))
            })
            .collect();
        guests.sort();
        guests.into_iter().map(|(_, id)| id).collect()
    }

    /// Runs something that needs the deployment's own threads.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

/// Octets as JSON shows them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

/// The DN of a guest's account.
pub(crate) fn account(id: &str) -> String {
    format!("CN={id},OU=B2BGuest,DC=contoso,DC=com")
}

/// The JSON objects in a command's output.
pub(crate) fn objects(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    let parse = |line: &str| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{output:?}"))
    };
    text.lines().map(parse).collect()
}

/// Copies a folder into another.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
