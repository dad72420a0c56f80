//! Several flags at one instant are one flag; its cause is the first successful rule in file order.

mod fast;

use fast::simulate_fast;
use pacewise::results::AccountResults;
use pacewise::scenario::Scenario;

fn account(text: &str) -> AccountResults {
    let parsed = Scenario::parse(&format!("start = 2026-01-05\n{text}"), "test");
    let scenario = parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    simulate_fast(&scenario, 3, 1).mean_account
}

const LADDER: &str = "ladder = { rungs = [\"warning\", \"permanent\"] }\n";

#[test]
fn a_backlog_sent_at_one_instant_flags_once() {
    // Ten on Monday against a cap of five: the other five go out together on Tuesday at nine, the fourth and fifth of
    // them over the limit of three in a second. Monday's five lie apart.
    let text = format!(
        "horizon_days = 2\n{LADDER}\
         [demand.message]\nquota = {{ per_day = 10 }}\nweekdays = {{ tue = 0 }}\n\
         [pacing.message]\nper_day = 5\noverflow = \"defer\"\n\
         [[rule]]\nname = \"messages\"\nactions = [\"message\"]\nwindows = [{{ sliding = \"1s\", limit = 3 }}]\n\
         detection = {{ per = \"event\", probability = 1 }}\n"
    );
    let account = account(&text);
    let delivered = account.actions[0].delivered.value;
    assert_eq!((account.flags.value, account.restricted_permanently.value, delivered), (1.0, 0.0, 10.0));
    assert_eq!(account.rules[0].breaches.value, 2.0, "each event is a trial");
}

/// One message and one post at noon sharp, both breaches; the rules in the given order.
fn two_actions_at_noon(rules: [&str; 2]) -> String {
    let rule = |action: &str| {
        format!(
            "[[rule]]\nname = \"{action}\"\nactions = [\"{action}\"]\nwindows = [{{ sliding = \"1h\", limit = 0 }}]\n\
             detection = {{ per = \"event\", probability = 1 }}\n"
        )
    };
    let pace = |action: &str| {
        format!(
            "[demand.{action}]\nquota = {{ per_day = 1 }}\n[pacing.{action}]\nper_day = 9\nspread = true\n"
        )
    };
    let rules = rules.map(rule).concat();
    format!("horizon_days = 1\n{LADDER}{}{}{rules}", pace("message"), pace("post"))
}

#[test]
fn two_actions_at_one_instant_flag_once_by_the_first_rule_of_the_file() {
    for rules in [["message", "post"], ["post", "message"]] {
        let account = account(&two_actions_at_noon(rules));
        assert_eq!((account.flags.value, account.restricted_permanently.value), (1.0, 0.0), "{rules:?}");
        let of_rule =
            |index: usize| (account.rules[index].flags.value, account.rules[index].first_flag.value);
        assert_eq!((of_rule(0), of_rule(1)), ((1.0, 1.0), (0.0, 0.0)), "{rules:?}");
        assert_eq!(account.rules[0].rule, rules[0]);
    }
}
