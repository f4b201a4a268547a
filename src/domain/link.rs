//! What people write when they are asked for a link, and what they meant.
//!
//! Text comes in at [`parse`] and nowhere else; what comes out names an account or a page, never a guess
//! about a person. Nothing here asks a host whether the account exists.
//! A link prints as one URL, and that URL parses back to the same link without a notice.

mod error;
mod github;
mod host;
mod kaggle;
mod orcid;
mod page;
mod parse;
mod written;

#[cfg(test)]
mod generated_tests;
#[cfg(test)]
mod tests;

use std::{fmt, hash};

use serde::{Deserialize, Serialize};

pub use self::{
    error::LinkError,
    host::{BadGitHubHost, GitHubHost, GitHubHosts},
    orcid::OrcidId,
    page::PageUrl,
    parse::{Column, LONGEST_LINK, Parsed, Reading, parse},
};

/// A user name on GitHub or Kaggle: kept as written, compared without regard to case.
///
/// Made by [`Handle::github`] or [`Handle::kaggle`] alone, which know what each host allows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle(String);

impl Handle {
    /// A GitHub login: 1 to 39 ASCII letters, digits and hyphens, not beginning with a hyphen.
    ///
    /// Today GitHub gives out single inner hyphens alone; accounts from before that rule end with a hyphen
    /// or hold two in a row, so both are let in. The login of an enterprise's managed user ends with an
    /// underscore and the enterprise's short code (`ada_acme`), so one such suffix is let in too.
    /// A word that is a page of GitHub's own (`settings`, `topics`) is no login.
    pub fn github(text: &str) -> Result<Self, LinkError> {
        github::login(text)
    }

    /// A Kaggle user name: 1 to 40 ASCII letters, digits and single inner hyphens or underscores, and no
    /// word that is a page of Kaggle's own (`competitions`, `datasets`).
    pub fn kaggle(text: &str) -> Result<Self, LinkError> {
        kaggle::user_name(text)
    }

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

impl TryFrom<String> for Handle {
    type Error = LinkError;

    /// For stored values, which do not say whose handle it is: either host's rule will do. [`Link`] checks
    /// the right one when it is read back.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::github(&text).or_else(|refused| Self::kaggle(&text).map_err(|_| refused))
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Handle {}

impl hash::Hash for Handle {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

/// Where an applicant pointed to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case", try_from = "StoredLink")]
pub enum Link {
    /// An account on GitHub or a GitHub Enterprise server.
    #[serde(rename = "github")]
    GitHub {
        /// The web host: `github.com` unless configured otherwise.
        host: GitHubHost,
        /// The account's login.
        handle: Handle,
    },
    /// An account on Kaggle.
    Kaggle {
        /// The user name.
        handle: Handle,
    },
    /// An ORCID record.
    Orcid {
        /// Sixteen digits in four groups; the checksum holds.
        id: OrcidId,
    },
    /// A home page of the applicant's own.
    HomePage {
        /// http or https.
        url: PageUrl,
    },
}

impl Link {
    /// The source's name: `github`, `kaggle`, `orcid` or `page`.
    #[must_use]
    pub fn source(&self) -> &'static str {
        match self {
            Self::GitHub { .. } => "github",
            Self::Kaggle { .. } => "kaggle",
            Self::Orcid { .. } => "orcid",
            Self::HomePage { .. } => "page",
        }
    }

    /// The source's name as people write it.
    #[must_use]
    pub fn source_name(&self) -> &'static str {
        match self {
            Self::GitHub { .. } => "GitHub",
            Self::Kaggle { .. } => "Kaggle",
            Self::Orcid { .. } => "ORCID",
            Self::HomePage { .. } => "home page",
        }
    }

    /// The account's name, when the link leads to an account.
    #[must_use]
    pub fn handle(&self) -> Option<&Handle> {
        match self {
            Self::GitHub { handle, .. } | Self::Kaggle { handle } => Some(handle),
            Self::Orcid { .. } | Self::HomePage { .. } => None,
        }
    }

    /// Place of the source in an applicant's links: GitHub, Kaggle, ORCID, home page. The first link names
    /// an applicant whose list gave no id.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::GitHub { .. } => 0,
            Self::Kaggle { .. } => 1,
            Self::Orcid { .. } => 2,
            Self::HomePage { .. } => 3,
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GitHub { host, handle } => write!(formatter, "https://{host}/{handle}"),
            Self::Kaggle { handle } => write!(formatter, "https://www.kaggle.com/{handle}"),
            Self::Orcid { id } => write!(formatter, "https://orcid.org/{id}"),
            Self::HomePage { url } => write!(formatter, "{url}"),
        }
    }
}

/// A link as it lies in the store, before the rule of its own source was checked.
#[derive(Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
enum StoredLink {
    #[serde(rename = "github")]
    GitHub {
        host: GitHubHost,
        handle: String,
    },
    Kaggle {
        handle: String,
    },
    Orcid {
        id: OrcidId,
    },
    HomePage {
        url: PageUrl,
    },
}

impl TryFrom<StoredLink> for Link {
    type Error = LinkError;

    fn try_from(stored: StoredLink) -> Result<Self, Self::Error> {
        Ok(match stored {
            StoredLink::GitHub { host, handle } => Self::GitHub {
                host,
                handle: Handle::github(&handle)?,
            },
            StoredLink::Kaggle { handle } => Self::Kaggle {
                handle: Handle::kaggle(&handle)?,
            },
            StoredLink::Orcid { id } => Self::Orcid { id },
            StoredLink::HomePage { url } => Self::HomePage { url },
        })
    }
}
