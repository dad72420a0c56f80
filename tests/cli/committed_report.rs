//! The report that is kept in the repository is the one that its command writes, byte for byte.

use std::fs;
use std::path::PathBuf;

use pacewise::scenario::Scenario;

use crate::program::{assert_equal_folders, root, succeed, summary, temporary};

const COMMAND: &str = "simulate scenarios/linkedin_outreach.toml";
const STALE: &str =
    "the committed report is stale: run `cargo run --release -- simulate scenarios/linkedin_outreach.toml`";

fn committed() -> PathBuf {
    root().join("reports/linkedin_outreach")
}

/// Other targets may round the last digit otherwise.
fn is_this_target() -> bool {
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    summary(&committed())["target"] == target.as_str()
}

#[test]
fn it_is_of_this_version_this_scenario_and_the_command_of_the_readme() {
    let report = summary(&committed());
    let text = fs::read_to_string(root().join("scenarios/linkedin_outreach.toml")).expect("it is text");
    let scenario = Scenario::parse(&text, "linkedin_outreach").scenario.expect("it is valid");
    assert_eq!(report["scenario_hash"], scenario.hash(), "{STALE}");
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"), "{STALE}");
    let words: Vec<&str> = "pacewise".split(' ').chain(COMMAND.split(' ')).collect();
    assert_eq!(report["command"], serde_json::json!(words), "{STALE}");
    assert_eq!(Some(report["replicates"].as_u64().expect("a number")), scenario.replicates);
    assert_eq!(Some(report["seed"].as_u64().expect("a number")), scenario.seed);
    assert_eq!(report["stop_reason"], "all replicates asked for are done");
}

#[test]
fn the_whole_report_is_fresh() {
    if !is_this_target() {
        return;
    }
    let place = temporary();
    let out = place.path().join("fresh");
    succeed(root(), &format!("{COMMAND} --out {}", out.display()));
    assert_equal_folders(&committed(), &out);
}
