//! Repositories, their default branches and commits.

use apollo_compiler::{
    resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue},
    response::JsonValue,
};

use super::{
    Resolved, Scope, account::AccountObject, argument, bound, not_found, number, optional, order,
    pull_request::PullRequests, stargazers::Stargazers, text, unmodelled,
};
use crate::standin::scene::later;
use crate::standin::world::{
    AccountId, AccountKind, Authored, Commit, Node, Oid, Repository, RepositoryId,
};

pub(super) struct Repositories<'w> {
    pub(super) scope: Scope<'w>,
    pub(super) ids: Vec<RepositoryId>,
    pub(super) first: usize,
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

pub(super) struct RepositoryObject<'w> {
    pub(super) scope: Scope<'w>,
    pub(super) id: RepositoryId,
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
            "stargazers" => ResolvedValue::object(Stargazers::of(self.scope, self.id, info)?),
            "owner" => ResolvedValue::object(AccountObject {
                scope: self.scope,
                id: repository.owner,
            }),
            "pullRequests" if order(info) != Some(("CREATED_AT", "DESC")) => {
                return unmodelled("an order of pull requests other than the newest first");
            }
            "pullRequests" => ResolvedValue::object(PullRequests::of(
                self.scope,
                self.scope.world.pull_requests_in(self.id),
                info,
            )?),
            "defaultBranchRef" => {
                ResolvedValue::nullable_object((!repository.empty).then_some(Branch {
                    scope: self.scope,
                    repository: self.id,
                }))
            }
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

fn days(newer: u32) -> i32 {
    i32::try_from(newer).unwrap_or_default()
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
pub(super) enum Which<'w> {
    /// The newest of the default branch.
    Tip,
    /// One of a person's newest, and how many are newer.
    Theirs(AccountId, Authored, u32),
    /// One that a timeline names.
    Named(&'w Commit),
}

pub(super) struct CommitObject<'w> {
    pub(super) scope: Scope<'w>,
    pub(super) repository: RepositoryId,
    pub(super) commit: Which<'w>,
}

impl CommitObject<'_> {
    fn oid(&self) -> Oid {
        let name = &self.scope.world.repository(self.repository).name_with_owner;
        match self.commit {
            Which::Tip => Oid::of(&format!("tip of {name}")),
            Which::Theirs(author, _, 0) => Oid::of(&format!("newest in {name} by {}", author.0)),
            Which::Theirs(author, _, newer) => {
                Oid::of(&format!("newest but {newer} in {name} by {}", author.0))
            }
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
            ("committedDate" | "authoredDate", Which::Tip) => text(pushed),
            ("committedDate", Which::Theirs(_, authored, newer)) => {
                text(later(authored.newest_committed, -days(newer)))
            }
            ("authoredDate", Which::Theirs(_, authored, newer)) => {
                text(later(authored.newest_authored, -days(newer)))
            }
            ("authors", which) => {
                if bound(info, "first") != Some(1) {
                    return unmodelled("other authors of a commit than the first");
                }
                ResolvedValue::object(Authors {
                    scope: self.scope,
                    first: self.first_author(which),
                })
            }
            ("committedDate" | "authoredDate", Which::Named(commit)) => text(commit.committed_at),
            ("author", which) => ResolvedValue::object(GitActor {
                scope: self.scope,
                user: match which {
                    Which::Tip => None,
                    Which::Theirs(author, ..) => Some(author),
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
    /// The account of the first author. Where somebody else is, that is now a person of this world, now somebody
    /// whose address leads to no account.
    fn first_author(&self, which: Which<'_>) -> Option<AccountId> {
        match which {
            Which::Tip => None,
            Which::Named(commit) => commit.author,
            Which::Theirs(author, authored, newer) if newer >= authored.co_authored => Some(author),
            Which::Theirs(author, _, newer) => {
                let other = self.scope.world.accounts().next();
                other.filter(|other| *other != author && newer.is_multiple_of(2))
            }
        }
    }

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
            "nodes" if self.author.is_none() || self.first > 20 => {
                unmodelled("commits other than the newest twenty of one person")
            }
            "nodes" => {
                let most = u32::try_from(self.first).unwrap_or_default();
                Ok(ResolvedValue::list(authored.into_iter().flat_map(
                    move |(author, authored)| {
                        (0..most.min(authored.count)).map(move |newer| {
                            ResolvedValue::object(CommitObject {
                                scope: self.scope,
                                repository: self.repository,
                                commit: Which::Theirs(author, authored, newer),
                            })
                        })
                    },
                )))
            }
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

/// The authors of a commit, of whom the first alone is modelled.
struct Authors<'w> {
    scope: Scope<'w>,
    first: Option<AccountId>,
}

impl ObjectValue for Authors<'_> {
    fn type_name(&self) -> &'static str {
        "GitActorConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "nodes" => Ok(ResolvedValue::list([ResolvedValue::object(GitActor {
                scope: self.scope,
                user: self.first,
            })])),
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
