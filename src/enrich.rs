//! One job, one profile: ask the sources, keep what they say, judge it.
//!
//! Knows no store and no queue: the worker hands in an applicant and takes a profile out.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::domain::applicant::Applicant;
use crate::domain::facts::{GitHubFacts, Lookup, Observation, Sources};
use crate::domain::link::Link;
use crate::domain::profile::{ApplicantSummary, Cost, Identity, IdentityLevel, Profile};
use crate::domain::rubric::Rubric;
use crate::domain::score::{coverage, score};
use crate::sources::SourceError;
use crate::sources::github::{Connection, GitHub, Interest};

/// Everything that turns an applicant into a profile.
pub struct Enricher {
    roles: BTreeMap<String, Role>,
    as_of: Date,
}

/// A role: its rubric, and GitHub as that rubric is interested in it.
struct Role {
    rubric: Rubric,
    github: GitHub,
}

/// Why there is no profile yet, and what the attempt took all the same.
#[derive(Debug)]
pub struct Setback {
    /// Why.
    pub error: SourceError,
    /// What was spent.
    pub cost: Cost,
}

impl Enricher {
    /// For applicants of these rubrics, as of a day. Must be called within a tokio runtime.
    pub fn new(
        rubrics: impl IntoIterator<Item = Rubric>,
        connection: &Connection,
        as_of: Date,
    ) -> Self {
        let roles = rubrics
            .into_iter()
            .map(|rubric| {
                let interest = Interest {
                    watched: rubric.watched.clone(),
                    repositories: rubric.own_code.repositories,
                };
                let github = GitHub::new(connection, interest);
                (rubric.name.clone(), Role { rubric, github })
            })
            .collect();
        Self { roles, as_of }
    }

    /// Asks every source that the applicant's links lead to, and judges.
    pub async fn enrich(&self, applicant: &Applicant) -> Result<Profile, Setback> {
        let free = |error| Setback {
            error,
            cost: Cost::default(),
        };
        let role = self.role(&applicant.role).map_err(free)?;
        let mut notices = Vec::new();
        let (github, cost) = match applicant.github() {
            Some(link) => self.ask_github(role, link, &mut notices).await?,
            None => (None, Cost::default()),
        };
        notices.extend(applicant.links.iter().filter_map(unread));
        Ok(self.judged(
            applicant,
            &role.rubric,
            Sources {
                github,
                ..Sources::default()
            },
            cost,
            notices,
        ))
    }

    /// The profile of an applicant whose sources gave nothing, for good. Facts of `before` are kept with
    /// their date: a failed refresh never takes anything away.
    pub fn failed(
        &self,
        applicant: &Applicant,
        before: Option<Profile>,
        reason: &str,
        (cost, now): (Cost, Timestamp),
    ) -> Option<Profile> {
        let rubric = &self.role(&applicant.role).ok()?.rubric;
        let link = applicant.github();
        let url = link.map(ToString::to_string).unwrap_or_default();
        let kept = before
            .and_then(|profile| profile.sources.github)
            .filter(|observation| observation.url == url && observation.lookup.found().is_some());
        let mut notices: Vec<String> = applicant.links.iter().filter_map(unread).collect();
        let github = match kept {
            Some(kept) => {
                notices.push(format!(
                    "GitHub could not be read on {now:.0} ({reason}); what is shown is older"
                ));
                Some(kept)
            }
            None => link.map(|_| Observation {
                url,
                fetched_at: now,
                found_on: None,
                lookup: Lookup::Failed {
                    reason: reason.to_owned(),
                },
            }),
        };
        Some(self.judged(
            applicant,
            rubric,
            Sources {
                github,
                ..Sources::default()
            },
            cost,
            notices,
        ))
    }

    fn role(&self, name: &str) -> Result<&Role, SourceError> {
        let known = || self.roles.keys().cloned().collect::<Vec<_>>().join(", ");
        self.roles.get(name).ok_or_else(|| {
            SourceError::Failed(format!(
                "there is no rubric named {name:?}; there is {}",
                known()
            ))
        })
    }

    async fn ask_github(
        &self,
        role: &Role,
        link: &Link,
        notices: &mut Vec<String>,
    ) -> Result<(Option<Observation<GitHubFacts>>, Cost), Setback> {
        let Link::GitHub { handle, .. } = link else {
            return Ok((None, Cost::default()));
        };
        // By the clock's year: what is fetched today must not depend on the day that it is judged for.
        let this_year = Timestamp::now().to_zoned(TimeZone::UTC).year();
        let (fetched, cost) = role.github.fetch(handle, this_year).await;
        let fetched_at = Timestamp::now();
        let lookup = match fetched {
            Ok(fetched) => {
                notices.extend(fetched.notices);
                fetched.lookup
            }
            Err(error) => return Err(Setback { error, cost }),
        };
        Ok((
            Some(Observation {
                url: link.to_string(),
                fetched_at,
                found_on: None,
                lookup,
            }),
            cost,
        ))
    }

    fn judged(
        &self,
        applicant: &Applicant,
        rubric: &Rubric,
        sources: Sources,
        cost: Cost,
        notices: Vec<String>,
    ) -> Profile {
        let score = score(rubric, &sources, self.as_of);
        Profile {
            applicant: ApplicantSummary::from(applicant),
            role: applicant.role.clone(),
            rubric: rubric.stamp(),
            as_of: self.as_of,
            coverage: coverage(&score),
            score,
            identity: Identity {
                level: IdentityLevel::Claimed,
                proofs: Vec::new(),
            },
            flags: Vec::new(),
            sources,
            changes: Vec::new(),
            cost,
            notices,
        }
    }
}

/// What to say of a link that no source of this version reads.
fn unread(link: &Link) -> Option<String> {
    let source = match link {
        Link::GitHub { .. } => return None,
        Link::Kaggle { .. } => "Kaggle",
        Link::Orcid { .. } => "ORCID",
        Link::HomePage { .. } => "the home page",
    };
    Some(format!(
        "{source} is not read by this version of plaudit: {link}"
    ))
}
