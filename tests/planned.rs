//! Planned events: what they cost is known to the day, at both resolutions.

mod fast;

use fast::simulate_fast;
use pacewise::model::{Away, Model};
use pacewise::results::AccountResults;
use pacewise::scenario::Scenario;
use pacewise::time::{DAY, day_number, start_of};

fn scenario(days: u32, text: &str) -> Scenario {
    let text = format!("start = 2026-01-05\nhorizon_days = {days}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

/// The stretches without connection of a replicate's first account: cause, first day, day of the reconnection.
fn aways(scenario: &Scenario) -> Vec<(String, i64, i64)> {
    let (model, causes) = (Model::compile(scenario), scenario.causes());
    let origin = start_of(day_number(scenario.start));
    let day = |at: i64| (at - origin) / DAY;
    let told = |away: &Away| (causes[usize::from(away.cause)].clone(), day(away.from), day(away.until));
    model.simulator().replicate(1, 0).accounts[0].aways.iter().map(told).collect()
}

fn mean(account: &AccountResults, cause: &str) -> f64 {
    account.disconnections.iter().find(|row| row.cause == cause).expect("it is a cause").mean.value
}

const ROTATION: &str = "[[event]]\ncause = \"password_changed\"\nevery_days = 90\nfrom = 2026-01-05\n\
                        outage = { fixed = 2 }\n";

#[test]
fn a_rotation_every_ninety_days_costs_five_disconnections_and_ten_days_a_year() {
    // Days 0, 90, 180, 270 and 360, each with two days lost.
    for resolution in ["day", "event"] {
        let year = scenario(365, &format!("resolution = \"{resolution}\"\n{ROTATION}"));
        let account = simulate_fast(&year, 20, 1).mean_account;
        assert_eq!(mean(&account, "password_changed"), 5.0, "{resolution}");
        assert_eq!(account.days_disconnected.value, 10.0, "{resolution}");
        assert_eq!(account.disconnected_by_day[0].value, 1.0, "dated the day that it strikes");
    }
    // One day less than the fourth rotation needs, and one day of the fifth outage.
    let days = |days| simulate_fast(&scenario(days, ROTATION), 5, 1).mean_account;
    assert_eq!(mean(&days(270), "password_changed"), 3.0);
    assert_eq!(mean(&days(271), "password_changed"), 4.0);
    assert_eq!(days(361).days_disconnected.value, 9.0);
}

#[test]
fn a_rotation_that_began_before_the_scenario_goes_on() {
    // 1 December is day -35: the next rotations are on days 55 and 145.
    let text = ROTATION.replace("2026-01-05", "2025-12-01");
    let struck = aways(&scenario(200, &text));
    let expected = [("password_changed".to_owned(), 55, 57), ("password_changed".to_owned(), 145, 147)];
    assert_eq!(struck, expected);
}

#[test]
fn the_start_of_a_day_reconnects_then_looks_at_the_age_then_at_plans() {
    let event = |cause: &str, every: u32, days: u32| {
        format!(
            "[[event]]\ncause = \"{cause}\"\nevery_days = {every}\nfrom = 2026-01-15\noutage = {{ fixed = {days} }}\n"
        )
    };
    // Reconnected at the start of days 12, 14, … and struck again at once.
    let always = simulate_fast(&scenario(40, &event("revoke_and_reconnect", 2, 2)), 3, 1).mean_account;
    assert_eq!(always.days_disconnected.value, 30.0);
    assert_eq!(mean(&always, "revoke_and_reconnect"), 15.0);
    // Who is away is spared.
    let spared = aways(&scenario(20, &event("revoke_and_reconnect", 2, 3)));
    assert_eq!(spared.iter().map(|away| away.1).collect::<Vec<_>>(), [10, 14, 18]);
    // The token is dead of age on day 10 already; the plan finds nobody.
    let old = format!(
        "[token]\nlifetime_days = 10\n[reconnect]\ntoken_expired = {{ fixed = 1 }}\n{}",
        event("password_changed", 100, 5)
    );
    assert_eq!(aways(&scenario(12, &old)), [("token_expired".to_owned(), 10, 11)]);
    // Of two events on one day the first in the file strikes; after an outage of no days the second does too.
    let both = event("first", 100, 2) + &event("second", 100, 2);
    assert_eq!(aways(&scenario(20, &both)), [("first".to_owned(), 10, 12)]);
    let both = event("first", 100, 0) + &event("second", 100, 2);
    assert_eq!(aways(&scenario(20, &both)), [("first".to_owned(), 10, 10), ("second".to_owned(), 10, 12)]);
}

#[test]
fn a_clean_slate_brings_a_new_token_with_a_fresh_age_and_no_idle_time() {
    let revoked = |days: u32| {
        format!(
            "[[event]]\ncause = \"revoke_and_reconnect\"\ndate = 2026-01-15\noutage = {{ fixed = {days} }}\n"
        )
    };
    let slate = |from: i64, to: i64| ("revoke_and_reconnect".to_owned(), from, to);
    for (resolution, days) in [("day", 0), ("day", 3), ("event", 0), ("event", 3)] {
        let back = 10 + i64::from(days);
        let head = format!("resolution = \"{resolution}\"\n");
        let aged =
            format!("{head}[token]\nlifetime_days = 12\n[reconnect]\ntoken_expired = {{ fixed = 90 }}\n");
        let aged = aways(&scenario(60, &(aged + &revoked(days))));
        assert_eq!(aged, [slate(10, back), ("token_expired".to_owned(), back + 12, back + 102)]);
        // Nothing is ever done: idle from the issue on, and not for the ten days before.
        let idle = format!("{head}[token]\nidle_days = 12\n[reconnect]\ntoken_idle = {{ fixed = 90 }}\n");
        let idle = aways(&scenario(60, &(idle + &revoked(days))));
        assert_eq!(idle, [slate(10, back), ("token_idle".to_owned(), back + 12, back + 102)], "{resolution}");
    }
}

#[test]
fn an_event_strikes_its_groups_only_and_with_the_delay_of_the_incident_of_its_name() {
    let text = "[[incident]]\ncause = \"password_changed\"\nper_day = 0\nreconnect = { fixed = 4 }\n\
                [[group]]\nname = \"a\"\n[[group]]\nname = \"b\"\n\
                [[event]]\ncause = \"password_changed\"\ndate = 2026-01-15\ngroups = [\"b\"]\n";
    let results = simulate_fast(&scenario(60, text), 3, 1);
    assert_eq!(results.groups[0].account.disconnected.value, 0.0);
    assert_eq!(results.groups[1].account.days_disconnected.value, 4.0);
}

#[test]
fn plans_change_nothing_before_they_strike_and_shortcuts_keep_them() {
    for path in ["workloads/w1", "workloads/w2", "workloads/v1"] {
        let file = format!("{}/scenarios/{path}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(file).expect("it is shipped");
        let parse = |text: &str| Scenario::parse(text, "test").scenario.expect("it is valid");
        let with = |day: &str| {
            let event = format!(
                "[[event]]\ncause = \"password_changed\"\nevery_days = 45\nfrom = {day}\noutage = {{ fixed = 3 }}\n"
            );
            Model::compile(&parse(&(text.clone() + &event)))
        };
        let (plain, never, often) = (Model::compile(&parse(&text)), with("2099-01-01"), with("2026-01-20"));
        let struck = |model: &Model, replicate| {
            let mut simulator = model.simulator();
            let quick = simulator.replicate(3, replicate).clone();
            assert!(quick == *simulator.replicate_in_full(3, replicate, |_, _| {}), "{path}");
            quick
        };
        for replicate in 0..30 {
            assert!(struck(&plain, replicate) == struck(&never, replicate), "{path}");
            struck(&often, replicate);
        }
    }
}
