//! Scenarios that each mix a few features, at the places where two readings of the model would differ.

use pacewise::rules::Window;
use pacewise::scenario::{
    CountLaw, DaysLaw, Detection, Group, HourBand, Pacing, Phase, RampStep, Reconnect, Rung, Scenario, Trial,
};
use pacewise::time::{DAY, HOUR};

use super::builders::{TWO_DAYS, between, demand, empty, incident, pacing, poisson, quota, rule};

/// All mixes with their names.
pub(crate) fn mixes() -> Vec<(&'static str, Scenario)> {
    vec![
        ("ladder with memory and random lengths", ladder_with_memory()),
        ("the same at event resolution", events(ladder_with_memory())),
        ("deferred by daily and weekly caps", deferred(false)),
        ("deferred by a sliding week", deferred(true)),
        ("the same at event resolution", events(deferred(true))),
        ("deferred by hourly caps", hourly_backlog()),
        ("spread with a backlog and flags", spread()),
        ("spread without a backlog", spread_and_dropped()),
        ("ramp-up of new accounts", ramp_up()),
        ("idle tokens at day resolution", idle_tokens()),
        ("idle tokens at event resolution", events(idle_tokens())),
        ("lifetime refreshed on use", refreshed_tokens()),
        ("lifetime refreshed on use, by events", events(refreshed_tokens())),
        ("weekly detection that grows", weekly_detection()),
        ("weekly and daily detection over events", weekly_detection_of_events()),
        ("several windows, several actions, by events", shared_windows()),
        ("months, phases, holidays and time off", seasons()),
        ("hour bands across midnight", night_shift()),
        ("a background beside deferred demand", background()),
        ("the same at event resolution", events(background())),
        ("a background by the event, on idle tokens", background_by_event()),
    ]
}

fn events(mut scenario: Scenario) -> Scenario {
    scenario.resolution = pacewise::scenario::Resolution::Event;
    scenario
}

/// Two actions on office days, and a platform that flags and loses connections often.
fn office(days: u32, mean: f64) -> Scenario {
    let mut scenario = empty(days, &["message", "post"]);
    scenario.calendar.workdays = [true, true, true, true, true, false, false];
    scenario.calendar.from_second = 9 * 3_600;
    scenario.calendar.to_second = 17 * 3_600;
    scenario.groups[0].demand = vec![demand(0, poisson(mean)), demand(1, poisson(mean / 2.0))];
    for demand in &mut scenario.groups[0].demand {
        demand.weekdays = [1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.0];
    }
    let platform = &mut scenario.platforms[0];
    platform.incidents = vec![incident("password_changed", 0.01), incident("access_revoked", 0.005)];
    platform.incidents[1].renewable = false;
    platform.ladder.rungs = vec![
        Rung::Warning,
        Rung::Restriction(DaysLaw::Fixed(3)),
        Rung::Restriction(DaysLaw::Uniform { min: 2, max: 6 }),
        Rung::Permanent,
    ];
    platform.reconnect = Reconnect {
        after_restriction: DaysLaw::Uniform { min: 1, max: 2 },
        token_expired: TWO_DAYS,
        token_idle: DaysLaw::Geometric { mean: 3.0, at_least: 2 },
        incident: TWO_DAYS,
        new_authorisation: DaysLaw::Fixed(5),
    };
    scenario
}

fn ladder_with_memory() -> Scenario {
    let mut scenario = office(90, 6.0);
    scenario.platforms[0].rules = vec![
        rule(&[0], &[(Window::Day, 8)], Trial::Day, 0.3),
        rule(&[0, 1], &[(Window::TrailingDays(3), 24)], Trial::Day, 0.2),
        rule(&[1], &[(Window::Week, 14), (Window::Month, 55)], Trial::Day, 0.1),
    ];
    scenario.platforms[0].ladder.memory_days = Some(20);
    let random = DaysLaw::LogNormal { median: 3.0, sigma: 0.7, min: 1, max: 12 };
    scenario.platforms[0].ladder.rungs[1] = Rung::Restriction(random);
    scenario
}

fn deferred(sliding_week: bool) -> Scenario {
    let mut scenario = ladder_with_memory();
    let caps = Pacing { per_day: Some(6), per_week: Some(26), sliding_week, defer: true, ..pacing(0) };
    scenario.groups[0].pacing = vec![caps, Pacing { per_day: Some(3), ..pacing(1) }];
    scenario
}

fn hourly_backlog() -> Scenario {
    let mut scenario = office(60, 7.0);
    let caps = Pacing {
        per_hour: Some(2),
        per_day: Some(7),
        per_week: Some(28),
        sliding_week: true,
        defer: true,
        ..pacing(0)
    };
    scenario.groups[0].pacing = vec![caps, Pacing { per_hour: Some(1), defer: true, ..pacing(1) }];
    scenario.groups[0].demand[0].hours = between(6 * 3_600, 20 * 3_600);
    scenario.platforms[0].rules = vec![
        rule(&[0], &[(Window::Sliding(HOUR), 2), (Window::Sliding(DAY), 7)], Trial::Event, 0.05),
        rule(&[0, 1], &[(Window::Sliding(2 * HOUR), 4)], Trial::Event, 0.03),
    ];
    scenario
}

fn spread() -> Scenario {
    let mut scenario = office(60, 6.0);
    let caps = Pacing {
        per_day: Some(7),
        per_week: Some(30),
        sliding_week: true,
        defer: true,
        spread: true,
        ..pacing(0)
    };
    scenario.groups[0].pacing = vec![caps];
    scenario.platforms[0].rules =
        vec![rule(&[0, 1], &[(Window::Sliding(HOUR), 2), (Window::Sliding(DAY), 11)], Trial::Event, 0.03)];
    scenario
}

fn spread_and_dropped() -> Scenario {
    let mut scenario = spread();
    scenario.groups[0].pacing[0].defer = false;
    scenario.groups[0].pacing[0].per_hour = Some(1);
    scenario.groups[0].pacing.push(Pacing { spread: true, per_day: Some(4), ..pacing(1) });
    scenario.platforms[0].token.idle_days = Some(3);
    scenario
}

fn ramp_up() -> Scenario {
    let mut scenario = ladder_with_memory();
    let step = |from_age_days, per_day| RampStep { from_age_days, per_day };
    scenario.groups[0].pacing = vec![Pacing {
        ramp_up: vec![step(0, 1), step(10, 3), step(30, 9)],
        per_day: Some(8),
        defer: true,
        ..pacing(0)
    }];
    let mut older = Group { name: "older".to_owned(), ..scenario.groups[0].clone() };
    older.account_age_days = 25;
    older.count = 3;
    older.pacing[0].defer = false;
    scenario.groups.push(older);
    scenario
}

fn idle_tokens() -> Scenario {
    let mut scenario = office(120, 0.6);
    scenario.platforms[0].token.idle_days = Some(6);
    scenario.platforms[0].token.lifetime_days = Some(45);
    scenario.platforms[0].rules = vec![rule(&[0], &[(Window::TrailingDays(2), 2)], Trial::Day, 0.1)];
    scenario
}

fn refreshed_tokens() -> Scenario {
    let mut scenario = office(120, 0.5);
    scenario.platforms[0].token.lifetime_days = Some(9);
    scenario.platforms[0].token.refresh_on_use = true;
    scenario.platforms[0].token.renewable = false;
    scenario
}

fn weekly_detection() -> Scenario {
    let mut scenario = office(100, 5.0);
    scenario.start = jiff::civil::Date::constant(2026, 1, 8);
    let mut weekly = rule(&[0], &[(Window::Week, 24), (Window::TrailingDays(3), 17)], Trial::Week, 0.1);
    weekly.detection = Detection { per: Trial::Week, probability: 0.1, slope: 0.8, ceiling: 0.5 };
    let mut daily = rule(&[0, 1], &[(Window::Day, 9)], Trial::Day, 0.05);
    daily.detection = Detection { per: Trial::Day, probability: 0.02, slope: 0.3, ceiling: 0.4 };
    scenario.platforms[0].rules = vec![weekly, daily];
    scenario
}

fn weekly_detection_of_events() -> Scenario {
    let mut scenario = weekly_detection();
    scenario.platforms[0].rules.push(rule(
        &[0, 1],
        &[(Window::Sliding(HOUR), 3), (Window::Sliding(7 * DAY), 40)],
        Trial::Week,
        0.2,
    ));
    scenario.platforms[0].rules.push(rule(&[1], &[(Window::Sliding(30 * HOUR), 5)], Trial::Day, 0.1));
    scenario
}

fn shared_windows() -> Scenario {
    let mut scenario = office(60, 8.0);
    let mut growing = rule(&[0, 1], &[(Window::Sliding(HOUR), 4), (Window::Day, 14)], Trial::Event, 0.01);
    growing.detection = Detection { per: Trial::Event, probability: 0.01, slope: 0.1, ceiling: 0.2 };
    scenario.platforms[0].rules = vec![
        growing,
        rule(&[0], &[(Window::TrailingDays(5), 36), (Window::Month, 150)], Trial::Event, 0.02),
        rule(&[1], &[(Window::Week, 20)], Trial::Event, 0.05),
    ];
    scenario.platforms[0].ladder.memory_days = Some(9);
    scenario.platforms[0].incidents[0].reconnect = Some(DaysLaw::Fixed(2));
    scenario
}

fn seasons() -> Scenario {
    let mut scenario = ladder_with_memory();
    let overdispersed = CountLaw::NegativeBinomial { mean: 6.0, size: 2.0 };
    scenario.groups[0].demand[0].law = overdispersed;
    scenario.groups[0].demand[1].law = CountLaw::Quota { per_day: 3.6, variation: 0.5 };
    scenario.groups[0].demand[0].months[1] = 0.4;
    scenario.groups[0].phases = vec![
        Phase {
            name: "ramp".to_owned(),
            from_day: 5,
            days: 20,
            factor: 0.2,
            factor_at_end: 1.8,
            actions: vec![0],
        },
        Phase {
            name: "campaign".to_owned(),
            from_day: 15,
            days: 1,
            factor: 3.0,
            factor_at_end: 1.0,
            actions: Vec::new(),
        },
    ];
    let day = |month, day| jiff::civil::Date::constant(2026, month, day);
    scenario.calendar.holidays = vec![day(1, 6), day(2, 2)];
    scenario.groups[0].time_off = vec![(day(1, 19), day(1, 23))];
    let caps = Pacing { per_week: Some(30), defer: true, ..pacing(0) };
    scenario.groups[0].pacing = vec![caps];
    scenario
}

/// Both actions happen in the background too; phases do not multiply it, days off stop it.
fn background() -> Scenario {
    let mut scenario = seasons();
    let mut weekends = demand(1, poisson(2.0));
    weekends.weekdays = [0.5, 0.5, 0.5, 0.5, 0.5, 2.0, 2.0];
    scenario.groups[0].background = vec![demand(0, poisson(3.0)), weekends];
    scenario
}

/// Somebody who does little in an extension's company, in other hours than it.
fn background_by_event() -> Scenario {
    let mut scenario = night_shift();
    scenario.groups[0].demand[1].law = poisson(0.3);
    scenario.groups[0].demand[0].law = poisson(0.3);
    let mut strays = demand(0, CountLaw::NegativeBinomial { mean: 4.0, size: 1.0 });
    strays.hours = vec![HourBand { from_second: 12 * 3_600, to_second: 86_400, weight: 1.0 }];
    scenario.groups[0].background = vec![strays];
    scenario
}

fn night_shift() -> Scenario {
    let mut scenario = office(60, 6.0);
    let band = |from_second, to_second, weight| HourBand { from_second, to_second, weight };
    let hours = vec![band(0, 3_600, 3.0), band(8 * 3_600, 18 * 3_600, 1.0), band(82_800, 86_400, 4.0)];
    scenario.groups[0].demand[0].hours = hours;
    scenario.groups[0].demand[1].law = quota(3.0);
    scenario.calendar.from_second = 0;
    scenario.calendar.to_second = 86_400;
    scenario.groups[0].pacing = vec![Pacing { per_hour: Some(3), defer: true, ..pacing(0) }];
    scenario.platforms[0].token.idle_days = Some(2);
    scenario.platforms[0].rules = vec![
        rule(&[0], &[(Window::Sliding(90 * 60_000), 3)], Trial::Event, 0.05),
        rule(&[0, 1], &[(Window::Day, 10)], Trial::Day, 0.05),
    ];
    scenario
}
