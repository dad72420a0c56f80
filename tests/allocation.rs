//! The replicate loop allocates nothing once the busiest replicate has been seen.

use std::fs;
use std::path::Path;

use pacewise::model::Model;
use pacewise::scenario::Scenario;
use pacewise::tally::Recorder;

fn model(path: &str) -> Model {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(path);
    let text = fs::read_to_string(&file).expect("it is shipped");
    let beside =
        |name: &str| fs::read_to_string(file.with_file_name(name)).map_err(|error| error.to_string());
    Model::compile(&Scenario::parse_beside(&text, path, &beside).scenario.expect("it is valid"))
}

#[test]
fn replicates_and_their_recording_allocate_nothing_a_second_time() {
    for path in [
        "workloads/w1.toml",
        "workloads/w2.toml",
        "linkedin_outreach.toml",
        "new_account_warm_up.toml",
        "bursts.toml",
        "weekly_invitation_block.toml",
        "invitation_answers.toml",
        "sudden_start.toml",
        "inmail_credits.toml",
        "recorded.toml",
        "browser_extension_on.toml",
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
