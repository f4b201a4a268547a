//! The made-up Kaggle: its people, what the data set says of them, and what the live tellers do.

use std::{io, path::Path};

use super::{
    cast::Cast,
    dump::{Dump, Truth, Written},
    home::{HomePage, home_page},
    people::Person,
    profile::{Profile, Summary},
};
use crate::domain::facts::{Category, Tier, Totals};

/// The categories that the live endpoint tells of; discussion left in 2025.
const LIVE: [Category; 3] = [
    Category::Competitions,
    Category::Datasets,
    Category::Notebooks,
];

/// A made-up Kaggle.
#[derive(Debug)]
pub struct KaggleWorld(Sort);

#[derive(Debug)]
enum Sort {
    Demo(Cast),
    Generated(Dump),
}

impl KaggleWorld {
    /// The people of the demo.
    #[must_use]
    pub fn demo() -> Self {
        Self(Sort::Demo(Cast::new()))
    }

    /// As many people as one likes, from a seed.
    #[must_use]
    pub fn generated(users: u64, seed: u64) -> Self {
        Self(Sort::Generated(Dump::new(users, seed)))
    }

    /// Writes the data set's files into the folder.
    pub fn write(&self, folder: &Path) -> io::Result<Written> {
        match &self.0 {
            Sort::Demo(cast) => cast.write(folder),
            Sort::Generated(dump) => dump.write(folder),
        }
    }

    /// What the data set holds about everybody. Held in memory: not for more than 200,000 people.
    #[must_use]
    pub fn truth(&self) -> Truth {
        match &self.0 {
            Sort::Demo(cast) => cast.truth(),
            Sort::Generated(dump) => dump.truth(),
        }
    }

    /// What the live tellers show of the account that has or had this name, compared without regard to case.
    #[must_use]
    pub fn profile(&self, name: &str) -> Option<Profile> {
        match &self.0 {
            Sort::Demo(cast) => cast.find(name).map(|person| demo_profile(cast, person)),
            Sort::Generated(dump) => dump.profile(name),
        }
    }

    /// The home page at a host, if there is a made-up one.
    #[must_use]
    pub fn home_page(&self, host: &str) -> Option<HomePage> {
        home_page(host)
    }
}

fn demo_profile(cast: &Cast, person: &Person) -> Profile {
    let shown = |category: &Category| {
        let totals = person.totals.iter().find(|(of, _)| of == category)?;
        Some((*category, totals.1))
    };
    let summaries = LIVE
        .iter()
        .filter(|category| !person.opted_out && !person.hidden.contains(category))
        .filter_map(shown)
        .map(|(category, totals)| {
            let mut summary = summary(category, &totals);
            if category == Category::Competitions {
                summary.results = cast.entered(person);
                summary.medals.bronze += person.newer_bronze;
            }
            summary
        })
        .collect();
    Profile {
        github: person.github.to_owned(),
        website: person.website.to_owned(),
        opted_out: person.opted_out,
        hidden: person.hidden.clone(),
        ..profile(
            person.id,
            person.user_name.to_owned(),
            person.display_name.to_owned(),
            person.joined,
            summaries,
        )
    }
}

/// A profile that names no account elsewhere and hides nothing.
pub(super) fn profile(
    user_id: u64,
    user_name: String,
    display_name: String,
    joined: jiff::civil::Date,
    summaries: Vec<Summary>,
) -> Profile {
    let highest = summaries
        .iter()
        .map(|summary| (summary.tier, summary.category))
        .max_by_key(|(tier, category)| (*tier, std::cmp::Reverse(*category)));
    Profile {
        user_id,
        user_name,
        display_name,
        github: String::new(),
        website: String::new(),
        joined,
        tier: highest.unwrap_or((Tier::Novice, Category::Competitions)),
        summaries,
        opted_out: false,
        hidden: Vec::new(),
    }
}

/// The live form of what the data set says.
pub(super) fn summary(category: Category, totals: &Totals) -> Summary {
    let medals = totals.medals.unwrap_or_default();
    Summary {
        category,
        tier: totals.tier.unwrap_or(Tier::Novice),
        medals,
        current: totals.rank.current.map(u64::from),
        highest: totals.rank.highest.map(u64::from),
        results: u64::from(medals.all()),
    }
}

impl Dump {
    /// What the live tellers show of a made-up account: the same as the data set, without discussion. An
    /// account without rows has left the progression; every third names a GitHub account, `NAME-example`.
    fn profile(&self, name: &str) -> Option<Profile> {
        let number = self.find(name).or_else(|| self.find_former(name))?;
        let person = self.known_person(number, &[]);
        let summaries: Vec<Summary> = LIVE
            .iter()
            .filter_map(|category| Some(summary(*category, person.totals.get(category)?)))
            .collect();
        let (display_name, joined) = self.shown_as(number);
        Some(Profile {
            github: if number % 3 == 1 {
                format!("{}-example", person.user_name.replace('_', "-"))
            } else {
                String::new()
            },
            opted_out: person.totals.is_empty(),
            ..profile(
                person.user_id,
                person.user_name,
                display_name,
                joined,
                summaries,
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::MedalCount;

    #[test]
    fn the_medals_of_the_demos_totals_are_those_of_its_teams() {
        let truth = KaggleWorld::demo().truth();
        for person in truth.people.values().chain(&truth.shadowed) {
            let mut won = person.unnamed;
            for medal in person.competitions.iter().filter_map(|result| result.medal) {
                won.add(medal);
            }
            let told = person
                .totals
                .get(&Category::Competitions)
                .and_then(|totals| totals.medals);
            assert_eq!(told.unwrap_or_default(), won, "{}", person.user_name);
            assert!(
                person
                    .competitions
                    .iter()
                    .all(|result| result.team_size > 0)
            );
        }
        assert_eq!(truth.shadowed.len(), 1);
        assert_eq!(truth.renamed["carlosold"], "CarlosNova");
        let felix = &truth.people["felixolden"];
        assert_eq!(
            felix.unnamed,
            MedalCount {
                silver: 1,
                ..MedalCount::default()
            }
        );
        let dates: Vec<_> = felix
            .competitions
            .iter()
            .map(|result| result.date.map(|day| day.to_string()))
            .collect();
        assert_eq!(
            dates,
            [
                Some("2022-01-17".to_owned()),
                Some("2013-02-20".to_owned()),
                None
            ]
        );
    }

    #[test]
    fn the_live_tellers_know_more_and_less_than_the_data_set() {
        let world = KaggleWorld::demo();
        let truth = world.truth();
        let bronze = |name: &str| world.profile(name).unwrap().summaries[0].medals.bronze;
        assert_eq!(world.profile("nobody-at-all"), None);
        assert_eq!(world.profile("CARLOSOLD").unwrap().user_name, "CarlosNova");
        assert!(!truth.people.contains_key("carlosold"));
        assert!(world.profile("daisymill").is_some() && !truth.people.contains_key("daisymill"));
        let eva = truth.people["evamoore"].totals[&Category::Competitions];
        assert_eq!(
            Some(bronze("evamoore") - 1),
            eva.medals.map(|medals| medals.bronze)
        );
        let zac = world.profile("zacopal").unwrap();
        assert!(zac.opted_out && zac.summaries.is_empty());
        assert!(truth.people["zacopal"].totals.is_empty());
        let brigitte = world.profile("brigittefalk").unwrap();
        assert_eq!(brigitte.summaries.len(), 2);
        assert_eq!(truth.people["brigittefalk"].totals.len(), 4);
        assert_eq!(world.profile("InesDuarte").unwrap().user_id, 2_000_777);
    }

    #[test]
    fn a_generated_person_shows_live_what_the_data_set_says() {
        let world = KaggleWorld::generated(2_000, 9);
        let truth = world.truth();
        for (name, person) in &truth.people {
            let live = world.profile(name).unwrap();
            assert_eq!(
                (live.user_id, &live.user_name),
                (person.user_id, &person.user_name)
            );
            for summary in &live.summaries {
                let totals = person.totals[&summary.category];
                assert_eq!(totals.medals, Some(summary.medals), "{name}");
                assert_eq!(totals.tier, Some(summary.tier), "{name}");
            }
            assert_eq!(live.opted_out, person.totals.is_empty());
        }
        for (former, today) in &truth.renamed {
            assert_eq!(&world.profile(former).unwrap().user_name, today);
        }
    }
}
