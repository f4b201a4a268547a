//! The deliverer: takes what is due, calls, and keeps what follows.
//!
//! A few endpoints are called at the same time, each for one message: a dead or slow one holds up nobody else. What
//! waits for one that fails is left alone for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::attempt::{later, rest};
use super::call::Caller;
use super::{Next, Outcome, Settings, after_attempt, registry};
use crate::domain::webhook::{Delivery, Endpoint};
use crate::measures;
use crate::store::{Edit, Feed, Heard, Shelf, Store, StoreError};

/// Endpoints that are called at the same time. Count.
const AT_ONCE: usize = 4;

/// Messages that are given up between two looks at how many are kept. Count.
const TRIM_EVERY: u32 = 100;

/// How often it is looked whether a full disk has room again. Until then nobody is called.
const LOOK_FOR_ROOM: Duration = Duration::from_secs(1);

/// How long an endpoint is not called after what came of a call could not be noted.
const FULL: Duration = Duration::from_secs(30);

/// Delivers until `stop`; calls under way are then finished, which takes the time-out at most.
///
/// An error is the store's, and final. A full disk is none: what could not be noted is repeated later.
pub async fn deliver(
    store: Store,
    settings: Settings,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    let caller = match Caller::new(&settings) {
        Ok(caller) => caller,
        Err(error) => {
            tracing::error!(%error, "no HTTP client can be made; webhooks are not delivered");
            stop.cancelled().await;
            return Ok(());
        }
    };
    let deliverer = Deliverer {
        store,
        settings,
        caller,
    };
    deliverer.run(stop).await
}

struct Deliverer {
    store: Store,
    settings: Settings,
    caller: Caller,
}

/// How it stands with an endpoint.
#[derive(Debug, Default)]
struct Standing {
    /// Whether it is being called.
    busy: bool,
    /// Attempts in a row that failed. Count.
    failures: u32,
    /// Not to be called before.
    resting_until: Option<Timestamp>,
    /// The how-manieth call was the last one to it.
    turn: u64,
}

/// How a call ended.
struct Ended {
    endpoint: String,
    next: Next,
    told: Option<Duration>,
}

impl Deliverer {
    async fn run(&self, stop: CancellationToken) -> Result<(), StoreError> {
        // Before the first look, so that nothing is missed between a look and the wait.
        let mut feed = self.store.feed();
        self.begin().await?;
        let mut standings: BTreeMap<String, Standing> = BTreeMap::new();
        let mut under_way = FuturesUnordered::new();
        let (mut turn, mut given_up) = (0, 0_u32);
        loop {
            let mut wait = Duration::MAX;
            while !stop.is_cancelled() && under_way.len() < AT_ONCE {
                let now = Timestamp::now();
                match self.next(&standings, now).await? {
                    // What came of a call could not be noted, and the call would come twice.
                    Look::Due(_) if !self.store.has_room().await? => {
                        wait = LOOK_FOR_ROOM;
                        break;
                    }
                    Look::Due(due) => {
                        let (endpoint, name, delivery) = *due;
                        turn += 1;
                        let standing = standings.entry(endpoint.id.clone()).or_default();
                        (standing.busy, standing.turn) = (true, turn);
                        under_way.push(self.attempt(endpoint, name, delivery));
                    }
                    Look::Later(until) => {
                        wait = until.map_or(Duration::MAX, |until| {
                            Duration::try_from(until.duration_since(now)).unwrap_or_default()
                        });
                        break;
                    }
                }
            }
            if stop.is_cancelled() && under_way.is_empty() {
                return Ok(());
            }
            tokio::select! {
                Some(ended) = under_way.next() => {
                    let ended: Ended = ended?;
                    let standing = standings.entry(ended.endpoint.clone()).or_default();
                    standing.heed(&ended, self.settings.first_wait);
                    match ended.next {
                        Next::GiveUp { .. } => {
                            given_up += 1;
                            if given_up.is_multiple_of(TRIM_EVERY) {
                                self.trim().await?;
                            }
                        }
                        Next::Gone => {
                            standings.remove(&ended.endpoint);
                            self.trim().await?;
                        }
                        Next::Done | Next::Again { .. } => {}
                    }
                }
                () = heard_of_one(&mut feed) => {}
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled(), if !stop.is_cancelled() => {}
            }
        }
    }

    /// Puts in order what an earlier process may have left in the middle.
    async fn begin(&self) -> Result<(), StoreError> {
        match registry::sweep(&self.store, Timestamp::now()).await {
            Ok(()) => self.trim().await,
            // The next start does it.
            Err(StoreError::Full { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes away what was given up beyond what is kept. On a full disk the next time does it.
    async fn trim(&self) -> Result<(), StoreError> {
        match registry::trim(&self.store, registry::MOST_DEAD_LETTERS).await {
            Err(StoreError::Full { .. }) => Ok(()),
            trimmed => trimmed,
        }
    }

    /// What is to be delivered next: of the endpoints for which something is due, the one that was called least
    /// recently.
    async fn next(
        &self,
        standings: &BTreeMap<String, Standing>,
        now: Timestamp,
    ) -> Result<Look, StoreError> {
        let mut endpoints = registry::endpoints(&self.store).await?;
        let turn = |endpoint: &Endpoint| standings.get(&endpoint.id).map_or(0, |one| one.turn);
        endpoints.sort_by_key(turn);
        let mut earliest: Option<Timestamp> = None;
        for endpoint in endpoints {
            let standing = standings.get(&endpoint.id);
            if standing.is_some_and(|standing| standing.busy) {
                continue;
            }
            let first = registry::first_waiting(&self.store, &endpoint.id).await?;
            let Some((name, delivery)) = first else {
                continue;
            };
            let resting = standing.and_then(|standing| standing.resting_until);
            let due = resting.map_or(delivery.due, |until| until.max(delivery.due));
            if due <= now {
                return Ok(Look::Due(Box::new((endpoint, name, delivery))));
            }
            earliest = Some(earliest.map_or(due, |earliest| earliest.min(due)));
        }
        Ok(Look::Later(earliest))
    }

    /// One call, and what follows from it, on the disk when this returns.
    async fn attempt(
        &self,
        endpoint: Endpoint,
        name: String,
        delivery: Delivery,
    ) -> Result<Ended, StoreError> {
        let outcome = self
            .caller
            .call(&endpoint, &delivery, Timestamp::now())
            .await;
        let now = Timestamp::now();
        let told = match &outcome {
            Outcome::Answered { retry_after, .. } => *retry_after,
            Outcome::NoAnswer(_) => None,
        };
        let next = after_attempt(&delivery, &outcome, &self.settings, now, fastrand::f64());
        let outcome = match next {
            Next::Done => "delivered",
            Next::Again { .. } => "failed",
            Next::GiveUp { .. } => "given_up",
            Next::Gone => "gone",
        };
        metrics::counter!(measures::WEBHOOK_DELIVERIES.name, "outcome" => outcome).increment(1);
        let kept = self.keep(&endpoint, &name, delivery, &next, now).await;
        let (next, told) = match kept {
            Ok(()) => (next, told),
            Err(StoreError::Full { .. }) => {
                tracing::warn!(
                    "the disk is full: what came of a webhook was not noted, and it is repeated later"
                );
                let problem = "the disk is full".to_owned();
                let due = later(now, FULL);
                (Next::Again { due, problem }, Some(FULL))
            }
            Err(error) => return Err(error),
        };
        Ok(Ended {
            endpoint: endpoint.id,
            next,
            told,
        })
    }

    async fn keep(
        &self,
        endpoint: &Endpoint,
        name: &str,
        delivery: Delivery,
        next: &Next,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Unless it was moved meanwhile, because its endpoint was removed.
        let edit = Edit::new()
            .expect(Shelf::Deliveries, name, Some(&delivery))
            .delete(Shelf::Deliveries, name);
        let (id, event) = (delivery.id.clone(), delivery.event);
        let attempts = delivery.attempts.saturating_add(1);
        let delivery = Delivery {
            attempts,
            ..delivery
        };
        let edit = match next {
            Next::Done => {
                tracing::debug!(webhook.id = id, %event, attempts, "delivered");
                edit
            }
            Next::Again { due, problem } => {
                tracing::info!(webhook.id = id, %event, attempts, problem, %due, "not delivered; it is tried again");
                let again = Delivery {
                    due: *due,
                    problem: Some(problem.clone()),
                    ..delivery
                };
                edit.put(Shelf::Deliveries, &again.waiting_as(), &again)
            }
            Next::GiveUp { problem } => {
                tracing::warn!(webhook.id = id, %event, attempts, problem, "not delivered; it is among the dead letters");
                let dead = registry::given_up(delivery, problem.clone(), now);
                edit.put(Shelf::DeadLetters, &dead.dead_as(), &dead)
            }
            Next::Gone => {
                tracing::warn!(
                    endpoint.id = endpoint.id,
                    "the endpoint answers that it is gone (HTTP 410): it is removed, and what waits for it is among \
                     the dead letters"
                );
                let why = "its webhook answered that it is gone (HTTP 410)";
                registry::remove(&self.store, &endpoint.id, why, now).await?;
                return Ok(());
            }
        };
        self.store.edit(edit).await?;
        Ok(())
    }
}

/// What a look came to.
enum Look {
    /// This delivery, kept under this name, is due.
    Due(Box<(Endpoint, String, Delivery)>),
    /// None is, before this time.
    Later(Option<Timestamp>),
}

impl Standing {
    fn heed(&mut self, ended: &Ended, first_wait: Duration) {
        self.busy = false;
        match ended.next {
            Next::Done => (self.failures, self.resting_until) = (0, None),
            // The next message that is as old shall not have to wait for its end.
            Next::GiveUp { .. } if ended.told.is_none() => {
                self.failures = self.failures.saturating_add(1);
            }
            Next::Again { .. } | Next::GiveUp { .. } | Next::Gone => {
                self.failures = self.failures.saturating_add(1);
                let rest = rest(first_wait, self.failures, ended.told);
                self.resting_until = Some(later(Timestamp::now(), rest));
            }
        }
    }
}

/// Returns when something is to be delivered that was not, or to somebody else.
async fn heard_of_one(feed: &mut Feed) {
    loop {
        match feed.next().await {
            Some(Heard::Change(happened))
                if !happened
                    .shelves
                    .iter()
                    .any(|shelf| matches!(shelf, Shelf::Deliveries | Shelf::Endpoints)) => {}
            Some(Heard::Change(_) | Heard::Missed) => return,
            // The store is never gone while this holds a clone of it.
            None => std::future::pending().await,
        }
    }
}
