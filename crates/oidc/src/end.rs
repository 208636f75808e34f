//! Signing out: the way to the provider's end-session endpoint, and its notice that a session
//! ended elsewhere.

use model::Secret;
use url::Url;

use crate::OidcError;
use crate::callback::single;
use crate::compare::same_text;
use crate::settings::ProviderSettings;

/// What to tell the provider on the way out (OpenID Connect RP-Initiated Logout 1.0 section 2).
#[derive(Debug, Clone, Copy, Default)]
pub struct EndSession<'a> {
    /// The id token of the session. It makes the address long and personal; Entra does without.
    pub id_token_hint: Option<&'a Secret>,
    /// The `login_hint` of the session's claims, so that nobody has to choose an account.
    pub logout_hint: Option<&'a str>,
    /// Where the browser goes then: one of the registered addresses.
    pub post_logout_redirect_uri: Option<&'a str>,
    /// What comes back with it.
    pub state: Option<&'a str>,
}

/// The provider tells, through the browser, that a session ended (OpenID Connect Front-Channel
/// Logout 1.0 section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontChannelLogout {
    /// The `sid` of the session's claims. Whoever knows it can end the session, and no more.
    pub sid: String,
}

impl EndSession<'_> {
    pub(crate) fn url(&self, endpoint: &Url, settings: &ProviderSettings) -> Url {
        let mut url = endpoint.clone();
        url.query_pairs_mut().append_pair("client_id", &settings.client_id);
        for (name, value) in [
            ("id_token_hint", self.id_token_hint.map(Secret::expose)),
            ("logout_hint", self.logout_hint),
            ("post_logout_redirect_uri", self.post_logout_redirect_uri),
            ("state", self.state),
        ] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        url
    }
}

impl FrontChannelLogout {
    pub(crate) fn parse(query: &str, settings: &ProviderSettings) -> Result<Self, OidcError> {
        let (issuer, sid) = (single(query, "iss")?, single(query, "sid")?);
        let (Some(issuer), Some(sid)) = (issuer, sid.filter(|sid| !sid.is_empty())) else {
            return Err(OidcError::BadCallback("iss or sid is missing"));
        };
        if !same_text(&issuer, &settings.issuer) {
            return Err(OidcError::WrongIssuer);
        }
        Ok(Self { sid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ISSUER, settings};
    use url::form_urlencoded::Serializer;

    fn notice(fields: &[(&str, &str)]) -> Result<FrontChannelLogout, OidcError> {
        let query = Serializer::new(String::new()).extend_pairs(fields).finish();
        FrontChannelLogout::parse(&query, &settings())
    }

    #[test]
    fn a_notice_names_issuer_and_session_once_each() {
        let good = notice(&[("iss", ISSUER), ("sid", "s-1")]).unwrap();
        assert_eq!(good.sid, "s-1");
        let other = notice(&[("iss", "https://evil.example"), ("sid", "s-1")]);
        assert_eq!(other, Err(OidcError::WrongIssuer));
        for fields in [
            &[("iss", ISSUER)][..],
            &[("sid", "s-1")],
            &[("iss", ISSUER), ("sid", "")],
            &[("iss", ISSUER), ("sid", "a"), ("sid", "b")],
        ] {
            assert_eq!(notice(fields).unwrap_err().code(), "OID-0107", "{fields:?}");
        }
    }

    #[test]
    fn the_way_out_says_what_is_known_and_keeps_the_endpoints_own_query() {
        let endpoint = Url::parse("https://login.contoso.example/out?p=1").unwrap();
        let end = EndSession { logout_hint: Some("h&h"), state: Some("s"), ..Default::default() };
        let url = end.url(&endpoint, &settings());
        assert_eq!(url.query(), Some("p=1&client_id=portal&logout_hint=h%26h&state=s"));
    }
}
