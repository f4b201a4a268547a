//! What time it is, also in tests of whole seasons.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// A clock.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's.
    System,
    /// One that showed `began` at an instant of tokio's, and goes on with those.
    Since {
        /// What it showed.
        began: Timestamp,
        /// When.
        at: Instant,
    },
}

/// The longest sleep before the clock is looked at again: a machine that was asleep itself, or whose clock was set, is
/// late by no more.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

impl Clock {
    /// One that shows `began` now.
    #[must_use]
    pub fn showing(began: Timestamp) -> Self {
        Self::Since {
            began,
            at: Instant::now(),
        }
    }

    /// What it shows.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Since { began, at } => began.checked_add(at.elapsed()).unwrap_or(Timestamp::MAX),
        }
    }

    /// Waits until it shows `until`; for ever without.
    pub async fn wait_until(self, until: Option<Timestamp>) {
        let Some(until) = until else {
            return std::future::pending().await;
        };
        loop {
            match Duration::try_from(until.duration_since(self.now())) {
                Ok(left) if !left.is_zero() => {
                    tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
                }
                _ => return,
            }
        }
    }
}
