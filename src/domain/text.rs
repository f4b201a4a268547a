//! Strangers' text, made harmless before it is kept or shown.

/// Longest title, name or reason that is kept, in characters.
pub const LONGEST: usize = 200;

/// What tokens begin with, and how many characters follow at least: plaudit's own, and GitHub's.
const TOKENS: [(&str, usize); 7] = [
    ("plaudit_", 43),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 40),
];

/// `text` on one line: at most [`LONGEST`] characters, without control characters, terminal escapes,
/// or the invisible characters that turn the direction of writing around; of a token only what it begins with.
///
/// Applied where text enters (titles of pull requests, names in lists), so that no output has to remember.
#[must_use]
pub fn tame(text: &str) -> String {
    without_tokens(on_one_line(text))
}

/// Hides tokens that somebody has put in a wrong place: errors repeat what was written, and reports keep it.
fn without_tokens(text: String) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let token_in = |text: &str| {
        let found = TOKENS.iter().filter_map(|(beginning, least)| {
            text.match_indices(beginning).find_map(|(at, _)| {
                let from = at + beginning.len();
                let rest = &text[from..];
                let length = rest
                    .find(|character| !is_part(character))
                    .unwrap_or(rest.len());
                (length >= *least).then_some((from, from + length))
            })
        });
        found.min()
    };
    let mut hidden = text;
    while let Some((from, to)) = token_in(&hidden) {
        hidden.replace_range(from..to, "…");
    }
    hidden
}

fn on_one_line(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(LONGEST));
    let mut characters = 0_usize;
    let mut space = false;
    for character in text.chars() {
        if character.is_whitespace() {
            space = !kept.is_empty();
            continue;
        }
        if is_invisible(character) {
            continue;
        }
        let needed = if space { 2 } else { 1 };
        if characters + needed > LONGEST {
            // The mark takes the place of the last character, so that the length keeps its bound.
            if characters == LONGEST {
                kept.pop();
            }
            kept.push('…');
            return kept;
        }
        if space {
            kept.push(' ');
            characters += 1;
            space = false;
        }
        kept.push(character);
        characters += 1;
    }
    kept
}

/// Whether `character` has no glyph of its own: controls, separators of lines and paragraphs, direction marks, zero-width
/// characters, tags.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E007F}')
}

/// Whether `known` stands in `text` by itself, and not as a part of a longer name.
#[must_use]
pub fn stands_in(known: &str, text: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || "-_".contains(character);
    !known.is_empty()
        && text.match_indices(known).any(|(at, found)| {
            let before = text[..at].chars().next_back();
            let after = text[at + found.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_token_only_its_beginning_is_kept() {
        let rest = "4C4uyr6imRRMRXhxt3lnFJaujM-CvUsSFhjdFO__I4Q";
        for (given, kept) in [
            (format!("plaudit_{rest}"), "plaudit_…"),
            (
                format!("ada-plaudit_{rest}le, please"),
                "ada-plaudit_…, please",
            ),
            (
                format!("ghp_{0} and plaudit_{0}", &rest.replace('-', "x")),
                "ghp_… and plaudit_…",
            ),
            (format!("plau\u{200B}dit_{rest}"), "plaudit_…"),
            (format!("github_pat_{rest}{rest}"), "github_pat_…"),
        ] {
            assert_eq!(tame(&given), kept);
        }
        for name in ["plaudit_evaluation_of_images", "ghp_x", "plaudit_"] {
            assert_eq!(tame(name), name);
        }
    }

    #[test]
    fn hostile_text_becomes_one_harmless_line() {
        for (given, kept) in [
            ("Fix   the\n\tloader", "Fix the loader"),
            ("\u{1b}[31mred\u{1b}[0m", "[31mred[0m"),
            ("abc\u{202E}fdp.exe", "abcfdp.exe"),
            ("zero\u{200B}width", "zerowidth"),
            (
                "one\u{2028}line\u{2029}and\u{85}no more",
                "one line and no more",
            ),
            ("joined\u{34F}\u{17B4}\u{1D173}", "joined"),
            ("  around  ", "around"),
            ("", ""),
            ("naïve 日本語 🩻", "naïve 日本語 🩻"),
        ] {
            assert_eq!(tame(given), kept, "{given:?}");
        }
    }

    #[test]
    fn a_megabyte_is_cut_and_marked() {
        let kept = tame(&"x".repeat(1 << 20));
        assert_eq!(kept.chars().count(), LONGEST);
        assert!(kept.ends_with('…'));
        assert_eq!(tame(&"x".repeat(LONGEST)).chars().count(), LONGEST);
        assert!(!tame(&"x".repeat(LONGEST)).ends_with('…'));
    }
}
