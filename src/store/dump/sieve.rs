//! Keeping those out of a dump's lines who were erased.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, value::RawValue};

use super::{folder::all, line::Line, write::rewrite};
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::store::{
    erasure::{Found, Traces},
    error::Fault,
    records::Shelf,
    tombstones::Tombstones,
};

/// Lets lines pass, in their order, but for what is of somebody who was erased.
pub(in crate::store) struct Sieve<'a> {
    tombstones: &'a Tombstones,
    barred: BTreeSet<ApplicantId>,
    traces: Traces,
}

impl<'a> Sieve<'a> {
    /// For those who have a tombstone.
    pub(in crate::store) fn new(tombstones: &'a Tombstones) -> Self {
        Self {
            tombstones,
            barred: BTreeSet::new(),
            traces: Traces::default(),
        }
    }

    /// Those who were kept out so far. Count.
    pub(in crate::store) fn kept_out(&self) -> u64 {
        self.barred.len() as u64
    }

    /// What is left of a line. One that cannot be read passes: whoever uses it reads it again and says so.
    pub(in crate::store) fn pass(&mut self, line: Line) -> Option<Line> {
        // Applicants come first, so that whatever else is theirs is known for it.
        if let Line::Applicant { id, value } = &line
            && let Ok(applicant) = serde_json::from_str::<Applicant>(value.get())
            && self.tombstones.bar(&applicant).is_some()
        {
            self.traces.add(&applicant);
            self.barred.insert(id.clone());
        }
        if self.barred.is_empty() {
            return Some(line);
        }
        if line.whose().is_some_and(|id| self.barred.contains(id)) {
            return None;
        }
        match line {
            Line::Record { shelf, name, value } => {
                let value = self.pass_record(shelf, value)?;
                Some(Line::Record { shelf, name, value })
            }
            line => Some(line),
        }
    }

    fn pass_record(&self, on: Shelf, value: Box<RawValue>) -> Option<Box<RawValue>> {
        let Ok(mut record) = serde_json::from_str::<Value>(value.get()) else {
            return Some(value);
        };
        match self.traces.take_from(on, &mut record) {
            Found::Nothing => Some(value),
            // A value has a JSON form.
            Found::Taken => serde_json::value::to_raw_value(&record).ok(),
            Found::Whole => None,
        }
    }
}

/// Takes those who were erased out of all dumps in a folder. A dump that is not whole goes: nobody could restore it, and
/// nobody can say who is in it.
pub(in crate::store) fn clean(folder: &Path, tombstones: &Tombstones) -> Result<(), Fault> {
    for dump in all(folder)? {
        let mut sieve = Sieve::new(tombstones);
        match rewrite(&dump, |line| sieve.pass(line)) {
            Ok(_) => {}
            Err(Fault::DumpUnusable { why, .. }) => {
                tracing::warn!(dump = %dump.display(), why, "a dump that is not whole was deleted, since somebody was erased");
                fs::remove_file(&dump)?;
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
