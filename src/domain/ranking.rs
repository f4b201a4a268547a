//! The order of a role's applicants, and how far it can be trusted.
//!
//! The order is: what is proven (`low`), then what is possible (`high`), then the id. Whether that order means
//! anything is seen by drawing it [`DRAWS`] times anew: each time every component's maximum is multiplied by a number
//! between 0.8 and 1.2 (the same for all applicants, then brought back to 100 in all), since a rubric's weights are
//! somebody's judgement; and every component that is not fully known gets a value between what is proven and what is
//! possible, for each applicant its own, each value as likely as another. The best and the worst rank over all draws
//! are an applicant's rank range, widened to hold the rank itself where need be: the order goes by what is proven, and
//! somebody with much unknown may do better in every draw.
//!
//! The draws come from BLAKE3's output stream over the id and the component's name, so that they are the same on
//! every machine, and do not depend on who else applied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::profile::Profile;

/// How often the order is drawn anew. Count.
pub const DRAWS: usize = 200;

/// How far a component's maximum is moved in a draw, up or down. Share.
const WEIGHTS_MOVE_BY: f64 = 0.2;

/// An order of two neighbours that holds in fewer draws than these is marked. Count; nine in ten.
const HOLDS_IN: usize = 180;

/// The part of the draws that lies on either side of the likely ranks. Count; one in twenty.
const TAIL: usize = DRAWS / 20;

/// Where an applicant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The rank, 1 the best.
    pub rank: usize,
    /// The rank by the rubric as it is, when the ranking is a what-if.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<usize>,
    /// The best rank over all draws, or the rank itself if that is better.
    pub best: usize,
    /// The worst rank over all draws, or the rank itself if that is worse.
    pub worst: usize,
    /// The best rank when the twentieth part of the draws on either side is left out.
    pub likely_best: usize,
    /// The worst rank when the twentieth part of the draws on either side is left out.
    pub likely_worst: usize,
    /// Whether the data can tell it from the one above.
    pub tie: Tie,
}

/// Whether an applicant can be told from the one that is ranked just above.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// The order holds in nine of ten draws.
    #[default]
    None,
    /// The order does not hold in nine of ten draws.
    Close,
    /// Both have the same proven and the same possible points: the id alone decides.
    Exact,
}

/// The place of each of `ranked`, which are in the order of [`Profile::compare_rank`].
#[must_use]
pub fn places(ranked: &[&Profile]) -> Vec<Place> {
    let orders = Orders::draw(ranked);
    (0..ranked.len())
        .map(|index| {
            let mut best = orders.best[index].clone();
            let mut worst = orders.worst[index].clone();
            best.sort_unstable();
            worst.sort_unstable();
            Place {
                rank: index + 1,
                was: None,
                best: best
                    .first()
                    .map_or(index + 1, |best| (*best).min(index + 1)),
                worst: worst
                    .last()
                    .map_or(index + 1, |worst| (*worst).max(index + 1)),
                likely_best: best.get(TAIL).copied().unwrap_or(index + 1),
                likely_worst: worst.get(DRAWS - 1 - TAIL).copied().unwrap_or(index + 1),
                tie: match index.checked_sub(1) {
                    None => Tie::None,
                    Some(above) => tie(ranked[above], ranked[index], orders.holds[above]),
                },
            }
        })
        .collect()
}

/// `holds`: in how many draws `above` has more points than `below`.
fn tie(above: &Profile, below: &Profile, holds: usize) -> Tie {
    let points = |profile: &Profile| (profile.score.low, profile.score.high);
    if points(above) == points(below) {
        Tie::Exact
    } else if holds < HOLDS_IN {
        Tie::Close
    } else {
        Tie::None
    }
}

/// What the draws gave.
struct Orders {
    /// By applicant, its rank in each draw; of those with equal points the first one's.
    best: Vec<Vec<usize>>,
    /// The same, of those with equal points the last one's.
    worst: Vec<Vec<usize>>,
    /// By applicant, in how many draws it has more points than the next one.
    holds: Vec<usize>,
}

impl Orders {
    fn draw(ranked: &[&Profile]) -> Self {
        let names = ranked.first().map_or(Vec::new(), |profile| {
            let components = profile.score.components.iter();
            components
                .map(|component| (component.name.as_str(), in_points(component.max.cents())))
                .collect()
        });
        let weights = weights(&names);
        let drawn: Vec<Vec<f64>> = ranked
            .iter()
            .map(|profile| points(profile, &names, &weights))
            .collect();
        let mut orders = Self {
            best: vec![Vec::with_capacity(DRAWS); ranked.len()],
            worst: vec![Vec::with_capacity(DRAWS); ranked.len()],
            holds: drawn
                .windows(2)
                .map(|pair| {
                    (0..DRAWS)
                        .filter(|draw| pair[0][*draw] > pair[1][*draw])
                        .count()
                })
                .collect(),
        };
        let mut order: Vec<usize> = (0..ranked.len()).collect();
        for draw in 0..DRAWS {
            let points: Vec<f64> = drawn.iter().map(|points| points[draw]).collect();
            order.sort_by(|left, right| {
                points[*right]
                    .total_cmp(&points[*left])
                    .then(left.cmp(right))
            });
            let mut rank = 1;
            let equal =
                |left: &usize, right: &usize| points[*left].total_cmp(&points[*right]).is_eq();
            for group in order.chunk_by(equal) {
                for index in group {
                    orders.best[*index].push(rank);
                    orders.worst[*index].push(rank + group.len() - 1);
                }
                rank += group.len();
            }
        }
        orders
    }
}

/// By draw and component: the maximum, moved. In points.
fn weights(names: &[(&str, f64)]) -> Vec<Vec<f64>> {
    let streams: Vec<Vec<f64>> = names
        .iter()
        .map(|(name, _)| stream(&["weight", name]))
        .collect();
    (0..DRAWS)
        .map(|draw| {
            let moved: Vec<f64> = names
                .iter()
                .zip(&streams)
                .map(|((_, max), stream)| {
                    max * (1.0 - WEIGHTS_MOVE_BY + 2.0 * WEIGHTS_MOVE_BY * stream[draw])
                })
                .collect();
            let sum: f64 = moved.iter().sum();
            let whole: f64 = names.iter().map(|(_, max)| max).sum();
            moved
                .into_iter()
                .map(|max| if sum > 0.0 { max * whole / sum } else { 0.0 })
                .collect()
        })
        .collect()
}

/// An applicant's points in each draw.
fn points(profile: &Profile, names: &[(&str, f64)], weights: &[Vec<f64>]) -> Vec<f64> {
    let mut drawn = vec![0.0; DRAWS];
    for (place, (name, _)) in names.iter().enumerate() {
        let component = profile
            .score
            .components
            .iter()
            .find(|component| component.name == *name && component.max.cents() > 0);
        let Some(component) = component else {
            continue;
        };
        let max = in_points(component.max.cents());
        let (low, high) = (
            in_points(component.low.cents()) / max,
            in_points(component.high.cents()) / max,
        );
        let open = high > low;
        let stream = if open {
            stream(&["unknown", profile.applicant.id.as_str(), name])
        } else {
            Vec::new()
        };
        for (draw, sum) in drawn.iter_mut().enumerate() {
            let share = if open {
                low + (high - low) * stream[draw]
            } else {
                low
            };
            *sum += share * weights[draw][place];
        }
    }
    drawn
}

/// [`DRAWS`] numbers from 0 to 1, the same for the same `words` for ever.
fn stream(words: &[&str]) -> Vec<f64> {
    let mut hasher = blake3::Hasher::new();
    for word in words {
        hasher.update(&(word.len() as u64).to_be_bytes());
        hasher.update(word.as_bytes());
    }
    let mut bytes = [0; DRAWS * 4];
    hasher.finalize_xof().fill(&mut bytes);
    let numbers = bytes.as_chunks::<4>().0.iter();
    numbers
        .map(|four| f64::from(u32::from_be_bytes(*four)) / f64::from(u32::MAX))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "at most 10,000 hundredths")]
fn in_points(cents: i64) -> f64 {
    cents as f64 / 100.0
}
