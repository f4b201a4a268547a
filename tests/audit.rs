//! The audit log from outside: what commands leave in it, and what `plaudit audit` says of it.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use plaudit::audit::{Audit, Deed, Entry, Finding, Who};
use plaudit::standin::{Behaviour, World, generated_list};

use crate::app::{Said, TestApp, said};

/// The entries of a data folder's log.
pub(crate) async fn entries_of(data_folder: &Path) -> Vec<Entry> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let tell = {
        let kept = Arc::clone(&kept);
        move |entry, _: &[u8]| {
            kept.lock().expect("whole").push(entry);
            Ok::<_, io::Error>(())
        }
    };
    let told = Audit::within(data_folder).entries(None, None, tell).await;
    assert_eq!(told.expect("readable").expect("told").unreadable, 0);
    std::mem::take(&mut *kept.lock().expect("whole"))
}

/// What is wrong with a data folder's log.
pub(crate) async fn verified(data_folder: &Path) -> Option<Finding> {
    let verified = Audit::within(data_folder).verify(None).await;
    verified.expect("readable").expect("a log").finding
}

async fn app() -> TestApp {
    let app = TestApp::start(World::generated(3, 5), Behaviour::default(), &[]).await;
    let crawl = app.enrich(&generated_list(3)).await;
    assert_eq!(crawl.profiles.len(), 3);
    app
}

fn plaudit(app: &TestApp, arguments: &[&str]) -> Said {
    said(app.program().args(arguments))
}

fn log_of(app: &TestApp) -> std::path::PathBuf {
    app.config.data_dir.join("audit/log.jsonl")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_about_applicants_leaves_who_and_whom() {
    let app = app().await;
    let mut entries = entries_of(&app.config.data_dir).await;
    let scored = entries.iter().filter(|entry| entry.did == Deed::Scored);
    assert!(scored.clone().all(|entry| entry.who == Who::Worker));
    assert_eq!(scored.count(), 3);
    let reports = app.folder.path().join("reports");
    let reports = reports.to_str().expect("text");
    let by = ["--by", "Zebediah", "--reason", "Zebediah knows"];
    for (arguments, did, subjects) in [
        (vec!["show", "gen-000000"], Deed::Saw, 1),
        (vec!["show", "gen-000000", "--history"], Deed::Saw, 1),
        (vec!["rank", "--limit", "2"], Deed::Listed, 2),
        (vec!["changes"], Deed::Listed, 3),
        (vec!["report", "--output", reports], Deed::Exported, 3),
        (
            vec!["note", "gen-000000", "Zebediah", "--by", "Zebediah"],
            Deed::Noted,
            1,
        ),
        (
            [&["adjust", "gen-000000", "+1"][..], &by].concat(),
            Deed::Adjusted,
            1,
        ),
        (
            vec!["evidence", "done", "gen-000000", "--by", "Zebediah"],
            Deed::Evidence,
            1,
        ),
        (vec!["evidence", "list", "gen-000000"], Deed::Saw, 1),
        (vec!["verify", "gen-000000"], Deed::Verified, 1),
        (vec!["rescore", "--dry-run"], Deed::Listed, 0),
        (
            vec![
                "token",
                "create",
                "--name",
                "Zebediah",
                "--role",
                "viewer",
                "--expires",
                "1d",
            ],
            Deed::TokenMade,
            0,
        ),
        (vec!["audit", "export"], Deed::Audited, 0),
        (
            vec!["audit", "export", "--subject", "gen-000000"],
            Deed::Audited,
            1,
        ),
    ] {
        let ran = plaudit(&app, &arguments);
        assert!(ran.code < Some(2), "{arguments:?}: {}", ran.err);
        let now = entries_of(&app.config.data_dir).await;
        let new = &now[entries.len()..];
        assert_eq!(new.len(), 1, "{arguments:?}: {new:?}");
        assert_eq!(new[0].did, did, "{arguments:?}");
        assert!(matches!(new[0].who, Who::Local(_)), "{arguments:?}");
        assert_eq!(new[0].subjects.len(), subjects, "{arguments:?}");
        entries = now;
    }
    // Nothing is left by what is refused, and by what only looks at the log.
    plaudit(&app, &["show", "nobody"]).is(2, &[]);
    plaudit(&app, &["audit", "verify"]).is(0, &["the log is whole"]);
    assert_eq!(entries_of(&app.config.data_dir).await, entries);
    let log = fs::read_to_string(log_of(&app))
        .expect("a log")
        .to_lowercase();
    for part in ["gen-0000", "zebediah", "http", "@", "github"] {
        assert!(!log.contains(part), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_says_where_the_log_ends_or_which_entry_is_wrong() {
    let app = app().await;
    let head = plaudit(&app, &["audit", "verify"]);
    head.is(0, &["the log is whole: 4 entries"]);
    let head = head.out.trim().to_owned();
    assert!(head.starts_with("4:"), "{head}");
    plaudit(&app, &["show", "gen-000000"]);
    plaudit(&app, &["audit", "verify", "--head", &head]).is(0, &[]);
    let other = head.replace("4:", "3:");
    let kept = plaudit(&app, &["audit", "verify", "--head", &other]);
    kept.is(4, &["entry 3 is not the one of the head that was kept"]);
    plaudit(&app, &["audit", "verify", "--head", "4"]).is(2, &["hint: give the whole line"]);

    let copy = app.folder.path().join("copy.jsonl");
    let copy = copy.to_str().expect("text");
    let exported = ["audit", "export", "--format", "jsonl", "--output", copy];
    plaudit(&app, &exported).is(0, &["6 entries"]);
    plaudit(&app, &["audit", "verify", copy]).is(0, &["only a head can tell"]);
    plaudit(&app, &["audit", "verify", copy, "--head", &head]).is(0, &[]);

    let whole = fs::read_to_string(log_of(&app)).expect("a log");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for (text, words) in [
        (
            whole.replacen("\"scored\"", "\"rescored\"", 1),
            "entry 2 was changed (line 2; 4 lines follow",
        ),
        (
            [&lines[..2], &lines[3..]].concat().concat(),
            "entry 3 is missing (line 3; 2 lines follow",
        ),
        (
            [&lines[..3], &lines[2..]].concat().concat(),
            "entry 3 stands once more, in the place of entry 4",
        ),
        (
            lines[..4].concat(),
            "the entries 5 to 6, the newest ones, are missing",
        ),
        (whole.replacen('{', "x", 1), "entry 1 cannot be read"),
    ] {
        fs::write(log_of(&app), text).expect("written");
        plaudit(&app, &["audit", "verify"]).is(4, &[&format!("error: {words}"), "hint: "]);
    }
    fs::write(log_of(&app), &whole).expect("written");
    plaudit(&app, &["audit", "verify"]).is(0, &[]);
    let json = plaudit(&app, &["audit", "verify", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(
        (&told[0]["result"], &told[0]["entries"]),
        (&"whole".into(), &6.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_written_out_in_every_form_and_by_subject_and_time() {
    let app = app().await;
    plaudit(&app, &["show", "gen-000000"]);
    let table = plaudit(&app, &["audit", "export"]);
    table.is(0, &["6 entries"]);
    assert!(
        table.out.contains("scored") && table.out.contains("local "),
        "{}",
        table.out
    );
    let json = plaudit(
        &app,
        &[
            "audit",
            "export",
            "--subject",
            "gen-000000",
            "--format",
            "json",
        ],
    );
    json.is(0, &["an excerpt is no chain"]);
    let told: Vec<serde_json::Value> = serde_json::from_str(&json.out).expect("JSON");
    let did: Vec<&str> = told.iter().filter_map(|one| one["did"].as_str()).collect();
    assert_eq!(did, ["scored", "saw", "audited"]);
    let csv = plaudit(&app, &["audit", "export", "--format", "csv"]);
    assert_eq!(
        csv.out.lines().next(),
        Some("n,at,who,did,subjects,about,before,hash")
    );
    let since = plaudit(&app, &["audit", "export", "--since", "2100-01-01"]);
    since.is(0, &["0 entries"]);
    let nobody = plaudit(&app, &["audit", "export", "--subject", "no body"]);
    nobody.is(2, &["is no applicant id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_a_log_is_said_to_have_none() {
    let app = TestApp::start(World::generated(1, 5), Behaviour::default(), &[]).await;
    for arguments in [["audit", "verify"], ["audit", "export"]] {
        plaudit(&app, &arguments).is(4, &["there is no audit log in"]);
    }
    assert!(!app.config.data_dir.join("audit").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_names_what_the_log_says_of_itself_and_calls_no_log_whole_whose_end_may_be_gone() {
    let app = app().await;
    let at = |name: &str| app.config.data_dir.join("audit").join(name);
    fs::remove_file(at("key")).expect("a key");
    let shown = plaudit(&app, &["show", "gen-000000"]);
    shown.is(0, &["other pseudonyms"]);
    let whole = plaudit(&app, &["audit", "verify"]);
    whole.is(
        0,
        &[
            "note: entry 5 (2",
            "audit/key was missing",
            "the log is whole: 6 entries",
        ],
    );

    let log = fs::read_to_string(log_of(&app)).expect("a log");
    let kept: String = log.split_inclusive('\n').take(5).collect();
    fs::write(log_of(&app), kept).expect("written");
    fs::remove_file(at("head")).expect("a head");
    plaudit(&app, &["audit", "verify"]).is(4, &["audit/head cannot be read or was taken away"]);
    plaudit(&app, &["show", "gen-000000"]).is(0, &[]);
    let doubt = plaudit(&app, &["audit", "verify"]);
    doubt.is(
        4,
        &[
            "error: entry 6 (2",
            "audit/head was missing or damaged",
            "From entry 6 on the log is whole",
            "hint: compare",
        ],
    );
    assert_eq!(doubt.out, "");
    let json = plaudit(&app, &["audit", "verify", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(told[0]["result"], "wrong");
    assert_eq!(told[0]["mended"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_log_is_not_called_whole_and_the_hint_says_what_to_name() {
    let app = TestApp::start(World::generated(1, 5), Behaviour::default(), &[]).await;
    let folder = app.folder.path().to_str().expect("text");
    let nothing = format!("{folder}/nothing");
    plaudit(&app, &["audit", "verify", "/dev/null"]).is(4, &["there is no entry"]);
    for place in [folder, &nothing] {
        let words = [
            "cannot be read",
            "hint: name a file that `plaudit audit export",
        ];
        plaudit(&app, &["audit", "verify", place]).is(4, &words);
    }
    fs::create_dir_all(app.config.data_dir.join("audit/log.jsonl")).expect("a folder");
    let words = ["a folder stands where one of its files should be"];
    plaudit(&app, &["audit", "verify"]).is(4, &words);
    plaudit(&app, &["rank"]).is(4, &words);
}
