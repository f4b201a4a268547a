//! The JSON of a profile, as the live endpoint and the older pages give it, as a [`LiveProfile`].
//!
//! Two spellings of one shape: `snake_case` (live endpoint) and `camelCase` (pages). Pages of 2018–2022 name each
//! category's summary by a key of its own instead of a list.
//!
//! What has no field here is never read: country, region, city, avatar, biography, occupation, organisation,
//! pronouns, the name in full, other sites, when somebody was last active.
//!
//! **When a missing count is 0.** Kaggle leaves zeros out. A missing count is taken as 0 only where the answer
//! itself says that the person has not opted out of the progression, and shows what is hidden, and this is not.
//! An answer that says neither proves nothing, so a count missing from it is unknown. Of a category that is
//! hidden, or of somebody who has opted out, nothing is taken, even if a number slips through: the person has
//! asked not to be counted. A category without a summary is not known (it is not zero): discussion has left the
//! progression and has none, whatever its medals.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::LiveProfile;
use crate::domain::facts::{Category, MedalCount, Rank, Tier, Totals};
use crate::domain::link::Handle;
use crate::domain::text::tame;
use crate::sources::place_of;

/// Why a text is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoProfile {
    /// It is not of the shape that was read about.
    #[error("the profile has another shape: {0}")]
    Shape(String),
    /// It names nobody.
    #[error("the profile names no user")]
    Nameless,
}

/// A profile as it is written.
#[derive(Debug, Deserialize)]
pub(super) struct Wire {
    #[serde(alias = "userId")]
    user_id: Option<u64>,
    #[serde(alias = "userName")]
    user_name: Option<String>,
    #[serde(alias = "gitHubUserName")]
    git_hub_user_name: Option<String>,
    #[serde(alias = "achievementSummaries")]
    achievement_summaries: Option<Vec<Option<Summary>>>,
    #[serde(rename = "competitionsSummary")]
    competitions: Option<Summary>,
    #[serde(rename = "datasetsSummary")]
    datasets: Option<Summary>,
    #[serde(
        rename = "scriptsSummary",
        alias = "kernelsSummary",
        alias = "notebooksSummary"
    )]
    notebooks: Option<Summary>,
    #[serde(rename = "discussionsSummary", alias = "discussionSummary")]
    discussion: Option<Summary>,
    #[serde(alias = "progressionOptOut")]
    progression_opt_out: Option<bool>,
    #[serde(alias = "visibilitySettings")]
    visibility_settings: Option<Visibility>,
}

/// What a person hides.
#[derive(Debug, Default, Deserialize)]
struct Visibility {
    #[serde(alias = "hiddenSections")]
    hidden_sections: Option<Vec<String>>,
    #[serde(alias = "hiddenAchievementTypes")]
    hidden_achievement_types: Option<Vec<String>>,
}

/// One category's tier, place and medals.
#[derive(Debug, Deserialize)]
struct Summary {
    #[serde(rename = "summary_type", alias = "summaryType")]
    kind: Option<String>,
    tier: Option<String>,
    #[serde(alias = "rankCurrent")]
    rank_current: Option<u32>,
    #[serde(alias = "rankHighest")]
    rank_highest: Option<u32>,
    #[serde(alias = "rankOutOf")]
    rank_out_of: Option<u32>,
    #[serde(alias = "totalGoldMedals")]
    total_gold_medals: Option<u32>,
    #[serde(alias = "totalSilverMedals")]
    total_silver_medals: Option<u32>,
    #[serde(alias = "totalBronzeMedals")]
    total_bronze_medals: Option<u32>,
}

/// What one of Kaggle's words for something hidden takes out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hides {
    /// One category.
    One(Category),
    /// Nothing that is read here.
    Nothing,
    /// Everything there may be: the word is not known.
    Anything,
}

/// The profile in a text.
pub(super) fn read(json: &str) -> Result<LiveProfile, NoProfile> {
    let wire: Wire =
        serde_json::from_str(json).map_err(|error| NoProfile::Shape(place_of(&error)))?;
    wire.into_profile()
}

impl Wire {
    /// What it says, as far as it can be known.
    pub(super) fn into_profile(self) -> Result<LiveProfile, NoProfile> {
        let user_name = tame(self.user_name.as_deref().unwrap_or_default());
        if user_name.is_empty() {
            return Err(NoProfile::Nameless);
        }
        let says_what_is_hidden = self.visibility_settings.is_some();
        let words = self.visibility_settings.unwrap_or_default().words();
        for word in words.iter().filter(|word| hides(word) == Hides::Anything) {
            tracing::warn!(
                word,
                "something hidden that plaudit does not know; no medal of the profile is taken"
            );
        }
        let opted_out = self.progression_opt_out;
        let mut totals = BTreeMap::new();
        let listed = self
            .achievement_summaries
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|summary| {
                let category = category(summary.kind.as_deref()?)?;
                Some((category, summary))
            });
        let named = [
            (Category::Competitions, self.competitions),
            (Category::Datasets, self.datasets),
            (Category::Notebooks, self.notebooks),
            (Category::Discussion, self.discussion),
        ]
        .into_iter()
        .filter_map(|(category, summary)| Some((category, summary?)));
        for (category, summary) in listed.chain(named) {
            let shown = !is_hidden(&words, category) && opted_out != Some(true);
            let zero_is_left_out = says_what_is_hidden && opted_out == Some(false);
            let said = if shown {
                summary.totals(zero_is_left_out)
            } else {
                Totals::default()
            };
            totals.entry(category).or_insert(said);
        }
        let github = self
            .git_hub_user_name
            .and_then(|name| Handle::github(name.trim()).ok());
        Ok(LiveProfile {
            user_id: self.user_id,
            user_name,
            github: github.map(String::from),
            totals,
            opted_out,
            hidden: words,
        })
    }
}

impl Visibility {
    /// All words, made harmless.
    fn words(self) -> Vec<String> {
        let sections = self.hidden_sections.unwrap_or_default();
        let types = self.hidden_achievement_types.unwrap_or_default();
        sections
            .iter()
            .chain(&types)
            .map(|word| tame(word))
            .collect()
    }
}

impl Summary {
    /// What it says. `zero_is_left_out`: whether a missing count stands for 0.
    fn totals(&self, zero_is_left_out: bool) -> Totals {
        let count = |told: Option<u32>| told.or(zero_is_left_out.then_some(0));
        let medals = || {
            Some(MedalCount {
                gold: count(self.total_gold_medals)?,
                silver: count(self.total_silver_medals)?,
                bronze: count(self.total_bronze_medals)?,
            })
        };
        Totals {
            tier: self.tier.as_deref().and_then(Tier::from_name),
            medals: medals(),
            rank: Rank {
                current: self.rank_current,
                highest: self.rank_highest,
                out_of: self.rank_out_of,
                points: None,
            },
        }
    }
}

/// The category of Kaggle's word for it: `USER_ACHIEVEMENT_TYPE_NOTEBOOKS`, `kernels`.
fn category(word: &str) -> Option<Category> {
    let lower = word.to_ascii_lowercase();
    let plain = lower
        .strip_prefix("user_achievement_type_")
        .unwrap_or(&lower);
    Some(match plain {
        "competitions" => Category::Competitions,
        "datasets" => Category::Datasets,
        "notebooks" | "kernels" | "scripts" | "code" => Category::Notebooks,
        "discussion" | "discussions" => Category::Discussion,
        _ => return None,
    })
}

/// Whether one of Kaggle's words for what a person hides covers a category.
pub(super) fn is_hidden(words: &[String], category: Category) -> bool {
    words.iter().any(|word| match hides(word) {
        Hides::Anything => true,
        Hides::One(hidden) => hidden == category,
        Hides::Nothing => false,
    })
}

/// What a word for something hidden takes out of sight. Sections of the page are assumed to be named like the
/// category they show, and like the part of the profile otherwise.
fn hides(word: &str) -> Hides {
    let lower = word.to_ascii_lowercase();
    let plain = ["user_profile_section_", "profile_section_", "section_"]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix))
        .unwrap_or(&lower);
    if let Some(category) = category(plain) {
        return Hides::One(category);
    }
    match plain {
        "bio"
        | "about"
        | "followers"
        | "following"
        | "badges"
        | "models"
        | "writeups"
        | "write_ups"
        | "location"
        | "social"
        | "user_achievement_type_models" => Hides::Nothing,
        _ => Hides::Anything,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn medals(gold: u32, silver: u32, bronze: u32) -> MedalCount {
        MedalCount {
            gold,
            silver,
            bronze,
        }
    }

    /// A profile with 3 gold medals in competitions and none of another metal, plus what `more` says.
    fn with(more: &serde_json::Value) -> LiveProfile {
        let mut profile = json!({
            "user_id": 7,
            "user_name": "ada-example",
            "achievement_summaries": [
                {"summary_type": "USER_ACHIEVEMENT_TYPE_COMPETITIONS", "tier": "MASTER", "total_gold_medals": 3,
                 "rank_current": 63, "rank_highest": 47, "rank_out_of": 200_955},
                {"summary_type": "USER_ACHIEVEMENT_TYPE_NOTEBOOKS", "tier": "EXPERT", "total_bronze_medals": 5},
            ],
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            profile[key] = value.clone();
        }
        read(&profile.to_string()).expect("a profile")
    }

    #[test]
    fn a_missing_count_is_zero_only_where_nothing_can_be_hidden() {
        let open = json!({"progression_opt_out": false, "visibility_settings": {}});
        let unsaid = json!({"progression_opt_out": false});
        let opted_out = json!({"progression_opt_out": true, "visibility_settings": {}});
        let hides = |word: &str| {
            json!({"progression_opt_out": false,
                   "visibility_settings": {"hidden_achievement_types": [word]}})
        };
        let section = |word: &str| json!({"progression_opt_out": false, "visibility_settings": {"hidden_sections": [word]}});
        let (competitions, notebooks) = (Some(medals(3, 0, 0)), Some(medals(0, 0, 5)));
        for (said, in_competitions, in_notebooks) in [
            (open, competitions, notebooks),
            (json!({}), None, None),
            (unsaid, None, None),
            (json!({"visibility_settings": {}}), None, None),
            (opted_out, None, None),
            (hides("USER_ACHIEVEMENT_TYPE_COMPETITIONS"), None, notebooks),
            (
                hides("USER_ACHIEVEMENT_TYPE_MODELS"),
                competitions,
                notebooks,
            ),
            (section("notebooks"), competitions, None),
            (section("BIO"), competitions, notebooks),
            (section("A_WORD_OF_2031"), None, None),
        ] {
            let profile = with(&said);
            let of = |category| profile.totals[&category].medals;
            assert_eq!(of(Category::Competitions), in_competitions, "{said}");
            assert_eq!(of(Category::Notebooks), in_notebooks, "{said}");
        }
    }

    #[test]
    fn nothing_of_a_hidden_category_is_taken_though_it_is_told() {
        let said = json!({"progression_opt_out": true, "visibility_settings": {"hidden_sections": ["badges"]}});
        let profile = with(&said);
        assert_eq!(
            profile.totals[&Category::Competitions],
            Totals::default(),
            "neither tier nor place"
        );
        assert_eq!(
            (profile.opted_out, profile.hidden),
            (Some(true), vec!["badges".to_owned()])
        );
    }

    #[test]
    fn both_spellings_say_the_same() {
        let camel = r#"{"userId": 7, "userName": "ada-example", "gitHubUserName": "ada-example",
            "achievementSummaries": [{"summaryType": "USER_ACHIEVEMENT_TYPE_COMPETITIONS", "tier": "MASTER",
            "totalGoldMedals": 3, "rankCurrent": 63, "rankHighest": 47, "rankOutOf": 200955}],
            "progressionOptOut": false, "visibilitySettings": {"hiddenSections": ["NOTEBOOKS"]}}"#;
        let snake = with(&json!({
            "git_hub_user_name": "ada-example",
            "progression_opt_out": false,
            "visibility_settings": {"hidden_sections": ["NOTEBOOKS"]},
            "achievement_summaries": [{"summary_type": "USER_ACHIEVEMENT_TYPE_COMPETITIONS", "tier": "MASTER",
                "total_gold_medals": 3, "rank_current": 63, "rank_highest": 47, "rank_out_of": 200_955}],
        }));
        assert_eq!(read(camel).expect("a profile"), snake);
    }

    #[test]
    fn a_category_without_a_summary_is_not_known() {
        let profile = with(&json!({"progression_opt_out": false, "visibility_settings": {}}));
        assert!(!profile.totals.contains_key(&Category::Discussion));
    }

    #[test]
    fn a_github_name_counts_only_if_github_could_have_given_it() {
        for (said, kept) in [
            (json!("ada-example"), Some("ada-example")),
            (json!(" ada-example "), Some("ada-example")),
            (json!(""), None),
            (json!(null), None),
            (json!("-ada"), None),
            (json!("https://github.com/ada-example"), None),
            (json!("ada\u{202E}example"), None),
            (json!("settings"), None),
        ] {
            let profile = with(&json!({"git_hub_user_name": said}));
            assert_eq!(profile.github.as_deref(), kept, "{said}");
        }
    }

    #[test]
    fn what_is_no_profile_is_told_without_its_content() {
        for (text, why) in [
            (
                "",
                "the profile has another shape: cut off at line 1, column 0",
            ),
            (
                "[]",
                "the profile has another shape: an unexpected value at line 1, column 2",
            ),
            (
                "{\"user_name\": \"ada-exam",
                "the profile has another shape: cut off at line 1, column 23",
            ),
            ("{}", "the profile names no user"),
            ("{\"user_name\": \"\\u0007 \"}", "the profile names no user"),
        ] {
            assert_eq!(
                read(text).map_err(|error| error.to_string()),
                Err(why.to_owned()),
                "{text}"
            );
        }
    }
}
