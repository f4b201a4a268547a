//! ORCID iDs: sixteen digits, the last of which proves the others.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    error::{LinkError, shown},
    parse::Reading,
};

/// An ORCID iD, written `0000-0002-1825-0097`; its checksum holds (ISO 7064 MOD 11-2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrcidId(String);

impl OrcidId {
    /// As text, four groups of four.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrcidId {
    type Err = LinkError;

    /// With or without hyphens; the dashes that text programs put in their place count as hyphens.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |reason| LinkError::Orcid {
            text: shown(text),
            reason,
        };
        let mut characters: Vec<char> = Vec::with_capacity(16);
        for (at, character) in text.chars().enumerate() {
            match character {
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' if matches!(at, 4 | 9 | 14) => (),
                '0'..='9' => characters.push(character),
                'x' | 'X' if characters.len() == 15 => characters.push('X'),
                _ => return Err(refuse("it has other characters than four groups of digits")),
            }
            if characters.len() > 16 {
                return Err(refuse("it has more than 16 digits"));
            }
        }
        let Some((last, digits)) = characters.split_last().filter(|(_, rest)| rest.len() == 15)
        else {
            return Err(refuse("it does not have 16 digits"));
        };
        if *last != check_digit(digits) {
            return Err(refuse(
                "its last digit does not fit the others, so one is mistyped",
            ));
        }
        let groups: Vec<String> = characters
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect();
        Ok(Self(groups.join("-")))
    }
}

/// The sixteenth character that belongs to fifteen digits, by ISO 7064 MOD 11-2.
fn check_digit(digits: &[char]) -> char {
    let total = digits
        .iter()
        .filter_map(|digit| digit.to_digit(10))
        .fold(0, |total, digit| (total + digit) * 2 % 11);
    match (12 - total) % 11 {
        10 => 'X',
        check => char::from_digit(check, 10).unwrap_or('0'),
    }
}

impl TryFrom<String> for OrcidId {
    type Error = LinkError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<OrcidId> for String {
    fn from(id: OrcidId) -> Self {
        id.0
    }
}

impl fmt::Display for OrcidId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether `host` is ORCID's registry. Its sandbox holds made-up people and is not.
pub(super) fn is_host(host: &str) -> bool {
    matches!(host, "orcid.org" | "www.orcid.org")
}

/// The record that a page of orcid.org shows: `/ID`, `/ID/print`, or a signed-in `/my-orcid?orcid=ID`.
pub(super) fn from_page(url: &Url, path: &[String]) -> Result<(OrcidId, Reading), LinkError> {
    let Some(first) = path.first() else {
        return Err(LinkError::NoAccount {
            host: "orcid.org".to_owned(),
        });
    };
    if first.eq_ignore_ascii_case("my-orcid") {
        let own = url.query_pairs().find(|(key, _)| key == "orcid");
        return match own {
            Some((_, id)) => Ok((id.parse()?, Reading::Named)),
            None => Err(LinkError::Reserved {
                host: "orcid.org".to_owned(),
                path: shown(first),
            }),
        };
    }
    Ok((first.parse()?, Reading::Named))
}
