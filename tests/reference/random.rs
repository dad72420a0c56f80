//! Random valid scenarios over all features, small enough to be simulated often.

use jiff::ToSpan;
use pacewise::rules::{ActionId, Limit, Rule, Window};
use pacewise::scenario::{
    Consequence, CountLaw, DaysLaw, Demand, Detection, Group, HourBand, Incident, Ladder, Pacing, Phase,
    RampStep, Resolution, Rung, Scenario, Trial, VolumeRule,
};
use pacewise::time::{DAY, HOUR};
use rand::{Rng, RngExt};

use super::builders::{MONDAY, empty, pacing};
use super::resolution_of;

/// A scenario of one or two groups, one to three actions, and any mix of features.
pub(crate) fn scenario(rng: &mut impl Rng) -> Scenario {
    let names = ["message", "post", "profile_view"];
    let actions = rng.random_range(1..=3);
    let mut scenario = empty(rng.random_range(10..=70), &names[..actions]);
    scenario.start = MONDAY.saturating_add(rng.random_range(0..=60).days());
    let daily = rng.random_bool(0.5);
    calendar(&mut scenario, rng);
    scenario.groups = (0..rng.random_range(1..=2)).map(|index| group(&scenario, index, daily, rng)).collect();
    platform(&mut scenario, daily, rng);
    scenario.resolution =
        if rng.random_bool(0.3) { Resolution::Event } else { resolution_of(&scenario, Resolution::Auto) };
    scenario
}

fn calendar(scenario: &mut Scenario, rng: &mut impl Rng) {
    if rng.random_bool(0.7) {
        scenario.calendar.workdays = [true, true, true, true, true, false, false];
        scenario.calendar.from_second = rng.random_range(0..40_000);
        scenario.calendar.to_second = rng.random_range(50_000..=86_400);
    }
    let holidays: Vec<i32> = (0..rng.random_range(0..3)).map(|week| 7 * week + 9).collect();
    scenario.calendar.holidays =
        holidays.into_iter().map(|day| scenario.start.saturating_add(day.days())).collect();
}

fn group(scenario: &Scenario, index: usize, daily: bool, rng: &mut impl Rng) -> Group {
    let actions = scenario.actions.len();
    let mut group = Group {
        name: format!("group {index}"),
        platform: 0,
        count: rng.random_range(1..=2),
        account_age_days: rng.random_range(0..30),
        demand: (0..actions).map(|action| demand(action, daily, rng)).collect(),
        background: Vec::new(),
        log: None,
        pacing: Vec::new(),
        phases: (0..rng.random_range(0..3)).map(|_| phase(actions, rng)).collect(),
        time_off: Vec::new(),
        traits: Vec::new(),
        replaces: None,
    };
    for action in 0..actions {
        if rng.random_bool(0.6) {
            group.pacing.push(caps(action, daily, rng));
        }
    }
    if rng.random_bool(0.3) {
        let first = scenario.start.saturating_add(rng.random_range(0..20).days());
        group.time_off = vec![(first, first.saturating_add(rng.random_range(0..5).days()))];
    }
    group
}

fn demand(action: ActionId, daily: bool, rng: &mut impl Rng) -> Demand {
    let mean = rng.random_range(0.05..8.0);
    let law = match rng.random_range(0..4) {
        0 => CountLaw::NegativeBinomial { mean, size: rng.random_range(0.5..5.0) },
        1 => CountLaw::Quota { per_day: mean, variation: rng.random_range(0.0..0.6) },
        _ => CountLaw::Poisson { mean },
    };
    let weekend = rng.random_range(0.0..1.0);
    let mut months = [1.0; 12];
    months[rng.random_range(0..12)] = rng.random_range(0.0..2.0);
    let mut hours = Vec::new();
    if !daily && rng.random_bool(0.5) {
        hours.push(HourBand { from_second: 0, to_second: 30_000, weight: rng.random_range(0.1..2.0) });
        hours.push(HourBand { from_second: 36_000, to_second: 86_400, weight: 1.0 });
    }
    Demand { action, law, weekdays: [1.0, 1.0, 0.5, 1.0, 1.5, weekend, weekend], months, hours }
}

fn phase(actions: usize, rng: &mut impl Rng) -> Phase {
    Phase {
        name: "phase".to_owned(),
        from_day: rng.random_range(0..20),
        days: rng.random_range(1..20),
        factor: rng.random_range(0.0..2.5),
        factor_at_end: rng.random_range(0.0..2.5),
        actions: (0..actions).filter(|_| rng.random_bool(0.4)).collect(),
    }
}

fn caps(action: ActionId, daily: bool, rng: &mut impl Rng) -> Pacing {
    let ramp_up = if rng.random_bool(0.3) {
        vec![
            RampStep { from_age_days: 0, per_day: rng.random_range(0..4) },
            RampStep { from_age_days: rng.random_range(1..40), per_day: rng.random_range(3..12) },
        ]
    } else {
        Vec::new()
    };
    Pacing {
        per_hour: maybe(!daily && rng.random_bool(0.4), rng.random_range(1..5)),
        per_day: maybe(rng.random_bool(0.6), rng.random_range(1..10)),
        per_week: maybe(rng.random_bool(0.5), rng.random_range(3..40)),
        sliding_week: rng.random_bool(0.5),
        ramp_up,
        defer: rng.random_bool(0.6),
        spread: !daily && rng.random_bool(0.3),
        ..pacing(action)
    }
}

pub(crate) fn maybe<T>(there: bool, value: T) -> Option<T> {
    there.then_some(value)
}

fn platform(scenario: &mut Scenario, daily: bool, rng: &mut impl Rng) {
    let actions = scenario.actions.len();
    let platform = &mut scenario.platforms[0];
    platform.rules = (0..rng.random_range(0..4)).map(|index| rule(index, actions, daily, rng)).collect();
    platform.ladder = ladder(rng);
    platform.token.lifetime_days = maybe(rng.random_bool(0.5), rng.random_range(5..40));
    platform.token.idle_days = maybe(rng.random_bool(0.5), rng.random_range(1..8));
    platform.token.refresh_on_use = rng.random_bool(0.4);
    platform.token.renewable = rng.random_bool(0.7);
    platform.incidents = (0..rng.random_range(0..3)).map(|index| incident(index, rng)).collect();
    platform.reconnect.after_restriction = days(rng);
    platform.reconnect.token_expired = days(rng);
    platform.reconnect.token_idle = days(rng);
    platform.reconnect.incident = days(rng);
    platform.reconnect.new_authorisation = days(rng);
}

fn incident(index: usize, rng: &mut impl Rng) -> Incident {
    Incident {
        cause: format!("incident_{index}"),
        per_day: rng.random_range(0.0..0.05),
        renewable: rng.random_bool(0.7),
        shared: false,
        reconnect: maybe(rng.random_bool(0.3), DaysLaw::Uniform { min: 1, max: 5 }),
    }
}

fn rule(index: usize, actions: usize, daily: bool, rng: &mut impl Rng) -> VolumeRule {
    let mut counted: Vec<ActionId> = (0..actions).filter(|_| rng.random_bool(0.6)).collect();
    if counted.is_empty() {
        counted.push(0);
    }
    let mut limits = Vec::new();
    for (window, most) in [
        (Window::Sliding(HOUR), 3),
        (Window::Sliding(DAY), 12),
        (Window::Day, 12),
        (Window::Week, 50),
        (Window::Month, 200),
        (Window::TrailingDays(rng.random_range(1..10)), 50),
    ] {
        if (window.is_daily() || !daily) && rng.random_bool(0.35) {
            limits.push(Limit { window, max: rng.random_range(0..=most) });
        }
    }
    if limits.is_empty() {
        limits.push(Limit { window: Window::Day, max: rng.random_range(1..12) });
    }
    let per = match rng.random_range(0..3) {
        0 if !daily => Trial::Event,
        1 => Trial::Week,
        _ => Trial::Day,
    };
    let slope = if rng.random_bool(0.4) { rng.random_range(0.0..0.2) } else { 0.0 };
    let detection = Detection { per, probability: rng.random_range(0.0..0.1), slope, ceiling: 0.3 };
    VolumeRule {
        name: format!("rule {index}"),
        rule: Rule { actions: counted, limits },
        origins: Vec::new(),
        detection,
        consequence: Consequence::Ladder,
    }
}

fn ladder(rng: &mut impl Rng) -> Ladder {
    let mut rungs = Vec::new();
    for _ in 0..rng.random_range(0..4) {
        rungs.push(if rng.random_bool(0.3) { Rung::Warning } else { Rung::Restriction(days(rng)) });
    }
    if rng.random_bool(0.4) {
        rungs.push(Rung::Permanent);
    }
    Ladder { rungs, memory_days: maybe(rng.random_bool(0.4), rng.random_range(5..30)) }
}

pub(crate) fn days(rng: &mut impl Rng) -> DaysLaw {
    match rng.random_range(0..4) {
        0 => DaysLaw::Fixed(rng.random_range(1..6)),
        1 => DaysLaw::Geometric { mean: rng.random_range(1.0..4.0), at_least: 1 },
        2 => DaysLaw::Uniform { min: 1, max: rng.random_range(1..8) },
        _ => DaysLaw::LogNormal { median: 2.5, sigma: 0.8, min: 1, max: 9 },
    }
}
