//! Phase 8: to the back end and back.
//!
//! A request is sent once. It is sent again only where the back end cannot have seen it, or where
//! it asked for a ticket and the body is at hand.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Uri};
use rules::SendTicket;

use crate::application::{HowSignedOn, KerberosSignOn};
use crate::backend::{ConnectError, Connection, Dial, PoolKey, connect};
use crate::body::{BodyError, GatewayBody, Limited, Progress, empty, whole};
use crate::gateway::Inner;
use crate::hygiene::{self, About};
use crate::limits::REPLAY_OCTETS_MAX;
use crate::refusal::{Refusal, Refused};
use crate::sign_on::Ticketing;
use crate::translate::map::UrlMap;
use crate::translate::{body, headers};
use crate::visit::Visit;
use crate::{identity, step_up, upgrade};

/// How often a request is tried on connections that turn out to be closed.
const ATTEMPTS_MAX: usize = 3;

/// A request for a back end.
struct Outgoing {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Source,
}

/// Where the body comes from.
enum Source {
    /// It can be sent as often as needed.
    AtHand(Bytes),
    /// It can be sent once.
    Stream(GatewayBody, Progress),
    /// It was sent.
    Gone,
}

/// What came back, and on what.
struct Answered {
    response: Response<Incoming>,
    connection: Connection,
    with_ticket: bool,
}

/// What became of a request.
pub(crate) enum Forwarded {
    /// An answer, fit for the browser.
    Answer(Box<Response<GatewayBody>>),
    /// The back end wants the person to sign in with these claims first.
    StepUp(String),
}

/// Sends a visitor's request to the back end.
pub(crate) async fn forward(
    inner: &Arc<Inner>,
    visit: &Visit,
    mut request: Request<Incoming>,
) -> Result<Forwarded, Refusal> {
    let socket = upgrade::wanted(&request).then(|| hyper::upgrade::on(&mut request));
    let map = UrlMap::new(inner.routes.applications().to_vec(), visit.route.clone());
    let (parts, incoming) = request.into_parts();
    let mut outgoing = outgoing(inner, visit, &parts, &map)?;
    if socket.is_some() {
        upgrade::ask(&mut outgoing.headers);
    }
    outgoing.body = source(visit, incoming).await?;
    let Answered { mut response, connection, .. } = exchange(inner, visit, &mut outgoing).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let answer = upgrade::tunnel(inner, visit, response, socket)?;
        return Ok(Forwarded::Answer(Box::new(answer)));
    }
    if visit.may_go_away
        && let Some(claims) = step_up::demanded(response.status(), response.headers())
    {
        return Ok(Forwarded::StepUp(claims));
    }
    let demanded = hygiene::outward(response.headers_mut());
    if demanded
        && response.status() == StatusCode::UNAUTHORIZED
        && !response.headers().contains_key(hyper::header::WWW_AUTHENTICATE)
    {
        let reason = "the back end asks for Kerberos or NTLM, which the browser cannot answer";
        return Err(Refusal::new(Refused::DelegationFailed, "sign-on-refused", reason));
    }
    inner.pool.keep_when_ready(pool_key(visit), connection);
    Ok(Forwarded::Answer(Box::new(outward(visit, response, map))))
}

/// Everything but the body.
fn outgoing(
    inner: &Inner,
    visit: &Visit,
    parts: &Parts,
    map: &UrlMap,
) -> Result<Outgoing, Refusal> {
    let application = &visit.route.application;
    let external_authority = visit.route.external_authority();
    let about = About {
        client: visit.client,
        external_authority: &external_authority,
        request_id: &visit.request_id,
    };
    let mut headers = hygiene::inward(&parts.headers, application, &inner.protected, &about);
    let host = if application.translate.headers {
        headers::inward(&mut headers, map);
        application.internal.authority(&visit.route.label)
    } else {
        external_authority.clone()
    };
    hygiene::set(&mut headers, "host", &host);
    if application.translate.bodies {
        body::ask_for_readable(&mut headers);
    }
    if let HowSignedOn::Headers(sign_on) = &application.sign_on {
        let source = (inner.random.as_ref(), visit.now);
        identity::identify(&mut headers, sign_on, &visit.account, &application.name, source)
            .map_err(|_none| Refusal::no_randomness())?;
    }
    let uri = uri(visit).ok_or_else(|| {
        let reason = "the path cannot be sent to the back end";
        Refusal::new(Refused::Malformed, "bad-path", reason)
    })?;
    Ok(Outgoing { method: parts.method.clone(), uri, headers, body: Source::Gone })
}

fn uri(visit: &Visit) -> Option<Uri> {
    let path = visit.route.internal_path(&visit.to.path)?;
    let text = match &visit.to.query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    text.parse().ok()
}

/// The body of a request: at hand where it may have to be sent again, else streamed.
async fn source(visit: &Visit, incoming: Incoming) -> Result<Source, Refusal> {
    let application = &visit.route.application;
    let length = incoming.size_hint().exact();
    let limit = application.body_octets_max;
    if let (Some(length), Some(limit)) = (length, limit)
        && length > limit
    {
        return Err(too_long());
    }
    if length == Some(0) {
        return Ok(Source::AtHand(Bytes::new()));
    }
    let progress = Progress::new();
    let idle = Duration::from_secs(application.timeouts.idle_seconds);
    let limited = Limited::new(incoming.map_err(BodyError::Browser), idle)
        .at_most(limit)
        .watched(progress.clone());
    let may_be_asked = matches!(
        &application.sign_on,
        HowSignedOn::Kerberos(k) if k.send == SendTicket::OnChallenge || k.per_connection
    );
    if may_be_asked && length.is_some_and(|l| l <= REPLAY_OCTETS_MAX) {
        let collected = limited.collect().await.map_err(|error| match error {
            BodyError::TooLong => too_long(),
            other => Refusal::new(Refused::Malformed, "body-ended-early", other.to_string()),
        })?;
        return Ok(Source::AtHand(collected.to_bytes()));
    }
    Ok(Source::Stream(GatewayBody::new(limited), progress))
}

/// Sends the request, with a ticket where one is due, and once more where the back end asks for
/// one.
async fn exchange(
    inner: &Arc<Inner>,
    visit: &Visit,
    outgoing: &mut Outgoing,
) -> Result<Answered, Refusal> {
    let HowSignedOn::Kerberos(sign_on) = &visit.route.application.sign_on else {
        return send(inner, visit, outgoing, None).await;
    };
    let ticketing = Ticketing::new(inner, visit, sign_on)?;
    let is_replayable = matches!(outgoing.body, Source::AtHand(_));
    // A body that can be sent only once is not risked on a question.
    let first =
        if sign_on.send == SendTicket::Always || !is_replayable { When::Due } else { When::Not };
    let answered = send(inner, visit, outgoing, Some((&ticketing, first))).await?;
    if answered.response.status() != StatusCode::UNAUTHORIZED
        || !hygiene::demands_negotiate(answered.response.headers())
    {
        return Ok(signed_on(answered, sign_on));
    }
    if answered.with_ticket {
        return Err(refused(sign_on));
    }
    if !is_replayable {
        let reason = "the back end asks for a ticket when the body is gone already";
        return Err(Refusal::new(Refused::DelegationFailed, "sign-on-too-late", reason));
    }
    // The question was not read to its end: its connection is not used any further.
    drop(answered);
    let answered = send(inner, visit, outgoing, Some((&ticketing, When::Now))).await?;
    if answered.response.status() == StatusCode::UNAUTHORIZED
        && hygiene::demands_negotiate(answered.response.headers())
    {
        return Err(refused(sign_on));
    }
    Ok(signed_on(answered, sign_on))
}

fn signed_on(mut answered: Answered, sign_on: &KerberosSignOn) -> Answered {
    answered.connection.is_signed_on |= sign_on.per_connection && answered.with_ticket;
    answered
}

fn refused(sign_on: &KerberosSignOn) -> Refusal {
    let reason = format!("the back end does not accept the ticket for {}", sign_on.service);
    Refusal::new(Refused::DelegationFailed, "ticket-refused", reason)
}

/// When a ticket is sent along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Not,
    /// Unless the connection is signed on.
    Due,
    Now,
}

/// Sends the request on a connection that works.
async fn send(
    inner: &Arc<Inner>,
    visit: &Visit,
    outgoing: &mut Outgoing,
    ticket: Option<(&Ticketing<'_>, When)>,
) -> Result<Answered, Refusal> {
    let key = pool_key(visit);
    for attempt in 1..=ATTEMPTS_MAX {
        // The last attempt is on a new connection, and so is one that begins to sign on.
        let is_new = attempt == ATTEMPTS_MAX || matches!(ticket, Some((_, When::Now)));
        let pooled = if is_new { None } else { inner.pool.take(&key) };
        let mut connection = match pooled {
            Some(connection) => connection,
            None => connect(&dial(visit)).await.map_err(unreachable)?,
        };
        let token = match ticket {
            Some((ticketing, When::Due)) if !connection.is_signed_on => {
                Some(ticketing.token(connection.binding.as_deref()).await?)
            }
            Some((ticketing, When::Now)) => {
                Some(ticketing.token(connection.binding.as_deref()).await?)
            }
            _ => None,
        };
        let mut request = outgoing.request()?;
        if let Some(token) = &token {
            identity::authorize(request.headers_mut(), token);
        }
        match outgoing.attempt(visit, &mut connection, request).await? {
            Some(response) => {
                return Ok(Answered { response, connection, with_ticket: token.is_some() });
            }
            None => tracing::debug!(attempt, "a kept connection was closed"),
        }
    }
    let reason = "the back end closes every connection";
    Err(Refusal::new(Refused::BackendDown, "backend-closes", reason))
}

impl Outgoing {
    fn request(&mut self) -> Result<Request<GatewayBody>, Refusal> {
        let body = match std::mem::replace(&mut self.body, Source::Gone) {
            Source::AtHand(octets) => {
                let body = if octets.is_empty() { empty() } else { whole(octets.clone()) };
                self.body = Source::AtHand(octets);
                body
            }
            Source::Stream(body, progress) => {
                self.body = Source::Stream(empty(), progress);
                body
            }
            Source::Gone => {
                let reason = "the request's body was sent already";
                return Err(Refusal::new(Refused::BackendDown, "body-gone", reason));
            }
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }

    /// One attempt; nothing when the connection was closed and another may be tried.
    async fn attempt(
        &mut self,
        visit: &Visit,
        connection: &mut Connection,
        request: Request<GatewayBody>,
    ) -> Result<Option<Response<Incoming>>, Refusal> {
        let limit = Duration::from_secs(visit.route.application.timeouts.response_seconds);
        let progress = match &self.body {
            Source::Stream(_, progress) => progress.clone(),
            _ => Progress::new(),
        };
        let sent = tokio::select! {
            sent = connection.sender.try_send_request(request) => sent,
            () = progress.stands_still(limit) => {
                let reason = "the back end does not answer in time";
                return Err(Refusal::new(Refused::BackendSlow, "backend-slow", reason));
            }
        };
        let mut failure = match sent {
            Ok(response) => return Ok(Some(response)),
            Err(failure) => failure,
        };
        if let Some(unsent) = failure.take_message() {
            if let Source::Stream(body, _) = &mut self.body {
                *body = unsent.into_body();
            }
            return Ok(None);
        }
        let error = failure.into_error();
        let may_repeat = connection.is_reused
            && error.is_incomplete_message()
            && self.method.is_safe()
            && matches!(self.body, Source::AtHand(_));
        if may_repeat { Ok(None) } else { Err(broken(&error)) }
    }
}

/// Makes an answer fit for the browser.
fn outward(visit: &Visit, response: Response<Incoming>, map: UrlMap) -> Response<GatewayBody> {
    let application = &visit.route.application;
    let (mut parts, incoming) = response.into_parts();
    let idle = Duration::from_secs(application.timeouts.idle_seconds);
    let incoming = incoming.map_err(|error| BodyError::Backend(error.into()));
    let mut answer = GatewayBody::new(Limited::new(incoming, idle));
    if application.translate.headers {
        headers::outward(&mut parts.headers, &map);
    } else {
        headers::without_our_cookies(&mut parts.headers);
    }
    if application.translate.bodies && visit.method != Method::HEAD {
        answer = body::translate(parts.status, &mut parts.headers, answer, &Arc::new(map));
    }
    hygiene::set(&mut parts.headers, hygiene::REQUEST_ID, &visit.request_id);
    Response::from_parts(parts, answer)
}

/// Connections on which requests go without a ticket are one person's: a back end may remember on
/// a connection who signed on, and would take the next one for them.
fn pool_key(visit: &Visit) -> PoolKey {
    let is_personal = matches!(
        &visit.route.application.sign_on,
        HowSignedOn::Kerberos(k) if k.per_connection || k.send == SendTicket::OnChallenge
    );
    PoolKey {
        application: visit.route.index,
        label: visit.route.label.clone(),
        person: is_personal.then(|| visit.account.object_id.clone()),
    }
}

fn dial(visit: &Visit) -> Dial {
    let application = &visit.route.application;
    Dial {
        host: application.internal.host.fill(&visit.route.label),
        port: application.internal.port,
        tls: application.tls.clone(),
        limit: Duration::from_secs(application.timeouts.connect_seconds),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is the end of the error")]
fn unreachable(error: ConnectError) -> Refusal {
    let (refused, code) = match error {
        ConnectError::Slow => (Refused::BackendSlow, "backend-connect-slow"),
        ConnectError::Tls(_) | ConnectError::Name => (Refused::BackendDown, "backend-certificate"),
        ConnectError::Tcp(_) | ConnectError::Http(_) => (Refused::BackendDown, "backend-down"),
    };
    let problem = net::certificate_problem(&error);
    Refusal::new(refused, code, problem.unwrap_or_else(|| chain(&error)))
}

fn broken(error: &hyper::Error) -> Refusal {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        match current.downcast_ref::<BodyError>() {
            Some(BodyError::TooLong) => return too_long(),
            Some(body @ (BodyError::Browser(_) | BodyError::Idle)) => {
                return Refusal::new(Refused::Malformed, "body-ended-early", body.to_string());
            }
            _ => cause = current.source(),
        }
    }
    Refusal::new(Refused::BackendDown, "backend-broken", chain(error))
}

fn too_long() -> Refusal {
    Refusal::new(Refused::TooLong, "body-too-long", "the body is longer than allowed")
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        text.push_str(": ");
        text.push_str(&current.to_string());
        cause = current.source();
    }
    text
}
