//! What a run found, as plain data.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::call::{Call, Nanos, Retry, SECOND, Said};
use super::judge::{Fault, Wrong};
use super::machine::Machine;
use super::measure::{Counts, Recorder};
use super::names::Names;
use super::threshold::Kept;
use super::workload::Workload;
use crate::numbers::counted;
use crate::rulebook::Rulebook;
use crate::time::utc_text;

/// The quantiles that are told.
pub const QUANTILES: [(&str, f64); 7] = [
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p95", 0.95),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("p99.99", 0.9999),
];

/// Version of the format of `summary.json`.
pub const SCHEMA: u32 = 1;

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of this format.
    pub schema: u32,
    /// Version of pacewise.
    pub version: String,
    /// The command, word by word.
    pub command: Vec<String>,
    /// The seed.
    pub seed: u64,
    /// What was asked, in words.
    pub workload: String,
    /// Who was asked, in words.
    pub target: String,
    /// At which pace, in words.
    pub pace: String,
    /// Checks to a request.
    #[serde(default)]
    pub batch: usize,
    /// By which rules answers were judged, in words.
    #[serde(default)]
    pub rules: String,
    /// Whether checks carry their times (`given`) or happen when they are asked (`clock`).
    pub times: String,
    /// Whether the run was stopped before its end.
    #[serde(default)]
    pub is_partial: bool,
    /// Seconds that were measured, after the warm-up.
    pub seconds: f64,
    /// Seconds that were left out.
    pub warm_up_seconds: f64,
    /// Checks that were answered during the warm-up; judged, and counted nowhere else.
    pub warm_up_checks: u64,
    /// Requests that were answered, in the warm-up too.
    pub requests: u64,
    /// Checks that were answered.
    pub checks: u64,
    /// Of these, those that were allowed.
    pub allowed: u64,
    /// Of these, those that were denied.
    pub denied: u64,
    /// Checks a second that were answered.
    pub checks_per_second: f64,
    /// Latency from the intended start.
    pub latency: Latencies,
    /// How late checks were taken up by the generator; none where nothing is due at a time.
    pub schedule_error: Option<Latency>,
    /// What a reading of the clock costs, which is part of every latency in this process.
    pub clock_ns: f64,
    /// Microseconds of this process's CPU for each check, the target's part included where it runs in this process.
    pub cpu_us_per_check: f64,
    /// The machine of the run, where its load is known.
    #[serde(default)]
    pub machine: Option<Machine>,
    /// Checks that got no answer that counts, by kind; in the warm-up too.
    pub errors: BTreeMap<String, u64>,
    /// Connections made after the first ones.
    pub reconnections: u64,
    /// Answers that were judged.
    pub judged: u64,
    /// Answers that could not be judged, because answers before them were lost or no rules are known.
    pub unjudged: u64,
    /// Answers that are wrong, by fault.
    pub wrong: WrongCounts,
    /// The first wrong answers.
    pub wrong_decisions: Vec<WrongDecision>,
    /// What to bear in mind.
    pub warnings: Vec<String>,
    /// The thresholds.
    pub thresholds: Vec<Kept>,
    /// Seconds of a slice of the time series.
    pub slice_seconds: f64,
    /// The slices, in order.
    pub slices: Vec<SliceSummary>,
}

/// Latencies of all checks and by decision; none where there was no such check.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Latencies {
    /// Of all checks.
    pub all: Option<Latency>,
    /// Of those that were allowed.
    pub allowed: Option<Latency>,
    /// Of those that were denied.
    pub denied: Option<Latency>,
}

/// A law of latencies, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The number of checks.
    pub count: u64,
    /// The mean.
    pub mean_ns: f64,
    /// The smallest.
    pub min_ns: Nanos,
    /// By name of the quantile.
    pub quantiles_ns: BTreeMap<String, Nanos>,
    /// The largest.
    pub max_ns: Nanos,
}

impl Latency {
    /// What a histogram says; none of an empty one.
    #[must_use]
    pub fn of(histogram: &Histogram<u64>) -> Option<Latency> {
        if histogram.is_empty() {
            return None;
        }
        let quantiles = QUANTILES.iter();
        let at = |(name, share): &(&str, f64)| ((*name).to_owned(), histogram.value_at_quantile(*share));
        Some(Latency {
            count: histogram.len(),
            mean_ns: histogram.mean(),
            min_ns: histogram.min(),
            quantiles_ns: quantiles.map(at).collect(),
            max_ns: histogram.max(),
        })
    }

    /// The latency at one of [`QUANTILES`].
    #[must_use]
    pub fn at(&self, share: f64) -> Option<Nanos> {
        let (name, _) = QUANTILES.iter().find(|(_, known)| *known == share)?;
        self.quantiles_ns.get(*name).copied()
    }
}

/// Wrong answers by fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WrongCounts {
    /// Allowed although a window was full.
    pub allow: u64,
    /// Denied although every window had room.
    pub deny: u64,
    /// Rightly denied, for a rule that frees earlier than another.
    pub rule: u64,
    /// Rightly denied, with a wrong time at which it would be allowed.
    pub retry_after: u64,
}

impl WrongCounts {
    /// All together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.allow + self.deny + self.rule + self.retry_after
    }
}

/// A wrong answer and the shortest history that shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrongDecision {
    /// The number of the check in the workload, from 0.
    pub number: u64,
    /// What the account is called.
    #[serde(default)]
    pub account: String,
    /// What is wrong, in words.
    pub what: String,
    /// The answer, with what had been allowed before that shows it.
    pub wrong: Wrong,
    /// The shortest history after which a fresh target errs as well, its last check being the one that it errs on; none where
    /// the target cannot be asked afresh, or does not err then.
    pub history: Option<Vec<Call>>,
}

/// A slice of the time series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SliceSummary {
    /// When it begins, in seconds after the warm-up.
    pub at_seconds: f64,
    /// How much of it the run lasted, in seconds: the end of the run cuts the last one short.
    pub lasted_seconds: f64,
    /// What happened in it.
    #[serde(flatten)]
    pub counts: Counts,
    /// The median latency of the checks that were answered in it, in nanoseconds; 0 where there were none.
    pub p50_ns: Nanos,
    /// The 99th percentile.
    pub p99_ns: Nanos,
    /// The largest.
    pub max_ns: Nanos,
}

impl SliceSummary {
    /// Checks that were answered in it, a second.
    #[must_use]
    pub fn answered_per_second(&self) -> f64 {
        self.per_second(self.counts.answered)
    }

    /// So many of a slice, a second; 0 where the slice has no length.
    #[must_use]
    pub fn per_second(&self, checks: u64) -> f64 {
        if self.lasted_seconds > 0.0 { checks as f64 / self.lasted_seconds } else { 0.0 }
    }
}

/// What the run was, for its summary.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Described {
    /// The command, word by word.
    pub command: Vec<String>,
    /// The seed.
    pub seed: u64,
    /// What was asked.
    pub workload: String,
    /// Who was asked.
    pub target: String,
    /// At which pace.
    pub pace: String,
    /// Checks to a request.
    pub batch: usize,
    /// By which rules answers were judged.
    pub rules: String,
    /// What the accounts are called.
    pub names: Names,
    /// `given` or `clock`.
    pub times: String,
    /// Whether the run was stopped before its end.
    pub is_partial: bool,
    /// The nanoseconds of CPU that this process took.
    pub cpu: Nanos,
    /// Nanoseconds that a reading of the clock costs.
    pub clock: f64,
    /// Whether checks were due at stated times.
    pub is_open: bool,
    /// The machine.
    pub machine: Option<Machine>,
    /// Checks a second that were asked for, where that is one number.
    pub rate: Option<f64>,
}

/// Above this, at the 99th percentile, the generator is called late.
const LATE: Nanos = 1_000_000;

impl Summary {
    /// The summary of what was measured.
    #[must_use]
    pub fn new(recorder: &Recorder, book: Option<&Rulebook>, described: Described) -> Summary {
        let seconds = recorder.ended.saturating_sub(recorder.warm_up()) as f64 / SECOND as f64;
        let total = recorder.total;
        let mut summary = Summary {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: described.command,
            seed: described.seed,
            workload: described.workload,
            target: described.target,
            pace: described.pace,
            batch: described.batch,
            rules: described.rules,
            times: described.times,
            is_partial: described.is_partial,
            seconds,
            warm_up_seconds: recorder.warm_up() as f64 / SECOND as f64,
            warm_up_checks: recorder.warm_up_checks,
            requests: recorder.requests,
            checks: total.answered,
            allowed: total.allowed,
            denied: total.denied,
            checks_per_second: if seconds > 0.0 { total.answered as f64 / seconds } else { 0.0 },
            latency: Latencies {
                all: Latency::of(&recorder.all()),
                allowed: Latency::of(&recorder.allowed),
                denied: Latency::of(&recorder.denied),
            },
            schedule_error: if described.is_open { Latency::of(&recorder.late) } else { None },
            clock_ns: described.clock,
            cpu_us_per_check: per_check(described.cpu, total.answered + recorder.warm_up_checks),
            machine: described.machine,
            errors: recorder.troubles.iter().map(|(trouble, count)| (trouble.to_string(), *count)).collect(),
            reconnections: recorder.reconnections,
            judged: recorder.judged,
            unjudged: total.answered + recorder.warm_up_checks - recorder.judged,
            wrong: wrong_counts(&recorder.faults),
            wrong_decisions: wrong_decisions(recorder, book, &described.names),
            warnings: Vec::new(),
            thresholds: Vec::new(),
            slice_seconds: recorder.slice_length() as f64 / SECOND as f64,
            slices: slices(recorder, seconds),
        };
        summary.warn(described.rate);
        let heard = recorder.words.iter();
        summary.warnings.extend(heard.map(|(trouble, words)| format!("{trouble}, for example: {words}")));
        summary
    }

    fn warn(&mut self, rate: Option<f64>) {
        if let Some(late) = self.lateness() {
            self.warnings.push(format!("{late}; its own delay is part of the latencies"));
        }
        if let Some(rate) = rate.filter(|rate| self.seconds >= 1.0 && self.checks_per_second < 0.95 * rate) {
            let answered = self.checks_per_second;
            let answered = match answered.round() {
                1.0 => "1 check a second was".to_owned(),
                answered => format!("{answered:.0} checks a second were"),
            };
            self.warnings.push(format!("{answered} answered of the {rate:.0} that were asked for"));
        }
        if self.all_errors() > 0 {
            let errors = counted(self.all_errors(), "check");
            self.warnings.push(format!(
                "{errors} got no answer that counts; a threshold such as errors==0 makes that fail"
            ));
        }
        if self.unjudged > 0 {
            self.warnings.push(format!("{} could not be judged", counted(self.unjudged, "answer")));
        }
    }

    /// Whether every threshold was kept and every judged answer is right.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wrong.total() == 0 && self.thresholds.iter().all(|kept| kept.kept)
    }

    /// What another run was of that this one was not, in words: such runs do not compare.
    #[must_use]
    pub fn differs_from(&self, other: &Summary) -> Vec<String> {
        let batches = [self, other].map(|run| run.batch.to_string());
        let workloads = [self, other].map(|run| Workload::without_numbers(&run.workload).to_owned());
        let words = [
            ("workload", &workloads[0], &workloads[1]),
            ("target", &self.target, &other.target),
            ("pace", &self.pace, &other.pace),
            ("checks to a request", &batches[0], &batches[1]),
            ("rules", &self.rules, &other.rules),
            ("times", &self.times, &other.times),
        ];
        let differ = words.iter().filter(|(_, here, there)| here != there);
        let mut found: Vec<String> =
            differ.map(|(what, here, there)| format!("{what}: {here} / {there}")).collect();
        if self.is_partial != other.is_partial {
            found.push("one of them was stopped before its end".to_owned());
        }
        found
    }

    /// What else than its target may have made the run slower, in words.
    #[must_use]
    pub fn disturbances(&self) -> Vec<String> {
        let busy = self.machine.filter(Machine::was_busy).map(|machine| {
            let (load, cores) = (machine.load_before, counted(machine.cores as u64, "core"));
            format!("the machine was busy before the run had begun (load {load:.1} on {cores})")
        });
        self.lateness().into_iter().chain(busy).collect()
    }

    /// How late the generator was, where it was.
    fn lateness(&self) -> Option<String> {
        let late = self.schedule_error.as_ref().and_then(|late| late.at(0.99)).filter(|late| *late > LATE)?;
        let ms = late as f64 / 1e6;
        Some(format!(
            "the generator itself was behind: one check in a hundred was taken up {ms:.1} ms or more after it was due"
        ))
    }

    /// All errors.
    #[must_use]
    pub fn all_errors(&self) -> u64 {
        self.errors.values().sum()
    }
}

fn per_check(cpu: Nanos, checks: u64) -> f64 {
    if checks == 0 { 0.0 } else { cpu as f64 / 1e3 / checks as f64 }
}

fn wrong_counts(faults: &BTreeMap<Fault, u64>) -> WrongCounts {
    let count = |fault| faults.get(&fault).copied().unwrap_or(0);
    WrongCounts {
        allow: count(Fault::Allow),
        deny: count(Fault::Deny),
        rule: count(Fault::Rule),
        retry_after: count(Fault::RetryAfter),
    }
}

fn wrong_decisions(recorder: &Recorder, book: Option<&Rulebook>, names: &Names) -> Vec<WrongDecision> {
    let Some(book) = book else { return Vec::new() };
    let wrong = recorder.wrong.iter();
    let decision = |(number, wrong): &(u64, Wrong)| WrongDecision {
        number: *number,
        account: names.name(wrong.call.account),
        what: in_words(wrong, book, names),
        wrong: wrong.clone(),
        history: None,
    };
    wrong.map(decision).collect()
}

fn slices(recorder: &Recorder, seconds: f64) -> Vec<SliceSummary> {
    let length = recorder.slice_length() as f64 / SECOND as f64;
    let slices = recorder.slices().iter().enumerate();
    let of = |histogram: &Histogram<u64>, share| {
        if histogram.is_empty() { 0 } else { histogram.value_at_quantile(share) }
    };
    slices
        .map(|(place, slice)| SliceSummary {
            at_seconds: place as f64 * length,
            lasted_seconds: (seconds - place as f64 * length).clamp(0.0, length),
            counts: slice.counts,
            p50_ns: of(&slice.latency, 0.5),
            p99_ns: of(&slice.latency, 0.99),
            max_ns: slice.latency.max(),
        })
        .collect()
}

/// What is wrong with an answer.
fn in_words(wrong: &Wrong, book: &Rulebook, names: &Names) -> String {
    let (account, action) = (names.name(wrong.call.account), book.action(wrong.call.action));
    let held = wrong.evidence.len();
    let place = wrong.limit.map_or_else(String::new, |limit| {
        let limit = limit as usize;
        let (rule, max) = (book.set.rule_of(limit) as u32, book.set.limit(limit).max);
        format!("{}: {held} of {max} in {}", book.rule(rule), book.window(limit))
    });
    let who = format!("account {account}, {action} at {}", utc_text(wrong.call.at));
    match wrong.fault {
        Fault::Allow => format!("{who}: allowed although the window is full ({place})"),
        Fault::Deny => format!("{who}: denied although there is room ({place})"),
        Fault::Rule => format!("{who}: {}; expected {}", said(wrong.said, book), said(wrong.expected, book)),
        Fault::RetryAfter => {
            format!("{who}: {}; expected {}", said(wrong.said, book), said(wrong.expected, book))
        }
    }
}

fn said(said: Said, book: &Rulebook) -> String {
    let Said::Denied { rule, retry } = said else { return "allowed".to_owned() };
    let rule = rule.map_or_else(String::new, |rule| format!(" by {}", book.rule(rule)));
    match retry {
        Retry::Untold => format!("denied{rule}"),
        Retry::Never => format!("denied{rule} for ever"),
        Retry::After(ms) => format!("denied{rule} for {ms} ms"),
        Retry::Seconds(seconds) => format!("denied{rule} for {seconds} s"),
    }
}
