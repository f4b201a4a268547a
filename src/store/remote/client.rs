//! The other end: a store that is asked for over the socket.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::task::spawn_blocking;

use super::{
    ask::{Ask, Hello, Reply, VERSION},
    socket::{self, Wire},
};
use crate::domain::{
    applicant::ApplicantId,
    profile::{Profile, Snapshot},
    review::Review,
};
use crate::store::{
    Accepted, Kept, Revision, StoreError, Submission,
    revision::{Rejudged, Replaced},
};

/// How long to wait for the greeting of a server that may be ending.
const GREETING: Duration = Duration::from_secs(10);

/// Applicants in one frame. Count; accepting many takes several transactions anyhow.
const AT_ONCE: usize = 1_000;

/// Profiles that are judged between two words with the owner. Count; some 5 MB.
const BATCH: usize = 250;

/// A store that another process has.
#[derive(Debug)]
pub(in crate::store) struct Remote {
    folder: PathBuf,
    /// Conversations that nobody leads just now. One that was broken off in the middle does not come back.
    idle: Mutex<Vec<Wire>>,
    /// The newest change that the owner has told of.
    newest: AtomicU64,
    numbers: AtomicU64,
}

impl Remote {
    /// Reaches the server that has `folder`; `None`: none listens there.
    pub(in crate::store) async fn connect(folder: &Path) -> Result<Option<Self>, StoreError> {
        let remote = Self {
            folder: folder.to_owned(),
            idle: Mutex::default(),
            newest: AtomicU64::new(0),
            numbers: AtomicU64::new(0),
        };
        let Some(wire) = remote.greet().await? else {
            return Ok(None);
        };
        remote.lay_by(wire);
        Ok(Some(remote))
    }

    pub(in crate::store) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(in crate::store) fn newest_change(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Notes how far the owner is.
    pub(in crate::store) fn heard_of(&self, change: u64) {
        self.newest.fetch_max(change, Ordering::AcqRel);
    }

    /// Another number each time.
    pub(in crate::store) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Asks, and reads the answer.
    pub(in crate::store) async fn ask<T: DeserializeOwned>(
        &self,
        ask: Ask,
    ) -> Result<T, StoreError> {
        let (_, done) = self.converse(&ask).await?;
        self.read(&done)
    }

    /// Asks for a list, and reads it.
    pub(in crate::store) async fn list<T: DeserializeOwned>(
        &self,
        ask: Ask,
    ) -> Result<Vec<T>, StoreError> {
        let (parts, _) = self.converse(&ask).await?;
        let mut list = Vec::new();
        for part in parts {
            list.append(&mut self.read::<Vec<T>>(&part)?);
        }
        Ok(list)
    }

    /// See `Store::accept`.
    pub(in crate::store) async fn accept(
        &self,
        submissions: Vec<Submission>,
        now: Timestamp,
        freshness: &crate::domain::freshness::Freshness,
    ) -> Result<Vec<Accepted>, StoreError> {
        let mut accepted = Vec::with_capacity(submissions.len());
        for batch in submissions.chunks(AT_ONCE) {
            let ask = Ask::Accept {
                submissions: batch.to_vec(),
                now,
                freshness: freshness.clone(),
            };
            accepted.append(&mut self.ask(ask).await?);
        }
        Ok(accepted)
    }

    /// See `Store::revise`; judged is here, and replaced over there, where nothing has changed meanwhile.
    pub(in crate::store) async fn revise<T: Send + 'static>(
        &self,
        ids: Option<Vec<ApplicantId>>,
        now: Timestamp,
        judge: impl Fn(&Snapshot, Review) -> (Option<Profile>, T) + Send + Sync + 'static,
    ) -> Result<Revision<T>, StoreError> {
        let ids = match ids {
            Some(ids) => ids,
            None => self.list(Ask::Ids).await?,
        };
        let judge = Arc::new(judge);
        let mut revision = Revision {
            told: Vec::new(),
            replaced: 0,
            overtaken: Vec::new(),
        };
        for batch in ids.chunks(BATCH) {
            let ids = batch.to_vec();
            let judgeable: Vec<(Kept, Review)> = self.list(Ask::Judgeable { ids }).await?;
            let judge = Arc::clone(&judge);
            let judged = spawn_blocking(move || judge_batch(judgeable, &*judge)).await;
            let (mut told, rejudged) = judged.map_err(|broken| self.gone(&broken))?;
            revision.told.append(&mut told);
            if rejudged.is_empty() {
                continue;
            }
            let mut replaced: Replaced = self.ask(Ask::Replace { rejudged, now }).await?;
            revision.replaced += replaced.replaced;
            revision.overtaken.append(&mut replaced.overtaken);
        }
        Ok(revision)
    }

    /// One ask and its answer: the parts of a list, and the end.
    async fn converse(&self, ask: &Ask) -> Result<(Vec<Box<RawValue>>, Box<RawValue>), StoreError> {
        let idle = self.lock().pop();
        let mut wire = match idle {
            Some(wire) => wire,
            None => match self.greet().await? {
                Some(wire) => wire,
                None => return Err(self.gone(&"it has ended")),
            },
        };
        wire.send(ask).await.map_err(|error| self.gone(&error))?;
        let mut parts = Vec::new();
        loop {
            let reply = wire.next().await.map_err(|error| self.gone(&error))?;
            match reply {
                Some(Reply::Part(part)) => parts.push(part),
                Some(Reply::Done(done)) => {
                    self.lay_by(wire);
                    return Ok((parts, done));
                }
                Some(Reply::Refused(fault)) => {
                    self.lay_by(wire);
                    return Err(fault.at(&self.folder));
                }
                None => return Err(self.gone(&"it has ended")),
            }
        }
    }

    /// A new conversation, with the greetings exchanged.
    async fn greet(&self) -> Result<Option<Wire>, StoreError> {
        let stream = socket::connect(&self.folder).await;
        let Some(stream) = stream.map_err(|error| self.gone(&error))? else {
            return Ok(None);
        };
        // What is asked is about people, and what is answered is believed.
        let stranger = socket::distrust(&self.folder, &stream);
        if let Some(distrust) = stranger.map_err(|error| self.gone(&error))? {
            return Err(distrust.into());
        }
        let mut wire = Wire::new(stream);
        let greeting = async {
            let hello = Hello {
                plaudit: VERSION.to_owned(),
                change: 0,
            };
            wire.send(&hello).await?;
            wire.next::<Hello>().await
        };
        let greeting = tokio::time::timeout(GREETING, greeting)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        match greeting {
            Ok(Some(hello)) if hello.plaudit == VERSION => {
                self.heard_of(hello.change);
                Ok(Some(wire))
            }
            Ok(Some(hello)) => Err(StoreError::OtherVersion {
                folder: self.folder.clone(),
                theirs: crate::domain::text::tame(&hello.plaudit),
                ours: VERSION,
            }),
            // It ended just now.
            Ok(None) => Ok(None),
            Err(error) => Err(self.gone(&error)),
        }
    }

    fn read<T: DeserializeOwned>(&self, raw: &RawValue) -> Result<T, StoreError> {
        serde_json::from_str(raw.get()).map_err(|error| self.gone(&error))
    }

    fn gone(&self, why: &impl ToString) -> StoreError {
        StoreError::Unanswered {
            folder: self.folder.clone(),
            why: why.to_string(),
        }
    }

    fn lay_by(&self, wire: Wire) {
        self.lock().push(wire);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Wire>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Judges a batch: what was said of each, and what to put in whose place.
fn judge_batch<T>(
    judgeable: Vec<(Kept, Review)>,
    judge: &impl Fn(&Snapshot, Review) -> (Option<Profile>, T),
) -> (Vec<T>, Vec<Rejudged>) {
    let mut told = Vec::with_capacity(judgeable.len());
    let mut rejudged = Vec::new();
    for (kept, review) in judgeable {
        let (after, said) = judge(&kept.stored, review);
        told.push(said);
        rejudged.extend(after.map(|profile| Rejudged {
            of: kept.stored.profile.applicant.id.clone(),
            before: kept.mark,
            profile,
        }));
    }
    (told, rejudged)
}
