//! What an account names, and what is kept of stars.

use jiff::Timestamp;

use super::count;
use crate::domain::facts::Stargazers;
use crate::standin::{stars::Star, world::Account};

/// The web addresses that an account names.
pub(super) fn names(account: &Account) -> Vec<String> {
    let mut names = Vec::new();
    for written in account.website.iter().chain(account.social.iter().take(10)) {
        let with_scheme = match written.split_once(':') {
            Some(_) => written.to_string(),
            None => format!("https://{written}"),
        };
        let lower = with_scheme.to_ascii_lowercase();
        let Some(host) = ["http://", "https://"]
            .iter()
            .find_map(|scheme| lower.strip_prefix(scheme))
            .and_then(|rest| rest.split(['/', '?', '#']).next())
        else {
            continue;
        };
        let is_host = host.contains('.')
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        if is_host && !names.contains(&with_scheme) {
            names.push(with_scheme);
        }
    }
    names
}

/// What is kept of the newest stars.
pub(super) fn stargazers(stars: &[Star]) -> Stargazers {
    let within = |from: Timestamp, to: Timestamp, hours: i64| {
        let seconds = to.as_second() - from.as_second();
        (0..=hours * 3_600).contains(&seconds)
    };
    let at_once = stars.iter().map(|first| {
        let together = stars.iter().filter(|star| within(first.at, star.at, 48));
        together.count()
    });
    let hollow = stars
        .iter()
        .filter(|star| within(star.account_created_at, star.at, 7 * 24) && star.repositories == 0);
    Stargazers {
        looked_at: count(stars.len()),
        at_once: count(at_once.max().unwrap_or(0)),
        hollow: count(hollow.count()),
    }
}
