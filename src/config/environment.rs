//! The environment: every variable that plaudit reads, and how.

use std::{collections::BTreeMap, env};

use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

use super::{ConfigError, LogLevel, Origin, Verbosity, rules::RULES};

/// Who reads a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// plaudit, here.
    Plaudit,
    /// The HTTP client, by itself.
    HttpClient,
}

/// An environment variable that changes what plaudit does.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does, for people.
    pub meaning: &'static str,
    /// Who reads it.
    pub reader: Reader,
}

/// A variable that plaudit reads.
const fn ours(name: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        reader: Reader::Plaudit,
    }
}

/// A variable that the HTTP client reads.
const fn proxy(name: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        reader: Reader::HttpClient,
    }
}

pub(super) const GITHUB_TOKEN: Variable = ours(
    "GITHUB_TOKEN",
    "GitHub token; several, each of another account, separated by commas",
);
pub(super) const GH_TOKEN: Variable =
    ours("GH_TOKEN", "the same, read when GITHUB_TOKEN is not set");
pub(super) const GITHUB_API_URL: Variable = ours(
    "GITHUB_API_URL",
    "GitHub's REST API (github.api_url); also a GitHub Enterprise server's",
);
pub(super) const GITHUB_GRAPHQL_URL: Variable = ours(
    "GITHUB_GRAPHQL_URL",
    "GitHub's GraphQL API (github.graphql_url)",
);
pub(super) const KAGGLE_API_TOKEN: Variable = ours(
    "KAGGLE_API_TOKEN",
    "Kaggle token, or a file that holds it; or else ~/.kaggle/access_token",
);
pub(super) const KAGGLE_USERNAME: Variable = ours(
    "KAGGLE_USERNAME",
    "Kaggle user name, with KAGGLE_KEY; read when there is no token",
);
pub(super) const KAGGLE_KEY: Variable = ours(
    "KAGGLE_KEY",
    "Kaggle key, with KAGGLE_USERNAME; without them, kaggle.json is read",
);
pub(super) const KAGGLE_CONFIG_DIR: Variable = ours(
    "KAGGLE_CONFIG_DIR",
    "the folder of kaggle.json; ~/.kaggle when not set",
);
pub(super) const PLAUDIT_CONFIG: Variable =
    ours("PLAUDIT_CONFIG", "the configuration file to read");
pub(super) const PLAUDIT_LOG: Variable = ours(
    "PLAUDIT_LOG",
    "what is logged, as a tracing filter: plaudit::http=debug,warn",
);
pub(super) const NO_COLOR: Variable = ours("NO_COLOR", "any text: no colour");
pub(super) const XDG_CONFIG_HOME: Variable = ours(
    "XDG_CONFIG_HOME",
    "the folder of plaudit/config.toml and plaudit/roles; or else ~/.config",
);
pub(super) const XDG_DATA_HOME: Variable = ours(
    "XDG_DATA_HOME",
    "the folder of plaudit's data folder; ~/.local/share when not set",
);
pub(super) const HOME: Variable = ours("HOME", "the home folder");

/// The name of [`PLAUDIT_SETTING`]: a pattern rather than a variable.
const SETTING_PATTERN: &str = "PLAUDIT_<SECTION>__<KEY>";
const PLAUDIT_SETTING: Variable = ours(
    SETTING_PATTERN,
    "any setting: PLAUDIT_WORKER__WORKERS=8, PLAUDIT_DATA_DIR=/srv/plaudit",
);

/// Every variable that has an effect. One that is set to the empty text counts as not set.
pub const VARIABLES: &[Variable] = &[
    GITHUB_TOKEN,
    GH_TOKEN,
    GITHUB_API_URL,
    GITHUB_GRAPHQL_URL,
    KAGGLE_API_TOKEN,
    KAGGLE_USERNAME,
    KAGGLE_KEY,
    KAGGLE_CONFIG_DIR,
    PLAUDIT_CONFIG,
    PLAUDIT_SETTING,
    PLAUDIT_LOG,
    NO_COLOR,
    XDG_CONFIG_HOME,
    XDG_DATA_HOME,
    HOME,
    proxy("HTTPS_PROXY", "proxy for https"),
    proxy("HTTP_PROXY", "proxy for http"),
    proxy("ALL_PROXY", "proxy for both"),
    proxy("NO_PROXY", "hosts that are reached without a proxy"),
];

/// The process's variables that concern plaudit.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the environment is read"
)]
pub fn environment() -> Result<BTreeMap<String, String>, ConfigError> {
    let mut kept = BTreeMap::new();
    for (name, value) in env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let concerns_us = name.starts_with("PLAUDIT_")
            || VARIABLES
                .iter()
                .any(|variable| variable.reader == Reader::Plaudit && variable.name == name);
        if !concerns_us {
            continue;
        }
        let value = value.into_string().map_err(|_| ConfigError::BadVariable {
            name: name.to_owned(),
            reason: "is not valid UTF-8".to_owned(),
        })?;
        kept.insert(name.to_owned(), value);
    }
    Ok(kept)
}

/// The value of `variable`, unless it is empty.
pub(super) fn value<'a>(
    environment: &'a BTreeMap<String, String>,
    variable: &Variable,
) -> Option<&'a str> {
    environment
        .get(variable.name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
}

/// Whether `variable` has any value.
pub(super) fn asked_for(environment: &BTreeMap<String, String>, variable: &Variable) -> bool {
    value(environment, variable).is_some()
}

/// The variable that sets `key`: `worker.workers` is `PLAUDIT_WORKER__WORKERS`.
pub(super) fn name_of_key(key: &str) -> String {
    format!("PLAUDIT_{}", key.replace('.', "__").to_ascii_uppercase())
}

/// The key that a variable sets, if its name is that of a setting.
pub(super) fn key_of_name(name: &str) -> Option<&'static str> {
    RULES
        .iter()
        .map(|rule| rule.key)
        .find(|key| name_of_key(key) == name)
}

/// The variables that begin with `PLAUDIT_` and are no settings.
pub(super) fn is_no_setting(name: &str) -> bool {
    [PLAUDIT_CONFIG.name, PLAUDIT_LOG.name].contains(&name)
}

/// GitHub tokens, each once, and where they come from.
pub(super) fn tokens(
    environment: &BTreeMap<String, String>,
) -> Result<(Vec<SecretString>, Origin), ConfigError> {
    for variable in [&GITHUB_TOKEN, &GH_TOKEN] {
        let Some(list) = value(environment, variable) else {
            continue;
        };
        let mut tokens: Vec<SecretString> = Vec::new();
        for (index, text) in list.split(',').enumerate() {
            let token = text.trim();
            if token.is_empty() {
                continue;
            }
            if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(ConfigError::BadVariable {
                    name: variable.name.to_owned(),
                    reason: format!(
                        "holds no usable token at place {}: a space, a control character or a \
                         character beyond ASCII is inside (the value is not shown here)",
                        index + 1
                    ),
                });
            }
            if !tokens.iter().any(|known| known.expose_secret() == token) {
                tokens.push(token.to_owned().into());
            }
        }
        if !tokens.is_empty() {
            return Ok((tokens, Origin::Variable(variable.name.to_owned())));
        }
    }
    Ok((Vec::new(), Origin::Default))
}

/// What is told, as tracing understands it: flags, then `PLAUDIT_LOG`, then `log.level`.
pub(super) fn log_filter(
    verbosity: Verbosity,
    environment: &BTreeMap<String, String>,
    level: LogLevel,
    level_from: Origin,
) -> Result<(String, Origin), ConfigError> {
    if verbosity == Verbosity::Configured
        && let Some(filter) = value(environment, &PLAUDIT_LOG)
    {
        EnvFilter::try_new(filter).map_err(|error| ConfigError::BadVariable {
            name: PLAUDIT_LOG.name.to_owned(),
            reason: format!("is no tracing filter: {error}"),
        })?;
        let origin = Origin::Variable(PLAUDIT_LOG.name.to_owned());
        return Ok((filter.to_owned(), origin));
    }
    // The libraries below speak up at `warn`: their `info` and `debug` would bury our own.
    let filter = match level {
        LogLevel::Off => "off",
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "warn,plaudit=info",
        LogLevel::Debug => "warn,plaudit=debug",
        LogLevel::Trace => "warn,plaudit=trace",
    };
    Ok((filter.to_owned(), level_from))
}
