//! Those who make more of themselves than there is.

use super::{Cast, active, day, labels, paths};
use crate::standin::{
    scene::Scene,
    world::{Authored, PullRequest},
};

impl Cast {
    /// Padding: forks, and clones pushed anew whose commits are others' and older than the repository.
    pub(super) fn nadia(&mut self) {
        let nadia = self.person(
            "nadia-petrov-example",
            "Nadia Petrov",
            2025,
            &[(2026, active(9, 0, 0, 0, 0)), (2025, active(3, 0, 0, 0, 0))],
        );
        for number in 0..40 {
            let id = self.own(nadia, &format!("forked-{number}"), 0, (4_000, 0));
            self.scene.world.repository_mut(id).fork = true;
        }
        for (number, name) in [
            "keras-from-scratch",
            "my-segmenter",
            "gpt-mini",
            "fast-detector",
            "u-net-pro",
            "radiology-suite",
        ]
        .into_iter()
        .enumerate()
        {
            let id = self.own(
                nadia,
                name,
                4,
                (1_800 + u32::try_from(number).unwrap_or_default(), 1),
            );
            self.scene.world.set_authored(
                id,
                nadia,
                Authored {
                    count: 1,
                    newest_committed: day(2017, 4, 4),
                    newest_authored: day(2017, 4, 4),
                },
            );
        }
    }

    /// Backdating: the author's date is before the account was there.
    pub(super) fn otto(&mut self) {
        let otto = self.person(
            "otto-vance-example",
            "Otto Vance",
            2025,
            &[(2026, active(700, 1, 0, 0, 0))],
        );
        let id = self.own(otto, "decade-of-work", 2, (700, 700));
        self.scene.world.set_authored(
            id,
            otto,
            Authored {
                count: 700,
                newest_committed: day(2026, 6, 1),
                newest_authored: day(2009, 1, 1),
            },
        );
        let numpy = self.project("numpy/numpy");
        let at = day(2026, 6, 2);
        self.merge(Scene::draft(otto, numpy, "MAINT: tidy imports", at), at);
        self.scene.world.set_authored(
            numpy,
            otto,
            Authored {
                count: 1,
                newest_committed: at,
                newest_authored: day(2010, 2, 2),
            },
        );
    }

    /// Trivial pull requests in October, all over the place.
    pub(super) fn priya(&mut self) {
        let priya = self.person(
            "priya-raman-example",
            "Priya Raman",
            2023,
            &[
                (2026, active(8, 4, 0, 0, 0)),
                (2025, active(40, 36, 0, 0, 0)),
            ],
        );
        for number in 0..30_i8 {
            let repository = self.elsewhere(&format!("october-{number}-example/website"), 3);
            let at = day(2025, 10, 1 + number);
            let draft = PullRequest {
                additions: 1 + u32::from(number.unsigned_abs()) % 3,
                deletions: u32::from(number.unsigned_abs()) % 3,
                files: paths(&["README.md"]),
                labels: labels(&["hacktoberfest-accepted"]),
                ..Scene::draft(priya, repository, "Fix typo", at)
            };
            self.merge(draft, at);
        }
        let scikit = self.project("scikit-learn/scikit-learn");
        for month in [1, 2] {
            let at = day(2026, month, 3);
            let draft = PullRequest {
                additions: 2,
                deletions: 2,
                ..Scene::draft(priya, scikit, "DOC fix typo in docstring", at)
            };
            self.merge(draft, at);
        }
        self.scene.authored(scikit, priya, 2, day(2026, 2, 3));
    }

    /// Friends merging, merging oneself, and a merger whose account is gone.
    pub(super) fn quentin(&mut self) {
        let quentin = self.person(
            "quentin-moreau-example",
            "Quentin Moreau",
            2022,
            &[(2026, active(90, 18, 0, 0, 0))],
        );
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
}
