//! What people write when they are asked for a link: `column` (a byte), then the text.
//!
//! - A link that was understood prints as a URL that means the same link, plainly, in its own column and everywhere.
//! - It comes back from the store as it was.
//! - A refusal is short and harmless, and repeats no password.
//! - What a link names is visible: nobody is led astray by it.

use std::sync::LazyLock;

use plaudit::domain::link::{Column, GitHubHost, GitHubHosts, Link, Reading, parse};

use super::harmless;

/// GitHub, and two servers of others.
static HOSTS: LazyLock<GitHubHosts> = LazyLock::new(|| {
    GitHubHosts::new(vec![
        GitHubHost::default(),
        "ghe.example.com".parse().expect("a host"),
        "code.example.org:8443".parse().expect("a host"),
    ])
});

const COLUMNS: [Column; 6] = [
    Column::GitHub,
    Column::Kaggle,
    Column::Orcid,
    Column::HomePage,
    Column::Links,
    Column::CommandLine,
];

/// Longest message. Characters: two texts of 80 and what is said around them.
const LONGEST_MESSAGE: usize = 600;

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    let Some((column, text)) = bytes.split_first() else {
        return;
    };
    let column = COLUMNS[usize::from(*column) % COLUMNS.len()];
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    match parse(text, column, &HOSTS) {
        Ok(parsed) => {
            if let Some(notice) = &parsed.notice {
                harmless::visible("a notice", notice);
            }
            round_trip(&parsed.link);
        }
        Err(error) => {
            let message = error.to_string();
            harmless::visible("a refusal", &message);
            assert!(message.chars().count() < LONGEST_MESSAGE, "{message}");
        }
    }
}

fn own_column(link: &Link) -> Column {
    match link {
        Link::GitHub { .. } => Column::GitHub,
        Link::Kaggle { .. } => Column::Kaggle,
        Link::Orcid { .. } => Column::Orcid,
        Link::HomePage { .. } => Column::HomePage,
    }
}

fn round_trip(link: &Link) {
    let printed = link.to_string();
    harmless::visible("a link", &printed);
    for column in [own_column(link), Column::Links, Column::CommandLine] {
        let again = parse(&printed, column, &HOSTS);
        let again = again.unwrap_or_else(|error| panic!("{printed} in {column:?}: {error}"));
        assert_eq!(&again.link, link, "{printed} in {column:?}");
        assert_eq!(again.link.to_string(), printed);
        assert_eq!(again.notice, None, "{printed} in {column:?}");
        assert_eq!(again.reading, Reading::Named, "{printed} in {column:?}");
    }
    let stored = serde_json::to_string(link).expect("JSON");
    let read: Link = serde_json::from_str(&stored).expect("as it was stored");
    assert_eq!(&read, link);
}
