//! The files of the log: appended to under a lock, looked at anew when somebody else has, mended after a crash.
//!
//! What a line that was cut short, or a head that is ahead of the log, is taken for stands in [`take_up`]. Nothing is
//! ever written over: where the log does not end as the head says, it goes on behind the head, so that the gap stays for
//! `verify` to find.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::act::{Act, Deed, Who};
use super::entry::{Entry, Head};
use super::mending::Mended;
use super::pseudonym::{self, Key, for_owner};
use crate::disk::{room, sync_folder};
use crate::domain::applicant::ApplicantId;

/// The log's folder within the data folder.
pub(super) const FOLDER: &str = "audit";

/// The log's name in there: a line an entry.
pub(super) const LOG: &str = "log.jsonl";

/// Where the log ends is written here as well, when that is on the disk.
const HEAD: &str = "head";

/// Whoever appends holds this.
const LOCK: &str = "lock";

/// Longest line that is read as an entry. Bytes; one with 200 subjects has some 5,000.
pub(super) const LONGEST_LINE: usize = 64 << 10;

/// Free room below which nothing is begun that must be written down. Bytes.
const LEAST_ROOM: u64 = 256 << 10;

/// What is read of the end at once. Bytes.
const CHUNK: u64 = 16 << 10;

/// What the head's file said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadFile {
    /// It says this.
    Says(Head),
    /// There is none.
    Missing,
    /// It cannot be read as one.
    Unreadable,
    /// Nobody has looked: the log is a copy.
    OfCopy,
}

/// The open files of a log. Whoever calls anything but [`Files::new`] holds the lock.
#[derive(Default)]
pub(super) struct Files {
    folder: PathBuf,
    pub(super) lock: Option<File>,
    opened: Option<Opened>,
}

/// The log as it was when it was last looked at.
struct Opened {
    log: File,
    /// Which file it is, since somebody may put another one in its place.
    file: FileId,
    key: Key,
    key_file: FileId,
    length: u64,
    last: Head,
    /// Whether it must be looked at anew, because a write has failed.
    doubtful: bool,
    /// Tells one opening from another within this process.
    opening: u64,
}

/// What has been written: how far, and of which opening.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) opening: u64,
    pub(super) number: u64,
}

/// Device and number of a file.
type FileId = (u64, u64);

fn file_id(found: &fs::Metadata) -> FileId {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (found.dev(), found.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        (0, 0)
    }
}

impl Files {
    /// Of this folder, with nothing opened yet.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..Self::default()
        }
    }

    /// Makes the folder, and opens the file that is locked.
    pub(super) fn prepare(&mut self) -> io::Result<&File> {
        if self.lock.is_none() {
            make_folder(&self.folder)?;
            let path = self.folder.join(LOCK);
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            self.lock = Some(for_owner(&mut options, &path)?);
        }
        self.lock
            .as_ref()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// Whether the log is as it was left.
    pub(super) fn is_current(&self) -> bool {
        let Some(opened) = self
            .opened
            .as_ref()
            .filter(|one| one.may_go_on(&self.folder))
        else {
            return false;
        };
        fs::metadata(self.folder.join(LOG))
            .is_ok_and(|found| file_id(&found) == opened.file && found.len() == opened.length)
    }

    /// Whether there has been an entry yet, by this handle.
    pub(super) fn is_opened(&self) -> bool {
        self.opened.is_some()
    }

    /// Looks what others have written, and mends what a crash has left.
    pub(super) fn look(&mut self) -> io::Result<()> {
        if self.is_current() {
            return Ok(());
        }
        let folder = &self.folder;
        if let Some(opened) = self.opened.as_mut().filter(|one| one.may_go_on(folder))
            && opened.catch_up(&folder.join(LOG))?
        {
            return Ok(());
        }
        let opening = self.opened.as_ref().map_or(1, |one| one.opening + 1);
        let (opened, notes) = take_up(folder, opening)?;
        let log = opened.log.try_clone()?;
        self.opened = Some(opened);
        if notes.is_empty() {
            return Ok(());
        }
        self.append(&notes)?;
        // At once, so that a head that was missing is there again before anybody else looks for it.
        log.sync_data()?;
        self.advance_head(&self.head())
    }

    /// Refuses where there is hardly any room.
    pub(super) fn expect_room(&self) -> io::Result<()> {
        match room(&self.folder) {
            Some(left) if left < LEAST_ROOM => Err(io::ErrorKind::StorageFull.into()),
            Some(_) | None => Ok(()),
        }
    }

    /// Writes acts down, each with one call, behind what [`Files::look`] has seen.
    pub(super) fn append(&mut self, acts: &[Act]) -> io::Result<Reached> {
        let Some(opened) = &mut self.opened else {
            return Err(io::ErrorKind::NotFound.into());
        };
        for act in acts {
            for subjects in act.parts() {
                opened.append(act, subjects)?;
            }
        }
        Ok(Reached {
            opening: opened.opening,
            number: opened.last.number,
        })
    }

    /// The log, for whoever waits for the disk, and where it ends.
    pub(super) fn to_sync(&self) -> io::Result<Option<(File, Reached, Head)>> {
        let Some(opened) = &self.opened else {
            return Ok(None);
        };
        let reached = Reached {
            opening: opened.opening,
            number: opened.last.number,
        };
        Ok(Some((
            opened.log.try_clone()?,
            reached,
            opened.last.clone(),
        )))
    }

    /// Writes down how far the log is on the disk, unless somebody was faster.
    pub(super) fn advance_head(&self, synced: &Head) -> io::Result<()> {
        match read_head(&self.folder)? {
            HeadFile::Says(head) if head.number >= synced.number => Ok(()),
            _ => write_head(&self.folder, synced).map(drop),
        }
    }

    /// Where the log ends.
    pub(super) fn head(&self) -> Head {
        self.opened
            .as_ref()
            .map_or_else(Head::nothing, |opened| opened.last.clone())
    }
}

impl Opened {
    /// Whether more can be written behind what is known: no write has failed, and the head and the key are where they
    /// were. That one of them was taken away beside a process that has the log open is to be noticed as well.
    fn may_go_on(&self, folder: &Path) -> bool {
        !self.doubtful
            && folder.join(HEAD).exists()
            && fs::metadata(folder.join(pseudonym::FILE))
                .is_ok_and(|found| file_id(&found) == self.key_file)
    }

    /// Takes what others have appended since; `false`: it is not what the log was, grown longer.
    fn catch_up(&mut self, path: &Path) -> io::Result<bool> {
        let found = match fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        if file_id(&found) != self.file || found.len() < self.length {
            return Ok(false);
        }
        let mut grown = Vec::new();
        self.log.seek(SeekFrom::Start(self.length))?;
        (&self.log)
            .take(found.len() - self.length)
            .read_to_end(&mut grown)?;
        // A line that was cut short needs mending.
        if grown.last() != Some(&b'\n') {
            return Ok(false);
        }
        let mut last = self.last.clone();
        for line in grown[..grown.len() - 1].split(|byte| *byte == b'\n') {
            match Entry::read(line) {
                Ok(entry) if entry.n == last.number + 1 && entry.before == last.hash => {
                    last = Head::of(&entry);
                }
                Ok(_) | Err(_) => return Ok(false),
            }
        }
        (self.last, self.length) = (last, found.len());
        Ok(true)
    }

    fn append(&mut self, act: &Act, subjects: &[ApplicantId]) -> io::Result<()> {
        let pseudonyms = subjects.iter().map(|id| self.key.pseudonym(id));
        let details = act.details.iter();
        let mut entry = Entry {
            n: self.last.number + 1,
            at: Timestamp::now(),
            who: act.who.clone(),
            did: act.did,
            subjects: pseudonyms.collect(),
            about: details
                .map(|(what, detail)| ((*what).to_owned(), detail.clone()))
                .collect(),
            before: self.last.hash.clone(),
            hash: String::new(),
        };
        let line = entry.line()?;
        let written = loop {
            match self.log.write(line.as_bytes()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => break written,
            }
        };
        let failed = match written {
            Ok(length) if length == line.len() => {
                self.length += line.len() as u64;
                self.last = Head::of(&entry);
                return Ok(());
            }
            // The disk is full in the middle of the line.
            Ok(_) => io::ErrorKind::StorageFull.into(),
            Err(error) => error,
        };
        self.doubtful = true;
        // If this fails as well, the line that was cut short is mended the next time.
        let _ = self.log.set_len(self.length);
        Err(failed)
    }
}

/// Opens a log that may be new, cut short by a crash, or not as it was left; with what to write down about that.
fn take_up(folder: &Path, opening: u64) -> io::Result<(Opened, Vec<Act>)> {
    let path = folder.join(LOG);
    let mut notes = Vec::new();
    let is_new = match fs::symlink_metadata(&path) {
        Ok(found) => found.len() == 0,
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(error),
    };
    let key = if let Some(key) = Key::read(folder)? {
        key
    } else {
        if !is_new {
            notes.push(Mended::Key.act());
            tracing::warn!(
                "the key of the audit log is missing, and a new one is made: from here on the same people bear other \
                 pseudonyms in it"
            );
        }
        Key::make(folder)?
    };
    let key_file = file_id(&fs::metadata(folder.join(pseudonym::FILE))?);
    let head = read_head(folder)?;
    if is_new && head == HeadFile::Missing {
        // First, so that a log without a head is one whose head was taken away.
        write_head(folder, &Head::nothing())?.sync_all()?;
        sync_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    let log = for_owner(options.read(true).append(true).create(true), &path)?;
    if is_new {
        sync_folder(folder)?;
    }
    let found = log.metadata()?;
    let whole = behind_last_line(&log, found.len())?;
    if whole < found.len() {
        // Nobody was told of it: whoever writes holds the lock, and answers after that.
        log.set_len(whole)?;
        notes.push(Mended::Line.act().with("bytes", found.len() - whole));
    }
    let mut lines = Backwards::new(&log, whole);
    let newest = lines.next()?;
    let ends = match &newest {
        None => Some(Head::nothing()),
        Some(line) => Entry::read(line).ok().map(|entry| Head::of(&entry)),
    };
    let last = match (ends, head) {
        (Some(ends), HeadFile::Says(head)) if holds(&mut lines, &ends, &head)? => ends,
        (ends, HeadFile::Says(head)) => {
            // Behind the head, never behind what somebody has made of the log.
            let number = ends.map_or(0, |ends| ends.number);
            notes.push(Mended::Gap.act().with("ended", number));
            tracing::error!(
                "the audit log is not as it was left; `plaudit audit verify` says where"
            );
            Head {
                number: number.max(head.number),
                hash: head.hash,
            }
        }
        (Some(ends), HeadFile::Missing) if is_new => ends,
        (Some(ends), _) => {
            notes.push(Mended::Head.act());
            tracing::error!("the head of the audit log was taken away or damaged");
            ends
        }
        (None, _) => {
            notes.push(Mended::Gap.act().with("ended", 0_u64));
            tracing::error!(
                "the audit log is not as it was left; `plaudit audit verify` says where"
            );
            Head::nothing()
        }
    };
    if newest.is_none() && last.number == 0 {
        notes.insert(0, Act::new(Who::Log, Deed::Began));
    }
    let opened = Opened {
        file: file_id(&found),
        log,
        key,
        key_file,
        length: whole,
        last,
        doubtful: false,
        opening,
    };
    Ok((opened, notes))
}

/// Whether a log that ends so has in it what its head says. `lines` are those before the last one.
fn holds(lines: &mut Backwards<'_>, ends: &Head, head: &Head) -> io::Result<bool> {
    if head.number == 0 || ends.number <= head.number {
        return Ok(head.number == 0 || ends == head);
    }
    // A crash, or another process that has not waited for the disk, leaves the log ahead of its head.
    while let Some(line) = lines.next()? {
        match Entry::read(&line) {
            Ok(entry) if entry.n > head.number => {}
            Ok(entry) => return Ok(Head::of(&entry) == *head),
            Err(_) => return Ok(false),
        }
    }
    Ok(false)
}

/// Where the last whole line ends.
fn behind_last_line(log: &File, length: u64) -> io::Result<u64> {
    let mut end = length;
    while end > 0 {
        let begin = end.saturating_sub(CHUNK);
        let chunk = read_at(log, begin, end)?;
        if let Some(at) = chunk.iter().rposition(|byte| *byte == b'\n') {
            return Ok(begin + at as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}

fn read_at(mut log: &File, begin: u64, end: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    log.seek(SeekFrom::Start(begin))?;
    log.take(end - begin).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whole lines without their line feed, the last one first.
struct Backwards<'a> {
    log: &'a File,
    /// Where `text` begins.
    begin: u64,
    /// What was read and not given, without the line feed of its last line.
    text: Vec<u8>,
    done: bool,
}

impl<'a> Backwards<'a> {
    /// From here, which is behind a line feed, or 0.
    fn new(log: &'a File, end: u64) -> Self {
        Self {
            log,
            begin: end.saturating_sub(1),
            text: Vec::new(),
            done: end == 0,
        }
    }

    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.done {
            return Ok(None);
        }
        loop {
            if let Some(at) = self.text.iter().rposition(|byte| *byte == b'\n') {
                let line = self.text.split_off(at + 1);
                self.text.pop();
                return Ok(Some(line));
            }
            // One that is too long for an entry is told as it is, without its beginning: it is none.
            if self.begin == 0 || self.text.len() > LONGEST_LINE {
                self.done = true;
                return Ok(Some(std::mem::take(&mut self.text)));
            }
            let begin = self.begin.saturating_sub(CHUNK);
            let mut text = read_at(self.log, begin, self.begin)?;
            text.append(&mut self.text);
            (self.text, self.begin) = (text, begin);
        }
    }
}

/// What the head's file says.
fn read_head(folder: &Path) -> io::Result<HeadFile> {
    match fs::read(folder.join(HEAD)) {
        Ok(bytes) => {
            let text = String::from_utf8(bytes).ok();
            let head = text.and_then(|text| text.strip_suffix('\n')?.parse().ok());
            Ok(head.map_or(HeadFile::Unreadable, HeadFile::Says))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HeadFile::Missing),
        Err(error) => Err(error),
    }
}

/// Writes in place and with one call: what is there is whole also when the process is killed, and needs no room.
fn write_head(folder: &Path, head: &Head) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let mut file = for_owner(&mut options, &folder.join(HEAD))?;
    let text = format!("{head}\n");
    file.write_all(text.as_bytes())?;
    if file.metadata()?.len() > text.len() as u64 {
        file.set_len(text.len() as u64)?;
    }
    Ok(file)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    if let Some(parent) = folder.parent() {
        sync_folder(parent)?;
    }
    Ok(())
}

/// A log as it is to be read: up to where it ended under the lock.
pub(super) struct Reading {
    pub(super) log: Box<dyn Read + Send>,
    pub(super) head: HeadFile,
    pub(super) key: Option<Key>,
}

/// Opens a log for reading and makes nothing; `None`: there is none.
pub(super) fn reading(folder: &Path) -> io::Result<Option<Reading>> {
    let head = read_head(folder)?;
    let log: Box<dyn Read + Send> = match File::open(folder.join(LOG)) {
        Ok(log) => {
            let length = log.metadata()?.len();
            Box::new(log.take(length))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) if head == HeadFile::Missing => return Ok(None),
        // The log was taken away, and its head tells.
        Err(_) => Box::new(io::empty()),
    };
    Ok(Some(Reading {
        log,
        head,
        key: Key::read(folder)?,
    }))
}

/// The file that is locked, where there is one.
pub(super) fn lock_of(folder: &Path) -> io::Result<Option<File>> {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
