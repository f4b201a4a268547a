//! Days as the data set writes them.

use std::sync::LazyLock;

use jiff::{ToSpan, civil::Date};

/// The first day that is known.
const FIRST: Date = jiff::civil::date(2010, 1, 1);
/// Days that are known: until after 2030, when the competitions for beginners end.
const KNOWN: i32 = 8_000;

/// The days in the data set's spelling, made once.
static SPELLED: LazyLock<Vec<[u8; 10]>> = LazyLock::new(|| {
    (0..KNOWN)
        .map(|day| {
            let date = Day(u64::from(day.unsigned_abs())).date();
            let mut spelled = *b"00/00/0000";
            let text = date.strftime("%m/%d/%Y").to_string();
            for (place, letter) in spelled.iter_mut().zip(text.bytes()) {
                *place = letter;
            }
            spelled
        })
        .collect()
});

/// A day, counted from 2010-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::standin::kaggle) struct Day(pub(in crate::standin::kaggle) u64);

impl Day {
    /// The day of a date from 2010 on; an earlier one counts as the first.
    pub(in crate::standin::kaggle) fn of(date: Date) -> Self {
        let days = FIRST.until(date).map_or(0, |span| span.get_days());
        Self(u64::try_from(days).unwrap_or_default())
    }

    /// The date.
    pub(in crate::standin::kaggle) fn date(self) -> Date {
        let days = i64::try_from(self.0).unwrap_or(i64::MAX);
        FIRST
            .checked_add(days.days())
            .unwrap_or(jiff::civil::Date::MAX)
    }

    /// `MM/DD/YYYY`. A day that is not known is spelled as the last one that is.
    pub(super) fn spelled(self) -> &'static [u8; 10] {
        let spelled = &*SPELLED;
        let place = usize::try_from(self.0).unwrap_or(usize::MAX);
        &spelled[place.min(spelled.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_spelled_as_the_data_set_does() {
        for (date, spelled) in [
            (jiff::civil::date(2010, 1, 1), b"01/01/2010"),
            (jiff::civil::date(2016, 7, 15), b"07/15/2016"),
            (jiff::civil::date(2024, 2, 29), b"02/29/2024"),
            (jiff::civil::date(2030, 1, 1), b"01/01/2030"),
        ] {
            let day = Day::of(date);
            assert_eq!(day.date(), date);
            assert_eq!(day.spelled(), spelled);
        }
    }
}
