//! Who may send, and when: accounts, their gates, and what their host published.
//!
//! An [`Account`] is one token (or, without tokens, this machine's address). It obeys two things: our own
//! budget (`budget`), and here what the host answers: gates that close until a moment, and the published
//! remainder, of which requests in flight hold their expected share back. After a secondary limit one
//! request goes ahead as a probe before the others follow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::boot::{Moment, Span};
use super::budget::Budget;
use super::classify::{LONGEST_TOLD, Limit, header};
use super::credential::Credential;
use super::silence::Silence;

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
    /// Kaggle, counted in requests.
    Kaggle,
}

/// What we keep ourselves to, for each account.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Whose limits they are: `github`, `kaggle`. Waits that are kept for the next process go by it.
    pub host: &'static str,
    /// For each resource, the budgets that all must allow a request: so many in such a time.
    pub budgets: Vec<(Resource, u32, Duration)>,
    /// Seconds of answering that the host may spend on us within a minute of GraphQL.
    /// GitHub allows 60 s of processor time in 60 s; the response time stands in for it.
    pub query_seconds_per_minute: u32,
    /// How long nothing is sent after a secondary limit.
    pub silence: Silence,
}

/// Added to every wait that a host asked for, so that a clock which ticks coarsely is not outrun.
const MARGIN: Duration = Duration::from_millis(50);

/// One token, or this machine's address.
pub struct Account {
    credential: Option<Credential>,
    host: &'static str,
    /// What we keep ourselves to. One account may share it with another.
    pub(super) budget: Arc<Budget>,
    published: HashMap<Resource, Mutex<Published>>,
    silence: Silence,
    state: Mutex<State>,
}

/// What the account as a whole was told.
#[derive(Default)]
struct State {
    refused: bool,
    closed_until: Option<Instant>,
    /// Secondary limits in a row.
    streak: u32,
    /// Secondary limits ever, so that an answer to an older request is known to prove nothing.
    closings: u64,
    /// Whether a request is ahead of the others to see if the limit has passed.
    probing: bool,
}

/// What the host published about a resource.
#[derive(Default)]
struct Published {
    remaining: Option<i64>,
    resets_at: Option<Instant>,
    /// What requests in flight are expected to cost.
    reserved: i64,
    closed_until: Option<Instant>,
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
    /// Whose: [`Limits::host`]. Earlier versions knew GitHub alone.
    #[serde(default = "the_only_host_once")]
    pub host: String,
    /// The token's last four characters, or `no token`. Two tokens that end alike wait for each other, which
    /// is more than was asked, and never less.
    pub account: String,
    /// What may not be asked for; `None`: anything.
    pub resource: Option<Resource>,
    /// Until when, by this machine's clock.
    pub until: Timestamp,
    /// The how-manieth in a row it is, where the host's rule counts them; else 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub streak: u32,
    /// The same by how long the machine has run, which holds whatever the clock is set to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_run: Option<Span>,
}

impl Wait {
    /// What is left of it: by the machine's run where it is the same one, or else by the clock.
    fn left(&self, clock: Timestamp, run: Option<&Moment>) -> Duration {
        let by_run = self.by_run.as_ref().zip(run);
        by_run
            .and_then(|(span, run)| run.left(span))
            .unwrap_or_else(|| {
                Duration::try_from(self.until.duration_since(clock)).unwrap_or_default()
            })
    }

    /// Whether whoever keeps to this keeps to the other as well. It may end earlier by the margin, which nobody was told.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let by_run = self.by_run.as_ref().zip(other.by_run.as_ref());
        // The clock may have been set between the two.
        let later = by_run
            .and_then(|(this, other)| this.outlasted_by(other))
            .unwrap_or_else(|| {
                Duration::try_from(other.until.duration_since(self.until)).unwrap_or_default()
            });
        (&self.host, &self.account, self.resource) == (&other.host, &other.account, other.resource)
            && later < MARGIN
    }
}

fn the_only_host_once() -> String {
    "github".to_owned()
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(streak: &u32) -> bool {
    *streak == 0
}

/// The longest wait that is believed from an earlier run: a clock that was wrong then must not close the host
/// for good. A day more than the longest that a host is believed, which a clock may be set back by in between.
const LONGEST_REMEMBERED: Duration = LONGEST_TOLD.saturating_add(Duration::from_hours(24));

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

/// A request under way. The account's books are put right when it ends, also when it is dropped on the way.
pub(super) struct Entry<'a> {
    pub(super) account: &'a Account,
    changed: &'a Notify,
    resource: Resource,
    expected: u32,
    probe: bool,
    closings: u64,
    open: bool,
}

impl Entry<'_> {
    /// The host asks us to wait: closes the gate. Returns for how long.
    pub(super) fn close(&self, limit: Limit, how_long: Option<Duration>, now: Instant) -> Duration {
        self.account.close(self.resource, limit, how_long, now)
    }

    /// A good answer: the limit has passed, if the request was sent after it.
    pub(super) fn passed(&self) {
        let mut state = lock(&self.account.state);
        if state.closings == self.closings {
            state.streak = 0;
        }
    }

    /// Takes note of what an answer cost and how long it took.
    pub(super) fn cost(&self, cost: Option<u32>, took: Duration) {
        self.account.budget.took(self.resource, took);
        if let Some(cost) = cost {
            self.account
                .budget
                .owe(self.resource, cost.saturating_sub(self.expected));
        }
    }

    /// Ends the request with the headers that came; `reset` is how long until the published budget renews.
    pub(super) fn leave(
        mut self,
        headers: Option<&HeaderMap>,
        reset: Option<Duration>,
        now: Instant,
    ) {
        self.end(headers, reset, now);
    }

    fn end(&mut self, headers: Option<&HeaderMap>, reset: Option<Duration>, now: Instant) {
        if !std::mem::replace(&mut self.open, false) {
            return;
        }
        if self.probe {
            lock(&self.account.state).probing = false;
        }
        if let Some(published) = self.account.published.get(&self.resource) {
            let mut published = lock(published);
            published.reserved -= i64::from(self.expected);
            let remaining = headers.and_then(|headers| header(headers, "x-ratelimit-remaining"));
            if let (Some(remaining), Some(reset)) = (remaining, reset) {
                published.note(remaining, now + reset.min(LONGEST_TOLD));
            }
        }
        self.changed.notify_waiters();
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (resource, probe) = (self.resource, self.probe);
        write!(formatter, "Entry {{ {resource:?}, probe: {probe} }}")
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.end(None, None, Instant::now());
    }
}

impl Published {
    fn note(&mut self, remaining: i64, resets_at: Instant) {
        // Answers overtake each other: within one window the lowest remainder is the truth.
        let window = Duration::from_secs(5);
        let same = self
            .resets_at
            .is_some_and(|known| resets_at < known + window);
        self.remaining = match self.remaining {
            Some(known) if same => Some(known.min(remaining)),
            _ => Some(remaining),
        };
        self.resets_at = Some(resets_at);
    }

    /// Whether a request of `expected` cost may go out.
    fn allows(&mut self, expected: u32, now: Instant) -> Result<(), Duration> {
        if let Some(wait) = remaining_of(&mut self.closed_until, now) {
            return Err(wait);
        }
        if self.resets_at.is_some_and(|reset| reset <= now) {
            (self.resets_at, self.remaining) = (None, None);
        }
        match (self.remaining, self.resets_at) {
            (Some(left), Some(reset)) if left - self.reserved < i64::from(expected) => {
                Err(reset - now + MARGIN)
            }
            _ => Ok(()),
        }
    }
}

/// Never the secret.
impl std::fmt::Debug for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Account {{ {} }}", self.tail())
    }
}

impl Account {
    fn new(credential: Option<Credential>, limits: &Limits, budget: Arc<Budget>) -> Self {
        let resources = limits.budgets.iter().map(|(resource, ..)| *resource);
        Self {
            credential,
            host: limits.host,
            budget,
            published: resources
                .map(|resource| (resource, Mutex::default()))
                .collect(),
            silence: limits.silence,
            state: Mutex::default(),
        }
    }

    /// The token's last four characters.
    pub fn tail(&self) -> String {
        self.credential
            .as_ref()
            .map_or_else(|| "no token".to_owned(), Credential::tail)
    }

    /// Whose account it is: [`Limits::host`].
    pub(super) fn host(&self) -> &'static str {
        self.host
    }

    /// Whether it has a token at all.
    pub fn has_token(&self) -> bool {
        self.credential.is_some()
    }

    pub(super) fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }

    pub(super) fn is_refused(&self) -> bool {
        lock(&self.state).refused
    }

    /// Takes the account out of use. `true` for the first who notices.
    pub(super) fn refuse(&self) -> bool {
        let mut state = lock(&self.state);
        !std::mem::replace(&mut state.refused, true)
    }

    /// Whether the host lets a request go out now. Changes nothing but what time has changed.
    fn gate(&self, resource: Resource, expected: u32, now: Instant) -> Result<(), NotYet> {
        let not_yet = |wait, why| NotYet {
            wait,
            why,
            behind_probe: false,
        };
        let mut state = lock(&self.state);
        if let Some(wait) = remaining_of(&mut state.closed_until, now) {
            return Err(not_yet(wait, Limit::Secondary.describe()));
        }
        if state.streak > 0 && state.probing {
            let why = Limit::Secondary.describe();
            return Err(NotYet {
                wait: Duration::ZERO,
                why,
                behind_probe: true,
            });
        }
        drop(state);
        let Some(published) = self.published.get(&resource) else {
            return Ok(());
        };
        lock(published)
            .allows(expected, now)
            .map_err(|wait| not_yet(wait, Limit::Primary.describe()))
    }

    /// Lets a request go out now, if the host does.
    pub(super) fn enter<'a>(
        &'a self,
        changed: &'a Notify,
        resource: Resource,
        expected: u32,
        now: Instant,
    ) -> Result<Entry<'a>, NotYet> {
        self.gate(resource, expected, now)?;
        let mut state = lock(&self.state);
        let probe = state.streak > 0;
        if probe && std::mem::replace(&mut state.probing, true) {
            // Somebody was quicker between the gate and here.
            let why = Limit::Secondary.describe();
            return Err(NotYet {
                wait: Duration::ZERO,
                why,
                behind_probe: true,
            });
        }
        let closings = state.closings;
        drop(state);
        if let Some(published) = self.published.get(&resource) {
            lock(published).reserved += i64::from(expected);
        }
        Ok(Entry {
            account: self,
            changed,
            resource,
            expected,
            probe,
            closings,
            open: true,
        })
    }

    /// The host asks us to wait: closes the gate. Returns for how long.
    fn close(
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
                    state.closings += 1;
                }
                let wait = self.silence.wait(state.streak, how_long, fastrand::f64());
                let until = moment(now, wait).max(state.closed_until.unwrap_or(now));
                state.closed_until = Some(until);
                until - now
            }
            Limit::Primary => {
                let until = moment(now, how_long.unwrap_or(self.silence.first));
                let Some(published) = self.published.get(&resource) else {
                    return until - now;
                };
                let mut published = lock(published);
                let until = until.max(published.closed_until.unwrap_or(now));
                published.closed_until = Some(until);
                until - now
            }
        }
    }

    /// The waits that hold at `now`, which `clock` shows.
    fn waits(&self, now: Instant, clock: Timestamp, run: Option<&Moment>) -> Vec<Wait> {
        let (closed_until, streak) = {
            let state = lock(&self.state);
            // GitHub's next process begins to count anew, as it always has.
            let counted = self.silence.rest.map_or(0, |_| state.streak);
            (state.closed_until, counted)
        };
        let wait = |resource, until: Option<Instant>, streak| {
            let left = until?.checked_duration_since(now)?;
            let by_run = run.map(|run| run.span(left));
            let left = SignedDuration::try_from(left).ok()?;
            let until = clock.checked_add(left).ok()?;
            Some(Wait {
                by_run,
                host: self.host.to_owned(),
                account: self.tail(),
                resource,
                until,
                streak,
            })
        };
        let all = wait(None, closed_until, streak);
        let each = self.published.iter().filter_map(|(resource, published)| {
            let published = lock(published);
            let used_up = published.remaining.is_some_and(|left| left <= 0);
            let reset = published.resets_at.filter(|_| used_up);
            wait(Some(*resource), published.closed_until.max(reset), 0)
        });
        all.into_iter().chain(each).collect()
    }

    /// Whether a wait that was kept binds this account.
    fn is_meant(&self, wait: &Wait) -> bool {
        wait.host == self.host && wait.account == self.tail()
    }

    /// Keeps to a wait that an earlier process was asked for.
    fn heed(&self, wait: &Wait, now: Instant, left: Duration) {
        if left.is_zero() || left > LONGEST_REMEMBERED {
            return;
        }
        let until = Some(now + left);
        match wait.resource {
            None => {
                let mut state = lock(&self.state);
                state.closed_until = state.closed_until.max(until);
                // One goes ahead as a probe, as it would have then.
                state.streak = state.streak.max(wait.streak).max(1);
            }
            Some(resource) => {
                if let Some(published) = self.published.get(&resource) {
                    let mut published = lock(published);
                    published.closed_until = published.closed_until.max(until);
                }
            }
        }
    }

    /// What is left, for people.
    pub fn report(&self) -> AccountReport {
        let points = self.published.get(&Resource::GraphQl);
        AccountReport {
            tail: self.tail(),
            refused: self.is_refused(),
            points_left: points.and_then(|published| lock(published).remaining),
        }
    }
}

/// The accounts that requests to one host are spread over.
pub struct Pool {
    accounts: Vec<Account>,
    /// Asked when every one of `accounts` was refused: this machine's address, where the host allows that.
    reserve: Option<Account>,
    /// Limits in a row of the storage that the host sends to. The host's own answers do not end that row.
    storage_streak: Mutex<u32>,
    limits: Limits,
    /// Told whenever a request ends, so that those behind a probe look again.
    pub(super) changed: Notify,
}

impl Pool {
    /// One account for each token; without any, one for this machine's address.
    pub fn new(tokens: &[SecretString], limits: &Limits) -> Self {
        let bearer = |token: &SecretString| Some(Credential::Bearer(token.clone()));
        let credentials = if tokens.is_empty() {
            vec![None]
        } else {
            tokens.iter().map(bearer).collect()
        };
        Self::of(credentials, limits)
    }

    /// For a host that also answers without a credential: asked with it, and if the host refuses it, without.
    /// Both keep to one budget, since what they share is the host's patience.
    pub fn with_reserve(credential: Option<Credential>, limits: &Limits) -> Self {
        let mut pool = Self::of(vec![credential], limits);
        let first = &pool.accounts[0];
        if first.has_token() {
            pool.reserve = Some(Account::new(None, limits, Arc::clone(&first.budget)));
        }
        pool
    }

    fn of(credentials: Vec<Option<Credential>>, limits: &Limits) -> Self {
        let account = |credential| Account::new(credential, limits, Arc::new(Budget::new(limits)));
        Self {
            accounts: credentials.into_iter().map(account).collect(),
            reserve: None,
            storage_streak: Mutex::default(),
            limits: limits.clone(),
            changed: Notify::new(),
        }
    }

    /// A pool of `account`'s token alone, with books of its own.
    #[must_use]
    pub fn alone(&self, account: &Account) -> Self {
        Self::of(vec![account.credential.clone()], &self.limits)
    }

    /// A pool of another token, with books of its own.
    #[must_use]
    pub fn with_token(&self, token: SecretString) -> Self {
        Self::new(&[token], &self.limits)
    }

    /// Every account, the reserve last.
    fn all(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().chain(&self.reserve)
    }

    /// The waits that hosts asked for and that still hold, to be kept for the next process.
    pub fn waits(&self) -> Vec<Wait> {
        let (now, clock, run) = (Instant::now(), Timestamp::now(), Moment::now());
        let mut waits: Vec<_> = self
            .all()
            .flat_map(|account| account.waits(now, clock, run.as_ref()))
            .collect();
        waits
            .sort_by(|left, right| (&left.account, left.until).cmp(&(&right.account, right.until)));
        waits
    }

    /// Keeps to the waits that an earlier process was asked for.
    pub fn heed(&self, waits: &[Wait]) {
        let (now, clock, run) = (Instant::now(), Timestamp::now(), Moment::now());
        for account in self.all() {
            for wait in waits.iter().filter(|wait| account.is_meant(wait)) {
                account.heed(wait, now, wait.left(clock, run.as_ref()));
            }
        }
    }

    /// Ends when the next request ends, after which the host may have asked for another wait. Enable it before you look.
    pub fn next_end(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// What to keep for the next process: this pool's waits, and those of `before` that still hold and bind
    /// another host, or an account that is not in use today.
    pub fn waits_beside(&self, before: Vec<Wait>) -> Vec<Wait> {
        let (clock, run) = (Timestamp::now(), Moment::now());
        let mut waits = self.waits();
        waits.extend(before.into_iter().filter(|wait| {
            let holds = !wait.left(clock, run.as_ref()).is_zero();
            holds && !self.all().any(|account| account.is_meant(wait))
        }));
        waits
    }

    /// The storage that the host sends to asks us to wait. It does not know who asks, so every account waits, and
    /// the next process as well. Returns for how long.
    pub(super) fn close_for_storage(
        &self,
        resource: Resource,
        how_long: Option<Duration>,
        now: Instant,
    ) -> Duration {
        let mut streak = lock(&self.storage_streak);
        let close = |account: &Account| {
            {
                let mut state = lock(&account.state);
                state.streak = state.streak.max(*streak);
            }
            account.close(resource, Limit::Secondary, how_long, now)
        };
        let wait = self.all().map(close).max().unwrap_or_default();
        *streak = streak.saturating_add(1);
        wait
    }

    /// A good answer of the storage: its limit has passed. One that the host told besides stays.
    pub(super) fn storage_passed(&self, now: Instant) {
        let streak = std::mem::take(&mut *lock(&self.storage_streak));
        for account in self.all() {
            let mut state = lock(&account.state);
            if state.streak <= streak && state.closed_until.is_none_or(|until| until <= now) {
                state.streak = 0;
            }
        }
    }

    /// Whether a request would have to wait for the host now, or nobody is left to send it.
    pub fn is_closed(&self, resource: Resource) -> bool {
        !matches!(self.choose(resource, 1, Instant::now()), Some(Ok(_)))
    }

    /// The time that our own budgets leave between two requests, where they allow one at a time.
    pub fn pause(&self, resource: Resource) -> Duration {
        let single = |(of, count, _): &&(Resource, u32, Duration)| *of == resource && *count == 1;
        let budgets = self.limits.budgets.iter().filter(single);
        budgets.map(|budget| budget.2).max().unwrap_or_default()
    }

    /// All accounts, but for the one in reserve.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The account to send with: one that its host lets send, with the shortest queue before our own budget.
    /// `None` when every token was refused.
    pub(super) fn choose(
        &self,
        resource: Resource,
        expected: u32,
        now: Instant,
    ) -> Option<Result<&Account, NotYet>> {
        let mut best: Option<&Account> = None;
        let mut soonest: Option<NotYet> = None;
        let reserve = if self.accounts.iter().all(Account::is_refused) {
            self.reserve.as_ref()
        } else {
            None
        };
        let usable = self.accounts.iter().chain(reserve);
        for account in usable.filter(|account| !account.is_refused()) {
            match account.gate(resource, expected, now) {
                Ok(()) if account.budget.queue() == 0 => return Some(Ok(account)),
                Ok(()) => {
                    if best.is_none_or(|known| account.budget.queue() < known.budget.queue()) {
                        best = Some(account);
                    }
                }
                Err(later) => {
                    if soonest.as_ref().is_none_or(|known| later.wait < known.wait) {
                        soonest = Some(later);
                    }
                }
            }
        }
        best.map(Ok).or_else(|| soonest.map(Err))
    }
}

/// When a wait that begins `now` is over, with its margin. None is so long that it cannot be reckoned with or kept.
fn moment(now: Instant, wait: Duration) -> Instant {
    now + wait.min(LONGEST_TOLD) + MARGIN
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

/// A poisoned lock still holds numbers that are worth more than a second panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::silence::{Rest, Told};
    use super::*;
    use reqwest::header::HeaderValue;

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn a_wait_goes_over_to_the_next_process_and_to_no_other_account() {
        let token = |text: &str| SecretString::from(text.to_owned());
        let pool = |text: &str| Pool::new(&[token(text)], &limits());
        let enter = |pool: &Pool, resource| {
            let entered = pool.choose(resource, 1, Instant::now()).unwrap();
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
            host: "github".to_owned(),
            streak: 0,
            by_run: None,
            account: "…AAAA".to_owned(),
            resource: None,
            until: Timestamp::now() + SignedDuration::from_hours(1_000),
        };
        let open = pool("ghp_madeUpMadeUpMadeUpAAAA");
        open.heed(&[wrong_clock]);
        assert_eq!(enter(&open, Resource::GraphQl), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_holds_for_the_next_process_whatever_the_clock_was_set_to_meanwhile() {
        let first = pool(&["made-up-token-0001"]);
        let minute = Some(Duration::from_mins(1));
        let now = Instant::now();
        first.accounts[0].close(Resource::GraphQl, Limit::Secondary, minute, now);
        for hours in [-50, -3, 0, 3, 50] {
            let mut waits = first.waits();
            // As if the clock had been set by so much since they were written down.
            for wait in &mut waits {
                wait.until -= SignedDuration::from_hours(hours);
            }
            let next = pool(&["made-up-token-0001"]);
            next.heed(&waits);
            let chosen = next.choose(Resource::Core, 1, Instant::now()).unwrap();
            let wait = chosen.map(|_| ()).unwrap_err().wait;
            assert!(
                wait > Duration::from_secs(55) && wait < Duration::from_secs(65),
                "{hours} h: {wait:?}"
            );
            assert_eq!(next.waits_beside(waits).len(), 1, "{hours} h");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_ends_later_is_written_down_whatever_the_clock_was_set_to_meanwhile() {
        let told = |milliseconds| {
            let pool = pool(&["made-up-token-0001"]);
            let how_long = Some(Duration::from_millis(milliseconds));
            pool.accounts[0].close(
                Resource::GraphQl,
                Limit::Secondary,
                how_long,
                Instant::now(),
            );
            pool.waits().remove(0)
        };
        let kept = told(60_000);
        assert!(kept.covers(&kept));
        for (milliseconds, covered) in [(1_000, true), (60_500, false), (120_000, false)] {
            for hours in [-50, 0, 50] {
                let mut later = told(milliseconds);
                later.until += SignedDuration::from_hours(hours);
                assert_eq!(kept.covers(&later), covered, "{milliseconds} ms, {hours} h");
            }
        }
    }

    #[test]
    fn no_wait_is_too_long_to_be_reckoned_with_and_kept_for_the_next_process() {
        let told = [
            (172_800, 172_800),
            (1_000_000_000_000, LONGEST_TOLD.as_secs()),
            (u64::MAX, LONGEST_TOLD.as_secs()),
        ];
        for limit in [Limit::Primary, Limit::Secondary] {
            for (seconds, expected) in told {
                let (now, how_long) = (Instant::now(), Some(Duration::from_secs(seconds)));
                let first = kaggle(None);
                let wait = first.accounts[0].close(Resource::Kaggle, limit, how_long, now);
                assert_eq!(wait, Duration::from_secs(expected) + MARGIN, "{limit:?}");
                let waits = first.waits();
                assert_eq!(waits.len(), 1, "{limit:?} {seconds}");
                let next = kaggle(None);
                next.heed(&waits);
                let chosen = next.choose(Resource::Kaggle, 1, Instant::now()).unwrap();
                assert!(chosen.is_err(), "{limit:?} {seconds}");
            }
        }
        let published = pool(&["made-up-token-0001"]);
        let now = Instant::now();
        let entry = enter(&published, now).expect("open");
        entry.leave(Some(&left("0")), Some(Duration::MAX), now);
        assert!(enter(&published, now).is_err());
    }

    fn limits() -> Limits {
        Limits {
            host: "github",
            budgets: vec![(Resource::GraphQl, 5_000, HOUR), (Resource::Core, 60, HOUR)],
            query_seconds_per_minute: 60,
            silence: Silence {
                first: Duration::from_mins(1),
                told: Told::Trusted,
                rest: None,
            },
        }
    }

    fn pool(tokens: &[&str]) -> Pool {
        let tokens: Vec<_> = tokens
            .iter()
            .map(|token| SecretString::from((*token).to_owned()))
            .collect();
        Pool::new(&tokens, &limits())
    }

    fn enter(pool: &Pool, now: Instant) -> Result<Entry<'_>, NotYet> {
        pool.accounts[0].enter(&pool.changed, Resource::GraphQl, 1, now)
    }

    fn left(remaining: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-remaining", HeaderValue::from_static(remaining));
        headers
    }

    #[test]
    fn requests_in_flight_hold_their_share_of_the_published_remainder() {
        let pool = pool(&["made-up-token-0001"]);
        let now = Instant::now();
        let first = enter(&pool, now).expect("first");
        first.leave(Some(&left("2")), Some(HOUR), now);
        let _second = enter(&pool, now).expect("second");
        let _third = enter(&pool, now).expect("third");
        let later = enter(&pool, now).expect_err("past the remainder");
        assert_eq!(later.why, "the hourly budget");
        assert!(later.wait >= HOUR);
        assert!(enter(&pool, now + HOUR).is_ok(), "after the reset");
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_raise_the_remainder() {
        let pool = pool(&["made-up-token-0001"]);
        let now = Instant::now();
        let first = enter(&pool, now).expect("first");
        let second = enter(&pool, now).expect("second");
        second.leave(Some(&left("10")), Some(HOUR), now);
        first.leave(Some(&left("11")), Some(HOUR), now);
        assert_eq!(pool.accounts[0].report().points_left, Some(10));
    }

    #[test]
    fn a_request_that_is_dropped_on_the_way_gives_its_share_back() {
        let pool = pool(&["made-up-token-0001"]);
        let now = Instant::now();
        enter(&pool, now)
            .expect("first")
            .leave(Some(&left("1")), Some(HOUR), now);
        drop(enter(&pool, now).expect("the last one"));
        assert!(enter(&pool, now).is_ok());
        let wait = pool.accounts[0].close(Resource::GraphQl, Limit::Secondary, None, now);
        drop(enter(&pool, now + wait).expect("the probe"));
        assert!(enter(&pool, now + wait).is_ok(), "another may probe");
    }

    #[test]
    fn a_secondary_limit_closes_the_account_and_then_one_request_goes_ahead() {
        let pool = pool(&["made-up-token-0001"]);
        let account = &pool.accounts[0];
        let now = Instant::now();
        let wait = account.close(Resource::GraphQl, Limit::Secondary, None, now);
        assert_eq!(wait, Duration::from_mins(1) + MARGIN);
        let rest = account.enter(&pool.changed, Resource::Core, 1, now);
        assert!(rest.is_err(), "REST waits as well");
        let after = now + wait;
        let probe = enter(&pool, after).expect("the probe");
        assert!(enter(&pool, after).expect_err("the next").behind_probe);
        probe.passed();
        probe.leave(None, None, after);
        assert!(enter(&pool, after).is_ok());
        assert!(enter(&pool, after).is_ok());
    }

    #[test]
    fn an_answer_to_an_older_request_does_not_end_a_limit() {
        let pool = pool(&["made-up-token-0001"]);
        let account = &pool.accounts[0];
        let now = Instant::now();
        let older = enter(&pool, now).expect("in flight");
        let wait = account.close(Resource::GraphQl, Limit::Secondary, None, now);
        older.passed();
        older.leave(None, None, now);
        let after = now + wait;
        let _probe = enter(&pool, after).expect("the probe");
        assert!(
            enter(&pool, after).is_err(),
            "the others still wait behind it"
        );
        let again = account.close(Resource::GraphQl, Limit::Secondary, None, after);
        assert_eq!(
            again,
            Duration::from_mins(2) + MARGIN,
            "and the next wait is longer"
        );
    }

    #[test]
    fn secondary_limits_in_a_row_double_the_wait_and_those_in_flight_together_do_not() {
        let pool = pool(&["made-up-token-0001"]);
        let account = &pool.accounts[0];
        let secondary = |told, now| account.close(Resource::GraphQl, Limit::Secondary, told, now);
        let now = Instant::now();
        let first = secondary(None, now);
        assert_eq!(first, secondary(None, now), "together");
        let again = secondary(None, now + first);
        assert_eq!(again, Duration::from_mins(2) + MARGIN);
        let third = now + first + again;
        let told = secondary(Some(Duration::from_secs(7)), third);
        assert_eq!(
            told,
            Duration::from_secs(7) + MARGIN,
            "what the host says wins"
        );
        let nothing = secondary(Some(Duration::ZERO), third + told);
        assert_eq!(
            nothing,
            Duration::from_secs(8) + MARGIN,
            "but never at once"
        );
    }

    #[test]
    fn a_refused_token_gives_way_to_the_next() {
        let pool = pool(&["made-up-token-0001", "made-up-token-0002"]);
        let now = Instant::now();
        assert!(pool.accounts[0].refuse(), "the first to notice");
        assert!(!pool.accounts[0].refuse(), "the second");
        let account = pool
            .choose(Resource::GraphQl, 1, now)
            .expect("one left")
            .expect("now");
        assert_eq!(account.tail(), "…0002");
        pool.accounts[1].refuse();
        assert!(pool.choose(Resource::GraphQl, 1, now).is_none());
    }

    #[test]
    fn an_account_that_waits_gives_way_to_one_that_does_not() {
        let pool = pool(&["made-up-token-0001", "made-up-token-0002"]);
        let now = Instant::now();
        pool.accounts[0].close(Resource::GraphQl, Limit::Secondary, None, now);
        let account = pool
            .choose(Resource::GraphQl, 1, now)
            .expect("one")
            .expect("now");
        assert_eq!(account.tail(), "…0002");
    }

    fn kaggle(credential: Option<Credential>) -> Pool {
        let limits = Limits {
            host: "kaggle",
            budgets: vec![(Resource::Kaggle, 1, Duration::from_secs(2))],
            query_seconds_per_minute: 60,
            silence: Silence {
                first: Duration::from_secs(30),
                told: Told::AtLeast,
                rest: Some(Rest {
                    after: 3,
                    at_least: Duration::from_mins(20),
                }),
            },
        };
        Pool::with_reserve(credential, &limits)
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_credential_gives_way_to_none_at_the_same_pace() {
        let pool = kaggle(Some(Credential::Bearer(
            "made-up-token-0001".to_owned().into(),
        )));
        let chosen = || {
            let chosen = pool.choose(Resource::Kaggle, 1, Instant::now());
            chosen.map(|account| account.expect("open"))
        };
        let first = chosen().expect("the credential");
        assert_eq!(first.tail(), "…0001");
        first.budget.pay(Resource::Kaggle, 1, HOUR).await.unwrap();
        assert!(first.refuse());
        let reserve = chosen().expect("the reserve");
        assert!(!reserve.has_token());
        assert!(Arc::ptr_eq(&reserve.budget, &first.budget), "one pace");
        reserve.refuse();
        assert!(chosen().is_none(), "nobody is left");
        assert!(kaggle(None).reserve.is_none(), "none is the first already");
    }

    #[tokio::test(start_paused = true)]
    async fn the_third_limit_in_a_row_is_a_rest_also_in_another_process() {
        let first = kaggle(None);
        let mut now = Instant::now();
        for (least, most) in [(30, 38), (60, 76)] {
            let wait = first.accounts[0].close(Resource::Kaggle, Limit::Secondary, None, now);
            let (least, most) = (Duration::from_secs(least), Duration::from_secs(most));
            assert!((least..most).contains(&wait), "{wait:?}");
            if least < Duration::from_mins(1) {
                now += wait;
            }
        }
        let kept = serde_json::to_string(&first.waits()).unwrap();
        let next = kaggle(None);
        next.heed(&serde_json::from_str::<Vec<Wait>>(&kept).unwrap());
        let after = Instant::now() + Duration::from_mins(3);
        let wait = next.accounts[0].close(Resource::Kaggle, Limit::Secondary, None, after);
        assert!(wait >= Duration::from_mins(20), "{wait:?} after {kept}");
    }

    #[test]
    fn a_wait_of_one_host_does_not_bind_another_nor_push_it_out() {
        let clock = Timestamp::now();
        let later = clock + SignedDuration::from_mins(5);
        // As versions that knew GitHub alone wrote it.
        let earlier = format!(r#"[{{"account":"no token","resource":null,"until":"{later}"}}]"#);
        let waits: Vec<Wait> = serde_json::from_str(&earlier).unwrap();
        let (github, kaggle) = (pool(&[]), kaggle(None));
        github.heed(&waits);
        kaggle.heed(&waits);
        let open =
            |pool: &Pool, resource| pool.choose(resource, 1, Instant::now()).unwrap().is_ok();
        assert!(!open(&github, Resource::Core));
        assert!(open(&kaggle, Resource::Kaggle));
        let both = kaggle.waits_beside(waits);
        assert_eq!(both.len(), 1, "{both:?}");
        assert_eq!(both[0].host, "github");
        kaggle.accounts[0].close(Resource::Kaggle, Limit::Secondary, None, Instant::now());
        let both = github.waits_beside(kaggle.waits_beside(both));
        let hosts: Vec<_> = both.iter().map(|wait| wait.host.as_str()).collect();
        assert_eq!(hosts, ["github", "kaggle"]);
    }
}
