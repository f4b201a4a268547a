//! HTML pages that need nothing else: no script, no network, no file beside them.
//!
//! Templates are checked when plaudit is built, and escape everything that they are given. What is marked as safe here
//! are our own parts ([`Link`], [`charts`]), which are templates as well. A page holds no clock: the same profile gives
//! the same bytes.

pub(crate) mod applicant;
pub(crate) mod charts;
pub(crate) mod column;
pub(crate) mod ranking;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use askama::{Template, filters::HtmlSafe};

use super::{Ranking, Rows, percent, rows::plain, terminal::clean, words};
use crate::domain::{applicant::ApplicantId, profile::Profile, rubric::Rubric};

/// The look of all pages, which a report carries within it.
pub(crate) const STYLE: &str = include_str!("templates/style.css");

/// A component's heading.
pub(crate) fn component(name: &str) -> String {
    words::component(name).into_owned()
}

/// What is below a ranking: how to read the ranges, and what is never looked at.
pub(crate) const READING: [&str; 3] = [words::ORDER, words::RANGE, words::NEVER];

/// Coverage in whole percent, never rounded up to all.
pub(crate) fn known(profile: &Profile) -> u8 {
    percent(profile.coverage)
}

/// What a ranking is made of and what it does not know, a sentence a line.
pub(crate) fn summary(ranking: &Ranking) -> Vec<String> {
    ranking.summary()
}

/// The files of a folder of reports, so that its pages lead to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// The role in words.
    title: Option<String>,
    names: BTreeMap<ApplicantId, String>,
}

impl Pages {
    /// A file name for each of `ids`, safe on every disk and different from all others, also where case does not
    /// count. An applicant's name does not depend on who else is there, unless two would have the same. `title` is the
    /// role in words.
    pub fn new<'a>(title: Option<&str>, ids: impl IntoIterator<Item = &'a ApplicantId>) -> Self {
        let ids: BTreeSet<&ApplicantId> = ids.into_iter().collect();
        let mut taken = BTreeSet::new();
        let mut names = BTreeMap::new();
        for id in ids {
            let mut digits = 8;
            let mut name = file_name(id, None);
            while !taken.insert(name.clone()) {
                name = file_name(id, Some(digits));
                digits += 8;
            }
            names.insert(id.clone(), name);
        }
        Self {
            title: title.map(|title| clean(title).into_owned()),
            names,
        }
    }

    /// The file's name within `applicants`, such as `a-01.html`.
    pub fn name_of(&self, id: &ApplicantId) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }
}

/// Names that some systems keep for devices, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A colon becomes `~`, which no id holds. An id with anything else that a disk may not tell apart or take gets a
/// part of its digest: so many hexadecimal `digits`, 8 unless told.
fn file_name(id: &ApplicantId, digits: Option<usize>) -> String {
    let text = id.as_str();
    let stem: String = text
        .chars()
        .map(|character| match character {
            ':' => '~',
            '@' | '+' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect();
    let first = stem.split('.').next().unwrap_or_default();
    let is_device = DEVICES
        .iter()
        .any(|device| first.trim_end_matches(|last: char| last.is_ascii_digit()) == *device);
    let changed = text
        .chars()
        .any(|character| character.is_ascii_uppercase() || "@+".contains(character));
    if digits.is_none() && !changed && !is_device {
        return format!("{stem}.html");
    }
    let digest = blake3::hash(text.as_bytes()).to_hex();
    let digits = digits.unwrap_or(8).min(digest.len());
    let begin = if is_device { "id~" } else { "" };
    format!("{begin}{stem}~{}.html", &digest[..digits])
}

/// A link to where something can be seen, or its text alone when the address is none of the web's.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "link.html")]
pub(crate) struct Link {
    text: String,
    href: Option<String>,
    /// Whether the text is the address itself, so that print need not repeat it.
    bare: bool,
}

impl HtmlSafe for Link {}

impl Link {
    pub(crate) fn new(text: &str, url: &str) -> Self {
        let url = clean(url);
        let text = clean(text);
        let bare = text.is_empty() || text == url;
        let of_the_web = url::Url::parse(&url)
            .is_ok_and(|parsed| matches!(parsed.scheme(), "http" | "https") && parsed.has_host())
            && (url.starts_with("https://") || url.starts_with("http://"));
        Self {
            text: if text.is_empty() {
                url.to_string()
            } else {
                text.into_owned()
            },
            href: of_the_web.then(|| url.into_owned()),
            bare,
        }
    }

    pub(crate) fn bare(url: &str) -> Self {
        Self::new(url, url)
    }
}

/// Plain rows.
#[derive(Template)]
#[template(path = "rows.html")]
struct Plain<'a> {
    header: &'a [&'static str],
    rows: Vec<Vec<String>>,
}

/// The page of one applicant.
pub(super) fn profile(
    profile: &Profile,
    rubric: Option<&Rubric>,
    pages: Option<&Pages>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write(&applicant::Page::new(profile, rubric, pages), out)
}

/// The page of a ranking.
pub(super) fn ranking(
    ranking: &Ranking,
    pages: Option<&Pages>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write(&ranking::Page::new(ranking, pages), out)
}

/// A page of plain rows.
pub(super) fn rows(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let cells = rows.rows.iter();
    let page = Plain {
        header: &rows.header,
        rows: cells.map(|row| row.iter().map(plain).collect()).collect(),
    };
    write(&page, out)
}

pub(super) fn write(page: &impl Template, out: &mut dyn Write) -> io::Result<()> {
    Template::write_into(page, out)?;
    writeln!(out)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod own_tests {
    use super::*;

    fn names(ids: &[&str]) -> Vec<String> {
        let ids: Vec<ApplicantId> = ids.iter().map(|id| id.parse().unwrap()).collect();
        let pages = Pages::new(None, &ids);
        ids.iter()
            .map(|id| pages.name_of(id).unwrap().to_owned())
            .collect()
    }

    #[test]
    fn file_names_are_safe_and_differ_also_where_case_does_not_count() {
        let all = names(&[
            "a-01",
            "A-01",
            "github:octocat",
            "github:octocat@example.org",
            "x+y",
            "x_y",
            "nul",
            "com1.old",
            "common",
        ]);
        assert_eq!(all[0], "a-01.html");
        assert_eq!(all[2], "github~octocat.html");
        assert_eq!(all[8], "common.html");
        let folded: BTreeSet<String> = all.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(folded.len(), all.len(), "{all:?}");
        for name in &all {
            let fine = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._~-".contains(&byte)
            };
            assert!(name.bytes().all(fine), "{name}");
            assert!(
                !name.starts_with("nul") && !name.starts_with("com1"),
                "{name}"
            );
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_led_to() {
        for (url, leads) in [
            ("https://github.com/a/b?c=d&e=f", true),
            ("http://example.org/", true),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("//example.org", false),
            (" https://example.org", false),
            ("https:example.org", false),
            ("file:///etc/passwd", false),
            ("", false),
        ] {
            assert_eq!(Link::new("t", url).href.is_some(), leads, "{url:?}");
        }
        let shown = Link::new("<b>\"x\" & 'y'", "https://example.org/?a=\"><script>").to_string();
        assert!(
            !shown.contains("<b>") && !shown.contains("<script"),
            "{shown}"
        );
        assert_eq!(shown.matches('"').count(), 4, "{shown}");
    }
}
