//! `plaudit serve`: how it begins, how it ends, and what it refuses.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use plaudit::api::access::tokens;
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::domain::freshness::Freshness;
use plaudit::domain::job::{JobState, Priority};
use plaudit::intake;
use plaudit::standin::{Behaviour, World, generated_list};
use plaudit::store::{Accepted, Opening, Store, StoreError, Submission};

use crate::app::{ROLE, TestApp, said};

/// How long anything may take that is waited for. Far more than it does.
const DEADLINE: Duration = Duration::from_mins(4);

/// A running `plaudit serve`. It is killed when it is dropped.
pub(crate) struct Serving {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    /// The lines on standard output so far, the address first.
    pub(crate) said: Vec<String>,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

impl Serving {
    /// Begins a server on a free port, with settings of its own, and waits until it listens.
    pub(crate) fn start(app: &TestApp, settings: &[(&str, &str)]) -> Self {
        let mut command = app.program();
        command.envs(settings.iter().copied());
        Self::of(&mut command)
    }

    /// The same with a program that has its settings already.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let out = BufReader::new(child.stdout.take().expect("piped"));
        let mut serving = Self {
            child,
            out,
            said: Vec::new(),
            url: String::new(),
        };
        let first = serving.line();
        let Some(url) = first.strip_prefix("listening on ") else {
            let mut err = String::new();
            let stderr = serving.child.stderr.as_mut().expect("piped");
            stderr.read_to_string(&mut err).expect("UTF-8");
            panic!("it does not listen: {first:?}\n{err}");
        };
        url.clone_into(&mut serving.url);
        serving
    }

    /// The next line on standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("UTF-8");
        let line = line.trim_end().to_owned();
        self.said.push(line.clone());
        line
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).expect("an id");
        let id = rustix::process::Pid::from_raw(id).expect("an id");
        rustix::process::kill_process(id, signal).expect("it runs");
    }

    /// Ends it as a system does, and waits.
    pub(crate) fn end(self) -> (ExitStatus, String) {
        self.signal(rustix::process::Signal::TERM);
        self.ended()
    }

    /// Waits until it has ended; how, and what it said on standard error.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let mut stderr = self.child.stderr.take().expect("piped");
        // Read beside, or a full pipe would hold it.
        let reading = std::thread::spawn(move || {
            let mut err = String::new();
            stderr.read_to_string(&mut err).expect("UTF-8");
            err
        });
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(began.elapsed() < DEADLINE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        (status, reading.join().expect("read"))
    }

    /// Pulls the plug.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("reaped");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < DEADLINE, "{what} does not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A store that a server has.
pub(crate) async fn beside(folder: &Path) -> Store {
    let connected = Store::connect(folder).await.expect("a server");
    connected.expect("a server")
}

/// Accepts a list.
pub(crate) async fn accept(
    app: &TestApp,
    store: &Store,
    list: &str,
    priority: Priority,
) -> Result<Vec<Accepted>, StoreError> {
    let hosts = session::hosts(&app.config).expect("hosts");
    let list = intake::read(list.as_bytes(), ROLE, &hosts).expect("a list");
    let submissions = list.applicants.into_iter().map(|listed| Submission {
        applicant: listed.applicant,
        priority,
        force: true,
    });
    let now = Timestamp::now();
    store
        .accept(submissions.collect(), now, Freshness::never())
        .await
}

async fn app(count: usize, latency: Duration) -> TestApp {
    let behaviour = Behaviour {
        latency,
        ..Behaviour::default()
    };
    TestApp::start(World::generated(count, 5), behaviour, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_where_it_listens_and_how_to_sign_in_and_ends_in_order() {
    let app = app(1, Duration::ZERO).await;
    let mut serving = Serving::start(&app, &[]);
    let sign_in = serving.line();
    let secret = sign_in
        .strip_prefix(&format!("sign in: {}/sign-in#", serving.url))
        .expect("the address, and a token behind it");
    assert!(secret.starts_with("plaudit_"), "{sign_in}");
    let get = client().get(format!("{}/api/v1/session", serving.url));
    let answered = get.bearer_auth(secret).send().await;
    assert_eq!(answered.expect("an answer").status().as_u16(), 200);
    let get = client().get(format!("{}/api/v1/session", serving.url));
    let answered = get.send().await;
    assert_eq!(answered.expect("an answer").status().as_u16(), 401);

    let store = beside(&app.config.data_dir).await;
    let now = Timestamp::now();
    let shown = secret.to_owned().into();
    let find = |at| tokens::find(&store, &shown, at);
    let token = find(now).await.expect("readable").expect("valid");
    assert_eq!(
        (token.role, token.name.as_str()),
        (AccessRole::Admin, "first sign-in")
    );
    let later = now + SignedDuration::from_hours(25);
    assert!(find(later).await.expect("readable").is_none());
    drop(store);

    let secret = secret.to_owned();
    let (status, err) = serving.end();
    assert_eq!(status.code(), Some(0), "{err}");
    assert!(err.contains("listening") && err.contains("ended"), "{err}");
    assert!(!err.contains(&secret), "no secret is logged");
    assert!(!app.config.data_dir.join("plaudit.sock").exists());
    let (store, opening) = session::open_store(&app.config).await.expect("free again");
    assert!(!store.is_remote());
    assert_eq!((opening.recovered.len(), opening.missing), (0, 0));
    store.close().await.expect("closed");

    // There is a token by now, so that none is made.
    let mut serving = Serving::start(&app, &[]);
    serving.signal(rustix::process::Signal::INT);
    assert_eq!(serving.line(), "");
    assert_eq!(serving.ended().0.code(), Some(0));
}

/// A client without a token.
pub(crate) fn client() -> reqwest::Client {
    plaudit::http::install_crypto();
    let client = reqwest::Client::builder().no_proxy().timeout(DEADLINE);
    client.build().expect("a client")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_listens_for_others_only_when_somebody_may_sign_in() {
    let app = app(1, Duration::ZERO).await;
    let elsewhere = ["serve", "--listen", "0.0.0.0:0"];
    let refused = || {
        said(app.program().args(elsewhere)).is(
            2,
            &[
                "0.0.0.0:0",
                "no valid token",
                "hint",
                "plaudit token create",
            ],
        );
    };
    refused();
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    assert_eq!(tokens::list(&store).await.expect("readable").len(), 0);
    let now = Timestamp::now();
    let later = now + SignedDuration::from_hours(1);
    let made = tokens::make(&store, "revoked", AccessRole::Admin, now, later).await;
    let id = made.expect("a token").token.id;
    tokens::revoke(&store, &id, now).await.expect("revoked");
    store.close().await.expect("closed");
    refused();

    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let made = tokens::make(&store, "valid", AccessRole::Viewer, now, later).await;
    made.expect("a token");
    store.close().await.expect("closed");
    let mut child = app
        .program()
        .args(elsewhere)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    out.read_line(&mut line).expect("UTF-8");
    child.kill().expect("killed");
    child.wait().expect("reaped");
    assert!(line.starts_with("listening on http://0.0.0.0:"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_told_with_what_to_do() {
    let app = app(1, Duration::ZERO).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    said(app.program().args(["serve", "--listen", &address])).is(
        4,
        &[
            &address,
            "caused by",
            "hint: another program listens there",
            "serve.listen",
        ],
    );
    // And nobody was given a token that nobody has seen.
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    assert_eq!(tokens::list(&store).await.expect("readable").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_over_the_same_folder_is_refused() {
    let app = app(1, Duration::ZERO).await;
    let serving = Serving::start(&app, &[]);
    said(app.program().args(["serve", "--listen", "127.0.0.1:0"])).is(
        4,
        &[
            "in use by another plaudit",
            "hint: a server runs over it already",
        ],
    );
    // The first one is none the worse.
    assert_eq!(
        beside(&app.config.data_dir).await.ids().await.expect("ids"),
        []
    );
    assert_eq!(serving.end().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_a_socket_is_in_use_as_ever() {
    let app = app(1, Duration::ZERO).await;
    let (store, _) = session::open_own(&app.config).await.expect("a store");
    said(app.program().args(["rank"])).is(4, &["in use by another plaudit", "wait for it to end"]);
    store.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_the_next_server_takes_the_socket_over() {
    let app = app(1, Duration::ZERO).await;
    let socket = app.config.data_dir.join("plaudit.sock");
    Serving::start(&app, &[]).kill();
    assert!(socket.exists());
    // A command finds nobody there, and opens the folder itself.
    said(app.program().args(["rank", "--format", "csv"])).is(0, &[]);
    let serving = Serving::start(&app, &[]);
    said(app.program().args(["rank", "--format", "csv"])).is(0, &[]);
    assert_eq!(serving.end().0.code(), Some(0));
    assert!(!socket.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_at_the_end_is_finished_or_given_back_and_nothing_is_lost() {
    const COUNT: usize = 60;
    let app = app(COUNT, Duration::from_millis(150)).await;
    let settings = [
        ("PLAUDIT_GITHUB__IN_FLIGHT", "2"),
        ("PLAUDIT_WORKER__WORKERS", "12"),
        ("PLAUDIT_WORKER__GRACE", "200ms"),
    ];
    let serving = Serving::start(&app, &settings);
    let store = beside(&app.config.data_dir).await;
    let list = generated_list(COUNT);
    let accepted = accept(&app, &store, &list, Priority::Interactive).await;
    assert_eq!(accepted.expect("accepted").len(), COUNT);
    until("work", async || {
        let waiting = store.waiting(Timestamp::now()).await.expect("readable");
        let done = store.ids().await.expect("readable").len();
        waiting.leased > 0 && done > 0
    })
    .await;
    drop(store);
    let (status, err) = serving.end();
    assert_eq!(status.code(), Some(0), "{err}");

    let (store, opening) = session::open_store(&app.config).await.expect("a store");
    // Given back by the pool, and not found by whoever comes next.
    assert_eq!(
        opening,
        Opening {
            verified: opening.verified,
            ..Opening::default()
        }
    );
    let jobs = store.jobs().await.expect("readable");
    assert!(
        jobs.iter().all(|job| job.state == JobState::Ready),
        "{jobs:?}"
    );
    let done = store.ids().await.expect("readable").len();
    assert_eq!(jobs.len() + done, COUNT);
    assert!(!jobs.is_empty() && done > 0, "it was ended in the middle");
    store.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let app = app(8, Duration::from_secs(30)).await;
    let serving = Serving::start(&app, &[("PLAUDIT_WORKER__GRACE", "10m")]);
    let store = beside(&app.config.data_dir).await;
    let list = generated_list(8);
    accept(&app, &store, &list, Priority::Interactive)
        .await
        .expect("accepted");
    until("work", async || {
        store
            .waiting(Timestamp::now())
            .await
            .expect("readable")
            .leased
            == 8
    })
    .await;
    serving.signal(rustix::process::Signal::TERM);
    // The socket goes with the first one.
    until("the end of the talk", async || store.ids().await.is_err()).await;
    serving.signal(rustix::process::Signal::TERM);
    assert_eq!(serving.ended().0.code(), Some(130));
    let (store, opening) = session::open_store(&app.config).await.expect("a store");
    assert_eq!(opening.missing, 0);
    assert_eq!(store.jobs().await.expect("readable").len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_log_is_one_object_a_line_and_holds_no_name_and_no_link() {
    let app = app(3, Duration::ZERO).await;
    let serving = Serving::start(&app, &[("PLAUDIT_LOG__FORMAT", "json")]);
    let store = beside(&app.config.data_dir).await;
    let list = generated_list(3);
    accept(&app, &store, &list, Priority::Interactive)
        .await
        .expect("accepted");
    until("profiles", async || {
        store.ids().await.expect("readable").len() == 3
    })
    .await;
    let get = client().get(format!("{}/applicants/gen-000000", serving.url));
    get.send().await.expect("an answer");
    drop(store);
    let (status, err) = serving.end();
    assert_eq!(status.code(), Some(0), "{err}");
    let mut messages = Vec::new();
    for line in err.lines() {
        let object: serde_json::Value = serde_json::from_str(line).expect(line);
        assert!(
            object["timestamp"].is_string() && object["level"].is_string(),
            "{line}"
        );
        messages.push(
            object["fields"]["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    for message in ["listening", "a profile is ready", "ended"] {
        assert!(messages.iter().any(|said| said == message), "{messages:?}");
    }
    for strange in ["Applicant 0", "https://github.com"] {
        assert!(!err.contains(strange), "{strange}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_person_waits_for_goes_before_a_refresh_that_is_under_way() {
    const REFRESHED: usize = 200;
    let app = app(REFRESHED + 1, Duration::from_millis(40)).await;
    let settings = [
        ("PLAUDIT_GITHUB__IN_FLIGHT", "3"),
        ("PLAUDIT_GITHUB__BATCH", "2"),
        ("PLAUDIT_WORKER__WORKERS", "16"),
        ("PLAUDIT_REFRESH__ENABLED", "false"),
    ];
    let serving = Serving::start(&app, &settings);
    let store = beside(&app.config.data_dir).await;
    let list = generated_list(REFRESHED + 1);
    let (many, newcomer) = list.trim_end().rsplit_once('\n').expect("rows");
    accept(&app, &store, many, Priority::Refresh)
        .await
        .expect("accepted");
    until("the refresh", async || {
        store.ids().await.expect("readable").len() > 4
    })
    .await;
    let before = store.ids().await.expect("readable").len();
    let one = format!("id,name,github\n{newcomer}\n");
    accept(&app, &store, &one, Priority::Interactive)
        .await
        .expect("accepted");
    let who = newcomer
        .split(',')
        .next()
        .expect("an id")
        .parse()
        .expect("an id");
    until("the one", async || {
        store.profile_mark(&who).await.expect("readable").is_some()
    })
    .await;
    let done = store.ids().await.expect("readable").len();
    println!(
        "{before} of {REFRESHED} were refreshed when somebody came, {done} when that one was done"
    );
    assert!(
        done < REFRESHED / 2,
        "{done} were done before the one that a person waits for"
    );
    serving.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_people_are_not_asked_for() {
    let app = app(1, Duration::ZERO).await;
    std::fs::create_dir_all(&app.config.data_dir).expect("a folder");
    std::fs::write(app.config.data_dir.join("plaudit-demo"), "").expect("written");
    said(app.program().args(["serve", "--listen", "127.0.0.1:0"])).is(2, &["made up"]);
}
