//! What the made-up worlds have in common: the ten watched projects under their real names, and how work
//! lands in them.
//!
//! The projects' names and ways are real; everyone who contributes to them here is made up.

use std::borrow::Cow;

use jiff::{
    Timestamp,
    civil::{Date, date},
};

use super::world::{
    Account, AccountId, AccountKind, Authored, Closing, Commit, Oid, PullRequest, PullRequestId,
    Reference, Repository, RepositoryId, State, Text, World,
};

/// The day on which the made-up worlds stand still.
pub(super) const TODAY: Date = date(2026, 11, 1);

/// A watched project: `owner/name`, stars, forks, language, commits, the year it began, and the number
/// behind which its pull requests go on.
type Project = (&'static str, u32, u32, &'static str, u32, i16, u32);

/// The ten watched projects, of about their real size.
const PROJECTS: [Project; 10] = [
    (
        "scikit-learn/scikit-learn",
        65_000,
        26_600,
        "Python",
        33_500,
        2010,
        32_000,
    ),
    (
        "pytorch/pytorch",
        97_000,
        26_500,
        "Python",
        98_000,
        2016,
        160_000,
    ),
    (
        "tensorflow/tensorflow",
        193_000,
        75_000,
        "C++",
        187_000,
        2015,
        95_000,
    ),
    (
        "keras-team/keras",
        63_900,
        19_700,
        "Python",
        12_600,
        2015,
        21_000,
    ),
    ("jax-ml/jax", 34_600, 3_300, "Python", 28_000, 2018, 31_000),
    (
        "huggingface/transformers",
        155_000,
        31_600,
        "Python",
        22_000,
        2018,
        41_000,
    ),
    (
        "numpy/numpy",
        31_300,
        11_900,
        "Python",
        40_000,
        2010,
        30_000,
    ),
    ("scipy/scipy", 14_300, 5_600, "Python", 37_000, 2011, 24_000),
    (
        "pandas-dev/pandas",
        47_500,
        19_400,
        "Python",
        37_700,
        2010,
        62_000,
    ),
    (
        "Project-MONAI/MONAI",
        7_600,
        1_400,
        "Python",
        3_300,
        2019,
        8_500,
    ),
];

/// A world with the watched projects, and a way to let work land in it.
pub(super) struct Scene {
    pub(super) world: World,
    /// The watched projects, in the order of [`PROJECTS`].
    pub(super) projects: Vec<RepositoryId>,
    /// Who presses the merge button in those.
    pub(super) maintainer: AccountId,
    /// The bot that merges for some.
    pub(super) bot: AccountId,
}

/// Noon of a day, in UTC.
pub(super) fn noon(day: Date) -> Timestamp {
    day.at(12, 0, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(Timestamp::UNIX_EPOCH, |moment| moment.timestamp())
}

/// Whole days from one moment to a later one; 0 when it is not later.
pub(super) fn days_between(from: Timestamp, to: Timestamp) -> i32 {
    let days = to.duration_since(from).as_hours() / 24;
    i32::try_from(days).unwrap_or(0).max(0)
}

/// `days` after `moment`; made-up dates never leave the calendar.
pub(super) fn later(moment: Timestamp, days: i32) -> Timestamp {
    moment
        .checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24))
        .unwrap_or(moment)
}

impl Scene {
    /// The watched projects, their owners, a maintainer and a bot.
    pub(super) fn new() -> Self {
        let mut world = World::new(TODAY);
        let maintainer = world.add_account(Account::user(
            "maintainer-of-all-example",
            noon(date(2012, 2, 3)),
        ));
        let bot = world.add_account(Account::new(
            "landing-machine-example[bot]",
            AccountKind::Bot,
            noon(date(2018, 5, 6)),
        ));
        let mut projects = Vec::new();
        for (name, stars, forks, language, commits, year, number) in PROJECTS {
            let created = noon(date(year, 6, 1));
            let owner = name.split('/').next().unwrap_or_default();
            let owner = world.account_by_login(owner).unwrap_or_else(|| {
                world.add_account(Account::new(owner, AccountKind::Organization, created))
            });
            let id = world.add_repository(Repository {
                stars,
                forks,
                commits,
                language: Some(language),
                pushed_at: Some(noon(TODAY.yesterday().unwrap_or(TODAY))),
                ..Repository::new(owner, name, created)
            });
            world.start_numbers_behind(id, number);
            projects.push(id);
        }
        // JAX moved in 2024; the old address leads to the new one.
        if let Some(jax) = world.repository_by_name("jax-ml/jax") {
            world.add_former_name("google/jax", jax);
        }
        Self {
            world,
            projects,
            maintainer,
            bot,
        }
    }

    /// A draft that `author` opened in `repository` two days before `decided`.
    pub(super) fn draft(
        author: AccountId,
        repository: RepositoryId,
        title: impl Into<Text>,
        decided: Timestamp,
    ) -> PullRequest {
        PullRequest::open(author, repository, title.into(), later(decided, -2))
    }

    /// Merged by `merger` with GitHub's button.
    pub(super) fn merged(
        &mut self,
        draft: PullRequest,
        merger: Option<AccountId>,
        at: Timestamp,
    ) -> PullRequestId {
        self.world.add_pull_request(PullRequest {
            state: State::Merged,
            merged_at: Some(at),
            closed_at: Some(at),
            merged_by: merger,
            ..draft
        })
    }

    /// Closed by hand, without landing.
    pub(super) fn closed(&mut self, draft: PullRequest, at: Timestamp) -> PullRequestId {
        self.world.add_pull_request(PullRequest {
            state: State::Closed,
            closed_at: Some(at),
            ..draft
        })
    }

    /// Closed by a commit that was pushed to the default branch and names the pull request; GitHub links
    /// that commit to `author`, or to nobody.
    pub(super) fn closed_by_commit(
        &mut self,
        draft: PullRequest,
        author: Option<AccountId>,
        at: Timestamp,
    ) -> PullRequestId {
        let number = self.number_of(&draft);
        let commit = self.commit(&draft, number, "landed", author, at);
        self.world.add_pull_request(PullRequest {
            number,
            state: State::Closed,
            closed_at: Some(at),
            closings: Box::from([Closing {
                at,
                commit: Some(commit),
            }]),
            ..draft
        })
    }

    /// The number that the draft has or will have.
    pub(super) fn number_of(&self, draft: &PullRequest) -> u32 {
        match draft.number {
            0 => self.world.next_number(draft.repository),
            number => number,
        }
    }

    /// A commit that names the pull request `number`; `what` sets it apart from its others.
    pub(super) fn commit(
        &self,
        draft: &PullRequest,
        number: u32,
        what: &str,
        author: Option<AccountId>,
        at: Timestamp,
    ) -> Commit {
        let name = &self.world.repository(draft.repository).name_with_owner;
        Commit {
            oid: Oid::of(&format!("{name}#{number} {what}")),
            committed_at: at,
            author,
            message: Cow::Owned(format!(
                "{}\n\nPull Request resolved: https://github.com/{name}/pull/{number}",
                short(&draft.title)
            )),
        }
    }

    /// A commit that takes the pull request `number` back, as `git revert` and the merge bots word it.
    pub(super) fn revert(
        &self,
        draft: &PullRequest,
        number: u32,
        reverted: Oid,
        at: Timestamp,
    ) -> Reference {
        let mut commit = self.commit(draft, number, "reverted", Some(self.maintainer), at);
        commit.message = Cow::Owned(format!(
            "Revert \"{} (#{number})\"\n\nThis reverts commit {reverted}.\n\nReverted #{number} because it broke the nightly build.",
            short(&draft.title)
        ));
        Reference {
            at,
            cross_repository: false,
            commit,
        }
    }

    /// Notes commits on a default branch whose dates are in order.
    pub(super) fn authored(
        &mut self,
        repository: RepositoryId,
        author: AccountId,
        count: u32,
        newest: Timestamp,
    ) {
        self.world
            .set_authored(repository, author, Authored::alone(count, newest));
    }
}

/// A title as it fits into a commit's first line.
fn short(title: &str) -> String {
    title.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_made_without_the_clock() {
        assert_eq!(noon(date(2026, 11, 1)).to_string(), "2026-11-01T12:00:00Z");
        assert_eq!(
            later(noon(date(2026, 11, 1)), -1).to_string(),
            "2026-10-31T12:00:00Z"
        );
    }

    #[test]
    fn the_ten_projects_are_there_and_jax_also_under_its_old_name() {
        let scene = Scene::new();
        assert_eq!(scene.projects.len(), 10);
        assert_eq!(
            scene.world.repository_by_name("google/JAX"),
            scene.world.repository_by_name("jax-ml/jax")
        );
    }
}
