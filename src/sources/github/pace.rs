//! How much is asked at once, learnt from what the host bears.

use std::time::Duration;

/// Good answers in a row before more is asked again.
const CALM: u32 = 4;

/// How often the smallest possible question is asked when the host gives up within it.
const TRIES_ALONE: u32 = 8;

/// The wait before such a question is asked again; doubled each time, up to [`LONGEST_WAIT`]. GitHub charges
/// for its time-outs, so never at once.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// See [`FIRST_WAIT`].
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// A size between 1 and the most: halved when the host gives up twice in a row, growing when it does not.
///
/// Once alone may be the host's bad moment and not the question's size.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    size: usize,
    good: u32,
    heavy: u32,
}

impl Pace {
    /// Begins with the most.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self {
            most,
            size: most,
            good: 0,
            heavy: 0,
        }
    }

    /// How much to ask at once now.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The host answered.
    pub(super) fn bore(&mut self) {
        self.heavy = 0;
        self.good += 1;
        if self.good >= CALM {
            self.good = 0;
            self.size = (self.size + 1).min(self.most);
        }
    }

    /// The host gave up within a question of this size.
    pub(super) fn gave_up(&mut self, size: usize) {
        self.good = 0;
        self.heavy += 1;
        if self.heavy >= 2 {
            self.heavy = 0;
            self.size = self.size.min((size / 2).max(1));
            tracing::debug!(
                size = self.size,
                "questions are too heavy for the host; halved"
            );
        }
    }
}

/// The wait before the smallest possible question is asked again after `tried` tries; `None`: give it up.
pub(super) fn wait_alone(tried: u32) -> Option<Duration> {
    let doubled = || FIRST_WAIT.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)));
    (tried < TRIES_ALONE).then(|| doubled().min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_moment_changes_nothing_and_two_in_a_row_halve() {
        let mut pace = Pace::new(8);
        pace.gave_up(8);
        assert_eq!(pace.size(), 8);
        pace.bore();
        pace.gave_up(8);
        assert_eq!(pace.size(), 8, "not in a row");
        pace.gave_up(8);
        assert_eq!(pace.size(), 4);
        (0..CALM).for_each(|_| pace.bore());
        assert_eq!(pace.size(), 5);
        (0..100).for_each(|_| pace.bore());
        assert_eq!(pace.size(), 8, "never above the most");
        (0..100).for_each(|_| pace.gave_up(1));
        assert_eq!(pace.size(), 1, "never below one");
    }

    #[test]
    fn the_smallest_question_is_asked_eight_times() {
        let waits: Vec<_> = (1..=TRIES_ALONE).map(wait_alone).collect();
        let expected = [250, 500, 1_000, 2_000, 2_000, 2_000, 2_000];
        assert_eq!(
            waits[..7],
            expected.map(|ms| Some(Duration::from_millis(ms)))
        );
        assert_eq!(waits[7], None);
    }
}
