//! What is to be told of a profile: kept with it, or not at all.

use super::*;
use crate::domain::{
    review::Review,
    webhook::{Delivery, Endpoint, WebhookEvent},
};

async fn register(store: &Store, id: &str, events: &[WebhookEvent]) {
    let endpoint = Endpoint {
        id: id.to_owned(),
        url: format!("https://{id}.example.org/"),
        events: events.to_vec(),
        created_at: at(0),
    };
    let edit = Edit::new().put(Shelf::Endpoints, id, &endpoint);
    assert!(store.edit(edit).await.unwrap());
}

async fn told(store: &Store) -> Vec<Delivery> {
    let records: Vec<(String, Delivery)> = store
        .records(Shelf::Deliveries, None, usize::MAX)
        .await
        .unwrap();
    for (name, delivery) in &records {
        assert_eq!(*name, delivery.waiting_as());
    }
    records.into_iter().map(|(_, delivery)| delivery).collect()
}

async fn events(store: &Store) -> Vec<(String, WebhookEvent)> {
    let told = told(store).await.into_iter();
    told.map(|one| (one.endpoint, one.event)).collect()
}

/// Finishes one applicant with a profile of this snapshot.
async fn finish(store: &Store, name: &str, snapshot: &str, now: Timestamp) {
    let submission = Submission {
        force: true,
        ..submission(name, Priority::Interactive)
    };
    let submitted = store.accept(vec![submission], now, Freshness::never());
    submitted.await.unwrap();
    let leased = take(store, now).await.unwrap();
    let profile = Profile {
        snapshot: snapshot.to_owned(),
        review: store.review(&id(name)).await.unwrap(),
        ..profile(&leased.applicant, now, 1.0)
    };
    let finished = store.finish(&leased.lease, profile, now).await.unwrap();
    assert_eq!(finished, Finished::Done);
}

#[tokio::test]
async fn a_first_profile_is_ready_another_one_has_changed_and_the_same_is_no_news() {
    let (_folder, store) = empty().await;
    finish(&store, "before-anybody-listens", "a/1", at(1)).await;
    assert_eq!(told(&store).await, []);
    register(&store, "00000001", &WebhookEvent::ALL).await;
    finish(&store, "ada", "ada/1", at(2)).await;
    finish(&store, "ada", "ada/1", at(3)).await;
    finish(&store, "ada", "ada/2", at(4)).await;
    let told = told(&store).await;
    let events: Vec<_> = told.iter().map(|one| (one.event, one.due)).collect();
    assert_eq!(
        events,
        [
            (WebhookEvent::ProfileReady, at(2)),
            (WebhookEvent::ProfileChanged, at(4)),
        ]
    );
    assert_ne!(told[0].id, told[1].id);
    assert_whole(&store).await;
}

#[tokio::test]
async fn each_endpoint_is_told_what_it_wants_to_hear() {
    let (_folder, store) = empty().await;
    register(&store, "00000001", &[WebhookEvent::ProfileReady]).await;
    register(&store, "00000002", &[WebhookEvent::ProfileChanged]).await;
    register(&store, "00000003", &[WebhookEvent::RefreshFinished]).await;
    finish(&store, "ada", "ada/1", at(1)).await;
    finish(&store, "ada", "ada/2", at(2)).await;
    assert_eq!(
        events(&store).await,
        [
            ("00000001".to_owned(), WebhookEvent::ProfileReady),
            ("00000002".to_owned(), WebhookEvent::ProfileChanged),
        ]
    );
}

#[tokio::test]
async fn a_message_names_the_applicant_by_id_alone() {
    let (_folder, store) = empty().await;
    register(&store, "00000001", &WebhookEvent::ALL).await;
    finish(&store, "ada", "ada/1", at(1)).await;
    let payload: serde_json::Value = serde_json::from_str(&told(&store).await[0].payload).unwrap();
    assert_eq!(
        payload,
        serde_json::json!({
            "type": "profile.ready",
            "timestamp": at(1).to_string(),
            "data": {
                "applicant": "ada",
                "role": ROLE,
                "snapshot": "ada/1",
                "score": {"low": 12.34, "high": 56.78},
                "coverage": 0.5,
                "changes": [],
                "profile": "/api/v1/applicants/ada",
            },
        })
    );
}

#[tokio::test]
async fn changes_are_told_by_kind_and_count_without_their_words() {
    let (_folder, store) = empty().await;
    register(&store, "00000001", &WebhookEvent::ALL).await;
    accept(&store, &["ada"], Priority::Interactive, at(1)).await;
    let leased = take(&store, at(1)).await.unwrap();
    let change = |kind: &str| {
        serde_json::from_value(serde_json::json!({
            "kind": kind, "what": "a stranger's title", "url": "https://stranger.example.org/",
        }))
        .unwrap()
    };
    let profile = Profile {
        changes: vec![change("score"), change("landed"), change("landed")],
        ..profile(&leased.applicant, at(1), 1.0)
    };
    store.finish(&leased.lease, profile, at(1)).await.unwrap();
    let told = told(&store).await;
    let payload: serde_json::Value = serde_json::from_str(&told[0].payload).unwrap();
    assert_eq!(
        payload["data"]["changes"],
        serde_json::json!([{"kind": "score", "count": 1}, {"kind": "landed", "count": 2}])
    );
    assert!(!told[0].payload.contains("stranger"), "{}", told[0].payload);
}

#[tokio::test]
async fn what_people_add_and_what_is_judged_anew_is_told_if_the_snapshot_differs() {
    let (_folder, store) = empty().await;
    finish(&store, "ada", "ada/1", at(1)).await;
    finish(&store, "ben", "ben/1", at(1)).await;
    register(&store, "00000001", &WebhookEvent::ALL).await;

    // A note moves nothing.
    let ada = id("ada");
    let mut review = Review {
        revision: 1,
        ..Review::default()
    };
    for (revision, snapshot) in [(1, "ada/1"), (2, "ada/2")] {
        review.revision = revision;
        let kept = store.kept(&id("ada")).await.unwrap().unwrap();
        let after = Profile {
            snapshot: snapshot.to_owned(),
            review: review.clone(),
            ..kept.stored.profile
        };
        let before = Some(kept.mark);
        let keeping = store.keep_review(&ada, review.clone(), before, Some(after), at(2));
        keeping.await.unwrap();
    }
    assert_eq!(
        events(&store).await,
        [("00000001".to_owned(), WebhookEvent::ProfileChanged)]
    );

    let judged = store.revise(None, at(3), |stored, _| {
        let mut after = stored.profile.clone();
        if after.applicant.id.as_str() == "ben" {
            after.snapshot = "ben/2".to_owned();
        }
        after.notices.push("judged anew".to_owned());
        (Some(after), ())
    });
    assert_eq!(judged.await.unwrap().replaced, 2);
    let told = told(&store).await;
    let whom: Vec<_> = told.iter().map(|one| one.applicant.clone()).collect();
    assert_eq!(whom, [Some(id("ada")), Some(id("ben"))]);
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_profile_that_is_refused_is_not_told_of() {
    let (_folder, store) = empty().await;
    register(&store, "00000001", &WebhookEvent::ALL).await;
    accept(&store, &["ada"], Priority::Interactive, at(1)).await;
    let leased = take(&store, at(1)).await.unwrap();
    store.give_back(&leased.lease).await.unwrap();
    let again = take(&store, at(2)).await.unwrap();
    let late = store
        .finish(&leased.lease, profile(&leased.applicant, at(2), 1.0), at(2))
        .await;
    assert!(
        matches!(late, Err(StoreError::LeaseLost { .. })),
        "{late:?}"
    );
    assert_eq!(told(&store).await, []);
    let finished = store
        .finish(&again.lease, profile(&again.applicant, at(3), 1.0), at(3))
        .await;
    assert_eq!(finished.unwrap(), Finished::Done);
    assert_eq!(told(&store).await.len(), 1);
}

#[tokio::test]
async fn who_is_taken_away_is_named_in_no_message() {
    let (_folder, store) = empty().await;
    register(&store, "00000001", &WebhookEvent::ALL).await;
    finish(&store, "ada", "ada/1", at(1)).await;
    finish(&store, "ben", "ben/1", at(1)).await;
    let mut dead = told(&store).await[0].clone();
    assert_eq!(dead.applicant, Some(id("ada")));
    dead.due = at(9);
    let edit = Edit::new().put(Shelf::DeadLetters, &dead.dead_as(), &dead);
    store.edit(edit).await.unwrap();
    assert!(store.erase(id("ada")).await.unwrap().is_some());
    let left: Vec<_> = told(&store)
        .await
        .into_iter()
        .map(|one| one.applicant)
        .collect();
    assert_eq!(left, [Some(id("ben"))]);
    assert_eq!(store.count(Shelf::DeadLetters).await.unwrap(), 0);
    assert_eq!(store.count(Shelf::Deliveries).await.unwrap(), 1);
}

#[tokio::test]
async fn the_oldest_job_is_that_of_either_priority() {
    let (_folder, store) = empty().await;
    assert_eq!(store.oldest_job().await.unwrap(), None);
    accept(&store, &["slow"], Priority::Refresh, at(5)).await;
    assert_eq!(store.oldest_job().await.unwrap(), Some(at(5)));
    accept(&store, &["ada", "ben"], Priority::Interactive, at(7)).await;
    assert_eq!(store.oldest_job().await.unwrap(), Some(at(5)));
    accept(&store, &["late"], Priority::Refresh, at(9)).await;
    for _ in 0..3 {
        take(&store, at(10)).await.unwrap();
    }
    assert_eq!(store.oldest_job().await.unwrap(), Some(at(9)));
    take(&store, at(10)).await.unwrap();
    assert_eq!(store.oldest_job().await.unwrap(), None);
}
