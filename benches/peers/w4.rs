//! What the programs of workload W4 share: exact decisions, and how far others are from them.

use pacewise::rules::{Calendar, Evaluator};

use crate::w3::{self, Event};

/// What an exact limiter decides when each event happens at the time that `at` tells, in milliseconds.
pub(crate) fn exact(events: &[Event], at: impl Fn(&Event) -> i64) -> Vec<bool> {
    let mut evaluator = Evaluator::new(&w3::rules(), Calendar::Civil);
    let decide =
        |event: &Event| evaluator.check(event.account, event.action as usize, at(event)).is_allowed();
    events.iter().map(decide).collect()
}

/// Prints nanoseconds a check, the wrong decisions and all of them, for the program that runs the rounds.
pub(crate) fn tell(nanoseconds: f64, decisions: &[bool], exact: &[bool]) {
    assert_eq!(decisions.len(), exact.len());
    let wrong = decisions.iter().zip(exact).filter(|(decision, exact)| decision != exact).count();
    println!("{nanoseconds} {wrong} {}", exact.len());
}
