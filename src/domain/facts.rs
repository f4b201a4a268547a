//! What the sources say about an applicant, normalised.
//!
//! Promise 2, unknown is not zero, begins here: a whole source is a [`Lookup`], and what is missing inside
//! a found one is a [`Gap`] that names what could not be seen and why.
//! No avatar, location, country, gender, follower count, e-mail address, acceptance rate or streak has a
//! field here, so none can be kept.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod github;
mod kaggle;
mod observed;
mod page;
pub mod reasons;

pub use github::{
    CommitDates, FirstAuthors, GitHubFacts, Landing, OwnRepository, ProjectFacts, PullRequest,
    SeenCode, Stargazers, Vitals, YearTotals, is_documentation,
};
pub use kaggle::{
    Category, CompetitionResult, KaggleFacts, Medal, MedalCount, Provenance, Rank, Teller, Tier,
    Totals,
};
pub use page::{FoundLink, PageFacts};

/// How a look-up ended. Four different things, from the wire to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Lookup<T> {
    /// The source answered.
    Found {
        /// What it said.
        facts: T,
    },
    /// The source says that there is no such person: nobody, an organisation, a bot.
    Absent {
        /// Which of these, in words.
        reason: String,
    },
    /// The person is there and has chosen not to show this.
    Hidden {
        /// What is hidden, in words.
        reason: String,
    },
    /// The source could not be asked, or gave no usable answer.
    Failed {
        /// What happened, in words.
        reason: String,
    },
}

impl<T> Lookup<T> {
    /// The facts, if the source answered.
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found { facts } => Some(facts),
            Self::Absent { .. } | Self::Hidden { .. } | Self::Failed { .. } => None,
        }
    }

    /// Why there are no facts.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Found { .. } => None,
            Self::Absent { reason } | Self::Hidden { reason } | Self::Failed { reason } => {
                Some(reason)
            }
        }
    }

    /// The state's name as the profile prints it.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Absent { .. } => "absent",
            Self::Hidden { .. } => "hidden",
            Self::Failed { .. } => "failed",
        }
    }
}

/// What a source said, where, and when.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Observation<T> {
    /// The page that a person would look at.
    pub url: String,
    /// The home page on which the account was found, when the application does not name it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_on: Option<String>,
    /// When the source was asked.
    #[schemars(with = "String")]
    pub fetched_at: Timestamp,
    /// What it said.
    #[serde(flatten)]
    pub lookup: Lookup<T>,
}

/// What each source said. A source that no link leads to is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sources {
    /// GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub github: Option<Observation<GitHubFacts>>,
    /// Kaggle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kaggle: Option<Observation<KaggleFacts>>,
    /// The applicant's home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Observation<PageFacts>>,
}

impl Sources {
    /// Each source that was asked, whatever it tells, in the order of the links.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked<'_>> {
        let github = self.github.as_ref().map(|one| Asked::of("github", one));
        let kaggle = self.kaggle.as_ref().map(|one| Asked::of("kaggle", one));
        let page = self.page.as_ref().map(|one| Asked::of("page", one));
        [github, kaggle, page].into_iter().flatten().collect()
    }
}

/// A source that was asked, without what it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The source's name: `github`, `kaggle` or `page`.
    pub source: &'static str,
    /// The page that a person would look at.
    pub url: &'a str,
    /// When it was asked.
    pub fetched_at: Timestamp,
    /// How the look-up ended: `found`, `absent`, `hidden` or `failed`.
    pub state: &'static str,
    /// Why there are no facts.
    pub reason: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn of<T>(source: &'static str, observation: &'a Observation<T>) -> Self {
        Self {
            source,
            url: &observation.url,
            fetched_at: observation.fetched_at,
            state: observation.lookup.state(),
            reason: observation.lookup.reason(),
        }
    }

    /// Whether the source gave no answer, so that another attempt may bring one.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.state == "failed"
    }
}

/// Something inside found facts that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What is missing.
    pub topic: Topic,
    /// The project (or on Kaggle the category) it is missing for, when it is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Why.
    pub cause: Cause,
    /// The same in words, for people.
    pub reason: String,
}

/// What a [`Gap`] is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Landed pull requests, or what became of them.
    PullRequests,
    /// Commits in a watched project.
    Commits,
    /// Reviews.
    Reviews,
    /// Activity by year.
    Years,
    /// Own repositories, or the applicant's share in them.
    OwnRepositories,
    /// Medals on Kaggle, in one of its categories.
    Medals,
    /// Which competitions the medals on Kaggle were won in.
    Competitions,
}

impl Topic {
    /// What it is about, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::PullRequests => "landed pull requests",
            Self::Commits => "commits",
            Self::Reviews => "reviews",
            Self::Years => "activity by year",
            Self::OwnRepositories => "own repositories",
            Self::Medals => "medals",
            Self::Competitions => "which competitions the medals were won in",
        }
    }
}

/// Why something could not be seen.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The person does not show it.
    Hidden,
    /// The source shows it, but not what would prove it.
    Unproven,
    /// The source does not know what was asked about: a project of the rubric that is not there.
    Missing,
    /// The source gave up on it; another attempt may bring it.
    Failed,
    /// plaudit had no means to ask (no token, no copy of Kaggle's data set).
    NotAsked,
}
