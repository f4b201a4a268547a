//! A full disk: nothing new is taken, with a clear word, and everything goes on once there is room.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use plaudit::commands::session;
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::profile::Profile;
use plaudit::standin::{Behaviour, World, generated_list};
use reqwest::{Client, Response};
use serde_json::Value;

use crate::app::{ROLE, TestApp, all_are_wanted, comparable, github, login, said};
use crate::chaos::upheaval::disk::SmallDisk;
use crate::serve::{Serving, beside, client, until};

/// Applicants. Count.
const APPLICANTS: usize = 60;

/// Too little for the store, which wants 32 MB left free; and enough for what the engine itself writes. Bytes.
const FULL: u64 = 12 << 20;

async fn app(applicants: usize) -> TestApp {
    let behaviour = Behaviour {
        latency: Duration::from_millis(60),
        ..Behaviour::default()
    };
    TestApp::start(World::generated(applicants, 9), behaviour, &[]).await
}

/// A small disk in the place of the data folder; `None`: none may be mounted here, which is said.
fn small_disk(app: &TestApp) -> Option<SmallDisk> {
    let disk = SmallDisk::mount(&app.config.data_dir, 160).expect("a folder");
    if disk.is_none() {
        assert!(!all_are_wanted(), "no disk may be mounted here");
        println!("skipped: no disk may be mounted here");
    }
    disk
}

/// A server that works slowly, and the token to ask it with.
fn serving(app: &TestApp) -> (Serving, String) {
    let slowly = [
        ("PLAUDIT_GITHUB__IN_FLIGHT", "2"),
        ("PLAUDIT_GITHUB__BATCH", "2"),
        ("PLAUDIT_WORKER__WORKERS", "8"),
        ("PLAUDIT_REFRESH__ENABLED", "false"),
    ];
    let mut serving = Serving::start(app, &slowly);
    let line = serving.line();
    let secret = line.rsplit_once('#').expect("a token").1.to_owned();
    (serving, secret)
}

async fn get(http: &Client, secret: &str, url: String) -> Response {
    let sent = http.get(url).bearer_auth(secret).send().await;
    sent.expect("an answer")
}

async fn send(http: &Client, secret: &str, url: String, list: String) -> (u16, Value) {
    let request = http.post(url).bearer_auth(secret);
    let request = request.header("content-type", "text/csv").body(list);
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

/// Every profile is true, and the only one of its applicant.
async fn all_true(app: &TestApp, store: &plaudit::store::Store) {
    let profiles = store.profiles_of_role(ROLE).await.expect("readable");
    let by_id = |profile: Profile| (profile.applicant.id.clone(), profile);
    let profiles: BTreeMap<ApplicantId, Profile> = profiles.into_iter().map(by_id).collect();
    assert_eq!(profiles.len(), APPLICANTS);
    for (id, profile) in &profiles {
        let truth = comparable(&app.truth(login(profile)));
        assert!(comparable(github(profile)) == truth, "{id}");
        assert!(
            store.history(id).await.expect("readable").is_empty(),
            "{id} twice"
        );
    }
    let verified = store.verify().await.expect("readable");
    assert_eq!(verified.damaged, Vec::<String>::new());
    assert_eq!(app.stand_in.report().sent_while_told_to_wait, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_a_full_disk_rests_with_a_clear_word_and_goes_on_by_itself() {
    let app = app(APPLICANTS).await;
    let Some(disk) = small_disk(&app) else { return };
    let (serving, secret) = serving(&app);
    let (http, url) = (client(), serving.url.clone());
    let imports = format!("{url}/api/v1/imports");
    let (status, _) = send(&http, &secret, imports.clone(), generated_list(APPLICANTS)).await;
    assert_eq!(status, 202);
    let store = beside(&app.config.data_dir).await;
    let stored = async || store.ids().await.expect("readable").len();
    until("some profiles", async || stored().await > 3).await;

    disk.fill(FULL).expect("filled");
    let ready = async || {
        get(&http, "", format!("{url}/readyz"))
            .await
            .status()
            .as_u16()
    };
    until("the pause", async || ready().await == 503).await;
    let why: Value = get(&http, "", format!("{url}/readyz"))
        .await
        .json()
        .await
        .expect("JSON");
    assert!(
        why["detail"]
            .as_str()
            .expect("a text")
            .contains("the disk is full"),
        "{why}"
    );
    let metrics = async || {
        get(&http, &secret, format!("{url}/metrics"))
            .await
            .text()
            .await
            .expect("a text")
    };
    assert!(
        metrics()
            .await
            .contains("\nplaudit_store_takes_changes 0\n")
    );
    // What is under way comes to its end and is kept in hand; then nobody is asked any more.
    let mut before = (0, Timestamp::now());
    until("the rest", async || {
        let asked = app.stand_in.report().requests;
        if asked != before.0 {
            before = (asked, Timestamp::now());
        }
        Timestamp::now().duration_since(before.1) > jiff::SignedDuration::from_millis(1_500)
    })
    .await;
    let at_rest = stored().await;
    assert!(at_rest < APPLICANTS, "it was done before the disk was full");
    let (status, refused) = send(&http, &secret, imports.clone(), generated_list(APPLICANTS)).await;
    assert_eq!(
        (status, &refused["type"]),
        (507, &Value::from("/problems/disk-full"))
    );
    let one = http
        .post(format!("{url}/api/v1/applicants"))
        .bearer_auth(&secret);
    let one = one.json(&serde_json::json!({"github": "https://github.com/another-example"}));
    let answer = one.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 507);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.headers()["retry-after"], "60");
    // What is kept can be read.
    let list = get(&http, &secret, format!("{url}/api/v1/applicants")).await;
    assert_eq!(list.status().as_u16(), 200);
    assert_eq!(stored().await, at_rest);

    disk.free();
    until("the end of the queue", async || {
        store
            .waiting(Timestamp::now())
            .await
            .expect("readable")
            .is_empty()
    })
    .await;
    assert_eq!(ready().await, 200);
    assert!(
        metrics()
            .await
            .contains("\nplaudit_store_takes_changes 1\n")
    );
    all_true(&app, &store).await;
    drop(store);
    let (status, log) = serving.end();
    assert_eq!(status.code(), Some(0), "{log}");
    for words in [
        "the disk is full: nothing new is taken",
        "there is room on the disk again",
    ] {
        assert_eq!(log.matches(words).count(), 1, "{log}");
    }
    assert!(!log.contains("a lease ran out"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn enrich_on_a_full_disk_waits_as_long_as_it_may_and_goes_on_another_time() {
    let app = app(APPLICANTS).await;
    let Some(disk) = small_disk(&app) else { return };
    let list = app.folder.path().join("list.csv");
    std::fs::write(&list, generated_list(APPLICANTS)).expect("written");
    let enrich = |wait: &str| {
        let mut command = app.program();
        command.args([
            "enrich",
            "--no-progress",
            "--format",
            "jsonl",
            "--wait",
            wait,
        ]);
        command.arg("--from").arg(&list);
        command
    };
    disk.fill(FULL).expect("filled");
    said(&mut enrich("1s")).is(
        4,
        &[
            "the disk is full: waiting up to 1 s",
            "no room left",
            "hint: free some space",
        ],
    );
    assert_eq!(app.stand_in.report().requests, 0);

    // It waits, and there is room in time.
    let mut waiting = enrich("1h");
    let running = tokio::task::spawn_blocking(move || waiting.output());
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    disk.free();
    let ended = running.await.expect("ended").expect("the program");
    let err = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(0), "{err}");
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    all_true(&app, &store).await;
    store.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_a_full_disk_takes_in_part_says_how_many_and_is_completed_by_the_same_list() {
    const MANY: usize = 6_000;
    let app = app(1).await;
    let Some(disk) = small_disk(&app) else { return };
    let (serving, secret) = serving(&app);
    let (http, imports) = (client(), format!("{}/api/v1/imports", serving.url));
    // Room for some of it above what must be left free.
    disk.fill(35 << 20).expect("filled");
    let (status, refused) = send(&http, &secret, imports.clone(), generated_list(MANY)).await;
    assert_eq!(status, 507, "{refused}");
    let store = beside(&app.config.data_dir).await;
    let taken = store.applicants().await.expect("readable").len();
    assert!(taken > 0 && taken < MANY, "{taken} of {MANY} is no part");
    let detail = refused["detail"].as_str().expect("a text");
    let words = format!(
        "{taken} of {MANY} applicants of the list were taken in, and {} were not",
        MANY - taken
    );
    assert!(detail.contains(&words), "{detail}");
    let all: Value = get(&http, &secret, imports.clone())
        .await
        .json()
        .await
        .expect("JSON");
    let id = all["items"][0]["id"].as_str().expect("an id");
    let report: Value = get(&http, &secret, format!("{imports}/{id}"))
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(report["state"], "interrupted");
    assert_eq!(report["counts"]["rows"], MANY);
    assert_eq!(report["counts"]["not_taken"], MANY - taken);
    assert_eq!(report["progress"]["missing"], MANY - taken);
    let page = get(&http, &secret, format!("{}/", serving.url)).await;
    assert_eq!(page.status().as_u16(), 200);
    assert!(page.text().await.expect("a page").contains("disk is full"));

    disk.free();
    let (status, completed) = send(&http, &secret, imports, generated_list(MANY)).await;
    assert_eq!(status, 202, "{completed}");
    let counts = &completed["counts"];
    let number = |name: &str| counts[name].as_u64().expect("a count");
    let known = number("already_queued") + number("fresh");
    assert_eq!(number("queued"), (MANY - taken) as u64);
    assert_eq!((known, number("not_taken")), (taken as u64, 0));
    assert_eq!(store.applicants().await.expect("readable").len(), MANY);
    drop(store);
    serving.kill();
}
