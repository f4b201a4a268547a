//! Whether anything has changed of many accounts, without asking everything again.
//!
//! What it cannot see: stars on own repositories, and commits to a watched project that no pull request brought. So a
//! profile is made anew from time to time also when its pulse stays (`refresh.full_after`). What it sees too much of
//! (a remark that somebody else makes under the newest pull request) costs an enrichment and nothing else.
//!
//! That `User.updatedAt` and the newest changes move when there is news is an assumption: `pulse-tells` in
//! [`super::assumptions`].

use serde_json::json;

use super::Connection;
use super::crawl::{each, numbered};
use super::loader::{Batch, Loaded, Loader};
use super::queries;
use super::transport::{Part, Transport};
use super::wire::{Kind, Probed};
use crate::domain::profile::Cost;
use crate::http::{Account, Place};
use crate::sources::SourceError;

/// Whom to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// A person, by the account's node id.
    Account(String),
    /// A login that led to nobody who is a person.
    Login(String),
}

/// How it is with an account now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The person's pulse; see [`crate::domain::facts::GitHubFacts::pulse`].
    Pulse(String),
    /// There is no such account, or it is no person's any more.
    Gone,
    /// The login leads to a person by now.
    Person,
    /// The login leads to nobody who is a person.
    Nobody,
}

/// Asks about many at once.
pub struct Prober {
    transport: Transport,
    has_token: bool,
    in_flight: usize,
    accounts: Loader<String, Seen>,
    logins: Loader<String, Seen>,
}

/// Those who are asked about in one query, all of one kind; and what such a query takes. GraphQL points.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Whom, at most [`queries::PROBES_AT_ONCE`] or [`queries::LOGINS_AT_ONCE`].
    pub whom: Vec<Whom>,
    /// Count.
    pub points: f64,
}

/// Puts those to ask about into as few questions as may be.
#[must_use]
pub fn questions(whom: Vec<Whom>) -> Vec<Question> {
    let (accounts, logins): (Vec<_>, Vec<_>) = whom
        .into_iter()
        .partition(|one| matches!(one, Whom::Account(_)));
    let accounts = accounts
        .chunks(queries::PROBES_AT_ONCE)
        .map(|chunk| Question {
            points: f64::from(queries::points(queries::PROBE_REQUESTS * chunk.len())),
            whom: chunk.to_vec(),
        });
    let logins = logins
        .chunks(queries::LOGINS_AT_ONCE)
        .map(|chunk| Question {
            points: f64::from(queries::points(0)),
            whom: chunk.to_vec(),
        });
    accounts.chain(logins).collect()
}

impl Prober {
    /// Must be called within a tokio runtime.
    #[must_use]
    pub fn new(connection: &Connection, in_flight: usize) -> Self {
        let Connection {
            way_out,
            pool,
            settings,
        } = connection.clone();
        let has_token = pool.accounts().iter().any(Account::has_token);
        Self {
            transport: Transport::new(way_out, pool, settings.graphql_url, settings.api_url),
            has_token,
            in_flight,
            accounts: Loader::new(queries::PROBES_AT_ONCE),
            logins: Loader::new(queries::LOGINS_AT_ONCE),
        }
    }

    /// Whether anybody can be asked about: GraphQL needs a token.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.has_token
    }

    /// Questions that are worth asking at the same time. Count.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How it is with each of them, and what it took together. Where GitHub gives up on a question, it is asked in halves.
    pub async fn ask(&self, question: &Question) -> (Vec<Result<Seen, SourceError>>, Cost) {
        let loads = question.whom.iter().map(|whom| async {
            let turn = || self.transport.turn();
            match whom {
                Whom::Account(id) => {
                    let ask = |ids, place| self.ask_accounts(ids, place);
                    self.accounts.load(id.clone(), turn, ask).await
                }
                Whom::Login(login) => {
                    let ask = |logins, place| self.ask_logins(logins, place);
                    self.logins.load(login.clone(), turn, ask).await
                }
            }
        });
        let mut cost = Cost::default();
        let mut all = Vec::with_capacity(question.whom.len());
        for (seen, spent) in futures::future::join_all(loads).await {
            cost.add(spent);
            all.push(seen.and_then(|seen| {
                seen.ok_or_else(|| {
                    SourceError::Again(
                        "GitHub could not say in time whether anything has changed".to_owned(),
                    )
                })
            }));
        }
        (all, cost)
    }

    async fn ask_accounts(&self, ids: Vec<String>, place: Option<Place>) -> Batch<Seen> {
        let query = queries::for_applicants(queries::PROBE, 1);
        let points = queries::points(queries::PROBE_REQUESTS * ids.len());
        let (reply, spent) = self
            .transport
            .graphql(&query, json!({ "ids": ids }), points, ids.len() > 1, place)
            .await;
        match &reply {
            Ok(nodes) => Batch {
                parts: nodes
                    .parts::<Probed>("nodes", ids.len())
                    .into_iter()
                    .map(seen)
                    .collect(),
                spent,
            },
            // A failure of all of them.
            Err(_) => each(ids.len(), &reply, spent, |_, _| Loaded::TooHeavy),
        }
    }

    async fn ask_logins(&self, logins: Vec<String>, place: Option<Place>) -> Batch<Seen> {
        let variables = numbered(&logins, |login| vec![("login", json!(login))]);
        let query = queries::for_applicants(queries::LOGINS, logins.len());
        let (reply, spent) = self
            .transport
            .graphql(
                &query,
                variables,
                queries::points(0),
                logins.len() > 1,
                place,
            )
            .await;
        each(logins.len(), &reply, spent, |reply, index| {
            match reply.part::<Kind>(&queries::alias(index)) {
                Part::Whole(owner) if owner.kind == "User" => Loaded::Value(Seen::Person),
                Part::Whole(_) | Part::Nothing => Loaded::Value(Seen::Nobody),
                Part::TooHeavy => Loaded::TooHeavy,
                Part::Broken(why) => Loaded::Error(SourceError::Again(why)),
            }
        })
    }
}

/// What an account's place in the answer says.
fn seen(part: Part<Probed>) -> Loaded<Seen> {
    match part {
        Part::Whole(probed) if probed.kind != "User" => Loaded::Value(Seen::Gone),
        Part::Whole(probed) => match probed.vitals() {
            Some(vitals) => Loaded::Value(Seen::Pulse(vitals.pulse())),
            None => Loaded::Error(SourceError::Again(
                "GitHub left out what tells whether anything has changed".to_owned(),
            )),
        },
        Part::Nothing => Loaded::Value(Seen::Gone),
        Part::TooHeavy => Loaded::TooHeavy,
        Part::Broken(why) => Loaded::Error(SourceError::Again(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_accounts_are_asked_about_for_less_than_a_hundred_and_fifty_points() {
        let people = (0..9_700).map(|number| Whom::Account(format!("U_{number}")));
        let others = (0..300).map(|number| Whom::Login(format!("nobody-{number}")));
        let questions = questions(people.chain(others).collect());
        let points: f64 = questions.iter().map(|question| question.points).sum();
        assert!((points - 135.0).abs() < 1e-9, "{points}");
        let asked: usize = questions.iter().map(|question| question.whom.len()).sum();
        assert_eq!(asked, 10_000);
        for question in &questions {
            let first = std::mem::discriminant(&question.whom[0]);
            let same = |whom: &Whom| std::mem::discriminant(whom) == first;
            assert!(question.whom.iter().all(same));
        }
    }

    #[test]
    fn an_error_in_one_place_of_the_answer_leaves_the_others_good() {
        let answer = json!({
            "data": {"nodes": [
                {"__typename": "User", "updatedAt": "2026-11-01T00:00:00Z",
                 "latest": {"totalCount": 0, "nodes": []}, "pushed": {"totalCount": 0, "nodes": []}},
                null,
                null,
                null,
                {"__typename": "Organization"},
                {"__typename": "User", "updatedAt": "2026-11-01T00:00:00Z", "latest": null, "pushed": null},
            ]},
            "errors": [
                {"type": "NOT_FOUND", "path": ["nodes", 1], "message": "no such node"},
                {"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["nodes", 2, "latest"], "message": "too much"},
                {"type": "FORBIDDEN", "path": ["nodes", 3], "message": "not for you"},
            ],
        });
        let reply: super::super::transport::Reply =
            serde_json::from_value(answer).expect("a reply");
        let ends: Vec<_> = reply
            .parts::<Probed>("nodes", 7)
            .into_iter()
            .map(seen)
            .collect();
        assert!(matches!(&ends[0], Loaded::Value(Seen::Pulse(pulse)) if pulse.len() == 16));
        assert!(matches!(ends[1], Loaded::Value(Seen::Gone)));
        assert!(matches!(ends[2], Loaded::TooHeavy));
        assert!(matches!(&ends[3], Loaded::Error(SourceError::Again(why)) if why == "not for you"));
        assert!(matches!(ends[4], Loaded::Value(Seen::Gone)));
        assert!(matches!(ends[5], Loaded::Error(SourceError::Again(_))));
        assert!(matches!(ends[6], Loaded::Error(SourceError::Again(_))));
    }
}
