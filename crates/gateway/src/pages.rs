//! The gateway's own pages: HTML without script, in the colours that the person prefers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use ring::digest::{SHA256, digest};
use serde_json::json;

use crate::body::{GatewayBody, empty, whole};
use crate::refusal::Refusal;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:0 auto;padding:12vh 1.5rem 2rem;\
background:#fafafa;color:#1b1b1b}\
h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem}\
a,button{font:inherit;color:#0f548c}\
button{padding:.5rem 1.25rem;border:1px solid currentColor;border-radius:.25rem;\
background:transparent;cursor:pointer}\
a:focus-visible,button:focus-visible{outline:.15rem solid;outline-offset:.15rem}\
footer{margin-top:2.5rem;color:#5c5c5c;font-size:.875rem}\
code{font:.875rem/1.5 ui-monospace,monospace;overflow-wrap:anywhere}\
@media(prefers-color-scheme:dark){body{background:#1b1b1b;color:#f3f3f3}\
a,button{color:#8cc8ff}footer{color:#b5b5b5}}";

/// What a page says.
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    /// The number that the log has, too.
    pub(crate) reference: Option<&'a str>,
    pub(crate) next: Next<'a>,
    /// Who may show it in a frame, besides nobody.
    pub(crate) framed_by: Option<&'a str>,
    /// Where the button leads in the end: browsers hold redirects against the policy, too.
    pub(crate) leads_to: Option<&'a str>,
}

/// What the person can do on a page.
#[derive(Clone, Copy)]
pub(crate) enum Next<'a> {
    Nothing,
    /// Follow a link: address and text.
    Link(&'a str, &'a str),
    /// Press a button: where it posts to, and its text.
    Button(&'a str, &'a str),
}

impl Page<'_> {
    pub(crate) fn answer(&self) -> Response<GatewayBody> {
        let next = match self.next {
            Next::Nothing => String::new(),
            Next::Link(url, text) => {
                format!("<p><a href=\"{}\">{}</a></p>\n", escaped(url), escaped(text))
            }
            Next::Button(url, text) => format!(
                "<form method=\"post\" action=\"{}\"><button type=\"submit\">{}</button></form>\n",
                escaped(url),
                escaped(text)
            ),
        };
        let reference = self.reference.map_or_else(String::new, |number| {
            format!("<footer>Reference number: <code>{}</code></footer>\n", escaped(number))
        });
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n\
             {next}</main>\n{reference}</body>\n</html>\n",
            title = escaped(self.title),
            text = escaped(self.text),
        );
        let mut response = Response::new(whole(html));
        *response.status_mut() = self.status;
        plain_headers(&mut response, "text/html; charset=utf-8", (self.framed_by, self.leads_to));
        response
    }
}

/// A refusal: a page for people, problem details (RFC 9457) for programs.
pub(crate) fn refusal(
    refusal: &Refusal,
    reference: &str,
    for_people: bool,
) -> Response<GatewayBody> {
    let refused = refusal.refused;
    let (status, title) = (refused.status(), refused.title());
    let text = refusal.text.as_deref().unwrap_or_else(|| refused.text());
    if for_people {
        let next = refusal.again.as_deref().map_or(Next::Nothing, |url| Next::Link(url, "Sign in"));
        let reference = Some(reference);
        return Page { status, title, text, reference, next, framed_by: None, leads_to: None }
            .answer();
    }
    let problem = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "detail": text,
        "instance": format!("urn:uuid:{reference}"),
    });
    let mut response = Response::new(whole(problem.to_string()));
    *response.status_mut() = status;
    plain_headers(&mut response, "application/problem+json", (None, None));
    response
}

/// Sends the browser on.
pub(crate) fn redirect(status: StatusCode, to: &str) -> Option<Response<GatewayBody>> {
    let location = HeaderValue::try_from(to).ok()?;
    let mut response = Response::new(empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let referrer = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(header::REFERRER_POLICY, referrer);
    Some(response)
}

/// A short answer for programs.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Response<GatewayBody> {
    let mut response = Response::new(whole(text));
    *response.status_mut() = status;
    plain_headers(&mut response, "text/plain; charset=utf-8", (None, None));
    response
}

fn plain_headers(
    response: &mut Response<GatewayBody>,
    content_type: &'static str,
    (framed_by, leads_to): (Option<&str>, Option<&str>),
) {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self' {}; base-uri 'none'; \
         frame-ancestors {}",
        leads_to.unwrap_or_default(),
        framed_by.unwrap_or("'none'")
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '"' => result.push_str("&quot;"),
            '\'' => result.push_str("&#39;"),
            _ => result.push(letter),
        }
    }
    result
}
