//! From bytes to text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{error::IntakeError, roster::Roster};

/// How other files begin, what they are, and what to do with them.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (
        b"\xD0\xCF\x11\xE0",
        "an old Excel file (.xls) or one with a password",
        "save it as .xlsx without a password, or as CSV",
    ),
    (b"%PDF", "a PDF", "write the links into a CSV file"),
    (b"\x1F\x8B", "compressed (gzip)", "unpack it first"),
    (b"Rar!", "an archive", "unpack it first"),
    (b"7z\xBC\xAF", "an archive", "unpack it first"),
    (b"PK\x05\x06", "an empty archive", "save it as .xlsx or CSV"),
    (b"\x89PNG", "a picture", "write the links into a CSV file"),
    (
        b"\xFF\xD8\xFF",
        "a picture",
        "write the links into a CSV file",
    ),
];

/// The text of a list: Unicode, or else Windows' Western encoding, in which Excel writes CSV in Europe.
pub(super) fn text<'a>(
    bytes: &'a [u8],
    roster: &mut Roster<'_>,
) -> Result<Cow<'a, str>, IntakeError> {
    for (beginning, what, next) in OTHERS {
        if bytes.starts_with(beginning) {
            return Err(IntakeError::OtherFormat { what, next });
        }
    }
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
            if broken {
                roster.notice(format!(
                    "the list is not all valid {}; what could not be read shows as �",
                    encoding.name()
                ));
            }
            text
        }
        None => match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => text,
            None => western(bytes, roster)?,
        },
    };
    if text.contains('\0') {
        return Err(binary());
    }
    let start = text.trim_start();
    if start.is_empty() {
        return Err(IntakeError::Empty);
    }
    let head = start.get(..9).unwrap_or_default().to_ascii_lowercase();
    if head.starts_with("<html") || head == "<!doctype" {
        return Err(IntakeError::OtherFormat {
            what: "a web page",
            next: "download the list itself, as CSV or .xlsx",
        });
    }
    Ok(text)
}

fn binary() -> IntakeError {
    IntakeError::OtherFormat {
        what: "a binary file",
        next: "save it as .xlsx, CSV or JSON Lines",
    }
}

fn western<'a>(bytes: &'a [u8], roster: &mut Roster<'_>) -> Result<Cow<'a, str>, IntakeError> {
    // Text has blanks and, in hostile names, escapes; other control characters come from programs.
    let is_control = |byte: &u8| *byte < b' ' && !b"\t\n\r\x0B\x0C\x1B".contains(byte);
    if bytes.iter().any(is_control) {
        return Err(binary());
    }
    roster.notice(
        "the list is not UTF-8; it was read as Windows-1252, so check that names show correctly, or save it as UTF-8"
            .to_owned(),
    );
    Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0)
}
