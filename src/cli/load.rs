//! `pacewise load`: puts a workload to a target, judges every answer, and measures.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use pacewise::load::{
    Call, Clock, Curves, Described, HttpTarget, Judge, Machine, Pace, Plan, Recorder, SharedLimiter, Summary,
    Target, Threshold, Times, WallClock, Watch, Workload, cpu, errs, errs_afresh, explain, run, run_http,
    unlike,
};
use pacewise::numbers::number;
use pacewise::report::{LoadReport, check_load_folder, write_load, write_load_folder};
use pacewise::rulebook::Rulebook;
use pacewise::rules::Evaluator;

use super::Outcome;
use super::load_args::{LoadArgs, LoadCommand, RunArgs, TimesArg};
use super::load_asked::{Asked, Whom, pace_in_words, read};
use super::{running, terminal};

pub(crate) fn command(args: &LoadArgs) -> io::Result<Outcome> {
    match &args.command {
        Some(LoadCommand::Compare(args)) => super::load_compare::run(args),
        Some(LoadCommand::Accuracy(args)) => super::load_accuracy::run(args),
        None => load(&args.run),
    }
}

/// A mistake in what was asked for is told, and ends the command.
fn load(args: &RunArgs) -> io::Result<Outcome> {
    let asked = match read(args) {
        Ok(asked) => asked,
        Err(problem) => {
            terminal::complain(&problem);
            return Ok(Outcome::Failed);
        }
    };
    if let Some(Err(error)) = args.out.as_deref().map(check_load_folder) {
        terminal::complain(&error.to_string());
        return Ok(Outcome::Failed);
    }
    if let Whom::Http(target) = &asked.target
        && let Some(unlike) = unlike(target, &asked.book, asked.plan.times)
    {
        terminal::complain(&format!("http://{}: {unlike}", target.url.authority()));
        return Ok(Outcome::Failed);
    }
    if let Some(bound) = &args.find_capacity {
        return super::load_capacity::run(args, &asked, bound);
    }
    let watch = stoppable();
    let ran = match watched(&watch, || once(&asked, &asked.workload, &asked.plan, &watch)) {
        Ok(ran) => ran,
        Err(error) => {
            terminal::complain(&format!("the load test could not be run: {error}"));
            return Ok(Outcome::Failed);
        }
    };
    tell(args, &asked, &ran)
}

/// What a run found.
pub(super) struct Ran {
    pub(super) summary: Summary,
    pub(super) curves: Curves,
}

/// Runs a plan once.
pub(super) fn once(asked: &Asked, workload: &Workload, plan: &Plan, watch: &Watch) -> io::Result<Ran> {
    let book = &asked.book;
    let (before, machine) = (cpu(), Machine::now());
    let recorder = match &asked.target {
        Whom::Evaluator => run(workload, book, plan, asked.threads, || evaluator(book), watch),
        Whom::Limiter => {
            let limiter = SharedLimiter::new(book);
            run(workload, book, plan, asked.threads, || limiter.clone(), watch)
        }
        Whom::Http(target) => {
            let mut judge = asked.judges.then(|| Judge::new(book));
            run_http(workload.calls(book), book, judge.as_mut(), target, plan, watch)?
        }
    };
    let spent = (cpu() - before, machine.map(Machine::after));
    Ok(summarised(asked, workload, plan, &recorder, spent, watch))
}

fn evaluator(book: &Rulebook) -> Evaluator {
    Evaluator::new(&book.set, book.calendar.clone())
}

fn summarised(
    asked: &Asked,
    workload: &Workload,
    plan: &Plan,
    recorder: &Recorder,
    (cpu, machine): (u64, Option<Machine>),
    watch: &Watch,
) -> Ran {
    let described = Described {
        command: std::iter::once("pacewise".to_owned()).chain(std::env::args().skip(1)).collect(),
        seed: plan.seed,
        workload: workload.in_words(),
        target: asked.target.in_words(asked.threads),
        pace: pace_in_words(&plan.pace),
        batch: plan.batch,
        rules: asked.book.origin.clone(),
        names: asked.names.clone(),
        times: if plan.times == Times::Given { "given" } else { "clock" }.to_owned(),
        is_partial: watch.is_stopped(),
        cpu,
        machine,
        clock: WallClock::start().cost(),
        is_open: plan.pace != Pace::Closed,
        rate: plan.rate(),
    };
    let mut summary = Summary::new(recorder, Some(&asked.book), described);
    if plan.times == Times::Given {
        explain_faults(asked, workload, &mut summary, watch);
    }
    summary.thresholds =
        asked.thresholds.iter().map(|threshold: &Threshold| threshold.judge(&summary)).collect();
    Ran { summary, curves: Curves::of(recorder) }
}

/// Finds the shortest histories of wrong answers, from targets without a past.
fn explain_faults(asked: &Asked, workload: &Workload, summary: &mut Summary, watch: &Watch) {
    let book = &asked.book;
    let afresh = |target: &dyn Fn() -> Box<dyn Target>, calls: &[Call], fault| {
        struct Boxed(Box<dyn Target>);
        impl Target for Boxed {
            fn check(&mut self, calls: &[Call], said: &mut Vec<pacewise::load::Said>) {
                self.0.check(calls, said);
            }
        }
        errs(Boxed(target()), book, calls, fault)
    };
    match &asked.target {
        Whom::Evaluator => explain(summary, workload, book, |calls, fault| {
            afresh(&|| Box::new(evaluator(book)), calls, fault)
        }),
        Whom::Limiter => explain(summary, workload, book, |calls, fault| {
            afresh(&|| Box::new(SharedLimiter::new(book)), calls, fault)
        }),
        Whom::Http(target) => explain_http(target, workload, book, summary, watch),
    }
}

/// Histories are made shorter for at most so many nanoseconds over HTTP.
const LONGEST_EXPLAINED: u64 = 20_000_000_000;

/// Histories are asked once more in the name of accounts that the workload does not name.
fn explain_http(
    target: &HttpTarget,
    workload: &Workload,
    book: &Rulebook,
    summary: &mut Summary,
    watch: &Watch,
) {
    let first = workload.accounts().max(target.names.free()).max(1 << 30);
    let mut account = first;
    let clock = WallClock::start();
    explain(summary, workload, book, |calls, fault| {
        account = account.wrapping_add(1);
        let goes_on = account > first && !watch.is_stopped() && clock.now() < LONGEST_EXPLAINED;
        goes_on && errs_afresh(target, book, account, calls, fault)
    });
}

/// Shows what was found, and writes it down.
fn tell(args: &RunArgs, asked: &Asked, ran: &Ran) -> io::Result<Outcome> {
    let report = LoadReport { summary: &ran.summary, curves: &ran.curves, book: Some(&asked.book) };
    let mut outcome = if ran.summary.is_good() { Outcome::Good } else { Outcome::No };
    if ran.summary.checks + ran.summary.warm_up_checks == 0 {
        terminal::complain(&format!("no check was answered by {}", ran.summary.target));
        outcome = Outcome::Failed;
    } else if ran.summary.checks == 0 && !ran.summary.is_partial {
        terminal::complain(&format!(
            "no check was answered after the warm-up of {} s ({} within it): shorten --warm-up, or let the run last longer",
            args.pace.warm_up,
            number(ran.summary.warm_up_checks as f64, 0)
        ));
        outcome = Outcome::Failed;
    }
    if ran.summary.is_partial {
        outcome = outcome.max(Outcome::Interrupted);
    }
    if let Some(folder) = &args.out {
        let folder = if ran.summary.is_partial { running::partial(folder) } else { folder.clone() };
        outcome = outcome.max(written(&report, &folder));
    }
    let mut out = io::stdout().lock();
    let written = write_load(&report, running::format(args.format), &mut out);
    terminal::shown(written.and_then(|()| out.flush()), outcome)
}

fn written(report: &LoadReport, folder: &Path) -> Outcome {
    match write_load_folder(report, folder) {
        Ok(()) => {
            terminal::say(&format!("report: {}", folder.display()));
            Outcome::Good
        }
        Err(error) => {
            terminal::complain(&error.to_string());
            Outcome::Failed
        }
    }
}

/// A watch that Ctrl-C stops. A second Ctrl-C ends the program at once.
pub(super) fn stoppable() -> Arc<Watch> {
    let watch = Arc::new(Watch::default());
    let signalled = Arc::clone(&watch);
    let set = ctrlc::set_handler(move || {
        if signalled.stop.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = set {
        terminal::complain(&format!("Ctrl-C will end the program without a report: {error}"));
    }
    watch
}

/// Does some work while a line on standard error tells rate, latency and what is denied; no line where nobody looks.
pub(super) fn watched<T: Send>(watch: &Watch, work: impl FnOnce() -> T + Send) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    let bar = indicatif::ProgressBar::new_spinner();
    std::thread::scope(|scope| {
        let worker = scope.spawn(work);
        let (mut before, mut at) = (0, 0);
        while !worker.is_finished() {
            std::thread::sleep(Duration::from_millis(200));
            let load = |cell: &std::sync::atomic::AtomicU64| cell.load(Ordering::Relaxed);
            let (answered, now) = (load(&watch.answered), load(&watch.elapsed));
            if now > at {
                bar.set_message(line(watch, (answered - before) as f64 * 1e9 / (now - at) as f64));
                (before, at) = (answered, now);
            }
            bar.tick();
        }
        bar.finish_and_clear();
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn line(watch: &Watch, rate: f64) -> String {
    let load = |cell: &std::sync::atomic::AtomicU64| cell.load(Ordering::Relaxed) as f64;
    let answered = load(&watch.answered).max(1.0);
    format!(
        "{:.0} s  {rate:.0}/s  p50 {:.3} ms  p99 {:.3} ms  denied {:.1} %  errors {}  wrong {}",
        load(&watch.elapsed) / 1e9,
        load(&watch.p50) / 1e6,
        load(&watch.p99) / 1e6,
        load(&watch.denied) / answered * 100.0,
        load(&watch.errors),
        load(&watch.wrong)
    )
}

/// Thresholds of a file: one a line, `#` begins a comment.
pub(super) fn thresholds_of(path: &PathBuf) -> Result<Vec<Threshold>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{}: {}", path.display(), super::source::plain(&error)))?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let read = |(number, line): (usize, &str)| {
        line.parse::<Threshold>().map_err(|error| format!("{}:{}: {error}", path.display(), number + 1))
    };
    lines.enumerate().filter(|(_, line)| !line.is_empty()).map(read).collect()
}

/// Whether checks carry their times.
pub(super) fn times(args: &RunArgs, default: Times) -> Times {
    match args.times {
        Some(TimesArg::Given) => Times::Given,
        Some(TimesArg::Clock) => Times::Clock,
        None => default,
    }
}
