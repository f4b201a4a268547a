//! Pull requests, page by page, and what happened to them.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};

use super::{
    Resolved, Scope,
    account::AccountObject,
    bound, error, number, optional,
    repository::{CommitObject, RepositoryObject, Which},
    text, unmodelled, word, words,
};
use crate::standin::world::{
    Commit, PullRequest, PullRequestId, Reference, RepositoryId, State, Text,
};

/// Begins every cursor, so that one of another host is told from ours.
const CURSOR: &str = "Y3Vyc29yOnN0YW5kaW4";

/// A page of pull requests.
pub(super) struct PullRequests<'w> {
    scope: Scope<'w>,
    /// Those on the page.
    page: Vec<PullRequestId>,
    total: usize,
    more: bool,
}

impl<'w> PullRequests<'w> {
    /// The page of `listed`, which is in the order asked for, that the arguments ask for.
    pub(super) fn of(
        scope: Scope<'w>,
        listed: &[PullRequestId],
        info: &ResolveInfo<'_>,
    ) -> Result<Self, FieldError> {
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
        for id in listed {
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

pub(super) struct PullRequestObject<'w> {
    pub(super) scope: Scope<'w>,
    pub(super) id: PullRequestId,
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
            "updatedAt" => text(pull_request.updated_at()),
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
                listed: &pull_request.labels,
                first: bound(info, "first").unwrap_or_default(),
            }),
            "files" => ResolvedValue::object(Names {
                type_name: "PullRequestChangedFileConnection",
                item: "PullRequestChangedFile",
                listed: &pull_request.files,
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
                    let by_hand = pull_request
                        .closed_at
                        .map(|at| event(at, What::Closed(None)));
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
    listed: &'w [Text],
    first: usize,
}

impl ObjectValue for Names<'_> {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "nodes" => Ok(ResolvedValue::list(
                self.listed.iter().take(self.first).map(|name| {
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
