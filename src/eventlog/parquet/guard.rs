//! The library that reads Parquet panics on some damaged data. Here such a panic becomes an error, and is not reported besides.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use ::parquet::errors::ParquetError;

thread_local! {
    static IS_READING: Cell<bool> = const { Cell::new(false) };
}

/// Reads, and tells what is wrong in words that a user may know. From the first call on, panics of threads that are reading
/// are kept from the hook that reports panics; all others go to it as ever.
pub(super) fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> io::Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_READING.get() {
                usual(panic);
            }
        }));
    });
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
