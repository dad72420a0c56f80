//! What each cause costs, against closed forms, and that the comparison is made on common random numbers.

mod closed_form;

use closed_form::assert_near;
use pacewise::engine::Control;
use pacewise::results::{CauseKind, Saving, Savings};
use pacewise::savings::{SavingsConfig, fewest_replicates, savings};
use pacewise::scenario::Scenario;

const DAYS: i32 = 30;

fn compare(text: &str, replicates: u64, threads: Option<usize>) -> Savings {
    let text = format!("start = 2026-01-05\nhorizon_days = {DAYS}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    let scenario = parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    let config = SavingsConfig { seed: 11, replicates, threads, level: 0.95 };
    savings(&scenario, &config, &Control::default()).expect("nobody stops it")
}

fn row<'s>(savings: &'s Savings, name: &str) -> &'s Saving {
    savings.rows.iter().find(|row| row.name == name).expect("it is listed")
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
fn background_plans_and_displacement_are_causes_and_a_name_in_common_goes_at_once() {
    let text = "ladder = { rungs = [\"warning\"] }\n\
        [background.page_search]\nquota = { per_day = 5 }\nweekdays = { sat = 1, sun = 1 }\n\
        [[rule]]\nname = \"pages\"\nactions = [\"page_search\"]\nwindows = [{ calendar = \"day\", limit = 4 }]\n\
        detection = { per = \"day\", probability = 0.02 }\n\
        [[incident]]\ncause = \"password_changed\"\nper_day = 0.01\n\
        [[event]]\ncause = \"password_changed\"\ndate = 2026-01-20\n\
        [[event]]\ncause = \"access_revoked\"\ndate = 2026-01-25\noutage = { fixed = 1 }\n\
        [reconnect]\nincident = { fixed = 1 }\n";
    let savings = compare(text, 100_000, None);
    let background = row(&savings, "background activity");
    assert_eq!(background.kind, CauseKind::Background);
    assert_eq!(background.flagged_shares.without.value, 0.0, "only the background is counted");
    assert!(background.flagged_shares.without.high > 0.0, "but nothing is proved");
    let (changed, revoked) = (row(&savings, "password_changed"), row(&savings, "access_revoked"));
    assert_eq!((changed.kind, revoked.kind), (CauseKind::Incident, CauseKind::Planned));
    assert_eq!(changed.disconnected_shares.without.value, 1.0, "the other plan disconnects everybody anyway");
    assert!(changed.disconnected_shares.without.low < 1.0);
    // The planned change costs a day, the unplanned ones about 0.01 x 27 days more.
    let days = changed.days_disconnected;
    assert!(days.low > 1.1 && days.high < 1.4, "{days:?}");
}

#[test]
fn too_small_a_run_is_told_how_many_replicates_it_needs() {
    let text = format!("start = 2026-01-05\nhorizon_days = {DAYS}\n{TEXT}");
    let scenario = Scenario::parse(&text, "test").scenario.expect("it is valid");
    let fewest = fewest_replicates(&scenario).expect("it has causes");
    let found = |replicates| {
        let config = SavingsConfig { seed: 1, replicates, threads: None, level: 0.95 };
        savings(&scenario, &config, &Control::default()).is_some()
    };
    assert!(found(fewest) && !found(fewest - 1), "{fewest}");
}

#[test]
fn the_comparison_does_not_depend_on_the_threads() {
    let one = compare(TEXT, 20_000, Some(1));
    assert_eq!(one, compare(TEXT, 20_000, Some(2)));
    assert_eq!(one, compare(TEXT, 20_000, Some(7)));
}

#[test]
fn without_the_trait_of_duplicates_a_replacement_is_never_opened() {
    let text = "ladder = { rungs = [\"permanent\"] }\n\
         [[trait]]\nname = \"seen\"\nper_day = 1\n[[trait]]\nname = \"duplicate_account\"\nper_day = 0.05\n\
         [[incident]]\ncause = \"password_changed\"\nper_day = 1\n[reconnect]\nincident = { fixed = 1 }\n\
         [[group]]\nname = \"first\"\ntraits = { seen = {} }\n\
         [[group]]\nname = \"second\"\nreplaces = { group = \"first\" }\n";
    let savings = compare(text, 60_000, None);
    // Opened on day 1 and away every other day, which leaves 15 days on which it can be found.
    let found = 1.0 - 0.95_f64.powi(15);
    let duplicate = row(&savings, "duplicate_account");
    assert_eq!(duplicate.closed_accounts, 1);
    assert_near("found", duplicate.flagged, found / 2.0);
    let shares =
        [&duplicate.flagged_shares, &duplicate.disconnected_shares].map(|shares| shares.without.value);
    assert_eq!(
        shares,
        [0.5, 0.5],
        "the first account is restricted on day 0 in any case, the second never exists"
    );
    assert_eq!(duplicate.disconnected_shares.with.value, 1.0);
    // Without a reason for a restriction nothing is opened, and nothing can be found.
    assert_eq!(row(&savings, "seen").flagged_shares.without.value, 0.0);
    assert_eq!(row(&savings, "seen").closed_accounts, 0);
}

/// Two accounts of one person, the second of which is found, between two groups that do nothing wrong.
fn second_account(resolution: &str, more: &str) -> String {
    format!(
        "resolution = \"{resolution}\"\nladder = {{ rungs = [\"warning\"] }}\n\
         [[trait]]\nname = \"duplicate_account\"\nper_day = 0.02\n\
         [[incident]]\ncause = \"password_changed\"\nper_day = 0.02\n[reconnect]\nincident = {{ fixed = 1 }}\n\
         [[group]]\nname = \"before\"\n[[group]]\nname = \"both\"\ncount = 2\npeople = 1\n\
         [[group]]\nname = \"after\"\n{more}"
    )
}

#[test]
fn without_the_trait_of_duplicates_the_second_accounts_are_closed_and_the_others_keep_their_draws() {
    for resolution in ["day", "event"] {
        let savings = compare(&second_account(resolution, ""), 60_000, None);
        let duplicate = row(&savings, "duplicate_account");
        assert_eq!(duplicate.closed_accounts, 1);
        assert_near("found", duplicate.flagged, ever(0.02) / 4.0);
        assert_near("its passwords", duplicate.disconnected, ever(0.02) / 4.0);
        assert_near("three are left", duplicate.disconnected_shares.without, 3.0 * ever(0.02) / 4.0);
        // A pair differs by the closed account alone, so that the variance is that of one share.
        let share = 4.0 * duplicate.disconnected.value;
        let paired = (share * (1.0 - share) / savings.replicates as f64).sqrt() / 4.0;
        assert!((duplicate.disconnected.standard_error / paired - 1.0).abs() < 0.01, "{duplicate:?}");
    }
}

#[test]
fn with_a_second_account_its_volume_and_what_it_does_to_others_go_away() {
    // One message too many on each day of the second account; and whoever is linked to a restricted one is looked at.
    let flooding = "[group.demand.message]\nquota = { per_day = 5 }\nweekdays = { sat = 1, sun = 1 }\n\
        [[rule]]\nname = \"messages\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 4 }]\n\
        detection = { per = \"day\", probability = 0.1 }\n\
        [[link]]\nname = \"office\"\nper_day = 0.5\n";
    let text = "ladder = { rungs = [\"permanent\"] }\n[[trait]]\nname = \"duplicate_account\"\nper_day = 0.02\n\
        [[group]]\nname = \"first\"\n\
        [[group]]\nname = \"second\"\ntraits = { duplicate_account = {} }\n";
    let savings = compare(&format!("{text}{flooding}"), 60_000, None);
    let duplicate = row(&savings, "duplicate_account");
    let either = 1.0 - (1.0 - ever(0.02)) * (1.0 - ever(0.1));
    assert!(duplicate.flagged_shares.with.low > either / 2.0 + 0.3, "the first account is looked at, too");
    assert_eq!(duplicate.flagged_shares.without.value, 0.0, "nobody floods, and nobody is restricted");
}
