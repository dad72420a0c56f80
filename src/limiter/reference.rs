//! The limiter against the obvious one: an obvious evaluator for each account, and the earliest time of calls.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use proptest::prelude::*;

use super::{Call, Limiter, SnapshotError, shard_of};
use crate::rules::{Calendar, Decision, Denied, Limit, Naive, Rule, RuleSet, Window};
use crate::time::{DAY, HOUR, Instant};

fn rules() -> RuleSet {
    let rule = |actions: &[usize], limits: &[(Window, u32)]| Rule {
        actions: actions.to_vec(),
        limits: limits.iter().map(|&(window, max)| Limit { window, max }).collect(),
    };
    let sliding = [(Window::Sliding(HOUR), 2), (Window::Sliding(DAY), 4), (Window::Sliding(7 * DAY), 9)];
    let rules = vec![
        rule(&[0], &sliding),
        rule(&[1, 0], &[(Window::Day, 3), (Window::TrailingDays(3), 5)]),
        rule(&[2], &[(Window::Sliding(HOUR), 0)]),
        rule(&[3], &[(Window::Sliding(HOUR), 2), (Window::Sliding(DAY), 3)]),
    ];
    RuleSet::new(rules, 5)
}

fn empty() -> Limiter<u64> {
    Limiter::new(&rules(), &Calendar::Civil)
}

/// What the limiter must do, without shards, eviction or haste.
struct Obvious {
    accounts: HashMap<u64, Naive>,
    earliest: Instant,
}

impl Obvious {
    fn new() -> Obvious {
        Obvious { accounts: HashMap::new(), earliest: Instant::MIN }
    }

    fn account(&mut self, key: u64) -> &mut Naive {
        self.accounts.entry(key).or_insert_with(|| Naive::new(&rules(), &Calendar::Civil))
    }

    fn check(&mut self, key: u64, action: usize, asked: Instant) -> Decision {
        let at = asked.max(self.earliest);
        match self.account(key).check(action, at) {
            Decision::Allowed => Decision::Allowed,
            Decision::Denied(denied) => {
                let retry_after = denied.retry_after.map(|after| after + at - asked);
                Decision::Denied(Denied { retry_after, ..denied })
            }
        }
    }
}

fn gap() -> impl Strategy<Value = Instant> {
    prop_oneof![
        4 => Just(0),
        4 => 0..HOUR,
        2 => prop::sample::select(vec![1, HOUR - 1, HOUR, DAY - 1, DAY, 7 * DAY - 1, 7 * DAY]),
        1 => 0..20 * DAY,
        1 => -3 * DAY..0,
    ]
}

#[derive(Debug, Clone)]
enum Step {
    Check(Instant, u64, usize),
    Record(Instant, u64, usize),
    Forget(Instant),
}

fn step() -> impl Strategy<Value = Step> {
    let call = || (gap(), 0..4_u64, 0..6_usize);
    prop_oneof![
        8 => call().prop_map(|(gap, account, action)| Step::Check(gap, account, action)),
        2 => call().prop_map(|(gap, account, action)| Step::Record(gap, account, action)),
        1 => gap().prop_map(Step::Forget)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_the_obvious_ones_and_forgetting_changes_none(steps in prop::collection::vec(step(), 1..100)) {
        let (mut limiter, mut obvious, mut at) = (empty(), Obvious::new(), 0);
        for step in steps {
            match step {
                Step::Check(gap, key, action) => {
                    at += gap;
                    let is_alone = at % 2 == 0;
                    let decision =
                        if is_alone { limiter.check_mut(&key, action, at) } else { limiter.check(&key, action, at) };
                    prop_assert_eq!(decision, obvious.check(key, action, at));
                }
                Step::Record(gap, key, action) => {
                    at += gap;
                    limiter.record(&key, action, at);
                    let taken = at.max(obvious.earliest);
                    obvious.account(key).record(action, taken);
                }
                Step::Forget(gap) => {
                    limiter.forget_idle(at + gap);
                    obvious.earliest = obvious.earliest.max(at + gap);
                }
            }
        }
    }

    #[test]
    fn a_batch_is_its_calls_one_after_the_other(
        steps in prop::collection::vec((gap(), 0..40_u64, 0..6_usize), 0..300),
    ) {
        let (one, many, mut at) = (empty(), empty(), 0);
        let mut calls = Vec::new();
        for (gap, account, action) in &steps {
            at += gap;
            calls.push(Call { account, action: *action, at });
        }
        let singly: Vec<Decision> = calls.iter().map(|call| one.check(call.account, call.action, call.at)).collect();
        prop_assert_eq!(many.check_all(&calls), singly);
    }

    #[test]
    fn a_restored_limiter_goes_on_as_the_one_it_was_taken_of(
        before in prop::collection::vec(step(), 0..60),
        after in prop::collection::vec((gap(), 0..4_u64, 0..6_usize), 1..20),
    ) {
        let (limiter, mut at) = (empty(), 0);
        for step in before {
            match step {
                Step::Check(gap, key, action) | Step::Record(gap, key, action) => {
                    at += gap;
                    limiter.record(&key, action, at);
                }
                Step::Forget(gap) => { limiter.forget_idle(at + gap); }
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("limiter.snapshot");
        limiter.snapshot(&path).expect("it is written");
        let restored = Limiter::restore(&path, &rules(), &Calendar::Civil).expect("it is read");
        prop_assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
        for (gap, key, action) in after {
            at += gap;
            prop_assert_eq!(limiter.check(&key, action, at), restored.check(&key, action, at));
            prop_assert_eq!(limiter.usage(&key, at), restored.usage(&key, at));
        }
    }
}

#[test]
fn a_damaged_snapshot_is_refused_whatever_byte_is_damaged() {
    let limiter = Limiter::<String>::new(&rules(), &Calendar::Civil);
    for at in 0..3 {
        limiter.record("ann", 0, at);
        limiter.record("bob", 1, at);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("limiter.snapshot");
    limiter.snapshot(&path).expect("it is written");
    let whole = std::fs::read(&path).expect("it is there");
    let restore = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("it can be written");
        Limiter::<String>::restore(&path, &rules(), &Calendar::Civil)
    };
    assert_eq!(restore(&whole).expect("it is whole").accounts(), 2);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        assert!(restore(&damaged).is_err(), "byte {at}");
        assert!(restore(&whole[..at]).is_err(), "cut at {at}");
    }
    assert!(matches!(restore(b"pacemakers"), Err(SnapshotError::NotASnapshot)));
    assert!(matches!(restore(b"pacewise\x03\0\0\0"), Err(SnapshotError::Version { found: 3 })));
    assert!(matches!(restore(&[&whole[..], b"x"].concat()), Err(SnapshotError::Damaged(_))));
    restore(&whole).expect("it is whole");
    let berlin = Calendar::named("Europe/Berlin").expect("a zone");
    let other = RuleSet::new(rules().rules()[..2].to_vec(), 4);
    let refused =
        |rules: &RuleSet, calendar: &Calendar| Limiter::<String>::restore(&path, rules, calendar).err();
    assert!(matches!(refused(&rules(), &berlin), Some(SnapshotError::OtherRules)));
    assert!(matches!(refused(&other, &Calendar::Civil), Some(SnapshotError::OtherRules)));
    assert!(matches!(
        Limiter::<String>::restore(&folder.path().join("none"), &rules(), &Calendar::Civil),
        Err(SnapshotError::Io(_))
    ));
}

#[test]
fn a_limit_of_0_is_denied_for_ever_and_an_action_without_rules_never() {
    let limiter = empty();
    for at in [Instant::MIN, -1, 0, Instant::MAX] {
        let Decision::Denied(denied) = limiter.check(&1, 2, at) else { panic!("it has no room") };
        assert_eq!((denied.rule, denied.limit, denied.retry_after), (2, 5, None));
        assert!(limiter.check(&1, 4, at).is_allowed());
        assert!(limiter.check(&1, 99, at).is_allowed());
    }
    limiter.forget_idle(0);
    assert_eq!(limiter.accounts(), 0, "nothing was recorded");
}

#[test]
fn accounts_are_forgotten_when_the_last_window_lets_go_and_their_memory_is_used_again() {
    let limiter = empty();
    for key in 0..1_000 {
        limiter.record(&key, 0, 5);
    }
    assert_eq!(limiter.forget_idle(5 + 7 * DAY - 1), 0);
    assert_eq!(limiter.forget_idle(5 + 7 * DAY), 1_000);
    let bytes = limiter.bytes();
    for key in 5_000..6_000 {
        limiter.record(&key, 0, 8 * DAY);
    }
    assert_eq!(limiter.accounts(), 1_000);
    assert!(limiter.bytes() < bytes * 2, "{} after {bytes}", limiter.bytes());
    assert_eq!(limiter.turned_back(), 0);
    limiter.record(&5_000, 0, 7 * DAY);
    limiter.record(&1, 0, DAY);
    assert_eq!(limiter.turned_back(), 2);
}

#[test]
fn threads_that_ask_for_one_account_never_get_more_than_the_limit() {
    let (limiter, allowed) = (empty(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for at in 0..5_000 {
                    let key = u64::from(at % 2 == 0);
                    allowed
                        .fetch_add(usize::from(limiter.check(&key, 0, at).is_allowed()), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(allowed.into_inner(), 4, "two an hour for each of two accounts");
}

#[test]
fn threads_with_accounts_of_their_own_get_the_answers_of_one_thread() {
    let (shared, alone) = (empty(), empty());
    let ask = |limiter: &Limiter<u64>, thread: u64| -> Vec<Decision> {
        let call = |i: u64| limiter.check(&(4 * (i % 7) + thread), (i % 3) as usize, i as Instant * 200_000);
        (0..3_000).map(call).collect()
    };
    let together: Vec<Vec<Decision>> = std::thread::scope(|scope| {
        let shared = &shared;
        let workers: Vec<_> = (0..4).map(|thread| scope.spawn(move || ask(shared, thread))).collect();
        workers.into_iter().map(|worker| worker.join().expect("it does not panic")).collect()
    });
    for (thread, answers) in (0..).zip(together) {
        assert_eq!(answers, ask(&alone, thread));
    }
}

#[test]
fn a_limit_of_another_zone_is_free_again_at_the_midnight_of_that_zone() {
    let zone = |name| Calendar::named(name).expect("it is in the database");
    let pacific = |name| {
        let limits =
            vec![Limit { window: Window::Day, max: 1 }, Limit { window: Window::Sliding(1), max: 9 }];
        let set = RuleSet::new(vec![Rule { actions: vec![0], limits }], 1);
        set.with_calendars(vec![Some(zone(name)), None])
    };
    let (set, berlin) = (pacific("America/Los_Angeles"), zone("Europe/Berlin"));
    let limiter: Limiter<u64> = Limiter::new(&set, &berlin);
    let retry_after = |at| match limiter.check(&7, 0, at) {
        Decision::Allowed => None,
        Decision::Denied(denied) => denied.retry_after,
    };
    // 2026-03-08 has 23 hours there, from 08:00 UTC.
    let midnight = 1_772_956_800_000;
    assert_eq!([midnight - 1, midnight - 1, midnight].map(retry_after), [None, Some(1), None]);
    let next = midnight + 23 * HOUR;
    assert_eq!(
        [midnight, next - 1, next, next].map(retry_after),
        [Some(23 * HOUR), Some(1), None, Some(DAY)]
    );

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("limiter.snapshot");
    limiter.snapshot(&path).expect("it is written");
    assert!(
        !Limiter::<u64>::restore(&path, &set, &berlin).expect("it is read").check(&7, 0, next).is_allowed()
    );
    let without = RuleSet::new(set.rules().to_vec(), 1);
    for other in [pacific("America/Denver"), without] {
        let restored = Limiter::<u64>::restore(&path, &other, &berlin);
        assert!(matches!(restored, Err(SnapshotError::OtherRules)));
    }
}

#[test]
fn a_snapshot_holds_what_was_done_or_takes_no_call_at_a_time_that_could_tell() {
    const SNAPSHOTS: u32 = 100;
    let (limiter, is_over) = (empty(), AtomicBool::new(false));
    // One account stays and is written first; the other one, which acts before it, is forgotten each time.
    let place = |key: &u64| shard_of(limiter.hash(key));
    let (stays, goes) =
        ((0..100).min_by_key(place).expect("some"), (0..100).max_by_key(place).expect("some"));
    assert!(place(&stays) < place(&goes));
    limiter.record(&stays, 3, 0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("limiter.snapshot");
    let is_whole = || {
        limiter.snapshot(&path).expect("it is written");
        let restored: Limiter<u64> = Limiter::restore(&path, &rules(), &Calendar::Civil).expect("it is read");
        let last = restored.usage(&stays, 0).last().and_then(|usage| usage.room_at).expect("it has room");
        let is_held = restored.usage(&goes, 0).iter().any(|usage| usage.count > 0);
        restored.record(&1_000, 3, last - 1);
        is_held || last == 0 || restored.turned_back() == 1
    };
    let whole = std::thread::scope(|scope| {
        scope.spawn(|| {
            // As long as calendars go.
            let times = (1..200_000).map(|round| 14 * DAY * round);
            for at in times.take_while(|_| !is_over.load(Ordering::Relaxed)) {
                limiter.record(&goes, 3, at);
                limiter.record(&stays, 3, at + 7 * DAY);
                limiter.forget_idle(at + 7 * DAY);
            }
        });
        let whole = (0..SNAPSHOTS).filter(|_| is_whole()).count();
        is_over.store(true, Ordering::Relaxed);
        whole
    });
    assert_eq!(whole, SNAPSHOTS as usize);
}
