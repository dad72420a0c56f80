//! Activity that is more than daily counts of what people want, against closed forms: what happens in the background.

use pacewise::model::{AccountOutcome, Model};
use pacewise::scenario::{Resolution, Scenario};

/// A scenario from its text; `lines` come before the first table.
fn scenario(text: &str) -> Scenario {
    let parsed = Scenario::parse(text, "activity");
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

/// Some replicates of the first account, as far as `read` sees it.
fn lives<T>(
    scenario: &Scenario,
    resolution: Resolution,
    n: u64,
    read: impl Fn(&AccountOutcome) -> T,
) -> Vec<T> {
    let model = Model::compile_at(scenario, resolution);
    let mut simulator = model.simulator();
    (0..n).map(|replicate| read(&simulator.replicate(7, replicate).accounts[0])).collect()
}

/// Holds a share to a probability: at most four standard errors away.
fn assert_share(hits: usize, n: u64, p: f64) {
    let share = hits as f64 / n as f64;
    let z = (share - p) / (p * (1.0 - p) / n as f64).sqrt();
    assert!(z.abs() < 4.0, "{share} is not {p}: z = {z}");
}

const BOTH: [Resolution; 2] = [Resolution::Day, Resolution::Event];

/// One day of views that people want and that happen by themselves, and a limit of 15 on their sum.
const VIEWS: &str = r#"
start = 2026-01-05
horizon_days = 1
demand.profile_view.poisson = { mean = 7 }
background.profile_view.poisson = { mean = 5 }
rule = [{ name = "views", actions = ["profile_view"], windows = [{ calendar = "day", limit = 15 }], detection = { per = "day", probability = 1 } }]
ladder = { rungs = ["warning"] }
"#;

#[test]
fn season_holidays_time_off_and_phases_multiply_the_means_of_their_days() {
    let text = r#"
start = 2026-01-26
horizon_days = 14
calendar.holidays = [2026-01-28]
[demand.message]
quota = { per_day = 10 }
weekdays = { fri = 0.5, sat = 0.2 }
months = { feb = 1.5 }
[[group]]
name = "person"
time_off = [{ from = 2026-02-03, to = 2026-02-04 }]
phase = [{ name = "end", from_day = 11, days = 3, factor = 2, factor_at_end = 0 }]
"#;
    // Monday to Saturday in January, then in February: the phase is 2, 1, 0 from Friday on.
    let days = [10, 10, 0, 10, 5, 2, 0, 15, 0, 0, 15, 15, 3, 0];
    for resolution in BOTH {
        let model = Model::compile_at(&scenario(text), resolution);
        model.simulator().replicate_in_full(1, 0, |_, daily| {
            let of_message: Vec<u32> = daily.demanded.chunks(7).map(|day| day[3]).collect();
            assert_eq!(of_message, days, "{resolution:?}");
        });
    }
}

#[test]
fn windows_count_the_background_with_the_rest() {
    // P(Poisson(12) > 15), and P(Poisson(7) > 15) without the background.
    for resolution in BOTH {
        let flagged = |text: &str| {
            let lives = lives(&scenario(text), resolution, 20_000, |account| account.first_flag.is_some());
            lives.into_iter().filter(|&flagged| flagged).count()
        };
        assert_share(flagged(VIEWS), 20_000, 0.155_584_3);
        let off = VIEWS.replace(
            "background.profile_view.poisson",
            "background.profile_view.enabled = false\nbackground.profile_view.poisson",
        );
        assert_share(flagged(&off), 20_000, 0.002_406_6);
    }
}

#[test]
fn no_pacing_holds_the_background_back() {
    let text = r#"
start = 2026-01-05
horizon_days = 10
calendar.workdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
calendar.holidays = [2026-01-07]
demand.message.quota = { per_day = 9 }
pacing.message.per_day = 4
background.message.quota = { per_day = 5 }
background.login.quota = { per_day = 2 }
phase = [{ name = "rush", from_day = 3, days = 2, factor = 3 }]
"#;
    for resolution in BOTH {
        let sums = lives(&scenario(text), resolution, 1, |account| {
            (account.demanded[3], account.delivered[3], account.background[3], account.background[6])
        });
        // Nine days of work; the phase multiplies what people want and not the background.
        assert_eq!(sums, [(9 * 7 + 27 * 2, 4 * 9, 5 * 9, 2 * 9)], "{resolution:?}");
    }
}

#[test]
fn the_background_keeps_no_token_alive_and_rests_while_disconnected() {
    let text = r"
start = 2026-01-05
horizon_days = 28
demand.post.quota = { per_day = 0 }
background.profile_view = { quota = { per_day = 10 }, weekdays = { sat = 1, sun = 1 } }
token = { idle_days = 10 }
reconnect = { token_idle = { fixed = 4 } }
";
    for resolution in BOTH {
        let sums = lives(&scenario(text), resolution, 1, |account| {
            (account.disconnections.last().copied(), account.background[1], account.demanded[1])
        });
        // Connected on the days 0 to 9 and 14 to 23; away on 10 to 13 and 24 to 27.
        assert_eq!(sums, [(Some(2), 200, 0)], "{resolution:?}");
    }
}

#[test]
fn switching_the_background_off_changes_no_other_draw() {
    let on = r#"
start = 2026-01-05
horizon_days = 60
platform = "linkedin"
demand.connection_request.poisson = { mean = 20 }
demand.message.negative_binomial = { mean = 9, size = 3 }
background.connection_request.poisson = { mean = 3 }
background.message.poisson = { mean = 3 }
background.profile_view.poisson = { mean = 3 }
rule = [
    { name = "connection_requests", enabled = false }, { name = "messages", enabled = false },
    { name = "profile_views", enabled = false }, { name = "all_interactions", enabled = false },
    { name = "page_searches", enabled = false },
    { name = "requests", actions = ["connection_request"], windows = [{ calendar = "day", limit = 28 }], detection = { per = "day", probability = 0.2 } },
]
"#;
    let off = on.replace("poisson = { mean = 3 }", "enabled = false");
    let requests_off =
        on.replace("connection_request.poisson = { mean = 3 }", "connection_request.enabled = false");
    for resolution in BOTH {
        let whole = |text: &str| {
            lives(&scenario(text), resolution, 300, |account| AccountOutcome {
                background: Vec::new(),
                ..account.clone()
            })
        };
        let (on, off, requests_off) = (whole(on), whole(&off), whole(&requests_off));
        // Without its part on the only rule, the background changes nothing; with it, only more breaches.
        assert_eq!(requests_off, off, "{resolution:?}");
        assert!(on.iter().zip(&off).all(|(on, off)| on.demanded == off.demanded), "{resolution:?}");
        let flags = |lives: &[AccountOutcome]| lives.iter().filter(|life| life.first_flag.is_some()).count();
        assert!(flags(&on) > flags(&off), "{resolution:?}");
        let earlier = |on: &AccountOutcome, off: &AccountOutcome| {
            off.first_flag.is_none_or(|off| on.first_flag.is_some_and(|on| on.0 <= off.0))
        };
        assert!(on.iter().zip(&off).all(|(on, off)| earlier(on, off)), "{resolution:?}");
    }
}

#[test]
fn the_shipped_pair_tells_what_the_extension_does() {
    let shipped = |name: &str| {
        let path = format!("{}/scenarios/browser_extension_{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let scenario = scenario(&std::fs::read_to_string(path).expect("it is shipped"));
        lives(&scenario, scenario.effective_resolution(), 400, AccountOutcome::clone)
    };
    let (on, off) = (shipped("on"), shipped("off"));
    assert!(on.iter().zip(&off).all(|(on, off)| on.demanded == off.demanded));
    assert!(
        on.iter().all(|life| life.background[1] > 0) && off.iter().all(|life| life.background.is_empty())
    );
    let flags = |lives: &[AccountOutcome]| lives.iter().filter(|life| life.first_flag.is_some()).count();
    assert!(flags(&on) > 2 * flags(&off), "{} and {}", flags(&on), flags(&off));
}

#[test]
fn hazards_by_the_action_are_tried_by_the_background_too() {
    let text = r#"
start = 2026-01-05
horizon_days = 1
background.post.quota = { per_day = 10 }
trait = [{ name = "flagged_content", per_action = { actions = ["post"], probability = 0.05 } }]
traits.flagged_content = {}
ladder = { rungs = ["warning"] }
"#;
    for resolution in BOTH {
        let flagged = lives(&scenario(text), resolution, 10_000, |account| account.first_flag.is_some());
        let hits = flagged.into_iter().filter(|&flagged| flagged).count();
        assert_share(hits, 10_000, 1.0 - 0.95_f64.powi(10));
    }
}

/// Ten page views a day that happen by themselves, one message that people want, and a rule on both that refuses.
const REFUSED: &str = r#"
start = 2026-01-05
horizon_days = 4
demand.message = { quota = { per_day = 1 }, hours = [{ from = "09:00", to = "10:00", weight = 1 }] }
background.profile_view = { quota = { per_day = 10 }, hours = [{ from = "12:00", to = "13:00", weight = 1 }] }
rule = [{ name = "both", actions = ["message", "profile_view"], windows = [{ calendar = "day", limit = 5 }], consequence = "refuse" }]
ladder = { rungs = ["permanent"] }
"#;

#[test]
fn a_rule_that_refuses_refuses_the_background_too() {
    // Each day one message, then four views; six are refused, and only the two that nobody refuses are counted as done.
    let by_the_day = REFUSED.replace(", hours = [{ from = \"09:00\", to = \"10:00\", weight = 1 }]", "");
    let by_the_day = by_the_day.replace(", hours = [{ from = \"12:00\", to = \"13:00\", weight = 1 }]", "");
    for (text, resolution) in [(by_the_day.as_str(), Resolution::Day), (REFUSED, Resolution::Event)] {
        let sums = lives(&scenario(text), resolution, 20, |account| {
            (account.delivered[3], account.background[1], account.refused.clone(), account.lost[3])
        });
        assert!(sums.iter().all(|sums| *sums == (4, 16, vec![24], 0)), "{resolution:?}: {:?}", sums[0]);
    }
}

#[test]
fn a_refusal_of_the_background_begins_a_block() {
    // The sixth view of day 0 shuts out everything until the third day after it.
    let lasting = REFUSED.replace("\"refuse\"", "\"refuse\", refuse_for = \"2d\"");
    let by_the_day = lasting.replace(", hours = [{ from = \"09:00\", to = \"10:00\", weight = 1 }]", "");
    let by_the_day = by_the_day.replace(", hours = [{ from = \"12:00\", to = \"13:00\", weight = 1 }]", "");
    let fate = |account: &AccountOutcome| {
        (account.delivered[3], account.background[1], account.refused.clone(), account.lost[3])
    };
    // At day resolution it covers the two days after; by the clock it ends at the hour at which it began, on day 2.
    let by_day = lives(&scenario(&by_the_day), Resolution::Day, 20, fate);
    assert!(by_day.iter().all(|sums| *sums == (2, 8, vec![6 + 11 + 11 + 6], 2)), "{:?}", by_day[0]);
    // If more than five views of that day come later, the next block lasts to the end of the horizon.
    let by_clock = lives(&scenario(&lasting), Resolution::Event, 200, fate);
    for (delivered, views, refused, lost) in &by_clock {
        let possible = if *delivered == 1 { 9..=9 } else { 8..=13 };
        assert!(possible.contains(views), "{delivered} messages and {views} views");
        assert_eq!((*delivered + *lost, refused[0]), (4, 40 - views + lost));
    }
    assert!((1..=2).all(|delivered| by_clock.iter().any(|sums| sums.0 == delivered)));
}

#[test]
fn a_restricted_feature_stays_shut_for_the_background() {
    let text = r#"
start = 2026-01-05
horizon_days = 4
background.profile_view.quota = { per_day = 10 }
rule = [{ name = "views", actions = ["profile_view"], windows = [{ calendar = "day", limit = 9 }], detection = { per = "day", probability = 1 }, consequence = { restrict_feature = { actions = ["profile_view"], days = { fixed = 2 } } } }]
"#;
    for resolution in BOTH {
        let sums = lives(&scenario(text), resolution, 20, |account| {
            (account.background[1], account.refused.clone(), account.disconnections.iter().sum::<u32>())
        });
        assert!(sums.iter().all(|sums| *sums == (20, vec![20], 0)), "{resolution:?}: {:?}", sums[0]);
    }
}

#[test]
fn surges_and_answers_see_the_background() {
    // One invitation a day, and ten on Friday, which is more than five times the usual; each is accepted the next day.
    let text = r#"
start = 2026-01-05
horizon_days = 5
background.connection_request = { quota = { per_day = 10 }, weekdays = { mon = 0.1, tue = 0.1, wed = 0.1, thu = 0.1 } }
response = [{ action = "connection_request", accepted = 1, delay = { fixed = 1 } }]
surge = [{ name = "sudden", actions = ["connection_request"], baseline_days = 4, factor = 5, probability = 1 }]
ladder = { rungs = ["warning"] }
"#;
    for resolution in BOTH {
        let seen =
            lives(&scenario(text), resolution, 20, |account| (account.first_flag, account.answers.clone()));
        let expected = (Some((4, 0)), vec![4, 0, 0, 0, 10]);
        assert!(seen.iter().all(|seen| *seen == expected), "{resolution:?}: {:?}", seen[0]);
    }
}
