//! Latency is measured from the intended start, split by decision, without the warm-up.

use std::cell::Cell;
use std::rc::Rc;

use pacewise::load::{
    Call, Clock, Described, Driver, Judge, Nanos, Pace, Plan, Said, Stage, Summary, Threshold, Times, Watch,
    weigh,
};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Evaluator, Rule, RuleSet, Window};
use pacewise::time::MINUTE;

use super::made_up::{MadeUp, Scripted, book, limit, plan};

const MS: Nanos = 1_000_000;

fn calls(count: u64) -> impl Iterator<Item = Call> {
    (0..count).map(|number| Call { account: number as u32, action: 0, at: number as i64 * 1_000 })
}

/// A target that takes the time that `takes` says for its n-th check, and allows all but every `denies`-th.
fn measured(plan: &Plan, checks: u64, takes: impl Fn(u64) -> Nanos, denies: u64) -> Summary {
    // No rule: the answers are not what is measured here.
    let book = Rulebook { set: RuleSet::new(vec![], 2), ..book() };
    let clock = Rc::new(MadeUp::default());
    let (passing, mut asked) = (Rc::clone(&clock), 0);
    let mut target = Scripted(move |_: &Call| {
        passing.pass(takes(asked));
        asked += 1;
        if asked % denies == 0 {
            Said::Denied { rule: None, retry: pacewise::load::Retry::Untold }
        } else {
            Said::Allowed
        }
    });
    let watch = Watch::default();
    let driver = Driver { clock: &*clock, plan, watch: &watch, share: (0, 1) };
    let recorder = driver.drive(calls(checks), &mut target, &mut Judge::new(&book));
    let is_open = plan.pace != Pace::Closed;
    Summary::new(&recorder, None, Described { is_open, rate: plan.rate(), ..Described::default() })
}

fn open(per_second: f64, checks: u64) -> Plan {
    plan(Pace::Open { stages: vec![Stage::endless(per_second)], poisson: false }, checks)
}

fn near(found: u64, expected: u64) -> bool {
    found.abs_diff(expected) <= expected / 500
}

#[test]
fn a_target_that_stalls_is_charged_for_the_checks_that_had_to_wait() {
    // A check each millisecond; each takes 0.1 ms, but the 100th takes 200 ms.
    let takes = |number| if number == 100 { 200 * MS } else { MS / 10 };
    let open = measured(&open(1_000.0, 1_000), 1_000, takes, u64::MAX).latency.all.expect("measured");
    // Those that were due within the stall wait for its end: about 200 + 22 of 1,000 checks are late.
    assert!(open.at(0.5).is_some_and(|ns| near(ns, MS / 10)), "{open:?}");
    assert!(open.at(0.9).is_some_and(|ns| ns > 100 * MS), "{open:?}");
    assert!(near(open.max_ns, 200 * MS), "{open:?}");
    let closed = measured(&plan(Pace::Closed, 1_000), 1_000, takes, u64::MAX).latency.all.expect("measured");
    assert!(
        closed.at(0.99).is_some_and(|ns| near(ns, MS / 10)) && near(closed.max_ns, 200 * MS),
        "{closed:?}"
    );
}

#[test]
fn a_stall_of_the_target_is_no_delay_of_the_generator() {
    let takes = |number| if number == 100 { 200 * MS } else { MS / 10 };
    let summary = measured(&open(1_000.0, 1_000), 1_000, takes, u64::MAX);
    let late = summary.schedule_error.expect("checks were due");
    assert!(late.max_ns <= 1, "{late:?}");
    assert!(summary.warnings.is_empty(), "{:?}", summary.warnings);
}

#[test]
fn a_stall_of_the_generator_makes_the_checks_behind_it_late_by_what_remains() {
    /// A clock on which one waiting, that for 100 ms, overshoots by 250 ms.
    struct Stalls(Rc<MadeUp>, Cell<bool>);
    impl Clock for Stalls {
        fn now(&self) -> Nanos {
            self.0.now()
        }
        fn wait_until(&self, due: Nanos) {
            let stalls = due >= 100 * MS && !self.1.replace(due >= 100 * MS);
            self.0.wait_until(due + if stalls { 250 * MS } else { 0 });
        }
        fn unix(&self, now: Nanos) -> i64 {
            self.0.unix(now)
        }
    }
    let time = Rc::new(MadeUp::default());
    let (clock, passing) = (Stalls(Rc::clone(&time), Cell::new(false)), Rc::clone(&time));
    let mut target = Scripted(move |_: &Call| {
        passing.pass(MS / 10);
        Said::Allowed
    });
    let (watch, book, plan) = (Watch::default(), book(), open(1_000.0, 1_000));
    let driver = Driver { clock: &clock, plan: &plan, watch: &watch, share: (0, 1) };
    let recorder = driver.drive(calls(1_000), &mut target, &mut Judge::new(&book));
    let described = Described { is_open: true, rate: plan.rate(), ..Described::default() };
    let late = Summary::new(&recorder, Some(&book), described).schedule_error.expect("checks were due");
    // The k-th check behind the stall is 250 - 0.9 k ms late: the tenth 241 ms, the 100th 160 ms, the 250th 25 ms.
    assert!(near(late.max_ns, 250 * MS), "{late:?}");
    assert!(late.at(0.99).is_some_and(|ns| ns.abs_diff(241 * MS) < 2 * MS), "{late:?}");
    assert!(late.at(0.9).is_some_and(|ns| ns.abs_diff(160 * MS) < 2 * MS), "{late:?}");
    assert!(late.at(0.75).is_some_and(|ns| ns.abs_diff(25 * MS) < 2 * MS), "{late:?}");
    assert!(late.at(0.5).is_some_and(|ns| ns <= 1), "{late:?}");
}

#[test]
fn latencies_are_split_by_decision() {
    // Every fourth is denied, and fast.
    let takes = |number| if number % 4 == 3 { MS / 100 } else { MS };
    let latency = measured(&plan(Pace::Closed, 4_000), 4_000, takes, 4).latency;
    let (allowed, denied) = (latency.allowed.expect("measured"), latency.denied.expect("measured"));
    assert_eq!((allowed.count, denied.count), (3_000, 1_000));
    assert!(near(allowed.min_ns, MS) && near(denied.max_ns, MS / 100), "{allowed:?} {denied:?}");
}

#[test]
fn the_warm_up_is_left_out_and_slices_have_no_gaps() {
    let mut plan = open(100.0, 500);
    plan.warm_up_seconds = 2.0;
    // The first two seconds are slow.
    let takes = |number| if number < 200 { 9 * MS } else { MS };
    let summary = measured(&plan, 500, takes, u64::MAX);
    assert_eq!((summary.checks, summary.warm_up_checks), (300, 200));
    assert!(summary.latency.all.as_ref().is_some_and(|latency| near(latency.max_ns, MS)));
    assert_eq!(summary.slices.iter().map(|slice| slice.counts.answered).collect::<Vec<_>>(), [100, 100, 100]);
    let slices = &summary.slices;
    assert!(slices.iter().all(|slice| near(slice.p50_ns, MS) && near(slice.max_ns, MS)), "{slices:?}");
    assert!(
        (summary.seconds - 2.991).abs() < 0.001 && (summary.checks_per_second - 100.3).abs() < 0.1,
        "{summary:?}"
    );
}

#[test]
fn a_slice_that_the_end_cuts_short_has_the_rate_of_what_it_lasted() {
    // 350 checks at 100 a second: the last slice begins at 3 s and lasts until the last answer, 1 ms after 3.49 s.
    let summary = measured(&open(100.0, 350), 350, |_| MS, u64::MAX);
    let last = summary.slices.last().expect("there are slices");
    assert_eq!((summary.slices.len(), last.counts.answered), (4, 50));
    assert!((last.lasted_seconds - 0.491).abs() < 0.001, "{last:?}");
    assert!((last.answered_per_second() - 50.0 / 0.491).abs() < 0.5, "{last:?}");
    assert!(summary.slices[..3].iter().all(|slice| (slice.answered_per_second() - 100.0).abs() < 1e-9));
}

#[test]
fn a_run_that_waits_for_a_check_stops_when_it_is_told_to() {
    struct Told<'a>(MadeUp, &'a Watch);
    impl Clock for Told<'_> {
        fn now(&self) -> Nanos {
            self.0.now()
        }
        fn wait_until(&self, due: Nanos) {
            self.0.wait_until(due);
            self.1.stop.store(due > 5_000 * MS, std::sync::atomic::Ordering::Relaxed);
        }
        fn unix(&self, now: Nanos) -> i64 {
            self.0.unix(now)
        }
    }
    let (watch, book, plan) = (Watch::default(), book(), open(0.001, 10));
    let clock = Told(MadeUp::default(), &watch);
    let driver = Driver { clock: &clock, plan: &plan, watch: &watch, share: (0, 1) };
    let mut target = Scripted(|_: &Call| Said::Allowed);
    let recorder = driver.drive(calls(10), &mut target, &mut Judge::new(&book));
    assert!(clock.now() < 5_200 * MS, "a check is due each 1,000 s: {}", clock.now());
    assert!(Summary::new(&recorder, None, Described::default()).checks <= 1);
}

#[test]
fn a_long_run_has_longer_slices_instead_of_more() {
    let mut plan = open(100.0, 10_000);
    plan.slice_seconds = 0.01;
    // 100 s in slices of 10 ms would be 10,000.
    let summary = measured(&plan, 10_000, |_| MS, u64::MAX);
    assert!((summary.slice_seconds - 0.08).abs() < 1e-12, "{}", summary.slice_seconds);
    assert_eq!(summary.slices.len(), 1_250);
    assert_eq!(summary.slices.iter().map(|slice| slice.counts.answered).sum::<u64>(), 10_000);
    assert!(summary.slices[1..1_249].iter().all(|slice| slice.counts.answered == 8));
}

#[test]
fn a_run_ends_after_its_checks_or_its_time() {
    let mut plan = open(1_000.0, u64::MAX);
    plan.seconds = 0.5;
    assert_eq!(measured(&plan, 10_000, |_| 0, u64::MAX).checks, 500);
    let mut plan = super::made_up::plan(Pace::Closed, u64::MAX);
    plan.seconds = 0.5;
    // Looked at every 256 checks.
    let closed = measured(&plan, 10_000, |_| MS, u64::MAX).checks;
    assert!((500..=512).contains(&closed), "{closed}");
    let stages =
        vec![Stage { seconds: 1.0, from: 0.0, to: 100.0 }, Stage { seconds: 1.0, from: 100.0, to: 100.0 }];
    let ramped = super::made_up::plan(Pace::Open { stages, poisson: false }, u64::MAX);
    assert_eq!(measured(&ramped, 10_000, |_| 0, u64::MAX).checks, 150);
}

#[test]
fn a_workload_runs_at_its_own_pace_so_many_times_as_fast() {
    let plan = plan(Pace::Workload { speed: 10.0 }, 100);
    let clock = MadeUp::default();
    let watch = Watch::default();
    let driver = Driver { clock: &clock, plan: &plan, watch: &watch, share: (0, 1) };
    let book = book();
    let mut target = Evaluator::new(&book.set, book.calendar.clone());
    let _ = driver.drive(calls(100), &mut target, &mut Judge::new(&book));
    assert_eq!(clock.now(), 9_900 * MS, "a check a second, ten times as fast");
}

#[test]
fn checks_on_the_clock_carry_its_time() {
    let mut plan = open(10.0, 30);
    plan.times = Times::Clock;
    let (clock, watch, book) = (MadeUp::default(), Watch::default(), book());
    let driver = Driver { clock: &clock, plan: &plan, watch: &watch, share: (0, 1) };
    let mut times = Vec::new();
    let mut target = Scripted(|call: &Call| {
        times.push(call.at);
        Said::Allowed
    });
    let _ = driver.drive(calls(30), &mut target, &mut Judge::new(&book));
    assert_eq!((times[0], times[29]), (1_767_600_000_000, 1_767_600_002_900));
}

#[test]
fn batches_are_due_with_their_last_check() {
    let mut plan = open(1_000.0, 100);
    plan.batch = 10;
    let summary = measured(&plan, 95, |_| MS / 10, u64::MAX);
    assert_eq!((summary.requests, summary.checks), (10, 95), "the last one has five");
    let latency = summary.latency.all.expect("measured");
    assert!(near(latency.max_ns, MS) && near(latency.min_ns, MS / 2), "{latency:?}");
}

#[test]
fn a_generator_that_is_behind_says_so() {
    /// A clock on which waiting overshoots by 5 ms.
    #[derive(Debug)]
    struct Late(MadeUp);
    impl Clock for Late {
        fn now(&self) -> Nanos {
            self.0.now()
        }
        fn wait_until(&self, due: Nanos) {
            self.0.wait_until(due + 5 * MS);
        }
        fn unix(&self, now: Nanos) -> i64 {
            self.0.unix(now)
        }
    }
    let (clock, watch, book, plan) = (Late(MadeUp::default()), Watch::default(), book(), open(10.0, 100));
    let driver = Driver { clock: &clock, plan: &plan, watch: &watch, share: (0, 1) };
    let mut target = Scripted(|_: &Call| Said::Allowed);
    let recorder = driver.drive(calls(100), &mut target, &mut Judge::new(&book));
    let described = Described { is_open: true, rate: plan.rate(), ..Described::default() };
    let summary = Summary::new(&recorder, Some(&book), described);
    assert!(summary.schedule_error.as_ref().is_some_and(|late| near(late.min_ns, 5 * MS)), "{summary:?}");
    assert!(
        summary.warnings.iter().any(|warning| warning.contains("the generator itself was behind")),
        "{summary:?}"
    );
}

#[test]
fn a_run_that_measures_nothing_keeps_no_threshold() {
    let mut plan = open(100.0, 300);
    plan.warm_up_seconds = 3_600.0;
    let summary = measured(&plan, 300, |_| MS, u64::MAX);
    assert_eq!((summary.checks, summary.warm_up_checks), (0, 300));
    for threshold in
        ["errors==0", "wrong_decisions==0", "p99<1h", "checks==0", "unjudged==0", "rate<1", "error_share==0"]
    {
        let kept = threshold.parse::<Threshold>().expect("a threshold").judge(&summary);
        assert_eq!((kept.kept, kept.measured), (false, None), "{threshold}");
    }
}

#[cfg(feature = "cli")]
#[test]
fn a_run_that_measures_nothing_is_no_success() {
    let ran = |args: &str| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_pacewise"));
        let output = program.args(args.split(' ')).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = ran("load --platform linkedin --checks 300 --warm-up 1h --threshold errors==0");
    assert!(code == Some(2) && said.contains("no check was answered after the warm-up"), "{code:?} {said}");
    // The last of 300 checks at 1,000 a second is due at 0.299 s.
    let refused = "--warm-up takes the whole run";
    let (code, said) = ran("load --platform linkedin --checks 300 --rate 1000 --warm-up 300ms");
    assert!(code == Some(2) && said.contains(refused), "{code:?} {said}");
    let (code, said) = ran("load --platform linkedin --stages 1s@10 --warm-up 2s");
    assert!(code == Some(2) && said.contains(refused), "{code:?} {said}");
    let (code, said) = ran("load --platform linkedin --checks 300 --rate 1000 --warm-up 299ms");
    assert!(code == Some(0), "{code:?} {said}");
}

#[test]
fn thresholds_are_read_kept_and_broken() {
    let summary =
        measured(&plan(Pace::Closed, 4_000), 4_000, |number| if number % 4 == 3 { MS / 100 } else { MS }, 4);
    let kept = |text: &str| {
        let threshold: Threshold = text.parse().expect("a threshold");
        threshold.judge(&summary).kept
    };
    for good in [
        "p99<2ms",
        "p50 <= 1.1ms",
        "allowed.p50>900us",
        "denied.max<20us",
        "denied.max<20000ns",
        "errors==0",
        "wrong_decisions == 1000",
        "denied_share==25%",
        "denied_share<0.26",
        "checks>=4_000",
        "error_share==0",
        "mean<1ms",
        "rate>1000",
    ] {
        assert!(kept(good), "{good}");
    }
    for broken in [
        "p99<1us",
        "denied.p50>20us",
        "errors>0",
        "wrong_decisions==0",
        "denied_share>25%",
        "rate<1",
        "schedule.p99<1s",
    ] {
        assert!(!kept(broken), "{broken}");
    }
    for wrong in ["", "p99", "p99<2", "p98<2ms", "p99<ms", "errors=0", "speed<1", "errors<x", "p99<-1ms"] {
        assert!(wrong.parse::<Threshold>().is_err(), "{wrong}");
    }
}

#[test]
fn what_an_algorithm_costs_is_the_least_of_three_passes_in_turns() {
    /// A clock on which every stretch between two readings takes what its pass takes.
    struct Passes {
        algorithms: usize,
        readings: Cell<usize>,
        time: Cell<Nanos>,
    }
    impl Clock for Passes {
        fn now(&self) -> Nanos {
            let reading = self.readings.replace(self.readings.get() + 1);
            if reading % 2 == 1 {
                let (pass, place) = (reading / 2 / self.algorithms, reading / 2 % self.algorithms);
                self.time.set(self.time.get() + [90_000, 30_000, 60_000][pass] + 1_000 * place as Nanos);
            }
            self.time.get()
        }
        fn wait_until(&self, _: Nanos) {}
        fn unix(&self, _: Nanos) -> i64 {
            0
        }
    }
    let rule = Rule { actions: vec![0], limits: vec![limit(Window::Sliding(MINUTE), 5)] };
    let rules = vec![("messages".into(), rule)];
    let book = Rulebook::new(rules, vec!["message".into()], Calendar::Civil, "a test".into());
    let calls: Vec<Call> =
        (0..100).map(|number| Call { account: 0, action: 0, at: number * 1_000 }).collect();
    let algorithms = weigh(&calls, &book, &MadeUp::default()).expect("rules that they know").len();
    let clock = Passes { algorithms, readings: Cell::new(0), time: Cell::new(0) };
    let rows = weigh(&calls, &book, &clock).expect("rules that they know");
    assert_eq!(clock.readings.get(), 6 * algorithms);
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row.ns, 300.0 + 10.0 * place as f64, "{row:?}");
    }
    assert!(rows.iter().any(|row| row.wrongly_allowed + row.wrongly_denied == 0.0), "{rows:?}");
}
