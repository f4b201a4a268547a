//! `plaudit serve`: the API, the pages, the pool of workers, the nightly refresh, and whoever runs a command beside it.
//!
//! All parts run in one task and end by one token. When one of them cannot go on, all end.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::beside::Owner;
use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::session;
use crate::api;
use crate::api::access::tokens;
use crate::audit::{Audit, AuditError, Deed};
use crate::cli;
use crate::config::Config;
use crate::domain::access::AccessRole;
use crate::domain::rubric::Rubric;
use crate::enrich::{Connections, Enricher};
use crate::measures;
use crate::refresh::{self, Refresher};
use crate::service::{Parts, Service, listen};
use crate::store::{Sharing, Store, StoreError};
use crate::webhooks;
use crate::worker::{self, Allowance, Event, Worker};

/// The token of whoever begins a server for the first time.
const FIRST: &str = "first sign-in";

/// How long that one is valid.
const FIRST_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How often what was measured is put together.
const UPKEEP: Duration = Duration::from_secs(5);

/// How often it is looked whether the disk has room.
const LOOK_FOR_ROOM: Duration = Duration::from_secs(1);

/// Runs the command.
pub async fn run(
    arguments: &cli::Serve,
    config: &Config,
    output: &mut Output<'_>,
    stop: CancellationToken,
) -> Result<Ending, Failure> {
    let hint = "leave --data-dir out, or name another folder";
    session::refuse_the_demos_folder(config, hint)?;
    let rubrics = session::rubrics(config)?;
    let (store, opening) = open(config).await?;
    // Into the log and not beside it: what a server says is read by a collector.
    for sentence in &opening.recovered {
        tracing::warn!("{sentence}");
    }
    let wanted = arguments.listen.unwrap_or(config.serve.listen);
    let served = Box::pin(serve(&store, config, (wanted, rubrics), output, stop)).await;
    let closed = store.close().await;
    served?;
    closed?;
    tracing::info!("ended");
    Ok(Ending::Complete)
}

/// Opens the store as its owner: there is one server over a folder.
async fn open(config: &Config) -> Result<(Store, crate::store::Opening), Failure> {
    match session::open_own(config).await {
        Ok(opened) => Ok(opened),
        Err(error @ StoreError::InUse { .. }) => {
            let served = matches!(Store::connect(&config.data_dir).await, Ok(Some(_)));
            let mut failure = Failure::from(error);
            if served {
                failure.hint = Some(
                    "a server runs over it already: use that one, end it, or choose another folder with --data-dir"
                        .to_owned(),
                );
            }
            Err(failure)
        }
        Err(error) => Err(error.into()),
    }
}

/// Everything that runs, until `stop` or until a part of it cannot go on.
async fn serve(
    store: &Store,
    config: &Config,
    (wanted, rubrics): (SocketAddr, BTreeMap<String, Rubric>),
    output: &mut Output<'_>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let may_sign_in = tokens::list(store)
        .await?
        .iter()
        .any(|(_, token)| token.is_valid(Timestamp::now()));
    if !may_sign_in && !wanted.ip().is_loopback() {
        return Err(nobody_may(wanted));
    }
    let listener = bind(wanted).await?;
    let address = listener.local_addr()?;
    let connections = session::connect(config, false)?;
    for notice in &connections.notices {
        tracing::warn!("{notice}");
    }
    let audit = Audit::within(&config.data_dir);
    // Whoever keeps the server's log elsewhere keeps this with it.
    let head = audit.begin().await?;
    tracing::info!(%head, "the audit log ends here");
    let sharing = store.share()?;
    session::begin(store, &connections.github.pool, &rubrics).await?;
    let parts = Running {
        metrics: measures::install().context("nothing can be counted")?,
        public_url: public_url(config, address)?,
        calls: webhooks::Settings::of(config)
            .context("the key that webhooks are signed with cannot be used")?,
        store,
        config,
        connections,
        rubrics,
        stop: stop.clone(),
    };
    let public_url = parts.public_url.as_str().trim_end_matches('/').to_owned();
    writeln!(output.out, "listening on http://{address}")?;
    if may_sign_in {
        // Into the log, which may be one object a line.
        tracing::info!("sign in at {public_url}/ with a token; `plaudit token create` makes one");
    } else {
        let now = Timestamp::now();
        let made = tokens::make(store, FIRST, AccessRole::Admin, now, now + FIRST_FOR).await;
        let made = made.context("no token could be made to sign in with")?;
        let act = session::local(Deed::TokenMade).with("id", &*made.token.id);
        audit.note(act).await?;
        // Behind the #, it goes to no server and into no log.
        writeln!(
            output.out,
            "sign in: {public_url}/sign-in#{}",
            made.secret.expose_secret()
        )?;
        tracing::info!(
            "the link holds a token that is valid for a day; `plaudit token create` makes others"
        );
    }
    output.out.flush()?;
    tracing::info!(%address, "listening");
    Box::pin(parts.run(listener, sharing)).await
}

/// The refusal to listen where others could reach a server that nobody may sign in to.
fn nobody_may(wanted: SocketAddr) -> Failure {
    Failure::usage(
        anyhow::anyhow!(
            "{wanted} can be reached from elsewhere, and there is no valid token to sign in with"
        ),
        "make one first: `plaudit token create --name NAME --role admin --expires 90d`",
    )
}

async fn bind(wanted: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(wanted).await.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "another program listens there: end it, or choose another port with --listen or serve.listen"
            }
            io::ErrorKind::PermissionDenied => {
                "ports below 1024 are the system's: choose another with --listen or serve.listen"
            }
            _ => "name an address of this machine with --listen or serve.listen",
        };
        Failure {
            code: 4,
            error: anyhow::Error::new(error).context(format!("cannot listen on {wanted}")),
            hint: Some(hint.to_owned()),
        }
    })
}

/// The address that people type.
fn public_url(config: &Config, address: SocketAddr) -> Result<Url, Failure> {
    let set = config.serve.public_url.trim_end_matches('/');
    let text = if set.is_empty() {
        format!("http://{address}")
    } else {
        set.to_owned()
    };
    Ok(text
        .parse()
        .context("serve.public_url is no address such as https://plaudit.example.org")?)
}

/// What a running server is made of.
struct Running<'a> {
    store: &'a Store,
    config: &'a Config,
    connections: Connections,
    rubrics: BTreeMap<String, Rubric>,
    metrics: PrometheusHandle,
    public_url: Url,
    /// How webhooks are delivered.
    calls: webhooks::Settings,
    stop: CancellationToken,
}

impl Running<'_> {
    /// Runs all parts until `stop`, or until one cannot go on.
    async fn run(self, listener: TcpListener, sharing: Sharing) -> Result<(), Failure> {
        let Self {
            store,
            config,
            connections,
            rubrics,
            metrics,
            public_url,
            calls,
            stop,
        } = self;
        let github = Arc::clone(&connections.github.pool);
        let allowance = Arc::new(Allowance::of(
            config.github.points_per_hour.get(),
            config.tokens.len(),
            config.refresh.leave_to_recruiters,
        ));
        let enricher = Enricher::new(rubrics.values().cloned(), &connections, None);
        let (events, received) = mpsc::unbounded_channel();
        let (seen, deferrals) = mpsc::unbounded_channel();
        let settings = worker_settings(config, Arc::clone(&allowance));
        let worker = Worker::new(store.clone(), enricher, settings, stop.clone(), events);
        let refresher = Refresher::new(refresh::Parts {
            store: store.clone(),
            config: config.clone(),
            rubrics: rubrics.clone(),
            connections: connections.clone(),
            allowance,
        });
        let audit = Audit::within(&config.data_dir);
        let refresher = Arc::new(refresher.noting(audit.clone()));
        let service = Service::new(Parts {
            store: store.clone(),
            config: config.clone(),
            rubrics: rubrics.clone(),
            hosts: connections.hosts.clone(),
            refresher: Arc::clone(&refresher),
            github: Arc::clone(&github),
            public_url,
            metrics: metrics.clone(),
            stop: stop.clone(),
        });
        // One log, so that the looks of all wait for the disk together.
        let service = Arc::new(Service {
            audit: audit.clone(),
            ..service
        });
        let board = service.board.clone();
        let owner = Owner {
            config,
            rubrics: &rubrics,
            refresher: &refresher,
            kaggle: &connections.kaggle,
        };
        let ask_owner = async |wish: Value| owner.answer(wish).await;
        let grace = config.worker.grace;
        let router = api::router(service);
        let ended = tokio::join!(
            ending(&stop, async {
                listen(listener, router, grace, stop.clone()).await;
                Ok(())
            }),
            ending(&stop, async { worker.run().await.map(|_| ()) }),
            ending(&stop, board.follow(stop.clone())),
            ending(&stop, async {
                refresher.follow_schedule(stop.clone()).await;
                Ok(())
            }),
            ending(&stop, webhooks::deliver(store.clone(), calls, stop.clone())),
            ending(&stop, sharing.answer(stop.clone(), ask_owner)),
            // Ends with the worker, whose events it hears.
            ending(&stop, session::keep_waits(store, &github, deferrals)),
            ending(&stop, tell(received, seen, (&audit, &stop))),
            upkeep(&metrics, &audit, &stop),
            watch_room(store, &stop),
        );
        let (http, pool, board, schedule, calls, commands, waits, noted, (), ()) = ended;
        // What was seen in the end as well.
        let synced = audit.sync().await;
        for part in [http, pool, board, schedule, calls, commands, waits] {
            part?;
        }
        noted?;
        Ok(synced?)
    }
}

/// A part of the server: when it ends, all end.
async fn ending<T>(stop: &CancellationToken, part: impl Future<Output = T>) -> T {
    let ended = part.await;
    stop.cancel();
    ended
}

fn worker_settings(config: &Config, allowance: Arc<Allowance>) -> worker::Settings {
    let pool = session::pool_settings(config);
    let (in_flight, batch) = (config.github.in_flight, config.github.batch);
    worker::Settings {
        ending: worker::Ending::Never,
        refresh_workers: worker::refresh_workers(pool.workers, in_flight, batch),
        allowance: Some(allowance),
        ..pool
    }
}

/// Tells of what the pool does in the log, writes it down, and passes on until when jobs were put off.
async fn tell(
    mut events: mpsc::UnboundedReceiver<Event>,
    deferrals: mpsc::UnboundedSender<Timestamp>,
    log: (&Audit, &CancellationToken),
) -> Result<(), AuditError> {
    loop {
        let some = session::heard(&mut events, log).await?;
        if some.is_empty() {
            return Ok(());
        }
        for event in some {
            tell_of(event, &deferrals);
        }
    }
}

fn tell_of(event: Event, deferrals: &mpsc::UnboundedSender<Timestamp>) {
    match event {
        Event::Finished {
            applicant,
            complete,
            ..
        } => tracing::info!(%applicant, complete, "a profile is ready"),
        Event::Deferred {
            applicant, until, ..
        } => {
            tracing::info!(%applicant, %until, "an applicant was put off");
            let _ = deferrals.send(until);
        }
        Event::Waiting { until, .. } => tracing::debug!(%until, "nothing can be done before"),
        // Told of by whoever watches, also when there is no work.
        Event::NoRoom | Event::RoomAgain => {}
    }
}

/// Tells once when the disk is full, and once when it is not any more. A store that has failed is its users' to tell of.
async fn watch_room(store: &Store, stop: &CancellationToken) {
    let mut had_room = true;
    while !stop.is_cancelled() {
        let room = store.has_room().await.unwrap_or(false);
        metrics::gauge!(measures::TAKES_CHANGES.name).set(if room { 1.0 } else { 0.0 });
        if room != had_room {
            had_room = room;
            if room {
                tracing::info!("there is room on the disk again: work goes on");
            } else {
                tracing::warn!(
                    "the disk is full: nothing new is taken, work rests, and all of it goes on by itself once there is \
                     room; what is kept can be read meanwhile"
                );
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_FOR_ROOM) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Puts together what was measured, now and then, so that it does not grow; and has the disk keep who saw what.
async fn upkeep(metrics: &PrometheusHandle, audit: &Audit, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        metrics.run_upkeep();
        if let Err(error) = audit.sync().await {
            tracing::error!(%error, "the disk does not take the audit log");
        }
        tokio::select! {
            () = tokio::time::sleep(UPKEEP) => {}
            () = stop.cancelled() => {}
        }
    }
}
