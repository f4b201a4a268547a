//! Files that give no index, and the index that stays.

use std::fs::{self, File};

use super::super::IndexError;
use super::folder::pack;
use super::*;

/// Imports a good data set, then this one, and expects an error: the first index must stay as it was, and
/// nothing else may be left behind.
fn refused(sheets: &Sheets) -> ImportError {
    let good = Sheets::small();
    good.import().unwrap();
    fs::copy(good.target(), sheets.target()).unwrap();
    let before = fs::read(sheets.target()).unwrap();
    let error = sheets.import().unwrap_err();
    assert!(fs::read(sheets.target()).unwrap() == before);
    let left = files_in(sheets.folder.path());
    assert!(!left.iter().any(|name| name.contains("part")), "{left:?}");
    error
}

fn refused_with(table: Table, bytes: impl Into<Vec<u8>>) -> ImportError {
    refused(&Sheets::small().bytes(table, bytes))
}

#[test]
fn a_table_without_a_needed_column_is_refused_and_both_are_named() {
    for (table, column) in [
        (Table::Users, "UserName"),
        (Table::Users, "RegisterDate"),
        (Table::UserAchievements, "HighestRanking"),
        (Table::Teams, "IsBenchmark"),
        (Table::TeamMemberships, "TeamId"),
        (Table::Competitions, "DeadlineDate"),
    ] {
        let text = String::from_utf8(Sheets::small().tables[&table].clone()).unwrap();
        // Names keep their case.
        let text = text.replacen(column, &column.to_ascii_lowercase(), 1);
        let error = refused_with(table, text);
        assert_eq!(error.to_string(), format!("{table} has no column {column}"));
    }
}

#[test]
fn an_empty_table_and_a_header_alone_are_refused() {
    for table in Table::ALL {
        let header = Sheets::small().rows(table, "").tables[&table].clone();
        for bytes in [Vec::new(), b"\n\n".to_vec(), "\u{feff}".into(), header] {
            let error = refused_with(table, bytes.clone());
            assert!(
                matches!(error, ImportError::Empty { table: told } if told == table),
                "{table} of {bytes:?}: {error}"
            );
        }
    }
}

#[test]
fn a_cut_at_any_byte_of_a_row_is_refused() {
    for table in Table::ALL {
        let whole = Sheets::small().tables[&table].clone();
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(whole.as_slice());
        let mut ends = Vec::new();
        for row in rows.byte_records().map(Result::unwrap) {
            let start = usize::try_from(row.position().unwrap().byte()).unwrap();
            ends.push(start);
        }
        for length in 0..whole.len() {
            if ends.contains(&length) {
                continue;
            }
            let error = refused_with(table, &whole[..length]);
            assert!(
                matches!(
                    error,
                    ImportError::Broken { .. }
                        | ImportError::NoCsv { .. }
                        | ImportError::MissingColumn { .. }
                        | ImportError::Empty { .. }
                ),
                "{table} cut at {length}: {error}"
            );
        }
    }
}

#[test]
fn a_name_that_is_no_text_is_refused_with_its_row_and_elsewhere_it_is_not_looked_at() {
    let bad = |text: &[u8]| {
        let mut bytes = Sheets::small().rows(Table::Users, "").tables[&Table::Users].clone();
        bytes.extend_from_slice(b"7,Ada-Example,,03/04/2019,3,\n");
        bytes.extend_from_slice(text);
        bytes
    };
    let error = refused_with(Table::Users, bad(b"9,b\xffb,,05/06/2021,0,\n"));
    assert_eq!(error.to_string(), "Users.csv, row 2: UserName is not UTF-8");
    let sheets = Sheets::small().bytes(Table::Users, bad(b"9,bob,\xff\xfe,05/06/2021,0,\xc3\n"));
    assert_eq!(sheets.index().find("bob").unwrap().unwrap().user_id, 9);
}

#[test]
fn another_kind_of_file_is_told_as_such_and_not_as_a_change_of_kaggles() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let long = format!("{}\n", "y".repeat(500));
    for (bytes, why) in [
        (
            b"<!doctype html><title>Too many requests</title>\n".to_vec(),
            "it begins with \"<!doctype html><title>Too many requests<\"".to_owned(),
        ),
        (
            utf16("\u{feff}Id,UserName,RegisterDate\n"),
            "it is UTF-16, and UTF-8 is needed".to_owned(),
        ),
        (
            b"Id;UserName;DisplayName;RegisterDate\n7;ada;;03/04/2019\n".to_vec(),
            "semicolons stand between its columns, and commas are needed".to_owned(),
        ),
        (
            b"\x1b[31mred\xff\n".to_vec(),
            "it begins with \"[31mred\u{fffd}\"".to_owned(),
        ),
        (
            long.into_bytes(),
            format!("it begins with \"{}\"", "y".repeat(40)),
        ),
        (b"ab".to_vec(), "it begins with \"ab\"".to_owned()),
        (vec![0; 100_000], "it begins with no text".to_owned()),
    ] {
        let error = refused_with(Table::Users, bytes);
        assert!(matches!(error, ImportError::NoCsv { .. }), "{error}");
        let expected = format!("Users.csv is no CSV of Kaggle's: {why}");
        assert_eq!(error.to_string(), expected);
    }
    let error = refused_with(
        Table::Users,
        b"PK\x03\x04 and nothing of an archive".to_vec(),
    );
    assert!(matches!(error, ImportError::Broken { .. }), "{error}");
}

#[test]
fn an_archive_of_archives_an_empty_one_and_a_text_that_is_called_one_are_told_as_such() {
    let mut sheets = Sheets::small();
    let users = sheets.tables.remove(&Table::Users).unwrap();
    let inner = sheets.folder.path().join("inner");
    pack(&inner, &[("Users.csv", &users)]);
    let archive = sheets.folder.path().join("Users.zip");
    pack(&archive, &[("Users.csv.zip", &fs::read(&inner).unwrap())]);
    let error = refused(&sheets).to_string();
    let expected = "Users.csv is no CSV of Kaggle's: it begins with \"PK";
    assert!(error.starts_with(expected), "{error}");

    pack(&archive, &[]);
    let error = refused(&sheets).to_string();
    assert!(error.ends_with("Users.zip holds no Users.csv"), "{error}");

    fs::write(&archive, "nothing of a table\n").unwrap();
    let error = refused(&sheets).to_string();
    assert!(
        error.ends_with("it begins with \"nothing of a table\""),
        "{error}"
    );
}

#[test]
fn a_folder_that_is_not_there_or_is_a_file_is_told_as_none() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("files");
    let error = Tables::in_folder(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} is not there", path.display())
    );
    fs::write(&path, "x").unwrap();
    let error = Tables::in_folder(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} is no folder", path.display())
    );
}

#[test]
fn a_row_without_end_is_refused_before_it_fills_the_memory() {
    let mut bytes = Sheets::small().tables[&Table::Teams].clone();
    bytes.extend_from_slice(b"502,31,\"");
    bytes.resize(bytes.len() + (40 << 20), b'x');
    let error = refused_with(Table::Teams, bytes);
    let expected = "Teams.csv is broken after 2 rows: a row of more than 16777216 bytes";
    assert_eq!(error.to_string(), expected);
}

/// Rows that are packed to almost nothing.
fn bomb() -> Vec<u8> {
    let mut bytes = b"Id,TeamId,UserId,RequestDate\n".to_vec();
    let row = b"1,500,7,00000000000000000000000000000000000000000000\n";
    while bytes.len() < 9 << 20 {
        bytes.extend_from_slice(row);
    }
    bytes
}

#[test]
fn an_archive_that_swells_is_refused_whether_or_not_it_tells_so() {
    let mut sheets = Sheets::small();
    sheets.tables.remove(&Table::TeamMemberships);
    let archive = sheets.folder.path().join("TeamMemberships.csv.zip");
    pack(&archive, &[("TeamMemberships.csv", &bomb())]);
    let error = refused(&sheets);
    let told = matches!(error, ImportError::TooLarge { table: Table::TeamMemberships, limit } if limit == 8 << 20);
    assert!(told, "{error}");

    // The size that the archive tells of its file, in both places where it does.
    let mut bytes = fs::read(&archive).unwrap();
    for (signature, offset) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let at = bytes
            .windows(4)
            .position(|window| window == signature)
            .unwrap();
        bytes[at + offset..at + offset + 4].copy_from_slice(&1_000_u32.to_le_bytes());
    }
    fs::write(&archive, bytes).unwrap();
    let error = refused(&sheets);
    assert!(
        matches!(
            error,
            ImportError::TooLarge {
                table: Table::TeamMemberships,
                ..
            } | ImportError::Broken {
                table: Table::TeamMemberships,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_damaged_archive_is_refused() {
    let mut sheets = Sheets::small();
    let text = sheets.tables.remove(&Table::Users).unwrap();
    let archive = sheets.folder.path().join("Users.csv.zip");
    // Not packed, so that a flipped byte is still a table.
    let mut writer = zip::ZipWriter::new(File::create(&archive).unwrap());
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("Users.csv", stored).unwrap();
    std::io::Write::write_all(&mut writer, &text).unwrap();
    writer.finish().unwrap();
    let whole = fs::read(&archive).unwrap();
    let at = whole
        .windows(3)
        .position(|window| window == b"bob")
        .unwrap();
    let mut flipped = whole.clone();
    flipped[at] = b'r';
    for bytes in [&flipped[..], &whole[..whole.len() - 30], &whole[..100]] {
        fs::write(&archive, bytes).unwrap();
        let error = refused(&sheets);
        assert!(
            matches!(
                error,
                ImportError::Broken {
                    table: Table::Users,
                    ..
                }
            ),
            "{error}"
        );
    }
    fs::write(&archive, &whole).unwrap();
    sheets.import().unwrap();
}

#[test]
fn a_data_set_that_does_not_tell_its_date_is_refused() {
    let error = refused(&Sheets::small().rows(Table::Users, "7,ada,,,3,\n9,bob,,13/45/2020,0,\n"));
    assert!(matches!(error, ImportError::NoDate), "{error}");
    let error = refused(&Sheets::small().rows(Table::Users, "7,ada,,12/31/9999,3,\n"));
    assert!(matches!(error, ImportError::NoDate), "{error}");
}

#[test]
fn what_a_killed_import_left_is_overwritten() {
    let sheets = Sheets::small();
    fs::write(sheets.folder.path().join("index.part"), vec![7; 1_000_000]).unwrap();
    let first = sheets.index().find("bob-example").unwrap();
    assert_eq!(first.unwrap().user_id, 9);
    assert!(!files_in(sheets.folder.path()).contains(&"index.part".to_owned()));
}

#[test]
fn a_second_import_at_the_same_time_is_refused() {
    let sheets = Sheets::small();
    sheets.import().unwrap();
    let lock = File::open(sheets.folder.path().join("index.lock")).unwrap();
    lock.lock().unwrap();
    let error = refused(&sheets);
    assert!(matches!(error, ImportError::Busy { .. }), "{error}");
    drop(lock);
    sheets.import().unwrap();
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let sheets = Sheets::small();
    sheets.write();
    let nowhere = sheets.folder.path().join("nowhere").join("index");
    let error = import(sheets.folder.path(), &nowhere).unwrap_err();
    assert!(matches!(error, ImportError::Unwritable { .. }), "{error}");
    // A folder that stands where the index shall be.
    let folder = sheets.folder.path().join("folder");
    fs::create_dir_all(folder.join("full")).unwrap();
    let error = import(sheets.folder.path(), &folder).unwrap_err();
    assert!(
        matches!(&error, ImportError::Unwritable { path, source }
            if *path == folder && source.kind() == std::io::ErrorKind::IsADirectory),
        "{error}"
    );
    let error = Index::open(&folder).unwrap_err();
    assert!(
        matches!(&error, IndexError::Unreadable { source, .. }
            if source.kind() == std::io::ErrorKind::IsADirectory),
        "{error}"
    );
    assert!(!files_in(sheets.folder.path()).contains(&"folder.part".to_owned()));
}
