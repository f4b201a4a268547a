//! Kaggle: an applicant's medals, tiers, ranks and competitions, from the official sources first.
//!
//! Three tellers: the data set Meta Kaggle, which `plaudit kaggle import` turns into an index on this machine
//! ([`bulk`]); the official live endpoint (`live`); and, only where the configuration allows it, the profile
//! page (`page`). Who wins stands in `merge`; what was only read about, in [`assumptions`].
//!
//! Never read: country, region, city, avatar, occupation, organisation, biography, pronouns, followers, when
//! somebody was last active.

mod ask;
pub mod assumptions;
pub mod bulk;
mod connection;
mod doctor;
mod estimate;
mod events;
pub mod import;
mod live;
mod merge;
mod page;
mod profile;

#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod stand_in_tests;

use std::collections::BTreeMap;

use crate::domain::facts::{Category, Totals};

pub use ask::{Fetched, Kaggle, Policy};
pub use connection::Connection;
pub use doctor::examine;
pub use estimate::Estimate;

/// What a live teller (endpoint or page) says about an account.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveProfile {
    /// The account's number.
    pub user_id: Option<u64>,
    /// The user name as Kaggle spells it today.
    pub user_name: String,
    /// The GitHub account that the person names on Kaggle.
    pub github: Option<String>,
    /// What is known of each category. A count that is unknown, because the person hides it or has opted out of
    /// the progression, is `None` and never 0.
    pub totals: BTreeMap<Category, Totals>,
    /// Whether the person has opted out of the progression. `None`: this teller does not say.
    pub opted_out: Option<bool>,
    /// What the person hides, in Kaggle's own words, made harmless.
    pub hidden: Vec<String>,
}
