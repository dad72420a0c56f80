//! What each algorithm is known for.

use proptest::prelude::*;

use super::{Algorithm, Fixed, Gcra, Limits, Log, Ring, TokenBucket, Weighted, all};
use crate::rules::{Limit, Rule, RuleSet, Window};
use crate::time::{DAY, HOUR, Instant, SECOND};

fn rules() -> RuleSet {
    let limits = [(HOUR, 3), (DAY, 6)].map(|(span, max)| Limit { window: Window::Sliding(span), max });
    let rule = |action| Rule { actions: vec![action], limits: limits.to_vec() };
    RuleSet::new(vec![rule(0), rule(1)], 3)
}

/// One window of an hour with room for ten.
fn hourly() -> (RuleSet, Limits) {
    let limit = Limit { window: Window::Sliding(HOUR), max: 10 };
    let rules = RuleSet::new(vec![Rule { actions: vec![0], limits: vec![limit] }], 1);
    let limits = Limits::new(&rules);
    (rules, limits)
}

/// How many of ten events each at two instants are admitted.
fn two_bursts(mut algorithm: impl Algorithm, first: Instant, second: Instant) -> (usize, usize) {
    let mut burst = |at| (0..10).filter(|_| algorithm.admits(0, 0, at)).count();
    (burst(first), burst(second))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_log_decides_as_the_ring_does(
        steps in prop::collection::vec((prop_oneof![Just(0), 0..HOUR, Just(HOUR), 0..DAY], 0..3_u32, 0..4_usize), 1..120),
    ) {
        let (mut ring, mut log, mut at) = (Ring::new(&rules()), Log::new(Limits::new(&rules())), 0);
        for (gap, account, action) in steps {
            at += gap;
            prop_assert_eq!(ring.admits(account, action, at), log.admits(account, action, at));
        }
    }
}

#[test]
fn bursts_on_both_sides_of_a_border() {
    let (rules, limits) = hourly();
    let (before, after) = (HOUR - SECOND, HOUR);
    assert_eq!(two_bursts(Ring::new(&rules), before, after), (10, 0));
    assert_eq!(two_bursts(Log::new(limits.clone()), before, after), (10, 0));
    assert_eq!(
        two_bursts(Fixed::new(limits.clone()), before, after),
        (10, 10),
        "twice the limit in a second"
    );
    assert_eq!(two_bursts(Weighted::new(limits.clone()), before, after), (10, 0));
    assert_eq!(two_bursts(Gcra::new(limits.clone()), before, after), (10, 0));
    assert_eq!(two_bursts(TokenBucket::new(limits), before, after), (10, 0));
}

#[test]
fn buckets_refill_within_the_window_that_they_stand_for() {
    let (rules, limits) = hourly();
    let (start, later) = (0, HOUR - HOUR / 10);
    assert_eq!(two_bursts(Ring::new(&rules), start, later), (10, 0));
    assert_eq!(two_bursts(Gcra::new(limits.clone()), start, later), (10, 9), "nearly twice the limit");
    assert_eq!(two_bursts(TokenBucket::new(limits.clone()), start, later), (10, 9));
    assert_eq!(two_bursts(Weighted::new(limits), start, HOUR + HOUR / 2), (10, 5), "all of it has left");
}

#[test]
fn an_action_without_rules_is_admitted_by_all_and_state_grows_with_accounts() {
    for mut algorithm in all(&rules()) {
        for _ in 0..20 {
            assert!(algorithm.admits(5, 2, -DAY) && algorithm.admits(5, 7, -DAY), "{}", algorithm.name());
        }
        assert_eq!((0..9).filter(|_| algorithm.admits(5, 1, -40 * DAY)).count(), 3, "{}", algorithm.name());
        assert!(algorithm.bytes() > 0, "{}", algorithm.name());
    }
}
