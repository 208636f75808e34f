//! Beginning a sign-in: what to ask for, and what to remember until the answer comes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Secret, Timestamp};
use url::Url;

use crate::compare::sha256;
use crate::metadata::Metadata;
use crate::settings::ProviderSettings;

/// How many random octets a sign-in needs: state, nonce, verifier and browser secret.
pub const SEED_LENGTH: usize = 128;

/// Random octets, from the operating system, for one sign-in.
pub type Seed = [u8; SEED_LENGTH];

/// Whether the provider shows pages (OpenID Connect Core 1.0 section 3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Sign in again even if there is a session.
    Login,
    /// Choose an account even if there is a session.
    SelectAccount,
    /// Agree again.
    Consent,
    /// Show nothing; refuse instead.
    None,
}

impl Prompt {
    const fn text(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::SelectAccount => "select_account",
            Self::Consent => "consent",
            Self::None => "none",
        }
    }
}

/// What to ask the provider for.
#[derive(Debug, Clone, Default)]
pub struct LoginRequest {
    /// Where the answer goes: one of the registered addresses, letter by letter.
    pub redirect_uri: String,
    /// Whether pages are shown; `None` leaves it to the provider.
    pub prompt: Option<Prompt>,
    /// Who will probably sign in.
    pub login_hint: Option<String>,
    /// The domain whose sign-in page comes first; Entra's own.
    pub domain_hint: Option<String>,
    /// The levels of sign-in that are wanted, best first.
    pub acr_values: Option<String>,
    /// A claims request in JSON (section 5.5), e.g. of a step-up:
    /// `{"id_token":{"acrs":{"essential":true,"value":"c1"}}}`.
    pub claims: Option<String>,
    /// How long ago the person may have signed in at the provider, in seconds. The token must then
    /// say when (`auth_time`).
    pub max_age_seconds: Option<u32>,
}

impl LoginRequest {
    /// A request that leaves everything else to the provider.
    #[must_use]
    pub fn to(redirect_uri: &str) -> Self {
        Self { redirect_uri: redirect_uri.to_owned(), ..Self::default() }
    }
}

/// A sign-in that was begun.
#[derive(Debug)]
pub struct Begun {
    /// Where to send the browser. Holds state and nonce: not for logs.
    pub url: Url,
    /// What to remember.
    pub login: PendingLogin,
    /// A new secret for the browser, to be set as a cookie unless it has one already.
    pub browser: Secret,
}

/// What is remembered of a sign-in until its answer comes. It cannot be copied, and
/// [`Provider::finish`](crate::Provider::finish) uses it up.
#[derive(Debug)]
pub struct PendingLogin {
    pub(crate) state: Secret,
    pub(crate) nonce: Secret,
    pub(crate) verifier: Secret,
    pub(crate) redirect_uri: String,
    pub(crate) max_age_seconds: Option<u32>,
    pub(crate) created: Timestamp,
}

/// The way to the provider, from what it says about itself.
pub(crate) fn begin(
    settings: &ProviderSettings,
    metadata: &Metadata,
    request: &LoginRequest,
    seed: &Seed,
    now: Timestamp,
) -> Begun {
    let [state, nonce, verifier, browser] = secrets(seed);
    let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.expose()));
    let scope = settings.scope();
    let max_age = request.max_age_seconds.map(|seconds| seconds.to_string());
    let mut url = metadata.authorization.clone();
    url.query_pairs_mut()
        .append_pair("client_id", &settings.client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &request.redirect_uri)
        .append_pair("response_mode", "query")
        .append_pair("scope", &scope)
        .append_pair("state", state.expose())
        .append_pair("nonce", nonce.expose())
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    for (name, value) in [
        ("prompt", request.prompt.map(Prompt::text)),
        ("login_hint", request.login_hint.as_deref()),
        ("domain_hint", request.domain_hint.as_deref()),
        ("acr_values", request.acr_values.as_deref()),
        ("claims", request.claims.as_deref()),
        ("max_age", max_age.as_deref()),
    ] {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    let login = PendingLogin {
        state,
        nonce,
        verifier,
        redirect_uri: request.redirect_uri.clone(),
        max_age_seconds: request.max_age_seconds,
        created: now,
    };
    Begun { url, login, browser }
}

/// Four secrets of 32 octets in base64url, 43 characters each (RFC 7636 section 4.1).
fn secrets(seed: &Seed) -> [Secret; 4] {
    let mut parts = seed.chunks(SEED_LENGTH / 4);
    std::array::from_fn(|_| Secret::new(URL_SAFE_NO_PAD.encode(parts.next().unwrap_or_default())))
}
