//! A table's rows, one after the other, by header name.
//!
//! The splitting is `simd-csv`'s. What it does not tell is told here: a file that is cut, one that swells
//! without end, a row that never ends. Whether a file is cut shows at its end: [`END`] is read after the last
//! byte, and comes out as a row of its own only where the last row was whole.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use simd_csv::{ErrorKind, ZeroCopyByteRecord, ZeroCopyReader, ZeroCopyReaderBuilder};

use super::error::ImportError;
use super::tables::Table;
use crate::domain::text::tame;

/// What is read at once. Bytes.
const AT_ONCE: usize = 1 << 20;

/// Longest row. Bytes; the real ones have a few hundred, those of competitions some ten thousand.
const LONGEST_ROW: u64 = 16 << 20;

/// How much of a first line is shown that is none. Characters.
const SHOWN: usize = 40;

/// What is read after a file's last byte.
const END: &[u8] = b"\0the end\0\n";

/// Counts what all tables together have given, and stops the reading.
pub(super) struct Meter<'a> {
    read: Mutex<u64>,
    watch: &'a (dyn Fn(u64) + Sync),
    stopped: AtomicBool,
}

impl<'a> Meter<'a> {
    pub(super) fn new(watch: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self {
            read: Mutex::new(0),
            watch,
            stopped: AtomicBool::new(false),
        }
    }

    /// Lets every table end with [`ImportError::Stopped`].
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn add(&self, bytes: u64) {
        // Told under the lock, so that the sum never falls. A watcher that panicked has not spoilt a number.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        *read += bytes;
        (self.watch)(*read);
    }
}

/// A table's bytes and what is known of them.
pub(super) struct Source<'a> {
    pub(super) table: Table,
    pub(super) path: &'a Path,
    pub(super) bytes: Box<dyn Read + 'a>,
    /// What it may have. Bytes.
    pub(super) limit: u64,
    /// Whether a checksum says that the file is whole, so that its last row may lack the line end.
    pub(super) checked: bool,
}

/// Why the reading was given up, on its way through the splitter.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Stopped,
    TooLarge,
    EndlessRow,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl std::error::Error for Fault {}

/// Bytes on their way to the splitter.
struct Watched<'a> {
    source: Source<'a>,
    meter: &'a Meter<'a>,
    /// Bytes since the splitter gave the last row.
    since_row: Rc<Cell<u64>>,
    /// Bytes so far, those after the end as well.
    delivered: Rc<Cell<u64>>,
    last: u8,
    /// What is left of the mark after the last byte, once that was read.
    tail: Option<Vec<u8>>,
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.meter.stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other(Fault::Stopped));
        }
        if let Some(tail) = &mut self.tail {
            let count = tail.len().min(into.len());
            into[..count].copy_from_slice(&tail[..count]);
            tail.drain(..count);
            self.delivered.set(self.delivered.get() + count as u64);
            return Ok(count);
        }
        let mut count = self.source.bytes.read(into)?;
        // A byte order mark is only known for one when it comes at once.
        while self.delivered.get() == 0 && (1..3).contains(&count) {
            match self.source.bytes.read(&mut into[count..])? {
                0 => break,
                more => count += more,
            }
        }
        if count == 0 {
            let mut tail = END.to_vec();
            if self.source.checked && self.last != b'\n' {
                tail.insert(0, b'\n');
            }
            self.tail = Some(tail);
            return self.read(into);
        }
        self.last = into[count - 1];
        self.meter.add(count as u64);
        self.since_row.set(self.since_row.get() + count as u64);
        self.delivered.set(self.delivered.get() + count as u64);
        if self.delivered.get() > self.source.limit {
            return Err(io::Error::other(Fault::TooLarge));
        }
        if self.since_row.get() > LONGEST_ROW {
            return Err(io::Error::other(Fault::EndlessRow));
        }
        Ok(count)
    }
}

/// A table that is being read.
pub(super) struct Rows<'a> {
    table: Table,
    path: &'a Path,
    limit: u64,
    reader: ZeroCopyReader<Watched<'a>>,
    header: Vec<Vec<u8>>,
    since_row: Rc<Cell<u64>>,
    delivered: Rc<Cell<u64>>,
    /// Rows so far, without the header.
    count: u64,
}

impl<'a> Rows<'a> {
    /// Reads the header.
    pub(super) fn begin(source: Source<'a>, meter: &'a Meter<'a>) -> Result<Self, ImportError> {
        let (since_row, delivered) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (table, path, limit) = (source.table, source.path, source.limit);
        let watched = Watched {
            source,
            meter,
            since_row: Rc::clone(&since_row),
            delivered: Rc::clone(&delivered),
            last: b'\n',
            tail: None,
        };
        let mut rows = Self {
            table,
            path,
            limit,
            // The number of fields is checked here, where the row's number is known.
            reader: ZeroCopyReaderBuilder::with_capacity(AT_ONCE)
                .flexible(true)
                .from_reader(watched),
            header: Vec::new(),
            since_row,
            delivered,
            count: 0,
        };
        let header = match rows.reader.byte_headers() {
            Ok(header) => header.iter().map(<[u8]>::to_vec).collect(),
            Err(error) => return Err(rows.fault(error)),
        };
        rows.header = header;
        if rows
            .header
            .first()
            .is_none_or(|first| first.as_slice() == mark())
        {
            return Err(ImportError::Empty { table });
        }
        Ok(rows)
    }

    /// Where the needed columns stand.
    pub(super) fn columns<const N: usize>(
        &self,
        needed: [&'static str; N],
    ) -> Result<[usize; N], ImportError> {
        let place = |column: &str| {
            let mut header = self.header.iter();
            header.position(|name| name.trim_ascii() == column.as_bytes())
        };
        if needed.iter().all(|column| place(column).is_none()) {
            return Err(ImportError::NoCsv {
                table: self.table,
                why: self.what_it_is(needed.len()),
            });
        }
        let mut places = [0; N];
        for (place_of, column) in places.iter_mut().zip(needed) {
            *place_of = place(column).ok_or(ImportError::MissingColumn {
                table: self.table,
                column,
            })?;
        }
        Ok(places)
    }

    /// What a file is, as far as its first line shows, that has not one of so many columns.
    fn what_it_is(&self, needed: usize) -> String {
        let line = self.header.join(&b',');
        let line = line.strip_suffix(mark()).unwrap_or(&line);
        if line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff") {
            return "it is UTF-16, and UTF-8 is needed".to_owned();
        }
        if line.split(|byte| *byte == b';').count() >= needed {
            return "semicolons stand between its columns, and commas are needed".to_owned();
        }
        // A character has four bytes at most, and this is made shorter still.
        let line = String::from_utf8_lossy(&line[..line.len().min(4 * SHOWN)]);
        let shown: String = tame(&line).chars().take(SHOWN).collect();
        if shown.is_empty() {
            return "it begins with no text".to_owned();
        }
        format!("it begins with {shown:?}")
    }

    /// Hands every row to `visit`; how many there were.
    pub(super) fn each(
        &mut self,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), ImportError>,
    ) -> Result<u64, ImportError> {
        let (table, width) = (self.table, self.header.len());
        let ended = loop {
            let record = match self.reader.read_byte_record() {
                Ok(Some(record)) => record,
                Ok(None) => break false,
                Err(error) => return Err(self.fault(error)),
            };
            if record.len() != width {
                if record.as_slice() == mark() {
                    break true;
                }
                let why = format!("a row of {} fields under {width} columns", record.len());
                return Err(self.broken(why));
            }
            self.since_row.set(0);
            visit(&Row {
                record,
                table,
                before: self.count,
            })?;
            self.count += 1;
        };
        if !ended || self.reader.position() != self.delivered.get() {
            return Err(self.broken("the last row is cut".to_owned()));
        }
        if self.count == 0 {
            return Err(ImportError::Empty { table });
        }
        Ok(self.count)
    }

    fn broken(&self, why: String) -> ImportError {
        ImportError::Broken {
            table: self.table,
            row: self.count,
            why,
        }
    }

    fn fault(&self, error: simd_csv::Error) -> ImportError {
        let error = match error.into_kind() {
            ErrorKind::Io(error) => error,
            kind => return self.broken(format!("{kind:?}")),
        };
        match error.downcast::<Fault>() {
            Ok(Fault::Stopped) => ImportError::Stopped,
            Ok(Fault::TooLarge) => ImportError::TooLarge {
                table: self.table,
                limit: self.limit,
            },
            Ok(Fault::EndlessRow) => self.broken(format!("a row of more than {LONGEST_ROW} bytes")),
            Err(error) => match error.kind() {
                // What an archive says whose bytes do not fit its checksum, or are cut.
                io::ErrorKind::InvalidData
                | io::ErrorKind::InvalidInput
                | io::ErrorKind::UnexpectedEof => self.broken(error.to_string()),
                _ => ImportError::Unreadable {
                    path: self.path.to_owned(),
                    source: error,
                },
            },
        }
    }
}

/// [`END`] as a row.
fn mark() -> &'static [u8] {
    END.trim_ascii_end()
}

/// A row.
pub(super) struct Row<'a> {
    record: ZeroCopyByteRecord<'a>,
    table: Table,
    /// Rows before it.
    before: u64,
}

impl Row<'_> {
    /// A field without its quotes. For numbers, dates and words, in which nothing is ever escaped.
    #[inline]
    pub(super) fn field(&self, column: usize) -> &[u8] {
        self.record.unquote(column).unwrap_or_default()
    }

    /// A text as it was meant.
    pub(super) fn text(
        &self,
        column: usize,
        name: &'static str,
    ) -> Result<Cow<'_, str>, ImportError> {
        let text = self.record.unescape(column).unwrap_or_default();
        let text = match text {
            Cow::Borrowed(bytes) => str::from_utf8(bytes).map(Cow::Borrowed).ok(),
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
        };
        text.ok_or(ImportError::NotUtf8 {
            table: self.table,
            row: self.before + 1,
            column: name,
        })
    }
}
