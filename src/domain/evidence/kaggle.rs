//! From what Kaggle says to evidence.
//!
//! A medal that the data set names the competition of is a line with its URL. What a category's total counts
//! beyond those lines is one further line, marked as a total: neither its dates nor its teams are known, so the
//! rubric's factor for that stands in their place. The same medal never counts twice: a total is lessened, metal
//! by metal, by the lines. Medals in a category without weight are a line of 0 points, so that nobody asks whether
//! they were seen.

use jiff::{Timestamp, civil::Date};

use super::{Judge, Valued, factors, midnight};
use crate::domain::facts::{
    Category, CompetitionResult, KaggleFacts, Medal, MedalCount, Provenance,
};
use crate::domain::rubric::Kaggle;

impl Judge<'_> {
    /// Evidence of the component `kaggle`. The base is Kaggle's own address.
    pub fn kaggle(&self, facts: &KaggleFacts) -> Vec<Valued> {
        let told = facts.competitions_from.unwrap_or(facts.totals_from);
        let mut evidence: Vec<Valued> = facts
            .competitions
            .iter()
            .filter(|result| {
                result
                    .date
                    .is_none_or(|date| self.has_happened(day_of(date)))
            })
            .filter_map(|result| Some(self.competition(result, result.medal?, told)))
            .collect();
        let totals = Category::ALL.into_iter();
        evidence.extend(totals.filter_map(|category| self.total(facts, category)));
        evidence
    }

    /// A medal whose competition is known.
    fn competition(&self, result: &CompetitionResult, medal: Medal, told: Provenance) -> Valued {
        let rubric = &self.rubric.kaggle;
        let date = result.date.map(day_of);
        let age = match date {
            Some(date) => ("recency", self.recency(date, rubric.half_life_years)),
            None => ("undated", rubric.undated),
        };
        Valued {
            url: format!("{}/competitions/{}/leaderboard", self.base, result.slug),
            title: title(result, medal),
            kind: "kaggle.medal",
            project: Some(result.slug.clone()),
            date: date.unwrap_or(told.as_of),
            fetched_at: told.as_of,
            factors: factors([
                ("weight", rubric.medal(medal)),
                ("category", rubric.category(Category::Competitions)),
                ("team", 1.0 / f64::from(result.team_size.max(1)).sqrt()),
                age,
            ]),
        }
    }

    /// What a category's medals are beyond those with a line of their own.
    fn total(&self, facts: &KaggleFacts, category: Category) -> Option<Valued> {
        let rubric = &self.rubric.kaggle;
        let rest = beyond_the_lines(facts, category)?;
        let told = facts.medals_from.get(&category);
        let told = told.copied().unwrap_or(facts.totals_from);
        let weight: f64 = Medal::ALL
            .into_iter()
            .map(|medal| rubric.medal(medal) * f64::from(rest.of(medal)))
            .sum();
        let what = match category {
            Category::Competitions => "competitions, not known which",
            Category::Datasets => "data sets",
            Category::Notebooks => "notebooks",
            Category::Discussion => "discussion",
        };
        let area = match category {
            Category::Competitions => "competitions",
            Category::Datasets => "datasets",
            Category::Notebooks => "code",
            Category::Discussion => "discussion",
        };
        Some(Valued {
            url: format!("{}/{}/{area}", self.base, facts.user_name),
            title: format!("total in {what}: {}", in_words(rest, rubric)),
            kind: "kaggle.total",
            project: None,
            date: told.as_of,
            fetched_at: told.as_of,
            factors: factors([
                ("weight", weight),
                ("category", rubric.category(category)),
                ("undated", rubric.undated),
            ]),
        })
    }
}

/// The medals of a category less those that a line names the competition of; `None` when there are none.
fn beyond_the_lines(facts: &KaggleFacts, category: Category) -> Option<MedalCount> {
    let all = *facts.medals.get(&category)?;
    let mut named = MedalCount::default();
    if category == Category::Competitions {
        let medals = facts.competitions.iter().filter_map(|result| result.medal);
        medals.for_each(|medal| named.add(medal));
    }
    let rest = MedalCount {
        gold: all.gold.saturating_sub(named.gold),
        silver: all.silver.saturating_sub(named.silver),
        bronze: all.bronze.saturating_sub(named.bronze),
    };
    (rest.all() > 0).then_some(rest)
}

/// `Gold, place 3 of 1400 teams, in a team of 2: RSNA Hip Fractures`. What counts stands first, since long titles
/// are cut where there is no room.
fn title(result: &CompetitionResult, medal: Medal) -> String {
    let colour = match medal {
        Medal::Gold => "Gold",
        Medal::Silver => "Silver",
        Medal::Bronze => "Bronze",
    };
    let name = if result.title.is_empty() {
        &result.slug
    } else {
        &result.title
    };
    let place = match (result.rank, result.teams) {
        (Some(rank), Some(teams)) => format!(", place {rank} of {teams} teams"),
        (Some(rank), None) => format!(", place {rank}"),
        (None, _) => String::new(),
    };
    let board = if result.rank.is_some() && result.rank_is_public {
        " (public leaderboard)"
    } else {
        ""
    };
    let team = match result.team_size {
        0 | 1 => "alone".to_owned(),
        size => format!("in a team of {size}"),
    };
    let undated = if result.date.is_none() {
        ", date not known"
    } else {
        ""
    };
    format!("{colour}{place}{board}, {team}{undated}: {name}")
}

/// `2 gold × 4 + 1 bronze × 1`: how the weight of a total comes about.
fn in_words(counted: MedalCount, rubric: &Kaggle) -> String {
    let parts: Vec<String> = Medal::ALL
        .into_iter()
        .filter(|medal| counted.of(*medal) > 0)
        .map(|medal| {
            format!(
                "{} {} × {}",
                counted.of(medal),
                medal.name(),
                rubric.medal(medal)
            )
        })
        .collect();
    parts.join(" + ")
}

/// Noon of a day: a medal has a day and no hour.
fn day_of(day: Date) -> Timestamp {
    midnight(day) + jiff::SignedDuration::from_hours(12)
}
