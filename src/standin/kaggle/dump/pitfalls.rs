//! What is odd in the data set, each at a rate that is known, so that a test can count it.

/// Every so many numbers one is odd.
#[derive(Debug, Clone, Copy)]
pub struct Every {
    /// One in so many. Count.
    pub of: u64,
    /// Which of them: the remainder of its number.
    pub at: u64,
}

impl Every {
    const fn new(of: u64, at: u64) -> Self {
        Self { of, at }
    }

    /// Whether the number is one of the odd.
    #[must_use]
    pub const fn hits(self, number: u64) -> bool {
        number % self.of == self.at
    }
}

// Of accounts, by number from 1.

/// The display name is blank.
pub const BLANK_NAME: Every = Every::new(89, 7);
/// The user name differs from that of the account before in case alone; the later account has the name.
pub const TWIN: Every = Every::new(499, 0);
/// No achievement row at all. That this is what opting out of the progression does is assumed.
pub const NO_ROWS: Every = Every::new(211, 9);
/// Three achievement rows instead of four.
pub const THREE_ROWS: Every = Every::new(97, 11);
/// The account had another name before, of which the data set knows nothing.
pub const RENAMED: Every = Every::new(307, 5);
/// One of Kaggle's own people: tier 5.
pub const STAFF: Every = Every::new(9_973, 1);

// Of achievement rows, by four times the account's number less one, and the category's place.

/// The row is in the file a second time, under another id.
pub const TWICE: Every = Every::new(1_009, 4);
/// A row with points that has no rank of today.
pub const NO_CURRENT_RANK: Every = Every::new(7, 3);
/// A row with points that has no rank at all.
pub const NO_RANK: Every = Every::new(11, 5);
/// Behind the row, by its place in the file, comes one of an account that is not in the data set.
pub const STRAY_ACHIEVEMENT: Every = Every::new(997, 17);

// Of teams, by number from 0.

/// A benchmark, which is nobody's work, though members may be written down. One in two has ranks, and one in
/// three with a medal's rank has the medal.
pub const BENCHMARK: Every = Every::new(83, 41);
/// The private rank is missing, the public one is there.
pub const NO_PRIVATE_RANK: Every = Every::new(151, 7);
/// No rank at all, where there is no medal.
pub const NEVER_SCORED: Every = Every::new(61, 17);
/// A medal without the date of its award.
pub const NO_AWARD_DATE: Every = Every::new(37, 5);
/// Nobody is on the team.
pub const NO_MEMBERS: Every = Every::new(401, 3);
/// The leader is an account that is not in the data set.
pub const STRAY_LEADER: Every = Every::new(409, 11);
/// There is no leader.
pub const NO_LEADER: Every = Every::new(113, 13);

// Of memberships.

/// By eight times the team's number, and the member's place: the account is not in the data set.
pub const STRAY_MEMBER: Every = Every::new(397, 5);
/// By its place in the file: behind it comes one of a team that is not in the data set.
pub const STRAY_MEMBERSHIP: Every = Every::new(499, 23);

// Of competitions that qualify for tiers, by their number among themselves.

/// It has no deadline.
pub const NO_DEADLINE: Every = Every::new(40, 0);
/// It is not in the data set, its teams are.
pub const MISSING_COMPETITION: Every = Every::new(40, 5);

// Of all competitions, by number from 0.

/// The number of teams is not told.
pub const NO_TOTAL: Every = Every::new(29, 14);
/// The slug has capital letters.
pub const MIXED_CASE_SLUG: Every = Every::new(9, 4);
/// The title means harm.
pub const HOSTILE_TITLE: Every = Every::new(15, 4);
