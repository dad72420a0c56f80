//! What holds of every life, whatever the laws of its demand: nothing that was demanded disappears, both resolutions see
//! the same bursts and logs, and linked teams live like others.

mod lives;

use std::fmt::Write;

use lives::lives;
use pacewise::scenario::{Resolution, Scenario};
use proptest::prelude::*;

const LOG: &str = "account,time,action\na,2025-09-01T09:00:00,message\na,2025-09-03T10:00:00,message\n\
    a,2025-09-03T10:00:01,post\nb,2025-09-05T16:00:00,post\nb,2025-09-14T23:59:59,message\n";

fn scenario(text: &str) -> Scenario {
    let parsed = Scenario::parse_beside(text, "random", &|_| Ok(LOG.to_owned()));
    parsed.scenario.unwrap_or_else(|| panic!("{text}\n{:?}", parsed.diagnostics))
}

/// One of the laws of demand, of a small size.
fn law() -> impl Strategy<Value = String> {
    let size = prop_oneof![Just("geometric"), Just("poisson")];
    let length = prop_oneof![Just("length = \"1s\""), Just("length = \"30h\""), Just("mean_delay = \"5h\"")];
    prop_oneof![
        (0.0..9.0).prop_map(|mean| format!("poisson = {{ mean = {mean} }}")),
        (0.0..9.0, 0.0..0.5).prop_map(|(amount, variation)| {
            format!("quota = {{ per_day = {amount}, variation = {variation} }}")
        }),
        (0.0..3.0, 1.0..5.0, size, length).prop_map(|(sessions, actions, size, length)| {
            format!(
                "sessions = {{ per_day = {sessions}, mean_actions = {actions}, size = \"{size}\", {length} }}"
            )
        }),
        (0.0..5.0, 0.0..0.9, 1..40).prop_map(|(baseline, branching, hours)| {
            format!(
                "self_exciting = {{ baseline = {baseline}, branching = {branching}, decay = \"{hours}h\" }}"
            )
        }),
    ]
}

/// Caps that may defer, or none.
fn pacing() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        (0_u32..9, any::<bool>()).prop_map(|(cap, defers)| {
            let overflow = if defers { "defer" } else { "drop" };
            format!("per_day = {cap}\noverflow = \"{overflow}\"")
        }),
    ]
}

prop_compose! {
    /// A team on an unforgiving platform: four actions with any laws and caps, a background, perhaps a log.
    fn text()(
        laws in prop::array::uniform4(law()),
        caps in prop::array::uniform4(pacing()),
        background in 0.0..5.0,
        limit in 3_u32..30,
        log in prop_oneof![Just(""), Just("replay"), Just("weeks")],
        factor in 0.0..2.0,
    ) -> String {
        let mut text = format!(r#"start = 2025-09-01
horizon_days = 30
calendar.holidays = [2025-09-12]
token = {{ idle_days = 4 }}
incident = [{{ cause = "password_changed", per_day = 0.02 }}]
ladder = {{ rungs = ["warning", {{ restriction = {{ fixed = 2 }} }}] }}
phase = [{{ name = "phase", from_day = 10, days = 9, factor = {factor} }}]
rule = [{{ name = "all", actions = ["page_search", "comment", "login", "message"], windows = [{{ calendar = "day", limit = {limit} }}], detection = {{ per = "day", probability = 0.5 }} }}]
group = [{{ name = "one" }}, {{ name = "two", count = 2, time_off = [{{ from = 2025-09-22, to = 2025-09-23 }}] }}]
[background.comment]
poisson = {{ mean = {background} }}
"#);
        for (action, (law, caps)) in
            ["page_search", "profile_view", "comment", "login"].iter().zip(laws.iter().zip(&caps))
        {
            write!(text, "[demand.{action}]\n{law}\n[pacing.{action}]\n{caps}\n").expect("text takes text");
        }
        if !log.is_empty() {
            write!(text, "[demand_log]\nfile = \"log.csv\"\nuse = \"{log}\"\n[pacing.message]\nper_day = 1\n")
                .expect("text takes text");
        }
        text
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_demanded_is_delivered_waits_or_is_lost(text in text()) {
        let scenario = scenario(&text);
        let days = 30;
        for resolution in [Resolution::Day, Resolution::Event] {
            for (life, daily) in lives(&scenario, resolution, 5, 3) {
                for action in 0..scenario.actions.len() {
                    let accounted = life.delivered[action] + life.waiting[action] + life.lost[action];
                    prop_assert_eq!(life.demanded[action], accounted);
                    let by_day = |series: &[u32]| {
                        (0..days).map(|day| u64::from(series[day * scenario.actions.len() + action])).sum::<u64>()
                    };
                    prop_assert_eq!(life.demanded[action], by_day(&daily.demanded));
                    prop_assert_eq!(life.delivered[action], by_day(&daily.delivered));
                }
                let holiday = &daily.demanded[11 * scenario.actions.len()..12 * scenario.actions.len()];
                prop_assert!(holiday.iter().all(|&count| count == 0));
            }
        }
    }

    #[test]
    fn resolutions_and_links_leave_demand_as_it_is(text in text()) {
        let plain = scenario(&text);
        let linked = scenario(&(text + "[[link]]\nname = \"network\"\nper_day = 0\n"));
        let (by_day, by_event) = (lives(&plain, Resolution::Day, 5, 3), lives(&plain, Resolution::Event, 5, 3));
        for ((day, _), (event, _)) in by_day.iter().zip(&by_event) {
            prop_assert_eq!(&day.demanded, &event.demanded);
        }
        for (resolution, alone) in [(Resolution::Day, by_day), (Resolution::Event, by_event)] {
            for ((alone, _), (linked, _)) in alone.iter().zip(&lives(&linked, resolution, 5, 3)) {
                prop_assert_eq!(&alone.demanded, &linked.demanded);
                prop_assert_eq!(&alone.delivered, &linked.delivered);
                prop_assert_eq!(&alone.background, &linked.background);
                prop_assert_eq!(&alone.aways, &linked.aways);
            }
        }
    }
}
