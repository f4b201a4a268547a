//! `plaudit show`: one applicant's profile with its evidence.

use std::io::{self, Write};

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    cli,
    config::Config,
    domain::{profile::Profile, rubric::Rubric},
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
    // A page for people explains itself; the other formats do so when they are asked to.
    let explain = (arguments.explain || output.format == Format::Html)
        .then(|| rubric_that_judged(&profile, config))
        .transpose()?;
    print(&profile, explain, output.format, output.view, output.out)?;
    let complete = profile.is_complete();
    Ok(if complete {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// The rubric that judged, if it still stands as it stood then.
fn rubric_that_judged(profile: &Profile, config: &Config) -> Result<Option<Box<Rubric>>, Failure> {
    let mut rubrics = session::rubrics(config)?;
    let same = rubrics
        .remove(&profile.rubric.name)
        .filter(|rubric| rubric.digest == profile.rubric.digest);
    Ok(same.map(Box::new))
}

/// Writes `profile`. To explain it, give the rubric whose digest the profile bears, or `None` within, when that
/// rubric is not at hand; the explanation says so.
pub fn print(
    profile: &Profile,
    explain: Option<Option<Box<Rubric>>>,
    format: Format,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let detail = explain.map_or(Detail::Summary, Detail::Explained);
    report::profile(profile, format, &detail, view, out)
}
