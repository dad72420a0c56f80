//! Checks drawn from laws: some accounts are busier than others, and times may be laid where limiters err.

use std::collections::VecDeque;

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, Zipf};

use super::call::Call;
use super::days::{Days, last_of_month};
use crate::random::{Purpose, Stream};
use crate::rulebook::Rulebook;
use crate::rules::{Limit, Window};
use crate::time::{self, DAY, DayNumber, Instant, SECOND};

/// How times and accounts are laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Independent of each other.
    Steady,
    /// Accounts fill a window at once and come back just before it lets go, at that instant, and just after.
    Borders,
    /// Runs of up to 64 checks at the same instant, many of them of one account.
    Ties,
    /// Nine of ten checks are of one account.
    Hot,
}

/// Laws to draw checks from. All times are whole seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Synthetic {
    /// How times and accounts are laid.
    pub pattern: Pattern,
    /// The number of accounts, at least 1.
    pub accounts: u32,
    /// The exponent of Zipf's law: the k-th account is busy in proportion to `k^-skew`; 0: all alike.
    pub skew: f64,
    /// By action: its weight; empty: all alike.
    pub mix: Vec<f64>,
    /// Checks of one account in a day, on average.
    pub per_day: f64,
    /// The first instant, a whole second.
    pub start: Instant,
    /// The seed.
    pub seed: u64,
}

/// The largest burst at a border.
const LARGEST_BURST: u32 = 1_000;
/// So many accounts burst at a time.
const BURSTING: usize = 32;

impl Synthetic {
    /// The checks, without an end.
    pub(super) fn calls(&self, book: &Rulebook) -> Box<dyn Iterator<Item = Call> + Send> {
        let draws = self.draws(book.actions.len());
        match self.pattern {
            Pattern::Steady => Box::new(Steady { draws, hot: 0.0 }),
            Pattern::Hot => Box::new(Steady { draws, hot: 0.9 }),
            Pattern::Ties => Box::new(Ties { draws, left: 0, account: 0 }),
            Pattern::Borders => Box::new(Borders { draws, windows: borders(book), laid: VecDeque::new() }),
        }
    }

    fn draws(&self, actions: usize) -> Draws {
        let weight = |action: usize| {
            if self.mix.is_empty() { 1.0 } else { self.mix.get(action).copied().unwrap_or(0.0) }
        };
        let mut sum = 0.0;
        let sums = (0..actions.max(1)).map(|action| {
            sum += weight(action);
            sum
        });
        let accounts = f64::from(self.accounts.max(1));
        Draws {
            sums: sums.collect(),
            zipf: Zipf::new(accounts, self.skew.max(0.0)).ok(),
            random: Stream::new(self.seed, 0, 0, Purpose::Workload).generator(0),
            gap: DAY as f64 / (accounts * self.per_day.max(1e-9)),
            now: self.start as f64,
        }
    }
}

/// What is drawn for each check.
struct Draws {
    sums: Vec<f64>,
    zipf: Option<Zipf<f64>>,
    random: Xoshiro256PlusPlus,
    /// The mean gap between checks, in milliseconds.
    gap: f64,
    now: f64,
}

impl Draws {
    fn account(&mut self) -> u32 {
        self.zipf.map_or(0, |zipf| zipf.sample(&mut self.random) as u32 - 1)
    }

    fn action(&mut self) -> u32 {
        let at = self.random.random::<f64>() * self.sums[self.sums.len() - 1];
        let place = self.sums.partition_point(|&sum| sum <= at);
        place.min(self.sums.len() - 1) as u32
    }

    /// The whole second in which the next check comes, after so many mean gaps on average.
    fn at(&mut self, gaps: f64) -> Instant {
        self.now -= self.gap * gaps * (1.0 - self.random.random::<f64>()).ln();
        second(self.now as Instant)
    }
}

fn second(at: Instant) -> Instant {
    at - at.rem_euclid(SECOND)
}

struct Steady {
    draws: Draws,
    /// The share of the first account, besides its share by Zipf's law.
    hot: f64,
}

impl Iterator for Steady {
    type Item = Call;

    fn next(&mut self) -> Option<Call> {
        let draws = &mut self.draws;
        let is_hot = self.hot > 0.0 && draws.random.random::<f64>() < self.hot;
        let account = if is_hot { 0 } else { draws.account() };
        Some(Call { account, action: draws.action(), at: draws.at(1.0) })
    }
}

struct Ties {
    draws: Draws,
    left: u32,
    account: u32,
}

impl Iterator for Ties {
    type Item = Call;

    fn next(&mut self) -> Option<Call> {
        let draws = &mut self.draws;
        if self.left == 0 {
            self.left = draws.random.random_range(1..=64);
            self.account = draws.account();
            draws.at(f64::from(self.left));
        }
        self.left -= 1;
        let is_same = draws.random.random::<f64>() < 0.75;
        let account = if is_same { self.account } else { draws.account() };
        Some(Call { account, action: draws.action(), at: second(draws.now as Instant) })
    }
}

/// A window that a burst can fill.
#[derive(Debug, Clone)]
struct Border {
    action: u32,
    /// By the clock of its days.
    window: Window,
    days: Days,
    max: u32,
    /// Whether a shorter window counts the same action, so that it cannot be filled at once.
    is_spread: bool,
}

fn borders(book: &Rulebook) -> Vec<Border> {
    let rules = || book.set.rules().iter();
    let shorter = |action: usize, window: Window| {
        let watching = rules().filter(|rule| rule.actions.contains(&action));
        watching.flat_map(|rule| &rule.limits).any(|limit| length(limit.window) < length(window))
    };
    let border = |number: usize| {
        let Limit { window, max } = book.set.limit(number);
        let action = book.set.rules()[book.set.rule_of(number)].actions[0];
        let (days, is_spread) = (Days::of_limit(book, number), shorter(action, window));
        Border { action: action as u32, window: window.by_own_clock(), days, max, is_spread }
    };
    (0..book.set.limits()).map(border).filter(|border| border.max <= LARGEST_BURST).collect()
}

fn length(window: Window) -> Instant {
    match window {
        Window::Sliding(span) => span,
        Window::Day => DAY,
        Window::Week => 7 * DAY,
        Window::Month => 30 * DAY,
        Window::TrailingDays(days) => Instant::from(days) * DAY,
        Window::Elsewhere(stretch, _) => length(stretch.window()),
    }
}

struct Borders {
    draws: Draws,
    windows: Vec<Border>,
    laid: VecDeque<Call>,
}

impl Iterator for Borders {
    type Item = Call;

    fn next(&mut self) -> Option<Call> {
        while self.laid.is_empty() {
            self.lay();
        }
        self.laid.pop_front()
    }
}

impl Borders {
    /// Lays the bursts of some accounts, and moves on behind their end.
    fn lay(&mut self) {
        let mut calls = Vec::new();
        let start = second(self.draws.now as Instant);
        for _ in 0..BURSTING {
            let account = self.draws.account();
            let at = start + self.draws.random.random_range(0..3_600) * SECOND;
            if self.windows.is_empty() {
                calls.push(Call { account, action: self.draws.action(), at });
                continue;
            }
            let place = self.draws.random.random_range(0..self.windows.len());
            self.windows[place].lay(account, at, self.draws.now as Instant, &mut calls);
        }
        calls.sort_by_key(|call| call.at);
        self.draws.now = calls.last().map_or(self.draws.now, |call| call.at as f64) + SECOND as f64;
        self.laid = calls.into();
    }
}

impl Border {
    /// One account fills the window with one check too many, not before `now`, and comes back around its end.
    fn lay(&mut self, account: u32, at: Instant, now: Instant, calls: &mut Vec<Call>) {
        let (first, last, frees) = self.ends(at, now);
        let mut lay = |at: Instant, count: u32| {
            calls.extend((0..count).map(|_| Call { account, action: self.action, at: second(at) }));
        };
        let steps = Instant::from(self.max.max(1));
        for step in 0..=Instant::from(self.max) {
            lay(first + (last - first) * step / steps, 1);
        }
        lay(frees - SECOND, 2);
        lay(frees, self.max.min(8) + 1);
        lay(frees + SECOND, 2);
    }

    /// The first and the last instant of a burst, and the first one at which the window lets go of its beginning.
    fn ends(&mut self, at: Instant, now: Instant) -> (Instant, Instant, Instant) {
        let spread = |span: Instant| if self.is_spread { span / 10 * 8 } else { 0 };
        if let Window::Sliding(span) = self.window {
            return (at, at + spread(span), at + second(span).max(SECOND));
        }
        let day = self.days.day_of(at);
        let (end, frees) = match self.window {
            Window::Week => (day + 7 - time::weekday_of(day) as DayNumber, None),
            Window::Month => (last_of_month(day) + 1, None),
            Window::TrailingDays(days) => (day + 1, Some(day + DayNumber::from(days))),
            _ => (day + 1, None),
        };
        let midnight = self.days.start_of(end);
        let frees = frees.map_or(midnight, |day| self.days.start_of(day));
        let last = midnight - SECOND;
        let span = if matches!(self.window, Window::TrailingDays(_)) { DAY } else { length(self.window) };
        let first = (last - spread(span)).max(now);
        (first.min(last), last, second(frees))
    }
}
