//! Keeping those out of a dump's lines who were erased.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, value::RawValue};

use super::line::Line;
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::store::{
    erasure::{Found, Traces, known_by},
    records::Shelf,
    tombstones::Tombstones,
};

/// Lets lines pass, in their order, but for what is of somebody who was erased.
pub(in crate::store) struct Sieve<'a> {
    tombstones: &'a Tombstones,
    made_at: Timestamp,
    barred: BTreeSet<ApplicantId>,
    erased: Vec<Applicant>,
    /// What those who pass are known by.
    of_others: BTreeSet<String>,
    /// Made when all applicants have been seen.
    traces: Option<Traces>,
}

impl<'a> Sieve<'a> {
    /// For those who have a tombstone, in a dump that was made then.
    pub(in crate::store) fn new(tombstones: &'a Tombstones, made_at: Timestamp) -> Self {
        Self {
            tombstones,
            made_at,
            barred: BTreeSet::new(),
            erased: Vec::new(),
            of_others: BTreeSet::new(),
            traces: None,
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
        {
            if self.tombstones.concern(&applicant, self.made_at) {
                self.barred.insert(id.clone());
                self.erased.push(applicant);
            } else {
                self.of_others.extend(known_by(&applicant));
            }
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

    fn pass_record(&mut self, on: Shelf, value: Box<RawValue>) -> Option<Box<RawValue>> {
        let Ok(mut record) = serde_json::from_str::<Value>(value.get()) else {
            return Some(value);
        };
        let traces = self.traces.get_or_insert_with(|| {
            let mut traces = Traces::default();
            for one in &self.erased {
                traces.add(one, &self.of_others);
            }
            traces
        });
        match traces.take_from(on, &mut record) {
            Found::Nothing => Some(value),
            // A value has a JSON form.
            Found::Taken => serde_json::value::to_raw_value(&record).ok(),
            Found::Whole => None,
        }
    }
}
