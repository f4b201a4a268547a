//! Numbers, days and truth in the data set's spelling, read from bytes without an allocation.

use jiff::civil::Date;

/// A whole number: ASCII digits and nothing else, up to 4,294,967,295.
#[inline]
pub(super) fn number(field: &[u8]) -> Option<u32> {
    if field.is_empty() || field.len() > 10 {
        return None;
    }
    let mut number = 0_u64;
    for byte in field {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    u32::try_from(number).ok()
}

/// A number that may have decimals, rounded.
pub(super) fn rounded(field: &[u8]) -> Option<u32> {
    let Some(point) = field.iter().position(|byte| *byte == b'.') else {
        return number(field);
    };
    let (whole, decimals) = (number(&field[..point])?, &field[point + 1..]);
    if decimals.is_empty() || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    whole.checked_add(u32::from(decimals[0] >= b'5'))
}

/// `True`, as the data set spells it, or as another export would.
pub(super) fn is_true(field: &[u8]) -> bool {
    field.eq_ignore_ascii_case(b"true") || field == b"1"
}

/// A day in 23 bits, year first, so that a later one is the greater number. 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Day(u32);

impl Day {
    /// No day.
    pub(super) const NONE: Self = Self(0);

    /// The day on which medals and tiers were dated that are older than Kaggle's books of them.
    pub(super) const FILLED_IN: Self = Self::packed(2016, 7, 15);

    const fn packed(year: u32, month: u32, day: u32) -> Self {
        Self((year << 9) | (month << 5) | day)
    }

    /// The day of `MM/DD/YYYY`, whatever time follows; whether there is one in the calendar is not asked.
    #[inline]
    pub(super) fn unchecked(field: &[u8]) -> Option<Self> {
        let [m1, m2, b'/', d1, d2, b'/', y1, y2, y3, y4, rest @ ..] = field else {
            return None;
        };
        if !rest.is_empty() && rest[0] != b' ' {
            return None;
        }
        let month = number(&[*m1, *m2])?;
        let day = number(&[*d1, *d2])?;
        let year = number(&[*y1, *y2, *y3, *y4])?;
        // More would run over into the neighbour's bits.
        (month <= 12 && day <= 31).then(|| Self::packed(year, month, day))
    }

    /// The day of `MM/DD/YYYY`, whatever time follows, if the calendar has it.
    pub(super) fn parse(field: &[u8]) -> Option<Self> {
        Self::unchecked(field).filter(|day| day.date().is_some())
    }

    /// The day of this date, of the years that four digits write.
    pub(super) fn of(date: Date) -> Option<Self> {
        let year = u32::try_from(date.year()).ok()?;
        let month = u32::try_from(date.month()).ok()?;
        let day = u32::try_from(date.day()).ok()?;
        Some(Self::packed(year, month, day))
    }

    /// The day of the calendar.
    pub(super) fn date(self) -> Option<Date> {
        let year = i16::try_from(self.0 >> 9).ok()?;
        let month = i8::try_from((self.0 >> 5) & 15).ok()?;
        let day = i8::try_from(self.0 & 31).ok()?;
        Date::new(year, month, day).ok()
    }

    /// As a number, for keeping.
    pub(super) const fn number(self) -> u32 {
        self.0
    }

    /// Back from its number.
    pub(super) const fn from_number(number: u32) -> Self {
        Self(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_alone() {
        for (field, expected) in [
            ("0", Some(0)),
            ("42", Some(42)),
            ("0000000007", Some(7)),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("9999999999", None),
            ("99999999999", None),
            ("", None),
            ("-1", None),
            ("+1", None),
            (" 1", None),
            ("1.0", None),
            ("1e3", None),
            ("x", None),
        ] {
            assert_eq!(number(field.as_bytes()), expected, "{field:?}");
        }
    }

    #[test]
    fn points_are_rounded() {
        for (field, expected) in [
            ("12", Some(12)),
            ("12.0", Some(12)),
            ("12.49", Some(12)),
            ("12.5", Some(13)),
            ("12.", None),
            (".5", None),
            ("1.2.3", None),
            ("4294967295.9", None),
        ] {
            assert_eq!(rounded(field.as_bytes()), expected, "{field:?}");
        }
    }

    #[test]
    fn days_are_read_with_and_without_a_time() {
        let date = |field: &str| Day::parse(field.as_bytes()).and_then(Day::date);
        assert_eq!(date("07/15/2016"), Date::new(2016, 7, 15).ok());
        assert_eq!(date("07/15/2016 23:59:59"), Date::new(2016, 7, 15).ok());
        assert_eq!(date("02/29/2024"), Date::new(2024, 2, 29).ok());
        for wrong in [
            "",
            "02/29/2023",
            "13/01/2020",
            "00/01/2020",
            "2020-01-02",
            "07/15/20161",
            "7/15/2016",
            "07/15/201x",
        ] {
            assert_eq!(date(wrong), None, "{wrong:?}");
        }
        assert_eq!(Day::parse(b"07/15/2016"), Some(Day::FILLED_IN));
        assert_eq!(
            Day::of(jiff::civil::date(2016, 7, 15)),
            Some(Day::FILLED_IN)
        );
        assert_eq!(Day::of(jiff::civil::date(-1, 7, 15)), None);
        assert!(Day::parse(b"12/31/2015") < Day::parse(b"01/01/2016"));
    }
}
