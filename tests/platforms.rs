//! The built-in platforms: what the project's founding document says of each token, what the platforms document today, and
//! the traits that are built in.

mod fast;
#[path = "platforms/numbers.rs"]
mod numbers;
#[path = "platforms/page.rs"]
mod page;

use fast::simulate_fast;
use pacewise::results::Results;
use pacewise::scenario::{Consequence, Profile, Rung, Scenario};

const FULL_TIME: &str = "weekdays = { mon = 1, tue = 1, wed = 1, thu = 1, fri = 1, sat = 1, sun = 1 }";
const Z: f64 = 4.0;

fn scenario(horizon: u32, text: &str) -> Scenario {
    let text = format!("start = 2026-01-05\nhorizon_days = {horizon}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn run(horizon: u32, text: &str, replicates: u64) -> Results {
    simulate_fast(&scenario(horizon, text), replicates, 20_260_105)
}

/// Every variant, and the day and cause of a token's first death: without any use, and with one post every day.
type Row = (&'static str, &'static str, Option<(u32, &'static str)>, Option<(u32, &'static str)>);

const AGE: &str = "token_expired";
const SILENCE: &str = "token_idle";

const TOKENS: [Row; 38] = [
    // 365 days, and 60 without interaction: by the day, at the end of the 60th whole day of silence.
    ("linkedin", "cautious", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "reported_limit", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "invitation_block_2026_11", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "invitation_block_older", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "feature_blocks_2025_08", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "new_account", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "trusted_account", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "coupled_views_2022_10", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "free_plan", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "premium_career", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "premium_business", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "recruiter_lite", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "recruiter", Some((59, SILENCE)), Some((365, AGE))),
    ("linkedin", "self_serve", Some((60, AGE)), Some((60, AGE))),
    // The founding document gives no lifetime; 60 days after the last use or refresh, say the platform's pages.
    ("facebook", "user_token_2026_11", Some((60, AGE)), None),
    ("facebook", "page_token_2026_11", None, None),
    ("facebook", "reconnect_60_days", Some((60, AGE)), Some((60, AGE))),
    ("facebook", "strikes_2023", Some((60, AGE)), None),
    ("instagram", "documented_2026_11", Some((60, AGE)), None),
    ("instagram", "publishing_25", Some((60, AGE)), None),
    ("instagram", "publishing_100_2026", Some((60, AGE)), None),
    // Without expiry.
    ("x", "seed", None, None),
    ("x", "oauth2_2026_11", None, None),
    ("x", "messages_before_2023_02", None, None),
    ("x", "api_basic_2023", None, None),
    ("pinterest", "seed", None, None),
    ("pinterest", "documented_2026_11", Some((60, AGE)), None),
    // By the day: at the end of the 30th whole day of silence.
    ("pinterest", "older_refresh", Some((29, SILENCE)), Some((365, AGE))),
    // Fresh as long as the tool collects data.
    ("youtube", "seed", None, None),
    ("youtube", "without_collection_2026_11", Some((179, SILENCE)), None),
    ("youtube", "testing_status_2026_11", Some((7, AGE)), Some((7, AGE))),
    ("youtube", "grant_30_days_2026_11", Some((30, AGE)), Some((30, AGE))),
    ("youtube", "grant_180_days_2026_11", Some((180, AGE)), Some((180, AGE))),
    ("youtube", "live_tokens_50", None, None),
    ("youtube", "live_tokens_25", None, None),
    ("youtube", "uploads_of_1600_units", None, None),
    ("tiktok", "seed", None, None),
    ("tiktok", "developer_2026_11", Some((180, AGE)), None),
];

fn first_token_death(platform: &str, variant: &str, demand: &str) -> Option<(u32, String)> {
    let text = format!("platform = \"{platform}\"\nvariant = \"{variant}\"\n{demand}");
    let account = run(400, &text, 40).mean_account;
    let deaths = account.first_disconnection.iter().filter(|cause| cause.cause.starts_with("token_"));
    let first = deaths.filter_map(|cause| {
        let day = cause.by_day.iter().position(|share| share.value > 0.0)?;
        Some((day as u32, cause.cause.clone()))
    });
    first.min()
}

#[test]
fn tokens_live_as_the_founding_document_says_and_in_variants_as_platforms_document() {
    let every_day = format!("[demand.post]\nquota = {{ per_day = 1 }}\n{FULL_TIME}\n");
    for (platform, variant, unused, used) in TOKENS {
        let expected = |death: Option<(u32, &str)>| death.map(|(day, cause)| (day, cause.to_owned()));
        assert_eq!(
            first_token_death(platform, variant, ""),
            expected(unused),
            "{platform}, {variant}, unused"
        );
        let found = first_token_death(platform, variant, &every_day);
        assert_eq!(found, expected(used), "{platform}, {variant}, used every day");
    }
    let older = first_token_death("tiktok", "developer_before_2026_11", &every_day);
    assert_eq!(older, Some((365, AGE.to_owned())));
    let variants: usize = Profile::all().iter().map(|profile| profile.variants().count()).sum();
    assert_eq!(variants, TOKENS.len() + 1, "the table lists every variant");
}

#[test]
fn the_default_of_a_platform_is_what_the_founding_document_says_of_it() {
    let defaults: Vec<(&str, &str)> = Profile::all()
        .iter()
        .filter_map(|profile| Some((profile.name(), profile.variants().find(|own| own.is_default)?.name)))
        .collect();
    let expected = [
        ("linkedin", "cautious"),
        ("facebook", "user_token_2026_11"),
        ("instagram", "documented_2026_11"),
        ("x", "seed"),
        ("pinterest", "seed"),
        ("youtube", "seed"),
        ("tiktok", "seed"),
    ];
    assert_eq!(defaults, expected);
}

fn platform_of(name: &str) -> pacewise::scenario::Platform {
    scenario(30, &format!("platform = \"{name}\"\n")).platforms.remove(0)
}

#[test]
fn each_platform_has_the_causes_that_are_stated_for_it() {
    for (platform, causes) in [
        ("linkedin", &["password_changed", "access_revoked", "admin_role_lost"][..]),
        ("facebook", &["password_changed", "access_revoked", "admin_role_lost", "username_changed"]),
        ("instagram", &["settings_changed", "password_changed", "access_revoked", "username_changed"]),
        ("x", &["settings_changed", "access_revoked", "password_changed", "username_changed"]),
        ("pinterest", &["password_changed", "username_changed", "access_revoked"]),
        ("youtube", &["access_revoked", "admin_role_lost"]),
        ("tiktok", &["authorisation_cancelled", "access_revoked"]),
    ] {
        let found = platform_of(platform).incidents;
        let names: Vec<&str> = found.iter().map(|incident| incident.cause.as_str()).collect();
        assert_eq!(names, causes, "{platform}");
        assert!(found.iter().all(|incident| incident.per_day > 0.0), "{platform}");
    }
}

#[test]
fn a_cancelled_tiktok_authorisation_needs_a_new_one_which_takes_longer() {
    let text = "platform = \"tiktok\"\n[[incident]]\ncause = \"authorisation_cancelled\"\nper_day = 1\n\
                [[incident]]\ncause = \"access_revoked\"\nper_day = 0\n";
    // Connected on day 0 and again after 5 days on average: 1 day in 6 is connected in the long run.
    let account = run(600, text, 400).mean_account;
    let share = account.days_connected.value / 600.0;
    assert!((share - 1.0 / 6.0).abs() < 0.005, "{share}");
    assert!(!platform_of("tiktok").token.renewable);
}

#[test]
fn ladders_forget_after_the_time_that_the_platform_states() {
    for (platform, memory, rungs) in [
        ("linkedin", None, 4),
        ("facebook", Some(365), 5),
        ("instagram", Some(365), 5),
        ("x", None, 3),
        ("pinterest", None, 3),
        ("youtube", Some(90), 4),
        ("tiktok", Some(90), 4),
    ] {
        let ladder = platform_of(platform).ladder;
        assert_eq!((ladder.memory_days, ladder.rungs.len()), (memory, rungs), "{platform}");
        // A protective restriction enters the second rung, which is a temporary one everywhere.
        assert!(matches!(ladder.rungs[1], Rung::Restriction(_)), "{platform}");
    }
    // A flag on each of days 0, 89 and 178 stays a warning where flags are forgotten after 90 days, from both sides.
    let text = |apart: u32| {
        format!(
            "platform = \"youtube\"\ntraits = {{ sure = {{}} }}\n[[trait]]\nname = \"sure\"\n\
             per_action = {{ actions = [\"post\"], probability = 1 }}\n\
             [[incident]]\ncause = \"access_revoked\"\nper_day = 0\n[[incident]]\ncause = \"admin_role_lost\"\nper_day = 0\n\
             [demand.post]\nquota = {{ per_day = 1 }}\n{FULL_TIME}\n\
             [[phase]]\nname = \"silence\"\nfrom_day = 1\ndays = {}\nfactor = 0\n\
             [[phase]]\nname = \"after\"\nfrom_day = {}\ndays = 200\nfactor = 0\n",
            apart - 1,
            apart + 1
        )
    };
    assert_eq!(run(200, &text(89), 2).mean_account.restricted.value, 1.0);
    assert_eq!(run(200, &text(90), 2).mean_account.restricted.value, 0.0);
    assert_eq!(run(200, &text(90), 2).mean_account.flags.value, 2.0);
}

const SHARED: [&str; 10] = [
    "alias_name",
    "untruthful_name",
    "shared_login",
    "copyright_content",
    "inappropriate_content",
    "abuse_history",
    "compromised",
    "third_party_tool",
    "protective_disconnection",
    "illegal_activity",
];

#[test]
fn every_built_in_trait_can_be_switched_on_everywhere_and_stays_away_when_it_is_not() {
    for profile in Profile::all() {
        let platform = profile.name();
        for name in SHARED {
            let found = scenario(30, &format!("platform = \"{platform}\"\ntraits = {{ {name} = {{}} }}\n"));
            let names: Vec<&str> = found.platforms[0].traits.iter().map(|own| own.name.as_str()).collect();
            assert_eq!(names, [name], "{platform}");
            assert_eq!(found.groups[0].traits[0].index, 0);
            let subject = format!("trait {name}");
            assert!(found.assumptions.iter().any(|number| number.subject == subject), "{platform}, {name}");
        }
        assert!(platform_of(platform).traits.is_empty(), "{platform}");
    }
    // One account a person is LinkedIn's rule.
    let text =
        "start = 2026-01-05\nhorizon_days = 30\nplatform = \"x\"\ntraits = { duplicate_account = {} }\n";
    assert!(Scenario::parse(text, "test").scenario.is_none());
}

#[test]
fn traits_keep_their_meaning_when_unused_ones_are_left_out() {
    let text = "platform = \"linkedin\"\n[traits.third_party_tool]\n[traits.compromised]\n\
                [[group]]\nname = \"a\"\n[group.traits.shared_login]\npeople = 3\n[[group]]\nname = \"b\"\n";
    let found = scenario(30, text);
    let name = |group: usize| -> Vec<&str> {
        let traits = found.groups[group].traits.iter();
        traits.map(|own| found.platforms[0].traits[own.index].name.as_str()).collect()
    };
    assert_eq!(name(0), ["shared_login", "compromised", "third_party_tool"]);
    assert_eq!(name(1), ["compromised", "third_party_tool"]);
}

/// A platform without incidents: only traits can strike an account that does little.
const CALM: &str = "platform = \"linkedin\"\n\
                    [[incident]]\ncause = \"password_changed\"\nper_day = 0\n\
                    [[incident]]\ncause = \"access_revoked\"\nper_day = 0\n\
                    [[incident]]\ncause = \"admin_role_lost\"\nper_day = 0\n";

#[test]
fn built_in_traits_raise_the_risk_by_what_they_state() {
    const DAYS: u32 = 40;
    let posts = format!("[demand.post]\nquota = {{ per_day = 1 }}\n{FULL_TIME}\n");
    assert_eq!(run(DAYS, &format!("{CALM}{posts}"), 500).mean_account.disconnected.value, 0.0);
    for (name, hazard) in [
        ("alias_name = {}", 0.001),
        ("untruthful_name = {}", 0.002),
        ("shared_login = { people = 4 }", 1.0 - 0.999_f64.powi(3)),
        ("copyright_content = {}", 0.002),
        ("inappropriate_content = {}", 0.001),
        ("duplicate_account = {}", 0.05),
        ("illegal_activity = {}", 0.001),
        ("compromised = {}", 0.0001),
    ] {
        let account = run(DAYS, &format!("traits = {{ {name} }}\n{CALM}{posts}"), 20_000).mean_account;
        let exact = 1.0 - (1.0_f64 - hazard).powi(DAYS as i32);
        let error = account.flagged.standard_error.max((exact * (1.0 - exact) / 20_000.0).sqrt());
        let z = (account.flagged.value - exact) / error;
        assert!(z.abs() <= Z, "{name}: {} is not {exact} (z = {z:.2})", account.flagged.value);
    }
}

#[test]
fn illegal_activity_is_punished_for_good_and_a_takeover_for_a_time() {
    let account = |name: &str, hazard: &str| {
        let text =
            format!("traits = {{ {name} = {{}} }}\n{CALM}[[trait]]\nname = \"{name}\"\nper_day = {hazard}\n");
        run(30, &text, 400).mean_account
    };
    let illegal = account("illegal_activity", "0.05");
    assert!(illegal.flagged.value > 0.5);
    assert_eq!(illegal.restricted_permanently.value, illegal.flagged.value);
    let taken = account("compromised", "0.2");
    assert!(taken.flags.value > 2.0, "again and again");
    assert_eq!(taken.restricted_permanently.value, 0.0, "and yet no misuse by the owner");
}

#[test]
fn a_protective_disconnection_needs_no_flag() {
    let text = format!(
        "traits = {{ protective_disconnection = {{}} }}\n{CALM}[[trait]]\nname = \"protective_disconnection\"\nper_day = 0.02\n"
    );
    let account = run(50, &text, 8_000).mean_account;
    assert_eq!((account.flags.value, account.restricted.value), (0.0, 0.0));
    let exact = 1.0 - 0.98_f64.powi(50);
    let z = (account.disconnected.value - exact) / account.disconnected.standard_error;
    assert!(z.abs() <= Z, "{} is not {exact}", account.disconnected.value);
}

#[test]
fn a_tool_and_a_history_of_abuse_sharpen_the_eye_of_the_platform() {
    let text = "platform = \"linkedin\"\ntraits = { third_party_tool = {}, abuse_history = {} }\n";
    let traits = scenario(30, text).platforms.remove(0).traits;
    let found = |name: &str| traits.iter().find(|own| own.name == name).expect("it is in use").clone();
    assert_eq!((found("third_party_tool").scrutiny, found("abuse_history").scrutiny), (1.5, 2.0));
    assert_eq!((found("third_party_tool").earlier_flags, found("abuse_history").earlier_flags), (0, 1));
    assert_eq!(found("abuse_history").consequence, Consequence::Ladder);
}
