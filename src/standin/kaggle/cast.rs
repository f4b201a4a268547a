//! The demo's people, written down as files, and the truth about them.

use std::{cmp::Reverse, collections::BTreeMap, io, path::Path};

use jiff::civil::{Date, date};

use super::{
    dump::{
        KnownPerson, Truth, Written, WrittenFile,
        calendar::Day,
        finish,
        rows::{
            ACHIEVEMENTS, AchievementRow, COMPETITIONS, CompetitionRow, MEMBERSHIPS, MembershipRow,
            TEAMS, TeamRow, USERS, UserRow,
        },
        sheet::Sheet,
    },
    people::{Person, people},
    played::{Competition, Team, competitions, teams},
};
use crate::domain::{
    facts::{Category, CompetitionResult, MedalCount, Tier},
    text::tame,
};

/// The newest day in the data set; somebody registered on it.
const AS_OF: Date = date(2026, 10, 30);
/// The date that was filled in for all that was before.
const BACKFILLED: Date = date(2016, 7, 15);

/// The demo's people and what they did.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) people: Vec<Person>,
    competitions: Vec<Competition>,
    teams: Vec<Team>,
}

impl Cast {
    pub(super) fn new() -> Self {
        Self {
            people: people(),
            competitions: competitions(),
            teams: teams(),
        }
    }

    /// The account that has or had the name; of several today's, and of those the latest.
    pub(super) fn find(&self, name: &str) -> Option<&Person> {
        let today = self
            .people
            .iter()
            .filter(|person| person.user_name.eq_ignore_ascii_case(name))
            .max_by_key(|person| person.id);
        today.or_else(|| {
            self.people.iter().find(|person| {
                person
                    .former_name
                    .is_some_and(|former| former.eq_ignore_ascii_case(name))
            })
        })
    }

    fn in_data_set(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|person| person.in_data_set)
    }

    /// In how many competitions the person's teams were. Count.
    pub(super) fn entered(&self, person: &Person) -> u64 {
        self.teams_of(person).count() as u64
    }

    fn teams_of(&self, person: &Person) -> impl Iterator<Item = &Team> {
        let id = person.id;
        self.teams
            .iter()
            .filter(move |team| !team.benchmark && team.members.contains(&id))
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<Written> {
        Ok(BTreeMap::from([
            ("Users.csv", self.write_users(folder)?),
            ("UserAchievements.csv", self.write_achievements(folder)?),
            ("Teams.csv", self.write_teams(folder)?),
            ("TeamMemberships.csv", self.write_memberships(folder)?),
            ("Competitions.csv", self.write_competitions(folder)?),
        ]))
    }

    fn write_users(&self, folder: &Path) -> io::Result<WrittenFile> {
        let mut sheet = Sheet::new(&folder.join("Users.csv"), &USERS, false)?;
        let mut people: Vec<&Person> = self.in_data_set().collect();
        people.sort_by_key(|person| person.id);
        for person in &people {
            let tier = person.totals.iter().filter_map(|(_, totals)| totals.tier);
            let row = UserRow {
                id: person.id,
                user_name: person.user_name,
                display_name: person.display_name,
                registered: Day::of(person.joined),
                tier: tier.max().map_or(0, |tier| tier.number().into()),
                country: "",
            };
            row.write(&mut sheet)?;
        }
        let newest = UserRow {
            id: 2_000_899,
            user_name: "newest-of-all",
            display_name: "The Newest",
            registered: Day::of(AS_OF),
            tier: 0,
            country: "",
        };
        newest.write(&mut sheet)?;
        finish(sheet)
    }

    fn write_achievements(&self, folder: &Path) -> io::Result<WrittenFile> {
        let path = folder.join("UserAchievements.csv");
        let mut sheet = Sheet::new(&path, &ACHIEVEMENTS, false)?;
        let mut id = 1;
        // By category, so that a person's rows are apart.
        for category in Category::ALL {
            let kind = match category {
                Category::Competitions => "Competitions",
                Category::Datasets => "Datasets",
                Category::Notebooks => "Scripts",
                Category::Discussion => "Discussion",
            };
            for person in self.in_data_set() {
                for (_, totals) in person.totals.iter().filter(|(of, _)| *of == category) {
                    let row = AchievementRow {
                        user_id: person.id,
                        kind,
                        tier: totals.tier.map_or(0, |tier| tier.number().into()),
                        reached: (totals.tier > Some(Tier::Novice))
                            .then(|| Day::of(person.joined.max(BACKFILLED))),
                        points: totals.rank.points.unwrap_or_default().into(),
                        current: totals.rank.current.map(u64::from),
                        highest: totals.rank.highest.map(u64::from),
                        medals: totals.medals.unwrap_or_default(),
                    };
                    row.write(id, &mut sheet)?;
                    id += 3;
                }
            }
        }
        finish(sheet)
    }

    fn write_teams(&self, folder: &Path) -> io::Result<WrittenFile> {
        let mut sheet = Sheet::new(&folder.join("Teams.csv"), &TEAMS, false)?;
        for team in &self.teams {
            let ended = self.competition(team).and_then(|one| one.deadline);
            let last = Day::of(ended.map_or(BACKFILLED, |ended| ended.min(AS_OF)));
            let row = TeamRow {
                id: team.id,
                competition: team.competition,
                leader: team.members.first().copied(),
                name: team.name,
                first: last,
                last,
                benchmark: team.benchmark,
                medal: team.medal.map(|medal| 1 + medal as u64),
                awarded: team.awarded.map(Day::of),
                public_rank: team.public_rank.map(u64::from),
                private_rank: team.private_rank.map(u64::from),
            };
            row.write(&mut sheet)?;
        }
        finish(sheet)
    }

    fn write_memberships(&self, folder: &Path) -> io::Result<WrittenFile> {
        let path = folder.join("TeamMemberships.csv");
        let mut sheet = Sheet::new(&path, &MEMBERSHIPS, false)?;
        let mut id = 1;
        for seat in 0..5 {
            for team in self.teams.iter().rev() {
                if let Some(user) = team.members.get(seat) {
                    let row = MembershipRow {
                        id,
                        team: team.id,
                        user: *user,
                        requested: None,
                    };
                    row.write(&mut sheet)?;
                    id += 2;
                }
            }
        }
        finish(sheet)
    }

    fn write_competitions(&self, folder: &Path) -> io::Result<WrittenFile> {
        let path = folder.join("Competitions.csv");
        let mut sheet = Sheet::new(&path, &COMPETITIONS, true)?;
        for competition in self.competitions.iter().filter(|one| one.in_data_set) {
            let deadline = competition.deadline.map(Day::of);
            let enabled = Day::of(competition.deadline.unwrap_or(BACKFILLED).min(AS_OF));
            let row = CompetitionRow {
                id: competition.id,
                slug: competition.slug,
                title: competition.title,
                subtitle: "A made-up competition of\nthe \"demo\".",
                segment: if competition.qualifies {
                    "Featured"
                } else {
                    "Getting Started"
                },
                enabled: Day(enabled.0.saturating_sub(90)),
                deadline,
                qualifies: competition.qualifies,
                teams: competition.teams.map(u64::from),
            };
            row.write(&mut sheet)?;
        }
        finish(sheet)
    }

    fn competition(&self, team: &Team) -> Option<&Competition> {
        self.competitions
            .iter()
            .find(|competition| competition.id == team.competition)
    }

    pub(super) fn truth(&self) -> Truth {
        let mut truth = Truth {
            as_of: AS_OF,
            people: BTreeMap::new(),
            shadowed: Vec::new(),
            renamed: BTreeMap::new(),
        };
        for person in self.in_data_set() {
            let name = person.user_name.to_ascii_lowercase();
            if let Some(former) = person.former_name {
                truth
                    .renamed
                    .insert(former.to_owned(), person.user_name.to_owned());
            }
            let known = self.known(person);
            // They come in the order of their ids where the name is the same.
            if let Some(earlier) = truth.people.insert(name, known) {
                truth.shadowed.push(earlier);
            }
        }
        truth.people.insert(
            "newest-of-all".to_owned(),
            KnownPerson {
                user_id: 2_000_899,
                user_name: "newest-of-all".to_owned(),
                totals: BTreeMap::new(),
                competitions: Vec::new(),
                unnamed: MedalCount::default(),
            },
        );
        truth
    }

    fn known(&self, person: &Person) -> KnownPerson {
        let has_medal = self.teams_of(person).any(|team| team.medal.is_some());
        let mut unnamed = MedalCount::default();
        let mut competitions = Vec::new();
        for team in self.teams_of(person).filter(|_| has_medal) {
            match self.competition(team).filter(|one| one.in_data_set) {
                Some(competition) => competitions.push(result(team, competition)),
                None => team.medal.into_iter().for_each(|medal| unnamed.add(medal)),
            }
        }
        competitions.sort_by(|left, right| {
            (Reverse(left.date), &left.slug).cmp(&(Reverse(right.date), &right.slug))
        });
        KnownPerson {
            user_id: person.id,
            user_name: person.user_name.to_owned(),
            totals: person.totals.iter().copied().collect(),
            competitions,
            unnamed,
        }
    }
}

fn result(team: &Team, competition: &Competition) -> CompetitionResult {
    CompetitionResult {
        slug: competition.slug.to_owned(),
        title: tame(competition.title),
        rank: team.private_rank.or(team.public_rank),
        rank_is_public: team.private_rank.is_none() && team.public_rank.is_some(),
        teams: competition.teams,
        team_size: u32::try_from(team.members.len()).unwrap_or(u32::MAX),
        medal: team.medal,
        date: team
            .awarded
            .filter(|awarded| *awarded != BACKFILLED)
            .or(competition.deadline),
    }
}
