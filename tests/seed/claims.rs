//! What the claims add up to: closed forms of the hazards in shipped scenarios, families of causes, compliance, spreading.

use pacewise::results::{AccountResults, Results};
use pacewise::scenario::Scenario;
use pacewise::stats::Estimate;

use crate::fast::simulate_fast;
use crate::scenario;
use crate::switches::{
    CARELESS, NETWORKS, OUTREACH, Off, PAGES, SEED, SLOW, alone, cause, drop_incident, drop_incidents,
    drop_trait, page, set_lifetime,
};

const COMPLIANT: &str = "scenarios/compliant_team.toml";
/// Largest distance of an estimate from its exact value, in standard errors.
const Z: f64 = 4.0;

/// The share of accounts that a hazard a day has flagged within some days.
fn within(days: u32, hazards: &[f64]) -> f64 {
    1.0 - hazards.iter().map(|hazard| (1.0 - hazard).powi(days as i32)).product::<f64>()
}

/// A trait's name and the probability per day, or per post, that its platform states.
type Stated = (&'static str, f64);

#[test]
fn traits_of_the_careless_team_flag_as_often_as_their_hazards_say_and_without_each_less() {
    // Alone, a group's accounts are flagged by nothing but their traits: 120 days, of which 86 are working days of 4 posts.
    let post = |per_day: f64, p: f64| 1.0 - (-per_day * p).exp();
    let groups: [(&str, &str, &[Stated], u64); 4] = [
        ("S18 S55", "nicknames", &[("alias_name", 0.001), ("untruthful_name", 0.002)], 1_000),
        ("S19", "one login for four", &[("shared_login", 1.0 - 0.999_f64 * 0.999 * 0.999)], 600),
        (
            "S20 S21",
            "borrowed content",
            &[("copyright_content", 0.002), ("inappropriate_content", 0.001)],
            800,
        ),
        ("S56", "dubious business", &[("illegal_activity", 0.001)], 800),
    ];
    for (claims, group, traits, replicates) in groups {
        let mut careless = scenario(CARELESS);
        alone(&mut careless, group);
        let whole = simulate_fast(&careless, replicates, SEED).mean_account.flagged;
        let exact = |without: &str| {
            let left = traits.iter().filter(|(name, _)| *name != without).map(|&(_, hazard)| hazard);
            let by_day = |hazard: f64| match group {
                "borrowed content" => within(86, &[post(4.0, hazard)]),
                _ => within(120, &[hazard]),
            };
            let spared = left.map(|hazard| 1.0 - by_day(hazard)).product::<f64>();
            1.0 - spared * (1.0 - within(120, &[0.0001]))
        };
        assert_near(claims, whole, exact(""), replicates);
        for (name, _) in traits {
            let mut without = careless.clone();
            drop_trait(&mut without, name);
            let left = simulate_fast(&without, replicates, SEED).mean_account.flagged;
            assert_near(claims, left, exact(name), replicates);
            assert!(left.value < whole.value, "{claims}: {name}");
        }
    }
}

/// Disconnections steal few days from these hazards: a fifth of the accounts, for two days.
fn assert_near(what: &str, estimate: Estimate, exact: f64, replicates: u64) {
    let error = (exact * (1.0 - exact) / replicates as f64).sqrt();
    let z = (estimate.value - exact) / error;
    assert!(z.abs() <= Z, "{what}: {} is not {exact} (z = {z:.2})", estimate.value);
}

#[test]
fn incidents_of_a_network_disconnect_as_often_as_they_state() {
    // On X a token has no expiry and nothing is near a limit: only incidents are left.
    let mut networks = scenario(NETWORKS);
    alone(&mut networks, "X");
    let found = |scenario: &Scenario| simulate_fast(scenario, 800, SEED).mean_account.disconnected;
    let stated = [
        ("S10", "settings_changed", 0.0005),
        ("S13", "access_revoked", 0.0003),
        ("S12", "password_changed", 0.001),
        ("S11", "username_changed", 0.0001),
    ];
    let sum: f64 = stated.iter().map(|(_, _, hazard)| hazard).sum();
    assert_near("all of them", found(&networks), within(400, &[sum]), 800);
    for (claim, name, hazard) in stated {
        let mut without = networks.clone();
        drop_incident(&mut without, name);
        assert_near(claim, found(&without), within(400, &[sum - hazard]), 800);
    }
}

#[test]
fn the_three_families_of_causes_are_switched_one_by_one() {
    // S9: settings, security, lifespans, all in one scenario.
    const FAMILIES: [&[&str]; 3] =
        [&["password_changed", "access_revoked"], &["restriction"], &["token_expired"]];
    let offs: [Off; 3] = [
        drop_incidents,
        |s| s.groups.iter_mut().for_each(|group| group.traits.clear()),
        |s| set_lifetime(s, None),
    ];
    for (off, switched) in offs.iter().zip(0..) {
        let mut slow = scenario(SLOW);
        off(&mut slow);
        let account = simulate_fast(&slow, 60, SEED).mean_account;
        for (at, family) in FAMILIES.iter().enumerate() {
            let seen = family.iter().any(|name| cause(&account, name).value > 0.0);
            assert_eq!(seen, at != switched, "{family:?} without {:?}", FAMILIES[switched]);
        }
    }
}

#[test]
fn compliance_switches_the_hazards_of_the_terms_off_and_leaves_the_rest() {
    // S17, S64: what should be avoided is what compliance removes.
    let (careless, compliant) =
        (simulate_fast(&scenario(CARELESS), 100, SEED), simulate_fast(&scenario(COMPLIANT), 100, SEED));
    let of = |results: &Results, group: &str| {
        results.groups.iter().find(|known| known.name == group).expect(group).account.flagged
    };
    for group in
        ["nicknames", "one login for four", "borrowed content", "second accounts", "stated violation"]
    {
        assert!(of(&careless, group).low > of(&compliant, group).high, "{group}");
    }
    // Volume and what strikes the innocent are no question of terms.
    assert!(of(&compliant, "by hand").low > 0.5 && of(&compliant, "through a tool").low > 0.9);
    assert!(cause(&compliant.mean_account, "protective_disconnection").value > 0.0);
}

#[test]
fn an_unusual_amount_of_any_action_is_flagged_at_once_and_not_when_it_is_spread() {
    // S66.
    let results = simulate_fast(&scenario(OUTREACH), 200, SEED);
    let account =
        |group: &str| &results.groups.iter().find(|known| known.name == group).expect(group).account;
    for (what, action) in [
        ("searches", "page_search"),
        ("views", "profile_view"),
        ("requests", "connection_request"),
        ("messages", "message"),
    ] {
        let (at_once, spread) = (account(&format!("{what} at once")), account(&format!("{what} spread")));
        assert!(at_once.flagged.low > spread.flagged.high, "{what}");
        let wanted = |account: &AccountResults| {
            account.actions.iter().find(|row| row.action == action).map(|row| row.demanded)
        };
        let (one, other) = (wanted(at_once).expect("it is done"), wanted(spread).expect("it is done"));
        assert!(
            (one.value - other.value).abs() < Z * one.standard_error.hypot(other.standard_error),
            "{what}"
        );
    }
}

#[test]
fn a_profile_keeps_its_connection_when_its_page_loses_the_designated_admin() {
    // S43: nothing about the accounts changes.
    let with = scenario(PAGES);
    let mut without = with.clone();
    without.pages.iter_mut().for_each(|page| page.admin_lost_per_day = 0.0);
    let run = |scenario: &Scenario| simulate_fast(scenario, 60, SEED);
    let (with, without) = (run(&with), run(&without));
    assert_eq!(with.mean_account, without.mean_account);
    assert!(page(&with, "events").days_without_data.value > page(&without, "events").days_without_data.value);
}
