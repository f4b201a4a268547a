//! The REST side: accounts, their repositories, and the search for pull requests, with GitHub's field names.
//!
//! Avatar, location, e-mail address, company, followers and the like hold planted values that begin with
//! [`PLANTED`], so that a test can search whatever the product keeps and prove that none of them is there.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::world::{
    Account, AccountId, AccountKind, PullRequest, PullRequestId, RepositoryId, State, World,
};

/// Begins every value that must never be kept.
pub(super) const PLANTED: &str = "PLANTED";
/// A follower count that is as easily found.
const PLANTED_FOLLOWERS: u32 = 7_654_321;
/// Records on a page unless the client says otherwise, and at most. Count. GitHub's.
const PER_PAGE: (usize, usize) = (30, 100);
/// Results of a search that can be reached. Count. GitHub's.
const MOST_RESULTS: usize = 1_000;
/// Longest search text, in characters. GitHub's.
const LONGEST_SEARCH: usize = 256;

/// An answer before its headers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    /// The `link` header of a paged list.
    pub(super) link: Option<String>,
    /// The `location` header of a redirect.
    pub(super) location: Option<String>,
}

impl Answer {
    fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            body,
            link: None,
            location: None,
        }
    }

    fn not_found() -> Self {
        Self::new(
            404,
            json!({"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}),
        )
    }

    fn invalid(errors: &Value) -> Self {
        Self::new(
            422,
            json!({"message": "Validation Failed", "errors": errors,
                "documentation_url": "https://docs.github.com/v3/search/", "status": "422"}),
        )
    }
}

/// A request as REST sees it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) world: &'a World,
    /// Where the stand-in can be reached, without a slash at the end.
    pub(super) base: &'a str,
    /// The path, still percent-encoded.
    pub(super) path: &'a str,
    /// The query, still percent-encoded.
    pub(super) query: &'a str,
    /// Whether a token vouches for the caller, who then sees private work as well.
    pub(super) trusted: bool,
}

impl Asked<'_> {
    /// The answer to a `GET`.
    pub(super) fn answer(self) -> Answer {
        let parts: Vec<String> = self
            .path
            .trim_matches('/')
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts[..] {
            ["users", login] => match self.by_login(login, "") {
                Ok(id) => Answer::new(200, self.user(id)),
                Err(other) => other,
            },
            ["users", login, "repos"] => match self.by_login(login, "/repos") {
                Ok(id) => self.repositories(id),
                Err(other) => other,
            },
            ["user", id] => match self.by_id(id) {
                Some(id) => Answer::new(200, self.user(id)),
                None => Answer::not_found(),
            },
            ["user", id, "repos"] => match self.by_id(id) {
                Some(id) => self.repositories(id),
                None => Answer::not_found(),
            },
            ["search", "issues"] => self.search(),
            _ => Answer::not_found(),
        }
    }

    /// The account, or the answer when there is none of this login any more.
    fn by_login(self, login: &str, rest: &str) -> Result<AccountId, Answer> {
        if let Some(id) = self.world.account_by_login(login) {
            return Ok(id);
        }
        let Some(id) = self.world.account_by_former_login(login) else {
            return Err(Answer::not_found());
        };
        let url = format!("{}/user/{}{rest}", self.base, id.database_id());
        let mut moved = Answer::new(
            301,
            json!({"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest"}),
        );
        moved.location = Some(url);
        Err(moved)
    }

    fn by_id(self, id: &str) -> Option<AccountId> {
        self.world.account_by_database_id(id.parse().ok()?)
    }

    /// The value of a parameter of the query, decoded.
    fn parameter(self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    fn page(self) -> (usize, usize) {
        let number = |name: &str| {
            self.parameter(name)
                .and_then(|text| text.parse::<usize>().ok())
        };
        let per_page = number("per_page")
            .unwrap_or(PER_PAGE.0)
            .clamp(1, PER_PAGE.1);
        (number("page").unwrap_or(1).max(1), per_page)
    }

    /// The `link` header of a list that goes on.
    fn link(self, page: usize, last: usize) -> Option<String> {
        if last <= 1 {
            return None;
        }
        let to = |page: usize, relation: &str| {
            let others =
                url::form_urlencoded::parse(self.query.as_bytes()).filter(|(key, _)| key != "page");
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(others)
                .append_pair("page", &page.to_string())
                .finish();
            format!("<{}{}?{query}>; rel=\"{relation}\"", self.base, self.path)
        };
        let mut links = Vec::new();
        if page > 1 {
            links.push(to(page - 1, "prev"));
        }
        if page < last {
            links.push(to(page + 1, "next"));
            links.push(to(last, "last"));
        }
        if page > 1 {
            links.push(to(1, "first"));
        }
        Some(links.join(", "))
    }

    fn repositories(self, owner: AccountId) -> Answer {
        let world = self.world;
        let mut ids: Vec<RepositoryId> = world
            .repositories_of(owner)
            .iter()
            .copied()
            .filter(|id| !world.repository(*id).private)
            .collect();
        let sort = self.parameter("sort").unwrap_or_default();
        // Names go up and dates go down, unless `direction` says otherwise.
        match sort.as_str() {
            "created" => ids.sort_by_key(|id| world.repository(*id).created_at),
            "pushed" | "updated" => ids.sort_by_key(|id| world.repository(*id).pushed_at),
            _ => ids.sort_by_key(|id| world.repository(*id).name_with_owner.to_ascii_lowercase()),
        }
        let dated = matches!(sort.as_str(), "created" | "pushed" | "updated");
        let down = self
            .parameter("direction")
            .map_or(dated, |direction| direction == "desc");
        if down {
            ids.reverse();
        }
        let (page, per_page) = self.page();
        let shown = ids
            .iter()
            .skip((page - 1).saturating_mul(per_page))
            .take(per_page)
            .map(|id| self.repository(*id));
        let mut answer = Answer::new(200, Value::Array(shown.collect()));
        answer.link = self.link(page, ids.len().div_ceil(per_page));
        answer
    }

    /// The fields that REST shows of any account.
    fn author(self, id: AccountId) -> Value {
        let account = self.world.account(id);
        let login = &*account.login;
        let api = format!("{}/users/{}", self.base, encoded(login));
        json!({
            "login": login,
            "id": id.database_id(),
            "node_id": self.world.account_node_id(id),
            "avatar_url": format!("https://avatars.githubusercontent.com/u/{}?v=4&mark={PLANTED}-AVATAR", id.database_id()),
            "gravatar_id": "",
            "url": api,
            "html_url": format!("https://github.com/{}", encoded(login)),
            "followers_url": format!("{api}/followers"),
            "following_url": format!("{api}/following%7B/other_user%7D"),
            "gists_url": format!("{api}/gists%7B/gist_id%7D"),
            "starred_url": format!("{api}/starred%7B/owner%7D%7B/repo%7D"),
            "subscriptions_url": format!("{api}/subscriptions"),
            "organizations_url": format!("{api}/orgs"),
            "repos_url": format!("{api}/repos"),
            "events_url": format!("{api}/events%7B/privacy%7D"),
            "received_events_url": format!("{api}/received_events"),
            "type": account.kind.name(),
            "user_view_type": "public",
            "site_admin": false,
        })
    }

    fn user(self, id: AccountId) -> Value {
        let account: &Account = self.world.account(id);
        let login = &*account.login;
        let public = self
            .world
            .repositories_of(id)
            .iter()
            .filter(|id| !self.world.repository(**id).private)
            .count();
        let more = json!({
            "name": account.name,
            "company": format!("{PLANTED}-COMPANY-{login}"),
            "blog": format!("https://{PLANTED}-BLOG.example/{login}"),
            "location": format!("{PLANTED}-LOCATION-{login}"),
            "email": format!("{PLANTED}-EMAIL-{login}@mail.example"),
            "hireable": true,
            "bio": planted_bio(account),
            "twitter_username": format!("{PLANTED}-TWITTER-{login}"),
            "gender": format!("{PLANTED}-GENDER-{login}"),
            "pronouns": format!("{PLANTED}-PRONOUNS-{login}"),
            "country": format!("{PLANTED}-COUNTRY-{login}"),
            "acceptance_rate": format!("{PLANTED}-ACCEPTANCE-{login}"),
            "streak": format!("{PLANTED}-STREAK-{login}"),
            "public_repos": public,
            "public_gists": account.gists.len(),
            "followers": PLANTED_FOLLOWERS,
            "following": PLANTED_FOLLOWERS,
            "created_at": account.created_at.to_string(),
            "updated_at": account.created_at.to_string(),
        });
        merged(self.author(id), more)
    }

    fn repository(self, id: RepositoryId) -> Value {
        let repository = self.world.repository(id);
        let full_name = &*repository.name_with_owner;
        json!({
            "id": id.database_id(),
            "node_id": id.node_id(),
            "name": repository.name(),
            "full_name": full_name,
            "private": repository.private,
            "owner": self.author(repository.owner),
            "html_url": repository.url(),
            "description": Value::Null,
            "fork": repository.fork,
            "url": format!("{}/repos/{full_name}", self.base),
            "created_at": repository.created_at.to_string(),
            "updated_at": repository.pushed_at.unwrap_or(repository.created_at).to_string(),
            "pushed_at": repository.pushed_at.map(|at| at.to_string()),
            "homepage": Value::Null,
            "size": if repository.empty { 0 } else { repository.commits },
            "stargazers_count": repository.stars,
            "watchers_count": repository.stars,
            "language": repository.language,
            "has_issues": true,
            "forks_count": repository.forks,
            "mirror_url": repository.mirror.then(|| format!("https://git.example/{full_name}")),
            "archived": repository.archived,
            "disabled": false,
            "open_issues_count": 0,
            "is_template": repository.template,
            "topics": [],
            "visibility": if repository.private { "private" } else { "public" },
            "default_branch": "main",
        })
    }

    fn search(self) -> Answer {
        let text = self.parameter("q").unwrap_or_default();
        if text.trim().is_empty() || text.chars().count() > LONGEST_SEARCH {
            return Answer::invalid(
                &json!([{"resource": "Search", "field": "q", "code": "invalid",
                "message": "The search is empty or longer than 256 characters."}]),
            );
        }
        let wanted = match Wanted::parse(&text, self.world) {
            Ok(wanted) => wanted,
            Err(refused) => return refused,
        };
        let (page, per_page) = self.page();
        if (page - 1).saturating_mul(per_page) >= MOST_RESULTS {
            return Answer::new(
                422,
                json!({"message": "Only the first 1000 search results are available",
                    "documentation_url": "https://docs.github.com/v3/search/", "status": "422"}),
            );
        }
        let found: Vec<PullRequestId> = self
            .world
            .pull_requests_by(wanted.author)
            .iter()
            .copied()
            .filter(|id| wanted.fits(self.world, *id, self.trusted))
            .collect();
        let items: Vec<Value> = found
            .iter()
            .take(MOST_RESULTS)
            .skip((page - 1).saturating_mul(per_page))
            .take(per_page)
            .map(|id| self.issue(*id))
            .collect();
        let mut answer = Answer::new(
            200,
            json!({"total_count": found.len(), "incomplete_results": false, "items": items}),
        );
        answer.link = self.link(page, found.len().min(MOST_RESULTS).div_ceil(per_page));
        answer
    }

    fn issue(self, id: PullRequestId) -> Value {
        let pull_request = self.world.pull_request(id);
        let repository = self.world.repository(pull_request.repository);
        let api = format!("{}/repos/{}", self.base, repository.name_with_owner);
        let number = pull_request.number;
        let (url, html) = (
            format!("{api}/issues/{number}"),
            self.world.pull_request_url(id),
        );
        let labels: Vec<Value> = pull_request
            .labels
            .iter()
            .zip(1..)
            .map(|(name, id): (_, u64)| {
                json!({"id": id, "node_id": format!("LA_{id}"), "url": format!("{api}/labels/{}", encoded(name)),
                    "name": name, "description": Value::Null, "color": "ededed", "default": false})
            })
            .collect();
        json!({
            "url": url,
            "repository_url": api,
            "labels_url": format!("{url}/labels%7B/name%7D"),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "html_url": html,
            "id": id.database_id(),
            "node_id": id.node_id(),
            "number": number,
            "title": pull_request.title,
            "user": self.author(pull_request.author),
            "labels": labels,
            "state": if pull_request.state == State::Open { "open" } else { "closed" },
            "locked": false,
            "assignee": Value::Null,
            "assignees": [],
            "milestone": Value::Null,
            "comments": 0,
            "created_at": pull_request.created_at.to_string(),
            "updated_at": pull_request.closed_at.unwrap_or(pull_request.created_at).to_string(),
            "closed_at": pull_request.closed_at.map(|at| at.to_string()),
            "author_association": "CONTRIBUTOR",
            "active_lock_reason": Value::Null,
            "draft": false,
            "pull_request": {
                "url": format!("{api}/pulls/{number}"),
                "html_url": html,
                "diff_url": format!("{html}.diff"),
                "patch_url": format!("{html}.patch"),
                "merged_at": pull_request.merged_at.map(|at| at.to_string()),
            },
            "body": format!("{PLANTED}-BODY"),
            "state_reason": Value::Null,
            "score": 1.0,
        })
    }
}

/// What an account says of itself, with a word that must never be kept.
pub(super) fn planted_bio(account: &Account) -> String {
    let login = &account.login;
    match account.bio.as_deref() {
        Some(bio) => format!("{PLANTED}-BIO-{login} {bio}"),
        None => format!("{PLANTED}-BIO-{login}"),
    }
}

/// A search, understood.
struct Wanted {
    author: AccountId,
    terms: Vec<(bool, Term)>,
}

/// One condition of a search.
enum Term {
    State(State),
    Closed,
    Public(bool),
    Label(String),
    Repository(String),
    Owner(String),
    Title(String),
    /// `is:pr` and `type:pr`: everything that is searched is one.
    Always,
    /// `is:issue`.
    Never,
}

impl Wanted {
    fn parse(text: &str, world: &World) -> Result<Self, Answer> {
        let mut author = None;
        let mut terms = Vec::new();
        for given in words(text) {
            let (wanted, given) = given
                .strip_prefix('-')
                .map_or((true, given.as_str()), |given| (false, given));
            let (key, value) = given.split_once(':').unwrap_or(("", given));
            let term = match (key, value) {
                ("author", login) if wanted => {
                    author = Some(login.to_owned());
                    continue;
                }
                ("is" | "type", "pr") => Term::Always,
                ("is" | "type", "issue") => Term::Never,
                ("is", "merged") => Term::State(State::Merged),
                ("is" | "state", "open") => Term::State(State::Open),
                ("is" | "state", "closed") => Term::Closed,
                ("is", "unmerged") => {
                    terms.push((!wanted, Term::State(State::Merged)));
                    continue;
                }
                ("is", "public") => Term::Public(true),
                ("is", "private") => Term::Public(false),
                ("label", label) => Term::Label(label.to_owned()),
                ("repo", repository) => Term::Repository(repository.to_owned()),
                ("user" | "org", owner) => Term::Owner(owner.to_owned()),
                // A qualifier that GitHub does not know is text like any other.
                _ => Term::Title(given.to_lowercase()),
            };
            terms.push((wanted, term));
        }
        let known = author
            .and_then(|login| world.account_by_login(&login))
            // The search leaves private profiles out as it does those that are not there.
            .filter(|id| {
                let account = world.account(*id);
                account.kind != AccountKind::Organization && !account.private
            });
        match known {
            Some(author) => Ok(Self { author, terms }),
            None => Err(Answer::invalid(&json!([{
                "message": "The listed users cannot be searched either because the users do not exist or you do not have permission to view the users.",
                "resource": "Search", "field": "q", "code": "invalid"}]))),
        }
    }

    fn fits(&self, world: &World, id: PullRequestId, trusted: bool) -> bool {
        let pull_request = world.pull_request(id);
        (trusted || !world.repository(pull_request.repository).private)
            && self
                .terms
                .iter()
                .all(|(wanted, term)| term.fits(world, pull_request) == *wanted)
    }
}

impl Term {
    fn fits(&self, world: &World, pull_request: &PullRequest) -> bool {
        let repository = world.repository(pull_request.repository);
        match self {
            Self::State(state) => pull_request.state == *state,
            Self::Closed => pull_request.state != State::Open,
            Self::Public(public) => repository.private != *public,
            // The search compares labels without regard to case, unlike GraphQL's filter.
            Self::Label(label) => pull_request
                .labels
                .iter()
                .any(|known| known.eq_ignore_ascii_case(label)),
            Self::Repository(name) => repository.name_with_owner.eq_ignore_ascii_case(name),
            Self::Owner(login) => world
                .account(repository.owner)
                .login
                .eq_ignore_ascii_case(login),
            Self::Title(part) => pull_request.title.to_lowercase().contains(part),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The words of a search; quotation marks hold one together (`label:"good first issue"`).
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|word| word.push(character)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn merged(base: Value, more: Value) -> Value {
    match (base, more) {
        (Value::Object(mut base), Value::Object(more)) => {
            base.extend(more);
            Value::Object(base)
        }
        (base, _) => base,
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use octocrab::models::{Repository, UserProfile, issues::Issue};

    fn asked<'a>(world: &'a World, path: &'a str, query: &'a str, trusted: bool) -> Answer {
        Asked {
            world,
            base: "http://127.0.0.1:1",
            path,
            query,
            trusted,
        }
        .answer()
    }

    #[test]
    fn octocrab_reads_every_account_and_repository_of_the_demo() {
        let world = World::demo();
        for id in world.accounts() {
            let path = format!("/user/{}", id.database_id());
            let profile: UserProfile =
                serde_json::from_value(asked(&world, &path, "", false).body).unwrap();
            assert_eq!(profile.login, *world.account(id).login);
            let path = format!("{path}/repos");
            let answer = asked(&world, &path, "per_page=100&type=owner&sort=pushed", false);
            let repositories: Vec<Repository> = serde_json::from_value(answer.body).unwrap();
            assert!(
                repositories
                    .iter()
                    .all(|found| found.private == Some(false))
            );
        }
    }

    #[test]
    fn search_understands_the_qualifiers_and_pages() {
        let world = World::demo();
        for (query, total, pages) in [
            (
                "q=author%3Alena-landau-example+is%3Apr+is%3Amerged&per_page=100",
                2_000,
                10,
            ),
            ("q=author:lena-landau-example+type:pr+is:unmerged", 0, 0),
            (
                "q=author:ada-lindqvist-example+is:pr+is:closed+label:Merged&per_page=2",
                6,
                3,
            ),
            ("q=author:ada-lindqvist-example+is:issue", 0, 0),
            (
                "q=author:ada-lindqvist-example+repo:scikit-learn/scikit-learn+is:merged",
                8,
                1,
            ),
            (
                "q=author:ada-lindqvist-example+is:pr+is:closed+label:Merged+-repo:pytorch/pytorch",
                0,
                0,
            ),
        ] {
            let answer = asked(&world, "/search/issues", query, false);
            assert_eq!(answer.status, 200, "{query}");
            assert_eq!(answer.body["total_count"], total, "{query}");
            let items: Vec<Issue> = serde_json::from_value(answer.body["items"].clone()).unwrap();
            assert!(items.iter().all(|item| item.pull_request.is_some()));
            let last = answer.link.map_or(usize::from(total > 0), |link| {
                let end = link
                    .split(", ")
                    .find(|link| link.contains("\"last\""))
                    .unwrap();
                let page = end
                    .rsplit("page=")
                    .next()
                    .unwrap()
                    .split('>')
                    .next()
                    .unwrap();
                page.parse().unwrap()
            });
            assert_eq!(last, pages, "{query}");
        }
    }

    #[test]
    fn refusals_have_githubs_status() {
        let world = World::demo();
        let long = format!("q={}", "x".repeat(300));
        for (path, query, status) in [
            ("/users/ada-lindqvist-example", "", 200),
            ("/users/ADA-Lindqvist-Example", "", 200),
            ("/users/kofi-gone-example", "", 404),
            ("/users/hanna-oldname-example", "", 301),
            ("/users/hanna-oldname-example/repos", "", 301),
            ("/users/julep-sweeper%5Bbot%5D", "", 200),
            ("/user/1", "", 404),
            ("/user/not-a-number", "", 404),
            ("/search/issues", "q=author:kofi-gone-example", 422),
            ("/search/issues", "q=author:hanna-oldname-example", 422),
            ("/search/issues", "q=is:pr", 422),
            (
                "/search/issues",
                "q=author:lena-landau-example&page=11&per_page=100",
                422,
            ),
            ("/search/issues", long.as_str(), 422),
            ("/nowhere", "", 404),
        ] {
            assert_eq!(
                asked(&world, path, query, false).status,
                status,
                "{path}?{query}"
            );
        }
        let moved = asked(&world, "/users/hanna-oldname-example", "", false);
        let location = moved.location.unwrap();
        let path = location.strip_prefix("http://127.0.0.1:1").unwrap();
        assert_eq!(
            asked(&world, path, "", false).body["login"],
            "hanna-newname-example"
        );
    }

    #[test]
    fn private_work_is_shown_to_a_token_alone() {
        let world = World::demo();
        let query = "q=author:rosa-feldt-example+is:private";
        let total =
            |trusted| asked(&world, "/search/issues", query, trusted).body["total_count"].clone();
        assert_eq!(total(false), 0);
        assert_eq!(total(true), 1);
    }
}
