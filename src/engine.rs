//! Runs replicates on several threads and adds them up. The answer depends on the scenario, the seed and the number of
//! replicates, never on the threads: each replicate has its own random streams, and tallies hold whole numbers.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::estimate;
use crate::model::{Model, Simulator};
pub use crate::results::StopReason;
use crate::stats::Estimate;
use crate::stats::proportion::Method;
use crate::stats::rounds::{End, Rounds};
use crate::tally::{Recorder, Sample, Tally};

/// Accounts simulated between two looks at the stop signal; a simulator looks besides, by the day.
const CHUNK: u64 = 32;

/// How to run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunConfig {
    /// Seed of every random stream.
    pub seed: u64,
    /// When to stop.
    pub stop: Stop,
    /// Threads; none: as many as the machine has cores.
    pub threads: Option<usize>,
    /// Confidence level of the stop rule.
    pub level: f64,
    /// Whether daily series and the largest counts of windows are kept.
    pub sample: bool,
}

/// When a run stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// After so many replicates.
    After(u64),
    /// When the intervals of flagged and disconnected of the mean account are both at most this wide to either side.
    WhenPrecise {
        /// Largest half-width.
        half_width: f64,
        /// Most replicates.
        at_most: u64,
    },
}

/// What a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The sums over all replicates.
    pub tally: Tally,
    /// Why it stopped.
    pub reason: StopReason,
}

/// What a run shares with those who watch it.
#[derive(Debug, Default)]
pub struct Control {
    /// Set it to stop the run: what is short is finished, a long replicate is given up.
    pub stop: AtomicBool,
    /// Replicates done.
    pub done: AtomicU64,
    /// Replicates planned as far as known.
    pub planned: AtomicU64,
}

/// Runs a model. Where the machine refuses to start so many threads it is run with fewer, which changes no number.
#[must_use]
pub fn run(model: &Model, config: &RunConfig, control: &Control) -> Run {
    let pool = most_threads(config.threads, |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()
    });
    let mut tally = Tally::new(model);
    let reason = loop {
        let target = next_target(&tally, config);
        control.planned.store(target, Ordering::Relaxed);
        let from = tally.replicates;
        let next = AtomicU64::new(from);
        let sampled = if config.sample { Sample::size(model) } else { 0 };
        let work = || worker(model, config.seed, sampled, (&next, target), control);
        let parts = pool.as_ref().map_or_else(|| vec![work()], |pool| pool.broadcast(|_| work()));
        for part in &parts {
            tally.merge(part);
        }
        if control.stop.load(Ordering::Relaxed) && tally.replicates < target {
            break StopReason::Interrupted;
        }
        if let Some(reason) = stop_reason(&tally, config) {
            break reason;
        }
    };
    tally.sample.sort();
    Run { tally, reason }
}

/// The pool with as many threads as wanted, or else as many as can be started; none: not even one can.
fn most_threads<P>(wanted: Option<usize>, build: impl Fn(usize) -> Option<P>) -> Option<P> {
    let all = || std::thread::available_parallelism().map_or(1, usize::from);
    let wanted = wanted.filter(|threads| *threads > 0).unwrap_or_else(all);
    std::iter::successors(Some(wanted), |threads| (*threads > 1).then_some(threads / 2)).find_map(build)
}

/// Takes chunks of replicates until there is none left.
fn worker(
    model: &Model,
    seed: u64,
    sampled: u64,
    (next, target): (&AtomicU64, u64),
    control: &Control,
) -> Tally {
    let mut worker = Worker::new(model, &control.stop);
    let chunk = (CHUNK / u64::from(model.accounts()).max(1)).max(1);
    loop {
        let from = next.fetch_add(chunk, Ordering::Relaxed);
        if from >= target || control.stop.load(Ordering::Relaxed) {
            return worker.recorder.into_tally();
        }
        let to = target.min(from + chunk);
        for replicate in from..to {
            let is_done = if replicate < sampled {
                worker.replicate_in_full(seed, replicate)
            } else {
                worker.replicate(seed, replicate)
            };
            if !is_done {
                return worker.recorder.into_tally();
            }
        }
        control.done.fetch_add(to - from, Ordering::Relaxed);
    }
}

/// One thread's simulator, and what its replicates have come to.
struct Worker<'m> {
    model: &'m Model,
    simulator: Simulator<'m>,
    recorder: Recorder,
    /// The series of one replicate, until it is known that it was not given up.
    staged: Option<Sample>,
}

impl<'m> Worker<'m> {
    fn new(model: &'m Model, stop: &'m AtomicBool) -> Worker<'m> {
        let (simulator, recorder) = (model.stoppable_simulator(stop), Recorder::new(model));
        Worker { model, simulator, recorder, staged: None }
    }

    /// Whether it was done, and not given up.
    fn replicate(&mut self, seed: u64, replicate: u64) -> bool {
        self.simulator.replicate(seed, replicate);
        self.record()
    }

    /// The same with its daily series.
    fn replicate_in_full(&mut self, seed: u64, replicate: u64) -> bool {
        let model = self.model;
        let staged = self.staged.get_or_insert_with(|| Sample::new(model));
        self.simulator.replicate_in_full(seed, replicate, |account, daily| {
            staged.record_account(model, account, daily);
        });
        let is_done = self.record();
        if let Some(staged) = self.staged.as_mut().filter(|_| is_done) {
            staged.record_team(self.simulator.outcome());
            self.recorder.sample().merge(staged);
            staged.clear();
        }
        is_done
    }

    fn record(&mut self) -> bool {
        let is_done = !self.simulator.has_given_up();
        if is_done {
            self.recorder.record(self.simulator.outcome());
        }
        is_done
    }
}

/// How many replicates the next round ends at.
fn next_target(tally: &Tally, config: &RunConfig) -> u64 {
    match config.stop {
        Stop::After(replicates) => replicates,
        Stop::WhenPrecise { half_width, at_most } => {
            Rounds { half_width, at_most }.next_end(tally.replicates, widest(tally, config.level))
        }
    }
}

fn stop_reason(tally: &Tally, config: &RunConfig) -> Option<StopReason> {
    match config.stop {
        Stop::After(_) => Some(StopReason::Completed),
        Stop::WhenPrecise { half_width: wanted, at_most } => {
            let half_width = widest(tally, config.level);
            Rounds { half_width: wanted, at_most }.end(tally.replicates, half_width).map(|end| match end {
                End::Precise => StopReason::Precise,
                End::Exhausted => StopReason::NotPrecise { half_width, wanted },
            })
        }
    }
}

/// The larger half-width of the two probabilities that the stop rule looks at.
fn widest(tally: &Tally, level: f64) -> f64 {
    let scope = &tally.scopes[0];
    [&scope.flagged, &scope.disconnected]
        .map(|events| estimate::share(&events.ever(), tally, scope, level, Method::Wilson))
        .map(|estimate: Estimate| estimate.half_width())
        .into_iter()
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_threads_are_started_where_the_system_refuses_more() {
        let at_most = |most: usize| move |threads: usize| (threads <= most).then_some(threads);
        assert_eq!(most_threads(Some(7), at_most(7)), Some(7));
        assert_eq!(most_threads(Some(1024), at_most(100)), Some(64));
        assert_eq!(most_threads(Some(7), at_most(1)), Some(1));
        assert_eq!(most_threads(Some(7), at_most(0)), None);
        assert!(most_threads(None, at_most(100_000)).is_some());
    }
}
