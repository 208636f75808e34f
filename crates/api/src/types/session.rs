//! Signed-in people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleName {
    /// Everything.
    Administrator,
    /// Sees synchronization and starts runs.
    Operator,
    /// Sees everything, changes nothing.
    Auditor,
    /// Sees what concerns them.
    Person,
}

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// With a Kerberos ticket.
    Kerberos,
    /// With the word of the access gateway.
    Assertion,
    /// With a local account's password.
    Password,
    /// With an automation token.
    Token,
}

/// The portal as its visitors know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Portal {
    /// The organisation's name.
    pub name: String,
}

/// Who is signed in, how, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The person's or token's name.
    pub name: String,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The account's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The person; absent for tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// What they may do.
    pub roles: Vec<RoleName>,
    /// How they signed in.
    pub method: Method,
    /// When the session ends at the latest.
    #[schema(format = DateTime)]
    pub expires: String,
    /// True for guests, who see only themselves.
    pub is_guest: bool,
    /// The portal.
    pub portal: Portal,
    /// Where the browser goes after the session was deleted, when the gateway signed it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_out_url: Option<String>,
}

/// A local account's sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// The account.
    #[schema(max_length = 64)]
    pub account: String,
    /// The password.
    #[schema(max_length = 1024, format = Password)]
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn")
    }
}
