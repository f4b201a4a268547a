//! Whether an output is inert, for each form that an output has.

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use plaudit::domain::text::is_invisible;
use pulldown_cmark::{Event, Options, Parser, Tag};
use scraper::{Html, Selector};

use super::texts::{ELSEWHERE, FORGED, MARK};

/// The colours that plaudit itself and its tables write.
const OURS: [&str; 11] = [
    "\u{1b}[0m",
    "\u{1b}[1m",
    "\u{1b}[2m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
    "\u{1b}[38;5;9m",
    "\u{1b}[38;5;10m",
    "\u{1b}[38;5;11m",
    "\u{1b}[38;5;8m",
    "\u{1b}[39m",
];

/// A text for people, in which no terminal finds anything to obey, and in which no line is a stranger's.
#[track_caller]
pub(crate) fn text(what: &str, text: &str) {
    let hidden = text
        .char_indices()
        .find(|(_, one)| *one != '\n' && is_invisible(*one));
    if let Some((at, found)) = hidden {
        let around: String = text[at..].chars().take(40).collect();
        panic!("{what}: {found:?} in {around:?}");
    }
    let forged = text
        .lines()
        .find(|line| line.trim_start().starts_with(FORGED));
    assert_eq!(forged, None, "{what}");
}

/// The same in colours, which are ours alone.
#[track_caller]
pub(crate) fn coloured(what: &str, given: &str) {
    let plain = OURS
        .iter()
        .fold(given.to_owned(), |text, ours| text.replace(ours, ""));
    text(what, &plain);
}

/// A page with nothing in it that runs, but for the scripts of ours that are files of their own.
#[track_caller]
pub(crate) fn page(what: &str, text: &str) {
    let page = Html::parse_document(text);
    let every = Selector::parse("*").expect("a selector");
    for element in page.select(&every) {
        let element = element.value();
        let (name, shown) = (element.name(), format!("{element:?}"));
        assert!(
            !["img", "iframe", "object", "embed", "base", "foreignobject"].contains(&name),
            "{what}: {shown}"
        );
        let ours = element
            .attr("src")
            .is_some_and(|src| src.starts_with("/assets/"));
        assert!(name != "script" || ours, "{what}: {shown}");
        for (key, value) in element.attrs() {
            assert!(
                !key.starts_with("on") && !key.contains(MARK),
                "{what}: {shown}"
            );
            if ["href", "src", "action", "formaction", "xlink:href"].contains(&key) {
                address(what, value);
            }
        }
    }
    for (at, found) in text.char_indices().filter(|(_, one)| is_invisible(*one)) {
        let blank = ['\n', '\t'].contains(&found);
        assert!(
            blank,
            "{what}: {found:?} before {:?}",
            text[at..].chars().take(40).collect::<String>()
        );
    }
}

/// An address that a page may lead to: of the web, or of a page beside it.
#[track_caller]
fn address(what: &str, value: &str) {
    let here = url::Url::parse("https://here.example/a/b").expect("an address");
    let there = here.join(value);
    let there = there.unwrap_or_else(|error| panic!("{what}: {error}: {value:?}"));
    let of_the_web = ["http", "https"].contains(&there.scheme());
    // The icon of our pages, which is none.
    assert!(of_the_web || value == "data:,", "{what}: {value:?}");
    // Only what was an address in full leads elsewhere.
    let elsewhere = there
        .host_str()
        .is_some_and(|host| host.ends_with(ELSEWHERE));
    assert!(
        !elsewhere || value.starts_with("https://"),
        "{what}: {value:?}"
    );
}

/// Cells that no spreadsheet runs, as many in each row as in the first.
#[track_caller]
pub(crate) fn csv(what: &str, text: &str) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut rows = 0;
    for row in reader.records() {
        for cell in &row.expect("as many cells as above") {
            let begins =
                cell.trim_start_matches(|one: char| one.is_whitespace() || is_invisible(one));
            let number = cell.parse::<f64>().is_ok();
            let runs = begins.starts_with([
                '=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
            ]);
            assert!(number || !runs, "{what}: {cell:?}");
            self::text(what, cell);
        }
        rows += 1;
    }
    rows
}

/// A workbook without formulas, whose links lead to the web.
#[track_caller]
pub(crate) fn workbook(what: &str, bytes: &[u8]) -> usize {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let mut cells = 0;
    for name in book.sheet_names() {
        text(what, &name);
        let formulas = book.worksheet_formula(&name).expect("a sheet");
        assert_eq!(formulas.used_cells().count(), 0, "{what}: {name}");
        let sheet = book.worksheet_range(&name).expect("a sheet");
        for (_, _, cell) in sheet.used_cells() {
            text(what, &cell.to_string());
            cells += 1;
        }
    }
    // Formulas, macros, pictures and whatever else runs are parts or elements of their own.
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut xml = String::new();
        std::io::Read::read_to_string(&mut part, &mut xml).expect("UTF-8");
        for alive in [
            "<f>",
            "<f ",
            "ddeLink",
            "oleLink",
            "externalLink",
            "vbaProject",
        ] {
            assert!(
                !xml.contains(alive) && !name.contains(alive),
                "{what}: {name}: {alive}"
            );
        }
        for target in xml
            .split("Target=\"")
            .skip(1)
            .filter(|_| name.ends_with("rels"))
        {
            let target = target.split('"').next().unwrap_or_default();
            let inside = !target.contains(':');
            let web = target.starts_with("https://") || target.starts_with("http://");
            assert!(inside || web, "{what}: {name}: {target}");
        }
    }
    cells
}

/// Markdown in which a renderer finds our markup and no HTML, picture, or link of a stranger's.
#[track_caller]
pub(crate) fn markdown(what: &str, given: &str) {
    text(what, given);
    let options = Options::all();
    let mut cells: Option<(usize, usize)> = None;
    // But for code, in which nothing is a link.
    let mut bare = given.as_bytes().to_vec();
    for (event, place) in Parser::new_ext(given, options).into_offset_iter() {
        match &event {
            Event::Code(_) => bare[place].fill(b'`'),
            Event::Html(html) | Event::InlineHtml(html) => panic!("{what}: {html}"),
            Event::Start(Tag::HtmlBlock | Tag::Image { .. } | Tag::FootnoteDefinition(_))
            | Event::FootnoteReference(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => panic!("{what}: {event:?}"),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let web = dest_url.starts_with("https://") || dest_url.starts_with("http://");
                assert!(web, "{what}: {dest_url}");
                assert!(
                    !dest_url.contains([' ', '"', '<', '>', '`']),
                    "{what}: {dest_url}"
                );
            }
            Event::Start(Tag::Table(columns)) => cells = Some((columns.len(), 0)),
            Event::Start(Tag::TableRow | Tag::TableHead) => {
                if let Some((_, found)) = &mut cells {
                    *found = 0;
                }
            }
            Event::Start(Tag::TableCell) => {
                if let Some((columns, found)) = &mut cells {
                    *found += 1;
                    assert!(*found <= *columns, "{what}: a cell too many");
                }
            }
            _ => {}
        }
    }
    // What renderers beyond the standard take for a link where it stands bare.
    let bare = String::from_utf8(bare).expect("UTF-8");
    let bare: BTreeSet<&str> = bare
        .split_whitespace()
        .filter(|word| word.starts_with("www.") || word.starts_with("https://"))
        .collect();
    assert_eq!(bare, BTreeSet::new(), "{what}");
}

/// JSON that can be read, and that a terminal finds nothing in.
#[track_caller]
pub(crate) fn json(what: &str, given: &str) -> serde_json::Value {
    text(what, given);
    serde_json::from_str(given).unwrap_or_else(|error| panic!("{what}: {error}"))
}
