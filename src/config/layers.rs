//! The layers of settings, from the defaults up, and which of them each value comes from.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::{Figment, providers::Serialized};
use toml::{Table, Value};

use super::{
    ConfigError, DEFAULT, Entry, Origin, Overrides, Verbosity,
    environment::{self, GITHUB_API_URL, GITHUB_GRAPHQL_URL, key_of_name, name_of_key},
    rules::{OF_A_POSTING, RULES, Rule, print_duration},
    settings::{Posting, Settings},
};
use crate::domain::{rubric, text::tame};

/// How alike two names must be, from 0 to 1, for one to be offered as what was meant.
const ALIKE: f64 = 0.82;

/// The section whose sections are about a role each. An environment variable cannot name one: a role's name may hold
/// what no variable's does.
const POSTINGS: &str = "postings";

/// Values by layer; a later one covers an earlier one.
#[derive(Debug)]
pub(super) struct Layers {
    merged: Figment,
    top: BTreeMap<&'static str, (Value, Origin)>,
    /// What is said of postings: by the role's name and the key.
    postings: BTreeMap<(String, &'static str), (Value, Origin)>,
}

impl Layers {
    /// The embedded defaults alone.
    pub(super) fn of_defaults() -> Result<Self, ConfigError> {
        let mut layers = Self {
            merged: Figment::new(),
            top: BTreeMap::new(),
            postings: BTreeMap::new(),
        };
        let table = DEFAULT
            .parse::<Table>()
            .map_err(|error| ConfigError::BrokenDefaults(error.message().to_owned()))?;
        layers
            .add_table(table, &Origin::Default)
            .map_err(|error| ConfigError::BrokenDefaults(error.to_string()))?;
        Ok(layers)
    }

    /// The text of a configuration file.
    pub(super) fn add_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let table = text
            .parse::<Table>()
            .map_err(|error| ConfigError::NotToml {
                path: path.to_owned(),
                line: error
                    .span()
                    .and_then(|span| text.get(..span.start))
                    .map_or(1, |before| before.matches('\n').count() + 1),
                // The parser writes what it expected on a line of its own.
                reason: error.message().replace('\n', "; "),
            })?;
        self.add_table(table, &Origin::File(path.to_owned()))
    }

    /// GitHub's own variables, then ours.
    pub(super) fn add_environment(
        &mut self,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), ConfigError> {
        for (variable, key) in [
            (&GITHUB_API_URL, "github.api_url"),
            (&GITHUB_GRAPHQL_URL, "github.graphql_url"),
        ] {
            if let Some(text) = environment::value(environment, variable) {
                self.add_variable(variable.name, key, text)?;
            }
        }
        for (name, text) in environment {
            if !name.starts_with("PLAUDIT_") || environment::is_no_setting(name) {
                continue;
            }
            match key_of_name(name) {
                Some(key) if !text.is_empty() => self.add_variable(name, key, text)?,
                Some(_) => {}
                None if is_secret(name) => {
                    return Err(ConfigError::SecretInFile {
                        layer: "environment".to_owned(),
                        key: name.clone(),
                    });
                }
                None => {
                    let known = RULES.iter().map(|rule| name_of_key(rule.key)).chain([
                        environment::PLAUDIT_CONFIG.name.to_owned(),
                        environment::PLAUDIT_LOG.name.to_owned(),
                    ]);
                    return Err(ConfigError::Unknown {
                        layer: "environment".to_owned(),
                        name: name.clone(),
                        nearest: nearest(name, known),
                    });
                }
            }
        }
        Ok(())
    }

    /// What the command line says.
    pub(super) fn add_flags(&mut self, arguments: &Overrides) -> Result<(), ConfigError> {
        if let Some(folder) = &arguments.data_dir {
            let folder = folder.to_str().ok_or_else(|| ConfigError::BadValue {
                layer: Origin::Flag("--data-dir"),
                key: "data_dir".to_owned(),
                reason: "must be valid UTF-8".to_owned(),
            })?;
            self.add_flag("--data-dir", "data_dir", folder)?;
        }
        if let Some(role) = &arguments.role {
            self.add_flag("--role", "role", role)?;
        }
        if let Some(patience) = arguments.patience {
            self.add_flag("--wait", "worker.patience", &print_duration(patience))?;
        }
        match arguments.verbosity {
            Verbosity::Configured => Ok(()),
            Verbosity::Quiet => self.add_flag("--quiet", "log.level", "error"),
            Verbosity::Verbose(0 | 1) => self.add_flag("--verbose", "log.level", "info"),
            Verbosity::Verbose(2) => self.add_flag("--verbose", "log.level", "debug"),
            Verbosity::Verbose(_) => self.add_flag("--verbose", "log.level", "trace"),
        }
    }

    /// Where the value of `key` comes from.
    pub(super) fn origin(&self, key: &str) -> Origin {
        self.top
            .get(key)
            .map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    /// The values that hold, typed.
    pub(super) fn settings(&self) -> Result<Settings, ConfigError> {
        // Every value has passed its rule, so a failure here means that rules and types disagree.
        self.merged
            .extract()
            .map_err(|error| ConfigError::BrokenDefaults(error.to_string()))
    }

    /// The values that hold, as text would give them.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.top
            .iter()
            .map(|(key, (value, origin))| Entry {
                key: (*key).to_owned(),
                value: serde_json::to_value(value).unwrap_or_default(),
                origin: origin.clone(),
            })
            .chain(
                self.postings
                    .iter()
                    .map(|((role, key), (value, origin))| Entry {
                        key: format!("{POSTINGS}.{role}.{key}"),
                        value: serde_json::to_value(value).unwrap_or_default(),
                        origin: origin.clone(),
                    }),
            )
            .collect()
    }

    fn add_table(&mut self, table: Table, origin: &Origin) -> Result<(), ConfigError> {
        for (name, value) in table {
            if name == POSTINGS {
                self.add_postings(value, origin)?;
                continue;
            }
            let is_section = RULES.iter().any(|rule| {
                rule.key
                    .split_once('.')
                    .is_some_and(|(section, _)| section == name)
            });
            match value {
                Value::Table(section) if !section.is_empty() && Rule::of(&name).is_none() => {
                    for (key, value) in section {
                        self.add_value(&format!("{name}.{key}"), value, origin)?;
                    }
                }
                Value::Table(_) if is_section => {}
                _ if is_section => {
                    return Err(ConfigError::BadValue {
                        layer: origin.clone(),
                        key: name.clone(),
                        reason: format!("must be a section: [{name}]"),
                    });
                }
                value => self.add_value(&name, value, origin)?,
            }
        }
        Ok(())
    }

    /// The sections `[postings.NAME]`.
    fn add_postings(&mut self, postings: Value, origin: &Origin) -> Result<(), ConfigError> {
        let no_section = |key: &str| ConfigError::BadValue {
            layer: origin.clone(),
            key: tame(key),
            reason: "must be a section for each role: [postings.NAME]".to_owned(),
        };
        let Value::Table(postings) = postings else {
            return Err(no_section(POSTINGS));
        };
        for (role, said) in postings {
            let section = format!("{POSTINGS}.{role}");
            if !rubric::is_name(&role) {
                return Err(ConfigError::BadValue {
                    layer: origin.clone(),
                    key: tame(&section),
                    reason: format!("must bear a role's name: {}", rubric::NAME_RULE),
                });
            }
            let Value::Table(said) = said else {
                return Err(no_section(&section));
            };
            for (key, value) in said {
                let name = format!("{section}.{key}");
                let Some(rule) = OF_A_POSTING.iter().find(|rule| rule.key == key) else {
                    let known = OF_A_POSTING
                        .iter()
                        .map(|rule| format!("{section}.{}", rule.key));
                    return Err(ConfigError::Unknown {
                        layer: origin.to_string(),
                        nearest: nearest(&name, known),
                        name: tame(&name),
                    });
                };
                let value = rule.check(value).map_err(|reason| ConfigError::BadValue {
                    layer: origin.clone(),
                    key: name,
                    reason,
                })?;
                self.postings
                    .insert((role.clone(), rule.key), (value, origin.clone()));
            }
        }
        Ok(())
    }

    /// What is said of postings, by the role's name.
    pub(super) fn postings(&self) -> BTreeMap<String, Posting> {
        let mut postings: BTreeMap<String, Posting> = BTreeMap::new();
        for ((role, key), (value, _)) in &self.postings {
            let posting = postings.entry(role.clone()).or_default();
            let text = value.as_str().unwrap_or_default();
            // Each has passed its rule.
            match *key {
                "closes" => posting.closes = text.parse().ok(),
                _ => posting.keep_for = text.trim().parse().ok(),
            }
        }
        postings
    }

    fn add_value(&mut self, key: &str, value: Value, origin: &Origin) -> Result<(), ConfigError> {
        let Some(rule) = Rule::of(key) else {
            let layer = origin.to_string();
            let name = tame(key);
            return Err(if is_secret(key) {
                ConfigError::SecretInFile { layer, key: name }
            } else {
                ConfigError::Unknown {
                    layer,
                    nearest: nearest(key, RULES.iter().map(|rule| rule.key.to_owned())),
                    name,
                }
            });
        };
        self.set(rule, rule.check(value), origin.clone())
    }

    fn add_variable(&mut self, name: &str, key: &str, text: &str) -> Result<(), ConfigError> {
        self.add_text(key, text, Origin::Variable(name.to_owned()))
    }

    fn add_flag(&mut self, flag: &'static str, key: &str, text: &str) -> Result<(), ConfigError> {
        self.add_text(key, text, Origin::Flag(flag))
    }

    fn add_text(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
        let rule = Rule::of(key).ok_or_else(|| ConfigError::BrokenDefaults(key.to_owned()))?;
        self.set(rule, rule.read(text), origin)
    }

    fn set(
        &mut self,
        rule: &'static Rule,
        checked: Result<Value, String>,
        origin: Origin,
    ) -> Result<(), ConfigError> {
        let value = checked.map_err(|reason| ConfigError::BadValue {
            layer: origin.clone(),
            key: rule.key.to_owned(),
            reason,
        })?;
        let merged = std::mem::take(&mut self.merged);
        self.merged = merged.merge(Serialized::default(rule.key, &value));
        self.top.insert(rule.key, (value, origin));
        Ok(())
    }
}

/// Whether a key's name says that somebody put a token there.
fn is_secret(name: &str) -> bool {
    let last = last_word(name).to_ascii_lowercase();
    // Longer names are settings that speak of tokens, perhaps misspelled.
    last.len() <= 16
        && ["token", "secret", "password"]
            .iter()
            .any(|word| last.contains(word))
}

/// A name without its section.
fn last_word(name: &str) -> &str {
    let name = name.trim_start_matches("PLAUDIT_");
    let after_dot = name.rsplit('.').next().unwrap_or(name);
    after_dot.rsplit("__").next().unwrap_or(after_dot)
}

/// The name among `known` that `name` was most likely meant to be: its last word is spelled alike, in any
/// section, or the whole is.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|candidate| {
            let whole = strsim::normalized_damerau_levenshtein(name, &candidate);
            // Where two sections have the same word, the section that is spelled alike wins.
            let word =
                0.9 * strsim::jaro_winkler(last_word(name), last_word(&candidate)) + 0.1 * whole;
            (whole.max(word), candidate)
        })
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

/// A configuration file that was read.
#[derive(Debug)]
pub(super) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
}
