//! Rows and fields, however they are quoted, broken and cut.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

use proptest::prelude::*;

use super::super::rows::{Meter, Rows, Source};
use super::*;
use crate::domain::facts::CompetitionResult;

/// Gives few bytes at once.
struct Dripping<'a> {
    bytes: &'a [u8],
    at_once: usize,
}

impl Read for Dripping<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.at_once.min(self.bytes.len()).min(into.len());
        let (now, later) = self.bytes.split_at(count);
        into[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}

fn read(text: &[u8], at_once: usize, checked: bool) -> Result<Vec<Vec<String>>, ImportError> {
    let meter = Meter::new(&|_| {});
    let source = Source {
        table: Table::Teams,
        path: Path::new("Teams.csv"),
        bytes: Box::new(Dripping {
            bytes: text,
            at_once,
        }),
        limit: u64::MAX,
        checked,
    };
    let mut rows = Rows::begin(source, &meter)?;
    let columns = rows.columns(["a", "b"])?;
    let mut read = Vec::new();
    rows.each(|row| {
        let fields = columns.iter().map(|column| row.text(*column, "a or b"));
        let fields: Result<Vec<_>, _> = fields.map(|text| text.map(Cow::into_owned)).collect();
        read.push(fields?);
        Ok(())
    })?;
    Ok(read)
}

#[test]
fn quotes_line_ends_and_blank_lines_are_read_as_they_are_meant() {
    for (text, expected) in [
        ("a,b\n1,2\n", vec![["1", "2"]]),
        ("\u{feff}a,b\n1,2\n", vec![["1", "2"]]),
        ("\u{feff}\"a\",\"b\"\n\"1\",\"2\"\n", vec![["1", "2"]]),
        ("a,b\r\n1,2\r\n3,\"4\"\r\n", vec![["1", "2"], ["3", "4"]]),
        ("a,b\n\n1,2\n\n\n3,4\n\n", vec![["1", "2"], ["3", "4"]]),
        ("b,c,a\n1,2,3\n", vec![["3", "1"]]),
        ("a,b\n\"x, y\",\"\"\n", vec![["x, y", ""]]),
        (
            "a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n",
            vec![["say \"hi\"", "\""]],
        ),
        (
            "a,b\n\"two\nlines\",\"cr\r\nlf\"\n,\n",
            vec![["two\nlines", "cr\r\nlf"], ["", ""]],
        ),
        ("a,b\n\"\n\",\"\n\n\"\n", vec![["\n", "\n\n"]]),
    ] {
        for at_once in 1..12 {
            let read = read(text.as_bytes(), at_once, false).unwrap();
            assert_eq!(read, expected, "{text:?} by {at_once}");
        }
    }
}

#[test]
fn a_row_of_another_width_is_refused_with_its_place() {
    for row in ["3", "3,4,5", "\"3,4\""] {
        let text = format!("a,b\n1,2\n{row}\n5,6\n");
        let error = read(text.as_bytes(), 64, false).unwrap_err();
        assert!(
            matches!(
                error,
                ImportError::Broken {
                    table: Table::Teams,
                    row: 1,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn without_its_last_line_end_a_file_counts_as_whole_where_a_checksum_says_so() {
    let text = b"a,b\n1,2\n3,4";
    for at_once in 1..12 {
        assert_eq!(read(text, at_once, true).unwrap(), [["1", "2"], ["3", "4"]]);
        let error = read(text, at_once, false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Teams.csv is broken after 2 rows: the last row is cut"
        );
        let quoted = read(b"a,b\n1,2\n3,\"4\n", at_once, true).unwrap_err();
        assert!(matches!(quoted, ImportError::Broken { .. }), "{quoted}");
    }
}

proptest! {
    #[test]
    fn rows_are_those_of_another_reader_however_the_bytes_come(
        rows in prop::collection::vec(("[a\",\n\r é]{0,6}", "[b\",\n ]{0,6}"), 1..12),
        always in any::<bool>(),
        crlf in any::<bool>(),
        at_once in 1_usize..40,
    ) {
        let mut writer = csv::WriterBuilder::new()
            .quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        writer.write_record(["a", "b"]).unwrap();
        for (a, b) in &rows {
            writer.write_record([a, b]).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let expected: Vec<Vec<String>> =
            rows.iter().map(|(a, b)| vec![a.clone(), b.clone()]).collect();
        prop_assert_eq!(read(&text, at_once, false).unwrap(), expected);
    }

    #[test]
    fn a_cut_anywhere_but_behind_a_row_is_noticed(
        rows in prop::collection::vec(("[a\",\n]{0,6}", "[b\",\n]{0,6}"), 1..6),
        at_once in 1_usize..40,
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["a", "b"]).unwrap();
        let mut ends = Vec::new();
        for (a, b) in &rows {
            writer.write_record([a, b]).unwrap();
            writer.flush().unwrap();
            ends.push(writer.get_ref().len());
        }
        let text = writer.into_inner().unwrap();
        for length in 0..=text.len() {
            let read = read(&text[..length], at_once, false);
            match ends.iter().position(|end| *end == length) {
                Some(index) => prop_assert_eq!(read.unwrap().len(), index + 1),
                None => prop_assert!(read.is_err(), "{} of {:?}", length, text),
            }
        }
    }
}

#[test]
fn columns_are_found_by_name_wherever_they_stand() {
    let sheets = Sheets::small();
    let ada = sheets.index().find("ada-example").unwrap().unwrap();
    let CompetitionResult { slug, rank, .. } = &ada.competitions[1];
    assert_eq!((slug.as_str(), *rank), ("First-Prize", Some(3)));

    let mut swapped = Sheets::small();
    for text in swapped.tables.values_mut() {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_slice());
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in reader.records().map(Result::unwrap) {
            let mut fields: Vec<&str> = row.iter().collect();
            fields.reverse();
            writer.write_record(fields).unwrap();
        }
        *text = writer.into_inner().unwrap();
    }
    assert_ne!(swapped.tables[&Table::Users], sheets.tables[&Table::Users]);
    assert_eq!(swapped.index().find("ada-example").unwrap(), Some(ada));
}
