//! A rubric: what a role values, written by a person in TOML.

use serde::{Deserialize, Serialize};

/// A project that the rubric watches: work that landed in it counts most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchedProject {
    /// `owner/name` on GitHub. Compared without regard to case.
    pub project: String,
    /// What a contribution to it is worth beside the others, 0 to 5.
    pub weight: f64,
    /// Former or mirrored `owner/name`s that count as the same project.
    #[serde(default)]
    pub aliases: Vec<String>,
}
