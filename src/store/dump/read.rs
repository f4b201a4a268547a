//! Reading a dump, a line at a time, and proving it whole.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use zstd::stream::read::Decoder;

use super::{
    Dumped, FORMAT, check,
    line::{Foot, Head, Line},
};
use crate::store::{error::Fault, table::Table};

/// The longest line. Bytes; a profile has some thousands, and the largest list that is kept with an answer some millions.
const LONGEST: u64 = 256 << 20;

/// The longest first line, of whatever format. Bytes.
const LONGEST_HEAD: u64 = 64 << 10;

/// What the last line begins with.
const FOOT: &str = "{\"records\":";

/// An open dump. What was read of it counts once [`Reader::next`] has come to its end: only then is it known to be whole.
pub(in crate::store) struct Reader {
    path: PathBuf,
    head: Head,
    lines: BufReader<Decoder<'static, BufReader<File>>>,
    hasher: blake3::Hasher,
    text: Vec<u8>,
    records: u64,
    before: Option<(Table, Vec<u8>)>,
}

impl Reader {
    /// Opens a dump and reads its head.
    pub(in crate::store) fn open(path: &Path) -> Result<Self, Fault> {
        let unreadable = |error: io::Error| unusable(path, format!("it cannot be read: {error}"));
        let file = File::open(path).map_err(unreadable)?;
        let decoder = Decoder::new(file).map_err(unreadable)?;
        let mut reader = Self {
            path: path.to_owned(),
            head: Head {
                plaudit: String::new(),
                format: 0,
                made_at: jiff::Timestamp::UNIX_EPOCH,
                change: 0,
                sequence: 0,
                epoch: 0,
            },
            lines: BufReader::new(decoder),
            hasher: blake3::Hasher::new(),
            text: Vec::new(),
            records: 0,
            before: None,
        };
        reader.read_head()?;
        Ok(reader)
    }

    fn read_head(&mut self) -> Result<(), Fault> {
        self.read_line()?;
        let no_dump = |_| self.unusable("it is no dump of plaudit's");
        let any: AnyHead = serde_json::from_slice(&self.text).map_err(no_dump)?;
        if any.format > FORMAT {
            return Err(self.unusable(format!(
                "it has format {}, and this plaudit knows formats up to {FORMAT}: use the newer plaudit that wrote it",
                any.format
            )));
        }
        self.head = serde_json::from_slice(&self.text).map_err(no_dump)?;
        self.hasher.update(&self.text);
        Ok(())
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The first line.
    pub(in crate::store) fn head(&self) -> &Head {
        &self.head
    }

    /// Lines read so far, without the first one. Count.
    pub(in crate::store) fn records(&self) -> u64 {
        self.records
    }

    /// The next line; `None`: that was all, and the dump is whole.
    pub(in crate::store) fn next(&mut self) -> Result<Option<Line>, Fault> {
        self.read_line()?;
        if self.text.starts_with(FOOT.as_bytes()) {
            return self.end().map(|()| None);
        }
        let line: Line = serde_json::from_slice(&self.text).map_err(|error| {
            self.unusable(format!(
                "its line {} cannot be read: {error}",
                self.records + 2
            ))
        })?;
        let place = line.place();
        if self.before.as_ref().is_some_and(|before| *before >= place) {
            return Err(self.unusable(format!("its line {} is not in its place", self.records + 2)));
        }
        self.before = Some(place);
        self.hasher.update(&self.text);
        self.records += 1;
        Ok(Some(line))
    }

    /// Compares the last line with what came before, and makes sure that it is the last one.
    fn end(&mut self) -> Result<(), Fault> {
        let foot: Foot = serde_json::from_slice(&self.text)
            .map_err(|error| self.unusable(format!("its last line cannot be read: {error}")))?;
        if foot.records != self.records {
            return Err(self.unusable(format!(
                "it has {} lines where it says {}",
                self.records, foot.records
            )));
        }
        if foot.blake3 != self.hasher.finalize().to_hex().as_str() {
            return Err(self.unusable("it does not match its checksum"));
        }
        // The stream has a checksum of its own behind its end.
        match self.lines.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.unusable("something follows its last line")),
            Err(error) => Err(self.cut(&error)),
        }
    }

    /// Reads a line into `text`, with its end.
    fn read_line(&mut self) -> Result<(), Fault> {
        self.text.clear();
        let mut lines = (&mut self.lines).take(LONGEST);
        if let Err(error) = lines.read_until(b'\n', &mut self.text) {
            return Err(self.cut(&error));
        }
        if self.text.last() != Some(&b'\n') {
            return Err(self.unusable("it ends in the middle of a line"));
        }
        Ok(())
    }

    fn cut(&self, error: &io::Error) -> Fault {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            self.unusable("it was cut")
        } else {
            self.unusable(format!("it cannot be read: {error}"))
        }
    }

    pub(super) fn unusable(&self, why: impl Into<String>) -> Fault {
        unusable(&self.path, why.into())
    }
}

/// What every form of the head has.
#[derive(serde::Deserialize)]
struct AnyHead {
    format: u32,
}

/// Whether a file is a dump that a newer plaudit has written.
pub(super) fn is_of_newer_format(path: &Path) -> bool {
    let head = || {
        let lines = BufReader::new(Decoder::new(File::open(path).ok()?).ok()?);
        let mut line = Vec::new();
        lines.take(LONGEST_HEAD).read_until(b'\n', &mut line).ok()?;
        serde_json::from_slice::<AnyHead>(&line).ok()
    };
    head().is_some_and(|head| head.format > FORMAT)
}

fn unusable(path: &Path, why: String) -> Fault {
    Fault::DumpUnusable {
        file: path.to_owned(),
        why,
    }
}

/// Reads a dump to its end, each value as what the store takes it for; what is in it.
pub(in crate::store) fn verify(path: &Path) -> Result<Dumped, Fault> {
    verify_each(path, |_| ())
}

/// The same, with a look at each line. What was seen counts only when this returns well.
pub(in crate::store) fn verify_each(
    path: &Path,
    mut look: impl FnMut(&Line),
) -> Result<Dumped, Fault> {
    let mut reader = Reader::open(path)?;
    let mut applicants = 0;
    while let Some(line) = reader.next()? {
        check::check(&line).map_err(|why| reader.unusable(why))?;
        look(&line);
        applicants += u64::from(matches!(line, Line::Applicant { .. }));
    }
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    Ok(Dumped {
        file: path.to_owned(),
        made_at: reader.head().made_at,
        change: reader.head().change,
        records: reader.records(),
        applicants,
        bytes,
    })
}
