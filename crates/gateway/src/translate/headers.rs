//! Header fields that carry addresses.

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::cookie;
use super::map::UrlMap;
use crate::cookies::is_ours;

const REFRESH: &str = "refresh";
const REPORTING: &str = "reporting-endpoints";

/// Makes an answer's fields speak of external addresses.
pub(crate) fn outward(headers: &mut HeaderMap, map: &UrlMap) {
    for name in [header::LOCATION, header::CONTENT_LOCATION, header::ACCESS_CONTROL_ALLOW_ORIGIN] {
        each(headers, &name, |text| map.outward(text).map(|t| without_path(&name, t)));
    }
    each(headers, &header::LINK, |text| Some(link(text, map)));
    each(headers, &HeaderName::from_static(REFRESH), |text| refresh(text, map));
    each(headers, &HeaderName::from_static(REPORTING), |text| Some(quoted(text, map)));
    for name in [header::CONTENT_SECURITY_POLICY, header::CONTENT_SECURITY_POLICY_REPORT_ONLY] {
        each(headers, &name, |text| Some(policy(text, map)));
    }
    set_cookies(headers, |text| cookie::outward(text, map));
}

/// Drops cookies that a back end must not set, and changes nothing else.
pub(crate) fn without_our_cookies(headers: &mut HeaderMap) {
    set_cookies(headers, |text| (!is_ours(cookie::cookie_name(text))).then(|| text.to_owned()));
}

/// Makes a request's fields speak of internal addresses, so that a back end that compares them
/// with its own host finds them right.
pub(crate) fn inward(headers: &mut HeaderMap, map: &UrlMap) {
    for name in [header::ORIGIN, header::REFERER, HeaderName::from_static("destination")] {
        each(headers, &name, |text| map.inward(text).map(|t| without_path(&name, t)));
    }
}

/// An origin has no path.
fn without_path(name: &HeaderName, url: String) -> String {
    if *name != header::ORIGIN && *name != header::ACCESS_CONTROL_ALLOW_ORIGIN {
        return url;
    }
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    format!("{scheme}://{}", rest.split('/').next().unwrap_or_default())
}

/// Replaces every value of a field for which `change` gives a new one.
fn each(headers: &mut HeaderMap, name: &HeaderName, change: impl Fn(&str) -> Option<String>) {
    if !headers.contains_key(name) {
        return;
    }
    let values: Vec<HeaderValue> = headers.get_all(name).iter().cloned().collect();
    headers.remove(name);
    for value in values {
        let changed = value.to_str().ok().and_then(&change);
        let changed = changed.and_then(|text| HeaderValue::try_from(text).ok());
        headers.append(name.clone(), changed.unwrap_or(value));
    }
}

fn set_cookies(headers: &mut HeaderMap, change: impl Fn(&str) -> Option<String>) {
    let values: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for value in values {
        let text = String::from_utf8_lossy(value.as_bytes());
        if let Some(changed) = change(&text)
            && let Ok(value) = HeaderValue::from_bytes(changed.as_bytes())
        {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// `<address>; rel=…, <address>` (RFC 8288).
fn link(text: &str, map: &UrlMap) -> String {
    between(text, ['<', '>'], map)
}

fn quoted(text: &str, map: &UrlMap) -> String {
    between(text, ['"', '"'], map)
}

fn between(text: &str, [open, close]: [char; 2], map: &UrlMap) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let Some((url, end)) = after.split_once(close) else { break };
        result.push_str(before);
        result.push(open);
        result.push_str(map.outward(url).as_deref().unwrap_or(url));
        result.push(close);
        rest = end;
    }
    result.push_str(rest);
    result
}

/// `5; url=address`, with or without quotes.
pub(crate) fn refresh(text: &str, map: &UrlMap) -> Option<String> {
    let at = text.to_ascii_lowercase().find("url=")? + "url=".len();
    let (before, url) = text.split_at_checked(at)?;
    let bare = url.trim().trim_matches(['"', '\'']);
    map.outward(bare).map(|url| format!("{before}{url}"))
}

/// A content security policy: every source and every place for reports.
fn policy(text: &str, map: &UrlMap) -> String {
    let mut result = String::with_capacity(text.len());
    for (index, part) in text.split_inclusive([' ', ';', ',', '\t']).enumerate() {
        let end = part.trim_end_matches([' ', ';', ',', '\t']).len();
        let (source, separator) = part.split_at_checked(end).unwrap_or((part, ""));
        let is_name = index == 0 || result.trim_end().ends_with([';', ',']);
        let changed = match source {
            _ if is_name => None,
            _ if source.contains("://") || source.starts_with('/') => map.outward(source),
            _ if source.contains('.') || source.contains(':') => map.outward_authority(source),
            _ => None,
        };
        result.push_str(changed.as_deref().unwrap_or(source));
        result.push_str(separator);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::map::tests::map;

    fn check(name: &'static str, given: &'static str, expected: &str) {
        let name = HeaderName::from_static(name);
        let mut headers = HeaderMap::new();
        headers.insert(name.clone(), HeaderValue::from_static(given));
        outward(&mut headers, &map());
        assert_eq!(headers.get(name).unwrap(), expected, "{given}");
    }

    #[test]
    fn g5_075_every_field_with_addresses_is_translated() {
        check("location", "/portal/next?x=1", "/next?x=1");
        check("location", "http://web01.corp.local:8080/portal/a", "https://portal.contoso.com/a");
        check("content-location", "https://web02.corp.local/a", "https://wiki.contoso.com/w/a");
        check(
            "link",
            "<http://web01.corp.local:8080/portal/s.css>; rel=preload, </portal/p2>; rel=\"next\"",
            "<https://portal.contoso.com/s.css>; rel=preload, </p2>; rel=\"next\"",
        );
        check("refresh", "5; URL=\"/portal/again\"", "5; URL=/again");
        check(
            "content-security-policy",
            "default-src 'self' web01.corp.local:8080 https://web02.corp.local; img-src data: *; \
             report-uri /portal/csp",
            "default-src 'self' portal.contoso.com https://wiki.contoso.com/w/; img-src data: *; \
             report-uri /csp",
        );
        check(
            "access-control-allow-origin",
            "https://web02.corp.local",
            "https://wiki.contoso.com",
        );
        check("location", "https://example.org/", "https://example.org/");
    }

    #[test]
    fn a_back_end_sees_its_own_origin() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://portal.contoso.com"));
        headers.insert(header::REFERER, HeaderValue::from_static("https://portal.contoso.com/a"));
        inward(&mut headers, &map());
        assert_eq!(headers[header::ORIGIN], "http://web01.corp.local:8080");
        assert_eq!(headers[header::REFERER], "http://web01.corp.local:8080/portal/a");
    }
}
