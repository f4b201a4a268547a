//! What a generated world is drawn from.

/// A table of quantiles: (share of people in 10,000, amount that so many do not exceed).
pub(super) type Quantiles = [(u32, u32)];

/// Merged pull requests outside the watched projects.
pub(super) const ELSEWHERE: &Quantiles = &[
    (0, 0),
    (1_200, 0),
    (5_000, 4),
    (7_500, 14),
    (9_000, 45),
    (9_900, 280),
    (9_900, 1_000),
    (10_000, 2_400),
];
/// Landed pull requests in watched projects, of those who have any.
pub(super) const WATCHED: &Quantiles = &[
    (0, 1),
    (3_500, 1),
    (6_000, 4),
    (8_500, 12),
    (9_500, 35),
    (10_000, 100),
];
/// Pull requests that were closed and did not land.
pub(super) const CLOSED: &Quantiles = &[
    (0, 0),
    (3_500, 0),
    (7_000, 3),
    (9_000, 12),
    (9_900, 60),
    (10_000, 160),
];
/// Own repositories that are no forks.
pub(super) const OWN: &Quantiles = &[
    (0, 0),
    (400, 0),
    (5_000, 12),
    (7_500, 22),
    (9_000, 38),
    (9_900, 95),
    (10_000, 240),
];
/// Forks.
pub(super) const FORKS: &Quantiles = &[(0, 0), (3_000, 0), (7_000, 5), (9_500, 25), (10_000, 120)];
/// Stars of an own repository.
pub(super) const OWN_STARS: &Quantiles = &[
    (0, 0),
    (6_000, 0),
    (8_500, 3),
    (9_700, 40),
    (9_990, 900),
    (10_000, 9_000),
];
/// Stars of a repository elsewhere.
pub(super) const STARS: &Quantiles = &[
    (0, 0),
    (2_000, 3),
    (5_000, 90),
    (8_000, 1_500),
    (9_500, 12_000),
    (10_000, 90_000),
];
/// Lines that a pull request adds.
pub(super) const LINES: &Quantiles = &[
    (0, 1),
    (1_800, 4),
    (5_000, 28),
    (8_000, 120),
    (9_700, 700),
    (10_000, 6_000),
];
/// Commits of a repository.
pub(super) const COMMITS: &Quantiles = &[
    (0, 1),
    (2_000, 3),
    (5_000, 18),
    (8_000, 90),
    (9_800, 500),
    (10_000, 3_000),
];

/// Days from the date that an author writes into a commit to the one of the commit itself.
pub(super) const LAG: &Quantiles = &[
    (0, 0),
    (6_000, 0),
    (9_000, 3),
    (9_900, 40),
    (9_998, 300),
    (9_998, 370),
    (10_000, 900),
];

/// Share of people who contribute to one friend's small project. In 10,000.
pub(super) const HAS_FRIEND: u32 = 300;
/// Share of people who mend documentation in many places, and of those who do it in a rush. In 10,000.
pub(super) const MENDS_DOCUMENTATION: (u32, u32) = (100, 2_000);
/// Share of people whose commits in a watched project are older than their account. In 10,000.
pub(super) const WAS_THERE_BEFORE: u32 = 5;
/// Share of own repositories that were made elsewhere and brought to GitHub later. In 10,000.
pub(super) const IMPORTED: u32 = 300;
/// Share of own repositories with fifty stars that were once shown to many, and so won many stars at once. In 10,000.
pub(super) const LAUNCHED: u32 = 1_500;

/// Share of people with work in a watched project. In 10,000.
pub(super) const HAS_WATCHED: u32 = 4_000;
/// Share of pull requests in a project that lands by bot, and by Copybara, by the project's place. In 10,000.
pub(super) const BY_COMMIT: [(u32, u32); 10] = [
    (0, 0),
    (8_500, 0),
    (0, 2_500),
    (0, 1_500),
    (0, 2_000),
    (0, 0),
    (0, 0),
    (0, 0),
    (0, 0),
    (0, 0),
];

pub(super) const TITLES: [&str; 16] = [
    "Fix off-by-one in the sampler",
    "Add a regression test",
    "Speed up the data loader",
    "Document the new argument",
    "Remove a deprecated path",
    "Handle empty input",
    "Fix dtype promotion",
    "Support Python 3.14",
    "Refactor the scheduler",
    "Cache the compiled kernel",
    "Fix a race in shutdown",
    "Validate shapes early",
    "Add type hints",
    "Make the build reproducible",
    "Reduce memory of the backward pass",
    "Update the user guide",
];
pub(super) const LANGUAGES: [&str; 6] = [
    "Python",
    "C++",
    "Jupyter Notebook",
    "Rust",
    "R",
    "JavaScript",
];
pub(super) const CODE: [&str; 5] = [
    "src/core.py",
    "src/loader.py",
    "tests/test_core.py",
    "kernels/conv.cu",
    "pyproject.toml",
];
pub(super) const DOCUMENTATION: [&str; 3] = ["doc/guide.rst", "README.md", "docs/install.md"];
