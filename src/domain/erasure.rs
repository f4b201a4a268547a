//! Erasing a person for good, and the mark that stays: it holds nothing of the person, and keeps lists from bringing the
//! person back by accident.

use std::fmt;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{applicant::Applicant, link::Link};

/// Why somebody is erased.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The person asked for it, or somebody decided it.
    Asked,
    /// The time for which the role's applicants are kept has ended.
    Expired,
}

impl fmt::Display for Ground {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Asked => "on request",
            Self::Expired => "because the time to keep them had ended",
        })
    }
}

/// An order to erase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Why.
    pub ground: Ground,
    /// In the words of whoever orders it, one harmless line; it stays when the person is gone, and must not name them.
    pub reason: Option<String>,
}

/// What stays of somebody who was erased: no name, no link, no id. It is found by salted digests of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, utoipa::ToSchema)]
pub struct Tombstone {
    /// Its name for people: eight hexadecimal digits, drawn at random.
    pub number: String,
    /// When the person was erased.
    #[schema(value_type = String, format = DateTime)]
    #[schemars(with = "String")]
    pub erased_at: Timestamp,
    /// Why.
    pub ground: Ground,
    /// In the words of whoever ordered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The role whose lists may not bring the person back; `None`: no list may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl Tombstone {
    /// Whether it keeps an applicant for this role out.
    #[must_use]
    pub fn bars(&self, role: &str) -> bool {
        self.role.as_ref().is_none_or(|barred| barred == role)
    }
}

impl fmt::Display for Tombstone {
    /// Why a row is refused, in a sentence without its end.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "this person was erased on {} {}",
            self.erased_at.strftime("%Y-%m-%d"),
            self.ground
        )?;
        if let Some(reason) = &self.reason {
            write!(formatter, " ({reason})")?;
        }
        write!(formatter, "; tombstone {}", self.number)
    }
}

/// What a person may be recognised by, each in the one form in which it is compared: the id, every link, the e-mail
/// address. A name is not among them: many people bear it.
#[must_use]
pub fn identifiers(applicant: &Applicant) -> Vec<String> {
    let mut known = vec![format!("id:{}", applicant.id)];
    known.extend(applicant.links.iter().map(of_link));
    known.extend(applicant.email.as_deref().map(of_email));
    known
}

/// What stands for an e-mail address among [`identifiers`].
#[must_use]
pub fn of_email(email: &str) -> String {
    format!("email:{}", email.trim().to_lowercase())
}

/// What stands for a link among [`identifiers`].
#[must_use]
pub fn of_link(link: &Link) -> String {
    match link {
        Link::HomePage { .. } => format!("link:{}", page(&link.to_string().to_lowercase())),
        // Prints as one URL, whatever was written; the hosts do not regard the case.
        _ => format!("link:{}", link.to_string().to_lowercase()),
    }
}

/// The address of a page without what leads to the same page with it or without it: the scheme, `www.`, escapes, the name of an index, a slash at the end.
fn page(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    if !matches!(scheme, "http" | "https") {
        return url.to_owned();
    }
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let rest = percent_decode_str(rest).decode_utf8_lossy().to_lowercase();
    let index = |path: &str| {
        let (folder, name) = path.rsplit_once('/')?;
        matches!(name, "index.html" | "index.htm" | "index.php").then(|| folder.to_owned())
    };
    let rest = index(&rest).unwrap_or(rest);
    format!("https://{}", rest.trim_end_matches('/'))
}

/// What somebody may mean who writes `text`: an id, a link, an e-mail address, or an id that is made of a link
/// (`github:NAME`).
#[must_use]
pub fn meanings(text: &str) -> Vec<String> {
    let text = text.trim();
    let folded = text.to_lowercase();
    let folded = folded.trim_end_matches('/');
    let mut meant = vec![
        format!("id:{text}"),
        format!("link:{folded}"),
        format!("link:https://{folded}"),
        format!("link:{}", page(folded)),
        format!("email:{folded}"),
    ];
    for (source, home) in [
        ("github:", "https://github.com/"),
        ("kaggle:", "https://www.kaggle.com/"),
        ("orcid:", "https://orcid.org/"),
        ("https://kaggle.com/", "https://www.kaggle.com/"),
        ("kaggle.com/", "https://www.kaggle.com/"),
    ] {
        if let Some(handle) = folded.strip_prefix(source) {
            meant.push(format!("link:{home}{handle}"));
        }
    }
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applicant() -> Applicant {
        serde_json::from_value(serde_json::json!({
            "id": "a-01",
            "email": "Ada@Example.org",
            "links": [
                {"source": "github", "host": "github.com", "handle": "Made-Up-Ada"},
                {"source": "kaggle", "handle": "madeupada"},
            ],
            "role": "phd",
        }))
        .unwrap()
    }

    #[test]
    fn whatever_a_person_was_known_by_can_be_written_to_mean_them() {
        let known = identifiers(&applicant());
        for text in [
            "a-01",
            "https://github.com/made-up-ada",
            "https://github.com/Made-Up-Ada/",
            "github.com/made-up-ada",
            "github:made-up-ada",
            "kaggle:MadeUpAda",
            "https://www.kaggle.com/madeupada",
            "kaggle.com/madeupada",
            "ada@example.org",
        ] {
            let meant = meanings(text);
            assert!(known.iter().any(|one| meant.contains(one)), "{text}");
        }
        for text in ["a-1", "github:made-up", "made-up-ada", ""] {
            let meant = meanings(text);
            assert!(!known.iter().any(|one| meant.contains(one)), "{text}");
        }
    }

    #[test]
    fn a_home_page_is_the_same_in_whatever_spelling() {
        let of = |url: &str| {
            let link = serde_json::json!({"source": "home_page", "url": url});
            of_link(&serde_json::from_value(link).unwrap())
        };
        let known = of("https://Example.org/~ada");
        for same in [
            "http://example.org/~ada",
            "https://www.example.org/~ada",
            "https://example.org/~ada/",
            "https://example.org/~ada/index.html",
            "https://example.org/%7Eada",
            "https://example.org/~%61d%61",
        ] {
            assert_eq!(of(same), known, "{same}");
            assert!(meanings(same).contains(&known), "{same}");
        }
        for other in [
            "https://example.org/~adam",
            "https://example.org/",
            "https://example.org/~ada?page=2",
        ] {
            assert_ne!(of(other), known, "{other}");
        }
    }

    #[test]
    fn a_tombstone_of_a_role_bars_that_role_alone() {
        let mut tombstone = Tombstone {
            number: "3f9c2a11".to_owned(),
            erased_at: "2026-11-30T08:00:00Z".parse().unwrap(),
            ground: Ground::Asked,
            reason: Some("by letter".to_owned()),
            role: None,
        };
        assert!(tombstone.bars("phd") && tombstone.bars("postdoc"));
        assert_eq!(
            tombstone.to_string(),
            "this person was erased on 2026-11-30 on request (by letter); tombstone 3f9c2a11"
        );
        tombstone.role = Some("phd".to_owned());
        assert!(tombstone.bars("phd") && !tombstone.bars("postdoc"));
    }
}
