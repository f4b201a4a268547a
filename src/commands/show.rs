//! `plaudit show`: one applicant's profile with its evidence.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::Value;

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    cli,
    config::Config,
    domain::{
        applicant::ApplicantId,
        profile::{Profile, Snapshot},
        text::tame,
    },
    report::{self, Detail, Format, Rows, View},
    rescore,
    store::{Store, StoreError},
};

/// Runs the command.
pub async fn run(
    arguments: &cli::Show,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let hosts = session::hosts(config)?;
    let applicant = session::find(&store, &arguments.id, &hosts).await?;
    if arguments.history {
        let kept = kept(&store, &applicant.id).await;
        store.close().await?;
        return history(&kept?, &applicant.id, output);
    }
    if let Some(name) = &arguments.snapshot {
        let found = rescore::find_snapshot(&store, &applicant.id, name).await;
        store.close().await?;
        return match found? {
            Some(found) => finish(&found.profile, arguments, config, output),
            None => Err(Failure::usage(
                anyhow::anyhow!("no profile of {} is kept as {:?}", applicant.id, tame(name)),
                format!(
                    "`plaudit show {} --history` lists the snapshots",
                    applicant.id
                ),
            )),
        };
    }
    let profile = store.profile(&applicant.id).await?;
    let queued = store.job(&applicant.id).await?;
    store.close().await?;
    let Some(profile) = profile else {
        let why = queued
            .and_then(|job| job.note)
            .unwrap_or_else(|| "its turn has not come".into());
        return Err(Failure {
            code: Ending::Incomplete.code(),
            error: anyhow::anyhow!("{} has no profile yet: {why}", applicant.id),
            hint: Some("`plaudit enrich` goes on with what is queued".to_owned()),
        });
    };
    finish(&profile, arguments, config, output)
}

/// Writes a profile as the command line asks for it.
fn finish(
    profile: &Profile,
    arguments: &cli::Show,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let scales = arguments
        .explain
        .then(|| scales(profile, config))
        .transpose()?;
    print(profile, scales, output.format, output.view, output.out)?;
    let complete = profile.is_complete();
    Ok(if complete {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// Every profile that is kept of an applicant, newest first.
async fn kept(store: &Store, id: &ApplicantId) -> Result<Vec<Snapshot>, StoreError> {
    let mut kept: Vec<Snapshot> = store.current(id).await?.into_iter().collect();
    kept.extend(store.history(id).await?);
    Ok(kept)
}

/// Lists the kept profiles with what changed each time.
fn history(
    kept: &[Snapshot],
    id: &ApplicantId,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    if kept.is_empty() {
        return Err(Failure {
            code: Ending::Incomplete.code(),
            error: anyhow::anyhow!("{id} has no profile yet, so there is no history"),
            hint: Some("`plaudit enrich` goes on with what is queued".to_owned()),
        });
    }
    let row = |stored: &Snapshot| {
        let profile = &stored.profile;
        let snapshot = if profile.snapshot.is_empty() {
            // Stored by a version that gave no names.
            Value::Null
        } else {
            profile.snapshot.as_str().into()
        };
        let changes: Vec<Value> = profile
            .changes
            .iter()
            .map(|change| change.what.as_str().into())
            .collect();
        vec![
            snapshot,
            stored.stored_at.strftime("%FT%H:%M:%SZ").to_string().into(),
            profile.as_of.to_string().into(),
            profile.rubric.version.as_str().into(),
            format!("{}..{}", profile.score.low, profile.score.high).into(),
            changes.into(),
        ]
    };
    let rows = Rows {
        header: [
            "snapshot",
            "stored_at",
            "as_of",
            "rubric",
            "score",
            "changed",
        ]
        .to_vec(),
        rows: kept.iter().map(row).collect(),
    };
    report::rows(&rows, output.format, output.view, output.out)?;
    Ok(Ending::Complete)
}

/// The scales of the rubric that judged, if it still stands as it stood then.
fn scales(profile: &Profile, config: &Config) -> Result<BTreeMap<String, f64>, Failure> {
    let rubrics = session::rubrics(config)?;
    let same = rubrics
        .get(&profile.rubric.name)
        .filter(|rubric| rubric.digest == profile.rubric.digest);
    let components = same.map(crate::domain::rubric::Rubric::components);
    let named = |(name, _, scale): (&'static str, f64, f64)| (name.to_owned(), scale);
    Ok(components.into_iter().flatten().map(named).collect())
}

/// Writes `profile`. To explain it, give each component's scale by its name, from the rubric whose digest the
/// profile bears; without that rubric an empty map, and the explanation says so.
pub fn print(
    profile: &Profile,
    explain: Option<BTreeMap<String, f64>>,
    format: Format,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let detail = explain.map_or(Detail::Summary, Detail::Explained);
    report::profile(profile, format, &detail, view, out)
}
