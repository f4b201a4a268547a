//! Live progress: server-sent events, a bounded number of streams at once.
//!
//! A stream listens to the store before it looks, tells what is, and looks again when it hears of a change. It ends
//! when nothing more will come, when the credential that opened it admits no more, and when the server does.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::access::Pass;
use super::problem::{Kind, Problem};
use crate::service::Service;
use crate::store::{Feed, Happened, Heard, Shelf, Store};

/// Streams at once. Count. Each holds a connection and little else.
const MOST_STREAMS: usize = 256;

/// How often something is sent while nothing happens, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The least time between two events of a stream.
const PAUSE: Duration = Duration::from_millis(250);

/// How long a stream goes on at most without looking whether its credential still admits, whatever is heard. The clock
/// by which a credential ends may be set.
const ADMITTED: Duration = Duration::from_mins(10);

/// The streams that there may be. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Live(Arc<Semaphore>);

impl Default for Live {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_STREAMS)))
    }
}

/// What a stream tells of.
pub(super) trait Source: Send + 'static {
    /// The name of its events.
    const EVENT: &'static str;

    /// How many plain streams' memory one of these takes.
    const WEIGHT: u32 = 1;

    /// Hears of a change; whether it should look again.
    fn hear(&mut self, happened: &Happened) -> bool;

    /// Hears that it has missed some changes. It will look again.
    fn missed(&mut self);

    /// Looks at how it stands now; `None`: there is nothing left to tell of.
    fn look(&mut self) -> impl Future<Output = Result<Option<Told>, Problem>> + Send;
}

/// What a source has to say.
pub(super) struct Told {
    /// As JSON; `None`: nothing new.
    json: Option<String>,
    /// Whether it is the last.
    over: bool,
}

impl Told {
    /// A value.
    pub(super) fn of(value: &impl Serialize, over: bool) -> Result<Self, Problem> {
        let json = serde_json::to_string(value).map_err(|error| {
            tracing::error!(%error, "an event has no JSON form");
            Problem::from(Kind::Internal)
        })?;
        let json = Some(json);
        Ok(Self { json, over })
    }

    /// That nothing is new.
    pub(super) fn nothing(over: bool) -> Self {
        Self { json: None, over }
    }
}

impl Live {
    /// The answer that tells of `source` as `feed` goes on, for as long as `pass` admits. The feed was there before the
    /// source was first looked at.
    pub(super) fn stream<S: Source>(
        &self,
        service: &Service,
        (feed, pass): (Feed, Pass),
        headers: &HeaderMap,
        source: S,
    ) -> Result<Response, Problem> {
        let permit = Arc::clone(&self.0)
            .try_acquire_many_owned(S::WEIGHT)
            .map_err(|_| Problem {
                retry_after: Some(5),
                ..Problem::new(
                    Kind::Busy,
                    "as many live streams are open as may be; ask for the state instead",
                )
            })?;
        let last = headers.get("last-event-id");
        let last = last.and_then(|last| last.to_str().ok()?.parse::<u64>().ok());
        let stream = Stream {
            store: service.store.clone(),
            stop: service.stop.clone(),
            feed,
            pass,
            ask_again: Instant::now(),
            source,
            last,
            looked: None,
            stage: Stage::Open,
            _permit: permit,
        };
        let events = stream::unfold(stream, |mut stream| async {
            let event = stream.next().await?;
            Some((Ok::<Event, Infallible>(event), stream))
        });
        let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
        let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
        let headers = response.headers_mut();
        // Proxies that gather answers would hold events back.
        headers.insert(
            header::HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

/// A stream under way.
struct Stream<S> {
    store: Store,
    stop: CancellationToken,
    feed: Feed,
    /// What opened it.
    pass: Pass,
    /// When to look whether it still admits, if nothing is heard before.
    ask_again: Instant,
    source: S,
    /// The last event that the reader had before it came back.
    last: Option<u64>,
    /// When the source was last looked at.
    looked: Option<Instant>,
    stage: Stage,
    _permit: OwnedSemaphorePermit,
}

/// How far a stream is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// There may be more to tell.
    Open,
    /// The last event has been told, but for the end.
    Told,
    /// The end has been told.
    Ended,
}

impl<S: Source> Stream<S> {
    /// The next event; `None` after the last.
    async fn next(&mut self) -> Option<Event> {
        while self.stage == Stage::Open {
            if self.looked.is_some() && !self.heard().await {
                break;
            }
            // Before the look: what changes meanwhile is a change behind this one.
            let change = self.store.newest_change();
            let told = self.source.look().await;
            self.looked = Some(Instant::now());
            let Ok(Some(told)) = told else {
                break;
            };
            if told.over {
                self.stage = Stage::Told;
            }
            let known = self.last.take() == Some(change);
            if let Some(json) = told.json.filter(|_| !known) {
                let event = Event::default().event(S::EVENT).data(json);
                return Some(event.id(change.to_string()));
            }
        }
        if self.stage == Stage::Ended {
            return None;
        }
        self.stage = Stage::Ended;
        // Without data a browser would pass over it.
        Some(Event::default().event("end").data("{}"))
    }

    /// Whether the credential that opened the stream still admits. Who cannot be asked admits nobody.
    async fn admitted(&mut self) -> bool {
        let now = Timestamp::now();
        let end = self.pass.valid_until(now).await.ok().flatten();
        let left = end.map(|end| Duration::try_from(end.duration_since(now)).unwrap_or_default());
        self.ask_again = Instant::now() + left.unwrap_or_default().min(ADMITTED);
        end.is_some()
    }

    /// Waits until there is something to look at; `false`: there will be nothing, or it is nobody's to see any more.
    async fn heard(&mut self) -> bool {
        let mut due = None;
        loop {
            let word = tokio::select! {
                () = self.stop.cancelled() => return false,
                word = self.feed.next() => word,
                () = until(due) => return self.admitted().await,
                () = tokio::time::sleep_until(self.ask_again) => {
                    if !self.admitted().await {
                        return false;
                    }
                    continue;
                }
            };
            let concerns = match word {
                Some(Heard::Change(happened)) => {
                    if touches_credentials(&happened) && !self.admitted().await {
                        return false;
                    }
                    self.source.hear(&happened)
                }
                Some(Heard::Missed) => {
                    if !self.admitted().await {
                        return false;
                    }
                    self.source.missed();
                    true
                }
                None => return false,
            };
            if concerns {
                due = due.or_else(|| Some(self.looked.unwrap_or_else(Instant::now) + PAUSE));
            }
        }
    }
}

/// Whether a change may have ended a token or a session.
fn touches_credentials(happened: &Happened) -> bool {
    let ends = |shelf: &Shelf| [Shelf::Tokens, Shelf::Sessions].contains(shelf);
    happened.shelves.iter().any(ends)
}

/// Until a moment; for ever without one.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// One event of a stream, as the description tells of it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is described, and written by axum")]
pub(super) struct SentEvent {
    /// What it is about: `job`, `progress` or `end`.
    event: Option<String>,
    /// JSON, as text.
    data: String,
    /// Where to go on from: `Last-Event-ID`.
    id: Option<String>,
}
