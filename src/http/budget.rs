//! What we keep ourselves to: governor limiters, paid in the order of asking.
//!
//! A limiter cannot be asked without being charged, so whoever pays stands at a turnstile and pays all of an
//! account's limiters one after another; nobody is charged and then turned away, and nobody is overtaken.
//! These waits are our own choice and no host's: they are waited out here, however long the queue, except
//! those of the hour.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota};

use super::limiter::{Limits, Resource};

/// Budgets over at least this time are refused when they are used up, and not waited out.
const LONG: Duration = Duration::from_mins(10);

/// Which part of a short budget may be spent at once. The limiter lets a full burst through on top of the
/// steady rate, so in its first minute a budget gives its number and this part of it.
const BURST_PART: u32 = 4;

/// One account's own budgets.
pub(super) struct Budget {
    meters: HashMap<Resource, Meters>,
    /// Milliseconds of answering.
    query_time: Meter,
    /// Milliseconds of answering that the next query pays for.
    owed_milliseconds: AtomicU32,
    turnstile: tokio::sync::Mutex<()>,
    queue: AtomicUsize,
}

/// A resource's meters, the longest first, so that the one which may refuse is asked before any is charged.
struct Meters {
    all: Vec<Meter>,
    /// Cost beyond what was expected, which the next request pays for.
    owed: AtomicU32,
}

struct Meter {
    limiter: DefaultDirectRateLimiter,
    burst: NonZeroU32,
    within: Duration,
}

impl Meter {
    fn new(count: u32, within: Duration) -> Self {
        let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let burst = if within < LONG {
            NonZeroU32::new(count.get() / BURST_PART).unwrap_or(NonZeroU32::MIN)
        } else {
            count
        };
        let quota = Quota::with_period(within / count.get())
            .unwrap_or(Quota::per_second(NonZeroU32::MIN))
            .allow_burst(burst);
        Self {
            limiter: DefaultDirectRateLimiter::direct(quota),
            burst,
            within,
        }
    }

    /// Takes up to the whole burst of `price` and returns what is left to take, or how long to wait.
    fn take(&self, price: u32) -> Result<u32, Duration> {
        let Some(part) = NonZeroU32::new(price.min(self.burst.get())) else {
            return Ok(0);
        };
        match self.limiter.check_n(part) {
            Ok(Ok(())) | Err(_) => Ok(price - part.get()),
            Ok(Err(later)) => Err(later.wait_time_from(DefaultClock::default().now())),
        }
    }

    /// Pays `price`, in parts where it is more than a burst. Refuses a wait beyond `patience` where it may.
    async fn pay(&self, mut price: u32, patience: Duration) -> Result<(), Duration> {
        while price > 0 {
            match self.take(price) {
                Ok(left) => price = left,
                Err(wait) if self.within >= LONG && wait > patience => return Err(wait),
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
        Ok(())
    }
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut meters: HashMap<Resource, Meters> = HashMap::new();
        for (resource, count, within) in &limits.budgets {
            let of_resource = meters.entry(*resource).or_insert_with(|| Meters {
                all: Vec::new(),
                owed: AtomicU32::new(0),
            });
            of_resource.all.push(Meter::new(*count, *within));
            of_resource
                .all
                .sort_by_key(|meter| std::cmp::Reverse(meter.within));
        }
        let milliseconds = limits.query_seconds_per_minute.saturating_mul(1_000);
        Self {
            meters,
            query_time: Meter::new(milliseconds, Duration::from_mins(1)),
            owed_milliseconds: AtomicU32::new(0),
            turnstile: tokio::sync::Mutex::default(),
            queue: AtomicUsize::new(0),
        }
    }

    /// How many stand at the turnstile.
    pub(super) fn queue(&self) -> usize {
        self.queue.load(Ordering::Relaxed)
    }

    /// Pays for a request, in turn. `Err`: an hour's budget is used up for so long, beyond `patience`.
    pub(super) async fn pay(
        &self,
        resource: Resource,
        expected: u32,
        patience: Duration,
    ) -> Result<(), Duration> {
        let _counted = Counted::new(&self.queue);
        let _turn = self.turnstile.lock().await;
        let Some(meters) = self.meters.get(&resource) else {
            return Ok(());
        };
        let owed = meters.owed.swap(0, Ordering::Relaxed);
        for meter in &meters.all {
            if let Err(wait) = meter.pay(expected.saturating_add(owed), patience).await {
                meters.owed.fetch_add(owed, Ordering::Relaxed);
                return Err(wait);
            }
        }
        if resource == Resource::GraphQl {
            let owed = self.owed_milliseconds.swap(0, Ordering::Relaxed);
            self.query_time.pay(owed, patience).await?;
        }
        Ok(())
    }

    /// A query took so long to answer; the next one pays for it.
    pub(super) fn took(&self, resource: Resource, took: Duration) {
        if resource == Resource::GraphQl {
            let took = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
            self.owed_milliseconds.fetch_add(took, Ordering::Relaxed);
        }
    }

    /// A request cost so much beyond what was expected; the next one pays for it.
    pub(super) fn owe(&self, resource: Resource, cost: u32) {
        if let Some(meters) = self.meters.get(&resource) {
            meters.owed.fetch_add(cost, Ordering::Relaxed);
        }
    }
}

/// Counts whoever stands in a queue, also when they leave it early.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(queue: &'a AtomicUsize) -> Self {
        queue.fetch_add(1, Ordering::Relaxed);
        Self(queue)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::silence::{Silence, Told};
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const NO_PATIENCE: Duration = Duration::ZERO;

    fn budget(budgets: Vec<(Resource, u32, Duration)>) -> Budget {
        Budget::new(&Limits {
            host: "github",
            budgets,
            query_seconds_per_minute: 60,
            silence: Silence {
                first: Duration::from_mins(1),
                told: Told::Trusted,
                rest: None,
            },
        })
    }

    #[tokio::test]
    async fn an_hours_budget_ends_where_it_says() {
        let budget = budget(vec![(Resource::Core, 60, HOUR)]);
        for sent in 0..60 {
            assert_eq!(
                budget.pay(Resource::Core, 1, NO_PATIENCE).await,
                Ok(()),
                "{sent}"
            );
        }
        let wait = budget
            .pay(Resource::Core, 1, NO_PATIENCE)
            .await
            .expect_err("the 61st");
        assert!(
            wait <= Duration::from_mins(1) && wait > Duration::from_secs(50),
            "{wait:?}"
        );
    }

    #[tokio::test]
    async fn who_is_turned_away_is_not_charged() {
        let short = Duration::from_millis(200);
        let budget = budget(vec![(Resource::Core, 2, HOUR), (Resource::Core, 8, short)]);
        assert_eq!(budget.pay(Resource::Core, 2, NO_PATIENCE).await, Ok(()));
        let first = budget
            .pay(Resource::Core, 1, NO_PATIENCE)
            .await
            .expect_err("used up");
        for _ in 0..1_000 {
            let wait = budget
                .pay(Resource::Core, 1, NO_PATIENCE)
                .await
                .expect_err("used up");
            assert!(
                wait <= first,
                "a refusal made the wait longer: {wait:?} after {first:?}"
            );
        }
    }

    #[tokio::test]
    async fn what_cost_more_than_expected_is_paid_by_the_next() {
        let budget = budget(vec![(Resource::GraphQl, 10, HOUR)]);
        assert_eq!(budget.pay(Resource::GraphQl, 1, NO_PATIENCE).await, Ok(()));
        budget.owe(Resource::GraphQl, 8);
        assert_eq!(budget.pay(Resource::GraphQl, 1, NO_PATIENCE).await, Ok(()));
        assert!(
            budget.pay(Resource::GraphQl, 1, NO_PATIENCE).await.is_err(),
            "1 + 8 + 1 is all"
        );
    }

    #[tokio::test]
    async fn short_budgets_are_waited_out_in_the_order_of_asking() {
        let tenth = Duration::from_millis(100);
        let budget = budget(vec![(Resource::GraphQl, 10, tenth)]);
        let order = std::sync::Mutex::new(Vec::new());
        let pay = |number: usize| {
            let (budget, order) = (&budget, &order);
            async move {
                let paid = budget.pay(Resource::GraphQl, 1, NO_PATIENCE).await;
                order.lock().unwrap().push(number);
                paid
            }
        };
        let paid = futures::future::join_all((0..20).map(pay)).await;
        assert!(
            paid.iter().all(Result::is_ok),
            "however many wait, nobody is refused"
        );
        assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
        assert_eq!(budget.queue(), 0);
    }
}
