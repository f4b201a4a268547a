//! The books: who may ask how much, who was told to wait, and who asked all the same.
//!
//! One ledger behind one lock, held for a few lookups at a time and never across an `await`.
//!
//! A request counts as sent during a wait when it arrives more than [`GRACE`] and more than [`GRACE_TURNS`]
//! after an answer that told its account to wait, and before that wait is over. The grace covers what no
//! client can help: an answer takes a moment to be delivered and read, and requests that were on their way by
//! then arrive late. How late depends on the machine, so the grace has a second clock that goes by turns: a
//! task of the stand-in's takes one each [`TURN`], and on a busy machine takes them later, as everybody's
//! tasks are. Without load both clocks agree.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::faults::{Behaviour, Early, Fault, Report};

/// How long after an announced wait a request may still arrive without blame.
const GRACE: Duration = Duration::from_millis(250);
/// How often the stand-in takes a turn when nothing keeps it from it.
pub(super) const TURN: Duration = Duration::from_millis(10);
/// The grace in turns. Count. Without load it is over by the time that [`GRACE`] is.
const GRACE_TURNS: u64 = 20;
/// So many early requests are described one by one. Count.
const MOST_DESCRIBED: usize = 20;
/// REST requests an hour with a token, and without. Count. GitHub's published limits.
const CORE: (u64, u64) = (5_000, 60);
/// REST searches a minute with a token, and without. Count. GitHub's published limits.
const SEARCH: (u64, u64) = (30, 10);
/// The window of a search budget.
const SEARCH_WINDOW: Duration = Duration::from_mins(1);

/// A budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Resource {
    Graphql,
    Core,
    Search,
    /// `GET /rate_limit`: told with the core budget, never charged, and open when that is used up.
    Free,
}

impl Resource {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Graphql => "graphql",
            Self::Core | Self::Free => "core",
            Self::Search => "search",
        }
    }
}

/// On whose account a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// A token's account.
    Account(String),
    /// No token: the host's budget for strangers.
    Anonymous,
    /// A token that is unknown or was revoked.
    Refused,
}

impl Caller {
    fn key(&self) -> &str {
        match self {
            Self::Account(account) => account,
            Self::Anonymous | Self::Refused => "",
        }
    }
}

/// A budget as the headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) limit: u64,
    pub(super) remaining: u64,
    pub(super) used: u64,
    /// Seconds since 1970.
    pub(super) reset: u64,
}

/// What is to become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Serve,
    /// This fault strikes.
    Fails(Fault),
    /// The account was told to wait by this fault, and the wait is not over.
    StillWaiting(Fault),
}

/// A limit as an answer announces it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Announced {
    /// Seconds of `retry-after`.
    pub(super) retry_after: u64,
    pub(super) standing: Standing,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    limit: u64,
    used: u64,
    /// Seconds since 1970.
    reset: u64,
}

/// A wait that holds. Each answer that tells of it may take its end further.
#[derive(Debug)]
struct Wait {
    fault: Fault,
    told: Vec<Told>,
}

/// One answer that told an account to wait.
#[derive(Debug, Clone, Copy)]
struct Told {
    at: Instant,
    turn: u64,
    until: Instant,
    /// Whether the client was killed before it can have taken note.
    unheard: bool,
}

impl Wait {
    fn until(&self) -> Option<Instant> {
        self.told.iter().map(|told| told.until).max()
    }

    fn holds(&self, now: Instant) -> bool {
        self.until().is_some_and(|until| now < until)
    }

    /// The first answer that a request which arrives `now`, in this turn, must have known and did not keep to.
    fn ignored(&self, now: Instant, turn: u64) -> Option<&Told> {
        self.told.iter().find(|told| {
            let known = now > told.at + GRACE && turn > told.turn + GRACE_TURNS;
            known && now < told.until && !told.unheard
        })
    }
}

#[derive(Debug, Default)]
struct Account {
    windows: HashMap<Resource, Window>,
    /// By resource; `None` is everything, as the secondary limit has it.
    waits: HashMap<Option<Resource>, Wait>,
    in_flight: usize,
}

/// The books of one stand-in.
#[derive(Debug)]
pub(super) struct Ledger {
    behaviour: Behaviour,
    accounts: HashMap<String, Account>,
    revoked: HashSet<String>,
    /// When the client was killed last.
    killed_at: Option<Instant>,
    begun: Instant,
    /// Turns taken so far. Count.
    turn: u64,
    random: fastrand::Rng,
    in_flight: u64,
    report: Report,
}

impl Ledger {
    pub(super) fn new(behaviour: Behaviour) -> Self {
        Self {
            random: fastrand::Rng::with_seed(behaviour.seed),
            behaviour,
            accounts: HashMap::new(),
            revoked: HashSet::new(),
            killed_at: None,
            begun: Instant::now(),
            turn: 0,
            in_flight: 0,
            report: Report::default(),
        }
    }

    pub(super) fn report(&self) -> &Report {
        &self.report
    }

    /// Whose request it is.
    pub(super) fn caller(&self, token: Option<&str>) -> Caller {
        let Some(token) = token else {
            return Caller::Anonymous;
        };
        let known = self
            .behaviour
            .tokens
            .iter()
            .find(|known| known.token == token);
        match known {
            Some(known) if !self.revoked.contains(token) => Caller::Account(known.account.clone()),
            _ => Caller::Refused,
        }
    }

    /// Books a request that has arrived, and decides what becomes of it.
    pub(super) fn arrive(
        &mut self,
        caller: &Caller,
        token: Option<&str>,
        resource: Resource,
        now: Instant,
    ) -> Verdict {
        let graphql = resource == Resource::Graphql;
        self.report.requests += 1;
        *if graphql {
            &mut self.report.graphql_requests
        } else {
            &mut self.report.rest_requests
        } += 1;
        self.in_flight += 1;
        self.report.in_flight_peak = self.report.in_flight_peak.max(self.in_flight);
        if *caller == Caller::Refused {
            return Verdict::Serve;
        }
        let account = self.accounts.entry(caller.key().to_owned()).or_default();
        account.in_flight += 1;
        account.waits.retain(|_, wait| wait.holds(now));
        let wait = account
            .waits
            .get(&None)
            .or_else(|| account.waits.get(&Some(resource)));
        if let Some(wait) = wait {
            if let Some(told) = wait.ignored(now, self.turn) {
                self.report.sent_while_told_to_wait += 1;
                if self.report.early.len() < MOST_DESCRIBED {
                    self.report.early.push(Early {
                        number: self.report.requests,
                        at: now.saturating_duration_since(self.begun),
                        fault: wait.fault,
                        told_ago: now - told.at,
                        left: told.until - now,
                    });
                }
            }
            return Verdict::StillWaiting(wait.fault);
        }
        let crowded = self
            .behaviour
            .most_in_flight
            .is_some_and(|most| account.in_flight > most);
        let fault = if crowded {
            Some(Fault::SecondaryLimit)
        } else {
            self.scripted(token)
                .or_else(|| self.drawn(token))
                .filter(|fault| graphql || fault.concerns_rest())
        };
        match fault {
            Some(fault) => {
                self.strike(fault);
                Verdict::Fails(fault)
            }
            None => Verdict::Serve,
        }
    }

    /// Takes note that the client was killed `at` this moment: what it was told within the grace before, it can no more
    /// have kept for its next process than it can have held back a request that was under way; and what is told within the
    /// grace after, goes to nobody. The waits themselves hold on.
    pub(super) fn client_was_killed(&mut self, at: Instant) {
        self.killed_at = Some(at);
        let waits = self.accounts.values_mut();
        let waits = waits.flat_map(|account| account.waits.values_mut());
        for told in waits.flat_map(|wait| &mut wait.told) {
            if told.at + GRACE > at && !std::mem::replace(&mut told.unheard, true) {
                self.report.waits_unheard += 1;
            }
        }
    }

    /// Takes note that the stand-in got round to its turn.
    pub(super) fn turn(&mut self) {
        self.turn += 1;
    }

    /// Revokes a token.
    pub(super) fn revoke(&mut self, token: &str) {
        self.revoked.insert(token.to_owned());
    }

    /// Books a fault.
    pub(super) fn strike(&mut self, fault: Fault) {
        *self.report.faults.entry(fault).or_default() += 1;
    }

    fn scripted(&mut self, token: Option<&str>) -> Option<Fault> {
        let number = self.report.requests;
        let (_, fault) = *self
            .behaviour
            .one_time
            .iter()
            .find(|(nth, _)| *nth == number)?;
        if fault == Fault::TokenRevoked {
            self.revoked.insert(token?.to_owned());
        }
        Some(fault)
    }

    /// A coin from the seeded draw.
    pub(super) fn toss(&mut self) -> bool {
        self.random.bool()
    }

    /// Draws each fault in turn, from a random one on, so that none stands in another's way.
    fn drawn(&mut self, token: Option<&str>) -> Option<Fault> {
        let count = self.behaviour.faults.len();
        if count == 0 {
            return None;
        }
        let first = self.random.usize(..count);
        for step in 0..count {
            let (fault, probability) = self.behaviour.faults[(first + step) % count];
            if self.random.f64() >= probability {
                continue;
            }
            if fault != Fault::TokenRevoked {
                return Some(fault);
            }
            let Some(token) = token else {
                continue;
            };
            let good = self
                .behaviour
                .tokens
                .iter()
                .filter(|known| !self.revoked.contains(&known.token))
                .count();
            // Without a good token there is nothing left to observe.
            if good > 1 {
                self.revoked.insert(token.to_owned());
                return Some(fault);
            }
        }
        None
    }

    /// Books that the request was answered.
    pub(super) fn leave(&mut self, caller: &Caller) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if *caller == Caller::Refused {
            return;
        }
        if let Some(account) = self.accounts.get_mut(caller.key()) {
            account.in_flight = account.in_flight.saturating_sub(1);
        }
    }

    /// Deducts `points`, or says that there are not so many left.
    pub(super) fn charge(
        &mut self,
        caller: &Caller,
        resource: Resource,
        points: u64,
    ) -> Result<Standing, Standing> {
        let window = self.window(caller, resource);
        if window.used + points > window.limit {
            return Err(standing(window));
        }
        window.used += points;
        let standing = standing(window);
        if resource == Resource::Graphql {
            self.report.points += points;
        }
        Ok(standing)
    }

    /// The budget as it stands.
    pub(super) fn standing(&mut self, caller: &Caller, resource: Resource) -> Standing {
        standing(self.window(caller, resource))
    }

    fn window(&mut self, caller: &Caller, resource: Resource) -> &mut Window {
        let known = *caller != Caller::Anonymous;
        let resource = match resource {
            Resource::Free => Resource::Core,
            other => other,
        };
        let limit = match resource {
            Resource::Graphql => self
                .behaviour
                .tokens
                .iter()
                .find(|token| token.account == caller.key())
                .map_or(0, |token| token.points_per_hour),
            Resource::Core | Resource::Free if known => CORE.0,
            Resource::Core | Resource::Free => CORE.1,
            Resource::Search if known => SEARCH.0,
            Resource::Search => SEARCH.1,
        };
        let length = match resource {
            Resource::Search => SEARCH_WINDOW.min(self.behaviour.window),
            Resource::Graphql | Resource::Core | Resource::Free => self.behaviour.window,
        };
        let now = since_1970();
        let fresh = Window {
            limit,
            used: 0,
            reset: whole_seconds(now + length),
        };
        let window = self
            .accounts
            .entry(caller.key().to_owned())
            .or_default()
            .windows
            .entry(resource)
            .or_insert(fresh);
        if now >= Duration::from_secs(window.reset) {
            *window = fresh;
        }
        window
    }

    /// Books that the answer which is about to be written tells the account to wait.
    pub(super) fn announce(
        &mut self,
        caller: &Caller,
        resource: Resource,
        fault: Fault,
        by_use: bool,
    ) -> Announced {
        let now = Instant::now();
        // What the killed one had sent is answered still.
        let unheard = self.killed_at.is_some_and(|at| now < at + GRACE);
        self.report.waits_unheard += u64::from(unheard);
        let turn = self.turn;
        let wait = Duration::from_secs(whole_seconds(self.behaviour.wait).max(1));
        let scope = fault.is_primary().then_some(resource);
        let account = self.accounts.entry(caller.key().to_owned()).or_default();
        let running = account
            .waits
            .get(&scope)
            .and_then(Wait::until)
            .filter(|until| now < *until);
        let until = if fault.is_primary() {
            let clock = since_1970();
            let reset = if let Some(running) = running {
                whole_seconds(clock + (running - now))
            } else if by_use {
                self.window(caller, resource).reset
            } else {
                whole_seconds(clock + wait)
            };
            // Another machine on the same account may use up the hour: then nothing is left.
            let window = self.window(caller, resource);
            window.used = window.limit;
            window.reset = reset;
            running.unwrap_or_else(|| now + Duration::from_secs(reset).saturating_sub(clock))
        } else {
            // `retry-after` has whole seconds, so saying it again may take the end a little further.
            let rest = running.map_or(wait, |running| running - now);
            let rest = Duration::from_secs(whole_seconds(rest).max(1));
            running.map_or(now + rest, |running| running.max(now + rest))
        };
        let account = self.accounts.entry(caller.key().to_owned()).or_default();
        let wait = account.waits.entry(scope).or_insert(Wait {
            fault,
            told: Vec::new(),
        });
        if !wait.holds(now) {
            wait.fault = fault;
            wait.told.clear();
        }
        // An answer that takes the end no further says what the client has been told before.
        if running.is_none_or(|running| running < until) {
            wait.told.push(Told {
                at: now,
                turn,
                until,
                unheard,
            });
        }
        Announced {
            retry_after: whole_seconds(until - now).max(1),
            standing: self.standing(caller, resource),
        }
    }
}

fn standing(window: &Window) -> Standing {
    Standing {
        limit: window.limit,
        remaining: window.limit - window.used,
        used: window.used,
        reset: window.reset,
    }
}

fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Seconds, rounded up: what the wire can say without promising too little.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standin::faults::{DEMO_TOKEN, TokenAccount};

    fn known() -> Caller {
        Caller::Account("plaudit-operator-example".to_owned())
    }

    /// As many turns as a machine without load takes in this time.
    fn turns(ledger: &mut Ledger, milliseconds: u64) {
        for _ in 0..milliseconds / 10 {
            ledger.turn();
        }
    }

    #[test]
    fn two_tokens_of_one_account_share_a_budget() {
        let token = |token: &str| TokenAccount {
            token: token.to_owned(),
            account: "shared-example".to_owned(),
            points_per_hour: 10,
        };
        let mut ledger = Ledger::new(Behaviour {
            tokens: vec![token("one"), token("two")],
            ..Behaviour::default()
        });
        let (one, two) = (ledger.caller(Some("one")), ledger.caller(Some("two")));
        assert_eq!(
            ledger.charge(&one, Resource::Graphql, 6).unwrap().remaining,
            4
        );
        assert_eq!(
            ledger
                .charge(&two, Resource::Graphql, 6)
                .unwrap_err()
                .remaining,
            4
        );
        assert_eq!(ledger.report().points, 6);
    }

    #[test]
    fn a_request_during_an_announced_wait_is_counted_after_the_grace() {
        for (after_milliseconds, waiting, violations) in [
            (10, true, 0),
            (240, true, 0),
            (400, true, 1),
            (1_900, true, 1),
            (2_100, false, 0),
        ] {
            let mut ledger = Ledger::new(Behaviour {
                wait: Duration::from_millis(1_200),
                ..Behaviour::default()
            });
            let announced =
                ledger.announce(&known(), Resource::Graphql, Fault::SecondaryLimit, false);
            assert_eq!(announced.retry_after, 2, "rounded up to whole seconds");
            turns(&mut ledger, after_milliseconds);
            let now = Instant::now() + Duration::from_millis(after_milliseconds);
            let verdict = ledger.arrive(&known(), Some(DEMO_TOKEN), Resource::Core, now);
            assert_eq!(
                verdict == Verdict::StillWaiting(Fault::SecondaryLimit),
                waiting,
                "{after_milliseconds}"
            );
            assert_eq!(
                ledger.report().sent_while_told_to_wait,
                violations,
                "{after_milliseconds}"
            );
        }
    }

    #[test]
    fn a_wait_that_was_told_just_before_the_client_was_killed_blames_nobody() {
        for (killed_after, violations) in [(10, 0), (240, 0), (260, 1)] {
            let mut ledger = Ledger::new(Behaviour::default());
            ledger.announce(&known(), Resource::Graphql, Fault::SecondaryLimit, false);
            let told = Instant::now();
            ledger.client_was_killed(told + Duration::from_millis(killed_after));
            turns(&mut ledger, 600);
            let next = told + Duration::from_millis(600);
            let verdict = ledger.arrive(&known(), Some(DEMO_TOKEN), Resource::Core, next);
            assert_eq!(verdict, Verdict::StillWaiting(Fault::SecondaryLimit));
            let report = ledger.report();
            assert_eq!(report.sent_while_told_to_wait, violations, "{killed_after}");
            assert_eq!(report.waits_unheard, 1 - violations, "{killed_after}");
        }
    }

    #[test]
    fn on_a_machine_that_gets_round_to_nothing_a_late_request_blames_nobody() {
        for (turns_taken, violations) in [(0, 0), (20, 0), (21, 1)] {
            let mut ledger = Ledger::new(Behaviour::default());
            ledger.announce(&known(), Resource::Graphql, Fault::SecondaryLimit, false);
            for _ in 0..turns_taken {
                ledger.turn();
            }
            let now = Instant::now() + Duration::from_millis(600);
            ledger.arrive(&known(), Some(DEMO_TOKEN), Resource::Core, now);
            let report = ledger.report();
            assert_eq!(report.sent_while_told_to_wait, violations, "{turns_taken}");
            assert_eq!(report.early.len() as u64, violations);
        }
    }

    #[test]
    fn a_wait_that_a_later_answer_made_longer_binds_from_that_answer_on() {
        let mut ledger = Ledger::new(Behaviour::default());
        ledger.announce(&known(), Resource::Graphql, Fault::SecondaryLimit, false);
        let first_ends = Instant::now() + Duration::from_secs(1);
        // In whole seconds the second, which is told a moment later, ends later than the first.
        while Instant::now() + Duration::from_secs(1) <= first_ends + Duration::from_millis(2) {
            std::hint::spin_loop();
        }
        turns(&mut ledger, 1_000);
        let again = ledger.announce(&known(), Resource::Graphql, Fault::SecondaryLimit, false);
        assert_eq!(again.retry_after, 1);
        let between = first_ends + Duration::from_millis(1);
        let verdict = ledger.arrive(&known(), Some(DEMO_TOKEN), Resource::Core, between);
        assert_eq!(verdict, Verdict::StillWaiting(Fault::SecondaryLimit));
        assert_eq!(ledger.report().sent_while_told_to_wait, 0);
    }

    #[test]
    fn a_primary_limit_holds_its_own_resource_alone() {
        let mut ledger = Ledger::new(Behaviour::default());
        let announced = ledger.announce(&known(), Resource::Graphql, Fault::PrimaryLimit, false);
        assert_eq!(announced.standing.remaining, 0);
        let now = Instant::now();
        let mut asks = |resource| ledger.arrive(&known(), Some(DEMO_TOKEN), resource, now);
        assert_eq!(
            asks(Resource::Graphql),
            Verdict::StillWaiting(Fault::PrimaryLimit)
        );
        assert_eq!(asks(Resource::Core), Verdict::Serve);
    }

    #[test]
    fn chance_spares_the_last_token_and_a_script_does_not() {
        let mut ledger = Ledger::new(Behaviour {
            faults: vec![(Fault::TokenRevoked, 1.0)],
            one_time: vec![(3, Fault::TokenRevoked)],
            ..Behaviour::default()
        });
        let mut ask = || {
            ledger.arrive(
                &known(),
                Some(DEMO_TOKEN),
                Resource::Graphql,
                Instant::now(),
            )
        };
        assert_eq!(
            [ask(), ask(), ask()],
            [
                Verdict::Serve,
                Verdict::Serve,
                Verdict::Fails(Fault::TokenRevoked)
            ]
        );
        assert_eq!(ledger.caller(Some(DEMO_TOKEN)), Caller::Refused);
    }

    #[test]
    fn the_same_seed_draws_the_same_faults() {
        let draw = |seed| {
            let mut ledger = Ledger::new(Behaviour {
                faults: vec![(Fault::Cut, 0.3), (Fault::Html, 0.3)],
                seed,
                ..Behaviour::default()
            });
            (0..40)
                .map(|_| {
                    ledger.arrive(
                        &known(),
                        Some(DEMO_TOKEN),
                        Resource::Graphql,
                        Instant::now(),
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        for expected in [
            Verdict::Serve,
            Verdict::Fails(Fault::Cut),
            Verdict::Fails(Fault::Html),
        ] {
            assert!(draw(7).contains(&expected), "{expected:?}");
        }
    }

    #[test]
    fn a_stranger_has_sixty_requests_and_ten_searches() {
        let mut ledger = Ledger::new(Behaviour::default());
        for (resource, limit) in [(Resource::Core, 60), (Resource::Search, 10)] {
            for used in 1..=limit {
                assert_eq!(
                    ledger.charge(&Caller::Anonymous, resource, 1).unwrap().used,
                    used
                );
            }
            assert!(ledger.charge(&Caller::Anonymous, resource, 1).is_err());
        }
    }
}
