//! Checks client assertions: JWTs by which an application proves that it holds the key of a
//! registered certificate (RFC 7523 with the thumbprint headers of Entra).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Timestamp;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::Value;

use super::answer::SignInError;
use super::app::{App, AppCertificate};

/// How far the clocks may be apart, in seconds.
const SKEW_SECONDS: f64 = 300.0;

/// Checks an assertion of `app` for one of `audiences` and returns its `jti`.
pub(super) fn check_assertion(
    assertion: &str,
    app: &App,
    audiences: &[String],
    now: Timestamp,
) -> Result<String, SignInError> {
    let malformed = || SignInError::new("invalid_client", 50027, "The assertion is malformed.");
    let (input, signature) = assertion.rsplit_once('.').ok_or_else(malformed)?;
    let (header, claims) = input.split_once('.').ok_or_else(malformed)?;
    let header = part(header).ok_or_else(malformed)?;
    let claims = part(claims).ok_or_else(malformed)?;
    let signature = decode(signature).ok_or_else(malformed)?;

    let certificate = certificate_of(&header, app).ok_or_else(|| {
        SignInError::new("invalid_client", 700_027, "The certificate is not registered.")
    })?;
    check_signature(&header, certificate, input, &signature)?;
    if certificate.not_after <= now {
        return Err(SignInError::new("invalid_client", 700_027, "The certificate has expired."));
    }
    check_times(&claims, now)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if !text("iss").eq_ignore_ascii_case(&app.client_id) || text("iss") != text("sub") {
        let what = "Issuer and subject must be the client id.";
        return Err(SignInError::new("invalid_client", 700_030, what));
    }
    if !audiences.iter().any(|a| a == text("aud")) {
        let what = "The audience must be this tenant's token endpoint.";
        return Err(SignInError::new("invalid_client", 700_023, what));
    }
    Ok(text("jti").to_owned())
}

fn certificate_of<'a>(header: &Value, app: &'a App) -> Option<&'a AppCertificate> {
    let thumbprint = |name| header.get(name).and_then(Value::as_str).and_then(decode);
    let (sha256, sha1) = (thumbprint("x5t#S256"), thumbprint("x5t"));
    app.certificates.iter().find(|c| match (&sha256, &sha1) {
        (Some(sha256), _) => c.sha256 == *sha256,
        (None, Some(sha1)) => c.sha1 == *sha1,
        (None, None) => false,
    })
}

fn check_signature(
    header: &Value,
    certificate: &AppCertificate,
    input: &str,
    signature: &[u8],
) -> Result<(), SignInError> {
    let algorithm: &'static dyn VerificationAlgorithm =
        match header.get("alg").and_then(Value::as_str) {
            Some("PS256") => &RSA_PSS_2048_8192_SHA256,
            Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
            _ => {
                let what = "The algorithm must be PS256 or RS256.";
                return Err(SignInError::new("invalid_client", 50027, what));
            }
        };
    let key = UnparsedPublicKey::new(algorithm, &certificate.public_key);
    key.verify(input.as_bytes(), signature).map_err(|_unspecified| {
        SignInError::new("invalid_client", 700_027, "The assertion's signature does not verify.")
    })
}

/// Checks `exp`, which must be there, and `nbf`, which may be; both may have decimals.
fn check_times(claims: &Value, now: Timestamp) -> Result<(), SignInError> {
    let seconds = |name| claims.get(name).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit the mantissa")]
    let now = now.seconds() as f64;
    let is_over = seconds("exp").is_none_or(|exp| exp + SKEW_SECONDS < now);
    let is_early = seconds("nbf").is_some_and(|nbf| nbf - SKEW_SECONDS > now);
    if is_over || is_early {
        let what = "The assertion is not within its valid time range.";
        return Err(SignInError::new("invalid_client", 700_024, what));
    }
    Ok(())
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&decode(text)?).ok()
}

/// Base64url, padded or not: libraries differ.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}
