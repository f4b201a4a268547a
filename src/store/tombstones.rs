//! What stays of people who were erased: under salted digests of what they were known by, so that they are recognised when
//! a list brings them in again, and cannot be read back.
//!
//! A copy lies beside the engine, for the day on which the store has to be made from a dump that is older.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Shelf,
    draft::Draft,
    engine::Engine,
    error::Fault,
    records,
    table::{self, Table},
};
use crate::disk::sync_folder;
use crate::domain::{
    applicant::Applicant,
    erasure::{Erasure, Ground, Tombstone, identifiers, meanings},
};

/// Key in `Table::Meta` of the salts. The first one salts what is new; others came with a dump of another store.
pub(super) const SALTS: &str = "tombstone salts";
/// The copy in the data folder.
pub(super) const FILE: &str = "tombstones.jsonl";

/// A line of the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Salt(String),
    Tombstone { name: String, tombstone: Tombstone },
}

/// The salts and the tombstones under them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tombstones {
    pub(super) salts: Vec<String>,
    /// By the name of the record.
    pub(super) all: Vec<(String, Tombstone)>,
}

impl Tombstones {
    /// Those of an open store.
    pub(super) fn of(engine: &Engine) -> Result<Self, Fault> {
        let salts = engine.get(Table::Meta, SALTS.as_bytes())?;
        Ok(Self {
            salts: salts.unwrap_or_default(),
            all: records::records(engine, Shelf::Tombstones, None, usize::MAX)?,
        })
    }

    /// Those of the copy; none where there is no copy.
    pub(super) fn beside(folder: &Path) -> io::Result<Self> {
        let mut found = Self::default();
        let file = match File::open(folder.join(FILE)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        for line in BufReader::new(file).lines() {
            match serde_json::from_str(&line?)? {
                Line::Salt(salt) => found.salts.push(salt),
                Line::Tombstone { name, tombstone } => found.all.push((name, tombstone)),
            }
        }
        Ok(found)
    }

    /// Adds those of `other` that are not here.
    pub(super) fn merge(&mut self, other: Self) {
        for salt in other.salts {
            if !self.salts.contains(&salt) {
                self.salts.push(salt);
            }
        }
        for (name, tombstone) in other.all {
            if !self.all.iter().any(|(known, _)| *known == name) {
                self.all.push((name, tombstone));
            }
        }
    }

    /// Whether somebody of whom there was something at `moment` is gone since, or is kept out now.
    pub(super) fn concern(&self, applicant: &Applicant, moment: Timestamp) -> bool {
        let names = names(&self.salts, &identifiers(applicant));
        let known = self.all.iter();
        known
            .filter(|(name, _)| names.iter().any(|one| one == digest_in(name)))
            // Whoever was erased for one role was erased with all that was there then.
            .any(|(_, tombstone)| tombstone.erased_at >= moment || tombstone.bars(&applicant.role))
    }

    /// The one that `text` means: its number, or what the person was known by.
    pub(super) fn meant_by(&self, text: &str) -> Option<&Tombstone> {
        let meant = names(&self.salts, &meanings(text));
        let mut all = self.all.iter();
        let found = all.find(|(name, tombstone)| {
            tombstone.number == text.trim() || meant.iter().any(|one| one == digest_in(name))
        });
        found.map(|(_, tombstone)| tombstone)
    }

    /// Writes the copy: whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let unfinished = folder.join(format!("{FILE}.unfinished"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = BufWriter::new(options.open(&unfinished)?);
        let salts = self.salts.iter().map(|salt| Line::Salt(salt.clone()));
        let all = self.all.iter().map(|(name, tombstone)| Line::Tombstone {
            name: name.clone(),
            tombstone: tombstone.clone(),
        });
        for line in salts.chain(all) {
            serde_json::to_writer(&mut file, &line)?;
            file.write_all(b"\n")?;
        }
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        fs::rename(&unfinished, folder.join(FILE))?;
        sync_folder(folder)
    }
}

/// Brings the copy beside the engine up to date.
pub(super) fn write_beside(engine: &Engine) -> Result<(), Fault> {
    Ok(Tombstones::of(engine)?.write(engine.folder())?)
}

/// The names of records that somebody who is known by `identifiers` may have.
fn names(salts: &[String], identifiers: &[String]) -> Vec<String> {
    let mut names = Vec::with_capacity(salts.len() * identifiers.len());
    for salt in salts {
        let key = blake3::derive_key("plaudit 2026 tombstones", salt.as_bytes());
        let digest = |text: &String| blake3::keyed_hash(&key, text.as_bytes()).to_hex();
        names.extend(identifiers.iter().map(|one| digest(one)[..32].to_owned()));
    }
    names
}

/// The record's name under which a tombstone of this role alone lies; one that bars every role has the digest for a name.
/// So the one does not take the other's place.
fn narrowed(digest: &str, role: &str) -> String {
    format!("{digest}.{role}")
}

/// The digest in a record's name.
fn digest_in(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// The tombstone that keeps an applicant out.
pub(super) fn bar(draft: &Draft<'_>, applicant: &Applicant) -> Result<Option<Tombstone>, Fault> {
    let salts: Option<Vec<String>> = draft.get(Table::Meta, SALTS.as_bytes())?;
    first_that_bars(&salts.unwrap_or_default(), applicant, |key| {
        draft.get(Table::Records, key)
    })
}

/// The same of each of several, for whoever wants to know and changes nothing.
pub(super) fn barring(
    engine: &Engine,
    applicants: &[Applicant],
) -> Result<Vec<Option<Tombstone>>, Fault> {
    let salts: Option<Vec<String>> = engine.get(Table::Meta, SALTS.as_bytes())?;
    let salts = salts.unwrap_or_default();
    let each = applicants.iter();
    each.map(|one| first_that_bars(&salts, one, |key| engine.get(Table::Records, key)))
        .collect()
}

fn first_that_bars(
    salts: &[String],
    applicant: &Applicant,
    at: impl Fn(&[u8]) -> Result<Option<Tombstone>, Fault>,
) -> Result<Option<Tombstone>, Fault> {
    for digest in names(salts, &identifiers(applicant)) {
        for name in [narrowed(&digest, &applicant.role), digest] {
            let key = table::record(Shelf::Tombstones, &name);
            if let Some(tombstone) = at(&key)?.filter(|found| found.bars(&applicant.role)) {
                return Ok(Some(tombstone));
            }
        }
    }
    Ok(None)
}

/// Plans a tombstone for somebody. What others are known by as well, who stay, recognises nobody.
pub(super) fn raise(
    draft: &mut Draft<'_>,
    applicant: &Applicant,
    of_others: &BTreeSet<String>,
    why: &Erasure,
    now: Timestamp,
) -> Result<Tombstone, Fault> {
    let salts = match draft.get::<Vec<String>>(Table::Meta, SALTS.as_bytes())? {
        Some(salts) if !salts.is_empty() => salts,
        _ => {
            let salts = vec![drawn::<32>()?];
            draft.put(Table::Meta, SALTS.as_bytes().to_vec(), &salts)?;
            salts
        }
    };
    let tombstone = Tombstone {
        number: drawn::<4>()?,
        erased_at: now,
        ground: why.ground,
        reason: why.reason.as_deref().map(crate::domain::text::tame),
        role: (why.ground == Ground::Expired).then(|| applicant.role.clone()),
    };
    let mut own = identifiers(applicant);
    own.retain(|one| !of_others.contains(one));
    for digest in names(&salts[..1], &own) {
        let name = match &tombstone.role {
            Some(role) => narrowed(&digest, role),
            None => digest,
        };
        let key = table::record(Shelf::Tombstones, &name);
        draft.put(Table::Records, key, &tombstone)?;
    }
    Ok(tombstone)
}

/// So many random bytes, in hexadecimal digits.
fn drawn<const BYTES: usize>() -> Result<String, Fault> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| Fault::Failed(format!("the system gives no random numbers: {error}")))?;
    let mut digits = String::with_capacity(2 * BYTES);
    for byte in bytes {
        // Memory takes everything.
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(digits)
}

/// All of them, each once, the newest first; see `Store::tombstones`.
pub(super) fn all(engine: &Engine) -> Result<Vec<Tombstone>, Fault> {
    let mut all: Vec<Tombstone> = Tombstones::of(engine)?
        .all
        .into_iter()
        .map(|(_, tombstone)| tombstone)
        .collect();
    all.sort_by(|one, other| {
        let order = other.erased_at.cmp(&one.erased_at);
        order.then_with(|| one.number.cmp(&other.number))
    });
    all.dedup_by(|one, other| one.number == other.number);
    Ok(all)
}

/// Takes away the tombstone that `text` means, by its number or by what the person was known by; see `Store::lift`.
pub(super) fn lift(engine: &Engine, text: &str) -> Result<Option<Tombstone>, Fault> {
    let (lifted, number) = engine.change(|draft| {
        let known = Tombstones::of(draft.engine())?;
        let Some(lifted) = known.meant_by(text).cloned() else {
            return Ok(None);
        };
        // All that the same person is known by.
        for (name, tombstone) in &known.all {
            if tombstone.number == lifted.number {
                let key = table::record(Shelf::Tombstones, name);
                draft.delete(Table::Records, key);
            }
        }
        Ok(Some(lifted))
    })?;
    engine.make_durable(number)?;
    if lifted.is_some() {
        write_beside(engine)?;
    }
    Ok(lifted)
}
