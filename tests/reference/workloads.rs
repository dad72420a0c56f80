//! The canonical account-years: W1 (day resolution), W2 (event resolution), V1 (a mostly idle W1 over 800 days).

use pacewise::rules::{ActionId, Window};
use pacewise::scenario::{DaysLaw, Demand, Ladder, Reconnect, Rung, Scenario, TokenPolicy, Trial};
use pacewise::time::{DAY, HOUR};

use super::builders::{TWO_DAYS, between, demand, empty, incident, poisson, rule};

pub(crate) const ACTIONS: [&str; 4] = ["page_search", "profile_view", "connection_request", "message"];
pub(crate) const CONNECTION_REQUEST: ActionId = 2;
const MEANS: [f64; 4] = [20.0, 40.0, 18.0, 25.0];
const DAY_LIMITS: [u32; 4] = [40, 60, 30, 45];
const HOUR_LIMITS: [u32; 4] = [10, 15, 8, 12];

/// W1: rules on civil days and trailing weeks, checked at the end of each day.
pub(crate) fn w1() -> Scenario {
    let mut scenario = w1_without_trailing_week();
    let trailing = rule(&[CONNECTION_REQUEST], &[(Window::TrailingDays(7), 120)], Trial::Day, 0.05);
    scenario.platforms[0].rules.push(trailing);
    scenario
}

/// W1 with its calendar-day rules only.
pub(crate) fn w1_without_trailing_week() -> Scenario {
    let mut scenario = account_year();
    scenario.platforms[0].rules =
        (0..4).map(|a| rule(&[a], &[(Window::Day, DAY_LIMITS[a])], Trial::Day, 0.05)).collect();
    scenario
}

/// W2: sliding windows, checked at every event.
pub(crate) fn w2() -> Scenario {
    let mut scenario = account_year();
    for demand in &mut scenario.groups[0].demand {
        demand.hours = between(9 * 3_600, 18 * 3_600);
    }
    scenario.platforms[0].rules = (0..4).map(w2_rule).collect();
    scenario
}

fn w2_rule(action: ActionId) -> pacewise::scenario::VolumeRule {
    let mut limits =
        vec![(Window::Sliding(HOUR), HOUR_LIMITS[action]), (Window::Sliding(DAY), DAY_LIMITS[action])];
    if action == CONNECTION_REQUEST {
        limits.push((Window::Sliding(7 * DAY), 120));
    }
    rule(&[action], &limits, Trial::Event, 0.01)
}

/// V1: W1 with all means x 0.001 over 800 days; reaches token age and idle time.
pub(crate) fn v1() -> Scenario {
    let mut scenario = w1().with_pace(None, 0.001);
    scenario.horizon_days = 800;
    scenario
}

/// The activity of connection requests alone, as in W2, without consequences.
pub(crate) fn w2_requests(days: u32) -> Scenario {
    let mut scenario = empty(days, &ACTIONS);
    let mut requests = office_demand(CONNECTION_REQUEST);
    requests.hours = between(9 * 3_600, 18 * 3_600);
    scenario.groups[0].demand = vec![requests];
    scenario
}

fn office_demand(action: ActionId) -> Demand {
    Demand { weekdays: [1.0, 1.0, 1.0, 1.0, 1.0, 0.2, 0.2], ..demand(action, poisson(MEANS[action])) }
}

fn account_year() -> Scenario {
    let mut scenario = empty(365, &ACTIONS);
    scenario.calendar.workdays = [true, true, true, true, true, false, false];
    scenario.calendar.from_second = 9 * 3_600;
    scenario.calendar.to_second = 18 * 3_600;
    scenario.groups[0].demand = (0..4).map(office_demand).collect();
    let platform = &mut scenario.platforms[0];
    let rungs =
        vec![Rung::Restriction(DaysLaw::Fixed(3)), Rung::Restriction(DaysLaw::Fixed(14)), Rung::Permanent];
    platform.ladder = Ladder { rungs, memory_days: None };
    platform.token = TokenPolicy {
        lifetime_days: Some(365),
        idle_days: Some(60),
        refresh_on_use: false,
        collects_data: false,
        displacement: None,
        renewable: true,
    };
    platform.incidents = vec![
        incident("password_changed", 0.001),
        incident("access_revoked", 0.0003),
        incident("admin_role_lost", 0.0002),
    ];
    platform.reconnect = Reconnect {
        after_restriction: DaysLaw::Fixed(1),
        token_expired: TWO_DAYS,
        token_idle: TWO_DAYS,
        incident: TWO_DAYS,
        new_authorisation: TWO_DAYS,
    };
    scenario
}
