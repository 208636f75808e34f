//! Sign-ins of people: choices under way, sessions of browsers, authorization codes and refresh
//! tokens, and what applications registered for it.
//!
//! Pure: no clock and no randomness; moments (seconds since 1970) and new secrets come as
//! arguments. Spec: RFC 6749 section 4.1, RFC 7636.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use url::Url;

use super::options::{AppOptions, TenantError};
use super::return_to::ReturnTo;

/// How long a page to choose a person can be answered.
const CHOICE_SECONDS: i64 = 3600;
/// How long a code can be redeemed.
const CODE_SECONDS: i64 = 600;
/// How long a code is remembered, so that a late or second use has its own answer.
const CODE_MEMORY_SECONDS: i64 = 86_400;
/// How long a browser stays signed in.
const SESSION_SECONDS: i64 = 86_400;
/// How long a refresh token can be unused.
const REFRESH_SECONDS: i64 = 90 * 86_400;

/// What an application registered for the sign-in of people.
#[derive(Debug, Clone, Default)]
pub(super) struct Registration {
    pub(super) redirect_uris: Vec<String>,
    pub(super) logout_url: Option<String>,
    pub(super) assignment_required: bool,
    /// Ids, user principal names or addresses, in lower case.
    pub(super) assigned: BTreeSet<String>,
    pub(super) is_public: bool,
}

impl Registration {
    /// Takes over what an application registers.
    pub(super) fn new(app: &AppOptions) -> Result<Self, TenantError> {
        let bad = |url: &str| TenantError::AppUrl {
            client_id: app.client_id.clone(),
            url: url.to_owned(),
        };
        for uri in &app.redirect_uris {
            let parsed = Url::parse(uri).ok().filter(|u| u.fragment().is_none());
            parsed.ok_or_else(|| bad(uri))?;
        }
        if let Some(url) = &app.logout_url {
            let parsed = Url::parse(url).ok().filter(|u| u.scheme() == "https");
            parsed.ok_or_else(|| bad(url))?;
        }
        Ok(Self {
            redirect_uris: app.redirect_uris.clone(),
            logout_url: app.logout_url.clone(),
            assignment_required: app.assignment_required,
            assigned: app.assigned_users.iter().map(|key| key.to_lowercase()).collect(),
            is_public: app.public,
        })
    }
}

/// A checked authorization request, as far as it matters after a person was chosen.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) client_id: String,
    pub(super) return_to: ReturnTo,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    /// The S256 code challenge.
    pub(super) challenge: Option<String>,
    pub(super) with_client_info: bool,
}

/// The session of a browser.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// The id of the user.
    pub(super) user: String,
    /// What applications know the session by.
    pub(super) sid: String,
    /// The applications that were signed in to.
    pub(super) clients: BTreeSet<String>,
    until: i64,
}

/// What a person let an application have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    pub(super) sid: String,
}

impl Grant {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|s| s == scope)
    }
}

/// What a client presents along with a code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Presented<'a> {
    pub(super) client_id: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) verifier: Option<&'a str>,
}

/// Why a code or refresh token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Unknown,
    Used,
    Expired,
    OtherClient,
    OtherRedirect,
    WrongVerifier,
}

struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: Option<String>,
    until: i64,
    is_used: bool,
}

/// Everything about sign-ins of people.
#[derive(Default)]
pub(super) struct SignIns {
    /// By client id in lower case.
    pub(super) registrations: BTreeMap<String, Registration>,
    choices: BTreeMap<String, (Asked, i64)>,
    sessions: BTreeMap<String, Session>,
    codes: BTreeMap<String, Code>,
    refresh_tokens: BTreeMap<String, (Grant, i64)>,
}

impl SignIns {
    /// Remembers a request while somebody chooses a person; `token` is good for one answer.
    pub(super) fn begin(&mut self, token: String, asked: Asked, now: i64) {
        self.choices.retain(|_, (_, until)| *until > now);
        self.choices.insert(token, (asked, now + CHOICE_SECONDS));
    }

    /// The request that `token` belongs to; from then on the token is worth nothing.
    pub(super) fn take(&mut self, token: &str, now: i64) -> Option<Asked> {
        self.choices.remove(token).filter(|(_, until)| *until > now).map(|(asked, _)| asked)
    }

    /// The session of the browser with this cookie.
    pub(super) fn session(&self, cookie: &str, now: i64) -> Option<&Session> {
        self.sessions.get(cookie).filter(|s| s.until > now)
    }

    /// Begins a session of `user` with a new cookie. The session under `old` ends, but lives on in
    /// the new one when it is of the same person, so that signing out reaches the same applications.
    pub(super) fn sign_in(&mut self, old: &str, cookie: String, user: &str, sid: String, now: i64) {
        self.sessions.retain(|_, s| s.until > now);
        let until = now + SESSION_SECONDS;
        let session = match self.sessions.remove(old) {
            Some(session) if session.user == user => Session { until, ..session },
            _ => Session { user: user.to_owned(), sid, clients: BTreeSet::new(), until },
        };
        self.sessions.insert(cookie, session);
    }

    /// Ends the session of the browser with this cookie.
    pub(super) fn sign_out(&mut self, cookie: &str, now: i64) -> Option<Session> {
        self.sessions.remove(cookie).filter(|s| s.until > now)
    }

    /// Issues `code` for what was asked, in the session with this cookie, and tells its `sid`.
    pub(super) fn issue(
        &mut self,
        code: String,
        cookie: &str,
        asked: &Asked,
        now: i64,
    ) -> Option<String> {
        self.codes.retain(|_, c| c.until + CODE_MEMORY_SECONDS > now);
        let session = self.sessions.get_mut(cookie)?;
        session.clients.insert(asked.client_id.clone());
        let sid = session.sid.clone();
        let grant = Grant {
            client_id: asked.client_id.clone(),
            user: session.user.clone(),
            scopes: asked.scopes.clone(),
            nonce: asked.nonce.clone(),
            sid: sid.clone(),
        };
        let code_state = Code {
            grant,
            redirect_uri: asked.return_to.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            until: now + CODE_SECONDS,
            is_used: false,
        };
        self.codes.insert(code, code_state);
        Some(sid)
    }

    /// Redeems a code. Only a success uses it up.
    pub(super) fn redeem(
        &mut self,
        code: &str,
        presented: Presented<'_>,
        now: i64,
    ) -> Result<Grant, Refused> {
        let code = self.codes.get_mut(code).ok_or(Refused::Unknown)?;
        if code.grant.client_id != presented.client_id {
            return Err(Refused::OtherClient);
        }
        if code.is_used {
            return Err(Refused::Used);
        }
        if code.until <= now {
            return Err(Refused::Expired);
        }
        if code.redirect_uri != presented.redirect_uri {
            return Err(Refused::OtherRedirect);
        }
        // A verifier without a challenge is refused as well: somebody may have taken it away.
        if code.challenge != presented.verifier.map(challenge_of) {
            return Err(Refused::WrongVerifier);
        }
        code.is_used = true;
        Ok(code.grant.clone())
    }

    /// Remembers a refresh token.
    pub(super) fn keep(&mut self, token: String, grant: Grant, now: i64) {
        self.refresh_tokens.retain(|_, (_, until)| *until + CODE_MEMORY_SECONDS > now);
        self.refresh_tokens.insert(token, (grant, now + REFRESH_SECONDS));
    }

    /// What a refresh token stands for. Using one does not end it, as on the real service.
    pub(super) fn refresh(&self, token: &str, client_id: &str, now: i64) -> Result<Grant, Refused> {
        let (grant, until) = self.refresh_tokens.get(token).ok_or(Refused::Unknown)?;
        if grant.client_id != client_id {
            return Err(Refused::OtherClient);
        }
        if *until <= now {
            return Err(Refused::Expired);
        }
        // A nonce belongs to one authorization request only.
        Ok(Grant { nonce: None, ..grant.clone() })
    }
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}
