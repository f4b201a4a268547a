//! `plaudit refresh`: asks whether anything has changed, and everything of those who have.

use std::convert::Infallible;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::beside;
use super::enrich::{Output, people, tell_of_rest};
use super::failure::{Ending, Failure};
use super::retention::next;
use super::session::{self, NotWorked, Progress};
use crate::audit::{Audit, Deed};
use crate::cli;
use crate::config::Config;
use crate::domain::retention::Decision;
use crate::enrich::Enricher;
use crate::refresh::retention::Standing;
use crate::refresh::{Foreseen, Parts, Refresher, Summary, Trigger, Wish};
use crate::report::{self, Format, Rows, clean};
use crate::store::Store;
use crate::worker::{self, Allowance, Worker};

/// How often the bar is drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// Runs the command.
pub async fn run(
    arguments: &cli::Refresh,
    config: &Config,
    output: &mut Output<'_>,
    stop: CancellationToken,
) -> Result<Ending, Failure> {
    session::refuse_the_demos_folder(config, session::FOR_REAL_APPLICANTS)?;
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    if !arguments.dry_run {
        let asked = session::local(Deed::Refreshed).with("what", "asked");
        session::note(config, asked).await?;
    }
    let ran = if store.is_remote() && !arguments.dry_run {
        run_beside(arguments, &store, output, &stop).await
    } else {
        Box::pin(run_here(arguments, config, &store, output, stop)).await
    };
    // Closed also after a failure, so that the next start need not read everything.
    let closed = store.close().await;
    let ending = ran?;
    closed?;
    Ok(ending)
}

/// Has the server that owns the store do it.
async fn run_beside(
    arguments: &cli::Refresh,
    store: &Store,
    output: &mut Output<'_>,
    stop: &CancellationToken,
) -> Result<Ending, Failure> {
    if arguments.older_than.is_some() {
        return Err(Failure::usage(
            anyhow::anyhow!(
                "--older-than cannot be used beside a server, which goes by its settings"
            ),
            "leave it out, or set refresh.older_than and start the server anew",
        ));
    }
    let Some(summary) = beside::refresh(store, output, stop).await? else {
        return Ok(Ending::Interrupted);
    };
    tell(&summary, output)?;
    Ok(if summary.failed.is_empty() {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// Runs the command over a store that is open in this process.
pub async fn run_here(
    arguments: &cli::Refresh,
    config: &Config,
    store: &Store,
    output: &mut Output<'_>,
    stop: CancellationToken,
) -> Result<Ending, Failure> {
    let rubrics = session::rubrics(config)?;
    let connections = session::connect(config, false)?;
    for notice in &connections.notices {
        writeln!(output.messages, "note: {notice}")?;
    }
    let allowance = Arc::new(allowance(config));
    let refresher = Refresher::new(Parts {
        store: store.clone(),
        config: config.clone(),
        rubrics: rubrics.clone(),
        connections: connections.clone(),
        allowance: Arc::clone(&allowance),
    })
    .noting(Audit::within(&config.data_dir));
    if arguments.dry_run {
        let foreseen = refresher.foresee(arguments.older_than).await?;
        tell_of_foreseen(&foreseen, output)?;
        return Ok(Ending::Complete);
    }
    session::begin(store, &connections.github.pool, &rubrics).await?;
    let enricher = Enricher::new(rubrics.values().cloned(), &connections, None);
    let settings = worker::Settings {
        allowance: Some(allowance),
        ..session::pool_settings(config)
    };
    let audit = Audit::within(&config.data_dir);
    let mut worked: Result<worker::Summary, NotWorked> = Ok(worker::Summary::default());
    let pool = async {
        let (events, received) = mpsc::unbounded_channel();
        let (seen, deferrals) = mpsc::unbounded_channel();
        let crew = Worker::new(store.clone(), enricher, settings, stop.clone(), events);
        let (summary, noted, kept) = tokio::join!(
            crew.run(),
            session::show(received, seen, (0, Progress::Silent), (&audit, &stop)),
            session::keep_waits(store, &connections.github.pool, deferrals)
        );
        worked = match (summary, noted, kept) {
            (Err(error), _, _) | (_, _, Err(error)) => Err(error.into()),
            (_, Err(error), _) => Err(error.into()),
            (Ok(summary), Ok(()), Ok(())) => Ok(summary),
        };
    };
    let wish = Wish {
        trigger: Trigger::Person,
        older_than: arguments.older_than,
        patience: config.worker.patience,
    };
    let ran = tokio::select! {
        biased;
        ran = refresher.run(wish, Some(pool), &stop) => ran?,
        never = draw(&refresher, output.progress) => match never {},
    };
    let interrupted = stop.is_cancelled();
    let worked = worked?;
    tell(&ran.summary, output)?;
    match worked.stopped {
        Some(_) => tell_of_rest(&worked, output.errors)?,
        None => tell_of_rest(&worked, output.messages)?,
    }
    Ok(if interrupted && worked.stopped.is_none() {
        Ending::Interrupted
    } else if ran.summary.failed.is_empty() && ran.left == 0 && worked.remaining.is_empty() {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// What a refresh of this process may spend.
fn allowance(config: &Config) -> Allowance {
    Allowance::of(
        config.github.points_per_hour.get(),
        config.tokens.len(),
        config.refresh.leave_to_recruiters,
    )
}

/// Draws the progress until it is dropped.
async fn draw(refresher: &Refresher, progress: Progress) -> Infallible {
    if progress == Progress::Silent {
        return std::future::pending().await;
    }
    let bar = Bar(ProgressBar::new(0));
    let style = "{bar:30} {pos}/{len}  {elapsed} elapsed  {wide_msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.0.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    loop {
        if let Some(now) = refresher.progress() {
            let probing = now.checked < now.to_check;
            bar.0
                .set_length(if probing { now.to_check } else { now.to_fetch });
            bar.0
                .set_position(if probing { now.checked } else { now.fetched });
            bar.0.set_message(now.doing);
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Takes the bar away with it.
struct Bar(ProgressBar);

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// What a run would take.
fn tell_of_foreseen(foreseen: &Foreseen, output: &mut Output<'_>) -> io::Result<()> {
    let row = |what: &str, applicants: usize, estimate: &crate::sources::github::Estimate| {
        vec![
            what.into(),
            applicants.into(),
            whole(estimate.requests),
            whole(estimate.points),
            whole(estimate.seconds),
        ]
    };
    let rows = Rows {
        header: ["what", "applicants", "requests", "points", "seconds"].to_vec(),
        rows: vec![
            row("probe", foreseen.probed, &foreseen.probe),
            row("everything", foreseen.fetched, &foreseen.fetch),
        ],
    };
    report::rows(&rows, output.format, output.view, output.out)?;
    tell_of_retention(&foreseen.retention, output.messages)?;
    writeln!(
        output.messages,
        "{} old enough; of those whom the probe finds changed, everything is asked as well, at about a request and a \
         point each\nnothing was asked and nothing was kept",
        people(foreseen.due)
    )
}

/// Who would be warned of or erased before anybody is asked.
fn tell_of_retention(all: &[Standing], messages: &mut dyn Write) -> io::Result<()> {
    for one in all.iter().filter(|one| !one.applicants.is_empty()) {
        let what = next(one);
        writeln!(
            messages,
            "retention of {} ({}): {what}",
            clean(&one.role),
            people(one.applicants.len())
        )?;
        if matches!(one.decision, Decision::Erase { .. }) {
            for id in &one.applicants {
                writeln!(messages, "  {id} would be erased for good")?;
            }
        }
    }
    Ok(())
}

/// An estimate as a whole number.
fn whole(estimate: f64) -> Value {
    let rounded = format!("{estimate:.0}").parse::<u64>();
    rounded.map_or(Value::Null, Into::into)
}

/// What a run came to.
fn tell(summary: &Summary, output: &mut Output<'_>) -> io::Result<()> {
    for notice in &summary.notices {
        writeln!(output.messages, "note: {}", clean(notice))?;
    }
    match output.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *output.out, summary)?;
            writeln!(output.out)
        }
        Format::Jsonl => {
            serde_json::to_writer(&mut *output.out, summary)?;
            writeln!(output.out)
        }
        Format::Text => {
            tell_in_numbers(summary, output.out)?;
            if summary.changed.is_empty() && summary.failed.is_empty() {
                return Ok(());
            }
            report::rows(&rows(summary), output.format, output.view, output.out)
        }
        Format::Csv | Format::Markdown | Format::Html | Format::Xlsx => {
            report::rows(&rows(summary), output.format, output.view, output.out)
        }
    }
}

fn tell_in_numbers(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} of {} checked: {} unchanged, {} changed, {} failed; everything was asked of {}",
        summary.checked,
        summary.applicants,
        summary.unchanged,
        summary.changed.len(),
        summary.failed.len(),
        summary.fetched
    )?;
    writeln!(
        out,
        "{:.0} requests, {:.0} points, {:.1} s",
        summary.requests,
        summary.points,
        summary.took().as_secs_f64()
    )?;
    if let Some(kaggle) = &summary.kaggle {
        writeln!(out, "Kaggle: {}", clean(kaggle))?;
    }
    for retention in &summary.retention {
        writeln!(out, "retention: {}", clean(&retention.sentence()))?;
    }
    Ok(())
}

/// Who has changed and how, and who has failed and why.
fn rows(summary: &Summary) -> Rows {
    let changed = summary.changed.iter().map(|changed| {
        vec![
            changed.id.as_str().into(),
            "changed".into(),
            changed.low.0.into(),
            changed.low.1.into(),
            changed.what.join("; ").into(),
        ]
    });
    let failed = summary.failed.iter().map(|failed| {
        vec![
            failed.id.as_str().into(),
            "failed".into(),
            Value::Null,
            Value::Null,
            failed.why.as_str().into(),
        ]
    });
    Rows {
        header: ["applicant", "outcome", "before", "now", "what"].to_vec(),
        rows: changed.chain(failed).collect(),
    }
}
