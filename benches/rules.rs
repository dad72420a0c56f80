//! The rule evaluator and the limiter: a scan of W3, checks of W4 one by one and in batches, and how both depend on the kind
//! of window, on the number of accounts and on their skew.

mod w3;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use pacewise::limiter::{Call, Limiter};
use pacewise::rules::{Calendar, Evaluator, RuleSet, Window};
use pacewise::time::{DAY, HOUR};
use w3::Event;

/// Breaching events of the whole workload.
const BREACHES: u64 = 13_072_943;

/// Under `cargo test` a sliver of the workload shows that everything runs.
fn size(events: usize) -> usize {
    if std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions) {
        events / 1_000
    } else {
        events
    }
}

fn scan(rules: &RuleSet, calendar: &Calendar, events: &[Event]) -> u64 {
    let mut evaluator = Evaluator::new(rules, calendar.clone());
    let mut breaches = 0;
    for &event in events {
        evaluator.record(event.account, event.action as usize, w3::instant(event), |_, is_over| {
            breaches += u64::from(is_over);
        });
    }
    breaches
}

fn check_singly(limiter: &Limiter<u64>, events: &[Event]) {
    for &event in events {
        let account = u64::from(event.account);
        let _ = black_box(limiter.check(&account, event.action as usize, w3::instant(event)));
    }
}

fn check_in_batches(limiter: &Limiter<u64>, calls: &[Call<'_, u64>]) {
    for some in calls.chunks(1_000) {
        black_box(limiter.check_all(some));
    }
}

fn workloads(criterion: &mut Criterion) {
    let events = w3::log(size(w3::EVENTS), w3::ACCOUNTS, 1.0);
    let rules = w3::rules();
    if events.len() == w3::EVENTS {
        assert_eq!(scan(&rules, &Calendar::Civil, &events), BREACHES);
    }
    let accounts: Vec<u64> = events.iter().map(|event| u64::from(event.account)).collect();
    let call = |(event, account): (&Event, _)| Call {
        account,
        action: event.action as usize,
        at: w3::instant(*event),
    };
    let calls: Vec<Call<'_, u64>> = events.iter().zip(&accounts).map(call).collect();
    let limiter = || Limiter::new(&rules, &Calendar::Civil);
    let mut group = criterion.benchmark_group("workloads");
    group.sample_size(10).throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("W3 scan", |bench| bench.iter(|| scan(&rules, &Calendar::Civil, &events)));
    group.bench_function("W4 single", |bench| {
        bench.iter_batched_ref(limiter, |limiter| check_singly(limiter, &events), BatchSize::PerIteration);
    });
    group.bench_function("W4 batches of 1000", |bench| {
        bench.iter_batched_ref(limiter, |limiter| check_in_batches(limiter, &calls), BatchSize::PerIteration);
    });
    group.finish();
}

fn kinds_of_window(criterion: &mut Criterion) {
    let events = w3::log(size(1_000_000), w3::ACCOUNTS, 1.0);
    let zone = Calendar::named("Europe/Berlin").expect("it is in the database");
    let long = [Window::Sliding(HOUR), Window::Sliding(DAY), Window::Sliding(90 * DAY)];
    let calendar = [Window::Day, Window::Week, Window::Month];
    let trailing = [1, 7, 30].map(Window::TrailingDays);
    let mut group = criterion.benchmark_group("kinds of window");
    group.sample_size(10).throughput(Throughput::Elements(events.len() as u64));
    for (name, rules, calendar) in [
        ("sliding", w3::rules(), &Calendar::Civil),
        ("sliding, 64 bits", w3::rules_over(long), &Calendar::Civil),
        ("calendar", w3::rules_over(calendar), &Calendar::Civil),
        ("calendar of a zone", w3::rules_over(calendar), &zone),
        ("trailing days", w3::rules_over(trailing), &Calendar::Civil),
    ] {
        group.bench_function(name, |bench| bench.iter(|| scan(&rules, calendar, &events)));
    }
    group.finish();
}

fn populations(criterion: &mut Criterion) {
    let rules = w3::rules();
    let mut group = criterion.benchmark_group("populations");
    group.sample_size(10).throughput(Throughput::Elements(size(1_000_000) as u64));
    let by_number = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000].map(|accounts| (accounts, 1.0));
    let by_skew = [0.0, 0.5, 1.5].map(|skew| (w3::ACCOUNTS, skew));
    for (accounts, skew) in by_number.into_iter().chain(by_skew) {
        let events = w3::log(size(1_000_000), size(accounts as usize).max(100) as u32, skew);
        group.bench_function(format!("scan, {accounts} accounts, skew {skew}"), |bench| {
            bench.iter(|| scan(&rules, &Calendar::Civil, &events));
        });
        group.bench_function(format!("check, {accounts} accounts, skew {skew}"), |bench| {
            let limiter = || Limiter::new(&rules, &Calendar::Civil);
            bench.iter_batched_ref(
                limiter,
                |limiter| check_singly(limiter, &events),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, workloads, kinds_of_window, populations);
criterion_main!(benches);
