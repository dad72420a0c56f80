//! `pacewise scan`: which rules a log of what accounts did has broken.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pacewise::engine::Control;
use pacewise::eventlog::{EventLog, LogError};
use pacewise::report::{self, LogFacts, ScanFolder, ScanReport};
use pacewise::rulebook::Rulebook;
use pacewise::scan::{AccountFound, Detail, Found, Rows, Scanner};

use super::args::ScanArgs;
use super::log::{in_words, list, open, shown};
use super::rules::calendar;
use super::source::plain;
use super::{Outcome, running, terminal};

pub(crate) fn run(args: &ScanArgs) -> io::Result<Outcome> {
    let book = match calendar(args.zone.as_deref()).and_then(|calendar| args.rules.read(calendar)) {
        Ok(book) => book,
        Err(problem) => {
            terminal::complain(&problem);
            return Ok(Outcome::Failed);
        }
    };
    let control = running::stoppable();
    match scan(args, &book, &control) {
        Ok(scanned) => present(args, &book, scanned),
        Err(problem) => {
            terminal::complain(&problem);
            let is_stopped = control.stop.load(Ordering::Relaxed);
            Ok(if is_stopped { Outcome::Interrupted } else { Outcome::Failed })
        }
    }
}

/// What was read, what was found, and the folder that is being filled.
struct Scanned {
    log: LogFacts,
    found: Found,
    folder: Option<ScanFolder>,
}

fn scan(args: &ScanArgs, book: &Rulebook, control: &Arc<Control>) -> Result<Scanned, String> {
    let detail = Detail {
        near: args.near,
        refusals: !args.no_refusals,
        rows: args.out.is_some(),
        accounts: args.top.into(),
        ..Detail::default()
    };
    let mut folder = match &args.out {
        Some(out) => Some(ScanFolder::begin(out, book).map_err(|error| error.to_string())?),
        None => None,
    };
    let named = |error: LogError| format!("{}:{}", shown(&args.log), in_words(&error));
    let input = open(&args.log, control).map_err(|error| named(LogError::Input(error)))?;
    let length = std::fs::metadata(&args.log).map_or(0, |file| file.len());
    control.planned.store(length, Ordering::Relaxed);
    let taken = input.taken();
    let how = args.reading.how(&args.log, args.zone.as_deref(), &book.calendar);
    let mut log = EventLog::open(input, &how, &book.actions).map_err(named)?;
    let scanner = Scanner::new(book, detail);
    let work = || read(&mut log, scanner, folder.as_mut(), control, &taken);
    let (found, is_partial) = running::watched(control, "bytes", work).map_err(|problem| match problem {
        Problem::Log(error) => named(error),
        Problem::Folder(error) => error.to_string(),
        Problem::Temporary(error) => format!(
            "{}: what many accounts did waits in temporary files: {}; TMPDIR names a folder for them",
            shown(&args.log),
            plain(&error)
        ),
    })?;
    list(&shown(&args.log), log.mistakes(), log.several_lines(), log.actions());
    let log = facts(args, &log, is_partial);
    if log.mistakes.count > 0 && found.events == 0 {
        return Err(format!("{}: no line is an event", log.name));
    }
    if log.unknown_events > 0 && found.events == 0 {
        let known = book.actions.join(", ");
        return Err(format!("{}: the rules know no action of its events; known: {known}", log.name));
    }
    Ok(Scanned { log, found, folder })
}

enum Problem {
    Log(LogError),
    Folder(report::ReportError),
    Temporary(io::Error),
}

/// Reads the log to its end, or until the stop signal; whether that came.
fn read(
    log: &mut EventLog,
    mut scanner: Scanner,
    mut folder: Option<&mut ScanFolder>,
    control: &Control,
    taken: &AtomicU64,
) -> Result<(Found, bool), Problem> {
    let (mut batch, mut rows, mut is_partial) = (Vec::new(), Rows::default(), false);
    let is_stopped = || control.stop.load(Ordering::Relaxed);
    loop {
        match log.read(&mut batch) {
            Ok(true) => {}
            Ok(false) => break,
            // It was waited for more, in vain.
            Err(_) if is_stopped() && !is_partial => batch.clear(),
            Err(error) => return Err(Problem::Log(error)),
        }
        scanner.take(&batch, &mut rows);
        let name = |account| log.accounts().name(account);
        let gone = scanner.let_go(&mut rows, name).map_err(Problem::Temporary)?;
        if let Some(folder) = &mut folder {
            folder.add(&mut rows, name).map_err(Problem::Folder)?;
        }
        for account in gone {
            log.forget(account);
        }
        control.done.store(taken.load(Ordering::Relaxed), Ordering::Relaxed);
        if !is_partial && is_stopped() {
            is_partial = true;
            log.stop().map_err(Problem::Log)?;
        }
    }
    let name = |account| log.accounts().name(account);
    let tell = |line: &AccountFound| folder.as_mut().map_or(Ok(()), |folder| folder.add_account(line));
    let found = scanner.finish(&mut rows, name, tell).map_err(Problem::Temporary)?;
    if let Some(folder) = folder {
        folder.add(&mut rows, name).map_err(Problem::Folder)?;
    }
    Ok((found, is_partial))
}

fn facts(args: &ScanArgs, log: &EventLog, is_partial: bool) -> LogFacts {
    LogFacts {
        name: shown(&args.log),
        zone: args.zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        near: args.near,
        mistakes: log.mistakes().clone(),
        several_lines: log.several_lines(),
        unknown_events: log.actions().unknown_events(),
        unknown_actions: log.actions().unknown().clone(),
        out_of_order: log.out_of_order(),
        is_partial,
    }
}

fn present(args: &ScanArgs, book: &Rulebook, scanned: Scanned) -> io::Result<Outcome> {
    let Scanned { log, found, folder } = scanned;
    let report = ScanReport { log: &log, book, found: &found, top: args.top.into() };
    let mut outcome = match (log.is_partial, found.breaking_events) {
        (true, _) => Outcome::Interrupted,
        (false, 0) => Outcome::Good,
        (false, _) => Outcome::No,
    };
    if let (Some(folder), Some(out)) = (folder, &args.out) {
        let out = if log.is_partial { running::partial(out) } else { out.clone() };
        match folder.finish(&report, &out) {
            Ok(()) => terminal::say(&format!("report: {}", out.display())),
            Err(error) => {
                terminal::complain(&error.to_string());
                outcome = Outcome::Failed;
            }
        }
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = report::write_scan(&report, running::format(args.format), &mut out);
    terminal::shown(written.and_then(|()| out.flush()), outcome)
}
