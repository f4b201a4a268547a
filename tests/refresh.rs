//! The nightly refresh.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plaudit::commands::session;
use plaudit::config::{Config, Overrides};
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::erasure::{Erasure, Ground};
use plaudit::domain::facts::Lookup;
use plaudit::domain::profile::Profile;
use plaudit::enrich::{Connections, Enricher};
use plaudit::refresh::{Clock, Parts, Progress, Ran, Refresher, Summary, Trigger, Wish};
use plaudit::standin::kaggle::{KaggleBehaviour, KaggleStandIn, KaggleWorld};
use plaudit::standin::{Behaviour, Fault, StandIn, World, demo_list, generated_list};
use plaudit::store::{Shelf, Store};
use plaudit::worker::{self, Allowance, Worker};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::app::{ROLE, TestApp, comparable, github, login, said};

pub(crate) const SEED: u64 = 4;

/// An installation that knows `applicants` of a generated world, each asked for a moment ago.
pub(crate) async fn filled(applicants: usize, extra: &[(&str, &str)]) -> TestApp {
    let mut settings = vec![
        ("PLAUDIT_REFRESH__OLDER_THAN", "0s"),
        ("PLAUDIT_WORKER__PATIENCE", "1s"),
    ];
    settings.extend(extra);
    let world = World::generated(applicants, SEED);
    let app = TestApp::start(world, Behaviour::default(), &settings).await;
    let crawl = app.enrich(&generated_list(applicants)).await;
    assert_eq!(crawl.profiles.len(), applicants);
    app
}

/// A day later: of `changed` people another pull request has landed. Their logins.
pub(crate) fn a_day_passes(
    app: &TestApp,
    applicants: usize,
    changed: usize,
) -> (Arc<World>, BTreeSet<String>) {
    let (world, news) = World::generated_with_news(applicants, SEED, changed);
    let world = Arc::new(world);
    app.stand_in.replace(Arc::clone(&world));
    (world, news.into_iter().collect())
}

/// One refresh over the installation's store, with a pool beside, at the time that `clock` shows.
async fn refresh_at(app: &TestApp, config: &Config, clock: Clock) -> Ran {
    let connections = session::connect(config, false)
        .map_err(|failure| failure.error)
        .expect("a client");
    Box::pin(refresh_with(app, config, connections, clock)).await
}

/// The same over these ways to the hosts.
async fn refresh_with(
    app: &TestApp,
    config: &Config,
    connections: Connections,
    clock: Clock,
) -> Ran {
    let (store, opening) = session::open_store(config).await.expect("a store");
    assert_eq!(opening.recovered, Vec::<String>::new());
    let (refresher, allowance) = refresher(&store, config, &connections, clock);
    let (events, _events) = mpsc::unbounded_channel();
    let enricher = Enricher::new(
        TestApp::rubrics().into_values(),
        &connections,
        Some(app.as_of),
    );
    let settings = worker::Settings {
        allowance: Some(allowance),
        ..session::pool_settings(config)
    };
    let stop = CancellationToken::new();
    let worker = Worker::new(store.clone(), enricher, settings, stop.clone(), events);
    let pool = async {
        worker.run().await.expect("the store holds");
    };
    let wish = Wish {
        trigger: Trigger::Person,
        older_than: None,
        patience: config.worker.patience,
    };
    let ran = Box::pin(refresher.run(wish, Some(pool), &stop))
        .await
        .expect("the store holds");
    assert_eq!(refresher.progress(), None);
    let verified = store.verify().await.expect("readable");
    assert_eq!(verified.damaged, Vec::<String>::new());
    drop(refresher);
    store.close().await.expect("closed");
    ran
}

async fn refresh(app: &TestApp) -> Summary {
    let ran = refresh_at(app, &app.config, Clock::System).await;
    assert_eq!(ran.left, 0, "{:?}", ran.summary);
    ran.summary
}

fn refresher(
    store: &Store,
    config: &Config,
    connections: &Connections,
    clock: Clock,
) -> (Refresher, Arc<Allowance>) {
    let github = &config.github;
    let allowance = Arc::new(Allowance::of(
        github.points_per_hour.get(),
        config.tokens.len(),
        config.refresh.leave_to_recruiters,
    ));
    let parts = Parts {
        store: store.clone(),
        config: config.clone(),
        rubrics: TestApp::rubrics(),
        connections: connections.clone(),
        allowance: Arc::clone(&allowance),
    };
    (Refresher::with_clock(parts, clock), allowance)
}

async fn profiles(app: &TestApp) -> BTreeMap<ApplicantId, Profile> {
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let profiles = store.profiles_of_role(ROLE).await.expect("readable");
    store.close().await.expect("closed");
    let by_id = |profile: Profile| (profile.applicant.id.clone(), profile);
    profiles.into_iter().map(by_id).collect()
}

/// Every profile says what a perfect crawler would find in `world`.
pub(crate) fn all_true(app: &TestApp, world: &World, profiles: &BTreeMap<ApplicantId, Profile>) {
    let rubric = &TestApp::rubrics()[ROLE];
    for (id, profile) in profiles {
        let truth = world.truth(
            login(profile),
            &rubric.watched,
            rubric.own_code.repositories,
            app.as_of.year(),
        );
        assert!(comparable(github(profile)) == comparable(&truth), "{id}");
    }
}

fn ids<'a>(all: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    all.into_iter().cloned().collect()
}

/// The same settings towards another made-up GitHub.
fn towards(app: &TestApp, stand_in: &StandIn) -> Config {
    let mut config = app.config.clone();
    config.github.api_url = stand_in.url().parse().expect("a URL");
    config.github.graphql_url = format!("{}/graphql", stand_in.url())
        .parse()
        .expect("a URL");
    config
}

/// The same people at a GitHub of which the second answer is this fault.
async fn misbehaving(world: Arc<World>, fault: Fault) -> StandIn {
    let behaviour = Behaviour {
        one_time: vec![(2, fault)],
        ..Behaviour::default()
    };
    StandIn::start(world, behaviour).await.expect("loopback")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_applicants_who_have_not_changed_nothing_is_asked_but_the_probe() {
    const APPLICANTS: usize = 300;
    let app = filled(APPLICANTS, &[]).await;
    let (before, books) = (profiles(&app).await, app.stand_in.report());
    let missing = before
        .values()
        .filter(|profile| matches!(github(profile), Lookup::Absent { .. }))
        .count();
    assert!(missing > 0, "those whom nobody finds are probed as well");
    let summary = refresh(&app).await;
    let asked = app.stand_in.report();
    let questions = (APPLICANTS - missing).div_ceil(74) + 1;
    assert_eq!(asked.requests - books.requests, questions as u64);
    assert_eq!(asked.points - books.points, questions as u64);
    assert_eq!(
        (summary.checked, summary.unchanged, summary.fetched),
        (300, 300, 0)
    );
    assert!(
        summary.changed.is_empty() && summary.failed.is_empty(),
        "{summary:?}"
    );
    assert!(
        (summary.points - asked_points(&asked, &books)).abs() < 1e-6,
        "{summary:?}"
    );
    assert_eq!(profiles(&app).await, before, "not a byte differs");
}

#[expect(clippy::cast_precision_loss, reason = "a few")]
fn asked_points(now: &plaudit::standin::Report, before: &plaudit::standin::Report) -> f64 {
    (now.points - before.points) as f64
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_those_who_have_changed_are_asked_for_again_and_the_summary_says_what_is_new() {
    const APPLICANTS: usize = 200;
    let app = filled(APPLICANTS, &[]).await;
    let before = profiles(&app).await;
    let (world, news) = a_day_passes(&app, APPLICANTS, 9);
    let summary = refresh(&app).await;
    assert_eq!(ids(summary.changed.iter().map(|one| &one.id)), news);
    assert_eq!(
        (summary.fetched, summary.checked, summary.unchanged),
        (9, 200, 191)
    );
    assert!(summary.failed.is_empty(), "{:?}", summary.failed);
    for changed in &summary.changed {
        let told = changed.what.join("\n");
        assert!(told.contains("scikit-learn"), "{}: {told}", changed.id);
    }
    assert!(
        summary.changed.iter().any(|one| one.low.1 > one.low.0),
        "work in a watched project earns points: {summary:?}"
    );
    let after = profiles(&app).await;
    all_true(&app, &world, &after);
    for (id, profile) in &after {
        let asked_again = news.contains(id.as_str());
        assert_eq!(*profile != before[id], asked_again, "{id}");
    }
    // Nothing is new the next time.
    let again = refresh(&app).await;
    assert_eq!((again.fetched, again.unchanged), (0, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_refresh_names_ids_alone_and_the_rest_is_read_from_the_profiles() {
    let app = filled(40, &[]).await;
    let (_, news) = a_day_passes(&app, 40, 2);
    let summary = refresh(&app).await;
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let kept = store
        .records::<serde_json::Value>(Shelf::Refreshes, None, 10)
        .await
        .expect("readable");
    let text = kept[0].1.to_string();
    assert!(
        !text.contains("scikit-learn") && !text.contains("Applicant "),
        "{text}"
    );
    let connections = app.connect(false);
    let (refresher, _) = refresher(&store, &app.config, &connections, Clock::System);
    let last = refresher
        .status()
        .await
        .expect("readable")
        .last
        .expect("one");
    assert_eq!(last.changed, summary.changed);
    // Whoever is taken away goes from there as well.
    let first: ApplicantId = news.first().expect("two").parse().expect("an id");
    assert!(
        store
            .forget(
                vec![first.clone()],
                Erasure {
                    ground: Ground::Asked,
                    reason: None,
                },
                Timestamp::now(),
            )
            .await
            .expect("erased")[0]
            .is_some()
    );
    let text = store
        .records::<serde_json::Value>(Shelf::Refreshes, None, 10)
        .await
        .expect("readable")[0]
        .1
        .to_string();
    assert!(!text.contains(first.as_str()), "{text}");
    let verified = store.verify().await.expect("readable");
    assert_eq!(verified.damaged, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_fails_keeps_the_facts_and_their_date() {
    const APPLICANTS: usize = 30;
    let app = filled(APPLICANTS, &[("PLAUDIT_WORKER__ATTEMPTS", "1")]).await;
    let before = profiles(&app).await;
    let (world, news) = World::generated_with_news(APPLICANTS, SEED, 3);
    let world = Arc::new(world);
    // The probe's two queries are answered, and nothing that comes after them.
    let behaviour = Behaviour {
        one_time: (3..2_000)
            .map(|number| (number, Fault::ServerError))
            .collect(),
        ..Behaviour::default()
    };
    let stand_in = StandIn::start(Arc::clone(&world), behaviour)
        .await
        .expect("loopback");
    let ran = refresh_at(&app, &towards(&app, &stand_in), Clock::System).await;
    let failed = ids(ran.summary.failed.iter().map(|one| &one.id));
    assert_eq!(failed, news.iter().cloned().collect());
    assert!(ran.summary.failed.iter().all(|one| !one.why.is_empty()));
    assert!(ran.summary.changed.is_empty(), "{:?}", ran.summary);
    for (id, profile) in profiles(&app).await {
        assert_eq!(profile.sources, before[&id].sources, "{id}");
    }
    // They are asked for the next time.
    app.stand_in.replace(world);
    let again = refresh(&app).await;
    assert_eq!(
        ids(again.changed.iter().map(|one| &one.id)),
        news.into_iter().collect()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_is_told_as_changed_and_its_profile_says_so() {
    let app = filled(20, &[]).await;
    let (id, profile) = profiles(&app)
        .await
        .into_iter()
        .find(|(_, profile)| github(profile).found().is_some())
        .expect("a person");
    let mut world = World::generated(20, SEED);
    let account = world.account_by_login(&github(&profile).found().expect("facts").login);
    world.delete(account.expect("an account"));
    app.stand_in.replace(Arc::new(world));
    let summary = refresh(&app).await;
    assert_eq!(summary.fetched, 1);
    assert_eq!(
        ids(summary.changed.iter().map(|one| &one.id)),
        [id.to_string()].into()
    );
    let now = &profiles(&app).await[&id];
    assert!(
        matches!(github(now), Lookup::Absent { .. }),
        "{:?}",
        github(now).state()
    );
    // Nobody is found there the next time either, which is no news.
    assert_eq!(refresh(&app).await.fetched, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_failures_during_the_probe_are_waited_out_and_nobody_is_lost() {
    const APPLICANTS: usize = 250;
    let app = filled(APPLICANTS, &[("PLAUDIT_WORKER__PATIENCE", "60s")]).await;
    let (world, news) = World::generated_with_news(APPLICANTS, SEED, 5);
    let same = Arc::new(World::generated(APPLICANTS, SEED));
    for fault in [
        Fault::SecondaryLimit,
        Fault::PrimaryLimit,
        Fault::ResourceLimits,
        Fault::BadGateway,
        Fault::Html,
    ] {
        let stand_in = misbehaving(Arc::clone(&same), fault).await;
        let ran = refresh_at(&app, &towards(&app, &stand_in), Clock::System).await;
        let report = stand_in.report();
        assert_eq!(report.faults.get(&fault), Some(&1), "{report:?}");
        assert_eq!(report.sent_while_told_to_wait, 0, "{fault:?}");
        assert_eq!((ran.left, ran.summary.fetched), (0, 0), "{fault:?}");
        assert_eq!(ran.summary.unchanged, 250, "{fault:?}: {:?}", ran.summary);
    }
    let stand_in = misbehaving(Arc::new(world), Fault::SecondaryLimit).await;
    let ran = refresh_at(&app, &towards(&app, &stand_in), Clock::System).await;
    let changed = ids(ran.summary.changed.iter().map(|one| &one.id));
    assert_eq!(changed, news.into_iter().collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_lasts_longer_than_the_patience_ends_the_run_with_what_it_has() {
    let app = filled(60, &[]).await;
    let behaviour = Behaviour {
        one_time: vec![(1, Fault::SecondaryLimit)],
        wait: Duration::from_mins(5),
        ..Behaviour::default()
    };
    let world = Arc::new(World::generated(60, SEED));
    let stand_in = StandIn::start(world, behaviour).await.expect("loopback");
    let ran = refresh_at(&app, &towards(&app, &stand_in), Clock::System).await;
    assert!(ran.left > 0, "{ran:?}");
    let told = ran.summary.notices.join("\n");
    assert!(
        told.contains("not looked at") && told.contains("asks us to wait"),
        "{told}"
    );
    assert_eq!(stand_in.report().sent_while_told_to_wait, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_without_a_pulse_is_made_anew_once() {
    let app = filled(40, &[]).await;
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    store
        .revise(None, Timestamp::now(), |stored, _| {
            let mut profile = stored.profile.clone();
            if let Some(observed) = &mut profile.sources.github
                && let Lookup::Found { facts } = &mut observed.lookup
            {
                facts.pulse = None;
            }
            (Some(profile), ())
        })
        .await
        .expect("revised");
    store.close().await.expect("closed");
    let people = profiles(&app)
        .await
        .values()
        .filter(|profile| github(profile).found().is_some())
        .count();
    let first = refresh(&app).await;
    assert_eq!(first.fetched, people as u64);
    assert!(
        first.changed.is_empty(),
        "a pulse alone is no news: {:?}",
        first.changed
    );
    assert_eq!(first.unchanged, 40);
    assert_eq!(refresh(&app).await.fetched, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_young_are_left_out_and_the_very_old_are_made_anew() {
    let app = filled(30, &[("PLAUDIT_REFRESH__OLDER_THAN", "20h")]).await;
    let after = |hours| Clock::showing(Timestamp::now() + SignedDuration::from_hours(hours));
    let young = refresh_at(&app, &app.config, after(19)).await.summary;
    assert_eq!((young.applicants, young.checked, young.fetched), (30, 0, 0));
    let due = refresh_at(&app, &app.config, after(21)).await.summary;
    assert_eq!((due.checked, due.unchanged, due.fetched), (30, 30, 0));
    let old = refresh_at(&app, &app.config, after(720)).await.summary;
    assert_eq!(
        (old.checked, old.unchanged, old.fetched),
        (30, 30, 30),
        "{old:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_to_recruiters_is_not_touched() {
    const APPLICANTS: usize = 240;
    let settings = [
        ("PLAUDIT_GITHUB__POINTS_PER_HOUR", "200"),
        ("PLAUDIT_REFRESH__LEAVE_TO_RECRUITERS", "60"),
    ];
    // Filled with more than that.
    let app = filled(APPLICANTS, &[]).await;
    let (_, news) = a_day_passes(&app, APPLICANTS, 200);
    let mut config = app.config.clone();
    let strict = TestApp::start(World::generated(1, 1), Behaviour::default(), &settings).await;
    config.github.points_per_hour = strict.config.github.points_per_hour;
    config.refresh.leave_to_recruiters = strict.config.refresh.leave_to_recruiters;
    let books = app.stand_in.report();
    let ran = refresh_at(&app, &config, Clock::System).await;
    let charged = app.stand_in.report().points - books.points;
    assert!(
        charged <= 80,
        "{charged} points of 200, of which 120 are the recruiters'"
    );
    assert!(charged >= 60, "no more is left than has to be: {charged}");
    assert!(ran.left > 0 && ran.summary.fetched > 0, "{ran:?}");
    assert_eq!(ran.left + ran.summary.fetched, news.len() as u64);
    // The rest waits in the queue and is done in another hour.
    let rest = refresh(&app).await;
    assert_eq!(rest.fetched, ran.left);
    assert_eq!(refresh(&app).await.fetched, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_in_the_middle_a_refresh_ends_in_the_truth() {
    const APPLICANTS: usize = 100;
    const KILLS: u32 = 8;
    let app = filled(APPLICANTS, &[]).await;
    let (world, news) = World::generated_with_news(APPLICANTS, SEED, 60);
    let world = Arc::new(world);
    let slow = Behaviour {
        latency: Duration::from_millis(60),
        ..Behaviour::default()
    };
    let stand_in = StandIn::start(Arc::clone(&world), slow)
        .await
        .expect("loopback");
    let program = || {
        let mut command = app.program();
        command
            .env("GITHUB_API_URL", stand_in.url())
            .env("GITHUB_GRAPHQL_URL", format!("{}/graphql", stand_in.url()))
            .env("PLAUDIT_REFRESH__OLDER_THAN", "0s")
            .env("PLAUDIT_GITHUB__IN_FLIGHT", "2")
            .env("PLAUDIT_GITHUB__BATCH", "1")
            .env("PLAUDIT_WORKER__WORKERS", "8")
            .args(["refresh", "--no-progress", "--format", "json"]);
        command
    };
    let mut random = fastrand::Rng::with_seed(3);
    let (mut kills, mut in_the_middle) = (0, 0);
    while kills < KILLS {
        let mut child = program()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        // Some questions later, whatever the machine has to do besides.
        let enough = stand_in.report().requests + random.u64(2..45);
        let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
        let mut ended = false;
        while stand_in.report().requests < enough && !ended {
            assert!(tokio::time::Instant::now() < deadline, "it asks nothing");
            tokio::time::sleep(Duration::from_millis(5)).await;
            ended = child.try_wait().expect("a child").is_some();
        }
        if ended {
            break;
        }
        child.kill().expect("killed");
        child.wait().expect("reaped");
        kills += 1;
        let (store, _) = session::open_store(&app.config).await.expect("a store");
        let queued = store
            .waiting(Timestamp::now())
            .await
            .expect("readable")
            .count();
        in_the_middle += u32::from(queued > 0);
        let told = store.records::<Summary>(Shelf::Refreshes, None, 9);
        assert!(
            told.await.expect("readable").is_empty(),
            "no run came to its end"
        );
        store.close().await.expect("closed");
    }
    assert!(in_the_middle > 0, "no kill struck in the middle of {kills}");
    let last = said(&mut program());
    last.is(0, &[]);
    let after = profiles(&app).await;
    assert_eq!(after.len(), APPLICANTS);
    all_true(&app, &world, &after);
    for name in &news {
        let id: ApplicantId = name.parse().expect("an id");
        assert!(!after[&id].changes.is_empty(), "{id}");
    }
    println!("{kills} kills, {in_the_middle} of them with jobs in the queue");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_what_it_would_take_and_what_it_did() {
    let app = filled(50, &[]).await;
    let program = |arguments: &[&str]| {
        let mut command = app.program();
        command
            .env("PLAUDIT_REFRESH__OLDER_THAN", "0s")
            .args(arguments);
        said(&mut command)
    };
    let books = app.stand_in.report();
    let foreseen = program(&["refresh", "--dry-run", "--format", "csv"]);
    foreseen.is(0, &["50 applicants old enough", "nothing was asked"]);
    assert!(
        foreseen
            .out
            .starts_with("what,applicants,requests,points,seconds\nprobe,50,2,2,"),
        "{}",
        foreseen.out
    );
    assert_eq!(app.stand_in.report(), books);
    let young = program(&["refresh", "--older-than", "7d"]);
    young.is(0, &[]);
    assert!(young.out.starts_with("0 of 50 checked"), "{}", young.out);
    let (_, news) = a_day_passes(&app, 50, 2);
    let text = program(&["refresh"]);
    text.is(0, &[]);
    assert!(
        text.out
            .starts_with("50 of 50 checked: 48 unchanged, 2 changed, 0 failed"),
        "{}",
        text.out
    );
    for id in &news {
        assert!(text.out.contains(id.as_str()), "{}", text.out);
    }
    let json = program(&["refresh", "--format", "json"]);
    let summary: Summary = serde_json::from_str(&json.out).expect("a summary");
    assert_eq!((summary.checked, summary.unchanged), (50, 50));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_data_set_of_kaggles_is_no_news_of_anybody() {
    let settings = [("PLAUDIT_REFRESH__OLDER_THAN", "0s")];
    let app = TestApp::start(World::demo(), Behaviour::default(), &settings).await;
    app.import().await;
    let crawl = app.enrich(&demo_list()).await;
    let first = refresh_with(&app, &app.config, app.connect(false), Clock::System).await;
    let told = first.summary.kaggle.clone().expect("Kaggle was asked");
    assert!(told.contains("nothing newer"), "{told}");
    // Asked again is whoever lacks something: a page that does not answer, a part that GitHub gave up on.
    let whole = |id: &String| {
        let profile = &crawl.profiles[&id.parse::<ApplicantId>().expect("an id")];
        profile.is_complete() && profile.given_up().is_none()
    };
    assert!(
        first.summary.changed.is_empty(),
        "{:?}",
        first.summary.changed
    );
    let failed: Vec<_> = first.summary.failed.iter().map(|one| &one.id).collect();
    assert!(!failed.iter().any(|id| whole(id)), "{failed:?}");
    assert_eq!(
        first.summary.fetched,
        failed.len() as u64,
        "{:?}",
        first.summary
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_data_set_of_kaggles_is_brought_and_whoever_it_says_otherwise_of_is_made_anew() {
    const USERS: u64 = 600;
    let settings = [
        ("PLAUDIT_REFRESH__OLDER_THAN", "0s"),
        ("PLAUDIT_KAGGLE__LIVE", "never"),
    ];
    let world = KaggleWorld::generated(USERS, 7);
    let truth = world.truth();
    let kaggle = (world, KaggleBehaviour::default());
    let app =
        TestApp::start_with_kaggle(World::demo(), Behaviour::default(), kaggle, &settings).await;
    app.import().await;
    let mut list = String::from("id,kaggle\n");
    for (number, name) in truth.people.keys().step_by(4).enumerate() {
        writeln!(list, "k-{number},https://www.kaggle.com/{name}").expect("written");
    }
    let before = app.enrich(&list).await.profiles;
    assert!(before.len() > 100, "{}", before.len());
    let same = refresh_at(&app, &app.config, Clock::System).await.summary;
    assert_eq!(same.fetched, 0, "{same:?}");

    let files = tempfile::TempDir::new().expect("a folder");
    let behaviour = KaggleBehaviour {
        folder: Some(files.path().to_owned()),
        ..KaggleBehaviour::default()
    };
    let newer = Arc::new(KaggleWorld::generated(USERS, 8));
    let kaggle = KaggleStandIn::start(newer, behaviour)
        .await
        .expect("loopback");
    let mut config = app.config.clone();
    config.kaggle.url = kaggle.url().parse().expect("a URL");
    let summary = refresh_at(&app, &config, Clock::System).await.summary;
    let told = summary.kaggle.clone().expect("Kaggle was asked");
    assert!(told.contains("the data set is of"), "{told}");
    assert!(summary.fetched > 0, "{summary:?}");
    let after = profiles(&app).await;
    let differ = |id: &&ApplicantId| {
        let medals = |profile: &Profile| {
            let kaggle = profile.sources.kaggle.as_ref().expect("a link");
            let facts = kaggle.lookup.found();
            facts.map(|facts| (facts.medals.clone(), facts.competitions.clone()))
        };
        medals(&before[id]) != medals(&after[id])
    };
    let differ: BTreeSet<String> = after
        .keys()
        .filter(differ)
        .map(ToString::to_string)
        .collect();
    let changed = ids(summary.changed.iter().map(|one| &one.id));
    assert!(differ.is_subset(&changed), "{differ:?} {changed:?}");
    assert!(!differ.is_empty());
    // And no more is to be done.
    assert_eq!(
        refresh_at(&app, &config, Clock::System)
            .await
            .summary
            .fetched,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kaggle_that_does_not_answer_stops_no_refresh() {
    let settings = [("PLAUDIT_REFRESH__OLDER_THAN", "0s")];
    let app = TestApp::start(World::generated(10, SEED), Behaviour::default(), &settings).await;
    app.import().await;
    app.enrich(&generated_list(10)).await;
    let mut config = app.config.clone();
    config.kaggle.url = "http://127.0.0.1:9/".parse().expect("a URL");
    config.http.tries = 1.try_into().expect("one");
    let ran = refresh_at(&app, &config, Clock::System).await;
    assert_eq!((ran.summary.unchanged, ran.left), (10, 0));
    let told = ran.summary.notices.join("\n");
    assert!(told.contains("could not be renewed"), "{told}");
}

/// A refresher over an empty store, with tokio's time.
async fn empty(
    settings: &[(&str, &str)],
    clock: Timestamp,
) -> (tempfile::TempDir, Store, Refresher) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let home = folder.path().to_str().expect("UTF-8").to_owned();
    let mut environment: BTreeMap<String, String> = [
        ("HOME", home.as_str()),
        ("PLAUDIT_HOMEPAGE__FOLLOW", "false"),
        ("PLAUDIT_REFRESH__TIME_ZONE", "Europe/Helsinki"),
        ("PLAUDIT_REFRESH__JITTER", "0s"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for (name, value) in settings {
        environment.insert((*name).to_owned(), (*value).to_owned());
    }
    let config = Config::load(&Overrides::default(), &environment).expect("settings");
    let (store, _) = session::open_store(&config).await.expect("a store");
    let connections = session::connect(&config, false)
        .map_err(|failure| failure.error)
        .expect("a client");
    let (refresher, _) = refresher(&store, &config, &connections, Clock::showing(clock));
    (folder, store, refresher)
}

/// When each run began that is kept, and why.
async fn runs(store: &Store) -> Vec<(String, Trigger)> {
    let kept = store.records::<Summary>(Shelf::Refreshes, None, usize::MAX);
    let kept = kept.await.expect("readable");
    let told = |(_, summary): (String, Summary)| (format!("{:.0}", summary.began), summary.trigger);
    kept.into_iter().map(told).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

#[tokio::test(start_paused = true)]
async fn the_schedule_is_followed_through_both_changes_of_the_clocks() {
    for (schedule, from, expected) in [
        (
            "30 3 * * *",
            "2027-03-26T12:00:00Z",
            // Winter, the gap (made up for at 04:00 summer time), summer.
            [
                "2027-03-27T01:30:00Z",
                "2027-03-28T01:00:00Z",
                "2027-03-29T00:30:00Z",
            ],
        ),
        (
            "30 3 * * *",
            "2026-10-23T12:00:00Z",
            // Summer, the first of two, winter.
            [
                "2026-10-24T00:30:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-26T01:30:00Z",
            ],
        ),
        (
            "0 3-4 * * 0",
            "2026-10-24T12:00:00Z",
            [
                "2026-10-25T00:00:00Z",
                "2026-10-25T02:00:00Z",
                "2026-11-01T01:00:00Z",
            ],
        ),
    ] {
        let settings = [("PLAUDIT_REFRESH__SCHEDULE", schedule)];
        let (_folder, store, refresher) = empty(&settings, at(from)).await;
        let next = refresher.status().await.expect("readable").next;
        assert_eq!(next, Some(at(expected[0])));
        let stop = CancellationToken::new();
        let enough = async {
            let mut feed = store.feed();
            while runs(&store).await.len() < expected.len() {
                feed.next().await;
            }
            stop.cancel();
        };
        tokio::join!(refresher.follow_schedule(stop.clone()), enough);
        let told: Vec<_> = expected
            .iter()
            .map(|at| ((*at).to_owned(), Trigger::Schedule))
            .collect();
        assert_eq!(runs(&store).await, told, "{schedule} from {from}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missed_run_is_made_up_for_once_and_one_that_came_to_its_end_is_not() {
    let (_folder, store, first) = empty(&[], at("2026-11-20T12:00:00Z")).await;
    let until = |store: Store, stop: CancellationToken, count: usize| async move {
        let mut feed = store.feed();
        while runs(&store).await.len() < count {
            feed.next().await;
        }
        stop.cancel();
    };
    let stop = CancellationToken::new();
    tokio::join!(
        first.follow_schedule(stop.clone()),
        until(store.clone(), stop.clone(), 1)
    );
    // 02:00 in Helsinki.
    assert_eq!(runs(&store).await[0].0, "2026-11-21T00:00:00Z");
    drop(first);
    // Three nights later, and then a moment after that.
    let config_of = |clock: &str| Clock::showing(at(clock));
    let config = empty_config();
    let connections = session::connect(&config, false)
        .map_err(|failure| failure.error)
        .expect("a client");
    let (late, _) = refresher(
        &store,
        &config,
        &connections,
        config_of("2026-11-24T07:00:00Z"),
    );
    let stop = CancellationToken::new();
    tokio::join!(
        late.follow_schedule(stop.clone()),
        until(store.clone(), stop.clone(), 3)
    );
    let told = runs(&store).await;
    assert_eq!(
        told[1..],
        [
            ("2026-11-24T07:00:00Z".to_owned(), Trigger::CaughtUp),
            ("2026-11-25T00:00:00Z".to_owned(), Trigger::Schedule)
        ]
    );
}

fn empty_config() -> Config {
    let environment = [
        ("HOME", "/nonexistent"),
        ("PLAUDIT_HOMEPAGE__FOLLOW", "false"),
        ("PLAUDIT_REFRESH__TIME_ZONE", "Europe/Helsinki"),
        ("PLAUDIT_REFRESH__JITTER", "0s"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    Config::load(&Overrides::default(), &environment).expect("settings")
}

#[tokio::test(start_paused = true)]
async fn one_runs_at_a_time_and_a_person_need_not_wait_for_the_night() {
    let began = at("2026-11-20T12:00:00Z");
    let (_folder, store, refresher) = empty(&[("PLAUDIT_REFRESH__ENABLED", "false")], began).await;
    assert_eq!(refresher.status().await.expect("readable").next, None);
    refresher.start(Trigger::Person).expect("nothing runs");
    let refused = refresher.start(Trigger::Person).expect_err("one runs");
    assert_eq!(refused.since, began);
    let running = refresher.status().await.expect("readable").running;
    assert_eq!(
        running.map(|progress: Progress| progress.began),
        Some(began)
    );
    let stop = CancellationToken::new();
    let enough = async {
        let mut feed = store.feed();
        while runs(&store).await.is_empty() {
            feed.next().await;
        }
        stop.cancel();
    };
    tokio::join!(refresher.follow_schedule(stop.clone()), enough);
    assert_eq!(runs(&store).await, [(began.to_string(), Trigger::Person)]);
    refresher
        .start(Trigger::Person)
        .expect("nothing runs any more");
}
