//! Step-up: a back end wants the person to sign in more strongly, and says so in a claims
//! challenge (RFC 6750 section 3, `insufficient_claims` as Entra defines it). The gateway passes
//! the demand to the provider and comes back.

use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use hyper::header::{self, HeaderMap};
use hyper::{Response, StatusCode};

use crate::body::GatewayBody;
use crate::gateway::{Asked, Inner};
use crate::limits::CLAIMS_OCTETS_MAX;
use crate::login::{self, Errand};
use crate::refusal::{Refusal, Refused};
use crate::route::Route;
use crate::session::{Session, hash};

/// The claims that an answer demands, as JSON.
pub(crate) fn demanded(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    if status != StatusCode::UNAUTHORIZED {
        return None;
    }
    let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
    challenges.filter_map(|value| value.to_str().ok()).find_map(claims)
}

fn claims(challenge: &str) -> Option<String> {
    let (scheme, parameters) = challenge.trim().split_once(' ')?;
    let parameter = |name: &str| {
        let pairs = parameters.split(',').filter_map(|pair| pair.trim().split_once('='));
        let mut pairs = pairs.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        pairs.next().map(|(_, value)| value.trim().trim_matches('"'))
    };
    let is_demand =
        scheme.eq_ignore_ascii_case("bearer") && parameter("error") == Some("insufficient_claims");
    let encoded = parameter("claims").filter(|c| is_demand && c.len() <= 2 * CLAIMS_OCTETS_MAX)?;
    let config = PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decode = |alphabet| GeneralPurpose::new(alphabet, config).decode(encoded).ok();
    let octets = decode(&URL_SAFE).or_else(|| decode(&STANDARD))?;
    let text = String::from_utf8(octets).ok().filter(|t| t.len() <= CLAIMS_OCTETS_MAX)?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    value.is_object().then(|| value.to_string())
}

/// Sends the browser to the provider with the demand, unless it has just been there with it.
pub(crate) async fn begin(
    inner: &Arc<Inner>,
    asked: &Asked,
    route: &Route,
    session: &Session,
    claims: String,
) -> Result<Response<GatewayBody>, Refusal> {
    if session.stepped_up == Some(hash(&claims)) {
        let reason = "the back end demands claims again that the session was begun with";
        return Err(Refusal::new(Refused::NotLetIn, "step-up-not-enough", reason));
    }
    let return_to = asked.to.path_and_query();
    login::begin_to(inner, asked, route, Errand { return_to, claims: Some(claims) }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g5_078_a_demand_for_claims_is_read_strictly() {
        let json = "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}";
        let encoded = base64::prelude::BASE64_STANDARD.encode(json);
        let challenge = |error: &str, claims: &str| {
            format!("Bearer realm=\"\", error=\"{error}\", claims=\"{claims}\"")
        };
        assert_eq!(claims(&challenge("insufficient_claims", &encoded)).as_deref(), Some(json));
        let bare = encoded.trim_end_matches('=');
        assert_eq!(claims(&challenge("insufficient_claims", bare)).as_deref(), Some(json));
        for other in [
            challenge("invalid_token", &encoded),
            challenge("insufficient_claims", "e30x!"),
            challenge("insufficient_claims", "W10="),
            "Bearer".to_owned(),
            "Negotiate".to_owned(),
        ] {
            assert_eq!(claims(&other), None, "{other}");
        }
    }
}
