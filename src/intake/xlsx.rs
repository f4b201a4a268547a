//! Spreadsheets (XLSX): the shown text of the cells of the first sheet that has any.
//!
//! A spreadsheet is a ZIP archive of XML, and both can be made to swell: every part is unpacked once and
//! counted before the parser sees the file, and rows are read one by one, never as a rectangle.

use std::{
    io::{Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use super::{
    LONGEST_CELL,
    columns::{Layout, MOST_COLUMNS},
    error::{IntakeError, RowError},
    roster::Roster,
};
use crate::domain::text::tame;

/// Most bytes that all parts may unpack to. 100,000 rows of eleven cells take about 70 MiB.
const LARGEST_UNPACKED: u64 = 128 << 20;

/// Most bytes of the table of texts. Each text costs at least 24 bytes of memory for 5 bytes here.
const LARGEST_TEXTS: u64 = 64 << 20;

/// Most bytes of the table of styles. The parser makes a style of hundreds of bytes from 5 bytes here.
const LARGEST_STYLES: u64 = 4 << 20;

/// Most texts that the table of texts may announce. Count. The parser makes room for them before it reads
/// the first: 48 MiB for 2,000,000, and ten for each row of the longest list.
const MOST_TEXTS: u64 = 2_000_000;

/// Most parts. Count. A workbook has a dozen, and some for each sheet and picture.
const MOST_PARTS: usize = 10_000;

/// Other sheets that are named in a notice. Count.
const NAMED_SHEETS: usize = 5;

/// Reads a spreadsheet.
pub(super) fn read(bytes: &[u8], roster: &mut Roster<'_>) -> Result<(), IntakeError> {
    weigh(bytes)?;
    let mut workbook: Xlsx<_> = guarded(|| Xlsx::new(Cursor::new(bytes)))?;
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    for sheet in &sheets {
        if read_sheet(&mut workbook, sheet, roster)? {
            if sheets.len() > 1 {
                let others: Vec<String> = sheets
                    .iter()
                    .filter(|other| *other != sheet)
                    .take(NAMED_SHEETS)
                    .map(|other| tame(other))
                    .collect();
                roster.notice(format!(
                    "only the sheet {:?} was read; the others were left out: {}",
                    tame(sheet),
                    others.join(", ")
                ));
            }
            return Ok(());
        }
    }
    Err(IntakeError::Empty)
}

/// A call into the parser, whose panics are errors of the file: its arithmetic on the numbers of rows and
/// cells can overflow, which a debug build answers with a panic. Nothing of the parser is used after one.
fn guarded<T>(call: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, IntakeError> {
    let reason = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => tame(&error.to_string()),
        Err(_) => "its cells contradict each other".to_owned(),
    };
    Err(IntakeError::Spreadsheet { reason })
}

/// Unpacks every part, counts, and refuses what would swell. The sizes that an archive declares are not
/// believed.
fn weigh(bytes: &[u8]) -> Result<(), IntakeError> {
    let unreadable = |error: &dyn std::fmt::Display| IntakeError::Spreadsheet {
        reason: tame(&error.to_string()),
    };
    let swollen = |part, limit: u64| IntakeError::Swollen {
        part,
        limit: limit >> 20,
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    if archive.len() > MOST_PARTS {
        return Err(IntakeError::Spreadsheet {
            reason: format!("it has more than {MOST_PARTS} parts"),
        });
    }
    let mut left = LARGEST_UNPACKED;
    let mut unpacked = Vec::new();
    for place in 0..archive.len() {
        let part = archive
            .by_index(place)
            .map_err(|error| unreadable(&error))?;
        let name = base_name(&part.name().map_err(|error| unreadable(&error))?);
        unpacked.clear();
        let size = part
            .take(left + 1)
            .read_to_end(&mut unpacked)
            .map_err(|error| unreadable(&error))? as u64;
        if size > left {
            return Err(swollen("parts", LARGEST_UNPACKED));
        }
        left -= size;
        match name.as_str() {
            "styles.xml" if size > LARGEST_STYLES => return Err(swollen("styles", LARGEST_STYLES)),
            "sharedstrings.xml" if size > LARGEST_TEXTS => {
                return Err(swollen("texts", LARGEST_TEXTS));
            }
            "sharedstrings.xml" if announces_too_much(&unpacked) => {
                return Err(IntakeError::Spreadsheet {
                    reason: "its table of texts announces more texts than any list has".to_owned(),
                });
            }
            _ => (),
        }
    }
    Ok(())
}

/// The last part of a path, in lower case, as the parser looks parts up.
fn base_name(path: &str) -> String {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    last.to_ascii_lowercase()
}

/// Whether there are more texts than [`MOST_TEXTS`], whatever is announced: `<si>`, in any name space. With
/// a prefix the closing tag counts as well, so that half as many are too many.
fn holds_too_many(xml: &[u8]) -> bool {
    let begins = |window: &&[u8]| {
        matches!(window[0], b'<' | b':')
            && &window[1..3] == b"si"
            && (b"/>".contains(&window[3]) || window[3].is_ascii_whitespace())
    };
    xml.windows(4).filter(begins).count() as u64 > MOST_TEXTS
}

/// Whether a table of texts announces more texts than [`MOST_TEXTS`], anywhere in it, or hides from this
/// check in an encoding with zero bytes.
fn announces_too_much(xml: &[u8]) -> bool {
    const COUNT: &[u8] = b"uniqueCount";
    if xml.contains(&0) || holds_too_many(xml) {
        return true;
    }
    xml.windows(COUNT.len())
        .enumerate()
        .filter(|(_, window)| *window == COUNT)
        .any(|(at, _)| {
            let announced = xml[at + COUNT.len()..]
                .iter()
                .skip_while(|byte| byte.is_ascii_whitespace() || b"=\"'+".contains(byte))
                .take_while(|byte| byte.is_ascii_digit())
                .fold(0_u64, |total, digit| {
                    total
                        .saturating_mul(10)
                        .saturating_add(u64::from(digit - b'0'))
                });
            announced > MOST_TEXTS
        })
}

/// Reads a sheet. `false`: it has no cell with text.
fn read_sheet<R: Read + std::io::Seek>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
    roster: &mut Roster<'_>,
) -> Result<bool, IntakeError> {
    let mut cells = guarded(|| workbook.worksheet_cells_reader(sheet))?;
    let mut table = Table {
        layout: None,
        row: 0,
        cells: Vec::new(),
        bytes: 0,
        too_long: false,
    };
    while let Some(cell) = guarded(|| cells.next_cell())? {
        let (row, column) = cell.get_position();
        // Every program writes rows in their order. Of a row in two pieces each would be taken for an applicant.
        if row < table.row {
            return Err(IntakeError::Spreadsheet {
                reason: "its rows are out of order".to_owned(),
            });
        }
        if row != table.row {
            table.end_row(roster)?;
            table.row = row;
        }
        if let Some(text) = shown(cell.get_value()) {
            table.cell(column, text);
        }
    }
    table.end_row(roster)?;
    Ok(table.layout.is_some())
}

/// A sheet while it is read: the row that is being filled, and what the first row said.
struct Table {
    layout: Option<Layout>,
    row: u32,
    cells: Vec<(usize, String)>,
    /// Bytes in `cells`.
    bytes: usize,
    too_long: bool,
}

/// Most bytes of one row. A sheet repeats a long text at the price of a number, so that a small file could
/// make endless rows.
const LONGEST_ROW: usize = 16 * LONGEST_CELL;

impl Table {
    fn cell(&mut self, column: u32, text: String) {
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_COLUMNS {
            return;
        }
        self.bytes += text.len();
        if text.len() > LONGEST_CELL || self.bytes > LONGEST_ROW || self.cells.len() >= MOST_COLUMNS
        {
            self.too_long = true;
        } else {
            self.cells.push((column, text));
        }
    }

    fn end_row(&mut self, roster: &mut Roster<'_>) -> Result<(), IntakeError> {
        let cells = std::mem::take(&mut self.cells);
        let too_long = std::mem::take(&mut self.too_long);
        self.bytes = 0;
        let line = u64::from(self.row) + 1;
        let texts = || cells.iter().map(|(column, text)| (*column, text.as_str()));
        if too_long {
            return roster.refuse(line, RowError::CellTooLong);
        }
        if cells.is_empty() {
            return Ok(());
        }
        if self.layout.is_none() {
            let width = cells.iter().map(|(column, _)| column + 1).max();
            let mut first = vec![""; width.unwrap_or_default()];
            for (column, text) in texts() {
                first[column] = text;
            }
            let (layout, unknown) = Layout::from_first_row(&first, roster.hosts())?;
            unknown.tell(roster);
            let is_header = layout != Layout::Links;
            self.layout = Some(layout);
            if is_header {
                return Ok(());
            }
        }
        match &self.layout {
            Some(layout) => roster.row(&layout.row(line, texts())),
            None => Ok(()),
        }
    }
}

/// A cell as it is shown, if anything is; a date by ISO 8601. A cell with an error is there and has no text,
/// so that a row of such cells is told and not passed over.
fn shown(value: &DataRef<'_>) -> Option<String> {
    let text = match value {
        DataRef::Int(number) => number.to_string(),
        // Excel keeps whole numbers, such as ids, as floating point; both print alike.
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => date(*moment),
        DataRef::Error(_) => return Some(String::new()),
        DataRef::Empty => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

fn date(moment: ExcelDateTime) -> String {
    if moment.is_duration() {
        return moment.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod own_tests {
    use super::*;

    #[test]
    fn texts_are_counted_and_not_believed() {
        let most = usize::try_from(MOST_TEXTS).unwrap();
        for text in ["<si/>", "<x:si />", "<si\n/>"] {
            let table = format!("<sst uniqueCount=\"1\">{}", text.repeat(most));
            assert!(!announces_too_much(table.as_bytes()), "{text}");
            let table = format!("{table}{text}");
            assert!(announces_too_much(table.as_bytes()), "{text}");
        }
        assert!(!announces_too_much(b"<sst><size/><asi/></sst>"));
    }
}
