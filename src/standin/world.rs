//! The records of a made-up world: accounts, repositories, pull requests and commits, as GitHub would keep
//! them.
//!
//! Nothing here knows HTTP, GraphQL or the product's rules. Records are small (a pull request takes about
//! 200 bytes), because a generated world holds some fifty pull requests for each of 10,000 applicants.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
};

use jiff::{Timestamp, civil::Date};

use super::stars::Starred;
use crate::domain::facts::YearTotals;

/// Text that is mostly the same few words, so that a large world does not hold copies.
pub type Text = Cow<'static, str>;

/// Lowest numeric account id on the REST side; those of repositories and pull requests are built alike.
const FIRST_DATABASE_ID: u64 = 9_000_000;

/// An account's place in its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub(super) u32);

/// A repository's place in its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryId(pub(super) u32);

/// A pull request's place in its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullRequestId(pub(super) u32);

impl AccountId {
    /// The numeric id that REST answers with.
    #[must_use]
    pub fn database_id(self) -> u64 {
        FIRST_DATABASE_ID + u64::from(self.0)
    }
}

impl RepositoryId {
    /// The numeric id that REST answers with.
    #[must_use]
    pub fn database_id(self) -> u64 {
        FIRST_DATABASE_ID + u64::from(self.0)
    }

    /// The node id: `R_` and a hexadecimal number.
    #[must_use]
    pub fn node_id(self) -> String {
        format!("R_kgDO{:08x}", self.0)
    }
}

impl PullRequestId {
    /// The numeric id that REST answers with.
    #[must_use]
    pub fn database_id(self) -> u64 {
        FIRST_DATABASE_ID + u64::from(self.0)
    }

    /// The node id: `PR_` and a hexadecimal number.
    #[must_use]
    pub fn node_id(self) -> String {
        format!("PR_kwDO{:08x}", self.0)
    }
}

/// What a node id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// A person, an organisation or a bot.
    Account(AccountId),
    /// A repository.
    Repository(RepositoryId),
    /// A pull request.
    PullRequest(PullRequestId),
}

/// What sort of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A person.
    User,
    /// An organisation.
    Organization,
    /// An app's account; its login ends in `[bot]`.
    Bot,
}

impl AccountKind {
    /// The name of the type in GraphQL and of `type` in REST.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Organization => "Organization",
            Self::Bot => "Bot",
        }
    }
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// The login as spelled today.
    pub login: Box<str>,
    /// Person, organisation or bot.
    pub kind: AccountKind,
    /// The display name that the person wrote, which may be hostile.
    pub name: Option<Text>,
    /// The text about themselves, which may be hostile.
    pub bio: Option<Text>,
    /// When the account was created.
    pub created_at: Timestamp,
    /// When the person last changed the profile.
    pub updated_at: Timestamp,
    /// The web site as the person wrote it.
    pub website: Option<Text>,
    /// The social accounts, as the person wrote them.
    pub social: Box<[Text]>,
    /// The public gists, changed last first.
    pub gists: Box<[Gist]>,
    /// Whether the profile is private (`userViewType: PRIVATE`): its activity is not shown.
    pub private: bool,
    /// Contributions by calendar year, newest first. Restricted ones are a number and nothing more.
    pub years: Box<[(i16, YearTotals)]>,
}

impl Account {
    /// A person without anything.
    #[must_use]
    pub fn user(login: &str, created_at: Timestamp) -> Self {
        Self::new(login, AccountKind::User, created_at)
    }

    /// An account without anything.
    #[must_use]
    pub fn new(login: &str, kind: AccountKind, created_at: Timestamp) -> Self {
        Self {
            login: login.into(),
            kind,
            name: None,
            bio: None,
            created_at,
            updated_at: created_at,
            website: None,
            social: Box::default(),
            gists: Box::default(),
            private: false,
            years: Box::default(),
        }
    }

    /// The account's page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://github.com/{}", self.login)
    }

    /// What GitHub shows of the contributions by year: nothing when the profile is private.
    #[must_use]
    pub fn shown_years(&self) -> &[(i16, YearTotals)] {
        if self.private { &[] } else { &self.years }
    }

    /// What GitHub shows of one year.
    #[must_use]
    pub fn shown_year(&self, year: i16) -> YearTotals {
        self.shown_years()
            .iter()
            .find(|(known, _)| *known == year)
            .map(|(_, totals)| *totals)
            .unwrap_or_default()
    }
}

/// A public gist.
#[derive(Debug, Clone)]
pub struct Gist {
    /// Its name: hexadecimal digits.
    pub name: Text,
    /// What its owner says of it.
    pub description: Text,
    /// What its files hold; a binary one holds no text.
    pub files: Box<[Option<Text>]>,
}

/// A repository.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "GitHub's own flags, each independent of the others"
)]
pub struct Repository {
    /// Who owns it.
    pub owner: AccountId,
    /// `owner/name` as spelled today.
    pub name_with_owner: Box<str>,
    /// Stars. Count.
    pub stars: u32,
    /// How they came.
    pub starred: Starred,
    /// Forks of it. Count.
    pub forks: u32,
    /// When it was created on GitHub.
    pub created_at: Timestamp,
    /// Last push.
    pub pushed_at: Option<Timestamp>,
    /// The language that GitHub finds most of.
    pub language: Option<&'static str>,
    /// Commits on the default branch. Count.
    pub commits: u32,
    /// Whether it is a fork of another repository.
    pub fork: bool,
    /// Whether only its members see it.
    pub private: bool,
    /// Whether it is read-only.
    pub archived: bool,
    /// Whether nothing was ever pushed; there is no default branch then.
    pub empty: bool,
    /// Whether it is a mirror of a repository elsewhere.
    pub mirror: bool,
    /// Whether it is a template for others.
    pub template: bool,
}

impl Repository {
    /// A public repository with one commit and nothing else.
    #[must_use]
    pub fn new(owner: AccountId, name_with_owner: &str, created_at: Timestamp) -> Self {
        Self {
            owner,
            name_with_owner: name_with_owner.into(),
            stars: 0,
            starred: Starred::Trickle,
            forks: 0,
            created_at,
            pushed_at: Some(created_at),
            language: None,
            commits: 1,
            fork: false,
            private: false,
            archived: false,
            empty: false,
            mirror: false,
            template: false,
        }
    }

    /// The repository's page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://github.com/{}", self.name_with_owner)
    }

    /// The part of `owner/name` behind the slash.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name_with_owner
            .split_once('/')
            .map_or(&*self.name_with_owner, |(_, name)| name)
    }
}

/// Where a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not decided.
    Open,
    /// Closed without GitHub's merge button, which is not the same as not landed.
    Closed,
    /// Merged by GitHub.
    Merged,
}

impl State {
    /// The name in GraphQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Merged => "MERGED",
        }
    }
}

/// A commit's SHA-1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Oid(pub [u8; 20]);

impl Oid {
    /// The oid of a made-up commit: the same text gives the same oid on every machine.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..20]);
        Self(bytes)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A commit that a pull request's timeline names.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Its SHA-1.
    pub oid: Oid,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// The account that GitHub links the author's e-mail address to; old addresses lead to none.
    pub author: Option<AccountId>,
    /// The whole message.
    pub message: Text,
}

/// A `ClosedEvent` of a pull request's timeline.
#[derive(Debug, Clone)]
pub struct Closing {
    /// When it was closed.
    pub at: Timestamp,
    /// The commit whose message closed it; none when somebody pressed the button.
    pub commit: Option<Commit>,
}

/// A `ReferencedEvent` of a pull request's timeline: a commit whose message names the pull request.
#[derive(Debug, Clone)]
pub struct Reference {
    /// When the commit was pushed.
    pub at: Timestamp,
    /// Whether the commit is in another repository, a fork for instance.
    pub cross_repository: bool,
    /// The commit.
    pub commit: Commit,
}

/// A pull request.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// Where it was opened.
    pub repository: RepositoryId,
    /// Who opened it.
    pub author: AccountId,
    /// Its number in the repository; 0 until it is added to a world.
    pub number: u32,
    /// The title, which may be hostile.
    pub title: Text,
    /// Where it stands.
    pub state: State,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was merged.
    pub merged_at: Option<Timestamp>,
    /// When it was last closed, by merging or otherwise.
    pub closed_at: Option<Timestamp>,
    /// Lines added. Count.
    pub additions: u32,
    /// Lines removed. Count.
    pub deletions: u32,
    /// Files changed. Count.
    pub changed_files: u32,
    /// Paths of the first files changed.
    pub files: Box<[Text]>,
    /// Names of the labels.
    pub labels: Box<[Text]>,
    /// Who pressed the merge button; none when nobody did or the account was deleted since.
    pub merged_by: Option<AccountId>,
    /// The times it was closed, oldest first. Empty stands for one closing without a commit.
    pub closings: Box<[Closing]>,
    /// The commits that name it, oldest first.
    pub references: Box<[Reference]>,
}

impl PullRequest {
    /// A small open pull request.
    #[must_use]
    pub fn open(
        author: AccountId,
        repository: RepositoryId,
        title: Text,
        created_at: Timestamp,
    ) -> Self {
        Self {
            repository,
            author,
            number: 0,
            title,
            state: State::Open,
            created_at,
            merged_at: None,
            closed_at: None,
            additions: 24,
            deletions: 6,
            changed_files: 1,
            files: Box::from([Cow::Borrowed("src/core.py")]),
            labels: Box::default(),
            merged_by: None,
            closings: Box::default(),
            references: Box::default(),
        }
    }

    /// When anything last happened to it.
    #[must_use]
    pub fn updated_at(&self) -> Timestamp {
        let closed = self.closings.iter().map(|closing| closing.at);
        let named = self.references.iter().map(|reference| reference.at);
        let decided = self.closed_at.into_iter().chain(self.merged_at);
        let all = closed.chain(named).chain(decided);
        all.fold(self.created_at, Timestamp::max)
    }
}

/// Commits of one person on one default branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authored {
    /// How many. Count.
    pub count: u32,
    /// When the newest was committed.
    pub newest_committed: Timestamp,
    /// The date that its author wrote into it, which may be any.
    pub newest_authored: Timestamp,
    /// Those of the newest twenty that somebody else is the first author of. Count.
    pub co_authored: u32,
}

impl Authored {
    /// Commits that nobody else had a hand in, the newest of them dated in order.
    #[must_use]
    pub fn alone(count: u32, newest: Timestamp) -> Self {
        Self {
            count,
            newest_committed: newest,
            newest_authored: newest,
            co_authored: 0,
        }
    }
}

/// A made-up world and its fixed present.
#[derive(Debug)]
pub struct World {
    /// The day on which the world stands still, so that results can be repeated.
    pub today: Date,
    accounts: Vec<Account>,
    repositories: Vec<Repository>,
    pull_requests: Vec<PullRequest>,
    /// By account: what it owns.
    owned: Vec<Vec<RepositoryId>>,
    /// By account: what it opened.
    opened: Vec<Vec<PullRequestId>>,
    /// By repository: what was opened in it.
    received: Vec<Vec<PullRequestId>>,
    /// By repository: the number of its last pull request.
    numbers: Vec<u32>,
    authored: HashMap<(RepositoryId, AccountId), Authored>,
    logins: HashMap<Box<str>, AccountId>,
    former_logins: HashMap<Box<str>, AccountId>,
    names: HashMap<Box<str>, RepositoryId>,
    /// Accounts that were deleted. Their records stay, so that everybody else keeps their ids.
    deleted: HashSet<AccountId>,
}

impl World {
    /// A world without anyone.
    #[must_use]
    pub fn new(today: Date) -> Self {
        Self {
            today,
            accounts: Vec::new(),
            repositories: Vec::new(),
            pull_requests: Vec::new(),
            owned: Vec::new(),
            opened: Vec::new(),
            received: Vec::new(),
            numbers: Vec::new(),
            authored: HashMap::new(),
            logins: HashMap::new(),
            former_logins: HashMap::new(),
            names: HashMap::new(),
            deleted: HashSet::new(),
        }
    }

    /// Adds an account.
    pub fn add_account(&mut self, account: Account) -> AccountId {
        let id = AccountId(place(self.accounts.len()));
        self.logins.insert(folded(&account.login), id);
        self.accounts.push(account);
        self.owned.push(Vec::new());
        self.opened.push(Vec::new());
        id
    }

    /// Adds a repository.
    pub fn add_repository(&mut self, repository: Repository) -> RepositoryId {
        let id = RepositoryId(place(self.repositories.len()));
        self.names.insert(folded(&repository.name_with_owner), id);
        self.owned[repository.owner.0 as usize].push(id);
        self.repositories.push(repository);
        self.received.push(Vec::new());
        self.numbers.push(0);
        id
    }

    /// Adds a pull request under the repository's next number, unless it brings its own.
    pub fn add_pull_request(&mut self, mut pull_request: PullRequest) -> PullRequestId {
        let id = PullRequestId(place(self.pull_requests.len()));
        let last = &mut self.numbers[pull_request.repository.0 as usize];
        if pull_request.number == 0 {
            pull_request.number = *last + 1;
        }
        *last = pull_request.number.max(*last);
        self.received[pull_request.repository.0 as usize].push(id);
        self.opened[pull_request.author.0 as usize].push(id);
        self.pull_requests.push(pull_request);
        id
    }

    /// The number that the repository's next pull request will bear.
    #[must_use]
    pub fn next_number(&self, repository: RepositoryId) -> u32 {
        self.numbers[repository.0 as usize] + 1
    }

    /// Lets the repository's numbers go on behind `number`, as in a project with a history.
    pub fn start_numbers_behind(&mut self, repository: RepositoryId, number: u32) {
        self.numbers[repository.0 as usize] = number;
    }

    /// Notes a person's commits on a default branch.
    pub fn set_authored(
        &mut self,
        repository: RepositoryId,
        author: AccountId,
        authored: Authored,
    ) {
        self.authored.insert((repository, author), authored);
    }

    /// Notes a login that the account had before.
    pub fn add_former_login(&mut self, login: &str, account: AccountId) {
        self.former_logins.insert(folded(login), account);
    }

    /// Notes an `owner/name` that leads to the repository since it moved.
    pub fn add_former_name(&mut self, name_with_owner: &str, repository: RepositoryId) {
        self.names.insert(folded(name_with_owner), repository);
    }

    /// Deletes an account: neither its login nor its id leads to it any more.
    pub fn delete(&mut self, account: AccountId) {
        let login = folded(&self.account(account).login);
        self.logins.remove(&login);
        self.former_logins.retain(|_, former| *former != account);
        self.deleted.insert(account);
    }

    /// Makes the account's profile private.
    pub fn hide(&mut self, account: AccountId) {
        self.accounts[account.0 as usize].private = true;
    }

    /// The account, to be changed. Its login and kind are to stay.
    pub(super) fn account_mut(&mut self, id: AccountId) -> &mut Account {
        &mut self.accounts[id.0 as usize]
    }

    /// The repository, to be changed. Its owner and name are to stay.
    pub(super) fn repository_mut(&mut self, id: RepositoryId) -> &mut Repository {
        &mut self.repositories[id.0 as usize]
    }

    /// Puts every list into the order that the server gives. To be called once, after the last addition.
    #[must_use]
    pub fn settled(mut self) -> Self {
        let pull_requests = &self.pull_requests;
        // Newest first; of two opened in the same second the one added later.
        let newest_first = |left: &PullRequestId, right: &PullRequestId| {
            let created = |id: &PullRequestId| pull_requests[id.0 as usize].created_at;
            created(right).cmp(&created(left)).then(right.cmp(left))
        };
        for opened in self.opened.iter_mut().chain(&mut self.received) {
            opened.sort_by(newest_first);
            opened.shrink_to_fit();
        }
        let stars = |id: &RepositoryId| self.repositories[id.0 as usize].stars;
        for owned in &mut self.owned {
            owned.sort_by(|left, right| stars(right).cmp(&stars(left)).then(left.cmp(right)));
            owned.shrink_to_fit();
        }
        self
    }

    /// The account at `id`, which came from this world.
    #[must_use]
    pub fn account(&self, id: AccountId) -> &Account {
        &self.accounts[id.0 as usize]
    }

    /// The repository at `id`, which came from this world.
    #[must_use]
    pub fn repository(&self, id: RepositoryId) -> &Repository {
        &self.repositories[id.0 as usize]
    }

    /// The pull request at `id`, which came from this world.
    #[must_use]
    pub fn pull_request(&self, id: PullRequestId) -> &PullRequest {
        &self.pull_requests[id.0 as usize]
    }

    /// The account's node id: `U_`, `O_` or `BOT_` and a hexadecimal number.
    #[must_use]
    pub fn account_node_id(&self, id: AccountId) -> String {
        let prefix = match self.account(id).kind {
            AccountKind::User => "U",
            AccountKind::Organization => "O",
            AccountKind::Bot => "BOT",
        };
        format!("{prefix}_kgDO{:08x}", id.0)
    }

    /// What a node id stands for.
    #[must_use]
    pub fn node(&self, node_id: &str) -> Option<Node> {
        let (prefix, rest) = node_id.split_once('_')?;
        let digits = rest
            .strip_prefix("kgDO")
            .or_else(|| rest.strip_prefix("kwDO"))?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        let within = |length: usize| (number as usize) < length;
        let node = match prefix {
            "U" | "O" | "BOT" if within(self.accounts.len()) => Node::Account(AccountId(number)),
            "R" if within(self.repositories.len()) => Node::Repository(RepositoryId(number)),
            "PR" if within(self.pull_requests.len()) => Node::PullRequest(PullRequestId(number)),
            _ => return None,
        };
        // An id that is well formed but of another sort of account is none.
        match node {
            Node::Account(id)
                if self.account_node_id(id) != node_id || self.deleted.contains(&id) =>
            {
                None
            }
            _ => Some(node),
        }
    }

    /// The account of today's `login`, compared without regard to case.
    #[must_use]
    pub fn account_by_login(&self, login: &str) -> Option<AccountId> {
        self.logins.get(&*folded(login)).copied()
    }

    /// The account that once had `login`, unless another one has it today.
    #[must_use]
    pub fn account_by_former_login(&self, login: &str) -> Option<AccountId> {
        let login = folded(login);
        if self.logins.contains_key(&login) {
            return None;
        }
        self.former_logins.get(&login).copied()
    }

    /// The account of a numeric id.
    #[must_use]
    pub fn account_by_database_id(&self, id: u64) -> Option<AccountId> {
        let number = u32::try_from(id.checked_sub(FIRST_DATABASE_ID)?).ok()?;
        ((number as usize) < self.accounts.len()).then_some(AccountId(number))
    }

    /// The repository of `owner/name`, also of a former one, compared without regard to case.
    #[must_use]
    pub fn repository_by_name(&self, name_with_owner: &str) -> Option<RepositoryId> {
        self.names.get(&*folded(name_with_owner)).copied()
    }

    /// All accounts.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + use<> {
        (0..place(self.accounts.len())).map(AccountId)
    }

    /// How many pull requests there are. Count.
    #[must_use]
    pub fn pull_request_count(&self) -> usize {
        self.pull_requests.len()
    }

    /// What the account owns: most stars first, then the order of creation in this world.
    #[must_use]
    pub fn repositories_of(&self, account: AccountId) -> &[RepositoryId] {
        &self.owned[account.0 as usize]
    }

    /// What the account opened, newest first.
    #[must_use]
    pub fn pull_requests_by(&self, account: AccountId) -> &[PullRequestId] {
        &self.opened[account.0 as usize]
    }

    /// What the account opened, of which something happened last first.
    #[must_use]
    pub fn changed_by(&self, account: AccountId) -> Vec<PullRequestId> {
        let mut opened = self.opened[account.0 as usize].clone();
        let changed = |id: &PullRequestId| (self.pull_request(*id).updated_at(), *id);
        opened.sort_by_cached_key(|id| std::cmp::Reverse(changed(id)));
        opened
    }

    /// What the account owns and anybody may see, pushed to last first.
    #[must_use]
    pub fn pushed_by(&self, account: AccountId) -> Vec<RepositoryId> {
        let mut owned = self.owned[account.0 as usize].clone();
        owned.retain(|id| !self.repository(*id).private);
        owned.sort_by_cached_key(|id| std::cmp::Reverse((self.repository(*id).pushed_at, *id)));
        owned
    }

    /// What was opened in the repository, newest first.
    #[must_use]
    pub fn pull_requests_in(&self, repository: RepositoryId) -> &[PullRequestId] {
        &self.received[repository.0 as usize]
    }

    /// The account's commits on the repository's default branch.
    #[must_use]
    pub fn authored(&self, repository: RepositoryId, author: AccountId) -> Option<Authored> {
        self.authored.get(&(repository, author)).copied()
    }

    /// The pull request's page.
    #[must_use]
    pub fn pull_request_url(&self, id: PullRequestId) -> String {
        let pull_request = self.pull_request(id);
        let repository = self.repository(pull_request.repository);
        format!("{}/pull/{}", repository.url(), pull_request.number)
    }

    /// The commit's page in `repository`.
    #[must_use]
    pub fn commit_url(&self, repository: RepositoryId, oid: Oid) -> String {
        format!("{}/commit/{oid}", self.repository(repository).url())
    }
}

/// A login or `owner/name` as GitHub compares it.
fn folded(text: &str) -> Box<str> {
    text.to_ascii_lowercase().into_boxed_str()
}

/// A length as an index; no world comes near the bound, and a place past it would be found missing.
fn place(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> (World, AccountId, RepositoryId, PullRequestId) {
        let noon: Timestamp = "2026-10-31T12:00:00Z".parse().unwrap();
        let mut world = World::new(jiff::civil::date(2026, 11, 1));
        let person = world.add_account(Account::user("Somebody-Example", noon));
        let organisation = world.add_account(Account::new(
            "house-example",
            AccountKind::Organization,
            noon,
        ));
        let repository =
            world.add_repository(Repository::new(organisation, "house-example/Tool", noon));
        let opened = world.add_pull_request(PullRequest::open(
            person,
            repository,
            Cow::Borrowed("Add a door"),
            noon,
        ));
        (world.settled(), person, repository, opened)
    }

    #[test]
    fn a_node_id_leads_back_to_its_record() {
        let (world, person, repository, opened) = small();
        assert_eq!(
            world.node(&world.account_node_id(person)),
            Some(Node::Account(person))
        );
        assert_eq!(
            world.node(&repository.node_id()),
            Some(Node::Repository(repository))
        );
        assert_eq!(
            world.node(&opened.node_id()),
            Some(Node::PullRequest(opened))
        );
        for wrong in [
            "",
            "U_",
            "U_kgDOzz",
            "U_kgDO000000ff",
            "O_kgDO00000000",
            "X_kgDO00000000",
            "1",
        ] {
            assert_eq!(world.node(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn names_are_compared_without_regard_to_case_and_old_ones_lead_on() {
        let (mut world, person, repository, _) = small();
        world.add_former_login("someone-else-example", person);
        world.add_former_name("old-house-example/tool", repository);
        assert_eq!(world.account_by_login("SOMEBODY-example"), Some(person));
        assert_eq!(world.account_by_login("someone-else-example"), None);
        assert_eq!(
            world.account_by_former_login("Someone-Else-Example"),
            Some(person)
        );
        assert_eq!(
            world.repository_by_name("Old-House-Example/TOOL"),
            Some(repository)
        );
        assert_eq!(
            world.account_by_database_id(person.database_id()),
            Some(person)
        );
        assert_eq!(world.account_by_database_id(1), None);
    }

    #[test]
    fn a_pull_request_stays_small() {
        assert!(
            size_of::<PullRequest>() <= 256,
            "{}",
            size_of::<PullRequest>()
        );
    }
}
