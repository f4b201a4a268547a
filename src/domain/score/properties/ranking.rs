//! What holds of every ranking.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::generated::AS_OF;
use super::*;
use crate::domain::profile::Profile;
use crate::domain::ranking::{Place, Tie, places};

/// The profiles that the groups are made of, without what they were judged by.
static POOL: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let profile = |number| {
        let rubric = rubric_of(number);
        let set = FactSet::numbered(number, rubric);
        let mut profile = Profile::judge(judging::material(number, set), rubric, AS_OF, None);
        profile.sources = Sources::default();
        for one in &mut profile.score.components {
            one.evidence.clear();
        }
        profile
    };
    let rubrics = u64::try_from(RUBRICS.len()).expect("few");
    (0..CASES + 3 * rubrics).map(profile).collect()
});

/// Groups of two to four applicants of one role, each in the order of a ranking.
fn every_group(mut check: impl FnMut(u64, Vec<Profile>)) {
    for number in 0..CASES {
        let mut random = Rng::with_seed(!number);
        let first = usize::try_from(number).expect("few");
        // Those that the same rubric has judged.
        let same = POOL[first..].iter().step_by(RUBRICS.len());
        let mut group: Vec<Profile> = same.take(random.usize(2..=4)).cloned().collect();
        group.sort_by(Profile::compare_rank);
        check(number, group);
    }
}

fn places_of(group: &[Profile]) -> Vec<Place> {
    places(&group.iter().collect::<Vec<_>>())
}

fn range(place: &Place) -> [usize; 4] {
    [
        place.best,
        place.likely_best,
        place.likely_worst,
        place.worst,
    ]
}

#[test]
fn ranges_lie_within_each_other_and_hold_the_rank() {
    every_group(|number, group| {
        for (index, place) in places_of(&group).iter().enumerate() {
            let drawn = [place.likely_best, place.likely_worst, group.len()];
            assert!(
                range(place).is_sorted() && drawn.is_sorted(),
                "{number}: {place:?}"
            );
            assert_eq!(place.rank, index + 1, "{number}");
            assert!(
                1 <= place.best && place.best <= place.rank,
                "{number}: {place:?}"
            );
            assert!(
                place.rank <= place.worst && place.worst <= group.len(),
                "{number}: {place:?}"
            );
        }
    });
}

#[test]
fn ranges_do_not_depend_on_the_order_in_which_applicants_come() {
    every_group(|number, mut group| {
        let by_id = |group: &mut Vec<Profile>| -> BTreeMap<String, [usize; 4]> {
            group.sort_by(Profile::compare_rank);
            let ids = group.iter().map(|one| one.applicant.id.to_string());
            ids.zip(places_of(group).iter().map(range)).collect()
        };
        let before = by_id(&mut group);
        Rng::with_seed(number).shuffle(&mut group);
        assert_eq!(by_id(&mut group), before, "{number}");
    });
}

/// Makes all of a score known, each component at about this share of its maximum.
fn set_shares(profile: &mut Profile, mut share: impl FnMut() -> f64) {
    let score = &mut profile.score;
    for one in &mut score.components {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "at most 10,000"
        )]
        let points = Points::from_cents((one.max.cents() as f64 * share()) as i64);
        (one.low, one.high) = (points, points);
    }
    let sum: Points = score.components.iter().map(|one| one.low).sum();
    (score.low, score.high) = (sum, sum);
}

#[test]
fn whoever_is_ahead_in_every_component_is_ahead_for_certain() {
    every_group(|number, mut group| {
        let mut random = Rng::with_seed(number);
        let step = 1.0 / f64::from(u8::try_from(group.len()).expect("few"));
        let mut top = 1.0;
        for profile in &mut group {
            set_shares(profile, || top - step * (0.1 + 0.8 * random.f64()));
            top -= step;
        }
        for place in places_of(&group) {
            assert_eq!(range(&place), [place.rank; 4], "{number}");
            assert_eq!(place.tie, Tie::None, "{number}");
        }
    });
}

#[test]
fn equal_points_are_an_exact_tie_and_have_the_same_ranges_when_all_is_known() {
    every_group(|number, mut group| {
        let mut random = Rng::with_seed(number);
        let mut twin = group[0].clone();
        twin.applicant.id = "applicant-twin".parse().expect("an id");
        group.push(twin);
        group.sort_by(Profile::compare_rank);
        let of_twin = |group: &[Profile]| {
            let twin = |one: &Profile| one.applicant.id.as_str() == "applicant-twin";
            group.iter().position(twin).expect("the twin")
        };
        // As it came, with all that is unknown: no draw can make the two points equal, but they are.
        let open = places_of(&group);
        let exact = open.iter().filter(|place| place.tie == Tie::Exact).count();
        assert!(exact >= 1, "{number}: {open:?}");
        for (pair, place) in group.windows(2).zip(&open[1..]) {
            let points = |one: &Profile| (one.score.low, one.score.high);
            let equal = points(&pair[0]) == points(&pair[1]);
            assert_eq!(place.tie == Tie::Exact, equal, "{number}: {place:?}");
        }

        for one in &mut group {
            set_shares(one, || random.f64());
        }
        let twin = of_twin(&group);
        let other = (twin + 1) % group.len();
        group[twin].score = group[other].score.clone();
        group.sort_by(Profile::compare_rank);
        let known = places_of(&group);
        let twins: Vec<_> = group
            .iter()
            .zip(&known)
            .filter(|(one, _)| one.score == group[of_twin(&group)].score)
            .map(|(_, place)| place)
            .collect();
        assert!(twins.len() >= 2, "{number}");
        assert!(
            twins.windows(2).all(|two| range(two[0]) == range(two[1])),
            "{number}"
        );
        assert!(
            twins[1..].iter().all(|place| place.tie == Tie::Exact),
            "{number}"
        );
    });
}

/// Maxima for some of the components, as somebody may ask for them.
fn maxima(random: &mut Rng, rubric: &Rubric) -> BTreeMap<String, f64> {
    let mut left = 100.0;
    let mut named = BTreeMap::new();
    for (name, _, _) in rubric.components() {
        if random.bool() && named.len() < 4 {
            let max: f64 = match random.u8(0..4) {
                0 => 0.0,
                1 => left * random.f64(),
                _ => (left * random.f64()).floor(),
            };
            left -= max;
            named.insert(name.to_owned(), max);
        }
    }
    named
}

#[test]
fn maxima_of_a_what_if_always_add_up_to_a_hundred() {
    let mut asked = 0;
    every_fact_set(|number, set, rubric| {
        let named = maxima(&mut Rng::with_seed(!number), rubric);
        // All that is left unnamed may be nothing by the rubric itself.
        let Ok(other) = rubric.with_maxima(&named) else {
            return;
        };
        asked += 1;
        let sum: f64 = other.components().iter().map(|(_, max, _)| max).sum();
        assert!(
            (sum - 100.0).abs() < 1e-9,
            "{number}: {named:?} gives {sum}"
        );
        let score = set.judged(&other);
        let whole: Points = score.components.iter().map(|one| one.max).sum();
        assert_eq!(whole, Points::from_cents(10_000), "{number}: {named:?}");
        assert!(score.high <= whole, "{number}: {named:?}");
        assert!(
            score.components.iter().all(|one| one.high <= one.max),
            "{number}"
        );
        for (name, max) in &named {
            let one = score.components.iter().find(|one| one.name == *name);
            let given = one.map_or(0.0, |one| {
                f64::from(i32::try_from(one.max.cents()).expect("few"))
            });
            assert!(
                (given / 100.0 - max).abs() < 0.01,
                "{number}: {name} {max} became {given}"
            );
        }
    });
    assert!(asked > CASES * 9 / 10, "{asked}");
}

#[test]
fn a_what_if_with_todays_maxima_gives_todays_score() {
    every_fact_set(|number, set, rubric| {
        let random = &mut Rng::with_seed(!number);
        let today = rubric
            .components()
            .map(|(name, max, _)| (name.to_owned(), max));
        let mut some: BTreeMap<String, f64> = today.clone().into();
        some.retain(|_, _| random.bool());
        for named in [today.into(), some, BTreeMap::new()] {
            let Ok(what_if) = rubric.with_maxima(&named) else {
                panic!("{number}: {named:?}");
            };
            assert_eq!(
                bytes(&set.judged(&what_if)),
                bytes(&set.judged(rubric)),
                "{number}: {named:?}"
            );
        }
    });
}
