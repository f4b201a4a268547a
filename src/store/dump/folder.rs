//! The folder of dumps: names that sort by time, the newest whole one, and how many are kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jiff::Timestamp;

use super::{Dumped, read::verify, write::PART};
use crate::disk::sync_folder;

/// The folder's name in the data folder, where the settings name no other.
const NAME: &str = "dumps";
const PREFIX: &str = "plaudit-";
const SUFFIX: &str = ".jsonl.zst";

/// From this age on, what somebody began to write and did not end is a leftover.
const LEFT_OVER: Duration = Duration::from_hours(1);

/// Where dumps are kept unless the settings name another folder.
#[must_use]
pub fn folder_within(data_folder: &Path) -> PathBuf {
    data_folder.join(NAME)
}

/// The name of a dump that is made at this time.
#[must_use]
pub fn name_of(made_at: Timestamp) -> String {
    format!("{PREFIX}{}{SUFFIX}", made_at.strftime("%Y%m%dT%H%M%SZ"))
}

/// Makes the folder, for its owner alone, and takes away what a crash has left of a dump that was being written.
pub(in crate::store) fn prepare(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    remove_unfinished(folder, LEFT_OVER)
}

/// Takes away what was begun and not ended, and was last written to so long ago.
pub(in crate::store) fn remove_unfinished(folder: &Path, at_least: Duration) -> io::Result<()> {
    for entry in entries(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        let age = entry
            .metadata()
            .and_then(|file| file.modified())
            .map(|changed| {
                SystemTime::now()
                    .duration_since(changed)
                    .unwrap_or_default()
            });
        // Others may have files there as well.
        let ours = name.trim_start_matches('.').starts_with(PREFIX) && name.ends_with(PART);
        if ours && age.is_ok_and(|age| age >= at_least) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Copies a dump to another place, whole or not at all; the other place may be on another disk.
pub fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    let to = std::path::absolute(to)?;
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let part = to.with_file_name(format!(".{name}.{}{PART}", std::process::id()));
    let copied = copy(from, &part).and_then(|()| fs::rename(&part, &to));
    if copied.is_err() {
        // What was begun is of no use; the error is the news.
        let _ = fs::remove_file(&part);
    }
    copied?;
    to.parent().map_or(Ok(()), sync_folder)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(to)?;
    io::copy(&mut fs::File::open(from)?, &mut file)?;
    file.sync_all()
}

/// The dumps in a folder by their names, which sort by time; none where there is no folder.
pub fn all(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = entries(folder)?.into_iter().map(|entry| entry.path());
    let mut dumps: Vec<_> = paths.filter(|path| is_named_as_ours(path)).collect();
    dumps.sort();
    Ok(dumps)
}

/// What is in a folder; nothing where there is no folder.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Whether a file has a name that [`name_of`] gives.
pub(super) fn is_named_as_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// The newest dump in a folder that is whole: it is read for that.
#[must_use]
pub fn newest_whole(folder: &Path) -> Option<Dumped> {
    let all = all(folder).unwrap_or_default();
    all.iter().rev().find_map(|dump| verify(dump).ok())
}

/// Takes the oldest dumps away, so that `keep` stay; how many went.
pub fn remove_old(folder: &Path, keep: usize) -> io::Result<usize> {
    let all = all(folder)?;
    let too_many = all.len().saturating_sub(keep);
    for dump in &all[..too_many] {
        fs::remove_file(dump)?;
    }
    Ok(too_many)
}
