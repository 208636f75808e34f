//! The gateway: sign-in at the tenant, accounts of the metaverse, tickets of the directory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use connector::{SecretSource, Secrets as _};
use gateway::{Gateway, GatewayParts, KerberosExchange, SystemRandom, TicketCache, Tickets};
use kerberos::Library;
use model::Secret;
use net::{SystemClock, TlsTrust, http_client};
use rules::{GatewayConfig, KerberosConfig, SignOn};

use super::accounts::{Directory, MetaverseAccounts};
use super::kerberos::{account_of, set_up};
use crate::failure::{Failure, chain};
use crate::kerberos_config::KerberosFile;
use crate::session::Session;

/// A gateway, with what has to live as long.
pub(super) struct Built {
    pub(super) gateway: Gateway,
    pub(super) kerberos: Option<KerberosFile>,
}

/// The gateway of `session`. Asks neither provider nor directory yet.
///
/// # Errors
/// When a secret or file cannot be had.
pub(super) fn build(
    session: &Arc<Session>,
    config: &GatewayConfig,
    folder: &Path,
) -> Result<Built, Failure> {
    let trust = match &config.provider.ca {
        None => TlsTrust::System,
        Some(ca) => {
            let path = folder.join(ca);
            TlsTrust::Bundle(std::fs::read(&path).map_err(|error| {
                Failure::new(format!("cannot read {}: {error}", path.display()))
            })?)
        }
    };
    let client = http_client(&trust).map_err(|error| Failure::caused(&error))?;
    let (tickets, kerberos) = match &config.kerberos {
        None => (None, None),
        Some(kerberos) => {
            let (tickets, file) = tickets(kerberos, folder)?;
            (Some(tickets), Some(file))
        }
    };
    let gateway = Gateway::new(GatewayParts {
        client_secret: resolve(session, &config.provider.client_secret)?,
        assertion_secrets: assertion_secrets(config, session)?,
        config: config.clone(),
        folder: folder.to_owned(),
        fetch: Arc::new(client),
        accounts: Arc::new(accounts(session, config)),
        tickets,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    });
    let gateway = gateway.map_err(|error| Failure::caused(&error).with_code(error.code()))?;
    Ok(Built { gateway, kerberos })
}

fn resolve(session: &Session, source: &SecretSource) -> Result<Secret, Failure> {
    session.secrets().resolve(source).map_err(|error| Failure::caused(&error))
}

fn assertion_secrets(
    config: &GatewayConfig,
    session: &Session,
) -> Result<BTreeMap<String, Secret>, Failure> {
    let mut secrets = BTreeMap::new();
    for application in &config.applications {
        if let SignOn::Headers { secret: Some(source), .. } = &application.sign_on {
            secrets.insert(application.name.clone(), resolve(session, source)?);
        }
    }
    Ok(secrets)
}

fn tickets(
    config: &KerberosConfig,
    folder: &Path,
) -> Result<(Arc<dyn Tickets>, KerberosFile), Failure> {
    let file = set_up(config)?;
    let library = Library::load().map_err(|error| {
        let help = error.help();
        Failure::new(chain(&error)).with_help(help).with_code(error.code())
    })?;
    let identity = kerberos::Gateway::new(library, &config.principal, &folder.join(&config.keytab));
    let exchange = KerberosExchange::new(identity);
    let cache = TicketCache::new(exchange, config.ticket_seconds_max, Arc::new(SystemClock));
    Ok((Arc::new(cache), file))
}

fn accounts(session: &Session, config: &GatewayConfig) -> MetaverseAccounts {
    let setup = config.directory.as_ref().and_then(|name| session.engine.setup().connector(name));
    let directory = setup.map(|setup| Directory {
        id: setup.id,
        config: setup.document.config.clone(),
        secrets: session.secrets().clone(),
        gateway_account: config
            .kerberos
            .as_ref()
            .map(|kerberos| account_of(&kerberos.principal).to_owned()),
    });
    MetaverseAccounts {
        store: session.engine.store().clone(),
        attributes: config.accounts.clone(),
        directory,
        clock: Arc::new(SystemClock),
    }
}
