//! Where things are on this machine: the configuration file, the data folder and the folder of roles.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    ConfigError, Origin, Overrides,
    environment::{HOME, PLAUDIT_CONFIG, Variable, XDG_CONFIG_HOME, XDG_DATA_HOME, value},
    layers::ConfigFile,
};

/// The configuration file, read: the one that a flag or a variable names, or the usual one if it is there.
pub(super) fn configuration_file(
    arguments: &Overrides,
    environment: &BTreeMap<String, String>,
) -> Result<Option<ConfigFile>, ConfigError> {
    let named = arguments
        .config
        .clone()
        .or_else(|| value(environment, &PLAUDIT_CONFIG).map(PathBuf::from));
    let path = match &named {
        Some(path) => path.clone(),
        None => match folder(environment, &XDG_CONFIG_HOME, ".config") {
            Some((folder, _)) => folder.join("plaudit").join("config.toml"),
            None => return Ok(None),
        },
    };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(ConfigFile { path, text })),
        Err(error) if named.is_none() && is_not_there(&error) => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { path, source }),
    }
}

/// The data folder that `named` means, and where that comes from.
pub(super) fn data_dir(
    named: &str,
    origin: Origin,
    environment: &BTreeMap<String, String>,
) -> Result<(PathBuf, Origin), ConfigError> {
    if named.is_empty() {
        let (folder, variable) =
            folder(environment, &XDG_DATA_HOME, ".local/share").ok_or(ConfigError::NoHome)?;
        return Ok((
            folder.join("plaudit"),
            Origin::Variable(variable.to_owned()),
        ));
    }
    let path = below_home(named, environment).ok_or(ConfigError::NoHome)?;
    Ok((path, origin))
}

/// The folder of roles that `named` means, and where that comes from. Without a home there is none; plaudit's own
/// roles need none.
pub(super) fn roles_dir(
    named: &str,
    origin: Origin,
    environment: &BTreeMap<String, String>,
) -> Result<(Option<PathBuf>, Origin), ConfigError> {
    if named.is_empty() {
        return Ok(match folder(environment, &XDG_CONFIG_HOME, ".config") {
            Some((folder, variable)) => (
                Some(folder.join("plaudit").join("roles")),
                Origin::Variable(variable.to_owned()),
            ),
            None => (None, origin),
        });
    }
    match below_home(named, environment) {
        Some(path) => Ok((Some(path), origin)),
        None => Err(ConfigError::BadValue {
            layer: origin,
            key: "roles_dir".to_owned(),
            reason: "begins with ~/, but HOME is not set to an absolute path".to_owned(),
        }),
    }
}

/// The folder of dumps that `named` means: nothing is the one within the data folder.
pub(super) fn dumps(
    (named, origin): (&str, Origin),
    data_dir: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<PathBuf, ConfigError> {
    if named.is_empty() {
        return Ok(data_dir.join("dumps"));
    }
    below_home(named, environment).ok_or_else(|| ConfigError::BadValue {
        layer: origin,
        key: "backup.folder".to_owned(),
        reason: "begins with ~/, but HOME is not set to an absolute path".to_owned(),
    })
}

/// A path as a setting gives it: one that begins with `~/` is one in the home folder.
fn below_home(named: &str, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    match named.strip_prefix("~/") {
        Some(rest) => Some(absolute(environment, &HOME)?.join(rest)),
        None => Some(PathBuf::from(named)),
    }
}

/// The folder of the XDG base directory specification, and the variable that it follows from.
fn folder(
    environment: &BTreeMap<String, String>,
    variable: &Variable,
    under_home: &str,
) -> Option<(PathBuf, &'static str)> {
    absolute(environment, variable)
        .map(|folder| (folder, variable.name))
        .or_else(|| absolute(environment, &HOME).map(|home| (home.join(under_home), HOME.name)))
}

/// The specification says that a relative path is to be ignored.
pub(super) fn absolute(
    environment: &BTreeMap<String, String>,
    variable: &Variable,
) -> Option<PathBuf> {
    value(environment, variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

fn is_not_there(error: &io::Error) -> bool {
    // A file in place of one of the folders on the way also means that there is no such file.
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
