//! Rankings as they would be by other maxima of a rubric. Nothing of them is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::domain::profile::Profile;
use crate::domain::rubric::Rubric;
use crate::report::Ranking;
use crate::store::{Store, StoreError};

/// The ranking as it would be by another rubric. What is compared with is today's rubric over the same facts, so that
/// the maxima alone make the difference.
#[must_use]
pub fn imagined(
    profiles: &[Profile],
    rubric: &Rubric,
    other: &Rubric,
    limit: Option<usize>,
) -> Ranking {
    let by = |rubric: &Rubric| -> Vec<Profile> {
        let judged = profiles
            .iter()
            .map(|profile| profile.rejudge(rubric, profile.as_of, profile.review.clone()));
        judged.collect()
    };
    let as_is = Ranking::new(&rubric.name, by(rubric), None);
    let maxima: Vec<String> = other
        .components()
        .iter()
        .filter(|(_, max, _)| *max > 0.0)
        .map(|(name, max, _)| format!("{name} {}", (max * 100.0).round() / 100.0))
        .collect();
    Ranking::new(&rubric.name, by(other), limit).as_what_if(&maxima.join(", "), &as_is)
}

/// A ranking that was imagined, and what of.
#[derive(Debug)]
struct Imagined {
    role: String,
    maxima: BTreeMap<String, u64>,
    change: u64,
    ranking: Arc<Ranking>,
}

/// Imagines rankings, one at a time, since each reads and judges all profiles of a role. The last one is remembered:
/// whoever turns its pages need not wait again.
#[derive(Debug, Default)]
pub struct WhatIfs(Mutex<Option<Imagined>>);

impl WhatIfs {
    /// The ranking of a role as it would be by `other`, which is `rubric` with these maxima. `change` tells when
    /// the profiles are others than before.
    pub async fn ranking(
        &self,
        store: &Store,
        rubric: &Rubric,
        other: Rubric,
        maxima: &BTreeMap<String, f64>,
        change: u64,
    ) -> Result<Arc<Ranking>, StoreError> {
        let maxima: BTreeMap<String, u64> = maxima
            .iter()
            .map(|(name, max)| (name.clone(), max.to_bits()))
            .collect();
        let mut last = self.0.lock().await;
        if let Some(known) = &*last
            && known.role == rubric.name
            && known.maxima == maxima
            && known.change == change
        {
            return Ok(Arc::clone(&known.ranking));
        }
        let profiles = store.profiles_of_role(&rubric.name).await?;
        let today = rubric.clone();
        let imagine = spawn_blocking(move || imagined(&profiles, &today, &other, None));
        let ranking = match imagine.await {
            Ok(ranking) => Arc::new(ranking),
            Err(broken) => std::panic::resume_unwind(broken.into_panic()),
        };
        *last = Some(Imagined {
            role: rubric.name.clone(),
            maxima,
            change,
            ranking: Arc::clone(&ranking),
        });
        Ok(ranking)
    }
}
