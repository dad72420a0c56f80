//! `pacewise load --find-capacity`: the largest rate at which a bound is kept.

use std::io::{self, Write};

use pacewise::load::{Pace, Plan, Stage, Threshold, Tried, Workload, find_capacity, probe_seconds};
use pacewise::numbers::{counted, number};
use pacewise::report::{CapacityProbe, CapacityReport, write_load_capacity};

use super::Outcome;
use super::load::{Ran, once, stoppable, watched};
use super::load_args::RunArgs;
use super::load_asked::{Asked, Whom, most_rate};
use super::{running, terminal};

/// The rate at which a search begins, where none is stated.
const FIRST: f64 = 500.0;
/// A generator that takes up one check in a hundred so many nanoseconds late, or later, is behind.
const LATE: u64 = 1_000_000;
const BEHIND: &str = "cannot be told: the generator itself was behind";

pub(super) fn run(args: &RunArgs, asked: &Asked, bound: &Threshold) -> io::Result<Outcome> {
    let first = args.pace.rate.unwrap_or(FIRST);
    if first < 1.0 {
        terminal::complain(&format!(
            "--find-capacity tries no rate below 1 check a second: --rate {first}; begin at 1 or above"
        ));
        return Ok(Outcome::Failed);
    }
    let watch = stoppable();
    let mut failed = None;
    let mut probes = Vec::new();
    let keeps = |rate: f64| {
        let workload = unseen(asked, probes.len() as u32);
        let plan = probe(asked, args, rate);
        let ran = watched(&watch, || once(asked, &workload, &plan, &watch));
        match ran {
            Ok(ran) => {
                if watch.is_stopped() {
                    return None;
                }
                let probe = judged(&ran, bound, rate, &plan);
                terminal::say(&format!("{}/s: {}", number(rate, usize::from(rate < 10.0)), probe.reason));
                probes.push(probe);
                probes.last().map(|probe: &CapacityProbe| match (probe.kept, probe.behind) {
                    (true, _) => Tried::Kept,
                    (false, true) => Tried::Behind,
                    (false, false) => Tried::Broken,
                })
            }
            Err(error) => {
                failed = Some(error);
                None
            }
        }
    };
    let found = find_capacity(first, most_rate(&asked.target), keeps);
    if let Some(error) = failed {
        terminal::complain(&format!("the load test could not be run: {error}"));
        return Ok(Outcome::Failed);
    }
    let outcome = match (watch.is_stopped(), found.per_second) {
        (true, _) => Outcome::Interrupted,
        (false, Some(_)) => Outcome::Good,
        (false, None) if found.is_untold => Outcome::Failed,
        (false, None) => Outcome::No,
    };
    let target = asked.target.in_words(asked.threads);
    let report =
        CapacityReport { capacity: &found, probes: &probes, bound: &bound.to_string(), target: &target };
    let mut out = io::stdout().lock();
    let written = write_load_capacity(&report, running::format(args.format), &mut out);
    terminal::shown(written.and_then(|()| out.flush()), outcome)
}

/// The workload in the name of accounts that no probe before has named: a target over HTTP remembers those.
fn unseen(asked: &Asked, number: u32) -> Workload {
    let workload = asked.workload.clone();
    let names = if number == 0 { 0 } else { asked.names.free() };
    let first = number.wrapping_mul(workload.accounts()).wrapping_add(names);
    if matches!(asked.target, Whom::Http(_)) { workload.numbered_from(first) } else { workload }
}

/// Asks at one rate for a while; what is left out is the first quarter of the time that is stated.
fn probe(asked: &Asked, args: &RunArgs, rate: f64) -> Plan {
    let warm_up_seconds = args.probe / 4.0;
    Plan {
        pace: Pace::Open { stages: vec![Stage::endless(rate)], poisson: args.pace.poisson },
        seconds: probe_seconds(args.probe, warm_up_seconds, rate, asked.plan.batch),
        warm_up_seconds,
        ..asked.plan.clone()
    }
}

fn judged(ran: &Ran, bound: &Threshold, rate: f64, plan: &Plan) -> CapacityProbe {
    let summary = &ran.summary;
    let answered = summary.checks_per_second;
    // Of random arrivals more or fewer are due than on average.
    let is_random = matches!(plan.pace, Pace::Open { poisson: true, .. });
    let due = summary.checks as f64 / (plan.seconds - plan.warm_up_seconds);
    let keeps_up = answered >= 0.95 * if is_random { due } else { rate };
    let is_kept = bound.judge(summary).kept;
    let late = summary.schedule_error.as_ref().and_then(|late| late.at(0.99)).unwrap_or(0);
    let reason = if summary.wrong.total() > 0 {
        format!("{} wrong", counted(summary.wrong.total(), "answer"))
    } else if summary.all_errors() > 0 {
        let kinds: Vec<&str> = summary.errors.keys().map(String::as_str).collect();
        format!("{} got no answer ({})", counted(summary.all_errors(), "check"), kinds.join(", "))
    } else if is_kept && keeps_up {
        "kept".to_owned()
    } else if late > LATE {
        BEHIND.to_owned()
    } else if !keeps_up {
        format!("only {} a second were answered", number(answered, usize::from(answered < 10.0)))
    } else {
        "broken".to_owned()
    };
    let p99_ns = summary.latency.all.as_ref().and_then(|latency| latency.at(0.99)).unwrap_or(0);
    CapacityProbe {
        per_second: rate,
        kept: reason == "kept",
        behind: reason == BEHIND,
        answered,
        p99_ns,
        reason,
    }
}
