//! Who a signed-in person is in the directory: asked of whoever holds the metaverse.

use async_trait::async_trait;
use model::Sid;
use rules::FindBy;

use crate::tickets::TicketErrorKind;

/// A person as the provider vouches for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The immutable object id in the tenant (`oid`).
    pub object_id: String,
    /// The tenant (`tid`).
    pub tenant_id: String,
    /// The user principal name: `upn`, else `preferred_username`.
    pub user_principal_name: Option<String>,
    /// Groups (`groups`).
    pub groups: Vec<String>,
    /// The token leaves groups out, because there are too many.
    pub has_more_groups: bool,
    /// App roles (`roles`).
    pub roles: Vec<String>,
}

impl From<&oidc::Claims> for Person {
    fn from(claims: &oidc::Claims) -> Self {
        Self {
            object_id: claims.object_id.clone().unwrap_or_default(),
            tenant_id: claims.tenant_id.clone().unwrap_or_default(),
            user_principal_name: claims.upn.clone().or_else(|| claims.preferred_username.clone()),
            groups: claims.groups.clone(),
            has_more_groups: claims.groups_overage,
            roles: claims.roles.clone(),
        }
    }
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountState {
    /// It may.
    #[default]
    Enabled,
    /// It is disabled.
    Disabled,
    /// Its end has passed.
    Expired,
    /// It is sensitive and must not be delegated.
    NotDelegated,
}

/// A directory account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The person's object id in the tenant.
    pub object_id: String,
    /// The display name.
    pub person_name: Option<String>,
    /// The account name (sAMAccountName).
    pub account_name: Option<String>,
    /// The domain's NetBIOS name.
    pub domain: Option<String>,
    /// The domain's Kerberos realm; the gateway's own when absent.
    pub realm: Option<String>,
    /// The user principal name in the tenant, `#EXT#` form for guests.
    pub user_principal_name: Option<String>,
    /// The user principal name of the account in the directory.
    pub on_premises_user_principal_name: Option<String>,
    /// The mail address.
    pub mail: Option<String>,
    /// The security identifier.
    pub sid: Option<Sid>,
    /// Whether it may be used.
    pub state: AccountState,
}

/// What a search for an account found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The one.
    Account(Box<Account>),
    /// Nobody.
    Nobody,
    /// More than one: none of them is the person's.
    Several,
}

/// Accounts cannot be looked up now.
#[derive(Debug, thiserror::Error)]
#[error("accounts cannot be looked up")]
pub struct AccountsError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where accounts are looked up.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The account of `person`, looked up by `by`.
    ///
    /// # Errors
    /// [`AccountsError`] when nobody can say.
    async fn find(&self, by: FindBy, person: &Person) -> Result<Found, AccountsError>;

    /// Why Kerberos refused a ticket for `service`, for the administrator's log; nothing when
    /// there is nothing to add.
    async fn explain(
        &self,
        _account: &Account,
        _kind: TicketErrorKind,
        _service: &str,
    ) -> Option<String> {
        None
    }
}
