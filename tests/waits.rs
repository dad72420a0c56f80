//! The mean wait of deferred actions and its interval, against the outcomes that they rest on.

mod fast;

use fast::simulate_fast;
use pacewise::model::Model;
use pacewise::scenario::Scenario;
use pacewise::time::DAY;

const REPLICATES: u64 = 400;
const SEED: u64 = 7;

/// Two groups of different habits, of which the second one's demand of messages never waits.
const TEAM: &str = "start = 2026-01-05
horizon_days = 30
[demand.message]
poisson = { mean = 10 }
[demand.post]
poisson = { mean = 3 }
[pacing.message]
per_day = 9
overflow = \"defer\"
[[group]]
name = \"eager\"
count = 2
[[group]]
name = \"calm\"
demand = { message = { poisson = { mean = 2 } } }
pacing = { message = { per_day = 90, overflow = \"defer\" } }
";

#[test]
fn the_mean_wait_is_the_ratio_of_sums_with_the_error_of_its_residuals() {
    for resolution in ["day", "event"] {
        let text = format!("resolution = \"{resolution}\"\n{TEAM}");
        let scenario = Scenario::parse(&text, "test").scenario.expect("it is valid");
        let message = scenario.actions.iter().position(|name| name == "message").expect("a standard action");
        let model = Model::compile(&scenario);
        let mut simulator = model.simulator();
        let pairs: Vec<(f64, f64)> = (0..REPLICATES)
            .map(|replicate| {
                let accounts = &simulator.replicate(SEED, replicate).accounts;
                let sum = |pick: &dyn Fn(usize) -> u64| (0..3).map(pick).sum::<u64>() as f64;
                let waited = sum(&|at| accounts[at].wait[message]) / DAY as f64;
                (waited, sum(&|at| accounts[at].deferred[message]))
            })
            .collect();
        let (waited, deferred) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        let mean = waited / deferred;
        let residuals: f64 = pairs.iter().map(|pair| (pair.0 - mean * pair.1).powi(2)).sum();
        let seen = pairs.iter().filter(|pair| pair.1 > 0.0).count() as f64;
        let error = (residuals * seen / (seen - 1.0)).sqrt() / deferred;
        let results = simulate_fast(&scenario, REPLICATES, SEED);
        let wait_of = |action: &str| {
            let mut rows = results.mean_account.actions.iter();
            rows.find(|row| row.action == action).expect("it is done").mean_wait_days
        };
        let found = wait_of("message").expect("some are deferred");
        assert!(mean > 0.5 && (found.value - mean).abs() < 1e-9, "{resolution}: {found:?}, not {mean}");
        assert!((found.standard_error / error - 1.0).abs() < 1e-6, "{resolution}: {found:?}, not {error}");
        assert!(found.low < mean && mean < found.high, "{found:?}");
        assert_eq!(wait_of("post"), None, "what is never deferred has no wait");
        let calm = results.groups[1].account.actions.iter().find(|row| row.action == "message");
        assert_eq!(calm.expect("it is done").mean_wait_days, None, "caps that are never reached");
    }
}
