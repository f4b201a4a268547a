//! The log as it is used: written, read, mended, refused.

mod edits;
mod killed;
mod mended;

use std::fs;
use std::io;
use std::path::Path;

use super::*;
use crate::domain::applicant::ApplicantId;

fn id(text: &str) -> ApplicantId {
    text.parse().unwrap()
}

fn log_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("audit/log.jsonl")).unwrap()
}

fn head_of(folder: &Path) -> Head {
    let text = fs::read_to_string(folder.join("audit/head")).unwrap();
    text.trim_end().parse().unwrap()
}

/// The entries of a folder's log, from the outside.
async fn entries_of(folder: &Path, subject: Option<&ApplicantId>) -> Vec<Entry> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let tell = {
        let kept = Arc::clone(&kept);
        move |entry, _: &[u8]| {
            kept.lock().unwrap().push(entry);
            Ok::<_, io::Error>(())
        }
    };
    let told = Audit::within(folder).entries(None, subject, tell).await;
    let told = told.unwrap().unwrap();
    assert_eq!(told.unreadable, 0);
    let kept = std::mem::take(&mut *kept.lock().unwrap());
    assert_eq!(told.entries, kept.len() as u64);
    kept
}

async fn finding_of(folder: &Path) -> Option<Finding> {
    let verified = Audit::within(folder).verify(None).await.unwrap();
    verified.unwrap().finding
}

/// A folder whose log holds some changes behind its beginning.
async fn with_changes(count: u64) -> (tempfile::TempDir, Audit) {
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::within(folder.path());
    for number in 0..count {
        let act = Act::new(Who::Local(1000), Deed::Noted).about_one(&id("ada"));
        audit.note(act.with("number", number)).await.unwrap();
    }
    (folder, audit)
}

#[tokio::test]
async fn an_act_is_an_entry_behind_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::within(folder.path());
    assert!(
        !folder.path().join("audit").exists(),
        "nothing is made before"
    );
    assert_eq!(audit.verify(None).await.unwrap(), None);
    audit
        .note(
            Act::new(Who::token("0a1b2c3d"), Deed::Exported)
                .about_all([&id("ada"), &id("bob")])
                .with("format", "csv"),
        )
        .await
        .unwrap();
    audit
        .clone()
        .note(Act::new(Who::Worker, Deed::Scored).about_one(&id("ada")))
        .await
        .unwrap();
    let entries = entries_of(folder.path(), None).await;
    let [began, exported, scored] = &entries[..] else {
        panic!("{entries:?}");
    };
    assert_eq!(
        (began.n, began.did, &began.who),
        (1, Deed::Began, &Who::Log)
    );
    assert_eq!((exported.n, &exported.before), (2, &began.hash));
    assert_eq!(exported.who, Who::Token("0a1b2c3d".to_owned()));
    assert_eq!(exported.about["count"], Detail::Number(2));
    assert_eq!(exported.about["format"], Detail::Word("csv".to_owned()));
    assert_eq!((scored.n, &scored.before), (3, &exported.hash));
    // The same person has one name.
    assert_eq!(scored.subjects, exported.subjects[..1]);
    assert_eq!(head_of(folder.path()), Head::of(scored));
    let verified = audit.verify(None).await.unwrap().unwrap();
    assert_eq!((verified.entries, verified.finding), (3, None));
    // As anybody can make it again.
    let line = log_of(folder.path()).lines().last().unwrap().to_owned();
    let (open, hash) = line.split_once(",\"hash\":\"").unwrap();
    let made = blake3::hash(format!("{open}}}").as_bytes()).to_hex();
    assert_eq!(hash.trim_end_matches("\"}"), made.as_str());
}

#[tokio::test]
async fn no_name_address_or_note_gets_into_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::within(folder.path());
    let hostile = id("Zebediah.Quux+cv@quux-example.org:github");
    for did in Deed::ALL {
        let act = Act::new(Who::token("plaudit_quuxsecret"), did)
            .about_one(&hostile)
            .about_all([&hostile])
            .with("role", "Zebediah Quux <zebediah@quux-example.org>")
            .with("note", "https://quux-example.org/?q=zebediah\n\"},{")
            .with("long", &*"quux".repeat(17));
        audit.note(act).await.unwrap();
    }
    // The key is random bytes, among which any letter may be.
    for name in ["log.jsonl", "head", "lock"] {
        let text = fs::read_to_string(folder.path().join("audit").join(name)).unwrap();
        let text = text.to_lowercase();
        for part in ["quux", "zebediah", "example", "http", "github", "@"] {
            assert!(!text.contains(part), "{part} in {text}");
        }
    }
    let entries = entries_of(folder.path(), None).await;
    let last = entries.last().unwrap();
    assert_eq!(last.who, Who::Token("other".to_owned()));
    assert_eq!(last.about["role"], Detail::Word("other".to_owned()));
    // Also the deed that needs no act is written as one word.
    for did in Deed::ALL {
        let word = serde_json::to_value(did).unwrap();
        assert!(
            word.as_str()
                .unwrap()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        );
    }
}

#[tokio::test]
async fn whoever_was_erased_is_found_by_the_id_and_nobody_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::within(folder.path());
    let (ada, bob) = (id("ada"), id("bob"));
    for (who, did) in [(&ada, Deed::Saw), (&bob, Deed::Saw), (&ada, Deed::Erased)] {
        let act = Act::new(Who::Local(0), did).about_one(who);
        audit.note(act).await.unwrap();
    }
    let did = |entries: Vec<Entry>| entries.iter().map(|one| one.did).collect::<Vec<_>>();
    let of_ada = entries_of(folder.path(), Some(&ada)).await;
    assert_eq!(did(of_ada), [Deed::Saw, Deed::Erased]);
    assert_eq!(
        did(entries_of(folder.path(), Some(&bob)).await),
        [Deed::Saw]
    );
    assert_eq!(did(entries_of(folder.path(), Some(&id("eve"))).await), []);
    let name = audit.pseudonym(&ada).await.unwrap().unwrap();
    assert_eq!(name.len(), "p-0123456789abcdef".len());
    // Another folder, another key, another name.
    let (other, there) = with_changes(1).await;
    assert_ne!(there.pseudonym(&ada).await.unwrap().unwrap(), name);
    drop(other);
}

#[tokio::test]
async fn a_list_names_two_hundred_and_counts_all_and_a_change_names_all() {
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::within(folder.path());
    let many: Vec<ApplicantId> = (0..1_000)
        .map(|number| id(&format!("a-{number}")))
        .collect();
    let act = Act::new(Who::Local(0), Deed::Listed).about_all(&many);
    audit.note(act.with("role", "phd")).await.unwrap();
    let act = Act::new(Who::Local(0), Deed::Exported).about_all(&many);
    audit.note(act).await.unwrap();
    let entries = entries_of(folder.path(), None).await;
    let exported = entries.iter().filter(|one| one.did == Deed::Exported);
    assert_eq!(
        exported
            .clone()
            .map(|one| one.subjects.len())
            .sum::<usize>(),
        1_000
    );
    assert!(
        exported
            .clone()
            .all(|one| one.about["count"] == Detail::Number(1_000))
    );
    assert_eq!(entries[1].subjects.len(), MOST_SUBJECTS);
    assert_eq!(entries[1].about["count"], Detail::Number(1_000));
    assert!(
        log_of(folder.path())
            .lines()
            .all(|line| line.len() < file::LONGEST_LINE)
    );
}

#[tokio::test]
async fn looks_are_under_the_head_when_the_disk_has_them() {
    let (folder, audit) = with_changes(1).await;
    let before = head_of(folder.path());
    for _ in 0..5 {
        let look = Act::new(Who::Worker, Deed::Saw).about_one(&id("ada"));
        audit.note(look).await.unwrap();
    }
    assert_eq!(
        head_of(folder.path()),
        before,
        "the head never runs ahead of the disk"
    );
    assert_eq!(finding_of(folder.path()).await, None);
    audit.sync().await.unwrap();
    assert_eq!(head_of(folder.path()).number, before.number + 5);
    // Another handle goes on, whether the head is there or behind.
    let other = Audit::within(folder.path());
    assert_eq!(other.begin().await.unwrap(), head_of(folder.path()));
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _audit) = with_changes(1).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("audit")), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path().join("audit")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(names, ["head", "key", "lock", "log.jsonl"]);
}

#[tokio::test]
async fn a_line_that_a_crash_cut_short_is_taken_away_and_that_is_written_down() {
    let (folder, audit) = with_changes(3).await;
    let look = Act::new(Who::Worker, Deed::Saw).about_one(&id("ada"));
    audit.note(look.clone()).await.unwrap();
    let path = folder.path().join("audit/log.jsonl");
    let whole = fs::read(&path).unwrap();
    // A look that the disk did not have yet.
    fs::write(&path, &whole[..whole.len() - 7]).unwrap();
    let torn = finding_of(folder.path()).await.unwrap();
    assert_eq!((torn.entry, torn.wrong), (5, Wrong::Torn { head: Some(4) }));
    audit.note(look).await.unwrap();
    let entries = entries_of(folder.path(), None).await;
    let mended = &entries[4];
    assert_eq!(
        (mended.n, mended.did, &mended.who),
        (5, Deed::Mended, &Who::Log)
    );
    assert_eq!(mended.about["what"], Detail::Word("line".to_owned()));
    assert_eq!(entries[5].did, Deed::Saw);
    let verified = audit.verify(None).await.unwrap().unwrap();
    assert_eq!(verified.finding, None, "no acknowledged entry can be gone");
    let told: Vec<_> = verified
        .mendings
        .iter()
        .map(|one| (one.entry, one.what))
        .collect();
    assert_eq!(told, [(5, Mended::Line)]);
}

#[tokio::test]
async fn what_was_cut_off_stays_missed_also_when_the_log_goes_on() {
    for torn in [0, 10] {
        let (folder, audit) = with_changes(6).await;
        let path = folder.path().join("audit/log.jsonl");
        let whole = log_of(folder.path());
        let kept: usize = whole.lines().take(4).map(|line| line.len() + 1).sum();
        fs::write(&path, &whole.as_bytes()[..kept + torn]).unwrap();
        let act = Act::new(Who::Local(0), Deed::Saw).about_one(&id("ada"));
        audit.note(act).await.unwrap();
        audit.sync().await.unwrap();
        let found = finding_of(folder.path()).await.unwrap();
        assert_eq!((found.entry, found.wrong), (5, Wrong::Missing { until: 7 }));
    }
}

#[tokio::test]
async fn a_newest_entry_that_was_written_anew_stays_found_also_when_the_log_goes_on() {
    let (folder, audit) = with_changes(3).await;
    let path = folder.path().join("audit/log.jsonl");
    let whole = log_of(folder.path());
    let (rest, last) = whole.trim_end().rsplit_once('\n').unwrap();
    let mut forged = Entry::read(last.as_bytes()).unwrap();
    forged.did = Deed::Saw;
    fs::write(&path, format!("{rest}\n{}", forged.line().unwrap())).unwrap();
    let found = finding_of(folder.path()).await.unwrap();
    assert_eq!(
        (found.entry, found.wrong),
        (4, Wrong::OtherThanHead { kept: false })
    );
    // By the same handle, and by another one.
    for audit in [audit, Audit::within(folder.path())] {
        audit
            .note(Act::new(Who::Worker, Deed::Scored))
            .await
            .unwrap();
        let found = finding_of(folder.path()).await.unwrap();
        assert_eq!((found.entry, found.wrong), (4, Wrong::Changed));
    }
}

#[tokio::test]
async fn a_head_that_was_taken_away_or_damaged_is_found_and_written_down() {
    for damage in [None, Some("4:0123\n"), Some("")] {
        let (folder, _audit) = with_changes(3).await;
        let path = folder.path().join("audit/head");
        match damage {
            None => fs::remove_file(&path).unwrap(),
            Some(text) => fs::write(&path, text).unwrap(),
        }
        let found = finding_of(folder.path()).await.unwrap();
        assert_eq!((found.entry, found.wrong), (4, Wrong::NoHead));
        let audit = Audit::within(folder.path());
        audit
            .note(Act::new(Who::Worker, Deed::Scored))
            .await
            .unwrap();
        let entries = entries_of(folder.path(), None).await;
        assert_eq!(entries[4].did, Deed::Mended);
        assert_eq!(entries[4].about["what"], Detail::Word("head".to_owned()));
    }
}

#[tokio::test]
async fn a_log_that_was_taken_away_is_missed_and_one_that_was_put_away_whole_begins_anew() {
    let (folder, audit) = with_changes(3).await;
    let at = |name: &str| folder.path().join("audit").join(name);
    fs::rename(at("log.jsonl"), folder.path().join("old.jsonl")).unwrap();
    let found = finding_of(folder.path()).await.unwrap();
    assert_eq!((found.entry, found.wrong), (1, Wrong::CutOff { head: 4 }));
    audit
        .note(Act::new(Who::Worker, Deed::Scored))
        .await
        .unwrap();
    let found = finding_of(folder.path()).await.unwrap();
    assert_eq!((found.entry, found.wrong), (1, Wrong::Missing { until: 4 }));

    fs::remove_file(at("log.jsonl")).unwrap();
    fs::remove_file(at("head")).unwrap();
    audit
        .note(Act::new(Who::Worker, Deed::Scored))
        .await
        .unwrap();
    assert_eq!(finding_of(folder.path()).await, None);
    let entries = entries_of(folder.path(), None).await;
    assert_eq!(entries.len(), 2);
    assert_eq!(head_of(folder.path()).number, 2);
    // What was put away is whole as well.
    let old = verify_copy(&folder.path().join("old.jsonl"), None).unwrap();
    assert_eq!((old.entries, old.finding), (4, None));
}

#[tokio::test]
async fn nothing_is_noted_and_nothing_allowed_when_the_log_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("audit/log.jsonl")).unwrap();
    let audit = Audit::within(folder.path());
    let look = Act::new(Who::Local(0), Deed::Saw).about_one(&id("ada"));
    let refused = audit.note(look.clone()).await.unwrap_err();
    assert!(matches!(refused, AuditError::Unusable { .. }), "{refused}");
    assert!(refused.hint().contains("move the folder away"), "{refused}");
    assert!(audit.ready().await.is_err());

    let (folder, _) = with_changes(1).await;
    fs::write(folder.path().join("audit/key"), b"short").unwrap();
    let refused = Audit::within(folder.path()).note(look).await.unwrap_err();
    assert!(matches!(refused, AuditError::Key { .. }), "{refused}");
    assert!(refused.hint().contains("another pseudonym"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_told_as_one_and_the_log_goes_on_when_there_is_room() {
    let (folder, audit) = with_changes(2).await;
    let at = |name: &str| folder.path().join("audit").join(name);
    fs::rename(at("log.jsonl"), at("aside")).unwrap();
    std::os::unix::fs::symlink("/dev/full", at("log.jsonl")).unwrap();
    let act = Act::new(Who::Local(0), Deed::Exported);
    let refused = audit.note(act.clone()).await.unwrap_err();
    assert!(matches!(refused, AuditError::Full { .. }), "{refused}");
    fs::remove_file(at("log.jsonl")).unwrap();
    fs::rename(at("aside"), at("log.jsonl")).unwrap();
    audit.note(act).await.unwrap();
    assert_eq!(finding_of(folder.path()).await, None);
    assert_eq!(entries_of(folder.path(), None).await.len(), 4);
}

#[test]
fn heads_are_read_as_they_are_printed_and_in_no_other_way() {
    let head: Head = format!("17:{}", "0a".repeat(32)).parse().unwrap();
    assert_eq!(head.number, 17);
    for text in [
        "",
        "17",
        "17:",
        &format!("017:{}", "0a".repeat(32)),
        &format!("17:{}", "0A".repeat(32)),
        &format!(" 17:{}", "0a".repeat(32)),
    ] {
        assert_eq!(text.parse::<Head>(), Err(NoHead), "{text}");
    }
}
