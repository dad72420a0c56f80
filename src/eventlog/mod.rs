//! Logs of events, read as a stream: CSV, plain or compressed, binary records, and Parquet files where the feature `parquet` is
//! on. It knows no rules and no accounts' state.
//!
//! Every line becomes an [`Event`], a [`Mistake`] or an unknown action: nothing is dropped without being counted. Times are
//! milliseconds of unix time. Recorded demand (`scenario::Recording`) has a reader of its own: it reads civil times without
//! a zone from a text of bounded size, and refuses the file as a whole at any mistake.

mod blocks;
mod cells;
mod csv;
mod eights;
mod input;
mod mistake;
mod names;
mod order;
#[cfg(feature = "parquet")]
mod parquet;
mod places;
mod records;
mod times;

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::time::Instant;

pub use input::{Input, Packing};
pub use mistake::{LogError, Mistake, Mistakes, Place, SeveralLines};
pub use names::{Accounts, Actions};
#[cfg(feature = "parquet")]
pub use parquet::panics_are_caught;
pub use times::Unit;

use csv::CsvReader;
use order::{Gathered, Sorter};
use records::RecordReader;

/// One event of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When: milliseconds of unix time.
    pub at: Instant,
    /// Who, as numbered by [`Accounts`].
    pub account: u32,
    /// What, as numbered by [`Actions`].
    pub action: u32,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// A header and lines of cells.
    #[default]
    Csv,
    /// Records of 16 bytes, little endian: unix seconds (64 bits, signed), account and action (32 bits each).
    Records,
    /// A Parquet file, which is also recognised where CSV is expected. Read only with the feature `parquet`.
    Parquet,
}

/// The names of the columns in the header, or in the schema of a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// Who acts. Default: `account`.
    pub account: Option<String>,
    /// When. Default: `time`, `t` or `timestamp`.
    pub time: Option<String>,
    /// What. Default: `action`.
    pub action: Option<String>,
}

/// What becomes of events that are not in order of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Order {
    /// The first one ends the reading.
    #[default]
    Refuse,
    /// All events are put in order, equal times in the order of the log: in memory up to so many, beyond in temporary files.
    Sort {
        /// So many events are in memory, and a batch at most besides.
        in_memory: usize,
        /// Where the temporary files go; none: where the system keeps such files.
        folder: Option<PathBuf>,
    },
}

/// How to read a log.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Lines or records.
    pub form: Form,
    /// The columns of a CSV log.
    pub columns: Columns,
    /// What parts cells; none: a comma.
    pub delimiter: Option<u8>,
    /// The unit of numeric times; none: found from the first one, see [`Unit::of`].
    pub unit: Option<Unit>,
    /// The zone of times that state none; none: such times are mistakes.
    pub zone: Option<TimeZone>,
    /// Whether the first mistake ends the reading.
    pub strict: bool,
    /// What becomes of events out of order.
    pub order: Order,
}

/// A log that is being read.
#[derive(Debug)]
pub struct EventLog {
    reader: Reader,
    sorting: Sorting,
}

#[derive(Debug)]
enum Reader {
    Csv(Box<CsvReader>),
    Records(Box<RecordReader>),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet::ParquetReader>),
}

#[derive(Debug)]
enum Sorting {
    /// Events are handed on as they come.
    None,
    /// They are being gathered.
    Gathering(Sorter),
    /// All have been gathered and are handed on in order.
    Handing(Gathered),
}

#[cfg(not(feature = "parquet"))]
const NO_PARQUET: &str = "this program was built without Parquet: build it with `cargo build --release --locked --features \
    parquet`, or write the log as CSV, as by `duckdb -c \"copy 'log.parquet' to 'log.csv'\"`";

/// The most events of a batch.
pub const BATCH: usize = 8_192;

/// What readers share: the names and the findings.
#[derive(Debug)]
struct Ledger {
    accounts: Accounts,
    actions: Actions,
    mistakes: Mistakes,
    several_lines: SeveralLines,
    strict: bool,
    must_be_in_order: bool,
    latest: Instant,
    events: u64,
    out_of_order: u64,
}

impl Ledger {
    fn new(how: &How, actions: Actions) -> Ledger {
        Ledger {
            accounts: Accounts::default(),
            actions,
            mistakes: Mistakes::default(),
            several_lines: SeveralLines::default(),
            strict: how.strict,
            must_be_in_order: how.order == Order::Refuse,
            latest: Instant::MIN,
            events: 0,
            out_of_order: 0,
        }
    }

    /// Writes down a mistake; an error where none is forgiven.
    fn note(&mut self, mistake: Mistake) -> Result<(), LogError> {
        if self.strict {
            return Err(LogError::Strict(mistake));
        }
        self.mistakes.add(mistake);
        Ok(())
    }

    /// Writes down that a record takes these lines; an error where nothing is forgiven.
    fn note_lines(&mut self, place: Place, (first, last): (u64, u64)) -> Result<(), LogError> {
        if self.strict {
            let what = format!("this cell holds line breaks: its record takes the lines {first} to {last}");
            let accepted = "without --strict such records are read, and counted".to_owned();
            return Err(LogError::Strict(Mistake { place, what, accepted }));
        }
        self.several_lines.count += 1;
        self.several_lines.first.get_or_insert((first, last));
        Ok(())
    }

    /// Hands on an event.
    #[inline]
    fn hand_on(
        &mut self,
        event: Event,
        batch: &mut Vec<Event>,
        place: impl FnOnce() -> Place,
    ) -> Result<(), LogError> {
        if event.at < self.latest {
            if self.must_be_in_order {
                return Err(LogError::OutOfOrder { place: place(), at: event.at, before: self.latest });
            }
            self.out_of_order += 1;
        } else {
            self.latest = event.at;
        }
        self.events += 1;
        batch.push(event);
        Ok(())
    }
}

impl EventLog {
    /// Begins to read a log whose actions have these names, in order of their numbers.
    ///
    /// # Errors
    /// When the input cannot be read, or its header lacks a column.
    pub fn open(input: Input, how: &How, actions: &[String]) -> Result<EventLog, LogError> {
        let ledger = Ledger::new(how, Actions::new(actions));
        let form = if how.form == Form::Csv && input.is_parquet() { Form::Parquet } else { how.form };
        let reader = match form {
            Form::Csv => Reader::Csv(Box::new(CsvReader::open(input, how, ledger)?)),
            Form::Records => Reader::Records(Box::new(RecordReader::new(input, ledger))),
            #[cfg(feature = "parquet")]
            Form::Parquet => Reader::Parquet(Box::new(parquet::ParquetReader::open(input, how, ledger)?)),
            #[cfg(not(feature = "parquet"))]
            Form::Parquet => return Err(LogError::Input(std::io::Error::other(NO_PARQUET))),
        };
        let sorting = match &how.order {
            Order::Refuse => Sorting::None,
            Order::Sort { in_memory, folder } => Sorting::Gathering(Sorter::new(*in_memory, folder.clone())),
        };
        Ok(EventLog { reader, sorting })
    }

    /// Replaces `batch` with the next events, at most [`BATCH`]; whether there may be more. A batch may be empty before the
    /// end: while events are gathered to be sorted, or where a stretch of the log holds none.
    ///
    /// # Errors
    /// When the input cannot be read on, is damaged or out of order, when a mistake is not forgiven, or when temporary files
    /// cannot be written.
    pub fn read(&mut self, batch: &mut Vec<Event>) -> Result<bool, LogError> {
        batch.clear();
        match &mut self.sorting {
            Sorting::None => self.reader.read(batch),
            Sorting::Gathering(sorter) => {
                let more = self.reader.read(batch)?;
                let accounts = &mut self.reader.ledger_mut().accounts;
                sorter.take(batch, accounts).map_err(LogError::Temporary)?;
                batch.clear();
                if !more {
                    self.hand_over()?;
                }
                Ok(true)
            }
            Sorting::Handing(gathered) => {
                let accounts = &mut self.reader.ledger_mut().accounts;
                gathered.read(batch, accounts).map_err(LogError::Temporary)
            }
        }
    }

    /// Reads no further: what has been gathered is still handed on.
    ///
    /// # Errors
    /// When temporary files cannot be written.
    pub fn stop(&mut self) -> Result<(), LogError> {
        self.reader.stop();
        if matches!(self.sorting, Sorting::Gathering(_)) { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Result<(), LogError> {
        if let Sorting::Gathering(sorter) = std::mem::replace(&mut self.sorting, Sorting::None) {
            let accounts = &mut self.reader.ledger_mut().accounts;
            self.sorting = Sorting::Handing(sorter.finish(accounts).map_err(LogError::Temporary)?);
        }
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        self.reader.ledger()
    }

    /// Forgets an account all of whose events so far have been dealt with: its number may then be another one's. Where all
    /// events are sorted in memory, it stays.
    pub fn forget(&mut self, account: u32) {
        if !matches!(self.sorting, Sorting::Handing(Gathered::Memory(_))) {
            self.reader.ledger_mut().accounts.forget(account);
        }
    }

    /// The accounts so far, without those that were forgotten.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.ledger().accounts
    }

    /// The actions, with those that are unknown.
    #[must_use]
    pub fn actions(&self) -> &Actions {
        &self.ledger().actions
    }

    /// The mistakes so far.
    #[must_use]
    pub fn mistakes(&self) -> &Mistakes {
        &self.ledger().mistakes
    }

    /// The records over several lines so far.
    #[must_use]
    pub fn several_lines(&self) -> SeveralLines {
        self.ledger().several_lines
    }

    /// The number of events read so far, those not yet handed on included.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.ledger().events
    }

    /// How many events are dated before an earlier one; only where they are sorted.
    #[must_use]
    pub fn out_of_order(&self) -> u64 {
        self.ledger().out_of_order
    }
}

impl Reader {
    fn read(&mut self, batch: &mut Vec<Event>) -> Result<bool, LogError> {
        match self {
            Reader::Csv(reader) => reader.read(batch),
            Reader::Records(reader) => reader.read(batch),
            #[cfg(feature = "parquet")]
            Reader::Parquet(reader) => reader.read(batch),
        }
    }

    fn ledger(&self) -> &Ledger {
        match self {
            Reader::Csv(reader) => &reader.ledger,
            Reader::Records(reader) => &reader.ledger,
            #[cfg(feature = "parquet")]
            Reader::Parquet(reader) => &reader.ledger,
        }
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        match self {
            Reader::Csv(reader) => &mut reader.ledger,
            Reader::Records(reader) => &mut reader.ledger,
            #[cfg(feature = "parquet")]
            Reader::Parquet(reader) => &mut reader.ledger,
        }
    }

    fn stop(&mut self) {
        match self {
            Reader::Csv(reader) => reader.stop(),
            Reader::Records(reader) => reader.stop(),
            #[cfg(feature = "parquet")]
            Reader::Parquet(reader) => reader.stop(),
        }
    }
}
