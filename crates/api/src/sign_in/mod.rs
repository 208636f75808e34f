//! Who a request comes from, and whether it may change anything.
//!
//! Three ways in beside the session cookie: an automation token (`Authorization: Bearer`), a
//! Kerberos ticket (`Authorization: Negotiate`, RFC 4559) and the gateway's signed word
//! (`X-Proxeny-Assertion`). A token stands for itself; a ticket or assertion opens a session, and
//! one of another person than the session's always wins. What a caller may do is looked up at every
//! request, so that a change takes effect at once.

mod assertion;
mod authenticate;
mod cookie;
mod limiter;
mod negotiate;
mod origin;
mod password;
mod person;
mod roles;
mod sessions;
mod token;

pub use assertion::{Assertion, AssertionRefused, AssertionVerifier};
pub use negotiate::{AcceptedTicket, NegotiateAcceptor, TicketRefused};

pub(crate) use authenticate::{authenticate, open_session};
pub(crate) use cookie::clear as clear_cookie;
pub(crate) use limiter::FailureLimiter;
pub(crate) use password::{StandIn, ensure_local_administrator, verify as verify_password};
pub(crate) use roles::RoleTable;
pub(crate) use sessions::{Identity, SessionKey, Sessions, Subject};
pub(crate) use token::make as make_token;
