//! Accounts and their contributions.

use std::borrow::Cow;

use apollo_compiler::{
    resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue},
    response::JsonValue,
};

use super::{
    Resolved, Scope, argument, bound, error, number, optional, order,
    pull_request::PullRequests,
    repository::Repositories,
    shown::{Gists, SocialAccounts},
    text, unmodelled, word, words,
};
use crate::{
    domain::facts::YearTotals,
    standin::{
        rest::planted_bio,
        world::{AccountId, RepositoryId},
    },
};

/// A person, an organisation or a bot.
pub(super) struct AccountObject<'w> {
    pub(super) scope: Scope<'w>,
    pub(super) id: AccountId,
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
            "updatedAt" => text(account.updated_at),
            "userViewType" => {
                ResolvedValue::leaf(if account.private { "PRIVATE" } else { "PUBLIC" })
            }
            "url" => text(account.url()),
            "bio" => ResolvedValue::leaf(planted_bio(account)),
            "websiteUrl" => optional(account.website.as_deref()),
            "socialAccounts" => ResolvedValue::object(SocialAccounts {
                listed: &account.social,
                first: bound(info, "first").unwrap_or_default(),
            }),
            "gists" => ResolvedValue::object(Gists::of(account, info)?),
            "repositories" => ResolvedValue::object(self.repositories(info)?),
            "pullRequests" => ResolvedValue::object(self.pull_requests(info)?),
            "contributionsCollection" => ResolvedValue::object(self.contributions(info)?),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

impl<'w> AccountObject<'w> {
    fn pull_requests(&self, info: &ResolveInfo<'_>) -> Result<PullRequests<'w>, FieldError> {
        let world = self.scope.world;
        match order(info) {
            Some(("UPDATED_AT", "DESC")) => {
                PullRequests::of(self.scope, &world.changed_by(self.id), info)
            }
            Some(("CREATED_AT", "DESC")) => {
                PullRequests::of(self.scope, world.pull_requests_by(self.id), info)
            }
            _ => unmodelled("an order of pull requests other than the newest first"),
        }
    }

    fn repositories(&self, info: &ResolveInfo<'_>) -> Result<Repositories<'w>, FieldError> {
        let world = self.scope.world;
        let owned = match order(info) {
            None | Some(("STARGAZERS", "DESC")) => Cow::Borrowed(world.repositories_of(self.id)),
            Some(("PUSHED_AT", "DESC")) => Cow::Owned(world.pushed_by(self.id)),
            _ => return unmodelled("an order of repositories other than by stars or by push"),
        };
        if words(info, "ownerAffiliations").is_none_or(|kinds| kinds != ["OWNER"]) {
            return unmodelled("repositories of which the account is not the owner");
        }
        let fork = argument(info, "isFork").and_then(JsonValue::as_bool);
        let private = word(info, "privacy").map(|privacy| privacy == "PRIVATE");
        let ids: Vec<RepositoryId> = owned
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
