//! What a perfect crawler with a token must find, straight from a world's records.
//!
//! The rules are the product's, written a second time without its code and without GraphQL, so that a test
//! can compare the two. Where a rule left room, this is how it was decided:
//!
//! - A landed pull request is proven by the commit of its *last* closing; earlier closings are not looked at.
//! - A referenced commit reverts a pull request when it is in the same repository and its message says
//!   "This reverts commit" with the oid of that last closing's commit, or begins with "Revert" and names
//!   `#N` (`#12` is not named by `#123`). Its date is that of the reference.
//! - A revert after the landing takes the credit. When all known reverts came before it, the pull request
//!   landed again and keeps the credit, whatever its labels say. A `reverted` label without any known
//!   revert takes the credit.
//! - A closed pull request with a landing label and a closing commit of *somebody else's* counts as nothing,
//!   also not as unproven. One without any closing commit is unproven, or reverted if it is labelled so.
//! - Elsewhere a closed pull request needs a landing label: nobody would look at the others.
//! - `docs_only` needs at least one known file.
//! - Mergers are counted over what GitHub shows as merged elsewhere; a bot counts as a merger.
//! - A watched project that the world does not hold has unknown commits and a gap that says so.
//! - A hidden profile is told as hidden alone, not also as restricted.
//! - Gaps are sorted, each once.
//! - Whoever merged elsewhere is a number, from 1, by the first appearance among the kept ones, newest first.
//! - First authors are looked at where ten commits or more are left beyond the landed and the reverted pull
//!   requests; an author without an account is somebody else.
//! - Stars are looked at of the three own repositories in depth that have most, from 50 on. Two days are 48 hours,
//!   both ends counted; seven days likewise.
//! - Of the web site and the social accounts, addresses of the web are named, those without a scheme as `https`.

mod looked;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::looked::{names, stargazers};
use super::scene::noon;
use super::stars;
use super::world::{
    Account, AccountId, AccountKind, Closing, Commit, PullRequest, PullRequestId, Repository,
    RepositoryId, State, World,
};
use crate::domain::{
    facts::{
        Cause, CommitDates, FirstAuthors, Gap, GitHubFacts, Landing, Lookup, OwnRepository,
        ProjectFacts, PullRequest as LandedPullRequest, Topic, Vitals, YearTotals,
        is_documentation, reasons,
    },
    rubric::WatchedProject,
    text::tame,
};

/// Own repositories that are looked at before the best are chosen. Count; one page of GitHub's.
const OWN_REPOSITORIES_SEEN: usize = 100;
/// Files of a pull request that are looked at. Count.
const FILES_SEEN: u32 = 20;
/// Own repositories whose stars are looked at, and the stars that it takes. Counts.
const STARS_LOOKED_AT: (usize, u32) = (3, 50);
/// Commits of a project whose first authors are looked at. Count.
const COMMITS_LOOKED_AT: u32 = 20;
/// Commits beyond the pull requests from which on they are. Count.
const COMMITS_BEYOND: i64 = 10;
/// Years of activity that are looked at. Count.
const YEARS_SEEN: usize = 25;

/// What became of a pull request.
enum Fate {
    /// It landed and stayed.
    Landed { at: Timestamp, landing: Landing },
    /// It landed and was taken back.
    Reverted,
    /// A label says that it landed, and no commit does.
    Unproven,
    /// It did not land.
    Nothing,
}

impl World {
    /// The facts about the account behind the link `link_login` for a rubric that watches `watched`, looks
    /// at `repositories_in_depth` own repositories, and scores as of a day in `as_of_year`.
    #[must_use]
    pub fn truth(
        &self,
        link_login: &str,
        watched: &[WatchedProject],
        repositories_in_depth: usize,
        as_of_year: i16,
    ) -> Lookup<GitHubFacts> {
        let absent = |reason: &str| Lookup::Absent {
            reason: reason.to_owned(),
        };
        let (id, renamed) = match self.account_by_login(link_login) {
            Some(id) => (id, false),
            None => match self.account_by_former_login(link_login) {
                Some(id) => (id, true),
                None => return absent(reasons::MISSING),
            },
        };
        let account = self.account(id);
        match account.kind {
            AccountKind::Organization => return absent(reasons::ORGANISATION),
            AccountKind::Bot => return absent(reasons::BOT),
            AccountKind::User => {}
        }

        let mut work = Work::new(self, id, watched);
        for pull_request in self.pull_requests_by(id) {
            work.take(*pull_request);
        }
        let gaps = std::mem::take(&mut work.gaps);
        let mut facts = GitHubFacts {
            login: account.login.to_string(),
            account_id: self.account_node_id(id),
            renamed_from: renamed.then(|| link_login.to_owned()),
            created_at: Some(account.created_at),
            own_repositories: count(self.own_public(id, false).count()),
            forks: Some(count(self.own_public(id, true).count())),
            repositories: self.own_in_depth(id, repositories_in_depth),
            merged_elsewhere: work.merged_elsewhere,
            mergers: count(work.mergers.len()),
            pull_requests: work.kept(),
            projects: work.with_first_authors(),
            names: names(account),
            code: None,
            years: years(account, as_of_year),
            pulse: Some(self.pulse(id)),
            gaps: gaps.into_iter().collect(),
        };
        self.add_activity_gaps(account, &mut facts);
        facts.gaps.sort();
        Lookup::Found { facts }
    }

    fn pulse(&self, id: AccountId) -> String {
        let newest = self.changed_by(id).first().copied();
        let node_id = newest.map(PullRequestId::node_id);
        let changed = newest.map(|id| self.pull_request(id).updated_at());
        let pushed = self.pushed_by(id);
        let vitals = Vitals {
            updated_at: self.account(id).updated_at,
            pull_requests: count(self.pull_requests_by(id).len()),
            newest_pull_request: node_id.as_deref().zip(changed),
            repositories: count(pushed.len()),
            newest_push: pushed.first().and_then(|id| self.repository(*id).pushed_at),
        };
        vitals.pulse()
    }

    fn own_public(
        &self,
        owner: AccountId,
        forks: bool,
    ) -> impl Iterator<Item = (RepositoryId, &Repository)> {
        self.repositories_of(owner)
            .iter()
            .map(|id| (*id, self.repository(*id)))
            .filter(move |(_, repository)| !repository.private && repository.fork == forks)
    }

    fn own_in_depth(&self, owner: AccountId, most: usize) -> Vec<OwnRepository> {
        let mut chosen: Vec<_> = self
            .own_public(owner, false)
            .take(OWN_REPOSITORIES_SEEN)
            .filter(|(_, repository)| {
                !repository.empty && !repository.mirror && !repository.template
            })
            .collect();
        chosen.sort_by(|(_, left), (_, right)| {
            (right.stars.cmp(&left.stars))
                .then_with(|| right.pushed_at.cmp(&left.pushed_at))
                .then_with(|| left.name_with_owner.cmp(&right.name_with_owner))
        });
        chosen
            .into_iter()
            .take(most)
            .enumerate()
            .map(|(place, (id, repository))| OwnRepository {
                name: repository.name_with_owner.to_string(),
                url: repository.url(),
                stars: repository.stars,
                forks: repository.forks,
                language: repository.language.map(str::to_owned),
                created_at: repository.created_at,
                pushed_at: repository.pushed_at,
                commits: Some(repository.commits),
                own_commits: Some(
                    self.authored(id, owner)
                        .map_or(0, |authored| authored.count),
                ),
                newest_own_commit: self.authored(id, owner).map(|authored| CommitDates {
                    authored_at: authored.newest_authored,
                    committed_at: authored.newest_committed,
                }),
                stargazers: (place < STARS_LOOKED_AT.0 && repository.stars >= STARS_LOOKED_AT.1)
                    .then(|| stargazers(&stars::newest(id, repository, noon(self.today)))),
            })
            .collect()
    }

    fn add_activity_gaps(&self, account: &Account, facts: &mut GitHubFacts) {
        let shown = account.shown_years();
        let has_work = !facts.pull_requests.is_empty() || facts.own_repositories > 0;
        let reason = if account.private || (shown.is_empty() && has_work) {
            reasons::HIDDEN_PROFILE
        } else if facts.years.values().any(|year| year.restricted > 0)
            || account.shown_year(self.today.year()).restricted > 0
        {
            reasons::RESTRICTED
        } else {
            return;
        };
        for topic in [Topic::Years, Topic::Reviews] {
            facts.gaps.push(Gap {
                topic,
                project: None,
                cause: Cause::Hidden,
                reason: reason.to_owned(),
            });
        }
    }
}

/// The pull requests of one person, sorted out.
struct Work<'w> {
    world: &'w World,
    applicant: AccountId,
    watched: &'w [WatchedProject],
    projects: Vec<ProjectFacts>,
    merged_elsewhere: u32,
    mergers: BTreeSet<AccountId>,
    landed: Vec<(LandedPullRequest, Option<AccountId>)>,
    gaps: BTreeSet<Gap>,
}

impl<'w> Work<'w> {
    fn new(world: &'w World, applicant: AccountId, watched: &'w [WatchedProject]) -> Self {
        let mut gaps = BTreeSet::new();
        let projects = watched
            .iter()
            .map(|project| {
                let repository = world.repository_by_name(&project.project);
                if repository.is_none() {
                    gaps.insert(Gap {
                        topic: Topic::Commits,
                        project: Some(project.project.clone()),
                        cause: Cause::Missing,
                        reason: reasons::PROJECT_MISSING.to_owned(),
                    });
                }
                let authored = repository.and_then(|id| world.authored(id, applicant));
                ProjectFacts {
                    name: project.project.clone(),
                    commits: repository.map(|_| authored.map_or(0, |authored| authored.count)),
                    newest_commit: authored.map(|authored| authored.newest_committed),
                    newest_authored: authored.map(|authored| authored.newest_authored),
                    first_authors: None,
                    merged: 0,
                    landed: 0,
                    reverted: 0,
                    unproven: 0,
                    first: None,
                    last: None,
                }
            })
            .collect();
        Self {
            world,
            applicant,
            watched,
            projects,
            merged_elsewhere: 0,
            mergers: BTreeSet::new(),
            landed: Vec::new(),
            gaps,
        }
    }

    fn take(&mut self, id: PullRequestId) {
        let pull_request = self.world.pull_request(id);
        let repository = self.world.repository(pull_request.repository);
        if repository.private || repository.owner == self.applicant {
            return;
        }
        let project = self.watched.iter().position(|watched| {
            std::iter::once(&watched.project)
                .chain(&watched.aliases)
                .any(|name| name.eq_ignore_ascii_case(&repository.name_with_owner))
        });
        let fate = self.fate(pull_request, project.is_some());
        let Some(project) = project else {
            self.take_elsewhere(id, fate);
            return;
        };
        let facts = &mut self.projects[project];
        match fate {
            Fate::Landed { at, landing } => {
                match landing {
                    Landing::Merged => facts.merged += 1,
                    Landing::Commit { .. } => facts.landed += 1,
                }
                facts.first = Some(facts.first.map_or(at, |first| first.min(at)));
                facts.last = Some(facts.last.map_or(at, |last| last.max(at)));
                self.keep(id, at, landing, Some(project));
            }
            Fate::Reverted => facts.reverted += 1,
            Fate::Unproven => {
                // The gap tells the number, so it is written anew each time.
                let before = gap_of_unproven(&facts.name, facts.unproven);
                facts.unproven += 1;
                let after = gap_of_unproven(&facts.name, facts.unproven);
                self.gaps.remove(&before);
                self.gaps.insert(after);
            }
            Fate::Nothing => {}
        }
    }

    fn take_elsewhere(&mut self, id: PullRequestId, fate: Fate) {
        if let Fate::Landed { at, landing } = fate {
            self.merged_elsewhere += 1;
            if landing == Landing::Merged {
                let merger = self.world.pull_request(id).merged_by;
                self.mergers
                    .extend(merger.filter(|merger| *merger != self.applicant));
            }
            self.keep(id, at, landing, None);
        }
    }

    fn keep(&mut self, id: PullRequestId, at: Timestamp, landing: Landing, project: Option<usize>) {
        let pull_request = self.world.pull_request(id);
        let repository = self.world.repository(pull_request.repository);
        let merged_by_self = match landing {
            Landing::Merged => pull_request
                .merged_by
                .map(|merger| merger == self.applicant),
            Landing::Commit { .. } => project.map(|_| false),
        };
        let other = pull_request
            .merged_by
            .filter(|merger| project.is_none() && *merger != self.applicant);
        let kept = LandedPullRequest {
            url: self.world.pull_request_url(id),
            project: project.map_or_else(
                || repository.name_with_owner.to_string(),
                |project| self.watched[project].project.clone(),
            ),
            watched: project.is_some(),
            title: tame(&pull_request.title),
            lines: Some(
                pull_request
                    .additions
                    .saturating_add(pull_request.deletions),
            ),
            docs_only: project.map(|_| touches_documentation_alone(pull_request)),
            landed_at: at,
            landing,
            merged_by_self,
            merger: None,
            repository_created_at: project.is_none().then_some(repository.created_at),
            files: Some(pull_request.changed_files),
            stars: Some(repository.stars),
        };
        self.landed.push((kept, other));
    }

    /// The landed ones, newest first, with whoever merged them as a number.
    fn kept(&mut self) -> Vec<LandedPullRequest> {
        let mut landed = std::mem::take(&mut self.landed);
        landed.sort_by(|(left, _), (right, _)| {
            right
                .landed_at
                .cmp(&left.landed_at)
                .then_with(|| left.url.cmp(&right.url))
        });
        let mut seen: BTreeMap<AccountId, u32> = BTreeMap::new();
        for (kept, other) in &mut landed {
            if let Some(other) = other {
                let next = count(seen.len()) + 1;
                kept.merger = Some(*seen.entry(*other).or_insert(next));
            }
        }
        landed.into_iter().map(|(kept, _)| kept).collect()
    }

    /// The projects, with a look at the commits that their pull requests do not account for.
    fn with_first_authors(self) -> Vec<ProjectFacts> {
        let Self {
            world,
            applicant,
            mut projects,
            ..
        } = self;
        for project in &mut projects {
            let requests = project.merged + project.landed + project.reverted;
            let beyond = project
                .commits
                .map(|commits| i64::from(commits) - i64::from(requests));
            let authored = world
                .repository_by_name(&project.name)
                .and_then(|id| world.authored(id, applicant))
                .filter(|_| beyond.is_some_and(|beyond| beyond >= COMMITS_BEYOND));
            project.first_authors = authored.map(|authored| {
                let looked_at = authored.count.min(COMMITS_LOOKED_AT);
                FirstAuthors {
                    looked_at,
                    others: authored.co_authored.min(looked_at),
                }
            });
        }
        projects
    }

    fn fate(&self, pull_request: &PullRequest, watched: bool) -> Fate {
        match pull_request.state {
            State::Open => Fate::Nothing,
            State::Merged => {
                let Some(at) = pull_request.merged_at else {
                    return Fate::Nothing;
                };
                if watched && reverted(pull_request, at) {
                    return Fate::Reverted;
                }
                Fate::Landed {
                    at,
                    landing: Landing::Merged,
                }
            }
            State::Closed => self.fate_of_closed(pull_request, watched),
        }
    }

    fn fate_of_closed(&self, pull_request: &PullRequest, watched: bool) -> Fate {
        let labelled = pull_request
            .labels
            .iter()
            .any(|label| label == "Merged" || label == "merged");
        match last_closing_commit(pull_request) {
            Some((closing, commit)) => {
                let own = commit.author == Some(self.applicant);
                let proven = if labelled {
                    own || commit.author.is_none()
                } else {
                    own && watched
                };
                if !proven {
                    Fate::Nothing
                } else if reverted(pull_request, closing.at) {
                    Fate::Reverted
                } else {
                    let url = self.world.commit_url(pull_request.repository, commit.oid);
                    Fate::Landed {
                        at: closing.at,
                        landing: Landing::Commit { url },
                    }
                }
            }
            None if labelled && has_reverted_label(pull_request) => Fate::Reverted,
            None if labelled => Fate::Unproven,
            None => Fate::Nothing,
        }
    }
}

fn gap_of_unproven(project: &str, unproven: u32) -> Gap {
    Gap {
        topic: Topic::PullRequests,
        project: Some(project.to_owned()),
        cause: Cause::Unproven,
        reason: reasons::unproven(unproven),
    }
}

fn last_closing_commit(pull_request: &PullRequest) -> Option<(&Closing, &Commit)> {
    let closing = pull_request.closings.last()?;
    Some((closing, closing.commit.as_ref()?))
}

fn has_reverted_label(pull_request: &PullRequest) -> bool {
    pull_request
        .labels
        .iter()
        .any(|label| label.eq_ignore_ascii_case("reverted"))
}

/// Whether what landed at `landed_at` was taken back.
fn reverted(pull_request: &PullRequest, landed_at: Timestamp) -> bool {
    let oid = last_closing_commit(pull_request).map(|(_, commit)| commit.oid.to_string());
    let mut known = false;
    for reference in &pull_request.references {
        if reference.cross_repository {
            continue;
        }
        let message = &*reference.commit.message;
        let by_oid = oid
            .as_ref()
            .is_some_and(|oid| message.contains(&format!("This reverts commit {oid}")));
        let by_number = message.starts_with("Revert") && names_number(message, pull_request.number);
        if by_oid || by_number {
            known = true;
            if reference.at > landed_at {
                return true;
            }
        }
    }
    !known && has_reverted_label(pull_request)
}

/// Whether `text` holds `#number`, not followed by a further digit.
fn names_number(text: &str, number: u32) -> bool {
    text.split('#').skip(1).any(|rest| {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        rest[..digits] == number.to_string()
    })
}

fn touches_documentation_alone(pull_request: &PullRequest) -> bool {
    pull_request.changed_files <= FILES_SEEN
        && !pull_request.files.is_empty()
        && pull_request.files.iter().all(|path| is_documentation(path))
}

fn years(account: &Account, as_of_year: i16) -> BTreeMap<i16, YearTotals> {
    account
        .shown_years()
        .iter()
        .filter(|(year, _)| *year <= as_of_year)
        .take(YEARS_SEEN)
        .filter(|(_, totals)| *totals != YearTotals::default())
        .copied()
        .collect()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
