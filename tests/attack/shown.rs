//! A profile every text of which somebody else wrote, in every form that profiles and rankings have.

use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::profile::Profile;
use plaudit::domain::rubric::Rubric;
use plaudit::report::{self, Detail, Format, Pages, Ranking, View};
use plaudit::standin::{Behaviour, World, demo_list};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::inert;
use super::texts::{TEXTS, everything_at_length};
use crate::app::{ROLE, TestApp};

/// Profiles with something of everything: evidence, flags, changes, both sources, a home page, gaps.
const SOME: [&str; 5] = ["a-01", "a-02", "a-12", "a-13", "a-21"];

/// Those profiles of the demo's, as JSON, their lists cut short.
pub(super) async fn some_profiles() -> &'static [Value] {
    static MADE: OnceCell<Vec<Value>> = OnceCell::const_new();
    MADE.get_or_init(|| Box::pin(make())).await
}

async fn make() -> Vec<Value> {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    app.import().await;
    let crawl = app.enrich(&demo_list()).await;
    let of = |id: &&str| {
        let id: ApplicantId = id.parse().expect("an id");
        let mut profile = serde_json::to_value(&crawl.profiles[&id]).expect("JSON");
        shorten(&mut profile);
        profile
    };
    SOME.iter().map(of).collect()
}

fn shorten(value: &mut Value) {
    match value {
        Value::Array(list) => {
            list.truncate(2);
            list.iter_mut().for_each(shorten);
        }
        Value::Object(map) => map.values_mut().for_each(shorten),
        _ => {}
    }
}

/// What people may have added to a profile.
fn review() -> Value {
    let signed = json!({"by": "Dr Example", "at": "2026-10-19T09:00:00Z"});
    let withdrawn = json!({"reason": "it was another person's", "signature": signed});
    json!({
        "revision": 6,
        "evidence": [{
            "number": 1, "kind": "publication", "amount": 1, "url": "https://doi.org/10.1000/182",
            "reason": "first author", "date": "2025-03-01", "signature": signed
        }, {
            "number": 2, "kind": "industry", "amount": 3, "url": "https://example.org/cv",
            "reason": "an imaging firm", "date": "2024-06-30", "signature": signed, "withdrawn": withdrawn
        }],
        "looked_through": signed,
        "notes": [{"number": 3, "text": "Talked at a conference.", "signature": signed}],
        "adjustments": [
            {"number": 4, "points": 2.5, "reason": "leads a group", "signature": signed},
            {"number": 5, "points": -1.0, "reason": "by mistake", "signature": signed, "withdrawn": withdrawn}
        ],
        "challenge": {"code": "plaudit-made-up-code", "given_at": "2026-10-18T09:00:00Z"}
    })
}

fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(list) => {
            for (number, one) in list.iter().enumerate() {
                places(one, &format!("{at}/{number}"), found);
            }
        }
        Value::Object(map) => {
            for (key, one) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(one, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// The profile with `text` in every place that takes it, each followed by a number, but for `left`; and how many places
/// took it.
pub(super) fn written_over(profile: &Value, text: &str, left: &[&str]) -> (Profile, usize) {
    let mut all = Vec::new();
    places(profile, "", &mut all);
    let mut value = profile.clone();
    let mut taken = 0;
    for (number, place) in all.iter().enumerate() {
        if left.contains(&place.as_str()) {
            continue;
        }
        let at = value.pointer_mut(place).expect("a place");
        let before = std::mem::replace(at, format!("{text} {number}").into());
        // A state, a date or an id takes no text.
        if serde_json::from_value::<Profile>(value.clone()).is_ok() {
            taken += 1;
        } else {
            *value.pointer_mut(place).expect("a place") = before;
        }
    }
    (serde_json::from_value(value).expect("a profile"), taken)
}

fn written(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out).expect("written");
    out
}

fn text_of(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    String::from_utf8(written(write)).expect("UTF-8")
}

/// An output in one of the forms.
fn check(what: &str, format: Format, view: View, bytes: &[u8]) {
    let what = format!("{what} as {format:?}");
    if format == Format::Xlsx {
        assert!(inert::workbook(&what, bytes) > 0, "{what}: nothing is told");
        return;
    }
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    assert!(!text.is_empty(), "{what}");
    match format {
        Format::Text if view.colour => inert::coloured(&what, text),
        Format::Text => inert::text(&what, text),
        Format::Json => {
            inert::json(&what, text);
        }
        Format::Jsonl => {
            for line in text.lines() {
                inert::json(&what, line);
            }
        }
        Format::Csv => {
            assert!(inert::csv(&what, text) > 1, "{what}: nothing is told");
        }
        Format::Markdown => inert::markdown(&what, text),
        Format::Html => inert::page(&what, text),
        Format::Xlsx => unreachable!("it is no text"),
    }
}

const FORMATS: [Format; 7] = [
    Format::Text,
    Format::Json,
    Format::Jsonl,
    Format::Csv,
    Format::Markdown,
    Format::Html,
    Format::Xlsx,
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_profile_holds_it_comes_alive_in_no_form_of_a_report() {
    let mut profiles = some_profiles().await.to_vec();
    for profile in &mut profiles {
        profile["review"] = review();
        serde_json::from_value::<Profile>(profile.clone()).expect("a profile with a review");
    }
    let rubric = Box::new(Rubric::embedded(ROLE).expect("a rubric"));
    let long = everything_at_length();
    let mut taken = 0;
    for (tries, text) in TEXTS.into_iter().chain([("all of it, at length", &*long)]) {
        let mut over = Vec::new();
        for profile in &profiles {
            let (profile, places) = written_over(profile, text, &[]);
            taken += places;
            over.push(profile);
        }
        for profile in &over {
            for format in FORMATS {
                for (detail, colour) in [
                    (Detail::Summary, false),
                    (Detail::Explained(None), true),
                    (Detail::Explained(Some(rubric.clone())), false),
                ] {
                    let view = View { width: 72, colour };
                    let bytes = written(|out| report::profile(profile, format, &detail, view, out));
                    let what = format!("{tries}: the profile {}", profile.applicant.id);
                    check(&what, format, view, &bytes);
                }
            }
        }
        // All for one role, also when its name is the worst of all.
        for profile in &mut over {
            text.clone_into(&mut profile.role);
        }
        let ranking = Ranking::new(text, over, None);
        assert_eq!(ranking.profiles().len(), profiles.len());
        for format in FORMATS {
            for colour in [false, true] {
                let view = View { width: 72, colour };
                let bytes = written(|out| report::ranking(&ranking, format, view, out));
                check(&format!("{tries}: a ranking"), format, view, &bytes);
            }
        }
        let ids = ranking.profiles().iter();
        let pages = Pages::new(Some(text), ids.map(|profile| &profile.applicant.id));
        let index = text_of(|out| report::ranking_page(&ranking, &pages, out));
        inert::page(&format!("{tries}: the folder's ranking"), &index);
        for profile in ranking.profiles() {
            let page = text_of(|out| report::applicant_page(profile, Some(&rubric), &pages, out));
            inert::page(&format!("{tries}: the folder's page"), &page);
        }
    }
    println!("{taken} texts written over");
    assert!(taken > 100 * TEXTS.len(), "{taken}");
}
