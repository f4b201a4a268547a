//! What must hold when all is over.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use jiff::Timestamp;
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::facts::{GitHubFacts, Lookup};
use plaudit::domain::profile::Profile;
use plaudit::domain::review::Review;
use plaudit::domain::rubric::Rubric;
use plaudit::standin::World;
use plaudit::store::Store;
use serde_json::Value;

/// The role that all apply for.
const ROLE: &str = "doctoral-dl-radiology";

/// What differs from one asking to the next, though the same was said.
const OF_THE_ASKING: [&str; 5] = ["fetched_at", "cost", "changes", "snapshot", "notices"];

/// All profiles, by id.
pub(super) async fn profiles(store: &Store) -> anyhow::Result<BTreeMap<ApplicantId, Profile>> {
    let all = store.profiles_of_role(ROLE).await?;
    let count = all.len();
    let by_id = all.into_iter().map(|one| (one.applicant.id.clone(), one));
    let by_id: BTreeMap<_, _> = by_id.collect();
    ensure!(by_id.len() == count, "somebody has two profiles");
    Ok(by_id)
}

/// Whether the store is whole, the queue empty, and every profile the right one, made once for each time that its
/// applicant was submitted at most. The number of profiles.
pub(super) async fn judge(
    store: &Store,
    calm: &BTreeMap<ApplicantId, Profile>,
    world: &World,
    sent: &BTreeMap<ApplicantId, usize>,
) -> anyhow::Result<usize> {
    let verified = store.verify().await?;
    ensure!(verified.damaged.is_empty(), "{:?}", verified.damaged);
    let queued = store.waiting(Timestamp::now()).await?;
    ensure!(queued.is_empty(), "the queue is not empty: {queued:?}");
    let applicants: Vec<ApplicantId> = store
        .applicants()
        .await?
        .into_iter()
        .map(|one| one.id)
        .collect();
    let expected: Vec<ApplicantId> = calm.keys().cloned().collect();
    ensure!(
        applicants == expected,
        "other applicants than were submitted"
    );
    let found = profiles(store).await?;
    let lost: Vec<_> = calm.keys().filter(|id| !found.contains_key(*id)).collect();
    ensure!(lost.is_empty(), "no profile of {lost:?}");
    let rubrics = Rubric::all_embedded()?;
    let rubric = &rubrics[ROLE];
    for (id, profile) in &found {
        let calm = calm
            .get(id)
            .with_context(|| format!("{id} was never submitted"))?;
        ensure!(profile.is_complete(), "{id} is not complete");
        let (is, must) = (
            canonical(profile, calm, rubric)?,
            canonical(calm, calm, rubric)?,
        );
        ensure!(is == must, "{id} is\n{is}\nand without faults\n{must}");
        true_of(world, profile, rubric)?;
        once_each(store, profile, sent.get(id).copied().unwrap_or(0)).await?;
    }
    Ok(found.len())
}

/// A profile as of the day of another one, without what is of the asking.
fn canonical(profile: &Profile, day_of: &Profile, rubric: &Rubric) -> anyhow::Result<Value> {
    let profile = profile.rejudge(rubric, day_of.as_of, Review::default());
    let mut value = serde_json::to_value(profile)?;
    strip(&mut value);
    Ok(value)
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !OF_THE_ASKING.contains(&name.as_str()));
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// The facts are what the made-up world says.
fn true_of(world: &World, profile: &Profile, rubric: &Rubric) -> anyhow::Result<()> {
    let github = profile.sources.github.as_ref().context("no GitHub link")?;
    let login = github.url.rsplit('/').next().context("no login")?;
    let truth = world.truth(
        login,
        &rubric.watched,
        rubric.own_code.repositories,
        world.today.year(),
    );
    let (is, must) = (comparable(&github.lookup), comparable(&truth));
    ensure!(is == must, "{login} is {is:?}\nand truly {must:?}");
    Ok(())
}

/// Facts without the words of gaps, which the truth may put otherwise, and without what an account names: a profile keeps
/// of that only what the application names as well.
fn comparable(lookup: &Lookup<GitHubFacts>) -> Lookup<GitHubFacts> {
    let mut lookup = lookup.clone();
    if let Lookup::Found { facts } = &mut lookup {
        facts.names.clear();
        for gap in &mut facts.gaps {
            gap.reason.clear();
        }
    }
    lookup
}

/// No profile was stored twice for one job: there are no more than submissions, and no two of one asking.
async fn once_each(store: &Store, profile: &Profile, submitted: usize) -> anyhow::Result<()> {
    let id = &profile.applicant.id;
    let history = store.history(id).await?;
    ensure!(
        history.len() < submitted,
        "{id} was submitted {submitted} times and has {} profiles",
        history.len() + 1
    );
    let asked = |profile: &Profile| profile.sources.github.as_ref().map(|one| one.fetched_at);
    let mut times: BTreeSet<_> = history.iter().map(|one| asked(&one.profile)).collect();
    times.insert(asked(profile));
    ensure!(
        times.len() == history.len() + 1,
        "{id} has two profiles of one asking"
    );
    Ok(())
}
