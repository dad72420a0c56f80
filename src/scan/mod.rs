//! Scanning a log of events: which rules were broken, which came near, how full windows were, and what a limiter that
//! enforces the rules would have refused. It reads no files and knows no presentation.
//!
//! Memory grows with what windows hold, not with the length of the log: what is told for each day and account, and for each
//! refusal, leaves through [`Rows`], and accounts whose windows hold nothing can be [let go](Scanner::let_go).
//!
//! ```
//! use pacewise::eventlog::Event;
//! use pacewise::rulebook::Rulebook;
//! use pacewise::rules::{Calendar, Limit, Rule, Window};
//! use pacewise::scan::{Detail, Rows, Scanner};
//! use pacewise::time::HOUR;
//!
//! let limits = vec![Limit { window: Window::Sliding(HOUR), max: 1 }];
//! let rules = vec![("posts".into(), Rule { actions: vec![0], limits })];
//! let book = Rulebook::new(rules, vec!["post".into()], Calendar::Civil, "an example".into());
//! let mut scanner = Scanner::new(&book, Detail::default());
//! let events = [0, HOUR - 1].map(|at| Event { at, account: 0, action: 0 });
//! scanner.take(&events, &mut Rows::default());
//! let found = scanner.finish(&mut Rows::default(), |account| format!("account {account}"), |_| Ok(())).expect("memory");
//! assert_eq!((found.limits[0].breaches, found.limits[0].refused), (1, Some(1)));
//! ```

mod census;
mod days;
mod found;
mod grouped;
mod standing;
mod waits;

pub use found::{AccountFound, DayFound, Found, LimitFound, RuleFound, Utilisation};
pub use standing::{DayRow, RefusalRow, Rows};

use std::io;

use crate::eventlog::Event;
use crate::rulebook::Rulebook;
use crate::rules::{Decision, Denied, Evaluator, Window};
use crate::time::{DayNumber, Instant};

use census::Census;
use days::Days;
use grouped::{Dated, Stretch};
use standing::Standings;
use waits::Waits;

/// What to look for besides breaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detail {
    /// A count of at least this share of its limit, and not over it, is a near miss.
    pub near: f64,
    /// Whether to find out what a limiter would have refused.
    pub refusals: bool,
    /// Whether to hand out rows for each day and account, and for each refusal, and to tell all lines of accounts and limits.
    pub rows: bool,
    /// How many lines of accounts and limits are found, those with the most breaches first.
    pub accounts: usize,
    /// So many accounts are at hand before those whose windows hold nothing are let go; 0: they are let go whenever that is
    /// asked.
    pub at_hand: usize,
}

impl Default for Detail {
    fn default() -> Detail {
        Detail { near: 0.9, refusals: true, rows: false, accounts: 10, at_hand: 1 << 16 }
    }
}

/// Judges events, which come in order of time.
#[derive(Debug)]
pub struct Scanner {
    book: Rulebook,
    detail: Detail,
    evaluator: Evaluator,
    enforcing: Option<Enforcing>,
    standings: Standings,
    days: Days,
    stretch: Stretch,
    /// Whether some window begins and ends with days: then a stretch does not reach beyond one.
    by_day: bool,
    /// Above the number of any account so far.
    accounts: usize,
    /// The same, of events that have been judged.
    judged: usize,
    /// Accounts that were let go.
    census: Census,
    /// So many accounts are at hand before some are let go again.
    sweep_at: usize,
    events: u64,
    unwatched: u64,
    span: Option<(Instant, Instant)>,
}

/// A limiter that would have kept the rules.
#[derive(Debug)]
struct Enforcing {
    evaluator: Evaluator,
    /// By limit: what it refused.
    refused: Vec<u64>,
    waits: Waits,
    never: u64,
}

/// Windows are counted exactly up to so many events of one account.
const MOST_COUNTED: u32 = 1 << 24;

/// A stretch brings at most so many accounts with numbers that nobody had.
const MOST_NEW: usize = 1 << 16;

impl Scanner {
    /// The scanner of a log whose actions are numbered as in the rulebook; days are those of its calendar.
    #[must_use]
    pub fn new(book: &Rulebook, detail: Detail) -> Scanner {
        let (set, calendar) = (&book.set, &book.calendar);
        let enforcing = detail.refusals.then(|| Enforcing {
            evaluator: Evaluator::new(set, calendar.clone()),
            refused: vec![0; set.limits()],
            waits: Waits::default(),
            never: 0,
        });
        Scanner {
            standings: Standings::new(set, detail.near),
            days: Days::new(calendar),
            stretch: Stretch::default(),
            by_day: book.limits().any(|(_, limit)| !matches!(limit.window, Window::Sliding(_))),
            accounts: 0,
            judged: 0,
            census: Census::new(set.limits()),
            sweep_at: detail.at_hand,
            evaluator: Evaluator::counting(set, calendar.clone(), MOST_COUNTED),
            enforcing,
            book: book.clone(),
            detail,
            events: 0,
            unwatched: 0,
            span: None,
        }
    }

    /// Judges the next events. Rows of days that have ended, and of refusals, are added to `rows`, if they are wanted; they may
    /// come later, those of the last events with [`finish`](Scanner::finish).
    pub fn take(&mut self, events: &[Event], rows: &mut Rows) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        self.span = Some((self.span.map_or(first.at, |(from, _)| from), last.at));
        self.events += events.len() as u64;
        for &event in events {
            if self.days.ends_before(event.at) {
                if self.by_day {
                    self.judge_stretch(rows);
                }
                self.days.enter(event.at);
                self.stretch.begin_day(self.days.today());
            }
            self.accounts = self.accounts.max(event.account as usize + 1);
            self.stretch.add(event);
            if self.stretch.is_full() || self.accounts > self.judged + MOST_NEW {
                self.judge_stretch(rows);
            }
        }
    }

    fn judge_stretch(&mut self, rows: &mut Rows) {
        let Scanner { evaluator, enforcing, standings, stretch, accounts, judged, unwatched, detail, .. } =
            self;
        let mut refusals = detail.rows.then_some(&mut rows.refusals);
        *judged = *accounts;
        standings.make_room(*accounts);
        stretch.hand_over(*accounts, |account, events| {
            *unwatched += judge(evaluator, standings, account, events);
            if let Some(enforcing) = enforcing {
                enforcing.take(account, events, refusals.as_deref_mut());
            }
        });
        rows.refusals.sort_by_key(|row| (row.event.at, row.event.account));
        self.standings.end_days_before(self.days.today(), detail.rows.then_some(&mut rows.days));
    }

    /// Lets accounts go whose windows hold nothing, if many accounts are at hand: their numbers, which are told, may from now on
    /// be those of others, and an account that comes back may have another one. `rows` still names them by these numbers.
    /// What they did is kept by their names, which `name` tells; beyond so much, in temporary files.
    ///
    /// # Errors
    /// When temporary files cannot be written.
    pub fn let_go(&mut self, rows: &mut Rows, name: impl Fn(u32) -> String) -> io::Result<Vec<u32>> {
        let now = self.span.map(|(_, latest)| latest);
        let Some(now) = now.filter(|_| self.standings.at_hand() >= self.sweep_at) else {
            return Ok(Vec::new());
        };
        self.judge_stretch(rows);
        let gone: Vec<u32> =
            self.standings.accounts().filter(|&account| self.is_over(account, now)).collect();
        for &account in &gone {
            self.census.add(name(account), self.standings.sums(account))?;
            self.standings.forget(account);
            self.evaluator.clear(account);
            if let Some(enforcing) = &mut self.enforcing {
                enforcing.evaluator.clear(account);
            }
        }
        self.sweep_at = match self.detail.at_hand {
            0 => 0,
            at_hand => at_hand.max(2 * self.standings.at_hand()),
        };
        Ok(gone)
    }

    /// Whether nothing that an account did matters to what is found of later events.
    fn is_over(&self, account: u32, now: Instant) -> bool {
        // What a limiter would have let through happened, so that its windows hold nothing more.
        self.evaluator.is_idle(account, now) && !self.standings.is_in_its_day(account)
    }

    /// What has been found so far; `name` tells the names of accounts. The last day's rows are added to `rows`, and `tell` sees
    /// what accounts did to limits that they broke or came near, those with the most breaches first: all of it where rows are
    /// wanted, else as much as is found.
    ///
    /// # Errors
    /// When `tell` fails or, after accounts were let go or where rows of very many are wanted, when temporary files cannot be
    /// written.
    pub fn finish(
        mut self,
        rows: &mut Rows,
        name: impl Fn(u32) -> String,
        tell: impl FnMut(&AccountFound) -> io::Result<()>,
    ) -> io::Result<Found> {
        self.judge_stretch(rows);
        self.standings.end_days_before(DayNumber::MAX, self.detail.rows.then_some(&mut rows.days));
        found::found(self, name, tell)
    }
}

/// Judges some events of an account; how many no rule counts.
fn judge(evaluator: &mut Evaluator, standings: &mut Standings, account: u32, events: &[Dated]) -> u64 {
    let mut unwatched = 0;
    let mut judged = standings.of(account);
    for event in events {
        judged.begin(event.day);
        evaluator.record_counted(account, event.action as usize, event.at, &mut judged);
        unwatched += u64::from(!judged.is_watched);
    }
    unwatched
}

impl Enforcing {
    fn take(&mut self, account: u32, events: &[Dated], mut rows: Option<&mut Vec<RefusalRow>>) {
        for &Dated { at, action, .. } in events {
            let decision = self.evaluator.check(account, action as usize, at);
            let Decision::Denied(Denied { limit, retry_after, .. }) = decision else { continue };
            self.refused[limit as usize] += 1;
            match retry_after {
                Some(wait) => self.waits.add(wait),
                None => self.never += 1,
            }
            if let Some(rows) = &mut rows {
                let event = Event { at, account, action };
                let allowed_at = retry_after.map(|wait| at + wait);
                rows.push(RefusalRow { event, limit: limit as usize, allowed_at });
            }
        }
    }
}
