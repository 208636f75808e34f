//! The REST interface and the portal's pages: thin handlers that parse, call and show.
//!
//! [`Api`] is made of the engine, the identity service and what signs people in; its router is
//! served by `net::serve`. Who calls is found out before any handler runs (`sign_in`), and every
//! handler says by its extractor whom it serves (`caller`). What goes over the wire is described
//! in `openapi/openapi.json`, which is made from the handlers.
//! Not here: running anything ([`Runner`] is the program's), sockets and TLS (`net`), Kerberos
//! itself (`kerberos`).

mod app;
mod assets;
mod caller;
mod etag;
mod headers;
mod jobs;
mod openapi;
mod problem;
mod random;
mod request;
mod router;
mod routes;
mod show;
mod sign_in;
pub mod types;

pub use app::{Api, ApiParts, ensure_local_administrator};
pub use jobs::{JobError, JobEvent, JobEventKind, Jobs, RunFailure, RunOrder, Runner, Work};
pub use openapi::document_text;
pub use problem::{ApiError, Problem};
pub use random::{SecureRandom, SystemRandom};
pub use sign_in::{
    AcceptedTicket, Assertion, AssertionRefused, AssertionVerifier, NegotiateAcceptor,
    TicketRefused,
};
