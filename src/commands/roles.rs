//! The rubrics that there are: plaudit's own, and those that people have written into the folder of roles.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::config::Config;
use crate::domain::rubric::{EMBEDDED, Problem, Rubric, RubricError, told};
use crate::report;

/// Longest text of a rubric that is read, in bytes. plaudit's own have some 9,000.
const LONGEST: u64 = 1 << 20;

/// A rubric and where it comes from.
#[derive(Debug)]
pub(super) struct Role {
    /// The rubric.
    pub(super) rubric: Rubric,
    /// The file; `None`: it comes with plaudit.
    pub(super) file: Option<PathBuf>,
}

/// Every rubric that there is, by name. One in the folder of roles goes before plaudit's own of the same name; one
/// that is broken stops everything, since applicants must not be judged by another than is meant.
pub(super) fn all(config: &Config) -> Result<BTreeMap<String, Role>, Failure> {
    let own = |(name, rubric)| (name, Role { rubric, file: None });
    let mut roles: BTreeMap<String, Role> = Rubric::all_embedded()?.into_iter().map(own).collect();
    let mut broken = Vec::new();
    for (name, path) in files(config)? {
        match parsed(&path, Some(&name))? {
            Ok(rubric) => {
                let file = Some(path);
                roles.insert(name, Role { rubric, file });
            }
            Err(problems) => broken.push((path.display().to_string(), problems)),
        }
    }
    if broken.is_empty() {
        return Ok(roles);
    }
    Err(refusal(
        &broken,
        "edit the file until `plaudit role check FILE` finds nothing, or take it out of the folder of roles",
    ))
}

/// The one rubric of this name, whatever else is broken; `None` when there is none.
pub(super) fn one(name: &str, config: &Config) -> Result<Option<Role>, Failure> {
    if let Some(path) = files(config)?.remove(name) {
        return match parsed(&path, Some(name))? {
            Ok(rubric) => Ok(Some(Role {
                rubric,
                file: Some(path),
            })),
            Err(problems) => Err(refusal(
                &[(path.display().to_string(), problems)],
                "edit the file until `plaudit role check FILE` finds nothing",
            )),
        };
    }
    if EMBEDDED.iter().any(|(known, _)| *known == name) {
        let rubric = Rubric::embedded(name)?;
        return Ok(Some(Role { rubric, file: None }));
    }
    Ok(None)
}

/// The names of all rubrics, broken ones too.
pub(super) fn names(config: &Config) -> Result<Vec<String>, Failure> {
    let own = EMBEDDED.iter().map(|(name, _)| (*name).to_owned());
    let mut names: Vec<String> = files(config)?.into_keys().chain(own).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Reads a rubric's file, or says what is wrong with it; fails where it cannot be read at all. `name`: what it must
/// be called.
pub(super) fn parsed(
    path: &Path,
    name: Option<&str>,
) -> Result<Result<Rubric, Vec<Problem>>, Failure> {
    let bytes = File::open(path).and_then(read);
    let bytes = bytes.map_err(|error| unreadable(&error, path))?;
    parsed_bytes(bytes, name)
}

/// The same for what was read already.
pub(super) fn parsed_bytes(
    bytes: Vec<u8>,
    name: Option<&str>,
) -> Result<Result<Rubric, Vec<Problem>>, Failure> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let shown = String::from_utf8_lossy(error.as_bytes());
            let message = "this is no text in UTF-8".to_owned();
            let hint = "save the file as UTF-8".to_owned();
            return Ok(Err(vec![Problem::at(&shown, at..at + 1, message, hint)]));
        }
    };
    let read = match name {
        Some(name) => Rubric::parse_named(&text, name),
        None => Rubric::parse(&text),
    };
    match read {
        Ok(rubric) => Ok(Ok(rubric)),
        Err(RubricError::Invalid { problems }) => Ok(Err(problems)),
        Err(other) => Err(other.into()),
    }
}

/// All that `from` gives, unless it is more than any rubric.
pub(super) fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is larger than 1 MiB, and so no rubric",
        ));
    }
    Ok(bytes)
}

/// Rubrics that cannot be used, by file, with everything that is wrong with them.
pub(super) fn refusal(broken: &[(String, Vec<Problem>)], hint: &str) -> Failure {
    let told: Vec<String> = broken
        .iter()
        .map(|(file, problems)| {
            let count = match problems.len() {
                1 => "1 problem".to_owned(),
                count => format!("{count} problems"),
            };
            let file = report::clean(file);
            format!("{count} in {file}\n{}", told(problems, Some(&file)))
        })
        .collect();
    Failure {
        code: 3,
        error: anyhow::anyhow!("{}", told.join("\n")),
        hint: Some(hint.to_owned()),
    }
}

/// The files in the folder of roles, by the name that each must bear. There need be no folder.
fn files(config: &Config) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let Some(folder) = &config.roles_dir else {
        return Ok(BTreeMap::new());
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(unreadable(&error, folder)),
    };
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(&error, folder))?.path();
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let is_toml = path
            .extension()
            .is_some_and(|extension| extension == "toml");
        // Editors keep files under way beside the one that they edit, behind a dot.
        if let (true, Some(stem)) = (is_toml, stem.filter(|stem| !stem.starts_with('.'))) {
            files.insert(stem, path);
        }
    }
    Ok(files)
}

/// A place that the settings or the command line name and that cannot be read.
pub(super) fn unreadable(error: &io::Error, path: &Path) -> Failure {
    Failure {
        code: 3,
        error: anyhow::anyhow!("cannot read {}: {error}", path.display()),
        hint: Some(
            "check the path and its permissions; `plaudit config` shows roles_dir".to_owned(),
        ),
    }
}
