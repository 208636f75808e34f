//! Reads and checks authorization requests (RFC 6749 section 4.1.1, OpenID Connect Core 1.0
//! section 3.1.2.1, RFC 7636).

use super::answer::SignInError;
use super::fields::Fields;
use super::return_to::{Mode, ReturnTo};
use super::sessions::{Asked, Registration};
use super::world::World;

/// The length of an S256 challenge: 32 octets in base64url.
const CHALLENGE_LENGTH: usize = 43;

/// Whether a page must, may or must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    Always,
    IfNeeded,
    Never,
}

/// An authorization request that can be answered.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) asked: Asked,
    pub(super) prompt: Prompt,
    pub(super) login_hint: Option<String>,
}

/// Why a request is refused, and who hears of it: the person while it is not certain where the
/// answer may go, the application from then on.
#[derive(Debug)]
pub(super) enum Refusal {
    Page(SignInError),
    Back(ReturnTo, SignInError),
}

impl Question {
    /// Reads a request that reached us at `origin`.
    pub(super) fn read(fields: &Fields, world: &World, origin: &str) -> Result<Self, Refusal> {
        let client_id = fields.required("client_id").map_err(Refusal::Page)?.to_lowercase();
        if world.app(&client_id).is_none() {
            let text = format!("Application '{client_id}' was not found in the directory.");
            return Err(Refusal::Page(SignInError::new("unauthorized_client", 700_016, text)));
        }
        let registration = world.registration(&client_id);
        let return_to = fields.return_to(&registration).map_err(Refusal::Page)?;
        match fields.question(client_id, &return_to, &registration, world, origin) {
            Ok(question) => Ok(question),
            Err(error) => Err(Refusal::Back(return_to, error)),
        }
    }
}

impl Fields {
    fn return_to(&self, registration: &Registration) -> Result<ReturnTo, SignInError> {
        let redirect_uri = self.required("redirect_uri")?;
        if !registration.redirect_uris.iter().any(|uri| uri == redirect_uri) {
            let text = format!("The redirect URI '{redirect_uri}' is not one that is registered.");
            return Err(SignInError::new("invalid_request", 50_011, text));
        }
        let mode = self.get("response_mode").unwrap_or("query");
        let mode = Mode::parse(mode).ok_or_else(|| {
            let text = format!("The response mode '{mode}' is not supported.");
            SignInError::new("invalid_request", 90_023, text)
        })?;
        Ok(ReturnTo { redirect_uri: redirect_uri.to_owned(), mode, state: self.owned("state") })
    }

    fn question(
        &self,
        client_id: String,
        return_to: &ReturnTo,
        registration: &Registration,
        world: &World,
        origin: &str,
    ) -> Result<Question, SignInError> {
        let response_type = self.required("response_type")?;
        if response_type != "code" {
            let text = format!("The response type '{response_type}' is not supported.");
            return Err(SignInError::new("unsupported_response_type", 70_005, text));
        }
        let asked = Asked {
            client_id,
            return_to: return_to.clone(),
            scopes: scopes(self.required("scope")?, world, origin)?,
            nonce: self.owned("nonce"),
            challenge: self.challenge(registration.is_public)?,
            with_client_info: self.get("client_info") == Some("1"),
        };
        Ok(Question { asked, prompt: self.prompt()?, login_hint: self.owned("login_hint") })
    }

    fn challenge(&self, is_public: bool) -> Result<Option<String>, SignInError> {
        let Some(challenge) = self.get("code_challenge") else {
            if is_public {
                let text = "A client without a secret must send a code challenge.";
                return Err(SignInError::new("invalid_request", 9_002_325, text));
            }
            return Ok(None);
        };
        // The method "plain" (also the default, RFC 7636 section 4.3) protects from nothing.
        if self.get("code_challenge_method") != Some("S256") {
            let text = "The code challenge method must be 'S256'.";
            return Err(SignInError::new("invalid_request", 50_147, text));
        }
        if challenge.len() != CHALLENGE_LENGTH {
            let text = "The size of the code challenge is not valid.";
            return Err(SignInError::new("invalid_request", 50_147, text));
        }
        Ok(Some(challenge.to_owned()))
    }

    fn prompt(&self) -> Result<Prompt, SignInError> {
        match self.get("prompt") {
            None => Ok(Prompt::IfNeeded),
            Some("none") => Ok(Prompt::Never),
            Some("login" | "select_account" | "consent") => Ok(Prompt::Always),
            Some(other) => {
                let text = format!("The value '{other}' of 'prompt' is not supported.");
                Err(SignInError::new("invalid_request", 90_023, text))
            }
        }
    }
}

/// The scopes asked for: those of OpenID Connect and delegated permissions of Graph, which may be
/// written with Graph's address.
fn scopes(text: &str, world: &World, origin: &str) -> Result<Vec<String>, SignInError> {
    let mut scopes = Vec::new();
    for scope in text.split_whitespace() {
        let (resource, permission) = scope.rsplit_once('/').unwrap_or(("", scope));
        if !resource.is_empty() && !world.is_graph(resource, origin) {
            let text = format!("The resource '{resource}' was not found in the tenant.");
            return Err(SignInError::new("invalid_resource", 500_011, text));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if permission.is_empty() || !permission.chars().all(is_name) {
            let text = format!("The scope '{scope}' is not valid.");
            return Err(SignInError::new("invalid_scope", 70_011, text));
        }
        if !scopes.iter().any(|s| s == permission) {
            scopes.push(permission.to_owned());
        }
    }
    Ok(scopes)
}
