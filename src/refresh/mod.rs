//! Which profiles have changed: a probe of many applicants at once, and jobs for those who did.
//!
//! 1. [`retention`]: whoever's time has ended is warned of, and then erased.
//! 2. `kaggle`: Kaggle's data set is renewed, where it was imported once.
//! 3. `due`: of every profile that is old enough, what is to be done with it.
//! 4. `run`: those who can be probed are; whoever has changed gets a job, which a pool of workers beside works off; when
//!    all of these are done, a [`Summary`].
//!
//! Nothing is lost when the process is killed: the jobs stay in the queue, and a run that left no summary counts as
//! missed, so that [`Refresher::follow_schedule`] makes up for it once.

mod clock;
mod due;
mod kaggle;
pub mod retention;
mod run;
mod schedule;
mod summary;

pub use clock::Clock;
pub use run::{Foreseen, Ran, Wish};
pub use schedule::{NoSchedule, Schedule};
pub use summary::{Changed, Failed, Progress, Status, Summary, Trigger};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::audit::{Act, Audit, Deed, Who};
use crate::config::Config;
use crate::domain::rubric::Rubric;
use crate::enrich::Connections;
use crate::sources::github::probe::Prober;
use crate::store::{Store, StoreError};
use crate::worker::Allowance;

/// How long the scheduled run waits for a limit to pass, and for its last job: less than a day, so that the next one
/// finds the way free.
const PATIENCE: Duration = Duration::from_hours(20);

/// How often it is looked whether a full disk has room again.
const LOOK_FOR_ROOM: Duration = Duration::from_secs(1);

/// Runs refreshes over a store, one at a time. To start one that runs already is refused.
pub struct Refresher {
    parts: Parts,
    prober: Prober,
    /// `None`: it runs only when somebody asks for it.
    schedule: Option<Schedule>,
    clock: Clock,
    state: Mutex<State>,
    /// Told when somebody has asked for a run.
    asked: Notify,
    /// Where the schedule's runs are written down.
    audit: Option<Audit>,
}

#[derive(Debug, Default)]
struct State {
    /// Set from the moment that a run was asked for.
    running: Option<Progress>,
    /// A run that was asked for and has not begun.
    wanted: Option<Trigger>,
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
    pub since: Timestamp,
}

/// When the schedule has it run, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Planned {
    at: Timestamp,
    trigger: Trigger,
}

impl Refresher {
    /// Of its parts. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self::with_clock(parts, Clock::System)
    }

    /// With another clock than the machine's, for its schedule.
    #[must_use]
    pub fn with_clock(parts: Parts, clock: Clock) -> Self {
        let settings = &parts.config.refresh;
        let schedule = match Schedule::of(settings) {
            Ok(schedule) => settings.enabled.then_some(schedule),
            // The configuration refuses what is no schedule.
            Err(error) => {
                tracing::error!(%error, "profiles are not refreshed by themselves");
                None
            }
        };
        let in_flight = parts.config.github.in_flight;
        Self {
            prober: Prober::new(&parts.connections.github, in_flight),
            parts,
            schedule,
            clock,
            state: Mutex::default(),
            asked: Notify::new(),
            audit: None,
        }
    }

    /// With a log in which the schedule's runs are written down.
    #[must_use]
    pub fn noting(mut self, audit: Audit) -> Self {
        self.audit = Some(audit);
        self
    }

    /// Asks for a run as soon as may be. Returns at once; [`Refresher::follow_schedule`] runs it.
    pub fn start(&self, trigger: Trigger) -> Result<(), Running> {
        let mut state = self.state();
        if let Some(running) = &state.running {
            return Err(Running {
                since: running.began,
            });
        }
        state.running = Some(Progress::begun(self.clock.now()));
        state.wanted = Some(trigger);
        drop(state);
        self.asked.notify_one();
        Ok(())
    }

    /// What runs.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.state().running.clone()
    }

    /// How it stands: what runs, what ran last, when it runs next.
    pub async fn status(&self) -> Result<Status, StoreError> {
        let last = summary::last(&self.parts.store).await?;
        let schedule = self.schedule.as_ref();
        Ok(Status {
            running: self.progress(),
            last,
            next: schedule.and_then(|schedule| schedule.next(self.clock.now())),
        })
    }

    /// Runs refreshes when the schedule, or somebody, asks for one, until `stop`. Another pool works off the jobs.
    ///
    /// When the schedule's last time passed without a run that came to its end, one is made up for at once, also if there
    /// were several.
    pub async fn follow_schedule(&self, stop: CancellationToken) {
        let mut since = match self.last_begun().await {
            Ok(since) => since,
            Err(error) => {
                tracing::error!(%error, "cannot read when the last refresh was");
                Some(self.clock.now())
            }
        };
        while !stop.is_cancelled() {
            let planned = self.planned(since);
            let at = planned.map(|planned| {
                let later = planned.at.checked_add(self.jitter());
                later.unwrap_or(planned.at)
            });
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.asked.notified() => {}
                () = self.clock.wait_until(at) => {
                    let trigger = planned.map_or(Trigger::Schedule, |planned| planned.trigger);
                    // Refused: somebody was faster, and that run counts as well.
                    let _ = self.start(trigger);
                }
            }
            let Some(trigger) = self.state().wanted.take() else {
                continue;
            };
            since = Some(self.clock.now());
            let wish = Wish {
                trigger,
                older_than: None,
                patience: PATIENCE,
            };
            match self.run_with_room(wish, &stop).await {
                Ok(Some(ran)) => self.note(&ran.summary).await,
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "a refresh broke off"),
            }
        }
    }

    /// One refresh, beside another pool. While the disk is full it rests, and one that met a full disk begins anew: what it
    /// has put into the queue stays there, and whoever is done by then is young.
    async fn run_with_room(
        &self,
        wish: Wish,
        stop: &CancellationToken,
    ) -> Result<Option<Ran>, StoreError> {
        loop {
            while !self.parts.store.has_room().await? {
                self.show(|progress| "waiting: the disk is full".clone_into(&mut progress.doing));
                tokio::select! {
                    () = tokio::time::sleep(LOOK_FOR_ROOM) => {}
                    () = stop.cancelled() => {
                        self.state().running = None;
                        return Ok(None);
                    }
                }
            }
            let beside = None::<std::future::Ready<()>>;
            match self.run(wish, beside, stop).await {
                Err(StoreError::Full { .. }) if !stop.is_cancelled() => {
                    tracing::warn!("a refresh met a full disk; it begins anew once there is room");
                }
                ran => return ran.map(Some),
            }
        }
    }

    /// Writes a run down that nobody has asked for. Whoever asks is written down when they do.
    async fn note(&self, summary: &Summary) {
        if !matches!(summary.trigger, Trigger::Schedule | Trigger::CaughtUp) {
            return;
        }
        let act = Act::new(Who::Schedule, Deed::Refreshed)
            .with("checked", summary.checked)
            .with("changed", summary.changed.len())
            .with("failed", summary.failed.len());
        note(self.audit.as_ref(), act, "a refresh").await;
    }

    /// Since when no time of the schedule was missed; `None`: it has never run, and there is something to run for.
    async fn last_begun(&self) -> Result<Option<Timestamp>, StoreError> {
        let now = self.clock.now();
        let last = summary::last_begun(&self.parts.store).await?;
        if last.is_none() && self.parts.store.ids().await?.is_empty() {
            return Ok(Some(now));
        }
        // One that was begun by a clock that was wrong must not keep the schedule still.
        Ok(last.map(|last| last.min(now)))
    }

    fn planned(&self, since: Option<Timestamp>) -> Option<Planned> {
        let schedule = self.schedule.as_ref()?;
        let now = self.clock.now();
        let due = match since {
            Some(since) => schedule.next(since)?,
            None => now,
        };
        Some(if since.is_none() || due < now {
            Planned {
                at: now,
                trigger: Trigger::CaughtUp,
            }
        } else {
            Planned {
                at: due,
                trigger: Trigger::Schedule,
            }
        })
    }

    /// How much later to begin this time.
    fn jitter(&self) -> Duration {
        self.parts.config.refresh.jitter.mul_f64(fastrand::f64())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes an act down, where there is a log; that it cannot be, stops no refresh and is told.
async fn note(audit: Option<&Audit>, act: Act, what: &'static str) {
    if let Some(audit) = audit
        && let Err(error) = audit.note(act).await
    {
        tracing::error!(%error, "{what} could not be written into the audit log");
    }
}
