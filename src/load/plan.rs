//! How a workload is put to a target: at which pace, for how long, at which times.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::arrivals::{Arrivals, Stage};
use super::call::{Call, Nanos, SECOND};
use super::measure::{Counts, Recorder};
use crate::time::Instant;

/// At which pace checks are asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Pace {
    /// Each worker or connection asks its next check as soon as it has its answer.
    Closed,
    /// Checks are due at rates that do not depend on the answers.
    Open {
        /// The rates.
        stages: Vec<Stage>,
        /// Whether arrivals are random with these rates, instead of evenly spaced.
        poisson: bool,
    },
    /// Checks are due when the workload says, so many times as fast.
    Workload {
        /// 60: an hour in a minute.
        speed: f64,
    },
}

/// Which time a check has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// That of the workload: it is handed over with the check.
    Given,
    /// That at which it is asked, or at which the target says that it was.
    Clock,
}

/// How a workload is put to a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// At which pace.
    pub pace: Pace,
    /// At which times.
    pub times: Times,
    /// The most checks.
    pub checks: u64,
    /// The longest time for which checks are asked, warm-up included.
    pub seconds: f64,
    /// The stretch at the beginning that is left out.
    pub warm_up_seconds: f64,
    /// The length of a slice of the time series.
    pub slice_seconds: f64,
    /// Checks to a request.
    pub batch: usize,
    /// Seed of random arrivals.
    pub seed: u64,
}

impl Plan {
    pub(super) fn recorder(&self) -> Recorder {
        Recorder::new(nanos(self.warm_up_seconds), nanos(self.slice_seconds))
    }

    pub(super) fn end(&self) -> Nanos {
        nanos(self.seconds)
    }

    pub(super) fn schedule(&self) -> Schedule {
        match &self.pace {
            Pace::Closed => Schedule::Closed,
            Pace::Open { stages, poisson } => {
                Schedule::Open(Box::new(Arrivals::new(stages.clone(), poisson.then_some(self.seed))))
            }
            Pace::Workload { speed } => Schedule::Workload { speed: *speed, first: None },
        }
    }

    /// The rate that is asked for, where it is one number.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        match &self.pace {
            Pace::Open { stages, .. } if stages.len() == 1 && stages[0].from == stages[0].to => {
                Some(stages[0].from)
            }
            _ => None,
        }
    }
}

/// Nanoseconds of a length of time in seconds.
pub(super) fn nanos(seconds: f64) -> Nanos {
    (seconds * SECOND as f64).clamp(0.0, 9e18) as Nanos
}

/// When the checks of a workload are due, one after the other.
#[derive(Debug)]
pub(super) enum Schedule {
    Closed,
    Open(Box<Arrivals>),
    Workload { speed: f64, first: Option<Instant> },
}

/// When a check is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// As soon as somebody has time for it.
    Soon,
    At(Nanos),
    /// No further check is due.
    Never,
}

impl Schedule {
    pub(super) fn next(&mut self, call: &Call) -> Due {
        match self {
            Schedule::Closed => Due::Soon,
            Schedule::Open(arrivals) => arrivals.next().map_or(Due::Never, Due::At),
            Schedule::Workload { speed, first } => {
                let since = call.at.saturating_sub(*first.get_or_insert(call.at));
                Due::At(nanos(since as f64 / 1_000.0 / *speed))
            }
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self, Schedule::Closed)
    }
}

/// A run tells how far it is so often.
pub(super) const TELL: Nanos = 100_000_000;

/// What a run tells while it goes on, and how it is told to stop.
#[derive(Debug, Default)]
pub struct Watch {
    /// Set to stop early.
    pub stop: AtomicBool,
    /// Checks that were answered.
    pub answered: AtomicU64,
    /// Of these, those that were denied.
    pub denied: AtomicU64,
    /// Checks that got no answer that counts.
    pub errors: AtomicU64,
    /// Answers that are wrong.
    pub wrong: AtomicU64,
    /// The median latency of the last full slice, in nanoseconds.
    pub p50: AtomicU64,
    /// Its 99th percentile.
    pub p99: AtomicU64,
    /// Nanoseconds since the run began.
    pub elapsed: AtomicU64,
}

impl Watch {
    /// Whether the run is to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells how far a thread is; `told` is what it has told before.
    pub(super) fn tell(&self, recorder: &Recorder, told: &mut Counts, now: Nanos) {
        let mut counts = Counts::default();
        recorder.slices().iter().for_each(|slice| counts.add(&slice.counts));
        let add = |cell: &AtomicU64, now: u64, before: u64| cell.fetch_add(now - before, Ordering::Relaxed);
        add(&self.answered, counts.answered, told.answered);
        add(&self.denied, counts.denied, told.denied);
        add(&self.errors, counts.errors, told.errors);
        add(&self.wrong, counts.wrong, told.wrong);
        *told = counts;
        self.elapsed.store(now, Ordering::Relaxed);
        if let [.., last, _] = recorder.slices()
            && !last.latency.is_empty()
        {
            self.p50.store(last.latency.value_at_quantile(0.5), Ordering::Relaxed);
            self.p99.store(last.latency.value_at_quantile(0.99), Ordering::Relaxed);
        }
    }
}
