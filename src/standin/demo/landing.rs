//! The ways in which work lands, and is taken back.

use std::borrow::Cow;

use super::{Cast, active, day, labels, paths};
use crate::standin::{
    scene::{Scene, later},
    world::{AccountId, Closing, Commit, Oid, PullRequest, Reference, State},
};

impl Cast {
    pub(super) fn ada(&mut self) {
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
            (
                "Fix NaN gradient of masked softmax on empty rows",
                84,
                day(2026, 9, 3),
            ),
            (
                "Add deterministic scatter_reduce for CUDA",
                412,
                day(2026, 6, 17),
            ),
            (
                "Speed up grid_sample backward for half precision",
                236,
                day(2026, 2, 9),
            ),
            (
                "Document padding_mode of grid_sample",
                12,
                day(2025, 11, 21),
            ),
            (
                "Check strides before calling conv3d kernels",
                38,
                day(2025, 7, 2),
            ),
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
                additions: 20 + 40 * u32::from(number.unsigned_abs().max(1)),
                deletions: 7,
                changed_files: 2,
                files: paths(&[
                    "sklearn/metrics/_ranking.py",
                    "sklearn/metrics/tests/test_ranking.py",
                ]),
                ..Scene::draft(
                    ada,
                    scikit,
                    format!("ENH Handle ties in ranking metric {number}"),
                    at,
                )
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
        self.merge(
            Scene::draft(ada, monai, "Add cartilage thickness transform", at),
            at,
        );
        self.scene.authored(monai, ada, 1, at);
        let library = self.elsewhere("open-imaging-example/dicom-tools", 2_300);
        let at = day(2025, 9, 9);
        self.merge(
            Scene::draft(ada, library, "Read multi-frame DICOM lazily", at),
            at,
        );
    }

    /// ghstack: the bot's commit carries an address that no longer leads to an account.
    pub(super) fn bruno(&mut self) {
        let bruno = self.person(
            "bruno-takeda-example",
            "Bruno Takeda",
            2015,
            &[
                (2026, active(90, 14, 20, 1, 0)),
                (2025, active(140, 22, 31, 2, 0)),
            ],
        );
        let pytorch = self.project("pytorch/pytorch");
        for part in 1..=4 {
            let at = day(2026, 4, 3 * part);
            let draft = PullRequest {
                additions: 150,
                deletions: 90,
                labels: labels(&["open source", "merged"]),
                ..Scene::draft(
                    bruno,
                    pytorch,
                    format!("[{part}/4] Split the inductor cache by device"),
                    at,
                )
            };
            self.scene.closed_by_commit(draft, None, at);
        }
        self.own(bruno, "stacks", 18, (77, 70));
    }

    /// Copybara: no label; the pushed commit is the only sign.
    pub(super) fn chiara(&mut self) {
        let chiara = self.person(
            "chiara-conti-example",
            "Chiara Conti",
            2016,
            &[
                (2026, active(60, 9, 4, 0, 0)),
                (2025, active(85, 11, 7, 2, 0)),
                (2024, active(20, 3, 1, 0, 0)),
            ],
        );
        for (project, title, at) in [
            (
                "jax-ml/jax",
                "Add lax.approx_top_k batching rule",
                day(2026, 8, 20),
            ),
            (
                "jax-ml/jax",
                "Fix PRNG key reuse check under vmap",
                day(2026, 1, 11),
            ),
            (
                "tensorflow/tensorflow",
                "Support ragged tensors in tf.image.resize",
                day(2025, 10, 1),
            ),
            (
                "tensorflow/tensorflow",
                "Fix overflow in SparseCross",
                day(2025, 2, 14),
            ),
            (
                "keras-team/keras",
                "Allow None in Masking layer",
                day(2023, 5, 5),
            ),
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
        for (project, count) in [
            ("jax-ml/jax", 2),
            ("tensorflow/tensorflow", 2),
            ("keras-team/keras", 1),
        ] {
            let repository = self.project(project);
            self.scene
                .authored(repository, chiara, count, day(2026, 8, 20));
        }
    }

    /// A label without a commit proves nothing, nor does somebody else's commit.
    pub(super) fn dmitri(&mut self) {
        let (pytorch, maintainer) = (self.project("pytorch/pytorch"), self.scene.maintainer);
        let dmitri = self.person(
            "dmitri-orlov-example",
            "Dmitri Orlov",
            2020,
            &[(2026, active(30, 5, 0, 0, 0))],
        );
        for title in [
            "Add sanitiser build for distributed tests",
            "Skip flaky rendezvous test",
        ] {
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

    /// Work that was taken back after a bot landed it.
    pub(super) fn elif(&mut self) {
        let elif = self.person(
            "elif-aksoy-example",
            "Elif Aksoy",
            2018,
            &[
                (2026, active(70, 12, 9, 1, 0)),
                (2025, active(55, 8, 3, 0, 0)),
            ],
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
        let oid = self
            .scene
            .commit(&draft, number, "landed", Some(elif), at)
            .oid;
        let references = Box::from([self.scene.revert(&draft, number, oid, later(at, 3))]);
        self.scene.closed_by_commit(
            PullRequest {
                references,
                ..draft
            },
            Some(elif),
            at,
        );
        // Reverted and landed again: the label stays, the credit too.
        let (first, revert, again) = (day(2026, 5, 1), day(2026, 5, 4), day(2026, 5, 20));
        let draft = landed("Vectorise embedding_bag", &["Merged", "Reverted"], first);
        let number = self.scene.number_of(&draft);
        let landing = |at, what| Closing {
            at,
            commit: Some(self.scene.commit(&draft, number, what, Some(elif), at)),
        };
        let closings = Box::from([landing(first, "landed"), landing(again, "landed again")]);
        let oid = self
            .scene
            .commit(&draft, number, "landed", Some(elif), first)
            .oid;
        let references = Box::from([self.scene.revert(&draft, number, oid, revert)]);
        self.scene.world.add_pull_request(PullRequest {
            number,
            state: State::Closed,
            closed_at: Some(again),
            closings,
            references,
            ..draft
        });
        self.scene.authored(pytorch, elif, 4, again);
        self.elif_by_button(elif);
    }

    /// Work that was taken back after the button merged it, and work that only looks so.
    fn elif_by_button(&mut self, elif: AccountId) {
        // Merged by the button and reverted: by label, and by a commit.
        let (scipy, numpy) = (self.project("scipy/scipy"), self.project("numpy/numpy"));
        let at = day(2025, 6, 6);
        let draft = Scene::draft(elif, scipy, "ENH: faster Delaunay", at);
        self.merge(
            PullRequest {
                labels: labels(&["reverted"]),
                ..draft
            },
            at,
        );
        let at = day(2025, 7, 7);
        let draft = Scene::draft(elif, numpy, "ENH: strided sort", at);
        let number = self.scene.number_of(&draft);
        let references =
            Box::from([self
                .scene
                .revert(&draft, number, Oid::of("numpy merge"), later(at, 1))]);
        self.merge(
            PullRequest {
                references,
                ..draft
            },
            at,
        );
        // Commits that only look like reverts of it: a mention, another repository's, another number's.
        let at = day(2025, 9, 9);
        let draft = Scene::draft(elif, numpy, "BUG: fix argpartition of NaN", at);
        let number = self.scene.number_of(&draft);
        let named = |message: String, cross_repository, days| Reference {
            at: later(at, days),
            cross_repository,
            commit: Commit {
                message: Cow::Owned(message),
                ..self
                    .scene
                    .commit(&draft, number, "named", None, later(at, days))
            },
        };
        let references = Box::from([
            named(
                format!("Follow-up to #{number}: no revert is needed"),
                false,
                1,
            ),
            named(
                format!("Revert \"BUG: fix argpartition of NaN (#{number})\""),
                true,
                2,
            ),
            named(
                format!("Revert \"Something else (#{number}0)\", see there"),
                false,
                3,
            ),
        ]);
        self.merge(
            PullRequest {
                references,
                ..draft
            },
            at,
        );
        self.scene.authored(numpy, elif, 2, day(2025, 9, 9));
        self.scene.authored(scipy, elif, 1, day(2025, 6, 6));
    }
}
