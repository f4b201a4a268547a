//! The rubrics that come with plaudit.

use std::collections::BTreeMap;

use super::{Rubric, RubricError};

/// The rubrics that come with plaudit: name and text.
pub const EMBEDDED: &[(&str, &str)] = &[
    (
        "data-scientist",
        include_str!("../../../config/roles/data-scientist.toml"),
    ),
    (
        "doctoral-dl-radiology",
        include_str!("../../../config/roles/doctoral-dl-radiology.toml"),
    ),
    (
        "research-software-engineer",
        include_str!("../../../config/roles/research-software-engineer.toml"),
    ),
];

impl Rubric {
    /// The rubrics that come with plaudit, by name.
    pub fn all_embedded() -> Result<BTreeMap<String, Self>, RubricError> {
        EMBEDDED
            .iter()
            .map(|(name, text)| Ok(((*name).to_owned(), Self::parse(text)?)))
            .collect()
    }

    /// The embedded rubric of this name.
    pub fn embedded(name: &str) -> Result<Self, RubricError> {
        let found = EMBEDDED.iter().find(|(known, _)| *known == name);
        let known = || {
            let names: Vec<_> = EMBEDDED.iter().map(|(name, _)| *name).collect();
            names.join(", ")
        };
        let (_, text) = found.ok_or_else(|| RubricError::Unknown {
            name: name.to_owned(),
            known: known(),
        })?;
        Self::parse(text)
    }
}
