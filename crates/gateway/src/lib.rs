//! The access gateway: a reverse proxy that signs people in at an OpenID provider and makes them
//! known to the applications behind it, with Kerberos tickets it gets on their behalf.
//!
//! A request goes through phases, a file each: accept, route, reserved paths,
//! session, assignment, account, sign-on, forward, translate. What is pure is separate from what
//! talks to anybody; directory, distribution centre and provider are asked through
//! [`Accounts`], [`Tickets`] and [`oidc::Provider`].

mod accept;
mod accounts;
mod application;
mod assigned;
mod audit;
mod backend;
mod body;
mod cookies;
mod error;
mod forward;
mod gateway;
mod hygiene;
mod identity;
mod known;
mod limits;
mod login;
mod pages;
mod place;
mod random;
mod ready;
mod refusal;
mod reserved;
mod route;
mod session;
mod sign_on;
mod step_up;
#[cfg(test)]
mod tests;
mod tickets;
mod translate;
mod upgrade;
mod visit;

pub use accounts::{Account, AccountState, Accounts, AccountsError, Found, Person};
pub use body::{BodyError, GatewayBody};
pub use error::GatewayError;
pub use gateway::{Gateway, GatewayParts};
pub use random::{NoRandomness, Random, SystemRandom};
pub use tickets::{
    Exchange, KerberosExchange, KerberosTickets, LoginName, TicketCache, TicketError,
    TicketErrorKind, TicketRequest, Tickets, Token,
};
