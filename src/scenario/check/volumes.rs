//! How much an account of each group does by the plan: in the mean, and on its busiest day.

use super::{concerns, largest_mean};
use crate::scenario::{Demand, Group, Phase, Scenario};

/// The most factors of days that are worth computing; beyond that the mean knows no phases, and the largest is a bound.
const MOST_WORK: usize = 50_000_000;

/// A demand of a group.
#[derive(Debug)]
pub(super) struct Volume<'s> {
    pub(super) demand: &'s Demand,
    /// Whether it happens in the background, which no pacing holds back.
    pub(super) strays: bool,
    /// The mean of a day's count over the horizon.
    pub(super) mean: f64,
    /// The same in the busiest phase, as if it lasted.
    pub(super) in_the_busiest_phase: f64,
    /// The mean of the busiest day.
    pub(super) largest: f64,
}

/// By group.
pub(super) fn of_groups(scenario: &Scenario) -> Vec<Vec<Volume<'_>>> {
    let days = scenario.horizon_days as usize;
    let work = |group: &Group| group.demand.len() * group.phases.len() * days;
    let exact = scenario.groups.iter().map(work).fold(0, usize::saturating_add) <= MOST_WORK;
    scenario.groups.iter().map(|group| of_group(group, exact, days)).collect()
}

fn of_group(group: &Group, exact: bool, days: usize) -> Vec<Volume<'_>> {
    let wanted = group.demand.iter().map(|demand| volume(demand, &group.phases, exact.then_some(days)));
    let strays = group.background.iter();
    let strays = strays.map(|demand| Volume { strays: true, ..volume(demand, &[], Some(days)) });
    wanted.chain(strays).collect()
}

fn volume<'s>(demand: &'s Demand, phases: &[Phase], days: Option<usize>) -> Volume<'s> {
    let mean = |factors: &[f64]| factors.iter().sum::<f64>() / factors.len() as f64;
    let usual = demand.law.mean() * mean(&demand.weekdays) * mean(&demand.months);
    let busiest_day = largest_mean(&[], demand);
    let (in_the_mean, most) = match days {
        Some(days) => phase_factors(demand, phases, days),
        None => (1.0, largest_mean(phases, demand) / busiest_day.max(f64::MIN_POSITIVE)),
    };
    Volume {
        demand,
        strays: false,
        mean: usual * in_the_mean,
        in_the_busiest_phase: usual * most,
        largest: busiest_day * most,
    }
}

/// The product of the factors of all phases: in the mean over the days, and the largest.
fn phase_factors(demand: &Demand, phases: &[Phase], days: usize) -> (f64, f64) {
    let concerning: Vec<&Phase> =
        phases.iter().filter(|phase| concerns(&phase.actions, demand.action)).collect();
    if concerning.is_empty() {
        return (1.0, 1.0);
    }
    let mut factors = vec![1.0; days];
    for phase in concerning {
        let covered = factors.iter_mut().skip(phase.from_day as usize).take(phase.days as usize);
        covered.enumerate().for_each(|(at, product)| *product *= phase.factor_at(at));
    }
    (factors.iter().sum::<f64>() / days as f64, factors.iter().copied().fold(0.0, f64::max))
}
