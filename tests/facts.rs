//! What is found is what is there.

use plaudit::domain::facts::{Cause, Lookup, Topic};
use plaudit::domain::link::{self, Column, GitHubHosts, Handle, Link};
use plaudit::domain::profile::Profile;
use plaudit::domain::score::{ComponentState, Points};
use plaudit::sources::github::{GitHub, Interest};
use plaudit::standin::{Behaviour, DEMO_CODE, World, demo_list, generated_list};

use crate::app::{Crawl, ROLE, TestApp, comparable, github, login};

/// Every profile with a GitHub link holds the world's truth.
fn assert_true(app: &TestApp, crawl: &Crawl, expected: usize) {
    let mut compared = 0;
    for profile in crawl
        .profiles
        .values()
        .filter(|one| one.sources.github.is_some())
    {
        let (found, truth) = (
            comparable(github(profile)),
            comparable(&app.truth(login(profile))),
        );
        if let (Lookup::Found { facts: found }, Lookup::Found { facts: truth }) = (&found, &truth) {
            // Field by field first: a difference in 2,000 pull requests is hard to read.
            assert_eq!(found.projects, truth.projects, "{}", login(profile));
            assert_eq!(found.gaps, truth.gaps, "{}", login(profile));
            assert_eq!(found.years, truth.years, "{}", login(profile));
            assert_eq!(found.repositories, truth.repositories, "{}", login(profile));
            for (left, right) in found.pull_requests.iter().zip(&truth.pull_requests) {
                assert_eq!(left, right, "{}", login(profile));
            }
        }
        assert_eq!(found, truth, "{}", login(profile));
        compared += 1;
    }
    assert_eq!(compared, expected);
}

/// Every point has a URL, and all of them add up.
fn assert_adds_up(profile: &Profile) {
    let mut sum = Points::default();
    for component in &profile.score.components {
        let points: Points = component.evidence.iter().map(|one| one.points).sum();
        assert_eq!(points, component.low, "{}", component.name);
        for one in &component.evidence {
            let known = ["https://github.com/", "https://www.kaggle.com/"];
            let good = known.iter().any(|host| one.url.starts_with(host));
            assert!(good, "{}", one.url);
        }
        if component.state == ComponentState::Complete {
            assert_eq!(component.low, component.high);
        } else {
            assert_eq!(component.high, component.max);
            assert!(!component.reason.is_empty());
        }
        sum = Points::from_cents(sum.cents() + points.cents());
    }
    assert_eq!(sum, profile.score.low);
}

#[tokio::test(flavor = "multi_thread")]
async fn for_every_demo_applicant_the_facts_equal_the_worlds_truth() {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    let crawl = app.enrich(&demo_list()).await;
    assert!(crawl.summary.remaining.is_empty());
    assert!(crawl.profiles.len() >= 16, "{}", crawl.profiles.len());
    let without_github = crawl
        .profiles
        .values()
        .filter(|one| one.sources.github.is_none())
        .count();
    assert_true(&app, &crawl, crawl.profiles.len() - without_github);
    crawl.profiles.values().for_each(assert_adds_up);
    assert_eq!(crawl.report.sent_while_told_to_wait, 0);
}

fn handle_of(login: &str) -> Handle {
    match link::parse(login, Column::GitHub, &GitHubHosts::default()) {
        Ok(parsed) => match parsed.link {
            Link::GitHub { handle, .. } => handle,
            other => panic!("{other}"),
        },
        Err(error) => panic!("{error}"),
    }
}

/// GitHub as the product asks it, for the demo's rubric.
fn asked_directly(app: &TestApp) -> GitHub {
    let rubric = &TestApp::rubrics()[ROLE];
    let interest = Interest {
        watched: rubric.watched.clone(),
        repositories: rubric.own_code.repositories,
    };
    GitHub::new(&app.connect(true).github, interest)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_names_addresses_of_the_web_and_no_others() {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    let github = asked_directly(&app);
    let mut named = 0;
    for account in app.world.accounts() {
        let handle = &*app.world.account(account).login;
        let Lookup::Found { facts: truth } = app.truth(handle) else {
            continue;
        };
        let handle = handle_of(handle);
        let (fetched, _) = github.fetch(&handle, app.as_of.year()).await;
        let Lookup::Found { facts } = fetched.expect("an answer").lookup else {
            panic!("{handle} is there");
        };
        assert_eq!(facts.names, truth.names, "{handle}");
        assert!(facts.names.iter().all(|name| name.starts_with("http")));
        named += facts.names.len();
    }
    assert_eq!(
        named, 4,
        "two of Ada's, Wilma's page, Bruno's; none of Umar's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_seen_where_it_stands_and_nothing_else_is() {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    let github = asked_directly(&app);
    let id = |login: &str| {
        let account = app.world.account_by_login(login).expect("an account");
        app.world.account_node_id(account)
    };
    let gist = "https://gist.github.com/bruno-takeda-example/a1b2c3d4e5f60718293a4b5c6d7e8f90";
    for (login, code, place) in [
        ("bruno-takeda-example", DEMO_CODE, Some(gist)),
        ("bruno-takeda-example", "plaudit-verify-another", None),
        ("ada-lindqvist-example", DEMO_CODE, None),
        (
            "ada-lindqvist-example",
            "joints",
            Some("https://github.com/ada-lindqvist-example"),
        ),
        ("ada-lindqvist-example", "", None),
    ] {
        let (seen, cost) = github.look_for_code(&id(login), code).await;
        let seen = seen.expect("an answer");
        assert_eq!(
            seen.as_ref().map(|seen| seen.url.as_str()),
            place,
            "{login}: {code}"
        );
        assert!(seen.is_none_or(|seen| seen.code == code));
        let expected = if code.is_empty() { 0.0 } else { 1.0 };
        assert!((cost.points - expected).abs() < 1e-9, "{cost:?}");
    }
    let (gone, _) = github.look_for_code("U_kgDO00ffffff", DEMO_CODE).await;
    assert_eq!(gone, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_applicant_takes_no_further_request() {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    let github = asked_directly(&app);
    for (login, requests) in [
        // Who it is, depth, commits; and what became of pull requests in watched projects.
        ("tala-empty-example", 3.0),
        ("yuki-ueda-example", 4.0),
        ("otto-vance-example", 4.0),
        ("stella-kovac-example", 4.0),
        ("cora-weiss-example", 5.0),
    ] {
        let handle = handle_of(login);
        let (_, cost) = github.fetch(&handle, app.as_of.year()).await;
        assert!((cost.requests - requests).abs() < 1e-9, "{login}: {cost:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_generated_applicants_the_facts_equal_the_worlds_truth() {
    let app = TestApp::start(World::generated(300, 5), Behaviour::default(), &[]).await;
    let crawl = app.enrich(&generated_list(300)).await;
    assert_true(&app, &crawl, 300);
    crawl.profiles.values().for_each(assert_adds_up);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_times_out_over_many_histories_is_asked_in_smaller_parts() {
    // One applicant's ten projects are too many in one query, and twenty own repositories are nearly so.
    let behaviour = Behaviour {
        query_time_limit: Some(45),
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(60, 6), behaviour, &[]).await;
    let crawl = app.enrich(&generated_list(60)).await;
    assert_true(&app, &crawl, 60);
    let behaviour = Behaviour {
        query_time_limit: Some(41),
        ..Behaviour::default()
    };
    let hard = [("PLAUDIT_GITHUB__BATCH", "10")];
    let app = TestApp::start(World::generated(60, 6), behaviour, &hard).await;
    let crawl = app.enrich(&generated_list(60)).await;
    assert_true(&app, &crawl, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_even_one_query_cannot_count_is_a_gap_and_not_a_zero() {
    let behaviour = Behaviour {
        query_time_limit: Some(0),
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(4, 6), behaviour, &[]).await;
    let crawl = app.enrich(&generated_list(4)).await;
    for profile in crawl.profiles.values() {
        let Lookup::Found { facts } = github(profile) else {
            continue;
        };
        assert!(
            facts
                .projects
                .iter()
                .all(|project| project.commits.is_none())
        );
        let failed = |topic| {
            facts
                .gaps
                .iter()
                .any(|gap| gap.topic == topic && gap.cause == Cause::Failed)
        };
        assert!(failed(Topic::Commits));
        assert!(profile.score.high > profile.score.low);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_within_a_day_asks_nothing() {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    let cold = app.enrich(&demo_list()).await;
    let warm = app.enrich(&demo_list()).await;
    assert_eq!(warm.report.requests, cold.report.requests, "not one more");
    assert_eq!(warm.profiles, cold.profiles);
    assert_eq!(warm.accepted.len(), cold.accepted.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_what_cannot_be_seen_is_unknown() {
    let many = [
        ("GITHUB_TOKEN", ""),
        ("PLAUDIT_GITHUB__REQUESTS_PER_HOUR_WITHOUT_TOKEN", "60"),
        ("PLAUDIT_WORKER__PATIENCE", "100ms"),
        ("PLAUDIT_HTTP__INLINE_WAIT", "10ms"),
    ];
    let app = TestApp::start(World::demo(), Behaviour::default(), &many).await;
    let crawl = app
        .enrich("github\nada-lindqvist-example\nchiara-conti-example\n")
        .await;
    assert_eq!(crawl.profiles.len(), 2);
    for profile in crawl.profiles.values() {
        let Lookup::Found { facts } = github(profile) else {
            panic!("{:?}", github(profile))
        };
        let Lookup::Found { facts: truth } = app.truth(login(profile)) else {
            panic!()
        };
        assert_eq!(facts.account_id, truth.account_id);
        assert_eq!(facts.own_repositories, truth.own_repositories);
        assert!(
            facts
                .projects
                .iter()
                .all(|project| project.commits.is_none())
        );
        for topic in [
            Topic::PullRequests,
            Topic::Commits,
            Topic::Reviews,
            Topic::Years,
        ] {
            assert!(facts.gaps.iter().any(|gap| gap.topic == topic), "{topic:?}");
        }
        for (project, truth) in facts.projects.iter().zip(&truth.projects) {
            assert_eq!(project.merged, truth.merged, "{}", project.name);
        }
        assert_adds_up(profile);
        assert_eq!(profile.score.high.cents(), 10_000);
    }
    assert_eq!(crawl.report.graphql_requests, 0);
    assert!(crawl.report.rest_requests <= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_a_used_up_hour_is_a_deferral_and_not_a_crash() {
    let impatient = [("GITHUB_TOKEN", ""), ("PLAUDIT_WORKER__PATIENCE", "100ms")];
    let app = TestApp::start(World::generated(60, 5), Behaviour::default(), &impatient).await;
    let crawl = app.enrich(&generated_list(60)).await;
    assert!(
        !crawl.profiles.is_empty(),
        "some were read before the limit"
    );
    let remaining = &crawl.summary.remaining;
    assert_eq!(
        crawl.profiles.len() as u64 + remaining.ready + remaining.deferred,
        60
    );
    assert!(
        remaining
            .note
            .as_deref()
            .is_some_and(|note| note.contains("wait until"))
    );
    assert_eq!(crawl.report.sent_while_told_to_wait, 0);
    assert_eq!(crawl.summary.failed, 0);
}
