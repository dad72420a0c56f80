//! `pacewise load --find-capacity`: the largest rate at which a bound is kept.

use std::io::{self, Write};

use pacewise::load::{Pace, Plan, Stage, Threshold, Tried, Watch, Workload, find_capacity};
use pacewise::numbers::counted;
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
    let watch = stoppable();
    let first = args.pace.rate.unwrap_or(FIRST);
    let mut failed = None;
    let mut probes = Vec::new();
    let keeps = |rate: f64| {
        let workload = unseen(asked, probes.len() as u32);
        let ran = watched(&watch, || probe(asked, &workload, args, rate, &watch));
        match ran {
            Ok(ran) => {
                if watch.is_stopped() {
                    return None;
                }
                let probe = judged(&ran, bound, rate);
                terminal::say(&format!("{:.0}/s: {}", rate, probe.reason));
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

/// Asks at one rate for a while; the first quarter is left out.
fn probe(asked: &Asked, workload: &Workload, args: &RunArgs, rate: f64, watch: &Watch) -> io::Result<Ran> {
    let plan = Plan {
        pace: Pace::Open { stages: vec![Stage::endless(rate)], poisson: args.pace.poisson },
        seconds: args.probe,
        warm_up_seconds: args.probe / 4.0,
        ..asked.plan.clone()
    };
    once(asked, workload, &plan, watch)
}

fn judged(ran: &Ran, bound: &Threshold, rate: f64) -> CapacityProbe {
    let summary = &ran.summary;
    let answered = summary.checks_per_second;
    let is_kept = bound.judge(summary).kept;
    let late = summary.schedule_error.as_ref().and_then(|late| late.at(0.99)).unwrap_or(0);
    let reason = if summary.wrong.total() > 0 {
        format!("{} wrong", counted(summary.wrong.total(), "answer"))
    } else if summary.all_errors() > 0 {
        format!("{} got no answer", counted(summary.all_errors(), "check"))
    } else if is_kept && answered >= 0.95 * rate {
        "kept".to_owned()
    } else if late > LATE {
        BEHIND.to_owned()
    } else if answered < 0.95 * rate {
        format!("only {answered:.0} a second were answered")
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
