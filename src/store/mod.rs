//! Where everything is kept: applicants, the queue of their jobs, profiles with their history, small values.
//!
//! One type, [`Store`], over the embedded engine sled. No sled type and no clock shows: time is an argument,
//! and another engine can take the same functions. This room knows the domain and nothing else; it neither
//! asks a source nor judges.
//!
//! What holds, and how:
//! - **What was acknowledged stays.** A function that promises something returns when it is on the disk. A
//!   change is one transaction; a profile and the end of its job are the same change.
//! - **Nothing wrong is read.** Each value carries a schema version and a checksum. A ledger, written with
//!   each change, holds the sum of all checksums, so that a value which is whole but old is noticed too, and
//!   a mark beside the log tells a log that was cut from one that a crash left unfinished. All values
//!   are read once after an unorderly end, and once after they were written, by the opening that follows.
//! - **One owner.** The folder is locked for one process; others ask it, over a socket in the folder. So jobs that were leased when it opens belong to
//!   nobody and are ready at once; leases run out all the same, as they must in a store that is shared.
//! - **A full disk is told early.** Changes are refused while there is still a little room
//!   ([`StoreOptions::headroom_bytes`]).
//!
//! All calls that may wait for the disk run outside the async threads.

mod applicants;
mod derived;
mod disk;
mod draft;
pub mod dump;
mod engine;
mod envelope;
mod erasure;
mod error;
mod feed;
mod fresh;
mod layout;
mod ledger;
mod opening;
mod outbox;
mod profiles;
mod queue;
mod rebuild;
mod records;
mod recovery;
mod remote;
mod restore;
mod reviews;
mod revision;
mod room;
mod rubrics;
mod table;
mod tombstones;
mod verify;
mod watermark;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::domain::{
    applicant::{Applicant, ApplicantId},
    erasure::{Erasure, Tombstone},
    freshness::Freshness,
    job::{Job, Lease, Priority},
    profile::{Profile, Snapshot},
    review::Review,
    rubric::Rubric,
};

pub use dump::Dumped;
use engine::Engine;
use error::Fault;
pub use error::StoreError;
pub use feed::{Feed, Happened, Heard};
pub use records::{Edit, Shelf};
pub use remote::Sharing;
use remote::{Ask, Remote};
pub use restore::Restored;
use table::Table;
use tombstones::Tombstones;

/// How the store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Memory for pages that were read. Bytes.
    pub cache_bytes: u64,
    /// Earlier profiles kept for each applicant. Count.
    pub history: usize,
    /// Room that must be left on the disk, or changes are refused. Bytes. The default leaves the engine
    /// some sixty of its 512 KiB segments to tidy up in.
    pub headroom_bytes: u64,
    /// How long to wait for a process that has the folder and may be ending.
    pub lock_wait: Duration,
    /// Where dumps are kept; `None`: in `dumps/` in the data folder.
    pub dumps: Option<PathBuf>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            history: 30,
            headroom_bytes: 32 << 20,
            lock_wait: Duration::from_secs(2),
            dumps: None,
        }
    }
}

impl StoreOptions {
    /// The folder of dumps of a data folder.
    fn dumps_within(&self, data_folder: &Path) -> PathBuf {
        let set = self.dumps.clone();
        set.unwrap_or_else(|| dump::folder_within(data_folder))
    }
}

/// What opening the store met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening {
    /// What was mended or found wanting, a sentence each, for the user. Empty when all was well.
    pub recovered: Vec<String>,
    /// Acknowledged changes that a damaged log has lost. Count. What is left is whole.
    pub missing: u64,
    /// Jobs that an earlier process had leased and that are ready again. Count.
    pub released: u64,
    /// Values that were read and found whole, when that was due. Count.
    pub verified: Option<u64>,
}

/// A request to enrich an applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Who; the newest record of an id replaces the one before, but for what it leaves out.
    pub applicant: Applicant,
    /// Who waits for it.
    pub priority: Priority,
    /// Enrich even when the stored profile is fresh.
    pub force: bool,
}

/// What became of a [`Submission`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accepted {
    /// There is a new job.
    Queued,
    /// There was a job already, of this priority or a higher one.
    AlreadyQueued,
    /// There was a job of a lower priority; it has this one now, behind those accepted before.
    Lifted,
    /// The stored profile still answers; there is no job.
    Fresh,
    /// The person was erased, and this tombstone keeps them out; nothing was taken in.
    Forgotten(Box<Tombstone>),
}

/// Which jobs a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Any; those that a person waits for go first.
    Any,
    /// Those that a person waits for alone.
    Interactive,
}

/// A job, taken by a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The right to end it.
    pub lease: Lease,
    /// The job.
    pub job: Job,
    /// Whose job it is, as last accepted.
    pub applicant: Applicant,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Finished {
    /// It is done.
    Done,
    /// The profile is stored, but the applicant's links or role changed meanwhile: the job is ready again.
    Again,
    /// Nothing is stored: people have added something meanwhile. The profile is to be judged with what they have
    /// added, the second of the pair, and finished once more; the lease still holds.
    Reviewed(Box<(Profile, Review)>),
}

/// Tells two profiles of an applicant apart: equal marks, equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(u128);

impl std::fmt::Display for Mark {
    /// 32 hexadecimal digits.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// A current profile, with its mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Marks exactly these bytes.
    pub mark: Mark,
    /// The profile, and when it was stored.
    pub stored: Snapshot,
}

/// What became of a look at many profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision<T> {
    /// What was said of each profile, by id.
    pub told: Vec<T>,
    /// Profiles that were replaced. Count.
    pub replaced: u64,
    /// Those whose profile, or review, somebody else changed meanwhile, so that it was left.
    pub overtaken: Vec<ApplicantId>,
}

/// The queue in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Jobs that any worker may take now. Count.
    pub ready: u64,
    /// Jobs that were put off to a later time. Count.
    pub deferred: u64,
    /// Jobs that a worker has. Count.
    pub leased: u64,
    /// When the next deferral or lease runs out; both are in the future.
    pub earliest: Option<Timestamp>,
    /// What the job that `earliest` belongs to says happened last.
    pub note: Option<String>,
}

impl Waiting {
    /// All of them. Count.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.ready + self.deferred + self.leased
    }

    /// Whether no job is left at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready == 0 && self.deferred == 0 && self.leased == 0
    }
}

/// What reading everything back found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Values read. Count.
    pub values: u64,
    /// What is damaged or does not agree, a sentence each. Empty when all is well.
    pub damaged: Vec<String>,
}

/// The store. Cheap to clone; all clones are the same store.
///
/// Of a folder that a server has, it is asked for over the server's socket; see [`Store::connect`].
#[derive(Debug, Clone)]
pub struct Store {
    inner: Inner,
}

/// Who has the folder.
#[derive(Debug, Clone)]
enum Inner {
    /// This process.
    Embedded(Arc<Engine>),
    /// A server.
    Remote(Arc<Remote>),
}

impl Store {
    /// Opens the store in `folder`, making it where needed, readable by its owner alone.
    ///
    /// Waits up to [`StoreOptions::lock_wait`] for another process that has it. Snapshots that a crash cut
    /// short are moved to `damaged/` inside the folder and made again. Jobs leased by an earlier process
    /// become ready.
    pub async fn open(folder: &Path, options: StoreOptions) -> Result<(Self, Opening), StoreError> {
        let path = folder.to_owned();
        let dumps = options.dumps_within(folder);
        let opened = spawn_blocking(move || opening::open(&path, options));
        let opened = match opened.await {
            Ok(opened) => opened,
            Err(broken) => Err(broke_off(&broken).at(folder)),
        };
        let (engine, opening) = match opened {
            Ok(opened) => opened,
            Err(error) => return Err(with_way_out(error, dumps).await),
        };
        let inner = Inner::Embedded(Arc::new(engine));
        Ok((Self { inner }, opening))
    }

    /// Makes the store in `folder` anew from a dump, which is read to its end before anything is touched. What was there is
    /// moved to `damaged/` inside the folder; nobody who was erased comes back. Refused while another process has the
    /// folder.
    pub async fn restore(
        folder: &Path,
        dump: &Path,
        options: StoreOptions,
    ) -> Result<Restored, StoreError> {
        let (path, dump) = (folder.to_owned(), dump.to_owned());
        let restored = spawn_blocking(move || restore::restore(&path, &dump, &options)).await;
        restored.unwrap_or_else(|broken| Err(broke_off(&broken).at(folder)))
    }

    /// Makes anew what follows from other values, where it is not as it should be: the queues, the lists by role and by
    /// handle, the counts. What was wrong, a sentence each; empty: nothing was. Refused while another process has the
    /// folder.
    pub async fn rebuild(folder: &Path, options: StoreOptions) -> Result<Vec<String>, StoreError> {
        let path = folder.to_owned();
        let rebuilt = spawn_blocking(move || rebuild::rebuild(&path, &options)).await;
        rebuilt.unwrap_or_else(|broken| Err(broke_off(&broken).at(folder)))
    }

    /// The store of a folder that a server has, over the server's socket; `None`: no server has it. All functions are
    /// as those of a store of one's own, but for leases and the feed, which only the owner has: to lease is refused,
    /// and the feed is one that has ended; [`Store::wait_for_change`] takes its place.
    pub async fn connect(folder: &Path) -> Result<Option<Self>, StoreError> {
        let remote = Remote::connect(folder).await?;
        Ok(remote.map(|remote| Self {
            inner: Inner::Remote(Arc::new(remote)),
        }))
    }

    /// Whether a server has the folder.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.remote().is_some()
    }

    /// Asks the server that has the folder for something that is not the store's. Refused where the folder is this
    /// process's own.
    pub async fn ask_owner(&self, wish: Value) -> Result<Value, StoreError> {
        match self.remote() {
            Some(remote) => remote.ask(Ask::Owner { wish }).await,
            None => Err(Fault::Failed("no server has it".to_owned()).at(self.folder())),
        }
    }

    /// Accepts applicants, in the order given; the answers are in the same order and on the disk.
    ///
    /// An applicant has at most one job. A long list takes several transactions, so after an error a part of
    /// it may have been accepted; to submit the same list again does no harm.
    pub async fn accept(
        &self,
        submissions: Vec<Submission>,
        now: Timestamp,
        freshness: Freshness,
    ) -> Result<Vec<Accepted>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.accept(submissions, now, &freshness).await;
        }
        self.run(move |engine| applicants::accept(engine, &submissions, now, &freshness))
            .await
    }

    /// Makes jobs for applicants who are kept, whatever their profile, in the order given; the answers are in the same
    /// order and on the disk. `None`: there is no such applicant any more, so that nobody who was forgotten comes back.
    pub async fn ask_again(
        &self,
        ids: Vec<ApplicantId>,
        priority: Priority,
        now: Timestamp,
    ) -> Result<Vec<Option<Accepted>>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.list(Ask::Requeue { ids, priority, now }).await;
        }
        self.run(move |engine| applicants::ask_again(engine, &ids, priority, now))
            .await
    }

    /// Takes the next ready job: interactive before refresh, oldest first. Jobs whose deferral or lease has
    /// run out at `now` are ready. None: nothing is ready; [`Store::waiting`] tells what will be.
    pub async fn lease(
        &self,
        worker: &str,
        now: Timestamp,
        how_long: Duration,
        lane: Lane,
    ) -> Result<Option<Leased>, StoreError> {
        let worker = worker.to_owned();
        self.run(move |engine| queue::lease(engine, &worker, now, how_long, lane))
            .await
    }

    /// Extends a lease. Refused when it was lost.
    pub async fn renew(
        &self,
        lease: &Lease,
        now: Timestamp,
        how_long: Duration,
    ) -> Result<Lease, StoreError> {
        let lease = lease.clone();
        self.run(move |engine| queue::renew(engine, &lease, now, how_long))
            .await
    }

    /// Stores a profile and ends its job in one change, on the disk when this returns; the profile before
    /// moves to the history. Refused when the lease was lost, or is for another applicant; and sent back when the
    /// profile was judged without what people have added meanwhile: no review is lost.
    pub async fn finish(
        &self,
        lease: &Lease,
        profile: Profile,
        now: Timestamp,
    ) -> Result<Finished, StoreError> {
        let lease = lease.clone();
        self.run(move |engine| profiles::finish(engine, &lease, profile, now))
            .await
    }

    /// Puts a leased job off until a time, with a note for people. Refused when the lease was lost.
    ///
    /// A clock that is set back to before `now` makes it ready: the wait is worth what it was meant to last, not its date.
    pub async fn defer(
        &self,
        lease: &Lease,
        (until, now): (Timestamp, Timestamp),
        note: &str,
        counts_as_attempt: bool,
    ) -> Result<(), StoreError> {
        let (lease, note) = (lease.clone(), note.to_owned());
        self.run(move |engine| queue::defer(engine, &lease, (until, now), note, counts_as_attempt))
            .await
    }

    /// Makes a leased job ready at once, in its old place. Refused when the lease was lost.
    pub async fn give_back(&self, lease: &Lease) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.run(move |engine| queue::give_back(engine, &lease))
            .await
    }

    /// The queue in numbers at `now`.
    pub async fn waiting(&self, now: Timestamp) -> Result<Waiting, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Waiting { now }).await;
        }
        self.run(move |engine| queue::waiting(engine, now)).await
    }

    /// When the oldest job that any worker may take was accepted. It looks at the first of each priority and no further.
    pub async fn oldest_job(&self) -> Result<Option<Timestamp>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::OldestJob).await;
        }
        self.run(queue::oldest).await
    }

    /// All jobs: interactive before refresh, oldest first.
    pub async fn jobs(&self) -> Result<Vec<Job>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.list(Ask::Jobs).await;
        }
        self.run(queue::jobs).await
    }

    /// An applicant's job.
    pub async fn job(&self, id: &ApplicantId) -> Result<Option<Job>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Job { id: id.clone() }).await;
        }
        let key = table::of_applicant(id);
        let record = self
            .run(move |engine| engine.get::<queue::JobRecord>(Table::Jobs, &key))
            .await?;
        Ok(record.map(|record| record.job))
    }

    /// An applicant by id.
    pub async fn applicant(&self, id: &ApplicantId) -> Result<Option<Applicant>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Applicant { id: id.clone() }).await;
        }
        let id = id.clone();
        self.run(move |engine| applicants::applicant(engine, &id))
            .await
    }

    /// All applicants, by id.
    pub async fn applicants(&self) -> Result<Vec<Applicant>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.list(Ask::Applicants).await;
        }
        self.run(applicants::applicants).await
    }

    /// The applicants whom `text` names: the one with this id; else those, by id, with this handle on GitHub
    /// or Kaggle, in any case, with or without `@`.
    pub async fn find(&self, text: &str) -> Result<Vec<Applicant>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote
                .list(Ask::Find {
                    text: text.to_owned(),
                })
                .await;
        }
        let text = text.to_owned();
        self.run(move |engine| applicants::find(engine, &text))
            .await
    }

    /// An applicant's current profile and when it was stored.
    pub async fn current(&self, id: &ApplicantId) -> Result<Option<Snapshot>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Current { id: id.clone() }).await;
        }
        let id = id.clone();
        self.run(move |engine| profiles::current(engine, &id)).await
    }

    /// An applicant's current profile.
    pub async fn profile(&self, id: &ApplicantId) -> Result<Option<Profile>, StoreError> {
        Ok(self.current(id).await?.map(|stored| stored.profile))
    }

    /// What people have added about an applicant.
    pub async fn review(&self, id: &ApplicantId) -> Result<Review, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Review { id: id.clone() }).await;
        }
        let key = table::of_applicant(id);
        let review = self
            .run(move |engine| engine.get::<Review>(Table::Reviews, &key))
            .await?;
        Ok(review.unwrap_or_default())
    }

    /// Keeps what people have added, and makes `after`, judged with it, the current profile, in one change, on the
    /// disk when this returns. The profile before moves to the history.
    ///
    /// Refused as overtaken unless the review's revision is the next one, and `before` marks the current profile
    /// (`None`: there is none). Without `after` the current profile, if there is one, stays as it was judged.
    pub async fn keep_review(
        &self,
        id: &ApplicantId,
        review: Review,
        before: Option<Mark>,
        after: Option<Profile>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(remote) = self.remote() {
            let ask = Ask::KeepReview {
                id: id.clone(),
                review: Box::new(review),
                before,
                after: after.map(Box::new),
                now,
            };
            return remote.ask(ask).await;
        }
        let id = id.clone();
        self.run(move |engine| reviews::keep(engine, &id, &review, before, after, now))
            .await
    }

    /// An applicant's current profile with its mark.
    pub async fn kept(&self, id: &ApplicantId) -> Result<Option<Kept>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Kept { id: id.clone() }).await;
        }
        let id = id.clone();
        self.run(move |engine| profiles::kept(engine, &id)).await
    }

    /// Shows the current profile of each of `ids` (`None`: of everybody) and what people have added to `judge`,
    /// and makes the profile that it gives back, if any, the current one; the one before moves to the history.
    /// All of it is on the disk when this returns.
    ///
    /// `judge` is called on two threads, in any order, and may change neither whose profile it is nor the role.
    /// What somebody else changes meanwhile is left as it is. Many profiles take several transactions: after an
    /// error or a crash some are replaced and some are not, and the same call finishes the work.
    pub async fn revise<T: Send + 'static>(
        &self,
        ids: Option<Vec<ApplicantId>>,
        now: Timestamp,
        judge: impl Fn(&Snapshot, Review) -> (Option<Profile>, T) + Send + Sync + 'static,
    ) -> Result<Revision<T>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.revise(ids, now, judge).await;
        }
        self.run(move |engine| revision::revise(engine, ids.as_deref(), now, &judge))
            .await
    }

    /// Keeps a rubric's text under its digest. Called by whatever stores profiles that the rubric has judged.
    pub async fn keep_rubric(&self, rubric: &Rubric) -> Result<(), StoreError> {
        self.keep_rubric_text(rubric.digest.clone(), rubric.text.clone())
            .await
    }

    async fn keep_rubric_text(&self, digest: String, text: String) -> Result<(), StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::KeepRubric { digest, text }).await;
        }
        self.run(move |engine| rubrics::keep(engine, &digest, &text))
            .await
    }

    /// The text of the rubric of this digest, if it has judged here since texts are kept.
    pub async fn rubric_text(&self, digest: &str) -> Result<Option<String>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote
                .ask(Ask::RubricText {
                    digest: digest.to_owned(),
                })
                .await;
        }
        let digest = digest.to_owned();
        self.run(move |engine| rubrics::text(engine, &digest)).await
    }

    /// An applicant's earlier profiles, newest first; the current one is not among them.
    pub async fn history(&self, id: &ApplicantId) -> Result<Vec<Snapshot>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.list(Ask::History { id: id.clone() }).await;
        }
        let id = id.clone();
        self.run(move |engine| profiles::history(engine, &id)).await
    }

    /// Up to `limit` profiles of a role in the order of their ids, beginning behind `after`. An empty answer
    /// is the end.
    pub async fn profiles_page(
        &self,
        role: &str,
        after: Option<&ApplicantId>,
        limit: usize,
    ) -> Result<Vec<Profile>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote
                .list(Ask::ProfilesPage {
                    role: role.to_owned(),
                    after: after.cloned(),
                    limit,
                })
                .await;
        }
        let (role, after) = (role.to_owned(), after.cloned());
        self.run(move |engine| profiles::page(engine, &role, after.as_ref(), limit))
            .await
    }

    /// Shows each profile of a role to `look`, in the order of their ids, with a few in memory at a time.
    pub async fn for_each_profile(
        &self,
        role: &str,
        mut look: impl FnMut(Profile),
    ) -> Result<(), StoreError> {
        /// Profiles in memory at a time. Count; some 7 KB each.
        const PAGE: usize = 256;
        let mut after = None;
        loop {
            let page = self.profiles_page(role, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.applicant.id.clone());
            page.into_iter().for_each(&mut look);
        }
    }

    /// The applicants with a profile of a role, by id.
    pub async fn ids_of_role(&self, role: &str) -> Result<Vec<ApplicantId>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote
                .list(Ask::IdsOfRole {
                    role: role.to_owned(),
                })
                .await;
        }
        let role = role.to_owned();
        self.run(move |engine| profiles::ids_of_role(engine, &role))
            .await
    }

    /// The applicants with a profile, by id.
    pub async fn ids(&self) -> Result<Vec<ApplicantId>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.list(Ask::Ids).await;
        }
        self.run(profiles::ids).await
    }

    /// All profiles of a role, in the order of their ids.
    pub async fn profiles_of_role(&self, role: &str) -> Result<Vec<Profile>, StoreError> {
        let mut profiles = Vec::new();
        self.for_each_profile(role, |profile| profiles.push(profile))
            .await?;
        Ok(profiles)
    }

    /// What `look` makes of the current profile of each of `ids`, in their order; `None`: there is none. For many at
    /// once: they are read one after another outside the async threads, with one in memory at a time. For the owner.
    pub async fn each_profile<T: Send + 'static>(
        &self,
        ids: Vec<ApplicantId>,
        look: fn(&Profile) -> T,
    ) -> Result<Vec<Option<T>>, StoreError> {
        if self.is_remote() {
            let mut looked = Vec::with_capacity(ids.len());
            for id in ids {
                looked.push(self.profile(&id).await?.as_ref().map(look));
            }
            return Ok(looked);
        }
        self.run(move |engine| {
            let looked = ids.iter().map(|id| {
                let stored = profiles::current(engine, id)?;
                Ok(stored.map(|stored| look(&stored.profile)))
            });
            looked.collect()
        })
        .await
    }

    /// The roles that somebody has a profile of, and how many each. Count. For the owner.
    pub async fn roles(&self) -> Result<BTreeMap<String, usize>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Roles).await;
        }
        self.run(profiles::roles).await
    }

    /// The mark of an applicant's current profile.
    pub async fn profile_mark(&self, id: &ApplicantId) -> Result<Option<Mark>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::ProfileMark { id: id.clone() }).await;
        }
        let id = id.clone();
        self.run(move |engine| profiles::mark(engine, &id)).await
    }

    /// An applicant's current profile as JSON, as it is stored, with its mark: for whoever passes it on.
    pub async fn profile_json(
        &self,
        id: &ApplicantId,
    ) -> Result<Option<(Mark, String)>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::ProfileJson { id: id.clone() }).await;
        }
        let id = id.clone();
        self.run(move |engine| profiles::json(engine, &id)).await
    }

    /// Erases people for good: record, job, profiles, history, reviews, and what tells of them in messages, reports and
    /// kept answers. What stays is a tombstone for each, which keeps lists from bringing them back. The answers are in
    /// the order of `ids`; `None`: there is nobody of this id.
    ///
    /// When this returns, no file in the folder that is the store's holds anything of them: all else was written anew. For
    /// that moment changes wait. Dumps are cleaned as well, but for [`Store::uncleaned_dumps`]. After an error the people
    /// are gone from everything that is read, and the files are cleaned by the next opening, or the next erasure.
    ///
    /// What others, who stay, are known by as well is left, and recognises nobody.
    pub async fn forget(
        &self,
        ids: Vec<ApplicantId>,
        why: Erasure,
        now: Timestamp,
    ) -> Result<Vec<Option<Tombstone>>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.list(Ask::Forget { ids, why, now }).await;
        }
        self.run(move |engine| erasure::forget(engine, &ids, &why, now))
            .await
    }

    /// What stays of people who were erased, each once, the newest first.
    pub async fn tombstones(&self) -> Result<Vec<Tombstone>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.list(Ask::Tombstones).await;
        }
        self.run(tombstones::all).await
    }

    /// The tombstones that would keep these out if they were in a list now, in their order.
    pub async fn barring(
        &self,
        applicants: Vec<Applicant>,
    ) -> Result<Vec<Option<Tombstone>>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.list(Ask::Barring { applicants }).await;
        }
        self.run(move |engine| tombstones::barring(engine, &applicants))
            .await
    }

    /// The tombstone of this number, or of whoever had this id, link or e-mail address.
    pub async fn tombstone_of(&self, text: &str) -> Result<Option<Tombstone>, StoreError> {
        let text = text.to_owned();
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::TombstoneOf { text }).await;
        }
        self.run(move |engine| Ok(Tombstones::of(engine)?.meant_by(&text).cloned()))
            .await
    }

    /// Dumps that still hold who was erased because they could not be cleaned then, each with the reason. The next opening
    /// tries again.
    pub async fn uncleaned_dumps(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.get_meta(erasure::DUMPS_DUE).await?.unwrap_or_default())
    }

    /// Lets lists bring somebody in again: takes away the tombstone of this number, or of whoever had this id, link or
    /// e-mail address. `None`: there is none.
    pub async fn lift(&self, text: &str) -> Result<Option<Tombstone>, StoreError> {
        let text = text.to_owned();
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Lift { text }).await;
        }
        self.run(move |engine| tombstones::lift(engine, &text))
            .await
    }

    /// Writes everything into new files and deletes the old ones, with every earlier and deleted value that they still
    /// hold. Changes wait meanwhile.
    pub async fn write_anew(&self) -> Result<(), StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::WriteAnew).await;
        }
        self.run(Engine::write_anew).await
    }

    /// A record of another room's.
    pub async fn record<T: DeserializeOwned + Send + 'static>(
        &self,
        on: Shelf,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote
                .ask(Ask::Record {
                    on,
                    name: name.to_owned(),
                })
                .await;
        }
        let name = name.to_owned();
        self.run(move |engine| records::record(engine, on, &name))
            .await
    }

    /// Up to `limit` records of a shelf with their names, in the order of these, beginning behind `after`.
    pub async fn records<T: DeserializeOwned + Send + 'static>(
        &self,
        on: Shelf,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, T)>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote
                .list(Ask::Records {
                    on,
                    after: after.map(ToOwned::to_owned),
                    limit,
                })
                .await;
        }
        let after = after.map(ToOwned::to_owned);
        self.run(move |engine| records::records(engine, on, after.as_deref(), limit))
            .await
    }

    /// How many records are on a shelf. Reads names alone.
    pub async fn count(&self, on: Shelf) -> Result<u64, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Count { on }).await;
        }
        self.run(move |engine| records::count(engine, on)).await
    }

    /// Whether a change would be taken now: the store has not failed, and the disk has room.
    pub async fn takes_changes(&self) -> Result<(), StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::TakesChanges).await;
        }
        self.run(Engine::takes_changes).await
    }

    /// Changes records, all of them or none; on the disk when this returns. `false`: something was not as expected.
    pub async fn edit(&self, edit: Edit) -> Result<bool, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Edit { edit }).await;
        }
        self.run(move |engine| records::edit(engine, &edit)).await
    }

    /// What happens from now on, a word for each change.
    pub fn feed(&self) -> Feed {
        match &self.inner {
            Inner::Embedded(engine) => engine.feed(),
            Inner::Remote(_) => Feed::ended(),
        }
    }

    /// The number of the newest change. Grows with each, also from one process to the next. Of a server's store: the
    /// newest one that was heard of, by [`Store::connect`] and [`Store::wait_for_change`].
    pub fn newest_change(&self) -> u64 {
        match &self.inner {
            Inner::Embedded(engine) => engine.newest_change(),
            Inner::Remote(remote) => remote.newest_change(),
        }
    }

    /// Waits until there is a change newer than `after`, `at_most` so long; the number of the newest change.
    pub async fn wait_for_change(&self, after: u64, at_most: Duration) -> Result<u64, StoreError> {
        if let Some(remote) = self.remote() {
            let newest = remote.ask(Ask::WaitForChange { after, at_most }).await?;
            remote.heard_of(newest);
            return Ok(newest);
        }
        // Before the first look, so that nothing is missed in between.
        let mut feed = self.feed();
        let newer = async {
            while self.newest_change() <= after {
                if feed.next().await.is_none() {
                    return;
                }
            }
        };
        // That nothing came is an answer as well.
        let _ = tokio::time::timeout(at_most, newer).await;
        Ok(self.newest_change())
    }

    /// Grows with each write to a shelf while this store is open: what was read from the shelf after this was asked, and
    /// was told the same number again, still holds.
    pub fn shelf_version(&self, of: Shelf) -> u64 {
        match &self.inner {
            Inner::Embedded(engine) => engine.shelf_version(of),
            // What a server's store holds may change at any time.
            Inner::Remote(remote) => remote.next_number(),
        }
    }

    /// Keeps a small value of another room's; on the disk when this returns.
    pub async fn put_meta<T: Serialize>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        // Sealed here, so that the value need not be sent to another thread.
        let sealed = serde_json::to_value(value)
            .map_err(|error| Fault::Failed(format!("a value has no JSON form: {error}")))
            .map_err(|fault| fault.at(self.folder()))?;
        if let Some(remote) = self.remote() {
            let key = key.to_owned();
            return remote.ask(Ask::PutMeta { key, value: sealed }).await;
        }
        let key = key.as_bytes().to_vec();
        self.run(move |engine| {
            let ((), number) = engine.change(|draft| draft.put(Table::Meta, key, &sealed))?;
            engine.make_durable(number)
        })
        .await
    }

    /// Reads a value that [`Store::put_meta`] kept.
    pub async fn get_meta<T: DeserializeOwned + Send + 'static>(
        &self,
        key: &str,
    ) -> Result<Option<T>, StoreError> {
        if let Some(remote) = self.remote() {
            return remote
                .ask(Ask::GetMeta {
                    key: key.to_owned(),
                })
                .await;
        }
        let key = key.as_bytes().to_vec();
        self.run(move |engine| engine.get(Table::Meta, &key)).await
    }

    /// Writes all that is kept at this moment into a dump: `to`, or a file in the folder of dumps whose name says when.
    /// Changes go on meanwhile. A server's store is written by the server, which must be allowed to write there.
    pub async fn back_up(&self, to: Option<PathBuf>, now: Timestamp) -> Result<Dumped, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::BackUp { to, now }).await;
        }
        self.run(move |engine| dump::back_up(engine, to.as_deref(), now))
            .await
    }

    /// Reads everything and checks it: checksums, the ledger's sum, tables that agree. Changes wait
    /// meanwhile.
    pub async fn verify(&self) -> Result<Verification, StoreError> {
        if let Some(remote) = self.remote() {
            return remote.ask(Ask::Verify).await;
        }
        self.run(verify::everything).await
    }

    /// Brings everything to the disk and, as the last clone, releases the folder. Dropping the last clone
    /// does the same, but cannot tell of a failure.
    pub async fn close(self) -> Result<(), StoreError> {
        let Inner::Embedded(_) = &self.inner else {
            return Ok(());
        };
        let answer = self.run(Engine::close).await;
        let dropped = spawn_blocking(move || drop(self)).await;
        if let Err(broken) = dropped {
            tracing::warn!(%broken, "the store's engine broke off while it was closed");
        }
        answer
    }

    /// The server that has the folder, if one does.
    fn remote(&self) -> Option<&Remote> {
        match &self.inner {
            Inner::Embedded(_) => None,
            Inner::Remote(remote) => Some(remote),
        }
    }

    /// The data folder.
    fn folder(&self) -> &Path {
        match &self.inner {
            Inner::Embedded(engine) => engine.folder(),
            Inner::Remote(remote) => remote.folder(),
        }
    }

    fn owners_only(&self) -> StoreError {
        StoreError::OwnersOnly {
            folder: self.folder().to_owned(),
        }
    }

    /// Runs blocking work outside the async threads. Refused unless the folder is this process's own.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engine) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Inner::Embedded(engine) = &self.inner else {
            return Err(self.owners_only());
        };
        let at_work = Arc::clone(engine);
        match spawn_blocking(move || work(&at_work)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(fault)) => Err(with_way_out(fault.at(engine.folder()), engine.dumps()).await),
            Err(broken) => {
                let fault = broke_off(&broken);
                let fault = if broken.is_panic() {
                    engine.fail(fault)
                } else {
                    fault
                };
                Err(with_way_out(fault.at(engine.folder()), engine.dumps()).await)
            }
        }
    }
}

/// Names the newest whole dump in the error of a damaged store.
async fn with_way_out(error: StoreError, dumps: PathBuf) -> StoreError {
    match error {
        StoreError::Damaged { folder, what, .. } => {
            let newest = spawn_blocking(move || dump::newest_whole(&dumps)).await;
            let dump = newest.ok().flatten().map(|dumped| dumped.file);
            StoreError::Damaged { folder, what, dump }
        }
        other => other,
    }
}

/// The engine panicked over damaged files, or the program's runtime ended in the middle.
fn broke_off(broken: &tokio::task::JoinError) -> Fault {
    if broken.is_panic() {
        Fault::Damaged("the engine broke off while it read or wrote its log".to_owned())
    } else {
        Fault::Failed("the program is ending".to_owned())
    }
}
