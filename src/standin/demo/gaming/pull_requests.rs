//! Series of tiny pull requests, and friends who merge.

use super::super::{Cast, active, day, labels, paths};
use crate::standin::{
    scene::{Scene, later},
    world::{Account, PullRequest},
};

impl Cast {
    /// Trivial pull requests in October, all over the place.
    pub(in super::super) fn priya(&mut self) {
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

    /// As many tiny ones in as many places, but one now and then over the years.
    pub(in super::super) fn paula(&mut self) {
        let paula = self.person(
            "paula-reyes-example",
            "Paula Reyes",
            2018,
            &[
                (2026, active(20, 12, 3, 2, 0)),
                (2025, active(31, 11, 1, 0, 0)),
                (2024, active(28, 9, 0, 0, 0)),
            ],
        );
        for number in 0..30_i32 {
            let name = format!("guide-{number}-example/manual");
            let repository = self.elsewhere(&name, 3 + number.unsigned_abs() * 40);
            let at = later(day(2026, 10, 10), -70 * number);
            let draft = PullRequest {
                additions: 2,
                deletions: 1,
                files: paths(&["docs/index.md"]),
                ..Scene::draft(paula, repository, format!("Mend link {number}"), at)
            };
            self.merge(draft, at);
        }
        let library = self.elsewhere("plotting-house-example/charts", 900);
        for month in [3, 6, 9] {
            let at = day(2026, month, 2);
            let draft = Scene::draft(paula, library, format!("Add chart kind {month}"), at);
            self.merge(draft, at);
        }
    }

    /// Friends merging, merging oneself, and a merger whose account is gone.
    pub(in super::super) fn quentin(&mut self) {
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

    /// One small project as well, but four people there merge.
    pub(in super::super) fn qadir(&mut self) {
        let qadir = self.person(
            "qadir-aziz-example",
            "Qadir Aziz",
            2021,
            &[(2026, active(70, 16, 9, 3, 0))],
        );
        let small = self.elsewhere("night-shift-example/rota", 4);
        let mergers = ["first", "second", "third", "fourth"].map(|which| {
            let login = format!("{which}-on-the-rota-example");
            let account = Account::user(&login, day(2018, 6, 6));
            self.scene.world.add_account(account)
        });
        for number in 0..16_u8 {
            let at = later(day(2026, 1, 12), 14 * i32::from(number));
            let draft = Scene::draft(qadir, small, format!("Plan shift {number}"), at);
            let merger = mergers[usize::from(number) % mergers.len()];
            self.scene.merged(draft, Some(merger), at);
        }
    }
}
