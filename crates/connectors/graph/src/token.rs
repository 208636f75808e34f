//! Signing in: access tokens for the application itself, by secret or by certificate.
//!
//! Spec: OAuth 2.0 client credentials (RFC 6749 section 4.4); assertions by RFC 7523 with the
//! certificate's SHA-256 thumbprint in the header.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector::{ConnectorError, ErrorKind};
use model::{Clock, Secret, Timestamp};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::http::{Answer, Sender};
use crate::limits::{ASSERTION_SECONDS, MESSAGE_CHARS_MAX, TOKEN_MARGIN_SECONDS};

const SERVICE: &str = "the sign-in service";
const ASSERTION: &str = "client_assertion";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What proves who we are.
pub(crate) enum Credential {
    Secret(Secret),
    Certificate(Box<SigningCertificate>),
}

/// A certificate with its private key.
pub(crate) struct SigningCertificate {
    key: KeyPair,
    thumbprint: String,
    not_after: Timestamp,
}

impl SigningCertificate {
    /// Reads PEM text that holds a PKCS #8 RSA key and its certificate, in any order.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] that says which half is missing or does not fit.
    pub(crate) fn parse(pem: &Secret) -> Result<Self, ConnectorError> {
        let blocks: Vec<Pem> =
            Pem::iter_from_buffer(pem.expose().as_bytes()).filter_map(Result::ok).collect();
        let block = |label: &str| blocks.iter().find(|b| b.label == label);
        let refused = |what: &str| {
            ConnectorError::new(ErrorKind::Credentials, format!("the client certificate {what}"))
        };
        let Some(key) = block("PRIVATE KEY") else {
            let help = "put key and certificate into one PEM file; openssl pkcs8 -topk8 -nocrypt \
                        converts other forms of keys";
            return Err(refused("comes without a PRIVATE KEY block").with_help(help));
        };
        let certificate =
            block("CERTIFICATE").ok_or_else(|| refused("has no CERTIFICATE block"))?;
        let key = KeyPair::from_pkcs8(&key.contents)
            .map_err(|_rejected| refused("has a key that is not RSA of 2048 bits or more"))?;
        let (_, parsed) = X509Certificate::from_der(&certificate.contents)
            .map_err(|_syntax| refused("cannot be read"))?;
        if *parsed.public_key().subject_public_key.data != *key.public().as_ref() {
            return Err(refused("does not belong to the private key"));
        }
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate.contents)),
            not_after: Timestamp::from_seconds(parsed.validity().not_after.timestamp()),
        })
    }

    /// An assertion for `audience`, good for ten minutes and for one use.
    fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<String, ConnectorError> {
        if self.not_after <= now {
            let message = format!("the client certificate expired on {}", self.not_after);
            let help = "make a new certificate, add it to the app registration and configure it";
            return Err(ConnectorError::new(ErrorKind::Credentials, message).with_help(help));
        }
        let random = SystemRandom::new();
        let failed = |_unspecified| {
            ConnectorError::new(ErrorKind::Credentials, "the client assertion cannot be signed")
        };
        let mut id = [0; 16];
        random.fill(&mut id).map_err(failed)?;
        let seconds = now.seconds();
        let header = json!({ "typ": "JWT", "alg": "PS256", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": URL_SAFE_NO_PAD.encode(id),
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds.saturating_add(ASSERTION_SECONDS),
        });
        let [header, claims] = [&header, &claims].map(|v| URL_SAFE_NO_PAD.encode(v.to_string()));
        let input = format!("{header}.{claims}");
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &random, input.as_bytes(), &mut signature)
            .map_err(failed)?;
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// An access token in use.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: Secret,
    expires: Timestamp,
}

/// Gets access tokens and keeps the last one until shortly before its end.
pub(crate) struct Tokens {
    endpoint: String,
    scope: String,
    client_id: String,
    credential: Credential,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<Token>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Tokens of the application `client_id` in `tenant`, for Graph at `graph`.
    pub(crate) fn new(
        (authority, tenant, graph): (&str, &str, &str),
        client_id: &str,
        credential: Credential,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            endpoint: format!("{authority}/{tenant}/oauth2/v2.0/token"),
            scope: format!("{graph}/.default"),
            client_id: client_id.to_owned(),
            credential,
            clock,
            current: Mutex::new(None),
        }
    }

    /// The application's id.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// A token to use now. One that was `refused` is replaced even if it seems good.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] with the service's code when it does not let us in.
    pub(crate) async fn get(
        &self,
        sender: &Sender,
        refused: Option<&Token>,
    ) -> Result<Token, ConnectorError> {
        let mut current = self.current.lock().await;
        let now = self.clock.now().seconds();
        let is_good = |token: &&Token| {
            token.expires.seconds() - TOKEN_MARGIN_SECONDS > now
                && refused.is_none_or(|r| r.text.expose() != token.text.expose())
        };
        if let Some(token) = current.as_ref().filter(is_good) {
            return Ok(token.clone());
        }
        let token = self.request(sender).await?;
        *current = Some(token.clone());
        Ok(token)
    }

    async fn request(&self, sender: &Sender) -> Result<Token, ConnectorError> {
        let asked_at = self.clock.now().seconds();
        let answer = sender
            .send(SERVICE, |client| {
                // A fresh proof every time: the service may take an assertion only once.
                let (proof_field, proof) = self.proof()?;
                let mut form = vec![
                    ("grant_type", "client_credentials"),
                    ("client_id", &self.client_id),
                    ("scope", &self.scope),
                    (proof_field, proof.expose()),
                ];
                if proof_field == ASSERTION {
                    form.push(("client_assertion_type", ASSERTION_TYPE));
                }
                Ok(client.post(&self.endpoint).form(&form))
            })
            .await?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        if answer.status != 200 {
            return Err(self.refusal(&answer, &body));
        }
        let text = body.get("access_token").and_then(Value::as_str).filter(|t| !t.is_empty());
        // A number, but some servers write it as text.
        let lifetime = body
            .get("expires_in")
            .and_then(|v| v.as_i64().or_else(|| v.as_str().and_then(|text| text.parse().ok())));
        let (Some(text), Some(lifetime)) = (text, lifetime) else {
            let message = format!("{SERVICE} answered something that is not a token");
            return Err(ConnectorError::new(ErrorKind::UnexpectedData, message));
        };
        Ok(Token {
            text: Secret::new(text.to_owned()),
            expires: Timestamp::from_seconds(asked_at.saturating_add(lifetime)),
        })
    }

    /// The form field that proves who we are, and its value.
    fn proof(&self) -> Result<(&'static str, Secret), ConnectorError> {
        match &self.credential {
            Credential::Secret(secret) => Ok(("client_secret", secret.clone())),
            Credential::Certificate(certificate) => {
                let now = self.clock.now();
                let assertion = certificate.assertion(&self.client_id, &self.endpoint, now)?;
                Ok((ASSERTION, Secret::new(assertion)))
            }
        }
    }

    fn refusal(&self, answer: &Answer, body: &Value) -> ConnectorError {
        let Some(description) = body.get("error_description").and_then(Value::as_str) else {
            let message =
                format!("{SERVICE} answered with status {} and no explanation", answer.status);
            let help = "check connectivity.authority, and that no proxy stands between";
            return ConnectorError::new(ErrorKind::UnexpectedData, message).with_help(help);
        };
        let mut text = first_sentences(description);
        // The service does not repeat secrets; a test double or a proxy might.
        if let Credential::Secret(secret) = &self.credential
            && !secret.expose().is_empty()
        {
            text = text.replace(secret.expose(), "…");
        }
        let error =
            ConnectorError::new(ErrorKind::Credentials, format!("sign-in was refused: {text}"));
        match advice(&text) {
            Some(advice) => error.with_help(advice),
            None => error,
        }
    }
}

/// The first line of a description, without the ids that follow the text.
fn first_sentences(description: &str) -> String {
    let line = description.lines().next().unwrap_or_default();
    let text = line.split(" Trace ID:").next().unwrap_or_default().trim();
    text.chars().take(MESSAGE_CHARS_MAX).collect()
}

/// What to do about the sign-in service's commonest refusals.
fn advice(text: &str) -> Option<&'static str> {
    let code = text.strip_prefix("AADSTS")?.split(|c: char| !c.is_ascii_digit()).next()?;
    Some(match code {
        "7000215" => {
            "the secret is not the app's: often the secret's id was copied instead of its value; \
             make a new client secret in the app registration and copy the value"
        }
        "7000222" => "the client secret has expired: make a new one in the app registration",
        "700016" => {
            "the app registration is not in this tenant: compare connectivity.client_id with its \
             application id and connectivity.tenant with its directory"
        }
        "90002" => "there is no such tenant: check connectivity.tenant",
        "700027" => "upload the certificate to the app registration, or configure the one there",
        "700024" => "the clocks differ: synchronize this machine's clock",
        "500011" => "the tenant does not know this Graph address: check connectivity.graph",
        "7000112" => "the application is disabled in the tenant: enable its enterprise application",
        _ => return None,
    })
}
