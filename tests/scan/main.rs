//! Logs and their scan: read in every form, held against the obvious evaluator, in bounded memory.

mod any_bytes;
mod found;
mod memory;
mod order;
#[cfg(feature = "parquet")]
mod parquet;
mod quotes;
mod ranges;
mod reading;
