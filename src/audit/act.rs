//! What is to be written down: who did what, about whom.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::applicant::ApplicantId;

/// Subjects that an entry names at most. Count; the entry's `count` says how many there were. A change about more is
/// several entries, which name them all.
pub const MOST_SUBJECTS: usize = 200;

/// Longest text of a detail. Characters, as many as a role's name may have.
const LONGEST_WORD: usize = 64;

/// What stands for a text that is no plain word: it may be anybody's.
const NO_WORD: &str = "other";

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The holder of the token of this id: eight hexadecimal digits. A session counts as the token that it was begun
    /// with.
    Token(String),
    /// The user of this number on this machine, at the command line.
    Local(u32),
    /// The nightly refresh.
    Schedule,
    /// The pool of workers.
    Worker,
    /// The log itself: it was begun, or mended after a crash.
    Log,
}

impl Who {
    /// Whoever runs this process.
    #[must_use]
    pub fn local() -> Self {
        #[cfg(unix)]
        {
            Self::Local(rustix::process::getuid().as_raw())
        }
        #[cfg(not(unix))]
        {
            Self::Local(0)
        }
    }

    /// The holder of a token.
    #[must_use]
    pub fn token(id: &str) -> Self {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_id = id.len() == 8 && id.bytes().all(digit);
        Self::Token(if is_id { id } else { NO_WORD }.to_owned())
    }
}

impl fmt::Display for Who {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(formatter, "token {id}"),
            Self::Local(user) => write!(formatter, "local {user}"),
            Self::Schedule => formatter.write_str("schedule"),
            Self::Worker => formatter.write_str("worker"),
            Self::Log => formatter.write_str("log"),
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// One applicant's profile, history or review was shown.
    Saw,
    /// A list that names applicants was shown.
    Listed,
    /// A list of applicants was taken in.
    Imported,
    /// A person asked for an applicant to be looked at.
    Enriched,
    /// The pool stored a profile with its score.
    Scored,
    /// What was kept was judged anew.
    Rescored,
    /// Points beside the score were added, taken away or withdrawn.
    Adjusted,
    /// A note was added.
    Noted,
    /// Evidence was added or withdrawn, or somebody said that there is no more.
    Evidence,
    /// A code was given that proves whose an account is.
    Verified,
    /// Something was handed out as a file.
    Exported,
    /// Somebody was erased because a person asked for it.
    Erased,
    /// The mark that keeps an erased applicant from coming back was taken away.
    Lifted,
    /// Somebody was erased because that time had passed.
    Expired,
    /// A backup was brought back.
    Restored,
    /// A backup was made.
    BackedUp,
    /// A token was made.
    TokenMade,
    /// A token was revoked.
    TokenRevoked,
    /// Somebody signed in with a browser.
    SignedIn,
    /// A webhook was registered, removed or made to try again.
    WebhookChanged,
    /// A refresh of all profiles was begun, or the schedule's has ended.
    Refreshed,
    /// This log was read.
    Audited,
    /// This log was begun.
    Began,
    /// This log was found in a state that a crash, or somebody, has left.
    Mended,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Saw,
        Self::Listed,
        Self::Imported,
        Self::Enriched,
        Self::Scored,
        Self::Rescored,
        Self::Adjusted,
        Self::Noted,
        Self::Evidence,
        Self::Verified,
        Self::Exported,
        Self::Erased,
        Self::Lifted,
        Self::Expired,
        Self::Restored,
        Self::BackedUp,
        Self::TokenMade,
        Self::TokenRevoked,
        Self::SignedIn,
        Self::WebhookChanged,
        Self::Refreshed,
        Self::Audited,
        Self::Began,
        Self::Mended,
    ];

    /// Whether its entry is on the disk before anybody is told that it was done. Looks are not: there are thousands of
    /// them, and each would wait for the disk.
    #[must_use]
    pub fn is_waited_for(self) -> bool {
        !matches!(self, Self::Saw | Self::Listed)
    }
}

/// A detail: a plain word or a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Detail {
    /// A number.
    Number(u64),
    /// A word of our own.
    Word(String),
}

impl From<u64> for Detail {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Detail {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Detail {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

/// A text that may be anybody's becomes `other`.
impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::Word(word(text))
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Word(word) => formatter.write_str(word),
        }
    }
}

/// A word as roles, formats and ids are written; neither a sentence nor an address nor a name with its capitals.
fn word(text: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if (1..=LONGEST_WORD).contains(&text.len()) && text.bytes().all(plain) {
        text.to_owned()
    } else {
        NO_WORD.to_owned()
    }
}

/// Something that was done, to be written down with [`super::Audit::note`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub(super) who: Who,
    pub(super) did: Deed,
    pub(super) subjects: Vec<ApplicantId>,
    pub(super) details: BTreeMap<&'static str, Detail>,
}

impl Act {
    /// That `who` did this.
    #[must_use]
    pub fn new(who: Who, did: Deed) -> Self {
        Self {
            who,
            did,
            subjects: Vec::new(),
            details: BTreeMap::new(),
        }
    }

    /// About one applicant.
    #[must_use]
    pub fn about_one(mut self, id: &ApplicantId) -> Self {
        self.subjects.push(id.clone());
        self
    }

    /// About several applicants; how many there are stands beside them as `count`. Of a look the first 200 are named; a
    /// change about more becomes several entries.
    #[must_use]
    pub fn about_all<'a>(mut self, ids: impl IntoIterator<Item = &'a ApplicantId>) -> Self {
        let before = self.subjects.len();
        self.subjects.extend(ids.into_iter().cloned());
        let count = self.subjects.len() - before;
        self.with("count", count)
    }

    /// The subjects of each entry that this becomes.
    pub(super) fn parts(&self) -> Vec<&[ApplicantId]> {
        let most = if self.did.is_waited_for() {
            self.subjects.len()
        } else {
            MOST_SUBJECTS
        };
        let named = &self.subjects[..self.subjects.len().min(most)];
        if named.is_empty() {
            return vec![named];
        }
        named.chunks(MOST_SUBJECTS).collect()
    }

    /// The same, written down before it is done: of what was erased nobody can ask later whether it was.
    #[must_use]
    pub fn begun(self) -> Self {
        self.with("state", "begun")
    }

    /// With a detail. Texts are plain words (`a-z 0-9 - _`, 64 at most); another one is written as `other`, so that no
    /// name, address or note gets into the log.
    #[must_use]
    pub fn with(mut self, what: &'static str, detail: impl Into<Detail>) -> Self {
        self.details.insert(what, detail.into());
        self
    }
}
