//! Demand that comes in bursts: what holds of every life, besides the known answers in `tests/oracles.rs`.

mod lives;

use lives::lives;
use pacewise::model::Model;
use pacewise::scenario::{Resolution, Scenario};

const TEXT: &str = r#"
start = 2026-01-05
horizon_days = 45
calendar.holidays = [2026-01-21]
demand.message.sessions = { per_day = 3, mean_actions = 6, length = "2h" }
demand.post.sessions = { per_day = 0.5, mean_actions = 2, size = "poisson", mean_delay = "9h" }
demand.comment.self_exciting = { baseline = 4, branching = 0.6, decay = "8h" }
demand.login.poisson = { mean = 2 }
group = [{ name = "people", count = 2, time_off = [{ from = 2026-01-28, to = 2026-01-29 }] }]
"#;

fn scenario(text: &str) -> Scenario {
    let parsed = Scenario::parse(text, "bursts");
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

#[test]
fn both_resolutions_bring_the_same_actions_on_the_same_days() {
    let scenario = scenario(TEXT);
    let (by_day, by_event) =
        (lives(&scenario, Resolution::Day, 3, 100), lives(&scenario, Resolution::Event, 3, 100));
    for ((day, of_day), (event, of_event)) in by_day.iter().zip(&by_event) {
        assert_eq!(of_day.demanded, of_event.demanded);
        assert_eq!(day.delivered, event.delivered);
    }
    let model = Model::compile(&scenario);
    let mut simulator = model.simulator();
    for replicate in 0..100 {
        let plain = simulator.replicate(3, replicate).accounts[1].clone();
        assert_eq!(plain, by_day[2 * replicate as usize + 1].0, "a sample changes nothing");
    }
}

#[test]
fn nothing_falls_on_days_without_demand() {
    let actions = scenario(TEXT).actions.len();
    for (_, daily) in lives(&scenario(TEXT), Resolution::Day, 3, 100) {
        let of_day = |day: usize| daily.demanded[day * actions..][..actions].iter().sum::<u32>();
        for day in 0..45 {
            let off = day % 7 >= 5 || day == 16 || day == 23 || day == 24;
            assert!(!off || of_day(day) == 0, "day {day}");
        }
        assert!((0..45).map(of_day).sum::<u32>() > 300);
    }
}

#[test]
fn a_larger_pace_adds_actions_and_takes_none_away() {
    let scenario = scenario(TEXT);
    let paces =
        [0.5, 1.0, 1.3, 2.0].map(|pace| lives(&scenario.with_pace(None, pace), Resolution::Day, 3, 60));
    for pair in paces.windows(2) {
        for ((_, fewer), (_, more)) in pair[0].iter().zip(&pair[1]) {
            assert!(fewer.demanded.iter().zip(&more.demanded).all(|(fewer, more)| fewer <= more));
        }
    }
    let total =
        |at: usize| paces[at].iter().map(|(life, _)| life.demanded.iter().sum::<u64>()).sum::<u64>() as f64;
    assert!((total(3) / total(1) - 2.0).abs() < 0.1, "{} at twice {}", total(3), total(1));
}

#[test]
fn a_session_falls_into_its_length() {
    // One session of exactly one action is no burst; six in the mean, within a minute, are: more than five in a minute
    // are P(size > 5) = (5/6)^5 of the sessions, if there is one session a day.
    let text = |length: &str| {
        format!(
            r#"
start = 2026-01-05
horizon_days = 1
demand.message.sessions = {{ per_day = 0.01, mean_actions = 6, length = "{length}" }}
rule = [{{ name = "bursts", actions = ["message"], windows = [{{ sliding = "1m", limit = 5 }}], detection = {{ per = "event", probability = 1 }} }}]
ladder = {{ rungs = ["warning"] }}
"#
        )
    };
    let n = 200_000;
    let flagged = |length: &str| {
        let model = Model::compile(&scenario(&text(length)));
        let mut simulator = model.simulator();
        let flagged = |replicate: &u64| simulator.replicate(5, *replicate).accounts[0].first_flag.is_some();
        (0..n).filter(flagged).count() as f64
    };
    // Two sessions that meet within a minute are too rare to matter (0.01² / 2 x 2 / 540).
    let p = 1.0 - (-0.01 * (5.0_f64 / 6.0).powi(5)).exp();
    let z = (flagged("60s") - p * n as f64) / (p * n as f64).sqrt();
    assert!(z.abs() < 4.0, "z = {z}");
    assert!(flagged("10h") < 0.05 * flagged("60s"));
}

#[test]
fn caps_and_even_spreading_hold_for_bursts() {
    let pacing = "pacing.message = { per_day = 10, overflow = \"defer\" }\npacing.comment.per_hour = 2\npacing.post.spread = true\ngroup = ";
    let scenario = scenario(&TEXT.replace("group = ", pacing));
    let free = lives(&scenario, Resolution::Event, 3, 60);
    for (life, daily) in &free {
        for action in 0..scenario.actions.len() {
            assert_eq!(
                life.demanded[action],
                life.delivered[action] + life.waiting[action] + life.lost[action]
            );
        }
        assert!(daily.delivered.chunks(scenario.actions.len()).all(|day| day[3] <= 10));
    }
    assert!(
        free.iter().any(|(life, _)| life.deferred[3] > 0) && free.iter().any(|(life, _)| life.lost[5] > 0)
    );
    assert!(free.iter().all(|(life, _)| life.lost[4] == 0 && life.waiting[4] == 0));
}
