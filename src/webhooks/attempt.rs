//! What follows from an attempt to deliver a message: decided from what is given, without doing any of it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Settings;
use crate::domain::webhook::Delivery;

/// Longest wait between two attempts that is our own choice.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Longest wait that a receiver is believed to mean.
pub(super) const LONGEST_TOLD: Duration = Duration::from_hours(24);

/// Which part of a wait may be left out, so that messages that failed together are not all tried at the same moment.
const SCATTER: f64 = 0.2;

/// What an attempt met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The header `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// No answer, and why, in words that repeat nothing of the address.
    NoAnswer(String),
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// It was delivered.
    Done,
    /// It is tried again.
    Again {
        /// Not before.
        due: Timestamp,
        /// What the attempt met.
        problem: String,
    },
    /// It was tried for long enough.
    GiveUp {
        /// What the attempt met.
        problem: String,
    },
    /// The receiver says that it wants no message any more.
    Gone,
}

/// What follows from an attempt that ended at `now`. `jitter` is from 0 to 1.
///
/// The last attempt is when the time for trying is over, unless the receiver asks for a longer wait.
#[must_use]
pub fn after_attempt(
    delivery: &Delivery,
    outcome: &Outcome,
    settings: &Settings,
    now: Timestamp,
    jitter: f64,
) -> Next {
    let (problem, told) = match outcome {
        Outcome::Answered {
            status: 200..=299, ..
        } => return Next::Done,
        Outcome::Answered { status: 410, .. } => return Next::Gone,
        Outcome::Answered {
            status,
            retry_after,
        } => (format!("HTTP {status}"), *retry_after),
        Outcome::NoAnswer(why) => (why.clone(), None),
    };
    let over = later(delivery.created_at, settings.keep_trying);
    if now >= over {
        return Next::GiveUp { problem };
    }
    let wait = wait(settings.first_wait, delivery.attempts).mul_f64(1.0 - SCATTER * jitter);
    let ours = later(now, wait).min(over);
    let theirs = told.map(|told| later(now, told.min(LONGEST_TOLD)));
    Next::Again {
        due: theirs.map_or(ours, |theirs| theirs.max(ours)),
        problem,
    }
}

/// The wait after an attempt before which there were `attempts`: doubled each time.
fn wait(first: Duration, attempts: u32) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(attempts))
        .min(LONGEST_WAIT)
}

/// How long a receiver is left alone altogether after so many attempts in a row that failed, whatever waits for it:
/// a dead one is not called once for each message.
pub(super) fn rest(first: Duration, failures: u32, told: Option<Duration>) -> Duration {
    const LONGEST: Duration = Duration::from_mins(1);
    let ours = wait(first, failures.saturating_sub(1)).min(LONGEST);
    ours.max(told.unwrap_or_default().min(LONGEST_TOLD))
}

/// The moment so long after another one.
pub(super) fn later(from: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| from.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::Key;
    use super::*;
    use crate::domain::webhook::WebhookEvent;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn settings() -> Settings {
        let folder = tempfile::tempdir().unwrap();
        Settings {
            key: Key::within(folder.path()).unwrap(),
            timeout: Duration::from_secs(10),
            keep_trying: Duration::from_hours(24),
            first_wait: Duration::from_secs(5),
            allow_private: false,
        }
    }

    fn tried(attempts: u32) -> Delivery {
        Delivery {
            id: "msg_0123456789abcdef".to_owned(),
            endpoint: "0a1b2c3d".to_owned(),
            event: WebhookEvent::ProfileReady,
            applicant: None,
            payload: "{}".to_owned(),
            created_at: at(0),
            attempts,
            due: at(0),
            problem: None,
        }
    }

    fn status(status: u16) -> Outcome {
        Outcome::Answered {
            status,
            retry_after: None,
        }
    }

    fn told(status: u16, seconds: u64) -> Outcome {
        Outcome::Answered {
            status,
            retry_after: Some(Duration::from_secs(seconds)),
        }
    }

    const DAY: i64 = 24 * 3_600;

    #[test]
    fn what_follows_from_an_attempt() {
        let again = |due: i64, problem: &str| Next::Again {
            due: at(due),
            problem: problem.to_owned(),
        };
        let give_up = |problem: &str| Next::GiveUp {
            problem: problem.to_owned(),
        };
        let broken = || Outcome::NoAnswer("no connection".to_owned());
        for (attempts, outcome, now, next) in [
            (0, status(200), 1, Next::Done),
            (0, status(204), 1, Next::Done),
            (7, status(299), 2 * DAY, Next::Done),
            (0, status(410), 1, Next::Gone),
            (0, status(500), 10, again(15, "HTTP 500")),
            (1, status(500), 10, again(20, "HTTP 500")),
            (2, status(404), 10, again(30, "HTTP 404")),
            // A redirect is not followed: a receiver that has moved is registered anew.
            (0, status(301), 10, again(15, "HTTP 301")),
            (0, status(100), 10, again(15, "HTTP 100")),
            (0, broken(), 10, again(15, "no connection")),
            (9, broken(), 10, again(10 + 2_560, "no connection")),
            (10, broken(), 10, again(10 + 3_600, "no connection")),
            (u32::MAX, broken(), 10, again(10 + 3_600, "no connection")),
            // What the receiver asks for is a least wait.
            (0, told(429, 120), 10, again(130, "HTTP 429")),
            (9, told(503, 120), 10, again(10 + 2_560, "HTTP 503")),
            (0, told(429, u64::MAX), 10, again(10 + DAY, "HTTP 429")),
            // The last attempt is at the end of the day.
            (12, status(500), DAY - 60, again(DAY, "HTTP 500")),
            (12, told(503, 300), DAY - 60, again(DAY + 240, "HTTP 503")),
            (12, status(500), DAY, give_up("HTTP 500")),
            (12, told(503, 1), DAY, give_up("HTTP 503")),
            // The first attempt of one that waited for the server all day is the last one.
            (0, broken(), 3 * DAY, give_up("no connection")),
        ] {
            let told = after_attempt(&tried(attempts), &outcome, &settings(), at(now), 0.0);
            assert_eq!(told, next, "{outcome:?} after {attempts} attempts at {now}");
        }
    }

    #[test]
    fn a_fifth_of_a_wait_is_chance() {
        let due = |jitter| match after_attempt(&tried(3), &status(500), &settings(), at(0), jitter)
        {
            Next::Again { due, .. } => due,
            other => panic!("{other:?}"),
        };
        assert_eq!(due(0.0), at(40));
        assert_eq!(due(0.5), at(36));
        assert_eq!(due(1.0), at(32));
    }

    #[test]
    fn a_receiver_that_fails_is_left_alone_for_up_to_a_minute_or_as_long_as_it_asks() {
        let first = Duration::from_secs(5);
        let seconds = [1, 2, 3, 4, 5, 40].map(|failures| rest(first, failures, None).as_secs());
        assert_eq!(seconds, [5, 10, 20, 40, 60, 60]);
        let told = |seconds| rest(first, 1, Some(Duration::from_secs(seconds))).as_secs();
        assert_eq!((told(1), told(600)), (5, 600));
        assert_eq!(told(u64::MAX), LONGEST_TOLD.as_secs());
    }
}
