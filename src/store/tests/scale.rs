//! Long lists.

use super::*;

#[tokio::test]
async fn ten_thousand_submissions_are_accepted_once_each_in_their_order() {
    let (folder, store) = empty().await;
    let list: Vec<Submission> = (0..10_000)
        .map(|number| submission(&format!("applicant-{number:05}"), Priority::Interactive))
        .collect();
    let answers = store.accept(list.clone(), at(0), hourly()).await.unwrap();
    assert_eq!(answers, vec![Accepted::Queued; list.len()]);
    let answers = store.accept(list.clone(), at(1), hourly()).await.unwrap();
    assert_eq!(answers, vec![Accepted::AlreadyQueued; list.len()]);
    assert_eq!(store.waiting(at(1)).await.unwrap().ready, 10_000);
    for expected in &list[..3] {
        let leased = take(&store, at(2)).await.unwrap();
        assert_eq!(leased.applicant, expected.applicant);
    }
    store.close().await.unwrap();

    let (store, opening) = open(folder.path()).await;
    assert_eq!((opening.released, opening.missing), (3, 0));
    let first = take(&store, at(3)).await.unwrap();
    assert_eq!(first.applicant, list[0].applicant);
}

#[tokio::test]
async fn more_jobs_than_one_transaction_wakes_are_all_woken_and_keep_their_order() {
    let (_folder, store) = empty().await;
    let list: Vec<Submission> = (0..1_200)
        .map(|number| submission(&format!("a{number:04}"), Priority::Refresh))
        .collect();
    store.accept(list, at(0), hourly()).await.unwrap();
    while let Some(leased) = take(&store, at(1)).await {
        store.give_back(&leased.lease).await.unwrap();
        let leased = take(&store, at(1)).await.unwrap();
        if leased.applicant.id == id("a1199") {
            break;
        }
    }
    // All 1,200 leases run out at the same moment.
    let first = take(&store, at(61)).await.unwrap();
    assert_eq!(first.applicant.id, id("a0000"));
    let waiting = store.waiting(at(61)).await.unwrap();
    assert_eq!((waiting.ready, waiting.leased), (1_199, 1));
    assert_whole(&store).await;
}
