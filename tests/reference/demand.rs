//! Demand: how many actions are wanted on a day, and when.

use jiff::civil::Date;
use pacewise::scenario::{Calendar, Demand, Group, Phase, Scenario};
use pacewise::time::{DayNumber, Instant, SECOND, date_of, day_number, start_of, weekday_of};
use rand::{Rng, RngExt};

use super::laws::draw_count;

/// Whether people of the group work on the day.
pub(crate) fn is_working_day(scenario: &Scenario, group: &Group, day: DayNumber) -> bool {
    scenario.calendar.workdays[weekday_of(day)] && !is_off(scenario, group, date_of(day))
}

/// Whether the day is a holiday or time off of the group.
pub(crate) fn is_off(scenario: &Scenario, group: &Group, date: Date) -> bool {
    scenario.calendar.holidays.contains(&date)
        || group.time_off.iter().any(|&(first, last)| first <= date && date <= last)
}

/// The number of actions that a group's account wants on a day.
pub(crate) fn draw_demand(
    scenario: &Scenario,
    group: &Group,
    demand: &Demand,
    day: DayNumber,
    rng: &mut impl Rng,
) -> u32 {
    draw_count(demand.law, mean_of(scenario, group, demand, day), rng)
}

/// The number of actions of a kind that happen on an account in the background of a day.
pub(crate) fn draw_background(
    scenario: &Scenario,
    group: &Group,
    demand: &Demand,
    day: DayNumber,
    rng: &mut impl Rng,
) -> u32 {
    draw_count(demand.law, usual_mean(scenario, group, demand, day), rng)
}

/// The mean of the day's count: the law's mean times the factors of weekday, month and phases; 0 on days off.
pub(crate) fn mean_of(scenario: &Scenario, group: &Group, demand: &Demand, day: DayNumber) -> f64 {
    usual_mean(scenario, group, demand, day) * phases_of(scenario, group, demand, day)
}

/// The product of all phases that cover the day and the action.
pub(crate) fn phases_of(scenario: &Scenario, group: &Group, demand: &Demand, day: DayNumber) -> f64 {
    let index = (day - day_number(scenario.start)) as u32;
    let phases = group.phases.iter().filter(|phase| concerns(phase, demand));
    phases.map(|phase| phase_factor(phase, index)).product()
}

/// The same without the phases.
fn usual_mean(scenario: &Scenario, group: &Group, demand: &Demand, day: DayNumber) -> f64 {
    let date = date_of(day);
    if is_off(scenario, group, date) {
        return 0.0;
    }
    let month = usize::from(date.month().unsigned_abs()) - 1;
    demand.law.mean() * demand.weekdays[weekday_of(day)] * demand.months[month]
}

fn concerns(phase: &Phase, demand: &Demand) -> bool {
    phase.actions.is_empty() || phase.actions.contains(&demand.action)
}

fn phase_factor(phase: &Phase, index: u32) -> f64 {
    if index < phase.from_day || index >= phase.from_day + phase.days {
        return 1.0;
    }
    if phase.days == 1 {
        return phase.factor;
    }
    let share = f64::from(index - phase.from_day) / f64::from(phase.days - 1);
    phase.factor + (phase.factor_at_end - phase.factor) * share
}

/// The instants of `count` actions on a day, in order.
pub(crate) fn draw_times(
    calendar: &Calendar,
    demand: &Demand,
    day: DayNumber,
    count: u32,
    rng: &mut impl Rng,
) -> Vec<Instant> {
    let mut bands: Vec<(u32, u32, f64)> =
        demand.hours.iter().map(|band| (band.from_second, band.to_second, band.weight)).collect();
    if bands.is_empty() {
        bands.push((calendar.from_second, calendar.to_second, 1.0));
    }
    let mut times: Vec<Instant> = (0..count).map(|_| start_of(day) + draw_time(&bands, rng)).collect();
    times.sort_unstable();
    times
}

/// A time of day: a band by its share of the intensity, then any millisecond of it.
fn draw_time(bands: &[(u32, u32, f64)], rng: &mut impl Rng) -> Instant {
    let mass = |&(from, to, weight): &(u32, u32, f64)| f64::from(to - from) * weight;
    let mut left = rng.random::<f64>() * bands.iter().map(mass).sum::<f64>();
    let mut chosen = bands[bands.len() - 1];
    for band in bands {
        if left < mass(band) {
            chosen = *band;
            break;
        }
        left -= mass(band);
    }
    rng.random_range(Instant::from(chosen.0) * SECOND..Instant::from(chosen.1) * SECOND)
}
