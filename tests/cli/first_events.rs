//! When the first of a team is hit, and which rule brought the first flag and the first restriction, on days that are known beforehand.

use std::fs;

use crate::program::{succeed, summary, temporary, write};

/// One rule flags on the first Monday and the other on the Wednesday after it, in turns by group; the second flag restricts.
const TWO_RULES: &str = r#"
start = 2026-01-05
horizon_days = 6
[demand.message]
quota = { per_day = 5 }
weekdays = { mon = 1, tue = 0, wed = 0, thu = 0, fri = 0 }
[demand.post]
quota = { per_day = 5 }
weekdays = { mon = 0, tue = 0, wed = 1, thu = 0, fri = 0 }
[[group]]
name = "messages first"
[[group]]
name = "posts first"
[group.demand.message]
quota = { per_day = 5 }
weekdays = { mon = 0, tue = 0, wed = 1, thu = 0, fri = 0 }
[group.demand.post]
quota = { per_day = 5 }
weekdays = { mon = 1, tue = 0, wed = 0, thu = 0, fri = 0 }
[[rule]]
name = "messages"
actions = ["message"]
windows = [{ calendar = "day", limit = 4 }]
detection = { per = "day", probability = 1 }
[[rule]]
name = "posts"
actions = ["post"]
windows = [{ calendar = "day", limit = 4 }]
detection = { per = "day", probability = 1 }
[ladder]
rungs = ["warning", { restriction = { fixed = 3 } }]
"#;

#[test]
fn a_restriction_is_put_down_to_the_rule_of_its_own_flag_not_of_the_first() {
    let place = temporary();
    write(place.path(), "two.toml", TWO_RULES);
    succeed(place.path(), "simulate two.toml --replicates 20 --no-curve --out r");
    let summary = summary(&place.path().join("r"));
    let shares = |scope: &serde_json::Value, list: &str| {
        let rules = scope[list].as_array().expect("a list").iter();
        rules
            .map(|rule| {
                (rule["rule"].as_str().expect("text").to_owned(), rule["value"].as_f64().expect("a share"))
            })
            .collect::<Vec<_>>()
    };
    let both = |messages, posts| vec![("messages".to_owned(), messages), ("posts".to_owned(), posts)];
    let [first, second] = [0, 1].map(|group| &summary["groups"][group]);
    assert_eq!(shares(first, "first_flag_rules"), both(1.0, 0.0));
    assert_eq!(shares(first, "first_restriction_rules"), both(0.0, 1.0));
    assert_eq!(shares(second, "first_flag_rules"), both(0.0, 1.0));
    assert_eq!(shares(second, "first_restriction_rules"), both(1.0, 0.0));
    assert_eq!(shares(&summary, "first_restriction_rules"), both(0.5, 0.5));
    let rows = fs::read_to_string(place.path().join("r/estimates.csv")).expect("a file");
    assert!(rows.contains("\ngroup,messages first,first_restriction,posts,1,"), "{rows}");
}

/// Four accounts that lose their connection with probability 0.02 on each day, whatever the others do.
const FOUR: &str = r#"
start = 2026-01-05
horizon_days = 30
[[group]]
name = "team"
count = 4
[demand.message]
poisson = { mean = 1 }
[[incident]]
cause = "password_changed"
per_day = 0.02
"#;

#[test]
fn by_each_day_one_of_four_independent_accounts_is_out_with_1_minus_the_fourth_power() {
    let place = temporary();
    write(place.path(), "four.toml", FOUR);
    succeed(place.path(), "simulate four.toml --replicates 4000 --no-curve --seed 3 --out r");
    let text = fs::read_to_string(place.path().join("r/incidence.csv")).expect("a file");
    let rows = text.lines().filter_map(|line| line.strip_prefix("team,,disconnection,any,"));
    let shares: Vec<f64> =
        rows.map(|row| row.split(',').nth(1).and_then(|cell| cell.parse().ok()).expect("a share")).collect();
    assert_eq!(shares.len(), 30);
    for (day, share) in (1..).zip(&shares) {
        let expected = 1.0 - 0.98_f64.powi(4 * day);
        let z = (share - expected) / (expected * (1.0 - expected) / 4000.0).sqrt();
        assert!(z.abs() < 4.5, "by day {day}: {share}, expected {expected}, z {z}");
    }
    let team = &summary(&place.path().join("r"))["team"];
    assert_eq!(team["disconnected"]["value"], shares[29]);
}
