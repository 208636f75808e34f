//! Who calls, and the extractors that let only some callers in.
//!
//! Authentication has happened before ([`crate::sign_in`]); what it found is an extension of the
//! request. A handler takes the extractor of the role it needs, so no route is open by oversight.
//! Guests are answered as if there were nothing, whatever roles they hold.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use model::{Guid, Timestamp};
use rules::Role;

use crate::problem::ApiError;
use crate::sign_in::SessionKey;
use crate::types::Method;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The person; tokens have none.
    pub(crate) person: Option<Guid>,
    /// The person's or token's name.
    pub(crate) name: String,
    pub(crate) account: Option<String>,
    pub(crate) domain: Option<String>,
    /// Every role, in order.
    pub(crate) roles: Vec<Role>,
    pub(crate) method: Method,
    pub(crate) expires: Timestamp,
    pub(crate) is_guest: bool,
    /// True when the gateway stands between browser and portal.
    pub(crate) behind_gateway: bool,
    /// The session; tokens have none.
    pub(crate) session: Option<SessionKey>,
}

/// What authentication found: an extension of every request.
#[derive(Debug, Clone)]
pub(crate) enum Authentication {
    /// Nobody.
    Anonymous,
    /// Somebody.
    SignedIn(Box<Caller>),
}

/// Somebody who is signed in, guests included.
#[derive(Debug)]
pub(crate) struct SignedIn(pub(crate) Caller);

/// Somebody who is no guest.
#[derive(Debug)]
pub(crate) struct Insider(pub(crate) Caller);

/// Somebody who may see synchronization.
#[derive(Debug)]
pub(crate) struct Reader;

/// Somebody who may start runs.
#[derive(Debug)]
pub(crate) struct Operator(pub(crate) Caller);

/// An administrator.
#[derive(Debug)]
pub(crate) struct Administrator(pub(crate) Caller);

impl Caller {
    pub(crate) fn may_read_all(&self) -> bool {
        self.has_any(&[Role::Administrator, Role::Operator, Role::Auditor])
    }

    fn has_any(&self, roles: &[Role]) -> bool {
        !self.is_guest && self.roles.iter().any(|role| roles.contains(role))
    }
}

fn signed_in(parts: &Parts) -> Result<Caller, ApiError> {
    match parts.extensions.get() {
        Some(Authentication::SignedIn(caller)) => Ok(caller.as_ref().clone()),
        Some(Authentication::Anonymous) | None => Err(ApiError::NotSignedIn { negotiate: false }),
    }
}

fn insider(parts: &Parts) -> Result<Caller, ApiError> {
    let caller = signed_in(parts)?;
    if caller.is_guest { Err(ApiError::NotFound { what: "such resource" }) } else { Ok(caller) }
}

fn with_role(parts: &Parts, roles: &[Role], needed: &'static str) -> Result<Caller, ApiError> {
    let caller = insider(parts)?;
    if caller.has_any(roles) { Ok(caller) } else { Err(ApiError::RoleMissing { needed }) }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        signed_in(parts).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Insider {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        insider(parts).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let roles = [Role::Administrator, Role::Operator, Role::Auditor];
        with_role(parts, &roles, "administrator, operator or auditor").map(|_caller| Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let roles = [Role::Administrator, Role::Operator];
        with_role(parts, &roles, "administrator or operator").map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        with_role(parts, &[Role::Administrator], "administrator").map(Self)
    }
}
