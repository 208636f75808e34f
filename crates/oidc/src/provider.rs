//! One identity provider: the way there, back, again and out.

use std::fmt;
use std::sync::Arc;

use model::{Secret, Timestamp};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use crate::cached::Cached;
use crate::callback::{Answer, CallbackQuery, code_text, shown};
use crate::claims::{self, Claims, Expected};
use crate::compare::same_text;
use crate::end::{EndSession, FrontChannelLogout};
use crate::error::is_about_person;
use crate::fetch::{Fetch, FetchError, Reply};
use crate::json;
use crate::keys::KeySet;
use crate::login::{self, Begun, LoginRequest, PendingLogin, Seed};
use crate::metadata::Metadata;
use crate::pending::is_over;
use crate::settings::ProviderSettings;
use crate::token::Unverified;
use crate::{Endpoint, OidcError};

/// An identity provider. Cheap to share behind an `Arc`; everything takes `&self`.
///
/// Nothing waits longer than a request may take ([`REQUEST_TIMEOUT`](crate::limits::REQUEST_TIMEOUT)),
/// and while the provider does not answer, most calls fail at once.
pub struct Provider {
    settings: ProviderSettings,
    discovery: Url,
    fetch: Arc<dyn Fetch>,
    metadata: Cached<Metadata>,
    keys: Cached<KeySet>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A person who signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who it is.
    pub claims: Claims,
    /// The token that says so, for the way out.
    pub id_token: Secret,
    /// What to ask again with; there when `offline_access` was asked for and granted.
    pub refresh_token: Option<Secret>,
    /// The nonce of the request, which a renewed token may repeat.
    pub nonce: Secret,
}

/// What the token endpoint gives.
struct Tokens {
    id_token: Option<Secret>,
    refresh_token: Option<Secret>,
}

impl Provider {
    /// A provider that is asked through `fetch`, which is [`net::Client`] but in tests. Asks
    /// nothing yet.
    ///
    /// # Errors
    /// [`OidcError::Configuration`].
    pub fn new(settings: ProviderSettings, fetch: Arc<dyn Fetch>) -> Result<Self, OidcError> {
        settings.check()?;
        let discovery = settings.discovery_url();
        let discovery = discovery
            .ok_or_else(|| OidcError::Configuration("the issuer is no address".to_owned()))?;
        let (metadata, keys) = (Cached::new(), Cached::new());
        Ok(Self { settings, discovery, fetch, metadata, keys })
    }

    /// What it was made with.
    #[must_use]
    pub const fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// Checks that the provider answers and can be used.
    ///
    /// # Errors
    /// [`OidcError`] as a sign-in would meet it.
    pub async fn check_health(&self, now: Timestamp) -> Result<(), OidcError> {
        let metadata = self.metadata(now).await?;
        self.keys(&metadata, now).await.map(|_keys| ())
    }

    /// Begins a sign-in. `seed` must come from the operating system's random source and be used
    /// once.
    ///
    /// # Errors
    /// [`OidcError`] when the provider's discovery document cannot be had or used.
    pub async fn begin(
        &self,
        request: &LoginRequest,
        seed: &Seed,
        now: Timestamp,
    ) -> Result<Begun, OidcError> {
        let metadata = self.metadata(now).await?;
        Ok(login::begin(&self.settings, &metadata, request, seed, now))
    }

    /// Finishes the sign-in that `query` answers: redeems the code and checks the id token.
    /// `login` must be the one that [`PendingLogins::take`](crate::PendingLogins::take) gave.
    ///
    /// # Errors
    /// [`OidcError`]; whatever it is, the person is not signed in.
    pub async fn finish(
        &self,
        query: CallbackQuery,
        login: PendingLogin,
        now: Timestamp,
    ) -> Result<SignedIn, OidcError> {
        if !same_text(query.state.expose(), login.state.expose()) {
            return Err(OidcError::StateMismatch);
        }
        if is_over(login.created, now) {
            return Err(OidcError::LoginExpired);
        }
        let metadata = self.metadata(now).await?;
        match &query.issuer {
            Some(issuer) if *issuer != self.settings.issuer => return Err(OidcError::WrongIssuer),
            None if metadata.answers_name_issuer => return Err(OidcError::WrongIssuer),
            _ => {}
        }
        let code = match query.answer {
            Answer::Code(code) => code,
            Answer::Refusal { error, description } => {
                return Err(refusal(Endpoint::Authorization, error, description));
            }
        };
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", &login.redirect_uri),
            ("code_verifier", login.verifier.expose()),
        ];
        let tokens = self.ask_tokens(&metadata, &form).await?;
        let id_token = tokens.id_token.ok_or_else(|| bad_answer("there is no id token"))?;
        let expected = Expected {
            settings: &self.settings,
            nonce: login.nonce.expose(),
            nonce_may_lack: false,
            max_age_seconds: login.max_age_seconds,
        };
        let claims = self.check_id_token(&id_token, &metadata, &expected, now).await?;
        tracing::debug!(object_id = claims.object_id, "signed in");
        Ok(SignedIn { claims, id_token, refresh_token: tokens.refresh_token, nonce: login.nonce })
    }

    /// Asks whether the person still may sign in. What comes back replaces `known`, as its refresh
    /// token may be worth nothing from then on; two calls at once for one session can therefore end
    /// it.
    ///
    /// # Errors
    /// [`OidcError::Revoked`] when the provider says no, [`OidcError::OtherPerson`] when it answers
    /// about somebody else, and others.
    pub async fn refresh(&self, known: &SignedIn, now: Timestamp) -> Result<SignedIn, OidcError> {
        let Some(refresh_token) = &known.refresh_token else {
            let text = "there is no refresh token; the scopes need offline_access";
            return Err(OidcError::Configuration(text.to_owned()));
        };
        let metadata = self.metadata(now).await?;
        let scope = self.settings.scope();
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
            ("scope", &scope),
        ];
        let tokens = self.ask_tokens(&metadata, &form).await.map_err(revoked)?;
        let mut renewed = known.clone();
        renewed.refresh_token = tokens.refresh_token.or(renewed.refresh_token);
        if let Some(id_token) = tokens.id_token {
            let expected = Expected {
                settings: &self.settings,
                nonce: known.nonce.expose(),
                nonce_may_lack: true,
                max_age_seconds: None,
            };
            let claims = self.check_id_token(&id_token, &metadata, &expected, now).await?;
            let person = |claims: &Claims| (claims.subject.clone(), claims.object_id.clone());
            if person(&claims) != person(&known.claims) {
                return Err(OidcError::OtherPerson);
            }
            (renewed.claims, renewed.id_token) = (claims, id_token);
        }
        Ok(renewed)
    }

    /// Where to send the browser to end the session at the provider; `None` when the provider has
    /// no such place.
    ///
    /// # Errors
    /// [`OidcError`] when the provider's discovery document cannot be had or used.
    pub async fn end_session_url(
        &self,
        end: &EndSession<'_>,
        now: Timestamp,
    ) -> Result<Option<Url>, OidcError> {
        let metadata = self.metadata(now).await?;
        Ok(metadata.end_session.as_ref().map(|endpoint| end.url(endpoint, &self.settings)))
    }

    /// Reads the query of the provider's notice that a session ended.
    ///
    /// # Errors
    /// [`OidcError::BadCallback`], [`OidcError::WrongIssuer`].
    pub fn front_channel_logout(&self, query: &str) -> Result<FrontChannelLogout, OidcError> {
        FrontChannelLogout::parse(query, &self.settings)
    }

    async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, OidcError> {
        let fetch = async {
            let body = self.document(&self.discovery, Endpoint::Discovery).await?;
            Metadata::decode(&body, &self.settings)
        };
        self.metadata.get(now, fetch).await
    }

    async fn keys(&self, metadata: &Metadata, now: Timestamp) -> Result<Arc<KeySet>, OidcError> {
        self.keys.get(now, self.fetch_keys(metadata)).await
    }

    async fn fetch_keys(&self, metadata: &Metadata) -> Result<KeySet, OidcError> {
        let body = self.document(&metadata.keys, Endpoint::Keys).await?;
        KeySet::decode(&body, &self.settings)
    }

    async fn document(&self, url: &Url, endpoint: Endpoint) -> Result<Vec<u8>, OidcError> {
        let reply = self.fetch.get(url).await;
        let Reply { status, body } = reply.map_err(|source| unreachable(endpoint, source))?;
        tracing::debug!(document = %endpoint, status, octets = body.len(), "document fetched");
        if status != 200 {
            return Err(unreachable(endpoint, FetchError::Status(status)));
        }
        Ok(body)
    }

    /// Checks signature and claims. A key that is not known is looked for among newer ones.
    async fn check_id_token(
        &self,
        token: &Secret,
        metadata: &Metadata,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<Claims, OidcError> {
        let token = Unverified::parse(token.expose())?;
        let keys = self.keys(metadata, now).await?;
        let mut verified = token.verify(&keys);
        if verified == Err(OidcError::UnknownKey)
            && let Some(newer) = self.keys.newer(&keys, now, self.fetch_keys(metadata)).await
        {
            verified = token.verify(&*newer?);
        }
        claims::check(&verified?, expected, now)
    }

    /// Asks the token endpoint, with the secret where the provider takes it (RFC 6749 section
    /// 2.3.1).
    async fn ask_tokens(
        &self,
        metadata: &Metadata,
        form: &[(&str, &str)],
    ) -> Result<Tokens, OidcError> {
        let (id, secret) = (&self.settings.client_id, self.settings.client_secret.expose());
        let mut form = form.to_vec();
        let reply = if metadata.secret_in_form {
            form.extend([("client_id", id.as_str()), ("client_secret", secret)]);
            self.fetch.post_form(&metadata.token, &form, None).await
        } else {
            let [id, secret] = [id, secret].map(|text| {
                Secret::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())
            });
            let basic = Some((id.expose(), secret.expose()));
            self.fetch.post_form(&metadata.token, &form, basic).await
        };
        let reply = reply.map_err(|source| unreachable(Endpoint::Token, source))?;
        tracing::debug!(status = reply.status, "token endpoint answered");
        tokens(&reply)
    }
}

fn tokens(reply: &Reply) -> Result<Tokens, OidcError> {
    if reply.status == 429 || reply.status >= 500 {
        return Err(unreachable(Endpoint::Token, FetchError::Status(reply.status)));
    }
    let answer = json::object(&reply.body).ok_or_else(|| bad_answer("it is no JSON object"))?;
    if reply.status != 200 {
        let text = |name| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        let error = code_text(text("error"));
        if error.is_empty() {
            return Err(bad_answer("a refusal without a reason"));
        }
        return Err(refusal(Endpoint::Token, error, shown(text("error_description"))));
    }
    Ok(Tokens {
        id_token: secret(&answer, "id_token")?,
        refresh_token: secret(&answer, "refresh_token")?,
    })
}

fn secret(answer: &Map<String, Value>, name: &'static str) -> Result<Option<Secret>, OidcError> {
    let text = json::text(answer, name).map_err(|_e| bad_answer("a token is no text"))?;
    Ok(text.filter(|t| !t.is_empty()).map(Secret::new))
}

/// What a refusal is about: the application, the provider's own state, or the sign-in.
fn refusal(endpoint: Endpoint, error: String, description: String) -> OidcError {
    match error.as_str() {
        "invalid_client"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "invalid_scope"
        | "invalid_resource" => OidcError::ClientRefused { error, description },
        "temporarily_unavailable" | "server_error" => {
            unreachable(endpoint, FetchError::Unavailable)
        }
        _ => OidcError::Refused { error, description },
    }
}

/// A refusal of a refresh token is one of the person's session.
fn revoked(error: OidcError) -> OidcError {
    match error {
        OidcError::Refused { error, description } if is_about_person(&error) => {
            OidcError::Revoked { error, description }
        }
        other => other,
    }
}

const fn unreachable(endpoint: Endpoint, source: FetchError) -> OidcError {
    OidcError::ProviderUnreachable { endpoint, source }
}

fn bad_answer(problem: &str) -> OidcError {
    OidcError::BadAnswer { endpoint: Endpoint::Token, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests;
