//! The reader of logs on any bytes; the first byte chooses how they are read.
#![no_main]

#[path = "../../tests/scan/any_bytes.rs"]
mod any_bytes;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((&way, bytes)) = bytes.split_first() {
        any_bytes::read(bytes, way);
    }
});
