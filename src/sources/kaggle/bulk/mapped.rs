//! A file's bytes as memory: the one place of plaudit that needs `unsafe`.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// The bytes of a file that nobody changes.
///
/// The rule that makes it safe: an index is written under another name, and only its finished file is renamed
/// to where it is mapped from ([`super::build`]). The file that is mapped is thereby never written to nor cut;
/// after a rename it lives on, nameless, until the last map of it is gone.
#[derive(Debug)]
pub(super) struct Mapped(Mmap);

impl Mapped {
    /// Maps a file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        #[expect(
            unsafe_code,
            reason = "a map has no safe form: the compiler cannot know that nobody changes the file"
        )]
        // SAFETY: nobody changes the file as long as the map lives; see the rule above. A person who edits it
        // by hand all the same gets wrong bytes, which the reader bounds, or the signal of a cut file.
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self(map))
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
