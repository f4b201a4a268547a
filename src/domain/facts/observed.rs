//! Reading an [`Observation`] back in one go.
//!
//! What serde derives for a flattened, tagged enum first reads everything into a tree of values and the facts from
//! that, which takes most of the time when many profiles are read. Here the state and what belongs to it are fields
//! beside the others, as they are in JSON.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Error};

use super::{Lookup, Observation};

#[derive(Deserialize)]
struct Flat<T> {
    url: String,
    #[serde(default)]
    found_on: Option<String>,
    fetched_at: Timestamp,
    state: State,
    // No default for `T` is needed: without facts there is none.
    #[serde(default = "Option::default")]
    facts: Option<T>,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Found,
    Absent,
    Hidden,
    Failed,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Observation<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Flat {
            url,
            found_on,
            fetched_at,
            state,
            facts,
            reason,
        } = Flat::deserialize(deserializer)?;
        let why = || reason.ok_or_else(|| D::Error::missing_field("reason"));
        let lookup = match state {
            State::Found => Lookup::Found {
                facts: facts.ok_or_else(|| D::Error::missing_field("facts"))?,
            },
            State::Absent => Lookup::Absent { reason: why()? },
            State::Hidden => Lookup::Hidden { reason: why()? },
            State::Failed => Lookup::Failed { reason: why()? },
        };
        Ok(Self {
            url,
            found_on,
            fetched_at,
            lookup,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::facts::PageFacts;

    fn read(value: serde_json::Value) -> Result<Observation<Vec<u8>>, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn every_state_is_read_back_as_it_was_written() {
        let states: [Lookup<Vec<u8>>; 4] = [
            Lookup::Found { facts: vec![1, 2] },
            Lookup::Absent {
                reason: "gone".to_owned(),
            },
            Lookup::Hidden {
                reason: "private".to_owned(),
            },
            Lookup::Failed {
                reason: "502".to_owned(),
            },
        ];
        for (place, lookup) in states.into_iter().enumerate() {
            let one = Observation {
                url: "https://github.com/someone-example".to_owned(),
                found_on: (place == 1).then(|| "https://page.example.org/".to_owned()),
                fetched_at: "2026-11-01T12:00:00Z".parse().unwrap(),
                lookup,
            };
            let written = serde_json::to_value(&one).unwrap();
            assert_eq!(read(written).unwrap(), one);
        }
    }

    #[test]
    fn what_lacks_the_part_that_belongs_to_its_state_is_refused() {
        let base = json!({"url": "u", "fetched_at": "2026-11-01T12:00:00Z"});
        for (extra, said) in [
            (json!({}), "missing field `state`"),
            (json!({"state": "found"}), "missing field `facts`"),
            (
                json!({"state": "hidden", "facts": [1]}),
                "missing field `reason`",
            ),
            (
                json!({"state": "lost", "reason": "x"}),
                "unknown variant `lost`",
            ),
        ] {
            let mut value = base.clone();
            for (key, more) in extra.as_object().unwrap() {
                value[key] = more.clone();
            }
            let refused = read(value).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
        let page: Result<Observation<PageFacts>, _> = serde_json::from_value(base);
        assert!(page.is_err());
    }
}
