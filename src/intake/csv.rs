//! Separated values, and plain lists of links.

use csv::{ReaderBuilder, StringRecord};

use super::{
    LONGEST_CELL,
    columns::{Field, Layout},
    error::{IntakeError, RowError},
    roster::Roster,
};

/// What may separate cells. The first is taken when nothing speaks for another.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// How much of the text is looked at to find the separator. Bytes. A header is far shorter.
const SNIFFED: usize = 64 << 10;

/// Reads separated values, or a plain list of links.
pub(super) fn read(text: &str, roster: &mut Roster<'_>) -> Result<(), IntakeError> {
    let mut lines = Lines::new(text);
    let (separator, body) = separator_line(text).unwrap_or_else(|| (sniff(text), text));
    let skipped = text.len() - body.len();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(body.as_bytes());
    let mut record = StringRecord::new();
    let mut layout: Option<(Layout, usize)> = None;
    while read_record(&mut reader, &mut record) {
        let start = record.position().map_or(0, |position| {
            usize::try_from(position.byte()).unwrap_or(usize::MAX)
        });
        let line = lines.line_of(start.saturating_add(skipped));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some((layout, width)) = &layout else {
            if is_remark(&record) {
                continue;
            }
            let cells: Vec<&str> = record.iter().collect();
            let (found, unknown) = Layout::from_first_row(&cells, roster.hosts())?;
            if found == Layout::Links {
                return plain_list(text, roster);
            }
            unknown.tell(roster);
            layout = Some((found, record.len()));
            continue;
        };
        match check(&record, *width) {
            Ok(()) => roster.row(&layout.row(line, record.iter().enumerate()))?,
            Err(reason) => roster.refuse(line, reason)?,
        }
    }
    Ok(())
}

/// The next record. Input from memory that is text already cannot fail, so an error is the end.
fn read_record(reader: &mut csv::Reader<&[u8]>, record: &mut StringRecord) -> bool {
    reader.read_record(record).unwrap_or(false)
}

/// Whether a row above the header is a remark. A header may begin with `#` too, over running numbers.
fn is_remark(record: &StringRecord) -> bool {
    let begins = record
        .get(0)
        .is_some_and(|cell| cell.trim_start().starts_with('#'));
    begins && record.iter().all(|cell| Field::from_header(cell).is_none())
}

fn check(record: &StringRecord, expected: usize) -> Result<(), RowError> {
    if record.iter().any(|cell| cell.len() > LONGEST_CELL) {
        return Err(RowError::CellTooLong);
    }
    // Programs like to end rows with separators; only a cell with something in it has lost its column.
    let surplus_filled = record
        .iter()
        .skip(expected)
        .any(|cell| !cell.trim().is_empty());
    if record.len() < expected || surplus_filled {
        return Err(RowError::Ragged {
            cells: record.len(),
            expected,
        });
    }
    Ok(())
}

/// Every line is an applicant's links; a line that begins with `#` is a remark.
fn plain_list(text: &str, roster: &mut Roster<'_>) -> Result<(), IntakeError> {
    let normal = text.replace("\r\n", "\n");
    for (line, content) in (1..).zip(normal.split(['\n', '\r'])) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if content.len() > LONGEST_CELL {
            roster.refuse(line, RowError::CellTooLong)?;
        } else {
            roster.row(&Layout::Links.row(line, std::iter::once((0, content))))?;
        }
    }
    Ok(())
}

/// The separator that a first line `sep=;` names, and the text below it. Excel writes and reads that line.
fn separator_line(text: &str) -> Option<(u8, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let named = first.trim_end_matches('\r').trim_matches('"');
    let separator = named
        .get(..4)
        .filter(|head| head.eq_ignore_ascii_case("sep="))
        .and(named.as_bytes().get(4))?;
    (named.len() == 5 && SEPARATORS.contains(separator)).then_some((*separator, rest))
}

/// The separator that makes the most known headers of the first row, or else the most cells.
fn sniff(text: &str) -> u8 {
    let mut end = text.len().min(SNIFFED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let score = |separator: u8| {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(&text.as_bytes()[..end]);
        let mut record = StringRecord::new();
        while read_record(&mut reader, &mut record) {
            if record.iter().any(|cell| !cell.trim().is_empty()) && !is_remark(&record) {
                let known = record
                    .iter()
                    .filter(|cell| Field::from_header(cell).is_some());
                return (known.count(), record.len());
            }
        }
        (0, 0)
    };
    let mut best = (SEPARATORS[0], (0, 0));
    for separator in SEPARATORS {
        let found = score(separator);
        if found > best.1 {
            best = (separator, found);
        }
    }
    best.0
}

/// Counts lines up to places in a text, in one pass from beginning to end.
///
/// The reader's own count is off where lines end in CR LF or are empty.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line where the record begins that the reader found from byte `start` on.
    fn line_of(&mut self, start: usize) -> u64 {
        while let Some(&byte) = self.bytes.get(self.at) {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => self.bytes.get(self.at + 1) != Some(&b'\n'),
                _ => false,
            };
            if self.at >= start && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.line += u64::from(ends_line);
            self.at += 1;
        }
        self.line
    }
}
