//! What is kept: profiles, history, small values, and all of it across processes.

use super::*;

#[tokio::test]
async fn a_profile_and_the_end_of_its_job_survive_together() {
    let (folder, store) = empty().await;
    accept(&store, &["ada", "bob"], Priority::Interactive, at(0)).await;
    let ada = take(&store, at(1)).await.unwrap();
    let made = profile(&ada.applicant, at(2), 1.0);
    store.finish(&ada.lease, made.clone(), at(3)).await.unwrap();
    let bob = take(&store, at(4)).await.unwrap();
    store.put_meta("kaggle.version", &7_u32).await.unwrap();
    store.close().await.unwrap();

    let (store, opening) = open(folder.path()).await;
    assert_eq!((opening.released, opening.missing), (1, 0));
    assert_eq!(opening.recovered, Vec::<String>::new());
    let stored = store.current(&id("ada")).await.unwrap().unwrap();
    assert_eq!((stored.stored_at, stored.profile), (at(3), made));
    assert_eq!(store.job(&id("ada")).await.unwrap(), None);
    assert_eq!(
        store.get_meta::<u32>("kaggle.version").await.unwrap(),
        Some(7)
    );
    assert_eq!(store.get_meta::<u32>("another").await.unwrap(), None);

    // The lease of the process before is worth nothing, and the next one has a higher number.
    let answer = store.give_back(&bob.lease).await;
    assert!(matches!(answer, Err(StoreError::LeaseLost { .. })));
    let again = take(&store, at(5)).await.unwrap();
    assert_eq!(again.applicant.id, id("bob"));
    assert!(again.lease.epoch > bob.lease.epoch);
    assert_whole(&store).await;
}

#[tokio::test]
async fn the_history_holds_the_newest_profiles_before_the_current_one() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        history: 3,
        ..options()
    };
    let (store, _) = Store::open(folder.path(), options).await.unwrap();
    for round in 0..6 {
        // Twice at the same moment each: both are kept.
        enrich(&store, "ada", at(i64::from(round / 2)), f64::from(round)).await;
    }
    enrich(&store, "ada2", at(9), 0.0).await;
    let requests = |profile: &Profile| profile.cost.requests;
    let current = store.profile(&id("ada")).await.unwrap().unwrap();
    let history = store.history(&id("ada")).await.unwrap();
    let older: Vec<_> = history
        .iter()
        .map(|stored| requests(&stored.profile))
        .collect();
    assert_eq!((requests(&current), older), (5.0, vec![4.0, 3.0, 2.0]));
    let times: Vec<_> = history.iter().map(|stored| stored.stored_at).collect();
    assert_eq!(times, [at(2), at(1), at(1)]);
    assert_whole(&store).await;
}

#[tokio::test]
async fn profiles_are_listed_under_their_role_alone_and_page_by_page() {
    let (_folder, store) = empty().await;
    for name in ["carla", "anna", "bruno", "dora"] {
        enrich(&store, name, at(0), 1.0).await;
    }
    let mut moved = submission("bruno", Priority::Interactive);
    moved.applicant.role = format!("{ROLE}-2");
    store
        .accept(vec![moved.clone()], at(1), hourly())
        .await
        .unwrap();
    let leased = take(&store, at(1)).await.unwrap();
    store
        .finish(&leased.lease, profile(&moved.applicant, at(1), 1.0), at(1))
        .await
        .unwrap();

    let names = |profiles: &[Profile]| -> Vec<String> {
        profiles
            .iter()
            .map(|profile| profile.applicant.id.to_string())
            .collect()
    };
    assert_eq!(
        names(&store.profiles_of_role(ROLE).await.unwrap()),
        ["anna", "carla", "dora"]
    );
    let other = store.profiles_of_role(&moved.applicant.role).await.unwrap();
    assert_eq!(names(&other), ["bruno"]);
    assert_eq!(store.profiles_of_role("nobody").await.unwrap(), []);
    let first = store.profiles_page(ROLE, None, 2).await.unwrap();
    assert_eq!(names(&first), ["anna", "carla"]);
    let second = store
        .profiles_page(ROLE, Some(&id("carla")), 2)
        .await
        .unwrap();
    assert_eq!(names(&second), ["dora"]);
    assert_eq!(
        store
            .profiles_page(ROLE, Some(&id("dora")), 2)
            .await
            .unwrap(),
        []
    );
    assert_whole(&store).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deep/store");
    let (store, _) = open(&folder).await;
    let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_refused_with_its_name() {
    let parent = tempfile::tempdir().unwrap();
    // A file in the folder's place stops even an administrator, whom no mode would.
    let folder = parent.path().join("occupied");
    std::fs::write(&folder, b"a file").unwrap();
    for folder in [folder.clone(), folder.join("below")] {
        let error = Store::open(&folder, options()).await.unwrap_err();
        assert!(matches!(error, StoreError::Unwritable { .. }), "{error:?}");
        assert!(error.to_string().contains("occupied"), "{error}");
    }
}

#[tokio::test]
async fn a_folder_in_use_is_refused_and_free_again_when_the_last_clone_is_gone() {
    let (folder, store) = empty().await;
    let hasty = StoreOptions {
        lock_wait: Duration::ZERO,
        ..options()
    };
    let clone = store.clone();
    store.close().await.unwrap();
    let error = Store::open(folder.path(), hasty).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    drop(clone);
    let (store, _) = open(folder.path()).await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_process_that_is_just_ending_is_waited_for() {
    let (folder, store) = empty().await;
    let patient = StoreOptions {
        lock_wait: Duration::from_mins(1),
        ..options()
    };
    // Polled in turn on one thread: the opening begins while the folder is held.
    let (opened, closed) = tokio::join!(Store::open(folder.path(), patient), async {
        tokio::task::yield_now().await;
        store.close().await
    });
    closed.unwrap();
    opened.unwrap();
}

#[tokio::test]
async fn without_room_on_the_disk_changes_are_refused_and_what_is_there_stays() {
    let (folder, store) = empty().await;
    enrich(&store, "ada", at(0), 1.0).await;
    store.close().await.unwrap();

    let cramped = StoreOptions {
        headroom_bytes: u64::MAX / 2,
        ..options()
    };
    let (store, _) = Store::open(folder.path(), cramped).await.unwrap();
    let refused = store
        .accept(
            vec![submission("bob", Priority::Interactive)],
            at(1),
            hourly(),
        )
        .await;
    assert!(
        matches!(refused, Err(StoreError::Full { .. })),
        "{refused:?}"
    );
    assert!(store.profile(&id("ada")).await.unwrap().is_some());
    assert_eq!(store.applicant(&id("bob")).await.unwrap(), None);
    assert_whole(&store).await;
    store.close().await.unwrap();

    let (store, opening) = open(folder.path()).await;
    assert_eq!(opening.missing, 0);
    assert_eq!(
        accept(&store, &["bob"], Priority::Interactive, at(2)).await,
        [Accepted::Queued]
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_small_note_is_still_kept_when_there_is_no_room_for_work() {
    let folder = tempfile::tempdir().unwrap();
    let cramped = StoreOptions {
        headroom_bytes: 2 * crate::disk::room(folder.path()).unwrap(),
        ..options()
    };
    let (store, _) = Store::open(folder.path(), cramped).await.unwrap();
    let work = vec![submission("bob", Priority::Interactive)];
    let refused = store.accept(work, at(1), hourly()).await;
    assert!(
        matches!(refused, Err(StoreError::Full { .. })),
        "{refused:?}"
    );
    store.put_meta("note", &"wait").await.unwrap();
    let noted = store.get_meta::<String>("note").await.unwrap();
    assert_eq!(noted.as_deref(), Some("wait"));
    let noise: String = (0..50_000).map(|_| fastrand::alphanumeric()).collect();
    let refused = store.put_meta("book", &noise).await;
    assert!(
        matches!(refused, Err(StoreError::Full { .. })),
        "{refused:?}"
    );
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_profile_is_passed_on_as_its_own_json_and_roles_are_counted() {
    let (_folder, store) = empty().await;
    for name in ["ada", "bob"] {
        enrich(&store, name, at(0), 1.0).await;
    }
    let profile = store.profile(&id("ada")).await.unwrap().unwrap();
    let (mark, json) = store.profile_json(&id("ada")).await.unwrap().unwrap();
    assert_eq!(json, serde_json::to_string(&profile).unwrap());
    assert_eq!(store.profile_mark(&id("ada")).await.unwrap(), Some(mark));
    assert_eq!(store.profile_json(&id("eve")).await.unwrap(), None);

    let ids = vec![id("bob"), id("eve"), id("ada")];
    let named = store
        .each_profile(ids, |profile| profile.applicant.id.to_string())
        .await
        .unwrap();
    assert_eq!(
        named,
        [Some("bob".to_owned()), None, Some("ada".to_owned())]
    );
    let roles = store.roles().await.unwrap();
    assert_eq!(
        roles.into_iter().collect::<Vec<_>>(),
        [(ROLE.to_owned(), 2)]
    );
    store.erase(id("ada")).await.unwrap();
    assert_eq!(store.roles().await.unwrap()[ROLE], 1);
}
