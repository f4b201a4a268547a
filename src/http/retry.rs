//! How long to wait before a failed request is sent again.

use std::time::Duration;

/// The longest wait between two tries of one request.
const LONGEST: Duration = Duration::from_secs(10);

/// The wait before the next try, or `None` when `done` tries have reached those `allowed`.
///
/// Doubles from `first`, up to 10 s, then scaled by `jitter` (0 to 1) to between half and all of it, so that
/// requests which failed together do not come back together.
pub fn wait_before_retry(
    first: Duration,
    done: u32,
    allowed: u32,
    jitter: f64,
) -> Option<Duration> {
    if done >= allowed {
        return None;
    }
    let doubled = first.saturating_mul(2_u32.saturating_pow(done.saturating_sub(1)));
    Some(
        doubled
            .min(LONGEST)
            .mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_seconds_and_end_after_the_last_try() {
        let first = Duration::from_millis(500);
        for (tried, jitter, expected) in [
            (1, 1.0, Some(500)),
            (2, 1.0, Some(1_000)),
            (3, 1.0, Some(2_000)),
            (5, 1.0, Some(8_000)),
            (6, 1.0, Some(10_000)),
            (7, 1.0, Some(10_000)),
            (1, 0.0, Some(250)),
            (6, 0.5, Some(7_500)),
            (8, 1.0, None),
            (9, 0.0, None),
        ] {
            let wait = wait_before_retry(first, tried, 8, jitter);
            assert_eq!(
                wait,
                expected.map(Duration::from_millis),
                "try {tried}, jitter {jitter}"
            );
        }
    }

    #[test]
    fn a_hundred_tries_do_not_overflow() {
        assert_eq!(
            wait_before_retry(Duration::from_secs(1), 99, 100, 1.0),
            Some(LONGEST)
        );
    }
}
