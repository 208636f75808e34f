//! The gateway's own cookies: bound to one host by their prefix (RFC 6265bis 4.1.3.2).

use hyper::header::{self, HeaderMap, HeaderValue};

/// Carries a session.
pub(crate) const SESSION: &str = "__Host-proxeny-gw";
/// Binds sign-ins under way to the browser.
pub(crate) const LOGIN: &str = "__Host-proxeny-login";
/// What the names of all of them begin with.
const PREFIX: &str = "__host-proxeny-";

/// True for the name of a cookie that is the gateway's.
pub(crate) fn is_ours(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with(PREFIX)
}

/// The value of the cookie `name`, if the browser sent exactly one.
pub(crate) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = pairs(headers).filter(|(own, _)| *own == name).map(|(_, value)| value);
    let (only, None) = (values.next()?, values.next()) else { return None };
    Some(only)
}

/// The cookies that are the back end's, in one field; nothing when there are none.
pub(crate) fn without_ours(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut kept = Vec::new();
    for field in headers.get_all(header::COOKIE) {
        for pair in field.as_bytes().split(|b| *b == b';') {
            let pair = pair.trim_ascii();
            let name = pair.split(|b| *b == b'=').next().unwrap_or_default().trim_ascii();
            if pair.is_empty() || is_ours(&String::from_utf8_lossy(name)) {
                continue;
            }
            if !kept.is_empty() {
                kept.extend_from_slice(b"; ");
            }
            kept.extend_from_slice(pair);
        }
    }
    if kept.is_empty() { None } else { HeaderValue::from_bytes(&kept).ok() }
}

/// Sets a cookie that only this host's pages bring back, and never a script.
pub(crate) fn set(name: &str, value: &str, max_age_seconds: Option<i64>) -> String {
    let age = max_age_seconds.map_or_else(String::new, |s| format!("; Max-Age={s}"));
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}")
}

/// Takes a cookie away.
pub(crate) fn clear(name: &str) -> String {
    set(name, "", Some(0))
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';'));
    pairs.filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&'static str]) -> HeaderMap {
        let all = cookies.iter().map(|c| (header::COOKIE, HeaderValue::from_static(c)));
        all.collect()
    }

    #[test]
    fn g5_074_the_gateways_cookies_stay_here() {
        let given = headers(&["a=1; __Host-proxeny-gw=s; b=2", "__Host-Proxeny-login=t", "c = 3"]);
        assert_eq!(without_ours(&given).unwrap(), "a=1; b=2; c = 3");
        assert_eq!(without_ours(&headers(&["__Host-proxeny-gw=s"])), None);
    }

    #[test]
    fn a_cookie_sent_twice_is_none() {
        assert_eq!(read(&headers(&["x=1; __Host-proxeny-gw=s"]), SESSION), Some("s"));
        assert_eq!(read(&headers(&["__Host-proxeny-gw=s", "__Host-proxeny-gw=t"]), SESSION), None);
        assert_eq!(read(&headers(&["x=1"]), SESSION), None);
    }
}
