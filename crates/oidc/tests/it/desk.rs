//! A tenant, an application of it, and a browser between them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::{Clock, Secret, Timestamp};
use net::{Client, TlsTrust, Url, http_client};
use oidc::{
    CallbackQuery, Fetch, FetchError, LoginRequest, OidcError, PendingLogins, Prompt, Provider,
    ProviderSettings, Reply, SEED_LENGTH, SignedIn,
};
use sim::tenant::{AppOptions, AppSecret, Tenant, TenantHandle, TenantOptions};

pub(crate) const PORTAL: &str = "0dc4c140-0000-4000-8000-0000000000a1";
pub(crate) const CLOSED: &str = "0dc4c140-0000-4000-8000-0000000000a2";
pub(crate) const SECRET: &str = "correct horse battery staple";
pub(crate) const BACK: &str = "https://portal.contoso.example/signed-in";
pub(crate) const BYE: &str = "https://portal.contoso.example/bye";

pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// The way to the tenant, on which an id token can be exchanged for another one.
pub(crate) struct Wire {
    client: Client,
    swapped: Mutex<Option<String>>,
}

impl Wire {
    /// Puts `token` in the place of the id token of the next answer.
    pub(crate) fn swap_next(&self, token: &Secret) {
        let token = Some(token.expose().to_owned());
        *self.swapped.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
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
        if let Some(token) = self.swapped.lock().unwrap().take() {
            let mut answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
            answer["id_token"] = token.into();
            reply.body = answer.to_string().into_bytes();
        }
        Ok(reply)
    }
}

/// Everything at once.
pub(crate) struct Desk {
    pub(crate) tenant: TenantHandle,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) wire: Arc<Wire>,
    pub(crate) logins: PendingLogins<&'static str>,
    pub(crate) ada: String,
    client: Client,
    /// The browser's cookie of the tenant.
    cookie: String,
    /// The browser's cookie of the application.
    pub(crate) browser: Option<Secret>,
}

/// What a browser meets at the tenant.
#[derive(Debug)]
pub(crate) enum Met {
    /// The query with which it is sent back.
    Answer(CallbackQuery),
    /// A page.
    Page(String),
}

impl Met {
    pub(crate) fn answer(self) -> CallbackQuery {
        match self {
            Self::Answer(query) => query,
            Self::Page(page) => panic!("a page instead of an answer: {page}"),
        }
    }

    pub(crate) fn page(self) -> String {
        match self {
            Self::Page(page) => page,
            Self::Answer(query) => panic!("an answer instead of a page: {query:?}"),
        }
    }
}

pub(crate) async fn desk() -> Desk {
    crate::logs::listen();
    let clock = Arc::new(TestClock(AtomicI64::new(1_795_521_600)));
    let mut options = TenantOptions::new(clock.clone());
    let app = |id: &str, assignment_required| AppOptions {
        client_id: id.to_owned(),
        secrets: vec![AppSecret::lasting(SECRET)],
        redirect_uris: vec![BACK.to_owned(), BYE.to_owned()],
        logout_url: Some("https://portal.contoso.example/ended".to_owned()),
        assignment_required,
        ..AppOptions::default()
    };
    options.apps = vec![app(PORTAL, false), app(CLOSED, true)];
    let tenant = Tenant::start(options).await.unwrap();
    let ada = tenant.invite("Ada Lind", "ada@treyresearch.example").unwrap();
    let client = http_client(&TlsTrust::Bundle(tenant.ca_pem().into())).unwrap();
    let wire = Arc::new(Wire { client: client.clone(), swapped: Mutex::default() });
    let (logins, cookie, browser) = (PendingLogins::new(100), String::new(), None);
    Desk { tenant, clock, wire, logins, ada, client, cookie, browser }
}

pub(crate) fn settings(tenant: &TenantHandle, client_id: &str) -> ProviderSettings {
    ProviderSettings {
        issuer: format!("{}/{}/v2.0", tenant.base_url(), tenant.tenant_id()),
        client_id: client_id.to_owned(),
        client_secret: Secret::new(SECRET.to_owned()),
        scopes: ["profile", "email", "offline_access"].map(str::to_owned).to_vec(),
    }
}

fn random() -> [u8; SEED_LENGTH] {
    let mut seed = [0; SEED_LENGTH];
    rand_core::RngCore::fill_bytes(&mut rand_core::OsRng, &mut seed);
    seed
}

impl Desk {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Another application of the same tenant.
    pub(crate) fn application(&self, client_id: &str) -> Provider {
        Provider::new(settings(&self.tenant, client_id), self.wire.clone()).unwrap()
    }

    /// How often the keys were asked for.
    pub(crate) fn keys_count(&self) -> u64 {
        let path = format!("/{}/discovery/v2.0/keys", self.tenant.tenant_id());
        self.tenant.request_count("GET", &path)
    }

    /// Begins a sign-in and gives the address that the browser is sent to.
    pub(crate) async fn begin_with(&mut self, provider: &Provider, prompt: Option<Prompt>) -> Url {
        let request = LoginRequest { prompt, ..LoginRequest::to(BACK) };
        let begun = provider.begin(&request, &random(), self.now()).await.unwrap();
        let browser = self.browser.get_or_insert(begun.browser).clone();
        self.logins.remember(begun.login, &browser, "/welcome", self.now());
        begun.url
    }

    async fn send(&mut self, request: net::RequestBuilder) -> Met {
        let response = request.header("cookie", &self.cookie).send().await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        if response.status() == 302 {
            let url = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
            assert!(url.as_str().starts_with(BACK), "{url}");
            return Met::Answer(CallbackQuery::parse(url.query().unwrap()).unwrap());
        }
        Met::Page(response.text().await.unwrap())
    }

    pub(crate) async fn visit(&mut self, url: Url) -> Met {
        let request = self.client.get(url);
        self.send(request).await
    }

    /// Answers a page to choose a person.
    pub(crate) async fn choose(&mut self, page: &str, person: &str) -> Met {
        let field = if person.is_empty() { ("cancel", "1") } else { ("person", person) };
        let form = [("token", between(page, "name=\"token\" value=\"", "\"")), field];
        let path = format!("/{}/oauth2/v2.0/login", self.tenant.tenant_id());
        let request = self.client.post(format!("{}{path}", self.tenant.base_url())).form(&form);
        self.send(request).await
    }

    /// Goes to the tenant and comes back with an answer, as `person` where one must be chosen.
    pub(crate) async fn go_with(&mut self, provider: &Provider, person: &str) -> CallbackQuery {
        let url = self.begin_with(provider, None).await;
        match self.visit(url).await {
            Met::Answer(query) => query,
            Met::Page(page) => self.choose(&page, person).await.answer(),
        }
    }

    /// The application's side of the way back.
    pub(crate) async fn finish_with(
        &self,
        provider: &Provider,
        query: CallbackQuery,
    ) -> Result<SignedIn, OidcError> {
        let browser = self.browser.as_ref().map_or("", Secret::expose);
        let (login, beside) = self.logins.take(&query, browser, self.now())?;
        assert_eq!(beside, "/welcome");
        provider.finish(query, login, self.now()).await
    }

    /// Signs Ada in to an application.
    pub(crate) async fn sign_in_with(
        &mut self,
        provider: &Provider,
    ) -> Result<SignedIn, OidcError> {
        let query = self.go_with(provider, &self.ada.clone()).await;
        self.finish_with(provider, query).await
    }
}

pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}"));
    rest.split_once(after).unwrap().0
}
