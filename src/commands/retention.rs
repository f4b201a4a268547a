//! `plaudit retention`: how long the applicants for each role are kept, and what happens next.

use jiff::Timestamp;
use serde_json::Value;

use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::session;
use crate::config::Config;
use crate::domain::retention::{Decision, spoken};
use crate::refresh::retention::{Standing, standing};
use crate::report::{self, Rows};

/// Runs the command.
pub async fn run(config: &Config, output: &mut Output<'_>) -> Result<Ending, Failure> {
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let all = standing(&store, config, Timestamp::now()).await;
    // Closed also after a failure, so that the next start need not read everything.
    let closed = store.close().await;
    let all = all?;
    closed?;
    let rubrics = session::rubrics(config)?;
    let rows = Rows {
        header: ["role", "closes", "keep_for", "ends", "applicants", "next"].to_vec(),
        rows: all.iter().map(row).collect(),
    };
    report::rows(&rows, output.format, output.view, output.out)?;
    for role in config
        .postings
        .keys()
        .filter(|role| !rubrics.contains_key(*role))
    {
        writeln!(
            output.messages,
            "note: [postings.{role}] is about no role that there is; `plaudit role list` names them"
        )?;
    }
    if !config.refresh.enabled {
        writeln!(
            output.messages,
            "note: refresh.enabled is off, so nothing of this happens by itself: `plaudit refresh` does it"
        )?;
    }
    Ok(Ending::Complete)
}

fn row(one: &Standing) -> Vec<Value> {
    let closes = one.terms.closes;
    let ends = closes.and_then(|closes| closes.checked_add(one.terms.keep_for).ok());
    let day =
        |day: Option<jiff::civil::Date>| day.map_or(Value::Null, |day| day.to_string().into());
    vec![
        one.role.as_str().into(),
        day(closes),
        spoken(one.terms.keep_for).into(),
        day(ends),
        one.applicants.len().into(),
        next(one).into(),
    ]
}

/// What happens next, in words.
pub(super) fn next(one: &Standing) -> String {
    if one.applicants.is_empty() {
        return "nothing: nobody is kept".to_owned();
    }
    match one.decision {
        Decision::WithoutEnd => "kept without end: no closing date is set".to_owned(),
        Decision::Nothing { warns_on, .. } => format!("a warning on {warns_on}"),
        Decision::Warn { erases_on, .. } if one.terms.erase => {
            format!("the next refresh warns; erased on {erases_on} or later")
        }
        Decision::Warned { erases_on, .. } if one.terms.erase => {
            format!("warned of; erased on {erases_on} or soon after")
        }
        Decision::Warn { .. } => "the next refresh warns; a person erases".to_owned(),
        Decision::Warned { .. } => "warned of; a person erases".to_owned(),
        Decision::Erase { .. } => "the next refresh erases them".to_owned(),
        Decision::Over { .. } => "over: a person erases".to_owned(),
    }
}
