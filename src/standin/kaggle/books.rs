//! What a run looked like from Kaggle's side, and which request fails how.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use super::faults::{KaggleBehaviour, KaggleFault, RequestKind};

/// A request's arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// What was asked for.
    pub kind: RequestKind,
    /// When, counted from the stand-in's start.
    pub at: Duration,
    /// Whether it bore a credential.
    pub with_credential: bool,
}

/// What a run looked like from the host's side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KaggleReport {
    /// Requests by kind. Count.
    pub requests: BTreeMap<RequestKind, u64>,
    /// Every request, in the order of arrival.
    pub arrivals: Vec<Arrival>,
    /// Most requests to Kaggle itself in flight at one time. Count. Promise: 1.
    pub at_once: u64,
    /// How often each fault struck. Answers that only repeat an announced wait are not among them.
    pub faults: BTreeMap<KaggleFault, u64>,
    /// Requests to Kaggle itself that arrived although the client had been told to wait, and how long.
    /// Count. Promise: 0.
    pub sent_while_told_to_wait: u64,
    /// Bytes of bodies that were handed to the network. Count.
    pub bytes_sent: u64,
    /// The user names that were asked for, at the endpoint and as pages, in the order of arrival.
    pub names: Vec<String>,
}

impl KaggleReport {
    /// Requests of a kind. Count.
    #[must_use]
    pub fn count(&self, kind: RequestKind) -> u64 {
        self.requests.get(&kind).copied().unwrap_or_default()
    }

    /// The least time between two arrivals at Kaggle itself.
    #[must_use]
    pub fn least_gap(&self) -> Option<Duration> {
        let times: Vec<Duration> = self
            .arrivals
            .iter()
            .filter(|arrival| arrival.kind.is_kaggle())
            .map(|arrival| arrival.at)
            .collect();
        times
            .windows(2)
            .filter_map(|pair| Some(pair.last()?.saturating_sub(*pair.first()?)))
            .min()
    }
}

/// What is to become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is answered.
    Serve,
    /// It fails.
    Fails(KaggleFault),
    /// The client had been told to wait, and still is for so long.
    StillWaiting(Duration),
}

/// The books while the stand-in runs.
#[derive(Debug)]
pub(super) struct Books {
    report: KaggleReport,
    begun: Instant,
    faults: Vec<(KaggleFault, f64)>,
    one_time: Vec<(RequestKind, u64, KaggleFault)>,
    wait: Duration,
    told_to_wait_until: Option<Instant>,
    in_flight: u64,
    random: Rng,
}

impl Books {
    pub(super) fn new(behaviour: &KaggleBehaviour) -> Self {
        Self {
            report: KaggleReport::default(),
            begun: Instant::now(),
            faults: behaviour.faults.clone(),
            one_time: behaviour.one_time.clone(),
            wait: behaviour.wait,
            told_to_wait_until: None,
            in_flight: 0,
            random: Rng::with_seed(behaviour.seed),
        }
    }

    pub(super) fn report(&self) -> &KaggleReport {
        &self.report
    }

    /// Books a request. It has to [leave](Self::leave) as well.
    pub(super) fn arrive(
        &mut self,
        kind: RequestKind,
        with_credential: bool,
        now: Instant,
    ) -> Verdict {
        let number = self.report.requests.entry(kind).or_default();
        *number += 1;
        let number = *number;
        self.report.arrivals.push(Arrival {
            kind,
            at: now.saturating_duration_since(self.begun),
            with_credential,
        });
        if kind.is_kaggle() {
            self.in_flight += 1;
            self.report.at_once = self.report.at_once.max(self.in_flight);
            if let Some(until) = self.told_to_wait_until.filter(|until| *until > now) {
                self.report.sent_while_told_to_wait += 1;
                return Verdict::StillWaiting(until.saturating_duration_since(now));
            }
        }
        let Some(fault) = self.fault_of(kind, number) else {
            return Verdict::Serve;
        };
        *self.report.faults.entry(fault).or_default() += 1;
        Verdict::Fails(fault)
    }

    fn fault_of(&mut self, kind: RequestKind, number: u64) -> Option<KaggleFault> {
        let scripted = self.one_time.iter().find_map(|(of, at, fault)| {
            (*of == kind && *at == number && fault.concerns(kind)).then_some(*fault)
        });
        if scripted.is_some() {
            return scripted;
        }
        let random = &mut self.random;
        self.faults
            .iter()
            .filter(|(fault, _)| fault.concerns(kind))
            .find_map(|(fault, share)| (random.f64() < *share).then_some(*fault))
    }

    /// Notes that the client is told to wait, and how many whole seconds. To be called as the answer leaves.
    pub(super) fn tell_to_wait(&mut self, now: Instant) -> u64 {
        self.told_to_wait_until = Some(now + self.wait);
        whole_seconds(self.wait)
    }

    pub(super) fn leave(&mut self, kind: RequestKind) {
        if kind.is_kaggle() {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        self.report.bytes_sent += bytes as u64;
    }

    pub(super) fn asked_for(&mut self, name: &str) {
        self.report.names.push(name.to_owned());
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.random.u64(..end.max(1))
    }
}

/// Whole seconds, rounded up, as `Retry-After` has them.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_books_tell_the_least_gap_the_most_at_once_and_impatience() {
        let mut books = Books::new(&KaggleBehaviour {
            one_time: vec![(RequestKind::Profile, 2, KaggleFault::TooManyRequests)],
            ..KaggleBehaviour::default()
        });
        let begun = books.begun;
        let at = |millis| begun + Duration::from_millis(millis);
        assert_eq!(books.report().least_gap(), None);
        let verdict = books.arrive(RequestKind::Profile, false, at(0));
        assert_eq!(verdict, Verdict::Serve);
        let verdict = books.arrive(RequestKind::Profile, true, at(300));
        assert_eq!(verdict, Verdict::Fails(KaggleFault::TooManyRequests));
        assert_eq!(books.tell_to_wait(at(300)), 1);
        books.leave(RequestKind::Profile);
        books.leave(RequestKind::Profile);
        // The storage is another host.
        let verdict = books.arrive(RequestKind::Storage, false, at(301));
        assert_eq!(verdict, Verdict::Serve);
        let verdict = books.arrive(RequestKind::Page, false, at(1_200));
        assert_eq!(verdict, Verdict::StillWaiting(Duration::from_millis(100)));
        books.leave(RequestKind::Page);
        let verdict = books.arrive(RequestKind::Page, false, at(1_300));
        assert_eq!(verdict, Verdict::Serve);
        let report = books.report();
        assert_eq!(report.least_gap(), Some(Duration::from_millis(100)));
        assert_eq!((report.at_once, report.sent_while_told_to_wait), (2, 1));
        assert_eq!(report.count(RequestKind::Page), 2);
        assert_eq!(report.faults[&KaggleFault::TooManyRequests], 1);
    }
}
