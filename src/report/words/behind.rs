//! The raw numbers behind a factor: lines, stars, age, members of a team, as far as facts and rubric tell them.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::super::{explain::number, terminal::clean};
use crate::domain::{
    facts::{CompetitionResult, GitHubFacts, OwnRepository, PullRequest},
    profile::Profile,
    review::Found,
    rubric::Rubric,
    score::Evidence,
};

/// A factor of a value, in words.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Factor {
    /// What it is called.
    pub(in crate::report) name: String,
    /// The number.
    pub(in crate::report) value: String,
    /// Where the number comes from; empty when neither facts nor rubric tell.
    pub(in crate::report) from: String,
}

/// Hours in a mean year; the score's own.
const HOURS_PER_YEAR: f64 = 8_766.0;

/// The factors of a piece of evidence: what lies in the rubric first, then what was seen, in a fixed order.
pub(in crate::report) fn factors(
    evidence: &Evidence,
    profile: &Profile,
    rubric: Option<&Rubric>,
) -> Vec<Factor> {
    let behind = Behind::of(evidence, profile, rubric);
    let mut named: Vec<(&String, &f64)> = evidence.value.factors.iter().collect();
    named.sort_by_key(|(name, _)| {
        let place = ORDER.iter().position(|known| known == name);
        (place.unwrap_or(ORDER.len()), name.as_str())
    });
    named
        .into_iter()
        .map(|(name, value)| Factor {
            name: super::factor(name).into_owned(),
            value: number(*value),
            from: behind.told(name, *value).unwrap_or_default(),
        })
        .collect()
}

/// The order in which factors are told.
const ORDER: [&str; 16] = [
    "weight",
    "project",
    "category",
    "amount",
    "count",
    "mean_value",
    "share",
    "commits",
    "activity",
    "size",
    "stars",
    "language",
    "team",
    "self_merged",
    "undated",
    "recency",
];

/// What there is to look numbers up in.
struct Behind<'a> {
    evidence: &'a Evidence,
    as_of: Date,
    rubric: Option<&'a Rubric>,
    github: Option<&'a GitHubFacts>,
    pull_request: Option<&'a PullRequest>,
    repository: Option<&'a OwnRepository>,
    competition: Option<&'a CompetitionResult>,
    found: Option<&'a Found>,
}

impl<'a> Behind<'a> {
    fn of(evidence: &'a Evidence, profile: &'a Profile, rubric: Option<&'a Rubric>) -> Self {
        let github = profile.sources.github.as_ref();
        let github = github.and_then(|one| one.lookup.found());
        let kaggle = profile.sources.kaggle.as_ref();
        let kaggle = kaggle.and_then(|one| one.lookup.found());
        let of_kind = |kind: &str| evidence.kind == kind;
        let is_pull_request = of_kind("open_source.landed") || of_kind("open_source.elsewhere");
        Self {
            evidence,
            as_of: profile.as_of,
            rubric,
            pull_request: github.filter(|_| is_pull_request).and_then(|facts| {
                facts
                    .pull_requests
                    .iter()
                    .find(|one| one.url == evidence.url)
            }),
            repository: github
                .filter(|_| of_kind("own_code.repository"))
                .and_then(|facts| {
                    facts
                        .repositories
                        .iter()
                        .find(|one| one.url == evidence.url)
                }),
            competition: kaggle
                .filter(|_| of_kind("kaggle.medal"))
                .and_then(|facts| {
                    let slug = evidence.project.as_deref()?;
                    facts.competitions.iter().find(|one| one.slug == slug)
                }),
            found: profile.review.standing_evidence().find(|one| {
                of_kind("reviewed.found")
                    && one.url == evidence.url
                    && evidence.title.contains(&one.reason)
            }),
            github,
        }
    }

    /// Where the factor comes from.
    fn told(&self, name: &str, value: f64) -> Option<String> {
        match name {
            "weight" => self.weight(),
            "project" => Some(format!(
                "{} in the rubric",
                clean(self.evidence.project.as_deref()?)
            )),
            "size" => self.size(),
            "stars" => self.stars(),
            "recency" => self.age(),
            "self_merged" => Some(match self.pull_request?.merged_by_self {
                Some(true) => "the applicant merged it".to_owned(),
                _ => "it is not known that anybody else merged it".to_owned(),
            }),
            "share" => {
                let repository = self.repository?;
                Some(format!(
                    "{} of {} commits",
                    thousands(repository.own_commits?),
                    thousands(repository.commits?)
                ))
            }
            "commits" => {
                let own = self.repository?.own_commits?;
                let cap = self.rubric.map(|rubric| rubric.own_code.commits_cap);
                Some(logarithm(own, cap, "own commits"))
            }
            "language" => {
                let language = self.repository?.language.as_deref();
                Some(language.map_or_else(
                    || "language not known".to_owned(),
                    |language| clean(language).into_owned(),
                ))
            }
            "activity" => self.activity(),
            "category" => Some(match self.evidence.kind.as_str() {
                "kaggle.medal" => "competitions".to_owned(),
                _ => self
                    .evidence
                    .url
                    .rsplit('/')
                    .next()
                    .map(|area| match area {
                        "code" => "notebooks".to_owned(),
                        area => clean(area).into_owned(),
                    })?,
            }),
            "team" => Some(match self.competition?.team_size {
                0 | 1 => "alone".to_owned(),
                size => format!("1 ÷ √{size}, a team of {size}"),
            }),
            "undated" => Some("in place of team and age, which are not known".to_owned()),
            "amount" => Some(format!("{} of it", self.found?.amount)),
            "count" => Some("how many".to_owned()),
            "mean_value" => Some("what one of them is worth on average".to_owned()),
            flag if flag.starts_with("flag_") => {
                (value < 1.0).then(|| "the rubric weighs this flag".to_owned())
            }
            _ => None,
        }
    }

    fn weight(&self) -> Option<String> {
        Some(match self.evidence.kind.as_str() {
            "open_source.landed" => "a landed pull request".to_owned(),
            "open_source.elsewhere" => "a pull request elsewhere".to_owned(),
            "open_source.commits" => "a further commit".to_owned(),
            "open_source.reviews" => "a review".to_owned(),
            "own_code.repository" => "a repository".to_owned(),
            "sustained.year" => "a year".to_owned(),
            "kaggle.medal" => format!("a {} medal", self.competition?.medal?.name()),
            "kaggle.total" => self.medals_of_total()?,
            "reviewed.found" => clean(&self.found?.kind).replace('_', " "),
            _ => return None,
        })
    }

    /// `2 gold × 4 + 1 bronze × 1`, as the title tells it.
    fn medals_of_total(&self) -> Option<String> {
        let (_, sum) = self.evidence.title.rsplit_once(": ")?;
        sum.contains(" × ").then(|| clean(sum).into_owned())
    }

    fn size(&self) -> Option<String> {
        let one = self.pull_request?;
        let Some(lines) = one.lines else {
            return Some("size not known, so it counts as trivial".to_owned());
        };
        let changed = format!(
            "{} {} changed",
            thousands(lines),
            if lines == 1 { "line" } else { "lines" }
        );
        if one.docs_only == Some(true) {
            return Some(format!("{changed}, documentation alone: trivial"));
        }
        let Some(rubric) = self.rubric else {
            return Some(changed);
        };
        let sizes = &rubric.sizes;
        Some(if lines <= sizes.trivial_up_to {
            format!("{changed}: trivial, up to {}", sizes.trivial_up_to)
        } else if lines >= sizes.substantial_from {
            format!("{changed}: substantial, from {}", sizes.substantial_from)
        } else {
            format!("{changed}: ordinary")
        })
    }

    fn stars(&self) -> Option<String> {
        let stars = match (self.pull_request, self.repository) {
            (Some(one), _) => one.stars,
            (None, Some(one)) => Some(one.stars),
            (None, None) => return None,
        };
        let Some(stars) = stars else {
            return Some("not known, so the least".to_owned());
        };
        let rubric = self.rubric.map(|rubric| &rubric.stars);
        let text = logarithm(stars, rubric.map(|stars| stars.cap), "stars");
        Some(match rubric {
            Some(rubric) => format!("{text}, at least {}", number(rubric.floor)),
            None => text,
        })
    }

    fn activity(&self) -> Option<String> {
        let facts = self.github?;
        let (_, totals) = facts
            .years
            .iter()
            .find(|(year, _)| self.evidence.title.starts_with(&format!("{year}:")))?;
        let public = thousands(totals.public());
        Some(match self.rubric {
            Some(rubric) => format!(
                "{public} contributions ÷ {}, at most 1",
                thousands(rubric.sustained.full_year)
            ),
            None => format!("{public} contributions"),
        })
    }

    /// `1.25 years, half after 5`.
    fn age(&self) -> Option<String> {
        let end = self.as_of.checked_add(1.day()).ok()?;
        let end: Timestamp = end.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let hours = end.duration_since(self.evidence.date).as_secs_f64() / 3_600.0;
        // Five decimals of a year are five minutes.
        let years = number(((hours / HOURS_PER_YEAR).max(0.0) * 1e5).round() / 1e5);
        let half = self.half_life();
        Some(match half {
            Some(half) => format!("½ to the power of {years} years ÷ {}", number(half)),
            None => format!("{years} years ago"),
        })
    }

    fn half_life(&self) -> Option<f64> {
        let rubric = self.rubric?;
        let (component, _) = self.evidence.kind.split_once('.')?;
        half_life(rubric, component)
    }
}

/// The years after which a component's evidence counts half.
pub(in crate::report) fn half_life(rubric: &Rubric, component: &str) -> Option<f64> {
    Some(match component {
        "open_source" => rubric.open_source.half_life_years,
        "kaggle" => rubric.kaggle.half_life_years,
        "own_code" => rubric.own_code.half_life_years,
        "sustained" => rubric.sustained.half_life_years,
        "reviewed" => rubric.reviewed.half_life_years,
        _ => return None,
    })
}

/// `ln(1 + 1,200) ÷ ln(1 + 50,000), 1,200 stars`.
fn logarithm(count: u32, cap: Option<u32>, what: &str) -> String {
    let counted = thousands(count);
    match cap {
        Some(cap) if count >= cap => format!("{counted} {what}, {} or more", thousands(cap)),
        Some(cap) => format!(
            "{counted} {what}: ln(1 + {counted}) ÷ ln(1 + {})",
            thousands(cap)
        ),
        None => format!("{counted} {what}"),
    }
}

/// `12,345`.
pub(in crate::report) fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted_by_commas() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (50_000, "50,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), expected);
        }
    }

    #[test]
    fn a_logarithm_says_its_formula_and_stops_at_the_cap() {
        assert_eq!(
            logarithm(1_200, Some(50_000), "stars"),
            "1,200 stars: ln(1 + 1,200) ÷ ln(1 + 50,000)"
        );
        assert_eq!(
            logarithm(200, Some(200), "own commits"),
            "200 own commits, 200 or more"
        );
        assert_eq!(logarithm(7, None, "stars"), "7 stars");
    }
}
