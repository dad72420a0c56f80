//! Accounts that are opened because others were restricted, against closed forms: when, what befalls them then, and that
//! nothing does before.

mod closed_form;
mod fast;

use closed_form::assert_near;
use fast::simulate_fast;
use pacewise::report::token_expiry;
use pacewise::results::{AccountResults, Results};
use pacewise::scenario::{Parsed, Scenario};

const DAYS: u32 = 30;
/// A platform whose flags restrict for ever, and an account a day of which is restricted with a stated probability.
const PLATFORM: &str = "[ladder]\nrungs = [\"permanent\"]\n[[trait]]\nname = \"seen\"\nper_day = 0.06\n\
                        [[trait]]\nname = \"duplicate_account\"\nper_day = 0.2\n\
                        [demand.post]\nquota = { per_day = 1 }\n\
                        weekdays = { mon = 1, tue = 1, wed = 1, thu = 1, fri = 1, sat = 1, sun = 1 }\n";
const RESOLUTIONS: [&str; 2] = ["day", "event"];

fn parse(resolution: &str, text: &str) -> Parsed {
    let head = format!("start = 2026-01-05\nhorizon_days = {DAYS}\nresolution = \"{resolution}\"\n");
    Scenario::parse(&(head + text), "test")
}

fn scenario(resolution: &str, text: &str) -> Scenario {
    let parsed = parse(resolution, text);
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn run(resolution: &str, text: &str, replicates: u64) -> Results {
    simulate_fast(&scenario(resolution, text), replicates, 20_260_105)
}

/// An account with the trait `seen` and the one that replaces it.
fn pair(certain: bool, after_days: u32, more: &str) -> String {
    format!(
        "{PLATFORM}[[group]]\nname = \"first\"\ntraits = {{ seen = {{ certain = {certain} }} }}\n\
         [[group]]\nname = \"second\"\nreplaces = {{ group = \"first\", after_days = {after_days} }}\n{more}"
    )
}

#[test]
fn all_replacements_are_second_accounts_however_few_their_people() {
    let group = "[[group]]\nname = \"second\"\n";
    let text = pair(true, 1, "").replace(group, &format!("{group}count = 3\npeople = 1\n"));
    let text = text.replace("name = \"first\"\n", "name = \"first\"\ncount = 3\n");
    let found = 1.0 - 0.8_f64.powi(DAYS as i32 - 1);
    for resolution in RESOLUTIONS {
        let second = &run(resolution, &text, 5_000).groups[1].account;
        assert_near("restricted", second.restricted, found);
    }
}

const UNFOUND: &str = "traits = { duplicate_account = { enabled = false } }\n";

fn demanded(account: &AccountResults) -> f64 {
    account.actions[0].demanded.value
}

#[test]
fn a_replacement_is_opened_on_the_day_after_the_restriction_and_found_like_any_second_account() {
    let (p, q, after) = (0.06, 0.2, 1);
    let restricted_on = |day: u32| p * (1.0_f64 - p).powi(day as i32);
    for resolution in RESOLUTIONS {
        let results = run(resolution, &pair(false, after, ""), 20_000);
        let account = &results.groups[1].account;
        let opened = account.opened.expect("it replaces another");
        assert_near("opened", opened, 1.0 - (1.0 - p).powi((DAYS - after) as i32));
        for t in [2, 5, 10, 30] {
            let found = |day: u32| 1.0 - (1.0_f64 - q).powi((t - after - day) as i32);
            let exact = (0..t - after).map(|day| restricted_on(day) * found(day)).sum();
            assert_near(resolution, account.restricted_by_day[t as usize - 1], exact);
        }
        assert_eq!(account.restricted_by_day[0].value, 0.0);
        // Opened on day o, it is connected for as many days as it is not found: min(G, 30 - o), G geometric.
        let days = |opened: u32| (1.0 - (1.0_f64 - q).powi((DAYS - opened) as i32)) / q;
        let connected = (0..DAYS - after).map(|day| restricted_on(day) * days(day + after)).sum();
        assert_near("connected", account.days_connected, connected);
        let exists: f64 =
            (0..DAYS - after).map(|day| restricted_on(day) * f64::from(DAYS - day - after)).sum();
        assert_near("demanded", account.actions[0].demanded, exists);
        assert_near("disconnected", account.days_disconnected, exists - connected);
    }
}

#[test]
fn an_account_that_is_not_opened_yet_wants_nothing_and_is_in_nobodys_books() {
    for resolution in RESOLUTIONS {
        for (after, days) in [(1, 29), (3, 27), (29, 1), (30, 0), (31, 0)] {
            let results = run(resolution, &pair(true, after, UNFOUND), 3);
            let account = &results.groups[1].account;
            let whole = f64::from(days);
            let opened = account.opened.map(|share| share.value);
            assert_eq!(
                (opened, demanded(account)),
                (Some(if days > 0 { 1.0 } else { 0.0 }), whole),
                "{after}"
            );
            assert_eq!(
                (account.days_connected.value, account.days_disconnected.value),
                (whole, 0.0),
                "{after}"
            );
            let row = &account.actions[0];
            assert_eq!(row.delivered.value + row.lost.value + row.waiting.value, whole, "{after}");
            let unopened: f64 = results.series.occupancy.iter().map(|day| day.unopened).sum();
            assert!(
                (unopened - f64::from(DAYS - days) / 2.0).abs() < 1e-9,
                "half of the accounts: {unopened}"
            );
        }
    }
    let results = run("day", &pair(true, 1, ""), 3);
    assert_eq!((results.groups[0].account.opened, results.mean_account.opened), (None, None));
}

#[test]
fn everything_about_a_replacement_counts_from_the_day_on_which_it_is_opened() {
    let token = |token: &str| format!("{}[token]\n{token}\n", pair(true, 3, UNFOUND));
    let first = |results: &Results, cause: &str| -> Option<usize> {
        let rows = &results.groups[1].account.first_disconnection;
        let row = rows.iter().find(|row| row.cause == cause).expect("it is a cause");
        row.by_day.iter().position(|share| share.value == 1.0)
    };
    for resolution in RESOLUTIONS {
        let aged = run(resolution, &token("lifetime_days = 10"), 3);
        assert_eq!(first(&aged, "token_expired"), Some(13), "{resolution}: a fresh token");
        let silent = token("idle_days = 5").replace("per_day = 1 }", "per_day = 0 }");
        let silent = run(resolution, &silent, 3);
        let last = if resolution == "day" { 7 } else { 8 };
        assert_eq!(first(&silent, "token_idle"), Some(last), "{resolution}");
        let planned =
            "[[event]]\ncause = \"rotation\"\nfrom = 2026-01-05\nevery_days = 2\noutage = { fixed = 0 }\n";
        let rotated = run(resolution, &format!("{}{planned}", pair(true, 3, UNFOUND)), 3);
        assert_eq!(first(&rotated, "rotation"), Some(4), "{resolution}: planned for days 0, 2, 4");
        let ramp = "[pacing.post]\nramp_up = [{ from_age_days = 0, per_day = 1 }, { from_age_days = 4, per_day = 5 }]\n";
        let ramped =
            format!("{}{ramp}", pair(true, 3, UNFOUND)).replace("per_day = 1 }\nweek", "per_day = 9 }\nweek");
        let delivered = run(resolution, &ramped, 3).groups[1].account.actions[0].delivered.value;
        assert_eq!(
            delivered,
            f64::from(4 + 5 * (DAYS - 3 - 4)),
            "{resolution}: four days of its own warm-up"
        );
    }
}

#[test]
fn links_see_a_replacement_from_its_first_day_on() {
    let text = format!("{}[[link]]\nname = \"network\"\nper_day = 1\n", pair(true, 4, UNFOUND));
    for resolution in RESOLUTIONS {
        let results = run(resolution, &text, 3);
        let flagged = &results.groups[1].account.flagged_by_day;
        assert_eq!((flagged[3].value, flagged[4].value), (0.0, 1.0), "{resolution}: at the end of day 4");
    }
}

#[test]
fn each_account_replaces_the_one_at_its_own_place() {
    let certain = PLATFORM.replace("per_day = 0.2", "per_day = 1");
    let text = format!(
        "{certain}[[group]]\nname = \"later\"\ncount = 2\nreplaces = {{ group = \"team\" }}\n{UNFOUND}\
         [[group]]\nname = \"team\"\ncount = 3\npeople = 1\n"
    );
    // The team's second and third account are restricted at the end of day 0.
    for resolution in RESOLUTIONS {
        let results = run(resolution, &text, 3);
        assert_eq!(results.groups[0].account.opened.map(|share| share.value), Some(0.5), "{resolution}");
        assert_eq!(results.groups[0].account.days_connected.value, f64::from(DAYS - 1) / 2.0);
    }
}

#[test]
fn a_replacement_may_be_replaced_in_turn() {
    let text = format!(
        "{}[[group]]\nname = \"third\"\nreplaces = {{ group = \"second\", after_days = 2 }}\n",
        pair(true, 1, "")
    );
    for resolution in RESOLUTIONS {
        let found = run(resolution, &text.replace("per_day = 0.2", "per_day = 1"), 3);
        let third = &found.groups[2].account.restricted_by_day;
        assert_eq!((third[2].value, third[3].value), (0.0, 1.0), "restricted on days 0, 1 and 3");
        assert_eq!(found.team.accounts_restricted.value, 3.0);
    }
}

#[test]
fn no_calendar_keeps_a_token_alive_that_nobody_may_have() {
    let text = pair(true, 1, "") + "[token]\nlifetime_days = 20\nidle_days = 5\n";
    let scenario = scenario("day", &text);
    let calendars: Vec<String> = scenario.keep_alive().into_iter().map(|row| row.group).collect();
    let expiries: Vec<String> = token_expiry(&scenario).into_iter().map(|row| row.group).collect();
    assert_eq!((calendars, expiries), (vec!["first".to_owned()], vec!["first".to_owned()]));
}

#[test]
fn the_file_is_warned_and_the_only_advice_is_never_to_open_such_an_account() {
    let warnings = |text: &str| -> Vec<(String, String)> {
        let findings = parse("day", text).diagnostics.into_iter();
        findings.map(|finding| (finding.message, finding.hint.unwrap_or_default())).collect()
    };
    let [(message, hint)] = &warnings(&pair(false, 1, ""))[..] else { panic!("one warning") };
    assert!(
        message.ends_with("a platform that allows one account a person finds and restricts it"),
        "{message}"
    );
    assert!(hint.starts_with("never open another account"), "{hint}");
    let unruled = pair(false, 1, "").replace("duplicate_account", "other_rule");
    let [(message, hint)] = &warnings(&unruled)[..] else { panic!("one warning") };
    assert!(
        message.ends_with("the profile of `platform` has no such rule, and nothing happens to them here"),
        "{message}"
    );
    assert!(hint.starts_with("never open another account"), "{hint}");
    let results = run("day", &unruled, 300);
    assert_eq!(results.groups[1].account.restricted.value, 0.0);
}

#[test]
fn replacements_of_accounts_that_no_flag_restricts_are_said_never_to_be_opened() {
    let opened = |rungs: &str| {
        let text = pair(false, 1, "").replace("[\"permanent\"]", rungs);
        let said = parse("day", &text).diagnostics.iter().any(|found| found.message.contains("never opened"));
        (said, run("day", &text, 200).groups[1].account.opened.expect("it replaces another").value > 0.0)
    };
    assert_eq!(opened("[\"warning\"]"), (true, false));
    assert_eq!(opened("[\"warning\", { restriction = { fixed = 1 } }]"), (false, true));
    // The ladder restricts, and nothing flags the first account: or something does, of its own or by a link.
    let unseen = pair(false, 1, "").replace("per_day = 0.06", "per_day = 0");
    let third = "[[group]]\nname = \"third\"\ntraits = { duplicate_account = {} }\n";
    let link = "[[link]]\nname = \"office\"\nper_day = 0.5\n";
    for (text, never) in [
        (unseen.clone(), true),
        (unseen.clone() + link, true),
        (unseen.clone() + third, true),
        (unseen.clone() + third + link, false),
        (pair(false, 1, ""), false),
        (pair(true, 1, ""), false),
        (unseen.replace("seen = { certain = false }", "seen = { certain = true }"), false),
        (pair(false, 1, "").replace("per_day = 0.06", "per_day = 0.06\nconsequence = \"disconnect\""), true),
    ] {
        let findings = parse("day", &text).diagnostics;
        let said =
            findings.iter().any(|found| found.message.ends_with("no flag restricts those that they replace"));
        let opened = run("day", &text, 200).groups[1].account.opened.expect("it replaces another").value;
        assert_eq!((said, opened == 0.0), (never, never), "{text}");
    }
}

#[test]
fn what_no_scrutiny_notices_restricts_nobody_be_it_a_rule_of_volume_or_by_the_day() {
    let volume = "[[rule]]\nname = \"many\"\nactions = [\"post\"]\nwindows = [{ calendar = \"day\", limit = 2 }]\n\
                  detection = { per = \"day\", probability = 0.3 }\n";
    let surge = "[[surge]]\nname = \"sudden\"\nactions = [\"post\"]\ntrailing_days = 2\nbaseline_days = 4\n\
                 factor = 1.2\nminimum = 2\nprobability = 0.9\n";
    for rule in [volume, surge] {
        for (scrutiny, never) in [("0", true), ("0.5", false)] {
            let quiet = format!("{rule}[[trait]]\nname = \"quiet\"\nscrutiny = {scrutiny}\n");
            let text = pair(false, 1, &quiet)
                .replace("quota = { per_day = 1 }", "poisson = { mean = 4 }")
                .replace("per_day = 0.06", "per_day = 0")
                .replace("traits = { seen", "traits = { quiet = {}, seen");
            let findings = parse("day", &text).diagnostics;
            let said = findings.iter().any(|found| found.message.contains("never opened"));
            let opened = run("day", &text, 300).groups[1].account.opened.expect("it replaces another").value;
            assert_eq!((said, opened == 0.0), (never, never), "{text}");
        }
    }
}

#[test]
fn a_long_chain_of_replacements_is_warned_of_link_by_link_in_any_order_of_the_file() {
    let link = |at: usize| format!("[[group]]\nname = \"g{at}\"\nreplaces = {{ group = \"g{}\" }}\n", at - 1);
    for per_day in ["0.06", "0"] {
        for reversed in [false, true] {
            let mut links: Vec<String> = (1..400).map(link).collect();
            if reversed {
                links.reverse();
            }
            let first = "[[group]]\nname = \"g0\"\ntraits = { seen = {} }\n";
            let text = format!("{PLATFORM}{first}{}", links.concat()).replace("0.06", per_day);
            let text = format!("start = 2026-01-05\nhorizon_days = 1000\n{text}");
            let findings = Scenario::parse(&text, "test").diagnostics;
            let said = |what: &str| findings.iter().filter(|found| found.message.contains(what)).count();
            // As many as are told of all findings.
            let counts = [said("because others were restricted"), said("no flag restricts those")];
            assert_eq!(counts, if per_day == "0" { [0, 100] } else { [100, 0] }, "{reversed}");
        }
    }
}

#[test]
fn what_is_switched_off_for_all_groups_finds_no_replacement() {
    let off = "[traits.duplicate_account]\nenabled = false\n[[group]]\nname = \"first\"\n";
    let text = pair(true, 1, "").replace("[[group]]\nname = \"first\"\n", off);
    assert!(parse("day", &text).diagnostics[0].message.contains("switched off"));
    assert_eq!(run("day", &text, 300).groups[1].account.restricted.value, 0.0);
}
