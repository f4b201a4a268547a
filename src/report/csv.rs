//! CSV: one row an applicant, and nothing in it that a spreadsheet would run.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use ::csv::{Terminator, Writer, WriterBuilder};

use super::{Ranking, Rows, rows::plain, strongest, terminal::clean};
use crate::domain::{
    facts::Sources,
    profile::Profile,
    ranking::{Place, Tie},
};

/// The columns that every rubric has; behind them come `low` and `high` of each component.
const COLUMNS: [&str; 27] = [
    "id",
    "name",
    "role",
    "low",
    "high",
    "coverage",
    "state",
    "reasons",
    "github",
    "github_state",
    "kaggle",
    "kaggle_state",
    "home_page",
    "found_on",
    "identity",
    "identity_conflicts",
    "flags",
    "adjusted",
    "notes",
    "fetched_at",
    "rubric",
    "rubric_version",
    "as_of",
    "snapshot",
    "evidence",
    "top_evidence",
    "top_evidence_points",
];

/// A text cell that every spreadsheet takes for text.
///
/// A cell that begins with `=`, `+`, `-` or `@` is a formula, also in their full-width forms; a tab or a
/// carriage return before it is skipped by some. An apostrophe in front makes it text.
pub(super) fn disarmed(text: &str) -> Cow<'_, str> {
    let begins_a_formula = text.trim_start().starts_with([
        '=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
    ]);
    let begins_with_control = text.starts_with(['\t', '\r', '\n']);
    let cleaned = clean(text);
    if begins_a_formula || begins_with_control {
        Cow::Owned(format!("'{cleaned}"))
    } else {
        cleaned
    }
}

/// What a ranking has in front of the other columns.
const PLACE: [&str; 5] = ["rank", "was", "rank_best", "rank_worst", "tie"];

/// One row a profile.
pub(super) fn profile(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    table(None, &[profile], out)
}

/// One row a profile, best first, with its place in front.
pub(super) fn ranking(ranking: &Ranking, out: &mut dyn Write) -> io::Result<()> {
    table(Some(ranking.places()), &ranking.shown(), out)
}

fn table(places: Option<&[Place]>, profiles: &[&Profile], out: &mut dyn Write) -> io::Result<()> {
    // Profiles of several rubrics may come together: every component's name, as it is first met.
    let mut components: Vec<&str> = Vec::new();
    for component in profiles
        .iter()
        .flat_map(|profile| &profile.score.components)
    {
        if !components.contains(&component.name.as_str()) {
            components.push(&component.name);
        }
    }
    let mut writer = writer(out);
    let place_columns = if places.is_some() { &PLACE[..] } else { &[] };
    let columns = place_columns.iter().chain(&COLUMNS);
    let mut header: Vec<String> = columns.map(|name| (*name).to_owned()).collect();
    for name in &components {
        header.push(disarmed(&format!("{name}.low")).into_owned());
        header.push(disarmed(&format!("{name}.high")).into_owned());
    }
    writer.write_record(&header).map_err(of_the_writer)?;
    for (index, profile) in profiles.iter().enumerate() {
        let place = places.and_then(|places| places.get(index));
        let mut row = place.map_or_else(Vec::new, place_cells);
        row.extend(common_cells(profile));
        for name in &components {
            let component = profile
                .score
                .components
                .iter()
                .find(|component| component.name == *name);
            row.push(component.map_or_else(String::new, |found| found.low.to_string()));
            row.push(component.map_or_else(String::new, |found| found.high.to_string()));
        }
        writer.write_record(&row).map_err(of_the_writer)?;
    }
    writer.flush()
}

fn place_cells(place: &Place) -> Vec<String> {
    vec![
        place.rank.to_string(),
        place.was.map_or_else(String::new, |was| was.to_string()),
        place.best.to_string(),
        place.worst.to_string(),
        match place.tie {
            Tie::None => String::new(),
            Tie::Close => "close".to_owned(),
            Tie::Exact => "exact".to_owned(),
        },
    ]
}

fn common_cells(profile: &Profile) -> Vec<String> {
    let text = |text: &str| disarmed(text).into_owned();
    let reasons: Vec<String> = profile
        .score
        .components
        .iter()
        .filter(|component| !component.reason.is_empty())
        .map(|component| format!("{}: {}", component.name, component.reason))
        .collect();
    let asked = profile.sources.asked();
    let of = |name: &str| asked.iter().find(|one| one.source == name);
    let (github, kaggle) = (of("github"), of("kaggle"));
    // What is shown is as old as the oldest of it.
    let fetched_at = asked.iter().map(|one| one.fetched_at).min();
    let strongest = strongest(profile);
    let evidence = strongest.len() + profile.left_out;
    let top = strongest.first().copied();
    vec![
        text(profile.applicant.id.as_str()),
        text(profile.applicant.name.as_deref().unwrap_or_default()),
        text(&profile.role),
        profile.score.low.to_string(),
        profile.score.high.to_string(),
        format!("{:.4}", profile.coverage),
        profile.state().to_string(),
        text(&reasons.join("; ")),
        text(github.map_or("", |one| one.url)),
        text(github.map_or("", |one| one.state)),
        text(kaggle.map_or("", |one| one.url)),
        text(kaggle.map_or("", |one| one.state)),
        text(of("page").map_or("", |one| one.url)),
        text(&found_on(&profile.sources)),
        profile.identity.level.name().to_owned(),
        text(&joined(
            profile.identity.conflicts.iter().map(|one| &*one.what),
        )),
        joined(profile.flags.iter().map(|flag| flag.kind.name())),
        // A number, which no spreadsheet runs.
        profile
            .review
            .adjusted_by()
            .map_or_else(String::new, |points| points.to_string()),
        text(&joined(profile.review.notes.iter().map(|note| &*note.text))),
        fetched_at.map_or_else(String::new, |at| at.to_string()),
        text(&profile.rubric.name),
        text(&profile.rubric.version),
        profile.as_of.to_string(),
        text(&profile.snapshot),
        evidence.to_string(),
        text(top.map_or("", |evidence| evidence.url.as_str())),
        top.map_or_else(String::new, |evidence| evidence.points.to_string()),
    ]
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.collect::<Vec<_>>().join("; ")
}

/// The home page on which an account was found that the application does not name.
fn found_on(sources: &Sources) -> String {
    let github = sources
        .github
        .as_ref()
        .and_then(|one| one.found_on.as_deref());
    let kaggle = sources
        .kaggle
        .as_ref()
        .and_then(|one| one.found_on.as_deref());
    github.or(kaggle).unwrap_or_default().to_owned()
}

/// Plain rows.
pub(super) fn rows(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = writer(out);
    writer.write_record(&rows.header).map_err(of_the_writer)?;
    for row in &rows.rows {
        let cells = row.iter().map(|cell| match cell {
            serde_json::Value::Number(number) => number.to_string(),
            other => disarmed(&plain(other)).into_owned(),
        });
        writer.write_record(cells).map_err(of_the_writer)?;
    }
    writer.flush()
}

/// The writer's own failure, whose kind tells a reader that went away from a disk that is full.
fn of_the_writer(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// RFC 4180 ends a line with CR LF; every reader also takes LF, which plain tools like better.
fn writer(out: &mut dyn Write) -> Writer<&mut dyn Write> {
    WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example::several;

    #[test]
    fn a_reader_that_goes_away_early_is_told_as_such() {
        /// Takes no byte.
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        // More than the writer's buffer holds, so that it is a record that fails and not the flush at the end.
        let many: Vec<Profile> = (0..200).flat_map(|_| several()).collect();
        let all = Ranking::new("doctoral-dl-radiology", many, None);
        let error = ranking(&all, &mut Gone).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_disarmed() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("\r=1", "' =1"),
            ("\tplain", "' plain"),
            ("\rplain", "' plain"),
            ("  =1", "'  =1"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
            ("\u{1b}[31mred", "[31mred"),
        ] {
            assert_eq!(disarmed(text), expected, "{text:?}");
        }
    }
}
