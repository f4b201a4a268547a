//! Holding the assumptions against the live host: two questions to the live endpoint, and the first bytes of each
//! file of the data set. At most seven requests to Kaggle and five to its storage, at Kaggle's pace.
//!
//! The page is not looked at: that is prohibited unless it is switched on, and a doctor is no reason.

use std::io::Read;

use super::assumptions::{ASSUMPTIONS, TABLES};
use super::live::{Reply, question, read};
use super::{Connection, import};
use crate::domain::link::Handle;
use crate::http::{Account, Beginning, DownloadError, Downloader, HttpError, Version};
use crate::sources::examination::{Examination, Notes, Verdict};

/// A user name that nobody has, it is hoped.
const NOBODY: &str = "plaudit-doctor-no-such-user";

/// How much of each file is looked at. Bytes. The longest line of names has some 1,000.
const FIRST: usize = 4_096;

/// Asks the live host about every assumption that a few requests can settle. `person` is somebody with a profile.
pub async fn examine(connection: &Connection, person: Option<&Handle>) -> Examination {
    let mut notes = Notes::default();
    if let Ok(nobody) = Handle::kaggle(NOBODY) {
        let (reply, requests) = ask(connection, &nobody).await;
        notes.requests += requests;
        note_nobody(reply, &mut notes);
    }
    if let Some(person) = person {
        let (reply, requests) = ask(connection, person).await;
        notes.requests += requests;
        note_person(reply, &mut notes);
    }
    if connection.pool.accounts().iter().any(Account::has_token) {
        let why = "a credential was sent along; run doctor without one to check".to_owned();
        notes.set("live-anonymous", Verdict::NotChecked(why));
    }
    match Downloader::new(&connection.way_out, &connection.pool) {
        Ok(downloader) => {
            for (name, table) in TABLES {
                connection.ready().await;
                let request = import::question(&connection.url, table);
                let (beginning, spent) = downloader.beginning(&request, FIRST).await;
                connection.keep_waits();
                notes.requests += spent.requests;
                match beginning {
                    Ok(beginning) => {
                        note_file(name, table.file(), table.columns(), &beginning, &mut notes);
                    }
                    Err(error) => note_no_file(name, &error, &mut notes),
                }
            }
        }
        Err(error) => tracing::warn!(%error, "no client for downloads"),
    }
    Examination {
        tokens: Vec::new(),
        requests: notes.requests,
        findings: notes.findings(ASSUMPTIONS, |name| needs(name, person.is_some()).to_owned()),
    }
}

/// What an assumption that was not checked would need.
fn needs(name: &str, person: bool) -> &'static str {
    match name {
        "live-shape" | "zeros-left-out" if !person => "needs the name of somebody with a profile",
        "no-summary" | "hidden-words" | "opted-out-live" | "opted-out-rows" => {
            "needs an account whose owner says what it hides"
        }
        "renamed-live" | "renamed-rows" => "needs an account whose owner has renamed it",
        "page-generations" | "page-nobody" => "pages are not read for this",
        "back-filled-date" => "needs the whole of Teams.csv",
        _ => "Kaggle's answer did not hold what is needed",
    }
}

/// One question to the live endpoint.
async fn ask(connection: &Connection, handle: &Handle) -> (Result<Reply, HttpError>, u32) {
    let (answer, spent) = connection.send(question(&connection.url, handle)).await;
    let reply = answer.and_then(|answer| match answer.status {
        200 => Ok(read(&answer.body, handle)),
        status => Err(HttpError::Refused {
            host: connection.url.host_str().unwrap_or_default().to_owned(),
            status,
            why: "the endpoint is not there".to_owned(),
        }),
    });
    (reply, spent.requests)
}

/// What the answer about nobody shows.
fn note_nobody(reply: Result<Reply, HttpError>, notes: &mut Notes) {
    match reply {
        Ok(Reply::Nobody) => {
            for name in ["live-anonymous", "live-error", "live-nobody"] {
                notes.set(name, Verdict::Agrees);
            }
        }
        Ok(Reply::Error(text)) => {
            notes.set("live-anonymous", Verdict::Agrees);
            notes.set("live-error", Verdict::Agrees);
            notes.set("live-nobody", Verdict::Differs(format!("it says {text:?}")));
        }
        Ok(Reply::Profile(_)) => {
            let why = format!("{NOBODY} is answered with a profile");
            notes.set("live-nobody", Verdict::Differs(why));
        }
        Ok(Reply::Unusable(why)) => {
            notes.set("live-error", Verdict::Differs(why.clone()));
            notes.set("live-nobody", Verdict::Differs(why));
        }
        Err(
            HttpError::TokensRefused { .. }
            | HttpError::Refused {
                status: 401 | 403, ..
            },
        ) => {
            let why = "it refuses to answer without a token it takes".to_owned();
            notes.set("live-anonymous", Verdict::Differs(why));
        }
        Err(error @ HttpError::Refused { .. }) => {
            notes.set("live-error", Verdict::Differs(error.to_string()));
        }
        Err(error) => {
            for name in ["live-anonymous", "live-error", "live-nobody"] {
                notes.set(name, Verdict::NotChecked(error.to_string()));
            }
        }
    }
}

/// What the answer about a person shows.
fn note_person(reply: Result<Reply, HttpError>, notes: &mut Notes) {
    let unchecked = |why: String, notes: &mut Notes| {
        for name in ["live-shape", "zeros-left-out"] {
            notes.set(name, Verdict::NotChecked(why.clone()));
        }
    };
    match reply {
        Ok(Reply::Profile(profile)) => {
            notes.set("live-anonymous", Verdict::Agrees);
            notes.set("live-shape", Verdict::Agrees);
            if profile.opted_out == Some(true) || !profile.hidden.is_empty() {
                let why = "the person hides something, so nothing can be told from it".to_owned();
                notes.set("zeros-left-out", Verdict::NotChecked(why));
                return;
            }
            let unknown = profile
                .totals
                .values()
                .any(|totals| totals.medals.is_none());
            notes.check(
                "zeros-left-out",
                profile.opted_out == Some(false) && !unknown && !profile.totals.is_empty(),
                || {
                    "the profile does not say that nothing is hidden, so missing counts are unknown"
                        .to_owned()
                },
            );
        }
        Ok(Reply::Unusable(why)) => notes.set("live-shape", Verdict::Differs(why)),
        Ok(Reply::Nobody) => unchecked(
            "Kaggle knows nobody of the name that was given".to_owned(),
            notes,
        ),
        Ok(Reply::Error(text)) => unchecked(format!("it says {text:?}"), notes),
        Err(error) => unchecked(error.to_string(), notes),
    }
}

/// What the beginning of a file shows. Of the five, one that differs is told.
fn note_file(
    name: &'static str,
    file: &str,
    columns: &[&str],
    beginning: &Beginning,
    notes: &mut Notes,
) {
    let Beginning {
        status,
        redirected,
        version: Version { md5, .. },
        bytes,
    } = beginning;
    notes.check_also("download-redirect", *redirected, || {
        format!("{file} comes without a redirect")
    });
    notes.check_also("download-range", *status == 206, || {
        format!("a range of {file} is answered with HTTP {status}")
    });
    notes.check_also("download-hash", md5.is_some(), || {
        format!("{file} comes without one")
    });
    let line = match first_line(file, bytes) {
        Ok(line) => line,
        Err(why) => {
            notes.check_also("download-format", false, || format!("{file}: {why}"));
            return;
        }
    };
    notes.check_also("download-format", true, String::new);
    let there: Vec<&str> = line
        .split(',')
        .map(|column| column.trim().trim_matches('"'))
        .collect();
    let missing: Vec<&str> = columns
        .iter()
        .copied()
        .filter(|column| !there.contains(column))
        .collect();
    notes.check(name, missing.is_empty(), || {
        format!("it lacks {}", missing.join(", "))
    });
}

/// What it means that a file did not come.
fn note_no_file(name: &'static str, error: &DownloadError, notes: &mut Notes) {
    let verdict = match error {
        DownloadError::NotThere { .. } | DownloadError::Http(HttpError::Refused { .. }) => {
            Verdict::Differs(error.to_string())
        }
        _ => Verdict::NotChecked(error.to_string()),
    };
    notes.set(name, verdict);
}

/// The line of names at a file's beginning, taken out of the archive if it is one.
fn first_line(file: &str, bytes: &[u8]) -> Result<String, String> {
    let mut text = bytes.to_vec();
    if bytes.starts_with(b"PK\x03\x04") {
        let mut left = bytes;
        // The size is not always told before the bytes; what is here is all that is read.
        let size = bytes.len() as u64;
        let entry = zip::read::read_zipfile_from_stream_with_compressed_size(&mut left, size);
        let entry = entry.map_err(|error| format!("the archive cannot be read ({error})"))?;
        let entry = entry.ok_or("the archive is empty")?;
        let named_so = entry.name().is_ok_and(|name| name == file);
        if !named_so {
            return Err("the archive begins with another file".to_owned());
        }
        text = unpacked(entry);
    }
    let text = String::from_utf8_lossy(&text);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    match text.split_once('\n') {
        Some((line, _)) => Ok(line.trim_end_matches('\r').to_owned()),
        None => Err(format!("no line ends within its first {FIRST} bytes")),
    }
}

/// What can be unpacked of an archive of which only the beginning is here.
fn unpacked(entry: impl Read) -> Vec<u8> {
    let mut text = Vec::new();
    let mut buffer = [0; 256];
    let mut entry = entry.take(64 << 10);
    // The end is cut off, which is an error like any other; what came before it is good.
    while let Ok(read @ 1..) = entry.read(&mut buffer) {
        text.extend_from_slice(buffer.get(..read).unwrap_or_default());
    }
    text
}

#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
