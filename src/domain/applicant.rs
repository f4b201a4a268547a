//! Who applied, and the links on the application.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::link::{Link, PageUrl};

/// An applicant's name within plaudit: the list's own `id`, or made from the first link
/// (`github:octocat`).
///
/// 1 to 64 characters of `A–Z a–z 0–9 . _ : @ + -`, not beginning with `-` or `.`, so that it is safe in
/// a command line, a URL and a file name's stem.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ApplicantId(String);

impl ApplicantId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of an applicant whose list gave none.
    #[must_use]
    pub fn from_link(link: &Link) -> Self {
        let text = match link {
            Link::GitHub { host, handle } if host.is_public() => {
                format!("github:{}", handle.folded())
            }
            Link::GitHub { host, handle } => {
                // The same login on another server is another person.
                let full = format!("github:{}@{host}", handle.folded());
                if full.len() <= LONGEST_ID {
                    full
                } else {
                    format!("github:{}", short_digest(&full))
                }
            }
            Link::Kaggle { handle } => format!("kaggle:{}", handle.folded()),
            Link::Orcid { id } => format!("orcid:{id}"),
            Link::HomePage { url } => {
                // A URL may hold any character; its digest is short and the same on every machine.
                format!("page:{}", short_digest(url.as_str()))
            }
        };
        Self(text)
    }
}

/// Longest id. Characters.
const LONGEST_ID: usize = 64;

/// The first 16 hexadecimal digits of the BLAKE3 digest of `text`.
fn short_digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// Why a text is no [`ApplicantId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no applicant id: 1 to 64 letters, digits or . _ : @ + -, not beginning with - or ."
)]
pub struct BadApplicantId(String);

impl FromStr for ApplicantId {
    type Err = BadApplicantId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@+-".contains(&byte);
        let good = (1..=LONGEST_ID).contains(&text.len())
            && text.bytes().all(allowed)
            && !text.starts_with(['-', '.']);
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadApplicantId(super::text::tame(text)))
        }
    }
}

impl TryFrom<String> for ApplicantId {
    type Error = BadApplicantId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ApplicantId> for String {
    fn from(id: ApplicantId) -> Self {
        id.0
    }
}

impl fmt::Display for ApplicantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A person who applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Applicant {
    /// The name within plaudit.
    pub id: ApplicantId,
    /// The person's name as the list gives it, made harmless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address as the list gives it. Never looked for anywhere else, never in a profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The links that the applicant supplied, at most one a source.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub links: Vec<Link>,
    /// The role applied for: the name of a rubric.
    pub role: String,
    /// When the person applied, as the list gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<String>,
    /// On what ground the data may be processed, as the list gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// The day from which on that ground holds, as the list gives it: the day of a consent, or on which somebody wrote
    /// the ground down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub legal_basis_at: Option<Date>,
}

impl Applicant {
    /// The link to this source, if one was supplied; see [`Link::source`].
    #[must_use]
    pub fn link(&self, source: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.source() == source)
    }

    /// The same with what an earlier application says and this one leaves out: a link that is sent once more takes
    /// nobody's name or other links away. The role is the one that was applied for last.
    #[must_use]
    pub fn with_what_is_known(mut self, before: &Self) -> Self {
        fn fill(new: &mut Option<String>, old: Option<&String>) {
            if new.is_none() {
                *new = old.cloned();
            }
        }
        fill(&mut self.name, before.name.as_ref());
        fill(&mut self.email, before.email.as_ref());
        fill(&mut self.applied_at, before.applied_at.as_ref());
        self.fill_legal_basis(before);
        for link in &before.links {
            if self.link(link.source()).is_none() {
                self.links.push(link.clone());
            }
        }
        self.links.sort_by_key(Link::rank);
        self
    }

    /// Takes the legal basis from `other` where this one has none. A day belongs to its basis: that of another one says
    /// nothing of this one.
    pub fn fill_legal_basis(&mut self, other: &Self) {
        if self.legal_basis.is_none() {
            self.legal_basis.clone_from(&other.legal_basis);
        }
        if self.legal_basis == other.legal_basis && self.legal_basis_at.is_none() {
            self.legal_basis_at = other.legal_basis_at;
        }
    }

    /// The home page, if one was supplied.
    #[must_use]
    pub fn home_page(&self) -> Option<&PageUrl> {
        self.links.iter().find_map(|link| match link {
            Link::HomePage { url } => Some(url),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_from_before_the_day_was_kept_still_reads() {
        let old = r#"{"id":"a-01","links":[],"role":"reference","legal_basis":"consent"}"#;
        let read: Applicant = serde_json::from_str(old).unwrap();
        assert_eq!(read.legal_basis_at, None);
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
    }
}
