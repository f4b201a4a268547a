//! Where tables may lie.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::SourceFile;
use super::*;

/// Packs files into an archive.
pub(super) fn pack(archive: &Path, files: &[(&str, &[u8])]) {
    let mut writer = ZipWriter::new(File::create(archive).unwrap());
    for (name, bytes) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn a_table_is_found_as_csv_packed_alone_or_packed_with_all() {
    let sheets = Sheets::small();
    let plain = sheets.index();
    let ada = plain.find("ada-example").unwrap();
    let bytes = Tables::in_folder(sheets.folder.path()).unwrap().bytes();

    let other = tempfile::tempdir().unwrap();
    let at = |name: &str| other.path().join(name);
    let text = |table: Table| sheets.tables[&table].as_slice();
    // As such, with the name behind it, with the name instead, under the CSV's own name.
    fs::write(at("Users.csv"), text(Table::Users)).unwrap();
    pack(&at("Teams.csv.zip"), &[("Teams.csv", text(Table::Teams))]);
    pack(
        &at("TeamMemberships.zip"),
        &[("TeamMemberships.csv", text(Table::TeamMemberships))],
    );
    pack(
        &at("Competitions.csv"),
        &[("whatever", text(Table::Competitions))],
    );
    let rest = [
        ("Users.csv", b"not this one".as_slice()),
        ("UserAchievements.csv", text(Table::UserAchievements)),
    ];
    pack(&at("meta-kaggle.zip"), &rest);
    let tables = Tables::in_folder(other.path()).unwrap();
    assert_eq!(tables.bytes(), bytes);
    let names: Vec<&str> = tables
        .files()
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    let expected = [
        "Users.csv",
        "meta-kaggle.zip",
        "Teams.csv.zip",
        "TeamMemberships.zip",
        "Competitions.csv",
    ];
    assert_eq!(names, expected);
    build(&tables, &at("index"), today(), &|_| {}).unwrap();
    let packed = Index::open(&at("index")).unwrap();
    assert!(ada.is_some());
    assert_eq!(packed.find("ada-example").unwrap(), ada);
}

#[test]
fn all_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let sheets = Sheets::small();
    // Kaggle's names have capital letters.
    fs::write(folder.path().join("teams.csv"), b"x").unwrap();
    for table in [Table::Users, Table::Competitions] {
        fs::write(folder.path().join(table.file()), &sheets.tables[&table]).unwrap();
    }
    let error = Tables::in_folder(folder.path()).unwrap_err();
    let ImportError::MissingFiles { names, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(
        names,
        ["UserAchievements.csv", "Teams.csv", "TeamMemberships.csv"]
    );
    pack(
        &folder.path().join("meta-kaggle.zip"),
        &[("Teams.csv", b"Id\n")],
    );
    let error = Tables::in_folder(folder.path()).unwrap_err();
    let ImportError::MissingFiles { names, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(names, ["UserAchievements.csv", "TeamMemberships.csv"]);
}

#[test]
fn what_is_read_is_told_and_never_falls() {
    let folder = tempfile::tempdir().unwrap();
    crate::standin::kaggle::dump::Dump::new(5_000, 1)
        .write(folder.path())
        .unwrap();
    let tables = Tables::in_folder(folder.path()).unwrap();
    let told = Mutex::new(Vec::new());
    let watch = |bytes| told.lock().unwrap().push(bytes);
    build(&tables, &folder.path().join("index"), today(), &watch).unwrap();
    let told = told.into_inner().unwrap();
    assert!(told.is_sorted() && told.len() >= Table::ALL.len());
    assert_eq!(told.last(), Some(&tables.bytes()));
}

#[test]
fn what_the_host_told_of_its_files_is_kept() {
    let sheets = Sheets::small();
    sheets.write();
    let files = vec![SourceFile {
        name: "Users.csv".to_owned(),
        bytes: 5,
        md5: Some("CY9rzUYh03PK3k6DJie09g==".to_owned()),
    }];
    let tables = Tables::in_folder(sheets.folder.path())
        .unwrap()
        .told_by_host(files.clone());
    build(&tables, &sheets.target(), today(), &|_| {}).unwrap();
    let index = Index::open(&sheets.target()).unwrap();
    assert_eq!(index.about().files, files);
    assert_eq!(index.about().built_at, today());
}
