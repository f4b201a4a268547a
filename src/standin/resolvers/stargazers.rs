//! Those who starred a repository.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};

use super::{Resolved, Scope, argument, bound, number, order, text, unmodelled, word, words};
use crate::standin::{
    rest::PLANTED,
    scene::noon,
    stars::{Star, newest},
    world::RepositoryId,
};

pub(super) struct Stargazers(Vec<Star>);

impl Stargazers {
    pub(super) fn of(
        scope: Scope<'_>,
        id: RepositoryId,
        info: &ResolveInfo<'_>,
    ) -> Result<Self, FieldError> {
        if order(info) != Some(("STARRED_AT", "DESC")) {
            return unmodelled("an order of stars other than the newest first");
        }
        let mut stars = newest(id, scope.world.repository(id), noon(scope.world.today));
        stars.truncate(bound(info, "first").unwrap_or_default());
        Ok(Self(stars))
    }
}

impl ObjectValue for Stargazers {
    fn type_name(&self) -> &'static str {
        "StargazerConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "edges" => Ok(ResolvedValue::list(
                self.0.iter().map(|star| ResolvedValue::object(Edge(*star))),
            )),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct Edge(Star);

impl ObjectValue for Edge {
    fn type_name(&self) -> &'static str {
        "StargazerEdge"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "starredAt" => Ok(text(self.0.at)),
            "node" => Ok(ResolvedValue::object(Stargazer(self.0))),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

/// Somebody who starred, of whom there is no account in the world.
struct Stargazer(Star);

impl ObjectValue for Stargazer {
    fn type_name(&self) -> &'static str {
        "User"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        Ok(match info.field_name() {
            "id" => text(format_args!("U_kgDOstar{:x}", self.0.number)),
            // Must never be kept.
            "login" => text(format_args!("{PLANTED}-STARGAZER-{:x}", self.0.number)),
            "createdAt" => text(self.0.account_created_at),
            "repositories" => {
                let own = words(info, "ownerAffiliations").is_some_and(|kinds| kinds == ["OWNER"]);
                let public = word(info, "privacy") == Some("PUBLIC");
                if !own || !public || argument(info, "first").is_some() {
                    return unmodelled(
                        "more of a stargazer's repositories than how many there are",
                    );
                }
                ResolvedValue::object(Owned(self.0.repositories))
            }
            _ => return unmodelled("more of whoever starred"),
        })
    }
}

struct Owned(u32);

impl ObjectValue for Owned {
    fn type_name(&self) -> &'static str {
        "RepositoryConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "totalCount" => Ok(number(self.0)),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}
