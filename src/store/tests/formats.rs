//! Stores that earlier programs have left behind: all that was in them is there, and they become stores of today's format.

use std::fs;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::value::RawValue;

use super::*;

/// A line of a fixture; see tests/fixtures/stores/README.md.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Truth {
        id: ApplicantId,
        profile: Box<RawValue>,
        /// `None`: that program could not show them.
        earlier: Option<Vec<Box<RawValue>>>,
    },
    File {
        name: String,
        base64: String,
    },
}

const STORES: [(u32, &[u8]); 3] = [
    (
        1,
        include_bytes!("../../../tests/fixtures/stores/format-1.jsonl.zst"),
    ),
    (
        2,
        include_bytes!("../../../tests/fixtures/stores/format-2.jsonl.zst"),
    ),
    (
        3,
        include_bytes!("../../../tests/fixtures/stores/format-3.jsonl.zst"),
    ),
];

/// Lays the files of a fixture into a folder; what was in them.
fn unpack(packed: &[u8], folder: &Path) -> Vec<(ApplicantId, Profile, Option<Vec<Profile>>)> {
    let text = String::from_utf8(zstd::decode_all(packed).unwrap()).unwrap();
    let mut truth = Vec::new();
    fs::create_dir(folder.join("blobs")).unwrap();
    for line in text.lines() {
        match serde_json::from_str(line).unwrap() {
            Line::Truth {
                id,
                profile,
                earlier,
            } => {
                let read = |json: &RawValue| serde_json::from_str::<Profile>(json.get()).unwrap();
                let earlier = earlier.map(|all| all.iter().map(|one| read(one)).collect());
                truth.push((id, read(&profile), earlier));
            }
            Line::File { name, base64 } => {
                fs::write(folder.join(name), BASE64_STANDARD.decode(base64).unwrap()).unwrap();
            }
        }
    }
    truth
}

/// A profile to twelve digits: the last program of format 1 told numbers that it had read to within one unit of their last
/// place.
fn rounded(profile: &Profile) -> Value {
    fn round(value: &mut Value) {
        match value {
            Value::Number(number) if number.is_f64() => {
                *value = format!("{:.11e}", number.as_f64().unwrap()).into();
            }
            Value::Array(all) => all.iter_mut().for_each(round),
            Value::Object(all) => all.values_mut().for_each(round),
            _ => {}
        }
    }
    let mut json = serde_json::to_value(profile).unwrap();
    round(&mut json);
    json
}

#[tokio::test]
async fn a_store_of_any_earlier_format_keeps_all_that_was_in_it() {
    for (format, packed) in STORES {
        let folder = tempfile::tempdir().unwrap();
        let truth = unpack(packed, folder.path());
        assert_eq!(truth.len(), 4);
        let (store, opening) = open(folder.path()).await;
        assert_eq!(
            opening.recovered,
            ["the store was of an earlier format; it was written anew in today's"],
            "{format}"
        );
        assert_eq!(opening.missing, 0);
        for (id, profile, earlier) in &truth {
            let kept = store.profile(id).await.unwrap().unwrap();
            if format == 1 {
                assert_eq!(rounded(&kept), rounded(profile), "{id}");
            } else {
                assert_eq!(&kept, profile, "{format}: {id}");
            }
            let history = store.history(id).await.unwrap();
            assert!(!history.is_empty(), "{format}: {id}");
            if let Some(earlier) = earlier {
                let history: Vec<_> = history.into_iter().map(|one| one.profile).collect();
                assert_eq!(history, *earlier, "{format}: {id}");
            }
            let review = store.review(id).await.unwrap();
            assert_eq!(review, profile.review, "{format}: {id}");
        }
        let reviewed = store.review(&id("gen-000000")).await.unwrap();
        let entries = (reviewed.notes.len(), reviewed.adjustments.len());
        assert_eq!(entries, if format == 1 { (0, 0) } else { (1, 1) });
        let jobs = store.jobs().await.unwrap();
        let jobs: Vec<_> = jobs.iter().map(|job| job.applicant.as_str()).collect();
        assert_eq!(jobs, ["gen-000005", "gen-000006"]);
        assert_eq!(store.applicants().await.unwrap().len(), 6);
        let records = (
            store.count(Shelf::Tokens).await.unwrap(),
            store.count(Shelf::Endpoints).await.unwrap(),
        );
        assert_eq!(records, if format == 3 { (1, 1) } else { (0, 0) });
        assert_whole(&store).await;
        store.close().await.unwrap();

        let files = fs::read_dir(folder.path()).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        files.sort();
        assert_eq!(files, ["acknowledged", "engine.1", "lock"]);
        let (store, opening) = open(folder.path()).await;
        assert_eq!(opening.recovered, Vec::<String>::new());
        assert_eq!(opening.missing, 0);
        for (id, profile, _) in &truth {
            let kept = store.profile(id).await.unwrap().unwrap();
            assert_eq!(rounded(&kept), rounded(profile), "{format}: {id}");
        }
        store.close().await.unwrap();
    }
}
