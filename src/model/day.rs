//! A life at day resolution: whole days, counts only.

use super::Model;
use super::demand::{Kind, Quad, Wish};
use super::life::Life;
use super::pacing::Ledger;
use crate::random::Stream;
use crate::rules::{DayStart, DayWindows, Rule};
use crate::scenario::Trial;
use crate::time::{self, DAY};

/// Working memory, reused from life to life.
#[derive(Debug)]
pub(super) struct DayScratch {
    /// By kind of account; actions are counted by wish.
    windows: Vec<DayWindows>,
    /// What each day starts, and the one after the last.
    starts: Vec<DayStart>,
    demanded: Vec<Quad>,
    /// By wish: demanded in all.
    wanted: Vec<[u64; 4]>,
    /// By wish: sent today.
    sent: Vec<Quad>,
    nothing: Vec<Quad>,
    ledgers: Vec<Ledger>,
    /// By rule: the largest excess in the week so far.
    week_excess: Vec<Option<f64>>,
    /// The day's trials: rule and excess.
    trials: Vec<(usize, f64)>,
}

impl DayScratch {
    pub(super) fn new(model: &Model) -> DayScratch {
        let start = |day: u32| {
            let number = model.first_day + day as i32;
            let month = time::month_of(number) != time::month_of(number - 1);
            DayStart { week: time::weekday_of(number) == 0, month }
        };
        let most = model.kinds.iter().map(|kind| kind.wishes.len()).max().unwrap_or(0);
        let quads = most.div_ceil(4);
        DayScratch {
            windows: model.kinds.iter().map(|kind| windows(model, kind)).collect(),
            nothing: vec![[0; 4]; quads],
            starts: (0..=model.horizon).map(start).collect(),
            demanded: vec![[0; 4]; quads],
            wanted: vec![[0; 4]; quads],
            sent: vec![[0; 4]; quads],
            ledgers: vec![Ledger::default(); most],
            week_excess: vec![None; model.platform.rules.rules().len()],
            trials: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.windows.iter_mut().for_each(DayWindows::clear);
        self.week_excess.fill(None);
        self.wanted.fill([0; 4]);
        self.sent.fill([0; 4]);
        self.ledgers.iter_mut().for_each(Ledger::clear);
    }
}

fn windows(model: &Model, kind: &Kind) -> DayWindows {
    let rules = model.platform.rules.rules().iter().zip(&kind.wishes_of_rule);
    let by_wish =
        |(rule, wishes): (&Rule, &Vec<usize>)| Rule { actions: wishes.clone(), limits: rule.limits.clone() };
    DayWindows::new(&rules.map(by_wish).collect::<Vec<_>>(), kind.wishes.len())
}

/// Lives one account's horizon.
pub(super) fn live(life: &mut Life, kind: &Kind, counts: Stream, scratch: &mut DayScratch) {
    scratch.clear();
    let mut idle_days = 0;
    for day in 0..life.model.horizon {
        life.start_day(day);
        kind.draw(counts, day, &mut scratch.demanded[..kind.quads]);
        for (wanted, demand) in scratch.wanted.iter_mut().zip(&scratch.demanded[..kind.quads]) {
            for i in 0..4 {
                wanted[i] += u64::from(demand[i]);
            }
        }
        if kind.paced {
            pace_day(life, kind, day, scratch);
        } else if !life.is_connected() {
            for (wish, &demand) in kind.wishes.iter().zip(scratch.demanded.as_flattened()) {
                life.out.lost[wish.action] += u64::from(demand);
            }
        }
        judge_day(life, kind, day, scratch, &mut idle_days);
    }
    for (index, wish) in kind.wishes.iter().enumerate() {
        let (waiting, lost) = (scratch.ledgers[index].backlog, life.out.lost[wish.action]);
        let wanted = scratch.wanted.as_flattened()[index];
        life.out.demanded[wish.action] = wanted;
        life.out.waiting[wish.action] = waiting;
        life.out.delivered[wish.action] = wanted - waiting - lost;
    }
}

fn pace_day(life: &mut Life, kind: &Kind, day: u32, scratch: &mut DayScratch) {
    let start = life.start_of(day);
    let mut pace = |index: usize, wish: &Wish| {
        let (demand, ledger) =
            (u64::from(scratch.demanded.as_flattened()[index]), &mut scratch.ledgers[index]);
        let mut room = if life.is_connected() { u32::MAX } else { 0 };
        if let Some(caps) = &wish.caps {
            ledger.enter_day(caps, day, start);
            room = room.min(ledger.room_of_day(caps, start));
        }
        let may_send_backlog = kind.works[day as usize];
        let available = match ledger.backlog {
            0 => demand,
            backlog if may_send_backlog => backlog + demand,
            _ => 0,
        };
        let sent = available.min(u64::from(room)) as u32;
        let from_backlog = ledger.backlog.min(u64::from(sent));
        let unsent = demand + from_backlog - u64::from(sent);
        let waits = wish.caps.as_ref().is_some_and(|caps| caps.defer);
        if let Some(caps) = &wish.caps {
            ledger.send(caps, start, sent);
        }
        if waits {
            ledger.backlog = ledger.backlog - from_backlog + unsent;
            life.out.deferred[wish.action] += unsent;
            life.out.wait[wish.action] += ledger.backlog * DAY as u64;
        } else {
            life.out.lost[wish.action] += unsent;
        }
        scratch.sent.as_flattened_mut()[index] = sent;
    };
    for (index, wish) in kind.wishes.iter().enumerate() {
        pace(index, wish);
    }
}

/// The end of the day: rules, then incidents, then idle time.
#[inline]
fn judge_day(life: &mut Life, kind: &Kind, day: u32, scratch: &mut DayScratch, idle_days: &mut u32) {
    let start = scratch.starts[day as usize];
    let quads = kind.quads;
    let sent = match (kind.paced, life.is_connected()) {
        (true, _) => &scratch.sent[..quads],
        (false, true) => &scratch.demanded[..quads],
        (false, false) => &scratch.nothing[..quads],
    };
    let windows = &mut scratch.windows[life.out.group];
    let breached = windows.close_day(start, sent);
    let used = sent.iter().any(|quad| quad[0] | quad[1] | quad[2] | quad[3] > 0);
    if life.daily.is_some() {
        record_day(life, kind, day, scratch);
    }
    if breached || life.platform.tries_weeks {
        try_rules(life, kind, day, scratch);
    }
    if life.is_connected() {
        life.end_day(day);
    }
    count_idle_days(life, day, used, idle_days);
}

/// What was sent today, by wish.
fn sent<'a>(life: &Life, kind: &Kind, scratch: &'a DayScratch) -> &'a [Quad] {
    let list = match (kind.paced, life.is_connected()) {
        (true, _) => &scratch.sent,
        (false, true) => &scratch.demanded,
        (false, false) => &scratch.nothing,
    };
    &list[..kind.quads]
}

fn record_day(life: &mut Life, kind: &Kind, day: u32, scratch: &DayScratch) {
    let sent = sent(life, kind, scratch);
    let (first, group) = (day as usize * life.model.actions, life.out.group);
    let Some(daily) = &mut life.daily else { return };
    for (index, wish) in kind.wishes.iter().enumerate() {
        let cell = first + wish.action;
        daily.demanded[cell] = scratch.demanded.as_flattened()[index];
        daily.delivered[cell] = sent.as_flattened()[index];
        daily.waiting[cell] = scratch.ledgers[index].backlog.min(u64::from(u32::MAX)) as u32;
    }
    for (peak, count) in daily.peaks.iter_mut().zip(scratch.windows[group].counts(sent)) {
        *peak = (*peak).max(count);
    }
}

/// One trial for each rule that is over its limit today, or was this week; the first success is the cause of the flag.
#[cold]
fn try_rules(life: &mut Life, kind: &Kind, day: u32, scratch: &mut DayScratch) {
    if scratch.starts[day as usize].week {
        scratch.week_excess.fill(None);
    }
    let ends_week = scratch.starts[day as usize + 1].week;
    let mut trials = std::mem::take(&mut scratch.trials);
    let mut week_excess = std::mem::take(&mut scratch.week_excess);
    trials.clear();
    let sent = sent(life, kind, scratch);
    for (rule, excess) in scratch.windows[life.out.group].breaches(sent) {
        if life.platform.detections[rule].per == Trial::Week {
            let so_far = &mut week_excess[rule];
            *so_far = Some(so_far.map_or(excess, |other| other.max(excess)));
        } else {
            trials.push((rule, excess));
        }
    }
    let of_week = week_excess.iter().enumerate();
    trials.extend(
        of_week.filter_map(|(rule, excess)| excess.filter(|_| ends_week).map(|excess| (rule, excess))),
    );
    if life.is_connected() {
        let mut flagged: Option<usize> = None;
        for &(rule, excess) in &trials {
            life.out.breaches[rule] += 1;
            if life.is_noticed(day, rule, 0, excess) {
                flagged = Some(flagged.map_or(rule, |first| first.min(rule)));
            }
        }
        if let Some(rule) = flagged {
            life.flag(day, rule, life.start_of(day + 1));
        }
    }
    scratch.trials = trials;
    scratch.week_excess = week_excess;
}

/// Whole connected days in a row without any action under the same token. A day after which the account is disconnected
/// ends the row, since the next token is a new one.
#[inline]
fn count_idle_days(life: &mut Life, day: u32, used: bool, idle_days: &mut u32) {
    if used {
        *idle_days = 0;
        life.use_on(day);
    } else {
        *idle_days += 1;
    }
    if !life.is_connected() {
        *idle_days = 0;
    } else if life.platform.token.idle_days.is_some_and(|most| *idle_days >= most) {
        *idle_days = 0;
        life.lose_token(day, life.platform.token_idle(), life.start_of(day + 1));
    }
}
