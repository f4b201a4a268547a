//! How much is asked at once, learnt from what the host bears.

use std::time::Duration;

/// Good answers in a row before more is asked again, at first. Doubled with each halving, up to
/// [`LONGEST_CALM`], because what the host could not bear it mostly cannot bear a moment later either.
const CALM: u32 = 4;

/// See [`CALM`].
const LONGEST_CALM: u32 = 256;

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
    /// Good answers in a row that it takes now.
    calm: u32,
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
            calm: CALM,
        }
    }

    /// How much to ask at once now.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The host answered a question of this size. One that was smaller than what is asked at once says
    /// nothing of that: the halves of a heavy batch would else make up for it each time.
    pub(super) fn bore(&mut self, size: usize) {
        if size < self.size {
            return;
        }
        self.heavy = 0;
        self.good += 1;
        if self.good >= self.calm && self.size < self.most {
            self.good = 0;
            self.size += 1;
            if self.size == self.most {
                self.calm = CALM;
            }
        }
    }

    /// The host gave up within a question of this size.
    pub(super) fn gave_up(&mut self, size: usize) {
        self.good = 0;
        self.heavy += 1;
        if self.heavy >= 2 {
            self.heavy = 0;
            self.size = self.size.min((size / 2).max(1));
            self.calm = (self.calm * 2).min(LONGEST_CALM);
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
        pace.bore(4);
        pace.gave_up(8);
        assert_eq!(pace.size(), 4, "its halves make up for nothing");
        let mut pace = Pace::new(8);
        pace.gave_up(8);
        pace.bore(8);
        pace.gave_up(8);
        assert_eq!(pace.size(), 8, "not in a row");
        pace.gave_up(8);
        assert_eq!(pace.size(), 4);
        (0..2 * CALM - 1).for_each(|_| pace.bore(4));
        assert_eq!(pace.size(), 4, "not calm for long enough");
        pace.bore(4);
        assert_eq!(pace.size(), 5);
        (0..100).for_each(|_| pace.bore(8));
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
