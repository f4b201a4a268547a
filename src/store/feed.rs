//! What happens in the store, for those in this process who wait for it: a word for each change.
//!
//! A word is about a change that was made, and perhaps not yet on the disk. It says whom it concerns and not what it is
//! now: whoever wants to know reads it, so that nothing wrong is shown when words are late or lost.

use std::sync::Arc;

use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};

use super::{
    draft::Changes,
    records::Shelf,
    table::{self, Table},
};
use crate::domain::applicant::ApplicantId;

/// Words that wait for a slow listener at most. Count.
pub(super) const BACKLOG: usize = 4_096;

/// A change that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Happened {
    /// The number of the change; see `Store::newest_change`.
    pub change: u64,
    /// Those whose job is another one than before, or gone.
    pub jobs: Vec<ApplicantId>,
    /// Those whose current profile is another one than before, or gone.
    pub profiles: Vec<ApplicantId>,
    /// Shelves on which records have changed, each once.
    pub shelves: Vec<Shelf>,
}

impl Happened {
    pub(super) fn of(change: u64, changes: &Changes) -> Self {
        let mut happened = Self {
            change,
            ..Self::default()
        };
        for (table, key) in changes.keys() {
            match table {
                Table::Jobs => happened.jobs.extend(table::id_after(&[], key)),
                Table::Profiles => happened.profiles.extend(table::id_after(&[], key)),
                Table::Records => {
                    let shelf = key.first().and_then(|number| Shelf::of_number(*number));
                    happened.shelves.extend(shelf);
                }
                _ => {}
            }
        }
        happened.shelves.dedup();
        happened
    }
}

/// Listens to a store.
#[derive(Debug)]
pub struct Feed(broadcast::Receiver<Arc<Happened>>);

/// What a listener hears next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A change.
    Change(Arc<Happened>),
    /// The listener was too slow and has missed some: it should read everything anew.
    Missed,
}

impl Feed {
    pub(super) fn new(words: broadcast::Receiver<Arc<Happened>>) -> Self {
        Self(words)
    }

    /// One that says nothing any more.
    pub(super) fn ended() -> Self {
        Self(broadcast::Sender::new(1).subscribe())
    }

    /// The next word; `None` when the store is gone. To drop the future loses none.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(happened) => Some(Heard::Change(happened)),
            Err(RecvError::Lagged(_)) => Some(Heard::Missed),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next word that has been said already, if there is one. The words of all changes that were acknowledged
    /// before are among them.
    pub fn already(&mut self) -> Option<Heard> {
        match self.0.try_recv() {
            Ok(happened) => Some(Heard::Change(happened)),
            Err(TryRecvError::Lagged(_)) => Some(Heard::Missed),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}
