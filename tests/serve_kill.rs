//! The plug is pulled on a server, many times, at moments drawn from a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plaudit::commands::session;
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::job::Priority;
use plaudit::domain::profile::Profile;
use plaudit::domain::review::Review;
use plaudit::domain::rubric::Rubric;
use plaudit::http::Wait;
use plaudit::refresh::{Summary, Trigger};
use plaudit::standin::{Behaviour, Fault, StandIn, World, generated_list};
use plaudit::store::{Shelf, Store};

use crate::app::{ROLE, TestApp, comparable, github, said};
use crate::refresh;
use crate::serve::{Serving, accept, beside, client, until};

/// People, of whom each list holds some. Count.
const APPLICANTS: usize = 300;

/// Applicants of a list. Count.
const LIST: usize = 6;

const KILLS: u32 = 20;

/// The settings that make the work slow enough to be killed in its middle.
const SLOWLY: [(&str, &str); 4] = [
    ("PLAUDIT_GITHUB__IN_FLIGHT", "3"),
    ("PLAUDIT_GITHUB__BATCH", "4"),
    ("PLAUDIT_WORKER__WORKERS", "16"),
    ("PLAUDIT_REFRESH__ENABLED", "false"),
];

async fn app() -> TestApp {
    let behaviour = Behaviour {
        latency: Duration::from_millis(30),
        ..Behaviour::default()
    };
    TestApp::start(World::generated(APPLICANTS, 9), behaviour, &[]).await
}

/// The lists, one after another: each with its ids.
fn lists() -> Vec<(BTreeSet<ApplicantId>, String)> {
    let all = generated_list(APPLICANTS);
    let (header, rows) = all.split_once('\n').expect("rows");
    let rows: Vec<&str> = rows.lines().collect();
    let list = |rows: &[&str]| {
        let id = |row: &&str| {
            row.split(',')
                .next()
                .expect("an id")
                .parse()
                .expect("an id")
        };
        let text = format!("{header}\n{}\n", rows.join("\n"));
        (rows.iter().map(id).collect(), text)
    };
    rows.chunks(LIST).map(list).collect()
}

/// The profiles of an uninterrupted run.
async fn calm() -> BTreeMap<ApplicantId, Profile> {
    let calm = TestApp::start(World::generated(APPLICANTS, 9), Behaviour::default(), &[]).await;
    calm.enrich(&generated_list(APPLICANTS)).await.profiles
}

/// The same facts, and as of the same day the same score.
fn equal(profile: &Profile, other: &Profile, rubric: &Rubric) {
    let id = &profile.applicant.id;
    let other = other.rejudge(rubric, profile.as_of, Review::default());
    assert!(
        comparable(github(profile)) == comparable(github(&other)),
        "{id}"
    );
    assert_eq!(profile.score.low, other.score.low, "{id}");
    assert_eq!(profile.score.high, other.score.high, "{id}");
}

/// Waits until nothing is queued, and compares all profiles with those of an uninterrupted run.
async fn ends_in_the_truth(store: &Store) {
    until("the end of the queue", async || {
        store
            .waiting(Timestamp::now())
            .await
            .expect("readable")
            .is_empty()
    })
    .await;
    let profiles = store.profiles_of_role(ROLE).await.expect("readable");
    let calm = calm().await;
    let rubric = &TestApp::rubrics()[ROLE];
    let ids: Vec<&ApplicantId> = profiles.iter().map(|one| &one.applicant.id).collect();
    assert_eq!(ids, calm.keys().collect::<Vec<_>>(), "each once");
    for profile in &profiles {
        equal(profile, &calm[&profile.applicant.id], rubric);
    }
    let verified = store.verify().await.expect("readable");
    assert_eq!(verified.damaged, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_answered_as_accepted_is_lost_when_the_server_is_killed() {
    let app = app().await;
    let mut random = fastrand::Rng::with_seed(23);
    let mut left = lists();
    left.reverse();
    let mut accepted: BTreeSet<ApplicantId> = BTreeSet::new();
    let (mut broken_off, mut done_before) = (0, 0);
    let mut secret = String::new();
    let http = client();
    for kill in 0..KILLS {
        let mut serving = Serving::start(&app, &SLOWLY);
        if kill == 0 {
            // The token of the first sign-in outlives the kills as well.
            let line = serving.line();
            line.rsplit_once('#')
                .expect("a token")
                .1
                .clone_into(&mut secret);
        }
        let url = format!("{}/api/v1/imports", serving.url);
        let store = beside(&app.config.data_dir).await;
        // What was answered is there, with a job or a profile.
        let jobs = store.jobs().await.expect("readable");
        let known: BTreeSet<ApplicantId> = store
            .ids()
            .await
            .expect("readable")
            .into_iter()
            .chain(jobs.into_iter().map(|job| job.applicant))
            .collect();
        let lost: Vec<_> = accepted.difference(&known).collect();
        assert!(
            lost.is_empty(),
            "{lost:?} were accepted before kill {kill} and are lost"
        );

        let delay = Duration::from_millis(random.u64(20..700));
        let importing = async {
            while let Some((ids, list)) = left.pop() {
                let request = http.post(&url).bearer_auth(&secret);
                let request = request.header("content-type", "text/csv");
                let Ok(answer) = request.body(list.clone()).send().await else {
                    // Nobody knows what became of it: it is sent again.
                    left.push((ids, list));
                    return true;
                };
                assert_eq!(answer.status().as_u16(), 202);
                accepted.extend(ids);
                // The lists are spread over the kills.
                tokio::time::sleep(Duration::from_millis(random.u64(20..200))).await;
            }
            false
        };
        let killing = async {
            tokio::time::sleep(delay).await;
            serving.kill();
        };
        let (broke, ()) = tokio::join!(importing, killing);
        broken_off += u32::from(broke);
        let (store, opening) = session::open_own(&app.config).await.expect("a store");
        assert_eq!(opening.missing, 0);
        done_before = store.ids().await.expect("readable").len();
        store.close().await.expect("closed");
    }
    println!(
        "{KILLS} kills; {broken_off} struck while a list was taken in; {} accepted and {done_before} of {APPLICANTS} \
         profiles before the last run",
        accepted.len()
    );
    assert!(
        done_before > 0 && done_before < APPLICANTS,
        "no kill struck in the middle"
    );
    let serving = Serving::start(&app, &SLOWLY);
    let store = beside(&app.config.data_dir).await;
    for (_, list) in left {
        accept(&app, &store, &list, Priority::Interactive)
            .await
            .expect("accepted");
    }
    ends_in_the_truth(&store).await;
    drop(store);
    assert_eq!(serving.end().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_too_short_to_put_anybody_off_binds_the_next_process_as_well() {
    let behaviour = Behaviour {
        latency: Duration::from_millis(30),
        wait: Duration::from_secs(6),
        one_time: vec![(2, Fault::SecondaryLimit)],
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(LIST, 9), behaviour, &[]).await;
    let serving = Serving::start(&app, &SLOWLY);
    let store = beside(&app.config.data_dir).await;
    let list = generated_list(LIST);
    accept(&app, &store, &list, Priority::Interactive)
        .await
        .expect("accepted");
    until("a wait that is kept", async || {
        let kept = store.get_meta::<Vec<Wait>>("waits").await;
        kept.expect("readable").is_some_and(|kept| !kept.is_empty())
    })
    .await;
    drop(store);
    serving.kill();

    let serving = Serving::start(&app, &SLOWLY);
    let store = beside(&app.config.data_dir).await;
    until("the end of the queue", async || {
        let queued = store.waiting(Timestamp::now()).await;
        queued.expect("readable").is_empty()
    })
    .await;
    let report = app.stand_in.report();
    assert_eq!(report.faults[&Fault::SecondaryLimit], 1);
    assert_eq!(report.sent_while_told_to_wait, 0);
    drop(store);
    assert_eq!(serving.end().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_whose_server_is_killed_ends_in_the_truth_and_is_made_up_for_once() {
    const PEOPLE: usize = 150;
    const CHANGED: usize = 120;
    let app = refresh::filled(PEOPLE, &[]).await;
    let (world, news) = World::generated_with_news(PEOPLE, refresh::SEED, CHANGED);
    let world = Arc::new(world);
    let slow = Behaviour {
        latency: Duration::from_millis(60),
        ..Behaviour::default()
    };
    let stand_in = StandIn::start(Arc::clone(&world), slow)
        .await
        .expect("loopback");
    // The schedule has never run, so that each server makes up for it at once.
    let serve = || {
        let mut command = app.program();
        command
            .env("GITHUB_API_URL", stand_in.url())
            .env("GITHUB_GRAPHQL_URL", format!("{}/graphql", stand_in.url()))
            .env("PLAUDIT_REFRESH__OLDER_THAN", "0s")
            .env("PLAUDIT_REFRESH__JITTER", "0s")
            .env("PLAUDIT_GITHUB__IN_FLIGHT", "2")
            .env("PLAUDIT_GITHUB__BATCH", "1")
            .env("PLAUDIT_WORKER__WORKERS", "8");
        Serving::of(&mut command)
    };
    let runs = async |store: &Store| {
        let runs = store.records::<Summary>(Shelf::Refreshes, None, 9).await;
        runs.expect("readable")
    };
    let mut random = fastrand::Rng::with_seed(7);
    let mut in_the_middle = 0;
    for kill in 0..KILLS {
        let enough = stand_in.report().requests + random.u64(1..14);
        let serving = serve();
        until("questions", async || stand_in.report().requests >= enough).await;
        serving.kill();
        let (store, opening) = session::open_own(&app.config).await.expect("a store");
        assert_eq!(opening.missing, 0);
        assert_eq!(store.ids().await.expect("readable").len(), PEOPLE);
        let queued = store.waiting(Timestamp::now()).await.expect("readable");
        in_the_middle += u32::from(!queued.is_empty());
        assert!(
            runs(&store).await.is_empty(),
            "kill {kill} struck after the end"
        );
        store.close().await.expect("closed");
    }
    println!("{KILLS} kills, {in_the_middle} of them with jobs in the queue");
    assert!(in_the_middle > 0, "no kill struck in the middle");

    let serving = serve();
    let store = beside(&app.config.data_dir).await;
    until("the end of a run", async || !runs(&store).await.is_empty()).await;
    let kept = runs(&store).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].1.trigger, Trigger::CaughtUp);
    let profiles = store.profiles_of_role(ROLE).await.expect("readable");
    let by_id = |profile: Profile| (profile.applicant.id.clone(), profile);
    let profiles: BTreeMap<_, _> = profiles.into_iter().map(by_id).collect();
    assert_eq!(profiles.len(), PEOPLE);
    refresh::all_true(&app, &world, &profiles);
    for name in &news {
        let id: ApplicantId = name.parse().expect("an id");
        // Whoever was asked twice, since the queue of the killed run went on beside the new one's probe, says it in the
        // profile before.
        let earlier = store.history(&id).await.expect("readable");
        let told = |profile: &Profile| !profile.changes.is_empty();
        assert!(
            told(&profiles[&id]) || earlier.iter().any(|one| told(&one.profile)),
            "{id}"
        );
    }
    drop(store);
    assert_eq!(serving.end().0.code(), Some(0));

    // And once is enough: the next server asks nobody.
    let asked = stand_in.report().requests;
    let serving = serve();
    for _ in 0..5 {
        said(app.program().args(["rank", "--format", "csv"])).is(0, &[]);
    }
    let store = beside(&app.config.data_dir).await;
    assert_eq!(runs(&store).await.len(), 1);
    drop(store);
    assert_eq!(serving.end().0.code(), Some(0));
    assert_eq!(stand_in.report().requests, asked);
}
