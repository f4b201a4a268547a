//! What rubrics, kinds of evidence and projects may be called, and which name was meant.

use crate::domain::text::is_invisible;

/// How alike two names must be, from 0 to 1, for one to be offered as what was meant.
const ALIKE: f64 = 0.6;

/// What [`is_name`] asks for, in words.
pub const NAME_RULE: &str = "1 to 64 of a-z, 0-9 and -, not beginning with -";

/// Whether `text` can be a rubric's name. Rubrics are files, so names stay clear of everything that means something
/// in a path.
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether `text` can be the name of a kind of evidence that a person looks up.
pub(super) fn is_kind(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether `text` can be a language's name.
pub(super) fn is_language(text: &str) -> bool {
    (1..=64).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(is_invisible)
}

/// Whether `text` is `owner/name`, as GitHub spells it.
pub(super) fn is_project(text: &str) -> bool {
    let good = |part: &str| {
        (1..=100).contains(&part.len())
            && part != "."
            && part != ".."
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.split_once('/')
        .is_some_and(|(owner, name)| good(owner) && good(name))
}

/// The name among `known` that `name` was most likely meant to be.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            let likeness =
                strsim::normalized_damerau_levenshtein(&folded, &candidate.to_lowercase());
            (likeness, candidate)
        })
        .filter(|(likeness, _)| *likeness >= ALIKE)
        // Of names that are as near the first is taken, so that the answer is always the same.
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_files_links_and_commands_can_bear() {
        for (check, good, bad) in [
            (
                is_name as fn(&str) -> bool,
                ["a", "data-scientist", "2nd"],
                ["", "-a", "Data", "a/b", "ä"],
            ),
            (
                is_kind,
                ["publication", "phd_thesis", "2"],
                ["", "Talk", "a-b", "a b", "ä"],
            ),
            (
                is_project,
                ["a/b", "Project-MONAI/MONAI", "x/.github"],
                ["numpy", "a/b/c", "/b", "a/..", "https://github.com/a/b"],
            ),
            (
                is_language,
                ["C++", "Jupyter Notebook", "日本語"],
                ["", " C", "C\n", "C\u{202E}", "C "],
            ),
        ] {
            for text in good {
                assert!(check(text), "{text:?}");
            }
            for text in bad {
                assert!(!check(text), "{text:?}");
            }
        }
        assert!(is_name(&"a".repeat(64)) && !is_name(&"a".repeat(65)));
        assert!(is_kind(&"a".repeat(32)) && !is_kind(&"a".repeat(33)));
    }

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let known = ["floor", "cap", "Floor-2"];
        assert_eq!(nearest("flor", known), Some("floor"));
        assert_eq!(nearest("FLOOR", known), Some("floor"));
        assert_eq!(nearest("ceiling", known), None);
    }
}
