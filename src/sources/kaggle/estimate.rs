//! What asking Kaggle live is expected to take.

use std::time::Duration;

use super::ask::Policy;
use super::bulk::{Index, IndexError};
use crate::domain::link::Handle;

/// What it takes, before anybody is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Estimate {
    /// People with a Kaggle link. Count.
    pub people: u32,
    /// Requests; failures and renamed accounts come on top. Count.
    pub requests: u32,
    /// Time, at one request each `kaggle.pause`.
    pub time: Duration,
}

impl Estimate {
    /// For these people: those that the data set does not hold are asked live, unless the policy says otherwise.
    pub fn of<'a>(
        people: impl IntoIterator<Item = &'a Handle>,
        index: Option<&Index>,
        policy: Policy,
        pause: Duration,
    ) -> Result<Self, IndexError> {
        let mut estimate = Self::default();
        for handle in people {
            estimate.people += 1;
            let asked = match (policy.asks_whoever(), index) {
                (Some(asked), _) => asked,
                (None, Some(index)) => index.find(handle.as_str())?.is_none(),
                (None, None) => true,
            };
            estimate.requests += u32::from(asked);
        }
        estimate.time = pause.saturating_mul(estimate.requests);
        Ok(estimate)
    }
}
