//! The key that signs access tokens, and the tokens: minting and checking.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};

use super::options::TenantError;

/// An RSA key pair with the public half in the form a key set wants.
pub(super) struct SigningKey {
    pair: RsaKeyPair,
    public_der: Vec<u8>,
    modulus: String,
    exponent: String,
    id: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The key of this process: made once, because making it takes a while, and shared by its
    /// tenants, which tell their tokens apart by tenant and audience.
    pub(super) fn of_process() -> Result<Arc<Self>, TenantError> {
        static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
        if let Some(key) = KEY.get() {
            return Ok(key.clone());
        }
        let made = Arc::new(Self::generate().ok_or(TenantError::SigningKey)?);
        Ok(KEY.get_or_init(|| made).clone())
    }

    fn generate() -> Option<Self> {
        let key = rsa::RsaPrivateKey::new(&mut rand_core::OsRng, 2048).ok()?;
        let pair = RsaKeyPair::from_pkcs8(key.to_pkcs8_der().ok()?.as_bytes()).ok()?;
        let public_der = pair.public().as_ref().to_vec();
        let digest = ring::digest::digest(&ring::digest::SHA256, &public_der);
        Some(Self {
            modulus: URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()),
            exponent: URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()),
            id: URL_SAFE_NO_PAD.encode(digest.as_ref()),
            pair,
            public_der,
        })
    }

    /// The public key as a member of a key set (RFC 7517).
    pub(super) fn as_jwk(&self, issuer: &str) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "n": self.modulus,
            "e": self.exponent,
            "issuer": issuer,
        })
    }

    /// A token with `claims`, signed RS256.
    pub(super) fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": self.id });
        let [header, claims] = [&header, claims].map(|v| URL_SAFE_NO_PAD.encode(v.to_string()));
        let input = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature).ok()?;
        Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token this key signed.
    pub(super) fn verify(&self, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public_der);
        key.verify(input.as_bytes(), &signature).ok()?;
        let (_, claims) = input.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}
