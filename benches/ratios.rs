//! Ratios from one run: pacewise against the plain peers, and two threads against one, in interleaved rounds, so that a
//! machine whose speed drifts slows both sides alike. Prints medians; judges nothing.
//!
//! `cargo bench --bench ratios`; with `--test` (as under `cargo test --benches`) a single small round.

#![allow(clippy::print_stdout)]

mod plain;
mod workloads;

use std::hint::black_box;
use std::time::Instant;

use pacewise::engine::{Control, RunConfig, Stop, run};
use pacewise::model::Model;
use pacewise::tally::Recorder;

struct Plan {
    rounds: usize,
    w1: u64,
    w2: u64,
}

fn main() {
    let short = std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions);
    let plan =
        if short { Plan { rounds: 1, w1: 20, w2: 1 } } else { Plan { rounds: 15, w1: 20_000, w2: 600 } };
    let (w1, w2) = (workloads::model("workloads/w1"), workloads::model("workloads/w2"));
    compare(
        "W1, one thread",
        &plan,
        ("plain peer", "pacewise"),
        plan.w1,
        |n| peer(n, plain::w1),
        |n| answer(&w1, n),
    );
    compare(
        "W2, one thread",
        &plan,
        ("plain peer", "pacewise"),
        plan.w2,
        |n| peer(n, plain::w2),
        |n| answer(&w2, n),
    );
    compare(
        "W1, full report",
        &plan,
        ("in full", "answer"),
        plan.w1 / 10 + 1,
        |n| in_full(&w1, n),
        |n| answer(&w1, n),
    );
    compare(
        "W2, full report",
        &plan,
        ("in full", "answer"),
        plan.w2 / 10 + 1,
        |n| in_full(&w2, n),
        |n| answer(&w2, n),
    );
    let threads = |model: &Model, n, threads| {
        let stop = Stop::After(n);
        let config = RunConfig { seed: 1, stop, threads: Some(threads), level: 0.95, sample: false };
        timed(|| drop(black_box(run(model, &config, &Control::default()))))
    };
    compare(
        "W1, threads",
        &plan,
        ("one", "two"),
        plan.w1 * 4,
        |n| threads(&w1, n, 1),
        |n| threads(&w1, n, 2),
    );
    compare(
        "W2, threads",
        &plan,
        ("one", "two"),
        plan.w2 * 2,
        |n| threads(&w2, n, 1),
        |n| threads(&w2, n, 2),
    );
}

/// Runs two ways of doing `count` account-years in turn and prints the medians and the ratio of each pair.
fn compare(
    what: &str,
    plan: &Plan,
    (slow_name, fast_name): (&str, &str),
    count: u64,
    slow: impl Fn(u64) -> f64,
    fast: impl Fn(u64) -> f64,
) {
    let pairs: Vec<(f64, f64)> = (0..plan.rounds).map(|_| (slow(count), fast(count))).collect();
    let each = |pick: &dyn Fn(&(f64, f64)) -> f64| median(pairs.iter().map(pick).collect());
    let (slow, fast) = (each(&|pair| pair.0), each(&|pair| pair.1));
    let ratio = each(&|pair| pair.0 / pair.1);
    let micros = |seconds: f64| seconds * 1e6 / count as f64;
    println!(
        "{what:<18} {slow_name} {:>9.2} us, {fast_name} {:>8.2} us an account-year, ratio {ratio:.2}",
        micros(slow),
        micros(fast)
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn peer(count: u64, work: impl Fn(u64, u64) -> plain::Answer) -> f64 {
    timed(|| {
        black_box(work(count, 1));
    })
}

fn answer(model: &Model, count: u64) -> f64 {
    timed(|| {
        let (mut simulator, mut recorder) = (model.simulator(), Recorder::new(model));
        for replicate in 0..count {
            recorder.record(simulator.replicate(1, replicate));
        }
        drop(black_box(recorder.into_tally()));
    })
}

fn in_full(model: &Model, count: u64) -> f64 {
    timed(|| {
        let (mut simulator, mut recorder) = (model.simulator(), Recorder::new(model));
        for replicate in 0..count {
            let sample = recorder.sample();
            let outcome = simulator.replicate_in_full(1, replicate, |account, daily| {
                sample.record_account(model, account, daily);
            });
            recorder.record(outcome);
        }
        drop(black_box(recorder.into_tally()));
    })
}
