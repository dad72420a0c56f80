//! What can be typed, and nothing else.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0    Done
  1    The answer is no: a scenario has mistakes, no pace keeps the bound, or a log breaks a rule
  2    It could not be done: wrong options, or files that cannot be read or written
  130  Interrupted; what `simulate` did until then is in a folder that ends in .partial";

/// How much activity can accounts carry before a platform flags, restricts or disconnects them?
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulate scenarios: probabilities with their uncertainty, tables, plots and a report.
    Simulate(SimulateArgs),
    /// Find the largest pace of an action that keeps a risk under a bound.
    Pace(PaceArgs),
    /// Scan a log of what accounts did: broken rules, near misses, how full windows were, what would have been refused.
    Scan(ScanArgs),
    /// Check scenario files and report every mistake at once.
    Check(CheckArgs),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
    /// Write a commented scenario file to start from.
    New(NewArgs),
    /// List the built-in platform profiles, or print one with the source of every number.
    Platforms(PlatformsArgs),
    /// Put a workload of checks to a limiter, judge every answer, and measure.
    Load(Box<super::load_args::LoadArgs>),
    /// Answer over HTTP whether accounts may act: a limiter.
    Serve(super::serve::ServeArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Scenario files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// The file to write; an existing one is never overwritten. Default: standard output.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlatformsArgs {
    /// The profile to print.
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The variant to print. Default: the profile's own default.
    #[arg(long, value_name = "VARIANT", requires = "name")]
    pub(crate) variant: Option<String>,
}

/// What every command that simulates takes.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Seed of all random streams. Default: the scenario's, else 1.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Confidence level of all intervals.
    #[arg(long, value_name = "L", default_value_t = 0.95, value_parser = level)]
    pub(crate) level: f64,
    /// Threads; the results do not depend on it. Default: one for each core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// What standard output shows.
    #[arg(long, value_enum, default_value_t = FormatArg::Table)]
    pub(crate) format: FormatArg,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SimulateArgs {
    /// Scenario files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Number of replicates. Default: the scenario's, else 10,000.
    #[arg(long, value_name = "N", value_parser = replicates)]
    pub(crate) replicates: Option<u64>,
    /// Simulate until the intervals of flagged and disconnected reach at most this far to either side.
    #[arg(long, value_name = "H", conflicts_with = "replicates", value_parser = half_width)]
    pub(crate) half_width: Option<f64>,
    /// The most replicates that --half-width may take.
    #[arg(long, value_name = "N", default_value_t = 10_000_000, requires = "half_width",
          value_parser = replicates)]
    pub(crate) at_most: u64,
    /// How intervals of probabilities are made.
    #[arg(long, value_enum, default_value_t = IntervalArg::Wilson)]
    pub(crate) interval: IntervalArg,
    /// How finely time is followed. Default: as the scenario says or needs.
    #[arg(long, value_enum)]
    pub(crate) resolution: Option<ResolutionArg>,
    /// The folder for the report; with several files each gets a folder in it. Default: reports/<scenario>.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Leave out the risk at other paces, which takes a tenth of the run's work.
    #[arg(long)]
    pub(crate) no_curve: bool,
    /// Leave out what each cause costs, which takes a quarter of the run's work.
    #[arg(long)]
    pub(crate) no_savings: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PaceArgs {
    /// The scenario file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The action whose demand is scaled. Default: all actions together.
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<String>,
    /// The largest risk, such as 1% or 0.01.
    #[arg(long, value_name = "R", value_parser = share)]
    pub(crate) risk: f64,
    /// What is at risk within the horizon.
    #[arg(long, value_enum, default_value_t = EventArg::Flagged)]
    pub(crate) event: EventArg,
    /// Whose risk it is.
    #[arg(long, value_enum, default_value_t = WhoseArg::Worst)]
    pub(crate) of: WhoseArg,
    /// Also tell the fewest days that the team takes for so many actions at the pace found.
    #[arg(long, value_name = "N")]
    pub(crate) total: Option<u64>,
    /// Number of replicates at each pace. Default: the scenario's, else 10,000.
    #[arg(long, value_name = "N", value_parser = replicates)]
    pub(crate) replicates: Option<u64>,
    /// The folder for the answer, the curve and its plot. Default: none is written.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScanArgs {
    /// The log: CSV with the columns account, time and action, binary records, or a Parquet file where the program is built with
    /// the feature `parquet`; also packed by gzip or zstd. `-` is standard input.
    #[arg(value_name = "LOG")]
    pub(crate) log: PathBuf,
    #[command(flatten)]
    pub(crate) rules: super::rules::RuleArgs,
    #[command(flatten)]
    pub(crate) reading: super::log::LogArgs,
    /// The time zone in which days, weeks and months begin, except for limits that name one of their own, and in which times
    /// are read that state none. Default: UTC, and times must state their zone.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// The share of a limit from which a count is a near miss.
    #[arg(long, value_name = "S", default_value = "90%", value_parser = near)]
    pub(crate) near: f64,
    /// Leave out what a limiter would have refused.
    #[arg(long)]
    pub(crate) no_refusals: bool,
    /// How many accounts and days are listed.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: u16,
    /// What standard output shows.
    #[arg(long, value_enum, default_value_t = FormatArg::Table)]
    pub(crate) format: FormatArg,
    /// The folder for all rows as CSV files. Default: none is written.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// More would overflow the coordinates of random streams.
const MOST_REPLICATES: u64 = 1_000_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    Table,
    Json,
    Csv,
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IntervalArg {
    Wilson,
    ClopperPearson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResolutionArg {
    Auto,
    Day,
    Event,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventArg {
    Flagged,
    Restricted,
    Permanent,
    Disconnected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhoseArg {
    Worst,
    Mean,
    Team,
}

pub(super) fn level(text: &str) -> Result<f64, String> {
    between(text, 0.5, 0.999_999, "a level between 0.5 and 0.999999, such as 0.95 or 95%")
}

fn half_width(text: &str) -> Result<f64, String> {
    between(text, 1e-7, 0.499_999, "a half-width between 0.0000001 and 0.5, such as 0.001 or 0.1%")
}

fn near(text: &str) -> Result<f64, String> {
    if matches!(text.trim(), "1" | "100%" | "1.0") { Ok(1.0) } else { share(text) }
}

fn between(text: &str, low: f64, high: f64, what: &str) -> Result<f64, String> {
    let value = share(text).ok().filter(|value| (low..=high).contains(value));
    value.ok_or_else(|| format!("expected {what}"))
}

/// A number of replicates, as `10000` or `10_000`.
fn replicates(text: &str) -> Result<u64, String> {
    let value = text.replace('_', "").parse::<u64>().ok();
    let value = value.filter(|value| (1..=MOST_REPLICATES).contains(value));
    value.ok_or_else(|| format!("expected a whole number from 1 to {MOST_REPLICATES}, such as 10000"))
}

/// A probability as a number or with a percent sign.
fn share(text: &str) -> Result<f64, String> {
    let (digits, unit) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
    let value = digits.trim().parse::<f64>().ok().map(|value| value / unit);
    let value = value.filter(|value| *value > 0.0 && *value < 1.0);
    value.ok_or_else(|| "expected a number between 0 and 1, such as 0.01 or 1%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_with_and_without_percent() {
        assert_eq!(share("1%"), Ok(0.01));
        assert_eq!(share("0.5 %"), Ok(0.005));
        assert_eq!(share("0.25"), Ok(0.25));
        for wrong in ["0", "1", "100%", "-1%", "nan", "inf", "", "%", "1 percent"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
        assert!(level("0.3").is_err() && level("95%").is_ok());
        assert!(half_width("0.7").is_err() && half_width("0.001").is_ok());
        assert_eq!([near("100%"), near("0.5")], [Ok(1.0), Ok(0.5)]);
        assert!(near("101%").is_err() && near("0").is_err());
        assert!(level("95").is_err_and(|problem| problem.contains("0.95 or 95%")));
    }

    #[test]
    fn replicates_are_whole_numbers_in_their_range() {
        assert_eq!(replicates("1"), Ok(1));
        assert_eq!(replicates("20_000"), Ok(20_000));
        assert_eq!(replicates("1000000000000"), Ok(MOST_REPLICATES));
        for wrong in ["0", "1000000000001", "-1", "1e6", "2.5", "1,5", "99999999999999999999", ""] {
            assert!(replicates(wrong).is_err_and(|problem| problem.contains("1000000000000")), "{wrong}");
        }
    }
}
