//! A store full of generated people, made without asking anybody.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::{Timestamp, civil::Date};
use plaudit::commands::session;
use plaudit::config::{Config, Overrides};
use plaudit::domain::applicant::Applicant;
use plaudit::domain::facts::{Observation, Sources};
use plaudit::domain::freshness::Freshness;
use plaudit::domain::job::Priority;
use plaudit::domain::profile::{ApplicantSummary, Cost, Material, Profile};
use plaudit::domain::review::Review;
use plaudit::domain::rubric::Rubric;
use plaudit::intake;
use plaudit::standin::{World, generated_list};
use plaudit::store::{Lane, Submission};

/// Profiles that are stored at the same time while the store is filled, so that they share waits for the disk.
const AT_ONCE: usize = 64;

/// The environment of a plaudit whose hosts are all at `url`, and whose folder is `folder`.
pub(crate) fn environment(url: &str, folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let folder = folder.to_str().context("a temporary folder in UTF-8")?;
    let environment = [
        ("HOME", folder.to_owned()),
        ("PLAUDIT_DATA_DIR", format!("{folder}/data")),
        ("GITHUB_API_URL", url.to_owned()),
        ("GITHUB_GRAPHQL_URL", format!("{url}/graphql")),
        ("PLAUDIT_KAGGLE__URL", url.to_owned()),
    ];
    let named = environment.map(|(name, value)| (name.to_owned(), value));
    Ok(named.into_iter().collect())
}

/// The settings that plaudit ships with, in this environment.
pub(crate) fn configuration(environment: &BTreeMap<String, String>) -> anyhow::Result<Config> {
    Ok(Config::load(&Overrides::default(), environment)?)
}

/// Stores the profiles of the first `count` people of a world, fetched at `now` and judged as of a day (`None`: the
/// world's); their JSON in bytes.
pub(crate) async fn fill(
    config: &Config,
    (world, count): (impl Into<Arc<World>>, usize),
    rubric: Rubric,
    now: Timestamp,
    as_of: Option<Date>,
) -> anyhow::Result<u64> {
    let (world, rubric): (Arc<World>, _) = (world.into(), Arc::new(rubric));
    let as_of = as_of.unwrap_or(world.today);
    let list = generated_list(count);
    let list = intake::read(list.as_bytes(), &config.role, &session::hosts(config)?)?;
    let submissions = list.applicants.into_iter().map(|listed| Submission {
        applicant: listed.applicant,
        priority: Priority::Interactive,
        force: false,
    });
    let (store, _) = session::open_store(config).await?;
    store.keep_rubric(&rubric).await?;
    store
        .accept(submissions.collect(), now, Freshness::never())
        .await?;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (store, world, rubric) = (store.clone(), Arc::clone(&world), Arc::clone(&rubric));
        tasks.spawn(async move {
            let mut bytes = 0;
            let lease = Duration::from_hours(1);
            while let Some(leased) = store.lease("bench", now, lease, Lane::Any).await? {
                let profile = profile(&leased.applicant, &world, &rubric, (now, as_of));
                bytes += serde_json::to_vec(&profile)?.len();
                store.finish(&leased.lease, profile, now).await?;
            }
            anyhow::Ok(u64::try_from(bytes)?)
        });
    }
    let mut bytes = 0;
    for task in tasks.join_all().await {
        bytes += task?;
    }
    store.close().await?;
    Ok(bytes)
}

fn profile(
    applicant: &Applicant,
    world: &World,
    rubric: &Rubric,
    (now, as_of): (Timestamp, Date),
) -> Profile {
    let depth = rubric.own_code.repositories;
    let lookup = world.truth(
        applicant.id.as_str(),
        &rubric.watched,
        depth,
        world.today.year(),
    );
    let material = Material {
        applicant: ApplicantSummary::from(applicant),
        role: applicant.role.clone(),
        sources: Sources {
            github: Some(Observation {
                url: format!("https://github.com/{}", applicant.id),
                fetched_at: now,
                found_on: None,
                lookup,
            }),
            ..Sources::default()
        },
        review: Review::default(),
        cost: Cost::default(),
        notices: Vec::new(),
    };
    Profile::judge(material, rubric, as_of, None)
}
