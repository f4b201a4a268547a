//! What a perfect importer must find, straight from the world's own records.
//!
//! Nothing here reads a row: who is on which team, how it did and when the competition ended is what the
//! world knows before it is written down. Where a rule left room, this is how it was decided:
//!
//! - A benchmark is nobody's work: it is no result, and its medal is nobody's.
//! - Somebody is a medalist who has a medal, also when the data set lacks the medal's competition.
//! - A result whose competition the data set lacks is no result; its medal is counted as unnamed.
//! - A team's size is the number of those written down as members, also of those who are not in the data set.
//! - Of two names that differ in case alone the account with the higher id has the name, in any spelling but that
//!   of the other one.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::civil::Date;

use super::{
    AS_OF, BACKFILLED, Dump,
    accounts::KINDS,
    pitfalls::{NO_AWARD_DATE, TWIN},
    teams::{Member, Team},
};
use crate::domain::{
    facts::{Category, CompetitionResult, MedalCount, Rank, Tier, Totals},
    text::tame,
};

/// What the data set holds about an account.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownPerson {
    /// The account's number.
    pub user_id: u64,
    /// The user name in its own case.
    pub user_name: String,
    /// The categories that there is a row of.
    pub totals: BTreeMap<Category, Totals>,
    /// The competitions of a medalist, newest first; of others none.
    pub competitions: Vec<CompetitionResult>,
    /// Medals of teams whose competition is not in the data set.
    pub unnamed: MedalCount,
}

/// What the data set holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// The day of the newest thing past.
    pub as_of: Date,
    /// The accounts that a name leads to, by the name in lower case.
    pub people: BTreeMap<String, KnownPerson>,
    /// The accounts whose name leads to another one. Their ids lead to them.
    pub shadowed: Vec<KnownPerson>,
    /// Former names in lower case, and today's as they are written. The data set has today's alone.
    pub renamed: BTreeMap<String, String>,
}

impl Dump {
    /// The truth about everybody. It is held in memory, so the world should have 200,000 accounts at most.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let seats = self.seats();
        let mut truth = Truth {
            as_of: AS_OF.date(),
            people: BTreeMap::new(),
            shadowed: Vec::new(),
            renamed: BTreeMap::new(),
        };
        for number in 1..=self.users {
            let person = self.known_person(number, seats.get(&number).map_or(&[], Vec::as_slice));
            let name = person.user_name.to_ascii_lowercase();
            if let Some(former) = Self::former_name_of(number) {
                truth
                    .renamed
                    .insert(former.to_ascii_lowercase(), person.user_name.clone());
            }
            if TWIN.hits(number + 1) && number < self.users {
                truth.shadowed.push(person);
            } else {
                truth.people.insert(name, person);
            }
        }
        truth
    }

    /// By account with a medal: its teams.
    fn seats(&self) -> BTreeMap<u64, Vec<u64>> {
        let known = |number: u64| {
            let team = self.team(number);
            let members: Vec<u64> = (0..self.members(number))
                .filter_map(|seat| match self.member(&team, seat) {
                    Member::Known(account) => Some(account),
                    Member::Stray(_) => None,
                })
                .collect();
            (team, members)
        };
        let played = || {
            (0..self.teams)
                .map(known)
                .filter(|(team, _)| !team.benchmark)
        };
        let medalists: BTreeSet<u64> = played()
            .filter(|(team, _)| team.medal.is_some())
            .flat_map(|(_, members)| members)
            .collect();
        let mut seats: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (team, members) in played() {
            for account in members
                .into_iter()
                .filter(|account| medalists.contains(account))
            {
                seats.entry(account).or_default().push(team.number);
            }
        }
        seats
    }

    /// The account with its teams' results.
    pub(in crate::standin::kaggle) fn known_person(
        &self,
        number: u64,
        teams: &[u64],
    ) -> KnownPerson {
        let mut unnamed = MedalCount::default();
        let mut competitions = Vec::new();
        for team in teams.iter().map(|team| self.team(*team)) {
            if team.contest.is_known() {
                competitions.push(self.result(&team));
            } else if let Some(medal) = team.medal {
                unnamed.add(medal);
            }
        }
        competitions.sort_by(|left, right| {
            (Reverse(left.date), &left.slug).cmp(&(Reverse(right.date), &right.slug))
        });
        let mut user_name = String::new();
        self.name_user(number, &mut user_name);
        KnownPerson {
            user_id: Self::user_id(number),
            user_name,
            totals: self.totals(number),
            competitions,
            unnamed,
        }
    }

    fn result(&self, team: &Team<'_>) -> CompetitionResult {
        let (private, public) = (Self::private_rank(team), self.public_rank(team));
        let awarded = team
            .medal
            .filter(|_| !NO_AWARD_DATE.hits(team.number))
            .map(|_| team.contest.awarded())
            .filter(|awarded| *awarded > BACKFILLED);
        let day = awarded.or(team.contest.deadline());
        let number = team.contest_number;
        CompetitionResult {
            slug: Self::slug(number),
            title: tame(&Self::title(number)),
            rank: private.or(public).map(small),
            rank_is_public: private.is_none() && public.is_some(),
            teams: self.total_teams(number).map(small),
            team_size: small(self.members(team.number)),
            medal: team.medal,
            date: day.map(super::calendar::Day::date),
        }
    }

    fn totals(&self, number: u64) -> BTreeMap<Category, Totals> {
        (0..)
            .zip(KINDS)
            .filter_map(|(kind, (_, category))| {
                let row = self.achievement(number, kind)?;
                let totals = Totals {
                    tier: u32::try_from(row.tier).ok().and_then(Tier::from_number),
                    medals: Some(row.medals),
                    rank: Rank {
                        current: row.current.map(small),
                        highest: row.highest.map(small),
                        out_of: None,
                        points: Some(small(row.points)),
                    },
                };
                Some((category, totals))
            })
            .collect()
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
