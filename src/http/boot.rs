//! How long this machine has run: a clock that nobody sets, and that goes on from one process to the next.
//!
//! The clock on the wall may be set, and then a wait that was kept by it alone would be too short, or last for days.

use std::fs;
use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The kernel tells how long it has run in steps of so much.
const STEP: Duration = Duration::from_millis(10);

/// A moment by this machine's own run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// Which run it is.
    boot: &'static str,
    /// Since its beginning.
    age: Duration,
}

/// A wait by the machine's own run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Which run it is.
    boot: String,
    /// When it was written down, after the beginning of the run. Milliseconds.
    from: u64,
    /// When it ends, likewise. Milliseconds.
    until: u64,
}

impl Span {
    /// How much later than this one the other ends; `None`: they were written down in different runs.
    pub(super) fn outlasted_by(&self, other: &Self) -> Option<Duration> {
        (self.boot == other.boot)
            .then(|| Duration::from_millis(other.until.saturating_sub(self.until)))
    }
}

impl Moment {
    /// Now, where the system tells it (Linux).
    pub(super) fn now() -> Option<Self> {
        static BOOT: OnceLock<Option<String>> = OnceLock::new();
        let boot = BOOT.get_or_init(|| {
            let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
            Some(id.trim().to_owned())
        });
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let seconds = uptime.split_whitespace().next()?.parse().ok()?;
        Some(Self {
            boot: boot.as_deref()?,
            age: Duration::try_from_secs_f64(seconds).ok()?,
        })
    }

    /// A wait of so long from here on.
    pub(super) fn span(&self, how_long: Duration) -> Span {
        Span {
            boot: self.boot.to_owned(),
            from: milliseconds(self.age),
            until: milliseconds(self.age.saturating_add(how_long).saturating_add(STEP)),
        }
    }

    /// What is left of a wait; `None`: it was written down in another run.
    pub(super) fn left(&self, span: &Span) -> Option<Duration> {
        let now = milliseconds(self.age);
        // In a container that was begun anew the machine may seem to be younger than it was.
        (span.boot == self.boot && span.from <= now)
            .then(|| Duration::from_millis(span.until.saturating_sub(now)))
    }
}

fn milliseconds(age: Duration) -> u64 {
    u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_measured_within_its_run_alone() {
        let at = |boot, seconds| Moment {
            boot,
            age: Duration::from_secs(seconds),
        };
        let minute = Duration::from_mins(1);
        let span = at("one", 100).span(minute);
        for (moment, left) in [
            (at("one", 100), Some(60_010)),
            (at("one", 150), Some(10_010)),
            (at("one", 161), Some(0)),
            (at("one", 99), None),
            (at("two", 150), None),
        ] {
            let left = left.map(Duration::from_millis);
            assert_eq!(moment.left(&span), left, "{moment:?}");
        }
    }

    #[test]
    fn two_spans_are_compared_within_their_run_alone() {
        let span = |boot, seconds| {
            let age = Duration::from_secs(seconds);
            Moment { boot, age }.span(Duration::from_mins(1))
        };
        for (other, later) in [
            (span("one", 103), Some(3)),
            (span("one", 97), Some(0)),
            (span("two", 103), None),
        ] {
            let later = later.map(Duration::from_secs);
            assert_eq!(span("one", 100).outlasted_by(&other), later, "{other:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_tells_how_long_it_has_run() {
        let first = Moment::now().unwrap();
        let second = Moment::now().unwrap();
        assert!(second.age >= first.age && second.boot == first.boot);
    }
}
