//! Addresses (RFC 3986) of the kinds that documents have: an issuer, an origin, where an
//! application is published and where it is. Pure: text in, the address in its normal form or what
//! is wrong with it out.

use std::net::IpAddr;

use url::{Host, Url};

use super::listener::is_loopback;
use super::service;

/// What stands in an internal address for the part of the external host under the star.
const HOST_PLACEHOLDER: &str = "{host}";
/// A label that stands for the placeholder while the address is parsed.
const HOST_STAND_IN: &str = "proxeny-host-stand-in";

/// Where the gateway answers itself, at every published host.
const RESERVED_PATH: &str = "/.proxeny/";

/// Escapes that mean a separator, a dot, another escape or a control character: paths that hold one
/// are read differently by different programs.
const AMBIGUOUS_ESCAPES: [&str; 7] = ["%2e", "%2f", "%5c", "%25", "%0", "%1", "%7f"];

/// What is wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// What follows the key's name.
    pub(super) message: &'static str,
    /// What to do.
    pub(super) help: String,
}

/// Where an application is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct External {
    /// The address in its normal form.
    pub(super) url: String,
    /// The host begins with `*.`.
    pub(super) is_wildcard: bool,
}

/// Where an application is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Internal {
    /// The address in its normal form.
    pub(super) url: String,
    /// It is spoken to with TLS.
    pub(super) is_encrypted: bool,
    /// It is this machine.
    pub(super) is_loopback: bool,
    /// Its host has a placeholder.
    pub(super) is_template: bool,
}

/// The issuer exactly as written: it is compared with what tokens say, octet by octet.
pub(super) fn issuer(text: &str) -> Result<String, Problem> {
    let example = "https://login.microsoftonline.com/TENANT-ID/v2.0";
    let url = absolute(text, example)?;
    refuse_plain(&url)?;
    Ok(text.to_owned())
}

/// Scheme, host and port, as browsers write them in `Origin` (RFC 6454 section 6.2).
pub(super) fn origin(text: &str) -> Result<String, Problem> {
    let url = absolute(text, "https://portal.contoso.com")?;
    refuse_plain(&url)?;
    let origin = url.origin().ascii_serialization();
    let has_path = url.path() != "/" || text.ends_with('/');
    if has_path {
        let help = format!("write {origin}");
        return Err(Problem { message: "is scheme, host and port, without a path", help });
    }
    Ok(origin)
}

/// The address of a published application.
pub(super) fn external(text: &str) -> Result<External, Problem> {
    let url = absolute(text, "https://portal.contoso.com/")?;
    if url.scheme() != "https" {
        let help = format!("write {}", text.replacen("http://", "https://", 1));
        return Err(Problem { message: "must begin with https://", help });
    }
    plain_path(text, &url)?;
    if url.path().starts_with(RESERVED_PATH) {
        let help = format!("everything below {RESERVED_PATH} is the gateway's own");
        return Err(Problem { message: "must not be one of the gateway's own", help });
    }
    let is_wildcard = match url.host() {
        Some(Host::Domain(name)) => is_wildcard(name)?,
        _ if is_local(&url) => false,
        _ => {
            let help = "give the application a name in DNS, which its certificate holds";
            return Err(problem("must not be an IP address", help));
        }
    };
    Ok(External { url: url.into(), is_wildcard })
}

/// True if a host's first label is a star.
fn is_wildcard(host: &str) -> Result<bool, Problem> {
    let below = host.strip_prefix("*.");
    let rest = below.unwrap_or(host);
    if rest.contains('*') {
        let help = "for example https://*.apps.contoso.com/";
        return Err(problem("has a star that is not the whole first label", help));
    }
    let is_too_wide = below.is_some_and(|rest| !rest.contains('.') && rest != "localhost");
    if is_too_wide {
        let help = "for example https://*.apps.contoso.com/";
        return Err(problem("would take every name of a top-level domain", help));
    }
    Ok(below.is_some())
}

/// The address of an application's back end.
pub(super) fn internal(text: &str) -> Result<Internal, Problem> {
    let stood_in = text.replacen(HOST_PLACEHOLDER, HOST_STAND_IN, 1);
    let url = absolute(&stood_in, "https://portal.internal.contoso.com/")?;
    plain_path(&stood_in, &url)?;
    let host = url.host_str().unwrap_or_default();
    let is_template = host.contains(HOST_STAND_IN);
    let is_strange = |text: &str| text.contains(['{', '}', '*']);
    if is_strange(&stood_in) || (stood_in != text && !is_template) {
        let help = format!("{HOST_PLACEHOLDER} may stand once, in the host");
        return Err(Problem { message: "has a placeholder in a wrong place", help });
    }
    Ok(Internal {
        is_encrypted: url.scheme() == "https",
        is_loopback: is_local(&url),
        is_template,
        url: String::from(url).replacen(HOST_STAND_IN, HOST_PLACEHOLDER, 1),
    })
}

/// What all kinds have in common.
fn absolute(text: &str, example: &str) -> Result<Url, Problem> {
    let problem = |message| Problem { message, help: format!("for example {example}") };
    let url = Url::parse(text).map_err(|_| problem("must be an absolute address"))?;
    // The parser forgives blanks, missing slashes and backslashes; other readers may not.
    let is_strict = text.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://"));
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if !matches!(url.scheme(), "https" | "http") || !is_strict || text.contains(is_odd) {
        return Err(problem("must be an absolute address"));
    }
    let is_named = match url.host() {
        Some(Host::Domain(name)) => {
            let plain = name.strip_prefix("*.").unwrap_or(name);
            service::is_host(plain) || plain.contains(['*', '{', '}'])
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    if !is_named {
        return Err(problem("must name a host, without a dot at its end"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(problem("must not hold a name or a password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(problem("must not hold `?` or `#`"));
    }
    Ok(url)
}

/// Refuses what would be spoken in the clear on a network.
fn refuse_plain(url: &Url) -> Result<(), Problem> {
    if url.scheme() == "https" || is_local(url) {
        return Ok(());
    }
    Err(problem("must begin with https://", "http is for loopback addresses only"))
}

/// A path that everybody reads alike, and that ends where a segment ends.
fn plain_path(text: &str, url: &Url) -> Result<(), Problem> {
    if !text.ends_with('/') || text.ends_with("://") {
        let help = format!("write {}", format_args!("{}/", url.as_str().trim_end_matches('/')));
        return Err(Problem { message: "must end with a slash", help });
    }
    let written = text.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    let path = written.map(|(_, path)| path.to_ascii_lowercase()).unwrap_or_default();
    let path = path.strip_suffix('/').unwrap_or(&path);
    let is_empty = |segment: &str| matches!(segment, "" | "." | "..");
    let is_ambiguous = AMBIGUOUS_ESCAPES.iter().any(|escape| path.contains(escape));
    if is_ambiguous || (!path.is_empty() && path.split('/').any(is_empty)) {
        let help = "no empty parts, no `.` or `..`, no escaped slashes or dots";
        return Err(problem("has a path that programs read differently", help));
    }
    Ok(())
}

fn problem(message: &'static str, help: &str) -> Problem {
    Problem { message, help: help.to_owned() }
}

/// True if the host is this machine (RFC 6761 section 6.3 for names).
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => is_loopback(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => is_loopback(IpAddr::V6(ip)),
        None => false,
    }
}
