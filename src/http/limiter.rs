//! Who may send, and when: accounts, their gates, and their budgets.
//!
//! An [`Account`] is one token (or, without tokens, this machine's address). It obeys two things at once:
//! our own budget (governor limiters) and what the host answers (gates that close until a moment, and the
//! published remainder, of which requests in flight hold their expected share back). After a limit without
//! a published end, one request goes ahead as a probe before the others follow.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, clock::Clock, clock::DefaultClock};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::classify::{Limit, header};

/// A budget of its own within an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// GraphQL, counted in points.
    GraphQl,
    /// REST, counted in requests.
    Core,
    /// REST search, counted in requests.
    Search,
}

/// What we keep ourselves to, for each account.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For each resource, the budgets that all must allow a request: so many in such a time.
    pub budgets: Vec<(Resource, u32, Duration)>,
    /// Seconds of answering that the host may spend on us within a minute of GraphQL.
    /// GitHub allows 60 s of processor time in 60 s; the response time stands in for it.
    pub query_seconds_per_minute: u32,
    /// The first wait after a secondary limit that says no time; doubled each time in a row.
    pub secondary_wait: Duration,
}

/// The longest wait that we impose on ourselves after secondary limits in a row.
const LONGEST_SECONDARY: Duration = Duration::from_hours(1);

/// Added to every wait that a host asked for, so that a clock which ticks coarsely is not outrun.
const MARGIN: Duration = Duration::from_millis(50);

/// One token, or this machine's address.
pub struct Account {
    secret: Option<SecretString>,
    buckets: HashMap<Resource, Bucket>,
    /// Milliseconds of answering.
    query_time: DefaultDirectRateLimiter,
    query_time_burst: NonZeroU32,
    secondary_wait: Duration,
    state: Mutex<State>,
}

/// What the account as a whole was told.
#[derive(Default)]
struct State {
    refused: bool,
    closed_until: Option<Instant>,
    /// Secondary limits in a row.
    streak: u32,
    /// Whether a request is ahead of the others to see if the limit has passed.
    probing: bool,
    /// Milliseconds of answering that are not yet paid for.
    owed_milliseconds: u32,
}

/// A resource's budget.
struct Bucket {
    ours: Vec<(DefaultDirectRateLimiter, NonZeroU32)>,
    theirs: Mutex<Theirs>,
}

/// What the host published about a resource.
#[derive(Default)]
struct Theirs {
    remaining: Option<i64>,
    resets_at: Option<Instant>,
    reserved: i64,
    closed_until: Option<Instant>,
    /// Cost beyond what was expected, to be paid by the next request.
    owed: u32,
}

/// What is left of an account's budget, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountReport {
    /// The token's last four characters, or `no token`.
    pub tail: String,
    /// Whether the host refused it.
    pub refused: bool,
    /// GraphQL points that the host last reported as left.
    pub points_left: Option<i64>,
}

/// A wait that the host asked for, in a form that outlives this process: the host does not forget it either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The token's last four characters, or `no token`. Two tokens that end alike wait for each other, which
    /// is more than was asked, and never less.
    pub account: String,
    /// What may not be asked for; `None`: anything.
    pub resource: Option<Resource>,
    /// Until when, by this machine's clock.
    pub until: Timestamp,
}

/// The longest wait that is believed from an earlier run: a clock that was wrong then must not close the host
/// for good. GitHub's longest is an hour.
const LONGEST_REMEMBERED: Duration = Duration::from_hours(24);

/// Why a request may not go out yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotYet {
    /// How long from now.
    pub(super) wait: Duration,
    /// Which limit, in words.
    pub(super) why: &'static str,
    /// Another request is probing; wait for its end rather than for a time.
    pub(super) behind_probe: bool,
}

/// A request's place in the account, given up when it ends.
#[derive(Debug)]
pub(super) struct Entry {
    resource: Resource,
    expected: u32,
    probe: bool,
}

impl Account {
    fn new(secret: Option<SecretString>, limits: &Limits) -> Self {
        let mut buckets: HashMap<Resource, Bucket> = HashMap::new();
        for (resource, count, within) in &limits.budgets {
            let bucket = buckets.entry(*resource).or_insert_with(|| Bucket {
                ours: Vec::new(),
                theirs: Mutex::default(),
            });
            let count = NonZeroU32::new(*count).unwrap_or(NonZeroU32::MIN);
            // A full budget may be spent at once and refills evenly over its time.
            let quota = Quota::with_period(*within / count.get())
                .unwrap_or(Quota::per_second(NonZeroU32::MIN))
                .allow_burst(count);
            bucket
                .ours
                .push((DefaultDirectRateLimiter::direct(quota), count));
        }
        let per_minute = limits.query_seconds_per_minute.saturating_mul(1_000);
        let query_time_burst = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(query_time_burst);
        Self {
            secret,
            buckets,
            query_time: DefaultDirectRateLimiter::direct(quota),
            query_time_burst,
            secondary_wait: limits.secondary_wait,
            state: Mutex::default(),
        }
    }

    /// The token's last four characters.
    pub fn tail(&self) -> String {
        match &self.secret {
            None => "no token".to_owned(),
            Some(secret) => tail(secret),
        }
    }

    /// Whether it has a token at all.
    pub fn has_token(&self) -> bool {
        self.secret.is_some()
    }

    pub(super) fn secret(&self) -> Option<&SecretString> {
        self.secret.as_ref()
    }

    pub(super) fn is_refused(&self) -> bool {
        lock(&self.state).refused
    }

    /// Takes the account out of use. `true` for the first who notices.
    pub(super) fn refuse(&self) -> bool {
        let mut state = lock(&self.state);
        !std::mem::replace(&mut state.refused, true)
    }

    /// Lets a request of `expected` cost go out now, or says how long to wait.
    pub(super) fn try_enter(
        &self,
        resource: Resource,
        expected: u32,
        now: Instant,
    ) -> Result<Entry, NotYet> {
        let not_yet = |wait, why| NotYet {
            wait,
            why,
            behind_probe: false,
        };
        let mut state = lock(&self.state);
        if let Some(wait) = remaining_of(&mut state.closed_until, now) {
            return Err(not_yet(wait, "a secondary limit"));
        }
        if state.streak > 0 && state.probing {
            return Err(NotYet {
                wait: Duration::ZERO,
                why: "a secondary limit",
                behind_probe: true,
            });
        }
        if let Some(bucket) = self.buckets.get(&resource) {
            let mut theirs = lock(&bucket.theirs);
            if let Some(wait) = remaining_of(&mut theirs.closed_until, now) {
                return Err(not_yet(wait, "the hourly budget"));
            }
            if theirs.resets_at.is_some_and(|reset| reset <= now) {
                (theirs.resets_at, theirs.remaining) = (None, None);
            }
            if let (Some(left), Some(reset)) = (theirs.remaining, theirs.resets_at)
                && left - theirs.reserved < i64::from(expected)
            {
                return Err(not_yet(reset - now + MARGIN, "the hourly budget"));
            }
            let price = expected.saturating_add(theirs.owed);
            for (ours, burst) in &bucket.ours {
                check(ours, price, *burst).map_err(|wait| not_yet(wait, "our own budget"))?;
            }
            if resource == Resource::GraphQl && state.owed_milliseconds > 0 {
                check(
                    &self.query_time,
                    state.owed_milliseconds,
                    self.query_time_burst,
                )
                .map_err(|wait| not_yet(wait, "the host's time that queries take"))?;
                state.owed_milliseconds = 0;
            }
            theirs.owed = 0;
            theirs.reserved += i64::from(expected);
        }
        let probe = state.streak > 0;
        state.probing = probe;
        Ok(Entry {
            resource,
            expected,
            probe,
        })
    }

    /// Takes note of an answer's headers and cost, and gives the place back.
    ///
    /// Call exactly once for each [`Entry`], also when no answer came (`headers` is `None`).
    pub(super) fn leave(
        &self,
        entry: &Entry,
        headers: Option<&HeaderMap>,
        reset: Option<Duration>,
        took: Duration,
        now: Instant,
    ) {
        let mut state = lock(&self.state);
        if entry.probe {
            state.probing = false;
        }
        if entry.resource == Resource::GraphQl {
            let took = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
            state.owed_milliseconds = state.owed_milliseconds.saturating_add(took);
        }
        drop(state);
        let Some(bucket) = self.buckets.get(&entry.resource) else {
            return;
        };
        let mut theirs = lock(&bucket.theirs);
        theirs.reserved -= i64::from(entry.expected);
        let remaining = headers.and_then(|headers| header(headers, "x-ratelimit-remaining"));
        if let (Some(remaining), Some(reset)) = (remaining, reset) {
            let resets_at = now + reset;
            // Answers overtake each other: within one window the lowest remainder is the truth.
            let same_window = theirs
                .resets_at
                .is_some_and(|known| resets_at < known + Duration::from_secs(5));
            theirs.remaining = match theirs.remaining {
                Some(known) if same_window => Some(known.min(remaining)),
                _ => Some(remaining),
            };
            theirs.resets_at = Some(resets_at);
        }
    }

    /// Charges what a request cost beyond what was expected of it.
    pub(super) fn charge(&self, entry: &Entry, cost: u32) {
        if let Some(bucket) = self.buckets.get(&entry.resource) {
            let mut theirs = lock(&bucket.theirs);
            theirs.owed = theirs
                .owed
                .saturating_add(cost.saturating_sub(entry.expected));
        }
    }

    /// The host asks us to wait: closes the gate. Returns for how long.
    pub(super) fn close(
        &self,
        resource: Resource,
        limit: Limit,
        how_long: Option<Duration>,
        now: Instant,
    ) -> Duration {
        match limit {
            Limit::Secondary => {
                // The secondary limit is the account's, over REST and GraphQL together.
                let mut state = lock(&self.state);
                // Requests that were in flight together meet one limit, not several in a row.
                if state.closed_until.is_none_or(|until| until <= now) {
                    state.streak += 1;
                }
                let doubled = self
                    .secondary_wait
                    .saturating_mul(2_u32.saturating_pow(state.streak.saturating_sub(1)))
                    .min(LONGEST_SECONDARY);
                let wait = how_long.unwrap_or(doubled) + MARGIN;
                let until = state
                    .closed_until
                    .map_or(now + wait, |known| known.max(now + wait));
                state.closed_until = Some(until);
                until - now
            }
            Limit::Primary => {
                let wait = how_long.unwrap_or(self.secondary_wait) + MARGIN;
                if let Some(bucket) = self.buckets.get(&resource) {
                    let mut theirs = lock(&bucket.theirs);
                    let until = theirs
                        .closed_until
                        .map_or(now + wait, |known| known.max(now + wait));
                    theirs.closed_until = Some(until);
                    return until - now;
                }
                wait
            }
        }
    }

    /// The waits that hold at `now`, which `clock` shows.
    fn waits(&self, now: Instant, clock: Timestamp) -> Vec<Wait> {
        let wait = |resource, until: Option<Instant>| {
            let left = until?.checked_duration_since(now)?;
            let left = SignedDuration::try_from(left).ok()?;
            Some(Wait {
                account: self.tail(),
                resource,
                until: clock.checked_add(left).ok()?,
            })
        };
        let all = wait(None, lock(&self.state).closed_until);
        let each = self.buckets.iter().filter_map(|(resource, bucket)| {
            let theirs = lock(&bucket.theirs);
            let used_up = theirs.remaining.is_some_and(|left| left <= 0);
            let until = theirs
                .closed_until
                .max(theirs.resets_at.filter(|_| used_up));
            wait(Some(*resource), until)
        });
        all.into_iter().chain(each).collect()
    }

    /// Keeps to a wait that an earlier process was asked for.
    fn heed(&self, wait: &Wait, now: Instant, clock: Timestamp) {
        let Ok(left) = Duration::try_from(wait.until.duration_since(clock)) else {
            return;
        };
        if left.is_zero() || left > LONGEST_REMEMBERED {
            return;
        }
        let until = Some(now + left);
        match wait.resource {
            None => {
                let mut state = lock(&self.state);
                state.closed_until = state.closed_until.max(until);
                // One goes ahead as a probe, as it would have then.
                state.streak = state.streak.max(1);
            }
            Some(resource) => {
                if let Some(bucket) = self.buckets.get(&resource) {
                    let mut theirs = lock(&bucket.theirs);
                    theirs.closed_until = theirs.closed_until.max(until);
                }
            }
        }
    }

    /// A good answer: the limit has passed.
    pub(super) fn open(&self) {
        lock(&self.state).streak = 0;
    }

    /// What is left, for people.
    pub fn report(&self) -> AccountReport {
        AccountReport {
            tail: self.tail(),
            refused: self.is_refused(),
            points_left: self
                .buckets
                .get(&Resource::GraphQl)
                .and_then(|bucket| lock(&bucket.theirs).remaining),
        }
    }
}

/// The accounts that requests to one host are spread over.
pub struct Pool {
    accounts: Vec<Account>,
    limits: Limits,
    /// Told whenever a request ends, so that those behind a probe look again.
    pub(super) changed: tokio::sync::Notify,
}

impl Pool {
    /// One account for each token; without any, one for this machine's address.
    pub fn new(tokens: &[SecretString], limits: &Limits) -> Self {
        let accounts = if tokens.is_empty() {
            vec![Account::new(None, limits)]
        } else {
            tokens
                .iter()
                .map(|token| Account::new(Some(token.clone()), limits))
                .collect()
        };
        Self {
            accounts,
            limits: limits.clone(),
            changed: tokio::sync::Notify::new(),
        }
    }

    /// A pool of `account`'s token alone, with books of its own.
    #[must_use]
    pub fn alone(&self, account: &Account) -> Self {
        Self::new(account.secret.as_slice(), &self.limits)
    }

    /// A pool of another token, with books of its own.
    #[must_use]
    pub fn with_token(&self, token: SecretString) -> Self {
        Self::new(&[token], &self.limits)
    }

    /// The waits that hosts asked for and that still hold, to be kept for the next process.
    pub fn waits(&self) -> Vec<Wait> {
        let (now, clock) = (Instant::now(), Timestamp::now());
        let mut waits: Vec<_> = self
            .accounts
            .iter()
            .flat_map(|account| account.waits(now, clock))
            .collect();
        waits
            .sort_by(|left, right| (&left.account, left.until).cmp(&(&right.account, right.until)));
        waits
    }

    /// Keeps to the waits that an earlier process was asked for.
    pub fn heed(&self, waits: &[Wait]) {
        let (now, clock) = (Instant::now(), Timestamp::now());
        for account in &self.accounts {
            let tail = account.tail();
            for wait in waits.iter().filter(|wait| wait.account == tail) {
                account.heed(wait, now, clock);
            }
        }
    }

    /// All accounts.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Enters the account that can send soonest. `None` when every token was refused.
    pub(super) fn try_enter(
        &self,
        resource: Resource,
        expected: u32,
        now: Instant,
    ) -> Option<Result<(&Account, Entry), NotYet>> {
        let mut soonest: Option<NotYet> = None;
        for account in self.accounts.iter().filter(|account| !account.is_refused()) {
            match account.try_enter(resource, expected, now) {
                Ok(entry) => return Some(Ok((account, entry))),
                Err(later) => {
                    if soonest.as_ref().is_none_or(|known| later.wait < known.wait) {
                        soonest = Some(later);
                    }
                }
            }
        }
        soonest.map(Err)
    }
}

/// A secret's last four characters, and of a short one nothing.
fn tail(secret: &SecretString) -> String {
    let text = secret.expose_secret();
    let tail: String = text
        .chars()
        .skip(text.chars().count().saturating_sub(4))
        .collect();
    if text.chars().count() >= 12 {
        format!("…{tail}")
    } else {
        "…".to_owned()
    }
}

/// How long a gate stays closed; opens it when its time has passed.
fn remaining_of(closed_until: &mut Option<Instant>, now: Instant) -> Option<Duration> {
    let until = (*closed_until)?;
    if until <= now {
        *closed_until = None;
        return None;
    }
    Some(until - now)
}

/// Takes `price` from a limiter, or says how long until it has as much. A price above the whole budget is
/// paid as the whole budget: it could never be paid otherwise.
fn check(
    limiter: &DefaultDirectRateLimiter,
    price: u32,
    burst: NonZeroU32,
) -> Result<(), Duration> {
    let Some(price) = NonZeroU32::new(price.min(burst.get())) else {
        return Ok(());
    };
    match limiter.check_n(price) {
        Ok(Ok(())) | Err(_) => Ok(()),
        Ok(Err(later)) => Err(later.wait_time_from(DefaultClock::default().now())),
    }
}

/// A poisoned lock still holds numbers that are worth more than a second panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn a_wait_goes_over_to_the_next_process_and_to_no_other_account() {
        let token = |text: &str| SecretString::from(text.to_owned());
        let pool = |text: &str| Pool::new(&[token(text)], &limits());
        let enter = |pool: &Pool, resource| {
            let entered = pool.try_enter(resource, 1, Instant::now()).unwrap();
            entered.map(|_| ()).map_err(|later| later.wait.as_secs())
        };
        let minutes = Some(Duration::from_mins(10));
        for (limit, core) in [(Limit::Primary, Ok(())), (Limit::Secondary, Err(600))] {
            let first = pool("ghp_madeUpMadeUpMadeUpAAAA");
            first.accounts()[0].close(Resource::GraphQl, limit, minutes, Instant::now());
            let kept = serde_json::to_string(&first.waits()).unwrap();
            let waits: Vec<Wait> = serde_json::from_str(&kept).unwrap();
            assert_eq!(waits.len(), 1, "{kept}");
            assert!(!kept.contains("madeUp"), "{kept}");
            let again = pool("ghp_madeUpMadeUpMadeUpAAAA");
            again.heed(&waits);
            // The clocks tick between the two.
            let near = |got: Result<(), u64>| got.map_err(|seconds| seconds.next_multiple_of(10));
            assert_eq!(
                near(enter(&again, Resource::GraphQl)),
                Err(600),
                "{limit:?}"
            );
            assert_eq!(near(enter(&again, Resource::Core)), core, "{limit:?}");
            let other = pool("ghp_madeUpMadeUpMadeUpBBBB");
            other.heed(&waits);
            assert_eq!(enter(&other, Resource::GraphQl), Ok(()));
        }
        let wrong_clock = Wait {
            account: "…AAAA".to_owned(),
            resource: None,
            until: Timestamp::now() + SignedDuration::from_hours(1_000),
        };
        let open = pool("ghp_madeUpMadeUpMadeUpAAAA");
        open.heed(&[wrong_clock]);
        assert_eq!(enter(&open, Resource::GraphQl), Ok(()));
    }

    fn limits() -> Limits {
        Limits {
            budgets: vec![(Resource::GraphQl, 5_000, HOUR), (Resource::Core, 60, HOUR)],
            query_seconds_per_minute: 60,
            secondary_wait: Duration::from_mins(1),
        }
    }

    fn pool(tokens: &[&str]) -> Pool {
        let tokens: Vec<_> = tokens
            .iter()
            .map(|token| SecretString::from((*token).to_owned()))
            .collect();
        Pool::new(&tokens, &limits())
    }

    fn left(remaining: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-remaining", HeaderValue::from_static(remaining));
        headers
    }

    #[test]
    fn our_own_budget_ends_where_it_says() {
        let pool = pool(&[]);
        let now = Instant::now();
        for sent in 0..60 {
            assert!(
                pool.accounts[0].try_enter(Resource::Core, 1, now).is_ok(),
                "request {sent}"
            );
        }
        let later = pool.accounts[0]
            .try_enter(Resource::Core, 1, now)
            .expect_err("the 61st");
        assert_eq!(later.why, "our own budget");
        assert!(later.wait <= Duration::from_mins(1) && later.wait > Duration::from_secs(50));
    }

    #[test]
    fn requests_in_flight_hold_their_share_of_the_published_remainder() {
        let pool = pool(&["made-up-token-0001"]);
        let account = &pool.accounts[0];
        let now = Instant::now();
        let first = account.try_enter(Resource::GraphQl, 1, now).expect("first");
        account.leave(&first, Some(&left("2")), Some(HOUR), Duration::ZERO, now);
        let _second = account
            .try_enter(Resource::GraphQl, 1, now)
            .expect("second");
        let _third = account.try_enter(Resource::GraphQl, 1, now).expect("third");
        let later = account
            .try_enter(Resource::GraphQl, 1, now)
            .expect_err("past the remainder");
        assert_eq!(later.why, "the hourly budget");
        assert!(later.wait >= HOUR);
        assert!(
            account.try_enter(Resource::GraphQl, 1, now + HOUR).is_ok(),
            "after the reset"
        );
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_raise_the_remainder() {
        let pool = pool(&["made-up-token-0001"]);
        let account = &pool.accounts[0];
        let now = Instant::now();
        let first = account.try_enter(Resource::GraphQl, 1, now).expect("first");
        let second = account
            .try_enter(Resource::GraphQl, 1, now)
            .expect("second");
        account.leave(&second, Some(&left("10")), Some(HOUR), Duration::ZERO, now);
        account.leave(&first, Some(&left("11")), Some(HOUR), Duration::ZERO, now);
        assert_eq!(account.report().points_left, Some(10));
    }

    #[test]
    fn a_secondary_limit_closes_the_account_and_then_one_request_goes_ahead() {
        let pool = pool(&["made-up-token-0001"]);
        let account = &pool.accounts[0];
        let now = Instant::now();
        let wait = account.close(Resource::GraphQl, Limit::Secondary, None, now);
        assert_eq!(wait, Duration::from_mins(1) + MARGIN);
        assert!(
            account.try_enter(Resource::Core, 1, now).is_err(),
            "REST waits as well"
        );
        let after = now + wait;
        let probe = account
            .try_enter(Resource::GraphQl, 1, after)
            .expect("the probe");
        let behind = account
            .try_enter(Resource::GraphQl, 1, after)
            .expect_err("the next");
        assert!(behind.behind_probe);
        account.open();
        account.leave(&probe, None, None, Duration::ZERO, after);
        assert!(account.try_enter(Resource::GraphQl, 1, after).is_ok());
    }

    #[test]
    fn secondary_limits_in_a_row_double_the_wait_and_those_in_flight_together_do_not() {
        let pool = pool(&["made-up-token-0001"]);
        let account = &pool.accounts[0];
        let now = Instant::now();
        let first = account.close(Resource::GraphQl, Limit::Secondary, None, now);
        let together = account.close(Resource::GraphQl, Limit::Secondary, None, now);
        assert_eq!(first, together);
        let again = account.close(Resource::GraphQl, Limit::Secondary, None, now + first);
        assert_eq!(again, Duration::from_mins(2) + MARGIN);
        let told = account.close(
            Resource::GraphQl,
            Limit::Secondary,
            Some(Duration::from_secs(7)),
            now + first + again,
        );
        assert_eq!(
            told,
            Duration::from_secs(7) + MARGIN,
            "what the host says wins"
        );
    }

    #[test]
    fn a_refused_token_gives_way_to_the_next() {
        let pool = pool(&["made-up-token-0001", "made-up-token-0002"]);
        let now = Instant::now();
        assert!(pool.accounts[0].refuse(), "the first to notice");
        assert!(!pool.accounts[0].refuse(), "the second");
        let (account, _) = pool
            .try_enter(Resource::GraphQl, 1, now)
            .expect("one left")
            .expect("now");
        assert_eq!(account.tail(), "…0002");
        pool.accounts[1].refuse();
        assert!(pool.try_enter(Resource::GraphQl, 1, now).is_none());
    }

    #[test]
    fn an_account_that_waits_gives_way_to_one_that_does_not() {
        let pool = pool(&["made-up-token-0001", "made-up-token-0002"]);
        let now = Instant::now();
        pool.accounts[0].close(Resource::GraphQl, Limit::Secondary, None, now);
        let (account, _) = pool
            .try_enter(Resource::GraphQl, 1, now)
            .expect("one")
            .expect("now");
        assert_eq!(account.tail(), "…0002");
    }

    #[test]
    fn a_short_secret_shows_no_tail() {
        assert_eq!(tail(&SecretString::from("abcd".to_owned())), "…");
    }

    #[test]
    fn the_hosts_time_is_paid_by_the_next_query() {
        let pool = pool(&["made-up-token-0001"]);
        let account = &pool.accounts[0];
        let now = Instant::now();
        for _ in 0..6 {
            let entry = account
                .try_enter(Resource::GraphQl, 1, now)
                .expect("within a minute");
            account.leave(&entry, None, None, Duration::from_secs(10), now);
        }
        let entry = account
            .try_enter(Resource::GraphQl, 1, now)
            .expect("pays the sixth");
        account.leave(&entry, None, None, Duration::from_secs(10), now);
        let later = account
            .try_enter(Resource::GraphQl, 1, now)
            .expect_err("a minute is used up");
        assert_eq!(later.why, "the host's time that queries take");
    }
}
