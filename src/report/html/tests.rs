use std::collections::BTreeSet;

use scraper::{Html, Selector};

use super::*;
use crate::report::example::{HOSTILE, defended, hostile, several};

fn page_of(profile: &Profile) -> String {
    let rubric = Rubric::embedded("doctoral-dl-radiology").unwrap();
    let pages = Pages::new(None, [&profile.applicant.id]);
    let mut out = Vec::new();
    super::profile(profile, Some(&rubric), Some(&pages), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn ranking_of(profiles: Vec<Profile>) -> String {
    let ranking = Ranking::new("doctoral-dl-radiology", profiles, None);
    let pages = Pages::new(
        Some("Researcher & reader"),
        ranking.profiles().iter().map(|one| &one.applicant.id),
    );
    let mut out = Vec::new();
    super::ranking(&ranking, Some(&pages), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What a reader sees, with single spaces.
fn text_of(page: &str) -> String {
    let page = Html::parse_document(page);
    let body = Selector::parse("body").unwrap();
    let words: Vec<&str> = page
        .select(&body)
        .flat_map(|body| body.text())
        .flat_map(str::split_whitespace)
        .collect();
    words.join(" ")
}

fn all(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector)
        .map(|element| element.text().collect::<String>().trim().to_owned())
        .collect()
}

#[test]
fn a_page_tells_all_that_a_profile_holds() {
    let profile = defended();
    let text = text_of(&page_of(&profile));
    for said in [
        "Conflict: the accounts may not be the applicant’s",
        "Kaggle names the GitHub account ada-elsewhere-example",
        "The home page names the GitHub account (rel=me)",
        "Many tiny pull requests",
        "10 or more pull requests of up to 5 lines",
        "0.6 % of 5,000 generated honest applicants",
        "The rubric multiplies the evidence that it is about by 0.5.",
        "It changes no points.",
        "a new gold medal: Knee MRI",
        "leads a working group that no source shows",
        "Dr Example, 2026-11-19",
        "withdrawn by Dr Example, 2026-11-19: it was another person's",
        "Talked to her at a conference.",
        "plaudit-made-up-code",
        "GitHub could not count the commits in time",
        "Ask again later: plaudit enrich.",
        "when all was looked through (plaudit evidence done ID --by NAME)",
        "The facts of GitHub are three days old.",
        "plaudit never looks at",
        "not on the application: found on https://ada.example.org/",
        "no weight to medals in discussion (4 bronze)",
        "Without a date and so in the table alone: 1.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let by = profile.review.adjusted_by().unwrap();
    let low: crate::domain::score::Points = [profile.score.low, by].into_iter().sum();
    assert!(
        text.contains(&format!("Adjusted by people {low} – ")),
        "{text}"
    );
}

#[test]
fn every_kind_of_factor_says_where_it_comes_from() {
    let text = text_of(&page_of(&defended()));
    for said in [
        "weight 1 (a landed pull request)",
        "size 1.5 (1,412 lines changed: substantial, from 200)",
        "size 0.25 (40 lines changed, documentation alone: trivial)",
        "size 0.25 (2 lines changed: trivial, up to 5)",
        "project 1 (pytorch/pytorch in the rubric)",
        "(1,200 stars: ln(1 + 1,200) ÷ ln(1 + 50,000), at least 0.1)",
        "merged by whom 0.25 (it is not known that anybody else merged it)",
        "own share 0.75 (150 of 200 commits)",
        "(150 own commits: ln(1 + 150) ÷ ln(1 + 200))",
        "language 1 (Python)",
        "activity 0.45 (45 contributions ÷ 100, at most 1)",
        "weight 4 (a gold medal)",
        "team 0.57735 (1 ÷ √3, a team of 3)",
        "team 1 (alone)",
        "weight 7 (2 silver × 2 + 3 bronze × 1)",
        "category 0.2 (notebooks)",
        "date and team unknown 0.25 (in place of team and age, which are not known)",
        "weight 1.5 (publication)",
        "amount 1 (1 of it)",
        "years ÷ 5)",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn factors_that_are_told_multiply_to_the_value_that_is_told() {
    let page = Html::parse_document(&page_of(&defended()));
    let select = |selector: &str| Selector::parse(selector).unwrap();
    let number = |text: String| text.trim().parse::<f64>().unwrap();
    let mut rows = 0;
    for cell in page.select(&select("td.value")) {
        let product: f64 = cell
            .select(&select(".factor > b"))
            .map(|factor| number(factor.text().collect()))
            .product();
        let told = cell.select(&select(".product")).next().unwrap();
        let told = number(told.text().collect());
        assert!(
            (product - told).abs() <= told.abs() * 1e-4,
            "{product} and {told}"
        );
        rows += 1;
    }
    let pieces: usize = defended()
        .score
        .components
        .iter()
        .map(|one| one.evidence.len())
        .sum();
    assert_eq!(rows, pieces);
    assert!(rows >= 12, "{rows}");
}

#[test]
fn what_strangers_write_makes_no_element_and_no_attribute() {
    let names = |page: &str| -> BTreeSet<String> {
        let page = Html::parse_document(page);
        page.tree
            .values()
            .filter_map(|node| node.as_element())
            .flat_map(|element| {
                let name = element.name();
                let attributes = element.attrs().map(move |(key, _)| format!("{name} {key}"));
                attributes.chain([name.to_owned()])
            })
            .collect()
    };
    let with = |text: &str| {
        let mut profile = hostile();
        let json = serde_json::to_string(&profile).unwrap();
        let from = serde_json::to_string(HOSTILE).unwrap();
        let to = serde_json::to_string(text).unwrap();
        profile = serde_json::from_str(&json.replace(&from, &to)).unwrap();
        profile.role = text.to_owned();
        profile
    };
    let harmless = with("harmless");
    for text in [
        HOSTILE,
        "<script>alert(1)</script>",
        "\"><svg onload=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></svg><iframe src=//example.org>",
        "{{ 7 * 7 }} {% include \"x\" %}",
        "<!--",
        "]]><a href=javascript:alert(1)>",
    ] {
        let page = page_of(&with(text));
        assert_eq!(names(&page), names(&page_of(&harmless)), "{text}");
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{text}"
        );
        let ranking = ranking_of(vec![with(text)]);
        assert!(
            !ranking.contains("<script") && !ranking.contains("<img"),
            "{text}"
        );
    }
}

#[test]
fn a_page_is_the_same_whenever_it_is_written() {
    assert_eq!(page_of(&defended()), page_of(&defended()));
}

#[test]
fn headings_tables_and_pictures_can_be_read_by_ear() {
    for page in [
        page_of(&defended()),
        page_of(&hostile()),
        ranking_of(several()),
    ] {
        assert_eq!(all(&page, "h1").len(), 1);
        assert_eq!(all(&page, "table:not(:has(caption))"), Vec::<String>::new());
        assert_eq!(all(&page, "th:not([scope])"), Vec::<String>::new());
        assert!(all(&page, "svg[role=img]:not(:has(title))").is_empty());
        assert!(!all(&page, "svg[role=img]").is_empty());
        let page = Html::parse_document(&page);
        let ids: Vec<String> = page
            .select(&Selector::parse("[id]").unwrap())
            .map(|one| one.attr("id").unwrap().to_owned())
            .collect();
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        for anchor in page.select(&Selector::parse("a[href^='#']").unwrap()) {
            let target = anchor.attr("href").unwrap()[1..].to_owned();
            assert!(ids.contains(&target), "{target}");
        }
    }
}

#[test]
fn a_ranking_leads_to_its_pages_and_marks_what_the_data_cannot_tell() {
    let page = ranking_of(several());
    for name in ["mallory", "ada", "zoe", "nobody"] {
        assert!(
            page.contains(&format!("href=\"applicants/{name}.html\"")),
            "{name}"
        );
    }
    let marks = all(&page, "abbr.mark");
    assert!(marks.contains(&"=".to_owned()), "{marks:?}");
    let text = text_of(&page);
    assert!(
        text.contains("It decides nothing: a person does."),
        "{text}"
    );
    let mut out = Vec::new();
    let alone = Ranking::new("doctoral-dl-radiology", several(), None);
    super::ranking(&alone, None, &mut out).unwrap();
    let alone = String::from_utf8(out).unwrap();
    assert!(
        !alone.contains("applicants/"),
        "a page alone led to pages that are not there"
    );
}

#[test]
fn a_what_if_says_where_everybody_was() {
    let as_is = Ranking::new("doctoral-dl-radiology", several(), None);
    let mut moved = several();
    moved.retain(|one| one.applicant.id.as_str() != "mallory");
    let what_if =
        Ranking::new("doctoral-dl-radiology", moved, None).as_what_if("kaggle 45", &as_is);
    let mut out = Vec::new();
    super::ranking(&what_if, None, &mut out).unwrap();
    let text = text_of(&String::from_utf8(out).unwrap());
    assert!(text.contains("What if: kaggle 45"), "{text}");
    assert!(text.contains("was 2, ▲ 1 up"), "{text}");
}

/// Relative luminance by WCAG 2.
fn luminance(colour: &str) -> f64 {
    let digits: String = match colour.len() {
        4 => colour[1..]
            .chars()
            .flat_map(|digit| [digit, digit])
            .collect(),
        _ => colour[1..].to_owned(),
    };
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

#[test]
fn colours_can_be_told_apart_in_light_in_dark_and_on_paper() {
    let style = include_str!("../templates/style.css");
    let blocks: Vec<&str> = style
        .split(":root {")
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 3);
    let mut colours: BTreeMap<&str, &str> = BTreeMap::new();
    for block in blocks {
        // What a later block does not name stays as it was in the first one.
        for declared in block
            .split(';')
            .filter_map(|line| line.trim().split_once(": "))
        {
            if declared.1.starts_with('#') {
                colours.insert(declared.0, declared.1);
            }
        }
        let contrast = |one: &str, other: &str| {
            let (one, other) = (luminance(colours[one]), luminance(colours[other]));
            (one.max(other) + 0.05) / (one.min(other) + 0.05)
        };
        for (text, ground) in [
            ("--ink", "--paper"),
            ("--ink", "--ground"),
            ("--soft", "--paper"),
            ("--soft", "--ground"),
            ("--link", "--paper"),
            ("--good", "--paper"),
            ("--warn", "--paper"),
            ("--warn", "--warn-ground"),
            ("--soft", "--warn-ground"),
            ("--link", "--warn-ground"),
            ("--bad", "--bad-ground"),
            ("--link", "--bad-ground"),
            ("--medal-ink", "--gold"),
            ("--medal-ink", "--silver"),
            ("--medal-ink", "--bronze"),
        ] {
            let seen = contrast(text, ground);
            assert!(seen >= 4.5, "text {text} on {ground}: {seen:.2}");
        }
        for (shape, ground) in [
            ("--proven", "--track"),
            ("--proven", "--paper"),
            ("--proven", "--ground-open"),
            ("--strong", "--paper"),
        ] {
            let seen = contrast(shape, ground);
            assert!(seen >= 3.0, "shape {shape} on {ground}: {seen:.2}");
        }
    }
}
