//! Telling other programs: signing, delivering, trying again, giving up.
//!
//! What is to be told is kept in the store, in the change that makes it true, and taken away when its receiver has
//! answered with success. So nothing is lost in a crash, and a message may come twice; both times it has the same
//! `webhook-id`, by which a receiver tells. The order of messages is not promised.
//!
//! Whom to call is for an administrator to say, and still it must not lead into the network that this machine is in:
//! only https to public addresses is called, by a client of its own that looks names up itself, unless the settings
//! say otherwise. Answers are looked at for their status, and no word of them is kept.

mod address;
mod announce;
mod attempt;
mod call;
mod deliver;
mod key;
pub mod registry;

pub use address::{BadAddress, check};
pub use announce::{announce, announcement, of_refresh};
pub use attempt::{Next, Outcome, after_attempt};
pub use deliver::deliver;
pub use key::{Key, KeyError};

use std::time::Duration;

use crate::config::Config;

/// How messages are delivered.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the secrets of all receivers are made from.
    pub key: Key,
    /// Longest time for one attempt.
    pub timeout: Duration,
    /// How long a message is tried again.
    pub keep_trying: Duration,
    /// Wait after the first attempt that failed; doubled with each further one.
    pub first_wait: Duration,
    /// Whether private addresses, and plain http, may be called.
    pub allow_private: bool,
}

/// Wait after the first attempt that failed.
const FIRST_WAIT: Duration = Duration::from_secs(5);

impl Settings {
    /// As the configuration says, with the key of the data folder, which is made where there is none.
    pub fn of(config: &Config) -> Result<Self, KeyError> {
        Ok(Self {
            key: Key::within(&config.data_dir)?,
            timeout: config.webhooks.timeout,
            keep_trying: config.webhooks.keep_trying,
            first_wait: FIRST_WAIT,
            allow_private: config.webhooks.allow_private,
        })
    }
}
