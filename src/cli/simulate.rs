//! `pacewise simulate`: the main job.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use pacewise::engine::{self, Control, Run, RunConfig, Stop, StopReason};
use pacewise::estimate::{self, Intervals};
use pacewise::model::Model;
use pacewise::pace::{self, PaceConfig};
use pacewise::report::{self, Format, Provenance, Report};
use pacewise::results::{Results, RiskCurve, Savings};
use pacewise::savings::{self, SavingsConfig};
use pacewise::scenario::{Resolution, Scenario};
use pacewise::stats::proportion::Method;

use super::Outcome;
use super::args::{IntervalArg, ResolutionArg, SimulateArgs};
use super::running::{self, REPLICATES};
use super::terminal;

/// A scenario to run, and where its report goes.
struct Job {
    scenario: Scenario,
    file: PathBuf,
    folder: PathBuf,
}

/// A scenario that has been run.
struct Done {
    scenario: Scenario,
    folder: PathBuf,
    provenance: Provenance,
    results: Results,
    curve: Option<RiskCurve>,
    savings: Option<Savings>,
}

impl Done {
    fn report(&self) -> Report<'_> {
        Report {
            scenario: &self.scenario,
            provenance: &self.provenance,
            results: &self.results,
            curve: self.curve.as_ref(),
            savings: self.savings.as_ref(),
        }
    }
}

pub(crate) fn run(args: &SimulateArgs) -> io::Result<Outcome> {
    let jobs = match jobs(args)? {
        Ok(jobs) => jobs,
        Err(outcome) => return Ok(outcome),
    };
    let control = running::stoppable();
    let (mut done, mut outcome) = (Vec::new(), Outcome::Good);
    for job in jobs {
        match simulate(args, job, &control) {
            Some(finished) => {
                outcome = outcome.max(write_folder(&finished));
                done.push(finished);
            }
            None => {
                terminal::complain("interrupted before any replicate was done: there is nothing to report");
            }
        }
        if control.stop.load(Ordering::Relaxed) {
            outcome = outcome.max(Outcome::Interrupted);
            break;
        }
    }
    if done.len() > 1 && outcome != Outcome::Interrupted {
        outcome = outcome.max(write_combined(args, &done));
    }
    terminal::shown(print(args, &done), outcome)
}

/// Reads every scenario and finds out whether its report can be written, before any is run.
fn jobs(args: &SimulateArgs) -> io::Result<Result<Vec<Job>, Outcome>> {
    let (mut jobs, mut worst) = (Vec::new(), Outcome::Good);
    for file in &args.files {
        match running::read(file)? {
            Ok(scenario) => match job(args, scenario, file) {
                Ok(job) => jobs.push(job),
                Err(problem) => {
                    terminal::complain(&problem);
                    worst = worst.max(Outcome::Failed);
                }
            },
            Err(outcome) => worst = worst.max(outcome),
        }
    }
    let mut seen = HashMap::new();
    for job in &jobs {
        if let Some(other) = seen.insert(&job.folder, &job.file) {
            let (other, file) = (other.display(), job.file.display());
            terminal::complain(&format!(
                "{other} and {file} have the same name, so their reports would collide"
            ));
            worst = worst.max(Outcome::Failed);
        }
    }
    Ok(if worst == Outcome::Good { Ok(jobs) } else { Err(worst) })
}

fn job(args: &SimulateArgs, mut scenario: Scenario, file: &Path) -> Result<Job, String> {
    match args.resolution {
        None => {}
        Some(ResolutionArg::Auto) => scenario.resolution = Resolution::Auto,
        Some(ResolutionArg::Event) => scenario.resolution = Resolution::Event,
        Some(ResolutionArg::Day) => {
            if let Some(reason) = scenario.needs_events() {
                return Err(format!("{}: day resolution is not enough, because {reason}", file.display()));
            }
            scenario.resolution = Resolution::Day;
        }
    }
    let folder = match &args.out {
        Some(out) if args.files.len() == 1 => out.clone(),
        Some(out) => out.join(&scenario.name),
        None => Path::new("reports").join(&scenario.name),
    };
    for folder in [&folder, &running::partial(&folder)] {
        report::check_folder(folder).map_err(|error| error.to_string())?;
    }
    Ok(Job { scenario, file: file.to_owned(), folder })
}

/// Runs a scenario; none when it was stopped before a single replicate was done.
fn simulate(args: &SimulateArgs, job: Job, control: &Control) -> Option<Done> {
    let Job { scenario, file, folder } = job;
    let config = config(args, &scenario);
    control.done.store(0, Ordering::Relaxed);
    let model = Model::compile(&scenario);
    let run = running::watched(control, &scenario.name, || engine::run(&model, &config, control));
    if run.tally.replicates == 0 {
        return None;
    }
    let how = intervals(args);
    let curve = curve(args, &scenario, (&model, &run), &config, control);
    let savings = savings(args, &scenario, &run, &config, control);
    let wanted = (curve.is_none() && !args.no_curve) || (savings.is_none() && !args.no_savings);
    let cut_short = wanted && control.stop.load(Ordering::Relaxed);
    let reason = if cut_short { StopReason::Interrupted } else { run.reason };
    let results = estimate::results(&scenario, &model, &run.tally, reason, how);
    let mut provenance = running::provenance(&scenario, command(args, &file), config.seed);
    provenance.replicates = run.tally.replicates;
    provenance.stop_reason = stop_reason(reason, &config.stop);
    let folder = if reason == StopReason::Interrupted { running::partial(&folder) } else { folder };
    Some(Done { scenario, folder, provenance, results, curve, savings })
}

fn intervals(args: &SimulateArgs) -> Intervals {
    Intervals { level: args.run.level, method: method(args) }
}

fn method(args: &SimulateArgs) -> Method {
    match args.interval {
        IntervalArg::Wilson => Method::Wilson,
        IntervalArg::ClopperPearson => Method::ClopperPearson,
    }
}

fn config(args: &SimulateArgs, scenario: &Scenario) -> RunConfig {
    let replicates = args.replicates.or(scenario.replicates).unwrap_or(REPLICATES);
    RunConfig {
        seed: args.run.seed.or(scenario.seed).unwrap_or(1),
        stop: match args.half_width {
            Some(half_width) => Stop::WhenPrecise { half_width, at_most: args.at_most },
            None => Stop::After(replicates),
        },
        threads: args.run.threads.map(usize::from),
        level: args.run.level,
        sample: true,
    }
}

/// The risk at other paces; none when it is not wanted, when the run is too small for it, or when it was interrupted.
fn curve(
    args: &SimulateArgs,
    scenario: &Scenario,
    (model, run): (&Model, &Run),
    config: &RunConfig,
    control: &Control,
) -> Option<RiskCurve> {
    if run.reason == StopReason::Interrupted || args.no_curve {
        return None;
    }
    let RunConfig { seed, threads, level, .. } = *config;
    let config = PaceConfig { seed, replicates: run.tally.replicates, threads, level, method: method(args) };
    control.done.store(0, Ordering::Relaxed);
    running::watched(control, "other paces", || {
        pace::report_curve(scenario, model, &run.tally, &config, control)
    })
}

/// What each cause costs; none when it is not wanted, when the run is too small for it, or when it was interrupted.
fn savings(
    args: &SimulateArgs,
    scenario: &Scenario,
    run: &Run,
    config: &RunConfig,
    control: &Control,
) -> Option<Savings> {
    if run.reason == StopReason::Interrupted || args.no_savings || control.stop.load(Ordering::Relaxed) {
        return None;
    }
    let RunConfig { seed, threads, level, .. } = *config;
    let config = SavingsConfig { seed, replicates: run.tally.replicates, threads, level };
    control.done.store(0, Ordering::Relaxed);
    running::watched(control, "without each cause", || savings::savings(scenario, &config, control))
}

fn stop_reason(reason: StopReason, stop: &Stop) -> String {
    match (reason, stop) {
        (StopReason::Interrupted, _) => "interrupted: this is a partial result".to_owned(),
        (StopReason::Precise, Stop::WhenPrecise { half_width, .. }) => {
            format!("flagged and disconnected are known to +- {half_width}")
        }
        (StopReason::NotPrecise { half_width, wanted }, _) => {
            format!(
                "the most replicates allowed are done; the half-width is {half_width:.6} instead of {wanted}"
            )
        }
        _ => "all replicates asked for are done".to_owned(),
    }
}

/// The command as it can be repeated for one file, without the threads and the folder, which change nothing.
fn command(args: &SimulateArgs, file: &Path) -> Vec<String> {
    let mut words = vec!["pacewise".to_owned(), "simulate".to_owned(), file.display().to_string()];
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([name.to_owned(), value]);
        }
    };
    option("--replicates", args.replicates.map(|n| n.to_string()));
    option("--half-width", args.half_width.map(|h| h.to_string()));
    option("--at-most", args.half_width.map(|_| args.at_most.to_string()));
    option("--seed", args.run.seed.map(|seed| seed.to_string()));
    option("--level", (args.run.level != 0.95).then(|| args.run.level.to_string()));
    option(
        "--interval",
        (args.interval == IntervalArg::ClopperPearson).then(|| "clopper-pearson".to_owned()),
    );
    option("--resolution", args.resolution.map(|resolution| format!("{resolution:?}").to_lowercase()));
    words.extend(args.no_curve.then(|| "--no-curve".to_owned()));
    words.extend(args.no_savings.then(|| "--no-savings".to_owned()));
    words
}

fn write_folder(done: &Done) -> Outcome {
    match report::write_folder(&done.report(), &done.folder) {
        Ok(()) => {
            terminal::say(&format!("report: {}", done.folder.display()));
            Outcome::Good
        }
        Err(error) => {
            terminal::complain(&error.to_string());
            Outcome::Failed
        }
    }
}

fn print(args: &SimulateArgs, done: &[Done]) -> io::Result<()> {
    let format = running::format(args.run.format);
    let mut out = io::stdout().lock();
    let several = args.files.len() > 1;
    match format {
        Format::Csv if several => {
            let reports: Vec<Report> = done.iter().map(Done::report).collect();
            report::write_combined_csv(&reports, &mut out)?;
            return out.flush();
        }
        Format::Json if several => return print_json_list(done, &mut out),
        _ => {}
    }
    for (index, done) in done.iter().enumerate() {
        if several && format == Format::Table {
            let gap = if index > 0 { "\n\n" } else { "" };
            writeln!(out, "{gap}== {} ==\n", done.scenario.name)?;
        }
        report::write(&done.report(), format, &mut out)?;
    }
    out.flush()
}

fn print_json_list(done: &[Done], out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, done) in done.iter().enumerate() {
        out.write_all(if index == 0 { b"" } else { b"," })?;
        report::write(&done.report(), Format::Json, out)?;
    }
    out.write_all(b"]\n")?;
    out.flush()
}

/// One CSV file of all estimates, a column telling the scenario.
fn write_combined(args: &SimulateArgs, done: &[Done]) -> Outcome {
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from("reports"));
    let path = folder.join("combined.csv");
    let reports: Vec<Report> = done.iter().map(Done::report).collect();
    let written = tempfile::NamedTempFile::new_in(&folder).and_then(|mut file| {
        report::write_combined_csv(&reports, &mut file)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644))?;
        }
        file.persist(&path).map_err(|error| error.error)
    });
    match written {
        Ok(_) => {
            terminal::say(&format!("all estimates: {}", path.display()));
            Outcome::Good
        }
        Err(error) => {
            terminal::complain(&format!("cannot write {}: {error}", path.display()));
            Outcome::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::args::{Args, Command};
    use super::*;

    #[test]
    fn a_run_stopped_while_it_looks_at_other_paces_is_partial() {
        const QUICK: &str =
            "start = 2026-01-05\nhorizon_days = 90\n[demand.message]\npoisson = { mean = 1 }\n";
        let typed = ["pacewise", "simulate", "quick.toml", "--replicates", "200000", "--threads", "1"];
        let Command::Simulate(args) = Args::parse_from(typed).command else { panic!("simulate was typed") };
        let scenario = Scenario::parse(QUICK, "quick").scenario.expect("it is valid");
        let job =
            Job { scenario, file: PathBuf::from("quick.toml"), folder: PathBuf::from("somewhere/quick") };
        let control = Control::default();
        let done = std::thread::scope(|scope| {
            let run = scope.spawn(|| simulate(&args, job, &control));
            let looks_at_other_paces = || (1..200_000).contains(&control.planned.load(Ordering::Relaxed));
            while !looks_at_other_paces() && !run.is_finished() {
                std::thread::yield_now();
            }
            control.stop.store(true, Ordering::Relaxed);
            run.join().expect("it ends").expect("replicates were done")
        });
        assert_eq!(done.provenance.replicates, 200_000);
        assert_eq!(done.folder, Path::new("somewhere/quick.partial"));
        assert!(report::verdict(&done.report()).starts_with("partial results: "));
    }
}
