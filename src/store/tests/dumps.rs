//! Dumps: what is in them, at which moment, and that one which is not whole is known for it.

use std::fs;

use super::{
    dump::{self, Line, Reader},
    *,
};
use crate::domain::{erasure::Ground, job::JobState, review::entry::signed};

/// A store with something in each table.
pub(super) async fn filled(store: &Store) {
    for round in 0..3 {
        for name in ["ada", "bob"] {
            enrich(
                store,
                name,
                at(round),
                f64::from(u32::try_from(round).unwrap()) + 0.1,
            )
            .await;
        }
    }
    accept(store, &["cyd", "dov", "eve"], Priority::Refresh, at(9)).await;
    let leased = take(store, at(10)).await.unwrap();
    store
        .defer(&leased.lease, (at(1_000), at(10)), "a limit", true)
        .await
        .unwrap();
    take(store, at(11)).await.unwrap();
    let by = signed("Dr Example", at(12)).unwrap();
    let review = Review::default()
        .with_note("met at a conference", by)
        .unwrap();
    store
        .keep_review(&id("eve"), review, None, None, at(12))
        .await
        .unwrap();
    store.put_meta("key", &1.10).await.unwrap();
    let edit = Edit::new()
        .put(
            Shelf::Tokens,
            "a token",
            &serde_json::json!({"name": "Dr Example"}),
        )
        .put(Shelf::Sessions, "a session", &1);
    assert!(store.edit(edit).await.unwrap());
}

/// Every line of a dump, as text.
fn lines(path: &Path) -> Vec<String> {
    let bytes = zstd::stream::decode_all(fs::File::open(path).unwrap()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A store with something in each table, and its dump.
async fn dumped() -> (TempDir, Store, Dumped) {
    let (folder, store) = empty().await;
    filled(&store).await;
    let dumped = store.back_up(None, at(20)).await.unwrap();
    (folder, store, dumped)
}

#[tokio::test]
async fn a_dump_holds_every_primary_value_to_the_byte_and_is_its_owners_alone() {
    let (folder, store, dumped) = dumped().await;
    assert_eq!(
        dumped.file,
        folder
            .path()
            .join("dumps/plaudit-20270115T080020Z.jsonl.zst")
    );
    assert_eq!(dump::verify(&dumped.file).unwrap(), dumped);
    assert_eq!((dumped.applicants, dumped.made_at), (5, at(20)));
    assert_eq!(dumped.change, store.newest_change());

    let lines = lines(&dumped.file);
    assert_eq!(lines.len() as u64, dumped.records + 2);
    let head = format!(
        r#"{{"plaudit":"0.1.0","format":1,"made_at":"2027-01-15T08:00:20Z","change":{}"#,
        dumped.change
    );
    assert!(lines[0].starts_with(&head), "{}", lines[0]);
    let (_, profile) = store.profile_json(&id("ada")).await.unwrap().unwrap();
    let line = format!(
        r#"{{"profile":{{"id":"ada","value":{{"stored_at":"2027-01-15T08:00:02Z","profile":{profile}}}}}}}"#
    );
    assert!(lines.contains(&line), "{lines:#?}");
    let of = |kind: &str| {
        let begin = format!("{{\"{kind}\":");
        lines.iter().filter(|line| line.starts_with(&begin)).count()
    };
    let kinds = [
        "applicant",
        "job",
        "profile",
        "earlier",
        "meta",
        "review",
        "rubric",
        "record",
    ];
    // Nobody is to find a session open again.
    assert_eq!(kinds.map(of), [5, 3, 2, 4, 1, 1, 0, 1]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&dumped.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let beside: Vec<_> = fs::read_dir(folder.path().join("dumps")).unwrap().collect();
    assert_eq!(beside.len(), 1, "nothing else is left: {beside:?}");
}

#[tokio::test]
async fn a_dump_that_was_cut_or_changed_is_known() {
    let (folder, _store, dumped) = dumped().await;
    let whole = fs::read(&dumped.file).unwrap();
    let text = lines(&dumped.file);
    let changed = folder.path().join("changed");
    let mut random = fastrand::Rng::with_seed(20_260_101);
    for round in 0..300 {
        let mut bytes = whole.clone();
        let place = random.usize(..bytes.len());
        if round % 2 == 0 {
            bytes[place] ^= 1 << random.u8(..8);
        } else {
            bytes.truncate(place);
        }
        fs::write(&changed, &bytes).unwrap();
        match dump::verify(&changed) {
            Err(Fault::DumpUnusable { .. }) => {}
            // A bit of the stream's head that nobody reads.
            Ok(_) => assert_eq!(lines(&changed), text, "{place}"),
            Err(other) => panic!("{place}: {other:?}"),
        }
    }
    for (odd, why) in [
        (&b"no dump"[..], "cannot be read"),
        (
            &zstd::bulk::compress(b"{}\n", 3).unwrap(),
            "no dump of plaudit's",
        ),
        (
            &zstd::bulk::compress(b"{\"format\":2}\n", 3).unwrap(),
            "the newer plaudit",
        ),
        (&[&whole[..], &whole[..]].concat(), "follows its last line"),
        (b"", "it was cut"),
    ] {
        fs::write(&changed, odd).unwrap();
        let refused = dump::verify(&changed).unwrap_err();
        assert!(
            matches!(&refused, Fault::DumpUnusable { why: told, .. } if told.contains(why)),
            "{refused:?}"
        );
    }
}

fn rewrite(file: &Path, keep: impl FnMut(Line) -> Option<Line>) -> Result<bool, Fault> {
    dump::rewrite(dump::Reader::open(file)?, keep)
}

#[tokio::test]
async fn a_line_whose_value_is_another_ones_is_known() {
    let (_folder, _store, dumped) = dumped().await;
    let swapped = rewrite(&dumped.file, |line| match line {
        Line::Profile { id, value } if id.as_str() == "ada" => {
            let text = value.get().replace("ada", "eve");
            let value = serde_json::value::RawValue::from_string(text).unwrap();
            Some(Line::Profile { id, value })
        }
        line => Some(line),
    });
    assert!(swapped.unwrap());
    let refused = dump::verify(&dumped.file).unwrap_err();
    assert!(
        format!("{refused:?}").contains("what stands under ada is of eve"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_dump_is_written_anew_without_somebody_and_only_if_somebody_was_in_it() {
    let (_folder, _store, dumped) = dumped().await;
    let before = fs::read(&dumped.file).unwrap();
    let keep_but = |name: &'static str| {
        move |line: Line| (line.whose().map(ApplicantId::as_str) != Some(name)).then_some(line)
    };
    assert!(!rewrite(&dumped.file, keep_but("nobody")).unwrap());
    assert_eq!(fs::read(&dumped.file).unwrap(), before);
    assert!(rewrite(&dumped.file, keep_but("ada")).unwrap());
    let after = dump::verify(&dumped.file).unwrap();
    assert_eq!((after.applicants, after.records), (4, dumped.records - 4));
    assert!(!lines(&dumped.file).concat().contains("ada"));

    let cut = &before[..before.len() / 2];
    fs::write(&dumped.file, cut).unwrap();
    let refused = rewrite(&dumped.file, keep_but("bob"));
    assert!(
        matches!(refused, Err(Fault::DumpUnusable { .. })),
        "{refused:?}"
    );
    assert_eq!(fs::read(&dumped.file).unwrap(), cut);
}

#[tokio::test]
async fn a_dump_shows_one_moment_while_changes_go_on() {
    let (folder, store) = empty().await;
    let names: Vec<String> = (0..700).map(|number| format!("a{number:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    accept(&store, &names, Priority::Refresh, at(0)).await;
    let before = store.applicants().await.unwrap();

    let viewing = store.engine().begin_view();
    let mut seen = Vec::new();
    let mut round = 0;
    while let Some(entries) = viewing.next(Table::Applicants).unwrap() {
        for (key, sealed) in entries {
            let applicant: Applicant =
                super::envelope::open(Table::Applicants, &key, &sealed).unwrap();
            seen.push(applicant);
        }
        // Before the reader and behind it: changed, added and taken away.
        round += 1;
        for name in ["a001", "a699", "a400"] {
            let mut changed = submission(name, Priority::Refresh);
            changed.applicant.name = Some(format!("Another {round}"));
            store
                .accept(vec![changed], at(round), hourly())
                .await
                .unwrap();
        }
        accept(&store, &["a0005", "a6995"], Priority::Refresh, at(round)).await;
        store
            .ask_again(vec![id("a600")], Priority::Interactive, at(round))
            .await
            .unwrap();
    }
    assert!(round >= 3, "{round}");
    assert_eq!(seen, before);
    drop(viewing);
    let dumped = store
        .back_up(Some(folder.path().join("dump")), at(9))
        .await
        .unwrap();
    assert_eq!(dumped.applicants, 702);
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_store_that_misses_a_value_is_not_dumped_as_if_it_were_whole() {
    let (folder, store, _) = dumped().await;
    store.engine().tree(Table::History).pop_min().unwrap();
    let refused = store.back_up(None, at(21)).await;
    assert!(
        matches!(refused, Err(StoreError::Damaged { .. })),
        "{refused:?}"
    );
    assert_eq!(dump::all(&folder.path().join("dumps")).unwrap().len(), 1);
}

#[tokio::test]
async fn the_newest_whole_dump_is_found_and_old_ones_go() {
    let (folder, store, first) = dumped().await;
    let dumps = folder.path().join("dumps");
    let second = store.back_up(None, at(3_600)).await.unwrap();
    let third = store.back_up(None, at(7_200)).await.unwrap();
    fs::write(dumps.join("notes.txt"), b"mine").unwrap();
    let bytes = fs::read(&third.file).unwrap();
    fs::write(&third.file, &bytes[..100]).unwrap();
    assert_eq!(dump::newest_whole(&dumps), Some(second.clone()));
    assert_eq!(dump::newest_whole(&folder.path().join("none")), None);
    assert_eq!(dump::remove_old(&dumps, 2).unwrap(), 1);
    assert_eq!(dump::all(&dumps).unwrap(), [second.file, third.file]);
    assert!(!first.file.exists() && dumps.join("notes.txt").exists());
}

#[tokio::test]
async fn a_dump_that_cannot_be_written_says_so_and_leaves_nothing() {
    let (folder, store, _) = dumped().await;
    let nowhere = folder.path().join("none/dump");
    let refused = store.back_up(Some(nowhere), at(1)).await;
    assert!(
        matches!(refused, Err(StoreError::DumpNotWritten { .. })),
        "{refused:?}"
    );
    assert_whole(&store).await;
    let mut reader = Reader::open(&store.back_up(None, at(2)).await.unwrap().file).unwrap();
    while reader.next().unwrap().is_some() {}
    assert!(reader.records() > 10);
}

/// Everything that people read of everybody, and the jobs, as they are when nobody has them.
pub(super) type Contents = (Vec<String>, Vec<Job>);

pub(super) async fn read_all(store: &Store) -> Result<Contents, StoreError> {
    let mut people = Vec::new();
    for applicant in store.applicants().await? {
        let id = &applicant.id;
        let current = store.profile_json(id).await?;
        let history = store.history(id).await?;
        let review = store.review(id).await?;
        let found = store.find(id.as_str()).await?;
        people.push(format!(
            "{applicant:?} {current:?} {history:?} {review:?} {found:?}"
        ));
    }
    people.push(format!("{:?}", store.roles().await?));
    people.push(format!("{:?}", store.get_meta::<f64>("key").await?));
    let mut jobs = store.jobs().await?;
    for job in &mut jobs {
        if let JobState::Leased { .. } = job.state {
            job.state = JobState::Ready;
        }
    }
    Ok((people, jobs))
}

async fn contents(store: &Store) -> Contents {
    read_all(store).await.unwrap()
}

#[tokio::test]
async fn a_restored_store_is_as_it_was_dumped_to_the_byte() {
    let (folder, store, dumped) = dumped().await;
    let before = contents(&store).await;
    // Lost, and told.
    enrich(&store, "ada", at(30), 9.0).await;
    let newest = store.newest_change();
    store.close().await.unwrap();

    for elsewhere in [false, true] {
        let other = tempfile::tempdir().unwrap();
        let folder = if elsewhere {
            other.path()
        } else {
            folder.path()
        };
        let restored = Store::restore(folder, &dumped.file, options())
            .await
            .unwrap();
        assert_eq!((&restored.dumped, restored.kept_out), (&dumped, 0));
        // Who was erased is known where the store was.
        assert_eq!(restored.notices.len(), usize::from(elsewhere));
        let missing = (!elsewhere).then_some(newest - dumped.change);
        assert_eq!(restored.missing, missing);
        let aside = (!elsewhere).then(|| folder.join("damaged/replaced.0"));
        assert_eq!(restored.aside, aside);
        assert!(aside.is_none_or(|aside| aside.join("engine.1/db").exists()));

        let (store, opening) = open(folder).await;
        assert_eq!(opening.recovered, Vec::<String>::new());
        // With the ledger and the format.
        assert_eq!(opening.verified, Some(restored.values + 2));
        assert_eq!((opening.missing, opening.released), (0, 1));
        assert_eq!(contents(&store).await, before);
        assert!(store.newest_change() > newest.min(dumped.change));
        assert_whole(&store).await;
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn nobody_who_was_erased_comes_back_from_a_dump() {
    let (folder, store, _) = dumped().await;
    // Kept elsewhere, where no erasure reaches it.
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = elsewhere.path().join("kept");
    store.back_up(Some(kept.clone()), at(21)).await.unwrap();
    let edit = Edit::new().put(
        Shelf::Imports,
        "a list",
        &serde_json::json!({"rows": [{"line": 2, "applicant": "ada"}, {"line": 3, "applicant": "bob"}]}),
    );
    assert!(store.edit(edit).await.unwrap());
    let beside = store.back_up(None, at(22)).await.unwrap();
    let why = Erasure {
        ground: Ground::Asked,
        reason: None,
    };
    store.forget(vec![id("ada")], why, at(23)).await.unwrap();
    // Those in the data folder are cleaned at once.
    assert!(!lines(&beside.file).concat().contains("ada"));
    assert!(lines(&kept).concat().contains("ada"));
    dump::verify(&beside.file).unwrap();
    store.close().await.unwrap();

    for damaged in [false, true] {
        if damaged {
            // The store can say nothing any more; the copy beside it can.
            let place = super::layout::Place::current(folder.path()).unwrap();
            fs::remove_file(place.path().join("db")).unwrap();
        }
        let restored = Store::restore(folder.path(), &kept, options())
            .await
            .unwrap();
        assert_eq!((restored.kept_out, restored.notices.len()), (1, 0));
        let (store, _) = open(folder.path()).await;
        assert_eq!(store.applicants().await.unwrap().len(), 4);
        assert_eq!(store.profile(&id("ada")).await.unwrap(), None);
        assert_eq!(store.history(&id("ada")).await.unwrap(), []);
        assert_eq!(store.tombstones().await.unwrap().len(), 1);
        let again = accept(&store, &["ada"], Priority::Interactive, at(40)).await;
        assert!(matches!(again[..], [Accepted::Forgotten(_)]), "{again:?}");
        assert_whole(&store).await;
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_dump_is_refused_before_anything_is_touched() {
    let (folder, store, dumped) = dumped().await;
    let before = contents(&store).await;
    let refused = Store::restore(
        folder.path(),
        &dumped.file,
        StoreOptions {
            lock_wait: Duration::ZERO,
            ..options()
        },
    );
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused:?}");
    store.close().await.unwrap();
    let bytes = fs::read(&dumped.file).unwrap();
    fs::write(&dumped.file, &bytes[..bytes.len() - 3]).unwrap();
    let refused = Store::restore(folder.path(), &dumped.file, options()).await;
    assert!(
        matches!(refused, Err(StoreError::DumpUnusable { .. })),
        "{refused:?}"
    );
    let (store, opening) = open(folder.path()).await;
    assert_eq!(opening.recovered, Vec::<String>::new());
    assert_eq!(contents(&store).await, before);
    assert!(!folder.path().join("damaged").exists());
}

#[tokio::test]
async fn lists_that_are_wrong_are_made_anew_and_a_loss_is_not_taken_for_one() {
    let (folder, store, _) = dumped().await;
    let before = contents(&store).await;
    let engine = store.engine();
    engine.tree(Table::Roles).clear().unwrap();
    let (key, _) = engine.tree(Table::Handles).first().unwrap().unwrap();
    engine.tree(Table::Handles).insert(key, b"damaged").unwrap();
    engine.tree(Table::Ready).insert(b"nobody", b"x").unwrap();
    store.close().await.unwrap();
    // The last close was in order, so that only a look at everything tells.
    let refused = Store::open(folder.path(), options()).await;
    assert!(
        matches!(refused, Err(StoreError::Damaged { .. })),
        "{refused:?}"
    );

    let wrong = Store::rebuild(folder.path(), options()).await.unwrap();
    assert_eq!(
        wrong,
        [
            "ready: 1 were there that nothing leads to",
            "roles: 2 of 2 were missing or damaged",
            "handles: 1 of 5 were missing or damaged",
            "handles: 1 were there that nothing leads to",
        ]
    );
    assert_eq!(
        Store::rebuild(folder.path(), options()).await.unwrap(),
        Vec::<String>::new()
    );
    let (store, _) = open(folder.path()).await;
    assert_eq!(contents(&store).await, before);
    assert_whole(&store).await;

    store.engine().tree(Table::History).pop_min().unwrap();
    store.close().await.unwrap();
    let refused = Store::rebuild(folder.path(), options()).await;
    assert!(
        matches!(refused, Err(StoreError::Damaged { .. })),
        "{refused:?}"
    );
}
