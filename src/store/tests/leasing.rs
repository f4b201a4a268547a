//! Who gets which job, when, and what a lost lease can still do: nothing.

use super::*;

/// Leases until nothing is ready; the ids in order.
async fn drain(store: &Store, now: Timestamp) -> Vec<String> {
    let mut order = Vec::new();
    while let Some(leased) = take(store, now).await {
        order.push(leased.applicant.id.to_string());
    }
    order
}

#[tokio::test]
async fn interactive_goes_first_then_oldest_first_and_a_lifted_job_joins_the_end_of_its_lane() {
    let (_folder, store) = empty().await;
    accept(&store, &["r1", "r2", "r3"], Priority::Refresh, at(0)).await;
    accept(&store, &["i1", "i2"], Priority::Interactive, at(1)).await;
    accept(&store, &["r2"], Priority::Interactive, at(2)).await;
    accept(&store, &["i3"], Priority::Interactive, at(3)).await;
    let listed: Vec<_> = store.jobs().await.unwrap();
    let listed: Vec<_> = listed.iter().map(|job| job.applicant.to_string()).collect();
    let expected = ["i1", "i2", "r2", "i3", "r1", "r3"];
    assert_eq!(listed, expected);
    assert_eq!(drain(&store, at(4)).await, expected);
}

#[tokio::test]
async fn a_deferred_job_waits_for_its_time_and_counts_attempts_only_when_told() {
    let (_folder, store) = empty().await;
    accept(&store, &["ada", "bob"], Priority::Interactive, at(0)).await;
    let ada = take(&store, at(1)).await.unwrap();
    store
        .defer(&ada.lease, (at(50), at(1)), "limited until then", false)
        .await
        .unwrap();
    let bob = take(&store, at(1)).await.unwrap();
    store
        .defer(&bob.lease, (at(40), at(1)), "the host broke off", true)
        .await
        .unwrap();

    let waiting = store.waiting(at(39)).await.unwrap();
    let expected = Waiting {
        ready: 0,
        deferred: 2,
        leased: 0,
        earliest: Some(at(40)),
        note: Some("the host broke off".to_owned()),
    };
    assert_eq!(waiting, expected);
    assert_eq!(take(&store, at(39)).await, None);

    let waiting = store.waiting(at(40)).await.unwrap();
    assert_eq!(
        (waiting.ready, waiting.deferred, waiting.earliest),
        (1, 1, Some(at(50)))
    );
    let bob = take(&store, at(40)).await.unwrap();
    assert_eq!((bob.applicant.id.as_str(), bob.job.attempts), ("bob", 1));
    store.give_back(&bob.lease).await.unwrap();
    // Both are ready now: the older one first.
    let ada = take(&store, at(50)).await.unwrap();
    assert_eq!((ada.applicant.id.as_str(), ada.job.attempts), ("ada", 0));
    assert_eq!(ada.job.note.as_deref(), Some("limited until then"));
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_job_that_was_put_off_by_a_clock_that_is_set_back_since_is_ready() {
    let (folder, store) = empty().await;
    accept(&store, &["ada", "bob", "eve"], Priority::Interactive, at(0)).await;
    let put_off = async |name: &str, (until, now)| {
        let leased = take(&store, at(now)).await.unwrap();
        assert_eq!(leased.applicant.id.as_str(), name);
        let times = (at(until), at(now));
        store.defer(&leased.lease, times, "limited", false).await
    };
    put_off("ada", (9_900, 8_000)).await.unwrap();
    put_off("bob", (9_950, 9_400)).await.unwrap();
    // Both were put off later than now; whoever is put off from here on waits.
    let set_back = 2_000;
    let ada = take(&store, at(set_back)).await.unwrap();
    assert_eq!(ada.applicant.id.as_str(), "ada");
    store.give_back(&ada.lease).await.unwrap();
    put_off("ada", (2_100, set_back)).await.unwrap();
    put_off("bob", (2_200, set_back)).await.unwrap();
    put_off("eve", (99_000, set_back)).await.unwrap();
    assert_eq!(take(&store, at(set_back + 50)).await, None);
    assert_whole(&store).await;

    // The next process finds a clock that was set back, too.
    store.close().await.unwrap();
    let (store, _) = open(folder.path()).await;
    assert!(take(&store, at(1_000)).await.is_some());
    assert_eq!(store.waiting(at(1_000)).await.unwrap().deferred, 0);
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_lease_that_runs_out_passes_the_job_on_under_a_higher_number() {
    let (_folder, store) = empty().await;
    accept(&store, &["ada"], Priority::Interactive, at(0)).await;
    let first = take(&store, at(0)).await.unwrap();
    assert_eq!(first.lease.until, at(60));
    assert_eq!(take(&store, at(59)).await, None);
    let second = take(&store, at(60)).await.unwrap();
    assert!(second.lease.epoch > first.lease.epoch);

    let profile = profile(&first.applicant, at(60), 1.0);
    let lost = [
        store
            .finish(&first.lease, profile.clone(), at(61))
            .await
            .map(|_| ()),
        store.defer(&first.lease, (at(99), at(1)), "", true).await,
        store.give_back(&first.lease).await,
        store.renew(&first.lease, at(61), LEASE).await.map(|_| ()),
    ];
    for answer in lost {
        assert!(
            matches!(answer, Err(StoreError::LeaseLost { .. })),
            "{answer:?}"
        );
    }
    assert_eq!(store.profile(&id("ada")).await.unwrap(), None);
    assert_eq!(store.job(&id("ada")).await.unwrap().unwrap().attempts, 0);

    store
        .finish(&second.lease, profile.clone(), at(62))
        .await
        .unwrap();
    let twice = store.finish(&second.lease, profile, at(63)).await;
    assert!(matches!(twice, Err(StoreError::LeaseLost { .. })));
    assert_eq!(store.history(&id("ada")).await.unwrap(), []);
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_renewed_lease_runs_on() {
    let (_folder, store) = empty().await;
    accept(&store, &["ada"], Priority::Interactive, at(0)).await;
    let leased = take(&store, at(0)).await.unwrap();
    let renewed = store.renew(&leased.lease, at(50), LEASE).await.unwrap();
    assert_eq!(
        (renewed.until, renewed.epoch),
        (at(110), leased.lease.epoch)
    );
    assert_eq!(take(&store, at(109)).await, None);
    // Nobody else has it yet, so even the old copy of the lease may end it.
    store.give_back(&leased.lease).await.unwrap();
    assert!(take(&store, at(109)).await.is_some());
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_lease_is_no_right_to_write_another_applicants_profile() {
    let (_folder, store) = empty().await;
    accept(&store, &["ada"], Priority::Interactive, at(0)).await;
    let leased = take(&store, at(0)).await.unwrap();
    let foreign = profile(&applicant("bob"), at(0), 1.0);
    let answer = store.finish(&leased.lease, foreign, at(1)).await;
    assert!(matches!(answer, Err(StoreError::LeaseLost { applicant }) if applicant == id("bob")));
    assert_eq!(store.profile(&id("bob")).await.unwrap(), None);
    assert_eq!(store.waiting(at(1)).await.unwrap().leased, 1);
}

#[tokio::test]
async fn two_workers_at_once_never_get_the_same_job() {
    let (_folder, store) = empty().await;
    let names: Vec<String> = (0..60).map(|number| format!("a{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    accept(&store, &names, Priority::Interactive, at(0)).await;
    let (one, two, three) = tokio::join!(
        drain(&store, at(1)),
        drain(&store, at(1)),
        drain(&store, at(1))
    );
    let mut all = [one, two, three].concat();
    all.sort();
    assert_eq!(all, names);
}
