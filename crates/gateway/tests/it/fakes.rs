//! A clock, accounts and tickets that do as they are told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use gateway::{
    Account, Accounts, AccountsError, Found, LoginName, Person, TicketError, TicketErrorKind,
    TicketRequest, Tickets, Token,
};
use model::{Clock, Timestamp};
use rules::FindBy;

pub(crate) struct TestClock(pub(crate) AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Accounts by object id.
#[derive(Default)]
pub(crate) struct FakeAccounts {
    pub(crate) all: Mutex<BTreeMap<String, Account>>,
    pub(crate) asked: AtomicUsize,
    pub(crate) by: Mutex<Option<FindBy>>,
    pub(crate) finds: Mutex<Finds>,
}

/// How a search ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Finds {
    #[default]
    What,
    TooMany,
    Nothing,
}

impl FakeAccounts {
    pub(crate) fn put(&self, account: Account) {
        lock(&self.all).insert(account.object_id.clone(), account);
    }

    pub(crate) fn change(&self, object_id: &str, change: impl FnOnce(&mut Account)) {
        change(lock(&self.all).get_mut(object_id).unwrap());
    }
}

#[async_trait]
impl Accounts for FakeAccounts {
    async fn find(&self, by: FindBy, person: &Person) -> Result<Found, AccountsError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        *lock(&self.by) = Some(by);
        let finds = *lock(&self.finds);
        match finds {
            Finds::What => {}
            Finds::TooMany => return Ok(Found::Several),
            Finds::Nothing => return Err(AccountsError("the store is locked".into())),
        }
        let found = lock(&self.all).get(&person.object_id).cloned();
        Ok(found.map_or(Found::Nobody, |account| Found::Account(Box::new(account))))
    }

    async fn explain(
        &self,
        _account: &Account,
        kind: TicketErrorKind,
        service: &str,
    ) -> Option<String> {
        Some(format!("explained {kind:?} for {service}"))
    }
}

/// Tickets that say what they are.
#[derive(Default)]
pub(crate) struct FakeTickets {
    pub(crate) refuse: Mutex<Option<TicketErrorKind>>,
    pub(crate) count: AtomicUsize,
    pub(crate) forgotten: Mutex<Vec<String>>,
    seen: Mutex<Vec<(LoginName, String)>>,
}

impl FakeTickets {
    pub(crate) fn refuse(&self, kind: TicketErrorKind) {
        *lock(&self.refuse) = Some(kind);
    }
}

#[async_trait]
impl Tickets for FakeTickets {
    async fn token(&self, request: &TicketRequest) -> Result<Token, TicketError> {
        if let Some(kind) = *lock(&self.refuse) {
            return Err(TicketError { kind, code: "KRB-0000", message: "refused".to_owned() });
        }
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let login = match &request.login {
            LoginName::UserPrincipalName(name) => name.clone(),
            LoginName::Account { name, .. } => name.clone(),
        };
        let binding = request.channel_binding.as_deref().unwrap_or_default();
        let bound = String::from_utf8_lossy(binding.get(..21).unwrap_or_default()).into_owned();
        let octets = format!("{number} {login} {} {:?} {bound}", request.service, request.form);
        let pair = (request.login.clone(), request.service.clone());
        let is_fresh = !lock(&self.seen).contains(&pair);
        lock(&self.seen).push(pair);
        Ok(Token { octets: octets.into_bytes(), is_fresh })
    }

    fn forget(&self, object_id: &str) {
        lock(&self.forgotten).push(object_id.to_owned());
    }

    async fn check(&self) -> Result<(), TicketError> {
        match *lock(&self.refuse) {
            Some(kind) => {
                Err(TicketError { kind, code: "KRB-0000", message: "refused".to_owned() })
            }
            None => Ok(()),
        }
    }
}
