//! The shipped scenarios: valid, in the shape that the committed schema states, and with the numbers they promise.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use pacewise::rules::{Limit, Rule, Window};
use pacewise::scenario::{
    CountLaw, DaysLaw, Demand, Detection, Incident, Parsed, Reconnect, Resolution, Rung, STARTER, Scenario,
    TokenPolicy, Trial,
};
use pacewise::time::{DAY, HOUR};
use proptest::prelude::*;
use serde_json::Value;

/// Files that are meant to have warnings, and what each of these says.
const MEANT: [(&str, &str); 4] = [
    ("v1.toml", "can never be breached"),
    ("careless_team.toml", "2 accounts of 1 person"),
    ("careless_team.toml", "1 account too many for the people of `careful`"),
    ("careless_team.toml", "opened because others were restricted"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shipped() -> Vec<PathBuf> {
    let folders = ["scenarios", "scenarios/workloads"];
    let entries =
        folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).expect("the folder is there"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// Parses a shipped file together with what it names.
fn parse(text: &str, path: &Path) -> Parsed {
    let read = |name: &str| fs::read_to_string(path.with_file_name(name)).map_err(|error| error.to_string());
    Scenario::parse_beside(text, "shipped", &read)
}

fn scenario(path: &str) -> Scenario {
    let text = fs::read_to_string(root().join(path)).expect("it is shipped");
    parse(&text, &root().join(path)).scenario.expect("it is valid")
}

/// A TOML value as editors hold it against a schema: dates are text.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(is) => Value::from(*is),
        toml::Value::Datetime(date) => Value::from(date.to_string()),
        toml::Value::Array(list) => list.iter().map(as_json).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), as_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

#[test]
fn shipped_scenarios_have_no_findings_but_the_meant_ones() {
    let files = shipped();
    assert!(files.len() >= 9, "{files:?}");
    for path in files {
        let name = path.file_name().expect("it is a file").to_string_lossy().into_owned();
        let parsed = parse(&fs::read_to_string(&path).expect("it is text"), &path);
        assert!(parsed.scenario.is_some(), "{name}: {:?}", parsed.diagnostics);
        let meant: Vec<&str> =
            MEANT.iter().filter(|(file, _)| *file == name).map(|(_, text)| *text).collect();
        for finding in &parsed.diagnostics {
            assert!(meant.iter().any(|text| finding.message.contains(text)), "{name}: {finding:?}");
        }
        for text in meant {
            let mut findings = parsed.diagnostics.iter();
            assert!(findings.any(|finding| finding.message.contains(text)), "{name}: {text}");
        }
    }
}

#[test]
fn shipped_scenarios_fit_the_committed_schema_and_name_it() {
    let schema: Value = serde_json::from_str(
        &fs::read_to_string(root().join("docs/scenario.schema.json")).expect("it is committed"),
    )
    .expect("it is JSON");
    assert_eq!(schema, Scenario::schema(), "run: pacewise schema > docs/scenario.schema.json");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for path in shipped() {
        let text = fs::read_to_string(&path).expect("it is text");
        let table: toml::Table = text.parse().expect("it is TOML");
        let errors: Vec<String> =
            validator.iter_errors(&as_json(&table.into())).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        let named =
            text.lines().next().and_then(|line| line.strip_prefix("#:schema ")).expect("it names a schema");
        assert!(path.parent().expect("it has a folder").join(named).is_file(), "{}", path.display());
    }
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let validator = jsonschema::validator_for(&Scenario::schema()).expect("it is a schema");
    let base = "start = 2026-01-05\nhorizon_days = 90\n";
    for (addition, right) in [
        ("[demand.post]\npoisson = { mean = 1 }", true),
        ("[demand.post]\npoisson = { mean = -1 }", false),
        ("[demand.post]\npoisson = { maen = 1 }", false),
        ("[demand.post]\npoisson = {}", false),
        ("ladder = { rungs = [\"warning\", { restriction = { fixed = 3 } }] }", true),
        ("ladder = { rungs = [\"warming\"] }", false),
        ("horizon = 3", false),
        ("replicates = 0", false),
        ("seed = -1", false),
    ] {
        let text = format!("{base}{addition}\n");
        let table: toml::Table = text.parse().expect("it is TOML");
        let parsed = Scenario::parse(&text, "a");
        assert_eq!(validator.is_valid(&as_json(&table.into())), right, "schema: {addition}");
        assert_eq!(parsed.scenario.is_some(), right, "program: {addition}: {:?}", parsed.diagnostics);
    }
}

fn poisson(action: usize, mean: f64) -> Demand {
    let weekdays = [1.0, 1.0, 1.0, 1.0, 1.0, 0.2, 0.2];
    Demand { action, law: CountLaw::Poisson { mean }, weekdays, months: [1.0; 12], hours: Vec::new() }
}

/// What the three account-year workloads have in common.
fn assert_account_year(scenario: &Scenario, horizon_days: u32, share: f64) {
    assert_eq!(scenario.start, date(2026, 1, 5));
    assert_eq!(scenario.horizon_days, horizon_days);
    assert_eq!(scenario.actions[..4], ["page_search", "profile_view", "connection_request", "message"]);
    assert_eq!((scenario.groups.len(), scenario.accounts()), (1, 1));
    let group = &scenario.groups[0];
    let means = [(0, 20.0), (1, 40.0), (2, 18.0), (3, 25.0)];
    assert_eq!(group.demand.len(), 4);
    for (demand, (action, mean)) in group.demand.iter().zip(means) {
        let expected = poisson(action, demand.law.mean());
        assert_eq!(*demand, expected);
        assert!((demand.law.mean() - mean * share).abs() < 1e-12);
    }
    assert!(group.pacing.is_empty() && group.phases.is_empty() && group.time_off.is_empty());
    let calendar = &scenario.calendar;
    assert_eq!((calendar.from_second, calendar.to_second), (9 * 3600, 18 * 3600));
    assert!(calendar.holidays.is_empty());
    let platform = &scenario.platforms[0];
    assert_eq!((&platform.profile, &platform.variant), (&None, &None));
    let restriction = |days| Rung::Restriction(DaysLaw::Fixed(days));
    assert_eq!(platform.ladder.rungs, [restriction(3), restriction(14), Rung::Permanent]);
    assert_eq!(platform.ladder.memory_days, None);
    let token = TokenPolicy {
        lifetime_days: Some(365),
        idle_days: Some(60),
        refresh_on_use: false,
        collects_data: false,
        displacement: None,
        renewable: true,
    };
    assert_eq!(platform.token, token);
    let incident = |cause: &str, per_day| Incident {
        cause: cause.into(),
        per_day,
        renewable: true,
        shared: false,
        reconnect: None,
    };
    assert_eq!(
        platform.incidents,
        [
            incident("password_changed", 0.001),
            incident("access_revoked", 0.0003),
            incident("admin_role_lost", 0.0002)
        ]
    );
    let two = DaysLaw::Geometric { mean: 2.0, at_least: 1 };
    assert_eq!(
        platform.reconnect,
        Reconnect {
            after_restriction: DaysLaw::Fixed(1),
            token_expired: two,
            token_idle: two,
            incident: two,
            new_authorisation: two
        }
    );
}

fn assert_daily_rules(scenario: &Scenario) {
    let limits: Vec<(Rule, Detection)> =
        scenario.platforms[0].rules.iter().map(|rule| (rule.rule.clone(), rule.detection)).collect();
    let detection = Detection { per: Trial::Day, probability: 0.05, slope: 0.0, ceiling: 1.0 };
    let rule = |action, window, max| {
        (Rule { actions: vec![action], limits: vec![Limit { window, max }] }, detection)
    };
    let expected = [
        rule(0, Window::Day, 40),
        rule(1, Window::Day, 60),
        rule(2, Window::Day, 30),
        rule(3, Window::Day, 45),
        rule(2, Window::TrailingDays(7), 120),
    ];
    assert_eq!(limits, expected);
    assert_eq!(scenario.effective_resolution(), Resolution::Day);
    assert_eq!(scenario.needs_events(), None);
}

#[test]
fn w1_is_the_canonical_account_year_by_the_day() {
    let scenario = scenario("scenarios/workloads/w1.toml");
    assert_account_year(&scenario, 365, 1.0);
    assert_daily_rules(&scenario);
}

#[test]
fn v1_is_w1_with_a_thousandth_of_the_activity_over_800_days() {
    let scenario = scenario("scenarios/workloads/v1.toml");
    assert_account_year(&scenario, 800, 0.001);
    assert_daily_rules(&scenario);
}

#[test]
fn w2_is_the_canonical_account_year_by_the_event() {
    let scenario = scenario("scenarios/workloads/w2.toml");
    assert_account_year(&scenario, 365, 1.0);
    assert_eq!(scenario.effective_resolution(), Resolution::Event);
    let week = Some((7 * DAY, 120));
    let expected = [(0, 10, 40, None), (1, 15, 60, None), (2, 8, 30, week), (3, 12, 45, None)];
    assert_eq!(scenario.platforms[0].rules.len(), 4);
    for (rule, (action, hour, day, week)) in scenario.platforms[0].rules.iter().zip(expected) {
        let spans = [(HOUR, hour), (DAY, day)].into_iter().chain(week);
        let limits = spans.map(|(span, max)| Limit { window: Window::Sliding(span), max }).collect();
        assert_eq!(rule.rule, Rule { actions: vec![action], limits });
        let detection = Detection { per: Trial::Event, probability: 0.01, slope: 0.0, ceiling: 1.0 };
        assert_eq!(rule.detection, detection);
    }
}

#[test]
fn a_scenario_changes_single_numbers_of_a_profile() {
    let text = r#"
        start = 2026-01-05
        horizon_days = 90
        platform = "linkedin"
        [demand.connection_request]
        poisson = { mean = 9 }
        [[rule]]
        name = "connection_requests"
        windows = [{ sliding = "7d", limit = 33 }, { calendar = "day", limit = 11 }]
        [[rule]]
        name = "messages"
        enabled = false
        [token]
        idle_days = 0
        [[incident]]
        cause = "access_revoked"
        per_day = 0.5
        [[incident]]
        cause = "coffee_spilt"
        per_day = 0.1
        [reconnect]
        incident = { fixed = 4 }
    "#;
    let parsed = Scenario::parse(text, "a");
    assert_eq!(parsed.diagnostics, []);
    let scenario = parsed.scenario.expect("it is valid");
    let platform = &scenario.platforms[0];
    let rule = platform.rules.iter().find(|rule| rule.name == "connection_requests").expect("it is kept");
    let limits: Vec<_> = rule.rule.limits.iter().map(|limit| (limit.window, limit.max)).collect();
    assert_eq!(limits, [(Window::Sliding(DAY), 15), (Window::Sliding(7 * DAY), 33), (Window::Day, 11)]);
    assert_eq!(rule.detection.probability, 0.05);
    assert!(platform.rules.iter().all(|rule| rule.name != "messages"));
    assert_eq!((platform.token.lifetime_days, platform.token.idle_days), (Some(365), None));
    let incidents: Vec<_> = platform.incidents.iter().map(|i| (i.cause.as_str(), i.per_day)).collect();
    let expected = [
        ("password_changed", 0.001),
        ("access_revoked", 0.5),
        ("admin_role_lost", 0.0002),
        ("coffee_spilt", 0.1),
    ];
    assert_eq!(incidents, expected);
    assert_eq!(
        (platform.reconnect.incident, platform.reconnect.after_restriction),
        (DaysLaw::Fixed(4), DaysLaw::Fixed(1))
    );
    assert_eq!(platform.ladder.rungs.len(), 4);
    let source = |subject: &str| {
        let found = scenario.assumptions.iter().find(|number| number.subject.contains(subject));
        found.map(|number| number.source.as_str()).expect("it is listed")
    };
    assert_eq!(source("connection_request, 7 d"), "this scenario");
    assert!(source("connection_request, 24 h").contains("linkedapi.io"));
    assert_eq!(source("idle limit"), "this scenario");
    assert!(source("token: lifetime").contains("LinkedIn developer documentation"));
}

#[test]
fn groups_replace_what_they_state_and_keep_the_rest() {
    let text = r#"
        start = 2026-01-05
        horizon_days = 90
        [demand.post]
        poisson = { mean = 1 }
        [demand.message]
        poisson = { mean = 2 }
        [pacing.message]
        per_day = 5
        [[phase]]
        name = "all"
        from = 2026-01-07
        days = 3
        factor = 2
        [[group]]
        name = "plain"
        [[group]]
        name = "own"
        count = 4
        [group.demand.message]
        quota = { per_day = 7 }
        [group.pacing.message]
        per_week = 9
        [[group.phase]]
        name = "more"
        from_day = 9
        days = 1
        factor = 3
        factor_at_end = 4
    "#;
    let scenario = Scenario::parse(text, "a").scenario.expect("it is valid");
    assert_eq!(scenario.accounts(), 5);
    let [plain, own] = scenario.groups.as_slice() else { panic!("two groups") };
    assert_eq!(plain.demand[0].law, CountLaw::Poisson { mean: 2.0 });
    assert_eq!(own.demand[0].law, CountLaw::Quota { per_day: 7.0, variation: 0.0 });
    assert_eq!(own.demand[1], plain.demand[1]);
    assert_eq!(plain.demand[1].weekdays, [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    assert_eq!((plain.pacing[0].per_day, plain.pacing[0].per_week), (Some(5), None));
    assert_eq!((own.pacing[0].per_day, own.pacing[0].per_week), (None, Some(9)));
    let phases: Vec<_> = own.phases.iter().map(|p| (p.from_day, p.days, p.factor, p.factor_at_end)).collect();
    assert_eq!(phases, [(2, 3, 2.0, 2.0), (9, 1, 3.0, 4.0)]);
    assert_eq!(plain.phases.len(), 1);
}

#[test]
fn numbers_may_be_written_in_every_way_of_toml() {
    let text = "start = 2026-01-05\nhorizon_days = 0x5A\nseed = 9_223_372_036_854_775_807\n\
                [demand.post]\npoisson = { mean = 1_000.5e-1 }\n[demand.message]\npoisson = { mean = +3 }\n\
                [pacing.post]\nper_day = 0b1_10\n";
    let parsed = Scenario::parse(text, "a");
    assert_eq!(parsed.diagnostics, []);
    let scenario = parsed.scenario.expect("it is valid");
    assert_eq!((scenario.horizon_days, scenario.seed), (90, Some(i64::MAX as u64)));
    assert_eq!(scenario.groups[0].demand[0].law, CountLaw::Poisson { mean: 3.0 });
    assert_eq!(scenario.groups[0].demand[1].law, CountLaw::Poisson { mean: 100.05 });
    assert_eq!(scenario.groups[0].pacing[0].per_day, Some(6));
}

#[test]
fn equal_scenarios_have_equal_hashes_and_others_have_not() {
    let text = "start = 2026-01-05\nhorizon_days = 90\n[demand.post]\npoisson = { mean = 1 }\n";
    let hash = |text: &str| Scenario::parse(text, "a").scenario.expect("it is valid").hash();
    assert_eq!(hash(text), hash(&format!("# a comment\n{text}weekdays = {{ mon = 1.0 }}\n")));
    assert_ne!(hash(text), hash(&text.replace("mean = 1", "mean = 1.5")));
    assert_eq!(hash(text).len(), 64);
}

#[test]
fn the_reason_for_event_resolution_is_named() {
    let text = "start = 2026-01-05\nhorizon_days = 90\n[calendar]\nhours = \"10:00-12:00\"\n[demand.post]\npoisson = { mean = 1 }\n";
    let reason = |addition: &str| {
        let scenario = Scenario::parse(&format!("{text}{addition}"), "a").scenario.expect("it is valid");
        let expected = if scenario.needs_events().is_some() { Resolution::Event } else { Resolution::Day };
        assert_eq!(scenario.effective_resolution(), expected);
        scenario.needs_events().unwrap_or_default()
    };
    assert_eq!(reason(""), "");
    assert_eq!(reason("[pacing.post]\nper_day = 2\nper_week = 3\nweek = \"sliding\""), "");
    assert!(reason("[pacing.post]\nper_hour = 2").contains("by the hour"));
    assert!(reason("[pacing.post]\nspread = true").contains("spreads"));
    assert!(reason("hours = [{ from = \"09:00\", to = \"10:00\" }]").contains("varies over the day"));
    let rule = "[[rule]]\nname = \"r\"\nactions = [\"post\"]\n";
    let day = "detection = { per = \"day\", probability = 1 }\n";
    assert_eq!(reason(&format!("{rule}windows = [{{ trailing_days = 7, limit = 3 }}]\n{day}")), "");
    assert!(
        reason(&format!("{rule}windows = [{{ sliding = \"7d\", limit = 3 }}]\n{day}")).contains("sliding")
    );
    let event = day.replace("day", "event");
    assert!(
        reason(&format!("{rule}windows = [{{ calendar = \"day\", limit = 3 }}]\n{event}")).contains("event")
    );
}

/// Whatever is said about a text must point into it, and none of it may be left to the deserialiser, which stops at
/// its first finding.
fn survives(text: &str) {
    for finding in Scenario::parse(text, "junk").diagnostics {
        for left in ["invalid type", "invalid value", "unknown field", "missing field", "wanted "] {
            assert!(!finding.message.starts_with(left), "{}", finding.message);
        }
        assert!(text.get(finding.span).is_some(), "a finding outside of the text: {}", finding.message);
    }
}

#[test]
fn deep_and_wide_junk_is_survived() {
    survives(&"[".repeat(100_000));
    survives(&format!("a = {}", "[".repeat(100_000)));
    survives(&format!("a = {}", "{a=".repeat(100_000)));
    survives(&format!("demand = {}", "{message=".repeat(10_000)));
    survives(&"a.".repeat(100_000));
    survives(&"[[group]]\n".repeat(2_000));
    survives("\u{feff}start = 2026-01-05");
    survives(
        "name = \"\\u0000\"\nstart = 9999-12-31\nhorizon_days = 36525\n[demand.message]\npoisson = { mean = 1 }",
    );
}

proptest! {
    #[test]
    fn random_text_never_panics(text in "\\PC*") {
        survives(&text);
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn damaged_scenarios_never_panic(
        which in 0_usize..10,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..30, "[ -~\n]{0,12}"), 1..6),
    ) {
        let mut text: Vec<char> = match shipped().get(which) {
            Some(path) => fs::read_to_string(path).expect("it is text").chars().collect(),
            None => STARTER.chars().collect(),
        };
        for (at, length, new) in cuts {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            text.splice(at..end, new.chars());
        }
        survives(&text.into_iter().collect::<String>());
    }

    #[test]
    fn damaged_numbers_never_panic(
        which in 0_usize..10,
        at in any::<prop::sample::Index>(),
        number in prop::sample::select(vec![
            "0", "-1", "1e999", "nan", "-inf", "4294967295", "18446744073709551616", "0.1", "2262-04-11", "\"24h\"",
            "\"9999999w\"", "36525", "1000000", "[]", "{}", "true",
        ]),
    ) {
        let text = shipped().get(which).map_or(STARTER.to_owned(), |path| fs::read_to_string(path).expect("it is text"));
        let places: Vec<_> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
        let start = places[at.index(places.len())];
        let length = text[start..].chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '_')).count();
        survives(&format!("{}{number}{}", &text[..start], &text[start + length..]));
    }
}
