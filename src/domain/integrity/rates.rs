//! From where on a flag is raised, and how often that happens to honest people, in words.

use super::{FlagKind, commits, pull_requests, repositories};

/// Honest applicants over whom the flags' rates were counted: the generated world's. Count.
pub const HONEST: u32 = 5_000;

/// The seed of that world.
pub const SEED: u64 = 4;

impl FlagKind {
    /// From where on it is raised, in words made of the numbers that decide.
    #[must_use]
    pub fn threshold(self) -> String {
        match self {
            Self::CopiedRepositories => repositories::copied_threshold(),
            Self::BackdatedCommits => commits::backdated_threshold(),
            Self::TrivialSeries => pull_requests::trivial_threshold(),
            Self::FriendlyMergers => pull_requests::friendly_threshold(),
            Self::StarBurst => repositories::burst_threshold(),
            Self::BorrowedCommits => commits::borrowed_threshold(),
            Self::CoAuthorPadding => commits::padding_threshold(),
        }
    }

    /// For how many of [`HONEST`] honest applicants it is raised. Count; `tests/integrity.rs` counts it anew.
    #[must_use]
    pub const fn raised_for_honest(self) -> u32 {
        match self {
            Self::CopiedRepositories
            | Self::BackdatedCommits
            | Self::TrivialSeries
            | Self::FriendlyMergers
            | Self::StarBurst
            | Self::BorrowedCommits
            | Self::CoAuthorPadding => 0,
        }
    }

    /// How often it is raised over honest people, in words.
    #[must_use]
    pub fn base_rate(self) -> String {
        let counted = format!(
            "raised for {} of {HONEST} generated honest applicants",
            self.raised_for_honest()
        );
        match self.measured() {
            Some(measured) => format!("{counted}; {measured}"),
            None => format!("{counted}; not measured on real accounts"),
        }
    }

    /// What was measured on real git histories, where it bears on the flag.
    const fn measured(self) -> Option<&'static str> {
        match self {
            Self::BackdatedCommits => Some(
                "measured on real git histories, 1 commit in 52,962 was committed more than 365 days after its \
                 author's date",
            ),
            Self::TrivialSeries => Some(
                "measured on real git histories, 18 % of 2,385 commits to Keras change 5 lines or fewer, so that small \
                 changes alone raise nothing",
            ),
            Self::CopiedRepositories
            | Self::FriendlyMergers
            | Self::StarBurst
            | Self::BorrowedCommits
            | Self::CoAuthorPadding => None,
        }
    }
}
