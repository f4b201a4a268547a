//! The file in blocks, each with a checksum, so that no look-up answers from bytes that were not written.
//!
//! A block is compared when a look-up first touches it, and then it is known for as long as the index is open:
//! what an answer costs beyond the first of its block is one bit.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::layout::HEADER;

/// What has a checksum. Bytes. A full index of 1.15 GB has 8,800 of them: fewer than one in a hundred of a
/// million look-ups meets one that is not known yet, and their checksums, which every opening reads, are 70 KB.
pub(super) const BLOCK: usize = 128 << 10;

/// Bytes of a block's checksum: the first of its blake3. Against accidents, not against forgers.
pub(super) const CHECK: usize = 8;

/// A block's checksum.
pub(super) fn check_of(hash: blake3::Hash) -> [u8; CHECK] {
    let mut check = [0; CHECK];
    check.copy_from_slice(&hash.as_bytes()[..CHECK]);
    check
}

/// The blocks of an index that is open: from the header's end to where their checksums begin.
#[derive(Debug)]
pub(super) struct Blocks {
    /// Where their checksums lie.
    checks: Range<usize>,
    /// A bit for each that fits.
    known: Vec<AtomicU64>,
}

impl Blocks {
    /// The blocks whose checksums, which fit theirs, lie here. `None`: there are too few or too many.
    pub(super) fn new(checks: Range<usize>) -> Option<Self> {
        let count = checks.start.checked_sub(HEADER)?.div_ceil(BLOCK);
        (checks.len() == count * CHECK).then(|| Self {
            checks,
            known: (0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
        })
    }

    /// These bytes of the file, if all their blocks are as they were written.
    #[inline]
    pub(super) fn bytes<'a>(&self, file: &'a [u8], range: Range<usize>) -> Option<&'a [u8]> {
        let bytes = file.get(range.clone())?;
        if bytes.is_empty() {
            return Some(bytes);
        }
        let first = range.start.checked_sub(HEADER)? / BLOCK;
        let last = (range.end - 1 - HEADER) / BLOCK;
        (first..=last)
            .all(|block| self.is_known(block) || self.fits(file, block))
            .then_some(bytes)
    }

    #[inline]
    fn is_known(&self, block: usize) -> bool {
        let word = self.known.get(block / 64);
        word.is_some_and(|word| word.load(Ordering::Relaxed) >> (block % 64) & 1 != 0)
    }

    /// Compares a block. Two threads that meet at one both do it, and come to the same.
    #[cold]
    fn fits(&self, file: &[u8], block: usize) -> bool {
        let start = HEADER + block * BLOCK;
        let end = (start + BLOCK).min(self.checks.start);
        let at = self.checks.start + block * CHECK;
        let (Some(bytes), Some(check)) = (file.get(start..end), file.get(at..at + CHECK)) else {
            return false;
        };
        if at >= self.checks.end || check_of(blake3::hash(bytes)) != check {
            return false;
        }
        if let Some(word) = self.known.get(block / 64) {
            word.fetch_or(1 << (block % 64), Ordering::Relaxed);
        }
        true
    }
}
