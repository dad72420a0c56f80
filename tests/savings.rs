//! What each cause costs, against closed forms, and that the comparison is made on common random numbers.

mod fast;

use fast::simulate_fast;
use pacewise::engine::Control;
use pacewise::results::{CauseKind, Saving, Savings};
use pacewise::savings::{SavingsConfig, savings};
use pacewise::scenario::Scenario;
use pacewise::stats::Estimate;

const DAYS: i32 = 30;

fn compare(text: &str, replicates: u64, threads: Option<usize>) -> Savings {
    let text = format!("start = 2026-01-05\nhorizon_days = {DAYS}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    let scenario = parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    let config = SavingsConfig { seed: 11, replicates, threads, level: 0.95 };
    let account = simulate_fast(&scenario, 1_000, 1).mean_account;
    savings(&scenario, &account, &config, &Control::default()).expect("nobody stops it")
}

fn row<'s>(savings: &'s Savings, name: &str) -> &'s Saving {
    savings.rows.iter().find(|row| row.name == name).expect("it is listed")
}

/// Within four standard errors.
fn assert_near(what: &str, estimate: Estimate, exact: f64) {
    let z = (estimate.value - exact) / estimate.standard_error;
    assert!(z.abs() <= 4.0, "{what}: {} is not {exact} (z = {z:.2})", estimate.value);
}

/// Two traits that only warn, and two incidents that cost a day each.
const TEXT: &str = "ladder = { rungs = [\"warning\"] }\n\
    traits = { alias_name = {}, shared_login = {} }\n\
    [[trait]]\nname = \"alias_name\"\nper_day = 0.004\n\
    [[trait]]\nname = \"shared_login\"\nper_day = 0.012\n\
    [[incident]]\ncause = \"password_changed\"\nper_day = 0.006\n\
    [[incident]]\ncause = \"access_revoked\"\nper_day = 0.001\n\
    [reconnect]\nincident = { fixed = 1 }\n";

fn ever(hazard: f64) -> f64 {
    1.0 - (1.0 - hazard).powi(DAYS)
}

#[test]
fn differences_are_those_of_the_closed_forms() {
    let savings = compare(TEXT, 200_000, None);
    assert_eq!(savings.replicates, 10_000, "a quarter of the work among five runs");
    let both = ever(1.0 - 0.996 * 0.988);
    assert_near("without the alias", row(&savings, "alias_name").flagged, both - ever(0.012));
    assert_near("without the sharing", row(&savings, "shared_login").flagged, both - ever(0.004));
    assert_near("without changes", row(&savings, "password_changed").disconnected, ever(0.007) - ever(0.001));
    assert_near("without revoking", row(&savings, "access_revoked").disconnected, ever(0.007) - ever(0.006));
    let kinds: Vec<CauseKind> = savings.rows.iter().map(|row| row.kind).collect();
    assert!(!kinds.contains(&CauseKind::Token), "no token dies here, so that nothing is compared");
    assert_eq!(savings.rows[0].name, "shared_login", "the most expensive first");
}

#[test]
fn common_random_numbers_leave_other_luck_alone() {
    // A pair differs only where the alias name struck and the sharing did not: its share is the difference itself, so
    // that the variance is that of a share. On independent numbers it would be the sum of two.
    let savings = compare(TEXT, 400_000, None);
    let alias = row(&savings, "alias_name").flagged;
    let share = alias.value;
    let paired = (share * (1.0 - share) / savings.replicates as f64).sqrt();
    assert!((alias.standard_error / paired - 1.0).abs() < 0.01, "{alias:?}");
    assert_eq!(row(&savings, "alias_name").disconnected.value, 0.0, "it has nothing to do with incidents");
    assert!(row(&savings, "alias_name").disconnected.high > 0.0, "but nothing is proved");
}

#[test]
fn rules_links_and_tokens_are_causes_too() {
    let text = "ladder = { rungs = [\"permanent\"] }\n\
        [demand.message]\nquota = { per_day = 5 }\nweekdays = { sat = 1, sun = 1 }\n\
        [[rule]]\nname = \"messages\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 4 }]\n\
        detection = { per = \"day\", probability = 0.02 }\n\
        [[group]]\nname = \"team\"\ncount = 2\n\
        [[link]]\nname = \"office\"\nper_day = 0.03\n";
    let savings = compare(text, 200_000, None);
    let dying = compare(&format!("{text}[token]\nlifetime_days = 20\n"), 200_000, None);
    // Without the rule nobody is ever flagged, with it each of two by the rule or by the other's fall.
    let (flagged, alone) = (row(&savings, "messages").flagged.value, ever(0.02));
    assert!(flagged > alone, "{flagged}");
    assert_near("without the link", row(&savings, "office").flagged, flagged - alone);
    assert_eq!(row(&savings, "office").kind, CauseKind::Link);
    // Every token dies on day 20 unless its account was lost before.
    let expired = row(&dying, "token_expired");
    assert!(
        expired.disconnected.value > 0.3 && expired.flagged.value < 0.0,
        "time away is time without a flag"
    );
}

#[test]
fn the_comparison_does_not_depend_on_the_threads() {
    let one = compare(TEXT, 20_000, Some(1));
    assert_eq!(one, compare(TEXT, 20_000, Some(2)));
    assert_eq!(one, compare(TEXT, 20_000, Some(7)));
}
