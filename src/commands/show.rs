//! `plaudit show`: one applicant's profile with its evidence.

use serde_json::Value;

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    audit::Deed,
    cli,
    config::Config,
    domain::{
        applicant::ApplicantId,
        profile::{Profile, Snapshot},
        rubric::Rubric,
        text::tame,
    },
    report::{self, Detail, Format, Rows},
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
    let saw = session::local(Deed::Saw).about_one(&applicant.id);
    if arguments.history {
        let kept = kept(&store, &applicant.id).await;
        store.close().await?;
        let kept = kept?;
        session::note(config, saw).await?;
        return history(&kept, &applicant.id, output);
    }
    let shown = match &arguments.snapshot {
        Some(name) => earlier(&store, &applicant.id, name).await,
        None => current(&store, &applicant.id).await,
    };
    let detail = match &shown {
        Ok(profile) => detail(&store, profile, arguments.explain, output.format).await?,
        Err(_) => Detail::Summary,
    };
    let today = store.profile(&applicant.id).await?;
    store.close().await?;
    let profile = shown?;
    session::note(config, saw).await?;
    if today.is_some_and(|today| today.snapshot != profile.snapshot) {
        writeln!(
            output.messages,
            "note: this is an earlier profile, judged as of {} by version {} of the rubric; `plaudit show {}` shows today's",
            profile.as_of, profile.rubric.version, applicant.id
        )?;
    }
    report::profile(&profile, output.format, &detail, output.view, output.out)?;
    Ok(if profile.is_complete() {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// The profile that is current.
async fn current(store: &Store, id: &ApplicantId) -> Result<Profile, Failure> {
    if let Some(profile) = store.profile(id).await? {
        return Ok(profile);
    }
    let queued = store.job(id).await?;
    let why = queued
        .and_then(|job| job.note)
        .unwrap_or_else(|| "its turn has not come".into());
    Err(Failure {
        code: Ending::Incomplete.code(),
        error: anyhow::anyhow!("{id} has no profile yet: {why}"),
        hint: Some("`plaudit enrich` goes on with what is queued".to_owned()),
    })
}

/// The profile that is kept under a snapshot's name.
async fn earlier(store: &Store, id: &ApplicantId, name: &str) -> Result<Profile, Failure> {
    let found = rescore::find_snapshot(store, id, name).await?;
    found.map(|found| found.profile).ok_or_else(|| {
        Failure::usage(
            anyhow::anyhow!("no profile of {id} is kept as {:?}", tame(name)),
            format!("`plaudit show {id} --history` lists those that are kept; older ones go when there are more than store.history"),
        )
    })
}

/// How much of a profile is told: a page for people explains itself, the other formats do so when they are asked to.
/// For that the rubric that judged is taken from the store, as it stood then.
pub(super) async fn detail(
    store: &Store,
    profile: &Profile,
    explain: bool,
    format: Format,
) -> Result<Detail, StoreError> {
    if !explain && format != Format::Html {
        return Ok(Detail::Summary);
    }
    let text = store.rubric_text(&profile.rubric.digest).await?;
    // A text that an older plaudit took for a rubric may be none by today's rules.
    let rubric = text.and_then(|text| Rubric::parse(&text).ok());
    Ok(Detail::Explained(rubric.map(Box::new)))
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
