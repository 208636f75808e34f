//! A relying party of OpenID Connect for web applications that can keep a secret.
//!
//! [`Provider`] knows one identity provider: its discovery document and keys, cached; the way there
//! ([`Provider::begin`]), back with a person ([`Provider::finish`]), asking again whether the person
//! still may ([`Provider::refresh`]), and out. [`PendingLogins`] ties what was begun to the browser
//! that began it. [`assertion`] is how the gateway tells an application behind it who is there.
//!
//! Strict: authorization code with PKCE S256 only, RS256 only, names compared letter by letter,
//! JSON with a member twice refused. No clock and no randomness: moments and random octets are
//! arguments. Tokens, codes and secrets are in no error and no log.
//! Spec: OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0, Front-Channel Logout 1.0;
//! RFC 6749, RFC 7515, RFC 7517, RFC 7519, RFC 7636, RFC 9207.
//! Not here: sessions of the application, cookies, the implicit and hybrid flows.

pub mod assertion;
mod cached;
mod callback;
mod claims;
mod compare;
mod end;
mod error;
mod fetch;
mod json;
mod keys;
pub mod limits;
mod login;
mod metadata;
mod pending;
mod provider;
mod settings;
#[cfg(test)]
mod testing;
mod times;
mod token;

pub use callback::CallbackQuery;
pub use claims::Claims;
pub use end::{EndSession, FrontChannelLogout};
pub use error::{Endpoint, OidcError};
pub use fetch::{Fetch, FetchError, Reply};
pub use login::{Begun, LoginRequest, PendingLogin, Prompt, SEED_LENGTH, Seed};
pub use pending::PendingLogins;
pub use provider::{Provider, SignedIn};
pub use settings::ProviderSettings;
