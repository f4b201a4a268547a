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

pub(super) const COLUMNS: [&str; 9] = [
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
fn category(field: &[u8]) -> Option<u8> {
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

/// A row whose bits are not in the table yet.
#[derive(Clone, Copy)]
struct Waiting {
    user: u32,
    /// The place of the row's detail, or [`UNKNOWN`].
    detail: u32,
    category: u8,
    four: u8,
}

/// How many rows wait before they go into the table together. Rows come in any order, so that each one's bits
/// are far from the last one's: many at once let the processor fetch them side by side.
const TOGETHER: usize = 512;

/// A detail of a row that does not count.
const DROPPED: u32 = UNKNOWN;

impl Achievements {
    /// Brings the rows that wait into the table, in their order; of two for a category the first counts.
    fn settle(&mut self, waiting: &mut Vec<Waiting>) {
        for row in waiting.drain(..) {
            let bits = self.tiers.of_mut(row.user);
            let shift = row.category * 4;
            let there = *bits >> shift & 15;
            if there == 0 {
                *bits |= u16::from(row.four) << shift;
                continue;
            }
            self.oddities.add(Oddity::AchievementGivenTwice);
            if let Some(detail) = self.details.get_mut(row.detail as usize) {
                detail[1] = DROPPED;
            }
        }
    }
}

/// Reads the table.
pub(super) fn read(tables: &Tables, meter: &Meter<'_>) -> Result<Achievements, ImportError> {
    let mut read = Achievements {
        tiers: Tiers::default(),
        details: Vec::new(),
        rows: 0,
        oddities: Oddities::default(),
    };
    let mut waiting = Vec::with_capacity(TOGETHER);
    read.rows = tables.read(Table::UserAchievements, COLUMNS, meter, |rows, columns| {
        let [user, kind, tier, points, current, highest, medals @ ..] = columns;
        rows.each(|row| {
            let Some(user) = number(row.field(user)) else {
                read.oddities.add(Oddity::KeyIsNoNumber);
                return Ok(());
            };
            let Some(category) = category(row.field(kind)) else {
                read.oddities.add(Oddity::AchievementOfUnknownType);
                return Ok(());
            };
            let mut four = match row.field(tier) {
                [digit @ b'0'..=b'5'] => digit - b'0' + 1,
                field => {
                    if !field.is_empty() {
                        read.oddities.add(Oddity::ValueIsNone);
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
            let plain = (points.is_empty() || points == b"0")
                && ranks == [b"", b""]
                && medals == [b"0", b"0", b"0"];
            let mut place = UNKNOWN;
            if !plain {
                place = u32::try_from(read.details.len()).unwrap_or(UNKNOWN);
                let mut value = |field| value(field, &mut read.oddities);
                let points = value(points).unwrap_or(UNKNOWN);
                let [current, highest] = ranks.map(|field| value(field).unwrap_or(0));
                let medals = medals.map(value);
                let mut kind = u32::from(category);
                if medals.contains(&None) {
                    kind |= MEDALS_UNKNOWN;
                }
                let [gold, silver, bronze] = medals.map(Option::unwrap_or_default);
                read.details
                    .push([user, kind, points, current, highest, gold, silver, bronze]);
            }
            waiting.push(Waiting {
                user,
                detail: place,
                category,
                four,
            });
            if waiting.len() == TOGETHER {
                read.settle(&mut waiting);
            }
            Ok(())
        })
    })?;
    read.settle(&mut waiting);
    read.details.retain(|detail| detail[1] != DROPPED);
    // No two have the same user and category.
    read.details
        .sort_unstable_by_key(|detail| (detail[0], detail[1] & 3));
    Ok(read)
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
