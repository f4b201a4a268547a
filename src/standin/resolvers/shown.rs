//! What an account shows of itself: social accounts and public gists.

use apollo_compiler::{
    resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue},
    response::JsonValue,
};

use super::{Resolved, argument, bound, order, text, unmodelled, word};
use crate::standin::{
    rest::PLANTED,
    world::{Account, Gist, Text},
};

pub(super) struct SocialAccounts<'w> {
    pub(super) listed: &'w [Text],
    pub(super) first: usize,
}

impl ObjectValue for SocialAccounts<'_> {
    fn type_name(&self) -> &'static str {
        "SocialAccountConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "nodes" => {
                let shown = self.listed.iter().take(self.first);
                Ok(ResolvedValue::list(
                    shown.map(|url| ResolvedValue::object(SocialAccount(url))),
                ))
            }
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct SocialAccount<'w>(&'w str);

impl ObjectValue for SocialAccount<'_> {
    fn type_name(&self) -> &'static str {
        "SocialAccount"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "url" => Ok(ResolvedValue::leaf(self.0)),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

pub(super) struct Gists<'w> {
    account: &'w Account,
    first: usize,
}

impl<'w> Gists<'w> {
    pub(super) fn of(account: &'w Account, info: &ResolveInfo<'_>) -> Result<Self, FieldError> {
        if order(info) != Some(("UPDATED_AT", "DESC")) {
            return unmodelled("an order of gists other than those changed last first");
        }
        if word(info, "privacy") != Some("PUBLIC") {
            return unmodelled("gists that are not public");
        }
        Ok(Self {
            account,
            first: bound(info, "first").unwrap_or_default(),
        })
    }
}

impl ObjectValue for Gists<'_> {
    fn type_name(&self) -> &'static str {
        "GistConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "nodes" => {
                let shown = self.account.gists.iter().take(self.first);
                Ok(ResolvedValue::list(shown.map(|gist| {
                    ResolvedValue::object(GistObject {
                        login: &self.account.login,
                        gist,
                    })
                })))
            }
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct GistObject<'w> {
    login: &'w str,
    gist: &'w Gist,
}

impl ObjectValue for GistObject<'_> {
    fn type_name(&self) -> &'static str {
        "Gist"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let Gist {
            name,
            description,
            files,
        } = self.gist;
        Ok(match info.field_name() {
            "id" => text(format_args!("G_{name}")),
            "url" => text(format_args!(
                "https://gist.github.com/{}/{name}",
                self.login
            )),
            // Beside what its owner says stands what nobody may keep.
            "description" => text(format_args!("{PLANTED}-GIST-DESCRIPTION {description}")),
            "files" => {
                let limit = bound(info, "limit").unwrap_or_default();
                ResolvedValue::list(
                    files
                        .iter()
                        .take(limit)
                        .map(|file| ResolvedValue::object(GistFile(file.as_deref()))),
                )
            }
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

struct GistFile<'w>(Option<&'w str>);

impl ObjectValue for GistFile<'_> {
    fn type_name(&self) -> &'static str {
        "GistFile"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        match info.field_name() {
            "text" => {
                let most = argument(info, "truncate").and_then(JsonValue::as_i64);
                let most = most.and_then(|most| usize::try_from(most).ok());
                Ok(self.0.map_or_else(ResolvedValue::null, |held| {
                    let whole = format!("{PLANTED}-GIST-TEXT {held}");
                    text(
                        whole
                            .chars()
                            .take(most.unwrap_or(usize::MAX))
                            .collect::<String>(),
                    )
                }))
            }
            _ => Err(self.unknown_field_error(info)),
        }
    }
}
