//! Decisions, and what is left of them: counted, queued for the log, and something to wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::account::Account;
use super::accounts::{Accounts, Ask};
use super::journal::{Journal, LogFailed, Ticket, Turn};
use super::question::{Question, Record};
use super::room::{Full, Room};
use crate::limiter::Call;
use crate::rulebook::Rulebook;
use crate::rules::{ActionId, Decision, Usage};
use crate::time::{Instant, MINUTE};

/// Where times come from.
#[derive(Clone)]
pub enum Clock {
    /// Each request brings its own.
    Given,
    /// The server's clock: milliseconds of unix time.
    Server(Arc<dyn Fn() -> Instant + Send + Sync>),
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Clock::Given) { "Given" } else { "Server" })
    }
}

/// Accounts are forgotten only once they have been idle for so long, so that no call that has read the clock comes too late.
pub(super) const SLACK: Instant = MINUTE;

/// Who may do what, who did, and the log of it.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) accounts: Accounts,
    clock: Clock,
    /// No call is dated before it.
    floor: Arc<AtomicI64>,
    journal: Option<Journal>,
    /// By action: whether some rule counts it. Of other actions nothing is kept.
    counted: Vec<bool>,
    pub(super) room: Room,
    pub(super) counts: Counts,
}

/// Why nothing is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undecided {
    /// The log cannot be written.
    Log,
    /// So many accounts are held, and the request names new ones.
    Full(usize),
}

impl From<LogFailed> for Undecided {
    fn from(_: LogFailed) -> Undecided {
        Undecided::Log
    }
}

impl From<Full> for Undecided {
    fn from(Full(most): Full) -> Undecided {
        Undecided::Full(most)
    }
}

/// How many decisions were made.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) allowed: AtomicU64,
    pub(super) recorded: AtomicU64,
    /// By rule.
    pub(super) denied: Vec<AtomicU64>,
}

/// What was decided, when, and what to wait for before it is told.
#[derive(Debug)]
pub(super) struct Decided<T> {
    pub(super) answer: T,
    pub(super) ticket: Option<Ticket>,
}

/// Whether questions are checks, or tell what happened anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Check,
    Record,
}

impl Admission {
    pub(super) fn new(
        book: &Rulebook,
        accounts: Accounts,
        clock: Clock,
        floor: Arc<AtomicI64>,
        journal: Option<Journal>,
        most_accounts: usize,
    ) -> Admission {
        let denied = book.rules.iter().map(|_| AtomicU64::new(0)).collect();
        let counts = Counts { denied, ..Counts::default() };
        let counted = (0..book.actions.len()).map(|action| !book.set.watching(action).is_empty()).collect();
        let room = Room::new(most_accounts);
        Admission { accounts, clock, floor, journal, counted, room, counts }
    }

    pub(super) fn times_given(&self) -> bool {
        matches!(self.clock, Clock::Given)
    }

    pub(super) fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// Answers one question.
    pub(super) fn one(
        &self,
        verb: Verb,
        question: &Question<'_>,
    ) -> Result<Decided<(Instant, Decision)>, Undecided> {
        let account = std::iter::once_with(|| question.account.clone());
        self.room.admit(&self.accounts, 1, account)?;
        let mut turn = self.turn()?;
        let at = question.at.unwrap_or_else(|| self.now());
        let decision = self.decide(verb, &question.account, question.action, at);
        if let (Some(turn), Decision::Allowed) = (&mut turn, decision) {
            self.keep(turn, &question.account, question.action, at);
        }
        self.counts.add(verb, std::slice::from_ref(&decision));
        Ok(Decided { answer: (at, decision), ticket: turn.and_then(Turn::end) })
    }

    /// Queues something that was counted.
    fn keep(&self, turn: &mut Turn<'_>, account: &Account<'_>, action: ActionId, at: Instant) {
        if self.counted[action] {
            turn.add(account, action, at);
        }
    }

    fn decide(&self, verb: Verb, account: &Account<'_>, action: usize, at: Instant) -> Decision {
        match verb {
            Verb::Check => self.accounts.check(account, action, at),
            Verb::Record => {
                self.accounts.record(account, action, at);
                Decision::Allowed
            }
        }
    }

    /// Answers questions as if one after the other.
    pub(super) fn many(
        &self,
        verb: Verb,
        questions: Vec<Question<'_>>,
    ) -> Result<Decided<Vec<(Instant, Decision)>>, Undecided> {
        let named = questions.iter().map(|question| question.account.clone());
        self.room.admit(&self.accounts, questions.len(), named)?;
        let mut turn = self.turn()?;
        let now = self.now();
        let asks = questions.into_iter().map(|Question { account, action, at }| {
            let at = at.unwrap_or(now);
            Ask { account, action, at }
        });
        let asks: Vec<Ask<'_>> = asks.collect();
        let decisions = match verb {
            Verb::Check => self.accounts.check_all(&asks),
            Verb::Record => {
                asks.iter().map(|ask| self.decide(verb, &ask.account, ask.action, ask.at)).collect()
            }
        };
        if let Some(turn) = &mut turn {
            for (ask, _) in asks.iter().zip(&decisions).filter(|(_, decision)| decision.is_allowed()) {
                self.keep(turn, &ask.account, ask.action, ask.at);
            }
        }
        self.counts.add(verb, &decisions);
        let answer = asks.iter().map(|ask| ask.at).zip(decisions).collect();
        Ok(Decided { answer, ticket: turn.and_then(Turn::end) })
    }

    /// Answers binary records as if one after the other; a byte for each, 255 for those that are no questions.
    pub(super) fn records(
        &self,
        verb: Verb,
        records: impl ExactSizeIterator<Item = Option<Record>>,
    ) -> Result<Decided<Vec<u8>>, Undecided> {
        let (mut good, mut bad) = (Vec::with_capacity(records.len()), Vec::new());
        for (place, record) in records.enumerate() {
            match record {
                Some(record) => good.push(record),
                None => bad.push(place),
            }
        }
        let named = good.iter().map(|record| Account::Number(record.account));
        self.room.admit(&self.accounts, good.len(), named)?;
        let mut turn = self.turn()?;
        let now = self.now();
        let call = |record: &Record| record.at.unwrap_or(now);
        let decisions = match verb {
            Verb::Check => {
                let calls: Vec<Call<'_, u64>> = good
                    .iter()
                    .map(|record| Call { account: &record.account, action: record.action, at: call(record) })
                    .collect();
                self.accounts.check_numbers(&calls)
            }
            Verb::Record => {
                let decide = |record: &Record| {
                    self.decide(verb, &Account::Number(record.account), record.action, call(record))
                };
                good.iter().map(decide).collect()
            }
        };
        let answer = bytes(&decisions, &bad);
        if let Some(turn) = &mut turn {
            for (record, _) in good.iter().zip(&decisions).filter(|(_, decision)| decision.is_allowed()) {
                self.keep(turn, &Account::Number(record.account), record.action, call(record));
            }
        }
        self.counts.add(verb, &decisions);
        Ok(Decided { answer, ticket: turn.and_then(Turn::end) })
    }

    /// How full the windows of an account are, and the time at which they were seen.
    pub(super) fn usage(&self, account: &Account<'_>, at: Option<Instant>) -> (Instant, Vec<Usage>) {
        let at = at.unwrap_or_else(|| self.now());
        (at, self.accounts.usage(account, at))
    }

    /// Forgets accounts that have been idle for long; where times are given nothing says that time has passed.
    pub(super) fn forget_idle(&self) {
        if self.times_given() {
            return;
        }
        let floor = self.now().saturating_sub(SLACK);
        self.floor.fetch_max(floor, Ordering::Relaxed);
        self.accounts.forget_idle(floor);
    }

    /// The accounts and the log, when nobody asks any more.
    pub(super) fn into_parts(self) -> (Accounts, Option<Journal>) {
        (self.accounts, self.journal)
    }

    /// With a log, decisions are made one after the other, so that the log has their order.
    fn turn(&self) -> Result<Option<Turn<'_>>, LogFailed> {
        self.journal.as_ref().map(Journal::turn).transpose()
    }

    /// The clock's time, or the latest one at which accounts were forgotten. Where times are given: the beginning of time.
    fn now(&self) -> Instant {
        match &self.clock {
            Clock::Given => Instant::MIN,
            Clock::Server(now) => now().max(self.floor.load(Ordering::Relaxed)),
        }
    }
}

/// The answer to a record that is no question.
const BAD: u8 = 255;

/// A byte for each decision; those who are at bad places get another answer in between.
fn bytes(decisions: &[Decision], bad: &[usize]) -> Vec<u8> {
    let byte = |decision: &Decision| match decision {
        Decision::Allowed => 0,
        Decision::Denied(denied) => denied.rule as u8 + 1,
    };
    let mut decided = decisions.iter().map(byte);
    let mut answer = Vec::with_capacity(decisions.len() + bad.len());
    for &place in bad {
        let before = place - answer.len();
        answer.extend(decided.by_ref().take(before));
        answer.push(BAD);
    }
    answer.extend(decided);
    answer
}

impl Counts {
    fn add(&self, verb: Verb, decisions: &[Decision]) {
        let mut allowed = 0;
        // Threads share the counters: neighbours that one rule denied are told of together.
        let (mut rule, mut denials) = (0, 0);
        for decision in decisions {
            match decision {
                Decision::Allowed => allowed += 1,
                Decision::Denied(denied) if denied.rule == rule => denials += 1,
                Decision::Denied(denied) => {
                    self.deny(rule, denials);
                    (rule, denials) = (denied.rule, 1);
                }
            }
        }
        self.deny(rule, denials);
        let counter = if verb == Verb::Check { &self.allowed } else { &self.recorded };
        if allowed > 0 {
            counter.fetch_add(allowed, Ordering::Relaxed);
        }
    }

    fn deny(&self, rule: u32, denials: u64) {
        if denials > 0 {
            self.denied[rule as usize].fetch_add(denials, Ordering::Relaxed);
        }
    }
}
