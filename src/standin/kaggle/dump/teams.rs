//! The teams: who is on them, how they did, and what the data set has of it.

use std::fmt::Write;

use super::{
    AS_OF, BACKFILLED, Dump,
    calendar::Day,
    contests::{Contest, Sort},
    dice::toss,
    pitfalls::{
        BENCHMARK, HOSTILE_TITLE, MIXED_CASE_SLUG, NEVER_SCORED, NO_AWARD_DATE, NO_LEADER,
        NO_MEMBERS, NO_PRIVATE_RANK, NO_TOTAL, STRAY_LEADER, STRAY_MEMBER,
    },
    rows::{CompetitionRow, TeamRow},
    streams,
};
use crate::domain::facts::Medal;

/// Titles that mean harm, or are odd in another way.
const ODD_TITLES: [&str; 6] = [
    "<script>alert('title')</script>",
    "\u{1b}[31mred\u{1b}[0m",
    "=HYPERLINK(\"https://evil.example\",\"click\")",
    "one line\nand a second one,\twith a tab",
    "abc\u{202E}gnp.exe",
    "Prévoir la météo de l'été à 日本",
];
const SUBJECTS: [&str; 8] = [
    "Bone Age",
    "Ship Arrivals",
    "Bird Calls",
    "House Prices",
    "Sea Ice",
    "Store Sales",
    "Leaf Diseases",
    "Cell Shapes",
];

/// Somebody on a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    /// An account, by number.
    Known(u64),
    /// One that is not in the data set, by id.
    Stray(u64),
}

/// What happened to a team.
#[derive(Debug)]
pub(super) struct Team<'d> {
    pub(super) number: u64,
    pub(super) contest: &'d Contest,
    /// The competition's number.
    pub(super) contest_number: u64,
    /// Its place, from 1.
    pub(super) place: u64,
    pub(super) benchmark: bool,
    pub(super) medal: Option<Medal>,
}

impl Dump {
    pub(super) fn team_id(number: u64) -> u64 {
        1_000 + number + number / 30
    }

    /// An id that no team has.
    pub(super) fn stray_team(&self, toss: u64) -> u64 {
        1_000 + 31 * (1 + toss % (self.teams / 30)) - 1
    }

    pub(super) fn competition_id(number: u64) -> u64 {
        2_408 + 3 * number
    }

    /// How many are on the team. Count.
    pub(super) fn members(&self, team: u64) -> u64 {
        if NO_MEMBERS.hits(team) {
            return 0;
        }
        match toss(self.seed, streams::MEMBERS, team) % 1_000 {
            0..880 => 1,
            880..950 => 2,
            950..980 => 3,
            980..990 => 4,
            990..999 => 5,
            _ => 6 + team % 3,
        }
    }

    /// Whether the account that a seat falls to has it: the team is no benchmark and has the seat, and
    /// nobody from outside the data set took it.
    pub(super) fn is_seated(&self, team: u64, seat: u64) -> bool {
        !BENCHMARK.hits(team) && seat < self.members(team) && !STRAY_MEMBER.hits(8 * team + seat)
    }

    pub(super) fn team(&self, number: u64) -> Team<'_> {
        let contest_number = self.contests.of_team(number);
        let contest = self.contests.get(contest_number);
        let place = number - contest.first_team + 1;
        let benchmark = BENCHMARK.hits(number);
        let medal = contest
            .medal(place)
            .filter(|_| !benchmark || number.is_multiple_of(3));
        Team {
            number,
            contest,
            contest_number,
            place,
            benchmark,
            medal,
        }
    }

    pub(super) fn member(&self, team: &Team<'_>, seat: u64) -> Member {
        let key = 8 * team.number + seat;
        if STRAY_MEMBER.hits(key) {
            return Member::Stray(self.stray_user(toss(self.seed, streams::STRAY, key)));
        }
        Member::Known(1 + self.people.at(team.contest.seat(team.place, seat)))
    }

    pub(super) fn requested(team: &Team<'_>) -> Day {
        Day((team.contest.opened.0 + team.number % 25).min(AS_OF.0))
    }

    pub(super) fn team_row<'t>(&self, team: &Team<'_>, name: &'t mut String) -> TeamRow<'t> {
        let number = team.number;
        let chance = toss(self.seed, streams::STRAY, number);
        let leader = if NO_LEADER.hits(number) {
            None
        } else if STRAY_LEADER.hits(number) {
            Some(self.stray_user(chance))
        } else {
            Some(match self.member(team, 0) {
                Member::Known(account) => Self::user_id(account),
                Member::Stray(id) => id,
            })
        };
        name.clear();
        let _ = match number % 59 {
            7 => write!(name, "we, the {number}"),
            13 => write!(name, "\"quoted\" {number}"),
            17 => write!(name, "two\nlines {number}"),
            23 => write!(name, "équipe 日本 {number}"),
            29 => write!(name, "+1+{number}"),
            31 => write!(name, "<img src=x onerror=alert({number})>"),
            _ => write!(name, "team {number}"),
        };
        let first = Self::requested(team);
        TeamRow {
            id: Self::team_id(number),
            competition: Self::competition_id(team.contest_number),
            leader,
            name,
            first,
            last: Day((first.0 + chance % 20)
                .min(AS_OF.0)
                .min(team.contest.ended.0)
                .max(first.0)),
            benchmark: team.benchmark,
            medal: team.medal.map(|medal| 1 + medal as u64),
            awarded: Self::awarded(team),
            public_rank: self.public_rank(team),
            private_rank: Self::private_rank(team),
        }
    }

    /// The date of the award as the data set has it.
    fn awarded(team: &Team<'_>) -> Option<Day> {
        if team.medal.is_none() || NO_AWARD_DATE.hits(team.number) {
            return None;
        }
        Some(team.contest.awarded().max(BACKFILLED))
    }

    /// Whether the team has ranks at all.
    fn is_scored(team: &Team<'_>) -> bool {
        if team.benchmark {
            return team.number.is_multiple_of(2);
        }
        team.medal.is_some() || !NEVER_SCORED.hits(team.number)
    }

    pub(super) fn public_rank(&self, team: &Team<'_>) -> Option<u64> {
        let shaken = team.place + toss(self.seed, streams::SHAKE, team.number) % 7;
        Self::is_scored(team).then(|| shaken.saturating_sub(3).clamp(1, team.contest.teams))
    }

    pub(super) fn private_rank(team: &Team<'_>) -> Option<u64> {
        let told = team.contest.is_over() && !NO_PRIVATE_RANK.hits(team.number);
        (told && Self::is_scored(team)).then_some(team.place)
    }

    pub(super) fn slug(number: u64) -> String {
        let subject = SUBJECTS[usize::try_from(number % 8).unwrap_or_default()];
        if MIXED_CASE_SLUG.hits(number) {
            return format!("{}{number}", subject.replace(' ', ""));
        }
        format!(
            "{}-{number}",
            subject.replace(' ', "-").to_ascii_lowercase()
        )
    }

    /// The title as the data set has it.
    pub(super) fn title(number: u64) -> String {
        let subject = SUBJECTS[usize::try_from(number % 8).unwrap_or_default()];
        if HOSTILE_TITLE.hits(number) {
            let odd = ODD_TITLES[usize::try_from(number / 15 % 6).unwrap_or_default()];
            return format!("{odd} {number}");
        }
        format!("Predict {subject}, Round {number}")
    }

    pub(super) fn total_teams(&self, number: u64) -> Option<u64> {
        (!NO_TOTAL.hits(number)).then(|| self.contests.get(number).teams)
    }

    /// The competition's row, given to `write`.
    pub(super) fn competition_row<T>(
        &self,
        number: u64,
        write: impl FnOnce(&CompetitionRow<'_>) -> T,
    ) -> T {
        let contest = self.contests.get(number);
        write(&CompetitionRow {
            id: Self::competition_id(number),
            slug: &Self::slug(number),
            title: &Self::title(number),
            subtitle: "Can you tell from \"little\" data, and in time?\n\nA made-up competition.",
            segment: match contest.sort {
                Sort::Qualifying(_) => "Featured",
                Sort::Beginners => "Getting Started",
                Sort::Community => "Community",
            },
            enabled: contest.opened,
            deadline: contest.deadline(),
            qualifies: matches!(contest.sort, Sort::Qualifying(_)),
            teams: self.total_teams(number),
        })
    }
}
