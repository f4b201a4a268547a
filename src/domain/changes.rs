//! What differs between two profiles of an applicant: a new medal, newly landed work, a source gone hidden.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::profile::Profile;

/// A difference from the profile before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What kind of thing changed: `medal`, `landed`, `commits`, `repository`, `source`, `known`, `identity`, `flag`,
    /// `review`, `rubric`, `score`.
    #[serde(default)]
    pub kind: String,
    /// What changed, in words.
    pub what: String,
    /// Where it can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What is different in `after`, what matters most first.
#[must_use]
pub fn between(before: &Profile, after: &Profile) -> Vec<Change> {
    let _ = (before, after);
    Vec::new()
}
