//! The rankings of all roles in memory, kept up with the store: what the pages and the API show.
//!
//! Reading ten thousand profiles takes seconds, and drawing their order two hundred times anew some tenths of one; a
//! page must not. So every profile is held in brief, some 2 KB each, and each role's ranking is kept ready and made
//! anew behind the scenes when profiles of the role have changed.
//!
//! Somebody has to call [`Board::follow`] for that. While nobody does, everything is read from the store when it is
//! asked for: right, and slow.

#[cfg(test)]
pub(crate) mod example;
mod following;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::applicant::ApplicantId;
use crate::domain::profile::Profile;
use crate::report::Ranking;
use crate::store::{Store, StoreError};

/// Profiles that are read in one go. Count.
const BATCH: usize = 256;

/// Batches that are read at once: as many as there are processors on a small machine.
const READERS: usize = 2;

/// The rankings. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct Board {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    state: watch::Sender<State>,
    held: Mutex<Held>,
    /// What was read without a follower. Locked while it is read, so that two who ask at once read once.
    unfollowed: tokio::sync::Mutex<BTreeMap<String, Arc<Standing>>>,
}

/// What is held in memory while somebody follows.
#[derive(Debug, Default)]
struct Held {
    profiles: HashMap<ApplicantId, Arc<Profile>>,
    standings: BTreeMap<String, Arc<Standing>>,
}

/// Whether somebody keeps the rankings up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody.
    Unfollowed,
    /// Somebody, who is still at the first reading.
    Reading,
    /// Somebody, and all has been read.
    Followed,
}

/// A role's ranking as it stood at a moment.
#[derive(Debug)]
pub struct Standing {
    /// The number of the store's change up to which it holds. Grows: two standings of a role with the same version
    /// are the same.
    pub version: u64,
    /// The ranking, of profiles in brief.
    pub ranking: Ranking,
}

impl Board {
    /// Over a store.
    pub fn new(store: Store) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                state: watch::Sender::new(State::Unfollowed),
                held: Mutex::default(),
                unfollowed: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Keeps the rankings up with the store until `stop`. For one caller at a time.
    ///
    /// A changed profile is read at once. Its role's ranking is made anew behind the scenes, one at a time, and no
    /// more often than every quarter of a second or every fivefold of what the last time took, so that a refresh of
    /// everybody leaves the processors to others.
    pub async fn follow(&self, stop: CancellationToken) -> Result<(), StoreError> {
        let _ended = Ended(&self.shared);
        self.shared.state.send_replace(State::Reading);
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            ended = following::follow(&self.shared) => ended,
        }
    }

    /// A role's ranking, the newest one there is; empty for a role that nobody has a profile of. Waits for the first
    /// reading alone.
    pub async fn standing(&self, role: &str) -> Result<Arc<Standing>, StoreError> {
        if self.followed().await {
            let found = self.shared.held().standings.get(role).cloned();
            Ok(found.unwrap_or_else(|| Arc::new(Standing::new(0, role, Vec::new()))))
        } else {
            self.shared.read_standing(role).await
        }
    }

    /// The roles that somebody has a profile of, and how many each. Count.
    pub async fn roles(&self) -> Result<BTreeMap<String, usize>, StoreError> {
        if !self.followed().await {
            return self.shared.store.roles().await;
        }
        let held = self.shared.held();
        let counts = held.standings.iter().map(|(role, standing)| {
            let count = standing.ranking.profiles().len();
            (role.clone(), count)
        });
        Ok(counts.filter(|(_, count)| *count > 0).collect())
    }

    /// An applicant's profile in brief.
    pub async fn brief(&self, id: &ApplicantId) -> Result<Option<Arc<Profile>>, StoreError> {
        if self.followed().await {
            return Ok(self.shared.held().profiles.get(id).cloned());
        }
        let ids = vec![id.clone()];
        let mut found = self
            .shared
            .store
            .each_profile(ids, Profile::in_brief)
            .await?;
        Ok(found.pop().flatten().map(Arc::new))
    }

    /// Whether somebody follows; waits while the first reading is under way.
    async fn followed(&self) -> bool {
        let state = *self.shared.state.borrow();
        if state != State::Reading {
            return state == State::Followed;
        }
        let mut state = self.shared.state.subscribe();
        let settled = state.wait_for(|state| *state != State::Reading).await;
        settled.is_ok_and(|state| *state == State::Followed)
    }
}

/// Tells, when it is dropped, that nobody follows any more: what is held would only grow old.
struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.state.send_replace(State::Unfollowed);
        *self.0.held() = Held::default();
    }
}

impl Standing {
    fn new(version: u64, role: &str, profiles: Vec<Arc<Profile>>) -> Self {
        Self {
            version,
            ranking: Ranking::of_shared(role, profiles),
        }
    }
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A role's ranking from the store, or what was read before if nothing at all has changed since.
    async fn read_standing(&self, role: &str) -> Result<Arc<Standing>, StoreError> {
        let mut unfollowed = self.unfollowed.lock().await;
        // Before the reading: what changes meanwhile makes another version.
        let version = self.store.newest_change();
        if let Some(standing) = unfollowed.get(role).filter(|one| one.version == version) {
            return Ok(Arc::clone(standing));
        }
        let ids = self.store.ids_of_role(role).await?;
        let profiles = self.read(ids).await?.into_iter();
        let profiles = profiles.filter_map(|(_, profile)| profile).collect();
        let Some(drawn) = draw(role.to_owned(), version, profiles).await else {
            return Ok(Arc::new(Standing::new(version, role, Vec::new())));
        };
        let standing = Arc::new(drawn.standing);
        unfollowed.insert(role.to_owned(), Arc::clone(&standing));
        Ok(standing)
    }

    /// Profiles in brief; `None`: there is none.
    async fn read(
        &self,
        ids: Vec<ApplicantId>,
    ) -> Result<Vec<(ApplicantId, Option<Arc<Profile>>)>, StoreError> {
        let batches = ids.chunks(BATCH).map(<[ApplicantId]>::to_vec);
        let found: Vec<Vec<Option<Profile>>> = stream::iter(batches)
            .map(|batch| self.store.each_profile(batch, Profile::in_brief))
            .buffered(READERS)
            .try_collect()
            .await?;
        let found = found.into_iter().flatten();
        let shared = found.map(|profile| profile.map(Arc::new));
        Ok(ids.into_iter().zip(shared).collect())
    }
}

/// A ranking that was made.
struct Drawn {
    role: String,
    standing: Standing,
    took: Duration,
}

/// Makes a ranking outside the async threads. `None`: the program is ending.
async fn draw(role: String, version: u64, profiles: Vec<Arc<Profile>>) -> Option<Drawn> {
    let drawn = spawn_blocking(move || {
        let began = Instant::now();
        let standing = Standing::new(version, &role, profiles);
        Drawn {
            role,
            standing,
            took: began.elapsed(),
        }
    });
    match drawn.await {
        Ok(drawn) => Some(drawn),
        Err(broken) if broken.is_panic() => std::panic::resume_unwind(broken.into_panic()),
        Err(_) => None,
    }
}
