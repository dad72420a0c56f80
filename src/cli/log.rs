//! Logs, for the commands that read them: what can be typed about them, how that is meant, and what is told of them.

use std::ffi::OsStr;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use clap::ValueEnum;
use jiff::tz::TimeZone;
use pacewise::engine::Control;
use pacewise::eventlog::{Actions, Columns, Form, How, Input, LogError, Mistakes, Order, SeveralLines, Unit};
use pacewise::rules::Calendar;

use super::source::plain;
use super::terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct LogArgs {
    /// The names of the columns, as in account=user,time=ts,action=kind.
    #[arg(long, value_name = "NAMES", requires = "log", value_parser = columns)]
    columns: Option<Columns>,
    /// What parts the cells of a line: one character, or `tab`.
    #[arg(long, value_name = "CHAR", requires = "log", default_value = ",", value_parser = delimiter)]
    delimiter: u8,
    /// The log is of binary records, which a name that ends in .bin says too: unix seconds (i64), account and action (u32 each),
    /// little endian.
    #[arg(long, requires = "log")]
    binary: bool,
    /// The unit of numeric times. Default: found from the first one.
    #[arg(long, value_enum, requires = "log")]
    unit: Option<UnitArg>,
    /// Put events in order of time; without it a log that is not in order is refused.
    #[arg(long, requires = "log")]
    sort: bool,
    /// With --sort: events that are held in memory; of more, the rest goes into temporary files.
    #[arg(long, value_name = "N", default_value_t = 4_000_000, requires = "sort",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    sort_memory: u32,
    /// End at the first line that is no event, or that is part of a record over several lines.
    #[arg(long, requires = "log")]
    strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnitArg {
    S,
    Ms,
    Us,
    Ns,
}

impl LogArgs {
    /// How a log is read; `zone` is the one that was typed, and `calendar` is in it.
    pub(crate) fn how(&self, log: &Path, zone: Option<&str>, calendar: &Calendar) -> How {
        let zone = match calendar {
            Calendar::Zone(zone) => Some(zone.clone()),
            Calendar::Civil => zone.map(|_| TimeZone::UTC),
        };
        let sorting = Order::Sort { in_memory: self.sort_memory as usize, folder: None };
        How {
            form: if self.binary { Form::Records } else { form_of(log) },
            columns: self.columns.clone().unwrap_or_default(),
            delimiter: Some(self.delimiter),
            unit: self.unit.map(|unit| match unit {
                UnitArg::S => Unit::Seconds,
                UnitArg::Ms => Unit::Milliseconds,
                UnitArg::Us => Unit::Microseconds,
                UnitArg::Ns => Unit::Nanoseconds,
            }),
            zone,
            strict: self.strict,
            order: if self.sort { sorting } else { Order::Refuse },
        }
    }
}

/// What a name says about the form of a log, behind the endings of packed files.
fn form_of(log: &Path) -> Form {
    let name = log.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let packed = [".gz", ".zst", ".zstd"].iter().find_map(|ending| name.strip_suffix(ending));
    match Path::new(packed.unwrap_or(&name)).extension().and_then(OsStr::to_str) {
        Some("bin") => Form::Records,
        Some("parquet") => Form::Parquet,
        _ => Form::Csv,
    }
}

pub(super) fn shown(log: &Path) -> String {
    if log == Path::new("-") { "standard input".to_owned() } else { log.display().to_string() }
}

/// What is wrong, to be written behind the name of the log and a colon.
pub(super) fn in_words(error: &LogError) -> String {
    match error {
        LogError::Input(error) => format!(" {}", plain(error)),
        LogError::Damaged { after, problem } => format!(" after {after}: {}", plain(problem)),
        LogError::Temporary(error) => {
            let error = plain(error);
            format!(" sorting needs temporary files: {error}; a larger --sort-memory needs fewer of them")
        }
        other => other.to_string(),
    }
}

/// Says on standard error what could not be read as it should be.
pub(super) fn list(name: &str, mistakes: &Mistakes, several_lines: SeveralLines, actions: &Actions) {
    for mistake in &mistakes.first {
        terminal::warn(&format!("{name}:{mistake}"));
    }
    let more = mistakes.count - mistakes.first.len() as u64;
    if more > 0 {
        terminal::warn(&format!("{name}: and {more} more lines that are no events"));
    }
    if let Some((first, last)) = several_lines.first {
        let count = several_lines.count;
        terminal::warn(&format!(
            "{name}: records over several lines: {count}, the first in lines {first}-{last}; is a quote there by mistake?"
        ));
    }
    let (count, unknown) = (actions.unknown_events(), actions.unknown());
    if count > 0 {
        let names: Vec<&str> = unknown.keys().take(10).map(String::as_str).collect();
        let more = if unknown.len() > names.len() { ", …" } else { "" };
        let (events, names) = (if count == 1 { "event" } else { "events" }, names.join(", "));
        terminal::warn(&format!("{name}: unknown actions, not judged ({count} {events}): {names}{more}"));
    }
}

/// The names of columns as in `account=user,time=ts`.
fn columns(text: &str) -> Result<Columns, String> {
    const ACCEPTED: &str =
        "expected account=NAME, time=NAME and action=NAME with commas between, each at most once";
    let mut columns = Columns::default();
    for pair in text.split(',').filter(|_| !text.is_empty()) {
        let (role, name) = pair.split_once('=').ok_or(ACCEPTED)?;
        let column = match role.trim() {
            "account" => &mut columns.account,
            "time" => &mut columns.time,
            "action" => &mut columns.action,
            _ => return Err(ACCEPTED.to_owned()),
        };
        if name.trim().is_empty() || column.replace(name.trim().to_owned()).is_some() {
            return Err(ACCEPTED.to_owned());
        }
    }
    Ok(columns)
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        &[one] if one.is_ascii() && !b"\"\r\n".contains(&one) && !one.is_ascii_alphanumeric() => Ok(one),
        _ => Err("expected one character that is no letter, digit or quote, or `tab`".to_owned()),
    }
}

/// The bytes of a log. A wait for those of a pipe ends when the program is told to stop.
pub(super) fn open(log: &Path, control: &Arc<Control>) -> io::Result<Input> {
    let is_pipe = || std::fs::metadata(log).is_ok_and(|file| !file.is_file() && !file.is_dir());
    let stream: Box<dyn Read + Send> = match log {
        log if log == Path::new("-") => Box::new(io::stdin()),
        log if is_pipe() => Box::new(std::fs::File::open(log)?),
        log => return Input::open(log),
    };
    let (sender, blocks) = sync_channel(4);
    std::thread::spawn(move || hand_over(stream, &sender));
    Input::new(Box::new(Awaited { blocks, block: Cursor::default(), control: Arc::clone(control) }))
}

/// How often it is looked whether to stop.
const LOOK: Duration = Duration::from_millis(50);

/// A stream that a thread of its own reads, so that nothing else has to wait for it.
struct Awaited {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Cursor<Vec<u8>>,
    control: Arc<Control>,
}

impl Read for Awaited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.block.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.blocks.recv_timeout(LOOK) {
                Ok(block) => self.block = Cursor::new(block?),
                Err(RecvTimeoutError::Timeout) if self.control.stop.load(Ordering::Relaxed) => {
                    return Err(io::Error::other("interrupted while more was waited for"));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

/// Reads a stream to its end, or to an error, which comes last.
fn hand_over(mut stream: Box<dyn Read + Send>, blocks: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut block = vec![0; 1 << 16];
        let read = stream.read(&mut block);
        let goes_on = match &read {
            Ok(read) => *read > 0,
            Err(error) => error.kind() == io::ErrorKind::Interrupted,
        };
        let sent = read.map(|read| {
            block.truncate(read);
            block
        });
        if matches!(&sent, Ok(block) if block.is_empty()) || blocks.send(sent).is_err() || !goes_on {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_once_each() {
        let read = columns("time=ts, account=user id").expect("they are good");
        assert_eq!(
            (read.account.as_deref(), read.time.as_deref(), read.action),
            (Some("user id"), Some("ts"), None)
        );
        assert_eq!(columns(""), Ok(Columns::default()));
        for wrong in ["time", "time=", "when=ts", "time=a,time=b", ",", "time=a,"] {
            assert!(columns(wrong).is_err(), "{wrong}");
        }
        assert_eq!(["tab", "\\t", ";", "|"].map(delimiter), [Ok(9), Ok(9), Ok(b';'), Ok(b'|')]);
        assert!(["", "\"", "a", "7", ";;", "é"].iter().all(|wrong| delimiter(wrong).is_err()));
    }
}
