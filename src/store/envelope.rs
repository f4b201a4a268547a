//! The wrapping of every stored value: schema version, checksum, payload.
//!
//! Layout, big-endian: version (2 bytes) · encoding (1) · checksum (16) · payload. The checksum is the first
//! 16 bytes of BLAKE3 over table, key, version, encoding and payload, so that a value is also refused when
//! it turns up under another key. The payload is JSON, compressed with zstd where that is worth it.

use std::{borrow::Cow, cell::RefCell, io};

use serde::{Serialize, de::DeserializeOwned};
use zstd::bulk::{Compressor, Decompressor};

use super::{error::Fault, table::Table};

/// Version of the values' schema. Raised when a value's JSON changes so that old JSON no longer reads.
const VERSION: u16 = 1;
/// Bytes before the payload.
const HEAD: usize = 2 + 1 + 16;
/// JSON from this size on is compressed. Bytes; below it zstd's own frame eats the gain.
const COMPRESS_FROM: usize = 512;
/// zstd level: 3 is its default, which made 2.2 KB of a 6.9 KB profile.
const LEVEL: i32 = 3;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

/// Wraps `value`.
pub(super) fn seal<T: Serialize + ?Sized>(
    table: Table,
    key: &[u8],
    value: &T,
) -> Result<Vec<u8>, Fault> {
    let json = serde_json::to_vec(value)
        .map_err(|error| Fault::Failed(format!("a value has no JSON form: {error}")))?;
    let (encoding, payload) = if json.len() >= COMPRESS_FROM {
        (ZSTD, compress(&json)?)
    } else {
        (PLAIN, json)
    };
    let mut sealed = Vec::with_capacity(HEAD + payload.len());
    sealed.extend(VERSION.to_be_bytes());
    sealed.push(encoding);
    sealed.extend(digest(table, key, VERSION, encoding, &payload).to_be_bytes());
    sealed.extend(payload);
    Ok(sealed)
}

thread_local! {
    // A context of zstd's takes longer to make than a small value takes to go through it.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn compress(json: &[u8]) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|place| match place {
        Some(compressor) => compressor.compress(json),
        None => place.insert(Compressor::new(LEVEL)?).compress(json),
    })
}

/// The length stands in the frame's own head, and was covered by the checksum.
fn decompress(payload: &[u8]) -> io::Result<Vec<u8>> {
    let length = zstd::zstd_safe::get_frame_content_size(payload)
        .ok()
        .flatten()
        .and_then(|length| usize::try_from(length).ok());
    let Some(length) = length else {
        return zstd::stream::decode_all(payload);
    };
    DECOMPRESSOR.with_borrow_mut(|place| match place {
        Some(decompressor) => decompressor.decompress(payload, length),
        None => place
            .insert(Decompressor::new()?)
            .decompress(payload, length),
    })
}

/// Unwraps a value, or says in what way it is damaged.
pub(super) fn open<T: DeserializeOwned>(
    table: Table,
    key: &[u8],
    sealed: &[u8],
) -> Result<T, Fault> {
    let json = unpack(table, key, sealed)?;
    serde_json::from_slice(&json).map_err(|error| unreadable(table, key, &error))
}

/// Unwraps a value's JSON without reading it.
pub(super) fn open_json(table: Table, key: &[u8], sealed: &[u8]) -> Result<String, Fault> {
    let json = unpack(table, key, sealed)?.into_owned();
    String::from_utf8(json).map_err(|error| unreadable(table, key, &error))
}

fn unpack<'a>(table: Table, key: &[u8], sealed: &'a [u8]) -> Result<Cow<'a, [u8]>, Fault> {
    check(table, key, sealed)?;
    let payload = &sealed[HEAD..];
    if sealed[2] == ZSTD {
        let json = decompress(payload).map_err(|error| unreadable(table, key, &error))?;
        Ok(Cow::Owned(json))
    } else {
        Ok(Cow::Borrowed(payload))
    }
}

fn unreadable(table: Table, key: &[u8], why: &dyn std::fmt::Display) -> Fault {
    Fault::Damaged(format!("{} cannot be read: {why}", table.describe(key)))
}

/// Whether a value is whole; its checksum.
pub(super) fn check(table: Table, key: &[u8], sealed: &[u8]) -> Result<u128, Fault> {
    let stored = stored_checksum(table, key, sealed)?;
    let version = u16::from_be_bytes([sealed[0], sealed[1]]);
    if stored != digest(table, key, version, sealed[2], &sealed[HEAD..]) {
        return Err(Fault::Damaged(format!(
            "{} does not match its checksum",
            table.describe(key)
        )));
    }
    // Asked after the checksum: a flipped bit in the version is damage, not a newer program.
    if version > VERSION || sealed[2] > ZSTD {
        return Err(Fault::Newer {
            found: version.into(),
            known: VERSION.into(),
        });
    }
    Ok(stored)
}

/// The checksum as stored, without comparing it.
pub(super) fn stored_checksum(table: Table, key: &[u8], sealed: &[u8]) -> Result<u128, Fault> {
    sealed
        .get(3..HEAD)
        .and_then(|bytes| bytes.try_into().ok())
        .map(u128::from_be_bytes)
        .ok_or_else(|| Fault::Damaged(format!("{} is cut", table.describe(key))))
}

/// The same payload under another table and key, without a look into it.
pub(super) fn move_to(
    (table, key): (Table, &[u8]),
    (to, new_key): (Table, &[u8]),
    sealed: &[u8],
) -> Result<Vec<u8>, Fault> {
    check(table, key, sealed)?;
    let version = u16::from_be_bytes([sealed[0], sealed[1]]);
    let (encoding, payload) = (sealed[2], &sealed[HEAD..]);
    let mut moved = sealed.to_vec();
    moved[3..HEAD].copy_from_slice(&digest(to, new_key, version, encoding, payload).to_be_bytes());
    Ok(moved)
}

fn digest(table: Table, key: &[u8], version: u16, encoding: u8, payload: &[u8]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    // The key's length keeps (key, payload) apart from the same bytes cut elsewhere.
    hasher.update(&[table as u8]);
    hasher.update(&(key.len() as u64).to_be_bytes());
    hasher.update(key);
    hasher.update(&version.to_be_bytes());
    hasher.update(&[encoding]);
    hasher.update(payload);
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(text: &str) -> Vec<u8> {
        seal(Table::Meta, b"key", &text).unwrap()
    }

    #[test]
    fn a_value_of_any_size_comes_back() {
        for length in [0, 1, COMPRESS_FROM - 3, COMPRESS_FROM, 100_000] {
            let text = "x".repeat(length);
            let back: String = open(Table::Meta, b"key", &sealed(&text)).unwrap();
            assert_eq!(back, text);
        }
        assert!(sealed(&"x".repeat(100_000)).len() < 1_000);
    }

    #[test]
    fn any_flipped_bit_and_any_cut_is_refused() {
        for text in ["small", &"large".repeat(500)] {
            let whole = sealed(text);
            for place in 0..whole.len() {
                for bit in 0..8 {
                    let mut bytes = whole.clone();
                    bytes[place] ^= 1 << bit;
                    let read = open::<String>(Table::Meta, b"key", &bytes);
                    assert!(matches!(read, Err(Fault::Damaged(_))), "{place}.{bit}");
                }
                let read = open::<String>(Table::Meta, b"key", &whole[..place]);
                assert!(matches!(read, Err(Fault::Damaged(_))), "cut at {place}");
            }
        }
    }

    #[test]
    fn a_value_under_another_key_or_table_is_refused() {
        let whole = sealed("mine");
        assert!(open::<String>(Table::Meta, b"other", &whole).is_err());
        assert!(open::<String>(Table::Jobs, b"key", &whole).is_err());
    }

    #[test]
    fn a_newer_version_is_told_apart_from_damage() {
        let payload = b"\"later\"";
        let mut bytes = (VERSION + 1).to_be_bytes().to_vec();
        bytes.push(PLAIN);
        bytes.extend(digest(Table::Meta, b"key", VERSION + 1, PLAIN, payload).to_be_bytes());
        bytes.extend(payload);
        assert_eq!(
            open::<String>(Table::Meta, b"key", &bytes),
            Err(Fault::Newer { found: 2, known: 1 })
        );
    }
}
