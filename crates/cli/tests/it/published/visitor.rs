//! A person with a browser, as far as HTTP goes: cookies, redirects, the tenant's page.

use std::collections::BTreeMap;

use net::{Client, StatusCode, TlsTrust, Url, header, http_client};

use crate::published::stage::Stage;

/// Nobody is sent around longer.
const REDIRECTS_MAX: usize = 10;

/// A browser.
pub(crate) struct Visitor<'a> {
    stage: &'a Stage,
    client: Client,
    cookies: BTreeMap<String, String>,
}

/// What the browser shows.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl<'a> Visitor<'a> {
    /// Somebody who was never here.
    pub(crate) fn new(stage: &'a Stage) -> Self {
        let trusted = format!("{}{}", stage.ca_pem, stage.deployment.tenant.ca_pem());
        let client = http_client(&TlsTrust::Bundle(trusted.into_bytes())).unwrap();
        Self { stage, client, cookies: BTreeMap::new() }
    }

    /// Somebody who signed in as `name`; what they see then.
    pub(crate) fn signed_in(stage: &'a Stage, name: &str) -> (Self, Page) {
        let mut visitor = Self::new(stage);
        let page = visitor.sign_in(name);
        (visitor, page)
    }

    /// Goes to the portal, says at the tenant who they are, and comes back.
    pub(crate) fn sign_in(&mut self, name: &str) -> Page {
        let page = self.get("");
        let token = field(&page.text, "name=\"token\" value=\"");
        let person = page.text.split("<p><input type=\"radio\"").find(|p| p.contains(name));
        let person = field(person.unwrap_or_else(|| panic!("no {name}: {page:?}")), "value=\"");
        let login = Url::parse(&page.url).unwrap().join("login").unwrap();
        let fields = [("token", token), ("person", person)];
        self.stage.deployment.block_on(self.go(login, Some(&fields)))
    }

    /// A page of the portal.
    pub(crate) fn get(&mut self, path: &str) -> Page {
        let url = Url::parse(&self.stage.url).unwrap().join(path).unwrap();
        self.stage.deployment.block_on(self.go(url, None))
    }

    async fn go(&mut self, mut url: Url, mut form: Option<&[(&str, String)]>) -> Page {
        for _ in 0..REDIRECTS_MAX {
            let request = match form.take() {
                Some(fields) => self.client.post(url.clone()).form(fields),
                None => self.client.get(url.clone()),
            };
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = request
                .header(header::COOKIE, cookies.join("; "))
                .header("sec-fetch-mode", "navigate")
                .header("sec-fetch-dest", "document")
                .header(header::ACCEPT, "text/html");
            let answer = request.send().await.unwrap();
            for cookie in answer.headers().get_all(header::SET_COOKIE) {
                self.keep(cookie.to_str().unwrap());
            }
            let status = answer.status();
            if let Some(target) = answer.headers().get(header::LOCATION) {
                url = url.join(target.to_str().unwrap()).unwrap();
                continue;
            }
            return Page { url: url.to_string(), status, text: answer.text().await.unwrap() };
        }
        panic!("sent around for ever, last to {url}");
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if value.is_empty() || cookie.to_lowercase().contains("max-age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// What stands between `before` and the next quotation mark.
fn field(text: &str, before: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split('"').next().unwrap().to_owned()
}
