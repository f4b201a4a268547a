//! A store that somebody has filled with the worst, behind everything that makes texts harmless where they enter: what the
//! server, the commands, the webhooks and a browser make of it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;
use plaudit::api::access::table::{Needs, ROUTES};
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::domain::applicant::Applicant;
use plaudit::domain::freshness::Freshness;
use plaudit::domain::job::Priority;
use plaudit::domain::profile::Profile;
use plaudit::domain::rubric::Rubric;
use plaudit::standin::{Behaviour, World};
use plaudit::store::{Finished, Lane, Store, Submission};
use reqwest::Method;
use secrecy::ExposeSecret;

use super::inert;
use super::shown::{some_profiles, written_over};
use super::texts::{FORGED, MARK, TEXTS};
use crate::app::{ROLE, Said, TestApp, said};
use crate::pages::driver;
use crate::server::{Client, Server};
use crate::webhooks::{Deliverer, Receiver, fine, register, settings};

/// The id of the applicant whose every text is the one of this number.
fn id_of(number: usize) -> String {
    format!("evil-{number:02}")
}

/// Keeps an applicant for each of the texts, with a profile made of it.
async fn fill(store: &Store) {
    let profiles = some_profiles().await;
    store
        .keep_rubric(&Rubric::embedded(ROLE).expect("a rubric"))
        .await
        .expect("kept");
    for (number, (_, text)) in TEXTS.into_iter().enumerate() {
        let mut profile = profiles[number % profiles.len()].clone();
        profile["applicant"]["id"] = id_of(number).into();
        // Ours, and made of no text.
        let (profile, taken) =
            written_over(&profile, text, &["/applicant/id", "/role", "/snapshot"]);
        assert!(taken > 10, "{taken}");
        keep(store, profile, text).await;
    }
}

async fn keep(store: &Store, profile: Profile, text: &str) {
    let applicant = Applicant {
        id: profile.applicant.id.clone(),
        name: Some(text.to_owned()),
        email: Some("evil@example.org".to_owned()),
        links: Vec::new(),
        role: ROLE.to_owned(),
        applied_at: Some(text.to_owned()),
        legal_basis: Some(text.to_owned()),
        legal_basis_at: None,
    };
    let submission = Submission {
        applicant,
        priority: Priority::Interactive,
        force: true,
    };
    let now = Timestamp::now();
    let accepted = store.accept(vec![submission], now, Freshness::never());
    accepted.await.expect("accepted");
    let leased = store.lease("a test", now, Duration::from_mins(1), Lane::Any);
    let leased = leased.await.expect("leased").expect("a job");
    let finished = store.finish(&leased.lease, profile, now).await;
    assert_eq!(finished.expect("finished"), Finished::Done);
}

async fn app() -> TestApp {
    let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &[]).await;
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    fill(&store).await;
    store.close().await.expect("closed");
    app
}

/// The paths of a route, with everybody for whom it is.
fn paths(route: &str) -> Vec<String> {
    let route = route.replace("{role}", ROLE).replace("{name}", "app.css");
    let route = route.replace("{*rest}", "index.css");
    if route.contains("applicants/{id}") || route.contains("jobs/{id}") {
        let everybody = (0..TEXTS.len()).map(id_of);
        return everybody
            .map(|id| route.replace("{id}", &id).replace("{snapshot}", "current"))
            .collect();
    }
    match route.as_str() {
        "/compare" => vec![format!("/compare?id={}&id={}", id_of(6), id_of(7))],
        path if path.ends_with("/export") => ["csv", "xlsx", "json", "jsonl", "markdown", "html"]
            .iter()
            .map(|format| format!("{path}?format={format}"))
            .collect(),
        _ => vec![route.replace("{id}", "0a1b2c3d")],
    }
}

/// An answer of the server's, by what it says it is.
async fn check(client: &Client, path: &str) -> String {
    let answer = client.get(path).await;
    let status = answer.status().as_u16();
    assert!(status < 500, "{path}: {status}");
    for (name, value) in answer.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        let ours = ![MARK, FORGED]
            .iter()
            .any(|mark| name.as_str().contains(mark) || value.contains(mark));
        assert!(ours, "{path}: {name}: {value}");
    }
    let kind = answer.headers().get("content-type");
    let kind = kind
        .map_or("", |kind| kind.to_str().expect("text"))
        .to_owned();
    let form = kind.split(';').next().unwrap_or_default().to_owned();
    let bytes = answer.bytes().await.expect("a body");
    if form.ends_with("spreadsheetml.sheet") {
        assert!(inert::workbook(path, &bytes) > TEXTS.len(), "{path}");
        return form;
    }
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    match form.as_str() {
        "text/html" if path.starts_with("/api/v1/docs") => {}
        "text/html" => inert::page(path, &text),
        // A program reads this, which a terminal's escapes do nothing to; and doors let none in.
        "application/json" if !path.contains("/export") => {
            let read = serde_json::from_str::<serde_json::Value>(&text);
            assert!(read.is_ok(), "{path}: {read:?}");
        }
        "application/json" | "application/problem+json" => {
            inert::json(path, &text);
        }
        "application/x-ndjson" => {
            for line in text.lines() {
                inert::json(path, line);
            }
        }
        "text/csv" => assert_eq!(inert::csv(path, &text), TEXTS.len() + 1, "{path}"),
        "text/markdown" => inert::markdown(path, &text),
        "text/event-stream" => {
            for line in text.lines() {
                let (field, value) = line.split_once(": ").unwrap_or((line, ""));
                let known = ["", "event", "data", "id"].contains(&field);
                assert!(known && !value.starts_with(FORGED), "{path}: {line}");
            }
            inert::text(path, &text);
        }
        "text/plain" => {
            assert!(
                !text.contains(MARK) && !text.contains(FORGED),
                "{path}: {text}"
            );
            inert::text(path, &text);
        }
        _ => assert!(!text.contains(MARK), "{path} is {kind}"),
    }
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_kept_it_comes_alive_in_no_answer_of_the_server_and_in_no_message() {
    let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &[]).await;
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let server = Server::over(store.clone(), &app.config).await;
    let inbox = Receiver::start(fine).await;
    register(&store, &inbox.url).await;
    let deliverer = Deliverer::start(&store, settings(app.folder.path()));
    fill(&store).await;
    let mut asked = 0;
    let mut forms = std::collections::BTreeSet::new();
    for (method, route, needs) in ROUTES {
        if *method != Method::GET {
            continue;
        }
        // Each route by a client of its own, which has its own allowance of requests.
        let client = match needs {
            Needs::Nobody => server.stranger(),
            Needs::Role(_) => server.client(AccessRole::Admin).await,
        };
        for path in paths(route) {
            forms.insert(check(&client, &path).await);
            asked += 1;
        }
    }
    let html = forms.contains("text/html") && forms.contains("text/markdown");
    assert!(html && forms.contains("text/event-stream"), "{forms:?}");
    assert!(asked > 100, "{asked}");
    println!("{asked} answers in {} forms", forms.len());

    inbox.have(TEXTS.len()).await;
    for received in inbox.all() {
        let body = String::from_utf8(received.body.to_vec()).expect("UTF-8");
        inert::json("a message", &body);
        assert!(!body.contains(MARK), "{body}");
        for (name, value) in &received.headers {
            let value = value.to_str().expect("ASCII");
            assert!(
                !name.as_str().contains(MARK) && !value.contains(FORGED),
                "{name}"
            );
        }
    }
    deliverer.end().await;
}

fn program(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = app.program();
    command.args(arguments);
    command
}

/// What a command said, inert in the form that it was asked for.
fn told(what: &str, format: &str, run: &Said) {
    inert::text(&format!("{what}: standard error"), &run.err);
    match format {
        "json" => {
            inert::json(what, &run.out);
        }
        "jsonl" => run.out.lines().for_each(|line| {
            inert::json(what, line);
        }),
        "csv" => {
            inert::csv(what, &run.out);
        }
        "markdown" => inert::markdown(what, &run.out),
        "html" => inert::page(what, &run.out),
        _ => inert::coloured(what, &run.out),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_kept_it_comes_alive_in_nothing_that_a_command_prints() {
    let app = app().await;
    let mut commands: Vec<Vec<String>> = [
        &["rank"][..],
        &["changes", "--since", "2000-01-01"],
        &["rescore", "--dry-run"],
        &["evidence", "list", "evil-06"],
        &["doctor", "--offline"],
    ]
    .iter()
    .map(|words| words.iter().map(|word| (*word).to_owned()).collect())
    .collect();
    for number in [0, 2, 3, 6, 7, 13, 20] {
        commands.push(vec![
            "show".to_owned(),
            id_of(number),
            "--explain".to_owned(),
        ]);
    }
    commands.push(vec!["show".to_owned(), id_of(0), "--history".to_owned()]);
    for arguments in &commands {
        for format in ["text", "json", "jsonl", "csv", "markdown", "html"] {
            let mut command = app.program();
            command
                .args(arguments)
                .args(["--format", format, "--color", "always"]);
            let run = said(&mut command);
            assert!(
                matches!(run.code, Some(0 | 1)),
                "{arguments:?}: {}",
                run.err
            );
            told(&format!("{arguments:?} {format}"), format, &run);
        }
    }
    // At its most talkative, in both forms of a log.
    for form in ["text", "json"] {
        let mut command = program(&app, &["rank", "-vvv"]);
        command
            .env("PLAUDIT_LOG", "trace")
            .env("PLAUDIT_LOG__FORMAT", form);
        inert::text(form, &said(&mut command).err);
    }
}

fn pages_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path())
    };
    let all = entries(folder).chain(entries(&folder.join("applicants")));
    all.filter(|path| path.extension().is_some_and(|ending| ending == "html"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_browser_nothing_that_a_stranger_wrote_runs_or_loads() {
    let Some(driver) = driver() else { return };
    let doorkeeper = crate::reports::browser::Doorkeeper::start();
    let app = app().await;
    let report = said(&mut program(&app, &["report", "--output", "reports"]));
    assert!(matches!(report.code, Some(0 | 1)), "{}", report.err);
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let server = Server::over(store, &app.config).await;
    let browser = driver.browser(&doorkeeper.address.to_string(), true).await;
    let token = server.token(AccessRole::Admin).await;
    browser.open(&format!("{}/sign-in", server.url)).await;
    browser.send_keys("#token", token.expose_secret()).await;
    browser.click("button[type=submit]").await;
    browser.find("body.app").await;
    let mut addresses: Vec<String> = Vec::new();
    for path in ["/", "/refresh", "/settings"] {
        addresses.push(format!("{}{path}", server.url));
    }
    for path in paths("/roles/{role}")
        .into_iter()
        .chain(paths("/applicants/{id}"))
        .chain(paths("/compare"))
    {
        addresses.push(format!("{}{path}", server.url));
    }
    for page in pages_below(&app.folder.path().join("reports")) {
        let address = url::Url::from_file_path(page).expect("an address");
        addresses.push(address.to_string());
    }
    assert!(addresses.len() > 2 * TEXTS.len(), "{addresses:?}");
    for address in &addresses {
        browser.open(address).await;
        // A dialog that is open would fail this as well.
        let found = browser
            .script(
                "for (const one of document.querySelectorAll('*')) for (const event of ['mouseover', 'focus', 'error', 'load']) \
                 one.dispatchEvent(new Event(event)); \
                 return [window.pwned ?? null, document.querySelectorAll('[data-pwned], img, iframe').length, \
                 document.body.innerText.length > 0]",
            )
            .await;
        assert_eq!(found, serde_json::json!([null, 0, true]), "{address}");
        let complaints = browser.complaints().await;
        let refused = complaints
            .iter()
            .find(|line| line.contains("Content Security Policy") || line.contains("Refused"));
        assert_eq!(refused, None, "{address}");
    }
    println!("{} pages in a browser", addresses.len());
    browser.close().await;
    let asked: Vec<String> = doorkeeper.take();
    assert_eq!(asked, Vec::<String>::new(), "a page asked somebody");
}
