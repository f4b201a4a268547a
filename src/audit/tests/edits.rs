//! What somebody does to a log: every edit is found, at the entry that it was made to.

use super::*;
use crate::audit::entry::Entry;
use crate::audit::verify::verify;

/// Entries of the log that is edited. Count.
const ENTRIES: usize = 40;

/// Edits. Count.
const EDITS: usize = 1_500;

/// The lines of a log, and where it ends.
struct Original {
    lines: Vec<String>,
    head: Head,
}

/// An edited log, and what is expected of it.
struct Edited {
    bytes: Vec<u8>,
    entry: u64,
    /// `None`: whatever becomes of changed bytes.
    wrong: Option<Wrong>,
}

impl Original {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::within(folder.path());
        let mut random = fastrand::Rng::with_seed(5);
        let acts = (1..ENTRIES).map(|_| {
            let did = Deed::ALL[random.usize(..Deed::ALL.len())];
            let people: Vec<ApplicantId> = (0..random.usize(..4))
                .map(|_| id(&format!("a-{}", random.u8(..))))
                .collect();
            let who = match random.u8(..3) {
                0 => Who::token("0a1b2c3d"),
                1 => Who::Local(random.u32(..2_000)),
                _ => Who::Worker,
            };
            Act::new(who, did).about_all(&people).with("role", "phd")
        });
        audit.note_all(acts.collect()).await.unwrap();
        audit.sync().await.unwrap();
        let log = log_of(folder.path());
        Self {
            lines: log.lines().map(|line| format!("{line}\n")).collect(),
            head: head_of(folder.path()),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        self.lines.concat().into_bytes()
    }

    fn entry(&self, number: usize) -> Entry {
        Entry::read(self.lines[number - 1].trim_end().as_bytes()).unwrap()
    }

    /// The line, from 1 on, that is the first one which differs.
    fn first_changed_line(&self, bytes: &[u8]) -> u64 {
        let before = self.bytes();
        let same = before
            .iter()
            .zip(bytes)
            .take_while(|(left, right)| left == right);
        let same = same.count();
        let breaks = before[..same].iter().filter(|byte| **byte == b'\n');
        breaks.count() as u64 + 1
    }

    fn with_lines(&self, change: impl FnOnce(&mut Vec<String>)) -> Vec<u8> {
        let mut lines = self.lines.clone();
        change(&mut lines);
        lines.concat().into_bytes()
    }

    /// With one entry written anew by somebody who makes its digest, and no other.
    fn forged(&self, number: usize, forge: impl FnOnce(&mut Entry)) -> Vec<u8> {
        let mut entry = self.entry(number);
        forge(&mut entry);
        let line = entry.line().unwrap();
        self.with_lines(|lines| lines[number - 1] = line)
    }

    /// With an entry and all behind it written anew, each digest made; and the head that such a log has.
    fn rewritten(&self, number: usize) -> (Vec<u8>, Head) {
        let mut last = None;
        let bytes = self.with_lines(|lines| {
            for (place, line) in lines.iter_mut().enumerate().skip(number - 1) {
                let mut entry = self.entry(place + 1);
                match &last {
                    None => entry.who = Who::Local(4_711),
                    Some(Head { hash, .. }) => entry.before.clone_from(hash),
                }
                *line = entry.line().unwrap();
                last = Some(Head::of(&entry));
            }
        });
        (bytes, last.unwrap())
    }

    /// The edit of this kind; `None`: this time it changes nothing.
    fn edited(&self, kind: usize, random: &mut fastrand::Rng) -> Option<Edited> {
        let edited = match kind {
            0..=4 => self.with_other_bytes(kind, random),
            5..=11 => self.with_lines_elsewhere(kind, random),
            _ => self.with_digests_made(kind, random),
        };
        (edited.bytes != self.bytes()).then_some(edited)
    }

    fn with_other_bytes(&self, kind: usize, random: &mut fastrand::Rng) -> Edited {
        let all = self.bytes();
        let number = random.usize(1..=self.lines.len());
        let at = random.usize(..all.len());
        let bytes = match kind {
            // One byte is another one, more, or less; or several are.
            0 => {
                let mut bytes = all.clone();
                bytes[at] ^= random.u8(1..);
                bytes
            }
            1 => {
                let mut bytes = all.clone();
                let byte = *random.choice(b"\n \"}0\0\r\xff").unwrap();
                bytes.insert(random.usize(..=all.len()), byte);
                bytes
            }
            2 => {
                let mut bytes = all.clone();
                bytes.remove(at);
                bytes
            }
            3 => {
                let mut bytes = all.clone();
                let end = (at + random.usize(1..2_000)).min(all.len());
                bytes[at..end].fill_with(|| random.u8(..));
                bytes
            }
            // A line feed is taken away, or another kind of one put there.
            _ => self.with_lines(|lines| {
                let end = if random.bool() { "" } else { "\r\n" };
                lines[number - 1] = format!("{}{end}", lines[number - 1].trim_end());
            }),
        };
        Edited {
            entry: self.first_changed_line(&bytes),
            bytes,
            wrong: None,
        }
    }

    fn with_lines_elsewhere(&self, kind: usize, random: &mut fastrand::Rng) -> Edited {
        let all = self.bytes();
        let most = self.lines.len();
        let number = random.usize(1..=most);
        let other = random.usize(1..=most);
        let head = self.head.number;
        match kind {
            5 => {
                let to = most.min(number + random.usize(..4));
                let bytes = self.with_lines(|lines| drop(lines.drain(number - 1..to)));
                let wrong = if to == most {
                    Wrong::CutOff { head }
                } else {
                    Wrong::Missing { until: to as u64 }
                };
                placed(bytes, number, wrong)
            }
            // A line stands once more, before line `place`.
            6 => {
                let place = random.usize(1..=most + 1);
                let bytes = self.with_lines(|lines| {
                    let line = lines[number - 1].clone();
                    lines.insert(place - 1, line);
                });
                let belongs = if place == number { number + 1 } else { place } as u64;
                placed(bytes, number, Wrong::Duplicated { belongs })
            }
            7 => {
                let (first, second) = (number.min(other), number.max(other));
                let bytes = self.with_lines(|lines| lines.swap(first - 1, second - 1));
                let found = second as u64;
                placed(bytes, first, Wrong::Reordered { found })
            }
            // A line is moved.
            8 => {
                let bytes = self.with_lines(|lines| {
                    let line = lines.remove(number - 1);
                    lines.insert(other - 1, line);
                });
                let (entry, found) = if other > number {
                    (number, number + 1)
                } else {
                    (other, number)
                };
                let found = found as u64;
                placed(bytes, entry, Wrong::Reordered { found })
            }
            // A line stands in the place of another one.
            9 => {
                let bytes = self.with_lines(|lines| lines[number - 1] = lines[other - 1].clone());
                let place = number as u64;
                if other < number {
                    placed(bytes, other, Wrong::Duplicated { belongs: place })
                } else {
                    placed(bytes, number, Wrong::Missing { until: place })
                }
            }
            // The end is cut off, at any byte and between two lines.
            10 => {
                let bytes = all[..random.usize(..all.len())].to_vec();
                let wrong = if bytes.last().is_none_or(|byte| *byte == b'\n') {
                    Wrong::CutOff { head }
                } else {
                    Wrong::Torn { head: Some(head) }
                };
                let entry = self.first_changed_line(&bytes);
                placed(bytes, usize::try_from(entry).unwrap(), wrong)
            }
            _ => {
                let bytes = self.with_lines(|lines| lines.truncate(number - 1));
                placed(bytes, number, Wrong::CutOff { head })
            }
        }
    }

    fn with_digests_made(&self, kind: usize, random: &mut fastrand::Rng) -> Edited {
        let most = self.lines.len();
        let number = random.usize(1..=most);
        match kind {
            // Somebody knows how digests are made, and makes one.
            12 => {
                let what = random.u8(..4);
                let bytes = self.forged(number, |entry| match what {
                    0 => entry.who = Who::Local(4_711),
                    1 => entry.subjects.push("p-0123456789abcdef".to_owned()),
                    2 => entry.at += jiff::SignedDuration::from_secs(1),
                    _ => drop(entry.about.insert("x".to_owned(), Detail::Number(1))),
                });
                let wrong = if number == most {
                    Wrong::OtherThanHead { kept: false }
                } else {
                    Wrong::Changed
                };
                placed(bytes, number, wrong)
            }
            13 => {
                let bytes = self.forged(number, |entry| {
                    entry.before = blake3::hash(&[random.u8(..)]).to_hex().to_string();
                });
                placed(bytes, number, Wrong::Changed)
            }
            _ => {
                let bytes = self.forged(number, |entry| entry.n = random.u64(..100));
                placed(bytes, number, Wrong::Changed)
            }
        }
    }
}

/// An edit after which this is wrong with this entry.
fn placed(bytes: Vec<u8>, entry: usize, wrong: Wrong) -> Edited {
    Edited {
        bytes,
        entry: entry as u64,
        wrong: Some(wrong),
    }
}

/// Kinds of edits that `Original::edited` knows. Count.
const KINDS: usize = 15;

#[tokio::test]
async fn each_of_a_thousand_edits_is_found_at_the_right_entry() {
    let original = Original::new().await;
    let head = HeadFile::Says(original.head.clone());
    assert_eq!(original.lines.len(), ENTRIES);
    let untouched = verify(&original.bytes()[..], &head, None).unwrap();
    assert_eq!(
        (untouched.entries, untouched.finding),
        (ENTRIES as u64, None)
    );
    let mut random = fastrand::Rng::with_seed(11);
    let mut found_of_kind = [0; KINDS];
    for round in 0..EDITS {
        let kind = round % KINDS;
        let Some(edited) = original.edited(kind, &mut random) else {
            continue;
        };
        let verified = verify(&edited.bytes[..], &head, None).unwrap();
        let Some(found) = verified.finding else {
            panic!("round {round}: an edit of kind {kind} was not found");
        };
        let told = format!("round {round}, kind {kind}: {found:?}");
        assert_eq!(found.entry, edited.entry, "{told}");
        match edited.wrong {
            Some(wrong) => assert_eq!(found.wrong, wrong, "{told}"),
            None => assert!(
                matches!(
                    found.wrong,
                    Wrong::Changed | Wrong::Unreadable | Wrong::Torn { .. }
                ),
                "{told}"
            ),
        }
        assert_eq!(
            found.line,
            original.first_changed_line(&edited.bytes),
            "{told}"
        );
        let parts: Vec<&[u8]> = edited.bytes.split(|byte| *byte == b'\n').collect();
        // Behind the last line feed there is nothing, or a line that was cut short.
        let whole = parts.last().is_some_and(|last| last.is_empty());
        let lines = parts.len() as u64 - u64::from(whole);
        assert_eq!(found.following, lines.saturating_sub(found.line), "{told}");
        found_of_kind[kind] += 1;
    }
    let found: usize = found_of_kind.iter().sum();
    assert!(found >= 1_000, "{found_of_kind:?}");
    assert!(
        found_of_kind.iter().all(|count| *count >= 80),
        "{found_of_kind:?}"
    );
}

#[tokio::test]
async fn whoever_writes_the_rest_anew_is_found_by_the_head() {
    let original = Original::new().await;
    let own = HeadFile::Says(original.head.clone());
    for number in 1..=ENTRIES {
        let (bytes, forged) = original.rewritten(number);
        // By the log's own head, unless that was written anew as well.
        let verified = verify(&bytes[..], &own, None).unwrap();
        let found = verified.finding.unwrap();
        let last = ENTRIES as u64;
        assert_eq!(
            (found.entry, found.wrong),
            (last, Wrong::OtherThanHead { kept: false })
        );
        let forged = HeadFile::Says(forged);
        assert_eq!(verify(&bytes[..], &forged, None).unwrap().finding, None);
        // By a head that was kept elsewhere, from the first entry on that was written anew, and by no earlier one.
        for kept in 1..=ENTRIES {
            let head = Head::of(&original.entry(kept));
            let found = verify(&bytes[..], &forged, Some(&head)).unwrap().finding;
            let found = found.map(|found| (found.entry, found.wrong));
            let expected = (kept as u64, Wrong::OtherThanHead { kept: true });
            assert_eq!(
                found,
                (kept >= number).then_some(expected),
                "{number} {kept}"
            );
        }
    }
}

#[tokio::test]
async fn a_copy_is_whole_and_one_that_was_cut_is_found_by_a_head() {
    let original = Original::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.jsonl");
    fs::write(&path, original.bytes()).unwrap();
    let verified = verify_copy(&path, Some(&original.head)).unwrap();
    assert_eq!((verified.finding, &verified.head), (None, &original.head));
    fs::write(&path, original.with_lines(|lines| lines.truncate(30))).unwrap();
    assert_eq!(
        verify_copy(&path, None).unwrap().finding,
        None,
        "nobody can know"
    );
    let found = verify_copy(&path, Some(&original.head)).unwrap().finding;
    let wrong = Wrong::CutOff {
        head: ENTRIES as u64,
    };
    assert_eq!(
        found.map(|found| (found.entry, found.wrong)),
        Some((31, wrong))
    );
}

#[test]
fn a_line_that_never_ends_is_not_held_in_memory() {
    use std::io::{BufReader, Read};
    let endless = io::repeat(b'x').take(50 << 20).chain(&b"\n{}\n"[..]);
    let verified = verify(BufReader::new(endless), &HeadFile::OfCopy, None).unwrap();
    let found = verified.finding.unwrap();
    assert_eq!(
        (found.entry, found.wrong, found.following),
        (1, Wrong::Unreadable, 1)
    );
}
