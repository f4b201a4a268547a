//! Everything that can go wrong at once, and the truth at the end.
//!
//! plaudit, the real binary, works off a list at a made-up GitHub, as `plaudit enrich` and as `plaudit serve` in turn. It is
//! killed again and again; GitHub fails in every way that it knows; the clock jumps; the disk fills up; files are damaged
//! between two runs; tokens are revoked. At the end every applicant has one profile, equal to the one of a run in which
//! nothing went wrong and to what is true of the made-up world, and nobody was asked while the host had said to wait.
//!
//! Moments are drawn from a seed; what happens at them depends on the machine, so that no two runs are alike.

mod child;
pub(crate) mod disk;
mod figures;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use jiff::{SignedDuration, Timestamp};
use plaudit::api::access::tokens;
use plaudit::domain::access::AccessRole;
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::profile::Profile;
use plaudit::standin::{Behaviour, Early, Fault, StandIn, TokenAccount, World, generated_list};
use plaudit::store::{Store, StoreError, StoreOptions};
use secrecy::ExposeSecret as _;
use tokio::task::JoinHandle;

use child::{Program, clock_setter, with_clock};
use disk::SmallDisk;
pub(crate) use figures::Figures;

/// What the world is drawn from.
const WORLD: u64 = 9;

/// Tokens that plaudit has at a time. Count.
const TOKENS: usize = 3;

/// How long a run without a kill may take at the end.
const PATIENCE: Duration = Duration::from_mins(15);

/// The tmpfs. Megabytes; the store wants 32 of them left free.
const DISK: u32 = 512;

/// What is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Applicants in the made-up world. Count.
    pub(crate) applicants: usize,
    /// How often plaudit is killed. Count.
    pub(crate) kills: u32,
    /// What the moments are drawn from.
    pub(crate) seed: u64,
    /// How often each fault befalls a request. In a thousand; there are 19 faults.
    pub(crate) faults: f64,
    /// The longest life of a plaudit. Milliseconds.
    pub(crate) longest_life: u64,
}

/// A part of the list.
struct Part {
    ids: BTreeSet<ApplicantId>,
    /// Lines of CSV, without the header.
    rows: String,
}

/// A run under way.
struct Upheaval {
    plan: Plan,
    random: fastrand::Rng,
    world: Arc<World>,
    stand_in: StandIn,
    /// The home of plaudit, and within it the data folder, on a disk of its own where that may be had.
    home: PathBuf,
    data: PathBuf,
    disk: Option<SmallDisk>,
    clock: Option<PathBuf>,
    /// The token for the API.
    secret: String,
    /// GitHub's tokens: in use, and in reserve.
    tokens: Vec<String>,
    reserve: Vec<String>,
    parts: Vec<Part>,
    /// Parts that nobody has acknowledged in this lap.
    unsent: Vec<usize>,
    /// How often each part was sent, acknowledged or not. Count.
    sent: Vec<usize>,
    /// A copy of the data folder from before it was damaged, until plaudit has opened the damaged one.
    copy: Option<PathBuf>,
    /// Until when the disk is full.
    full_until: Option<Instant>,
    /// What was done to plaudit, and when, counted from the stand-in's start.
    chronicle: Vec<(Duration, String)>,
    began: Instant,
    figures: Figures,
}

/// Runs all of it; an error is a promise that was not kept, or a machine that cannot run it.
pub(crate) async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    plaudit::http::install_crypto();
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    let world = Arc::new(World::generated(plan.applicants, WORLD));
    let calm = calm(plan, &world, &folder.path().join("calm")).await?;
    let mut upheaval = Upheaval::begin(plan, &world, &folder.path().join("chaos")).await?;
    while upheaval.figures.killed() < plan.kills {
        upheaval.one_life().await?;
    }
    upheaval.figures.profiles_before_the_end = upheaval.stored().await?;
    upheaval.come_to_rest().await?;
    upheaval.judge(&calm).await?;
    let mut figures = upheaval.figures;
    figures.wall = began.elapsed();
    // Few kills may all have struck before the work began.
    ensure!(
        plan.kills < 50 || figures.struck_in_the_middle(),
        "no kill struck in the middle of the work:\n{figures}"
    );
    Ok(figures)
}

/// The settings of a plaudit whose GitHub is at `url`: patient with faults, and quick.
fn environment(url: &str, home: &Path, data: &Path, tokens: &[String]) -> BTreeMap<String, String> {
    [
        ("HOME", home.to_string_lossy().into_owned()),
        ("PLAUDIT_DATA_DIR", data.to_string_lossy().into_owned()),
        ("GITHUB_API_URL", url.to_owned()),
        ("GITHUB_GRAPHQL_URL", format!("{url}/graphql")),
        ("GITHUB_TOKEN", tokens.join(",")),
        ("PLAUDIT_KAGGLE__LIVE", "never".to_owned()),
        ("PLAUDIT_HOMEPAGE__FOLLOW", "false".to_owned()),
        ("PLAUDIT_REFRESH__ENABLED", "false".to_owned()),
        ("PLAUDIT_CACHE__FRESH_FOR", "0s".to_owned()),
        ("PLAUDIT_GITHUB__SECONDARY_WAIT", "1s".to_owned()),
        (
            "PLAUDIT_GITHUB__QUERY_SECONDS_PER_MINUTE",
            "6000".to_owned(),
        ),
        ("PLAUDIT_GITHUB__POINTS_PER_MINUTE", "100000".to_owned()),
        ("PLAUDIT_GITHUB__REQUEST_TIMEOUT", "4s".to_owned()),
        ("PLAUDIT_GITHUB__IN_FLIGHT", "8".to_owned()),
        ("PLAUDIT_GITHUB__BATCH", "4".to_owned()),
        ("PLAUDIT_HTTP__TRIES", "20".to_owned()),
        ("PLAUDIT_HTTP__FIRST_BACKOFF", "5ms".to_owned()),
        ("PLAUDIT_HTTP__MAX_BODY_BYTES", "4194304".to_owned()),
        ("PLAUDIT_WORKER__WORKERS", "32".to_owned()),
        ("PLAUDIT_WORKER__ATTEMPTS", "50".to_owned()),
        ("PLAUDIT_WORKER__RETRY_AFTER_FAILURE", "1s".to_owned()),
        ("PLAUDIT_WORKER__PATIENCE", "3m".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The profiles of a run in which nothing goes wrong.
async fn calm(
    plan: &Plan,
    world: &Arc<World>,
    home: &Path,
) -> anyhow::Result<BTreeMap<ApplicantId, Profile>> {
    fs::create_dir_all(home)?;
    let token = account("calm", 0);
    let behaviour = Behaviour {
        tokens: vec![token.clone()],
        ..Behaviour::default()
    };
    let stand_in = StandIn::start(Arc::clone(world), behaviour).await?;
    let data = home.join("data");
    let mut environment = environment(&stand_in.url(), home, &data, &[token.token]);
    // Nothing gets stuck here but by a busy machine.
    environment.insert(
        "PLAUDIT_GITHUB__REQUEST_TIMEOUT".to_owned(),
        "60s".to_owned(),
    );
    let list = home.join("list.csv");
    fs::write(&list, generated_list(plan.applicants))?;
    let as_of = world.today.to_string();
    let list = list.to_string_lossy();
    let arguments = [
        "enrich", "--as-of", &as_of, "--format", "jsonl", "--from", &list,
    ];
    let mut program = Program::begin(home, &environment, &arguments)?;
    let status = program.wait(PATIENCE).await?;
    ensure!(
        status.code() == Some(0),
        "the calm run failed: {}",
        program.said()
    );
    let (store, _) = Store::open(&data, StoreOptions::default()).await?;
    let profiles = verdict::profiles(&store).await?;
    store.close().await?;
    stand_in.stop().await;
    Ok(profiles)
}

fn account(whose: &str, number: usize) -> TokenAccount {
    TokenAccount {
        token: format!("ghp_madeUp{whose}{number:016}"),
        account: format!("{whose}-{number}-example"),
        points_per_hour: 1_000_000,
    }
}

/// The list in parts.
fn parts(applicants: usize) -> anyhow::Result<Vec<Part>> {
    let all = generated_list(applicants);
    let (_, rows) = all.split_once('\n').context("no rows")?;
    let rows: Vec<&str> = rows.lines().collect();
    let size = (applicants / 20).clamp(2, 60);
    rows.chunks(size)
        .map(|rows| {
            let id = |row: &&str| Ok(row.split(',').next().context("no id")?.parse()?);
            Ok(Part {
                ids: rows.iter().map(id).collect::<anyhow::Result<_>>()?,
                rows: format!("{}\n", rows.join("\n")),
            })
        })
        .collect()
}

/// A list of these rows.
fn header_and<'a>(rows: impl IntoIterator<Item = &'a str>) -> String {
    let rows: String = rows.into_iter().collect();
    format!("id,name,github\n{rows}")
}

/// How a plaudit is used.
enum Use {
    /// `plaudit enrich`, with parts of the list, or without any to go on.
    Enrich {
        parts: Vec<usize>,
        /// Whether it has said that they are taken.
        taken: bool,
    },
    /// `plaudit serve`, which is sent parts of the list.
    Serve {
        posting: Option<(usize, JoinHandle<Option<u16>>)>,
    },
}

impl Upheaval {
    async fn begin(plan: &Plan, world: &Arc<World>, home: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(home)?;
        let mut figures = Figures::default();
        let disk = SmallDisk::mount(&home.join("disk"), DISK)?;
        if disk.is_none() {
            figures
                .left_out
                .push("a full disk: this user may not mount one");
        }
        let clock = clock_setter();
        if clock.is_none() {
            figures
                .left_out
                .push("jumps of the clock: faketime is not installed");
        }
        let accounts =
            (0..500 + plan.kills as usize * TOKENS).map(|number| account("chaos", number));
        let accounts: Vec<TokenAccount> = accounts.collect();
        let reserve = accounts.iter().map(|one| one.token.clone()).collect();
        let behaviour = Behaviour {
            latency: Duration::from_millis(25),
            faults: Fault::ALL
                .map(|fault| (fault, plan.faults / 1_000.0))
                .to_vec(),
            seed: plan.seed,
            tokens: accounts,
            window: Duration::from_mins(1),
            ..Behaviour::default()
        };
        let parts = parts(plan.applicants)?;
        let data = home.join("disk/data");
        let (store, _) = Store::open(&data, StoreOptions::default()).await?;
        let now = Timestamp::now();
        let end = now + SignedDuration::from_hours(80 * 24);
        let made = tokens::make(&store, "chaos", AccessRole::Admin, now, end).await?;
        store.close().await?;
        let stand_in = StandIn::start(Arc::clone(world), behaviour).await?;
        Ok(Self {
            plan: plan.clone(),
            random: fastrand::Rng::with_seed(plan.seed),
            world: Arc::clone(world),
            stand_in,
            chronicle: Vec::new(),
            began: Instant::now(),
            home: home.to_owned(),
            data,
            disk,
            clock,
            secret: made.secret.expose_secret().to_owned(),
            tokens: Vec::new(),
            reserve,
            unsent: (0..parts.len()).collect(),
            sent: vec![0; parts.len()],
            parts,
            copy: None,
            full_until: None,
            figures,
        })
    }

    fn note(&mut self, what: impl Into<String>) {
        self.chronicle.push((self.began.elapsed(), what.into()));
    }

    fn chance(&mut self, of_a_hundred: u32) -> bool {
        self.random.u32(..100) < of_a_hundred
    }

    fn milliseconds(&mut self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.random.u64(range))
    }

    /// One plaudit, from its start to its kill, or to its own end.
    async fn one_life(&mut self) -> anyhow::Result<()> {
        if self.full_until.is_none() && self.copy.is_none() && self.chance(12) {
            let copy = self.home.join("copy");
            disk::copy(&self.data, &copy)?;
            self.figures.damages += disk::damage(&self.data)?;
            self.note("its files are damaged");
            self.copy = Some(copy);
        }
        let serves = self.chance(40);
        let mut used = if serves {
            Use::Serve { posting: None }
        } else {
            let parts = self.next_part(60).into_iter().collect();
            Use::Enrich {
                parts,
                taken: false,
            }
        };
        let arguments = self.arguments(&used)?;
        let environment = self.environment(Duration::ZERO)?;
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let asked_before = self.stand_in.report().requests;
        let was_full = self.full_until.is_some();
        self.note(format!("it starts: {}", arguments.join(" ")));
        let mut program = Program::begin(&self.home, &environment, &arguments)?;
        self.figures.starts += 1;
        let life = if self.chance(25) {
            self.milliseconds(5..400)
        } else {
            self.milliseconds(300..self.plan.longest_life)
        };
        let at = |upheaval: &mut Self, of_a_hundred| {
            let moment = upheaval.milliseconds(1..upheaval.plan.longest_life);
            upheaval.chance(of_a_hundred).then_some(moment)
        };
        let mut jump = at(self, 60).filter(|_| self.clock.is_some());
        let mut fill = at(self, 15).filter(|_| self.disk.is_some());
        let mut revoke = at(self, 15);
        let mut was_full = was_full;
        let began = Instant::now();
        let mut post_from = Duration::ZERO;
        while began.elapsed() < life {
            let now = began.elapsed();
            if jump.take_if(|at| *at <= now).is_some() {
                self.jump()?;
            }
            if fill.take_if(|at| *at <= now).is_some() {
                was_full = true;
                self.fill()?;
            }
            if revoke.take_if(|at| *at <= now).is_some() {
                // A server without any would wait for a person to act.
                self.revoke(usize::from(serves));
            }
            self.free_in_time();
            if self.stand_in.report().requests > asked_before {
                self.copy = None;
            }
            if let Some(status) = program.ended()? {
                self.hear(&mut used, &program).await?;
                return self.ended(status.code(), was_full, &program.said()).await;
            }
            self.hear(&mut used, &program).await?;
            if now >= post_from {
                self.post(&mut used, &program);
                post_from = now + self.milliseconds(20..300);
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        let asked = self.stand_in.report().requests > asked_before;
        program.kill()?;
        self.stand_in.client_was_killed();
        self.note("it is killed");
        self.hear(&mut used, &program).await?;
        let phase = match &used {
            _ if self.full_until.is_some() => "on a full disk",
            Use::Enrich { parts, taken } if !parts.is_empty() && !taken => {
                "opening, or taking in a list"
            }
            Use::Serve { posting: Some(_) } => "taking in a list by the API",
            Use::Serve { .. } | Use::Enrich { .. } if !asked => "opening, before the first request",
            Use::Enrich { .. } => "at work, enrich",
            Use::Serve { .. } => "at work, serve",
        };
        *self.figures.kills.entry(phase).or_default() += 1;
        ensure!(!program.said().contains("panicked"), "{}", program.said());
        if let Use::Serve {
            posting: Some((_, posting)),
        } = used
        {
            posting.abort();
        }
        Ok(())
    }

    /// The next part that is to be sent, mostly.
    fn next_part(&mut self, of_a_hundred: u32) -> Option<usize> {
        let next = self.unsent.last().copied();
        next.filter(|_| self.chance(of_a_hundred))
    }

    fn arguments(&mut self, used: &Use) -> anyhow::Result<Vec<String>> {
        let Use::Enrich { parts, .. } = used else {
            return Ok(["serve", "--listen", "127.0.0.1:0"]
                .map(str::to_owned)
                .to_vec());
        };
        let as_of = self.world.today.to_string();
        let mut arguments = [
            "enrich",
            "--no-progress",
            "--format",
            "jsonl",
            "--as-of",
            &as_of,
        ]
        .map(str::to_owned)
        .to_vec();
        if !parts.is_empty() {
            let list = self.home.join("list.csv");
            let csv = parts.iter().map(|part| self.parts[*part].rows.as_str());
            fs::write(&list, header_and(csv))?;
            for part in parts {
                self.sent[*part] += 1;
            }
            arguments.extend(["--from".to_owned(), list.to_string_lossy().into_owned()]);
        }
        Ok(arguments)
    }

    /// The environment of the next plaudit, whose clock is `ahead` for a start.
    fn environment(&mut self, ahead: Duration) -> anyhow::Result<BTreeMap<String, String>> {
        let stand_in = &self.stand_in;
        self.tokens.retain(|token| stand_in.trusts(token));
        while self.tokens.len() < TOKENS {
            let next = self.reserve.pop().context("no token is left")?;
            if stand_in.trusts(&next) {
                self.tokens.push(next);
            }
        }
        let mut environment = environment(&stand_in.url(), &self.home, &self.data, &self.tokens);
        if self.chance(50) {
            // Longer waits are jobs that are put off.
            environment.insert("PLAUDIT_HTTP__INLINE_WAIT".to_owned(), "300ms".to_owned());
        }
        if let Some(setter) = &self.clock {
            let file = self.home.join("clock");
            fs::write(&file, format!("+{}", ahead.as_secs()))?;
            environment.extend(with_clock(setter, &file));
        }
        Ok(environment)
    }

    /// Sets the clock of the running plaudit.
    fn jump(&mut self) -> anyhow::Result<()> {
        const JUMPS: [&str; 8] = ["+3h", "-2h", "+2d", "-1d", "+40m", "-10m", "+5s", "-90s"];
        let jump = JUMPS[self.random.usize(..JUMPS.len())];
        // At once, so that nobody reads half a word.
        let next = self.home.join("clock.next");
        fs::write(&next, jump)?;
        fs::rename(&next, self.home.join("clock"))?;
        self.note(format!("its clock jumps to {jump}"));
        self.figures.jumps += 1;
        Ok(())
    }

    fn fill(&mut self) -> anyhow::Result<()> {
        let but = self.random.u64(4..28) << 20;
        let how_long = self.milliseconds(200..1_800);
        if let Some(disk) = &self.disk {
            disk.fill(but)?;
            self.full_until = Some(Instant::now() + how_long);
            self.figures.full_disks += 1;
            self.note(format!("its disk is full for {} ms", how_long.as_millis()));
        }
        Ok(())
    }

    fn free_in_time(&mut self) {
        if self.full_until.is_some_and(|until| until <= Instant::now()) {
            self.full_until = None;
            if let Some(disk) = &self.disk {
                disk.free();
            }
        }
    }

    fn revoke(&mut self, but: usize) {
        for token in self.tokens.iter().skip(but) {
            self.stand_in.revoke(token);
            self.figures.tokens_lost += 1;
        }
        self.note("tokens are revoked");
    }

    /// Sends the server the next part, if it listens and has answered about the one before.
    fn post(&mut self, used: &mut Use, program: &Program) {
        let Use::Serve {
            posting: posting @ None,
        } = used
        else {
            return;
        };
        let said = program.said();
        let address = said
            .lines()
            .find_map(|line| line.strip_prefix("listening on "));
        let (Some(address), Some(part)) = (address, self.next_part(80)) else {
            return;
        };
        let client = reqwest::Client::builder().no_proxy().build();
        let Ok(client) = client else { return };
        self.sent[part] += 1;
        let request = client
            .post(format!("{address}/api/v1/imports"))
            .bearer_auth(&self.secret)
            .header("content-type", "text/csv")
            .body(header_and([self.parts[part].rows.as_str()]));
        let answered = async move { Some(request.send().await.ok()?.status().as_u16()) };
        *posting = Some((part, tokio::spawn(answered)));
    }

    /// Takes note of what was acknowledged.
    async fn hear(&mut self, used: &mut Use, program: &Program) -> anyhow::Result<()> {
        let said = program.said();
        if [" accepted", "listening on", "nothing is queued"]
            .iter()
            .any(|opened| said.contains(opened))
        {
            self.copy = None;
        }
        match used {
            Use::Enrich { parts, taken } if !*taken => {
                // It is said when all of it is on the disk.
                *taken = said.lines().any(|line| line.contains(" accepted"));
                if *taken {
                    self.unsent.retain(|unsent| !parts.contains(unsent));
                }
            }
            Use::Serve { posting } => {
                if let Some((part, answered)) =
                    posting.take_if(|(_, posting)| posting.is_finished())
                {
                    match answered.await? {
                        Some(202) => self.unsent.retain(|unsent| *unsent != part),
                        Some(507) => self.figures.refused_for_want_of_room += 1,
                        // It was killed, or ends.
                        None | Some(503) => {}
                        Some(status) => {
                            bail!("a list was answered with {status}: {}", program.said())
                        }
                    }
                }
            }
            Use::Enrich { .. } => {}
        }
        Ok(())
    }

    /// A plaudit has ended by itself.
    async fn ended(&mut self, code: Option<i32>, was_full: bool, said: &str) -> anyhow::Result<()> {
        *self.figures.ended.entry(code).or_default() += 1;
        self.note(format!("it ends by itself with {code:?}"));
        match code {
            Some(0 | 1) => {}
            // What the message says to do.
            Some(4) if said.contains("plaudit restore") && self.copy.is_some() => {
                self.figures.restored += 1;
                self.restore().await?;
            }
            Some(4) if was_full => {}
            _ => bail!("it ended with {code:?} by itself:\n{said}"),
        }
        ensure!(!said.contains("panicked"), "{said}");
        if code == Some(0) && self.unsent.is_empty() {
            // All of it is done before the last kill: once more.
            self.unsent = (0..self.parts.len()).collect();
            self.figures.laps += 1;
        }
        Ok(())
    }

    /// Makes the store anew from a dump of how it was before the damage. Nothing was acknowledged since.
    async fn restore(&mut self) -> anyhow::Result<()> {
        let Some(copy) = self.copy.take() else {
            return Ok(());
        };
        self.note("its store is restored");
        let dump = self.home.join("dump");
        let dump = dump.to_string_lossy();
        let mut environment = self.environment(Duration::ZERO)?;
        let data = environment.insert(
            "PLAUDIT_DATA_DIR".to_owned(),
            copy.to_string_lossy().into_owned(),
        );
        self.to_its_end(&environment, &["backup", "--force", &dump])
            .await?;
        environment.extend(data.map(|data| ("PLAUDIT_DATA_DIR".to_owned(), data)));
        self.to_its_end(&environment, &["restore", &dump]).await?;
        // Nobody needs the files from before any more, and the disk is small.
        let aside = self.data.join("damaged");
        match fs::remove_dir_all(&aside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Runs a command that must succeed.
    async fn to_its_end(
        &self,
        environment: &BTreeMap<String, String>,
        arguments: &[&str],
    ) -> anyhow::Result<()> {
        let mut program = Program::begin(&self.home, environment, arguments)?;
        let status = program.wait(Duration::from_mins(2)).await?;
        ensure!(
            status.success(),
            "{arguments:?} ended with {status}:\n{}",
            program.said()
        );
        Ok(())
    }

    /// Profiles that are stored. Count.
    async fn stored(&mut self) -> anyhow::Result<usize> {
        self.full_until = None;
        if let Some(disk) = &self.disk {
            disk.free();
        }
        let opened = Store::open(&self.data, StoreOptions::default()).await;
        let (store, opening) = match opened {
            Err(StoreError::Damaged { .. }) if self.copy.is_some() => {
                self.figures.restored += 1;
                self.restore().await?;
                Store::open(&self.data, StoreOptions::default()).await?
            }
            opened => opened?,
        };
        self.copy = None;
        ensure!(opening.missing == 0, "{:?}", opening.recovered);
        let stored = store.ids().await?.len();
        store.close().await?;
        Ok(stored)
    }

    /// Lets it work without a kill until nothing is left. The faults go on.
    async fn come_to_rest(&mut self) -> anyhow::Result<()> {
        const RUNS: u32 = 60;
        for _ in 0..RUNS {
            let mut used = Use::Enrich {
                parts: self.unsent.clone(),
                taken: false,
            };
            let arguments = self.arguments(&used)?;
            // Ahead, so that whatever was put off while no token was left is due.
            let environment = self.environment(Duration::from_hours(1))?;
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let mut program = Program::begin(&self.home, &environment, &arguments)?;
            let status = program.wait(PATIENCE).await?;
            self.hear(&mut used, &program).await?;
            let said = program.said();
            ensure!(matches!(status.code(), Some(0 | 1)), "{status}: {said}");
            if status.code() == Some(0) && self.unsent.is_empty() {
                return Ok(());
            }
            self.figures.last_runs += 1;
        }
        bail!("the queue is not empty after {RUNS} runs without a kill")
    }

    /// Compares what is stored with what must be.
    async fn judge(&mut self, calm: &BTreeMap<ApplicantId, Profile>) -> anyhow::Result<()> {
        let (store, opening) = Store::open(&self.data, StoreOptions::default()).await?;
        ensure!(opening.missing == 0, "{:?}", opening.recovered);
        let mut sent = BTreeMap::new();
        for (part, count) in self.parts.iter().zip(&self.sent) {
            sent.extend(part.ids.iter().map(|id| (id.clone(), *count)));
        }
        let judged = verdict::judge(&store, calm, &self.world, &sent).await;
        store.close().await?;
        self.figures.profiles = judged?;
        let report = self.stand_in.report();
        self.figures.host = report.clone();
        ensure!(
            report.sent_while_told_to_wait == 0,
            "{} requests came while the host had said to wait{}",
            report.sent_while_told_to_wait,
            self.before_each(&report.early)
        );
        Ok(())
    }

    /// What was done to plaudit shortly before each request that came too early.
    fn before_each(&self, early: &[Early]) -> String {
        const SHORTLY: Duration = Duration::from_secs(5);
        let describe = |early: &Early| {
            let before = self
                .chronicle
                .iter()
                .filter(|(when, _)| *when <= early.at && *when + SHORTLY >= early.at)
                .map(|(when, what)| format!("\n  {when:.3?}: {what}"));
            format!(
                "\n{:.3?}: request {}; {} was told {:.3?} before, and {:.3?} were left. Before that:{}",
                early.at,
                early.number,
                early.fault.name(),
                early.told_ago,
                early.left,
                before.collect::<String>()
            )
        };
        early.iter().map(describe).collect()
    }
}
