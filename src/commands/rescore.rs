//! `plaudit rescore`: what is kept, judged by today's rubrics or once more as it was.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde_json::Value;

use super::enrich::{Output, people};
use super::failure::{Ending, Failure};
use super::session::{self, Progress};
use crate::audit::Deed;
use crate::cli;
use crate::config::Config;
use crate::domain::applicant::ApplicantId;
use crate::domain::profile::{FORMULA, Profile};
use crate::domain::score::Points;
use crate::domain::text::tame;
use crate::report::{self, Rows, clean};
use crate::rescore::{self, Outcome, Reproduction, Verdict, Whom, Wish};
use crate::store::{Revision, Store};

/// Runs the command.
pub async fn run(
    arguments: &cli::Rescore,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    if let Some(name) = &arguments.snapshot {
        return reproduce(name, config, output).await;
    }
    let rubrics = Arc::new(session::rubrics(config)?);
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    session::expect_notes(config).await?;
    let began = Instant::now();
    let rescored = async {
        let whom = whom(arguments, &store, config).await?;
        let wish = Wish {
            whom,
            as_of: arguments.as_of,
            dry_run: arguments.dry_run,
        };
        let count = match &wish.whom {
            Whom::All => store.ids().await?.len(),
            Whom::Role(role) => store.ids_of_role(role).await?.len(),
            Whom::Ids(ids) => ids.len(),
        };
        let bar = bar(count, output.progress);
        let tick = {
            let bar = bar.clone();
            move || bar.inc(1)
        };
        let revision = rescore::rescore(&store, rubrics, wish, Timestamp::now(), tick).await;
        bar.finish_and_clear();
        let queued = store.waiting(Timestamp::now()).await?;
        Ok::<_, Failure>((revision?, queued))
    };
    let rescored = rescored.await;
    // Closed also after a failure, so that the next start need not read everything.
    let closed = store.close().await;
    let (revision, queued) = rescored?;
    closed?;
    let differs = |verdict: &&Verdict| matches!(verdict.outcome, Outcome::Differs { .. });
    let differing = revision.told.iter().filter(differs);
    let did = if arguments.dry_run {
        Deed::Listed
    } else {
        Deed::Rescored
    };
    let act = session::local(did).about_all(differing.map(|verdict| &verdict.id));
    session::note(config, act).await?;
    report::rows(
        &rows(&revision.told),
        output.format,
        output.view,
        output.out,
    )?;
    tell(&revision, arguments.dry_run, began, output)?;
    let whole = |verdict: &Verdict| verdict.complete && verdict.outcome != Outcome::NoRubric;
    let complete = revision.told.iter().all(whole) && revision.overtaken.is_empty();
    Ok(if complete && queued.is_empty() {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// Those whom the command line names.
async fn whom(arguments: &cli::Rescore, store: &Store, config: &Config) -> Result<Whom, Failure> {
    if let Some(role) = &arguments.role {
        if !session::rubrics(config)?.contains_key(role) {
            return Err(session::unknown_role(role, config)?);
        }
        return Ok(Whom::Role(role.clone()));
    }
    if arguments.ids.is_empty() {
        return Ok(Whom::All);
    }
    let hosts = session::hosts(config)?;
    let mut ids: Vec<ApplicantId> = Vec::new();
    for text in &arguments.ids {
        let id = session::find(store, text, &hosts).await?.id;
        if store.current(&id).await?.is_none() {
            return Err(without_profile(&id));
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(Whom::Ids(ids))
}

/// What to say when there is nothing to judge.
fn without_profile(id: &ApplicantId) -> Failure {
    Failure {
        code: Ending::Incomplete.code(),
        error: anyhow::anyhow!("{id} has no profile yet, so there is nothing to judge"),
        hint: Some("`plaudit enrich` goes on with what is queued".to_owned()),
    }
}

fn bar(count: usize, progress: Progress) -> ProgressBar {
    let length = u64::try_from(count).unwrap_or(u64::MAX);
    if progress == Progress::Silent {
        return ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(length);
    let style = "{bar:30} {pos}/{len} profiles  {elapsed} elapsed, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar
}

fn interval((low, high): (Points, Points)) -> Value {
    format!("{low}..{high}").into()
}

/// Those whose score, or what it follows from, differs, and those who could not be judged.
fn rows(verdicts: &[Verdict]) -> Rows {
    let row = |verdict: &Verdict| {
        let (after, why) = match &verdict.outcome {
            Outcome::Same => return None,
            Outcome::NoRubric => {
                let why = format!("left: there is no rubric for the role {:?}", verdict.role);
                (Value::Null, why)
            }
            Outcome::Differs { after, why } => {
                let why: Vec<String> = why.iter().map(ToString::to_string).collect();
                (interval(*after), why.join(", "))
            }
        };
        Some(vec![
            verdict.id.as_str().into(),
            interval(verdict.before),
            after,
            why.into(),
        ])
    };
    Rows {
        header: ["applicant", "before", "after", "why"].to_vec(),
        rows: verdicts.iter().filter_map(row).collect(),
    }
}

/// How many, and how long it took.
fn tell(
    revision: &Revision<Verdict>,
    dry_run: bool,
    began: Instant,
    output: &mut Output<'_>,
) -> io::Result<()> {
    let count = |which: &dyn Fn(&Verdict) -> bool| {
        let told = revision.told.iter();
        told.filter(|verdict| which(verdict)).count()
    };
    let differ = count(&|verdict| matches!(verdict.outcome, Outcome::Differs { .. }));
    let moved = count(&|verdict| match &verdict.outcome {
        Outcome::Differs { after, .. } => *after != verdict.before,
        Outcome::Same | Outcome::NoRubric => false,
    });
    let left = count(&|verdict| verdict.outcome == Outcome::NoRubric);
    writeln!(
        output.messages,
        "{} judged in {:.1} s, without a request: {differ} differ ({moved} in the score), {} do not",
        people(revision.told.len() - left),
        began.elapsed().as_secs_f64(),
        revision.told.len() - left - differ
    )?;
    if left > 0 {
        writeln!(
            output.errors,
            "warning: {} left as they were, because no rubric judges their role any more\nhint: `plaudit role \
             list` shows the rubrics that there are",
            people(left)
        )?;
    }
    for id in &revision.overtaken {
        writeln!(
            output.errors,
            "warning: {id} was changed by somebody else meanwhile and is left as it is now"
        )?;
    }
    if dry_run {
        writeln!(output.messages, "nothing was kept")?;
    } else if differ > 0 {
        writeln!(
            output.messages,
            "the profiles before are in the history: `plaudit show ID --history`"
        )?;
    }
    Ok(())
}

/// Judges a kept snapshot once more, and compares.
async fn reproduce(
    name: &str,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let hint = "`plaudit show ID --history` lists the snapshots by their whole names";
    let Some((id, _)) = name.rsplit_once('/') else {
        let error = anyhow::anyhow!(
            "{:?} is no snapshot's name, such as a-01/0123456789abcdef",
            tame(name)
        );
        return Err(Failure::usage(error, hint));
    };
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let reproduced = async {
        let applicant = session::find(&store, id, &session::hosts(config)?).await?;
        let saw = session::local(Deed::Saw).about_one(&applicant.id);
        session::note(config, saw).await?;
        Ok::<_, Failure>(rescore::reproduce(&store, &applicant.id, name).await?)
    };
    let reproduced = reproduced.await;
    let closed = store.close().await;
    let reproduction = reproduced?;
    closed?;
    let kept = match reproduction {
        Reproduction::Same(kept) => {
            tell_of_reproduction("reproduced", &kept, None, output)?;
            return Ok(Ending::Complete);
        }
        Reproduction::NoSnapshot => {
            let error = anyhow::anyhow!("no profile of {} is kept as {:?}", tame(id), tame(name));
            return Err(Failure::usage(error, hint));
        }
        Reproduction::NoText(stamp) => {
            writeln!(
                output.errors,
                "not reproduced: the text of the rubric {} (version {}, digest {}) is not kept, because an earlier \
                 version of plaudit stored the profile; `plaudit rescore` judges it by today's",
                clean(&stamp.name),
                clean(&stamp.version),
                stamp.digest
            )?;
            return Ok(Ending::Incomplete);
        }
        Reproduction::Unreadable(stamp, why) => {
            writeln!(
                output.errors,
                "not reproduced: this plaudit cannot read the kept rubric {} (version {}): {why}",
                clean(&stamp.name),
                clean(&stamp.version)
            )?;
            return Ok(Ending::Incomplete);
        }
        Reproduction::OtherFormula { kept, now } => {
            tell_of_reproduction("other formula", &kept, Some(&now), output)?;
            writeln!(
                output.errors,
                "not reproduced: the formula of this plaudit (version {FORMULA}), or the form of what it keeps, is \
                 another one than that which judged"
            )?;
            kept
        }
        Reproduction::Differs { kept, now } => {
            tell_of_reproduction("differs", &kept, Some(&now), output)?;
            tell_of_difference(&kept, &now, output)?;
            kept
        }
    };
    tracing::debug!(snapshot = kept.snapshot, "a snapshot was not reproduced");
    Ok(Ending::Incomplete)
}

/// The result as a row, or in text as a sentence.
fn tell_of_reproduction(
    what: &str,
    kept: &Profile,
    now: Option<&Profile>,
    output: &mut Output<'_>,
) -> io::Result<()> {
    let score = |profile: &Profile| format!("{}..{}", profile.score.low, profile.score.high);
    if output.format == report::Format::Text {
        let was = now.map_or_else(String::new, |now| format!(" (now {})", score(now)));
        return writeln!(
            output.out,
            "{what}: {}{was}, snapshot {}, as of {}, rubric {} version {}",
            score(kept),
            kept.snapshot,
            kept.as_of,
            clean(&kept.rubric.name),
            clean(&kept.rubric.version)
        );
    }
    let row = vec![
        kept.snapshot.as_str().into(),
        what.into(),
        score(kept).into(),
        now.map(score).into(),
        kept.as_of.to_string().into(),
        kept.rubric.digest.as_str().into(),
    ];
    let rows = Rows {
        header: ["snapshot", "result", "kept", "now", "as_of", "rubric"].to_vec(),
        rows: vec![row],
    };
    report::rows(&rows, output.format, output.view, output.out)
}

/// Which components differ.
fn tell_of_difference(kept: &Profile, now: &Profile, output: &mut Output<'_>) -> io::Result<()> {
    let mut said = false;
    for before in &kept.score.components {
        let after = now
            .score
            .components
            .iter()
            .find(|one| one.name == before.name);
        match after {
            Some(after) if after == before => {}
            Some(after) => {
                said = true;
                writeln!(
                    output.errors,
                    "not reproduced: {} was {}..{} from {} pieces of evidence, and is {}..{} from {}",
                    before.name,
                    before.low,
                    before.high,
                    before.evidence.len(),
                    after.low,
                    after.high,
                    after.evidence.len()
                )?;
            }
            None => {
                said = true;
                writeln!(output.errors, "not reproduced: {} is gone", before.name)?;
            }
        }
    }
    if !said {
        writeln!(
            output.errors,
            "not reproduced: other bytes, the same numbers"
        )?;
    }
    Ok(())
}
