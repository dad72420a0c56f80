//! Logs in Parquet files: rows in their order, one row group after another, of which the pages at hand are in memory.

mod column;
mod guard;
mod pages;
mod source;

use std::io;

use ::parquet::basic::Compression;
use ::parquet::column::reader::get_column_reader;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::input::Input;
use super::mistake::{LogError, Mistake, Place};
use super::names::{ACCOUNTS, ACTIONS, LONGEST_NAME};
use super::places::Places;
use super::times::{Clock, FAR, WRITTEN};
use super::{BATCH, Event, How, Ledger};
use crate::time::Instant;
use column::{Cell, Column, Kind};
use guard::guarded;
pub use guard::panics_are_caught;
use pages::Pages;
use source::Source;

pub(super) struct ParquetReader {
    file: SerializedFileReader<Source>,
    places: Places,
    kinds: Kinds,
    /// The row group that is read next.
    next_group: usize,
    group: Option<Group>,
    /// How many rows have been read.
    row: u64,
    clock: Clock,
    pub(super) ledger: Ledger,
}

#[derive(Debug, Clone, Copy)]
struct Kinds {
    time: Kind,
    account: Kind,
    action: Kind,
}

/// The row group that is being read.
struct Group {
    time: Column,
    account: Column,
    action: Column,
    /// How many of its rows have not been read.
    left: u64,
}

impl std::fmt::Debug for ParquetReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetReader")
            .field("places", &self.places)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

impl ParquetReader {
    pub(super) fn open(input: Input, how: &How, ledger: Ledger) -> Result<ParquetReader, LogError> {
        let source = Source::new(input).map_err(LogError::Input)?;
        let file = guarded(|| SerializedFileReader::new(source)).map_err(LogError::Input)?;
        let rows = file
            .metadata()
            .row_groups()
            .iter()
            .try_fold(0_i64, |all, group| all.checked_add(group.num_rows()));
        if rows != Some(file.metadata().file_metadata().num_rows()) {
            return Err(LogError::Input(damaged("its row groups do not have the rows that it says it has")));
        }
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        // A column of lists holds more than one thing a row.
        let single: Vec<usize> =
            (0..schema.num_columns()).filter(|&leaf| schema.column(leaf).max_rep_level() == 0).collect();
        let names: Vec<String> = single.iter().map(|&leaf| schema.column(leaf).path().string()).collect();
        let refused = |(what, accepted)| LogError::Header(Mistake { place: Place::Schema, what, accepted });
        let found = Places::find(&names, &how.columns, "the schema").map_err(refused)?;
        let places =
            Places { time: single[found.time], account: single[found.account], action: single[found.action] };
        let kinds = Kinds {
            time: Kind::of_time(&schema.column(places.time)).map_err(refused)?,
            account: Kind::of_name(&schema.column(places.account), "account").map_err(refused)?,
            action: Kind::of_name(&schema.column(places.action), "action").map_err(refused)?,
        };
        if matches!(kinds.time, Kind::Local(_)) && how.zone.is_none() {
            let what = format!("the times of column `{}` state no zone", names[found.time]);
            return Err(refused((what, "--zone names the one that they are meant in".to_owned())));
        }
        let clock = Clock { unit: how.unit, zone: how.zone.clone() };
        Ok(ParquetReader { file, places, kinds, next_group: 0, group: None, row: 0, clock, ledger })
    }

    pub(super) fn read(&mut self, batch: &mut Vec<Event>) -> Result<bool, LogError> {
        let after = self.row;
        let failed = |problem| LogError::Damaged { after: format!("row {after}"), problem };
        while self.group.is_none() {
            if !self.open_group().map_err(failed)? {
                return Ok(false);
            }
        }
        let Some(group) = &mut self.group else { return Ok(true) };
        let rows = group.load().map_err(failed)?;
        for place in 0..rows {
            self.row += 1;
            let cells = (group.time.cell(place), group.account.cell(place), group.action.cell(place));
            take(cells, (self.kinds.time, &mut self.clock), self.row, &mut self.ledger, batch)?;
        }
        if group.left == 0 {
            group
                .end()
                .map_err(|problem| LogError::Damaged { after: format!("row {}", self.row), problem })?;
            self.group = None;
        }
        Ok(true)
    }

    pub(super) fn stop(&mut self) {
        self.next_group = self.file.num_row_groups();
        self.group = None;
    }

    /// Begins the next row group; whether there is one.
    fn open_group(&mut self) -> io::Result<bool> {
        if self.next_group == self.file.num_row_groups() {
            return Ok(false);
        }
        let number = self.next_group;
        self.next_group += 1;
        let reader = guarded(|| self.file.get_row_group(number))?;
        let column = |leaf: usize, kind: Kind| {
            if reader.metadata().columns().len() <= leaf {
                return Err(damaged("a row group lacks columns"));
            }
            if reader.metadata().column(leaf).num_values() != reader.metadata().num_rows() {
                return Err(damaged("a column has more or fewer values than its row group has rows"));
            }
            let packing = reader.metadata().column(leaf).compression();
            if matches!(packing, Compression::LZO | Compression::BROTLI(_)) {
                let problem = format!(
                    "a column is packed by {packing}; read are plain columns, Snappy, gzip, LZ4 and Zstandard"
                );
                return Err(io::Error::other(problem));
            }
            let schema = self.file.metadata().file_metadata().schema_descr().column(leaf);
            let depth = schema.max_def_level();
            let pages = guarded(|| reader.get_column_page_reader(leaf))?;
            Column::new(get_column_reader(schema, Box::new(Pages::new(pages, depth))), kind, depth)
        };
        let left = u64::try_from(reader.metadata().num_rows()).unwrap_or(0);
        let group = Group {
            time: column(self.places.time, self.kinds.time)?,
            account: column(self.places.account, self.kinds.account)?,
            action: column(self.places.action, self.kinds.action)?,
            left,
        };
        self.group = (left > 0).then_some(group);
        Ok(true)
    }
}

impl Group {
    /// Brings the next rows to hand, at most [`BATCH`]; how many.
    fn load(&mut self) -> io::Result<usize> {
        let wanted = BATCH.min(usize::try_from(self.left).unwrap_or(BATCH));
        for column in [&mut self.time, &mut self.account, &mut self.action] {
            let rows = guarded(|| column.load(wanted))?;
            if rows < wanted {
                return Err(damaged("a column ends before its row group does"));
            }
        }
        self.left -= wanted as u64;
        Ok(wanted)
    }

    /// Sees to it that no column goes on behind the last row.
    fn end(&mut self) -> io::Result<()> {
        for column in [&mut self.time, &mut self.account, &mut self.action] {
            if guarded(|| column.load(1))? > 0 {
                return Err(damaged("a column goes on behind the end of its row group"));
            }
        }
        Ok(())
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::other(format!("the Parquet data is damaged: {what}"))
}

type Cells<'a> = (Cell<'a>, Cell<'a>, Cell<'a>);

/// Hands on the event of a row, unless it is none.
fn take(
    (time, account, action): Cells<'_>,
    (kind, clock): (Kind, &mut Clock),
    row: u64,
    ledger: &mut Ledger,
    batch: &mut Vec<Event>,
) -> Result<(), LogError> {
    let place = Place::Row(row);
    let wrong = |what: String, accepted: &str| Mistake { place, what, accepted: accepted.to_owned() };
    let at = match instant(time, kind, clock) {
        Ok(at) => at,
        Err(problem) => return ledger.note(wrong(format!("the time `{time}` {problem}"), WRITTEN)),
    };
    let account = match name(account) {
        Ok(account) => account,
        Err(problem) => return ledger.note(wrong(format!("the account `{account}` {problem}"), ACCOUNTS)),
    };
    let action = match name(action) {
        Ok(action) => action,
        Err(problem) => return ledger.note(wrong(format!("the action `{action}` {problem}"), ACTIONS)),
    };
    let known = match action {
        Name::Number(number) => ledger.actions.of_number(number),
        Name::Text(text) => ledger.actions.of_text(text),
        Name::Large(number) => ledger.actions.of_text(&number.to_string()),
    };
    let Some(action) = known else { return Ok(()) };
    let account = match account {
        Name::Number(number) => ledger.accounts.of_number(number),
        Name::Text(text) => ledger.accounts.of_text(text),
        Name::Large(number) => ledger.accounts.of_text(&number.to_string()),
    };
    ledger.hand_on(Event { at, account, action }, batch, || place)
}

fn instant(cell: Cell<'_>, kind: Kind, clock: &mut Clock) -> Result<Instant, &'static str> {
    match (cell, kind) {
        (Cell::Empty, _) => Err("is empty"),
        (Cell::Text(text), _) => clock.read(std::str::from_utf8(text).map_err(|_| "is not UTF-8 text")?),
        (Cell::Number(number), Kind::Stamp(unit)) => {
            i64::try_from(number).ok().and_then(|number| unit.instant(number)).ok_or(FAR)
        }
        (Cell::Number(number), Kind::Local(unit)) => {
            let at = i64::try_from(number).ok().and_then(|number| unit.instant(number)).ok_or(FAR)?;
            let civil = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(at).map_err(|_| FAR)?);
            clock.local(civil)
        }
        (Cell::Number(number), _) => clock.whole(i64::try_from(number).map_err(|_| FAR)?).map(|(_, at)| at),
    }
}

/// What an account or an action is called.
enum Name<'a> {
    Number(u32),
    Large(i128),
    Text(&'a str),
}

fn name(cell: Cell<'_>) -> Result<Name<'_>, &'static str> {
    match cell {
        Cell::Empty => Err("is empty"),
        Cell::Number(number) => Ok(u32::try_from(number).map_or(Name::Large(number), Name::Number)),
        Cell::Text(text) => match std::str::from_utf8(text.trim_ascii()) {
            Err(_) => Err("is not UTF-8 text"),
            Ok("") => Err("is empty"),
            Ok(text) if text.len() > LONGEST_NAME => Err("is longer than 256 bytes"),
            Ok(text) => Ok(Name::Text(text)),
        },
    }
}
