//! `Set-Cookie` (RFC 6265 section 5.2) for the browser that sees another host and path.

use crate::cookies::is_ours;
use crate::translate::map::UrlMap;

/// What a back end's `Set-Cookie` becomes; nothing for a cookie that is the gateway's to set.
///
/// `Domain` goes, because the cookie belongs to the one host that the browser sees; `Path` follows
/// the published path; `Secure` is added, because outside everything is encrypted.
pub(crate) fn outward(set_cookie: &str, map: &UrlMap) -> Option<String> {
    let name = cookie_name(set_cookie);
    if is_ours(name) {
        return None;
    }
    let keeps_path = name.starts_with("__Host-");
    let mut parts = set_cookie.split(';');
    let mut result = parts.next().unwrap_or_default().trim().to_owned();
    let mut is_secure = false;
    for part in parts {
        let part = part.trim();
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        let attribute = attribute.trim().to_ascii_lowercase();
        match attribute.as_str() {
            "" | "domain" => {}
            "path" if !keeps_path => {
                result.push_str("; Path=");
                result.push_str(&path(value.trim(), map));
            }
            _ => {
                is_secure |= attribute == "secure";
                result.push_str("; ");
                result.push_str(part);
            }
        }
    }
    if !is_secure {
        result.push_str("; Secure");
    }
    Some(result)
}

/// The name of a cookie that is set, as browsers read it: blanks around it do not count.
pub(crate) fn cookie_name(set_cookie: &str) -> &str {
    let pair = set_cookie.split(';').next().unwrap_or_default();
    pair.split('=').next().unwrap_or_default().trim()
}

fn path(given: &str, map: &UrlMap) -> String {
    let application = &map.here().application;
    let (internal, external) = (&application.internal.path, &application.external.path);
    if internal == external {
        return given.to_owned();
    }
    if !given.starts_with('/') || given == "/" {
        return external.clone();
    }
    // A cookie for a folder beside the published one would be for nobody.
    map.outward(given).unwrap_or_else(|| external.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::map::tests::map;

    #[test]
    fn g5_075_cookies_belong_to_the_external_host() {
        for (given, expected) in [
            ("a=b", Some("a=b; Secure")),
            (
                "a=b; domain=.corp.local; path=/portal/x; HttpOnly; SameSite=Lax",
                Some("a=b; Path=/x; HttpOnly; SameSite=Lax; Secure"),
            ),
            ("a=b; Path=/; secure", Some("a=b; Path=/; secure")),
            ("a=b; Path=/elsewhere", Some("a=b; Path=/; Secure")),
            ("__Host-a=b; Path=/; Secure", Some("__Host-a=b; Path=/; Secure")),
            ("__Host-proxeny-gw=stolen; Path=/; Secure", None),
            (" __host-Proxeny-gw =stolen", None),
        ] {
            assert_eq!(outward(given, &map()).as_deref(), expected, "{given}");
        }
    }
}
