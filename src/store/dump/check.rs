//! Whether a line's value is what its name says: read as what the store reads it as.

use serde::de::{DeserializeOwned, IgnoredAny};

use super::line::Line;
use crate::domain::{applicant::Applicant, profile::Snapshot, review::Review};
use crate::store::{queue::JobRecord, rubrics};

/// Why the value is none of these; `Ok`: it is.
pub(super) fn check(line: &Line) -> Result<(), String> {
    let named = |of: &str, is: &str| {
        if of == is {
            Ok(())
        } else {
            Err(format!("what stands under {of} is of {is}"))
        }
    };
    match line {
        Line::Applicant { id, .. } => {
            let applicant: Applicant = read(line)?;
            named(id.as_str(), applicant.id.as_str())
        }
        Line::Job { id, .. } => {
            let record: JobRecord = read(line)?;
            named(id.as_str(), record.job.applicant.as_str())
        }
        Line::Profile { id, .. } | Line::Earlier { id, .. } => {
            let stored: Snapshot = read(line)?;
            named(id.as_str(), stored.profile.applicant.id.as_str())
        }
        Line::Review { .. } => read::<Review>(line).map(|_| ()),
        Line::Rubric { digest, .. } => {
            let text: String = read(line)?;
            named(digest, &rubrics::digest(&text))
        }
        Line::Meta { .. } | Line::Record { .. } => read::<IgnoredAny>(line).map(|_| ()),
    }
}

fn read<T: DeserializeOwned>(line: &Line) -> Result<T, String> {
    serde_json::from_str(line.value().get()).map_err(|error| {
        let (table, key) = line.place();
        format!("{} cannot be read: {error}", table.describe(&key))
    })
}
