//! Phase 1: what is not a well-formed request goes no further.
//!
//! The server below has refused bad header names, NUL, folded lines and contradicting lengths.
//! Here the rest: one `Host`, one way to tell where the body ends, and a path that means the same
//! to everybody who reads it. Spec: RFC 9112 sections 3.2 and 6.3, RFC 3986 section 6.2.2.

use hyper::header::{self, HeaderMap};
use hyper::http::request::Parts;
use hyper::{Method, Version};

/// Where a request is addressed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addressed {
    /// The host in lower case.
    pub(crate) host: String,
    /// The port, where one is named.
    pub(crate) port: Option<u16>,
    /// The path in its one spelling: what needs no encoding has none, hexadecimal digits are
    /// capitals.
    pub(crate) path: String,
    /// The query as it came, without the question mark.
    pub(crate) query: Option<String>,
}

impl Addressed {
    /// Path and query.
    pub(crate) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

/// Why a request goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("the request names no host, or several")]
    Host,
    #[error("the address contradicts the host")]
    OtherHost,
    #[error("the method is not served")]
    Method,
    #[error("the length of the body is said twice")]
    Length,
    #[error("the path has a separator or a control character in disguise")]
    PathDisguise,
    #[error("the path leaves its folder")]
    PathTraversal,
    #[error("the path is not validly encoded")]
    PathEncoding,
}

/// Checks a request's head.
pub(crate) fn check(parts: &Parts) -> Result<Addressed, Malformed> {
    if parts.method == Method::CONNECT || parts.method == Method::TRACE {
        return Err(Malformed::Method);
    }
    check_length(&parts.headers, parts.version)?;
    let (host, port) = host(&parts.headers)?;
    if let Some(authority) = parts.uri.authority() {
        let (named, named_port) = split_host(authority.as_str()).ok_or(Malformed::OtherHost)?;
        if named != host || named_port != port {
            return Err(Malformed::OtherHost);
        }
    }
    let path = canonical_path(parts.uri.path())?;
    Ok(Addressed { host, port, path, query: parts.uri.query().map(str::to_owned) })
}

fn check_length(headers: &HeaderMap, version: Version) -> Result<(), Malformed> {
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter().count();
    let encodings = headers.get_all(header::TRANSFER_ENCODING).iter().count();
    let is_plain = lengths <= 1 && encodings == 0;
    let is_chunked = lengths == 0 && encodings == 1 && version == Version::HTTP_11;
    let is_list = |name| {
        headers
            .get(name)
            .is_some_and(|value: &header::HeaderValue| value.as_bytes().contains(&b','))
    };
    if !(is_plain || is_chunked)
        || is_list(header::CONTENT_LENGTH)
        || is_list(header::TRANSFER_ENCODING)
    {
        return Err(Malformed::Length);
    }
    Ok(())
}

fn host(headers: &HeaderMap) -> Result<(String, Option<u16>), Malformed> {
    let mut all = headers.get_all(header::HOST).iter();
    let (Some(only), None) = (all.next(), all.next()) else { return Err(Malformed::Host) };
    only.to_str().ok().and_then(split_host).ok_or(Malformed::Host)
}

/// Host in lower case and port of `host[:port]`; nothing for what is neither.
fn split_host(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, digits)) if !digits.ends_with(']') => {
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            (host, Some(digits.parse().ok().filter(|_| is_number)?))
        }
        _ => (text, None),
    };
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let is_address = |h: &str| h.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.');
    let is_good = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(address) => is_address(address),
        None => !host.is_empty() && host.bytes().all(is_name),
    };
    is_good.then(|| (host.to_ascii_lowercase(), port))
}

/// The one spelling of a path, or why it has none.
fn canonical_path(path: &str) -> Result<String, Malformed> {
    if !path.starts_with('/') {
        return Err(Malformed::PathEncoding);
    }
    let mut result = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        match octet {
            b'\\' | 0..=0x20 | 0x7f => return Err(Malformed::PathDisguise),
            b'%' => rest = decode(rest, &mut result)?,
            0x80.. => result.extend(format!("%{octet:02X}").bytes()),
            _ => result.push(octet),
        }
    }
    let result = String::from_utf8(result).map_err(|_e| Malformed::PathEncoding)?;
    if result.split('/').any(leaves_folder) {
        return Err(Malformed::PathTraversal);
    }
    Ok(result)
}

/// Takes the two digits after a percent sign.
fn decode<'a>(digits: &'a [u8], result: &mut Vec<u8>) -> Result<&'a [u8], Malformed> {
    let [high, low, rest @ ..] = digits else { return Err(Malformed::PathEncoding) };
    let octet = octet(*high, *low).ok_or(Malformed::PathEncoding)?;
    match octet {
        // Whoever decodes twice would see another path than the one that was checked.
        b'%' if matches!(rest, [h, l, ..] if self::octet(*h, *l).is_some_and(is_dangerous)) => {
            return Err(Malformed::PathDisguise);
        }
        b'/' | b'\\' | 0..0x20 | 0x7f => return Err(Malformed::PathDisguise),
        b'-' | b'.' | b'_' | b'~' => result.push(octet),
        _ if octet.is_ascii_alphanumeric() => result.push(octet),
        _ => result.extend(format!("%{octet:02X}").bytes()),
    }
    Ok(rest)
}

const fn is_dangerous(octet: u8) -> bool {
    matches!(octet, b'/' | b'\\' | b'.' | b'%' | 0..0x20)
}

fn octet(high: u8, low: u8) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some(digit(high)? * 16 + digit(low)?)
}

/// True for `.`, `..` and what some servers take for them: with parameters after a semicolon, with
/// more dots, with blanks.
fn leaves_folder(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default().replace("%20", " ");
    name.contains('.') && name.bytes().all(|b| matches!(b, b'.' | b' '))
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_have_one_spelling() {
        for (given, expected) in [
            ("/", "/"),
            ("/a/b.html", "/a/b.html"),
            ("/%61dmin/%7Ex", "/admin/~x"),
            ("/a%20b%e4", "/a%20b%E4"),
            ("/100%25", "/100%25"),
            ("/a..b/c.", "/a..b/c."),
            ("/a;v=1/b", "/a;v=1/b"),
        ] {
            assert_eq!(canonical_path(given).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn g5_082_disguised_paths_are_refused() {
        for path in [
            "/../a",
            "/a/..",
            "/a/./b",
            "/%2e%2e/a",
            "/.%2E/a",
            "/a/..;x=1/b",
            "/a/...",
            "/a/.. ",
            "/..%20/a",
            "/a%2fb",
            "/a%5Cb",
            "/a\\b",
            "/a%00",
            "/a%0d%0a",
            "/%252e%252e/",
            "/%252f",
            "/a%",
            "/a%2",
            "/a%zz",
            "*",
            "a",
        ] {
            assert!(canonical_path(path).is_err(), "{path}");
        }
    }

    fn head(headers: &[(&str, &str)]) -> Result<Addressed, Malformed> {
        let mut request = Request::builder().uri("/x?y=1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_request_names_one_host_and_one_length() {
        let good = head(&[("host", "Portal.contoso.com:8443")]).unwrap();
        assert_eq!((good.host.as_str(), good.port), ("portal.contoso.com", Some(8443)));
        assert_eq!(good.path_and_query(), "/x?y=1");
        for (headers, expected) in [
            (&[][..], Malformed::Host),
            (&[("host", "a"), ("host", "b")], Malformed::Host),
            (&[("host", "user@a")], Malformed::Host),
            (&[("host", "a:99999")], Malformed::Host),
            (&[("host", "a:+1")], Malformed::Host),
            (&[("host", "a"), ("content-length", "1"), ("content-length", "1")], Malformed::Length),
            (&[("host", "a"), ("content-length", "1, 1")], Malformed::Length),
            (
                &[("host", "a"), ("content-length", "1"), ("transfer-encoding", "chunked")],
                Malformed::Length,
            ),
            (&[("host", "a"), ("transfer-encoding", "gzip, chunked")], Malformed::Length),
        ] {
            assert_eq!(head(headers), Err(expected), "{headers:?}");
        }
    }

    #[test]
    fn an_absolute_address_must_agree_with_the_host() {
        let request = |host| {
            let request = Request::builder().uri("http://a.contoso.com/x").header("host", host);
            check(&request.body(()).unwrap().into_parts().0)
        };
        assert!(request("a.contoso.com").is_ok());
        assert_eq!(request("b.contoso.com"), Err(Malformed::OtherHost));
    }

    proptest! {
        #[test]
        fn an_accepted_path_is_its_own_spelling(path in "/[a-zA-Z0-9%./;2eEfF5c ~-]{0,30}") {
            if let Ok(once) = canonical_path(&path) {
                prop_assert_eq!(canonical_path(&once), Ok(once.clone()));
                prop_assert!(!once.split('/').any(|s| s == ".."));
            }
        }
    }
}
