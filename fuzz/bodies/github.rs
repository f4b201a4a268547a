//! What GitHub answers, from the first query to facts and their score: the answers, separated, in the order of
//! [`ANSWERS`]. An input that begins with `!` is answered as without a token; of one that begins with `C` the rest is a
//! single answer to be classified (see `classify`).
//!
//! - Nobody is found whom the first answer does not name as a person, and nothing is found where it is a failure.
//! - A failure is never a zero: what an answer did not tell is unknown, and a gap says so.
//! - Names and titles are harmless, and what is found is stored and read as it was.
//! - What is found can be judged, and the evidence adds up.

use std::sync::{Arc, LazyLock};

use plaudit::domain::facts::{GitHubFacts, Lookup, Topic};
use plaudit::domain::link::Handle;
use plaudit::domain::rubric::Rubric;
use plaudit::domain::score::Score;
use plaudit::http::{Outgoing, Pool, Resource};
use plaudit::sources::github::{Connection, GitHub, Interest, Settings};
use secrecy::SecretString;
use serde_json::Value;

use super::answers::{self, Answered};
use super::{classify, facts, judged, parts};

/// Which answer a request gets: by what stands in the query, or in the path.
const ANSWERS: [&str; 10] = [
    "query Core(",
    "query Depth(",
    "query Watched(",
    "query Proof(",
    "query Page(",
    "query Authors(",
    "query Stars(",
    "/repos",
    "/search/issues",
    "/users/",
];

/// The newest year that is asked for.
const THIS_YEAR: i16 = 2026;

static RUBRIC: LazyLock<Rubric> = LazyLock::new(|| {
    let all = Rubric::all_embedded().expect("valid");
    all["doctoral-dl-radiology"].clone()
});

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    if let Some(answer) = bytes.strip_prefix(b"C") {
        return classify::run(answer);
    }
    score(bytes);
}

/// The score of what comes of an input's answers, all of which are held against plaudit on the way; `None`: nobody is
/// found.
pub fn score(bytes: &[u8]) -> Option<Score> {
    let (bytes, has_token) = match bytes.strip_prefix(b"!") {
        Some(bytes) => (bytes, false),
        None => (bytes, true),
    };
    let given: Vec<Answered> = parts(bytes)
        .map(Answered::read)
        .chain(std::iter::repeat_with(|| Answered::read(b"{\"data\":{}}")))
        .take(ANSWERS.len())
        .collect();
    let lookup = fetch(&given, has_token)?;
    if let Some(reason) = lookup.reason() {
        super::harmless::visible("a reason", reason);
    }
    let facts = lookup.found()?;
    let first = if has_token { &given[0] } else { &given[9] };
    assert!(
        names_a_person(first, has_token),
        "found, and nobody is named"
    );
    unknown_is_not_zero(facts, &given, has_token);
    facts::sound_github(facts);
    Some(judged::github(&RUBRIC, facts))
}

/// What comes of the answers; `None`: nothing, for a reason that may pass.
fn fetch(given: &[Answered], has_token: bool) -> Option<Lookup<GitHubFacts>> {
    let asked = given.to_vec();
    let answers = move |request: &Outgoing| {
        let query = String::from_utf8_lossy(&request.body);
        let path = request.url.path();
        let place = ANSWERS
            .iter()
            .position(|mark| query.contains(mark) || path.contains(mark));
        let Answered {
            status,
            headers,
            body,
        } = asked[place.unwrap_or(0)].clone();
        (status, headers, body)
    };
    answers::run(async {
        let resources = [Resource::GraphQl, Resource::Core, Resource::Search];
        let tokens: &[SecretString] = &["ghp_madeUpTokenOfAFuzzer".to_owned().into()];
        let tokens = if has_token { tokens } else { &[] };
        let connection = Connection {
            way_out: answers::way_out(Box::new(answers)),
            pool: Arc::new(Pool::new(tokens, &answers::limits("github", &resources))),
            settings: Settings {
                graphql_url: "https://github.example.org/graphql".parse().expect("a URL"),
                api_url: "https://github.example.org/".parse().expect("a URL"),
                batch: 1,
            },
        };
        let interest = Interest {
            watched: RUBRIC.watched.clone(),
            repositories: RUBRIC.own_code.repositories,
        };
        let handle = Handle::github("ada-example").expect("a login");
        let (fetched, _) = GitHub::new(&connection, interest)
            .fetch(&handle, THIS_YEAR)
            .await;
        let fetched = fetched.ok()?;
        for notice in &fetched.notices {
            super::harmless::visible("a notice", notice);
        }
        Some(fetched.lookup)
    })
}

/// What stands under a query's alias in an answer that is one.
fn told(answer: &Answered, alias: &str) -> Value {
    if !(200..300).contains(&answer.status) {
        return Value::Null;
    }
    let mut answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    answer["data"][alias].take()
}

fn names_a_person(first: &Answered, has_token: bool) -> bool {
    if has_token {
        told(first, "A0")["__typename"] == "User"
    } else {
        let profile: Value = serde_json::from_slice(&first.body).unwrap_or_default();
        first.status == 200 && profile["type"] == "User"
    }
}

/// What no answer told is a gap.
fn unknown_is_not_zero(facts: &GitHubFacts, given: &[Answered], has_token: bool) {
    let is_open = |topic| facts.gaps.iter().any(|gap| gap.topic == topic);
    for project in &facts.projects {
        let gap = facts.gaps.iter().any(|gap| {
            let all = gap.project.is_none();
            gap.topic == Topic::Commits && (all || gap.project.as_ref() == Some(&project.name))
        });
        let unknown = project.commits.is_none();
        assert!(!unknown || gap, "{}: unknown, and no gap", project.name);
    }
    let unknown = |one: &plaudit::domain::facts::OwnRepository| one.own_commits.is_none();
    let shares = facts.repositories.iter().any(unknown);
    assert!(
        !shares || is_open(Topic::OwnRepositories),
        "a share is unknown, and no gap"
    );
    if !has_token {
        return;
    }
    let core = told(&given[0], "A0");
    for list in ["merged", "labelled", "closed"] {
        let is_told = core[list].is_object();
        assert!(
            is_told || is_open(Topic::PullRequests),
            "{list} is missing, and no gap"
        );
        let page = &core[list]["pageInfo"];
        let goes_on = page["hasNextPage"] == true && page["endCursor"].is_null();
        assert!(
            !goes_on || is_open(Topic::PullRequests),
            "{list} is cut, and no gap"
        );
    }
    let is_whole = |node: &Value| !node.is_null();
    let is_told = core["own"]["nodes"]
        .as_array()
        .is_some_and(|nodes| nodes.iter().all(is_whole));
    assert!(
        is_told || is_open(Topic::OwnRepositories),
        "own is missing, and no gap"
    );
    let years = &core["activity"]["contributionYears"];
    assert!(
        years.is_array() || is_open(Topic::Years),
        "years are missing, and no gap"
    );
    let depth = told(&given[1], "A0");
    for year in years
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .take(20)
    {
        let is_asked = (2_005..=i64::from(THIS_YEAR)).contains(&year);
        let is_told = depth[format!("y{year}")]["totalCommitContributions"].is_u64();
        assert!(
            !is_asked || is_told || is_open(Topic::Years),
            "{year} is missing, and no gap"
        );
    }
    let watched: Value = serde_json::from_slice(&given[2].body).unwrap_or_default();
    let told = (200..300).contains(&given[2].status) && watched["data"].is_object();
    let known = facts
        .projects
        .iter()
        .any(|project| project.commits.is_some());
    assert!(told || !known, "commits are known that no answer told");
}
