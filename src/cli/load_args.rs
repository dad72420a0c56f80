//! What can be typed behind `pacewise load`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use pacewise::load::{Threshold, parse_seconds};

use super::args::FormatArg;
use super::log::LogArgs;
use super::rules::RuleArgs;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct LoadArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LoadCommand>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LoadCommand {
    /// Tell whether one run is slower than another, from their folders.
    Compare(super::load_compare::CompareArgs),
    /// Tell what well-known limiter algorithms get wrong on a workload, and what they cost.
    Accuracy(Box<super::load_accuracy::AccuracyArgs>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) rules: OfRules,
    #[command(flatten)]
    pub(crate) workload: OfWorkload,
    #[command(flatten)]
    pub(crate) target: OfTarget,
    #[command(flatten)]
    pub(crate) pace: OfPace,
    /// Whether checks carry the times of the workload, or happen when they are asked. Default: given, for targets in this
    /// process; clock over HTTP, unless a template sends times.
    #[arg(long, value_enum)]
    pub(crate) times: Option<TimesArg>,
    /// What the run must keep, such as `p99<2ms`, `errors==0` or `denied.p99<1ms`; several are allowed.
    #[arg(long, value_name = "THRESHOLD", num_args = 1..)]
    pub(crate) threshold: Vec<Threshold>,
    /// A file of thresholds, one a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) thresholds: Option<PathBuf>,
    /// Look for the largest rate that keeps a threshold, such as `p99<2ms`, starting at --rate.
    #[arg(long, value_name = "THRESHOLD", conflicts_with_all = ["stages", "speed", "out", "checks", "duration", "warm_up"])]
    pub(crate) find_capacity: Option<Threshold>,
    /// How long each rate is tried; the first quarter is left out.
    #[arg(long, value_name = "TIME", default_value = "4s", value_parser = some_seconds, requires = "find_capacity")]
    pub(crate) probe: f64,
    /// Seed of the workload and of random arrivals.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The folder for the report. Default: none is written.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// What standard output shows; CSV is the time series.
    #[arg(long, value_enum, default_value_t = FormatArg::Table)]
    pub(crate) format: FormatArg,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OfRules {
    #[command(flatten)]
    pub(crate) of: RuleArgs,
    /// The time zone in which calendar days, weeks and months begin, except for limits that name one of their own, and in which
    /// the times of a log are read that state none. Default: UTC, and times must state their zone.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OfWorkload {
    /// The scenario whose accounts ask what they want to do. Its rules hold where no others are named.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pattern", "accounts", "skew", "mix", "per_day"])]
    pub(crate) scenario: Option<PathBuf>,
    /// The log whose events are asked, in their order and in the name of its accounts: CSV with the columns account, time and
    /// action, binary records, or a Parquet file where the program is built with the feature `parquet`; also packed by gzip or
    /// zstd.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "pattern", "accounts", "skew", "mix", "per_day"])]
    pub(crate) log: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: LogArgs,
    /// How the times and accounts of a synthetic workload are laid.
    #[arg(long, value_enum, default_value_t = PatternArg::Steady)]
    pub(crate) pattern: PatternArg,
    /// The number of accounts.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) accounts: u32,
    /// The exponent of Zipf's law; 0: all accounts are alike.
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = at_least_0)]
    pub(crate) skew: f64,
    /// The weights of the actions, as `message=3,post=1`. Default: all alike.
    #[arg(long, value_name = "WEIGHTS")]
    pub(crate) mix: Option<String>,
    /// The number of the first account. Accounts must be new to the target: one that remembers an earlier run is asked about
    /// others. Accounts of a log are numbered then, and lose their names.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000_000_000))]
    pub(crate) first_account: u32,
    /// Checks of an account in a day of the workload, on average.
    #[arg(long, value_name = "N", default_value_t = 11.0, value_parser = above_0)]
    pub(crate) per_day: f64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OfTarget {
    /// Who is asked: `limiter` or `evaluator` in this process, or http://HOST:PORT.
    #[arg(long, value_name = "TARGET", default_value = "limiter")]
    pub(crate) target: String,
    /// A host whose private address may be asked; public addresses never are.
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
    /// How the limiter is spoken to over HTTP.
    #[arg(long, value_enum, default_value_t = BodyArg::Json)]
    pub(crate) body: BodyArg,
    /// The file that describes another endpoint than the limiter's.
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    pub(crate) template: Option<PathBuf>,
    /// Connections to an HTTP target.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) connections: u32,
    /// Threads that ask a target in this process.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) threads: u32,
    /// Checks to a request.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) batch: u32,
    /// After how long an answer is given up.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = some_seconds)]
    pub(crate) timeout: f64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OfPace {
    /// Checks a second, whether or not they are answered. Default: each connection or thread asks again when it has its answer.
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) rate: Option<f64>,
    /// Rates one after the other, as `10s@1000,30s@1000..5000,60s@5000`.
    #[arg(long, value_name = "STAGES", conflicts_with = "rate")]
    pub(crate) stages: Option<String>,
    /// Arrivals are random with these rates.
    #[arg(long)]
    pub(crate) poisson: bool,
    /// Checks come when the workload says, so many times as fast.
    #[arg(long, value_name = "FACTOR", conflicts_with_all = ["rate", "stages", "poisson"], value_parser = above_0)]
    pub(crate) speed: Option<f64>,
    /// The most checks. Default: as many as the time allows.
    #[arg(long, value_name = "N", value_parser = whole)]
    pub(crate) checks: Option<u64>,
    /// How long checks are asked, warm-up included. Default: 10s; with --checks, --stages or --speed a day.
    #[arg(long, value_name = "TIME", value_parser = some_seconds)]
    pub(crate) duration: Option<f64>,
    /// What is left out at the beginning.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = seconds)]
    pub(crate) warm_up: f64,
    /// The length of a slice of the time series.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = some_seconds)]
    pub(crate) slice: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimesArg {
    Given,
    Clock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PatternArg {
    Steady,
    Borders,
    Ties,
    Hot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BodyArg {
    Json,
    Records,
}

/// The most checks a second that are asked for, in this process and over HTTP.
pub(super) const FASTEST: f64 = 10_000_000.0;
pub(super) const FASTEST_HTTP: f64 = 200_000.0;
/// No run is longer.
pub(super) const LONGEST: f64 = 86_400.0;

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = parse_seconds(text).filter(|seconds| (0.0..=LONGEST).contains(seconds));
    seconds.ok_or_else(|| "expected a length of time up to a day, such as 250ms, 10s or 2m".to_owned())
}

/// A length of time that is not nothing.
fn some_seconds(text: &str) -> Result<f64, String> {
    let seconds = seconds(text)?;
    if seconds >= 0.001 { Ok(seconds) } else { Err("expected at least 1ms".to_owned()) }
}

fn number(text: &str, fits: impl Fn(f64) -> bool, what: &str) -> Result<f64, String> {
    let value = text.replace('_', "").parse::<f64>().ok().filter(|value| value.is_finite() && fits(*value));
    value.ok_or_else(|| format!("expected {what}"))
}

fn at_least_0(text: &str) -> Result<f64, String> {
    number(text, |value| (0.0..=10.0).contains(&value), "a number from 0 to 10")
}

fn above_0(text: &str) -> Result<f64, String> {
    number(text, |value| value > 0.0, "a number above 0")
}

fn rate(text: &str) -> Result<f64, String> {
    number(text, |value| value > 0.0 && value <= FASTEST, "checks a second, above 0 and up to 10,000,000")
}

pub(crate) fn whole(text: &str) -> Result<u64, String> {
    let value = text.replace('_', "").parse::<u64>().ok().filter(|value| *value > 0);
    value.ok_or_else(|| "expected a whole number above 0, such as 100000".to_owned())
}
