//! What becomes of a submission, and who is found.

use super::*;
use crate::domain::facts::{Cause, Gap, Topic};

#[tokio::test]
async fn a_list_that_is_taken_in_part_says_how_far_it_came() {
    let (_folder, store) = empty().await;
    let names: Vec<String> = (0..1_234).map(|number| format!("a{number:04}")).collect();
    let submissions: Vec<_> = names
        .iter()
        .map(|name| submission(name, Priority::Interactive))
        .collect();
    let fresh = hourly();
    let far = store.accept_as_far_as_may_be(&submissions, at(0), &fresh);
    let (accepted, ended) = far.await;
    ended.unwrap();
    assert_eq!(accepted, vec![Accepted::Queued; 1_234]);
    let again = store.accept_as_far_as_may_be(&submissions, at(1), &fresh);
    assert_eq!(again.await.0, vec![Accepted::AlreadyQueued; 1_234]);
    assert_whole(&store).await;
}

#[tokio::test]
async fn each_submission_gets_its_outcome() {
    use Priority::{Interactive, Refresh};
    let (_folder, store) = empty().await;
    assert_eq!(
        accept(&store, &["ada"], Refresh, at(0)).await,
        [Accepted::Queued]
    );
    assert_eq!(
        accept(&store, &["ada", "bob", "bob"], Refresh, at(1)).await,
        [
            Accepted::AlreadyQueued,
            Accepted::Queued,
            Accepted::AlreadyQueued
        ]
    );
    assert_eq!(
        accept(&store, &["bob"], Interactive, at(2)).await,
        [Accepted::Lifted]
    );
    assert_eq!(
        accept(&store, &["bob"], Refresh, at(3)).await,
        [Accepted::AlreadyQueued]
    );

    let bob = take(&store, at(4)).await.unwrap();
    assert_eq!(
        (bob.applicant.id.as_str(), bob.job.priority),
        ("bob", Interactive)
    );
    store
        .finish(&bob.lease, profile(&bob.applicant, at(4), 1.0), at(5))
        .await
        .unwrap();
    assert_eq!(
        accept(&store, &["bob"], Interactive, at(6)).await,
        [Accepted::Fresh]
    );
    assert_eq!(store.job(&id("bob")).await.unwrap(), None);

    let forced = Submission {
        force: true,
        ..submission("bob", Interactive)
    };
    let answers = store.accept(vec![forced], at(7), hourly()).await.unwrap();
    assert_eq!(answers, [Accepted::Queued]);
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_job_that_is_leased_or_deferred_is_lifted_too_and_keeps_its_state() {
    let (_folder, store) = empty().await;
    accept(&store, &["ada"], Priority::Refresh, at(0)).await;
    let leased = take(&store, at(1)).await.unwrap();
    let lifted = accept(&store, &["ada"], Priority::Interactive, at(2)).await;
    assert_eq!(lifted, [Accepted::Lifted]);
    store
        .defer(&leased.lease, (at(100), at(0)), "limited", false)
        .await
        .unwrap();
    let job = store.job(&id("ada")).await.unwrap().unwrap();
    assert_eq!(job.priority, Priority::Interactive);
    assert_eq!(
        accept(&store, &["ada"], Priority::Interactive, at(3)).await,
        [Accepted::AlreadyQueued]
    );
    assert_eq!(take(&store, at(4)).await, None);
    assert_whole(&store).await;
}

#[test]
fn a_profile_is_fresh_only_if_young_complete_and_of_the_same_links_role_and_rubric() {
    type Change = fn(&mut Snapshot, &mut Applicant, &mut Freshness);
    fn push(stored: &mut Snapshot, cause: Cause) {
        let observation = stored.profile.sources.github.as_mut().unwrap();
        if let Lookup::Found { facts } = &mut observation.lookup {
            facts.gaps.push(Gap {
                topic: Topic::Reviews,
                project: None,
                cause,
                reason: String::new(),
            });
        }
    }
    fn answer(stored: &mut Snapshot, lookup: Lookup<GitHubFacts>) {
        stored.profile.sources.github.as_mut().unwrap().lookup = lookup;
    }
    fn with_home_page(stored: &mut Snapshot, who: &mut Applicant) {
        who.links.push(home_page("https://ada.example.org/"));
        stored.profile.applicant = ApplicantSummary::from(&*who);
    }
    fn why() -> String {
        "because".to_owned()
    }
    let cases: [(&str, bool, Change); 19] = [
        ("as it is", true, |_, _, _| ()),
        ("a second too old", false, |_, _, fresh| {
            fresh.within = Duration::from_mins(10);
        }),
        ("a second younger", true, |_, _, fresh| {
            fresh.within = Duration::from_secs(601);
        }),
        ("nothing is fresh", false, |_, _, fresh| {
            *fresh = Freshness::never();
        }),
        ("from the far future", false, |stored, _, _| {
            stored.profile.sources.github.as_mut().unwrap().fetched_at = at(100_000);
        }),
        ("another link", false, |_, who, _| {
            who.links = vec![github("other")];
        }),
        ("one more link", false, |_, who, _| {
            who.links.push(kaggle("ada"));
        }),
        ("another name", false, |_, who, _| who.name = None),
        ("another e-mail address", true, |_, who, _| who.email = None),
        ("another role", false, |_, who, _| {
            who.role = "postdoc".to_owned();
        }),
        ("another rubric", false, |stored, _, _| {
            stored.profile.rubric.digest = why();
        }),
        ("no answer", false, |stored, _, _| {
            stored.profile.sources.github = None;
        }),
        ("failed", false, |stored, _, _| {
            answer(stored, Lookup::Failed { reason: why() });
        }),
        ("absent", true, |stored, _, _| {
            answer(stored, Lookup::Absent { reason: why() });
        }),
        ("a hidden part", true, |stored, _, _| {
            push(stored, Cause::Hidden);
        }),
        ("a part not asked for", false, |stored, _, _| {
            push(stored, Cause::NotAsked);
        }),
        (
            "a part that cannot be asked for",
            true,
            |stored, _, fresh| {
                push(stored, Cause::NotAsked);
                fresh.means.token = false;
            },
        ),
        ("a home page that was not read", false, |stored, who, _| {
            with_home_page(stored, who);
        }),
        (
            "a home page that may not be read",
            true,
            |stored, who, fresh| {
                with_home_page(stored, who);
                fresh.means.pages = false;
            },
        ),
    ];
    for (name, fresh, change) in cases {
        let mut who = applicant("ada");
        let mut stored = Snapshot {
            stored_at: at(5),
            profile: profile(&who, at(0), 1.0),
        };
        let mut freshness = hourly();
        change(&mut stored, &mut who, &mut freshness);
        assert_eq!(freshness.accepts(&stored, &who, at(600)), fresh, "{name}");
    }
}

#[tokio::test]
async fn an_applicant_accepted_again_is_found_under_the_new_handle_and_keeps_what_was_left_out() {
    let (_folder, store) = empty().await;
    let mut ada = applicant("ada");
    ada.links = vec![github("Octo-Ada"), kaggle("adak")];
    let mut bob = applicant("bob");
    bob.links = vec![kaggle("OCTO-ADA")];
    let submit = |applicant: &Applicant| Submission {
        applicant: applicant.clone(),
        priority: Priority::Interactive,
        force: false,
    };
    store
        .accept(vec![submit(&ada), submit(&bob)], at(0), hourly())
        .await
        .unwrap();
    for (text, found) in [
        ("ada", vec!["ada"]),
        (" ada ", vec!["ada"]),
        ("@octo-ADA", vec!["ada", "bob"]),
        ("adak", vec!["ada"]),
        ("ad", vec![]),
        ("adakk", vec![]),
        ("", vec![]),
        ("not an id \u{1b}[31m", vec![]),
    ] {
        let people = store.find(text).await.unwrap();
        let ids: Vec<_> = people.iter().map(|who| who.id.as_str()).collect();
        assert_eq!(ids, found, "{text:?}");
    }

    // A link alone, as somebody pastes it: what it leaves out stays.
    let bare = Applicant {
        name: None,
        email: None,
        links: vec![github("renamed")],
        ..ada.clone()
    };
    ada.links = vec![github("renamed"), kaggle("adak")];
    store
        .accept(vec![submit(&bare)], at(1), hourly())
        .await
        .unwrap();
    assert_eq!(
        store.applicant(&id("ada")).await.unwrap(),
        Some(ada.clone())
    );
    assert_eq!(store.find("renamed").await.unwrap(), [ada.clone()]);
    assert_eq!(store.find("adak").await.unwrap(), [ada.clone()]);
    assert_eq!(store.find("octo-ada").await.unwrap(), [bob.clone()]);
    assert_eq!(store.applicants().await.unwrap(), [ada, bob]);
    assert_whole(&store).await;
}

#[tokio::test]
async fn links_that_change_while_a_worker_has_the_job_are_looked_at_afterwards() {
    let (_folder, store) = empty().await;
    accept(&store, &["ada"], Priority::Interactive, at(0)).await;
    let leased = take(&store, at(1)).await.unwrap();
    let mut moved = submission("ada", Priority::Interactive);
    moved.applicant.links = vec![github("ada-two")];
    let answers = store
        .accept(vec![moved.clone()], at(2), hourly())
        .await
        .unwrap();
    assert_eq!(answers, [Accepted::AlreadyQueued]);
    let finished = store
        .finish(&leased.lease, profile(&leased.applicant, at(3), 1.0), at(3))
        .await
        .unwrap();
    assert_eq!(finished, Finished::Again);

    let again = take(&store, at(4)).await.unwrap();
    assert_eq!(again.applicant, moved.applicant);
    let finished = store
        .finish(&again.lease, profile(&again.applicant, at(5), 2.0), at(5))
        .await
        .unwrap();
    assert_eq!(finished, Finished::Done);
    assert!(store.waiting(at(6)).await.unwrap().is_empty());
    assert_whole(&store).await;
}
