//! The only place in which the tests of known answers and of agreement call the engine.

use pacewise::engine::{Control, RunConfig, Stop, run};
use pacewise::estimate::{Intervals, results};
use pacewise::model::Model;
use pacewise::results::Results;
use pacewise::scenario::Scenario;
use pacewise::stats::proportion::Method;

/// What the engine finds in `n` replicates at the scenario's own resolution.
pub(crate) fn simulate_fast(scenario: &Scenario, n: u64, seed: u64) -> Results {
    let config = RunConfig { seed, stop: Stop::After(n), threads: None, level: 0.95, sample: true };
    let model = Model::compile(scenario);
    let run = run(&model, &config, &Control::default());
    let how = Intervals { level: config.level, method: Method::Wilson };
    results(scenario, &model, &run.tally, run.reason, how)
}
