//! Kaggle: whose profile an address shows. The rules are those of Kaggle's own pages.

use super::{
    Handle,
    error::{LinkError, shown},
    parse::Reading,
};

/// Kaggle's host as a message names it.
const HOST: &str = "kaggle.com";

/// Longest user name. Characters.
const LONGEST_NAME: usize = 40;

/// First parts of Kaggle's own pages, which are nobody's names. In lower case, sorted.
const RESERVED: [&str; 35] = [
    "account",
    "admin",
    "api",
    "benchmarks",
    "c",
    "code",
    "competitions",
    "contact",
    "cookies",
    "courses",
    "d",
    "datasets",
    "discussions",
    "docs",
    "general",
    "host",
    "k",
    "kernels",
    "learn",
    "m",
    "models",
    "notebooks",
    "oauth",
    "organizations",
    "privacy",
    "progression",
    "rankings",
    "search",
    "settings",
    "signin",
    "signup",
    "static",
    "terms",
    "users",
    "work",
];

/// Areas of a profile that follow the name; the address still means the profile.
const AREAS: [&str; 14] = [
    "account",
    "badges",
    "code",
    "competitions",
    "datasets",
    "discussion",
    "followers",
    "following",
    "home",
    "kernels",
    "models",
    "notebooks",
    "scripts",
    "writeups",
];

/// Whether `host` is Kaggle.
pub(super) fn is_host(host: &str) -> bool {
    matches!(host, "kaggle.com" | "www.kaggle.com" | "m.kaggle.com")
}

/// `text` as a user name; see [`Handle::kaggle`].
pub(super) fn user_name(text: &str) -> Result<Handle, LinkError> {
    let refuse = || LinkError::UserName { text: shown(text) };
    if text.is_empty() || text.len() > LONGEST_NAME {
        return Err(refuse());
    }
    // A separator needs a letter or digit on both sides: none first, none last, no two in a row.
    let good = text
        .split(['-', '_'])
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !good {
        return Err(refuse());
    }
    if is_reserved(text) {
        return Err(LinkError::Reserved {
            host: HOST.to_owned(),
            path: shown(text),
        });
    }
    Ok(Handle(text.to_owned()))
}

fn is_reserved(text: &str) -> bool {
    RESERVED
        .binary_search(&text.to_ascii_lowercase().as_str())
        .is_ok()
}

/// Whose profile the address with this path shows, or who owns what it shows.
pub(super) fn from_path(path: &[String]) -> Result<(Handle, Reading), LinkError> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let Some((first, rest)) = parts.split_first() else {
        return Err(LinkError::NoAccount {
            host: HOST.to_owned(),
        });
    };
    let first = first.strip_prefix('@').unwrap_or(first);
    let reserved = || LinkError::Reserved {
        host: HOST.to_owned(),
        path: shown(&path.join("/")),
    };
    match (first.to_ascii_lowercase().as_str(), rest) {
        // The legacy form: the number is the account's, the name follows it.
        ("users", [number, name, ..]) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((user_name(name)?, Reading::Named))
        }
        // A data set, notebook or model lies below its owner.
        ("datasets" | "code" | "models", [owner, _, ..]) => Ok((user_name(owner)?, Reading::Owner)),
        ("organizations", [name, ..]) => Err(LinkError::Organisation {
            host: HOST.to_owned(),
            name: shown(name),
        }),
        (word, _) if is_reserved(word) => Err(reserved()),
        (_, []) => Ok((user_name(first)?, Reading::Named)),
        (_, [area, ..]) if AREAS.contains(&area.to_ascii_lowercase().as_str()) => {
            Ok((user_name(first)?, Reading::Named))
        }
        // `/name/slug` was a notebook or a data set of that person's.
        (_, _) => Ok((user_name(first)?, Reading::Owner)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_words_are_sorted_so_that_they_are_found() {
        assert!(RESERVED.is_sorted());
    }
}
