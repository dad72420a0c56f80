//! The agency's year: 200 rarely used accounts on seven platforms, on two threads.
//!
//! Goal: at least 2,000 replicates a minute. What binds it is printed: the load of the machine beside the pace, and how the
//! pace of one thread compares.

mod workloads;

use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pacewise::engine::{Control, RunConfig, Stop, run};
use pacewise::model::Model;

const REPLICATES: u64 = 200;
const GOAL: f64 = 2_000.0;

fn config(threads: usize) -> RunConfig {
    RunConfig { seed: 1, stop: Stop::After(REPLICATES), threads: Some(threads), level: 0.95, sample: false }
}

/// Replicates a minute.
fn pace(model: &Model, threads: usize) -> f64 {
    let start = Instant::now();
    let tally = run(model, &config(threads), &Control::default()).tally;
    assert_eq!(tally.replicates, REPLICATES);
    REPLICATES as f64 * 60.0 / start.elapsed().as_secs_f64()
}

#[allow(clippy::print_stdout)]
fn year(criterion: &mut Criterion) {
    let model = workloads::model("agency_keep_alive");
    assert_eq!(model.accounts(), 200);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_else(|_| "unknown".to_owned());
    let (one, two) = (pace(&model, 1), pace(&model, 2));
    let verdict = if two >= GOAL { "reached" } else { "missed" };
    println!("load of the machine: {}", load.trim());
    println!("replicates a minute: {one:.0} on one thread, {two:.0} on two (goal {GOAL:.0}: {verdict})");
    let mut group = criterion.benchmark_group("agency_year");
    group.throughput(Throughput::Elements(REPLICATES)).sample_size(10);
    group.bench_function("two_threads", |bencher| {
        bencher.iter(|| run(&model, &config(2), &Control::default()).tally);
    });
    group.finish();
}

criterion_group!(benches, year);
criterion_main!(benches);
