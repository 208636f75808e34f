//! What is known of a request once it may go on to a back end.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::Method;
use model::Timestamp;

use crate::accept::Addressed;
use crate::accounts::Account;
use crate::audit::Subject;
use crate::route::Route;
use crate::session::Session;

/// A request of somebody who may use the application.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) request_id: String,
    pub(crate) now: Timestamp,
    pub(crate) client: IpAddr,
    pub(crate) method: Method,
    /// A page that can be fetched again after a detour.
    pub(crate) may_go_away: bool,
    pub(crate) to: Addressed,
    pub(crate) route: Route,
    pub(crate) session: Arc<Session>,
    pub(crate) account: Account,
}

impl Visit {
    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            request_id: &self.request_id,
            person: &self.session.person.object_id,
            application: &self.route.application.name,
            service: "",
        }
    }
}
