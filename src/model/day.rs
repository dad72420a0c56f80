//! A life at day resolution: whole days, counts only.

use super::Model;
use super::demand::{Kind, Wish};
use super::life::Life;
use super::pacing::Ledger;
use crate::random::Stream;
use crate::rules::{DayStart, DayWindows};
use crate::scenario::Trial;
use crate::time::{self, DAY};

/// Working memory, reused from life to life.
#[derive(Debug)]
pub(super) struct DayScratch {
    windows: DayWindows,
    /// What each day starts, and the one after the last.
    starts: Vec<DayStart>,
    demanded: Vec<u32>,
    sent: Vec<u32>,
    ledgers: Vec<Ledger>,
    /// By rule: the largest excess in the week so far.
    week_excess: Vec<Option<f64>>,
}

impl DayScratch {
    pub(super) fn new(model: &Model) -> DayScratch {
        let start = |day: u32| {
            let number = model.first_day + day as i32;
            let month = time::month_of(number) != time::month_of(number - 1);
            DayStart { week: time::weekday_of(number) == 0, month }
        };
        let most = model.kinds.iter().map(|kind| kind.wishes.len()).max().unwrap_or(0);
        DayScratch {
            windows: DayWindows::new(&model.platform.rules),
            starts: (0..=model.horizon).map(start).collect(),
            demanded: vec![0; most],
            sent: vec![0; model.actions],
            ledgers: vec![Ledger::default(); most],
            week_excess: vec![None; model.platform.rules.rules().len()],
        }
    }

    fn clear(&mut self) {
        self.windows.clear();
        self.week_excess.fill(None);
        self.ledgers.iter_mut().for_each(Ledger::clear);
    }
}

/// Lives one account's horizon.
pub(super) fn live(life: &mut Life, kind: &Kind, counts: Stream, scratch: &mut DayScratch) {
    scratch.clear();
    let wishes = kind.wishes.len();
    let mut idle_days = 0;
    for day in 0..life.model.horizon {
        life.start_day(day);
        kind.draw(counts, day, &mut scratch.demanded[..wishes]);
        if kind.paced {
            pace_day(life, kind, day, scratch);
        } else {
            send_day(life, kind, scratch);
        }
        record_day(life, kind, day, scratch);
        judge_day(life, day, scratch, &mut idle_days);
    }
    for (wish, ledger) in kind.wishes.iter().zip(&scratch.ledgers) {
        life.out.waiting[wish.action] = ledger.backlog;
    }
}

/// Without pacing everything is sent while connected, and lost otherwise.
#[inline]
fn send_day(life: &mut Life, kind: &Kind, scratch: &mut DayScratch) {
    let connected = life.is_connected();
    for (wish, &demand) in kind.wishes.iter().zip(&scratch.demanded) {
        let sent = if connected { demand } else { 0 };
        scratch.sent[wish.action] = sent;
        life.out.demanded[wish.action] += u64::from(demand);
        life.out.delivered[wish.action] += u64::from(sent);
        life.out.lost[wish.action] += u64::from(demand - sent);
    }
}

fn pace_day(life: &mut Life, kind: &Kind, day: u32, scratch: &mut DayScratch) {
    let start = life.start_of(day);
    let mut pace = |index: usize, wish: &Wish| {
        let (demand, ledger) = (u64::from(scratch.demanded[index]), &mut scratch.ledgers[index]);
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
        life.out.demanded[wish.action] += demand;
        life.out.delivered[wish.action] += u64::from(sent);
        scratch.sent[wish.action] = sent;
    };
    for (index, wish) in kind.wishes.iter().enumerate() {
        pace(index, wish);
    }
}

#[inline]
fn record_day(life: &mut Life, kind: &Kind, day: u32, scratch: &DayScratch) {
    let Some(daily) = &mut life.daily else { return };
    let first = day as usize * life.model.actions;
    for (index, wish) in kind.wishes.iter().enumerate() {
        let cell = first + wish.action;
        daily.demanded[cell] = scratch.demanded[index];
        daily.delivered[cell] = scratch.sent[wish.action];
        daily.waiting[cell] = scratch.ledgers[index].backlog.min(u64::from(u32::MAX)) as u32;
    }
}

/// The end of the day: rules, then incidents, then idle time.
#[inline]
fn judge_day(life: &mut Life, day: u32, scratch: &mut DayScratch, idle_days: &mut u32) {
    let start = scratch.starts[day as usize];
    if start.week {
        scratch.week_excess.fill(None);
    }
    let ends_week = scratch.starts[day as usize + 1].week;
    let connected = life.is_connected();
    let mut flagged = None;
    let (sent, week_excess) = (&scratch.sent, &mut scratch.week_excess);
    scratch.windows.close_day(start, sent, |rule, excess| match life.platform.detections[rule].per {
        Trial::Week => week_excess[rule] = Some(week_excess[rule].map_or(excess, |other| other.max(excess))),
        _ if connected => try_rule(life, day, rule, excess, &mut flagged),
        _ => {}
    });
    if ends_week && connected && life.platform.tries_weeks {
        for rule in 0..week_excess.len() {
            if let Some(excess) = week_excess[rule] {
                try_rule(life, day, rule, excess, &mut flagged);
            }
        }
    }
    if let Some(daily) = &mut life.daily {
        for (peak, count) in daily.peaks.iter_mut().zip(scratch.windows.counts()) {
            *peak = (*peak).max(count);
        }
    }
    if !connected {
        *idle_days = 0;
        return;
    }
    if let Some(rule) = flagged {
        life.flag(day, rule, life.start_of(day + 1));
    }
    if life.is_connected() {
        life.end_day(day);
    }
    count_idle_days(life, day, scratch, idle_days);
}

fn try_rule(life: &mut Life, day: u32, rule: usize, excess: f64, flagged: &mut Option<usize>) {
    life.out.breaches[rule] += 1;
    if life.is_noticed(day, rule, 0, excess) {
        *flagged = Some(flagged.map_or(rule, |first: usize| first.min(rule)));
    }
}

/// Whole connected days in a row without any action under the same token.
#[inline]
fn count_idle_days(life: &mut Life, day: u32, scratch: &DayScratch, idle_days: &mut u32) {
    if scratch.sent.iter().any(|&sent| sent > 0) {
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
