//! `plaudit demo`: the real pipeline over loopback, on made-up people.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::Timestamp;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::enrich::{Output, people, tell_of_rest};
use super::failure::{Ending, Failure};
use super::{session, stand_in};
use crate::cli;
use crate::config::{Config, KaggleLive};
use crate::domain::applicant::ApplicantId;
use crate::domain::freshness::Freshness;
use crate::domain::job::Priority;
use crate::domain::rubric::Rubric;
use crate::enrich::Connections;
use crate::intake;
use crate::report::{self, Format, Ranking};
use crate::sources::kaggle::import::{Folder, Imported, Origin, import as bring};
use crate::sources::page::{Bounds, Pages, Reach};
use crate::standin::kaggle::{
    HOSTS, KaggleBehaviour, KaggleFault, KaggleReport, KaggleStandIn, KaggleWorld, RequestKind,
};
use crate::standin::{DEMO_TOKEN, Fault, Report, StandIn, demo_reviews};
use crate::store::{Store, Submission};

/// How long the made-up GitHub takes for an answer, unless the command line says otherwise.
const LATENCY: Duration = Duration::from_millis(40);

/// What goes wrong in the demo with a story, by the number of the request.
const MISHAPS: [(u64, Fault); 5] = [
    (3, Fault::SecondaryLimit),
    (6, Fault::Cut),
    (8, Fault::GatewayTimeout),
    (11, Fault::SomethingWentWrong),
    (14, Fault::Html),
];

/// What goes wrong at the made-up Kaggle, by the number of the request among those of its kind.
const KAGGLE_MISHAPS: [(RequestKind, u64, KaggleFault); 3] = [
    (RequestKind::Storage, 2, KaggleFault::Cut),
    (RequestKind::Profile, 2, KaggleFault::TooManyRequests),
    (RequestKind::Profile, 5, KaggleFault::Html),
];

/// A file that marks a folder as the demo's, so that nothing else is ever cleared away.
pub(super) const MARK: &str = "plaudit-demo";

/// The role of the made-up applicants, where the settings name one of somebody's own.
const ROLE: &str = "doctoral-dl-radiology";

/// Applicants that a generated demo shows in its ranking.
const SHOWN: usize = 20;

/// Runs the command.
pub async fn run(
    arguments: &cli::Demo,
    config: &Config,
    output: &mut Output<'_>,
    stop: CancellationToken,
) -> Result<Ending, Failure> {
    let with_stories = arguments.world.applicants.is_none();
    let (world, list) = stand_in::world(&arguments.world);
    let mut behaviour = stand_in::behaviour(&arguments.world, LATENCY)?;
    if with_stories && arguments.world.faults.is_empty() {
        behaviour.one_time = MISHAPS.to_vec();
    }
    let (as_of, latency) = (world.today, behaviour.latency);
    let stand_in = StandIn::start(Arc::new(world), behaviour)
        .await
        .context("the made-up GitHub cannot listen on 127.0.0.1")?;
    let mut config = at_stand_in(config, &stand_in.url())?;
    clear(&config.data_dir)?;
    let kaggle = if with_stories {
        Some(start_kaggle(&mut config).await?)
    } else {
        None
    };
    let rubrics = session::rubrics(&config)?;
    let (store, _) = session::open_own(&config).await?;
    let count = accept(&config, &store, &list, output.messages).await?;
    if with_stories {
        review(&store).await?;
    }
    writeln!(
        output.messages,
        "{} made up on this machine; the made-up GitHub takes {} ms for an answer{}",
        people(count),
        latency.as_millis(),
        if with_stories {
            ", and some of its answers fail"
        } else {
            ""
        }
    )?;

    let began = Instant::now();
    let mut connections = session::connect(&config, false)?;
    if let Some(kaggle) = &kaggle {
        import(&config, &connections, output).await?;
        // Anew, with the index that is there now; and the made-up home pages are at the made-up Kaggle's address.
        connections = session::connect(&config, false)?;
        connections.pages = Some(Arc::new(home_pages(kaggle)?));
    }
    let summary = session::work(
        &config,
        &store,
        &connections,
        &rubrics,
        as_of,
        output.progress,
        stop.clone(),
    )
    .await?;
    let took = began.elapsed();

    let profiles = store.profiles_of_role(&config.role).await?;
    let limit = (!with_stories && output.format == Format::Text).then_some(SHOWN);
    let ranking = Ranking::new(&config.role, profiles, limit);
    report::ranking(&ranking, output.format, output.view, output.out)?;
    output.out.flush()?;
    let kaggle_books = kaggle.as_ref().map(KaggleStandIn::report);
    tell_of_run(
        &stand_in.report(),
        kaggle_books.as_ref(),
        count,
        took,
        output,
    )?;
    match summary.stopped {
        Some(_) => tell_of_rest(&summary, output.errors)?,
        None => tell_of_rest(&summary, output.messages)?,
    }
    if let Some(first) = ranking.shown().first() {
        tell_of_next(&config.data_dir, &first.applicant.id, output)?;
    }
    store.close().await?;
    stand_in.stop().await;
    if let Some(kaggle) = kaggle {
        kaggle.stop().await;
    }
    Ok(if stop.is_cancelled() {
        Ending::Interrupted
    } else if summary.failed > 0 || !summary.remaining.is_empty() {
        Ending::Incomplete
    } else {
        Ending::Complete
    })
}

/// The made-up Kaggle, whose files lie beside the store; its first download is cut, and one answer is a limit.
async fn start_kaggle(config: &mut Config) -> Result<KaggleStandIn, Failure> {
    let behaviour = KaggleBehaviour {
        folder: Some(config.data_dir.join("made-up-kaggle")),
        one_time: KAGGLE_MISHAPS.to_vec(),
        ..KaggleBehaviour::default()
    };
    let kaggle = KaggleStandIn::start(Arc::new(KaggleWorld::demo()), behaviour)
        .await
        .context("the made-up Kaggle cannot listen on 127.0.0.1")?;
    config.kaggle.url = Url::parse(&kaggle.url()).map_err(anyhow::Error::new)?;
    Ok(kaggle)
}

/// Imports the made-up data set, as `plaudit kaggle import` does.
async fn import(
    config: &Config,
    connections: &Connections,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let folder = Folder::within(&config.data_dir);
    let origin = Origin::Kaggle {
        connection: connections.kaggle.connection(),
        patience: config.worker.patience,
        force: false,
        keep: false,
    };
    let imported = bring(&folder, origin, Arc::new(|_| {}))
        .await
        .context("the made-up data set of Kaggle cannot be imported")?;
    let (Imported::Index(about) | Imported::NothingNewer(about)) = imported;
    writeln!(
        output.messages,
        "Kaggle's made-up data set of {} imported: {} accounts, {} with a medal in a competition",
        about.as_of.strftime("%F"),
        about.users,
        about.medalists
    )?;
    Ok(())
}

/// Home pages of the made-up hosts, and of no other.
fn home_pages(kaggle: &KaggleStandIn) -> anyhow::Result<Pages> {
    let names = HOSTS
        .iter()
        .map(|host| ((*host).to_owned(), kaggle.address()));
    let reach = Reach::Only {
        names: names.collect(),
    };
    Pages::new(reach, Bounds::default()).context("cannot make an HTTP client")
}

/// Keeps the list beside the store, for whoever wants to see it, and accepts everybody on it.
async fn accept(
    config: &Config,
    store: &Store,
    list: &str,
    messages: &mut dyn io::Write,
) -> Result<usize, Failure> {
    std::fs::write(
        config.data_dir.join(MARK),
        "made by plaudit demo; safe to delete\n",
    )?;
    std::fs::write(config.data_dir.join("applicants.csv"), list)?;
    let read = intake::read(list.as_bytes(), &config.role, &session::hosts(config)?)?;
    for refused in &read.refused {
        writeln!(
            messages,
            "{} {}: {}",
            read.counted, refused.line, refused.reason
        )?;
    }
    let submissions: Vec<_> = read
        .applicants
        .into_iter()
        .map(|listed| Submission {
            applicant: listed.applicant,
            priority: Priority::Interactive,
            force: false,
        })
        .collect();
    let count = submissions.len();
    store
        .accept(submissions, Timestamp::now(), Freshness::never())
        .await?;
    Ok(count)
}

/// What the made-up reviewers have added, and the code that one of the applicants was given.
async fn review(store: &Store) -> Result<(), Failure> {
    for (id, review) in demo_reviews() {
        store
            .keep_review(&id, review, None, None, Timestamp::now())
            .await?;
    }
    Ok(())
}

/// What the run took, and what went wrong on the way.
fn tell_of_run(
    github: &Report,
    kaggle: Option<&KaggleReport>,
    count: usize,
    took: Duration,
    output: &mut Output<'_>,
) -> io::Result<()> {
    write!(
        output.messages,
        "\n{} in {:.1} s: {} requests to GitHub, {} points",
        people(count),
        took.as_secs_f64(),
        github.requests,
        github.points
    )?;
    let mut faults: Vec<String> = github
        .faults
        .iter()
        .map(|(fault, times)| format!("{times} × {}", fault.name()))
        .collect();
    let mut impatient = github.sent_while_told_to_wait;
    if let Some(kaggle) = kaggle {
        let asked: u64 = kaggle.requests.values().sum();
        write!(
            output.messages,
            "; {asked} to Kaggle, its storage and home pages"
        )?;
        let struck = kaggle.faults.iter();
        faults.extend(struck.map(|(fault, times)| format!("{times} × {} (Kaggle)", fault.name())));
        impatient += kaggle.sent_while_told_to_wait;
    }
    writeln!(output.messages)?;
    if faults.is_empty() {
        return Ok(());
    }
    writeln!(
        output.messages,
        "Went wrong on the way and was made good: {}.\nRequests sent while told to wait: {impatient}.",
        faults.join(", "),
    )
}

/// Where everything is, and what to do with it.
fn tell_of_next(folder: &Path, first: &ApplicantId, output: &mut Output<'_>) -> io::Result<()> {
    let folder = folder.display();
    writeln!(
        output.messages,
        "\nEverything is kept in {folder}\n\nNext:\n  \
         plaudit --data-dir {folder} show {first} --explain\n      why these points\n  \
         plaudit --data-dir {folder} rank --what-if kaggle=15\n      would it change if Kaggle weighed less?\n  \
         plaudit --data-dir {folder} report --output reports\n      pages for a browser, and a workbook\n  \
         plaudit enrich https://github.com/NAME\n      a real applicant"
    )
}

/// The configuration, pointed at the stand-in and at a folder of the demo's own.
fn at_stand_in(config: &Config, url: &str) -> anyhow::Result<Config> {
    let mut config = config.clone();
    config.data_dir = config.data_dir.join("demo");
    // What people have written into the folder of roles, or not finished yet, is none of a made-up world's.
    config.roles_dir = None;
    if Rubric::embedded(&config.role).is_err() {
        ROLE.clone_into(&mut config.role);
    }
    config.github.api_url = Url::parse(url)?;
    config.github.graphql_url = Url::parse(&format!("{url}/graphql"))?;
    config.github.hosts = vec!["github.com".to_owned()];
    config.tokens = vec![SecretString::from(DEMO_TOKEN.to_owned())];
    // A made-up world needs no patience with a made-up hour.
    config.github.points_per_hour = std::num::NonZeroU32::MAX;
    config.github.points_per_minute = std::num::NonZeroU32::MAX;
    config.github.query_seconds_per_minute = std::num::NonZeroU32::MAX;
    config.github.secondary_wait = Duration::from_secs(1);
    config.github.request_timeout = Duration::from_secs(5);
    config.http.first_backoff = Duration::from_millis(100);
    // Nor has the demo's machine anything to spare Kaggle from.
    config.kaggle.live = KaggleLive::Always;
    config.kaggle.page = false;
    config.kaggle.pause = Duration::from_millis(10);
    config.kaggle.first_wait = Duration::from_millis(200);
    config.kaggle.rest = Duration::from_secs(1);
    config.kaggle_credential = None;
    config.homepage.follow = true;
    config.worker.retry_after_failure = Duration::from_millis(500);
    Ok(config)
}

/// Clears away an earlier demo, and nothing else.
fn clear(folder: &Path) -> Result<(), Failure> {
    if folder.join(MARK).exists() {
        std::fs::remove_dir_all(folder)?;
    } else if folder.exists() && std::fs::read_dir(folder)?.next().is_some() {
        return Err(Failure::usage(
            anyhow::anyhow!("{} is not a folder of the demo's", folder.display()),
            "choose another place with --data-dir",
        ));
    }
    Ok(())
}
