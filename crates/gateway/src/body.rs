//! Bodies on their way through: streamed, limited, never waited for too long.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// A body that was interrupted.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The back end's, or on the way through.
    #[error("the body ended early")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The browser's.
    #[error("the request's body ended early")]
    Browser(#[source] hyper::Error),
    /// Nothing came for too long.
    #[error("the body stood still for too long")]
    Idle,
    /// It is longer than allowed.
    #[error("the body is longer than allowed")]
    TooLong,
}

/// Every body that the gateway sends.
pub type GatewayBody = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is known already.
pub(crate) fn whole(octets: impl Into<Bytes>) -> GatewayBody {
    Full::new(octets.into()).map_err(|never| match never {}).boxed_unsync()
}

/// No body.
pub(crate) fn empty() -> GatewayBody {
    whole(Bytes::new())
}

/// When something last moved, for who waits elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    began: Instant,
    millis: Arc<AtomicU64>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), millis: Arc::default() }
    }

    fn moved(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.millis.store(millis, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.began + Duration::from_millis(self.millis.load(Ordering::Relaxed))
    }

    /// Comes back once nothing has moved for `limit`.
    pub(crate) async fn stands_still(&self, limit: Duration) {
        loop {
            let until = self.last() + limit;
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

/// A body with limits.
pub(crate) struct Limited<B> {
    inner: B,
    idle: Duration,
    timer: Pin<Box<Sleep>>,
    left: Option<u64>,
    progress: Option<Progress>,
}

impl<B> Limited<B> {
    pub(crate) fn new(inner: B, idle: Duration) -> Self {
        let timer = Box::pin(tokio::time::sleep(idle));
        Self { inner, idle, timer, left: None, progress: None }
    }

    /// With at most so many octets.
    pub(crate) fn at_most(mut self, octets: Option<u64>) -> Self {
        self.left = octets;
        self
    }

    /// Which says when it moves.
    pub(crate) fn watched(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }
}

impl<B> Body for Limited<B>
where
    B: Body<Data = Bytes, Error = BodyError> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let frame = match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                ready!(this.timer.as_mut().poll(cx));
                return Poll::Ready(Some(Err(BodyError::Idle)));
            }
        };
        this.timer.as_mut().reset(Instant::now() + this.idle);
        if let Some(progress) = &this.progress {
            progress.moved();
        }
        if let (Some(left), Some(Ok(frame))) = (&mut this.left, &frame)
            && let Some(data) = frame.data_ref()
        {
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
            match left.checked_sub(length) {
                Some(rest) => *left = rest,
                None => return Poll::Ready(Some(Err(BodyError::TooLong))),
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
