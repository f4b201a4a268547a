//! Index files that are not what was written.

use std::fs;

use super::super::blocks::BLOCK;
use super::super::{IndexError, Person};
use super::*;

/// Every answer of an index: by name in three spellings and by number, of everybody and of nobody.
fn answers(index: &Index) -> Vec<Result<Option<Person>, IndexError>> {
    let names = [
        "Ada-Example",
        "ada-example",
        "ADA-EXAMPLE",
        "bob-example",
        "BOB-EXAMPLE",
        "nobody",
        "",
        "x",
    ];
    let names = names.map(|name| index.find(name));
    let ids = [0, 7, 8, 9, 10, u64::MAX].map(|id| index.find_id(id));
    names.into_iter().chain(ids).collect()
}

#[test]
fn no_flipped_byte_goes_unnoticed_and_none_leads_a_look_up_astray() {
    let sheets = Sheets::small();
    let truth: Vec<Option<Person>> = answers(&sheets.index())
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(truth.iter().flatten().count(), 7);
    let whole = fs::read(sheets.target()).unwrap();
    let path = sheets.folder.path().join("flipped");
    let mut opened = 0;
    for at in 0..whole.len() {
        for flip in [1, 2, 4, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            fs::write(&path, bytes).unwrap();
            match Index::open(&path) {
                Ok(index) => {
                    opened += 1;
                    for (answer, truth) in answers(&index).into_iter().zip(&truth) {
                        match answer {
                            Ok(answer) => assert_eq!(answer, *truth, "byte {at}"),
                            Err(IndexError::Damaged { .. }) => {}
                            Err(error) => panic!("byte {at}: {error}"),
                        }
                    }
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
fn in_an_index_of_several_blocks_damage_hits_only_those_who_lie_there_and_nobody_gets_another_answer()
 {
    let folder = tempfile::tempdir().unwrap();
    let dump = crate::standin::kaggle::dump::Dump::new(20_000, 3);
    dump.write(folder.path()).unwrap();
    let target = folder.path().join("index");
    import(folder.path(), &target).unwrap();
    let index = Index::open(&target).unwrap();
    let truth = dump.truth();
    let people: Vec<Person> = truth
        .people
        .values()
        .chain(&truth.shadowed)
        .map(|person| index.find_id(person.user_id).unwrap().unwrap())
        .collect();
    let whole = fs::read(&target).unwrap();
    assert!(whole.len() > 4 * BLOCK, "{} bytes", whole.len());
    let path = folder.path().join("flipped");
    let mut right = 0;
    // A prime number of bytes, so that it is not always the same field of an entry.
    for at in (0..whole.len()).step_by(BLOCK / 2 + 3) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let Ok(index) = Index::open(&path) else {
            continue;
        };
        let mut wrong = 0;
        for person in &people {
            for answer in [index.find(&person.user_name), index.find_id(person.user_id)] {
                match answer {
                    Ok(answer) => {
                        right += 1;
                        assert_eq!(answer.as_ref(), Some(person), "byte {at}");
                    }
                    Err(IndexError::Damaged { .. }) => wrong += 1,
                    Err(error) => panic!("byte {at}: {error}"),
                }
            }
        }
        assert!(wrong > 0, "byte {at} was asked for by nobody");
    }
    assert!(right > people.len(), "{right}");
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
