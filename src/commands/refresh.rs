//! `plaudit refresh`.

use super::{
    enrich::Output,
    failure::{Ending, Failure},
};
use crate::{cli, config::Config};

/// Runs the command.
pub async fn run(
    _arguments: &cli::Refresh,
    _config: &Config,
    _output: &mut Output<'_>,
    _stop: tokio_util::sync::CancellationToken,
) -> Result<Ending, Failure> {
    Ok(Ending::Complete)
}
