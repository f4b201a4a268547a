//! How long the applicants for a role are kept, and what follows from that on a given day: pure.
//!
//! Days are days in UTC. Nobody is erased unless a warning has stood for as long as the settings say.

use jiff::fmt::friendly::{Designator, Spacing, SpanPrinter};
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// How long the applicants for a role are kept.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The last day on which somebody can apply; `None`: nobody has said, and the applicants are kept without end.
    pub closes: Option<Date>,
    /// How long they are kept from that day on.
    pub keep_for: Span,
    /// How long a warning stands before anybody is erased.
    pub warn_before: Span,
    /// Whether they are erased at all, or only warned of.
    pub erase: bool,
}

/// A warning that was given. It holds for the closing date and the end of then: when either is another one, a new
/// warning is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The closing date of then.
    pub closes: Date,
    /// The end of the retention of then.
    pub ends_on: Date,
    /// When it was given.
    pub warned_at: Timestamp,
}

/// What is to be done about the applicants for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing, ever: there is no closing date (or an end that no calendar holds).
    WithoutEnd,
    /// Nothing yet.
    Nothing {
        /// From when on a warning is due.
        warns_on: Date,
        /// When the retention ends.
        ends_on: Date,
    },
    /// A warning is due.
    Warn {
        /// The closing date.
        closes: Date,
        /// When the retention ends.
        ends_on: Date,
        /// The first day on which they are erased: never before a warning of today has stood long enough.
        erases_on: Date,
    },
    /// A warning stands, and its time has not come.
    Warned {
        /// When the retention ends.
        ends_on: Date,
        /// The first day on which they are erased.
        erases_on: Date,
    },
    /// They are to be erased.
    Erase {
        /// When the retention ended.
        ends_on: Date,
    },
    /// The retention is over, a warning has stood, and the settings say that a person erases.
    Over {
        /// When the retention ended.
        ends_on: Date,
    },
}

/// What is to be done at `now`, when `warning` was the last one given.
#[must_use]
pub fn decide(terms: &Terms, warning: Option<&Warning>, now: Timestamp) -> Decision {
    let Some((closes, ends_on)) = end(terms) else {
        return Decision::WithoutEnd;
    };
    let today = now.to_zoned(TimeZone::UTC).date();
    let warns_on = ends_on.checked_sub(terms.warn_before).unwrap_or(Date::MIN);
    let standing = warning.filter(|one| one.closes == closes && one.ends_on == ends_on);
    let Some(standing) = standing else {
        return if today < warns_on {
            Decision::Nothing { warns_on, ends_on }
        } else {
            Decision::Warn {
                closes,
                ends_on,
                erases_on: ends_on.max(day(stood_enough(now, terms.warn_before))),
            }
        };
    };
    let from = stood_enough(standing.warned_at, terms.warn_before);
    if today < ends_on || now < from {
        return Decision::Warned {
            ends_on,
            erases_on: ends_on.max(day(from)),
        };
    }
    if terms.erase {
        Decision::Erase { ends_on }
    } else {
        Decision::Over { ends_on }
    }
}

/// A length of time in whole words: `6 months`.
#[must_use]
pub fn spoken(span: Span) -> String {
    SpanPrinter::new()
        .designator(Designator::Verbose)
        .spacing(Spacing::BetweenUnitsAndDesignators)
        .span_to_string(&span)
}

/// The closing date and the end of the retention, if there are such.
fn end(terms: &Terms) -> Option<(Date, Date)> {
    let closes = terms.closes?;
    Some((closes, closes.checked_add(terms.keep_for).ok()?))
}

/// When a warning of `warned_at` has stood long enough.
fn stood_enough(warned_at: Timestamp, warn_before: Span) -> Timestamp {
    let later = warned_at.to_zoned(TimeZone::UTC).checked_add(warn_before);
    later.map_or(Timestamp::MAX, |later| later.timestamp())
}

/// The day (UTC) of a moment.
fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(closes: Option<&str>) -> Terms {
        Terms {
            closes: closes.map(|day| day.parse().unwrap()),
            keep_for: "6 months".parse().unwrap(),
            warn_before: "14 days".parse().unwrap(),
            erase: true,
        }
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn warned(closes: &str, ends_on: &str, at: &str) -> Warning {
        Warning {
            closes: date(closes),
            ends_on: date(ends_on),
            warned_at: at.parse().unwrap(),
        }
    }

    #[test]
    fn a_role_is_kept_then_warned_of_then_erased() {
        let closes = "2026-09-30";
        let ends_on = date("2027-03-30");
        let nothing = Decision::Nothing {
            warns_on: date("2027-03-16"),
            ends_on,
        };
        let warn = |erases_on: &str| Decision::Warn {
            closes: date(closes),
            ends_on,
            erases_on: date(erases_on),
        };
        let standing = |erases_on: &str| Decision::Warned {
            ends_on,
            erases_on: date(erases_on),
        };
        let in_time = warned(closes, "2027-03-30", "2027-03-16T02:00:00Z");
        let late = warned(closes, "2027-03-30", "2027-04-10T02:05:00Z");
        for (what, warning, now, expected) in [
            ("open still", None, "2026-08-01T12:00:00Z", nothing),
            ("the night before", None, "2027-03-15T23:59:59Z", nothing),
            (
                "the warning's day",
                None,
                "2027-03-16T00:00:00Z",
                warn("2027-03-30"),
            ),
            // The settings, or the server, came late: it is warned of all the same, and as long.
            (
                "long over, unwarned",
                None,
                "2028-01-01T02:00:00Z",
                warn("2028-01-15"),
            ),
            (
                "warned",
                Some(in_time),
                "2027-03-16T03:00:00Z",
                standing("2027-03-30"),
            ),
            (
                "the last night",
                Some(in_time),
                "2027-03-29T23:59:59Z",
                standing("2027-03-30"),
            ),
            // On the day that the retention ends, the warning has not yet stood for fourteen whole days.
            (
                "two hours short",
                Some(in_time),
                "2027-03-30T00:00:00Z",
                standing("2027-03-30"),
            ),
            (
                "its time",
                Some(in_time),
                "2027-03-30T02:00:00Z",
                Decision::Erase { ends_on },
            ),
            (
                "years later",
                Some(in_time),
                "2031-01-01T00:00:00Z",
                Decision::Erase { ends_on },
            ),
            (
                "warned late",
                Some(late),
                "2027-04-24T02:04:59Z",
                standing("2027-04-24"),
            ),
            (
                "warned late, stood",
                Some(late),
                "2027-04-24T02:05:00Z",
                Decision::Erase { ends_on },
            ),
        ] {
            let now = now.parse().unwrap();
            assert_eq!(
                decide(&terms(Some(closes)), warning.as_ref(), now),
                expected,
                "{what}"
            );
        }
    }

    #[test]
    fn another_closing_date_or_another_end_starts_anew() {
        let now = "2027-04-01T02:00:00Z".parse().unwrap();
        let standing = warned("2026-09-30", "2027-03-30", "2027-03-16T02:00:00Z");
        let ends_on = date("2027-03-30");
        assert_eq!(
            decide(&terms(Some("2026-09-30")), Some(&standing), now),
            Decision::Erase { ends_on }
        );
        // Prolonged.
        assert_eq!(
            decide(&terms(Some("2026-12-31")), Some(&standing), now),
            Decision::Nothing {
                warns_on: date("2027-06-16"),
                ends_on: date("2027-06-30")
            }
        );
        // Moved forward: the warning of another date does not count for this one.
        assert_eq!(
            decide(&terms(Some("2026-09-29")), Some(&standing), now),
            Decision::Warn {
                closes: date("2026-09-29"),
                ends_on: date("2027-03-29"),
                erases_on: date("2027-04-15")
            }
        );
        // Shorter, with the same closing date.
        let shorter = Terms {
            keep_for: "1 month".parse().unwrap(),
            ..terms(Some("2026-09-30"))
        };
        assert_eq!(
            decide(&shorter, Some(&standing), now),
            Decision::Warn {
                closes: date("2026-09-30"),
                ends_on: date("2026-10-30"),
                erases_on: date("2027-04-15")
            }
        );
    }

    #[test]
    fn without_a_closing_date_nobody_is_warned_of_or_erased() {
        let now = "2099-01-01T00:00:00Z".parse().unwrap();
        let standing = warned("2026-09-30", "2027-03-30", "2027-03-16T02:00:00Z");
        assert_eq!(
            decide(&terms(None), Some(&standing), now),
            Decision::WithoutEnd
        );
        let for_ever = Terms {
            keep_for: "9000 years".parse().unwrap(),
            ..terms(Some("2026-09-30"))
        };
        assert_eq!(decide(&for_ever, None, now), Decision::WithoutEnd);
    }

    #[test]
    fn where_a_person_erases_nobody_is_erased() {
        let now = "2028-01-01T00:00:00Z".parse().unwrap();
        let standing = warned("2026-09-30", "2027-03-30", "2027-03-16T02:00:00Z");
        let only_warned = Terms {
            erase: false,
            ..terms(Some("2026-09-30"))
        };
        let ends_on = date("2027-03-30");
        assert_eq!(
            decide(&only_warned, Some(&standing), now),
            Decision::Over { ends_on }
        );
    }

    #[test]
    fn a_month_ends_where_the_calendar_says() {
        let leap = Terms {
            closes: Some(date("2027-08-31")),
            ..terms(None)
        };
        assert_eq!(end(&leap), Some((date("2027-08-31"), date("2028-02-29"))));
    }
}
