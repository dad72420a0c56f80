//! Whole runs on one and on two threads, with the daily series and the largest counts of windows as a report wants them.
//!
//! Goal: two threads at least 1.9 times as fast as one.

mod workloads;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pacewise::engine::{Control, RunConfig, Stop, run};

fn runs(criterion: &mut Criterion) {
    for (name, replicates) in [("workloads/w1", 20_000), ("workloads/w2", 400), ("linkedin_outreach", 100)] {
        let model = workloads::model(name);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(replicates)).sample_size(10);
        for threads in [1, 2] {
            let config = RunConfig {
                seed: 1,
                stop: Stop::After(replicates),
                threads: Some(threads),
                level: 0.95,
                sample: false,
            };
            group.bench_with_input(BenchmarkId::new("threads", threads), &config, |bencher, config| {
                bencher.iter(|| {
                    let run = run(&model, config, &Control::default());
                    assert_eq!(run.tally.replicates, replicates);
                    run.tally
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, runs);
criterion_main!(benches);
