//! A rubric: what a role values, written by a person in TOML.
//!
//! Every number of the score is the rubric's; the code holds the formula alone ([`super::score`]). What a rubric
//! may say is a table (`schema`), against which its text is held as a whole, so that whoever edits one is told of
//! everything that is wrong, and where.

mod check;
#[cfg(test)]
mod claims;
mod copy;
mod embedded;
mod maxima;
mod names;
mod problem;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::{Category, Medal};
use super::integrity::FlagKind;

pub use embedded::EMBEDDED;
pub use names::{NAME_RULE, is_name, nearest};
pub use problem::{Problem, RubricError, told};

/// Watched projects at most: each costs a walk through its history for every applicant.
pub const MOST_WATCHED: usize = 10;

/// Which rubric judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RubricStamp {
    /// Its name.
    pub name: String,
    /// The version that its author gave it.
    pub version: String,
    /// The first 16 hexadecimal digits of the BLAKE3 digest of its TOML text, so that an edit without a
    /// new version is seen.
    pub digest: String,
}

/// What a role values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Its name, which lists and commands use.
    pub name: String,
    /// The role in words.
    pub title: String,
    /// The version that its author gives it.
    pub version: String,
    /// Size classes of pull requests.
    pub sizes: Sizes,
    /// How stars count.
    pub stars: Stars,
    /// The projects whose work counts most; there may be none.
    #[serde(default)]
    pub watched: Vec<WatchedProject>,
    /// Contributions to open source.
    pub open_source: OpenSource,
    /// Medals on Kaggle.
    pub kaggle: Kaggle,
    /// Own repositories.
    pub own_code: OwnCode,
    /// Work over the years.
    pub sustained: Sustained,
    /// What a person has looked up.
    pub reviewed: Reviewed,
    /// What evidence is multiplied by that a flag is about; without a line here a flag changes nothing.
    #[serde(default)]
    pub flags: BTreeMap<FlagKind, f64>,
    /// Digest of the text; see [`RubricStamp::digest`].
    #[serde(skip)]
    pub digest: String,
    /// The TOML text that it was read from, which the store keeps by its digest, so that a score that was can be
    /// reproduced.
    #[serde(skip)]
    pub text: String,
}

/// A project that the rubric watches: work that landed in it counts most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchedProject {
    /// `owner/name` on GitHub. Compared without regard to case.
    pub project: String,
    /// What a contribution to it is worth beside the others, 0 to 5.
    pub weight: f64,
    /// Former or mirrored `owner/name`s that count as the same project.
    #[serde(default)]
    pub aliases: Vec<String>,
}

impl WatchedProject {
    /// Whether `name` (`owner/name`) is this project, under this or a former name.
    pub fn is(&self, name: &str) -> bool {
        self.project.eq_ignore_ascii_case(name)
            || self
                .aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// Size classes, because a candidate must be able to follow them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// A pull request of up to so many lines is trivial.
    pub trivial_up_to: u32,
    /// One of at least so many is substantial.
    pub substantial_from: u32,
    /// Factor of a trivial one, of documentation alone, and of one whose size is unknown.
    pub trivial: f64,
    /// Factor of an ordinary one.
    pub ordinary: f64,
    /// Factor of a substantial one.
    pub substantial: f64,
}

/// How stars count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stars {
    /// More stars than this count no more.
    pub cap: u32,
    /// The factor without any star.
    pub floor: f64,
}

/// The component `open_source`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenSource {
    /// Points at most.
    pub max: f64,
    /// Sum of values at which 63 % of `max` is reached.
    pub scale: f64,
    /// Years after which evidence counts half.
    pub half_life_years: f64,
    /// A pull request that landed in a watched project.
    pub landed: f64,
    /// A commit in a watched project beyond the landed pull requests.
    pub commit: f64,
    /// A pull request that landed elsewhere.
    pub elsewhere: f64,
    /// Factor when nobody else is known to have merged it.
    pub self_merged: f64,
    /// A review.
    pub review: f64,
}

/// The component `kaggle`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kaggle {
    /// Points at most.
    pub max: f64,
    /// Sum of values at which 63 % of `max` is reached.
    pub scale: f64,
    /// Years after which a medal counts half.
    pub half_life_years: f64,
    /// A gold medal.
    pub gold: f64,
    /// A silver medal.
    pub silver: f64,
    /// A bronze medal.
    pub bronze: f64,
    /// Factor of medals that are known as a number alone: neither when they were won, nor in what a team.
    pub undated: f64,
    /// What a medal counts in each category.
    pub categories: KaggleCategories,
}

impl Kaggle {
    /// The weight of a category.
    #[must_use]
    pub fn category(&self, category: Category) -> f64 {
        match category {
            Category::Competitions => self.categories.competitions,
            Category::Datasets => self.categories.datasets,
            Category::Notebooks => self.categories.notebooks,
            Category::Discussion => self.categories.discussion,
        }
    }

    /// The weight of a medal.
    #[must_use]
    pub fn medal(&self, medal: Medal) -> f64 {
        match medal {
            Medal::Gold => self.gold,
            Medal::Silver => self.silver,
            Medal::Bronze => self.bronze,
        }
    }
}

/// What a medal counts in each of Kaggle's categories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KaggleCategories {
    /// Won against other teams.
    pub competitions: f64,
    /// Given for votes.
    pub datasets: f64,
    /// Given for votes.
    pub notebooks: f64,
    /// Given for votes.
    pub discussion: f64,
}

/// The component `own_code`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnCode {
    /// Points at most.
    pub max: f64,
    /// Sum of values at which 63 % of `max` is reached.
    pub scale: f64,
    /// Years since the last push after which a repository counts half.
    pub half_life_years: f64,
    /// Repositories that are looked at in depth.
    pub repositories: usize,
    /// A repository.
    pub repository: f64,
    /// More own commits than this count no more.
    pub commits_cap: u32,
    /// Factor of a language that is not listed.
    pub other_language: f64,
    /// Factors of languages, as GitHub spells them.
    #[serde(default)]
    pub languages: BTreeMap<String, f64>,
}

/// The component `sustained`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sustained {
    /// Points at most.
    pub max: f64,
    /// Sum of values at which 63 % of `max` is reached.
    pub scale: f64,
    /// Years after which a year counts half.
    pub half_life_years: f64,
    /// A full year.
    pub year: f64,
    /// Contributions that make a year full.
    pub full_year: u32,
}

/// The component `reviewed`: evidence that a person adds with a URL and a reason, until there is a source for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    /// Points at most.
    pub max: f64,
    /// Sum of values at which 63 % of `max` is reached.
    pub scale: f64,
    /// Years after which evidence counts half.
    pub half_life_years: f64,
    /// What there is to look for, in words; for whoever looks.
    pub look_for: String,
    /// The kinds of evidence and what each is worth.
    pub kinds: BTreeMap<String, f64>,
}

impl Rubric {
    /// Reads and checks a rubric.
    pub fn parse(text: &str) -> Result<Self, RubricError> {
        Self::read(text, None)
    }

    /// The same for a text whose place says what its name must be, as a file's does.
    pub fn parse_named(text: &str, name: &str) -> Result<Self, RubricError> {
        Self::read(text, Some(name))
    }

    fn read(text: &str, name: Option<&str>) -> Result<Self, RubricError> {
        let problems = check::problems(text, name);
        if !problems.is_empty() {
            return Err(RubricError::Invalid { problems });
        }
        // What has passed the table has the types' shape; should the two ever disagree, it is said like the rest.
        let mut rubric: Self = toml::from_str(text).map_err(|error| RubricError::Invalid {
            problems: vec![Problem::of_parser(text, error.span(), error.message())],
        })?;
        blake3::hash(text.as_bytes()).to_hex()[..16].clone_into(&mut rubric.digest);
        text.clone_into(&mut rubric.text);
        Ok(rubric)
    }

    /// What a profile says of the rubric that judged.
    pub fn stamp(&self) -> RubricStamp {
        RubricStamp {
            name: self.name.clone(),
            version: self.version.clone(),
            digest: self.digest.clone(),
        }
    }

    /// The weight of the watched project that `name` (`owner/name`) is; 0 when it is none.
    pub fn weight_of(&self, name: &str) -> f64 {
        let watched = self.watched.iter().find(|project| project.is(name));
        watched.map_or(0.0, |project| project.weight)
    }

    /// Points at most and scale of each component, in the score's order. One whose maximum is 0 asks for nothing,
    /// and is left out of a score.
    pub fn components(&self) -> [(&'static str, f64, f64); 5] {
        [
            ("open_source", self.open_source.max, self.open_source.scale),
            ("kaggle", self.kaggle.max, self.kaggle.scale),
            ("own_code", self.own_code.max, self.own_code.scale),
            ("sustained", self.sustained.max, self.sustained.scale),
            ("reviewed", self.reviewed.max, self.reviewed.scale),
        ]
    }
}
