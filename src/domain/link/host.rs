//! Which hosts are GitHub, and which only look like a host that plaudit knows.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

use super::error::shown;

/// The web host of GitHub or of a GitHub Enterprise server, in lower case, with a port if it is not 443.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GitHubHost(String);

impl GitHubHost {
    /// As text: `github.com`, `github.example.com:8443`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is GitHub's own.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.0 == "github.com"
    }
}

impl Default for GitHubHost {
    fn default() -> Self {
        Self("github.com".to_owned())
    }
}

/// Why a text is no host of GitHub.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no web host; write it alone, such as github.example.com or github.example.com:8443, without https:// and path"
)]
pub struct BadGitHubHost(String);

impl FromStr for GitHubHost {
    type Err = BadGitHubHost;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadGitHubHost(shown(text));
        let lower = text.trim().to_ascii_lowercase();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
        if lower.is_empty() || lower.len() > 253 || !lower.bytes().all(allowed) {
            return Err(bad());
        }
        let url = Url::parse(&format!("https://{lower}/")).map_err(|_| bad())?;
        let host = url.host_str().ok_or_else(bad)?;
        // The URL standard rewrites numbers (`0x7f.1`); a host has to be written as it will be compared.
        if host.ends_with('.') || lower.split(':').next() != Some(host) {
            return Err(bad());
        }
        Ok(Self(match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }))
    }
}

impl TryFrom<String> for GitHubHost {
    type Error = BadGitHubHost;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<GitHubHost> for String {
    fn from(host: GitHubHost) -> Self {
        host.0
    }
}

impl fmt::Display for GitHubHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl PartialEq<str> for GitHubHost {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for GitHubHost {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// The hosts that count as GitHub: `github.com` unless the configuration says otherwise.
///
/// The first one is meant by a bare login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<GitHubHost>", into = "Vec<GitHubHost>")]
pub struct GitHubHosts(Vec<GitHubHost>);

impl GitHubHosts {
    /// These hosts; `github.com` when there are none.
    #[must_use]
    pub fn new(hosts: Vec<GitHubHost>) -> Self {
        if hosts.is_empty() {
            Self::default()
        } else {
            Self(hosts)
        }
    }

    /// The host that a bare login is meant for.
    pub(super) fn first(&self) -> GitHubHost {
        self.0.first().cloned().unwrap_or_default()
    }

    /// Which of them `host` is: itself, or with one of `prefixes` (`www.`) before it.
    pub(super) fn find(&self, host: &str, prefixes: &[&str]) -> Option<&GitHubHost> {
        let exact = |host: &str| self.0.iter().find(|known| known.0 == host);
        exact(host).or_else(|| {
            prefixes
                .iter()
                .find_map(|prefix| host.strip_prefix(prefix).and_then(exact))
        })
    }

    /// Whether `github.com` is among them.
    pub(super) fn public(&self) -> Option<&GitHubHost> {
        self.0.iter().find(|host| host.is_public())
    }
}

impl Default for GitHubHosts {
    fn default() -> Self {
        Self(vec![GitHubHost::default()])
    }
}

impl From<Vec<GitHubHost>> for GitHubHosts {
    fn from(hosts: Vec<GitHubHost>) -> Self {
        Self::new(hosts)
    }
}

impl From<GitHubHosts> for Vec<GitHubHost> {
    fn from(hosts: GitHubHosts) -> Self {
        hosts.0
    }
}

/// Names that a deceiver would borrow, and the hosts that they belong to.
const BORROWED: [(&str, &str); 3] = [
    ("github", "github.com"),
    ("kaggle", "kaggle.com"),
    ("orcid", "orcid.org"),
];

/// The known host that `host` only looks like, if any. `host` is in lower case and in its ASCII form.
///
/// Caught are a known name anywhere in a strange host (`github.com.evil.example`), a known name with one
/// letter wrong, missing, added or swapped before the last dot (`githud.com`), and a known name written
/// with letters of other alphabets (`gıthub.com`, on the wire `xn--gthub-n4a.com`).
pub(super) fn look_alike(host: &str) -> Option<&'static str> {
    let host = host.split(':').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let registered = labels.len().checked_sub(2);
    BORROWED
        .iter()
        .find(|(name, _)| {
            labels.iter().enumerate().any(|(place, label)| {
                label == name
                    || foreign_spelling(label, name)
                    // Short names are one letter away from honest words (orchid), long ones are not.
                    || (Some(place) == registered
                        && name.len() >= 6
                        && strsim::osa_distance(label, name) == 1)
            })
        })
        .map(|(_, real)| *real)
}

/// Whether `label` is the ASCII form of a label with other alphabets' letters whose plain letters spell
/// most of `name` in order: `xn--gthub-n4a` keeps `gthub` of `github`.
fn foreign_spelling(label: &str, name: &str) -> bool {
    let Some(encoded) = label.strip_prefix("xn--") else {
        return false;
    };
    let Some((plain, _)) = encoded.rsplit_once('-') else {
        return false;
    };
    let mut rest = name.chars();
    plain.len() * 2 >= name.len() && plain.chars().all(|letter| rest.any(|next| next == letter))
}
