//! A target that is made wrong on purpose is found, and the shortest history is as short as can be.

use pacewise::load::{
    Call, Curves, Described, Driver, Fault, Judge, Pace, Pattern, Recorder, Retry, Said, Summary, Synthetic,
    Target, Watch, Workload, WrongDecision, errs, explain,
};
use pacewise::report::{Format, LoadReport, write_load};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Evaluator, RuleSet, Window};
use pacewise::time::{HOUR, Instant, MINUTE};

use super::made_up::{MadeUp, Scripted, book, evaluator, limit, plan, rules};

fn workload(pattern: Pattern) -> Workload {
    Workload::Synthetic(Synthetic {
        pattern,
        accounts: 20,
        skew: 1.0,
        mix: vec![],
        per_day: 60.0,
        start: 1_767_600_000_000,
        seed: 3,
    })
}

/// What a run of a target finds, histories included.
fn found<T: Target>(pattern: Pattern, checks: u64, target: impl Fn() -> T) -> Summary {
    let (book, workload, clock) = (book(), workload(pattern), MadeUp::default());
    let (plan, watch) = (plan(Pace::Closed, checks), Watch::default());
    let driver = Driver { clock: &clock, plan: &plan, watch: &watch, share: (0, 1) };
    let recorder: Recorder = driver.drive(workload.calls(&book), &mut target(), &mut Judge::new(&book));
    let mut summary = Summary::new(&recorder, Some(&book), Described::default());
    explain(&mut summary, &workload, &book, |calls, fault| errs(target(), &book, calls, fault));
    summary
}

fn first(summary: &Summary) -> &WrongDecision {
    summary.wrong_decisions.first().expect("something is wrong")
}

/// The evaluator under rules that a mistake was made in.
fn mistaken(change: impl Fn(&mut Vec<pacewise::rules::Rule>)) -> Evaluator {
    let book = book();
    let mut rules = book.set.rules().to_vec();
    change(&mut rules);
    evaluator(&Rulebook { set: RuleSet::new(rules, 2), ..book })
}

#[test]
fn the_evaluator_is_right_under_every_pattern() {
    for pattern in [Pattern::Steady, Pattern::Borders, Pattern::Ties, Pattern::Hot] {
        let summary = found(pattern, 20_000, || evaluator(&book()));
        assert_eq!(
            (summary.wrong.total(), summary.judged, summary.checks),
            (0, 20_000, 20_000),
            "{pattern:?}"
        );
        assert!(summary.denied > 1_000 && summary.allowed > 1_000, "{pattern:?}: {summary:?}");
        assert!(summary.is_good());
    }
}

#[test]
fn a_limit_that_is_one_too_high_is_shown_by_limit_and_one_checks() {
    let summary = found(Pattern::Borders, 5_000, || mistaken(|rules| rules[0].limits[0].max = 6));
    let wrong = first(&summary);
    assert_eq!(wrong.wrong.fault, Fault::Allow);
    let history = wrong.history.as_ref().expect("it can be asked afresh");
    assert_eq!((history.len(), wrong.wrong.evidence.len()), (6, 5), "five fill the minute: {}", wrong.what);
    assert!(history.iter().all(|call| call.at > history[5].at - MINUTE), "{history:?}");
    assert!(
        wrong.what.contains("allowed although the window is full (messages: 5 of 5 in 1 min)"),
        "{}",
        wrong.what
    );
    assert!(!summary.is_good());
}

#[test]
fn the_times_of_a_wrong_answer_are_told_in_utc_with_milliseconds() {
    let book = book();
    let mut summary = found(Pattern::Borders, 5_000, || mistaken(|rules| rules[0].limits[0].max = 6));
    let history = summary.wrong_decisions[0].history.as_mut().expect("it can be asked afresh");
    // On the second, and a quarter of one later.
    let (last, start) = (history.len() - 1, 1_767_605_400_000);
    for (call, at) in history.iter_mut().zip([start, start + 250]) {
        call.at = at;
    }
    history[last].at = start + 1_000;
    let curves = Curves { hgrm: String::new(), hlog: Vec::new(), percentiles: Default::default() };
    let report = LoadReport { summary: &summary, curves: &curves, book: Some(&book) };
    let mut table = Vec::new();
    write_load(&report, Format::Table, &mut table).expect("a vector takes every byte");
    let table = String::from_utf8(table).expect("text");
    for at in ["2026-01-05T09:30:00.000Z", "2026-01-05T09:30:00.250Z", "2026-01-05T09:30:01.000Z"] {
        assert!(table.contains(at), "{table}");
    }
    assert!(!table.contains("at 17") && table.contains(" at 2026-01-05T"), "bare milliseconds: {table}");
}

#[test]
fn a_limit_that_is_one_too_low_is_shown_by_as_many_checks_as_the_limit() {
    let summary = found(Pattern::Borders, 5_000, || mistaken(|rules| rules[0].limits[0].max = 4));
    let wrong = first(&summary);
    assert_eq!(
        (wrong.wrong.fault, wrong.history.as_ref().map(Vec::len)),
        (Fault::Deny, Some(5)),
        "{}",
        wrong.what
    );
}

#[test]
fn a_window_that_is_forgotten_is_found() {
    let summary = found(Pattern::Borders, 20_000, || {
        mistaken(|rules| {
            rules[0].limits.remove(1);
        })
    });
    let wrong = first(&summary);
    assert_eq!(
        (wrong.wrong.fault, wrong.history.as_ref().map(Vec::len)),
        (Fault::Allow, Some(21)),
        "{}",
        wrong.what
    );
    assert!(wrong.what.contains("messages: 20 of 20 in 1 h"), "{}", wrong.what);
}

#[test]
fn a_window_that_holds_its_own_border_is_found() {
    // [t - w, t] in place of (t - w, t].
    let wider = || mistaken(|rules| rules[0].limits[0].window = Window::Sliding(MINUTE + 1));
    let summary = found(Pattern::Borders, 5_000, wider);
    assert!(summary.wrong.deny > 0 && summary.wrong.retry_after > 0, "{:?}", summary.wrong);
    let denied =
        summary.wrong_decisions.iter().find(|wrong| wrong.wrong.fault == Fault::Deny).expect("there is one");
    let history = denied.history.as_ref().expect("it can be asked afresh");
    assert_eq!((history.len(), history[5].at - history[0].at), (6, MINUTE));
}

/// The evaluator, whose answers are changed on their way.
fn changed(change: impl Fn(&Call, Said) -> Said) -> impl Target {
    let mut evaluator = evaluator(&book());
    Scripted(move |call: &Call| {
        change(call, evaluator.check(call.account, call.action as usize, call.at).into())
    })
}

#[test]
fn a_wrong_retry_after_or_rule_is_found() {
    let later = || {
        changed(|_, said| match said {
            Said::Denied { rule, retry: Retry::After(after) } => {
                Said::Denied { rule, retry: Retry::After(after + 1) }
            }
            said => said,
        })
    };
    let summary = found(Pattern::Borders, 2_000, later);
    assert_eq!(summary.wrong.total(), summary.wrong.retry_after);
    assert_eq!(summary.wrong.retry_after, summary.denied);
    assert!(summary.denied > 100);
    let other = || {
        changed(|_, said| match said {
            Said::Denied { rule, retry } => Said::Denied { rule: rule.map(|rule| 1 - rule), retry },
            said @ Said::Allowed => said,
        })
    };
    let summary = found(Pattern::Borders, 2_000, other);
    assert_eq!((summary.wrong.rule, summary.wrong.total()), (summary.denied, summary.denied));
}

#[test]
fn a_target_that_counts_what_it_denied_is_shown_by_a_history_with_denials() {
    // It records whatever is asked.
    let counts_all = || {
        let book = book();
        let (mut evaluator, mut asking) = (evaluator(&book), evaluator(&book));
        Scripted(move |call: &Call| {
            let mut full = false;
            let account = call.account;
            evaluator.record(account, call.action as usize, call.at, |_, over| full |= over);
            let said = asking.check(account, call.action as usize, call.at).into();
            if full && matches!(said, Said::Allowed) {
                Said::Denied { rule: None, retry: Retry::Untold }
            } else {
                said
            }
        })
    };
    let summary = found(Pattern::Borders, 5_000, counts_all);
    let wrong = summary
        .wrong_decisions
        .iter()
        .find(|wrong| wrong.wrong.fault == Fault::Deny)
        .expect("it denies too much");
    let history = wrong.history.clone().expect("it can be asked afresh");
    let errs_on = |calls: &[Call]| errs(counts_all(), &book(), calls, Fault::Deny);
    assert!(errs_on(&history));
    for left_out in 0..history.len() - 1 {
        let mut fewer = history.clone();
        fewer.remove(left_out);
        assert!(!errs_on(&fewer), "check {left_out} of {} is not needed", history.len());
    }
}

#[test]
fn a_target_that_errs_once_in_a_thousand_is_found() {
    let asked = std::cell::Cell::new(0);
    let sometimes = || {
        let asked = &asked;
        changed(move |_, said| {
            asked.set(asked.get() + 1);
            if asked.get() == 777 { Said::Denied { rule: Some(0), retry: Retry::Never } } else { said }
        })
    };
    let summary = found(Pattern::Steady, 1_000, sometimes);
    assert_eq!(summary.wrong.total(), 1);
    let wrong = first(&summary);
    assert_eq!((wrong.number, wrong.history.clone()), (776, None), "asked afresh, it does not err");
}

#[test]
fn zones_and_calendar_windows_are_judged_too() {
    let zone = Calendar::named("Europe/Berlin").expect("a known zone");
    let days = rules(
        [limit(Window::Day, 3), limit(Window::Week, 9)],
        [limit(Window::Month, 5), limit(Window::TrailingDays(2), 2)],
        zone,
    );
    let start: Instant = 1_774_500_000_000;
    let laws = Synthetic {
        pattern: Pattern::Borders,
        accounts: 9,
        skew: 0.5,
        mix: vec![],
        per_day: 8.0,
        start,
        seed: 5,
    };
    let (clock, plan, watch) = (MadeUp::default(), plan(Pace::Closed, 5_000), Watch::default());
    let driver = Driver { clock: &clock, plan: &plan, watch: &watch, share: (0, 1) };
    let calls = || Workload::Synthetic(laws.clone()).calls(&days);
    let right = driver.drive(calls(), &mut evaluator(&days), &mut Judge::new(&days));
    assert_eq!((right.wrong(), right.judged()), (0, 5_000));
    let utc = Rulebook { calendar: Calendar::Civil, ..days.clone() };
    let wrong = driver.drive(calls(), &mut evaluator(&utc), &mut Judge::new(&days));
    assert!(wrong.wrong() > 0, "days of another zone");
    let span = calls().nth(4_999).map(|call| call.at - start);
    assert!(span.is_some_and(|span| span > 24 * HOUR), "{span:?}");
}
