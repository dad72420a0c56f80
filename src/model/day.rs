//! A life at day resolution: whole days, counts only.

use std::ops::Range;

use super::agenda::Agenda;
use super::day_counts::Quad;
use super::demand::{Kind, Wish};
use super::gate::{Gate, GateModel, Wanted};
use super::life::{Life, Strikes};
use super::pacing::Ledger;
use super::{ActivityStreams, Model};
use crate::random::Stream;
use crate::rules::{DayStart, DayWindows, Rule};
use crate::scenario::Trial;
use crate::time::{self, DAY};

/// Days drawn at once in a quiet stretch. Reading a day's counts just after they were written one by one makes the processor
/// wait for them; a few days later they are at hand.
const DAYS_AHEAD: usize = 8;

/// Days between two looks at whether the life is still wanted, whole blocks of the above.
const BETWEEN_LOOKS: usize = 64 * DAYS_AHEAD;

/// Working memory for the accounts of one group, reused from life to life.
#[derive(Debug)]
pub(super) struct DayScratch {
    /// Actions are counted by wish, behind them by source of the background.
    windows: DayWindows,
    /// What each day starts, and the one after the last.
    starts: Vec<DayStart>,
    demanded: Vec<Quad>,
    /// The counts of the next days, of which all or none may be used.
    ahead: Vec<Quad>,
    /// By wish: demanded in all.
    wanted: Vec<[u64; 4]>,
    /// By wish: sent today.
    sent: Vec<Quad>,
    nothing: Vec<Quad>,
    agenda: Agenda,
    ledgers: Vec<Ledger>,
    gate: Gate,
    /// By rule: the largest excess in the week so far.
    week_excess: Vec<Option<f64>>,
    /// The day's trials: rule and excess.
    trials: Vec<(usize, f64)>,
    /// Whole connected days in a row without any action.
    idle_days: u32,
}

impl DayScratch {
    pub(super) fn new(model: &Model, kind: &Kind) -> DayScratch {
        let start = |day: u32| {
            let number = model.first_day + day as i32;
            let month = time::month_of(number) != time::month_of(number - 1);
            DayStart { week: time::weekday_of(number) == 0, month }
        };
        let quads = kind.all_quads;
        DayScratch {
            windows: windows(model, kind),
            nothing: vec![[0; 4]; quads],
            starts: (0..=model.horizon).map(start).collect(),
            demanded: vec![[0; 4]; quads],
            ahead: vec![[0; 4]; kind.quads * DAYS_AHEAD],
            wanted: vec![[0; 4]; quads],
            sent: vec![[0; 4]; quads],
            agenda: Agenda::default(),
            ledgers: vec![Ledger::default(); kind.wishes.len()],
            gate: Gate::new(kind.gate.as_ref(), model.horizon),
            week_excess: vec![None; kind.wishes_of_rule.len()],
            trials: Vec::new(),
            idle_days: 0,
        }
    }

    pub(super) fn clear(&mut self, kind: &Kind, beyond: Stream, day: u32) {
        self.idle_days = 0;
        self.agenda.clear();
        self.windows.clear();
        self.week_excess.fill(None);
        self.wanted.fill([0; 4]);
        self.sent.fill([0; 4]);
        self.ledgers.iter_mut().for_each(|ledger| ledger.clear(day));
        self.gate.clear(kind.gate.as_ref(), beyond, day);
    }
}

fn windows(model: &Model, kind: &Kind) -> DayWindows {
    let rules = model.platforms[kind.platform].rules.rules().iter().zip(&kind.wishes_of_rule);
    let by_wish =
        |(rule, wishes): (&Rule, &Vec<usize>)| Rule { actions: wishes.clone(), limits: rule.limits.clone() };
    DayWindows::new(&rules.map(by_wish).collect::<Vec<_>>(), kind.all_quads * 4)
}

/// Lives some days, the next ones of a life.
pub(super) fn live(life: &mut Life, streams: &ActivityStreams, scratch: &mut DayScratch, days: Range<u32>) {
    let between_looks = if takes_actions_singly(life.kind) { 1 } else { BETWEEN_LOOKS };
    for from in days.clone().step_by(between_looks) {
        let stretch = from..days.end.min(from + between_looks as u32);
        let work = stretch.len() as u64;
        live_on(life, streams, scratch, stretch);
        if life.patience.ends_before(|| work + single_actions(life.kind, scratch)) {
            return;
        }
    }
}

/// Whether a day takes its actions one by one, so that it may be long: some come with their times, or are answered, or may
/// give a credit back.
fn takes_actions_singly(kind: &Kind) -> bool {
    kind.timed.is_some() || kind.gate.as_ref().is_some_and(GateModel::draws_by_action)
}

/// How many actions the last day took one by one.
fn single_actions(kind: &Kind, scratch: &DayScratch) -> u64 {
    let drawn = kind.gate.as_ref().is_some_and(GateModel::draws_by_action);
    let sent = if drawn { scratch.sent.as_flattened() } else { &[] };
    scratch.agenda.work() + sent.iter().map(|&count| u64::from(count)).sum::<u64>()
}

fn live_on(life: &mut Life, streams: &ActivityStreams, scratch: &mut DayScratch, days: Range<u32>) {
    let (kind, mut day) = (life.kind, days.start);
    while day < days.end {
        let quiet = quiet_until(life, kind).min(days.end);
        let close = if day < quiet {
            let (reached, close) = run_quiet_days(kind, streams.counts, day..quiet, scratch);
            if reached > day {
                scratch.idle_days = 0;
            }
            day = reached;
            close
        } else {
            Some(begin_day(life, kind, streams, day, scratch))
        };
        if let Some(close) = close {
            judge_day(life, kind, day, close, scratch);
            day += 1;
        }
    }
}

/// Books what became of the demand of a whole life.
pub(super) fn finish(life: &mut Life, scratch: &DayScratch) {
    for (index, wish) in life.kind.wishes.iter().enumerate() {
        let (waiting, lost) = (scratch.ledgers[index].backlog, life.out.lost[wish.action]);
        let wanted = scratch.wanted.as_flattened()[index];
        life.out.demanded[wish.action] = wanted;
        life.out.waiting[wish.action] = waiting;
        life.out.delivered[wish.action] = wanted - waiting - lost;
    }
}

/// What the activity of a day comes to.
#[derive(Debug, Clone, Copy)]
struct Close {
    /// Some window is over its limit.
    breached: bool,
    /// Something was sent.
    used: bool,
}

/// The day before which nothing but the account's own activity can concern its connection; 0 where each day must be
/// looked at on its own.
fn quiet_until(life: &Life, kind: &Kind) -> u32 {
    let busy = kind.quads == 0
        || kind.paced
        || kind.timed.is_some()
        || kind.background.is_some()
        || !kind.hazards.is_empty();
    if busy || life.daily.is_some() || life.platform.tries_weeks { 0 } else { life.quiet_until() }
}

/// Runs days on which everything is sent, no window is over its limit, and the account does not idle. Returns the day
/// reached; if it is not such a day, with what its activity came to.
fn run_quiet_days(
    kind: &Kind,
    stream: Stream,
    days: Range<u32>,
    scratch: &mut DayScratch,
) -> (u32, Option<Close>) {
    let DayScratch { windows, demanded, ahead, .. } = scratch;
    let wanted = &mut scratch.wanted[..kind.quads];
    for from in days.clone().step_by(DAYS_AHEAD) {
        let block = from..days.end.min(from + DAYS_AHEAD as u32);
        for (day, counts) in block.clone().zip(ahead.chunks_exact_mut(kind.quads)) {
            kind.counts.draw(stream, day, counts);
        }
        for (day, counts) in block.zip(ahead.chunks_exact(kind.quads)) {
            let used = add_up(wanted, counts);
            let breached = windows.close_day(scratch.starts[day as usize], counts);
            if breached || !used {
                demanded[..kind.quads].copy_from_slice(counts);
                return (day, Some(Close { breached, used }));
            }
        }
    }
    (days.end, None)
}

/// Adds a day's demand to the sums; whether there is any.
#[inline]
fn add_up(wanted: &mut [[u64; 4]], demanded: &[Quad]) -> bool {
    let mut any = 0;
    for (wanted, demanded) in wanted.iter_mut().zip(demanded) {
        for i in 0..4 {
            wanted[i] += u64::from(demanded[i]);
            any |= demanded[i];
        }
    }
    any > 0
}

/// The start of a day and its activity.
fn begin_day(
    life: &mut Life,
    kind: &Kind,
    streams: &ActivityStreams,
    day: u32,
    scratch: &mut DayScratch,
) -> Close {
    life.start_day(day);
    if life.connection.issued == life.start_of(day) {
        scratch.idle_days = 0;
    }
    kind.counts.draw(streams.counts, day, &mut scratch.demanded[..kind.quads]);
    if let Some(timed) = &kind.timed {
        scratch.agenda.enter_day(timed, streams, day, scratch.demanded.as_flattened_mut());
    }
    add_up(&mut scratch.wanted[..kind.quads], &scratch.demanded[..kind.quads]);
    if kind.paced {
        pace_day(life, kind, day, scratch);
    } else if !life.is_connected() {
        for (wish, &demand) in kind.wishes.iter().zip(scratch.demanded.as_flattened()) {
            life.out.lost[wish.action] += u64::from(demand);
        }
    }
    if kind.background.is_some() && life.is_connected() {
        run_background(life, kind, streams.background, day, scratch);
    }
    let place = sent_in(life, kind);
    let DayScratch { windows, starts, demanded, sent, nothing, .. } = scratch;
    let sent = &place.pick(demanded, sent, nothing)[..kind.all_quads];
    let breached = windows.close_day(starts[day as usize], sent);
    let used = sent[..kind.quads].as_flattened().iter().any(|&count| count > 0);
    if life.daily.is_some() {
        record_day(life, kind, day, scratch);
    }
    Close { breached, used }
}

/// What happens by itself on a connected day, as far as the platform lets it through.
fn run_background(life: &mut Life, kind: &Kind, stream: Stream, day: u32, scratch: &mut DayScratch) {
    let Some(background) = &kind.background else { return };
    let (start, DayScratch { demanded, sent, gate, .. }) = (life.start_of(day), scratch);
    background.counts.draw(stream, day, &mut demanded[kind.quads..]);
    sent[kind.quads..].copy_from_slice(&demanded[kind.quads..]);
    for (source, count) in background.sources.iter().zip(sent[kind.quads..].as_flattened_mut()) {
        if let Some(model) = &kind.gate {
            let wanted = Wanted { old: 0, new: u64::from(*count), rests: false, caps: u32::MAX };
            *count = gate.send(model, (source.action, start), wanted, life.out);
        }
        life.out.background[source.action] += u64::from(*count);
    }
}

/// Where today's counts of what was sent stand.
#[derive(Debug, Clone, Copy)]
enum SentIn {
    Demanded,
    Sent,
    Nothing,
}

impl SentIn {
    fn pick<'a>(self, demanded: &'a [Quad], sent: &'a [Quad], nothing: &'a [Quad]) -> &'a [Quad] {
        match self {
            SentIn::Demanded => demanded,
            SentIn::Sent => sent,
            SentIn::Nothing => nothing,
        }
    }
}

fn sent_in(life: &Life, kind: &Kind) -> SentIn {
    match (kind.paced, life.is_connected()) {
        (_, false) => SentIn::Nothing,
        (true, true) => SentIn::Sent,
        (false, true) => SentIn::Demanded,
    }
}

/// What was sent today, by wish, and behind it what happened in the background.
fn sent<'a>(life: &Life, kind: &Kind, scratch: &'a DayScratch) -> &'a [Quad] {
    &sent_in(life, kind).pick(&scratch.demanded, &scratch.sent, &scratch.nothing)[..kind.all_quads]
}

fn pace_day(life: &mut Life, kind: &Kind, day: u32, scratch: &mut DayScratch) {
    let start = life.start_of(day);
    if let Some(gate) = &kind.gate {
        scratch.gate.begin_day(gate, day);
        scratch.gate.enter_day(gate, &scratch.windows, scratch.starts[day as usize], start);
    }
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
        let sent = match &kind.gate {
            None => available.min(u64::from(room)) as u32,
            Some(gate) => {
                let rests = ledger.backlog > 0 && !may_send_backlog;
                let wanted = Wanted { old: ledger.backlog, new: demand, rests, caps: room };
                scratch.gate.send(gate, (wish.action, start), wanted, life.out)
            }
        };
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

/// The end of the day: rules, hazards, incidents, then idle time.
fn judge_day(life: &mut Life, kind: &Kind, day: u32, close: Close, scratch: &mut DayScratch) {
    let mut strikes = Strikes::default();
    if let Some(gate) = &kind.gate {
        scratch.gate.close_day(gate, day, life.out);
    }
    if close.breached || life.platform.tries_weeks {
        try_rules(life, kind, day, scratch, &mut strikes);
    }
    if life.is_connected() {
        if let Some(gate) = &kind.gate {
            scratch.gate.try_day_rules(gate, day, life.out, &mut strikes);
        }
        if !kind.hazards.is_empty() {
            let sent = sent(life, kind, scratch).as_flattened();
            life.try_hazards_of_day(day, |wish| sent[wish], &mut strikes);
        }
        life.strike(day, &strikes, life.start_of(day + 1));
        if let Some(gate) = kind.gate.as_ref().filter(|_| strikes.restrictions != 0) {
            scratch.gate.restrict(gate, strikes.restrictions, life.start_of(day + 1));
        }
    }
    if life.is_connected() {
        life.end_day(day);
    }
    count_idle_days(life, day, close.used, &mut scratch.idle_days);
}

fn record_day(life: &mut Life, kind: &Kind, day: u32, scratch: &DayScratch) {
    let sent = sent(life, kind, scratch);
    let first = day as usize * life.model.actions;
    let Some(daily) = &mut life.daily else { return };
    for (index, wish) in kind.wishes.iter().enumerate() {
        let cell = first + wish.action;
        daily.demanded[cell] = scratch.demanded.as_flattened()[index];
        daily.delivered[cell] = sent.as_flattened()[index];
        daily.waiting[cell] = scratch.ledgers[index].backlog.min(u64::from(u32::MAX)) as u32;
    }
    for (peak, count) in daily.peaks.iter_mut().zip(scratch.windows.counts(sent)) {
        *peak = (*peak).max(count);
    }
}

/// One trial for each rule that is over its limit today, or was this week.
#[cold]
fn try_rules(life: &mut Life, kind: &Kind, day: u32, scratch: &mut DayScratch, strikes: &mut Strikes) {
    if scratch.starts[day as usize].week {
        scratch.week_excess.fill(None);
    }
    let ends_week = scratch.starts[day as usize + 1].week;
    let mut trials = std::mem::take(&mut scratch.trials);
    let mut week_excess = std::mem::take(&mut scratch.week_excess);
    trials.clear();
    let sent = sent(life, kind, scratch);
    for (rule, excess) in scratch.windows.breaches(sent) {
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
        trials.sort_unstable_by_key(|trial| trial.0);
        for &(rule, excess) in &trials {
            life.count_breach(rule);
            if life.is_noticed(day, rule, 0, excess) {
                strikes.add(life.platform.flag_of_rule(rule));
            }
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
