//! Home pages of made-up people, and of some who mean harm.

use std::fmt::Write;

/// Length of the page that is too long. Bytes; the links are at its very end.
const TOO_LONG: usize = 1_200_000;

/// What a host answers at `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HomePage {
    /// A page of HTML.
    Html(String),
    /// A page of HTML in pieces with pauses.
    Slow(String),
    /// The same, though its `robots.txt` forbids to fetch it.
    Forbidden(String),
    /// Something that is no page.
    Other {
        /// Its content type.
        content_type: &'static str,
        /// Its body.
        body: String,
    },
    /// It is elsewhere.
    Moved(&'static str),
    /// This status, and no page.
    Status(u16),
}

impl HomePage {
    /// The host's `robots.txt`; none is 404.
    #[must_use]
    pub fn robots(&self) -> Option<&'static str> {
        match self {
            Self::Forbidden(_) => Some("User-agent: *\nDisallow: /\n"),
            Self::Html(_) => Some("User-agent: *\nDisallow: /private/\nCrawl-delay: 1\n"),
            _ => None,
        }
    }
}

/// Every made-up host.
pub const HOSTS: [&str; 10] = [
    "wilma-kron.example",
    "olaf-vance.example",
    "moved-home.example",
    "loop-home.example",
    "long-home.example",
    "slow-home.example",
    "forbidden-home.example",
    "hostile-home.example",
    "paper-home.example",
    "gone-home.example",
];

/// The page of a host, compared without regard to case.
pub(super) fn home_page(host: &str) -> Option<HomePage> {
    Some(match host.to_ascii_lowercase().as_str() {
        "wilma-kron.example" => HomePage::Html(wilma()),
        "olaf-vance.example" => HomePage::Html(olaf()),
        "moved-home.example" => HomePage::Moved("https://wilma-kron.example/"),
        "loop-home.example" => HomePage::Moved("https://loop-home.example/"),
        "long-home.example" => {
            let filling = "<p>long</p>\n".repeat(TOO_LONG / 12);
            HomePage::Html(page(
                &(filling + &me("https://github.com/long-home-example")),
            ))
        }
        "slow-home.example" => HomePage::Slow(page(&me("https://github.com/slow-home-example"))),
        "forbidden-home.example" => {
            HomePage::Forbidden(page(&me("https://github.com/forbidden-home-example")))
        }
        "hostile-home.example" => HomePage::Html(hostile()),
        "paper-home.example" => HomePage::Other {
            content_type: "application/pdf",
            body: "%PDF-1.7 https://github.com/paper-home-example".to_owned(),
        },
        "gone-home.example" => HomePage::Status(410),
        _ => return None,
    })
}

fn page(body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Home</title></head>\n\
         <body>\n{body}\n</body></html>\n"
    )
}

fn me(url: &str) -> String {
    format!("<a rel=\"me\" href=\"{url}\">me</a>")
}

/// Says clearly which accounts are hers, beside links to others' work.
fn wilma() -> String {
    page(
        "<h1>Wilma Kron</h1>\n<p>never-kept-home-page-text, telephone +00 000 000</p>\n\
         <ul>\n<li><a rel=\"noopener me\" href=\"https://github.com/wilma-kron-example\">GitHub</a></li>\n\
         <li><a rel=\"me\" href=\"https://www.kaggle.com/wilmakron\">Kaggle</a></li>\n\
         <li><a href=\"https://github.com/pytorch/pytorch/pulls\">I like this</a></li>\n\
         <li><a href=\"https://www.kaggle.com/c/whale-songs-example\">I took part</a></li>\n\
         <li><a href=\"mailto:wilma@wilma-kron.example\">Mail</a></li>\n</ul>",
    )
}

/// Names several accounts, none of them clearly his own.
fn olaf() -> String {
    page(
        "<h1>My friends and me</h1>\n<p><a href=\"https://github.com/olaf-vance-example\">one</a>,\n\
         <a href=\"https://github.com/ada-lindqvist-example\">two</a> and\n\
         <a href=\"https://github.com/elif-aksoy-example/stacks\">three</a></p>",
    )
}

/// Links that only look like accounts, markup without end, and one true account among it.
fn hostile() -> String {
    let mut body = String::from(
        "<base href=\"https://evil.example/\"><script>location='https://evil.example'</script>\n\
         <!-- <a rel=me href=\"https://github.com/commented-out-example\">no</a> -->\n\
         <template><a rel=me href=\"https://github.com/in-a-template-example\">no</a></template>\n\
         <a rel=\"me\" href=\"https://github.com.evil.example/victim\">no</a>\n\
         <a rel=\"me\" href=\"https://github.com@evil.example/victim\">no</a>\n\
         <a rel=\"me\" href=\"javascript:alert(1)//github.com/victim\">no</a>\n\
         <a rel=\"me\" href=\"https://gіthub.com/victim\">no</a>\n\
         <a rel=\"me\" href=\"http://127.0.0.1:1/github.com\">no</a>\n\
         <a rel=\"me\" href=\"https://github.com/hostile-home-example\u{202E}\">\u{1b}[31m</a>\n\
         <a rel=\"me\" href=\"https://github.com/hostile-home-example\">yes</a>\n",
    );
    for _ in 0..2_000 {
        body.push_str("<div><b><table>");
    }
    // Writing to memory does not fail.
    let _ = write!(body, "<a href=\"{}\">", "x".repeat(100_000));
    page(&body)
}
