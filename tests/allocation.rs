//! The replicate loop allocates nothing once its buffers have grown to the busiest replicate.

use std::fs;
use std::ops::Range;
use std::path::Path;

use pacewise::model::Model;
use pacewise::scenario::Scenario;
use pacewise::tally::Recorder;

const SCENARIOS: [&str; 13] = [
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
];
/// Other replicates than those seen first may be busier: so many times a buffer may grow for 60 of them.
const GROWTHS: u64 = 3;

fn model(path: &str) -> Model {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(path);
    let text = fs::read_to_string(&file).expect("it is shipped");
    let beside =
        |name: &str| fs::read_to_string(file.with_file_name(name)).map_err(|error| error.to_string());
    Model::compile(&Scenario::parse_beside(&text, path, &beside).scenario.expect("it is valid"))
}

/// Allocations of 60 replicates, of 60 others after them, and of those others once more.
fn allocations(mut work: impl FnMut(Range<u64>)) -> [u64; 3] {
    [0..60, 60..120, 60..120].map(|range| allocation_counter::measure(|| work(range)).count_total)
}

#[test]
fn new_replicates_and_their_recording_allocate_next_to_nothing_and_known_ones_nothing() {
    for path in SCENARIOS {
        let model = model(path);
        let (mut simulator, mut recorder) = (model.simulator(), Recorder::new(&model));
        let [first, new, known] = allocations(|range| {
            for replicate in range {
                recorder.record(simulator.replicate(1, replicate));
            }
        });
        assert!(first > 0, "{path}: nothing is counted");
        assert!(new <= GROWTHS && known == 0, "{path}: {first}, then {new}, then {known} allocations");
    }
}

#[test]
fn replicates_in_full_allocate_next_to_nothing_either() {
    for path in SCENARIOS {
        let model = model(path);
        let mut simulator = model.simulator();
        let mut seen = 0;
        let [first, new, known] = allocations(|range| {
            for replicate in range {
                simulator
                    .replicate_in_full(1, replicate, |_, daily| seen += usize::from(!daily.peaks.is_empty()));
            }
        });
        assert!(seen > 0 && first > 0, "{path}: nothing is counted");
        assert!(new <= GROWTHS && known == 0, "{path}: {first}, then {new}, then {known} allocations");
    }
}
