//! Workload W3: ten million events of ten thousand accounts, sorted by time, and the rules that they are held against.
//!
//! The law: for each event, three draws of splitmix64 (seed 20260105) in this order: the time, a whole second uniform over
//! 90 days from Monday 2026-01-05; the account, of Zipf's law with s = 1, account 0 the busiest; the action, 20:40:18:25.
//! A draw is the upper 53 bits as a fraction of 1. Events are then sorted by time; those of one second keep their order.

// Each program that shares this file uses a part of it.
#![allow(dead_code)]

use std::collections::VecDeque;

use pacewise::rules::{Limit, Rule, RuleSet, Window};
use pacewise::time::{DAY, HOUR, SECOND};

/// The first second: Monday 2026-01-05 00:00.
pub(crate) const START: i64 = 1_767_571_200;
/// The number of events.
pub(crate) const EVENTS: usize = 10_000_000;
/// The number of accounts.
pub(crate) const ACCOUNTS: u32 = 10_000;
const SECONDS: f64 = 90.0 * 86_400.0;
const SEED: u64 = 20_260_105;

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    /// Unix time in seconds.
    pub(crate) second: i64,
    pub(crate) account: u32,
    pub(crate) action: u32,
}

impl Event {
    /// The binary record: t i64, account u32, action u32, little endian.
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.second.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.account.to_le_bytes());
        bytes[12..].copy_from_slice(&self.action.to_le_bytes());
        bytes
    }

    /// Reads the binary record.
    #[inline]
    pub(crate) fn from_bytes(bytes: &[u8; 16]) -> Event {
        let record = u128::from_le_bytes(*bytes);
        Event { second: record as i64, account: (record >> 64) as u32, action: (record >> 96) as u32 }
    }
}

/// Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators".
struct SplitMix(u64);

impl SplitMix {
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The workload itself.
pub(crate) fn events() -> Vec<Event> {
    log(EVENTS, ACCOUNTS, 1.0)
}

/// The same law with other numbers of events and accounts, and another exponent of Zipf's law (0: all accounts alike).
pub(crate) fn log(events: usize, accounts: u32, skew: f64) -> Vec<Event> {
    let mut random = SplitMix(SEED);
    let shares = running((1..=accounts).map(|rank| f64::from(rank).powf(-skew)));
    let mix = running([20.0, 40.0, 18.0, 25.0].into_iter());
    let event = |_| Event {
        second: START + (random.fraction() * SECONDS) as i64,
        account: pick(&shares, random.fraction()),
        action: pick(&mix, random.fraction()),
    };
    let mut events: Vec<Event> = (0..events).map(event).collect();
    events.sort_by_key(|event| event.second);
    events
}

fn running(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let sums = weights.scan(0.0, |sum, weight| {
        *sum += weight;
        Some(*sum)
    });
    sums.collect()
}

fn pick(sums: &[f64], fraction: f64) -> u32 {
    let at = fraction * sums[sums.len() - 1];
    sums.partition_point(|&sum| sum <= at) as u32
}

/// Twelve limits: for each of page search, profile view, connection request and message, an hour, a day and a week.
pub(crate) fn rules() -> RuleSet {
    let windows = [Window::Sliding(HOUR), Window::Sliding(DAY), Window::Sliding(7 * DAY)];
    rules_over(windows)
}

/// The limits of the workload over other windows.
pub(crate) fn rules_over(windows: [Window; 3]) -> RuleSet {
    let limits = [[10, 40, 200], [15, 60, 300], [8, 30, 120], [12, 45, 225]];
    let rule = |(action, max): (usize, [u32; 3])| Rule {
        actions: vec![action],
        limits: windows.into_iter().zip(max).map(|(window, max)| Limit { window, max }).collect(),
    };
    RuleSet::new(limits.into_iter().enumerate().map(rule).collect(), 4)
}

/// Milliseconds of an event.
#[inline]
pub(crate) fn instant(event: Event) -> i64 {
    event.second * SECOND
}

/// Whether each check of workload W4 is allowed when it comes at the time that `at` tells, in milliseconds: by a queue of times
/// for each account and action, which is code of its own.
pub(crate) fn allowed(events: &[Event], at: impl Fn(&Event) -> i64) -> Vec<bool> {
    let rules = rules();
    let mut logs = vec![VecDeque::<i64>::new(); ACCOUNTS as usize * 4];
    let allowed = |event: &Event| {
        let (at, log) = (at(event), &mut logs[event.account as usize * 4 + event.action as usize]);
        let has_room = rules.rules()[event.action as usize].limits.iter().all(|limit| {
            let Window::Sliding(span) = limit.window else { unreachable!("the windows of W3 slide") };
            let held = log.len() - log.partition_point(|&time| time <= at - span);
            held < limit.max as usize
        });
        if has_room {
            log.push_back(at);
        }
        while log.front().is_some_and(|&first| first <= at - 7 * DAY) {
            log.pop_front();
        }
        has_room
    };
    events.iter().map(allowed).collect()
}
