//! Kaggle in a refresh: a newer data set, if Kaggle has one, and what it says otherwise than the facts that are kept.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::domain::facts::{KaggleFacts, Lookup, Observation, Teller};
use crate::domain::link::{self, Column, Link};
use crate::domain::profile::Profile;
use crate::enrich::Connections;
use crate::sources::kaggle::Kaggle;
use crate::sources::kaggle::bulk::Index;
use crate::sources::kaggle::import::{Folder, Imported, Origin, import};

/// Renews the data set where it was imported once; what became of it, and whether that is a failure.
pub(super) async fn renew(
    kaggle: &Kaggle,
    config: &Config,
    patience: Duration,
) -> Option<Result<String, String>> {
    let before = kaggle.index()?;
    let folder = Folder::within(&config.data_dir);
    let origin = Origin::Kaggle {
        connection: kaggle.connection(),
        patience,
        force: false,
        keep: false,
    };
    let day = |index: &Index| index.about().as_of.strftime("%F").to_string();
    Some(match import(&folder, origin, Arc::new(|_| {})).await {
        Ok(Imported::NothingNewer(_)) => Ok(format!(
            "Kaggle has nothing newer than the data set of {}",
            day(&before)
        )),
        Ok(Imported::Index(_)) => match Index::open(&folder.index()) {
            Ok(index) => {
                let told = format!(
                    "the data set is of {} now, before of {}",
                    day(&index),
                    day(&before)
                );
                kaggle.renew(index);
                Ok(told)
            }
            Err(error) => Err(format!(
                "Kaggle's data set was renewed and cannot be read: {error}"
            )),
        },
        Err(error) => {
            let why = anyhow::Error::new(error);
            Err(format!(
                "Kaggle's data set could not be renewed, the one from before still answers: {why:#}"
            ))
        }
    })
}

/// Whether the data set says something else about an applicant than what is kept. Nobody is asked.
pub(super) async fn differs(connections: &Connections, profile: &Profile) -> bool {
    let Some(kept) = &profile.sources.kaggle else {
        return false;
    };
    let link = link::parse(&kept.url, Column::Links, &connections.hosts);
    let Ok(Link::Kaggle { handle }) = link.map(|parsed| parsed.link) else {
        return false;
    };
    let number = kept.lookup.found().map(|facts| facts.user_id);
    let now = connections.kaggle.known(&handle, number).await;
    now.is_some_and(|now| says_otherwise(&now, kept))
}

/// Whether the data set's word of `now` differs from the `kept` one in what a rubric counts. Places in the rankings, which
/// move every day with everybody's points, and the dates of the copies do not count.
fn says_otherwise(now: &Lookup<KaggleFacts>, kept: &Observation<KaggleFacts>) -> bool {
    match (now, &kept.lookup) {
        (Lookup::Found { facts: now }, Lookup::Found { facts: kept }) => {
            now.competitions != kept.competitions || totals_differ(now, kept)
        }
        // Somebody whom the data set did not hold before.
        (Lookup::Found { .. }, _) => true,
        // Somebody whom it did hold.
        (_, Lookup::Found { facts }) => facts.competitions_from.is_some(),
        _ => false,
    }
}

/// Tiers and medals, where the data set is newer than who told them.
fn totals_differ(now: &KaggleFacts, kept: &KaggleFacts) -> bool {
    let as_of = now.totals_from.as_of;
    let from = |category| {
        let own = kept.medals_from.get(category);
        *own.unwrap_or(&kept.totals_from)
    };
    let medals = now.medals.iter().any(|(category, medals)| {
        let from = from(category);
        let newer = from.teller == Teller::DataSet || from.as_of < as_of;
        newer && kept.medals.get(category).is_some_and(|kept| kept != medals)
    });
    let told_by_data_set = kept.totals_from.teller == Teller::DataSet;
    medals
        || (told_by_data_set && (now.tiers != kept.tiers || now.medals.len() != kept.medals.len()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::facts::{Category, CompetitionResult, MedalCount, Provenance, Rank, Tier};

    fn facts(teller: Teller, as_of: &str) -> KaggleFacts {
        let one = MedalCount {
            gold: 1,
            ..MedalCount::default()
        };
        KaggleFacts {
            user_name: "ada-made-up".to_owned(),
            user_id: 7,
            renamed_from: None,
            github: None,
            tiers: [(Category::Competitions, Tier::Expert)].into(),
            medals: [(Category::Competitions, one)].into(),
            ranks: [].into(),
            competitions: Vec::new(),
            totals_from: Provenance {
                teller,
                as_of: as_of.parse().unwrap(),
            },
            medals_from: [].into(),
            competitions_from: None,
            differences: Vec::new(),
            gaps: Vec::new(),
        }
    }

    fn differ(now: &KaggleFacts, kept: Lookup<KaggleFacts>) -> bool {
        let kept = Observation {
            url: "https://www.kaggle.com/ada-made-up".to_owned(),
            found_on: None,
            fetched_at: Timestamp::UNIX_EPOCH,
            lookup: kept,
        };
        says_otherwise(&Lookup::Found { facts: now.clone() }, &kept)
    }

    #[test]
    fn only_what_a_rubric_counts_makes_a_newer_data_set_say_otherwise() {
        let old = facts(Teller::DataSet, "2026-11-01T00:00:00Z");
        let kept = || Lookup::Found { facts: old.clone() };
        let mut now = facts(Teller::DataSet, "2026-11-02T00:00:00Z");
        assert!(!differ(&now, kept()), "a newer copy of the same");
        now.ranks.insert(
            Category::Competitions,
            Rank {
                current: Some(5),
                ..Rank::default()
            },
        );
        assert!(!differ(&now, kept()), "places move every day");
        let absent = Lookup::Absent {
            reason: "nobody".to_owned(),
        };
        assert!(differ(&now, absent), "whoever is there by now");
        let mut medal = now.clone();
        medal
            .medals
            .insert(Category::Competitions, MedalCount::default());
        assert!(differ(&medal, kept()));
        let mut tier = now.clone();
        tier.tiers.insert(Category::Competitions, Tier::Master);
        assert!(differ(&tier, kept()));
        let mut played = now;
        played.competitions.push(CompetitionResult {
            slug: "a-made-up-one".to_owned(),
            title: "A made-up one".to_owned(),
            rank: Some(3),
            rank_is_public: false,
            teams: Some(90),
            team_size: 2,
            medal: None,
            date: None,
        });
        assert!(differ(&played, kept()));
    }

    #[test]
    fn what_was_told_live_counts_until_the_data_set_is_newer() {
        let live = facts(Teller::Live, "2026-11-02T00:00:00Z");
        let with = |as_of| {
            let mut now = facts(Teller::DataSet, as_of);
            now.medals
                .insert(Category::Competitions, MedalCount::default());
            differ(
                &now,
                Lookup::Found {
                    facts: live.clone(),
                },
            )
        };
        assert!(!with("2026-11-01T00:00:00Z"));
        assert!(with("2026-11-03T00:00:00Z"));
    }
}
