//! Addresses of applications, inside and outside: origin and path, with a star in the host.

use url::{Host, Url};

/// What stands for the star of an external host in an internal one.
const STAR_TEMPLATE: &str = "{host}";
/// Stands for it while the address is parsed.
const STAR_LABEL: &str = "proxeny-star";

/// A host, perhaps with one label open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostPattern {
    /// Exactly this host, in lower case.
    Exact(String),
    /// Any one label between these.
    Star {
        /// What stands before it.
        before: String,
        /// What stands after it.
        after: String,
    },
}

impl HostPattern {
    /// The label that the star stands for in `host` (empty without a star); nothing when the host
    /// is another.
    pub(crate) fn matches<'h>(&self, host: &'h str) -> Option<&'h str> {
        match self {
            Self::Exact(own) => (own == host).then_some(""),
            Self::Star { before, after } => {
                let label = host.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                let is_inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
                let is_label = !label.is_empty()
                    && label.len() <= 63
                    && label.bytes().all(is_inner)
                    && !label.starts_with('-')
                    && !label.ends_with('-');
                is_label.then_some(label)
            }
        }
    }

    /// The host with `label` for the star.
    pub(crate) fn fill(&self, label: &str) -> String {
        match self {
            Self::Exact(own) => own.clone(),
            Self::Star { before, after } => format!("{before}{label}{after}"),
        }
    }

    const fn has_star(&self) -> bool {
        matches!(self, Self::Star { .. })
    }
}

/// An origin and a path below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// `https` rather than `http`.
    pub(crate) is_https: bool,
    /// The host.
    pub(crate) host: HostPattern,
    /// The port.
    pub(crate) port: u16,
    /// The path; begins and ends with a slash.
    pub(crate) path: String,
}

impl Place {
    /// Reads the external address of an application: `https`, perhaps `*.` before the host.
    pub(crate) fn external(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").ok_or("is no address")?;
        let starred = rest.strip_prefix("*.").map(|r| format!("{scheme}://{STAR_LABEL}.{r}"));
        let place = Self::read(starred.as_deref().unwrap_or(url))?;
        if !place.is_https {
            return Err("is not https");
        }
        Ok(place)
    }

    /// Reads the internal address of an application: `http` or `https`, perhaps `{host}` in it.
    pub(crate) fn internal(url: &str) -> Result<Self, &'static str> {
        if url.matches(STAR_TEMPLATE).count() > 1 {
            return Err("has {host} in it twice");
        }
        Self::read(&url.replace(STAR_TEMPLATE, STAR_LABEL))
    }

    fn read(url: &str) -> Result<Self, &'static str> {
        let url = Url::parse(url).map_err(|_e| "is no address")?;
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err("is neither http nor https"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user name in it");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("has a query or a fragment");
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => format!("[{address}]"),
            None => return Err("has no host"),
        };
        let port = url.port_or_known_default().ok_or("has no port")?;
        let path = url.path().to_owned();
        if !path.ends_with('/') {
            return Err("does not end with a slash");
        }
        let host = match host.split_once(STAR_LABEL) {
            None => HostPattern::Exact(host),
            Some((before, after)) => {
                HostPattern::Star { before: before.to_owned(), after: after.to_owned() }
            }
        };
        Ok(Self { is_https, host, port, path })
    }

    pub(crate) const fn has_star(&self) -> bool {
        self.host.has_star()
    }

    /// The port when none is named.
    pub(crate) const fn default_port(is_https: bool) -> u16 {
        if is_https { 443 } else { 80 }
    }

    /// `host` or `host:port`, with `label` for the star.
    pub(crate) fn authority(&self, label: &str) -> String {
        let host = self.host.fill(label);
        if self.port == Self::default_port(self.is_https) {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// `scheme://host[:port]`, with `label` for the star.
    pub(crate) fn origin(&self, label: &str) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority(label))
    }

    /// What of `path` lies below this place; letter case does not count, because many servers
    /// ignore it and a rule must not be passed by writing a folder in capitals.
    pub(crate) fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        let (folder, rest) = path.split_at_checked(self.path.len())?;
        folder.eq_ignore_ascii_case(&self.path).then_some(rest)
    }

    /// True for this place's own path without the slash at its end.
    pub(crate) fn is_without_slash(&self, path: &str) -> bool {
        self.path.strip_suffix('/').is_some_and(|p| !p.is_empty() && p.eq_ignore_ascii_case(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_their_star() {
        let place = Place::external("https://*.apps.Contoso.com/x/").unwrap();
        assert_eq!(place.host.matches("shop.apps.contoso.com"), Some("shop"));
        for host in
            ["apps.contoso.com", "a.b.apps.contoso.com", "-.apps.contoso.com", ".apps.contoso.com"]
        {
            assert_eq!(place.host.matches(host), None, "{host}");
        }
        assert_eq!((place.port, place.path.as_str()), (443, "/x/"));
        let place = Place::internal("http://{host}.int.contoso.com:8080/").unwrap();
        assert_eq!(place.origin("shop"), "http://shop.int.contoso.com:8080");
    }

    #[test]
    fn addresses_that_mean_nothing_are_refused() {
        for url in [
            "portal.contoso.com",
            "http://portal.contoso.com/",
            "https://portal.contoso.com/x",
            "https://me@portal.contoso.com/",
            "https://portal.contoso.com/?q",
            "ftp://portal.contoso.com/",
        ] {
            assert!(Place::external(url).is_err(), "{url}");
        }
        assert!(Place::internal("http://{host}/{host}/").is_err());
    }
}
