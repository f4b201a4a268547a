//! Those whose story is on Kaggle, as GitHub knows them.

use super::{Cast, active, day};
use crate::standin::scene::Scene;

impl Cast {
    /// Found by her home page alone.
    pub(super) fn wilma(&mut self) {
        let years = [
            (2026, active(96, 9, 3, 2, 0)),
            (2025, active(41, 2, 0, 0, 0)),
        ];
        let wilma = self.person("wilma-kron-example", "Wilma Kron", 2020, &years);
        let scikit = self.project("scikit-learn/scikit-learn");
        let at = day(2026, 4, 22);
        let draft = Scene::draft(wilma, scikit, "DOC Fix the shape in the example of PCA", at);
        self.merge(draft, at);
        self.scene.authored(scikit, wilma, 1, at);
        self.own(wilma, "notebooks", 7, (83, 83));
    }

    /// Named by her application; on Kaggle she names another account.
    pub(super) fn xenia(&mut self) {
        let years = [(2026, active(22, 1, 0, 0, 0))];
        let xenia = self.person("xenia-quist-example", "Xenia Quist", 2021, &years);
        self.own(xenia, "store-sales", 2, (31, 31));
    }

    /// A grandmaster on Kaggle with little on GitHub.
    pub(super) fn yuki(&mut self) {
        let years = [
            (2026, active(15, 0, 0, 1, 0)),
            (2024, active(60, 0, 0, 0, 0)),
        ];
        let yuki = self.person("yuki-ueda-example", "Yuki Ueda", 2016, &years);
        self.own(yuki, "knee-mri-first-place", 118, (44, 40));
    }
}
