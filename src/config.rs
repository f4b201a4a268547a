//! Settings: flags, then the environment, then a file, then `config/default.toml`, which is built in.
//!
//! This room is the only reader of the environment (every variable is a row of [`VARIABLES`]), and
//! [`Config::load`] itself is given it as a map, so that nothing here depends on the process it runs in.
//! Each value is checked in the layer it comes from, against one table of rules, so that an error names the
//! key, the layer and what would be right. No value of a token is ever part of an error, of `Debug`, or of
//! what [`Config::entries`] gives.

mod checks;
mod credentials;
mod environment;
mod error;
mod layers;
mod place;
mod rules;
mod settings;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

pub use credentials::KaggleCredential;
pub use environment::{Reader, VARIABLES, Variable, environment};
pub use error::ConfigError;
pub use rules::parse_duration;
pub use settings::{
    Backup, Cache, GitHub, HomePage, Http, Kaggle, KaggleLive, Log, LogFormat, LogLevel, Posting,
    Privacy, Refresh, Retention, Serve, Store, Webhooks, Worker,
};

use crate::domain::retention::Terms;
use layers::Layers;

/// The text of `config/default.toml`.
pub const DEFAULT: &str = include_str!("../config/default.toml");

/// What the command line says about settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config`: the file to read.
    pub config: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--role`: the rubric for applicants whose list names none.
    pub role: Option<String>,
    /// `--wait`: stands for `worker.patience`.
    pub patience: Option<Duration>,
    /// `--quiet` and `--verbose`: stand for `log.level`.
    pub verbosity: Verbosity,
}

/// How much the command line asks to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// `--quiet`: errors alone.
    Quiet,
    /// Neither flag: `log.level` holds.
    #[default]
    Configured,
    /// `--verbose`, so many times.
    Verbose(u8),
}

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is kept. Never empty; need not exist yet.
    pub data_dir: PathBuf,
    /// The rubric for applicants whose list names none.
    pub role: String,
    /// Where the rubrics are that a person has written. Need not exist. `None`: nowhere, as without a home, so that
    /// only those that come with plaudit judge.
    pub roles_dir: Option<PathBuf>,
    /// GitHub: where it is and how much of it we use.
    pub github: GitHub,
    /// Kaggle: where it is and how gently it is asked.
    pub kaggle: Kaggle,
    /// Applicants' home pages.
    pub homepage: HomePage,
    /// The way out.
    pub http: Http,
    /// The pool of workers.
    pub worker: Worker,
    /// How long facts stay fresh.
    pub cache: Cache,
    /// The store.
    pub store: Store,
    /// The server.
    pub serve: Serve,
    /// Dumps.
    pub backup: Backup,
    /// Where dumps are kept. Need not exist.
    pub dumps: PathBuf,
    /// The nightly refresh.
    pub refresh: Refresh,
    /// Who is responsible for what is kept about people.
    pub privacy: Privacy,
    /// How long applicants are kept.
    pub retention: Retention,
    /// The postings of which something is said, by the role's name.
    pub postings: BTreeMap<String, Posting>,
    /// Calls to other programs.
    pub webhooks: Webhooks,
    /// What goes to standard error.
    pub log: Log,
    /// GitHub tokens, each once, in the order given; from `GITHUB_TOKEN`, or else `GH_TOKEN`.
    pub tokens: Vec<SecretString>,
    /// What proves to Kaggle who asks; without it, nothing does. It goes to `kaggle.url` alone, which is https
    /// but for this machine.
    pub kaggle_credential: Option<KaggleCredential>,
    /// What a person should know about where credentials are kept, in sentences.
    pub notices: Vec<String>,
    /// Whether `NO_COLOR` asks for plain text.
    pub no_color: bool,
    /// The configuration file that was read, if any.
    pub file: Option<PathBuf>,
    entries: Vec<Entry>,
}

/// Which layer a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `config/default.toml`.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Variable(name) => formatter.write_str(name),
            Self::Flag(name) => formatter.write_str(name),
        }
    }
}

/// A setting as `plaudit config` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key: `worker.workers`.
    pub key: String,
    /// Its value; secrets are masked.
    pub value: serde_json::Value,
    /// Where it comes from.
    pub origin: Origin,
}

impl Config {
    /// Settings from `arguments`, `environment`, the configuration file and the built-in defaults.
    pub fn load(
        arguments: &Overrides,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let (tokens, tokens_from) = environment::tokens(environment)?;
        let found = credentials::kaggle(environment)?;
        let file = place::configuration_file(arguments, environment)?;
        let mut layers = Layers::of_defaults()?;
        if let Some(file) = &file {
            layers.add_file(&file.path, &file.text)?;
        }
        layers.add_environment(environment)?;
        layers.add_flags(arguments)?;
        let settings = layers.settings()?;
        checks::settings_fit_together(&settings, &tokens, &tokens_from, &layers)?;

        let (data_dir, data_dir_from) =
            place::data_dir(&settings.data_dir, layers.origin("data_dir"), environment)?;
        let (roles_dir, roles_dir_from) =
            place::roles_dir(&settings.roles_dir, layers.origin("roles_dir"), environment)?;
        let dumps = place::dumps(
            (&settings.backup.folder, layers.origin("backup.folder")),
            &data_dir,
            environment,
        )?;
        let (filter, filter_from) = environment::log_filter(
            arguments.verbosity,
            environment,
            settings.log.level,
            layers.origin("log.level"),
        )?;

        let mut entries = layers.entries();
        let masked: Vec<String> = tokens.iter().map(mask).collect();
        for entry in &mut entries {
            if entry.key == "data_dir" {
                entry.value = data_dir.to_string_lossy().into_owned().into();
                entry.origin = data_dir_from.clone();
            }
            if let ("roles_dir", Some(folder)) = (entry.key.as_str(), &roles_dir) {
                entry.value = folder.to_string_lossy().into_owned().into();
                entry.origin = roles_dir_from.clone();
            }
        }
        entries.push(Entry {
            key: "github.tokens".to_owned(),
            value: masked.into(),
            origin: tokens_from,
        });
        let (shown, origin) = credentials::shown(found.credential.as_ref());
        entries.push(Entry {
            key: "kaggle.credentials".to_owned(),
            value: shown.into(),
            origin,
        });
        entries.push(Entry {
            key: "log.filter".to_owned(),
            value: filter.clone().into(),
            origin: filter_from,
        });
        entries.sort_by_key(|entry| (entry.key.contains('.'), entry.key.clone()));

        Ok(Self {
            data_dir,
            role: settings.role,
            roles_dir,
            github: settings.github,
            kaggle: settings.kaggle,
            homepage: settings.homepage,
            http: settings.http,
            worker: settings.worker,
            cache: settings.cache,
            store: settings.store,
            serve: settings.serve,
            backup: settings.backup,
            dumps,
            refresh: settings.refresh,
            privacy: settings.privacy,
            retention: settings.retention,
            postings: layers.postings(),
            webhooks: settings.webhooks,
            log: Log {
                filter,
                ..settings.log
            },
            tokens,
            kaggle_credential: found.credential,
            notices: found.notices,
            no_color: environment::asked_for(environment, &environment::NO_COLOR),
            file: file.map(|file| file.path),
            entries,
        })
    }

    /// How long the applicants for a role are kept.
    #[must_use]
    pub fn terms(&self, role: &str) -> Terms {
        let posting = self.postings.get(role);
        Terms {
            closes: posting.and_then(|posting| posting.closes),
            keep_for: posting
                .and_then(|posting| posting.keep_for)
                .unwrap_or(self.retention.keep_for),
            warn_before: self.retention.warn_before,
            erase: self.retention.erase,
        }
    }

    /// Every setting with its origin, secrets masked: top-level keys first, then by name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// A token's last four characters behind `…`, by which its owner knows it; of a text too short for a token
/// nothing is shown.
#[must_use]
pub fn mask(token: &SecretString) -> String {
    let token = token.expose_secret();
    // Four of twelve characters still leave eight unknown ones; GitHub's tokens have 40 and more.
    match token.len().checked_sub(4).and_then(|at| token.get(at..)) {
        Some(last) if token.len() >= 12 => format!("…{last}"),
        _ => "…".to_owned(),
    }
}
