//! A provider made of nothing: documents, keys that sign whatever is wanted, and answers in turn.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Secret, Timestamp};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use url::Url;

use crate::{
    Begun, CallbackQuery, Fetch, FetchError, LoginRequest, OidcError, Provider, ProviderSettings,
    Reply, SEED_LENGTH, SignedIn,
};

pub(crate) const TENANT: &str = "7e6f0b52-9d2c-4b1e-8f0a-51c6c7d2a001";
pub(crate) const ISSUER: &str =
    "https://login.contoso.example/7e6f0b52-9d2c-4b1e-8f0a-51c6c7d2a001/v2.0";
pub(crate) const CLIENT: &str = "portal";
pub(crate) const SECRET: &str = "correct horse";
pub(crate) const ADA: &str = "6b1f0d3a-58d3-4f26-a2d5-7a1c2f9e0b11";
pub(crate) const BACK: &str = "https://portal.contoso.example/signed-in";

pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_521_600 + seconds)
}

pub(crate) fn settings() -> ProviderSettings {
    ProviderSettings {
        issuer: ISSUER.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: Secret::new(SECRET.to_owned()),
        scopes: vec!["profile".to_owned(), "offline_access".to_owned()],
    }
}

pub(crate) fn discovery() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://login.contoso.example/authorize",
        "token_endpoint": "https://login.contoso.example/token",
        "jwks_uri": "https://login.contoso.example/keys",
        "end_session_endpoint": "https://login.contoso.example/logout",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_types_supported": ["code", "id_token"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

/// A key of the provider, or of somebody who would like to be.
pub(crate) struct SigningKey {
    pair: KeyPair,
    pub(crate) name: &'static str,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl SigningKey {
    fn new(name: &'static str, bits: usize) -> Self {
        let key = rsa::RsaPrivateKey::new(&mut rand_core::OsRng, bits).unwrap();
        let pair = KeyPair::from_pkcs8(key.to_pkcs8_der().unwrap().as_bytes()).unwrap();
        let (modulus, exponent) = (key.n().to_bytes_be(), key.e().to_bytes_be());
        Self { pair, name, modulus, exponent }
    }

    pub(crate) fn first() -> &'static Self {
        static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new("first", 2048));
        &KEY
    }

    pub(crate) fn second() -> &'static Self {
        static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new("second", 2048));
        &KEY
    }

    pub(crate) fn as_jwk(&self) -> Value {
        let [n, e] = [&self.modulus, &self.exponent].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({ "kty": "RSA", "use": "sig", "kid": self.name, "n": n, "e": e })
    }

    /// The public key in the forms that confused libraries take for a secret.
    pub(crate) fn public_forms(&self) -> Vec<Vec<u8>> {
        let der = self.pair.public().as_ref().to_vec();
        vec![der, self.modulus.clone(), self.as_jwk()["n"].to_string().into_bytes()]
    }

    pub(crate) fn sign(&self, header: &Value, claims: &str) -> String {
        let [header, claims] =
            [header.to_string().as_str(), claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let input = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": "RS256", "kid": self.name })
    }
}

/// What a right token says at [`at`]`(0)` to the request with `nonce`.
pub(crate) fn claims(nonce: &str) -> Value {
    let now = at(0).seconds();
    json!({
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "pairwise-ada",
        "oid": ADA,
        "tid": TENANT,
        "nonce": nonce,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "name": "Ada Lind",
        "acct": 1,
    })
}

/// Answers by the end of the path, and what was asked: paths with forms.
#[derive(Default)]
struct Answers {
    replies: BTreeMap<String, Result<Reply, FetchError>>,
    asked: Vec<(String, Vec<(String, String)>)>,
}

#[derive(Default)]
pub(crate) struct FakeProvider(Mutex<Answers>);

impl FakeProvider {
    pub(crate) fn new() -> Arc<Self> {
        let fake = Self::default();
        fake.answer(DISCOVERY, 200, &discovery());
        fake.answer("/keys", 200, &json!({ "keys": [SigningKey::first().as_jwk()] }));
        Arc::new(fake)
    }

    /// Answers `path` like this from now on.
    pub(crate) fn answer(&self, path: &str, status: u16, body: &Value) {
        self.answer_with(path, Ok(Reply { status, body: body.to_string().into_bytes() }));
    }

    pub(crate) fn answer_with(&self, path: &str, reply: Result<Reply, FetchError>) {
        self.0.lock().unwrap().replies.insert(path.to_owned(), reply);
    }

    pub(crate) fn answer_token(&self, token: &str) {
        self.answer("/token", 200, &json!({ "id_token": token, "refresh_token": "r-1" }));
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        self.0.lock().unwrap().asked.iter().filter(|(asked, _)| asked.ends_with(path)).count()
    }

    pub(crate) fn last_form(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap().asked.last().unwrap().1.iter().cloned().collect()
    }

    fn reply(&self, url: &Url, form: Vec<(String, String)>) -> Result<Reply, FetchError> {
        let mut answers = self.0.lock().unwrap();
        answers.asked.push((url.path().to_owned(), form));
        let found = answers.replies.iter().find(|(path, _)| url.path().ends_with(*path));
        found.unwrap().1.clone()
    }
}

#[async_trait]
impl Fetch for FakeProvider {
    async fn get(&self, url: &Url) -> Result<Reply, FetchError> {
        tokio::task::yield_now().await;
        self.reply(url, Vec::new())
    }

    async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Reply, FetchError> {
        tokio::task::yield_now().await;
        let basic = basic
            .into_iter()
            .flat_map(|(name, password)| [("basic name", name), ("basic password", password)]);
        let form = form.iter().copied().chain(basic);
        self.reply(url, form.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// A provider before anything was asked, and what answers it.
pub(crate) struct Bench {
    pub(crate) provider: Provider,
    pub(crate) fake: Arc<FakeProvider>,
}

pub(crate) fn bench() -> Bench {
    let fake = FakeProvider::new();
    Bench { provider: Provider::new(settings(), fake.clone()).unwrap(), fake }
}

pub(crate) fn seed(octet: u8) -> [u8; SEED_LENGTH] {
    std::array::from_fn(|place| octet ^ u8::try_from(place).unwrap())
}

pub(crate) fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned()).unwrap()
}

/// The answer with a code to what was begun.
pub(crate) fn callback(begun: &Begun) -> CallbackQuery {
    let state = parameter(&begun.url, "state");
    CallbackQuery::parse(&format!("code=c-1&state={state}")).unwrap()
}

impl Bench {
    pub(crate) async fn begin(&self) -> Begun {
        self.provider.begin(&LoginRequest::to(BACK), &seed(1), at(0)).await.unwrap()
    }

    /// Signs in with the token that `token` makes for the nonce of the request.
    pub(crate) async fn sign_in_with(
        &self,
        token: impl FnOnce(&str) -> String,
    ) -> Result<SignedIn, OidcError> {
        let begun = self.begin().await;
        self.fake.answer_token(&token(&parameter(&begun.url, "nonce")));
        self.provider.finish(callback(&begun), begun.login, at(0)).await
    }

    pub(crate) async fn sign_in(&self) -> SignedIn {
        self.sign_in_with(|nonce| right_token(&claims(nonce))).await.unwrap()
    }
}

/// A token with these claims that the provider's first key signed.
pub(crate) fn right_token(claims: &Value) -> String {
    let key = SigningKey::first();
    key.sign(&key.header(), &claims.to_string())
}
