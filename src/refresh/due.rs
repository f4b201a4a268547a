//! What is to be done with each profile: pure.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::applicant::Applicant;
use crate::domain::facts::{GitHubFacts, Lookup};
use crate::domain::freshness::{Means, age, complete, oldest_word};
use crate::domain::profile::Snapshot;
use crate::domain::rubric::Rubric;
use crate::sources::github::probe::Whom;

/// What is to be done with a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing: somebody has asked for it not long ago.
    Young,
    /// Nothing: no rubric judges its role any more.
    NoRubric,
    /// To ask whether anything has changed.
    Probe(Whom, Option<String>),
    /// Nothing can be asked about it but everything, and it is not old enough for that.
    Keep,
    /// To ask everything again.
    Fetch,
}

/// By what it is decided.
pub(super) struct Rules<'a> {
    pub(super) now: Timestamp,
    pub(super) older_than: Duration,
    pub(super) full_after: Duration,
    pub(super) means: Means,
    pub(super) rubrics: &'a BTreeMap<String, Rubric>,
}

impl Rules<'_> {
    /// What is to be done with a profile.
    pub(super) fn fate(&self, applicant: &Applicant, stored: &Snapshot) -> Fate {
        let profile = &stored.profile;
        let age = age(oldest_word(stored), self.now);
        if age < self.older_than {
            return Fate::Young;
        }
        let Some(rubric) = self.rubrics.get(&applicant.role) else {
            return Fate::NoRubric;
        };
        let sources = &profile.sources;
        if age >= self.full_after
            || !complete(sources, applicant, self.means)
            || profile.review.awaits_code(sources)
        {
            return Fate::Fetch;
        }
        let Some(github) = &sources.github else {
            return Fate::Keep;
        };
        match &github.lookup {
            Lookup::Found { facts } if !watches_the_same(facts, rubric) => Fate::Fetch,
            // Without a token nobody can be asked about, and to ask everything takes an hour for twenty people.
            _ if !self.means.token => Fate::Keep,
            Lookup::Found { facts } if facts.pulse.is_some() => {
                Fate::Probe(Whom::Account(facts.account_id.clone()), facts.pulse.clone())
            }
            Lookup::Absent { .. } => {
                let login = github.url.rsplit('/').find(|part| !part.is_empty());
                login.map_or(Fate::Fetch, |login| {
                    Fate::Probe(Whom::Login(login.to_owned()), None)
                })
            }
            Lookup::Found { .. } | Lookup::Hidden { .. } | Lookup::Failed { .. } => Fate::Fetch,
        }
    }
}

/// Whether the facts are about the projects that the rubric watches today.
fn watches_the_same(facts: &GitHubFacts, rubric: &Rubric) -> bool {
    let known = facts.projects.iter().map(|project| &project.name);
    known.eq(rubric.watched.iter().map(|project| &project.project))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::applicant::ApplicantId;
    use crate::domain::facts::{Observation, Sources, reasons};
    use crate::domain::link::{self, Column, GitHubHosts};
    use crate::domain::profile::{ApplicantSummary, Cost, Material, Profile};
    use crate::domain::review::Review;
    use crate::standin::World;

    const ROLE: &str = "doctoral-dl-radiology";

    fn rubric() -> Rubric {
        Rubric::embedded(ROLE).unwrap()
    }

    fn applicant() -> Applicant {
        let hosts = GitHubHosts::new(Vec::new());
        let url = "https://github.com/gen-000001";
        let link = link::parse(url, Column::GitHub, &hosts).unwrap().link;
        Applicant {
            id: ApplicantId::from_link(&link),
            name: None,
            email: None,
            links: vec![link],
            role: ROLE.to_owned(),
            applied_at: None,
            legal_basis: None,
            legal_basis_at: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Fetched at midnight.
    fn stored(lookup: Lookup<GitHubFacts>) -> Snapshot {
        let applicant = applicant();
        let midnight = at("2026-11-01T00:00:00Z");
        let material = Material {
            applicant: ApplicantSummary::from(&applicant),
            role: applicant.role,
            sources: Sources {
                github: Some(Observation {
                    url: "https://github.com/gen-000001".to_owned(),
                    found_on: None,
                    fetched_at: midnight,
                    lookup,
                }),
                ..Sources::default()
            },
            review: Review::default(),
            cost: Cost::default(),
            notices: Vec::new(),
        };
        let day = "2026-11-01".parse().unwrap();
        Snapshot {
            stored_at: midnight,
            profile: Profile::judge(material, &rubric(), day, None),
        }
    }

    fn found(change: impl Fn(&mut GitHubFacts)) -> Lookup<GitHubFacts> {
        let rubric = rubric();
        let depth = rubric.own_code.repositories;
        let world = World::generated(3, 1);
        let Lookup::Found { mut facts } = world.truth("gen-000001", &rubric.watched, depth, 2026)
        else {
            panic!("nobody there");
        };
        facts.gaps.clear();
        change(&mut facts);
        Lookup::Found { facts }
    }

    fn fate(lookup: Lookup<GitHubFacts>, now: &str, token: bool) -> Fate {
        let rubrics = [(ROLE.to_owned(), rubric())].into();
        let rules = Rules {
            now: at(now),
            older_than: Duration::from_hours(20),
            full_after: Duration::from_hours(720),
            means: Means {
                token,
                ..Means::default()
            },
            rubrics: &rubrics,
        };
        rules.fate(&applicant(), &stored(lookup))
    }

    #[test]
    fn what_is_done_with_a_profile_follows_from_its_age_and_what_is_known() {
        let nothing = |_: &mut GitHubFacts| {};
        let Lookup::Found { facts } = found(nothing) else {
            panic!("nobody there");
        };
        let probe = Fate::Probe(Whom::Account(facts.account_id), facts.pulse);
        let (early, night, late) = (
            "2026-11-01T19:59:59Z",
            "2026-11-01T20:00:00Z",
            "2026-12-01T00:00:00Z",
        );
        assert_eq!(fate(found(nothing), early, true), Fate::Young);
        assert_eq!(fate(found(nothing), night, true), probe);
        assert_eq!(fate(found(nothing), late, true), Fate::Fetch);
        assert_eq!(fate(found(nothing), night, false), Fate::Keep);
        assert_eq!(fate(found(nothing), late, false), Fate::Fetch);
        let without_pulse = |facts: &mut GitHubFacts| facts.pulse = None;
        assert_eq!(fate(found(without_pulse), night, true), Fate::Fetch);
        // The rubric watches other projects than it did.
        let other = |facts: &mut GitHubFacts| facts.projects.truncate(3);
        assert_eq!(fate(found(other), night, true), Fate::Fetch);
        let reason = reasons::MISSING.to_owned();
        assert_eq!(
            fate(Lookup::Absent { reason }, night, true),
            Fate::Probe(Whom::Login("gen-000001".to_owned()), None)
        );
        let reason = "nobody answered".to_owned();
        assert_eq!(fate(Lookup::Failed { reason }, night, true), Fate::Fetch);
    }

    #[test]
    fn whose_rubric_is_gone_is_told() {
        let rules = Rules {
            now: at("2026-11-02T00:00:00Z"),
            older_than: Duration::ZERO,
            full_after: Duration::from_hours(720),
            means: Means::default(),
            rubrics: &BTreeMap::new(),
        };
        let fate = rules.fate(&applicant(), &stored(found(|_| {})));
        assert_eq!(fate, Fate::NoRubric);
    }
}
