//! Which rule brought the first flag and the first restriction, on days that are known beforehand.

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
