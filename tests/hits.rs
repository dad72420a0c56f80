//! How many accounts of a team are hit at once: independent accounts, a common cause and contagion, against closed forms
//! and a naive simulation.

mod fast;

use fast::simulate_fast;
use pacewise::results::{HitResults, Results};
use pacewise::scenario::Scenario;
use pacewise::stats::Estimate;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

const DAYS: u32 = 30;
const SEED: u64 = 20_260_105;
/// Largest distance of an estimate from its exact value, in standard errors.
const Z: f64 = 4.0;

fn run(text: &str, replicates: u64) -> Results {
    let text = format!("start = 2026-01-05\nhorizon_days = {DAYS}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    let scenario = parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    simulate_fast(&scenario, replicates, SEED)
}

fn hits<'r>(results: &'r Results, event: &str) -> &'r HitResults {
    results.team.hits.iter().find(|hits| hits.event == event).expect("all three are there")
}

fn near(what: &str, estimate: Estimate, exact: f64) {
    let z = (estimate.value - exact) / estimate.standard_error;
    assert!(z.abs() <= Z, "{what}: {} is not {exact} (z = {z:.2})", estimate.value);
}

fn ratio(hits: &HitResults) -> Estimate {
    hits.over_dispersion.expect("the accounts differ")
}

const AWAY: &str = "[reconnect]\nincident = { fixed = 400 }\n";

fn incident(cause: &str, per_day: f64, shared: bool) -> String {
    format!("[[incident]]\ncause = \"{cause}\"\nper_day = {per_day}\nshared = {shared}\n")
}

/// Probability of an event with a daily probability within the horizon.
fn within(per_day: f64) -> f64 {
    1.0 - (1.0 - per_day).powi(DAYS as i32)
}

#[test]
fn independent_accounts_of_unequal_groups_have_a_ratio_of_one() {
    // Incidents for all six, and a trait that disconnects two of them far more often.
    let text = format!(
        "{}{AWAY}[[trait]]\nname = \"careless\"\nper_day = 0.05\nconsequence = \"disconnect\"\n\
         [[group]]\nname = \"calm\"\ncount = 4\n[[group]]\nname = \"careless\"\ncount = 2\ntraits = {{ careless = {{}} }}\n",
        incident("access_revoked", 0.01, false)
    );
    let results = run(&text, 20_000);
    let hits = hits(&results, "disconnected");
    let ratio = ratio(hits);
    near("the ratio", ratio, 1.0);
    assert!(ratio.low <= 1.0 && 1.0 <= ratio.high && ratio.high - ratio.low < 0.1, "{ratio:?}");
    let p = [within(0.01), 1.0 - (0.99_f64 * 0.95).powi(DAYS as i32)];
    let variance = 4.0 * p[0] * (1.0 - p[0]) + 2.0 * p[1] * (1.0 - p[1]);
    assert!((hits.independent_variance / variance - 1.0).abs() < 0.02, "{}", hits.independent_variance);
    assert!((hits.variance / variance - 1.0).abs() < 0.05, "{}", hits.variance);
    near("accounts hit", hits.accounts, 4.0 * p[0] + 2.0 * p[1]);
    for row in &hits.at_least {
        near(&format!("at least {}", row.accounts), row.ever, row.independent);
    }
}

#[test]
fn a_common_cause_has_the_square_of_the_number_in_its_variance() {
    let (accounts, per_day) = (5, 0.01);
    let text =
        format!("{}{AWAY}[[group]]\nname = \"team\"\ncount = {accounts}\n", incident("app", per_day, true));
    let results = run(&text, 20_000);
    let hits = hits(&results, "disconnected");
    let (n, p) = (f64::from(accounts), within(per_day));
    near("accounts hit", hits.accounts, n * p);
    let exact = n * n * p * (1.0 - p);
    assert!((hits.variance / exact - 1.0).abs() < 0.05, "{} is not {exact}", hits.variance);
    assert!((ratio(hits).value - n).abs() < 1e-9, "all or none: {:?}", ratio(hits));
    near("all five", hits.at_least[4].ever, p);
    assert_eq!(hits.at_least[4].ever, hits.at_least[4].on_one_day, "all on one day");
    assert!(hits.at_least[4].independent < 0.01 && hits.at_least[0].independent > hits.at_least[0].ever.high);
}

#[test]
fn a_shared_incident_beside_accounts_own_ones_keeps_every_stated_probability() {
    // Two of four: cov of two accounts is that of the first strike being the shared one. With s shared and o own a day,
    // neither of two accounts is hit with probability ((1 - s) (1 - o / (1 - s))²)^days.
    let (shared, own) = (0.01, 0.02);
    let text = format!(
        "{}{}{AWAY}[[group]]\nname = \"team\"\ncount = 4\n",
        incident("sweep", shared, true),
        incident("own", own, false)
    );
    let results = run(&text, 40_000);
    let hits = hits(&results, "disconnected");
    let p = within(shared + own);
    near("accounts hit", hits.accounts, 4.0 * p);
    let neither = ((1.0 - shared) * (1.0 - own / (1.0 - shared)).powi(2)).powi(DAYS as i32);
    let both = 1.0 - 2.0 * (1.0 - p) + neither;
    near("the ratio", ratio(hits), 1.0 + 3.0 * (both - p * p) / (p * (1.0 - p)));
    let causes = &results.mean_account.first_disconnection;
    for (cause, rate) in [("sweep", shared), ("own", own)] {
        let incidence = causes.iter().find(|known| known.cause == cause).expect("it is listed");
        near(cause, incidence.by_day[DAYS as usize - 1], p * rate / (shared + own));
    }
}

#[test]
fn platforms_do_not_share_their_incidents() {
    let platform = |name: &str| {
        format!("[[platforms.{name}.incident]]\ncause = \"sweep\"\nper_day = 0.02\nshared = true\n")
    };
    let text = format!(
        "{}{}[[group]]\nname = \"a\"\nplatform = \"one\"\n[[group]]\nname = \"b\"\nplatform = \"two\"\n",
        platform("one"),
        platform("two")
    );
    let results = run(&text, 20_000);
    near("the ratio", ratio(hits(&results, "disconnected")), 1.0);
}

/// A naive team: each day every account is restricted on its own with probability `own`, and with `linked` for each other
/// account restricted at the start of the day; a restriction lasts a week, and the reconnection a day more. Returns the number of accounts hit in each run.
fn naive(accounts: usize, own: f64, linked: f64, runs: u32) -> Vec<usize> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut life = || {
        let (mut hit, mut back) = (vec![false; accounts], vec![0_u32; accounts]);
        for day in 0..DAYS {
            let restricted: Vec<bool> = back.iter().map(|&back| back > day + 1).collect();
            for account in 0..accounts {
                let others = restricted.iter().filter(|is| **is).count() - usize::from(restricted[account]);
                let struck = rng.random_bool(own) | rng.random_bool(linked * others as f64);
                if back[account] <= day && struck {
                    hit[account] = true;
                    back[account] = day + 1 + 7 + 1;
                }
            }
        }
        hit.iter().filter(|hit| **hit).count()
    };
    (0..runs).map(|_| life()).collect()
}

#[test]
fn contagion_shows_as_a_naive_simulation_of_it() {
    const RUNS: u32 = 40_000;
    let (own, linked) = (0.004, 0.03);
    let text = format!(
        "ladder = {{ rungs = [{{ restriction = {{ fixed = 7 }} }}] }}\n\
         [[trait]]\nname = \"careless\"\nper_day = {own}\n[[link]]\nname = \"office\"\nper_day = {linked}\n\
         [[group]]\nname = \"team\"\ncount = 6\ntraits = {{ careless = {{}} }}\n"
    );
    let results = run(&text, u64::from(RUNS));
    let hits = hits(&results, "restricted");
    let seen = naive(6, own, linked, RUNS);
    for row in &hits.at_least {
        let share = seen.iter().filter(|&&hit| hit >= row.accounts as usize).count() as f64 / f64::from(RUNS);
        // Both are estimates: the difference has the standard error of one times √2.
        let error = (share * (1.0 - share) / f64::from(RUNS)).sqrt() * 2.0_f64.sqrt();
        let z = (row.ever.value - share) / error.max(1e-4);
        assert!(z.abs() <= Z, "at least {}: {} against {share} (z = {z:.2})", row.accounts, row.ever.value);
    }
    let ratio = ratio(hits);
    assert!(ratio.low > 1.2, "contagion is to be seen: {ratio:?}");
    assert!(hits.most_on_one_day.high < hits.accounts.low, "one after another, not on one day");
}

#[test]
fn nothing_is_said_of_a_team_of_one() {
    assert!(run(&incident("access_revoked", 0.01, true), 200).team.hits.is_empty());
}
