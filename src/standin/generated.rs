//! Worlds of any size from a seed: the same seed gives the same world on every machine.
//!
//! Amounts are drawn from tables of quantiles with integers alone, because the last bits of logarithms
//! differ between machines. The tables are guesses at a field of applicants, heavy-tailed on purpose: most
//! people have a handful of pull requests, one in a hundred has more than a thousand.

mod tables;

use std::{borrow::Cow, fmt::Write};

use fastrand::Rng;
use jiff::{Timestamp, civil::date};

use self::tables::{
    BY_COMMIT, CLOSED, CODE, COMMITS, DOCUMENTATION, ELSEWHERE, FORKS, HAS_FRIEND, HAS_WATCHED,
    IMPORTED, LAG, LANGUAGES, LAUNCHED, LINES, MENDS_DOCUMENTATION, OWN, OWN_STARS, Quantiles,
    STARS, TITLES, WAS_THERE_BEFORE, WATCHED,
};
use super::{
    scene::{Scene, TODAY, days_between, later, noon},
    stars::Starred,
    world::{
        Account, AccountId, AccountKind, Authored, Closing, PullRequest, Repository, RepositoryId,
        State, Text, World,
    },
};
use crate::domain::facts::YearTotals;

impl World {
    /// A world with `applicants` people `gen-000000`, `gen-000001`, … on 2026-11-01.
    ///
    /// Of those 2 % are missing, 1 % organisations, 1 % renamed, 3 % hidden; the rest as the tables have it.
    #[must_use]
    pub fn generated(applicants: usize, seed: u64) -> Self {
        Self::generated_with_news(applicants, seed, 0).0
    }

    /// The same world a day later: of `changed` of its people (of all, if there are no more), spread evenly, another pull
    /// request has landed in scikit-learn. With them the logins by which the list names those. Everything else, and every
    /// node id, is as before.
    #[must_use]
    pub fn generated_with_news(
        applicants: usize,
        seed: u64,
        changed: usize,
    ) -> (Self, Vec<String>) {
        let mut stage = Stage::new(applicants, seed);
        for applicant in 0..applicants {
            // Everyone has a draw of their own, so that nobody depends on how many there are.
            let own = u64::try_from(applicant).unwrap_or_default() + 1;
            let random = Rng::with_seed(seed ^ own.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            stage.applicant(&login(applicant), random);
        }
        let people = stage.people(applicants);
        let changed = changed.min(people.len());
        let news: Vec<_> = (0..changed)
            .map(|number| people[number * people.len() / changed].clone())
            .collect();
        for (_, person) in &news {
            stage.another(*person);
        }
        let names = news.into_iter().map(|(name, _)| name).collect();
        (stage.scene.world.settled(), names)
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

    /// Those of the list who are people, by the login on the list.
    fn people(&self, applicants: usize) -> Vec<(String, AccountId)> {
        let world = &self.scene.world;
        let listed = (0..applicants).map(login).filter_map(|name| {
            let former = || world.account_by_former_login(&name);
            let account = world.account_by_login(&name).or_else(former)?;
            let person = world.account(account).kind == AccountKind::User;
            person.then_some((name, account))
        });
        listed.collect()
    }

    /// Another pull request of this person's, landed on the last day.
    fn another(&mut self, person: AccountId) {
        let project = self.scene.projects[0];
        let at = later(noon(TODAY), -1);
        let draft = Scene::draft(person, project, "Fit in one pass", at);
        let maintainer = self.scene.maintainer;
        self.scene.merged(draft, Some(maintainer), at);
        let before = self.scene.world.authored(project, person);
        let authored = before.map_or(Authored::alone(1, at), |before| Authored {
            count: before.count + 1,
            newest_committed: at,
            newest_authored: at,
            ..before
        });
        self.scene.world.set_authored(project, person, authored);
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
mod tests;
