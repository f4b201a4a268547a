//! Where the engine's files are: in a folder `engine.N` of their own, which another one with a larger number can replace.
//!
//! The engine keeps old values in its log until it happens to need their room. So what is to be gone for good is left
//! behind: everything else is written into a new folder, and the old one is deleted. A folder counts from the moment at
//! which its file `complete` is there, and the one with the largest number holds; a crash at any moment leaves one that
//! does. Stores of formats 1 to 3 had the engine's files in the data folder itself.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::disk::sync_folder;

/// Begins the names of the engine's folders.
const PREFIX: &str = "engine.";
/// Its being there makes a folder count.
const COMPLETE: &str = "complete";

/// A place of the engine's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    data_folder: PathBuf,
    /// 0: the data folder itself, as up to format 3.
    number: u64,
}

impl Place {
    /// Where the engine's files of a data folder are, or will be in a new one.
    pub(super) fn current(data_folder: &Path) -> io::Result<Self> {
        let place = |number| Self {
            data_folder: data_folder.to_owned(),
            number,
        };
        let all = numbers(data_folder)?;
        let complete = all.iter().copied().filter(|n| place(*n).is_complete());
        if let Some(newest) = complete.max() {
            return Ok(place(newest));
        }
        if data_folder.join("db").try_exists()? || data_folder.join("conf").try_exists()? {
            return Ok(place(0));
        }
        // One that is not complete is of a store that was never used, or has lost its mark of being so: what it holds
        // is for the opening to judge.
        Ok(place(all.into_iter().max().unwrap_or(1)))
    }

    /// The place for what is to replace this one.
    pub(super) fn next(&self) -> io::Result<Self> {
        let largest = numbers(&self.data_folder)?.into_iter().max().unwrap_or(0);
        Ok(Self {
            data_folder: self.data_folder.clone(),
            number: largest.max(self.number) + 1,
        })
    }

    /// The folder.
    pub(super) fn path(&self) -> PathBuf {
        match self.number {
            0 => self.data_folder.clone(),
            number => self.data_folder.join(format!("{PREFIX}{number}")),
        }
    }

    /// Whether it is as earlier formats had it.
    pub(super) fn is_of_earlier_format(&self) -> bool {
        self.number == 0
    }

    fn is_complete(&self) -> bool {
        self.path().join(COMPLETE).exists()
    }

    /// Lets it count, for good.
    pub(super) fn complete(&self) -> io::Result<()> {
        let path = self.path();
        if self.number == 0 || self.is_complete() {
            return Ok(());
        }
        File::create(path.join(COMPLETE))?.sync_all()?;
        sync_folder(&path)?;
        sync_folder(&self.data_folder)
    }

    /// Deletes all others, which this one has replaced.
    pub(super) fn delete_others(&self) -> io::Result<()> {
        if self.number == 0 || !self.is_complete() {
            return Ok(());
        }
        for number in numbers(&self.data_folder)? {
            if number != self.number {
                fs::remove_dir_all(self.data_folder.join(format!("{PREFIX}{number}")))?;
            }
        }
        for entry in fs::read_dir(&self.data_folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name == "blobs" {
                fs::remove_dir_all(entry.path())?;
            } else if name == "db" || name == "conf" || name.starts_with("snap.") {
                fs::remove_file(entry.path())?;
            }
        }
        sync_folder(&self.data_folder)
    }
}

impl Place {
    /// Moves all others, which this one has replaced, into `aside`, a folder that is not there yet; whether there were any.
    pub(super) fn move_others(&self, aside: &Path) -> io::Result<bool> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.data_folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix(PREFIX).and_then(|n| n.parse().ok());
            let other = number.is_some_and(|number: u64| number != self.number);
            let of_earlier_format =
                ["db", "conf", "blobs"].contains(&name.as_str()) || name.starts_with("snap.");
            if other || of_earlier_format {
                found.push(name);
            }
        }
        if found.is_empty() {
            return Ok(false);
        }
        fs::create_dir_all(aside)?;
        for name in found {
            fs::rename(self.data_folder.join(&name), aside.join(&name))?;
        }
        sync_folder(aside)?;
        sync_folder(&self.data_folder)?;
        Ok(true)
    }
}

/// The numbers of all folders of the engine's.
fn numbers(data_folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(data_folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_largest_complete_folder_holds_and_the_others_go() {
        let folder = tempfile::tempdir().unwrap();
        let first = Place::current(folder.path()).unwrap();
        assert_eq!(first.path(), folder.path().join("engine.1"));
        fs::create_dir(first.path()).unwrap();
        first.complete().unwrap();
        let second = first.next().unwrap();
        fs::create_dir(second.path()).unwrap();
        // Cut off here, the old one holds still.
        assert_eq!(Place::current(folder.path()).unwrap(), first);
        first.delete_others().unwrap();
        assert_eq!(names(folder.path()), ["engine.1"]);
        fs::create_dir(second.path()).unwrap();
        second.complete().unwrap();
        // Cut off here, the new one holds.
        let found = Place::current(folder.path()).unwrap();
        assert_eq!(found, second);
        fs::write(folder.path().join("lock"), b"").unwrap();
        found.delete_others().unwrap();
        assert_eq!(names(folder.path()), ["engine.2", "lock"]);
    }

    #[test]
    fn files_in_the_data_folder_itself_are_those_of_an_earlier_format() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["db", "conf", "snap.01", "acknowledged"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        fs::create_dir(folder.path().join("blobs")).unwrap();
        let old = Place::current(folder.path()).unwrap();
        assert!(old.is_of_earlier_format());
        old.delete_others().unwrap();
        assert_eq!(names(folder.path()).len(), 5);
        let new = old.next().unwrap();
        fs::create_dir(new.path()).unwrap();
        new.complete().unwrap();
        new.delete_others().unwrap();
        assert_eq!(names(folder.path()), ["acknowledged", "engine.1"]);
    }
}
