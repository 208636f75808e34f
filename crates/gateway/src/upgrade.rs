//! WebSockets (RFC 6455): a tunnel that ends with the session. No other protocol is switched to,
//! because what follows would not be looked at.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::body::{GatewayBody, empty};
use crate::gateway::Inner;
use crate::hygiene;
use crate::limits::TUNNEL_PULSE_SECONDS;
use crate::refusal::{Refusal, Refused};
use crate::visit::Visit;

const WEBSOCKET: &str = "websocket";

/// True for a request that wants a WebSocket.
pub(crate) fn wanted(request: &Request<Incoming>) -> bool {
    let headers = request.headers();
    let connection = headers.get_all(header::CONNECTION).iter().filter_map(|v| v.to_str().ok());
    let is_upgrade = connection
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    let mut protocols = headers.get_all(header::UPGRADE).iter();
    let is_socket = matches!(
        (protocols.next(), protocols.next()),
        (Some(only), None) if only.as_bytes().eq_ignore_ascii_case(WEBSOCKET.as_bytes())
    );
    request.method() == Method::GET && is_upgrade && is_socket
}

/// Asks the back end for a WebSocket.
pub(crate) fn ask(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static(WEBSOCKET));
}

/// Answers the browser as the back end did and joins the two.
pub(crate) fn tunnel(
    inner: &Arc<Inner>,
    visit: &Visit,
    mut response: Response<Incoming>,
    browser: Option<OnUpgrade>,
) -> Result<Response<GatewayBody>, Refusal> {
    let is_socket = response
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(WEBSOCKET.as_bytes()));
    let Some(browser) = browser.filter(|_| is_socket) else {
        let reason = "the back end switches to a protocol that was not asked for";
        return Err(Refusal::new(Refused::BackendDown, "backend-switches", reason));
    };
    let backend = hyper::upgrade::on(&mut response);
    hygiene::outward(response.headers_mut());
    crate::translate::headers::without_our_cookies(response.headers_mut());
    let mut answer = Response::new(empty());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    ask(answer.headers_mut());
    let (inner, visit) = (inner.clone(), visit.clone());
    tokio::spawn(async move {
        let (Ok(browser), Ok(backend)) = (browser.await, backend.await) else { return };
        let moved = Arc::new(AtomicU64::new(0));
        let mut browser = Counted { stream: TokioIo::new(browser), octets: moved.clone() };
        let mut backend = TokioIo::new(backend);
        tokio::select! {
            _ended = tokio::io::copy_bidirectional(&mut browser, &mut backend) => {}
            () = visit_over(&inner, &visit, &moved) => {}
        }
    });
    Ok(answer)
}

/// Comes back once the session is over or the account is blocked. What the browser sends keeps a
/// session awake.
async fn visit_over(inner: &Inner, visit: &Visit, moved: &AtomicU64) {
    let session = &visit.session;
    let mut seen = 0;
    loop {
        tokio::select! {
            () = session.ended.cancelled() => return,
            () = inner.ending.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(TUNNEL_PULSE_SECONDS)) => {}
        }
        let now = inner.clock.now();
        let octets = moved.load(Ordering::Relaxed);
        if octets != seen {
            seen = octets;
            session.touch(now);
        }
        if !inner.sessions.goes_on(session, now) {
            return;
        }
        let by = visit.route.application.find_by;
        if inner.known.account(by, &session.person, now).await.is_err() {
            return;
        }
    }
}

/// A stream that counts what is read from it.
struct Counted<S> {
    stream: S,
    octets: Arc<AtomicU64>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let read = buffer.filled().len().saturating_sub(before);
        self.octets.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
