//! A made-up Meta Kaggle of any size: pure functions of the seed and a number, so that it is streamed and
//! never held.
//!
//! The proportions are those of the real one (34 million accounts, four achievement rows each, 12 million
//! teams, 14 million memberships, 25,000 competitions), and so is what is odd in it: see [`pitfalls`]. The
//! medals of an account's `Competitions` row are those that its teams won. Nobody in it is real.

use std::{collections::BTreeMap, io, path::Path};

use jiff::civil::Date;

mod accounts;

pub(super) mod calendar;
mod contests;
mod dice;
pub mod pitfalls;
pub(super) mod rows;
pub(super) mod sheet;
mod teams;
#[cfg(test)]
mod tests;
mod truth;

use calendar::Day;
use contests::Contests;
use dice::{Shuffle, toss};
use pitfalls::{STRAY_ACHIEVEMENT, STRAY_MEMBERSHIP, TWICE};
use rows::MembershipRow;
use sheet::Sheet;
use teams::Member;
pub use truth::{KnownPerson, Truth};

/// The day of the newest thing past: 2026-10-30, two days before the demo's present.
const AS_OF: Day = Day(6_146);
/// The date that was filled in for all that was before: 2016-07-15.
const BACKFILLED: Day = Day(2_387);
/// Fewest accounts of a data set. Count. With fewer there would be no room for all that is odd.
pub const FEWEST_USERS: u64 = 1_000;

/// What tosses are for: each has a stream of its own.
mod streams {
    pub(super) const NAME: u64 = 1;
    pub(super) const COUNTRY: u64 = 2;
    pub(super) const ACHIEVEMENT: u64 = 3;
    pub(super) const MEMBERS: u64 = 4;
    pub(super) const STRAY: u64 = 5;
    pub(super) const SHAKE: u64 = 6;
    pub(super) const LENGTH: u64 = 7;
    pub(super) const TEAMS: u64 = 8;
    pub(super) const STRETCH: u64 = 9;
    pub(super) const PEOPLE: u64 = 10;
    pub(super) const ORDER: u64 = 11;
    /// The first of sixteen.
    pub(super) const LAYERS: u64 = 32;
}

/// A made-up Meta Kaggle.
#[derive(Debug)]
pub struct Dump {
    users: u64,
    teams: u64,
    seed: u64,
    contests: Contests,
    /// Accounts less one, by activity.
    people: Shuffle,
}

/// A file that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenFile {
    /// Rows without the header. Count.
    pub rows: u64,
    /// Its size. Bytes.
    pub bytes: u64,
}

/// What was written, by file: `Users.csv` and so on.
pub type Written = BTreeMap<&'static str, WrittenFile>;

impl Dump {
    /// A data set of `users` accounts, [`FEWEST_USERS`] at least; teams and competitions follow from it.
    #[must_use]
    pub fn new(users: u64, seed: u64) -> Self {
        let users = users.max(FEWEST_USERS);
        let teams = users * 6 / 17;
        Self {
            users,
            teams,
            seed,
            contests: Contests::new(users, teams, seed),
            people: Shuffle::new(users, toss(seed, streams::PEOPLE, 0)),
        }
    }

    /// Accounts. Count.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.users
    }

    /// The day of the newest thing past: the newest day of registration, and no past date is newer. Deadlines
    /// of running competitions are in the future.
    #[must_use]
    pub fn as_of(&self) -> Date {
        AS_OF.date()
    }

    /// The user name of the account `number`, from 1 to [`Dump::users`].
    #[must_use]
    pub fn user_name(&self, number: u64) -> String {
        let mut name = String::new();
        self.name_user(number.clamp(1, self.users), &mut name);
        name
    }

    /// Writes the five files into the folder, two at a time. The same seed gives the same bytes.
    pub fn write(&self, folder: &Path) -> io::Result<Written> {
        let (rows, others) = std::thread::scope(|scope| {
            let rows = scope.spawn(|| self.write_achievements(folder));
            let others = self.write_others(folder);
            let rows = rows
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the writing thread broke off")));
            (rows, others)
        });
        let mut written = others?;
        written.insert("UserAchievements.csv", rows?);
        Ok(written)
    }

    fn write_others(&self, folder: &Path) -> io::Result<Written> {
        Ok(BTreeMap::from([
            ("Users.csv", self.write_users(folder)?),
            ("Teams.csv", self.write_teams(folder)?),
            ("TeamMemberships.csv", self.write_memberships(folder)?),
            ("Competitions.csv", self.write_competitions(folder)?),
        ]))
    }

    fn write_users(&self, folder: &Path) -> io::Result<WrittenFile> {
        let mut sheet = Sheet::new(&folder.join("Users.csv"), &rows::USERS, false)?;
        let (mut user_name, mut display_name) = (String::new(), String::new());
        for number in 1..=self.users {
            self.user(number, &mut user_name, &mut display_name)
                .write(&mut sheet)?;
        }
        finish(sheet)
    }

    fn write_achievements(&self, folder: &Path) -> io::Result<WrittenFile> {
        let path = folder.join("UserAchievements.csv");
        let mut sheet = Sheet::new(&path, &rows::ACHIEVEMENTS, false)?;
        let mut ids = Ids::default();
        let order = self.order(4 * self.users, 1);
        for place in 0..order.count() {
            let number = order.at(place);
            let Some(row) = self.achievement(1 + number / 4, number % 4) else {
                continue;
            };
            row.write(ids.next(), &mut sheet)?;
            if STRAY_ACHIEVEMENT.hits(place) {
                let user_id = self.stray_user(toss(self.seed, streams::STRAY, place));
                let stray = rows::AchievementRow { user_id, ..row };
                stray.write(ids.next(), &mut sheet)?;
            }
        }
        let twice = (0..order.count()).filter(|number| TWICE.hits(*number));
        for row in twice.filter_map(|number| self.achievement(1 + number / 4, number % 4)) {
            row.write(ids.next(), &mut sheet)?;
        }
        finish(sheet)
    }

    fn write_teams(&self, folder: &Path) -> io::Result<WrittenFile> {
        let mut sheet = Sheet::new(&folder.join("Teams.csv"), &rows::TEAMS, false)?;
        let mut name = String::new();
        let order = self.order(self.teams, 2);
        for place in 0..order.count() {
            let team = self.team(order.at(place));
            self.team_row(&team, &mut name).write(&mut sheet)?;
        }
        finish(sheet)
    }

    fn write_memberships(&self, folder: &Path) -> io::Result<WrittenFile> {
        let path = folder.join("TeamMemberships.csv");
        let mut sheet = Sheet::new(&path, &rows::MEMBERSHIPS, false)?;
        let mut ids = Ids::default();
        // First members in one order and the others in another, so that a team's rows are far apart.
        for (pass, stream) in [(0, 3), (1, 4)] {
            let order = self.order(self.teams, stream);
            for place in 0..order.count() {
                let number = order.at(place);
                let members = self.members(number);
                let seats = if pass == 0 {
                    0..members.min(1)
                } else {
                    1..members.max(1)
                };
                if seats.is_empty() {
                    continue;
                }
                let team = self.team(number);
                for seat in seats {
                    let user = match self.member(&team, seat) {
                        Member::Known(account) => Self::user_id(account),
                        Member::Stray(id) => id,
                    };
                    let row = MembershipRow {
                        id: ids.next(),
                        team: Self::team_id(number),
                        user,
                        requested: (place % 3 == 0).then(|| Self::requested(&team)),
                    };
                    row.write(&mut sheet)?;
                    if pass == 0 && STRAY_MEMBERSHIP.hits(place) {
                        let stray = MembershipRow {
                            id: ids.next(),
                            team: self.stray_team(toss(self.seed, streams::STRAY, place)),
                            ..row
                        };
                        stray.write(&mut sheet)?;
                    }
                }
            }
        }
        finish(sheet)
    }

    fn write_competitions(&self, folder: &Path) -> io::Result<WrittenFile> {
        let path = folder.join("Competitions.csv");
        let mut sheet = Sheet::new(&path, &rows::COMPETITIONS, true)?;
        let order = self.order(self.contests.count(), 5);
        for place in 0..order.count() {
            let number = order.at(place);
            if self.contests.get(number).is_known() {
                self.competition_row(number, |row| row.write(&mut sheet))?;
            }
        }
        finish(sheet)
    }

    fn order(&self, count: u64, stream: u64) -> Shuffle {
        Shuffle::new(count, toss(self.seed, streams::ORDER, stream))
    }
}

/// Ids in the order of writing, with holes.
#[derive(Debug, Default)]
struct Ids(u64);

impl Ids {
    fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0 + self.0 / 64
    }
}

pub(super) fn finish(sheet: Sheet) -> io::Result<WrittenFile> {
    let (rows, bytes) = sheet.finish()?;
    Ok(WrittenFile { rows, bytes })
}
