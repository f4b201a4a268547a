//! What is wrong with a rubric, and where.

use std::{fmt, fmt::Write as _, ops::Range};

use unicode_width::UnicodeWidthChar;

use crate::domain::text::{is_invisible, tame};

/// Characters of a line that are shown before and after the place at most, so that a long line does not bury it.
const AROUND: usize = 60;

/// Problems that are told at most; more would bury the first.
const MOST_TOLD: usize = 40;

/// Something that is wrong at one place of a rubric's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted in characters from 1.
    pub column: usize,
    /// The line's text, made harmless; of a long line the part around the place.
    pub excerpt: String,
    /// Cells of a terminal in `excerpt` before the place.
    pub indent: usize,
    /// Cells that the place takes, at least 1.
    pub marked: usize,
    /// What is wrong, and what is allowed.
    pub message: String,
    /// What was probably meant, or what to do; empty when the message says it all.
    pub hint: String,
}

impl Problem {
    /// A problem at the bytes `span` of `text`.
    #[must_use]
    pub fn at(text: &str, span: Range<usize>, message: String, hint: String) -> Self {
        let start = boundary(text, span.start);
        let end = boundary(text, span.end.max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let before = &text[line_start..start];
        let marked = &text[start..end.min(line_end)];
        let after = &text[start + marked.len()..line_end];
        let column = before.chars().count() + 1;
        let skipped = (column - 1).saturating_sub(AROUND);
        let mut excerpt = String::new();
        if skipped > 0 {
            excerpt.push('…');
        }
        let before = harmless(before.chars().skip(skipped));
        excerpt.push_str(&before);
        let indent = cells(&excerpt);
        let place = harmless(marked.chars().take(2 * AROUND));
        excerpt.push_str(&place);
        excerpt.push_str(&harmless(after.chars().take(AROUND)));
        if after.chars().nth(AROUND).is_some() {
            excerpt.push('…');
        }
        Self {
            line: text[..line_start].matches('\n').count() + 1,
            column,
            excerpt: excerpt.trim_end().to_owned(),
            indent,
            marked: cells(&place).max(1),
            message,
            hint,
        }
    }

    /// What a parser of TOML says.
    pub(super) fn of_parser(text: &str, span: Option<Range<usize>>, said: &str) -> Self {
        // The parser writes what it expected on a line of its own.
        let said = tame(&said.replace('\n', "; "));
        let span = span.unwrap_or(0..0);
        let hint = if is_decimal_comma(text.as_bytes(), span.start) {
            "numbers are written with a point: 0.5"
        } else {
            "a text stands in quotes, a section's name in [brackets], a comment behind #; what comes after this \
             place was not read"
        };
        Self::at(
            text,
            span,
            format!("this is no TOML: {said}"),
            hint.to_owned(),
        )
    }

    /// The problem as people read it, behind what names its place.
    fn tell(&self, place: &str, out: &mut impl fmt::Write) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(out, "{place}: {}", self.message)?;
        writeln!(out, "{margin} |")?;
        writeln!(out, "{number} | {}", self.excerpt)?;
        write!(
            out,
            "{margin} | {}{}",
            " ".repeat(self.indent),
            "^".repeat(self.marked)
        )?;
        if !self.hint.is_empty() {
            write!(out, "\n{margin} = {}", self.hint)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = format!("line {}, column {}", self.line, self.column);
        self.tell(&place, formatter)
    }
}

/// All of `problems` for people, each behind `FILE:line:column:` when a file is named.
#[must_use]
pub fn told(problems: &[Problem], file: Option<&str>) -> String {
    let mut text = String::new();
    for problem in problems.iter().take(MOST_TOLD) {
        let place = match file {
            Some(file) => format!("{file}:{}:{}", problem.line, problem.column),
            None => format!("line {}, column {}", problem.line, problem.column),
        };
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = problem.tell(&place, &mut text);
    }
    let untold = problems.len().saturating_sub(MOST_TOLD);
    if untold > 0 {
        let _ = write!(text, "\nand {untold} more");
    }
    text
}

/// Whether a comma between two digits is at `at`.
fn is_decimal_comma(text: &[u8], at: usize) -> bool {
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    text.get(at) == Some(&b',') && is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1))
}

/// The nearest place at or before `at` where a character begins.
fn boundary(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

/// One visible character for each, so that places keep theirs.
fn harmless(characters: impl Iterator<Item = char>) -> String {
    characters
        .filter(|character| *character != '\r')
        .map(|character| match character {
            '\t' => ' ',
            _ if is_invisible(character) => '\u{FFFD}',
            _ => character,
        })
        .collect()
}

/// Cells of a terminal that `text` takes.
fn cells(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// Why a text is no rubric, or a rubric not what it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RubricError {
    /// The text must be edited first. There is at least one problem, in the text's order.
    #[error("the rubric cannot be used\n{}", told(.problems, None))]
    Invalid {
        /// Everything that is wrong.
        problems: Vec<Problem>,
    },
    /// Somebody asks for a maximum that there cannot be.
    #[error("the rubric's {key} is {value}, but must be {range}")]
    OutOfRange {
        /// Which key.
        key: String,
        /// What it is.
        value: String,
        /// What it may be.
        range: &'static str,
    },
    /// The rubric has no component of this name.
    #[error("there is no component {name:?}; there is {known}")]
    NoComponent {
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// No rubric bears the name.
    #[error("there is no rubric named {name:?}; there is {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
    },
}
