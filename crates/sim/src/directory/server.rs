//! Connections: TLS, the stream of messages, and faults on the way.
//!
//! Requests of a connection are carried out in the order they come; only one held back by a fault
//! is overtaken. Invariant: no lock is held while waiting.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::SplitSink;
use futures_util::{SinkExt as _, StreamExt as _};
use ldap3_proto::DisconnectionNotice;
use ldap3_proto::LdapResultCode;
use ldap3_proto::proto::LdapMsg;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::codec::Framed;
use tokio_util::sync::CancellationToken;

use super::codec::{Codec, Incoming, Outgoing};
use super::core::Core;
use super::faults::Effect;
use super::filter::Filter;
use super::refusal::{Refusal, Rule, ldap_result};
use super::search;
use super::session::{self, Session};

/// What the server and the handle share.
pub(super) struct Shared {
    core: Mutex<Core>,
    /// Ends the connections of the moment; replaced when it has.
    connections: Mutex<CancellationToken>,
}

impl Shared {
    pub(super) fn new(core: Core) -> Self {
        Self { core: Mutex::new(core), connections: Mutex::new(CancellationToken::new()) }
    }

    /// The directory; a panic elsewhere does not take it away from the test that looks at it.
    pub(super) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes every open connection; new ones are welcome.
    pub(super) fn close_connections(&self) {
        let mut current = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, CancellationToken::new()).cancel();
    }

    fn connection_token(&self) -> CancellationToken {
        let current = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        current.child_token()
    }
}

/// Listens on the loopback interface.
pub(super) async fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

/// Accepts connections until `shutdown`.
pub(super) async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    shared: Arc<Shared>,
    shutdown: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
                    connections.spawn(connection(stream, acceptor, shared));
                }
                Err(error) => tracing::debug!(%error, "cannot accept a connection"),
            },
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let closed = shared.connection_token();
    let talk = async {
        stream.set_nodelay(true)?;
        let stream = acceptor.accept(stream).await?;
        converse(stream, shared, closed.clone()).await
    };
    tokio::select! {
        () = closed.cancelled() => {}
        outcome = talk => if let Err(error) = outcome {
            tracing::debug!(%error, "connection failed");
        },
    }
}

/// Answers waiting to be written; a client that does not read holds up its own requests only.
const ANSWERS_WAITING_MAX: usize = 16;

async fn converse(
    stream: TlsStream<TcpStream>,
    shared: Arc<Shared>,
    closed: CancellationToken,
) -> std::io::Result<()> {
    let (sink, mut requests) = Framed::new(stream, Codec::default()).split();
    let (answers, waiting) = mpsc::channel(ANSWERS_WAITING_MAX);
    let mut writer = JoinSet::new();
    writer.spawn(write_answers(sink, waiting));
    let mut conversation =
        Conversation { shared, session: Arc::default(), answers, delayed: JoinSet::new(), closed };
    let outcome = loop {
        match requests.next().await {
            None => break Ok(()),
            Some(Ok(request)) => {
                if !conversation.take(request).await {
                    break Ok(());
                }
            }
            Some(Err(error)) => {
                conversation.send(vec![notice(LdapResultCode::ProtocolError)]).await;
                break Err(error);
            }
        }
    };
    conversation.delayed.shutdown().await;
    drop(conversation);
    writer.join_next().await;
    outcome
}

async fn write_answers(
    mut sink: SplitSink<Framed<TlsStream<TcpStream>, Codec>, Outgoing>,
    mut waiting: mpsc::Receiver<Vec<Outgoing>>,
) {
    while let Some(messages) = waiting.recv().await {
        for message in messages {
            if sink.feed(message).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
    // The other side may be gone already; either way this connection is over.
    let _closed = sink.close().await;
}

struct Conversation {
    shared: Arc<Shared>,
    session: Arc<Mutex<Session>>,
    answers: mpsc::Sender<Vec<Outgoing>>,
    delayed: JoinSet<()>,
    closed: CancellationToken,
}

impl Conversation {
    /// Deals with one request; false ends the connection.
    async fn take(&mut self, request: Incoming) -> bool {
        let (message, filter) = match request {
            Incoming::Message(message, filter) => (*message, filter),
            Incoming::Malformed(id, tag) => {
                let answer = session::malformed(&self.shared.core(), id, tag);
                self.send(answer.into_iter().collect()).await;
                return true;
            }
        };
        if message.op == ldap3_proto::proto::LdapOp::UnbindRequest {
            return false;
        }
        let effect = self.effect(&message);
        let Some(effect) = effect else {
            let answer = carry_out(&self.shared, &self.session, &message, filter.as_ref());
            self.send(answer).await;
            return true;
        };
        self.suffer(effect, message, filter).await
    }

    fn effect(&self, message: &LdapMsg) -> Option<Effect> {
        let mut core = self.shared.core();
        let mut seen = session::seen(message)?;
        if seen.dn.starts_with('<')
            && let Ok(guid) = search::base(&core.state, &seen.dn)
        {
            seen.dn = core.state.dn(guid).to_string().into();
        }
        core.faults.meet(&seen)
    }

    async fn suffer(&mut self, effect: Effect, message: LdapMsg, filter: Option<Filter>) -> bool {
        match effect {
            Effect::Answer { code, message: text } => {
                let result = ldap_result(code, String::new(), text);
                self.send(session::answer(&message, result).into_iter().collect()).await;
            }
            Effect::RejectCookie => {
                let refusal = Refusal::new(Rule::BadSyncCookie, String::new());
                let result = refusal.result(self.shared.core().policy.dialect);
                self.send(session::answer(&message, result).into_iter().collect()).await;
            }
            Effect::Delay(time) => {
                let (shared, session) = (Arc::clone(&self.shared), Arc::clone(&self.session));
                let answers = self.answers.clone();
                self.delayed.spawn(async move {
                    tokio::time::sleep(time).await;
                    let answer = carry_out(&shared, &session, &message, filter.as_ref());
                    // Fails only if the connection is gone, and then nobody wants the answer.
                    let _sent = answers.send(outgoing(answer)).await;
                });
            }
            Effect::DropBefore => self.closed.cancel(),
            Effect::DropAfter => {
                carry_out(&self.shared, &self.session, &message, filter.as_ref());
                self.closed.cancel();
            }
            Effect::Raw(octets) => {
                let _sent = self.answers.send(vec![Outgoing::Raw(octets)]).await;
                return false;
            }
            Effect::ExtendedAnswer => {
                let answer = session::extended_refusal(&self.shared.core(), message.msgid);
                self.send(vec![answer]).await;
            }
            Effect::Notice => {
                self.send(vec![notice(LdapResultCode::Unavailable)]).await;
                return false;
            }
            Effect::CloseAll => self.shared.close_connections(),
            Effect::NewInvocation => {
                self.shared.core().renew_invocation_id();
                let answer = carry_out(&self.shared, &self.session, &message, filter.as_ref());
                self.send(answer).await;
            }
        }
        !self.closed.is_cancelled()
    }

    async fn send(&self, messages: Vec<LdapMsg>) {
        // Fails only if the writer has stopped; the next read then finds the connection closed.
        let _sent = self.answers.send(outgoing(messages)).await;
    }
}

fn outgoing(messages: Vec<LdapMsg>) -> Vec<Outgoing> {
    messages.into_iter().map(Outgoing::Message).collect()
}

fn notice(code: LdapResultCode) -> LdapMsg {
    DisconnectionNotice::gen_response(code, "the connection will be closed")
}

fn carry_out(
    shared: &Shared,
    session: &Mutex<Session>,
    message: &LdapMsg,
    filter: Option<&Filter>,
) -> Vec<LdapMsg> {
    let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
    session.handle(&mut shared.core(), message, filter)
}
