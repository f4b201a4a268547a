//! Kaggle and home pages through the whole pipeline, against the made-up Kaggle.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use plaudit::domain::facts::{
    Category, Cause, Gap, KaggleFacts, Lookup, MedalCount, Teller, Topic, Totals,
};
use plaudit::domain::profile::Profile;
use plaudit::domain::score::ComponentState;
use plaudit::sources::kaggle::import::{Folder, Imported, Origin, import};
use plaudit::standin::kaggle::dump::KnownPerson;
use plaudit::standin::kaggle::{
    KaggleBehaviour, KaggleFault, KaggleReport, KaggleWorld, PageShape, RequestKind,
};
use plaudit::standin::{Behaviour, World, demo_list};

use crate::app::{Crawl, TestApp};

fn lookup(profile: &Profile) -> &Lookup<KaggleFacts> {
    let kaggle = profile.sources.kaggle.as_ref();
    &kaggle.expect("a Kaggle link").lookup
}

fn facts(profile: &Profile) -> &KaggleFacts {
    let found = lookup(profile).found();
    found.unwrap_or_else(|| panic!("{}: {:?}", profile.applicant.id, lookup(profile)))
}

fn of<'a>(crawl: &'a Crawl, id: &str) -> &'a Profile {
    &crawl.profiles[&id.parse().expect("an id")]
}

fn component<'a>(profile: &'a Profile, name: &str) -> &'a plaudit::domain::score::Component {
    let mut components = profile.score.components.iter();
    components
        .find(|one| one.name == name)
        .expect("a component")
}

/// A list of these Kaggle names.
fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let rows = names.into_iter().map(|name| format!("{name}\n"));
    format!("kaggle\n{}", rows.collect::<String>())
}

async fn demo_with(kaggle: KaggleBehaviour, extra: &[(&str, &str)]) -> TestApp {
    let kaggle = (KaggleWorld::demo(), kaggle);
    TestApp::start_with_kaggle(World::demo(), Behaviour::default(), kaggle, extra).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_story_of_the_demo_ends_in_a_state_of_its_own() {
    let live = [("PLAUDIT_KAGGLE__LIVE", "always")];
    let app = demo_with(KaggleBehaviour::default(), &live).await;
    assert!(matches!(app.import().await, Imported::Index(_)));
    let crawl = app.enrich(&demo_list()).await;

    // Both; GitHub alone; Kaggle alone.
    let [both, github, kaggle] = ["a-01", "a-02", "a-34"].map(|id| &of(&crawl, id).sources);
    assert!(both.github.is_some() && both.kaggle.is_some());
    assert!(github.github.is_some() && github.kaggle.is_none());
    assert!(kaggle.github.is_none() && kaggle.kaggle.is_some());

    // Found on a home page, and marked so; not guessed at where a page names several.
    let wilma = &of(&crawl, "a-23").sources;
    let page = Some("http://wilma-kron.example/");
    assert_eq!(
        wilma.github.as_ref().expect("found").found_on.as_deref(),
        page
    );
    assert_eq!(
        wilma.kaggle.as_ref().expect("found").found_on.as_deref(),
        page
    );
    let olaf = &of(&crawl, "a-24").sources;
    assert!(olaf.github.is_none());
    let seen = olaf.page.as_ref().and_then(|page| page.lookup.found());
    assert_eq!(seen.expect("a page").unclear.len(), 1);

    // Opted out and hidden are unknown, a contributor's left-out counts are zero.
    let opted_out = of(&crawl, "a-27");
    assert!(facts(opted_out).medals.is_empty());
    assert_eq!(
        component(opted_out, "kaggle").state,
        ComponentState::Unknown
    );
    let hides = facts(of(&crawl, "a-28"));
    assert!(!hides.medals.contains_key(&Category::Notebooks));
    assert!(hides.medals.contains_key(&Category::Competitions));
    let none = of(&crawl, "a-04");
    assert_eq!(
        facts(none).medals[&Category::Competitions],
        MedalCount::default()
    );
    assert_eq!(component(none, "kaggle").state, ComponentState::Complete);

    // Renamed; not in the data set yet; unknown; more medals live than in the data set.
    let renamed = facts(of(&crawl, "a-29"));
    assert_eq!(renamed.renamed_from.as_deref(), Some("carlosold"));
    assert!(!renamed.competitions.is_empty());
    let new = facts(of(&crawl, "a-30"));
    assert_eq!(
        (new.totals_from.teller, new.competitions_from),
        (Teller::Live, None)
    );
    assert!(matches!(lookup(of(&crawl, "a-31")), Lookup::Absent { .. }));
    let lagging = facts(of(&crawl, "a-32"));
    assert!(
        lagging
            .differences
            .iter()
            .any(|one| one.contains("the newer counts"))
    );
    let gap = |gap: &&Gap| gap.topic == Topic::Competitions && gap.cause == Cause::Missing;
    assert_eq!(lagging.gaps.iter().filter(gap).count(), 1);

    // A date that was filled in afterwards is none: the competition's end counts.
    let old = facts(of(&crawl, "a-33"));
    let dates: Vec<_> = old.competitions.iter().map(|one| one.date).collect();
    assert!(!dates.contains(&Some("2016-07-15".parse().expect("a date"))));

    assert_eq!(crawl.summary.failed, 0);
    assert_eq!(app.kaggle.report().count(RequestKind::Page), 0);
    assert_eq!(app.kaggle.report().sent_while_told_to_wait, 0);
}

fn totals(facts: &KaggleFacts) -> BTreeMap<Category, Totals> {
    let seen = Category::ALL.into_iter().filter(|category| {
        facts.tiers.contains_key(category) || facts.medals.contains_key(category)
    });
    seen.map(|category| {
        let totals = Totals {
            tier: facts.tiers.get(&category).copied(),
            medals: facts.medals.get(&category).copied(),
            rank: facts.ranks.get(&category).copied().unwrap_or_default(),
        };
        (category, totals)
    })
    .collect()
}

fn assert_equals_truth(facts: &KaggleFacts, truth: &KnownPerson) {
    assert_eq!(facts.user_name, truth.user_name);
    assert_eq!(facts.user_id, truth.user_id);
    let mut expected = truth.totals.clone();
    for totals in expected.values_mut() {
        // Who has neither a place nor points is kept without a rank.
        let nowhere = totals.rank.current.is_none() && totals.rank.highest.is_none();
        if nowhere && totals.rank.points == Some(0) {
            totals.rank.points = None;
        }
    }
    assert_eq!(totals(facts), expected, "{}", truth.user_name);
    assert_eq!(
        facts.competitions, truth.competitions,
        "{}",
        truth.user_name
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_answered_by_the_data_set_alone_and_as_the_world_has_it() {
    let kaggle = (KaggleWorld::generated(3_000, 7), KaggleBehaviour::default());
    let app = TestApp::start_with_kaggle(World::demo(), Behaviour::default(), kaggle, &[]).await;
    app.import().await;
    let asked_before = app.kaggle.report().count(RequestKind::Profile);
    let truth = KaggleWorld::generated(3_000, 7).truth();
    let people: Vec<&KnownPerson> = truth.people.values().step_by(20).collect();
    let names = people.iter().map(|person| person.user_name.as_str());
    let crawl = app.enrich(&list(names)).await;
    assert_eq!(crawl.profiles.len(), people.len());
    let mut with_competitions = 0;
    for person in people {
        let id = format!("kaggle:{}", person.user_name.to_ascii_lowercase());
        let facts = facts(of(&crawl, &id));
        assert_equals_truth(facts, person);
        assert_eq!(facts.totals_from.teller, Teller::DataSet);
        with_competitions += usize::from(!facts.competitions.is_empty());
    }
    assert!(
        with_competitions > 3,
        "only {with_competitions} with a medal"
    );
    assert_eq!(
        app.kaggle.report().count(RequestKind::Profile),
        asked_before
    );
}

/// Between the first and the last request to Kaggle itself.
fn span(report: &KaggleReport) -> Duration {
    let mut times = report.arrivals.iter().filter(|one| one.kind.is_kaggle());
    let first = times.next().expect("a request").at;
    times
        .next_back()
        .map_or(Duration::ZERO, |last| last.at.saturating_sub(first))
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_applicants_are_asked_for_one_at_a_time_at_the_polite_rate() {
    let pause = Duration::from_millis(60);
    let paced = [("PLAUDIT_KAGGLE__PAUSE", "60ms")];
    let kaggle = (KaggleWorld::generated(3_000, 7), KaggleBehaviour::default());
    let app = TestApp::start_with_kaggle(World::demo(), Behaviour::default(), kaggle, &paced).await;
    let truth = KaggleWorld::generated(3_000, 7).truth();
    let people: Vec<&KnownPerson> = truth.people.values().step_by(50).take(50).collect();
    let names = people.iter().map(|person| person.user_name.as_str());
    let crawl = app.enrich(&list(names)).await;
    assert_eq!(crawl.profiles.len(), 50);
    let report = app.kaggle.report();
    println!(
        "50 applicants: {} requests to the endpoint, {} to pages, at most {} at once, in {:.2} s: {:.3} of one each {pause:?}",
        report.count(RequestKind::Profile),
        report.count(RequestKind::Page),
        report.at_once,
        span(&report).as_secs_f64(),
        49.0 * pause.as_secs_f64() / span(&report).as_secs_f64(),
    );
    assert_eq!(
        report.requests,
        BTreeMap::from([(RequestKind::Profile, 50)])
    );
    assert_eq!(report.at_once, 1);
    assert_eq!(report.sent_while_told_to_wait, 0);
    // One pause of grace: the first request may have been long on its way.
    assert!(span(&report) >= pause * 48, "{:?}", span(&report));
    // What the numbers mean is not known without the data set, and is told so.
    let medals = |profile: &&Profile| {
        let medals = facts(profile).medals.get(&Category::Competitions);
        medals.is_some_and(|medals| medals.all() > 0)
    };
    for profile in crawl.profiles.values().filter(medals) {
        let gaps = &facts(profile).gaps;
        assert!(gaps.iter().any(|gap| gap.cause == Cause::NotAsked));
        assert_eq!(component(profile, "kaggle").state, ComponentState::Partial);
    }
}

/// A Kaggle whose live endpoint never gives a usable answer.
fn broken() -> KaggleBehaviour {
    KaggleBehaviour {
        one_time: (1..200)
            .map(|number| (RequestKind::Profile, number, KaggleFault::ServerError))
            .collect(),
        page: PageShape::State,
        ..KaggleBehaviour::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_asked_for_unless_it_is_switched_on() {
    let names = ["adalindqvist", "lenalandau"];
    let quick = ("PLAUDIT_HTTP__TRIES", "2");
    let off = demo_with(broken(), &[quick]).await;
    let crawl = off.enrich(&list(names)).await;
    assert_eq!(crawl.summary.failed, 2);
    assert_eq!(off.kaggle.report().count(RequestKind::Page), 0);
    for profile in crawl.profiles.values() {
        assert!(matches!(lookup(profile), Lookup::Failed { .. }));
        assert_eq!(profile.score.high.cents(), 10_000, "failed is not zero");
    }

    let on = demo_with(broken(), &[quick, ("PLAUDIT_KAGGLE__PAGE", "true")]).await;
    let crawl = on.enrich(&list(names)).await;
    assert_eq!(crawl.summary.failed, 0);
    assert_eq!(on.kaggle.report().count(RequestKind::Page), 2);
    for profile in crawl.profiles.values() {
        assert_eq!(facts(profile).totals_from.teller, Teller::Page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_defers_whom_nobody_else_answers_for_and_nobody_else() {
    let limited = KaggleBehaviour {
        wait: Duration::from_mins(10),
        one_time: vec![(RequestKind::Profile, 1, KaggleFault::TooManyRequests)],
        ..KaggleBehaviour::default()
    };
    let impatient = [
        ("PLAUDIT_KAGGLE__LIVE", "always"),
        ("PLAUDIT_WORKER__PATIENCE", "100ms"),
        ("PLAUDIT_HTTP__INLINE_WAIT", "100ms"),
    ];
    let app = demo_with(limited, &impatient).await;
    app.import().await;
    // Daisy is not in the data set yet, the others are.
    let crawl = app
        .enrich(&list(["adalindqvist", "lenalandau", "daisymill"]))
        .await;
    assert_eq!(crawl.profiles.len(), 2);
    assert_eq!(crawl.summary.remaining.deferred, 1);
    let why = crawl.summary.remaining.note.expect("a reason");
    assert!(why.contains("asks us to wait until"), "{why}");
    for profile in crawl.profiles.values() {
        assert_eq!(facts(profile).totals_from.teller, Teller::DataSet);
        assert!(
            profile
                .notices
                .iter()
                .any(|notice| notice.contains("could not be asked live"))
        );
    }
    // The wait binds the next run as well.
    let again = app.enrich(&list(["lenalandau", "daisymill"])).await;
    assert_eq!(again.summary.remaining.deferred, 1);
    assert_eq!(app.kaggle.report().count(RequestKind::Profile), 1);
    assert_eq!(app.kaggle.report().sent_while_told_to_wait, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kaggle_said_before_stays_when_it_says_nothing_now() {
    let mut fails_later = broken();
    fails_later.one_time.retain(|(_, number, _)| *number > 1);
    let stale = [
        ("PLAUDIT_CACHE__FRESH_FOR", "0s"),
        ("PLAUDIT_HTTP__TRIES", "2"),
    ];
    let app = demo_with(fails_later, &stale).await;
    let before = app.enrich(&list(["lenalandau"])).await;
    let after = app.enrich(&list(["lenalandau"])).await;
    let [before, after] = [&before, &after].map(|crawl| of(crawl, "kaggle:lenalandau"));
    assert_eq!(before.sources, after.sources, "facts and their date");
    assert_eq!(before.score, after.score);
    let said = after.notices.join("\n");
    assert!(said.contains("Kaggle could not be read on"), "{said}");
    assert!(said.contains("what is shown is older"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_asks_kaggle_nothing_until_the_data_set_is_there() {
    let app = demo_with(KaggleBehaviour::default(), &[]).await;
    app.enrich(&list(["adalindqvist"])).await;
    app.enrich(&list(["adalindqvist"])).await;
    assert_eq!(app.kaggle.report().count(RequestKind::Profile), 1);
    app.import().await;
    let crawl = app.enrich(&list(["adalindqvist"])).await;
    let facts = facts(of(&crawl, "kaggle:adalindqvist"));
    assert!(
        facts.competitions_from.is_some(),
        "what was missing is looked up"
    );
    assert_eq!(app.kaggle.report().count(RequestKind::Profile), 1);
}

/// Imports a data set of these users, in which number 1 has won a gold medal and number 2 a bronze one.
async fn import_users(app: &TestApp, users: &[(u64, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = users
        .iter()
        .map(|(number, name)| format!("{number},{name},05/01/2026\n"));
    let tiers = users.iter().map(|(number, _)| {
        format!(
            "{number},{number},Competitions,1,0,,,{},0,{}\n",
            number % 2,
            number / 2
        )
    });
    let (users, tiers): (String, String) = (rows.collect(), tiers.collect());
    for (file, text) in [
        ("Users.csv", format!("Id,UserName,RegisterDate\n{users}")),
        (
            "UserAchievements.csv",
            format!(
                "Id,UserId,AchievementType,Tier,Points,CurrentRanking,HighestRanking,TotalGold,TotalSilver,TotalBronze\n{tiers}"
            ),
        ),
        (
            "Teams.csv",
            "Id,CompetitionId,IsBenchmark,Medal,MedalAwardDate,PublicLeaderboardRank,PrivateLeaderboardRank\n\
             10,5,False,1,04/01/2026,1,1\n20,5,False,3,04/01/2026,40,40\n"
                .to_owned(),
        ),
        ("TeamMemberships.csv", "TeamId,UserId\n10,1\n20,2\n".to_owned()),
        (
            "Competitions.csv",
            "Id,Slug,Title,DeadlineDate,TotalTeams,CanQualifyTiers\n5,knee,Knee,04/01/2026,900,True\n".to_owned(),
        ),
    ] {
        std::fs::write(folder.path().join(file), text).expect("written");
    }
    let target = Folder::within(&app.config.data_dir);
    import(&target, Origin::Folder(folder.path()), Arc::new(|_| {}))
        .await
        .expect("imported");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_followed_and_not_the_name_when_somebody_else_takes_it_over() {
    let settings = [
        ("PLAUDIT_KAGGLE__LIVE", "never"),
        ("PLAUDIT_CACHE__FRESH_FOR", "0s"),
    ];
    let app = demo_with(KaggleBehaviour::default(), &settings).await;
    let gold = |profile: &Profile| facts(profile).medals[&Category::Competitions].gold;
    let read = async || app.enrich(&list(["ada-made-up"])).await;
    let id = "kaggle:ada-made-up";

    import_users(&app, &[(1, "ada-made-up"), (2, "ben-made-up")]).await;
    assert_eq!(gold(of(&read().await, id)), 1);

    import_users(&app, &[(1, "ada-today"), (2, "ada-made-up")]).await;
    for _ in 0..2 {
        let crawl = read().await;
        let facts = facts(of(&crawl, id));
        assert_eq!((facts.user_id, facts.user_name.as_str()), (1, "ada-today"));
        assert_eq!(gold(of(&crawl, id)), 1);
    }

    import_users(&app, &[(2, "ada-made-up"), (3, "cleo-made-up")]).await;
    for _ in 0..2 {
        let crawl = read().await;
        let profile = of(&crawl, id);
        assert_eq!(facts(profile).user_id, 1, "kept, with its date");
        let said = profile.notices.join("\n");
        assert!(said.contains("somebody else has taken it over"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kaggle_account_that_names_another_github_account_is_told() {
    let live = [("PLAUDIT_KAGGLE__LIVE", "always")];
    let app = demo_with(KaggleBehaviour::default(), &live).await;
    let crawl = app.enrich(&demo_list()).await;
    for (id, told) in [("a-25", true), ("a-26", false), ("a-23", false)] {
        let conflicts = &of(&crawl, id).identity.conflicts;
        let contradicts = conflicts
            .iter()
            .any(|one| one.what.contains("names the GitHub account"));
        assert_eq!(contradicts, told, "{id}: {conflicts:?}");
    }
    let reason = &component(of(&crawl, "a-24"), "open_source").reason;
    assert!(reason.contains("2 accounts on GitHub"), "{reason}");
}
