//! The demo's cast: a made-up applicant for every trap that is known about GitHub.
//!
//! All logins end in `-example`, and no one is real.

use std::borrow::Cow;

use jiff::{Timestamp, civil::date};

use super::{
    scene::{Scene, TODAY, later, noon},
    world::{
        Account, AccountId, AccountKind, Authored, PullRequest, Reference, Repository,
        RepositoryId, Text, World,
    },
};
use crate::domain::facts::YearTotals;

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
        cast.solid_work();
        cast.bots_and_mirrors();
        cast.taken_back();
        cast.hidden_and_elsewhere();
        cast.no_persons();
        cast.thousands();
        cast.gaming();
        cast.odd_corners();
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
        let owner = self
            .scene
            .world
            .account_by_login(owner)
            .unwrap_or_else(|| {
                self.scene.world.add_account(Account::new(
                    owner,
                    AccountKind::Organization,
                    created,
                ))
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

    fn solid_work(&mut self) {
        let ada = self.person(
            "ada-lindqvist-example",
            "Ada Lindqvist",
            2017,
            &[
                (2026, active(310, 41, 66, 12, 0)),
                (2025, active(402, 55, 80, 9, 0)),
                (2024, active(288, 30, 41, 15, 0)),
                (2023, active(120, 12, 8, 6, 0)),
                (2022, active(75, 6, 0, 3, 0)),
            ],
        );
        let (pytorch, scikit) = (
            self.project("pytorch/pytorch"),
            self.project("scikit-learn/scikit-learn"),
        );
        for (title, lines, at) in [
            ("Fix NaN gradient of masked softmax on empty rows", 84, day(2026, 9, 3)),
            ("Add deterministic scatter_reduce for CUDA", 412, day(2026, 6, 17)),
            ("Speed up grid_sample backward for half precision", 236, day(2026, 2, 9)),
            ("Document padding_mode of grid_sample", 12, day(2025, 11, 21)),
            ("Check strides before calling conv3d kernels", 38, day(2025, 7, 2)),
            ("Fix off-by-one in NestedTensor narrow", 4, day(2025, 3, 30)),
        ] {
            let draft = PullRequest {
                additions: lines,
                deletions: 0,
                labels: labels(&["cla signed", "Merged", "ciflow/trunk"]),
                ..Scene::draft(ada, pytorch, title, at)
            };
            self.scene.closed_by_commit(draft, Some(ada), at);
        }
        for number in 0..8_i8 {
            let at = day(2026 - i16::from(number / 3), 10 - number, 5);
            let draft = PullRequest {
                additions: 20 + 40 * number.unsigned_abs().max(1) as u32,
                deletions: 7,
                changed_files: 2,
                files: paths(&["sklearn/metrics/_ranking.py", "sklearn/metrics/tests/test_ranking.py"]),
                ..Scene::draft(ada, scikit, format!("ENH Handle ties in ranking metric {number}"), at)
            };
            self.merge(draft, at);
        }
        self.scene.authored(pytorch, ada, 7, day(2026, 9, 3));
        self.scene.authored(scikit, ada, 9, day(2026, 10, 5));
        self.own(ada, "joint-space", 340, (410, 388));
        self.own(ada, "bone-age-baselines", 62, (130, 130));
        self.own(ada, "dotfiles", 3, (48, 48));
        let monai = self.project("Project-MONAI/MONAI");
        let at = day(2026, 5, 12);
        self.merge(Scene::draft(ada, monai, "Add cartilage thickness transform", at), at);
        self.scene.authored(monai, ada, 1, at);
        let library = self.elsewhere("open-imaging-example/dicom-tools", 2_300);
        let at = day(2025, 9, 9);
        self.merge(Scene::draft(ada, library, "Read multi-frame DICOM lazily", at), at);
    }

    fn bots_and_mirrors(&mut self) {
        // ghstack: the bot's commit carries an address that no longer leads to an account.
        let bruno = self.person(
            "bruno-takeda-example",
            "Bruno Takeda",
            2015,
            &[(2026, active(90, 14, 20, 1, 0)), (2025, active(140, 22, 31, 2, 0))],
        );
        let pytorch = self.project("pytorch/pytorch");
        for part in 1..=4 {
            let at = day(2026, 4, 3 * part);
            let draft = PullRequest {
                additions: 150,
                deletions: 90,
                labels: labels(&["open source", "merged"]),
                ..Scene::draft(bruno, pytorch, format!("[{part}/4] Split the inductor cache by device"), at)
            };
            self.scene.closed_by_commit(draft, None, at);
        }
        self.own(bruno, "stacks", 18, (77, 70));

        // Copybara: no label; the pushed commit is the only sign.
        let chiara = self.person(
            "chiara-conti-example",
            "Chiara Conti",
            2016,
            &[(2026, active(60, 9, 4, 0, 0)), (2025, active(85, 11, 7, 2, 0)), (2024, active(20, 3, 1, 0, 0))],
        );
        for (project, title, at) in [
            ("jax-ml/jax", "Add lax.approx_top_k batching rule", day(2026, 8, 20)),
            ("jax-ml/jax", "Fix PRNG key reuse check under vmap", day(2026, 1, 11)),
            ("tensorflow/tensorflow", "Support ragged tensors in tf.image.resize", day(2025, 10, 1)),
            ("tensorflow/tensorflow", "Fix overflow in SparseCross", day(2025, 2, 14)),
            ("keras-team/keras", "Allow None in Masking layer", day(2023, 5, 5)),
        ] {
            let repository = self.project(project);
            let draft = PullRequest {
                additions: 61,
                deletions: 14,
                ..Scene::draft(chiara, repository, title, at)
            };
            self.scene.closed_by_commit(draft, Some(chiara), at);
        }
        let tensorflow = self.project("tensorflow/tensorflow");
        // Somebody else solved it and their commit closed this one: it did not land.
        let (maintainer, at) = (self.scene.maintainer, day(2025, 12, 24));
        let stale = Scene::draft(chiara, tensorflow, "Rework the stale shape check", at);
        self.scene.closed_by_commit(stale, Some(maintainer), at);
        for (project, count) in [("jax-ml/jax", 2), ("tensorflow/tensorflow", 2), ("keras-team/keras", 1)] {
            let repository = self.project(project);
            self.scene.authored(repository, chiara, count, day(2026, 8, 20));
        }

        // A label without a commit proves nothing.
        let dmitri = self.person("dmitri-orlov-example", "Dmitri Orlov", 2020, &[(2026, active(30, 5, 0, 0, 0))]);
        for title in ["Add sanitiser build for distributed tests", "Skip flaky rendezvous test"] {
            let at = day(2026, 7, 7);
            let draft = PullRequest {
                labels: labels(&["Merged"]),
                ..Scene::draft(dmitri, pytorch, title, at)
            };
            self.scene.closed(draft, at);
        }
        let at = day(2026, 8, 8);
        let draft = PullRequest {
            labels: labels(&["Merged"]),
            ..Scene::draft(dmitri, pytorch, "Label of another's work", at)
        };
        self.scene.closed_by_commit(draft, Some(maintainer), at);
    }

    fn taken_back(&mut self) {
        let elif = self.person(
            "elif-aksoy-example",
            "Elif Aksoy",
            2018,
            &[(2026, active(70, 12, 9, 1, 0)), (2025, active(55, 8, 3, 0, 0))],
        );
        let pytorch = self.project("pytorch/pytorch");
        let landed = |title: &'static str, words: &[&'static str], at| PullRequest {
            labels: labels(words),
            additions: 45,
            ..Scene::draft(elif, pytorch, title, at)
        };
        // Reverted, told by the label alone.
        let at = day(2026, 3, 1);
        let draft = landed("Cache the autograd graph", &["Merged", "Reverted"], at);
        self.scene.closed_by_commit(draft, Some(elif), at);
        // Reverted, told by a later commit alone.
        let at = day(2026, 3, 10);
        let draft = landed("Fuse layer norm with dropout", &["Merged"], at);
        let number = self.scene.number_of(&draft);
        let oid = self.scene.commit(&draft, number, "landed", Some(elif), at).oid;
        let references = Box::from([self.scene.revert(&draft, number, oid, later(at, 3))]);
        self.scene.closed_by_commit(PullRequest { references, ..draft }, Some(elif), at);
        // Reverted and landed again: the label stays, the credit too.
        let (first, revert, again) = (day(2026, 5, 1), day(2026, 5, 4), day(2026, 5, 20));
        let draft = landed("Vectorise embedding_bag", &["Merged", "Reverted"], first);
        let number = self.scene.number_of(&draft);
        let landing = |at, what| super::world::Closing {
            at,
            commit: Some(self.scene.commit(&draft, number, what, Some(elif), at)),
        };
        let closings = Box::from([landing(first, "landed"), landing(again, "landed again")]);
        let oid = self.scene.commit(&draft, number, "landed", Some(elif), first).oid;
        let references = Box::from([self.scene.revert(&draft, number, oid, revert)]);
        self.scene.world.add_pull_request(PullRequest {
            number,
            state: super::world::State::Closed,
            closed_at: Some(again),
            closings,
            references,
            ..draft
        });
        // Merged by the button and reverted: by label, and by a commit.
        let (scipy, numpy) = (self.project("scipy/scipy"), self.project("numpy/numpy"));
        let at = day(2025, 6, 6);
        let draft = Scene::draft(elif, scipy, "ENH: faster Delaunay", at);
        self.merge(PullRequest { labels: labels(&["reverted"]), ..draft }, at);
        let at = day(2025, 7, 7);
        let draft = Scene::draft(elif, numpy, "ENH: strided sort", at);
        let number = self.scene.number_of(&draft);
        let references = Box::from([self.scene.revert(
            &draft,
            number,
            super::world::Oid::of("numpy merge"),
            later(at, 1),
        )]);
        self.merge(PullRequest { references, ..draft }, at);
        // Commits that only look like reverts of it: a mention, another repository's, another number's.
        let at = day(2025, 9, 9);
        let draft = Scene::draft(elif, numpy, "BUG: fix argpartition of NaN", at);
        let number = self.scene.number_of(&draft);
        let named = |message: String, cross_repository, days| Reference {
            at: later(at, days),
            cross_repository,
            commit: super::world::Commit {
                message: Cow::Owned(message),
                ..self.scene.commit(&draft, number, "named", None, later(at, days))
            },
        };
        let references = Box::from([
            named(format!("Follow-up to #{number}: no revert is needed"), false, 1),
            named(format!("Revert \"BUG: fix argpartition of NaN (#{number})\""), true, 2),
            named(format!("Revert \"Something else (#{number}0)\", see there"), false, 3),
        ]);
        self.merge(PullRequest { references, ..draft }, at);
        self.scene.authored(pytorch, elif, 4, again);
        self.scene.authored(numpy, elif, 2, day(2025, 9, 9));
        self.scene.authored(scipy, elif, 1, day(2025, 6, 6));
    }

    fn hidden_and_elsewhere(&mut self) {
        let pandas = self.project("pandas-dev/pandas");
        let farid = self.person(
            "farid-haddad-example",
            "Farid Haddad",
            2019,
            &[(2026, active(500, 60, 90, 10, 20)), (2025, active(300, 40, 10, 5, 0))],
        );
        self.scene.world.hide(farid);
        for month in 1..=3 {
            let at = day(2026, month, 15);
            self.merge(Scene::draft(farid, pandas, format!("PERF: groupby step {month}"), at), at);
        }
        self.scene.authored(pandas, farid, 3, day(2026, 3, 15));
        self.own(farid, "bone-atlas", 25, (60, 60));

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
        self.merge(Scene::draft(grace, monai, "Fix spacing in sliding window inference", at), at);
        self.scene.authored(monai, grace, 1, at);

        let hanna = self.person(
            "hanna-newname-example",
            "Hanna Brandt",
            2016,
            &[(2026, active(44, 6, 2, 1, 0)), (2025, active(61, 7, 5, 0, 0))],
        );
        self.scene.world.add_former_login("hanna-oldname-example", hanna);
        let transformers = self.project("huggingface/transformers");
        for month in [4, 5] {
            let at = day(2026, month, 21);
            self.merge(Scene::draft(hanna, transformers, format!("Add vision tower option {month}"), at), at);
        }
        self.scene.authored(transformers, hanna, 2, day(2026, 5, 21));
        self.own(hanna, "x-ray-captions", 130, (99, 97));
    }

    fn no_persons(&mut self) {
        let lab = self.scene.world.add_account(Account {
            name: Some(Cow::Borrowed("Imaging Lab")),
            ..Account::new("imaging-lab-example", AccountKind::Organization, day(2018, 8, 8))
        });
        self.own(lab, "atlas", 77, (300, 0));
        self.scene.world.add_account(Account::new(
            "julep-sweeper[bot]",
            AccountKind::Bot,
            day(2021, 1, 1),
        ));
        self.person("tala-empty-example", "Tala Reyes", 2026, &[]);
    }

    fn thousands(&mut self) {
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
        let watched = ["pandas-dev/pandas", "numpy/numpy", "scikit-learn/scikit-learn"].map(|name| self.project(name));
        let elsewhere: Vec<RepositoryId> = (0..9)
            .map(|number| self.elsewhere(&format!("plumbing-{number}-example/pipeline"), 40 << number))
            .collect();
        let mergers: Vec<AccountId> = (0..5)
            .map(|number| {
                let login = format!("merger-{number}-example");
                self.scene.world.add_account(Account::user(&login, day(2013, 1, 1)))
            })
            .collect();
        for number in 0..2_000_u32 {
            let at = later(noon(TODAY), -1 - i32::try_from(number).unwrap_or_default() * 2);
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
            self.scene.merged(draft, Some(mergers[index % mergers.len()]), at);
        }
        for repository in watched {
            self.scene.authored(repository, lena, 90, later(noon(TODAY), -1));
        }
        self.own(lena, "pipes", 1_200, (2_000, 1_850));

        let marek = self.person("marek-nowak-example", "Marek Nowak", 2017, &[(2026, active(80, 70, 3, 2, 0)), (2025, active(60, 75, 1, 4, 0))]);
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

    fn gaming(&mut self) {
        // Padding: forks, and clones pushed anew whose commits are others' and older than the repository.
        let nadia = self.person("nadia-petrov-example", "Nadia Petrov", 2025, &[(2026, active(9, 0, 0, 0, 0)), (2025, active(3, 0, 0, 0, 0))]);
        for number in 0..40 {
            let id = self.own(nadia, &format!("forked-{number}"), 0, (4_000, 0));
            self.scene.world.repository_mut(id).fork = true;
        }
        for (number, name) in ["keras-from-scratch", "my-segmenter", "gpt-mini", "fast-detector", "u-net-pro", "radiology-suite"].into_iter().enumerate() {
            let id = self.own(nadia, name, 4, (1_800 + u32::try_from(number).unwrap_or_default(), 1));
            self.scene.world.set_authored(
                id,
                nadia,
                Authored { count: 1, newest_committed: day(2017, 4, 4), newest_authored: day(2017, 4, 4) },
            );
        }

        // Backdating: the author's date is before the account was there.
        let otto = self.person("otto-vance-example", "Otto Vance", 2025, &[(2026, active(700, 1, 0, 0, 0))]);
        let id = self.own(otto, "decade-of-work", 2, (700, 700));
        self.scene.world.set_authored(
            id,
            otto,
            Authored { count: 700, newest_committed: day(2026, 6, 1), newest_authored: day(2009, 1, 1) },
        );
        let numpy = self.project("numpy/numpy");
        let at = day(2026, 6, 2);
        self.merge(Scene::draft(otto, numpy, "MAINT: tidy imports", at), at);
        self.scene.world.set_authored(
            numpy,
            otto,
            Authored { count: 1, newest_committed: at, newest_authored: day(2010, 2, 2) },
        );

        // Trivial pull requests in October, all over the place.
        let priya = self.person("priya-raman-example", "Priya Raman", 2023, &[(2026, active(8, 4, 0, 0, 0)), (2025, active(40, 36, 0, 0, 0))]);
        for number in 0..30_i8 {
            let repository = self.elsewhere(&format!("october-{number}-example/website"), 3);
            let at = day(2025, 10, 1 + number);
            let draft = PullRequest {
                additions: 1 + number.unsigned_abs() as u32 % 3,
                deletions: number.unsigned_abs() as u32 % 3,
                files: paths(&["README.md"]),
                labels: labels(&["hacktoberfest-accepted"]),
                ..Scene::draft(priya, repository, "Fix typo", at)
            };
            self.merge(draft, at);
        }
        let scikit = self.project("scikit-learn/scikit-learn");
        for month in [1, 2] {
            let at = day(2026, month, 3);
            let draft = PullRequest { additions: 2, deletions: 2, ..Scene::draft(priya, scikit, "DOC fix typo in docstring", at) };
            self.merge(draft, at);
        }
        self.scene.authored(scikit, priya, 2, day(2026, 2, 3));

        // Friends merging, merging oneself, and a merger whose account is gone.
        let quentin = self.person("quentin-moreau-example", "Quentin Moreau", 2022, &[(2026, active(90, 18, 0, 0, 0))]);
        let friend = self.person("friend-of-quentin-example", "A Friend", 2022, &[]);
        let cosy = self.elsewhere("two-friends-example/tracker", 1);
        for number in 1..=18_i8 {
            let at = day(2026, 1 + number / 2, 9);
            let merger = match number {
                18 => None,
                13..=17 => Some(quentin),
                _ => Some(friend),
            };
            let draft = Scene::draft(quentin, cosy, format!("Add feature {number}"), at);
            self.scene.merged(draft, merger, at);
        }
        let mine = self.own(quentin, "own-tracker", 0, (30, 30));
        let at = day(2026, 3, 3);
        // In one's own repository: counts for nothing.
        let draft = Scene::draft(quentin, mine, "Merge my own branch", at);
        self.scene.merged(draft, Some(quentin), at);
    }

    fn odd_corners(&mut self) {
        let (scikit, pandas) = (self.project("scikit-learn/scikit-learn"), self.project("pandas-dev/pandas"));
        let rosa = self.person("rosa-feldt-example", "Rosa Feldt", 2018, &[(2026, active(33, 9, 12, 6, 0)), (2025, active(20, 4, 5, 3, 0))]);
        for (repository, title, files, changed) in [
            (scikit, "DOC Rework the calibration guide", &["doc/modules/calibration.rst", "README.rst"][..], 2),
            (scikit, "DOC Example and its code", &["doc/whats_new/v1.9.rst", "sklearn/calibration.py"][..], 2),
            (pandas, "DOC: move every page", &["doc/source/index.rst"][..], 25),
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
        self.merge(Scene::draft(rosa, secret, "PRIVATE-TITLE anonymise the archive", at), at);

        // JAX under its old and new address, and something still open.
        let sven = self.person("sven-aalto-example", "Sven Aalto", 2019, &[(2026, active(21, 4, 2, 0, 0)), (2023, active(15, 3, 0, 0, 0))]);
        let jax = self.project("google/jax");
        for (title, at) in [("Before the move", day(2023, 8, 1)), ("After the move", day(2026, 1, 1))] {
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
        let draft = PullRequest { labels: labels(&["Merged"]), ..Scene::draft(sven, by_bot, "Landed by a machine", at) };
        self.scene.closed_by_commit(draft, Some(sven), at);

        let umar = self.person("umar-hostile-example", HOSTILE[0], 2020, &[(2026, active(10, 8, 0, 0, 0))]);
        let monai = self.project("Project-MONAI/MONAI");
        for (number, title) in HOSTILE.into_iter().zip(1_i8..).map(|(title, number)| (number, title)) {
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

fn labels(names: &[&'static str]) -> Box<[Text]> {
    names.iter().map(|name| Cow::Borrowed(*name)).collect()
}

fn paths(files: &[&'static str]) -> Box<[Text]> {
    labels(files)
}

/// A row of the demo's list: id, name, GitHub, Kaggle, further links.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// The applicants as they might arrive: links in every form, hostile names, somebody twice.
const ROWS: [Row; 24] = [
    ("a-01", "Ada Lindqvist", "https://github.com/ada-lindqvist-example", "https://www.kaggle.com/adalindqvist", "https://orcid.org/0000-0002-1825-0097"),
    ("a-02", "Bruno Takeda", "github.com/bruno-takeda-example/", "", ""),
    ("a-03", "Chiara Conti", "@chiara-conti-example", "", ""),
    ("a-04", "Dmitri Orlov", "dmitri-orlov-example", "dmitriorlov", ""),
    ("a-05", "Elif Aksoy", "https://www.github.com/Elif-Aksoy-Example?tab=repositories", "", ""),
    ("a-06", "Farid Haddad", "https://github.com/farid-haddad-example/bone-atlas", "", ""),
    ("a-07", "Grace Okafor", "[my GitHub](https://github.com/grace-okafor-example)", "", ""),
    ("a-08", "Hanna Brandt", "http://github.com/hanna-oldname-example", "", ""),
    ("a-09", "Imaging Lab", "https://github.com/imaging-lab-example", "", ""),
    ("a-10", "Julep", "https://github.com/julep-sweeper[bot]", "", ""),
    ("a-11", "Kofi Mensah", "https://github.com/kofi-gone-example", "", ""),
    ("a-12", "Lena Landau", "", "", "https://github.com/lena-landau-example https://www.kaggle.com/lenalandau"),
    ("a-13", "Marek Nowak", "https://github.com/marek-nowak-example.", "", ""),
    ("a-14", "Nadia Petrov", "(https://github.com/nadia-petrov-example)", "", ""),
    ("a-15", "Otto Vance", "HTTPS://GITHUB.COM/OTTO-VANCE-EXAMPLE", "", ""),
    ("a-16", "Priya Raman", "https://github.com/priya%2Draman%2Dexample", "", ""),
    ("a-17", "Quentin Moreau", "https://gist.github.com/quentin-moreau-example", "", ""),
    ("a-18", "Rosa Feldt", "<https://github.com/rosa-feldt-example>", "", ""),
    ("a-19", "Sven Aalto", "  https://github.com/sven-aalto-example/  ", "", ""),
    ("a-20", "Tala Reyes", "tala-empty-example", "", ""),
    ("a-21", "=cmd|'/C calc'!A0 \u{1b}[31m<b>Umar</b>\u{202E}", "https://github.com/umar-hostile-example", "", ""),
    ("a-22", "Vera Lindgren", "", "https://www.kaggle.com/veralindgren", ""),
    ("a-01", "Ada Lindqvist", "https://github.com/ada-lindqvist-example", "", ""),
    ("", "Ada Lindqvist (again)", "ADA-LINDQVIST-EXAMPLE", "", ""),
];

/// The demo's applicants as a CSV list. The role is left open, so that the default rubric applies.
#[must_use]
pub fn demo_list() -> String {
    let mut list = csv::Writer::from_writer(Vec::new());
    let header = [
        "id", "name", "email", "github", "kaggle", "links", "role", "applied_at", "legal_basis",
    ];
    // Writing to memory does not fail.
    let _ = list.write_record(header);
    for (place, (id, name, github, kaggle, links)) in ROWS.iter().enumerate() {
        let email = format!("applicant-{place}@mail.example");
        let _ = list.write_record([
            id, name, email.as_str(), github, kaggle, links, "", "2026-10-15", "consent",
        ]);
    }
    list.into_inner()
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standin::world::State;

    #[test]
    fn the_demo_world_is_consistent() {
        let world = World::demo();
        let mut seen = 0;
        for account in world.accounts() {
            assert!(world.account(account).years.is_sorted_by(|left, right| left.0 > right.0));
            for id in world.pull_requests_by(account) {
                seen += 1;
                let pull_request = world.pull_request(*id);
                let url = world.pull_request_url(*id);
                assert_eq!(pull_request.author, account);
                assert!(pull_request.number > 0);
                assert_eq!(pull_request.state == State::Merged, pull_request.merged_at.is_some(), "{url}");
                assert_eq!(pull_request.state == State::Open, pull_request.closed_at.is_none(), "{url}");
                assert!(pull_request.closed_at.is_none_or(|at| at > pull_request.created_at && at <= noon(TODAY)), "{url}");
                assert!(pull_request.files.len() <= pull_request.changed_files as usize, "{url}");
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
        assert!(reader.headers().unwrap().iter().eq(["id", "name", "email", "github", "kaggle", "links", "role", "applied_at", "legal_basis"]));
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), ROWS.len());
        let folded = list.to_ascii_lowercase().replace("%2d", "-");
        let world = World::demo();
        let listed = world
            .accounts()
            .map(|account| world.account(account).login.to_ascii_lowercase())
            .filter(|login| folded.contains(login.as_str()))
            .count();
        // Hanna is listed under her old login, Kofi is nobody, and Vera has no GitHub link.
        assert_eq!(listed, 19);
    }
}
