//! Short ways to write scenarios in tests: start from [`empty`] and set what matters.

use jiff::civil::Date;
use pacewise::rules::{ActionId, Limit, Rule, Window};
use pacewise::scenario::{
    Aftermath, BeyondCounts, Calendar, Consequence, CountLaw, DaysLaw, Demand, Detection, Group, HourBand,
    Incident, Ladder, Pacing, Platform, Reconnect, Resolution, Rung, Scenario, TokenPolicy, Trial,
    VolumeRule,
};

/// A Monday.
pub(crate) const MONDAY: Date = Date::constant(2026, 1, 5);

/// One account without demand, rules or tokens that die, from a Monday on; everything is worked on every day, all day.
pub(crate) fn empty(days: u32, actions: &[&str]) -> Scenario {
    let group = Group {
        name: "team".to_owned(),
        platform: 0,
        count: 1,
        account_age_days: 0,
        demand: Vec::new(),
        background: Vec::new(),
        log: None,
        pacing: Vec::new(),
        phases: Vec::new(),
        time_off: Vec::new(),
        traits: Vec::new(),
        replaces: None,
    };
    let calendar = Calendar { workdays: [true; 7], from_second: 0, to_second: 86_400, holidays: Vec::new() };
    Scenario {
        name: "test".to_owned(),
        description: None,
        start: MONDAY,
        horizon_days: days,
        resolution: Resolution::Auto,
        replicates: None,
        seed: None,
        actions: actions.iter().map(|&name| name.to_owned()).collect(),
        calendar,
        groups: vec![group],
        platforms: vec![lenient_platform()],
        links: Vec::new(),
        events: Vec::new(),
        pages: Vec::new(),
        assumptions: Vec::new(),
    }
}

fn lenient_platform() -> Platform {
    let one_day = DaysLaw::Fixed(1);
    Platform {
        name: "platform".into(),
        traits: Vec::new(),
        beyond: BeyondCounts::default(),
        profile: None,
        variant: None,
        rules: Vec::new(),
        ladder: Ladder { rungs: vec![Rung::Warning], memory_days: None },
        token: TokenPolicy {
            lifetime_days: None,
            idle_days: None,
            refresh_on_use: false,
            collects_data: false,
            displacement: None,
            renewable: true,
        },
        incidents: Vec::new(),
        reconnect: Reconnect {
            after_restriction: one_day,
            token_expired: one_day,
            token_idle: one_day,
            incident: one_day,
            new_authorisation: one_day,
        },
        aftermath: Aftermath::default(),
    }
}

/// The same law on every day.
pub(crate) fn demand(action: ActionId, law: CountLaw) -> Demand {
    Demand { action, law, weekdays: [1.0; 7], months: [1.0; 12], hours: Vec::new() }
}

pub(crate) fn poisson(mean: f64) -> CountLaw {
    CountLaw::Poisson { mean }
}

pub(crate) fn quota(per_day: f64) -> CountLaw {
    CountLaw::Quota { per_day, variation: 0.0 }
}

/// Constant intensity between two times of day, in seconds.
pub(crate) fn between(from_second: u32, to_second: u32) -> Vec<HourBand> {
    vec![HourBand { from_second, to_second, weight: 1.0 }]
}

/// A rule on some actions whose trials succeed with a constant probability.
pub(crate) fn rule(
    actions: &[ActionId],
    limits: &[(Window, u32)],
    per: Trial,
    probability: f64,
) -> VolumeRule {
    let limits: Vec<Limit> = limits.iter().map(|&(window, max)| Limit { window, max }).collect();
    VolumeRule {
        consequence: Consequence::Ladder,
        name: format!("rule on {actions:?} with {limits:?}"),
        rule: Rule { actions: actions.to_vec(), limits },
        origins: Vec::new(),
        detection: Detection { per, probability, slope: 0.0, ceiling: 1.0 },
    }
}

/// A pacing without caps, for struct update.
pub(crate) fn pacing(action: ActionId) -> Pacing {
    Pacing {
        action,
        per_hour: None,
        per_day: None,
        per_week: None,
        sliding_week: false,
        ramp_up: Vec::new(),
        defer: false,
        spread: false,
    }
}

pub(crate) fn incident(cause: &str, per_day: f64) -> Incident {
    Incident { cause: cause.to_owned(), per_day, renewable: true, shared: false, reconnect: None }
}

/// At least one day, two in the mean.
pub(crate) const TWO_DAYS: DaysLaw = DaysLaw::Geometric { mean: 2.0, at_least: 1 };
