//! Made-up sources and reviews by the thousand, each from its number alone.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{Timestamp, civil::Date};

use crate::domain::facts::{
    Category, Cause, CommitDates, CompetitionResult, FirstAuthors, FoundLink, Gap, GitHubFacts,
    KaggleFacts, Landing, Lookup, Medal, MedalCount, Observation, OwnRepository, PageFacts,
    ProjectFacts, Provenance, PullRequest, Sources, Stargazers, Teller, Topic, YearTotals,
};
use crate::domain::integrity::FlagKind;
use crate::domain::review::{Found, Review, Signature, Withdrawal};
use crate::domain::rubric::Rubric;

/// Cases of each property. Count.
pub(super) const CASES: u64 = 10_000;

/// The day as of which most cases are judged.
pub(super) const AS_OF: Date = jiff::civil::date(2026, 11, 1);

/// What is judged.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) rubric: Rubric,
    pub(super) sources: Sources,
    pub(super) review: Review,
    pub(super) as_of: Date,
}

/// The embedded rubrics, with factors for flags in every other case.
pub(super) struct Maker(Vec<Rubric>);

impl Maker {
    pub(super) fn new() -> Self {
        let all = Rubric::all_embedded().expect("embedded");
        Self(all.into_values().collect())
    }

    pub(super) fn make(&self, number: u64) -> (Made, Rng) {
        let mut random = Rng::with_seed(number);
        let mut rubric = self.0[random.usize(..self.0.len())].clone();
        if random.bool() {
            for kind in FlagKind::ALL {
                rubric.flags.insert(kind, f64::from(random.u8(0..=4)) / 4.0);
            }
        }
        let as_of = if random.u8(..5) == 0 {
            jiff::civil::date(random.i16(2016..2026), 6, 30)
        } else {
            AS_OF
        };
        let sources = Sources {
            github: source(&mut random, "https://github.com/ada-example", |random| {
                github(random, &rubric)
            }),
            kaggle: source(&mut random, "https://www.kaggle.com/ada", kaggle),
            page: source(&mut random, "https://ada.example.org/", page),
        };
        let review = review(&mut random, &rubric);
        let made = Made {
            rubric,
            sources,
            review,
            as_of,
        };
        (made, random)
    }
}

/// A moment of the years 2010 to 2026.
pub(super) fn moment(random: &mut Rng) -> Timestamp {
    Timestamp::from_second(random.i64(1_262_304_000..1_793_000_000)).expect("in range")
}

fn some<T>(random: &mut Rng, value: T) -> Option<T> {
    (random.u8(..6) > 0).then_some(value)
}

fn source<T>(
    random: &mut Rng,
    url: &str,
    facts: impl FnOnce(&mut Rng) -> T,
) -> Option<Observation<T>> {
    let reason = "made up".to_owned();
    let lookup = match random.u8(..20) {
        0 => return None,
        1 => Lookup::Absent { reason },
        2 => Lookup::Hidden { reason },
        3 => Lookup::Failed { reason },
        _ => Lookup::Found {
            facts: facts(random),
        },
    };
    Some(Observation {
        url: url.to_owned(),
        found_on: None,
        fetched_at: "2026-11-01T08:00:00Z".parse().expect("a time"),
        lookup,
    })
}

pub(super) fn pull_request(random: &mut Rng, rubric: &Rubric, number: usize) -> PullRequest {
    let watched = random.bool();
    let project = if watched {
        rubric.watched[random.usize(..rubric.watched.len())]
            .project
            .clone()
    } else {
        format!("other/r{}", random.u8(..12))
    };
    let by_self = random.u8(..4) == 0;
    let (lines, documentation) = (random.u32(..400), random.u8(..8) == 0);
    let stars = random.u32(..60_000) >> random.u8(..16);
    PullRequest {
        url: format!("https://github.com/{project}/pull/{number}"),
        project,
        watched,
        title: "Change".to_owned(),
        lines: some(random, lines),
        docs_only: some(random, documentation),
        files: Some(random.u32(1..4)),
        landed_at: moment(random),
        landing: Landing::Merged,
        merged_by_self: some(random, by_self),
        merger: (!by_self).then(|| random.u32(..3)),
        stars: some(random, stars),
        repository_created_at: None,
    }
}

pub(super) fn repository(random: &mut Rng, number: usize) -> OwnRepository {
    let (own, more) = (random.u32(..300), random.u32(..300) >> random.u8(..8));
    let (created, pushed) = (moment(random), moment(random));
    let dates = CommitDates {
        authored_at: moment(random),
        committed_at: moment(random),
    };
    let looked_at = random.u32(1..=100);
    OwnRepository {
        name: format!("ada-example/r{number}"),
        url: format!("https://github.com/ada-example/r{number}"),
        stars: random.u32(..60_000) >> random.u8(..16),
        forks: 0,
        language: random.choice(["Python", "C", "Haskell"]).map(str::to_owned),
        created_at: created,
        pushed_at: some(random, pushed),
        commits: some(random, own + more),
        own_commits: some(random, own),
        newest_own_commit: (random.u8(..4) == 0).then_some(dates),
        stargazers: (random.u8(..4) == 0).then(|| Stargazers {
            looked_at,
            at_once: random.u32(..=looked_at),
            hollow: random.u32(..=looked_at),
        }),
    }
}

fn gaps(random: &mut Rng, topics: &[Topic], projects: &[&str]) -> Vec<Gap> {
    let count = [0, 0, 0, 1, 2, 5][random.usize(..6)];
    let gap = |_| Gap {
        topic: topics[random.usize(..topics.len())],
        project: random
            .bool()
            .then(|| projects[random.usize(..projects.len())].to_owned()),
        cause: random.choice([Cause::Hidden, Cause::Failed]).expect("one"),
        reason: format!("reason {}", random.u8(..3)),
    };
    (0..count).map(gap).collect()
}

fn github(random: &mut Rng, rubric: &Rubric) -> GitHubFacts {
    // Now and then more than a project shows line by line.
    let count = if random.u8(..100) == 0 {
        250
    } else {
        random.usize(..12)
    };
    let pull_requests: Vec<PullRequest> = (0..count)
        .map(|number| pull_request(random, rubric, number))
        .collect();
    let project = |watched: &crate::domain::rubric::WatchedProject| {
        let own = pull_requests
            .iter()
            .filter(|one| one.project == watched.project);
        let merged = u32::try_from(own.count()).expect("few");
        let (more, newest, looked_at) = (random.u32(..12), moment(random), random.u32(1..12));
        let reverted = u32::from(random.u8(..8) == 0);
        ProjectFacts {
            name: watched.project.clone(),
            commits: some(random, merged + more),
            newest_commit: (merged + more > 0).then_some(newest),
            newest_authored: Some(moment(random)).filter(|_| merged + more > 0),
            first_authors: (random.u8(..4) == 0).then(|| FirstAuthors {
                looked_at,
                others: random.u32(..=looked_at),
            }),
            merged,
            landed: 0,
            reverted,
            unproven: 0,
            first: None,
            last: None,
        }
    };
    let projects = rubric.watched.iter().map(project).collect();
    let repositories = (0..random.usize(..6))
        .map(|number| repository(random, number))
        .collect();
    let years = (2020..2020 + random.i16(..8))
        .map(|year| {
            let totals = YearTotals {
                commits: random.u32(..300),
                reviews: random.u32(..40),
                ..YearTotals::default()
            };
            (year, totals)
        })
        .collect();
    let topics = [
        Topic::PullRequests,
        Topic::Commits,
        Topic::Reviews,
        Topic::Years,
        Topic::OwnRepositories,
    ];
    let created = moment(random);
    let outside = pull_requests.iter().filter(|one| !one.watched).count();
    GitHubFacts {
        login: "ada-example".to_owned(),
        account_id: "U_1".to_owned(),
        renamed_from: None,
        created_at: some(random, created),
        own_repositories: random.u32(..8),
        forks: Some(random.u32(..60)),
        repositories,
        projects,
        merged_elsewhere: u32::try_from(outside).expect("few"),
        mergers: 1,
        pull_requests,
        names: ["https://ada.example.org/", "https://www.kaggle.com/ada"]
            .into_iter()
            .filter(|_| random.bool())
            .map(str::to_owned)
            .collect(),
        code: None,
        years,
        gaps: gaps(random, &topics, &["numpy/numpy", "pytorch/pytorch"]),
    }
}

pub(super) fn result(random: &mut Rng, number: usize) -> CompetitionResult {
    let medal = random.choice(Medal::ALL).expect("a medal");
    let day = moment(random).to_zoned(jiff::tz::TimeZone::UTC).date();
    CompetitionResult {
        slug: format!("c{number}"),
        title: format!("Challenge {number}"),
        rank: Some(3),
        rank_is_public: false,
        teams: Some(900),
        team_size: random.u32(1..9),
        medal: some(random, medal),
        date: some(random, day),
    }
}

fn kaggle(random: &mut Rng) -> KaggleFacts {
    let competitions: Vec<CompetitionResult> = (0..random.usize(..8))
        .map(|number| result(random, number))
        .collect();
    let mut medals = BTreeMap::new();
    for category in Category::ALL {
        let counted = MedalCount {
            gold: random.u32(..4),
            silver: random.u32(..4),
            bronze: random.u32(..9),
        };
        if let Some(counted) = some(random, counted) {
            medals.insert(category, counted);
        }
    }
    if let Some(counted) = medals.get_mut(&Category::Competitions) {
        competitions
            .iter()
            .filter_map(|one| one.medal)
            .for_each(|medal| counted.add(medal));
    }
    let told = Provenance {
        teller: Teller::Live,
        as_of: "2026-11-01T08:00:00Z".parse().expect("a time"),
    };
    KaggleFacts {
        user_name: "ada".to_owned(),
        user_id: 7,
        renamed_from: None,
        github: random
            .choice([
                None,
                Some("ada-example".to_owned()),
                Some("other-example".to_owned()),
            ])
            .flatten(),
        tiers: BTreeMap::new(),
        medals,
        ranks: BTreeMap::new(),
        competitions,
        totals_from: told,
        medals_from: BTreeMap::new(),
        competitions_from: Some(told),
        differences: Vec::new(),
        gaps: gaps(
            random,
            &[Topic::Medals, Topic::Competitions],
            &["competitions", "datasets", "discussion"],
        ),
    }
}

fn page(random: &mut Rng) -> PageFacts {
    PageFacts {
        links: vec![FoundLink {
            url: "https://github.com/ada-example".to_owned(),
            rel_me: random.bool(),
        }],
        unclear: Vec::new(),
    }
}

pub(super) fn entry(random: &mut Rng, rubric: &Rubric, number: u32) -> Found {
    let mut kinds: Vec<&str> = rubric.reviewed.kinds.keys().map(String::as_str).collect();
    kinds.push("unheard-of");
    Found {
        number,
        kind: kinds[random.usize(..kinds.len())].to_owned(),
        amount: random.u32(1..5),
        // Few addresses, so that some stand twice.
        url: format!("https://doi.example/{}", random.u8(..3)),
        reason: format!("reason {}", random.u8(..3)),
        date: moment(random).to_zoned(jiff::tz::TimeZone::UTC).date(),
        signature: signature(),
        withdrawn: (random.u8(..5) == 0).then(|| Withdrawal {
            reason: "made up".to_owned(),
            signature: signature(),
        }),
    }
}

fn signature() -> Signature {
    Signature {
        by: "Reviewer One".to_owned(),
        at: "2026-11-01T08:00:00Z".parse().expect("a time"),
    }
}

fn review(random: &mut Rng, rubric: &Rubric) -> Review {
    let entries = random.u32(..5);
    Review {
        evidence: (1..=entries)
            .map(|number| entry(random, rubric, number))
            .collect(),
        looked_through: random.bool().then(signature),
        ..Review::default()
    }
}
