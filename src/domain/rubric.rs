//! A rubric: what a role values, written by a person in TOML.
//!
//! Every number of the score is the rubric's; the code holds the formula alone ([`super::score`]).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::{Category, Medal};
use super::integrity::FlagKind;

/// The rubrics that come with plaudit: name and text.
pub const EMBEDDED: &[(&str, &str)] = &[(
    "doctoral-dl-radiology",
    include_str!("../../config/roles/doctoral-dl-radiology.toml"),
)];

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
    /// The projects whose work counts most.
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

/// Why a text is no rubric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RubricError {
    /// It is no TOML, or lacks or invents a key; the message points at line and column.
    #[error("the rubric cannot be read: {0}")]
    Unreadable(String),
    /// A value is out of its range.
    #[error("the rubric's {key} is {value}, but must be {range}")]
    OutOfRange {
        /// Which key.
        key: String,
        /// What it is.
        value: String,
        /// What it may be.
        range: &'static str,
    },
    /// The rubric has no component of this name.
    #[error("there is no component {name:?}; there is {known}")]
    NoComponent {
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// No rubric bears the name.
    #[error("there is no rubric named {name:?}; there is {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
    },
}

impl Rubric {
    /// Reads and checks a rubric.
    pub fn parse(text: &str) -> Result<Self, RubricError> {
        let mut rubric: Self =
            toml::from_str(text).map_err(|error| RubricError::Unreadable(error.to_string()))?;
        rubric.check()?;
        blake3::hash(text.as_bytes()).to_hex()[..16].clone_into(&mut rubric.digest);
        text.clone_into(&mut rubric.text);
        Ok(rubric)
    }

    /// The rubrics that come with plaudit, by name.
    pub fn all_embedded() -> Result<BTreeMap<String, Self>, RubricError> {
        EMBEDDED
            .iter()
            .map(|(name, text)| Ok(((*name).to_owned(), Self::parse(text)?)))
            .collect()
    }

    /// The embedded rubric of this name.
    pub fn embedded(name: &str) -> Result<Self, RubricError> {
        let found = EMBEDDED.iter().find(|(known, _)| *known == name);
        let known = || {
            EMBEDDED
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (_, text) = found.ok_or_else(|| RubricError::Unknown {
            name: name.to_owned(),
            known: known(),
        })?;
        Self::parse(text)
    }

    /// This rubric with other maxima for the components that `maxima` names; the others share what is left of the
    /// 100 points in proportion to what they have. For a ranking that asks "what if?", and for nothing that is kept.
    pub fn with_maxima(&self, maxima: &BTreeMap<String, f64>) -> Result<Self, RubricError> {
        let components = self.components();
        let named = |name: &str| maxima.get(name).copied();
        for (name, max) in maxima {
            if !components.iter().any(|(known, _, _)| known == name) {
                let known = components.map(|(name, _, _)| name).join(", ");
                return Err(RubricError::NoComponent {
                    name: name.clone(),
                    known,
                });
            }
            within(name, max, (0.0..=100.0).contains(max), "0 to 100")?;
        }
        let given: f64 = maxima.values().sum();
        let rest: f64 = components
            .iter()
            .filter(|(name, _, _)| named(name).is_none())
            .map(|(_, max, _)| max)
            .sum();
        let fine = given <= 100.0 + 1e-9 && (rest > 0.0 || (given - 100.0).abs() < 1e-9);
        within(
            "sum of the named max",
            &given,
            fine,
            "100 at most, and 100 when all are named",
        )?;
        let share = if rest > 0.0 {
            (100.0 - given).max(0.0) / rest
        } else {
            0.0
        };
        let mut other = self.clone();
        let parts = [
            ("open_source", &mut other.open_source.max),
            ("kaggle", &mut other.kaggle.max),
            ("own_code", &mut other.own_code.max),
            ("sustained", &mut other.sustained.max),
            ("reviewed", &mut other.reviewed.max),
        ];
        for (name, max) in parts {
            *max = named(name).unwrap_or(*max * share);
        }
        "what-if".clone_into(&mut other.digest);
        other.text.clear();
        other.check()?;
        Ok(other)
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

    fn check(&self) -> Result<(), RubricError> {
        let maxima = self.components().map(|(_, max, _)| max);
        let sum: f64 = maxima.iter().sum();
        within("sum of all max", &sum, (sum - 100.0).abs() < 1e-9, "100")?;
        for (name, max, scale) in self.components() {
            within(
                &format!("{name}.max"),
                &max,
                (0.0..=100.0).contains(&max),
                "0 to 100",
            )?;
            let fine = scale > 0.0 && scale <= 1e6;
            within(
                &format!("{name}.scale"),
                &scale,
                fine,
                "above 0, up to 1,000,000",
            )?;
        }
        let half_lives = [
            (
                "open_source.half_life_years",
                self.open_source.half_life_years,
            ),
            ("kaggle.half_life_years", self.kaggle.half_life_years),
            ("own_code.half_life_years", self.own_code.half_life_years),
            ("sustained.half_life_years", self.sustained.half_life_years),
            ("reviewed.half_life_years", self.reviewed.half_life_years),
        ];
        for (key, years) in half_lives {
            within(
                key,
                &years,
                (0.1..=100.0).contains(&years),
                "0.1 to 100 years",
            )?;
        }
        let weights = [
            ("sizes.trivial", self.sizes.trivial),
            ("sizes.ordinary", self.sizes.ordinary),
            ("sizes.substantial", self.sizes.substantial),
            ("stars.floor", self.stars.floor),
            ("open_source.landed", self.open_source.landed),
            ("open_source.commit", self.open_source.commit),
            ("open_source.elsewhere", self.open_source.elsewhere),
            ("open_source.self_merged", self.open_source.self_merged),
            ("open_source.review", self.open_source.review),
            ("kaggle.gold", self.kaggle.gold),
            ("kaggle.silver", self.kaggle.silver),
            ("kaggle.bronze", self.kaggle.bronze),
            ("own_code.repository", self.own_code.repository),
            ("own_code.other_language", self.own_code.other_language),
            ("sustained.year", self.sustained.year),
        ];
        let kinds = self
            .reviewed
            .kinds
            .values()
            .map(|weight| ("reviewed.kinds", *weight));
        let languages = self
            .own_code
            .languages
            .values()
            .map(|factor| ("own_code.languages", *factor));
        let watched = self
            .watched
            .iter()
            .map(|project| ("watched.weight", project.weight));
        for (key, weight) in weights
            .into_iter()
            .chain(languages)
            .chain(watched)
            .chain(kinds)
        {
            within(key, &weight, (0.0..=5.0).contains(&weight), "0 to 5")?;
        }
        for (kind, factor) in &self.flags {
            let key = format!("flags.{}", kind.name());
            within(&key, factor, (0.0..=1.0).contains(factor), "0 to 1")?;
        }
        self.check_kaggle()?;
        self.check_counts()?;
        self.check_watched()
    }

    fn check_kaggle(&self) -> Result<(), RubricError> {
        for category in Category::ALL {
            let (key, weight) = (
                format!("kaggle.categories.{}", category.name()),
                self.kaggle.category(category),
            );
            within(&key, &weight, (0.0..=5.0).contains(&weight), "0 to 5")?;
        }
        // More than 1 would make less known about a medal worth more.
        let undated = self.kaggle.undated;
        within(
            "kaggle.undated",
            &undated,
            (0.0..=1.0).contains(&undated),
            "0 to 1",
        )
    }

    fn check_counts(&self) -> Result<(), RubricError> {
        let order = self.sizes.trivial_up_to < self.sizes.substantial_from;
        within(
            "sizes.trivial_up_to",
            &self.sizes.trivial_up_to,
            order,
            "below substantial_from",
        )?;
        within(
            "stars.cap",
            &self.stars.cap,
            self.stars.cap > 0,
            "1 or more",
        )?;
        let commits_cap = self.own_code.commits_cap;
        within(
            "own_code.commits_cap",
            &commits_cap,
            commits_cap > 0,
            "1 or more",
        )?;
        let full_year = self.sustained.full_year;
        within(
            "sustained.full_year",
            &full_year,
            full_year > 0,
            "1 or more",
        )?;
        let repositories = self.own_code.repositories;
        within(
            "own_code.repositories",
            &repositories,
            repositories <= 100,
            "0 to 100",
        )?;
        Ok(())
    }

    fn check_watched(&self) -> Result<(), RubricError> {
        let watched = self.watched.len();
        within(
            "number of watched projects",
            &watched,
            watched <= MOST_WATCHED,
            "10 at most",
        )?;
        let mut seen: Vec<String> = Vec::new();
        for project in &self.watched {
            for name in std::iter::once(&project.project).chain(&project.aliases) {
                let parts: Vec<_> = name.split('/').collect();
                let good = |part: &&str| {
                    !part.is_empty()
                        && part
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
                };
                let fine = parts.len() == 2 && parts.iter().all(good);
                within("watched.project", &format!("{name:?}"), fine, "owner/name")?;
                let folded = name.to_ascii_lowercase();
                let new = !seen.contains(&folded);
                within("watched.project", &format!("{name:?}"), new, "named once")?;
                seen.push(folded);
            }
        }
        Ok(())
    }
}

fn within<V: ToString + ?Sized>(
    key: &str,
    value: &V,
    fine: bool,
    range: &'static str,
) -> Result<(), RubricError> {
    if fine {
        return Ok(());
    }
    let (key, value) = (key.to_owned(), value.to_string());
    Err(RubricError::OutOfRange { key, value, range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_rubric_is_valid_and_bears_its_name() {
        for (name, _) in EMBEDDED {
            assert_eq!(Rubric::embedded(name).expect(name).name, *name);
        }
    }

    #[test]
    fn what_is_wrong_with_a_rubric_is_said() {
        let good = EMBEDDED[0].1;
        for (from, to, expected) in [
            (
                "max = 40",
                "max = 41",
                "sum of all max is 101, but must be 100",
            ),
            ("scale = 10.0", "scale = 0.0", "open_source.scale is 0"),
            (
                "weight = 1.2",
                "weight = -1.0",
                "watched.weight is -1, but must be 0 to 5",
            ),
            ("weight = 1.2", "weight = nan", "watched.weight is NaN"),
            ("numpy/numpy", "numpy", "\"numpy\", but must be owner/name"),
            ("numpy/numpy", "Google/JAX", "but must be named once"),
            ("floor = 0.1", "flor = 0.1", "unknown field `flor`"),
            ("undated = 0.25", "undated = 1.5", "kaggle.undated is 1.5"),
            (
                "notebooks = 0.2",
                "notebooks = -0.2",
                "kaggle.categories.notebooks is -0.2",
            ),
            (
                "trivial_up_to = 5 ",
                "trivial_up_to = 500 ",
                "below substantial_from",
            ),
            (
                "half_life_years = 5.0",
                "half_life_years = 0",
                "0.1 to 100 years",
            ),
        ] {
            assert!(good.contains(from), "{from}");
            let error = Rubric::parse(&good.replacen(from, to, 1))
                .expect_err(to)
                .to_string();
            assert!(error.contains(expected), "{to}: {error}");
        }
        let eleven = format!("{good}\n[[watched]]\nproject = \"a/b\"\nweight = 1.0\n");
        assert!(
            Rubric::parse(&eleven)
                .expect_err("eleven")
                .to_string()
                .contains("10 at most")
        );
    }

    #[test]
    fn an_edit_changes_the_digest() {
        let good = EMBEDDED[0].1;
        let edited = good.replacen("weight = 1.2", "weight = 1.3", 1);
        let digests = [good, &edited].map(|text| Rubric::parse(text).expect("valid").digest);
        assert_ne!(digests[0], digests[1]);
        assert_eq!(digests[0].len(), 16);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = Rubric::embedded("astronaut")
            .expect_err("unknown")
            .to_string();
        assert!(error.contains("doctoral-dl-radiology"), "{error}");
    }
}
