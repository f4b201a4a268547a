//! Worlds of any size from a seed: the same seed gives the same world on every machine.
//!
//! Amounts are drawn from tables of quantiles with integers alone, because the last bits of logarithms
//! differ between machines. The tables are guesses at a field of applicants, heavy-tailed on purpose: most
//! people have a handful of pull requests, one in a hundred has more than a thousand.

use std::{borrow::Cow, fmt::Write};

use fastrand::Rng;
use jiff::{Timestamp, civil::date};

use super::{
    scene::{Scene, TODAY, days_between, later, noon},
    stars::Starred,
    world::{
        Account, AccountId, AccountKind, Authored, Closing, PullRequest, Repository, RepositoryId,
        State, Text, World,
    },
};
use crate::domain::facts::YearTotals;

/// A table of quantiles: (share of people in 10,000, amount that so many do not exceed).
type Quantiles = [(u32, u32)];

/// Merged pull requests outside the watched projects.
const ELSEWHERE: &Quantiles = &[
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
const WATCHED: &Quantiles = &[
    (0, 1),
    (3_500, 1),
    (6_000, 4),
    (8_500, 12),
    (9_500, 35),
    (10_000, 100),
];
/// Pull requests that were closed and did not land.
const CLOSED: &Quantiles = &[
    (0, 0),
    (3_500, 0),
    (7_000, 3),
    (9_000, 12),
    (9_900, 60),
    (10_000, 160),
];
/// Own repositories that are no forks.
const OWN: &Quantiles = &[
    (0, 0),
    (400, 0),
    (5_000, 12),
    (7_500, 22),
    (9_000, 38),
    (9_900, 95),
    (10_000, 240),
];
/// Forks.
const FORKS: &Quantiles = &[(0, 0), (3_000, 0), (7_000, 5), (9_500, 25), (10_000, 120)];
/// Stars of an own repository.
const OWN_STARS: &Quantiles = &[
    (0, 0),
    (6_000, 0),
    (8_500, 3),
    (9_700, 40),
    (9_990, 900),
    (10_000, 9_000),
];
/// Stars of a repository elsewhere.
const STARS: &Quantiles = &[
    (0, 0),
    (2_000, 3),
    (5_000, 90),
    (8_000, 1_500),
    (9_500, 12_000),
    (10_000, 90_000),
];
/// Lines that a pull request adds.
const LINES: &Quantiles = &[
    (0, 1),
    (1_800, 4),
    (5_000, 28),
    (8_000, 120),
    (9_700, 700),
    (10_000, 6_000),
];
/// Commits of a repository.
const COMMITS: &Quantiles = &[
    (0, 1),
    (2_000, 3),
    (5_000, 18),
    (8_000, 90),
    (9_800, 500),
    (10_000, 3_000),
];

/// Days from the date that an author writes into a commit to the one of the commit itself.
const LAG: &Quantiles = &[
    (0, 0),
    (6_000, 0),
    (9_000, 3),
    (9_900, 40),
    (9_998, 300),
    (9_998, 370),
    (10_000, 900),
];

/// Share of people who contribute to one friend's small project. In 10,000.
const HAS_FRIEND: u32 = 300;
/// Share of people who mend documentation in many places, and of those who do it in a rush. In 10,000.
const MENDS_DOCUMENTATION: (u32, u32) = (100, 2_000);
/// Share of people whose commits in a watched project are older than their account. In 10,000.
const WAS_THERE_BEFORE: u32 = 5;
/// Share of own repositories that were made elsewhere and brought to GitHub later. In 10,000.
const IMPORTED: u32 = 300;
/// Share of own repositories with fifty stars that were once shown to many, and so won many stars at once. In 10,000.
const LAUNCHED: u32 = 1_500;

/// Share of people with work in a watched project. In 10,000.
const HAS_WATCHED: u32 = 4_000;
/// Share of pull requests in a project that lands by bot, and by Copybara, by the project's place. In 10,000.
const BY_COMMIT: [(u32, u32); 10] = [
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

const TITLES: [&str; 16] = [
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
const LANGUAGES: [&str; 6] = [
    "Python",
    "C++",
    "Jupyter Notebook",
    "Rust",
    "R",
    "JavaScript",
];
const CODE: [&str; 5] = [
    "src/core.py",
    "src/loader.py",
    "tests/test_core.py",
    "kernels/conv.cu",
    "pyproject.toml",
];
const DOCUMENTATION: [&str; 3] = ["doc/guide.rst", "README.md", "docs/install.md"];

impl World {
    /// A world with `applicants` people `gen-000000`, `gen-000001`, … on 2026-11-01.
    ///
    /// Of those 2 % are missing, 1 % organisations, 1 % renamed, 3 % hidden; the rest as the tables have it.
    #[must_use]
    pub fn generated(applicants: usize, seed: u64) -> Self {
        let mut stage = Stage::new(applicants, seed);
        for applicant in 0..applicants {
            // Everyone has a draw of their own, so that nobody depends on how many there are.
            let own = u64::try_from(applicant).unwrap_or_default() + 1;
            let random = Rng::with_seed(seed ^ own.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            stage.applicant(&login(applicant), random);
        }
        stage.scene.world.settled()
    }
}

fn login(applicant: usize) -> String {
    format!("gen-{applicant:06}")
}

/// The list of a generated world's `applicants` as CSV.
#[must_use]
pub fn generated_list(applicants: usize) -> String {
    let mut list = String::from("id,name,github\n");
    for applicant in 0..applicants {
        let login = login(applicant);
        // Writing to memory does not fail.
        let _ = writeln!(
            list,
            "{login},Applicant {applicant},https://github.com/{login}"
        );
    }
    list
}

/// The amount at a random place of the table.
fn draw(random: &mut Rng, table: &Quantiles) -> u32 {
    let place = random.u32(..10_000);
    let above = table.partition_point(|(share, _)| *share <= place);
    match (
        above.checked_sub(1).and_then(|below| table.get(below)),
        table.get(above),
    ) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * (place - from) / (to - from),
        (Some((_, amount)), None) | (None, Some((_, amount))) => *amount,
        (None, None) => 0,
    }
}

fn chance(random: &mut Rng, in_ten_thousand: u32) -> bool {
    random.u32(..10_000) < in_ten_thousand
}

/// The world in the making.
struct Stage {
    scene: Scene,
    elsewhere: Vec<RepositoryId>,
    mergers: Vec<AccountId>,
}

impl Stage {
    fn new(applicants: usize, seed: u64) -> Self {
        let mut scene = Scene::new();
        let mut random = Rng::with_seed(seed);
        let since = noon(date(2014, 9, 1));
        let long_ago = noon(date(2012, 1, 1));
        let count = 60 + applicants / 4;
        let mergers = (0..count)
            .map(|number| {
                let login = format!("gen-merger-{number:05}-example");
                scene.world.add_account(Account::user(&login, since))
            })
            .collect();
        let elsewhere = (0..count * 2)
            .map(|number| {
                let owner = format!("gen-house-{number:05}-example");
                let owner =
                    scene
                        .world
                        .add_account(Account::new(&owner, AccountKind::Organization, since));
                let name = format!("gen-house-{number:05}-example/tool");
                let stars = draw(&mut random, STARS);
                let created = later(long_ago, random.i32(..3_000));
                scene.world.add_repository(Repository {
                    stars,
                    forks: stars / 7,
                    commits: draw(&mut random, COMMITS) * 4,
                    language: random.choice(LANGUAGES),
                    ..Repository::new(owner, &name, created)
                })
            })
            .collect();
        Self {
            scene,
            elsewhere,
            mergers,
        }
    }

    fn applicant(&mut self, link: &str, mut random: Rng) {
        let kind = random.u32(..10_000);
        let created = later(noon(date(2010, 1, 1)), random.i32(..5_400));
        match kind {
            0..200 => return,
            200..300 => {
                self.scene.world.add_account(Account::new(
                    link,
                    AccountKind::Organization,
                    created,
                ));
                return;
            }
            _ => {}
        }
        let renamed = kind < 400;
        let login = if renamed {
            Cow::Owned(format!("{link}-now"))
        } else {
            Cow::Borrowed(link)
        };
        let person = self.scene.world.add_account(Account {
            name: Some(Cow::Owned(format!("Applicant {link}"))),
            private: (400..700).contains(&kind),
            years: years(&mut random),
            website: chance(&mut random, 3_000)
                .then(|| Cow::Owned(format!("https://{link}.example/"))),
            social: social(link, &mut random),
            ..Account::user(&login, created)
        });
        if renamed {
            self.scene.world.add_former_login(link, person);
        }
        self.own(person, &login, created, &mut random);
        if chance(&mut random, HAS_WATCHED) {
            self.watched(person, created, &mut random);
        }
        if chance(&mut random, WAS_THERE_BEFORE) {
            let project = self.scene.projects[random.usize(..self.scene.projects.len())];
            let before = later(created, -random.i32(60..900));
            let old = Authored::alone(random.u32(5..40), before);
            // What landed later is told above.
            if self.scene.world.authored(project, person).is_none() {
                self.scene.world.set_authored(project, person, old);
            }
        }
        if chance(&mut random, HAS_FRIEND) {
            self.friend(person, link, created, &mut random);
        }
        if chance(&mut random, MENDS_DOCUMENTATION.0) {
            self.documentation(person, created, &mut random);
        }
        for _ in 0..draw(&mut random, ELSEWHERE) {
            let at = some_day(created, &mut random);
            let (repository, merger) = self.somewhere(&mut random);
            let draft = draft(person, repository, at, &mut random);
            self.scene.merged(draft, Some(merger), at);
        }
        for _ in 0..draw(&mut random, CLOSED) {
            let at = some_day(created, &mut random);
            let repository = if chance(&mut random, 1_500) {
                self.scene.projects[random.usize(..self.scene.projects.len())]
            } else {
                self.elsewhere[random.usize(..self.elsewhere.len())]
            };
            let draft = draft(person, repository, at, &mut random);
            self.scene.closed(draft, at);
        }
    }

    /// A repository elsewhere, and one of its one to four maintainers.
    fn somewhere(&self, random: &mut Rng) -> (RepositoryId, AccountId) {
        let place = random.usize(..self.elsewhere.len());
        let maintainer = place * 7 + random.usize(..=place % 4);
        (
            self.elsewhere[place],
            self.mergers[maintainer % self.mergers.len()],
        )
    }

    /// A few pull requests in the small project of a friend, who merges them.
    fn friend(&mut self, person: AccountId, link: &str, since: Timestamp, random: &mut Rng) {
        let login = format!("friend-of-{link}-example");
        let friend = self.scene.world.add_account(Account::user(&login, since));
        let stars = random.u32(..12);
        let project = self.scene.world.add_repository(Repository {
            stars,
            commits: draw(random, COMMITS),
            ..Repository::new(friend, &format!("{login}/side-project"), since)
        });
        for _ in 0..random.u32(1..=12) {
            let at = some_day(since, random);
            let draft = draft(person, project, at, random);
            self.scene.merged(draft, Some(friend), at);
        }
    }

    /// Small mends of documentation in many places, over the years or, by a few, most of them in a month.
    fn documentation(&mut self, person: AccountId, since: Timestamp, random: &mut Rng) {
        let rush = chance(random, MENDS_DOCUMENTATION.1).then(|| some_day(since, random));
        for _ in 0..random.u32(20..=60) {
            let at = match rush {
                Some(start) if chance(random, 6_000) => {
                    later(start, random.i32(..30)).min(later(noon(TODAY), -2))
                }
                _ => some_day(since, random),
            };
            let (repository, merger) = self.somewhere(random);
            let draft = PullRequest {
                additions: random.u32(1..=3),
                deletions: random.u32(..=2),
                changed_files: 1,
                files: Box::from([Cow::Borrowed(DOCUMENTATION[random.usize(..3)])]),
                ..Scene::draft(person, repository, "Fix a typo", at)
            };
            self.scene.merged(draft, Some(merger), at);
        }
    }

    fn own(&mut self, person: AccountId, login: &str, created: Timestamp, random: &mut Rng) {
        let own = draw(random, OWN);
        let forks = draw(random, FORKS);
        for number in 0..own + forks {
            let commits = draw(random, COMMITS);
            let stars = draw(random, OWN_STARS);
            let pushed = some_day(created, random);
            let fork = number >= own;
            let begun = later(created, random.i32(..=days_between(created, pushed)));
            let starred = if stars >= 50 && chance(random, LAUNCHED) {
                Starred::Launch {
                    at: later(begun, random.i32(..days_between(begun, noon(TODAY)).max(1))),
                    count: stars * random.u32(20..70) / 100,
                }
            } else {
                Starred::Trickle
            };
            let id = self.scene.world.add_repository(Repository {
                stars,
                starred,
                forks: stars / 8,
                commits,
                language: random.choice(LANGUAGES),
                pushed_at: Some(pushed),
                fork,
                private: chance(random, 200),
                archived: chance(random, 400),
                empty: chance(random, 300),
                mirror: chance(random, 50),
                template: chance(random, 200),
                ..Repository::new(person, &format!("{login}/repository-{number}"), begun)
            });
            // A fork's commits are others'; some repositories are clones of others' work, too.
            let share = match (fork, chance(random, 500)) {
                (true, _) => 0,
                (false, true) => random.u32(..10),
                (false, false) => random.u32(70..=100),
            };
            let count = commits * share / 100;
            if count > 0 {
                let authored = if chance(random, IMPORTED) {
                    Authored::alone(count, later(begun, -random.i32(1..1_500)))
                } else {
                    late(count, pushed, random)
                };
                self.scene.world.set_authored(id, person, authored);
            }
        }
    }

    /// Work in one to three watched projects.
    fn watched(&mut self, person: AccountId, since: Timestamp, random: &mut Rng) {
        let projects: Vec<usize> = (0..random.usize(1..=3))
            .map(|_| random.usize(..self.scene.projects.len()))
            .collect();
        let mut landed = [(0_u32, Timestamp::UNIX_EPOCH); BY_COMMIT.len()];
        for _ in 0..draw(random, WATCHED) {
            let project = projects[random.usize(..projects.len())];
            let at = some_day(since, random);
            self.land(person, project, at, random);
            landed[project].0 += 1;
            landed[project].1 = landed[project].1.max(at);
        }
        for (project, (count, newest)) in landed.into_iter().enumerate() {
            if count > 0 {
                // A pull request may land as several commits, and a commit may have several authors.
                let authored = Authored {
                    co_authored: match random.u32(..10_000) {
                        0..50 => random.u32(5..=12),
                        50..1_000 => random.u32(1..=4),
                        _ => 0,
                    },
                    ..late(count + random.u32(..=count / 3), newest, random)
                };
                let repository = self.scene.projects[project];
                self.scene.world.set_authored(repository, person, authored);
            }
        }
    }

    fn land(&mut self, person: AccountId, project: usize, at: Timestamp, random: &mut Rng) {
        let repository = self.scene.projects[project];
        let (by_bot, by_copybara) = BY_COMMIT[project];
        let way = random.u32(..10_000);
        let fate = random.u32(..10_000);
        let mut draft = draft(person, repository, at, random);
        let number = self.scene.number_of(&draft);
        let by_commit = way < by_bot + by_copybara;
        let mut labels: Vec<Text> = Vec::new();
        if way < by_bot {
            labels.push(Cow::Borrowed("Merged"));
        }
        match fate {
            0..150 => labels.push(Cow::Borrowed("Reverted")),
            150..300 => {
                let oid = self.scene.commit(&draft, number, "landed", None, at).oid;
                draft.references =
                    Box::from([self.scene.revert(&draft, number, oid, later(at, 2))]);
            }
            300..400 if by_commit => return self.land_again(draft, labels, at),
            400..500 if way < by_bot => {
                draft.labels = labels.into();
                self.scene.closed(draft, at);
                return;
            }
            500..600 if by_commit => {
                // Somebody else's commit closed it.
                let maintainer = self.scene.maintainer;
                self.scene.closed_by_commit(draft, Some(maintainer), at);
                return;
            }
            _ => {}
        }
        draft.labels = labels.into();
        if by_commit {
            // Of what a bot lands, some commits bear an address without an account.
            let author = (way >= by_bot || fate < 9_500).then_some(person);
            self.scene.closed_by_commit(draft, author, at);
        } else {
            let merger = self.scene.maintainer;
            self.scene.merged(draft, Some(merger), at);
        }
    }

    /// Landed, reverted a day later, and landed again by another commit.
    fn land_again(&mut self, mut draft: PullRequest, mut labels: Vec<Text>, at: Timestamp) {
        let number = self.scene.number_of(&draft);
        let person = Some(draft.author);
        let first = self
            .scene
            .commit(&draft, number, "landed", person, later(at, -2));
        let again = self
            .scene
            .commit(&draft, number, "landed again", person, at);
        draft.references = Box::from([self.scene.revert(&draft, number, first.oid, later(at, -1))]);
        labels.push(Cow::Borrowed("Reverted"));
        self.scene.world.add_pull_request(PullRequest {
            number,
            state: State::Closed,
            closed_at: Some(at),
            labels: labels.into(),
            closings: Box::from([
                Closing {
                    at: later(at, -2),
                    commit: Some(first),
                },
                Closing {
                    at,
                    commit: Some(again),
                },
            ]),
            ..draft
        });
    }
}

/// Commits of which the newest was authored some days before it was committed.
fn late(count: u32, newest: Timestamp, random: &mut Rng) -> Authored {
    let lag = i32::try_from(draw(random, LAG)).unwrap_or_default();
    Authored {
        newest_authored: later(newest, -lag),
        ..Authored::alone(count, newest)
    }
}

/// Social accounts: one on Kaggle, one elsewhere, or none.
fn social(link: &str, random: &mut Rng) -> Box<[Text]> {
    let kaggle = chance(random, 2_000).then(|| format!("https://www.kaggle.com/{link}"));
    let elsewhere = chance(random, 3_000).then(|| format!("https://social.example/@{link}"));
    kaggle
        .into_iter()
        .chain(elsewhere)
        .map(Cow::Owned)
        .collect()
}

/// A day of the last six years on which an account that exists `since` then was there, the recent ones more often,
/// at a second of its own.
fn some_day(since: Timestamp, random: &mut Rng) -> Timestamp {
    let span = (days_between(since, noon(TODAY)) - 10).clamp(1, 2_100);
    let back = random.i32(..span).min(random.i32(..span));
    let second = i64::from(random.u32(..86_400));
    let moment = later(noon(TODAY), -2 - back);
    moment
        .checked_add(jiff::SignedDuration::from_secs(second))
        .unwrap_or(moment)
}

fn draft(
    author: AccountId,
    repository: RepositoryId,
    decided: Timestamp,
    random: &mut Rng,
) -> PullRequest {
    let additions = draw(random, LINES);
    let documentation = chance(random, 600);
    let kinds: &[&str] = if documentation { &DOCUMENTATION } else { &CODE };
    let changed_files = if chance(random, 300) {
        random.u32(21..60)
    } else {
        random.u32(1..=3)
    };
    let files = (0..changed_files.min(3) as usize)
        .map(|place| Cow::Borrowed(*kinds.get(place).or(kinds.first()).unwrap_or(&"README.md")))
        .collect();
    PullRequest {
        additions,
        deletions: additions / random.u32(2..9),
        changed_files,
        files,
        ..Scene::draft(
            author,
            repository,
            TITLES[random.usize(..TITLES.len())],
            decided,
        )
    }
}

/// Three to eight years of activity, newest first; a few people work behind closed doors as well.
fn years(random: &mut Rng) -> Box<[(i16, YearTotals)]> {
    let newest = if chance(random, 8_500) { 2026 } else { 2025 };
    let restricted = chance(random, 1_000);
    (0..random.i16(3..=8))
        .map(|back| {
            let commits = draw(random, COMMITS);
            let totals = YearTotals {
                commits,
                pull_requests: commits / 7,
                reviews: commits / random.u32(5..60),
                issues: random.u32(..8),
                restricted: if restricted { random.u32(1..900) } else { 0 },
            };
            (newest - back, totals)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        facts::{GitHubFacts, Lookup, ProjectFacts, reasons},
        rubric::WatchedProject,
    };

    fn watched(world: &World) -> Vec<WatchedProject> {
        let scene = Scene::new();
        scene
            .projects
            .iter()
            .map(|id| WatchedProject {
                project: world.repository(*id).name_with_owner.to_string(),
                weight: 1.0,
                aliases: Vec::new(),
            })
            .collect()
    }

    fn truths(world: &World, applicants: usize) -> Vec<Lookup<GitHubFacts>> {
        let watched = watched(world);
        (0..applicants)
            .map(|applicant| world.truth(&login(applicant), &watched, 10, 2026))
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_world() {
        let digest = |seed| {
            let world = World::generated(60, seed);
            let mut all = String::new();
            for account in world.accounts() {
                for id in world.pull_requests_by(account) {
                    let merged = world.pull_request(*id).merged_at;
                    let _ = writeln!(all, "{} {merged:?}", world.pull_request_url(*id));
                }
            }
            blake3::hash(all.as_bytes()).to_hex()[..16].to_owned()
        };
        assert_eq!(digest(11), digest(11));
        assert_ne!(digest(11), digest(12));
        // Known from one run; another machine must find the same.
        assert_eq!(digest(11), "605478bc9ab84fac");
    }

    #[test]
    fn the_distributions_are_those_claimed() {
        const PEOPLE: usize = 2_000;
        let world = World::generated(PEOPLE, 5);
        let truths = truths(&world, PEOPLE);
        let facts: Vec<&GitHubFacts> = truths.iter().filter_map(Lookup::found).collect();
        let count = |wanted: &dyn Fn(&GitHubFacts) -> bool| {
            facts.iter().filter(|facts| wanted(facts)).count()
        };
        let within = |what: &str, number: usize, low: usize, high: usize| {
            assert!((low..=high).contains(&number), "{what}: {number}");
        };
        within("missing or organisations", PEOPLE - facts.len(), 35, 90);
        within(
            "renamed",
            count(&|facts| facts.renamed_from.is_some()),
            8,
            36,
        );
        let hidden = |facts: &GitHubFacts| {
            facts
                .gaps
                .iter()
                .any(|gap| gap.reason == reasons::HIDDEN_PROFILE)
        };
        within("hidden", count(&hidden), 35, 95);
        let in_watched = |facts: &GitHubFacts| {
            facts
                .projects
                .iter()
                .map(|of| of.merged + of.landed + of.reverted)
                .sum::<u32>()
        };
        within(
            "with watched work",
            count(&|facts| in_watched(facts) > 0),
            640,
            880,
        );
        let sum: u32 = facts.iter().map(|facts| in_watched(facts)).sum();
        within(
            "watched pull requests by thousand people",
            sum as usize / 2,
            2_500,
            4_500,
        );
        let projects = |field: fn(&ProjectFacts) -> u32| -> usize {
            let all = facts.iter().flat_map(|facts| &facts.projects);
            all.map(field).sum::<u32>() as usize
        };
        within("landed by commit", projects(|of| of.landed), 200, 2_000);
        within("reverted", projects(|of| of.reverted), 50, 500);
        within("unproven", projects(|of| of.unproven), 1, 60);

        let median = |field: &dyn Fn(&GitHubFacts) -> usize| {
            let mut numbers: Vec<usize> = facts.iter().map(|facts| field(facts)).collect();
            numbers.sort_unstable();
            numbers[numbers.len() / 2]
        };
        within(
            "median of landed pull requests",
            median(&|facts| facts.pull_requests.len()),
            4,
            9,
        );
        within(
            "more than a thousand",
            count(&|facts| facts.pull_requests.len() > 1_000),
            8,
            40,
        );
        within(
            "fifty to three hundred",
            count(&|facts| (50..=300).contains(&facts.pull_requests.len())),
            100,
            400,
        );
        within(
            "median of own repositories",
            median(&|facts| facts.own_repositories as usize),
            9,
            15,
        );
        within(
            "more than a hundred own repositories",
            count(&|facts| facts.own_repositories > 100),
            4,
            60,
        );
        assert!(facts.iter().all(|facts| facts.years.len() <= 8));
    }

    #[test]
    fn own_repositories_do_not_depend_on_how_many_others_apply() {
        let own = |applicants| {
            let world = World::generated(applicants, 3);
            world
                .account_by_login(&login(7))
                .map(|id| world.repositories_of(id).len())
        };
        assert!(own(10).is_some_and(|own| own > 0));
        assert_eq!(own(10), own(30));
    }

    #[test]
    fn the_list_names_everyone_once() {
        let list = generated_list(3);
        assert_eq!(list.lines().count(), 4);
        assert!(list.ends_with("gen-000002,Applicant 2,https://github.com/gen-000002\n"));
    }
}
