//! `plaudit report`.

use super::enrich::Output;
use super::failure::{Ending, Failure};
use crate::cli;
use crate::config::Config;

/// Runs the command.
pub async fn run(
    arguments: &cli::Report,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let _ = (arguments, config, output);
    std::future::ready(()).await;
    todo!()
}
