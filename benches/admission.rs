//! Workload W4, figures from one run: CPU time of single and batched checks, two threads against one by the clock and by CPU
//! time, in interleaved rounds; algorithms, the spread of single checks, and memory. Every decision is compared with that of plain logs. Prints; judges only the
//! decisions.
//!
//! `cargo bench --bench admission`; with `--test` (as under `cargo test --benches`) a single small round.

#![allow(clippy::print_stdout)]

mod cpu;
mod w3;

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use pacewise::limiter::{self, Limiter};
use pacewise::load::{Call, Clock, Nanos, weigh};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Decision, RuleSet};
use w3::Event;

const BATCH: usize = 1_000;

fn main() {
    let short = std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions);
    let (events, rounds) = if short { (20_000, 1) } else { (w3::EVENTS, 5) };
    let events = w3::log(events, w3::ACCOUNTS, 1.0);
    let rules = w3::rules();
    let expected = w3::allowed(&events, |event| w3::instant(*event));
    let denied = expected.iter().filter(|allowed| !**allowed).count();
    println!("{} checks, {denied} denied, load average {}", events.len(), cpu::load());
    let (mut one, mut alone, mut batched) = (Vec::new(), Vec::new(), Vec::new());
    let ([apart, shared], mut two) = (parts(&events), [(); 3].map(|()| Threads::default()));
    for _ in 0..rounds {
        one.push(single(&rules, &events, &expected));
        alone.push(unshared(&rules, &events, &expected));
        batched.push(batches(&rules, &events, &expected));
        for (threads, (parts, own)) in two.iter_mut().zip([(&apart, true), (&apart, false), (&shared, false)])
        {
            threads.round(&rules, parts, own);
        }
    }
    cpu::print("single checks", &one, "ns CPU each");
    cpu::print("single checks without locks", &alone, "ns CPU each");
    cpu::print("batches of 1000", &batched, "ns CPU each");
    println!("a line of the cache moves from one core to the other in {:.0} ns", hand_over());
    two[0].print("apart, a limiter each");
    two[1].print("apart");
    two[2].print("shared");
    accuracy(&rules, &events);
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

/// Batches of calls that lie in memory.
fn batches(rules: &RuleSet, events: &[Event], expected: &[bool]) -> f64 {
    let limiter = limiter(rules);
    let accounts: Vec<u64> = events.iter().map(|event| u64::from(event.account)).collect();
    let call = |(event, account): (&Event, _)| limiter::Call {
        account,
        action: event.action as usize,
        at: w3::instant(*event),
    };
    let calls: Vec<limiter::Call<'_, u64>> = events.iter().zip(&accounts).map(call).collect();
    let start = cpu::now();
    let mut wrong = 0;
    for (calls, expected) in calls.chunks(BATCH).zip(expected.chunks(BATCH)) {
        for (decision, allowed) in limiter.check_all(calls).iter().zip(expected) {
            wrong += u64::from(decision.is_allowed() != *allowed);
        }
    }
    let spent = cpu::since(start);
    assert_eq!(wrong, 0, "wrong decisions");
    spent / events.len() as f64
}

/// Two threads against one that does the work of both: by the clock, which shows whether they wait for each other (and
/// whether the machine has two cores to give), and by CPU time, which shows whether they get in each other's way.
#[derive(Default)]
struct Threads {
    by_clock: Vec<f64>,
    by_cpu: Vec<f64>,
}

impl Threads {
    /// Both threads ask the same limiter, or each one of its own.
    fn round(&mut self, rules: &RuleSet, parts: &[Vec<Event>; 2], own: bool) {
        let (one, two) = (limiter(rules), [limiter(rules), limiter(rules)]);
        let (start, spent) = (Instant::now(), parts.iter().map(|events| run(&one, events)).sum::<f64>());
        let alone = start.elapsed();
        let start = Instant::now();
        let together = std::thread::scope(|scope| {
            let asked = [&two[0], &two[usize::from(own)]];
            let workers = [0, 1].map(|i| scope.spawn(move || run(asked[i], &parts[i])));
            workers.into_iter().map(|worker| worker.join().expect("it does not panic")).sum::<f64>()
        });
        self.by_clock.push(alone.as_secs_f64() / start.elapsed().as_secs_f64());
        self.by_cpu.push(spent / together);
    }

    fn print(&self, name: &str) {
        cpu::print(
            &format!("two threads, accounts {name}: throughput by the clock"),
            &self.by_clock,
            "times one",
        );
        cpu::print(
            &format!("two threads, accounts {name}: work for the same CPU"),
            &self.by_cpu,
            "times one",
        );
    }
}

/// How long it takes until one core sees what another has written, in nanoseconds: what a lock costs that the other one had.
fn hand_over() -> f64 {
    const TURNS: u64 = 200_000;
    let turn = AtomicU64::new(0);
    let play = |mine: u64| {
        for i in 0..TURNS {
            while turn.load(Ordering::Acquire) != 2 * i + mine {
                std::hint::spin_loop();
            }
            turn.store(2 * i + mine + 1, Ordering::Release);
        }
    };
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| play(0));
        play(1);
    });
    start.elapsed().as_nanos() as f64 / (2 * TURNS) as f64
}

/// The accounts dealt out to two threads, and every second event for each.
fn parts(events: &[Event]) -> [[Vec<Event>; 2]; 2] {
    let part = |keep: &dyn Fn(usize, &Event) -> bool| -> Vec<Event> {
        events.iter().enumerate().filter(|(i, event)| keep(*i, event)).map(|(_, event)| *event).collect()
    };
    let apart = [part(&|_, event| event.account % 2 == 0), part(&|_, event| event.account % 2 == 1)];
    [apart, [part(&|i, _| i % 2 == 0), part(&|i, _| i % 2 == 1)]]
}

fn run(limiter: &Limiter<u64>, events: &[Event]) -> f64 {
    let start = cpu::now();
    for &event in events {
        let _ = black_box(check(limiter, event));
    }
    cpu::since(start)
}

/// What each algorithm gains and what it gets wrong, by the words of `pacewise load accuracy`: each is judged by what it has
/// allowed itself.
fn accuracy(rules: &RuleSet, events: &[Event]) {
    let named = rules.rules().iter().map(|rule| (String::new(), rule.clone()));
    let actions = vec![String::new(); rules.actions()];
    let book = Rulebook::new(named.collect(), actions, Calendar::Civil, "workload W4".to_owned());
    let call = |event: &Event| Call { account: event.account, action: event.action, at: w3::instant(*event) };
    let calls: Vec<Call> = events.iter().map(call).collect();
    for found in weigh(&calls, &book, &Spent(cpu::now())).expect("rules of one action that slide") {
        println!(
            "{}: {:.1} ns CPU, wrongly allowed {:.2} %, wrongly denied {:.2} %, worst window {:.2} of the limit, \
             {:.0} bytes an account",
            found.name,
            found.ns,
            100.0 * found.wrongly_allowed,
            100.0 * found.wrongly_denied,
            found.worst_window,
            found.bytes_per_account
        );
    }
}

/// A clock that runs while this thread does.
struct Spent(cpu::Reading);

impl Clock for Spent {
    fn now(&self) -> Nanos {
        cpu::since(self.0) as Nanos
    }

    fn wait_until(&self, _: Nanos) {}

    fn unix(&self, _: Nanos) -> pacewise::time::Instant {
        0
    }
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
