//! `doctor gateway`: everything a sign-in through the gateway depends on.

use std::path::Path;
use std::time::Duration;

use connector_ldap::Lookup;
use kerberos::{Kind, Mechanism, UserName};
use model::{Clock as _, Timestamp};
use net::{SystemClock, TlsTrust};
use rules::{ApplicationConfig, Deployment, GatewayConfig, KerberosConfig, SignOn, TicketForm};

use super::{Check, Verdict, report};
use crate::args::DoctorGateway;
use crate::connectors::CONNECTORS;
use crate::delegation::{
    gateway_obstacles, person_obstacles, read_gateway, read_person, read_service,
};
use crate::faces::kerberos::{account_of, realm_of, set_up};
use crate::failure::{Exit, Failure, chain};
use crate::output::Output;
use crate::secrets::SystemSecrets;
use crate::sources;

/// What is nearby answers within this.
const PATIENCE: Duration = Duration::from_secs(5);
/// Kerberos refuses beyond this (RFC 4120 section 8.2).
const SKEW_SECONDS_MAX: i64 = 300;

/// Runs the command.
pub(super) async fn run(arguments: &DoctorGateway, output: &Output) -> Result<Exit, Failure> {
    let folder = &arguments.config.folder;
    let sources = sources::read(folder)?;
    let checked = rules::check(&sources, CONNECTORS);
    crate::commands::check::report(&checked, &sources, output, false);
    let deployment = checked.deployment.ok_or_else(|| {
        Failure::new("the configuration has errors; mend them first").with_code("CLI-0103")
    })?;
    let Some(config) = &deployment.gateway else {
        return Err(Failure::new("the configuration has no gateway")
            .with_help("describe it in gateway.toml"));
    };
    let secrets = SystemSecrets::new(folder);
    let mut checks = vec![Check::good("configuration", "gateway.toml is in order")];
    checks.push(provider(config, folder).await);
    let lookup = directory(&deployment, config, &secrets, &mut checks).await;
    if let Some(kerberos) = &config.kerberos {
        let account = arguments.account.as_deref();
        tickets(kerberos, config, folder, account, &mut checks).await?;
        if let Some(lookup) = &lookup {
            delegation(kerberos, config, lookup, account, &mut checks).await;
        }
    } else {
        checks.push(Check::skipped("kerberos", "no application asks for it"));
    }
    for application in &config.applications {
        checks.push(backend(application, folder).await);
    }
    Ok(report(&checks, output))
}

fn trust(folder: &Path, ca: Option<&Path>) -> Result<TlsTrust, std::io::Error> {
    ca.map_or(Ok(TlsTrust::System), |ca| std::fs::read(folder.join(ca)).map(TlsTrust::Bundle))
}

async fn ask(url: &str, folder: &Path, ca: Option<&Path>) -> Result<net::StatusCode, String> {
    let trust = trust(folder, ca).map_err(|error| format!("the certificate authority: {error}"))?;
    let client = net::http_client(&trust).map_err(|error| chain(&error))?;
    match client.get(url).timeout(PATIENCE).send().await {
        Ok(answer) => Ok(answer.status()),
        Err(error) => Err(net::certificate_problem(&error).unwrap_or_else(|| chain(&error))),
    }
}

async fn provider(config: &GatewayConfig, folder: &Path) -> Check {
    let provider = &config.provider;
    let url = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
    match ask(&url, folder, provider.ca.as_deref()).await {
        Ok(status) if status.is_success() => Check::good("provider", "it describes itself"),
        Ok(status) => Check::bad("provider", format!("{url} answers {status}"))
            .mended_by([format!("curl {url}")]),
        Err(error) => {
            Check::bad("provider", format!("{url}: {error}")).mended_by([format!("curl -v {url}")])
        }
    }
}

async fn backend(application: &ApplicationConfig, folder: &Path) -> Check {
    let name = format!("application {}", application.name);
    let url = &application.internal_url;
    if url.contains("{host}") {
        return Check::skipped(&name, "its address depends on the host asked for");
    }
    match ask(url, folder, application.ca.as_deref()).await {
        Ok(status) if status.is_server_error() => {
            Check::new(&name, Verdict::Warning, format!("{url} answers {status}"))
        }
        Ok(_) => Check::good(&name, format!("{url} answers")),
        Err(error) => {
            Check::bad(&name, format!("{url}: {error}")).mended_by([format!("curl -v {url}")])
        }
    }
}

/// Signs in to the directory and compares the clocks.
async fn directory(
    deployment: &Deployment,
    config: &GatewayConfig,
    secrets: &SystemSecrets,
    checks: &mut Vec<Check>,
) -> Option<Lookup> {
    let name = config.directory.as_ref()?;
    let document = deployment.connectors.get(name)?;
    let lookup = match Lookup::open(&document.config, secrets).await {
        Ok(lookup) => lookup,
        Err(error) => {
            let detail = format!("{name}: {}", chain(&error));
            let check = Check::bad("directory", detail).coded(error.code());
            checks.push(check.mended_by(error.help));
            checks.push(Check::skipped("clock", "there is nobody to compare with"));
            return None;
        }
    };
    checks.push(Check::good("directory", format!("{name} answers")));
    checks.push(clock(&lookup).await);
    Some(lookup)
}

async fn clock(lookup: &Lookup) -> Check {
    let theirs = lookup.clock().await.ok().flatten();
    let Some(theirs) = theirs.as_deref().and_then(generalized_time) else {
        return Check::skipped("clock", "the directory does not tell the time");
    };
    let ahead = SystemClock.now().seconds() - theirs.seconds();
    if ahead.abs() < SKEW_SECONDS_MAX {
        return Check::good("clock", format!("{} s from the directory's", ahead.abs()));
    }
    let which = if ahead > 0 { "ahead of" } else { "behind" };
    let detail = format!("this machine is {} s {which} the directory", ahead.abs());
    let mend =
        ["systemctl enable --now systemd-timesyncd".to_owned(), "chronyc makestep".to_owned()];
    Check::bad("clock", detail).coded("clock-skew").mended_by(mend)
}

/// `20261124195215.0Z` (RFC 4517 section 3.3.13), as directories write it.
fn generalized_time(text: &str) -> Option<Timestamp> {
    let digits = text.get(..14).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let (date, time) = (
        format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?),
        format!("{}:{}:{}", part(8, 10)?, part(10, 12)?, part(12, 14)?),
    );
    Timestamp::parse(&format!("{date}T{time}Z")).ok()
}

/// The library, the key table, the distribution centres, the gateway's own ticket, and the tickets
/// of `account`.
async fn tickets(
    config: &KerberosConfig,
    gateway: &GatewayConfig,
    folder: &Path,
    account: Option<&str>,
    checks: &mut Vec<Check>,
) -> Result<(), Failure> {
    let file = set_up(config)?;
    let library = match kerberos::Library::load() {
        Ok(library) => library,
        Err(error) => {
            checks.push(failed("kerberos library", &error));
            return Ok(());
        }
    };
    checks.push(Check::good("kerberos library", "it is installed"));
    let path = folder.join(&config.keytab);
    let mut can_ask = key_table(config, &path, checks);
    can_ask &= centres(config, checks).await;
    if !can_ask {
        checks.push(Check::skipped("own ticket", "it cannot be asked for"));
        return Ok(());
    }
    let identity = kerberos::Gateway::new(library, &config.principal, &path);
    let wanted = account.map(|account| UserName::Account {
        name: account.to_owned(),
        realm: realm_of(&config.principal).to_owned(),
    });
    let services = services(gateway);
    let asked = tokio::task::spawn_blocking(move || ask_tickets(&identity, wanted, &services));
    checks.extend(asked.await.map_err(|error| Failure::caused(&error))?);
    drop(file);
    Ok(())
}

fn failed(name: &str, error: &kerberos::KerberosError) -> Check {
    Check::bad(name, chain(error)).coded(error.code()).mended_by([error.help()])
}

fn key_table(config: &KerberosConfig, path: &Path, checks: &mut Vec<Check>) -> bool {
    let entries = match kerberos::keytab::read(path) {
        Ok(entries) => entries,
        Err(error) => {
            checks.push(failed("key table", &error));
            return false;
        }
    };
    let own =
        |e: &&kerberos::KeytabEntry| format!("{}@{}", e.principal, e.realm) == config.principal;
    let Some(newest) = entries.iter().filter(own).max_by_key(|entry| entry.kvno) else {
        let account = account_of(&config.principal);
        let detail = format!("{} has no key of {}", path.display(), config.principal);
        checks.push(Check::bad("key table", detail).coded(Kind::KeytabLacksPrincipal.code()).mended_by([
            format!("ktpass /princ {} /mapuser {account} /crypto AES256-SHA1 /ptype KRB5_NT_PRINCIPAL +rndPass /out {}", config.principal, path.display()),
            format!("samba-tool domain exportkeytab {} --principal={account}", path.display()),
        ]));
        return false;
    };
    let detail = format!("key {} of {}", newest.kvno, config.principal);
    checks.push(readable_by_others(path).unwrap_or_else(|| Check::good("key table", detail)));
    true
}

fn readable_by_others(path: &Path) -> Option<Check> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let detail = format!("others on this machine can read {}", path.display());
    let check = Check::new("key table", Verdict::Warning, detail);
    (mode & 0o077 != 0).then(|| check.mended_by([format!("chmod 600 {}", path.display())]))
}

/// Whether any distribution centre of the gateway's realm can be reached.
async fn centres(config: &KerberosConfig, checks: &mut Vec<Check>) -> bool {
    let mut any = false;
    let realm = config.realms.get(realm_of(&config.principal));
    for kdc in realm.iter().flat_map(|realm| &realm.kdcs) {
        let has_port = kdc.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let address = if has_port { kdc.clone() } else { format!("{kdc}:88") };
        let name = format!("distribution centre {kdc}");
        let connect = tokio::net::TcpStream::connect(&address);
        let detail = match tokio::time::timeout(PATIENCE, connect).await {
            Ok(Ok(_)) => {
                any = true;
                checks.push(Check::good(&name, "it answers"));
                continue;
            }
            Ok(Err(error)) => format!("{address}: {error}"),
            Err(_elapsed) => format!("{address} does not answer"),
        };
        let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
        let check = Check::bad(&name, detail).coded(Kind::KdcUnreachable.code());
        checks.push(check.mended_by([format!("nc -vz {host} 88")]));
    }
    any
}

/// Every service that applications want tickets for, each once.
fn services(gateway: &GatewayConfig) -> Vec<(String, Mechanism)> {
    let mut all: Vec<(String, Mechanism)> = Vec::new();
    for application in &gateway.applications {
        let SignOn::Kerberos { services, form, .. } = &application.sign_on else { continue };
        let mechanism = match form {
            TicketForm::Spnego => Mechanism::Spnego,
            TicketForm::Kerberos => Mechanism::Kerberos,
        };
        for service in services {
            if !all.iter().any(|(known, _)| known.eq_ignore_ascii_case(service)) {
                all.push((service.clone(), mechanism));
            }
        }
    }
    all
}

/// Asks for the gateway's own ticket, and for those of a person to every service.
fn ask_tickets(
    gateway: &kerberos::Gateway,
    person: Option<UserName>,
    services: &[(String, Mechanism)],
) -> Vec<Check> {
    if let Err(error) = gateway.check() {
        return vec![failed("own ticket", &error)];
    }
    let mut checks = vec![Check::good("own ticket", "the key is right")];
    let Some(person) = person else { return checks };
    let delegated = match gateway.impersonate(&person) {
        Ok(delegated) => delegated,
        Err(error) => {
            checks.push(failed("ticket of the account", &error));
            return checks;
        }
    };
    checks.push(Check::good("ticket of the account", "the gateway can speak for it"));
    for (service, mechanism) in services {
        let name = format!("ticket to {service}");
        checks.push(match delegated.token(service, *mechanism, None) {
            Ok(_token) => Check::good(&name, "it is granted"),
            Err(error) => failed(&name, &error),
        });
    }
    checks
}

/// What the directory says of the gateway's account, the services and the person.
async fn delegation(
    config: &KerberosConfig,
    gateway: &GatewayConfig,
    lookup: &Lookup,
    account: Option<&str>,
    checks: &mut Vec<Check>,
) {
    let read = async {
        let own = read_gateway(lookup, account_of(&config.principal)).await?;
        let mut services_read = Vec::new();
        for (service, _) in services(gateway) {
            services_read.push(read_service(lookup, &service).await?);
        }
        let person = match account {
            Some(account) => Some(read_person(lookup, account).await?),
            None => None,
        };
        Ok::<_, connector::ConnectorError>((own, services_read, person))
    };
    let (own, services, person) = match read.await {
        Ok(read) => read,
        Err(error) => {
            checks.push(Check::bad("delegation", chain(&error)).coded(error.code()));
            return;
        }
    };
    let obstacles = gateway_obstacles(&own, &services);
    if obstacles.is_empty() {
        checks.push(Check::good("delegation", "it is granted to every service"));
    }
    for obstacle in obstacles {
        let check = Check::bad("delegation", obstacle.problem).coded(obstacle.code);
        checks.push(check.mended_by(obstacle.mend));
    }
    match person {
        None => {}
        Some(None) => checks.push(Check::bad("account", "it is not in the directory")),
        Some(Some(facts)) => {
            let reasons = person_obstacles(&facts, SystemClock.now());
            checks.push(if reasons.is_empty() {
                Check::good("account", "it may be delegated")
            } else {
                Check::bad("account", reasons.join("; "))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_tells_the_time_in_its_own_way() {
        let moment = generalized_time("20261124195215.0Z").unwrap();
        assert_eq!(moment.to_string(), "2026-11-24T19:52:15Z");
        assert_eq!(generalized_time("soon"), None);
        assert_eq!(generalized_time("2026112419"), None);
    }
}
