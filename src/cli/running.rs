//! What the commands that simulate share: reading scenarios, watching a run, stopping it.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pacewise::engine::Control;
use pacewise::report::{Format, Provenance};
use pacewise::scenario::{Resolution, Scenario};

use super::Outcome;
use super::args::FormatArg;
use super::source::Source;
use super::terminal;

/// Replicates when neither the command nor the scenario says.
pub(super) const REPLICATES: u64 = 10_000;

/// Reads and checks a scenario file, drawing what is wrong with it.
pub(super) fn read(path: &Path) -> io::Result<Result<Scenario, Outcome>> {
    let source = match Source::read(path) {
        Ok(source) => source,
        Err(error) => {
            terminal::complain(&error.to_string());
            return Ok(Err(Outcome::Failed));
        }
    };
    let parsed = source.parse();
    terminal::draw(&source, &parsed.diagnostics)?;
    Ok(parsed.scenario.ok_or(Outcome::No))
}

/// What a run leaves behind to be repeated; the replicates and the reason to stop are known at its end.
pub(super) fn provenance(scenario: &Scenario, command: Vec<String>, seed: u64) -> Provenance {
    let (resolution, reason) = match (scenario.effective_resolution(), scenario.needs_events()) {
        (Resolution::Event, Some(reason)) => ("event", reason),
        (Resolution::Event, None) => ("event", "it was asked for".to_owned()),
        _ => ("day", "every rule, cap and profile is daily".to_owned()),
    };
    Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command,
        seed,
        replicates: 0,
        stop_reason: String::new(),
        resolution: resolution.to_owned(),
        resolution_reason: reason,
        scenario_hash: scenario.hash(),
        target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
    }
}

pub(super) fn format(format: FormatArg) -> Format {
    match format {
        FormatArg::Table => Format::Table,
        FormatArg::Json => Format::Json,
        FormatArg::Csv => Format::Csv,
        FormatArg::Markdown => Format::Markdown,
    }
}

/// The path with `.partial` behind its name.
pub(super) fn partial(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    folder.with_file_name(name)
}

/// A control whose stop signal is Ctrl-C. A second Ctrl-C ends the program at once.
pub(super) fn stoppable() -> Arc<Control> {
    let control = Arc::new(Control::default());
    let signalled = Arc::clone(&control);
    let set = ctrlc::set_handler(move || {
        if signalled.stop.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = set {
        terminal::complain(&format!("Ctrl-C will end the program without a report: {error}"));
    }
    control
}

/// Does some work while a bar on standard error shows how far it is; no bar where nobody looks.
pub(super) fn watched<T: Send>(control: &Control, what: &str, work: impl FnOnce() -> T + Send) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    let style =
        ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {per_sec}, {eta} left");
    let bar = ProgressBar::new(0).with_message(what.to_owned());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    std::thread::scope(|scope| {
        let worker = scope.spawn(work);
        while !worker.is_finished() {
            bar.set_length(control.planned.load(Ordering::Relaxed));
            bar.set_position(control.done.load(Ordering::Relaxed));
            std::thread::sleep(Duration::from_millis(60));
        }
        bar.finish_and_clear();
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
