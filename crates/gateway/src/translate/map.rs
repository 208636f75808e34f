//! The map between internal and external addresses of everything that is published.

use std::sync::Arc;

use crate::application::Application;
use crate::place::Place;
use crate::route::Route;

/// Which way an address goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Outward,
    Inward,
}

/// Addresses of every application, seen from one of them.
#[derive(Debug, Clone)]
pub(crate) struct UrlMap {
    applications: Vec<Arc<Application>>,
    here: Route,
}

/// An absolute address, or one without scheme, cut into pieces.
struct Pieces<'t> {
    /// Nothing for `//host/path`.
    scheme: Option<&'t str>,
    host: String,
    port: Option<u16>,
    /// Path, query and fragment.
    tail: &'t str,
}

impl UrlMap {
    pub(crate) fn new(applications: Vec<Arc<Application>>, here: Route) -> Self {
        Self { applications, here }
    }

    pub(crate) const fn here(&self) -> &Route {
        &self.here
    }

    /// What a browser must be told instead of `text`; nothing when it can stay.
    pub(crate) fn outward(&self, text: &str) -> Option<String> {
        self.mapped(text, Way::Outward)
    }

    /// What the back end must be told instead of `text`; nothing when it can stay.
    pub(crate) fn inward(&self, text: &str) -> Option<String> {
        self.mapped(text, Way::Inward)
    }

    /// What a browser must be told instead of the host `text`, perhaps with a port.
    pub(crate) fn outward_authority(&self, text: &str) -> Option<String> {
        let (host, port) = split_authority(text)?;
        let place = &self.here.application.internal;
        let label = place.host.matches(&host)?;
        let is_port = port.is_none_or(|p| p == place.port);
        let is_here = label == self.here.label || !place.has_star();
        (is_port && is_here).then(|| self.here.external_authority())
    }

    fn mapped(&self, text: &str, way: Way) -> Option<String> {
        let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if trimmed.starts_with('/') && !trimmed.starts_with("//") {
            return self.mapped_path(trimmed, way);
        }
        let pieces = cut(trimmed)?;
        let strict = self.best(&pieces, way, false);
        let mapped = strict.or_else(|| self.best(&pieces, way, true))?;
        (mapped != trimmed).then_some(mapped)
    }

    /// A path of this application's back end.
    fn mapped_path(&self, path: &str, way: Way) -> Option<String> {
        let (from, to) = sides(&self.here.application, way);
        if from.path == to.path {
            return None;
        }
        let tail = moved_tail(path, from, to)?;
        (tail != path).then_some(tail)
    }

    /// The application with the longest path that the address lies below. A back end behind a
    /// proxy that ends TLS often writes the other scheme, so that with `any_scheme` it does not
    /// matter where both ports are the scheme's own.
    fn best(&self, pieces: &Pieces<'_>, way: Way, any_scheme: bool) -> Option<String> {
        let here = std::iter::once(&self.here.application);
        let every = here.chain(self.applications.iter());
        let mut best: Option<((bool, usize), String)> = None;
        for application in every {
            let (from, to) = sides(application, way);
            let rank = (!from.has_star(), from.path.len());
            if best.as_ref().is_some_and(|(best, _)| *best >= rank) {
                continue;
            }
            if let Some(text) = self.moved(pieces, from, to, any_scheme) {
                best = Some((rank, text));
            }
        }
        best.map(|(_, text)| text)
    }

    fn moved(
        &self,
        pieces: &Pieces<'_>,
        from: &Place,
        to: &Place,
        any_scheme: bool,
    ) -> Option<String> {
        let label = from.host.matches(&pieces.host)?;
        // An internal host without star serves every external one; the only one known is ours.
        let label =
            if to.has_star() && !from.has_star() { self.here.label.as_str() } else { label };
        if to.has_star() && label.is_empty() {
            return None;
        }
        let is_https = match pieces.scheme {
            None => from.is_https,
            Some(scheme) => {
                scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss")
            }
        };
        let port = pieces.port.unwrap_or(Place::default_port(is_https));
        let fits = if any_scheme {
            port == Place::default_port(is_https) && from.port == Place::default_port(from.is_https)
        } else {
            is_https == from.is_https && port == from.port
        };
        if !fits {
            return None;
        }
        let tail = moved_tail(pieces.tail, from, to)?;
        let authority = to.authority(label);
        Some(match pieces.scheme {
            None => format!("//{authority}{tail}"),
            Some(scheme) => format!("{}://{authority}{tail}", scheme_for(scheme, to.is_https)),
        })
    }
}

fn sides(application: &Application, way: Way) -> (&Place, &Place) {
    match way {
        Way::Outward => (&application.internal, &application.external),
        Way::Inward => (&application.external, &application.internal),
    }
}

const fn scheme_for(given: &str, is_https: bool) -> &'static str {
    let is_socket = matches!(given.as_bytes(), [b'w' | b'W', ..]);
    match (is_socket, is_https) {
        (true, true) => "wss",
        (true, false) => "ws",
        (false, true) => "https",
        (false, false) => "http",
    }
}

/// Path, query and fragment below the other place.
fn moved_tail(tail: &str, from: &Place, to: &Place) -> Option<String> {
    let end = tail.find(['?', '#']).unwrap_or(tail.len());
    let (path, rest) = tail.split_at_checked(end)?;
    if path.is_empty() && from.path == "/" {
        let path = if to.path == "/" { "" } else { to.path.as_str() };
        return Some(format!("{path}{rest}"));
    }
    if from.is_without_slash(path) {
        let path = to.path.strip_suffix('/').filter(|p| !p.is_empty()).unwrap_or("/");
        return Some(format!("{path}{rest}"));
    }
    let below = from.below(path)?;
    Some(format!("{}{below}{rest}", to.path))
}

fn cut(text: &str) -> Option<Pieces<'_>> {
    let (scheme, after) = match text.strip_prefix("//") {
        Some(after) => (None, after),
        None => {
            let (scheme, after) = text.split_once("://")?;
            let is_known = ["http", "https", "ws", "wss"].iter();
            let mut is_known = is_known.filter(|s| s.eq_ignore_ascii_case(scheme));
            (Some(is_known.next().map(|_| scheme)?), after)
        }
    };
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, tail) = after.split_at_checked(end)?;
    let (host, port) = split_authority(authority)?;
    Some(Pieces { scheme, host, port, tail })
}

fn split_authority(text: &str) -> Option<(String, Option<u16>)> {
    if text.contains('@') {
        return None;
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, digits)) if !digits.ends_with(']') => (host, Some(digits.parse().ok()?)),
        _ => (text, None),
    };
    (!host.is_empty()).then(|| (host.to_ascii_lowercase(), port))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::OnceLock;

    use super::*;
    use crate::tests::application;

    /// The map of `portal`, published with others, one of them behind a star.
    pub(crate) fn map() -> UrlMap {
        static MAP: OnceLock<UrlMap> = OnceLock::new();
        MAP.get_or_init(make).clone()
    }

    fn make() -> UrlMap {
        let all = [
            ("portal", "https://portal.contoso.com/", "http://web01.corp.local:8080/portal/"),
            ("wiki", "https://wiki.contoso.com/w/", "https://web02.corp.local/"),
            ("any", "https://*.apps.contoso.com/", "https://{host}.int.local/"),
        ];
        let read = |(name, ext, int): (&str, &str, &str)| Arc::new(application(name, ext, int));
        let applications: Vec<_> = all.into_iter().map(read).collect();
        let here = Route { application: applications[0].clone(), index: 0, label: String::new() };
        UrlMap::new(applications, here)
    }

    #[test]
    fn g5_075_internal_addresses_become_external_ones() {
        let map = map();
        for (given, expected) in [
            (
                "http://web01.corp.local:8080/portal/x?a=1#f",
                Some("https://portal.contoso.com/x?a=1#f"),
            ),
            ("HTTP://WEB01.corp.local:8080/portal", Some("https://portal.contoso.com/")),
            ("http://web01.corp.local:8080/other", None),
            ("http://web01.corp.local/portal/", None),
            ("https://web02.corp.local/a", Some("https://wiki.contoso.com/w/a")),
            ("https://web02.corp.local", Some("https://wiki.contoso.com/w/")),
            ("http://web02.corp.local/a", Some("https://wiki.contoso.com/w/a")),
            ("wss://web02.corp.local/a", Some("wss://wiki.contoso.com/w/a")),
            ("https://shop.int.local/a", Some("https://shop.apps.contoso.com/a")),
            ("//web02.corp.local/a", Some("//wiki.contoso.com/w/a")),
            ("//web01.corp.local:8080/portal/a", Some("//portal.contoso.com/a")),
            ("/portal/x", Some("/x")),
            ("/portal", Some("/")),
            ("/x", None),
            ("x/y", None),
            ("https://example.org/a", None),
            ("https://user@web02.corp.local/a", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(map.outward(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn external_addresses_become_internal_ones() {
        let map = map();
        for (given, expected) in [
            ("https://portal.contoso.com", "http://web01.corp.local:8080/portal/"),
            ("https://portal.contoso.com/a?b", "http://web01.corp.local:8080/portal/a?b"),
            ("https://wiki.contoso.com/w/a", "https://web02.corp.local/a"),
        ] {
            assert_eq!(map.inward(given).as_deref(), Some(expected), "{given}");
        }
    }
}
