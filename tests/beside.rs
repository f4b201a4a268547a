//! Commands beside a server: they do what they do without one, and nobody notices.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plaudit::api::access::tokens;
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::domain::job::Priority;
use plaudit::standin::{Behaviour, World, generated_list};
use plaudit::store::Shelf;

use crate::app::{ROLE, Said, TestApp, said};
use crate::refresh;
use crate::serve::{Serving, accept, beside, until};

/// People in the folder that is copied. Count.
const PEOPLE: usize = 6;

/// A server that does nothing by itself.
const QUIET: [(&str, &str); 1] = [("PLAUDIT_REFRESH__ENABLED", "false")];

/// An app with some people, a code, and a token, so that no server makes one.
async fn filled() -> TestApp {
    let app = TestApp::start(World::generated(PEOPLE + 2, 5), Behaviour::default(), &[]).await;
    let crawl = app.enrich(&generated_list(PEOPLE)).await;
    assert_eq!(crawl.profiles.len(), PEOPLE);
    said(app.program().args(["verify", "gen-000000"])).is(0, &[]);
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let now = Timestamp::now();
    let later = now + SignedDuration::from_hours(1);
    let made = tokens::make(&store, "of the tests", AccessRole::Admin, now, later).await;
    made.expect("a token");
    store.close().await.expect("closed");
    app
}

/// Two copies of the app's folder, with names of one length.
fn copies(app: &TestApp) -> (PathBuf, PathBuf) {
    let (alone, aside) = (
        app.folder.path().join("alone"),
        app.folder.path().join("aside"),
    );
    for copy in [&alone, &aside] {
        copy_all(&app.config.data_dir, copy);
    }
    (alone, aside)
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    let rights = fs::metadata(from).expect("a folder").permissions();
    fs::set_permissions(to, rights).expect("set");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("copied");
        }
    }
}

/// The files in a folder and the folders in it.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn run(app: &TestApp, folder: &Path, arguments: &[&str]) -> Said {
    let mut command = app.program();
    command.args(arguments).arg("--data-dir").arg(folder);
    said(command.env("NO_COLOR", "1"))
}

/// What was said, without times, durations, the folder's name, and the names of snapshots that hold the time at which
/// somebody added something.
fn masked(text: &str, folder: &Path) -> String {
    let text = text.replace(folder.to_str().expect("UTF-8"), "FOLDER");
    let text = without_snapshots(&text);
    let is_part = |letter: char| letter.is_ascii_digit() || "TZ:.-+".contains(letter);
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut out = String::new();
        let mut rest = line;
        while let Some(letter) = rest.chars().next() {
            let run = rest
                .find(|letter: char| !is_part(letter))
                .unwrap_or(rest.len());
            let (part, after) = rest.split_at(run);
            if run == 0 {
                out.push(letter);
                rest = &rest[letter.len_utf8()..];
                continue;
            }
            let is_time = part.contains('T') && part.contains(':');
            let is_duration = part.contains('.') && after.starts_with(" s");
            out.push_str(if is_time || is_duration { "TIME" } else { part });
            rest = after;
        }
        lines.push(out);
    }
    lines.join("\n")
}

/// Sixteen hexadecimal digits behind a slash name a snapshot.
fn without_snapshots(text: &str) -> String {
    const DIGITS: usize = 16;
    let mut parts = text.split('/');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('/');
        let name = part.get(..DIGITS).unwrap_or_default();
        let is_name = name.len() == DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        out.push_str(if is_name { "SNAPSHOT" } else { name });
        out.push_str(part.get(name.len()..).unwrap_or_default());
    }
    out
}

/// The commands, in an order in which each has something to show.
const COMMANDS: &[&[&str]] = &[
    &["config"],
    &["config", "--format", "json"],
    &["doctor", "--offline"],
    &["rank"],
    &["rank", "--format", "jsonl"],
    &["rank", "--role", "data-scientist"],
    &["rank", "--role", "no-such-role"],
    &["show", "gen-000000"],
    &["show", "gen-000001", "--explain"],
    &["show", "GEN-000002", "--format", "json"],
    &["show", "nobody"],
    &["changes"],
    &["changes", "--role", ROLE, "--format", "csv"],
    &["verify", "gen-000000"],
    &["note", "gen-000001", "Talked to her", "--by", "Dr Example"],
    &["note", "nobody", "Talked to her", "--by", "Dr Example"],
    &[
        "evidence",
        "add",
        "gen-000001",
        "--kind",
        "publication",
        "--by",
        "Dr Example",
        "--url",
        "https://doi.org/10.1000/182",
        "--date",
        "2025-03-01",
        "--reason",
        "a paper",
    ],
    &["evidence", "list", "gen-000001"],
    &["evidence", "done", "gen-000001", "--by", "Dr Example"],
    &[
        "evidence",
        "withdraw",
        "gen-000001",
        "2",
        "--by",
        "Dr Example",
        "--reason",
        "another person",
    ],
    &[
        "adjust",
        "gen-000002",
        "+2.5",
        "--by",
        "Dr Example",
        "--reason",
        "a data set",
    ],
    &["show", "gen-000002"],
    &["show", "gen-000001", "--history"],
    &["rescore", "--dry-run"],
    &["rescore", "--as-of", "2026-01-01"],
    &["rescore", "gen-000003", "--format", "json"],
    &["changes", "--format", "jsonl"],
    &["rank", "--format", "csv"],
    &["enrich", "https://github.com/gen-000006", "--dry-run"],
    &["enrich", "https://github.com/gen-000006"],
    &["enrich", "https://github.com/gen-000006"],
    &[
        "enrich",
        "https://github.com/gen-000007",
        "--format",
        "json",
    ],
    &["enrich", "https://github.com/nobody-of-this-name"],
    &["enrich", "--refetch", "https://github.com/gen-000006"],
    &["enrich"],
    &["enrich", "not a link"],
    &["rank", "--format", "markdown"],
    &["kaggle", "status"],
    &["doctor", "--offline", "--format", "json"],
];

#[tokio::test(flavor = "multi_thread")]
async fn every_command_says_beside_a_server_what_it_says_without_one() {
    let app = filled().await;
    let (alone, aside) = copies(&app);
    let serving = Serving::of(app.program().envs(QUIET).env("PLAUDIT_DATA_DIR", &aside));
    for arguments in COMMANDS {
        let without = run(&app, &alone, arguments);
        let with = run(&app, &aside, arguments);
        assert_eq!(
            (
                with.code,
                masked(&with.out, &aside),
                masked(&with.err, &aside)
            ),
            (
                without.code,
                masked(&without.out, &alone),
                masked(&without.err, &alone)
            ),
            "{arguments:?}"
        );
        assert!(!with.err.contains("panicked"), "{}", with.err);
    }
    let pages = |folder: &Path| {
        let to = folder.join("pages");
        run(
            &app,
            folder,
            &["report", "--output", to.to_str().expect("UTF-8")],
        )
        .is(0, &[]);
        let mut names = Vec::new();
        files(&to, &mut names);
        names.sort();
        let page = |path: &PathBuf| {
            // Of a workbook, which holds the time at which it was made, the name alone.
            let text = fs::read_to_string(path).unwrap_or_default();
            (
                path.strip_prefix(&to).expect("within").to_owned(),
                masked(&text, folder),
            )
        };
        names.iter().map(page).collect::<Vec<_>>()
    };
    assert!(pages(&aside) == pages(&alone), "the reports differ");
    // What names something new each time is the same in form.
    for arguments in [
        &[
            "token",
            "create",
            "--name",
            "an ATS",
            "--role",
            "viewer",
            "--expires",
            "1h",
        ][..],
        &["token", "list"],
        &["webhook", "add", "https://ats.example.org/plaudit"],
        &["webhook", "list"],
        &["webhook", "dead-letters"],
        &["verify", "gen-000004"],
    ] {
        let form = |said: &Said| {
            (
                said.code,
                said.out.lines().count(),
                said.err.lines().count(),
            )
        };
        let without = run(&app, &alone, arguments);
        let with = run(&app, &aside, arguments);
        assert_eq!(
            form(&with),
            form(&without),
            "{arguments:?}: {}\n{}",
            with.out,
            with.err
        );
    }
    let (status, err) = serving.end();
    assert_eq!(status.code(), Some(0), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_commands_at_once_lose_nothing() {
    let app = filled().await;
    let serving = Serving::start(&app, &QUIET);
    let list = app.folder.path().join("list.csv");
    fs::write(&list, generated_list(PEOPLE + 2)).expect("written");
    let list = list.to_str().expect("UTF-8").to_owned();
    std::thread::scope(|scope| {
        for number in 0..PEOPLE {
            let (app, list) = (&app, &list);
            let folder = &app.config.data_dir;
            scope.spawn(move || {
                let who = format!("gen-{number:06}");
                let text = format!("remark about {number}");
                let note = ["note", &who, &text, "--by", "Dr Example"];
                run_here(app, folder, &note).is(0, &[]);
                // While somebody else's list is queued, a ranking says that more is to come.
                let ranked = run_here(app, folder, &["rank"]);
                assert!(matches!(ranked.code, Some(0 | 1)), "{}", ranked.err);
                run_here(app, folder, &["enrich", "--from", list, "--refetch"]).is(0, &[]);
                run_here(app, folder, &["show", &who]).is(0, &[]);
            });
        }
    });
    let store = beside(&app.config.data_dir).await;
    for number in 0..PEOPLE {
        let id = format!("gen-{number:06}").parse().expect("an id");
        let review = store.review(&id).await.expect("readable");
        let notes: Vec<&str> = review.notes.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(notes, [format!("remark about {number}")]);
        let profile = store.profile(&id).await.expect("readable").expect("kept");
        assert_eq!(profile.review, review);
    }
    assert_eq!(store.ids().await.expect("readable").len(), PEOPLE + 2);
    assert!(store.jobs().await.expect("readable").is_empty());
    let verified = store.verify().await.expect("readable");
    assert_eq!(verified.damaged, Vec::<String>::new());
    drop(store);
    assert_eq!(serving.end().0.code(), Some(0));
}

/// The program, from a thread of the test's own.
fn run_here(app: &TestApp, folder: &Path, arguments: &[&str]) -> Said {
    let mut command = app.program();
    command.args(arguments).arg("--data-dir").arg(folder);
    let output = command.output().expect("the program");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_left_to_the_server_when_somebody_stops_waiting() {
    const COUNT: usize = 40;
    let behaviour = Behaviour {
        latency: Duration::from_millis(100),
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(COUNT, 5), behaviour, &[]).await;
    let slowly = [
        ("PLAUDIT_GITHUB__IN_FLIGHT", "1"),
        ("PLAUDIT_GITHUB__BATCH", "2"),
    ];
    let serving = Serving::start(&app, &slowly);
    let list = app.folder.path().join("list.csv");
    fs::write(&list, generated_list(COUNT)).expect("written");
    let child = app
        .program()
        .args(["enrich", "--from"])
        .arg(&list)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program");
    let store = beside(&app.config.data_dir).await;
    until("a profile", async || {
        !store.ids().await.expect("readable").is_empty()
    })
    .await;
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).expect("an id"));
    rustix::process::kill_process(id.expect("an id"), rustix::process::Signal::INT)
        .expect("it runs");
    let output = tokio::task::block_in_place(|| child.wait_with_output()).expect("reaped");
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("left to the server, which goes on"), "{err}");
    until("all profiles", async || {
        store.ids().await.expect("readable").len() == COUNT
    })
    .await;
    drop(store);
    assert_eq!(serving.end().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_day_cannot_be_asked_of_a_server() {
    let app = filled().await;
    let serving = Serving::start(&app, &QUIET);
    let arguments = [
        "enrich",
        "https://github.com/gen-000006",
        "--as-of",
        "2026-01-01",
    ];
    run(&app, &app.config.data_dir, &arguments).is(
        2,
        &[
            "--as-of cannot be used beside a server",
            "hint:",
            "plaudit rescore --as-of",
        ],
    );
    let store = beside(&app.config.data_dir).await;
    assert!(store.jobs().await.expect("readable").is_empty());
    drop(store);
    assert_eq!(serving.end().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rubric_that_was_edited_since_the_server_began_is_told_of() {
    let app = filled().await;
    let roles = app.folder.path().join("roles");
    fs::create_dir_all(&roles).expect("a folder");
    let roles_dir = roles.to_str().expect("UTF-8").to_owned();
    let settings = [("PLAUDIT_ROLES_DIR", roles_dir.as_str())];
    let serving = Serving::start(&app, &settings);
    let edited = TestApp::rubrics()[ROLE].text.clone() + "\n# edited\n";
    fs::write(roles.join(format!("{ROLE}.toml")), edited).expect("written");
    let mut command = app.program();
    command
        .envs(settings)
        .args(["enrich", "https://github.com/gen-000006"]);
    said(&mut command).is(
        0,
        &["note: the rubric doctoral-dl-radiology is another one"],
    );
    assert_eq!(serving.end().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn kaggles_data_set_is_imported_beside_a_server() {
    let app = filled().await;
    let serving = Serving::start(&app, &QUIET);
    let folder = &app.config.data_dir;
    run(&app, folder, &["kaggle", "import"]).is(0, &["the server answers from it from here on"]);
    run(&app, folder, &["kaggle", "status"]).is(0, &[]);
    assert!(session::index_path(&app.config).exists());
    assert_eq!(serving.end().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_waits_for_a_person_is_shown_as_it_stands() {
    let app = filled().await;
    // Queued while no server ran; the server takes it up, and `enrich` without a link looks on.
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let list = generated_list(PEOPLE + 2);
    accept(&app, &store, &list, Priority::Interactive)
        .await
        .expect("accepted");
    store.close().await.expect("closed");
    let serving = Serving::start(&app, &QUIET);
    let shown = run(&app, &app.config.data_dir, &["enrich", "--format", "jsonl"]);
    shown.is(0, &[]);
    assert_eq!(shown.out.lines().count(), PEOPLE + 2, "{}", shown.out);
    assert_eq!(serving.end().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_beside_a_server_is_the_servers_and_its_summary_is_told() {
    const COUNT: usize = 20;
    let app = refresh::filled(COUNT, &[]).await;
    let folder = &app.config.data_dir;
    let settings = [QUIET[0], ("PLAUDIT_REFRESH__OLDER_THAN", "0s")];
    let serving = Serving::start(&app, &settings);
    let (_, news) = refresh::a_day_passes(&app, COUNT, 3);
    run(&app, folder, &["refresh", "--older-than", "1h"]).is(2, &["beside a server"]);
    let told = run(&app, folder, &["refresh", "--format", "json"]);
    told.is(0, &[]);
    for name in &news {
        assert!(told.out.contains(name.as_str()), "{name}: {}", told.out);
    }
    let store = beside(folder).await;
    let kept = store
        .records::<serde_json::Value>(Shelf::Refreshes, None, 9)
        .await;
    assert_eq!(kept.expect("readable").len(), 1);
    drop(store);
    let (status, err) = serving.end();
    assert_eq!(status.code(), Some(0), "{err}");
}
