//! `Teams` and `TeamMemberships`: who took part in which competition, and how it went.

use super::competitions::Competitions;
use super::error::ImportError;
use super::fields::{Day, is_true, number};
use super::ids::Directory;
use super::layout::{MEDAL_BITS, RANK_IS_PUBLIC, UNKNOWN};
use super::oddities::{Oddities, Oddity};
use super::rows::Meter;
use super::tables::{Table, Tables};

pub(super) const TEAM_COLUMNS: [&str; 7] = [
    "Id",
    "CompetitionId",
    "IsBenchmark",
    "Medal",
    "MedalAwardDate",
    "PublicLeaderboardRank",
    "PrivateLeaderboardRank",
];

pub(super) const MEMBERSHIP_COLUMNS: [&str; 2] = ["TeamId", "UserId"];

/// In a team's word, above medal and rank's origin: it is a benchmark and nobody's team.
const BENCHMARK: u32 = 8;

/// Bits of a team's word below the day of its medal.
const DAY_SHIFT: u32 = 4;

/// A team.
#[derive(Clone, Copy)]
struct Team {
    id: u32,
    /// The competition's place, or [`UNKNOWN`].
    competition: u32,
    /// 0: none.
    rank: u32,
    /// From below: two bits of medal, one for a public rank, one for a benchmark, then the medal's day.
    word: u32,
}

impl Team {
    fn has_medal(self) -> bool {
        self.word & MEDAL_BITS != 0
    }

    fn is_benchmark(self) -> bool {
        self.word & BENCHMARK != 0
    }
}

/// How an account's team did in a competition, as it is kept.
#[derive(Clone, Copy)]
pub(super) struct Played {
    /// The account's number.
    pub(super) user: u32,
    /// The competition's place, or [`UNKNOWN`]: then it is a medal without a name.
    pub(super) competition: u32,
    /// 0: none.
    pub(super) rank: u32,
    /// Members of the team. Count.
    pub(super) size: u32,
    pub(super) day: Day,
    /// Two bits of medal, one for a public rank.
    pub(super) flags: u32,
}

/// What both tables say.
pub(super) struct Results {
    /// By user, the newest first, then by slug.
    pub(super) played: Vec<Played>,
    /// Accounts with a medal. Count.
    pub(super) medalists: u64,
    pub(super) team_rows: u64,
    pub(super) membership_rows: u64,
}

/// Reads both tables, for the accounts with these numbers, which ascend.
pub(super) fn read(
    tables: &Tables,
    meter: &Meter<'_>,
    users: &[u32],
    competitions: &Competitions,
    oddities: &mut Oddities,
) -> Result<Results, ImportError> {
    let (teams, team_rows) = read_teams(tables, meter, competitions, oddities)?;
    let (mut members, membership_rows) = read_members(tables, meter, &teams, oddities)?;
    let sizes = sizes(&members, teams.len());
    let medalists = place_users(&mut members, &teams, users, oddities);
    let mut played = Vec::new();
    for (index, place) in members {
        let team = teams[index as usize];
        if team.is_benchmark() || !medalists.holds(place) {
            continue;
        }
        if team.competition == UNKNOWN && !team.has_medal() {
            continue;
        }
        let end = competitions.list.get(team.competition as usize);
        let end = end.map_or(Day::NONE, |competition| competition.deadline);
        let awarded = Day::from_number(team.word >> DAY_SHIFT);
        played.push(Played {
            user: users[place as usize],
            competition: team.competition,
            rank: team.rank,
            size: sizes[index as usize],
            day: if team.has_medal() && awarded != Day::NONE {
                awarded
            } else {
                end
            },
            flags: team.word & (MEDAL_BITS | RANK_IS_PUBLIC),
        });
    }
    let slug = |competition: u32| competitions.by_slug.get(competition as usize);
    // Whoever is equal in all of this is equal in every byte.
    played.sort_unstable_by_key(|played| {
        (
            played.user,
            std::cmp::Reverse(played.day),
            slug(played.competition).copied().unwrap_or(UNKNOWN),
            played.rank,
            played.size,
            played.flags,
        )
    });
    Ok(Results {
        played,
        medalists: medalists.count(),
        team_rows,
        membership_rows,
    })
}

fn read_teams(
    tables: &Tables,
    meter: &Meter<'_>,
    competitions: &Competitions,
    oddities: &mut Oddities,
) -> Result<(Vec<Team>, u64), ImportError> {
    let mut teams: Vec<Team> = Vec::new();
    let rows = tables.read(Table::Teams, TEAM_COLUMNS, meter, |rows, columns| {
        let [id, competition, benchmark, medal, awarded, public, private] = columns;
        rows.each(|row| {
            let Some(id) = number(row.field(id)) else {
                oddities.add(Oddity::KeyIsNoNumber);
                return Ok(());
            };
            if is_true(row.field(benchmark)) {
                oddities.add(Oddity::TeamOfBenchmark);
                teams.push(Team {
                    id,
                    competition: UNKNOWN,
                    rank: 0,
                    word: BENCHMARK,
                });
                return Ok(());
            }
            let competition = number(row.field(competition)).and_then(|id| competitions.find(id));
            if competition.is_none() {
                oddities.add(Oddity::TeamWithoutCompetition);
            }
            let mut word = match row.field(medal) {
                b"" => 0,
                [digit @ b'1'..=b'3'] => u32::from(digit - b'0'),
                _ => {
                    oddities.add(Oddity::ValueIsNone);
                    0
                }
            };
            if word != 0 {
                let found = competition.and_then(|at| competitions.list.get(at as usize));
                if found.is_some_and(|found| !found.qualifies) {
                    // Kaggle's own word stands; that the two do not fit together is told.
                    oddities.add(Oddity::MedalThatCannotBe);
                }
                word |= award_day(row.field(awarded), oddities).number() << DAY_SHIFT;
            }
            let rank = match (
                rank(row.field(private), oddities),
                rank(row.field(public), oddities),
            ) {
                (Some(private), _) => private,
                (None, Some(public)) => {
                    oddities.add(Oddity::RankIsPublic);
                    word |= RANK_IS_PUBLIC;
                    public
                }
                (None, None) => {
                    oddities.add(Oddity::TeamWithoutRank);
                    0
                }
            };
            teams.push(Team {
                id,
                competition: competition.unwrap_or(UNKNOWN),
                rank,
                word,
            });
            Ok(())
        })
    })?;
    // Stable, and quick where the file has this order: of a team that is given twice the first row counts.
    teams.sort_by_key(|team| team.id);
    let before = teams.len();
    teams.dedup_by_key(|team| team.id);
    oddities.add_many(Oddity::TeamGivenTwice, (before - teams.len()) as u64);
    Ok((teams, rows))
}

/// A place, 1 or more.
fn rank(field: &[u8], oddities: &mut Oddities) -> Option<u32> {
    let rank = number(field).filter(|rank| *rank > 0);
    if rank.is_none() && !field.is_empty() {
        oddities.add(Oddity::ValueIsNone);
    }
    rank
}

/// The day of a medal, if it is one that counts.
fn award_day(field: &[u8], oddities: &mut Oddities) -> Day {
    if field.is_empty() {
        oddities.add(Oddity::MedalWithoutDate);
        return Day::NONE;
    }
    match Day::parse(field) {
        Some(Day::FILLED_IN) => {
            oddities.add(Oddity::MedalDateFilledIn);
            Day::NONE
        }
        Some(day) => day,
        None => {
            oddities.add(Oddity::DateIsNone);
            Day::NONE
        }
    }
}

/// The members as pairs of a team's place and a user's number, in order and each once.
fn read_members(
    tables: &Tables,
    meter: &Meter<'_>,
    teams: &[Team],
    oddities: &mut Oddities,
) -> Result<(Vec<(u32, u32)>, u64), ImportError> {
    let directory = Directory::new(teams.len(), |index| teams[index].id);
    let mut members: Vec<(u32, u32)> = Vec::new();
    let rows = tables.read(
        Table::TeamMemberships,
        MEMBERSHIP_COLUMNS,
        meter,
        |rows, [team, user]| {
            rows.each(|row| {
                let (team, user) = (number(row.field(team)), number(row.field(user)));
                let (Some(team), Some(user)) = (team, user) else {
                    oddities.add(Oddity::KeyIsNoNumber);
                    return Ok(());
                };
                match directory.find(team, |index| teams[index].id) {
                    Some(team) => members.push((team, user)),
                    None => oddities.add(Oddity::MembershipWithoutTeam),
                }
                Ok(())
            })
        },
    )?;
    members.sort_unstable();
    let before = members.len();
    members.dedup();
    oddities.add_many(
        Oddity::MembershipGivenTwice,
        (before - members.len()) as u64,
    );
    Ok((members, rows))
}

/// Members of each team. Count.
fn sizes(members: &[(u32, u32)], teams: usize) -> Vec<u32> {
    let mut sizes = vec![0; teams];
    for (team, _) in members {
        sizes[*team as usize] += 1;
    }
    sizes
}

/// A set of accounts, by their places.
struct Marks(Vec<u64>);

impl Marks {
    fn holds(&self, place: u32) -> bool {
        let word = self.0.get((place / 64) as usize);
        word.is_some_and(|word| word >> (place % 64) & 1 != 0)
    }

    fn add(&mut self, place: u32) {
        if let Some(word) = self.0.get_mut((place / 64) as usize) {
            *word |= 1 << (place % 64);
        }
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// Puts the user's place where its number stood, or [`UNKNOWN`]; those with a medal.
fn place_users(
    members: &mut [(u32, u32)],
    teams: &[Team],
    users: &[u32],
    oddities: &mut Oddities,
) -> Marks {
    let directory = Directory::new(users.len(), |index| users[index]);
    let mut medalists = Marks(vec![0; users.len().div_ceil(64)]);
    for (team, user) in members {
        let Some(place) = directory.find(*user, |index| users[index]) else {
            oddities.add(Oddity::MembershipWithoutUser);
            *user = UNKNOWN;
            continue;
        };
        *user = place;
        let team = teams[*team as usize];
        if team.has_medal() {
            medalists.add(place);
        }
    }
    medalists
}
