//! `plaudit evidence`, `plaudit note`, `plaudit adjust`: what people add about an applicant.

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde_json::Value;

use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::session;
use crate::audit::Deed;
use crate::cli::{self, EvidenceCommand};
use crate::config::Config;
use crate::domain::applicant::Applicant;
use crate::domain::profile::Profile;
use crate::domain::review::entry::{self, Refused, Typed};
use crate::domain::review::{Review, Signature, Withdrawal};
use crate::domain::rubric::Rubric;
use crate::domain::score::ComponentState;
use crate::report::{self, Format, Rows, clean};
use crate::rescore::{self, Reviewed};
use crate::store::Store;

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let hint = match refused {
            Refused::NoEntry { .. } | Refused::Withdrawn { .. } => {
                "`plaudit evidence list ID` shows the entries with their numbers"
            }
            Refused::Twice(_) => {
                "withdraw that entry first if it is wrong: `plaudit evidence withdraw`"
            }
            Refused::Kind { .. } => "the kinds stand in the rubric under [reviewed.kinds]",
            Refused::TooLong { .. } => "put the rest where the URL leads, or into another note",
            Refused::Empty(_) | Refused::Url(_) | Refused::Future(_) | Refused::Points(_) => {
                "the command's --help has examples"
            }
        };
        Self::usage(refused, hint)
    }
}

/// Runs `plaudit evidence`.
pub async fn evidence(
    arguments: &cli::Evidence,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let now = Timestamp::now();
    match &arguments.command {
        EvidenceCommand::Add(add) => {
            let signature = entry::signed(&add.by, now)?;
            let edit = |review: &Review, role: Role<'_>| {
                let rubric = role.rubric()?;
                let typed = Typed {
                    kind: &add.kind,
                    amount: add.amount,
                    url: &add.url,
                    reason: &add.reason,
                    date: add.date,
                };
                Ok(review.with_evidence(typed, &rubric.reviewed, signature)?)
            };
            change(
                &add.id,
                (config, Deed::Evidence),
                now,
                output,
                edit,
                told_of_evidence,
            )
            .await
        }
        EvidenceCommand::Done { id, by, undo: true } => {
            entry::signed(by, now)?;
            let edit = |review: &Review, _: Role<'_>| Ok(review.looked_through_no_more());
            let told = |_: &Review| format!("there may be more to be found, says {}", clean(by));
            change(id, (config, Deed::Evidence), now, output, edit, told).await
        }
        EvidenceCommand::Done {
            id,
            by,
            undo: false,
        } => {
            let signature = entry::signed(by, now)?;
            let edit =
                |review: &Review, _: Role<'_>| Ok(review.looked_through_by(signature.clone()));
            let told = |_: &Review| format!("there is no more to be found, says {}", clean(by));
            change(id, (config, Deed::Evidence), now, output, edit, told).await
        }
        EvidenceCommand::List { id } => list(id, config, output).await,
        EvidenceCommand::Withdraw(one) => {
            let signature = entry::signed(&one.by, now)?;
            let edit = |review: &Review, _: Role<'_>| {
                Ok(review.without_evidence(one.number, &one.reason, signature)?)
            };
            let told = |review: &Review| {
                format!(
                    "evidence {} is withdrawn; it stays, marked{}",
                    one.number,
                    still_through(review)
                )
            };
            change(&one.id, (config, Deed::Evidence), now, output, edit, told).await
        }
    }
}

/// Runs `plaudit note`.
pub async fn note(
    arguments: &cli::Note,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let now = Timestamp::now();
    let signature = entry::signed(&arguments.by, now)?;
    let edit = |review: &Review, _: Role<'_>| Ok(review.with_note(&arguments.text, signature)?);
    let told = |review: &Review| format!("note {} is kept", last(review));
    change(
        &arguments.id,
        (config, Deed::Noted),
        now,
        output,
        edit,
        told,
    )
    .await
}

/// Runs `plaudit adjust`.
pub async fn adjust(
    arguments: &cli::Adjust,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let now = Timestamp::now();
    let signature = entry::signed(&arguments.by, now)?;
    let id = &arguments.id;
    if let Some(number) = arguments.withdraw {
        let edit = |review: &Review, _: Role<'_>| {
            Ok(review.without_adjustment(number, &arguments.reason, signature)?)
        };
        let told = |_: &Review| format!("adjustment {number} is withdrawn; it stays, marked");
        return change(id, (config, Deed::Adjusted), now, output, edit, told).await;
    }
    let points = entry::points(arguments.points.as_deref().unwrap_or_default())?;
    let edit = |review: &Review, _: Role<'_>| {
        Ok(review.with_adjustment(points, &arguments.reason, signature)?)
    };
    let told = |review: &Review| {
        let number = last(review);
        format!("adjustment {number} is kept: {} points", points.signed())
    };
    change(id, (config, Deed::Adjusted), now, output, edit, told).await
}

/// The role applied for, with its rubric if there is one.
struct Role<'a> {
    applicant: &'a Applicant,
    rubrics: &'a BTreeMap<String, Rubric>,
    config: &'a Config,
}

impl<'a> Role<'a> {
    fn rubric(&self) -> Result<&'a Rubric, Failure> {
        match self.rubrics.get(&self.applicant.role) {
            Some(rubric) => Ok(rubric),
            None => Err(session::unknown_role(&self.applicant.role, self.config)?),
        }
    }
}

/// Changes what is kept beside an applicant's score, and says what that did.
async fn change(
    id: &str,
    (config, did): (&Config, Deed),
    now: Timestamp,
    output: &mut Output<'_>,
    edit: impl FnOnce(&Review, Role<'_>) -> Result<Review, Failure>,
    told: impl FnOnce(&Review) -> String,
) -> Result<Ending, Failure> {
    let rubrics = session::rubrics(config)?;
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    session::expect_notes(config).await?;
    let changed = change_in(&store, id, (config, &rubrics), now, edit).await;
    // Closed also after a refusal, so that the next start need not read everything.
    let closed = store.close().await;
    let (applicant, reviewed) = changed?;
    closed?;
    session::note(config, session::local(did).about_one(&applicant.id)).await?;
    let said = told(&reviewed.review);
    if output.format == Format::Text {
        writeln!(output.out, "{}: {said}", named(&applicant))?;
        tell_of_effect(&reviewed, output.out)?;
    } else {
        let points = |profile: &Option<Profile>| profile.as_ref().map(shown).into();
        let header = ["applicant", "what", "before", "after"].to_vec();
        let row = vec![
            applicant.id.as_str().into(),
            said.into(),
            points(&reviewed.before),
            points(&reviewed.after),
        ];
        let rows = Rows {
            header,
            rows: vec![row],
        };
        report::rows(&rows, output.format, output.view, output.out)?;
    }
    tell_of_circumstances(&applicant, &reviewed, output.messages)?;
    Ok(Ending::Complete)
}

async fn change_in(
    store: &Store,
    id: &str,
    (config, rubrics): (&Config, &BTreeMap<String, Rubric>),
    now: Timestamp,
    edit: impl FnOnce(&Review, Role<'_>) -> Result<Review, Failure>,
) -> Result<(Applicant, Reviewed), Failure> {
    let applicant = session::find(store, id, &session::hosts(config)?).await?;
    let role = Role {
        applicant: &applicant,
        rubrics,
        config,
    };
    let edit = |review: &Review| edit(review, role);
    let reviewed = rescore::review(store, rubrics, &applicant.id, now, edit).await?;
    Ok((applicant, reviewed))
}

fn named(applicant: &Applicant) -> String {
    match &applicant.name {
        Some(name) => format!("{} ({})", applicant.id, clean(name)),
        None => applicant.id.to_string(),
    }
}

/// The number of the entry that was added last.
fn last(review: &Review) -> u32 {
    review.next_number() - 1
}

fn told_of_evidence(review: &Review) -> String {
    format!("evidence {} is kept{}", last(review), still_through(review))
}

/// That somebody's word holds on, by which what is not here is not there.
fn still_through(review: &Review) -> String {
    review
        .looked_through
        .as_ref()
        .map_or_else(String::new, |by| {
            format!(
                "; that there is no more to be found, as {} said, stays (`evidence done --undo` takes it back)",
                clean(&by.by)
            )
        })
}

/// The score before and after, and what stands beside it.
fn tell_of_effect(reviewed: &Reviewed, out: &mut dyn io::Write) -> io::Result<()> {
    let (Some(before), Some(after)) = (&reviewed.before, &reviewed.after) else {
        return Ok(());
    };
    writeln!(out, "score: {} (was {})", shown(after), shown(before))?;
    let points = |profile: &Profile| {
        let components = &profile.score.components;
        let found = components.iter().find(|one| one.name == "reviewed");
        found.map(|component| (component.low, component.high, component.state))
    };
    if let (Some((low, high, state)), true) = (points(after), points(before) != points(after)) {
        let open = match state {
            ComponentState::Complete => "",
            ComponentState::Partial | ComponentState::Unknown => {
                "; open until somebody says `plaudit evidence done`"
            }
        };
        writeln!(out, "reviewed: {low}..{high}{open}")?;
    }
    if let Some(sum) = reviewed.review.adjusted_by() {
        writeln!(
            out,
            "beside it: {} by people, shown with their names and reasons; the score and its order stay",
            sum.signed()
        )?;
    }
    Ok(())
}

/// What a person should know of the profile that the review stands beside.
fn tell_of_circumstances(
    applicant: &Applicant,
    reviewed: &Reviewed,
    messages: &mut dyn io::Write,
) -> io::Result<()> {
    let (before, after) = match (&reviewed.before, &reviewed.after) {
        (Some(before), Some(after)) => (before, after),
        (None, _) => {
            return writeln!(
                messages,
                "note: there is no profile yet; this counts as soon as there is one (`plaudit enrich`)"
            );
        }
        (Some(before), None) => {
            return writeln!(
                messages,
                "note: no rubric judges the role {:?} any more, so the score stays as it was judged",
                clean(&before.role)
            );
        }
    };
    if before.rubric.digest != after.rubric.digest {
        writeln!(
            messages,
            "note: the text of the rubric that judged is not kept, so today's judged (version {}, was {}); \
             `plaudit rescore` does so for all",
            clean(&after.rubric.version),
            clean(&before.rubric.version)
        )?;
    }
    let uncounted =
        |one: &&crate::domain::review::Found| one.withdrawn.is_none() && one.date > after.as_of;
    if let Some(later) = after.review.evidence.iter().rev().find(uncounted) {
        writeln!(
            messages,
            "note: entry {} is dated {}, and the profile is judged as of {}: it counts from a judgement as of that day \
             on (`plaudit rescore --as-of {} {}`, or the next `plaudit enrich`)",
            later.number, later.date, after.as_of, later.date, after.applicant.id
        )?;
    }
    if after.role != applicant.role {
        writeln!(
            messages,
            "note: the profile is for the role {:?}, and the application for {:?}; `plaudit enrich` brings them \
             together",
            clean(&after.role),
            clean(&applicant.role)
        )?;
    }
    Ok(())
}

fn shown(profile: &Profile) -> String {
    format!("{}..{}", profile.score.low, profile.score.high)
}

/// Runs `plaudit evidence list`.
async fn list(id: &str, config: &Config, output: &mut Output<'_>) -> Result<Ending, Failure> {
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let applicant = session::find(&store, id, &session::hosts(config)?).await?;
    let review = store.review(&applicant.id).await?;
    store.close().await?;
    let saw = session::local(Deed::Saw).about_one(&applicant.id);
    session::note(config, saw).await?;
    report::rows(&rows(&review), output.format, output.view, output.out)?;
    match &review.looked_through {
        Some(Signature { by, at }) => writeln!(
            output.messages,
            "{} said on {} that there is no more to be found",
            clean(by),
            at.strftime("%F")
        )?,
        None => writeln!(
            output.messages,
            "nobody has said yet that there is no more to be found (`plaudit evidence done`)"
        )?,
    }
    Ok(Ending::Complete)
}

/// Everything that people have added, in the order of its numbers; what was withdrawn as well.
fn rows(review: &Review) -> Rows {
    let withdrawn = |one: &Option<Withdrawal>| match one {
        Some(Withdrawal { reason, signature }) => format!(
            "{} by {}: {reason}",
            signature.at.strftime("%F"),
            signature.by
        )
        .into(),
        None => Value::Null,
    };
    let signed = |one: &Signature| {
        [
            Value::from(one.by.clone()),
            one.at.strftime("%F").to_string().into(),
        ]
    };
    let mut rows: Vec<(u32, Vec<Value>)> = Vec::new();
    for one in &review.evidence {
        let [by, at] = signed(&one.signature);
        let what = format!("{} × {}: {}", one.amount, one.kind, one.reason);
        let row = [
            one.number.into(),
            "evidence".into(),
            what.into(),
            one.date.to_string().into(),
            one.url.clone().into(),
            by,
            at,
            withdrawn(&one.withdrawn),
        ];
        rows.push((one.number, row.to_vec()));
    }
    for one in &review.notes {
        let [by, at] = signed(&one.signature);
        let row = [
            one.number.into(),
            "note".into(),
            one.text.clone().into(),
            Value::Null,
            Value::Null,
            by,
            at,
            Value::Null,
        ];
        rows.push((one.number, row.to_vec()));
    }
    for one in &review.adjustments {
        let [by, at] = signed(&one.signature);
        let what = format!("{} points: {}", one.points.signed(), one.reason);
        let row = [
            one.number.into(),
            "adjustment".into(),
            what.into(),
            Value::Null,
            Value::Null,
            by,
            at,
            withdrawn(&one.withdrawn),
        ];
        rows.push((one.number, row.to_vec()));
    }
    rows.sort_by_key(|(number, _)| *number);
    Rows {
        header: [
            "number",
            "kind",
            "what",
            "date",
            "url",
            "by",
            "at",
            "withdrawn",
        ]
        .to_vec(),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    }
}
