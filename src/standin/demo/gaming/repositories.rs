//! Forks, clones, dates and stars of own repositories.

use super::super::{Cast, active, day};
use crate::standin::{
    scene::{Scene, later},
    stars::Starred,
    world::Authored,
};

impl Cast {
    /// Padding: forks, and clones pushed anew whose commits are others' and older than the repository.
    pub(in super::super) fn nadia(&mut self) {
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
            self.scene
                .world
                .set_authored(id, nadia, Authored::alone(1, day(2017, 4, 4)));
        }
    }

    /// Many forks and two clones as well, but also work of her own, and some that landed.
    pub(in super::super) fn nora(&mut self) {
        let nora = self.person(
            "nora-stein-example",
            "Nora Stein",
            2019,
            &[
                (2026, active(120, 6, 2, 1, 0)),
                (2025, active(90, 4, 0, 2, 0)),
            ],
        );
        for number in 0..45 {
            let id = self.own(nora, &format!("forked-{number}"), 0, (2_500, 0));
            self.scene.world.repository_mut(id).fork = true;
        }
        self.own(nora, "detector-mirror", 1, (2_200, 3));
        self.own(nora, "trainer-mirror", 0, (1_400, 1));
        self.own(nora, "gait-lab", 21, (240, 231));
        self.own(nora, "dicom-notes", 6, (64, 64));
        let scipy = self.project("scipy/scipy");
        for month in [2, 5, 8] {
            let at = day(2026, month, 17);
            let title = format!("ENH: signal: resample step {month}");
            self.merge(Scene::draft(nora, scipy, title, at), at);
        }
        self.scene.authored(scipy, nora, 3, day(2026, 8, 17));
    }

    /// Backdating: the author's date is before the account was there.
    pub(in super::super) fn otto(&mut self) {
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
                newest_authored: day(2009, 1, 1),
                ..Authored::alone(700, day(2026, 6, 1))
            },
        );
        let numpy = self.project("numpy/numpy");
        let at = day(2026, 6, 2);
        self.merge(Scene::draft(otto, numpy, "MAINT: tidy imports", at), at);
        self.scene.world.set_authored(
            numpy,
            otto,
            Authored {
                newest_authored: day(2010, 2, 2),
                ..Authored::alone(1, at)
            },
        );
    }

    /// Committed long after it was written, though not too long; and a repository that was brought from elsewhere,
    /// whose commits are older than it and the account, by both of their dates.
    pub(in super::super) fn oskar(&mut self) {
        let oskar = self.person(
            "oskar-lund-example",
            "Oskar Lund",
            2018,
            &[(2026, active(130, 2, 0, 0, 0))],
        );
        let at = day(2026, 9, 20);
        let notes = self.own(oskar, "field-notes", 11, (120, 120));
        let authored = Authored {
            newest_authored: later(at, -300),
            ..Authored::alone(120, at)
        };
        self.scene.world.set_authored(notes, oskar, authored);
        let imported = self.own(oskar, "old-simulations", 4, (140, 140));
        let old = Authored::alone(140, day(2013, 5, 5));
        self.scene.world.set_authored(imported, oskar, old);
        let pandas = self.project("pandas-dev/pandas");
        let at = day(2026, 5, 6);
        self.merge(Scene::draft(oskar, pandas, "DOC: clarify resample", at), at);
        self.scene.authored(pandas, oskar, 1, at);
    }

    /// Stars that came within a day and a half, most of them from accounts that were made for it.
    pub(in super::super) fn stella(&mut self) {
        let stella = self.person(
            "stella-kovac-example",
            "Stella Kovac",
            2023,
            &[(2026, active(75, 0, 0, 0, 0))],
        );
        let id = self.own(stella, "super-segment", 150, (70, 70));
        self.scene.world.repository_mut(id).starred = Starred::Bought {
            at: day(2026, 8, 8),
            count: 110,
        };
    }

    /// Stars that came within two days, from old accounts: she had shown it to many.
    pub(in super::super) fn sofia(&mut self) {
        let sofia = self.person(
            "sofia-brandt-example",
            "Sofia Brandt",
            2017,
            &[
                (2026, active(160, 3, 1, 4, 0)),
                (2025, active(80, 0, 0, 0, 0)),
            ],
        );
        let id = self.own(sofia, "bone-viewer", 96, (210, 204));
        self.scene.world.repository_mut(id).starred = Starred::Launch {
            at: day(2026, 4, 21),
            count: 80,
        };
    }
}
