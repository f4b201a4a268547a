//! A profile's snapshot names what its score follows from, and nothing else.

use jiff::ToSpan as _;

use super::generated::AS_OF;
use super::*;
use crate::domain::profile::{ApplicantSummary, Cost, Material, Profile};
use crate::domain::review::Note;

pub(super) fn material(number: u64, set: FactSet) -> Material {
    Material {
        applicant: ApplicantSummary {
            id: format!("applicant-{number}").parse().expect("an id"),
            name: None,
            links: vec!["https://github.com/ada-example".to_owned()],
        },
        role: "doctoral-dl-radiology".to_owned(),
        sources: set.sources,
        review: set.review,
        cost: Cost::default(),
        notices: Vec::new(),
    }
}

/// Something that the score follows from, changed.
type Change = fn(&mut Material);

const CHANGES: [(&str, Change); 7] = [
    ("id", |one| {
        one.applicant.id = "somebody-else".parse().expect("an id");
    }),
    ("links", |one| {
        one.applicant.links.push("https://ada.example".to_owned());
    }),
    ("role", |one| one.role.push('2')),
    ("GitHub", |one| match &mut one.sources.github {
        Some(observation) => observation.url.push('2'),
        none => *none = FactSet::all_found(0, rubric_of(0)).sources.github,
    }),
    ("Kaggle", |one| {
        match one.sources.kaggle.as_mut().map(|one| &mut one.lookup) {
            Some(Lookup::Found { facts }) => facts.user_id += 1,
            _ => one.sources.kaggle = FactSet::all_found(0, rubric_of(0)).sources.kaggle,
        }
    }),
    ("page", |one| {
        let page = Observation {
            url: "https://ada.example".to_owned(),
            found_on: None,
            fetched_at: "2026-11-01T08:00:00Z".parse().expect("a time"),
            lookup: Lookup::Failed {
                reason: String::new(),
            },
        };
        let had = one.sources.page.take();
        one.sources.page = had.is_none().then_some(page);
    }),
    ("review", |one| {
        let through = &mut one.review.looked_through;
        *through = through.is_none().then(|| signature("Reviewer One"));
    }),
];

#[test]
fn a_snapshots_name_changes_with_each_input_and_with_nothing_else() {
    every_fact_set(|number, set, rubric| {
        let material = material(number, set);
        let judge = |material: &Material| Profile::judge(material.clone(), rubric, AS_OF, None);
        let profile = judge(&material);
        // The inputs take turns, since each is another digest over all of them.
        let turn = usize::try_from(number).expect("few") % CHANGES.len();
        let (what, change) = CHANGES[turn];
        let mut other = material.clone();
        change(&mut other);
        assert_ne!(judge(&other).snapshot, profile.snapshot, "{number}: {what}");
        let next_day = AS_OF.checked_add(1.day()).expect("a day");
        let tomorrow = Profile::judge(material.clone(), rubric, next_day, None);
        assert_ne!(tomorrow.snapshot, profile.snapshot, "{number}: day");
        let mut edited = rubric.clone();
        edited.digest.push('0');
        let edited = Profile::judge(material.clone(), &edited, AS_OF, None);
        assert_ne!(edited.snapshot, profile.snapshot, "{number}: rubric");

        let mut same = material.clone();
        same.cost.requests += 1.0;
        same.notices.push("slow today".to_owned());
        same.applicant.name = Some("Ada Example".to_owned());
        same.review.notes.push(Note {
            number: same.review.next_number(),
            text: "stands beside the score".to_owned(),
            signature: signature("Reviewer One"),
        });
        let again = Profile::judge(same, rubric, AS_OF, Some(&tomorrow));
        assert_eq!(again.snapshot, profile.snapshot, "{number}: the same");
        assert_eq!(
            bytes(&again.score),
            bytes(&profile.score),
            "{number}: the same"
        );
    });
}

#[test]
fn judged_again_by_the_same_rubric_and_day_a_score_is_the_same_to_the_byte() {
    every_fact_set(|number, set, rubric| {
        let profile = Profile::judge(material(number, set), rubric, AS_OF, None);
        // By way of the store, which keeps JSON.
        let kept = serde_json::to_vec(&profile).expect("JSON");
        let kept: Profile = serde_json::from_slice(&kept).expect("a profile");
        let again = kept.rejudge(rubric, AS_OF, kept.review.clone());
        assert_eq!(again.snapshot, profile.snapshot, "{number}");
        assert_eq!(bytes(&again.score), bytes(&profile.score), "{number}");
    });
}
