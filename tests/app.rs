//! A made-up GitHub, an empty data folder, and plaudit between them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use plaudit::commands::session::{self, Progress};
use plaudit::config::{Config, Overrides};
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::facts::{GitHubFacts, Lookup};
use plaudit::domain::job::Priority;
use plaudit::domain::profile::Profile;
use plaudit::domain::rubric::Rubric;
use plaudit::enrich::Connections;
use plaudit::intake;
use plaudit::sources::kaggle::import::{Folder, Imported, Origin, import};
use plaudit::sources::page::{Bounds, Pages, Reach};
use plaudit::standin::kaggle::{HOSTS, KaggleBehaviour, KaggleStandIn, KaggleWorld};
use plaudit::standin::{Behaviour, DEMO_TOKEN, Fault, Report, StandIn, TokenAccount, World};
use plaudit::store::{Accepted, Store, Submission};
use plaudit::worker::Summary;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// The role that every test applicant applies for.
pub(crate) const ROLE: &str = "doctoral-dl-radiology";

/// plaudit, installed for one test.
pub(crate) struct TestApp {
    pub(crate) world: Arc<World>,
    pub(crate) stand_in: StandIn,
    pub(crate) kaggle: KaggleStandIn,
    /// Not in `folder`, whose files some tests count.
    _kaggle_files: TempDir,
    pub(crate) folder: TempDir,
    pub(crate) config: Config,
    pub(crate) as_of: Date,
}

/// What a crawl came to.
pub(crate) struct Crawl {
    pub(crate) summary: Summary,
    pub(crate) profiles: BTreeMap<ApplicantId, Profile>,
    pub(crate) accepted: Vec<Accepted>,
    pub(crate) report: Report,
}

/// Quick settings for hosts on this machine: `(variable, value)`. Home pages are not on this machine, so the
/// program may not read any.
fn settings(url: &str, kaggle: &str, folder: &Path) -> BTreeMap<String, String> {
    [
        ("PLAUDIT_KAGGLE__URL", kaggle),
        ("PLAUDIT_KAGGLE__PAUSE", "1ms"),
        ("PLAUDIT_KAGGLE__FIRST_WAIT", "50ms"),
        ("PLAUDIT_KAGGLE__REST", "1s"),
        ("PLAUDIT_HOMEPAGE__FOLLOW", "false"),
        ("HOME", folder.to_str().expect("UTF-8")),
        (
            "PLAUDIT_DATA_DIR",
            folder.join("data").to_str().expect("UTF-8"),
        ),
        ("GITHUB_API_URL", url),
        ("GITHUB_GRAPHQL_URL", &format!("{url}/graphql")),
        ("GITHUB_TOKEN", DEMO_TOKEN),
        ("PLAUDIT_GITHUB__SECONDARY_WAIT", "1s"),
        ("PLAUDIT_GITHUB__QUERY_SECONDS_PER_MINUTE", "6000"),
        ("PLAUDIT_HTTP__FIRST_BACKOFF", "5ms"),
        ("PLAUDIT_WORKER__RETRY_AFTER_FAILURE", "1s"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

impl TestApp {
    /// A stand-in with this world and behaviour, and settings on top of the quick ones.
    pub(crate) async fn start(world: World, behaviour: Behaviour, extra: &[(&str, &str)]) -> Self {
        let kaggle = (KaggleWorld::demo(), KaggleBehaviour::default());
        Self::start_with_kaggle(world, behaviour, kaggle, extra).await
    }

    /// The same with a Kaggle of its own.
    pub(crate) async fn start_with_kaggle(
        world: World,
        behaviour: Behaviour,
        (kaggle_world, mut kaggle): (KaggleWorld, KaggleBehaviour),
        extra: &[(&str, &str)],
    ) -> Self {
        let world = Arc::new(world);
        let folder = TempDir::new().expect("a temporary folder");
        let files = TempDir::new().expect("a temporary folder");
        kaggle.folder.get_or_insert_with(|| files.path().to_owned());
        let kaggle = KaggleStandIn::start(Arc::new(kaggle_world), kaggle)
            .await
            .expect("loopback");
        let as_of = world.today;
        let stand_in = StandIn::start(Arc::clone(&world), behaviour)
            .await
            .expect("loopback");
        let mut environment = settings(&stand_in.url(), &kaggle.url(), folder.path());
        for (name, value) in extra {
            environment.insert((*name).to_owned(), (*value).to_owned());
        }
        environment.retain(|_, value| !value.is_empty());
        let config = Config::load(&Overrides::default(), &environment).expect("settings");
        Self {
            world,
            stand_in,
            kaggle,
            _kaggle_files: files,
            folder,
            config,
            as_of,
        }
    }

    /// The rubrics, as the product has them.
    pub(crate) fn rubrics() -> BTreeMap<String, Rubric> {
        Rubric::all_embedded().expect("valid")
    }

    /// Accepts a list and works until nothing is left that is worth waiting for.
    pub(crate) async fn enrich(&self, list: &str) -> Crawl {
        let rubrics = Self::rubrics();
        let (store, opening) = session::open_store(&self.config).await.expect("a store");
        assert_eq!(opening.recovered, Vec::<String>::new());
        let accepted = self.accept(&store, list).await;
        let connections = self.connect(false);
        let stop = CancellationToken::new();
        let summary = session::work(
            &self.config,
            &store,
            &connections,
            &rubrics,
            self.as_of,
            Progress::Silent,
            stop,
        )
        .await
        .expect("the store holds");
        let profiles = store.profiles_of_role(ROLE).await.expect("readable");
        let verified = store.verify().await.expect("readable");
        assert_eq!(verified.damaged, Vec::<String>::new());
        store.close().await.expect("closed");
        let by_id = |profile: Profile| (profile.applicant.id.clone(), profile);
        Crawl {
            summary,
            profiles: profiles.into_iter().map(by_id).collect(),
            accepted,
            report: self.stand_in.report(),
        }
    }

    /// All hosts; the made-up home pages are where the made-up Kaggle is.
    pub(crate) fn connect(&self, on_demand: bool) -> Connections {
        let connected = session::connect(&self.config, on_demand);
        let mut connections = connected
            .map_err(|failure| failure.error)
            .expect("a client");
        let address = self.kaggle.address();
        let names = HOSTS.iter().map(|host| ((*host).to_owned(), address));
        let reach = Reach::Only {
            names: names.collect(),
        };
        let pages = Pages::new(reach, Bounds::default()).expect("a client");
        connections.pages = Some(Arc::new(pages));
        connections
    }

    /// Imports the made-up Kaggle's data set.
    pub(crate) async fn import(&self) -> Imported {
        let connection = session::connect_kaggle(&self.config).expect("a client");
        let origin = Origin::Kaggle {
            connection: &connection,
            patience: Duration::from_mins(1),
            force: false,
            keep: false,
        };
        let folder = Folder::within(&self.config.data_dir);
        import(&folder, origin, Arc::new(|_| {}))
            .await
            .expect("imported")
    }

    async fn accept(&self, store: &Store, list: &str) -> Vec<Accepted> {
        let hosts = session::hosts(&self.config).expect("hosts");
        let list = intake::read(list.as_bytes(), ROLE, &hosts).expect("a list");
        let submissions = list
            .applicants
            .into_iter()
            .map(|listed| Submission {
                applicant: listed.applicant,
                priority: Priority::Interactive,
                force: false,
            })
            .collect();
        let freshness = session::freshness(&self.config, &Self::rubrics(), Some(self.as_of));
        store
            .accept(submissions, Timestamp::now(), freshness)
            .await
            .expect("accepted")
    }

    /// What a perfect crawler with a token finds behind a login.
    pub(crate) fn truth(&self, login: &str) -> Lookup<GitHubFacts> {
        let rubric = &Self::rubrics()[ROLE];
        let depth = rubric.own_code.repositories;
        self.world
            .truth(login, &rubric.watched, depth, self.as_of.year())
    }

    /// The program itself, with an empty home and this test's settings alone in its environment.
    pub(crate) fn program(&self) -> Command {
        let mut command = program_in(self.folder.path());
        command.envs(settings(
            &self.stand_in.url(),
            &self.kaggle.url(),
            self.folder.path(),
        ));
        command
    }
}

/// What a run of the program said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The exit code is `code`, and each of `words` stands on standard error.
    #[track_caller]
    pub(crate) fn is(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "{word:?} is missing: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

/// Runs a command to its end; within an async test beside the other tasks.
pub(crate) fn said(command: &mut Command) -> Said {
    let output = tokio::task::block_in_place(|| command.output()).expect("the program");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The program, with `home` as its home and nothing else in its environment.
pub(crate) fn program_in(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plaudit"));
    command.env_clear().env("HOME", home).current_dir(home);
    command
}

#[expect(
    clippy::disallowed_methods,
    reason = "where a program is, and whether it must be there, stands in the tests' own environment"
)]
fn of_the_environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Whether a test that would be skipped is to fail instead.
pub(crate) fn all_are_wanted() -> bool {
    of_the_environment("PLAUDIT_TEST_ALL").is_some()
}

/// A program that a test wants, under the first of these names that is on the path. Without it the test says on one
/// line that it is skipped, unless all tests are wanted: then it fails.
pub(crate) fn installed(names: &[&str]) -> Option<PathBuf> {
    let path = of_the_environment("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut all = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = all.find(|program| program.is_file());
    if found.is_none() {
        let names = names.join(", ");
        assert!(
            !all_are_wanted(),
            "nothing on PATH of {names}, and PLAUDIT_TEST_ALL wants all tests"
        );
        println!("skipped: nothing on PATH of {names}");
    }
    found
}

/// Many tokens, each of another account.
pub(crate) fn tokens(count: usize) -> (Vec<TokenAccount>, String) {
    let accounts: Vec<_> = (0..count)
        .map(|number| TokenAccount {
            token: format!("ghp_madeUpTokenForTests{number:016}"),
            account: format!("operator-{number}-example"),
            points_per_hour: 5_000,
        })
        .collect();
    let joined = accounts
        .iter()
        .map(|one| one.token.as_str())
        .collect::<Vec<_>>()
        .join(",");
    (accounts, joined)
}

/// A behaviour in which these faults befall one request in ten.
pub(crate) fn faulty(faults: &[Fault], tokens: Vec<TokenAccount>) -> Behaviour {
    Behaviour {
        latency: Duration::from_millis(2),
        faults: faults.iter().map(|fault| (*fault, 0.1)).collect(),
        seed: 11,
        tokens,
        ..Behaviour::default()
    }
}

/// Facts without the words of gaps, which the truth may put otherwise, and without what an account names: a profile
/// keeps of that only what the application names as well.
pub(crate) fn comparable(lookup: &Lookup<GitHubFacts>) -> Lookup<GitHubFacts> {
    let mut lookup = lookup.clone();
    match &mut lookup {
        Lookup::Found { facts } => {
            facts.names.clear();
            for gap in &mut facts.gaps {
                gap.reason.clear();
            }
        }
        Lookup::Absent { reason } | Lookup::Hidden { reason } | Lookup::Failed { reason } => {
            reason.clear();
        }
    }
    lookup
}

/// What GitHub said in a profile.
pub(crate) fn github(profile: &Profile) -> &Lookup<GitHubFacts> {
    &profile
        .sources
        .github
        .as_ref()
        .expect("a GitHub link")
        .lookup
}

/// The login on the application.
pub(crate) fn login(profile: &Profile) -> &str {
    let url = &profile.sources.github.as_ref().expect("a GitHub link").url;
    url.rsplit_once('/').expect("a login").1
}
