//! `plaudit audit`: whether the log of who did what is whole, and what stands in it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::changes::moment;
use super::enrich::{Output, number_of};
use super::failure::{Ending, Failure};
use super::session;
use crate::audit::{
    Audit, Deed, Entry, Finding, Head, Mended, Mending, Verified, Wrong, verify_copy,
};
use crate::cli::{self, AuditCommand, AuditExport};
use crate::config::Config;
use crate::domain::applicant::ApplicantId;
use crate::report::{self, Format, Rows};

/// Runs the command.
pub async fn run(
    arguments: &cli::Audit,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    match &arguments.command {
        AuditCommand::Verify(wanted) => {
            let file = wanted.file.as_deref();
            let kept = wanted
                .head
                .as_deref()
                .map(str::trim)
                .map(str::parse::<Head>);
            let kept = kept
                .transpose()
                .map_err(|error| Failure::usage(error, "give the whole line: --head N:HASH"))?;
            verify(file, kept.as_ref(), config, output).await
        }
        AuditCommand::Export(wanted) => export(wanted, config, output).await,
    }
}

/// Says whether a log is whole, and where it ends.
async fn verify(
    file: Option<&Path>,
    kept: Option<&Head>,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let (verified, place) = if let Some(path) = file {
        let verified = verify_copy(path, kept).map_err(|error| unreadable(path, error))?;
        (Some(verified), path.to_owned())
    } else {
        let verified = Audit::within(&config.data_dir)
            .verify(kept.cloned())
            .await?;
        (verified, config.data_dir.join("audit"))
    };
    let Some(verified) = verified else {
        return Err(no_log(&place));
    };
    tell(&verified, output)?;
    let Some(finding) = verified.finding else {
        if file.is_some() && kept.is_none() {
            writeln!(
                output.messages,
                "note: that the end of a copy was not cut off, only a head can tell: --head N:HASH"
            )?;
        }
        return Ok(Ending::Complete);
    };
    Err(Failure {
        code: 4,
        error: anyhow::anyhow!("{}", said(&finding)),
        hint: Some(hint(&finding).to_owned()),
    })
}

fn unreadable(path: &Path, error: io::Error) -> Failure {
    let said = format!("the copy {} cannot be read", path.display());
    Failure {
        code: 4,
        error: anyhow::Error::new(error).context(said),
        hint: Some(
            "name a file that `plaudit audit export --format jsonl` wrote; without one, the log of the data folder is verified"
                .to_owned(),
        ),
    }
}

fn no_log(place: &Path) -> Failure {
    Failure {
        code: 4,
        error: anyhow::anyhow!("there is no audit log in {}", place.display()),
        hint: Some(
            "a command that shows or changes something begins one; if there was one, somebody took it away"
                .to_owned(),
        ),
    }
}

/// The result as a row; in text, where the log ends, alone on its line, so that it can be kept elsewhere.
fn tell(verified: &Verified, output: &mut Output<'_>) -> io::Result<()> {
    let finding = verified.finding.as_ref();
    for mending in &verified.mendings {
        writeln!(output.messages, "note: {}", noted(mending))?;
    }
    if output.format != Format::Text {
        let row = vec![
            json!(if finding.is_none() { "whole" } else { "wrong" }),
            json!(verified.entries),
            json!(finding.is_none().then(|| verified.head.to_string())),
            json!(finding.map(|finding| finding.entry)),
            json!(finding.map(|finding| finding.line)),
            json!(finding.map(said)),
            json!(finding.map(|finding| finding.following)),
            json!(verified.mendings.iter().map(noted).collect::<Vec<_>>()),
        ];
        let rows = Rows {
            header: [
                "result",
                "entries",
                "head",
                "wrong_entry",
                "line",
                "wrong",
                "following",
                "mended",
            ]
            .to_vec(),
            rows: vec![row],
        };
        return report::rows(&rows, output.format, output.view, output.out);
    }
    if finding.is_some() {
        return Ok(());
    }
    writeln!(output.out, "{}", verified.head)?;
    writeln!(
        output.messages,
        "the log is whole: {}. Keep the line above elsewhere; `plaudit audit verify --head` with it tells \
         later whether anything up to there was written anew",
        entries(verified.entries)
    )
}

/// A mending as a sentence.
fn noted(mending: &Mending) -> String {
    let Mending {
        entry, at, what, ..
    } = mending;
    let what = match what {
        Mended::Line => {
            "the last line had been cut short by a crash and was taken away; nobody was told of what stood in it"
        }
        Mended::Key => {
            "audit/key was missing and made anew; from there on the same people bear other pseudonyms"
        }
        Mended::Head => "audit/head was missing or damaged",
        Mended::Gap => "the log did not end as audit/head said",
    };
    format!("entry {entry} ({at:.0}) says: {what}")
}

/// A finding as a sentence.
fn said(finding: &Finding) -> String {
    let Finding {
        entry,
        line,
        wrong,
        following,
    } = finding;
    let said = match wrong {
        Wrong::Unreadable => format!("entry {entry} cannot be read: what stands in its place is none"),
        Wrong::Changed => format!("entry {entry} was changed"),
        Wrong::Missing { until } if until == entry => format!("entry {entry} is missing"),
        Wrong::Missing { until } => format!("the entries {entry} to {until} are missing"),
        Wrong::Reordered { found } => {
            format!("entry {entry} is not in its place, where entry {found} stands")
        }
        Wrong::Duplicated { belongs } => {
            format!("entry {entry} stands once more, in the place of entry {belongs}")
        }
        Wrong::CutOff { head } if head == entry => format!("entry {entry}, the newest, is missing"),
        Wrong::CutOff { head } => {
            format!("the entries {entry} to {head}, the newest ones, are missing")
        }
        Wrong::Torn { head } => {
            let lost = match head {
                Some(head) if head >= entry => format!("; there were entries up to {head}"),
                Some(_) | None => String::new(),
            };
            format!("entry {entry}, the last one, was cut short{lost}")
        }
        Wrong::OtherThanHead { kept: true } => {
            format!("entry {entry} is not the one of the head that was kept: it, or one before it, was written anew")
        }
        Wrong::OtherThanHead { kept: false } => {
            format!("entry {entry} is not the one that audit/head names: it, or one before it, was written anew")
        }
        Wrong::NoHead => {
            "audit/head cannot be read or was taken away, so that nobody can tell whether the newest entries are missing"
                .to_owned()
        }
        Wrong::NoBeginning => {
            "there is no entry, not even the one that each log begins with".to_owned()
        }
        Wrong::Mended(mending) => format!(
            "{}; nobody can tell whether entries were cut off before it. From entry {entry} on the log is whole",
            noted(mending)
        ),
    };
    match wrong {
        Wrong::CutOff { .. } | Wrong::NoHead | Wrong::NoBeginning | Wrong::Mended(_) => said,
        _ => {
            let lines = if *following == 1 {
                "line follows"
            } else {
                "lines follow"
            };
            format!("{said} (line {line}; {following} {lines}, of which nothing is said)")
        }
    }
}

fn hint(finding: &Finding) -> &'static str {
    match finding.wrong {
        Wrong::Torn { head } if head.is_some_and(|head| head < finding.entry) => {
            "a process was killed while it wrote; nobody was told of that entry, and the next command takes it away"
        }
        Wrong::NoBeginning => {
            "name the file that `plaudit audit export --format jsonl` wrote; if it is the log itself, somebody has emptied \
             it, or a process was killed before its first entry: compare it with a copy"
        }
        Wrong::Mended(_) => {
            "compare what is before it with a copy; then put log.jsonl and head away together, so that a new log begins \
             (docs/audit.md)"
        }
        _ => {
            "compare it with a copy (`plaudit audit export`, a backup); docs/audit.md says what each finding means"
        }
    }
}

/// Entries as they are written out: as lines, or as rows.
type Kept = (Vec<u8>, Vec<Vec<Value>>);

/// Writes entries out.
async fn export(
    wanted: &AuditExport,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let since = match wanted.since {
        Some(since) => Some(moment(since, Timestamp::now())?),
        None => None,
    };
    let subject: Option<ApplicantId> = match &wanted.subject {
        None => None,
        Some(text) => Some(text.parse().map_err(|error: crate::domain::applicant::BadApplicantId| {
            Failure::usage(error, "the id that the applicant has or had: `plaudit rank` lists those that there are")
        })?),
    };
    let audit = Audit::within(&config.data_dir);
    let place = config.data_dir.join("audit");
    if !place.exists() {
        return Err(no_log(&place));
    }
    let mut act = session::local(Deed::Audited);
    if let Some(subject) = &subject {
        act = act.about_one(subject);
    }
    session::note(config, act).await?;
    let as_lines = output.format == Format::Jsonl;
    let kept: Arc<Mutex<Kept>> = Arc::default();
    let tell = {
        let kept = Arc::clone(&kept);
        move |entry: Entry, line: &[u8]| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if as_lines {
                kept.0.extend_from_slice(line);
                kept.0.push(b'\n');
            } else {
                kept.1.push(row(entry));
            }
            Ok::<_, io::Error>(())
        }
    };
    let told = audit.entries(since, subject.as_ref(), tell).await??;
    let (lines, rows) = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    if as_lines {
        output.out.write_all(&lines)?;
    } else {
        let header = [
            "n", "at", "who", "did", "subjects", "about", "before", "hash",
        ]
        .to_vec();
        let mut rows = Rows { header, rows };
        if output.format == Format::Text {
            // Nobody reads digests.
            rows.header.truncate(6);
            rows.rows.iter_mut().for_each(|row| row.truncate(6));
        }
        report::rows(&rows, output.format, output.view, output.out)?;
    }
    let excerpt = if since.is_some() || subject.is_some() {
        "; an excerpt is no chain and cannot be verified"
    } else {
        ""
    };
    writeln!(output.messages, "{}{excerpt}", entries(told.entries))?;
    if told.unreadable > 0 {
        writeln!(
            output.errors,
            "warning: {} left out, no entry as it was written; `plaudit audit verify` says more",
            number_of(told.unreadable, "line is", "lines are")
        )?;
    }
    Ok(Ending::Complete)
}

fn entries(count: u64) -> String {
    number_of(count, "entry", "entries")
}

fn row(entry: Entry) -> Vec<Value> {
    let about: Vec<String> = entry
        .about
        .iter()
        .map(|(what, detail)| format!("{what} {detail}"))
        .collect();
    vec![
        entry.n.into(),
        format!("{:.3}", entry.at).into(),
        entry.who.to_string().into(),
        json!(entry.did),
        json!(entry.subjects),
        json!(about),
        entry.before.into(),
        entry.hash.into(),
    ]
}
