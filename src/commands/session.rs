//! What every command that fetches needs: the store, the way out, the rubrics, and a pool with its progress.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::demo::MARK;
use super::failure::Failure;
use super::roles;
use crate::audit::{Act, Audit, AuditError, Deed, Who};
use crate::config::Config;
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::link::{self, Column, GitHubHost, GitHubHosts};
use crate::domain::profile::Profile;
use crate::domain::rubric::{Rubric, is_name, nearest};
use crate::domain::text::tame;
use crate::enrich::{Connections, Enricher};
use crate::http::{
    Credential, Limits, Pool, Resource, Rest, Settings, Silence, Told, Wait, WayOut,
};
use crate::rights;
pub use crate::service::freshness;
use crate::sources::kaggle::bulk::{Index, IndexError};
use crate::sources::kaggle::{Kaggle, Policy};
use crate::sources::page::{Bounds, Pages, Reach};
use crate::sources::{github, kaggle};
use crate::store::{Opening, Store, StoreError, StoreOptions, Waiting};
use crate::worker::{Ending, Event, Summary, Worker};

/// An hour, in which GitHub counts.
const HOUR: Duration = Duration::from_hours(1);

/// REST requests in a minute, for each token; with the quarter that may be sent at once on top, GitHub's 900.
const REQUESTS_PER_MINUTE: u32 = 720;

/// A minute, in which GitHub counts as well.
const MINUTE: Duration = Duration::from_mins(1);

/// Every rubric that there is, by name: plaudit's own, and those in the folder of roles, which go before.
pub fn rubrics(config: &Config) -> Result<BTreeMap<String, Rubric>, Failure> {
    let roles = roles::all(config)?;
    Ok(roles
        .into_iter()
        .map(|(name, role)| (name, role.rubric))
        .collect())
}

/// The hosts that count as GitHub.
pub fn hosts(config: &Config) -> anyhow::Result<GitHubHosts> {
    let hosts: Result<Vec<GitHubHost>, _> = config
        .github
        .hosts
        .iter()
        .map(|name| name.parse())
        .collect();
    Ok(GitHubHosts::new(
        hosts.context("github.hosts names something that is no host")?,
    ))
}

/// Opens the store where the configuration says; where a server has it, by way of the server.
pub async fn open_store(config: &Config) -> Result<(Store, Opening), StoreError> {
    // First, so that nobody waits for a folder that a server will not give up.
    if let Some(store) = Store::connect(&config.data_dir).await? {
        return Ok((store, Opening::default()));
    }
    match open_own(config).await {
        // A server may have begun just now.
        Err(in_use @ StoreError::InUse { .. }) => {
            let store = Store::connect(&config.data_dir).await?;
            Ok((store.ok_or(in_use)?, Opening::default()))
        }
        opened => opened,
    }
}

/// Opens the store where the configuration says, for this process alone.
pub async fn open_own(config: &Config) -> Result<(Store, Opening), StoreError> {
    Store::open(&config.data_dir, store_options(config)).await
}

/// How the configuration wants the store to be opened.
pub(super) fn store_options(config: &Config) -> StoreOptions {
    StoreOptions {
        cache_bytes: config.store.cache_bytes,
        history: config.store.history,
        dumps: Some(config.dumps.clone()),
        ..StoreOptions::default()
    }
}

/// Opens a store that somebody has filled before.
pub async fn open_existing(config: &Config) -> Result<(Store, Opening), Failure> {
    if !config.data_dir.exists() {
        return Err(Failure::usage(
            anyhow::anyhow!("nothing is kept in {} yet", config.data_dir.display()),
            "begin with `plaudit enrich https://github.com/NAME` or `plaudit demo`, or name another \
             folder with --data-dir",
        ));
    }
    Ok(open_store(config).await?)
}

/// The applicant whom a person means: by id, by handle, or by link.
pub async fn find(store: &Store, text: &str, hosts: &GitHubHosts) -> Result<Applicant, Failure> {
    let mut found = store.find(text).await?;
    if found.is_empty()
        && let Ok(parsed) = link::parse(text, Column::CommandLine, hosts)
    {
        found = store
            .find(ApplicantId::from_link(&parsed.link).as_str())
            .await?;
        if let (true, Some(handle)) = (found.is_empty(), parsed.link.handle()) {
            found = store.find(handle.as_str()).await?;
        }
    }
    if found.len() > 1 {
        let ids: Vec<_> = found
            .iter()
            .map(|applicant| applicant.id.as_str())
            .collect();
        return Err(Failure::usage(
            anyhow::anyhow!("{:?} may be {}", tame(text), ids.join(" or ")),
            "give the id",
        ));
    }
    if let Some(found) = found.pop() {
        return Ok(found);
    }
    let all = store.applicants().await?;
    if let Some(found) = exactly(text, &all) {
        return Ok(found.clone());
    }
    match store.tombstone_of(text).await? {
        Some(tombstone) => Err(Failure::usage(
            anyhow::anyhow!("{:?}: {tombstone}", tame(text)),
            format!("nothing of them is left; {}", rights::way_back(&tombstone)),
        )),
        None => Err(nobody(text, &all)),
    }
}

/// The only one whose id or whole name this is, in any case.
fn exactly<'a>(text: &str, applicants: &'a [Applicant]) -> Option<&'a Applicant> {
    let typed = text.trim().to_lowercase();
    let is = |one: &&Applicant| {
        let name = one.name.as_ref().map(|name| name.to_lowercase());
        one.id.as_str().to_lowercase() == typed || name.is_some_and(|name| name == typed)
    };
    let mut found = applicants.iter().filter(is);
    found.next().filter(|_| found.next().is_none())
}

/// Applicants that are named as near to what was typed, at most. Count.
const NEAR: usize = 5;

/// What to say of a text that names nobody: who bears it as a part of the name, and whose id is like it. Nobody is
/// chosen for the person, who may be about to write something down about somebody.
fn nobody(text: &str, applicants: &[Applicant]) -> Failure {
    let typed = text.trim().to_lowercase();
    let by_name = |applicant: &&Applicant| {
        let name = applicant.name.as_deref().unwrap_or_default();
        !typed.is_empty() && name.to_lowercase().contains(&typed)
    };
    let mut near: Vec<(f64, &Applicant)> = applicants
        .iter()
        .map(|applicant| {
            let id = applicant.id.as_str().to_ascii_lowercase();
            let bare = id.rsplit_once(':').map_or(id.as_str(), |(_, bare)| bare);
            let alike = strsim::jaro_winkler(&id, &typed).max(strsim::jaro_winkler(bare, &typed));
            let alike = if by_name(&applicant) { 1.0 } else { alike };
            (alike, applicant)
        })
        .filter(|(alike, _)| *alike >= 0.85)
        .collect();
    near.sort_by(|left, right| {
        right
            .0
            .total_cmp(&left.0)
            .then_with(|| left.1.id.cmp(&right.1.id))
    });
    let named: Vec<String> = near
        .iter()
        .take(NEAR)
        .map(|(_, applicant)| match &applicant.name {
            Some(name) => format!("{} ({name})", applicant.id),
            None => applicant.id.to_string(),
        })
        .collect();
    let hint = if named.is_empty() {
        "`plaudit rank` lists the ids; `plaudit enrich LINK` adds an applicant".to_owned()
    } else {
        format!("did you mean {}?", named.join(" or "))
    };
    Failure::usage(
        anyhow::anyhow!("there is no applicant {:?}", tame(text)),
        hint,
    )
}

/// What to say beside results while applicants are still queued.
pub fn tell_of_queue(queued: &Waiting, messages: &mut dyn io::Write) -> io::Result<()> {
    match queued.count() {
        0 => Ok(()),
        count => writeln!(
            messages,
            "note: {count} more are queued; `plaudit enrich` goes on"
        ),
    }
}

/// What to say beside results that another text of the rubric than today's has judged.
pub fn tell_of_edit(
    profiles: &[Profile],
    rubric: &Rubric,
    messages: &mut dyn io::Write,
) -> io::Result<()> {
    let stale = profiles
        .iter()
        .filter(|profile| profile.rubric.digest != rubric.digest)
        .count();
    if stale == 0 {
        return Ok(());
    }
    writeln!(
        messages,
        "note: {stale} of {} were judged before the rubric was edited; `plaudit rescore` judges them by today's, \
         without a request",
        profiles.len()
    )
}

/// The rubrics that judged these profiles, by digest, as they stood then; those whose text is not kept are left out.
pub async fn rubrics_that_judged(
    store: &Store,
    profiles: &[Profile],
) -> Result<BTreeMap<String, Rubric>, StoreError> {
    let mut rubrics = BTreeMap::new();
    for profile in profiles {
        let digest = &profile.rubric.digest;
        if rubrics.contains_key(digest) {
            continue;
        }
        let text = store.rubric_text(digest).await?;
        if let Some(rubric) = text.and_then(|text| Rubric::parse(&text).ok()) {
            rubrics.insert(digest.clone(), rubric);
        }
    }
    Ok(rubrics)
}

/// What to say of a role that no rubric judges.
pub fn unknown_role(role: &str, config: &Config) -> Result<Failure, Failure> {
    let names = roles::names(config)?;
    let meant = nearest(role, names.iter().map(String::as_str));
    let meant = meant.map_or_else(String::new, |meant| format!("did you mean {meant}? "));
    let begun = if is_name(role) { role } else { "NAME" };
    Ok(Failure::usage(
        anyhow::anyhow!("there is no rubric for the role {:?}", tame(role)),
        format!(
            "{meant}the roles are: {}; `plaudit role new {begun}` begins another",
            names.join(", ")
        ),
    ))
}

/// The ways to all hosts that the configuration describes; see [`kaggle_policy`] for `on_demand`.
pub fn connect(config: &Config, on_demand: bool) -> Result<Connections, Failure> {
    let (index, unusable) = kaggle_index(config);
    let pages = config.homepage.follow.then(|| {
        Pages::new(Reach::Public, Bounds::default()).context("cannot make an HTTP client")
    });
    Ok(Connections {
        github: connect_github(config)?,
        kaggle: Arc::new(Kaggle::new(
            connect_kaggle(config)?,
            index,
            kaggle_policy(config, on_demand),
        )),
        pages: pages.transpose()?.map(Arc::new),
        hosts: hosts(config)?,
        notices: config.notices.iter().cloned().chain(unusable).collect(),
    })
}

/// The way to GitHub.
pub fn connect_github(config: &Config) -> anyhow::Result<github::Connection> {
    let settings = way_out_settings(config);
    let way_out = WayOut::new(settings).context("cannot make an HTTP client")?;
    let github = &config.github;
    let budgets = if config.tokens.is_empty() {
        vec![
            (
                Resource::Core,
                github.requests_per_hour_without_token.get(),
                HOUR,
            ),
            (
                Resource::Search,
                github.searches_per_minute_without_token.get(),
                MINUTE,
            ),
        ]
    } else {
        vec![
            (Resource::GraphQl, github.points_per_hour.get(), HOUR),
            (Resource::GraphQl, github.points_per_minute.get(), MINUTE),
            (Resource::Core, github.requests_per_hour.get(), HOUR),
            (Resource::Core, REQUESTS_PER_MINUTE, MINUTE),
        ]
    };
    let limits = Limits {
        host: "github",
        budgets,
        query_seconds_per_minute: github.query_seconds_per_minute.get(),
        silence: Silence {
            first: github.secondary_wait,
            told: Told::Trusted,
            rest: None,
        },
    };
    Ok(github::Connection {
        way_out: Arc::new(way_out),
        pool: Arc::new(Pool::new(&config.tokens, &limits)),
        settings: github::Settings {
            graphql_url: github.graphql_url.clone(),
            api_url: github.api_url.clone(),
            batch: github.batch,
        },
    })
}

/// The way to Kaggle that the configuration describes: one request at a time, at its pace.
pub fn connect_kaggle(config: &Config) -> anyhow::Result<kaggle::Connection> {
    let kaggle = &config.kaggle;
    let settings = Settings {
        request_timeout: kaggle.request_timeout,
        in_flight: 1,
        ..way_out_settings(config)
    };
    let way_out = WayOut::new(settings).context("cannot make an HTTP client")?;
    let limits = Limits {
        host: "kaggle",
        budgets: vec![(Resource::Kaggle, 1, kaggle.pause)],
        // Kaggle has no GraphQL.
        query_seconds_per_minute: 0,
        silence: Silence {
            first: kaggle.first_wait,
            told: Told::AtLeast,
            rest: Some(Rest {
                after: 3,
                at_least: kaggle.rest,
            }),
        },
    };
    let found = config.kaggle_credential.as_ref();
    let credential = found.map(|found| match &found.user_name {
        None => Credential::Bearer(found.secret.clone()),
        Some(user_name) => Credential::Basic {
            user_name: user_name.clone(),
            key: found.secret.clone(),
        },
    });
    let folder = kaggle::import::Folder::within(&config.data_dir);
    Ok(kaggle::Connection::new(
        Arc::new(way_out),
        Arc::new(Pool::with_reserve(credential, &limits)),
        kaggle.url.clone(),
        found.map(|found| found.origin.to_string()),
        folder.path(),
    ))
}

/// What both ways out have in common; how many are in flight and how long an answer may take is each one's own.
fn way_out_settings(config: &Config) -> Settings {
    Settings {
        connect_timeout: config.http.connect_timeout,
        request_timeout: config.github.request_timeout,
        inline_wait: config.http.inline_wait,
        tries: config.http.tries,
        first_backoff: config.http.first_backoff,
        max_body_bytes: usize::try_from(config.http.max_body_bytes).unwrap_or(usize::MAX),
        max_redirects: u32::try_from(config.http.max_redirects).unwrap_or(u32::MAX),
        in_flight: config.github.in_flight,
    }
}

/// Where the copy of Kaggle's data set is, once it was imported.
pub fn index_path(config: &Config) -> PathBuf {
    kaggle::import::Folder::within(&config.data_dir).index()
}

/// Opens the copy of Kaggle's data set, if there is one. One that cannot be used is told and passed over: it must
/// not stop those who need none.
pub fn kaggle_index(config: &Config) -> (Option<Index>, Option<String>) {
    match Index::open(&index_path(config)) {
        Ok(index) => (Some(index), None),
        Err(IndexError::NotThere) => (None, None),
        Err(error) => {
            let notice = format!("{error}; `plaudit kaggle import` makes it anew");
            (None, Some(notice))
        }
    }
}

/// Whom to ask of Kaggle's tellers. `on_demand`: a person waits for these very applicants, not for a list.
pub fn kaggle_policy(config: &Config, on_demand: bool) -> Policy {
    Policy {
        live: config.kaggle.live,
        page: config.kaggle.page,
        on_demand,
    }
}

/// Today (UTC), the day as of which scores hold unless somebody says otherwise.
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// How much progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A bar, on a terminal.
    Bar,
    /// Nothing.
    Silent,
}

impl Progress {
    /// A bar if it is wanted and standard error is a terminal.
    pub fn wanted(wanted: bool) -> Self {
        if wanted && std::io::stderr().is_terminal() {
            Self::Bar
        } else {
            Self::Silent
        }
    }
}

/// Runs a pool over the store's queue until it is empty, with progress on standard error.
pub async fn work(
    config: &Config,
    store: &Store,
    connections: &Connections,
    rubrics: &BTreeMap<String, Rubric>,
    as_of: Date,
    progress: Progress,
    stop: CancellationToken,
) -> Result<Summary, NotWorked> {
    let waiting = store.waiting(Timestamp::now()).await?;
    let total = waiting.ready + waiting.deferred + waiting.leased;
    let enricher = Enricher::new(rubrics.values().cloned(), connections, Some(as_of));
    let settings = pool_settings(config);
    let pool = &connections.github.pool;
    begin(store, pool, rubrics).await?;
    let (events, received) = mpsc::unbounded_channel();
    let (seen, deferrals) = mpsc::unbounded_channel();
    let worker = Worker::new(store.clone(), enricher, settings, stop.clone(), events);
    let audit = Audit::within(&config.data_dir);
    let (summary, noted, kept) = tokio::join!(
        worker.run(),
        show(received, seen, (total, progress), (&audit, &stop)),
        keep_waits(store, pool, deferrals)
    );
    let summary = summary?;
    kept?;
    noted?;
    Ok(summary)
}

/// Why a pool could not go on.
#[derive(Debug, thiserror::Error)]
pub enum NotWorked {
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it did could not be written down.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl From<NotWorked> for Failure {
    fn from(error: NotWorked) -> Self {
        match error {
            NotWorked::Store(error) => error.into(),
            NotWorked::Audit(error) => error.into(),
        }
    }
}

/// That whoever runs this command did something.
pub(super) fn local(did: Deed) -> Act {
    Act::new(Who::local(), did)
}

/// Writes down what is about to be shown, or was done and is about to be told; on the disk when this returns.
pub(super) async fn note(config: &Config, act: Act) -> Result<(), AuditError> {
    let audit = Audit::within(&config.data_dir);
    audit.note(act).await?;
    audit.sync().await
}

/// Refuses, before a change, where it could not be written down.
pub(super) async fn expect_notes(config: &Config) -> Result<(), AuditError> {
    Audit::within(&config.data_dir).ready().await
}

/// Events that are waited for the disk for at once, at most. Count.
const TOGETHER: usize = 256;

/// The next events, as soon as there is one, and the profiles among them written down; none: the pool has ended. When
/// they cannot be written down, the pool is stopped.
pub(super) async fn heard(
    events: &mut mpsc::UnboundedReceiver<Event>,
    (audit, stop): (&Audit, &CancellationToken),
) -> Result<Vec<Event>, AuditError> {
    let mut some = Vec::new();
    events.recv_many(&mut some, TOGETHER).await;
    let scored = some.iter().filter_map(|event| match event {
        Event::Finished {
            applicant,
            complete,
            ..
        } => {
            let act = Act::new(Who::Worker, Deed::Scored).about_one(applicant);
            Some(act.with("complete", u64::from(*complete)))
        }
        Event::Deferred { .. } | Event::Waiting { .. } | Event::NoRoom | Event::RoomAgain => None,
    });
    let noted = audit.note_all(scored.collect()).await;
    if noted.is_err() {
        stop.cancel();
    }
    noted.map(|()| some)
}

/// A pool that ends after the configured patience and takes jobs of any kind.
#[must_use]
pub fn pool_settings(config: &Config) -> crate::worker::Settings {
    let worker = &config.worker;
    crate::worker::Settings {
        workers: worker.workers,
        lease: worker.lease,
        grace: worker.grace,
        attempts: worker.attempts,
        retry_after_failure: worker.retry_after_failure,
        ending: Ending::AfterPatience(worker.patience),
        refresh_workers: worker.workers,
        allowance: None,
    }
}

/// What goes before anybody is asked: the waits that hosts asked an earlier process for hold on, and what judges from
/// here on can be reproduced.
pub(super) async fn begin(
    store: &Store,
    pool: &Pool,
    rubrics: &BTreeMap<String, Rubric>,
) -> Result<(), StoreError> {
    heed_waits(store, pool).await?;
    for rubric in rubrics.values() {
        store.keep_rubric(rubric).await?;
    }
    Ok(())
}

/// Refuses the demo's folder, with what to do instead.
pub(super) fn refuse_the_demos_folder(config: &Config, hint: &str) -> Result<(), Failure> {
    if !config.data_dir.join(MARK).exists() {
        return Ok(());
    }
    Err(Failure::usage(
        anyhow::anyhow!(
            "{} is the demo's folder, and its people are made up: nobody is asked for them",
            config.data_dir.display()
        ),
        hint,
    ))
}

/// The hint of commands that ask for applicants.
pub(super) const FOR_REAL_APPLICANTS: &str = "`plaudit demo` makes it anew; leave --data-dir out, or name another folder, for real applicants";

/// Where the waits that hosts asked for are kept from one process to the next.
const WAITS: &str = "waits";

/// Keeps to what hosts asked an earlier process.
async fn heed_waits(store: &Store, pool: &Pool) -> Result<(), StoreError> {
    if let Some(waits) = store.get_meta::<Vec<Wait>>(WAITS).await? {
        pool.heed(&waits);
    }
    Ok(())
}

/// Keeps the hosts' waits from the moment that they are told, so that they bind the next process, however this one ends.
/// Ends with whoever says that jobs were put off.
pub(super) async fn keep_waits(
    store: &Store,
    pool: &Pool,
    mut deferrals: mpsc::UnboundedReceiver<Timestamp>,
) -> Result<(), StoreError> {
    let mut kept: Vec<Wait> = Vec::new();
    let mut goes_on = true;
    loop {
        let mut end = std::pin::pin!(pool.next_end());
        // Before the look, so that nothing is missed in between.
        end.as_mut().enable();
        let waits = pool.waits();
        let is_kept = |wait: &Wait| kept.iter().any(|known| known.covers(wait));
        let mut look_again = Duration::MAX;
        // A wait that many requests meet is written once.
        if !waits.iter().all(is_kept) {
            match keep(store, pool).await {
                Ok(()) => kept = waits,
                // It still binds this process.
                Err(StoreError::Full { .. }) => {
                    store.has_room().await?;
                    look_again = LOOK_FOR_ROOM;
                }
                Err(error) => return Err(error),
            }
        }
        if !goes_on {
            return Ok(());
        }
        tokio::select! {
            () = end => {}
            deferred = deferrals.recv() => goes_on = deferred.is_some(),
            () = tokio::time::sleep(look_again) => {}
        }
    }
}

async fn keep(store: &Store, pool: &Pool) -> Result<(), StoreError> {
    let before = store.get_meta::<Vec<Wait>>(WAITS).await?;
    let waits = pool.waits_beside(before.unwrap_or_default());
    store.put_meta(WAITS, &waits).await
}

/// How often it is looked whether a full disk has room again.
const LOOK_FOR_ROOM: Duration = Duration::from_millis(500);

/// Waits until a full disk has room, with a word about it, for as long as limits are waited for; then the error is the
/// store's. What is done without a word has room at once.
pub(super) async fn wait_for_room(
    config: &Config,
    store: &Store,
    messages: &mut dyn io::Write,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let began = std::time::Instant::now();
    let mut told = false;
    while !store.has_room().await? && !stop.is_cancelled() {
        if began.elapsed() > config.worker.patience {
            return Err(store.no_room().into());
        }
        if !std::mem::replace(&mut told, true) {
            tell_of_full_disk(config, messages)?;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_FOR_ROOM) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Opens the store as [`open_store`] does, and waits for a full disk in the same way.
pub(super) async fn open_store_with_room(
    config: &Config,
    messages: &mut dyn io::Write,
    stop: &CancellationToken,
) -> Result<(Store, Opening), Failure> {
    let began = std::time::Instant::now();
    let mut told = false;
    loop {
        match open_store(config).await {
            Err(StoreError::Full { .. })
                if began.elapsed() <= config.worker.patience && !stop.is_cancelled() =>
            {
                if !std::mem::replace(&mut told, true) {
                    tell_of_full_disk(config, messages)?;
                }
            }
            opened => return Ok(opened?),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_FOR_ROOM) => {}
            () = stop.cancelled() => {}
        }
    }
}

fn tell_of_full_disk(config: &Config, messages: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        messages,
        "the disk is full: waiting up to {} s for room for {}",
        config.worker.patience.as_secs(),
        config.data_dir.display()
    )
}

/// Shows events as a bar until the pool ends, writes down whose profiles it stored, and passes on until when jobs were
/// put off.
pub(super) async fn show(
    mut events: mpsc::UnboundedReceiver<Event>,
    deferrals: mpsc::UnboundedSender<Timestamp>,
    (total, progress): (u64, Progress),
    log: (&Audit, &CancellationToken),
) -> Result<(), AuditError> {
    let bar = bar(total, progress);
    loop {
        let some = heard(&mut events, log).await?;
        if some.is_empty() {
            break;
        }
        for event in some {
            tell_of(event, &bar, &deferrals);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn tell_of(event: Event, bar: &ProgressBar, deferrals: &mpsc::UnboundedSender<Timestamp>) {
    match event {
        Event::Finished {
            applicant, score, ..
        } => {
            bar.set_message(format!("{applicant} {}..{}", score.low, score.high));
            bar.inc(1);
        }
        Event::Deferred { until, why, .. } => {
            tracing::info!(%until, why, "an applicant was put off");
            let _ = deferrals.send(until);
        }
        Event::Waiting { until, why } => {
            let why = why.unwrap_or_else(|| "nothing else to do".to_owned());
            bar.set_message(format!("waiting until {} UTC: {why}", clock(until)));
        }
        Event::NoRoom => {
            tracing::warn!("the disk is full: nothing more is asked until there is room");
            bar.set_message("waiting: the disk is full");
        }
        Event::RoomAgain => {
            tracing::warn!("there is room on the disk again: the work goes on");
            bar.set_message("there is room again");
        }
    }
}

/// A bar over so many applicants.
pub(super) fn bar(total: u64, progress: Progress) -> ProgressBar {
    let bar = match progress {
        Progress::Bar => ProgressBar::new(total),
        Progress::Silent => {
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden())
        }
    };
    let style = "{bar:30} {pos}/{len} applicants  {elapsed} elapsed, {eta} left  {wide_msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    if progress == Progress::Bar {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}

/// A time of the day, for people.
pub fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}
