//! The pool: lease → enrich → finish, until the queue is empty or somebody says stop.
//!
//! Each worker is one tracked task. One worker at a time stands at a desk and looks for work; the others
//! wait behind it, so an empty queue wakes one task and not all. It listens to the store *before* it
//! looks, so that nothing is missed in between. Some workers take no job of a refresh, so that whoever a person waits
//! for need not wait behind one; they have a desk of their own.
//!
//! Stopping: no new jobs are taken; those under way get a grace period; what is not done by then is given
//! back. A worker that is killed instead leaves a lease that runs out.
//!
//! While the disk is full no job is taken, and what is under way is kept until it can be stored (`room`).

mod allowance;
mod lanes;
mod room;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use allowance::{A_JOB, Allowance, SetAside};
pub use lanes::refresh_workers;

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use room::{LOOK_AGAIN, Pause};

use crate::domain::applicant::ApplicantId;
use crate::domain::job::{Lease, Priority};
use crate::domain::profile::{Cost, Profile};
use crate::domain::score::Score;
use crate::enrich::{Enricher, Gathered, Person, Setback};
use crate::measures;
use crate::sources::SourceError;
use crate::store::{Feed, Finished, Heard, Lane, Leased, Store, StoreError, Waiting};

/// How the pool works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Applicants in work at once. Count.
    pub workers: usize,
    /// How long a job is leased; renewed at half of it.
    pub lease: Duration,
    /// How long jobs under way may take to finish after a stop.
    pub grace: Duration,
    /// Attempts before an applicant is given up as failed. Count.
    pub attempts: u32,
    /// Wait after a failed attempt, doubled each time.
    pub retry_after_failure: Duration,
    /// What happens when nothing is left to do now.
    pub ending: Ending,
    /// Of the workers, those that take jobs of a refresh as well; the others are kept for whom a person waits for.
    /// Count.
    pub refresh_workers: usize,
    /// What a refresh may spend; `None`: as much as there is.
    pub allowance: Option<Arc<Allowance>>,
}

/// When a pool ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// When the queue is empty, or all that is left is deferred for longer than this.
    AfterPatience(Duration),
    /// Never: it waits for more.
    Never,
}

/// How long a lasting pool leaves an applicant alone after a source said that a person must act, such as when every
/// token was refused.
const UNTIL_SOMEBODY_ACTED: SignedDuration = SignedDuration::from_mins(10);

/// Attempts before a profile is accepted of which the source gave up on a part. Count.
const ATTEMPTS_AT_ALL_OF_IT: u32 = 3;

/// The longest wait between two attempts at one applicant.
const LONGEST_RETRY: Duration = Duration::from_mins(10);

/// Something that happened, for whoever shows progress.
#[derive(Debug, Clone)]
pub enum Event {
    /// An applicant has a profile.
    Finished {
        /// Who.
        applicant: ApplicantId,
        /// The new score.
        score: Box<Score>,
        /// Whether every source answered.
        complete: bool,
    },
    /// A job was put off.
    Deferred {
        /// Whose.
        applicant: ApplicantId,
        /// Until when.
        until: Timestamp,
        /// Why.
        why: String,
    },
    /// Nothing can be done before this time.
    Waiting {
        /// Until when.
        until: Timestamp,
        /// Why, as the job that is next says.
        why: Option<String>,
    },
    /// The disk is full: no job is taken until there is room.
    NoRoom,
    /// There is room again.
    RoomAgain,
}

/// How a run of the pool ended.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Applicants that got a profile. Count.
    pub finished: u64,
    /// Of these, those that a source failed for. Count.
    pub failed: u64,
    /// What all of it took, failed attempts included.
    pub cost: Cost,
    /// What is still in the queue.
    pub remaining: Waiting,
    /// Why the pool stopped before the queue was empty, if a source said that a person must act.
    pub stopped: Option<String>,
}

/// A pool over one store.
pub struct Worker {
    store: Store,
    enricher: Enricher,
    settings: Settings,
    /// No new jobs.
    stop: CancellationToken,
    /// No more grace.
    abort: CancellationToken,
    /// Where the next job is looked for: by those who take any, and by those who take what a person waits for.
    desks: [tokio::sync::Mutex<()>; 2],
    events: mpsc::UnboundedSender<Event>,
    pause: Pause,
    finished: AtomicU64,
    failed: AtomicU64,
    cost: Mutex<Cost>,
    stopped: Mutex<Option<String>>,
    broken: Mutex<Option<StoreError>>,
}

impl Worker {
    /// A pool; `stop` ends it gracefully.
    pub fn new(
        store: Store,
        enricher: Enricher,
        settings: Settings,
        stop: CancellationToken,
        events: mpsc::UnboundedSender<Event>,
    ) -> Self {
        Self {
            store,
            enricher,
            settings,
            stop,
            abort: CancellationToken::new(),
            desks: Default::default(),
            events,
            pause: Pause::default(),
            finished: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            cost: Mutex::default(),
            stopped: Mutex::default(),
            broken: Mutex::default(),
        }
    }

    /// Works until the queue is empty, or what is left is deferred beyond the patience, or a stop.
    pub async fn run(self) -> Result<Summary, StoreError> {
        let pool = Arc::new(self);
        let tracker = TaskTracker::new();
        for number in 0..pool.settings.workers {
            let worker = Arc::clone(&pool);
            tracker.spawn(async move { Box::pin(worker.work(number)).await });
        }
        tracker.close();
        tokio::select! {
            () = tracker.wait() => {}
            () = pool.grace_over() => {
                pool.abort.cancel();
                tracker.wait().await;
            }
        }
        if let Some(error) = take(&pool.broken) {
            return Err(error);
        }
        let cost = *pool.cost.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Summary {
            finished: pool.finished.load(Ordering::Relaxed),
            failed: pool.failed.load(Ordering::Relaxed),
            cost,
            remaining: pool.store.waiting(Timestamp::now()).await?,
            stopped: take(&pool.stopped),
        })
    }

    async fn grace_over(&self) {
        self.stop.cancelled().await;
        tokio::time::sleep(self.settings.grace).await;
    }

    /// One worker: jobs, one after another, until there are none.
    async fn work(&self, number: usize) {
        let name = format!("{}/{number}", std::process::id());
        loop {
            let lane = if number < self.settings.refresh_workers {
                Lane::Any
            } else {
                Lane::Interactive
            };
            let worked = match self.next(&name, lane).await {
                Ok(Some((leased, set_aside))) => Box::pin(self.enrich(leased, set_aside)).await,
                Ok(None) => return,
                Err(error) => Err(error),
            };
            match worked {
                Ok(()) => {}
                // Somebody else has the job; nothing of it is lost.
                Err(StoreError::LeaseLost { .. }) => {
                    tracing::warn!("a lease ran out before its job was done");
                }
                // What could not be stored before the end belongs to nobody once the store is opened again.
                Err(StoreError::Full { .. }) if self.stop.is_cancelled() => return,
                Err(error) => {
                    put(&self.broken, error);
                    self.stop.cancel();
                    return;
                }
            }
        }
    }

    /// The next job; `None` when there is none to wait for.
    async fn next(
        &self,
        name: &str,
        lane: Lane,
    ) -> Result<Option<(Leased, Option<SetAside>)>, StoreError> {
        let desk = &self.desks[usize::from(lane == Lane::Interactive)];
        let _desk = desk.lock().await;
        // Before the first look, so that nothing is missed between a look and the wait.
        let mut feed = self.store.feed();
        loop {
            if self.stop.is_cancelled() || !self.has_room().await? {
                return Ok(None);
            }
            let now = Timestamp::now();
            let allowance = self.settings.allowance.as_ref();
            let closed_until = allowance.and_then(|allowance| allowance.closed_until(now));
            let allowed = closed_until.map_or(lane, |_| Lane::Interactive);
            let how_long = self.settings.lease;
            let leased = match self.store.lease(name, now, how_long, allowed).await {
                // The last room went in between.
                Err(StoreError::Full { .. }) => continue,
                leased => leased?,
            };
            if let Some(leased) = leased {
                // Before anybody else looks at what is left of the allowance.
                let refreshes = leased.job.priority == Priority::Refresh;
                let set_aside = allowance.filter(|_| refreshes);
                return Ok(Some((
                    leased,
                    set_aside.map(Allowance::set_aside_for_a_job),
                )));
            }
            let waiting = self.store.waiting(now).await?;
            let until = [waiting.earliest, closed_until].into_iter().flatten().min();
            // What is ready now is for others, or has become ready since.
            if waiting.ready > 0 && allowed == Lane::Any {
                continue;
            }
            let wait = until
                .map(|until| Duration::try_from(until.duration_since(now)).unwrap_or_default());
            if let Ending::AfterPatience(patience) = self.settings.ending {
                let Some(wait) = wait else {
                    return Ok(None);
                };
                if waiting.leased == 0 && wait > patience {
                    return Ok(None);
                }
            }
            if let (0, Some(until)) = (waiting.leased, until) {
                let _ = self.events.send(Event::Waiting {
                    until,
                    why: waiting.note,
                });
            }
            tokio::select! {
                () = heard_of_a_job(&mut feed) => {}
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(wait.unwrap_or(Duration::MAX)) => {}
            }
        }
    }

    /// Enriches one applicant and ends the job in the way that the outcome calls for.
    async fn enrich(&self, leased: Leased, set_aside: Option<SetAside>) -> Result<(), StoreError> {
        let Leased {
            mut lease,
            job,
            applicant,
        } = leased;
        let before = self.store.profile(&applicant.id).await?;
        let review = self.store.review(&applicant.id).await?;
        let person = Person {
            applicant: &applicant,
            before: before.as_ref(),
            review: &review,
        };
        let work = self.enricher.enrich(person);
        let work = AssertUnwindSafe(work).catch_unwind();
        tokio::pin!(work);
        let mut renew_in = self.settings.lease / 2;
        let mut not_renewed = None;
        let outcome = loop {
            tokio::select! {
                // A stop goes first: what it breaks off is no failed attempt.
                biased;
                () = self.abort.cancelled() => return self.store.give_back(&lease).await,
                outcome = &mut work => break outcome,
                () = tokio::time::sleep(renew_in) => {
                    match self.store.renew(&lease, Timestamp::now(), self.settings.lease).await {
                        Err(StoreError::Full { .. }) => {
                            renew_in = LOOK_AGAIN;
                            not_renewed = Some(self.keep_in_hand().await?);
                        }
                        renewed => {
                            lease = renewed?;
                            renew_in = self.settings.lease / 2;
                            not_renewed = None;
                        }
                    }
                }
            }
        };
        drop(not_renewed);
        let setback = match outcome {
            Ok(Ok(profile)) => {
                self.spend(profile.cost, job.priority);
                drop(set_aside);
                let attempts = self.settings.attempts.min(ATTEMPTS_AT_ALL_OF_IT);
                if let Some(why) = profile.given_up().filter(|_| job.attempts + 1 < attempts) {
                    return self.again(&lease, job.attempts, why.to_owned()).await;
                }
                return self.finish(&lease, profile).await;
            }
            Ok(Err(setback)) => setback,
            Err(_) => Setback {
                error: SourceError::Again("plaudit itself failed; the log says where".to_owned()),
                cost: Cost::default(),
                gathered: Gathered::default(),
            },
        };
        let Setback {
            error,
            cost,
            gathered,
        } = setback;
        self.spend(cost, job.priority);
        drop(set_aside);
        match error {
            SourceError::RateLimited { until, .. } => {
                let why = error.to_string();
                self.defer(&lease, until, why, false).await
            }
            SourceError::Stop(why) if self.settings.ending == Ending::Never => {
                tracing::error!(why, "nobody can be asked before a person has acted");
                let until = Timestamp::now() + UNTIL_SOMEBODY_ACTED;
                self.defer(&lease, until, why, false).await
            }
            SourceError::Stop(why) => {
                put(&self.stopped, why);
                self.stop.cancel();
                self.store.give_back(&lease).await
            }
            // No attempt of this applicant's: somebody else's was stopped.
            SourceError::Leaderless => {
                self.once_there_is_room(|| self.store.give_back(&lease))
                    .await
            }
            SourceError::Again(why) if job.attempts + 1 < self.settings.attempts => {
                self.again(&lease, job.attempts, why).await
            }
            SourceError::Again(why) | SourceError::Failed(why) => {
                let now = Timestamp::now();
                match self.enricher.failed(person, &why, (cost, gathered, now)) {
                    Some(profile) => self.finish(&lease, profile).await,
                    // The rubric that it asks for is gone; a person must bring it back.
                    None => {
                        self.defer(&lease, now + SignedDuration::from_hours(1), why, true)
                            .await
                    }
                }
            }
        }
    }

    async fn finish(&self, lease: &Lease, mut profile: Profile) -> Result<(), StoreError> {
        let complete = profile.is_complete();
        let event = loop {
            let event = Event::Finished {
                applicant: profile.applicant.id.clone(),
                score: Box::new(Score {
                    components: Vec::new(),
                    ..profile.score.clone()
                }),
                complete,
            };
            let finish = || self.store.finish(lease, profile.clone(), Timestamp::now());
            match self.once_there_is_room(finish).await? {
                Finished::Done | Finished::Again => break event,
                // Somebody has added something while the sources were asked. The facts are as they are; only the
                // judgement is made once more, beside the profile that was kept with the review.
                Finished::Reviewed(late) => {
                    let (judged, review) = *late;
                    let before = self.store.profile(&lease.applicant).await?;
                    profile = self.enricher.review(judged, review, before.as_ref());
                }
            }
        };
        self.finished.fetch_add(1, Ordering::Relaxed);
        self.failed
            .fetch_add(u64::from(!complete), Ordering::Relaxed);
        let outcome = if complete { "complete" } else { "incomplete" };
        metrics::counter!(measures::JOBS_FINISHED.name, "outcome" => outcome).increment(1);
        let _ = self.events.send(event);
        Ok(())
    }

    /// Puts a job off after a failed attempt.
    async fn again(&self, lease: &Lease, attempts: u32, why: String) -> Result<(), StoreError> {
        let wait = wait_before_attempt(self.settings.retry_after_failure, attempts);
        let until = Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX);
        self.defer(lease, until, why, true).await
    }

    async fn defer(
        &self,
        lease: &Lease,
        until: Timestamp,
        why: String,
        counts_as_attempt: bool,
    ) -> Result<(), StoreError> {
        let put_off = || {
            let times = (until, Timestamp::now());
            self.store.defer(lease, times, &why, counts_as_attempt)
        };
        self.once_there_is_room(put_off).await?;
        let cause = if counts_as_attempt {
            "failure"
        } else {
            "limit"
        };
        metrics::counter!(measures::JOBS_DEFERRED.name, "why" => cause).increment(1);
        let applicant = lease.applicant.clone();
        let _ = self.events.send(Event::Deferred {
            applicant,
            until,
            why,
        });
        Ok(())
    }

    fn spend(&self, cost: Cost, priority: Priority) {
        if let (Priority::Refresh, Some(allowance)) = (priority, &self.settings.allowance) {
            allowance.spend(cost.points, Timestamp::now());
        }
        self.cost
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(cost);
    }
}

/// The wait before attempt number `attempts` + 2: doubled each time, up to ten minutes.
fn wait_before_attempt(first: Duration, attempts: u32) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(attempts))
        .min(LONGEST_RETRY)
}

/// Returns when some job is another one than before.
async fn heard_of_a_job(feed: &mut Feed) {
    loop {
        match feed.next().await {
            Some(Heard::Change(happened)) if happened.jobs.is_empty() => {}
            Some(Heard::Change(_) | Heard::Missed) | None => return,
        }
    }
}

fn put<T>(place: &Mutex<Option<T>>, value: T) {
    // The first one counts.
    place
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert(value);
}

fn take<T>(place: &Mutex<Option<T>>) -> Option<T> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}
