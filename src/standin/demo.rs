//! The demo's cast: a made-up applicant for every trap that is known about GitHub.
//!
//! All logins end in `-example`, and no one is real.

use std::borrow::Cow;

use jiff::{Timestamp, civil::date};

use super::{
    scene::{Scene, TODAY, later, noon},
    world::{Account, AccountId, AccountKind, PullRequest, Repository, RepositoryId, Text, World},
};
use crate::domain::facts::YearTotals;

mod corners;
mod gaming;
mod identity;
mod kaggle;
mod landing;
mod list;
mod reviews;

pub use identity::{DEMO_CODE, DEMO_CODE_APPLICANT};
pub use list::demo_list;
pub use reviews::demo_reviews;

/// Ways to cheat or harm through a text that strangers write.
const HOSTILE: [&str; 7] = [
    "<script>alert('title')</script><img src=x onerror=alert(1)>",
    "\u{1b}[2J\u{1b}[31mred\u{1b}]8;;https://evil.example\u{7}link\u{1b}]8;;\u{7}",
    "=cmd|'/C calc'!A0",
    "+HYPERLINK(\"https://evil.example\",\"click\")",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "abc\u{202E}gnp.exe \u{200B}\u{2066}isolated",
    "-2+3|[a](javascript:alert(1))\r\nSet-Cookie: x=y\0end",
];

/// A title that long is a megabyte.
const MEGABYTE: usize = 1 << 20;

impl World {
    /// The world of `plaudit demo`: small, fixed, on 2026-11-01.
    #[must_use]
    pub fn demo() -> Self {
        let mut cast = Cast {
            scene: Scene::new(),
        };
        cast.ada();
        cast.bruno();
        cast.chiara();
        cast.dmitri();
        cast.elif();
        cast.farid();
        cast.grace();
        cast.hanna();
        cast.no_persons();
        cast.lena();
        cast.marek();
        cast.nadia();
        cast.otto();
        cast.priya();
        cast.quentin();
        cast.rosa();
        cast.sven();
        cast.umar();
        cast.wilma();
        cast.xenia();
        cast.yuki();
        cast.nora();
        cast.oskar();
        cast.paula();
        cast.qadir();
        cast.stella();
        cast.sofia();
        cast.boris();
        cast.bianca();
        cast.cora();
        cast.clara();
        cast.identities();
        cast.scene.world.settled()
    }
}

/// The world in the making.
struct Cast {
    scene: Scene,
}

fn day(year: i16, month: i8, day: i8) -> Timestamp {
    noon(date(year, month, day))
}

fn active(
    commits: u32,
    pull_requests: u32,
    reviews: u32,
    issues: u32,
    restricted: u32,
) -> YearTotals {
    YearTotals {
        commits,
        pull_requests,
        reviews,
        issues,
        restricted,
    }
}

impl Cast {
    fn person(
        &mut self,
        login: &str,
        name: impl Into<Text>,
        since: i16,
        years: &[(i16, YearTotals)],
    ) -> AccountId {
        self.scene.world.add_account(Account {
            name: Some(name.into()),
            years: years.into(),
            ..Account::user(login, day(since, 3, 14))
        })
    }

    fn project(&self, name: &str) -> RepositoryId {
        // The cast works on projects that the scene has just made.
        self.scene
            .world
            .repository_by_name(name)
            .unwrap_or(self.scene.projects[0])
    }

    /// A repository of somebody's own.
    fn own(
        &mut self,
        owner: AccountId,
        name: &str,
        stars: u32,
        (commits, own_commits): (u32, u32),
    ) -> RepositoryId {
        let login = self.scene.world.account(owner).login.to_string();
        let created = later(self.scene.world.account(owner).created_at, 200);
        let pushed = later(noon(TODAY), -30);
        let id = self.scene.world.add_repository(Repository {
            stars,
            forks: stars / 6,
            commits,
            language: Some("Python"),
            pushed_at: Some(pushed),
            ..Repository::new(owner, &format!("{login}/{name}"), created)
        });
        if own_commits > 0 {
            self.scene.authored(id, owner, own_commits, pushed);
        }
        id
    }

    /// A repository of an organisation that is neither watched nor the applicant's.
    fn elsewhere(&mut self, name: &str, stars: u32) -> RepositoryId {
        let owner = name.split('/').next().unwrap_or_default();
        let created = day(2019, 1, 20);
        let owner = self.scene.world.account_by_login(owner).unwrap_or_else(|| {
            self.scene
                .world
                .add_account(Account::new(owner, AccountKind::Organization, created))
        });
        self.scene.world.add_repository(Repository {
            stars,
            forks: stars / 5,
            commits: 900,
            language: Some("Python"),
            ..Repository::new(owner, name, created)
        })
    }

    fn merge(&mut self, draft: PullRequest, at: Timestamp) {
        let maintainer = self.scene.maintainer;
        self.scene.merged(draft, Some(maintainer), at);
    }
}

fn labels(names: &[&'static str]) -> Box<[Text]> {
    names.iter().map(|name| Cow::Borrowed(*name)).collect()
}

fn paths(files: &[&'static str]) -> Box<[Text]> {
    labels(files)
}

#[cfg(test)]
mod tests {
    use super::{
        list::{LATER_ROWS, ROWS},
        *,
    };
    use crate::standin::world::State;

    #[test]
    fn the_demo_world_is_consistent() {
        let world = World::demo();
        let mut seen = 0;
        for account in world.accounts() {
            assert!(
                world
                    .account(account)
                    .years
                    .is_sorted_by(|left, right| left.0 > right.0)
            );
            for id in world.pull_requests_by(account) {
                seen += 1;
                let pull_request = world.pull_request(*id);
                let url = world.pull_request_url(*id);
                assert_eq!(pull_request.author, account);
                assert!(pull_request.number > 0);
                let repository = world.repository(pull_request.repository);
                assert!(pull_request.created_at > repository.created_at, "{url}");
                assert!(
                    pull_request.created_at > world.account(account).created_at,
                    "{url}"
                );
                assert_eq!(
                    pull_request.state == State::Merged,
                    pull_request.merged_at.is_some(),
                    "{url}"
                );
                assert_eq!(
                    pull_request.state == State::Open,
                    pull_request.closed_at.is_none(),
                    "{url}"
                );
                assert!(
                    pull_request
                        .closed_at
                        .is_none_or(|at| at > pull_request.created_at && at <= noon(TODAY)),
                    "{url}"
                );
                assert!(
                    pull_request.files.len() <= pull_request.changed_files as usize,
                    "{url}"
                );
                if let Some(last) = pull_request.closings.last() {
                    assert_eq!(Some(last.at), pull_request.closed_at, "{url}");
                }
            }
        }
        assert_eq!(seen, world.pull_request_count());
        assert!(seen > 2_200, "{seen}");
    }

    #[test]
    fn numbers_are_given_once_in_each_repository() {
        let world = World::demo();
        let mut urls: Vec<String> = world
            .accounts()
            .flat_map(|account| world.pull_requests_by(account).to_vec())
            .map(|id| world.pull_request_url(id))
            .collect();
        let count = urls.len();
        urls.sort();
        urls.dedup();
        assert_eq!(urls.len(), count);
    }

    #[test]
    fn the_list_covers_the_cast_and_survives_its_own_hostility() {
        let list = demo_list();
        let mut reader = csv::Reader::from_reader(list.as_bytes());
        assert!(reader.headers().unwrap().iter().eq([
            "id",
            "name",
            "email",
            "github",
            "kaggle",
            "homepage",
            "links",
            "role",
            "applied_at",
            "legal_basis"
        ]));
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), ROWS.len() + LATER_ROWS.len());
        let folded = list.to_ascii_lowercase().replace("%2d", "-");
        let world = World::demo();
        let listed = world
            .accounts()
            .map(|account| world.account(account).login.to_ascii_lowercase())
            .filter(|login| folded.contains(login.as_str()))
            .count();
        // Hanna is listed under her old login, Kofi is nobody, Vera has no GitHub link, and Wilma's is on her
        // home page.
        assert_eq!(listed, 31);
    }
}
