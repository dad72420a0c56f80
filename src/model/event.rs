//! A life at event resolution: every action has a time. The plain path, which follows each action through pacing and
//! rules in order of time.

mod judging;
mod sending;

use super::agenda::{Agenda, wish_of};
use super::day_counts::Quad;
use super::demand::Kind;
use super::gate::Gate;
use super::life::{Life, Strikes};
use super::pacing::{Caps, Ledger};
use super::{ActivityStreams, Model};
use crate::random::Stream;
use crate::rules::Windows;
use crate::time::{DAY, Instant};

/// Working memory for the accounts of one group, reused from life to life.
#[derive(Debug)]
pub(super) struct EventScratch {
    windows: Windows,
    demanded: Vec<Quad>,
    agenda: Agenda,
    /// What is attempted today: milliseconds after midnight, and which wish, packed to be sorted. What happens in the
    /// background is numbered behind the wishes.
    attempts: Vec<u64>,
    ledgers: Vec<Ledger>,
    gate: Gate,
    /// By wish: what even spreading has planned for today from the backlog and from new demand.
    planned: Vec<(u64, u64)>,
    /// By rule: breaching events of the day so far.
    ordinals: Vec<u32>,
    /// By rule: the largest excess in its period so far.
    period_excess: Vec<Option<f64>>,
    /// Index of each rule's first limit in the list of all limits.
    first_limit: Vec<usize>,
    /// When the last action was delivered.
    last_use: Instant,
    /// Trials of hazards by event today.
    hazard_trials: u32,
}

const WISH_BITS: u32 = 16;

impl EventScratch {
    pub(super) fn new(model: &Model, kind: &Kind) -> EventScratch {
        let (wishes, set) = (kind.wishes.len(), &model.platforms[kind.platform].rules);
        let rules = set.rules();
        let mut limits = 0;
        let mut first_limit = |rule: &crate::rules::Rule| {
            limits += rule.limits.len();
            limits - rule.limits.len()
        };
        EventScratch {
            windows: Windows::new(set, model.origin()),
            demanded: vec![[0; 4]; kind.all_quads],
            agenda: Agenda::default(),
            attempts: Vec::new(),
            ledgers: vec![Ledger::default(); wishes],
            gate: Gate::new(kind.gate.as_ref(), model.horizon),
            planned: vec![(0, 0); wishes],
            ordinals: vec![0; rules.len()],
            period_excess: vec![None; rules.len()],
            first_limit: rules.iter().map(&mut first_limit).collect(),
            last_use: model.origin(),
            hazard_trials: 0,
        }
    }

    pub(super) fn clear(&mut self, kind: &Kind, origin: Instant, beyond: Stream, day: u32) {
        self.last_use = origin;
        self.agenda.clear();
        self.windows.clear(origin);
        self.period_excess.fill(None);
        self.ledgers.iter_mut().for_each(|ledger| ledger.clear(day));
        self.gate.clear(kind.gate.as_ref(), beyond, day);
    }
}

/// Lives some days, the next ones of a life.
pub(super) fn live(
    life: &mut Life,
    streams: &ActivityStreams,
    scratch: &mut EventScratch,
    days: std::ops::Range<u32>,
) {
    let kind = life.kind;
    for day in days {
        let mut today = Today { life: &mut *life, kind, scratch: &mut *scratch, day };
        today.start();
        today.draw(streams);
        if today.is_too_long() {
            return;
        }
        today.run();
        today.end();
    }
}

/// Books what still waits at the end of a whole life.
pub(super) fn finish(life: &mut Life, scratch: &mut EventScratch) {
    let end = life.model.end();
    for (wish, ledger) in life.kind.wishes.iter().zip(&mut scratch.ledgers) {
        life.out.waiting[wish.action] = ledger.backlog;
        life.out.wait[wish.action] += ledger.change_backlog(end, 0);
    }
}

/// One day of one life.
struct Today<'a, 'm> {
    life: &'a mut Life<'m>,
    kind: &'a Kind,
    scratch: &'a mut EventScratch,
    day: u32,
}

/// What comes between the attempts of a day.
#[derive(Debug, Clone, Copy)]
enum Interruption {
    Reconnection,
    Invalidation,
    IdleDeath,
    Release(usize),
}

impl Today<'_, '_> {
    fn start_of_day(&self) -> Instant {
        self.life.start_of(self.day)
    }

    fn caps(&self, wish: usize) -> Option<&Caps> {
        self.kind.wishes[wish].caps.as_ref()
    }

    fn start(&mut self) {
        let start = self.start_of_day();
        self.life.start_day(self.day);
        self.scratch.ordinals.fill(0);
        self.scratch.hazard_trials = 0;
        if let Some(gate) = &self.kind.gate {
            self.scratch.gate.begin_day(gate, self.day);
            self.scratch.windows.advance(start);
        }
        if self.life.platform.tries_periods {
            self.open_periods(start);
        }
        for (wish, ledger) in self.kind.wishes.iter().zip(&mut self.scratch.ledgers) {
            if let Some(caps) = &wish.caps {
                ledger.enter_day(caps, self.day, start);
            }
        }
    }

    /// Whether a stop comes before what is laid out for today.
    fn is_too_long(&self) -> bool {
        let EventScratch { attempts, agenda, .. } = &*self.scratch;
        self.life.patience.ends_before(|| 1 + attempts.len() as u64 + agenda.work())
    }

    /// Draws the day's demand and lays out its attempts in order of time.
    fn draw(&mut self, streams: &ActivityStreams) {
        let (wishes, quads) = (self.kind.wishes.len(), self.kind.quads);
        self.kind.counts.draw(streams.counts, self.day, &mut self.scratch.demanded[..quads]);
        self.scratch.attempts.clear();
        if self.kind.timed.is_some() {
            self.draw_timed(streams);
        }
        for index in 0..wishes {
            let wish = &self.kind.wishes[index];
            let demand = self.scratch.demanded.as_flattened()[index];
            self.life.out.demanded[wish.action] += u64::from(demand);
            if wish.caps.as_ref().is_some_and(|caps| caps.spread) {
                self.plan_spread(index, demand);
                continue;
            }
            if self.kind.timed.as_ref().is_some_and(|timed| timed.brings(index)) {
                continue;
            }
            let stream = streams.times.branch(u64::from(self.day) * wishes as u64 + index as u64);
            let attempts = &mut self.scratch.attempts;
            wish.times.draw(stream, demand, |at| attempts.push(((at as u64) << WISH_BITS) | index as u64));
        }
        if self.kind.background.is_some() {
            self.draw_background(streams);
        }
        self.scratch.attempts.sort_unstable();
    }

    /// Lays out the demand that comes with its times; where it is spread only its number matters.
    fn draw_timed(&mut self, streams: &ActivityStreams) {
        let Some(timed) = &self.kind.timed else { return };
        let EventScratch { demanded, agenda, attempts, .. } = &mut *self.scratch;
        agenda.enter_day(timed, streams, self.day, demanded.as_flattened_mut());
        let caps = |event: u64| self.kind.wishes[wish_of(event)].caps.as_ref();
        let as_it_comes = |event: &u64| !caps(*event).is_some_and(|caps| caps.spread);
        attempts.extend(agenda.today().iter().copied().filter(as_it_comes));
    }

    /// Draws what today happens by itself; counts and times read different words of one stream.
    fn draw_background(&mut self, streams: &ActivityStreams) {
        let Some(background) = &self.kind.background else { return };
        let (wishes, quads) = (self.kind.wishes.len(), self.kind.quads);
        let EventScratch { demanded, attempts, .. } = &mut *self.scratch;
        background.counts.draw(streams.background, self.day, &mut demanded[quads..]);
        let counts = demanded[quads..].as_flattened();
        for (index, (source, &count)) in background.sources.iter().zip(counts).enumerate() {
            let place = u64::from(self.day) * background.sources.len() as u64 + index as u64;
            let stream = streams.background.branch((1 << 40) + place);
            let number = (wishes + index) as u64;
            source.times.draw(stream, count, |at| attempts.push(((at as u64) << WISH_BITS) | number));
        }
    }

    /// Even spreading: what the day and week have room for stands at the midpoints of equal parts of the working hours.
    fn plan_spread(&mut self, index: usize, demand: u32) {
        let (start, kind) = (self.start_of_day(), self.kind);
        let Some(caps) = &kind.wishes[index].caps else { return };
        let ledger = &mut self.scratch.ledgers[index];
        let works = kind.works[self.day as usize];
        let room = if works { ledger.room_of_day(caps, start) } else { 0 };
        let slots = (ledger.backlog + u64::from(demand)).min(u64::from(room));
        let from_backlog = ledger.backlog.min(slots);
        let from_demand = slots - from_backlog;
        self.scratch.planned[index] = (from_backlog, from_demand);
        let (from, to) = kind.hours;
        for slot in 0..slots {
            let at = from + (to - from) * (2 * slot as Instant + 1) / (2 * slots as Instant);
            self.scratch.attempts.push(((at as u64) << WISH_BITS) | index as u64);
        }
        self.give_up(index, u64::from(demand) - from_demand, start);
    }

    /// What cannot be sent now waits, or is lost.
    fn give_up(&mut self, index: usize, count: u64, at: Instant) {
        if count == 0 {
            return;
        }
        let wish = &self.kind.wishes[index];
        if wish.caps.as_ref().is_some_and(|caps| caps.defer) {
            let ledger = &mut self.scratch.ledgers[index];
            self.life.out.wait[wish.action] += ledger.change_backlog(at, ledger.backlog + count);
            self.life.out.deferred[wish.action] += count;
        } else {
            self.life.out.lost[wish.action] += count;
        }
    }

    fn run(&mut self) {
        let (start, mut done, mut now) = (self.start_of_day(), 0, self.start_of_day());
        loop {
            let interruption = self.interruption(now);
            let until = interruption.as_ref().map_or(Instant::MAX, |&(at, _)| at);
            let mut undisturbed = true;
            while let Some(&attempt) = self.scratch.attempts.get(done).filter(|_| undisturbed) {
                let at = start + (attempt >> WISH_BITS) as Instant;
                if at >= until {
                    break;
                }
                undisturbed = self.attempt((attempt & ((1 << WISH_BITS) - 1)) as usize, at);
                (done, now) = (done + 1, at);
            }
            match interruption {
                _ if !undisturbed => {}
                Some((at, what)) => {
                    now = at;
                    self.meet(what, at);
                }
                None => return,
            }
        }
    }

    fn meet(&mut self, what: Interruption, at: Instant) {
        match what {
            Interruption::Reconnection => self.life.reconnect(),
            Interruption::Invalidation => self.life.invalidate(),
            Interruption::IdleDeath if self.idle_death() == Some(at) => {
                self.life.lose_token(self.day, self.life.platform.token_idle(), at);
            }
            Interruption::IdleDeath => {}
            Interruption::Release(wish) => self.release(wish, at),
        }
    }

    /// The next thing of today, from `now` on, that is no attempt of the day's demand; what happens until then can only
    /// bring the death of the token forward in vain, begin a backlog, or end the connection. Ties in the order of the
    /// branches, and before attempts.
    fn interruption(&self, now: Instant) -> Option<(Instant, Interruption)> {
        let end = self.start_of_day() + DAY;
        let mut soonest = None;
        let mut offer = |at: Instant, what: Interruption| {
            if at < end && soonest.as_ref().is_none_or(|&(other, _)| at < other) {
                soonest = Some((at, what));
            }
        };
        if let Some(at) = self.life.reconnects_at() {
            offer(at, Interruption::Reconnection);
        }
        if let Some(at) = self.life.invalidated_at(self.day) {
            offer(at, Interruption::Invalidation);
        }
        if let Some(at) = self.idle_death() {
            offer(at, Interruption::IdleDeath);
        }
        let releases = self.kind.paced && self.life.is_connected();
        if let Some((at, wish)) = releases.then(|| self.next_release(now)).flatten() {
            offer(at, Interruption::Release(wish));
        }
        soonest
    }

    /// When the token dies of idleness if nothing is done until then.
    fn idle_death(&self) -> Option<Instant> {
        let days = self.life.platform.token.idle_days.filter(|_| self.life.is_connected())?;
        Some(self.scratch.last_use.max(self.life.connection.issued) + Instant::from(days) * DAY)
    }

    /// The end of the day: leftovers of even spreading, rules tried by period, incidents.
    fn end(&mut self) {
        let end = self.start_of_day() + DAY;
        for index in 0..self.kind.wishes.len() {
            if self.caps(index).is_some_and(|caps| caps.spread) {
                let unsent = std::mem::take(&mut self.scratch.planned[index]).1;
                self.give_up(index, unsent, end);
            }
        }
        if let Some(gate) = &self.kind.gate {
            self.scratch.gate.close_day(gate, self.day, self.life.out);
        }
        if self.life.is_connected() {
            let mut strikes = Strikes::default();
            if self.life.platform.tries_periods {
                self.try_periods(end, &mut strikes);
            }
            if let Some(gate) = &self.kind.gate {
                self.scratch.gate.try_day_rules(gate, self.day, self.life.out, &mut strikes);
            }
            if !self.kind.hazards.is_empty() {
                self.life.try_hazards_of_day(self.day, |_| 0, &mut strikes);
            }
            self.life.strike(self.day, &strikes, end);
            self.restrict_features(&strikes, end);
        }
        if self.life.is_connected() {
            self.life.end_day(self.day);
        }
        self.record_day();
    }

    fn record_day(&mut self) {
        let Some(daily) = &mut self.life.daily else { return };
        let first = self.day as usize * self.life.model.actions;
        for (index, wish) in self.kind.wishes.iter().enumerate() {
            daily.demanded[first + wish.action] = self.scratch.demanded.as_flattened()[index];
            let backlog = self.scratch.ledgers[index].backlog;
            daily.waiting[first + wish.action] = backlog.min(u64::from(u32::MAX)) as u32;
        }
    }
}
