//! `plaudit rank`: the applicants for a role, best first.

use std::collections::BTreeMap;

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    cli,
    config::Config,
    domain::{profile::Profile, rubric::Rubric},
    report::{self, Ranking},
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

/// The ranking as it would be by another rubric. What is compared with is today's rubric over the same facts, so that
/// the maxima alone make the difference.
fn imagined(
    profiles: &[Profile],
    rubric: &Rubric,
    other: &Rubric,
    limit: Option<usize>,
) -> Ranking {
    let by = |rubric: &Rubric| -> Vec<Profile> {
        let judged = profiles
            .iter()
            .map(|profile| profile.rejudge(rubric, profile.as_of, profile.review.clone()));
        judged.collect()
    };
    let as_is = Ranking::new(&rubric.name, by(rubric), None);
    let maxima: Vec<String> = other
        .components()
        .iter()
        .filter(|(_, max, _)| *max > 0.0)
        .map(|(name, max, _)| format!("{name} {}", (max * 100.0).round() / 100.0))
        .collect();
    Ranking::new(&rubric.name, by(other), limit).as_what_if(&maxima.join(", "), &as_is)
}
