//! An application as the gateway uses it: its configuration, read and checked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hyper::header::HeaderName;
use model::Secret;
use net::{ClientConfig, TlsTrust, tls_config};
use oidc::assertion::AssertionKey;
use rules::{
    ApplicationConfig, Assignment, BackendTimeouts, FindBy, LoginIdentity, SendTicket, SignOn,
    TicketForm, Translate,
};

use crate::GatewayError;
use crate::place::Place;

/// Kerberos sign-on.
#[derive(Debug, Clone)]
pub(crate) struct KerberosSignOn {
    pub(crate) service: String,
    pub(crate) services: Vec<String>,
    pub(crate) identity: LoginIdentity,
    pub(crate) send: SendTicket,
    pub(crate) form: TicketForm,
    pub(crate) per_connection: bool,
    pub(crate) channel_binding: bool,
}

/// Header sign-on.
#[derive(Debug, Clone)]
pub(crate) struct HeaderSignOn {
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) key: Option<AssertionKey>,
}

/// How people are made known.
#[derive(Debug, Clone)]
pub(crate) enum HowSignedOn {
    Kerberos(KerberosSignOn),
    Headers(HeaderSignOn),
    Not,
}

/// A published application.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) external: Place,
    pub(crate) internal: Place,
    pub(crate) find_by: FindBy,
    pub(crate) sign_on: HowSignedOn,
    pub(crate) assigned: Assignment,
    pub(crate) translate: Translate,
    pub(crate) timeouts: BackendTimeouts,
    pub(crate) body_octets_max: Option<u64>,
    pub(crate) maintenance: Option<String>,
    /// Whom to believe behind an internal `https`.
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

/// What the applications' configuration refers to.
pub(crate) struct Surroundings<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) secrets: &'a BTreeMap<String, Secret>,
    pub(crate) has_tickets: bool,
}

impl Application {
    pub(crate) fn read(
        config: &ApplicationConfig,
        around: &Surroundings<'_>,
    ) -> Result<Self, GatewayError> {
        let (external, internal) = places(config)?;
        let tls = if internal.is_https { Some(trust(config, around.folder)?) } else { None };
        Ok(Self {
            name: config.name.clone(),
            external,
            internal,
            find_by: config.find_by,
            sign_on: sign_on(config, around)?,
            assigned: config.assigned.clone(),
            translate: config.translate,
            timeouts: config.timeouts,
            body_octets_max: config.body_octets_max,
            maintenance: config.maintenance.clone(),
            tls,
        })
    }
}

fn places(config: &ApplicationConfig) -> Result<(Place, Place), GatewayError> {
    let application = config.name.clone();
    let external = Place::external(&config.external_url).map_err(|problem| {
        let (application, url) = (application.clone(), config.external_url.clone());
        GatewayError::ExternalUrl { application, url, problem }
    })?;
    let internal_error = |problem| {
        let url = config.internal_url.clone();
        GatewayError::InternalUrl { application: application.clone(), url, problem }
    };
    let internal = Place::internal(&config.internal_url).map_err(internal_error)?;
    if internal.has_star() && !external.has_star() {
        return Err(internal_error("has {host} in it and the external address has no star"));
    }
    Ok((external, internal))
}

fn trust(config: &ApplicationConfig, folder: &Path) -> Result<Arc<ClientConfig>, GatewayError> {
    let application = &config.name;
    let trust = match &config.ca {
        None => TlsTrust::System,
        Some(path) => {
            let path = folder.join(path);
            let pem = std::fs::read(&path).map_err(|source| GatewayError::CertificateFile {
                application: application.clone(),
                path: path.display().to_string(),
                source,
            })?;
            TlsTrust::Bundle(pem)
        }
    };
    tls_config(&trust)
        .map_err(|source| GatewayError::Certificates { application: application.clone(), source })
}

fn sign_on(
    config: &ApplicationConfig,
    around: &Surroundings<'_>,
) -> Result<HowSignedOn, GatewayError> {
    let application = config.name.clone();
    match &config.sign_on {
        SignOn::None => Ok(HowSignedOn::Not),
        SignOn::Kerberos {
            service,
            services,
            identity,
            send,
            form,
            per_connection,
            channel_binding,
        } => {
            if !around.has_tickets {
                return Err(GatewayError::NoKerberos { application });
            }
            Ok(HowSignedOn::Kerberos(KerberosSignOn {
                service: service.clone(),
                services: services.clone(),
                identity: *identity,
                send: *send,
                form: *form,
                per_connection: *per_connection,
                channel_binding: *channel_binding,
            }))
        }
        SignOn::Headers { headers, secret } => {
            let read = |(name, value): (&String, &String)| match HeaderName::try_from(name) {
                Ok(header) if may_carry_identity(&header) => Ok((header, value.clone())),
                _ => Err(GatewayError::HeaderName {
                    application: application.clone(),
                    name: name.clone(),
                }),
            };
            let headers = headers.iter().map(read).collect::<Result<_, _>>()?;
            let key = if secret.is_some() { Some(key(&config.name, around)?) } else { None };
            Ok(HowSignedOn::Headers(HeaderSignOn { headers, key }))
        }
    }
}

fn key(application: &str, around: &Surroundings<'_>) -> Result<AssertionKey, GatewayError> {
    let secret = around
        .secrets
        .get(application)
        .ok_or_else(|| GatewayError::NoSecret { application: application.to_owned() })?;
    AssertionKey::new(secret)
        .map_err(|source| GatewayError::WeakSecret { application: application.to_owned(), source })
}

/// Header fields that frame a message or belong to the gateway carry nobody's name.
fn may_carry_identity(name: &HeaderName) -> bool {
    !matches!(
        name.as_str(),
        "host"
            | "connection"
            | "content-length"
            | "content-type"
            | "cookie"
            | "expect"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}
