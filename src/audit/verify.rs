//! Whether a log is whole: the first entry that is not as it was written, and what is wrong with it.
//!
//! The log is read once from its beginning and is never held in memory. What is wrong is told by where it stands: entry
//! 17 is the one that belongs on line 17 of a log that was never cut, whatever stands there.

use std::io::{self, BufRead};

use super::entry::{Entry, Head, NoEntry};
use super::file::{HeadFile, LONGEST_LINE};
use super::mending::Mending;

/// Mendings that are named at most. Count.
const MOST_MENDINGS: usize = 100;

/// What a look at a whole log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Entries that are as they were written, from the first on. Count.
    pub entries: u64,
    /// The last of them.
    pub head: Head,
    /// Where the log says that it was found otherwise than it was left; the first hundred.
    pub mendings: Vec<Mending>,
    /// What is wrong behind them, or else the last mending that leaves a doubt; `None`: nothing.
    pub finding: Option<Finding>,
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The entry that is wrong.
    pub entry: u64,
    /// The line on which it shows, from 1 on.
    pub line: u64,
    /// What is wrong with it.
    pub wrong: Wrong,
    /// Lines behind that one, which nothing is said about. Count.
    pub following: u64,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// What stands in its place cannot be read as an entry.
    Unreadable,
    /// It is another one than was written: by its own digest, or by that which the next one names.
    Changed,
    /// It is gone, and so are those up to `until`.
    Missing {
        /// The last of them.
        until: u64,
    },
    /// It comes later, and entry `found` stands in its place.
    Reordered {
        /// The number of that one.
        found: u64,
    },
    /// It stands once more where entry `belongs` should.
    Duplicated {
        /// The number of that one.
        belongs: u64,
    },
    /// It and those up to `head`, which was on the disk, are gone from the end.
    CutOff {
        /// The number of the newest one that there was.
        head: u64,
    },
    /// The last line was cut short.
    Torn {
        /// The number of the newest entry that is known to have been on the disk, where that is known.
        head: Option<u64>,
    },
    /// It is not the one that a head names: it, or one before it, was written anew.
    OtherThanHead {
        /// Whether that head was kept elsewhere; else it is the log's own.
        kept: bool,
    },
    /// The log's own head cannot be read, or was taken away, so that nobody can tell whether the end was cut off.
    NoHead,
    /// There is no entry at all, and so not the one that each log begins with.
    NoBeginning,
    /// It says that the log was found without its head, or otherwise than its head said: nobody can tell whether entries
    /// before it were cut off. From there on all is as it was written.
    Mended(Mending),
}

/// Reads a log and compares it with its head, and with one that was kept elsewhere.
pub(super) fn verify(
    log: impl BufRead,
    head: &HeadFile,
    kept: Option<&Head>,
) -> io::Result<Verified> {
    let own = match head {
        HeadFile::Says(head) => Some(head),
        HeadFile::Missing | HeadFile::Unreadable | HeadFile::OfCopy => None,
    };
    let mut lines = Lines::new(log);
    let mut last = Head::nothing();
    let (mut mendings, mut doubt) = (Vec::new(), None);
    let finding = loop {
        let found = match lines.next()? {
            Line::End => {
                let found = at_the_end(&last, head, own, kept, lines.number);
                break found.or(doubt.map(|mending| doubted(mending, lines.number)));
            }
            Line::Torn => Some((
                last.number + 1,
                Wrong::Torn {
                    head: own.map(|head| head.number),
                },
            )),
            Line::Unreadable => Some((last.number + 1, Wrong::Unreadable)),
            Line::Changed => Some((last.number + 1, Wrong::Changed)),
            Line::Entry(entry) => {
                if entry.n == last.number + 1 && entry.before == last.hash {
                    last = Head::of(&entry);
                    if let Some(mending) = Mending::of(&entry, lines.number) {
                        doubt = Some(mending)
                            .filter(|one| !one.what.is_harmless())
                            .or(doubt);
                        if mendings.len() < MOST_MENDINGS {
                            mendings.push(mending);
                        }
                    }
                    let other = |head: &&Head| head.number == entry.n && head.hash != entry.hash;
                    let by_own = own.filter(other).map(|_| false);
                    let by_kept = kept.filter(other).map(|_| true);
                    by_own
                        .or(by_kept)
                        .map(|kept| (entry.n, Wrong::OtherThanHead { kept }))
                } else {
                    // What becomes of it shows behind it.
                    let line = lines.number;
                    let (number, wrong) = misplaced(&entry, &last, own, &mut lines)?;
                    let on_line_before = number == last.number && wrong == Wrong::Changed;
                    break Some(Finding {
                        entry: number,
                        line: if on_line_before { line - 1 } else { line },
                        wrong,
                        following: lines.rest()? - line + u64::from(on_line_before),
                    });
                }
            }
        };
        if let Some((entry, wrong)) = found {
            let line = lines.number;
            break Some(Finding {
                entry,
                line,
                wrong,
                following: lines.rest()? - line,
            });
        }
    };
    let entries = match &finding {
        Some(Finding {
            entry,
            wrong: Wrong::Changed | Wrong::OtherThanHead { .. },
            ..
        }) => entry - 1,
        Some(_) | None => last.number,
    };
    Ok(Verified {
        entries,
        head: last,
        mendings,
        finding,
    })
}

/// What is wrong with a log that is whole, but for what it says of itself.
fn doubted(mending: Mending, lines: u64) -> Finding {
    Finding {
        entry: mending.entry,
        line: mending.line,
        wrong: Wrong::Mended(mending),
        following: lines - mending.line,
    }
}

/// What is wrong with a log of which each line fits the one before.
fn at_the_end(
    last: &Head,
    head: &HeadFile,
    own: Option<&Head>,
    kept: Option<&Head>,
    line: u64,
) -> Option<Finding> {
    let ahead = own.into_iter().chain(kept).map(|head| head.number).max();
    if let Some(head) = ahead.filter(|number| *number > last.number) {
        return Some(Finding {
            entry: last.number + 1,
            line: line + 1,
            wrong: Wrong::CutOff { head },
            following: 0,
        });
    }
    if matches!(head, HeadFile::Missing | HeadFile::Unreadable) {
        return Some(Finding {
            entry: last.number,
            line,
            wrong: Wrong::NoHead,
            following: 0,
        });
    }
    (last.number == 0).then_some(Finding {
        entry: 1,
        line: 1,
        wrong: Wrong::NoBeginning,
        following: 0,
    })
}

/// What is wrong when an entry that is whole in itself does not belong behind `last`.
fn misplaced(
    entry: &Entry,
    last: &Head,
    own: Option<&Head>,
    lines: &mut Lines<impl BufRead>,
) -> io::Result<(u64, Wrong)> {
    let expected = last.number + 1;
    // It says itself that it was written behind `last`.
    if entry.before == last.hash || entry.n == 0 {
        return Ok((expected, Wrong::Changed));
    }
    if entry.n == expected {
        // Either of the two was written anew. The one that its follower vouches for was not.
        let vouched = match lines.next()? {
            Line::Entry(next) => next.before == entry.hash,
            Line::End => own == Some(&Head::of(entry)),
            Line::Torn | Line::Unreadable | Line::Changed => false,
        };
        let before = vouched && last.number > 0;
        return Ok((if before { last.number } else { expected }, Wrong::Changed));
    }
    if entry.n < expected {
        let belongs = expected;
        return Ok((entry.n, Wrong::Duplicated { belongs }));
    }
    let (mut comes_later, mut again, mut next) = (false, false, entry.n);
    loop {
        match lines.next()? {
            Line::End => break,
            Line::Entry(other) => {
                comes_later |= other.n == expected && other.before == last.hash;
                again |= other.hash == entry.hash;
                if other.n > expected {
                    next = next.min(other.n);
                }
            }
            Line::Torn | Line::Unreadable | Line::Changed => {}
        }
    }
    Ok(match (comes_later, again) {
        (true, true) => (entry.n, Wrong::Duplicated { belongs: expected }),
        (true, false) => (expected, Wrong::Reordered { found: entry.n }),
        (false, _) => (expected, Wrong::Missing { until: next - 1 }),
    })
}

/// A line of the log.
#[derive(Debug)]
pub(super) enum Line {
    Entry(Box<Entry>),
    /// It reads like an entry and is not as it was written.
    Changed,
    /// It is no entry.
    Unreadable,
    /// The last one has no line feed.
    Torn,
    /// There is no more.
    End,
}

/// The lines of a log, one after another.
pub(super) struct Lines<R> {
    log: R,
    text: Vec<u8>,
    /// The number of the line that was given last.
    pub(super) number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(log: R) -> Self {
        Self {
            log,
            text: Vec::new(),
            number: 0,
        }
    }

    pub(super) fn next(&mut self) -> io::Result<Line> {
        Ok(match self.read()? {
            None => Line::End,
            Some(false) => Line::Torn,
            Some(true) if self.text.len() > LONGEST_LINE => Line::Unreadable,
            Some(true) => match Entry::read(&self.text) {
                Ok(entry) => Line::Entry(Box::new(entry)),
                Err(NoEntry::Changed) => Line::Changed,
                Err(NoEntry::Unreadable) => Line::Unreadable,
            },
        })
    }

    /// The bytes of the line that was given last, without its line feed; of a very long one its beginning.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Reads a line into `text`; whether it has a line feed. Of a line that is too long its beginning is kept alone.
    fn read(&mut self) -> io::Result<Option<bool>> {
        self.text.clear();
        let mut any = false;
        loop {
            let read = match self.log.fill_buf() {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if read.is_empty() {
                self.number += u64::from(any);
                return Ok(any.then_some(false));
            }
            any = true;
            let end = read.iter().position(|byte| *byte == b'\n');
            let part = &read[..end.unwrap_or(read.len())];
            let room = (LONGEST_LINE + 1).saturating_sub(self.text.len());
            self.text.extend_from_slice(&part[..part.len().min(room)]);
            let used = part.len() + usize::from(end.is_some());
            self.log.consume(used);
            if end.is_some() {
                self.number += 1;
                return Ok(Some(true));
            }
        }
    }

    /// Goes to the end; how many lines there are.
    fn rest(&mut self) -> io::Result<u64> {
        while self.read()?.is_some() {}
        Ok(self.number)
    }
}
