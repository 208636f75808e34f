//! Headers that carry who somebody is: which names the gateway may set (RFC 9110 section 5), and
//! what their values are made of. Pure.

use crate::similar;

/// What stands for a value of the person.
pub(super) const PLACEHOLDERS: [&str; 7] =
    ["account", "domain", "upn", "object-id", "sid", "mail", "name"];

/// Names that mean something to a hop, to the message or to the gateway itself.
const RESERVED: [&str; 25] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-correlation-id",
    "x-original-url",
    "x-real-ip",
    "x-request-id",
    "x-rewrite-url",
];
/// Beginnings of such names.
const RESERVED_BEGINNINGS: [&str; 4] = ["x-forwarded-", "x-proxeny-", "sec-", "proxy-"];

/// A name as back ends that put headers into variables see it (RFC 3875 section 4.1.18): there a
/// hyphen and an underscore are one.
pub(super) fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// What is wrong with a header's name, with advice; `None` if nothing is.
pub(super) fn check_name(name: &str) -> Option<(String, &'static str)> {
    // RFC 9110 section 5.6.2.
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        let message = format!("`{name}` is not the name of a header");
        return Some((message, "letters, digits and hyphens, for example X-Remote-User"));
    }
    let folded = folded(name);
    let is_reserved = RESERVED.contains(&folded.as_str())
        || RESERVED_BEGINNINGS.iter().any(|beginning| folded.starts_with(beginning));
    is_reserved.then(|| {
        let message = format!("the header `{name}` is not for identities");
        (message, "choose one that means nothing to proxies, for example X-Remote-User")
    })
}

/// What is wrong with a header's value, with advice; `None` if nothing is.
pub(super) fn check_value(text: &str) -> Option<(String, String)> {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    if text.trim().is_empty() || text.trim() != text || !text.chars().all(is_plain) {
        let message = "a header's value is visible ASCII text".to_owned();
        return Some((message, "for example '{domain}\\{account}'".to_owned()));
    }
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (_, from) = rest.split_at_checked(at)?;
        let inside = from.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let Some((name, after)) = inside else {
            let message = "a brace stands alone".to_owned();
            return Some((message, format!("possible: {}", in_braces())));
        };
        if !PLACEHOLDERS.contains(&name) {
            let message = format!("`{{{name}}}` stands for nothing");
            let help = match similar::closest(name, PLACEHOLDERS) {
                Some(meant) => format!("did you mean `{{{meant}}}`?"),
                None => format!("possible: {}", in_braces()),
            };
            return Some((message, help));
        }
        rest = after;
    }
    None
}

fn in_braces() -> String {
    PLACEHOLDERS.map(|name| format!("`{{{name}}}`")).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_are_refused_in_every_spelling() {
        for good in ["X-Remote-User", "remote_user", "Employee", "X-Auth"] {
            assert_eq!(check_name(good), None, "{good}");
        }
        for bad in [
            "",
            "X Remote",
            "X-Remote-User:",
            "X-Rémote",
            "X\r\nY",
            "host",
            "Authorization",
            "COOKIE",
            "Set_Cookie",
            "Content-Length",
            "content_length",
            "Transfer-Encoding",
            "Connection",
            "TE",
            "Upgrade",
            "X-Forwarded-User",
            "x_forwarded_for",
            "Forwarded",
            "X-Proxeny-Assertion",
            "Proxy-User",
        ] {
            assert!(check_name(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn values_are_text_and_known_placeholders() {
        for good in ["{account}", "{domain}\\{account}", "fixed", "{upn} ({object-id})"] {
            assert_eq!(check_value(good), None, "{good}");
        }
        for bad in ["", " ", " {upn}", "{user}", "{upn", "upn}", "{}", "{{upn}}", "ü", "a\r\nb: c"]
        {
            assert!(check_value(bad).is_some(), "{bad}");
        }
        let (_, help) = check_value("{acount}").unwrap();
        assert_eq!(help, "did you mean `{account}`?");
    }
}
