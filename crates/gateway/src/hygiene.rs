//! What of a browser's header reaches a back end, and of a back end's header a browser.
//!
//! A back end believes certain header fields. Whatever a browser sends under such a name is
//! dropped, however it is spelled: servers that turn names into variables take `_` for `-`.
//! Spec: RFC 9110 section 7.6.1, RFC 7239, RFC 4559.

use std::collections::BTreeSet;
use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{self, HeaderName, HeaderValue};

use crate::application::{Application, HowSignedOn};
use crate::cookies;

/// Carries the signed statement of who the person is.
pub(crate) const ASSERTION: &str = "x-proxeny-assertion";
/// Carries a request's id.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// About one connection only.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// Set here or by nobody: they say where a request comes from or is meant for.
const CLAIMED: [&str; 20] = [
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-url",
    "x-original-uri",
    "x-original-host",
    "x-original-for",
    "x-rewrite-url",
    "x-host",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "via",
    "proxy",
    "remote-user",
    "x-remote-user",
    "x-correlation-id",
    REQUEST_ID,
    ASSERTION,
];

/// Replaced or handled here.
const REPLACED: [&str; 4] = ["host", "content-length", "expect", "cookie"];

/// Names that a browser cannot use towards any back end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Protected(BTreeSet<String>);

impl Protected {
    /// What is always protected, and every identity header of every application: a back end may
    /// serve several.
    pub(crate) fn new<'a>(applications: impl Iterator<Item = &'a Application>) -> Self {
        let mut names: BTreeSet<String> = CLAIMED.iter().map(|n| plain(n)).collect();
        for application in applications {
            if let HowSignedOn::Headers(sign_on) = &application.sign_on {
                names.extend(sign_on.headers.iter().map(|(name, _)| plain(name.as_str())));
            }
        }
        Self(names)
    }

    fn holds(&self, name: &HeaderName) -> bool {
        let plain = plain(name.as_str());
        plain.starts_with("x-forwarded") || self.0.contains(&plain)
    }
}

/// A name as a server sees it that turns names into variables.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// What the gateway says about a request.
#[derive(Debug, Clone)]
pub(crate) struct About<'a> {
    /// The browser's address.
    pub(crate) client: IpAddr,
    /// Host and port that the browser asked for.
    pub(crate) external_authority: &'a str,
    /// The request's id.
    pub(crate) request_id: &'a str,
}

/// The header for the back end, still without host and sign-on.
pub(crate) fn inward(
    given: &HeaderMap,
    application: &Application,
    protected: &Protected,
    about: &About<'_>,
) -> HeaderMap {
    let named = named_in_connection(given);
    let mut headers = HeaderMap::with_capacity(given.len() + 4);
    for (name, value) in given {
        let text = name.as_str();
        let is_dropped = HOP_BY_HOP.contains(&text)
            || REPLACED.contains(&text)
            || named.contains(text)
            || protected.holds(name)
            || (plain(text) == "authorization" && !passes(name, value, application));
        if !is_dropped {
            headers.append(name.clone(), value.clone());
        }
    }
    if let Some(kept) = cookies::without_ours(given) {
        headers.insert(header::COOKIE, kept);
    }
    set(&mut headers, "x-forwarded-for", &about.client.to_string());
    set(&mut headers, "x-forwarded-proto", "https");
    set(&mut headers, "x-forwarded-host", about.external_authority);
    set(&mut headers, REQUEST_ID, about.request_id);
    headers
}

/// A browser's own proof of identity is for an application that the gateway does not sign on to;
/// and even there, what is bound to a connection means nothing on a shared one.
fn passes(name: &HeaderName, value: &HeaderValue, application: &Application) -> bool {
    *name == header::AUTHORIZATION
        && matches!(application.sign_on, HowSignedOn::Not)
        && !is_bound_to_connection(value)
}

/// Makes a back end's header fit for the browser. True when a demand for Kerberos or NTLM was in
/// it.
pub(crate) fn outward(headers: &mut HeaderMap) -> bool {
    for name in named_in_connection(headers) {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    for name in ["alt-svc", "proxy-authentication-info", REQUEST_ID] {
        headers.remove(name);
    }
    let challenges: Vec<HeaderValue> =
        headers.get_all(header::WWW_AUTHENTICATE).iter().cloned().collect();
    headers.remove(header::WWW_AUTHENTICATE);
    let mut was_demanded = false;
    for challenge in challenges {
        if is_bound_to_connection(&challenge) {
            was_demanded = true;
        } else {
            headers.append(header::WWW_AUTHENTICATE, challenge);
        }
    }
    was_demanded
}

/// True when an answer asks for Kerberos.
pub(crate) fn demands_negotiate(headers: &HeaderMap) -> bool {
    let all = headers.get_all(header::WWW_AUTHENTICATE).iter();
    all.filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|c| scheme_is(c, "negotiate"))
}

/// Negotiate, Kerberos and NTLM authenticate a connection rather than a request.
fn is_bound_to_connection(value: &HeaderValue) -> bool {
    let text = String::from_utf8_lossy(value.as_bytes());
    let is_bound =
        |part: &str| ["negotiate", "ntlm", "kerberos"].iter().any(|s| scheme_is(part, s));
    text.split(',').any(is_bound)
}

fn scheme_is(challenge: &str, scheme: &str) -> bool {
    challenge.split_ascii_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case(scheme))
}

fn named_in_connection(headers: &HeaderMap) -> BTreeSet<String> {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::application::HeaderSignOn;
    use crate::tests::application;

    fn app() -> Application {
        let mut app = application("a", "https://a.contoso.com/", "http://127.0.0.1:9/");
        app.sign_on = HowSignedOn::Headers(HeaderSignOn {
            headers: vec![(HeaderName::from_static("x-user-sid"), "{sid}".to_owned())],
            key: None,
        });
        app
    }

    fn sent(app: &Application, given: &[(&'static str, &'static str)]) -> Vec<String> {
        let read = |(n, v): &(&'static str, &'static str)| {
            (HeaderName::from_static(n), HeaderValue::from_static(v))
        };
        let given: HeaderMap = given.iter().map(read).collect();
        let about = About {
            client: Ipv4Addr::LOCALHOST.into(),
            external_authority: "a.contoso.com",
            request_id: "id",
        };
        let headers = inward(&given, app, &Protected::new(std::iter::once(app)), &about);
        headers.iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect()
    }

    const OURS: [&str; 4] = [
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-proto: https",
        "x-forwarded-host: a.contoso.com",
        "x-request-id: id",
    ];

    #[test]
    fn g5_074_what_a_back_end_believes_comes_from_nobody_else() {
        let given = [
            ("authorization", "Negotiate YII"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-user", "root"),
            ("x_forwarded_host", "evil"),
            ("forwarded", "for=1.2.3.4"),
            ("x-user-sid", "S-1-5-18"),
            ("x_user_sid", "S-1-5-18"),
            ("x-user_sid", "S-1-5-18"),
            ("x-proxeny-assertion", "ey"),
            ("x_proxeny_assertion", "ey"),
            ("x-request-id", "mine"),
            ("connection", "x-secret, x-request-id"),
            ("x-secret", "1"),
            ("te", "trailers"),
            ("proxy-authorization", "Basic x"),
            ("cookie", "__Host-proxeny-gw=s"),
        ];
        assert_eq!(sent(&app(), &given), OURS);
    }

    #[test]
    fn what_is_the_persons_own_passes() {
        let kept = ["accept: */*", "cookie: a=1"];
        let expected: Vec<&str> = kept.into_iter().chain(OURS).collect();
        assert_eq!(sent(&app(), &[("accept", "*/*"), ("cookie", "a=1")]), expected);
        let mut open = app();
        open.sign_on = HowSignedOn::Not;
        let bearer = sent(&open, &[("authorization", "Bearer x")]);
        assert_eq!(bearer.first().map(String::as_str), Some("authorization: Bearer x"));
        for value in ["Negotiate x", "NTLM x", "negotiate"] {
            assert_eq!(sent(&open, &[("authorization", value)]), OURS, "{value}");
        }
    }

    #[test]
    fn g5_074_demands_of_a_back_end_stay_behind() {
        let mut headers = HeaderMap::new();
        for value in ["Negotiate", "NTLM", "Basic realm=\"x\""] {
            headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
        headers.insert(header::CONNECTION, HeaderValue::from_static("x-inner"));
        headers.insert("x-inner", HeaderValue::from_static("1"));
        assert!(demands_negotiate(&headers));
        assert!(outward(&mut headers));
        assert_eq!(headers.len(), 1);
        assert_eq!(headers[header::WWW_AUTHENTICATE], "Basic realm=\"x\"");
        let mut list = HeaderMap::new();
        list.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Negotiate, NTLM"));
        assert!(outward(&mut list) && list.is_empty());
    }
}
