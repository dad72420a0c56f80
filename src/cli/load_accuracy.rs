//! `pacewise load accuracy`: what well-known limiter algorithms get wrong on a workload, and what they cost.

use std::io::{self, Write};

use pacewise::load::{Call, WallClock, weigh};
use pacewise::report::write_load_accuracy;

use super::Outcome;
use super::args::FormatArg;
use super::load_args::{OfRules, OfWorkload};
use super::load_workload::{Wanted, wanted};
use super::{running, terminal};

/// The most checks that are weighed: all of them are held in memory.
const MOST: u64 = 20_000_000;

#[derive(Debug, clap::Args)]
pub(crate) struct AccuracyArgs {
    #[command(flatten)]
    pub(crate) rules: OfRules,
    #[command(flatten)]
    pub(crate) workload: OfWorkload,
    /// The number of checks, up to 20,000,000.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=MOST))]
    pub(crate) checks: u64,
    /// Seed of the workload.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// What standard output shows.
    #[arg(long, value_enum, default_value_t = FormatArg::Table)]
    pub(crate) format: FormatArg,
}

pub(crate) fn run(args: &AccuracyArgs) -> io::Result<Outcome> {
    let weighed =
        wanted(&args.rules, &args.workload, args.seed, true).and_then(|Wanted { book, workload, .. }| {
            let calls: Vec<Call> = workload.calls(&book).take(args.checks as usize).collect();
            let rows = weigh(&calls, &book, &WallClock::start()).map_err(|error| error.to_string())?;
            Ok((rows, workload.in_words()))
        });
    let (rows, workload) = match weighed {
        Ok(weighed) => weighed,
        Err(problem) => {
            terminal::complain(&problem);
            return Ok(Outcome::Failed);
        }
    };
    let mut out = io::stdout().lock();
    let written = write_load_accuracy(&rows, &workload, running::format(args.format), &mut out);
    terminal::shown(written.and_then(|()| out.flush()), Outcome::Good)
}
