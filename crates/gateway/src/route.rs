//! Phase 2: which application a request is for. What is not published is not there.

use std::sync::Arc;

use crate::GatewayError;
use crate::accept::Addressed;
use crate::application::Application;
use crate::place::Place;

/// The application of a request and what the star in its host stands for.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) application: Arc<Application>,
    /// Its place among the applications.
    pub(crate) index: usize,
    /// Empty without a star.
    pub(crate) label: String,
}

impl Route {
    /// The origin that the browser sees.
    pub(crate) fn origin(&self) -> String {
        self.application.external.origin(&self.label)
    }

    /// Host and port that the browser sees.
    pub(crate) fn external_authority(&self) -> String {
        self.application.external.authority(&self.label)
    }

    /// The host that the browser asked for.
    pub(crate) fn external_host(&self) -> String {
        self.application.external.host.fill(&self.label)
    }

    /// The path at the back end for a path that the browser sees.
    pub(crate) fn internal_path(&self, path: &str) -> Option<String> {
        let rest = self.application.external.below(path)?;
        Some(format!("{}{rest}", self.application.internal.path))
    }
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub(crate) enum Routed {
    /// To an application.
    To(Route),
    /// To the application's address with the slash at its end.
    AddSlash(Route),
    /// The host is published, the path is not.
    NoPath,
    /// The path means different applications to different readers.
    Ambiguous,
    /// The host is not published.
    NoHost,
}

/// The published applications.
#[derive(Debug)]
pub(crate) struct Routes {
    applications: Vec<Arc<Application>>,
}

impl Routes {
    pub(crate) fn new(applications: Vec<Arc<Application>>) -> Result<Self, GatewayError> {
        for (index, first) in applications.iter().enumerate() {
            let is_same = |other: &&Arc<Application>| {
                other.external.host == first.external.host
                    && other.external.port == first.external.port
                    && other.external.path.eq_ignore_ascii_case(&first.external.path)
            };
            if let Some(second) = applications.iter().skip(index + 1).find(is_same) {
                let (first, second) = (first.name.clone(), second.name.clone());
                return Err(GatewayError::SameAddress { first, second });
            }
        }
        Ok(Self { applications })
    }

    pub(crate) fn applications(&self) -> &[Arc<Application>] {
        &self.applications
    }

    /// Any application of the host, for what belongs to all of them together.
    pub(crate) fn of_host(&self, to: &Addressed) -> Option<Route> {
        self.published(to).into_iter().next()
    }

    /// The application of a request: the exact host before one with a star, then the longest path.
    pub(crate) fn find(&self, to: &Addressed) -> Routed {
        let all = self.published(to);
        if all.is_empty() {
            return Routed::NoHost;
        }
        let found = longest(&all, &to.path);
        // Many servers take two slashes for one.
        if to.path.contains("//") {
            let collapsed = longest(&all, &collapse(&to.path));
            if collapsed.map(|r| r.index) != found.map(|r| r.index) {
                return Routed::Ambiguous;
            }
        }
        let bare = all.iter().find(|r| r.application.external.is_without_slash(&to.path));
        match (bare, found) {
            (Some(route), _) => Routed::AddSlash(route.clone()),
            (None, Some(route)) => Routed::To(route.clone()),
            (None, None) => Routed::NoPath,
        }
    }

    /// The applications of the host: those with exactly this one, else those with a star.
    fn published(&self, to: &Addressed) -> Vec<Route> {
        let of = |with_star: bool| {
            let every = self.applications.iter().enumerate();
            let matching = every.filter_map(move |(index, application)| {
                let place = &application.external;
                let port = to.port.unwrap_or(Place::default_port(place.is_https));
                if place.has_star() != with_star || port != place.port {
                    return None;
                }
                let label = place.host.matches(&to.host)?.to_owned();
                Some(Route { application: application.clone(), index, label })
            });
            matching.collect::<Vec<_>>()
        };
        let exact = of(false);
        if exact.is_empty() { of(true) } else { exact }
    }
}

fn longest<'r>(routes: &'r [Route], path: &str) -> Option<&'r Route> {
    let covering = routes.iter().filter(|r| r.application.external.below(path).is_some());
    covering.max_by_key(|r| r.application.external.path.len())
}

fn collapse(path: &str) -> String {
    let mut result = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !result.ends_with('/') {
            result.push(letter);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::application;

    fn routes() -> Routes {
        let all = [
            ("root", "https://portal.contoso.com/"),
            ("wiki", "https://portal.contoso.com/wiki/"),
            ("deep", "https://portal.contoso.com/wiki/admin/"),
            ("odd", "https://portal.contoso.com:8443/"),
            ("any", "https://*.contoso.com/"),
            ("apps", "https://*.apps.contoso.com/x/"),
        ];
        let read =
            |(name, url): (&str, &str)| Arc::new(application(name, url, "http://127.0.0.1:9/"));
        Routes::new(all.into_iter().map(read).collect()).unwrap()
    }

    fn find(host: &str, port: Option<u16>, path: &str) -> String {
        let to = Addressed { host: host.to_owned(), port, path: path.to_owned(), query: None };
        match routes().find(&to) {
            Routed::To(r) => format!(
                "{}{}{}",
                r.application.name,
                if r.label.is_empty() { "" } else { ":" },
                r.label
            ),
            Routed::AddSlash(r) => format!("{}/", r.application.name),
            Routed::NoPath => "no path".to_owned(),
            Routed::NoHost => "no host".to_owned(),
            Routed::Ambiguous => "ambiguous".to_owned(),
        }
    }

    #[test]
    fn g5_076_the_most_specific_host_and_path_win() {
        for (host, port, path, expected) in [
            ("portal.contoso.com", None, "/", "root"),
            ("portal.contoso.com", Some(443), "/wikipedia", "root"),
            ("portal.contoso.com", None, "/wiki/a", "wiki"),
            ("portal.contoso.com", None, "/WIKI/Admin/a", "deep"),
            ("portal.contoso.com", None, "/wiki", "wiki/"),
            ("portal.contoso.com", Some(8443), "/wiki/a", "odd"),
            ("portal.contoso.com", Some(80), "/", "no host"),
            ("shop.contoso.com", None, "/a", "any:shop"),
            ("shop.apps.contoso.com", None, "/x/a", "apps:shop"),
            ("shop.apps.contoso.com", None, "/y", "no path"),
            ("contoso.com", None, "/", "no host"),
            ("portal.contoso.com.", None, "/", "no host"),
        ] {
            assert_eq!(find(host, port, path), expected, "{host}{path}");
        }
    }

    #[test]
    fn two_slashes_do_not_hide_an_application() {
        assert_eq!(find("portal.contoso.com", None, "//wiki/admin/x"), "ambiguous");
        assert_eq!(find("portal.contoso.com", None, "/wiki//admin/x"), "ambiguous");
        assert_eq!(find("portal.contoso.com", None, "/a//b"), "root");
    }

    #[test]
    fn two_applications_cannot_have_one_address() {
        let read =
            |name| Arc::new(application(name, "https://a.contoso.com/", "http://127.0.0.1:9/"));
        let error = Routes::new(vec![read("one"), read("two")]).unwrap_err();
        assert_eq!(error.code(), "GWY-0103");
    }
}
