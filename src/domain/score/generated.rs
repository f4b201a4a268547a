//! Fact sets as they may come, made from a number: the same number makes the same one on every machine.
//!
//! They are small and varied rather than likely: unknown shares beside known ones, gaps of every topic and cause,
//! projects that no rubric watches, kinds of evidence that no rubric names, and now and then more than a hundred pull
//! requests in one project. Everything happened on [`AS_OF`] or before; what did not is another matter.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, civil::date};

use crate::domain::facts::{
    Category, Cause, CompetitionResult, Gap, GitHubFacts, KaggleFacts, Landing, Lookup, Medal,
    MedalCount, Observation, OwnRepository, PageFacts, ProjectFacts, Provenance, PullRequest,
    Sources, Teller, Topic, YearTotals,
};
use crate::domain::integrity::{Flag, FlagKind};
use crate::domain::review::{Found, Review, Signature, Withdrawal};
use crate::domain::rubric::Rubric;
use crate::domain::score::{Case, Score, score};

/// The day that everything here is judged as of.
pub(in crate::domain) const AS_OF: Date = date(2026, 11, 1);

/// When every source was asked.
const ASKED: &str = "2026-11-01T08:00:00Z";

/// Every topic of a gap.
pub(in crate::domain) const TOPICS: [Topic; 7] = [
    Topic::PullRequests,
    Topic::Commits,
    Topic::Reviews,
    Topic::Years,
    Topic::OwnRepositories,
    Topic::Medals,
    Topic::Competitions,
];

const CAUSES: [Cause; 5] = [
    Cause::Hidden,
    Cause::Unproven,
    Cause::Missing,
    Cause::Failed,
    Cause::NotAsked,
];

/// All that a score follows from, but the rubric and the day.
#[derive(Debug, Clone)]
pub(in crate::domain) struct FactSet {
    pub(in crate::domain) sources: Sources,
    pub(in crate::domain) review: Review,
    pub(in crate::domain) flags: Vec<Flag>,
}

impl FactSet {
    /// The fact set of this number.
    pub(in crate::domain) fn numbered(number: u64, rubric: &Rubric) -> Self {
        let mut random = Rng::with_seed(number);
        let sources = Sources {
            github: maybe_observed(&mut random, "https://github.com/ada-example", |random| {
                github(random, rubric)
            }),
            kaggle: maybe_observed(&mut random, "https://www.kaggle.com/ada", kaggle),
            page: maybe_observed(&mut random, "https://ada.example", page),
        };
        Self::with(&mut random, sources, rubric)
    }

    /// The same, where GitHub and Kaggle were asked and have answered.
    pub(in crate::domain) fn all_found(number: u64, rubric: &Rubric) -> Self {
        let mut random = Rng::with_seed(number);
        let github = github(&mut random, rubric);
        let kaggle = kaggle(&mut random);
        let sources = Sources {
            github: Some(observed(
                "https://github.com/ada-example",
                Lookup::Found { facts: github },
            )),
            kaggle: Some(observed(
                "https://www.kaggle.com/ada",
                Lookup::Found { facts: kaggle },
            )),
            page: None,
        };
        Self::with(&mut random, sources, rubric)
    }

    fn with(random: &mut Rng, sources: Sources, rubric: &Rubric) -> Self {
        let review = review(random, rubric);
        let flags = flags(random, &sources);
        Self {
            sources,
            review,
            flags,
        }
    }

    /// What GitHub says, where it has answered.
    pub(in crate::domain) fn github(&mut self) -> &mut GitHubFacts {
        found(self.sources.github.as_mut())
    }

    /// What Kaggle says, where it has answered.
    pub(in crate::domain) fn kaggle(&mut self) -> &mut KaggleFacts {
        found(self.sources.kaggle.as_mut())
    }

    pub(in crate::domain) fn judged(&self, rubric: &Rubric) -> Score {
        let case = Case {
            sources: &self.sources,
            review: &self.review,
            flags: &self.flags,
        };
        score(rubric, case, AS_OF)
    }
}

fn found<T>(observation: Option<&mut Observation<T>>) -> &mut T {
    match observation.map(|one| &mut one.lookup) {
        Some(Lookup::Found { facts }) => facts,
        _ => panic!("the source was found"),
    }
}

fn observed<T>(url: &str, lookup: Lookup<T>) -> Observation<T> {
    Observation {
        url: url.to_owned(),
        found_on: None,
        fetched_at: asked(),
        lookup,
    }
}

fn asked() -> Timestamp {
    ASKED.parse().expect("a time")
}

/// Mostly found, at times absent, hidden, failed, or never asked.
fn maybe_observed<T>(
    random: &mut Rng,
    url: &str,
    facts: impl FnOnce(&mut Rng) -> T,
) -> Option<Observation<T>> {
    let reason = || "made up".to_owned();
    let lookup = match random.u8(0..16) {
        0 | 1 => return None,
        2 => Lookup::Absent { reason: reason() },
        3 => Lookup::Hidden { reason: reason() },
        4 => Lookup::Failed { reason: reason() },
        _ => Lookup::Found {
            facts: facts(random),
        },
    };
    Some(observed(url, lookup))
}

/// A moment of the last fourteen years, up to [`AS_OF`]; a third of them within the last month.
pub(in crate::domain) fn moment(random: &mut Rng) -> Timestamp {
    let hours = if random.u8(0..3) == 0 { 720 } else { 122_700 };
    // The last second of the day, and back from there.
    let end: Timestamp = "2026-11-01T23:59:59Z".parse().expect("a time");
    end - SignedDuration::from_hours(random.i64(0..hours))
}

pub(in crate::domain) fn day(random: &mut Rng) -> Date {
    AS_OF - random.i32(0..5_100).days()
}

fn maybe<T>(random: &mut Rng, value: T) -> Option<T> {
    (random.u8(0..4) > 0).then_some(value)
}

fn one_of<T: Clone>(random: &mut Rng, all: &[T]) -> T {
    all[random.usize(0..all.len())].clone()
}

/// A count: often none, mostly small, at times large.
fn count(random: &mut Rng, most: u32) -> u32 {
    match random.u8(0..4) {
        0 => 0,
        1 | 2 => random.u32(0..=most.min(12)),
        _ => random.u32(0..=most),
    }
}

/// A watched project, or one that the rubric has never heard of.
pub(in crate::domain) fn watched(random: &mut Rng, rubric: &Rubric) -> String {
    match random.usize(0..=rubric.watched.len()) {
        0 => "once-watched/example".to_owned(),
        nth => rubric.watched[nth - 1].project.clone(),
    }
}

pub(in crate::domain) fn pull_request(
    random: &mut Rng,
    project: &str,
    watched: bool,
) -> PullRequest {
    let number = random.u64(..);
    let lines = match random.u8(0..4) {
        0 => random.u32(0..8),
        1 => random.u32(190..210),
        _ => random.u32(0..2_000),
    };
    let stars = count(random, 200_000);
    PullRequest {
        url: format!("https://github.com/{project}/pull/{number}"),
        project: project.to_owned(),
        watched,
        title: format!("Change {number}"),
        lines: maybe(random, lines),
        docs_only: one_of(random, &[None, Some(false), Some(false), Some(true)]),
        files: None,
        landed_at: moment(random),
        landing: Landing::Merged,
        merged_by_self: one_of(random, &[None, Some(false), Some(false), Some(true)]),
        merger: None,
        stars: maybe(random, stars),
        repository_created_at: None,
    }
}

pub(in crate::domain) fn repository(random: &mut Rng) -> OwnRepository {
    let number = random.u64(..);
    let own = count(random, 400);
    let all = own + count(random, 400);
    let created_at = moment(random);
    let languages = ["Python", "C++", "Julia", "Rust", "Brainfuck"].map(str::to_owned);
    let language = one_of(random, &languages);
    OwnRepository {
        name: format!("ada-example/r{number}"),
        url: format!("https://github.com/ada-example/r{number}"),
        stars: count(random, 100_000),
        forks: 0,
        language: maybe(random, language),
        created_at,
        pushed_at: maybe(random, created_at),
        commits: maybe(random, all),
        own_commits: maybe(random, own),
        newest_own_commit: None,
        stargazers: None,
    }
}

pub(in crate::domain) fn year_totals(random: &mut Rng) -> YearTotals {
    YearTotals {
        commits: count(random, 300),
        pull_requests: count(random, 60),
        reviews: count(random, 200),
        issues: count(random, 30),
        restricted: count(random, 30),
    }
}

fn project(random: &mut Rng, name: String, pull_requests: u32) -> ProjectFacts {
    let reverted = random.u32(0..2);
    let landed = random.u32(0..=pull_requests);
    // At times fewer than the pull requests: not every commit is credited to its author.
    let commits = (pull_requests + reverted + random.u32(0..6)).saturating_sub(random.u32(0..4));
    let newest = moment(random);
    ProjectFacts {
        name,
        commits: maybe(random, commits),
        newest_commit: maybe(random, newest),
        newest_authored: None,
        first_authors: None,
        merged: pull_requests - landed,
        landed,
        reverted,
        unproven: random.u32(0..2),
        first: None,
        last: None,
    }
}

pub(in crate::domain) fn gap(random: &mut Rng, topic: Topic) -> Gap {
    let named: Vec<String> = match topic {
        Topic::Medals => Category::ALL.map(|one| one.name().to_owned()).into(),
        _ => vec!["numpy/numpy".to_owned(), "somebody/else".to_owned()],
    };
    let named = one_of(random, &named);
    Gap {
        topic,
        project: maybe(random, named),
        cause: one_of(random, &CAUSES),
        reason: one_of(random, &["hides it", "gave up", "was not asked"]).to_owned(),
    }
}

fn gaps(random: &mut Rng) -> Vec<Gap> {
    let topics: Vec<Topic> = (0..random.usize(0..4))
        .map(|_| one_of(random, &TOPICS))
        .collect();
    topics.into_iter().map(|topic| gap(random, topic)).collect()
}

pub(in crate::domain) fn github(random: &mut Rng, rubric: &Rubric) -> GitHubFacts {
    let mut projects: Vec<ProjectFacts> = Vec::new();
    let mut pull_requests = Vec::new();
    for _ in 0..random.usize(0..3) {
        let name = watched(random, rubric);
        if projects.iter().any(|one| one.name == name) {
            continue;
        }
        let many = random.u8(0..100) == 0;
        let landed = if many {
            random.u32(95..130)
        } else {
            random.u32(0..4)
        };
        pull_requests.extend((0..landed).map(|_| pull_request(random, &name, true)));
        projects.push(project(random, name, landed));
    }
    for _ in 0..random.usize(0..4) {
        let project = one_of(random, &["somebody/else", "other/thing", "third/place"]);
        pull_requests.push(pull_request(random, project, false));
    }
    let elsewhere = pull_requests.iter().filter(|one| !one.watched).count();
    let years = (0..random.usize(0..4))
        .map(|_| (random.i16(2011..=2026), year_totals(random)))
        .collect();
    let repositories: Vec<OwnRepository> = (0..random.usize(0..4))
        .map(|_| repository(random))
        .collect();
    GitHubFacts {
        login: "ada-example".to_owned(),
        account_id: "U_1".to_owned(),
        renamed_from: None,
        created_at: None,
        own_repositories: u32::try_from(repositories.len()).expect("few"),
        forks: Some(0),
        repositories,
        projects,
        merged_elsewhere: u32::try_from(elsewhere).expect("few"),
        mergers: 1,
        pull_requests,
        names: Vec::new(),
        code: None,
        years,
        pulse: None,
        gaps: gaps(random),
    }
}

pub(in crate::domain) fn result(random: &mut Rng, medal: Option<Medal>) -> CompetitionResult {
    let number = random.u64(..);
    let date = day(random);
    CompetitionResult {
        slug: format!("c{number}"),
        title: format!("Challenge {number}"),
        rank: Some(random.u32(1..500)),
        rank_is_public: random.bool(),
        teams: Some(1_400),
        team_size: random.u32(0..9),
        medal,
        date: maybe(random, date),
    }
}

pub(in crate::domain) fn medals(random: &mut Rng) -> MedalCount {
    MedalCount {
        gold: count(random, 5),
        silver: count(random, 9),
        bronze: count(random, 30),
    }
}

pub(in crate::domain) fn kaggle(random: &mut Rng) -> KaggleFacts {
    let told = Provenance {
        teller: one_of(random, &[Teller::DataSet, Teller::Live, Teller::Page]),
        as_of: asked(),
    };
    let mut counted: BTreeMap<Category, MedalCount> = BTreeMap::new();
    for category in Category::ALL {
        let medals = medals(random);
        counted.extend(maybe(random, (category, medals)));
    }
    let colours = Medal::ALL.map(Some);
    let competitions: Vec<CompetitionResult> = (0..random.usize(0..4))
        .map(|_| {
            let medal = one_of(random, &colours);
            let medal = maybe(random, medal).flatten();
            result(random, medal)
        })
        .collect();
    KaggleFacts {
        user_name: "ada".to_owned(),
        user_id: 7,
        renamed_from: None,
        github: None,
        tiers: BTreeMap::new(),
        medals: counted,
        ranks: BTreeMap::new(),
        competitions,
        totals_from: told,
        medals_from: BTreeMap::new(),
        competitions_from: maybe(random, told),
        differences: Vec::new(),
        gaps: gaps(random),
    }
}

fn page(random: &mut Rng) -> PageFacts {
    let several = |source| format!("the home page names several accounts on {source}");
    let unclear = match random.u8(0..3) {
        0 => Vec::new(),
        1 => vec![several("GitHub")],
        _ => vec![
            several("Kaggle"),
            several("GitHub"),
            format!("{}, none of them its owner's", several("GitHub")),
        ],
    };
    PageFacts {
        links: Vec::new(),
        unclear,
    }
}

pub(in crate::domain) fn signature(by: &str) -> Signature {
    Signature {
        by: by.to_owned(),
        at: asked(),
    }
}

pub(in crate::domain) fn reviewed_entry(random: &mut Rng, rubric: &Rubric, number: u32) -> Found {
    let mut kinds: Vec<&str> = rubric.reviewed.kinds.keys().map(String::as_str).collect();
    kinds.push("astronaut");
    // The same page, and the same day, now and then: two people may have looked up the same thing.
    let paper = random.u8(0..4);
    Found {
        number,
        kind: one_of(random, &kinds).to_owned(),
        amount: random.u32(1..4),
        url: format!("https://journal.example/{paper}"),
        reason: one_of(random, &["first author", "second author"]).to_owned(),
        date: AS_OF - (i32::from(paper) * 400).days(),
        signature: signature(one_of(random, &["Reviewer One", "Reviewer Two"])),
        withdrawn: None,
    }
}

fn review(random: &mut Rng, rubric: &Rubric) -> Review {
    let evidence = (1..random.u32(1..5))
        .map(|number| {
            let withdrawal = Withdrawal {
                reason: "a mistake".to_owned(),
                signature: signature("Reviewer Two"),
            };
            Found {
                withdrawn: (random.u8(0..5) == 0).then_some(withdrawal),
                ..reviewed_entry(random, rubric, number)
            }
        })
        .collect();
    Review {
        evidence,
        looked_through: random.bool().then(|| signature("Reviewer One")),
        ..Review::default()
    }
}

/// Up to two flags of different kinds about what the sources hold, some of them with a factor.
fn flags(random: &mut Rng, sources: &Sources) -> Vec<Flag> {
    let github = sources.github.as_ref().and_then(|one| one.lookup.found());
    let urls: Vec<&String> = github.map_or(Vec::new(), |facts| {
        let pull_requests = facts.pull_requests.iter().map(|one| &one.url);
        let repositories = facts.repositories.iter().map(|one| &one.url);
        pull_requests.chain(repositories).collect()
    });
    if urls.is_empty() {
        return Vec::new();
    }
    let first = random.usize(0..FlagKind::ALL.len());
    (0..random.usize(0..3))
        .map(|nth| Flag {
            kind: FlagKind::ALL[(first + nth) % FlagKind::ALL.len()],
            reason: "made up".to_owned(),
            threshold: String::new(),
            base_rate: String::new(),
            url: urls[0].clone(),
            evidence: (0..3).map(|_| one_of(random, &urls).clone()).collect(),
            factor: one_of(random, &[1.0, 1.0, 0.5, 0.25, 0.0]),
        })
        .collect()
}
