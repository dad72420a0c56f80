//! The evaluator of many accounts against the obvious one.

use proptest::prelude::*;

use super::calendar::known;
use super::{Calendar, Decision, Denied, Evaluator, Limit, Naive, Rule, RuleSet, Stretch, Window};
use crate::time::{DAY, HOUR, Instant, SECOND};

type Written<'a> = (&'a [usize], &'a [(Window, u32)]);

fn set(rules: &[Written<'_>]) -> RuleSet {
    let rule = |&(actions, limits): &Written<'_>| Rule {
        actions: actions.to_vec(),
        limits: limits.iter().map(|&(window, max)| Limit { window, max }).collect(),
    };
    RuleSet::new(rules.iter().map(rule).collect(), 4)
}

/// Windows that fit 32 bits; an action that two rules count, two rules over the same actions, a limit of 0, windows of no
/// length; action 3 is in no rule.
fn narrow() -> RuleSet {
    use Window::{Day, Month, Sliding, TrailingDays, Week};
    set(&[
        (&[0], &[(Sliding(HOUR), 2), (Sliding(DAY), 4), (Sliding(7 * DAY), 9)]),
        (&[1, 0], &[(Day, 3), (TrailingDays(3), 5)]),
        (&[1], &[(Week, 4), (Month, 6), (Sliding(0), 0)]),
        (&[0, 1], &[(Sliding(5), 1), (TrailingDays(1), 17)]),
        (&[2], &[(Sliding(1), 0)]),
    ])
}

/// The same with windows too long for 32 bits.
fn wide() -> RuleSet {
    use Window::{Day, Sliding, TrailingDays};
    set(&[
        (&[0, 2], &[(Sliding(HOUR), 1), (Sliding(400 * DAY), 12)]),
        (&[0], &[(TrailingDays(90), 7), (Day, 2)]),
        (&[1], &[(Sliding(HOUR), 3), (Sliding(Instant::MAX), 5)]),
    ])
}

/// Windows of several zones, by other clocks, and on the common calendar, side by side. Days change by day-light saving in March
/// and November in Los Angeles, in April and October in Sydney and on Lord Howe Island, there by half an hour.
fn zoned() -> RuleSet {
    use Window::{Day, Elsewhere, Month, Sliding, TrailingDays, Week};
    let zone = |name| Some(Calendar::named(name).expect("it is in the database"));
    let set = set(&[
        (&[0], &[(Day, 2), (Week, 5), (Sliding(HOUR), 1)]),
        (&[0, 1], &[(Day, 3), (Month, 9)]),
        (&[1], &[(Elsewhere(Stretch::Day, 9 * HOUR), 2), (Elsewhere(Stretch::Week, -3 * HOUR), 5)]),
        (&[1, 2], &[(TrailingDays(2), 4), (Elsewhere(Stretch::Month, HOUR), 12)]),
        (&[2], &[(Day, 1), (Sliding(DAY), 2)]),
    ]);
    let (pacific, sydney) = (zone("America/Los_Angeles"), zone("Australia/Sydney"));
    set.with_calendars(vec![
        pacific.clone(),
        sydney.clone(),
        None,
        None,
        pacific,
        None,
        zone("Pacific/Apia"),
        sydney,
        None,
        zone("Australia/Lord_Howe"),
        None,
    ])
}

/// A day before clocks change somewhere, from hour to hour.
fn changes() -> impl Strategy<Value = Instant> {
    // 2026-03-07, 2026-04-03, 2026-10-02, 2026-10-24, 2026-10-31; 2011-12-29, before Apia skipped a day.
    let days = [1_772_841_600, 1_775_174_400, 1_790_899_200, 1_792_800_000, 1_793_404_800, 1_325_116_800];
    (prop::sample::select(days.to_vec()), 0..24_i64).prop_map(|(day, hour)| day * SECOND + hour * HOUR)
}

/// Only windows that slide, each action counted by one track: ties between limits and between rules, an event at a time.
fn sliding() -> RuleSet {
    use Window::Sliding;
    set(&[
        (&[0], &[(Sliding(HOUR), 2), (Sliding(DAY), 4), (Sliding(7 * DAY), 9)]),
        (&[1], &[(Sliding(DAY), 2)]),
        (&[2], &[(Sliding(DAY), 3)]),
        (&[1], &[(Sliding(5), 1), (Sliding(DAY), 2)]),
        (&[2], &[(Sliding(DAY + 1), 3), (Sliding(0), 1)]),
    ])
}

/// The same for an action whose track comes after many others, beside one with more windows.
fn far() -> RuleSet {
    use Window::Sliding;
    set(&[
        (&[1], &[(Sliding(HOUR), 1), (Sliding(DAY), 2), (Sliding(2 * DAY), 3), (Sliding(7 * DAY), 4)]),
        (&[2], &[(Sliding(HOUR), 3)]),
        (&[2, 3], &[(Sliding(HOUR), 4)]),
        (&[3], &[(Sliding(DAY), 2)]),
        (&[0], &[(Sliding(HOUR), 2), (Sliding(40 * DAY), 5)]),
    ])
}

fn calendars() -> impl Strategy<Value = Calendar> {
    let zone = |name| Just(Calendar::named(name).expect("it is in the database"));
    // Sao Paulo skipped midnights in 2018, Apia skipped 2011-12-30, Havana has some twice.
    prop_oneof![
        3 => Just(Calendar::Civil),
        1 => zone("Europe/Berlin"),
        1 => zone("America/Sao_Paulo"),
        1 => zone("America/Havana"),
        1 => zone("Pacific/Apia")
    ]
}

/// 1969, 2011, 2018, 2026, the end of year 9999, and the end of all time.
fn starts() -> impl Strategy<Value = Instant> {
    let seconds = [-40 * 86_400, 1_325_000_000, 1_541_200_000, 1_767_571_200, 253_402_300_000];
    prop_oneof![
        6 => prop::sample::select(seconds.map(|second: i64| second * SECOND).to_vec()),
        1 => prop::sample::select(vec![Instant::MIN, Instant::MAX - 60 * DAY]),
        1 => -DAY..DAY
    ]
}

/// Gaps that make ties, hit the edges of windows from both sides, run backwards, and leave windows and 32 bits behind.
fn gap() -> impl Strategy<Value = Instant> {
    prop_oneof![
        4 => Just(0),
        4 => 0..2 * HOUR,
        2 => prop::sample::select(vec![1, 4, 5, HOUR - 1, HOUR, HOUR + 1, DAY - 1, DAY, DAY + 1, 7 * DAY, 7 * DAY - 1]),
        1 => 0..40 * DAY,
        1 => -2 * DAY..0,
        1 => prop::sample::select(vec![45 * DAY, 50 * DAY, 90 * DAY, 400 * DAY, 4_000 * DAY])
    ]
}

type Step = (Instant, u32, usize);

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((gap(), 0..3_u32, 0..5_usize), 1..most)
}

fn accounts(set: &RuleSet, calendar: &Calendar) -> [Naive; 3] {
    std::array::from_fn(|_| Naive::new(set, calendar))
}

fn same_usage(evaluator: &mut Evaluator, account: u32, naive: &Naive, at: Instant) {
    let set = evaluator.rules().clone();
    let at = naive.taken_at(at);
    for usage in evaluator.usage(account, at) {
        let real = naive.count(usage.limit as usize, at);
        let sure = u64::from(usage.max);
        assert_eq!(u64::from(usage.count).min(sure), real.min(sure), "limit {} of {set:?}", usage.limit);
        assert!(u64::from(usage.count) <= real);
        if let Some(room_at) = usage.room_at {
            assert!(room_at >= at && naive.count(usage.limit as usize, room_at) < sure, "{usage:?}");
            assert!(room_at == at || naive.count(usage.limit as usize, room_at - 1) >= sure, "{usage:?}");
        }
    }
}

fn both_record(set: &RuleSet, calendar: &Calendar, start: Instant, steps: &[Step]) {
    let mut evaluator = Evaluator::new(set, calendar.clone());
    let (mut naive, mut at) = (accounts(set, calendar), start);
    for &(gap, account, action) in steps {
        at = at.saturating_add(gap);
        let mut over = Vec::new();
        evaluator.record(account, action, at, |limit, is_over| over.extend(is_over.then_some(limit)));
        over.sort_unstable();
        assert_eq!(over, naive[account as usize].record(action, at), "at {at}");
        same_usage(&mut evaluator, account, &naive[account as usize], at);
    }
}

fn both_check(set: &RuleSet, calendar: &Calendar, start: Instant, steps: &[Step]) {
    let mut evaluator = Evaluator::new(set, calendar.clone());
    let (mut naive, mut at) = (accounts(set, calendar), start);
    for &(gap, account, action) in steps {
        at = at.saturating_add(gap);
        let decision = evaluator.check(account, action, at);
        assert_eq!(decision, naive[account as usize].check(action, at), "at {at}");
        if let Decision::Denied(Denied { retry_after, .. }) = decision {
            let allowed = |after| {
                evaluator.clone().check(account, action, known(at).saturating_add(after)).is_allowed()
            };
            match retry_after {
                Some(after) => {
                    assert!(!allowed(0) && !allowed(after - 1) && !allowed(after / 2) && allowed(after));
                }
                None => assert!(!allowed(Instant::MAX)),
            }
        }
        same_usage(&mut evaluator, account, &naive[account as usize], at);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn breaches_are_those_of_the_whole_history(calendar in calendars(), start in starts(), steps in steps(80)) {
        both_record(&narrow(), &calendar, start, &steps);
        both_record(&wide(), &calendar, start, &steps);
        both_record(&sliding(), &calendar, start, &steps);
        both_record(&far(), &calendar, start, &steps);
    }

    #[test]
    fn decisions_are_those_of_the_whole_history(calendar in calendars(), start in starts(), steps in steps(60)) {
        both_check(&narrow(), &calendar, start, &steps);
        both_check(&wide(), &calendar, start, &steps);
        both_check(&sliding(), &calendar, start, &steps);
        both_check(&far(), &calendar, start, &steps);
    }

    #[test]
    fn limits_of_several_zones_are_kept_at_once(
        calendar in calendars(), start in prop_oneof![3 => changes(), 1 => starts()], steps in steps(80),
    ) {
        both_record(&zoned(), &calendar, start, &steps);
        both_check(&zoned(), &calendar, start, &steps);
    }

    #[test]
    fn an_account_goes_on_as_before_once_its_history_is_written_and_read(
        start in starts(), before in steps(60), after in steps(20),
    ) {
        for set in [narrow(), wide(), sliding(), far()] {
            let mut evaluator = Evaluator::new(&set, Calendar::Civil);
            let mut at = start;
            for (gap, _, action) in &before {
                at = at.saturating_add(*gap);
                evaluator.record(0, *action, at, |_, _| {});
            }
            let mut restored = Evaluator::new(&set, Calendar::Civil);
            if let Some((last, gaps)) = evaluator.history(0) {
                prop_assert!(restored.set_history(0, last, &gaps));
            }
            for (gap, _, action) in &after {
                at = at.saturating_add(*gap);
                prop_assert_eq!(evaluator.check(0, *action, at), restored.check(0, *action, at));
            }
        }
    }
}

#[test]
fn the_edges_of_a_window() {
    let set = set(&[(&[0], &[(Window::Sliding(HOUR), 2)])]);
    let breaches = |times: &[Instant]| {
        let mut evaluator = Evaluator::new(&set, Calendar::Civil);
        let mut all = 0;
        for &at in times {
            evaluator.record(0, 0, at, |_, is_over| all += u32::from(is_over));
        }
        all
    };
    assert_eq!(breaches(&[0, 0, HOUR]), 0);
    assert_eq!(breaches(&[1, 1, HOUR]), 1);
    assert_eq!(breaches(&[0, 0, 0, HOUR]), 1);
    assert_eq!(breaches(&[5, 5, 5, 5]), 2);
}

#[test]
fn a_day_of_a_zone_is_as_long_as_its_clock_says() {
    // Berlin, 2026-03-29: 23 hours. Midnight is at 2026-03-28 23:00 UTC.
    let midnight = 1_774_738_800 * SECOND;
    let set = set(&[(&[0], &[(Window::Day, 1)])]);
    let mut evaluator = Evaluator::new(&set, Calendar::named("Europe/Berlin").expect("a zone"));
    assert!(evaluator.check(0, 0, midnight - 1).is_allowed());
    assert!(evaluator.check(0, 0, midnight).is_allowed());
    let Decision::Denied(denied) = evaluator.check(0, 0, midnight) else { panic!("one a day") };
    assert_eq!(denied.retry_after, Some(23 * HOUR));
    assert!(Calendar::named("Europe/Berlim").is_err());
}

#[test]
fn windows_by_other_clocks_change_at_midnights_of_their_own() {
    // By a clock nine hours behind the day begins at 09:00; by that of Kolkata, at 18:30.
    let elsewhere = set(&[(&[0], &[(Window::Elsewhere(Stretch::Day, 9 * HOUR), 1)])]);
    let kolkata = Calendar::named("Asia/Kolkata").expect("a zone");
    let named = set(&[(&[0], &[(Window::Day, 1)])]).with_calendars(vec![Some(kolkata)]);
    for (set, midnight) in [(elsewhere, 9 * HOUR), (named, 18 * HOUR + HOUR / 2)] {
        let mut evaluator = Evaluator::new(&set, Calendar::Civil);
        assert!(evaluator.check(0, 0, 0).is_allowed());
        let Decision::Denied(denied) = evaluator.check(0, 0, midnight - 1) else { panic!("one a day") };
        assert_eq!(denied.retry_after, Some(1));
        let mut counts = Vec::new();
        evaluator.clone().record(0, 0, midnight - 1, |_, is_over| counts.push(is_over));
        evaluator.clone().record(0, 0, midnight, |_, is_over| counts.push(is_over));
        assert_eq!(counts, [true, false]);
        assert!(evaluator.check(0, 0, midnight).is_allowed());
    }
}

#[test]
fn idle_is_exact_where_windows_slide() {
    let set = set(&[(&[0], &[(Window::Sliding(HOUR), 2), (Window::Sliding(DAY), 3)])]);
    let mut evaluator = Evaluator::new(&set, Calendar::Civil);
    evaluator.record(3, 0, 100, |_, _| {});
    assert!(!evaluator.is_idle(3, 100 + DAY - 1));
    assert!(evaluator.is_idle(3, 100 + DAY));
    assert!(evaluator.is_idle(2, 0) && evaluator.is_idle(9, 0), "never seen");
    assert_eq!((evaluator.last(3), evaluator.last(2), evaluator.last(9)), (Some(100), None, None));
}

#[test]
fn an_opening_beyond_the_last_offset_is_not_cut_short() {
    let set = set(&[(&[0], &[(Window::Sliding(7 * DAY), 1)])]);
    let last_offset = Instant::from(u32::MAX) - 7 * DAY - 1;
    for early in [0, 1, HOUR, 7 * DAY - 1, 7 * DAY, 7 * DAY + 1] {
        let mut evaluator = Evaluator::new(&set, Calendar::Civil);
        assert!(evaluator.check(0, 0, 0).is_allowed());
        let at = last_offset - early;
        assert!(evaluator.check(0, 0, at).is_allowed());
        for later in [0, 1, HOUR, 7 * DAY - 1] {
            let Decision::Denied(denied) = evaluator.check(0, 0, at + later) else {
                panic!("{early} {later}")
            };
            assert_eq!(denied.retry_after, Some(7 * DAY - later), "{early} {later}");
        }
        assert!(evaluator.check(0, 0, at + 7 * DAY).is_allowed(), "{early}");
    }
}

#[test]
fn memory_follows_live_events_and_not_all_events() {
    let set = set(&[(&[0], &[(Window::Sliding(HOUR), 1_000_000)])]);
    let mut evaluator = Evaluator::new(&set, Calendar::Civil);
    for at in 0..200_000 {
        evaluator.record(0, 0, at * SECOND, |_, is_over| assert!(!is_over));
    }
    assert_eq!(evaluator.usage(0, 199_999 * SECOND)[0].count, 3_600);
    assert!(evaluator.bytes() < 64 << 10, "{} bytes", evaluator.bytes());
}

#[test]
fn time_that_runs_backwards_is_counted() {
    let mut evaluator = Evaluator::new(&narrow(), Calendar::Civil);
    for (at, turned_back) in [(10, 0), (9, 1), (10, 1), (-5, 2)] {
        evaluator.record(0, 0, at, |_, _| {});
        assert_eq!(evaluator.turned_back(), turned_back);
        assert_eq!(evaluator.last(0), Some(10));
    }
}

#[test]
fn numbers_of_events_that_wrap_change_nothing() {
    for set in [sliding(), far(), narrow(), wide()] {
        let mut evaluator = Evaluator::new(&set, Calendar::Civil);
        let (mut naive, mut at, mut bytes) = (Naive::new(&set, &Calendar::Civil), 0, 0);
        for event in 0..600_u32 {
            at += Instant::from(event.wrapping_mul(2_654_435_761) >> 10);
            let action = (event % 4) as usize;
            if event % 3 == 0 {
                let decision = evaluator.check(0, action, at);
                assert_eq!(decision, naive.check(action, at), "event {event}");
            } else {
                let mut over = Vec::new();
                evaluator.record(0, action, at, |limit, is_over| over.extend(is_over.then_some(limit)));
                over.sort_unstable();
                assert_eq!(over, naive.record(action, at), "event {event}");
            }
            same_usage(&mut evaluator, 0, &naive, at);
            if event % 50 == 49 {
                evaluator.grow_old(0);
            }
            if event == 300 {
                bytes = evaluator.bytes();
            }
        }
        assert_eq!(evaluator.bytes(), bytes, "rings that have grown to their limits stay as they are");
    }
}
