//! CPU time of the calling thread, which other work on the machine does not count into; wall time where the system does not
//! tell it.

#![allow(clippy::print_stdout)]

use std::time::Instant;

/// A reading of the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reading {
    Cpu(u64),
    Wall(Instant),
}

pub(crate) fn now() -> Reading {
    spent().map_or_else(|| Reading::Wall(Instant::now()), Reading::Cpu)
}

/// Nanoseconds since a reading.
pub(crate) fn since(start: Reading) -> f64 {
    match start {
        Reading::Cpu(start) => spent().map_or(0.0, |now| (now - start) as f64),
        Reading::Wall(start) => start.elapsed().as_nanos() as f64,
    }
}

/// Nanoseconds that the thread has run for, where Linux tells.
fn spent() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// The load of the last minute, which says how far the figures can be trusted.
pub(crate) fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("unknown").to_owned()
}

/// Prints the smallest and the middle of several rounds.
pub(crate) fn print(name: &str, rounds: &[f64], unit: &str) {
    let mut sorted = rounds.to_vec();
    sorted.sort_by(f64::total_cmp);
    println!("{name}: smallest {:.2}, middle {:.2} {unit}", sorted[0], sorted[sorted.len() / 2]);
}
