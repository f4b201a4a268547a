//! Any file of a store, with one bit flipped or cut anywhere: nothing wrong is read in silence, and there is a way back.

use std::{
    fs,
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
};

use super::{
    damage::copy,
    dumps::{Contents, filled, read_all},
    *,
};
use crate::domain::erasure::Ground;

/// Far longer than any opening takes: what has not ended by then never will.
const FOR_EVER: Duration = Duration::from_mins(2);

/// A folder in memory where there is one: stores are copied and opened some hundred times.
fn quick_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// A store as several processes leave it, with every kind of file, and its dump.
async fn original(folder: &Path) -> Contents {
    let (store, _) = open(folder).await;
    filled(&store).await;
    store.close().await.unwrap();
    let (store, _) = open(folder).await;
    enrich(&store, "gus", at(29), 1.0).await;
    let why = Erasure {
        ground: Ground::Asked,
        reason: None,
    };
    store.forget(vec![id("gus")], why, at(30)).await.unwrap();
    store.close().await.unwrap();
    let (store, _) = open(folder).await;
    // Longer than what the engine keeps in its log, and nothing that could be shortened by much.
    let mut random = fastrand::Rng::with_seed(3);
    let long: String = (0..700_000).map(|_| random.alphanumeric()).collect();
    store.put_meta("long", &long).await.unwrap();
    enrich(&store, "fay", at(31), 2.0).await;
    store.close().await.unwrap();
    let (store, _) = open(folder).await;
    enrich(&store, "fay", at(32), 3.0).await;
    store.back_up(None, at(33)).await.unwrap();
    let contents = read_all(&store).await.unwrap();
    store.close().await.unwrap();
    contents
}

/// The files of a store by their kind, dumps left out.
fn files(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let mut files = Vec::new();
    for path in all_files(folder) {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy();
        let kind = match name.as_ref() {
            name if name.starts_with("dumps") => continue,
            name if name.contains("/blobs/") => "blob",
            name if name.contains("/snap.") => "snapshot",
            name if name.ends_with("/db") => "log",
            name if name.ends_with("/conf") => "engine's settings",
            name if name.ends_with("/complete") => "note of completeness",
            "acknowledged" => "mark",
            "tombstones.jsonl" => "copy of the tombstones",
            "lock" => "lock",
            other => panic!("{other} is no file that is known"),
        };
        files.push((kind, path.strip_prefix(folder).unwrap().to_owned()));
    }
    files.sort();
    files
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(all_files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// All is there, and nothing was said.
    Harmless,
    /// All is there, after something was mended.
    Mended,
    /// The last changes are missing, and that was said.
    Missing,
    /// The store was refused, with the way to restore it, and restored.
    Restored,
}

/// Opens a store that was tampered with, and restores it where that is what the error says.
async fn come_back(folder: &Path, truth: &Contents) -> Outcome {
    let what = match Store::open(folder, options()).await {
        Ok((store, opening)) => {
            let read = read_all(&store).await;
            let verified = store.verify().await;
            // What an engine over damaged files says at its end is no news.
            let _ = store.close().await;
            match read {
                Ok(read) if opening.missing == 0 => {
                    assert_eq!(read, *truth, "read in silence");
                    return if opening.recovered.is_empty() {
                        Outcome::Harmless
                    } else {
                        Outcome::Mended
                    };
                }
                Ok(_) => {
                    assert!(!opening.recovered.is_empty(), "missing in silence");
                    assert_eq!(verified.unwrap().damaged, Vec::<String>::new());
                    restore(folder, truth).await;
                    return Outcome::Missing;
                }
                Err(error) => error,
            }
        }
        Err(error) => error,
    };
    let StoreError::Damaged { dump: Some(_), .. } = &what else {
        panic!("{what:?} shows no way back")
    };
    let hint = what.hint().unwrap();
    let (_, command) = hint.split_once("restore ").unwrap();
    let (named, _) = command.split_once('`').unwrap();
    assert_eq!(named, newest(folder).to_str().unwrap());
    restore(folder, truth).await;
    Outcome::Restored
}

fn newest(folder: &Path) -> PathBuf {
    dump::all(&folder.join("dumps")).unwrap().pop().unwrap()
}

/// Does what the hint says; all is as in the dump.
async fn restore(folder: &Path, truth: &Contents) {
    let restored = Store::restore(folder, &newest(folder), options()).await;
    assert_eq!(restored.unwrap().notices, Vec::<String>::new());
    let (store, opening) = open(folder).await;
    assert_eq!(opening.recovered, Vec::<String>::new());
    assert_eq!(read_all(&store).await.unwrap(), *truth);
    assert_eq!(store.tombstones().await.unwrap().len(), 1);
    assert_whole(&store).await;
    store.close().await.unwrap();
}

/// The outcome, in a thread of its own: the engine may panic over damaged files, and must not hang.
fn outcome(folder: PathBuf, truth: Contents, what: &str) -> Outcome {
    let (told, outcome) = mpsc::channel();
    let trial = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let came = runtime.block_on(come_back(&folder, &truth));
        told.send(came).unwrap();
    });
    match outcome.recv_timeout(FOR_EVER) {
        Ok(outcome) => {
            trial.join().unwrap();
            outcome
        }
        Err(RecvTimeoutError::Timeout) => panic!("{what}: it hangs"),
        Err(RecvTimeoutError::Disconnected) => panic!("{what}: {:?}", trial.join()),
    }
}

#[test]
fn a_flipped_bit_or_a_cut_in_any_file_ends_in_all_that_was_kept() {
    let source = quick_folder();
    let truth = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(original(source.path()));
    let files = files(source.path());
    let mut kinds: Vec<&str> = files.iter().map(|(kind, _)| *kind).collect();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "blob",
            "copy of the tombstones",
            "engine's settings",
            "lock",
            "log",
            "mark",
            "note of completeness",
            "snapshot"
        ]
    );
    let mut random = fastrand::Rng::with_seed(20_261_130);
    let mut came: BTreeMap<(&str, &str, Outcome), usize> = BTreeMap::new();
    for round in 0..200 {
        let deed = if round < 100 { "flip" } else { "cut" };
        // Every third time the log, which is by far the largest; else each kind in its turn.
        let kind = if round % 3 == 0 {
            "log"
        } else {
            kinds[round % kinds.len()]
        };
        let of_kind: Vec<_> = files.iter().filter(|(of, _)| *of == kind).collect();
        let name = &of_kind[random.usize(..of_kind.len())].1;
        let folder = quick_folder();
        copy(source.path(), folder.path());
        let mut bytes = fs::read(folder.path().join(name)).unwrap();
        // Behind the last byte there is room that the engine has not written to.
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
        let place = random.usize(..=used);
        if deed == "cut" {
            bytes.truncate(place);
        } else if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 1 << random.u8(..8);
        }
        fs::write(folder.path().join(name), bytes).unwrap();
        let what = format!("{deed} {} at {place}", name.display());
        let outcome = outcome(folder.path().to_owned(), truth.clone(), &what);
        *came.entry((deed, kind, outcome)).or_default() += 1;
    }
    let of = |outcome| -> usize {
        let these = came.iter().filter(|((_, _, came), _)| *came == outcome);
        these.map(|(_, count)| count).sum()
    };
    // Otherwise the deeds met nothing, and the test proved nothing.
    assert!(of(Outcome::Restored) >= 40, "{came:#?}");
    assert!(of(Outcome::Mended) >= 5, "{came:#?}");
}
