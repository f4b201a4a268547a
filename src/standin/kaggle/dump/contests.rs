//! The competitions: when they ran, how many teams they had, and who was on which.
//!
//! Teams are numbered competition by competition and by their place in it, so that a team's number says all
//! about it. Who is on a team follows from its place: a layer of places (gold, silver, bronze, the rest)
//! draws from a stretch of the people, the most active of whom stand at its beginning. Within one
//! competition the stretches do not overlap, so that nobody is on two of its teams.

use super::{
    AS_OF,
    calendar::Day,
    dice::{Quantiles, Shuffle, draw, toss},
    pitfalls::{MISSING_COMPETITION, NO_DEADLINE},
    streams,
};
use crate::domain::facts::Medal;

/// Most members that a team can have. Count.
pub(super) const MOST_MEMBERS: u64 = 8;
/// When the competitions for beginners end: 2030-01-01.
const BEGINNERS_END: Day = Day(7_305);
/// Time between the end of a competition and its medals, at most. Days.
const UNTIL_AWARD: u64 = 12;

/// Days on which competitions ended, from 2010-01-01.
const ENDED: &Quantiles = &[
    (0, 120),
    (1_000, 2_360),
    (4_000, 3_830),
    (9_600, AS_OF.0 - 20),
    (10_000, AS_OF.0 + 60),
];
/// Teams of a competition that qualifies for tiers, after those of 2022.
const QUALIFYING_TEAMS: &Quantiles = &[
    (0, 30),
    (1_000, 57),
    (2_500, 165),
    (5_000, 451),
    (7_500, 1_200),
    (9_500, 3_330),
    (10_000, 7_200),
];
/// Teams of the competitions of schools and clubs, most of which are small.
const COMMUNITY_TEAMS: &Quantiles = &[
    (0, 0),
    (1_500, 0),
    (5_000, 12),
    (8_000, 60),
    (9_500, 400),
    (10_000, 5_000),
];

/// What a competition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// For tiers and medals; its number among its like.
    Qualifying(u64),
    /// For beginners: without an end, and with most of the teams.
    Beginners,
    /// For schools and clubs.
    Community,
}

/// Places of a competition whose teams draw from one stretch of the people.
#[derive(Debug, Clone, Copy, Default)]
struct Layer {
    /// Teams of the layers before. Count.
    after: u64,
    /// Teams of this layer. Count.
    teams: u64,
    /// Where its stretch of people begins, by activity.
    from: u64,
    /// Its people's order.
    order: Shuffle,
}

/// A competition.
#[derive(Debug, Clone)]
pub(super) struct Contest {
    pub(super) sort: Sort,
    /// The number of its first team.
    pub(super) first_team: u64,
    /// Teams. Count.
    pub(super) teams: u64,
    pub(super) opened: Day,
    pub(super) ended: Day,
    /// Gold, silver, bronze, and the rest.
    layers: [Layer; 4],
}

impl Contest {
    /// Whether medals were awarded.
    pub(super) fn gives_medals(&self) -> bool {
        matches!(self.sort, Sort::Qualifying(_)) && self.is_over()
    }

    /// Whether it has ended and what followed is settled.
    pub(super) fn is_over(&self) -> bool {
        self.ended.0 + UNTIL_AWARD <= AS_OF.0
    }

    /// The deadline that the data set has.
    pub(super) fn deadline(&self) -> Option<Day> {
        let missing = matches!(self.sort, Sort::Qualifying(number) if NO_DEADLINE.hits(number));
        (!missing).then_some(self.ended)
    }

    /// Whether the data set has the competition.
    pub(super) fn is_known(&self) -> bool {
        !matches!(self.sort, Sort::Qualifying(number) if MISSING_COMPETITION.hits(number))
    }

    /// The day on which the medals were awarded.
    pub(super) fn awarded(&self) -> Day {
        Day(self.ended.0 + 1 + self.first_team % UNTIL_AWARD)
    }

    /// The medal of a place from 1.
    pub(super) fn medal(&self, place: u64) -> Option<Medal> {
        if !self.gives_medals() {
            return None;
        }
        Medal::ALL
            .into_iter()
            .zip(medals_to(self.teams))
            .find_map(|(medal, to)| (place <= to).then_some(medal))
    }

    /// Who has this seat on the team of a place from 1: a number by activity.
    pub(super) fn seat(&self, place: u64, seat: u64) -> u64 {
        let behind = place.saturating_sub(1);
        let layer = self
            .layers
            .iter()
            .find(|layer| behind < layer.after + layer.teams)
            .unwrap_or(&self.layers[3]);
        layer.from + layer.order.at((behind - layer.after) * MOST_MEMBERS + seat)
    }

    /// The place and the seat that a person by activity has, if it is worth a medal.
    fn medal_seat(&self, activity: u64) -> Option<(u64, u64, Medal)> {
        let layers = self.layers.iter().zip(Medal::ALL);
        for (layer, medal) in layers {
            if activity < layer.from || activity >= layer.from + layer.order.count() {
                continue;
            }
            let seat = layer.order.place_of(activity - layer.from);
            let behind = seat / MOST_MEMBERS;
            return (behind < layer.teams).then_some((
                layer.after + behind + 1,
                seat % MOST_MEMBERS,
                medal,
            ));
        }
        None
    }
}

/// All competitions, and who is in which. This alone is held in memory: some 300 bytes a competition.
#[derive(Debug)]
pub(super) struct Contests {
    all: Vec<Contest>,
    /// By competition: the number of its first team.
    first_teams: Vec<u64>,
    /// The competitions with medals, and behind which activity none of theirs are to be had.
    with_medals: Vec<(u64, u64)>,
    /// Behind which activity there are no medals at all.
    medals_before: u64,
}

impl Contests {
    pub(super) fn new(users: u64, teams: u64, seed: u64) -> Self {
        let count = (users / 1_360).max(60);
        let qualifying = (count / 50).max(12);
        let mut sorts: Vec<Sort> = (0..count)
            .map(|number| {
                let before = number * qualifying / count;
                if (number + 1) * qualifying / count > before {
                    Sort::Qualifying(before)
                } else {
                    Sort::Community
                }
            })
            .collect();
        let beginners = (count / 500).max(4);
        let length = sorts.len();
        for number in 0..beginners {
            let place = place(number * count / beginners + count / beginners / 2);
            if let Some(sort) = sorts
                .iter_mut()
                .take(length)
                .skip(place)
                .find(|sort| **sort == Sort::Community)
            {
                *sort = Sort::Beginners;
            }
        }
        let sizes = sizes(&sorts, users, teams, seed);
        let mut contests = Self {
            all: Vec::with_capacity(length),
            first_teams: Vec::with_capacity(length),
            with_medals: Vec::new(),
            medals_before: 0,
        };
        let mut first_team = 0;
        for (number, (sort, teams)) in (0..).zip(sorts.into_iter().zip(sizes)) {
            let chance = |stream| toss(seed, stream, number);
            let ended = match sort {
                Sort::Beginners => BEGINNERS_END,
                _ => Day(draw(number * 10_000 / count, ENDED)),
            };
            let opened = Day((draw(number * 10_000 / count, ENDED).min(AS_OF.0))
                .saturating_sub(30 + chance(streams::LENGTH) % 60));
            let mut contest = Contest {
                sort,
                first_team,
                teams,
                opened,
                ended,
                layers: [Layer::default(); 4],
            };
            contest.layers = layers(&contest, users, &chance);
            if contest.gives_medals() {
                let bronze = &contest.layers[2];
                let before = bronze.from + bronze.order.count();
                contests.with_medals.push((number, before));
                contests.medals_before = contests.medals_before.max(before);
            }
            contests.first_teams.push(first_team);
            first_team += teams;
            contests.all.push(contest);
        }
        contests
    }

    /// How many there are. Count.
    pub(super) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    pub(super) fn get(&self, number: u64) -> &Contest {
        &self.all[place(number)]
    }

    /// The competition of a team, by number.
    pub(super) fn of_team(&self, team: u64) -> u64 {
        let after = self.first_teams.partition_point(|first| *first <= team);
        // The first competition begins with the first team.
        (after as u64).saturating_sub(1)
    }

    /// The teams and seats by which a person, numbered by activity, has medals.
    pub(super) fn medal_seats(
        &self,
        activity: u64,
    ) -> impl Iterator<Item = (u64, u64, Medal)> + '_ {
        let any = activity < self.medals_before;
        let with_medals = if any { &*self.with_medals } else { &[] };
        with_medals
            .iter()
            .filter(move |(_, before)| activity < *before)
            .filter_map(move |(number, _)| {
                let contest = self.get(*number);
                let (place, seat, medal) = contest.medal_seat(activity)?;
                Some((contest.first_team + place - 1, seat, medal))
            })
    }
}

/// The last places of gold, silver and bronze by Kaggle's bands; percentages round down.
pub(super) fn medals_to(teams: u64) -> [u64; 3] {
    match teams {
        0..100 => [teams / 10, teams / 5, teams * 2 / 5],
        100..250 => [10, teams / 5, teams * 2 / 5],
        250..1_000 => [10 + teams / 500, 50, 100],
        _ => [10 + teams / 500, teams / 20, teams / 10],
    }
}

/// Teams of each competition; together there are as many as there should be.
fn sizes(sorts: &[Sort], users: u64, teams: u64, seed: u64) -> Vec<u64> {
    // Every team could be full, and nobody is on two of a competition.
    let most = users / MOST_MEMBERS;
    let mut sizes: Vec<u64> = (0..)
        .zip(sorts)
        .map(|(number, sort)| {
            let toss = toss(seed, streams::TEAMS, number);
            match sort {
                Sort::Qualifying(_) => draw(toss, QUALIFYING_TEAMS),
                Sort::Community => draw(toss, COMMUNITY_TEAMS),
                Sort::Beginners => 0,
            }
        })
        .collect();
    let drawn: u64 = sizes.iter().sum();
    // Four in ten teams at least are left to the beginners.
    let room = teams * 6 / 10;
    if drawn > room {
        for size in &mut sizes {
            *size = *size * room / drawn;
        }
    }
    for size in &mut sizes {
        *size = (*size).min(most);
    }
    let mut left = teams - sizes.iter().sum::<u64>();
    let mut beginners = sorts
        .iter()
        .filter(|sort| **sort == Sort::Beginners)
        .count() as u64;
    for (size, sort) in sizes.iter_mut().zip(sorts) {
        if *sort == Sort::Beginners {
            *size = left / beginners;
            left -= *size;
            beginners -= 1;
        }
    }
    sizes
}

/// Who takes part: the stretches of the layers, one behind the other.
fn layers(contest: &Contest, users: u64, chance: &dyn Fn(u64) -> u64) -> [Layer; 4] {
    let teams = contest.teams;
    let mut layers = [Layer::default(); 4];
    if teams == 0 {
        return layers;
    }
    let [gold, silver, bronze] = if contest.gives_medals() {
        medals_to(teams)
    } else {
        [0; 3]
    };
    // How many people stand behind one seat; the fewer, the oftener the same win.
    let widest = (users / (teams * MOST_MEMBERS)).max(1);
    let counts = [gold, silver - gold, bronze - silver, teams - bronze];
    let mut after = 0;
    let mut from = 0;
    for (stream, (layer, count)) in (streams::LAYERS..).zip(layers.iter_mut().zip(counts)) {
        let wide = (1 << (chance(stream) % 7)).min(widest);
        let people = count * MOST_MEMBERS * wide;
        if stream == streams::LAYERS + 3 && !contest.gives_medals() {
            // Cubed, because the active are in more competitions than the others.
            let share = chance(streams::STRETCH) % 1_024;
            from = ((users - people) * (share * share * share)) >> 30;
        }
        *layer = Layer {
            after,
            teams: count,
            from,
            order: Shuffle::new(people, chance(stream + 8)),
        };
        after += count;
        from += people;
    }
    layers
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medals_follow_the_published_bands() {
        for (teams, to) in [
            (0, [0, 0, 0]),
            (9, [0, 1, 3]),
            (99, [9, 19, 39]),
            (100, [10, 20, 40]),
            (249, [10, 49, 99]),
            (250, [10, 50, 100]),
            (999, [11, 50, 100]),
            (1_000, [12, 50, 100]),
            (7_176, [24, 358, 717]),
        ] {
            assert_eq!(medals_to(teams), to, "{teams}");
        }
    }

    #[test]
    fn nobody_is_on_two_teams_of_a_competition_and_medals_find_their_seats() {
        const USERS: u64 = 40_000;
        let teams = USERS * 6 / 17;
        let contests = Contests::new(USERS, teams, 3);
        let mut sum = 0;
        for number in 0..contests.count() {
            let contest = contests.get(number);
            let mut people: Vec<u64> = (1..=contest.teams)
                .flat_map(|place| (0..MOST_MEMBERS).map(move |seat| (place, seat)))
                .map(|(place, seat)| contest.seat(place, seat))
                .collect();
            let seats = people.len();
            people.sort_unstable();
            people.dedup();
            assert_eq!(people.len(), seats, "{number}");
            assert!(people.iter().all(|person| *person < USERS), "{number}");
            for place in 1..=contest.teams {
                let team = contest.first_team + place - 1;
                assert_eq!(contests.of_team(team), number);
                let person = contest.seat(place, 3);
                let found = contests
                    .medal_seats(person)
                    .find(|(of, ..)| *of == team)
                    .map(|(_, seat, medal)| (seat, medal));
                assert_eq!(found, contest.medal(place).map(|medal| (3, medal)));
            }
            sum += contest.teams;
        }
        assert_eq!(sum, teams);
    }
}
