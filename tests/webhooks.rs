//! Webhooks from outside: a receiver on loopback that checks signatures with the standard's own code.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use plaudit::config::{Config, Overrides};
use plaudit::domain::access::AccessRole;
use plaudit::domain::applicant::{Applicant, ApplicantId};
use plaudit::domain::facts::Sources;
use plaudit::domain::freshness::Freshness;
use plaudit::domain::job::Priority;
use plaudit::domain::profile::{ApplicantSummary, Cost, Material, Profile};
use plaudit::domain::review::Review;
use plaudit::domain::rubric::Rubric;
use plaudit::domain::webhook::{Endpoint, WebhookEvent};
use plaudit::refresh::{Changed, Summary, Trigger};
use plaudit::store::{Finished, Lane, Shelf, Store, StoreOptions, Submission};
use plaudit::webhooks::{self, Key, Settings, registry};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::{ROLE, program_in, said};
use crate::server::Server;

/// Longest time that anything here may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A message as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().expect("ASCII")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn event(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }
}

/// A program that receives messages.
pub(crate) struct Receiver {
    pub(crate) url: String,
    received: watch::Receiver<Vec<Received>>,
}

/// What a receiver answers to its message of this number, which is from 0 on.
pub(crate) type Answer = fn(usize) -> axum::response::Response;

impl Receiver {
    pub(crate) async fn start(answer: Answer) -> Self {
        let (sender, received) = watch::channel(Vec::new());
        let sender = Arc::new(sender);
        let receive = move |headers: HeaderMap, body: Bytes| {
            let sender = Arc::clone(&sender);
            async move {
                let mut number = 0;
                sender.send_modify(|all: &mut Vec<Received>| {
                    number = all.len();
                    all.push(Received { headers, body });
                });
                answer(number)
            }
        };
        let router = Router::new().route("/hook", post(receive));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        Self {
            url: format!("http://{address}/hook"),
            received,
        }
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    /// Returns when as many have come.
    pub(crate) async fn have(&self, count: usize) -> Vec<Received> {
        let mut received = self.received.clone();
        let enough = received.wait_for(|all| all.len() >= count);
        let enough = tokio::time::timeout(PATIENCE, enough).await;
        enough.expect("in time").expect("it receives").clone()
    }
}

pub(crate) fn fine(_: usize) -> axum::response::Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A deliverer that runs until it is told to stop.
pub(crate) struct Deliverer {
    stop: CancellationToken,
    runs: tokio::task::JoinHandle<()>,
}

impl Deliverer {
    pub(crate) fn start(store: &Store, settings: Settings) -> Self {
        let stop = CancellationToken::new();
        let delivers = webhooks::deliver(store.clone(), settings, stop.clone());
        let runs = tokio::spawn(async move { delivers.await.expect("the store holds") });
        Self { stop, runs }
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.runs).await;
        ended.expect("in time").expect("no panic");
    }
}

/// Quick ones, for a receiver on this machine.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings {
        key: Key::within(folder).expect("a key"),
        timeout: Duration::from_secs(20),
        keep_trying: Duration::from_hours(24),
        first_wait: Duration::from_millis(10),
        allow_private: true,
    }
}

async fn open(folder: &Path) -> Store {
    let opened = Store::open(folder, StoreOptions::default()).await;
    opened.expect("a store").0
}

async fn empty() -> (TempDir, Store) {
    let folder = TempDir::new().expect("a temporary folder");
    let store = open(folder.path()).await;
    (folder, store)
}

pub(crate) async fn register(store: &Store, url: &str) -> Endpoint {
    let now = Timestamp::now();
    let added = registry::add(store, url, &[], true, now).await;
    added.expect("registered")
}

/// Accepts an applicant, and gives whoever is next a profile as of a day: the same one, unless a crash has left a job.
async fn finish(store: &Store, id: &str, as_of: Date) -> ApplicantId {
    let applicant = Applicant {
        id: id.parse().expect("an id"),
        name: Some("Ada Example".to_owned()),
        email: Some("ada@example.org".to_owned()),
        links: Vec::new(),
        role: ROLE.to_owned(),
        applied_at: None,
        legal_basis: None,
        legal_basis_at: None,
    };
    let material = Material {
        applicant: ApplicantSummary::from(&applicant),
        role: applicant.role.clone(),
        sources: Sources::default(),
        review: Review::default(),
        cost: Cost::default(),
        notices: Vec::new(),
    };
    let submission = Submission {
        applicant,
        priority: Priority::Interactive,
        force: true,
    };
    let now = Timestamp::now();
    let accepted = store.accept(vec![submission], now, Freshness::never());
    accepted.await.expect("accepted");
    let leased = store.lease("a test", now, PATIENCE, Lane::Any).await;
    let leased = leased.expect("leased").expect("a job");
    let rubric = Rubric::embedded(ROLE).expect("a rubric");
    let material = Material {
        applicant: ApplicantSummary::from(&leased.applicant),
        ..material
    };
    let before = store.profile(&leased.applicant.id).await.expect("readable");
    let profile = Profile::judge(material, &rubric, as_of, before.as_ref());
    let finished = store.finish(&leased.lease, profile, now).await;
    assert_eq!(finished.expect("finished"), Finished::Done);
    leased.applicant.id
}

const DAY: Date = date(2026, 11, 24);

/// Returns when as many records are on a shelf.
async fn holds(store: &Store, shelf: Shelf, count: u64) {
    let mut feed = store.feed();
    let reached = async {
        while store.count(shelf).await.expect("readable") != count {
            feed.next().await.expect("the store is open");
        }
    };
    let reached = tokio::time::timeout(PATIENCE, reached).await;
    reached.unwrap_or_else(|_| panic!("{shelf:?} never held {count}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_with_a_signature_that_the_standards_own_code_accepts() {
    let (folder, store) = empty().await;
    let inbox = Receiver::start(fine).await;
    let endpoint = register(&store, &inbox.url).await;
    let settings = settings(folder.path());
    let secret = settings.key.secret(&endpoint.id).expose_secret().to_owned();
    let deliverer = Deliverer::start(&store, settings);

    finish(&store, "ada", DAY).await;
    inbox.have(1).await;
    // The same facts on the same day are no news.
    finish(&store, "ada", DAY).await;
    finish(&store, "ada", DAY.saturating_add(1.day())).await;
    inbox.have(2).await;
    let summary = summary();
    let told = webhooks::of_refresh(&summary);
    let now = Timestamp::now();
    let announced = webhooks::announce(&store, WebhookEvent::RefreshFinished, &told, now);
    announced.await.expect("kept");
    let received = inbox.have(3).await;
    holds(&store, Shelf::Deliveries, 0).await;
    deliverer.end().await;

    let verifier = Webhook::new(&secret).expect("a secret");
    let other = format!("whsec_{}", &secret["whsec_".len() + 4..]);
    let other = Webhook::new(&other).expect("a secret");
    for one in &received {
        verifier.verify(&one.body, &one.headers).expect("signed");
        other
            .verify(&one.body, &one.headers)
            .expect_err("another secret");
        let spoilt = [&one.body[..], b" "].concat();
        verifier.verify(&spoilt, &one.headers).expect_err("spoilt");
        assert_eq!(one.headers["content-type"], "application/json");
        let agent = concat!("plaudit/", env!("CARGO_PKG_VERSION"));
        assert_eq!(one.headers["user-agent"], agent);
    }
    let events: Vec<_> = received.iter().map(Received::event).collect();
    assert_eq!(
        events,
        ["profile.ready", "profile.changed", "refresh.finished"]
    );
    let ready = received[0].json();
    let data = &ready["data"];
    assert_eq!(data["applicant"], "ada");
    assert_eq!(data["profile"], "/api/v1/applicants/ada");
    for word in ["Ada Example", "ada@example.org"] {
        let named = received
            .iter()
            .any(|one| String::from_utf8_lossy(&one.body).contains(word));
        assert!(!named, "{word}");
    }
    let finished = received[2].json();
    assert_eq!(finished["data"]["changed"], 1);
    assert!(!finished.to_string().contains("ada"), "{finished}");
}

fn summary() -> Summary {
    let began: Timestamp = "2026-11-24T02:00:00Z".parse().expect("a time");
    Summary {
        trigger: Trigger::Schedule,
        began,
        ended: began + SignedDuration::from_secs(40),
        applicants: 10,
        checked: 9,
        unchanged: 8,
        fetched: 1,
        changed: vec![Changed {
            id: "ada".to_owned(),
            low: (1.0, 2.0),
            what: vec!["a stranger's title".to_owned()],
        }],
        failed: Vec::new(),
        requests: 3.0,
        points: 2.0,
        kaggle: None,
        retention: Vec::new(),
        notices: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_fails_is_tried_again_under_the_same_name() {
    fn third_time(number: usize) -> axum::response::Response {
        match number {
            0 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            1 => (StatusCode::SERVICE_UNAVAILABLE, "x".repeat(100_000)).into_response(),
            _ => StatusCode::OK.into_response(),
        }
    }
    let (folder, store) = empty().await;
    let inbox = Receiver::start(third_time).await;
    register(&store, &inbox.url).await;
    let deliverer = Deliverer::start(&store, settings(folder.path()));
    finish(&store, "ada", DAY).await;
    let received = inbox.have(3).await;
    holds(&store, Shelf::Deliveries, 0).await;
    deliverer.end().await;
    let ids: BTreeSet<_> = received.iter().map(Received::id).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let bodies: BTreeSet<_> = received.iter().map(|one| &one.body).collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(inbox.all().len(), 3, "delivered once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_says_it_is_gone_is_called_no_more() {
    let (folder, store) = empty().await;
    let inbox = Receiver::start(|_| StatusCode::GONE.into_response()).await;
    register(&store, &inbox.url).await;
    for id in ["ada", "ben", "cleo"] {
        finish(&store, id, DAY).await;
    }
    let deliverer = Deliverer::start(&store, settings(folder.path()));
    holds(&store, Shelf::DeadLetters, 3).await;
    finish(&store, "dan", DAY).await;
    deliverer.end().await;
    assert_eq!(inbox.all().len(), 1);
    assert_eq!(registry::endpoints(&store).await.expect("readable"), []);
    assert_eq!(store.count(Shelf::Deliveries).await.expect("readable"), 0);
    let dead = registry::dead_letters(&store, None, 10)
        .await
        .expect("readable");
    for (_, letter) in dead {
        let why = letter.problem.expect("a reason");
        assert!(why.contains("410"), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_a_failure_and_not_followed() {
    fn elsewhere(_: usize) -> axum::response::Response {
        (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response()
    }
    let (folder, store) = empty().await;
    let inbox = Receiver::start(elsewhere).await;
    register(&store, &inbox.url).await;
    let settings = Settings {
        keep_trying: Duration::ZERO,
        ..settings(folder.path())
    };
    let deliverer = Deliverer::start(&store, settings);
    finish(&store, "ada", DAY).await;
    holds(&store, Shelf::DeadLetters, 1).await;
    deliverer.end().await;
    let dead = registry::dead_letters(&store, None, 10)
        .await
        .expect("readable");
    assert_eq!(dead[0].1.problem.as_deref(), Some("HTTP 307"));
    assert_eq!(inbox.all().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_answers_holds_up_nobody_else() {
    // It takes connections, and says nothing.
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a port");
    let address = silent.local_addr().expect("an address");
    let (folder, store) = empty().await;
    let inbox = Receiver::start(fine).await;
    register(&store, &format!("http://{address}/")).await;
    register(&store, &inbox.url).await;
    let settings = Settings {
        timeout: Duration::from_secs(5),
        ..settings(folder.path())
    };
    let deliverer = Deliverer::start(&store, settings);
    finish(&store, "ada", DAY).await;
    let (held, _) = silent.accept().await.expect("it is called");
    for number in 0..20 {
        finish(&store, &format!("made-up-{number}"), DAY).await;
    }
    inbox.have(21).await;
    // All that while the first call was under way, and no other one to the same endpoint.
    holds(&store, Shelf::Deliveries, 21).await;
    let more = tokio::time::timeout(Duration::ZERO, silent.accept()).await;
    assert!(more.is_err(), "{more:?}");
    drop(held);
    deliverer.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_listed_page_by_page_and_tried_again_over_http() {
    fn at_first_not(number: usize) -> axum::response::Response {
        let status = if number < 3 {
            StatusCode::BAD_GATEWAY
        } else {
            StatusCode::OK
        };
        status.into_response()
    }
    let (folder, store) = empty().await;
    let inbox = Receiver::start(at_first_not).await;
    let server = Server::over(store.clone(), &config(folder.path(), &[])).await;
    let client = server.client(AccessRole::Admin).await;
    register(&store, &inbox.url).await;
    let settings = Settings {
        keep_trying: Duration::ZERO,
        ..settings(folder.path())
    };
    let deliverer = Deliverer::start(&store, settings);
    for id in ["ada", "ben", "cleo"] {
        finish(&store, id, DAY).await;
    }
    holds(&store, Shelf::DeadLetters, 3).await;
    let page = async |path: &str| {
        let answer = client.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json::<Value>().await.expect("JSON")
    };
    let first = page("/api/v1/dead-letters?limit=2").await;
    let letters = first["dead_letters"].as_array().expect("letters");
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0]["problem"], "HTTP 502");
    assert_eq!(letters[0]["attempts"], 1);
    let cursor = first["next"].as_str().expect("another page");
    let second = page(&format!("/api/v1/dead-letters?limit=2&cursor={cursor}")).await;
    assert_eq!(second["dead_letters"].as_array().expect("letters").len(), 1);
    assert_eq!(second["next"], Value::Null);
    for bad in [
        "limit=0",
        "limit=501",
        "limit=x",
        "cursor=%00",
        "cursor=%C3%A4",
    ] {
        let answer = client.get(&format!("/api/v1/dead-letters?{bad}")).await;
        assert_eq!(answer.status(), 400, "{bad}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }

    let id = letters[0]["id"].as_str().expect("an id");
    let again = format!("/api/v1/dead-letters/{id}/retry");
    assert_eq!(client.post(&again, &json!({})).await.status(), 202);
    let received = inbox.have(4).await;
    assert_eq!(received[3].id(), id, "the same message");
    holds(&store, Shelf::DeadLetters, 2).await;
    holds(&store, Shelf::Deliveries, 0).await;
    assert_eq!(client.post(&again, &json!({})).await.status(), 404);
    deliverer.end().await;
}

/// Settings for a data folder, and nothing of this machine's.
fn config(folder: &Path, extra: &[(&str, &str)]) -> Config {
    let folder = folder.to_str().expect("UTF-8");
    let mut environment: BTreeMap<String, String> =
        [("HOME", folder), ("PLAUDIT_DATA_DIR", folder)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
    for (name, value) in extra {
        environment.insert((*name).to_owned(), (*value).to_owned());
    }
    Config::load(&Overrides::default(), &environment).expect("settings")
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_registered_listed_and_removed_over_http() {
    let (folder, store) = empty().await;
    let config = config(folder.path(), &[]);
    let server = Server::over(store.clone(), &config).await;
    let client = server.client(AccessRole::Admin).await;
    let url = "https://ats.example.org/plaudit";
    let wish = json!({"url": url, "events": ["profile.changed", "profile.changed"]});
    let made = client.post("/api/v1/webhooks", &wish).await;
    assert_eq!(made.status(), 201);
    let location = made.headers()["location"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let made: Value = made.json().await.expect("JSON");
    let id = made["id"].as_str().expect("an id");
    assert_eq!(location, format!("/api/v1/webhooks/{id}"));
    assert_eq!(made["events"], json!(["profile.changed"]));
    let key = Key::within(folder.path()).expect("a key");
    assert_eq!(made["secret"], key.secret(id).expose_secret());

    let listed: Value = client
        .get("/api/v1/webhooks")
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(listed["webhooks"][0]["url"], url);
    assert_eq!(listed["webhooks"][0]["waiting"], 0);
    assert!(!listed.to_string().contains("whsec_"), "{listed}");

    for (wish, status) in [
        (wish.clone(), 409),
        (json!({"url": "http://ats.example.org/"}), 422),
        (json!({"url": "https://127.0.0.1/"}), 422),
        (json!({"url": "https://[::ffff:10.0.0.1]/"}), 422),
        (json!({"url": "https://localhost/"}), 422),
        (json!({"url": "https://user:secret@ats.example.org/"}), 422),
        (json!({"url": url, "events": ["made.up"]}), 422),
        (json!({"url": url, "made": "up"}), 422),
        (json!({}), 422),
        (json!([]), 422),
    ] {
        let answer = client.post("/api/v1/webhooks", &wish).await;
        assert_eq!(answer.status(), status, "{wish}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem = answer.text().await.expect("a text");
        assert!(!problem.contains("user:secret"), "{problem}");
    }
    for (kind, body, status) in [("application/json", "{", 400), ("text/plain", "{}", 415)] {
        let request = client.request(reqwest::Method::POST, "/api/v1/webhooks");
        let request = request.header("content-type", kind).body(body);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{kind} {body}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }

    for status in [204, 404] {
        let request = client.request(reqwest::Method::DELETE, &location);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_tells_whether_it_lives_whether_it_takes_work_and_what_it_counts() {
    let (folder, store) = empty().await;
    finish(&store, "ada", DAY).await;
    let server = Server::over(store.clone(), &config(folder.path(), &[])).await;
    register(&store, "https://ats.example.org/").await;
    finish(&store, "ben", DAY).await;
    let stranger = server.stranger();
    let alive = stranger.get("/healthz").await;
    assert_eq!(alive.status(), 200);
    assert_eq!(alive.text().await.expect("a text"), "ok");
    let ready: Value = stranger.get("/readyz").await.json().await.expect("JSON");
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["checks"]["store"], "ok");

    let client = server.client(AccessRole::Viewer).await;
    let expected = [
        format!(
            "plaudit_build_info{{version=\"{}\"}} 1",
            env!("CARGO_PKG_VERSION")
        ),
        "plaudit_queue_jobs{state=\"ready\"} 0".to_owned(),
        "plaudit_queue_oldest_age_seconds 0".to_owned(),
        format!("plaudit_profiles{{role=\"{ROLE}\"}} 2"),
        "plaudit_webhook_waiting 1".to_owned(),
        "plaudit_dead_letters 0".to_owned(),
    ];
    // Other tests' servers count in the same process: what they set may stand there for a moment.
    let told = async {
        loop {
            let answer = client.get("/metrics").await;
            assert_eq!(answer.status(), 200);
            let kind = answer.headers()["content-type"].to_str().expect("ASCII");
            assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
            let told = answer.text().await.expect("a text");
            if expected
                .iter()
                .all(|line| told.lines().any(|one| one == line))
            {
                return;
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await;
    told.unwrap_or_else(|_| panic!("never told: {expected:?}"));
}

#[test]
fn the_command_registers_lists_and_removes() {
    let home = TempDir::new().expect("a temporary folder");
    let run = |words: &[&str]| said(program_in(home.path()).arg("webhook").args(words));
    let url = "https://ats.example.org/plaudit";
    let added = run(&["add", url]);
    added.is(0, &["registered"]);
    let secret = added.out.trim();
    assert!(
        secret.starts_with("whsec_") && !secret.contains('\n'),
        "{secret}"
    );
    let listed = run(&["list", "--format", "json"]);
    listed.is(0, &[]);
    let rows: Value = serde_json::from_str(&listed.out).expect("JSON");
    let id = rows[0]["id"].as_str().expect("an id");
    assert_eq!(rows[0]["url"], url);
    let events = json!(["profile.ready", "profile.changed", "refresh.finished"]);
    assert_eq!(rows[0]["events"], events);
    assert_eq!(run(&["secret", id]).is(0, &[]).out.trim(), secret);
    run(&["add", url]).is(2, &["registered already", "hint: "]);
    run(&["add", "http://ats.example.org/"]).is(2, &["only https"]);
    run(&["add", "https://10.0.0.1/"]).is(2, &["private network"]);
    run(&["dead-letters"]).is(0, &["no message was given up"]);
    run(&["retry", "--all"]).is(0, &["tried again by the server: 0"]);
    run(&["retry", "msg_0123456789abcdef"]).is(2, &["no message"]);
    run(&["remove", id]).is(0, &["removed"]);
    run(&["remove", id]).is(2, &["there is no webhook"]);
    run(&["secret", id]).is(2, &["there is no webhook"]);
}

/// The variable that names the data folder to the process that is killed, and from which number on it counts.
const CHILD: &str = "WEBHOOKS_TEST_CHILD";

/// Ends this process's part in a test: it finishes profiles and delivers until it is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process of its own, which `no_message_is_lost_when_the_process_is_killed` starts and kills"]
async fn the_process_that_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "a test speaks to its child")]
    let given = std::env::var(CHILD).expect("started by the other test");
    let (first, folder) = given.split_once(' ').expect("two words");
    let first: u32 = first.parse().expect("a number");
    let folder = Path::new(folder);
    let store = open(folder).await;
    let deliverer = Deliverer::start(&store, settings(folder));
    for number in first.. {
        let id = format!("made-up-{number}");
        println!("finished {}", finish(&store, &id, DAY).await);
        if number.is_multiple_of(3) {
            // Another day, another profile.
            let other = DAY.saturating_add(1.day());
            println!("finished {}", finish(&store, &id, other).await);
        }
        assert!(!deliverer.runs.is_finished(), "it delivers to the end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_lost_when_the_process_is_killed() {
    const KILLS: u32 = 20;
    /// One in four is refused.
    fn moody(number: usize) -> axum::response::Response {
        if number.is_multiple_of(4) {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        } else {
            StatusCode::OK.into_response()
        }
    }
    let (folder, store) = empty().await;
    let inbox = Receiver::start(moody).await;
    register(&store, &inbox.url).await;
    store.close().await.expect("closed");
    let mut random = fastrand::Rng::with_seed(5);
    let mut said: BTreeSet<String> = BTreeSet::new();
    for kill in 0..KILLS {
        let first = 1_000 * kill;
        let after = random.usize(1..40);
        let folder = folder.path().to_owned();
        let lines = tokio::task::spawn_blocking(move || until_killed(&folder, first, after));
        said.extend(lines.await.expect("no panic"));
    }

    let store = open(folder.path()).await;
    let deliverer = Deliverer::start(&store, settings(folder.path()));
    holds(&store, Shelf::Deliveries, 0).await;
    deliverer.end().await;
    assert_eq!(store.count(Shelf::DeadLetters).await.expect("readable"), 0);
    let verified = store.verify().await.expect("readable");
    assert_eq!(verified.damaged, Vec::<String>::new());

    // What the store holds is the truth: of whom, and how many profiles one after another.
    let mut due: BTreeMap<(ApplicantId, String), usize> = BTreeMap::new();
    for id in store.ids().await.expect("readable") {
        let earlier = store.history(&id).await.expect("readable").len();
        due.insert((id.clone(), "profile.ready".to_owned()), 1);
        if earlier > 0 {
            due.insert((id, "profile.changed".to_owned()), earlier);
        }
    }
    for id in &said {
        let id: ApplicantId = id.parse().expect("an id");
        let ready = (id, "profile.ready".to_owned());
        assert!(due.contains_key(&ready), "the store lost {ready:?}");
    }
    let mut told: BTreeMap<(ApplicantId, String), BTreeSet<String>> = BTreeMap::new();
    let received = inbox.all();
    for one in &received {
        let id = one.json()["data"]["applicant"]
            .as_str()
            .expect("an id")
            .to_owned();
        let whom = (id.parse().expect("an id"), one.event());
        told.entry(whom).or_default().insert(one.id().to_owned());
    }
    let told: BTreeMap<_, _> = told
        .into_iter()
        .map(|(whom, messages)| (whom, messages.len()))
        .collect();
    assert_eq!(
        told, due,
        "each is told, once or more under one name, and nothing else"
    );
    println!(
        "{KILLS} kills: {} messages due, each delivered; {} calls",
        due.values().sum::<usize>(),
        received.len()
    );
}

/// Starts the process, lets it finish so many profiles, kills it, and returns whose it has said to be finished.
fn until_killed(folder: &Path, first: u32, after: usize) -> Vec<String> {
    let program = std::env::current_exe().expect("this test");
    let folder = folder.to_str().expect("UTF-8");
    let mut child = Command::new(program)
        .args(["--exact", "webhooks::the_process_that_is_killed"])
        .args(["--ignored", "--nocapture"])
        .env(CHILD, format!("{first} {folder}"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child");
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut lines = out
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| Some(line.strip_prefix("finished ")?.to_owned()));
    let mut said: Vec<String> = lines.by_ref().take(after).collect();
    assert_eq!(said.len(), after, "the child ended by itself");
    child.kill().expect("killed");
    // What was said between the last line and the end.
    said.extend(lines);
    child.wait().expect("its end");
    said
}
