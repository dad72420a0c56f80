//! The command line: what was typed, turned into library calls, and their answers into text and an exit code.
//!
//! Exit codes: 0 good; 1 the answer is no (a scenario is invalid, a log breaks a rule); 2 it could not be done (usage, files); 130 it was interrupted.

mod args;
mod check;
mod load;
mod load_accuracy;
mod load_args;
mod load_asked;
mod load_capacity;
mod load_compare;
mod load_workload;
mod log;
mod new;
mod pace;
mod platforms;
mod rules;
mod running;
mod scan;
mod schema;
mod serve;
mod simulate;
mod source;
mod terminal;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use self::args::{Args, Command};

/// Panics that become errors of a log are not reported besides.
#[cfg(feature = "parquet")]
fn pass_over_caught_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !pacewise::eventlog::panics_are_caught() {
            usual(panic);
        }
    }));
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It was done, and the answer is good.
    Good,
    /// The answer is no.
    No,
    /// It could not be done.
    Failed,
    /// The user stopped it; what was done until then has been reported.
    Interrupted,
}

/// Runs the command that was typed.
pub(crate) fn run() -> ExitCode {
    #[cfg(feature = "parquet")]
    pass_over_caught_panics();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(shown) => return usage(&shown),
    };
    let done = match args.command {
        Command::Simulate(args) => simulate::run(&args),
        Command::Pace(args) => pace::run(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Schema => schema::run(),
        Command::New(args) => new::run(&args),
        Command::Platforms(args) => platforms::run(&args),
        Command::Load(args) => load::command(&args),
        Command::Serve(args) => serve::run(&args),
    };
    match done {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => unwritten(&error),
    }
}

/// Shows the help or the version that was asked for, or what is wrong with the command.
fn usage(shown: &clap::Error) -> ExitCode {
    match shown.print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => unwritten(&error),
        _ => ExitCode::from(if shown.use_stderr() { 2 } else { 0 }),
    }
}

fn unwritten(error: &io::Error) -> ExitCode {
    terminal::complain(&format!("cannot write to standard output: {}", source::plain(error)));
    ExitCode::from(2)
}
