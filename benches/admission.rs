//! Workload W4, figures from one run: CPU time of single and batched checks, the spread of single ones, memory, and two
//! threads against one, in interleaved rounds. Every decision is compared with that of plain logs. Prints; judges only the
//! decisions.
//!
//! `cargo bench --bench admission`; with `--test` (as under `cargo test --benches`) a single small round.

#![allow(clippy::print_stdout)]

mod cpu;
mod w3;

use std::collections::VecDeque;
use std::hint::black_box;
use std::time::Instant;

use pacewise::limiter::algorithms::{self, Algorithm};
use pacewise::limiter::{Call, Limiter};
use pacewise::rules::{Calendar, Decision, RuleSet, Window};
use w3::Event;

const BATCH: usize = 1_000;

fn main() {
    let short = std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions);
    let (events, rounds) = if short { (20_000, 1) } else { (w3::EVENTS, 5) };
    let events = w3::log(events, w3::ACCOUNTS, 1.0);
    let rules = w3::rules();
    let expected = plain_logs(&rules, &events);
    let denied = expected.iter().filter(|allowed| !**allowed).count();
    println!("{} checks, {denied} denied, load average {}", events.len(), cpu::load());
    let (mut one, mut alone, mut batched, mut two) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        one.push(single(&rules, &events, &expected));
        alone.push(unshared(&rules, &events, &expected));
        batched.push(batches(&rules, &events, &expected));
        two.push(threads(&rules, &events));
    }
    cpu::print("single checks", &one, "ns CPU each");
    cpu::print("single checks without locks", &alone, "ns CPU each");
    cpu::print("batches of 1000", &batched, "ns CPU each");
    cpu::print("two threads, accounts apart", &two.iter().map(|two| two.0).collect::<Vec<_>>(), "times one");
    cpu::print("two threads, accounts shared", &two.iter().map(|two| two.1).collect::<Vec<_>>(), "times one");
    for mut algorithm in algorithms::all(&rules) {
        accuracy(&rules, &events, &expected, algorithm.as_mut());
    }
    spread(&rules, &events);
    memory(&rules, &events);
}

fn limiter(rules: &RuleSet) -> Limiter<u64> {
    Limiter::new(rules, &Calendar::Civil)
}

fn check(limiter: &Limiter<u64>, event: Event) -> Decision {
    limiter.check(&u64::from(event.account), event.action as usize, w3::instant(event))
}

fn single(rules: &RuleSet, events: &[Event], expected: &[bool]) -> f64 {
    let limiter = limiter(rules);
    let start = cpu::now();
    let mut wrong = 0;
    for (&event, &allowed) in events.iter().zip(expected) {
        wrong += u64::from(check(&limiter, event).is_allowed() != allowed);
    }
    let spent = cpu::since(start);
    assert_eq!(wrong, 0, "wrong decisions");
    spent / events.len() as f64
}

fn unshared(rules: &RuleSet, events: &[Event], expected: &[bool]) -> f64 {
    let mut limiter = limiter(rules);
    let start = cpu::now();
    let mut wrong = 0;
    for (event, &allowed) in events.iter().zip(expected) {
        let (account, action) = (u64::from(event.account), event.action as usize);
        let decision = limiter.check_mut(&account, action, w3::instant(*event));
        wrong += u64::from(decision.is_allowed() != allowed);
    }
    let spent = cpu::since(start);
    assert_eq!(wrong, 0, "wrong decisions");
    spent / events.len() as f64
}

fn batches(rules: &RuleSet, events: &[Event], expected: &[bool]) -> f64 {
    let limiter = limiter(rules);
    let accounts: Vec<u64> = events.iter().map(|event| u64::from(event.account)).collect();
    let start = cpu::now();
    let mut wrong = 0;
    let mut calls = Vec::with_capacity(BATCH);
    for ((events, accounts), expected) in
        events.chunks(BATCH).zip(accounts.chunks(BATCH)).zip(expected.chunks(BATCH))
    {
        calls.clear();
        calls.extend(events.iter().zip(accounts).map(|(event, account)| Call {
            account,
            action: event.action as usize,
            at: w3::instant(*event),
        }));
        for (decision, allowed) in limiter.check_all(&calls).iter().zip(expected) {
            wrong += u64::from(decision.is_allowed() != *allowed);
        }
    }
    let spent = cpu::since(start);
    assert_eq!(wrong, 0, "wrong decisions");
    spent / events.len() as f64
}

/// Throughput of two threads over that of one, by CPU time: where threads get in each other's way, a check takes more of it.
/// First with the accounts dealt out to the threads, then with every second event for each.
fn threads(rules: &RuleSet, events: &[Event]) -> (f64, f64) {
    let part = |keep: &dyn Fn(usize, &Event) -> bool| -> Vec<Event> {
        events.iter().enumerate().filter(|(i, event)| keep(*i, event)).map(|(_, event)| *event).collect()
    };
    let apart = [part(&|_, event| event.account % 2 == 0), part(&|_, event| event.account % 2 == 1)];
    let shared = [part(&|i, _| i % 2 == 0), part(&|i, _| i % 2 == 1)];
    let alone = |parts: &[Vec<Event>; 2]| {
        let limiter = limiter(rules);
        parts.iter().map(|events| run(&limiter, events)).sum::<f64>()
    };
    let together = |parts: &[Vec<Event>; 2]| {
        let limiter = limiter(rules);
        std::thread::scope(|scope| {
            let workers = parts.each_ref().map(|events| scope.spawn(|| run(&limiter, events)));
            workers.into_iter().map(|worker| worker.join().expect("it does not panic")).fold(0.0, f64::max)
        })
    };
    (alone(&apart) / together(&apart), alone(&shared) / together(&shared))
}

fn run(limiter: &Limiter<u64>, events: &[Event]) -> f64 {
    let start = cpu::now();
    for &event in events {
        let _ = black_box(check(limiter, event));
    }
    cpu::since(start)
}

/// What an algorithm gains and what it gets wrong.
fn accuracy(rules: &RuleSet, events: &[Event], expected: &[bool], algorithm: &mut dyn Algorithm) {
    let mut admitted = Vec::with_capacity(events.len());
    let start = cpu::now();
    for &event in events {
        admitted.push(algorithm.admits(event.account, event.action as usize, w3::instant(event)));
    }
    let spent = cpu::since(start) / events.len() as f64;
    let wrong = admitted.iter().zip(expected).filter(|(a, b)| a != b).count();
    println!(
        "{}: {spent:.1} ns CPU, {:.2} % wrong, worst window {:.2} of the limit, {} bytes an account",
        algorithm.name(),
        100.0 * wrong as f64 / events.len() as f64,
        worst_window(rules, events, &admitted),
        algorithm.bytes() / w3::ACCOUNTS as usize
    );
}

/// The fullest window that admissions left, as a share of its limit.
fn worst_window(rules: &RuleSet, events: &[Event], admitted: &[bool]) -> f64 {
    let mut logs = vec![Vec::new(); w3::ACCOUNTS as usize * 4];
    let mut worst: f64 = 0.0;
    for (event, _) in events.iter().zip(admitted).filter(|(_, admitted)| **admitted) {
        let (at, log) = (w3::instant(*event), &mut logs[event.account as usize * 4 + event.action as usize]);
        log.push(at);
        for limit in &rules.rules()[event.action as usize].limits {
            let Window::Sliding(span) = limit.window else { continue };
            let held = log.len() - log.partition_point(|&time| time <= at - span);
            worst = worst.max(held as f64 / f64::from(limit.max));
        }
    }
    worst
}

/// Quantiles of single checks, each timed by itself; what the clock itself takes is told apart.
fn spread(rules: &RuleSet, events: &[Event]) {
    let limiter = limiter(rules);
    let mut clock: Vec<u64> = events.iter().take(1_000_000).map(|_| timed(|| ())).collect();
    let mut checks: Vec<u64> = events.iter().map(|&event| timed(|| check(&limiter, event))).collect();
    for (name, times) in [("the clock alone", &mut clock), ("single checks with clock", &mut checks)] {
        times.sort_unstable();
        let quantile = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!(
            "{name}: median {} p90 {} p99 {} p99.9 {} ns",
            quantile(0.5),
            quantile(0.9),
            quantile(0.99),
            quantile(0.999)
        );
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> u64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_nanos() as u64
}

fn memory(rules: &RuleSet, events: &[Event]) {
    let limiter = limiter(rules);
    let now = w3::instant(events[events.len() - 1]);
    for &event in events {
        let _ = check(&limiter, event);
    }
    let week = |account: u64| {
        limiter
            .usage(&account, now)
            .iter()
            .skip(2)
            .step_by(3)
            .map(|usage| u64::from(usage.count))
            .sum::<u64>()
    };
    let live: u64 = (0..u64::from(w3::ACCOUNTS)).map(week).sum();
    let (bytes, accounts) = (limiter.bytes() as f64, limiter.accounts() as f64);
    let beyond = (bytes - 4.0 * live as f64) / accounts;
    println!(
        "memory: {bytes} bytes, {accounts} accounts, {live} live events; {beyond:.0} bytes an account beyond them"
    );
}

/// Whether each check is allowed, by a queue of times for each account and action.
fn plain_logs(rules: &RuleSet, events: &[Event]) -> Vec<bool> {
    let mut logs = vec![VecDeque::<i64>::new(); w3::ACCOUNTS as usize * 4];
    let allowed = |&event: &Event| {
        let (at, log) = (w3::instant(event), &mut logs[event.account as usize * 4 + event.action as usize]);
        let has_room = rules.rules()[event.action as usize].limits.iter().all(|limit| {
            let Window::Sliding(span) = limit.window else { return true };
            let held = log.len() - log.partition_point(|&time| time <= at - span);
            held < limit.max as usize
        });
        if has_room {
            log.push_back(at);
        }
        while log.front().is_some_and(|&first| first <= at - 7 * pacewise::time::DAY) {
            log.pop_front();
        }
        has_room
    };
    events.iter().map(allowed).collect()
}
