//! GitHub: whose account an address shows, on github.com and on GitHub Enterprise servers.

use super::{
    Handle,
    error::{LinkError, shown},
    host::{GitHubHost, GitHubHosts},
    parse::Reading,
};

/// Longest login. Characters. From GitHub's documentation on user names.
const LONGEST_LOGIN: usize = 39;

/// First parts of GitHub's own pages, which are nobody's logins. In lower case, sorted.
///
/// From the routes of github.com and the names that its sign-up form calls reserved. A name that GitHub
/// once gave to a person stays out of the list: refusing a real person is worse than asking GitHub about a
/// page of its own, which answers that there is no such account.
#[rustfmt::skip] // One word a line would be 200 lines.
const RESERVED: &[&str] = &[
    "about", "access", "account", "actions", "admin", "advisories", "anonymous", "any", "api",
    "apps", "attributes", "auth", "billing", "blob", "blog", "bounty", "branches", "business",
    "businesses", "c", "cache", "case-studies", "categories", "central", "certification",
    "changelog", "cla", "cloud", "codereview", "codespaces", "collection", "collections",
    "comments", "commit", "commits", "community", "companies", "compare", "contact", "contributing",
    "cookbook", "copilot", "coupons", "customer", "customer-stories", "customers", "dashboard",
    "dashboards", "design", "develop", "developer", "diff", "discover", "discussions", "docs",
    "downloads", "downtime", "editor", "editors", "edu", "education", "enterprise", "enterprises",
    "events", "explore", "featured", "features", "files", "fixtures", "forked", "garage", "ghost",
    "gist", "gists", "graphs", "guide", "guides", "help", "help-wanted", "home", "hooks", "hosting",
    "hovercards", "identity", "images", "inbox", "individual", "info", "integration", "interfaces",
    "introduction", "investors", "issues", "jobs", "join", "journal", "journals", "lab", "labs",
    "languages", "launch", "layouts", "learn", "legal", "library", "linux", "listings", "lists",
    "login", "logos", "logout", "mac", "maintenance", "malware", "man", "marketplace", "mention",
    "mentioned", "mentioning", "mentions", "migrating", "milestones", "mine", "mirrors", "mobile",
    "navigation", "network", "new", "news", "none", "nonprofit", "nonprofits", "notices",
    "notifications", "oauth", "offer", "open-source", "organisations", "organizations", "orgs",
    "pages", "partners", "password_reset", "payments", "personal", "plans", "plugins", "popular",
    "popularity", "posts", "premium-support", "press", "pricing", "professional", "projects",
    "pulls", "raw", "readme", "recommendations", "redeem", "releases", "render", "reply",
    "repositories", "resources", "restore", "revert", "saved", "scraping", "search", "security",
    "services", "session", "sessions", "settings", "setup", "shareholders", "shop", "showcases",
    "signin", "signup", "site", "sitemap", "solutions", "spam", "sponsors", "ssh", "staff",
    "stafftools", "starred", "stars", "static", "status", "statuses", "storage", "store", "stories",
    "styleguide", "subscriptions", "suggest", "suggestion", "suggestions", "support", "suspended",
    "talks", "teach", "teacher", "teachers", "teaching", "team", "teams", "ten", "terms",
    "timeline", "topic", "topics", "tos", "tour", "train", "training", "translations", "tree",
    "trending", "updates", "username", "users", "visualization", "w", "watching", "wiki", "windows",
    "works-with",
];

/// What kind of GitHub's hosts an address is on; each puts the account in another place of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The site itself: `/login`, `/owner/repository`.
    Site,
    /// Gists: `/login`, `/login/id`.
    Gists,
    /// Files and archives: `/owner/repository/…`.
    Files,
    /// The API: `/users/login`, `/repos/owner/repository`.
    Api,
    /// A host of GitHub's that shows no accounts.
    Other,
}

/// The GitHub that `host` belongs to, and what lies there.
pub(super) fn place(host: &str, hosts: &GitHubHosts) -> Option<(GitHubHost, Place)> {
    if let Some(known) = hosts.find(host, &["www.", "m.", "ssh."]) {
        return Some((known.clone(), Place::Site));
    }
    for (prefix, place) in [
        ("gist.", Place::Gists),
        ("raw.", Place::Files),
        ("codeload.", Place::Files),
        ("api.", Place::Api),
    ] {
        if let Some(known) = host
            .strip_prefix(prefix)
            .and_then(|rest| hosts.find(rest, &[]))
        {
            return Some((known.clone(), place));
        }
    }
    let public = hosts.public()?;
    let place = match host {
        "raw.githubusercontent.com" => Place::Files,
        "gist.githubusercontent.com" => Place::Gists,
        _ if host.ends_with(".githubusercontent.com") || host.ends_with(".github.com") => {
            Place::Other
        }
        _ => return None,
    };
    Some((public.clone(), place))
}

/// The login whose pages `host` serves: `ada` for `ada.github.io`.
pub(super) fn pages_owner(host: &str) -> Option<&str> {
    host.strip_suffix(".github.io")
        .filter(|owner| !owner.is_empty() && !owner.contains('.'))
}

/// `text` as a login; see [`Handle::github`].
pub(super) fn login(text: &str) -> Result<Handle, LinkError> {
    if text.to_ascii_lowercase().ends_with("[bot]") {
        return Err(LinkError::Bot { name: shown(text) });
    }
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (name, short_code) = match text.split_once('_') {
        Some((name, code)) => (name, Some(code)),
        None => (text, None),
    };
    let good = text.len() <= LONGEST_LOGIN
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && short_code.is_none_or(plain);
    if !good {
        return Err(LinkError::Login { text: shown(text) });
    }
    if is_reserved(text) {
        return Err(LinkError::Reserved {
            host: "github.com".to_owned(),
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

/// Whose account the address with this path shows, or who owns what it shows.
///
/// A page that names one person in another place (`/sponsors/x`, `/users/x`, `/stars/x`) is read as that
/// person. A repository is read as its owner's, which [`Reading::Owner`] tells.
pub(super) fn from_path(
    host: &GitHubHost,
    place: Place,
    path: &[String],
) -> Result<(Handle, Reading), LinkError> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let no_account = || LinkError::NoAccount {
        host: host.to_string(),
    };
    let reserved = || LinkError::Reserved {
        host: host.to_string(),
        path: shown(&path.join("/")),
    };
    let Some((first, rest)) = parts.split_first() else {
        return Err(no_account());
    };
    let first = first.strip_prefix('@').unwrap_or(first);
    let word = first.to_ascii_lowercase();
    match (place, word.as_str(), rest) {
        (Place::Api, "users", [name, ..]) => Ok((login(name)?, Reading::Named)),
        (Place::Api, "repos", [owner, _, ..]) => Ok((login(owner)?, Reading::Owner)),
        (Place::Api, "orgs", [name, ..])
        | (Place::Site, "orgs" | "organizations" | "enterprises", [name, ..]) => {
            Err(LinkError::Organisation {
                host: host.to_string(),
                name: shown(name),
            })
        }
        (Place::Api | Place::Other, _, _) => Err(reserved()),
        (Place::Site, "apps" | "marketplace", [name, ..]) => {
            Err(LinkError::Bot { name: shown(name) })
        }
        (Place::Site, "sponsors" | "users" | "stars", [name, ..]) => {
            Ok((login(name)?, Reading::Named))
        }
        // An anonymous gist's address is its id alone, and an id looks like a login.
        (Place::Gists, _, []) if is_gist_id(first) => Err(no_account()),
        (_, word, _) if is_reserved(word) => Err(reserved()),
        (_, _, []) => Ok((login(without_feed(first))?, Reading::Named)),
        (_, _, [..]) => Ok((login(first)?, Reading::Owner)),
    }
}

/// `x` of `x.keys`, `x.png` and the like, which GitHub serves beside the profile of `x`.
fn without_feed(text: &str) -> &str {
    [".keys", ".gpg", ".png", ".atom"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))
        .unwrap_or(text)
}

/// Whether `text` is the id of a gist: 20 or 32 hexadecimal digits, both of which GitHub has given out.
fn is_gist_id(text: &str) -> bool {
    matches!(text.len(), 20 | 32) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_words_are_sorted_so_that_they_are_found() {
        assert!(RESERVED.is_sorted());
    }
}
