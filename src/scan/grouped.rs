//! A stretch of a log, grouped by account. Accounts do not see each other's events, so that each can be judged for a stretch at
//! a time, while its windows are at hand.

use crate::eventlog::Event;
use crate::time::{DayNumber, Instant};

/// The most events of a stretch.
pub(super) const MOST: usize = 1 << 18;

/// Events that wait to be judged.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    waiting: Vec<Event>,
    /// Where days begin among the events that wait.
    days: Vec<(usize, DayNumber)>,
    /// By account: where its events end, while they are being laid out.
    ends: Vec<u32>,
    laid_out: Vec<Dated>,
}

/// An event with its day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Dated {
    pub(super) at: Instant,
    pub(super) action: u32,
    pub(super) day: DayNumber,
}

impl Stretch {
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MOST
    }

    /// What follows is of this day.
    pub(super) fn begin_day(&mut self, day: DayNumber) {
        self.days.push((self.waiting.len(), day));
    }

    #[inline]
    pub(super) fn add(&mut self, event: Event) {
        self.waiting.push(event);
    }

    /// Hands over the events that wait: those of an account together and in order of time.
    pub(super) fn hand_over(&mut self, accounts: usize, judge: impl FnMut(u32, &[Dated])) {
        if accounts <= self.waiting.len() {
            self.by_account(accounts, judge);
        } else {
            self.one_by_one(judge);
        }
        self.waiting.clear();
        let today = self.days.last().map(|&(_, day)| (0, day));
        self.days.clear();
        self.days.extend(today);
    }

    fn by_account(&mut self, accounts: usize, mut judge: impl FnMut(u32, &[Dated])) {
        self.ends.clear();
        self.ends.resize(accounts, 0);
        for event in &self.waiting {
            self.ends[event.account as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut self.ends {
            sum += std::mem::replace(end, sum);
        }
        self.laid_out.resize(self.waiting.len(), Dated::default());
        for (events, day) in by_day(&self.waiting, &self.days) {
            for &Event { at, account, action } in events {
                let end = &mut self.ends[account as usize];
                self.laid_out[*end as usize] = Dated { at, action, day };
                *end += 1;
            }
        }
        let mut from = 0;
        for (account, &end) in self.ends.iter().enumerate() {
            if end > from {
                judge(account as u32, &self.laid_out[from as usize..end as usize]);
            }
            from = end;
        }
    }

    /// Many accounts with few events each gain nothing from being grouped.
    fn one_by_one(&self, mut judge: impl FnMut(u32, &[Dated])) {
        for (events, day) in by_day(&self.waiting, &self.days) {
            for &Event { at, account, action } in events {
                judge(account, &[Dated { at, action, day }]);
            }
        }
    }
}

fn by_day<'a>(
    events: &'a [Event],
    days: &'a [(usize, DayNumber)],
) -> impl Iterator<Item = (&'a [Event], DayNumber)> + 'a {
    let ends = days.iter().skip(1).map(|&(from, _)| from).chain([events.len()]);
    days.iter().zip(ends).map(|(&(from, day), end)| (&events[from..end], day))
}
