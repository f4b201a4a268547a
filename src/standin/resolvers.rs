//! The world's records as GraphQL objects.
//!
//! Each object is a few words that point into the world, made when a query asks for it. An argument that
//! the stand-in does not model is an error rather than a wrong answer.

use std::cell::RefCell;

use apollo_compiler::{
    resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue},
    response::JsonValue,
};

use super::world::{
    AccountId, AccountKind, Authored, Commit, Node, Oid, PullRequest, PullRequestId, Reference,
    Repository, RepositoryId, State, World,
};
use crate::domain::facts::YearTotals;

/// Parts the kind of an error from its message, because a resolver's error holds a message alone.
pub(super) const KIND_END: char = '\u{1f}';

/// Begins every cursor, so that one of another host is told from ours.
const CURSOR: &str = "Y3Vyc29yOnN0YW5kaW4";

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
            Node::PullRequest(id) => {
                ResolvedValue::object(PullRequestObject { scope: self.0, id })
            }
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

/// A person, an organisation or a bot.
struct AccountObject<'w> {
    scope: Scope<'w>,
    id: AccountId,
}

impl ObjectValue for AccountObject<'_> {
    fn type_name(&self) -> &str {
        self.scope.world.account(self.id).kind.name()
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let Scope { world, .. } = self.scope;
        let account = world.account(self.id);
        Ok(match info.field_name() {
            "id" => text(world.account_node_id(self.id)),
            "login" => ResolvedValue::leaf(&*account.login),
            "createdAt" => text(account.created_at),
            "userViewType" => ResolvedValue::leaf(if account.private {
                "PRIVATE"
            } else {
                "PUBLIC"
            }),
            "repositories" => ResolvedValue::object(self.repositories(info)?),
            "pullRequests" => ResolvedValue::object(PullRequests::of(
                self.scope,
                world.pull_requests_by(self.id),
                info,
            )?),
            "contributionsCollection" => ResolvedValue::object(self.contributions(info)?),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

impl<'w> AccountObject<'w> {
    fn repositories(&self, info: &ResolveInfo<'_>) -> Result<Repositories<'w>, FieldError> {
        if !matches!(order(info), None | Some(("STARGAZERS", "DESC"))) {
            return unmodelled("an order of repositories other than by stars, most first");
        }
        if words(info, "ownerAffiliations").is_none_or(|kinds| kinds != ["OWNER"]) {
            return unmodelled("repositories of which the account is not the owner");
        }
        let world = self.scope.world;
        let fork = argument(info, "isFork").and_then(JsonValue::as_bool);
        let private = word(info, "privacy").map(|privacy| privacy == "PRIVATE");
        let ids: Vec<RepositoryId> = world
            .repositories_of(self.id)
            .iter()
            .copied()
            .filter(|id| {
                let repository = world.repository(*id);
                fork.is_none_or(|fork| repository.fork == fork)
                    && private.is_none_or(|private| repository.private == private)
            })
            .collect();
        Ok(Repositories {
            scope: self.scope,
            first: bound(info, "first").unwrap_or_default(),
            ids,
        })
    }

    fn contributions(&self, info: &ResolveInfo<'_>) -> Result<Contributions<'w>, FieldError> {
        let today = self.scope.world.today.year();
        let year = |name: &str| {
            word(info, name)
                .and_then(|moment| moment.get(..4)?.parse::<i16>().ok())
                .unwrap_or(today)
        };
        let (from, to) = (year("from"), year("to"));
        if to > from + 1 {
            return error(
                "VALIDATION",
                "The total time spanned by 'from' and 'to' must not exceed 1 year",
            );
        }
        if from != to {
            return unmodelled("contributions over the turn of a year");
        }
        let account = self.scope.world.account(self.id);
        Ok(Contributions {
            scope: self.scope,
            id: self.id,
            totals: account.shown_year(from),
        })
    }
}

struct Contributions<'w> {
    scope: Scope<'w>,
    id: AccountId,
    totals: YearTotals,
}

impl ObjectValue for Contributions<'_> {
    fn type_name(&self) -> &'static str {
        "ContributionsCollection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        Ok(match info.field_name() {
            "contributionYears" => ResolvedValue::list(
                self.scope
                    .world
                    .account(self.id)
                    .shown_years()
                    .iter()
                    .map(|(year, _)| number(*year)),
            ),
            "restrictedContributionsCount" => number(self.totals.restricted),
            "totalCommitContributions" => number(self.totals.commits),
            "totalPullRequestContributions" => number(self.totals.pull_requests),
            "totalPullRequestReviewContributions" => number(self.totals.reviews),
            "totalIssueContributions" => number(self.totals.issues),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

struct Repositories<'w> {
    scope: Scope<'w>,
    ids: Vec<RepositoryId>,
    first: usize,
}

impl ObjectValue for Repositories<'_> {
    fn type_name(&self) -> &'static str {
        "RepositoryConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        Ok(match info.field_name() {
            "totalCount" => number(self.ids.len()),
            "nodes" => ResolvedValue::list(self.ids.iter().take(self.first).map(|id| {
                ResolvedValue::object(RepositoryObject {
                    scope: self.scope,
                    id: *id,
                })
            })),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

struct RepositoryObject<'w> {
    scope: Scope<'w>,
    id: RepositoryId,
}

impl ObjectValue for RepositoryObject<'_> {
    fn type_name(&self) -> &'static str {
        "Repository"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let repository: &Repository = self.scope.world.repository(self.id);
        Ok(match info.field_name() {
            "id" => text(self.id.node_id()),
            "nameWithOwner" => ResolvedValue::leaf(&*repository.name_with_owner),
            "url" => text(repository.url()),
            "createdAt" => text(repository.created_at),
            "pushedAt" => optional(repository.pushed_at),
            "stargazerCount" => number(repository.stars),
            "forkCount" => number(repository.forks),
            "isArchived" => ResolvedValue::leaf(repository.archived),
            "isEmpty" => ResolvedValue::leaf(repository.empty),
            "isMirror" => ResolvedValue::leaf(repository.mirror),
            "isTemplate" => ResolvedValue::leaf(repository.template),
            "isPrivate" => ResolvedValue::leaf(repository.private),
            "primaryLanguage" => ResolvedValue::nullable_object(repository.language.map(Language)),
            "owner" => ResolvedValue::object(AccountObject {
                scope: self.scope,
                id: repository.owner,
            }),
            "pullRequests" => ResolvedValue::object(PullRequests::of(
                self.scope,
                self.scope.world.pull_requests_in(self.id),
                info,
            )?),
            "defaultBranchRef" => ResolvedValue::nullable_object((!repository.empty).then_some(
                Branch {
                    scope: self.scope,
                    repository: self.id,
                },
            )),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

struct Language(&'static str);

impl ObjectValue for Language {
    fn type_name(&self) -> &'static str {
        "Language"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "name" => Ok(text(self.0)),
            "id" => Ok(text(format_args!("LA_{}", self.0))),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

/// A default branch.
struct Branch<'w> {
    scope: Scope<'w>,
    repository: RepositoryId,
}

impl ObjectValue for Branch<'_> {
    fn type_name(&self) -> &'static str {
        "Ref"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "id" => Ok(text(format_args!("REF_{}", self.repository.node_id()))),
            "target" => Ok(ResolvedValue::object(CommitObject {
                scope: self.scope,
                repository: self.repository,
                commit: Which::Tip,
            })),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

/// Which commit of a repository.
#[derive(Clone, Copy)]
enum Which<'w> {
    /// The newest of the default branch.
    Tip,
    /// The newest of a person's.
    Newest(AccountId, Authored),
    /// One that a timeline names.
    Named(&'w Commit),
}

struct CommitObject<'w> {
    scope: Scope<'w>,
    repository: RepositoryId,
    commit: Which<'w>,
}

impl CommitObject<'_> {
    fn oid(&self) -> Oid {
        let name = &self
            .scope
            .world
            .repository(self.repository)
            .name_with_owner;
        match self.commit {
            Which::Tip => Oid::of(&format!("tip of {name}")),
            Which::Newest(author, _) => Oid::of(&format!("newest in {name} by {}", author.0)),
            Which::Named(commit) => commit.oid,
        }
    }
}

impl ObjectValue for CommitObject<'_> {
    fn type_name(&self) -> &'static str {
        "Commit"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let world = self.scope.world;
        let repository = world.repository(self.repository);
        let pushed = repository.pushed_at.unwrap_or(repository.created_at);
        Ok(match (info.field_name(), self.commit) {
            ("id", _) => text(format_args!("C_kwDO{}", self.oid())),
            ("oid", _) => text(self.oid()),
            ("url", _) => text(world.commit_url(self.repository, self.oid())),
            ("message", Which::Named(commit)) => ResolvedValue::leaf(&*commit.message),
            ("message", _) => ResolvedValue::leaf("Work on it"),
            ("committedDate", Which::Tip) | ("authoredDate", Which::Tip) => text(pushed),
            ("committedDate", Which::Newest(_, authored)) => text(authored.newest_committed),
            ("authoredDate", Which::Newest(_, authored)) => text(authored.newest_authored),
            ("committedDate" | "authoredDate", Which::Named(commit)) => text(commit.committed_at),
            ("author", which) => ResolvedValue::object(GitActor {
                scope: self.scope,
                user: match which {
                    Which::Tip => None,
                    Which::Newest(author, _) => Some(author),
                    Which::Named(commit) => commit.author,
                },
            }),
            ("history", Which::Tip) => ResolvedValue::object(self.history(info)?),
            ("history", _) => return unmodelled("the history behind a commit that is no tip"),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

impl<'w> CommitObject<'w> {
    fn history(&self, info: &ResolveInfo<'_>) -> Result<History<'w>, FieldError> {
        let world = self.scope.world;
        let author = match argument(info, "author").and_then(JsonValue::as_object) {
            None => None,
            Some(author) => {
                let Some(id) = author.get("id").and_then(JsonValue::as_str) else {
                    return unmodelled("a history by e-mail address");
                };
                match world.node(id) {
                    Some(Node::Account(account)) => Some(account),
                    _ => return not_found("node", "global id", id),
                }
            }
        };
        Ok(History {
            scope: self.scope,
            repository: self.repository,
            author,
            first: bound(info, "first").unwrap_or_default(),
        })
    }
}

/// The commits of a default branch, all or one person's.
struct History<'w> {
    scope: Scope<'w>,
    repository: RepositoryId,
    author: Option<AccountId>,
    first: usize,
}

impl ObjectValue for History<'_> {
    fn type_name(&self) -> &'static str {
        "CommitHistoryConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let world = self.scope.world;
        let authored = self
            .author
            .and_then(|author| Some((author, world.authored(self.repository, author)?)));
        match info.field_name() {
            "totalCount" => Ok(number(match self.author {
                None => world.repository(self.repository).commits,
                Some(_) => authored.map_or(0, |(_, authored)| authored.count),
            })),
            "nodes" if self.author.is_none() || self.first > 1 => {
                unmodelled("commits other than the newest of one person")
            }
            "nodes" => Ok(ResolvedValue::list(authored.into_iter().map(
                |(author, authored)| {
                    ResolvedValue::object(CommitObject {
                        scope: self.scope,
                        repository: self.repository,
                        commit: Which::Newest(author, authored),
                    })
                },
            ))),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct GitActor<'w> {
    scope: Scope<'w>,
    user: Option<AccountId>,
}

impl ObjectValue for GitActor<'_> {
    fn type_name(&self) -> &'static str {
        "GitActor"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            // A bot's commit names no `User`.
            "user" => Ok(ResolvedValue::nullable_object(
                self.user
                    .filter(|id| self.scope.world.account(*id).kind == AccountKind::User)
                    .map(|id| AccountObject {
                        scope: self.scope,
                        id,
                    }),
            )),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

/// A page of pull requests.
struct PullRequests<'w> {
    scope: Scope<'w>,
    /// Those on the page.
    page: Vec<PullRequestId>,
    total: usize,
    more: bool,
}

impl<'w> PullRequests<'w> {
    /// The page of `newest_first` that the arguments ask for.
    fn of(
        scope: Scope<'w>,
        newest_first: &[PullRequestId],
        info: &ResolveInfo<'_>,
    ) -> Result<Self, FieldError> {
        if order(info) != Some(("CREATED_AT", "DESC")) {
            return unmodelled("an order of pull requests other than the newest first");
        }
        let states = words(info, "states");
        let labels = words(info, "labels");
        let after = match word(info, "after") {
            None => None,
            Some(cursor) => match id_of_cursor(cursor) {
                Some(id) => Some(id),
                None => {
                    return error(
                        "INVALID_CURSOR_ARGUMENTS",
                        &format!("`{cursor}` does not appear to be a valid cursor."),
                    );
                }
            },
        };
        let first = bound(info, "first").unwrap_or_default();
        let mut page = Vec::new();
        let (mut total, mut reached, mut more) = (0, after.is_none(), false);
        for id in newest_first {
            let pull_request = scope.world.pull_request(*id);
            let wanted = states
                .as_ref()
                .is_none_or(|states| states.contains(&pull_request.state.name()))
                && labels.as_ref().is_none_or(|labels| {
                    pull_request
                        .labels
                        .iter()
                        .any(|label| labels.contains(&&**label))
                });
            if wanted {
                total += 1;
                if reached && page.len() < first {
                    page.push(*id);
                } else if reached {
                    more = true;
                }
            }
            reached |= after == Some(*id);
        }
        Ok(Self {
            scope,
            page,
            total,
            more,
        })
    }
}

fn cursor_of(id: PullRequestId) -> String {
    format!("{CURSOR}{:08x}", id.0)
}

fn id_of_cursor(cursor: &str) -> Option<PullRequestId> {
    u32::from_str_radix(cursor.strip_prefix(CURSOR)?, 16)
        .ok()
        .map(PullRequestId)
}

impl ObjectValue for PullRequests<'_> {
    fn type_name(&self) -> &'static str {
        "PullRequestConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        Ok(match info.field_name() {
            "totalCount" => number(self.total),
            "pageInfo" => ResolvedValue::object(PageInfo {
                end: self.page.last().copied(),
                more: self.more,
            }),
            "nodes" => ResolvedValue::list(self.page.iter().map(|id| {
                ResolvedValue::object(PullRequestObject {
                    scope: self.scope,
                    id: *id,
                })
            })),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

struct PageInfo {
    end: Option<PullRequestId>,
    more: bool,
}

impl ObjectValue for PageInfo {
    fn type_name(&self) -> &'static str {
        "PageInfo"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "hasNextPage" => Ok(ResolvedValue::leaf(self.more)),
            "endCursor" => Ok(optional(self.end.map(cursor_of))),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct PullRequestObject<'w> {
    scope: Scope<'w>,
    id: PullRequestId,
}

impl ObjectValue for PullRequestObject<'_> {
    fn type_name(&self) -> &'static str {
        "PullRequest"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let Scope { world, .. } = self.scope;
        let pull_request: &PullRequest = world.pull_request(self.id);
        Ok(match info.field_name() {
            "id" => text(self.id.node_id()),
            "number" => number(pull_request.number),
            "url" => text(world.pull_request_url(self.id)),
            "title" => ResolvedValue::leaf(&*pull_request.title),
            "state" => ResolvedValue::leaf(pull_request.state.name()),
            "mergedAt" => optional(pull_request.merged_at),
            "closedAt" => optional(pull_request.closed_at),
            "additions" => number(pull_request.additions),
            "deletions" => number(pull_request.deletions),
            "changedFiles" => number(pull_request.changed_files),
            "mergedBy" => {
                ResolvedValue::nullable_object(pull_request.merged_by.map(|id| AccountObject {
                    scope: self.scope,
                    id,
                }))
            }
            "repository" => ResolvedValue::object(RepositoryObject {
                scope: self.scope,
                id: pull_request.repository,
            }),
            "labels" => ResolvedValue::object(Names {
                type_name: "LabelConnection",
                item: "Label",
                names: &pull_request.labels,
                first: bound(info, "first").unwrap_or_default(),
            }),
            "files" => ResolvedValue::object(Names {
                type_name: "PullRequestChangedFileConnection",
                item: "PullRequestChangedFile",
                names: &pull_request.files,
                first: bound(info, "first").unwrap_or_default(),
            }),
            "timelineItems" => ResolvedValue::object(self.timeline(info)?),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

impl<'w> PullRequestObject<'w> {
    fn timeline(&self, info: &ResolveInfo<'_>) -> Result<Timeline<'w>, FieldError> {
        let Some(kinds) = words(info, "itemTypes") else {
            return unmodelled("a timeline of every type");
        };
        let last = bound(info, "last").unwrap_or_default();
        let world = self.scope.world;
        let pull_request = world.pull_request(self.id);
        let event = |at, what| TimelineItem {
            scope: self.scope,
            repository: pull_request.repository,
            at,
            what,
        };
        let mut items = Vec::new();
        for kind in kinds {
            match kind {
                "CLOSED_EVENT" if pull_request.closings.is_empty() => {
                    let by_hand = pull_request.closed_at.map(|at| event(at, What::Closed(None)));
                    items.extend(by_hand.filter(|_| pull_request.state != State::Open));
                }
                "CLOSED_EVENT" => items.extend(
                    (pull_request.closings.iter())
                        .map(|closing| event(closing.at, What::Closed(closing.commit.as_ref()))),
                ),
                "REFERENCED_EVENT" => items.extend(
                    (pull_request.references.iter())
                        .map(|reference| event(reference.at, What::Referenced(reference))),
                ),
                _ => return unmodelled("this type of timeline item"),
            }
        }
        items.sort_by_key(|item| item.at);
        items.drain(..items.len().saturating_sub(last));
        Ok(Timeline(items))
    }
}

/// A connection whose nodes have one name each: labels, files.
struct Names<'w> {
    type_name: &'static str,
    item: &'static str,
    names: &'w [super::world::Text],
    first: usize,
}

impl ObjectValue for Names<'_> {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "nodes" => Ok(ResolvedValue::list(
                self.names.iter().take(self.first).map(|name| {
                    ResolvedValue::object(Named {
                        type_name: self.item,
                        name,
                    })
                }),
            )),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct Named<'w> {
    type_name: &'static str,
    name: &'w str,
}

impl ObjectValue for Named<'_> {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "name" | "path" => Ok(ResolvedValue::leaf(self.name)),
            "id" => Ok(text(format_args!("LA_{}", self.name))),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct Timeline<'w>(Vec<TimelineItem<'w>>);

impl ObjectValue for Timeline<'_> {
    fn type_name(&self) -> &'static str {
        "PullRequestTimelineItemsConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "nodes" => Ok(ResolvedValue::list(
                self.0.iter().copied().map(ResolvedValue::object),
            )),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

/// What happened to a pull request.
#[derive(Clone, Copy)]
enum What<'w> {
    Closed(Option<&'w Commit>),
    Referenced(&'w Reference),
}

#[derive(Clone, Copy)]
struct TimelineItem<'w> {
    scope: Scope<'w>,
    repository: RepositoryId,
    at: jiff::Timestamp,
    what: What<'w>,
}

impl ObjectValue for TimelineItem<'_> {
    fn type_name(&self) -> &'static str {
        match self.what {
            What::Closed(_) => "ClosedEvent",
            What::Referenced(_) => "ReferencedEvent",
        }
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let commit = |commit| CommitObject {
            scope: self.scope,
            repository: self.repository,
            commit: Which::Named(commit),
        };
        Ok(match (info.field_name(), self.what) {
            ("createdAt", _) => text(self.at),
            ("id", _) => text(format_args!("EV_{}", self.at.as_second())),
            ("closer", What::Closed(closer)) => ResolvedValue::nullable_object(closer.map(commit)),
            ("isCrossRepository", What::Referenced(reference)) => {
                ResolvedValue::leaf(reference.cross_repository)
            }
            ("commit", What::Referenced(reference)) => {
                ResolvedValue::object(commit(&reference.commit))
            }
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}
