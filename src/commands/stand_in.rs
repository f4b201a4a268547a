//! `plaudit stand-in`: the made-up GitHub in a process of its own, for benchmarks and for trying load.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use super::failure::{Ending, Failure};
use crate::cli;
use crate::standin::{self, Behaviour, Fault, TokenAccount, World, serve_until};

/// How often a fault strikes when the command line does not say: one request in ten.
const PROBABILITY: f64 = 0.1;

/// The seed of a generated world when the command line names none.
const SEED: u64 = 1;

/// Points of the made-up account. GitHub gives 5,000 an hour; a generated world may be larger than that, and
/// waiting an hour on a made-up limit would teach nobody anything.
const POINTS: u64 = 1_000_000;

/// The world that the command line describes, and its applicants as a list.
pub fn world(arguments: &cli::World) -> (World, String) {
    match arguments.applicants {
        None => (World::demo(), standin::demo_list()),
        Some(count) => {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let world = World::generated(count, arguments.seed.unwrap_or(SEED));
            (world, standin::generated_list(count))
        }
    }
}

/// The behaviour that the command line describes.
pub fn behaviour(arguments: &cli::World, latency: Duration) -> Result<Behaviour, Failure> {
    let account = "plaudit-operator-example".to_owned();
    let token = standin::DEMO_TOKEN.to_owned();
    Ok(Behaviour {
        latency: arguments.latency.map_or(latency, Duration::from_millis),
        faults: faults(&arguments.faults)?,
        seed: arguments.seed.unwrap_or(SEED),
        tokens: vec![TokenAccount {
            token,
            account,
            points_per_hour: POINTS,
        }],
        ..Behaviour::default()
    })
}

/// `cut`, `cut=0.2` or `all`, each with its probability.
fn faults(names: &[String]) -> Result<Vec<(Fault, f64)>, Failure> {
    let mut faults = Vec::new();
    for text in names {
        let (name, probability) = match text.split_once('=') {
            None => (text.as_str(), PROBABILITY),
            Some((name, share)) => match share.trim().parse::<f64>() {
                Ok(share) if (0.0..=1.0).contains(&share) => (name, share),
                _ => {
                    return Err(Failure::usage(
                        anyhow::anyhow!("{text:?} has no probability from 0 to 1"),
                        "write a fault as cut=0.1",
                    ));
                }
            },
        };
        let known = || {
            Fault::ALL
                .iter()
                .map(|fault| fault.name())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let list = Fault::list(name)
            .map_err(|error| Failure::usage(error, format!("there is all, {}", known())))?;
        faults.extend(list.into_iter().map(|fault| (fault, probability)));
    }
    Ok(faults)
}

/// Serves until it is told to stop; the first line on standard output is the address.
pub async fn run(
    arguments: &cli::StandIn,
    out: &mut dyn Write,
    shutdown: impl Future<Output = ()>,
) -> Result<Ending, Failure> {
    let (world, _) = world(&arguments.world);
    let behaviour = behaviour(&arguments.world, Duration::ZERO)?;
    let mut told: io::Result<()> = Ok(());
    serve_until(
        Arc::new(world),
        behaviour,
        |address| told = writeln!(out, "{address}").and_then(|()| out.flush()),
        shutdown,
    )
    .await?;
    told?;
    Ok(Ending::Complete)
}
