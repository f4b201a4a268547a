//! `UserAchievements`: what each account has reached in each category.
//!
//! Most rows say nothing but a tier: they become four bits of a table that is addressed by the account's
//! number. The others become a [`Detail`] each.

use super::error::ImportError;
use super::fields::{number, rounded};
use super::layout::{MEDALS_UNKNOWN, POINTS_UNKNOWN, TIER_BITS, UNKNOWN};
use super::oddities::{Oddities, Oddity};
use super::rows::Meter;
use super::tables::{Table, Tables};

const COLUMNS: [&str; 9] = [
    "UserId",
    "AchievementType",
    "Tier",
    "Points",
    "CurrentRanking",
    "HighestRanking",
    "TotalGold",
    "TotalSilver",
    "TotalBronze",
];

/// A row that says more than a tier: the user's number, the category and what is not known, points, rank
/// today, best rank, gold, silver, bronze. A rank of 0 is none.
pub(super) type Detail = [u32; 8];

/// What the table says.
pub(super) struct Achievements {
    pub(super) tiers: Tiers,
    /// By user, then category.
    pub(super) details: Vec<Detail>,
    pub(super) rows: u64,
    pub(super) oddities: Oddities,
}

/// Four times four bits for each account: pages of 64 accounts, of which only those exist that hold somebody,
/// so that scattered numbers take little room.
#[derive(Default)]
pub(super) struct Tiers {
    /// For each 64 numbers the page's place plus 1, or 0.
    directory: Vec<u32>,
    pages: Vec<[u16; 64]>,
}

impl Tiers {
    /// The bits of an account, to be changed.
    #[inline]
    fn of_mut(&mut self, user: u32) -> &mut u16 {
        let at = (user >> 6) as usize;
        if at >= self.directory.len() {
            self.directory.resize(at + 1, 0);
        }
        if self.directory[at] == 0 {
            self.pages.push([0; 64]);
            // Numbers are 32 bits, so there are 2^26 pages at most.
            self.directory[at] = u32::try_from(self.pages.len()).unwrap_or(u32::MAX);
        }
        &mut self.pages[self.directory[at] as usize - 1][(user & 63) as usize]
    }

    /// Takes the bits of an account out of the table.
    pub(super) fn take(&mut self, user: u32) -> u16 {
        let page = self.directory.get((user >> 6) as usize);
        let page = page.and_then(|page| page.checked_sub(1));
        page.map_or(0, |page| {
            std::mem::take(&mut self.pages[page as usize][(user & 63) as usize])
        })
    }

    /// How many rows nobody has taken.
    pub(super) fn left(&self) -> u64 {
        self.pages
            .iter()
            .flatten()
            .filter(|bits| **bits != 0)
            .map(|bits| (0..4).filter(|place| bits >> (place * 4) & 15 != 0).count() as u64)
            .sum()
    }
}

/// The category's place among the four; the order of [`crate::domain::facts::Category::ALL`].
fn category(field: &[u8]) -> Option<u32> {
    Some(match field {
        b"Competitions" => 0,
        b"Datasets" => 1,
        b"Scripts" | b"Notebooks" | b"Kernels" => 2,
        b"Discussion" | b"Discussions" => 3,
        _ => return None,
    })
}

/// A number that may be missing.
fn value(field: &[u8], oddities: &mut Oddities) -> Option<u32> {
    let value = rounded(field).filter(|value| *value != UNKNOWN);
    if value.is_none() && !field.is_empty() {
        oddities.add(Oddity::ValueIsNone);
    }
    value
}

/// Reads the table.
pub(super) fn read(tables: &Tables, meter: &Meter<'_>) -> Result<Achievements, ImportError> {
    let mut tiers = Tiers::default();
    let mut details: Vec<Detail> = Vec::new();
    let mut oddities = Oddities::default();
    let rows = tables.read(Table::UserAchievements, COLUMNS, meter, |rows, columns| {
        let [user, kind, tier, points, current, highest, medals @ ..] = columns;
        rows.each(|row| {
            let Some(user) = number(row.field(user)) else {
                oddities.add(Oddity::KeyIsNoNumber);
                return Ok(());
            };
            let Some(category) = category(row.field(kind)) else {
                oddities.add(Oddity::AchievementOfUnknownType);
                return Ok(());
            };
            let bits = tiers.of_mut(user);
            if *bits >> (category * 4) & 15 != 0 {
                // The first row counts.
                oddities.add(Oddity::AchievementGivenTwice);
                return Ok(());
            }
            let mut four = match row.field(tier) {
                [digit @ b'0'..=b'5'] => u16::from(digit - b'0') + 1,
                field => {
                    if !field.is_empty() {
                        oddities.add(Oddity::ValueIsNone);
                    }
                    TIER_BITS
                }
            };
            let points = row.field(points);
            let ranks = [row.field(current), row.field(highest)];
            let medals = medals.map(|column| row.field(column));
            if points.is_empty() {
                four |= POINTS_UNKNOWN;
            }
            *bits |= four << (category * 4);
            let plain = (points.is_empty() || points == b"0")
                && ranks == [b"", b""]
                && medals == [b"0", b"0", b"0"];
            if !plain {
                let points = value(points, &mut oddities).unwrap_or(UNKNOWN);
                let ranks = ranks.map(|field| value(field, &mut oddities).unwrap_or(0));
                let medals = medals.map(|field| value(field, &mut oddities));
                let mut kind = category;
                if medals.contains(&None) {
                    kind |= MEDALS_UNKNOWN;
                }
                let [gold, silver, bronze] = medals.map(Option::unwrap_or_default);
                details.push([user, kind, points, ranks[0], ranks[1], gold, silver, bronze]);
            }
            Ok(())
        })
    })?;
    // No two have the same user and category.
    details.sort_unstable_by_key(|detail| (detail[0], detail[1] & 3));
    Ok(Achievements {
        tiers,
        details,
        rows,
        oddities,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattered_numbers_have_bits_of_their_own_and_take_little_room() {
        let mut tiers = Tiers::default();
        let users = [0, 1, 63, 64, 70_000, 1 << 20];
        for user in users {
            *tiers.of_mut(user) = u16::try_from(user % 15 + 1).unwrap();
        }
        assert_eq!(tiers.pages.len(), 4);
        assert_eq!(tiers.left(), 6);
        for user in users {
            assert_eq!(u32::from(tiers.take(user)), user % 15 + 1);
            assert_eq!(tiers.take(user), 0);
        }
        assert_eq!(tiers.take(2), 0);
        assert_eq!(tiers.take(u32::MAX), 0);
        assert_eq!(tiers.left(), 0);
    }
}
