//! `plaudit changes`: what differs since a moment, for everybody.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::enrich::{Output, people};
use super::failure::{Ending, Failure};
use super::session;
use crate::audit::Deed;
use crate::cli::{self, Since};
use crate::config::Config;
use crate::domain::applicant::ApplicantId;
use crate::domain::changes::{self, Change};
use crate::domain::profile::Snapshot;
use crate::domain::text::tame;
use crate::report::{self, Rows};
use crate::store::{Store, StoreError};

/// Runs the command.
pub async fn run(
    arguments: &cli::Changes,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let since = moment(arguments.since, Timestamp::now())?;
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let listed = list(&store, arguments.role.as_deref(), since, config).await;
    // Closed also after a failure, so that the next start need not read everything.
    let closed = store.close().await;
    let (changed, looked_at) = listed?;
    closed?;
    let listed = session::local(Deed::Listed).about_all(changed.iter().map(|one| &one.id));
    session::note(config, listed).await?;
    let rows = changed.iter().flat_map(rows_of).collect();
    let header = ["applicant", "when", "kind", "what", "url"].to_vec();
    let shown = since.strftime("%F %H:%M UTC");
    if changed.is_empty() && output.format == report::Format::Text {
        writeln!(output.out, "nothing has changed since {shown}")?;
    } else {
        let rows = Rows { header, rows };
        report::rows(&rows, output.format, output.view, output.out)?;
    }
    writeln!(
        output.messages,
        "since {shown}: {} of {looked_at} with a change",
        people(changed.len())
    )?;
    if looked_at == 0
        && let Some(role) = &arguments.role
    {
        writeln!(
            output.messages,
            "note: nobody with a profile applied for the role {:?}",
            tame(role)
        )?;
    }
    Ok(Ending::Complete)
}

/// The moment from which on changes count.
pub(super) fn moment(since: Since, now: Timestamp) -> Result<Timestamp, Failure> {
    let moment = match since {
        Since::Ago(time) => now.checked_sub(time),
        Since::Day(day) => day
            .to_zoned(TimeZone::UTC)
            .map(|midnight| midnight.timestamp()),
    };
    moment.map_err(|_| {
        Failure::usage(
            anyhow::anyhow!("so far back there is no calendar"),
            "a time such as 24h or 7d, or a day such as 2026-11-01, is needed",
        )
    })
}

/// An applicant with what changed.
struct Changed {
    id: ApplicantId,
    when: Timestamp,
    changes: Vec<Change>,
}

/// Those with a change, newest first, and among how many they are.
async fn list(
    store: &Store,
    role: Option<&str>,
    since: Timestamp,
    config: &Config,
) -> Result<(Vec<Changed>, usize), StoreError> {
    let ids = match role {
        Some(role) => store.ids_of_role(role).await?,
        None => store.ids().await?,
    };
    let mut found = Vec::new();
    for id in &ids {
        let Some(now) = store.current(id).await? else {
            continue;
        };
        if now.stored_at < since {
            continue;
        }
        let history = store.history(id).await?;
        let changes = since_then(&now, &history, since, config.store.history);
        if !changes.is_empty() {
            found.push(Changed {
                id: id.clone(),
                when: now.stored_at,
                changes,
            });
        }
    }
    found.sort_by(|left, right| {
        right
            .when
            .cmp(&left.when)
            .then_with(|| left.id.cmp(&right.id))
    });
    Ok((found, ids.len()))
}

/// What differs between the profile that was current at `since` and today's. `history` is newest first, and holds
/// `kept` at most.
fn since_then(now: &Snapshot, history: &[Snapshot], since: Timestamp, kept: usize) -> Vec<Change> {
    let then = history.iter().find(|one| one.stored_at < since);
    // When the history is full, the profile of then may have left it; the oldest that is there is the nearest.
    let oldest = history.last().filter(|_| history.len() >= kept);
    if let Some(then) = then.or(oldest) {
        return changes::between(&then.profile, &now.profile);
    }
    // Without a history, what was noticed when the profile was made is all that is known.
    if kept == 0 {
        return now.profile.changes.clone();
    }
    // New since then: with what it began, and what differs from that.
    let first = history.last().unwrap_or(now);
    let new = Change {
        kind: "new".to_owned(),
        what: format!(
            "new, with {}..{} points",
            first.profile.score.low, first.profile.score.high
        ),
        url: now.profile.applicant.links.first().cloned(),
    };
    let mut all = vec![new];
    if history.is_empty() {
        // What stands beside the score takes no place in the history; the profile itself tells of it.
        all.extend(now.profile.changes.iter().cloned());
    } else {
        all.extend(changes::between(&first.profile, &now.profile));
    }
    all
}

fn rows_of(changed: &Changed) -> Vec<Vec<Value>> {
    let row = |change: &Change| {
        vec![
            changed.id.as_str().into(),
            changed.when.strftime("%FT%H:%M:%SZ").to_string().into(),
            change.kind.as_str().into(),
            change.what.as_str().into(),
            change.url.clone().into(),
        ]
    };
    changed.changes.iter().map(row).collect()
}
