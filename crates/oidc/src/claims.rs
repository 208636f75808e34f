//! The claims of an id token, and whether they are for us, now (OpenID Connect Core 1.0 section
//! 3.1.3.7).

use std::fmt;

use model::{Guid, Timestamp};
use serde_json::{Map, Value};

use crate::OidcError;
use crate::compare::same_text;
use crate::json::{self, Bad};
use crate::limits::SKEW_SECONDS;
use crate::settings::ProviderSettings;
use crate::times::{after, moment};

/// Who signed in, from a token that has been checked.
///
/// Know people by `tenant_id` and `object_id`, or by `issuer` and `subject`; everything else
/// changes, and people can choose parts of it. Texts are as the provider sent them: check characters
/// before they go into a header. `Debug` shows ids only.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims {
    /// `iss`, which is the configured issuer.
    pub issuer: String,
    /// `sub`: who it is, to this application only.
    pub subject: String,
    /// `oid`: the user's id in the tenant, for guests that of the guest. Always there when the
    /// issuer names a tenant; then a GUID, in lower case.
    pub object_id: Option<String>,
    /// `tid`: the tenant; there when the issuer names one, and then that one.
    pub tenant_id: Option<String>,
    /// `name`: to be shown.
    pub name: Option<String>,
    /// `preferred_username`: to be shown.
    pub preferred_username: Option<String>,
    /// `upn`.
    pub upn: Option<String>,
    /// `email`, which nobody may have verified.
    pub email: Option<String>,
    /// `acct`: 0 for members, 1 for guests.
    pub acct: Option<i64>,
    /// `idp`: who vouched for the person, if not the issuer itself.
    pub idp: Option<String>,
    /// `roles`: application roles.
    pub roles: Vec<String>,
    /// `groups`: as configured in the registration; empty when there are too many.
    pub groups: Vec<String>,
    /// The person has more groups than fit a token, so `groups` says nothing.
    pub groups_overage: bool,
    /// `sid`: the session at the provider, by which front-channel logout names it.
    pub sid: Option<String>,
    /// `auth_time`: when the person signed in at the provider.
    pub auth_time: Option<Timestamp>,
    /// `acr`: the level of the sign-in.
    pub acr: Option<String>,
    /// `acrs`: Entra's authentication contexts that the sign-in fulfils.
    pub acrs: Vec<String>,
    /// `amr`: how the person signed in, e.g. `pwd`, `mfa`.
    pub amr: Vec<String>,
    /// `iat`.
    pub issued: Timestamp,
    /// `exp`.
    pub expires: Timestamp,
    /// `login_hint`: what to name the session by when signing out.
    pub login_hint: Option<String>,
}

impl Claims {
    /// True for a guest of the tenant, as far as the provider says (`acct`).
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.acct == Some(1)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("object_id", &self.object_id)
            .field("tenant_id", &self.tenant_id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// What the claims must fit.
pub(crate) struct Expected<'a> {
    pub(crate) settings: &'a ProviderSettings,
    /// The nonce of the request.
    pub(crate) nonce: &'a str,
    /// A renewed token need not have the nonce (OpenID Connect Core 1.0 section 12.2).
    pub(crate) nonce_may_lack: bool,
    pub(crate) max_age_seconds: Option<u32>,
}

/// Checks the claims of a verified token.
pub(crate) fn check(
    object: &Map<String, Value>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Claims, OidcError> {
    let mut claims = decode(object).map_err(|Bad(name)| OidcError::BadToken(name))?;
    if claims.issuer != expected.settings.issuer {
        return Err(OidcError::WrongIssuer);
    }
    check_audience(object, &expected.settings.client_id)?;
    check_tenant(&claims, expected.settings)?;
    check_times(object, &claims, expected, now)?;
    match object.get("nonce") {
        None if expected.nonce_may_lack => {}
        Some(Value::String(nonce)) if same_text(nonce, expected.nonce) => {}
        _ => return Err(OidcError::WrongNonce),
    }
    if expected.settings.tenant().is_some() {
        // A GUID, and whoever looks it up compares letters.
        claims.object_id = claims.object_id.map(|oid| oid.to_ascii_lowercase());
    }
    Ok(claims)
}

/// Reads what is there; `Err` names a claim that is missing or has the wrong type.
fn decode(object: &Map<String, Value>) -> Result<Claims, Bad> {
    let text = |name| json::text(object, name);
    let needed = |name| text(name)?.filter(|t| !t.is_empty()).ok_or(Bad(name));
    let whole = |name| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or(Bad(name)),
    };
    let has_groups_elsewhere =
        object.get("_claim_names").is_some_and(|names| names.get("groups").is_some());
    Ok(Claims {
        issuer: needed("iss")?,
        subject: needed("sub")?,
        object_id: text("oid")?,
        tenant_id: text("tid")?,
        name: text("name")?,
        preferred_username: text("preferred_username")?,
        upn: text("upn")?,
        email: text("email")?,
        acct: whole("acct")?,
        idp: text("idp")?,
        roles: json::texts(object, "roles")?,
        groups: json::texts(object, "groups")?,
        groups_overage: has_groups_elsewhere || object.get("hasgroups") == Some(&Value::Bool(true)),
        sid: text("sid")?,
        auth_time: moment(object, "auth_time")?,
        acr: text("acr")?,
        acrs: json::texts(object, "acrs")?,
        amr: json::texts(object, "amr")?,
        issued: moment(object, "iat")?.ok_or(Bad("iat"))?,
        expires: moment(object, "exp")?.ok_or(Bad("exp"))?,
        login_hint: text("login_hint")?,
    })
}

/// The token must be for us; one for several must say that we are the one it was issued to.
fn check_audience(object: &Map<String, Value>, client_id: &str) -> Result<(), OidcError> {
    let party = object.get("azp");
    let is_ours = match object.get("aud") {
        Some(Value::String(audience)) => {
            audience == client_id && party.is_none_or(|p| p == client_id)
        }
        Some(Value::Array(list)) => {
            list.iter().any(|a| a == client_id) && party.is_some_and(|p| p == client_id)
        }
        _ => false,
    };
    if is_ours { Ok(()) } else { Err(OidcError::WrongAudience) }
}

/// An issuer that names a tenant issues for that tenant only, and says which user it is.
fn check_tenant(claims: &Claims, settings: &ProviderSettings) -> Result<(), OidcError> {
    let Some(tenant) = settings.tenant() else { return Ok(()) };
    if claims.tenant_id.as_deref().is_none_or(|tid| !tid.eq_ignore_ascii_case(tenant)) {
        return Err(OidcError::WrongTenant);
    }
    let object_id = claims.object_id.as_deref();
    if object_id.is_none_or(|oid| Guid::parse(oid).is_err() || oid.starts_with('{')) {
        return Err(OidcError::BadToken("oid"));
    }
    Ok(())
}

fn check_times(
    object: &Map<String, Value>,
    claims: &Claims,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<(), OidcError> {
    let begins = moment(object, "nbf").map_err(|Bad(name)| OidcError::BadToken(name))?;
    if after(claims.expires, SKEW_SECONDS) <= now {
        return Err(OidcError::TokenExpired);
    }
    let latest = after(now, SKEW_SECONDS);
    if claims.issued > latest || begins.is_some_and(|begins| begins > latest) {
        return Err(OidcError::NotYetValid);
    }
    let Some(max_age_seconds) = expected.max_age_seconds else { return Ok(()) };
    let signed_in = claims.auth_time.ok_or(OidcError::BadToken("auth_time"))?;
    if after(signed_in, i64::from(max_age_seconds) + SKEW_SECONDS) < now {
        return Err(OidcError::TooLongAgo);
    }
    Ok(())
}
