//! The doctor at hosts that do as was read, and at one that does not.

use std::io::{Cursor, Write};

use axum::response::{IntoResponse, Response};

use super::super::stand_in_tests::{Answers, Asked, bare, event, serve};
use super::*;

const MASTER: &[u8] =
    include_bytes!("../../../tests/fixtures/kaggle/mcp-get_user_profile-master.sse");
const NOT_FOUND: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[{"type":"text","text":"User not found"}]}}"#;

/// A file of the data set: its line of names, and rows until the beginning is full.
fn table(file: &str) -> String {
    let (_, table) = TABLES
        .into_iter()
        .find(|(_, table)| table.file() == file)
        .expect("a table");
    let names: Vec<String> = table
        .columns()
        .iter()
        .map(|column| format!("\"{column}\""))
        .collect();
    format!(
        "{},More\n{}",
        names.join(","),
        "1,2,3,\"4\n\"\n".repeat(2_000)
    )
}

/// The same, packed.
fn archive(file: &str, inside: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file(inside, options).expect("an entry");
    // What hardly packs follows, so that the archive is longer than its beginning.
    let mut random = fastrand::Rng::with_seed(7);
    let rest: String = (0..40_000).map(|_| random.alphanumeric()).collect();
    writer.write_all(table(file).as_bytes()).expect("written");
    writer.write_all(rest.as_bytes()).expect("written");
    writer.finish().expect("an archive").into_inner()
}

fn live(asked: &Asked) -> Response {
    let body = String::from_utf8_lossy(&asked.body);
    if body.contains("second-sample") {
        return ([("content-type", "text/event-stream")], MASTER).into_response();
    }
    event(NOT_FOUND)
}

fn ranged(bytes: &[u8]) -> Response {
    let headers = [
        (
            "content-range",
            format!("bytes 0-{}/{}", FIRST - 1, bytes.len()),
        ),
        (
            "x-goog-hash",
            "crc32c=n03x6A==,md5=XrY7u+Ae7tCTyyK7j1rNww==".to_owned(),
        ),
    ];
    let part = bytes.get(..FIRST).unwrap_or(bytes).to_vec();
    (axum::http::StatusCode::PARTIAL_CONTENT, headers, part).into_response()
}

/// Kaggle as it was read about, with its storage under another path; CSV and archive take turns.
fn as_read(asked: &Asked) -> Response {
    let file = asked.path.rsplit('/').next().unwrap_or_default().to_owned();
    if asked.path == "/mcp" {
        live(asked)
    } else if asked
        .path
        .starts_with("/api/v1/datasets/download/kaggle/meta-kaggle/")
    {
        let host = asked
            .headers
            .get("host")
            .and_then(|host| host.to_str().ok());
        let port = host
            .unwrap_or_default()
            .rsplit(':')
            .next()
            .unwrap_or_default();
        let to = format!("http://localhost:{port}/storage/{file}");
        (axum::http::StatusCode::FOUND, [("location", to)]).into_response()
    } else if asked
        .headers
        .get("range")
        .is_none_or(|range| range != "bytes=0-4095")
    {
        bare(400)
    } else if file.starts_with("User") {
        ranged(table(&file).as_bytes())
    } else {
        ranged(&archive(&file, &file))
    }
}

/// Kaggle after a change of everything.
fn otherwise(asked: &Asked) -> Response {
    match asked.path.rsplit('/').next().unwrap_or_default() {
        "mcp" => event(
            r#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[{"type":"text","text":"No."}]}}"#,
        ),
        "Users.csv" => "Id,Name,RegisterDate\n1,ada-example,\n".into_response(),
        "Teams.csv" => archive("Teams.csv", "Readme.md").into_response(),
        "Competitions.csv" => "no line".into_response(),
        "TeamMemberships.csv" => "TeamId,UserId\n".into_response(),
        _ => bare(404),
    }
}

async fn examined(answers: Answers, person: Option<&str>) -> Examination {
    let folder = tempfile::tempdir().expect("a folder");
    let connection = serve(answers, folder.path()).await;
    let person = person.map(|name| Handle::kaggle(name).expect("a name"));
    examine(&connection, person.as_ref()).await
}

fn verdict<'a>(examination: &'a Examination, name: &str) -> &'a Verdict {
    let found = examination
        .findings
        .iter()
        .find(|finding| finding.assumption.name == name);
    &found.expect("a finding").verdict
}

#[tokio::test]
async fn a_host_that_does_as_was_read_agrees() {
    let examination = examined(as_read, Some("second-sample")).await;
    for name in [
        "live-anonymous",
        "live-shape",
        "live-error",
        "live-nobody",
        "zeros-left-out",
        "download-redirect",
        "download-range",
        "download-hash",
        "download-format",
        "headers-users",
        "headers-achievements",
        "headers-teams",
        "headers-memberships",
        "headers-competitions",
    ] {
        assert_eq!(verdict(&examination, name), &Verdict::Agrees, "{name}");
    }
    assert_eq!(examination.requests, 12);
    assert_eq!(examination.findings.len(), ASSUMPTIONS.len());
}

#[tokio::test]
async fn without_a_name_two_things_stay_open_and_the_rest_does_not() {
    let examination = examined(as_read, None).await;
    for name in ["live-shape", "zeros-left-out"] {
        let expected = Verdict::NotChecked("needs the name of somebody with a profile".to_owned());
        assert_eq!(verdict(&examination, name), &expected, "{name}");
    }
    assert_eq!(verdict(&examination, "live-nobody"), &Verdict::Agrees);
    assert_eq!(examination.requests, 11);
}

#[tokio::test]
async fn a_host_that_does_otherwise_differs_and_how_is_told() {
    let examination = examined(otherwise, None).await;
    for (name, how) in [
        ("live-nobody", "it says \"No.\""),
        ("download-redirect", "Users.csv comes without a redirect"),
        (
            "download-range",
            "a range of Users.csv is answered with HTTP 200",
        ),
        ("download-hash", "Users.csv comes without one"),
        (
            "download-format",
            "Teams.csv: the archive begins with another file",
        ),
        ("headers-users", "it lacks UserName"),
    ] {
        assert_eq!(
            verdict(&examination, name),
            &Verdict::Differs(how.to_owned()),
            "{name}"
        );
    }
    let gone = verdict(&examination, "headers-achievements");
    assert!(
        matches!(gone, Verdict::Differs(how) if how.contains("HTTP 404")),
        "{gone:?}"
    );
    assert_eq!(
        verdict(&examination, "headers-memberships"),
        &Verdict::Agrees
    );
    assert!(matches!(
        verdict(&examination, "headers-teams"),
        Verdict::NotChecked(_)
    ));
}

#[tokio::test]
async fn a_host_that_asks_us_to_slow_down_is_asked_no_more() {
    let examination = examined(|_| bare(429), Some("second-sample")).await;
    assert_eq!(examination.requests, 1);
    let open = |verdict: &Verdict| matches!(verdict, Verdict::NotChecked(_));
    assert!(
        examination
            .findings
            .iter()
            .all(|finding| open(&finding.verdict))
    );
}
