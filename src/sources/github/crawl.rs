//! One applicant on GitHub, from login to facts.
//!
//! 1. `core`: who it is, own repositories, the first page of each list of pull requests.
//! 2. At once: `depth` (years, own repositories), `watched` (commits), and the lists' further pages.
//! 3. `proof`: what became of the pull requests that a rule has to decide on.
//! 4. `assemble`: facts.
//! 5. `look`: what only some of them call for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::assemble::{self, Asked, Candidate};
use super::loader::{Batch, Loaded, Loader};
use super::look::{self, AuthorsKey, CodeKey};
use super::pace::{Pace, wait_alone};
use super::transport::{Part, Reply, Transport};
use super::wire::{
    History, OwnDepth, Owner, PageOwner, Proof, PullRequest, PullRequests, Totals,
    WatchedRepository, Years,
};
use super::{Connection, Fetched, Interest, queries, rest};
use crate::domain::facts::{
    CommitDates, FirstAuthors, GitHubFacts, Lookup, Stargazers, YearTotals, reasons,
};
use crate::domain::link::Handle;
use crate::domain::profile::Cost;
use crate::http::{Account, HttpError, Place, Spent};
use crate::sources::SourceError;

/// Pages of one list that are read at most: 20,000 pull requests. Beyond it the facts say what is missing.
const MOST_PAGES: usize = 200;

/// Years of activity that are asked for at most, newest first: more than GitHub is old, so that none is left
/// out, and few enough that a hostile answer cannot make a query of any length.
const MOST_YEARS: usize = 25;

/// GitHub, as one rubric is interested in it.
pub struct GitHub {
    pub(super) transport: Transport,
    pub(super) interest: Interest,
    pub(super) has_token: bool,
    core: Loader<String, Option<Owner>>,
    depth: Loader<DepthKey, Depth>,
    watched: Loader<String, Vec<WatchedCommits>>,
    pages: Loader<PageKey, PullRequests>,
    proofs: Loader<String, Proof>,
    pub(super) authors: Loader<AuthorsKey, Option<FirstAuthors>>,
    pub(super) stars: Loader<String, Option<Stargazers>>,
    pub(super) codes: Loader<CodeKey, Option<String>>,
    /// Projects in one query; fewer when even one applicant's are too many.
    projects: Mutex<Pace>,
}

/// Whose years and repositories.
#[derive(Debug, Clone)]
struct DepthKey {
    account: String,
    years: Vec<i16>,
    repositories: Vec<String>,
}

/// Years, and own repositories by node id.
#[derive(Debug, Clone, Default)]
pub(super) struct Depth {
    pub(super) years: HashMap<i16, YearTotals>,
    /// Years that were asked for and not told. Count.
    pub(super) untold_years: usize,
    /// By node id.
    pub(super) repositories: HashMap<String, OwnCommits>,
}

/// Commits in an own repository.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnCommits {
    /// On the default branch. Count.
    pub(super) all: u32,
    /// Those authored by the applicant. Count.
    pub(super) own: u32,
    /// The newest of those.
    pub(super) newest: Option<CommitDates>,
}

/// Commits in one watched project, in the rubric's order.
#[derive(Debug, Clone)]
pub(super) enum WatchedCommits {
    /// So many, the newest then.
    Known {
        commits: u32,
        newest: Option<CommitDates>,
    },
    /// GitHub knows no such repository.
    Missing,
    /// GitHub could not tell, for this reason.
    Unknown(String),
}

/// Which list of pull requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Merged,
    Labelled,
    Closed,
}

/// A further page.
#[derive(Debug, Clone)]
struct PageKey {
    account: String,
    list: List,
    cursor: String,
}

impl GitHub {
    /// A source for `interest`. Must be called within a tokio runtime.
    pub fn new(connection: &Connection, interest: Interest) -> Self {
        let Connection {
            way_out,
            pool,
            settings,
        } = connection.clone();
        let has_token = pool.accounts().iter().any(Account::has_token);
        let projects = Mutex::new(Pace::new(interest.watched.len()));
        Self {
            transport: Transport::new(way_out, pool, settings.graphql_url, settings.api_url),
            interest,
            has_token,
            core: Loader::new(settings.batch),
            depth: Loader::new(settings.batch),
            watched: Loader::new(settings.batch),
            pages: Loader::new(settings.batch),
            proofs: Loader::new(queries::PROOFS_AT_ONCE),
            authors: Loader::new(settings.batch),
            stars: Loader::new(queries::STARS_AT_ONCE),
            codes: Loader::new(settings.batch),
            projects,
        }
    }

    /// Everything that GitHub shows of `handle`. `this_year` is the newest year that is asked for.
    pub async fn fetch(
        &self,
        handle: &Handle,
        this_year: i16,
    ) -> (Result<Fetched, SourceError>, Cost) {
        let mut cost = Cost::default();
        let fetched = if self.has_token {
            self.fetch_all(handle, this_year, &mut cost).await
        } else {
            rest::fetch(&self.transport, &self.interest, handle, &mut cost).await
        };
        (fetched, cost)
    }

    /// With a token: all of it.
    async fn fetch_all(
        &self,
        handle: &Handle,
        this_year: i16,
        cost: &mut Cost,
    ) -> Result<Fetched, SourceError> {
        let mut notices = Vec::new();
        let (mut owner, mut renamed_from) = (self.owner(handle.as_str(), cost).await?, None);
        if owner.is_none() {
            // GraphQL does not know former logins; REST redirects them.
            match rest::who_is(&self.transport, handle, cost).await? {
                rest::Who::Renamed(login) => {
                    notices.push(format!(
                        "GitHub knows {} under the name {login} today",
                        handle.as_str()
                    ));
                    owner = self.owner(&login, cost).await?;
                    renamed_from = Some(handle.as_str().to_owned());
                }
                rest::Who::Absent(reason) => return Ok(absent(reason, notices)),
                rest::Who::Same => {}
            }
        }
        let Some(owner) = owner else {
            let reason = "GitHub's two interfaces disagree on whether this account exists";
            return Err(SourceError::Again(reason.to_owned()));
        };
        if owner.kind != "User" {
            return Ok(absent(assemble::not_a_person(&owner.kind), notices));
        }
        let Some(account) = owner.id.clone() else {
            return Err(SourceError::Again(
                "GitHub sent an account without its id".to_owned(),
            ));
        };
        let facts = self.person(owner, &account, this_year, cost).await?;
        let facts = GitHubFacts {
            renamed_from,
            ..facts
        };
        Ok(Fetched {
            lookup: Lookup::Found { facts },
            notices,
        })
    }

    /// The work of a person.
    async fn person(
        &self,
        mut owner: Owner,
        account: &str,
        this_year: i16,
        cost: &mut Cost,
    ) -> Result<GitHubFacts, SourceError> {
        let own = assemble::own_in_depth(owner.own.as_ref(), self.interest.repositories);
        let depth = DepthKey {
            account: account.to_owned(),
            years: years_to_ask(&owner, this_year),
            repositories: own.iter().map(|repository| repository.id.clone()).collect(),
        };
        let (merged, labelled, closed) = (
            owner.merged.take(),
            owner.labelled.take(),
            owner.closed.take(),
        );
        let (depth, watched, merged, labelled, closed) = futures::join!(
            self.depth.load(
                depth,
                || self.transport.turn(),
                |batch, place| self.ask_depth(batch, place)
            ),
            self.watched.load(
                account.to_owned(),
                || self.transport.turn(),
                |batch, place| self.ask_watched(batch, place)
            ),
            self.all_pages(account, List::Merged, merged),
            self.all_pages(account, List::Labelled, labelled),
            self.all_pages(account, List::Closed, closed),
        );
        for spent in [depth.1, watched.1, merged.1, labelled.1, closed.1] {
            cost.add(spent);
        }
        let (merged, labelled, closed) = (merged.0?, labelled.0?, closed.0?);
        let cut = merged.cut || labelled.cut || closed.cut;
        // A closed one that is labelled stands in both lists.
        let lost = merged.lost + closed.lost.max(labelled.lost);
        let candidates = assemble::candidates(
            &self.interest,
            account,
            merged.nodes,
            labelled.nodes,
            closed.nodes,
        );
        let proofs = self.prove(&candidates, cost).await?;
        let starred = look::starred(&own);
        let asked = Asked {
            depth: depth.0?,
            watched: watched.0?.unwrap_or_default(),
            own,
            candidates,
            proofs,
            cut,
            lost,
        };
        let mut facts = assemble::facts(&self.interest, &owner, account, asked);
        self.look_closer(&starred, &mut facts, cost).await?;
        Ok(facts)
    }

    /// Who is behind a login.
    async fn owner(&self, login: &str, cost: &mut Cost) -> Result<Option<Owner>, SourceError> {
        let (owner, spent) = self
            .core
            .load(
                login.to_owned(),
                || self.transport.turn(),
                |batch, place| self.ask_core(batch, place),
            )
            .await;
        cost.add(spent);
        owner?.ok_or_else(|| {
            SourceError::Again("GitHub could not answer in time who this is".to_owned())
        })
    }

    /// What became of the candidates that need proof, by node id; `None` where GitHub gave up.
    async fn prove(
        &self,
        candidates: &[Candidate],
        cost: &mut Cost,
    ) -> Result<HashMap<String, Option<Proof>>, SourceError> {
        let doubtful = candidates.iter().filter(|candidate| candidate.needs_proof);
        let loads = doubtful.map(|candidate| async {
            let id = candidate.pull_request.id.clone();
            (
                id.clone(),
                self.proofs
                    .load(
                        id,
                        || self.transport.turn(),
                        |batch, place| self.ask_proofs(batch, place),
                    )
                    .await,
            )
        });
        let mut proofs = HashMap::new();
        let mut failure = None;
        for (id, (proof, spent)) in futures::future::join_all(loads).await {
            cost.add(spent);
            match proof {
                Ok(proof) => {
                    proofs.insert(id, proof);
                }
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(proofs), Err)
    }

    /// The further pages of a list.
    async fn all_pages(
        &self,
        account: &str,
        list: List,
        first: Option<PullRequests>,
    ) -> (Result<Pages, SourceError>, Cost) {
        let mut cost = Cost::default();
        let mut pages = Pages {
            nodes: Vec::new(),
            // Of a person GitHub sends every list, and be it empty.
            cut: first.is_none(),
            lost: 0,
        };
        let Some(mut page) = first else {
            return (Ok(pages), cost);
        };
        for _ in 0..MOST_PAGES {
            let missing = page.nodes.iter().filter(|node| node.is_none()).count();
            pages.lost += u32::try_from(missing).unwrap_or(u32::MAX);
            pages.nodes.extend(page.nodes.into_iter().flatten());
            let (true, Some(cursor)) = (page.page_info.has_next_page, page.page_info.end_cursor)
            else {
                pages.cut = page.page_info.has_next_page;
                return (Ok(pages), cost);
            };
            let key = PageKey {
                account: account.to_owned(),
                list,
                cursor,
            };
            let (next, spent) = self
                .pages
                .load(
                    key,
                    || self.transport.turn(),
                    |batch, place| self.ask_pages(batch, place),
                )
                .await;
            cost.add(spent);
            page = match next {
                Ok(Some(next)) => next,
                Ok(None) => {
                    pages.cut = true;
                    return (Ok(pages), cost);
                }
                Err(error) => return (Err(error), cost),
            };
        }
        pages.cut = true;
        (Ok(pages), cost)
    }

    async fn ask_core(&self, logins: Vec<String>, place: Option<Place>) -> Batch<Option<Owner>> {
        let variables = numbered(&logins, |login| vec![("login", json!(login))]);
        let query = queries::for_applicants(queries::CORE, logins.len());
        let points = queries::points(queries::CORE_REQUESTS * logins.len());
        let (reply, spent) = self
            .transport
            .graphql(&query, variables, points, logins.len() > 1, place)
            .await;
        each(logins.len(), &reply, spent, |reply, index| {
            match reply.part::<Owner>(&queries::alias(index)) {
                Part::Whole(owner) => Loaded::Value(Some(owner)),
                Part::Nothing => Loaded::Value(None),
                Part::TooHeavy => Loaded::TooHeavy,
                Part::Broken(why) => Loaded::Error(SourceError::Again(why)),
            }
        })
    }

    async fn ask_depth(&self, keys: Vec<DepthKey>, place: Option<Place>) -> Batch<Depth> {
        let mut years: Vec<i16> = keys
            .iter()
            .flat_map(|key| key.years.iter().copied())
            .collect();
        years.sort_unstable();
        years.dedup();
        let repositories: usize = keys.iter().map(|key| key.repositories.len()).sum();
        let variables = numbered(&keys, |key| {
            vec![
                ("id", json!(key.account)),
                ("repositories", json!(key.repositories)),
            ]
        });
        let query = queries::depth(keys.len(), &years);
        let points = queries::points(2 * repositories);
        let (reply, spent) = self
            .transport
            .graphql(&query, variables, points, keys.len() > 1, place)
            .await;
        each(keys.len(), &reply, spent, |reply, index| {
            let years = match reply.part::<Years>(&queries::alias(index)) {
                // Others in the batch may have been active in other years.
                Part::Whole(all) => {
                    let mut all = years_of(&all);
                    all.retain(|year, _| keys[index].years.contains(year));
                    all
                }
                Part::TooHeavy => return Loaded::TooHeavy,
                Part::Nothing => HashMap::new(),
                Part::Broken(why) => return Loaded::Error(SourceError::Again(why)),
            };
            let alias = format!("own{}", queries::alias(index));
            let repositories = match reply.part::<Vec<Option<OwnDepth>>>(&alias) {
                Part::Whole(repositories) => commits_of(repositories),
                Part::TooHeavy => return Loaded::TooHeavy,
                Part::Nothing => HashMap::new(),
                Part::Broken(why) => return Loaded::Error(SourceError::Again(why)),
            };
            let is_untold = |year: &&i16| !years.contains_key(year);
            Loaded::Value(Depth {
                untold_years: keys[index].years.iter().filter(is_untold).count(),
                years,
                repositories,
            })
        })
    }

    async fn ask_pages(&self, keys: Vec<PageKey>, place: Option<Place>) -> Batch<PullRequests> {
        let variables = numbered(&keys, |key| {
            let (states, labels) = match key.list {
                List::Merged => (json!(["MERGED"]), Value::Null),
                List::Labelled => (json!(["CLOSED"]), json!(["Merged", "merged"])),
                List::Closed => (json!(["CLOSED"]), Value::Null),
            };
            vec![
                ("id", json!(key.account)),
                ("cursor", json!(key.cursor)),
                ("states", states),
                ("labels", labels),
            ]
        });
        let query = queries::for_applicants(queries::PAGE, keys.len());
        let (reply, spent) = self
            .transport
            .graphql(
                &query,
                variables,
                queries::points(keys.len()),
                keys.len() > 1,
                place,
            )
            .await;
        each(keys.len(), &reply, spent, |reply, index| {
            match reply.part::<PageOwner>(&queries::alias(index)) {
                Part::Whole(PageOwner { page: Some(page) }) => Loaded::Value(page),
                Part::TooHeavy => Loaded::TooHeavy,
                Part::Whole(PageOwner { page: None }) | Part::Nothing => {
                    let why = "the account went away between two pages".to_owned();
                    Loaded::Error(SourceError::Again(why))
                }
                Part::Broken(why) => Loaded::Error(SourceError::Again(why)),
            }
        })
    }

    async fn ask_proofs(&self, ids: Vec<String>, place: Option<Place>) -> Batch<Proof> {
        let variables = json!({ "ids": ids });
        let query = queries::for_applicants(queries::PROOF, 1);
        let (reply, spent) = self
            .transport
            .graphql(
                &query,
                variables,
                queries::points(4 * ids.len()),
                ids.len() > 1,
                place,
            )
            .await;
        let nodes = match &reply {
            Ok(reply) => reply.part::<Vec<Option<Proof>>>("nodes"),
            Err(_) => Part::Nothing,
        };
        each(ids.len(), &reply, spent, |_, index| match &nodes {
            Part::Whole(nodes) => match nodes.get(index) {
                // null: the pull request went away, so nothing proves it.
                Some(proof) => Loaded::Value(proof.clone().unwrap_or_else(Proof::gone)),
                None => Loaded::Error(SourceError::Again("GitHub left proofs out".to_owned())),
            },
            Part::TooHeavy => Loaded::TooHeavy,
            Part::Nothing => Loaded::Error(SourceError::Again("GitHub sent no proofs".to_owned())),
            Part::Broken(why) => Loaded::Error(SourceError::Again(why.clone())),
        })
    }

    /// Commits of several applicants in all watched projects, so many projects at once as GitHub bears.
    async fn ask_watched(
        &self,
        accounts: Vec<String>,
        mut place: Option<Place>,
    ) -> Batch<Vec<WatchedCommits>> {
        let mut spent = Spent::default();
        let mut results: Vec<Vec<WatchedCommits>> = vec![Vec::new(); accounts.len()];
        let (mut from, mut tried_alone) = (0, 0);
        while from < self.interest.watched.len() {
            let until = (from + self.pace().size()).min(self.interest.watched.len());
            let (part, asked) = self
                .ask_watched_chunk(&accounts, from..until, place.take())
                .await;
            spent.requests += asked.requests;
            spent.points += asked.points;
            match part {
                Ok(parts) => {
                    for (all, part) in results.iter_mut().zip(parts) {
                        all.extend(part);
                    }
                    self.pace().bore(until - from);
                    (from, tried_alone) = (until, 0);
                }
                Err(Loaded::Error(error)) => {
                    return Batch::all(accounts.len(), spent, || Loaded::Error(error.clone()));
                }
                Err(_) if accounts.len() > 1 => {
                    return Batch::all(accounts.len(), spent, || Loaded::TooHeavy);
                }
                Err(_) if until - from > 1 => {
                    // Smaller at once for this applicant; for the others the pace decides.
                    self.pace().gave_up(until - from);
                    self.pace().gave_up(until - from);
                }
                Err(outcome) => {
                    tried_alone += 1;
                    let wait =
                        wait_alone(tried_alone).filter(|_| matches!(outcome, Loaded::TooHeavy));
                    if let Some(wait) = wait {
                        tokio::time::sleep(wait).await;
                        continue;
                    }
                    let why = reasons::HEAVY_COMMITS.to_owned();
                    results[0].push(WatchedCommits::Unknown(why));
                    (from, tried_alone) = (until, 0);
                }
            }
        }
        Batch {
            parts: results.into_iter().map(Loaded::Value).collect(),
            spent,
        }
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.projects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For each applicant, commits in each project of `range`.
    async fn ask_watched_chunk(
        &self,
        accounts: &[String],
        range: std::ops::Range<usize>,
        place: Option<Place>,
    ) -> (Result<Vec<Vec<WatchedCommits>>, Loaded<()>>, Spent) {
        let projects = &self.interest.watched[range];
        let Value::Object(mut variables) = numbered(accounts, |id| vec![("id", json!(id))]) else {
            return (Ok(Vec::new()), Spent::default());
        };
        for (index, project) in projects.iter().enumerate() {
            let (owner, name) = project.project.split_once('/').unwrap_or_default();
            variables.insert(format!("ownerP{index}"), json!(owner));
            variables.insert(format!("nameP{index}"), json!(name));
        }
        let query = queries::watched(accounts.len(), projects.len());
        let points = queries::points(accounts.len() * projects.len());
        let can_split = accounts.len() > 1 || projects.len() > 1;
        let (reply, spent) = self
            .transport
            .graphql(&query, Value::Object(variables), points, can_split, place)
            .await;
        let reply = match reply {
            Ok(reply) => reply,
            Err(HttpError::TooHeavy { .. }) => return (Err(Loaded::Hopeless), spent),
            Err(error) => return (Err(Loaded::Error(error.into())), spent),
        };
        let mut columns = Vec::with_capacity(projects.len());
        for index in 0..projects.len() {
            columns.push(
                match reply.part::<WatchedRepository>(&format!("P{index}")) {
                    Part::Whole(repository) => Some(repository),
                    Part::Nothing => None,
                    Part::TooHeavy => return (Err(Loaded::TooHeavy), spent),
                    Part::Broken(why) => {
                        return (Err(Loaded::Error(SourceError::Again(why))), spent);
                    }
                },
            );
        }
        let rows = (0..accounts.len()).map(|index| {
            columns
                .iter()
                .map(|column| commits_in(column.as_ref(), index))
                .collect()
        });
        (Ok(rows.collect()), spent)
    }
}

/// A list, read to its end.
struct Pages {
    nodes: Vec<PullRequest>,
    /// Whether some could not be read.
    cut: bool,
    /// Those that the token may not see. Count.
    lost: u32,
}

fn absent(reason: String, notices: Vec<String>) -> Fetched {
    Fetched {
        lookup: Lookup::Absent { reason },
        notices,
    }
}

/// Variables of a batch: each key's, with the applicant's alias appended to the name.
pub(super) fn numbered<K>(keys: &[K], of: impl Fn(&K) -> Vec<(&'static str, Value)>) -> Value {
    let mut variables = Map::new();
    for (index, key) in keys.iter().enumerate() {
        for (name, value) in of(key) {
            variables.insert(format!("{name}{}", queries::alias(index)), value);
        }
    }
    Value::Object(variables)
}

/// A batch's parts from its reply, or the same failure for all.
pub(super) fn each<V>(
    keys: usize,
    reply: &Result<Reply, HttpError>,
    spent: Spent,
    part: impl Fn(&Reply, usize) -> Loaded<V>,
) -> Batch<V> {
    match reply {
        Ok(reply) => Batch {
            parts: (0..keys).map(|index| part(reply, index)).collect(),
            spent,
        },
        // Alone it was repeated below already.
        Err(HttpError::TooHeavy { .. }) if keys == 1 => {
            Batch::all(keys, spent, || Loaded::Hopeless)
        }
        Err(HttpError::TooHeavy { .. }) => Batch::all(keys, spent, || Loaded::TooHeavy),
        Err(error) => Batch::all(keys, spent, || Loaded::Error(error.clone().into())),
    }
}

/// The years to ask for: those that GitHub names, newest first, never none.
fn years_to_ask(owner: &Owner, this_year: i16) -> Vec<i16> {
    let named = owner
        .activity
        .as_ref()
        .map(|activity| activity.contribution_years.clone());
    let mut years: Vec<i16> = named
        .unwrap_or_default()
        .into_iter()
        .filter(|year| *year <= this_year)
        .collect();
    years.sort_unstable_by(|left, right| right.cmp(left));
    years.truncate(MOST_YEARS);
    if years.is_empty() {
        years.push(this_year);
    }
    years
}

fn years_of(wire: &Years) -> HashMap<i16, YearTotals> {
    let totals = |value: &Value| serde_json::from_value::<Totals>(value.clone()).ok();
    wire.iter()
        .filter_map(|(alias, value)| Some((alias.strip_prefix('y')?.parse().ok()?, totals(value)?)))
        .map(|(year, totals)| {
            let totals = YearTotals {
                commits: totals.total_commit_contributions,
                pull_requests: totals.total_pull_request_contributions,
                reviews: totals.total_pull_request_review_contributions,
                issues: totals.total_issue_contributions,
                restricted: totals.restricted_contributions_count,
            };
            (year, totals)
        })
        .collect()
}

fn commits_of(repositories: Vec<Option<OwnDepth>>) -> HashMap<String, OwnCommits> {
    repositories
        .into_iter()
        .flatten()
        .filter_map(|repository| {
            let target = repository.default_branch_ref?.target?;
            let mine = target.mine?;
            let commits = OwnCommits {
                all: target.all?.total_count,
                own: mine.total_count,
                newest: mine.newest(),
            };
            Some((repository.id?, commits))
        })
        .collect()
}

fn commits_in(repository: Option<&WatchedRepository>, index: usize) -> WatchedCommits {
    let Some(repository) = repository else {
        return WatchedCommits::Missing;
    };
    tracing::trace!(
        repository = repository.name_with_owner,
        stars = repository.stargazer_count,
        "a watched project"
    );
    let target = repository
        .default_branch_ref
        .as_ref()
        .and_then(|branch| branch.target.as_ref());
    let history = target.and_then(|target| target.get(&queries::alias(index)));
    match history.map(|history| serde_json::from_value::<History>(history.clone())) {
        Some(Ok(history)) => WatchedCommits::Known {
            commits: history.total_count,
            newest: history.newest(),
        },
        _ => WatchedCommits::Unknown("GitHub sent no history for it".to_owned()),
    }
}
