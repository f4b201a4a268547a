//! What made-up reviewers have added about the demo's applicants before it begins.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

use super::{DEMO_CODE, DEMO_CODE_APPLICANT};
use crate::domain::{
    applicant::ApplicantId,
    review::{Adjustment, Challenge, Found, Note, Review, Signature, Withdrawal},
    score::Points,
};

/// Who reviews.
const REVIEWER: &str = "Dr Reviewer (made up)";

/// When.
const SIGNED_AT: &str = "2026-10-28T09:30:00Z";

/// A publication or a job: applicant, kind, amount, address, reason, day.
const EVIDENCE: [(&str, &str, u32, &str, &str, &str); 5] = [
    (
        "a-01",
        "publication",
        1,
        "https://papers.example/knee-mri-segmentation",
        "first author, peer-reviewed conference on medical imaging",
        "2025-10-05",
    ),
    (
        "a-01",
        "industry",
        2,
        "https://papers.example/lindqvist-cv",
        "two years at a maker of MRI software",
        "2024-08-31",
    ),
    (
        "a-02",
        "co_publication",
        1,
        "https://papers.example/compiler-caches",
        "one of nine authors",
        "2024-05-02",
    ),
    (
        "a-22",
        "publication",
        1,
        "https://papers.example/fracture-detection",
        "first author, peer-reviewed journal",
        "2026-02-11",
    ),
    (
        "a-26",
        "publication",
        1,
        "https://papers.example/another-ueda",
        "by another person of the same name",
        "2023-03-03",
    ),
];

/// Those for whom somebody has looked to the end.
const LOOKED_THROUGH: [&str; 4] = ["a-01", "a-02", "a-20", "a-26"];

/// What people have added before the demo begins: evidence, notes, an adjustment, something withdrawn.
#[must_use]
pub fn demo_reviews() -> Vec<(ApplicantId, Review)> {
    let mut reviews = BTreeMap::new();
    for (id, kind, amount, url, reason, day) in EVIDENCE {
        let review = of(&mut reviews, id);
        review.evidence.push(Found {
            number: review.next_number(),
            kind: kind.to_owned(),
            amount,
            url: url.to_owned(),
            reason: reason.to_owned(),
            date: day.parse().unwrap_or(Date::ZERO),
            signature: signature(),
            withdrawn: None,
        });
    }
    for id in LOOKED_THROUGH {
        of(&mut reviews, id).looked_through = Some(signature());
    }
    let review = of(&mut reviews, "a-26");
    for found in &mut review.evidence {
        found.withdrawn = Some(Withdrawal {
            reason: "it is by somebody else".to_owned(),
            signature: signature(),
        });
    }
    let review = of(&mut reviews, "a-03");
    review.adjustments.push(Adjustment {
        number: review.next_number(),
        points: Points::from_cents(250),
        reason: "maintains a data set that no source tells of".to_owned(),
        signature: signature(),
        withdrawn: None,
    });
    let review = of(&mut reviews, "a-03");
    review.notes.push(Note {
        number: review.next_number(),
        text: "Asked for a reference; it has not come yet".to_owned(),
        signature: signature(),
    });
    of(&mut reviews, DEMO_CODE_APPLICANT).challenge = Some(Challenge {
        code: DEMO_CODE.to_owned(),
        given_at: signature().at,
    });
    let named = reviews.into_iter();
    named
        .filter_map(|(id, review)| Some((id.parse().ok()?, review)))
        .collect()
}

/// The review of an applicant, which begins empty.
fn of<'r>(reviews: &'r mut BTreeMap<&'static str, Review>, id: &'static str) -> &'r mut Review {
    reviews.entry(id).or_insert_with(|| Review {
        revision: 1,
        ..Review::default()
    })
}

fn signature() -> Signature {
    Signature {
        by: REVIEWER.to_owned(),
        at: SIGNED_AT.parse().unwrap_or(Timestamp::UNIX_EPOCH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rubric::Rubric;
    use crate::standin::demo_list;

    #[test]
    fn the_reviews_are_about_the_demos_applicants_in_the_rubrics_kinds() {
        let rubric = Rubric::embedded("doctoral-dl-radiology").unwrap();
        let list = demo_list();
        let reviews = demo_reviews();
        assert_eq!(reviews.len(), 6);
        for (id, review) in reviews {
            assert!(list.contains(&format!("{id},")), "{id}");
            assert!(review.next_number() > 1 || review.looked_through.is_some());
            for found in &review.evidence {
                assert!(rubric.reviewed.kinds.contains_key(&found.kind), "{found:?}");
                assert!(found.date > jiff::civil::date(2020, 1, 1));
                assert_eq!(found.signature.at.to_string(), SIGNED_AT);
            }
        }
    }
}
