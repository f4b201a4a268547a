//! A host's robots.txt: `path` (up to the first line end), then the file.
//!
//! - The same file says the same twice, in any of the three ways to end a line.
//! - Without a rule that forbids anything, everything is allowed.

use plaudit::sources::page::allows;
use url::Url;

/// Holds one input against plaudit.
pub(super) fn run(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (path, file) = bytes.split_at(end.unwrap_or(bytes.len()));
    let base: Url = "https://ada.example.org/".parse().expect("a URL");
    let Ok(url) = base.join(&String::from_utf8_lossy(path)) else {
        return;
    };
    if !matches!(url.scheme(), "http" | "https") {
        return;
    }
    let allowed = allows(file, &url);
    assert_eq!(allowed, allows(file, &url));
    let carriage: Vec<u8> = file
        .iter()
        .map(|byte| if *byte == b'\n' { b'\r' } else { *byte })
        .collect();
    assert_eq!(allowed, allows(&carriage, &url), "by the end of lines");
    let text = String::from_utf8_lossy(file).to_ascii_lowercase();
    // The parser also takes common misspellings of the word.
    assert!(
        allowed || text.contains(':') || text.contains("al"),
        "{text:?}"
    );
}
