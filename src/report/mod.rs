//! What people and programs get to read: a profile, a ranking, and plain rows, each in seven formats.
//!
//! Imports the domain alone and writes to what it is given; it opens no file, asks no terminal and reads no
//! store. Text of strangers was made harmless where it came in; this room does not rely on it: each
//! format has its own way to disarm what it prints.

mod bar;
mod csv;
pub(crate) mod document;
mod explain;
pub(crate) mod html;
mod json;
mod markdown;
mod profile;
mod ranking;
mod rows;
mod schema;
mod sources;
mod terminal;
mod words;
mod xlsx;

#[cfg(test)]
pub(crate) mod example;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

pub use document::{Document, Part, TextFormat, document};
pub use html::Pages;
pub use json::{line as json_line, pretty as json_pretty};
pub use ranking::Ranking;
pub use rows::Rows;
pub use schema::schema;
pub use terminal::clean;

use crate::domain::{
    profile::Profile,
    rubric::Rubric,
    score::{self, Component, Evidence, Points},
};

/// What a rubric's maxima add up to.
const ALL_POINTS: Points = Points::from_cents(10_000);

/// A rubric's component in plain words: its heading, and what it looks at.
#[must_use]
pub fn component(name: &str) -> (String, &'static str) {
    (words::component(name).into_owned(), words::looks_at(name))
}

/// What is never looked at, in a sentence or two.
#[must_use]
pub fn never() -> &'static str {
    words::NEVER
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, at a terminal.
    #[default]
    Text,
    /// JSON, indented; a ranking is an array.
    Json,
    /// JSON, one value a line.
    Jsonl,
    /// Comma-separated values with a header; cells that a spreadsheet would run are disarmed.
    Csv,
    /// Markdown.
    Markdown,
    /// One self-contained HTML page, without script or network.
    Html,
    /// An Excel workbook, a sheet for the ranking and one for its evidence.
    Xlsx,
}

impl Format {
    /// Its name, as it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Xlsx => "xlsx",
        }
    }

    /// Whether it is nothing that a terminal could show.
    #[must_use]
    pub fn is_binary(self) -> bool {
        self == Self::Xlsx
    }
}

/// What text is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Columns of the terminal; lines are made to fit where that loses no URL. At least 40 are assumed.
    pub width: u16,
    /// Whether colours may be used.
    pub colour: bool,
}

impl Default for View {
    /// 100 columns without colours: for files and pipes.
    fn default() -> Self {
        Self {
            width: 100,
            colour: false,
        }
    }
}

/// How much of a profile is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Detail {
    /// The evidence that matters most.
    Summary,
    /// Every piece of evidence, and how each number came about. Holds the rubric that judged; without it the sums
    /// can be shown, and of the formula only its form.
    Explained(Option<Box<Rubric>>),
}

impl Detail {
    /// The rubric that judged, if it is at hand.
    fn rubric(&self) -> Option<&Rubric> {
        match self {
            Self::Summary => None,
            Self::Explained(rubric) => rubric.as_deref(),
        }
    }
}

/// Writes one profile.
pub fn profile(
    profile: &Profile,
    format: Format,
    detail: &Detail,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => profile::write(profile, detail, view, out),
        Format::Json => json::pretty(profile, out),
        Format::Jsonl => json::line(profile, out),
        Format::Csv => csv::profile(profile, out),
        Format::Markdown => markdown::profile(profile, detail, out),
        Format::Html => html::profile(profile, detail.rubric(), None, out),
        Format::Xlsx => xlsx::profile(profile, detail.rubric(), out),
    }
}

/// Writes the page of an applicant that stands in a folder of reports.
pub fn applicant_page(
    profile: &Profile,
    rubric: Option<&Rubric>,
    pages: &Pages,
    out: &mut dyn Write,
) -> io::Result<()> {
    html::profile(profile, rubric, Some(pages), out)
}

/// Writes the ranking that leads to the pages of a folder of reports.
pub fn ranking_page(ranking: &Ranking, pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    html::ranking(ranking, Some(pages), out)
}

/// Writes a ranking.
pub fn ranking(
    ranking: &Ranking,
    format: Format,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => ranking::write(ranking, view, out),
        Format::Json => json::ranking(ranking, out),
        Format::Jsonl => json::ranking_lines(ranking, out),
        Format::Csv => csv::ranking(ranking, out),
        Format::Markdown => markdown::ranking(ranking, out),
        Format::Html => html::ranking(ranking, None, out),
        Format::Xlsx => xlsx::ranking(ranking, out),
    }
}

/// Writes plain rows, such as settings.
pub fn rows(rows: &Rows, format: Format, view: View, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => rows::write(rows, view, out),
        Format::Json => json::pretty(&rows.objects(), out),
        Format::Jsonl => rows
            .objects()
            .iter()
            .try_for_each(|object| json::line(object, out)),
        Format::Csv => csv::rows(rows, out),
        Format::Markdown => markdown::rows(rows, out),
        Format::Html => html::rows(rows, out),
        Format::Xlsx => xlsx::rows(rows, out),
    }
}

/// A component's evidence, most points first; equal ones newest first, then by URL.
fn strongest_first(component: &Component) -> Vec<&Evidence> {
    let mut evidence: Vec<&Evidence> = component.evidence.iter().collect();
    score::strongest_first(&mut evidence);
    evidence
}

/// All evidence over all components, what earned most first.
fn strongest(profile: &Profile) -> Vec<&Evidence> {
    profile.score.strongest()
}

/// Coverage in whole percent, never rounded up to all.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share is clamped to 0..=1 first; NaN becomes 0"
)]
fn percent(coverage: f64) -> u8 {
    (coverage.clamp(0.0, 1.0) * 100.0 + 1e-9).floor() as u8
}
