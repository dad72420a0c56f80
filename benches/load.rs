//! What the load harness itself costs for each check: the judge alone, a whole run in this process, and a request over HTTP on
//! loopback with a server that does nothing.
//!
//! Goal: at most 15 us of CPU a request over HTTP, with every decision checked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pacewise::load::{
    Call, HttpTarget, Judge, Names, Pace, Pattern, Plan, Protocol, Said, SharedLimiter, Synthetic, Times,
    Url, Verdict, Watch, Workload, run, run_http,
};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Evaluator};

#[path = "w3/mod.rs"]
mod w3;

const CHECKS: u64 = 20_000;

fn book() -> Rulebook {
    let names = ["page_search", "profile_view", "connection_request", "message"].map(str::to_owned).to_vec();
    let rules = names.iter().cloned().zip(w3::rules().rules().to_vec()).collect();
    Rulebook::new(rules, names, Calendar::Civil, "workload W3".to_owned())
}

fn workload() -> Workload {
    Workload::Synthetic(Synthetic {
        pattern: Pattern::Steady,
        accounts: w3::ACCOUNTS,
        skew: 1.0,
        mix: vec![20.0, 40.0, 18.0, 25.0],
        per_day: 11.0,
        start: w3::START * 1_000,
        seed: 1,
    })
}

fn plan() -> Plan {
    Plan {
        pace: Pace::Closed,
        times: Times::Given,
        checks: CHECKS,
        seconds: 60.0,
        warm_up_seconds: 0.0,
        slice_seconds: 1.0,
        batch: 1,
        seed: 1,
    }
}

fn in_process(criterion: &mut Criterion) {
    let (book, workload) = (book(), workload());
    let calls: Vec<Call> = workload.calls(&book).take(CHECKS as usize).collect();
    let mut evaluator = Evaluator::new(&book.set, Calendar::Civil);
    let answer =
        |call: &Call| -> Said { evaluator.check(call.account, call.action as usize, call.at).into() };
    let said: Vec<Said> = calls.iter().map(answer).collect();
    let mut group = criterion.benchmark_group("load");
    group.throughput(Throughput::Elements(CHECKS)).sample_size(10);
    group.bench_function("judge", |bencher| {
        bencher.iter(|| {
            let mut judge = Judge::new(&book);
            let wrong = calls
                .iter()
                .zip(&said)
                .filter(|(call, said)| judge.judge(**call, **said) != Verdict::Right)
                .count();
            assert_eq!(wrong, 0);
        });
    });
    group.bench_function("limiter in process", |bencher| {
        bencher.iter(|| {
            let limiter = SharedLimiter::new(&book);
            let recorder = run(&workload, &book, &plan(), 1, || limiter.clone(), &Watch::default());
            assert_eq!((recorder.judged(), recorder.wrong()), (CHECKS, 0));
        });
    });
    group.finish();
}

/// A server that allows everything, on threads of its own.
fn serve() -> SocketAddr {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"decision\":\"allow\"}";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            std::thread::spawn(move || {
                let mut block = [0; 4_096];
                // A request on loopback comes in one piece.
                while stream.read(&mut block).is_ok_and(|read| read > 0) && stream.write_all(ANSWER).is_ok() {
                }
            });
        }
    });
    address
}

fn over_http(criterion: &mut Criterion) {
    // Limits that are never reached, with the cost of judging by them.
    let mut book = book();
    let mut rules = book.set.rules().to_vec();
    rules.iter_mut().flat_map(|rule| &mut rule.limits).for_each(|limit| limit.max = 1_000_000);
    book.set = pacewise::rules::RuleSet::new(rules, 4);
    let (workload, address) = (workload(), serve());
    let mut group = criterion.benchmark_group("load");
    group.throughput(Throughput::Elements(CHECKS)).sample_size(10);
    for connections in [1, 64] {
        let url = Url::parse(&format!("http://{address}")).expect("loopback");
        let target = HttpTarget {
            url,
            address,
            protocol: Protocol::Json,
            names: Names::default(),
            connections,
            timeout_seconds: 5.0,
        };
        group.bench_function(format!("request over {connections} connections"), |bencher| {
            bencher.iter(|| {
                let mut judge = Judge::new(&book);
                let calls = workload.calls(&book);
                let recorder = run_http(calls, &book, Some(&mut judge), &target, &plan(), &Watch::default());
                let recorder = recorder.expect("sockets");
                assert_eq!((recorder.judged(), recorder.wrong()), (CHECKS, 0));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, in_process, over_http);
criterion_main!(benches);
