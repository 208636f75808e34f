//! Server-sent events: how runs come along (HTML Living Standard section 9.2).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, stream};
use model::RunId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::runs::{names, record};
use crate::app::{App, Shared};
use crate::caller::{Caller, Reader, SignedIn};
use crate::jobs::{JobEvent, JobEventKind};
use crate::problem::{ApiError, Problem};
use crate::show;
use crate::types::RunEvent;

/// Between two signs of life, and between two looks whether the session still lasts.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Listener {
    app: App,
    caller: Caller,
    events: Receiver<JobEvent>,
    /// The run that was under way when the listener came.
    present: Option<RunId>,
}

/// How runs come along: `run-started`, `run-progress`, `run-ended`, each with a `RunEvent`. A run
/// that is under way is told of at once. The stream ends with the session.
#[utoipa::path(get, path = "/api/v1/events", tag = "runs", operation_id = "listenToRuns",
    security(("cookie" = []), ("token" = [])),
    responses(
        (status = 200, body = RunEvent, content_type = "text/event-stream"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn listen(
    State(app): State<App>,
    _reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    // Listening first and looking after misses nothing; told twice is no harm.
    let events = app.jobs.subscribe();
    let present = app.jobs.current();
    let listener = Listener { app, caller, events, present };
    let stream = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        if let Some(run) = self.present.take() {
            let kind = JobEventKind::Progress;
            let event = JobEvent { run, kind, expected: None, done: None };
            if let Some(event) = self.show(event).await {
                return Some(event);
            }
        }
        loop {
            let event = tokio::select! {
                event = self.events.recv() => event,
                () = tokio::time::sleep(KEEP_ALIVE) => Err(RecvError::Lagged(0)),
                () = self.app.jobs.over() => return None,
            };
            if !is_open(&self.app, &self.caller) {
                return None;
            }
            match event {
                Ok(event) => {
                    if let Some(event) = self.show(event).await {
                        return Some(event);
                    }
                }
                Err(RecvError::Lagged(_missed)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The event with the run as it is now; `None` when the store fails, which the next event may
    /// not.
    async fn show(&self, event: JobEvent) -> Option<Event> {
        let record = record(&self.app, event.run).await.ok().flatten()?;
        let names = names(&self.app).await.ok()?;
        let run = show::run(&record, &names, self.app.jobs.current());
        let name = match event.kind {
            JobEventKind::Started => "run-started",
            JobEventKind::Progress => "run-progress",
            JobEventKind::Ended => "run-ended",
        };
        let body = RunEvent { run, expected: event.expected, done: event.done };
        let text = serde_json::to_string(&body).ok()?;
        Some(Event::default().event(name).data(text))
    }
}

/// True while the caller may listen on.
fn is_open(app: &Shared, caller: &Caller) -> bool {
    let now = app.clock.now();
    let lasts = caller.session.is_none_or(|key| app.sessions.is_open(&key, now));
    lasts && now < caller.expires
}
