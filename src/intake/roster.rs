//! Collects the rows of a list, and makes one applicant of the rows that belong to one person.

use std::collections::HashMap;

use super::{
    Counted, List, Listed, MOST_ROWS, RefusedRow,
    error::{IntakeError, RowError},
    row::{self, Entry, Row},
};
use crate::domain::link::{Column, GitHubHosts, Link, Reading};

/// Most notices of one applicant. Count. Somebody may stand in a list thousands of times.
const MOST_NOTICES: usize = 20;

/// What is read so far.
pub(super) struct Roster<'a> {
    role: &'a str,
    hosts: &'a GitHubHosts,
    counted: Counted,
    rows: usize,
    /// By order of first appearance; `None` where an entry turned out to be an earlier person.
    entries: Vec<Option<Entry>>,
    /// For each entry, the earlier one that it was merged into, or itself.
    merged_into: Vec<usize>,
    /// Which entry a key leads to. Keys are ids and accounts; see [`keys`].
    by_key: HashMap<String, usize>,
    refused: Vec<RefusedRow>,
    /// The places of rows that were merged, each with the entry that it was merged into.
    merged: Vec<(u64, usize)>,
    notices: Vec<String>,
}

impl<'a> Roster<'a> {
    /// An empty one. `role` is for rows that name none.
    pub(super) fn new(role: &'a str, hosts: &'a GitHubHosts, counted: Counted) -> Self {
        Self {
            role,
            hosts,
            counted,
            rows: 0,
            entries: Vec::new(),
            merged_into: Vec::new(),
            by_key: HashMap::new(),
            refused: Vec::new(),
            merged: Vec::new(),
            notices: Vec::new(),
        }
    }

    pub(super) fn hosts(&self) -> &'a GitHubHosts {
        self.hosts
    }

    /// Tells something about the list as a whole.
    pub(super) fn notice(&mut self, text: String) {
        self.notices.push(text);
    }

    /// Takes a row. The error is the list's, not the row's.
    pub(super) fn row(&mut self, row: &Row) -> Result<(), IntakeError> {
        self.take(row.line, row::entry(row, self.role, self.hosts))
    }

    /// Takes a link that is an applicant of its own.
    pub(super) fn link(
        &mut self,
        line: u64,
        column: Column,
        text: &str,
    ) -> Result<(), IntakeError> {
        let row = Row::new(line);
        let entry = row::entry_of_links(&row, &[(column, text)], Vec::new(), self.role, self.hosts);
        self.take(line, entry)
    }

    /// Takes a row that cannot be read.
    pub(super) fn refuse(&mut self, line: u64, reason: RowError) -> Result<(), IntakeError> {
        self.take(line, Err(reason))
    }

    fn take(&mut self, line: u64, entry: Result<Entry, RowError>) -> Result<(), IntakeError> {
        self.rows += 1;
        if self.rows > MOST_ROWS {
            return Err(IntakeError::TooManyRows);
        }
        if let Err(reason) = entry.and_then(|entry| self.add(entry)) {
            self.refused.push(RefusedRow { line, reason });
        }
        Ok(())
    }

    /// Adds an entry, or merges it with those that are the same person.
    fn add(&mut self, entry: Entry) -> Result<(), RowError> {
        let keys = keys(&entry);
        let known: Vec<usize> = keys
            .iter()
            .filter_map(|key| self.by_key.get(key).copied())
            .collect();
        let mut same: Vec<usize> = known.into_iter().map(|place| self.root(place)).collect();
        same.sort_unstable();
        same.dedup();
        let place = match same.split_first() {
            None => {
                let place = self.entries.len();
                self.entries.push(Some(entry));
                self.merged_into.push(place);
                place
            }
            Some((&first, rest)) => {
                let others = rest
                    .iter()
                    .filter_map(|place| self.entries[*place].as_ref());
                let mut lines: Vec<u64> = others.map(|other| other.line).collect();
                lines.push(entry.line);
                self.merge(first, rest, entry)?;
                let merged = lines.into_iter().map(|line| (line, first));
                self.merged.extend(merged);
                first
            }
        };
        for key in keys {
            self.by_key.insert(key, place);
        }
        Ok(())
    }

    /// The entry that the one at `place` is part of by now. Shortens the way for the next time.
    fn root(&mut self, place: usize) -> usize {
        let mut root = place;
        while self.merged_into[root] != root {
            let next = self.merged_into[root];
            self.merged_into[root] = self.merged_into[next];
            root = next;
        }
        root
    }

    /// Merges `entry` and the entries at `rest` into the one at `first`; changes nothing when two of them
    /// contradict each other.
    fn merge(&mut self, first: usize, rest: &[usize], entry: Entry) -> Result<(), RowError> {
        let Some(mut merged) = self.entries.get(first).cloned().flatten() else {
            return Ok(());
        };
        // The row itself before what it ties together, so that a message names its own mistake first.
        let place = format!("{} {}", self.counted, merged.line);
        merged = self.join(merged, entry, &place)?;
        for earlier in rest {
            if let Some(other) = self.entries.get(*earlier).cloned().flatten() {
                let both = format!("{place} and {} {} at once", self.counted, other.line);
                merged = self.join(merged, other, &both)?;
            }
        }
        for place in rest {
            self.entries[*place] = None;
            self.merged_into[*place] = first;
        }
        self.entries[first] = Some(merged);
        Ok(())
    }

    /// One entry of two for the same person: what the first says holds, the second fills gaps.
    fn join(&self, mut first: Entry, second: Entry, place: &str) -> Result<Entry, RowError> {
        let mut notices = Vec::new();
        for link in second.links {
            row::add_link(&mut first.links, link, &mut notices).map_err(|clash| {
                RowError::Contradiction {
                    place: place.to_owned(),
                    source_name: clash.source_name,
                    first: clash.first,
                    second: clash.second,
                }
            })?;
        }
        let (kept, other) = (&mut first.applicant, second.applicant);
        kept.fill_legal_basis(&other);
        let mut told = format!(
            "{} {} and {} {} are the same person and were merged",
            self.counted, first.line, self.counted, second.line
        );
        if second.own_id && !first.own_id {
            kept.id = other.id;
            first.own_id = true;
        } else if second.own_id && kept.id != other.id {
            told = format!("{told}; the id {} stays, not {}", kept.id, other.id);
        }
        if kept.role != other.role {
            told = format!("{told}; the role {} stays, not {}", kept.role, other.role);
        }
        kept.name = kept.name.take().or(other.name);
        kept.email = kept.email.take().or(other.email);
        kept.applied_at = kept.applied_at.take().or(other.applied_at);
        first.notices.push(told);
        first.notices.extend(notices);
        first.notices.extend(second.notices);
        if first.notices.len() > MOST_NOTICES {
            first.notices.truncate(MOST_NOTICES - 1);
            first
                .notices
                .push("further notices were left out".to_owned());
        }
        first.sort_links();
        Ok(first)
    }

    /// The list, when every row was taken.
    pub(super) fn finish(mut self) -> Result<List, IntakeError> {
        if self.rows == 0 {
            return Err(IntakeError::NoRows);
        }
        let mut merged = Vec::with_capacity(self.merged.len());
        for (line, place) in std::mem::take(&mut self.merged) {
            let whose = self.root(place);
            let whose = self.entries[whose].as_ref();
            merged.extend(whose.map(|entry| (line, entry.applicant.id.clone())));
        }
        merged.sort_unstable();
        let applicants = self.entries.into_iter().flatten().map(|entry| Listed {
            applicant: entry.applicant,
            line: entry.line,
            notices: entry.notices,
        });
        Ok(List {
            applicants: applicants.collect(),
            refused: self.refused,
            merged,
            notices: self.notices,
            counted: self.counted,
        })
    }
}

/// What makes two entries the same person: the id, and each account that is named.
///
/// An account that only owns what was linked is none: many people link to the same project.
fn keys(entry: &Entry) -> Vec<String> {
    let accounts = entry.links.iter().filter_map(|(link, reading)| {
        let key = match link {
            Link::GitHub { host, handle } => format!("github {host} {}", handle.folded()),
            Link::Kaggle { handle } => format!("kaggle {}", handle.folded()),
            Link::Orcid { id } => format!("orcid {id}"),
            Link::HomePage { .. } => return None,
        };
        (*reading == Reading::Named).then_some(key)
    });
    std::iter::once(format!("id {}", entry.applicant.id))
        .chain(accounts)
        .collect()
}
