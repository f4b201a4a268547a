//! The way to Kaggle: one at a time, at its pace, with a credential where there is one and without where Kaggle
//! refuses it.
//!
//! What Kaggle asks us to wait binds every process on this machine, whichever part of it was told, so the waits
//! are kept in a file that all of them read before they ask. So is the pace: in a file beside it each takes the next
//! moment that nobody has taken.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::http::{Answer, HttpError, Outgoing, Pool, Resource, Spent, Wait, WayOut};

/// Moments ahead that may be taken: one for each process that asks at once. Count. Later ones were taken by a clock
/// that was wrong.
const AHEAD_AT_MOST: u32 = 30;

/// The way to Kaggle.
pub struct Connection {
    /// The way out, for Kaggle alone: its requests in flight are one.
    pub way_out: Arc<WayOut>,
    /// The credential, with this machine's address in reserve; or the address alone.
    pub pool: Arc<Pool>,
    /// Where Kaggle is.
    pub url: Url,
    /// Where the credential comes from, for people; `None` without one.
    credential_from: Option<String>,
    /// Where waits are kept.
    waits: PathBuf,
    /// Where the moment is kept from which on the next request may be sent.
    pace: PathBuf,
    /// One at a time takes a moment, so that a process never holds more than one ahead.
    turn: tokio::sync::Mutex<()>,
    /// What was kept last, so that nothing is written twice.
    kept: Mutex<Vec<Wait>>,
}

impl Connection {
    /// A way to Kaggle that keeps to the waits in `folder`, which need not exist. `pool` is one with a reserve.
    pub fn new(
        way_out: Arc<WayOut>,
        pool: Arc<Pool>,
        url: Url,
        credential_from: Option<String>,
        folder: &Path,
    ) -> Self {
        Self {
            way_out,
            pool,
            url,
            credential_from,
            waits: folder.join("waits.json"),
            pace: folder.join("pace"),
            turn: tokio::sync::Mutex::default(),
            kept: Mutex::default(),
        }
    }

    /// Sends a request, when Kaggle lets any process of this machine send one. A credential that Kaggle refuses
    /// is left out from then on, and the request sent without: [`Connection::refused`] tells.
    pub async fn send(&self, request: Outgoing) -> (Result<Answer, HttpError>, Spent) {
        self.ready().await;
        let sent = self.way_out.send(request, &self.pool, None).await;
        self.keep_waits();
        sent
    }

    /// What a person should know when Kaggle has refused the credential.
    pub fn refused(&self) -> Option<String> {
        let from = self.credential_from.as_ref()?;
        let account = self.pool.accounts().first()?.report();
        account.refused.then(|| {
            format!(
                "Kaggle refused the credential {} of {from}; it was asked without one instead",
                account.tail
            )
        })
    }

    /// Waits for this process's turn among all of this machine, and keeps to what Kaggle asked of any of them. For
    /// whoever sends past [`Connection::send`].
    pub async fn ready(&self) {
        let _turn = self.turn.lock().await;
        self.heed_waits();
        // Nothing will be sent, so no moment is taken from the others.
        if self.pool.is_closed(Resource::Kaggle) {
            return;
        }
        let (path, pause) = (self.pace.clone(), self.pool.pause(Resource::Kaggle));
        let taking =
            tokio::task::spawn_blocking(move || take_moment(&path, pause, Timestamp::now()));
        match taking
            .await
            .map_err(io::Error::other)
            .and_then(|taken| taken)
        {
            Ok(wait) if wait.is_zero() => {}
            Ok(wait) => {
                tokio::time::sleep(wait).await;
                // Another process may have been told meanwhile.
                self.heed_waits();
            }
            // Without the file this process keeps its own pace.
            Err(error) => tracing::warn!(%error, "the pace cannot be shared with other processes"),
        }
    }

    /// Keeps to what Kaggle asked of any process of this machine. For whoever sends past [`Connection::send`].
    pub fn heed_waits(&self) {
        match read(&self.waits) {
            Ok(waits) => self.pool.heed(&waits),
            // Without the file we know what this process was told.
            Err(error) => tracing::warn!(%error, "the waits that Kaggle asked for cannot be read"),
        }
    }

    /// Keeps what Kaggle asks for, for every process of this machine. For whoever sends past
    /// [`Connection::send`].
    pub fn keep_waits(&self) {
        let ours = self.pool.waits();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_kept = |wait: &Wait| kept.iter().any(|known| known.covers(wait));
        if ours.iter().all(is_kept) {
            return;
        }
        let written = read(&self.waits)
            .and_then(|before| write(&self.waits, &self.pool.waits_beside(before)));
        match written {
            Ok(()) => *kept = ours,
            Err(error) => tracing::warn!(%error, "the waits that Kaggle asks for cannot be kept"),
        }
    }
}

/// Takes the next moment that no process has taken, and returns how long until then.
fn take_moment(path: &Path, pause: Duration, now: Timestamp) -> io::Result<Duration> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(path)?;
    // Held for two short strokes of the disk, and let go with the file.
    file.lock()?;
    let mut text = String::new();
    // What cannot be understood holds nobody up.
    let kept = file.read_to_string(&mut text).ok();
    let free = kept.and_then(|_| text.trim().parse::<Timestamp>().ok());
    let ahead = free.and_then(|free| Duration::try_from(free.duration_since(now)).ok());
    let most = pause.saturating_mul(AHEAD_AT_MOST);
    let wait = ahead.filter(|ahead| *ahead <= most).unwrap_or_default();
    let next = now.checked_add(wait.saturating_add(pause));
    let next = next.map_err(io::Error::other)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(next.to_string().as_bytes())?;
    Ok(wait)
}

/// Waits that were kept; a file that cannot be understood holds none.
fn read(path: &Path) -> io::Result<Vec<Wait>> {
    match fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text).unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Written beside and renamed, so that another process reads all or the earlier ones.
fn write(path: &Path, waits: &[Wait]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_extension(format!("{}.new", std::process::id()));
    fs::write(&new, serde_json::to_vec(waits)?)?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::Router;
    use axum::http::{HeaderMap, StatusCode};
    use axum::response::IntoResponse;
    use axum::routing::get;
    use bytes::Bytes;

    use super::*;
    use crate::http::{
        Credential, Dialect, Download, DownloadError, Downloader, Limits, Resource, Settings,
        Silence, Told,
    };

    async fn serve() -> Url {
        let who = |headers: HeaderMap| async move {
            match headers.get("authorization") {
                Some(_) => StatusCode::UNAUTHORIZED.into_response(),
                None => "nobody".into_response(),
            }
        };
        let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "600")]) };
        let router = Router::new()
            .route("/who", get(who))
            .route("/busy", get(busy));
        serve_on(router).await
    }

    async fn serve_on(router: Router) -> Url {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Url::parse(&url).unwrap()
    }

    fn connection(url: &Url, token: Option<&str>, folder: &Path) -> Connection {
        let settings = Settings {
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
            inline_wait: Duration::from_secs(1),
            tries: 2,
            first_backoff: Duration::from_millis(1),
            max_body_bytes: 1 << 16,
            max_redirects: 0,
            in_flight: 1,
        };
        let limits = Limits {
            host: "kaggle",
            budgets: vec![(Resource::Kaggle, 1, Duration::from_millis(1))],
            query_seconds_per_minute: 60,
            silence: Silence {
                first: Duration::from_secs(1),
                told: Told::AtLeast,
                rest: None,
            },
        };
        let credential = token.map(|token| Credential::Bearer(token.to_owned().into()));
        Connection::new(
            Arc::new(WayOut::new(settings).unwrap()),
            Arc::new(Pool::with_reserve(credential, &limits)),
            url.clone(),
            token.map(|_| "KAGGLE_API_TOKEN".to_owned()),
            folder,
        )
    }

    fn request(url: &Url, path: &str) -> Outgoing {
        Outgoing {
            method: reqwest::Method::GET,
            url: url.join(path).unwrap(),
            headers: reqwest::header::HeaderMap::new(),
            body: Bytes::new(),
            dialect: Dialect::Kaggle,
            resource: Resource::Kaggle,
            expected_cost: 1,
            can_split: false,
        }
    }

    #[tokio::test]
    async fn a_refused_credential_is_left_out_and_told_by_where_it_comes_from() {
        let (url, folder) = (serve().await, tempfile::tempdir().unwrap());
        let kaggle = connection(&url, Some("made-up-token-0001"), folder.path());
        assert_eq!(kaggle.refused(), None);
        for requests in [2, 1] {
            let (answer, spent) = kaggle.send(request(&url, "/who")).await;
            assert_eq!(answer.unwrap().body, "nobody");
            assert_eq!(spent.requests, requests, "the credential is tried once");
        }
        let told = kaggle.refused().unwrap();
        assert_eq!(
            told,
            "Kaggle refused the credential …0001 of KAGGLE_API_TOKEN; it was asked without one instead"
        );
        let anonymous = connection(&url, None, folder.path());
        let (answer, _) = anonymous.send(request(&url, "/who")).await;
        assert!(answer.is_ok());
        assert_eq!(anonymous.refused(), None);
    }

    #[tokio::test]
    async fn a_wait_binds_another_process_which_sends_nothing() {
        let (url, folder) = (serve().await, tempfile::tempdir().unwrap());
        let folder = folder.path().join("kaggle");
        let first = connection(&url, None, &folder);
        let (answer, spent) = first.send(request(&url, "/busy")).await;
        assert!(matches!(answer, Err(HttpError::RateLimited { .. })));
        assert_eq!(spent.requests, 1);
        let next = connection(&url, None, &folder);
        let (answer, spent) = next.send(request(&url, "/who")).await;
        assert!(matches!(answer, Err(HttpError::RateLimited { .. })));
        assert_eq!(spent.requests, 0);
        let kept = fs::read_to_string(folder.join("waits.json")).unwrap();
        assert_eq!(kept.matches("\"kaggle\"").count(), 1, "{kept}");
        // A file that is none of ours must not stop anybody.
        fs::write(folder.join("waits.json"), "{").unwrap();
        let free = connection(&url, None, &folder);
        assert!(free.send(request(&url, "/who")).await.0.is_ok());
    }

    #[test]
    fn processes_that_ask_at_once_take_moments_one_pause_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kaggle/pace");
        let pause = Duration::from_secs(2);
        let start: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
        for (after, expected) in [
            (0, 0),
            (0, 2_000),
            (300, 3_700),
            (5_999, 1),
            (8_000, 0),
            (60_000, 0),
            // The clock was set back by less than is believed, and by more.
            (50_000, 12_000),
            (-3_600_000, 0),
            (-3_600_000, 2_000),
        ] {
            let now = start + jiff::SignedDuration::from_millis(after);
            let wait = take_moment(&path, pause, now).unwrap();
            assert_eq!(wait, Duration::from_millis(expected), "{after}");
        }
        fs::write(&path, [0xFF, 0xFE]).unwrap();
        assert_eq!(take_moment(&path, pause, start).unwrap(), Duration::ZERO);
        assert_eq!(take_moment(&path, pause, start).unwrap(), pause);
    }

    #[tokio::test]
    async fn a_request_takes_a_moment_from_the_others_and_one_that_may_not_be_sent_takes_none() {
        let (url, folder) = (serve().await, tempfile::tempdir().unwrap());
        let taken = || fs::read_to_string(folder.path().join("pace")).unwrap();
        let kaggle = connection(&url, None, folder.path());
        assert!(kaggle.send(request(&url, "/who")).await.0.is_ok());
        let first = taken();
        assert!(kaggle.send(request(&url, "/busy")).await.0.is_err());
        let second = taken();
        assert_ne!(first, second);
        assert!(kaggle.send(request(&url, "/who")).await.0.is_err());
        assert_eq!(taken(), second);
    }

    #[tokio::test]
    async fn a_wait_that_the_storage_told_binds_every_other_process() {
        let storage = serve().await;
        let to = storage.join("/busy").unwrap().to_string();
        let count = Arc::new(AtomicU32::new(0));
        let asked = Arc::clone(&count);
        let file = move || async move {
            asked.fetch_add(1, Ordering::SeqCst);
            (StatusCode::FOUND, [("location", to)])
        };
        let url = serve_on(Router::new().route("/file", get(file))).await;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("Users.csv");
        let request = request(&url, "/file");
        let what = Download {
            request: &request,
            target: &target,
            at_most: 1 << 20,
        };
        for requests in [2, 0, 0] {
            let kaggle = connection(&url, None, folder.path());
            let downloader = Downloader::new(&kaggle.way_out, &kaggle.pool).unwrap();
            kaggle.ready().await;
            let (done, spent) = downloader.fetch(what, &|_, _| ()).await;
            kaggle.keep_waits();
            let limited = matches!(
                done,
                Err(DownloadError::Http(HttpError::RateLimited { .. }))
            );
            assert!(limited, "{done:?}");
            assert_eq!(spent.requests, requests);
        }
        assert_eq!(count.load(Ordering::SeqCst), 1, "the host");
    }
}
