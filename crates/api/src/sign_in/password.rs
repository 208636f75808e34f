//! Local accounts: passwords stretched with PBKDF2-HMAC-SHA-256 (RFC 8018 section 5.2).

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Secret, Timestamp};
use ring::pbkdf2;
use rules::Role;
use service::ADMINISTRATOR;
use store::{AccessStore, Credential, CredentialKind};
use tokio::sync::Semaphore;

use crate::problem::ApiError;
use crate::random::{SecureRandom, new_id, octets};

/// Rounds for new passwords (OWASP's figure for this function since 2023).
const ITERATIONS: u32 = 600_000;
/// Octets of salt.
const SALT_OCTETS: usize = 16;
/// Octets of the hash.
const HASH_OCTETS: usize = 32;
/// Passwords checked at a time: each takes a processor for a moment.
const CHECKS_MAX: usize = 2;
/// The account of the first start.
const ADMINISTRATOR_ACCOUNT: &str = "administrator";

/// Checked in place of an account that does not exist, so that both take equally long; and the
/// queue of checks.
#[derive(Debug)]
pub(crate) struct StandIn {
    checks: Semaphore,
}

impl Default for StandIn {
    fn default() -> Self {
        Self { checks: Semaphore::new(CHECKS_MAX) }
    }
}

fn hash(password: &str, salt: &[u8], iterations: NonZeroU32) -> Vec<u8> {
    let mut hash = vec![0; HASH_OCTETS];
    let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
    pbkdf2::derive(algorithm, iterations, salt, password.as_bytes(), &mut hash);
    hash
}

/// True if `password` is the one of `credential`; an account that is not there has none.
pub(crate) async fn verify(
    stand_in: &StandIn,
    credential: Option<&Credential>,
    password: Secret,
) -> bool {
    let Ok(_turn) = stand_in.checks.acquire().await else { return false };
    let (salt, expected, iterations) = match credential {
        Some(credential) => {
            (credential.salt.clone(), credential.hash.clone(), credential.iterations)
        }
        None => (vec![0; SALT_OCTETS], vec![0; HASH_OCTETS], ITERATIONS),
    };
    let Some(iterations) = NonZeroU32::new(iterations) else { return false };
    let check = tokio::task::spawn_blocking(move || {
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
        let password = password.expose().as_bytes();
        pbkdf2::verify(algorithm, iterations, &salt, password, &expected).is_ok()
    });
    check.await.unwrap_or(false) && credential.is_some()
}

/// Makes the first account, unless there is one.
pub(crate) async fn ensure_local_administrator(
    access: &dyn AccessStore,
    random: &dyn SecureRandom,
    now: Timestamp,
) -> Result<Option<(String, Secret)>, ApiError> {
    if !access.credentials(CredentialKind::Password).await?.is_empty() {
        return Ok(None);
    }
    // 18 octets are 24 characters.
    let password = Secret::new(URL_SAFE_NO_PAD.encode(octets::<18>(random)?));
    let salt = octets::<SALT_OCTETS>(random)?;
    let iterations = NonZeroU32::new(ITERATIONS).unwrap_or(NonZeroU32::MIN);
    let copy = password.clone();
    let stretched = tokio::task::spawn_blocking(move || hash(copy.expose(), &salt, iterations));
    let credential = Credential {
        id: new_id(random)?,
        kind: CredentialKind::Password,
        name: ADMINISTRATOR_ACCOUNT.to_owned(),
        hash: stretched.await.map_err(|_panicked| ApiError::Random)?,
        salt: salt.to_vec(),
        iterations: ITERATIONS,
        person: Some(ADMINISTRATOR),
        roles: vec![Role::Administrator.as_str().to_owned()],
        created: now,
        expires: None,
        last_used: None,
    };
    access.put_credential(credential).await?;
    tracing::info!("the local administrator was made");
    Ok(Some((ADMINISTRATOR_ACCOUNT.to_owned(), password)))
}
