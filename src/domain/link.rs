//! What people write when they are asked for a link, and what they meant.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A user name on GitHub or Kaggle: kept as written, compared without regard to case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handle(String);

impl Handle {
    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In lower case, as both hosts compare it.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Handle {}

/// Where an applicant pointed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Link {
    /// An account on GitHub or a GitHub Enterprise server.
    #[serde(rename = "github")]
    GitHub {
        /// The web host, in lower case: `github.com` unless configured otherwise.
        host: String,
        /// The account's login.
        handle: Handle,
    },
    /// An account on Kaggle.
    Kaggle {
        /// The user name.
        handle: Handle,
    },
    /// An ORCID record, sixteen digits in four groups; the checksum holds.
    Orcid {
        /// `0000-0002-1825-0097`.
        id: String,
    },
    /// A home page of the applicant's own.
    HomePage {
        /// http or https.
        url: url::Url,
    },
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GitHub { host, handle } => write!(formatter, "https://{host}/{}", handle.0),
            Self::Kaggle { handle } => write!(formatter, "https://www.kaggle.com/{}", handle.0),
            Self::Orcid { id } => write!(formatter, "https://orcid.org/{id}"),
            Self::HomePage { url } => write!(formatter, "{url}"),
        }
    }
}
