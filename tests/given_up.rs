//! How much of a replicate is still lived once a stop has been asked for: about a million days and actions, wherever a
//! day takes its actions one by one.

use std::sync::atomic::AtomicBool;

use pacewise::model::{Model, Outcome};
use pacewise::scenario::Scenario;

/// Days and actions after a stop.
const AFTER_STOP: u64 = 1_000_000;

/// What is lived of a replicate when the stop has come before it.
fn lived(text: &str) -> Outcome {
    let scenario = Scenario::parse(text, "long.toml").scenario.expect("it is valid");
    let (model, stop) = (Model::compile(&scenario), AtomicBool::new(true));
    let mut simulator = model.stoppable_simulator(&stop);
    let outcome = simulator.replicate(1, 0).clone();
    assert!(simulator.has_given_up(), "it was finished");
    outcome
}

fn demanded(outcome: &Outcome) -> u64 {
    outcome.accounts.iter().flat_map(|account| &account.demanded).sum()
}

/// A day of each account has some 10,000 actions.
fn by_day(demand: &str, platform: &str) -> String {
    format!(
        "start = 2026-01-05\nhorizon_days = 365\nresolution = \"day\"\n[demand.post]\n{demand}\n{platform}\n\
         [[group]]\nname = \"all\"\ncount = 20\n"
    )
}

#[test]
fn by_the_day_a_stop_counts_the_actions_that_are_taken_one_by_one() {
    let answered = "[[response]]\naction = \"post\"\naccepted = 0.5\ndelay = { fixed = 3 }";
    let returned = "[[credit]]\nname = \"paid\"\naction = \"post\"\ngrant = 100000\nevery = \"day\"\n\
                    most = 100000\nrefund = { probability = 0.5, delay = { fixed = 3 } }";
    let poisson = "poisson = { mean = 10000 }";
    let cases = [
        ("sessions", "sessions = { per_day = 1000, mean_actions = 10, length = \"1h\" }", ""),
        ("self-exciting", "self_exciting = { baseline = 1000, branching = 0.9, decay = \"20m\" }", ""),
        ("answers", poisson, answered),
        ("credits", poisson, returned),
    ];
    for (name, demand, platform) in cases {
        let demanded = demanded(&lived(&by_day(demand, platform)));
        // What lies ahead is gone through again, and the last day may be a busy one.
        let (least, most) = (AFTER_STOP / 2, AFTER_STOP + 20_000);
        assert!((least..=most).contains(&demanded), "{name}: {demanded}");
    }
}

#[test]
fn a_long_tail_of_what_is_still_to_come_counts_each_day_that_it_is_gone_through() {
    let demand = "sessions = { per_day = 1000, mean_actions = 10, length = \"7d\" }";
    let demanded = demanded(&lived(&by_day(demand, "")));
    assert!((1..AFTER_STOP / 3).contains(&demanded), "{demanded}");
}

#[test]
fn at_event_resolution_demand_that_is_laid_out_and_then_spread_counts_too() {
    let demand = "self_exciting = { baseline = 1000, branching = 0.9, decay = \"20m\" }";
    let spread = "[pacing.post]\nper_day = 10\nspread = true";
    let text = by_day(demand, spread).replace("\"day\"\n[demand", "\"event\"\n[demand");
    let demanded = demanded(&lived(&text));
    assert!((AFTER_STOP / 2..=AFTER_STOP + 20_000).contains(&demanded), "{demanded}");
}

#[test]
fn a_team_that_lives_its_days_together_stops_within_a_day() {
    let outcome = lived(
        "start = 2026-01-05\nhorizon_days = 30\nresolution = \"event\"\n[demand.post]\n\
         poisson = { mean = 100000 }\n[[group]]\nname = \"all\"\ncount = 40\n\
         [[link]]\nname = \"office\"\ngroups = [\"all\"]\nper_day = 0.001\n",
    );
    let begun = outcome.accounts.iter().filter(|account| account.demanded.iter().sum::<u64>() > 0).count();
    assert!((9..=12).contains(&begun), "{begun} accounts drew their first day");
}
