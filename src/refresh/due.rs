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
