//! JSON, safe to look at in a terminal.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use serde::Serialize;

use super::Ranking;
use crate::domain::{profile::Profile, ranking::Place, text::is_invisible};

/// A profile in a ranking: the profile's own keys, and `place`.
#[derive(Serialize)]
struct Ranked<'a> {
    place: &'a Place,
    #[serde(flatten)]
    profile: &'a Profile,
}

fn ranked(ranking: &Ranking) -> Vec<Ranked<'_>> {
    let places = ranking.places().iter();
    places
        .zip(ranking.shown())
        .map(|(place, profile)| Ranked { place, profile })
        .collect()
}

/// A ranking as an array.
pub(super) fn ranking(ranking: &Ranking, out: &mut dyn Write) -> io::Result<()> {
    pretty(&ranked(ranking), out)
}

/// A ranking, an applicant a line.
pub(super) fn ranking_lines(ranking: &Ranking, out: &mut dyn Write) -> io::Result<()> {
    ranked(ranking).iter().try_for_each(|one| line(one, out))
}

/// `value`, indented.
pub fn pretty<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", escaped(&text))
}

/// `value` on one line.
pub fn line<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    writeln!(out, "{}", escaped(&text))
}

/// JSON allows characters that a terminal obeys (C1 controls, direction marks) to stand in a string as they
/// are. Outside of strings JSON is ASCII, so each such character is inside of one and may be escaped.
fn escaped(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if character >= '\u{7f}' && is_invisible(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_a_terminal_obeys_are_escaped_and_read_back() {
        let hostile = "a\u{9b}31mb\u{202E}c\u{7f}d\u{E0041}e\u{1b}f é 日本";
        let mut out = Vec::new();
        line(&hostile, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "\"a\\u009b31mb\\u202ec\\u007fd\\udb40\\udc41e\\u001bf é 日本\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
