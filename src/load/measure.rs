//! What is measured of a run: latencies by decision, errors by kind, and slices of time.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::call::{Nanos, SECOND, Said};
use super::judge::{Fault, Verdict, Wrong};

/// Latencies from 1 ns to an hour, to three digits.
const HIGHEST: Nanos = 3_600 * SECOND;
const DIGITS: u8 = 3;

/// The most slices of a run: beyond, two neighbours become one.
const MOST_SLICES: usize = 2_048;

/// The most wrong answers of each fault that are kept in full.
const MOST_WRONG: u64 = 3;

/// A histogram of nanoseconds.
pub(super) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, HIGHEST, DIGITS).expect("the bounds are good")
}

/// Why a check got no answer that counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// No connection could be made.
    Connect,
    /// The connection ended before the answer did.
    Closed,
    /// The answer took too long.
    Timeout,
    /// The answer is not what was asked for.
    Garbage,
    /// The answer names a rule that is not among those that answers are held against.
    UnknownRule,
    /// The target takes a binary record for no question.
    Refused,
    /// The answer has a status that was not expected.
    Status(u16),
    /// The run ended before the answer.
    Unanswered,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Connect => f.write_str("no connection"),
            Trouble::Closed => f.write_str("closed before the answer"),
            Trouble::Timeout => f.write_str("no answer in time"),
            Trouble::Garbage => f.write_str("garbage"),
            Trouble::UnknownRule => f.write_str("a rule that is not known"),
            Trouble::Refused => f.write_str("no question to the target"),
            Trouble::Status(status) => write!(f, "status {status}"),
            Trouble::Unanswered => f.write_str("unanswered at the end"),
        }
    }
}

/// Counts of a stretch of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Checks that were answered.
    pub answered: u64,
    /// Of these, those that were allowed.
    pub allowed: u64,
    /// Of these, those that were denied.
    pub denied: u64,
    /// Checks that got no answer that counts.
    pub errors: u64,
    /// Answers that are wrong.
    pub wrong: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Counts) {
        self.answered += other.answered;
        self.allowed += other.allowed;
        self.denied += other.denied;
        self.errors += other.errors;
        self.wrong += other.wrong;
    }
}

/// A slice of time.
#[derive(Debug, Clone)]
pub struct Slice {
    /// What happened in it.
    pub counts: Counts,
    /// The latencies of the checks that were answered in it.
    pub latency: Histogram<u64>,
}

impl Slice {
    fn add(&mut self, other: &Slice) {
        self.counts.add(&other.counts);
        self.latency.add(&other.latency).expect("slices grow as they need");
    }
}

/// Everything that is measured of one thread of a run, after its warm-up.
#[derive(Debug, Clone)]
pub struct Recorder {
    warm_up: Nanos,
    slice: Nanos,
    slices: Vec<Slice>,
    /// Latencies of checks that were allowed, and of those that were denied.
    pub(super) allowed: Histogram<u64>,
    pub(super) denied: Histogram<u64>,
    /// How late checks were taken up.
    pub(super) late: Histogram<u64>,
    pub(super) total: Counts,
    pub(super) requests: u64,
    pub(super) judged: u64,
    pub(super) unknown: u64,
    pub(super) troubles: BTreeMap<Trouble, u64>,
    /// What the first answer of its kind said that said anything.
    pub(super) words: BTreeMap<Trouble, String>,
    pub(super) faults: BTreeMap<Fault, u64>,
    /// The first wrong answers, with the number of the check in the workload.
    pub(super) wrong: Vec<(u64, Wrong)>,
    /// During the warm-up: judged all the same, and counted nowhere else.
    pub(super) warm_up_checks: u64,
    /// When the last answer came.
    pub(super) ended: Nanos,
    pub(super) reconnections: u64,
}

impl Recorder {
    pub(super) fn new(warm_up: Nanos, slice: Nanos) -> Recorder {
        Recorder {
            warm_up,
            slice: slice.max(1),
            slices: Vec::new(),
            allowed: histogram(),
            denied: histogram(),
            late: histogram(),
            total: Counts::default(),
            requests: 0,
            judged: 0,
            unknown: 0,
            troubles: BTreeMap::new(),
            words: BTreeMap::new(),
            faults: BTreeMap::new(),
            wrong: Vec::new(),
            warm_up_checks: 0,
            ended: warm_up,
            reconnections: 0,
        }
    }

    pub(super) fn warm_up(&self) -> Nanos {
        self.warm_up
    }

    pub(super) fn slice_length(&self) -> Nanos {
        self.slice
    }

    /// The slices of time, in order, without gaps.
    pub(super) fn slices(&self) -> &[Slice] {
        &self.slices
    }

    /// How late a check that was due at `due` was taken up.
    pub(super) fn take_up(&mut self, due: Nanos, now: Nanos) {
        if due >= self.warm_up {
            self.late.saturating_record(now.saturating_sub(due));
        }
    }

    /// An answer: when it should have been asked for, when it came, what it says and what the judge says of it.
    pub(super) fn answer(
        &mut self,
        number: u64,
        due: Nanos,
        now: Nanos,
        said: Said,
        verdict: Option<Verdict>,
    ) {
        let is_wrong = matches!(verdict, Some(Verdict::Wrong(_)));
        self.take_verdict(number, verdict);
        if due < self.warm_up {
            self.warm_up_checks += 1;
            return;
        }
        let latency = now.saturating_sub(due);
        let is_allowed = said.is_allowed();
        if is_allowed { &mut self.allowed } else { &mut self.denied }.saturating_record(latency);
        self.ended = self.ended.max(now);
        let slice = self.slice_at(now);
        // Saturating would keep it from growing.
        slice.latency.record(latency.min(HIGHEST)).expect("it grows as it needs");
        slice.counts.answered += 1;
        slice.counts.allowed += u64::from(is_allowed);
        slice.counts.denied += u64::from(!is_allowed);
        slice.counts.wrong += u64::from(is_wrong);
    }

    fn take_verdict(&mut self, number: u64, verdict: Option<Verdict>) {
        match verdict {
            None => {}
            Some(Verdict::Right) => self.judged += 1,
            Some(Verdict::Unknown) => self.unknown += 1,
            Some(Verdict::Wrong(wrong)) => {
                self.judged += 1;
                let count = self.faults.entry(wrong.fault).or_default();
                *count += 1;
                if *count <= MOST_WRONG {
                    self.wrong.push((number, *wrong));
                }
            }
        }
    }

    /// Checks that got no answer that counts.
    pub(super) fn trouble(&mut self, trouble: &Trouble, now: Nanos, checks: u64) {
        *self.troubles.entry(trouble.clone()).or_default() += checks;
        if now >= self.warm_up {
            self.ended = self.ended.max(now);
            self.slice_at(now).counts.errors += checks;
        }
    }

    /// Keeps what the first answer of its kind said that said anything.
    pub(super) fn hear(&mut self, trouble: &Trouble, words: impl FnOnce() -> Option<String>) {
        if !self.words.contains_key(trouble) {
            self.words.extend(words().map(|words| (trouble.clone(), words)));
        }
    }

    fn slice_at(&mut self, now: Nanos) -> &mut Slice {
        let since = now.saturating_sub(self.warm_up);
        while since / self.slice >= MOST_SLICES as Nanos {
            self.coarsen();
        }
        let place = (since / self.slice) as usize;
        while self.slices.len() <= place {
            // Slices grow as they need: most latencies lie close together.
            let latency = Histogram::new(DIGITS).expect("three digits are good");
            let mut slice = Slice { counts: Counts::default(), latency };
            slice.latency.auto(true);
            self.slices.push(slice);
        }
        &mut self.slices[place]
    }

    /// Makes slices twice as long.
    fn coarsen(&mut self) {
        self.slice *= 2;
        let mut fine = std::mem::take(&mut self.slices).into_iter();
        while let Some(mut slice) = fine.next() {
            if let Some(next) = fine.next() {
                slice.add(&next);
            }
            self.slices.push(slice);
        }
    }

    /// Adds up the slices, once the run is over.
    pub(super) fn finish(&mut self) {
        self.total = Counts::default();
        for slice in &self.slices {
            self.total.add(&slice.counts);
        }
    }

    /// Adds what another thread of the same run has measured.
    pub(super) fn merge(&mut self, mut other: Recorder) {
        for (histogram, others) in [
            (&mut self.allowed, &other.allowed),
            (&mut self.denied, &other.denied),
            (&mut self.late, &other.late),
        ] {
            histogram.add(others).expect("they have the same bounds");
        }
        while self.slice < other.slice {
            self.coarsen();
        }
        while other.slice < self.slice {
            other.coarsen();
        }
        for (place, slice) in other.slices.into_iter().enumerate() {
            if place == self.slices.len() {
                self.slices.push(slice);
            } else {
                self.slices[place].add(&slice);
            }
        }
        self.requests += other.requests;
        self.judged += other.judged;
        self.unknown += other.unknown;
        self.warm_up_checks += other.warm_up_checks;
        self.reconnections += other.reconnections;
        self.ended = self.ended.max(other.ended);
        for (trouble, count) in other.troubles {
            *self.troubles.entry(trouble).or_default() += count;
        }
        for (trouble, words) in other.words {
            self.words.entry(trouble).or_insert(words);
        }
        for (fault, count) in other.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        self.wrong.extend(other.wrong);
        self.wrong.sort_by_key(|(number, _)| *number);
        self.finish();
    }

    /// How many answers were judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.judged
    }

    /// How many answers are wrong.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.faults.values().sum()
    }

    /// All latencies.
    pub(super) fn all(&self) -> Histogram<u64> {
        let mut all = self.allowed.clone();
        all.add(&self.denied).expect("they have the same bounds");
        all
    }
}
