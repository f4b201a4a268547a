//! Pictures in figures and tables, as SVG that stretches with the page and whose text does not.
//!
//! Nothing is told by colour alone: what is proven is solid, what is open is hatched, medals have a shape and a letter
//! each.

use askama::{Template, filters::HtmlSafe};
use jiff::civil::Date;

use crate::domain::{facts::Medal, score::Points};

/// An interval: solid up to what is proven, hatched up to what may be.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "bar.html")]
pub(crate) struct Bar {
    /// Shares of the whole, in percent.
    low: String,
    open: String,
    /// The same in words.
    words: String,
}

impl HtmlSafe for Bar {}

impl Bar {
    pub(crate) fn new(low: Points, high: Points, max: Points) -> Self {
        let share = |points: Points| {
            let (points, max) = (points.cents().max(0), max.cents().max(1));
            // In hundredths of a percent, in whole numbers, so that every machine draws the same.
            (points.saturating_mul(10_000) / max).min(10_000)
        };
        let (proven, possible) = (share(low), share(high));
        let words = if low == high {
            format!("{low} of {max} points, all of it known")
        } else {
            format!("{low} of {max} points are proven, up to {high} are possible")
        };
        Self {
            low: hundredths(proven),
            open: hundredths((possible - proven).max(0)),
            words,
        }
    }
}

/// The range of an applicant's rank among all.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "range.html")]
pub(super) struct Range {
    begin: String,
    width: String,
    /// Where the likely range lies.
    likely_begin: String,
    likely_width: String,
    middle: String,
    words: String,
}

impl HtmlSafe for Range {}

impl Range {
    /// `ranks`: the best, the likely best, the rank, the likely worst and the worst, of `all`.
    pub(super) fn new(ranks: [usize; 5], all: usize) -> Self {
        let [best, likely_best, rank, likely_worst, worst] = ranks;
        let at = |place: usize| {
            let hundredths_of = place.saturating_mul(10_000) / all.max(1);
            i64::try_from(hundredths_of.min(10_000)).unwrap_or(10_000)
        };
        let span = |from: usize, to: usize| {
            let begin = at(from.saturating_sub(1));
            (hundredths(begin), hundredths((at(to) - begin).max(0)))
        };
        let (begin, width) = span(best, worst);
        let (likely_begin, likely_width) = span(likely_best, likely_worst);
        Self {
            begin,
            width,
            likely_begin,
            likely_width,
            middle: hundredths(i64::midpoint(at(rank.saturating_sub(1)), at(rank))),
            words: format!(
                "Rank {rank} of {all}; {best} at best and {worst} at worst, in nine of ten draws {likely_best} to {likely_worst}"
            ),
        }
    }
}

/// A plain share, for activity.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "share.html")]
pub(super) struct Share {
    width: String,
}

impl HtmlSafe for Share {}

impl Share {
    pub(super) fn new(part: u32, most: u32) -> Self {
        Self {
            width: hundredths(i64::from(part) * 10_000 / i64::from(most.max(1))),
        }
    }
}

/// Medals by when they were won, a row each metal.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "medals.html")]
pub(super) struct Medals {
    marks: Vec<Mark>,
    years: Vec<Tick>,
    words: String,
}

impl HtmlSafe for Medals {}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    at: String,
    row: u32,
    medal: Medal,
    letter: &'static str,
    /// More than one in the same stretch of time.
    times: usize,
    words: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tick {
    at: String,
    year: i16,
}

/// Stretches into which the chart's time is cut: medals in one of them share a mark, so that none hides another.
const STRETCHES: i64 = 24;

/// Years that are written below the chart, at most.
const YEARS: i16 = 7;

impl Medals {
    /// `None` without a medal that has a date.
    pub(super) fn new(won: &[(Date, Medal)], as_of: Date) -> Option<Self> {
        let first = won.iter().map(|(date, _)| date.year()).min()?;
        let last = won
            .iter()
            .map(|(date, _)| date.year())
            .max()?
            .max(as_of.year());
        let begin = Date::new(first, 1, 1).ok()?;
        let end = Date::new(last.checked_add(1)?, 1, 1).ok()?;
        let days = i64::from((end - begin).get_days()).max(1);
        let place = |date: Date| i64::from((date - begin).get_days()) * 10_000 / days;
        let mut marks: Vec<Mark> = Vec::new();
        for (row, medal) in (0..).zip(Medal::ALL) {
            for stretch in 0..STRETCHES {
                let mut within: Vec<Date> = won
                    .iter()
                    .filter(|(date, metal)| {
                        *metal == medal && place(*date) * STRETCHES / 10_000 == stretch
                    })
                    .map(|(date, _)| *date)
                    .collect();
                within.sort_unstable();
                let (Some(earliest), Some(latest)) = (within.first(), within.last()) else {
                    continue;
                };
                let words = if within.len() == 1 {
                    format!("{}, {earliest}", medal.name())
                } else {
                    format!(
                        "{} × {}, {earliest} to {latest}",
                        within.len(),
                        medal.name()
                    )
                };
                // Away from the edges, where a mark would be cut.
                let middle = (2 * stretch + 1) * 10_000 / (2 * STRETCHES);
                marks.push(Mark {
                    at: hundredths(middle),
                    row: 22 + row * 34,
                    medal,
                    letter: match medal {
                        Medal::Gold => "G",
                        Medal::Silver => "S",
                        Medal::Bronze => "B",
                    },
                    times: within.len(),
                    words,
                });
            }
        }
        let step = ((last - first) / YEARS) + 1;
        let years = (first..=last)
            .step_by(usize::try_from(step).unwrap_or(1))
            .filter_map(|year| {
                let begins = Date::new(year, 1, 1).ok()?;
                Some(Tick {
                    at: hundredths(place(begins)),
                    year,
                })
            })
            .collect();
        let counted = Medal::ALL.map(|medal| {
            let count = won.iter().filter(|(_, metal)| *metal == medal).count();
            format!("{count} {}", medal.name())
        });
        Some(Self {
            marks,
            years,
            words: format!(
                "{} from {first} to {last}; the table below lists each",
                counted.join(", ")
            ),
        })
    }
}

/// `4120` as `41.20`.
fn hundredths(number: i64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_solid_to_what_is_proven_and_open_to_what_may_be() {
        for (low, high, max, solid, open) in [
            (4_120, 5_620, 10_000, "41.20", "15.00"),
            (0, 0, 10_000, "0.00", "0.00"),
            (3_500, 3_500, 3_500, "100.00", "0.00"),
            (20_000, 20_000, 10_000, "100.00", "0.00"),
            (-5, 3, 10_000, "0.00", "0.03"),
            (0, 0, 0, "0.00", "0.00"),
        ] {
            let [low, high, max] = [low, high, max].map(Points::from_cents);
            let bar = Bar::new(low, high, max);
            assert_eq!(
                (bar.low.as_str(), bar.open.as_str()),
                (solid, open),
                "{low}..{high} of {max}"
            );
        }
    }

    #[test]
    fn a_range_covers_its_ranks() {
        let range = Range::new([1, 1, 2, 3, 4], 4);
        assert_eq!(
            (range.begin.as_str(), range.width.as_str()),
            ("0.00", "100.00")
        );
        assert_eq!(
            (range.likely_begin.as_str(), range.likely_width.as_str()),
            ("0.00", "75.00")
        );
        assert_eq!(range.middle, "37.50");
    }

    #[test]
    fn medals_that_are_close_share_a_mark_and_none_is_lost() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let won = [
            (day("2024-03-01"), Medal::Gold),
            (day("2024-03-09"), Medal::Gold),
            (day("2019-01-01"), Medal::Bronze),
            (day("2026-12-31"), Medal::Silver),
        ];
        let chart = Medals::new(&won, day("2026-11-20")).unwrap();
        assert_eq!(
            chart.marks.iter().map(|mark| mark.times).sum::<usize>(),
            won.len()
        );
        assert_eq!(chart.marks.len(), 3);
        assert_eq!(chart.years.first().unwrap().year, 2019);
        assert!(chart.years.len() <= 8, "{:?}", chart.years);
        assert_eq!(Medals::new(&[], day("2026-11-20")), None);
    }
}
