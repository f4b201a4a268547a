//! Which profiles have changed: a probe of many applicants at once, and jobs for those who did.

mod schedule;
mod summary;

pub use schedule::{NoSchedule, Schedule};
pub use summary::{Changed, Failed, Progress, Status, Summary, Trigger};

use std::sync::Arc;

use crate::config::Config;
use crate::domain::rubric::Rubric;
use crate::enrich::Connections;
use crate::store::{Store, StoreError};
use crate::worker::Allowance;
use std::collections::BTreeMap;

/// Runs refreshes over a store, one at a time. To start one that runs already is refused.
pub struct Refresher {
    #[expect(dead_code, reason = "what a run needs")]
    parts: Parts,
}

/// What a refresh needs.
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// The settings.
    pub config: Config,
    /// Every rubric by name.
    pub rubrics: BTreeMap<String, Rubric>,
    /// The hosts to ask.
    pub connections: Connections,
    /// What a refresh may spend; shared with the pool of workers.
    pub allowance: Arc<Allowance>,
}

/// Why a refresh did not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a refresh is running already, since {since}")]
pub struct Running {
    /// Since when.
    pub since: jiff::Timestamp,
}

impl Refresher {
    /// Of its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// Asks for a run as soon as may be. Returns at once.
    pub fn start(&self, _trigger: Trigger) -> Result<(), Running> {
        Ok(())
    }

    /// How it stands: what runs, what ran last, when it runs next.
    pub async fn status(&self) -> Result<Status, StoreError> {
        Ok(Status::default())
    }
}
