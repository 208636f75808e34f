//! The discovery document (OpenID Connect Discovery 1.0 section 3): where everything is, and that
//! the provider can do what we insist on.

use serde_json::{Map, Value};
use url::Url;

use crate::json::{self, Bad};
use crate::settings::ProviderSettings;
use crate::{Endpoint, OidcError};

/// A checked discovery document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) keys: Url,
    pub(crate) end_session: Option<Url>,
    /// The secret goes into the form, not into HTTP Basic.
    pub(crate) secret_in_form: bool,
    /// Answers name the issuer (RFC 9207).
    pub(crate) answers_name_issuer: bool,
}

impl Metadata {
    /// Reads and checks a document.
    pub(crate) fn decode(octets: &[u8], settings: &ProviderSettings) -> Result<Self, OidcError> {
        let object = json::object(octets).ok_or_else(|| bad("it is no JSON object".to_owned()))?;
        let issuer = json::text(&object, "issuer").map_err(wrong_type)?;
        if issuer.as_deref() != Some(&settings.issuer) {
            return Err(OidcError::WrongIssuer);
        }
        for (name, needed) in [
            ("response_types_supported", "code"),
            ("id_token_signing_alg_values_supported", "RS256"),
            ("code_challenge_methods_supported", "S256"),
        ] {
            // A provider that says nothing is asked all the same; Entra does not list the last one.
            let offered = json::texts(&object, name).map_err(wrong_type)?;
            if !offered.is_empty() && !offered.iter().any(|o| o == needed) {
                return Err(bad(format!("{name} lacks {needed}")));
            }
        }
        let methods = "token_endpoint_auth_methods_supported";
        let methods = json::texts(&object, methods).map_err(wrong_type)?;
        let flag = "authorization_response_iss_parameter_supported";
        Ok(Self {
            authorization: required(&object, "authorization_endpoint", settings)?,
            token: required(&object, "token_endpoint", settings)?,
            keys: required(&object, "jwks_uri", settings)?,
            end_session: address(&object, "end_session_endpoint", settings)?,
            secret_in_form: methods.iter().any(|m| m == "client_secret_post"),
            answers_name_issuer: object.get(flag) == Some(&Value::Bool(true)),
        })
    }
}

fn required(
    object: &Map<String, Value>,
    name: &'static str,
    settings: &ProviderSettings,
) -> Result<Url, OidcError> {
    address(object, name, settings)?.ok_or_else(|| bad(format!("{name} is missing")))
}

fn address(
    object: &Map<String, Value>,
    name: &'static str,
    settings: &ProviderSettings,
) -> Result<Option<Url>, OidcError> {
    let Some(text) = json::text(object, name).map_err(wrong_type)? else { return Ok(None) };
    let url = Url::parse(&text).ok().filter(|u| settings.allows(u) && u.fragment().is_none());
    url.map(Some).ok_or_else(|| bad(format!("{name} is no https address")))
}

fn wrong_type(Bad(name): Bad) -> OidcError {
    bad(format!("{name} has the wrong type"))
}

const fn bad(problem: String) -> OidcError {
    OidcError::BadAnswer { endpoint: Endpoint::Discovery, problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ISSUER, discovery, settings};
    use serde_json::json;

    fn check(change: impl FnOnce(&mut Value)) -> Result<Metadata, OidcError> {
        let mut document = discovery();
        change(&mut document);
        Metadata::decode(document.to_string().as_bytes(), &settings())
    }

    fn problem(name: &str, value: Value) -> String {
        check(|d| d[name] = value).unwrap_err().to_string()
    }

    #[test]
    fn the_issuer_must_be_the_configured_one_letter_by_letter() {
        assert!(check(|_| {}).is_ok());
        for other in [
            json!(format!("{ISSUER}/")),
            json!(ISSUER.to_uppercase()),
            json!("https://login.contoso.example/{tenantid}/v2.0"),
            json!(null),
        ] {
            assert_eq!(check(|d| d["issuer"] = other), Err(OidcError::WrongIssuer));
        }
    }

    #[test]
    fn endpoints_must_be_there_and_safe() {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            assert!(problem(name, Value::Null).ends_with(&format!("{name} is missing")));
            for value in
                ["http://login.contoso.example/x", "/x", "javascript:1", "https://c.example/#f"]
            {
                let problem = problem(name, json!(value));
                assert!(problem.ends_with(&format!("{name} is no https address")), "{problem}");
            }
        }
        assert!(problem("end_session_endpoint", json!("x")).contains("no https address"));
        assert_eq!(check(|d| d["end_session_endpoint"] = Value::Null).unwrap().end_session, None);
    }

    #[test]
    fn what_we_insist_on_must_not_be_denied() {
        let lacks = |name: &str| problem(name, json!(["other"]));
        assert!(lacks("response_types_supported").ends_with("lacks code"));
        assert!(lacks("id_token_signing_alg_values_supported").ends_with("lacks RS256"));
        assert!(lacks("code_challenge_methods_supported").ends_with("lacks S256"));
        assert!(problem("response_types_supported", json!(7)).ends_with("has the wrong type"));
    }

    #[test]
    fn the_secret_goes_where_the_provider_takes_it() {
        let methods = "token_endpoint_auth_methods_supported";
        assert!(check(|_| {}).unwrap().secret_in_form);
        assert!(!check(|d| d[methods] = json!(["client_secret_basic"])).unwrap().secret_in_form);
        assert!(!check(|d| d[methods] = Value::Null).unwrap().secret_in_form, "the default");
    }

    #[test]
    fn a_member_twice_is_refused() {
        let text = discovery().to_string();
        let twice = text.replacen('{', "{\"token_endpoint\":\"https://evil.example\",", 1);
        assert!(Metadata::decode(twice.as_bytes(), &settings()).is_err());
    }
}
