//! `plaudit rank`: the applicants for a role, best first.

use std::collections::BTreeMap;

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    audit::Deed,
    cli,
    config::Config,
    domain::{profile::Profile, rubric::Rubric},
    report::{self, Ranking},
    what_if::imagined,
};

/// Runs the command.
pub async fn run(
    arguments: &cli::Rank,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let rubrics = session::rubrics(config)?;
    let Some(rubric) = rubrics.get(&config.role) else {
        return Err(session::unknown_role(&config.role, config)?);
    };
    let other = what_if(&arguments.what_if, rubric)?;
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let profiles = store.profiles_of_role(&config.role).await?;
    let queued = store.waiting(jiff::Timestamp::now()).await?;
    store.close().await?;
    let complete = profiles.iter().all(Profile::is_complete) && queued.is_empty();
    if other.is_none() {
        session::tell_of_edit(&profiles, rubric, output.messages)?;
    }
    let ranking = match &other {
        None => Ranking::new(&config.role, profiles, arguments.limit),
        Some(other) => imagined(&profiles, rubric, other, arguments.limit),
    };
    let shown = ranking.shown();
    let listed = session::local(Deed::Listed).with("role", &*config.role);
    let listed = listed.about_all(shown.iter().map(|profile| &profile.applicant.id));
    session::note(config, listed).await?;
    report::ranking(&ranking, output.format, output.view, output.out)?;
    session::tell_of_queue(&queued, output.messages)?;
    Ok(if complete {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// The rubric of a what-if, if one was asked for.
fn what_if(maxima: &[(String, f64)], rubric: &Rubric) -> Result<Option<Rubric>, Failure> {
    let named: BTreeMap<String, f64> = maxima.iter().cloned().collect();
    if named.len() < maxima.len() {
        return Err(Failure::usage(
            anyhow::anyhow!("--what-if names a component twice"),
            "name each once: --what-if open_source=20,kaggle=45",
        ));
    }
    if named.is_empty() {
        return Ok(None);
    }
    let other = rubric.with_maxima(&named).map_err(|error| {
        Failure::usage(
            error,
            "the others share what is left of 100: --what-if open_source=20,kaggle=45",
        )
    })?;
    Ok(Some(other))
}
