//! Writing a dump, under another name until the disk has it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use zstd::stream::write::Encoder;

use super::{
    line::{Foot, Head, Line},
    read::Reader,
};
use crate::disk::sync_folder;
use crate::store::error::Fault;

/// zstd's level: its default. A night's dump is to take seconds; levels above it win a few percent.
const LEVEL: i32 = 3;

/// Ends the name of a dump that is being written.
pub(super) const PART: &str = ".part";

/// A dump that is being written. Dropped before it has its name, it goes.
pub(super) struct Writer {
    to: PathBuf,
    part: PathBuf,
    /// `None` once all is on the disk.
    out: Option<Encoder<'static, BufWriter<File>>>,
    hasher: blake3::Hasher,
    text: Vec<u8>,
    records: u64,
}

impl Writer {
    /// Begins a dump that will be `to`, whose folder is there.
    pub(super) fn begin(to: &Path, head: &Head) -> Result<Self, Fault> {
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        // Two processes may write under one name; the last one keeps it.
        let part = to.with_file_name(format!(".{name}.{}{PART}", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&part).map_err(|error| refused(to, &error))?;
        let mut writer = Self {
            to: to.to_owned(),
            part,
            out: None,
            hasher: blake3::Hasher::new(),
            text: Vec::new(),
            records: 0,
        };
        let encoder = Encoder::new(BufWriter::new(file), LEVEL).and_then(|mut encoder| {
            encoder.include_checksum(true)?;
            Ok(encoder)
        });
        writer.out = Some(encoder.map_err(|error| refused(to, &error))?);
        writer.line(head)?;
        Ok(writer)
    }

    /// Adds a value.
    pub(super) fn put(&mut self, line: &Line) -> Result<(), Fault> {
        self.records += 1;
        self.line(line)
    }

    /// Values so far. Count.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), Fault> {
        self.text.clear();
        serde_json::to_writer(&mut self.text, line)
            .map_err(|error| Fault::Failed(format!("a value has no JSON form: {error}")))?;
        self.text.push(b'\n');
        self.hasher.update(&self.text);
        let written = match &mut self.out {
            Some(out) => out.write_all(&self.text),
            None => Err(io::ErrorKind::NotConnected.into()),
        };
        written.map_err(|error| refused(&self.to, &error))
    }

    /// Writes the last line and waits for the disk; its size. Bytes.
    pub(super) fn finish(&mut self) -> Result<u64, Fault> {
        let foot = Foot {
            records: self.records,
            blake3: self.hasher.finalize().to_hex().to_string(),
        };
        self.line(&foot)?;
        let finished = match self.out.take() {
            Some(encoder) => finish(encoder),
            None => Err(io::ErrorKind::NotConnected.into()),
        };
        finished.map_err(|error| refused(&self.to, &error))
    }

    /// Gives a finished dump its name, for good. Whatever had the name before is gone.
    pub(super) fn put_in_place(self) -> Result<(), Fault> {
        let folder = match self.to.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        };
        fs::rename(&self.part, &self.to)
            .and_then(|()| sync_folder(folder))
            .map_err(|error| refused(&self.to, &error))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Gone already, where it was put in place.
        let _ = fs::remove_file(&self.part);
    }
}

fn finish(encoder: Encoder<'static, BufWriter<File>>) -> io::Result<u64> {
    let file = encoder.finish()?.into_inner()?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

fn refused(to: &Path, error: &io::Error) -> Fault {
    Fault::DumpNotWritten {
        file: to.to_owned(),
        why: error.to_string(),
    }
}

/// Writes a dump that was just opened anew with what `keep` makes of each line (`None`: without it), in the place of the one before; whether
/// anything was left out or changed. One of which nothing is, and one that is not whole, stay as they are; the latter is
/// an error.
///
/// A line that is given back must have the place of the one that was given.
pub(in crate::store) fn rewrite(
    mut reader: Reader,
    mut keep: impl FnMut(Line) -> Option<Line>,
) -> Result<bool, Fault> {
    let mut writer = Writer::begin(reader.path(), reader.head())?;
    let mut differs = false;
    while let Some(line) = reader.next()? {
        let value = line.value().get().to_owned();
        match keep(line) {
            Some(line) => {
                differs |= line.value().get() != value;
                writer.put(&line)?;
            }
            None => differs = true,
        }
    }
    if differs {
        writer.finish()?;
        writer.put_in_place()?;
    }
    Ok(differs)
}
