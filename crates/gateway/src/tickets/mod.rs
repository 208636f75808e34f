//! Kerberos tickets for people: asked of whoever holds the gateway's key.

mod cache;
mod exchange;

use async_trait::async_trait;
use rules::TicketForm;

pub use cache::TicketCache;
pub use exchange::{Exchange, KerberosExchange};

/// Tickets from a Kerberos realm.
pub type KerberosTickets = TicketCache<KerberosExchange>;

/// Under which name Kerberos is asked for a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoginName {
    /// A user principal name, asked as an enterprise name (RFC 6806).
    UserPrincipalName(String),
    /// An account of a realm; the gateway's own realm when absent.
    Account {
        /// The account name.
        name: String,
        /// Its realm.
        realm: Option<String>,
    },
}

/// A ticket to get.
#[derive(Debug, Clone)]
pub struct TicketRequest {
    /// The person's object id, under which tickets are kept and forgotten.
    pub object_id: String,
    /// Under which name Kerberos is asked.
    pub login: LoginName,
    /// For which service, e.g. `HTTP/portal.contoso.com`.
    pub service: String,
    /// In which form.
    pub form: TicketForm,
    /// What the ticket is bound to (RFC 5929), the prefix included.
    pub channel_binding: Option<Vec<u8>>,
}

/// A token for one request or connection.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What goes into the header field, before base64.
    pub octets: Vec<u8>,
    /// The distribution centre was asked for it.
    pub is_fresh: bool,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("is_fresh", &self.is_fresh).finish_non_exhaustive()
    }
}

/// Why there is no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TicketErrorKind {
    /// Kerberos says so.
    Kerberos(kerberos::Kind),
    /// It took too long, or too many others are waiting.
    Busy,
}

impl TicketErrorKind {
    /// True where a ticket that was kept is no good any more, and a new one may be.
    pub(crate) const fn wants_new_ticket(self) -> bool {
        match self {
            Self::Kerberos(kind) => kind.wants_new_ticket(),
            Self::Busy => false,
        }
    }
}

/// There is no ticket.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no ticket: {message}")]
pub struct TicketError {
    /// Why.
    pub kind: TicketErrorKind,
    /// The code of what failed.
    pub code: &'static str,
    /// What happened, for the administrator's log.
    pub message: String,
}

/// Where tickets come from.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// A token that was never given out before.
    ///
    /// # Errors
    /// [`TicketError`] when Kerberos refuses or cannot be asked.
    async fn token(&self, request: &TicketRequest) -> Result<Token, TicketError>;

    /// Drops what is kept for a person.
    fn forget(&self, object_id: &str);

    /// Whether tickets could be asked for at all.
    ///
    /// # Errors
    /// [`TicketError`] naming what is wrong with key, settings or distribution centre.
    async fn check(&self) -> Result<(), TicketError>;
}
