//! A life at event resolution, seen only as sharply as its rules require.
//!
//! The counts of a day bound every window; where that does not rule a breach out, counts by hour do; where those do not
//! either, the times themselves are looked at. Each is a function of the same random words as on the plain path
//! ([`super::event`]), so both give the same outcome to the last bit: nothing is approximated, most times are just never
//! looked at. It serves models without pacing whose rules are tried at each event.

use super::Model;
use super::day_counts::Quad;
use super::demand::{Kind, TimeLaw};
use super::life::{Life, Strikes};
use crate::random::Stream;
use crate::rules::{Limit, Rule, Window, excess};
use crate::scenario::Trial;
use crate::time::{self, DAY, HOUR, Instant};

const HOURS: usize = 24;
const WISH_BITS: u32 = 16;

/// Working memory for the accounts of one group, reused from life to life.
#[derive(Debug)]
pub(super) struct LazyScratch {
    demanded: Vec<Quad>,
    /// What was delivered on the last days, by wish and day modulo `slots`.
    cells: Vec<Cell>,
    slots: usize,
    /// By rule: actions delivered before each day.
    before: Vec<Vec<u32>>,
    /// Events of today that leave a window over its limit.
    breaches: Vec<Breach>,
    events: Vec<u64>,
    suspects: Vec<Limit>,
    /// First day of the week and of the month that hold each day, counted from day 0 and cut there.
    week_start: Vec<u32>,
    month_start: Vec<u32>,
}

/// One action on one day.
#[derive(Debug, Clone, Default)]
struct Cell {
    count: u32,
    state: Sharpness,
    /// Milliseconds after midnight.
    times: Vec<u32>,
    /// How many lie before each full hour.
    before_hour: [u32; HOURS + 1],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Default)]
enum Sharpness {
    #[default]
    Count,
    Hours,
    Times,
}

#[derive(Debug, Clone, Copy)]
struct Breach {
    /// Time and wish, in the order in which events happen.
    event: u64,
    /// Earlier events of today with the same time and wish.
    twins: u32,
    rule: usize,
    excess: f64,
}

impl LazyScratch {
    /// Memory for a group that this path can serve; none for one that it cannot.
    pub(super) fn new(model: &Model, kind: &Kind) -> Option<LazyScratch> {
        let platform = &model.platforms[kind.platform];
        let per_event = platform.detections.iter().all(|detection| detection.per == Trial::Event);
        let by_event = kind.hazards_of_wish.iter().any(|hazards| !hazards.is_empty());
        let only_counts = kind.timed.is_none() && kind.background.is_none();
        // What the platform may keep back counts as paced.
        if kind.paced || !only_counts || by_event || !per_event || platform.may_return_the_same_day() {
            return None;
        }
        let rules = platform.rules.rules();
        let mut limits = rules.iter().flat_map(|rule| &rule.limits);
        if limits.any(|limit| matches!(limit.window, Window::Elsewhere(..))) {
            return None;
        }
        let windows = rules.iter().flat_map(|rule| &rule.limits);
        let longest = windows.map(|limit| match limit.window {
            Window::Sliding(span) => span,
            _ => 0,
        });
        let slots = (longest.max().unwrap_or(0) as u64).div_ceil(DAY as u64) as usize + 2;
        let days = 0..model.horizon;
        let number = |day: u32| model.first_day + day as i32;
        let first_with = |same: &dyn Fn(i32) -> i32| -> Vec<u32> {
            let mut first = 0;
            let start = |day: u32| {
                if day > 0 && same(number(day)) != same(number(day - 1)) {
                    first = day;
                }
                first
            };
            days.clone().map(start).collect()
        };
        Some(LazyScratch {
            demanded: vec![[0; 4]; kind.quads],
            cells: vec![Cell::default(); kind.wishes.len() * slots],
            slots,
            before: vec![vec![0; model.horizon as usize + 1]; rules.len()],
            breaches: Vec::new(),
            events: Vec::new(),
            suspects: Vec::new(),
            week_start: first_with(&time::week_of),
            month_start: first_with(&time::month_of),
        })
    }

    fn clear(&mut self) {
        for cell in &mut self.cells {
            cell.count = 0;
            cell.state = Sharpness::Count;
        }
    }
}

/// Lives one account's horizon.
pub(super) fn live(life: &mut Life, (counts, times): (Stream, Stream), scratch: &mut LazyScratch) {
    scratch.clear();
    let (kind, mut use_of) = (life.kind, LastUse { day: None, at: life.model.origin() });
    for day in 0..life.model.horizon {
        let mut today = Today { life: &mut *life, kind, times, scratch: &mut *scratch, day };
        today.run(counts, &mut use_of);
        let demanded = || scratch.demanded.as_flattened().iter().copied().map(u64::from);
        if life.patience.ends_before(|| 1 + demanded().sum::<u64>()) {
            return;
        }
    }
}

/// When the last action was delivered: its day, and its instant once somebody needed it.
struct LastUse {
    /// The day, as long as the instant has not been looked up.
    day: Option<u32>,
    at: Instant,
}

struct Today<'a, 'm, 'k> {
    life: &'a mut Life<'m>,
    kind: &'k Kind,
    times: Stream,
    scratch: &'a mut LazyScratch,
    day: u32,
}

impl<'k> Today<'_, '_, 'k> {
    fn run(&mut self, counts: Stream, last_use: &mut LastUse) {
        self.life.start_day(self.day);
        self.kind.counts.draw(counts, self.day, &mut self.scratch.demanded[..self.kind.quads]);
        self.fill();
        self.come_back_at_noon();
        self.die_of_idleness(last_use);
        if self.life.is_connected() {
            self.judge();
        }
        self.book(last_use);
        if self.life.is_connected() && !self.kind.hazards.is_empty() {
            let mut strikes = Strikes::default();
            self.life.try_hazards_of_day(self.day, |_| 0, &mut strikes);
            self.life.strike(self.day, &strikes, self.life.start_of(self.day + 1));
        }
        if self.life.is_connected() {
            self.life.end_day(self.day);
        }
    }

    fn place(&self, wish: usize, day: u32) -> usize {
        wish * self.scratch.slots + day as usize % self.scratch.slots
    }

    /// Takes the day's demand as delivered, or nothing while disconnected.
    fn fill(&mut self) {
        let connected = self.life.is_connected();
        for wish in 0..self.kind.wishes.len() {
            let place = self.place(wish, self.day);
            let cell = &mut self.scratch.cells[place];
            cell.count = if connected { self.scratch.demanded.as_flattened()[wish] } else { 0 };
            cell.state = Sharpness::Count;
        }
    }

    /// A reconnection in the middle of the day: what comes from then on is delivered.
    fn come_back_at_noon(&mut self) {
        let end = self.life.start_of(self.day + 1);
        let Some(at) = self.life.reconnects_at().filter(|&at| at < end) else { return };
        self.life.reconnect();
        let from = (at - self.life.start_of(self.day)) as u32;
        for wish in 0..self.kind.wishes.len() {
            let place = self.place(wish, self.day);
            self.scratch.cells[place].count = self.scratch.demanded.as_flattened()[wish];
            self.sharpen(wish, self.day, Sharpness::Times);
            self.scratch.cells[place].keep(|time| time >= from);
        }
    }

    /// Looks at times only on a day on which the token can die of idleness.
    fn die_of_idleness(&mut self, last_use: &mut LastUse) {
        let Some(days) = self.life.platform.token.idle_days.filter(|_| self.life.is_connected()) else {
            return;
        };
        let since =
            last_use.day.map_or(last_use.at, |day| self.life.start_of(day)).max(self.life.connection.issued);
        let (start, end) = (self.life.start_of(self.day), self.life.start_of(self.day + 1));
        if since + Instant::from(days) * DAY >= end {
            return;
        }
        let death = self.last_use(last_use).max(self.life.connection.issued) + Instant::from(days) * DAY;
        let first = (0..self.kind.wishes.len()).filter_map(|wish| {
            self.sharpen(wish, self.day, Sharpness::Times);
            self.scratch.cells[self.place(wish, self.day)].times.first().copied()
        });
        let first = first.min().map_or(Instant::MAX, |time| start + Instant::from(time));
        if death < end && death <= first {
            self.life.lose_token(self.day, self.life.platform.token_idle(), death);
            for wish in 0..self.kind.wishes.len() {
                let place = self.place(wish, self.day);
                self.scratch.cells[place].keep(|_| false);
            }
        }
    }

    /// The instant of the last delivered action.
    fn last_use(&mut self, last_use: &mut LastUse) -> Instant {
        if let Some(day) = last_use.day.take() {
            last_use.at = self.life.start_of(day);
            for wish in 0..self.kind.wishes.len() {
                self.sharpen(wish, day, Sharpness::Times);
                let last = self.scratch.cells[self.place(wish, day)].times.last().copied().unwrap_or(0);
                last_use.at = last_use.at.max(self.life.start_of(day) + Instant::from(last));
            }
        }
        last_use.at
    }

    /// Writes down what was delivered.
    fn book(&mut self, last_use: &mut LastUse) {
        let mut delivered = 0;
        for (index, wish) in self.kind.wishes.iter().enumerate() {
            let (demand, count) = (
                self.scratch.demanded.as_flattened()[index],
                self.scratch.cells[self.place(index, self.day)].count,
            );
            self.life.out.demanded[wish.action] += u64::from(demand);
            self.life.out.delivered[wish.action] += u64::from(count);
            self.life.out.lost[wish.action] += u64::from(demand - count);
            delivered += count;
        }
        self.sum_up();
        if delivered > 0 {
            self.life.use_on(self.day);
            last_use.day = Some(self.day);
        } else if self.life.platform.token.idle_days.is_some() {
            self.last_use(last_use);
        }
    }

    /// By rule: what had been delivered before tomorrow.
    fn sum_up(&mut self) {
        let day = self.day as usize;
        for rule in 0..self.scratch.before.len() {
            let today = self.delivered_today(rule);
            let before = &mut self.scratch.before[rule];
            before[day + 1] = before[day] + today;
        }
    }

    fn wishes_of(&self, rule: usize) -> &'k [usize] {
        &self.kind.wishes_of_rule[rule]
    }

    fn delivered_today(&self, rule: usize) -> u32 {
        let count = |&wish: &usize| self.scratch.cells[self.place(wish, self.day)].count;
        self.wishes_of(rule).iter().map(count).sum()
    }

    /// Finds the breaches of the day and tries them in order; a flag that disconnects cuts the day.
    fn judge(&mut self) {
        self.scratch.breaches.clear();
        for rule in 0..self.scratch.before.len() {
            self.suspect(rule);
            if !self.scratch.suspects.is_empty() {
                self.look_at_times(rule);
            }
        }
        if !self.scratch.breaches.is_empty() {
            self.try_breaches();
        }
    }

    /// Lists the limits of a rule that counts by day and by hour do not rule out.
    fn suspect(&mut self, rule: usize) {
        let today = self.delivered_today(rule);
        let life_platform = self.life.platform;
        let Rule { limits, .. } = &life_platform.rules.rules()[rule];
        self.scratch.suspects.clear();
        if today == 0 {
            return;
        }
        for &limit in limits {
            let first = self.first_day_of(limit.window);
            let before = &self.scratch.before[rule];
            if before[self.day as usize] - before[first as usize] + today <= limit.max {
                continue;
            }
            let Window::Sliding(span) = limit.window else {
                self.scratch.suspects.push(limit);
                continue;
            };
            if self.may_breach(rule, span, limit.max) {
                self.scratch.suspects.push(limit);
            }
        }
    }

    /// The first day of which a window seen today can hold anything.
    fn first_day_of(&self, window: Window) -> u32 {
        match window {
            Window::Sliding(span) => self.day.saturating_sub((span as u64).div_ceil(DAY as u64) as u32),
            Window::Day => self.day,
            Window::Week => self.scratch.week_start[self.day as usize],
            Window::Month | Window::Elsewhere(..) => self.scratch.month_start[self.day as usize],
            Window::TrailingDays(days) => (self.day + 1).saturating_sub(u32::from(days)),
        }
    }

    /// Whether counts by hour leave it possible that a sliding window is over its limit at some event of today.
    ///
    /// An event in hour h sees nothing that lies before hour h - ceil(span / 1 h).
    fn may_breach(&mut self, rule: usize, span: Instant, max: u32) -> bool {
        let reach = (span as u64).div_ceil(HOUR as u64) as i64;
        let today = self.delivered_by_hour(rule, i64::from(self.day));
        let (mut edge_day, mut edge) = (i64::from(self.day), today);
        let (first, last) = self.kind.busy_hours;
        for hour in first..last {
            let back = hour as i64 - reach;
            let day = i64::from(self.day) + back.div_euclid(HOURS as i64);
            if day != edge_day {
                (edge_day, edge) = (day, self.delivered_by_hour(rule, day));
            }
            if today[hour + 1] - edge[back.rem_euclid(HOURS as i64) as usize] > max {
                return true;
            }
        }
        false
    }

    /// What a rule's actions had delivered before each hour of a day, since the start of day 0.
    #[inline]
    fn delivered_by_hour(&mut self, rule: usize, day: i64) -> [u32; HOURS + 1] {
        if day < 0 {
            return [0; HOURS + 1];
        }
        let mut by_hour = [self.scratch.before[rule][day as usize]; HOURS + 1];
        for &wish in self.wishes_of(rule) {
            self.sharpen(wish, day as u32, Sharpness::Hours);
            let cell = &self.scratch.cells[self.place(wish, day as u32)];
            for (sum, count) in by_hour.iter_mut().zip(&cell.before_hour) {
                *sum += count;
            }
        }
        by_hour
    }

    /// Makes the hours, or the times in order, of one action on one day known.
    fn sharpen(&mut self, wish: usize, day: u32, to: Sharpness) {
        let (place, wishes) = (self.place(wish, day), self.kind.wishes.len() as u64);
        let cell = &mut self.scratch.cells[place];
        if cell.state >= to {
            return;
        }
        if cell.state == Sharpness::Count {
            let stream = self.times.branch(u64::from(day) * wishes + wish as u64);
            cell.draw(&self.kind.wishes[wish].times, stream);
        }
        if to == Sharpness::Times {
            cell.times.sort_unstable();
        }
        cell.state = to;
    }

    /// Looks at every event of a rule today, and notes those that leave a suspect limit breached.
    fn look_at_times(&mut self, rule: usize) {
        let mut events = std::mem::take(&mut self.scratch.events);
        events.clear();
        for &wish in self.wishes_of(rule) {
            self.sharpen(wish, self.day, Sharpness::Times);
            let cell = &self.scratch.cells[self.place(wish, self.day)];
            events.extend(cell.times.iter().map(|&time| (u64::from(time) << WISH_BITS) | wish as u64));
        }
        if self.life.platform.rules.rules()[rule].actions.len() > 1 {
            events.sort_unstable();
        }
        for (index, &event) in events.iter().enumerate() {
            let mut furthest: Option<f64> = None;
            for suspect in 0..self.scratch.suspects.len() {
                let limit = self.scratch.suspects[suspect];
                let count = self.count(rule, limit.window, &events[..=index]);
                if let Some(over) = excess(count, limit.max) {
                    furthest = Some(furthest.map_or(over, |other| other.max(over)));
                }
            }
            if let Some(excess) = furthest {
                let twins = events[..index].iter().rev().take_while(|&&other| other == event).count() as u32;
                self.scratch.breaches.push(Breach { event, twins, rule, excess });
            }
        }
        self.scratch.events = events;
    }

    /// The count of a window at the last of today's events given.
    fn count(&mut self, rule: usize, window: Window, events: &[u64]) -> u32 {
        let before = &self.scratch.before[rule];
        let Window::Sliding(span) = window else {
            let first = self.first_day_of(window);
            return before[self.day as usize] - before[first as usize] + events.len() as u32;
        };
        let now = events.last().map_or(0, |event| (event >> WISH_BITS) as Instant);
        let horizon = now - span;
        if horizon >= 0 {
            return (events.len() - events.partition_point(|event| (event >> WISH_BITS) as Instant <= horizon))
                as u32;
        }
        let edge = i64::from(self.day) + horizon.div_euclid(DAY);
        if edge < 0 {
            return before[self.day as usize] + events.len() as u32;
        }
        let full = before[self.day as usize] - before[edge as usize + 1];
        full + events.len() as u32 + self.later_than(rule, edge as u32, horizon.rem_euclid(DAY) as u32)
    }

    /// A rule's actions on a day later than a time.
    fn later_than(&mut self, rule: usize, day: u32, time: u32) -> u32 {
        let mut later = 0;
        for &wish in self.wishes_of(rule) {
            self.sharpen(wish, day, Sharpness::Times);
            let times = &self.scratch.cells[self.place(wish, day)].times;
            later += times.len() - times.partition_point(|&other| other <= time);
        }
        later as u32
    }

    fn try_breaches(&mut self) {
        let mut breaches = std::mem::take(&mut self.scratch.breaches);
        breaches.sort_unstable_by_key(|breach| (breach.event, breach.twins, breach.rule));
        let mut rest = &breaches[..];
        while let Some(&Breach { event, twins, .. }) = rest.first() {
            let same = |breach: &Breach| (breach.event, breach.twins) == (event, twins);
            let (now, later) = rest.split_at(rest.partition_point(same));
            let strikes = self.try_event(&breaches[..breaches.len() - rest.len()], now);
            rest = later;
            let at = self.life.start_of(self.day) + (event >> WISH_BITS) as Instant;
            self.life.strike(self.day, &strikes, at);
            if !self.life.is_connected() {
                self.cut_after(event, twins);
                break;
            }
        }
        self.scratch.breaches = breaches;
    }

    /// One trial for each rule that an event breaches.
    fn try_event(&mut self, earlier: &[Breach], now: &[Breach]) -> Strikes {
        let mut strikes = Strikes::default();
        for breach in now {
            let ordinal = earlier.iter().filter(|other| other.rule == breach.rule).count() as u32;
            self.life.count_breach(breach.rule);
            if self.life.is_noticed(self.day, breach.rule, ordinal, breach.excess) {
                strikes.add(self.life.platform.flag_of_rule(breach.rule));
            }
        }
        strikes
    }

    /// Nothing after an event of today is delivered.
    fn cut_after(&mut self, event: u64, twins: u32) {
        let mut same = 0;
        for wish in 0..self.kind.wishes.len() {
            self.sharpen(wish, self.day, Sharpness::Times);
            let place = self.place(wish, self.day);
            self.scratch.cells[place].keep(|time| {
                let other = (u64::from(time) << WISH_BITS) | wish as u64;
                same += u32::from(other == event);
                other < event || (other == event && same <= twins + 1)
            });
        }
    }
}

impl Cell {
    /// Draws the times, in no order, and counts them by hour.
    fn draw(&mut self, law: &TimeLaw, stream: Stream) {
        self.times.clear();
        self.times.reserve(self.count as usize);
        law.draw(stream, self.count, |at| self.times.push(at as u32));
        self.count_hours();
    }

    fn count_hours(&mut self) {
        self.before_hour = [0; HOURS + 1];
        for &time in &self.times {
            self.before_hour[time as usize / HOUR as usize + 1] += 1;
        }
        for hour in 0..HOURS {
            self.before_hour[hour + 1] += self.before_hour[hour];
        }
    }

    /// Keeps some of the times, which are known.
    fn keep(&mut self, mut keeps: impl FnMut(u32) -> bool) {
        self.times.retain(|&time| keeps(time));
        self.count = self.times.len() as u32;
        self.state = Sharpness::Times;
        self.count_hours();
    }
}
