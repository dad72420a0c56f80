//! The reader of Parquet logs on any bytes; the first byte chooses how they are read. Seeds are small files: those of any program
//! that writes Parquet, with columns t, account and action, put into `corpus/read_parquet` behind a byte each.
#![no_main]

#[path = "../../tests/scan/any_bytes.rs"]
mod any_bytes;

use libfuzzer_sys::fuzz_target;
use pacewise::eventlog::panics_are_caught;

/// A panic of the library that reads Parquet becomes an error of the log: it is none of ours.
fn pass_over_what_is_caught() {
    let fail = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panics_are_caught() {
            fail(panic);
        }
    }));
}

fuzz_target!(init: pass_over_what_is_caught(), |bytes: &[u8]| {
    if let Some((&way, bytes)) = bytes.split_first() {
        any_bytes::read(bytes, way | 16);
    }
});
