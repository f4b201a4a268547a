//! Downloads: the way to the storage, whole files and parts, hashes, addresses that expire.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use reqwest::StatusCode;

use super::{
    super::{KaggleBehaviour, KaggleFault, KaggleStandIn, RequestKind},
    client, get, header, start, with_files,
};

/// The storage's address of a file.
pub(super) async fn address(stand_in: &KaggleStandIn, file: &str) -> String {
    let path = format!("/api/v1/datasets/download/kaggle/meta-kaggle{file}");
    let response = get(stand_in, &path).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    header(&response, "location").to_owned()
}

#[tokio::test]
async fn a_file_comes_from_the_storage_whole_or_in_parts_with_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let stand_in = start(with_files(folder.path())).await;
    let to = address(&stand_in, "/Competitions.csv").await;
    assert!(to.starts_with(&format!("{}/storage/", stand_in.url())));
    let response = client().get(&to).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type"), "text/csv");
    assert_eq!(
        header(&response, "last-modified"),
        "Sat, 31 Oct 2026 04:12:07 GMT"
    );
    let etag = header(&response, "etag").to_owned();
    let hash = header(&response, "x-goog-hash").to_owned();
    let length: usize = header(&response, "content-length").parse().unwrap();
    let whole = response.bytes().await.unwrap();
    assert_eq!(whole.len(), length);
    assert_eq!(
        whole,
        std::fs::read(folder.path().join("Competitions.csv")).unwrap()
    );
    let md5 = STANDARD.encode(Md5::digest(&whole));
    let (crc32c, told) = hash.split_once(",md5=").unwrap();
    assert!(
        crc32c.starts_with("crc32c=") && crc32c.ends_with("=="),
        "{hash}"
    );
    assert_eq!(told, md5);

    let part = |range: &str| client().get(&to).header("range", range);
    let response = part("bytes=100-").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        header(&response, "content-range"),
        format!("bytes 100-{}/{length}", length - 1)
    );
    assert_eq!(header(&response, "x-goog-hash"), hash);
    assert_eq!(response.bytes().await.unwrap(), whole[100..]);
    let response = part(&format!("bytes={length}-")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(
        header(&response, "content-range"),
        format!("bytes */{length}")
    );
    let response = part("bytes=5-9")
        .header("if-range", &etag)
        .send()
        .await
        .unwrap();
    assert_eq!(response.bytes().await.unwrap(), whole[5..10]);
    let response = part("bytes=5-9")
        .header("if-range", "\"older\"")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.bytes().await.unwrap().len(), length);

    let response = get(
        &stand_in,
        "/api/v1/datasets/download/kaggle/meta-kaggle/Nothing.csv",
    );
    assert_eq!(
        response.send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    let report = stand_in.report();
    assert_eq!(report.count(RequestKind::Download), 2);
    assert_eq!(report.count(RequestKind::Storage), 5);
    assert!(report.bytes_sent >= (3 * length - 95) as u64);
    stand_in.stop().await;
}

#[tokio::test]
async fn a_file_comes_as_a_zip_of_itself_and_the_data_set_as_one_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let stand_in = start(KaggleBehaviour {
        as_zip: true,
        hashes_apart: true,
        ..with_files(folder.path())
    })
    .await;
    for (file, names) in [
        ("/Teams.csv", vec!["Teams.csv"]),
        (
            "",
            vec![
                "Users.csv",
                "UserAchievements.csv",
                "Teams.csv",
                "TeamMemberships.csv",
                "Competitions.csv",
            ],
        ),
    ] {
        let to = address(&stand_in, file).await;
        let response = client().get(&to).send().await.unwrap();
        assert_eq!(header(&response, "content-type"), "application/zip");
        let hashes: Vec<_> = response
            .headers()
            .get_all("x-goog-hash")
            .iter()
            .cloned()
            .collect();
        let zipped = response.bytes().await.unwrap();
        assert_eq!(hashes.len(), 2);
        assert_eq!(
            hashes[1],
            format!("md5={}", STANDARD.encode(Md5::digest(&zipped)))
        );
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zipped)).unwrap();
        let inside = archive.file_names().map(|name| name.unwrap().into_owned());
        assert_eq!(inside.collect::<Vec<_>>(), names);
        let mut teams = Vec::new();
        std::io::copy(&mut archive.by_name("Teams.csv").unwrap(), &mut teams).unwrap();
        assert_eq!(
            teams,
            std::fs::read(folder.path().join("Teams.csv")).unwrap()
        );
    }
    stand_in.stop().await;
}

#[tokio::test]
async fn an_address_of_the_storage_expires_by_use_or_by_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let stand_in = start(KaggleBehaviour {
        link_uses: Some(1),
        ..with_files(folder.path())
    })
    .await;
    let to = address(&stand_in, "/Users.csv").await;
    let status = async || client().get(&to).send().await.unwrap().status();
    assert_eq!(status().await, StatusCode::OK);
    assert_eq!(status().await, StatusCode::FORBIDDEN);
    assert_ne!(address(&stand_in, "/Users.csv").await, to);
    stand_in.stop().await;
    let stand_in = start(KaggleBehaviour {
        one_time: vec![(RequestKind::Storage, 1, KaggleFault::ExpiredLink)],
        ..with_files(folder.path())
    })
    .await;
    let to = address(&stand_in, "/Users.csv").await;
    let status = async || client().get(&to).send().await.unwrap().status();
    assert_eq!(status().await, StatusCode::FORBIDDEN);
    assert_eq!(status().await, StatusCode::OK);
    stand_in.stop().await;
}

#[tokio::test]
async fn a_download_breaks_off_somewhere_and_a_hash_may_be_anothers() {
    let folder = tempfile::tempdir().unwrap();
    let mut lengths = BTreeSet::new();
    for seed in 0..4 {
        let stand_in = start(KaggleBehaviour {
            seed,
            one_time: vec![
                (RequestKind::Storage, 1, KaggleFault::Cut),
                (RequestKind::Storage, 2, KaggleFault::WrongHash),
            ],
            ..with_files(folder.path())
        })
        .await;
        let to = address(&stand_in, "/Teams.csv").await;
        let mut response = client().get(&to).send().await.unwrap();
        let announced: usize = header(&response, "content-length").parse().unwrap();
        let mut got = 0;
        let broken = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => got += chunk.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broken && got < announced, "{got} of {announced}");
        lengths.insert(got);
        let response = client().get(&to).send().await.unwrap();
        let hash = header(&response, "x-goog-hash").to_owned();
        let whole = response.bytes().await.unwrap();
        assert_eq!(whole.len(), announced);
        assert!(
            !hash.contains(&STANDARD.encode(Md5::digest(&whole))),
            "{hash}"
        );
        stand_in.stop().await;
    }
    assert!(lengths.len() > 1, "{lengths:?}");
}

#[tokio::test]
async fn a_host_without_a_folder_has_no_data_set() {
    let stand_in = start(KaggleBehaviour::default()).await;
    let response = get(
        &stand_in,
        "/api/v1/datasets/download/kaggle/meta-kaggle/Users.csv",
    );
    assert_eq!(
        response.send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    stand_in.stop().await;
}
