//! The ranking by other weights: sliders, one for each component, that are scaled to 100 together.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::rubric::Rubric;
use crate::report::Ranking;
use crate::report::html::component;
use crate::service::Service;
use crate::store::StoreError;

/// Steps of a slider. Points.
const STEP: f64 = 0.5;

/// A component's slider.
#[derive(Debug, PartialEq)]
pub(super) struct Slider {
    pub(super) name: &'static str,
    pub(super) title: String,
    /// Where it stands.
    pub(super) value: String,
    /// The rubric's own maximum.
    pub(super) usual: String,
}

/// The sliders as they were set; those that were not stand where the rubric has them.
pub(super) fn sliders(rubric: &Rubric, set: &BTreeMap<String, f64>) -> Vec<Slider> {
    let components = rubric.components();
    let each = components.iter().map(|(name, max, _)| Slider {
        name,
        title: component(name),
        value: number(set.get(*name).copied().unwrap_or(*max)),
        usual: number(*max),
    });
    each.collect()
}

fn number(points: f64) -> String {
    format!("{}", (points / STEP).round() * STEP)
}

/// The maxima that the sliders mean: scaled to 100. `None`: they are the rubric's. An error says why they mean nothing.
fn maxima(
    rubric: &Rubric,
    set: &BTreeMap<String, f64>,
) -> Result<Option<BTreeMap<String, f64>>, String> {
    let components = rubric.components();
    let wanted: Vec<(&str, f64, f64)> = components
        .iter()
        .map(|(name, max, _)| (*name, *max, set.get(*name).copied().unwrap_or(*max)))
        .collect();
    // A slider stands at the nearest step.
    if wanted
        .iter()
        .all(|(_, max, value)| (max - value).abs() < STEP)
    {
        return Ok(None);
    }
    let sum: f64 = wanted.iter().map(|(_, _, value)| value).sum();
    if sum <= 0.0 {
        return Err("All weights are 0: nothing would count. Raise one of them.".to_owned());
    }
    let scaled = wanted
        .into_iter()
        .map(|(name, _, value)| (name.to_owned(), (value * 100.0 / sum).min(100.0)));
    Ok(Some(scaled.collect()))
}

/// The ranking by other maxima; `None`: they are the rubric's own. An inner error says why they cannot be. `change`
/// tells when the profiles are others than before.
pub(super) async fn ranking_by(
    service: &Service,
    rubric: &Rubric,
    set: &BTreeMap<String, f64>,
    change: u64,
) -> Result<Result<Option<Arc<Ranking>>, String>, StoreError> {
    let maxima = match maxima(rubric, set) {
        Ok(Some(maxima)) => maxima,
        Ok(None) => return Ok(Ok(None)),
        Err(why) => return Ok(Err(why)),
    };
    let other = match rubric.with_maxima(&maxima) {
        Ok(other) => other,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let what_ifs = &service.what_ifs;
    let ranking = what_ifs
        .ranking(&service.store, rubric, other, &maxima, change)
        .await?;
    Ok(Ok(Some(ranking)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rubric() -> Rubric {
        Rubric::embedded("doctoral-dl-radiology").unwrap()
    }

    #[test]
    fn sliders_where_the_rubric_has_them_are_no_what_if() {
        let rubric = rubric();
        assert_eq!(maxima(&rubric, &BTreeMap::new()), Ok(None));
        let set = sliders(&rubric, &BTreeMap::new());
        let set = set
            .iter()
            .map(|one| (one.name.to_owned(), one.value.parse().unwrap()));
        assert_eq!(maxima(&rubric, &set.collect()), Ok(None));
    }

    #[test]
    fn other_weights_are_scaled_to_100_and_a_rubric_takes_them() {
        let rubric = rubric();
        for (name, value) in [("kaggle", 100.0), ("kaggle", 0.0), ("open_source", 7.5)] {
            let set = BTreeMap::from([(name.to_owned(), value)]);
            let maxima = maxima(&rubric, &set).unwrap().unwrap();
            let sum: f64 = maxima.values().sum();
            assert!((sum - 100.0).abs() < 1e-9, "{sum}");
            assert!(rubric.with_maxima(&maxima).is_ok(), "{name} {value}");
        }
        let one = ["open_source", "own_code", "sustained", "reviewed"];
        let mut set: BTreeMap<String, f64> =
            one.iter().map(|name| ((*name).to_owned(), 0.0)).collect();
        set.insert("kaggle".to_owned(), 37.0);
        let all_of_it = maxima(&rubric, &set).unwrap().unwrap();
        assert!(rubric.with_maxima(&all_of_it).is_ok());
        set.insert("kaggle".to_owned(), 0.0);
        assert!(maxima(&rubric, &set).is_err());
    }
}
