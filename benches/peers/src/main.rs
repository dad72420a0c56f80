//! Workload W4 on pacewise and on governor, three of whose limiters stand for the three windows of an action: interleaved
//! rounds, CPU time of one thread, share of decisions that differ from exact ones. Prints ratios.

#[path = "../../cpu/mod.rs"]
mod cpu;
#[path = "../../w3/mod.rs"]
mod w3;

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::FakeRelativeClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use pacewise::limiter::{Call, Limiter};
use pacewise::rules::{Calendar, Window};
use w3::Event;

type Governor = RateLimiter<u32, HashMapStateStore<u32>, FakeRelativeClock>;

const ROUNDS: usize = 5;

fn main() {
    let events = w3::events();
    let mut exact = Vec::new();
    let (mut single, mut batched, mut composed) = (Vec::new(), Vec::new(), Vec::new());
    let mut wrong = 0;
    for _ in 0..ROUNDS {
        let (ours, decisions) = pacewise_single(&events);
        exact = decisions;
        single.push(ours);
        batched.push(pacewise_batched(&events));
        let (theirs, decisions) = governor(&events);
        wrong = exact.iter().zip(&decisions).filter(|(a, b)| a != b).count();
        composed.push(theirs);
    }
    println!("load average {}", cpu::load());
    cpu::print("pacewise, single", &single, "ns CPU a check");
    cpu::print("pacewise, batches of 1000", &batched, "ns CPU a check");
    cpu::print("governor, three composed", &composed, "ns CPU a check");
    println!("governor differs from exact decisions in {:.2} %", 100.0 * wrong as f64 / exact.len() as f64);
    let ratios = |ours: &[f64]| composed.iter().zip(ours).map(|(theirs, ours)| theirs / ours).collect::<Vec<_>>();
    cpu::print("governor over pacewise, single", &ratios(&single), "times");
    cpu::print("governor over pacewise, batched", &ratios(&batched), "times");
}

fn pacewise_single(events: &[Event]) -> (f64, Vec<bool>) {
    let limiter: Limiter<u64> = Limiter::new(&w3::rules(), &Calendar::Civil);
    let mut decisions = Vec::with_capacity(events.len());
    let start = cpu::now();
    for &event in events {
        let account = u64::from(event.account);
        decisions.push(limiter.check(&account, event.action as usize, w3::instant(event)).is_allowed());
    }
    (cpu::since(start) / events.len() as f64, decisions)
}

fn pacewise_batched(events: &[Event]) -> f64 {
    let limiter: Limiter<u64> = Limiter::new(&w3::rules(), &Calendar::Civil);
    let accounts: Vec<u64> = events.iter().map(|event| u64::from(event.account)).collect();
    let start = cpu::now();
    for (events, accounts) in events.chunks(1_000).zip(accounts.chunks(1_000)) {
        let call = |(event, account): (&Event, _)| Call {
            account,
            action: event.action as usize,
            at: w3::instant(*event),
        };
        let calls: Vec<Call<'_, u64>> = events.iter().zip(accounts).map(call).collect();
        std::hint::black_box(limiter.check_all(&calls));
    }
    cpu::since(start) / events.len() as f64
}

/// A check asks the limiters of an action's windows one after the other and stops at the first that denies, as is common;
/// what the earlier ones have given is lost.
fn governor(events: &[Event]) -> (f64, Vec<bool>) {
    let clock = FakeRelativeClock::default();
    let limiters = governors(&clock);
    let (mut now, mut decisions) = (w3::START, Vec::with_capacity(events.len()));
    let start = cpu::now();
    for event in events {
        if event.second > now {
            clock.advance(Duration::from_secs((event.second - now) as u64));
            now = event.second;
        }
        decisions.push(limiters[event.action as usize].iter().all(|one| one.check_key(&event.account).is_ok()));
    }
    (cpu::since(start) / events.len() as f64, decisions)
}

fn governors(clock: &FakeRelativeClock) -> Vec<Vec<Governor>> {
    let rules = w3::rules();
    let limiter = |limit: &pacewise::rules::Limit| {
        let Window::Sliding(span) = limit.window else { unreachable!("the windows of W3 slide") };
        let burst = NonZeroU32::new(limit.max).expect("the limits of W3 are not 0");
        let period = Duration::from_millis(span as u64) / limit.max;
        let quota = Quota::with_period(period).expect("it is not 0").allow_burst(burst);
        RateLimiter::new(quota, HashMapStateStore::default(), clock.clone())
    };
    rules.rules().iter().map(|rule| rule.limits.iter().map(limiter).collect()).collect()
}
