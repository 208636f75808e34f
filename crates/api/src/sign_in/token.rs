//! Automation tokens: 256 random bits, of which only the SHA-256 is kept.

use model::{Guid, Secret, Timestamp};
use ring::digest::{SHA256, digest};
use rules::Role;
use store::{Credential, CredentialKind};

use crate::app::Shared;
use crate::caller::Caller;
use crate::problem::ApiError;
use crate::random::{SecureRandom, new_id, ticket};
use crate::types::Method;

/// What every token begins with, so that scanners recognise one that was left lying about.
const PREFIX: &str = "pxt_";
/// Characters of a token.
const LENGTH: usize = PREFIX.len() + 43;
/// Microseconds after which the use of a token is noted again.
const TOUCH_MICROS: i64 = 60_000_000;

fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// A new token and the credential to keep of it.
pub(crate) fn make(
    random: &dyn SecureRandom,
    name: &str,
    roles: &[Role],
    created: Timestamp,
    expires: Timestamp,
) -> Result<(Secret, Credential), ApiError> {
    let token = Secret::new(format!("{PREFIX}{}", ticket(random)?));
    let credential = Credential {
        id: new_id(random)?,
        kind: CredentialKind::Token,
        name: name.to_owned(),
        hash: hash(token.expose()),
        salt: Vec::new(),
        iterations: 0,
        person: None,
        roles: roles.iter().map(|role| role.as_str().to_owned()).collect(),
        created,
        expires: Some(expires),
        last_used: None,
    };
    Ok((token, credential))
}

/// Who bears `token`.
pub(super) async fn bearer(app: &Shared, token: &str) -> Result<Caller, ApiError> {
    if token.len() != LENGTH || !token.starts_with(PREFIX) {
        return Err(ApiError::BadToken);
    }
    let now = app.clock.now();
    let found = app.access.credential_by_hash(CredentialKind::Token, &hash(token)).await?;
    let found = found.filter(|credential| credential.expires.is_none_or(|end| now < end));
    let credential = found.ok_or(ApiError::BadToken)?;
    if credential.last_used.is_none_or(|used| now.0.saturating_sub(used.0) >= TOUCH_MICROS) {
        touch(app, credential.id, now).await;
    }
    let mut roles: Vec<Role> =
        credential.roles.iter().filter_map(|role| Role::parse(role)).collect();
    roles.sort_unstable();
    Ok(Caller {
        person: None,
        name: credential.name,
        account: None,
        domain: None,
        roles,
        method: Method::Token,
        expires: credential.expires.unwrap_or(Timestamp(i64::MAX)),
        is_guest: false,
        behind_gateway: false,
        session: None,
    })
}

/// That the use could not be noted is no reason to refuse it.
async fn touch(app: &Shared, id: Guid, now: Timestamp) {
    if let Err(error) = app.access.touch_credential(id, now).await {
        tracing::warn!(error = %error, "the use of a token could not be noted");
    }
}
