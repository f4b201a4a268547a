//! `plaudit role`: which rubrics there are, whether one is right, and the beginning of a new one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::{roles, session};
use crate::cli::{self, RoleCheck, RoleCommand, RoleNew};
use crate::config::Config;
use crate::domain::rubric::{NAME_RULE, Rubric, is_name};
use crate::domain::text::tame;
use crate::report::{self, Format, Rows};
use crate::sources::github::Estimate;

/// Applicants for whom `role check` says what watched projects cost.
const THOUSAND: usize = 1_000;

/// Runs the command. `to` is the file that `--output` names, which a new rubric becomes.
pub fn run(
    arguments: &cli::Role,
    config: &Config,
    to: Option<&Path>,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    match &arguments.command {
        RoleCommand::List => list(config, output)?,
        RoleCommand::Check(arguments) => check(arguments, config, output)?,
        RoleCommand::New(arguments) => new(arguments, config, to, output)?,
    }
    Ok(Ending::Complete)
}

/// Which rubrics there are, and where each comes from.
fn list(config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let roles = roles::all(config)?;
    let rows = roles.values().map(|role| {
        let file = role.file.as_ref().map(|file| file.display().to_string());
        let from = file.unwrap_or_else(|| "plaudit".to_owned());
        let mut row = about(&role.rubric);
        row.insert(4, ("from", from.into()));
        row
    });
    report::rows(&table(rows), output.format, output.view, output.out)?;
    Ok(())
}

/// Whether a rubric is right: what it says if it is, and everything that is wrong if it is not.
fn check(arguments: &RoleCheck, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (file, found) = if arguments.file == Path::new("-") {
        let bytes = roles::read(io::stdin().lock());
        let bytes = bytes.map_err(|error| roles::unreadable(&error, &arguments.file))?;
        ("-".to_owned(), roles::parsed_bytes(bytes, None)?)
    } else {
        let file = arguments.file.display().to_string();
        // Outside of the folder of roles a file may be called as one likes.
        let name = is_among_roles(&arguments.file, config)
            .then(|| arguments.file.file_stem()?.to_str())
            .flatten();
        (file, roles::parsed(&arguments.file, name)?)
    };
    let rubric = found.map_err(|problems| {
        roles::refusal(
            &[(file.clone(), problems)],
            "edit these places and check again",
        )
    })?;
    let mut row = about(&rubric);
    row.push(("cost", costs(&rubric, config).into()));
    if output.format == Format::Text {
        writeln!(output.out, "{}: ok", report::clean(&file))?;
        let header = vec!["key", "value"];
        let rows = row
            .into_iter()
            .map(|(key, value)| vec![key.into(), value])
            .collect();
        let rows = Rows { header, rows };
        report::rows(&rows, output.format, output.view, output.out)?;
    } else {
        row.insert(0, ("file", file.into()));
        report::rows(&table([row]), output.format, output.view, output.out)?;
    }
    Ok(())
}

/// Begins a rubric as a copy of another one, with its comments.
fn new(
    arguments: &RoleNew,
    config: &Config,
    to: Option<&Path>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let name = &arguments.name;
    if !is_name(name) {
        return Err(Failure::usage(
            anyhow::anyhow!("{:?} cannot be the name of a rubric", tame(name)),
            format!("a name is {NAME_RULE}"),
        ));
    }
    let path = match (to, &config.roles_dir) {
        (Some(file), _) => file.to_owned(),
        (None, Some(folder)) => folder.join(format!("{name}.toml")),
        (None, None) => {
            return Err(Failure::usage(
                anyhow::anyhow!(
                    "there is no folder of roles: HOME is not set to an absolute path, and no roles_dir is named"
                ),
                "name a file with --output, or the folder with PLAUDIT_ROLES_DIR",
            ));
        }
    };
    let Some(like) = roles::one(&arguments.like, config)? else {
        return Err(session::unknown_role(&arguments.like, config)?);
    };
    let title = format!("Copy of: {}", like.rubric.title);
    let title: String = title.chars().take(200).collect();
    let text = like.rubric.text_as(name, &title, "1");
    // What is written must be right, also where its pattern was made by somebody else.
    Rubric::parse_named(&text, name)?;
    write_new(&path, &text)?;
    let file = report::clean(&path.display().to_string()).into_owned();
    writeln!(output.out, "{file}")?;
    writeln!(
        output.messages,
        "a copy of {}, with all its comments\n\nNext:\n  \
         edit {file}\n      the title first; every number says what it does\n  \
         plaudit role check {file}\n      what is wrong, by line and column",
        arguments.like,
    )?;
    if to.is_some() {
        let folder = config.roles_dir.as_ref().map_or_else(
            || "the folder that roles_dir names".to_owned(),
            |folder| report::clean(&folder.display().to_string()).into_owned(),
        );
        writeln!(
            output.messages,
            "  put it into {folder}, as {name}.toml\n      where every command finds it"
        )?;
    }
    writeln!(
        output.messages,
        "  plaudit enrich --from list.csv --role {name}\n      judges the applicants of a list for this role\n  \
         plaudit rank --role {name}\n      ranks them\n  \
         plaudit rescore --role {name}\n      after a further edit: judges them again, without a request",
    )?;
    Ok(())
}

/// Writes a file that is not there yet, in a folder that is made if need be.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return Failure::usage(
                anyhow::anyhow!("{} is there already, and is left as it is", path.display()),
                "edit it, take it away, or choose another name",
            );
        }
        Failure {
            code: 4,
            error: anyhow::Error::new(error).context(format!("cannot write to {}", path.display())),
            hint: Some(
                "name a file with --output, or another folder with PLAUDIT_ROLES_DIR".to_owned(),
            ),
        }
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(failed)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a rubric would stop every command; there is nothing more to say if it cannot go.
        let _ = fs::remove_file(path);
        failed(error)
    })
}

/// Whether a file is in the folder of roles, where its name counts.
fn is_among_roles(file: &Path, config: &Config) -> bool {
    let real = |path: &Path| -> Option<PathBuf> { fs::canonicalize(path).ok() };
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    config
        .roles_dir
        .as_deref()
        .and_then(real)
        .is_some_and(|roles| real(folder) == Some(roles))
}

/// A rubric in short: by column.
fn about(rubric: &Rubric) -> Vec<(&'static str, Value)> {
    let mut row: Vec<(&'static str, Value)> = vec![
        ("name", rubric.name.clone().into()),
        ("title", rubric.title.clone().into()),
        ("version", rubric.version.clone().into()),
        ("digest", rubric.digest.clone().into()),
        ("watched", rubric.watched.len().into()),
    ];
    let maxima = rubric
        .components()
        .map(|(name, max, _)| (name, points(max)));
    row.extend(maxima);
    row
}

/// Points as people write them: 35, not 35.0.
#[expect(clippy::cast_possible_truncation, reason = "0 to 100, and whole")]
fn points(max: f64) -> Value {
    if max.fract() == 0.0 {
        (max as i64).into()
    } else {
        max.into()
    }
}

/// What the watched projects add to a crawl, in words.
fn costs(rubric: &Rubric, config: &Config) -> String {
    let of = |projects| Estimate::with_token(THOUSAND, projects, &config.github).points;
    let (all, none) = (of(rubric.watched.len()), of(0));
    format!(
        "about {all:.0} points of GitHub's hourly budget for 1,000 applicants, {:.0} of them for the watched \
         projects",
        all - none
    )
}

/// Rows of equal columns.
fn table(rows: impl IntoIterator<Item = Vec<(&'static str, Value)>>) -> Rows {
    let mut header = Vec::new();
    let rows = rows
        .into_iter()
        .map(|row| {
            let (names, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
            header = names;
            values
        })
        .collect();
    Rows { header, rows }
}
