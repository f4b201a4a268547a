//! From where on a flag is raised, and how often that happens to honest people, in words.

use super::{FlagKind, commits, percent, pull_requests, repositories};

/// Honest applicants over whom the flags' rates were counted: the generated world's. Count.
pub const HONEST: u32 = 5_000;

/// Those of them whose account is found and is a person's. Count.
pub const FOUND: u32 = 4_843;

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

    /// For how many of [`FOUND`] honest applicants it is raised. Count; `tests/integrity.rs` counts it anew.
    #[must_use]
    pub const fn raised_for_honest(self) -> u32 {
        match self {
            Self::CopiedRepositories => 6,
            Self::BackdatedCommits => 12,
            Self::TrivialSeries => 34,
            Self::FriendlyMergers => 18,
            Self::BorrowedCommits => 4,
            Self::StarBurst | Self::CoAuthorPadding => 0,
        }
    }

    /// How many of [`FOUND`] honest applicants have what it looks at, where that is not looked up for all. Count;
    /// `tests/integrity.rs` counts it anew.
    #[must_use]
    pub const fn looked_at_for_honest(self) -> Option<u32> {
        match self {
            Self::StarBurst => Some(1_539),
            Self::CoAuthorPadding => Some(40),
            _ => None,
        }
    }

    /// How often it is raised over honest people, in words.
    #[must_use]
    pub fn base_rate(self) -> String {
        let raised = self.raised_for_honest();
        // Whom it cannot concern says nothing of how often it is wrong.
        let counted = match self.looked_at_for_honest() {
            Some(looked_at) => format!(
                "raised for {raised} of the {looked_at} made-up honest accounts that it can concern, among {FOUND}"
            ),
            None => format!(
                "raised for {raised} of {FOUND} made-up honest accounts ({})",
                percent(raised, FOUND)
            ),
        };
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
