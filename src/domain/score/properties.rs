//! What holds for every score, over ten thousand generated cases each.

use std::process::Command;

use fastrand::Rng;

use super::generated::{self, CASES, Made, Maker};
use super::*;
use crate::domain::facts::Medal;
use crate::domain::integrity::flags;
use crate::domain::profile::{ApplicantSummary, Cost, Material, Profile};
use crate::domain::ranking::{Place, places};

fn judged(made: &Made, flags: &[Flag]) -> Score {
    let case = Case {
        sources: &made.sources,
        review: &made.review,
        flags,
    };
    score(&made.rubric, case, made.as_of)
}

fn flagged(made: &Made) -> Vec<Flag> {
    flags(&made.sources, &made.rubric)
}

/// What is printed, read back.
fn printed(points: Points) -> f64 {
    points.to_string().parse().expect("a number")
}

#[test]
fn evidence_sums_to_the_score_and_no_interval_is_turned_around() {
    let maker = Maker::new();
    let mut known = 0_u32;
    for number in 0..CASES {
        let (made, _) = maker.make(number);
        let score = judged(&made, &flagged(&made));
        let evidence = score.components.iter().flat_map(|one| &one.evidence);
        let sum: f64 = evidence.map(|one| printed(one.points)).sum();
        assert!((sum - printed(score.low)).abs() < 1e-9, "case {number}");
        for one in &score.components {
            let cents: i64 = one.evidence.iter().map(|one| one.points.cents()).sum();
            assert_eq!(cents, one.low.cents(), "case {number}: {}", one.name);
            assert!(one.low <= one.high && one.high <= one.max, "case {number}");
            let product = |one: &Evidence| one.value.factors.values().product::<f64>();
            let follows = |one: &Evidence| (one.value.total - product(one)).abs() < 1e-9;
            assert!(one.evidence.iter().all(follows), "case {number}");
        }
        let maxima: Points = score.components.iter().map(|one| one.max).sum();
        assert_eq!(maxima, WHOLE, "case {number}");
        assert!(
            score.low <= score.high && score.high <= WHOLE,
            "case {number}"
        );
        let complete = |one: &Component| one.state == ComponentState::Complete;
        if score.components.iter().all(complete) {
            assert_eq!(score.low, score.high, "case {number}: all is known");
            known += 1;
        }
    }
    assert!(known > 300, "of which all is known: {known}");
}

/// One thing more; see the module's documentation.
fn add_one(made: &mut Made, random: &mut Rng) -> &'static str {
    let github = made.sources.github.as_mut().map(|one| &mut one.lookup);
    let kaggle = made.sources.kaggle.as_mut().map(|one| &mut one.lookup);
    match (random.u8(..7), github, kaggle) {
        (0, Some(Lookup::Found { facts }), _) => {
            let one = generated::pull_request(random, &made.rubric, 9_999);
            for project in facts
                .projects
                .iter_mut()
                .filter(|of| of.name == one.project)
            {
                project.merged += 1;
                project.commits = project.commits.map(|commits| commits + 1);
                project.newest_commit = project.newest_commit.max(Some(one.landed_at));
            }
            facts.merged_elsewhere += u32::from(!one.watched);
            facts.pull_requests.push(one);
            "a pull request"
        }
        (1, Some(Lookup::Found { facts }), _) => {
            let project = random.usize(..facts.projects.len());
            let project = &mut facts.projects[project];
            project.commits = project.commits.map(|commits| commits + 1);
            let newest = generated::moment(random);
            project.newest_commit = project.newest_commit.max(Some(newest));
            "a commit"
        }
        (2, Some(Lookup::Found { facts }), _) => {
            facts
                .years
                .entry(random.i16(2019..2028))
                .or_default()
                .reviews += 1;
            "a review"
        }
        (3, Some(Lookup::Found { facts }), _) => {
            facts
                .years
                .entry(random.i16(2019..2028))
                .or_default()
                .commits += random.u32(1..200);
            "activity in a year"
        }
        (4, Some(Lookup::Found { facts }), _) => {
            facts
                .repositories
                .push(generated::repository(random, 9_999));
            "an own repository"
        }
        (5, _, Some(Lookup::Found { facts })) => {
            let medal = random.choice(Medal::ALL).expect("a medal");
            let category = random.choice(Category::ALL).expect("a category");
            if let Some(counted) = facts.medals.get_mut(&category) {
                counted.add(medal);
            }
            if category == Category::Competitions && random.bool() {
                let mut result = generated::result(random, 9_999);
                result.medal = Some(medal);
                facts.competitions.push(result);
            }
            "a medal"
        }
        _ => {
            let entry = generated::entry(random, &made.rubric, 9_999);
            made.review.evidence.push(entry);
            "an entry"
        }
    }
}

#[test]
fn more_evidence_never_lowers_what_is_proven_or_possible() {
    let maker = Maker::new();
    let mut kinds = BTreeMap::new();
    for number in 0..CASES {
        let (mut made, mut random) = maker.make(number);
        let flags = flagged(&made);
        let before = judged(&made, &flags);
        let what = add_one(&mut made, &mut random);
        let after = judged(&made, &flags);
        let numbers = |score: &Score| (score.low, score.high);
        let message = format!(
            "case {number}: {what}: {:?} {:?}",
            numbers(&before),
            numbers(&after)
        );
        assert!(
            after.low >= before.low && after.high >= before.high,
            "{message}"
        );
        *kinds.entry(what).or_insert(0_u32) += 1;
    }
    assert!(
        kinds.len() == 7 && kinds.values().all(|count| *count > 900),
        "{kinds:?}"
    );
}

fn shuffle(made: &mut Made, random: &mut Rng) {
    if let Some(Lookup::Found { facts }) = made.sources.github.as_mut().map(|one| &mut one.lookup) {
        random.shuffle(&mut facts.pull_requests);
        random.shuffle(&mut facts.repositories);
        random.shuffle(&mut facts.projects);
        random.shuffle(&mut facts.names);
        random.shuffle(&mut facts.gaps);
    }
    if let Some(Lookup::Found { facts }) = made.sources.kaggle.as_mut().map(|one| &mut one.lookup) {
        random.shuffle(&mut facts.competitions);
        random.shuffle(&mut facts.gaps);
    }
    random.shuffle(&mut made.review.evidence);
}

#[test]
fn the_order_of_the_input_never_matters() {
    let maker = Maker::new();
    for number in 0..CASES {
        let (made, mut random) = maker.make(number);
        let mut shuffled = made.clone();
        shuffle(&mut shuffled, &mut random);
        let bytes = |made: &Made| {
            let mut flags = flagged(made);
            let score = judged(made, &flags);
            let links = links();
            let identity = crate::domain::identity::identity(&links, &made.sources, &made.review);
            let text = serde_json::to_vec(&(&score, &flags, identity)).expect("JSON");
            flags.reverse();
            (text, judged(made, &flags) == score)
        };
        let (one, other) = (bytes(&made), bytes(&shuffled));
        assert!(one == other && one.1, "case {number}");
    }
}

#[test]
fn what_becomes_known_narrows_the_interval() {
    let maker = Maker::new();
    let mut narrowed = 0_u32;
    for number in 0..CASES {
        let (made, mut random) = maker.make(number);
        let mut before = made.clone();
        let reason = "made up".to_owned();
        // What hides is put before what is known: a source that fails, a gap, a reviewer who has not looked.
        match (
            random.u8(..4),
            &mut before.sources.github,
            &mut before.sources.kaggle,
        ) {
            (0, Some(github), _) => github.lookup = Lookup::Failed { reason },
            (1, _, Some(kaggle)) => kaggle.lookup = Lookup::Hidden { reason },
            (
                2,
                Some(Observation {
                    lookup: Lookup::Found { facts },
                    ..
                }),
                _,
            ) => facts.gaps.push(Gap {
                topic: random
                    .choice([Topic::Years, Topic::OwnRepositories, Topic::PullRequests])
                    .expect("one"),
                project: None,
                cause: crate::domain::facts::Cause::Failed,
                reason,
            }),
            _ => before.review.looked_through = None,
        }
        let flags = flagged(&made);
        let (before, after) = (judged(&before, &flags), judged(&made, &flags));
        let numbers = format!(
            "case {number}: {}..{} → {}..{}",
            before.low, before.high, after.low, after.high
        );
        assert!(
            after.low >= before.low && after.high <= before.high,
            "{numbers}"
        );
        narrowed += u32::from(after.high < before.high);
    }
    assert!(narrowed > 1_000, "{narrowed}");
}

#[test]
fn a_what_if_with_the_maxima_of_today_gives_the_score_of_today() {
    let maker = Maker::new();
    for number in 0..CASES {
        let (made, mut random) = maker.make(number);
        let named = made.rubric.components().into_iter();
        let maxima = named
            .filter(|_| random.bool())
            .map(|(name, max, _)| (name.to_owned(), max))
            .collect();
        let flags = flagged(&made);
        let mut other = made.clone();
        other.rubric = made.rubric.with_maxima(&maxima).expect("the same maxima");
        assert_eq!(
            judged(&made, &flags),
            judged(&other, &flags),
            "case {number}"
        );
    }
}

fn links() -> Vec<String> {
    vec![
        "https://github.com/ada-example".to_owned(),
        "https://www.kaggle.com/ada".to_owned(),
        "https://ada.example.org/".to_owned(),
    ]
}

fn profile(made: Made, id: &str) -> Profile {
    let material = Material {
        applicant: ApplicantSummary {
            id: id.parse().expect("an id"),
            name: None,
            links: links(),
        },
        role: made.rubric.name.clone(),
        sources: made.sources,
        review: made.review,
        cost: Cost::default(),
        notices: Vec::new(),
    };
    Profile::judge(material, &made.rubric, made.as_of, None)
}

/// The digest of all scores' bytes.
fn digest() -> String {
    let maker = Maker::new();
    let mut hasher = blake3::Hasher::new();
    for number in 0..CASES {
        let (made, _) = maker.make(number);
        // The rest of a profile is its inputs, which every tenth case writes as well.
        let bytes = if number % 10 == 0 {
            serde_json::to_vec(&profile(made, "ada"))
        } else {
            serde_json::to_vec(&judged(&made, &flagged(&made)))
        };
        hasher.update(&bytes.expect("JSON"));
    }
    format!("digest {}", hasher.finalize().to_hex())
}

#[test]
#[ignore = "another process runs it; see the next test"]
#[expect(
    clippy::print_stdout,
    reason = "the process that started this one reads it"
)]
fn the_digest_is_printed_for_another_process() {
    println!("{}", digest());
}

#[test]
fn the_same_inputs_give_the_same_bytes_in_another_process() {
    let itself = std::env::current_exe().expect("this program");
    let other = Command::new(itself)
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("domain::score::properties::the_digest_is_printed_for_another_process")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&other.stdout);
    let said = said
        .lines()
        .find_map(|line| line.find("digest ").map(|start| &line[start..]));
    assert_eq!(said, Some(digest().as_str()));
}

#[test]
fn a_rank_range_holds_the_rank_in_whatever_order_the_applicants_come() {
    let maker = Maker::new();
    let pool: Vec<Profile> = (0..400)
        .map(|number| {
            let (mut made, _) = maker.make(number);
            made.rubric = maker.make(0).0.rubric;
            made.rubric.flags.clear();
            profile(made, &format!("a{number}"))
        })
        .collect();
    for number in 0..CASES {
        let mut random = Rng::with_seed(number);
        let count = random.usize(2..5);
        let mut some: Vec<&Profile> = random.choose_multiple(&pool, count);
        let placed = |some: &mut Vec<&Profile>| -> Vec<(String, Place)> {
            some.sort_by(|left, right| left.compare_rank(right));
            let ids = some.iter().map(|one| one.applicant.id.to_string());
            ids.zip(places(some)).collect()
        };
        let first = placed(&mut some);
        random.shuffle(&mut some);
        assert_eq!(first, placed(&mut some), "case {number}");
        for (place, (id, at)) in first.iter().enumerate() {
            assert_eq!(at.rank, place + 1);
            let message = format!("case {number}: {id} {at:?}");
            assert!(1 <= at.best && at.best <= at.rank, "{message}");
            assert!(at.rank <= at.worst && at.worst <= count, "{message}");
            assert!(
                at.best <= at.likely_best && at.likely_best <= at.likely_worst,
                "{message}"
            );
            assert!(at.likely_worst <= at.worst, "{message}");
        }
    }
}
