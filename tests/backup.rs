//! Dumps, restoring and the store's own commands, as somebody types them.

use std::fs;

use plaudit::audit::{Deed, Detail, Entry, Who};
use plaudit::commands::session;
use plaudit::standin::{Behaviour, World, generated_list};
use plaudit::store::dump;

use crate::app::{Said, TestApp, said};
use crate::audit::entries_of;

/// Runs the program; it must end with `code` and say each of `words` somewhere.
#[track_caller]
fn says(app: &TestApp, arguments: &[&str], code: i32, words: &[&str]) -> Said {
    let said = said(app.program().args(arguments));
    let all = format!("{}\n{}", said.out, said.err);
    assert_eq!(said.code, Some(code), "{arguments:?}: {all}");
    for word in words {
        assert!(
            all.contains(word),
            "{arguments:?}: {word:?} is missing: {all}"
        );
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_backed_up_is_restored_after_the_log_is_gone() {
    let app = TestApp::start(World::generated(3, 5), Behaviour::default(), &[]).await;
    app.enrich(&generated_list(3)).await;
    let shown = says(&app, &["show", "gen-000001", "--format", "json"], 0, &[]).out;
    let told = says(&app, &["backup"], 0, &["3 applicants"]);
    let file = told.out.trim().to_owned();
    assert_eq!(dump::all(&app.config.dumps).expect("dumps").len(), 1);
    let elsewhere = app.config.data_dir.with_extension("elsewhere");
    let elsewhere = elsewhere.to_str().expect("UTF-8");
    says(&app, &["backup", elsewhere], 0, &[elsewhere]);
    says(&app, &["store", "verify"], 0, &["all whole"]);
    says(&app, &["store", "rebuild"], 0, &["nothing was wrong"]);
    says(&app, &["store", "compact"], 0, &["written anew"]);

    for entry in fs::read_dir(&app.config.data_dir).expect("the folder") {
        let log = entry.expect("an entry").path().join("db");
        if log.exists() {
            fs::write(log, b"").expect("cut");
        }
    }
    let way = format!("restore {file}");
    says(&app, &["show", "gen-000001"], 4, &["is damaged", &way]);
    says(&app, &["store", "verify"], 4, &["is damaged", &way]);
    says(&app, &["doctor", "--offline"], 1, &["is damaged", &way]);
    let words = [
        "restored 3 applicants",
        "damaged/replaced.0",
        "nothing was acknowledged after that",
    ];
    says(&app, &["restore", &file], 0, &words);
    let again = says(&app, &["show", "gen-000001", "--format", "json"], 0, &[]);
    assert_eq!(again.out, shown);

    fs::write(elsewhere, b"no dump").expect("written");
    says(
        &app,
        &["restore", elsewhere],
        4,
        &["cannot be used", "nothing was changed"],
    );
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    assert_eq!(store.applicants().await.expect("read").len(), 3);
    store.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_dump_that_is_made_and_each_that_is_brought_back_is_written_down() {
    let app = TestApp::start(World::generated(3, 5), Behaviour::default(), &[]).await;
    app.enrich(&generated_list(3)).await;
    let file = app.folder.path().join("a.zst");
    let file = file.to_str().expect("UTF-8");
    let mut before = entries_of(&app.config.data_dir).await.len();
    let mut new = async || -> Vec<Entry> {
        let new = entries_of(&app.config.data_dir).await.split_off(before);
        before += new.len();
        new
    };
    for (arguments, did) in [
        (vec!["backup"], Deed::BackedUp),
        (vec!["backup", file], Deed::BackedUp),
        (vec!["restore", file], Deed::Restored),
    ] {
        says(&app, &arguments, 0, &[]);
        let new = new().await;
        assert_eq!(new.len(), 1, "{arguments:?}: {new:?}");
        assert_eq!((new[0].did, &new[0].who), (did, &Who::local()));
        assert_eq!(new[0].about["count"], Detail::Number(3), "{arguments:?}");
    }
    let mut handed = app.program();
    let handed = handed.args(["backup", "-"]).output().expect("it runs");
    assert!(handed.status.success() && !handed.stdout.is_empty());
    let told = new().await;
    assert_eq!((told.len(), told[0].did), (1, Deed::BackedUp));
    assert_eq!(told[0].about["to"], Detail::Word("output".to_owned()));

    says(&app, &["refresh"], 0, &[]);
    let did: Vec<_> = new()
        .await
        .into_iter()
        .map(|one| (one.did, one.who))
        .collect();
    let by_hand = (Deed::Refreshed, Who::local());
    assert_eq!(did, [by_hand, (Deed::BackedUp, Who::Schedule)]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_dump_takes_the_place_of_nothing_that_nobody_gave_up() {
    let app = TestApp::start(World::generated(1, 5), Behaviour::default(), &[]).await;
    app.enrich(&generated_list(1)).await;
    let folder = app.folder.path();
    let (file, link, pipe) = (
        folder.join("kept.zst"),
        folder.join("link"),
        folder.join("pipe"),
    );
    fs::write(&file, b"kept").expect("written");
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let text = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    let none = folder.join("none/a.zst");
    for (path, words, hint) in [
        (&file, "is there already", "--force"),
        (&link, "is no regular file", "plaudit backup -"),
        (&pipe, "is no regular file", "plaudit backup -"),
        (&folder.to_owned(), "is a folder", "name a file"),
        (&none, "there is no folder", "make the folder first"),
    ] {
        says(&app, &["backup", &text(path)], 2, &[words, hint]);
    }
    for path in [&link, &pipe] {
        let words = ["is no regular file"];
        says(&app, &["backup", "--force", &text(path)], 2, &words);
    }
    assert_eq!(fs::read(&file).expect("there"), b"kept");
    let ways = [link, pipe].map(|path| fs::symlink_metadata(path).expect("there"));
    assert!(ways[0].is_symlink() && !ways[1].is_file());
    assert!(
        dump::all(&app.config.dumps).expect("dumps").is_empty(),
        "no dump is made for nothing"
    );
    // And one applicant is not said to be several.
    says(
        &app,
        &["backup", "--force", &text(&file)],
        0,
        &["\n1 applicant, "],
    );
    says(
        &app,
        &["restore", "-"],
        2,
        &["standard input", "to a file first"],
    );
    says(
        &app,
        &["restore", &text(&file)],
        0,
        &["restored 1 applicant, "],
    );
}
