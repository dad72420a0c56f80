//! A day at day resolution: only the counts of each day.

use pacewise::rules::ActionId;
use pacewise::time::{DayNumber, start_of};
use rand::Rng;

use super::account::Account;
use super::arrivals::on_day;
use super::demand::{draw_background, draw_demand, is_working_day};

/// One day of an account, from its activity on.
pub(crate) fn spend(account: &mut Account<'_>, day: DayNumber, seen: &[usize], rng: &mut impl Rng) {
    let delivered = act(account, day, rng);
    let connected = account.connected;
    account.end_day(day, seen, true, rng);
    if connected && account.connected {
        count_idle_day(account, day, delivered, rng);
    }
}

/// The day's activity, in the order of actions; the number of delivered actions.
fn act(account: &mut Account<'_>, day: DayNumber, rng: &mut impl Rng) -> u32 {
    let mut delivered = 0;
    for action in 0..account.scenario.actions.len() {
        let Some(demand) = account.group.demand.iter().find(|demand| demand.action == action) else {
            continue;
        };
        let count = if demand.law.is_by_day() {
            draw_demand(account.scenario, account.group, demand, day, rng)
        } else {
            on_day(&account.arrivals[action], day).len() as u32
        };
        account.life.actions[action].demanded += u64::from(count);
        delivered += send(account, action, day, count, rng);
    }
    for action in 0..account.scenario.actions.len() {
        let Some(strays) = account.group.background.iter().find(|own| own.action == action) else { continue };
        let count = draw_background(account.scenario, account.group, strays, day, rng);
        for _ in 0..if account.connected { count } else { 0 } {
            match account.refused_by(action, start_of(day)) {
                Some(cause) => account.refuse(cause, start_of(day), true),
                None => account.stray(action, start_of(day), rng),
            }
        }
    }
    for action in 0..account.scenario.actions.len() {
        account.look_at_windows(action, start_of(day));
    }
    delivered
}

/// Sends what the caps, the platform and the backlog allow, one by one; the number sent.
fn send(account: &mut Account<'_>, action: ActionId, day: DayNumber, demand: u32, rng: &mut impl Rng) -> u32 {
    let (at, mut sent) = (start_of(day), 0);
    let works = is_working_day(account.scenario, account.group, day);
    while works
        && account.connected
        && !account.backlog[action].is_empty()
        && account.room(action, at) > 0
        && account.refused_by(action, at).is_none()
    {
        account.take_from_backlog(action, at);
        account.deliver(action, at, rng);
        sent += 1;
    }
    for _ in 0..demand {
        if !account.connected || account.room(action, at) == 0 {
            account.put_off(action, at, 1);
        } else if let Some(cause) = account.refused_by(action, at) {
            account.refuse(cause, at, true);
            account.put_off(action, at, 1);
        } else if !account.backlog[action].is_empty() {
            account.put_off(action, at, 1);
        } else {
            account.deliver(action, at, rng);
            sent += 1;
        }
    }
    sent
}

fn count_idle_day(account: &mut Account<'_>, day: DayNumber, delivered: u32, rng: &mut impl Rng) {
    account.idle_days = if delivered == 0 { account.idle_days + 1 } else { 0 };
    if account.idle_limit().is_some_and(|limit| account.idle_days >= limit) {
        account.die_of_idleness(day, start_of(day + 1), rng);
    }
}
