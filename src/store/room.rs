//! Whether the disk has room, for whoever works by itself and can wait until it has.

use jiff::Timestamp;

use super::{Accepted, Inner, Store, StoreError, Submission, error::Fault, queue::BATCH};
use crate::domain::freshness::Freshness;

impl Store {
    /// Whether a change would be taken now; `false`: the disk is full, and everything goes on once there is room.
    ///
    /// An error is final: the store has failed, also when it was by a disk that filled up in the middle of a write.
    pub async fn has_room(&self) -> Result<bool, StoreError> {
        match self.takes_changes().await {
            Ok(()) => Ok(true),
            Err(StoreError::Full { .. }) if !self.has_failed() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What to say when somebody has waited for room long enough.
    #[must_use]
    pub fn no_room(&self) -> StoreError {
        Fault::Full.at(self.folder())
    }

    /// Whether the engine takes no more changes until it is opened again. Of a server's store its server knows.
    fn has_failed(&self) -> bool {
        match &self.inner {
            Inner::Embedded(engine) => engine.has_failed(),
            Inner::Remote(_) => false,
        }
    }

    /// Accepts applicants as [`Store::accept`] does, and says truly how far it came: what became of the first ones, in
    /// the order given and on the disk, and why the others were not taken.
    pub async fn accept_as_far_as_may_be(
        &self,
        submissions: &[Submission],
        now: Timestamp,
        freshness: &Freshness,
    ) -> (Vec<Accepted>, Result<(), StoreError>) {
        let mut accepted = Vec::with_capacity(submissions.len());
        // Each of them is one transaction: all of it or nothing.
        for batch in submissions.chunks(BATCH) {
            match self.accept(batch.to_vec(), now, freshness.clone()).await {
                Ok(mut these) => accepted.append(&mut these),
                Err(error) => return (accepted, Err(error)),
            }
        }
        (accepted, Ok(()))
    }
}
