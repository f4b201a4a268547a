//! Downloads of files too large for memory: resumed after any cut, and checked.
//!
//! A host is asked through the one way out and sends to its storage, which is another host: it gets no
//! credential of ours, and only over https, or on this machine from this machine. The address that storage has
//! expires; then the host is asked for a new one, at its pace. A cut is no failure as long as bytes come: tries are
//! counted from one new byte to the next.

mod beginning;
mod part;
#[cfg(test)]
mod tests;
mod version;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, IF_NONE_MATCH,
    IF_RANGE, LOCATION, RANGE,
};
use tokio::time::Instant;
use url::{Host, Url};

pub use beginning::Beginning;
pub use part::remove_download;
use part::{Checked, Part};
pub use version::Version;

use super::classify::{Verdict, classify};
use super::error::HttpError;
use super::limiter::Pool;
use super::retry::wait_before_retry;
use super::way_out::{Outgoing, Place, Spent, WayOut, after, describe};

/// This long without a byte is a cut.
const IDLE: Duration = Duration::from_secs(30);

/// Downloads whose bytes are wrong before it is given up. Count.
const WRONG_AT_MOST: u32 = 3;

/// Changes of the file at the host after which a new beginning counts as progress. Count.
const CHANGED_AT_MOST: u32 = 3;

/// A file to be downloaded.
#[derive(Clone, Copy)]
pub struct Download<'a> {
    /// How the host is asked for it: a GET without conditions.
    pub request: &'a Outgoing,
    /// Where it goes when it is whole. Its folder exists.
    pub target: &'a Path,
    /// The most that is taken. Bytes.
    pub at_most: u64,
}

/// How a download ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Downloaded {
    /// The file is at its place, whole and checked.
    Whole(Version),
    /// The host has the version that is at the place already. No body was sent, or none read.
    Unchanged(Version),
}

/// Why there is no file. What came so far stays, for the next try to go on with.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The host gives none; it may ask us to come back.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The host does not have it.
    #[error("{host} does not have the file (HTTP {status})")]
    NotThere {
        /// Which host.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// It came, but never the right bytes.
    #[error("what {host} sends does not have the checksum that it tells, {times} times")]
    WrongBytes {
        /// Which host.
        host: String,
        /// How often it came.
        times: u32,
    },
    /// It is longer than is taken.
    #[error("the file is longer than {at_most} bytes")]
    TooLong {
        /// The most that is taken. Bytes.
        at_most: u64,
    },
    /// The disk has no room.
    #[error("no room left for {}", .path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What is missing of it. Bytes; `None` if the host does not tell.
        needed: Option<u64>,
    },
    /// The disk refuses.
    #[error("cannot keep {}", .path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What is told of progress: bytes that are here, and those of the whole file if the host tells.
pub type Watch<'a> = &'a (dyn Fn(u64, Option<u64>) + Send + Sync);

/// Downloads through the one way out.
pub struct Downloader<'a> {
    way_out: &'a WayOut,
    pool: &'a Pool,
    client: reqwest::Client,
    idle: Duration,
}

/// What came in answer to the question for a file.
enum Reply {
    /// Its bytes, or some of them.
    Bytes {
        status: u16,
        headers: HeaderMap,
        body: Box<reqwest::Response>,
        place: Option<Place>,
    },
    /// The version that is known.
    Unchanged,
    /// There are no such bytes: the file is another one.
    NoSuchRange,
    /// The storage no longer knows the address.
    Expired(u16),
    /// The storage asks us to wait so long. The host's gates are closed for that time.
    Wait { why: String, wait: Duration },
    /// The storage fails, or is slow; perhaps it passes.
    Passing { why: String },
}

/// A download under way.
struct Course<'a> {
    what: Download<'a>,
    part: Part,
    /// Where the storage has it, and whether that was just told.
    link: Option<(Url, bool)>,
    /// Tries since the last new byte.
    tried: u32,
    /// The most bytes that were here. Only more is progress, or a host that always begins anew would be asked
    /// for ever.
    furthest: u64,
    /// The version that was begun last.
    begun: Option<Version>,
    /// How often that was another one than before. Count.
    changed: u32,
    /// How often all bytes came and were wrong. Count.
    wrong: u32,
    /// What is left for waits that a host asks for.
    patience: Duration,
    spent: Spent,
}

impl<'a> Downloader<'a> {
    /// For files of the host that `pool` is for.
    pub fn new(way_out: &'a WayOut, pool: &'a Pool) -> Result<Self, reqwest::Error> {
        Ok(Self {
            way_out,
            pool,
            client: way_out.stream_client()?,
            idle: IDLE,
        })
    }

    /// Downloads a file, unless the host has the version that is known. An earlier part is gone on with.
    pub async fn fetch(
        &self,
        what: Download<'_>,
        watch: Watch<'_>,
    ) -> (Result<Downloaded, DownloadError>, Spent) {
        let part = match Part::of(what.target) {
            Ok(part) => part,
            Err(error) => return (Err(unkept(what.target, None, error)), Spent::default()),
        };
        let furthest = part.length();
        let mut course = Course {
            what,
            part,
            link: None,
            tried: 0,
            furthest,
            begun: None,
            changed: 0,
            wrong: 0,
            patience: self.way_out.settings().inline_wait,
            spent: Spent::default(),
        };
        let done = loop {
            match self.step(&mut course, watch).await {
                Ok(Some(done)) => break Ok(done),
                Ok(None) => {}
                Err(error) => break Err(error),
            }
        };
        (done, course.spent)
    }

    /// Whether the host has another version than the known one. No body is read.
    pub async fn has_changed(
        &self,
        request: &Outgoing,
        known: &Version,
    ) -> (Result<bool, HttpError>, Spent) {
        let mut spent = Spent::default();
        let mut link = None;
        let headers = conditions(None, Some(known), 0);
        let reply = self.ask(request, &headers, &mut link, &mut spent).await;
        let changed = reply.and_then(|reply| match reply {
            Reply::Unchanged => Ok(false),
            Reply::Bytes {
                status, headers, ..
            } => Ok(!Version::of(status, &headers).is(known)),
            // Whoever downloads now would ask while told to wait.
            Reply::Wait { why, wait } => {
                let host = request.url.host_str().unwrap_or_default();
                Err(limited(host, why, wait))
            }
            // Whoever asked downloads, and sees what is the matter.
            Reply::NoSuchRange | Reply::Expired(_) | Reply::Passing { .. } => Ok(true),
        });
        match changed {
            Err(DownloadError::Http(error)) => (Err(error), spent),
            changed => (Ok(changed.unwrap_or(true)), spent),
        }
    }

    /// One question and what follows from its answer; `None`: there is more to do.
    async fn step(
        &self,
        course: &mut Course<'_>,
        watch: Watch<'_>,
    ) -> Result<Option<Downloaded>, DownloadError> {
        if course.part.has_all() {
            return self.check(course).await;
        }
        let known = course.part.whole().cloned();
        let headers = conditions(course.part.version(), known.as_ref(), course.part.length());
        let asked = self.ask(
            course.what.request,
            &headers,
            &mut course.link,
            &mut course.spent,
        );
        match asked.await? {
            Reply::Unchanged => {
                if let Some(known) = known {
                    return Ok(Some(Downloaded::Unchanged(known)));
                }
                let why = "it says that nothing has changed, which was not asked".to_owned();
                self.rest(course, why).await?;
            }
            Reply::NoSuchRange => {
                let why = "it does not have the bytes that are missing".to_owned();
                self.begin_anew(course, why).await?;
            }
            Reply::Expired(status) => {
                // One that worked before is no failure: a new one is asked for.
                let worked = matches!(course.link.take(), Some((_, false)));
                if !worked {
                    let why =
                        format!("its storage refuses the address that it gave (HTTP {status})");
                    self.rest(course, why).await?;
                }
            }
            Reply::Wait { why, wait } => wait_out(course, why, wait).await?,
            Reply::Passing { why } => self.rest(course, why).await?,
            Reply::Bytes {
                status,
                headers,
                body,
                place,
            } => {
                let version = Version::of(status, &headers);
                let same = |known: &Version| known.is(&version);
                if known.as_ref().is_some_and(same) {
                    return Ok(Some(Downloaded::Unchanged(version)));
                }
                if status == 206 {
                    let goes_on = version::range(&headers)
                        .is_some_and(|range| range.from == course.part.length())
                        && course.part.version().is_some_and(same);
                    if !goes_on {
                        drop((body, place));
                        let why = "it goes on with another version".to_owned();
                        self.begin_anew(course, why).await?;
                        return Ok(None);
                    }
                } else {
                    course.begin(&version)?;
                }
                if let Some((_, fresh)) = &mut course.link {
                    *fresh = false;
                }
                self.receive(course, version.bytes, body, watch).await?;
                drop(place);
            }
        }
        Ok(None)
    }

    /// Reads a body until it ends, and says how: all bytes, or a cut.
    async fn receive(
        &self,
        course: &mut Course<'_>,
        total: Option<u64>,
        mut body: Box<reqwest::Response>,
        watch: Watch<'_>,
    ) -> Result<(), DownloadError> {
        course.has_room(total)?;
        let at_most = course.what.at_most;
        watch(course.part.length(), total);
        let cut = loop {
            match tokio::time::timeout(self.idle, body.chunk()).await {
                Err(_) => break "no byte came for too long".to_owned(),
                Ok(Err(error)) => break describe(&error),
                Ok(Ok(None)) => {
                    if total.is_none() {
                        course.part.ends_here();
                    }
                    break "the answer was cut off".to_owned();
                }
                Ok(Ok(Some(chunk))) => {
                    if course.part.length() + chunk.len() as u64 > total.unwrap_or(at_most) {
                        return Err(DownloadError::TooLong {
                            at_most: total.unwrap_or(at_most),
                        });
                    }
                    let added = course.part.add(&chunk);
                    added.map_err(|error| course.unkept(error))?;
                    watch(course.part.length(), total);
                }
            }
        };
        if course.part.length() > course.furthest {
            course.furthest = course.part.length();
            course.tried = 0;
        }
        if course.part.has_all() {
            return Ok(());
        }
        self.rest(course, cut).await
    }

    /// Checks a file that has all its bytes.
    async fn check(&self, course: &mut Course<'_>) -> Result<Option<Downloaded>, DownloadError> {
        let version = course.part.version().cloned().unwrap_or_default();
        // Off the threads that serve requests: it reads the whole file.
        let mut part = std::mem::take(&mut course.part);
        let checking = tokio::task::spawn_blocking(move || {
            let checked = part.finish();
            (part, checked)
        });
        let (part, checked) = checking
            .await
            .map_err(|error| course.unkept(io::Error::other(error)))?;
        course.part = part;
        match checked.map_err(|error| course.unkept(error))? {
            Checked::Whole => Ok(Some(Downloaded::Whole(version))),
            Checked::Wrong => {
                course.wrong += 1;
                course.furthest = 0;
                if course.wrong >= WRONG_AT_MOST {
                    return Err(DownloadError::WrongBytes {
                        host: course.host(),
                        times: course.wrong,
                    });
                }
                let why = "its bytes do not have the checksum that it tells".to_owned();
                self.begin_anew(course, why).await?;
                Ok(None)
            }
        }
    }

    /// What is here is of no use.
    async fn begin_anew(&self, course: &mut Course<'_>, why: String) -> Result<(), DownloadError> {
        let cleared = course.part.clear();
        cleared.map_err(|error| course.unkept(error))?;
        course.link = None;
        self.rest(course, why).await
    }

    /// Rests before the next try, or gives up.
    async fn rest(&self, course: &mut Course<'_>, why: String) -> Result<(), DownloadError> {
        let settings = self.way_out.settings();
        tracing::debug!(why, bytes = course.part.length(), "a download goes on");
        course.tried += 1;
        let jitter = fastrand::f64();
        match wait_before_retry(settings.first_backoff, course.tried, settings.tries, jitter) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => {
                return Err(DownloadError::Http(HttpError::Unusable {
                    host: course.host(),
                    tries: course.tried,
                    why,
                }));
            }
        }
        Ok(())
    }

    /// Asks for the file: its storage if the address is known, or else the host, which may tell the address.
    async fn ask(
        &self,
        request: &Outgoing,
        headers: &HeaderMap,
        link: &mut Option<(Url, bool)>,
        spent: &mut Spent,
    ) -> Result<Reply, DownloadError> {
        if link.is_none() {
            let mut request = request.clone();
            request.headers.extend(headers.clone());
            let host = request.url.host_str().unwrap_or_default().to_owned();
            let (opened, cost) = self.way_out.open(request, self.pool, &self.client).await;
            *spent = spent.plus(cost);
            let opened = opened?;
            let (status, headers) = (opened.answer.status, opened.answer.headers);
            match (status, opened.stream) {
                (200 | 206, Some((body, place))) => {
                    return plain(status, headers, body, Some(place), &host);
                }
                (304, _) => return Ok(Reply::Unchanged),
                (416, _) => return Ok(Reply::NoSuchRange),
                (300..=399, _) => {
                    let storage = storage_of(&opened.answer.url, &headers).ok_or_else(|| {
                        HttpError::Refused {
                            host,
                            status,
                            why: "it sends to a place that is not safe to download from".to_owned(),
                        }
                    })?;
                    *link = Some((storage, true));
                }
                _ => return Err(DownloadError::NotThere { host, status }),
            }
        }
        match link {
            Some((url, _)) => {
                let url = url.clone();
                self.ask_storage(request, url, headers, spent).await
            }
            None => Ok(Reply::Expired(0)),
        }
    }

    /// Asks the storage, with nothing that says who asks.
    async fn ask_storage(
        &self,
        request: &Outgoing,
        url: Url,
        headers: &HeaderMap,
        spent: &mut Spent,
    ) -> Result<Reply, DownloadError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let passing = |why: String| Reply::Passing { why };
        let Some(place) = self.way_out.place(&host).await else {
            return Ok(passing("the way out is closed".to_owned()));
        };
        spent.requests += 1;
        let patience = self.way_out.settings().request_timeout;
        let sending = self.client.get(url).headers(headers.clone()).send();
        let response = match tokio::time::timeout(patience, sending).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Ok(passing(describe(&error))),
            Err(_) => return Ok(passing("the answer took too long".to_owned())),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let why = format!("its storage answers HTTP {status}");
        let (dialect, clock) = (request.dialect, Timestamp::now());
        if let Verdict::Wait { how_long, .. } = classify(dialect, status, &headers, &[], clock) {
            // The gates close before the place is given back.
            let now = Instant::now();
            let wait = self.pool.close_for_storage(request.resource, how_long, now);
            tracing::info!(
                why,
                seconds = wait.as_secs_f64(),
                "the storage asks us to wait"
            );
            return Ok(Reply::Wait { why, wait });
        }
        if matches!(status, 200 | 206 | 304 | 416) {
            self.pool.storage_passed(Instant::now());
        }
        match status {
            200 | 206 => plain(status, headers, Box::new(response), Some(place), &host),
            304 => Ok(Reply::Unchanged),
            416 => Ok(Reply::NoSuchRange),
            // Google's storage says 400 `ExpiredToken`; other signed addresses end in 403 or 404.
            400..=404 | 410 => Ok(Reply::Expired(status)),
            _ => Ok(passing(why)),
        }
    }
}

/// Waits as the storage asks, or says until when to come back.
async fn wait_out(
    course: &mut Course<'_>,
    why: String,
    wait: Duration,
) -> Result<(), DownloadError> {
    let Some(left) = course.patience.checked_sub(wait) else {
        return Err(limited(&course.host(), why, wait));
    };
    tracing::debug!(why, bytes = course.part.length(), "a download waits");
    course.patience = left;
    tokio::time::sleep(wait).await;
    Ok(())
}

/// The host, or its storage, asks us to wait.
fn limited(host: &str, why: String, wait: Duration) -> DownloadError {
    DownloadError::Http(HttpError::RateLimited {
        host: host.to_owned(),
        until: after(wait),
        why,
    })
}

impl Course<'_> {
    fn host(&self) -> String {
        let host = self.what.request.url.host_str();
        host.unwrap_or_default().to_owned()
    }

    /// Begins anew with this version.
    fn begin(&mut self, version: &Version) -> Result<(), DownloadError> {
        let known = self.begun.as_ref().or(self.part.version());
        if known.is_some_and(|known| !known.is(version)) && self.changed < CHANGED_AT_MOST {
            self.changed += 1;
            self.furthest = 0;
        }
        self.begun = Some(version.clone());
        let begun = self.part.begin(version.clone());
        begun.map_err(|error| self.unkept(error))
    }

    /// Whether what is missing fits: into what is taken, and onto the disk.
    fn has_room(&self, total: Option<u64>) -> Result<(), DownloadError> {
        let at_most = self.what.at_most;
        let Some(total) = total else { return Ok(()) };
        if total > at_most {
            return Err(DownloadError::TooLong { at_most });
        }
        let needed = total.saturating_sub(self.part.length());
        match self.part.room() {
            Some(room) if room < needed => Err(DownloadError::Full {
                path: self.what.target.to_owned(),
                needed: Some(needed),
            }),
            _ => Ok(()),
        }
    }

    fn unkept(&self, error: io::Error) -> DownloadError {
        let bytes = self.part.version().and_then(|version| version.bytes);
        let needed = bytes.map(|bytes| bytes.saturating_sub(self.part.length()));
        unkept(self.what.target, needed, error)
    }
}

/// The disk refused.
fn unkept(path: &Path, needed: Option<u64>, source: io::Error) -> DownloadError {
    let path = path.to_owned();
    match source.kind() {
        // A limit on a file's size is a full disk to whoever meets it.
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            DownloadError::Full { path, needed }
        }
        _ => DownloadError::Disk { path, source },
    }
}

/// The conditions of a question: no encoding on the way, what is missing of a part, and no known version.
fn conditions(part: Option<&Version>, known: Option<&Version>, length: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let etag = known.and_then(|known| known.etag.as_deref());
    if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
        headers.insert(IF_NONE_MATCH, etag);
    }
    if let Some(part) = part
        && let Ok(range) = HeaderValue::from_str(&format!("bytes={length}-"))
    {
        headers.insert(RANGE, range);
        let etag = part.strong_etag();
        if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
            headers.insert(IF_RANGE, etag);
        }
    }
    headers
}

/// The bytes of an answer, if they are those of the file and not packed for the way.
fn plain(
    status: u16,
    headers: HeaderMap,
    body: Box<reqwest::Response>,
    place: Option<Place>,
    host: &str,
) -> Result<Reply, DownloadError> {
    let begins_with = |name, text: &str| {
        let value = headers.get(name).map(HeaderValue::as_bytes);
        value.is_some_and(|value: &[u8]| value.starts_with(text.as_bytes()))
    };
    let why = if begins_with(CONTENT_TYPE, "text/html") {
        "it sends a web page in place of the file"
    } else if headers.contains_key(CONTENT_ENCODING) && !begins_with(CONTENT_ENCODING, "identity") {
        // A checksum and a range would speak of other bytes than those that come.
        "it packs the file for the way, though it was asked not to"
    } else {
        ""
    };
    if !why.is_empty() {
        return Err(DownloadError::Http(HttpError::Refused {
            host: host.to_owned(),
            status,
            why: why.to_owned(),
        }));
    }
    Ok(Reply::Bytes {
        status,
        headers,
        body,
        place,
    })
}

/// The storage that a redirect leads to: over https, or on this machine from this machine.
fn storage_of(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let to = from.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let safe = to.scheme() == "https"
        || to.scheme() == "http" && is_this_machine(&to) && is_this_machine(from);
    (safe && to.username().is_empty() && to.password().is_none()).then_some(to)
}

/// Whether requests to `url` stay on this machine, by its address alone.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
