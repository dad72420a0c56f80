//! The replicate loop allocates nothing once the busiest replicate has been seen.

use std::fs;
use std::path::Path;

use pacewise::model::Model;
use pacewise::scenario::Scenario;
use pacewise::tally::Recorder;

fn model(path: &str) -> Model {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(path))
        .expect("it is shipped");
    Model::compile(&Scenario::parse(&text, path).scenario.expect("it is valid"))
}

#[test]
fn replicates_and_their_recording_allocate_nothing_a_second_time() {
    for path in [
        "workloads/w1.toml",
        "workloads/w2.toml",
        "linkedin_outreach.toml",
        "new_account_warm_up.toml",
        "slow_return.toml",
        "agency_pages.toml",
    ] {
        let model = model(path);
        let (mut simulator, mut recorder) = (model.simulator(), Recorder::new(&model));
        let mut all = || {
            for replicate in 0..60 {
                recorder.record(simulator.replicate(1, replicate));
            }
        };
        let first = allocation_counter::measure(&mut all);
        assert!(first.count_total > 0, "{path}: nothing is counted");
        let second = allocation_counter::measure(&mut all);
        assert_eq!(second.count_total, 0, "{path}: {second:?}");
    }
}
