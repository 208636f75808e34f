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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::{AppKey, AppOptions};
    use ring::rand::SystemRandom;
    use ring::rsa::KeyPair;
    use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
    use serde_json::json;
    use x509_parser::pem::Pem;

    const APP: &str = "0dc4c140-0000-4000-8000-000068babca0";
    const AUDIENCE: &str = "https://localhost/contoso/oauth2/v2.0/token";
    const NOW_SECONDS: i64 = 1_795_521_600;

    fn sign(key: &AppKey, header: &Value, claims: &Value) -> String {
        let pem = Pem::iter_from_buffer(key.private_key_pem.expose().as_bytes());
        let der = pem.flatten().next().unwrap().contents;
        let pair = KeyPair::from_pkcs8(&der).unwrap();
        let encoding: &'static dyn RsaEncoding =
            if header["alg"] == "RS256" { &RSA_PKCS1_SHA256 } else { &RSA_PSS_SHA256 };
        let [header, claims] = [header, claims].map(|v| URL_SAFE_NO_PAD.encode(v.to_string()));
        let input = format!("{header}.{claims}");
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), input.as_bytes(), &mut signature).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Signs an assertion that is right but for `change` and checks it; `Err` has the code.
    fn check(key: &AppKey, app: &App, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let sha256 = URL_SAFE_NO_PAD.encode(&app.certificates[0].sha256);
        let mut header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": sha256 });
        let mut claims = json!({
            "aud": AUDIENCE, "iss": APP, "sub": APP, "jti": "1", "exp": NOW_SECONDS + 600,
        });
        change(&mut header, &mut claims);
        let assertion = sign(key, &header, &claims);
        let now = Timestamp::from_seconds(NOW_SECONDS);
        match check_assertion(&assertion, app, &[AUDIENCE.to_owned()], now) {
            Ok(id) => format!("id {id}"),
            Err(error) => error.render("", "", now)["error_codes"][0].to_string(),
        }
    }

    #[test]
    fn every_library_s_form_is_accepted_and_every_mistake_has_its_code() {
        let key = AppKey::generate().unwrap();
        let certificates = vec![key.certificate_pem.clone()];
        let options = AppOptions { client_id: APP.to_owned(), certificates, ..Default::default() };
        let app = App::new(&options).unwrap();
        assert_eq!(check(&key, &app, |_, _| {}), "id 1");
        let sha1 = URL_SAFE_NO_PAD.encode(&app.certificates[0].sha1);
        let old = check(&key, &app, |h, c| {
            *h = json!({ "alg": "RS256", "x5t": format!("{sha1}=") });
            c["exp"] = json!(NOW_SECONDS as f64 + 600.5);
        });
        assert_eq!(old, "id 1", "SHA-1, padded, decimals");

        let late = check(&key, &app, |_, c| c["exp"] = json!(NOW_SECONDS - 301));
        let early = check(&key, &app, |_, c| c["nbf"] = json!(NOW_SECONDS + 301));
        let endless = check(&key, &app, |_, c| c["exp"] = Value::Null);
        assert_eq!([late, early, endless], ["700024"; 3]);
        assert_eq!(check(&key, &app, |_, c| c["aud"] = json!("https://x")), "700023");
        assert_eq!(check(&key, &app, |_, c| c["sub"] = json!("x")), "700030");
        assert_eq!(check(&key, &app, |h, _| h["x5t#S256"] = json!("AAAA")), "700027");
        assert_eq!(check(&key, &app, |h, _| h["alg"] = json!("none")), "50027");
        let other = AppKey::generate().unwrap();
        assert_eq!(check(&other, &app, |_, _| {}), "700027", "signed with another key");
    }
}
