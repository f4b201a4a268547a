//! Why a text is no link, in words for the person who wrote the list.

use crate::domain::text;

/// Longest piece of a refused text that a message repeats. In characters.
const SHOWN: usize = 80;

/// Why a text is no link. Each variant is final: the text has to be changed by a person.
///
/// No message repeats an e-mail address, what stands before an `@`, or a query: they may be private, and a
/// message may end in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Nothing is left when blanks, quotes and brackets are taken away.
    #[error("there is no link in it; write one such as https://github.com/LOGIN")]
    Empty,
    /// Longer than any link that a person would write.
    #[error(
        "it is {bytes} bytes long, and a link may have {longest}; write the address of the profile alone",
        longest = super::LONGEST_LINK
    )]
    TooLong {
        /// Its length. Bytes.
        bytes: usize,
    },
    /// Characters that a reader cannot see stand in the middle.
    #[error(
        "it holds invisible or control characters, so it may not lead where it seems to; type it anew"
    )]
    Invisible,
    /// Blanks in the middle.
    #[error("{text:?} is more than one word; write one link, without words around it")]
    SeveralWords {
        /// What was written, made harmless.
        text: String,
    },
    /// An e-mail address. Not repeated.
    #[error(
        "it is an e-mail address, which leads to no public work; write a link such as https://github.com/LOGIN"
    )]
    Email,
    /// The name of a file on the command line.
    #[error("{name:?} looks like a list of applicants; read it with --from {name}")]
    ListFile {
        /// What was written, made harmless.
        name: String,
    },
    /// A scheme that leads to no web page.
    #[error("{scheme}: leads to no page that plaudit can read; write an https:// address")]
    Scheme {
        /// The scheme, made harmless.
        scheme: String,
    },
    /// Something stands before an `@` in the host's place. Not repeated: it may be a password.
    #[error(
        "a name or password stands before the host {host:?}, which hides where the link leads; write the address without everything up to the @"
    )]
    UserInfo {
        /// The host after the `@`, made harmless.
        host: String,
    },
    /// No address at all, or one that is broken.
    #[error("{text:?} is no web address ({reason}); write it in full, such as https://{example}")]
    Address {
        /// What was written, made harmless.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
        /// What a good one looks like.
        example: &'static str,
    },
    /// A word whose source is not known.
    #[error(
        "{word:?} could be a name on any site; write github.com/{word} or @{word} for GitHub, kaggle.com/{word} for Kaggle"
    )]
    Ambiguous {
        /// The word, made harmless.
        word: String,
    },
    /// A host that is made to look like another one, or is misspelt.
    #[error(
        "{host:?} looks like {real} and is not; if {real} is meant, write {real}; a GitHub Enterprise server has to be named in the configuration"
    )]
    LookAlike {
        /// The host as the network would see it.
        host: String,
        /// The host that it resembles.
        real: &'static str,
    },
    /// A host that belongs to another source than the column asks for.
    #[error("{host:?} is not {expected}; write {example}, and other pages in the column homepage")]
    WrongHost {
        /// The host.
        host: String,
        /// What the column asks for.
        expected: &'static str,
        /// What a good one looks like.
        example: &'static str,
    },
    /// A site that plaudit does not read and that is nobody's own home page.
    #[error(
        "plaudit does not read {site}; leave it out, or write the applicant's GitHub, Kaggle, ORCID or own page"
    )]
    NotRead {
        /// The site.
        site: &'static str,
    },
    /// A shortened address.
    #[error("{site} hides where the link leads; write the full address")]
    Shortened {
        /// The site.
        site: &'static str,
    },
    /// The host alone, without an account.
    #[error("it names no account on {host}; write https://{host}/NAME")]
    NoAccount {
        /// The host.
        host: String,
    },
    /// A page of the host's own.
    #[error("{path:?} is a page of {host}'s own, not a person; write https://{host}/NAME")]
    Reserved {
        /// The host.
        host: String,
        /// The path, made harmless.
        path: String,
    },
    /// A page of an organisation.
    #[error(
        "{name:?} is named as an organisation on {host}; plaudit looks at people: write the person's own account"
    )]
    Organisation {
        /// The host.
        host: String,
        /// The organisation, made harmless.
        name: String,
    },
    /// A bot or an app.
    #[error("{name:?} is a bot or an app, not a person; write the person's own account")]
    Bot {
        /// Its name, made harmless.
        name: String,
    },
    /// No GitHub login.
    #[error(
        "{text:?} is no GitHub login: 1 to 39 letters, digits and inner hyphens; copy the address of the profile page"
    )]
    Login {
        /// What was written, made harmless.
        text: String,
    },
    /// No Kaggle user name.
    #[error(
        "{text:?} is no Kaggle user name: 1 to 40 letters, digits and single inner hyphens; copy the address of the profile page"
    )]
    UserName {
        /// What was written, made harmless.
        text: String,
    },
    /// No ORCID iD, or a mistyped one.
    #[error("{text:?} is no ORCID iD ({reason}); write it as 0000-0002-1825-0097")]
    Orcid {
        /// What was written, made harmless.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Whether what stands behind the host's colon is no port: the address was cut before its @, and it may be a
/// password.
fn has_no_port(text: &str) -> bool {
    let Some((_, after)) = text.split_once("//") else {
        return false;
    };
    let authority = after
        .split(['/', '\\', '?', '#'])
        .next()
        .unwrap_or_default();
    let behind = authority.rsplit_once(':').map(|(_, behind)| behind);
    !authority.starts_with('[')
        && behind.is_some_and(|behind| !behind.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What a message may repeat of a refused text: one harmless, short line without what may be private.
pub(super) fn shown(text: &str) -> String {
    if text
        .char_indices()
        .any(|(at, character)| character == '@' && at > 0)
    {
        return "(a text with an @)".to_owned();
    }
    if has_no_port(text) {
        return "(an address with a name and perhaps a password)".to_owned();
    }
    let public = text.split(['?', '#']).next().unwrap_or_default();
    let tame = text::tame(public);
    if tame.chars().count() <= SHOWN {
        return tame;
    }
    let mut cut: String = tame.chars().take(SHOWN - 1).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_password_is_not_repeated() {
        for (text, repeated) in [
            ("http://user:secret@example.org/", false),
            // As it is left of `<a href="http://user:secret"@example.org>`.
            ("http://user:secret", false),
            ("//user:secret/path", false),
            ("http://example.org:8080/a:b", true),
            ("http://example.org:/", true),
            ("http://[::1]/", true),
            ("github.com/ada:lovelace", true),
        ] {
            assert_eq!(shown(text) == text, repeated, "{text}: {}", shown(text));
        }
    }
}
