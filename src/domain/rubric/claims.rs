//! What the comments of plaudit's own rubrics say of their numbers, worked out from the numbers.

use super::*;

/// The percentage of a component's points that a sum of values earns.
fn percent(raw: f64, scale: f64) -> String {
    format!("{:.0} %", 100.0 * (1.0 - (-raw / scale).exp()))
}

/// What a number of stars or commits counts.
fn by_logarithm(count: u32, cap: u32) -> f64 {
    f64::from(count).ln_1p() / f64::from(cap).ln_1p()
}

/// So many full years in a row, at the end of the last.
fn full_years(rubric: &Rubric, years: u32) -> f64 {
    let half_life = rubric.sustained.half_life_years;
    let value = |age: u32| rubric.sustained.year * 0.5_f64.powf(f64::from(age) / half_life);
    (0..years).map(value).sum()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row a claim")]
fn what_the_comments_claim_is_so() {
    let mut claims = 0;
    for (name, text) in EMBEDDED {
        let rubric = Rubric::embedded(name).expect(name);
        let (open_source, kaggle, own_code) =
            (&rubric.open_source, &rubric.kaggle, &rubric.own_code);
        let repositories = |count: f64, stars: u32| {
            let stars = by_logarithm(stars, rubric.stars.cap).max(rubric.stars.floor);
            percent(count * own_code.repository * stars, own_code.scale)
        };
        let landed = |count: f64| {
            percent(
                count * open_source.landed * rubric.sizes.ordinary,
                open_source.scale,
            )
        };
        let medals = |gold: f64, silver: f64| {
            percent(gold * kaggle.gold + silver * kaggle.silver, kaggle.scale)
        };
        let years = |count| percent(full_years(&rubric, count), rubric.sustained.scale);
        let kinds = |count: f64, kind: &str| {
            percent(count * rubric.reviewed.kinds[kind], rubric.reviewed.scale)
        };
        let stars = |count| format!("{:.2}", by_logarithm(count, rubric.stars.cap));
        let reviews = open_source.landed / open_source.review;
        let commits = own_code.commits_cap;
        let common = [
            format!(
                "100 stars\n# count {} and 1,000 stars {}.",
                stars(100),
                stars(1_000)
            ),
            format!(
                "this one 100 stars count {} and 1,000 stars {}.",
                stars(100),
                stars(1_000)
            ),
            format!(
                "With this cap 100 stars\n# count {} and 1,000 stars {}.",
                stars(100),
                stars(1_000)
            ),
        ];
        assert!(
            common.iter().any(|claim| text.contains(claim)),
            "{name}: {common:?}"
        );
        let own = match *name {
            "doctoral-dl-radiology" => vec![
                "four of these count as one ordinary one".to_owned(),
                format!(
                    "ten ordinary, recent pull requests in projects of weight 1 earn {} of max",
                    landed(10.0)
                ),
                format!(
                    "two recent gold medals, each won alone, earn {} of max",
                    medals(2.0, 0.0)
                ),
                format!(
                    "Six recent repositories in Python with 100 stars and {commits} own commits each earn {} of max; \
                     without stars, {}.",
                    repositories(6.0, 100),
                    repositories(6.0, 0)
                ),
                format!(
                    "five full years in a row, to this year's end, earn {} of max",
                    years(5)
                ),
                format!(
                    "two recent publications as first or last author earn {} of max",
                    kinds(2.0, "publication")
                ),
                "fifty count as one landed".to_owned(),
            ],
            "research-software-engineer" => vec![
                "five of these count as two ordinary ones".to_owned(),
                format!(
                    "twelve ordinary, recent pull requests in projects of weight 1 earn {} of max",
                    landed(12.0)
                ),
                format!(
                    "two recent gold medals, each won alone, would earn {} of max",
                    medals(2.0, 0.0)
                ),
                format!(
                    "Six recent repositories in Python with 100 stars and {commits} own commits each earn {} of max; \
                     without stars, {}.",
                    repositories(6.0, 100),
                    repositories(6.0, 0)
                ),
                format!(
                    "five full years in a row, to this year's end, earn {} of max",
                    years(5)
                ),
                format!(
                    "four recent years as an engineer earn {} of max",
                    kinds(4.0, "engineer")
                ),
                "twenty count as one landed".to_owned(),
            ],
            _ => vec![
                "four of these count as one ordinary one".to_owned(),
                format!(
                    "four ordinary, recent pull requests in projects of weight 1 earn {} of max",
                    landed(4.0)
                ),
                format!(
                    "two recent gold medals and a silver one, each won alone, earn {} of max",
                    medals(2.0, 1.0)
                ),
                format!(
                    "Five recent repositories in Python with 100 stars and {commits} own commits each earn {} of max; \
                     without stars, {}.",
                    repositories(5.0, 100),
                    repositories(5.0, 0)
                ),
                format!(
                    "three full years in a row, to this year's end, earn {} of max",
                    years(3)
                ),
                format!(
                    "four recent years in industry earn {} of max",
                    kinds(4.0, "industry")
                ),
                "fifty count as one landed".to_owned(),
            ],
        };
        for claim in own {
            assert!(text.contains(&claim), "{name}: {claim}");
            claims += 1;
        }
        let trivial = rubric.sizes.trivial / rubric.sizes.ordinary;
        let ratio = if text.contains("five of these count as two") {
            0.4
        } else {
            0.25
        };
        assert!((trivial - ratio).abs() < 1e-9, "{name}");
        assert!((2.0 * rubric.sizes.substantial - 3.0 * rubric.sizes.ordinary).abs() < 1e-9);
        let said = if text.contains("fifty count as one") {
            50.0
        } else {
            20.0
        };
        assert!((reviews - said).abs() < 1e-9, "{name}: {reviews}");
        for saturated in [percent(1.0, 1.0), percent(2.0, 1.0), percent(3.0, 1.0)] {
            assert!(text.contains(&saturated), "{name}: {saturated}");
        }
        let (gold, silver) = (kaggle.gold / kaggle.bronze, kaggle.silver / kaggle.bronze);
        assert!((gold - 4.0).abs() < 1e-9 && (silver - 2.0).abs() < 1e-9);
        let python = rubric.own_code.languages["Python"];
        assert!(
            (python - 1.0).abs() < 1e-9,
            "the claims about repositories need it"
        );
    }
    assert_eq!(claims, 21);
    let doctoral = Rubric::embedded("doctoral-dl-radiology")
        .expect("there")
        .kaggle;
    let twentieth = doctoral.categories.notebooks * doctoral.undated;
    assert!((twentieth - 0.05).abs() < 1e-9);
    let scientist = Rubric::embedded("data-scientist").expect("there");
    let eighth = scientist.kaggle.categories.notebooks * scientist.kaggle.undated;
    assert!((eighth - 0.125).abs() < 1e-9);
    // As one of a team of sixteen won today.
    assert!((scientist.kaggle.undated - 1.0 / 16.0_f64.sqrt()).abs() < 1e-9);
}
