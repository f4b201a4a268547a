//! What an applicant's own home page links to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The links on a home page that lead to an account of the applicant's. Nothing else of the page is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageFacts {
    /// The accounts that are clearly the applicant's, one a source at most.
    pub links: Vec<FoundLink>,
    /// Sources of which the page names several accounts, none of them clearly the applicant's, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unclear: Vec<String>,
}

/// A link that was found on a home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundLink {
    /// Where it leads, in full.
    pub url: String,
    /// Whether the page says by `rel="me"` that the account is its owner's.
    pub rel_me: bool,
}
