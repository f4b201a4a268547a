//! Index files that are not what was written.

use std::fs;

use super::super::IndexError;
use super::*;

/// Asks for everything that a damaged file could lead astray.
fn ask(index: &Index) -> usize {
    let names = ["ada-example", "BOB-EXAMPLE", "nobody", "", "x"].map(|name| index.find(name));
    let ids = [0, 7, 8, 9, u64::MAX].map(|id| index.find_id(id));
    let answers = names.into_iter().chain(ids);
    answers
        .filter(|answer| matches!(answer, Ok(Some(_))))
        .count()
}

#[test]
fn no_flipped_byte_goes_unnoticed_and_none_leads_a_look_up_astray() {
    let sheets = Sheets::small();
    assert_eq!(ask(&sheets.index()), 4);
    let whole = fs::read(sheets.target()).unwrap();
    let path = sheets.folder.path().join("flipped");
    let mut opened = 0;
    for at in 0..whole.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            fs::write(&path, bytes).unwrap();
            match Index::open(&path) {
                Ok(index) => {
                    opened += 1;
                    ask(&index);
                    let damaged = index.verify();
                    assert!(
                        matches!(damaged, Err(IndexError::Damaged { .. })),
                        "byte {at}"
                    );
                }
                Err(IndexError::Damaged { .. } | IndexError::OtherFormat { .. }) => {}
                Err(error) => panic!("byte {at}: {error}"),
            }
        }
    }
    assert!(opened > 500, "{opened}");
}

#[test]
fn a_cut_file_is_refused_at_every_length() {
    let sheets = Sheets::small();
    sheets.import().unwrap();
    let mut whole = fs::read(sheets.target()).unwrap();
    let path = sheets.folder.path().join("cut");
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let error = Index::open(&path).unwrap_err();
        assert!(
            matches!(error, IndexError::Damaged { .. }),
            "{length}: {error}"
        );
    }
    whole.push(0);
    fs::write(&path, &whole).unwrap();
    let error = Index::open(&path).unwrap_err();
    assert!(matches!(error, IndexError::Damaged { .. }), "{error}");
}

#[test]
fn what_is_no_index_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    assert!(matches!(Index::open(&path), Err(IndexError::NotThere)));
    fs::write(&path, b"something else altogether").unwrap();
    assert!(matches!(
        Index::open(&path),
        Err(IndexError::Damaged { .. })
    ));
    let mut other = b"plaudkgl".to_vec();
    other.extend_from_slice(&77_u32.to_le_bytes());
    fs::write(&path, other).unwrap();
    let error = Index::open(&path).unwrap_err();
    assert!(
        matches!(error, IndexError::OtherFormat { found: 77, .. }),
        "{error}"
    );
    assert!(Index::open(folder.path()).is_err());
}

#[test]
fn an_open_index_answers_on_when_another_takes_its_place() {
    let sheets = Sheets::small();
    let old = sheets.index();
    let sheets = sheets.rows(Table::Users, "9,new-name,,05/06/2021,0,\n");
    let new = sheets.index();
    assert_eq!(old.find("bob-example").unwrap().unwrap().user_id, 9);
    assert_eq!(old.find("new-name").unwrap(), None);
    assert_eq!(new.find("new-name").unwrap().unwrap().user_id, 9);
    assert_eq!(new.find("bob-example").unwrap(), None);
}
