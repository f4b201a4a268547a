//! A profile as Kaggle shows it live: the fields, names and order of the endpoint's answers of September 2026.

use std::fmt::Write;

use jiff::civil::Date;
use serde::Serialize;

use crate::domain::facts::{Category, MedalCount, Tier};

/// Part of every text of a profile that a crawler must not keep: a test can look for it everywhere.
pub const NEVER_KEPT: &str = "never-kept";

/// What Kaggle shows of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The account's number.
    pub user_id: u64,
    /// The user name of today.
    pub user_name: String,
    /// The name that is shown, which may be any text.
    pub display_name: String,
    /// The GitHub account that the person names; empty when none.
    pub github: String,
    /// The person's website; empty when none.
    pub website: String,
    /// When the person joined.
    pub joined: Date,
    /// The highest tier, and what it was reached in.
    pub tier: (Tier, Category),
    /// What is shown of each category.
    pub summaries: Vec<Summary>,
    /// Whether the person left the progression. That there are no summaries then is assumed.
    pub opted_out: bool,
    /// The categories that the person hides. That their summaries are missing is assumed.
    pub hidden: Vec<Category>,
}

/// What Kaggle shows of one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// The category.
    pub category: Category,
    /// The tier.
    pub tier: Tier,
    /// The medals.
    pub medals: MedalCount,
    /// Today's rank.
    pub current: Option<u64>,
    /// The best rank ever.
    pub highest: Option<u64>,
    /// Competitions, notebooks and so on. Count.
    pub results: u64,
}

impl Summary {
    /// People in the category's ranking, as of the samples. Count.
    pub(super) fn out_of(&self) -> u64 {
        match self.category {
            Category::Competitions => 217_542,
            Category::Datasets => 11_794,
            Category::Notebooks => 60_651,
            Category::Discussion => 17_774,
        }
    }

    /// The share of the ranking that is above. 0 to 1.
    pub(super) fn share(&self) -> Option<f64> {
        let above = u32::try_from(self.current?).ok()?;
        let all = u32::try_from(self.out_of()).ok()?;
        Some(f64::from(above) / f64::from(all))
    }
}

/// The endpoint's name of a category.
fn kind(category: Category) -> &'static str {
    match category {
        Category::Competitions => "USER_ACHIEVEMENT_TYPE_COMPETITIONS",
        Category::Datasets => "USER_ACHIEVEMENT_TYPE_DATASETS",
        Category::Notebooks => "USER_ACHIEVEMENT_TYPE_NOTEBOOKS",
        Category::Discussion => "USER_ACHIEVEMENT_TYPE_DISCUSSION",
    }
}

/// Kaggle's name of a tier, in capitals.
pub(super) fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Novice => "NOVICE",
        Tier::Contributor => "CONTRIBUTOR",
        Tier::Expert => "EXPERT",
        Tier::Master => "MASTER",
        Tier::Grandmaster => "GRANDMASTER",
        Tier::Staff => "STAFF",
    }
}

/// The answer's fields. Those that plaudit must never keep are filled, so that a test can look for them.
#[derive(Serialize)]
struct Wire<'p> {
    user_id: u64,
    display_name: &'p str,
    country: String,
    region: String,
    city: String,
    git_hub_user_name: &'p str,
    twitter_user_name: String,
    linked_in_url: String,
    website_url: &'p str,
    occupation: String,
    organization: String,
    bio: String,
    user_last_active: String,
    user_join_date: String,
    performance_tier: &'static str,
    performance_tier_category: &'static str,
    user_avatar_url: String,
    achievement_summaries: Vec<WireSummary>,
    total_users_i_follow: u64,
    user_name: &'p str,
    tagline: String,
    pronouns: String,
    #[serde(skip_serializing_if = "is_zero")]
    total_competitions: u64,
    #[serde(skip_serializing_if = "is_zero")]
    total_discussions: u64,
    badges: [WireBadge; 2],
    visibility_settings: Visibility,
    #[serde(skip_serializing_if = "is_zero")]
    total_active_competitions: u64,
    progression_opt_out: bool,
    location_sharing_opt_out: bool,
    total_write_ups: u64,
}

#[derive(Serialize)]
struct WireSummary {
    tier: &'static str,
    summary_type: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    total_results: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank_percentage: Option<f64>,
    rank_out_of: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank_current: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank_highest: Option<u64>,
    #[serde(skip_serializing_if = "is_none")]
    total_gold_medals: u32,
    #[serde(skip_serializing_if = "is_none")]
    total_silver_medals: u32,
    #[serde(skip_serializing_if = "is_none")]
    total_bronze_medals: u32,
}

#[derive(Serialize)]
struct WireBadge {
    badge: Badge,
    count: u64,
    achieved_time: &'static str,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the wire's")]
struct Badge {
    badge_id: u64,
    name: &'static str,
    description: &'static str,
    image_url: &'static str,
    badge_type: &'static str,
    issued_user_count: u64,
}

/// What is hidden; the names of the sections are assumed.
#[derive(Serialize)]
struct Visibility {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden_sections: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden_achievement_types: Vec<&'static str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

const BADGES: [WireBadge; 2] = [
    WireBadge {
        badge: Badge {
            badge_id: 49,
            name: "1 Year on Kaggle",
            description: "Active on Kaggle for more than 1 year.",
            image_url: "https://storage.example/badges/46.svg?generation=1727468408101916&alt=media",
            badge_type: "REGULAR",
            issued_user_count: 7_112_374,
        },
        count: 1,
        achieved_time: "2026-09-20T14:43:38.903130200Z",
    },
    WireBadge {
        badge: Badge {
            badge_id: 101,
            name: "Kaggle Community Member",
            description: "Joined the Kaggle Community by creating an account.",
            image_url: "https://storage.example/badges/62.svg?generation=1758039755687969&alt=media",
            badge_type: "REGULAR",
            issued_user_count: 33_954_463,
        },
        count: 1,
        achieved_time: "2025-12-20T15:48:35.247145800Z",
    },
];

impl Profile {
    /// The profile as the endpoint writes it: indented JSON, counts of zero left out.
    #[must_use]
    pub fn json(&self) -> String {
        let never_kept = |field: &str| format!("{NEVER_KEPT}-{field}");
        let competitions = self
            .summaries
            .iter()
            .find(|summary| summary.category == Category::Competitions)
            .map_or(0, |summary| summary.results);
        let wire = Wire {
            user_id: self.user_id,
            display_name: &self.display_name,
            country: never_kept("country"),
            region: never_kept("region"),
            city: never_kept("city"),
            git_hub_user_name: &self.github,
            twitter_user_name: never_kept("twitter"),
            linked_in_url: format!("https://www.linkedin.com/in/{NEVER_KEPT}-linkedin"),
            website_url: &self.website,
            occupation: never_kept("occupation"),
            organization: never_kept("organization"),
            bio: format!("{NEVER_KEPT}-bio <b>of & about</b> me\nsecond line"),
            user_last_active: "2026-10-31T20:49:04.020Z".to_owned(),
            user_join_date: format!("{}T10:06:38.253Z", self.joined),
            performance_tier: tier(self.tier.0),
            performance_tier_category: kind(self.tier.1),
            user_avatar_url: format!("https://storage.example/avatars/{NEVER_KEPT}-avatar.png?t=1"),
            achievement_summaries: self.summaries.iter().map(wire_summary).collect(),
            total_users_i_follow: 1,
            user_name: &self.user_name,
            tagline: never_kept("tagline"),
            pronouns: never_kept("pronouns"),
            total_competitions: competitions,
            total_discussions: 1,
            badges: BADGES,
            visibility_settings: Visibility {
                hidden_sections: self.hidden.iter().map(|category| category.name()).collect(),
                hidden_achievement_types: self.hidden.iter().map(|one| kind(*one)).collect(),
            },
            total_active_competitions: competitions.min(1),
            progression_opt_out: self.opted_out,
            location_sharing_opt_out: false,
            total_write_ups: 2,
        };
        // A struct of texts and numbers is JSON.
        serde_json::to_string_pretty(&wire).unwrap_or_default()
    }
}

fn wire_summary(summary: &Summary) -> WireSummary {
    WireSummary {
        tier: tier(summary.tier),
        summary_type: kind(summary.category),
        total_results: summary.results,
        rank_percentage: summary.share(),
        rank_out_of: summary.out_of(),
        rank_current: summary.current,
        rank_highest: summary.highest,
        total_gold_medals: summary.medals.gold,
        total_silver_medals: summary.medals.silver,
        total_bronze_medals: summary.medals.bronze,
    }
}

/// The endpoint's answer: one event that holds JSON-RPC with `text` inside, escaped as the real one does.
pub(super) fn event(text: &str, is_error: bool, id: &serde_json::Value) -> String {
    format!(
        "event: message\ndata: {{\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{}\"}}],\
         \"isError\":{is_error}}},\"id\":{id},\"jsonrpc\":\"2.0\"}}\n\n",
        escaped(text)
    )
}

/// A JSON string's inside, with everything escaped that HTML could take amiss, and all that is not ASCII.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 4);
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('\n') => escaped.push_str("\\n"),
            Some('\r') => escaped.push_str("\\r"),
            Some('\t') => escaped.push_str("\\t"),
            Some('\\') => escaped.push_str("\\\\"),
            Some(letter @ ' '..='~')
                if !matches!(letter, '"' | '&' | '\'' | '<' | '>' | '+' | '`') =>
            {
                escaped.push(letter);
            }
            _ => {
                // Writing to memory does not fail.
                let _ = write!(escaped, "\\u{unit:04X}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_reads_back_the_same() {
        let text = "a \"b\" & <c> 'd' +1 \\ 日本 🩻\n\u{1b}[31m\u{202E}\t";
        let read: String = serde_json::from_str(&format!("\"{}\"", escaped(text))).unwrap();
        assert_eq!(read, text);
        assert!(escaped(text).is_ascii());
    }
}
