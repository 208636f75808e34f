//! A connection to one domain controller.
//!
//! A thin layer over the `ldap3` crate that makes up for what it leaves open: the task that drives
//! the connection is ours and ends with it, the socket sends at once, every request has a time
//! limit, and an answer the crate panics on becomes an error.
//! Invariant: a name and password are only ever sent over TLS to a server whose certificate is
//! valid for the configured name.
//! Spec: RFC 4511.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use connector::{ConnectorError, ErrorKind};
use futures_util::FutureExt as _;
use ldap3::controls::RawControl;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Mod, Scope, StdStream};
use model::Secret;
use net::{ClientConfig, certificate_problem};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::bind;
use crate::config::Server;
use crate::decode::{self, Entry};
use crate::failure::{BUSY, Failure, Refusal};

/// How long a server may take to accept a connection when there is another one to try.
const FAILOVER_TIMEOUT: Duration = Duration::from_millis(1500);

/// Waits before the repetitions of a write that met a busy server.
const BUSY_WAITS: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1600),
    Duration::from_millis(6400),
];

/// Everything a connection needs.
pub(crate) struct Target {
    pub(crate) servers: Vec<Server>,
    pub(crate) user: String,
    pub(crate) password: Secret,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) timeout: Duration,
}

/// A search request.
pub(crate) struct Search<'a> {
    pub(crate) base: &'a str,
    pub(crate) scope: Scope,
    pub(crate) filter: &'a str,
    pub(crate) attributes: &'a [String],
    pub(crate) controls: Vec<RawControl>,
}

/// A request that changes something.
#[derive(Clone, Copy)]
enum Write<'a> {
    Add { attributes: &'a [(String, Vec<Vec<u8>>)] },
    Modify { changes: &'a [Mod<Vec<u8>>] },
    Rename { rdn: &'a str, superior: Option<&'a str> },
    Delete,
}

/// A connection that has signed in. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Connection {
    ldap: Ldap,
    driver: AbortHandle,
    timeout: Duration,
    /// The server's configured name.
    pub(crate) server: String,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

impl Connection {
    /// Connects to the first server that can be reached and signs in.
    ///
    /// # Errors
    /// What the preferred server's failure was; a refused sign-in is not tried elsewhere, it might
    /// lock the account.
    pub(crate) async fn open(target: &Target) -> Result<Self, ConnectorError> {
        let mut first_error = None;
        let last = target.servers.len().saturating_sub(1);
        for (index, server) in target.servers.iter().enumerate() {
            let patience = if index < last { FAILOVER_TIMEOUT } else { net::CONNECT_TIMEOUT };
            match Box::pin(Self::open_one(target, server, patience)).await {
                Ok(connection) => return Ok(connection),
                Err(error) if error.kind == ErrorKind::Credentials => return Err(error),
                Err(error) => {
                    tracing::warn!(server = server.host, code = error.code(), "server not usable");
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or_else(|| {
            ConnectorError::new(ErrorKind::Configuration, "connectivity.servers is empty")
        }))
    }

    async fn open_one(
        target: &Target,
        server: &Server,
        patience: Duration,
    ) -> Result<Self, ConnectorError> {
        let connection = connect(target, server, patience).await?;
        connection.sign_in(target).await?;
        Ok(connection)
    }

    /// Ends the connection.
    pub(crate) fn close(&self) {
        self.driver.abort();
    }

    async fn sign_in(&self, target: &Target) -> Result<(), ConnectorError> {
        let mut ldap = self.handle();
        let bind = ldap.simple_bind(&target.user, target.password.expose());
        match guarded(bind).await.and_then(|result| accepted(&result)) {
            Ok(()) => Ok(()),
            Err(Failure::Refused(refusal)) => {
                Err(bind::refused(&self.server, &target.user, &refusal))
            }
            Err(failure) => Err(failure.into_error(&self.server, "sign-in")),
        }
    }

    /// True once the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.driver.is_finished()
    }

    /// Searches and hands every entry to `take`; returns the answer's controls.
    pub(crate) async fn search_each(
        &self,
        search: Search<'_>,
        take: impl FnMut(Entry),
    ) -> Result<Vec<RawControl>, Failure> {
        guarded_all(self.stream(search, take)).await
    }

    async fn stream(
        &self,
        search: Search<'_>,
        mut take: impl FnMut(Entry),
    ) -> Result<Vec<RawControl>, Failure> {
        let mut ldap = self.handle();
        ldap.with_controls(search.controls);
        let Search { base, scope, filter, attributes, .. } = search;
        let mut stream = ldap.streaming_search(base, scope, filter, attributes).await?;
        while let Some(found) = stream.next().await? {
            if let Some(entry) = decode::entry(found.0).ok_or(Failure::Odd("malformed entry"))? {
                take(entry);
            }
        }
        let result = stream.finish().await;
        let controls = result.ctrls.iter().map(|control| control.1.clone()).collect();
        accepted(&result).map(|()| controls)
    }

    /// The object with this DN or `<GUID=...>`; `None` if it is not there or not to be seen.
    pub(crate) async fn read(
        &self,
        dn: &str,
        attributes: &[String],
    ) -> Result<Option<Entry>, Failure> {
        let filter = "(objectClass=*)";
        let controls = Vec::new();
        let search = Search { base: dn, scope: Scope::Base, filter, attributes, controls };
        let mut found = None;
        match self.search_each(search, |entry| found = Some(entry)).await {
            Ok(_) => Ok(found),
            Err(Failure::Refused(refusal)) if refusal.is_missing_object() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Creates an object.
    pub(crate) async fn add(
        &self,
        dn: &str,
        attributes: &[(String, Vec<Vec<u8>>)],
    ) -> Result<(), Failure> {
        self.write(dn, Write::Add { attributes }).await
    }

    /// Changes attributes.
    pub(crate) async fn modify(&self, dn: &str, changes: &[Mod<Vec<u8>>]) -> Result<(), Failure> {
        self.write(dn, Write::Modify { changes }).await
    }

    /// Renames an object and, with `superior`, moves it.
    pub(crate) async fn rename(
        &self,
        dn: &str,
        rdn: &str,
        superior: Option<&str>,
    ) -> Result<(), Failure> {
        self.write(dn, Write::Rename { rdn, superior }).await
    }

    /// Deletes an object that has no children.
    pub(crate) async fn delete(&self, dn: &str) -> Result<(), Failure> {
        self.write(dn, Write::Delete).await
    }

    /// Writes, and again while the server says it is busy, which means that it did nothing.
    async fn write(&self, dn: &str, write: Write<'_>) -> Result<(), Failure> {
        for wait in BUSY_WAITS {
            match self.write_once(dn, write).await {
                Err(Failure::Refused(refusal)) if refusal.code == BUSY => {
                    tracing::debug!(server = self.server, "server is busy, waiting");
                    tokio::time::sleep(wait).await;
                }
                outcome => return outcome,
            }
        }
        self.write_once(dn, write).await
    }

    async fn write_once(&self, dn: &str, write: Write<'_>) -> Result<(), Failure> {
        let mut ldap = self.handle();
        let result = match write {
            Write::Add { attributes } => {
                let set = |(name, values): &(String, Vec<Vec<u8>>)| {
                    (name.clone().into_bytes(), values.iter().cloned().collect::<HashSet<_>>())
                };
                guarded(ldap.add(dn, attributes.iter().map(set).collect())).await
            }
            Write::Modify { changes } => guarded(ldap.modify(dn, changes.to_vec())).await,
            Write::Rename { rdn, superior } => {
                guarded(ldap.modifydn(dn, rdn, true, superior)).await
            }
            Write::Delete => guarded(ldap.delete(dn)).await,
        };
        result.and_then(|result| accepted(&result))
    }

    fn handle(&self) -> Ldap {
        let mut ldap = self.ldap.clone();
        ldap.with_timeout(self.timeout);
        ldap
    }
}

fn accepted(result: &LdapResult) -> Result<(), Failure> {
    if result.rc == 0 { Ok(()) } else { Err(Failure::Refused(Refusal::new(result))) }
}

/// Waits for an answer; one the crate cannot take apart makes it panic in the calling task.
async fn guarded<T>(call: impl Future<Output = ldap3::result::Result<T>>) -> Result<T, Failure> {
    guarded_all(async { Ok(call.await?) }).await
}

async fn guarded_all<T>(call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match AssertUnwindSafe(call).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_panic) => Err(Failure::Odd("it does not follow the protocol")),
    }
}

async fn connect(
    target: &Target,
    server: &Server,
    patience: Duration,
) -> Result<Connection, ConnectorError> {
    let socket = match tokio::time::timeout(patience, socket(server)).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(error)) => {
            let message = format!("{} cannot be reached on port {}", server.host, server.port);
            return Err(ConnectorError::new(ErrorKind::Connection, message).with_source(error));
        }
        Err(_elapsed) => {
            let message = format!("{} does not answer on port {}", server.host, server.port);
            return Err(ConnectorError::new(ErrorKind::Connection, message));
        }
    };
    let settings = LdapConnSettings::new()
        .set_config(target.tls.clone())
        .set_conn_timeout(net::CONNECT_TIMEOUT)
        .set_std_stream(StdStream::Tcp(socket));
    let opening = LdapConnAsync::from_url_with_settings(settings, &server.url);
    let opened = guarded(Box::pin(opening)).await;
    let (connection, ldap) = opened.map_err(|failure| no_tls(server, failure))?;
    let driver = tokio::spawn(async move {
        // The end of the connection shows at the requests that wait for it.
        if let Err(error) = connection.drive().await {
            tracing::debug!(%error, "connection ended");
        }
    });
    Ok(Connection {
        ldap,
        driver: driver.abort_handle(),
        timeout: target.timeout,
        server: server.host.clone(),
    })
}

async fn socket(server: &Server) -> std::io::Result<std::net::TcpStream> {
    let stream = TcpStream::connect((server.host.as_str(), server.port)).await?;
    stream.set_nodelay(true)?;
    stream.into_std()
}

fn no_tls(server: &Server, failure: Failure) -> ConnectorError {
    let Failure::Lost(cause) = failure else {
        return failure.into_error(&server.host, "the TLS handshake");
    };
    if matches!(*cause, LdapError::DNSName { .. }) {
        let message = format!("{} is not a name that a certificate can have", server.host);
        return ConnectorError::new(ErrorKind::Configuration, message).with_source(cause);
    }
    match certificate_problem(&*cause) {
        Some(problem) => {
            let message = format!("{}: {problem}", server.host);
            ConnectorError::new(ErrorKind::Certificate, message)
                .with_help(
                    "set connectivity.ca to the certificate of the authority that issued it, and \
                     use a name of the certificate in connectivity.servers",
                )
                .with_source(cause)
        }
        None => Failure::Lost(cause).into_error(&server.host, "the TLS handshake"),
    }
}
