//! Sending: the loop around the pure decisions, with as little logic of its own as possible.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::classify::{Dialect, Limit, Verdict, classify, until_reset};
use super::error::HttpError;
use super::limiter::{Account, Entry, Pool, Resource};
use super::retry::wait_before_retry;
use crate::measures;

/// How patient and how generous the way out is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// For a request from its first to its last byte.
    pub request_timeout: Duration,
    /// Waits up to this long are spent inside; longer ones are [`HttpError::RateLimited`].
    pub inline_wait: Duration,
    /// Tries of one request in all. Waiting because the host said so is not a try.
    pub tries: u32,
    /// The first wait after a failure that may pass; doubled each time.
    pub first_backoff: Duration,
    /// The longest body that is read, decompressed. Bytes.
    pub max_body_bytes: usize,
    /// Redirects that are followed, on the same host.
    pub max_redirects: u32,
    /// Requests at once to one host.
    pub in_flight: usize,
}

/// A request to be sent.
#[derive(Clone)]
pub struct Outgoing {
    /// GET or POST.
    pub method: reqwest::Method,
    /// Where to.
    pub url: Url,
    /// Headers, without authorisation: that is the account's.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// How the host speaks.
    pub dialect: Dialect,
    /// Which budget it counts against.
    pub resource: Resource,
    /// What it is expected to cost: points for GraphQL, 1 for REST.
    pub expected_cost: u32,
    /// Whether this may end in a smaller query: then a time-out is given back at once instead of being
    /// repeated.
    pub can_split: bool,
}

/// A usable answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, decompressed.
    pub body: Bytes,
    /// The headers.
    pub headers: HeaderMap,
    /// The URL that answered, after redirects.
    pub url: Url,
    /// Redirects that were followed. Count.
    pub redirects: u32,
}

/// What a request took, repeats included; also of one that failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests that were sent. Count.
    pub requests: u32,
    /// GraphQL points that the host charged; 1 is assumed where an answer does not say. Count.
    pub points: u32,
}

impl Spent {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            points: self.points.saturating_add(other.points),
        }
    }
}

/// A place among the requests in flight to a host. Given back when it is dropped.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// What answers requests in place of a network: status, headers and body.
pub type Answers = dyn Fn(&Outgoing) -> (u16, HeaderMap, Bytes) + Send + Sync;

/// Where requests go.
enum Wire {
    /// To the host.
    Network(reqwest::Client),
    /// To a function, and nowhere else.
    Function(Box<Answers>),
}

/// The one way out. Cheap to share behind an `Arc`.
pub struct WayOut {
    wire: Wire,
    settings: Settings,
    places: Mutex<HashMap<String, std::sync::Arc<Semaphore>>>,
    /// Hosts that a connection was made to.
    reached: Mutex<HashSet<String>>,
    /// For each host that no connection was ever made to, the tries to make one. Count.
    vain: Mutex<HashMap<String, u32>>,
}

/// How an answer's body is taken.
#[derive(Clone, Copy)]
enum Body<'a> {
    /// Whole, into memory, up to the limit. Redirects stay on the host.
    Whole,
    /// A good one is left on the wire, for this client to read; and a redirect to another host is an answer.
    OnTheWire(&'a reqwest::Client),
}

/// An answer whose body may still be on the wire.
pub(super) struct Opened {
    /// Status, headers, and the body unless it is on the wire.
    pub(super) answer: Answer,
    /// The body under way, and the place in flight that it takes as long.
    pub(super) stream: Option<(Box<reqwest::Response>, Place)>,
}

/// One try's end.
enum Tried {
    Answered {
        status: u16,
        headers: HeaderMap,
        body: Bytes,
        stream: Option<Box<reqwest::Response>>,
    },
    NotSent(String),
    Broken(String),
}

impl WayOut {
    /// A client with our limits. Redirects are followed by us, so that each one passes the limiter.
    pub fn new(settings: Settings) -> Result<Self, reqwest::Error> {
        super::install_crypto();
        let client = client_of(&settings)
            .timeout(settings.request_timeout)
            .build()?;
        Ok(Self::over(Wire::Network(client), settings))
    }

    /// The same without a network: each request is answered by `answers`. All that is done above the wire is done as
    /// ever, so whoever holds a hostile answer against it needs no host that sends it. What is left on the wire
    /// ([`super::Downloader`]) is not asked here.
    pub fn answered_by(settings: Settings, answers: Box<Answers>) -> Self {
        Self::over(Wire::Function(answers), settings)
    }

    fn over(wire: Wire, settings: Settings) -> Self {
        Self {
            wire,
            settings,
            places: Mutex::default(),
            reached: Mutex::default(),
            vain: Mutex::default(),
        }
    }

    /// Waits for a place in flight to `host`; places are given in the order of asking.
    ///
    /// Whoever decides only then what to ask can ask for all that has come up meanwhile. `None`: the way
    /// out is closed, which [`WayOut::send`] says as well.
    pub async fn place(&self, host: &str) -> Option<Place> {
        self.places_of(host).acquire_owned().await.ok().map(Place)
    }

    /// Sends a request and returns the usable answer, or the decision that its absence calls for. Without a
    /// `place` from [`WayOut::place`] it waits for one; repeats wait for one of their own.
    pub async fn send(
        &self,
        request: Outgoing,
        pool: &Pool,
        place: Option<Place>,
    ) -> (Result<Answer, HttpError>, Spent) {
        let (opened, spent) = self.exchange(request, pool, place, Body::Whole).await;
        (opened.map(|opened| opened.answer), spent)
    }

    /// The same for a body that is too long for memory: it is left on the wire of `client`.
    pub(super) async fn open(
        &self,
        request: Outgoing,
        pool: &Pool,
        client: &reqwest::Client,
    ) -> (Result<Opened, HttpError>, Spent) {
        self.exchange(request, pool, None, Body::OnTheWire(client))
            .await
    }

    /// A client for bodies that are left on the wire: as they are stored, and without a limit on their time,
    /// which is for whoever reads them to set.
    pub(super) fn stream_client(&self) -> Result<reqwest::Client, reqwest::Error> {
        client_of(&self.settings)
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .build()
    }

    /// How patient it is.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn exchange(
        &self,
        mut request: Outgoing,
        pool: &Pool,
        mut place: Option<Place>,
        body: Body<'_>,
    ) -> (Result<Opened, HttpError>, Spent) {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let mut spent = Spent::default();
        let mut tried = 0_u32;
        let mut redirects = 0_u32;
        // Waits that the host asks for one after another add up: together they are one long wait.
        let mut patience = self.settings.inline_wait;
        let answer = loop {
            let entered = self
                .enter(&host, pool, &request, place.take(), &mut patience)
                .await;
            let (entry, place) = match entered {
                Ok(entered) => entered,
                Err(error) => break Err(error),
            };
            let account = entry.account;
            let sent_at = Instant::now();
            let outcome = self.try_once(&request, account, body).await;
            let reached = self.reached(&host, &outcome);
            tried += 1;
            let mut verdict = settle(&request, &outcome, sent_at, entry, &mut spent);
            if matches!(body, Body::OnTheWire(_))
                && is_for_download(&verdict, &outcome, &request.url)
            {
                verdict = Verdict::Usable;
            }
            let place = matches!(verdict, Verdict::Usable).then_some(place);

            match verdict {
                Verdict::Usable => {
                    let url = request.url.clone();
                    if let Some(opened) = opened(outcome, url, redirects, place) {
                        break Ok(opened);
                    }
                }
                Verdict::Wait { .. } => {
                    // Not a try: the host asked for it. `enter` waits, or defers.
                    tried -= 1;
                }
                Verdict::BadToken => {
                    tried -= 1;
                    if account.refuse() {
                        // Whoever made the pool asks it and tells the user; here it is for the log.
                        tracing::info!(
                            "{host} refuses the token {}; it is not used again",
                            account.tail()
                        );
                    }
                }
                Verdict::Moved(location) => {
                    tried -= 1;
                    redirects += 1;
                    match follow(&request.url, &location) {
                        Some(url) if redirects <= self.settings.max_redirects => request.url = url,
                        _ => {
                            break Err(HttpError::Refused {
                                host,
                                status: 301,
                                why: "redirects too often, or to another host".to_owned(),
                            });
                        }
                    }
                }
                Verdict::TooHeavy if request.can_split || tried >= self.settings.tries => {
                    break Err(HttpError::TooHeavy { host, tries: tried });
                }
                Verdict::TooHeavy | Verdict::Passing(_) => {
                    let why = match &verdict {
                        Verdict::Passing(why) => why.clone(),
                        _ => "it took too long".to_owned(),
                    };
                    tracing::debug!(host, tried, why, "a failure that may pass");
                    let wait = wait_before_retry(
                        self.settings.first_backoff,
                        tried,
                        self.settings.tries,
                        fastrand::f64(),
                    );
                    let Some(wait) = wait else {
                        break Err(gave_up(reached, host, tried, why));
                    };
                    if !reached && self.in_vain(&host) {
                        break Err(gave_up(reached, host, self.settings.tries, why));
                    }
                    tokio::time::sleep(wait).await;
                }
                Verdict::Refused(why) => {
                    let status = match outcome {
                        Tried::Answered { status, .. } => status,
                        _ => 0,
                    };
                    break Err(HttpError::Refused { host, status, why });
                }
            }
        };
        (answer, spent)
    }

    /// Waits until a request may go out: for our own budget, for a place in flight, and for the host's gates.
    /// Waits that the host asks for beyond `patience` are refused.
    async fn enter<'pool>(
        &self,
        host: &str,
        pool: &'pool Pool,
        request: &Outgoing,
        mut place: Option<Place>,
        patience: &mut Duration,
    ) -> Result<(Entry<'pool>, Place), HttpError> {
        let limited = |wait, why: &str| HttpError::RateLimited {
            host: host.to_owned(),
            until: after(wait),
            why: why.to_owned(),
        };
        let (resource, expected) = (request.resource, request.expected_cost);
        let mut paid: Option<&Account> = None;
        loop {
            let changed = pool.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that no end of a probe is missed.
            changed.as_mut().enable();
            let now = Instant::now();
            let later = match pool.choose(resource, expected, now) {
                None => {
                    let tails: Vec<_> = pool.accounts().iter().map(Account::tail).collect();
                    let tails = tails.join(", ");
                    return Err(HttpError::TokensRefused {
                        host: host.to_owned(),
                        tails,
                    });
                }
                Some(Ok(account)) => {
                    if !paid.is_some_and(|paid| std::ptr::eq(paid, account)) {
                        let hourly = |wait| limited(wait, "our own budget for the hour");
                        let inline = self.settings.inline_wait;
                        account
                            .budget
                            .pay(resource, expected, inline)
                            .await
                            .map_err(hourly)?;
                        paid = Some(account);
                    }
                    let mine = match place.take() {
                        Some(place) => place,
                        None => self.place(host).await.ok_or_else(|| closed(host))?,
                    };
                    // The gates may have closed while we waited.
                    match account.enter(&pool.changed, resource, expected, Instant::now()) {
                        Ok(entry) if !account.is_refused() => return Ok((entry, mine)),
                        Ok(_) => continue,
                        Err(later) => later,
                    }
                }
                Some(Err(later)) => later,
            };
            // Nobody keeps a place while a gate is closed.
            drop(place.take());
            if later.wait > *patience {
                return Err(limited(later.wait, later.why));
            }
            *patience -= later.wait;
            if later.behind_probe {
                changed.await;
            } else {
                tokio::time::sleep(later.wait).await;
            }
        }
    }

    /// The places in flight of a host.
    fn places_of(&self, host: &str) -> std::sync::Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places
            .entry(host.to_owned())
            .or_insert_with(|| std::sync::Arc::new(Semaphore::new(self.settings.in_flight)))
            .clone()
    }

    /// Takes note of one more try to reach a host in vain. Whether there were as many by now as if every place in
    /// flight had used up its tries: then there is no network, and no other request need find it out again, nor
    /// pay for it.
    fn in_vain(&self, host: &str) -> bool {
        let most = u32::try_from(self.settings.in_flight)
            .unwrap_or(u32::MAX)
            .saturating_mul(self.settings.tries);
        let mut vain = self.vain.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = vain.entry(host.to_owned()).or_default();
        *tries += 1;
        *tries >= most
    }

    /// Whether a connection to `host` was made, by this try or an earlier one.
    fn reached(&self, host: &str, outcome: &Tried) -> bool {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Tried::NotSent(_) => reached.contains(host),
            Tried::Answered { .. } | Tried::Broken(_) => {
                if !reached.contains(host) {
                    reached.insert(host.to_owned());
                }
                true
            }
        }
    }

    /// Sends once and reads the body up to its limit, unless a good one is to be left on the wire.
    async fn try_once(&self, request: &Outgoing, account: &Account, body: Body<'_>) -> Tried {
        let client = match (body, &self.wire) {
            (Body::Whole, Wire::Network(client)) | (Body::OnTheWire(client), _) => client,
            (Body::Whole, Wire::Function(answers)) => {
                let (status, headers, body) = answers(request);
                if body.len() > self.settings.max_body_bytes {
                    return self.too_long();
                }
                return Tried::Answered {
                    status,
                    headers,
                    body,
                    stream: None,
                };
            }
        };
        let mut builder = client
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone());
        if let Some(credential) = account.credential() {
            let Some(value) = credential.header() else {
                return Tried::NotSent("the token is not usable in a header".to_owned());
            };
            builder = builder.header(AUTHORIZATION, value);
        }
        if !request.body.is_empty() {
            builder = builder.body(request.body.clone());
        }
        let patience = self.settings.request_timeout;
        let mut response = match tokio::time::timeout(patience, builder.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_connect() => return Tried::NotSent(describe(&error)),
            Ok(Err(error)) => return Tried::Broken(describe(&error)),
            Err(_) => return Tried::Broken(TOO_LONG.to_owned()),
        };
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        if let (Body::OnTheWire(_), 200 | 206) = (body, status) {
            return Tried::Answered {
                status,
                headers,
                body: Bytes::new(),
                stream: Some(Box::new(response)),
            };
        }
        let limit = self.settings.max_body_bytes;
        if response
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return self.too_long();
        }
        let mut body = BytesMut::new();
        let all = async {
            loop {
                match response.chunk().await {
                    Ok(Some(chunk)) if body.len() + chunk.len() > limit => {
                        return Err(self.too_long());
                    }
                    Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                    Ok(None) => return Ok(()),
                    Err(error) => return Err(Tried::Broken(describe(&error))),
                }
            }
        };
        match tokio::time::timeout(patience, all).await {
            Ok(Ok(())) => {}
            Ok(Err(broken)) => return broken,
            Err(_) => return Tried::Broken(TOO_LONG.to_owned()),
        }
        Tried::Answered {
            status,
            headers,
            body: body.freeze(),
            stream: None,
        }
    }

    /// How a try ends whose answer is longer than is read.
    fn too_long(&self) -> Tried {
        let limit = self.settings.max_body_bytes;
        Tried::Broken(format!("an answer of more than {limit} bytes"))
    }
}

/// The answer of a try that was answered.
fn opened(outcome: Tried, url: Url, redirects: u32, place: Option<Place>) -> Option<Opened> {
    let Tried::Answered {
        status,
        headers,
        body,
        stream,
    } = outcome
    else {
        return None;
    };
    let answer = Answer {
        status,
        body,
        headers,
        url,
        redirects,
    };
    let stream = stream.zip(place);
    Some(Opened { answer, stream })
}

/// Whether an answer is for whoever downloads to read: that storage on another host has the file, that it is
/// the known version, or that it does not have these bytes.
fn is_for_download(verdict: &Verdict, outcome: &Tried, from: &Url) -> bool {
    match (verdict, outcome) {
        (Verdict::Moved(location), _) => follow(from, location).is_none(),
        (_, Tried::Answered { status, .. }) => matches!(status, 304 | 416),
        _ => false,
    }
}

/// What every client of ours has: a name, and no redirect that it follows by itself.
fn client_of(settings: &Settings) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("plaudit/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
}

/// What is said of an answer that did not come in time.
const TOO_LONG: &str = "the answer took too long";

/// What is left to say after the last try.
fn gave_up(reached: bool, host: String, tries: u32, why: String) -> HttpError {
    if reached {
        HttpError::Unusable { host, tries, why }
    } else {
        HttpError::Unreachable { host, tries, why }
    }
}

/// Takes note of how a try ended, in the account's books and in what was spent; returns what it means.
fn settle(
    request: &Outgoing,
    outcome: &Tried,
    sent_at: Instant,
    entry: Entry<'_>,
    spent: &mut Spent,
) -> Verdict {
    let (clock, now) = (Timestamp::now(), Instant::now());
    let (verdict, headers) = match outcome {
        Tried::Answered {
            status,
            headers,
            body,
            ..
        } => (
            classify(request.dialect, *status, headers, body, clock),
            Some(headers),
        ),
        Tried::NotSent(why) | Tried::Broken(why) => (Verdict::Passing(why.clone()), None),
    };
    spent.requests += 1;
    let cost = (request.resource == Resource::GraphQl).then(|| match outcome {
        Tried::Answered { body, .. } => cost_of(body).unwrap_or(1),
        Tried::Broken(_) => 1,
        Tried::NotSent(_) => 0,
    });
    spent.points += cost.unwrap_or(0);
    let host = entry.account.host();
    metrics::counter!(measures::REQUESTS.name, "host" => host).increment(1);
    metrics::counter!(measures::POINTS.name).increment(cost.unwrap_or(0).into());
    entry.cost(cost, now - sent_at);
    // The gate closes before the place is given back: nobody slips through in between.
    match &verdict {
        Verdict::Wait { limit, how_long } => {
            let wait = entry.close(*limit, *how_long, now);
            let kind = match limit {
                Limit::Primary => "primary",
                Limit::Secondary => "secondary",
            };
            metrics::counter!(measures::LIMITS_MET.name, "host" => host, "kind" => kind)
                .increment(1);
            tracing::info!(
                account = entry.account.tail(),
                why = limit.describe(),
                seconds = wait.as_secs_f64(),
                "the host asks us to wait"
            );
        }
        Verdict::Usable | Verdict::Moved(_) => entry.passed(),
        Verdict::TooHeavy | Verdict::Passing(_) | Verdict::BadToken | Verdict::Refused(_) => {}
    }
    let reset = headers.and_then(|headers| until_reset(headers, clock));
    entry.leave(headers, reset, now);
    verdict
}

/// The way out is closed; it never is while the program runs.
fn closed(host: &str) -> HttpError {
    let why = "the way out is closed".to_owned();
    HttpError::Unusable {
        host: host.to_owned(),
        tries: 0,
        why,
    }
}

/// The moment `wait` from now, as people read it.
pub(super) fn after(wait: Duration) -> Timestamp {
    let now = Timestamp::now();
    jiff::SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| now.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Where a redirect leads, when it stays on the host.
fn follow(from: &Url, location: &str) -> Option<Url> {
    let to = from.join(location).ok()?;
    (to.origin() == from.origin()).then_some(to)
}

/// What a transport failure was, without the URL, which may name a person.
pub(super) fn describe(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        TOO_LONG
    } else if error.is_connect() {
        "no connection"
    } else if error.is_decode() || error.is_body() {
        "the answer was cut off"
    } else {
        "the connection broke"
    };
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let cause = crate::domain::text::tame(&cause.to_string());
    if error.is_connect() {
        format!("{kind} ({cause})")
    } else {
        kind.to_owned()
    }
}

/// The points that a GraphQL answer says it cost.
fn cost_of(body: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Body {
        data: Option<Data>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        rate_limit: Option<RateLimit>,
    }
    #[derive(Deserialize)]
    struct RateLimit {
        cost: u32,
    }
    Some(
        serde_json::from_slice::<Body>(body)
            .ok()?
            .data?
            .rate_limit?
            .cost,
    )
}

impl Limit {
    /// The limit in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Primary => "the hourly budget",
            Self::Secondary => "a secondary limit",
        }
    }
}
