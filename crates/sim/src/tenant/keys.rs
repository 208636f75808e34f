//! The keys that sign tokens, and the tokens: minting and checking.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};

use super::options::TenantError;

/// The two keys of a tenant that count: the one that signs, and the one that did before, whose
/// tokens are still good.
#[derive(Debug)]
pub(super) struct KeyRing {
    current: Arc<SigningKey>,
    previous: Arc<SigningKey>,
    /// The place of the current key among those of the process.
    place: usize,
}

impl KeyRing {
    pub(super) fn new() -> Result<Self, TenantError> {
        let (previous, current) = (SigningKey::of_process(0)?, SigningKey::of_process(1)?);
        Ok(Self { current, previous, place: 1 })
    }

    /// The place of the key that comes next.
    pub(super) const fn next_place(&self) -> usize {
        self.place + 1
    }

    /// Signs with the key at `place` from now on; the key before last is forgotten.
    pub(super) fn rotate_to(&mut self, place: usize, key: Arc<SigningKey>) {
        self.previous = std::mem::replace(&mut self.current, key);
        self.place = place;
    }

    /// A token with `claims`, signed RS256.
    pub(super) fn sign(&self, claims: &Value) -> Option<String> {
        self.current.sign(claims)
    }

    /// The claims of a token that one of the keys signed.
    pub(super) fn verify(&self, token: &str) -> Option<Value> {
        self.current.verify(token).or_else(|| self.previous.verify(token))
    }

    /// The public keys as a key set (RFC 7517).
    pub(super) fn as_jwks(&self, origin: &str, issuer: &str) -> Value {
        let keys = [&self.current, &self.previous].map(|key| key.as_jwk(origin, issuer));
        json!({ "keys": keys })
    }
}

/// An RSA key pair with the public half in the form a key set wants.
pub(super) struct SigningKey {
    pair: RsaKeyPair,
    public_der: Vec<u8>,
    modulus: String,
    exponent: String,
    id: String,
    /// A certificate for the key in DER; some libraries take the key from there.
    certificate: Vec<u8>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A key of this process: made once, because making it takes a while, and shared by its
    /// tenants, which tell their tokens apart by tenant and audience.
    pub(super) fn of_process(place: usize) -> Result<Arc<Self>, TenantError> {
        static KEYS: Mutex<Vec<Arc<SigningKey>>> = Mutex::new(Vec::new());
        let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
        while keys.len() <= place {
            keys.push(Arc::new(Self::generate().ok_or(TenantError::SigningKey)?));
        }
        keys.get(place).cloned().ok_or(TenantError::SigningKey)
    }

    fn generate() -> Option<Self> {
        let key = rsa::RsaPrivateKey::new(&mut rand_core::OsRng, 2048).ok()?;
        let private = key.to_pkcs8_der().ok()?;
        let pair = RsaKeyPair::from_pkcs8(private.as_bytes()).ok()?;
        let public_der = pair.public().as_ref().to_vec();
        Some(Self {
            modulus: URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()),
            exponent: URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()),
            id: URL_SAFE_NO_PAD.encode(digest(&SHA256, &public_der)),
            certificate: certificate_for(private.as_bytes())?,
            pair,
            public_der,
        })
    }

    /// The public key as a member of a key set (RFC 7517).
    fn as_jwk(&self, origin: &str, issuer: &str) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "x5t": self.thumbprint(),
            "n": self.modulus,
            "e": self.exponent,
            "x5c": [STANDARD.encode(&self.certificate)],
            "cloud_instance_name": origin.trim_start_matches("https://"),
            "issuer": issuer,
        })
    }

    fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.certificate))
    }

    fn sign(&self, claims: &Value) -> Option<String> {
        let header =
            json!({ "typ": "JWT", "alg": "RS256", "kid": self.id, "x5t": self.thumbprint() });
        let [header, claims] = [&header, claims].map(|v| URL_SAFE_NO_PAD.encode(v.to_string()));
        let input = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature).ok()?;
        Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token this key signed.
    fn verify(&self, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public_der);
        key.verify(input.as_bytes(), &signature).ok()?;
        let (_, claims) = input.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

/// A self-signed certificate for a key in PKCS #8.
fn certificate_for(private: &[u8]) -> Option<Vec<u8>> {
    let der = PrivatePkcs8KeyDer::from(private);
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256).ok()?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Proxeny simulator tokens");
    Some(params.self_signed(&pair).ok()?.der().to_vec())
}
