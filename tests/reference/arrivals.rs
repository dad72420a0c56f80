//! Demand that states times instead of counts of days: sessions, self-exciting actions, recorded logs.

use pacewise::scenario::{CountLaw, Demand, Group, LogUse, Scenario, SessionSize, SessionTiming};
use pacewise::time::{DAY, DayNumber, Instant, SECOND, day_number, day_of, start_of};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp, Geometric};

use super::demand::{draw_times, is_off, mean_of, phases_of};
use super::laws::poisson;
use super::windows::monday_of;

/// The instants at which an account wants an action, from a day on to the end of the horizon, by action; nothing for laws by
/// the day.
pub(crate) fn arrivals(
    scenario: &Scenario,
    (group, number): (&Group, u32),
    from: DayNumber,
    rng: &mut impl Rng,
) -> Vec<Vec<Instant>> {
    let mut all = vec![Vec::new(); scenario.actions.len()];
    for demand in &group.demand {
        match demand.law {
            CountLaw::Sessions { .. } | CountLaw::SelfExciting { .. } => {
                all[demand.action] = bursts(scenario, (group, demand), from, rng);
            }
            _ => {}
        }
    }
    if group.log.is_some() {
        recorded(scenario, group, number, &mut all, rng);
    }
    for instants in &mut all {
        instants.retain(|&at| at >= start_of(from));
    }
    for instants in &mut all {
        instants.sort_unstable();
    }
    all
}

fn days(scenario: &Scenario) -> std::ops::Range<DayNumber> {
    let first = day_number(scenario.start);
    first..first + scenario.horizon_days as DayNumber
}

/// Sessions and what comes of them, or actions of the baseline and what they lead to.
fn bursts(
    scenario: &Scenario,
    (group, demand): (&Group, &Demand),
    from: DayNumber,
    rng: &mut impl Rng,
) -> Vec<Instant> {
    let horizon = from..days(scenario).end;
    let comes =
        |at: Instant| horizon.contains(&day_of(at)) && mean_of(scenario, group, demand, day_of(at)) > 0.0;
    let mut found = Vec::new();
    for day in horizon.clone() {
        let share = mean_of(scenario, group, demand, day) / demand.law.mean();
        let begins = match demand.law {
            CountLaw::Sessions { per_day, .. } => per_day * share,
            CountLaw::SelfExciting { baseline, .. } => baseline * share,
            _ => 0.0,
        };
        let count = if begins > 0.0 { poisson(begins, rng) } else { 0 };
        for start in draw_times(&scenario.calendar, demand, day, count, rng) {
            match demand.law {
                CountLaw::Sessions { mean_actions, size, timing, .. } => {
                    let actions = session(start, (mean_actions, size), timing, rng);
                    found.extend(actions.into_iter().filter(|&at| comes(at)));
                }
                CountLaw::SelfExciting { branching, decay_s, .. } => {
                    family(start, branching, decay_s, &comes, &mut found, rng);
                }
                _ => {}
            }
        }
    }
    found
}

/// The actions of a session.
fn session(
    start: Instant,
    (mean, size): (f64, SessionSize),
    timing: SessionTiming,
    rng: &mut impl Rng,
) -> Vec<Instant> {
    let number = match size {
        SessionSize::Geometric => {
            1 + Geometric::new(1.0 / mean).expect("a mean of at least 1").sample(rng) as u32
        }
        SessionSize::Poisson => poisson(mean, rng),
    };
    let mut delay = || match timing {
        SessionTiming::Within(seconds) => rng.random_range(0..Instant::from(seconds) * SECOND),
        SessionTiming::Delayed(seconds) => exponential(seconds, rng),
    };
    (0..number).map(|_| start + delay()).collect()
}

/// An action that comes, and all that it leads to.
fn family(
    at: Instant,
    branching: f64,
    decay_s: u32,
    comes: &impl Fn(Instant) -> bool,
    found: &mut Vec<Instant>,
    rng: &mut impl Rng,
) {
    let mut ahead = vec![at];
    while let Some(at) = ahead.pop() {
        if !comes(at) {
            continue;
        }
        found.push(at);
        for _ in 0..poisson(branching, rng) {
            ahead.push(at + exponential(decay_s, rng));
        }
    }
}

fn exponential(mean_s: u32, rng: &mut impl Rng) -> Instant {
    let mean = f64::from(mean_s) * SECOND as f64;
    Exp::new(1.0 / mean).expect("a positive mean").sample(rng) as Instant
}

/// What a log makes an account want.
fn recorded(scenario: &Scenario, group: &Group, number: u32, all: &mut [Vec<Instant>], rng: &mut impl Rng) {
    let log = group.log.as_ref().expect("the group has a log");
    let mut drawn = (DayNumber::MIN, 0, 0);
    for day in days(scenario) {
        let (who, recorded_day) = match log.how {
            LogUse::Replay { day_0 } => {
                let played = day_number(day_0) + (day - day_number(scenario.start));
                (number % log.recording.accounts, played)
            }
            LogUse::Weeks { first_monday, weeks } => {
                if drawn.0 != monday_of(day) {
                    let who = rng.random_range(0..log.recording.accounts);
                    let week = rng.random_range(0..weeks) as DayNumber;
                    drawn = (monday_of(day), who, day_number(first_monday) + 7 * week);
                }
                (drawn.1, drawn.2 + (day - drawn.0))
            }
        };
        let moved = start_of(day) - start_of(recorded_day);
        let own = log.recording.actions().iter().filter(|action| action.account == who);
        for action in own.filter(|action| day_of(action.at) == recorded_day) {
            let times = multiple(scenario, group, action.action, day, rng);
            all[action.action].extend(std::iter::repeat_n(action.at + moved, times));
        }
    }
}

/// How many actions a recorded one becomes on a day.
fn multiple(scenario: &Scenario, group: &Group, action: usize, day: DayNumber, rng: &mut impl Rng) -> usize {
    let Some(demand) = group.demand.iter().find(|demand| demand.action == action) else { return 0 };
    let CountLaw::Recorded { factor, .. } = demand.law else { return 0 };
    if is_off(scenario, group, pacewise::time::date_of(day)) {
        return 0;
    }
    let factor = factor * phases_of(scenario, group, demand, day);
    (factor + rng.random::<f64>()).floor() as usize
}

/// How many of these instants are on a day, and which.
pub(crate) fn on_day(instants: &[Instant], day: DayNumber) -> Vec<Instant> {
    instants.iter().copied().filter(|at| (start_of(day)..start_of(day) + DAY).contains(at)).collect()
}
