//! Who stays when somebody else is erased, and what still holds who was.

use std::fs;
use std::path::PathBuf;

use super::*;

const ASKED: Erasure = Erasure {
    ground: Ground::Asked,
    reason: None,
};
const EXPIRED: Erasure = Erasure {
    ground: Ground::Expired,
    reason: None,
};

/// All lines of a dump.
fn text(dump: &Path) -> String {
    String::from_utf8(zstd::decode_all(fs::File::open(dump).unwrap()).unwrap()).unwrap()
}

async fn accept_as(store: &Store, applicant: Applicant, now: Timestamp) -> Accepted {
    let submission = Submission {
        applicant,
        priority: Priority::Interactive,
        force: false,
    };
    let mut accepted = store.accept(vec![submission], now, hourly()).await.unwrap();
    accepted.remove(0)
}

/// One, two and three work at one laboratory, and have its page or its address; two ids are of one account.
async fn laboratory() -> (TempDir, Store) {
    let (folder, store) = empty().await;
    for (name, page, email) in [
        ("one", true, true),
        ("two", true, false),
        ("three", false, true),
    ] {
        let mut applicant = applicant(name);
        if page {
            applicant.links.push(home_page("https://lab.example.org/"));
        }
        applicant.email = email.then(|| "office@example.org".to_owned());
        assert_eq!(accept_as(&store, applicant, at(0)).await, Accepted::Queued);
    }
    let mut again = applicant("one");
    again.id = id("one-again");
    again.email = None;
    assert_eq!(accept_as(&store, again, at(0)).await, Accepted::Queued);
    (folder, store)
}

#[tokio::test]
async fn what_two_are_known_by_takes_nobody_along_when_one_is_erased() {
    let (folder, store) = laboratory().await;
    let before = store.back_up(None, at(1)).await.unwrap();
    store.forget(vec![id("one")], ASKED, at(2)).await.unwrap();
    let after = store.back_up(None, at(3)).await.unwrap();
    let stay = ["one-again", "three", "two"].map(id);
    assert_eq!(store.ids().await.unwrap(), Vec::<ApplicantId>::new());
    let kept: Vec<_> = store.applicants().await.unwrap();
    let kept: Vec<_> = kept.into_iter().map(|one| one.id).collect();
    assert_eq!(kept, stay);
    for applicant in store.applicants().await.unwrap() {
        let accepted = accept_as(&store, applicant, at(4)).await;
        assert_eq!(accepted, Accepted::AlreadyQueued);
    }
    let refused = accept_as(&store, applicant("one"), at(4)).await;
    assert!(matches!(refused, Accepted::Forgotten(_)), "{refused:?}");
    store.close().await.unwrap();

    for (dump, kept_out) in [(before, 0), (after, 0)] {
        let dumped = dump::verify(&dump.file).unwrap();
        assert_eq!(dumped.applicants, 3);
        assert!(!text(&dump.file).contains("\"id\":\"one\""));
        let restored = Store::restore(folder.path(), &dump.file, options()).await;
        assert_eq!(restored.unwrap().kept_out, kept_out);
        let (store, _) = open(folder.path()).await;
        let kept: Vec<_> = store.applicants().await.unwrap();
        let kept: Vec<_> = kept.into_iter().map(|one| one.id).collect();
        assert_eq!(kept, stay);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn whoever_asked_stays_out_of_every_role_when_the_time_of_another_id_ends() {
    let (_folder, store) = empty().await;
    let account = |name: &str, role: &str| {
        let mut applicant = applicant("one");
        applicant.id = id(name);
        applicant.email = None;
        applicant.role = role.to_owned();
        applicant
    };
    for (name, role) in [("a", "data-scientist"), ("b", ROLE)] {
        accept_as(&store, account(name, role), at(0)).await;
    }
    // The link is b's as well, so that it is b's tombstone that keeps it out.
    store.forget(vec![id("a")], ASKED, at(1)).await.unwrap();
    store.forget(vec![id("b")], ASKED, at(2)).await.unwrap();
    store.lift("b").await.unwrap().unwrap();
    accept_as(&store, account("b", ROLE), at(3)).await;
    store.forget(vec![id("b")], EXPIRED, at(4)).await.unwrap();
    let again = accept_as(&store, account("b", ROLE), at(5)).await;
    assert!(matches!(again, Accepted::Forgotten(_)), "{again:?}");
    let elsewhere = accept_as(&store, account("b", "data-scientist"), at(5)).await;
    assert_eq!(elsewhere, Accepted::Queued);
    store.forget(vec![id("b")], ASKED, at(6)).await.unwrap();
    for role in ["data-scientist", ROLE] {
        // One that bars every role and one that bars this role lie side by side.
        let again = accept_as(&store, account("c", role), at(7)).await;
        assert!(matches!(again, Accepted::Forgotten(_)), "{role}: {again:?}");
    }
    assert_eq!(store.tombstones().await.unwrap().len(), 3);
}

#[tokio::test]
async fn whose_time_has_ended_for_one_role_is_gone_from_dumps_of_another_role_too() {
    let (folder, store) = empty().await;
    let mut earlier = applicant("one");
    earlier.role = "data-scientist".to_owned();
    accept_as(&store, earlier, at(0)).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = elsewhere.path().join("kept");
    store.back_up(Some(kept.clone()), at(1)).await.unwrap();
    let dump = store.back_up(None, at(1)).await.unwrap();
    accept_as(&store, applicant("one"), at(2)).await;
    store.forget(vec![id("one")], EXPIRED, at(3)).await.unwrap();
    assert_eq!(dump::verify(&dump.file).unwrap().applicants, 0);
    store.close().await.unwrap();
    let restored = Store::restore(folder.path(), &kept, options()).await;
    assert_eq!(restored.unwrap().kept_out, 1);
}

#[tokio::test]
async fn a_dump_of_whatever_name_in_the_data_folder_is_cleaned() {
    let (folder, store) = empty().await;
    accept(&store, &["one", "two"], Priority::Interactive, at(0)).await;
    let dumps = dump::folder_within(folder.path());
    store.back_up(None, at(1)).await.unwrap();
    let named = [
        dumps.join("before-the-move.jsonl.zst"),
        folder.path().join("mine"),
    ];
    for file in &named {
        store.back_up(Some(file.clone()), at(1)).await.unwrap();
    }
    // Neither is a dump.
    fs::create_dir(dumps.join("plaudit-x.jsonl.zst")).unwrap();
    let notes = dumps.join("notes.zst");
    fs::write(
        &notes,
        zstd::encode_all(&b"one is the best"[..], 3).unwrap(),
    )
    .unwrap();
    store.forget(vec![id("one")], ASKED, at(2)).await.unwrap();
    assert_eq!(store.uncleaned_dumps().await.unwrap(), Vec::<String>::new());
    for file in &named {
        assert_eq!(dump::verify(file).unwrap().applicants, 1);
    }
    assert!(notes.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_dump_that_cannot_be_cleaned_now_stops_nobody_and_is_cleaned_later() {
    let folder = tempfile::tempdir().unwrap();
    let dumps = tempfile::tempdir().unwrap();
    let elsewhere = || StoreOptions {
        dumps: Some(dumps.path().to_owned()),
        ..options()
    };
    let (store, _) = Store::open(folder.path(), elsewhere()).await.unwrap();
    accept(&store, &["one", "two"], Priority::Interactive, at(0)).await;
    let dump = store.back_up(None, at(1)).await.unwrap().file;
    // A newer plaudit's, and a link to a disk that is not there to be written to: whole, and not this one's to change.
    let newer: PathBuf = dump.with_file_name("plaudit-newer.jsonl.zst");
    let head = zstd::encode_all(&b"{\"plaudit\":\"9\",\"format\":99}\n"[..], 3).unwrap();
    fs::write(&newer, &head).unwrap();
    let other = tempfile::tempdir().unwrap();
    let target = other.path().join("dump");
    fs::copy(&dump, &target).unwrap();
    let link = dump.with_file_name("plaudit-link.jsonl.zst");
    std::os::unix::fs::symlink(&target, &link).unwrap();

    let raised = store.forget(vec![id("one")], ASKED, at(2)).await.unwrap();
    assert!(raised[0].is_some());
    let left = store.uncleaned_dumps().await.unwrap();
    let names = ["plaudit-link", "plaudit-newer"];
    assert!(
        left.len() == 2
            && left
                .iter()
                .zip(names)
                .all(|(left, name)| left.contains(name)),
        "{left:?}"
    );
    assert_eq!(fs::read(&newer).unwrap(), head);
    assert_eq!(dump::verify(&target).unwrap().applicants, 2);
    assert_eq!(dump::verify(&dump).unwrap().applicants, 1);
    store.close().await.unwrap();

    let (store, opening) = Store::open(folder.path(), elsewhere()).await.unwrap();
    assert_eq!(opening.recovered.len(), 2, "{:?}", opening.recovered);
    store.close().await.unwrap();
    fs::remove_file(&newer).unwrap();
    fs::remove_file(&link).unwrap();
    fs::rename(&target, &link).unwrap();
    let (store, opening) = Store::open(folder.path(), elsewhere()).await.unwrap();
    assert_eq!(opening.recovered, Vec::<String>::new());
    assert_eq!(store.uncleaned_dumps().await.unwrap(), Vec::<String>::new());
    assert_eq!(dump::verify(&link).unwrap().applicants, 1);
}

#[tokio::test]
async fn a_restore_that_cannot_know_who_was_erased_says_so_and_cleans_what_was_left() {
    let (folder, store) = empty().await;
    accept(&store, &["one", "two"], Priority::Interactive, at(0)).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = elsewhere.path().join("kept");
    store.back_up(Some(kept.clone()), at(1)).await.unwrap();
    store.forget(vec![id("one")], ASKED, at(2)).await.unwrap();
    let copy = folder.path().join("tombstones.jsonl");
    let tombstones = fs::read(&copy).unwrap();
    store.close().await.unwrap();

    let fresh = tempfile::tempdir().unwrap();
    let restored = Store::restore(fresh.path(), &kept, options())
        .await
        .unwrap();
    assert_eq!((restored.kept_out, restored.notices.len()), (0, 1));
    assert!(restored.notices[0].contains("tombstones.jsonl"));
    fs::write(fresh.path().join("tombstones.jsonl"), tombstones).unwrap();
    let dumps = dump::folder_within(fresh.path());
    fs::create_dir(&dumps).unwrap();
    let beside = dumps.join(dump::name_of(at(1)));
    fs::copy(&kept, &beside).unwrap();
    let restored = Store::restore(fresh.path(), &kept, options())
        .await
        .unwrap();
    assert_eq!((restored.kept_out, restored.notices.len()), (1, 0));
    assert_eq!(dump::verify(&beside).unwrap().applicants, 2);
    let (store, _) = open(fresh.path()).await;
    assert_eq!(dump::verify(&beside).unwrap().applicants, 1);
    store.close().await.unwrap();
}
