//! The tables and the form of their keys. Keys sort as bytes, which gives every list its order.

use jiff::Timestamp;

use super::records::Shelf;
use crate::domain::{applicant::ApplicantId, job::Priority, link::Link};

/// A table of the store. The discriminant is part of every checksum: never renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Table {
    /// id → applicant.
    Applicants = 0,
    /// id → job.
    Jobs = 1,
    /// (priority, sequence) → id: jobs that any worker may take, in the order of taking.
    Ready = 2,
    /// (time, id) → why it is held: jobs that are ready again at that time.
    Later = 3,
    /// id → the current profile.
    Profiles = 4,
    /// (id, time, change) → an earlier profile.
    History = 5,
    /// (role, id): profiles by role.
    Roles = 6,
    /// (source, handle, id): applicants by the handles in their links.
    Handles = 7,
    /// Small values that other rooms keep.
    Meta = 8,
    /// The store's own account of itself.
    Ledger = 9,
    /// id → what people have added.
    Reviews = 10,
    /// digest → the text of a rubric that has judged.
    Rubrics = 11,
    /// (shelf, name) → a record of another room's.
    Records = 12,
}

impl Table {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; 13] = [
        Self::Applicants,
        Self::Jobs,
        Self::Ready,
        Self::Later,
        Self::Profiles,
        Self::History,
        Self::Roles,
        Self::Handles,
        Self::Meta,
        Self::Ledger,
        Self::Reviews,
        Self::Rubrics,
        Self::Records,
    ];

    /// Its name on disk.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Applicants => "applicants",
            Self::Jobs => "jobs",
            Self::Ready => "ready",
            Self::Later => "later",
            Self::Profiles => "profiles",
            Self::History => "history",
            Self::Roles => "roles",
            Self::Handles => "handles",
            Self::Meta => "meta",
            Self::Ledger => "ledger",
            Self::Reviews => "reviews",
            Self::Rubrics => "rubrics",
            Self::Records => "records",
        }
    }

    /// A value's name for people.
    pub(super) fn describe(self, key: &[u8]) -> String {
        format!("{}/{}", self.name(), key.escape_ascii())
    }
}

/// Key of a record that belongs to one applicant.
pub(super) fn of_applicant(id: &ApplicantId) -> Vec<u8> {
    id.as_str().as_bytes().to_vec()
}

/// Key in [`Table::Ready`].
pub(super) fn ready(priority: Priority, sequence: u64) -> Vec<u8> {
    let rank = match priority {
        Priority::Interactive => 0,
        Priority::Refresh => 1,
    };
    [&[rank][..], &sequence.to_be_bytes()].concat()
}

/// Whether a key in [`Table::Ready`] is that of a job that a person waits for.
pub(super) fn is_interactive(key: &[u8]) -> bool {
    key.first() == Some(&0)
}

/// Length of a time in a key. Bytes.
const TIME: usize = 16;

/// A time as bytes that sort by time, also before 1970.
pub(super) fn time(at: Timestamp) -> [u8; TIME] {
    (at.as_nanosecond() ^ i128::MIN).to_be_bytes()
}

/// The time at the beginning of a key.
pub(super) fn time_of(key: &[u8]) -> Option<Timestamp> {
    let bytes = key.get(..TIME)?.try_into().ok()?;
    Timestamp::from_nanosecond(i128::from_be_bytes(bytes) ^ i128::MIN).ok()
}

/// Key in [`Table::Later`].
pub(super) fn later(until: Timestamp, id: &ApplicantId) -> Vec<u8> {
    [&time(until)[..], id.as_str().as_bytes()].concat()
}

/// The id at the end of a key in [`Table::Later`].
pub(super) fn id_of_later(key: &[u8]) -> Option<ApplicantId> {
    std::str::from_utf8(key.get(TIME..)?).ok()?.parse().ok()
}

/// What the keys of one applicant in [`Table::History`] begin with. No id holds a zero byte.
pub(super) fn history_of(id: &ApplicantId) -> Vec<u8> {
    [id.as_str().as_bytes(), &[0]].concat()
}

/// Key in [`Table::History`]; `change` keeps two profiles of the same time apart.
pub(super) fn history(id: &ApplicantId, stored_at: Timestamp, change: u64) -> Vec<u8> {
    [
        &history_of(id)[..],
        &time(stored_at)[..],
        &change.to_be_bytes(),
    ]
    .concat()
}

/// Whose, when and by which change: the parts of a key in [`Table::History`].
pub(super) fn parts_of_history(key: &[u8]) -> Option<(ApplicantId, Timestamp, u64)> {
    let end = key.iter().position(|byte| *byte == 0)?;
    let (id, rest) = (&key[..end], &key[end + 1..]);
    let change = rest.get(TIME..)?.try_into().ok()?;
    let id = std::str::from_utf8(id).ok()?.parse().ok()?;
    Some((id, time_of(rest)?, u64::from_be_bytes(change)))
}

/// What the keys of one role in [`Table::Roles`] begin with. The length goes first, because a role may hold
/// any character.
pub(super) fn role(role: &str) -> Vec<u8> {
    [&(role.len() as u64).to_be_bytes()[..], role.as_bytes()].concat()
}

/// The role in a key in [`Table::Roles`].
pub(super) fn role_of(key: &[u8]) -> Option<&str> {
    let (length, rest) = key.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
    std::str::from_utf8(rest.get(..length)?).ok()
}

/// Key in [`Table::Roles`].
pub(super) fn role_and_id(name: &str, id: &ApplicantId) -> Vec<u8> {
    [&role(name)[..], id.as_str().as_bytes()].concat()
}

/// What the keys of one shelf in [`Table::Records`] begin with.
pub(super) fn shelf(shelf: Shelf) -> [u8; 1] {
    [shelf as u8]
}

/// Key in [`Table::Records`].
pub(super) fn record(shelf: Shelf, name: &str) -> Vec<u8> {
    [&[shelf as u8][..], name.as_bytes()].concat()
}

/// The sources whose links hold a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HandleOf {
    GitHub = 0,
    Kaggle = 1,
}

/// What the keys of one handle in [`Table::Handles`] begin with; `folded` is in lower case.
pub(super) fn handle(source: HandleOf, folded: &str) -> Vec<u8> {
    [
        &[source as u8][..],
        &(folded.len() as u64).to_be_bytes(),
        folded.as_bytes(),
    ]
    .concat()
}

/// Keys in [`Table::Handles`] of an applicant with these links.
pub(super) fn handles_of(links: &[Link], id: &ApplicantId) -> Vec<Vec<u8>> {
    let key = |source, folded: &str| [&handle(source, folded)[..], id.as_str().as_bytes()].concat();
    links
        .iter()
        .filter_map(|link| match link {
            Link::GitHub { handle, .. } => Some(key(HandleOf::GitHub, &handle.folded())),
            Link::Kaggle { handle } => Some(key(HandleOf::Kaggle, &handle.folded())),
            Link::Orcid { .. } | Link::HomePage { .. } => None,
        })
        .collect()
}

/// The id at the end of a key that begins with `prefix`.
pub(super) fn id_after(prefix: &[u8], key: &[u8]) -> Option<ApplicantId> {
    std::str::from_utf8(key.strip_prefix(prefix)?)
        .ok()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_times_sort_by_time_and_read_back() {
        let times: Vec<Timestamp> = [
            "-009999-01-02T01:59:59Z",
            "1969-12-31T23:59:59.999999999Z",
            "1970-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.000000001Z",
            "9999-12-30T22:00:00Z",
        ]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
        for pair in times.windows(2) {
            assert!(time(pair[0]) < time(pair[1]));
        }
        for at in times {
            assert_eq!(time_of(&time(at)), Some(at));
        }
    }

    #[test]
    fn a_key_of_the_history_is_taken_apart_again() {
        let id: ApplicantId = "github:made-up".parse().unwrap();
        let at: Timestamp = "2026-01-01T00:00:00.000000001Z".parse().unwrap();
        let key = history(&id, at, 7);
        assert_eq!(parts_of_history(&key), Some((id, at, 7)));
        assert_eq!(parts_of_history(&key[..key.len() - 1]), None);
        assert_eq!(parts_of_history(b"none"), None);
    }

    #[test]
    fn interactive_sorts_before_refresh_and_older_before_newer() {
        let order = [
            ready(Priority::Interactive, 0),
            ready(Priority::Interactive, 300),
            ready(Priority::Interactive, u64::MAX),
            ready(Priority::Refresh, 0),
        ];
        assert!(order.is_sorted());
    }

    #[test]
    fn one_roles_keys_never_begin_like_anothers() {
        let id: ApplicantId = "a".parse().unwrap();
        for (one, other) in [("phd", "phd-radiology"), ("", "a"), ("a", "a\0a")] {
            assert!(!role_and_id(other, &id).starts_with(&role(one)));
            assert_eq!(role_of(&role_and_id(other, &id)), Some(other));
            assert_eq!(
                id_after(&role(other), &role_and_id(other, &id)),
                Some(id.clone())
            );
        }
    }

    #[test]
    fn tables_stand_at_their_numbers() {
        for (place, table) in Table::ALL.into_iter().enumerate() {
            assert_eq!(table as usize, place);
        }
    }
}
