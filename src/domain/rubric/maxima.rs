//! A rubric with other maxima, for a ranking that asks "what if?".

use std::collections::BTreeMap;

use super::{Rubric, RubricError};

impl Rubric {
    /// This rubric with other maxima for the components that `maxima` names; the others share what is left of the
    /// 100 points in proportion to what they have. For a ranking that asks "what if?", and for nothing that is kept.
    pub fn with_maxima(&self, maxima: &BTreeMap<String, f64>) -> Result<Self, RubricError> {
        let components = self.components();
        let named = |name: &str| maxima.get(name).copied();
        for (name, max) in maxima {
            if !components.iter().any(|(known, _, _)| known == name) {
                let known = components.map(|(name, _, _)| name).join(", ");
                return Err(RubricError::NoComponent {
                    name: name.clone(),
                    known,
                });
            }
            within(name, *max, (0.0..=100.0).contains(max), "0 to 100")?;
        }
        let given: f64 = maxima.values().sum();
        let rest: f64 = components
            .iter()
            .filter(|(name, _, _)| named(name).is_none())
            .map(|(_, max, _)| max)
            .sum();
        let fine = given <= 100.0 + 1e-9 && (rest > 0.0 || (given - 100.0).abs() < 1e-9);
        within(
            "sum of the named max",
            given,
            fine,
            "100 at most, and 100 when nothing else has points to give",
        )?;
        let share = if rest > 0.0 {
            (100.0 - given).max(0.0) / rest
        } else {
            0.0
        };
        let mut other = self.clone();
        let parts = [
            ("open_source", &mut other.open_source.max),
            ("kaggle", &mut other.kaggle.max),
            ("own_code", &mut other.own_code.max),
            ("sustained", &mut other.sustained.max),
            ("reviewed", &mut other.reviewed.max),
        ];
        for (name, max) in parts {
            *max = named(name).unwrap_or(*max * share);
        }
        "what-if".clone_into(&mut other.digest);
        other.text.clear();
        Ok(other)
    }
}

fn within(key: &str, value: f64, fine: bool, range: &'static str) -> Result<(), RubricError> {
    if fine {
        return Ok(());
    }
    Err(RubricError::OutOfRange {
        key: key.to_owned(),
        value: value.to_string(),
        range,
    })
}
