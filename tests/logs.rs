//! Recorded demand: replayed as it was, or in whole weeks drawn at random.

mod lives;

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::date;
use lives::lives;
use pacewise::scenario::{Resolution, Scenario};
use proptest::prelude::*;

/// A scenario beside one log.
fn scenario(text: &str, log: &str) -> Scenario {
    let parsed = Scenario::parse_beside(text, "logs", &|name| match name {
        "log.csv" => Ok(log.to_owned()),
        _ => Err("no such file".to_owned()),
    });
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

const BOTH: [Resolution; 2] = [Resolution::Day, Resolution::Event];
const ACTIONS: usize = 7;
const MESSAGE: usize = 3;
const POST: usize = 4;

/// A log with so many actions of an account on a day after Monday, 2025-09-01.
fn log(counts: impl IntoIterator<Item = (usize, u32, &'static str, u32)>) -> String {
    let mut text = "account,time,action\n".to_owned();
    for (account, day, action, count) in counts {
        let date = date(2025, 9, 1).checked_add(i64::from(day).days()).expect("it is near");
        for number in 0..count {
            writeln!(text, "{account},{date}T{:02}:30:00,{action}", 8 + number % 12)
                .expect("text takes text");
        }
    }
    text
}

const WEEKS: &str = r#"
start = 2026-01-07
horizon_days = 40
resolution = "day"
[demand_log]
file = "log.csv"
use = "weeks"
from = 2025-08-27
to = 2025-09-28
[[group]]
name = "team"
count = 2
"#;

/// The counts of two actions on the days of a week.
type Week = [[u32; 2]; 7];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_simulated_week_is_a_recorded_one(
        weeks in prop::collection::vec(prop::array::uniform7(prop::array::uniform2(0_u32..4)), 8),
        event: bool,
    ) {
        // Two accounts over four whole weeks, and a day before and after that belong to no whole week.
        let mut counts = vec![(0, 0, "comment", 1), (1, 0, "comment", 1)];
        for (number, week) in weeks.iter().enumerate() {
            for (day, [messages, posts]) in (0..).zip(week) {
                let day = number as u32 % 4 * 7 + day;
                counts.extend([(number / 4, day, "message", *messages), (number / 4, day, "post", *posts)]);
            }
        }
        let scenario = scenario(WEEKS, &log(counts));
        let resolution = if event { Resolution::Event } else { Resolution::Day };
        for (life, daily) in lives(&scenario, resolution, 9, 3) {
            // The horizon starts on a Wednesday: five days, then five whole weeks.
            for week in 0..5 {
                let count = |day: usize, action| daily.demanded[(5 + week * 7 + day) * ACTIONS + action];
                let simulated: Week = std::array::from_fn(|day| [count(day, MESSAGE), count(day, POST)]);
                prop_assert!(weeks.contains(&simulated), "{:?}", simulated);
            }
            let first: Vec<[u32; 2]> = (0..5).map(|day| [MESSAGE, POST].map(|action| daily.demanded[day * ACTIONS + action])).collect();
            prop_assert!(weeks.iter().any(|week| week[2..] == first[..]), "{:?}", first);
            prop_assert_eq!(&life.demanded, &life.delivered);
        }
    }
}

#[test]
fn every_recorded_week_is_drawn_as_often_as_any_other() {
    // Two accounts over three weeks: the weekly totals 1 to 6 tell them apart.
    let blocks = (0..6).map(|block| (block / 3, block as u32 % 3 * 7 + 6, "message", block as u32 + 1));
    let text =
        WEEKS.replace("2025-09-28", "2025-09-21").replace("2026-01-07", "2026-01-05").replace("= 40", "= 70");
    let mut seen = BTreeMap::new();
    let lives = lives(&scenario(&text, &log(blocks)), Resolution::Day, 9, 600);
    for (_, daily) in &lives {
        for week in 0..10 {
            *seen.entry(daily.demanded[(week * 7 + 6) * ACTIONS + MESSAGE]).or_insert(0_u32) += 1;
        }
    }
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let expected = lives.len() as f64 * 10.0 / 6.0;
    let chi2: f64 = seen.values().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    // Five degrees of freedom: mean 5, variance 10.
    assert!(chi2 < 5.0 + 4.0 * 10.0_f64.sqrt(), "chi-square {chi2}: {seen:?}");
}

const REPLAY: &str = r#"
start = 2026-01-05
horizon_days = 14
[demand_log]
file = "log.csv"
use = "replay"
from = 2025-09-01
[demand.login]
poisson = { mean = 1 }
[[group]]
name = "others"
count = 2
[group.demand.message]
poisson = { mean = 0 }
[[group]]
name = "team"
count = 2
"#;

fn recorded() -> String {
    let first = (0..20).map(|day| (0, day, "message", day % 4));
    let second = (0..20).map(|day| (1, day, "message", 1 + day % 2));
    log(first.chain(second).chain([(1, 3, "post", 2)]))
}

#[test]
fn each_account_replays_the_recorded_one_in_its_place() {
    let scenario = scenario(REPLAY, &recorded());
    for resolution in BOTH {
        for team in lives(&scenario, resolution, 9, 5).chunks(4) {
            for (place, (_, daily)) in team.iter().enumerate() {
                let of = |day: usize, action: usize| daily.demanded[day * ACTIONS + action];
                for day in 0..14 {
                    let recorded = if place % 2 == 0 { day as u32 % 4 } else { 1 + day as u32 % 2 };
                    assert_eq!(
                        of(day, MESSAGE),
                        if place < 2 { 0 } else { recorded },
                        "{resolution:?} {place} {day}"
                    );
                    assert_eq!(of(day, POST), if place % 2 == 1 && day == 3 { 2 } else { 0 });
                }
            }
        }
    }
}

#[test]
fn replayed_actions_keep_their_times() {
    // On the last day: 9:00:00, 9:00:30 and 9:01:00 lie within (9:00:00 - 1 s, 9:01:00], a window of 61 s; not one of 60 s.
    let log = "account,time,action\na,2026-01-05T10:00:00,message\na,2026-01-06T09:00:30Z,message\na,1767690000,message\na,2026-01-06 09:01,message\n";
    let flagged = |window: &str| {
        let text = format!(
            r#"
start = 2026-01-05
horizon_days = 2
ladder = {{ rungs = ["warning"] }}
demand_log = {{ file = "log.csv", use = "replay" }}
rule = [{{ name = "bursts", actions = ["message"], windows = [{{ sliding = "{window}", limit = 2 }}], detection = {{ per = "event", probability = 1 }} }}]
"#
        );
        lives(&scenario(&text, log), Resolution::Event, 9, 1)[0].0.first_flag.map(|flag| flag.0)
    };
    assert_eq!((flagged("61s"), flagged("60s")), (Some(1), None));
}

#[test]
fn paces_phases_and_days_off_hold_for_recorded_actions() {
    let phase = "phase = [{ name = \"rush\", from_day = 2, days = 3, factor = 2 }]\ncalendar.holidays = [2026-01-09]\n";
    let text = phase.to_owned() + REPLAY;
    let scenario = scenario(&text, &recorded());
    let at = |pace: f64| lives(&scenario.with_pace(Some(MESSAGE), pace), Resolution::Day, 9, 40);
    for (place, (_, daily)) in at(2.0).iter().enumerate().filter(|(place, _)| place % 4 >= 2) {
        for day in 0..14_u32 {
            let recorded = if place % 2 == 0 { day % 4 } else { 1 + day % 2 };
            let factor = [2, 2, 4, 4, 0].get(day as usize).copied().unwrap_or(2);
            assert_eq!(daily.demanded[day as usize * ACTIONS + MESSAGE], recorded * factor, "{place} {day}");
        }
    }
    let paces = [0.4, 1.0, 1.7, 2.0].map(at);
    for pair in paces.windows(2) {
        for ((_, fewer), (_, more)) in pair[0].iter().zip(&pair[1]) {
            assert!(fewer.demanded.iter().zip(&more.demanded).all(|(fewer, more)| fewer <= more));
        }
    }
    let total = |at: usize| paces[at].iter().map(|(life, _)| life.demanded[MESSAGE]).sum::<u64>() as f64;
    // Some 2,600 recorded messages: each is kept with probability 0.4 (0.8 in the rush).
    assert!(
        (total(0) / total(1) - 0.4).abs() < 4.0 * (0.24 / total(1)).sqrt() + 0.01,
        "{}",
        total(0) / total(1)
    );
}

#[test]
fn the_hash_covers_what_was_recorded_and_not_how_it_was_written_down() {
    let hash = |log: &str| scenario(REPLAY, log).hash();
    let log = "account,time,action\na,2025-09-01T09:00:00,message\na,2025-09-02T09:00:00,post\n";
    let same = "time,action,account\n1756717200, message ,a\n2025-09-02T09:00,post,a\n";
    let later = log.replace("2025-09-02T09:00:00", "2025-09-02T09:00:01");
    assert_eq!(hash(log), hash(same));
    assert_ne!(hash(log), hash(&later));
    assert_ne!(hash(log), hash(&log.replace("post", "comment")));
}

#[test]
fn a_scenario_read_without_its_folder_says_so() {
    let parsed = Scenario::parse(REPLAY, "alone");
    assert!(parsed.scenario.is_none());
    assert_eq!(parsed.diagnostics[0].message, "log.csv: no files can be read here");
}
