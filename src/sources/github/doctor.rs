//! Holding the assumptions against the live host, in at most ten requests.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::assumptions::ASSUMPTIONS;
use super::transport::{Part, Reply, Transport};
use super::wire::{Closer, Label, Nodes, Owner};
use super::{Connection, queries};
use crate::domain::link::Handle;
use crate::http::{Account, Answer, Dialect, HttpError, Pool, Resource, classify};
use crate::sources::examination::{Examination, Notes, TokenState, Verdict};

/// Tokens that are asked for their account at most, so that all stays within ten requests.
const MOST_TOKENS: usize = 4;

/// A login that nobody can have: two hyphens in a row are not allowed.
const NOBODY: &str = "plaudit-doctor-no-such-login--";

/// `landed` and `copybara` of the doctor's query.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Landings {
    pull_requests: LandingList,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LandingList {
    nodes: Vec<Option<LandedPullRequest>>,
}

#[derive(Deserialize)]
struct LandedPullRequest {
    id: String,
    labels: Option<Nodes<Label>>,
    closed: Nodes<ClosedBy>,
}

#[derive(Deserialize)]
struct ClosedBy {
    closer: Option<Closer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RateLimit {
    cost: u32,
    remaining: u32,
    #[serde(default)]
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct Viewer {
    login: String,
}

/// Asks the live host about every assumption that a few requests can settle.
/// `former` is a login whose owner has changed it.
pub async fn examine(connection: &Connection, former: Option<&Handle>) -> Examination {
    let mut notes = Notes::default();
    let tokens = examine_tokens(connection, &mut notes).await;
    let transport = transport(connection, Arc::clone(&connection.pool));
    let usable = connection.pool.accounts().iter().any(Account::has_token)
        && tokens.iter().any(|token| token.state.is_ok());
    if usable {
        examine_graphql(&transport, &mut notes).await;
    }
    examine_rest(connection, &transport, &mut notes).await;
    if let Some(former) = former {
        examine_rename(&transport, former, &mut notes).await;
    }
    Examination {
        tokens,
        requests: notes.requests,
        findings: notes.findings(ASSUMPTIONS, |name| needs(name, usable).to_owned()),
    }
}

/// What an assumption that was not checked would need.
fn needs(name: &str, usable_token: bool) -> &'static str {
    match name {
        "renamed-redirect" => "name a former login with --former-login",
        "view-type" => "needs an account that is known to hide its activity",
        "pulse-tells" => {
            "compare the `pulse` of two profiles a day apart, of a person who did nothing"
        }
        "null-labels" => "needs a person with more than 100 pull requests",
        _ if usable_token => "GitHub's answer did not hold what is needed",
        _ => "needs a usable token",
    }
}

/// Asks each token whose it is, by itself.
async fn examine_tokens(connection: &Connection, notes: &mut Notes) -> Vec<TokenState> {
    let mut states = Vec::new();
    let mut logins: Vec<String> = Vec::new();
    let with_token = connection
        .pool
        .accounts()
        .iter()
        .filter(|account| account.has_token());
    for account in with_token.take(MOST_TOKENS) {
        let alone = Arc::new(connection.pool.alone(account));
        let query = "query { viewer { login } rateLimit { cost limit remaining } }";
        let transport = transport(connection, alone);
        let (reply, spent) = transport.graphql(query, json!({}), 1, false, None).await;
        notes.requests += spent.requests;
        let state = match reply {
            Ok(reply) => match (
                reply.part::<Viewer>("viewer"),
                reply.part::<RateLimit>("rateLimit"),
            ) {
                (Part::Whole(viewer), Part::Whole(left)) => {
                    logins.push(viewer.login);
                    let limit = left.limit.unwrap_or(0);
                    notes.check("points-per-hour", limit == 5_000, || {
                        format!("this token has {limit} an hour")
                    });
                    Ok((left.remaining, limit))
                }
                _ => Err("GitHub does not say whose it is".to_owned()),
            },
            Err(HttpError::TokensRefused { .. }) => Err("refused (HTTP 401)".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        states.push(TokenState {
            tail: account.tail(),
            state,
        });
    }
    if logins.len() > 1 {
        let asked = logins.len();
        logins.sort();
        logins.dedup();
        notes.check("tokens-of-one-account", logins.len() == asked, || {
            format!(
                "{asked} tokens belong to {} accounts; they share limits",
                logins.len()
            )
        });
    } else {
        let why = "needs two usable tokens".to_owned();
        notes.set("tokens-of-one-account", Verdict::NotChecked(why));
    }
    states
}

/// The doctor's query, and a hundred ids.
async fn examine_graphql(transport: &Transport, notes: &mut Notes) {
    let query = queries::for_applicants(queries::DOCTOR, 1);
    let (reply, spent) = transport.graphql(&query, json!({}), 1, false, None).await;
    notes.requests += spent.requests;
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            notes.set("graphql-cost", Verdict::NotChecked(error.to_string()));
            return;
        }
    };
    notes.check(
        "not-found-shape",
        matches!(reply.part::<Owner>("nobody"), Part::Nothing),
        || "an unknown login is answered in another way".to_owned(),
    );
    notes.set("total-count-without-first", Verdict::Agrees);
    let mut ids = Vec::new();
    if let Some(landed) = landings(&reply, "bot") {
        let labelled = landed.iter().all(|one| {
            one.labels
                .iter()
                .flat_map(super::wire::Nodes::iter)
                .any(|label| label.name.eq_ignore_ascii_case("merged"))
        });
        notes.check("landing-label", labelled && !landed.is_empty(), || {
            format!("{} closed pull requests bear the label", landed.len())
        });
        let commits = landed
            .iter()
            .filter(|one| closing_commit(one).is_some())
            .count();
        notes.check(
            "closer-is-commit",
            commits == landed.len() && commits > 0,
            || format!("{commits} of {} were closed by a commit", landed.len()),
        );
        notes.set(
            "closer-author",
            Verdict::NotChecked("the newest landings' authors are for a person to compare".into()),
        );
        ids.extend(landed.into_iter().map(|one| one.id));
    }
    if let Some(closed) = landings(&reply, "copybara") {
        let by_commit = closed
            .iter()
            .filter(|one| closing_commit(one).is_some())
            .count();
        notes.check("copybara-closer", by_commit > 0, || {
            format!("none of the newest {} was closed by a commit", closed.len())
        });
        ids.extend(closed.into_iter().map(|one| one.id));
    }
    if !ids.is_empty() {
        let hundred: Vec<_> = ids.iter().cycle().take(100).collect();
        let variables = json!({ "ids": hundred });
        let query = queries::for_applicants(queries::PROOF, 1);
        let (reply, spent) = transport.graphql(&query, variables, 4, false, None).await;
        notes.requests += spent.requests;
        match reply {
            Ok(reply) => {
                notes.set("hundred-ids", Verdict::Agrees);
                if let Part::Whole(limit) = reply.part::<RateLimit>("rateLimit") {
                    notes.check("graphql-cost", limit.cost == 4, || {
                        format!("400 connection requests cost {} points, not 4", limit.cost)
                    });
                }
            }
            Err(error) => notes.set("hundred-ids", Verdict::Differs(error.to_string())),
        }
    }
}

/// Headers, and a bad token.
async fn examine_rest(connection: &Connection, transport: &Transport, notes: &mut Notes) {
    let (answer, spent) = transport.get(&["users", NOBODY], &[], Resource::Core).await;
    notes.requests += spent.requests;
    match answer {
        Ok(answer) => examine_headers(&answer, notes),
        Err(error) => {
            for name in ["header-spelling", "reset-is-epoch"] {
                notes.set(name, Verdict::NotChecked(error.to_string()));
            }
        }
    }
    let made_up = SecretString::from("plaudit-doctor-made-up-token".to_owned());
    let with_made_up = self::transport(connection, Arc::new(connection.pool.with_token(made_up)));
    let (answer, spent) = with_made_up.get(&["rate_limit"], &[], Resource::Core).await;
    notes.requests += spent.requests;
    match answer {
        Err(HttpError::TokensRefused { .. }) => notes.set("bad-token-shape", Verdict::Agrees),
        Ok(answer) => notes.set(
            "bad-token-shape",
            Verdict::Differs(format!(
                "a made-up token is answered with HTTP {}",
                answer.status
            )),
        ),
        Err(error) => notes.set("bad-token-shape", Verdict::NotChecked(error.to_string())),
    }
}

fn examine_headers(answer: &Answer, notes: &mut Notes) {
    let wanted = [
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-ratelimit-resource",
        "date",
    ];
    let missing: Vec<_> = wanted
        .into_iter()
        .filter(|name| !answer.headers.contains_key(*name))
        .collect();
    notes.check("header-spelling", missing.is_empty(), || {
        format!("without {}", missing.join(", "))
    });
    let now = Timestamp::now();
    let reset = crate::http::until_reset(&answer.headers, now).map(|wait| wait.as_secs());
    notes.check(
        "reset-is-epoch",
        reset.is_some_and(|wait| wait <= 3_660),
        || {
            reset.map_or("there is none".to_owned(), |wait| {
                format!("it resets in {wait} seconds")
            })
        },
    );
    // A 404 must still read as an answer.
    let verdict = classify(
        Dialect::GitHubRest,
        answer.status,
        &answer.headers,
        &answer.body,
        now,
    );
    tracing::debug!(?verdict, "how an unknown login is classified");
}

fn landings(reply: &Reply, alias: &str) -> Option<Vec<LandedPullRequest>> {
    match reply.part::<Landings>(alias) {
        Part::Whole(landings) => Some(landings.pull_requests.nodes.into_iter().flatten().collect()),
        _ => None,
    }
}

fn closing_commit(pull_request: &LandedPullRequest) -> Option<()> {
    let closer = pull_request.closed.iter().last()?.closer.as_ref()?;
    matches!(closer, Closer::Commit(commit) if !commit.oid.is_empty()).then_some(())
}

fn transport(connection: &Connection, pool: Arc<Pool>) -> Transport {
    let settings = connection.settings.clone();
    Transport::new(
        Arc::clone(&connection.way_out),
        pool,
        settings.graphql_url,
        settings.api_url,
    )
}

/// How a former login is answered.
async fn examine_rename(transport: &Transport, former: &Handle, notes: &mut Notes) {
    let path = ["users", former.as_str()];
    let (answer, spent) = transport.get(&path, &[], Resource::Core).await;
    notes.requests += spent.requests;
    match answer {
        Ok(answer) => notes.check("renamed-redirect", answer.redirects > 0, || {
            format!("HTTP {} without a redirect", answer.status)
        }),
        Err(error) => notes.set("renamed-redirect", Verdict::NotChecked(error.to_string())),
    }
}
