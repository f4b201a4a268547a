//! What a refresh may spend of each hour's budget, so that the rest is left to recruiters.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// GraphQL points that refreshes may spend in an hour. The hour begins with the first point that is spent.
///
/// What a job takes is known when it is done: those under way when the allowance is used up are finished, so that a
/// little more may be spent, at most what as many jobs take as there are workers for them.
#[derive(Debug)]
pub struct Allowance {
    points: f64,
    hour: Mutex<Option<Hour>>,
}

#[derive(Debug, Clone, Copy)]
struct Hour {
    began: Timestamp,
    spent: f64,
}

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

    /// Until when nothing more may be spent; `None`: something may.
    #[must_use]
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        let hour = self.lock();
        let hour = hour.filter(|hour| is_running(*hour, now) && hour.spent >= self.points)?;
        Some(hour.began + AN_HOUR)
    }

    /// Notes that points were spent.
    pub fn spend(&self, points: f64, now: Timestamp) {
        let mut hour = self.lock();
        match hour.as_mut().filter(|hour| is_running(**hour, now)) {
            Some(hour) => hour.spent += points,
            None => {
                *hour = Some(Hour {
                    began: now,
                    spent: points,
                });
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Hour>> {
        self.hour.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `now` is within the hour. A clock that was set back begins another one.
fn is_running(hour: Hour, now: Timestamp) -> bool {
    let age = now.duration_since(hour.began);
    !age.is_negative() && age < AN_HOUR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_spent_closes_it_until_the_hour_is_over() {
        let allowance = Allowance::new(10.0);
        assert_eq!(allowance.closed_until(at("2026-11-24T02:00:00Z")), None);
        allowance.spend(6.0, at("2026-11-24T02:10:00Z"));
        assert_eq!(allowance.closed_until(at("2026-11-24T02:11:00Z")), None);
        allowance.spend(4.5, at("2026-11-24T02:20:00Z"));
        assert_eq!(
            allowance.closed_until(at("2026-11-24T02:21:00Z")),
            Some(at("2026-11-24T03:10:00Z"))
        );
        assert_eq!(allowance.closed_until(at("2026-11-24T03:10:00Z")), None);
        allowance.spend(1.0, at("2026-11-24T03:11:00Z"));
        assert_eq!(allowance.closed_until(at("2026-11-24T03:12:00Z")), None);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_close_it_for_long() {
        let allowance = Allowance::new(1.0);
        allowance.spend(5.0, at("2027-01-01T00:00:00Z"));
        assert_eq!(allowance.closed_until(at("2026-11-24T00:00:00Z")), None);
    }
}
