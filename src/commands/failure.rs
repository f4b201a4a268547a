//! How a command ends: its exit code, and what is said when it fails.

use std::io;

use crate::audit::AuditError;
use crate::config::ConfigError;
use crate::domain::rubric::RubricError;
use crate::intake::IntakeError;
use crate::store::StoreError;

/// How a command that ran to its end did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All applicants are complete.
    Complete,
    /// It finished, but some applicants are not complete.
    Incomplete,
    /// A person stopped it.
    Interrupted,
}

impl Ending {
    /// The exit code of the contract.
    pub fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Incomplete => 1,
            Self::Interrupted => 130,
        }
    }
}

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    /// The exit code of the contract; 0 when the reader of a pipe went away.
    pub code: u8,
    /// What happened, with its causes.
    pub error: anyhow::Error,
    /// What to do next.
    pub hint: Option<String>,
}

impl Failure {
    /// Something that was typed or given cannot be used: exit code 2.
    pub fn usage(error: impl Into<anyhow::Error>, hint: impl Into<String>) -> Self {
        Self {
            code: 2,
            error: error.into(),
            hint: Some(hint.into()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint();
        Self {
            code: 3,
            error: error.into(),
            hint,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let hint = error.hint();
        Self {
            code: 4,
            error: error.into(),
            hint,
        }
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        let hint = Some(error.hint().to_owned());
        Self {
            code: 4,
            error: error.into(),
            hint,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let code = if error.kind() == io::ErrorKind::BrokenPipe {
            0
        } else {
            4
        };
        Self {
            code,
            error: error.into(),
            hint: None,
        }
    }
}

impl From<IntakeError> for Failure {
    fn from(error: IntakeError) -> Self {
        Self::usage(
            error,
            "`plaudit enrich --help` shows the columns and examples",
        )
    }
}

impl From<RubricError> for Failure {
    fn from(error: RubricError) -> Self {
        Self {
            code: 3,
            error: error.into(),
            hint: None,
        }
    }
}

/// Anything else is a failure of the machine or of plaudit itself.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            code: 4,
            error,
            hint: None,
        }
    }
}
