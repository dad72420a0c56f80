//! The library that reads Parquet panics on some damaged data. Here such a panic becomes an error.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::errors::ParquetError;

thread_local! {
    static IS_READING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is reading Parquet data: a panic is caught then and becomes an error of the log, so that a program's
/// own hook for panics may pass over it.
#[must_use]
pub fn panics_are_caught() -> bool {
    IS_READING.get()
}

/// Reads, and tells what is wrong in words that a user may know.
pub(super) fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> io::Result<T> {
    IS_READING.set(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    IS_READING.set(false);
    match read {
        Ok(read) => read.map_err(|error| explained(&error)),
        Err(_) => Err(io::Error::other("the Parquet data is damaged")),
    }
}

fn explained(error: &ParquetError) -> io::Error {
    let problem = match error {
        ParquetError::General(problem) | ParquetError::NYI(problem) | ParquetError::EOF(problem) => {
            problem.clone()
        }
        other => other.to_string(),
    };
    io::Error::other(format!("the Parquet data is damaged, or of a kind that is not read: {problem}"))
}
