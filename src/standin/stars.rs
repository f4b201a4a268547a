//! How the stars of a made-up repository came: in time, and from accounts of what age.
//!
//! A star is made when it is asked for, by integers alone, so that a large world need not hold millions and every
//! machine finds the same.

use jiff::{SignedDuration, Timestamp};

use super::world::{Repository, RepositoryId};

/// Stars that GitHub gives on one page. Count.
pub const PAGE: usize = 100;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// How a repository came by its stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Starred {
    /// Over the years, since it was created.
    #[default]
    Trickle,
    /// So many within two days of its being shown to many; the others over the years before.
    Launch {
        /// When it was shown.
        at: Timestamp,
        /// Stars of those two days. Count.
        count: u32,
    },
    /// So many within a day and a half, most of them from accounts made for it; the others over the years before.
    Bought {
        /// When they came.
        at: Timestamp,
        /// Stars that were bought. Count.
        count: u32,
    },
}

/// A star, and what GitHub shows of whoever gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Star {
    /// When it was given.
    pub at: Timestamp,
    /// When the account was created.
    pub account_created_at: Timestamp,
    /// Public repositories that the account owns. Count.
    pub repositories: u32,
    /// Sets those who starred apart.
    pub number: u64,
}

/// The newest stars of a repository, newest first, at most [`PAGE`] of them.
#[must_use]
pub fn newest(id: RepositoryId, repository: &Repository, today: Timestamp) -> Vec<Star> {
    let all = u64::from(repository.stars);
    let (burst, at, span, bought) = match repository.starred {
        Starred::Trickle => (0, today, 0, false),
        Starred::Launch { at, count } => (u64::from(count).min(all), at, 2 * DAY, false),
        Starred::Bought { at, count } => (u64::from(count).min(all), at, 3 * DAY / 2, true),
    };
    let slow = all - burst;
    let until = if burst > 0 { at } else { today };
    let since = until.duration_since(repository.created_at).as_secs();
    let since = u64::try_from(since).unwrap_or(0);
    let seed = u64::from(id.0) << 32;
    let mut stars = Vec::new();
    for number in 0..burst.min(PAGE as u64) {
        let before_end = span * (number + 1) / (burst + 1);
        let moment = later(at, span - before_end);
        stars.push(star(moment, seed | number, bought && number % 5 != 0));
    }
    for number in 0..slow.min(PAGE as u64 - stars.len() as u64) {
        // One in each of so many equal parts of the time, at a place of its own within it.
        let part = since / (slow + 1);
        let place = mixed(seed ^ number.rotate_left(17)) % part.max(1);
        let moment = earlier(until, part * number + place + 1);
        stars.push(star(moment, seed | (burst + number), false));
    }
    stars.sort_by_key(|star| std::cmp::Reverse(star.at));
    stars
}

/// Somebody who starred at `at`: mostly an old account with repositories, unless it was `made` for that.
fn star(at: Timestamp, number: u64, made: bool) -> Star {
    let dice = mixed(number);
    let fresh = dice.is_multiple_of(40);
    let age = match (made, fresh) {
        (true, _) => 3_600 + dice % (2 * DAY),
        (false, true) => DAY + dice % (5 * DAY),
        (false, false) => 30 * DAY + dice % (3_000 * DAY),
    };
    let repositories = if made || (dice >> 20).is_multiple_of(8) {
        0
    } else {
        u32::try_from((dice >> 24) % 40).unwrap_or_default() + 1
    };
    Star {
        at,
        account_created_at: earlier(at, age),
        repositories,
        number,
    }
}

/// Every bit of `number` bears on every bit of this (splitmix64).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

fn later(moment: Timestamp, seconds: u64) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0));
    moment.checked_add(seconds).unwrap_or(moment)
}

fn earlier(moment: Timestamp, seconds: u64) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0));
    moment.checked_sub(seconds).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standin::world::AccountId;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn stars(count: u32, starred: Starred) -> Vec<Star> {
        let created = at("2022-01-01T00:00:00Z");
        let repository = Repository {
            stars: count,
            starred,
            ..Repository::new(AccountId(0), "somebody-example/tool", created)
        };
        newest(RepositoryId(7), &repository, at("2026-11-01T12:00:00Z"))
    }

    fn hollow(stars: &[Star]) -> usize {
        let young =
            |star: &&Star| star.at.duration_since(star.account_created_at).as_hours() <= 168;
        stars
            .iter()
            .filter(young)
            .filter(|star| star.repositories == 0)
            .count()
    }

    #[test]
    fn they_come_newest_first_since_the_repository_is_there_and_a_hundred_at_most() {
        let shown = at("2026-03-03T09:00:00Z");
        for (count, expected) in [(0, 0), (1, 1), (60, 60), (5_000, 100)] {
            for starred in [
                Starred::Trickle,
                Starred::Launch {
                    at: shown,
                    count: 40,
                },
                Starred::Bought {
                    at: shown,
                    count: 900,
                },
            ] {
                let stars = stars(count, starred);
                assert_eq!(stars.len(), expected, "{starred:?}");
                assert!(stars.is_sorted_by(|left, right| left.at >= right.at));
                for star in &stars {
                    assert!(
                        star.at > at("2022-01-01T00:00:00Z")
                            && star.at < at("2026-11-01T12:00:00Z")
                    );
                    assert!(star.account_created_at < star.at);
                }
            }
        }
        assert_eq!(stars(60, Starred::Trickle), stars(60, Starred::Trickle));
    }

    #[test]
    fn only_what_was_bought_is_hollow() {
        let shown = at("2026-03-03T09:00:00Z");
        assert!(hollow(&stars(5_000, Starred::Trickle)) <= 2);
        let launched = stars(
            96,
            Starred::Launch {
                at: shown,
                count: 80,
            },
        );
        assert!(hollow(&launched) <= 2);
        let within = |star: &&Star| (0..=48).contains(&star.at.duration_since(shown).as_hours());
        assert_eq!(launched.iter().filter(within).count(), 80);
        let bought = stars(
            150,
            Starred::Bought {
                at: shown,
                count: 110,
            },
        );
        assert_eq!((bought.len(), hollow(&bought)), (100, 81));
    }
}
