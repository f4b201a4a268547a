//! Lists as people make them, and as nobody should.

use std::fmt::Write;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Url, Workbook};

use super::*;
use crate::domain::link::Link;

fn read_text(text: &str) -> Result<List, IntakeError> {
    read(text.as_bytes(), "reference", &GitHubHosts::default())
}

fn list(text: &str) -> List {
    read_text(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn links(listed: &Listed) -> Vec<String> {
    listed.applicant.links.iter().map(Link::to_string).collect()
}

/// `id: links` of each applicant.
fn people(list: &List) -> Vec<String> {
    list.applicants
        .iter()
        .map(|listed| format!("{}: {}", listed.applicant.id, links(listed).join(" ")))
        .collect()
}

/// `line: reason` of each refused row.
fn refusals(list: &List) -> Vec<String> {
    list.refused
        .iter()
        .map(|row| format!("{}: {}", row.line, row.reason))
        .collect()
}

fn saved(workbook: &mut Workbook) -> Vec<u8> {
    workbook.save_to_buffer().unwrap()
}

fn read_sheet(workbook: &mut Workbook) -> Result<List, IntakeError> {
    read(&saved(workbook), "reference", &GitHubHosts::default())
}

#[test]
fn every_column_of_the_contract_is_read() {
    let list = list(
        "id,name,email,github,kaggle,orcid,homepage,links,role,applied_at,legal_basis,Legal Basis At\n\
         17,Ada  Example,ada@example.org,octo-ada,ada_k,0000-0002-1825-0097,https://ada.example.org,,radiology,2026-01-31,consent,2026-01-30\n",
    );
    assert_eq!(list.refused, []);
    assert_eq!(list.notices, Vec::<String>::new());
    let listed = &list.applicants[0];
    assert_eq!((listed.line, listed.notices.len()), (2, 0));
    let applicant = &listed.applicant;
    assert_eq!(applicant.id.as_str(), "17");
    assert_eq!(applicant.name.as_deref(), Some("Ada Example"));
    assert_eq!(applicant.email.as_deref(), Some("ada@example.org"));
    assert_eq!(applicant.role, "radiology");
    assert_eq!(applicant.applied_at.as_deref(), Some("2026-01-31"));
    assert_eq!(applicant.legal_basis.as_deref(), Some("consent"));
    assert_eq!(
        applicant.legal_basis_at,
        Some(jiff::civil::date(2026, 1, 30))
    );
    assert_eq!(
        links(listed),
        [
            "https://github.com/octo-ada",
            "https://www.kaggle.com/ada_k",
            "https://orcid.org/0000-0002-1825-0097",
            "https://ada.example.org/",
        ]
    );
}

#[test]
fn headers_are_known_in_any_case_with_blanks_marks_and_separators() {
    for (what, text) in [
        ("capitals", "ID,GITHUB\n1,ada\n"),
        ("blanks", " Id , GitHub \n1,ada\n"),
        ("semicolons", "id;github\n1;ada\n"),
        ("tabs", "id\tgithub\n1\tada\n"),
        ("quotes", "\"id\",\"github\"\n\"1\",\"ada\"\n"),
        ("UTF-8 mark", "\u{feff}id,github\n1,ada\n"),
        ("CR LF", "id,github\r\n1,ada\r\n"),
        ("CR alone", "id,github\r1,ada\r"),
        ("no last line end", "id,github\n1,ada"),
        ("Excel's separator line", "sep=;\r\nid;github\r\n1;ada\r\n"),
        ("a remark above", "# made, by hand\nid;github\n1;ada\n"),
        ("running numbers", "#,id,github\n7,1,ada\n"),
        ("trailing separators", "id,github,,\n1,ada,,,\n"),
        ("JSON", "{\"Id\":1,\"GitHub\":\"ada\"}\n"),
        (
            "JSON with a mark",
            "\u{feff} {\"ID\":\"1\",\"github\":\"ada\"}",
        ),
    ] {
        assert_eq!(people(&list(text)), ["1: https://github.com/ada"], "{what}");
    }
    let applied =
        list("GitHub,Applied At,Legal-Basis,Home Page\nada,2026-01-31,consent,ada.example.org\n");
    let applicant = &applied.applicants[0].applicant;
    assert_eq!(applicant.applied_at.as_deref(), Some("2026-01-31"));
    assert_eq!(applicant.legal_basis.as_deref(), Some("consent"));
    assert_eq!(applicant.links.len(), 2);
}

#[test]
fn a_list_is_read_in_the_encodings_that_spreadsheets_write() {
    let text = "name,github\nZoë Müller,ada\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let western: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    for (bytes, told) in [
        (text.as_bytes().to_vec(), false),
        ([&b"\xEF\xBB\xBF"[..], text.as_bytes()].concat(), false),
        ([&b"\xFF\xFE"[..], &little].concat(), false),
        ([&b"\xFE\xFF"[..], &big].concat(), false),
        (western, true),
    ] {
        let list = read(&bytes, "reference", &GitHubHosts::default()).unwrap();
        assert_eq!(
            list.applicants[0].applicant.name.as_deref(),
            Some("Zoë Müller")
        );
        assert_eq!(
            list.notices
                .iter()
                .any(|text| text.contains("Windows-1252")),
            told
        );
    }
}

#[test]
fn a_bad_row_is_told_with_its_line_and_the_rest_goes_on() {
    let list = list(
        "id,name,github,links\r\n\
         1,\"A name\r\nwith a line end\",ada,\r\n\
         \r\n\
         2,,,\r\n\
         3,,https://gıthub.com/x,\r\n\
         bad id!,,bob,\r\n\
         5,carol\r\n\
         6,,dave,,surplus\r\n\
         7,,erin,\r\n\
         8,,frank,https://github.com/francis\r\n\
         ,,,\r\n\
         9,,grace,\r\n",
    );
    assert_eq!(
        people(&list),
        [
            "1: https://github.com/ada",
            "7: https://github.com/erin",
            "9: https://github.com/grace"
        ]
    );
    assert_eq!(
        list.applicants
            .iter()
            .map(|listed| listed.line)
            .collect::<Vec<_>>(),
        [2, 10, 13]
    );
    let refused = refusals(&list);
    for (refusal, begins) in refused.iter().zip([
        "5: no link",
        "6: github: \"xn--gthub-n4a.com\" looks like github.com",
        "7: \"bad id!\" is no applicant id",
        "8: 2 cells where the header has 4",
        "9: 5 cells where the header has 4",
        "11: two GitHub accounts",
    ]) {
        assert!(
            refusal.starts_with(begins),
            "{refusal:?} should begin with {begins:?}"
        );
    }
    assert_eq!(refused.len(), 6, "{refused:?}");
}

#[test]
fn a_cell_that_is_too_long_refuses_its_row_alone() {
    let long = "x".repeat(LONGEST_CELL + 1);
    for text in [
        format!("name,github\n{long},ada\nBob,bob\n"),
        format!("{{\"name\":\"{long}\",\"github\":\"ada\"}}\n{{\"github\":\"bob\"}}\n"),
    ] {
        let list = list(&text);
        assert_eq!(people(&list), ["github:bob: https://github.com/bob"]);
        assert_eq!(list.refused[0].reason, RowError::CellTooLong);
    }
    let never_closed = list(&format!(
        "name,github\nBob,bob\n\"Ada,ada\n{}",
        "Eve,eve\n".repeat(5_000)
    ));
    assert_eq!(
        people(&never_closed),
        ["github:bob: https://github.com/bob"]
    );
    assert!(
        refusals(&never_closed)[0]
            .contains("3: a cell is longer than 16 KiB; perhaps a quotation mark")
    );
}

#[test]
fn unknown_columns_are_told_once_with_the_nearest_name() {
    let list =
        list("gitub,github,Kaggle URL,shoe size,Shoe size,\nx,ada,y,44,44,\nx,bob,y,44,44,\n");
    assert_eq!(list.applicants.len(), 2);
    assert_eq!(
        list.notices,
        [
            "the column \"gitub\" is not known and was left out; did you mean github?",
            "the column \"Kaggle URL\" is not known and was left out; did you mean kaggle?",
            "the column \"shoe size\" is not known and was left out",
            "the column \"Shoe size\" is not known and was left out",
        ]
    );
    let json = super::tests::list(
        "{\"github\":\"ada\",\"gitub\":1}\n{\"github\":\"bob\",\"gitub\":{\"deep\":[]}}\n",
    );
    assert_eq!(json.notices.len(), 1, "{:?}", json.notices);
    let twice =
        super::tests::list("github,GitHub,links,links\n,ada,ada.example.org,kaggle.com/ada\n");
    assert_eq!(twice.applicants[0].applicant.links.len(), 3);
    assert!(
        twice.notices[0].contains("several columns github"),
        "{:?}",
        twice.notices
    );
}

#[test]
fn a_text_without_a_header_is_a_list_of_links_one_line_an_applicant() {
    let list = list(
        "# pasted from a mail\n\
         https://github.com/ada\n\
         \n\
         @bob\r\n\
         [Carol](https://github.com/carol), kaggle.com/carol\n\
         dave\n\
         https://linkedin.com/in/erin\n",
    );
    assert_eq!(
        people(&list),
        [
            "github:ada: https://github.com/ada",
            "github:bob: https://github.com/bob",
            "github:carol: https://github.com/carol https://www.kaggle.com/carol",
        ]
    );
    let refused = refusals(&list);
    assert!(
        refused[0].starts_with("6: links: \"dave\" could be"),
        "{refused:?}"
    );
    assert!(
        refused[1].starts_with("7: links: plaudit does not read LinkedIn"),
        "{refused:?}"
    );
    assert_eq!(
        people(&super::tests::list("[x](https://github.com/ada)")),
        ["github:ada: https://github.com/ada"]
    );
}

#[test]
fn the_links_column_holds_several() {
    for cell in [
        "github.com/ada kaggle.com/ada",
        "github.com/ada; kaggle.com/ada",
        "github.com/ada|kaggle.com/ada",
        "\"github.com/ada,kaggle.com/ada\"",
        "\"github.com/ada\nkaggle.com/ada\"",
        "GitHub: ada Kaggle: ada",
    ] {
        let list = list(&format!("id\tlinks\n1\t{cell}\n"));
        assert_eq!(
            people(&list),
            ["1: https://github.com/ada https://www.kaggle.com/ada"],
            "{cell:?}"
        );
    }
    let json = list("{\"id\":1,\"links\":[\"@ada\",\"kaggle.com/ada\",null]}");
    assert_eq!(
        people(&json),
        ["1: https://github.com/ada https://www.kaggle.com/ada"]
    );
}

#[test]
fn a_bad_link_among_good_ones_is_told_and_left_out_unless_the_column_names_the_source() {
    let list = list(
        "github,homepage,links\n\
         ada,https://linkedin.com/in/ada,\n\
         bob,,nonsense kaggle.com/bob\n\
         not a login,,kaggle.com/carol\n",
    );
    assert_eq!(
        people(&list),
        [
            "github:ada: https://github.com/ada",
            "github:bob: https://github.com/bob https://www.kaggle.com/bob"
        ]
    );
    assert!(
        list.applicants[0].notices[0]
            .contains("homepage: left out: plaudit does not read LinkedIn")
    );
    assert!(list.applicants[1].notices[0].contains("links: left out: \"nonsense\""));
    assert!(
        refusals(&list)[0].starts_with("4: github: \"not a login\""),
        "{:?}",
        list.refused
    );
}

#[test]
fn a_profile_goes_before_a_repository_of_somebody_else() {
    let list = list(
        "id,github,links\n\
         1,,https://github.com/pytorch/pytorch/pull/1 https://github.com/ada\n\
         2,bob,https://github.com/pytorch/pytorch/pull/2\n\
         3,,https://github.com/pytorch/pytorch/pull/3\n\
         4,,https://github.com/pytorch/pytorch/pull/4\n",
    );
    assert_eq!(
        people(&list),
        [
            "1: https://github.com/ada",
            "2: https://github.com/bob",
            "3: https://github.com/pytorch",
            "4: https://github.com/pytorch",
        ]
    );
    assert!(list.applicants[2].notices[0].contains("who owns what was linked"));
}

#[test]
fn a_pasted_page_of_links_is_cut() {
    let cell = "kaggle.com/ada ".repeat(60);
    let list = list(&format!("id,links\n1,@ada {cell}\n"));
    assert_eq!(
        people(&list),
        ["1: https://github.com/ada https://www.kaggle.com/ada"]
    );
    assert_eq!(
        list.applicants[0].notices,
        ["more than 50 links; the rest was left out"]
    );
}

#[test]
fn words_that_say_nothing_are_empty_cells() {
    let list = list("id,github,kaggle,links\n1,ada,none,-\n2,N/A,n/a,\n3,None,bob,–\n");
    assert_eq!(
        people(&list),
        ["1: https://github.com/ada", "3: https://www.kaggle.com/bob"]
    );
    assert!(list.applicants[0].notices[0].contains("\"none\" was read as an empty cell"));
    assert_eq!(list.refused[0].reason, RowError::NoLink);
}

#[test]
fn the_same_person_twice_is_one_applicant() {
    let list = list(
        "id,name,github,kaggle\n\
         1,,ada,\n\
         2,,bob,\n\
         1,Ada,,ada-k\n\
         9,,BOB,bob-k\n\
         ,,,ada-k\n\
         ,,carol,\n\
         5,Carol,Carol,\n",
    );
    assert_eq!(list.refused, []);
    assert_eq!(
        people(&list),
        [
            "1: https://github.com/ada https://www.kaggle.com/ada-k",
            "2: https://github.com/bob https://www.kaggle.com/bob-k",
            "5: https://github.com/carol",
        ]
    );
    assert_eq!(list.applicants[0].applicant.name.as_deref(), Some("Ada"));
    assert_eq!(
        list.applicants[0].notices,
        [
            "line 2 and line 4 are the same person and were merged",
            "line 2 and line 6 are the same person and were merged",
        ]
    );
    assert_eq!(
        list.applicants[1].notices,
        ["line 3 and line 5 are the same person and were merged; the id 2 stays, not 9"]
    );
}

#[test]
fn a_row_that_ties_two_earlier_ones_together_makes_them_one() {
    let list = list("github,kaggle\nada,\n,ada-k\nbob,\nada,ada-k\n,ADA-K\n");
    assert_eq!(
        people(&list),
        [
            "github:ada: https://github.com/ada https://www.kaggle.com/ada-k",
            "github:bob: https://github.com/bob",
        ]
    );
    assert_eq!(list.refused, []);
}

#[test]
fn contradicting_accounts_of_one_person_are_a_bad_row() {
    let list = list(
        "id,github,kaggle\n\
         1,ada,\n\
         1,eve,\n\
         2,bob,bob-k\n\
         3,bob,eve-k\n\
         4,carol,carol-k\n\
         5,ada,carol-k\n",
    );
    assert_eq!(
        people(&list),
        [
            "1: https://github.com/ada",
            "2: https://github.com/bob https://www.kaggle.com/bob-k",
            "4: https://github.com/carol https://www.kaggle.com/carol-k",
        ]
    );
    let refused = refusals(&list);
    assert!(
        refused[0].starts_with(
            "3: the same person as line 2, but with the GitHub account https://github.com/eve"
        ),
        "{refused:?}"
    );
    assert!(
        refused[1].starts_with("5: the same person as line 4, but with the Kaggle"),
        "{refused:?}"
    );
    assert!(
        refused[2].starts_with("7: the same person as line 2 and line 6 at once"),
        "{refused:?}"
    );
}

#[test]
fn hostile_text_is_made_harmless() {
    let list = list(
        "id,name,github,legal_basis,role,email\n\
         1,\"=cmd|' /C calc'!A0 \u{1b}[31m\u{202e}evil\",ada,\"<script>\u{0007}x\",..%2f,a@b\n\
         2,\"\u{200b}\",bob,,,\"Bob <mailto:bob@example.org>\"\n\
         3,,carol,,../../etc/passwd,\n\
         4,,dave,,,x\u{1b}@example.org\n",
    );
    assert!(
        refusals(&list)[0].contains("is no role"),
        "{:?}",
        list.refused
    );
    assert!(
        refusals(&list)[1].contains("is no role"),
        "{:?}",
        list.refused
    );
    let bob = &list.applicants[0].applicant;
    assert_eq!(
        (bob.name.as_deref(), bob.email.as_deref()),
        (None, Some("bob@example.org"))
    );
    assert_eq!(list.applicants[1].applicant.email, None);
    assert!(list.applicants[1].notices[0].starts_with("email: it does not look like"));
    let json = super::tests::list(
        r#"{"github":"ada","name":"\u001b[31m\u202eevil\u0000","legal_basis":"a\nb","email":"no mail"}"#,
    );
    let ada = &json.applicants[0].applicant;
    assert_eq!(ada.name.as_deref(), Some("[31mevil"));
    assert_eq!(ada.legal_basis.as_deref(), Some("a b"));
    assert_eq!(ada.email, None);
}

#[test]
fn the_day_of_the_application_is_kept_when_it_is_one() {
    for (written, kept) in [
        ("2026-01-31", Some("2026-01-31")),
        ("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00Z")),
        ("2026-01-31T12:00:00+02:00", Some("2026-01-31T10:00:00Z")),
        ("2026-01-31 12:00:00Z", Some("2026-01-31T12:00:00Z")),
        ("2026-01-31T12:00:00", Some("2026-01-31")),
        ("2026-01-31 12:00", Some("2026-01-31")),
        ("31.01.2026", None),
        ("01/02/2026", None),
        ("20260131", None),
        ("2026-02-30", None),
        ("soon", None),
        ("2026-01-31-2026-02-01", None),
    ] {
        let list = list(&format!("github,applied_at\nada,{written}\n"));
        let listed = &list.applicants[0];
        assert_eq!(listed.applicant.applied_at.as_deref(), kept, "{written:?}");
        assert_eq!(listed.notices.is_empty(), kept.is_some(), "{written:?}");
    }
}

#[test]
fn a_line_of_json_that_is_no_object_is_a_bad_row() {
    let list = list(
        "{\"github\":\"ada\"}\n\
         {\"github\":\n\
         [1]\n\
         \n\
         \"https://github.com/x\"\n\
         {\"github\":[\"a\",\"b\"]}\n\
         {\"github\":true}\n\
         {\"kaggle\":\"bob\"}\r\n",
    );
    assert_eq!(
        people(&list),
        [
            "github:ada: https://github.com/ada",
            "kaggle:bob: https://www.kaggle.com/bob"
        ]
    );
    assert_eq!(
        refusals(&list),
        [
            "2: no JSON object: it is cut off, at character 10",
            "3: no JSON object: it is another kind of value, at character 0",
            "5: no JSON object: it is another kind of value, at character 22",
            "6: github: a text was expected; only links may be a list of texts",
            "7: github: a text was expected; only links may be a list of texts",
        ]
    );
}

#[test]
fn what_is_no_list_is_refused_with_a_hint() {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    pdf.extend([0, 1, 2, 255]);
    for (bytes, words) in [
        (&b""[..], "empty"),
        (b"  \n\t\r\n", "empty"),
        (b"\xEF\xBB\xBF", "empty"),
        (b"id,name,github\n", "no applicants"),
        (b"id,name,github\n,,\n\n", "no applicants"),
        (&pdf, "PDF"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old Excel file (.xls)"),
        (b"\x1F\x8B\x08\x00", "gzip"),
        (b"\x89PNG\r\n\x1A\n", "picture"),
        (b"id,github\n1,a\x00b\n", "binary"),
        (b"\xFF\x01\x02\x80", "binary"),
        (b"<!DOCTYPE html><html>", "web page"),
        (
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            "empty archive",
        ),
        (b"PK\x03\x04 nonsense", "spreadsheet cannot be read"),
        (b"[{\"github\":\"ada\"}]", "jq -c"),
        (b"{\n  \"github\": \"ada\"\n}\n", "jq -c"),
        (
            b"Vorname,Nachname\nAda,Example\n",
            "no column of the list is known",
        ),
        (b"gitub;shoes\nada;44\n", "perhaps meaning github"),
        (b"name,email\nAda,ada@example.org\n", "no column with links"),
        (b"octocat\n", "no column of the list is known"),
    ] {
        let error = read(bytes, "reference", &GitHubHosts::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(words),
            "{:?}: {error}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn lists_have_limits() {
    let large = vec![b'x'; LARGEST_LIST + 1];
    assert!(matches!(
        read(&large, "reference", &GitHubHosts::default()),
        Err(IntakeError::TooLarge { .. })
    ));
    let mut many = String::from("github\n");
    for _ in 0..=MOST_ROWS {
        many.push_str("!\n");
    }
    assert_eq!(read_text(&many), Err(IntakeError::TooManyRows));
    let wide = format!("github{}\nada\n", ",x".repeat(300));
    assert!(
        read_text(&wide)
            .unwrap_err()
            .to_string()
            .contains("256 columns")
    );
}

#[test]
fn ten_thousand_rows_are_read_and_duplicates_in_any_number_are_one() {
    let mut text = String::from("id,name,github,kaggle,links\n");
    for number in 0..10_000 {
        writeln!(
            text,
            "{number},Name {number},login-{number},name-{number},https://p{number}.example.org"
        )
        .unwrap();
    }
    let distinct = list(&text);
    assert_eq!(
        (distinct.applicants.len(), distinct.refused.len()),
        (10_000, 0)
    );
    assert_eq!(distinct.applicants[9_999].line, 10_001);
    let same = list(&format!("github\n{}", "ada\n".repeat(10_000)));
    assert_eq!(same.applicants.len(), 1);
    assert_eq!(same.applicants[0].notices.len(), 20);
}

#[test]
fn links_on_the_command_line_are_an_applicant_each() {
    let given: Vec<String> = [
        "https://github.com/ada",
        "@bob",
        "kaggle.com/ada",
        "octocat",
        "applicants.csv",
        "github.com/ADA/",
        "https://ada.example.org/a,b",
    ]
    .map(str::to_owned)
    .to_vec();
    let list = from_links(&given, "reference", &GitHubHosts::default()).unwrap();
    let ids: Vec<&str> = list
        .applicants
        .iter()
        .map(|listed| listed.applicant.id.as_str())
        .collect();
    assert_eq!(ids[..3], ["github:ada", "github:bob", "kaggle:ada"]);
    assert!(ids[3].starts_with("page:"), "{ids:?}");
    assert_eq!(links(&list.applicants[3]), ["https://ada.example.org/a,b"]);
    assert_eq!(
        list.applicants[0].notices,
        ["link 1 and link 6 are the same person and were merged"]
    );
    assert_eq!(
        list.refused.iter().map(|row| row.line).collect::<Vec<_>>(),
        [4, 5]
    );
    assert!(refusals(&list)[1].contains("--from applicants.csv"));
    assert_eq!(list.applicants[0].applicant.role, "reference");
    assert_eq!(
        from_links(&[], "reference", &GitHubHosts::default()),
        Err(IntakeError::NoRows)
    );
}

#[test]
fn enterprise_accounts_have_ids_of_their_own() {
    let hosts = GitHubHosts::new(vec![
        "github.com".parse().unwrap(),
        "ghe.example.com".parse().unwrap(),
    ]);
    let list = read(
        b"links\ngithub.com/ada\nghe.example.com/ada\n",
        "reference",
        &hosts,
    )
    .unwrap();
    assert_eq!(
        people(&list),
        [
            "github:ada: https://github.com/ada",
            "github:ada@ghe.example.com: https://ghe.example.com/ada"
        ]
    );
}

#[test]
fn a_spreadsheet_is_read_as_it_is_shown() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Applicants").unwrap();
    for (column, header) in (0..).zip(["ID", "Name", "GitHub", "Links", "applied_at", "shoe size"])
    {
        sheet.write(1, column, header).unwrap();
    }
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write(2, 0, 17).unwrap();
    sheet.write(2, 1, "Zoë \u{1b}[31m").unwrap();
    sheet.write(2, 2, "ada").unwrap();
    sheet
        .write(2, 3, "kaggle.com/ada; https://ada.example.org")
        .unwrap();
    sheet
        .write_with_format(2, 4, ExcelDateTime::from_ymd(2026, 1, 31).unwrap(), &day)
        .unwrap();
    sheet.write(2, 5, 44).unwrap();
    sheet
        .write(4, 2, Formula::new("=LOWER(\"BOB\")").set_result("bob"))
        .unwrap();
    sheet
        .write_with_format(
            4,
            4,
            ExcelDateTime::from_ymd(2026, 2, 1)
                .unwrap()
                .and_hms(13, 30, 0)
                .unwrap(),
            &moment,
        )
        .unwrap();
    sheet
        .write(
            5,
            2,
            Url::new("https://evil.example").set_text("https://github.com/carol"),
        )
        .unwrap();
    sheet.write(6, 1, "nobody").unwrap();
    sheet
        .write(7, 2, Formula::new("=1/0").set_result("#DIV/0!"))
        .unwrap();
    workbook
        .add_worksheet()
        .set_name("Notes")
        .unwrap()
        .write(0, 0, "x")
        .unwrap();
    let list = read_sheet(&mut workbook).unwrap();
    assert_eq!(list.counted, Counted::Row);
    let ada = &list.applicants[0];
    assert_eq!((ada.line, ada.applicant.id.as_str()), (3, "17"));
    assert_eq!(ada.applicant.name.as_deref(), Some("Zoë [31m"));
    assert_eq!(ada.applicant.applied_at.as_deref(), Some("2026-01-31"));
    assert_eq!(ada.applicant.links.len(), 3);
    let bob = &list.applicants[1];
    assert_eq!((bob.line, bob.applicant.id.as_str()), (5, "github:bob"));
    assert_eq!(bob.applicant.applied_at.as_deref(), Some("2026-02-01"));
    assert_eq!(links(&list.applicants[2]), ["https://github.com/carol"]);
    assert_eq!(
        list.refused.iter().map(|row| row.line).collect::<Vec<_>>(),
        [7, 8]
    );
    assert_eq!(list.refused[0].reason, RowError::NoLink);
    assert_eq!(
        list.notices,
        [
            "the column \"shoe size\" is not known and was left out",
            "only the sheet \"Applicants\" was read; the others were left out: Notes"
        ]
    );
}

#[test]
fn a_spreadsheet_without_a_header_is_a_list_of_links() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 1, "https://github.com/ada").unwrap();
    sheet.write(0, 2, "https://kaggle.com/ada").unwrap();
    sheet.write(1, 1, "@bob").unwrap();
    let list = read_sheet(&mut workbook).unwrap();
    assert_eq!(
        people(&list),
        [
            "github:ada: https://github.com/ada https://www.kaggle.com/ada",
            "github:bob: https://github.com/bob"
        ]
    );
}

#[test]
fn a_spreadsheet_of_ten_thousand_rows_is_read() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "github").unwrap();
    for row in 1..=10_000 {
        sheet.write(row, 0, format!("login-{row}")).unwrap();
    }
    let list = read_sheet(&mut workbook).unwrap();
    assert_eq!((list.applicants.len(), list.refused.len()), (10_000, 0));
    assert_eq!(list.applicants[9_999].line, 10_001);
}

#[test]
fn cells_far_apart_make_no_rectangle() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "github").unwrap();
    sheet.write(1, 0, "ada").unwrap();
    sheet.write(1_048_575, 16_383, "far away").unwrap();
    let list = read_sheet(&mut workbook).unwrap();
    assert_eq!(people(&list), ["github:ada: https://github.com/ada"]);
}

#[test]
fn an_empty_workbook_is_an_empty_list() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet();
    assert_eq!(read_sheet(&mut workbook), Err(IntakeError::Empty));
    let mut header = Workbook::new();
    header.add_worksheet().write(0, 0, "github").unwrap();
    assert_eq!(read_sheet(&mut header), Err(IntakeError::NoRows));
}

/// A ZIP archive with these parts.
fn archive(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    use std::io::Write as _;

    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The parts of a small workbook that is good.
pub(super) fn good_parts() -> Vec<(String, Vec<u8>)> {
    use std::io::Read as _;

    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip([["id", "github"], ["1", "ada"], ["2", "bob"]]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    let bytes = saved(&mut workbook);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|place| {
            let mut part = archive.by_index(place).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            (name, content)
        })
        .collect()
}

/// A workbook whose part `name` is `content`.
pub(super) fn with_part(name: &str, content: Vec<u8>) -> Vec<u8> {
    let mut parts = good_parts();
    parts.retain(|(other, _)| other != name);
    parts.push((name.to_owned(), content));
    let parts: Vec<(&str, Vec<u8>)> = parts
        .iter()
        .map(|(name, content)| (name.as_str(), content.clone()))
        .collect();
    archive(&parts)
}

#[test]
fn a_spreadsheet_that_swells_is_refused() {
    let texts = |count: &str| {
        format!("<?xml version=\"1.0\"?><sst uniqueCount=\"{count}\"><si><t>id</t></si></sst>")
            .into_bytes()
    };
    let wide: Vec<u8> = texts("999999999999")
        .into_iter()
        .flat_map(|byte| [byte, 0])
        .collect();
    for (what, name, content, words) in [
        (
            "zeros",
            "xl/media/image1.png",
            vec![0; 129 << 20],
            "128 MiB of parts",
        ),
        (
            "styles",
            "xl/styles.xml",
            vec![b' '; 5 << 20],
            "4 MiB of styles",
        ),
        (
            "texts",
            "xl/sharedStrings.xml",
            vec![b' '; 65 << 20],
            "64 MiB of texts",
        ),
        (
            "count",
            "xl/sharedStrings.xml",
            texts("999999999999"),
            "announces more texts",
        ),
        (
            "count beyond any number",
            "xl/sharedStrings.xml",
            texts("99999999999999999999999999"),
            "announces more texts",
        ),
        (
            "count in UTF-16",
            "xl/SharedStrings.xml",
            wide,
            "announces more texts",
        ),
    ] {
        let bytes = with_part(name, content);
        assert!(bytes.len() < 1 << 20, "{what}: the file itself is small");
        let error = read(&bytes, "reference", &GitHubHosts::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains(words), "{what}: {error}");
    }
    let good = with_part("docProps/extra.xml", b"<x/>".to_vec());
    assert_eq!(
        read(&good, "reference", &GitHubHosts::default())
            .unwrap()
            .applicants
            .len(),
        2
    );
}

#[test]
fn another_archive_is_no_spreadsheet() {
    let bytes = archive(&[("readme.txt", b"hello".to_vec())]);
    let error = read(&bytes, "reference", &GitHubHosts::default()).unwrap_err();
    assert!(
        matches!(error, IntakeError::Spreadsheet { .. }),
        "{error:?}"
    );
    let mut cut = with_part("docProps/extra.xml", b"<x/>".to_vec());
    cut.truncate(cut.len() / 2);
    assert!(read(&cut, "reference", &GitHubHosts::default()).is_err());
}

#[test]
fn a_row_number_beyond_every_sheet_is_no_panic() {
    // Found by damaging workbooks: the parser's arithmetic overflows, and in a debug build that panics.
    let name = "xl/worksheets/sheet1.xml";
    let sheet = good_parts()
        .into_iter()
        .find(|(part, _)| part == name)
        .map(|(_, content)| String::from_utf8(content).unwrap())
        .unwrap();
    for number in ["99999999999", "4294967296", "0", "-1"] {
        let damaged = sheet.replace("<row r=\"2\"", &format!("<row r=\"{number}\""));
        assert_ne!(damaged, sheet);
        let read = read(
            &with_part(name, damaged.into_bytes()),
            "reference",
            &GitHubHosts::default(),
        );
        assert!(
            matches!(read, Ok(_) | Err(IntakeError::Spreadsheet { .. })),
            "{number}: {read:?}"
        );
    }
}

#[test]
fn a_row_whose_legal_basis_begins_on_a_day_that_has_begun_nowhere_is_refused() {
    let mut list = list(
        "github,legal_basis,legal_basis_at\n\
         ada,consent,2026-11-30\n\
         bob,consent,2026-12-01\n\
         cleo,consent,2026-12-02\n\
         dan,consent,2099-01-01\n\
         eve,,\n",
    );
    // At UTC+14 it is the 1st of December already.
    list.refuse_later_legal_basis("2026-11-30T10:00:00Z".parse().unwrap());
    let refused: Vec<u64> = list.refused.iter().map(|row| row.line).collect();
    assert_eq!((list.applicants.len(), refused), (3, vec![4, 5]));
    let told = list.refused[1].reason.to_string();
    assert!(
        told.starts_with("legal_basis_at: 2099-01-01 is not here yet"),
        "{told}"
    );
}

#[test]
fn where_a_legal_basis_is_asked_for_rows_without_it_or_its_day_are_refused_with_their_line() {
    let mut list = list(
        "github,legal_basis,legal_basis_at\n\
         ada,consent,2026-01-30\n\
         bob,consent,\n\
         cleo,,2026-01-30\n\
         dan,consent,last week\n\
         ada,consent,2026-02-01T23:30:00-05:00\n",
    );
    assert_eq!(
        list.applicants.len(),
        4,
        "without being asked for, nobody is refused"
    );
    list.refuse_without_legal_basis();
    let ids: Vec<&str> = list
        .applicants
        .iter()
        .map(|one| one.applicant.id.as_str())
        .collect();
    assert_eq!(ids, ["github:ada"]);
    let told: Vec<String> = list
        .refused
        .iter()
        .map(|row| format!("{} {}", row.line, row.reason))
        .collect();
    for (told, words) in told
        .iter()
        .zip(["3 since when", "4 on what legal basis", "5 since when"])
    {
        assert!(told.starts_with(words), "{told}");
        assert!(
            told.contains("legal_basis_at (such as 2026-01-31)"),
            "{told}"
        );
    }
    assert_eq!(told.len(), 3);
}

#[test]
fn a_day_belongs_to_its_legal_basis() {
    let list = list(
        "github,legal_basis,legal_basis_at\n\
         ada,consent,\n\
         ada,contract,2026-01-30\n\
         bob,,\n\
         bob,consent,2026-02-01T23:30:00-05:00\n",
    );
    let basis = |place: usize| {
        let applicant = &list.applicants[place].applicant;
        (applicant.legal_basis.as_deref(), applicant.legal_basis_at)
    };
    assert_eq!(basis(0), (Some("consent"), None));
    assert_eq!(
        basis(1),
        (Some("consent"), Some(jiff::civil::date(2026, 2, 2)))
    );
}
