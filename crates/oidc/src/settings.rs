//! Which provider, and who we are there.

use model::{Guid, Secret};
use url::{Host, Url};

use crate::OidcError;

/// The settings of a provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The issuer, letter by letter as in its discovery document, e.g.
    /// `https://login.microsoftonline.com/7e6f0b52-9d2c-4b1e-8f0a-51c6c7d2a001/v2.0`: `https`, or
    /// `http` on loopback.
    pub issuer: String,
    /// What the provider knows us as.
    pub client_id: String,
    /// How it knows that it is us.
    pub client_secret: Secret,
    /// The scopes to ask for; `openid` is added when it is missing. `offline_access` brings the
    /// refresh token that [`Provider::refresh`](crate::Provider::refresh) needs.
    pub scopes: Vec<String>,
}

impl ProviderSettings {
    /// Checks everything that can be checked without asking the provider.
    ///
    /// # Errors
    /// [`OidcError::Configuration`] with the first thing that is wrong.
    pub fn check(&self) -> Result<(), OidcError> {
        let wrong = |text: &str| Err(OidcError::Configuration(text.to_owned()));
        let Some(issuer) = Url::parse(&self.issuer).ok().filter(is_safe) else {
            return wrong("the issuer must be an https address, or http on loopback");
        };
        if issuer.query().is_some() || issuer.fragment().is_some() {
            return wrong("the issuer must have no query and no fragment");
        }
        if self.issuer.contains('{') {
            return wrong("the issuer must name a tenant, not the place of one");
        }
        if self.client_id.trim().is_empty() || self.client_secret.expose().is_empty() {
            return wrong("client id and secret must not be empty");
        }
        let is_scope = |scope: &String| {
            !scope.is_empty()
                && scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
        };
        if !self.scopes.iter().all(is_scope) {
            return wrong("a scope is empty or has a character that scopes cannot have");
        }
        Ok(())
    }

    /// The tenant that the issuer names, as in Entra's `https://…/{GUID}/v2.0`, as it is written
    /// there.
    pub(crate) fn tenant(&self) -> Option<&str> {
        self.issuer.split('/').find(|segment| Guid::parse(segment).is_ok())
    }

    /// The address of the discovery document (OpenID Connect Discovery 1.0 section 4).
    pub(crate) fn discovery_url(&self) -> Option<Url> {
        let issuer = self.issuer.trim_end_matches('/');
        Url::parse(&format!("{issuer}/.well-known/openid-configuration")).ok()
    }

    /// True if an address of the provider may be used: `https`, or `http` on loopback when the
    /// issuer is there too.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        let issuer_is_http = self.issuer.starts_with("http:");
        is_safe(url) && (url.scheme() == "https" || issuer_is_http)
    }

    /// The scopes as one text, `openid` first.
    pub(crate) fn scope(&self) -> String {
        let mut scope = "openid".to_owned();
        for other in self.scopes.iter().filter(|s| *s != "openid") {
            scope.push(' ');
            scope.push_str(other);
        }
        scope
    }
}

/// True for `https`, and for `http` on loopback, without user name and password.
fn is_safe(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let is_bare = url.username().is_empty() && url.password().is_none();
    is_bare && (url.scheme() == "https" || url.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(issuer: &str) -> ProviderSettings {
        ProviderSettings {
            issuer: issuer.to_owned(),
            client_id: "portal".to_owned(),
            client_secret: Secret::new("s".to_owned()),
            scopes: vec!["profile".to_owned(), "openid".to_owned()],
        }
    }

    #[test]
    fn an_issuer_is_https_or_on_loopback() {
        for good in [
            "https://login.contoso.example/tenant/v2.0",
            "http://localhost:8080",
            "http://127.0.0.2/x",
            "http://[::1]/x",
        ] {
            assert_eq!(settings(good).check(), Ok(()), "{good}");
        }
        for bad in [
            "",
            "login.contoso.example",
            "http://login.contoso.example",
            "http://localhost.contoso.example",
            "ftp://localhost",
            "https://user@contoso.example",
            "https://contoso.example?x",
            "https://contoso.example#x",
            "https://contoso.example/{tenantid}/v2.0",
        ] {
            let error = settings(bad).check().unwrap_err();
            assert_eq!(error.code(), "OID-0101", "{bad}");
        }
    }

    #[test]
    fn endpoints_are_on_loopback_without_tls_only_for_an_issuer_that_is() {
        let allows = |issuer: &str, url: &str| settings(issuer).allows(&Url::parse(url).unwrap());
        assert!(allows("https://contoso.example", "https://keys.contoso.example/k"));
        assert!(!allows("https://contoso.example", "http://localhost/k"));
        assert!(allows("http://localhost:1", "http://127.0.0.1/k"));
        assert!(!allows("http://localhost:1", "http://contoso.example/k"));
    }

    #[test]
    fn what_the_issuer_says_is_found() {
        let id = "7e6f0b52-9d2c-4b1e-8f0a-51c6c7d2a001";
        let entra = settings(&format!("https://login.contoso.example/{id}/v2.0"));
        assert_eq!(entra.tenant(), Some(id));
        assert_eq!(settings("https://contoso.example/realm").tenant(), None);
        let url = settings("https://contoso.example/realm/").discovery_url().unwrap();
        assert_eq!(url.as_str(), "https://contoso.example/realm/.well-known/openid-configuration");
        assert_eq!(entra.scope(), "openid profile");
    }

    #[test]
    fn scopes_and_names_are_checked_and_the_secret_does_not_print() {
        let mut bad = settings("https://contoso.example");
        bad.scopes.push("two words".to_owned());
        assert!(bad.check().is_err());
        bad.scopes.clear();
        bad.client_secret = Secret::new(String::new());
        assert!(bad.check().is_err());
        let shown = format!("{:?}", settings("https://contoso.example"));
        assert!(shown.contains("client_secret: Secret(…)"), "{shown}");
    }
}
