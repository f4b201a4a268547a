//! What people may ask of whoever keeps data about them: to see it, to have it erased, to know what is done with it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::domain::applicant::{Applicant, ApplicantId};
use plaudit::domain::freshness::Freshness;
use plaudit::domain::job::Priority;
use plaudit::domain::review::{Challenge, Note, Signature};
use plaudit::domain::score::Points;
use plaudit::domain::webhook::{Delivery, Endpoint, WebhookEvent};
use plaudit::standin::{Behaviour, World, generated_list};
use plaudit::store::{Edit, Lane, Shelf, Store, Submission};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{ROLE, Said, TestApp, said};
use crate::serve::until;
use crate::server::Server;

/// An installation that knows so many people of a generated world.
async fn filled(people: usize, settings: &[(&str, &str)]) -> TestApp {
    let world = World::generated(people, 4);
    let app = TestApp::start(world, Behaviour::default(), settings).await;
    let crawl = app.enrich(&generated_list(people)).await;
    assert_eq!(crawl.profiles.len(), people);
    fs::write(app.folder.path().join("list.csv"), generated_list(people)).expect("written");
    app
}

async fn store_of(app: &TestApp) -> Store {
    session::open_store(&app.config).await.expect("a store").0
}

async fn ids_of(app: &TestApp) -> Vec<ApplicantId> {
    let store = store_of(app).await;
    let ids = store.ids().await.expect("readable");
    store.close().await.expect("closed");
    ids
}

fn run(app: &TestApp, arguments: &[&str]) -> Said {
    said(app.program().args(arguments))
}

/// A record on each shelf that is about people, with a mark about `one` and a mark about `other`.
fn plant(one: &ApplicantId, other: &ApplicantId, now: Timestamp) -> Edit {
    let endpoint = Endpoint {
        id: "e0e0e0e0".to_owned(),
        url: "https://mark-endpoints.example/secret-path".to_owned(),
        events: vec![WebhookEvent::ProfileReady],
        created_at: now,
    };
    let delivery = |whom: &ApplicantId, mark: &str| Delivery {
        id: format!("msg_{mark}"),
        endpoint: endpoint.id.clone(),
        event: WebhookEvent::ProfileReady,
        applicant: Some(whom.clone()),
        payload: format!("{{\"payload\":\"{mark}\"}}"),
        created_at: now,
        attempts: 1,
        due: now,
        problem: Some(format!("problem {mark}")),
    };
    let row = |line: u64, whom: &ApplicantId, mark: &str| json!({"line": line, "applicant": whom, "outcome": "queued", "notices": [mark]});
    let import = json!({
        "id": "0123456789abcdef01234567", "at": now, "by": "mark-imports-brief", "role": ROLE, "counted": "line",
        "state": "accepted", "counts": {"rows": 2}, "notices": ["mark-other-imports-brief"],
    });
    let beside = json!({
        "rows": [row(2, one, "mark-imports"), row(3, other, "mark-other-imports")],
        "rows_left_out": 0, "ids": [one, other],
    });
    let answer = |whom: &ApplicantId, mark: &str| {
        let body = json!({"applicant": whom, "outcome": "queued", "notices": [mark]});
        json!({"at": now, "request": "digest", "status": 202, "location": null, "body": body.to_string()})
    };
    let refresh = json!({
        "trigger": "person", "began": now, "ended": now, "applicants": 2, "checked": 2, "unchanged": 0, "fetched": 2,
        "changed": [{"id": one, "low": [1.0, 2.0], "what": ["mark-refreshes"]},
            {"id": other, "low": [1.0, 2.0], "what": ["mark-other-refreshes"]}],
        "failed": [], "requests": 1.0, "points": 1.0, "notices": [],
    });
    Edit::new()
        .put(Shelf::Imports, "0123456789abcdef01234567", &import)
        .put(Shelf::Imports, "!0123456789abcdef01234567", &beside)
        .put(Shelf::Answers, "token one", &answer(one, "mark-answers"))
        .put(
            Shelf::Answers,
            "token other",
            &answer(other, "mark-other-answers"),
        )
        .put(Shelf::Endpoints, &endpoint.id, &endpoint)
        .put(
            Shelf::Deliveries,
            "e0e0e0e0/1",
            &delivery(one, "mark-deliveries"),
        )
        .put(
            Shelf::Deliveries,
            "e0e0e0e0/2",
            &delivery(other, "mark-other-deliveries"),
        )
        .put(Shelf::DeadLetters, "1", &delivery(one, "mark-dead-letters"))
        .put(
            Shelf::DeadLetters,
            "2",
            &delivery(other, "mark-other-dead-letters"),
        )
        .put(Shelf::Refreshes, "2026-11-01T02:00:00.000000Z", &refresh)
}

/// The mark that [`plant`] leaves on a shelf; `None`: it holds nothing about applicants. A new shelf is decided here.
fn mark_on(shelf: Shelf) -> Option<&'static str> {
    match shelf {
        Shelf::Tokens | Shelf::Sessions | Shelf::Tombstones => None,
        Shelf::Imports => Some("mark-imports"),
        Shelf::Answers => Some("mark-answers"),
        Shelf::Endpoints => Some("mark-endpoints"),
        Shelf::Deliveries => Some("mark-deliveries"),
        Shelf::DeadLetters => Some("mark-dead-letters"),
        Shelf::Refreshes => Some("mark-refreshes"),
    }
}

/// Marks in every table about `one`.
async fn plant_in_tables(store: &Store, one: &Applicant, now: Timestamp) {
    // An earlier profile and a current one, which differ in a notice.
    for mark in ["mark-history", "mark-profiles"] {
        let judge = move |stored: &plaudit::domain::profile::Snapshot, _| {
            let mut profile = stored.profile.clone();
            profile.notices = vec![mark.to_owned()];
            (Some(profile), ())
        };
        let revised = store.revise(Some(vec![one.id.clone()]), now, judge).await;
        assert_eq!(revised.expect("revised").replaced, 1);
    }
    let signature = Signature {
        by: "mark-reviews-by".to_owned(),
        at: now,
    };
    let mut review = store.review(&one.id).await.expect("readable");
    review.revision += 1;
    review.notes.push(Note {
        number: 1,
        text: "mark-reviews".to_owned(),
        signature: signature.clone(),
    });
    review
        .adjustments
        .push(plaudit::domain::review::Adjustment {
            number: 2,
            points: Points::from_cents(150),
            reason: "mark-adjustments".to_owned(),
            signature,
            withdrawn: None,
        });
    review.challenge = Some(Challenge {
        code: "mark-challenge".to_owned(),
        given_at: now,
    });
    let mark = store.profile_mark(&one.id).await.expect("readable");
    let kept = store.keep_review(&one.id, review, mark, None, now).await;
    kept.expect("kept");
    let applicant = Applicant {
        name: Some("Mark Applicants".to_owned()),
        email: Some("mark-email@example.org".to_owned()),
        applied_at: Some("2026-10-15".to_owned()),
        legal_basis: Some("mark-legal-basis".to_owned()),
        legal_basis_at: Some("2026-10-14".parse().expect("a day")),
        ..one.clone()
    };
    let submission = Submission {
        applicant,
        priority: Priority::Interactive,
        force: true,
    };
    let accepted = store.accept(vec![submission], now, Freshness::never());
    accepted.await.expect("accepted");
    let leased = store.lease("a worker", now, Duration::from_mins(1), Lane::Any);
    let leased = leased.await.expect("leased").expect("a job");
    assert_eq!(leased.applicant.id, one.id);
    let until = now + SignedDuration::from_hours(1);
    let deferred = store.defer(&leased.lease, (until, now), "mark-jobs", false);
    deferred.await.expect("put off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_holds_all_that_the_store_does_about_the_person_and_nothing_about_others() {
    let app = filled(2, &[]).await;
    let store = store_of(&app).await;
    let now = Timestamp::now();
    let all = store.applicants().await.expect("readable");
    let (one, other) = (&all[0], &all[1]);
    assert!(
        store
            .edit(plant(&one.id, &other.id, now))
            .await
            .expect("kept")
    );
    plant_in_tables(&store, one, now).await;
    let rubric = store
        .profile(&one.id)
        .await
        .expect("readable")
        .expect("one")
        .rubric;
    store.close().await.expect("closed");

    let copy = run(&app, &["export", one.id.as_str(), "--format", "json"]);
    copy.is(0, &[]);
    let value: Value = serde_json::from_str(&copy.out).expect("JSON");
    let link = one.links[0].handle().expect("a handle").as_str();
    let digest = format!("\"{}\": \"", rubric.digest);
    let marks = [
        "Mark Applicants",
        "mark-email@example.org",
        "mark-legal-basis",
        "2026-10-14",
        "mark-jobs",
        "mark-history",
        "mark-profiles",
        "mark-reviews",
        "mark-adjustments",
        "mark-challenge",
        "mark-reviews-by",
        "mark-imports-brief",
        link,
        &digest,
    ];
    let shelves = [
        Shelf::Tokens,
        Shelf::Sessions,
        Shelf::Imports,
        Shelf::Answers,
        Shelf::Endpoints,
        Shelf::Deliveries,
        Shelf::DeadLetters,
        Shelf::Refreshes,
    ];
    let mut marks = marks.to_vec();
    for shelf in shelves {
        marks.extend(mark_on(shelf));
    }
    for mark in marks {
        assert!(copy.out.contains(mark), "{mark} is missing: {}", copy.out);
    }
    assert!(!copy.out.contains("mark-other"), "{}", copy.out);
    assert!(!copy.out.contains(other.id.as_str()), "{}", copy.out);
    // The rest of a program's address may be a secret.
    assert!(!copy.out.contains("secret-path"), "{}", copy.out);

    // Its schema knows every key.
    let schema: Value =
        serde_json::from_str(&run(&app, &["export", "--schema"]).out).expect("JSON");
    let described = schema["properties"].as_object().expect("properties");
    for key in value.as_object().expect("an object").keys() {
        assert!(described.contains_key(key), "{key}");
    }
    for format in ["text", "markdown", "html"] {
        let text = run(&app, &["export", link, "--format", format]);
        text.is(0, &[]);
        let plain = text.out.replace('\\', "");
        for mark in [
            "mark-email@example.org",
            "mark-reviews",
            "mark-imports",
            "mark-deliveries",
            "mark-legal-basis",
            "mark-jobs",
            "photographs",
        ] {
            assert!(plain.contains(mark), "{format}: {mark} is missing: {plain}");
        }
        assert!(!plain.contains("mark-other"), "{format}: {plain}");
    }
    run(&app, &["export", one.id.as_str(), "--format", "csv"]).is(2, &["there is no table of it"]);
    run(&app, &["export", "nobody"]).is(2, &["there is no applicant"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_erased_is_kept_out_of_lists_until_the_tombstone_is_lifted() {
    let app = filled(3, &[]).await;
    let ids = ids_of(&app).await;
    let id = ids[0].as_str();
    // Nobody can be asked here.
    run(&app, &["forget", id]).is(2, &["nothing was erased", "--yes"]);
    run(&app, &["forget", id, "nobody", "--yes"]).is(2, &["there is no applicant"]);
    run(
        &app,
        &[
            "forget",
            id,
            "--yes",
            "--reason",
            &format!("letter of {id}"),
        ],
    )
    .is(2, &["must not name them"]);
    assert_eq!(ids_of(&app).await.len(), 3, "nobody was erased");

    let arguments = [
        "forget",
        id,
        "--yes",
        "--reason",
        "asked by letter",
        "--format",
        "json",
    ];
    let erased = run(&app, &arguments);
    erased.is(0, &["1 profile", "erased for good", "copies of the store"]);
    let erased: Value = serde_json::from_str(&erased.out).expect("JSON");
    let number = erased[0]["number"].as_str().expect("a number").to_owned();
    assert_eq!(erased[0]["applicant"], id);
    for command in ["show", "export"] {
        run(&app, &[command, id]).is(2, &["this person was erased on", &number]);
    }
    run(&app, &["forget", id, "--yes"]).is(2, &["this person was erased on", &number]);
    run(&app, &["show", "nobody"]).is(2, &["there is no applicant"]);

    let list = run(&app, &["forget", "--list"]);
    list.is(0, &[]);
    assert!(
        list.out.contains(&number) && list.out.contains("asked by letter"),
        "{}",
        list.out
    );
    assert!(!list.out.contains(id), "{}", list.out);

    let refused = run(&app, &["enrich", "--from", "list.csv"]);
    let way_back = format!("`plaudit forget --lift {number}` lets lists bring them in again");
    refused.is(
        1,
        &[
            "this person was erased on",
            "asked by letter",
            &way_back,
            "2 applicants accepted",
        ],
    );
    let told = refused
        .err
        .lines()
        .find(|line| line.contains("was erased"))
        .expect("a line");
    assert!(told.starts_with("line "), "{told}");
    assert_eq!(ids_of(&app).await.len(), 2);
    let quiet = run(&app, &["enrich", "--from", "list.csv", "-q"]);
    quiet.is(1, &["was erased"]);
    assert_eq!(
        quiet.err.trim(),
        told,
        "what is refused is told, and nothing else"
    );
    let github = format!("https://github.com/{id}");
    for arguments in [
        ["--from", "list.csv", "--dry-run"],
        [&github, "--dry-run", "-q"],
    ] {
        let foreseen = run(&app, &[&["enrich"], &arguments[..]].concat());
        foreseen.is(0, &["would be refused: this person was erased on", &number]);
        assert!(foreseen.out.contains("github"), "{}", foreseen.out);
    }
    let one = run(&app, &["enrich", &github, "--dry-run", "--format", "json"]);
    let one: Value = serde_json::from_str(&one.out).expect("JSON");
    assert_eq!(
        one[0]["applicants"], 0,
        "nobody would be asked about: {one}"
    );

    run(&app, &["forget", "--lift", "ffffffff"]).is(2, &["there is no tombstone"]);
    run(&app, &["forget", "--lift", &number]).is(0, &["lists may bring this person in again"]);
    run(&app, &["enrich", "--from", "list.csv"]).is(0, &["1 applicant accepted"]);
    assert_eq!(ids_of(&app).await, ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shares_an_account_with_the_erased_stays_and_is_named() {
    let app = filled(2, &[]).await;
    let ids = ids_of(&app).await;
    let (id, other) = (ids[0].as_str(), ids[1].as_str());
    let list = app.folder.path().join("more.csv");
    let rows = format!("id,name,github\nsecond,Somebody Else,https://github.com/{id}\n");
    std::fs::write(list, rows).expect("written");
    run(&app, &["enrich", "--from", "more.csv"]).is(0, &["1 applicant accepted"]);

    let erased = run(&app, &["forget", id, "--yes"]);
    erased.is(
        0,
        &["second has https://github.com/", "`plaudit forget second`"],
    );
    assert!(!erased.err.contains(other), "{}", erased.err);
    run(&app, &["show", "second"]).is(0, &[]);
    run(&app, &["enrich", "--from", "more.csv"]).is(0, &[]);
    let erased = run(&app, &["forget", "second", "--yes"]);
    erased.is(0, &["erased for good"]);
    assert!(!erased.err.contains("as well"), "{}", erased.err);
    run(&app, &["enrich", "--from", "more.csv"]).is(1, &["this person was erased on"]);
    assert_eq!(ids_of(&app).await, ids[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_an_admin_erases_and_a_recruiter_exports() {
    let app = filled(2, &[]).await;
    let store = store_of(&app).await;
    let all = store.applicants().await.expect("readable");
    let server = Server::over(store, &app.config).await;
    let admin = server.client(AccessRole::Admin).await;
    let recruiter = server.client(AccessRole::Recruiter).await;
    let viewer = server.client(AccessRole::Viewer).await;
    let one = &all[0];
    let path = format!("/api/v1/applicants/{}", one.id);

    assert_eq!(viewer.get(&format!("{path}/export")).await.status(), 403);
    let copy = recruiter.get(&format!("{path}/export")).await;
    assert_eq!(copy.status(), 200);
    let copy: Value = copy.json().await.expect("JSON");
    assert_eq!(copy["applicant"]["id"], one.id.as_str());
    let html = recruiter.get(&format!("{path}/export?format=html")).await;
    assert_eq!(html.headers()["content-type"], "text/html; charset=utf-8");
    assert!(
        html.text()
            .await
            .expect("text")
            .contains("What plaudit keeps about")
    );
    assert_eq!(
        recruiter
            .get(&format!("{path}/export?format=pdf"))
            .await
            .status(),
        400
    );

    let erase = |client: &crate::server::Client, query: &str| {
        client
            .request(Method::DELETE, &format!("{path}{query}"))
            .send()
    };
    assert_eq!(
        erase(&recruiter, "").await.expect("an answer").status(),
        403
    );
    let named = erase(&admin, &format!("?reason={}", one.id))
        .await
        .expect("an answer");
    assert_eq!(named.status(), 422);
    let erased = erase(&admin, "?reason=by%20letter")
        .await
        .expect("an answer");
    assert_eq!(erased.status(), 204);
    assert_eq!(erase(&admin, "").await.expect("an answer").status(), 404);

    assert_eq!(recruiter.get("/api/v1/tombstones").await.status(), 403);
    let tombstones: Value = admin
        .get("/api/v1/tombstones")
        .await
        .json()
        .await
        .expect("JSON");
    assert!(tombstones["items"][0]["number"].is_string());
    assert_eq!(tombstones["items"][0]["reason"], "by letter");
    assert_eq!(tombstones["items"][0]["ground"], "asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_whoever_was_erased_is_a_conflict_or_a_refused_row_until_the_tombstone_is_lifted()
{
    let app = filled(2, &[]).await;
    let store = store_of(&app).await;
    let all = store.applicants().await.expect("readable");
    let server = Server::over(store, &app.config).await;
    let admin = server.client(AccessRole::Admin).await;
    let recruiter = server.client(AccessRole::Recruiter).await;
    let (one, two) = (&all[0], &all[1]);
    let github = one.links[0].to_string();
    let later = json!({"github": github, "legal_basis": "consent", "legal_basis_at": "2099-01-01"});
    let refused = recruiter.post("/api/v1/applicants", &later).await;
    assert_eq!(refused.status(), 422);
    let problem: Value = refused.json().await.expect("JSON");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("2099-01-01 is not here yet"), "{detail}");
    let path = format!("/api/v1/applicants/{}?reason=by%20letter", one.id);
    let erased = admin.request(Method::DELETE, &path).send().await;
    assert_eq!(erased.expect("an answer").status(), 204);
    let tombstones = server.store.tombstones().await.expect("readable");
    let number = tombstones[0].number.clone();
    // One by one it is a conflict, in a list a refused row.
    let refused = recruiter
        .post("/api/v1/applicants", &json!({"github": github}))
        .await;
    assert_eq!(refused.status(), 409);
    assert_eq!(
        refused.headers()["content-type"],
        "application/problem+json"
    );
    let problem: Value = refused.json().await.expect("JSON");
    assert_eq!(problem["type"], "/problems/erased");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(
        detail.contains(&number) && detail.contains("by letter"),
        "{detail}"
    );
    // Under another id the person is known by the account.
    let list = format!("id,github\nanother,{github}\n{},{}\n", two.id, two.links[0]);
    let import = recruiter.request(Method::POST, "/api/v1/imports");
    let import = import
        .header("content-type", "text/csv")
        .body(list)
        .send()
        .await;
    let import = import.expect("an answer");
    assert_eq!(import.status(), 202);
    let report: Value = import.json().await.expect("JSON");
    assert_eq!(report["counts"]["refused"], 1);
    assert_eq!(report["counts"]["rows"], 2);
    assert_ne!(report["rows"][1]["outcome"], "refused");
    // Nor is the refused one's id written down again.
    assert_eq!(report["rows"][0]["applicant"], Value::Null);
    assert_eq!(report["rows"][0]["line"], 2);
    let reason = report["rows"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains(&number), "{reason}");

    for (tombstone, status) in [
        ("nowhere", 404),
        ("ffffffff", 404),
        (&*number, 204),
        (&*number, 404),
    ] {
        let path = format!("/api/v1/tombstones/{tombstone}");
        let lifted = admin.request(Method::DELETE, &path).send().await;
        assert_eq!(lifted.expect("an answer").status(), status, "{tombstone}");
    }
    let taken = recruiter
        .post("/api/v1/applicants", &json!({"github": github}))
        .await;
    assert_eq!(taken.status(), 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_ask_before_they_erase_and_tell_everybody_what_is_done_with_data() {
    let settings = [("PLAUDIT_PRIVACY__CONTROLLER", "Example University <b>")];
    let app = filled(1, &settings).await;
    let store = store_of(&app).await;
    let id = store.ids().await.expect("readable").remove(0);
    let server = Server::over(store, &app.config).await;
    let admin = server.client(AccessRole::Admin).await;
    let recruiter = server.client(AccessRole::Recruiter).await;

    let privacy = server.stranger().get("/privacy").await;
    assert_eq!(privacy.status(), 200);
    let text = privacy.text().await.expect("text");
    for words in [
        "Example University &#60;b&#62;",
        "TO BE FILLED IN",
        "Who decides",
        "Medals on Kaggle, at most",
    ] {
        assert!(text.contains(words), "{words} is missing: {text}");
    }

    let page = format!("/applicants/{id}");
    let shown = recruiter.get(&page).await.text().await.expect("text");
    assert!(
        shown.contains("/export?format=html") && shown.contains("href=\"/privacy\""),
        "{shown}"
    );
    assert!(!shown.contains("/forget"), "{shown}");
    let shown = admin.get(&page).await.text().await.expect("text");
    assert!(
        shown.contains(&format!("action=\"{page}/forget\"")),
        "{shown}"
    );

    let forget = format!("{page}/forget");
    assert_eq!(recruiter.get(&forget).await.status(), 403);
    let asked = admin.get(&forget).await.text().await.expect("text");
    assert!(
        asked.contains("1 profile") && asked.contains("What this does not reach"),
        "{asked}"
    );
    assert_eq!(
        server.store.ids().await.expect("readable").len(),
        1,
        "it was only asked"
    );
    let post = admin
        .request(Method::POST, &forget)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("reason=by+letter");
    let done = post.send().await.expect("an answer");
    assert_eq!(done.status(), 303);
    let home = admin.get("/?done=erased").await.text().await.expect("text");
    assert!(home.contains("erased for good"), "{home}");
    assert_eq!(server.store.ids().await.expect("readable").len(), 0);
    let tombstones = server.store.tombstones().await.expect("readable");
    assert_eq!(tombstones[0].reason.as_deref(), Some("by letter"));
}

/// The pages warn of the role; then its warning is put back by fifteen days.
async fn pages_warn(app: &TestApp, settings: &Path) {
    let overrides = plaudit::config::Overrides {
        config: Some(settings.to_owned()),
        ..plaudit::config::Overrides::default()
    };
    let home = app.folder.path().to_str().expect("UTF-8").to_owned();
    let data = app.config.data_dir.to_str().expect("UTF-8").to_owned();
    let environment = [
        ("HOME".to_owned(), home),
        ("PLAUDIT_DATA_DIR".to_owned(), data),
    ];
    let config = plaudit::config::Config::load(&overrides, &environment.into()).expect("settings");
    let server = Server::over(store_of(app).await, &config).await;
    let viewer = server.client(AccessRole::Viewer).await;
    for path in ["/", &format!("/roles/{ROLE}")] {
        let shown = viewer.get(path).await.text().await.expect("text");
        assert!(shown.contains("is about to end"), "{path}: {shown}");
    }
    // The warning stands for as long as it must.
    let kept = server.store.get_meta("retention").await.expect("readable");
    let mut stood: Value = kept.expect("a warning");
    let long_ago = Timestamp::now() - SignedDuration::from_hours(15 * 24);
    stood[ROLE]["warned_at"] = json!(long_ago);
    server
        .store
        .put_meta("retention", &stood)
        .await
        .expect("kept");
    drop((viewer, server));
    // Its tasks end in a moment, and the folder is free.
    until("a free folder", async || {
        let opened = session::open_own(&app.config).await;
        match opened {
            Ok((store, _)) => store.close().await.is_ok(),
            Err(_) => false,
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_whose_time_has_ended_is_warned_of_and_erased_when_the_warning_has_stood() {
    let app = filled(2, &[]).await;
    let ids = ids_of(&app).await;
    let settings = app.folder.path().join("mine.toml");
    fs::write(
        &settings,
        format!("[refresh]\nolder_than = \"720h\"\n[postings.{ROLE}]\ncloses = 2020-01-31\nkeep_for = \"1 month\"\n"),
    )
    .expect("written");
    let with = |arguments: &[&str]| {
        let mut all = vec!["--config", "mine.toml"];
        all.extend(arguments);
        run(&app, &all)
    };

    let table = with(&["retention", "--format", "json"]);
    table.is(0, &[]);
    let table: Value = serde_json::from_str(&table.out).expect("JSON");
    assert_eq!(table[0]["role"], ROLE);
    assert_eq!(table[0]["ends"], "2020-02-29");
    assert_eq!(table[0]["applicants"], 2);
    let next = table[0]["next"].as_str().expect("text");
    assert!(next.contains("the next refresh warns"), "{next}");
    // Without settings of its own the role has no end.
    let without = run(&app, &["refresh"]);
    without.is(0, &[]);
    assert!(
        without.out.contains("2 applicants kept without end"),
        "{}",
        without.out
    );
    let doctor = run(&app, &["doctor", "--offline"]);
    assert!(
        doctor
            .out
            .contains("kept without end: no closing date is set"),
        "{}",
        doctor.out
    );

    for _ in 0..2 {
        let warned = with(&["refresh"]);
        warned.is(0, &["will be erased on"]);
        assert!(
            warned
                .out
                .contains("the retention ends on 2020-02-29; 2 applicants will be erased on"),
            "{}",
            warned.out
        );
        assert_eq!(
            ids_of(&app).await,
            ids,
            "nobody is erased before a warning has stood"
        );
    }
    // Another closing date, and the warning is none for it.
    let moved = fs::read_to_string(&settings).expect("readable");
    fs::write(&settings, moved.replace("2020-01-31", "2020-01-30")).expect("written");
    let again = with(&["retention"]);
    assert!(
        again.out.contains("the next refresh warns"),
        "{}",
        again.out
    );
    fs::write(&settings, moved).expect("written");
    pages_warn(&app, &settings).await;

    let foreseen = with(&["refresh", "--dry-run"]);
    foreseen.is(
        0,
        &[
            "the next refresh erases them",
            &format!("{} would be erased for good", ids[0]),
        ],
    );
    assert_eq!(ids_of(&app).await, ids, "a dry run erases nobody");
    let erased = with(&["refresh", "--format", "json"]);
    erased.is(0, &[]);
    let summary: Value = serde_json::from_str(&erased.out).expect("JSON");
    let role = json!({"role": ROLE, "applicants": 2, "state": "erased", "ends_on": "2020-02-29"});
    assert_eq!(summary["retention"], json!([role]));
    assert_eq!(ids_of(&app).await, []);
    let store = store_of(&app).await;
    let tombstones = store.tombstones().await.expect("readable");
    assert!(
        tombstones
            .iter()
            .all(|one| one.role.as_deref() == Some(ROLE)),
        "{tombstones:?}"
    );
    assert_eq!(tombstones.len(), 2);
    store.close().await.expect("closed");
    let refused = with(&["enrich", "--from", "list.csv"]);
    refused.is(1, &["because the time to keep them had ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_are_told_what_holds_here_and_rows_without_a_legal_basis_are_refused() {
    let app = TestApp::start(World::generated(2, 4), Behaviour::default(), &[]).await;
    let settings = format!(
        "[privacy]\ncontroller = \"Example University\"\nrequire_legal_basis = true\n[postings.{ROLE}]\ncloses = 2026-09-30\n"
    );
    fs::write(app.folder.path().join("mine.toml"), settings).expect("written");
    let with = |arguments: &[&str]| {
        let mut all = vec!["--config", "mine.toml"];
        all.extend(arguments);
        run(&app, &all)
    };
    for format in ["text", "markdown", "html"] {
        let notice = with(&["notice", "--format", format]);
        notice.is(0, &["no legal advice"]);
        let plain = notice.out.replace('\\', "").replace('\n', " ");
        for words in [
            "Controller: Example University",
            "(setting privacy.contact)",
            "2027-03-30",
            "plaudit forget",
        ] {
            assert!(
                plain.contains(words),
                "{format}: {words} is missing: {plain}"
            );
        }
    }
    with(&["notice", "--role", "no-such"]).is(2, &["there is no rubric"]);
    with(&["notice", "--format", "json"]).is(2, &["this is a text"]);

    let list = generated_list(2);
    let logins: Vec<&str> = list.lines().filter(|line| !line.is_empty()).collect();
    let header = logins[0];
    let with_basis = format!(
        "{header},legal_basis,legal_basis_at\n{},consent,2026-10-01\n{},consent,\n",
        logins[1], logins[2]
    );
    fs::write(app.folder.path().join("basis.csv"), with_basis).expect("written");
    let taken = with(&["enrich", "--from", "basis.csv"]);
    taken.is(
        1,
        &[
            "line 3: since when the legal basis holds is not said",
            "legal_basis_at",
            "1 applicant accepted",
        ],
    );
    let quiet = with(&["enrich", "--from", "basis.csv", "-q"]);
    quiet.is(1, &["line 3: since when the legal basis holds is not said"]);
    assert_eq!(quiet.err.lines().count(), 1, "{}", quiet.err);
    let later = format!(
        "{header},legal_basis,legal_basis_at\n{},consent,2099-01-01\n",
        logins[2]
    );
    fs::write(app.folder.path().join("later.csv"), later).expect("written");
    with(&["enrich", "--from", "later.csv"])
        .is(2, &["line 2: legal_basis_at: 2099-01-01 is not here yet"]);
    with(&["enrich", "https://github.com/gen-000001"]).is(
        2,
        &["on what legal basis the data may be processed is not said"],
    );
}
