//! The pages people see when they sign in and out. Plain HTML; every text that comes from outside
//! is escaped, and the content security policy lets nothing run or load that is not listed here.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use url::Url;

use super::answer::SignInError;

const STYLE: &str = "body{font:1rem/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}\
                     label span{color:#555}[role=alert]{border-left:.3rem solid #b00020;\
                     padding-left:.7rem}iframe{display:none}";
/// Without it, every silent sign-in would need a click.
const POST_AT_ONCE: &str = "document.forms[0].submit()";

/// Somebody to choose.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
    /// The address and what is special about the person.
    pub(super) note: String,
    pub(super) is_picked: bool,
}

/// The page on which one chooses a person.
pub(super) struct Picker<'a> {
    pub(super) tenant: &'a str,
    pub(super) client_id: &'a str,
    /// Where the answer to the choice will redirect to, which the form must be allowed to follow.
    pub(super) redirect_uri: &'a str,
    /// The one-time token of the form.
    pub(super) token: &'a str,
    pub(super) people: &'a [Choice],
    /// People are left out of the list.
    pub(super) is_cut: bool,
    /// Why the last choice was refused.
    pub(super) refusal: Option<&'a SignInError>,
}

impl Picker<'_> {
    pub(super) fn page(&self) -> Response {
        let status = if self.refusal.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        let alert = self.refusal.map_or_else(String::new, |error| {
            format!("<p role=\"alert\">{}</p>\n", escaped(&error.message()))
        });
        let people: String = self.people.iter().enumerate().map(choice).collect();
        let cut = if self.is_cut { "<p>There are more people than are shown.</p>\n" } else { "" };
        let body = format!(
            "<h1>Sign in to {tenant}</h1>\n\
             <p>This is a simulated tenant: nobody is asked for a password. \
             The application {client} wants to know who you are.</p>\n\
             {alert}<form method=\"post\" action=\"login\">\n\
             <input type=\"hidden\" name=\"token\" value=\"{token}\">\n\
             <h2>Who are you?</h2>\n\
             <fieldset>\n<legend>People of the tenant</legend>\n{people}</fieldset>\n{cut}\
             <p><label for=\"address\">Or an address</label>\n\
             <input id=\"address\" name=\"address\" type=\"text\" autocomplete=\"username\"></p>\n\
             <p><button type=\"submit\">Sign in</button>\n\
             <button type=\"submit\" name=\"cancel\" value=\"1\">Cancel</button></p>\n</form>",
            tenant = escaped(self.tenant),
            client = escaped(self.client_id),
            token = escaped(self.token),
        );
        let targets = format!("'self' {}", source(self.redirect_uri));
        page(status, "Sign in", &body, &format!("form-action {targets}"))
    }
}

fn choice((index, person): (usize, &Choice)) -> String {
    let checked = if person.is_picked { " checked" } else { "" };
    format!(
        "<p><input type=\"radio\" name=\"person\" id=\"person-{index}\" value=\"{id}\"{checked}>\n\
         <label for=\"person-{index}\">{name} <span>{note}</span></label></p>\n",
        id = escaped(&person.id),
        name = escaped(&person.name),
        note = escaped(&person.note),
    )
}

/// The page that ends a sign-in which cannot go back to an application.
pub(super) fn refusal(error: &SignInError) -> Response {
    let text = escaped(&error.message());
    let body = format!("<h1>You cannot sign in</h1>\n<p role=\"alert\">{text}</p>");
    page(StatusCode::BAD_REQUEST, "You cannot sign in", &body, "form-action 'none'")
}

/// The page that posts `fields` to the application, by itself or with its button.
pub(super) fn form_post(target: &Url, fields: &[(&str, &str)]) -> Response {
    let field = |(name, value): &(&str, &str)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
    };
    let body = format!(
        "<h1>Back to the application</h1>\n<form method=\"post\" action=\"{action}\">\n{fields}\
         <p><button type=\"submit\">Continue</button></p>\n</form>\n<script>{POST_AT_ONCE}</script>",
        action = escaped(target.as_str()),
        fields = fields.iter().map(field).collect::<String>(),
    );
    let policy =
        format!("form-action {}; script-src {}", source(target.as_str()), hash(POST_AT_ONCE));
    page(StatusCode::OK, "Back to the application", &body, &policy)
}

/// The page after signing out. It tells the applications behind `told` in frames (OpenID Connect
/// Front-Channel Logout 1.0) and goes on to `next` a moment later.
pub(super) fn signed_out(told: &[Url], next: Option<&Url>) -> Response {
    let frame = |url: &Url| {
        let url = escaped(url.as_str());
        format!("<iframe src=\"{url}\" title=\"Signing out of an application\"></iframe>\n")
    };
    let frames: String = told.iter().map(frame).collect();
    let link = next.map_or_else(String::new, |url| {
        format!("<p><a href=\"{}\">Back to the application</a></p>\n", escaped(url.as_str()))
    });
    let body = format!("<h1>You are signed out</h1>\n{link}{frames}");
    let sources: Vec<String> = told.iter().map(|url| source(url.as_str())).collect();
    let frames = if sources.is_empty() { "'none'".to_owned() } else { sources.join(" ") };
    let policy = format!("form-action 'none'; frame-src {frames}");
    let mut response = page(StatusCode::OK, "You are signed out", &body, &policy);
    if let Some(value) = next.and_then(|url| HeaderValue::from_str(&format!("2; url={url}")).ok()) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    response
}

fn page(status: StatusCode, title: &str, body: &str, policy: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    );
    let style = hash(STYLE);
    let policy = format!(
        "default-src 'none'; style-src {style}; base-uri 'none'; frame-ancestors 'none'; {policy}"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, html).into_response()
}

/// The place of `url` as a content security policy names it.
fn source(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) if url.has_host() => url.origin().ascii_serialization(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => "'none'".to_owned(),
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

/// `text` as text or attribute value of HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
