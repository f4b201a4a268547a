//! What the log says of itself when it was found otherwise than it was left.

use super::*;

/// A change by another process than the ones before.
async fn go_on(folder: &Path) {
    let audit = Audit::within(folder);
    let act = Act::new(Who::Local(0), Deed::Noted).about_one(&id("ada"));
    audit.note(act).await.unwrap();
}

#[tokio::test]
async fn an_end_that_was_cut_off_together_with_the_head_stays_in_doubt_when_the_log_goes_on() {
    let (folder, _) = with_changes(6).await;
    let log = folder.path().join("audit/log.jsonl");
    let kept: String = log_of(folder.path())
        .split_inclusive('\n')
        .take(4)
        .collect();
    fs::write(&log, kept).unwrap();
    fs::remove_file(folder.path().join("audit/head")).unwrap();
    for _ in 0..2 {
        go_on(folder.path()).await;
    }
    let verified = Audit::within(folder.path()).verify(None).await.unwrap();
    let verified = verified.unwrap();
    assert_eq!(verified.entries, 7);
    let found = verified.finding.unwrap();
    assert_eq!((found.entry, found.line, found.following), (5, 5, 2));
    let Wrong::Mended(mending) = found.wrong else {
        panic!("{found:?}");
    };
    assert_eq!((mending.entry, mending.what), (5, Mended::Head));
    assert_eq!(verified.mendings, [mending]);
    // A copy says the same.
    let copy = verify_copy(&log, None).unwrap();
    assert_eq!(copy.finding, Some(found));
}

#[tokio::test]
async fn what_was_changed_is_told_before_what_is_in_doubt() {
    let (folder, _) = with_changes(3).await;
    fs::remove_file(folder.path().join("audit/head")).unwrap();
    go_on(folder.path()).await;
    let log = log_of(folder.path()).replacen("noted", "saw", 1);
    fs::write(folder.path().join("audit/log.jsonl"), log).unwrap();
    let found = finding_of(folder.path()).await.unwrap();
    assert_eq!((found.entry, found.wrong), (2, Wrong::Changed));
}

#[tokio::test]
async fn a_key_that_was_taken_away_is_written_down_and_leaves_no_doubt_about_the_entries() {
    let (folder, _) = with_changes(2).await;
    let before = entries_of(folder.path(), None).await;
    fs::remove_file(folder.path().join("audit/key")).unwrap();
    go_on(folder.path()).await;
    let verified = Audit::within(folder.path()).verify(None).await.unwrap();
    let verified = verified.unwrap();
    assert_eq!(verified.finding, None);
    let told: Vec<_> = (verified.mendings.iter())
        .map(|one| (one.entry, one.what))
        .collect();
    assert_eq!(told, [(4, Mended::Key)]);
    let after = entries_of(folder.path(), None).await;
    assert_ne!(after[4].subjects, before[1].subjects);
}

#[tokio::test]
async fn what_is_taken_away_beside_a_process_that_has_the_log_open_is_noticed_as_well() {
    for (name, what) in [("head", Mended::Head), ("key", Mended::Key)] {
        for did in [Deed::Noted, Deed::Saw] {
            let (folder, audit) = with_changes(2).await;
            fs::remove_file(folder.path().join("audit").join(name)).unwrap();
            for _ in 0..3 {
                let act = Act::new(Who::Local(0), did).about_one(&id("ada"));
                audit.note(act).await.unwrap();
            }
            let verified = audit.verify(None).await.unwrap().unwrap();
            let told: Vec<_> = (verified.mendings.iter())
                .map(|one| (one.entry, one.what))
                .collect();
            assert_eq!(told, [(4, what)], "once, and not with each look");
            assert_eq!(verified.entries, 7);
            // All entries from there on bear the name of the key that is there.
            let entries = entries_of(folder.path(), Some(&id("ada"))).await;
            let count = if what == Mended::Key { 3 } else { 5 };
            assert_eq!(entries.len(), count, "{what:?}");
        }
    }
}

#[tokio::test]
async fn a_log_without_a_single_entry_is_not_whole() {
    let (folder, _) = with_changes(1).await;
    let empty = folder.path().join("empty.jsonl");
    fs::write(&empty, "").unwrap();
    let found = verify_copy(&empty, None).unwrap().finding.unwrap();
    assert_eq!((found.entry, found.wrong), (1, Wrong::NoBeginning));
    // As a process leaves it that was killed before its first entry; the next one begins it.
    let at = |name: &str| folder.path().join("audit").join(name);
    fs::write(at("log.jsonl"), "").unwrap();
    fs::write(at("head"), format!("{}\n", Head::nothing())).unwrap();
    let found = finding_of(folder.path()).await.unwrap();
    assert_eq!(found.wrong, Wrong::NoBeginning);
    go_on(folder.path()).await;
    assert_eq!(finding_of(folder.path()).await, None);
}
