//! Pages of a long answer: where the next one begins, as a text that means nothing to whoever carries it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::problem::{Kind, Problem};

/// Entries on a page at most. Count.
pub(super) const MOST: usize = 200;

/// Entries on a page when nobody says. Count.
const USUAL: usize = 50;

/// How many entries a page has: 1 to [`MOST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit(pub(super) usize);

impl Default for Limit {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = usize::deserialize(deserializer)?;
        if (1..=MOST).contains(&number) {
            Ok(Self(number))
        } else {
            Err(D::Error::custom(format!("limit is 1 to {MOST}")))
        }
    }
}

/// The cursor behind an entry.
pub(super) fn after(entry: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(entry)
}

/// The entry behind which a page begins.
pub(super) fn entry(cursor: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
    let entry = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let entry = entry.filter(|entry| !entry.contains(char::is_control));
    entry.map(Some).ok_or_else(|| {
        Problem::new(
            Kind::Invalid,
            "the cursor is none of ours; take next_cursor of the page before, or none for the first page",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_another_text_is_refused() {
        let cursor = after("github:ada-example");
        let back = entry(Some(&cursor)).unwrap();
        assert_eq!(back.as_deref(), Some("github:ada-example"));
        assert_eq!(entry(None).unwrap(), None);
        for bad in ["!", "a", "AAAA", "_w"] {
            assert!(entry(Some(bad)).is_err(), "{bad}");
        }
    }
}
