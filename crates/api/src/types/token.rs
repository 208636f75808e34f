//! Automation tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RoleName;

/// An automation token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The identifier.
    #[schema(format = "uuid")]
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What its bearer may do.
    pub roles: Vec<RoleName>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub expires: String,
    /// When it was last used, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub last_used: Option<String>,
}

/// A token to make.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    /// What its bearer may do; at least one of administrator, operator and auditor.
    #[schema(min_items = 1)]
    pub roles: Vec<RoleName>,
    /// How many days it lasts; 90 unless said otherwise.
    #[schema(minimum = 1, maximum = 366)]
    pub expires_in_days: Option<u32>,
}

/// A token that was just made, with its secret for the only time.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenCreated {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// What goes after `Authorization: Bearer`. It cannot be shown again.
    pub secret: String,
}

impl std::fmt::Debug for TokenCreated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCreated").field("token", &self.token).finish_non_exhaustive()
    }
}
