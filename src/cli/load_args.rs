//! What can be typed behind `pacewise load`, and what is meant by it.

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use pacewise::eventlog::{EventLog, Form, How, Input, LogError};
use pacewise::load::{
    Call, HttpTarget, Pace, Pattern, Plan, Protocol, Stage, Synthetic, Template, Threshold, Times, Url,
    Workload, parse_seconds, parse_stages,
};
use pacewise::numbers::exact;
use pacewise::rulebook::Rulebook;
use pacewise::rules::Calendar;
use pacewise::scenario::STANDARD_ACTIONS;

use super::args::FormatArg;
use super::rules::{RuleArgs, calendar, choose};
use super::scan::{in_words, is_binary};
use super::source::Source;
use super::{load, terminal};

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
    /// The time zone in which calendar days, weeks and months begin, except for limits that name one of their own.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) zone: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OfWorkload {
    /// The scenario whose accounts ask what they want to do. Its rules hold where no others are named.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pattern", "accounts", "skew", "mix", "per_day"])]
    pub(crate) scenario: Option<PathBuf>,
    /// The log whose events are asked, in their order: CSV with the columns account, time and action, or binary records; also
    /// packed by gzip or zstd.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "pattern", "accounts", "skew", "mix", "per_day"])]
    pub(crate) log: Option<PathBuf>,
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
    /// others.
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
const FASTEST: f64 = 10_000_000.0;
const FASTEST_HTTP: f64 = 200_000.0;
/// No run is longer.
const LONGEST: f64 = 86_400.0;

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

/// Everything that a run needs.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) book: Rulebook,
    pub(crate) workload: Workload,
    pub(crate) target: Whom,
    pub(crate) plan: Plan,
    pub(crate) threads: usize,
    /// Whether answers can be held against the rules.
    pub(crate) judges: bool,
    pub(crate) thresholds: Vec<Threshold>,
}

/// Who is asked.
#[derive(Debug)]
pub(crate) enum Whom {
    Evaluator,
    Limiter,
    Http(Box<HttpTarget>),
}

impl Whom {
    pub(crate) fn in_words(&self, threads: usize) -> String {
        let threads = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        match self {
            Whom::Evaluator => format!("the evaluator in this process, {threads}"),
            Whom::Limiter => format!("the limiter in this process, {threads}"),
            Whom::Http(http) => {
                let how = match &http.protocol {
                    Protocol::Json => "JSON".to_owned(),
                    Protocol::Records => "binary records".to_owned(),
                    Protocol::Template(template) => template.in_words(),
                };
                format!("http://{}, {how}, {} connections", http.url.authority(), http.connections)
            }
        }
    }
}

/// The most checks a second that are asked of a target.
pub(crate) fn most_rate(target: &Whom) -> f64 {
    if matches!(target, Whom::Http(_)) { FASTEST_HTTP } else { FASTEST }
}

/// A pace in a few words.
pub(crate) fn pace_in_words(pace: &Pace) -> String {
    match pace {
        Pace::Closed => "as fast as answers come".to_owned(),
        Pace::Workload { speed } => format!("the workload's own, {speed} times as fast"),
        Pace::Open { stages, poisson } => {
            let how = if *poisson { "random arrivals" } else { "evenly spaced" };
            let stage = |stage: &Stage| {
                let (from, to) = (exact(stage.from), exact(stage.to));
                match stage.seconds {
                    seconds if seconds.is_infinite() => format!("{from}/s"),
                    seconds if from == to => format!("{seconds} s at {from}/s"),
                    seconds => format!("{seconds} s from {from}/s to {to}/s"),
                }
            };
            format!("{}, {how}", stages.iter().map(stage).collect::<Vec<_>>().join(", then "))
        }
    }
}

/// Reads everything that a run needs.
pub(crate) fn read(args: &RunArgs) -> Result<Asked, String> {
    let (book, workload) =
        rules_and_workload(&args.rules, &args.workload, args.seed, args.target.template.is_none())?;
    let workload = workload.numbered_from(args.workload.first_account);
    let target = target(&args.target)?;
    if args.workload.first_account > 0 && !matches!(target, Whom::Http(_)) {
        return Err("--first-account is for targets over HTTP: those in this process have no past".to_owned());
    }
    let (is_http, template) = match &target {
        Whom::Http(http) => {
            (true, if let Protocol::Template(template) = &http.protocol { Some(template) } else { None })
        }
        _ => (false, None),
    };
    let default = if !is_http || template.is_some_and(|template| template.gives_times()) {
        Times::Given
    } else {
        Times::Clock
    };
    let plan = plan(args, load::times(args, default), is_http)?;
    let has_rules = !book.rules.is_empty();
    let judges =
        has_rules && template.is_none_or(|template| template.gives_times() || template.tells_times());
    let mut thresholds = args.threshold.clone();
    if let Some(file) = &args.thresholds {
        thresholds.extend(load::thresholds_of(file)?);
    }
    Ok(Asked { book, workload, target, plan, threads: args.target.threads as usize, judges, thresholds })
}

/// Reads the rules and the workload; without rules only where none are needed.
pub(crate) fn rules_and_workload(
    rules: &OfRules,
    workload: &OfWorkload,
    seed: u64,
    needs_rules: bool,
) -> Result<(Rulebook, Workload), String> {
    let calendar = calendar(Some(&rules.zone))?;
    if let Some(path) = &workload.scenario {
        return of_scenario(path, rules, calendar, seed);
    }
    let book = book(rules, calendar, needs_rules)?;
    let workload = match &workload.log {
        Some(path) => recorded(path, &book)?,
        None => Workload::Synthetic(synthetic(workload, seed, &book)?),
    };
    Ok((book, workload))
}

fn of_scenario(
    path: &Path,
    rules: &OfRules,
    calendar: Calendar,
    seed: u64,
) -> Result<(Rulebook, Workload), String> {
    if rules.of.rules.is_some() {
        return Err("--scenario brings its own rules: leave out --rules".to_owned());
    }
    let source = Source::read(path).map_err(|error| error.to_string())?;
    let parsed = source.parse();
    terminal::draw(&source, &parsed.diagnostics).map_err(|error| error.to_string())?;
    let scenario = parsed.scenario.ok_or_else(|| format!("{}: the scenario has mistakes", path.display()))?;
    let platform = choose(&scenario.platforms, rules.of.platform.as_deref());
    let platform = platform.map_err(|problem| format!("{}: {problem}", path.display()))?;
    let book =
        Rulebook::of_platform(platform, scenario.actions.clone(), calendar, path.display().to_string());
    let book = book.map_err(|error| error.to_string())?;
    Ok((book, Workload::of_scenario(&scenario, seed)))
}

fn book(args: &OfRules, calendar: Calendar, needs_rules: bool) -> Result<Rulebook, String> {
    if args.of.are_named() {
        return args.of.read(calendar);
    }
    if needs_rules {
        return Err(
            "no rules to hold answers against: name --rules FILE, --platform NAME or --scenario FILE"
                .to_owned(),
        );
    }
    let actions = STANDARD_ACTIONS.map(str::to_owned).to_vec();
    Ok(Rulebook::new(Vec::new(), actions, calendar, "no rules".to_owned()))
}

/// All events of a log; one that cannot be read ends the reading.
fn recorded(path: &Path, book: &Rulebook) -> Result<Workload, String> {
    let named = |error: LogError| format!("{}:{}", path.display(), in_words(&error));
    let input = Input::open(path).map_err(|error| named(LogError::Input(error)))?;
    let form = if is_binary(path) { Form::Records } else { Form::Csv };
    let how = How { form, strict: true, zone: Some(jiff::tz::TimeZone::UTC), ..How::default() };
    let mut log = EventLog::open(input, &how, &book.actions).map_err(named)?;
    let (mut batch, mut calls) = (Vec::new(), Vec::new());
    while log.read(&mut batch).map_err(named)? {
        calls.extend(batch.iter().map(|event| Call {
            account: event.account,
            action: event.action,
            at: event.at,
        }));
    }
    let left_out = log.actions().unknown_events();
    if left_out > 0 {
        let unknown: Vec<&str> = log.actions().unknown().keys().take(10).map(String::as_str).collect();
        terminal::warn(&format!(
            "{}: {left_out} events of actions that no rule knows are left out: {}",
            path.display(),
            unknown.join(", ")
        ));
    }
    if calls.is_empty() {
        return Err(format!("{}: it holds no event of a known action", path.display()));
    }
    Ok(Workload::Recorded(calls.into()))
}

/// Monday 2026-01-05, in milliseconds.
const MONDAY: i64 = 1_767_571_200_000;

fn synthetic(args: &OfWorkload, seed: u64, book: &Rulebook) -> Result<Synthetic, String> {
    let OfWorkload { pattern, accounts, skew, mix, per_day, .. } = args;
    let pattern = match pattern {
        PatternArg::Steady => Pattern::Steady,
        PatternArg::Borders => Pattern::Borders,
        PatternArg::Ties => Pattern::Ties,
        PatternArg::Hot => Pattern::Hot,
    };
    let mix = match mix {
        Some(text) => weights(text, book)?,
        // Actions that no rule counts would be allowed without a look.
        None => (0..book.actions.len())
            .map(|action| f64::from(u8::from(!book.set.watching(action).is_empty())))
            .collect(),
    };
    let is_empty = mix.iter().all(|weight| *weight == 0.0);
    let mix = if is_empty { Vec::new() } else { mix };
    Ok(Synthetic { pattern, accounts: *accounts, skew: *skew, mix, per_day: *per_day, start: MONDAY, seed })
}

fn weights(text: &str, book: &Rulebook) -> Result<Vec<f64>, String> {
    let mut weights = vec![0.0; book.actions.len()];
    for part in text.split(',') {
        let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
        let place = book.actions.iter().position(|action| action == name.trim());
        let place = place.ok_or_else(|| {
            format!("--mix: no action is called `{}`; known: {}", name.trim(), book.actions.join(", "))
        })?;
        let weight = weight.trim().parse::<f64>().ok().filter(|weight| weight.is_finite() && *weight >= 0.0);
        weights[place] =
            weight.ok_or_else(|| format!("--mix: `{part}` is no weight: write one as in message=3"))?;
    }
    if weights.iter().all(|weight| *weight == 0.0) {
        return Err(format!("--mix: `{text}` leaves no action: at least one weight must be above 0"));
    }
    Ok(weights)
}

fn target(args: &OfTarget) -> Result<Whom, String> {
    match args.target.as_str() {
        "limiter" | "evaluator" if args.template.is_some() => {
            Err("--template describes an HTTP endpoint: name it with --target http://HOST:PORT".to_owned())
        }
        "limiter" => Ok(Whom::Limiter),
        "evaluator" => Ok(Whom::Evaluator),
        url if url.contains("://") => http(args, url).map(|target| Whom::Http(Box::new(target))),
        other => Err(format!("`{other}` is no target: name `limiter`, `evaluator`, or http://HOST:PORT")),
    }
}

fn http(args: &OfTarget, url: &str) -> Result<HttpTarget, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let address = url.resolve(&args.allow_host).map_err(|error| error.to_string())?;
    let protocol = match (&args.template, args.body) {
        (Some(path), _) => {
            let source = Source::read(path).map_err(|error| error.to_string())?;
            let template =
                Template::parse(&source.text).map_err(|error| format!("{}: {error}", path.display()))?;
            Protocol::Template(Box::new(template))
        }
        (None, BodyArg::Json) => Protocol::Json,
        (None, BodyArg::Records) => Protocol::Records,
    };
    if args.batch as usize > protocol.most_checks() {
        return Err("a template sends one check a request: leave out --batch".to_owned());
    }
    let timeout_seconds = args.timeout;
    Ok(HttpTarget { url, address, protocol, connections: args.connections as usize, timeout_seconds })
}

fn plan(args: &RunArgs, times: Times, is_http: bool) -> Result<Plan, String> {
    let of = &args.pace;
    let fastest = if is_http { FASTEST_HTTP } else { FASTEST };
    let pace = match (&of.stages, of.rate, of.speed) {
        (Some(text), ..) => Pace::Open {
            stages: parse_stages(text, fastest).map_err(|error| error.to_string())?,
            poisson: of.poisson,
        },
        (None, Some(rate), _) if rate > fastest => {
            return Err(format!("--rate {rate}: over HTTP at most {fastest} checks a second"));
        }
        (None, Some(rate), _) => Pace::Open { stages: vec![Stage::endless(rate)], poisson: of.poisson },
        (None, None, Some(speed)) => Pace::Workload { speed },
        (None, None, None) if of.poisson => return Err("--poisson needs --rate or --stages".to_owned()),
        (None, None, None) => Pace::Closed,
    };
    let is_bounded = of.checks.is_some() || of.stages.is_some() || of.speed.is_some();
    let seconds = of.duration.unwrap_or(if is_bounded { LONGEST } else { 10.0 });
    if of.warm_up >= seconds {
        return Err("--warm-up takes the whole run: make it shorter than --duration".to_owned());
    }
    Ok(Plan {
        pace,
        times,
        checks: of.checks.unwrap_or(u64::MAX),
        seconds,
        warm_up_seconds: of.warm_up,
        slice_seconds: of.slice,
        batch: args.target.batch as usize,
        seed: args.seed,
    })
}
