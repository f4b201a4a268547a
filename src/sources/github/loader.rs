//! Applicants that are in work at the same time share a query.
//!
//! A [`Loader`] gathers keys until a batch is full; a batch that is not goes out as it is once a short window
//! has passed *and* it is its turn to be sent. While every place in flight is taken there is nothing to
//! be won by going early, and whoever comes meanwhile still gets in. Whoever completes a batch, or has the turn,
//! leads it: asks for all, and hands each its part. So nothing is spawned, and a batch lives and dies with
//! its leader; those whose leader died are asked again by themselves.
//!
//! Time binds before points do: a batch that the host could not answer in time is halved, and how large later
//! batches are follows [`Pace`].

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::pace::{Pace, wait_alone};
use crate::domain::profile::Cost;
use crate::http::Spent;
use crate::sources::SourceError;

/// How long the first key of a batch waits for company.
const WINDOW: Duration = Duration::from_millis(10);

/// What became of one key of a batch.
#[derive(Debug)]
pub(super) enum Loaded<V> {
    /// Here it is.
    Value(V),
    /// Ask for it in a smaller batch; if it was alone, once more later.
    TooHeavy,
    /// It is too heavy even alone, and has been asked for often enough.
    Hopeless,
    /// It failed.
    Error(SourceError),
}

/// What a batch came to: a result for each key in order, and what it cost together.
pub(super) struct Batch<V> {
    pub(super) parts: Vec<Loaded<V>>,
    pub(super) spent: Spent,
}

impl<V> Batch<V> {
    /// The same end for all `keys`.
    pub(super) fn all(keys: usize, spent: Spent, mut end: impl FnMut() -> Loaded<V>) -> Self {
        Self {
            parts: (0..keys).map(|_| end()).collect(),
            spent,
        }
    }
}

/// A key's end, with the cost of every batch that it was in. `None`: too heavy even alone.
type End<V> = (Result<Option<V>, SourceError>, Cost);

/// A key that waits.
struct Waiting<K, V> {
    number: u64,
    key: K,
    to: oneshot::Sender<End<V>>,
}

/// Gathers keys into batches.
pub(super) struct Loader<K, V> {
    state: Mutex<State<K, V>>,
}

struct State<K, V> {
    waiting: VecDeque<Waiting<K, V>>,
    next: u64,
    pace: Pace,
}

impl<K: Clone, V> Loader<K, V> {
    /// Batches of up to `most` keys.
    pub(super) fn new(most: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            next: 0,
            pace: Pace::new(most),
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Loads `key` in company. `turn` waits until a query may be sent, and what it gives is handed on to
    /// `ask`; both are called by whoever leads the batch.
    pub(super) async fn load<T, W, F, A>(&self, key: K, turn: impl Fn() -> W, ask: A) -> End<V>
    where
        W: Future<Output = T>,
        A: Fn(Vec<K>, T) -> F,
        F: Future<Output = Batch<V>>,
    {
        let (to, mut from) = oneshot::channel();
        let (number, full) = {
            let mut state = self.lock();
            let number = state.next;
            state.next += 1;
            state.waiting.push_back(Waiting { number, key, to });
            let full = (state.waiting.len() >= state.pace.size()).then(|| state.take());
            (number, full)
        };
        if let Some(batch) = full {
            let first = turn().await;
            self.lead(batch, first, &turn, &ask).await;
        } else if let Ok(end) = tokio::time::timeout(WINDOW, &mut from).await {
            return end.unwrap_or_else(|_| leaderless());
        }
        while self.still_waits(number) {
            let mine = tokio::select! {
                biased;
                end = &mut from => return end.unwrap_or_else(|_| leaderless()),
                mine = turn() => mine,
            };
            let batch = self.take_with(number);
            if !batch.is_empty() {
                self.lead(batch, mine, &turn, &ask).await;
            }
        }
        from.await.unwrap_or_else(|_| leaderless())
    }

    /// Whether key `number` is in no batch yet.
    fn still_waits(&self, number: u64) -> bool {
        let state = self.lock();
        state.waiting.iter().any(|waiting| waiting.number == number)
    }

    /// The next batch, if key `number` is in none yet.
    fn take_with(&self, number: u64) -> Vec<Waiting<K, V>> {
        let mut state = self.lock();
        let waits = state.waiting.iter().any(|waiting| waiting.number == number);
        if waits { state.take() } else { Vec::new() }
    }

    /// Asks for a batch, in halves where it is too heavy, and hands out what came.
    async fn lead<T, W, F, A>(
        &self,
        batch: Vec<Waiting<K, V>>,
        first: T,
        turn: &impl Fn() -> W,
        ask: &A,
    ) where
        W: Future<Output = T>,
        A: Fn(Vec<K>, T) -> F,
        F: Future<Output = Batch<V>>,
    {
        let with_cost = batch
            .into_iter()
            .map(|waiting| (waiting, Cost::default()))
            .collect();
        let mut stack: Vec<Vec<(Waiting<K, V>, Cost)>> = vec![with_cost];
        let mut tried_alone = 0;
        let mut mine = Some(first);
        while let Some(mut batch) = stack.pop() {
            let keys: Vec<K> = batch
                .iter()
                .map(|(waiting, _)| waiting.key.clone())
                .collect();
            let count = keys.len();
            let mine = match mine.take() {
                Some(mine) => mine,
                None => turn().await,
            };
            let answered = ask(keys, mine).await;
            let share = share(answered.spent, count);
            let (mut heavy, mut again) = (Vec::new(), None);
            for (part, (waiting, mut cost)) in answered.parts.into_iter().zip(batch.drain(..)) {
                cost.add(share);
                let end = match part {
                    Loaded::Value(value) => Ok(Some(value)),
                    Loaded::Error(error) => Err(error),
                    Loaded::TooHeavy if count > 1 => {
                        heavy.push((waiting, cost));
                        continue;
                    }
                    Loaded::TooHeavy => {
                        tried_alone += 1;
                        if let Some(wait) = wait_alone(tried_alone) {
                            tokio::time::sleep(wait).await;
                            again = Some((waiting, cost));
                            continue;
                        }
                        tried_alone = 0;
                        Ok(None)
                    }
                    Loaded::Hopeless => Ok(None),
                };
                // Whoever asked may have gone; then nobody misses the answer.
                let _ = waiting.to.send((end, cost));
            }
            if heavy.is_empty() && again.is_none() {
                self.lock().pace.bore(count);
            } else {
                self.lock().pace.gave_up(count);
            }
            match again {
                Some(alone) => {
                    stack.push(vec![alone]);
                    continue;
                }
                None => tried_alone = 0,
            }
            if !heavy.is_empty() {
                let second = heavy.split_off(heavy.len().div_ceil(2).min(count / 2).max(1));
                if !second.is_empty() {
                    stack.push(second);
                }
                stack.push(heavy);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> State<K, V> {
    fn take(&mut self) -> Vec<Waiting<K, V>> {
        let count = self.pace.size().min(self.waiting.len());
        self.waiting.drain(..count).collect()
    }
}

/// What a key is told whose leader was stopped.
fn leaderless<V>() -> End<V> {
    (Err(SourceError::Leaderless), Cost::default())
}

/// One key's share of what its batch cost.
#[expect(clippy::cast_precision_loss, reason = "a batch has at most 37 keys")]
pub(super) fn share(spent: Spent, keys: usize) -> Cost {
    let keys = keys.max(1) as f64;
    Cost {
        requests: f64::from(spent.requests) / keys,
        points: f64::from(spent.points) / keys,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// A turn that nobody has to wait for.
    async fn at_once() {}

    type Seen = Arc<Mutex<Vec<Vec<u32>>>>;

    /// Loads `keys` at once through one loader; batches of more than `bearable` are too heavy.
    async fn load_all(most: usize, keys: u32, bearable: usize) -> (Vec<End<u32>>, Vec<Vec<u32>>) {
        let loader = Loader::<u32, u32>::new(most);
        let seen: Seen = Arc::default();
        let ask = |batch: Vec<u32>, ()| {
            let seen = Arc::clone(&seen);
            async move {
                let spent = Spent {
                    requests: 1,
                    points: 1,
                };
                seen.lock().unwrap().push(batch.clone());
                if batch.len() > bearable {
                    return Batch::all(batch.len(), spent, || Loaded::TooHeavy);
                }
                let parts = batch.iter().map(|key| Loaded::Value(key * 10)).collect();
                Batch { parts, spent }
            }
        };
        let loads = (0..keys).map(|key| loader.load(key, at_once, ask));
        let ends = futures::future::join_all(loads).await;
        let seen = seen.lock().unwrap().clone();
        (ends, seen)
    }

    fn values(ends: Vec<End<u32>>) -> Vec<u32> {
        ends.into_iter()
            .map(|(end, _)| end.unwrap().unwrap())
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_come_together_share_batches() {
        let (ends, seen) = load_all(4, 10, 4).await;
        assert_eq!(
            values(ends),
            (0..10).map(|key| key * 10).collect::<Vec<_>>()
        );
        assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_before_the_turn_still_gets_in() {
        let loader = Loader::<u32, u32>::new(4);
        let seen: Seen = Arc::default();
        let turn = || tokio::time::sleep(WINDOW * 5);
        let load = |key: u32| {
            let ask = |batch: Vec<u32>, ()| {
                seen.lock().unwrap().push(batch.clone());
                let parts = batch.iter().map(|key| Loaded::Value(key * 10)).collect();
                let spent = Spent::default();
                async move { Batch { parts, spent } }
            };
            let loader = &loader;
            async move {
                tokio::time::sleep(WINDOW * 2 * key).await;
                loader.load(key, turn, ask).await
            }
        };
        // The first has the turn after six windows; by then the third has come, and the fourth has not.
        let ends = futures::future::join_all((0..4).map(load)).await;
        assert_eq!(values(ends), [0, 10, 20, 30]);
        assert_eq!(*seen.lock().unwrap(), [vec![0, 1, 2], vec![3]]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lonely_key_goes_after_the_window() {
        let (ends, seen) = load_all(4, 1, 4).await;
        assert_eq!(values(ends), [0]);
        assert_eq!(seen, [vec![0]]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_heavy_batch_is_halved_until_it_can_be_borne_and_nobody_is_lost() {
        for bearable in 1..=4 {
            let (ends, seen) = load_all(5, 23, bearable).await;
            assert_eq!(
                values(ends),
                (0..23).map(|key| key * 10).collect::<Vec<_>>()
            );
            assert!(
                seen.iter().any(|batch| batch.len() > bearable),
                "{bearable}: {seen:?}"
            );
            assert!(
                seen.iter().filter(|batch| batch.len() > bearable).count() < 23,
                "not more questions in vain than keys: {seen:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_too_heavy_alone_comes_back_as_none() {
        let (ends, _) = load_all(3, 3, 0).await;
        for (end, cost) in ends {
            assert_eq!(end, Ok(None));
            assert!(
                cost.requests > 1.0,
                "each batch it was in is counted: {cost:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn costs_are_shared_and_add_up() {
        let (ends, seen) = load_all(4, 10, 2).await;
        let total: f64 = ends.iter().map(|(_, cost)| cost.requests).sum();
        #[expect(clippy::cast_precision_loss, reason = "a few")]
        let asked = seen.len() as f64;
        assert!((total - asked).abs() < 1e-9, "{total} of {asked}");
    }

    #[tokio::test(start_paused = true)]
    async fn those_whose_leader_was_stopped_are_told_to_ask_again() {
        let loader = Loader::<u32, u32>::new(2);
        let ask = |batch: Vec<u32>, ()| async move {
            std::future::pending::<()>().await;
            Batch::all(batch.len(), Spent::default(), || Loaded::TooHeavy)
        };
        let follower = loader.load(1, at_once, ask);
        tokio::pin!(follower);
        assert!(futures::poll!(&mut follower).is_pending());
        // The second key completes the batch and leads it; then its job is stopped.
        assert!(
            tokio::time::timeout(WINDOW / 2, loader.load(2, at_once, ask))
                .await
                .is_err()
        );
        let (end, _) = follower.await;
        assert!(matches!(end, Err(SourceError::Leaderless)), "{end:?}");
    }
}
