//! One job, one profile: ask the sources, keep what they say, judge it.
//!
//! Knows no store and no queue: the worker hands in an applicant and takes a profile out.
//!
//! The order: the home page, because it may name accounts; Kaggle, because it may ask us to come back later and
//! GitHub should not have been asked in vain then; GitHub.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::domain::applicant::Applicant;
use crate::domain::facts::{GitHubFacts, Lookup, Observation, PageFacts, SeenCode, Sources};
use crate::domain::link::{self, Column, GitHubHosts, Link};
use crate::domain::profile::{ApplicantSummary, Cost, Material, Profile};
use crate::domain::review::Review;
use crate::domain::rubric::Rubric;
use crate::sources::SourceError;
use crate::sources::github::{self, GitHub, Interest};
use crate::sources::kaggle::Kaggle;
use crate::sources::page::Pages;

/// Everything that turns an applicant into a profile.
pub struct Enricher {
    roles: BTreeMap<String, Role>,
    kaggle: Arc<Kaggle>,
    /// `None`: home pages are not to be read.
    pages: Option<Arc<Pages>>,
    hosts: GitHubHosts,
    /// `None`: the day on which it is judged.
    as_of: Option<Date>,
}

/// The hosts to ask, connected.
#[derive(Clone)]
pub struct Connections {
    /// GitHub.
    pub github: github::Connection,
    /// Kaggle.
    pub kaggle: Arc<Kaggle>,
    /// Applicants' home pages; `None`: they are not to be read.
    pub pages: Option<Arc<Pages>>,
    /// The web hosts that count as GitHub.
    pub hosts: GitHubHosts,
    /// What a person should know before anybody is asked.
    pub notices: Vec<String>,
}

/// A role: its rubric, and GitHub as that rubric is interested in it.
struct Role {
    rubric: Rubric,
    github: GitHub,
}

/// Why there is no profile yet, and what the attempt took and found all the same.
#[derive(Debug)]
pub struct Setback {
    /// Why.
    pub error: SourceError,
    /// What was spent.
    pub cost: Cost,
    /// What the sources said that did answer.
    pub gathered: Gathered,
}

/// Who is enriched, and what is known already.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Who.
    pub applicant: &'a Applicant,
    /// The profile that is kept.
    pub before: Option<&'a Profile>,
    /// What people have added.
    pub review: &'a Review,
}

/// What sources said so far.
#[derive(Debug, Default)]
pub struct Gathered {
    sources: Sources,
    notices: Vec<String>,
}

/// The accounts to ask for, and for each the home page it was found on, if the application does not name it.
struct Accounts {
    github: Option<(Link, Option<String>)>,
    kaggle: Option<(Link, Option<String>)>,
}

impl Enricher {
    /// For applicants of these rubrics, as of a day, or as of the day (UTC) on which each is judged. Must be called
    /// within a tokio runtime.
    pub fn new(
        rubrics: impl IntoIterator<Item = Rubric>,
        connections: &Connections,
        as_of: Option<Date>,
    ) -> Self {
        let roles = rubrics
            .into_iter()
            .map(|rubric| {
                let interest = Interest {
                    watched: rubric.watched.clone(),
                    repositories: rubric.own_code.repositories,
                };
                let github = GitHub::new(&connections.github, interest);
                (rubric.name.clone(), Role { rubric, github })
            })
            .collect();
        Self {
            roles,
            kaggle: Arc::clone(&connections.kaggle),
            pages: connections.pages.clone(),
            hosts: connections.hosts.clone(),
            as_of,
        }
    }

    /// Asks every source that the applicant's links lead to, and judges.
    pub async fn enrich(&self, person: Person<'_>) -> Result<Profile, Setback> {
        let (mut gathered, mut cost) = (Gathered::default(), Cost::default());
        let asked = match self.role(&person.applicant.role) {
            Ok(role) => {
                let asked = self.ask_all(role, person, &mut gathered, &mut cost).await;
                asked.map(|()| role)
            }
            Err(error) => Err(error),
        };
        match asked {
            Ok(role) => Ok(self.judged(person, &role.rubric, gathered, cost)),
            Err(error) => Err(Setback {
                error,
                cost,
                gathered,
            }),
        }
    }

    async fn ask_all(
        &self,
        role: &Role,
        person: Person<'_>,
        gathered: &mut Gathered,
        cost: &mut Cost,
    ) -> Result<(), SourceError> {
        self.ask_page(person.applicant, gathered, cost).await;
        let accounts = self.accounts(person.applicant, gathered.sources.page.as_ref());
        if let Some((link, found_on)) = &accounts.kaggle {
            self.ask_kaggle(link, found_on.as_ref(), person.before, gathered, cost)
                .await?;
        }
        if let Some((link, found_on)) = &accounts.github {
            self.ask_github(role, (link, found_on.as_ref()), person, gathered, cost)
                .await?;
        }
        Ok(())
    }

    /// The profile of an applicant of whom a source gave nothing, for good. Facts from before are kept with
    /// their date: a failed refresh never takes anything away.
    pub fn failed(
        &self,
        person: Person<'_>,
        reason: &str,
        (cost, mut gathered, now): (Cost, Gathered, Timestamp),
    ) -> Option<Profile> {
        let rubric = &self.role(&person.applicant.role).ok()?.rubric;
        let accounts = self.accounts(person.applicant, gathered.sources.page.as_ref());
        let sources = &mut gathered.sources;
        fill(&mut sources.github, accounts.github, reason, now);
        fill(&mut sources.kaggle, accounts.kaggle, reason, now);
        Some(self.judged(person, rubric, gathered, cost))
    }

    /// The same facts judged with what people have added meanwhile. `before` is the profile that is kept.
    #[must_use]
    pub fn review(&self, profile: Profile, review: Review, before: Option<&Profile>) -> Profile {
        let Some(role) = self.roles.get(&profile.role) else {
            // Made by another enricher, of whose rubric nothing is known here; what was added counts the next time.
            return Profile { review, ..profile };
        };
        profile.rejudge_beside(&role.rubric, review, before)
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

    /// The accounts that the application names, and for a source that it does not name, the one that the
    /// applicant's home page clearly names.
    fn accounts(&self, applicant: &Applicant, page: Option<&Observation<PageFacts>>) -> Accounts {
        let given = |source: &str| applicant.link(source).map(|link| (link.clone(), None));
        let mut accounts = Accounts {
            github: given("github"),
            kaggle: given("kaggle"),
        };
        let Some((page, facts)) = page.and_then(|page| Some((page, page.lookup.found()?))) else {
            return accounts;
        };
        for found in &facts.links {
            let Ok(parsed) = link::parse(&found.url, Column::Links, &self.hosts) else {
                continue;
            };
            let place = match parsed.link {
                Link::GitHub { .. } => &mut accounts.github,
                Link::Kaggle { .. } => &mut accounts.kaggle,
                Link::Orcid { .. } | Link::HomePage { .. } => continue,
            };
            // That the page names another account than the application is told by the identity.
            if place.is_none() {
                *place = Some((parsed.link, Some(page.url.clone())));
            }
        }
        accounts
    }

    async fn ask_page(&self, applicant: &Applicant, gathered: &mut Gathered, cost: &mut Cost) {
        let (Some(pages), Some(url)) = (&self.pages, applicant.home_page()) else {
            return;
        };
        let read = pages.read(url, &self.hosts).await;
        cost.requests += f64::from(read.requests);
        gathered.sources.page = Some(Observation {
            url: url.to_string(),
            found_on: None,
            fetched_at: Timestamp::now(),
            lookup: read.lookup,
        });
    }

    async fn ask_github(
        &self,
        role: &Role,
        (link, found_on): (&Link, Option<&String>),
        person: Person<'_>,
        gathered: &mut Gathered,
        cost: &mut Cost,
    ) -> Result<(), SourceError> {
        let Link::GitHub { handle, .. } = link else {
            return Ok(());
        };
        // By the clock's year: what is fetched today must not depend on the day that it is judged for.
        let this_year = Timestamp::now().to_zoned(TimeZone::UTC).year();
        let (fetched, spent) = role.github.fetch(handle, this_year).await;
        cost.add(spent);
        let mut fetched = fetched?;
        if let Lookup::Found { facts } = &mut fetched.lookup {
            let names = std::mem::take(&mut facts.names);
            facts.names = self.worth_keeping(names, &person.applicant.links);
            facts.code = seek_code(role, facts, person, cost).await?;
        }
        gathered.notices.extend(fetched.notices);
        gathered.sources.github = Some(observed(link, found_on, fetched.lookup));
        Ok(())
    }

    /// Of the addresses that a GitHub account names as its owner's, those that tell whose it is: accounts on Kaggle,
    /// and the home page of the application. The others are nobody's business.
    fn worth_keeping(&self, names: Vec<String>, links: &[Link]) -> Vec<String> {
        let mut kept: Vec<String> = names
            .into_iter()
            .filter_map(|name| {
                let link = link::parse(&name, Column::Links, &self.hosts).ok()?.link;
                let tells = matches!(link, Link::Kaggle { .. }) || links.contains(&link);
                tells.then(|| link.to_string())
            })
            .collect();
        kept.sort();
        kept.dedup();
        kept
    }

    async fn ask_kaggle(
        &self,
        link: &Link,
        found_on: Option<&String>,
        before: Option<&Profile>,
        gathered: &mut Gathered,
        cost: &mut Cost,
    ) -> Result<(), SourceError> {
        let Link::Kaggle { handle } = link else {
            return Ok(());
        };
        let (fetched, requests) = self.kaggle.fetch(handle, number(link, before)).await;
        cost.requests += f64::from(requests);
        let fetched = fetched?;
        gathered.notices.extend(fetched.notices);
        gathered.sources.kaggle = Some(observed(link, found_on, fetched.lookup));
        Ok(())
    }

    fn judged(
        &self,
        person: Person<'_>,
        rubric: &Rubric,
        gathered: Gathered,
        cost: Cost,
    ) -> Profile {
        let Person {
            applicant,
            before,
            review,
        } = person;
        let Gathered {
            mut sources,
            mut notices,
        } = gathered;
        if let Some(before) = before.map(|profile| &profile.sources) {
            notices.extend(keep(&mut sources.github, before.github.as_ref(), "GitHub"));
            notices.extend(keep(&mut sources.kaggle, before.kaggle.as_ref(), "Kaggle"));
            notices.extend(keep(
                &mut sources.page,
                before.page.as_ref(),
                "the home page",
            ));
        }
        notices.extend(applicant.links.iter().filter_map(|link| self.unread(link)));
        let material = Material {
            applicant: ApplicantSummary::from(applicant),
            role: applicant.role.clone(),
            sources,
            review: review.clone(),
            cost,
            notices,
        };
        let today = || Timestamp::now().to_zoned(TimeZone::UTC).date();
        Profile::judge(material, rubric, self.as_of.unwrap_or_else(today), before)
    }

    /// What to say of a link that nobody reads.
    fn unread(&self, link: &Link) -> Option<String> {
        match link {
            Link::GitHub { .. } | Link::Kaggle { .. } => None,
            Link::HomePage { .. } if self.pages.is_some() => None,
            Link::HomePage { .. } => Some(format!(
                "home pages are not read (homepage.follow is off): {link}"
            )),
            Link::Orcid { .. } => Some(format!(
                "ORCID is not read by this version of plaudit: {link}"
            )),
        }
    }
}

/// The verification code on the account, if the applicant was given one: once it was seen it may go.
async fn seek_code(
    role: &Role,
    facts: &GitHubFacts,
    person: Person<'_>,
    cost: &mut Cost,
) -> Result<Option<SeenCode>, SourceError> {
    let Some(challenge) = &person.review.challenge else {
        return Ok(None);
    };
    let before = person.before.and_then(|before| {
        let before = before.sources.github.as_ref()?.lookup.found()?;
        let code = before.code.as_ref()?;
        let same = before.account_id == facts.account_id && code.code == challenge.code;
        same.then(|| code.clone())
    });
    if before.is_some() {
        return Ok(before);
    }
    let (found, spent) = role
        .github
        .look_for_code(&facts.account_id, &challenge.code)
        .await;
    cost.add(spent);
    found
}

fn observed<T>(link: &Link, found_on: Option<&String>, lookup: Lookup<T>) -> Observation<T> {
    Observation {
        url: link.to_string(),
        found_on: found_on.cloned(),
        fetched_at: Timestamp::now(),
        lookup,
    }
}

/// The number of the Kaggle account that the same link led to before, by which a renamed account is found again.
fn number(link: &Link, before: Option<&Profile>) -> Option<u64> {
    let before = before?.sources.kaggle.as_ref()?;
    let facts = before.lookup.found()?;
    (before.url == link.to_string()).then_some(facts.user_id)
}

/// Fills the place of a source that gave nothing with the failure.
fn fill<T>(
    place: &mut Option<Observation<T>>,
    account: Option<(Link, Option<String>)>,
    reason: &str,
    now: Timestamp,
) {
    if let (None, Some((link, found_on))) = (place.as_ref(), account) {
        *place = Some(Observation {
            url: link.to_string(),
            found_on,
            fetched_at: now,
            lookup: Lookup::Failed {
                reason: reason.to_owned(),
            },
        });
    }
}

/// Puts the facts from before, of the same link, in the place of a failure; what to say of it.
fn keep<T: Clone>(
    place: &mut Option<Observation<T>>,
    before: Option<&Observation<T>>,
    name: &str,
) -> Option<String> {
    let (now, before) = (place.as_mut()?, before?);
    let Lookup::Failed { reason } = &now.lookup else {
        return None;
    };
    if before.url != now.url || before.lookup.found().is_none() {
        return None;
    }
    let notice = format!(
        "{name} could not be read on {:.0} ({reason}); what is shown is older",
        now.fetched_at
    );
    *now = before.clone();
    Some(notice)
}
