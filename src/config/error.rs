//! What can be wrong with a configuration, and what to do about it.

use std::{io, path::PathBuf};

use super::Origin;

/// Why there is no configuration. Every one ends the program with exit code 3.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no TOML. The line itself is not repeated: somebody may have put a secret there.
    #[error("{} is not valid TOML: line {line}: {reason}", .path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the parser expected.
        reason: String,
    },
    /// A key or variable that plaudit does not know. Its value is not repeated.
    #[error("{layer}: {name} is no setting")]
    Unknown {
        /// The layer it is in.
        layer: String,
        /// The key's path, or the variable's name.
        name: String,
        /// The nearest right one.
        nearest: Option<String>,
    },
    /// A value of the wrong type or out of range.
    #[error("{layer}: {key} {reason}")]
    BadValue {
        /// The layer it is in.
        layer: Origin,
        /// The key.
        key: String,
        /// What it must be, and what it is.
        reason: String,
    },
    /// A variable that is no setting has a value that cannot be used. A secret's value is not repeated.
    #[error("{name} {reason}")]
    BadVariable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A secret in a place that is written down.
    #[error("{layer}: {key} looks like a secret, and secrets are not read from here")]
    SecretInFile {
        /// The file or variable.
        layer: String,
        /// The key.
        key: String,
    },
    /// The token would travel where anybody on the way can read it.
    #[error(
        "{key} is {url}, without encryption: the token of {variable} would travel in the clear"
    )]
    TokenInTheClear {
        /// The key of the URL.
        key: &'static str,
        /// The URL's scheme and host.
        url: String,
        /// Where the token comes from.
        variable: Origin,
    },
    /// Settings that are right alone and wrong together.
    #[error("{reason}")]
    Contradiction {
        /// Which, and why.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// Nothing says where to keep things.
    #[error(
        "no place to keep data: HOME is not set to an absolute path, and no data folder is named"
    )]
    NoHome,
    /// The embedded defaults and the code disagree. A defect of plaudit itself.
    #[error("the built-in settings are broken: {0}")]
    BrokenDefaults(String),
}

impl ConfigError {
    /// What to do next, where that is not plain from the message.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("check the path that --config or PLAUDIT_CONFIG names".to_owned())
            }
            Self::Unreadable { .. } => Some("check the file's permissions".to_owned()),
            Self::NotToml { .. } => Some(
                "a text stands in quotes, a section's name in [brackets]; --config names another file"
                    .to_owned(),
            ),
            Self::Unknown {
                nearest: Some(nearest),
                ..
            } => Some(format!("did you mean `{nearest}`?")),
            Self::Unknown { nearest: None, .. } => {
                Some("`plaudit config` lists every setting".to_owned())
            }
            Self::BadValue { layer, .. } => match layer {
                Origin::Default => None,
                Origin::File(_) | Origin::Variable(_) | Origin::Flag(_) => Some(
                    "leave it out to get the default; `plaudit config` shows the values that hold"
                        .to_owned(),
                ),
            },
            Self::BadVariable { .. } | Self::BrokenDefaults(_) => None,
            Self::SecretInFile { key, .. } => {
                let kaggles = key.to_ascii_lowercase().contains("kaggle");
                let variable = if kaggles {
                    "KAGGLE_API_TOKEN"
                } else {
                    "GITHUB_TOKEN"
                };
                Some(format!(
                    "put the token into the environment variable {variable}"
                ))
            }
            Self::TokenInTheClear { .. } => {
                Some("use https, or unset the token; http is for servers on this machine".to_owned())
            }
            Self::Contradiction { hint, .. } => Some(hint.clone()),
            Self::NoHome => {
                Some("name one: --data-dir DIR, or PLAUDIT_DATA_DIR=DIR".to_owned())
            }
        }
    }
}
