//! Targets in this process, asked by one thread or several.

use std::sync::Arc;

use super::call::{Call, Nanos, Said};
use super::clock::{Clock, WallClock};
use super::judge::{Fault, Judge, Verdict};
use super::measure::{Counts, Recorder};
use super::plan::{Due, Plan, TELL, Times, Watch};
use super::workload::Workload;
use crate::limiter::{self, Limiter};
use crate::random::mix;
use crate::rulebook::Rulebook;
use crate::rules::Evaluator;

/// Somebody who answers checks.
pub trait Target {
    /// Answers checks as if one after the other, in their order.
    fn check(&mut self, calls: &[Call], said: &mut Vec<Said>);
}

impl Target for Evaluator {
    fn check(&mut self, calls: &[Call], said: &mut Vec<Said>) {
        said.extend(
            calls
                .iter()
                .map(|call| Said::from(Evaluator::check(self, call.account, call.action as usize, call.at))),
        );
    }
}

/// A limiter that threads share.
#[derive(Debug, Clone)]
pub struct SharedLimiter(Arc<Limiter<u32>>);

impl SharedLimiter {
    /// A limiter without a past.
    #[must_use]
    pub fn new(book: &Rulebook) -> SharedLimiter {
        SharedLimiter(Arc::new(Limiter::new(&book.set, &book.calendar)))
    }
}

impl Target for SharedLimiter {
    fn check(&mut self, calls: &[Call], said: &mut Vec<Said>) {
        if let [call] = calls {
            said.push(self.0.check(&call.account, call.action as usize, call.at).into());
            return;
        }
        let asked = calls.iter().map(|call| limiter::Call {
            account: &call.account,
            action: call.action as usize,
            at: call.at,
        });
        let asked: Vec<limiter::Call<'_, u32>> = asked.collect();
        said.extend(self.0.check_all(&asked).into_iter().map(Said::from));
    }
}

/// So many checks pass between looks at whether to stop.
const LOOK: u64 = 256;
/// Whether to stop is looked at so often while a check is waited for.
const NAP: Nanos = 100_000_000;

/// How one thread of a run asks.
#[derive(Debug)]
pub struct Driver<'a, C> {
    /// What time it is.
    pub clock: &'a C,
    /// The plan of the run.
    pub plan: &'a Plan,
    /// What the run tells.
    pub watch: &'a Watch,
    /// Which thread this is, and of how many: an account belongs to one of them.
    pub share: (usize, usize),
}

impl<C: Clock> Driver<'_, C> {
    /// Asks a target the thread's share of the checks, in their order, and judges its answers.
    pub fn drive<T: Target>(
        &self,
        calls: impl Iterator<Item = Call>,
        target: &mut T,
        judge: &mut Judge,
    ) -> Recorder {
        let mut worker = Worker {
            driver: self,
            target,
            judge,
            recorder: self.plan.recorder(),
            said: Vec::new(),
            free: 0,
            ready: 0,
        };
        let (mut schedule, end) = (self.plan.schedule(), self.plan.end());
        let mut batch: Vec<(u64, Call)> = Vec::new();
        let (mut latest, mut told, mut told_at) = (None, Counts::default(), 0);
        for (number, call) in (0..self.plan.checks).zip(calls) {
            let due = schedule.next(&call);
            let is_over = match due {
                Due::Never => true,
                Due::At(at) => at >= end,
                Due::Soon => number % LOOK == 0 && self.clock.now() >= end,
            };
            let looks = matches!(due, Due::At(_)) || number % LOOK == 0;
            if is_over || looks && self.watch.is_stopped() {
                break;
            }
            if self.share.1 > 1 && owner(call.account, self.share.1) != self.share.0 {
                continue;
            }
            batch.push((number, call));
            latest = if let Due::At(at) = due { Some(at) } else { None };
            if batch.len() >= self.plan.batch && !worker.ask(&mut batch, latest) {
                break;
            }
            if worker.free >= told_at + TELL {
                told_at = worker.free;
                self.watch.tell(&worker.recorder, &mut told, told_at);
            }
        }
        if !self.watch.is_stopped() {
            worker.ask(&mut batch, latest);
        }
        worker.recorder.finish();
        self.watch.tell(&worker.recorder, &mut told, self.clock.now());
        worker.recorder
    }
}

impl<C: Clock> Driver<'_, C> {
    /// Waits until an instant, or until the run is stopped; whether it was not.
    fn waits_until(&self, due: Nanos) -> bool {
        while due > self.clock.now() + NAP {
            if self.watch.is_stopped() {
                return false;
            }
            self.clock.wait_until(self.clock.now() + NAP / 2);
        }
        self.clock.wait_until(due);
        true
    }
}

struct Worker<'a, T, C> {
    driver: &'a Driver<'a, C>,
    target: &'a mut T,
    judge: &'a mut Judge,
    recorder: Recorder,
    said: Vec<Said>,
    /// When the target gave its last answer.
    free: Nanos,
    /// When it would have given it, had every check been taken up as soon as it was due and the target was ready for it.
    ready: Nanos,
}

impl<T: Target, C: Clock> Worker<'_, T, C> {
    /// Asks a batch when it is due; whether it did, and was not told to stop before.
    fn ask(&mut self, batch: &mut Vec<(u64, Call)>, due: Option<Nanos>) -> bool {
        let Some(&(_, first)) = batch.first() else { return true };
        let clock = self.driver.clock;
        if let Some(due) = due {
            if !self.driver.waits_until(due) {
                batch.clear();
                return false;
            }
            // A target that is busy makes checks wait: that is its latency, not a delay of the generator. One that is busy only
            // with what the generator took up late is another matter.
            self.ready = self.ready.max(due);
            self.recorder.take_up(due, clock.now().saturating_sub(self.ready - due));
        }
        if self.driver.plan.times == Times::Clock {
            let at = clock.unix(clock.now());
            for (_, call) in batch.iter_mut() {
                call.at = at;
            }
        }
        self.said.clear();
        let calls: Vec<Call> =
            if batch.len() == 1 { Vec::new() } else { batch.iter().map(|(_, call)| *call).collect() };
        let first = [Call { at: batch[0].1.at, ..first }];
        let asked = clock.now();
        let intended = due.unwrap_or(asked);
        self.target.check(if calls.is_empty() { &first } else { &calls }, &mut self.said);
        self.free = clock.now();
        self.ready += self.free - asked;
        self.recorder.requests += 1;
        for (&(number, call), &said) in batch.iter().zip(&self.said) {
            let verdict = self.judge.judge(call, said);
            self.recorder.answer(number, intended, self.free, said, Some(verdict));
        }
        batch.clear();
        true
    }
}

/// Asks a target with so many threads; an account belongs to one of them. `target` makes the target of each thread.
pub fn run<T: Target + Send>(
    workload: &Workload,
    book: &Rulebook,
    plan: &Plan,
    threads: usize,
    target: impl Fn() -> T,
    watch: &Watch,
) -> Recorder {
    let clock = WallClock::start();
    let work = |thread: usize, mut target: T| {
        let driver = Driver { clock: &clock, plan, watch, share: (thread, threads) };
        driver.drive(workload.calls(book), &mut target, &mut Judge::new(book))
    };
    if threads <= 1 {
        return work(0, target());
    }
    let targets: Vec<T> = (0..threads).map(|_| target()).collect();
    std::thread::scope(|scope| {
        let work = &work;
        let one = |(thread, target)| scope.spawn(move || work(thread, target));
        let workers: Vec<_> = targets.into_iter().enumerate().map(one).collect();
        let mut all = plan.recorder();
        for worker in workers {
            all.merge(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    })
}

/// Which of so many threads or connections an account belongs to.
pub(super) fn owner(account: u32, of: usize) -> usize {
    (mix(u64::from(account)) % of.max(1) as u64) as usize
}

/// Whether a target without a past errs at the last of these checks, at their own times.
pub fn errs<T: Target>(mut target: T, book: &Rulebook, calls: &[Call], fault: Fault) -> bool {
    let mut judge = Judge::new(book);
    let mut said = Vec::new();
    let mut last = None;
    for &call in calls {
        said.clear();
        target.check(&[call], &mut said);
        let Some(&said) = said.first() else { return false };
        last = Some(judge.judge(call, said));
    }
    matches!(last, Some(Verdict::Wrong(wrong)) if wrong.fault == fault)
}
