//! Commits that are credited by an address, or to whom they name beside their author.

use super::super::{Cast, active, day};
use crate::standin::{scene::Scene, world::Authored};

impl Cast {
    /// Commits of a time when the account was not there, by an address that was added later; nothing landed since.
    pub(in super::super) fn boris(&mut self) {
        let boris = self.person(
            "boris-hahn-example",
            "Boris Hahn",
            2025,
            &[(2026, active(14, 1, 0, 0, 0))],
        );
        let scipy = self.project("scipy/scipy");
        self.scene.authored(scipy, boris, 24, day(2019, 7, 8));
        self.own(boris, "exercises", 0, (12, 12));
    }

    /// The same, but something landed there later. Its commit bears an address that leads to no account, so the
    /// newest credited one is as old.
    pub(in super::super) fn bianca(&mut self) {
        let bianca = self.person(
            "bianca-roth-example",
            "Bianca Roth",
            2025,
            &[(2026, active(19, 1, 2, 0, 0))],
        );
        let scipy = self.project("scipy/scipy");
        self.scene.authored(scipy, bianca, 24, day(2019, 7, 8));
        let at = day(2026, 3, 19);
        let draft = Scene::draft(bianca, scipy, "BUG: fix the tolerance of brentq", at);
        self.merge(draft, at);
        self.own(bianca, "solvers", 3, (35, 35));
    }

    /// Named as a co-author in nearly all of the commits that count for her.
    pub(in super::super) fn cora(&mut self) {
        let cora = self.person(
            "cora-weiss-example",
            "Cora Weiss",
            2020,
            &[(2026, active(44, 2, 0, 0, 0))],
        );
        self.with_others(cora, (40, 19), 2);
    }

    /// As many commits, half of them written by others.
    pub(in super::super) fn clara(&mut self) {
        let clara = self.person(
            "clara-diaz-example",
            "Clara Diaz",
            2020,
            &[(2026, active(61, 8, 30, 2, 0))],
        );
        self.with_others(clara, (40, 10), 8);
    }

    /// Commits in one project, of whose newest twenty so many are others', and pull requests that landed there.
    fn with_others(
        &mut self,
        person: crate::standin::world::AccountId,
        (commits, co_authored): (u32, u32),
        landed: i8,
    ) {
        let transformers = self.project("huggingface/transformers");
        let mut newest = day(2026, 1, 1);
        for month in 1..=landed {
            newest = day(2026, month, 27);
            let title = format!("Share the attention masks, part {month}");
            let draft = Scene::draft(person, transformers, title, newest);
            self.merge(draft, newest);
        }
        let authored = Authored {
            co_authored,
            ..Authored::alone(commits, newest)
        };
        self.scene
            .world
            .set_authored(transformers, person, authored);
    }
}
