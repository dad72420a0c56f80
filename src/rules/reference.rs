//! The obvious evaluator, which looks at the whole history each time: the oracle of the real one.

use proptest::prelude::*;

use super::{ActionId, Limit, Rule, RuleSet, Stretch, Window, Windows};
use crate::time::{self, DAY, HOUR, Instant};

fn holds(window: Window, seen_at: Instant, time: Instant) -> bool {
    let (today, day) = (time::day_of(seen_at), time::day_of(time));
    time <= seen_at
        && match window {
            Window::Sliding(span) => time > seen_at - span,
            Window::Day => day == today,
            Window::Week => (day + 3).div_euclid(7) == (today + 3).div_euclid(7),
            Window::Month => {
                let (a, b) = (time::date_of(day), time::date_of(today));
                (a.year(), a.month()) == (b.year(), b.month())
            }
            Window::TrailingDays(days) => day > today - i32::from(days),
            Window::Elsewhere(stretch, behind) => {
                let calendar = match stretch {
                    Stretch::Day => Window::Day,
                    Stretch::Week => Window::Week,
                    Stretch::Month => Window::Month,
                };
                holds(calendar, seen_at - behind, time - behind)
            }
        }
}

fn count(rule: &Rule, limit: Limit, log: &[(ActionId, Instant)], seen_at: Instant) -> u32 {
    let counted = |(action, time): &&(ActionId, Instant)| {
        rule.actions.contains(action) && holds(limit.window, seen_at, *time)
    };
    log.iter().filter(counted).count() as u32
}

fn rules() -> Vec<Rule> {
    let limits = |list: &[(Window, u32)]| list.iter().map(|&(window, max)| Limit { window, max }).collect();
    vec![
        Rule {
            actions: vec![0],
            limits: limits(&[
                (Window::Sliding(HOUR), 2),
                (Window::Sliding(DAY), 4),
                (Window::Sliding(7 * DAY), 9),
            ]),
        },
        Rule { actions: vec![1, 0], limits: limits(&[(Window::Day, 3), (Window::TrailingDays(3), 5)]) },
        Rule {
            actions: vec![1],
            limits: limits(&[(Window::Week, 4), (Window::Month, 6), (Window::Sliding(1), 0)]),
        },
        Rule {
            actions: vec![2],
            limits: limits(&[(Window::TrailingDays(1), 1), (Window::Sliding(30 * DAY), 8)]),
        },
        Rule {
            actions: vec![2, 0],
            limits: limits(&[
                (Window::Elsewhere(Stretch::Day, 9 * HOUR), 2),
                (Window::Elsewhere(Stretch::Week, -8 * HOUR), 4),
                (Window::Elsewhere(Stretch::Month, 9 * HOUR), 7),
            ]),
        },
    ]
}

/// Gaps that make ties, hit the edges of windows from both sides, and leave windows long behind.
fn gap() -> impl Strategy<Value = Instant> {
    prop_oneof![
        4 => Just(0),
        4 => 0..2 * HOUR,
        2 => prop::sample::select(vec![1, HOUR - 1, HOUR, HOUR + 1, DAY - 1, DAY, DAY + 1, 7 * DAY, 7 * DAY - 1]),
        1 => 0..40 * DAY,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_agree_with_the_whole_history(
        start in -400 * DAY..400 * DAY,
        steps in prop::collection::vec((gap(), 0..3_usize, prop::bool::weighted(0.1)), 1..80),
    ) {
        let set = RuleSet::new(rules(), 3);
        let mut windows = Windows::new(&set, start);
        let (mut at, mut log) = (start, Vec::new());
        for (gap, action, only_time) in steps {
            at += gap;
            if only_time {
                windows.advance(at);
            } else {
                log.push((action, at));
                windows.record(&set, action, at);
            }
            for (r, rule) in set.rules().iter().enumerate() {
                if !only_time && !rule.actions.contains(&action) {
                    continue;
                }
                let counts: Vec<u32> = rule.limits.iter().map(|&limit| count(rule, limit, &log, at)).collect();
                let mut over = None;
                for (l, &limit) in rule.limits.iter().enumerate() {
                    prop_assert_eq!(windows.count(r, l), counts[l], "rule {} {}", r, limit.window);
                    if counts[l] > limit.max {
                        let ratio = (f64::from(counts[l]) - f64::from(limit.max)) / f64::from(limit.max);
                        over = Some(over.map_or(ratio, |other: f64| other.max(ratio)));
                    }
                }
                prop_assert_eq!(windows.excess(r), over);
                let full = rule.limits.iter().zip(&counts).any(|(limit, &count)| count >= limit.max);
                prop_assert_eq!(windows.next_room(r, at) == Some(at), !full);
            }
        }
    }
}

#[test]
fn edges_of_windows() {
    // Known answers BND-2s: windows are (t-w, t], a breach is more than the limit.
    let breaches = |window, max, times: &[Instant]| {
        let set = RuleSet::new(vec![Rule { actions: vec![0], limits: vec![Limit { window, max }] }], 1);
        let mut windows = Windows::new(&set, 0);
        let breaching = |&&at: &&Instant| {
            windows.record(&set, 0, at);
            windows.excess(0).is_some()
        };
        times.iter().filter(breaching).count()
    };
    assert_eq!(breaches(Window::Sliding(HOUR), 1, &[0, HOUR]), 0);
    assert_eq!(breaches(Window::Sliding(HOUR), 1, &[0, HOUR - 1]), 1);
    assert_eq!(breaches(Window::Sliding(1_000), 2, &[5, 5, 5]), 1);
    assert_eq!(breaches(Window::Day, 30, &[7; 30]), 0);
    assert_eq!(breaches(Window::Day, 30, &[7; 31]), 1);
}

#[test]
fn room_comes_back_when_the_oldest_event_leaves() {
    // Known answer BKT-4s, a log of a sliding window: at most 3 admitted in (t - 1000, t], refused ones not recorded.
    let times = [0, 0, 0, 0, 100, 250, 250, 900, 1000, 1001, 1500, 2000];
    let limits = vec![Limit { window: Window::Sliding(1_000), max: 3 }];
    let set = RuleSet::new(vec![Rule { actions: vec![0], limits }], 1);
    let mut windows = Windows::new(&set, 0);
    let mut wait = |at: Instant| {
        windows.advance(at);
        let room = windows.next_room(0, at).expect("a sliding window frees");
        if room == at {
            windows.record(&set, 0, at);
        }
        room - at
    };
    assert_eq!(times.map(&mut wait), [0, 0, 0, 1000, 900, 750, 750, 100, 0, 0, 0, 0]);
}
