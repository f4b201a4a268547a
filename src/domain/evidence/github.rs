//! From what GitHub says to evidence.
//!
//! The same work never counts twice. In a watched project a landed pull request is a line; the commits that
//! the default branch holds beyond the landed and the reverted pull requests are one further line. The rule
//! counts a pull request as one commit: one that was merged with several commits of its own leaves the rest
//! to the further line, at the lower weight of a commit. That is its error, at most the number of those
//! commits times that weight. The further line bears the date of the newest commit, because GitHub tells how
//! many there are and not when each was made, so older ones among them are valued as if they were new.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::{FLAG, Judge, Valued, commits_url, factors, midnight};
use crate::domain::facts::{GitHubFacts, OwnRepository, ProjectFacts, PullRequest, YearTotals};

/// Lines that a project's pull requests take at most; the older ones become one line a year.
pub const LINES_PER_PROJECT: usize = 100;

impl Judge<'_> {
    /// Evidence of the component `open_source`.
    pub fn open_source(&self, facts: &GitHubFacts) -> Vec<Valued> {
        let mut evidence = self.landed(facts);
        evidence.extend(self.further_commits(facts));
        evidence.extend(self.reviews(facts));
        evidence
    }

    /// Evidence of the component `own_code`.
    pub fn own_code(&self, facts: &GitHubFacts) -> Vec<Valued> {
        let owned = facts.repositories.iter();
        owned
            .filter(|repository| self.has_happened(repository.created_at))
            .filter_map(|repository| self.repository(repository))
            .map(|valued| self.weighed_by_flags(valued))
            .collect()
    }

    /// Evidence of the component `sustained`.
    pub fn sustained(&self, facts: &GitHubFacts) -> Vec<Valued> {
        let rubric = &self.rubric.sustained;
        let years = facts.years.iter().filter(|(_, totals)| totals.public() > 0);
        years
            .filter_map(|(year, totals)| {
                let (date, url) = self.year(facts, *year)?;
                let share = f64::from(totals.public()) / f64::from(rubric.full_year);
                let title = format!("{year}: {} public contributions", totals.public());
                Some(Valued {
                    url,
                    title,
                    fetched_at: self.fetched_at,
                    kind: "sustained.year",
                    project: None,
                    date,
                    factors: factors([
                        ("weight", rubric.year),
                        ("activity", share.min(1.0)),
                        ("recency", self.recency(date, rubric.half_life_years)),
                    ]),
                })
            })
            .collect()
    }

    /// Landed pull requests: a line each, and of more than a hundred in a project the oldest by year.
    fn landed(&self, facts: &GitHubFacts) -> Vec<Valued> {
        let mut by_project: BTreeMap<&str, Vec<(&PullRequest, Valued)>> = BTreeMap::new();
        let landed = facts.pull_requests.iter();
        for one in landed.filter(|one| self.has_happened(one.landed_at)) {
            let valued = self.weighed_by_flags(self.pull_request(one));
            by_project
                .entry(&one.project)
                .or_default()
                .push((one, valued));
        }
        let mut evidence = Vec::new();
        for (project, mut lines) in by_project {
            lines.sort_by(|(left, _), (right, _)| {
                right
                    .landed_at
                    .cmp(&left.landed_at)
                    .then_with(|| left.url.cmp(&right.url))
            });
            let older = lines.split_off(lines.len().min(LINES_PER_PROJECT));
            evidence.extend(lines.into_iter().map(|(_, valued)| valued));
            evidence.extend(self.by_year(project, facts, &older));
        }
        evidence
    }

    fn pull_request(&self, one: &PullRequest) -> Valued {
        let rubric = &self.rubric.open_source;
        let mut parts = vec![
            ("size", self.size(one)),
            (
                "recency",
                self.recency(one.landed_at, rubric.half_life_years),
            ),
        ];
        if one.watched {
            let weight = self.rubric.weight_of(&one.project);
            parts.extend([("weight", rubric.landed), ("project", weight)]);
        } else {
            parts.extend([
                ("weight", rubric.elsewhere),
                ("stars", self.stars(one.stars)),
            ]);
            // Only a merge by somebody else is proof that somebody else wanted it.
            if one.merged_by_self != Some(false) {
                parts.push(("self_merged", rubric.self_merged));
            }
        }
        Valued {
            url: one.url.clone(),
            title: one.title.clone(),
            fetched_at: self.fetched_at,
            kind: if one.watched {
                "open_source.landed"
            } else {
                "open_source.elsewhere"
            },
            project: Some(one.project.clone()),
            date: one.landed_at,
            factors: factors(parts),
        }
    }

    /// One line a year for the pull requests beyond a project's first hundred.
    fn by_year(
        &self,
        project: &str,
        facts: &GitHubFacts,
        older: &[(&PullRequest, Valued)],
    ) -> Vec<Valued> {
        let mut years: BTreeMap<i16, Vec<&Valued>> = BTreeMap::new();
        for (one, valued) in older {
            years
                .entry(year_of(one.landed_at))
                .or_default()
                .push(valued);
        }
        let line = |(year, lines): (i16, Vec<&Valued>)| {
            let newest = lines.first()?;
            #[expect(clippy::cast_precision_loss, reason = "a list holds 20,000 at most")]
            let count = lines.len() as f64;
            let sum: f64 = lines
                .iter()
                .map(|valued| valued.total_without_flags())
                .sum();
            let weighed: f64 = lines.iter().map(|valued| valued.total()).sum();
            let mut parts = factors([("count", count), ("mean_value", sum / count)]);
            if weighed < sum {
                // What the flags leave of the year's sum.
                parts.insert(format!("{FLAG}share"), weighed / sum);
            }
            Some(Valued {
                url: format!(
                    "{}/{project}/pulls?q=is%3Apr+author%3A{}+closed%3A{year}-01-01..{year}-12-31",
                    self.base, facts.login
                ),
                title: format!("{} further pull requests in {year}", lines.len()),
                fetched_at: self.fetched_at,
                kind: newest.kind,
                project: Some(project.to_owned()),
                date: newest.date,
                factors: parts,
            })
        };
        years.into_iter().filter_map(line).collect()
    }

    /// Commits in watched projects beyond the pull requests.
    fn further_commits(&self, facts: &GitHubFacts) -> Vec<Valued> {
        let rubric = &self.rubric.open_source;
        let line = |project: &ProjectFacts| {
            let pull_requests = project.merged + project.landed + project.reverted;
            let further = project
                .commits?
                .checked_sub(pull_requests)
                .filter(|more| *more > 0)?;
            let date = project.newest_commit?;
            let weight = self.rubric.weight_of(&project.name);
            let what = if further == 1 { "commit" } else { "commits" };
            Some(Valued {
                url: commits_url(self.base, &project.name, &facts.login),
                title: format!("{further} {what} beyond the landed pull requests"),
                fetched_at: self.fetched_at,
                kind: "open_source.commits",
                project: Some(project.name.clone()),
                date,
                factors: factors([
                    ("weight", rubric.commit),
                    ("project", weight),
                    ("count", f64::from(further)),
                    ("recency", self.recency(date, rubric.half_life_years)),
                ]),
            })
        };
        let lines = facts.projects.iter().filter_map(line);
        lines.map(|valued| self.weighed_by_flags(valued)).collect()
    }

    /// Reviews, a line a year.
    fn reviews(&self, facts: &GitHubFacts) -> Vec<Valued> {
        let rubric = &self.rubric.open_source;
        let reviewed = |(_, totals): &(&i16, &YearTotals)| totals.reviews > 0;
        let line = |(year, totals): (&i16, &YearTotals)| {
            let (date, url) = self.year(facts, *year)?;
            Some(Valued {
                url,
                title: format!("{} reviews in {year}", totals.reviews),
                fetched_at: self.fetched_at,
                kind: "open_source.reviews",
                project: None,
                date,
                factors: factors([
                    ("weight", rubric.review),
                    ("count", f64::from(totals.reviews)),
                    ("recency", self.recency(date, rubric.half_life_years)),
                ]),
            })
        };
        facts
            .years
            .iter()
            .filter(reviewed)
            .filter_map(line)
            .collect()
    }

    fn repository(&self, repository: &OwnRepository) -> Option<Valued> {
        let rubric = &self.rubric.own_code;
        let (all, own) = (repository.commits?, repository.own_commits?);
        if all == 0 || own == 0 {
            return None;
        }
        let date = repository.pushed_at.unwrap_or(repository.created_at);
        let language = repository.language.as_ref();
        let known = language.and_then(|language| rubric.languages.get(language));
        Some(Valued {
            url: repository.url.clone(),
            title: format!("{own} of {all} commits"),
            fetched_at: self.fetched_at,
            kind: "own_code.repository",
            project: Some(repository.name.clone()),
            date,
            factors: factors([
                ("weight", rubric.repository),
                ("share", f64::from(own.min(all)) / f64::from(all)),
                ("commits", by_logarithm(own, rubric.commits_cap)),
                ("stars", self.stars(Some(repository.stars))),
                ("language", known.copied().unwrap_or(rubric.other_language)),
                ("recency", self.recency(date, rubric.half_life_years)),
            ]),
        })
    }

    fn size(&self, one: &PullRequest) -> f64 {
        let sizes = &self.rubric.sizes;
        match one.lines {
            Some(lines) if one.docs_only != Some(true) && lines > sizes.trivial_up_to => {
                if lines >= sizes.substantial_from {
                    sizes.substantial
                } else {
                    sizes.ordinary
                }
            }
            _ => sizes.trivial,
        }
    }

    fn stars(&self, stars: Option<u32>) -> f64 {
        let known = stars.map_or(0.0, |stars| by_logarithm(stars, self.rubric.stars.cap));
        known.max(self.rubric.stars.floor)
    }

    /// When a year's activity counts as having happened: its end, or today; and where it can be seen.
    /// `None` for a year that had not begun.
    fn year(&self, facts: &GitHubFacts, year: i16) -> Option<(Timestamp, String)> {
        if year > self.as_of.year() {
            return None;
        }
        let end = midnight(Date::new(year.checked_add(1)?, 1, 1).ok()?);
        let url = format!(
            "{}/{}?tab=overview&from={year}-01-01&to={year}-12-31",
            self.base, facts.login
        );
        // The last second of the year, or of the day: midnight would read as the day after.
        let last = end.min(self.end_of_day()) - SignedDuration::from_secs(1);
        Some((last, url))
    }
}

/// `log(1 + count) / log(1 + cap)`, at most 1.
fn by_logarithm(count: u32, cap: u32) -> f64 {
    (f64::from(count).ln_1p() / f64::from(cap).ln_1p()).min(1.0)
}

fn year_of(date: Timestamp) -> i16 {
    date.to_zoned(TimeZone::UTC).year()
}
