//! Which version of a file an answer speaks of, by its headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};
use serde::{Deserialize, Serialize};

/// Google's storage tells a file's checksums in this header: `crc32c=…,md5=…`, in one or in several.
const GOOGLE_HASH: HeaderName = HeaderName::from_static("x-goog-hash");

/// What a host says by which a version of a file is known again. What it does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The `ETag`, quotes included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The MD5 of the whole file, base64, from `X-Goog-Hash`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub md5: Option<String>,
    /// `Last-Modified`, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The whole file's size. Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// Which bytes an answer to a range holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    /// The first one. Bytes.
    pub(super) from: u64,
    /// The whole file's size, if it is told. Bytes.
    pub(super) of: Option<u64>,
}

impl Version {
    /// What a file is known by of which the MD5 alone was kept.
    #[must_use]
    pub fn of_md5(md5: &str) -> Self {
        Self {
            md5: Some(md5.to_owned()),
            ..Self::default()
        }
    }

    /// What an answer's headers say; of a range the size is that of the whole.
    pub(super) fn of(status: u16, headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| Some(headers.get(name)?.to_str().ok()?.trim().to_owned());
        let bytes = if status == 206 {
            range(headers).and_then(|range| range.of)
        } else {
            text(&CONTENT_LENGTH).and_then(|length| length.parse().ok())
        };
        Self {
            etag: text(&ETAG),
            md5: md5(headers),
            modified: text(&LAST_MODIFIED),
            bytes,
        }
    }

    /// Whether both are known to be the same file. What cannot be compared is not the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        if let (Some(ours), Some(theirs)) = (self.bytes, other.bytes)
            && ours != theirs
        {
            return false;
        }
        if let (Some(ours), Some(theirs)) = (&self.md5, &other.md5) {
            return ours == theirs;
        }
        if let (Some(ours), Some(theirs)) = (&self.etag, &other.etag) {
            return ours == theirs;
        }
        self.modified.is_some() && self.modified == other.modified && self.bytes == other.bytes
    }

    /// Whether a part of it could be known again.
    pub(super) fn can_be_known(&self) -> bool {
        self.is(&self.clone())
    }

    /// The `ETag`, if it vouches for every byte: a weak one does not.
    pub(super) fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| etag.starts_with('"'))
    }
}

/// The MD5 among the checksums, if it is one.
fn md5(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(GOOGLE_HASH);
    let mut hashes = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let md5 = hashes.find_map(|hash| hash.trim().strip_prefix("md5="))?;
    let decoded = STANDARD.decode(md5).ok()?;
    (decoded.len() == 16).then(|| md5.to_owned())
}

/// `Content-Range: bytes 5-9/10`.
pub(super) fn range(headers: &HeaderMap) -> Option<Range> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?.trim();
    let (span, of) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = span.split_once('-')?;
    Some(Range {
        from: from.trim().parse().ok()?,
        of: of.trim().parse().ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn an_md5_is_found_in_one_header_or_several() {
        const MD5: &str = "XrY7u+Ae7tCTyyK7j1rNww==";
        for pairs in [
            &[(
                "x-goog-hash",
                "crc32c=n03x6A==,md5=XrY7u+Ae7tCTyyK7j1rNww==",
            )][..],
            &[(
                "x-goog-hash",
                "md5=XrY7u+Ae7tCTyyK7j1rNww==, crc32c=n03x6A==",
            )],
            &[
                ("x-goog-hash", "crc32c=n03x6A=="),
                ("x-goog-hash", "md5=XrY7u+Ae7tCTyyK7j1rNww=="),
            ],
        ] {
            assert_eq!(md5(&headers(pairs)).as_deref(), Some(MD5), "{pairs:?}");
        }
        for pairs in [
            &[][..],
            &[("x-goog-hash", "crc32c=n03x6A==")],
            &[("x-goog-hash", "md5=short==")],
            &[("x-goog-hash", "md5=")],
        ] {
            assert_eq!(md5(&headers(pairs)), None, "{pairs:?}");
        }
    }

    #[test]
    fn versions_are_the_same_only_where_something_says_so() {
        let version = |etag: &str, md5: &str, modified: &str, bytes| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Version {
                etag: some(etag),
                md5: some(md5),
                modified: some(modified),
                bytes,
            }
        };
        let full = version("\"a\"", "m", "monday", Some(5));
        for (other, same) in [
            (full.clone(), true),
            (version("\"b\"", "m", "tuesday", Some(5)), true),
            (version("", "m", "", None), true),
            (version("\"a\"", "n", "monday", Some(5)), false),
            (version("\"a\"", "", "", None), true),
            (version("\"b\"", "", "monday", Some(5)), false),
            (version("", "", "monday", Some(5)), true),
            (version("", "", "monday", None), false),
            (version("", "", "", Some(5)), false),
            (version("\"a\"", "m", "monday", Some(6)), false),
        ] {
            assert_eq!(full.is(&other), same, "{other:?}");
            assert_eq!(other.is(&full), same, "{other:?}");
        }
        assert!(!version("", "", "", Some(5)).can_be_known());
        assert!(version("", "", "monday", Some(5)).can_be_known());
        assert_eq!(version("W/\"a\"", "", "", None).strong_etag(), None);
    }

    #[test]
    fn a_range_tells_where_it_begins_and_how_long_the_whole_is() {
        for (text, expected) in [
            ("bytes 5-9/10", Some((5, Some(10)))),
            ("bytes 5-9/*", Some((5, None))),
            ("bytes */10", None),
            ("5-9/10", None),
            ("bytes x-9/10", None),
        ] {
            let found = range(&headers(&[("content-range", text)]));
            let found = found.map(|range| (range.from, range.of));
            assert_eq!(found, expected, "{text}");
        }
        let headers = headers(&[("content-range", "bytes 5-9/10"), ("content-length", "5")]);
        assert_eq!(Version::of(206, &headers).bytes, Some(10));
        assert_eq!(Version::of(200, &headers).bytes, Some(5));
    }
}
