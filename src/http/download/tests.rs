//! Downloads from a host on loopback that cuts, forgets, changes its mind and lies.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Path as Named, State};
use axum::http::{HeaderMap as Headers, Response};
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt as _;
use md5::{Digest, Md5};

use super::super::{Credential, Dialect, Limits, Resource, Rest, Settings, Silence, Told};
use super::*;

/// What happens to one answer of the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trick {
    /// The connection ends after so many bytes.
    Cut(usize),
    /// The address has expired.
    Expired,
    /// 503, come back in a second or later.
    Busy(u64),
    /// 429, come back in so many seconds, if it tells.
    Limited(Option<u64>),
    /// 200 and all of it, though a range was asked for.
    Whole,
    /// 416, though the range is there.
    NoRange,
    /// The file is another one from now on.
    Changed,
    /// Every byte is another one than the checksum says.
    Wrong,
    /// A range that begins elsewhere.
    Elsewhere,
    /// No byte, and no end.
    Silent,
}

/// The host and its storage.
struct Site {
    file: Vec<u8>,
    tricks: VecDeque<Trick>,
    /// Answers of the host before the redirect: 401, 429 and the like, with `Retry-After`.
    refusals: VecDeque<(u16, Option<u64>)>,
    tells_hash: bool,
    tells_etag: bool,
    tells_length: bool,
    /// Addresses that were given out. Count.
    addresses: u32,
    /// Bytes of bodies that were sent at most.
    sent: usize,
    /// What was asked of host and storage: who, and which range.
    asked: Vec<(&'static str, Option<String>, Option<String>)>,
    url: String,
    storage: String,
}

type Shared = Arc<Mutex<Site>>;

/// Bytes of no pattern, each other with each seed.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    std::iter::repeat_with(|| random.u8(..))
        .take(length)
        .collect()
}

fn text(headers: &Headers, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn turned_away(status: u16, after: Option<u64>) -> Response<Body> {
    let mut response = Response::builder().status(status);
    if let Some(after) = after {
        response = response.header("retry-after", after);
    }
    response.body(Body::empty()).unwrap()
}

async fn host(State(site): State<Shared>, headers: Headers) -> Response<Body> {
    let mut site = site.lock().unwrap();
    site.asked.push((
        "host",
        text(&headers, "authorization"),
        text(&headers, "range"),
    ));
    if let Some((status, after)) = site.refusals.pop_front() {
        return turned_away(status, after);
    }
    site.addresses += 1;
    let to = format!("{}/storage/{}", site.storage, site.addresses);
    let response = Response::builder().status(302).header("location", to);
    response.body(Body::empty()).unwrap()
}

async fn storage(
    State(site): State<Shared>,
    Named(address): Named<u32>,
    headers: Headers,
) -> Response<Body> {
    let mut site = site.lock().unwrap();
    let range = text(&headers, "range");
    site.asked
        .push(("storage", text(&headers, "authorization"), range.clone()));
    if address != site.addresses {
        return axum::http::StatusCode::FORBIDDEN.into_response();
    }
    let trick = site.tricks.pop_front();
    match trick {
        Some(Trick::Expired) => {
            site.addresses += 1;
            return axum::http::StatusCode::BAD_REQUEST.into_response();
        }
        Some(Trick::Busy(after)) => return turned_away(503, Some(after)),
        Some(Trick::Limited(after)) => return turned_away(429, after),
        Some(Trick::NoRange) if range.is_some() => {
            return axum::http::StatusCode::RANGE_NOT_SATISFIABLE.into_response();
        }
        Some(Trick::Changed) => {
            let (length, seed) = (site.file.len() + 17, u64::from(site.file[0]) + 1_000);
            site.file = noise(length, seed);
        }
        _ => {}
    }
    let digest: [u8; 16] = Md5::digest(&site.file).into();
    let etag = format!("\"{}\"", STANDARD.encode(digest));
    let mut response = Response::builder();
    if site.tells_hash {
        let md5 = format!("crc32c=AAAAAA==,md5={}", STANDARD.encode(digest));
        response = response.header("x-goog-hash", md5);
    }
    if site.tells_etag {
        response = response.header("etag", &etag);
        if text(&headers, "if-none-match").as_deref() == Some(etag.as_str()) {
            return response.status(304).body(Body::empty()).unwrap();
        }
    }
    let unchanged = text(&headers, "if-range").is_none_or(|known| known == etag);
    let from = range
        .filter(|_| unchanged && trick != Some(Trick::Whole))
        .and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse()
                .ok()
        });
    let all = site.file.len();
    let mut bytes = match from {
        Some(from) if from >= all => {
            return axum::http::StatusCode::RANGE_NOT_SATISFIABLE.into_response();
        }
        Some(from) => {
            let told = if trick == Some(Trick::Elsewhere) {
                from + 1
            } else {
                from
            };
            let range = format!("bytes {told}-{}/{all}", all - 1);
            response = response.status(206).header("content-range", range);
            site.file[from..].to_vec()
        }
        None => site.file.clone(),
    };
    if site.tells_length {
        response = response.header("content-length", bytes.len());
    }
    if trick == Some(Trick::Wrong) {
        for byte in &mut bytes {
            *byte ^= 1;
        }
    }
    let body = match trick {
        Some(Trick::Cut(after)) => {
            bytes.truncate(after);
            let pieces = pieces(&bytes).into_iter().map(Ok);
            let cut = async {
                // The server writes what it has before it is told of the end.
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                Err(io::Error::other("cut"))
            };
            let pieces = futures::stream::iter(pieces);
            Body::from_stream(pieces.chain(futures::stream::once(cut)))
        }
        Some(Trick::Silent) => Body::from_stream(futures::stream::pending::<io::Result<Bytes>>()),
        _ => {
            let pieces = pieces(&bytes).into_iter().map(Ok::<_, io::Error>);
            Body::from_stream(futures::stream::iter(pieces))
        }
    };
    site.sent += bytes.len();
    response.body(body).unwrap()
}

fn pieces(bytes: &[u8]) -> Vec<Bytes> {
    bytes.chunks(1_000).map(Bytes::copy_from_slice).collect()
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// A host with a storage of another origin, which has `file`.
async fn site(file: Vec<u8>, tricks: impl IntoIterator<Item = Trick>) -> Shared {
    let site = Arc::new(Mutex::new(Site {
        file,
        tricks: tricks.into_iter().collect(),
        refusals: VecDeque::new(),
        tells_hash: true,
        tells_etag: true,
        tells_length: true,
        addresses: 0,
        sent: 0,
        asked: Vec::new(),
        url: String::new(),
        storage: String::new(),
    }));
    let stored = Router::new().route("/storage/{address}", get(storage));
    let stored = serve(stored.with_state(Arc::clone(&site))).await;
    let hosted = Router::new().route("/file", get(host));
    let hosted = serve(hosted.with_state(Arc::clone(&site))).await;
    (site.lock().unwrap().url, site.lock().unwrap().storage) = (hosted, stored);
    site
}

fn way_out() -> WayOut {
    WayOut::new(Settings {
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(5),
        inline_wait: Duration::from_secs(2),
        tries: 6,
        first_backoff: Duration::from_millis(1),
        max_body_bytes: 1 << 16,
        max_redirects: 3,
        in_flight: 1,
    })
    .unwrap()
}

fn limits() -> Limits {
    Limits {
        host: "kaggle",
        budgets: vec![(Resource::Kaggle, 1, Duration::from_millis(1))],
        query_seconds_per_minute: 60,
        silence: Silence {
            first: Duration::from_millis(20),
            told: Told::AtLeast,
            rest: Some(Rest {
                after: 3,
                at_least: Duration::from_mins(20),
            }),
        },
    }
}

fn request(url: &str) -> Outgoing {
    Outgoing {
        method: reqwest::Method::GET,
        url: Url::parse(url).unwrap().join("/file").unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        dialect: Dialect::Kaggle,
        resource: Resource::Kaggle,
        expected_cost: 1,
        can_split: false,
    }
}

/// Downloads into `folder` as a process of its own would.
async fn fetch(site: &Shared, folder: &Path) -> Result<Downloaded, DownloadError> {
    fetch_with(site, folder, None).await
}

async fn fetch_with(
    site: &Shared,
    folder: &Path,
    credential: Option<Credential>,
) -> Result<Downloaded, DownloadError> {
    let url = site.lock().unwrap().url.clone();
    let (way_out, pool) = (way_out(), Pool::with_reserve(credential, &limits()));
    let mut downloader = Downloader::new(&way_out, &pool).unwrap();
    downloader.idle = Duration::from_millis(300);
    let (request, target) = (request(&url), folder.join("Users.csv"));
    let what = Download {
        request: &request,
        target: &target,
        at_most: 1 << 30,
    };
    let told = Mutex::new((0, None));
    let watch = |bytes, total| *told.lock().unwrap() = (bytes, total);
    let (done, _) = downloader.fetch(what, &watch).await;
    if let Ok(Downloaded::Whole(_)) = done {
        let (site, told) = (site.lock().unwrap(), *told.lock().unwrap());
        assert_eq!(std::fs::read(&target).unwrap(), site.file);
        assert_eq!(told.0, site.file.len() as u64, "the last that was told");
        assert!(!folder.join("Users.csv.part").exists());
    }
    done
}

fn asked(site: &Shared, whom: &str) -> usize {
    let site = site.lock().unwrap();
    site.asked.iter().filter(|(who, ..)| *who == whom).count()
}

#[tokio::test]
async fn a_cut_download_goes_on_where_it_was_and_asks_the_host_once() {
    let file = noise(50_000, 1);
    let site = site(
        file,
        [Trick::Cut(10_000), Trick::Cut(20_000), Trick::Cut(1)],
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    let done = fetch(&site, folder.path()).await.unwrap();
    assert!(matches!(done, Downloaded::Whole(_)), "{done:?}");
    assert_eq!(asked(&site, "host"), 1);
    assert_eq!(asked(&site, "storage"), 4);
    assert!(site.lock().unwrap().sent <= 50_000 + 30_001);
    let ranges: Vec<_> = site
        .lock()
        .unwrap()
        .asked
        .iter()
        .map(|asked| asked.2.clone())
        .collect();
    assert_eq!(ranges[..2], [None, None]);
    assert!(ranges[2..].iter().all(Option::is_some), "{ranges:?}");
}

#[tokio::test]
async fn whatever_goes_wrong_on_the_way_the_file_is_the_hosts_byte_for_byte() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let length = random.usize(1..60_000);
        let tricks: Vec<Trick> = (0..random.usize(0..12))
            .map(|_| match random.u8(0..9) {
                0 => Trick::Expired,
                1 => Trick::Busy(0),
                2 => Trick::Whole,
                3 => Trick::NoRange,
                4 => Trick::Changed,
                5 => Trick::Elsewhere,
                _ => Trick::Cut(random.usize(1..30_000)),
            })
            .collect();
        let site = site(noise(length, seed), tricks.clone()).await;
        let mut known = |site: &Shared| {
            let mut site = site.lock().unwrap();
            site.tells_hash = random.bool();
            site.tells_etag = random.bool();
            site.tells_length = random.u8(0..4) > 0;
        };
        known(&site);
        let folder = tempfile::tempdir().unwrap();
        // Each try that gives up is a process that ends; the next one goes on.
        let mut processes = 0;
        loop {
            processes += 1;
            match fetch(&site, folder.path()).await {
                Ok(done) => {
                    assert!(matches!(done, Downloaded::Whole(_)), "{seed}: {done:?}");
                    break;
                }
                Err(DownloadError::Http(HttpError::Unusable { .. })) if processes < 9 => {}
                Err(error) => panic!("{seed}: {tricks:?}: {error}"),
            }
        }
    }
}

#[tokio::test]
async fn a_download_that_was_dropped_on_the_way_goes_on_in_the_next_process() {
    let site = site(noise(80_000, 2), [Trick::Cut(30_000), Trick::Silent]).await;
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("Users.csv.part");
    tokio::select! {
        done = fetch(&site, folder.path()) => panic!("{done:?}"),
        () = async {
            while asked(&site, "storage") < 2 {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    let kept = std::fs::metadata(&part).unwrap().len();
    assert!((1..=30_000).contains(&kept), "{kept}");
    let done = fetch(&site, folder.path()).await.unwrap();
    assert!(matches!(done, Downloaded::Whole(_)), "{done:?}");
    let (_, _, range) = site.lock().unwrap().asked.last().cloned().unwrap();
    assert_eq!(range, Some(format!("bytes={kept}-")));
}

#[tokio::test]
async fn silence_is_a_cut() {
    let site = site(noise(9_000, 3), [Trick::Silent, Trick::Silent]).await;
    let folder = tempfile::tempdir().unwrap();
    let done = fetch(&site, folder.path()).await.unwrap();
    assert!(matches!(done, Downloaded::Whole(_)), "{done:?}");
    assert_eq!(asked(&site, "storage"), 3);
}

#[tokio::test]
async fn what_is_here_already_costs_no_body_and_what_is_newer_does() {
    for (hash, etag) in [(true, true), (true, false), (false, true)] {
        let site = site(noise(40_000, 4), []).await;
        (
            site.lock().unwrap().tells_hash,
            site.lock().unwrap().tells_etag,
        ) = (hash, etag);
        let folder = tempfile::tempdir().unwrap();
        let first = fetch(&site, folder.path()).await.unwrap();
        let Downloaded::Whole(version) = first else {
            panic!("{first:?}")
        };
        let again = fetch(&site, folder.path()).await.unwrap();
        assert!(matches!(again, Downloaded::Unchanged(_)), "{again:?}");
        assert_eq!(
            std::fs::read(folder.path().join("Users.csv"))
                .unwrap()
                .len(),
            40_000
        );

        let url = site.lock().unwrap().url.clone();
        let (way_out, pool) = (way_out(), Pool::with_reserve(None, &limits()));
        let downloader = Downloader::new(&way_out, &pool).unwrap();
        let changed = async |known: &Version| downloader.has_changed(&request(&url), known).await.0;
        assert_eq!(changed(&version).await, Ok(false), "{hash} {etag}");
        assert_eq!(
            changed(&Version::of_md5("AAAAAAAAAAAAAAAAAAAAAA==")).await,
            Ok(true)
        );
        if let Some(md5) = &version.md5 {
            assert_eq!(changed(&Version::of_md5(md5)).await, Ok(false));
        }
        site.lock().unwrap().tricks.push_back(Trick::Changed);
        assert_eq!(changed(&version).await, Ok(true));
        let newer = fetch(&site, folder.path()).await.unwrap();
        assert!(matches!(newer, Downloaded::Whole(_)), "{newer:?}");
    }
}

#[tokio::test]
async fn wrong_bytes_are_fetched_anew_and_then_told() {
    let folder = tempfile::tempdir().unwrap();
    let once = site(noise(5_000, 5), [Trick::Wrong]).await;
    let done = fetch(&once, folder.path()).await.unwrap();
    assert!(matches!(done, Downloaded::Whole(_)), "{done:?}");
    let always = site(noise(5_000, 6), [Trick::Wrong; 9]).await;
    let error = fetch(&always, folder.path()).await.unwrap_err();
    assert!(
        matches!(error, DownloadError::WrongBytes { times: 3, .. }),
        "{error}"
    );
    assert_eq!(asked(&always, "storage"), 3);
    assert!(!folder.path().join("Users.csv").exists());
}

#[tokio::test]
async fn no_byte_in_many_tries_is_given_up_and_what_is_here_stays() {
    let mut tricks = vec![Trick::Cut(2_500)];
    tricks.extend([Trick::Cut(0); 30]);
    let site = site(noise(5_000, 7), tricks).await;
    let folder = tempfile::tempdir().unwrap();
    let error = fetch(&site, folder.path()).await.unwrap_err();
    let told = error.to_string();
    assert!(told.contains("in 6 tries"), "{told}");
    assert!(asked(&site, "storage") <= 7);
    let kept = std::fs::metadata(folder.path().join("Users.csv.part"))
        .unwrap()
        .len();
    assert!((1..=2_500).contains(&kept), "{kept}");
}

#[tokio::test]
async fn a_host_that_never_knows_a_part_again_is_not_asked_for_ever() {
    let site = site(noise(50_000, 8), [Trick::Cut(20_000); 99]).await;
    {
        let mut site = site.lock().unwrap();
        (site.tells_hash, site.tells_etag) = (false, false);
    }
    let folder = tempfile::tempdir().unwrap();
    let error = fetch(&site, folder.path()).await.unwrap_err();
    assert!(
        matches!(error, DownloadError::Http(HttpError::Unusable { .. })),
        "{error}"
    );
    assert!(asked(&site, "storage") < 40, "{}", asked(&site, "storage"));
}

#[tokio::test]
async fn the_storage_never_sees_the_credential_and_a_refused_one_is_left_out() {
    let token = || Some(Credential::Bearer("made-up-token-0001".to_owned().into()));
    let folder = tempfile::tempdir().unwrap();
    let good = site(noise(500, 9), [Trick::Expired]).await;
    fetch_with(&good, folder.path(), token()).await.unwrap();
    for (who, authorization, _) in &good.lock().unwrap().asked {
        let expected = (*who == "host").then_some("Bearer made-up-token-0001");
        assert_eq!(authorization.as_deref(), expected, "{who}");
    }
    assert_eq!(asked(&good, "host"), 2);
    let refusing = site(noise(500, 10), []).await;
    refusing.lock().unwrap().refusals.push_back((401, None));
    let done = fetch_with(&refusing, folder.path(), token()).await.unwrap();
    assert!(matches!(done, Downloaded::Whole(_)), "{done:?}");
    let asked = refusing.lock().unwrap().asked.clone();
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked[0].1.is_some() && asked[1].1.is_none(), "{asked:?}");
}

#[tokio::test]
async fn short_waits_are_waited_out_and_long_ones_told_with_their_time() {
    let folder = tempfile::tempdir().unwrap();
    let short = site(noise(500, 11), [Trick::Busy(1)]).await;
    short.lock().unwrap().refusals.push_back((429, Some(0)));
    let done = fetch(&short, folder.path()).await.unwrap();
    assert!(matches!(done, Downloaded::Whole(_)), "{done:?}");
    for by_host in [true, false] {
        let long = site(noise(500, 12), []).await;
        if by_host {
            long.lock().unwrap().refusals.push_back((429, Some(3_000)));
        } else {
            long.lock().unwrap().tricks.push_back(Trick::Busy(3_000));
        }
        let error = fetch(&long, folder.path()).await.unwrap_err();
        let DownloadError::Http(HttpError::RateLimited { until, .. }) = error else {
            panic!("{error}")
        };
        assert!(until > Timestamp::now() + jiff::SignedDuration::from_secs(2_900));
    }
}

#[tokio::test]
async fn nobody_is_asked_while_the_storage_told_us_to_wait_also_in_another_process() {
    let site = site(noise(500, 21), [Trick::Limited(Some(600))]).await;
    let folder = tempfile::tempdir().unwrap();
    let url = site.lock().unwrap().url.clone();
    let (request, known) = (request(&url), Version::of_md5(&"0".repeat(32)));
    let (way_out, told) = (way_out(), Pool::with_reserve(None, &limits()));
    let is_told = |error: &HttpError| {
        let HttpError::RateLimited { until, .. } = error else {
            panic!("{error}")
        };
        assert!(*until > Timestamp::now() + jiff::SignedDuration::from_secs(500));
    };
    let first = Downloader::new(&way_out, &told).unwrap();
    let (changed, spent) = first.has_changed(&request, &known).await;
    is_told(&changed.unwrap_err());
    assert_eq!(spent.requests, 2, "the host, and its storage");

    let next = Pool::with_reserve(None, &limits());
    next.heed(&told.waits());
    let target = folder.path().join("Users.csv");
    let what = Download {
        request: &request,
        target: &target,
        at_most: 1 << 30,
    };
    for pool in [&told, &next] {
        let downloader = Downloader::new(&way_out, pool).unwrap();
        let (changed, _) = downloader.has_changed(&request, &known).await;
        is_told(&changed.unwrap_err());
        let (done, spent) = downloader.fetch(what, &|_, _| ()).await;
        let DownloadError::Http(error) = done.unwrap_err() else {
            panic!("no answer of the host's")
        };
        is_told(&error);
        assert_eq!(spent.requests, 0);
    }
    assert_eq!((asked(&site, "host"), asked(&site, "storage")), (1, 1));
}

#[tokio::test]
async fn the_third_limit_of_the_storage_in_a_row_is_a_rest_and_a_good_answer_ends_the_row() {
    let no_time = Trick::Limited(None);
    for (tricks, rests) in [
        (vec![no_time; 3], true),
        (vec![no_time, no_time, Trick::Cut(10), no_time], false),
    ] {
        let site = site(noise(500, 22), tricks.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        match fetch(&site, folder.path()).await {
            Ok(done) => assert!(!rests, "{tricks:?}: {done:?}"),
            Err(DownloadError::Http(HttpError::RateLimited { until, .. })) => {
                let rest = until > Timestamp::now() + jiff::SignedDuration::from_mins(19);
                assert!(rests && rest, "{tricks:?}: {until}");
            }
            Err(error) => panic!("{tricks:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn what_is_not_there_or_too_long_or_no_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let absent = site(noise(500, 13), []).await;
    absent.lock().unwrap().refusals.push_back((404, None));
    let error = fetch(&absent, folder.path()).await.unwrap_err();
    assert!(
        matches!(error, DownloadError::NotThere { status: 404, .. }),
        "{error}"
    );
    let headers = |name: &'static str, value: &'static str| {
        HeaderMap::from_iter([(
            reqwest::header::HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )])
    };
    for (from, to, safe) in [
        (
            "https://www.kaggle.com/f",
            "https://storage.googleapis.com/f",
            true,
        ),
        (
            "https://www.kaggle.com/f",
            "http://storage.googleapis.com/f",
            false,
        ),
        ("https://www.kaggle.com/f", "http://127.0.0.1/f", false),
        (
            "https://www.kaggle.com/f",
            "https://me:pass@example.org/f",
            false,
        ),
        ("https://www.kaggle.com/f", "ftp://example.org/f", false),
        ("http://127.0.0.1:1/f", "http://127.0.0.1:2/f", true),
        ("http://127.0.0.1:1/f", "http://example.org/f", false),
    ] {
        let from = Url::parse(from).unwrap();
        let found = storage_of(&from, &headers("location", to));
        assert_eq!(found.is_some(), safe, "{from} to {to}");
    }
}

/// A full disk is told with what is missing, before a byte is asked for in vain.
#[test]
fn a_disk_without_room_is_told_with_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("Users.csv");
    let request = request("http://127.0.0.1:1");
    let course = Course {
        what: Download {
            request: &request,
            target: &target,
            at_most: u64::MAX,
        },
        part: Part::of(&target).unwrap(),
        link: None,
        tried: 0,
        furthest: 0,
        begun: None,
        changed: 0,
        wrong: 0,
        patience: Duration::ZERO,
        spent: Spent::default(),
    };
    assert!(course.has_room(Some(1)).is_ok());
    let huge = Some(u64::MAX - 1);
    let full = course.has_room(huge).unwrap_err();
    assert!(
        matches!(full, DownloadError::Full { needed, .. } if needed == huge),
        "{full}"
    );
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::FileTooLarge] {
        let error = unkept(&target, Some(7), kind.into());
        assert!(
            matches!(
                error,
                DownloadError::Full {
                    needed: Some(7),
                    ..
                }
            ),
            "{error}"
        );
    }
}
