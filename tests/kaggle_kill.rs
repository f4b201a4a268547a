//! Pulling the plug: `kill -9` in the middle of an import, again and again.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plaudit::sources::kaggle::bulk::Index;
use plaudit::sources::kaggle::import::Folder;
use plaudit::standin::kaggle::dump::{Dump, KnownPerson, Truth};
use plaudit::standin::kaggle::{KaggleBehaviour, KaggleStandIn, KaggleWorld};
use tempfile::TempDir;

use crate::app::program_in;

const KILLS: u32 = 30;

/// Accounts of the old data set and of the new one. Different numbers, so that one is told from the other.
const OLD: u64 = 2_000;
const NEW: u64 = 30_000;

/// Asked by their own spelling, since somebody else's may differ in case alone.
fn assert_answers(index: &Index, known: &KnownPerson) {
    let name = &known.user_name;
    let person = index.find(name).expect("whole").expect("there");
    assert_eq!(person.user_id, known.user_id, "{name}");
    assert_eq!(person.competitions, known.competitions, "{name}");
}

/// Which data set the index was made from, seen from what it answers; panics when it answers neither's truth.
fn answers(index: &Path, old: &Truth, new: &Truth) -> &'static str {
    let index = Index::open(index).expect("an index that answers");
    let (name, truth) = if index.about().users < NEW / 2 {
        ("old", old)
    } else {
        ("new", new)
    };
    for known in truth.people.values().step_by(97) {
        assert_answers(&index, known);
    }
    name
}

#[tokio::test(flavor = "multi_thread")]
async fn after_thirty_kills_of_an_import_the_old_index_still_answers_and_the_next_one_ends_right() {
    let home = TempDir::new().expect("a folder");
    let files = TempDir::new().expect("a folder");
    let (old, new) = (Dump::new(OLD, 3), Dump::new(NEW, 4));
    let (old_truth, new_truth) = (old.truth(), new.truth());
    let old_files = files.path().join("old");
    std::fs::create_dir(&old_files).expect("made");
    old.write(&old_files).expect("written");
    // Slow, so that there is a middle to be killed in; an address works once, as if it had expired.
    let behaviour = KaggleBehaviour {
        latency: Duration::from_millis(20),
        link_uses: Some(1),
        folder: Some(files.path().join("new")),
        ..KaggleBehaviour::default()
    };
    let world = Arc::new(KaggleWorld::generated(NEW, 4));
    let kaggle = KaggleStandIn::start(world, behaviour)
        .await
        .expect("loopback");
    let data = home.path().join("data");
    let index = Folder::within(&data).index();
    let program = |arguments: &[&str]| {
        let mut command: Command = program_in(home.path());
        command
            .args(["kaggle", "import", "--no-progress"])
            .args(arguments)
            .env("PLAUDIT_DATA_DIR", &data)
            .env("PLAUDIT_KAGGLE__URL", kaggle.url())
            .env("PLAUDIT_KAGGLE__PAUSE", "30ms")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let run = |arguments: &[&str]| {
        let began = Instant::now();
        let status = tokio::task::block_in_place(|| program(arguments).status());
        assert!(status.expect("the program").success(), "{arguments:?}");
        began.elapsed()
    };
    let from_old = ["--from", old_files.to_str().expect("UTF-8")];
    run(&from_old);
    assert_eq!(answers(&index, &old_truth, &new_truth), "old");
    // How long it takes undisturbed, so that kills fall anywhere in it.
    let undisturbed = run(&["--force"]);
    assert_eq!(answers(&index, &old_truth, &new_truth), "new");
    run(&from_old);

    let mut random = fastrand::Rng::with_seed(23);
    let (mut kills, mut ends, mut while_indexing) = (0, 0, 0);
    while kills < KILLS {
        let mut child = program(&["--force"]).spawn().expect("the program");
        let most = u64::try_from(undisturbed.as_millis()).expect("short");
        tokio::time::sleep(Duration::from_millis(random.u64(5..most.max(10)))).await;
        if child.try_wait().expect("a child").is_some() {
            // Done before the plug was pulled: the new one answers. From the old one again.
            assert_eq!(answers(&index, &old_truth, &new_truth), "new");
            run(&from_old);
            ends += 1;
            continue;
        }
        child.kill().expect("killed");
        child.wait().expect("reaped");
        kills += 1;
        let part = index.with_extension("index.part");
        while_indexing += u32::from(part.exists());
        if answers(&index, &old_truth, &new_truth) == "new" {
            // Killed between the new index's last step and the program's end.
            run(&from_old);
        }
    }
    assert_eq!(answers(&index, &old_truth, &new_truth), "old");
    let (asked, sent) = (kaggle.report().requests, kaggle.report().bytes_sent);
    run(&[]);
    assert_eq!(answers(&index, &old_truth, &new_truth), "new");
    println!(
        "{kills} kills, {while_indexing} of them with an index half written, {ends} imports ended before theirs; \
         undisturbed {:.2} s; requests before the last import {asked:?}, {} bytes sent by it",
        undisturbed.as_secs_f64(),
        kaggle.report().bytes_sent - sent
    );
    assert!(
        while_indexing > 0,
        "no kill struck while the index was written"
    );
    let index = Index::open(&index).expect("an index");
    index.verify().expect("whole");
    for known in new_truth.people.values() {
        assert_answers(&index, known);
    }
}
