//! How often somebody may ask: each token, and each address that tries to sign in.
//!
//! The address is the connection's. What a proxy writes about whom it speaks for is not believed, since anybody can write
//! it; so behind a proxy all who sign in share one count.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// After so many questions those are forgotten who may ask as if they had never asked. Count.
const TIDY_AFTER: u64 = 4_096;

/// The limits. A question is answered with the wait, if there is one.
pub(super) struct Limits {
    requests: DefaultKeyedRateLimiter<String>,
    sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    asked: AtomicU64,
    clock: DefaultClock,
}

impl Limits {
    /// Of so many a minute: requests, a tenth of them at once, and attempts to sign in, all of them at once.
    pub(super) fn new(requests: NonZeroU32, sign_ins: NonZeroU32) -> Self {
        let at_once = NonZeroU32::new(requests.get() / 10).unwrap_or(NonZeroU32::MIN);
        Self {
            requests: RateLimiter::keyed(Quota::per_minute(requests).allow_burst(at_once)),
            sign_ins: RateLimiter::keyed(Quota::per_minute(sign_ins)),
            asked: AtomicU64::new(0),
            clock: DefaultClock::default(),
        }
    }

    /// A request with this token.
    pub(super) fn request(&self, token: &str) -> Result<(), Duration> {
        self.tidy();
        let asked = self.requests.check_key(&token.to_owned());
        asked.map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// An attempt to sign in from this address.
    pub(super) fn sign_in(&self, from: IpAddr) -> Result<(), Duration> {
        self.tidy();
        let asked = self.sign_ins.check_key(&network(from));
        asked.map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Now and then forgets whoever need not be remembered.
    fn tidy(&self) {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
            self.requests.retain_recent();
            self.sign_ins.retain_recent();
            self.requests.shrink_to_fit();
            self.sign_ins.shrink_to_fit();
        }
    }
}

/// What counts as one address: with IPv6 everybody has 2⁶⁴ of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// A wait in whole seconds, never too short.
pub(super) fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(requests: u32, sign_ins: u32) -> Limits {
        let count = |count| NonZeroU32::new(count).unwrap();
        Limits::new(count(requests), count(sign_ins))
    }

    #[test]
    fn a_tenth_comes_through_at_once_and_each_token_counts_alone() {
        let limits = limits(30, 1);
        for _ in 0..3 {
            assert_eq!(limits.request("one"), Ok(()));
        }
        let wait = limits.request("one").unwrap_err();
        assert!(wait <= Duration::from_secs(2), "{wait:?}");
        assert_eq!(limits.request("other"), Ok(()));
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let limits = limits(10, 1);
        let from = |text: &str| limits.sign_in(text.parse().unwrap());
        assert_eq!(from("2001:db8::1"), Ok(()));
        assert!(from("2001:db8::2").is_err());
        assert_eq!(from("2001:db8:0:1::1"), Ok(()));
        assert_eq!(from("192.0.2.1"), Ok(()));
        assert_eq!(from("192.0.2.2"), Ok(()));
        assert!(
            from("::ffff:192.0.2.2").is_err(),
            "the same, written otherwise"
        );
    }

    #[test]
    fn whoever_need_not_be_remembered_is_forgotten() {
        // So quick that each is forgotten at once.
        let limits = limits(100_000_000, 1);
        for number in 0..TIDY_AFTER * 3 {
            assert_eq!(limits.request(&number.to_string()), Ok(()));
        }
        let remembered = limits.requests.len() as u64;
        assert!(remembered <= TIDY_AFTER, "{remembered}");
    }

    #[test]
    fn waits_are_rounded_up() {
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_secs(6)), 6);
        assert_eq!(seconds(Duration::from_millis(6_001)), 7);
    }
}
