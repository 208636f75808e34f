//! An exchange that counts stands in for the distribution centre.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use rules::TicketForm;

use super::*;

#[derive(Default)]
struct Counts {
    impersonations: AtomicUsize,
    delegations: AtomicUsize,
    tokens: AtomicUsize,
    now: AtomicI64,
    /// The gateway's keys: a ticket that was got under older ones buys no new service.
    keys: AtomicUsize,
}

struct Fake(Arc<Counts>);

struct Ticket {
    services: Mutex<BTreeSet<String>>,
    keys: usize,
}

impl Exchange for Fake {
    type Delegated = Ticket;

    fn impersonate(&self, login: &LoginName) -> Result<Ticket, TicketError> {
        self.0.impersonations.fetch_add(1, Ordering::SeqCst);
        match login {
            LoginName::UserPrincipalName(name) if name == "nobody" => Err(TicketError {
                kind: TicketErrorKind::Kerberos(kerberos::Kind::UnknownUser),
                code: "KRB-0501",
                message: String::new(),
            }),
            _ => {
                let keys = self.0.keys.load(Ordering::SeqCst);
                Ok(Ticket { services: Mutex::default(), keys })
            }
        }
    }

    fn token(
        &self,
        delegated: &Ticket,
        service: &str,
        _form: TicketForm,
        _binding: Option<&[u8]>,
    ) -> Result<Vec<u8>, TicketError> {
        let is_new = !lock(&delegated.services).contains(service);
        if is_new && delegated.keys != self.0.keys.load(Ordering::SeqCst) {
            return Err(TicketError {
                kind: TicketErrorKind::Kerberos(kerberos::Kind::TicketStale),
                code: "KRB-0603",
                message: String::new(),
            });
        }
        if lock(&delegated.services).insert(service.to_owned()) {
            self.0.delegations.fetch_add(1, Ordering::SeqCst);
        }
        Ok(self.0.tokens.fetch_add(1, Ordering::SeqCst).to_be_bytes().to_vec())
    }

    fn lifetime_seconds(&self, _delegated: &Ticket) -> u64 {
        36_000
    }

    fn check(&self) -> Result<(), TicketError> {
        Ok(())
    }
}

impl Clock for Counts {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.now.load(Ordering::SeqCst))
    }
}

fn cache() -> (Arc<TicketCache<Fake>>, Arc<Counts>) {
    let counts = Arc::new(Counts::default());
    (Arc::new(TicketCache::new(Fake(counts.clone()), 900, counts.clone())), counts)
}

fn request(login: &str, service: &str) -> TicketRequest {
    TicketRequest {
        object_id: "o-1".to_owned(),
        login: LoginName::UserPrincipalName(login.to_owned()),
        service: service.to_owned(),
        form: TicketForm::Spnego,
        channel_binding: None,
    }
}

fn asked(counts: &Counts) -> (usize, usize) {
    (counts.impersonations.load(Ordering::SeqCst), counts.delegations.load(Ordering::SeqCst))
}

#[tokio::test(flavor = "multi_thread")]
async fn g5_070_a_hundred_first_requests_are_one_exchange() {
    let (cache, counts) = cache();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let cache = cache.clone();
        tasks.spawn(async move { cache.token(&request("a", "HTTP/x")).await.unwrap() });
    }
    let tokens = tasks.join_all().await;
    assert_eq!(asked(&counts), (1, 1));
    assert_eq!(tokens.iter().filter(|t| t.is_fresh).count(), 1);
    let different: BTreeSet<&[u8]> = tokens.iter().map(|t| t.octets.as_slice()).collect();
    assert_eq!(different.len(), 100);
}

#[tokio::test]
async fn another_service_needs_no_second_ticket_of_the_person() {
    let (cache, counts) = cache();
    for service in ["HTTP/x", "HTTP/X", "HTTP/y", "HTTP/x"] {
        cache.token(&request("a", service)).await.unwrap();
    }
    assert_eq!(asked(&counts), (1, 2));
}

#[tokio::test]
async fn g5_066_tickets_are_asked_for_anew_in_time_and_when_forgotten() {
    let (cache, counts) = cache();
    cache.token(&request("a", "HTTP/x")).await.unwrap();
    counts.now.store(899, Ordering::SeqCst);
    cache.token(&request("a", "HTTP/x")).await.unwrap();
    assert_eq!(asked(&counts), (1, 1));
    counts.now.store(900, Ordering::SeqCst);
    cache.token(&request("a", "HTTP/x")).await.unwrap();
    assert_eq!(asked(&counts), (2, 2));
    cache.forget("o-1");
    cache.token(&request("a", "HTTP/x")).await.unwrap();
    assert_eq!(asked(&counts), (3, 3));
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let (cache, counts) = cache();
    for _ in 0..2 {
        let error = cache.token(&request("nobody", "HTTP/x")).await.unwrap_err();
        assert_eq!(error.kind, TicketErrorKind::Kerberos(kerberos::Kind::UnknownUser));
    }
    assert_eq!(asked(&counts), (2, 0));
}

#[tokio::test]
async fn g5_072_a_ticket_under_changed_keys_is_replaced_for_a_new_service() {
    let (cache, counts) = cache();
    cache.token(&request("a", "HTTP/x")).await.unwrap();
    counts.keys.store(1, Ordering::SeqCst);
    cache.token(&request("a", "HTTP/x")).await.unwrap();
    assert_eq!(asked(&counts), (1, 1), "what it was got for goes on");
    cache.token(&request("a", "HTTP/y")).await.unwrap();
    assert_eq!(asked(&counts), (2, 2));
    cache.token(&request("a", "HTTP/x")).await.unwrap();
    assert_eq!(asked(&counts), (2, 3));
}
