//! Hidden, renamed, absent, large, private and hostile accounts.

use std::borrow::Cow;

use super::{Cast, HOSTILE, MEGABYTE, active, day, labels, paths};
use crate::{
    domain::facts::YearTotals,
    standin::{
        scene::{Scene, TODAY, later, noon},
        world::{Account, AccountId, AccountKind, PullRequest, RepositoryId},
    },
};

impl Cast {
    /// A private profile.
    pub(super) fn farid(&mut self) {
        let pandas = self.project("pandas-dev/pandas");
        let farid = self.person(
            "farid-haddad-example",
            "Farid Haddad",
            2019,
            &[
                (2026, active(500, 60, 90, 10, 20)),
                (2025, active(300, 40, 10, 5, 0)),
            ],
        );
        self.scene.world.hide(farid);
        for month in 1..=3 {
            let at = day(2026, month, 15);
            self.merge(
                Scene::draft(farid, pandas, format!("PERF: groupby step {month}"), at),
                at,
            );
        }
        self.scene.authored(pandas, farid, 3, day(2026, 3, 15));
        self.own(farid, "bone-atlas", 25, (60, 60));
    }

    /// Contributions that are counted and not shown.
    pub(super) fn grace(&mut self) {
        let grace = self.person(
            "grace-okafor-example",
            "Grace Okafor",
            2014,
            &[
                (2026, active(12, 2, 0, 0, 840)),
                (2025, active(30, 3, 1, 0, 1_210)),
                // GitHub also lists years in which nothing happened.
                (2024, YearTotals::default()),
                (2014, active(5, 0, 0, 0, 0)),
            ],
        );
        let monai = self.project("Project-MONAI/MONAI");
        let at = day(2026, 2, 2);
        self.merge(
            Scene::draft(grace, monai, "Fix spacing in sliding window inference", at),
            at,
        );
        self.scene.authored(monai, grace, 1, at);
    }

    /// A login that is another one today.
    pub(super) fn hanna(&mut self) {
        let hanna = self.person(
            "hanna-newname-example",
            "Hanna Brandt",
            2016,
            &[
                (2026, active(44, 6, 2, 1, 0)),
                (2025, active(61, 7, 5, 0, 0)),
            ],
        );
        self.scene
            .world
            .add_former_login("hanna-oldname-example", hanna);
        let transformers = self.project("huggingface/transformers");
        for month in [4, 5] {
            let at = day(2026, month, 21);
            self.merge(
                Scene::draft(
                    hanna,
                    transformers,
                    format!("Add vision tower option {month}"),
                    at,
                ),
                at,
            );
        }
        self.scene
            .authored(transformers, hanna, 2, day(2026, 5, 21));
        self.own(hanna, "x-ray-captions", 130, (99, 97));
    }

    /// An organisation, a bot, and a person who has done nothing yet.
    pub(super) fn no_persons(&mut self) {
        let lab = self.scene.world.add_account(Account {
            name: Some(Cow::Borrowed("Imaging Lab")),
            ..Account::new(
                "imaging-lab-example",
                AccountKind::Organization,
                day(2018, 8, 8),
            )
        });
        self.own(lab, "atlas", 77, (300, 0));
        self.scene.world.add_account(Account::new(
            "julep-sweeper[bot]",
            AccountKind::Bot,
            day(2021, 1, 1),
        ));
        self.person("tala-empty-example", "Tala Reyes", 2026, &[]);
    }

    /// Two thousand pull requests.
    pub(super) fn lena(&mut self) {
        let lena = self.person(
            "lena-landau-example",
            "Lena Landau",
            2011,
            &[
                (2026, active(900, 240, 600, 80, 0)),
                (2025, active(1_100, 300, 720, 90, 0)),
                (2024, active(1_000, 280, 650, 70, 0)),
            ],
        );
        let watched = [
            "pandas-dev/pandas",
            "numpy/numpy",
            "scikit-learn/scikit-learn",
        ]
        .map(|name| self.project(name));
        let elsewhere: Vec<RepositoryId> = (0..9)
            .map(|number| {
                self.elsewhere(&format!("plumbing-{number}-example/pipeline"), 40 << number)
            })
            .collect();
        let mergers: Vec<AccountId> = (0..5)
            .map(|number| {
                let login = format!("merger-{number}-example");
                self.scene
                    .world
                    .add_account(Account::user(&login, day(2013, 1, 1)))
            })
            .collect();
        for number in 0..2_000_u32 {
            let at = later(noon(TODAY), -1 - i32::try_from(number).unwrap_or_default());
            let index = number as usize;
            let repository = if number % 8 == 0 {
                watched[index / 8 % watched.len()]
            } else {
                elsewhere[index % elsewhere.len()]
            };
            let draft = PullRequest {
                additions: 1 + number % 300,
                deletions: number % 40,
                ..Scene::draft(lena, repository, format!("Maintenance, part {number}"), at)
            };
            self.scene
                .merged(draft, Some(mergers[index % mergers.len()]), at);
        }
        for repository in watched {
            self.scene
                .authored(repository, lena, 90, later(noon(TODAY), -1));
        }
        self.own(lena, "pipes", 1_200, (2_000, 1_850));
    }

    /// More than a hundred closed ones, of which some landed.
    pub(super) fn marek(&mut self) {
        let marek = self.person(
            "marek-nowak-example",
            "Marek Nowak",
            2017,
            &[
                (2026, active(80, 70, 3, 2, 0)),
                (2025, active(60, 75, 1, 4, 0)),
            ],
        );
        let (pytorch, jax) = (self.project("pytorch/pytorch"), self.project("jax-ml/jax"));
        let attempts = self.elsewhere("attempts-example/playground", 12);
        for number in 0..140 {
            let at = later(noon(TODAY), -3 - 4 * number);
            match number % 35 {
                // Every now and then one landed, the last of them beyond the first hundred.
                4 => {
                    let draft = PullRequest {
                        labels: labels(&["Merged"]),
                        ..Scene::draft(marek, pytorch, format!("Lower op {number} to Triton"), at)
                    };
                    self.scene.closed_by_commit(draft, Some(marek), at);
                }
                9 => {
                    let draft = Scene::draft(marek, jax, format!("Shard primitive {number}"), at);
                    self.scene.closed_by_commit(draft, Some(marek), at);
                }
                rest => {
                    let repository = if rest % 2 == 0 { pytorch } else { attempts };
                    let draft = Scene::draft(marek, repository, format!("Attempt {number}"), at);
                    self.scene.closed(draft, at);
                }
            }
        }
        self.scene.authored(pytorch, marek, 4, day(2026, 10, 12));
        self.scene.authored(jax, marek, 4, day(2026, 9, 22));
    }

    /// Documentation, and a private repository.
    pub(super) fn rosa(&mut self) {
        let (scikit, pandas) = (
            self.project("scikit-learn/scikit-learn"),
            self.project("pandas-dev/pandas"),
        );
        let rosa = self.person(
            "rosa-feldt-example",
            "Rosa Feldt",
            2018,
            &[
                (2026, active(33, 9, 12, 6, 0)),
                (2025, active(20, 4, 5, 3, 0)),
            ],
        );
        for (repository, title, files, changed) in [
            (
                scikit,
                "DOC Rework the calibration guide",
                &["doc/modules/calibration.rst", "README.rst"][..],
                2,
            ),
            (
                scikit,
                "DOC Example and its code",
                &["doc/whats_new/v1.9.rst", "sklearn/calibration.py"][..],
                2,
            ),
            (
                pandas,
                "DOC: move every page",
                &["doc/source/index.rst"][..],
                25,
            ),
        ] {
            let at = day(2026, 4, 4);
            let draft = PullRequest {
                files: paths(files),
                changed_files: changed,
                additions: 120,
                ..Scene::draft(rosa, repository, title, at)
            };
            self.merge(draft, at);
        }
        self.scene.authored(scikit, rosa, 2, day(2026, 4, 4));
        self.scene.authored(pandas, rosa, 1, day(2026, 4, 4));
        // A private repository that the token happens to see: nothing of it may be kept.
        let secret = self.elsewhere("secret-hospital-example/PRIVATE-patients", 0);
        self.scene.world.repository_mut(secret).private = true;
        let at = day(2026, 7, 1);
        self.merge(
            Scene::draft(rosa, secret, "PRIVATE-TITLE anonymise the archive", at),
            at,
        );
    }

    /// A project that moved, machines that merge, and something still open.
    pub(super) fn sven(&mut self) {
        let sven = self.person(
            "sven-aalto-example",
            "Sven Aalto",
            2019,
            &[
                (2026, active(21, 4, 2, 0, 0)),
                (2023, active(15, 3, 0, 0, 0)),
            ],
        );
        let jax = self.project("google/jax");
        for (title, at) in [
            ("Before the move", day(2023, 8, 1)),
            ("After the move", day(2026, 1, 1)),
        ] {
            self.merge(Scene::draft(sven, jax, title, at), at);
        }
        let open = Scene::draft(sven, jax, "Still open", noon(TODAY));
        self.scene.world.add_pull_request(open);
        self.scene.authored(jax, sven, 2, day(2026, 1, 1));
        let by_bot = self.elsewhere("queue-example/merge-queue", 500);
        let (bot, at) = (self.scene.bot, day(2026, 2, 2));
        let draft = Scene::draft(sven, by_bot, "Merged by a machine", at);
        self.scene.merged(draft, Some(bot), at);
        // Elsewhere, too, a bot may close what it landed.
        let at = day(2026, 2, 20);
        let draft = PullRequest {
            labels: labels(&["Merged"]),
            ..Scene::draft(sven, by_bot, "Landed by a machine", at)
        };
        self.scene.closed_by_commit(draft, Some(sven), at);
    }

    /// Hostile titles and a hostile name.
    pub(super) fn umar(&mut self) {
        let umar = self.person(
            "umar-hostile-example",
            HOSTILE[0],
            2020,
            &[(2026, active(10, 8, 0, 0, 0))],
        );
        let monai = self.project("Project-MONAI/MONAI");
        for (title, number) in HOSTILE.into_iter().zip(1_i8..) {
            let at = day(2026, number, 11);
            self.merge(Scene::draft(umar, monai, title, at), at);
        }
        let at = day(2026, 9, 11);
        self.merge(Scene::draft(umar, monai, "A".repeat(MEGABYTE), at), at);
        self.scene.authored(monai, umar, 8, at);
        for name in ["empty", "mirrored", "template", "kept"] {
            let id = self.own(umar, name, 9, (5, 5));
            let repository = self.scene.world.repository_mut(id);
            repository.empty = name == "empty";
            repository.mirror = name == "mirrored";
            repository.template = name == "template";
        }
    }
}
