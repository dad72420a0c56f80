//! One round of workload W4 in this process: `peer_governor single|batches|governor`. Prints CPU nanoseconds a check and how
//! many of the decisions differ from exact ones, which a queue of times for each account and action gives.

#[path = "../../../cpu/mod.rs"]
mod cpu;
#[path = "../../../w3/mod.rs"]
mod w3;
#[path = "../../w4.rs"]
mod w4;

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, FakeRelativeClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use pacewise::limiter::{Call, Limiter};
use pacewise::rules::{Calendar, Window};
use w3::Event;

type Unused = NoOpMiddleware<<FakeRelativeClock as Clock>::Instant>;
type Governor = RateLimiter<u32, HashMapStateStore<u32>, FakeRelativeClock, Unused>;

fn main() {
    let events = w3::events();
    let (nanoseconds, decisions) = match std::env::args().nth(1).as_deref() {
        Some("single") => single(&events),
        Some("batches") => batches(&events),
        _ => governor(&events),
    };
    w4::tell(nanoseconds, &decisions, &w3::allowed(&events, |event| w3::instant(*event)));
}

fn single(events: &[Event]) -> (f64, Vec<bool>) {
    let limiter: Limiter<u64> = Limiter::new(&w3::rules(), &Calendar::Civil);
    let mut decisions = Vec::with_capacity(events.len());
    let start = cpu::now();
    for &event in events {
        let account = u64::from(event.account);
        decisions.push(limiter.check(&account, event.action as usize, w3::instant(event)).is_allowed());
    }
    (cpu::since(start) / events.len() as f64, decisions)
}

/// Batches of 1,000 calls that lie in memory, as in `cargo bench --bench admission`.
fn batches(events: &[Event]) -> (f64, Vec<bool>) {
    let limiter: Limiter<u64> = Limiter::new(&w3::rules(), &Calendar::Civil);
    let accounts: Vec<u64> = events.iter().map(|event| u64::from(event.account)).collect();
    let call = |(event, account): (&Event, _)| Call {
        account,
        action: event.action as usize,
        at: w3::instant(*event),
    };
    let calls: Vec<Call<'_, u64>> = events.iter().zip(&accounts).map(call).collect();
    let mut decisions = Vec::with_capacity(events.len());
    let start = cpu::now();
    for calls in calls.chunks(1_000) {
        decisions.extend(limiter.check_all(calls).iter().map(|decision| decision.is_allowed()));
    }
    (cpu::since(start) / events.len() as f64, decisions)
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
        decisions
            .push(limiters[event.action as usize].iter().all(|one| one.check_key(&event.account).is_ok()));
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
        Governor::new(quota, HashMapStateStore::default(), clock.clone())
    };
    rules.rules().iter().map(|rule| rule.limits.iter().map(limiter).collect()).collect()
}
