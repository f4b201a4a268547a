//! Processes that end at any moment, and several that write at the same time.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::*;

/// Set to the data folder, and the number of the child, in a process that a test starts of itself.
const CHILD: &str = "PLAUDIT_TEST_AUDIT";

/// What a child says before the number of an entry that was acknowledged.
const NOTED: &str = "noted ";

/// Acts of each process that writes beside others. Count.
const BESIDE: u64 = 150;

const KILLS: usize = 25;

#[expect(
    clippy::disallowed_methods,
    reason = "how a test speaks to its child; no setting"
)]
fn asked_of_child() -> Option<(PathBuf, u64, u64)> {
    let text = std::env::var(CHILD).ok()?;
    let mut parts = text.splitn(3, ' ');
    let mut number = || parts.next().unwrap().parse().unwrap();
    let (first, count) = (number(), number());
    Some((parts.next().unwrap().into(), first, count))
}

/// Notes acts with these numbers, and tells of each that it was acknowledged. Every third one is a look.
async fn note_all((folder, first, count): (PathBuf, u64, u64), mut tell: impl FnMut(u64)) {
    let audit = Audit::within(&folder);
    for number in first..first.saturating_add(count) {
        let did = if number % 3 == 0 {
            Deed::Saw
        } else {
            Deed::Adjusted
        };
        let act = Act::new(Who::Local(0), did).about_one(&id("ada"));
        audit.note(act.with("number", number)).await.unwrap();
        tell(number);
    }
}

/// Runs the test `the_child_notes_what_it_is_asked_to` in a process of its own.
fn child(folder: &Path, first: u64, count: u64) -> Child {
    let test = module_path!().split_once("::").unwrap().1;
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg(format!("{test}::the_child_notes_what_it_is_asked_to"))
        .env(CHILD, format!("{first} {count} {}", folder.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn numbers(said: &str) -> impl Iterator<Item = u64> {
    said.lines().filter_map(|line| {
        let (_, number) = line.split_once(NOTED)?;
        number.parse().ok()
    })
}

async fn kept(folder: &Path) -> Vec<u64> {
    let entries = entries_of(folder, None).await;
    let number = |entry: &Entry| match entry.about.get("number") {
        Some(Detail::Number(number)) => Some(*number),
        Some(Detail::Word(_)) | None => None,
    };
    entries.iter().filter_map(number).collect()
}

#[tokio::test]
async fn the_child_notes_what_it_is_asked_to() {
    if let Some(asked) = asked_of_child() {
        let say = |number| writeln!(io::stdout(), "{NOTED}{number}").unwrap();
        note_all(asked, say).await;
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_each_kill_and_the_chain_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    let mut acknowledged = BTreeSet::new();
    for kill in 0..KILLS {
        let first = kill as u64 * 1_000_000;
        let mut child = child(folder.path(), first, u64::MAX);
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        // At a moment that the seed draws: while it opens, or after so many acts.
        let lines = if kill % 5 == 0 {
            0
        } else {
            random.usize(1..40)
        };
        while numbers(&text).count() < lines {
            assert_ne!(said.read_line(&mut text).unwrap(), 0, "{text}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        said.read_to_string(&mut text).unwrap();
        // The last line may have been cut short in the middle of its number.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        acknowledged.extend(numbers(whole));
        if let Some(verified) = Audit::within(folder.path()).verify(None).await.unwrap() {
            let unfinished = matches!(
                verified.finding,
                Some(Finding {
                    wrong: Wrong::Torn { .. } | Wrong::NoBeginning,
                    ..
                })
            );
            assert!(
                verified.finding.is_none() || unfinished,
                "{:?}",
                verified.finding
            );
        }
    }
    let audit = Audit::within(folder.path());
    audit.begin().await.unwrap();
    assert_eq!(finding_of(folder.path()).await, None);
    let there: BTreeSet<u64> = kept(folder.path()).await.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&there).collect();
    assert_eq!(lost, Vec::<&u64>::new());
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
}

#[tokio::test]
async fn processes_that_write_at_the_same_time_keep_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let children = [1_000, 2_000].map(|first| child(folder.path(), first, BESIDE));
    let asked = (folder.path().to_owned(), 3_000, BESIDE);
    note_all(asked, |_| {}).await;
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(numbers(&said).count() as u64, BESIDE);
    }
    let kept = kept(folder.path()).await;
    for first in [1_000, 2_000, 3_000] {
        let of_one: Vec<u64> = kept
            .iter()
            .copied()
            .filter(|number| number / 1_000 == first / 1_000)
            .collect();
        // Each process's acts stand in their order.
        assert_eq!(of_one, (first..first + BESIDE).collect::<Vec<_>>());
    }
    assert_eq!(finding_of(folder.path()).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_that_write_at_the_same_time_keep_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::within(folder.path());
    let mut tasks = tokio::task::JoinSet::new();
    for first in 0..8_u64 {
        let audit = audit.clone();
        tasks.spawn(async move {
            for number in 0..50 {
                let did = if number % 10 == 0 {
                    Deed::Noted
                } else {
                    Deed::Saw
                };
                let act = Act::new(Who::Worker, did).with("number", first * 1_000 + number);
                audit.note(act).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(kept(folder.path()).await.len(), 400);
    assert_eq!(finding_of(folder.path()).await, None);
}
