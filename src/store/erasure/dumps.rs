//! Taking people out of the dumps in the folder of dumps.
//!
//! Who is to go is told by the tombstones alone: a dump names its own applicants, and those whom a tombstone recognises
//! are taken out. So what a crash cuts off can be made good when nobody knows their names any more.

use std::{fs, path::Path, time::Duration};

use serde_json::value::RawValue;

use super::traces::{Found, Traces};
use crate::domain::applicant::Applicant;
use crate::store::{
    dump::{self, Line, Reader},
    engine::Engine,
    error::Fault,
    tombstones::Tombstones,
};

/// Cleans all dumps. Held off meanwhile: the making of dumps.
pub(super) fn clean(engine: &Engine) -> Result<(), Fault> {
    let folder = engine.dumps();
    let tombstones = Tombstones::of(engine)?;
    dump::remove_unfinished(&folder, Duration::ZERO)?;
    for file in dump::all(&folder)? {
        match clean_one(&file, &tombstones) {
            Ok(()) => {}
            // Nothing can be made from it, and nobody can tell whom it holds.
            Err(Fault::DumpUnusable { why, .. }) => {
                tracing::warn!(file = %file.display(), why, "a dump that cannot be read was deleted, since nobody can be taken out of it");
                fs::remove_file(&file)?;
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

fn clean_one(file: &Path, tombstones: &Tombstones) -> Result<(), Fault> {
    let mut traces = Traces::default();
    let mut reader = Reader::open(file)?;
    while let Some(line) = reader.next()? {
        if let Line::Applicant { value, .. } = &line
            && let Ok(applicant) = serde_json::from_str::<Applicant>(value.get())
            && tombstones.bar(&applicant).is_some()
        {
            traces.add(&applicant);
        }
    }
    if traces.are_none() {
        return Ok(());
    }
    dump::rewrite(file, |line| without(&traces, line))?;
    Ok(())
}

/// What stays of a line.
fn without(traces: &Traces, line: Line) -> Option<Line> {
    if let Some(id) = line.whose() {
        return (!traces.names(id.as_str())).then_some(line);
    }
    let Line::Record { shelf, name, value } = line else {
        return Some(line);
    };
    let Ok(mut record) = serde_json::from_str(value.get()) else {
        // The reader has shown that it is JSON.
        return None;
    };
    let value = match traces.take_from(shelf, &mut record) {
        Found::Nothing => value,
        Found::Taken => RawValue::from_string(record.to_string()).ok()?,
        Found::Whole => return None,
    };
    Some(Line::Record { shelf, name, value })
}
