//! The provider's public keys (RFC 7517): RSA for RS256, nothing else.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Map, Value};

use crate::json;
use crate::limits::{KEYS_MAX, MODULUS_BITS_MIN};
use crate::settings::ProviderSettings;
use crate::{Endpoint, OidcError};

/// The usable keys of a set, by their names.
#[derive(Debug)]
pub(crate) struct KeySet(BTreeMap<String, Key>);

/// A public key.
#[derive(PartialEq, Eq)]
pub(crate) struct Key {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} bits)", bits(&self.modulus))
    }
}

impl KeySet {
    /// Reads a set. Keys of another kind, for another use or another issuer, and weak ones are left
    /// out; a token that is signed with one of them has an unknown key.
    pub(crate) fn decode(octets: &[u8], settings: &ProviderSettings) -> Result<Self, OidcError> {
        let object = json::object(octets).ok_or_else(|| bad("it is no JSON object"))?;
        let Some(Value::Array(list)) = object.get("keys") else {
            return Err(bad("keys is no list"));
        };
        if list.len() > KEYS_MAX {
            return Err(bad("it has too many keys"));
        }
        let mut keys = BTreeMap::new();
        for key in list.iter().filter_map(Value::as_object) {
            let Some((name, key)) = usable(key, settings) else { continue };
            if keys.insert(name, key).is_some() {
                return Err(bad("two keys have one name"));
            }
        }
        if keys.is_empty() {
            return Err(bad("it has no usable key"));
        }
        Ok(Self(keys))
    }

    /// The key of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Key> {
        self.0.get(name)
    }
}

impl Key {
    /// True if the key made this RS256 signature (RFC 7518 section 3.3).
    pub(crate) fn verifies(&self, input: &[u8], signature: &[u8]) -> bool {
        let public = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, input, signature).is_ok()
    }
}

/// A key and its name, if it signs id tokens of this issuer.
fn usable(key: &Map<String, Value>, settings: &ProviderSettings) -> Option<(String, Key)> {
    let is = |name, expected| key.get(name).is_none_or(|value| value == expected);
    let for_signatures = key.get("kty")? == "RSA" && is("use", "sig") && is("alg", "RS256");
    if !for_signatures || !is_of_issuer(key, settings) {
        return None;
    }
    let name = key.get("kid")?.as_str()?.to_owned();
    let (modulus, exponent) = (number(key, "n")?, number(key, "e")?);
    if bits(&modulus) < MODULUS_BITS_MIN {
        tracing::warn!(bits = bits(&modulus), "weak key of the provider left out");
        return None;
    }
    Some((name, Key { modulus, exponent }))
}

/// Entra says which issuer a key is for; keys for everybody have a place for the tenant.
fn is_of_issuer(key: &Map<String, Value>, settings: &ProviderSettings) -> bool {
    match key.get("issuer") {
        None => true,
        Some(Value::String(issuer)) => {
            issuer.replace("{tenantid}", settings.tenant().unwrap_or_default()) == settings.issuer
        }
        Some(_) => false,
    }
}

/// A big number without leading zeros (RFC 7518 section 6.3.1).
fn number(key: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    let octets = URL_SAFE_NO_PAD.decode(key.get(name)?.as_str()?).ok()?;
    Some(octets.into_iter().skip_while(|octet| *octet == 0).collect())
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - unused
}

fn bad(problem: &str) -> OidcError {
    OidcError::BadAnswer { endpoint: Endpoint::Keys, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ISSUER, SigningKey, settings};
    use serde_json::json;

    fn decode(keys: &Value) -> Result<KeySet, OidcError> {
        let document = json!({ "keys": keys }).to_string();
        KeySet::decode(document.as_bytes(), &settings())
    }

    fn is_usable(name: &str, value: Value) -> bool {
        let mut key = SigningKey::first().as_jwk();
        key[name] = value;
        decode(&json!([key])).is_ok()
    }

    #[test]
    fn only_strong_rsa_keys_for_signatures_of_this_issuer_are_used() {
        assert!(is_usable("x", json!("ignored")));
        assert!(is_usable("issuer", json!(ISSUER)));
        let place = "https://login.contoso.example/{tenantid}/v2.0";
        assert!(is_usable("issuer", json!(place)));
        for (name, value) in [
            ("kty", json!("EC")),
            ("kty", json!("oct")),
            ("use", json!("enc")),
            ("alg", json!("PS256")),
            ("alg", json!("none")),
            ("kid", json!(7)),
            ("n", json!("")),
            ("n", json!("***")),
            ("n", json!(7)),
            ("issuer", json!("https://login.contoso.example/other/v2.0")),
            ("issuer", json!(7)),
        ] {
            assert!(!is_usable(name, value.clone()), "{name} {value}");
        }
    }

    #[test]
    fn a_weak_key_is_left_out_even_when_zeros_make_it_longer() {
        let weak = URL_SAFE_NO_PAD.encode([0x80; 128]);
        assert!(!is_usable("n", json!(weak)));
        let padded = [[0; 128].as_slice(), &[0x80; 128]].concat();
        assert!(!is_usable("n", json!(URL_SAFE_NO_PAD.encode(padded))));
        let almost = [[0x7f].as_slice(), &[0xff; 255]].concat();
        assert!(!is_usable("n", json!(URL_SAFE_NO_PAD.encode(almost))));
        assert!(is_usable("n", json!(URL_SAFE_NO_PAD.encode([0x80; 256]))));
    }

    #[test]
    fn a_set_with_one_name_twice_or_without_a_usable_key_is_refused() {
        let key = SigningKey::first().as_jwk();
        for keys in [json!([key, key]), json!([]), json!([1, "x"]), json!(null), json!({})] {
            let error = decode(&keys).unwrap_err();
            assert_eq!(error.code(), "OID-0104", "{keys}");
        }
        let many: Vec<_> = (0..=KEYS_MAX).map(|_| key.clone()).collect();
        assert!(decode(&json!(many)).unwrap_err().to_string().ends_with("too many keys"));
    }
}
