//! Terms and permission against closed forms: what compliance switches off, violations that are acted upon for certain, one
//! account a person, a tool that may not publish, and measures that strike the innocent.

mod closed_form;
mod fast;

use closed_form::{Z, assert_near};
use fast::simulate_fast;
use pacewise::model::Model;
use pacewise::results::{AccountResults, Results};
use pacewise::scenario::{Parsed, Scenario};

const DAYS: u32 = 40;
const EVERY_DAY: &str = "weekdays = { mon = 1, tue = 1, wed = 1, thu = 1, fri = 1, sat = 1, sun = 1 }";
/// A platform without incidents: only traits can strike an account that does little.
const CALM: &str = "demand.comment.poisson = { mean = 0.1 }\n\
                    platform = \"linkedin\"\n\
                    [[incident]]\ncause = \"password_changed\"\nper_day = 0\n\
                    [[incident]]\ncause = \"access_revoked\"\nper_day = 0\n\
                    [[incident]]\ncause = \"admin_role_lost\"\nper_day = 0\n";

fn parse(text: &str) -> Parsed {
    Scenario::parse(&format!("start = 2026-01-05\nhorizon_days = {DAYS}\n{text}"), "test")
}

fn scenario(text: &str) -> Scenario {
    let parsed = parse(text);
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn run(text: &str, replicates: u64) -> Results {
    simulate_fast(&scenario(text), replicates, 20_260_105)
}

/// The names of the traits of a group.
fn traits(scenario: &Scenario, group: usize) -> Vec<&str> {
    let group = &scenario.groups[group];
    let platform = scenario.platform_of(group);
    group.traits.iter().map(|own| platform.traits[own.index].name.as_str()).collect()
}

fn action<'r>(account: &'r AccountResults, name: &str) -> &'r pacewise::results::ActionResults {
    account.actions.iter().find(|row| row.action == name).expect("it is done")
}

#[test]
fn compliance_leaves_only_what_breaks_no_terms() {
    let all = "[traits]\nalias_name = {}\nuntruthful_name = {}\nshared_login = {}\ncopyright_content = {}\n\
               inappropriate_content = {}\nillegal_activity = {}\nduplicate_account = {}\nabuse_history = {}\n\
               compromised = {}\nthird_party_tool = {}\nprotective_disconnection = {}\napp_not_permitted = {}\n\
               own = {}\nrude = {}\n\
               [[trait]]\nname = \"own\"\nper_day = 0.1\n[[trait]]\nname = \"rude\"\nper_day = 0.1\nbreaks_terms = true\n";
    let text = format!(
        "{CALM}{all}[[group]]\nname = \"careless\"\n[[group]]\nname = \"compliant\"\ncompliant = true\n\
         traits = {{ shared_login = {{ people = 9 }} }}\n"
    );
    let scenario = scenario(&text);
    assert_eq!(traits(&scenario, 0).len(), 14);
    let innocent =
        ["compromised", "third_party_tool", "protective_disconnection", "app_not_permitted", "own"];
    assert_eq!(traits(&scenario, 1), [&["abuse_history"][..], &innocent].concat());
}

#[test]
fn compliance_removes_the_hazards_and_nothing_else() {
    let text = |compliant: bool| {
        format!(
            "{CALM}[[group]]\nname = \"a\"\ncompliant = {compliant}\ntraits = {{ rude = {{}}, unlucky = {{}} }}\n\
             [[trait]]\nname = \"rude\"\nper_day = 0.02\nbreaks_terms = true\n\
             [[trait]]\nname = \"unlucky\"\nper_day = 0.01\n\
             [ladder]\nrungs = [\"warning\"]\n"
        )
    };
    let by_end = |hazard: f64| 1.0 - (1.0 - hazard).powi(DAYS as i32);
    let flagged = |compliant| run(&text(compliant), 30_000).mean_account.flagged;
    assert_near("with both", flagged(false), by_end(1.0 - 0.98 * 0.99));
    assert_near("compliant", flagged(true), by_end(0.01));
}

#[test]
fn a_stated_violation_is_restricted_for_certain_even_where_the_ladder_begins_with_warnings() {
    let text = |certain: bool| {
        format!(
            "traits = {{ alias_name = {{ certain = {certain} }} }}\n{CALM}\
             [reconnect]\nafter_restriction = {{ fixed = 1 }}\n\
             [ladder]\nrungs = [\"warning\", \"warning\", {{ restriction = {{ fixed = 3 }} }}, \"permanent\"]\n"
        )
    };
    let certain = run(&text(true), 3).mean_account;
    assert_eq!(certain.restricted_by_day[0].value, 1.0, "at the end of the first day");
    // Three days of restriction and one of delay: flags of the days 0, 5 and 10 enter the third rung, that of day 15 the
    // fourth.
    let lost = certain.restricted_permanently_by_day.iter().position(|share| share.value == 1.0);
    assert_eq!((lost, certain.flags.value), (Some(15), 4.0));
    let uncertain = run(&text(false), 2_000).mean_account;
    assert_eq!(uncertain.restricted.value, 0.0, "two warnings come first");
    assert!(uncertain.flagged.high < 0.1);
}

#[test]
fn a_certain_violation_keeps_the_rung_that_its_trait_names_and_needs_no_ladder() {
    let text = format!("traits = {{ illegal_activity = {{ certain = true }} }}\n{CALM}");
    let account = run(&text, 3).mean_account;
    assert_eq!((account.restricted_permanently_by_day[0].value, account.flags.value), (1.0, 1.0));
    let warned = "traits = { rude = { certain = true } }\n[[trait]]\nname = \"rude\"\nper_day = 0\n";
    let without = run(warned, 3).mean_account;
    assert_eq!((without.flags.value, without.restricted.value), (f64::from(DAYS), 0.0));
    let strikes = format!("{warned}consequence = \"disconnect\"\n[reconnect]\nincident = {{ fixed = 1 }}\n");
    assert_eq!(run(&strikes, 3).mean_account.days_disconnected.value, 20.0, "every other day");
}

#[test]
fn accounts_of_fewer_people_are_restricted_nearly_for_certain_and_the_file_is_warned_of() {
    let text = |more: &str| format!("{CALM}[[group]]\nname = \"a\"\ncount = 2\n{more}");
    let both = parse(&text("people = 1\n"));
    let [finding] = both.diagnostics.as_slice() else { panic!("{:?}", both.diagnostics) };
    assert!(finding.message.contains("2 accounts of 1 person"), "{}", finding.message);
    assert!(finding.hint.as_deref().is_some_and(|hint| hint.starts_with("close what is too much")));
    assert_eq!(traits(&scenario(&text("people = 1\n")), 0), ["duplicate_account"]);
    let found = 1.0 - 0.95_f64.powi(DAYS as i32);
    let account = run(&text("people = 1\n"), 20_000).mean_account;
    assert_near("the second of two", account.restricted, found / 2.0);
    let several = text("people = 2\n").replace("count = 2", "count = 5");
    assert_near("three of five", run(&several, 10_000).mean_account.restricted, found * 3.0 / 5.0);
    let all = text("people = 1\ntraits = { duplicate_account = {} }\n");
    assert_near("stated for all", run(&all, 10_000).mean_account.restricted, found);
    for alone in ["", "people = 2\n"] {
        assert!(parse(&text(alone)).diagnostics.is_empty(), "{alone}");
        assert_eq!(run(&text(alone), 500).mean_account.restricted.value, 0.0, "{alone}");
    }
    let off = text("people = 1\ntraits = { duplicate_account = { enabled = false } }\n");
    assert_eq!(traits(&scenario(&off), 0), [""; 0]);
    let off_for_all =
        text("people = 1\n").replace("[[group]]", "[traits.duplicate_account]\nenabled = false\n[[group]]");
    assert_eq!(traits(&scenario(&off_for_all), 0), [""; 0]);
    assert!(parse(&off_for_all).diagnostics[0].message.contains("switched off"));
    let but_here = format!("{off_for_all}traits = {{ duplicate_account = {{}} }}\n");
    assert_eq!(traits(&scenario(&but_here), 0), ["duplicate_account"]);
    let compliant = text("people = 1\ncompliant = true\n");
    assert!(parse(&compliant).scenario.is_none(), "second accounts break the terms");
    let permitted = compliant.replace(CALM, &CALM.replace("linkedin", "x"));
    assert_eq!(traits(&scenario(&permitted), 0), [""; 0]);
    // More people than accounts share a login; that is another trait.
    let many = parse(&text("people = 3\n"));
    assert!(many.diagnostics[0].hint.as_deref().is_some_and(|hint| hint.contains("shared_login")));
    // A platform without the trait is warned of, too, and the warning claims nothing that does not happen.
    let elsewhere = text("people = 1\n").replace(CALM, &CALM.replace("linkedin", "x"));
    let [finding] = &parse(&elsewhere).diagnostics[..] else { panic!("one warning") };
    assert!(
        finding.message.ends_with("the profile of `x` has no such rule, and nothing happens to them here")
    );
    assert_eq!(traits(&scenario(&elsewhere), 0), [""; 0]);
}

#[test]
fn the_first_accounts_of_a_group_are_their_peoples_own_and_the_last_ones_duplicates() {
    let certain = "[ladder]\nrungs = [\"permanent\"]\n[[trait]]\nname = \"duplicate_account\"\nper_day = 1\n\
                   scrutiny = 0.5\nrefuses = [\"post\"]\n[[group]]\nname = \"before\"\n\
                   [[group]]\nname = \"a\"\ncount = 4\npeople = 3\n[[group]]\nname = \"after\"\n";
    let posts = format!("[demand.post]\nquota = {{ per_day = 1 }}\n{EVERY_DAY}\n");
    for resolution in ["day", "event"] {
        let text = format!("resolution = \"{resolution}\"\n{certain}{posts}");
        let model = Model::compile(&scenario(&text));
        let mut simulator = model.simulator();
        let accounts = &simulator.replicate(1, 0).accounts;
        let restricted: Vec<bool> = accounts.iter().map(|account| account.permanent == Some(0)).collect();
        assert_eq!(restricted, [false, false, false, false, true, false], "{resolution}");
        let groups: Vec<usize> = accounts.iter().map(|account| account.group).collect();
        assert_eq!(groups, [0, 1, 1, 1, 1, 2]);
        // What else the trait does concerns these accounts alone, too.
        let sent: Vec<u64> = accounts.iter().map(|account| account.delivered.iter().sum()).collect();
        assert_eq!(sent, [40, 40, 40, 40, 0, 40], "{resolution}");
    }
}

/// A group of so many accounts, with more keys.
fn group(name: &str, count: u32, more: &str) -> String {
    format!("[[group]]\nname = \"{name}\"\ncount = {count}\n{more}\n")
}

#[test]
fn accounts_too_many_for_the_people_of_several_groups_are_duplicates_the_later_ones() {
    // By group: the number of its first accounts that are no duplicates, or all of them.
    let own = |text: &str| -> Vec<Option<u32>> {
        let scenario = scenario(&format!("{CALM}{text}"));
        scenario.groups.iter().map(|group| group.traits.first().map(|own| own.spares)).collect()
    };
    let of_a = "people_of = \"a\"";
    let (a, two) = (group("a", 2, ""), group("b", 3, of_a));
    assert_eq!(own(&format!("{a}{two}")), [None, Some(0)], "all have one of their own");
    assert_eq!(own(&format!("{two}{a}")), [Some(0), None], "whichever comes first in the file");
    let people = |people: u32| group("a", 2, &format!("people = {people}"));
    for (number, spared) in
        [(1, [Some(1), Some(0)]), (2, [None, Some(0)]), (3, [None, Some(1)]), (5, [None, None])]
    {
        assert_eq!(own(&format!("{}{two}", people(number))), spared, "{number} people, 5 accounts");
    }
    // A third group comes after the second, also where it names that one.
    for whose in [of_a, "people_of = \"b\""] {
        let three = format!("{}{}{}", people(4), group("b", 1, of_a), group("c", 2, whose));
        assert_eq!(own(&three), [None, None, Some(1)], "{whose}");
    }
    let found = 1.0 - 0.95_f64.powi(DAYS as i32);
    let results = run(&format!("{CALM}{a}{two}"), 10_000);
    assert_near("all of b", results.groups[1].account.restricted, found);
    assert_eq!(results.groups[0].account.restricted.value, 0.0);
    // On another platform a person may have another account.
    let elsewhere = format!("{CALM}{a}{}", group("b", 3, &format!("{of_a}\nplatform = \"x\"")));
    let [finding] = &parse(&elsewhere).diagnostics[..] else { panic!("one warning") };
    assert_eq!(
        (finding.message.as_str(), own(&elsewhere[CALM.len()..])),
        ("group `a` is on another platform", vec![None; 2])
    );
    let compliant = format!("{CALM}{a}{}", group("b", 3, &format!("{of_a}\ncompliant = true")));
    assert!(parse(&compliant).scenario.is_none(), "second accounts break the terms");
}

#[test]
fn the_duplicates_of_a_group_leave_all_other_accounts_as_they_were() {
    let text = |people: u32| {
        format!(
            "{CALM}[demand.message]\npoisson = {{ mean = 12 }}\n\
             [[group]]\nname = \"a\"\ncount = 4\npeople = {people}\n[[group]]\nname = \"b\"\n"
        )
    };
    let live = |people: u32| {
        let model = Model::compile(&scenario(&text(people)));
        let mut simulator = model.simulator();
        simulator.replicate(3, 1).accounts.iter().map(|account| account.delivered.clone()).collect::<Vec<_>>()
    };
    let (with, without) = (live(2), live(4));
    assert_eq!((&with[..2], &with[4]), (&without[..2], &without[4]));
    assert_ne!(with[2..4], without[2..4], "the last two are found within 40 days");
}

#[test]
fn a_replacement_account_is_warned_of_wherever_it_is_stated() {
    let of_all =
        format!("{CALM}[traits.duplicate_account]\n[[group]]\nname = \"a\"\n[[group]]\nname = \"b\"\n");
    assert_eq!(parse(&of_all).diagnostics.len(), 1, "once, where it stands");
    let of_group = format!("{CALM}[[group]]\nname = \"a\"\ntraits = {{ duplicate_account = {{}} }}\n");
    assert_eq!(parse(&of_group).diagnostics.len(), 1);
    let off = of_group.replace("{} }", "{ enabled = false } }");
    assert_eq!(parse(&off).diagnostics.len(), 0);
}

/// A group whose accounts want one post, one message a day.
fn publishing(head: &str) -> String {
    let wishes =
        ["post", "message"].map(|name| format!("[demand.{name}]\nquota = {{ per_day = 1 }}\n{EVERY_DAY}\n"));
    format!("{head}{}", wishes.concat())
}

#[test]
fn a_tool_that_is_not_permitted_publishes_nothing_and_stays_connected() {
    for resolution in ["day", "event"] {
        let text = |permitted: bool| {
            publishing(&format!(
                "resolution = \"{resolution}\"\ntraits = {{ barred = {{ enabled = {} }} }}\n\
                 [[trait]]\nname = \"barred\"\nrefuses = [\"post\"]\n",
                !permitted
            ))
        };
        let days = f64::from(DAYS);
        let barred = run(&text(false), 3).mean_account;
        assert_eq!((barred.disconnected.value, barred.flags.value), (0.0, 0.0));
        assert_eq!(
            (action(&barred, "post").delivered.value, action(&barred, "post").lost.value),
            (0.0, days)
        );
        assert_eq!(action(&barred, "message").delivered.value, days, "{resolution}");
        let refused: Vec<(&str, f64)> =
            barred.refusals.iter().map(|row| (row.cause.as_str(), row.refused.value)).collect();
        assert_eq!(refused, [("barred", days)], "{resolution}");
        let listed = run(&text(true), 3).mean_account;
        assert_eq!(action(&listed, "post").delivered.value, days, "{resolution}");
    }
}

#[test]
fn what_is_not_permitted_waits_for_ever_where_the_pacing_defers() {
    for resolution in ["day", "event"] {
        let text = publishing(&format!(
            "resolution = \"{resolution}\"\ntraits = {{ app_not_permitted = {{}} }}\n{CALM}\
             [pacing.post]\nper_day = 5\noverflow = \"defer\"\n"
        ));
        let text = if resolution == "day" {
            text.replace(CALM, "[[trait]]\nname = \"app_not_permitted\"\nrefuses = [\"post\"]\n")
        } else {
            text
        };
        let account = run(&text, 3).mean_account;
        let post = action(&account, "post");
        assert_eq!((post.delivered.value, post.waiting.value), (0.0, f64::from(DAYS)), "{resolution}");
    }
}

#[test]
fn one_group_may_publish_beside_another_that_may_not() {
    let text = publishing(
        "[[group]]\nname = \"barred\"\ntraits = { barred = {} }\n[[group]]\nname = \"listed\"\n\
         [[trait]]\nname = \"barred\"\nrefuses = [\"post\"]\n",
    );
    let results = run(&text, 3);
    let sent = |group: usize| action(&results.groups[group].account, "post").delivered.value;
    assert_eq!((sent(0), sent(1)), (0.0, f64::from(DAYS)));
    // The listed group's accounts live as if the other were not there.
    let alone = text.replace("[[group]]\nname = \"barred\"\ntraits = { barred = {} }\n", "");
    let (both, alone) = (Model::compile(&scenario(&text)), Model::compile(&scenario(&alone)));
    assert_eq!(
        both.simulator().replicate(1, 0).accounts[1].delivered,
        alone.simulator().replicate(1, 0).accounts[0].delivered
    );
}

#[test]
fn the_share_of_measures_that_strike_the_innocent_is_that_of_their_hazards() {
    // Warnings do not end anything, so that each cause flags h times a day; an invalidated token is back at once.
    let text = |kinds: &str| {
        format!(
            "ladder = {{ rungs = [\"warning\"] }}\ntraits = {{ rude = {{}}, watched = {{}}, taken = {{}} }}\n\
             [reconnect]\nincident = {{ fixed = 0 }}\n\
             [[incident]]\ncause = \"password_changed\"\nper_day = 0.2\n\
             [[trait]]\nname = \"rude\"\nper_day = 0.03\n\
             [[trait]]\nname = \"watched\"\nper_day = 0.02\n{kinds}\
             [[trait]]\nname = \"taken\"\nper_day = 0.01\nconsequence = \"disconnect\"\n{kinds}"
        )
    };
    let share = run(&text("innocent = true\n"), 20_000).mean_account.innocent_share.expect("it is stated");
    assert!(
        share.low < share.value && share.value < share.high && share.high - share.low < 0.02,
        "{share:?}"
    );
    let share = share.value;
    // Rude and watched on one day are one flag, for the first of them.
    let (rude, watched, taken) = (0.03, 0.02 * 0.97, 0.01);
    let exact = (watched + taken) / (rude + watched + taken);
    // About 20,000 x 40 x 0.06 measures; incidents are none.
    let error = (exact * (1.0 - exact) / (20_000.0 * f64::from(DAYS) * 0.06)).sqrt();
    assert!((share - exact).abs() < Z * error, "{share} is not {exact}");
    assert_eq!(run(&text(""), 200).mean_account.innocent_share, None);
}

#[test]
fn the_innocent_are_told_apart_in_each_group() {
    let text = "ladder = { rungs = [\"warning\"] }\n\
                [[trait]]\nname = \"rude\"\nper_day = 0.1\n[[trait]]\nname = \"unlucky\"\nper_day = 0.1\ninnocent = true\n\
                [[group]]\nname = \"a\"\ntraits = { rude = {} }\n[[group]]\nname = \"b\"\ntraits = { unlucky = {} }\n\
                [[group]]\nname = \"c\"\n";
    let results = run(text, 300);
    let share = |group: usize| {
        results.groups[group].account.innocent_share.map(|share| (share.value, share.low, share.high))
    };
    let (none, all) = (share(0).expect("some rude"), share(1).expect("some unlucky"));
    assert!(none.0 == 0.0 && none.1 == 0.0 && none.2 > 0.0 && none.2 < 0.02, "{none:?}");
    assert!(all.0 == 1.0 && all.1 > 0.98 && all.2 == 1.0, "{all:?}");
    assert_eq!(share(2), None, "nothing happens to c");
}

#[test]
fn of_several_flags_at_one_instant_the_highest_rung_counts_and_the_first_is_the_cause() {
    let text = |traits: &str| {
        format!(
            "demand.comment.poisson = {{ mean = 0.1 }}\ntraits = {{ {traits} }}\n\
             ladder = {{ rungs = [\"warning\", {{ restriction = {{ fixed = 3 }} }}, \"permanent\"] }}\n\
             [[trait]]\nname = \"mild\"\nper_day = 1\n\
             [[trait]]\nname = \"graver\"\nper_day = 1\nconsequence = {{ rung = 2 }}\n\
             [[trait]]\nname = \"gravest\"\nper_day = 1\nconsequence = {{ rung = 3 }}\n"
        )
    };
    let permanent = |traits: &str| run(&text(traits), 50).mean_account.restricted_permanently.value;
    let days = |traits: &str| run(&text(traits), 50).mean_account.days_connected.value;
    let at_once = |traits: &str| run(&text(traits), 50).mean_account.restricted_by_day[0].value;
    assert_eq!(
        (at_once("mild = {}"), at_once("mild = {}, graver = {}")),
        (0.0, 1.0),
        "a warning comes first"
    );
    assert_eq!((permanent("gravest = {}"), days("gravest = {}")), (1.0, 1.0));
    let both = run(&text("mild = {}, graver = {}, gravest = {}"), 50).mean_account;
    assert_eq!(
        (both.restricted_permanently.value, both.days_connected.value),
        (1.0, 1.0),
        "graver ones are not shielded"
    );
    let flags =
        |name: &str| both.hazards.iter().find(|row| row.name == name).expect("it is stated").flags.value;
    assert_eq!((flags("mild"), flags("graver"), flags("gravest")), (1.0, 0.0, 0.0));
}
