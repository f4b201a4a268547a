//! When a refresh runs: a cron expression, read in a time zone.
//!
//! An expression that names hours means times of the day. One that summer time leaves out is made up for at the first
//! moment after the gap; one that comes twice counts the first time. An expression that runs in every hour, or in every
//! so many (its second field begins with `*`), means hours that pass: none is made up for, and both of two that bear the
//! same name count.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron;
use jiff::Timestamp;

use crate::config;

/// The longest that a clock is set forward or back at once. Real zones stay below, but for those that crossed the date
/// line, of which the time of the day is the same.
const LONGEST_SHIFT: Duration = Duration::hours(3);

/// When a refresh runs.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: Cron,
    zone: Tz,
    /// Whether it runs in every hour, or in every so many.
    hourly: bool,
}

/// Why settings are no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what:?} is no {kind}")]
pub struct NoSchedule {
    kind: &'static str,
    what: String,
}

impl Schedule {
    /// The schedule of the settings.
    pub fn of(settings: &config::Refresh) -> Result<Self, NoSchedule> {
        Self::new(&settings.schedule, &settings.time_zone)
    }

    /// Of a cron expression of five fields, and the name of a time zone.
    pub fn new(expression: &str, zone: &str) -> Result<Self, NoSchedule> {
        let no = |kind, what: &str| NoSchedule {
            kind,
            what: what.to_owned(),
        };
        let cron = expression
            .parse()
            .map_err(|_| no("cron expression of five fields", expression))?;
        let hours = expression.split_whitespace().nth(1).unwrap_or_default();
        Ok(Self {
            cron,
            zone: zone.parse().map_err(|_| no("time zone", zone))?,
            hourly: hours.starts_with('*'),
        })
    }

    /// The first time behind `after`. `None`: there is none within the years that are looked at, such as of a 30th of
    /// February.
    #[must_use]
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let after = DateTime::from_timestamp(after.as_second(), 0)?;
        let begin = after.with_timezone(&self.zone).naive_local() - LONGEST_SHIFT;
        // The expression is about what clocks on the wall show, which is counted here as if it were UTC.
        let mut shown = self.shown(begin, true)?;
        let mut first: Option<(NaiveDateTime, DateTime<Utc>)> = None;
        loop {
            if let Some((found, _)) = first
                && shown > found + LONGEST_SHIFT
            {
                break;
            }
            for moment in self.moments(shown) {
                if moment > after && first.is_none_or(|(_, earlier)| moment < earlier) {
                    let found = first.map_or(shown, |(found, _)| found);
                    first = Some((found, moment));
                }
            }
            match self.shown(shown, false) {
                Some(next) => shown = next,
                None => break,
            }
        }
        Timestamp::from_second(first?.1.timestamp()).ok()
    }

    /// What clocks show the next time that the expression means.
    fn shown(&self, from: NaiveDateTime, inclusive: bool) -> Option<NaiveDateTime> {
        let next = self
            .cron
            .find_next_occurrence(&from.and_utc(), inclusive)
            .ok()?;
        Some(next.naive_utc())
    }

    /// The moments that count of those at which clocks show this.
    fn moments(&self, shown: NaiveDateTime) -> Vec<DateTime<Utc>> {
        match self.zone.from_local_datetime(&shown) {
            LocalResult::Single(moment) => vec![moment.to_utc()],
            LocalResult::Ambiguous(first, second) if self.hourly => {
                vec![first.to_utc(), second.to_utc()]
            }
            LocalResult::Ambiguous(first, _) => vec![first.to_utc()],
            LocalResult::None if self.hourly => Vec::new(),
            LocalResult::None => self.after_the_gap(shown).into_iter().collect(),
        }
    }

    /// The first moment after the gap that `shown` is in.
    fn after_the_gap(&self, shown: NaiveDateTime) -> Option<DateTime<Utc>> {
        // Clocks are set at whole minutes.
        let minutes = LONGEST_SHIFT.num_minutes() + 24 * 60;
        (1..=minutes).find_map(|later| {
            let shown = shown + Duration::minutes(later);
            let moment = self.zone.from_local_datetime(&shown).earliest()?;
            Some(moment.to_utc())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is about, the expression, a moment, and the next times behind it.
    type Case = (
        &'static str,
        &'static str,
        &'static str,
        &'static [&'static str],
    );

    /// In Helsinki winter time is UTC+2, summer time UTC+3. On 2027-03-28 the clocks go from 03:00 to 04:00, which is
    /// 01:00 UTC; on 2026-10-25 (and 2027-10-31) from 04:00 back to 03:00, which is 01:00 UTC as well.
    const CASES: &[Case] = &[
        (
            "the night before, of, and after the gap: made up for at once, 04:00",
            "30 3 * * *",
            "2027-03-26T12:00:00Z",
            &[
                "2027-03-27T01:30:00Z",
                "2027-03-28T01:00:00Z",
                "2027-03-29T00:30:00Z",
            ],
        ),
        (
            "at the gap itself",
            "0 3 * * *",
            "2027-03-27T12:00:00Z",
            &["2027-03-28T01:00:00Z", "2027-03-29T00:00:00Z"],
        ),
        (
            "at the end of the gap nothing is left out",
            "0 4 * * *",
            "2027-03-27T12:00:00Z",
            &["2027-03-28T01:00:00Z", "2027-03-29T01:00:00Z"],
        ),
        (
            "several times within the gap are made up for once",
            "*/20 3 * * *",
            "2027-03-27T12:00:00Z",
            &[
                "2027-03-28T01:00:00Z",
                "2027-03-29T00:00:00Z",
                "2027-03-29T00:20:00Z",
            ],
        ),
        (
            "one time in the gap and the same moment after it are one run",
            "0 3,4 * * *",
            "2027-03-27T12:00:00Z",
            &[
                "2027-03-28T01:00:00Z",
                "2027-03-29T00:00:00Z",
                "2027-03-29T01:00:00Z",
            ],
        ),
        (
            "what comes twice counts the first time",
            "30 3 * * *",
            "2026-10-24T12:00:00Z",
            &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        ),
        (
            "also when asked between the two",
            "30 3 * * *",
            "2026-10-25T01:00:00Z",
            &["2026-10-26T01:30:00Z"],
        ),
        (
            "the hour that comes twice begins once",
            "0 3 * * *",
            "2026-10-24T12:00:00Z",
            &["2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z"],
        ),
        (
            "04:00 comes once, after both",
            "0 4 * * *",
            "2026-10-24T12:00:00Z",
            &["2026-10-25T02:00:00Z", "2026-10-26T02:00:00Z"],
        ),
        (
            "a list of hours keeps their order",
            "30 2,3,4 * * *",
            "2026-10-24T12:00:00Z",
            &[
                "2026-10-24T23:30:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-25T02:30:00Z",
                "2026-10-26T00:30:00Z",
            ],
        ),
        (
            "every hour that passes, through the repeated one",
            "0 * * * *",
            "2026-10-24T23:30:00Z",
            &[
                "2026-10-25T00:00:00Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T02:00:00Z",
                "2026-10-25T03:00:00Z",
            ],
        ),
        (
            "every half hour that passes, through the repeated one",
            "*/30 * * * *",
            "2026-10-25T00:00:00Z",
            &[
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T01:30:00Z",
                "2026-10-25T02:00:00Z",
            ],
        ),
        (
            "every hour that passes, over the gap",
            "0 * * * *",
            "2027-03-27T23:30:00Z",
            &[
                "2027-03-28T00:00:00Z",
                "2027-03-28T01:00:00Z",
                "2027-03-28T02:00:00Z",
            ],
        ),
        (
            "every second hour by the clock, over the gap",
            "30 */3 * * *",
            "2027-03-27T22:00:00Z",
            &["2027-03-27T22:30:00Z", "2027-03-28T03:30:00Z"],
        ),
        (
            "the last day of each month, also over a change",
            "0 2 L * *",
            "2027-09-30T12:00:00Z",
            &["2027-10-30T23:00:00Z", "2027-11-30T00:00:00Z"],
        ),
        (
            "months that lack the day are left out",
            "0 2 31 * *",
            "2027-01-31T12:00:00Z",
            &["2027-03-30T23:00:00Z", "2027-05-30T23:00:00Z"],
        ),
        (
            "the 29th of February",
            "0 2 29 2 *",
            "2026-11-24T12:00:00Z",
            &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
        ),
        (
            "Mondays alone",
            "15 2 * * 1",
            "2026-10-24T12:00:00Z",
            &["2026-10-26T00:15:00Z", "2026-11-02T00:15:00Z"],
        ),
        (
            "exactly at a time the next one comes",
            "0 2 * * *",
            "2026-11-24T00:00:00Z",
            &["2026-11-25T00:00:00Z"],
        ),
        ("never", "0 2 30 2 *", "2026-11-24T00:00:00Z", &[]),
    ];

    /// The next times of `expression` in Helsinki behind a moment, as UTC.
    fn times(expression: &str, after: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::new(expression, "Europe/Helsinki").unwrap();
        let mut after: Timestamp = after.parse().unwrap();
        let next = || {
            after = schedule.next(after)?;
            Some(after.to_string())
        };
        std::iter::from_fn(next).take(count).collect()
    }

    #[test]
    fn in_helsinki_every_night_has_one_run_and_every_hour_that_passes_has_one() {
        for (what, expression, after, expected) in CASES {
            assert_eq!(
                times(expression, after, expected.len().max(1)),
                *expected,
                "{what}"
            );
        }
    }

    #[test]
    fn a_year_of_nights_is_a_run_each_and_a_year_of_hours_as_well() {
        let count = |expression: &str| {
            let schedule = Schedule::new(expression, "Europe/Helsinki").unwrap();
            let mut at: Timestamp = "2026-06-30T21:00:00Z".parse().unwrap();
            let end: Timestamp = "2027-06-30T21:00:00Z".parse().unwrap();
            let mut count = 0;
            while let Some(next) = schedule.next(at).filter(|next| *next < end) {
                assert!(next > at, "{next} is not behind {at}");
                (at, count) = (next, count + 1);
            }
            count
        };
        assert_eq!(count("30 3 * * *"), 365);
        assert_eq!(count("7 * * * *"), 365 * 24);
    }

    #[test]
    fn half_hour_shifts_and_zones_without_any_are_right_as_well() {
        // Lord Howe goes from 02:00 to 02:30 on 2026-10-04 (15:30 UTC the day before), and back on 2027-04-04.
        let howe = Schedule::new("15 2 * * *", "Australia/Lord_Howe").unwrap();
        let next = |schedule: &Schedule, after: &str| {
            let next = schedule.next(after.parse().unwrap());
            next.unwrap().to_string()
        };
        assert_eq!(next(&howe, "2026-10-03T00:00:00Z"), "2026-10-03T15:30:00Z");
        let utc = Schedule::new("0 2 * * *", "UTC").unwrap();
        assert_eq!(next(&utc, "2026-10-25T01:59:59Z"), "2026-10-25T02:00:00Z");
    }

    #[test]
    fn what_is_no_schedule_is_told() {
        let told = |expression, zone| Schedule::new(expression, zone).unwrap_err().to_string();
        assert_eq!(
            told("soon", "UTC"),
            r#""soon" is no cron expression of five fields"#
        );
        assert_eq!(
            told("0 2 * * *", "Moon/Tycho"),
            r#""Moon/Tycho" is no time zone"#
        );
    }
}
