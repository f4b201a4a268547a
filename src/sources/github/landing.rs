//! Did a pull request land, and did it stay? The rules, pure and table-tested.
//!
//! - `MERGED` landed by GitHub's own word.
//! - `CLOSED` and labelled `Merged` landed when a commit closed it whose author is the applicant or has no
//!   linked account: merge bots keep the author but not always the account. Without a commit it is unproven.
//! - `CLOSED` without the label (Copybara) landed when a commit closed it whose author is the applicant:
//!   a commit of somebody else that closes it is that person's work.
//! - The last commit after the landing that reverts it, or reverts its revert, decides. Without one, a label
//!   `reverted` takes the credit back, unless every known revert is older than the landing: then it was
//!   landed again.

use jiff::Timestamp;

use super::wire::{Closer, Nodes, Proof, ReferencedEvent};

/// What became of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It landed by the merge button or queue.
    Merged { at: Timestamp },
    /// It landed by a pushed commit.
    Landed { at: Timestamp, commit_url: String },
    /// It landed and was taken back.
    Reverted,
    /// It bears the label, but nothing proves that it landed.
    Unproven,
    /// It was closed without landing.
    Closed,
}

/// What is known of a pull request before the proof.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) number: u64,
    /// `mergedAt`; `None` for a closed one.
    pub(super) merged_at: Option<Timestamp>,
    /// Whether it was found by the landing label.
    pub(super) labelled: bool,
    /// The applicant's account.
    pub(super) account: &'a str,
}

/// What became of a pull request.
pub(super) fn fate(known: Known<'_>, proof: &Proof) -> Fate {
    let closing = proof
        .closed
        .as_ref()
        .and_then(|closed| closed.iter().last());
    let commit = closing.and_then(|event| match &event.closer {
        Some(Closer::Commit(commit)) => Some((event.created_at, commit)),
        _ => None,
    });
    let (landed, oid) = match (known.merged_at, commit) {
        (Some(at), _) => (Fate::Merged { at }, None),
        (None, Some((at, commit))) => {
            let author = commit
                .author
                .as_ref()
                .and_then(|author| author.user.as_ref());
            let theirs = author.is_some_and(|author| author.id == known.account);
            let nobodys = author.is_none();
            if !(theirs || known.labelled && nobodys) {
                return Fate::Closed;
            }
            let url = commit.url.clone();
            (
                Fate::Landed {
                    at,
                    commit_url: url,
                },
                Some(commit.oid.as_str()),
            )
        }
        (None, None) if known.labelled && labelled_reverted(proof) => return Fate::Reverted,
        (None, None) if known.labelled => return Fate::Unproven,
        (None, None) => return Fate::Closed,
    };
    let (Fate::Merged { at } | Fate::Landed { at, .. }) = &landed else {
        return landed;
    };
    if is_reverted(known.number, *at, oid, proof) {
        Fate::Reverted
    } else {
        landed
    }
}

fn is_reverted(number: u64, landed_at: Timestamp, oid: Option<&str>, proof: &Proof) -> bool {
    let mut events: Vec<_> = proof
        .referenced
        .iter()
        .flat_map(Nodes::iter)
        .filter_map(|event| Some((event.created_at, what_of(event, number, oid)?)))
        .collect();
    events.sort_by_key(|(at, _)| *at);
    // The last word after the landing decides.
    if let Some((_, last)) = events.iter().rev().find(|(at, _)| *at > landed_at) {
        return *last == Word::Reverts;
    }
    let reverted_before = events.iter().any(|(_, word)| *word == Word::Reverts);
    labelled_reverted(proof) && !reverted_before
}

/// What a later commit says of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// It takes the work back.
    Reverts,
    /// It takes a revert back, and so lands the work again.
    Restores,
}

fn labelled_reverted(proof: &Proof) -> bool {
    let mut labels = proof.labels.iter().flat_map(Nodes::iter);
    labels.any(|label| label.name.eq_ignore_ascii_case("reverted"))
}

/// What a commit in the same repository says of pull request `number`, if anything.
///
/// git and GitHub write `Revert "title (#7)" (#9)`: what is reverted stands within the quotes, and behind them
/// stands the revert's own number. Merge bots add a line such as `Reverted #7 because …`.
fn what_of(event: &ReferencedEvent, number: u64, oid: Option<&str>) -> Option<Word> {
    let commit = event
        .commit
        .as_ref()
        .filter(|_| !event.is_cross_repository)?;
    let message = commit.message.as_str();
    let first = message.lines().next().unwrap_or_default();
    let quoted = match (first.find('"'), first.rfind('"')) {
        (Some(from), Some(until)) if from < until => &first[from + 1..until],
        _ => "",
    };
    if names(quoted, number) {
        if first.starts_with("Reapply \"") || first.starts_with("Revert \"Revert ") {
            return Some(Word::Restores);
        }
        if first.starts_with("Revert") {
            return Some(Word::Reverts);
        }
    }
    let by_line = message.lines().any(|line| {
        let unquoted = !line.contains('"');
        unquoted && line.starts_with("Revert") && names(line, number)
    });
    let by_commit = oid.is_some_and(|oid| message.contains(&format!("This reverts commit {oid}")));
    (by_line || by_commit).then_some(Word::Reverts)
}

/// Whether `#number` stands in `message` as a whole number.
fn names(message: &str, number: u64) -> bool {
    let wanted = format!("#{number}");
    message.match_indices(&wanted).any(|(at, _)| {
        !message[at + wanted.len()..].starts_with(|next: char| next.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ME: &str = "U_me";

    fn at(day: u32) -> Timestamp {
        format!("2026-05-{day:02}T12:00:00Z").parse().unwrap()
    }

    fn closed_by(day: u32, author: Option<&str>) -> serde_json::Value {
        json!({"nodes": [{"createdAt": at(day).to_string(), "closer": {
            "__typename": "Commit", "oid": "c0ffee", "url": "https://github.com/o/r/commit/c0ffee",
            "author": {"user": author.map(|id| json!({"id": id}))}}}]})
    }

    fn referenced(day: u32, message: &str) -> serde_json::Value {
        json!({"nodes": [{"createdAt": at(day).to_string(), "isCrossRepository": false,
            "commit": {"message": message}}]})
    }

    fn landed(day: u32) -> Fate {
        let commit_url = "https://github.com/o/r/commit/c0ffee".to_owned();
        Fate::Landed {
            at: at(day),
            commit_url,
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table: one row a way")]
    fn each_way_of_landing_and_of_being_taken_back() {
        let reverted_label = json!({"nodes": [{"name": "Merged"}, {"name": "Reverted"}]});
        let merged = Some(at(1));
        let by_me = closed_by(2, Some(ME));
        let rows = [
            (
                "merged by the button",
                merged,
                false,
                json!({}),
                Fate::Merged { at: at(1) },
            ),
            (
                "landed by a bot",
                None,
                true,
                json!({"closed": by_me}),
                landed(2),
            ),
            (
                "landed by a bot, account not linked",
                None,
                true,
                json!({"closed": closed_by(2, None)}),
                landed(2),
            ),
            ("Copybara", None, false, json!({"closed": by_me}), landed(2)),
            (
                "Copybara, account not linked",
                None,
                false,
                json!({"closed": closed_by(2, None)}),
                Fate::Closed,
            ),
            (
                "closed by somebody else's commit",
                None,
                false,
                json!({"closed": closed_by(2, Some("U_you"))}),
                Fate::Closed,
            ),
            (
                "labelled, but somebody else's commit",
                None,
                true,
                json!({"closed": closed_by(2, Some("U_you"))}),
                Fate::Closed,
            ),
            (
                "labelled without proof",
                None,
                true,
                json!({"closed": {"nodes": []}}),
                Fate::Unproven,
            ),
            (
                "labelled, closed by a pull request",
                None,
                true,
                json!({"closed": {"nodes": [{"createdAt": at(2).to_string(), "closer": {"__typename": "PullRequest"}}]}}),
                Fate::Unproven,
            ),
            (
                "closed by hand",
                None,
                false,
                json!({"closed": {"nodes": [{"createdAt": at(2).to_string(), "closer": null}]}}),
                Fate::Closed,
            ),
            (
                "reverted by label",
                None,
                true,
                json!({"closed": by_me, "labels": reverted_label}),
                Fate::Reverted,
            ),
            (
                "reverted by a commit that names the commit",
                None,
                true,
                json!({"closed": by_me, "referenced": referenced(3, "Back out\n\nThis reverts commit c0ffee.")}),
                Fate::Reverted,
            ),
            (
                "reverted by a commit that names the number",
                merged,
                false,
                json!({"referenced": referenced(3, "Revert \"Fix (#7)\" (#9)")}),
                Fate::Reverted,
            ),
            (
                "the applicant's own revert of something else",
                merged,
                false,
                json!({"referenced": referenced(3, "Revert \"Other (#5)\" (#7)")}),
                Fate::Merged { at: at(1) },
            ),
            (
                "a revert of something else that mentions it",
                merged,
                false,
                json!({"referenced": referenced(3, "Revert \"Other (#5)\" (#9)\n\nIt clashes with #7.")}),
                Fate::Merged { at: at(1) },
            ),
            (
                "a bot's line",
                merged,
                false,
                json!({"referenced": referenced(3, "Back out a change\n\nReverted #7 because it broke the build")}),
                Fate::Reverted,
            ),
            (
                "reverted, and the revert reverted",
                merged,
                false,
                json!({"referenced": {"nodes": [
                    {"createdAt": at(4).to_string(), "isCrossRepository": false,
                     "commit": {"message": "Reapply \"Fix (#7)\" (#11)"}},
                    {"createdAt": at(3).to_string(), "isCrossRepository": false,
                     "commit": {"message": "Revert \"Fix (#7)\" (#9)"}}]}}),
                Fate::Merged { at: at(1) },
            ),
            (
                "another number",
                merged,
                false,
                json!({"referenced": referenced(3, "Revert \"Fix (#77)\" (#9)")}),
                Fate::Merged { at: at(1) },
            ),
            (
                "a later fix that names it",
                merged,
                false,
                json!({"referenced": referenced(3, "Follow up on #7")}),
                Fate::Merged { at: at(1) },
            ),
            (
                "a revert of the revert",
                merged,
                false,
                json!({"referenced": referenced(3, "Revert \"Revert \"Fix (#7)\"\" (#11)")}),
                Fate::Merged { at: at(1) },
            ),
            (
                "reverted, then landed again",
                None,
                true,
                json!({"closed": closed_by(5, Some(ME)), "labels": reverted_label,
                    "referenced": referenced(3, "Revert \"Fix (#7)\"")}),
                landed(5),
            ),
        ];
        for (name, merged_at, labelled, proof, expected) in rows {
            let proof: Proof = serde_json::from_value(proof).expect(name);
            let known = Known {
                number: 7,
                merged_at,
                labelled,
                account: ME,
            };
            assert_eq!(fate(known, &proof), expected, "{name}");
        }
    }

    #[test]
    fn a_revert_in_a_fork_does_not_count() {
        let proof: Proof = serde_json::from_value(json!({"referenced": {"nodes": [
            {"createdAt": at(3).to_string(), "isCrossRepository": true,
             "commit": {"message": "Revert \"Fix (#7)\""}}]}}))
        .unwrap();
        let known = Known {
            number: 7,
            merged_at: Some(at(1)),
            labelled: false,
            account: ME,
        };
        assert_eq!(fate(known, &proof), Fate::Merged { at: at(1) });
    }
}
