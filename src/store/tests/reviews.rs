//! What people have added, the rubrics' texts, and many profiles replaced at once.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::domain::review::entry::signed;

fn noted(review: &Review, text: &str) -> Review {
    let by = signed("Dr Example", at(0)).unwrap();
    review.with_note(text, by).unwrap()
}

/// `profile` with another review, as if it had been judged with it.
fn judged_with(profile: &Profile, review: &Review) -> Profile {
    Profile {
        review: review.clone(),
        snapshot: format!("{}/{:016x}", profile.applicant.id, review.revision),
        ..profile.clone()
    }
}

fn overtaken(answer: &Result<(), StoreError>) {
    assert!(
        matches!(answer, Err(StoreError::Overtaken { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_review_and_the_profile_judged_with_it_survive_together() {
    let (folder, store) = empty().await;
    enrich(&store, "ada", at(0), 1.0).await;
    let kept = store.kept(&id("ada")).await.unwrap().unwrap();
    let review = noted(&Review::default(), "seen");
    let after = judged_with(&kept.stored.profile, &review);
    store
        .keep_review(
            &id("ada"),
            review.clone(),
            Some(kept.mark),
            Some(after.clone()),
            at(1),
        )
        .await
        .unwrap();
    store.close().await.unwrap();

    let (store, _) = open(folder.path()).await;
    assert_eq!(store.review(&id("ada")).await.unwrap(), review);
    assert_eq!(store.profile(&id("ada")).await.unwrap(), Some(after));
    let history = store.history(&id("ada")).await.unwrap();
    assert_eq!(history, [kept.stored]);
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_review_made_from_what_somebody_else_has_changed_is_refused_and_nothing_of_it_kept() {
    let (_folder, store) = empty().await;
    let review = noted(&Review::default(), "first");
    let ada = id("ada");
    let keep =
        |review: &Review, before| store.keep_review(&ada, review.clone(), before, None, at(1));
    // Of nobody.
    overtaken(&keep(&review, None).await);
    accept(&store, &["ada"], Priority::Interactive, at(0)).await;
    keep(&review, None).await.unwrap();
    // The same again, and one that skips a revision.
    overtaken(&keep(&review, None).await);
    overtaken(&keep(&noted(&noted(&review, "x"), "y"), None).await);
    // Beside a profile that was not there, or is another one by now.
    let second = noted(&review, "second");
    enrich_with(&store, "ada", at(2), &review).await;
    overtaken(&keep(&second, None).await);
    let stale = store.kept(&id("ada")).await.unwrap().unwrap().mark;
    enrich_with(&store, "ada", at(3), &review).await;
    overtaken(&keep(&second, Some(stale)).await);
    assert_eq!(store.review(&id("ada")).await.unwrap(), review);
    let mark = store.kept(&id("ada")).await.unwrap().unwrap().mark;
    keep(&second, Some(mark)).await.unwrap();
    assert_eq!(store.review(&id("ada")).await.unwrap(), second);
    assert_whole(&store).await;
}

/// Enriches an applicant about whom people have added something.
async fn enrich_with(store: &Store, name: &str, now: Timestamp, review: &Review) {
    let forced = Submission {
        force: true,
        ..submission(name, Priority::Interactive)
    };
    store
        .accept(vec![forced], now, Freshness::never())
        .await
        .unwrap();
    let leased = take(store, now).await.unwrap();
    let made = judged_with(&profile(&leased.applicant, now, 1.0), review);
    let finished = store.finish(&leased.lease, made, now).await.unwrap();
    assert_eq!(finished, Finished::Done);
}

#[tokio::test]
async fn a_profile_judged_without_the_newest_review_is_sent_back_and_the_lease_holds() {
    let (_folder, store) = empty().await;
    accept(&store, &["ada"], Priority::Interactive, at(0)).await;
    let leased = take(&store, at(1)).await.unwrap();
    let made = profile(&leased.applicant, at(2), 1.0);
    let review = noted(&Review::default(), "added while the sources were asked");
    store
        .keep_review(&id("ada"), review.clone(), None, None, at(2))
        .await
        .unwrap();
    let finished = store.finish(&leased.lease, made.clone(), at(3)).await;
    let late = Finished::Reviewed(Box::new((made.clone(), review.clone())));
    assert_eq!(finished.unwrap(), late);
    assert_eq!(store.profile(&id("ada")).await.unwrap(), None);
    assert!(store.job(&id("ada")).await.unwrap().is_some());

    let again = judged_with(&made, &review);
    let finished = store.finish(&leased.lease, again.clone(), at(4)).await;
    assert_eq!(finished.unwrap(), Finished::Done);
    assert_eq!(store.profile(&id("ada")).await.unwrap(), Some(again));
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_rubrics_text_is_kept_once_and_only_under_its_own_digest() {
    let (_folder, store) = empty().await;
    let rubric = Rubric::embedded("doctoral-dl-radiology").unwrap();
    store.keep_rubric(&rubric).await.unwrap();
    let changes = store.engine().ledger().commits;
    store.keep_rubric(&rubric).await.unwrap();
    assert_eq!(store.engine().ledger().commits, changes);
    let text = store.rubric_text(&rubric.digest).await.unwrap();
    assert_eq!(text.as_ref(), Some(&rubric.text));
    assert_eq!(store.rubric_text("0123456789abcdef").await.unwrap(), None);
    let forged = Rubric {
        text: rubric.text.replace("35", "36"),
        ..rubric
    };
    let refused = store.keep_rubric(&forged).await;
    assert!(
        matches!(refused, Err(StoreError::Failed { .. })),
        "{refused:?}"
    );
    assert_whole(&store).await;
}

#[tokio::test]
async fn many_profiles_are_replaced_and_those_before_them_are_in_the_history_as_they_were() {
    let (folder, store) = empty().await;
    let names: Vec<String> = (0..300).map(|number| format!("a{number:03}")).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    accept(&store, &all, Priority::Interactive, at(0)).await;
    while let Some(leased) = take(&store, at(1)).await {
        let made = profile(&leased.applicant, at(1), 1.0);
        store.finish(&leased.lease, made, at(1)).await.unwrap();
    }
    let before = store.current(&id("a007")).await.unwrap().unwrap();
    let revision = store
        .revise(None, at(5), |stored, review| {
            assert!(review.is_empty());
            let id = stored.profile.applicant.id.clone();
            let other = Profile {
                coverage: 0.75,
                ..stored.profile.clone()
            };
            (id.as_str().ends_with('7').then_some(other), id)
        })
        .await
        .unwrap();
    assert_eq!(revision.replaced, 30);
    assert_eq!(revision.overtaken, []);
    let told: Vec<&str> = revision.told.iter().map(ApplicantId::as_str).collect();
    assert_eq!(told, all);
    store.close().await.unwrap();

    let (store, _) = open(folder.path()).await;
    let now = store.current(&id("a007")).await.unwrap().unwrap();
    assert_eq!((now.stored_at, now.profile.coverage), (at(5), 0.75));
    assert_eq!(store.history(&id("a007")).await.unwrap(), [before]);
    assert_eq!(store.history(&id("a008")).await.unwrap(), []);
    assert_whole(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changes_while_profiles_are_judged_anew_is_left_as_it_is() {
    let (_folder, store) = empty().await;
    for name in ["ada", "bob", "eve"] {
        enrich(&store, name, at(0), 1.0).await;
    }
    let review = noted(&Review::default(), "in between");
    let (other, added, once) = (store.clone(), review.clone(), AtomicBool::new(false));
    let runtime = tokio::runtime::Handle::current();
    let revision = store
        .revise(None, at(9), move |stored, _| {
            // Between this profile's reading and its writing, somebody adds a note about bob.
            if stored.profile.applicant.id == id("bob") && !once.swap(true, Ordering::Relaxed) {
                runtime.block_on(async {
                    let bob = id("bob");
                    let mark = other.kept(&bob).await.unwrap().unwrap().mark;
                    other
                        .keep_review(&bob, added.clone(), Some(mark), None, at(5))
                        .await
                        .unwrap();
                });
            }
            let changed = Profile {
                coverage: 1.0,
                ..stored.profile.clone()
            };
            (Some(changed), ())
        })
        .await
        .unwrap();
    assert_eq!(
        (revision.replaced, revision.overtaken),
        (2, vec![id("bob")])
    );
    assert_eq!(store.review(&id("bob")).await.unwrap(), review);
    let bob = store.current(&id("bob")).await.unwrap().unwrap();
    assert_eq!((bob.stored_at, bob.profile.coverage), (at(0), 0.5));
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_store_of_the_format_before_opens_reads_and_is_raised() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path()).await;
    // What `plaudit demo` stored before there were reviews, snapshots and links between accounts.
    let old: serde_json::Value =
        serde_json::from_str(include_str!("profile_of_format_1.json")).unwrap();
    let whose: ApplicantId = old["profile"]["applicant"]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let role = old["profile"]["role"].as_str().unwrap().to_owned();
    let ((), number) = store
        .engine()
        .change(|draft| {
            let key = table::of_applicant(&whose);
            draft.put(Table::Applicants, key.clone(), &applicant(whose.as_str()))?;
            draft.put(Table::Roles, table::role_and_id(&role, &whose), &())?;
            for handle in table::handles_of(&applicant(whose.as_str()).links, &whose) {
                draft.put(Table::Handles, handle, &())?;
            }
            draft.put(Table::Profiles, key, &old)
        })
        .unwrap();
    let format_1 = envelope::seal(Table::Ledger, ledger::FORMAT_KEY, &1_u32).unwrap();
    let written = BTreeMap::from([((Table::Ledger, ledger::FORMAT_KEY.to_vec()), Some(format_1))]);
    store.engine().apply(&written).unwrap();
    store.engine().make_durable(number).unwrap();
    store.close().await.unwrap();

    let (store, opening) = open(folder.path()).await;
    assert_eq!((opening.missing, opening.recovered.len()), (0, 0));
    let format: Option<u32> = store
        .engine()
        .get(Table::Ledger, ledger::FORMAT_KEY)
        .unwrap();
    assert_eq!(format, Some(ledger::FORMAT));
    let kept = store.kept(&whose).await.unwrap().unwrap();
    assert_eq!(kept.stored.profile.snapshot, "");
    assert!(kept.stored.profile.review.is_empty());
    let points = old["profile"]["score"]["low"].as_f64().unwrap();
    assert_eq!(
        kept.stored.profile.score.low.to_string(),
        format!("{points:.2}")
    );
    assert_whole(&store).await;

    // And what is new stands beside it.
    let review = noted(&Review::default(), "a note");
    let after = judged_with(&kept.stored.profile, &review);
    store
        .keep_review(&whose, review, Some(kept.mark), Some(after), at(1))
        .await
        .unwrap();
    assert_eq!(store.history(&whose).await.unwrap(), [kept.stored]);
    assert_whole(&store).await;
}
