//! A life at event resolution: every action has an instant.

use pacewise::rules::ActionId;
use pacewise::scenario::Pacing;
use pacewise::time::{DAY, DayNumber, HOUR, Instant, SECOND, day_of, start_of};
use rand::Rng;

use super::account::Account;
use super::arrivals::on_day;
use super::demand::{draw_background, draw_demand, draw_times, is_working_day};
use super::pacing::room_of_day_and_week;

/// What may happen at an instant, in the order in which equal instants are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    /// The backlogs may be sent.
    Chance,
    /// New demand for an action, or its turn in an even spread.
    Turn { action: ActionId, spread: bool },
    /// An action in the background.
    Stray { action: ActionId },
}

/// What a day of even spreading holds for one action.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    /// Actions that waited at the start of the day.
    old: u32,
    /// Actions of the day's demand that have a place.
    new: u32,
}

/// One day of an account, from its activity on.
pub(crate) fn spend(account: &mut Account<'_>, day: DayNumber, seen: &[usize], rng: &mut impl Rng) {
    let mut now = start_of(day) - 1;
    advance(account, &mut now, start_of(day), rng);
    let mut spreads = vec![Spread::default(); account.scenario.actions.len()];
    for (at, item) in agenda(account, day, &mut spreads, rng) {
        advance(account, &mut now, at, rng);
        match item {
            Item::Chance => send_backlogs(account, at, rng),
            Item::Turn { action, spread: false } => meet_demand(account, action, at, rng),
            Item::Turn { action, spread: true } => take_turn(account, action, at, &mut spreads[action], rng),
            Item::Stray { action } if account.connected => stray(account, action, at, rng),
            Item::Stray { .. } => {}
        }
    }
    advance(account, &mut now, start_of(day + 1) - 1, rng);
    for (action, spread) in spreads.into_iter().enumerate() {
        account.put_off(action, start_of(day + 1), spread.new);
    }
    account.end_day(day, seen, false, rng);
}

/// Everything that may happen on a day, in order of time.
fn agenda(
    account: &mut Account<'_>,
    day: DayNumber,
    spreads: &mut [Spread],
    rng: &mut impl Rng,
) -> Vec<(Instant, Item)> {
    let mut agenda = chances(account, day);
    for demand in &account.group.demand {
        let action = demand.action;
        let times = if demand.law.is_by_day() {
            let count = draw_demand(account.scenario, account.group, demand, day, rng);
            draw_times(&account.scenario.calendar, demand, day, count, rng)
        } else {
            on_day(&account.arrivals[action], day)
        };
        account.life.actions[action].demanded += times.len() as u64;
        let spread = account.pacing(action).is_some_and(|pacing| pacing.spread);
        let times = if spread {
            plan_spread(account, action, day, times.len() as u32, &mut spreads[action])
        } else {
            times
        };
        agenda.extend(times.into_iter().map(|at| (at, Item::Turn { action, spread })));
    }
    for demand in &account.group.background {
        let count = draw_background(account.scenario, account.group, demand, day, rng);
        let times = draw_times(&account.scenario.calendar, demand, day, count, rng);
        agenda.extend(times.into_iter().map(|at| (at, Item::Stray { action: demand.action })));
    }
    agenda.sort_unstable();
    agenda
}

/// Reconnections, invalidations, deaths of idleness and the ends of refusals after one instant and up to another.
fn advance(account: &mut Account<'_>, now: &mut Instant, to: Instant, rng: &mut impl Rng) {
    loop {
        let back = account.reconnect_at.filter(|_| !account.connected);
        let idle = account.idle_limit().filter(|_| account.connected);
        let death = idle.map(|days| account.last_use + Instant::from(days) * DAY);
        let waits = account.connected && account.backlog.iter().any(|waiting| !waiting.is_empty());
        let invalidated = account.invalidated_at();
        let opening = if waits { account.next_opening(*now, to) } else { None };
        let next = [back, invalidated, death, opening].into_iter().flatten().min();
        let Some(at) = next.filter(|&at| at <= to) else { break };
        *now = at.max(*now);
        if back == Some(at) {
            account.reconnect(at);
            send_backlogs(account, at, rng);
        } else if invalidated == Some(at) {
            account.meet_invalidation(day_of(at), at, rng);
        } else if death == Some(at) {
            account.die_of_idleness(day_of(at), at, rng);
        } else {
            send_backlogs(account, at, rng);
        }
    }
    *now = to.max(*now);
}

/// An action of the background, unless the platform refuses it.
fn stray(account: &mut Account<'_>, action: ActionId, at: Instant, rng: &mut impl Rng) {
    if let Some(cause) = account.refused_by(action, at) {
        account.refuse(cause, at, false);
    } else {
        account.stray(action, at, rng);
        account.look_at_windows(action, at);
        account.judge_event(action, at, rng);
    }
}

/// The instants of a day at which a backlog may find room: the start of work, the full hours, and those at which an
/// action leaves a sliding week.
fn chances(account: &Account<'_>, day: DayNumber) -> Vec<(Instant, Item)> {
    let calendar = &account.scenario.calendar;
    let from = start_of(day) + Instant::from(calendar.from_second) * SECOND;
    let mut instants = vec![from];
    instants.extend((0..24).map(|hour| start_of(day) + hour * HOUR));
    for pacing in account.group.pacing.iter().filter(|pacing| pacing.sliding_week) {
        instants.extend(account.sent[pacing.action].iter().map(|sent| sent + 7 * DAY));
    }
    instants.retain(|&at| day_of(at) == day && is_working_instant(account, at));
    instants.into_iter().map(|at| (at, Item::Chance)).collect()
}

fn is_working_instant(account: &Account<'_>, at: Instant) -> bool {
    let calendar = &account.scenario.calendar;
    let second = at.rem_euclid(DAY) / SECOND;
    is_working_day(account.scenario, account.group, day_of(at))
        && second >= Instant::from(calendar.from_second)
        && second < Instant::from(calendar.to_second)
}

/// Sends as much of every backlog as has room, action by action.
fn send_backlogs(account: &mut Account<'_>, at: Instant, rng: &mut impl Rng) {
    if !is_working_instant(account, at) {
        return;
    }
    for action in 0..account.backlog.len() {
        let spread = account.pacing(action).is_some_and(|pacing| pacing.spread);
        while !spread
            && account.connected
            && !account.backlog[action].is_empty()
            && account.room(action, at) > 0
            && account.refused_by(action, at).is_none()
        {
            account.take_from_backlog(action, at);
            send(account, action, at, rng);
        }
    }
}

/// New demand is sent at once, or put off.
fn meet_demand(account: &mut Account<'_>, action: ActionId, at: Instant, rng: &mut impl Rng) {
    if !account.connected || account.room(action, at) == 0 {
        return account.put_off(action, at, 1);
    }
    if let Some(cause) = account.refused_by(action, at) {
        account.refuse(cause, at, false);
        account.put_off(action, at, 1);
    } else if !account.backlog[action].is_empty() {
        account.put_off(action, at, 1);
    } else {
        send(account, action, at, rng);
    }
}

/// Gives the day's demand and the backlog their places; what finds none is put off at once.
fn plan_spread(
    account: &mut Account<'_>,
    action: ActionId,
    day: DayNumber,
    demand: u32,
    spread: &mut Spread,
) -> Vec<Instant> {
    let pacing = account.pacing(action).expect("a spread action has a pacing");
    let waiting = account.backlog[action].len() as u32;
    let places = (waiting + demand).min(places_of(account, pacing, day));
    let excess = (waiting + demand - places).min(demand);
    account.put_off(action, start_of(day), excess);
    *spread = Spread { old: waiting, new: demand - excess };
    midpoints(account, day, places)
}

fn places_of(account: &Account<'_>, pacing: &Pacing, day: DayNumber) -> u32 {
    if !is_working_day(account.scenario, account.group, day) {
        return 0;
    }
    let age = account.age(day);
    room_of_day_and_week(pacing, &account.sent[pacing.action], start_of(day), age)
}

/// The midpoints of so many equal parts of the working hours.
fn midpoints(account: &Account<'_>, day: DayNumber, places: u32) -> Vec<Instant> {
    let calendar = &account.scenario.calendar;
    let from = start_of(day) + Instant::from(calendar.from_second) * SECOND;
    let length = Instant::from(calendar.to_second - calendar.from_second) * SECOND;
    (0..Instant::from(places)).map(|i| from + length * (2 * i + 1) / (2 * Instant::from(places))).collect()
}

/// A turn in an even spread: the oldest action that waited, or else one of the day's own.
fn take_turn(
    account: &mut Account<'_>,
    action: ActionId,
    at: Instant,
    spread: &mut Spread,
    rng: &mut impl Rng,
) {
    if !account.connected || account.room(action, at) == 0 {
        return;
    }
    if let Some(cause) = account.refused_by(action, at) {
        if spread.old == 0 {
            account.refuse(cause, at, false);
        }
        return;
    }
    if spread.old > 0 {
        spread.old -= 1;
        account.take_from_backlog(action, at);
    } else {
        spread.new -= 1;
    }
    send(account, action, at, rng);
}

/// Delivers one action, which the platform judges.
fn send(account: &mut Account<'_>, action: ActionId, at: Instant, rng: &mut impl Rng) {
    account.deliver(action, at, rng);
    account.look_at_windows(action, at);
    account.judge_event(action, at, rng);
}
