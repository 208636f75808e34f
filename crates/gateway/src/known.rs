//! Phase 6: accounts, looked up and believed for a short while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::Timestamp;
use rules::FindBy;

use crate::accounts::{Account, AccountState, Accounts, Found, Person};
use crate::limits::{ACCOUNT_SECONDS, ACCOUNTS_MAX};
use crate::refusal::{Refusal, Refused};

/// By what, tenant and object id.
type Key = (u8, String, String);

/// Accounts that were looked up a moment ago.
pub(crate) struct Known {
    accounts: Arc<dyn Accounts>,
    found: Mutex<BTreeMap<Key, (Timestamp, Found)>>,
}

impl Known {
    pub(crate) fn new(accounts: Arc<dyn Accounts>) -> Self {
        Self { accounts, found: Mutex::default() }
    }

    pub(crate) fn accounts(&self) -> &dyn Accounts {
        self.accounts.as_ref()
    }

    /// The account of a person, if it may be used.
    pub(crate) async fn account(
        &self,
        by: FindBy,
        person: &Person,
        now: Timestamp,
    ) -> Result<Account, Refusal> {
        let account = match self.find(by, person, now).await? {
            Found::Account(account) => account,
            Found::Nobody => {
                let reason = "the person has no account in the metaverse";
                return Err(Refusal::new(Refused::NoAccount, "no-account", reason));
            }
            Found::Several => {
                let reason = "several accounts in the metaverse fit the person";
                return Err(Refusal::new(Refused::NoAccount, "several-accounts", reason));
            }
        };
        match account.state {
            AccountState::Enabled | AccountState::NotDelegated => Ok(*account),
            AccountState::Disabled => {
                let reason = "the account is disabled";
                Err(Refusal::new(Refused::AccountUnusable, "account-disabled", reason))
            }
            AccountState::Expired => {
                let reason = "the account has expired";
                Err(Refusal::new(Refused::AccountUnusable, "account-expired", reason))
            }
        }
    }

    /// Asks anew for everybody at the next request.
    pub(crate) fn forget_all(&self) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Asks anew at the next request.
    pub(crate) fn forget(&self, object_id: &str) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.retain(|(_, _, id), _| id != object_id);
    }

    async fn find(&self, by: FindBy, person: &Person, now: Timestamp) -> Result<Found, Refusal> {
        let number = match by {
            FindBy::ObjectId => 0,
            FindBy::UserPrincipalName => 1,
            FindBy::AccountName => 2,
        };
        let key = (number, person.tenant_id.clone(), person.object_id.clone());
        if let Some(found) = self.remembered(&key, now) {
            return Ok(found);
        }
        let found = self.accounts.find(by, person).await.map_err(|error| {
            let reason = format!("{error}: {}", error.0);
            Refusal::new(Refused::Unavailable, "accounts-unavailable", reason)
        })?;
        let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ACCOUNTS_MAX {
            all.retain(|_, (at, _)| is_fresh(*at, now));
        }
        if all.len() >= ACCOUNTS_MAX {
            all.pop_first();
        }
        all.insert(key, (now, found.clone()));
        Ok(found)
    }

    fn remembered(&self, key: &Key, now: Timestamp) -> Option<Found> {
        let all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(key).filter(|(at, _)| is_fresh(*at, now)).map(|(_, found)| found.clone())
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.seconds().saturating_sub(at.seconds()) < ACCOUNT_SECONDS
}
