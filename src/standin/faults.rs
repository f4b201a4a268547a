//! How the stand-in behaves: its tokens, its pace, the ways in which it fails, and its account of a run.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// The token that the stand-in knows unless it is told others.
pub const DEMO_TOKEN: &str = "ghp_standinStandinStandinStandinStandin00";

/// A way to fail. The shapes are those that were seen at GitHub or that it documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The hour's budget is used up. GraphQL: 200 and `RATE_LIMITED`; REST: 403.
    PrimaryLimit,
    /// The same in the spelling of 2026: `RATE_LIMIT` with `code: graphql_rate_limit`, no `data`, and
    /// `x-ratelimit-remaining` not at 0. REST: 403.
    PrimaryLimitNewer,
    /// The secondary limit: 403 with `retry-after`.
    SecondaryLimit,
    /// The secondary limit: 200 with `retry-after`. REST: 403.
    SecondaryLimitOk,
    /// The secondary limit: 429 with `retry-after`.
    SecondaryLimitTooMany,
    /// The secondary limit: 403 and no word of how long.
    SecondaryLimitSilent,
    /// A time-out as 502. The points are deducted all the same.
    BadGateway,
    /// A time-out as 504. The points are deducted all the same.
    GatewayTimeout,
    /// 200 with partial data: some applicants are null, with `RESOURCE_LIMITS_EXCEEDED`. GraphQL alone.
    ResourceLimits,
    /// 200 and "Something went wrong while executing your query". GraphQL alone.
    SomethingWentWrong,
    /// 500.
    ServerError,
    /// The token is revoked: 401 from now on. When drawn by chance, the last good token is spared.
    TokenRevoked,
    /// The body ends before the length that was announced.
    Cut,
    /// The body, of no announced length, ends in the middle.
    CutChunked,
    /// A page of HTML with status 200.
    Html,
    /// Status 200 and no body.
    EmptyBody,
    /// A body of 100 MB.
    HugeBody,
    /// A body that never ends: it drips until the client leaves, or for a minute.
    EndlessBody,
    /// The connection is closed without an answer.
    ConnectionClosed,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 19] = [
        Self::PrimaryLimit,
        Self::PrimaryLimitNewer,
        Self::SecondaryLimit,
        Self::SecondaryLimitOk,
        Self::SecondaryLimitTooMany,
        Self::SecondaryLimitSilent,
        Self::BadGateway,
        Self::GatewayTimeout,
        Self::ResourceLimits,
        Self::SomethingWentWrong,
        Self::ServerError,
        Self::TokenRevoked,
        Self::Cut,
        Self::CutChunked,
        Self::Html,
        Self::EmptyBody,
        Self::HugeBody,
        Self::EndlessBody,
        Self::ConnectionClosed,
    ];

    /// The name in `--faults`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PrimaryLimit => "primary-limit",
            Self::PrimaryLimitNewer => "primary-limit-newer",
            Self::SecondaryLimit => "secondary-limit",
            Self::SecondaryLimitOk => "secondary-limit-ok",
            Self::SecondaryLimitTooMany => "secondary-limit-too-many",
            Self::SecondaryLimitSilent => "secondary-limit-silent",
            Self::BadGateway => "bad-gateway",
            Self::GatewayTimeout => "gateway-timeout",
            Self::ResourceLimits => "resource-limits",
            Self::SomethingWentWrong => "something-went-wrong",
            Self::ServerError => "server-error",
            Self::TokenRevoked => "token-revoked",
            Self::Cut => "cut",
            Self::CutChunked => "cut-chunked",
            Self::Html => "html",
            Self::EmptyBody => "empty-body",
            Self::HugeBody => "huge-body",
            Self::EndlessBody => "endless-body",
            Self::ConnectionClosed => "connection-closed",
        }
    }

    /// The faults of a comma-separated list of names; `all` stands for every one.
    pub fn list(text: &str) -> Result<Vec<Self>, UnknownFault> {
        let mut faults = Vec::new();
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            if name == "all" {
                faults.extend(Self::ALL);
            } else {
                faults.push(name.parse()?);
            }
        }
        faults.sort();
        faults.dedup();
        Ok(faults)
    }

    /// Whether the answer tells the account to wait.
    #[must_use]
    pub fn tells_to_wait(self) -> bool {
        self.is_primary() || self.is_secondary()
    }

    pub(super) fn is_primary(self) -> bool {
        matches!(self, Self::PrimaryLimit | Self::PrimaryLimitNewer)
    }

    pub(super) fn is_secondary(self) -> bool {
        matches!(
            self,
            Self::SecondaryLimit
                | Self::SecondaryLimitOk
                | Self::SecondaryLimitTooMany
                | Self::SecondaryLimitSilent
        )
    }

    /// Whether REST fails in this way too.
    pub(super) fn concerns_rest(self) -> bool {
        !matches!(self, Self::ResourceLimits | Self::SomethingWentWrong)
    }
}

/// A name that is no fault's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no fault. Did you mean {nearest}? Or `all`")]
pub struct UnknownFault {
    /// What was written.
    pub given: String,
    /// The name that is most like it.
    pub nearest: &'static str,
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(fault) = Self::ALL.into_iter().find(|fault| fault.name() == text) {
            return Ok(fault);
        }
        let nearest = Self::ALL
            .into_iter()
            .map(Self::name)
            .min_by_key(|name| strsim::damerau_levenshtein(name, text))
            .unwrap_or("all");
        Err(UnknownFault {
            given: crate::domain::text::tame(text),
            nearest,
        })
    }
}

/// A token and the account whose budget it uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAccount {
    /// The token.
    pub token: String,
    /// The login of its account. Two tokens of one account share a budget.
    pub account: String,
    /// GraphQL points of the account's window. Count. GitHub gives 5,000 an hour.
    pub points_per_hour: u64,
}

/// How the stand-in behaves.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// Time from a request's arrival to its answer. Answers do not queue behind one another.
    pub latency: Duration,
    /// Faults, each with the probability (0 to 1) that it befalls a request.
    pub faults: Vec<(Fault, f64)>,
    /// Seed of the draw.
    pub seed: u64,
    /// The tokens it knows.
    pub tokens: Vec<TokenAccount>,
    /// How long a limit lasts that a fault brings about, and one that is reached by use. GitHub's are a
    /// minute to an hour; here they are rounded up to whole seconds, as the wire has them.
    pub wait: Duration,
    /// Length of a budget's window. GitHub's is an hour.
    pub window: Duration,
    /// Faults that befall one request for certain, by its number from 1, in the order of arrival.
    pub one_time: Vec<(u64, Fault)>,
    /// Most walks along a git history in one query; a query with more times out. None: as many as it likes.
    pub query_time_limit: Option<u64>,
    /// Most requests of one account in flight before the secondary limit strikes. GitHub's is 100.
    pub most_in_flight: Option<usize>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            latency: Duration::ZERO,
            faults: Vec::new(),
            seed: 1,
            tokens: vec![TokenAccount {
                token: DEMO_TOKEN.to_owned(),
                account: "plaudit-operator-example".to_owned(),
                points_per_hour: 5_000,
            }],
            wait: Duration::from_secs(1),
            window: Duration::from_hours(1),
            one_time: Vec::new(),
            query_time_limit: None,
            most_in_flight: None,
        }
    }
}

/// What a run looked like from the host's side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Requests. Count.
    pub requests: u64,
    /// Requests to GraphQL. Count.
    pub graphql_requests: u64,
    /// Requests to REST. Count.
    pub rest_requests: u64,
    /// GraphQL points deducted. Count.
    pub points: u64,
    /// How often each fault struck. Answers that only repeat an announced wait are not among them.
    pub faults: BTreeMap<Fault, u64>,
    /// Requests that arrived although their account had been told to wait. Count. Promise: 0.
    pub sent_while_told_to_wait: u64,
    /// The first of these, one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub early: Vec<Early>,
    /// Waits that were told so shortly before the client was killed that it cannot have kept them. Count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waits_unheard: u64,
    /// Most requests in flight at one time. Count.
    pub in_flight_peak: u64,
}

/// A request that arrived although its account had been told to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Early {
    /// The how-manieth request it was.
    pub number: u64,
    /// When it arrived, counted from the stand-in's start.
    pub at: Duration,
    /// What its account had been told to wait for.
    pub fault: Fault,
    /// How long before it arrived that was told.
    pub told_ago: Duration,
    /// What was left of the wait.
    pub left: Duration,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_once_and_read_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(fault));
            assert_eq!(
                serde_json::to_string(&fault).unwrap(),
                format!("{:?}", fault.name())
            );
        }
        assert_eq!(Fault::list("all").unwrap(), Fault::ALL);
        assert_eq!(
            Fault::list(" cut,html , cut,").unwrap(),
            [Fault::Cut, Fault::Html]
        );
    }

    #[test]
    fn an_unknown_fault_is_answered_with_the_nearest() {
        let error = Fault::list("cut,secondary-limits").unwrap_err();
        assert_eq!(error.nearest, "secondary-limit");
        assert!(error.to_string().contains("secondary-limits"));
    }
}
