//! From the text in a column to the link that it means.

use super::{
    Handle, Link,
    error::{LinkError, shown},
    github,
    host::{GitHubHosts, look_alike},
    kaggle, orcid,
    orcid::OrcidId,
    page,
    page::PageUrl,
    written::{self, Address, Written, decode_path},
};

/// Longest text that is read as a link. Bytes. Browsers and servers agree on about this much for a URL,
/// and a bound keeps the work on hostile lists small.
pub const LONGEST_LINK: usize = 2_048;

/// Where a text stood, which says what a word without a host means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// GitHub profiles: `x` and `@x` are logins.
    GitHub,
    /// Kaggle profiles: `x` and `@x` are user names.
    Kaggle,
    /// ORCID records: sixteen digits.
    Orcid,
    /// Home pages: `x.example` is a host.
    HomePage,
    /// Links of any kind: `@x` is a GitHub login, `x` alone could be anything and is refused.
    Links,
    /// As [`Column::Links`], and the name of a list file is recognised as the slip that it is.
    CommandLine,
}

impl Column {
    /// The column's header in a list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::Kaggle => "kaggle",
            Self::Orcid => "orcid",
            Self::HomePage => "homepage",
            Self::Links => "links",
            Self::CommandLine => "command line",
        }
    }
}

/// How directly a text named the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// The text is the profile's own address or the account's name.
    Named,
    /// The text shows a repository, gist, file, notebook or data set, and the account owns it. An applicant
    /// may have linked to somebody else's work.
    Owner,
}

/// A link that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The link.
    pub link: Link,
    /// How directly the text named it.
    pub reading: Reading,
    /// What a person should know about the way it was read.
    pub notice: Option<String>,
}

impl Parsed {
    fn plain(link: Link) -> Self {
        Self {
            link,
            reading: Reading::Named,
            notice: None,
        }
    }

    fn with_notice(mut self, text: &str) -> Self {
        self.notice = Some(match self.notice.take() {
            Some(before) => format!("{before}; {text}"),
            None => text.to_owned(),
        });
        self
    }

    fn read_as(link: Link, reading: Reading) -> Self {
        let mut parsed = Self::plain(link);
        parsed.reading = reading;
        if reading == Reading::Owner {
            let notice = format!(
                "read as {}, who owns what was linked; check that this is the applicant's own account",
                parsed.link
            );
            parsed.notice = Some(notice);
        }
        parsed
    }
}

/// The link that `text` in `column` means.
///
/// Never panics; what it returns prints as a URL that parses, in its own column and on the command line,
/// to the same link without a notice.
pub fn parse(text: &str, column: Column, hosts: &GitHubHosts) -> Result<Parsed, LinkError> {
    parse_inner(text, column, hosts, true)
}

/// `may_unwrap`: whether an address inside a wrapper may still be followed; a second wrapper is refused.
fn parse_inner(
    text: &str,
    column: Column,
    hosts: &GitHubHosts,
    may_unwrap: bool,
) -> Result<Parsed, LinkError> {
    if text.len() > LONGEST_LINK {
        return Err(LinkError::TooLong { bytes: text.len() });
    }
    if column == Column::CommandLine && is_list_file(text.trim()) {
        return Err(LinkError::ListFile { name: shown(text) });
    }
    let (written, column) = written::unwrap(text, column)?;
    let parsed = match written {
        Written::Word(word) => from_word(&word, column, hosts)?,
        Written::At(name) => from_at(&name, column, hosts)?,
        Written::Address(address) => {
            if let Some(inner) = page::wrapped(&address.url) {
                if !may_unwrap {
                    return Err(LinkError::Shortened {
                        site: "an address wrapped in another",
                    });
                }
                return Ok(parse_inner(&inner, column, hosts, false)?.with_notice(
                    "the address was taken out of a wrapper such as mail programs add",
                ));
            }
            from_address(&address, column, hosts)?
        }
    };
    Ok(tell_wrong_column(parsed, column))
}

/// Whether `text` is rather the name of a list than a link.
fn is_list_file(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let ending = [
        ".csv", ".tsv", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".ndjson", ".txt",
    ]
    .iter()
    .any(|ending| lower.ends_with(ending));
    let first = lower.split(['/', '\\']).next().unwrap_or_default();
    let local = first.len() == lower.len()
        || lower.contains('\\')
        || lower.starts_with(['.', '/', '~'])
        || !first.contains('.');
    ending && local && !lower.contains("://")
}

fn tell_wrong_column(parsed: Parsed, column: Column) -> Parsed {
    let fits = matches!(
        (&parsed.link, column),
        (_, Column::HomePage | Column::Links | Column::CommandLine)
            | (Link::GitHub { .. }, Column::GitHub)
            | (Link::Kaggle { .. }, Column::Kaggle)
            | (Link::Orcid { .. }, Column::Orcid)
    );
    if fits {
        return parsed;
    }
    let notice = format!(
        "a link to {} stands in the column {}; it counts as {}",
        parsed.link.source_name(),
        column.name(),
        parsed.link.source_name()
    );
    parsed.with_notice(&notice)
}

/// What a word without a host means in `column`.
fn from_word(word: &str, column: Column, hosts: &GitHubHosts) -> Result<Parsed, LinkError> {
    let plain = word.split(['?', '#']).next().unwrap_or_default();
    let is_orcid = |text: &str| text.chars().count() == 19 && text.parse::<OrcidId>().is_ok();
    if column == Column::Orcid || is_orcid(plain) {
        return Ok(Parsed::plain(Link::Orcid { id: plain.parse()? }));
    }
    match column {
        Column::GitHub => {
            let host = hosts.first();
            let (handle, reading) =
                github::from_path(&host, github::Place::Site, &decode_path(plain)?)?;
            Ok(Parsed::read_as(Link::GitHub { host, handle }, reading))
        }
        Column::Kaggle => {
            let (handle, reading) = kaggle::from_path(&decode_path(plain)?)?;
            Ok(Parsed::read_as(Link::Kaggle { handle }, reading))
        }
        Column::HomePage => Err(LinkError::Address {
            text: shown(word),
            reason: "it has no host",
            example: "ada.example.org",
        }),
        Column::Orcid | Column::Links | Column::CommandLine => {
            // A mistyped iD is told as such; anything else could be a name on any site.
            let digits = plain.bytes().filter(u8::is_ascii_digit).count();
            if digits >= 14 {
                plain.parse::<OrcidId>()?;
            }
            Err(LinkError::Ambiguous { word: shown(plain) })
        }
    }
}

/// What `@name` means in `column`: a GitHub login, except where the column says Kaggle.
fn from_at(name: &str, column: Column, hosts: &GitHubHosts) -> Result<Parsed, LinkError> {
    match column {
        Column::Kaggle => from_word(name, column, hosts),
        Column::GitHub | Column::Links | Column::CommandLine => Ok(Parsed::plain(Link::GitHub {
            host: hosts.first(),
            handle: Handle::github(name)?,
        })),
        Column::Orcid => Err(LinkError::Orcid {
            text: shown(name),
            reason: "it is a name",
        }),
        Column::HomePage => Err(LinkError::Address {
            text: format!("@{}", shown(name)),
            reason: "it has no host",
            example: "ada.example.org",
        }),
    }
}

/// What an address with a host means in `column`.
fn from_address(
    address: &Address,
    column: Column,
    hosts: &GitHubHosts,
) -> Result<Parsed, LinkError> {
    let host = address.host();
    if let Some((known, place)) = github::place(&host, hosts) {
        refuse_foreign(address)?;
        let (handle, reading) = github::from_path(&known, place, &address.path()?)?;
        let link = Link::GitHub {
            host: known,
            handle,
        };
        return Ok(Parsed::read_as(link, reading));
    }
    if address.git {
        return Err(LinkError::Scheme {
            scheme: "git".to_owned(),
        });
    }
    if kaggle::is_host(&host) {
        refuse_foreign(address)?;
        let (handle, reading) = kaggle::from_path(&address.path()?)?;
        return Ok(Parsed::read_as(Link::Kaggle { handle }, reading));
    }
    if orcid::is_host(&host) {
        refuse_foreign(address)?;
        let (id, reading) = orcid::from_page(&address.url, &address.path()?)?;
        return Ok(Parsed::read_as(Link::Orcid { id }, reading));
    }
    let pages_owner = github::pages_owner(&host);
    if let (Some(owner), Column::GitHub, Some(public)) = (pages_owner, column, hosts.public()) {
        let link = Link::GitHub {
            host: public.clone(),
            handle: Handle::github(owner)?,
        };
        let notice = format!("read as {link}, the account that {host} is served from");
        return Ok(Parsed::plain(link).with_notice(&notice));
    }
    page::refuse_sites(&host)?;
    if pages_owner.is_none()
        && let Some(real) = look_alike(&host)
    {
        return Err(LinkError::LookAlike {
            host: shown(&host),
            real,
        });
    }
    let wrong = |expected, example| {
        Err(LinkError::WrongHost {
            host: shown(&host),
            expected,
            example,
        })
    };
    match column {
        Column::GitHub => wrong("GitHub", "https://github.com/LOGIN"),
        Column::Kaggle => wrong("Kaggle", "https://www.kaggle.com/NAME"),
        Column::Orcid => wrong("ORCID", "https://orcid.org/0000-0002-1825-0097"),
        Column::HomePage | Column::Links | Column::CommandLine => home_page(address),
    }
}

/// Refuses a known host that is written with letters of another alphabet, though the standard folds them
/// together: nobody types them, so somebody is up to something.
fn refuse_foreign(address: &Address) -> Result<(), LinkError> {
    if address.foreign {
        return Err(LinkError::Address {
            text: shown(address.url.as_str()),
            reason: "its host was written with letters of another alphabet",
            example: "github.com/LOGIN",
        });
    }
    Ok(())
}

fn home_page(address: &Address) -> Result<Parsed, LinkError> {
    let link = Link::HomePage {
        url: PageUrl::new(address.url.clone())?,
    };
    let shown = link.to_string();
    let mut parsed = Parsed::plain(link);
    if address.foreign {
        parsed = parsed.with_notice(&format!(
            "the host holds letters outside ASCII; on the wire it is {shown}"
        ));
    } else if address.assumed {
        parsed = parsed.with_notice(&format!("no scheme was written; read as {shown}"));
    }
    Ok(parsed)
}
