//! The evaluator for many accounts: exact, one event at a time, with memory that grows with what windows still hold.

use std::sync::Arc;

use super::calendar::{self, Begins, Calendar};
use super::decision::{Decision, Denied, Usage};
use super::plan::{Look, Plan};
use super::rings::{Rings, View};
use super::stamp::Stamp;
use super::{ActionId, RuleSet};
use crate::time::Instant;

/// The recent activity of many accounts under one rule set, and what it says about the next event.
///
/// Accounts are numbers; memory is set aside up to the largest one, so they should be dense. Events of one account come in
/// order of time; one that is dated before an earlier event of its account counts at the time of that event (see
/// [`turned_back`](Evaluator::turned_back)). Instants outside of the years -9999 to 9999 are taken as the nearest within
/// (the last one is 9999-12-30 22:00). An action that no rule names, or
/// that is out of range, leaves no trace and breaches nothing.
///
/// ```
/// use pacewise::rules::{Calendar, Evaluator, Limit, Rule, RuleSet, Window};
/// use pacewise::time::HOUR;
///
/// let rule = Rule { actions: vec![0], limits: vec![Limit { window: Window::Sliding(HOUR), max: 1 }] };
/// let mut evaluator = Evaluator::new(&RuleSet::new(vec![rule], 1), Calendar::Civil);
/// let mut breaches = 0;
/// for at in [0, HOUR - 1, 3 * HOUR] {
///     evaluator.record(7, 0, at, |_limit, is_over| breaches += u32::from(is_over));
/// }
/// assert_eq!(breaches, 1);
/// ```
#[derive(Debug, Clone)]
pub struct Evaluator {
    plan: Arc<Plan>,
    begins: Begins,
    recent: Recent,
    clock: Clock,
}

/// How time may run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// No call is taken at an earlier time.
    pub(super) earliest: Instant,
    pub(super) turned_back: u64,
}

/// Offsets of 32 bits where every window is short enough for them, of 64 bits otherwise.
#[derive(Debug, Clone)]
enum Recent {
    Narrow(Rings<u32>),
    Wide(Rings<u64>),
}

/// The longest reach that leaves offsets of 32 bits room to run before their base must move.
const NARROW: Instant = 3_500_000_000;

/// Somebody who wants to know what windows hold. A trait, and no closure, so that one is made for each width of times.
pub trait Counts {
    /// Sees a limit, counted over all rules in order, at an event that it counts: `exceeds(n)` tells whether its window holds
    /// more than n events, this one included.
    fn see(&mut self, limit: usize, exceeds: impl Fn(u32) -> bool);
}

impl Evaluator {
    /// The evaluator of accounts that have done nothing yet.
    #[must_use]
    pub fn new(set: &RuleSet, calendar: Calendar) -> Evaluator {
        Evaluator::of(Plan::new(set, calendar))
    }

    /// An evaluator that also counts beyond the limits: of each account and set of actions it keeps as many events as some
    /// window holds, up to `most`.
    #[must_use]
    pub fn counting(set: &RuleSet, calendar: Calendar, most: u32) -> Evaluator {
        let mut plan = Plan::new(set, calendar);
        plan.keep_at_least(most);
        Evaluator::of(plan)
    }

    fn of(plan: Plan) -> Evaluator {
        let tracks = plan.tracks.len();
        let recent = if plan.reach <= NARROW {
            Recent::Narrow(Rings::new(tracks, plan.reach))
        } else {
            Recent::Wide(Rings::new(tracks, plan.reach))
        };
        let begins = Begins::new(plan.calendar_windows.len());
        Evaluator {
            plan: Arc::new(plan),
            begins,
            recent,
            clock: Clock { earliest: Instant::MIN, turned_back: 0 },
        }
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.plan.set
    }

    /// The calendar of limits that have none of their own.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.plan.calendar
    }

    /// Records an event that happened. Tells for every limit on its action, by the limit's number over all rules, whether
    /// the event leaves the window over it.
    #[inline]
    pub fn record(&mut self, account: u32, action: ActionId, at: Instant, tell: impl FnMut(usize, bool)) {
        let Evaluator { plan, begins, recent, clock } = self;
        match recent {
            Recent::Narrow(rings) => record(plan, begins, rings, clock, (account, action, at), tell),
            Recent::Wide(rings) => record(plan, begins, rings, clock, (account, action, at), tell),
        }
    }

    /// As [`record`](Evaluator::record), but tells what each window holds, the event included.
    #[inline]
    pub fn record_counted(&mut self, account: u32, action: ActionId, at: Instant, counts: &mut impl Counts) {
        let Evaluator { plan, begins, recent, clock } = self;
        match recent {
            Recent::Narrow(rings) => count(plan, begins, rings, clock, (account, action, at), counts),
            Recent::Wide(rings) => count(plan, begins, rings, clock, (account, action, at), counts),
        }
    }

    /// As [`check`](Evaluator::check) for one call after another, of account, action and time.
    #[inline]
    pub fn check_each(
        &mut self,
        calls: impl Iterator<Item = (u32, ActionId, Instant)>,
        mut tell: impl FnMut(Decision),
    ) {
        let Evaluator { plan, begins, recent, clock } = self;
        match recent {
            Recent::Narrow(rings) => {
                calls.for_each(|call| check(plan, begins, rings, clock, call, &mut tell));
            }
            Recent::Wide(rings) => {
                calls.for_each(|call| check(plan, begins, rings, clock, call, &mut tell));
            }
        }
    }

    /// Whether an action may happen at `at`; if it may, it is recorded.
    #[inline]
    pub fn check(&mut self, account: u32, action: ActionId, at: Instant) -> Decision {
        let Evaluator { plan, begins, recent, clock } = self;
        match recent {
            Recent::Narrow(rings) => {
                check(plan, begins, rings, clock, (account, action, at), |decision| decision)
            }
            Recent::Wide(rings) => {
                check(plan, begins, rings, clock, (account, action, at), |decision| decision)
            }
        }
    }

    /// Reads what a check of this account would read first. Asked for some calls ahead, the memory is at hand by then; the
    /// answer has no meaning.
    #[inline]
    #[must_use]
    pub fn look_ahead(&self, account: u32) -> u64 {
        match &self.recent {
            Recent::Narrow(rings) => rings.look_ahead(account as usize),
            Recent::Wide(rings) => rings.look_ahead(account as usize),
        }
    }

    /// How full every window of an account is, seen at `at` or at its latest event if that is later.
    pub fn usage(&mut self, account: u32, at: Instant) -> Vec<Usage> {
        let Evaluator { plan, begins, recent, clock } = self;
        let at = at.max(clock.earliest);
        match recent {
            Recent::Narrow(rings) => usage(plan, begins, rings, account, at),
            Recent::Wide(rings) => usage(plan, begins, rings, account, at),
        }
    }

    /// The latest event of an account that some rule counts.
    #[must_use]
    pub fn last(&self, account: u32) -> Option<Instant> {
        let account = account as usize;
        match &self.recent {
            Recent::Narrow(rings) => (account < rings.accounts()).then(|| rings.last(account)).flatten(),
            Recent::Wide(rings) => (account < rings.accounts()).then(|| rings.last(account)).flatten(),
        }
    }

    /// Whether no window of an account will hold anything at `now` or later, if nothing else happens. An account that is idle
    /// can be forgotten: asked at `now` or later, one without a past gives the same answers.
    #[must_use]
    pub fn is_idle(&self, account: u32, now: Instant) -> bool {
        self.last(account).is_none_or(|last| last <= calendar::known(now) - self.plan.reach)
    }

    /// Forgets an account, whose number can be given to another one.
    pub fn clear(&mut self, account: u32) {
        match &mut self.recent {
            Recent::Narrow(rings) if (account as usize) < rings.accounts() => rings.clear(account as usize),
            Recent::Wide(rings) if (account as usize) < rings.accounts() => rings.clear(account as usize),
            _ => {}
        }
    }

    /// The latest event of an account, and for each track the gaps between the events that some window may still hold: newest
    /// first, in milliseconds, the first one from the latest event of the account. None for an account without a past.
    pub(crate) fn history(&self, account: u32) -> Option<(Instant, Vec<Vec<u64>>)> {
        let last = self.last(account)?;
        let tracks = 0..self.plan.tracks.len();
        let gaps = |track| match &self.recent {
            Recent::Narrow(rings) => rings.view(account as usize, track).gaps(last, self.plan.reach),
            Recent::Wide(rings) => rings.view(account as usize, track).gaps(last, self.plan.reach),
        };
        Some((last, tracks.map(gaps).collect()))
    }

    /// Gives an account without a past the one that `history` told; whether it is one that `history` could have told.
    pub(crate) fn set_history(&mut self, account: u32, last: Instant, gaps: &[Vec<u64>]) -> bool {
        let fits = |gaps: &Vec<u64>| {
            let all = gaps.iter().try_fold(0_u64, |all, &gap| all.checked_add(gap));
            gaps.is_empty() || all.is_some_and(|all| all < self.plan.reach as u64)
        };
        let is_told =
            gaps.len() == self.plan.tracks.len() && gaps.iter().all(fits) && calendar::known(last) == last;
        if is_told {
            match &mut self.recent {
                Recent::Narrow(rings) => refill(&self.plan, rings, account, last, gaps),
                Recent::Wide(rings) => refill(&self.plan, rings, account, last, gaps),
            }
        }
        is_told
    }

    /// Makes an account's rings as they are after some four thousand million events: they hold what they held.
    #[cfg(test)]
    pub(super) fn grow_old(&mut self, account: u32) {
        match &mut self.recent {
            Recent::Narrow(rings) => rings.grow_old(account as usize),
            Recent::Wide(rings) => rings.grow_old(account as usize),
        }
    }

    /// From now on, calls dated before `now` are taken at `now`, whatever their account.
    pub fn not_before(&mut self, now: Instant) {
        self.clock.earliest = self.clock.earliest.max(calendar::known(now));
    }

    /// The earliest time at which calls are taken.
    #[must_use]
    pub fn earliest(&self) -> Instant {
        self.clock.earliest
    }

    /// How many events and checks came dated before an earlier event of their account, or before the earliest time.
    #[must_use]
    pub fn turned_back(&self) -> u64 {
        self.clock.turned_back
    }

    /// The bytes that the state of all accounts takes, room to grow included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.recent {
            Recent::Narrow(rings) => rings.bytes(),
            Recent::Wide(rings) => rings.bytes(),
        }
    }
}

#[inline]
fn record<S: Stamp>(
    plan: &Plan,
    begins: &mut Begins,
    rings: &mut Rings<S>,
    clock: &mut Clock,
    (account, action, at): (u32, ActionId, Instant),
    mut tell: impl FnMut(usize, bool),
) {
    if let Some(short) = plan.short(action)
        && short.record(plan, rings, clock, (account, at), &mut tell)
    {
        return;
    }
    record_any(plan, begins, rings, clock, (account, action, at), &mut tell);
}

#[inline(never)]
fn record_any<S: Stamp>(
    plan: &Plan,
    begins: &mut Begins,
    rings: &mut Rings<S>,
    clock: &mut Clock,
    (account, action, at): (u32, ActionId, Instant),
    tell: &mut impl FnMut(usize, bool),
) {
    Event::new(plan, begins, rings, account, at, clock).record(action, tell);
}

#[inline]
fn count<S: Stamp>(
    plan: &Plan,
    begins: &mut Begins,
    rings: &mut Rings<S>,
    clock: &mut Clock,
    (account, action, at): (u32, ActionId, Instant),
    counts: &mut impl Counts,
) {
    if let Some(short) = plan.short(action)
        && short.count(plan, rings, clock, (account, at), counts)
    {
        return;
    }
    count_any(plan, begins, rings, clock, (account, action, at), counts);
}

#[inline(never)]
fn count_any<S: Stamp>(
    plan: &Plan,
    begins: &mut Begins,
    rings: &mut Rings<S>,
    clock: &mut Clock,
    (account, action, at): (u32, ActionId, Instant),
    counts: &mut impl Counts,
) {
    Event::new(plan, begins, rings, account, at, clock).count(action, counts);
}

#[expect(clippy::inline_always, reason = "a loop over calls keeps what they share in registers")]
#[inline(always)]
fn check<S: Stamp, T>(
    plan: &Plan,
    begins: &mut Begins,
    rings: &mut Rings<S>,
    clock: &mut Clock,
    (account, action, at): (u32, ActionId, Instant),
    tell: impl FnOnce(Decision) -> T,
) -> T {
    // Told on each way apart, so that what the short way finds stays in registers.
    if let Some(short) = plan.short(action)
        && let Some(decision) = short.check(plan, rings, clock, (account, at))
    {
        return tell(decision);
    }
    tell(check_any(plan, begins, rings, clock, (account, action, at)))
}

#[inline(never)]
fn check_any<S: Stamp>(
    plan: &Plan,
    begins: &mut Begins,
    rings: &mut Rings<S>,
    clock: &mut Clock,
    (account, action, at): (u32, ActionId, Instant),
) -> Decision {
    Event::new(plan, begins, rings, account, at, clock).check(action)
}

/// One event of one account, about to be judged.
struct Event<'a, S> {
    plan: &'a Plan,
    begins: &'a Begins,
    rings: &'a mut Rings<S>,
    account: usize,
    at: Instant,
    asked: Instant,
}

impl<'a, S: Stamp> Event<'a, S> {
    #[inline]
    fn new(
        plan: &'a Plan,
        begins: &'a mut Begins,
        rings: &'a mut Rings<S>,
        account: u32,
        asked: Instant,
        clock: &mut Clock,
    ) -> Event<'a, S> {
        let account = account as usize;
        if account >= rings.accounts() {
            rings.grow(account + 1);
        }
        let asked = calendar::known(asked);
        let at = asked.max(rings.latest(account)).max(clock.earliest);
        clock.turned_back += u64::from(at > asked);
        begins.see(&plan.calendar_windows, at);
        Event { plan, begins, rings, account, at, asked }
    }

    #[inline]
    fn record(self, action: ActionId, tell: &mut impl FnMut(usize, bool)) {
        let offset = self.rings.offset(self.account, self.at);
        for &watch in self.plan.watching(action) {
            let view = self.rings.view(self.account, watch.track as usize);
            for &look in self.plan.looks(watch) {
                tell(look.limit as usize, look.is_full(view, offset, self.begins));
            }
        }
        self.write(action);
    }

    #[inline]
    fn count(self, action: ActionId, counts: &mut impl Counts) {
        let offset = self.rings.offset(self.account, self.at);
        for &watch in self.plan.watching(action) {
            let view = self.rings.view(self.account, watch.track as usize);
            for &look in self.plan.looks(watch) {
                let horizon = look.horizon(offset, view.base(), self.begins);
                let exceeds =
                    |count| if count == 0 { look.holds_now() } else { view.is_after(count, horizon) };
                counts.see(look.limit as usize, exceeds);
            }
        }
        self.write(action);
    }

    /// The window that frees last decides: if it has freed by now, all have.
    #[inline]
    fn check(self, action: ActionId) -> Decision {
        let offset = self.rings.offset(self.account, self.at);
        let mut last = 0;
        for &watch in self.plan.watching(action) {
            let view = self.rings.view(self.account, watch.track as usize);
            for &look in self.plan.looks(watch) {
                last = last.max(self.frees(look, view, offset));
            }
        }
        if last > offset {
            return Decision::Denied(self.denied(action, offset, last));
        }
        self.write(action);
        Decision::Allowed
    }

    #[inline]
    fn write(self, action: ActionId) {
        let watches = self.plan.watching(action);
        if watches.is_empty() {
            return;
        }
        self.rings.enter(self.account, self.at);
        let event = S::cut(self.rings.offset(self.account, self.at));
        for &watch in watches {
            self.rings.push(self.account, watch.track as usize, event, watch.most);
        }
    }

    #[inline]
    fn denied(&self, action: ActionId, offset: Instant, last: Instant) -> Denied {
        let mut limit = u32::MAX;
        for &watch in self.plan.watching(action) {
            let view = self.rings.view(self.account, watch.track as usize);
            for &look in self.plan.looks(watch) {
                let is_last = self.frees(look, view, offset) == last;
                limit = limit.min(if is_last { look.limit } else { u32::MAX });
            }
        }
        let retry_after = (last < Instant::MAX).then(|| last - offset + self.at - self.asked);
        Denied { rule: self.plan.rule_of[limit as usize], limit, retry_after }
    }

    /// The offset at which a window frees; at most `offset` if it has room.
    #[inline]
    fn frees(&self, look: Look, view: View<'_, S>, offset: Instant) -> Instant {
        let frees = match look.slides() {
            Some(span) => view.stamp(look.depth).into() as Instant + span,
            None => self.frees_by_calendar(look, view, offset),
        };
        if frees > calendar::LATEST - view.base() { Instant::MAX } else { frees }
    }

    /// The same for a calendar window, or one that is always full.
    fn frees_by_calendar(&self, look: Look, view: View<'_, S>, offset: Instant) -> Instant {
        if !look.is_full(view, offset, self.begins) {
            return 0;
        }
        if look.depth == 0 {
            return Instant::MAX;
        }
        let event = view.event(look.depth);
        look.lets_go(&self.plan.calendar_windows, event) - view.base()
    }
}

impl Look {
    #[inline]
    fn is_full<S: Stamp>(self, view: View<'_, S>, offset: Instant, begins: &Begins) -> bool {
        if self.depth == 0 {
            return self.is_closed();
        }
        view.is_after(self.depth, self.horizon(offset, view.base(), begins))
    }
}

impl Look {
    /// When a full window has room again; none if it never has.
    fn has_room_at<S: Stamp>(self, plan: &Plan, view: View<'_, S>) -> Option<Instant> {
        if self.depth == 0 {
            return None;
        }
        let event = view.event(self.depth);
        let frees = match self.slides() {
            Some(span) => event + span,
            None => self.lets_go(&plan.calendar_windows, event),
        };
        (frees <= calendar::LATEST).then_some(frees)
    }
}

fn refill<S: Stamp>(plan: &Plan, rings: &mut Rings<S>, account: u32, last: Instant, gaps: &[Vec<u64>]) {
    let account = account as usize;
    if account >= rings.accounts() {
        rings.grow(account + 1);
    }
    rings.enter(account, last);
    for (track, gaps) in gaps.iter().enumerate() {
        let mut at = last - gaps.iter().sum::<u64>() as Instant;
        for gap in gaps.iter().rev() {
            let event = S::cut(rings.offset(account, at));
            rings.push(account, track, event, plan.tracks[track].most);
            at += *gap as Instant;
        }
    }
}

fn usage<S: Stamp>(
    plan: &Plan,
    begins: &mut Begins,
    rings: &Rings<S>,
    account: u32,
    at: Instant,
) -> Vec<Usage> {
    let account = account as usize;
    let last = (account < rings.accounts()).then(|| rings.last(account)).flatten();
    let at = last.map_or(at, |last| at.max(last));
    let at = calendar::known(at);
    begins.see(&plan.calendar_windows, at);
    let seen = |track: usize, look: Look| {
        let Some(_) = last else { return (0, (look.depth > 0).then_some(at)) };
        let view = rings.view(account, track);
        let count = view.count(look.horizon(at - view.base(), view.base(), begins));
        if count < look.depth {
            return (count, Some(at));
        }
        (count, look.has_room_at(plan, view))
    };
    let limits = plan.by_limit.iter().enumerate();
    let usage = |(limit, &(track, look)): (usize, &(usize, Look))| {
        let (count, room_at) = seen(track, look);
        Usage { rule: plan.rule_of[limit], limit: limit as u32, count, max: look.depth, room_at }
    };
    limits.map(usage).collect()
}
