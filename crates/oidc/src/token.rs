//! Signed tokens in compact form (RFC 7515): taken apart, and their signature checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::OidcError;
use crate::json;
use crate::keys::KeySet;
use crate::limits::TOKEN_SIZE_MAX;

/// A token whose header is acceptable and whose signature is not checked yet.
pub(crate) struct Unverified<'a> {
    key_id: String,
    /// Header and claims as they were signed.
    input: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart and checks its header: RS256 and nothing else, a named key, and no
    /// extension that must be understood (RFC 7515 section 4.1.11).
    pub(crate) fn parse(token: &'a str) -> Result<Self, OidcError> {
        if token.len() > TOKEN_SIZE_MAX {
            return Err(OidcError::BadToken("it is too long"));
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err(OidcError::BadToken("it has not three parts"));
        };
        let input = token.get(..header.len() + 1 + claims.len());
        let input = input.ok_or(OidcError::BadToken("it has not three parts"))?;
        let header = part(header).ok_or(OidcError::BadToken("the header is no JSON object"))?;
        if header.get("alg").is_none_or(|alg| alg != "RS256") {
            return Err(OidcError::WrongAlgorithm);
        }
        if header.contains_key("crit") {
            return Err(OidcError::BadToken("it has an extension that is not understood"));
        }
        let kind = header.get("typ").map(|typ| typ.as_str().unwrap_or_default());
        if kind.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(OidcError::BadToken("it is a token of another kind"));
        }
        let key_id = header.get("kid").and_then(Value::as_str);
        let key_id = key_id.ok_or(OidcError::BadToken("it does not name its key"))?.to_owned();
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let signature =
            signature.map_err(|_e| OidcError::BadToken("the signature is no base64"))?;
        Ok(Self { key_id, input, claims, signature })
    }

    /// The claims, if the key that the token names is among `keys` and signed it.
    pub(crate) fn verify(&self, keys: &KeySet) -> Result<Map<String, Value>, OidcError> {
        let key = keys.get(&self.key_id).ok_or(OidcError::UnknownKey)?;
        if !key.verifies(self.input.as_bytes(), &self.signature) {
            return Err(OidcError::BadSignature);
        }
        part(self.claims).ok_or(OidcError::BadToken("the claims are no JSON object"))
    }
}

/// A part that is a JSON object in base64url without padding.
pub(crate) fn part(text: &str) -> Option<Map<String, Value>> {
    json::object(&URL_SAFE_NO_PAD.decode(text).ok()?)
}
