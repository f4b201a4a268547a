//! Text for a terminal: without escapes of strangers, of a known width, and with our own few colours.

use std::{borrow::Cow, fmt};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::text::is_invisible;

/// `text` without line breaks, terminal escapes and characters that turn the direction of writing around; of
/// any length, since a URL that is cut leads nowhere.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_invisible) {
        let kept = text
            .chars()
            .map(|character| match character {
                '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
                other => other,
            })
            .filter(|character| !is_invisible(*character))
            .collect();
        Cow::Owned(kept)
    } else {
        Cow::Borrowed(text)
    }
}

/// `text`, clean and in at most `columns` columns; what is cut off is marked by `…`.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let text = clean(text);
    if text.width() <= columns {
        return text.into_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        let width = character.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        kept.push(character);
        used += width;
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// `text`, clean, cut or padded to exactly `columns` columns.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let mut padded = fit(text, columns);
    let missing = columns.saturating_sub(padded.width());
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// Columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    clean(text).width()
}

/// Our colours, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    pub(super) fn bold(self, text: impl fmt::Display) -> String {
        self.with("1", text)
    }

    pub(super) fn dim(self, text: impl fmt::Display) -> String {
        self.with("2", text)
    }

    pub(super) fn good(self, text: impl fmt::Display) -> String {
        self.with("32", text)
    }

    pub(super) fn warn(self, text: impl fmt::Display) -> String {
        self.with("33", text)
    }

    pub(super) fn bad(self, text: impl fmt::Display) -> String {
        self.with("31", text)
    }

    fn with(self, code: &str, text: impl fmt::Display) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns_not_by_bytes() {
        for (text, columns, expected) in [
            ("short", 10, "short"),
            ("exactly ten", 11, "exactly ten"),
            ("exactly ten", 10, "exactly t…"),
            ("日本語です", 10, "日本語です"),
            ("日本語です", 9, "日本語で…"),
            ("日本語です", 8, "日本語…"),
            ("naïve 🩻 scan", 8, "naïve …"),
            ("x", 0, ""),
            ("xy", 1, "…"),
            ("\u{1b}[31mred", 20, "[31mred"),
        ] {
            assert_eq!(fit(text, columns), expected, "{text:?} in {columns}");
            assert!(fit(text, columns).width() <= columns);
            assert_eq!(pad(text, columns).width(), columns, "{text:?} in {columns}");
        }
    }

    #[test]
    fn clean_text_has_no_escapes_breaks_or_direction_marks_and_keeps_its_length() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a\u{1b}[2Jb", "a[2Jb"),
            ("a\u{9b}2Jb", "a2Jb"),
            ("one\r\ntwo\tthree", "one  two three"),
            ("abc\u{202E}fdp.exe", "abcfdp.exe"),
            (
                "\u{1b}]8;;https://example.org\u{7}link",
                "]8;;https://example.orglink",
            ),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
        }
        let long = format!("https://example.org/{}", "x".repeat(5_000));
        assert_eq!(clean(&long), long);
    }
}
