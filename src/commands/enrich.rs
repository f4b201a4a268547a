//! `plaudit enrich`: links in, profiles and a ranking out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::path::Path;

use jiff::{Timestamp, civil::Date};
use tokio_util::sync::CancellationToken;

use super::beside;
use super::failure::{Ending, Failure};
use super::kaggle::days;
use super::session::{self, Progress};
use crate::audit::Deed;
use crate::cli;
use crate::config::{Config, KaggleLive};
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::freshness::Freshness;
use crate::domain::job::Priority;
use crate::domain::profile::{Profile, Snapshot};
use crate::domain::rubric::Rubric;
use crate::enrich::Connections;
use crate::intake::{self, LARGEST_LIST, List};
use crate::report::{self, Format, Ranking, View};
use crate::rights;
use crate::sources::github::Estimate;
use crate::sources::kaggle;
use crate::store::{Accepted, Store, StoreError, Submission};
use crate::worker::Summary;

/// The age from which on a copy of Kaggle's data set is told to be old. Days; Kaggle renews it daily.
const OLD_DATA_SET: i64 = 7;

/// What a home page takes at most. Seconds.
const PAGE_SECONDS: f64 = 10.0;

/// Where results and messages go.
pub struct Output<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Messages for people.
    pub messages: &'a mut dyn Write,
    /// What a person must know also when no messages are wanted.
    pub errors: &'a mut dyn Write,
    /// How results are written.
    pub format: Format,
    /// What text is written for.
    pub view: View,
    /// Whether a bar is shown.
    pub progress: Progress,
}

/// Runs the command.
pub async fn run(
    arguments: &cli::Enrich,
    config: &Config,
    output: &mut Output<'_>,
    stop: CancellationToken,
) -> Result<Ending, Failure> {
    session::refuse_the_demos_folder(config, session::FOR_REAL_APPLICANTS)?;
    let rubrics = session::rubrics(config)?;
    let (list, unjudged) = read_list(arguments, config, &rubrics)?;
    if let Some(list) = &list {
        tell_of_list(list, &unjudged, output)?;
    }
    let refused = list.as_ref().map_or(0, |list| list.refused.len()) + unjudged.len();
    let as_of = arguments.as_of.unwrap_or_else(session::today);
    if arguments.dry_run {
        return dry_run(list, arguments, config, &rubrics, output).await;
    }
    let (store, opening) = match &list {
        Some(_) => session::open_store_with_room(config, output.messages, &stop).await?,
        // To go on there must be something to go on with.
        None => session::open_existing(config).await?,
    };
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let freshness = if store.is_remote() {
        refuse_another_day(arguments)?;
        let freshness = beside::freshness(&store).await?;
        beside::tell_of_rubrics(&freshness, &rubrics, output.messages)?;
        freshness
    } else {
        session::freshness(config, &rubrics, arguments.as_of)
    };
    let freshness = if arguments.refetch {
        Freshness::never()
    } else {
        freshness
    };
    let (wanted, queued, barred) = match list {
        Some(list) => {
            let taken = accept((&store, config), list, freshness, output, &stop).await?;
            (Some(taken.wanted), Some(taken.queued), taken.barred)
        }
        None => (None, None, 0),
    };
    let refused = refused + barred;
    if wanted.is_none() && store.waiting(Timestamp::now()).await?.is_empty() {
        writeln!(output.messages, "nothing is queued; this is what is kept")?;
    }
    let on_demand = !arguments.links.is_empty();
    let judging = (&rubrics, as_of);
    let summary = if store.is_remote() {
        beside::work(&store, config, queued, output, &stop).await?
    } else {
        work(config, &store, on_demand, judging, output, stop.clone()).await?
    };
    let alone = arguments.links.len() == 1;
    let shown = show(&store, config, wanted, alone, output).await;
    match summary.stopped {
        // It was told of beside the work.
        _ if store.is_remote() => {}
        Some(_) => tell_of_rest(&summary, output.errors)?,
        None => tell_of_rest(&summary, output.messages)?,
    }
    store.close().await?;
    shown?;
    Ok(if stop.is_cancelled() && summary.stopped.is_none() {
        Ending::Interrupted
    } else if refused > 0 || summary.failed > 0 || !summary.remaining.is_empty() {
        Ending::Incomplete
    } else {
        Ending::Complete
    })
}

/// A server judges as of today.
fn refuse_another_day(arguments: &cli::Enrich) -> Result<(), Failure> {
    match arguments.as_of {
        None => Ok(()),
        Some(_) => Err(Failure::usage(
            anyhow::anyhow!(
                "--as-of cannot be used beside a server, which judges as of the day on which it asks"
            ),
            "leave it out, and judge as of another day with `plaudit rescore --as-of DAY`; or end the server first",
        )),
    }
}

/// The applicants that the command line names, `None` to go on with what is queued; and of each row that is left out
/// because no rubric judges its role, what to say.
fn read_list(
    arguments: &cli::Enrich,
    config: &Config,
    rubrics: &BTreeMap<String, Rubric>,
) -> Result<(Option<List>, Vec<String>), Failure> {
    if !rubrics.contains_key(&config.role) {
        return Err(session::unknown_role(&config.role, config)?);
    }
    let hosts = session::hosts(config)?;
    let mut list = match (&arguments.from, arguments.links.as_slice()) {
        (None, []) => return Ok((None, Vec::new())),
        (Some(_), [_, ..]) => {
            return Err(Failure::usage(
                anyhow::anyhow!("links and --from were given together"),
                "give the links, or a list, one after the other",
            ));
        }
        (Some(path), []) => intake::read(&bytes_of(path)?, &config.role, &hosts)?,
        (None, links) => intake::from_links(links, &config.role, &hosts)?,
    };
    list.refuse_later_legal_basis(Timestamp::now());
    if config.privacy.require_legal_basis {
        list.refuse_without_legal_basis();
    }
    // An unknown role is found here and not by a worker, while the row can still be named.
    let (known, unknown): (Vec<_>, Vec<_>) = std::mem::take(&mut list.applicants)
        .into_iter()
        .partition(|listed| rubrics.contains_key(&listed.applicant.role));
    list.applicants = known;
    let names: Vec<_> = rubrics.keys().map(String::as_str).collect();
    let unjudged = unknown.into_iter().map(|listed| {
        format!(
            "{} {}: there is no rubric for the role {:?}, so the row is left out; there is {}",
            list.counted,
            listed.line,
            listed.applicant.role,
            names.join(", ")
        )
    });
    let unjudged: Vec<String> = unjudged.collect();
    if list.applicants.is_empty() {
        list.notices.extend(unjudged);
        for refused in &list.refused {
            list.notices.push(format!(
                "{} {}: {}",
                list.counted, refused.line, refused.reason
            ));
        }
        let why = list.notices.join("\n  ");
        return Err(Failure::usage(
            anyhow::anyhow!("no applicant could be read:\n  {why}"),
            "`plaudit enrich --help` shows the columns and examples",
        ));
    }
    Ok((Some(list), unjudged))
}

/// A list's bytes, from a file or standard input; never more than a list may have.
fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = LARGEST_LIST as u64 + 1;
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let error = anyhow::Error::new(error)
                .context(format!("the list {} cannot be read", path.display()));
            Err(Failure {
                code: 4,
                error,
                hint: Some("check the path; `-` is standard input".into()),
            })
        }
    }
}

/// Rows that are left out, also where no messages are wanted, since the command ends with 1 because of them; and what
/// else a person should know.
fn tell_of_list(list: &List, unjudged: &[String], output: &mut Output<'_>) -> io::Result<()> {
    let messages = &mut *output.messages;
    for refused in &list.refused {
        writeln!(
            output.errors,
            "{} {}: {}",
            list.counted, refused.line, refused.reason
        )?;
    }
    for row in unjudged {
        writeln!(output.errors, "{row}")?;
    }
    for listed in &list.applicants {
        for notice in &listed.notices {
            let place = format!("{} {}", list.counted, listed.line);
            if notice.starts_with(&place) {
                writeln!(messages, "{notice}")?;
            } else {
                writeln!(messages, "{place}: {notice}")?;
            }
        }
    }
    for notice in &list.notices {
        writeln!(messages, "note: {notice}")?;
    }
    Ok(())
}

/// What became of a list.
struct Taken {
    /// Whom it names, but for those who were erased.
    wanted: BTreeSet<ApplicantId>,
    /// Those of them who are queued.
    queued: BTreeSet<ApplicantId>,
    /// Rows of people who were erased. Count.
    barred: usize,
}

/// Puts the applicants into the queue and says what became of them.
async fn accept(
    (store, config): (&Store, &Config),
    list: List,
    freshness: Freshness,
    output: &mut Output<'_>,
    stop: &CancellationToken,
) -> Result<Taken, Failure> {
    let messages = &mut *output.messages;
    let (lines, applicants): (Vec<u64>, Vec<Applicant>) = list
        .applicants
        .into_iter()
        .map(|listed| (listed.line, listed.applicant))
        .unzip();
    let ids: Vec<ApplicantId> = applicants
        .iter()
        .map(|applicant| applicant.id.clone())
        .collect();
    let submissions: Vec<Submission> = applicants
        .into_iter()
        .map(|applicant| Submission {
            applicant,
            priority: Priority::Interactive,
            force: false,
        })
        .collect();
    session::expect_notes(config).await?;
    let mut accepted = Vec::with_capacity(submissions.len());
    loop {
        let left = &submissions[accepted.len()..];
        let now = Timestamp::now();
        let (mut these, ended) = store.accept_as_far_as_may_be(left, now, &freshness).await;
        accepted.append(&mut these);
        let waited = match ended {
            Ok(()) => break,
            Err(StoreError::Full { .. }) if !stop.is_cancelled() => {
                session::wait_for_room(config, store, messages, stop).await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(failure) = waited {
            if !accepted.is_empty() {
                writeln!(
                    messages,
                    "{} of {} accepted, the others not; the same list completes it",
                    accepted.len(),
                    people(submissions.len())
                )?;
            }
            return Err(failure);
        }
    }
    let mut taken = Taken {
        wanted: BTreeSet::new(),
        queued: BTreeSet::new(),
        barred: 0,
    };
    let mut fresh = 0;
    for ((line, id), accepted) in lines.into_iter().zip(ids).zip(&accepted) {
        match accepted {
            Accepted::Forgotten(tombstone) => {
                taken.barred += 1;
                let why = rights::barred(tombstone);
                writeln!(output.errors, "{} {line}: {why}", list.counted)?;
                continue;
            }
            Accepted::Fresh => fresh += 1,
            Accepted::Queued | Accepted::AlreadyQueued | Accepted::Lifted => {
                taken.queued.insert(id.clone());
            }
        }
        taken.wanted.insert(id);
    }
    let entered: Vec<ApplicantId> = taken.wanted.iter().cloned().collect();
    session::note(config, session::local(Deed::Enriched).about_all(&entered)).await?;
    let queued = taken.queued.len();
    write!(messages, "{} accepted", people(queued))?;
    if fresh > 0 {
        write!(
            messages,
            ", {} still fresh (--refetch asks again)",
            people(fresh)
        )?;
    }
    writeln!(messages)?;
    Ok(taken)
}

/// Works until the queue is empty or the patience ends, and says what it took.
async fn work(
    config: &Config,
    store: &Store,
    on_demand: bool,
    (rubrics, as_of): (&BTreeMap<String, Rubric>, Date),
    output: &mut Output<'_>,
    stop: CancellationToken,
) -> Result<Summary, Failure> {
    let queued = store.waiting(Timestamp::now()).await?;
    if queued.is_empty() {
        return Ok(Summary::default());
    }
    let connections = session::connect(config, on_demand)?;
    tell_of_means(config, store, &connections, output.messages).await?;
    session::wait_for_room(config, store, output.messages, &stop).await?;
    let progress = output.progress;
    let began = std::time::Instant::now();
    let summary =
        session::work(config, store, &connections, rubrics, as_of, progress, stop).await?;
    writeln!(
        output.messages,
        "{} in {:.1} s, {}, {}",
        people(usize::try_from(summary.finished).unwrap_or(usize::MAX)),
        began.elapsed().as_secs_f64(),
        counted(summary.cost.requests, "request"),
        counted(summary.cost.points, "point")
    )?;
    for account in connections
        .github
        .pool
        .accounts()
        .iter()
        .filter(|account| account.report().refused)
    {
        writeln!(
            output.messages,
            "warning: GitHub refused the token {} and it was not used again",
            account.report().tail
        )?;
    }
    if let Some(refused) = connections.kaggle.connection().refused() {
        writeln!(output.messages, "warning: {refused}")?;
    }
    Ok(summary)
}

/// What is wanting, or should be known, of the hosts that somebody in the queue has a link to.
async fn tell_of_means(
    config: &Config,
    store: &Store,
    connections: &Connections,
    messages: &mut dyn Write,
) -> Result<(), Failure> {
    // A home page may lead to either.
    let (mut on_github, mut on_kaggle) = (false, 0);
    for job in store.jobs().await? {
        let Some(applicant) = store.applicant(&job.applicant).await? else {
            continue;
        };
        on_github |= applicant.link("github").is_some() || applicant.home_page().is_some();
        on_kaggle += usize::from(applicant.link("kaggle").is_some());
    }
    if on_github && config.tokens.is_empty() {
        writeln!(
            messages,
            "note: without a token GitHub answers 60 requests an hour and shows less; what it does \
             not show is unknown, not zero\nhint: put a token without any scope into GITHUB_TOKEN"
        )?;
    }
    if on_kaggle == 0 {
        return Ok(());
    }
    if let Some(index) = connections.kaggle.index() {
        let as_of = index.about().as_of;
        let days = days(as_of, Timestamp::now());
        if days > OLD_DATA_SET {
            writeln!(
                messages,
                "note: the copy of Kaggle's data set is of {}, {days} days old\nhint: `plaudit kaggle import` renews it",
                as_of.strftime("%F")
            )?;
        }
    } else {
        let pause = config.kaggle.pause.as_secs_f64();
        let who = people(on_kaggle);
        let live = match config.kaggle.live {
            KaggleLive::Never => format!("nothing can be said of {who}, since kaggle.live is off"),
            KaggleLive::Auto | KaggleLive::Always => format!(
                "Kaggle is asked live for {who}, one every {pause} s, and medals in competitions are known as \
                 numbers alone"
            ),
        };
        writeln!(
            messages,
            "note: without Kaggle's data set {live}\nhint: `plaudit kaggle import` brings the data set"
        )?;
    }
    for notice in &connections.notices {
        writeln!(messages, "note: {notice}")?;
    }
    if config.kaggle.page {
        writeln!(
            messages,
            "note: kaggle.page is on: profile pages may be read. Kaggle's terms of use, section 4, prohibit to \
             \"crawl, scrape or spider\" them; be sure that Kaggle has allowed it to you"
        )?;
    }
    Ok(())
}

/// Shows the profiles of those asked for: of a single link the profile, of a list always a ranking, so that
/// a program that reads it need not count.
async fn show(
    store: &Store,
    config: &Config,
    wanted: Option<BTreeSet<ApplicantId>>,
    alone: bool,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let mut profiles: Vec<Profile> = Vec::new();
    match wanted {
        Some(ids) => {
            for id in ids {
                profiles.extend(store.profile(&id).await?);
            }
        }
        None => profiles = store.profiles_of_role(&config.role).await?,
    }
    let did = if alone { Deed::Saw } else { Deed::Listed };
    let shown = session::local(did).about_all(profiles.iter().map(|one| &one.applicant.id));
    session::note(config, shown).await?;
    if let (true, [profile]) = (alone, profiles.as_slice()) {
        report::profile(
            profile,
            output.format,
            &super::show::detail(store, profile, false, output.format).await?,
            output.view,
            output.out,
        )?;
        return Ok(());
    }
    if profiles.is_empty() && output.format != Format::Text {
        // A program that reads the answer gets one: a ranking of nobody.
        let ranking = Ranking::new(&config.role, profiles, None);
        report::ranking(&ranking, output.format, output.view, output.out)?;
        return Ok(());
    }
    let roles: BTreeSet<String> = profiles
        .iter()
        .map(|profile| profile.role.clone())
        .collect();
    for role in roles {
        let of_role: Vec<_> = profiles
            .iter()
            .filter(|profile| profile.role == role)
            .cloned()
            .collect();
        let ranking = Ranking::new(&role, of_role, None);
        report::ranking(&ranking, output.format, output.view, output.out)?;
    }
    Ok(())
}

/// What is left, why, and what to do about it.
pub(super) fn tell_of_rest(summary: &Summary, messages: &mut dyn Write) -> io::Result<()> {
    if summary.failed > 0 {
        let failed = people(usize::try_from(summary.failed).unwrap_or(usize::MAX));
        writeln!(
            messages,
            "warning: for {failed} a source failed; `plaudit show ID` says why, and the same command asks \
             again for them"
        )?;
    }
    if let Some(why) = &summary.stopped {
        writeln!(messages, "error: {why}")?;
    }
    let remaining = &summary.remaining;
    if remaining.is_empty() {
        return Ok(());
    }
    let count = remaining.ready + remaining.deferred + remaining.leased;
    let count = people(usize::try_from(count).unwrap_or(usize::MAX));
    match (&summary.stopped, remaining.earliest, &remaining.note) {
        (None, Some(until), note) if remaining.ready == 0 => {
            let why = note.as_deref().unwrap_or("they were put off");
            // The time is said once.
            let why = why.replace(&format!(" until {until:.0}"), "");
            writeln!(
                messages,
                "{count} kept in the queue until {until:.0}: {why}"
            )?;
        }
        _ => writeln!(messages, "{count} kept in the queue; nothing is lost")?,
    }
    let next = if summary
        .stopped
        .as_deref()
        .is_some_and(|why| why.contains("refuses every token"))
    {
        "put a valid token into GITHUB_TOKEN, check it with `plaudit doctor`, then run `plaudit enrich`"
    } else if summary.stopped.is_some() {
        "check the network (a proxy is read from HTTPS_PROXY) and GITHUB_API_URL, then run `plaudit enrich`"
    } else {
        "`plaudit enrich` goes on; `--wait 1h` waits for limits by itself"
    };
    writeln!(messages, "hint: {next}")
}

/// Says what a run would take, and does nothing: of those that it would ask for, and of those queued.
async fn dry_run(
    mut list: Option<List>,
    arguments: &cli::Enrich,
    config: &Config,
    rubrics: &BTreeMap<String, Rubric>,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let mut earlier = Vec::new();
    // A dry run makes no folder.
    let store = if config.data_dir.exists() {
        Some(session::open_store(config).await?.0)
    } else {
        None
    };
    if let (Some(store), Some(list)) = (&store, &mut list) {
        leave_out_the_erased(store, list, output.errors).await?;
    }
    let listed = list.into_iter().flat_map(|list| list.applicants);
    let mut wanted: BTreeMap<ApplicantId, Applicant> = listed
        .map(|listed| (listed.applicant.id.clone(), listed.applicant))
        .collect();
    if let Some(store) = store {
        let freshness = session::freshness(config, rubrics, arguments.as_of);
        let now = Timestamp::now();
        for id in wanted.keys().cloned().collect::<Vec<_>>() {
            let stored = store.current(&id).await?;
            let fresh = |stored: &Snapshot| freshness.accepts(stored, &wanted[&id], now);
            if !arguments.refetch && stored.as_ref().is_some_and(fresh) {
                wanted.remove(&id);
            }
        }
        for job in store.jobs().await? {
            if let Some(applicant) = store.applicant(&job.applicant).await? {
                wanted.insert(applicant.id.clone(), applicant);
            }
        }
        let mut cost_of = |profile: Profile| earlier.push(profile.cost);
        store.for_each_profile(&config.role, &mut cost_of).await?;
        store.close().await?;
    }
    earlier.retain(|cost| cost.requests > 0.0);
    let with = |source: &str| {
        wanted
            .values()
            .filter(|applicant| applicant.link(source).is_some())
            .count()
    };
    let on_github = with("github");
    let watched = |applicant: &Applicant| {
        rubrics
            .get(&applicant.role)
            .map(|rubric| rubric.watched.len())
    };
    let projects = wanted.values().filter_map(watched).max().unwrap_or(0);
    let estimate = if config.tokens.is_empty() {
        Estimate::without_token(on_github, &config.github)
    } else {
        Estimate::with_token(on_github, projects, &config.github)
            .at_the_mean_of(&earlier, on_github)
    };
    let handles = wanted
        .values()
        .filter_map(|applicant| applicant.link("kaggle")?.handle());
    let (index, _) = session::kaggle_index(config);
    let policy = session::kaggle_policy(config, !arguments.links.is_empty());
    let kaggle = kaggle::Estimate::of(handles, index.as_ref(), policy, config.kaggle.pause)
        .map_err(anyhow::Error::new)?;
    let mut rows = vec![vec![
        "github".into(),
        on_github.into(),
        whole(estimate.requests),
        whole(estimate.points),
        whole(estimate.seconds),
    ]];
    rows.push(vec![
        "kaggle".into(),
        kaggle.people.into(),
        kaggle.requests.into(),
        0.into(),
        whole(kaggle.time.as_secs_f64()),
    ]);
    if config.homepage.follow {
        // The page, and its robots.txt.
        let pages = with("page");
        rows.push(vec![
            "page".into(),
            pages.into(),
            (2 * pages).into(),
            0.into(),
            // All of them are read side by side.
            whole(if pages > 0 { PAGE_SECONDS } else { 0.0 }),
        ]);
    }
    let header = ["source", "applicants", "requests", "points", "seconds"].to_vec();
    let rows = report::Rows { header, rows };
    report::rows(&rows, output.format, output.view, output.out)?;
    writeln!(output.messages, "GitHub: {}", estimate.basis)?;
    writeln!(output.messages, "nothing was asked and nothing was kept")?;
    Ok(Ending::Complete)
}

/// Takes away the rows of people whom a tombstone keeps out, and says of each why it would be refused.
async fn leave_out_the_erased(
    store: &Store,
    list: &mut List,
    errors: &mut dyn Write,
) -> Result<(), Failure> {
    let all = std::mem::take(&mut list.applicants);
    let applicants = all.iter().map(|listed| listed.applicant.clone());
    let barring = store.barring(applicants.collect()).await?;
    for (listed, tombstone) in all.into_iter().zip(barring) {
        match tombstone {
            None => list.applicants.push(listed),
            Some(tombstone) => writeln!(
                errors,
                "{} {} would be refused: {}",
                list.counted,
                listed.line,
                rights::barred(&tombstone)
            )?,
        }
    }
    Ok(())
}

/// An estimate as a whole number.
fn whole(estimate: f64) -> serde_json::Value {
    let rounded = format!("{estimate:.0}").parse::<u64>();
    rounded.map_or(serde_json::Value::Null, Into::into)
}

/// A number of things, for people.
pub(super) fn counted(number: f64, thing: &str) -> String {
    let number = format!("{number:.0}");
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// A whole number of things, for people.
pub(super) fn number_of(count: u64, one: &str, more: &str) -> String {
    let thing = if count == 1 { one } else { more };
    format!("{count} {thing}")
}

/// A number of applicants, for people.
pub(super) fn people(count: usize) -> String {
    if count == 1 {
        "1 applicant".to_owned()
    } else {
        format!("{count} applicants")
    }
}
