//! Closing a gap narrows the interval: low does not fall and high does not rise, whatever comes to light, as long as
//! it is work that nothing else had counted ([`super::turned_out`] holds the two cases of work that was counted
//! otherwise).

use fastrand::Rng;

use super::*;
use crate::domain::facts::{Gap, GitHubFacts, KaggleFacts, Topic};

/// Asserts that each interval of `after` lies within that of `before`.
fn narrower(before: &Score, after: &Score, what: &str) {
    let mut pairs = vec![("score", (before.low, before.high), (after.low, after.high))];
    for (left, right) in before.components.iter().zip(&after.components) {
        assert_eq!(left.name, right.name, "{what}");
        pairs.push((&left.name, (left.low, left.high), (right.low, right.high)));
    }
    for (name, was, is) in pairs {
        assert!(
            was.0 <= is.0 && is.1 <= was.1,
            "{what}: {name} from {}..{} to {}..{}",
            was.0,
            was.1,
            is.0,
            is.1
        );
    }
}

#[test]
fn a_gap_that_closes_with_nothing_behind_it_narrows_the_interval() {
    let mut closed = 0;
    every_found_one(|number, random, mut set, rubric| {
        let topic = generated::TOPICS[random.usize(0..generated::TOPICS.len())];
        let gap = generated::gap(random, topic);
        let at_github = !matches!(topic, Topic::Medals | Topic::Competitions);
        if at_github {
            set.github().gaps.push(gap);
        } else {
            set.kaggle().gaps.push(gap);
        }
        let before = set.judged(rubric);
        if at_github {
            set.github().gaps.pop();
        } else {
            set.kaggle().gaps.pop();
        }
        let after = set.judged(rubric);
        narrower(&before, &after, &format!("{number}: {topic:?}"));
        closed += u64::from(after.high < before.high);
    });
    assert!(closed > CASES / 10, "only {closed} gaps mattered");
}

fn without(gaps: &mut Vec<Gap>, topic: Topic, named: Option<&str>) {
    gaps.retain(|gap| gap.topic != topic || gap.project.as_deref() != named);
}

/// What GitHub could not show and now does: this, and no gap any more.
type Comes = fn(&mut Rng, &mut GitHubFacts, &Rubric);

const COMES_TO_LIGHT: [(Topic, Comes); 5] = [
    (Topic::PullRequests, |random, facts, _| {
        let one = generated::pull_request(random, "somebody/else", false);
        facts.pull_requests.push(one);
    }),
    (Topic::Commits, |random, facts, _| {
        for project in facts
            .projects
            .iter_mut()
            .filter(|one| one.commits.is_none())
        {
            project.commits = Some(random.u32(0..20));
            project.newest_commit = Some(generated::moment(random));
        }
    }),
    (Topic::Reviews, |random, facts, _| {
        let year = random.i16(2011..=2026);
        facts.years.entry(year).or_default().reviews += random.u32(0..40);
    }),
    (Topic::Years, |random, facts, _| {
        let totals = generated::year_totals(random);
        facts.years.entry(random.i16(2011..=2026)).or_insert(totals);
    }),
    (Topic::OwnRepositories, |random, facts, _| {
        for one in &mut facts.repositories {
            let own = one.own_commits.unwrap_or_else(|| random.u32(0..50));
            one.own_commits = Some(own);
            one.commits = one.commits.or_else(|| Some(own + random.u32(0..50)));
        }
    }),
];

#[test]
fn what_comes_to_light_at_github_narrows_the_interval() {
    every_found_one(|number, random, set, rubric| {
        for (topic, comes) in COMES_TO_LIGHT {
            let mut set = set.clone();
            let together: &[Topic] = match topic {
                // One answer holds both: a review is a contribution of its year as well.
                Topic::Years | Topic::Reviews => &[Topic::Years, Topic::Reviews],
                _ => &[topic],
            };
            for topic in together {
                set.github().gaps.push(generated::gap(random, *topic));
            }
            let before = set.judged(rubric);
            let facts = set.github();
            facts.gaps.retain(|gap| !together.contains(&gap.topic));
            comes(random, facts, rubric);
            let after = set.judged(rubric);
            narrower(&before, &after, &format!("{number}: {topic:?}"));
        }
    });
}

#[test]
fn medals_that_come_to_light_narrow_the_interval() {
    every_found_one(|number, random, mut set, rubric| {
        let category = Category::ALL[random.usize(0..4)];
        let facts: &mut KaggleFacts = set.kaggle();
        facts.medals.remove(&category);
        let gap = Gap {
            project: Some(category.name().to_owned()),
            ..generated::gap(random, Topic::Medals)
        };
        facts.gaps.push(gap);
        let before = set.judged(rubric);
        let facts = set.kaggle();
        facts.medals.insert(category, generated::medals(random));
        without(&mut facts.gaps, Topic::Medals, Some(category.name()));
        let after = set.judged(rubric);
        narrower(&before, &after, &format!("{number}: {category:?}"));
    });
}

#[test]
fn a_source_that_answers_at_last_narrows_the_interval() {
    every_fact_set(|number, mut set, rubric| {
        let before = set.judged(rubric);
        let found = FactSet::all_found(!number, rubric).sources;
        let silent = |lookup: Option<&str>| lookup != Some("found");
        if silent(set.sources.github.as_ref().map(|one| one.lookup.state())) {
            set.sources.github = found.github;
        }
        if silent(set.sources.kaggle.as_ref().map(|one| one.lookup.state())) {
            set.sources.kaggle = found.kaggle;
        }
        narrower(&before, &set.judged(rubric), &number.to_string());
    });
}

#[test]
fn a_reviewer_who_has_looked_through_narrows_the_interval() {
    every_fact_set(|number, mut set, rubric| {
        set.review.looked_through = None;
        let before = set.judged(rubric);
        set.review.looked_through = Some(signature("Reviewer One"));
        let after = set.judged(rubric);
        narrower(&before, &after, &number.to_string());
        let reviewed = after.components.iter().find(|one| one.name == "reviewed");
        assert!(reviewed.is_none_or(|one| one.low == one.high), "{number}");
    });
}
