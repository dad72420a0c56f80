//! What is wrong with a log, and where.

use std::fmt;
use std::io;

use serde::Serialize;

use super::times::text_of;
use crate::time::Instant;

/// Where in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A cell of a line.
    Cell {
        /// The line, counted from 1.
        line: u64,
        /// The character at which the cell begins, counted from 1.
        column: u64,
    },
    /// A binary record, counted from 1.
    Record(u64),
    /// A row of a Parquet file, counted from 1.
    Row(u64),
    /// The schema of a Parquet file.
    Schema,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Cell { line, column } => write!(f, "{line}:{column}"),
            Place::Record(number) => write!(f, "record {number}"),
            Place::Row(number) => write!(f, "row {number}"),
            Place::Schema => f.write_str("schema"),
        }
    }
}

/// A line or a record that is no event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub accepted: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.what, self.accepted)
    }
}

/// The mistakes of a log: all are counted, the first ones are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mistakes {
    /// How many there are.
    pub count: u64,
    /// The first 20.
    pub first: Vec<Mistake>,
}

/// Records that take several lines, because a cell of theirs holds line breaks. They are read, and told: a quote that is
/// opened by mistake swallows lines in the same way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SeveralLines {
    /// How many there are.
    pub count: u64,
    /// The first and the last line of the first one.
    pub first: Option<(u64, u64)>,
}

/// The most mistakes that are kept.
const MOST: usize = 20;

impl Mistakes {
    pub(super) fn add(&mut self, mistake: Mistake) {
        self.count += 1;
        if self.first.len() < MOST {
            self.first.push(mistake);
        }
    }
}

/// Why a log cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It cannot be opened or read.
    #[error("{0}")]
    Input(io::Error),
    /// It can be read no further.
    #[error("after {after}: {problem}")]
    Damaged {
        /// The last line or record that was read.
        after: String,
        /// Why.
        problem: io::Error,
    },
    /// Its first line does not say where what stands.
    #[error("{0}")]
    Header(Mistake),
    /// A mistake, and none is forgiven.
    #[error("{0}")]
    Strict(Mistake),
    /// It is not in order of time.
    #[error(
        "{place}: out of order: {}, after a line of {}; sort the log by time, or let it be sorted: --sort",
        text_of(*at), text_of(*before)
    )]
    OutOfOrder {
        /// The first line that is out of order.
        place: Place,
        /// Its time.
        at: Instant,
        /// The latest time before it.
        before: Instant,
    },
    /// Temporary files for sorting cannot be written or read.
    #[error("sorting needs temporary files: {0}")]
    Temporary(io::Error),
}

/// A piece of a log as it is quoted in a mistake: short, and without what a terminal would act on.
pub(super) fn quoted(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(bytes);
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(LONGEST).map(plain).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
