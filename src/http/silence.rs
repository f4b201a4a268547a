//! How long nothing is sent after a host's "too many requests": pure, so that each host's rule is a row of a
//! table.

use std::time::Duration;

/// A host's rule for the silence after its "too many requests".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The first wait where the host says no time; doubled for each one in a row, up to an hour.
    pub first: Duration,
    /// What the time that the host says is worth.
    pub told: Told,
    /// A longer rest after several in a row.
    pub rest: Option<Rest>,
}

/// What the time is worth that a host says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It stands in place of our own: GitHub, whose times can be relied on.
    Trusted,
    /// The longer of the two holds, and ours is lengthened at random: Kaggle, whose times cannot.
    AtLeast,
}

/// A rest after several in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// From this one in a row on. Count.
    pub after: u32,
    /// At least so long.
    pub at_least: Duration,
}

/// The longest wait that we impose on ourselves.
const LONGEST: Duration = Duration::from_hours(1);

/// The shortest wait, whatever the host says; doubled for each one in a row.
const SHORTEST: Duration = Duration::from_secs(1);

/// The most by which chance lengthens a wait of our own, as a part of it, so that machines which were turned away
/// together do not come back together.
const SPREAD: f64 = 0.25;

impl Silence {
    /// How long nothing is sent after the `streak`th limit in a row (counted from 1), for which the host `told` a
    /// time. `jitter`, from 0 to 1, lengthens a wait of our own and never shortens any.
    pub(super) fn wait(&self, streak: u32, told: Option<Duration>, jitter: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(streak.saturating_sub(1));
        let ours = self.first.saturating_mul(doubled);
        let wait = match self.told {
            Told::Trusted => {
                let shortest = SHORTEST.saturating_mul(doubled);
                let wait = told.map_or(ours, |told| told.max(shortest));
                wait.min(told.unwrap_or_default().max(LONGEST))
            }
            Told::AtLeast => {
                let spread = 1.0 + SPREAD * jitter.clamp(0.0, 1.0);
                let ours = ours.min(LONGEST).mul_f64(spread);
                ours.max(told.unwrap_or_default())
            }
        };
        match self.rest {
            Some(rest) if streak >= rest.after => wait.max(rest.at_least),
            _ => wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn github_is_believed_and_else_the_wait_doubles_up_to_an_hour() {
        let github = Silence {
            first: seconds(60),
            told: Told::Trusted,
            rest: None,
        };
        for (streak, told, expected) in [
            (1, None, 60),
            (2, None, 120),
            (6, None, 1_920),
            (7, None, 3_600),
            (99, None, 3_600),
            (1, Some(7), 7),
            (5, Some(7), 16),
            (1, Some(0), 1),
            (4, Some(0), 8),
            (1, Some(7_200), 7_200),
            (99, Some(7_200), 7_200),
            (99, Some(u64::MAX), u64::MAX),
            (99, Some(0), 3_600),
        ] {
            for jitter in [0.0, 1.0] {
                let wait = github.wait(streak, told.map(seconds), jitter);
                assert_eq!(wait, seconds(expected), "{streak} {told:?} {jitter}");
            }
        }
    }

    #[test]
    fn at_kaggle_the_longer_wait_holds_and_the_third_in_a_row_is_a_rest() {
        let kaggle = Silence {
            first: seconds(40),
            told: Told::AtLeast,
            rest: Some(Rest {
                after: 3,
                at_least: seconds(1_200),
            }),
        };
        for (streak, told, jitter, expected) in [
            (1, None, 0.0, 40),
            (1, None, 1.0, 50),
            (1, None, -3.0, 40),
            (1, None, 9.0, 50),
            (1, Some(0), 0.0, 40),
            (1, Some(39), 0.0, 40),
            (1, Some(41), 0.0, 41),
            (1, Some(49), 1.0, 50),
            (1, Some(7_200), 1.0, 7_200),
            (1, Some(u64::MAX), 1.0, u64::MAX),
            (2, None, 0.0, 80),
            (2, Some(1), 1.0, 100),
            (3, None, 0.0, 1_200),
            (3, None, 1.0, 1_200),
            (3, Some(1_201), 0.0, 1_201),
            (6, None, 0.0, 1_280),
            (6, None, 1.0, 1_600),
            (99, None, 0.0, 3_600),
            (99, None, 1.0, 4_500),
        ] {
            let wait = kaggle.wait(streak, told.map(seconds), jitter);
            assert_eq!(wait, seconds(expected), "{streak} {told:?} {jitter}");
        }
    }

    #[test]
    fn no_wait_is_ever_shorter_than_what_the_host_told() {
        for rule in [Told::Trusted, Told::AtLeast] {
            let silence = Silence {
                first: seconds(30),
                told: rule,
                rest: None,
            };
            for streak in [1, 2, 50, u32::MAX] {
                for told in [0, 1, 59, 3_601, 1_000_000, u64::MAX] {
                    for jitter in [0.0, 0.5, 1.0] {
                        let wait = silence.wait(streak, Some(seconds(told)), jitter);
                        assert!(wait >= seconds(told), "{rule:?} {streak} {told} {jitter}");
                    }
                }
            }
        }
    }
}
