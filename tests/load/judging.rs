//! The judge says what the naive evaluator says, which shares no code with it.

use std::collections::HashMap;

use pacewise::load::{Call, Fault, Judge, Pattern, Retry, Said, Synthetic, Verdict, Workload};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Naive, Stretch, Window};
use pacewise::time::{DAY, HOUR, Instant, MINUTE};
use proptest::prelude::*;

use super::made_up::{book, evaluator, limit, rules};

/// Books of sliding windows, of calendar windows, of limits of 0, in civil time and in zones whose clocks change.
fn books() -> Vec<Rulebook> {
    let sliding = |span, max| limit(Window::Sliding(span), max);
    let zone = |name| Calendar::named(name).expect("a known zone");
    vec![
        book(),
        rules(
            [limit(Window::Day, 3), limit(Window::TrailingDays(3), 5)],
            [limit(Window::Week, 4), limit(Window::Month, 6)],
            Calendar::Civil,
        ),
        rules(
            [limit(Window::Day, 2), sliding(DAY, 3)],
            [limit(Window::TrailingDays(2), 2), limit(Window::Month, 4)],
            zone("Europe/Berlin"),
        ),
        rules(
            [limit(Window::Week, 5), sliding(1, 1)],
            [limit(Window::Day, 1), sliding(HOUR, 2)],
            zone("America/Sao_Paulo"),
        ),
        rules(
            [sliding(HOUR, 2), sliding(7 * DAY, 4)],
            [sliding(MINUTE, 0), limit(Window::Day, 3)],
            Calendar::Civil,
        ),
        zoned(),
        rules(
            [
                limit(Window::Elsewhere(Stretch::Day, 9 * HOUR), 2),
                limit(Window::Elsewhere(Stretch::Week, -HOUR), 5),
            ],
            [limit(Window::Elsewhere(Stretch::Month, HOUR), 6), limit(Window::Day, 2)],
            zone("Europe/Berlin"),
        ),
    ]
}

/// Days, weeks and months of three zones, and days of the common calendar.
fn zoned() -> Rulebook {
    let zone = |name| Some(Calendar::named(name).expect("a known zone"));
    let book = rules(
        [limit(Window::Day, 2), limit(Window::Week, 6)],
        [limit(Window::Month, 7), limit(Window::Day, 1)],
        Calendar::named("Europe/Berlin").expect("a known zone"),
    );
    let calendars = vec![zone("America/Los_Angeles"), zone("Australia/Sydney"), zone("Asia/Kolkata"), None];
    Rulebook { set: book.set.with_calendars(calendars), ..book }
}

/// Gaps that make ties, hit the borders of windows from both sides, run backwards, and leave windows long behind.
fn gap() -> impl Strategy<Value = Instant> {
    prop_oneof![
        4 => Just(0),
        4 => 0..2 * HOUR,
        3 => prop::sample::select(vec![1, MINUTE - 1, MINUTE, MINUTE + 1, HOUR - 1, HOUR, HOUR + 1, DAY - 1, DAY, DAY + 1, 7 * DAY]),
        1 => Just(-HOUR),
        1 => 0..40 * DAY,
    ]
}

/// What a naive evaluator says.
fn naive(of: &mut HashMap<u32, Naive>, book: &Rulebook, call: Call) -> Said {
    let account = of.entry(call.account).or_insert_with(|| Naive::new(&book.set, &book.calendar));
    account.check(call.action as usize, call.at).into()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if std::env::var_os("PACEWISE_LONG").is_some() { 5_000 } else { 150 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_judge_and_the_naive_evaluator_agree(
        which in 0..7_usize,
        start in prop::sample::select(vec![0, 1_767_600_000_000, 1_772_900_000_000, 1_774_700_000_000, 1_775_200_000_000, 1_792_800_000_000, -1_000, 253_402_207_000_000]),
        asked in prop::collection::vec((0..3_u32, 0..3_u32, gap()), 1..120),
    ) {
        let book = &books()[which];
        let (mut judge, mut naives, mut at) = (Judge::new(book), HashMap::new(), start);
        for (account, action, gap) in asked {
            at += gap;
            let call = Call { account, action, at };
            // The naive evaluator takes no action that it has no rules for.
            if action >= 2 {
                prop_assert_eq!(judge.expect(call), Some(Said::Allowed));
                continue;
            }
            let said = naive(&mut naives, book, call);
            prop_assert_eq!(judge.expect(call), Some(said), "{:?}", call);
            prop_assert_eq!(judge.judge(call, said), Verdict::Right);
        }
    }
}

#[test]
fn bursts_are_laid_around_the_midnights_of_each_zone() {
    let laws = Synthetic {
        pattern: Pattern::Borders,
        accounts: 40,
        skew: 0.0,
        mix: vec![],
        per_day: 20.0,
        // 2026-03-08 10:00 UTC, when daylight saving begins in Los Angeles.
        start: 1_772_964_000_000,
        seed: 1,
    };
    let (book, workload) = (zoned(), Workload::Synthetic(laws));
    let calls: Vec<Call> = workload.calls(&book).take(4_000).collect();
    let midnight = 1_773_039_600_000;
    for at in [midnight - 1_000, midnight, midnight + 1_000] {
        assert!(calls.iter().any(|call| call.at == at), "nobody asks at {at}");
    }
    let (mut judge, mut target, mut denied) = (Judge::new(&book), evaluator(&book), 0);
    for call in calls {
        let said = target.check(call.account, call.action as usize, call.at).into();
        denied += u32::from(said != Said::Allowed);
        assert_eq!(judge.judge(call, said), Verdict::Right, "{call:?}");
    }
    assert!((100..3_900).contains(&denied), "{denied} denied: nothing is proved");
}

fn call(at: Instant) -> Call {
    Call { account: 7, action: 0, at }
}

fn denied(rule: u32, after: Instant) -> Said {
    Said::Denied { rule: Some(rule), retry: Retry::After(after) }
}

/// A judge who has seen five messages at the instants 0 to 4, which fill the minute.
fn full() -> Judge {
    let mut judge = Judge::new(&book());
    for at in 0..5 {
        assert_eq!(judge.judge(call(at), Said::Allowed), Verdict::Right);
    }
    judge
}

fn fault(verdict: Verdict) -> Option<(Fault, usize)> {
    match verdict {
        Verdict::Wrong(wrong) => Some((wrong.fault, wrong.evidence.len())),
        _ => None,
    }
}

#[test]
fn each_fault_is_told_from_the_others_with_what_shows_it() {
    assert_eq!(full().judge(call(59_999), denied(0, 1)), Verdict::Right);
    assert_eq!(full().judge(call(60_000), Said::Allowed), Verdict::Right);
    assert_eq!(fault(full().judge(call(59_999), Said::Allowed)), Some((Fault::Allow, 5)));
    assert_eq!(
        fault(full().judge(call(60_000), denied(0, 1))),
        Some((Fault::Deny, 5)),
        "five of twenty in the hour"
    );
    assert_eq!(fault(full().judge(call(59_999), denied(0, 2))), Some((Fault::RetryAfter, 5)));
    assert_eq!(fault(full().judge(call(59_999), denied(1, 1))), Some((Fault::Rule, 5)));
    let never = Said::Denied { rule: Some(0), retry: Retry::Never };
    assert_eq!(fault(full().judge(call(59_999), never)), Some((Fault::RetryAfter, 5)));
    // What is not told is not wrong.
    let untold = Said::Denied { rule: None, retry: Retry::Untold };
    assert_eq!(full().judge(call(59_999), untold), Verdict::Right);
}

#[test]
fn what_was_wrongly_allowed_has_happened() {
    let mut judge = full();
    assert!(fault(judge.judge(call(10), Said::Allowed)).is_some());
    assert_eq!(judge.judge(call(60_000), denied(0, 1)), Verdict::Right, "1 to 4 and 10 lie in the minute");
}

#[test]
fn both_outcomes_of_a_lost_answer_are_right_until_one_is_ruled_out() {
    let mut judge = Judge::new(&book());
    for at in 0..4 {
        judge.judge(call(at), Said::Allowed);
    }
    judge.lose(call(4), true);
    assert_eq!(judge.expect(call(5)), None);
    let (mut happened, mut did_not) = (judge.clone(), judge);
    assert_eq!(happened.judge(call(5), denied(0, 59_995)), Verdict::Right);
    assert_eq!(
        fault(happened.judge(call(6), Said::Allowed)),
        Some((Fault::Allow, 5)),
        "it is full either way"
    );
    assert_eq!(did_not.judge(call(5), Said::Allowed), Verdict::Right);
    assert_eq!(did_not.judge(call(6), denied(0, 59_994)), Verdict::Right);
    assert_eq!(fault(did_not.judge(call(7), Said::Allowed)), Some((Fault::Allow, 5)));
}

#[test]
fn too_many_lost_answers_leave_an_account_unknown_and_others_not() {
    let mut judge = Judge::new(&book());
    judge.lose(call(0), false);
    assert_eq!(judge.judge(call(1), Said::Allowed), Verdict::Unknown);
    for at in 0..8 {
        judge.lose(Call { account: 8, ..call(at * HOUR) }, true);
    }
    assert_eq!(judge.judge(Call { account: 8, ..call(9 * HOUR) }, Said::Allowed), Verdict::Unknown);
    assert_eq!(
        judge.judge(Call { account: 9, ..call(0) }, denied(0, 1)),
        Verdict::Wrong(Box::new(pacewise::load::Wrong {
            fault: Fault::Deny,
            call: Call { account: 9, ..call(0) },
            said: denied(0, 1),
            expected: Said::Allowed,
            limit: Some(1),
            evidence: vec![],
        }))
    );
}
