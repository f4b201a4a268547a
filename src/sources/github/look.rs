//! A closer look, where the facts call for one: first authors, stars, and the code that an account should show.
//!
//! First authors and stars decide no point and fill no gap: where GitHub does not say, nobody knows, and that is
//! all. Only a wait is obeyed, because whoever is told to wait waits.

use std::future::Future;

use serde_json::json;

use super::crawl::{GitHub, each, numbered};
use super::loader::{Batch, Loaded};
use super::queries;
use super::stars::stargazers;
use super::transport::Part;
use super::wire::{self, AuthorsRepository, Nodes, Shown, Starred};
use crate::domain::facts::{FirstAuthors, GitHubFacts, ProjectFacts, SeenCode, Stargazers};
use crate::domain::profile::Cost;
use crate::domain::text::tame;
use crate::http::Place;
use crate::sources::SourceError;

/// Commits beyond the pull requests from which on their first authors are asked for. Count.
const UNEXPLAINED: u32 = 10;

/// Stars from which on an own repository's are looked at. Count.
const STARRED: u32 = 50;

/// Own repositories of one applicant whose stars are looked at. Count.
const MOST_STARRED: usize = 3;

/// How often what failed is asked again, each time with the way out's own repetitions.
const TRIES: u32 = 3;

/// Whose commits in which project.
#[derive(Debug, Clone)]
pub(super) struct AuthorsKey {
    account: String,
    project: String,
}

/// Which account should show which code.
#[derive(Debug, Clone)]
pub(super) struct CodeKey {
    account: String,
    code: String,
}

/// Those of the own repositories in depth whose stars are looked at, as `(place, node id)`.
pub(super) fn starred(own: &[wire::Repository]) -> Vec<(usize, String)> {
    own.iter()
        .enumerate()
        .filter(|(_, repository)| repository.stargazer_count >= STARRED)
        .take(MOST_STARRED)
        .map(|(place, repository)| (place, repository.id.clone()))
        .collect()
}

/// Whether the pull requests leave many of the commits unexplained.
fn unexplained(project: &ProjectFacts) -> bool {
    let explained = project
        .merged
        .saturating_add(project.landed)
        .saturating_add(project.reverted);
    project.commits.unwrap_or(0).saturating_sub(explained) >= UNEXPLAINED
}

impl GitHub {
    /// Fills in first authors and stars. `starred` are places among `facts.repositories` with their node ids.
    pub(super) async fn look_closer(
        &self,
        starred: &[(usize, String)],
        facts: &mut GitHubFacts,
        cost: &mut Cost,
    ) -> Result<(), SourceError> {
        let account = facts.account_id.clone();
        let authors = facts
            .projects
            .iter()
            .map(|project| {
                let key = unexplained(project).then(|| AuthorsKey {
                    account: account.clone(),
                    project: project.name.clone(),
                });
                async { Some(self.first_authors(key?).await) }
            })
            .collect::<Vec<_>>();
        let stars = starred
            .iter()
            .map(|(_, id)| self.stargazers(id.clone()))
            .collect::<Vec<_>>();
        let (authors, stars) = futures::join!(
            futures::future::join_all(authors),
            futures::future::join_all(stars)
        );
        let mut failure = None;
        let mut take = |spent| cost.add(spent);
        for (project, looked) in facts.projects.iter_mut().zip(authors) {
            let Some((looked, spent)) = looked else {
                continue;
            };
            take(spent);
            match looked {
                Ok(looked) => project.first_authors = looked,
                Err(error) => failure = Some(error),
            }
        }
        for ((place, _), (looked, spent)) in starred.iter().zip(stars) {
            take(spent);
            match (looked, facts.repositories.get_mut(*place)) {
                (Ok(looked), Some(repository)) => repository.stargazers = looked,
                (Ok(_), None) => {}
                (Err(error), _) => failure = Some(error),
            }
        }
        failure.map_or(Ok(()), Err)
    }

    async fn first_authors(
        &self,
        key: AuthorsKey,
    ) -> (Result<Option<FirstAuthors>, SourceError>, Cost) {
        forgiving(|| {
            self.authors.load(
                key.clone(),
                || self.transport.turn(),
                |batch, place| self.ask_authors(batch, place),
            )
        })
        .await
    }

    async fn stargazers(&self, id: String) -> (Result<Option<Stargazers>, SourceError>, Cost) {
        forgiving(|| {
            self.stars.load(
                id.clone(),
                || self.transport.turn(),
                |batch, place| self.ask_stars(batch, place),
            )
        })
        .await
    }

    /// Where the account shows `code`, if it does: in its bio, else in one of its newest twenty public gists.
    ///
    /// Without a token nobody looks: REST gives a gist's text by a request for each gist, of which there are sixty
    /// an hour, and knows no account by its node id.
    pub async fn look_for_code(
        &self,
        account_id: &str,
        code: &str,
    ) -> (Result<Option<SeenCode>, SourceError>, Cost) {
        if !self.has_token || code.is_empty() {
            return (Ok(None), Cost::default());
        }
        let key = CodeKey {
            account: account_id.to_owned(),
            code: code.to_owned(),
        };
        let (seen, cost) = self
            .codes
            .load(
                key,
                || self.transport.turn(),
                |batch, place| self.ask_codes(batch, place),
            )
            .await;
        let late = || SourceError::Again("GitHub could not answer in time for the code".to_owned());
        let seen = seen.and_then(|seen| seen.ok_or_else(late));
        let seen = seen.map(|url| {
            url.map(|url| SeenCode {
                code: code.to_owned(),
                url,
                seen_at: jiff::Timestamp::now(),
            })
        });
        (seen, cost)
    }

    async fn ask_authors(
        &self,
        keys: Vec<AuthorsKey>,
        place: Option<Place>,
    ) -> Batch<Option<FirstAuthors>> {
        let variables = numbered(&keys, |key| {
            let (owner, name) = key.project.split_once('/').unwrap_or_default();
            vec![
                ("id", json!(key.account)),
                ("owner", json!(owner)),
                ("name", json!(name)),
            ]
        });
        let query = queries::for_applicants(queries::AUTHORS, keys.len());
        let points = queries::points(queries::AUTHORS_REQUESTS * keys.len());
        let (reply, spent) = self
            .transport
            .graphql(&query, variables, points, keys.len() > 1, place)
            .await;
        each(keys.len(), &reply, spent, |reply, index| match reply
            .part::<AuthorsRepository>(&queries::alias(index))
        {
            Part::Whole(repository) => Loaded::Value(authors_of(repository, &keys[index].account)),
            Part::Nothing => Loaded::Value(None),
            Part::TooHeavy => Loaded::TooHeavy,
            Part::Broken(why) => Loaded::Error(SourceError::Again(why)),
        })
    }

    async fn ask_stars(&self, ids: Vec<String>, place: Option<Place>) -> Batch<Option<Stargazers>> {
        let variables = json!({ "ids": ids });
        let query = queries::for_applicants(queries::STARS, 1);
        let points = queries::points(queries::STARS_REQUESTS * ids.len());
        let (reply, spent) = self
            .transport
            .graphql(&query, variables, points, ids.len() > 1, place)
            .await;
        let nodes = match &reply {
            Ok(reply) => reply.part::<Vec<Option<Starred>>>("nodes"),
            Err(_) => Part::Nothing,
        };
        each(ids.len(), &reply, spent, |_, index| match &nodes {
            Part::Whole(nodes) => {
                let starred = nodes.get(index).and_then(Option::as_ref);
                let stars = starred.and_then(|starred| starred.stargazers.as_ref());
                Loaded::Value(stars.map(|stars| stargazers(stars.edges.iter().flatten())))
            }
            Part::TooHeavy => Loaded::TooHeavy,
            Part::Nothing => Loaded::Value(None),
            Part::Broken(why) => Loaded::Error(SourceError::Again(why.clone())),
        })
    }

    async fn ask_codes(&self, keys: Vec<CodeKey>, place: Option<Place>) -> Batch<Option<String>> {
        let variables = numbered(&keys, |key| vec![("id", json!(key.account))]);
        let query = queries::for_applicants(queries::CODE, keys.len());
        let points = queries::points(keys.len());
        let (reply, spent) = self
            .transport
            .graphql(&query, variables, points, keys.len() > 1, place)
            .await;
        each(keys.len(), &reply, spent, |reply, index| {
            match reply.part::<Shown>(&queries::alias(index)) {
                Part::Whole(shown) => Loaded::Value(place_of_code(&shown, &keys[index].code)),
                // The account went away; who it was shows nothing.
                Part::Nothing => Loaded::Value(None),
                Part::TooHeavy => Loaded::TooHeavy,
                Part::Broken(why) => Loaded::Error(SourceError::Again(why)),
            }
        })
    }
}

/// Asks up to [`TRIES`] times; what then still fails is not known. Only being told to wait, or to stop, is handed on.
async fn forgiving<V, F>(ask: impl Fn() -> F) -> (Result<Option<V>, SourceError>, Cost)
where
    F: Future<Output = (Result<Option<Option<V>>, SourceError>, Cost)>,
{
    let mut cost = Cost::default();
    for _ in 0..TRIES {
        let (end, spent) = ask().await;
        cost.add(spent);
        match end {
            Ok(value) => return (Ok(value.flatten()), cost),
            Err(SourceError::Again(why)) => tracing::debug!(why, "a closer look failed"),
            Err(SourceError::Failed(why)) => {
                tracing::debug!(why, "a closer look is refused");
                break;
            }
            Err(error) => return (Err(error), cost),
        }
    }
    (Ok(None), cost)
}

/// How many of the commits have somebody else as their first author. One without an account counts as somebody
/// else: an applicant whose own commits bear an address without an account would not have been credited for them.
fn authors_of(repository: AuthorsRepository, account: &str) -> Option<FirstAuthors> {
    let commits = repository.default_branch_ref?.target?.mine?;
    let (mut looked_at, mut others) = (0, 0);
    for commit in commits.iter() {
        let first = commit.authors.iter().next();
        let user = first.and_then(|author| author.user.as_ref());
        looked_at += 1;
        others += u32::from(user.is_none_or(|user| user.id != account));
    }
    Some(FirstAuthors { looked_at, others })
}

/// Where the code stands.
fn place_of_code(shown: &Shown, code: &str) -> Option<String> {
    let holds = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(code));
    let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    if holds(&shown.bio) {
        return shown
            .url
            .as_ref()
            .filter(|url| web(url))
            .map(|url| tame(url));
    }
    let mut gists = shown.gists.iter().flat_map(Nodes::iter);
    let gist = gists.find(|gist| {
        let mut files = gist.files.iter().flatten().flatten();
        holds(&gist.description) || files.any(|file| holds(&file.text))
    })?;
    Some(&gist.url).filter(|url| web(url)).map(|url| tame(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_commits_are_others_is_told_by_the_first_author_alone() {
        let author = |user: Option<&str>| json!({"authors": {"nodes": [{"user": user.map(|id| json!({"id": id}))}]}});
        let repository = json!({"defaultBranchRef": {"target": {"mine": {"nodes": [
            author(Some("U_me")), author(Some("U_you")), author(None), {"authors": {"nodes": []}}, null]}}}});
        let repository = serde_json::from_value(repository).expect("as GitHub sends it");
        let looked = authors_of(repository, "U_me").expect("a history");
        assert_eq!((looked.looked_at, looked.others), (4, 3));
        let empty = serde_json::from_value(json!({"defaultBranchRef": null})).expect("as sent");
        assert_eq!(authors_of(empty, "U_me"), None);
    }

    #[test]
    fn a_code_is_found_in_the_bio_and_in_any_text_of_a_gist() {
        let home = "https://github.com/me-example";
        let gist = "https://gist.github.com/me-example/1";
        let file = |text: Option<&str>| json!([{"text": null}, null, {"text": text}]);
        let shown = |bio, description, files| -> Shown {
            serde_json::from_value(json!({"url": home, "bio": bio, "gists": {"nodes": [
                null, {"url": "https://gist.github.com/me-example/0", "description": null, "files": null},
                {"url": gist, "description": description, "files": files}]}}))
            .expect("as GitHub sends it")
        };
        for (bio, description, text, place) in [
            (Some("I am plaudit-7 here"), None, None, Some(home)),
            (None, Some("plaudit-7"), None, Some(gist)),
            (Some("Hello"), None, Some("x\nplaudit-7\n"), Some(gist)),
            (Some("plaudit-"), Some("7"), Some("PLAUDIT-7"), None),
        ] {
            let shown = shown(bio, description, file(text));
            assert_eq!(place_of_code(&shown, "plaudit-7").as_deref(), place);
        }
    }

    #[test]
    fn only_what_pull_requests_leave_unexplained_is_looked_at() {
        let project = |commits, merged, landed, reverted| -> ProjectFacts {
            serde_json::from_value(json!({"name": "o/r", "commits": commits, "merged": merged,
                "landed": landed, "reverted": reverted, "unproven": 0}))
            .expect("facts")
        };
        for (commits, merged, landed, reverted, looked) in [
            (Some(10), 0, 0, 0, true),
            (Some(9), 0, 0, 0, false),
            (Some(16), 2, 3, 1, true),
            (Some(15), 2, 3, 1, false),
            (Some(3), 9, 0, 0, false),
            (None, 0, 0, 0, false),
        ] {
            let project = project(commits, merged, landed, reverted);
            assert_eq!(unexplained(&project), looked, "{project:?}");
        }
    }

    #[tokio::test]
    async fn what_fails_is_asked_three_times_and_then_not_known() {
        let again = || SourceError::Again("no".to_owned());
        let limited = SourceError::RateLimited {
            host: "github".to_owned(),
            until: jiff::Timestamp::UNIX_EPOCH,
            why: "too many".to_owned(),
        };
        let refused = SourceError::Failed("never".to_owned());
        let one = Cost {
            requests: 1.0,
            points: 1.0,
        };
        for (ends, expected, asked) in [
            (vec![Ok(Some(Some(7)))], Ok(Some(7)), 1.0),
            (vec![Err(again()), Ok(Some(Some(7)))], Ok(Some(7)), 2.0),
            (
                vec![Err(again()), Err(again()), Err(again())],
                Ok(None),
                3.0,
            ),
            (vec![Err(refused)], Ok(None), 1.0),
            (vec![Ok(None)], Ok(None), 1.0),
            (vec![Err(limited.clone())], Err(limited), 1.0),
        ] {
            let ends = std::cell::RefCell::new(ends.into_iter());
            let (found, cost) = forgiving(|| {
                let end = ends.borrow_mut().next().expect("not asked that often");
                async move { (end, one) }
            })
            .await;
            assert_eq!((found, cost.requests), (expected, asked));
        }
    }
}
