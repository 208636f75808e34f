//! A tenant, a gateway before it, and people.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use gateway::{Account, Gateway, GatewayParts, SystemRandom, Tickets};
use model::{Secret, Sid};
use net::{Client, ServeOptions, TlsTrust, Url, http_client};
use oidc::{Fetch, FetchError, Reply};
use rules::{
    AccountAttributes, ApplicationConfig, Assignment, BackendTimeouts, FindBy, GatewayConfig,
    LoginIdentity, ProviderConfig, SendTicket, SessionLimits, SignOn, TicketForm, Translate,
};
use sim::tenant::{AppOptions, AppSecret, Tenant, TenantHandle, TenantOptions};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::browser::{Answer, Browser};
use crate::fakes::{FakeAccounts, FakeTickets, TestClock};

pub(crate) const PORTAL: &str = "portal.contoso.com";
pub(crate) const WIKI: &str = "wiki.contoso.com";
pub(crate) const CLIENT: &str = "0dc4c140-0000-4000-8000-0000000000b1";
const SECRET: &str = "correct horse battery staple";
pub(crate) const ASSERTION_SECRET: &str = "an invented secret of more than enough octets";

/// The way to the tenant, on which an id token can be exchanged for another one.
pub(crate) struct Wire {
    client: Client,
    pub(crate) swapped: Mutex<Option<String>>,
}

#[async_trait]
impl Fetch for Wire {
    async fn get(&self, url: &Url) -> Result<Reply, FetchError> {
        Fetch::get(&self.client, url).await
    }

    async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Reply, FetchError> {
        let mut reply = self.client.post_form(url, form, basic).await?;
        let swapped = self.swapped.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(token) = swapped {
            let mut answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
            answer["id_token"] = token.into();
            reply.body = answer.to_string().into_bytes();
        }
        Ok(reply)
    }
}

pub(crate) struct Stage {
    pub(crate) tenant: TenantHandle,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) accounts: Arc<FakeAccounts>,
    pub(crate) tickets: Arc<FakeTickets>,
    pub(crate) wire: Arc<Wire>,
    pub(crate) gateway: Gateway,
    pub(crate) port: u16,
    /// A guest with an account.
    pub(crate) ada: String,
    client: Client,
    /// The cookie of the last session at the tenant.
    cookie: Mutex<String>,
    _end: oneshot::Sender<()>,
}

/// An application without sign-on that is published as a whole.
pub(crate) fn application(name: &str, external: &str, internal: &str) -> ApplicationConfig {
    ApplicationConfig {
        name: name.to_owned(),
        external_url: external.to_owned(),
        internal_url: internal.to_owned(),
        ca: None,
        find_by: FindBy::ObjectId,
        sign_on: SignOn::None,
        assigned: Assignment::Everybody,
        translate: Translate { headers: true, bodies: false },
        timeouts: BackendTimeouts::default(),
        body_octets_max: None,
        maintenance: None,
    }
}

/// `application` at the portal's address, before a back end at `port`.
pub(crate) fn portal(port: u16) -> ApplicationConfig {
    application("portal", &format!("https://{PORTAL}/"), &format!("http://127.0.0.1:{port}/"))
}

/// Kerberos by account name, a ticket with every request.
pub(crate) fn kerberos() -> SignOn {
    SignOn::Kerberos {
        service: "HTTP/{host}".to_owned(),
        services: vec![format!("HTTP/{PORTAL}")],
        identity: LoginIdentity::AccountName,
        send: SendTicket::Always,
        form: TicketForm::Spnego,
        per_connection: false,
        channel_binding: false,
    }
}

pub(crate) fn with(mut app: ApplicationConfig, sign_on: SignOn) -> ApplicationConfig {
    app.sign_on = sign_on;
    app
}

fn hosts(applications: &[ApplicationConfig]) -> Vec<String> {
    let host = |app: &ApplicationConfig| {
        let rest = app.external_url.strip_prefix("https://").unwrap();
        rest.split('/').next().unwrap().replace('*', "shop")
    };
    applications.iter().map(host).collect()
}

impl Stage {
    pub(crate) async fn start(applications: Vec<ApplicationConfig>) -> Self {
        let tickets = Arc::new(FakeTickets::default());
        Self::start_with(applications, tickets.clone(), tickets).await
    }

    pub(crate) async fn start_with(
        applications: Vec<ApplicationConfig>,
        tickets: Arc<FakeTickets>,
        asked: Arc<dyn Tickets>,
    ) -> Self {
        crate::logs::listen();
        let clock = Arc::new(TestClock(AtomicI64::new(1_795_521_600)));
        let mut options = TenantOptions::new(clock.clone());
        let uris = |host: String| {
            ["callback", "signed-out"].map(|name| format!("https://{host}/.proxeny/{name}"))
        };
        options.apps = vec![AppOptions {
            client_id: CLIENT.to_owned(),
            secrets: vec![AppSecret::lasting(SECRET)],
            redirect_uris: hosts(&applications).into_iter().flat_map(uris).collect(),
            logout_url: Some(format!("https://{PORTAL}/.proxeny/front-channel-logout")),
            ..AppOptions::default()
        }];
        let tenant = Tenant::start(options).await.unwrap();
        let ada = tenant.invite("Ada Lind", "ada@treyresearch.example").unwrap();
        let accounts = Arc::new(FakeAccounts::default());
        accounts.put(account(&ada));
        let client = http_client(&TlsTrust::Bundle(tenant.ca_pem().into())).unwrap();
        let wire = Arc::new(Wire { client: client.clone(), swapped: Mutex::default() });
        let secret = || Secret::new(ASSERTION_SECRET.to_owned());
        let secrets = applications.iter().map(|app| (app.name.clone(), secret()));
        let gateway = Gateway::new(GatewayParts {
            assertion_secrets: secrets.collect::<BTreeMap<_, _>>(),
            config: config(&tenant, applications),
            folder: PathBuf::from("/"),
            client_secret: Secret::new(SECRET.to_owned()),
            fetch: wire.clone(),
            accounts: accounts.clone(),
            tickets: Some(asked),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
        });
        let gateway = gateway.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (end, ended) = oneshot::channel::<()>();
        let serving = gateway.clone();
        let options =
            ServeOptions { header_timeout: Duration::from_millis(800), ..ServeOptions::default() };
        tokio::spawn(async move {
            serving
                .serve(listener, options, async {
                    let _dropped = ended.await;
                })
                .await;
        });
        let (cookie, _end) = (Mutex::default(), end);
        Self { tenant, clock, accounts, tickets, wire, gateway, port, ada, client, cookie, _end }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { port: self.port, ..Browser::default() }
    }

    /// A browser that is signed in at the portal as Ada.
    pub(crate) async fn signed_in(&self) -> Browser {
        let mut browser = self.browser();
        let answer = self.sign_in(&mut browser, PORTAL, "/", &self.ada).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert!(browser.session(PORTAL).is_some());
        browser
    }

    /// Opens `path` without a session and signs in as `person`; gives the gateway's answer to the
    /// callback.
    pub(crate) async fn sign_in(
        &self,
        browser: &mut Browser,
        host: &str,
        path: &str,
        person: &str,
    ) -> Answer {
        let callback = self.go(browser, host, path, person).await;
        let path = callback.strip_prefix(&format!("https://{host}")).unwrap();
        browser.get(host, path).await
    }

    /// Opens `path` and lets the tenant send the browser back; gives where to.
    pub(crate) async fn go(
        &self,
        browser: &mut Browser,
        host: &str,
        path: &str,
        person: &str,
    ) -> String {
        let answer = browser.get(host, path).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        self.choose(answer.header("location").unwrap(), person).await
    }

    /// Signs in at the tenant; gives where it sends the browser.
    pub(crate) async fn choose(&self, url: &str, person: &str) -> String {
        let page = self.client.get(url).send().await.unwrap().text().await.unwrap();
        let (_, rest) =
            page.split_once("name=\"token\" value=\"").unwrap_or_else(|| panic!("{page}"));
        let form = [("token", rest.split('"').next().unwrap()), ("person", person)];
        let (base, id) = (self.tenant.base_url(), self.tenant.tenant_id());
        let url = format!("{base}/{id}/oauth2/v2.0/login");
        let response = self.client.post(url).form(&form).send().await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap_or_default();
            cookie.clone_into(&mut self.cookie.lock().unwrap_or_else(PoisonError::into_inner));
        }
        let location = response.headers().get("location").map(|l| l.to_str().unwrap().to_owned());
        location.unwrap_or_else(|| panic!("no way back: {}", response.status()))
    }
}

impl Stage {
    /// Opens `path` at `host` with the last session at the tenant, which asks for no choice.
    pub(crate) async fn sign_in_again(&self, browser: &mut Browser, host: &str, path: &str) {
        let answer = browser.get(host, path).await;
        let cookie = self.cookie.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let url = answer.header("location").unwrap();
        let response = self.client.get(url).header("cookie", cookie).send().await.unwrap();
        let callback = response.headers()["location"].to_str().unwrap();
        let path = callback.strip_prefix(&format!("https://{host}")).unwrap();
        assert_eq!(browser.get(host, path).await.status, 303);
    }

    /// Ends the last session at the tenant; gives its page.
    pub(crate) async fn sign_out_at_tenant(&self) -> String {
        let (base, id) = (self.tenant.base_url(), self.tenant.tenant_id());
        let cookie = self.cookie.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let url = format!("{base}/{id}/oauth2/v2.0/logout");
        let response = self.client.get(url).header("cookie", cookie).send().await.unwrap();
        response.text().await.unwrap()
    }
}

pub(crate) fn account(object_id: &str) -> Account {
    Account {
        object_id: object_id.to_owned(),
        person_name: Some("Ada Lind".to_owned()),
        account_name: Some("ada-5f3c0e7a".to_owned()),
        domain: Some("CONTOSO".to_owned()),
        user_principal_name: Some(
            "ada_treyresearch.example#EXT#@contoso.onmicrosoft.com".to_owned(),
        ),
        mail: Some("ada@treyresearch.example".to_owned()),
        sid: Some(Sid::parse("S-1-5-21-1-2-3-1104").unwrap()),
        ..Account::default()
    }
}

fn config(tenant: &TenantHandle, applications: Vec<ApplicationConfig>) -> GatewayConfig {
    GatewayConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        tls: None,
        session: SessionLimits { idle_seconds: 600, absolute_seconds: 3600 },
        provider: ProviderConfig {
            issuer: format!("{}/{}/v2.0", tenant.base_url(), tenant.tenant_id()),
            client_id: CLIENT.to_owned(),
            client_secret: connector::SecretSource::Env("UNUSED".to_owned()),
            ca: None,
            scopes: Vec::new(),
        },
        kerberos: None,
        accounts: AccountAttributes::default(),
        directory: None,
        applications,
    }
}
