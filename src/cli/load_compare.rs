//! `pacewise load compare A B`: whether one run is slower than another.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pacewise::load::{Measure, Ratio, Summary, compare, read_hlog};
use pacewise::report::write_load_comparison;

use super::Outcome;
use super::args::{FormatArg, level};
use super::source::plain;
use super::{running, terminal};

#[derive(Debug, clap::Args)]
pub(crate) struct CompareArgs {
    /// The folder of the first run.
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// The folder of the second run; the exit code is 1 when it is slower.
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// What decides.
    #[arg(long, value_enum, default_value_t = ByArg::P99)]
    pub(crate) by: ByArg,
    /// Confidence level of the intervals.
    #[arg(long, value_name = "L", default_value_t = 0.95, value_parser = level)]
    pub(crate) level: f64,
    /// What standard output shows.
    #[arg(long, value_enum, default_value_t = FormatArg::Table)]
    pub(crate) format: FormatArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ByArg {
    Mean,
    P50,
    P99,
    /// Checks answered in a slice of time.
    Answered,
}

pub(crate) fn run(args: &CompareArgs) -> io::Result<Outcome> {
    let ratios = match compared(args) {
        Ok(ratios) => ratios,
        Err(problem) => {
            terminal::complain(&problem);
            return Ok(Outcome::Failed);
        }
    };
    let measure = match args.by {
        ByArg::Mean => Measure::Mean,
        ByArg::P50 => Measure::P50,
        ByArg::P99 => Measure::P99,
        ByArg::Answered => Measure::Answered,
    };
    let decides = ratios.iter().find(|ratio| ratio.measure == measure);
    let outcome = if decides.is_some_and(Ratio::is_slower) { Outcome::No } else { Outcome::Good };
    let mut out = io::stdout().lock();
    let written = write_load_comparison(&ratios, measure, args.level, running::format(args.format), &mut out);
    terminal::shown(written.and_then(|()| out.flush()), outcome)
}

fn compared(args: &CompareArgs) -> Result<Vec<Ratio>, String> {
    let (a, b) = (read(&args.a)?, read(&args.b)?);
    if a.0.slice_seconds != b.0.slice_seconds {
        return Err(format!(
            "the runs have slices of {} s and {} s: run both with the same --slice",
            a.0.slice_seconds, b.0.slice_seconds
        ));
    }
    for difference in a.0.differs_from(&b.0) {
        terminal::warn(&format!("the runs are not of the same thing: {difference}"));
    }
    for (name, folder, (summary, _)) in [("A", &args.a, &a), ("B", &args.b, &b)] {
        for disturbance in summary.disturbances() {
            terminal::warn(&format!(
                "{name} ({}) may be slow for another reason: {disturbance}",
                folder.display()
            ));
        }
    }
    compare(&a.1, &b.1, args.level, 1).map_err(|error| error.to_string())
}

type Run = (Summary, Vec<hdrhistogram::Histogram<u64>>);

fn read(folder: &Path) -> Result<Run, String> {
    let open = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| format!("{}: {}", path.display(), plain(&error)))
    };
    let summary = serde_json::from_slice(&open("summary.json")?).map_err(|error| {
        format!("{}: this is no summary of a load test: {error}", folder.join("summary.json").display())
    })?;
    let slices = read_hlog(&open("latency.hlog")?)
        .map_err(|error| format!("{}: {error}", folder.join("latency.hlog").display()))?;
    Ok((summary, slices))
}
