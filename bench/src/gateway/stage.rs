//! Tenant, gateway and back end, wired as the program does it, each on threads of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use connector::SecretSource;
use gateway::{
    Account, Accounts, AccountsError, Found, Gateway, GatewayParts, Person, SystemRandom,
    TicketErrorKind, Tickets as _,
};
use model::Secret;
use net::{Client, ClientConfig, ServeOptions, SystemClock, TlsTrust, http_client, server_tls};
use rules::{
    AccountAttributes, ApplicationConfig, Assignment, BackendTimeouts, FindBy, GatewayConfig,
    LoginIdentity, ProviderConfig, SendTicket, SessionLimits, SignOn, TicketForm, Translate,
};
use sim::tenant::{AppOptions, AppSecret, Tenant, TenantHandle, TenantOptions};
use sim::tls::Authority;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use super::backend::{Backend, REMOTE_USER};
use super::client::Address;
use super::domain::{self, Domain};
use crate::Failure;

/// Kerberos by account name.
pub(super) const PORTAL: &str = "portal.contoso.com";
/// Kerberos by the tenant's user principal name.
pub(super) const APP: &str = "app.contoso.com";
/// Sign-on by header.
pub(super) const HEADERS: &str = "headers.contoso.com";
/// No sign-on.
pub(super) const PLAIN: &str = "plain.contoso.com";
const HOSTS: [&str; 4] = [PORTAL, APP, HEADERS, PLAIN];
const BACKEND: &str = "localhost";

const CLIENT: &str = "0dc4c140-0000-4000-8000-0000000000b1";
const SECRET: &str = "correct horse battery staple";

/// The whole of it.
pub(super) struct Stage {
    pub(super) tenant: TenantHandle,
    /// The way to the tenant.
    pub(super) http: Client,
    pub(super) backend: Arc<Backend>,
    /// Object ids of the guests.
    pub(super) guests: Vec<String>,
    gateway_port: u16,
    backend_ports: (u16, u16),
    tls: Arc<ClientConfig>,
}

/// Accounts by object id, at hand at once.
struct Known(BTreeMap<String, Account>);

#[async_trait]
impl Accounts for Known {
    async fn find(&self, _: FindBy, person: &Person) -> Result<Found, AccountsError> {
        let found = self.0.get(&person.object_id).cloned();
        Ok(found.map_or(Found::Nobody, |account| Found::Account(Box::new(account))))
    }

    async fn explain(&self, _: &Account, _: TicketErrorKind, _: &str) -> Option<String> {
        None
    }
}

impl Stage {
    /// Starts everything: gateway and back end on the runtimes given, the tenant on this one.
    pub(super) async fn start(
        domain: &Domain,
        guests: usize,
        (gateway_runtime, backend_runtime): (&Handle, &Handle),
    ) -> Result<Self, Failure> {
        let tenant = Tenant::start(tenant_options()).await?;
        let mut accounts = BTreeMap::new();
        let mut ids = Vec::new();
        for number in 0..guests {
            let mail = format!("guest{number}@treyresearch.example");
            let id = tenant.invite(&format!("Guest Number {number}"), &mail)?;
            accounts.insert(id.clone(), account(&id, number));
            ids.push(id);
        }
        let http = http_client(&TlsTrust::Bundle(tenant.ca_pem().into()))?;
        let authority = Authority::new()?;
        let trust = TlsTrust::Bundle(authority.certificate_pem().into());
        let backend = Backend::new(domain.acceptor()?);
        let serve = |options, listener| {
            backend_runtime.spawn(backend.clone().serve(listener, options));
        };
        let (plain, plain_port) = listen().await?;
        serve(ServeOptions::default(), plain);
        let (encrypted, tls_port) = listen().await?;
        serve(with_tls(&authority, &[BACKEND])?, encrypted);
        let gateway = Gateway::new(GatewayParts {
            config: config(&tenant, plain_port),
            folder: PathBuf::from("/"),
            client_secret: Secret::new(SECRET.to_owned()),
            assertion_secrets: BTreeMap::new(),
            fetch: Arc::new(http.clone()),
            accounts: Arc::new(Known(accounts)),
            tickets: Some(domain.tickets.clone()),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        })?;
        domain.tickets.check().await?;
        let (listener, gateway_port) = listen().await?;
        let options = with_tls(&authority, &HOSTS)?;
        gateway_runtime.spawn(async move {
            gateway.serve(listener, options, std::future::pending()).await;
        });
        Ok(Self {
            tenant,
            http,
            backend,
            guests: ids,
            gateway_port,
            backend_ports: (plain_port, tls_port),
            tls: net::tls_config(&trust)?,
        })
    }

    /// The gateway, at one of its hosts.
    pub(super) fn published(&self, host: &str) -> Address {
        let tls = Some(self.tls.clone());
        Address { port: self.gateway_port, host: host.to_owned(), tls }
    }

    /// The back end itself.
    pub(super) fn bare(&self, is_tls: bool) -> Address {
        let (plain, encrypted) = self.backend_ports;
        let port = if is_tls { encrypted } else { plain };
        Address { port, host: BACKEND.to_owned(), tls: is_tls.then(|| self.tls.clone()) }
    }
}

async fn listen() -> Result<(TcpListener, u16), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

fn with_tls(authority: &Authority, names: &[&str]) -> Result<ServeOptions, Failure> {
    let (certificate, key) = authority.server_pem(names)?;
    let tls = server_tls(certificate.as_bytes(), key.as_bytes())?;
    Ok(ServeOptions { tls: Some(tls), ..ServeOptions::default() })
}

fn tenant_options() -> TenantOptions {
    let mut options = TenantOptions::new(Arc::new(SystemClock));
    let callback = |host: &str| format!("https://{host}/.proxeny/callback");
    options.apps = vec![AppOptions {
        client_id: CLIENT.to_owned(),
        secrets: vec![AppSecret::lasting(SECRET)],
        redirect_uris: HOSTS.into_iter().map(callback).collect(),
        ..AppOptions::default()
    }];
    options
}

fn account(object_id: &str, number: usize) -> Account {
    Account {
        object_id: object_id.to_owned(),
        person_name: Some(format!("Guest Number {number}")),
        account_name: Some(domain::account_name(number)),
        domain: Some("CONTOSO".to_owned()),
        user_principal_name: Some(domain::upn(number)),
        mail: Some(format!("guest{number}@treyresearch.example")),
        ..Account::default()
    }
}

fn kerberos(identity: LoginIdentity) -> SignOn {
    SignOn::Kerberos {
        service: "HTTP/{host}".to_owned(),
        services: [PORTAL, APP].map(|host| format!("HTTP/{host}")).to_vec(),
        identity,
        send: SendTicket::Always,
        form: TicketForm::Spnego,
        per_connection: false,
        channel_binding: false,
    }
}

fn by_headers() -> SignOn {
    let headers = [
        (REMOTE_USER, "{domain}\\{account}"),
        ("x-remote-mail", "{mail}"),
        ("x-remote-name", "{name}"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    SignOn::Headers { headers: headers.into(), secret: None }
}

fn config(tenant: &TenantHandle, backend_port: u16) -> GatewayConfig {
    let application = |host: &str, sign_on| ApplicationConfig {
        name: host.to_owned(),
        external_url: format!("https://{host}/"),
        internal_url: format!("http://127.0.0.1:{backend_port}/"),
        ca: None,
        find_by: FindBy::ObjectId,
        sign_on,
        assigned: Assignment::Everybody,
        translate: Translate { headers: true, bodies: false },
        timeouts: BackendTimeouts::default(),
        body_octets_max: None,
        maintenance: None,
    };
    GatewayConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        tls: None,
        session: SessionLimits::default(),
        provider: ProviderConfig {
            issuer: format!("{}/{}/v2.0", tenant.base_url(), tenant.tenant_id()),
            client_id: CLIENT.to_owned(),
            client_secret: SecretSource::Env("UNUSED".to_owned()),
            ca: None,
            scopes: Vec::new(),
        },
        kerberos: None,
        accounts: AccountAttributes::default(),
        directory: None,
        applications: vec![
            application(PORTAL, kerberos(LoginIdentity::AccountName)),
            application(APP, kerberos(LoginIdentity::UserPrincipalName)),
            application(HEADERS, by_headers()),
            application(PLAIN, SignOn::None),
        ],
    }
}
