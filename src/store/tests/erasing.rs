//! Who is erased is gone: from what is read, and from every byte in the folder.

use std::{fs, path::PathBuf};

use serde_json::json;

use super::*;
use crate::domain::webhook::{Delivery, Endpoint, Message, WebhookEvent};

/// All files below `folder`, with their bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else if entry.file_type().unwrap().is_file() {
            found.push((entry.path(), fs::read(entry.path()).unwrap()));
        }
    }
    found
}

/// Where one of `marks` stands in a file, or in the name of one.
fn residue(folder: &Path, marks: &[Vec<u8>]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, bytes) in files(folder) {
        for mark in marks {
            let stands = |bytes: &[u8]| bytes.windows(mark.len()).any(|part| part == mark);
            if stands(&bytes) || stands(path.as_os_str().as_encoded_bytes()) {
                found.push(format!(
                    "{} in {}",
                    String::from_utf8_lossy(mark),
                    path.display()
                ));
            }
        }
    }
    found
}

/// Somebody of whom nothing else in the store has a letter.
const EVE: &str = "evelynne-quux";

/// A store with a few people; everything that can be kept is kept of [`EVE`]. Also what to search for: what she is known
/// by, and the bytes of every value that is about her as they lie in the engine, since some are compressed.
async fn peopled(store: &Store) -> Vec<Vec<u8>> {
    let endpoint = Endpoint {
        id: "0a0b0c0d".to_owned(),
        url: "https://hooks.example.org/plaudit".to_owned(),
        events: vec![WebhookEvent::ProfileReady, WebhookEvent::ProfileChanged],
        created_at: at(0),
    };
    let registered = Edit::new().put(Shelf::Endpoints, &endpoint.id, &endpoint);
    store.edit(registered).await.unwrap();
    for round in 0..3 {
        for name in ["ada", EVE, "bob"] {
            enrich(
                store,
                name,
                at(round),
                f64::from(u32::try_from(round).unwrap()),
            )
            .await;
        }
    }
    accept(store, &[EVE, "cyd"], Priority::Refresh, at(10_000)).await;
    let review = review_with_a_note("a note on evelynne: plays the theremin");
    store
        .keep_review(
            &id(EVE),
            review,
            store.profile_mark(&id(EVE)).await.unwrap(),
            None,
            at(5),
        )
        .await
        .unwrap();
    let about_eve = Message {
        event: WebhookEvent::ProfileReady,
        applicant: Some(id(EVE)),
        payload: json!({"data": {"applicant": EVE}}).to_string(),
    };
    let dead = Delivery::new(&endpoint, &about_eve, at(6), "x");
    let answer = json!({"status": 202, "body": json!({"id": EVE}).to_string()});
    let import = json!({"rows": [
        {"line": 2, "applicant": EVE, "outcome": "queued"},
        {"line": 3, "applicant": "ada", "outcome": "queued"},
    ]});
    let refresh = json!({"changed": [{"id": EVE}, {"id": "bob"}], "failed": []});
    let records = Edit::new()
        .put(Shelf::DeadLetters, &dead.dead_as(), &dead)
        .put(Shelf::Answers, "key", &answer)
        .put(Shelf::Imports, "list", &import)
        .put(Shelf::Refreshes, "night", &refresh);
    store.edit(records).await.unwrap();

    let mut marks: Vec<Vec<u8>> = [EVE, "Made-up evelynne", "theremin"]
        .map(|text| text.as_bytes().to_vec())
        .into();
    let engine = store.engine();
    for table in Table::ALL {
        for entry in &engine.tree(table) {
            let (key, sealed) = entry.unwrap();
            let json = envelope::open_json(table, &key, &sealed).unwrap();
            let about = String::from_utf8_lossy(&key).contains(EVE) || json.contains(EVE);
            // A value that is as good as empty looks like any other.
            if about && sealed.len() > 40 {
                marks.push(sealed.to_vec());
            }
        }
    }
    assert!(marks.len() > 12, "{}", marks.len());
    marks
}

fn review_with_a_note(text: &str) -> Review {
    serde_json::from_value(json!({
        "revision": 1,
        "notes": [{"number": 1, "text": text, "signature": {"by": "rae", "at": at(4)}}],
    }))
    .unwrap()
}

#[tokio::test]
async fn no_byte_of_who_was_erased_is_left_in_the_folder() {
    let (folder, store) = empty().await;
    let marks = peopled(&store).await;
    // The search finds what is there, and what is deleted alone is there still.
    assert!(residue(folder.path(), &marks).len() > 12);
    let kept = store.current(&id("ada")).await.unwrap();
    let dump = store.back_up(None, at(7)).await.unwrap();
    fs::create_dir(folder.path().join("damaged")).unwrap();
    fs::write(folder.path().join("damaged/snap.0.0"), EVE).unwrap();

    let tombstone = store.erase(id(EVE)).await.unwrap().unwrap();
    assert_eq!(residue(folder.path(), &marks), Vec::<String>::new());
    assert_eq!(store.find(EVE).await.unwrap(), []);
    assert_eq!(store.history(&id(EVE)).await.unwrap(), []);
    assert_eq!(store.job(&id(EVE)).await.unwrap(), None);
    assert_eq!(store.count(Shelf::DeadLetters).await.unwrap(), 0);
    assert_eq!(store.tombstones().await.unwrap(), [tombstone]);
    // The dump from before has lost her and nobody else, and one that is made now has never heard of her.
    let later = store.back_up(None, at(8)).await.unwrap();
    for dump in [&dump.file, &later.file] {
        let text = zstd::decode_all(fs::File::open(dump).unwrap()).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("evelynne") && !text.contains("theremin"));
        assert!(text.contains("Made-up ada"));
        assert_eq!(dump::verify(dump).unwrap().applicants, 3);
    }
    // Everybody else is as before, and can go on.
    assert_eq!(store.current(&id("ada")).await.unwrap(), kept);
    assert_eq!(store.history(&id("bob")).await.unwrap().len(), 2);
    let rows: Option<Value> = store.record(Shelf::Imports, "list").await.unwrap();
    assert_eq!(
        rows.unwrap(),
        json!({"rows": [{"line": 3, "applicant": "ada", "outcome": "queued"}]})
    );
    assert_whole(&store).await;
    enrich(&store, "ada", at(20_000), 9.0).await;
    store.close().await.unwrap();

    let (store, opening) = open(folder.path()).await;
    assert_eq!((opening.missing, opening.recovered), (0, Vec::new()));
    assert_eq!(residue(folder.path(), &marks), Vec::<String>::new());
    assert_eq!(store.ids().await.unwrap(), [id("ada"), id("bob")]);
    assert_whole(&store).await;
}

#[tokio::test]
async fn an_erasure_that_a_crash_cut_off_is_finished_by_the_next_opening() {
    let (folder, store) = empty().await;
    let marks = peopled(&store).await;
    let why = Erasure {
        ground: Ground::Asked,
        reason: None,
    };
    let dump = store.back_up(None, at(0)).await.unwrap();
    // The first half alone.
    let engine = store.engine();
    erasure::begin(engine, &[id(EVE)], &why, at(0)).unwrap();
    assert!(!residue(folder.path(), &marks).is_empty());
    store.close().await.unwrap();

    let (store, opening) = open(folder.path()).await;
    assert_eq!(opening.recovered, Vec::<String>::new());
    assert_eq!(residue(folder.path(), &marks), Vec::<String>::new());
    assert_eq!(store.tombstones().await.unwrap().len(), 1);
    assert_eq!(dump::verify(&dump.file).unwrap().applicants, 3);
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_list_cannot_bring_back_who_was_erased_until_a_person_lets_it() {
    let (folder, store) = empty().await;
    enrich(&store, EVE, at(0), 1.0).await;
    let tombstone = store.erase(id(EVE)).await.unwrap().unwrap();
    let refused = Accepted::Forgotten(Box::new(tombstone.clone()));
    // By the id, by the link under another id, by the address under another id and link.
    let mut by_link = submission(EVE, Priority::Interactive);
    by_link.applicant.id = id("other");
    let mut by_address = submission("another", Priority::Interactive);
    by_address.applicant.email = Some(format!("  {}@EXAMPLE.org ", EVE.to_uppercase()));
    let list = vec![
        submission(EVE, Priority::Interactive),
        by_link.clone(),
        by_address,
        submission("ada", Priority::Interactive),
    ];
    let accepted = store.accept(list, at(1), hourly()).await.unwrap();
    assert_eq!(
        accepted,
        [
            refused.clone(),
            refused.clone(),
            refused.clone(),
            Accepted::Queued
        ]
    );
    assert_eq!(store.applicants().await.unwrap().len(), 1);
    store.close().await.unwrap();

    let (store, _) = open(folder.path()).await;
    assert_eq!(
        accept(&store, &[EVE], Priority::Interactive, at(2)).await,
        [refused]
    );
    assert_eq!(store.lift("nobody").await.unwrap(), None);
    let handle = format!("https://github.com/{}/", EVE.to_uppercase());
    assert_eq!(store.lift(&handle).await.unwrap(), Some(tombstone));
    assert_eq!(store.tombstones().await.unwrap(), []);
    assert_eq!(
        accept(&store, &[EVE], Priority::Interactive, at(3)).await,
        [Accepted::Queued]
    );
}

#[tokio::test]
async fn who_was_kept_long_enough_may_apply_for_another_role() {
    let (_folder, store) = empty().await;
    enrich(&store, "ada", at(0), 1.0).await;
    let why = Erasure {
        ground: Ground::Expired,
        reason: None,
    };
    let raised = store
        .forget(vec![id("ada"), id("nobody")], why, at(1))
        .await;
    let raised = raised.unwrap();
    assert_eq!(raised[0].as_ref().unwrap().role.as_deref(), Some(ROLE));
    assert_eq!(raised[1], None);
    let again = accept(&store, &["ada"], Priority::Interactive, at(2)).await;
    assert!(matches!(again[0], Accepted::Forgotten(_)), "{again:?}");
    let mut elsewhere = submission("ada", Priority::Interactive);
    elsewhere.applicant.role = "postdoc".to_owned();
    let again = store.accept(vec![elsewhere], at(3), hourly()).await;
    assert_eq!(again.unwrap(), [Accepted::Queued]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_or_writes_meanwhile_is_not_disturbed() {
    let (folder, store) = empty().await;
    for number in 0..40 {
        enrich(&store, &format!("a{number}"), at(0), 1.0).await;
    }
    let writing = async {
        for _ in 0..5 {
            store.write_anew().await.unwrap();
        }
    };
    let reading = async {
        for round in 0..200 {
            let name = format!("a{}", round % 40);
            assert!(store.profile(&id(&name)).await.unwrap().is_some());
            store.put_meta("round", &round).await.unwrap();
        }
    };
    futures::future::join(writing, reading).await;
    assert_whole(&store).await;
    store.close().await.unwrap();
    let (store, opening) = open(folder.path()).await;
    assert_eq!((opening.missing, opening.recovered), (0, Vec::new()));
    assert_eq!(store.get_meta("round").await.unwrap(), Some(199));
    assert_eq!(store.ids().await.unwrap().len(), 40);
}

#[tokio::test]
async fn a_store_whose_files_are_where_earlier_formats_had_them_is_written_anew_once() {
    let (folder, store) = empty().await;
    enrich(&store, "ada", at(0), 1.0).await;
    let kept = store.current(&id("ada")).await.unwrap();
    store.close().await.unwrap();
    let engine = folder.path().join("engine.1");
    fs::remove_file(engine.join("complete")).unwrap();
    for entry in fs::read_dir(&engine).unwrap() {
        let entry = entry.unwrap();
        fs::rename(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    fs::remove_dir(&engine).unwrap();
    for told in [1, 0] {
        let (store, opening) = open(folder.path()).await;
        assert_eq!((opening.missing, opening.recovered.len()), (0, told));
        assert_eq!(store.current(&id("ada")).await.unwrap(), kept);
        assert!(!folder.path().join("db").exists());
        assert_whole(&store).await;
        store.close().await.unwrap();
    }
}
