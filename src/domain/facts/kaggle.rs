//! What Kaggle says about an applicant: medals, tiers, ranks, and the competitions behind them.
//!
//! Kaggle speaks through several tellers: its data set Meta Kaggle (a day or two old, every competition), its
//! live endpoint (the totals of this moment), its profile page. Each fact says as of when it holds.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Gap;

/// What Kaggle says about an applicant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KaggleFacts {
    /// The user name as Kaggle spells it today.
    pub user_name: String,
    /// The account's number, which survives a rename. Everything is keyed on it.
    pub user_id: u64,
    /// The user name on the application, when Kaggle knows the account under another one today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// The GitHub account that the person names on Kaggle. Only the live tellers know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub github: Option<String>,
    /// The tier of each category. One whose tier is not known is left out, and a gap says why.
    pub tiers: BTreeMap<Category, Tier>,
    /// The medals of each category. One whose medals are not known is left out, and a gap says why.
    pub medals: BTreeMap<Category, MedalCount>,
    /// Rank and points of each category in which the person has a place.
    pub ranks: BTreeMap<Category, Rank>,
    /// The competitions of somebody who has won a medal in one, newest first; of others none.
    /// From the data set alone.
    pub competitions: Vec<CompetitionResult>,
    /// Who tells tiers, medals and ranks, but for the categories below.
    pub totals_from: Provenance,
    /// Who tells the medals of a category, where that is somebody else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub medals_from: BTreeMap<Category, Provenance>,
    /// Who tells the competitions; `None` when the data set is not at hand or does not hold the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competitions_from: Option<Provenance>,
    /// Where two tellers do not say the same, in words. The newer one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<String>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// Who tells a fact, and as of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Who.
    pub teller: Teller,
    /// As of when: for the data set its own date, for the others when they were asked.
    #[schemars(with = "String")]
    pub as_of: Timestamp,
}

/// Who tells something about a Kaggle account.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Teller {
    /// The data set Meta Kaggle.
    DataSet,
    /// The live endpoint.
    Live,
    /// The profile page.
    Page,
}

/// What Kaggle gives medals in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Competitions.
    Competitions,
    /// Data sets.
    Datasets,
    /// Notebooks; `Scripts` and `Kernels` in older data.
    Notebooks,
    /// Discussion, which left the progression in 2025; its medals remain.
    Discussion,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 4] = [
        Self::Competitions,
        Self::Datasets,
        Self::Notebooks,
        Self::Discussion,
    ];

    /// The category's name in facts and rubrics: `competitions`, `datasets`, `notebooks`, `discussion`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Competitions => "competitions",
            Self::Datasets => "datasets",
            Self::Notebooks => "notebooks",
            Self::Discussion => "discussion",
        }
    }
}

/// A performance tier.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// 0.
    Novice,
    /// 1.
    Contributor,
    /// 2.
    Expert,
    /// 3.
    Master,
    /// 4.
    Grandmaster,
    /// 5: Kaggle's own people.
    Staff,
}

impl Tier {
    /// The tier of Kaggle's number.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Novice,
            1 => Self::Contributor,
            2 => Self::Expert,
            3 => Self::Master,
            4 => Self::Grandmaster,
            5 => Self::Staff,
            _ => return None,
        })
    }

    /// Kaggle's number for it, 0 to 5.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    /// `novice` to `grandmaster`, or `staff`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Novice => "novice",
            Self::Contributor => "contributor",
            Self::Expert => "expert",
            Self::Master => "master",
            Self::Grandmaster => "grandmaster",
            Self::Staff => "staff",
        }
    }

    /// The tier of Kaggle's name for it, in any case: `GRANDMASTER`, `grandmaster`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        (0..=5)
            .filter_map(Self::from_number)
            .find(|tier| tier.name().eq_ignore_ascii_case(name))
    }
}

/// Medals of a category.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct MedalCount {
    /// Gold. Count.
    pub gold: u32,
    /// Silver. Count.
    pub silver: u32,
    /// Bronze. Count.
    pub bronze: u32,
}

impl MedalCount {
    /// How many of one metal.
    #[must_use]
    pub fn of(self, medal: Medal) -> u32 {
        match medal {
            Medal::Gold => self.gold,
            Medal::Silver => self.silver,
            Medal::Bronze => self.bronze,
        }
    }

    /// All of them. Count.
    #[must_use]
    pub fn all(self) -> u32 {
        self.gold
            .saturating_add(self.silver)
            .saturating_add(self.bronze)
    }

    /// One more of a metal.
    pub fn add(&mut self, medal: Medal) {
        let count = match medal {
            Medal::Gold => &mut self.gold,
            Medal::Silver => &mut self.silver,
            Medal::Bronze => &mut self.bronze,
        };
        *count = count.saturating_add(1);
    }
}

/// A place in a category's ranking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rank {
    /// Today's place, 1 the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<u32>,
    /// The best place ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest: Option<u32>,
    /// People in the ranking. Count. Live alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of: Option<u32>,
    /// Ranking points, rounded as the data set has them. Count. Data set alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<u32>,
}

/// What one teller says about one category. What it does not say is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// The tier.
    pub tier: Option<Tier>,
    /// The medals.
    pub medals: Option<MedalCount>,
    /// The place in the ranking.
    pub rank: Rank,
}

/// A medal of a competition.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Medal {
    /// 1 in the data set.
    Gold,
    /// 2 in the data set.
    Silver,
    /// 3 in the data set.
    Bronze,
}

impl Medal {
    /// Every medal, the best first.
    pub const ALL: [Self; 3] = [Self::Gold, Self::Silver, Self::Bronze];

    /// The medal of the data set's number.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Gold),
            2 => Some(Self::Silver),
            3 => Some(Self::Bronze),
            _ => None,
        }
    }

    /// `gold`, `silver` or `bronze`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gold => "gold",
            Self::Silver => "silver",
            Self::Bronze => "bronze",
        }
    }
}

/// How somebody's team did in a competition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompetitionResult {
    /// The competition's name in its address, in its own case.
    pub slug: String,
    /// Its title, made harmless.
    pub title: String,
    /// The team's place, 1 the best; `None` when the data set has none.
    pub rank: Option<u32>,
    /// Whether that is the place on the public leaderboard, because the private one is not in the data set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rank_is_public: bool,
    /// Teams in the competition. Count; `None` when the data set does not say.
    pub teams: Option<u32>,
    /// Members of the team. Count, at least 1.
    pub team_size: u32,
    /// The medal, if the team won one.
    pub medal: Option<Medal>,
    /// When the medal was awarded, or else when the competition ended. A date that was filled in afterwards
    /// (2016-07-15, for all that was before) counts as none.
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
}
