//! Taking those who were erased out of dumps that are there.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{
    folder::{entries, is_named_as_ours},
    read::{Reader, is_of_newer_format},
    sieve::Sieve,
    write::rewrite,
};
use crate::store::{error::Fault, tombstones::Tombstones};

/// What every zstd stream begins with.
const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Takes those who were erased out of all dumps in these folders, whatever their names. A dump that is not whole goes:
/// nobody could restore it, and nobody can say who is in it. One that cannot be read or written now stays, and is in the
/// answer with the reason.
pub(in crate::store) fn clean(folders: &[PathBuf], tombstones: &Tombstones) -> Vec<String> {
    let mut left = Vec::new();
    for folder in folders.iter().collect::<BTreeSet<_>>() {
        let found = match candidates(folder) {
            Ok(found) => found,
            Err(error) => {
                left.push(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        for file in found {
            if let Err(why) = clean_one(&file, tombstones) {
                left.push(format!("{}: {why}", file.display()));
            }
        }
    }
    left
}

/// Files that may be dumps, by their names.
fn candidates(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    // Links are followed: what they lead to is told, and not changed.
    let files = entries(folder)?.into_iter().map(|entry| entry.path());
    let files = files.filter(|path| path.is_file());
    Ok(files
        .filter(|path| is_named_as_ours(path) || begins_as_dump(path))
        .collect())
}

fn begins_as_dump(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == MAGIC && (Reader::open(path).is_ok() || is_of_newer_format(path))
}

fn clean_one(file: &Path, tombstones: &Tombstones) -> Result<(), String> {
    if file.is_symlink() {
        return Err("it is a link to another place".to_owned());
    }
    let cleaned = Reader::open(file).and_then(|reader| {
        let mut sieve = Sieve::new(tombstones, reader.head().made_at);
        rewrite(reader, |line| sieve.pass(line))
    });
    let told = |error: io::Error| error.to_string();
    match cleaned {
        Ok(_) => Ok(()),
        Err(Fault::DumpUnusable { why, .. }) => {
            // What cannot be read now, or by this plaudit, may be whole.
            let read = |mut file| io::copy(&mut file, &mut io::sink());
            File::open(file).and_then(read).map_err(told)?;
            if is_of_newer_format(file) {
                return Err(why);
            }
            tracing::warn!(dump = %file.display(), why, "a dump that is not whole was deleted, since somebody was erased");
            fs::remove_file(file).map_err(told)
        }
        Err(Fault::DumpNotWritten { why, .. }) => Err(why),
        Err(fault) => Err(format!("{fault:?}")),
    }
}
