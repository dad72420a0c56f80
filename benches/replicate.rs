//! One replicate on one thread: the canonical workloads as the answer needs them and in full, beside the plain peers.
//!
//! Goal: W1 at least 5 times, W2 at least 3.5 times as fast as the plain peer of the same run (`cargo bench --bench ratios`
//! prints the ratios).

mod plain;
mod workloads;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pacewise::model::Model;
use pacewise::tally::Recorder;

/// Account-years of one iteration.
const W1_BATCH: u64 = 256;
const W2_BATCH: u64 = 8;

fn answer(model: &Model, from: u64, count: u64) -> u64 {
    let (mut simulator, mut recorder) = (model.simulator(), Recorder::new(model));
    for replicate in from..from + count {
        recorder.record(simulator.replicate(1, replicate));
    }
    let tally = recorder.into_tally();
    assert_eq!(tally.replicates, count);
    tally.scopes[0].disconnected.total()
}

fn in_full(model: &Model, from: u64, count: u64) -> u64 {
    let (mut simulator, mut recorder) = (model.simulator(), Recorder::new(model));
    for replicate in from..from + count {
        let sample = recorder.sample();
        let outcome = simulator.replicate_in_full(1, replicate, |account, daily| {
            sample.record_account(model, account, daily);
        });
        recorder.record(outcome);
    }
    recorder.into_tally().scopes[0].disconnected.total()
}

fn replicates(criterion: &mut Criterion) {
    for (name, batch) in [("w1", W1_BATCH), ("w2", W2_BATCH), ("v1", W1_BATCH)] {
        let model = workloads::model(&format!("workloads/{name}"));
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(batch)).sample_size(20);
        let mut from = 0;
        let mut next = || {
            from += batch;
            from
        };
        group.bench_function("answer", |bencher| bencher.iter(|| answer(&model, next(), batch)));
        group.bench_function("in_full", |bencher| bencher.iter(|| in_full(&model, next(), batch)));
        if name != "v1" {
            let plain = |seed| if name == "w1" { plain::w1(batch, seed) } else { plain::w2(batch, seed) };
            group.bench_function("plain", |bencher| {
                bencher.iter(|| {
                    let answer = plain(next());
                    assert!((0.0..=1.0).contains(&answer.flagged));
                    answer.disconnected
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, replicates);
criterion_main!(benches);
