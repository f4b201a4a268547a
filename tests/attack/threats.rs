//! `docs/threats.md`: every test that it names is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The table's rows: threat, measure, and the tests, each a file and a name.
fn rows(text: &str) -> Vec<[String; 3]> {
    text.lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Threat "))
        .map(|line| {
            let cells: Vec<String> = line
                .trim_matches('|')
                .split(" | ")
                .map(|cell| cell.trim().to_owned())
                .collect();
            cells
                .try_into()
                .unwrap_or_else(|cells| panic!("three cells: {cells:?}"))
        })
        .collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_test_that_the_table_of_threats_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/threats.md")).expect("readable");
    let (mut files, mut named) = (BTreeMap::new(), 0);
    for [threat, measure, tests] in rows(&text) {
        assert!(
            !threat.is_empty() && measure.len() > 20,
            "{threat}: {measure}"
        );
        let mut tested = false;
        for test in quoted(&tests) {
            let (file, name) = test
                .split_once("::")
                .unwrap_or_else(|| panic!("{test} is no FILE::NAME"));
            let source = files.entry(file.to_owned()).or_insert_with(|| {
                fs::read_to_string(root.join(file))
                    .unwrap_or_else(|error| panic!("{file}: {error}"))
            });
            let at = source.find(&format!("fn {name}("));
            let at = at.unwrap_or_else(|| panic!("{file} has no {name}"));
            // Attributes stand above it, and above those the end of something else.
            let mut above = source[..at].lines().rev().take_while(|line| {
                let line = line.trim();
                !line.ends_with(['}', ';', '{'])
                    && (!line.is_empty() || source[..at].ends_with(line))
            });
            let is_test =
                above.any(|line| line.contains("#[test]") || line.contains("#[tokio::test"));
            assert!(is_test, "{test} is no test");
            tested = true;
            named += 1;
        }
        assert!(tested, "no test is named for: {threat}");
    }
    println!("{named} tests named, in {} files", files.len());
    assert!(named > 60, "{named}");
}
