//! Properties of reading over generated lists.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    tests::{good_parts, with_part},
    *,
};

/// Reads, and checks what holds for every list.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let hosts = GitHubHosts::default();
    let Ok(list) = read(bytes, "reference", &hosts) else {
        return Ok(());
    };
    let mut ids = std::collections::HashSet::new();
    for listed in &list.applicants {
        let applicant = &listed.applicant;
        prop_assert!(!applicant.links.is_empty());
        prop_assert!(ids.insert(applicant.id.as_str()), "{} twice", applicant.id);
        for (place, link) in applicant.links.iter().enumerate() {
            let same_source = |other: &crate::domain::link::Link| other.source() == link.source();
            prop_assert!(!applicant.links[..place].iter().any(same_source));
        }
        let texts = [
            &applicant.name,
            &applicant.email,
            &applicant.legal_basis,
            &applicant.applied_at,
        ];
        for text in texts.into_iter().flatten().chain(&listed.notices) {
            prop_assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
    for row in &list.refused {
        prop_assert!(row.line >= 1);
        prop_assert!(!row.reason.to_string().chars().any(char::is_control));
    }
    for text in &list.notices {
        prop_assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    Ok(())
}

#[rustfmt::skip]
const HEADERS: &[&str] = &[
    "id", "ID", " name ", "email", "github", "GitHub", "kaggle", "orcid", "homepage", "links", "role", "applied_at",
    "Legal Basis", "gitub", "", "x", "\"git\nhub\"", "github.com/ada",
];

#[rustfmt::skip]
const CELLS: &[&str] = &[
    "", " ", "1", "2", "17", "ada", "bob", "ADA", "@ada", "github.com/ada", "https://github.com/bob/x", "kaggle.com/ada",
    "0000-0002-1825-0097", "ada.example.org", "https://ada.example.org/a,b", "ada@example.org", "Ada <ada@example.org>",
    "none", "n/a", "-", "\"", "\"\"", "\"a\nb\"", "\"a,b;c\"", "'", "\u{1b}[31m", "\u{202e}", "\u{0}", "=1+1", "2026-01-31",
    "2026-01-31T10:00:00Z", "31.1.26", "../../x", "radiology", "gıthub.com/x", "[a](b)", "[a b](https://github.com/c)",
    "a | b", "日本語", "{", "}", "\\", "null", "[]", "true", "1e309", "-0",
];

const SEPARATORS: &[&str] = &[",", ";", "\t", ",", ","];
const ENDS: &[&str] = &["\n", "\r\n", "\r", "\n\n", ""];

fn table() -> impl Strategy<Value = Vec<u8>> {
    let rows = vec(vec(select(CELLS), 0..6), 0..12);
    let marks = select(vec!["", "", "\u{feff}", "sep=;\n", "\n", "#x\n"]);
    let junk = prop_oneof![3 => Just(Vec::new()), 1 => vec(any::<u8>(), 0..8)];
    (
        marks,
        vec(select(HEADERS), 1..6),
        rows,
        select(SEPARATORS),
        select(ENDS),
        junk,
        any::<prop::sample::Index>(),
    )
        .prop_map(|(mark, headers, rows, separator, end, junk, at)| {
            let mut text = format!("{mark}{}", headers.join(separator));
            for row in rows {
                text.push_str(end);
                text.push_str(&row.join(separator));
            }
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, junk);
            bytes
        })
}

fn json_lines() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        4 => select(CELLS).prop_map(|text| serde_json::Value::from(text).to_string()),
        1 => select(vec!["null", "1", "1.5", "true", "[]", "[\"@ada\",1]", "{\"a\":{}}", "[[[[]]]]", "", "\"", "1e999"])
            .prop_map(str::to_owned),
    ];
    let line = vec((select(HEADERS), value), 0..6).prop_map(|pairs| {
        let members: Vec<String> = pairs
            .into_iter()
            .map(|(key, value)| format!("{}:{value}", serde_json::Value::from(key)))
            .collect();
        format!("{{{}}}", members.join(","))
    });
    let lines = vec(
        prop_oneof![6 => line, 1 => select(CELLS).prop_map(str::to_owned)],
        1..8,
    );
    (lines, select(ENDS)).prop_map(|(lines, end)| format!("{{}}\n{}", lines.join(end)).into_bytes())
}

/// A good workbook with one of its parts damaged.
fn damaged_workbook() -> impl Strategy<Value = Vec<u8>> {
    let parts = good_parts();
    let names: Vec<usize> = (0..parts.len()).collect();
    let pieces = select(vec![
        "",
        "<",
        ">",
        "\"",
        "/",
        "&",
        "&#0;",
        "\u{0}",
        "-1",
        "99999999999999999999",
        "A0",
        "XFD1048577",
        "<c r=\"ZZZZ9\">",
        "t=\"s\"",
        "t=\"d\"",
        "<v>7</v>",
        "<v>1e400</v>",
        "</row>",
        "<row r=\"0\">",
        "<si/>",
        "encoding=\"utf-16\"",
        "s=\"99\"",
    ]);
    (
        select(names),
        any::<prop::sample::Index>(),
        0_usize..24,
        pieces,
    )
        .prop_map(move |(part, at, cut, piece)| {
            let (name, mut content) = parts[part].clone();
            let at = at.index(content.len() + 1);
            let end = (at + cut).min(content.len());
            content.splice(at..end, piece.bytes());
            with_part(&name, content)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..600)) {
        check(&bytes)?;
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        check(text.as_bytes())?;
    }

    #[test]
    fn arbitrary_tables_never_panic_and_name_nobody_twice(bytes in table()) {
        check(&bytes)?;
    }

    #[test]
    fn arbitrary_json_lines_never_panic_and_name_nobody_twice(bytes in json_lines()) {
        check(&bytes)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn damaged_workbooks_never_panic(bytes in damaged_workbook()) {
        check(&bytes)?;
    }

    #[test]
    fn workbooks_with_damaged_bytes_never_panic(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut bytes = with_part("docProps/extra.xml", b"<x/>".to_vec());
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes)?;
    }
}
