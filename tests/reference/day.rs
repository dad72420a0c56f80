//! A life at day resolution: only the counts of each day.

use pacewise::rules::ActionId;
use pacewise::time::{DayNumber, start_of};
use rand::Rng;

use super::account::Account;
use super::demand::{draw_background, draw_demand, is_working_day};
use super::life::AccountLife;

/// The life of one account over the horizon.
pub(crate) fn live(mut account: Account<'_>, rng: &mut impl Rng) -> AccountLife {
    for day in account.days() {
        account.start_day(day, rng);
        account.start_periods(day);
        let delivered = spend_day(&mut account, day, rng);
        let connected = account.connected;
        account.end_day(day, rng);
        if connected && account.connected {
            count_idle_day(&mut account, day, delivered, rng);
        }
    }
    account.finish()
}

/// The day's activity; the number of delivered actions.
fn spend_day(account: &mut Account<'_>, day: DayNumber, rng: &mut impl Rng) -> u32 {
    let mut delivered = 0;
    for demand in &account.group.demand {
        let count = draw_demand(account.scenario, account.group, demand, day, rng);
        account.life.actions[demand.action].demanded += u64::from(count);
        delivered += send(account, demand.action, day, count);
    }
    let connected = account.connected;
    for demand in account.group.background.iter().filter(|_| connected) {
        let count = draw_background(account.scenario, account.group, demand, day, rng);
        account.stray(demand.action, start_of(day), count);
    }
    for action in 0..account.scenario.actions.len() {
        account.look_at_windows(action, start_of(day));
    }
    delivered
}

/// Sends what the caps and the backlog allow; the number sent.
fn send(account: &mut Account<'_>, action: ActionId, day: DayNumber, demand: u32) -> u32 {
    let at = start_of(day);
    let waiting = account.backlog[action].len() as u32;
    let available = if !account.connected {
        0
    } else if is_working_day(account.scenario, account.group, day) {
        waiting + demand
    } else if waiting == 0 {
        demand
    } else {
        0
    };
    let sent = available.min(account.room(action, at));
    let from_backlog = sent.min(waiting);
    for _ in 0..from_backlog {
        account.take_from_backlog(action, at);
    }
    account.deliver(action, at, sent);
    account.put_off(action, at, demand - (sent - from_backlog));
    sent
}

fn count_idle_day(account: &mut Account<'_>, day: DayNumber, delivered: u32, rng: &mut impl Rng) {
    account.idle_days = if delivered == 0 { account.idle_days + 1 } else { 0 };
    if account.scenario.platforms[0].token.idle_days.is_some_and(|limit| account.idle_days >= limit) {
        account.die_of_idleness(day, start_of(day + 1), rng);
    }
}
