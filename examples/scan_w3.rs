//! Scans a file of W3's binary records, one event at a time in order of time, and tells the number of breaching events of
//! each limit: `scan_w3 PATH`. The least that a whole process needs for the workload.

// A program may print.
#![allow(clippy::print_stdout)]

#[path = "../benches/w3/mod.rs"]
mod w3;

use std::fs::File;
use std::io::{self, Read};

use pacewise::rules::{Calendar, Evaluator};

fn main() -> io::Result<()> {
    let Some(path) = std::env::args().nth(1) else {
        return Err(io::Error::other("scan_w3 PATH: says what to scan"));
    };
    let rules = w3::rules();
    let mut evaluator = Evaluator::new(&rules, Calendar::Civil);
    let mut breaches = vec![0_u64; rules.limits()];
    let (mut file, mut buffer, mut held) = (File::open(path)?, vec![0; 1 << 16], 0);
    loop {
        let read = file.read(&mut buffer[held..])?;
        held += read;
        let (records, rest) = buffer[..held].as_chunks::<16>();
        for record in records {
            let event = w3::Event::from_bytes(record);
            evaluator.record(event.account, event.action as usize, w3::instant(event), |limit, is_over| {
                breaches[limit] += u64::from(is_over);
            });
        }
        let (left, whole) = (rest.len(), held - rest.len());
        buffer.copy_within(whole..held, 0);
        held = left;
        if read == 0 {
            break;
        }
    }
    println!("{breaches:?} {}", breaches.iter().sum::<u64>());
    Ok(())
}
