//! Two or three profiles side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::frame::{Frame, Here, shown};
use super::sorry::Sorry;
use crate::api::access::Caller;
use crate::api::noting::Shown;
use crate::api::problem::{Kind, Problem};
use crate::domain::applicant::ApplicantId;
use crate::domain::score::ComponentState;
use crate::domain::text::tame;
use crate::report::html::column::Column;
use crate::service::Service;

/// Profiles that fit beside each other. Count.
const MOST: usize = 3;

#[derive(Template)]
#[template(path = "compare.html")]
struct Page {
    frame: Frame,
    columns: Vec<Column>,
    /// Names of the components, which are rows; and their titles.
    components: Vec<(String, String)>,
    /// Whether they were judged by different rubrics.
    unlike: bool,
    /// The role, if it is the same for all.
    role: Option<String>,
}

/// `GET /compare?id=…&id=…`.
pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Sorry> {
    let ids = asked(query.as_deref().unwrap_or_default())?;
    let mut columns = Vec::new();
    for id in &ids {
        let profile =
            service.store.profile(id).await?.ok_or_else(|| {
                Problem::new(Kind::NotFound, format!("There is no profile of {id}."))
            })?;
        columns.push(Column::new(&profile));
    }
    let mut components: Vec<(String, String)> = Vec::new();
    for part in columns.iter().flat_map(|column| &column.components) {
        if !components.iter().any(|(name, _)| *name == part.name) {
            components.push((part.name.clone(), part.title.clone()));
        }
    }
    let distinct = |of: fn(&Column) -> &str| {
        let all: BTreeSet<&str> = columns.iter().map(of).collect();
        all.len()
    };
    let same_role = distinct(|column| &column.role) == 1;
    let page = Page {
        frame: Frame::new(&caller, Here::Elsewhere),
        unlike: distinct(|column| &column.rubric) > 1 || distinct(|column| &column.as_of) > 1,
        role: columns
            .first()
            .filter(|_| same_role)
            .map(|column| column.role.clone()),
        components,
        columns,
    };
    Ok(Shown::of(&ids).beside(shown(&page)?))
}

/// Whom to compare, each once.
fn asked(query: &str) -> Result<Vec<ApplicantId>, Problem> {
    let mut ids: Vec<ApplicantId> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name != "id" {
            continue;
        }
        let id = value.parse().map_err(|_| {
            let said = format!("There is no applicant {:?}.", tame(&value));
            Problem::new(Kind::NotFound, said)
        })?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if (2..=MOST).contains(&ids.len()) {
        return Ok(ids);
    }
    Err(Problem::new(
        Kind::Unprocessable,
        format!(
            "Two or three applicants can be compared, and {} are ticked. Go back and tick two or three.",
            ids.len()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_or_three_different_applicants_are_compared() {
        let ids = |query: &str| {
            let ids = asked(query).map_err(|problem| problem.kind)?;
            Ok(ids.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(
            ids("id=a-01&id=github%3Ab&x=y"),
            Ok(vec!["a-01".to_owned(), "github:b".to_owned()])
        );
        assert_eq!(ids("id=a&id=b&id=c").map(|ids| ids.len()), Ok(3));
        for few_or_many in ["", "id=a", "id=a&id=a", "id=a&id=b&id=c&id=d"] {
            assert_eq!(ids(few_or_many), Err(Kind::Unprocessable), "{few_or_many}");
        }
        assert_eq!(ids("id=a&id=%3Cb%3E"), Err(Kind::NotFound));
    }
}
