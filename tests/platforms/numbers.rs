//! Each number of a built-in profile, from both sides: so many actions are let through or go unnoticed, and one more is not.

use std::collections::BTreeSet;
use std::fmt::Write;

use pacewise::model::{AccountOutcome, Model};
use pacewise::scenario::{Consequence, Measure, Profile, Rung, Scenario, StockOf};

/// Profile, variant, rule, what is done, window, and the largest number that is no breach.
type Limit = (&'static str, &'static str, &'static str, &'static str, &'static str, u32);

const LIMITS: [Limit; 44] = [
    ("linkedin", "cautious", "connection_requests", "connection_request", "24 h", 15),
    ("linkedin", "cautious", "connection_requests", "connection_request", "7 d", 80),
    ("linkedin", "cautious", "messages", "message", "24 h", 40),
    ("linkedin", "cautious", "profile_views", "profile_view", "24 h", 80),
    ("linkedin", "cautious", "page_searches", "page_search", "24 h", 30),
    ("linkedin", "cautious", "page_searches", "page_search", "calendar month", 300),
    ("linkedin", "cautious", "all_interactions", "comment", "24 h", 100),
    ("linkedin", "cautious", "inmails", "inmail", "24 h", 30),
    ("linkedin", "cautious", "inmails", "inmail", "calendar month", 800),
    ("linkedin", "cautious", "notes", "invitation_with_note", "calendar month", 3),
    ("linkedin", "reported_limit", "connection_requests", "connection_request", "24 h", 40),
    ("linkedin", "reported_limit", "connection_requests", "connection_request", "7 d", 100),
    ("linkedin", "reported_limit", "connection_requests", "connection_request", "calendar month", 400),
    ("linkedin", "reported_limit", "messages", "message", "24 h", 150),
    ("linkedin", "reported_limit", "profile_views", "profile_view", "24 h", 150),
    ("linkedin", "reported_limit", "all_interactions", "comment", "1 h", 60),
    ("linkedin", "reported_limit", "all_interactions", "comment", "24 h", 120),
    ("linkedin", "reported_limit", "posts", "post", "calendar day", 150),
    ("linkedin", "reported_limit", "notes", "invitation_with_note", "calendar month", 5),
    ("linkedin", "invitation_block_2026_11", "weekly_invitations", "connection_request", "7 d", 100),
    ("linkedin", "invitation_block_2026_11", "daily_invitations", "connection_request", "24 h", 40),
    ("linkedin", "new_account", "connection_requests", "connection_request", "24 h", 10),
    ("linkedin", "new_account", "connection_requests", "connection_request", "7 d", 50),
    ("linkedin", "new_account", "messages", "message", "24 h", 50),
    ("linkedin", "new_account", "profile_views", "profile_view", "30 min", 10),
    ("linkedin", "new_account", "profile_views", "profile_view", "24 h", 50),
    ("linkedin", "trusted_account", "connection_requests", "connection_request", "7 d", 200),
    ("linkedin", "trusted_account", "connection_requests", "connection_request", "calendar month", 800),
    ("linkedin", "coupled_views_2022_10", "profile_views", "message", "24 h", 80),
    ("linkedin", "free_plan", "page_searches", "page_search", "calendar month", 60),
    ("linkedin", "recruiter_lite", "profile_views", "profile_view", "24 h", 2000),
    ("facebook", "user_token_2026_11", "text_messages", "message", "1 s", 300),
    ("facebook", "user_token_2026_11", "private_replies", "private_reply", "1 h", 750),
    ("facebook", "user_token_2026_11", "conversations", "conversation_call", "1 s", 2),
    ("instagram", "documented_2026_11", "posts", "post", "24 h", 50),
    ("instagram", "publishing_25", "posts", "post", "24 h", 25),
    ("instagram", "publishing_100_2026", "posts", "post", "24 h", 100),
    ("instagram", "documented_2026_11", "follows", "connection_request", "1 h", 20),
    ("instagram", "documented_2026_11", "follows", "connection_request", "24 h", 200),
    ("instagram", "documented_2026_11", "comments", "comment", "1 h", 12),
    ("instagram", "documented_2026_11", "comments", "comment", "24 h", 200),
    ("instagram", "documented_2026_11", "messages", "message", "1 h", 30),
    ("instagram", "documented_2026_11", "messages", "message", "24 h", 70),
    ("instagram", "documented_2026_11", "text_messages", "message", "1 s", 300),
];

const FURTHER_LIMITS: [Limit; 16] = [
    ("instagram", "documented_2026_11", "likes", "like", "1 h", 20),
    ("instagram", "documented_2026_11", "likes", "like", "24 h", 300),
    ("instagram", "documented_2026_11", "private_replies", "private_reply", "1 h", 750),
    ("instagram", "documented_2026_11", "conversations", "conversation_call", "1 s", 2),
    ("x", "seed", "posts", "post", "30 min", 50),
    ("x", "seed", "posts", "comment", "24 h", 2400),
    ("x", "seed", "messages", "message", "24 h", 500),
    ("x", "messages_before_2023_02", "messages", "message", "24 h", 1000),
    ("x", "seed", "follows", "connection_request", "24 h", 400),
    ("x", "seed", "email_changes", "email_change", "1 h", 4),
    ("x", "api_basic_2023", "posts", "post", "24 h", 100),
    ("youtube", "seed", "uploads", "post", "calendar day", 100),
    ("youtube", "seed", "searches", "page_search", "calendar day", 100),
    ("youtube", "seed", "quota", "api_unit", "calendar day", 10_000),
    ("youtube", "uploads_of_1600_units", "uploads", "post", "calendar day", 6),
    ("youtube", "uploads_of_1600_units", "searches", "page_search", "calendar day", 100),
];

const NEVER: u32 = 1_000_000;

fn limits() -> impl Iterator<Item = Limit> {
    LIMITS.into_iter().chain(FURTHER_LIMITS)
}

/// A scenario whose account does what a log says.
fn replay(text: &str, log: &str) -> Scenario {
    let text = format!("{text}\n[demand_log]\nfile = \"log.csv\"\nuse = \"replay\"\nfrom = 2026-01-05\n");
    let parsed = Scenario::parse_beside(&text, "numbers", &|_| Ok(format!("account,time,action\n{log}")));
    parsed.scenario.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.diagnostics))
}

/// The only account of a scenario, and by rule its breaches and refusals.
fn live(scenario: &Scenario) -> AccountOutcome {
    let model = Model::compile(scenario);
    let mut simulator = model.simulator();
    simulator.replicate(1, 1).accounts[0].clone()
}

/// So many actions at one instant of the first day.
fn at_once(action: &str, count: u32) -> String {
    format!("a,2026-01-05T10:00:00,{action}\n").repeat(count as usize)
}

fn header(platform: &str, variant: &str, horizon: u32) -> String {
    let profile = Profile::find(platform).expect("it is built in");
    let actions: Vec<&str> = profile.actions().collect();
    let mut text = format!("start = 2026-01-05\nhorizon_days = {horizon}\nactions = {actions:?}\n");
    let _ = write!(text, "platform = \"{platform}\"\nvariant = \"{variant}\"\n");
    // Incidents would only end a life early.
    let (platform, _) = profile.platform(variant).expect("it is a variant");
    for incident in &platform.incidents {
        let _ = write!(text, "[[incident]]\ncause = \"{}\"\nper_day = 0\n", incident.cause);
    }
    text
}

/// Nothing but one limit of one rule: everything else is switched off or out of reach.
fn only(limit: &Limit) -> String {
    let (name, variant, rule, ..) = *limit;
    let (platform, _) = Profile::find(name).and_then(|own| own.platform(variant)).expect("it is a variant");
    // The next day would still see it.
    let mut text = header(name, variant, 1);
    for own in &platform.rules {
        if own.name != rule {
            let _ = write!(text, "[[rule]]\nname = \"{}\"\nenabled = false\n", own.name);
            continue;
        }
        let others = own.rule.limits.iter().filter(|own| own.window.to_string() != limit.4);
        let windows: Vec<String> = others
            .map(|other| match other.window.to_string().as_str() {
                "calendar month" => format!("{{ calendar = \"month\", limit = {NEVER} }}"),
                sliding => {
                    format!(
                        "{{ sliding = \"{}\", limit = {NEVER} }}",
                        sliding.replace(" min", "m").replace(' ', "")
                    )
                }
            })
            .collect();
        if !windows.is_empty() {
            let _ = write!(text, "[[rule]]\nname = \"{rule}\"\nwindows = [{}]\n", windows.join(", "));
        }
    }
    // Credits and stocks are other numbers.
    for credit in &platform.beyond.credits {
        let _ = write!(text, "[[rule]]\nname = \"{}\"\nenabled = false\n", credit.name);
    }
    text
}

/// Refused actions and breaches of the only rule.
fn trouble(limit: &Limit, count: u32) -> (u64, u32) {
    let scenario = replay(&only(limit), &at_once(limit.3, count));
    let rules: Vec<&str> = scenario.platforms[0].rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(rules, [limit.2], "{limit:?}");
    let account = live(&scenario);
    let delivered: u64 = account.delivered.iter().sum();
    let refused: u64 = account.refused.iter().sum();
    assert_eq!(delivered + refused, u64::from(count), "{limit:?}");
    (refused, account.breaches.iter().sum())
}

#[test]
fn one_more_than_each_limit_is_refused_or_a_breach_and_one_less_is_not() {
    for limit in limits() {
        let (name, variant, rule, _, _, max) = limit;
        assert_eq!(trouble(&limit, max), (0, 0), "{limit:?}");
        let (platform, _) = Profile::find(name).and_then(|own| own.platform(variant)).expect("it is there");
        let own = platform.rules.iter().find(|own| own.name == rule).expect("it is a rule");
        let refuses = matches!(own.consequence, Consequence::Refusal { .. });
        assert_eq!(trouble(&limit, max + 1), if refuses { (1, 0) } else { (0, 1) }, "{limit:?}");
    }
}

#[test]
fn the_table_lists_every_limit_of_every_variant() {
    let known: BTreeSet<(String, String, String, u32)> = limits()
        .map(|(name, _, rule, _, window, max)| (name.into(), rule.into(), window.into(), max))
        .collect();
    for profile in Profile::all() {
        for variant in profile.variants() {
            let (platform, _) = profile.platform(variant.name).expect("it is a variant");
            for rule in &platform.rules {
                for limit in &rule.rule.limits {
                    let window = limit.window.to_string();
                    let row = (profile.name().to_owned(), rule.name.clone(), window, limit.max);
                    assert!(known.contains(&row), "{}: {row:?}", variant.name);
                }
            }
        }
    }
}

#[test]
fn what_a_platform_refuses_it_does_not_flag() {
    let refusing: BTreeSet<(&str, String)> = Profile::all()
        .iter()
        .flat_map(|profile| profile.variants().map(move |variant| (profile, variant.name)))
        .flat_map(|(profile, variant)| {
            let (platform, _) = profile.platform(variant).expect("it is a variant");
            let rules = platform.rules.into_iter();
            rules
                .filter(|rule| matches!(rule.consequence, Consequence::Refusal { .. }))
                .map(|rule| (profile.name(), rule.name))
        })
        .collect();
    let found: Vec<(&str, &str)> = refusing.iter().map(|(profile, rule)| (*profile, rule.as_str())).collect();
    let expected = [
        ("facebook", "conversations"),
        ("facebook", "private_replies"),
        ("facebook", "text_messages"),
        ("instagram", "conversations"),
        ("instagram", "posts"),
        ("instagram", "private_replies"),
        ("instagram", "text_messages"),
        ("linkedin", "notes"),
        ("linkedin", "posts"),
        ("linkedin", "weekly_invitations"),
        ("x", "email_changes"),
        ("x", "follows"),
        ("x", "messages"),
        ("x", "posts"),
        ("youtube", "quota"),
        ("youtube", "searches"),
        ("youtube", "uploads"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_refused_invitation_blocks_further_ones_for_a_week_to_the_second() {
    let refused = |later: &str| {
        let log = at_once("connection_request", 100)
            + "a,2026-01-05T12:00:00,connection_request\n"
            + &format!("a,{later},connection_request\n");
        let text = header("linkedin", "invitation_block_2026_11", 10);
        // The daily limit is another number.
        let text = text + "[[rule]]\nname = \"daily_invitations\"\nenabled = false\n";
        let account =
            live(&replay(&(text + "[[rule]]\nname = \"all_interactions\"\nenabled = false\n"), &log));
        account.refused.iter().sum::<u64>()
    };
    // The window of seven days is free again at 10:00.
    assert_eq!(refused("2026-01-12T11:59:59"), 2);
    assert_eq!(refused("2026-01-12T12:00:00"), 1);
}

#[test]
fn the_quota_of_youtube_starts_anew_at_midnight_in_california() {
    let refused = |calendar: &str, first: &str, last: &str| {
        let log = format!("a,{first},post\n").repeat(100) + &format!("a,{last},post\n");
        let account = live(&replay(&(header("youtube", "seed", 3) + calendar), &log));
        account.refused.iter().sum::<u64>()
    };
    let berlin = "[calendar]\nzone = \"Europe/Berlin\"\n";
    assert_eq!(refused(berlin, "2026-01-06T08:00:00", "2026-01-06T08:59:59"), 1);
    assert_eq!(refused(berlin, "2026-01-06T08:00:00", "2026-01-06T09:00:00"), 0);
    assert_eq!(refused(berlin, "2026-01-05T09:00:00", "2026-01-06T08:59:59"), 1);
    // A scenario that says nothing about its zone counts its own days.
    assert_eq!(refused("", "2026-01-06T08:00:00", "2026-01-06T23:59:59"), 1);
    assert_eq!(refused("", "2026-01-05T23:59:59", "2026-01-06T00:00:00"), 0);
}

/// Profile, variant, stock, its action, what is in stock, the limit.
const STOCKS: [(&str, &str, &str, &str, StockOf, u32); 6] = [
    ("linkedin", "cautious", "connections", "connection_request", StockOf::Accepted, 30_000),
    ("linkedin", "cautious", "reported_invitations", "connection_request", StockOf::Reported, 4),
    ("linkedin", "cautious", "pending_invitations", "connection_request", StockOf::Pending, 400),
    ("linkedin", "reported_limit", "pending_invitations", "connection_request", StockOf::Pending, 700),
    ("instagram", "documented_2026_11", "following", "connection_request", StockOf::Accepted, 7_500),
    ("x", "seed", "following", "connection_request", StockOf::Accepted, 5_000),
];

#[test]
fn stocks_are_full_at_their_limit_and_not_before() {
    for (platform, variant, name, action, of, limit) in STOCKS {
        let found = |held: u32, sent: u32| {
            let (answer, start) = match of {
                StockOf::Pending => ("accepted = 0", format!("pending_at_start = {held}")),
                StockOf::Accepted => ("accepted = 1", format!("accepted_at_start = {held}")),
                StockOf::Reported => ("accepted = 0, reported = 1", String::new()),
            };
            let answer = answer.replace(", ", "\n");
            let text = header(platform, variant, 3)
                + &format!(
                    "[[response]]\naction = \"{action}\"\n{answer}\n{start}\ndelay = {{ fixed = 1 }}\n"
                );
            let scenario = replay(&text, &at_once(action, sent));
            let rules: Vec<String> = scenario.flag_causes();
            let place =
                rules.iter().position(|rule| rule == name).unwrap_or_else(|| panic!("{name}: {rules:?}"));
            let account = live(&scenario);
            account.refused.get(place).copied().unwrap_or(0) + u64::from(account.breaches[place])
        };
        let (full, room) = match of {
            StockOf::Accepted | StockOf::Pending => (found(limit, 1), found(limit - 1, 1)),
            StockOf::Reported => (found(0, limit + 1), found(0, limit)),
        };
        assert!(full > 0, "{platform}, {variant}, {name}: {limit} and one more");
        assert_eq!(room, 0, "{platform}, {variant}, {name}: {limit}");
    }
}

#[test]
fn rules_about_answers_wait_until_somebody_says_how_people_answer() {
    let beyond = |text: &str| {
        let log = at_once("connection_request", 1);
        let scenario = replay(&(header("linkedin", "cautious", 5) + text), &log);
        scenario.day_rules().map(|(_, name, _)| name).collect::<Vec<String>>()
    };
    assert!(beyond("").is_empty());
    let answers = "[[response]]\naction = \"connection_request\"\naccepted = 0.3\ndelay = { fixed = 2 }\n";
    let all = ["connections", "reported_invitations", "pending_invitations", "acceptance"];
    assert_eq!(beyond(answers), all);
    // A table of the same name takes the place of the profile's, and a rule that is switched off goes.
    let own = format!(
        "{answers}[[stock]]\nname = \"connections\"\naction = \"connection_request\"\nof = \"accepted\"\nlimit = 7\n\
         consequence = \"refuse\"\n[[rule]]\nname = \"acceptance\"\nenabled = false\n"
    );
    assert_eq!(beyond(&own), ["reported_invitations", "pending_invitations", "connections"]);
}

#[test]
fn ratios_judge_from_their_number_and_bound_on() {
    for (variant, name, at_least, bound) in [
        ("cautious", "acceptance", 100, 0.3),
        ("reported_limit", "acceptance", 100, 0.15),
        ("recruiter", "inmail_answers", 100, 0.13),
    ] {
        let action = if name == "acceptance" { "connection_request" } else { "inmail" };
        let breaches = |sent: u32, accepted: f64| {
            let text = header("linkedin", variant, 10)
                + &format!(
                    "[[response]]\naction = \"{action}\"\naccepted = {accepted}\ndelay = {{ fixed = 0 }}\n"
                );
            let scenario = replay(&text, &at_once(action, sent));
            let place = scenario.flag_causes().iter().position(|rule| rule == name).expect("it is a rule");
            u32::from(live(&scenario).breaches[place] > 0)
        };
        assert_eq!((breaches(at_least, 0.0), breaches(at_least - 1, 0.0)), (1, 0), "{variant}, {name}");
        assert_eq!(breaches(at_least, 1.0), 0, "{variant}, {name}");
        let (platform, _) =
            Profile::find("linkedin").and_then(|own| own.platform(variant)).expect("it is there");
        let rule = platform.beyond.rules.iter().find(|rule| rule.name == name).expect("it is a rule");
        let Measure::Ratio(ratio) = &rule.measure else { panic!("{name} is no ratio") };
        assert_eq!(ratio.bound, pacewise::scenario::Bound::Below(bound));
    }
}

#[test]
fn credits_are_granted_and_kept_as_each_plan_says() {
    for (variant, action, name, grant, most) in [
        ("cautious", "inmail", "inmail_credits", 50, 150),
        ("free_plan", "inmail", "inmail_credits", 0, 0),
        ("premium_career", "inmail", "inmail_credits", 5, 15),
        ("premium_business", "inmail", "inmail_credits", 15, 45),
        ("recruiter_lite", "inmail", "inmail_credits", 30, 120),
        ("recruiter", "inmail", "inmail_credits", 100, 400),
        ("cautious", "page_invitation", "page_invitation_credits", 100, 100),
    ] {
        let refused = |sent: u32, when: &str| {
            // A log without any action is a mistake.
            let log = "a,2026-01-05T09:00:00,login\n".to_owned()
                + &format!("a,{when}T10:00:00,{action}\n").repeat(sent as usize);
            let text = header("linkedin", variant, 150)
                + "[[rule]]\nname = \"inmails\"\nenabled = false\n[[rule]]\nname = \"all_interactions\"\nenabled = false\n";
            let scenario = replay(&text, &log);
            assert!(scenario.credits().any(|(_, own, _)| own == name), "{variant}: {name}");
            live(&scenario).refused.iter().sum::<u64>()
        };
        if grant > 0 {
            assert_eq!(refused(grant, "2026-01-05"), 0, "{variant}");
        }
        assert_eq!(refused(grant + 1, "2026-01-05"), 1, "{variant}");
        // After five grants the purse is full.
        if most > 0 {
            assert_eq!(refused(most, "2026-05-02"), 0, "{variant}");
        }
        assert_eq!(refused(most + 1, "2026-05-02"), 1, "{variant}");
    }
}

#[test]
fn actions_that_only_a_profile_knows_concern_scenarios_that_list_them() {
    let rules = |actions: &str, action: &str| {
        let text = format!(
            "start = 2026-01-05\nhorizon_days = 5\n{actions}\nplatform = \"instagram\"\n[[rule]]\nname = \"posts\"\nenabled = false\n"
        );
        let scenario = replay(&text, &at_once(action, 1));
        scenario.platforms[0].rules.iter().map(|rule| rule.name.clone()).collect::<Vec<String>>()
    };
    assert_eq!(rules("actions = [\"like\"]", "like"), ["likes"]);
    assert!(rules("", "login").is_empty());
    let text = "start = 2026-01-05\nhorizon_days = 5\nplatform = \"instagram\"\n[demand.post]\npoisson = { mean = 1 }\n\
                [[rule]]\nname = \"likes\"\nwindows = [{ sliding = \"1h\", limit = 9 }]\n";
    let parsed = Scenario::parse(text, "numbers");
    let messages: Vec<&str> = parsed.diagnostics.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(messages, ["what rule `likes` of the profile counts is not among this scenario's actions"]);
}

#[test]
fn restrictions_last_as_long_as_each_ladder_says() {
    let rungs = |platform: &str, variant: &str| {
        let (platform, _) =
            Profile::find(platform).and_then(|own| own.platform(variant)).expect("it is there");
        platform.ladder.rungs.iter().map(Rung::to_string).collect::<Vec<String>>().join("; ")
    };
    let strikes = "warning; restricted, 1 day; restricted, 3 days; restricted, 7 days; restricted, 30 days";
    assert_eq!(rungs("facebook", "user_token_2026_11"), strikes);
    assert_eq!(rungs("instagram", "documented_2026_11"), strikes);
    assert_eq!(rungs("facebook", "strikes_2023"), "warning; ".repeat(6) + &strikes["warning; ".len()..]);
    let youtube = "warning; restricted, 7 days; restricted, 14 days; restricted for ever";
    assert_eq!(rungs("youtube", "seed"), youtube);
}

#[test]
fn caps_on_live_tokens_are_those_of_the_variant() {
    for (variant, tokens) in [("seed", 100), ("live_tokens_50", 50), ("live_tokens_25", 25)] {
        let text = format!(
            "start = 2026-01-05\nhorizon_days = 30\nplatform = \"youtube\"\nvariant = \"{variant}\"\n\
             token = {{ new_tokens_per_day = 0.5 }}\n[demand.post]\npoisson = {{ mean = 1 }}\n"
        );
        let scenario = Scenario::parse(&text, "numbers").scenario.expect("it is valid");
        assert_eq!(scenario.platforms[0].token.displacement.map(|law| law.live_tokens), Some(tokens));
    }
}
