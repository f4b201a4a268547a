//! `plaudit webhook`.

use super::{
    enrich::Output,
    failure::{Ending, Failure},
};
use crate::{cli, config::Config};

/// Runs the command.
pub async fn run(
    _arguments: &cli::Webhook,
    _config: &Config,
    _output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    Ok(Ending::Complete)
}
