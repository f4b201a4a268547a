//! What differs between two profiles of an applicant: a new medal, newly landed work, a source gone hidden.
//!
//! What matters most comes first: the score and the rubric that moves it, whose accounts they are, what a person
//! should look at, what can no longer be seen, and then the work itself. Within a kind the order is that of the names
//! and URLs, so that the same two profiles give the same list everywhere. Work is compared only where both profiles
//! know it: what became visible or invisible is told once, as a source or a gap, and not again as work that came or
//! went.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::profile::Profile;

mod judged;
#[cfg(test)]
mod tests;
mod work;

/// A difference from the profile before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What kind of thing changed: `score`, `rubric`, `identity`, `flag`, `source`, `known`, `medal`, `landed`,
    /// `commits`, `repository`, `review`.
    #[serde(default)]
    pub kind: String,
    /// What changed, in words.
    pub what: String,
    /// Where it can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Change {
    fn new(kind: &str, what: String, url: Option<&str>) -> Self {
        Self {
            kind: kind.to_owned(),
            what,
            url: url.map(ToOwned::to_owned),
        }
    }
}

/// What is different in `after`, what matters most first.
#[must_use]
pub fn between(before: &Profile, after: &Profile) -> Vec<Change> {
    let mut changes = Vec::new();
    judged::score(before, after, &mut changes);
    judged::rubric(before, after, &mut changes);
    judged::identity(before, after, &mut changes);
    judged::flags(before, after, &mut changes);
    // Ten thousand profiles that are judged anew differ in nothing of this.
    if before.sources != after.sources {
        work::sources(before, after, &mut changes);
        work::gaps(before, after, &mut changes);
        work::medals(before, after, &mut changes);
        work::landed(before, after, &mut changes);
        work::commits(before, after, &mut changes);
    }
    judged::repositories(before, after, &mut changes);
    judged::review(before, after, &mut changes);
    changes
}
