//! `plaudit evidence`, `plaudit note`, `plaudit adjust`: what people add about an applicant.

use super::enrich::Output;
use super::failure::{Ending, Failure};
use crate::cli;
use crate::config::Config;

/// Runs `plaudit evidence`.
pub async fn evidence(
    arguments: &cli::Evidence,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let _ = (arguments, config, output);
    std::future::ready(()).await;
    todo!()
}

/// Runs `plaudit note`.
pub async fn note(
    arguments: &cli::Note,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let _ = (arguments, config, output);
    std::future::ready(()).await;
    todo!()
}

/// Runs `plaudit adjust`.
pub async fn adjust(
    arguments: &cli::Adjust,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let _ = (arguments, config, output);
    std::future::ready(()).await;
    todo!()
}
