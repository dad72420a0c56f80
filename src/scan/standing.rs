//! How every account stands with every limit: today, and in all.

use super::census::Sum;
use crate::eventlog::Event;
use crate::rules::{Counts, RuleSet};
use crate::time::{DayNumber, Instant};

/// What is told as it happens, for files that grow with the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// Days that have ended.
    pub days: Vec<DayRow>,
    /// Refusals.
    pub refusals: Vec<RefusalRow>,
}

/// What an account did to a limit on one day; only where it broke it or came near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRow {
    /// The day.
    pub day: DayNumber,
    /// The account.
    pub account: u32,
    /// The limit, counted over all rules.
    pub limit: usize,
    /// Events that left the window over the limit.
    pub breaches: u32,
    /// Events that left it near the limit and not over it.
    pub near_misses: u32,
}

/// What a limiter would have refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalRow {
    /// The event.
    pub event: Event,
    /// The limit that frees last, counted over all rules.
    pub limit: usize,
    /// When it would have been allowed, if nothing else had happened; none: never.
    pub allowed_at: Option<Instant>,
}

/// All accounts and limits.
#[derive(Debug)]
pub(super) struct Standings {
    limits: usize,
    /// By limit.
    bounds: Vec<Bound>,
    /// By account and limit.
    now: Vec<Now>,
    /// By account and limit.
    totals: Vec<Total>,
    /// By account: whether it has acted.
    acted: Vec<bool>,
    /// How many have.
    at_hand: usize,
    /// Where something happened on a day that has not been added up.
    touched: Vec<u64>,
    /// Days that have been added up, in no order.
    ended: Vec<DayRow>,
    /// By day and limit, in order; only where something happened.
    pub(super) by_day: Vec<(DayNumber, usize, DayTotal)>,
    /// By rule: events that broke it.
    pub(super) broke_rule: Vec<u64>,
    /// Events that broke some rule.
    pub(super) broke: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bound {
    /// The largest count that is no breach.
    max: u32,
    /// The smallest count that is near, at least 1.
    near: u32,
    rule: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Now {
    highest: u32,
    /// The day of the two that follow.
    day: DayNumber,
    breaches: u32,
    near: u32,
}

/// What an account did to a limit on days that have ended.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    breaches: u64,
    near: u64,
}

/// What all accounts did to a limit on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DayTotal {
    pub(super) breaches: u64,
    pub(super) near: u64,
    pub(super) accounts: u32,
}

impl Standings {
    pub(super) fn new(set: &RuleSet, near: f64) -> Standings {
        let bound = |number| {
            let max = set.limit(number).max;
            Bound { max, near: near_from(max, near), rule: set.rule_of(number) as u32 }
        };
        Standings {
            limits: set.limits(),
            bounds: (0..set.limits()).map(bound).collect(),
            now: Vec::new(),
            totals: Vec::new(),
            acted: Vec::new(),
            at_hand: 0,
            touched: Vec::new(),
            ended: Vec::new(),
            by_day: Vec::new(),
            broke_rule: vec![0; set.rules().len()],
            broke: 0,
        }
    }

    /// The accounts at hand: those that have acted and were not let go.
    pub(super) fn accounts(&self) -> impl Iterator<Item = u32> + '_ {
        (0..).zip(&self.acted).filter(|(_, acted)| **acted).map(|(account, _)| account)
    }

    /// How many these are.
    pub(super) fn at_hand(&self) -> usize {
        self.at_hand
    }

    /// What an account did to each limit, once its days have been added up.
    pub(super) fn sums(&self, account: u32) -> impl Iterator<Item = Sum> + '_ {
        let places = account as usize * self.limits..(account as usize + 1) * self.limits;
        self.now[places.clone()].iter().zip(&self.totals[places]).map(|(now, total)| Sum {
            breaches: total.breaches,
            near: total.near,
            highest: now.highest,
        })
    }

    /// Whether an account did something on a day that has not been added up.
    pub(super) fn is_in_its_day(&self, account: u32) -> bool {
        let from = account as usize * self.limits;
        self.now[from..from + self.limits].iter().any(|now| (now.breaches | now.near) > 0)
    }

    /// Forgets an account, which is not in its day.
    pub(super) fn forget(&mut self, account: u32) {
        let places = account as usize * self.limits..(account as usize + 1) * self.limits;
        self.now[places.clone()].fill(Now::default());
        self.totals[places].fill(Total::default());
        self.at_hand -= usize::from(std::mem::take(&mut self.acted[account as usize]));
    }

    pub(super) fn make_room(&mut self, accounts: usize) {
        if accounts > self.acted.len() {
            self.now.resize(accounts * self.limits, Now::default());
            self.totals.resize(accounts * self.limits, Total::default());
            self.acted.resize(accounts, false);
        }
    }

    /// An account about to act; there is room for it.
    pub(super) fn of(&mut self, account: u32) -> Judged<'_> {
        let from = account as usize * self.limits;
        self.at_hand += usize::from(!std::mem::replace(&mut self.acted[account as usize], true));
        Judged {
            now: &mut self.now[from..from + self.limits],
            account,
            from,
            today: DayNumber::MIN,
            bounds: &self.bounds,
            touched: &mut self.touched,
            ended: &mut self.ended,
            broke_rule: &mut self.broke_rule,
            broke: &mut self.broke,
            last_broken: None,
            is_watched: false,
        }
    }

    /// Adds up all days before `today`.
    pub(super) fn end_days_before(&mut self, today: DayNumber, rows: Option<&mut Vec<DayRow>>) {
        let Standings { limits, now, touched, ended, .. } = self;
        touched.retain(|&place| {
            let (account, limit) = ((place as usize / *limits) as u32, place as usize % *limits);
            let now = &mut now[place as usize];
            if now.day < today {
                ended.extend(now.end(account, limit));
            }
            now.day >= today
        });
        ended.sort_unstable_by_key(|row| (row.day, row.account, row.limit));
        for of_day in ended.chunk_by(|one, other| one.day == other.day) {
            let mut sums = vec![DayTotal::default(); *limits];
            for row in of_day {
                let total = &mut self.totals[row.account as usize * *limits + row.limit];
                total.breaches += u64::from(row.breaches);
                total.near += u64::from(row.near_misses);
                sums[row.limit].add(row);
            }
            let happened = sums.into_iter().enumerate().filter(|(_, sum)| *sum != DayTotal::default());
            self.by_day.extend(happened.map(|(limit, sum)| (of_day[0].day, limit, sum)));
        }
        if let Some(rows) = rows {
            rows.extend_from_slice(ended);
        }
        ended.clear();
    }
}

impl DayTotal {
    fn add(&mut self, row: &DayRow) {
        self.breaches += u64::from(row.breaches);
        self.near += u64::from(row.near_misses);
        self.accounts += u32::from(row.breaches > 0);
    }
}

impl Now {
    /// The row of the day that has been looked at, if anything happened, which is then forgotten.
    fn end(&mut self, account: u32, limit: usize) -> Option<DayRow> {
        let (breaches, near_misses) = (std::mem::take(&mut self.breaches), std::mem::take(&mut self.near));
        let row = DayRow { day: self.day, account, limit, breaches, near_misses };
        ((breaches | near_misses) > 0).then_some(row)
    }
}

/// The smallest count that is near a limit.
fn near_from(max: u32, near: f64) -> u32 {
    ((f64::from(max) * near - 1e-9).ceil() as u32).max(1)
}

/// One account's standing, event by event.
pub(super) struct Judged<'a> {
    now: &'a mut [Now],
    account: u32,
    from: usize,
    today: DayNumber,
    bounds: &'a [Bound],
    touched: &'a mut Vec<u64>,
    ended: &'a mut Vec<DayRow>,
    broke_rule: &'a mut [u64],
    broke: &'a mut u64,
    last_broken: Option<u32>,
    /// Whether some rule counts the event.
    pub(super) is_watched: bool,
}

impl Counts for Judged<'_> {
    /// An event raises a count by at most one, so that the highest count is found by asking for one more each time.
    #[inline]
    fn see(&mut self, limit: usize, exceeds: impl Fn(u32) -> bool) {
        self.is_watched = true;
        let (bound, now) = (&self.bounds[limit], &mut self.now[limit]);
        if now.highest < bound.near - 1 {
            now.highest += u32::from(exceeds(now.highest));
        } else if exceeds(bound.near - 1) {
            let (is_over, is_higher) = (exceeds(bound.max), exceeds(now.highest));
            self.note(limit, is_over, is_higher);
        }
    }
}

impl Judged<'_> {
    /// Another event, of this day.
    #[inline]
    pub(super) fn begin(&mut self, today: DayNumber) {
        self.today = today;
        self.last_broken = None;
        self.is_watched = false;
    }

    /// Writes a breach or a near miss down. Not inlined: what is around it then is.
    #[inline(never)]
    fn note(&mut self, limit: usize, is_over: bool, is_higher: bool) {
        let now = &mut self.now[limit];
        now.highest += u32::from(is_higher);
        let is_full = now.breaches.max(now.near) == u32::MAX;
        if now.day != self.today || is_full || (now.breaches | now.near) == 0 {
            self.begin_day(limit);
        }
        let now = &mut self.now[limit];
        now.breaches += u32::from(is_over);
        now.near += u32::from(!is_over);
        if is_over {
            self.note_broken(self.bounds[limit].rule);
        }
    }

    /// Goes on to today, where nothing has happened yet.
    #[cold]
    #[inline(never)]
    fn begin_day(&mut self, limit: usize) {
        let now = &mut self.now[limit];
        self.ended.extend(now.end(self.account, limit));
        now.day = self.today;
        self.touched.push((self.from + limit) as u64);
    }

    /// Limits of a rule follow one another.
    #[inline]
    fn note_broken(&mut self, rule: u32) {
        if self.last_broken != Some(rule) {
            *self.broke += u64::from(self.last_broken.is_none());
            self.broke_rule[rule as usize] += 1;
            self.last_broken = Some(rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_at_least_the_share_and_never_nothing() {
        assert_eq!([0, 1, 9, 10, 11, 20, 100].map(|max| near_from(max, 0.9)), [1, 1, 9, 9, 10, 18, 90]);
        assert_eq!((near_from(10, 1.0), near_from(10, 0.001), near_from(u32::MAX, 1.0)), (10, 1, u32::MAX));
    }
}
