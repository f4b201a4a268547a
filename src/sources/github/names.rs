//! The addresses that an account names: its web site and its social accounts.
//!
//! What the account says about its holder's other accounts may link them. `enrich` keeps those alone that the
//! application names as well, so nothing of the others is ever stored.

use url::Url;

use super::wire::{Nodes, Owner};
use crate::domain::text::tame;

/// Addresses that are handed on at most. Count.
const MOST_NAMES: usize = 20;

/// The http(s) addresses that the account names, as it names them, each once.
pub(super) fn names(owner: &Owner) -> Vec<String> {
    let social = owner.social_accounts.iter().flat_map(Nodes::iter);
    let mut names: Vec<String> = Vec::new();
    for url in owner
        .website_url
        .iter()
        .chain(social.map(|account| &account.url))
    {
        if let Some(name) = address(url)
            && !names.contains(&name)
            && names.len() < MOST_NAMES
        {
            names.push(name);
        }
    }
    names
}

/// The text as an address of the web; none when it is another, or names somebody within it.
fn address(text: &str) -> Option<String> {
    let text = tame(text.trim());
    // People leave the scheme out of their web site, and GitHub takes it so.
    let whole = if text.contains(':') {
        text
    } else {
        format!("https://{text}")
    };
    let url = Url::parse(&whole).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    let named = url.host_str().is_some_and(|host| host.contains('.'));
    let nobody = url.username().is_empty() && url.password().is_none();
    (web && named && nobody).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_addresses_of_the_web_are_names() {
        for (text, name) in [
            ("https://ada.example/", Some("https://ada.example/")),
            ("HTTP://Ada.example", Some("HTTP://Ada.example")),
            (" ada.example/me ", Some("https://ada.example/me")),
            ("javascript:alert(1)", None),
            ("mailto:ada@mail.example", None),
            ("ada@mail.example", None),
            ("https://ada:secret@home.example/", None),
            ("ftp://ada.example/", None),
            ("data:text/html,x", None),
            ("ada", None),
            ("", None),
            ("https://", None),
        ] {
            assert_eq!(address(text).as_deref(), name, "{text:?}");
        }
    }

    #[test]
    fn each_name_comes_once_and_there_are_twenty_at_most() {
        let social: Vec<_> = (0..30)
            .map(|number| json!({"url": format!("https://{}.example/", number % 25)}))
            .collect();
        let owner: Owner = serde_json::from_value(json!({"__typename": "User", "login": "me",
            "websiteUrl": "https://0.example/", "socialAccounts": {"nodes": social}}))
        .expect("as GitHub sends it");
        let names = names(&owner);
        assert_eq!((names.len(), names[0].as_str()), (20, "https://0.example/"));
        assert_eq!(names[1], "https://1.example/");
    }
}
