//! Single lives, for what holds of every one of them.

use pacewise::model::{AccountOutcome, Daily, Model};
use pacewise::scenario::{Resolution, Scenario};

/// The lives of all accounts of the first `n` replicates.
pub(crate) fn lives(
    scenario: &Scenario,
    resolution: Resolution,
    seed: u64,
    n: u64,
) -> Vec<(AccountOutcome, Daily)> {
    let model = Model::compile_at(scenario, resolution);
    let mut simulator = model.simulator();
    let mut lives = Vec::new();
    for replicate in 0..n {
        simulator.replicate_in_full(seed, replicate, |account, daily| {
            lives.push((account.clone(), daily.clone()));
        });
    }
    lives
}
