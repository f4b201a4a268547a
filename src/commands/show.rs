//! `plaudit show`: one applicant's profile with its evidence.

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    cli,
    config::Config,
    domain::profile::Profile,
    report::{self, Detail, Format},
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
    let detail = detail(&profile, arguments.explain, output.format, config)?;
    report::profile(&profile, output.format, &detail, output.view, output.out)?;
    let complete = profile.is_complete();
    Ok(if complete {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// How much of a profile is told: a page for people explains itself, the other formats do so when they are asked to.
pub(super) fn detail(
    profile: &Profile,
    explain: bool,
    format: Format,
    config: &Config,
) -> Result<Detail, Failure> {
    if !explain && format != Format::Html {
        return Ok(Detail::Summary);
    }
    let mut rubrics = session::rubrics(config)?;
    // The rubric that judged, if it still stands as it stood then.
    let same = rubrics
        .remove(&profile.rubric.name)
        .filter(|rubric| rubric.digest == profile.rubric.digest);
    Ok(Detail::Explained(same.map(Box::new)))
}
