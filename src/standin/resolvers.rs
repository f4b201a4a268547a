//! The world's records as GraphQL objects.
//!
//! Each object is a few words that point into the world, made when a query asks for it. An argument that
//! the stand-in does not model is an error rather than a wrong answer.

use std::cell::RefCell;

use apollo_compiler::{
    resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue},
    response::JsonValue,
};

use self::{account::AccountObject, pull_request::PullRequestObject, repository::RepositoryObject};
use super::world::{AccountId, AccountKind, Node, RepositoryId, World};

mod account;
mod pull_request;
mod repository;
mod shown;
mod stargazers;

/// Parts the kind of an error from its message, because a resolver's error holds a message alone.
pub(super) const KIND_END: char = '\u{1f}';

/// An answer of a resolver.
type Resolved<'a> = Result<ResolvedValue<'a>, FieldError>;

/// What `rateLimit` answers.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    /// Points of this query.
    pub(super) cost: u64,
    /// Points of an hour.
    pub(super) limit: u64,
    /// Points left.
    pub(super) remaining: u64,
    /// When they are renewed, RFC 3339.
    pub(super) reset_at: String,
    /// Nodes that this query could give.
    pub(super) node_count: u64,
}

/// An error beside a `null` in a list, where a resolver can not give both.
pub(super) struct Beside {
    /// Response key of the list, a field of the root.
    pub(super) key: String,
    /// Place in the list.
    pub(super) index: usize,
    /// Kind and message, as in [`KIND_END`].
    pub(super) message: String,
}

/// What every object needs: the world, the account's meter, and who asks.
#[derive(Clone, Copy)]
pub(super) struct Scope<'w> {
    pub(super) world: &'w World,
    pub(super) meter: &'w Meter,
    pub(super) viewer: &'w str,
    pub(super) beside: &'w RefCell<Vec<Beside>>,
}

fn error<T>(kind: &str, message: &str) -> Result<T, FieldError> {
    Err(FieldError {
        message: format!("{kind}{KIND_END}{message}"),
    })
}

fn unmodelled<T>(what: &str) -> Result<T, FieldError> {
    error("STANDIN", &format!("the stand-in does not model {what}"))
}

fn not_found<T>(what: &str, key: &str, value: &str) -> Result<T, FieldError> {
    error(
        "NOT_FOUND",
        &format!("Could not resolve to a {what} with the {key} of '{value}'."),
    )
}

fn text<'a>(value: impl std::fmt::Display) -> ResolvedValue<'a> {
    ResolvedValue::leaf(value.to_string())
}

fn optional<'a>(value: Option<impl std::fmt::Display>) -> ResolvedValue<'a> {
    value.map_or_else(ResolvedValue::null, text)
}

fn number<'a>(value: impl TryInto<i64>) -> ResolvedValue<'a> {
    // GraphQL's Int has 32 bits; no number of the stand-in's comes near.
    ResolvedValue::leaf(JsonValue::from(serde_json::Value::from(
        value.try_into().unwrap_or(i64::MAX),
    )))
}

fn argument<'a>(info: &'a ResolveInfo<'_>, name: &str) -> Option<&'a JsonValue> {
    info.arguments().get(name).filter(|value| !value.is_null())
}

fn word<'a>(info: &'a ResolveInfo<'_>, name: &str) -> Option<&'a str> {
    argument(info, name)?.as_str()
}

/// A `first` or `last`; the price has been checked before, so what is too large is only cut.
fn bound(info: &ResolveInfo<'_>, name: &str) -> Option<usize> {
    argument(info, name)?
        .as_i64()
        .and_then(|value| usize::try_from(value).ok())
}

/// The words of a list argument; none when it is not given.
fn words<'a>(info: &'a ResolveInfo<'_>, name: &str) -> Option<Vec<&'a str>> {
    Some(
        argument(info, name)?
            .as_array()?
            .iter()
            .filter_map(JsonValue::as_str)
            .collect(),
    )
}

/// `field` and `direction` of `orderBy`.
fn order<'a>(info: &'a ResolveInfo<'_>) -> Option<(&'a str, &'a str)> {
    let order = argument(info, "orderBy")?.as_object()?;
    Some((
        order.get("field")?.as_str()?,
        order.get("direction")?.as_str()?,
    ))
}

/// The root.
pub(super) struct Root<'w>(pub(super) Scope<'w>);

impl ObjectValue for Root<'_> {
    fn type_name(&self) -> &'static str {
        "Query"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let Scope { world, meter, .. } = self.0;
        match info.field_name() {
            "rateLimit" => Ok(ResolvedValue::object(RateLimit(meter))),
            "viewer" => Ok(match world.account_by_login(self.0.viewer) {
                Some(id) => self.account(id),
                None => ResolvedValue::object(Viewer(self.0.viewer)),
            }),
            "repositoryOwner" => {
                let login = word(info, "login").unwrap_or_default();
                match world.account_by_login(login) {
                    Some(id) if world.account(id).kind != AccountKind::Bot => Ok(self.account(id)),
                    _ => not_found("RepositoryOwner", "login", login),
                }
            }
            "repository" => {
                let name = format!(
                    "{}/{}",
                    word(info, "owner").unwrap_or_default(),
                    word(info, "name").unwrap_or_default()
                );
                match world.repository_by_name(&name) {
                    Some(id) => Ok(self.repository(id)),
                    None => not_found("Repository", "name", &name),
                }
            }
            "node" => {
                let id = word(info, "id").unwrap_or_default();
                match self.node(id) {
                    Some(node) => Ok(node),
                    None => not_found("node", "global id", id),
                }
            }
            "nodes" => {
                let key = info.field_selections()[0].response_key().to_string();
                let ids = words(info, "ids").unwrap_or_default();
                Ok(ResolvedValue::list(ids.into_iter().enumerate().map(
                    move |(index, id)| {
                        self.node(id).unwrap_or_else(|| {
                            let message = format!(
                                "NOT_FOUND{KIND_END}Could not resolve to a node with the global id of '{id}'."
                            );
                            self.0.beside.borrow_mut().push(Beside { key: key.clone(), index, message });
                            ResolvedValue::null()
                        })
                    },
                )))
            }
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

impl Root<'_> {
    fn account(&self, id: AccountId) -> ResolvedValue<'_> {
        ResolvedValue::object(AccountObject { scope: self.0, id })
    }

    fn repository(&self, id: RepositoryId) -> ResolvedValue<'_> {
        ResolvedValue::object(RepositoryObject { scope: self.0, id })
    }

    fn node(&self, node_id: &str) -> Option<ResolvedValue<'_>> {
        Some(match self.0.world.node(node_id)? {
            Node::Account(id) => self.account(id),
            Node::Repository(id) => self.repository(id),
            Node::PullRequest(id) => ResolvedValue::object(PullRequestObject { scope: self.0, id }),
        })
    }
}

struct RateLimit<'w>(&'w Meter);

impl ObjectValue for RateLimit<'_> {
    fn type_name(&self) -> &'static str {
        "RateLimit"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        Ok(match info.field_name() {
            "cost" => number(self.0.cost),
            "limit" => number(self.0.limit),
            "remaining" => number(self.0.remaining),
            "nodeCount" => number(self.0.node_count),
            "resetAt" => text(&self.0.reset_at),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

/// Whoever holds the token, when that account is none of the world's.
struct Viewer<'w>(&'w str);

impl ObjectValue for Viewer<'_> {
    fn type_name(&self) -> &'static str {
        "User"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "login" => Ok(text(self.0)),
            "id" => Ok(text("U_kgDOstandin")),
            "userViewType" => Ok(text("PUBLIC")),
            _ => unmodelled("more of the token's owner than the login"),
        }
    }
}
