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
