//! What a refresh may spend of each hour's budget, so that the rest is left to recruiters.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// GraphQL points that refreshes may spend in an hour. The hour begins with the first point that is spent.
///
/// What a job takes is known when it is done. So for each that is under way [`A_JOB`] is set aside, and no other begins
/// that might not fit. One that takes more than that, such as somebody's with thousands of pull requests, is finished all
/// the same.
#[derive(Debug)]
pub struct Allowance {
    points: f64,
    hour: Mutex<Hour>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Hour {
    /// `None`: nothing was spent yet.
    began: Option<Timestamp>,
    spent: f64,
    /// For what is under way.
    set_aside: f64,
}

/// Points set aside for something that is under way; given back when this is dropped.
#[derive(Debug)]
pub struct SetAside {
    allowance: Arc<Allowance>,
    points: f64,
}

impl Drop for SetAside {
    fn drop(&mut self) {
        let mut hour = self.allowance.lock();
        hour.set_aside = (hour.set_aside - self.points).max(0.0);
    }
}

/// What is set aside for a job: more than nearly all take, also those that share no query with others. That it is much
/// costs little, since what was not used is free again when the job is done. GraphQL points.
pub const A_JOB: f64 = 20.0;

/// What GitHub counts by.
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Allowance {
    /// So many points in an hour.
    #[must_use]
    pub fn new(points: f64) -> Self {
        Self {
            points,
            hour: Mutex::default(),
        }
    }

    /// Of budgets of so many points in an hour, one for each token, what is left when a share in percent is left to
    /// recruiters. Without a token no points are spent, and nothing is to be shared.
    #[must_use]
    pub fn of(points_per_hour: u32, tokens: usize, left_to_recruiters: u32) -> Self {
        let share = f64::from(100_u32.saturating_sub(left_to_recruiters)) / 100.0;
        let tokens = u32::try_from(tokens.max(1)).unwrap_or(u32::MAX);
        Self::new(share * f64::from(points_per_hour) * f64::from(tokens))
    }

    /// Until when no further job may begin; `None`: one may.
    #[must_use]
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.lock().closed_until(A_JOB, self.points, now)
    }

    /// Sets points aside for something that begins now; otherwise, when to come back. What it took is to be told with
    /// [`Allowance::spend`] before this is dropped.
    pub fn set_aside(self: &Arc<Self>, points: f64, now: Timestamp) -> Result<SetAside, Timestamp> {
        let mut hour = self.lock();
        if let Some(until) = hour.closed_until(points, self.points, now) {
            return Err(until);
        }
        hour.set_aside += points;
        Ok(SetAside {
            allowance: Arc::clone(self),
            points,
        })
    }

    /// Sets points aside for a job that a worker has taken, whether or not there are any.
    #[must_use]
    pub fn set_aside_for_a_job(self: &Arc<Self>) -> SetAside {
        self.lock().set_aside += A_JOB;
        SetAside {
            allowance: Arc::clone(self),
            points: A_JOB,
        }
    }

    /// Notes that points were spent.
    pub fn spend(&self, points: f64, now: Timestamp) {
        let mut hour = self.lock();
        if hour.is_running(now) {
            hour.spent += points;
        } else {
            (hour.began, hour.spent) = (Some(now), points);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Hour> {
        self.hour.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hour {
    /// Whether `now` is within the hour. A clock that was set back begins another one.
    fn is_running(&self, now: Timestamp) -> bool {
        self.began.is_some_and(|began| {
            let age = now.duration_since(began);
            !age.is_negative() && age < AN_HOUR
        })
    }

    /// Until when `wanted` points do not fit in; `None`: they do. If nothing else has a part in the allowance, they fit in
    /// however many they are, or nothing could ever begin.
    fn closed_until(&self, wanted: f64, allowed: f64, now: Timestamp) -> Option<Timestamp> {
        let running = self.is_running(now);
        let spent = if running { self.spent } else { 0.0 };
        let taken = spent + self.set_aside;
        if taken + wanted <= allowed || taken <= 0.0 {
            return None;
        }
        let began = self.began.filter(|_| running).unwrap_or(now);
        Some(began + AN_HOUR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_spent_closes_it_until_the_hour_is_over() {
        let allowance = Allowance::new(2.0 * A_JOB);
        assert_eq!(allowance.closed_until(at("2026-11-24T02:00:00Z")), None);
        allowance.spend(A_JOB, at("2026-11-24T02:10:00Z"));
        assert_eq!(allowance.closed_until(at("2026-11-24T02:11:00Z")), None);
        allowance.spend(1.0, at("2026-11-24T02:20:00Z"));
        assert_eq!(
            allowance.closed_until(at("2026-11-24T02:21:00Z")),
            Some(at("2026-11-24T03:10:00Z"))
        );
        assert_eq!(allowance.closed_until(at("2026-11-24T03:10:00Z")), None);
        allowance.spend(1.0, at("2026-11-24T03:11:00Z"));
        assert_eq!(allowance.closed_until(at("2026-11-24T03:12:00Z")), None);
    }

    #[test]
    fn what_is_under_way_counts_as_spent_until_it_is_known_what_it_took() {
        let allowance = Arc::new(Allowance::new(2.4 * A_JOB));
        let now = at("2026-11-24T02:00:00Z");
        let first = allowance.set_aside_for_a_job();
        let second = allowance.set_aside_for_a_job();
        assert!(
            allowance.closed_until(now).is_some(),
            "two jobs, and no third fits in"
        );
        let probe = allowance.set_aside(1.0, now).unwrap();
        allowance.spend(0.5 * A_JOB, now);
        drop(first);
        assert!(
            allowance.closed_until(now).is_some(),
            "what the first took, the second and the probe"
        );
        drop((second, probe));
        assert_eq!(allowance.closed_until(now), None);
        assert_eq!(
            allowance.set_aside(2.0 * A_JOB, now).unwrap_err(),
            at("2026-11-24T03:00:00Z")
        );
    }

    #[test]
    fn the_share_of_the_recruiters_is_left_out() {
        for (points, tokens, left, expected) in [
            (5_000, 1, 25, 3_750.0),
            (5_000, 2, 25, 7_500.0),
            (100, 1, 90, 10.0),
            (100, 0, 0, 100.0),
        ] {
            let allowance = Allowance::of(points, tokens, left);
            assert!((allowance.points - expected).abs() < 1e-9, "{allowance:?}");
        }
    }

    #[test]
    fn less_than_a_job_takes_still_lets_one_begin() {
        let allowance = Arc::new(Allowance::new(2.0));
        let now = at("2026-11-24T02:00:00Z");
        assert_eq!(allowance.closed_until(now), None);
        allowance.spend(3.0, now);
        assert!(allowance.closed_until(now).is_some());
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_close_it_for_long() {
        let allowance = Allowance::new(1.0);
        allowance.spend(5.0, at("2027-01-01T00:00:00Z"));
        assert_eq!(allowance.closed_until(at("2026-11-24T00:00:00Z")), None);
    }
}
