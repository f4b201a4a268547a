//! What reads of a server take, also while it refreshes: `cargo bench --bench serve [-- --profiles 10000 --seconds 30]`.
//!
//! A store is filled with generated people as they were two days ago. `plaudit serve` runs over it, as built, with the
//! settings it ships with but for those named below, and GitHub is made up: for the made-up GitHub everybody has
//! changed since, so that a refresh asks for all. It is begun by the API, and goes on while 100 connections read, each
//! again as soon as it is answered. Then applicants are submitted one after another, beside the refresh.
//!
//! Server, made-up GitHub and load share the processors; what each of them took stands in the table.

mod begin;
mod load;
mod process;
mod stored;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clap::Parser;
use comfy_table::{Cell, CellAlignment, Table, presets};
use jiff::{SignedDuration, Timestamp};
use plaudit::api::access::tokens;
use plaudit::api::reading::Reading;
use plaudit::board::Board;
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::rubric::Rubric;
use plaudit::standin::{DEMO_TOKEN, World};
use plaudit::store::Store;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use load::{Connection, Latencies, load, request};
use process::{cpu, peak_memory};
use stored::{configuration, environment, fill};

/// What is set otherwise than it ships, each with the reason.
const SET: [(&str, &str, &str); 5] = [
    (
        "PLAUDIT_SERVE__REQUESTS_PER_MINUTE",
        "100000000",
        "one token stands for a hundred readers",
    ),
    (
        "PLAUDIT_REFRESH__ENABLED",
        "false",
        "the bench begins it, not the schedule",
    ),
    (
        "PLAUDIT_GITHUB__QUERY_SECONDS_PER_MINUTE",
        "6000",
        "the latency is no computing time",
    ),
    (
        "PLAUDIT_GITHUB__POINTS_PER_MINUTE",
        "100000",
        "as many as the refresh asks for",
    ),
    (
        "PLAUDIT_GITHUB__POINTS_PER_HOUR",
        "1000000",
        "as many as the refresh asks for",
    ),
];

/// How old the stored profiles are, so that a refresh leaves nobody out.
const AGE: SignedDuration = SignedDuration::from_hours(48);

/// Reads of each kind, one after another, that are timed without a server. Count.
const ALONE: usize = 2_000;

/// Between two looks at a job.
const LOOK: Duration = Duration::from_millis(5);

/// Longest time until a submitted applicant has a profile.
const PATIENCE: Duration = Duration::from_mins(2);

/// What reads of a server take.
#[derive(Debug, Parser)]
struct Arguments {
    /// Profiles in the store
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    profiles: u32,
    /// Connections that read at the same time
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    connections: u32,
    /// Seconds for each kind of read
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Applicants that are submitted one after another beside the refresh
    #[arg(long, default_value_t = 50)]
    interactive: u32,
    /// Milliseconds that the made-up GitHub takes for each answer
    #[arg(long, default_value_t = 500)]
    latency: u64,
    /// Read while nothing is refreshed
    #[arg(long)]
    without_refresh: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// A `plaudit` in a process of its own, which ends with this value, also in a panic.
struct Process {
    child: Child,
    /// What it said first.
    said: String,
}

impl Process {
    fn start(arguments: &[&str], environment: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plaudit"))
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Its log is long; what fails shows in the answers.
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start plaudit")?;
        let output = child.stdout.take();
        let mut process = Self {
            child,
            said: String::new(),
        };
        BufReader::new(output.context("no output")?).read_line(&mut process.said)?;
        Ok(process)
    }

    /// The address in what it said.
    fn url(&self) -> anyhow::Result<&str> {
        let said = self.said.trim();
        let begin = said.find("http://").context("it said no address")?;
        Ok(&said[begin..])
    }

    fn cpu(&self) -> anyhow::Result<Duration> {
        cpu(&self.child.id().to_string())
    }

    /// Memory in use. Bytes.
    fn memory(&self) -> anyhow::Result<f64> {
        memory(&self.child.id().to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What runs.
struct Running {
    server: Process,
    github: Process,
    address: SocketAddr,
    token: String,
}

/// What one kind of read took.
struct Phase {
    name: &'static str,
    latencies: Latencies,
    wall: Duration,
    /// Of the server, the made-up GitHub, and the load.
    cpu: [Duration; 3],
    /// What the refresh said of itself at the end.
    refresh: String,
}

fn main() -> anyhow::Result<()> {
    begin::run(|| async { bench(&Arguments::parse()).await })
}

async fn bench(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let all = (arguments.profiles + arguments.interactive).to_string();
    let latency = arguments.latency.to_string();
    let made_up = [
        "stand-in",
        "--applicants",
        &all,
        "--seed",
        "2",
        "--latency",
        &latency,
    ];
    let home = folder.path().to_str().context("a folder in UTF-8")?;
    let home = BTreeMap::from([("HOME".to_owned(), home.to_owned())]);
    let github = Process::start(&made_up, &home)?;
    let mut environment = environment(github.url()?, folder.path())?;
    environment.insert("GITHUB_TOKEN".to_owned(), DEMO_TOKEN.to_owned());
    environment.extend(SET.map(|(name, value, _)| (name.to_owned(), value.to_owned())));
    let config = configuration(&environment)?;

    let count = usize::try_from(arguments.profiles)?;
    let rubric = Rubric::embedded(&config.role)?;
    let then = Timestamp::now() - AGE;
    let bytes = fill(
        &config,
        (World::generated(count, 1), count),
        rubric,
        then,
        None,
    )
    .await?;
    let (store, _) = session::open_store(&config).await?;
    let alone = without_a_server(&store, &config.role).await?;
    let token = tokens::make(
        &store,
        "bench",
        AccessRole::Admin,
        Timestamp::now(),
        Timestamp::now() + AGE,
    );
    let token = token.await?.secret.expose_secret().to_owned();
    store.close().await?;

    let mut out = io::stdout().lock();
    writeln!(out, "{}", explanation(arguments, number(bytes))?)?;
    writeln!(out, "{alone}")?;
    let server = Process::start(&["serve", "--listen", "127.0.0.1:0"], &environment)?;
    let address = server.url()?.trim_start_matches("http://").parse()?;
    let running = Running {
        server,
        github,
        address,
        token,
    };
    let began = Instant::now();
    running.is_ready(&config.role).await?;
    writeln!(
        out,
        "the server shows its first ranking {:.1} s after it listens, and then holds {:.0} MB\n",
        began.elapsed().as_secs_f64(),
        running.server.memory()? / 1e6
    )?;
    if !arguments.without_refresh {
        let (status, said) = running.ask("POST", "/api/v1/refresh", "").await?;
        ensure!(status == 202, "no refresh begins: {status} {said}");
    }
    let mut phases = Vec::new();
    for (name, paths) in kinds(arguments.profiles, &config.role) {
        phases.push(running.read(arguments, name, &paths).await?);
    }
    writeln!(out, "{}", table(&phases))?;
    let broken: usize = phases.iter().map(|phase| phase.latencies.errors).sum();
    writeln!(out, "{}", running.interactive(arguments).await?)?;
    writeln!(
        out,
        "at the end the server holds {:.0} MB; the refresh: {}",
        running.server.memory()? / 1e6,
        running.refresh().await?
    )?;
    ensure!(broken == 0, "{broken} errors");
    Ok(())
}

/// What is read: the kind's name, and the paths that are asked for in turn.
fn kinds(profiles: u32, role: &str) -> Vec<(&'static str, Vec<String>)> {
    // A step that shares no divisor with the count, so that neighbours in the store are not read one after another.
    let step = 7_919;
    let ids = (0..profiles).map(|place| u64::from(place) * step % u64::from(profiles));
    let profile: Vec<String> = ids
        .map(|number| format!("/api/v1/applicants/gen-{number:06}"))
        .collect();
    let json = format!("/api/v1/roles/{role}/ranking");
    let page = format!("/roles/{role}");
    let mixed = profile.chunks(8).flat_map(|eight| {
        let rankings = [json.clone(), page.clone()];
        eight.iter().cloned().chain(rankings)
    });
    let mixed = mixed.collect();
    vec![
        ("profile, JSON", profile),
        ("ranking, JSON", vec![json]),
        ("ranking, page", vec![page]),
        ("mixed 8 : 1 : 1", mixed),
    ]
}

impl Running {
    /// Asks once.
    async fn ask(&self, method: &str, path: &str, body: &str) -> anyhow::Result<(u16, String)> {
        let mut connection = Connection::open(self.address).await?;
        let request = request(method, path, &self.token, body);
        let (status, body) = connection.exchange(&request).await?;
        Ok((status, String::from_utf8_lossy(body).into_owned()))
    }

    /// Waits for the first ranking.
    async fn is_ready(&self, role: &str) -> anyhow::Result<()> {
        let (status, said) = self
            .ask("GET", &format!("/api/v1/roles/{role}/ranking"), "")
            .await?;
        ensure!(status == 200, "no ranking: {status} {said}");
        Ok(())
    }

    /// How far the refresh is.
    async fn refresh(&self) -> anyhow::Result<String> {
        let (_, status) = self.ask("GET", "/api/v1/refresh", "").await?;
        let status: Value = serde_json::from_str(&status)?;
        let now = status.get("running").filter(|now| !now.is_null());
        Ok(now.map_or_else(
            || "none runs".to_owned(),
            |now| {
                let count = |what: &str| now[what].as_u64().unwrap_or_default();
                format!("{} of {} fetched", count("fetched"), count("to_fetch"))
            },
        ))
    }

    fn cpu(&self) -> anyhow::Result<[Duration; 3]> {
        Ok([self.server.cpu()?, self.github.cpu()?, cpu("self")?])
    }

    async fn read(
        &self,
        arguments: &Arguments,
        name: &'static str,
        paths: &[String],
    ) -> anyhow::Result<Phase> {
        let requests = paths
            .iter()
            .map(|path| request("GET", path, &self.token, ""));
        let how_long = Duration::from_secs(arguments.seconds);
        let connections = usize::try_from(arguments.connections)?;
        let (before, began) = (self.cpu()?, Instant::now());
        let latencies = load(self.address, requests.collect(), connections, how_long).await?;
        let (wall, after) = (began.elapsed(), self.cpu()?);
        Ok(Phase {
            name,
            latencies,
            wall,
            cpu: std::array::from_fn(|who| after[who].saturating_sub(before[who])),
            refresh: self.refresh().await?,
        })
    }

    /// Submits applicants one after another, and looks how their jobs go.
    async fn interactive(&self, arguments: &Arguments) -> anyhow::Result<String> {
        let (mut waits, mut whole) = (Vec::new(), Vec::new());
        let before = self.refresh().await?;
        for number in arguments.profiles..arguments.profiles + arguments.interactive {
            let login = format!("gen-{number:06}");
            let body = format!(r#"{{"id":"{login}","links":["https://github.com/{login}"]}}"#);
            let began = Instant::now();
            let (status, said) = self.ask("POST", "/api/v1/applicants", &body).await?;
            ensure!(status == 202, "{status} {said}");
            let (waited, took) = self.follow(&login, began).await?;
            waits.push(waited);
            whole.push(took);
        }
        let line = |what: &str, times: &[Duration]| {
            let times = Latencies::of(times);
            format!(
                "{what}: p50 {:.0} ms, p99 {:.0} ms, longest {:.0} ms\n",
                times.within(500),
                times.within(990),
                times.within(1_000)
            )
        };
        Ok(format!(
            "{} applicants submitted one after another, each from the request on, looked at every {} ms\n{}{}\
             the refresh before: {before}",
            waits.len(),
            LOOK.as_millis(),
            line("until somebody worked on it", &waits),
            line("until its profile was there", &whole),
        ))
    }

    /// Until a job was begun, and until there was a profile.
    async fn follow(&self, id: &str, began: Instant) -> anyhow::Result<(Duration, Duration)> {
        let mut connection = Connection::open(self.address).await?;
        let request = request("GET", &format!("/api/v1/jobs/{id}"), &self.token, "");
        let mut waited = None;
        while began.elapsed() < PATIENCE {
            let (status, body) = connection.exchange(&request).await?;
            ensure!(status == 200, "{status} {}", String::from_utf8_lossy(body));
            let job: Value = serde_json::from_slice(body)?;
            let now = began.elapsed();
            match job["state"].as_str() {
                Some("ready") => {}
                Some("done") => return Ok((waited.unwrap_or(now), now)),
                _ => waited = waited.or(Some(now)),
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("{id} has no profile after {} s", PATIENCE.as_secs())
    }
}

/// What reading takes without a server: of the store, of what is kept of it, and of all rankings.
async fn without_a_server(store: &Store, role: &str) -> anyhow::Result<String> {
    let (before, began) = (memory("self")?, Instant::now());
    let board = Board::new(store.clone());
    let stop = CancellationToken::new();
    let held = async {
        let standing = board.standing(role).await?;
        stop.cancel();
        anyhow::Ok(standing)
    };
    let (followed, standing) = tokio::join!(board.follow(stop.clone()), held);
    followed?;
    let standing = standing?;
    let (first, held) = (began.elapsed(), memory("self")? - before);
    let count = standing.ranking.profiles().len();

    let ids: Vec<ApplicantId> = store.ids().await?.into_iter().take(ALONE).collect();
    let reading = Reading::new(store);
    let mut text = String::new();
    write!(
        text,
        "a first reading of {count} profiles in brief and their order: {:.1} s, {:.1} KB in memory each\n\
         one read of a profile, one after another:",
        first.as_secs_f64(),
        held / number(u64::try_from(count)?) / 1e3,
    )?;
    let reads = number(u64::try_from(ids.len())?);
    let each = |began: Instant| began.elapsed().as_secs_f64() * 1e6 / reads;
    let began = Instant::now();
    for id in &ids {
        ensure!(store.profile_mark(id).await?.is_some());
    }
    write!(text, " its mark {:.1} µs", each(began))?;
    let began = Instant::now();
    for id in &ids {
        ensure!(store.profile_json(id).await?.is_some());
    }
    write!(text, ", its JSON {:.1} µs", each(began))?;
    let first = &ids[..1];
    let began = Instant::now();
    for id in first.iter().cycle().take(ids.len()) {
        ensure!(reading.profile(store, id).await?.is_some());
    }
    write!(text, ", kept {:.2} µs; another thread", each(began))?;
    let began = Instant::now();
    for _ in 0..ids.len() {
        tokio::task::spawn_blocking(|| ()).await?;
    }
    write!(text, " and back {:.1} µs", each(began))?;
    Ok(text)
}

/// Memory that a process has in use. Bytes.
fn memory(process: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let line = line.context("the kernel names no memory in use")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1_024.0)
}

/// What is measured, and under which conditions.
fn explanation(arguments: &Arguments, bytes: f64) -> anyhow::Result<String> {
    let about = fs::read_to_string("/proc/cpuinfo")?;
    let model = about.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": "));
    let mut text = format!(
        "{} generated profiles, {:.1} KB of JSON each; {} connections for {} s a kind; the made-up GitHub takes {} ms \
         for an answer; {} processors ({}), which server, made-up GitHub and load share; the settings shipped, but for",
        arguments.profiles,
        bytes / f64::from(arguments.profiles) / 1e3,
        arguments.connections,
        arguments.seconds,
        arguments.latency,
        std::thread::available_parallelism()?,
        model.map_or("unknown", |(_, name)| name),
    );
    for (name, value, why) in SET {
        text += "\n  ";
        text += &[name, "=", value, " (", why, ")"].concat();
    }
    Ok(text
        + &format!(
            "\nthe bench had up to {:.0} MB in use",
            peak_memory()? / 1e6
        ))
}

/// A row of the table: its name, and what it shows of a phase.
type Row<'a> = (&'static str, &'a dyn Fn(&Phase) -> String);

fn table(phases: &[Phase]) -> Table {
    let milliseconds = |of_thousand: usize| {
        move |phase: &Phase| format!("{:.2}", phase.latencies.within(of_thousand))
    };
    let seconds = |who: usize| move |phase: &Phase| format!("{:.1}", phase.cpu[who].as_secs_f64());
    let rows: [Row<'_>; 11] = [
        ("answers/s", &|phase| {
            let count = number(u64::try_from(phase.latencies.count()).unwrap_or(u64::MAX));
            format!("{:.0}", count / phase.wall.as_secs_f64())
        }),
        ("p50 ms", &milliseconds(500)),
        ("p90 ms", &milliseconds(900)),
        ("p99 ms", &milliseconds(990)),
        ("longest ms", &milliseconds(1_000)),
        ("errors", &|phase| phase.latencies.errors.to_string()),
        ("KB each", &|phase| {
            let count = number(u64::try_from(phase.latencies.count()).unwrap_or(u64::MAX));
            format!("{:.1}", number(phase.latencies.bytes) / count / 1e3)
        }),
        ("CPU s: server", &seconds(0)),
        ("CPU s: made-up GitHub", &seconds(1)),
        ("CPU s: load", &seconds(2)),
        ("the refresh, at the end", &|phase| phase.refresh.clone()),
    ];
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(std::iter::once("").chain(phases.iter().map(|phase| phase.name)));
    for (name, number) in rows {
        let numbers = phases
            .iter()
            .map(|phase| Cell::new(number(phase)).set_alignment(CellAlignment::Right));
        table.add_row(std::iter::once(Cell::new(name)).chain(numbers));
    }
    table
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn number(number: u64) -> f64 {
    number as f64
}
