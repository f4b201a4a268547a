//! `plaudit kaggle`: the program against a made-up Kaggle that gives files, a little at a time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as Named, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt as _;
use md5::{Digest, Md5};
use plaudit::sources::kaggle::bulk::Index;
use plaudit::sources::kaggle::import::Folder;
use serde_json::Value;
use tempfile::TempDir;

use crate::app::program_in;

/// A token that no other text resembles.
const TOKEN: &str = "KGAT_madeUpSecretQxZvKwJy01237Q4Z";

/// The host.
#[derive(Default)]
struct Kaggle {
    files: BTreeMap<String, Vec<u8>>,
    /// Between two pieces of 4,096 bytes.
    pause: Duration,
    /// How the host answers first, whatever is asked: 429 and the like, with `Retry-After`.
    refusals: Vec<(StatusCode, u64)>,
    /// What was asked of the host: the file, whether with a credential.
    asked: Vec<(String, bool)>,
    /// What was asked of the storage: the file and the range.
    stored: Vec<(String, Option<String>)>,
    /// Bytes that the storage has given.
    given: usize,
}

type Shared = Arc<Mutex<Kaggle>>;

async fn host(
    State(kaggle): State<Shared>,
    Named(file): Named<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let mut kaggle = kaggle.lock().expect("no panic");
    let proven = headers.contains_key("authorization");
    kaggle.asked.push((file.clone(), proven));
    if proven {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if !kaggle.refusals.is_empty() {
        let (status, after) = kaggle.refusals.remove(0);
        return (status, [("retry-after", after.to_string())]).into_response();
    }
    if !kaggle.files.contains_key(&file) {
        return StatusCode::NOT_FOUND.into_response();
    }
    // Another name of this machine is another host.
    let port = headers["host"]
        .to_str()
        .expect("a whole answer")
        .rsplit(':')
        .next()
        .expect("a whole answer");
    let to = format!("http://localhost:{port}/storage/{file}");
    (StatusCode::FOUND, [("location", to)]).into_response()
}

async fn storage(
    State(shared): State<Shared>,
    Named(file): Named<String>,
    headers: HeaderMap,
) -> Response<Body> {
    assert!(
        !headers.contains_key("authorization"),
        "the storage sees it"
    );
    let mut kaggle = shared.lock().expect("no panic");
    let range = headers
        .get("range")
        .map(|range| range.to_str().expect("text").to_owned());
    kaggle.stored.push((file.clone(), range.clone()));
    let bytes = kaggle.files[&file].clone();
    let pause = kaggle.pause;
    drop(kaggle);
    let md5 = STANDARD.encode(Md5::digest(&bytes));
    let from = range.and_then(|range| {
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse()
            .ok()
    });
    let mut response = Response::builder()
        .header("x-goog-hash", format!("md5={md5}"))
        .header("etag", format!("\"{md5}\""));
    if let Some(from) = from {
        let span = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
        response = response.status(206).header("content-range", span);
    }
    let rest = bytes[from.unwrap_or(0_usize)..].to_vec();
    let length = rest.len();
    let pieces: Vec<_> = rest.chunks(4_096).map(Bytes::copy_from_slice).collect();
    let pieces = futures::stream::iter(pieces).then(move |piece| {
        let shared = Arc::clone(&shared);
        async move {
            tokio::time::sleep(pause).await;
            shared.lock().expect("no panic").given += piece.len();
            Ok::<_, io::Error>(piece)
        }
    });
    let body = Body::from_stream(pieces);
    response
        .header("content-length", length)
        .body(body)
        .expect("a whole answer")
}

/// A made-up Kaggle, and an empty home.
struct Scene {
    kaggle: Shared,
    url: String,
    home: TempDir,
}

/// Five tables of one person who has a medal, and of others who have none.
fn tables(others: usize) -> BTreeMap<String, Vec<u8>> {
    let mut users = "Id,UserName,DisplayName,RegisterDate,PerformanceTier,Country\n\
                     1,ada-example,Ada,03/01/2020,2,\n"
        .to_owned();
    for number in 2..others + 2 {
        writeln!(
            users,
            "{number},made-up-{number}-example,\"A, B\",03/02/2020,0,"
        )
        .expect("a whole answer");
    }
    [
        ("Users.csv", users.as_str()),
        (
            "UserAchievements.csv",
            "Id,UserId,AchievementType,Tier,TierAchievementDate,Points,CurrentRanking,HighestRanking,\
             TotalGold,TotalSilver,TotalBronze\n1,1,Competitions,2,03/01/2021,10,5,4,1,0,0\n",
        ),
        (
            "Teams.csv",
            "Id,CompetitionId,TeamLeaderId,TeamName,IsBenchmark,Medal,MedalAwardDate,\
             PublicLeaderboardRank,PrivateLeaderboardRank\n7,9,1,Ada,False,1,03/01/2021,2,1\n",
        ),
        ("TeamMemberships.csv", "Id,TeamId,UserId,RequestDate\n1,7,1,\n"),
        (
            "Competitions.csv",
            "Id,Slug,Title,DeadlineDate,TotalTeams,CanQualifyTiers\n\
             9,Made-Up-Bones,Bones,02/01/2021 23:59:00,1200,True\n",
        ),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
    .collect()
}

impl Scene {
    async fn new(files: BTreeMap<String, Vec<u8>>) -> Self {
        let kaggle = Arc::new(Mutex::new(Kaggle {
            files,
            ..Kaggle::default()
        }));
        let router = Router::new()
            .route(
                "/api/v1/datasets/download/kaggle/meta-kaggle/{file}",
                get(host),
            )
            .route("/storage/{file}", get(storage))
            .with_state(Arc::clone(&kaggle));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback");
        let url = format!("http://{}", listener.local_addr().expect("loopback"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let home = TempDir::new().expect("a folder");
        Self { kaggle, url, home }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program_in(self.home.path());
        command
            .env("PLAUDIT_DATA_DIR", self.home.path().join("data"))
            .env("PLAUDIT_KAGGLE__URL", &self.url)
            .env("PLAUDIT_KAGGLE__PAUSE", "1ms")
            .env("PLAUDIT_KAGGLE__FIRST_WAIT", "1ms")
            .env("PLAUDIT_HTTP__FIRST_BACKOFF", "5ms")
            .arg("kaggle")
            .args(arguments);
        command
    }

    fn folder(&self) -> Folder {
        Folder::within(&self.home.path().join("data"))
    }

    /// Runs `plaudit kaggle` and returns what it printed on both, having checked the exit code.
    #[track_caller]
    fn run(&self, arguments: &[&str], code: i32) -> (String, String) {
        Self::done(&mut self.command(arguments), code)
    }

    #[track_caller]
    fn done(command: &mut Command, code: i32) -> (String, String) {
        let output: Output = tokio::task::block_in_place(|| command.output()).expect("the program");
        let (out, err) = (
            String::from_utf8(output.stdout).expect("UTF-8"),
            String::from_utf8(output.stderr).expect("UTF-8"),
        );
        assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        assert!(
            !out.contains("SecretQx") && !err.contains("SecretQx"),
            "{err}"
        );
        (out, err)
    }

    fn asked(&self) -> usize {
        self.kaggle.lock().expect("no panic").asked.len()
    }

    #[track_caller]
    fn is_imported(&self, users: u64) {
        let index = Index::open(&self.folder().index()).expect("an index");
        assert_eq!((index.about().users, index.about().medalists), (users, 1));
        let ada = index
            .find("ADA-Example")
            .expect("readable")
            .expect("the medalist");
        assert_eq!(ada.competitions[0].slug, "Made-Up-Bones");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_brings_the_index_and_the_next_finds_nothing_newer() {
    let scene = Scene::new(tables(20)).await;
    let (out, err) = scene.run(&["status"], 1);
    assert!(
        out.contains("none") && err.contains("`plaudit kaggle import`"),
        "{err}"
    );

    let (out, err) = scene.run(&["import", "--format", "json"], 0);
    for word in ["Users.csv: ", "21 accounts, 1 of them", "as of 20"] {
        assert!(err.contains(word), "{word}: {err}");
    }
    let rows: Value = serde_json::from_str(&out).unwrap();
    let of = |what: &str| {
        let rows = rows.as_array().unwrap();
        let row = rows.iter().find(|row| row["what"] == what);
        row.unwrap_or_else(|| panic!("no {what}: {out}"))["value"].clone()
    };
    assert_eq!((of("state"), of("accounts")), ("ready".into(), 21.into()));
    assert_eq!(scene.asked(), 5);
    scene.is_imported(21);
    assert!(!scene.folder().downloads().exists(), "the files are gone");

    let (_, err) = scene.run(&["import"], 0);
    assert!(err.contains("nothing newer"), "{err}");
    assert_eq!(scene.asked(), 10, "a question for each file");
    let given = scene.kaggle.lock().expect("no panic").given;

    let newer = tables(30);
    scene.kaggle.lock().expect("no panic").files = newer;
    scene.run(&["import", "--keep"], 0);
    scene.is_imported(31);
    assert!(scene.kaggle.lock().expect("no panic").given > given);
    let kept = names(&scene.folder().downloads());
    assert!(kept.contains(&"Users.csv".to_owned()), "{kept:?}");
    let given = scene.kaggle.lock().expect("no panic").given;
    let (_, err) = scene.run(&["import", "--force"], 0);
    assert!(err.contains("here already"), "{err}");
    let again = scene.kaggle.lock().expect("no panic").given - given;
    // What is already on the wire when the answer is let go may still count.
    assert!(again < given, "{again} of {given} were sent again");
    let (out, _) = scene.run(&["status", "--format", "csv"], 0);
    assert!(out.contains("accounts,31"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kills_on_the_way_the_old_index_answers_and_the_next_import_goes_on() {
    let scene = Scene::new(tables(5)).await;
    scene.run(&["import"], 0);
    scene.is_imported(6);
    let newer = tables(20_000);
    let size: usize = newer.values().map(Vec::len).sum();
    {
        let mut kaggle = scene.kaggle.lock().expect("no panic");
        (kaggle.files, kaggle.pause, kaggle.given) = (newer, Duration::from_millis(1), 0);
        kaggle.stored.clear();
    }
    for part in 1..=4 {
        let mut command = scene.command(&["import"]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while scene.kaggle.lock().expect("no panic").given < size * part / 6 {
            assert_eq!(child.try_wait().unwrap(), None, "it ended early");
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        scene.is_imported(6);
    }
    scene.kaggle.lock().expect("no panic").pause = Duration::ZERO;
    scene.run(&["import"], 0);
    scene.is_imported(20_001);
    let kaggle = scene.kaggle.lock().expect("no panic");
    let resumed = kaggle
        .stored
        .iter()
        .filter(|(_, range)| range.is_some())
        .count();
    assert!(resumed >= 3, "{:?}", kaggle.stored);
    // Sent twice is only what was on the wire, and a beginning of each file to see if it is newer.
    assert!(kaggle.given < size * 3, "{} of {size}", kaggle.given);
    drop(kaggle);
    assert_eq!(names(&scene.folder().downloads()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_imported_as_it_is_and_what_it_lacks_is_told() {
    let scene = Scene::new(BTreeMap::new()).await;
    let folder = scene.home.path().join("mine");
    fs::create_dir(&folder).unwrap();
    for (name, bytes) in tables(3) {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let before = names(&folder);
    scene.run(&["import", "--from", "mine"], 0);
    scene.is_imported(4);
    assert_eq!((scene.asked(), names(&folder)), (0, before));

    fs::write(folder.join("Teams.csv"), "Id,CompetitionId\n1,2\n").unwrap();
    let (_, err) = scene.run(&["import", "--from", "mine"], 2);
    for word in [
        "Teams.csv has no column",
        "hint: ",
        "the index from before still answers",
    ] {
        assert!(err.contains(word), "{word}: {err}");
    }
    fs::remove_file(folder.join("Users.csv")).unwrap();
    let (_, err) = scene.run(&["import", "--from", "mine"], 2);
    for word in ["holds no Users.csv", "datasets/kaggle/meta-kaggle"] {
        assert!(err.contains(word), "{word}: {err}");
    }
    let (_, err) = scene.run(&["import", "--from", "nowhere"], 2);
    assert!(err.contains("nowhere is not there"), "{err}");
    let (_, err) = scene.run(&["import", "--from", "mine/Teams.csv"], 2);
    assert!(err.contains("Teams.csv is no folder"), "{err}");
    scene.is_imported(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_kaggle_left_out_is_told_and_the_old_index_answers() {
    let mut files = tables(3);
    let scene = Scene::new(files.clone()).await;
    scene.run(&["import"], 0);
    let teams = "Id,CompetitionId,Medal\n1,2,3\n".as_bytes().to_vec();
    files.insert("Teams.csv".to_owned(), teams);
    scene.kaggle.lock().expect("no panic").files = files;
    let (_, err) = scene.run(&["import"], 1);
    assert!(err.contains("Teams.csv has no column IsBenchmark"), "{err}");
    scene.is_imported(4);
    scene
        .kaggle
        .lock()
        .expect("no panic")
        .files
        .remove("Users.csv");
    let (_, err) = scene.run(&["import", "--force"], 1);
    for word in ["cannot download Users.csv", "HTTP 404", "by hand: download"] {
        assert!(err.contains(word), "{word}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_is_told_with_its_time_binds_the_next_run_and_is_waited_for_when_asked() {
    let scene = Scene::new(tables(3)).await;
    let refuse = |after| {
        let busy = (StatusCode::TOO_MANY_REQUESTS, after);
        scene.kaggle.lock().expect("no panic").refusals.push(busy);
    };
    refuse(900);
    let (_, err) = scene.run(&["import"], 1);
    for word in ["127.0.0.1 asks us to wait until 20", "`--wait 1h`"] {
        assert!(err.contains(word), "{word}: {err}");
    }
    assert_eq!(scene.asked(), 1);
    scene.run(&["import", "--wait", "10m"], 1);
    assert_eq!(
        scene.asked(),
        1,
        "nothing is sent while Kaggle says to wait"
    );

    let other = Scene::new(tables(3)).await;
    other
        .kaggle
        .lock()
        .unwrap()
        .refusals
        .push((StatusCode::TOO_MANY_REQUESTS, 1));
    let mut command = other.command(&["import", "--wait", "1m"]);
    let (_, err) = Scene::done(command.env("PLAUDIT_HTTP__INLINE_WAIT", "0s"), 0);
    assert!(err.contains("Kaggle asks us to wait until"), "{err}");
    other.is_imported(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_stops_nothing_and_shows_nowhere() {
    let scene = Scene::new(tables(3)).await;
    let mut command = scene.command(&["import", "-vvv"]);
    let (_, err) = Scene::done(command.env("KAGGLE_API_TOKEN", TOKEN), 0);
    let told = "warning: Kaggle refused the credential …7Q4Z of KAGGLE_API_TOKEN";
    assert!(err.contains(told), "{err}");
    scene.is_imported(4);
    let proven = scene
        .kaggle
        .lock()
        .unwrap()
        .asked
        .iter()
        .filter(|asked| asked.1)
        .count();
    assert_eq!(proven, 1, "it is tried once");
    for name in names(scene.folder().path()) {
        let bytes = fs::read(scene.folder().path().join(name)).unwrap_or_default();
        assert!(!bytes.windows(8).any(|window| window == b"SecretQx"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_do_not_collide() {
    let scene = Scene::new(tables(2_000)).await;
    scene.kaggle.lock().expect("no panic").pause = Duration::from_secs(1);
    let mut command = scene.command(&["import"]);
    let mut first = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while scene.kaggle.lock().expect("no panic").stored.is_empty() {
        tokio::task::yield_now().await;
    }
    let (_, err) = scene.run(&["import"], 4);
    assert!(err.contains("another import is at work in"), "{err}");
    first.kill().unwrap();
    first.wait().unwrap();
    scene.kaggle.lock().expect("no panic").pause = Duration::ZERO;
    scene.run(&["import"], 0);
    scene.is_imported(2_001);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_with_what_is_needed_and_the_next_import_goes_on() {
    let scene = Scene::new(tables(20_000)).await;
    let program = scene.command(&["import"]);
    // Ignored, the signal leaves the refused write to return an error, as a full disk does. 512-byte blocks.
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(scene.home.path());
    let (_, err) = Scene::done(&mut limited, 4);
    for word in [
        "no room left for",
        "more for this file",
        "about 12 GB for the files",
    ] {
        assert!(err.contains(word), "{word}: {err}");
    }
    scene.run(&["import"], 0);
    scene.is_imported(20_001);
    let kaggle = scene.kaggle.lock().expect("no panic");
    let users: Vec<_> = kaggle
        .stored
        .iter()
        .filter(|(file, _)| file == "Users.csv")
        .collect();
    assert_eq!(users.len(), 2, "{users:?}");
    assert!(users[1].1.is_some(), "{users:?}");
}
