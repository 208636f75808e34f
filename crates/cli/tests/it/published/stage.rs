//! A deployment with portal and gateway, and the binary that serves both.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use sim::tenant::{AppOptions, AppSecret};
use sim::tls::Authority;
use toml_edit::value;

use crate::deployment::{Deployment, Kind, Server};

const GATEWAY_CLIENT: &str = "0dc4c140-0000-4000-8000-00006a7e0a11";
const GATEWAY_SECRET: &str = "gateway-secret-5c1d";
const ASSERTION_SECRET: &str = "assertion-secret-of-more-than-32-octets";

/// The binary, serving.
pub(crate) struct Stage {
    pub(crate) deployment: Deployment,
    /// Where people find the portal.
    pub(crate) url: String,
    /// Where the portal itself listens.
    pub(crate) portal: String,
    /// The certificate authority of the gateway.
    pub(crate) ca_pem: String,
    pub(crate) kind: Kind,
    /// The local administrator's password, of the first start.
    pub(crate) password: String,
    serving: Child,
    log: PathBuf,
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Stage {
    /// Two guests with accounts and a member without, portal and gateway served.
    pub(crate) fn set(kind: Kind) -> Self {
        let (port, portal_port) = (free_port(), free_port());
        let url = format!("https://localhost:{port}/");
        let deployment = Deployment::recommended_with(kind, |options| {
            options.control = true;
            options.apps.push(AppOptions {
                client_id: GATEWAY_CLIENT.to_owned(),
                secrets: vec![AppSecret::lasting(GATEWAY_SECRET)],
                redirect_uris: ["callback", "signed-out"]
                    .map(|path| format!("{url}.proxeny/{path}"))
                    .to_vec(),
                logout_url: Some(format!("{url}.proxeny/front-channel-logout")),
                ..AppOptions::default()
            });
        });
        for (name, mail) in [
            ("Ada Lind", "ada@treyresearch.example"),
            ("Bruno Keller", "bruno@treyresearch.example"),
        ] {
            deployment.tenant.invite(name, mail).unwrap();
        }
        deployment.tenant.add_member("Mia Member", "mia").unwrap();
        let ca_pem = configure(&deployment, &url, port, portal_port);
        deployment.cycle();
        let log = deployment.folder.path().join("serve.log");
        let mut stage = Self {
            serving: serve(&deployment, &log),
            portal: format!("http://127.0.0.1:{portal_port}/"),
            deployment,
            url,
            ca_pem,
            kind,
            password: String::new(),
            log,
        };
        stage.wait_until_served();
        stage
    }

    fn wait_until_served(&mut self) {
        let mut line = String::new();
        let mut stdout = BufReader::new(self.serving.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let places: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: {line}\n{}", self.log()));
        assert!(places["gateway"].is_string() && places["portal"].is_string(), "{places}");
        if let Some(password) = places["password"].as_str() {
            self.password = password.to_owned();
        }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends the serving process, which it must do properly unless it has ended, and starts another.
    pub(crate) fn restart(&mut self) {
        if self.serving.try_wait().unwrap().is_none() {
            self.end();
        }
        self.serving = serve(&self.deployment, &self.log);
        self.wait_until_served();
    }

    /// Asks the serving process to end, which it must do properly.
    pub(crate) fn end(&mut self) {
        let id = self.serving.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert_eq!(self.serving.wait().unwrap().code(), Some(0), "{}", self.log());
    }

    /// The binary with every secret in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        command(&self.deployment, arguments)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Both fail for one that has ended.
        let _killed = self.serving.kill();
        let _waited = self.serving.wait();
    }
}

fn command(deployment: &Deployment, arguments: &[&str]) -> Command {
    let mut command = deployment.command(arguments);
    command
        .env("PROXENY_GATEWAY_SECRET", GATEWAY_SECRET)
        .env("PROXENY_ASSERTION_SECRET", ASSERTION_SECRET);
    command
}

fn serve(deployment: &Deployment, log: &std::path::Path) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
    let mut command = command(deployment, &["serve", "--json", "-v"]);
    command.stdout(Stdio::piped()).stderr(log).spawn().unwrap()
}

/// Points the examples' gateway and portal at this machine; returns the authority of the gateway's
/// certificate.
fn configure(deployment: &Deployment, url: &str, port: u16, portal_port: u16) -> String {
    let folder = deployment.folder.path();
    let authority = Authority::new().unwrap();
    let (certificate, key) = authority.server_pem(&["localhost"]).unwrap();
    std::fs::write(folder.join("gateway.pem"), certificate).unwrap();
    std::fs::write(folder.join("gateway.key"), key).unwrap();
    let (issuer, portal) = (
        format!("{}/{}/v2.0", deployment.tenant.base_url(), deployment.tenant.tenant_id()),
        format!("127.0.0.1:{portal_port}"),
    );
    let samba = match &deployment.directory {
        Server::Samba(samba) => Some((samba.prepare_delegation().unwrap(), samba.address())),
        Server::Simulated(_) => None,
    };
    deployment.edit("gateway.toml", |document| {
        document["listen"] = value(format!("127.0.0.1:{port}"));
        document["provider"]["issuer"] = value(issuer);
        document["provider"]["ca"] = value("tenant-ca.pem");
        document["applications"]["portal"]["external_url"] = value(url);
        document["applications"]["portal"]["internal_url"] = value(format!("http://{portal}/"));
        if let Some((delegation, address)) = &samba {
            let keytab = delegation.gateway.keytab.display().to_string();
            document["kerberos"]["keytab"] = value(keytab);
            let kdcs: toml_edit::Array = [address.to_string()].into_iter().collect();
            document["kerberos"]["realms"]["CONTOSO.COM"]["kdcs"] = value(kdcs);
        } else {
            document.remove("kerberos");
            let mut sign_on = toml_edit::Table::new();
            sign_on["mode"] = value("headers");
            sign_on["secret"] = secret("PROXENY_ASSERTION_SECRET");
            document["applications"]["portal"]["sign_on"] = toml_edit::Item::Table(sign_on);
        }
    });
    deployment.edit("proxeny.toml", |document| {
        document["api"]["listen"] = value(portal);
        let origins: toml_edit::Array = [url.trim_end_matches('/')].into_iter().collect();
        document["api"]["origins"] = value(origins);
        if let Some((delegation, _)) = &samba {
            let keytab = delegation.portal.keytab.display().to_string();
            document["api"]["kerberos"]["keytab"] = value(keytab);
        } else {
            document["api"].as_table_mut().unwrap().remove("kerberos");
            document["api"]["assertion"] = toml_edit::table();
            document["api"]["assertion"]["secret"] = secret("PROXENY_ASSERTION_SECRET");
            document["api"]["assertion"]["audience"] = value("portal");
        }
        let schedules = document["schedules"].as_array_of_tables_mut().unwrap();
        schedules.get_mut(0).unwrap()["every"] = value("2 s");
    });
    authority.certificate_pem().to_owned()
}

fn secret(name: &str) -> toml_edit::Item {
    let mut table = toml_edit::InlineTable::new();
    table.insert("env", name.into());
    value(table)
}
