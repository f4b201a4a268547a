//! A workbook: numbers are numbers, dates are dates, and whatever strangers wrote is text.
//!
//! Text is written as text, so a spreadsheet runs none of it, whatever it begins with. Links are made of addresses of
//! the web alone, and only so many as Excel bears. The document's date is that of the profiles, so that the same
//! profiles give the same bytes.

use std::io::{self, Write};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Url, Workbook, Worksheet, XlsxError,
};

use super::{
    Ranking, Rows, explain, rows::plain, strongest, strongest_first, terminal::clean, words,
};
use crate::domain::{
    profile::Profile,
    ranking::{Place, Tie},
    rubric::Rubric,
    score::{Evidence, Points},
};

/// Links on a sheet; Excel bears 65,530.
const MOST_LINKS: usize = 65_000;

/// Longest address that may be a link. Characters; Excel bears 2,079.
const LONGEST_LINK: usize = 2_000;

/// Longest text of a cell. Characters; Excel bears 32,767 units of UTF-16.
const LONGEST_TEXT: usize = 16_000;

/// Rows of evidence on a sheet; Excel bears 1,048,576 with the header.
const MOST_ROWS: usize = 1_000_000;

/// What a cell holds.
enum Cell {
    Empty,
    Text(String),
    Count(usize),
    Number(f64),
    Points(Points),
    Share(f64),
    Day(Date),
    /// An address, which is a link where it may be one.
    Address(String),
}

impl Cell {
    fn text(text: &str) -> Self {
        Self::Text(clean(text).into_owned())
    }

    fn some(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    fn address(url: Option<&str>) -> Self {
        url.map_or(Self::Empty, |url| Self::Address(clean(url).into_owned()))
    }

    fn day(at: Timestamp) -> Self {
        Self::Day(at.to_zoned(TimeZone::UTC).date())
    }
}

/// A column: its heading, and its width in characters.
type Column = (String, f64);

fn column(name: &str, width: f64) -> Column {
    (name.to_owned(), width)
}

/// The ways in which cells are shown.
struct Formats {
    header: Format,
    points: Format,
    value: Format,
    share: Format,
    day: Format,
    text: Format,
}

impl Formats {
    fn new() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        Self {
            header: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Top),
            points: top().set_num_format("0.00"),
            value: top().set_num_format("0.0000##"),
            share: top().set_num_format("0 %"),
            day: top().set_num_format("yyyy-mm-dd"),
            text: top(),
        }
    }
}

/// The workbook of one applicant.
pub(super) fn profile(
    profile: &Profile,
    rubric: Option<&Rubric>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let components = component_names(&[profile]);
    let mut columns = applicant_columns();
    columns.extend(component_columns(&components));
    columns.extend(link_columns());
    let mut row = applicant_cells(profile);
    row.extend(component_cells(profile, &components));
    row.extend(link_cells(profile));
    let sheets = [
        ("Profile".to_owned(), columns, vec![row]),
        (
            "Evidence".to_owned(),
            evidence_columns(),
            evidence_rows(profile, rubric),
        ),
    ];
    save(sheets.into_iter(), Some(profile.as_of), out)
}

/// The workbook of a ranking.
pub(super) fn ranking(ranking: &Ranking, out: &mut dyn Write) -> io::Result<()> {
    let shown = ranking.shown();
    let components = component_names(&shown);
    let mut columns = vec![
        column("rank", 6.0),
        column("best rank", 6.0),
        column("worst rank", 6.0),
        column("likely best", 7.0),
        column("likely worst", 7.0),
        column("tie with the one above", 12.0),
    ];
    if ranking.what_if().is_some() {
        columns.push(column("rank without the what-if", 10.0));
    }
    columns.extend(applicant_columns());
    columns.extend(component_columns(&components));
    columns.extend(link_columns());
    let rows = shown
        .iter()
        .zip(ranking.places())
        .map(|(profile, place)| {
            let mut row = place_cells(place, ranking.what_if().is_some());
            row.extend(applicant_cells(profile));
            row.extend(component_cells(profile, &components));
            row.extend(link_cells(profile));
            row
        })
        .collect();
    let mut evidence: Vec<Vec<Cell>> = shown
        .iter()
        .flat_map(|profile| evidence_rows(profile, None))
        .collect();
    let mut sheets = vec![("Ranking".to_owned(), columns, rows)];
    let mut number = 1;
    loop {
        let rest = evidence.split_off(evidence.len().min(MOST_ROWS));
        let name = if number == 1 {
            "Evidence".to_owned()
        } else {
            format!("Evidence {number}")
        };
        sheets.push((name, evidence_columns(), evidence));
        if rest.is_empty() {
            break;
        }
        evidence = rest;
        number += 1;
    }
    let as_of = ranking.profiles().iter().map(|profile| profile.as_of).max();
    save(sheets.into_iter(), as_of, out)
}

/// Plain rows as one sheet.
pub(super) fn rows(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let columns = rows.header.iter().map(|name| column(name, 24.0)).collect();
    let cell = |value: &serde_json::Value| match value {
        serde_json::Value::Null => Cell::Empty,
        serde_json::Value::Number(number) => number
            .as_f64()
            .map_or_else(|| Cell::Text(plain(value)), Cell::Number),
        other => Cell::Text(plain(other)),
    };
    let cells = rows
        .rows
        .iter()
        .map(|row| row.iter().map(cell).collect())
        .collect();
    let sheets = [("Rows".to_owned(), columns, cells)];
    save(sheets.into_iter(), None, out)
}

fn place_cells(place: &Place, is_what_if: bool) -> Vec<Cell> {
    let mut cells: Vec<Cell> = [
        place.rank,
        place.best,
        place.worst,
        place.likely_best,
        place.likely_worst,
    ]
    .into_iter()
    .map(Cell::Count)
    .collect();
    cells.push(match place.tie {
        Tie::None => Cell::Empty,
        Tie::Close => Cell::text("close"),
        Tie::Exact => Cell::text("exact"),
    });
    if is_what_if {
        cells.push(place.was.map_or(Cell::Empty, Cell::Count));
    }
    cells
}

fn applicant_columns() -> Vec<Column> {
    vec![
        column("id", 20.0),
        column("name", 24.0),
        column("low", 8.0),
        column("high", 8.0),
        column("coverage", 9.0),
        column("state", 10.0),
        column("identity", 10.0),
        column("conflicts", 9.0),
        column("flags", 28.0),
        column("adjusted low", 9.0),
        column("adjusted high", 9.0),
    ]
}

fn applicant_cells(profile: &Profile) -> Vec<Cell> {
    let flags: Vec<&str> = profile
        .flags
        .iter()
        .map(|flag| words::flag(flag.kind))
        .collect();
    let adjusted = |points: Points| {
        let by = profile.review.adjusted_by();
        by.map_or(Cell::Empty, |by| {
            Cell::Points([points, by].into_iter().sum())
        })
    };
    vec![
        Cell::text(profile.applicant.id.as_str()),
        Cell::some(profile.applicant.name.as_deref()),
        Cell::Points(profile.score.low),
        Cell::Points(profile.score.high),
        Cell::Share(profile.coverage),
        Cell::Text(profile.state().to_string()),
        Cell::text(profile.identity.level.name()),
        Cell::Count(profile.identity.conflicts.len()),
        Cell::Text(flags.join("; ")),
        adjusted(profile.score.low),
        adjusted(profile.score.high),
    ]
}

/// The components of all rubrics, as they are first met.
fn component_names<'a>(profiles: &[&'a Profile]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    let components = profiles
        .iter()
        .flat_map(|profile| &profile.score.components);
    for component in components {
        if !names.contains(&component.name.as_str()) {
            names.push(&component.name);
        }
    }
    names
}

fn component_columns(names: &[&str]) -> Vec<Column> {
    let both = names.iter().flat_map(|name| {
        ["low", "high"].map(|end| column(&format!("{} {end}", clean(name)), 11.0))
    });
    both.collect()
}

fn component_cells(profile: &Profile, names: &[&str]) -> Vec<Cell> {
    let both = names.iter().flat_map(|name| {
        let mut components = profile.score.components.iter();
        match components.find(|component| component.name == *name) {
            Some(component) => [Cell::Points(component.low), Cell::Points(component.high)],
            None => [Cell::Empty, Cell::Empty],
        }
    });
    both.collect()
}

fn link_columns() -> Vec<Column> {
    vec![
        column("github", 32.0),
        column("kaggle", 32.0),
        column("home page", 32.0),
        column("strongest evidence", 40.0),
        column("its points", 8.0),
        column("its address", 40.0),
        column("rubric", 24.0),
        column("version", 8.0),
        column("as of", 11.0),
    ]
}

fn link_cells(profile: &Profile) -> Vec<Cell> {
    let asked = profile.sources.asked();
    let url = |source: &str| {
        let found = asked.iter().find(|one| one.source == source);
        Cell::address(found.map(|one| one.url))
    };
    let evidence = strongest(profile);
    let first = evidence.first();
    vec![
        url("github"),
        url("kaggle"),
        url("page"),
        Cell::some(first.map(|one| one.title.as_str())),
        first.map_or(Cell::Empty, |one| Cell::Points(one.points)),
        Cell::address(first.map(|one| one.url.as_str())),
        Cell::text(&profile.rubric.name),
        Cell::text(&profile.rubric.version),
        Cell::Day(profile.as_of),
    ]
}

fn evidence_columns() -> Vec<Column> {
    vec![
        column("id", 20.0),
        column("component", 14.0),
        column("points", 8.0),
        column("date", 11.0),
        column("kind", 24.0),
        column("project", 26.0),
        column("title", 50.0),
        column("address", 50.0),
        column("value", 10.0),
        column("how the value came about", 70.0),
        column("fetched", 11.0),
    ]
}

fn evidence_rows(profile: &Profile, rubric: Option<&Rubric>) -> Vec<Vec<Cell>> {
    let row = |component: &str, evidence: &Evidence| {
        vec![
            Cell::text(profile.applicant.id.as_str()),
            Cell::text(component),
            Cell::Points(evidence.points),
            Cell::day(evidence.date),
            Cell::text(&evidence.kind),
            Cell::some(evidence.project.as_deref()),
            Cell::text(&evidence.title),
            Cell::address(Some(&evidence.url)),
            Cell::Number(evidence.value.total),
            Cell::Text(explain::product(evidence, profile, rubric)),
            Cell::day(evidence.fetched_at),
        ]
    };
    profile
        .score
        .components
        .iter()
        .flat_map(|component| {
            let sorted = strongest_first(component).into_iter();
            sorted.map(move |evidence| row(&component.name, evidence))
        })
        .collect()
}

type Sheet = (String, Vec<Column>, Vec<Vec<Cell>>);

fn save(
    sheets: impl Iterator<Item = Sheet>,
    as_of: Option<Date>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let bytes = workbook(sheets, as_of).map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn workbook(
    sheets: impl Iterator<Item = Sheet>,
    as_of: Option<Date>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // Without a day of its own a document bears one on which nothing happened, never the clock's.
    let made = as_of.unwrap_or_else(|| Date::constant(2000, 1, 1));
    let made = excel_day(made)
        .or_else(|| excel_day(Date::constant(2000, 1, 1)))
        .unwrap_or_default();
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let formats = Formats::new();
    for (name, columns, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        fill(sheet, &columns, &rows, &formats)?;
    }
    book.save_to_buffer()
}

fn fill(
    sheet: &mut Worksheet,
    columns: &[Column],
    rows: &[Vec<Cell>],
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (index, (name, width)) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, index, cut(name), &formats.header)?;
        sheet.set_column_width(index, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let mut links = 0;
    for (row, cells) in (1_u32..).zip(rows) {
        for (index, cell) in (0_u16..).zip(cells) {
            write(sheet, (row, index), cell, &mut links, formats)?;
        }
    }
    let last = u16::try_from(columns.len()).unwrap_or(u16::MAX).max(1) - 1;
    let bottom = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    sheet.autofilter(0, 0, bottom, last)?;
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    links: &mut usize,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            sheet.write_string_with_format(row, column, cut(text), &formats.text)?;
        }
        Cell::Count(count) => {
            let count = u32::try_from(*count).unwrap_or(u32::MAX);
            sheet.write_number_with_format(row, column, count, &formats.text)?;
        }
        Cell::Number(number) => {
            sheet.write_number_with_format(row, column, *number, &formats.value)?;
        }
        Cell::Points(points) => {
            let number = explain::points_as_number(*points);
            sheet.write_number_with_format(row, column, number, &formats.points)?;
        }
        Cell::Share(share) => {
            sheet.write_number_with_format(row, column, *share, &formats.share)?;
        }
        Cell::Day(day) => {
            match excel_day(*day) {
                Some(at) => sheet.write_datetime_with_format(row, column, &at, &formats.day)?,
                // Before 1900 Excel has no days.
                None => {
                    sheet.write_string_with_format(row, column, day.to_string(), &formats.text)?
                }
            };
        }
        Cell::Address(url) => {
            let may_be_a_link = *links < MOST_LINKS && is_safe_link(url);
            // What Excel would not take as a link is shown as text.
            if may_be_a_link
                && sheet
                    .write_url(row, column, Url::new(url.as_str()).set_text(url.as_str()))
                    .is_ok()
            {
                *links += 1;
            } else {
                sheet.write_string_with_format(row, column, cut(url), &formats.text)?;
            }
        }
    }
    Ok(())
}

fn is_safe_link(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url.chars().count() <= LONGEST_LINK
        && url.is_ascii()
        && !url.contains(['"', '<', '>', ' '])
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

/// A day as Excel counts; `None` for one that it cannot.
fn excel_day(day: Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year())
        .ok()
        .filter(|year| *year >= 1900)?;
    let (month, day) = (day.month().unsigned_abs(), day.day().unsigned_abs());
    ExcelDateTime::from_ymd(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Range, Reader, Xlsx};

    use super::super::example;
    use super::*;

    fn book_of(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes).unwrap();
        bytes
    }

    fn sheet(bytes: &[u8], name: &str) -> Range<Data> {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        book.worksheet_range(name).unwrap()
    }

    fn of_column<'a>(range: &'a Range<Data>, name: &str) -> Vec<&'a Data> {
        let header = range.rows().next().unwrap();
        let place = header
            .iter()
            .position(|cell| matches!(cell, Data::String(text) if text == name));
        let place = place.unwrap_or_else(|| panic!("no column {name}: {header:?}"));
        range.rows().skip(1).map(|row| &row[place]).collect()
    }

    fn made() -> Ranking {
        Ranking::new("doctoral-dl-radiology", example::several(), None)
    }

    #[test]
    fn the_points_of_the_evidence_read_back_and_sum_up_to_the_ranking() {
        let ranked = made();
        let bytes = book_of(|out| ranking(&ranked, out));
        let (order, evidence) = (sheet(&bytes, "Ranking"), sheet(&bytes, "Evidence"));
        let (ids, points) = (of_column(&evidence, "id"), of_column(&evidence, "points"));
        assert_eq!(of_column(&order, "rank").len(), 4);
        let lows = of_column(&order, "low");
        for ((id, low), profile) in of_column(&order, "id").iter().zip(lows).zip(ranked.shown()) {
            let sum: f64 = ids
                .iter()
                .zip(&points)
                .filter(|(whose, _)| whose == &id)
                .map(|(_, points)| match points {
                    Data::Float(number) => *number,
                    other => panic!("no number: {other:?}"),
                })
                .sum();
            let Data::Float(low) = low else {
                panic!("no number: {low:?}")
            };
            assert!((sum - low).abs() < 1e-9, "{id}: {sum} and {low}");
            assert!((explain::points_as_number(profile.score.low) - low).abs() < 1e-9);
        }
        let dates = of_column(&evidence, "date");
        assert!(
            dates.iter().all(|date| matches!(date, Data::DateTime(_))),
            "{dates:?}"
        );
    }

    #[test]
    fn strangers_text_stays_text() {
        let ranked = made();
        let bytes = book_of(|out| ranking(&ranked, out));
        let names = sheet(&bytes, "Ranking");
        let names = of_column(&names, "name");
        let hostile = names
            .iter()
            .filter(|name| name.to_string().starts_with("=cmd"));
        assert_eq!(hostile.count(), 1, "{names:?}");
        assert!(
            names
                .iter()
                .all(|name| matches!(name, Data::String(_) | Data::Empty)),
            "{names:?}"
        );
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&bytes)).unwrap();
        for name in ["Ranking", "Evidence"] {
            let formulas = book.worksheet_formula(name).unwrap();
            assert_eq!(formulas.used_cells().count(), 0, "{name}");
        }
    }

    #[test]
    fn the_same_profiles_give_the_same_bytes() {
        let bytes = || book_of(|out| ranking(&made(), out));
        assert!(bytes() == bytes());
    }

    #[test]
    fn only_addresses_that_excel_bears_are_links() {
        for (url, safe) in [
            ("https://github.com/a/b/pull/1", true),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("internal:Sheet1!A1", false),
            ("\\\\server\\share", false),
            ("https://example.org/\"x", false),
        ] {
            assert_eq!(is_safe_link(url), safe, "{url}");
        }
        let long = format!("https://example.org/{}", "x".repeat(LONGEST_LINK));
        assert!(!is_safe_link(&long));
    }

    #[test]
    fn what_is_too_much_for_a_cell_or_before_excels_days_is_still_written() {
        let mut old = example::hostile();
        old.score.components[0].evidence[0].date = "1815-12-10T00:00:00Z".parse().unwrap();
        old.score.components[0].evidence[0].title = "x".repeat(100_000);
        old.score.components[0].evidence[1].url =
            format!("https://example.org/{}", "x".repeat(3_000));
        let bytes = book_of(|out| profile(&old, None, out));
        let evidence = sheet(&bytes, "Evidence");
        let dates = of_column(&evidence, "date");
        assert!(
            dates
                .iter()
                .any(|date| matches!(date, Data::String(text) if text == "1815-12-10")),
            "{dates:?}"
        );
        assert_eq!(of_column(&evidence, "id").len(), 12);
    }
}
