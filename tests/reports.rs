//! Reports for people: what is in the folder, that it tells every point with its address, and that nothing in it lives.

pub(crate) mod browser;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use calamine::{Data, Range, Reader, Xlsx, open_workbook};
use plaudit::domain::profile::Profile;
use plaudit::domain::score::Points;
use plaudit::store::{Store, StoreOptions};
use scraper::{ElementRef, Html, Selector};
use tempfile::TempDir;

use crate::app::{ROLE, program_in};

/// The demo's people, and the reports about them.
struct Reports {
    home: TempDir,
    /// By id, with the page's file name.
    profiles: BTreeMap<String, Profile>,
}

impl Reports {
    /// Runs the demo, and `plaudit report` over it.
    async fn of_the_demo() -> Self {
        let home = TempDir::new().expect("a temporary folder");
        let demo = program_in(home.path())
            .args(["demo", "--no-progress"])
            .output()
            .expect("the program");
        assert!(demo.status.success(), "{}", said(&demo));
        let reports = Self {
            profiles: BTreeMap::new(),
            home,
        };
        let written = reports.write("reports");
        // Some of the demo's people are told as incomplete.
        assert!(
            matches!(written.status.code(), Some(0 | 1)),
            "{}",
            said(&written)
        );
        let (store, _) = Store::open(&reports.data(), StoreOptions::default())
            .await
            .expect("a store");
        let profiles = store.profiles_of_role(ROLE).await.expect("readable");
        store.close().await.expect("closed");
        assert!(profiles.len() > 20, "{}", profiles.len());
        let by_id = |profile: Profile| (profile.applicant.id.to_string(), profile);
        Self {
            profiles: profiles.into_iter().map(by_id).collect(),
            ..reports
        }
    }

    fn data(&self) -> PathBuf {
        self.home.path().join(".local/share/plaudit/demo")
    }

    fn write(&self, folder: &str) -> Output {
        self.run(&["report", "--output", folder])
    }

    fn run(&self, arguments: &[&str]) -> Output {
        program_in(self.home.path())
            .arg("--data-dir")
            .arg(self.data())
            .args(arguments)
            .output()
            .expect("the program")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.path().join("reports").join(name)
    }

    fn page(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect(name)
    }

    fn page_of(&self, id: &str) -> String {
        self.page(&format!("applicants/{id}.html"))
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a selector")
}

fn text_of(element: ElementRef<'_>) -> String {
    let words: Vec<&str> = element.text().flat_map(str::split_whitespace).collect();
    words.join(" ")
}

fn points(text: &str) -> i64 {
    let (whole, cents) = text.split_once('.').expect("points");
    whole.parse::<i64>().expect("points") * 100 + cents.parse::<i64>().expect("cents")
}

/// Every address of the web that a profile holds.
fn addresses(profile: &Profile) -> BTreeSet<String> {
    fn collect(value: &serde_json::Value, found: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::String(text) if text.starts_with("http") => {
                found.insert(text.clone());
            }
            serde_json::Value::Array(list) => list.iter().for_each(|one| collect(one, found)),
            serde_json::Value::Object(map) => map.values().for_each(|one| collect(one, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    collect(&serde_json::to_value(profile).expect("JSON"), &mut found);
    let kaggle = profile.sources.kaggle.as_ref();
    if let Some((kaggle, facts)) = kaggle.and_then(|one| Some((one, one.lookup.found()?))) {
        let (base, _) = kaggle.url.rsplit_once('/').expect("a page");
        let boards = facts.competitions.iter();
        found.extend(boards.map(|one| format!("{base}/competitions/{}/leaderboard", one.slug)));
    }
    found
}

/// The elements that our pages are made of.
const ELEMENTS: &str = "html head meta title style body header main section article figure figcaption div p span h1 h2 h3 \
    h4 ul li dl dt dd table caption thead tbody tfoot tr th td a b strong em small code abbr svg defs pattern rect circle \
    path line text desc";

/// Nothing in the page runs, loads or leads anywhere but to `known` addresses, pages beside it and itself.
fn assert_inert(name: &str, page: &str, known: &BTreeSet<String>, files: &BTreeSet<String>) {
    for bad in ["<script", "<iframe", "<img", "@import", "url(http"] {
        assert!(!page.to_lowercase().contains(bad), "{name}: {bad}");
    }
    let html = Html::parse_document(page);
    for element in html.select(&selector("*")) {
        let tag = element.value().name();
        let ours = ELEMENTS.split_whitespace().any(|known| known == tag);
        assert!(ours, "{name}: <{tag}>");
        for (key, value) in element.value().attrs() {
            assert!(!key.starts_with("on"), "{name}: {key}");
            let runs = value.trim().to_lowercase().starts_with("javascript:");
            assert!(!runs, "{name}: {value}");
            assert!(
                ![
                    "src",
                    "srcset",
                    "srcdoc",
                    "action",
                    "formaction",
                    "style",
                    "data",
                    "ping"
                ]
                .contains(&key),
                "{name}: {key}"
            );
            if key != "href" {
                continue;
            }
            assert_eq!(tag, "a", "{name}: {value}");
            let leads_on = value.starts_with('#') || files.contains(value);
            assert!(leads_on || known.contains(value), "{name}: {value}");
            if !leads_on {
                assert_eq!(
                    element.attr("rel"),
                    Some("noopener noreferrer nofollow"),
                    "{name}: {value}"
                );
            }
        }
    }
    let policy = html
        .select(&selector("meta[http-equiv='Content-Security-Policy']"))
        .next()
        .and_then(|meta| meta.attr("content"));
    assert_eq!(
        policy,
        Some("default-src 'none'; style-src 'unsafe-inline'"),
        "{name}"
    );
    assert_eq!(html.select(&selector("h1")).count(), 1, "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_point_of_every_applicant_is_in_the_reports_with_its_address_and_nothing_in_them_lives()
 {
    let reports = Reports::of_the_demo().await;
    let mut pieces = 0;
    for (id, profile) in &reports.profiles {
        let page = reports.page_of(id);
        let html = Html::parse_document(&page);
        let mut all = Points::default();
        let tables: Vec<_> = html.select(&selector("section.component")).collect();
        assert_eq!(tables.len(), profile.score.components.len(), "{id}");
        for (section, component) in tables.into_iter().zip(&profile.score.components) {
            let mut expected: Vec<(String, String)> = component
                .evidence
                .iter()
                .map(|one| (one.points.to_string(), one.url.clone()))
                .collect();
            let mut shown: Vec<(String, String)> = section
                .select(&selector("tbody tr"))
                .map(|row| {
                    let cell = row.select(&selector("td.num")).next().expect("points");
                    let link = row.select(&selector("a")).next().expect("an address");
                    (
                        text_of(cell),
                        link.attr("href").expect("an address").to_owned(),
                    )
                })
                .collect();
            expected.sort();
            shown.sort();
            assert_eq!(shown, expected, "{id} {}", component.name);
            let sum: i64 = shown.iter().map(|(shown, _)| points(shown)).sum();
            assert_eq!(sum, component.low.cents(), "{id} {}", component.name);
            if let Some(total) = section.select(&selector("tfoot td.num")).next() {
                assert_eq!(points(&text_of(total)), sum, "{id} {}", component.name);
            }
            all = [all, Points::from_cents(sum)].into_iter().sum();
            pieces += shown.len();
        }
        assert_eq!(all, profile.score.low, "{id}");
        let files = BTreeSet::from(["../index.html".to_owned()]);
        assert_inert(id, &page, &addresses(profile), &files);
    }
    assert!(pieces > 500, "{pieces}");
    println!(
        "{pieces} pieces of evidence in {} pages",
        reports.profiles.len()
    );

    let index = reports.page("index.html");
    let known: BTreeSet<String> = reports.profiles.values().flat_map(addresses).collect();
    let pages = reports
        .profiles
        .keys()
        .map(|id| format!("applicants/{id}.html"));
    let files: BTreeSet<String> = pages.chain(["ranking.xlsx".to_owned()]).collect();
    assert_inert("index", &index, &known, &files);
    for file in &files {
        assert!(index.contains(&format!("href=\"{file}\"")), "{file}");
        assert!(reports.file(file).is_file(), "{file}");
    }

    hostile_text_is_text(&reports);
    the_workbook_says_the_same(&reports);
    the_folder_is_its_owners_and_the_same_a_second_time(&reports);
}

/// The demo's hostile applicant writes HTML, formulas and escapes wherever somebody may write.
fn hostile_text_is_text(reports: &Reports) {
    let profile = &reports.profiles["a-21"];
    let name = profile.applicant.name.as_deref().expect("a name");
    assert!(name.contains('<'), "{name}");
    let page = reports.page_of("a-21");
    let html = Html::parse_document(&page);
    let heading = html.select(&selector("h1")).next().expect("a heading");
    assert!(
        text_of(heading).contains(
            &plaudit::report::clean(name)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        ),
        "{}",
        text_of(heading)
    );
    assert_eq!(
        heading
            .select(&selector("*"))
            .filter(|one| one.value().name() != "span")
            .count(),
        0
    );
    // The same elements as in the page of somebody harmless: none stems from what was written.
    let elements = |id: &str| -> BTreeSet<String> {
        let html = Html::parse_document(&reports.page_of(id));
        let every = selector("body *");
        let all = html.select(&every).map(|element| {
            format!(
                "{}.{}",
                element.value().name(),
                element.attr("class").unwrap_or_default()
            )
        });
        all.collect()
    };
    let harmless: BTreeSet<String> = reports
        .profiles
        .keys()
        .filter(|id| *id != "a-21")
        .flat_map(|id| elements(id))
        .collect();
    let odd: Vec<String> = elements("a-21").difference(&harmless).cloned().collect();
    assert_eq!(odd, Vec::<String>::new());
}

fn sheet(path: &Path, name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = open_workbook(path).expect("a workbook");
    assert_eq!(
        book.worksheet_formula(name)
            .expect(name)
            .used_cells()
            .count(),
        0
    );
    book.worksheet_range(name).expect(name)
}

fn column(range: &Range<Data>, name: &str) -> Vec<Data> {
    let header = range.rows().next().expect("a header");
    let place = header
        .iter()
        .position(|cell| matches!(cell, Data::String(text) if text == name))
        .expect(name);
    range.rows().skip(1).map(|row| row[place].clone()).collect()
}

fn cents(cell: &Data) -> i64 {
    let Data::Float(number) = cell else {
        panic!("no number: {cell:?}")
    };
    #[expect(clippy::cast_possible_truncation, reason = "points are small")]
    let cents = (number * 100.0).round() as i64;
    cents
}

fn the_workbook_says_the_same(reports: &Reports) {
    let path = reports.file("ranking.xlsx");
    let (order, evidence) = (sheet(&path, "Ranking"), sheet(&path, "Evidence"));
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (id, points) in column(&evidence, "id")
        .iter()
        .zip(column(&evidence, "points"))
    {
        *sums.entry(id.to_string()).or_default() += cents(&points);
    }
    let lows = column(&order, "low");
    let ids = column(&order, "id");
    assert_eq!(ids.len(), reports.profiles.len());
    for (id, low) in ids.iter().zip(lows) {
        let profile = &reports.profiles[&id.to_string()];
        assert_eq!(cents(&low), profile.score.low.cents(), "{id}");
        assert_eq!(
            sums.get(&id.to_string()).copied().unwrap_or(0),
            cents(&low),
            "{id}"
        );
    }
    let names = column(&order, "name");
    assert!(
        names.iter().any(|name| name.to_string().starts_with('=')),
        "{names:?}"
    );
    let all = reports
        .profiles
        .values()
        .flat_map(|profile| &profile.score.components);
    let pieces: usize = all.map(|component| component.evidence.len()).sum();
    assert_eq!(column(&evidence, "address").len(), pieces);
}

fn the_folder_is_its_owners_and_the_same_a_second_time(reports: &Reports) {
    let files = [
        "index.html",
        "ranking.xlsx",
        "applicants/a-01.html",
        ".plaudit-report",
    ];
    let bytes = || files.map(|name| fs::read(reports.file(name)).expect(name));
    let before = bytes();
    #[cfg(unix)]
    for name in files {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(reports.file(name))
            .expect(name)
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
    let again = reports.write("reports");
    assert!(
        matches!(again.status.code(), Some(0 | 1)),
        "{}",
        said(&again)
    );
    assert!(said(&again).contains("index.html"), "{}", said(&again));
    assert!(bytes() == before, "the same profiles gave other bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reported_is_said_with_what_to_do() {
    let home = TempDir::new().expect("a temporary folder");
    let run = |arguments: &[&str]| {
        let output = program_in(home.path())
            .args(arguments)
            .output()
            .expect("the program");
        (output.status.code(), said(&output))
    };
    let (code, told) = run(&["report"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(
        told.contains("hint: name one: plaudit report --output"),
        "{told}"
    );
    let (code, told) = run(&["report", "--output", "reports"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("nothing is kept"), "{told}");
    assert!(!home.path().join("reports").exists());

    let data = home.path().join("kept");
    let (store, _) = Store::open(&data, StoreOptions::default())
        .await
        .expect("a store");
    store.close().await.expect("closed");
    let kept = data.to_str().expect("UTF-8");
    let (code, told) = run(&["--data-dir", kept, "report", "--output", "reports"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("no profiles for the role doctoral-dl-radiology"),
        "{told}"
    );
    let (code, told) = run(&[
        "--data-dir",
        kept,
        "report",
        "--role",
        "astronaut",
        "--output",
        "reports",
    ]);
    assert_ne!(code, Some(0), "{told}");
    assert!(told.contains("astronaut"), "{told}");
    assert!(!home.path().join("reports").exists());
}
