//! `plaudit show`: one applicant's profile with its evidence.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    cli,
    config::Config,
    domain::profile::Profile,
    report::{self, Detail, Format, View},
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
    let scales = arguments
        .explain
        .then(|| scales(&profile, config))
        .transpose()?;
    print(&profile, scales, output.format, output.view, output.out)?;
    let complete = profile.is_complete();
    Ok(if complete {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
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
