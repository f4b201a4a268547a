//! Crashes and flipped bits: nothing acknowledged is lost in silence, nothing wrong is read.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::*;

/// Copies the files of a store, as they stand at this moment, to another folder: what a killed process
/// leaves behind.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Where the engine of a data folder has its files.
fn engine_of(folder: &Path) -> PathBuf {
    layout::Place::current(folder).unwrap().path()
}

fn snapshots(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(engine_of(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("snap.")
        })
        .collect()
}

const NAMES: [&str; 4] = ["ada", "bob", "cyd", "dov"];

/// A store that several processes have written to, so that it has a snapshot and a log behind it; the last
/// one was killed if `killed`.
async fn small_store(folder: &Path, killed: bool) {
    let source = tempfile::tempdir().unwrap();
    for round in 0..4 {
        let (store, _) = open(source.path()).await;
        for name in NAMES {
            enrich(
                &store,
                name,
                at(round),
                f64::from(u32::try_from(round).unwrap()),
            )
            .await;
        }
        accept(&store, &["waiting"], Priority::Refresh, at(round)).await;
        if killed && round == 3 {
            copy(source.path(), folder);
            return;
        }
        store.close().await.unwrap();
    }
    copy(source.path(), folder);
}

/// What was acknowledged: the newest profiles with their history, and the queue.
type Contents = (Vec<Snapshot>, Vec<Job>);

async fn contents(store: &Store) -> Result<Contents, StoreError> {
    let mut all = Vec::new();
    for name in NAMES {
        all.extend(store.current(&id(name)).await?);
        all.extend(store.history(&id(name)).await?);
    }
    Ok((all, store.jobs().await?))
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    small_store(folder.path(), true).await;
    let (store, opening) = open(folder.path()).await;
    assert_eq!(
        (opening.missing, opening.recovered),
        (0, Vec::<String>::new())
    );
    assert!(opening.verified.is_some_and(|values| values > 30));
    let (stored, jobs) = contents(&store).await.unwrap();
    assert_eq!((stored.len(), jobs.len()), (16, 1));
    assert_eq!(stored[0].profile, profile(&applicant("ada"), at(3), 3.0));
    assert_whole(&store).await;
}

#[tokio::test]
async fn values_are_read_once_after_they_were_written_and_not_at_every_opening() {
    let (folder, store) = empty().await;
    enrich(&store, "ada", at(0), 1.0).await;
    store.close().await.unwrap();
    let (store, opening) = open(folder.path()).await;
    assert!(opening.verified.is_some());
    store.close().await.unwrap();
    let (_store, opening) = open(folder.path()).await;
    assert_eq!(opening, Opening::default());
}

#[tokio::test]
async fn a_stray_half_written_snapshot_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    small_store(folder.path(), true).await;
    fs::write(
        engine_of(folder.path()).join("snap.FFFFFFFFFFFFFFFF.generating"),
        b"half",
    )
    .unwrap();
    let (store, opening) = open(folder.path()).await;
    assert_eq!(opening.recovered.len(), 1, "{opening:?}");
    assert!(opening.recovered[0].contains("damaged"), "{opening:?}");
    assert!(
        folder
            .path()
            .join("damaged/snap.FFFFFFFFFFFFFFFF.generating.0")
            .exists()
    );
    assert_eq!(contents(&store).await.unwrap().0.len(), 16);
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_truncated_snapshot_is_put_aside_and_made_again() {
    for killed in [false, true] {
        for kept in [0, 5, 20] {
            let folder = tempfile::tempdir().unwrap();
            small_store(folder.path(), killed).await;
            let files = snapshots(folder.path());
            assert_eq!(files.len(), 1);
            fs::OpenOptions::new()
                .write(true)
                .open(&files[0])
                .unwrap()
                .set_len(kept)
                .unwrap();
            let (store, opening) = open(folder.path()).await;
            assert_eq!(
                (opening.recovered.len(), opening.missing),
                (1, 0),
                "{opening:?}"
            );
            assert!(opening.verified.is_some());
            assert_eq!(contents(&store).await.unwrap().0.len(), 16);
            assert_whole(&store).await;
            store.close().await.unwrap();
            let (_store, opening) = open(folder.path()).await;
            assert_eq!(opening.recovered, Vec::<String>::new());
        }
    }
}

/// What came of opening a store with a flipped byte.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// All was there, and nothing was said.
    Harmless,
    /// All was there, after something was mended.
    Mended,
    /// The last changes were missing, that was said, and the rest was whole.
    Missing,
    /// The store was refused.
    Refused,
}

/// Opens a store that was tampered with, and panics when something wrong was read in silence.
async fn outcome(folder: &Path, whole: &Contents, what: &str) -> Outcome {
    let (store, opening) = match Store::open(folder, options()).await {
        Ok(opened) => opened,
        Err(StoreError::Damaged { .. }) => return Outcome::Refused,
        Err(other) => panic!("{what}: {other}"),
    };
    if opening.missing > 0 {
        assert!(!opening.recovered.is_empty(), "{what}");
        assert_whole(&store).await;
        return Outcome::Missing;
    }
    match contents(&store).await {
        Ok(read) => assert_eq!(read, *whole, "{what}: read in silence"),
        Err(StoreError::Damaged { .. }) => return Outcome::Refused,
        Err(other) => panic!("{what}: {other}"),
    }
    if opening.recovered.is_empty() {
        Outcome::Harmless
    } else {
        Outcome::Mended
    }
}

#[tokio::test]
async fn a_flipped_byte_anywhere_is_noticed_or_harmless() {
    let mut random = fastrand::Rng::with_seed(20_260_101);
    let mut noticed = 0;
    for killed in [false, true] {
        let original = tempfile::tempdir().unwrap();
        small_store(original.path(), killed).await;
        let whole = {
            let reading = tempfile::tempdir().unwrap();
            copy(original.path(), reading.path());
            let (store, _) = open(reading.path()).await;
            contents(&store).await.unwrap()
        };
        assert_eq!(whole.0.len(), 16);
        let mut files: Vec<PathBuf> = snapshots(original.path());
        let engine = engine_of(original.path());
        files.extend(["db", "conf"].map(|name| engine.join(name)));
        files.push(original.path().join("acknowledged"));
        for round in 0..40 {
            let folder = tempfile::tempdir().unwrap();
            copy(original.path(), folder.path());
            // The log is by far the largest: every second flip goes there, within what is written.
            let file = if round % 2 == 0 {
                engine.join("db")
            } else {
                files[random.usize(..files.len())].clone()
            };
            let name = file.strip_prefix(original.path()).unwrap();
            let mut bytes = fs::read(&file).unwrap();
            let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
            let place = random.usize(..=used);
            bytes[place] ^= 1 << random.u8(..8);
            fs::write(folder.path().join(name), bytes).unwrap();
            let what = format!("{}@{place}, killed {killed}", name.display());
            let outcome = outcome(folder.path(), &whole, &what).await;
            noticed += usize::from(outcome != Outcome::Harmless);
        }
    }
    // Otherwise the flips met nothing, and the test proved nothing.
    assert!(noticed >= 20, "{noticed} of 80 flips were noticed");
}

#[tokio::test]
async fn a_log_that_was_cut_is_told_and_not_taken_for_an_unfinished_write() {
    let folder = tempfile::tempdir().unwrap();
    small_store(folder.path(), true).await;
    let log = engine_of(folder.path()).join("db");
    let mut bytes = fs::read(&log).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    // The last kilobytes, as a disk that lied about having written them would leave them.
    bytes[used - 2_000..].fill(0);
    fs::write(&log, bytes).unwrap();
    match Store::open(folder.path(), options()).await {
        Ok((store, opening)) => {
            assert!(opening.missing > 0, "{opening:?}");
            assert!(
                opening
                    .recovered
                    .iter()
                    .any(|what| what.contains("missing"))
            );
            assert_whole(&store).await;
            store.close().await.unwrap();
            let (_store, opening) = open(folder.path()).await;
            assert_eq!(opening.missing, 0);
        }
        Err(error) => assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}"),
    }
}

#[tokio::test]
async fn a_log_that_is_gone_is_damage_and_not_a_new_store() {
    let folder = tempfile::tempdir().unwrap();
    small_store(folder.path(), false).await;
    fs::remove_file(engine_of(folder.path()).join("db")).unwrap();
    for snapshot in snapshots(folder.path()) {
        fs::remove_file(snapshot).unwrap();
    }
    for _ in 0..2 {
        let error = Store::open(folder.path(), options()).await.unwrap_err();
        assert!(
            error.hint().unwrap().contains("move the folder away"),
            "{error}"
        );
    }
}

/// Set to the data folder in a process that a test starts of itself.
const CHILD: &str = "PLAUDIT_TEST_STORE";

/// The folder that a test gives to its own child.
#[expect(
    clippy::disallowed_methods,
    reason = "how a test speaks to its child; no setting"
)]
fn child_folder() -> Option<std::ffi::OsString> {
    std::env::var_os(CHILD)
}

/// The command that runs one test of this module in a process of its own.
fn this_test(name: &str, folder: &Path) -> (std::ffi::OsString, Command) {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(&program);
    command
        .args(["--exact", "--nocapture"])
        .arg(format!(
            "{}::{name}",
            module_path!().split_once("::").unwrap().1
        ))
        .env(CHILD, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    (program.into(), command)
}

#[tokio::test]
async fn a_second_process_is_refused_and_a_killed_one_is_survived() {
    if let Some(folder) = child_folder() {
        // The child: acknowledge, say so, and hold the folder until killed.
        let (store, _) = open(Path::new(&folder)).await;
        enrich(&store, "ada", at(0), 1.0).await;
        accept(&store, &["bob"], Priority::Interactive, at(1)).await;
        let leased = take(&store, at(2)).await.unwrap();
        assert_eq!(leased.applicant.id, id("bob"));
        fs::write(Path::new(&folder).join("told"), b"").unwrap();
        std::future::pending::<()>().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "a_second_process_is_refused_and_a_killed_one_is_survived";
    let mut child = this_test(name, folder.path()).1.spawn().unwrap();
    while !folder.path().join("told").exists() {
        assert_eq!(child.try_wait().unwrap(), None, "the child ended early");
        std::thread::yield_now();
    }
    let hasty = StoreOptions {
        lock_wait: Duration::from_millis(50),
        ..options()
    };
    let error = Store::open(folder.path(), hasty).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    child.kill().unwrap();
    child.wait().unwrap();

    let (store, opening) = open(folder.path()).await;
    assert_eq!(
        (opening.missing, opening.recovered),
        (0, Vec::<String>::new())
    );
    assert!(store.profile(&id("ada")).await.unwrap().is_some());
    assert_eq!(store.waiting(at(3)).await.unwrap().ready, 1);
    assert_whole(&store).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_write_that_the_system_refuses_for_lack_of_room_loses_nothing_and_ends() {
    if let Some(folder) = child_folder() {
        // The child may write no file longer than 4 MiB: the engine itself meets the end of the room,
        // as when another program takes the last of it.
        let folder = Path::new(&folder);
        let (store, _) = open(folder).await;
        let mut random = fastrand::Rng::with_seed(1);
        for number in 0.. {
            let mut long = submission(&format!("a{number}"), Priority::Interactive);
            // Nothing that zstd could shorten by much.
            long.applicant.legal_basis = Some((0..50_000).map(|_| random.alphanumeric()).collect());
            match store.accept(vec![long], at(0), hourly()).await {
                Ok(_) => fs::write(folder.join("told"), (number + 1).to_string()).unwrap(),
                Err(error) => {
                    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
                    let again = store.put_meta("key", &1).await;
                    assert!(matches!(again, Err(StoreError::Full { .. })), "{again:?}");
                    assert!(store.close().await.is_err());
                    return;
                }
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "a_write_that_the_system_refuses_for_lack_of_room_loses_nothing_and_ends";
    let (program, command) = this_test(name, folder.path());
    // Ignored, the signal leaves the refused write to return an error, as a full disk does. 512-byte blocks.
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 8192; exec \"$0\" \"$@\""])
        .arg(program)
        .args(command.get_args())
        .env(CHILD, folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = limited.status().unwrap();
    assert!(status.success(), "{status}");

    let told: usize = fs::read_to_string(folder.path().join("told"))
        .unwrap()
        .parse()
        .unwrap();
    assert!(told > 20, "{told}");
    let (store, opening) = open(folder.path()).await;
    assert_eq!(opening.missing, 0);
    assert!(store.applicants().await.unwrap().len() >= told);
    assert_whole(&store).await;
}

#[tokio::test]
async fn whatever_the_moment_of_a_kill_nothing_acknowledged_is_lost_and_nothing_is_half_done() {
    if let Some(folder) = child_folder() {
        // The child: enrich one after the other, and tell each by a byte, until killed.
        let folder = Path::new(&folder);
        let (store, _) = open(folder).await;
        let mut told = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("told"))
            .unwrap();
        let done = store.applicants().await.unwrap().len();
        for number in done.. {
            enrich(&store, &format!("a{number:04}"), at(0), 1.0).await;
            std::io::Write::write_all(&mut told, b".").unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let name =
        "whatever_the_moment_of_a_kill_nothing_acknowledged_is_lost_and_nothing_is_half_done";
    let told = || fs::metadata(folder.path().join("told")).map_or(0, |file| file.len());
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..6 {
        let enough = told() + random.u64(1..40);
        let mut child = this_test(name, folder.path()).1.spawn().unwrap();
        while told() < enough {
            assert_eq!(child.try_wait().unwrap(), None, "the child ended early");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let (store, opening) = open(folder.path()).await;
        assert_eq!(
            (opening.missing, opening.recovered),
            (0, Vec::<String>::new())
        );
        assert_whole(&store).await;
        let profiles = store.profiles_of_role(ROLE).await.unwrap().len() as u64;
        assert!(profiles >= told(), "{profiles} of {}", told());
        // The one in work at the kill is either done or waits; let it be done.
        while let Some(leased) = take(&store, at(0)).await {
            let made = profile(&leased.applicant, at(0), 1.0);
            store.finish(&leased.lease, made, at(0)).await.unwrap();
        }
        assert!(store.waiting(at(0)).await.unwrap().is_empty());
        store.close().await.unwrap();
    }
}
