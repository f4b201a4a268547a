//! What is said of erasing: before, afterwards, and to a list that names somebody who was erased.

use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::erasure::Tombstone;
use crate::domain::text::tame;
use crate::store::{Store, StoreError};

/// What an erasure does not reach.
pub const REMAINS: [&str; 6] = [
    "reports and exports that somebody has written into files, and what other programs were told before",
    "the log, wherever it is collected: it names applicants by id",
    "copies of the store that are kept elsewhere: a copy that is put back brings the person back with it, so erase again \
     after that",
    "what GitHub, Kaggle and the person's own pages publish, and the copy of Kaggle's own data set that may be on this \
     machine, which holds every account of Kaggle's",
    "the audit log, in which the person has a pseudonym and nothing else",
    "a tombstone of a number, a day and digests, which keeps lists from bringing the person back by accident",
];

/// Why a row is refused whose person was erased.
#[must_use]
pub fn barred(tombstone: &Tombstone) -> String {
    format!("{tombstone}; {}", way_back(tombstone))
}

/// How somebody who was erased may come in again, as the rest of a sentence.
#[must_use]
pub fn way_back(tombstone: &Tombstone) -> String {
    format!(
        "`plaudit forget --lift {}` lets lists bring them in again",
        tombstone.number
    )
}

/// What an erasure takes away of somebody, each a few words, without what there is none of.
pub async fn erased_with(store: &Store, id: &ApplicantId) -> Result<Vec<String>, StoreError> {
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let review = store.review(id).await?;
    let current = usize::from(store.profile_mark(id).await?.is_some());
    let earlier = store.history(id).await?.len();
    let all = [
        counted(current, "profile", "profiles"),
        counted(earlier, "earlier profile", "earlier profiles"),
        counted(review.notes.len(), "note", "notes"),
        counted(
            review.evidence.len(),
            "piece of evidence",
            "pieces of evidence",
        ),
        counted(review.adjustments.len(), "adjustment", "adjustments"),
        store.job(id).await?.map(|_| "work under way".to_owned()),
    ];
    let mut said = vec!["the application".to_owned()];
    said.extend(all.into_iter().flatten());
    said.push(
        "all that calls, reports of lists, kept answers and summaries tell of them".to_owned(),
    );
    Ok(said)
}

/// Why a reason cannot stand on a tombstone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the reason stays when the person is gone, and must not name them; it holds {0:?}")]
pub struct Unfit(String);

/// A reason as it may stand on the tombstones of `people`; `None`: there are no words in it.
pub fn fitting(reason: &str, people: &[Applicant]) -> Result<Option<String>, Unfit> {
    let reason = tame(reason);
    let folded = reason.to_lowercase();
    let words: Vec<&str> = folded
        .split(|character: char| !character.is_alphanumeric() && !"-_".contains(character))
        .collect();
    for person in people {
        let name = person.name.as_deref().unwrap_or_default().to_lowercase();
        // A syllable such as `de` may be any word.
        let parts = name
            .split(|character: char| !character.is_alphanumeric() && character != '-')
            .filter(|part| part.chars().count() > 2);
        if let Some(part) = parts.into_iter().find(|part| words.contains(part)) {
            return Err(Unfit(part.to_owned()));
        }
        let handles = person.links.iter().filter_map(|link| link.handle());
        let handles = handles.map(|handle| handle.as_str().to_lowercase());
        let whole = [Some(person.id.to_string()), person.email.clone()];
        let whole = whole.into_iter().flatten().map(|text| text.to_lowercase());
        for known in handles.chain(whole) {
            let is_word = words.contains(&known.as_str());
            if is_word || (known.contains(['@', ':', '.']) && folded.contains(&known)) {
                return Err(Unfit(known));
            }
        }
    }
    Ok(Some(reason).filter(|reason| !reason.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_nobody() {
        let ada: Applicant = serde_json::from_value(serde_json::json!({
            "id": "a-01",
            "name": "Ada de Example",
            "email": "ada@example.org",
            "links": [{"source": "github", "host": "github.com", "handle": "made-up-ada"}],
            "role": "phd",
        }))
        .unwrap();
        for (reason, expected) in [
            (
                "asked by letter of 1 May",
                Ok(Some("asked by letter of 1 May")),
            ),
            ("  ", Ok(None)),
            ("by\nletter", Ok(Some("by letter"))),
            ("de facto withdrawn", Ok(Some("de facto withdrawn"))),
            ("an example of many", Err("example")),
            ("ADA's letter", Err("ada")),
            ("see ticket a-01", Err("a-01")),
            ("see ticket a-012", Ok(Some("see ticket a-012"))),
            ("mail from ada@example.org", Err("ada")),
            ("the account made-up-ada", Err("made-up-ada")),
        ] {
            let fits = fitting(reason, std::slice::from_ref(&ada));
            let expected = expected
                .map(|text| text.map(str::to_owned))
                .map_err(|word: &str| Unfit(word.to_owned()));
            assert_eq!(fits, expected, "{reason:?}");
        }
    }
}
