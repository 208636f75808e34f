//! The session cookie.

use axum::http::{HeaderMap, HeaderValue, header};

/// Its name where the connection is encrypted: browsers then refuse it from anywhere else
/// (RFC 6265bis section 4.1.3.2).
const SECURE_NAME: &str = "__Host-proxeny";
/// Its name on a loopback address without TLS.
const PLAIN_NAME: &str = "proxeny";
/// Octets of a session's text: 32 octets in base64 without padding.
const VALUE_OCTETS: usize = 43;

const fn name(is_tls: bool) -> &'static str {
    if is_tls { SECURE_NAME } else { PLAIN_NAME }
}

/// The session's text in the request; nothing when it is there twice, since somebody may have put
/// the other one there.
pub(super) fn read(headers: &HeaderMap, is_tls: bool) -> Option<&str> {
    let wanted = name(is_tls);
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
    let value = values.next().filter(|value| value.len() == VALUE_OCTETS)?;
    values.next().is_none().then_some(value)
}

fn header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// `Set-Cookie` for a session that lasts as long as the browser, or shorter.
pub(crate) fn set(value: &str, is_tls: bool) -> Option<HeaderValue> {
    let secure = if is_tls { "; Secure" } else { "" };
    header(&format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}", name(is_tls)))
}

/// `Set-Cookie` that takes it away.
pub(crate) fn clear(is_tls: bool) -> Option<HeaderValue> {
    let secure = if is_tls { "; Secure" } else { "" };
    header(&format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", name(is_tls)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cookies: &[&'static str], is_tls: bool, found: bool) {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_static(cookie));
        }
        assert_eq!(read(&headers, is_tls).is_some(), found, "{cookies:?}");
    }

    #[test]
    fn only_one_cookie_of_the_right_name_and_length_counts() {
        const A: &str = "proxeny=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        const B: &str = "__Host-proxeny=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; x=y";
        check(&[A], false, true);
        check(&["x=y", A], false, true);
        check(&[A], true, false);
        check(&[B], true, true);
        check(&[A, A], false, false);
        check(&["proxeny=short"], false, false);
    }
}
