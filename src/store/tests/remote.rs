//! A store that is asked for over the socket in its folder.

use std::collections::BTreeSet;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::review::entry::signed;

/// Runs `work` with a store and the same one over its socket.
async fn beside<T>(folder: &Path, work: impl AsyncFnOnce(Store, Store) -> T) -> T {
    let (store, _) = open(folder).await;
    let stop = CancellationToken::new();
    let sharing = store.share().unwrap();
    let owner = async |wish| Ok(json!({ "wished": wish }));
    let asked = async {
        let remote = Store::connect(folder).await.unwrap().unwrap();
        assert!(remote.is_remote() && !store.is_remote());
        let answer = work(store.clone(), remote).await;
        stop.cancel();
        answer
    };
    let (answered, answer) = tokio::join!(sharing.answer(stop.clone(), owner), asked);
    answered.unwrap();
    store.close().await.unwrap();
    answer
}

fn noted(review: &Review, text: &str) -> Review {
    let by = signed("Dr Example", at(0)).unwrap();
    review.with_note(text, by).unwrap()
}

#[tokio::test]
async fn every_question_has_the_answer_that_the_owner_gets() {
    let folder = tempfile::tempdir().unwrap();
    beside(folder.path(), async |store, remote| {
        for number in 0..3 {
            enrich(&store, "ada", at(number), 1.0).await;
        }
        enrich(&store, "ben", at(4), 1.0).await;
        accept(&store, &["cy", "dee"], Priority::Refresh, at(5)).await;
        take(&store, at(6)).await.unwrap();
        let edit = Edit::new().put(Shelf::Imports, "list", &json!({"rows": 1.5}));
        assert!(store.edit(edit).await.unwrap());
        store.put_meta("kept", &vec![1_u8, 2]).await.unwrap();
        let rubric = &Rubric::all_embedded().unwrap()["data-scientist"];
        store.keep_rubric(rubric).await.unwrap();

        macro_rules! same {
            ($ask:expr) => {{
                let ask = $ask;
                let (own, asked) = (ask(store.clone()).await, ask(remote.clone()).await);
                assert_eq!(asked.unwrap(), own.unwrap());
            }};
        }
        for who in ["ada", "ben", "cy", "nobody"] {
            same!(async |store: Store| store.applicant(&id(who)).await);
            same!(async |store: Store| store.current(&id(who)).await);
            same!(async |store: Store| store.profile(&id(who)).await);
            same!(async |store: Store| store.kept(&id(who)).await);
            same!(async |store: Store| store.profile_mark(&id(who)).await);
            same!(async |store: Store| store.profile_json(&id(who)).await);
            same!(async |store: Store| store.history(&id(who)).await);
            same!(async |store: Store| store.review(&id(who)).await);
            same!(async |store: Store| store.job(&id(who)).await);
            same!(async |store: Store| store.find(who).await);
        }
        same!(async |store: Store| store.applicants().await);
        same!(async |store: Store| store.ids().await);
        same!(async |store: Store| store.ids_of_role(ROLE).await);
        same!(async |store: Store| store.tombstone_of("ada").await);
        same!(async |store: Store| store
            .barring(vec![applicant("ada"), applicant("eve")])
            .await);
        same!(async |store: Store| store.jobs().await);
        same!(async |store: Store| store.oldest_job().await);
        same!(async |store: Store| store.roles().await);
        same!(async |store: Store| store.count(Shelf::Imports).await);
        same!(async |store: Store| store.takes_changes().await);
        same!(async |store: Store| {
            let ids = vec![id("ada"), id("nobody")];
            store.each_profile(ids, |profile| profile.cost).await
        });
        same!(async |store: Store| store.waiting(at(7)).await);
        same!(async |store: Store| store.profiles_of_role(ROLE).await);
        same!(async |store: Store| store.profiles_page(ROLE, Some(&id("ada")), 1).await);
        same!(async |store: Store| store.rubric_text(&rubric.digest).await);
        same!(async |store: Store| store.rubric_text("none").await);
        same!(async |store: Store| store.verify().await);
        same!(async |store: Store| store.get_meta::<Vec<u8>>("kept").await);
        same!(async |store: Store| store.get_meta::<Vec<u8>>("none").await);
        same!(async |store: Store| store.record::<Value>(Shelf::Imports, "list").await);
        same!(async |store: Store| store.record::<Value>(Shelf::Imports, "none").await);
        same!(async |store: Store| store.records::<Value>(Shelf::Imports, None, 9).await);
        same!(async |store: Store| store.wait_for_change(0, Duration::ZERO).await);
        assert!(!remote.applicants().await.unwrap().is_empty());
        assert_eq!(
            remote.ask_owner(json!("well")).await.unwrap(),
            json!({"wished": "well"})
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_changed_over_the_socket_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    beside(folder.path(), async |store, remote| {
        let accepted = accept(&remote, &["ada", "ben"], Priority::Interactive, at(0)).await;
        assert_eq!(accepted, [Accepted::Queued, Accepted::Queued]);
        let accepted = accept(&remote, &["ada"], Priority::Refresh, at(0)).await;
        assert_eq!(accepted, [Accepted::AlreadyQueued]);
        assert_eq!(store.jobs().await.unwrap().len(), 2);
        let again = remote.ask_again(vec![id("ada"), id("cy")], Priority::Refresh, at(0));
        assert_eq!(again.await.unwrap(), [Some(Accepted::AlreadyQueued), None]);

        let review = noted(&Review::default(), "seen");
        let ada = id("ada");
        let keep = || remote.keep_review(&ada, review.clone(), None, None, at(1));
        keep().await.unwrap();
        assert_eq!(store.review(&id("ada")).await.unwrap(), review);
        // What is refused crosses as what it is.
        let refused = keep().await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::Overtaken { applicant } if *applicant == id("ada")),
            "{refused:?}"
        );

        let put = || {
            Edit::new()
                .expect::<u8>(Shelf::Tokens, "a", None)
                .put(Shelf::Tokens, "a", &1)
        };
        assert!(remote.edit(put()).await.unwrap());
        assert!(!remote.edit(put()).await.unwrap());
        assert_eq!(store.record(Shelf::Tokens, "a").await.unwrap(), Some(1));
        remote.put_meta("kept", &"well").await.unwrap();
        let kept: Option<String> = store.get_meta("kept").await.unwrap();
        assert_eq!(kept.as_deref(), Some("well"));
        let rubric = &Rubric::all_embedded().unwrap()["data-scientist"];
        remote.keep_rubric(rubric).await.unwrap();
        let text = store.rubric_text(&rubric.digest).await.unwrap();
        assert_eq!(text.as_ref(), Some(&rubric.text));

        assert!(remote.erase(id("ben")).await.unwrap().is_some());
        assert!(remote.erase(id("ben")).await.unwrap().is_none());
        assert_eq!(store.applicant(&id("ben")).await.unwrap(), None);
        assert_whole(&store).await;
    })
    .await;
    // On the disk, and not only in the memory of the one that was asked.
    let (store, _) = open(folder.path()).await;
    assert_eq!(store.review(&id("ada")).await.unwrap().revision, 1);
}

#[tokio::test]
async fn a_look_at_many_profiles_replaces_them_as_it_does_at_home() {
    let (folder, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let names: Vec<String> = (0..600).map(|number| format!("a{number:03}")).collect();
    // More than a batch; every third one is replaced.
    let judge = |stored: &Snapshot, _: Review| {
        let who = stored.profile.applicant.id.clone();
        let third = who.as_str()[1..].parse::<u32>().unwrap() % 3 == 0;
        let after = Profile {
            coverage: 0.25,
            ..stored.profile.clone()
        };
        (third.then_some(after), who)
    };
    let fill = async |store: &Store| {
        for name in &names {
            enrich(store, name, at(0), 1.0).await;
        }
    };
    let (own, _) = open(folder.path()).await;
    fill(&own).await;
    let at_home = own.revise(None, at(9), judge).await.unwrap();
    let asked = beside(far.path(), async |store, remote| {
        fill(&store).await;
        let revision = remote.revise(None, at(9), judge).await.unwrap();
        assert_eq!(
            store.profiles_of_role(ROLE).await.unwrap(),
            own.profiles_of_role(ROLE).await.unwrap()
        );
        for name in ["a000", "a001", "a599"] {
            assert_eq!(
                store.history(&id(name)).await.unwrap(),
                own.history(&id(name)).await.unwrap()
            );
        }
        assert_whole(&store).await;
        revision
    })
    .await;
    assert_eq!(asked, at_home);
    assert_eq!((asked.told.len(), asked.replaced), (600, 200));
}

#[tokio::test]
async fn what_the_owner_changes_while_somebody_judges_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    beside(folder.path(), async |store, remote| {
        for name in ["ada", "ben", "cy", "dee"] {
            enrich(&store, name, at(0), 1.0).await;
        }
        let mark = store.profile_mark(&id("cy")).await.unwrap();
        let runtime = tokio::runtime::Handle::current();
        let meanwhile = store.clone();
        let first = std::sync::Once::new();
        let judge = move |stored: &Snapshot, _: Review| {
            // Between the look and the replacement: a profile, a review, a removal.
            first.call_once(|| {
                let (store, runtime) = (meanwhile.clone(), runtime.clone());
                let changed = std::thread::spawn(move || {
                    runtime.block_on(async {
                        enrich(&store, "ben", at(1), 2.0).await;
                        let review = noted(&Review::default(), "late");
                        let cy = id("cy");
                        let keep = store.keep_review(&cy, review, mark, None, at(1));
                        keep.await.unwrap();
                        store.erase(id("dee")).await.unwrap();
                    });
                });
                changed.join().unwrap();
            });
            let after = Profile {
                coverage: 0.25,
                ..stored.profile.clone()
            };
            (Some(after), ())
        };
        let revision = remote.revise(None, at(9), judge).await.unwrap();
        assert_eq!(revision.replaced, 1);
        let overtaken: BTreeSet<_> = revision.overtaken.into_iter().collect();
        assert_eq!(overtaken, [id("ben"), id("cy"), id("dee")].into());
        let ben = store.profile(&id("ben")).await.unwrap().unwrap();
        assert!((ben.cost.requests, ben.coverage) == (2.0, 0.5), "{ben:?}");
        let refused = remote
            .revise(None, at(9), |stored, _| {
                let role = "another".to_owned();
                let after = Profile {
                    role,
                    ..stored.profile.clone()
                };
                (Some(after), ())
            })
            .await;
        assert!(
            matches!(refused, Err(StoreError::Failed { .. })),
            "{refused:?}"
        );
        assert_whole(&store).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_waits_over_the_socket_hears_of_the_next_change() {
    let folder = tempfile::tempdir().unwrap();
    beside(folder.path(), async |store, remote| {
        let before = remote.newest_change();
        assert_eq!(before, store.newest_change());
        let waits = remote.wait_for_change(before, Duration::from_mins(1));
        let accepts = accept(&store, &["ada"], Priority::Interactive, at(0));
        let (heard, _) = tokio::join!(waits, accepts);
        assert_eq!(heard.unwrap(), before + 1);
        assert_eq!(remote.newest_change(), before + 1);
        // Nothing came: that is an answer as well.
        let nothing = remote.wait_for_change(before + 1, Duration::from_millis(1));
        assert_eq!(nothing.await.unwrap(), before + 1);
    })
    .await;
}

#[tokio::test]
async fn only_the_owner_works_off_the_queue() {
    let folder = tempfile::tempdir().unwrap();
    beside(folder.path(), async |store, remote| {
        accept(&remote, &["ada"], Priority::Interactive, at(0)).await;
        let leased = remote.lease("worker", at(0), LEASE, Lane::Any).await;
        let error = leased.unwrap_err();
        assert!(matches!(error, StoreError::OwnersOnly { .. }), "{error:?}");
        assert!(error.hint().unwrap().contains("end the server"), "{error}");
        assert!(matches!(remote.share(), Err(StoreError::OwnersOnly { .. })));
        assert_eq!(remote.feed().next().await, None);
        assert!(take(&store, at(1)).await.is_some());
        assert!(store.ask_owner(json!(1)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_socket_that_a_crash_has_left_over_is_nobodys_and_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("plaudit.sock");
    assert!(Store::connect(folder.path()).await.unwrap().is_none());
    // A listener that is dropped leaves its file, as a process does that is killed.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(socket.exists());
    assert!(Store::connect(folder.path()).await.unwrap().is_none());
    beside(folder.path(), async |_, remote| {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(remote.ids().await.unwrap(), []);
    })
    .await;
    assert!(
        !socket.exists(),
        "an owner that ends in order takes it away"
    );
}

#[tokio::test]
async fn a_folder_with_a_name_too_long_for_a_socket_is_shared_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("n".repeat(120));
    beside(&deep, async |_, remote| {
        assert_eq!(remote.ids().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_owner_that_has_ended_is_told_of_and_whose_words_come_late_are_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let remote = beside(folder.path(), async |_, remote| {
        accept(&remote, &["ada"], Priority::Interactive, at(0)).await;
        remote
    })
    .await;
    let error = remote.ids().await.unwrap_err();
    assert!(matches!(error, StoreError::Unanswered { .. }), "{error:?}");
    assert_eq!(error.hint().as_deref(), Some("run the same command again"));
    remote.close().await.unwrap();
}

#[tokio::test]
async fn a_server_of_another_version_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("plaudit.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    let other = async {
        use tokio::io::AsyncWriteExt;
        let (mut stream, _) = listener.accept().await.unwrap();
        let hello = br#"{"plaudit":"99.1.0","change":3,"more":true}"#;
        let length = u32::try_from(hello.len()).unwrap();
        stream.write_all(&length.to_be_bytes()).await.unwrap();
        stream.write_all(hello).await.unwrap();
        stream
    };
    let (refused, _stream) = tokio::join!(Store::connect(folder.path()), other);
    let error = refused.unwrap_err();
    let said = format!("{error}\n{}", error.hint().unwrap());
    for part in [
        "plaudit 99.1.0",
        env!("CARGO_PKG_VERSION"),
        "begin the server anew",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn nonsense_on_the_socket_ends_that_conversation_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    beside(folder.path(), async |_, remote| {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        for nonsense in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            &[0, 0, 0, 2, b'{', b'}'],
            &[255; 64],
            &[0, 0, 0, 9, b'"'],
        ] {
            let socket = folder.path().join("plaudit.sock");
            let mut stream = tokio::net::UnixStream::connect(&socket).await.unwrap();
            stream.write_all(nonsense).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut said = Vec::new();
            // Closed by the owner, which waits for nothing more.
            let _ = stream.read_to_end(&mut said).await;
            assert_eq!(said, b"");
        }
        assert_eq!(remote.ids().await.unwrap(), []);
    })
    .await;
}
