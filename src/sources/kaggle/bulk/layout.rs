//! How an index lies in its file; the table of it stands in [`super`].

use super::error::IndexError;

/// What an index begins with.
const MAGIC: [u8; 8] = *b"plaudkgl";

/// This layout's number. Another layout, another number: an old index is refused, not misread.
pub(super) const FORMAT: u32 = 2;

/// Accounts that share a place in [`Section::NameStarts`]. Count.
pub(super) const NAMES_A_START: usize = 16;

/// Bytes of an account's record.
pub(super) const RECORD: usize = 8;

/// Bytes of a detail.
pub(super) const DETAIL: usize = 32;

/// Bytes of a competition's result.
pub(super) const RESULT: usize = 24;

/// Bytes of a competition.
pub(super) const COMPETITION: usize = 16;

/// In a record: there are details of the account.
pub(super) const HAS_DETAILS: u8 = 1;

/// In a record: there are results of the account.
pub(super) const HAS_RESULTS: u8 = 2;

/// A number that is not known, where 0 says something.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// In a category's four bits: the tier plus 1, or 7 for a tier that is not known. 0: no row.
pub(super) const TIER_BITS: u8 = 7;

/// In a category's four bits: the points are not known. Otherwise they are 0, unless there is a detail.
pub(super) const POINTS_UNKNOWN: u8 = 8;

/// In a detail's kind, above the category: its medals are not known.
pub(super) const MEDALS_UNKNOWN: u32 = 1 << 8;

/// In a result: the medal's number, 0 for none.
pub(super) const MEDAL_BITS: u32 = 3;

/// In a result: the rank is the public leaderboard's.
pub(super) const RANK_IS_PUBLIC: u32 = 4;

/// A part of the file with a checksum of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    About,
    Records,
    NameStarts,
    Names,
    Buckets,
    Ordinals,
    Fingerprints,
    Details,
    Results,
    Competitions,
    Texts,
    Checks,
}

/// How many sections there are.
pub(super) const SECTIONS: usize = 12;

/// Bytes of a section's place in the header: offset, length, checksum.
const PLACE: usize = 8 + 8 + blake3::OUT_LEN;

/// Bytes of the header before its own checksum: magic, format, nothing, the file's length, the places.
const SIGNED: usize = MAGIC.len() + 4 + 4 + 8 + SECTIONS * PLACE;

/// Bytes of the header.
pub(super) const HEADER: usize = SIGNED + blake3::OUT_LEN;

/// Where a section lies, and what it must hash to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) checksum: [u8; blake3::OUT_LEN],
}

/// Where everything lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Bytes of the whole file.
    pub(super) length: u64,
    pub(super) places: [Place; SECTIONS],
}

/// Why a header is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoHeader {
    OtherFormat(u32),
    Damaged(&'static str),
}

impl NoHeader {
    pub(super) fn of(self, path: &std::path::Path) -> IndexError {
        let path = path.to_owned();
        match self {
            Self::OtherFormat(found) => IndexError::OtherFormat {
                path,
                found,
                known: FORMAT,
            },
            Self::Damaged(why) => IndexError::Damaged {
                path,
                why: why.to_owned(),
            },
        }
    }
}

impl Header {
    /// Its bytes, [`HEADER`] of them.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.length.to_le_bytes());
        for place in &self.places {
            bytes.extend_from_slice(&place.offset.to_le_bytes());
            bytes.extend_from_slice(&place.length.to_le_bytes());
            bytes.extend_from_slice(&place.checksum);
        }
        let checksum = blake3::hash(&bytes);
        bytes.extend_from_slice(checksum.as_bytes());
        bytes
    }

    /// The header of a whole file, whose sections all lie within it.
    pub(super) fn decode(file: &[u8]) -> Result<Self, NoHeader> {
        if file.get(..MAGIC.len()) != Some(&MAGIC[..]) {
            return Err(NoHeader::Damaged("it does not begin as an index does"));
        }
        // The format first: the header of another one may have another length.
        let format = u32_at(file, MAGIC.len()).ok_or(NoHeader::Damaged("its header is cut"))?;
        if format != FORMAT {
            return Err(NoHeader::OtherFormat(format));
        }
        let signed = file.get(..SIGNED).zip(file.get(SIGNED..HEADER));
        let (signed, checksum) = signed.ok_or(NoHeader::Damaged("its header is cut"))?;
        if blake3::hash(signed).as_bytes() != checksum {
            return Err(NoHeader::Damaged("its header does not fit its checksum"));
        }
        let cut = NoHeader::Damaged("its length is not the one that it was written with");
        let length = u64_at(file, MAGIC.len() + 8);
        if length != u64::try_from(file.len()).ok() {
            return Err(cut);
        }
        let mut header = Self {
            length: file.len() as u64,
            ..Self::default()
        };
        for (index, place) in header.places.iter_mut().enumerate() {
            let at = SIGNED - (SECTIONS - index) * PLACE;
            let (offset, length) = (u64_at(file, at), u64_at(file, at + 8));
            let checksum = file
                .get(at + 16..at + PLACE)
                .and_then(|bytes| bytes.try_into().ok());
            let outside = NoHeader::Damaged("a section lies outside of it");
            let (Some(offset), Some(length), Some(checksum)) = (offset, length, checksum) else {
                return Err(outside);
            };
            if offset
                .checked_add(length)
                .is_none_or(|end| end > header.length)
            {
                return Err(outside);
            }
            *place = Place {
                offset,
                length,
                checksum,
            };
        }
        Ok(header)
    }
}

/// The number at this place, if the bytes reach so far.
#[inline]
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    field.try_into().ok().map(u32::from_le_bytes)
}

/// The number at this place, if the bytes reach so far.
#[inline]
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(8)?)?;
    field.try_into().ok().map(u64::from_le_bytes)
}

/// A number that user names which differ in case alone have in common: FNV-1a of the name in lower case,
/// then the last steps of `MurmurHash3`, because the upper bits choose the bucket and the lower ones the
/// fingerprint. Somebody who makes up names that fall together only slows down the look-up of these.
#[inline]
pub(super) fn name_hash(name: &[u8]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name {
        hash = (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (hash >> 32) as u32
}

/// How many upper bits of a hash choose the bucket, so that one holds some eight names: at most 24, so that
/// the fingerprint's are others.
pub(super) fn bucket_bits(names: usize) -> u32 {
    (names / 8).max(1).ilog2().min(24)
}

/// The bucket of a hash.
#[inline]
pub(super) fn bucket(hash: u32, bits: u32) -> usize {
    // All 32 bits cannot be shifted out.
    hash.checked_shr(u32::BITS - bits).unwrap_or(0) as usize
}

/// The fingerprint of a hash, its lowest byte.
#[inline]
pub(super) fn fingerprint(hash: u32) -> u8 {
    hash.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let mut header = Header {
            length: HEADER as u64 + 11,
            ..Header::default()
        };
        for (index, place) in header.places.iter_mut().enumerate() {
            place.offset = HEADER as u64 + index as u64;
            place.length = 11 - index as u64;
            place.checksum = [u8::try_from(index).unwrap(); 32];
        }
        header
    }

    fn file(header: &Header) -> Vec<u8> {
        let mut file = header.encode();
        assert_eq!(file.len(), HEADER);
        file.extend_from_slice(&[7; 11]);
        file
    }

    #[test]
    fn a_header_comes_back() {
        let header = header();
        assert_eq!(Header::decode(&file(&header)), Ok(header));
    }

    #[test]
    fn no_flipped_bit_and_no_cut_of_a_header_is_taken() {
        let whole = file(&header());
        for at in 0..HEADER * 8 {
            let mut bytes = whole.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            assert!(Header::decode(&bytes).is_err(), "bit {at}");
        }
        for length in 0..whole.len() {
            assert!(Header::decode(&whole[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_section_outside_of_the_file_is_refused_though_the_checksum_fits() {
        let mut header = header();
        header.places[4].offset = u64::MAX;
        assert_eq!(
            Header::decode(&file(&header)),
            Err(NoHeader::Damaged("a section lies outside of it"))
        );
    }

    #[test]
    fn another_format_is_told_by_its_number() {
        let mut bytes = file(&header());
        bytes[8] = 9;
        assert_eq!(Header::decode(&bytes), Err(NoHeader::OtherFormat(9)));
    }

    #[test]
    fn names_in_any_case_share_a_hash() {
        assert_eq!(name_hash(b"Ada-Example"), name_hash(b"aDA-eXAMPLE"));
        assert_ne!(name_hash(b"ada-example"), name_hash(b"ada_example"));
    }

    #[test]
    fn every_bucket_is_within_the_directory() {
        for names in [0, 1, 7, 8, 9, 50_000, 34_000_000, usize::MAX] {
            let bits = bucket_bits(names);
            assert_eq!(bucket(0, bits), 0);
            assert_eq!(bucket(u32::MAX, bits), (1 << bits) - 1);
        }
    }
}
